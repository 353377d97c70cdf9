//! yichuang-printer.
fn main() {}
