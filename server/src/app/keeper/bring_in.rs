//! A journal that a person brings in as a file, because its device was revoked or its line does not come back. It is judged
//! entry by entry like one that comes by the line: whoever carries it proves nothing, the signatures do.

use protocol::keeper::Entry;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::{DeviceCaller, Permit};
use crate::app::devices::{device_event, kind_of};
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::store::{ChangeSet, KeeperEntryRow};

/// Most entries of one request; a file is sent in several.
const ENTRIES_MAX: usize = 500;

/// Body of `POST /sites/{site}/keeper/journal`: a part of a journal, in order.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JournalRequest {
    /// The device whose journal it is.
    pub device_id: String,
    /// Its entries as they stand in the file.
    pub entries: Vec<Entry>,
}

/// What became of the entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct BroughtView {
    /// Taken in as they were.
    pub merged: u32,
    /// Taken in by a written rule; to be looked at.
    pub settled: u32,
    /// Refused and kept for review.
    pub refused: u32,
    /// Known already: nothing happened.
    pub known: u32,
    /// Entries from this number on are missing in the file, and nothing behind them was taken.
    pub missing_from: Option<u64>,
}

impl App {
    /// Takes in a part of a journal that a person brought. Said again nothing happens twice.
    ///
    /// # Errors
    /// Field errors; a device that never was able to keep its hall.
    pub async fn bring_in_journal(&self, permit: &Permit, request: &JournalRequest) -> Answer<BroughtView> {
        let site_id = permit.site_id();
        let device = self.stores.devices.device(site_id, &request.device_id).await?;
        let mut errors = FieldErrors::default();
        let device = errors.some(device, "device_id", "unknown", "这个厅没有这台设备；每个厅收自己的记录");
        if request.entries.is_empty() || request.entries.len() > ENTRIES_MAX {
            errors.add("entries", "length", format!("一次收 1 到 {ENTRIES_MAX} 条"));
        }
        errors.check()?;
        let Some(row) = device else { return Err(AppError::NotFound) };
        let keepers = self.stores.keepers.keepers(site_id).await?;
        if keepers.iter().all(|keeper| keeper.device_id != row.id) {
            return Err(AppError::refused("not_a_keeper", "这台设备没有当过守门机，没有可收的记录"));
        }
        let device = DeviceCaller { kind: kind_of(&row)?, id: row.id, site_id: row.site_id, window_id: row.window_id };
        let mut set = ChangeSet::new(site_id);
        let facts = json!({ "entries": request.entries.len() });
        set.events.push(device_event(&device.id, "keeper_journal_brought", permit.caller().actor(), self.now(), facts));
        self.commit(set).await?;
        self.take_brought(&device, &request.entries).await
    }

    async fn take_brought(&self, device: &DeviceCaller, entries: &[Entry]) -> Answer<BroughtView> {
        let mut told = BroughtView::default();
        for entry in entries {
            if self.brought_row(device, entry).await?.is_some() {
                told.known += 1;
                continue;
            }
            let through = self.take_keeper_entry(device, entry).await?;
            match self.brought_row(device, entry).await?.map(|row| row.verdict).as_deref() {
                Some("merged") => told.merged += 1,
                Some("settled") => told.settled += 1,
                Some(_) => told.refused += 1,
                None => {
                    told.missing_from = Some(through + 1);
                    break;
                }
            }
        }
        Ok(told)
    }

    /// What lies here of an entry.
    async fn brought_row(&self, device: &DeviceCaller, entry: &Entry) -> Answer<Option<KeeperEntryRow>> {
        let id = Self::entry_id(device, entry);
        Ok(self.stores.keepers.keeper_entry(&device.site_id, &id).await?)
    }
}
