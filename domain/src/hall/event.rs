//! What happened in a hall: past tense, complete enough that a hall is rebuilt from its events alone.
//!
//! Architecture Invariant: no personal data. A holder is a `person_id` and an opaque key.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::class::TicketAppointment;
use super::day_plan::DayPlan;
use super::policy::Configuration;
use super::reason::CallReason;
use super::state::{Outcome, Place, Priority, Target};
use super::visit::{ExpiryCause, ItemOutcome, VisitItem};
use crate::ids::{LineId, MatterId, PersonId, StaffId, TicketId, WindowId};
use crate::time::Millis;

/// One event with its time and author; as JSON `{"at", "by", "type", …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened.
    pub at: Millis,
    /// The member of staff who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<StaffId>,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields of an event are those of the state it makes; see state.rs")]
pub enum Fact {
    /// Lines, windows, hours and policy were replaced.
    HallConfigured { configuration: Box<Configuration> },
    /// Lines, windows, hours and policy are to be replaced at an instant.
    HallConfigurationScheduled { from: Millis, configuration: Box<Configuration> },
    /// They are not to be replaced then after all.
    HallConfigurationCancelled { from: Millis },
    /// Their time had come, and something that is in use stood against it.
    ScheduledConfigurationRefused { from: Millis, code: String, text: String },
    /// A business day ended.
    DayClosed { date: NaiveDate },
    /// A business day began: serials restart at 1.
    DayOpened { date: NaiveDate },
    /// The machine's clock was seen more than a minute behind the newest event.
    ClockSteppedBack { clock_ms: Millis },
    /// A line issues no more numbers.
    LineStopped { line_id: LineId, text: String },
    /// A line issues numbers again.
    LineResumed { line_id: LineId },
    /// Somebody sits at a window and serves these lines.
    WindowOpened { window_id: WindowId, staff: StaffId, line_ids: Vec<LineId> },
    /// The person at a window is away for a while.
    WindowPaused { window_id: WindowId, text: Option<String> },
    /// Nobody sits at a window.
    WindowClosed { window_id: WindowId },
    /// Another person sits at a window.
    WindowTakenOver { window_id: WindowId, from: StaffId, staff: StaffId, reason: String },
    /// A window called for the supervisor.
    HelpRequested { window_id: WindowId, staff: StaffId, reason: Option<String> },
    /// A supervisor is coming.
    HelpAcknowledged { window_id: WindowId, staff: StaffId },
    /// Help is no longer needed.
    HelpResolved { window_id: WindowId },
    /// A supervisor did what stands beside this event at a window that another person holds.
    SupervisorActed { window_id: WindowId, holder: StaffId, reason: Option<String> },
    /// The last closing time of a day is past: who still waited was told or carried over.
    ClosingTimePassed { date: NaiveDate },
    /// Who is planned where on a day, from the people of the site.
    DayPlanned { plan: DayPlan },
    /// Another keeper took over by a person's word: every ticket of now is left to the keeper of this term.
    HallParted { term: u64 },
    /// The tickets that were left to the keeper of a term are everybody's again; without a term all of them.
    HallRejoined { term: Option<u64> },
    /// A number was given.
    TicketIssued {
        ticket_id: TicketId,
        number: String,
        serial: u32,
        date: NaiveDate,
        line_id: LineId,
        /// The lines of its other matters.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also_line_ids: Vec<LineId>,
        matter_ids: Vec<MatterId>,
        priority: Priority,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        quick: bool,
        holder: Option<PersonId>,
        holder_key: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        appointment: Option<TicketAppointment>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        phone_left: bool,
        tracking_code: String,
        short_code: String,
        walk_in: bool,
        /// The wait that the person was told, in seconds.
        #[serde(default)]
        told_s: u32,
    },
    /// A paper number, given when everything was down, was entered afterwards.
    PaperNumberEntered {
        ticket_id: TicketId,
        number: String,
        serial: u32,
        /// The day the person came.
        date: NaiveDate,
        line_id: LineId,
        priority: Priority,
        holder: Option<PersonId>,
        holder_key: Option<String>,
        tracking_code: String,
        short_code: String,
        /// When the person came.
        occurred_at: Millis,
    },
    /// The visit of a number began before it was entered: of a paper number, or of one that another keeper served.
    /// The ticket waits still, with this as its begin: the next fact of the same command ends it.
    PaperVisitBegun { ticket_id: TicketId, window_id: WindowId, occurred_at: Millis },
    /// That visit was over before it was entered.
    PaperVisitEnded { ticket_id: TicketId, window_id: WindowId, outcome: Outcome, occurred_at: Millis },
    /// A ticket was called to a window; to be shown and spoken.
    TicketCalled { ticket_id: TicketId, window_id: WindowId, staff: StaffId, reason: CallReason },
    /// A ticket was called again.
    TicketRecalled { ticket_id: TicketId, window_id: WindowId, recall_count: u32 },
    /// The person came.
    TicketStarted { ticket_id: TicketId, window_id: WindowId, staff: StaffId },
    /// The visit ended.
    TicketFinished {
        ticket_id: TicketId,
        window_id: WindowId,
        outcome: Outcome,
        /// Every thing of the visit with its outcome, where there were several.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<VisitItem>,
    },
    /// The visit is about one thing more.
    TicketItemAdded { ticket_id: TicketId, window_id: WindowId, item: VisitItem },
    /// What came of one thing of a visit that goes on.
    TicketItemSettled { ticket_id: TicketId, window_id: WindowId, settled: ItemOutcome },
    /// Nobody came; `returns` when it comes back by itself.
    TicketMissed { ticket_id: TicketId, window_id: WindowId, reason: Option<String>, returns: bool },
    /// A missed ticket waits again; `automatic` by the policy, else by a person.
    TicketRequeued { ticket_id: TicketId, automatic: bool },
    /// A ticket was set aside.
    TicketParked {
        ticket_id: TicketId,
        window_id: WindowId,
        reason: Option<String>,
        /// When the desk is to be reminded.
        #[serde(default)]
        remind_at: Option<Millis>,
    },
    /// The desk was reminded of a parked ticket; once each time it is parked.
    TicketParkReminded { ticket_id: TicketId, window_id: WindowId },
    /// Few people are before a ticket whose holder left a phone number; once a ticket.
    TicketNearNoticed { ticket_id: TicketId, ahead: u32 },
    /// A ticket was taken from its window and waits again by its time of issue.
    TicketPutBack { ticket_id: TicketId, window_id: WindowId, reason: String },
    /// A parked ticket waits again at the head.
    TicketResumed { ticket_id: TicketId },
    /// A ticket waits elsewhere.
    TicketTransferred {
        ticket_id: TicketId,
        to: Target,
        place: Place,
        /// Why, if somebody said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A ticket was moved to the top.
    TicketTopped { ticket_id: TicketId, reason: String },
    /// The move to the top was undone.
    TicketUntopped { ticket_id: TicketId },
    /// The number was given up.
    TicketAbandoned {
        ticket_id: TicketId,
        /// Why, if somebody said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The business day ended before the ticket's turn.
    TicketExpired {
        ticket_id: TicketId,
        /// Why; old events know it by the state they ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<ExpiryCause>,
    },
    /// A ticket that nobody called waits on at the next opening, from that instant, under a marked number.
    TicketCarried { ticket_id: TicketId, number: String, date: NaiveDate, from: Millis },
}

impl Event {
    /// The event's type in the API.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.fact {
            Fact::HallConfigured { .. } => "hall_configured",
            Fact::HallConfigurationScheduled { .. } => "hall_configuration_scheduled",
            Fact::HallConfigurationCancelled { .. } => "hall_configuration_cancelled",
            Fact::ScheduledConfigurationRefused { .. } => "scheduled_configuration_refused",
            Fact::DayClosed { .. } => "day_closed",
            Fact::DayOpened { .. } => "day_opened",
            Fact::ClockSteppedBack { .. } => "clock_stepped_back",
            Fact::LineStopped { .. } => "line_stopped",
            Fact::LineResumed { .. } => "line_resumed",
            Fact::WindowOpened { .. } => "window_opened",
            Fact::WindowPaused { .. } => "window_paused",
            Fact::WindowClosed { .. } => "window_closed",
            Fact::WindowTakenOver { .. } => "window_taken_over",
            Fact::HelpRequested { .. } => "help_requested",
            Fact::HelpAcknowledged { .. } => "help_acknowledged",
            Fact::HelpResolved { .. } => "help_resolved",
            Fact::SupervisorActed { .. } => "supervisor_acted",
            Fact::ClosingTimePassed { .. } => "closing_time_passed",
            Fact::DayPlanned { .. } => "day_planned",
            Fact::HallParted { .. } => "hall_parted",
            Fact::HallRejoined { .. } => "hall_rejoined",
            Fact::TicketIssued { .. } => "ticket_issued",
            Fact::PaperNumberEntered { .. } => "paper_number_entered",
            Fact::PaperVisitBegun { .. } => "paper_visit_begun",
            Fact::PaperVisitEnded { .. } => "paper_visit_ended",
            Fact::TicketCalled { .. } => "ticket_called",
            Fact::TicketRecalled { .. } => "ticket_recalled",
            Fact::TicketStarted { .. } => "ticket_started",
            Fact::TicketFinished { .. } => "ticket_finished",
            Fact::TicketItemAdded { .. } => "ticket_item_added",
            Fact::TicketItemSettled { .. } => "ticket_item_settled",
            Fact::TicketMissed { .. } => "ticket_missed",
            Fact::TicketRequeued { .. } => "ticket_requeued",
            Fact::TicketParked { .. } => "ticket_parked",
            Fact::TicketParkReminded { .. } => "ticket_park_reminded",
            Fact::TicketNearNoticed { .. } => "ticket_near_noticed",
            Fact::TicketPutBack { .. } => "ticket_put_back",
            Fact::TicketResumed { .. } => "ticket_resumed",
            Fact::TicketTransferred { .. } => "ticket_transferred",
            Fact::TicketTopped { .. } => "ticket_topped",
            Fact::TicketUntopped { .. } => "ticket_untopped",
            Fact::TicketAbandoned { .. } => "ticket_abandoned",
            Fact::TicketExpired { .. } => "ticket_expired",
            Fact::TicketCarried { .. } => "ticket_carried",
        }
    }

    /// The ticket whose document this event changes.
    #[must_use]
    pub fn ticket_id(&self) -> Option<&TicketId> {
        match &self.fact {
            Fact::TicketIssued { ticket_id, .. }
            | Fact::PaperNumberEntered { ticket_id, .. }
            | Fact::PaperVisitBegun { ticket_id, .. }
            | Fact::PaperVisitEnded { ticket_id, .. }
            | Fact::TicketCalled { ticket_id, .. }
            | Fact::TicketRecalled { ticket_id, .. }
            | Fact::TicketStarted { ticket_id, .. }
            | Fact::TicketFinished { ticket_id, .. }
            | Fact::TicketMissed { ticket_id, .. }
            | Fact::TicketRequeued { ticket_id, .. }
            | Fact::TicketParked { ticket_id, .. }
            | Fact::TicketResumed { ticket_id }
            | Fact::TicketTransferred { ticket_id, .. }
            | Fact::TicketTopped { ticket_id, .. }
            | Fact::TicketUntopped { ticket_id }
            | Fact::TicketAbandoned { ticket_id, .. }
            | Fact::TicketItemAdded { ticket_id, .. }
            | Fact::TicketItemSettled { ticket_id, .. }
            | Fact::TicketParkReminded { ticket_id, .. }
            | Fact::TicketNearNoticed { ticket_id, .. }
            | Fact::TicketPutBack { ticket_id, .. }
            | Fact::TicketCarried { ticket_id, .. }
            | Fact::TicketExpired { ticket_id, .. } => Some(ticket_id),
            Fact::HallConfigured { .. }
            | Fact::HallConfigurationScheduled { .. }
            | Fact::HallConfigurationCancelled { .. }
            | Fact::ScheduledConfigurationRefused { .. }
            | Fact::DayClosed { .. }
            | Fact::DayOpened { .. }
            | Fact::ClockSteppedBack { .. }
            | Fact::LineStopped { .. }
            | Fact::LineResumed { .. }
            | Fact::WindowOpened { .. }
            | Fact::WindowPaused { .. }
            | Fact::WindowClosed { .. }
            | Fact::WindowTakenOver { .. }
            | Fact::HelpRequested { .. }
            | Fact::HelpAcknowledged { .. }
            | Fact::HelpResolved { .. }
            | Fact::SupervisorActed { .. }
            | Fact::ClosingTimePassed { .. }
            | Fact::DayPlanned { .. }
            | Fact::HallParted { .. }
            | Fact::HallRejoined { .. } => None,
        }
    }

    /// The ticket and the rule that chose it, if this is a call.
    #[must_use]
    pub fn as_call(&self) -> Option<(&TicketId, &CallReason)> {
        match &self.fact {
            Fact::TicketCalled { ticket_id, reason, .. } => Some((ticket_id, reason)),
            _ => None,
        }
    }
}
