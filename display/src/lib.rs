//! The display: the hall board, fed by its own session with the server.
//!
//! Architecture Invariant: the state comes only from frames, by the fold of `protocol`; nothing here
//! computes a call or a count. The core ([`Display`]) knows no page and no real network, so that it
//! also runs in simulated time.

mod display;
pub mod led;
pub mod page;
pub mod voice;

pub use display::{Display, KEEP_MS, Kept, RESYNC_MS, Trouble, UNSAID_MS, View};
