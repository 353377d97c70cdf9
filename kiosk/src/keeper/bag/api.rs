//! The bag's own page and routes, on loopback: sign-in by PIN, drafts with photos, receipts. They translate between page and
//! core; nothing is decided here. Whoever is not signed in gets the page and how the bag is, nothing else.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use domain::bag::PHOTO_BYTES_MAX;
use domain::catalogue::{Matter, Query as Wanted, found};
use domain::time::{local_date, rfc3339};
use edge::problem::{json_answer, json_body, problem};
use protocol::keeper::HallStaff;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::api::{cookie_of, refuse, wrong_field};
use super::super::pins::SignedIn;
use super::{Bag, BagRefusal, Draft, Filled, Sent};

/// The cookie of a PIN session.
const COOKIE: &str = "yichuang_bag";
/// Largest body of what is filled in, in bytes.
const FILLED_BODY_BYTES_MAX: usize = 128 << 10;
/// Matters shown for one query.
const FOUND_MAX: usize = 40;

/// Everything that the bag's page asks for, and the page.
pub fn routes(bag: Bag) -> Router {
    let photos = post(add_photo).layer(DefaultBodyLimit::max(PHOTO_BYTES_MAX + 1));
    let filled = get(one_draft).put(fill).delete(discard).layer(DefaultBodyLimit::max(FILLED_BODY_BYTES_MAX));
    let v1 = Router::new()
        .route("/state", get(state))
        .route("/sessions", post(sign_in))
        .route("/sessions/current", get(current).delete(sign_out))
        .route("/matters", get(matters))
        .route("/matters/{matter}", get(one_matter))
        .route("/cases", get(cases).post(begin))
        .route("/cases/{case}", filled)
        .route("/cases/{case}/photos", photos)
        .route("/cases/{case}/photos/{sha}", get(photo).delete(remove_photo))
        .route("/cases/{case}/receive", post(receive))
        .with_state(bag);
    edge::page::page("bag.html", "/bag").nest("/api/v1/bag", v1)
}

fn refused(refusal: &BagRefusal) -> Response {
    match refusal {
        BagRefusal::NotPacked => refuse(409, "not_packed", "包里还没有事项和人员，先连上网等一会儿"),
        BagRefusal::Unknown => refuse(404, "not_found", "没有这一件"),
        BagRefusal::TooMany => refuse(409, "too_many_drafts", "草稿太多了，先接件或者删掉几件"),
        BagRefusal::Disk => refuse(503, "disk_full", "存不进去，这台电脑的磁盘快满了；已经接的件都还在"),
        BagRefusal::Wrong(faults) => {
            let message = faults.first().map(|fault| fault.message.clone()).unwrap_or_default();
            let mut body = problem(422, "invalid", "填得不对", &message, "");
            body["errors"] = json!(faults);
            json_answer(422, &body)
        }
    }
}

fn told(done: Result<Value, BagRefusal>, status: u16) -> Response {
    match done {
        Ok(body) => json_answer(status, &body),
        Err(refusal) => refused(&refusal),
    }
}

/// Who is signed in, as the bag knows the person now.
fn staff_of(bag: &Bag, headers: &HeaderMap) -> Result<HallStaff, Box<Response>> {
    let unsigned = || Box::new(refuse(401, "unauthenticated", "请先用断网口令登录"));
    let session = cookie_of(headers, COOKIE).and_then(|token| bag.0.pins.session(token, bag.steady_ms())).ok_or_else(unsigned)?;
    staff_named(bag, &session.username).ok_or_else(unsigned)
}

fn staff_named(bag: &Bag, username: &str) -> Option<HallStaff> {
    let today = local_date(bag.now_ms());
    bag.inner().house.as_ref()?.staff.iter().find(|staff| staff.username == username && staff.works_on(today)).cloned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    username: String,
    pin: String,
}

fn staff_view(staff: &HallStaff) -> Value {
    json!({ "staff": { "id": staff.staff_id, "name": staff.name, "username": staff.username } })
}

fn cookie(token: &str, max_age_s: i64) -> [(header::HeaderName, String); 1] {
    [(header::SET_COOKIE, format!("{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={max_age_s}"))]
}

async fn state(State(bag): State<Bag>) -> Response {
    let state = bag.state();
    let mut body = json!(state);
    body["packed_at"] = json!(state.packed_at.map(rfc3339));
    let inner = bag.inner();
    body["site_phone"] = json!(inner.house.as_ref().and_then(|house| house.site_phone.as_deref()));
    body["public_url"] = json!(inner.house.as_ref().map(|house| &house.public_url));
    json_answer(200, &body)
}

async fn sign_in(State(bag): State<Bag>, headers: HeaderMap, body: Bytes) -> Response {
    let SignIn { username, pin } = match json_body(&headers, &body) {
        Ok(wanted) => wanted,
        Err(refusal) => return *refusal,
    };
    let username = username.trim().to_owned();
    if username.is_empty() || username.len() > 100 || pin.len() != 6 || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
        return *wrong_field("pin", "form", "写登录名和 6 位断网口令");
    }
    if !bag.state().is_packed {
        return refused(&BagRefusal::NotPacked);
    }
    let staff = staff_named(&bag, &username);
    match bag.0.pins.sign_in(staff.as_ref(), &username, pin, bag.steady_ms()).await {
        SignedIn::Yes(token) => {
            let view = staff.map(|staff| staff_view(&staff)).unwrap_or_default();
            (cookie(&token, 12 * 3600), json_answer(201, &view)).into_response()
        }
        SignedIn::No => refuse(401, "wrong_pin", "登录名或断网口令不对；没设过口令的，连着网时点自己的名字设"),
        SignedIn::Locked(wait_ms) => refuse(429, "too_many", &format!("错得太多，{} 秒后再试", wait_ms.div_euclid(1000) + 1)),
        SignedIn::Failed => refuse(503, "unavailable", "现在不能登录，请再试一次"),
    }
}

async fn current(State(bag): State<Bag>, headers: HeaderMap) -> Response {
    staff_of(&bag, &headers).map_or_else(|refusal| *refusal, |staff| json_answer(200, &staff_view(&staff)))
}

async fn sign_out(State(bag): State<Bag>, headers: HeaderMap) -> Response {
    if let Some(token) = cookie_of(&headers, COOKIE) {
        bag.0.pins.sign_out(token);
    }
    (cookie("", 0), StatusCode::NO_CONTENT).into_response()
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    query: String,
}

async fn matters(State(bag): State<Bag>, Query(search): Query<Search>, headers: HeaderMap) -> Response {
    if let Err(refusal) = staff_of(&bag, &headers) {
        return *refusal;
    }
    let all = bag.house().map(|house| house.matters).unwrap_or_default();
    let by_name = |one: &&Matter, other: &&Matter| one.name.cmp(&other.name);
    let fitting: Vec<&Matter> = match Wanted::parse(&search.query) {
        Some(wanted) => found(&all, &wanted, FOUND_MAX, |matter| matter.search_keys(), by_name),
        None => {
            let mut all: Vec<&Matter> = all.iter().collect();
            all.sort_by(by_name);
            all
        }
    };
    let view = |matter: &Matter| {
        json!({
            "id": matter.id, "name": matter.name, "case_kind": matter.case_kind, "promised_days": matter.promised_days,
            "materials": matter.materials.len(),
        })
    };
    json_answer(200, &json!({ "items": fitting.into_iter().map(view).collect::<Vec<_>>() }))
}

async fn one_matter(State(bag): State<Bag>, Path(matter): Path<String>, headers: HeaderMap) -> Response {
    match staff_of(&bag, &headers) {
        Ok(_) => bag.matter(&matter).map_or_else(|| refused(&BagRefusal::Unknown), |matter| json_answer(200, &json!(matter))),
        Err(refusal) => *refusal,
    }
}

fn draft_view(draft: &Draft) -> Value {
    json!({
        "id": draft.id, "matter_id": draft.matter_id, "matter_name": draft.matter_name, "changed_at": rfc3339(draft.changed_at),
        "filled": draft.filled, "photos": draft.photos,
    })
}

fn sent_view(sent: &Sent) -> Value {
    let mut view = json!(sent);
    view["at"] = json!(rfc3339(sent.at));
    view
}

async fn cases(State(bag): State<Bag>, headers: HeaderMap) -> Response {
    let listed = staff_of(&bag, &headers).map(|staff| {
        let drafts: Vec<Value> = bag.drafts(&staff.staff_id).iter().map(draft_view).collect();
        let sent: Vec<Value> = bag.sent(&staff.staff_id).iter().map(sent_view).collect();
        json_answer(200, &json!({ "drafts": drafts, "sent": sent }))
    });
    listed.unwrap_or_else(|refusal| *refusal)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    matter_id: String,
}

async fn begin(State(bag): State<Bag>, headers: HeaderMap, body: Bytes) -> Response {
    let begun = || {
        let staff = staff_of(&bag, &headers)?;
        let Begin { matter_id } = json_body(&headers, &body)?;
        Ok(told(bag.begin(&staff.staff_id, &matter_id).map(|draft| draft_view(&draft)), 201))
    };
    begun().unwrap_or_else(|refusal: Box<Response>| *refusal)
}

async fn one_draft(State(bag): State<Bag>, Path(case): Path<String>, headers: HeaderMap) -> Response {
    match staff_of(&bag, &headers) {
        Ok(staff) => told(bag.draft(&staff.staff_id, &case).map(|draft| draft_view(&draft)), 200),
        Err(refusal) => *refusal,
    }
}

async fn fill(State(bag): State<Bag>, Path(case): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let kept = || {
        let staff = staff_of(&bag, &headers)?;
        let filled: Filled = json_body(&headers, &body)?;
        Ok(told(bag.fill(&staff.staff_id, &case, filled).map(|draft| draft_view(&draft)), 200))
    };
    kept().unwrap_or_else(|refusal: Box<Response>| *refusal)
}

fn gone(done: Result<(), BagRefusal>) -> Response {
    done.map_or_else(|refusal| refused(&refusal), |()| StatusCode::NO_CONTENT.into_response())
}

async fn discard(State(bag): State<Bag>, Path(case): Path<String>, headers: HeaderMap) -> Response {
    staff_of(&bag, &headers).map_or_else(|refusal| *refusal, |staff| gone(bag.discard(&staff.staff_id, &case)))
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    material_id: String,
}

async fn add_photo(
    State(bag): State<Bag>,
    Path(case): Path<String>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
    let staff = match staff_of(&bag, &headers) {
        Ok(staff) => staff,
        Err(refusal) => return *refusal,
    };
    let Ok(body) = body else { return *wrong_field("photo", "too_large", "照片太大，一张最大 10 MB") };
    told(bag.add_photo(&staff.staff_id, &case, &shown.material_id, &body).map(|draft| draft_view(&draft)), 201)
}

async fn photo(State(bag): State<Bag>, Path((case, sha)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let staff = match staff_of(&bag, &headers) {
        Ok(staff) => staff,
        Err(refusal) => return *refusal,
    };
    match bag.photo(&staff.staff_id, &case, &sha) {
        Ok(jpeg) => ([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response(),
        Err(refusal) => refused(&refusal),
    }
}

async fn remove_photo(State(bag): State<Bag>, Path((case, sha)): Path<(String, String)>, headers: HeaderMap) -> Response {
    match staff_of(&bag, &headers) {
        Ok(staff) => told(bag.remove_photo(&staff.staff_id, &case, &sha).map(|draft| draft_view(&draft)), 200),
        Err(refusal) => *refusal,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receive {
    #[serde(default)]
    as_draft: bool,
}

async fn receive(State(bag): State<Bag>, Path(case): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let received = || {
        let staff = staff_of(&bag, &headers)?;
        let Receive { as_draft } = json_body(&headers, &body)?;
        Ok(told(bag.receive(&staff, &case, as_draft).map(|sent| sent_view(&sent)), 201))
    };
    received().unwrap_or_else(|refusal: Box<Response>| *refusal)
}
