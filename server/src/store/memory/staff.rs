//! Accounts and their sessions in memory.

use async_trait::async_trait;
use domain::time::Millis;

use super::MemoryStore;
use crate::store::cells::Cell;
use crate::store::ports::{StaffStore, Stored};
use crate::store::rows::{SessionRow, StaffRow};

#[async_trait]
impl StaffStore for MemoryStore {
    async fn staff_by_username(&self, username: &str) -> Stored<Option<StaffRow>> {
        self.first(|row: &StaffRow| row.username == username)
    }

    async fn staff(&self, site_id: &str, id: &str) -> Stored<Option<StaffRow>> {
        self.first(|row: &StaffRow| row.site_id == site_id && row.id == id)
    }

    async fn all_staff(&self) -> Stored<Vec<StaffRow>> {
        self.select(|_: &StaffRow| true)
    }

    async fn set_failures(&self, site_id: &str, id: &str, failures: i64, locked_until: Millis) -> Stored<()> {
        let failed = |row: &mut StaffRow| (row.failures, row.locked_until) = (failures, locked_until);
        self.change(|row: &StaffRow| row.site_id == site_id && row.id == id, |_| (), failed).map(drop)
    }

    async fn add_session(&self, session: &SessionRow) -> Stored<()> {
        self.put(session);
        Ok(())
    }

    async fn session(&self, token_hash: &[u8]) -> Stored<Option<SessionRow>> {
        self.first(|row: &SessionRow| row.token_hash == token_hash)
    }

    async fn touch_session(&self, token_hash: &[u8], at: Millis) -> Stored<()> {
        self.change(|row: &SessionRow| row.token_hash == token_hash, |_| (), |row| row.seen_at = at).map(drop)
    }

    async fn set_practice(&self, token_hash: &[u8], practice_id: Option<&str>) -> Stored<()> {
        let is_it = |row: &SessionRow| row.token_hash == token_hash;
        self.change(is_it, |_| (), |row: &mut SessionRow| row.practice_id = practice_id.map(str::to_owned)).map(drop)
    }

    async fn end_session(&self, token_hash: &[u8]) -> Stored<()> {
        if let Some(table) = self.lock().rows.get_mut("sessions") {
            table.remove(&vec![Cell::Bytes(Some(token_hash.to_vec()))]);
        }
        Ok(())
    }

    async fn end_sessions_of(&self, site_id: &str, staff_id: &str, but: Option<&[u8]>) -> Stored<()> {
        let ends = |row: &SessionRow| row.site_id == site_id && row.staff_id == staff_id && Some(row.token_hash.as_slice()) != but;
        for row in self.select(ends)? {
            self.end_session(&row.token_hash).await?;
        }
        Ok(())
    }
}
