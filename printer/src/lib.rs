//! The printer agent: takes print jobs into its spool, prints each once as far as a printer lets one know,
//! and says how they ended.
//!
//! Architecture Invariant: what a slip says is not known here; a job is an id and a slip. Time comes from
//! tokio and the hall's clock, the printer from a [`driver::Driver`], so that all of it runs in a simulation.

pub mod agent;
pub mod driver;
pub mod escpos_driver;
pub mod folder;
pub mod jobs;
pub mod ports;
pub mod spool;
pub mod status;
