//! Commands of the hall: taking numbers, windows, calling, serving.
//!
//! A command becomes a [`Wish`] and waits at the [`HallDesk`]; the desk decides all waiting wishes on
//! copies of the halls, commits them together and answers after the commit.

mod answer;
mod desk;
mod group;
mod known;
mod line;
mod lost;
mod matters;
mod paper;
mod phone;
mod print;
mod reads;
mod reminders;
mod rows;
mod serving;
mod tickets;
mod windows;

pub(in crate::app) use answer::reason_view;
pub use answer::{LineView, NextView, ReasonView, TicketView, WindowView, line_view, ticket_view, window_view};
pub use desk::{Beside, HallDesk, Wish};
pub use known::KnownHalls;
pub use lost::{FindTicketsRequest, FoundTicketView, FoundTicketsView};
pub use paper::{PaperTicketRequest, PaperVisitInput};
pub(in crate::app) use phone::Phones;
pub use phone::{PhoneCodeView, PhoneOfferView, PhoneTicketRequest};
pub use print::ticket_slip;
pub use reads::TakenTicketView;
pub(in crate::app) use reminders::failed_alert;
pub use rows::{load_hall, load_hall_at};
pub(crate) use serving::are_staff_of;
pub use serving::{GoalsView, HelpView, ParkReasonView, ServingView, SetAsideView, VisitItemView, serving_view};
pub(in crate::app) use tickets::actor;
pub use tickets::{HolderInput, IssueRequest, reason, transfer, visit_outcome};
pub use windows::OpenRequest;
