//! What is told to the platform above, and what it handles itself, on SQL.

use async_trait::async_trait;

use super::queries::places;
use super::{SqlStore, int, text};
use crate::store::cells::{Cell, Kind};
use crate::store::ports::{Stored, UpstreamStore};
use crate::store::rows::{ReportedRow, UpstreamCaseRow};

const SITE_AND_ID: &str = "WHERE site_id = $1 AND id = $2";

#[async_trait]
impl UpstreamStore for SqlStore {
    async fn reported(&self, site_id: &str, id: &str) -> Stored<Option<ReportedRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn reported_of(&self, site_id: &str, about_id: &str) -> Stored<Vec<ReportedRow>> {
        self.select("WHERE site_id = $1 AND about_id = $2 ORDER BY position, id", vec![text(site_id), text(about_id)]).await
    }

    async fn reported_in(&self, site_id: &str, states: &[&str], limit: i64) -> Stored<Vec<ReportedRow>> {
        if states.is_empty() {
            return Ok(Vec::new());
        }
        let rest = format!(
            "WHERE site_id = $1 AND state <> 'sent' AND state IN ({}) ORDER BY owed_at, about_id, position LIMIT $2",
            places(3, states.len())
        );
        let mut params = vec![text(site_id), int(limit)];
        params.extend(states.iter().map(|state| text(state)));
        self.select(&rest, params).await
    }

    async fn reports_open(&self, site_id: &str) -> Stored<Vec<(String, i64, i64)>> {
        let sql =
            "SELECT state, COUNT(*), MIN(owed_at) FROM report_rows WHERE site_id = $1 AND state <> 'sent' GROUP BY state ORDER BY state";
        let rows = self.read(sql.to_owned(), vec![text(site_id)], &[Kind::Text, Kind::Int, Kind::Int]).await?;
        let counted = |row: Vec<Cell>| match row.as_slice() {
            [Cell::Text(Some(state)), Cell::Int(Some(count)), Cell::Int(Some(oldest))] => Some((state.clone(), *count, *oldest)),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(counted).collect())
    }

    async fn upstream_case_by_number(&self, number: &str) -> Stored<Option<UpstreamCaseRow>> {
        self.first("WHERE number = $1", vec![text(number)]).await
    }

    async fn upstream_case(&self, site_id: &str, id: &str) -> Stored<Option<UpstreamCaseRow>> {
        self.first(SITE_AND_ID, vec![text(site_id), text(id)]).await
    }

    async fn upstream_cases_by_tracking(&self, code: &str) -> Stored<Vec<UpstreamCaseRow>> {
        self.select("WHERE tracking_code = $1 ORDER BY linked_at, id", vec![text(code)]).await
    }
}
