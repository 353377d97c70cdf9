//! What the tests of the house stand on: a private PostgreSQL, an independent reader of slips, a fake
//! printer, a QR reader, a mail sink and a line that can be cut.
//!
//! Architecture Invariant: nothing here calls the code under test. `slip_view` and `escpos` in particular
//! were written from the printers' command references and must never use crate `slip`.
//!
//! A failure in here is a failed test, so this crate panics with a message that says what to do.
#![expect(clippy::expect_used, reason = "a failure in the test support is a failed test")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "these are tests"))]

pub mod app;
pub mod browser;
pub mod card_reader;
pub mod catalogue_file;
pub mod client;
pub mod demo_pages;
pub mod device_line;
pub mod device_program;
pub mod escpos;
pub mod fake_printer;
pub mod identity_platform;
pub mod message_hub;
pub mod net_proxy;
pub mod picture;
pub mod postgres;
pub mod power_loss;
pub mod program;
pub mod qr;
pub mod slip_view;
pub mod smtp_sink;
pub mod until;
