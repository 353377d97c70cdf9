//! What happens without anybody asking: side effects that are owed, and timers.
//!
//! Architecture Invariant: a worker decides nothing. It claims, calls a gateway, and hands the outcome
//! to a use case.

mod anchor;

pub use anchor::{Anchor, AnchoredSite};
