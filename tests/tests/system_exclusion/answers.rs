//! What was answered against what stands in the log: nothing is answered that is not there, nothing is
//! there that nobody was answered, numbers grow in the order of the answers, and "nobody waits" is true.
//! Naive on purpose, and must not call a rule of the hall.

use std::collections::BTreeMap;

use domain::hall::{Event, Fact};
use domain::ids::WindowId;
use serde_json::Value;

use super::callers::Done;
use super::observers::chronicle::Chronicle;
use super::observers::{Panel, Step};

/// A run as it was told: by the log and by the answers.
#[derive(Debug, Clone)]
pub struct Told {
    pub events: Vec<Event>,
    pub done: Vec<Done>,
}

/// What happened, as both the log and an answer tell it.
type Happened = (String, String, String);

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What an answer says that happened.
fn answered(done: &Done) -> Option<Happened> {
    let kind = match done.action.as_str() {
        "tickets" => return Some(("ticket_issued".to_owned(), text(&done.answer["id"]), text(&done.answer["number"]))),
        "call-next" => {
            let (ticket, code) = (&done.answer["ticket"]["id"], &done.answer["reason"]["code"]);
            let called = format!("{} {}", done.object, text(code));
            return ticket.is_string().then(|| ("ticket_called".to_owned(), text(ticket), called));
        }
        "start" => "ticket_started",
        "finish" => "ticket_finished",
        "miss" => "ticket_missed",
        "recall" => "ticket_recalled",
        "park" => "ticket_parked",
        "put-back" => "ticket_put_back",
        "transfer" => "ticket_transferred",
        "top" => "ticket_topped",
        "untop" => "ticket_untopped",
        "abandon" => "ticket_abandoned",
        _ => return None,
    };
    Some((kind.to_owned(), done.object.clone(), String::new()))
}

/// The same as an event tells it.
fn logged(event: &Event) -> Option<Happened> {
    let more = match &event.fact {
        Fact::TicketIssued { number, .. } => number.clone(),
        Fact::TicketCalled { window_id, reason, .. } => format!("{window_id} {}", reason.code()),
        Fact::TicketStarted { .. }
        | Fact::TicketFinished { .. }
        | Fact::TicketMissed { .. }
        | Fact::TicketRecalled { .. }
        | Fact::TicketParked { .. }
        | Fact::TicketPutBack { .. }
        | Fact::TicketTransferred { .. }
        | Fact::TicketTopped { .. }
        | Fact::TicketUntopped { .. }
        | Fact::TicketAbandoned { .. } => String::new(),
        _ => return None,
    };
    Some((event.kind().to_owned(), event.ticket_id()?.to_string(), more))
}

impl Told {
    /// How many events are of a kind.
    pub fn count(&self, kind: &str) -> usize {
        self.events.iter().filter(|event| event.kind() == kind).count()
    }

    /// Everything that is wrong.
    pub fn faults(&self) -> Vec<String> {
        let mut panel = Panel::default();
        self.events.iter().for_each(|event| panel.show(&Step::Event(event.clone())));
        let watched = panel.faults().iter().map(|fault| format!("{}: {}", fault.observer, fault.text));
        watched.chain(self.compared()).collect()
    }

    /// Everything in which the answers are wrong.
    pub fn compared(&self) -> Vec<String> {
        let mut faults = self.unclear();
        faults.extend(self.happened_otherwise());
        faults.extend(self.numbers_out_of_order());
        faults.extend(self.nobody_and_yet_somebody());
        faults
    }

    /// Answers that no caller should see, and keys with two outcomes.
    fn unclear(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut keys: BTreeMap<&str, &Done> = BTreeMap::new();
        for done in &self.done {
            let is_refusal = done.status == 409 && done.answer["code"].is_string();
            if !(is_refusal || matches!(done.status, 200 | 201)) {
                faults.push(format!("unclear: {done:?}"));
            }
            let Some(twin) = keys.insert(&done.key, done) else { continue };
            if (twin.status, &twin.answer) != (done.status, &done.answer) {
                faults.push(format!("two outcomes: {twin:?} and {done:?}"));
            }
            if twin.replayed == done.replayed {
                faults.push(format!("done twice under one key: {twin:?} and {done:?}"));
            }
        }
        faults
    }

    /// What was answered and does not stand in the log, and the other way round.
    fn happened_otherwise(&self) -> Vec<String> {
        let mut balance: BTreeMap<Happened, i64> = BTreeMap::new();
        let well = self.done.iter().filter(|done| matches!(done.status, 200 | 201) && !done.replayed);
        for happened in well.filter_map(answered) {
            *balance.entry(happened).or_default() += 1;
        }
        for happened in self.events.iter().filter_map(logged) {
            *balance.entry(happened).or_default() -= 1;
        }
        let wrong = balance.into_iter().filter(|(_, count)| *count != 0);
        wrong
            .map(|(what, count)| format!("{}: {what:?} {count:+}", if count > 0 { "answered, not done" } else { "done, not answered" }))
            .collect()
    }

    /// Of two numbers of a series the one that was answered before the other was asked for is smaller.
    fn numbers_out_of_order(&self) -> Vec<String> {
        let days: BTreeMap<&str, String> = self
            .events
            .iter()
            .filter_map(|event| match &event.fact {
                Fact::TicketIssued { ticket_id, date, .. } => Some((ticket_id.as_str(), date.to_string())),
                _ => None,
            })
            .collect();
        let mut series: BTreeMap<String, Vec<(u32, &Done)>> = BTreeMap::new();
        for done in self.done.iter().filter(|done| done.action == "tickets" && done.status == 201 && !done.replayed) {
            let number = text(&done.answer["number"]);
            let letters = number.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned();
            let serial = number[letters.len()..].parse().unwrap_or_default();
            // A day that begins meanwhile begins its series anew.
            let day = done.answer["id"].as_str().and_then(|id| days.get(id)).cloned().unwrap_or_default();
            series.entry(format!("{day} {letters}")).or_default().push((serial, done));
        }
        let mut faults = Vec::new();
        for (name, mut given) in series {
            given.sort_by_key(|(serial, _)| std::cmp::Reverse(*serial));
            let mut first_answer = u128::MAX;
            for (serial, done) in given {
                if done.sent_us > first_answer {
                    faults.push(format!("out of order: {name}{serial} was asked for when a later number was answered already: {done:?}"));
                }
                first_answer = first_answer.min(done.answered_us);
            }
        }
        faults
    }

    /// Windows that were told that nobody waits, while at every moment of asking somebody did.
    fn nobody_and_yet_somebody(&self) -> Vec<String> {
        let is_nobody = |done: &&Done| done.action == "call-next" && done.status == 200 && done.answer["ticket"].is_null();
        let mut open: Vec<(&Done, WindowId)> =
            self.done.iter().filter(is_nobody).filter_map(|done| Some((done, WindowId::parse(&done.object)?))).collect();
        let mut chronicle = Chronicle::default();
        for (place, event) in self.events.iter().enumerate() {
            chronicle.take(event);
            // What holds after this event holds until the next one.
            let until = self.events.get(place + 1).map_or(i64::MAX, |next| next.at);
            open.retain(|(done, window)| {
                let is_then = done.sent_ms <= until && event.at <= done.answered_ms;
                !is_then || chronicle.waiting_for(window, event.at).next().is_some()
            });
        }
        open.iter().map(|(done, _)| format!("somebody waited: {done:?}")).collect()
    }
}
