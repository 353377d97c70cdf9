//! The kiosk: gives numbers at the entrance of a hall, and says so when it cannot.
//!
//! Architecture Invariant: the server decides every number; nothing here invents one. The core
//! ([`Kiosk`]) knows no page and no real network, so that it also runs in simulated time.

mod kiosk;
mod matters;
pub mod page;

pub use kiosk::{ANSWER_MS_MAX, Answer, Kiosk, KioskState, Lost, OFFLINE_ANSWER_MS_MAX, PrinterState, SiteState, Trouble, Wish};
