//! The hall of one site: lines, windows, the tickets of the business day and who is called next.
//!
//! `Hall::decide(&self, &Actor, &Command, now) -> Result<Vec<Event>, Refusal>` changes nothing;
//! `Hall::evolve(&mut self, &Event)` is the only way a hall changes.

mod actions;
mod command;
mod decide;
mod estimate;
mod event;
mod evolve;
mod order;
mod policy;
mod queue;
mod reason;
mod refusal;
mod state;

pub use actions::{TicketAction, allowed_actions};
pub use command::{Actor, Command, NewTicket, Position};
pub use event::{Event, Fact};
pub use policy::{Configuration, LineSetup, OpeningHours, Policy, Shift, Span, SpecialDay, WindowSetup};
pub use reason::CallReason;
pub use refusal::Refusal;
pub use state::{
    Hall, HallDoc, HeadCause, Line, Outcome, Place, Priority, Purpose, SERVICE_TIMES_KEPT, Target, Ticket, TicketState, Topped, Window,
    WindowState,
};
