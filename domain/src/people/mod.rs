//! The people of a site: where each comes from and until when, who sits where, who is away and who covers, what
//! attendance and appraisal are made from. Knows no account, no session and no name.

mod appraisal;
mod attendance;
mod engagement;
mod explain;
mod roster;
mod rules;

pub use appraisal::{DecidedSum, DutySum, Facts, Item, LineServing, RatingSum, Score, Sheet, appraise};
pub use attendance::{AttendedDay, DEFINITIONS as ATTENDANCE_DEFINITIONS, attendance};
pub use engagement::{Contract, Engagement, Source};
pub use roster::{Away, LeaveKind, Seat, day_plan, seat_faults};
pub use rules::{PeopleRules, Weights};

/// What is wrong with something about people, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleFault {
    /// Path within the thing.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// For people.
    pub text: String,
}

impl PeopleFault {
    fn new(field: impl Into<String>, code: &'static str, text: impl Into<String>) -> Self {
        Self { field: field.into(), code, text: text.into() }
    }
}
