//! Contents of files and what names them. Knows no database.

use async_trait::async_trait;
use domain::time::Millis;

use super::Stored;
use crate::store::rows::{FilePartRow, FileRow, PublicFileRow};

/// Contents of files, sealed, in parts.
///
/// They lie in the database and in no folder beside it, on SQLite too. So every process of a hall reaches them, one
/// backup holds one moment of rows and contents, and nothing can lie in one place that the other does not know.
/// The price is a larger database. A content is written part by part, each in a transaction of its own, so that
/// calling the next number never waits behind a scan; only then the case names it. What was written and never
/// named is swept.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Notes that a content is wanted; tells how many parts of it are there, the small picture not counted.
    async fn want_file(&self, file: &FileRow) -> Stored<i64>;
    /// Writes one part; the same part again replaces it.
    async fn put_file_part(&self, part: &FilePartRow) -> Stored<()>;
    /// One part.
    async fn file_part(&self, site_id: &str, sha256: &[u8], part: i64) -> Stored<Option<FilePartRow>>;
    /// Forgets contents that no case and no public file names and nobody wanted since an instant, at most so many; tells
    /// how many.
    async fn forget_files(&self, wanted_before: Millis, limit: i64) -> Stored<u64>;
    /// A public file of whose it is.
    async fn public_file(&self, site_id: &str, of_id: &str, sha256: &[u8]) -> Stored<Option<PublicFileRow>>;
    /// The public files of a matter or a member of staff, by content.
    async fn public_files(&self, site_id: &str, of_id: &str) -> Stored<Vec<PublicFileRow>>;
}
