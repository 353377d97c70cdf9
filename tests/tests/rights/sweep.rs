//! Bad input: every route of the OpenAPI document × everybody × what no sound client sends. Each answer is
//! a clear refusal with a code, a trace id and a Chinese sentence, never a failure of the service, and
//! nothing changed. The bodies are made from the document, so a new route is swept by itself.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use domain::rights::allowed;
use serde_json::{Value, json};
use tests::app::{Actor, Answer};

use super::house::{House, SITE};
use super::table::{ROUTES, Route, Rule};
use super::template;

/// What a refusal may be. 429 counts wrong tries of public codes and passwords.
const REFUSALS: [u16; 9] = [401, 403, 404, 405, 409, 413, 415, 422, 429];
const MIB: usize = 1024 * 1024;
/// More levels than any parser should follow.
const DEEP: usize = 20_000;
/// Faults that are shown.
const SHOWN_MAX: usize = 40;

/// Texts that no person writes: control characters, directions turned round, a lone mark of byte order.
const HOSTILE_TEXTS: [&str; 6] = ["\u{0}", "a\u{1b}[2Jb", "\u{202e}321", "\u{2066}x", "行\r\nSubject: x", "\u{feff}x"];

/// Bodies that are no JSON object of this contract, whatever the route.
fn raw_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let deep = [vec![b'['; DEEP], vec![b']'; DEEP]].concat();
    let in_object = [b"{\"reason\":".to_vec(), deep.clone(), b"}".to_vec()].concat();
    vec![
        ("nothing", Vec::new()),
        ("half an object", b"{\"reason\":".to_vec()),
        ("a list", b"[]".to_vec()),
        ("null", b"null".to_vec()),
        ("a number", b"1e999".to_vec()),
        ("a text", b"\"x\"".to_vec()),
        ("two objects", b"{}{}".to_vec()),
        ("no UTF-8", b"{\"reason\":\"\xff\xfe\"}".to_vec()),
        ("half a surrogate", br#"{"reason":"\ud800"}"#.to_vec()),
        ("deep lists", deep),
        ("a deep field", in_object),
        ("a field twice", br#"{"no_such_field":1,"no_such_field":2}"#.to_vec()),
        ("an unknown field", br#"{"no_such_field":1}"#.to_vec()),
        ("an unknown field of 1 MiB", [b"{\"no_such_field\":\"".to_vec(), vec![b'x'; MIB], b"\"}".to_vec()].concat()),
    ]
}

/// Values of a wrong kind or size for any field.
fn wrong_values() -> Vec<(&'static str, Value)> {
    vec![
        ("null", Value::Null),
        ("a negative number", json!(-1)),
        ("a huge number", json!(u64::MAX)),
        ("a number beyond all", json!(1e300)),
        ("false", json!(false)),
        ("an empty text", json!("")),
        ("blanks", json!("   ")),
        ("a list of wrong things", json!([[], {}, null, 1])),
        ("an object of wrong things", json!({ "x": { "y": [null] } })),
        ("a huge text", json!("汉".repeat(100_000))),
        ("an id of nobody", json!("t_dc_nobody")),
        ("an id of another site", json!("l_sumu_a")),
        ("an id with a quote", json!("l_dc_'; DROP TABLE tickets; --")),
    ]
}

/// The properties of a route's body, by the document.
fn properties(document: &Value, route: &str) -> Vec<String> {
    let (method, path) = route.split_once(' ').expect("METHOD /path");
    let operation = &document["paths"][format!("/api/v1{path}")][method.to_lowercase()];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let named = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next());
    let schema = named.map_or(schema, |name| &document["components"]["schemas"][name]);
    schema["properties"].as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
}

fn is_chinese(text: &Value) -> bool {
    text.as_str().is_some_and(|text| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)))
}

/// A problem document with everything that a reader and an operator need.
fn is_clear(answer: &Answer) -> bool {
    let body = &answer.body;
    let named = body["code"].as_str().is_some_and(|code| !code.is_empty()) && body["trace_id"].as_str().is_some_and(|id| !id.is_empty());
    named && body["status"] == answer.status.as_u16() && is_chinese(&body["detail"])
}

struct Sweep<'a> {
    house: &'a House,
    document: Value,
    routes: BTreeSet<String>,
    sent: usize,
    faults: Vec<String>,
}

impl Sweep<'_> {
    async fn head(&self) -> (i64, Vec<u8>) {
        let head = self.house.app.app.stores.events.head(SITE).await.expect("the store");
        head.map_or((0, Vec::new()), |head| (head.seq, head.hash))
    }

    /// Sends it; a refusal must be clear and change nothing, and what `must_be_refused` is refused.
    async fn send(&mut self, what: &str, actor: &Actor, method: &Method, path: &str, body: Vec<u8>, must_be_refused: bool) -> Answer {
        let before = self.head().await;
        self.sent += 1;
        let key = format!("sweep-{}", self.sent);
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(matches!(actor, Actor::Device(_)).then_some(("idempotency-key", key.as_str())));
        let answer = self.house.app.send_raw(actor, method.clone(), path, &headers, body).await;
        let is_refused = !answer.status.is_success();
        let fault = if answer.status.is_server_error() {
            Some("failed")
        } else if is_refused && !(REFUSALS.contains(&answer.status.as_u16()) && is_clear(&answer)) {
            Some("is refused and not clearly")
        } else if is_refused && self.head().await != before {
            Some("is refused and changed the log")
        } else if must_be_refused && !is_refused {
            Some("is taken")
        } else {
            None
        };
        if let Some(fault) = fault {
            let text: String = answer.body.to_string().chars().take(300).collect();
            self.faults.push(format!("{method} {path:.120} {what} {fault}: {} {text}", answer.status));
        }
        answer
    }

    async fn bodies(&mut self, actor: &Actor, method: &Method, path: &str, route: &str) {
        for (what, body) in raw_bodies() {
            // No body at all is an empty object by the contract.
            let must_be_refused = !body.is_empty();
            self.send(what, actor, method, path, body, must_be_refused).await;
        }
        for field in properties(&self.document, route) {
            for (what, value) in wrong_values() {
                let is_huge = what == "a huge text";
                let body = json!({ field.as_str(): value }).to_string().into_bytes();
                self.send(&format!("{field} = {what}"), actor, method, path, body, is_huge).await;
            }
            for text in HOSTILE_TEXTS {
                for value in [json!(text), json!([text]), json!({ "name": text })] {
                    let body = json!({ field.as_str(): value }).to_string().into_bytes();
                    self.send(&format!("{field} = {value}"), actor, method, path, body, true).await;
                }
            }
        }
    }

    /// The path with each of its parts replaced by what is nowhere or elsewhere.
    async fn paths(&mut self, actor: &Actor, method: &Method, route: &str) {
        let (_, path) = route.split_once(' ').expect("METHOD /path");
        let parts: Vec<(&str, String)> = self.house.things.iter().filter(|(part, _)| path.contains(part)).cloned().collect();
        for (part, thing) in parts {
            let kind = thing.split('_').next().unwrap_or_default().to_owned();
            let long = "a".repeat(5_000);
            let strange = [
                format!("{kind}_dc_nobody"),
                format!("{kind}_sumu_x"),
                format!("{kind}_zz_x"),
                "%00".to_owned(),
                "%ff%fe".to_owned(),
                "..%2f..%2fetc%2fpasswd".to_owned(),
                "%E2%80%AEabc".to_owned(),
                "'%20OR%201=1--".to_owned(),
                "9".repeat(40),
                long,
            ];
            for strange in strange {
                let filled = self.house.filled(&path.replace(part, &strange));
                self.send(&format!("{part} strange"), actor, method, &filled, b"{}".to_vec(), !matches!(*method, Method::GET)).await;
            }
        }
    }

    async fn queries(&mut self, actor: &Actor, path: &str) {
        let join = if path.contains('?') { '&' } else { '?' };
        let strange = [
            "no_such_field=1",
            "limit=-1",
            "limit=99999999999999999999",
            "limit=%00",
            "cursor=%ff",
            "cursor=AAAA",
            "date=2026-02-30",
            "from=9999999-01-01&to=0",
            "state=%E2%80%AE",
            "q=%00",
            "q=%",
            "view=zzz",
            "site=",
            "after=-9223372036854775808",
            "line=l_zz_a",
        ];
        for strange in strange {
            self.send(strange, actor, &Method::GET, &format!("{path}{join}{strange}"), Vec::new(), false).await;
        }
    }

    /// Those who may, and some who may not.
    fn actors(&self, rule: Rule) -> (Vec<Actor>, Vec<(Actor, StatusCode)>) {
        let house = self.house;
        let may = |rights: &[_]| {
            let by_role = |(role, _): &&(_, Actor)| rights.iter().any(|right| allowed(*role, *right).is_some());
            house.roles.iter().partition::<Vec<_>, _>(|entry| by_role(entry))
        };
        let nobody = (Actor::Nobody, StatusCode::UNAUTHORIZED);
        match rule {
            Rule::Public => (vec![Actor::Nobody], Vec::new()),
            Rule::Signed => (vec![house.roles[0].1.clone()], vec![nobody]),
            Rule::Device => (vec![house.devices[0].clone()], vec![nobody]),
            Rule::Citizen => {
                let clerk = (house.roles[1].1.clone(), StatusCode::UNAUTHORIZED);
                (vec![house.citizens[0].clone()], vec![nobody, clerk])
            }
            Rule::At(rights) | Rule::Listing(rights) | Rule::InBody(rights) => {
                let (may, may_not) = may(rights);
                let mut others: Vec<_> = may_not.into_iter().map(|(_, actor)| (actor.clone(), StatusCode::FORBIDDEN)).collect();
                others.push(nobody);
                if let Rule::At(_) = rule {
                    others.push((house.stranger.clone(), StatusCode::NOT_FOUND));
                }
                (may.into_iter().map(|(_, actor)| actor.clone()).collect(), others)
            }
        }
    }

    async fn sweep(&mut self, (route, rule): Route) {
        let (method, path) = route.split_once(' ').expect("METHOD /path");
        let (method, filled): (Method, String) = (method.parse().expect("a method"), self.house.filled(path));
        let of_document = template(&self.routes, route).expect("a documented route").clone();
        // Signing out ends the caller's session.
        if method == Method::DELETE {
            return;
        }
        let (may, others) = self.actors(rule);
        for (actor, status) in others {
            for (what, body) in [("nothing", Vec::new()), ("an object", b"{}".to_vec()), ("no UTF-8", b"\xff".to_vec())] {
                if matches!(rule, Rule::InBody(_)) {
                    break;
                }
                let answer = self.send(what, &actor, &method, &filled, body, true).await;
                if answer.status != status {
                    self.faults.push(format!("{route} as {actor:?} with {what}: {} instead of {status}", answer.status));
                }
            }
        }
        // One of those who may is enough for the long lists; the table of rights has tried them all.
        if let Some(actor) = may.first() {
            self.paths(actor, &method, route).await;
            if method == Method::GET {
                self.queries(actor, &filled).await;
            } else {
                self.bodies(actor, &method, &filled, &of_document).await;
            }
        }
    }
}

/// Sweeps one part of four, so that the machine's processors share the work.
async fn sweep_part(part: usize) {
    let house = House::build().await;
    let document = serde_json::to_value(server::http::openapi()).expect("a document");
    let routes = super::documented(&document);
    let mut sweep = Sweep { house: &house, document, routes, sent: 0, faults: Vec::new() };
    for (_, route) in ROUTES.iter().enumerate().filter(|(index, _)| index % 4 == part) {
        sweep.sweep(*route).await;
    }
    println!("{} requests", sweep.sent);
    let shown = sweep.faults.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>().join("\n");
    assert!(sweep.faults.is_empty(), "{} faults of {} requests:\n{shown}", sweep.faults.len(), sweep.sent);
}

#[tokio::test]
async fn bad_input_is_refused_clearly_and_changes_nothing_part_1() {
    sweep_part(0).await;
}

#[tokio::test]
async fn bad_input_is_refused_clearly_and_changes_nothing_part_2() {
    sweep_part(1).await;
}

#[tokio::test]
async fn bad_input_is_refused_clearly_and_changes_nothing_part_3() {
    sweep_part(2).await;
}

#[tokio::test]
async fn bad_input_is_refused_clearly_and_changes_nothing_part_4() {
    sweep_part(3).await;
}
