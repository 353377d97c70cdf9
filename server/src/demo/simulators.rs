//! What lies outside, simulated inside the demo's process: an SMS provider and the licence platform,
//! both spoken to over HTTP on loopback like the real ones. Told to, they are slow, fail, refuse or lose
//! their answer.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use domain::codes::licence_identifier;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::gateways::{Licence, Message, SIGNATURE_HEADER, Signer, Sink, TIMESTAMP_HEADER};
use crate::vault::sha256;

/// 统一社会信用代码 of the demo's issuing authority; its area does not exist.
pub const ISSUER: &str = "11159901MB0000001U";
/// What the simulated licence platform and the service both know.
pub const LICENCE_SECRET: &str = "demo-licence-secret";
/// Version of every simulated licence.
const VERSION: &str = "001";

/// What happens to the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// It is answered this late.
    Slow {
        /// The delay in milliseconds.
        delay_ms: u64,
    },
    /// 503, nothing done.
    Unavailable,
    /// 422 with a code, nothing done.
    Refuses,
    /// It is done, but the answer breaks off: whoever asks again gets the same answer a second time.
    LosesAnswer,
    /// 302 to another host.
    Redirects,
    /// An identifier with a wrong check character.
    WrongIdentifier,
}

/// What the simulators have seen, and what they are told to do.
#[derive(Debug, Default)]
struct Shared {
    misbehaviours: VecDeque<Misbehaviour>,
    messages: Vec<Message>,
    licences: Vec<Licence>,
}

/// Both simulators.
#[derive(Debug, Clone)]
pub struct Simulators {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Clone)]
struct Desk {
    shared: Arc<Mutex<Shared>>,
    sink: Option<Sink>,
}

#[derive(Deserialize)]
struct Sms {
    id: String,
    phone: String,
    text: String,
}

impl Simulators {
    /// Starts both on a free port of the loopback address, until `closing`. SMS go into the sink.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(sink: Option<Sink>, closing: CancellationToken) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let shared: Arc<Mutex<Shared>> = Arc::default();
        let desk = Desk { shared: shared.clone(), sink };
        let router = Router::new().route("/sms", post(take_sms)).route("/licences", post(take_licence)).with_state(desk);
        tokio::spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                served = axum::serve(listener, router) => {
                    if let Err(error) = served {
                        tracing::error!(%error, "the simulators ended");
                    }
                }
            }
        });
        Ok(Self { address, shared })
    }

    /// Address of the SMS provider.
    #[must_use]
    pub fn sms_url(&self) -> String {
        format!("http://{}/sms", self.address)
    }

    /// Address of the licence platform.
    #[must_use]
    pub fn licence_url(&self) -> String {
        format!("http://{}/licences", self.address)
    }

    /// What happens to the next requests, one each, in this order; then all is well again.
    pub fn misbehave(&self, misbehaviours: &[Misbehaviour]) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).misbehaviours.extend(misbehaviours);
    }

    /// The SMS taken so far.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).messages.clone()
    }

    /// The licences taken so far, once for each time.
    #[must_use]
    pub fn licences(&self) -> Vec<Licence> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).licences.clone()
    }
}

impl Desk {
    fn shared(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to give instead, if the request is not even looked at; what else is to happen.
    async fn begin(&self) -> (Option<Response>, Option<Misbehaviour>) {
        let misbehaviour = self.shared().misbehaviours.pop_front();
        let instead = match misbehaviour {
            Some(Misbehaviour::Slow { delay_ms }) => {
                tokio::time::sleep(Duration::from_millis(delay_ms)).await;
                None
            }
            Some(Misbehaviour::Unavailable) => Some(StatusCode::SERVICE_UNAVAILABLE.into_response()),
            Some(Misbehaviour::Refuses) => Some(refusal("holder_unknown")),
            Some(Misbehaviour::Redirects) => Some((StatusCode::FOUND, [(header::LOCATION, "http://198.51.100.1/")]).into_response()),
            Some(Misbehaviour::LosesAnswer | Misbehaviour::WrongIdentifier) | None => None,
        };
        (instead, misbehaviour)
    }
}

fn refusal(code: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "code": code }))).into_response()
}

/// An answer whose body never comes.
fn lost() -> Response {
    let broken = futures_util::stream::once(async { Err::<axum::body::Bytes, _>(std::io::Error::other("line cut")) });
    Response::new(Body::from_stream(broken))
}

async fn take_sms(State(desk): State<Desk>, Json(sms): Json<Sms>) -> Response {
    let (instead, misbehaviour) = desk.begin().await;
    if let Some(answer) = instead {
        return answer;
    }
    let message = Message { id: sms.id, to: sms.phone, subject: String::new(), text: sms.text, link: String::new() };
    if let Some(Err(error)) = desk.sink.as_ref().map(|sink| sink.take("sms", &message)) {
        tracing::warn!(%error, "an SMS was not kept");
    }
    desk.shared().messages.push(message);
    if misbehaviour == Some(Misbehaviour::LosesAnswer) { lost() } else { Json(json!({ "code": 0 })).into_response() }
}

/// Whether a request for a licence bears the signature of the secret that both sides know.
fn is_signed(headers: &HeaderMap, body: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    Signer::new(LICENCE_SECRET).is_genuine(now_s, text(TIMESTAMP_HEADER), text(SIGNATURE_HEADER), text("idempotency-key"), body)
}

async fn take_licence(State(desk): State<Desk>, headers: HeaderMap, body: String) -> Response {
    let (instead, misbehaviour) = desk.begin().await;
    if let Some(answer) = instead {
        return answer;
    }
    if !is_signed(&headers, &body) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "code": "bad_signature" }))).into_response();
    }
    let Ok(licence) = serde_json::from_str::<Licence>(&body) else { return refusal("bad_licence") };
    let answer = match identifier(&licence) {
        Some(identifier) => json!({ "identifier": identifier }),
        None => return refusal("bad_licence"),
    };
    desk.shared().licences.push(licence);
    match misbehaviour {
        Some(Misbehaviour::LosesAnswer) => lost(),
        Some(Misbehaviour::WrongIdentifier) => Json(with_wrong_check(&answer)).into_response(),
        _ => Json(answer).into_response(),
    }
}

/// The identifier follows from the request: asked again, after a restart too, it is the same.
fn identifier(licence: &Licence) -> Option<String> {
    let hash = sha256(licence.request_id.as_bytes());
    let serial = hash.iter().take(8).fold(0_u64, |serial, byte| (serial << 8) | u64::from(*byte)) % 1_000_000_000_000;
    licence_identifier(&licence.licence_type, &licence.issuer, &format!("{serial:012}"), VERSION)
}

fn with_wrong_check(answer: &Value) -> Value {
    let identifier = answer["identifier"].as_str().unwrap_or_default();
    let (body, check) = identifier.split_at(identifier.len().saturating_sub(1));
    json!({ "identifier": format!("{body}{}", if check == "A" { "B" } else { "A" }) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::codes::{is_licence_identifier, uscc};

    #[test]
    fn the_platform_gives_the_same_sound_identifier_again() {
        assert!(uscc(ISSUER).is_ok(), "the issuer's code has its check character");
        let text = |text: &str| text.to_owned();
        let licence = Licence {
            request_id: text("cert_dc_1"),
            licence_type: text("11100000000013338W032"),
            issuer: text(ISSUER),
            issuer_name: text("白桦镇人民政府"),
            name: text("林木采伐许可证"),
            number: text("1"),
            valid_from: None,
            valid_to: None,
            holder_name: text("甲"),
            holder_id_type: text("resident_id"),
            holder_id_number: text("1"),
        };
        let first = identifier(&licence);
        assert!(first.as_deref().is_some_and(is_licence_identifier), "{first:?}");
        assert_eq!(first, identifier(&licence));
        let wrong = with_wrong_check(&json!({ "identifier": first }));
        assert!(!is_licence_identifier(wrong["identifier"].as_str().unwrap_or_default()));
    }
}
