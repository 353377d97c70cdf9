//! A true run told falsely in one thing at a time: each must be noticed, or the comparison proves nothing.

use domain::hall::Fact;
use serde_json::{Value, json};

use super::answers::Told;
use super::callers::Done;

type Lie = fn(&mut Told) -> Option<()>;

/// Each lie, and how the fault begins that must be found.
const LIES: &[(&str, &str, Lie)] = &[
    ("a number is answered and not in the log", "answered, not done", |told| {
        let place = told.events.iter().position(|event| matches!(event.fact, Fact::TicketIssued { .. }))?;
        told.events.remove(place);
        Some(())
    }),
    ("a number is in the log and nobody was answered", "done, not answered", |told| {
        let place = told.done.iter().position(is_issue)?;
        told.done.remove(place);
        Some(())
    }),
    ("another number is answered", "answered, not done", |told| {
        let done = told.done.iter_mut().find(|done| is_issue(done))?;
        done.answer["number"] = json!("A9999");
        Some(())
    }),
    ("a ticket is answered at two windows", "answered, not done", |told| {
        let mut again = told.done.iter().find(|done| is_call(done))?.clone();
        (again.object, again.key) = ("w_dc_9".to_owned(), "lie".to_owned());
        told.done.push(again);
        Some(())
    }),
    ("another reason is answered", "answered, not done", |told| {
        let done = told.done.iter_mut().find(|done| is_call(done))?;
        done.answer["reason"]["code"] = json!("told_otherwise");
        Some(())
    }),
    ("a ticket is finished twice", "answered, not done", |told| {
        let mut again = told.done.iter().find(|done| done.action == "finish" && done.status == 200)?.clone();
        again.key = "lie".to_owned();
        told.done.push(again);
        Some(())
    }),
    ("a refused start was done", "done, not answered", |told| {
        let done = told.done.iter_mut().find(|done| done.action == "start" && done.status == 200)?;
        (done.status, done.answer) = (409, json!({ "code": "ticket_state" }));
        Some(())
    }),
    ("a command is not taken", "unclear", |told| {
        told.done.first_mut()?.status = 503;
        Some(())
    }),
    ("twins get two numbers", "two outcomes", |told| {
        told.done.iter_mut().find(|done| done.replayed)?.answer["number"] = json!("A9999");
        Some(())
    }),
    ("twins are done twice", "done twice", |told| {
        told.done.iter_mut().find(|done| done.replayed)?.replayed = false;
        Some(())
    }),
    ("who asks later gets the earlier number", "out of order", |told| {
        let first = told.done.iter_mut().filter(|done| is_issue(done)).min_by_key(|done| done.answered_us)?;
        (first.sent_us, first.answered_us) = (u128::MAX - 1, u128::MAX);
        Some(())
    }),
    ("a window is told that nobody waits", "somebody waited", |told| {
        // In the middle of the run, where people wait for every window.
        let place = told.done.len() / 2;
        let done = told.done[place..].iter_mut().find(|done| is_call(done))?;
        done.answer = json!({ "ticket": Value::Null, "reason": Value::Null });
        Some(())
    }),
];

fn is_issue(done: &Done) -> bool {
    done.action == "tickets" && done.status == 201 && !done.replayed
}

fn is_call(done: &Done) -> bool {
    done.action == "call-next" && done.status == 200 && done.answer["ticket"]["id"].is_string()
}

/// Fails when a lie is not noticed.
pub fn are_noticed(told: &Told) {
    for (lie, begins, tell) in LIES {
        let mut false_told = told.clone();
        assert!(tell(&mut false_told).is_some(), "no occasion in this run: {lie}");
        let faults = false_told.compared();
        assert!(faults.iter().any(|fault| fault.starts_with(begins)), "not noticed: {lie}; {faults:?}");
    }
}
