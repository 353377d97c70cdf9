//! The improvement plan of a district: its ledger 台账, the tiers of its sites, the lists of what belongs into the hall.
//!
//! The log is the store: each document is an event that holds the whole of it, each report and assessment an event of
//! its own, and what somebody wrote is a sealed text that the event names. The ledger's events stand in the log of the
//! district's site, so that a week is cut at one position of one log.

mod checklist;
mod contacts;
mod cut;
mod documents;
mod ledger;
mod progress;
mod reminders;
mod sheet;
mod tasks;
mod tiers;

pub use checklist::{ChecklistRequest, EntryListRequest};
pub use contacts::{LedgerContactRequest, LedgerContactView, LedgerContactsRequest};
pub use ledger::{LedgerColumnView, LedgerReportView, LedgerTaskView, LedgerView};
pub use progress::{LedgerProgressRequest, LedgerProgressView};
pub use tasks::LedgerTasksRequest;
pub use tiers::{TierAnswer, TierConfirmation, TierItemView, TierRequest, TierSummary, TierView};

use domain::plan::{PlanFault, Week, WeekFault};

use super::error::{Answer, AppError, FieldErrors};

/// Every fault of a document as a field error.
fn told(faults: Vec<PlanFault>) -> AppError {
    let mut errors = FieldErrors::default();
    for fault in faults {
        errors.add(&fault.field, fault.code, fault.text);
    }
    errors.check().err().unwrap_or(AppError::NotFound)
}

/// A week of a query; the one that goes on now when none is named.
fn week_of(text: Option<&str>, now: i64) -> Answer<Week> {
    let Some(text) = text else { return Ok(Week::of(now)) };
    Week::parse(text).map_err(|fault| {
        let message = match fault {
            WeekFault::Form => "周写成 2026-W48 的样子",
            WeekFault::NoSuchWeek => "没有这一周：一年只有 52 周，有的年份 53 周",
        };
        AppError::field("week", fault.code(), message)
    })
}
