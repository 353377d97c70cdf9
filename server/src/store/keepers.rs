//! The port of keepers: who keeps a hall, what was taken of its journal, and the PINs of its staff.

use async_trait::async_trait;

use super::ports::Stored;
use super::rows::{HallPinRow, KeeperEntryRow, KeeperRow};

/// Keepers of halls, their journals and PINs.
#[async_trait]
pub trait KeeperStore: Send + Sync {
    /// The keepers in office, of every site.
    async fn keepers_in_office(&self) -> Stored<Vec<KeeperRow>>;
    /// Kiosks of a site that can keep it.
    async fn keepers(&self, site_id: &str) -> Stored<Vec<KeeperRow>>;
    /// What was taken of a device's journal under a number.
    async fn keeper_entries_at(&self, site_id: &str, device_id: &str, number: i64) -> Stored<Vec<KeeperEntryRow>>;
    /// One entry.
    async fn keeper_entry(&self, site_id: &str, id: &str) -> Stored<Option<KeeperEntryRow>>;
    /// Entries that were settled by a rule or refused and that nobody looked at yet, the oldest first.
    async fn keeper_entries_open(&self, site_id: &str, limit: i64) -> Stored<Vec<KeeperEntryRow>>;
    /// PINs of a site's staff.
    async fn hall_pins(&self, site_id: &str) -> Stored<Vec<HallPinRow>>;
}
