//! yichuang-kiosk.
fn main() {}
