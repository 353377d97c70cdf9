//! What citizens, supervisors and auditors read and send over HTTP: places, matters, the calendar,
//! timelines, ratings, figures, the log.

mod figures;
mod live;
mod ratings;
mod reads;
mod tracking;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

const SITE: &str = "demo-center";
const NAME: &str = "王小明";
const ID_NUMBER: &str = "152301199003070038";
const PHONE: &str = "13912345520";
const MINUTE_MS: i64 = 60_000;

/// A hall at work: one clerk at one window of the general line.
struct Hall {
    app: TestApp,
    clerk: Actor,
    approver: Actor,
    issuer: Actor,
    supervisor: Actor,
    window: String,
    line: String,
}

impl Hall {
    async fn on(app: TestApp) -> Self {
        let (clerk, approver) = (app.sign_in("clerk1").await, app.sign_in("approver1").await);
        let (issuer, supervisor) = (app.sign_in("issuer").await, app.sign_in("supervisor").await);
        let line = "l_dc_demo-line".to_owned();
        let windows = app.get(&clerk, &format!("/api/v1/sites/{SITE}/windows")).await.body["items"].clone();
        let serves = |window: &&Value| window["line_ids"].as_array().is_some_and(|lines| lines.contains(&json!(line)));
        // The demo's pad stands at the window with the smallest number.
        let window = windows.as_array().expect("windows").iter().find(serves).expect("a window of the line");
        let window = window["id"].as_str().expect("an id").to_owned();
        let hall = Self { app, clerk, approver, issuer, supervisor, window, line };
        hall.ok(&hall.clerk, &format!("/windows/{}/open", hall.window), json!({})).await;
        hall
    }

    async fn ok(&self, actor: &Actor, path: &str, body: Value) -> Value {
        let answer = self.app.post(actor, &format!("/api/v1{path}"), body).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    async fn read(&self, actor: &Actor, path: &str) -> Value {
        let answer = self.app.get(actor, &format!("/api/v1{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.body
    }

    /// A read that must not be answered.
    async fn not_read(&self, actor: &Actor, path: &str, status: StatusCode) {
        let answer = self.app.get(actor, &format!("/api/v1{path}")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }

    async fn put(&self, actor: &Actor, path: &str, body: Value) -> Answer {
        self.app.send(actor, Method::PUT, &format!("/api/v1{path}"), None, Some(body)).await
    }

    /// Time passes while everybody stays at work: a session that rests for half an hour is over.
    async fn pass(&self, ms: i64) {
        let mut left = ms;
        while left > 0 {
            let step = left.min(20 * MINUTE_MS);
            self.app.clock.advance(step);
            left -= step;
            for actor in [&self.clerk, &self.approver, &self.issuer, &self.supervisor] {
                self.read(actor, "/sessions/current").await;
            }
        }
    }

    /// Somebody takes a number and says who it is.
    async fn ticket(&self) -> Value {
        let holder = json!({ "name": NAME, "phone": PHONE });
        self.ok(&self.clerk, &format!("/sites/{SITE}/tickets"), json!({ "line_id": self.line, "holder": holder })).await
    }

    async fn call(&self) -> String {
        let called = self.ok(&self.clerk, &format!("/windows/{}/call-next", self.window), json!({})).await;
        called["ticket"]["id"].as_str().expect("somebody waits").to_owned()
    }

    async fn act(&self, ticket: &str, action: &str, body: Value) -> Value {
        self.ok(&self.clerk, &format!("/tickets/{ticket}/{action}"), body).await
    }

    /// Waits, a way of 30 seconds and a service; the ticket is called next.
    async fn serve_next(&self, service_ms: i64) -> String {
        let id = self.call().await;
        self.app.clock.advance(30_000);
        self.act(&id, "start", json!({})).await;
        self.app.clock.advance(service_ms);
        self.act(&id, "finish", json!({ "outcome": "accepted" })).await;
        id
    }

    /// A case of a demo matter with everything handed in, from a ticket if one is given.
    async fn case(&self, matter_end: &str, ticket: Option<&str>) -> Value {
        self.case_with(matter_end, ticket, |_| true).await
    }

    async fn case_with(&self, matter_end: &str, ticket: Option<&str>, keep: impl Fn(&Value) -> bool) -> Value {
        let matter = self.read(&Actor::Nobody, &format!("/matters/m_dc_{matter_end}")).await;
        let materials: Vec<Value> = matter["materials"]
            .as_array()
            .expect("materials")
            .iter()
            .filter(|material| material["situation_ids"] == json!([]) && keep(material))
            .map(|material| json!({ "material_id": material["id"], "status": "collected", "originals": 1 }))
            .collect();
        let body = json!({
            "site_id": SITE, "matter_id": matter["id"], "situation_ids": [], "ticket_id": ticket,
            "applicant": { "kind": "person", "name": NAME, "id_type": "resident_id", "id_number": ID_NUMBER, "phone": PHONE },
            "materials": materials,
        });
        self.ok(&self.clerk, "/cases", body).await
    }

    async fn tracking(&self, code: &Value) -> Value {
        self.read(&Actor::Nobody, &format!("/tracking/{}", code.as_str().expect("a code"))).await
    }
}

/// The text at a path of names, for short assertions.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn titles(tracking: &Value) -> Vec<(String, bool)> {
    let entry = |entry: &Value| (text(entry, "title").to_owned(), entry["done"] == json!(true));
    tracking["timeline"].as_array().expect("a timeline").iter().map(entry).collect()
}

/// Nothing about the person, the staff or a rating's level stands in a public answer.
fn is_public(answer: &Value) {
    let shown = answer.to_string();
    for secret in [NAME, ID_NUMBER, PHONE, "王*明", "139****5520", "s_dc_", "p_dc_", "satisfied", "query_code"] {
        assert!(!shown.contains(secret), "{secret} stands in {shown}");
    }
}
