//! The rules of the house, pure: no I/O, no async, no clock, no randomness.
//!
//! Architecture Invariant: time and ids are arguments. Nothing here reads a clock, makes an id or
//! knows a database, a network or a page.

pub mod appointment;
pub mod assistance;
pub mod bag;
pub mod calendar;
pub mod case;
pub mod case_clock;
pub mod catalogue;
pub mod codes;
pub mod colour;
pub mod complaint;
pub mod custody;
pub mod evaluation;
pub mod first_contact;
pub mod hall;
pub mod ids;
pub mod keeper;
pub mod messages;
pub mod papers;
pub mod people;
pub mod plan;
pub mod reporting;
pub mod rights;
pub mod time;
