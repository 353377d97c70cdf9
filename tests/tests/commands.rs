//! The commands of the repository as a newcomer meets them: set-up says what is missing and changes
//! nothing that is there, and every script is well-formed.

use crate::sources::workspace_root;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

fn setup(purpose: &str, path: Option<&Path>) -> Output {
    let mut command = Command::new("/bin/bash");
    command.arg(workspace_root().join("scripts/setup.sh")).arg(purpose);
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command.output().expect("bash")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A folder of links to the named programs: a machine that has nothing else.
fn machine_with(programs: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for program in programs {
        let found = ["/usr/bin", "/bin"].iter().map(|place| Path::new(place).join(program)).find(|path| path.exists());
        symlink(found.unwrap_or_else(|| panic!("{program} on this machine")), folder.path().join(program)).expect("a link");
    }
    folder
}

const BARE: &[&str] = &["dirname", "grep", "head", "sort", "sed", "cut", "id"];

#[test]
fn set_up_installs_nothing_where_nothing_is_missing() {
    let output = setup("test", None);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("工具齐备") && !said(&output).contains("正在安装"), "{}", said(&output));
}

#[test]
fn set_up_names_what_it_may_not_install_and_what_it_cannot_do_without() {
    let output = setup("test", Some(machine_with(BARE).path()));
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in
        ["没有 apt-get，请自己装好", "build-essential", "chromium", "fonts-noto-cjk", "没有 Node（至少 20.19.0", "没有 npm", "没有 cargo"]
    {
        assert!(said.contains(part), "{part} is not named in:\n{said}");
    }
}

#[test]
fn set_up_says_that_an_old_node_is_too_old() {
    let machine = machine_with(BARE);
    std::fs::write(machine.path().join("node"), "#!/bin/bash\necho v18.20.4\n").expect("a node of Debian 12");
    std::fs::set_permissions(machine.path().join("node"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it can be run");
    let output = setup("demo", Some(machine.path()));
    assert!(!output.status.success() && said(&output).contains("这里是 v18.20.4"), "{}", said(&output));
}

#[test]
fn every_script_is_well_formed_and_may_be_run() {
    let scripts = std::fs::read_dir(workspace_root().join("scripts")).expect("scripts/").map(|entry| entry.expect("an entry").path());
    let scripts: Vec<_> = scripts
        .filter(|path| path.extension().is_some_and(|extension| extension == "sh"))
        .chain([workspace_root().join(".ci/run")])
        .collect();
    assert!(scripts.len() >= 5, "{scripts:?}");
    for script in scripts {
        let parsed = Command::new("/bin/bash").arg("-n").arg(&script).output().expect("bash");
        assert!(parsed.status.success(), "{}: {}", script.display(), said(&parsed));
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&script).expect("the script").permissions());
        assert_eq!(mode & 0o111, 0o111, "{} may not be run", script.display());
    }
    let ci = std::fs::read_to_string(workspace_root().join(".ci/run")).expect(".ci/run");
    assert!(ci.contains("exec make test"), "CI runs what everybody runs");
}
