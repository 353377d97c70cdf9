//! The people of a site: source and contract, attendance from window sessions, leaves, roster, appraisal, trainings
//! and lists. The clock begins on Tuesday 24 November 2026, 10:00.

mod appraisal;
mod contracts;
mod lists;
mod opening;
mod practice;
mod roster;

use axum::http::{Method, StatusCode};
use serde_json::Value;
use tests::app::{Actor, Answer, TestApp};

pub const SITE: &str = "demo-center";
pub const HOUR_MS: i64 = 3_600_000;
pub const DAY_MS: i64 = 24 * HOUR_MS;

pub async fn put(app: &TestApp, actor: &Actor, path: &str, body: Value) -> Answer {
    app.send(actor, Method::PUT, &format!("/api/v1{path}"), None, Some(body)).await
}

pub async fn post(app: &TestApp, actor: &Actor, path: &str, body: Value) -> Answer {
    app.post(actor, &format!("/api/v1{path}"), body).await
}

/// A read that must be answered.
pub async fn read(app: &TestApp, actor: &Actor, path: &str) -> Value {
    let answer = app.get(actor, &format!("/api/v1{path}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.body
}

/// A command that must be taken.
pub async fn done(app: &TestApp, actor: &Actor, path: &str, body: Value) -> Value {
    let answer = post(app, actor, path, body).await;
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
    answer.body
}

pub fn fields(answer: &Answer) -> Vec<String> {
    let errors = answer.body["errors"].as_array().into_iter().flatten();
    errors.filter_map(|error| error["field"].as_str().map(str::to_owned)).collect()
}

pub fn coded(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default())
}
