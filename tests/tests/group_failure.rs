//! One poisoned command never fails its neighbours: a group that cannot be stored is dropped, the halls
//! are read again, and each command is tried once alone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{Method, StatusCode};
use serde_json::json;
use server::store::{ChangeSet, CommitStore, Receipt, StoreError, Stored};
use tests::app::{Actor, TestApp};

const SITE: &str = "demo-center";
/// What the poisoned commands name.
const POISON: &str = "l_dc_build";

/// A store that is slow, so that commands wait for each other, and takes no ticket of one line.
struct Poisoned {
    inner: Arc<dyn CommitStore>,
    largest: Arc<AtomicUsize>,
}

#[async_trait]
impl CommitStore for Poisoned {
    async fn commit(&self, group: &[ChangeSet]) -> Stored<Vec<Receipt>> {
        self.largest.fetch_max(group.len(), Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
        let issues = |set: &ChangeSet| set.events.iter().any(|event| event.kind == "ticket_issued" && event.body.contains(POISON));
        if group.iter().any(issues) {
            return Err(StoreError::Database("disk I/O error".to_owned()));
        }
        self.inner.commit(group).await
    }

    fn spans_sites(&self) -> bool {
        self.inner.spans_sites()
    }

    async fn ping(&self) -> Stored<()> {
        self.inner.ping().await
    }
}

/// So many take a number at once, every so-manieth of the line that cannot be stored; the numbers that were given.
async fn taken_at_once(callers: usize, poisoned: Option<usize>) -> BTreeSet<String> {
    let largest = Arc::new(AtomicUsize::new(0));
    let seen = largest.clone();
    let app = Arc::new(TestApp::committing_through(move |inner| Arc::new(Poisoned { inner, largest: seen })).await);
    let clerk = app.sign_in("clerk1").await;
    let opened = app.post(&clerk, "/api/v1/windows/w_dc_1/open", json!({})).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
    let mut waiting = Vec::new();
    for caller in 0..callers {
        let app = app.clone();
        let line = if poisoned.is_some_and(|each| caller % each == each - 1) { POISON } else { "l_dc_demo-line" };
        waiting.push(tokio::spawn(async move {
            let (path, key) = (format!("/api/v1/sites/{SITE}/tickets"), format!("g{caller}"));
            let kiosk = Actor::Device("demo-kiosk".to_owned());
            (line, app.send(&kiosk, Method::POST, &path, Some(&key), Some(json!({ "line_id": line }))).await)
        }));
    }
    let (mut numbers, mut given) = (BTreeSet::new(), 0);
    for caller in waiting {
        let (line, answer) = caller.await.expect("a caller ends");
        if line == POISON {
            assert_eq!((answer.status, &answer.body["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("store_unavailable")));
        } else {
            assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
            numbers.insert(answer.body["number"].as_str().expect("a number").to_owned());
            given += 1;
        }
    }
    assert_eq!(numbers.len(), given, "no number twice");
    assert!(largest.load(Ordering::SeqCst) > 1, "commands did share a group");
    let tickets = app.app.stores.halls.tickets_between(SITE, "2026-01-01", "2026-12-31").await.expect("tickets");
    assert_eq!(tickets.len(), given, "nothing of a refused command is kept");
    numbers
}

fn consecutive(last: usize) -> BTreeSet<String> {
    (1..=last).map(|serial| format!("A{serial:03}")).collect()
}

#[tokio::test]
async fn a_command_that_cannot_be_stored_fails_alone() {
    assert_eq!(taken_at_once(24, Some(6)).await, consecutive(20), "as if the poisoned ones had never been there");
}

/// More than two groups wait, so each is decided while the one before is being stored.
#[tokio::test]
async fn a_group_decided_on_one_that_was_not_stored_is_decided_again() {
    assert_eq!(taken_at_once(120, Some(30)).await, consecutive(116));
}

#[tokio::test]
async fn groups_decided_ahead_go_on_where_the_one_before_ends() {
    assert_eq!(taken_at_once(200, None).await, consecutive(200));
}
