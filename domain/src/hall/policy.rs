//! What a site can set: opening hours, the calling policy, the roster, and the configuration of lines
//! and windows. Knows no ticket.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::state::Purpose;
use super::taking::Taking;
use crate::ids::{LineId, WindowId};
use crate::time::{DAY_MS, MINUTE_MS, Millis, local_date, start_of};

/// How many days ahead the next opening is looked for.
const OPENING_SEARCH_DAYS: i64 = 60;

/// A span of one day in minutes after local midnight, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Begin, 0 to 1439.
    pub from_minute: u16,
    /// End, 1 to 1440.
    pub to_minute: u16,
}

/// A date with its own spans: a local closure (none) or a weekend service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    /// The date.
    pub date: NaiveDate,
    /// When the hall is open on it.
    pub spans: Vec<Span>,
}

/// When a hall is open, in local time (UTC+08:00).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OpeningHours {
    /// Always.
    #[default]
    RoundTheClock,
    /// By weekday, with special days.
    Weekly {
        /// Monday first, seven lists.
        week: [Vec<Span>; 7],
        /// Dates that differ from their weekday.
        special_days: Vec<SpecialDay>,
    },
}

impl OpeningHours {
    /// Whether the hall is open at an instant.
    #[must_use]
    pub fn is_open(&self, at: Millis) -> bool {
        let date = local_date(at);
        let Some(spans) = self.spans_on(date) else { return true };
        let minute = (at - start_of(date)) / MINUTE_MS;
        spans.iter().any(|span| (i64::from(span.from_minute)..i64::from(span.to_minute)).contains(&minute))
    }

    /// The next instant after `at` at which the hall opens; `None` if it does not within 60 days.
    #[must_use]
    pub fn opens_at(&self, at: Millis) -> Option<Millis> {
        (0..OPENING_SEARCH_DAYS).find_map(|days| {
            let date = local_date(at + days * DAY_MS);
            let spans = self.spans_on(date)?;
            spans.iter().map(|span| start_of(date) + i64::from(span.from_minute) * MINUTE_MS).filter(|opening| *opening > at).min()
        })
    }

    /// The end of the opening that contains `at`, and whether it is the last of its day; `None` while
    /// closed and for a hall that does not close.
    #[must_use]
    pub fn closes_at(&self, at: Millis) -> Option<(Millis, bool)> {
        let date = local_date(at);
        let (spans, minute) = (self.spans_on(date)?, (at - start_of(date)) / MINUTE_MS);
        let now = spans.iter().find(|span| (i64::from(span.from_minute)..i64::from(span.to_minute)).contains(&minute))?;
        let closes_at = start_of(date) + i64::from(now.to_minute) * MINUTE_MS;
        let is_last = spans.iter().all(|span| span.to_minute <= now.to_minute);
        // Open past midnight without a break is no closing.
        (!self.is_open(closes_at)).then_some((closes_at, is_last))
    }

    /// The spans of a date; `None` round the clock.
    fn spans_on(&self, date: NaiveDate) -> Option<&[Span]> {
        match self {
            Self::RoundTheClock => None,
            Self::Weekly { week, special_days } => Some(
                special_days
                    .iter()
                    .find(|day| day.date == date)
                    .map_or(week[date.weekday().num_days_from_monday() as usize].as_slice(), |day| day.spans.as_slice()),
            ),
        }
    }
}

/// A window that will be staffed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The window.
    pub window_id: WindowId,
    /// Begin.
    pub starts_at: Millis,
    /// End.
    pub ends_at: Millis,
}

/// The calling policy of a site (DOMAIN.md §2); every value is a default that a site can change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// At most one of this many calls goes to the green class while ordinary tickets wait; 1 for no bound.
    pub green_bound: u32,
    /// An ordinary ticket that waits longer goes before the green class, in milliseconds.
    pub over_limit_ms: Millis,
    /// A missed ticket returns after this many calls of its line.
    pub return_after_calls: u32,
    /// A missed ticket returns after this time even without calls, in milliseconds.
    pub return_after_ms: Millis,
    /// A ticket returns by itself at most this often.
    pub returns_max: u32,
    /// A ticket is called again at most this often.
    pub recall_max: u32,
    /// Shortest time between two calls of one ticket, in milliseconds; 0 for none.
    pub recall_cooldown_ms: Millis,
    /// A window that is rostered, or paused, within this time counts as serving for a new ticket, in milliseconds.
    pub roster_lead_ms: Millis,
    /// Who sits where and when.
    pub roster: Vec<Shift>,
    /// What the kiosk says when no window serves a line.
    pub guide_text: String,
    /// The service time assumed for a line without history, in milliseconds.
    pub assumed_service_ms: Millis,
    /// Taking numbers.
    pub taking: Taking,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            green_bound: 3,
            over_limit_ms: 30 * MINUTE_MS,
            return_after_calls: 3,
            return_after_ms: 10 * MINUTE_MS,
            returns_max: 2,
            recall_max: 5,
            recall_cooldown_ms: 0,
            roster_lead_ms: 30 * MINUTE_MS,
            roster: Vec::new(),
            guide_text: "这项业务现在没有窗口办理，请到导办台，工作人员会帮您".to_owned(),
            assumed_service_ms: 8 * MINUTE_MS,
            taking: Taking::default(),
        }
    }
}

/// A line as configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSetup {
    /// Its id.
    pub id: LineId,
    /// Its name for people.
    pub name: String,
    /// One or two letters A–Z, its own within the hall.
    pub prefix: String,
    /// At most so many tickets a day; `None` for no limit.
    pub daily_contingent: Option<u32>,
}

/// A window as configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowSetup {
    /// Its id.
    pub id: WindowId,
    /// The number above it, its own within the hall.
    pub number: u16,
    /// What it is for.
    pub purpose: Purpose,
    /// The lines it serves.
    pub line_ids: Vec<LineId>,
}

/// The whole configuration of a hall; it replaces the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Every line.
    pub lines: Vec<LineSetup>,
    /// Every window.
    pub windows: Vec<WindowSetup>,
    /// When the hall is open.
    pub hours: OpeningHours,
    /// The calling policy.
    pub policy: Policy,
}
