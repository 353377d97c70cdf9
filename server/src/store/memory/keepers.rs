//! Keepers, their journals and PINs in memory. Answers as the databases do.

use async_trait::async_trait;

use super::MemoryStore;
use crate::store::keepers::KeeperStore;
use crate::store::ports::Stored;
use crate::store::rows::{HallPinRow, KeeperEntryRow, KeeperRow};

#[async_trait]
impl KeeperStore for MemoryStore {
    async fn keepers_in_office(&self) -> Stored<Vec<KeeperRow>> {
        self.select(|row: &KeeperRow| row.is_keeper)
    }

    async fn keepers(&self, site_id: &str) -> Stored<Vec<KeeperRow>> {
        self.select(|row: &KeeperRow| row.site_id == site_id)
    }

    async fn keeper_entries_at(&self, site_id: &str, device_id: &str, number: i64) -> Stored<Vec<KeeperEntryRow>> {
        self.select(|row: &KeeperEntryRow| row.site_id == site_id && row.device_id == device_id && row.number == number)
    }

    async fn keeper_entry(&self, site_id: &str, id: &str) -> Stored<Option<KeeperEntryRow>> {
        self.first(|row: &KeeperEntryRow| row.site_id == site_id && row.id == id)
    }

    async fn keeper_entries_open(&self, site_id: &str, limit: i64) -> Stored<Vec<KeeperEntryRow>> {
        let is_open = |row: &KeeperEntryRow| row.site_id == site_id && row.verdict != "merged" && row.settled_at.is_none();
        let mut rows = self.select(is_open)?;
        rows.sort_by(|one, other| (one.received_at, &one.id).cmp(&(other.received_at, &other.id)));
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(rows)
    }

    async fn hall_pins(&self, site_id: &str) -> Stored<Vec<HallPinRow>> {
        self.select(|row: &HallPinRow| row.site_id == site_id)
    }
}
