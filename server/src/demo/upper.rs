//! The platform of the level above, simulated: it checks every signature, takes a row once however often it comes, knows
//! cases of its own, and misbehaves when told to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::gateways::{CaseRange, Push, SIGNATURE_HEADER, Signer, TIMESTAMP_HEADER, UpperCase, UpperCases};

/// The secret of the simulator, which protects nothing.
pub const SECRET: &str = "demo-upstream";
/// Cases of a page.
const PAGE: usize = 200;
/// Numbers that begin so are cases of the platform's own, which go on by themselves.
const OWN_PREFIX: &str = "SJ";
/// How long such a case stays in a state, in milliseconds.
const OWN_STEP_MS: u128 = 20_000;
/// The states of such a case, in order.
const OWN_STATES: [u8; 4] = [1, 3, 8, 11];

/// What happens to the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misbehaviour {
    /// It is answered this late.
    Slow {
        /// The delay in milliseconds.
        delay_ms: u64,
    },
    /// 503, nothing done.
    Unavailable,
    /// 500, nothing done.
    Broken,
    /// 422 with this code, nothing done.
    Refuses(&'static str),
    /// It is done, but the answer breaks off.
    LosesAnswer,
}

#[derive(Debug, Default)]
struct Shared {
    misbehaviours: VecDeque<Misbehaviour>,
    /// Whether it is away altogether.
    is_away: bool,
    /// Ids that were taken.
    ids: BTreeSet<String>,
    /// Rows in the order in which they came, each once.
    rows: Vec<Push>,
    /// How often rows came, again or not.
    arrivals: usize,
    /// Requests whose signature was not good.
    forged: usize,
    /// Cases that it knows from rows, or was told to know.
    cases: BTreeMap<String, Known>,
    /// When cases of its own were first asked about.
    own: BTreeMap<String, Instant>,
}

/// A case with what a list is asked by; empty where nobody said.
#[derive(Debug, Clone)]
struct Known {
    site: String,
    /// The day of its first row, `20261124`.
    day: String,
    case: UpperCase,
}

impl Known {
    fn is_in(&self, range: &CaseRange) -> bool {
        let (from, to) = (range.from.replace('-', ""), range.to.replace('-', ""));
        let is_there = self.site.is_empty() || self.site == range.site;
        is_there && (self.day.is_empty() || (from..=to).contains(&self.day))
    }
}

/// The simulator.
#[derive(Debug, Clone)]
pub struct UpperSimulator {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Clone)]
struct Desk {
    shared: Arc<Mutex<Shared>>,
    signer: Signer,
}

#[derive(Debug, Deserialize)]
struct Find {
    number: String,
}

impl UpperSimulator {
    /// Starts it on a free port of the loopback address, until `closing`.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(closing: CancellationToken) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let shared: Arc<Mutex<Shared>> = Arc::default();
        let desk = Desk { shared: shared.clone(), signer: Signer::new(SECRET) };
        let router = Router::new()
            .route("/upper/rows", post(take_row))
            .route("/upper/cases/list", post(list_cases))
            .route("/upper/cases/find", post(find_case))
            .with_state(desk);
        tokio::spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                served = axum::serve(listener, router) => {
                    if let Err(error) = served {
                        tracing::error!(%error, "the simulated platform ended");
                    }
                }
            }
        });
        Ok(Self { address, shared })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/upper", self.address)
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What happens to the next requests, one each, in this order; then all is well again.
    pub fn misbehave(&self, misbehaviours: &[Misbehaviour]) {
        self.lock().misbehaviours.extend(misbehaviours.iter().cloned());
    }

    /// Goes away, or comes back.
    pub fn set_away(&self, is_away: bool) {
        self.lock().is_away = is_away;
    }

    /// Knows a case of this number as told from now on.
    pub fn know(&self, case: UpperCase) {
        self.lock().cases.insert(case.number.clone(), Known { site: String::new(), day: String::new(), case });
    }

    /// The rows taken, in their order, each once.
    #[must_use]
    pub fn rows(&self) -> Vec<Push> {
        self.lock().rows.clone()
    }

    /// How often rows came, again or not.
    #[must_use]
    pub fn arrivals(&self) -> usize {
        self.lock().arrivals
    }

    /// Requests whose signature was not good.
    #[must_use]
    pub fn forged(&self) -> usize {
        self.lock().forged
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request was signed with the secret, just now.
    fn is_genuine(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        let body = std::str::from_utf8(body).unwrap_or_default();
        self.signer.is_genuine(now_s, text(TIMESTAMP_HEADER), text(SIGNATURE_HEADER), text("idempotency-key"), body)
    }

    /// The body, if the request is genuine and looked at; else the answer to give. And what else is to happen.
    async fn begin<T: serde::de::DeserializeOwned>(&self, headers: &HeaderMap, body: &[u8]) -> Result<(T, Option<Misbehaviour>), Response> {
        if !self.is_genuine(headers, body) {
            self.lock().forged += 1;
            return Err(StatusCode::UNAUTHORIZED.into_response());
        }
        let misbehaviour = {
            let mut shared = self.lock();
            if shared.is_away { Some(Misbehaviour::Unavailable) } else { shared.misbehaviours.pop_front() }
        };
        match &misbehaviour {
            Some(Misbehaviour::Slow { delay_ms }) => tokio::time::sleep(Duration::from_millis(*delay_ms)).await,
            Some(Misbehaviour::Unavailable) => return Err(StatusCode::SERVICE_UNAVAILABLE.into_response()),
            Some(Misbehaviour::Broken) => return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
            Some(Misbehaviour::Refuses(code)) => return Err(refusal(code)),
            Some(Misbehaviour::LosesAnswer) | None => {}
        }
        let parsed = serde_json::from_slice(body).map_err(|_| refusal("malformed"))?;
        Ok((parsed, misbehaviour))
    }
}

fn refusal(code: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "code": code }))).into_response()
}

/// The answer, or one whose body never comes.
fn answer(misbehaviour: Option<&Misbehaviour>, body: Value) -> Response {
    if misbehaviour == Some(&Misbehaviour::LosesAnswer) {
        let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("line cut")) });
        return Response::new(Body::from_stream(broken));
    }
    Json(body).into_response()
}

async fn take_row(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let (push, misbehaviour) = match desk.begin::<Push>(&headers, &body).await {
        Ok(begun) => begun,
        Err(instead) => return instead,
    };
    let mut shared = desk.lock();
    shared.arrivals += 1;
    let is_new = shared.ids.insert(push.id.clone());
    if is_new {
        learn(&mut shared, &push);
        shared.rows.push(push);
    }
    drop(shared);
    answer(misbehaviour.as_ref(), json!({ "taken": is_new }))
}

/// What a row tells of its case.
fn learn(shared: &mut Shared, push: &Push) {
    let text = |name: &str| push.row[name].as_str().unwrap_or_default().to_owned();
    let number = text("project_no");
    if number.is_empty() {
        return;
    }
    let known = shared.cases.entry(number.clone()).or_insert_with(|| Known {
        site: push.site.clone(),
        day: text("cd_batch"),
        case: UpperCase { number, state: None, result: None, result_text: None },
    });
    match push.table.as_str() {
        "up_pro_process" => known.case.state = text("event_name").parse().ok(),
        "up_pro_result" => known.case.result = text("result_type").parse().ok(),
        _ => {}
    }
}

async fn list_cases(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let (range, misbehaviour) = match desk.begin::<CaseRange>(&headers, &body).await {
        Ok(begun) => begun,
        Err(instead) => return instead,
    };
    let after = range.after.clone().unwrap_or_default();
    let is_wanted = |known: &&Known| known.case.number > after && known.is_in(&range);
    let mut items: Vec<UpperCase> = desk.lock().cases.values().filter(is_wanted).map(|known| known.case.clone()).collect();
    let has_more = items.len() > PAGE;
    items.truncate(PAGE);
    answer(misbehaviour.as_ref(), json!(UpperCases { items, has_more }))
}

async fn find_case(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let (find, misbehaviour) = match desk.begin::<Find>(&headers, &body).await {
        Ok(begun) => begun,
        Err(instead) => return instead,
    };
    let found = {
        let mut shared = desk.lock();
        match shared.cases.get(&find.number).cloned() {
            Some(known) => Some(known.case),
            None if find.number.starts_with(OWN_PREFIX) => {
                let since = *shared.own.entry(find.number.clone()).or_insert_with(Instant::now);
                Some(own_case(find.number, since.elapsed().as_millis()))
            }
            None => None,
        }
    };
    match found {
        Some(case) => answer(misbehaviour.as_ref(), json!(case)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A case of the platform's own, so long after it was first asked about.
fn own_case(number: String, age_ms: u128) -> UpperCase {
    let place = usize::try_from(age_ms / OWN_STEP_MS).unwrap_or(usize::MAX).min(OWN_STATES.len() - 1);
    let state = OWN_STATES[place];
    let result = (state == 11).then_some(state);
    UpperCase { number, state: Some(state), result, result_text: result.map(|_| "已办结，结果可到上级平台下载".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_of_its_own_go_on_and_end() {
        let state = |age| own_case("SJ1".to_owned(), age).state;
        assert_eq!([0, 20_000, 40_000, 60_000, u128::MAX].map(state), [1, 3, 8, 11, 11].map(Some));
        assert_eq!(own_case("SJ1".to_owned(), 60_000).result, Some(11));
    }
}
