//! The hall of one site: lines, windows, the tickets of the business day and who is called next.
//!
//! # A walk for a newcomer
//!
//! A [`Hall`] answers two questions. *May this happen?* is [`Hall::decide`]: it takes who asks
//! ([`Actor`]), what is asked ([`Command`]) and the time, changes nothing, and gives the [`Event`]s
//! that follow or one [`Refusal`]. *What is it like afterwards?* is [`Hall::evolve`]: it takes one
//! event in, never says no, and hands out a ticket that ended, for a hall keeps only those that go on. Replaying all events of a site on [`Hall::new`] gives its hall, and
//! [`Hall::parts`] / [`Hall::from_parts`] take it apart into the documents that are stored.
//!
//! One citizen: `Issue` → `ticket_issued` (the number A001; the prefix counts its own serials, from 1
//! every business day). A clerk sits at window 3: `OpenWindow` → `window_opened`. `CallNext` →
//! `ticket_called` with the rule that chose the ticket ([`CallReason`]); who is next is decided in
//! `order.rs`, nowhere else. `Start` → `ticket_started`, `Finish` → `ticket_finished`. Or nobody
//! came: `Miss` → `ticket_missed`; three calls later the hall itself says `ticket_requeued`, and the
//! ticket stands at the head. Midnight needs no job: the first command of a new date is preceded by
//! `day_closed`, `ticket_expired` for whoever still waits, and `day_opened`.
//!
//! Where the hall has closing times the timer does the same an hour after the last one.
//!
//! What a ticket allows in each state stands in one table, [`allowed_actions`]; `decide` refuses
//! everything else as `ticket_state`. Whoever is called or served is the business of the person who
//! holds that window, or of a supervisor. [`ended_interval`] turns events into rows with start and
//! end, [`Figures`] are computed from these rows and the issue of tickets, [`Replay`] makes both again
//! from events, and [`Hall::ahead`] and
//! [`Hall::estimated_wait`] are for slips and pages.
//!
//! Architecture Invariant: pure. No clock, no ids, no randomness, no I/O, no personal data: a holder
//! is a `person_id` and an opaque key. Roles, idempotency and storage belong to others.

mod actions;
mod balance;
mod beside;
mod class;
mod command;
mod day_plan;
mod decide;
mod due;
mod estimate;
mod event;
mod evolve;
mod figures;
mod help;
mod interval;
mod merge;
mod order;
mod paper;
mod parting;
mod policy;
mod queue;
mod rearrange;
mod reason;
mod refusal;
mod replay;
mod sections;
mod several;
mod shared;
pub mod simulated_day;
mod sitting;
mod state;
mod turn_times;
mod visit;
mod what_if;
mod window;

pub use actions::{TicketAction, allowed_actions};
pub use balance::Balance;
pub use class::{Class, TicketAppointment};
pub use command::{Actor, Command, NewTicket, Position};
pub use day_plan::DayPlan;
pub use estimate::Wait;
pub use event::{Event, Fact};
pub use figures::{DEFINITIONS, Definition, Figures, Lengths, Measure, Visit, VisitClass, What, figures_by, measures};
pub use help::{Acknowledged, Help};
pub use interval::{Interval, StateName, ended_interval};
pub use merge::{Clash, KeptDecision, MergeRule, Merged};
pub use paper::{PaperFault, PaperNumber, PaperUsed, PaperVisit, PastLetters};
pub use policy::{
    AppointmentMessages, AppointmentPolicy, BookableLine, CarryOver, CasePolicy, Configuration, Cover, EvaluationPolicy, Goals, LineSetup,
    LineSpecialDay, NoShowBlock, NoticePolicy, OpeningHours, PaperNumbers, ParkReason, PhoneReach, PhoneTickets, Policy, PolicyFault,
    Reminders, Reporting, Rung, ScheduledConfiguration, SectionLimit, ServingPolicy, Shift, SlotSpan, Span, SpecialDay, Taking,
    UpstreamPolicy, WhenLate, WindowSetup,
};
pub use rearrange::Rearrangement;
pub use reason::CallReason;
pub use refusal::Refusal;
pub use replay::{Replay, intervals_of};
pub use shared::Shared;
pub use sitting::{Sitting, SittingState, ended_sitting, sitting_until, window_changed};
pub use state::{
    Hall, HallDoc, HeadCause, Line, Outcome, Place, Priority, Purpose, Target, Ticket, TicketState, Topped, Window, WindowState,
};
pub use visit::{Carried, ExpiryCause, ItemOutcome, VISIT_ITEMS_MAX, VisitItem};
pub use what_if::{PlayedDay, WhatIf, what_if};

pub use sections::SectionCount;
pub use turn_times::{Calibration, TurnTimes};

#[cfg(test)]
mod tests;
