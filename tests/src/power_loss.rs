//! Loss of power for a real program: a copy of its data folder that holds only what a sync covered.
//! Knows the calls of the kernel, nothing of databases.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::program::Start;

const SOURCE: &str = include_str!("power_loss.c");

/// The library that is loaded in front of the program, compiled once a test process.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = std::env::current_exe().expect("the path of this test").parent().expect("its folder").to_owned();
        let source = folder.join(format!("power_loss_{}.c", std::process::id()));
        let (built, library) = (source.with_extension("built"), folder.join("power_loss.so"));
        std::fs::write(&source, SOURCE).expect("the source is written");
        let done =
            Command::new("cc").args(["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o"]).arg(&built).arg(&source).arg("-ldl").status();
        assert!(done.expect("a C compiler, as for the build itself").success(), "power_loss.c compiles");
        std::fs::rename(&built, &library).expect("the library gets its name");
        let _ = std::fs::remove_file(&source);
        library
    })
}

/// Lets a program write into its data folder as always, while `survivor` holds what would be left if the
/// power failed now. What the data folder holds already counts as safe.
///
/// # Panics
/// When the folders cannot be read and written.
#[must_use]
pub fn watched(mut start: Start, survivor: &Path) -> Start {
    std::fs::create_dir_all(survivor).expect("a folder for what survives");
    if start.data.exists() {
        for entry in std::fs::read_dir(&start.data).expect("the data folder").flatten() {
            let name = entry.file_name();
            // Shared memory is no storage, and folders beside the database hold nothing that it needs.
            if entry.path().is_file() && !name.to_string_lossy().ends_with("-shm") {
                std::fs::copy(entry.path(), survivor.join(name)).expect("a copy");
            }
        }
    }
    let variable = |name: &str, value: &Path| (name.to_owned(), value.display().to_string());
    start.environment.extend([variable("LD_PRELOAD", library()), variable("POWER_FROM", &start.data), variable("POWER_TO", survivor)]);
    start
}
