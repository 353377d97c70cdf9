//! Bad input over HTTP: every action on a ticket in every state, and every action at a window in every
//! state by its clerk, the neighbour and the supervisor. It is done exactly when the ticket said that it
//! can be done; else it is 409 with a code and words, and the log stands where it stood. The actions come
//! from the table of routes, so a new one is tried by itself.

use axum::http::StatusCode;
use domain::time::DAY_MS;
use serde_json::{Value, json};
use tests::app::{Actor, Answer, TestApp};

use crate::rights::table::ROUTES;

const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";
const OTHER_LINE: &str = "l_dc_build";
const WINDOW: &str = "w_dc_1";
const TICKET_STATES: [&str; 8] = ["waiting", "called", "serving", "parked", "missed", "done", "abandoned", "expired"];
const WINDOW_STATES: [&str; 6] = ["closed", "free", "called", "serving", "paused", "help"];
/// Reads and slips, which no state forbids.
const NOT_OF_A_STATE: [&str; 3] = ["reveal", "reprint", "upstream-cases"];

/// What follows `POST` and this beginning in the table of routes.
fn actions(beginning: &str) -> Vec<&'static str> {
    let found: Vec<&str> = ROUTES.iter().filter_map(|(route, _)| route.strip_prefix("POST ")?.strip_prefix(beginning)).collect();
    assert!(found.len() > 5, "{beginning}");
    found.into_iter().filter(|action| !NOT_OF_A_STATE.contains(action)).collect()
}

/// A body that is sound for an action.
fn sound(action: &str, ticket: &str) -> Value {
    match action {
        "finish" => json!({ "outcome": "accepted" }),
        "settle-item" => json!({ "item": 0, "outcome": "accepted" }),
        "add-item" | "walk-in" => json!({ "line_id": OTHER_LINE }),
        "put-back" | "top" | "miss" | "park" | "close" | "take-over" | "help" => json!({ "reason": "试一试" }),
        "pause" => json!({ "text": "马上回来", "reason": "试一试" }),
        "transfer" => json!({ "line_id": OTHER_LINE, "position": "last" }),
        "call" => json!({ "ticket_id": ticket, "reason": "急" }),
        "recall" | "start" | "resume" | "untop" | "abandon" | "requeue" | "open" | "acknowledge-help" | "resolve-help" | "call-next" => {
            json!({})
        }
        new => panic!("write a sound body for {new}"),
    }
}

struct Hall {
    app: TestApp,
    clerk: Actor,
    neighbour: Actor,
    chief: Actor,
    faults: Vec<String>,
    tried: usize,
}

impl Hall {
    async fn build() -> Self {
        let app = TestApp::memory().await;
        let [clerk, neighbour, chief] = [app.sign_in("clerk1").await, app.sign_in("clerk2").await, app.sign_in("supervisor").await];
        let hall = Self { app, clerk, neighbour, chief, faults: Vec::new(), tried: 0 };
        hall.ok(&hall.neighbour, "windows/w_dc_2/open", json!({})).await;
        hall.ok(&hall.clerk, &format!("windows/{WINDOW}/open"), json!({})).await;
        hall
    }

    async fn post(&self, actor: &Actor, path: &str, body: Value) -> Answer {
        self.app.post(actor, &format!("/api/v1/{path}"), body).await
    }

    async fn ok(&self, actor: &Actor, path: &str, body: Value) -> Value {
        let answer = self.post(actor, path, body).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    async fn issue(&self) -> String {
        let issued = self.ok(&self.clerk, &format!("sites/{SITE}/tickets"), json!({ "line_id": LINE })).await;
        issued["id"].as_str().expect("an id").to_owned()
    }

    async fn act(&self, ticket: &str, action: &str) {
        self.ok(&self.clerk, &format!("tickets/{ticket}/{action}"), sound(action, ticket)).await;
    }

    /// A ticket in a state; what is called is called at window 1.
    async fn ticket_in(&self, state: &str) -> String {
        let ticket = self.issue().await;
        if matches!(state, "waiting" | "expired") {
            return ticket;
        }
        if state == "abandoned" {
            self.act(&ticket, "abandon").await;
            return ticket;
        }
        self.ok(&self.clerk, &format!("windows/{WINDOW}/call"), sound("call", &ticket)).await;
        let way: &[&str] = match state {
            "serving" => &["start"],
            "parked" => &["park"],
            "missed" => &["miss"],
            "done" => &["start", "finish"],
            _ => &[],
        };
        for action in way {
            self.act(&ticket, action).await;
        }
        ticket
    }

    async fn read(&self, ticket: &str) -> Value {
        self.app.get(&self.clerk, &format!("/api/v1/tickets/{ticket}")).await.body
    }

    /// Takes a ticket out of the way.
    async fn clear(&self, ticket: &str) {
        let at_window = |state: &Value| state == "called" || state == "serving";
        let found = self.read(ticket).await;
        if at_window(&found["state"]) {
            let because = json!({ "reason": "试完了" });
            self.ok(&self.chief, &format!("tickets/{ticket}/put-back"), because).await;
        }
        let found = self.read(ticket).await;
        if matches!(found["state"].as_str(), Some("waiting" | "parked" | "missed")) {
            self.act(ticket, "abandon").await;
        }
    }

    async fn head(&self) -> (i64, Vec<u8>) {
        let head = self.app.app.stores.events.head(SITE).await.expect("the store").expect("a log");
        (head.seq, head.hash)
    }

    /// Tries something; a refusal must be one of these, in words, and change nothing.
    async fn try_to(&mut self, what: &str, actor: &Actor, path: &str, body: Value, codes: &[&str]) -> bool {
        let before = self.head().await;
        let answer = self.post(actor, path, body).await;
        self.tried += 1;
        if answer.status.is_success() {
            return true;
        }
        let code = answer.body["code"].as_str().unwrap_or_default();
        let in_words = answer.body["detail"].as_str().is_some_and(|text| !text.is_ascii()) && answer.body["trace_id"].is_string();
        let is_clear = answer.status == StatusCode::CONFLICT && codes.contains(&code) && in_words;
        if !is_clear || self.head().await != before {
            self.faults.push(format!("{what}: {} {}", answer.status, answer.body));
        }
        false
    }

    /// An action on a ticket that is in a state.
    async fn act_in(&mut self, state: &str, ticket: &str, action: &str) {
        let shown = self.read(ticket).await;
        assert_eq!(shown["state"], state, "{shown}");
        let word = action.replace('-', "_");
        let is_offered = shown["actions"].as_array().expect("actions").contains(&json!(word));
        let (clerk, path) = (self.clerk.clone(), format!("tickets/{ticket}/{action}"));
        let is_done =
            self.try_to(&format!("{action} in {state}"), &clerk, &path, sound(action, ticket), &["ticket_state", "not_topped"]).await;
        // Nothing is at the top here, so that there is nothing to undo.
        if is_done != (is_offered && action != "untop") {
            self.faults.push(format!("{action} in {state}: offered {is_offered}, done {is_done}"));
        }
    }

    fn judge(self, tried_min: usize) {
        assert!(self.faults.is_empty(), "{} faults:\n{}", self.faults.len(), self.faults.join("\n"));
        assert!(self.tried >= tried_min, "{} tries", self.tried);
        println!("{} tries", self.tried);
    }
}

#[tokio::test]
async fn a_ticket_takes_exactly_the_actions_that_it_offers_in_every_state() {
    let mut hall = Hall::build().await;
    let actions = actions("/tickets/{ticket}/");
    for state in TICKET_STATES.iter().filter(|state| **state != "expired") {
        for action in &actions {
            let ticket = hall.ticket_in(state).await;
            hall.act_in(state, &ticket, action).await;
            hall.clear(&ticket).await;
        }
    }
    // Whoever waits when the day ends has a number that is over.
    let mut over = Vec::new();
    for _ in &actions {
        over.push(hall.ticket_in("expired").await);
    }
    hall.app.clock.advance(DAY_MS);
    hall.app.app.tick_halls().await.expect("the timer");
    hall.clerk = hall.app.sign_in("clerk1").await;
    for (ticket, action) in over.iter().zip(&actions) {
        hall.act_in("expired", ticket, action).await;
    }
    hall.judge(TICKET_STATES.len() * actions.len());
}

/// Window 1 in a state, and the ticket there.
async fn window_in(hall: &Hall, state: &str) -> Option<String> {
    if state == "closed" {
        return None;
    }
    hall.ok(&hall.clerk, &format!("windows/{WINDOW}/open"), json!({})).await;
    match state {
        "called" | "serving" => Some(hall.ticket_in(state).await),
        "paused" | "help" => {
            let action = if state == "paused" { "pause" } else { "help" };
            hall.ok(&hall.clerk, &format!("windows/{WINDOW}/{action}"), sound(action, "")).await;
            None
        }
        _ => None,
    }
}

/// Nobody at window 1 any more, whoever sat there.
async fn left(hall: &Hall) {
    let windows = hall.app.get(&hall.chief, &format!("/api/v1/sites/{SITE}/windows")).await.body;
    let here = windows["items"].as_array().expect("windows").iter().find(|window| window["id"] == WINDOW).cloned().expect("window 1");
    if let Some(ticket) = here["serving"].as_str() {
        hall.clear(ticket).await;
    }
    if here["state"] != "closed" {
        hall.ok(&hall.chief, &format!("windows/{WINDOW}/close"), json!({ "reason": "试完了" })).await;
    }
}

#[tokio::test]
async fn a_window_refuses_clearly_in_every_state_whoever_asks() {
    let mut hall = Hall::build().await;
    let codes = [
        "window_closed",
        "window_busy",
        "window_paused",
        "window_taken",
        "staff_elsewhere",
        "not_your_window",
        "help_open",
        "no_help_open",
    ];
    let actions = actions("/windows/{window}/");
    let clerk_may: Vec<&str> = actions.iter().copied().filter(|action| *action != "acknowledge-help").collect();
    left(&hall).await;
    for state in WINDOW_STATES {
        for (who, allowed) in [("clerk", &clerk_may), ("neighbour", &clerk_may), ("supervisor", &actions)] {
            for action in allowed {
                let there = window_in(&hall, state).await;
                let waits = hall.issue().await;
                let actor = match who {
                    "clerk" => hall.clerk.clone(),
                    "neighbour" => hall.neighbour.clone(),
                    _ => hall.chief.clone(),
                };
                let is_done = hall
                    .try_to(
                        &format!("{action} at a window {state} by {who}"),
                        &actor,
                        &format!("windows/{WINDOW}/{action}"),
                        sound(action, &waits),
                        &codes,
                    )
                    .await;
                if is_done && who == "neighbour" {
                    hall.faults.push(format!("{action} at a window {state} is done by the neighbour"));
                }
                left(&hall).await;
                for ticket in there.iter().chain([&waits]) {
                    hall.clear(ticket).await;
                }
            }
        }
    }
    hall.judge(WINDOW_STATES.len() * (3 * actions.len() - 2));
}

/// Values that no field of a command takes: another site's id, one that is unknown, and what is no id or text at all.
fn wrong_values(field: &str, sound: &Value) -> Vec<Value> {
    let mut values =
        vec![json!("长".repeat(100_000)), json!("a\u{0}b"), json!({ "x": 1 }), json!([]), json!(-1), json!(1e300), json!(true)];
    if field.ends_with("_id") {
        let kind = sound.as_str().and_then(|id| id.split('_').next()).unwrap_or("x");
        values.extend([json!(format!("{kind}_nowhere_1")), json!(format!("{kind}_dc_nothing")), json!(""), json!("../etc")]);
    }
    if matches!(field, "outcome" | "position") {
        values.extend([json!("fast"), json!("ACCEPTED "), json!("")]);
    }
    values
}

/// A body that is sound but for one field, in a state in which the command could be done: the field is named, in words,
/// and nothing changes.
#[tokio::test]
async fn one_wrong_field_of_a_sound_body_is_named_and_changes_nothing() {
    let mut hall = Hall::build().await;
    let of_tickets = [
        ("called", "recall"),
        ("called", "start"),
        ("called", "miss"),
        ("serving", "finish"),
        ("serving", "add-item"),
        ("serving", "settle-item"),
        ("serving", "park"),
        ("serving", "put-back"),
        ("waiting", "transfer"),
        ("waiting", "top"),
        ("waiting", "abandon"),
        ("missed", "requeue"),
    ];
    for (state, action) in of_tickets {
        let ticket = hall.ticket_in(state).await;
        hall.wrong_fields(&format!("tickets/{ticket}/{action}"), sound(action, &ticket)).await;
        assert_eq!(hall.read(&ticket).await["state"], state, "{action}");
        hall.clear(&ticket).await;
    }
    let waits = hall.issue().await;
    // At the own window nobody is asked for a reason.
    let of_windows = ["call", "walk-in", "help"].map(|action| (action, sound(action, &waits)));
    for (action, sound) in of_windows.into_iter().chain([("pause", json!({ "text": "马上回来" }))]) {
        hall.wrong_fields(&format!("windows/{WINDOW}/{action}"), sound).await;
    }
    let stop = format!("lines/{LINE}/stop");
    hall.clerk = hall.chief.clone();
    hall.wrong_fields(&stop, json!({ "text": "14:00 恢复" })).await;
    hall.judge(130);
}

impl Hall {
    /// Each field of a body in turn with each wrong value, one that nobody knows beside it, and required ones left out.
    async fn wrong_fields(&mut self, path: &str, sound: Value) {
        let fields = sound.as_object().cloned().unwrap_or_default();
        for (field, value) in &fields {
            for wrong in wrong_values(field, value) {
                let mut body = sound.clone();
                body[field] = wrong.clone();
                let shown: String = wrong.to_string().chars().take(30).collect();
                self.wrong(&format!("{path} {field}={shown}"), path, body).await;
            }
        }
        let mut body = sound;
        body["nobody_knows"] = json!("x");
        self.wrong(&format!("{path} with a field that nobody knows"), path, body).await;
    }

    async fn wrong(&mut self, what: &str, path: &str, body: Value) {
        let before = self.head().await;
        let answer = self.post(&self.clerk, path, body).await;
        self.tried += 1;
        let says = |value: &Value| value.as_str().is_some_and(|text| !text.is_ascii());
        let is_clear = matches!(answer.status.as_u16(), 400 | 404 | 409 | 413 | 422)
            && answer.body["code"].is_string()
            && says(&answer.body["detail"])
            && answer.body["errors"].as_array().is_none_or(|errors| errors.iter().all(|error| says(&error["message"])));
        if !is_clear || self.head().await != before {
            self.faults.push(format!("{what}: {} {}", answer.status, answer.body));
        }
    }
}
