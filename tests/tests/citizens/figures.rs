//! Figures, made again from the event log by a reader of its own that knows no interval and no table.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use serde_json::{Value, json};
use server::store::LoggedEvent;
use tests::app::{Actor, TestApp};

use super::{Hall, MINUTE_MS, SITE, text};

const TODAY: &str = "2026-11-24";

/// What the log says, by the words of its events alone.
#[derive(Debug, Default)]
struct Told {
    issued: usize,
    walk_ins: BTreeSet<String>,
    since: BTreeMap<String, i64>,
    called: BTreeSet<String>,
    started: BTreeMap<String, i64>,
    served: BTreeMap<String, i64>,
    waits: Vec<i64>,
    servings: Vec<i64>,
    by_window: BTreeMap<String, usize>,
    ratings: BTreeMap<String, bool>,
    visits_rated: BTreeSet<String>,
    received: usize,
    accepted: usize,
    decided: usize,
}

impl Told {
    fn take(&mut self, event: &LoggedEvent) {
        let body: Value = serde_json::from_str(&event.body).expect("a body");
        let ticket = text(&body, "ticket_id").to_owned();
        match event.kind.as_str() {
            "ticket_issued" => {
                self.issued += 1;
                self.since.insert(ticket.clone(), event.at);
                if body["walk_in"] == true {
                    self.walk_ins.insert(ticket);
                }
            }
            // Only the first call ends a wait for service here: nobody in this test is transferred.
            "ticket_called" if self.called.insert(ticket.clone()) && !self.walk_ins.contains(&ticket) => {
                self.waits.push(event.at - self.since[&ticket]);
            }
            "ticket_started" => {
                self.started.insert(ticket, event.at);
            }
            "ticket_parked" => *self.served.entry(ticket.clone()).or_default() += event.at - self.started[&ticket],
            "ticket_finished" => {
                self.servings.push(self.served.get(&ticket).copied().unwrap_or(0) + event.at - self.started[&ticket]);
                *self.by_window.entry(text(&body, "window_id").to_owned()).or_default() += 1;
            }
            "evaluation_recorded" => {
                let of = format!("{}{}", text(&body, "ticket"), text(&body, "case"));
                let content = !text(&body["rating"], "level").contains("dissatisfied");
                if body["subject"] == "visit" {
                    self.visits_rated.insert(of.clone());
                }
                self.ratings.insert(of, content);
            }
            "case_received" => self.received += 1,
            "case_accepted" => self.accepted += 1,
            "case_decided" => self.decided += 1,
            _ => {}
        }
    }

    fn of(events: &[LoggedEvent]) -> Self {
        let mut told = Self::default();
        events.iter().for_each(|event| told.take(event));
        told.waits.sort_unstable();
        told.servings.sort_unstable();
        told
    }
}

fn lengths(sorted: &[i64]) -> Value {
    let at = |percent: usize| sorted[(sorted.len() * percent).div_ceil(100) - 1] / 1000;
    let mean = sorted.iter().sum::<i64>() / sorted.len() as i64 / 1000;
    json!({ "count": sorted.len(), "average_s": mean, "max_s": sorted[sorted.len() - 1] / 1000, "p50_s": at(50), "p90_s": at(90) })
}

async fn rate(hall: &Hall, ticket: &Value, level: &str) {
    let body = json!({ "tracking_code": ticket["tracking_code"], "subject": "visit", "level": level, "reason_codes": [], "channel": "qr" });
    hall.ok(&Actor::Nobody, "/evaluations", body).await;
}

/// A day at the window: a wait of 70 minutes, a missed one, a parked one, a walk-in, one who leaves.
async fn a_day(hall: &Hall) {
    let mut tickets = Vec::new();
    for _ in 0..5 {
        tickets.push(hall.ticket().await);
        hall.app.clock.advance(20_000);
    }
    hall.pass(70 * MINUTE_MS - 100_000).await;
    assert_eq!(hall.serve_next(7 * MINUTE_MS).await, text(&tickets[0], "id"));
    let missed = hall.call().await;
    hall.act(&missed, "miss", json!({})).await;
    hall.serve_next(3 * MINUTE_MS).await;
    let parked = hall.call().await;
    hall.act(&parked, "start", json!({})).await;
    hall.pass(2 * MINUTE_MS).await;
    hall.act(&parked, "park", json!({})).await;
    hall.pass(30 * MINUTE_MS).await;
    // Called back to its window at once.
    let resumed = hall.act(&parked, "resume", json!({})).await;
    assert_eq!(resumed["state"], "called");
    hall.act(&parked, "start", json!({})).await;
    hall.app.clock.advance(4 * MINUTE_MS);
    hall.act(&parked, "finish", json!({ "outcome": "accepted" })).await;
    let walk_in = hall.ok(&hall.clerk, &format!("/windows/{}/walk-in", hall.window), json!({ "line_id": hall.line })).await;
    let id = text(&walk_in["ticket"], "id").to_owned();
    if walk_in["ticket"]["state"] == "called" {
        hall.act(&id, "start", json!({})).await;
    }
    hall.app.clock.advance(MINUTE_MS);
    hall.act(&id, "finish", json!({ "outcome": "consulted" })).await;
    hall.act(text(&tickets[4], "id"), "abandon", json!({})).await;
    rate(hall, &tickets[0], "satisfied").await;
    rate(hall, &tickets[0], "dissatisfied").await;
    rate(hall, &tickets[2], "basically_satisfied").await;
    rate(hall, &walk_in["ticket"], "very_satisfied").await;

    let case = hall.case("demo-promised", None).await;
    hall.case("demo-promised", None).await;
    let at = |action: &str| format!("/cases/{}/{action}", text(&case, "id"));
    hall.ok(&hall.clerk, &at("accept"), json!({})).await;
    hall.ok(&hall.approver, &at("claim"), json!({})).await;
    hall.ok(&hall.approver, &at("approve"), json!({ "opinion": "同意" })).await;
}

/// Rows made again from the log are those that are stored; a changed one is named.
async fn the_log_says_the_same(hall: &Hall) {
    let stores = &hall.app.app.stores;
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
    let again = server::app::figures::recompute(stores, SITE, day, day).await.expect("it can be made again");
    assert!(again.agrees() && again.tickets == 6 && again.intervals > 15, "{again:?}");
    let rows = stores.halls.intervals_between(SITE, TODAY, TODAY).await.expect("rows");
    let sound = rows.iter().find(|row| row.state == "serving").expect("somebody was served").clone();
    let tampered = server::store::IntervalRow { end_ms: sound.end_ms + MINUTE_MS, ..sound.clone() };
    for (row, differences) in [(tampered, 1), (sound.clone(), 0)] {
        let mut set = server::store::ChangeSet::new(SITE);
        set.row(row);
        stores.commit.commit(&[set]).await.expect("the row is written");
        let again = server::app::figures::recompute(stores, SITE, day, day).await.expect("it can be made again");
        assert_eq!((again.difference_count, again.agrees()), (differences, differences == 0), "{again:?}");
        assert!(again.differences.iter().all(|one| one.ticket_id == sound.ticket_id && one.place == Some(sound.ordinal)), "{again:?}");
    }
}

async fn the_table_can_be_taken_away(hall: &Hall, path: &str) {
    let taken = hall.app.get(&hall.supervisor, &format!("/api/v1{path}.csv?from={TODAY}&to={TODAY}")).await;
    assert_eq!(taken.status, StatusCode::OK);
    hall.not_read(&hall.clerk, &format!("{path}.csv?from={TODAY}&to={TODAY}"), StatusCode::FORBIDDEN).await;
    hall.not_read(&hall.supervisor, &format!("{path}.csv?from=x&to=y"), StatusCode::UNPROCESSABLE_ENTITY).await;
}

async fn figures_come_from_the_log(app: TestApp) {
    let hall = Hall::on(app).await;
    let path = format!("/sites/{SITE}/figures");
    let empty = hall.read(&hall.supervisor, &format!("{path}?from={TODAY}&to={TODAY}")).await;
    assert_eq!((&empty["tickets_issued"], &empty["average_wait_s"], &empty["satisfaction"]), (&json!(0), &Value::Null, &Value::Null));
    a_day(&hall).await;
    let figures = hall.read(&hall.supervisor, &format!("{path}?from={TODAY}&to={TODAY}")).await;
    let told = Told::of(&hall.app.app.stores.events.events_after(SITE, 0, 10_000).await.expect("the log"));

    assert_eq!((&figures["tickets_issued"], &figures["tickets_done"]), (&json!(told.issued), &json!(told.servings.len())));
    assert_eq!(figures["waiting"], lengths(&told.waits));
    assert_eq!(figures["serving"], lengths(&told.servings));
    assert_eq!(
        (&figures["average_wait_s"], &figures["average_service_s"]),
        (&figures["waiting"]["average_s"], &figures["serving"]["average_s"])
    );
    let windows = figures["windows"].as_array().expect("windows");
    let by_window: BTreeMap<String, usize> = windows
        .iter()
        .map(|window| (text(window, "window_id").to_owned(), window["tickets_done"].as_u64().unwrap_or(0) as usize))
        .collect();
    assert_eq!(by_window, told.by_window);
    let content = told.ratings.values().filter(|content| **content).count();
    assert_eq!((&figures["evaluations"], &figures["evaluations_content"]), (&json!(told.ratings.len()), &json!(content)));
    assert_eq!(figures["satisfaction"].as_f64(), Some(content as f64 / told.ratings.len() as f64));
    assert_eq!(figures["visits_rated_share"].as_f64(), Some(told.visits_rated.len() as f64 / told.servings.len() as f64));
    let cases = (&figures["cases_received"], &figures["cases_accepted"], &figures["cases_decided"], &figures["cases_decided_on_time"]);
    assert_eq!(cases, (&json!(told.received), &json!(told.accepted), &json!(told.decided), &json!(told.decided)));

    // What happened is known here too: a 70-minute wait counts as 70, follow-ups replace, a walk-in waits for nobody.
    assert_eq!((told.issued, told.servings.len(), told.ratings.len(), content), (6, 4, 3, 2));
    assert!(told.waits[0] >= 70 * MINUTE_MS - 80_000 && figures["waiting"]["max_s"].as_i64().is_some_and(|wait| wait >= 70 * 60));
    assert_eq!(figures["tickets_by_state"], json!({ "abandoned": 1, "done": 4, "waiting": 1 }), "the missed one came back by itself");
    assert_eq!((figures["misses"].as_u64(), figures["serving"]["max_s"].as_i64()), (Some(1), Some(7 * 60)));
    assert_eq!(told.served.values().copied().collect::<Vec<_>>(), [2 * MINUTE_MS], "the time parked is not served");

    for groups in ["lines", "hours", "classes", "days"] {
        for name in ["tickets_issued", "tickets_done", "tickets_abandoned", "tickets_expired", "calls", "misses"] {
            let sum: u64 = figures[groups].as_array().expect("groups").iter().filter_map(|group| group[name].as_u64()).sum();
            assert_eq!(Some(sum), figures[name].as_u64(), "{name} of {groups} add up to the whole");
        }
        for name in ["waiting", "way", "serving"] {
            let sum: u64 = figures[groups].as_array().expect("groups").iter().filter_map(|group| group[name]["count"].as_u64()).sum();
            assert_eq!(Some(sum), figures[name]["count"].as_u64(), "{name} of {groups} add up to the whole");
        }
    }
    the_log_says_the_same(&hall).await;
    the_table_can_be_taken_away(&hall, &path).await;

    let tomorrow = hall.read(&hall.supervisor, &format!("{path}?from=2026-11-25&to=2026-11-30")).await;
    assert_eq!((&tomorrow["tickets_issued"], &tomorrow["evaluations"], &tomorrow["cases_received"]), (&json!(0), &json!(0), &json!(0)));
    for wrong in ["", "?from=2026-11-24", "?from=2026-11-24&to=2026-11-23", "?from=2024-01-01&to=2026-01-01", "?from=x&to=y"] {
        hall.not_read(&hall.supervisor, &format!("{path}{wrong}"), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let span = format!("?from={TODAY}&to={TODAY}");
    for (actor, path, status) in [
        (&Actor::Nobody, path.clone(), StatusCode::UNAUTHORIZED),
        (&hall.clerk, path.clone(), StatusCode::FORBIDDEN),
        (&hall.supervisor, "/sites/demo-sumu/figures".to_owned(), StatusCode::NOT_FOUND),
    ] {
        hall.not_read(actor, &format!("{path}{span}"), status).await;
    }
}

#[test]
fn the_manual_says_what_the_definitions_say() {
    let manual = std::fs::read_to_string(crate::sources::workspace_root().join("docs/use/figures.md")).expect("the manual");
    for one in domain::hall::DEFINITIONS {
        assert!(manual.contains(&format!("| {} | {} |", one.name, one.text)), "{}", one.key);
    }
}

#[tokio::test]
async fn figures_in_memory() {
    figures_come_from_the_log(TestApp::memory().await).await;
}

#[tokio::test]
async fn figures_on_sqlite() {
    figures_come_from_the_log(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn figures_on_postgres() {
    let database = tests::postgres::database();
    figures_come_from_the_log(TestApp::postgres(&database.url).await).await;
}
