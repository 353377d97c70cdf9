//! Fuzz target; what must hold stands in `bodies/printer_status.rs`.
#![no_main]

#[path = "../bodies/printer_status.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
