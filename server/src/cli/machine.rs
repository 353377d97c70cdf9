//! The machine under the service as those who run it ask about it: room on the disk, the last backup, the
//! keys. Reads the data folder, and writes nothing.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::settings::Settings;
use crate::app::system::{BackupFact, KeyFact, Machine, MachineFacts};

/// Where `backup` writes down that it was done.
pub(super) const LAST_BACKUP: &str = "last-backup.json";

/// When the last backup was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LastBackup {
    /// UTC milliseconds.
    pub(super) at: i64,
    /// Size of the file.
    pub(super) bytes: u64,
    /// Name of the file, without its folder.
    pub(super) file: Option<String>,
}

/// The machine of a data folder.
#[derive(Debug)]
pub(super) struct DataMachine {
    data: PathBuf,
    backs_up: bool,
    keys: Vec<KeyFact>,
}

impl DataMachine {
    pub(super) fn new(settings: &Settings, keys: Vec<(String, Option<i64>)>) -> Self {
        let keys = keys.into_iter().map(|(id, made_at)| KeyFact { id, made_at }).collect();
        Self { data: settings.data.clone(), backs_up: settings.database.is_none(), keys }
    }
}

impl Machine for DataMachine {
    fn facts(&self) -> MachineFacts {
        let (free_bytes, total_bytes) = room(&self.data).unzip();
        let note = std::fs::read(self.data.join(LAST_BACKUP)).ok();
        let last: Option<LastBackup> = note.and_then(|note| serde_json::from_slice(&note).ok());
        MachineFacts {
            free_bytes,
            total_bytes,
            backs_up: self.backs_up,
            last_backup: last.map(|last| BackupFact { at: last.at, bytes: last.bytes, file: last.file }),
            keys: self.keys.clone(),
        }
    }
}

/// Bytes that are free for this program, and all of them, on the disk of a folder.
#[cfg(unix)]
fn room(folder: &Path) -> Option<(u64, u64)> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some((disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize)))
}

#[cfg(not(unix))]
fn room(_: &Path) -> Option<(u64, u64)> {
    None
}
