//! What can be asked of a hall: imperative, with everything the rules may not make themselves (ids,
//! codes). Knows nothing of rights beyond the window one holds; roles are checked before.

use serde::{Deserialize, Serialize};

use super::class::TicketAppointment;
use super::day_plan::DayPlan;
use super::paper::PaperNumber;
use super::policy::Configuration;
use super::rearrange::Rearrangement;
use super::state::{Outcome, Priority, Target};
use super::visit::ItemOutcome;
use crate::ids::{LineId, MatterId, PersonId, StaffId, TicketId, WindowId};
use crate::time::Millis;

/// Who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// A member of staff; `None` for a device, a timer or a citizen.
    pub staff: Option<StaffId>,
    /// May act at windows of others.
    pub as_supervisor: bool,
    /// Why a supervisor acts at a window of somebody else.
    #[serde(default)]
    pub reason: Option<String>,
}

impl Actor {
    /// A device, a timer or a citizen.
    #[must_use]
    pub fn machine() -> Self {
        Self::default()
    }

    /// A member of staff at the own window.
    #[must_use]
    pub fn staff(staff: StaffId) -> Self {
        Self { staff: Some(staff), ..Self::default() }
    }

    /// A supervisor of the hall, who may act at every window.
    #[must_use]
    pub fn supervisor(staff: StaffId) -> Self {
        Self { staff: Some(staff), as_supervisor: true, reason: None }
    }

    /// The same with the reason for acting at a window of somebody else, or for a transfer or giving up.
    #[must_use]
    pub fn because(self, reason: Option<String>) -> Self {
        Self { reason, ..self }
    }
}

/// A ticket to be issued, with the ids and codes drawn for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTicket {
    /// A fresh id.
    pub ticket_id: TicketId,
    /// The line, resolved by the application when only matters were named.
    pub line_id: LineId,
    /// Other lines that matters named with it belong to: a window must serve them all.
    #[serde(default)]
    pub also_line_ids: Vec<LineId>,
    /// The matters named.
    pub matter_ids: Vec<MatterId>,
    /// Its class.
    pub priority: Priority,
    /// Who takes it, if known.
    pub holder: Option<PersonId>,
    /// Opaque key of the holder for this day: one live ticket per key and line.
    pub holder_key: Option<String>,
    /// The same holder's keys of the days around: a ticket that was carried over keeps that of its own day, and one
    /// given before a clock was put back over midnight that of tomorrow. They are asked here and stand in no event.
    #[serde(default)]
    pub other_keys: Vec<String>,
    /// The appointment that is checked in with it.
    #[serde(default)]
    pub appointment: Option<TicketAppointment>,
    /// The holder left a phone number and can be told that the turn comes.
    #[serde(default)]
    pub phone_left: bool,
    /// A fresh code for the slip's QR.
    pub tracking_code: String,
    /// A fresh short code, unique within the site and day.
    pub short_code: String,
}

impl NewTicket {
    /// An ordinary ticket of nobody in a line, with the id and codes drawn for it.
    #[must_use]
    pub fn ordinary(ticket_id: TicketId, line_id: LineId, tracking_code: String, short_code: String) -> Self {
        Self {
            ticket_id,
            line_id,
            also_line_ids: Vec::new(),
            matter_ids: Vec::new(),
            priority: Priority::Ordinary,
            holder: None,
            holder_key: None,
            other_keys: Vec::new(),
            appointment: None,
            phone_left: false,
            tracking_code,
            short_code,
        }
    }

    /// Every line that its matters belong to, the one it stands in first.
    pub fn line_ids(&self) -> impl Iterator<Item = &LineId> {
        std::iter::once(&self.line_id).chain(&self.also_line_ids)
    }

    /// The keys under which a live ticket would be the holder's.
    pub fn holder_keys(&self) -> impl Iterator<Item = &str> {
        self.holder_key.iter().chain(&self.other_keys).map(String::as_str)
    }
}

/// Where a transferred ticket lines up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// Before those in order.
    First,
    /// Behind everybody.
    Last,
    /// By the time it was issued.
    #[default]
    Lifetime,
}

/// What can be asked of a hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Replace lines, windows, hours and policy.
    Configure {
        /// The new configuration.
        configuration: Configuration,
    },
    /// Replace them at an instant to come.
    ScheduleConfiguration {
        /// When.
        from: Millis,
        /// The new configuration.
        configuration: Configuration,
    },
    /// Do not replace them at that instant.
    CancelConfiguration {
        /// When it would have been.
        from: Millis,
    },
    /// Put up, change or take down one line or window; all else stays as it is.
    Rearrange {
        /// What.
        change: Rearrangement,
    },
    /// Take in who is planned where on a day.
    PlanDay {
        /// The plan.
        plan: DayPlan,
    },
    /// The timer: close a day that is over, return missed tickets whose time has come.
    Tick,
    /// Give a number.
    Issue(NewTicket),
    /// Enter a paper number that was given when everything was down.
    EnterPaper {
        /// The ticket, with its line and holder.
        ticket: NewTicket,
        /// What stands on the paper, and what came of it.
        paper: PaperNumber,
    },
    /// Sit down at a window, come back from a pause, or change its lines.
    OpenWindow {
        /// The window.
        window_id: WindowId,
        /// Other lines than the configured ones.
        line_ids: Option<Vec<LineId>>,
    },
    /// Leave a window for a while.
    PauseWindow {
        /// The window.
        window_id: WindowId,
        /// Why, for people.
        text: Option<String>,
    },
    /// Leave a window.
    CloseWindow {
        /// The window.
        window_id: WindowId,
    },
    /// Take the place of the person at a window (AB角), its ticket included.
    TakeOver {
        /// The window.
        window_id: WindowId,
        /// Why.
        reason: String,
    },
    /// Call for the supervisor.
    RequestHelp {
        /// The window.
        window_id: WindowId,
        /// Why.
        reason: Option<String>,
    },
    /// A supervisor says: I am coming.
    AcknowledgeHelp {
        /// The window.
        window_id: WindowId,
    },
    /// Help is no longer needed.
    ResolveHelp {
        /// The window.
        window_id: WindowId,
    },
    /// Call the next ticket by the rules.
    CallNext {
        /// The window.
        window_id: WindowId,
    },
    /// Call a ticket by name, out of order.
    CallTicket {
        /// The window.
        window_id: WindowId,
        /// The ticket.
        ticket_id: TicketId,
        /// Why.
        reason: String,
    },
    /// Serve somebody without a ticket at once.
    WalkIn {
        /// The window.
        window_id: WindowId,
        /// The ticket of the visit.
        ticket: NewTicket,
    },
    /// Call the called ticket again.
    Recall {
        /// The ticket.
        ticket_id: TicketId,
    },
    /// The person came.
    Start {
        /// The ticket.
        ticket_id: TicketId,
    },
    /// The visit is over.
    Finish {
        /// The ticket.
        ticket_id: TicketId,
        /// With what result.
        outcome: Outcome,
    },
    /// The visit is about one thing more.
    AddItem {
        /// The ticket.
        ticket_id: TicketId,
        /// The line of the new thing.
        line_id: LineId,
        /// Its matter, if it is known.
        matter_id: Option<MatterId>,
    },
    /// What came of one thing of the visit; the visit goes on.
    SettleItem {
        /// The ticket.
        ticket_id: TicketId,
        /// Which one, and what came of it.
        settled: ItemOutcome,
    },
    /// The visit is over, with an outcome for each thing that has none yet.
    FinishEach {
        /// The ticket.
        ticket_id: TicketId,
        /// The outcomes that are missing.
        outcomes: Vec<ItemOutcome>,
    },
    /// Nobody came.
    Miss {
        /// The ticket.
        ticket_id: TicketId,
        /// Why.
        reason: Option<String>,
    },
    /// Put a missed ticket back by its time of issue.
    Requeue {
        /// The ticket.
        ticket_id: TicketId,
    },
    /// Take a called or served ticket from its window and let it wait by its time of issue, as when the
    /// window's computer died.
    PutBack {
        /// The ticket.
        ticket_id: TicketId,
        /// Why.
        reason: String,
    },
    /// Set aside.
    Park {
        /// The ticket.
        ticket_id: TicketId,
        /// Why.
        reason: Option<String>,
    },
    /// Bring back a parked ticket: called at once to the actor's window if that is open and free, else
    /// it waits at the head.
    Resume {
        /// The ticket.
        ticket_id: TicketId,
    },
    /// Hand over to another line or window.
    Transfer {
        /// The ticket.
        ticket_id: TicketId,
        /// Where to.
        to: Target,
        /// Where it lines up.
        position: Position,
        /// Every key of its holder for the days around, as [`NewTicket::other_keys`]: another live ticket of the same
        /// person in that line may be of another day. Whoever does not know them gives none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holder_keys: Vec<String>,
    },
    /// Move to the top.
    Top {
        /// The ticket.
        ticket_id: TicketId,
        /// Why.
        reason: String,
    },
    /// Undo the move to the top.
    Untop {
        /// The ticket.
        ticket_id: TicketId,
    },
    /// Give the number up.
    Abandon {
        /// The ticket.
        ticket_id: TicketId,
    },
    /// Issue no more numbers in a line.
    StopLine {
        /// The line.
        line_id: LineId,
        /// Why and until when, for people.
        text: String,
    },
    /// Issue numbers again.
    ResumeLine {
        /// The line.
        line_id: LineId,
    },
    /// Another keeper takes over by a person's word: whoever has a number now is left to the one before.
    Part {
        /// The term of the one before.
        term: u64,
    },
    /// What was left to a keeper is everybody's again: it handed over, or a person says that it calls nothing.
    Rejoin {
        /// Its term; all of them without one.
        term: Option<u64>,
    },
}
