//! The walls of the house (DESIGN §2): which package may use which, and inside the server which layer
//! may name which. Reads `cargo metadata` and the sources, so a wall cannot move unnoticed.

use crate::sources::{Source, sources_under, workspace_root};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Each package of the house and what of the house it may use. `tests` may use everything.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("protocol", &["domain"]),
    ("slip", &["protocol"]),
    ("documents", &["protocol"]),
    ("server", &["domain", "protocol", "slip", "documents"]),
    ("edge", &["protocol"]),
    ("kiosk", &["edge", "protocol", "domain"]),
    ("display", &["edge", "protocol"]),
    ("printer", &["edge", "protocol", "slip"]),
];

/// Libraries that only some packages may name: (library, packages).
const ONLY_IN: &[(&str, &[&str])] = &[
    ("sqlx", &["server", "tests"]),
    ("rusqlite", &["edge", "kiosk", "display", "printer", "server", "tests"]),
    ("escpos", &["slip"]),
    ("lettre", &["server", "tests"]),
    ("tokio", &["server", "edge", "kiosk", "display", "printer", "tests"]),
    ("axum", &["server", "edge", "kiosk", "display", "printer", "tests"]),
];

/// Inside `server/src`: what each layer must not name.
const FORBIDDEN_IN_SERVER: &[(&str, &[&str])] = &[
    (
        "app",
        &[
            "axum",
            "sqlx",
            "rusqlite",
            "rusqlite",
            "crate::http",
            "crate::feed",
            "crate::worker",
            "crate::store::sql",
            "crate::store::memory",
        ],
    ),
    ("http", &["sqlx", "rusqlite", "crate::store::sql", "crate::store::memory", "crate::worker"]),
    ("feed", &["sqlx", "rusqlite", "crate::store::sql", "crate::store::memory", "crate::http", "crate::worker"]),
    ("worker", &["sqlx", "rusqlite", "axum", "crate::store::sql", "crate::store::memory", "crate::http"]),
    ("gateways", &["sqlx", "rusqlite", "axum", "crate::app", "crate::http", "crate::feed", "crate::worker", "crate::store"]),
    ("store", &["axum", "crate::app", "crate::http", "crate::feed", "crate::worker", "crate::gateways"]),
];

/// The first line of code that names `word`.
fn names(source: &Source, word: &str) -> Option<usize> {
    source.code_lines().find_map(|(number, line)| occurs_as_path(&line, word).then_some(number))
}

fn occurs_as_path(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let continues = |c: char| c.is_alphanumeric() || c == '_';
        let begins = !line[..at].ends_with(|c: char| continues(c) || c == ':');
        let ends = !line[at + word.len()..].starts_with(continues);
        begins && ends
    })
}

#[test]
fn packages_use_only_what_the_design_allows() {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(workspace_root().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .expect("cargo metadata");
    let allowed: BTreeMap<&str, BTreeSet<&str>> = ALLOWED.iter().map(|(name, uses)| (*name, uses.iter().copied().collect())).collect();
    let members: BTreeSet<String> = metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    let expected: BTreeSet<String> = allowed.keys().map(|name| (*name).to_owned()).chain(["tests".to_owned()]).collect();
    assert_eq!(members, expected, "the packages of the house are named in DESIGN §2");

    let mut broken = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        for dependency in &package.dependencies {
            let uses = dependency.name.as_str();
            if members.contains(uses) && name != "tests" && !allowed.get(name).is_some_and(|uses_allowed| uses_allowed.contains(uses)) {
                broken.push(format!("{name} uses {uses}"));
            }
            if ONLY_IN.iter().any(|(library, packages)| *library == uses && !packages.contains(&name)) {
                broken.push(format!("{name} uses the library {uses}"));
            }
        }
    }
    assert!(broken.is_empty(), "not allowed by DESIGN §2:\n{}", broken.join("\n"));
}

#[test]
fn layers_of_the_server_name_only_what_is_below_them() {
    let server = workspace_root().join("server/src");
    let mut broken = Vec::new();
    for source in sources_under(&server) {
        let Some(layer) = layer_of(&source.path, &server) else { continue };
        let sql = source.path.starts_with(server.join("store/sql")) || source.path == server.join("store/sql.rs");
        for (_, words) in FORBIDDEN_IN_SERVER.iter().filter(|(of, _)| *of == layer) {
            for word in *words {
                if let Some(line) = names(&source, word) {
                    broken.push(format!("{}:{line} ({layer}) names {word}", source.shown()));
                }
            }
        }
        for library in ["sqlx", "rusqlite"] {
            if !sql && let Some(line) = names(&source, library) {
                broken.push(format!("{}:{line} names {library} outside store/sql", source.shown()));
            }
        }
    }
    assert!(broken.is_empty(), "not allowed by DESIGN §2:\n{}", broken.join("\n"));
}

fn layer_of(path: &Path, server: &Path) -> Option<String> {
    let first = path.strip_prefix(server).ok()?.components().next()?;
    Some(Path::new(first.as_os_str()).file_stem()?.to_string_lossy().into_owned())
}

#[test]
fn a_name_counts_only_as_a_whole_path() {
    assert!(occurs_as_path("use sqlx::Row;", "sqlx"));
    assert!(occurs_as_path("    let row: sqlx::sqlite::SqliteRow = row;", "sqlx"));
    assert!(occurs_as_path("use crate::store::sql::Pool;", "crate::store::sql"));
    assert!(!occurs_as_path("use crate::store::sql_names::Pool;", "crate::store::sql"));
    assert!(!occurs_as_path("let mysqlx = 1;", "sqlx"));
    assert!(!occurs_as_path("use sqlx_like::Row;", "sqlx"));
}

/// A package with the given source, linted under the rules of `domain/clippy.toml`: the answer of clippy.
fn lint_like_domain(source: &str) -> (bool, String) {
    let package = tempfile::tempdir().expect("a temporary folder");
    let write = |path: &str, text: &str| {
        let path = package.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        std::fs::write(path, text).expect("the file");
    };
    write("Cargo.toml", "[workspace]\n[package]\nname = \"ambient\"\nversion = \"0.0.0\"\nedition = \"2024\"\n");
    write("src/lib.rs", source);
    write("clippy.toml", &std::fs::read_to_string(workspace_root().join("domain/clippy.toml")).expect("domain/clippy.toml"));
    let output = Command::new("cargo")
        .args(["clippy", "--offline", "--quiet", "--", "-D", "warnings"])
        .current_dir(package.path())
        .env("CARGO_TARGET_DIR", package.path().join("target"))
        .env_remove("CLIPPY_CONF_DIR")
        .output()
        .expect("cargo clippy");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_lints_of_domain_forbid_the_ambient_clock_and_randomness() {
    let (passed, answer) = lint_like_domain("//! Pure.\npub fn later(now_ms: i64) -> i64 {\n    now_ms + 1\n}\n");
    assert!(passed, "a pure function passes: {answer}");
    for ambient in [
        "std::time::SystemTime::now()",
        "std::time::Instant::now()",
        "std::collections::hash_map::RandomState::new()",
        "std::env::var(\"TZ\")",
    ] {
        let (passed, answer) = lint_like_domain(&format!("//! Not pure.\npub fn ambient() {{\n    let _ = {ambient};\n}}\n"));
        assert!(!passed && answer.contains("disallowed"), "{ambient} must be refused in domain; clippy said:\n{answer}");
    }
}
