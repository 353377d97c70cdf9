//! Compiles an optimised device again when the built pages change: rust-embed reads the folder when the macro
//! runs, a debug build reads it from disk. The folder is named without `..`, or a debug build that was made
//! before the pages would never find them.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../web/dist");
    }
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let house = here.parent().map(PathBuf::from).unwrap_or_default();
    println!("cargo::rustc-env=YICHUANG_PAGES={}", house.join("web/dist").display());
}
