//! Ports of the store: reads by one trait per noun, writes by one commit of change-sets.
//!
//! Architecture Invariant: nothing here or in `app` knows which database lies below, and no use case
//! holds a transaction: it reads, decides, and commits a change-set that names the versions it was
//! decided on. The store locks the site's log first, checks the versions, numbers and chains the
//! events, writes the rows and commits; a version that moved on is a [`StoreError::Conflict`]. Only
//! the desk of the halls holds a [`Turn`], where several processes write.

pub mod assistances;
pub mod cells;
pub mod chain;
pub mod first_contacts;
pub mod keepers;
pub mod memory;
pub mod people;
pub mod ports;
pub mod rows;
pub mod sql;

pub use assistances::AssistanceStore;
pub use cells::{Cell, TableRow};
pub use first_contacts::FirstContactStore;
pub use keepers::KeeperStore;
pub use people::PeopleStore;
pub use ports::*;
pub use rows::*;
