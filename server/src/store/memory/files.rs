//! Contents of files in memory.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::time::Millis;

use super::{MemoryStore, Tables};
use crate::store::cells::TableRow;
use crate::store::ports::{FileStore, Stored};
use crate::store::rows::{AttachmentRow, FilePartRow, FileRow, PublicFileRow};

type Content = (String, Vec<u8>);

impl Tables {
    fn forget<T: TableRow>(&mut self, row: &T) {
        if let Some(table) = self.rows.get_mut(T::TABLE) {
            table.remove(&row.cells()[..T::KEY]);
        }
    }
}

#[async_trait]
impl FileStore for MemoryStore {
    async fn want_file(&self, file: &FileRow) -> Stored<i64> {
        let mut tables = self.lock();
        tables.put(file);
        let parts = tables.select(|part: &FilePartRow| part.site_id == file.site_id && part.sha256 == file.sha256 && part.part >= 0)?;
        Ok(i64::try_from(parts.len()).unwrap_or(i64::MAX))
    }

    async fn put_file_part(&self, part: &FilePartRow) -> Stored<()> {
        self.put(part);
        Ok(())
    }

    async fn file_part(&self, site_id: &str, sha256: &[u8], part: i64) -> Stored<Option<FilePartRow>> {
        self.first(|row: &FilePartRow| row.site_id == site_id && row.sha256 == sha256 && row.part == part)
    }

    async fn forget_files(&self, wanted_before: Millis, limit: i64) -> Stored<u64> {
        let mut tables = self.lock();
        let mut named: BTreeSet<Content> =
            tables.select(|row: &AttachmentRow| row.removed_at.is_none())?.into_iter().map(|row| (row.site_id, row.sha256)).collect();
        named.extend(tables.select(|row: &PublicFileRow| row.named)?.into_iter().map(|row| (row.site_id, row.sha256)));
        let mut over =
            tables.select(|row: &FileRow| row.wanted_at < wanted_before && !named.contains(&(row.site_id.clone(), row.sha256.clone())))?;
        over.truncate(usize::try_from(limit).unwrap_or(0));
        for file in &over {
            for part in tables.select(|part: &FilePartRow| part.site_id == file.site_id && part.sha256 == file.sha256)? {
                tables.forget(&part);
            }
            for public in tables.select(|row: &PublicFileRow| row.site_id == file.site_id && row.sha256 == file.sha256)? {
                tables.forget(&public);
            }
            tables.forget(file);
        }
        Ok(over.len() as u64)
    }

    async fn public_file(&self, site_id: &str, of_id: &str, sha256: &[u8]) -> Stored<Option<PublicFileRow>> {
        self.first(|row: &PublicFileRow| row.site_id == site_id && row.of_id == of_id && row.sha256 == sha256)
    }

    async fn public_files(&self, site_id: &str, of_id: &str) -> Stored<Vec<PublicFileRow>> {
        self.select(|row: &PublicFileRow| row.site_id == site_id && row.of_id == of_id)
    }
}
