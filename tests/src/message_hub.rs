//! What takes messages by HTTP beside SMS: a WeChat service account's interface and a receiver of webhooks, on one port of
//! the loopback address. Both misbehave when told to. Written from their public descriptions, not from the gateways.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

/// What happens to the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// 429, nothing done.
    TooMany,
    /// Answered only after this time.
    Slow {
        /// The delay in milliseconds.
        delay_ms: u64,
    },
    /// Done, but the answer breaks off.
    LosesAnswer,
    /// 200 with an error code, nothing done.
    Errcode(i64),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Headers.
    pub headers: HeaderMap,
    /// Body as text.
    pub text: String,
    /// Body as JSON.
    pub body: Value,
}

#[derive(Debug, Default)]
struct Shared {
    misbehaviours: VecDeque<Misbehaviour>,
    webhooks: Vec<Taken>,
    templates: Vec<Value>,
    tokens_given: u32,
    /// Whether the token given last is good.
    is_token_good: bool,
}

/// The hub.
#[derive(Debug, Clone)]
pub struct MessageHub {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

type Desk = State<Arc<Mutex<Shared>>>;

fn lock(shared: &Arc<Mutex<Shared>>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MessageHub {
    /// Starts it; it ends with the runtime.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let shared: Arc<Mutex<Shared>> = Arc::default();
        let router = Router::new()
            .route("/hook", post(hook))
            .route("/cgi-bin/stable_token", post(token))
            .route("/cgi-bin/message/template/send", post(send))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    /// Address of the receiver of webhooks.
    #[must_use]
    pub fn hook_url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Address of the account's interface.
    #[must_use]
    pub fn wechat_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What happens to the next requests that send something, one each.
    pub fn misbehave(&self, misbehaviours: &[Misbehaviour]) {
        lock(&self.shared).misbehaviours.extend(misbehaviours);
    }

    /// The token given last is good no longer.
    pub fn expire_token(&self) {
        lock(&self.shared).is_token_good = false;
    }

    /// Webhooks taken.
    #[must_use]
    pub fn webhooks(&self) -> Vec<Taken> {
        lock(&self.shared).webhooks.clone()
    }

    /// Template messages taken.
    #[must_use]
    pub fn templates(&self) -> Vec<Value> {
        lock(&self.shared).templates.clone()
    }

    /// How many tokens were given.
    #[must_use]
    pub fn tokens_given(&self) -> u32 {
        lock(&self.shared).tokens_given
    }
}

/// What is answered instead; whether the answer is to break off.
async fn begin(shared: &Arc<Mutex<Shared>>) -> (Option<Response>, bool) {
    let next = lock(shared).misbehaviours.pop_front();
    match next {
        Some(Misbehaviour::TooMany) => (Some(StatusCode::TOO_MANY_REQUESTS.into_response()), false),
        Some(Misbehaviour::Slow { delay_ms }) => {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            (None, false)
        }
        Some(Misbehaviour::Errcode(code)) => (Some(Json(json!({ "errcode": code, "errmsg": "no" })).into_response()), false),
        Some(Misbehaviour::LosesAnswer) => (None, true),
        None => (None, false),
    }
}

fn lost() -> Response {
    let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("line cut")) });
    Response::new(Body::from_stream(broken))
}

async fn hook(State(shared): Desk, headers: HeaderMap, body: Bytes) -> Response {
    let (instead, is_lost) = begin(&shared).await;
    if let Some(instead) = instead {
        return instead;
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    let body = serde_json::from_str(&text).unwrap_or_default();
    lock(&shared).webhooks.push(Taken { headers, text, body });
    if is_lost { lost() } else { StatusCode::NO_CONTENT.into_response() }
}

async fn token(State(shared): Desk, Json(wanted): Json<Value>) -> Response {
    if wanted["appid"] != "wx1" || wanted["secret"] != "s1" {
        return Json(json!({ "errcode": 40125, "errmsg": "invalid appsecret" })).into_response();
    }
    let mut shared = lock(&shared);
    shared.tokens_given += 1;
    shared.is_token_good = true;
    Json(json!({ "access_token": format!("T{}", shared.tokens_given), "expires_in": 7200 })).into_response()
}

async fn send(
    State(shared): Desk,
    Query(query): Query<std::collections::BTreeMap<String, String>>,
    Json(message): Json<Value>,
) -> Response {
    let (instead, is_lost) = begin(&shared).await;
    if let Some(instead) = instead {
        return instead;
    }
    let mut state = lock(&shared);
    let is_good = state.is_token_good && query.get("access_token") == Some(&format!("T{}", state.tokens_given));
    if !is_good {
        return Json(json!({ "errcode": 42001, "errmsg": "access_token expired" })).into_response();
    }
    // thing.DATA takes 20 characters; more refuses the whole message.
    let mut places = message["data"].as_object().into_iter().flatten().filter(|(name, _)| name.starts_with("thing"));
    let too_long = |value: &Value| value["value"].as_str().is_some_and(|text| text.chars().count() > 20);
    if places.any(|(_, value)| too_long(value)) {
        return Json(json!({ "errcode": 47003, "errmsg": "argument invalid! data.thing.value is too long" })).into_response();
    }
    // 防重入: a message with an id that came before is taken and not sent a second time.
    let id = message["client_msg_id"].clone();
    if state.templates.iter().all(|known| known["client_msg_id"] != id) {
        state.templates.push(message);
    }
    drop(state);
    if is_lost { lost() } else { Json(json!({ "errcode": 0, "errmsg": "ok", "msgid": 1 })).into_response() }
}
