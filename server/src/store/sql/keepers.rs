//! Keepers, their journals and PINs on SQL.

use async_trait::async_trait;

use super::{SqlStore, int, text};
use crate::store::keepers::KeeperStore;
use crate::store::ports::Stored;
use crate::store::rows::{HallPinRow, KeeperEntryRow, KeeperRow};

#[async_trait]
impl KeeperStore for SqlStore {
    async fn keepers_in_office(&self) -> Stored<Vec<KeeperRow>> {
        self.select("WHERE is_keeper ORDER BY site_id, device_id", Vec::new()).await
    }

    async fn keepers(&self, site_id: &str) -> Stored<Vec<KeeperRow>> {
        self.select("WHERE site_id = $1 ORDER BY device_id", vec![text(site_id)]).await
    }

    async fn keeper_entries_at(&self, site_id: &str, device_id: &str, number: i64) -> Stored<Vec<KeeperEntryRow>> {
        let there = "WHERE site_id = $1 AND device_id = $2 AND number = $3 ORDER BY id";
        self.select(there, vec![text(site_id), text(device_id), int(number)]).await
    }

    async fn keeper_entry(&self, site_id: &str, id: &str) -> Stored<Option<KeeperEntryRow>> {
        self.first("WHERE site_id = $1 AND id = $2", vec![text(site_id), text(id)]).await
    }

    async fn keeper_entries_open(&self, site_id: &str, limit: i64) -> Stored<Vec<KeeperEntryRow>> {
        let open = "WHERE site_id = $1 AND verdict <> 'merged' AND settled_at IS NULL ORDER BY received_at, id LIMIT $2";
        self.select(open, vec![text(site_id), int(limit)]).await
    }

    async fn hall_pins(&self, site_id: &str) -> Stored<Vec<HallPinRow>> {
        self.select("WHERE site_id = $1 ORDER BY staff_id", vec![text(site_id)]).await
    }
}
