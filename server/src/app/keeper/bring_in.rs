//! A journal that a person brings in as a file, because its device was revoked or its line does not come back. It is judged
//! entry by entry like one that comes by the line: whoever carries it proves nothing, the signatures do.

use std::collections::BTreeSet;

use protocol::bag::BagEntryRequest;
use protocol::keeper::Entry;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::clock::Corrections;
use super::journal::{is_signed, term_of};
use super::lost::is_lost;
use crate::app::App;
use crate::app::caller::{DeviceCaller, Permit};
use crate::app::devices::{device_event, kind_of};
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::store::{ChangeSet, KeeperEntryRow};

/// Most entries of one request: as many as one that comes by the line.
const ENTRIES_MAX: usize = 20_000;

/// Body of `POST /sites/{site}/keeper/journal`: a journal, in order.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JournalRequest {
    /// The device whose journal it is.
    pub device_id: String,
    /// The journal of its field bag, not of the hall.
    #[serde(default)]
    pub bag: bool,
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
    /// Entries from this number on are missing in the file, and nothing behind them was taken; of terms that are over
    /// nothing at all.
    pub missing_from: Option<u64>,
}

impl App {
    /// Takes in a journal that a person brought. Said again nothing happens twice.
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
        let chain = Self::chain_of(&device, &keepers, &request.entries);
        let mut set = ChangeSet::new(site_id);
        let facts = json!({ "entries": request.entries.len() });
        set.events.push(device_event(&device.id, "keeper_journal_brought", permit.caller().actor(), self.now(), facts));
        self.commit(set).await?;
        self.take_brought(if request.bag { &device } else { &chain }, request).await
    }

    async fn take_brought(&self, device: &DeviceCaller, request: &JournalRequest) -> Answer<BroughtView> {
        // A bag knows no terms: each entry stands for itself.
        let (mut whole, missing_from) =
            if request.bag { (BTreeSet::new(), None) } else { self.take_brought_whole(device, &request.entries).await? };
        let mut told = BroughtView { missing_from, ..BroughtView::default() };
        let entries = &request.entries;
        let row = self.own_keeper(device).await?;
        let corrections = row.as_ref().map(|row| Corrections::among(row, entries)).unwrap_or_default();
        let is_proved = |entry: &Entry| is_lost(&device.id) || row.as_ref().is_some_and(|row| is_signed(row, entry));
        for entry in entries {
            let is_taken = whole.remove(&Self::entry_id(device, entry));
            if !is_taken && self.brought_row(device, entry).await?.is_some() {
                told.known += 1;
                continue;
            }
            let through = if is_taken {
                entry.number
            } else if request.bag {
                let request = BagEntryRequest { entry: entry.clone(), lost: Vec::new() };
                self.take_bag_entry(device, &request).await?.through
            } else if is_proved(entry) || entry.number <= self.keeper_taken(device).await? {
                self.take_entry_by(device, entry, &corrections).await?
            } else {
                self.refuse_unproved(device, entry).await?
            };
            match self.brought_row(device, entry).await?.map(|row| row.verdict).as_deref() {
                Some("merged") => told.merged += 1,
                Some("settled") => told.settled += 1,
                Some(_) => told.refused += 1,
                None => {
                    told.missing_from.get_or_insert(through + 1);
                    break;
                }
            }
        }
        Ok(told)
    }

    /// Takes in what is of terms that are over, together, as by the line: ids of those entries, or the number from which
    /// on the file lacks some, and then none of them is taken. Of a revoked device nothing is taken in.
    async fn take_brought_whole(&self, device: &DeviceCaller, entries: &[Entry]) -> Answer<(BTreeSet<String>, Option<u64>)> {
        let nothing = (BTreeSet::new(), None);
        let rows = self.stores.keepers.keepers(&device.site_id).await?;
        let Some(row) = rows.into_iter().find(|row| row.device_id == device.id) else { return Ok(nothing) };
        if self.is_shut_out(device, &row).await? {
            return Ok(nothing);
        }
        let current = u64::try_from(row.term).ok().filter(|_| row.is_keeper);
        // What is not proved says nothing of where the terms end.
        let is_of_past = |entry: &Entry| is_signed(&row, entry) && term_of(entry).is_some_and(|term| Some(term) != current);
        let end = entries.iter().rposition(is_of_past).map_or(0, |last| last + 1);
        let taken = self.keeper_taken(device).await?;
        let mut past: Vec<Entry> = entries[..end].iter().filter(|entry| entry.number > taken).cloned().collect();
        past.dedup();
        let gap = (taken + 1..).zip(&past).find(|(number, entry)| entry.number != *number).map(|(number, _)| number);
        if past.is_empty() || gap.is_some() {
            return Ok((BTreeSet::new(), gap));
        }
        let ids = past.iter().map(|entry| Self::entry_id(device, entry)).collect();
        self.take_keeper_journal(device, past).await?;
        Ok((ids, None))
    }

    /// What lies here of an entry.
    async fn brought_row(&self, device: &DeviceCaller, entry: &Entry) -> Answer<Option<KeeperEntryRow>> {
        let id = Self::entry_id(device, entry);
        Ok(self.stores.keepers.keeper_entry(&device.site_id, &id).await?)
    }
}
