//! What the district acts on: the ledger of its plan, the tiers of its sites, its figures. On every store.

mod figures;
mod ledger;
mod tiers;

use axum::http::{Method, StatusCode};
use serde_json::Value;
use tests::app::Answer;

use crate::stage::Stage;

const DISTRICT: &str = "demo-district";
const CENTER: &str = "demo-center";

/// Requests by account.
pub(crate) struct Office {
    pub stage: Stage,
}

impl Office {
    async fn on(app: tests::app::TestApp) -> Self {
        Self { stage: Stage::on(app).await }
    }

    async fn send(&self, username: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        let actor = self.stage.actor(username).await;
        self.stage.app.send(&actor, method, &format!("/api/v1{path}"), None, body).await
    }

    async fn read(&self, username: &str, path: &str) -> Value {
        self.stage.read(username, path).await
    }

    /// A command that goes well.
    async fn done(&self, username: &str, method: Method, path: &str, body: Value) -> Value {
        let answer = self.send(username, method, path, Some(body)).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// A command that does not, with its code.
    async fn refused(&self, username: &str, method: Method, path: &str, body: Value, status: StatusCode, code: &str) -> Value {
        let answer = self.send(username, method, path, Some(body)).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (status, Some(code)), "{path}: {}", answer.body);
        answer.body
    }

    /// Fields of a 422.
    async fn wrong(&self, username: &str, method: Method, path: &str, body: Value) -> Vec<String> {
        let problem = self.refused(username, method, path, body, StatusCode::UNPROCESSABLE_ENTITY, "invalid").await;
        problem["errors"].as_array().expect("errors").iter().filter_map(|error| error["field"].as_str()).map(str::to_owned).collect()
    }

    fn now(&self) -> i64 {
        self.stage.app.app.now()
    }

    /// Lets time pass until a local instant such as `2026-11-27T12:00:00`.
    fn until(&self, text: &str) {
        let at = chrono::DateTime::parse_from_rfc3339(&format!("{text}+08:00")).expect("an instant").timestamp_millis();
        self.stage.pass(at - self.now());
    }
}
