//! The kiosk: gives numbers at the entrance of a hall, and says so when it cannot. One of a hall's kiosks may
//! be its keeper ([`keeper`]): then it decides about the hall while the line to the server is cut.
//!
//! Architecture Invariant: while the line is up the server decides every number, and without being the hall's
//! keeper nothing here invents one. The cores know no page and no real network, so that they also run in
//! simulated time.

pub mod keeper;
mod kiosk;
mod matters;
pub mod page;
pub mod reader;
pub mod voice;

pub use kiosk::care;
pub use kiosk::{
    ANSWER_MS_MAX, Answer, Kiosk, KioskState, Lost, OFFLINE_ANSWER_MS_MAX, PrinterState, Rating, SiteState, TrackBy, Trouble, Wish,
};
