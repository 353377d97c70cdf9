//! Promise 8: nobody without the right. Every route of the OpenAPI document × everybody, in the order
//! 401, 404, 403, 422; and the rules that hold for all routes alike.

pub mod house;
mod rules;
mod sweep;
pub mod table;

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use domain::rights::{Operation, allowed};
use house::{House, SITE};
use serde_json::{Value, json};
use table::{ROUTES, Route, Rule};
use tests::app::{Actor, Answer};

/// `METHOD /path` of every operation below `/api/v1`.
fn documented(document: &Value) -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        let path = path.strip_prefix("/api/v1").expect("a versioned path");
        for method in operations.as_object().expect("operations").keys().filter(|key| *key != "parameters" && *key != "summary") {
            routes.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    routes
}

/// The documented route that a line of the table is about.
fn template<'a>(documented: &'a BTreeSet<String>, route: &str) -> Option<&'a String> {
    let path = route.split('?').next().unwrap_or_default();
    documented.get(path).or_else(|| {
        let (front, _) = path.rsplit_once('/')?;
        documented.get(&format!("{front}/{{action}}"))
    })
}

#[test]
fn every_route_stands_in_the_table() {
    let document = serde_json::to_value(server::http::openapi()).expect("a document");
    let documented = documented(&document);
    assert!(documented.len() > 40);
    let mut covered = BTreeSet::new();
    for (route, _) in ROUTES {
        covered.insert(template(&documented, route).unwrap_or_else(|| panic!("{route} is no route any more")));
    }
    let missing: Vec<_> = documented.iter().filter(|route| !covered.contains(route)).collect();
    assert!(missing.is_empty(), "write a line for each of these into tests/tests/rights/table.rs: {missing:#?}");
}

struct Trial<'a> {
    house: &'a House,
    route: &'static str,
    method: Method,
    path: String,
    faults: Vec<String>,
}

impl<'a> Trial<'a> {
    fn new(house: &'a House, route: &'static str) -> Self {
        let (method, path) = route.split_once(' ').expect("METHOD /path");
        let method = method.parse().expect("a method");
        Self { house, route, method, path: house.filled(path), faults: Vec::new() }
    }

    async fn send(&self, actor: &Actor, body: Value) -> Answer {
        let has_body = !matches!(self.method, Method::GET | Method::DELETE);
        let key = matches!(actor, Actor::Device(_)).then_some("rights");
        self.house.app.send(actor, self.method.clone(), &self.path, key, has_body.then_some(body)).await
    }

    async fn expect(&mut self, who: &str, actor: &Actor, body: Value, good: impl Fn(&Answer) -> bool, what: &str) {
        let answer = self.send(actor, body).await;
        if !good(&answer) {
            self.faults.push(format!("{} as {who}: {} {}, expected {what}", self.route, answer.status, answer.body));
        }
    }

    async fn refused(&mut self, who: &str, actor: &Actor, body: Value, status: StatusCode) {
        let problem = |answer: &Answer| answer.status == status && answer.body["code"].is_string() && answer.body["trace_id"].is_string();
        self.expect(who, actor, body, problem, &format!("{status} as a problem document")).await;
    }

    /// A caller with the right comes to the next question: what is in the body (a form, where files are sent), or the
    /// answer.
    async fn let_in(&mut self, who: &str, actor: &Actor) {
        let unknown_field = |answer: &Answer| {
            let errors = answer.body["errors"].as_array();
            answer.status == StatusCode::UNPROCESSABLE_ENTITY
                && errors
                    .is_some_and(|errors| errors.iter().any(|error| error["code"] == "unknown_field" || error["code"] == "not_multipart"))
        };
        if matches!(self.method, Method::GET | Method::DELETE) {
            self.expect(who, actor, wrong(), read, "an answer").await;
        } else {
            self.expect(who, actor, wrong(), unknown_field, "422 unknown_field").await;
        }
    }
}

/// A read that was allowed: an answer, or a word about the query or the upgrade that is missing.
fn read(answer: &Answer) -> bool {
    answer.status.is_success() || answer.status == StatusCode::UNPROCESSABLE_ENTITY
}

/// A body that no route takes.
fn wrong() -> Value {
    json!({ "no_such_field": 1 })
}

/// What devices may do at their site, in the order kiosk, display, printer, pad.
fn device_may(index: usize, rights: &[Operation]) -> bool {
    rights.iter().any(|right| match right {
        Operation::ReadSites => true,
        Operation::IssueTicket | Operation::ReadCatalogue | Operation::ReadCalendar => index == 0,
        _ => false,
    })
}

async fn by_right(trial: &mut Trial<'_>, rights: &[Operation], refused_body: Value, has_site: bool) {
    let house = trial.house;
    trial.refused("nobody", &Actor::Nobody, refused_body.clone(), StatusCode::UNAUTHORIZED).await;
    trial
        .refused("somebody with a cookie that is over", &Actor::Staff("yichuang_session=x".to_owned()), wrong(), StatusCode::UNAUTHORIZED)
        .await;
    trial.refused("a device nobody paired", &Actor::Device("x".to_owned()), wrong(), StatusCode::UNAUTHORIZED).await;
    trial.refused("a citizen", &house.citizens[0], refused_body.clone(), StatusCode::UNAUTHORIZED).await;
    if has_site {
        trial.refused("somebody of another site", &house.stranger, refused_body.clone(), StatusCode::NOT_FOUND).await;
    }
    for (role, actor) in &house.roles {
        if rights.iter().any(|right| allowed(*role, *right).is_some()) {
            trial.let_in(role.name(), actor).await;
        } else {
            trial.refused(role.name(), actor, refused_body.clone(), StatusCode::FORBIDDEN).await;
        }
    }
    for (index, actor) in house.devices.iter().enumerate() {
        let who = format!("{actor:?}");
        if device_may(index, rights) {
            trial.let_in(&who, actor).await;
        } else {
            trial.refused(&who, actor, refused_body.clone(), StatusCode::FORBIDDEN).await;
        }
    }
}

/// What is a citizen's is nobody else's, whatever rights somebody has.
async fn by_phone(trial: &mut Trial<'_>) {
    let house = trial.house;
    trial.refused("nobody", &Actor::Nobody, wrong(), StatusCode::UNAUTHORIZED).await;
    let over = Actor::Staff("yichuang_citizen=x".to_owned());
    trial.refused("a citizen whose session is over", &over, wrong(), StatusCode::UNAUTHORIZED).await;
    for (role, actor) in &house.roles {
        trial.refused(role.name(), actor, wrong(), StatusCode::UNAUTHORIZED).await;
    }
    trial.refused("somebody with every role", &house.stranger, wrong(), StatusCode::UNAUTHORIZED).await;
    for actor in &house.devices {
        trial.refused(&format!("{actor:?}"), actor, wrong(), StatusCode::UNAUTHORIZED).await;
    }
    if trial.route.contains("{application}") || trial.route.contains("{own_case}") {
        trial.refused("another citizen", &house.citizens[1], wrong(), StatusCode::NOT_FOUND).await;
    }
    let actor = if trial.method == Method::DELETE { house.another_citizen().await } else { house.citizens[0].clone() };
    trial.let_in("the citizen", &actor).await;
}

async fn tried(house: &House, (route, rule): Route) -> Vec<String> {
    let mut trial = Trial::new(house, route);
    match rule {
        Rule::At(rights) => by_right(&mut trial, rights, wrong(), true).await,
        Rule::InBody(rights) => by_right(&mut trial, rights, json!({ "site_id": SITE }), true).await,
        Rule::Listing(rights) => {
            by_right(&mut trial, rights, wrong(), false).await;
            let nothing_of_here = |answer: &Answer| read(answer) && !answer.body.to_string().contains("_dc_");
            trial.expect("somebody of another site", &house.stranger, wrong(), nothing_of_here, "nothing of this site").await;
        }
        Rule::Signed => {
            trial.refused("nobody", &Actor::Nobody, wrong(), StatusCode::UNAUTHORIZED).await;
            trial.refused("a device", &house.devices[0], wrong(), StatusCode::FORBIDDEN).await;
            trial.refused("a citizen", &house.citizens[0], wrong(), StatusCode::UNAUTHORIZED).await;
            // Signing out ends a session, so it is somebody who is needed no more.
            let actor = if trial.method == Method::DELETE { house.app.sign_in("clerk6").await } else { house.roles[0].1.clone() };
            trial.let_in("somebody", &actor).await;
        }
        Rule::Device => {
            trial.refused("nobody", &Actor::Nobody, wrong(), StatusCode::UNAUTHORIZED).await;
            let refused = |answer: &Answer| matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            trial.expect("a clerk", &house.roles[1].1, wrong(), refused, "401 or 403").await;
            trial.refused("a citizen", &house.citizens[0], wrong(), StatusCode::UNAUTHORIZED).await;
            trial.let_in("a kiosk", &house.devices[0]).await;
        }
        Rule::Citizen => by_phone(&mut trial).await,
        Rule::Public => {
            let known = |answer: &Answer| !matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            trial.expect("nobody", &Actor::Nobody, wrong(), known, "neither 401 nor 403").await;
        }
    }
    trial.faults
}

#[tokio::test]
async fn everybody_may_what_the_table_of_rights_says_and_no_more() {
    let house = House::build().await;
    let mut faults = Vec::new();
    for route in ROUTES {
        faults.extend(tried(&house, *route).await);
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
