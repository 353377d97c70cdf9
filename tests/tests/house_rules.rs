//! The habits of the house that can be read off the sources: a head on every file, files of a size that one
//! can read, no drawers for everything, no suppressed lints without a reason.

use crate::sources::{Source, sources_under, workspace_root};

const PACKAGES: &[&str] = &["domain", "protocol", "slip", "documents", "server", "edge", "kiosk", "display", "printer", "tests"];
const LINES_MAX: usize = 600;
const DRAWERS: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc"];

fn all_sources() -> Vec<Source> {
    let sources: Vec<Source> = PACKAGES.iter().flat_map(|package| sources_under(&workspace_root().join(package))).collect();
    assert!(sources.len() > 20, "only {} sources found: the test looks in the wrong place", sources.len());
    sources
}

fn judge(rule: &str, broken: impl Fn(&Source) -> Option<String>) {
    let broken: Vec<String> = all_sources().iter().filter_map(|source| Some(format!("{}: {}", source.shown(), broken(source)?))).collect();
    assert!(broken.is_empty(), "{rule}\n{}", broken.join("\n"));
}

#[test]
fn every_file_says_at_its_head_what_it_is_for() {
    judge("Every file begins with `//!`.", |source| {
        let first = source.text.lines().next().unwrap_or_default();
        (!first.starts_with("//! ")).then(|| format!("begins with {first:?}"))
    });
}

#[test]
fn files_can_be_read_in_one_go() {
    judge("Files have at most 600 lines.", |source| {
        let lines = source.text.lines().count();
        (lines > LINES_MAX).then(|| format!("{lines} lines"))
    });
}

#[test]
fn no_file_is_a_drawer_for_everything() {
    judge("A file is named after what it holds.", |source| {
        let name = source.path.file_stem()?.to_string_lossy().into_owned();
        let name = if name == "mod" { source.path.parent()?.file_name()?.to_string_lossy().into_owned() } else { name };
        DRAWERS.contains(&name.as_str()).then(|| format!("named {name}"))
    });
}

#[test]
fn a_lint_is_expected_with_a_reason_and_never_allowed() {
    judge("`#[expect(.., reason = \"…\")]` instead of `#[allow]`.", |source| {
        let lines: Vec<&str> = source.text.lines().map(str::trim_start).collect();
        let starts = |line: &str, wanted: &str| line.strip_prefix('#').is_some_and(|rest| rest.trim_start_matches('!').starts_with(wanted));
        for (index, line) in lines.iter().enumerate() {
            if starts(line, "[allow(") || starts(line, "[cfg_attr(test, allow(") {
                return Some(format!("line {} allows a lint", index + 1));
            }
            if starts(line, "[expect(") || starts(line, "[cfg_attr(test, expect(") {
                let attribute = lines[index..].join(" ");
                if !attribute.split(")]").next().is_some_and(|inside| inside.contains("reason = ")) {
                    return Some(format!("line {} expects a lint without a reason", index + 1));
                }
            }
        }
        None
    });
}

#[test]
fn sources_name_no_folder_of_one_machine() {
    let clone = workspace_root().display().to_string();
    let home = std::env::var("HOME").unwrap_or_default();
    let folders = [clone, home].map(|folder| format!("{}/", folder.trim_end_matches('/')));
    judge("No path of one machine in a source.", |source| {
        folders.iter().find(|folder| folder.len() > 2 && source.text.contains(*folder)).map(|folder| format!("names {folder}"))
    });
}

/// The OpenAPI document knows a schema by its name alone: of two one would silently become the other.
#[test]
fn no_two_schemas_of_the_contract_have_one_name() {
    let mut found: Vec<(String, String)> = Vec::new();
    for source in sources_under(&workspace_root().join("server/src")) {
        let mut is_schema = false;
        for line in source.text.lines().map(str::trim_start) {
            let declared = ["pub struct ", "pub enum ", "struct ", "enum "].iter().find_map(|kind| line.strip_prefix(kind));
            match declared {
                Some(rest) if is_schema => {
                    let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                    found.push((name.to_owned(), source.shown()));
                    is_schema = false;
                }
                Some(_) => is_schema = false,
                None => is_schema |= line.starts_with("#[derive(") && line.contains("ToSchema"),
            }
        }
    }
    assert!(found.len() > 100, "only {} schemas found: the test looks in the wrong place", found.len());
    found.sort();
    let twice: Vec<_> = found.windows(2).filter(|pair| pair[0].0 == pair[1].0).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
