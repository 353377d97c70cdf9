//! What is told to the platform above, and what it handles itself, in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::MemoryStore;
use crate::store::ports::{Stored, UpstreamStore};
use crate::store::rows::{ReportedRow, UpstreamCaseRow};

#[async_trait]
impl UpstreamStore for MemoryStore {
    async fn reported(&self, site_id: &str, id: &str) -> Stored<Option<ReportedRow>> {
        self.first(|row: &ReportedRow| row.site_id == site_id && row.id == id)
    }

    async fn reported_of(&self, site_id: &str, about_id: &str) -> Stored<Vec<ReportedRow>> {
        let mut rows = self.select(|row: &ReportedRow| row.site_id == site_id && row.about_id == about_id)?;
        rows.sort_by_key(|row| (row.position, row.id.clone()));
        Ok(rows)
    }

    async fn reported_in(&self, site_id: &str, states: &[&str], limit: i64) -> Stored<Vec<ReportedRow>> {
        let mut rows =
            self.select(|row: &ReportedRow| row.site_id == site_id && row.state != "sent" && states.contains(&row.state.as_str()))?;
        rows.sort_by_key(|row| (row.owed_at, row.about_id.clone(), row.position));
        rows.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(rows)
    }

    async fn reports_open(&self, site_id: &str) -> Stored<Vec<(String, i64, i64)>> {
        let mut counted: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for row in self.select(|row: &ReportedRow| row.site_id == site_id && row.state != "sent")? {
            let entry = counted.entry(row.state).or_insert((0, row.owed_at));
            *entry = (entry.0 + 1, entry.1.min(row.owed_at));
        }
        Ok(counted.into_iter().map(|(state, (count, oldest))| (state, count, oldest)).collect())
    }

    async fn upstream_case_by_number(&self, number: &str) -> Stored<Option<UpstreamCaseRow>> {
        self.first(|row: &UpstreamCaseRow| row.number == number)
    }

    async fn upstream_case(&self, site_id: &str, id: &str) -> Stored<Option<UpstreamCaseRow>> {
        self.first(|row: &UpstreamCaseRow| row.site_id == site_id && row.id == id)
    }

    async fn upstream_cases_by_tracking(&self, code: &str) -> Stored<Vec<UpstreamCaseRow>> {
        let mut rows = self.select(|row: &UpstreamCaseRow| row.tracking_code == code)?;
        rows.sort_by_key(|row| (row.linked_at, row.id.clone()));
        Ok(rows)
    }
}
