//! yichuang.
fn main() {}
