//! What a hall is at one moment: its lines, windows, the tickets that go on and its policy.
//!
//! Architecture Invariant: a state is an enum variant that carries that state's facts. Nothing here
//! decides anything, and nothing here knows a person: a holder is a `person_id` and an opaque key.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::balance::Balance;
use super::class::TicketAppointment;
use super::day_plan::DayPlan;
use super::paper::{PaperUsed, PastLetters};
use super::policy::{OpeningHours, Policy, ScheduledConfiguration};
use super::queue::Queues;
use super::sections::SectionCount;
use super::shared::Shared;
use super::turn_times::{Calibration, TurnTimes};
use super::visit::{Carried, ExpiryCause, VisitItem};
pub use super::window::{Purpose, Window, WindowState};
use crate::ids::{LineId, MatterId, PersonId, SiteId, StaffId, TicketId, WindowId};
use crate::time::Millis;

/// A queue with its own letter (业务类).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its id.
    pub id: LineId,
    /// Its name for people.
    pub name: String,
    /// One or two capital letters before the serial.
    pub prefix: String,
    /// At most so many tickets a day; `None` for no limit.
    pub daily_contingent: Option<u32>,
    /// Why no numbers are issued at present, for people.
    pub stopped: Option<String>,
    /// Tickets issued on the business day, walk-ins included.
    pub issued_today: u32,
    /// Tickets of this line called on the business day.
    pub calls_today: u32,
    /// What its people saw of calls to each class on the business day.
    #[serde(default)]
    pub balance: Balance,
    /// How long its tickets keep a window, for estimates.
    #[serde(default)]
    pub turn_times: TurnTimes,
    /// What people waited beside what they were told.
    #[serde(default)]
    pub calibration: Calibration,
    /// Numbers given in the sections of the day that are limited.
    #[serde(default)]
    pub sections: Vec<SectionCount>,
}

/// Whether a ticket belongs to the green channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// In order.
    Ordinary,
    /// 老年人、残疾人、孕妇、军人.
    Green,
}

/// With what result a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 受理.
    Accepted,
    /// 领证.
    Collected,
    /// 咨询.
    Consulted,
    /// 取错事项.
    WrongLine,
    /// 其他.
    Other,
}

/// For whom a ticket waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// Any window that serves the line.
    Line {
        /// The line.
        line_id: LineId,
    },
    /// This window only.
    Window {
        /// The window.
        window_id: WindowId,
    },
}

/// Why a ticket waits at the head, before those in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadCause {
    /// Missed, and back after the calls or minutes of the policy.
    Returned,
    /// Parked, and back.
    Resumed,
    /// Transferred to the first place.
    Transferred,
}

/// The place of a waiting ticket among those of its class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Place {
    /// Before those in order; among each other by `from`.
    Head {
        /// Why.
        cause: HeadCause,
        /// Since when.
        from: Millis,
    },
    /// By `from`: the issue of the ticket (lifetime) or its transfer to the last place.
    InOrder {
        /// The instant that orders.
        from: Millis,
    },
}

impl Place {
    /// The instant that orders.
    #[must_use]
    pub fn orders_from(&self) -> Millis {
        match self {
            Self::Head { from, .. } | Self::InOrder { from } => *from,
        }
    }
}

/// A ticket that was moved to the top (置顶).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topped {
    /// When.
    pub at: Millis,
    /// By whom.
    pub by: Option<StaffId>,
    /// Why.
    pub reason: String,
}

/// The state of a ticket with the facts of that state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum TicketState {
    /// Waits to be called.
    Waiting {
        /// Since when.
        since: Millis,
        /// For whom.
        target: Target,
        /// Its place.
        place: Place,
        /// Whether it was moved to the top.
        topped: Option<Topped>,
    },
    /// Called to a window.
    Called {
        /// Where.
        window_id: WindowId,
        /// Who called.
        staff: StaffId,
        /// The first call.
        at: Millis,
        /// How often it was called again.
        recall_count: u32,
        /// The newest call.
        last_call_at: Millis,
    },
    /// Served at a window.
    Serving {
        /// Where.
        window_id: WindowId,
        /// Who serves.
        staff: StaffId,
        /// The first call.
        called_at: Millis,
        /// Begin of service.
        started_at: Millis,
    },
    /// Set aside by the window (挂起).
    Parked {
        /// Where.
        window_id: WindowId,
        /// Since when.
        at: Millis,
        /// Why.
        reason: Option<String>,
        /// When the desk is to be reminded.
        #[serde(default)]
        remind_at: Option<Millis>,
        /// When it was.
        #[serde(default)]
        reminded_at: Option<Millis>,
    },
    /// Called, and nobody came (过号).
    Missed {
        /// Where.
        window_id: WindowId,
        /// Since when.
        at: Millis,
        /// Why.
        reason: Option<String>,
        /// `calls_today` of its line when it was missed.
        line_calls: u32,
        /// Whether it returns by itself.
        returns: bool,
    },
    /// The visit ended.
    Done {
        /// With what result.
        outcome: Outcome,
        /// When.
        at: Millis,
    },
    /// Given up (弃号).
    Abandoned {
        /// When.
        at: Millis,
    },
    /// Closed at the end of the day.
    Expired {
        /// When: at the end of the day's work, at the latest the last millisecond of its business day.
        at: Millis,
        /// Why.
        #[serde(default)]
        cause: ExpiryCause,
    },
}

impl TicketState {
    /// The state's name in the API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Called { .. } => "called",
            Self::Serving { .. } => "serving",
            Self::Parked { .. } => "parked",
            Self::Missed { .. } => "missed",
            Self::Done { .. } => "done",
            Self::Abandoned { .. } => "abandoned",
            Self::Expired { .. } => "expired",
        }
    }

    /// Since when the ticket is in this state.
    #[must_use]
    pub fn since(&self) -> Millis {
        match self {
            Self::Waiting { since, .. } => *since,
            Self::Serving { started_at, .. } => *started_at,
            Self::Called { at, .. }
            | Self::Parked { at, .. }
            | Self::Missed { at, .. }
            | Self::Done { at, .. }
            | Self::Abandoned { at }
            | Self::Expired { at, .. } => *at,
        }
    }

    /// Whether the visit goes on: not done, abandoned or expired.
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self {
            Self::Waiting { .. } | Self::Called { .. } | Self::Serving { .. } | Self::Parked { .. } | Self::Missed { .. } => true,
            Self::Done { .. } | Self::Abandoned { .. } | Self::Expired { .. } => false,
        }
    }

    /// Since when the ticket keeps a window: its first call there.
    #[must_use]
    pub fn at_window_since(&self) -> Option<Millis> {
        match self {
            Self::Called { at, .. } => Some(*at),
            Self::Serving { called_at, .. } => Some(*called_at),
            _ => None,
        }
    }

    /// The window at which the ticket is called or served.
    #[must_use]
    pub fn at_window(&self) -> Option<&WindowId> {
        match self {
            Self::Called { window_id, .. } | Self::Serving { window_id, .. } => Some(window_id),
            Self::Waiting { .. }
            | Self::Parked { .. }
            | Self::Missed { .. }
            | Self::Done { .. }
            | Self::Abandoned { .. }
            | Self::Expired { .. } => None,
        }
    }
}

/// A place in a queue on one business day (号票).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// The number as printed: prefix and at least three digits.
    pub number: String,
    /// The serial within the prefix and the business day, from 1.
    pub serial: u32,
    /// The business day it was issued on.
    pub date: NaiveDate,
    /// The line it belongs to now.
    pub line_id: LineId,
    /// The lines of its matters, where they are of several: the person is in all of them, wherever the ticket stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matter_line_ids: Vec<LineId>,
    /// The matters named when it was taken.
    pub matter_ids: Vec<MatterId>,
    /// Whether it is of the green channel.
    pub priority: Priority,
    /// Named nothing but quick matters when it was taken.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quick: bool,
    /// Who took it, if known.
    pub holder: Option<PersonId>,
    /// Opaque key of the holder: one live ticket per key and line, see [`Ticket::line_ids`].
    pub holder_key: Option<String>,
    /// The appointment that was checked in with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<TicketAppointment>,
    /// Its holder left a phone number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub phone_left: bool,
    /// Nobody is to be told any more that the turn comes near.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub near_noticed: bool,
    /// It was called before, or is now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_called: bool,
    /// The code in the slip's QR.
    pub tracking_code: String,
    /// The short code on the slip.
    pub short_code: String,
    /// When it was issued.
    pub issued_at: Millis,
    /// Served at once, without waiting.
    pub walk_in: bool,
    /// When a paper number was entered; `issued_at` is when the person came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_at: Option<Millis>,
    /// Who answers for the visit (首问负责): the issuer, then whoever took it last.
    pub first_contact: Option<StaffId>,
    /// How often it was missed.
    pub miss_count: u32,
    /// The wait that was told when it was issued, as reckoned before the stretch of its line, in seconds;
    /// none once it was called.
    #[serde(default)]
    pub told_s: Option<u32>,
    /// The things of the visit, once something was recorded about one; see [`Ticket::visit_items`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<VisitItem>,
    /// Whether it was carried over to another business day, under a marked number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Carried>,
    /// Its state.
    pub state: TicketState,
}

impl Ticket {
    /// The lines in which its holder has no other number: the one it belongs to now first, then those of its matters.
    pub fn line_ids(&self) -> impl Iterator<Item = &LineId> {
        std::iter::once(&self.line_id).chain(self.matter_line_ids.iter().filter(|line_id| **line_id != self.line_id))
    }
}

/// Everything of a hall but its windows and tickets: one document, small, written with every change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HallDoc {
    /// The site.
    pub site: SiteId,
    /// Count of events evolved.
    pub version: u64,
    /// The open business day; `None` before the first command.
    pub business_date: Option<NaiveDate>,
    /// The business day whose last closing time was dealt with.
    #[serde(default)]
    pub closing_passed_on: Option<NaiveDate>,
    /// Time of the newest event; never goes back.
    pub recorded_at: Millis,
    /// The machine's clock when it was last seen behind `recorded_at`; `None` once it caught up.
    pub clock_behind_at: Option<Millis>,
    /// The last serial of each prefix on the business day.
    pub serials: BTreeMap<String, u32>,
    /// Paper numbers that were entered for the last days.
    #[serde(default, skip_serializing_if = "PaperUsed::is_empty")]
    pub paper_used: PaperUsed,
    /// Letters that lines had in the last days.
    #[serde(default, skip_serializing_if = "PastLetters::is_empty")]
    pub past_letters: PastLetters,
    /// The lines by id.
    pub lines: BTreeMap<LineId, Line>,
    /// The windows of the configuration; rows of others are left from an earlier one.
    #[serde(default)]
    pub window_ids: Shared<BTreeSet<WindowId>>,
    /// When the hall is open.
    pub hours: Shared<OpeningHours>,
    /// The rules a site can set.
    pub policy: Shared<Policy>,
    /// Configurations that wait for their time, by that time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scheduled: Vec<ScheduledConfiguration>,
    /// Who is planned where on one day, beside the policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_plan: Option<DayPlan>,
    /// Tickets that were left to an earlier keeper, each with the term of that one: nobody calls them here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left: BTreeMap<TicketId, u64>,
}

/// One site's lines, windows and the tickets that go on: the aggregate that decides about hall commands.
///
/// A clone is cheap: tickets and queues share their structure with the original.
#[derive(Debug, Clone)]
pub struct Hall {
    pub(super) doc: Shared<HallDoc>,
    pub(super) windows: Shared<rpds::RedBlackTreeMapSync<WindowId, Shared<Window>>>,
    pub(super) tickets: rpds::RedBlackTreeMapSync<TicketId, Ticket>,
    pub(super) queues: Queues,
}

impl PartialEq for Hall {
    fn eq(&self, other: &Self) -> bool {
        self.doc == other.doc && self.windows == other.windows && self.tickets == other.tickets
    }
}

impl Hall {
    /// A hall before its first event: nothing is configured, hours are round the clock.
    #[must_use]
    pub fn new(site: SiteId) -> Self {
        Self::from_parts(
            HallDoc {
                site,
                version: 0,
                business_date: None,
                closing_passed_on: None,
                recorded_at: 0,
                clock_behind_at: None,
                serials: BTreeMap::new(),
                paper_used: PaperUsed::default(),
                past_letters: PastLetters::default(),
                lines: BTreeMap::new(),
                window_ids: Shared::default(),
                hours: Shared::default(),
                policy: Shared::default(),
                scheduled: Vec::new(),
                day_plan: None,
                left: BTreeMap::new(),
            },
            Vec::new(),
            Vec::new(),
        )
    }

    /// A hall from its stored parts; the order of windows and tickets does not matter, and tickets that
    /// ended are not taken in.
    #[must_use]
    pub fn from_parts(doc: HallDoc, windows: Vec<Window>, tickets: Vec<Ticket>) -> Self {
        let window_ids = doc.window_ids.clone();
        let live = || tickets.iter().filter(|ticket| ticket.state.is_live());
        let mut queues = Queues::default();
        live().filter(|ticket| !doc.left.contains_key(&ticket.id)).for_each(|ticket| queues.insert(ticket));
        let windows = windows.into_iter().filter(|window| window_ids.contains(&window.id));
        Self {
            doc: doc.into(),
            windows: Shared::new(windows.map(|window| (window.id.clone(), window.into())).collect()),
            tickets: live().map(|ticket| (ticket.id.clone(), ticket.clone())).collect(),
            queues,
        }
    }

    /// The parts to store.
    #[must_use]
    pub fn parts(&self) -> (HallDoc, Vec<Window>, Vec<Ticket>) {
        (HallDoc::clone(&self.doc), self.windows().cloned().collect(), self.tickets.values().cloned().collect())
    }

    /// Everything but windows and tickets.
    #[must_use]
    pub fn doc(&self) -> &HallDoc {
        &self.doc
    }

    /// The site.
    #[must_use]
    pub fn site(&self) -> &SiteId {
        &self.doc.site
    }

    /// Count of events evolved.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.doc.version
    }

    /// One line.
    #[must_use]
    pub fn line(&self, id: &LineId) -> Option<&Line> {
        self.doc.lines.get(id)
    }

    /// The lines by id.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.doc.lines.values()
    }

    /// One window.
    #[must_use]
    pub fn window(&self, id: &WindowId) -> Option<&Window> {
        self.windows.get(id).map(|window| &**window)
    }

    /// The windows by id.
    pub fn windows(&self) -> impl Iterator<Item = &Window> {
        self.windows.values().map(|window| &**window)
    }

    /// The window that a member of staff holds.
    #[must_use]
    pub fn window_of(&self, staff: &StaffId) -> Option<&Window> {
        self.windows().find(|window| window.staff() == Some(staff))
    }

    /// One ticket that goes on. Those that ended live in the store only: a hall is as small as its queue.
    #[must_use]
    pub fn ticket(&self, id: &TicketId) -> Option<&Ticket> {
        self.tickets.get(id)
    }

    /// The tickets that go on, by id.
    pub fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.values()
    }

    /// Whether a ticket was left to an earlier keeper: nobody calls it here.
    #[must_use]
    pub fn is_left(&self, id: &TicketId) -> bool {
        self.doc.left.contains_key(id)
    }

    /// This hall with a ticket that ended, so that what is asked of it is refused by the rules; never stored.
    #[must_use]
    pub fn remembering(&self, ended: Ticket) -> Self {
        let mut hall = self.clone();
        hall.tickets.insert_mut(ended.id.clone(), ended);
        hall
    }
}
