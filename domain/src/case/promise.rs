//! 容缺补正的新期限: what the applicant promised at acceptance and did not keep. The department decides what comes of
//! it (DOMAIN §5): it denies, or it gives one new term, once a case.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::actor::Actor;
use super::command::Context;
use super::event::Change;
use super::permit::when;
use super::refusal::Refusal;
use super::state::{Case, State};
use crate::ids::{MaterialId, StaffId, TextId};
use crate::time::{Millis, local_date};

/// The one new term for what was promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTerm {
    /// When it was given, UTC ms.
    pub at: Millis,
    /// By whom.
    pub by: Option<StaffId>,
    /// The day that was missed.
    pub missed: NaiveDate,
    /// The new last day.
    pub due: NaiveDate,
    /// Why; the applicant is told.
    pub reason: TextId,
}

impl Case {
    /// The earliest day that was promised, is over and was not kept.
    #[must_use]
    pub fn missed_promise(&self, today: NaiveDate) -> Option<NaiveDate> {
        self.open_promises().into_iter().filter_map(|entry| entry.due).min().filter(|due| *due < today)
    }

    /// Whether the department may give a new term now.
    pub(super) fn new_term_open(&self, actor: &Actor, context: &Context) -> Result<(), Refusal> {
        if matches!(self.state, State::Decided { .. }) {
            // What was denied needs no materials any more.
            when(self.is_held(), Refusal::WrongState { action: Action::NewTerm, state: self.state.name() })?;
        } else {
            self.own_review(actor, context)?;
        }
        when(self.new_term.is_none(), Refusal::NewTermGiven)?;
        when(self.missed_promise(local_date(context.now)).is_some(), Refusal::PromiseNotMissed)
    }

    /// The new term, for everything that was missed.
    pub(super) fn term_given(&self, due: NaiveDate, reason: &TextId, now: Millis) -> Change {
        let today = local_date(now);
        let missed = self.open_promises().into_iter().filter(|entry| entry.due.is_some_and(|due| due < today));
        Change::PromiseExtended { due, reason: reason.clone(), materials: missed.map(|entry| entry.material.clone()).collect() }
    }

    pub(super) fn promise_extended(&mut self, due: NaiveDate, reason: &TextId, of: &[MaterialId], at: Millis, by: Option<&StaffId>) {
        let mut missed = due;
        for entry in self.materials.iter_mut().filter(|entry| of.contains(&entry.material)) {
            missed = missed.min(entry.due.unwrap_or(due));
            entry.due = Some(due);
        }
        self.new_term = Some(NewTerm { at, by: by.cloned(), missed, due, reason: reason.clone() });
    }
}

/// The last day of a new term: not past, and no later than a case that were accepted today would be decided by.
pub(super) fn check(due: NaiveDate, context: &Context) -> Result<(), Refusal> {
    let invalid = |code, message| Err(Refusal::Invalid { field: "due", code, message });
    if due < local_date(context.now) {
        return invalid("due_past", "新期限不能是过去的日子。");
    }
    if context.promised_due.is_some_and(|last| due > last) {
        return invalid("due_too_late", "新期限不得晚于从今天算起的承诺期限。");
    }
    Ok(())
}
