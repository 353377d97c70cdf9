//! yichuang-display.
fn main() {}
