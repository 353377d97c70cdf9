//! The Rust sources of the house as text, for the tests that read them. Knows no rule.

use std::path::{Path, PathBuf};

/// One Rust source file.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Source {
    /// The path as people write it, from the top of the repository.
    pub(crate) fn shown(&self) -> String {
        self.path.strip_prefix(workspace_root()).unwrap_or(&self.path).display().to_string()
    }

    /// Line numbers from 1 and the code of each line, without comments and without the insides of strings.
    pub(crate) fn code_lines(&self) -> impl Iterator<Item = (usize, String)> {
        self.text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(index, line)| {
            let code = line.split(" // ").next().unwrap_or(line);
            let outside_strings: Vec<&str> = code.split('"').step_by(2).collect();
            (index + 1, outside_strings.join("\"\""))
        })
    }
}

/// The top folder of the repository.
pub(crate) fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_path_buf()
}

/// Every `.rs` file below a folder, in the order of their paths.
pub(crate) fn sources_under(folder: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(Source { text: std::fs::read_to_string(&path).expect("UTF-8 source"), path });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
