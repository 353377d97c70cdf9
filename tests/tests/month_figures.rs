//! A month of a hall: the figures that are read, the figures of its days added up, and the figures made
//! again from the log alone are the same.

use axum::http::StatusCode;
use chrono::{Days, NaiveDate};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, local_date, start_of};
use serde_json::{Value, json};
use server::worker::Timers;
use tests::app::{Actor, Answer, TestApp};

const SITE: &str = "demo-center";
const DAYS: u64 = 30;

struct Month {
    app: TestApp,
    timers: Timers,
    line: String,
    other_line: String,
    window: String,
}

impl Month {
    async fn on(app: TestApp) -> Self {
        crate::appointments::make_bookable(&app, |_| {}).await;
        let policy = app.get(&app.sign_in("admin").await, &format!("/api/v1/sites/{SITE}/policy")).await.body;
        let ids: Vec<&str> = policy["lines"].as_array().expect("lines").iter().filter_map(|line| line["id"].as_str()).collect();
        let found = |is_it: fn(&str) -> bool| ids.iter().find(|id| is_it(id)).copied().expect("a line").to_owned();
        let line = found(|id| id.ends_with("demo-line"));
        let other_line = found(|id| !id.ends_with("demo-line"));
        let serves = |window: &&Value| window["line_ids"].as_array().is_some_and(|lines| lines.contains(&json!(line)));
        let window = policy["windows"].as_array().expect("windows").iter().find(serves).expect("a window")["id"].as_str();
        let window = window.expect("an id").to_owned();
        Self { timers: Timers::new(app.app.clone(), None), app, line, other_line, window }
    }

    async fn post(&self, actor: &Actor, path: &str, body: Value) -> Answer {
        self.app.post(actor, &format!("/api/v1/{path}"), body).await
    }

    async fn ok(&self, actor: &Actor, path: &str, body: Value) -> Value {
        let answer = self.post(actor, path, body).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    fn pass(&self, minutes: i64) {
        self.app.clock.advance(minutes * MINUTE_MS);
    }

    /// Half past nine of a date.
    async fn morning_of(&self, date: NaiveDate) {
        self.app.clock.advance(start_of(date) + 9 * HOUR_MS + 30 * MINUTE_MS - self.app.app.now());
        self.timers.run_due().await;
    }

    /// Two places at half past eleven for people who call.
    async fn two_book(&self, date: NaiveDate, day: i64) -> Vec<String> {
        let (guide, mut booked) = (self.app.sign_in("guide1").await, Vec::new());
        for person in 0..2 {
            let holder = json!({ "name": "王小明", "phone": format!("139{:08}", 2 * day + person) });
            let wanted = json!({ "line_id": self.line, "starts_at": format!("{date}T11:30:00+08:00"), "holder": holder });
            let made = self.ok(&guide, &format!("sites/{SITE}/appointments"), wanted).await;
            booked.push(made["id"].as_str().expect("an id").to_owned());
        }
        booked
    }

    /// Of two who booked one comes, ten minutes early; then somebody comes without a number. Both are served.
    async fn late_morning(&self, date: NaiveDate, booked: &[String]) {
        self.app.clock.advance(start_of(date) + 11 * HOUR_MS + 20 * MINUTE_MS - self.app.app.now());
        let (guide, clerk) = (self.app.sign_in("guide1").await, self.app.sign_in("clerk1").await);
        self.ok(&guide, &format!("appointments/{}/check-in", booked[0]), json!({})).await;
        self.pass(12);
        let window = |action: &str| format!("windows/{}/{action}", self.window);
        let called = self.ok(&clerk, &window("call-next"), json!({})).await["ticket"].clone();
        let finish = async |ticket: &Value| {
            self.pass(4);
            let path = format!("tickets/{}/finish", ticket["id"].as_str().expect("an id"));
            self.ok(&clerk, &path, json!({ "outcome": "accepted" })).await;
        };
        self.ok(&clerk, &format!("tickets/{}/start", called["id"].as_str().expect("an id")), json!({})).await;
        finish(&called).await;
        let walked_in = self.ok(&clerk, &window("walk-in"), json!({ "line_id": self.line })).await;
        finish(&walked_in["ticket"]).await;
    }

    /// Numbers, visits of different lengths, one missed, one parked, one sent to another line and back, one given
    /// up, one left over; `false` when the hall is closed.
    async fn a_day(&self, day: i64) -> bool {
        let (guide, clerk) = (self.app.sign_in("guide1").await, self.app.sign_in("clerk1").await);
        let opened = self.post(&clerk, &format!("windows/{}/open", self.window), json!({})).await;
        assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
        let (mut first, mut last) = (None, String::new());
        for place in 0..6 + day % 3 {
            let priority = if place % 3 == 2 { "green" } else { "ordinary" };
            let path = format!("sites/{SITE}/tickets");
            let given = self.post(&guide, &path, json!({ "line_id": self.line, "priority": priority })).await;
            if given.status == StatusCode::CONFLICT {
                assert_eq!(given.body["code"], "hall_closed");
                self.ok(&clerk, &format!("windows/{}/close", self.window), json!({})).await;
                return false;
            }
            last = given.body["id"].as_str().expect("an id").to_owned();
            first.get_or_insert_with(|| last.clone());
            self.pass(1 + place % 2);
        }
        for line in [&self.other_line, &self.line] {
            let first = first.as_deref().expect("somebody came");
            self.ok(&guide, &format!("tickets/{first}/transfer"), json!({ "line_id": line, "reason": "问过了，还是这条队" })).await;
            self.pass(1);
        }
        self.ok(&guide, &format!("tickets/{last}/abandon"), json!({})).await;
        for place in 0..4 {
            let called = self.ok(&clerk, &format!("windows/{}/call-next", self.window), json!({})).await;
            let ticket = called["ticket"]["id"].as_str().expect("somebody waits").to_owned();
            self.pass(1);
            let act = |action: &str| format!("tickets/{ticket}/{action}");
            if place == 1 {
                self.ok(&clerk, &act("miss"), json!({ "reason": "叫了没人来" })).await;
                continue;
            }
            self.ok(&clerk, &act("start"), json!({})).await;
            self.pass(3 + (day + place) % 7);
            if place == 2 {
                self.ok(&clerk, &act("park"), json!({ "reason": "去复印、填表" })).await;
                self.pass(2);
                self.ok(&clerk, &act("resume"), json!({})).await;
                self.ok(&clerk, &act("start"), json!({})).await;
                self.pass(1);
            }
            self.ok(&clerk, &act("finish"), json!({ "outcome": "accepted" })).await;
        }
        true
    }

    async fn figures(&self, from: NaiveDate, to: NaiveDate) -> Value {
        let supervisor = self.app.sign_in("supervisor").await;
        let read = self.app.get(&supervisor, &format!("/api/v1/sites/{SITE}/figures?from={from}&to={to}")).await;
        assert_eq!(read.status, StatusCode::OK, "{}", read.body);
        read.body
    }
}

/// What adds up over days.
const SUMS: [&str; 8] =
    ["tickets_issued", "tickets_done", "tickets_abandoned", "tickets_expired", "tickets_unserved", "tickets_not_back", "calls", "misses"];

async fn a_month_is_the_same_from_the_log(app: TestApp) {
    let month = Month::on(app).await;
    let first = local_date(month.app.app.now() + DAY_MS);
    let (mut open_days, mut sums, mut waits, mut last) = (0, [0; 8], 0, first);
    for day in 0..DAYS {
        last = first + Days::new(day);
        month.morning_of(last).await;
        let number = i64::try_from(day).expect("a day");
        if month.a_day(number).await {
            open_days += 1;
            let booked = month.two_book(last, number).await;
            month.late_morning(last, &booked).await;
        }
    }
    // The last day ends too.
    month.morning_of(last + Days::new(1)).await;
    for day in 0..DAYS {
        let date = first + Days::new(day);
        let figures = month.figures(date, date).await;
        for (sum, name) in sums.iter_mut().zip(SUMS) {
            *sum += figures[name].as_i64().expect("a count");
        }
        waits += figures["waiting"]["count"].as_i64().expect("a count");
    }
    let whole = month.figures(first, last).await;
    assert_eq!(SUMS.map(|name| whole[name].as_i64().expect("a count")), sums, "the days add up to the month");
    assert_eq!(whole["waiting"]["count"], waits);
    assert!(open_days > 18 && sums[1] == 5 * open_days && sums[2] == open_days && sums[7] == open_days, "{open_days} days: {whole}");
    let booked = &whole["appointments"];
    let of_each = ["booked", "checked_in", "no_show", "open"].map(|name| booked[name].as_i64().expect("a count"));
    assert_eq!(of_each, [2 * open_days, open_days, open_days, 0], "{booked}");
    assert_eq!(booked["no_show_share"], 0.5);
    let again = server::app::figures::recompute(&month.app.app.stores, SITE, first, last).await.expect("it can be made again");
    assert!(again.agrees() && again.tickets as i64 == sums[0] && again.intervals > 400, "{again:?}");
}

#[tokio::test]
async fn a_month_is_the_same_from_the_log_in_memory() {
    a_month_is_the_same_from_the_log(TestApp::memory().await).await;
}

#[tokio::test]
async fn a_month_is_the_same_from_the_log_on_sqlite() {
    a_month_is_the_same_from_the_log(TestApp::sqlite().await).await;
}
