//! Contents of files on SQL.

use async_trait::async_trait;
use domain::time::Millis;

use super::{SqlStore, commit, int, text};
use crate::store::cells::{Cell, Kind, TableRow as _};
use crate::store::ports::{FileStore, Stored};
use crate::store::rows::{FilePartRow, FileRow, PublicFileRow};

fn bytes(value: &[u8]) -> Cell {
    Cell::Bytes(Some(value.to_vec()))
}

#[async_trait]
impl FileStore for SqlStore {
    async fn want_file(&self, file: &FileRow) -> Stored<i64> {
        const THERE: &str = "SELECT COUNT(*) FROM file_parts WHERE site_id = $1 AND sha256 = $2 AND part >= 0";
        // Both in one transaction: what is counted here is not swept, for it is wanted now.
        let mut tx = self.begin().await?;
        tx.execute(commit::upsert(FileRow::TABLE, FileRow::COLUMNS, FileRow::KEY, 1, false), file.cells()).await?;
        let rows = tx.fetch(THERE.to_owned(), vec![text(&file.site_id), bytes(&file.sha256)], &[Kind::Int]).await?;
        tx.commit().await?;
        match rows.first().map(Vec::as_slice) {
            Some([Cell::Int(Some(count))]) => Ok(*count),
            _ => Ok(0),
        }
    }

    async fn put_file_part(&self, part: &FilePartRow) -> Stored<()> {
        self.put(part).await
    }

    async fn file_part(&self, site_id: &str, sha256: &[u8], part: i64) -> Stored<Option<FilePartRow>> {
        let rest = "WHERE site_id = $1 AND sha256 = $2 AND part = $3";
        Ok(self.select(rest, vec![text(site_id), bytes(sha256), int(part)]).await?.into_iter().next())
    }

    async fn forget_files(&self, wanted_before: Millis, limit: i64) -> Stored<u64> {
        const UNNAMED: &str = "NOT EXISTS (SELECT 1 FROM attachments WHERE attachments.site_id = files.site_id \
                               AND attachments.sha256 = files.sha256 AND attachments.removed_at IS NULL) AND NOT EXISTS \
                               (SELECT 1 FROM public_files WHERE public_files.site_id = files.site_id \
                               AND public_files.sha256 = files.sha256 AND public_files.named)";
        let over = format!("WHERE wanted_at < $1 AND {UNNAMED} ORDER BY wanted_at LIMIT $2");
        let over: Vec<FileRow> = self.select(&over, vec![int(wanted_before), int(limit)]).await?;
        let mut forgotten = 0;
        for file in &over {
            let mut tx = self.begin().await?;
            // Somebody may have wanted or named it since it was read: then it stays. The row's lock makes him wait, and
            // what he finds afterwards is that its parts are gone.
            let gone = format!("DELETE FROM files WHERE site_id = $1 AND sha256 = $2 AND wanted_at < $3 AND {UNNAMED}");
            let key = vec![text(&file.site_id), bytes(&file.sha256)];
            if tx.execute(gone, [key.clone(), vec![int(wanted_before)]].concat()).await? > 0 {
                tx.execute("DELETE FROM file_parts WHERE site_id = $1 AND sha256 = $2".to_owned(), key.clone()).await?;
                tx.execute("DELETE FROM public_files WHERE site_id = $1 AND sha256 = $2".to_owned(), key).await?;
                forgotten += 1;
            }
            tx.commit().await?;
        }
        Ok(forgotten)
    }

    async fn public_file(&self, site_id: &str, of_id: &str, sha256: &[u8]) -> Stored<Option<PublicFileRow>> {
        let rest = "WHERE site_id = $1 AND of_id = $2 AND sha256 = $3";
        Ok(self.select(rest, vec![text(site_id), text(of_id), bytes(sha256)]).await?.into_iter().next())
    }

    async fn public_files(&self, site_id: &str, of_id: &str) -> Stored<Vec<PublicFileRow>> {
        self.select("WHERE site_id = $1 AND of_id = $2 ORDER BY sha256", vec![text(site_id), text(of_id)]).await
    }
}
