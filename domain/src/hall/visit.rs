//! What one visit is about. Most visits are about one thing and end with one outcome; somebody who
//! came with several, or thinks of another one at the window, keeps the number, and each thing gets an
//! outcome of its own. For the figures it is one visit.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::state::{Outcome, Ticket};
use crate::ids::{LineId, MatterId};
use crate::time::Millis;

/// Things of one visit.
pub const VISIT_ITEMS_MAX: usize = 10;

/// One thing of a visit (一件事).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitItem {
    /// The line it belongs to.
    pub line_id: LineId,
    /// The matter, if it is known.
    #[serde(default)]
    pub matter_id: Option<MatterId>,
    /// What came of it, once that is known.
    #[serde(default)]
    pub outcome: Option<Outcome>,
}

/// What came of one thing of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemOutcome {
    /// Its place among the ticket's items, from 0.
    pub item: u32,
    /// What came of it.
    pub outcome: Outcome,
}

/// A ticket that nobody called on its own day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The business day it waits on.
    pub date: NaiveDate,
    /// The opening from which it waits; it stands before everybody who takes a number then.
    pub from: Millis,
}

/// Why a ticket ended with the day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryCause {
    /// Waited and was not called: the hall's doing, not the person's.
    #[default]
    UnservedAtClose,
    /// Called and not there, or set aside and not back.
    NotBack,
}

impl VisitItem {
    /// Whether two items are about the same thing.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.line_id == other.line_id && self.matter_id == other.matter_id
    }
}

impl Ticket {
    /// The instant that orders it by its lifetime: its issue, or the opening it was carried over to.
    #[must_use]
    pub fn lifetime_from(&self) -> Millis {
        self.carried.map_or(self.issued_at, |carried| carried.from)
    }

    /// What the visit is about: what was recorded at the window, else what was named when the number
    /// was taken, else the line.
    #[must_use]
    pub fn visit_items(&self) -> Vec<VisitItem> {
        if !self.items.is_empty() {
            return self.items.clone();
        }
        let item = |matter_id| VisitItem { line_id: self.line_id.clone(), matter_id, outcome: None };
        match self.matter_ids.as_slice() {
            [] => vec![item(None)],
            named => named.iter().cloned().map(Some).map(item).collect(),
        }
    }
}

/// The outcome of a whole visit: the most that came of it, in the order of [`Outcome`].
pub(super) fn outcome_of_visit(items: &[VisitItem]) -> Option<Outcome> {
    items.iter().filter_map(|item| item.outcome).min()
}
