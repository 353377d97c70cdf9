//! What travels between server, devices and browsers: serde types, versioned by their routes.
//!
//! Architecture Invariant: no rules here; what a field means is said, what follows from it is not.

pub mod bag;
pub mod calls;
pub mod desk_feed;
pub mod device;
pub mod feed;
pub mod hall;
pub mod keeper;
pub mod keeper_clock;
pub mod layout;
pub mod slip;
