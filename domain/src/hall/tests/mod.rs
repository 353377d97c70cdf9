//! Tables for every rule of the hall, and a model test over random histories.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;
mod day;
mod estimates;
mod issue;
mod lifecycle;
mod merge;
mod model;
mod order;
mod paper;
mod parting;
mod reference;
mod reminders;
mod reports;
mod scheduled;
mod serving;
mod setup;
mod stage;
mod taking;
mod what_if;
mod wrong_states;
