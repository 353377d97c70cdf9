//! Fuzz target; what must hold stands in `bodies/escpos_decoder.rs`.
#![no_main]

#[path = "../bodies/escpos_decoder.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
