//! Pictures and films that may be seen by others than who sent them: of guides, and photos of staff. Their contents lie
//! sealed with all others, so that there is one store and one backup; a row of their own (`public_files`) says of each
//! whose it is, and without one no content goes out this way, whatever a document names. Knows no matter and no account.

mod sight;

use crate::store::{PublicFileRow, Row};
use crate::vault::sha256;

use super::App;
use super::cases::{PART_BYTES, SentFile};
use super::error::{Answer, AppError, FieldErrors};
pub(in crate::app) use sight::{Sight, Wrong, film, picture, portrait};

/// The part that holds the smaller picture; another one than a case's small picture, on which nothing can be read.
const SMALL_PART: i64 = -2;
/// Files of one matter at once, those that nothing names yet among them.
const FILES_MAX: usize = 60;

/// A file that may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicFile {
    site_id: String,
    sha256: Vec<u8>,
    /// What it is.
    pub media_type: String,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// What a file's name stands for.
pub(in crate::app) fn hash_of(name: &str) -> Option<Vec<u8>> {
    domain::catalogue::is_file_name(name).then(|| data_encoding::HEXLOWER.decode(name.as_bytes()).ok()).flatten()
}

/// The name of a content.
pub(in crate::app) fn name_of(hash: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(hash)
}

impl App {
    /// Looks at a file that was sent, away from the threads that answer; what is wrong with it stands in `errors`.
    pub(in crate::app) async fn seen<F>(&self, file: Option<SentFile>, errors: &mut FieldErrors, look: F) -> Answer<Option<Sight>>
    where
        F: FnOnce(Vec<u8>) -> Result<Sight, Wrong> + Send + 'static,
    {
        let Some(SentFile { bytes, .. }) = file else { return Ok(None) };
        // One picture is unpacked at a time.
        let unpacking = self.files.unpacking.acquire().await.map_err(|error| AppError::Internal(error.to_string()))?;
        let looked_at = tokio::task::spawn_blocking(move || look(bytes)).await;
        drop(unpacking);
        match looked_at.map_err(|error| AppError::Internal(error.to_string()))? {
            Ok(sight) => Ok(Some(sight)),
            Err(wrong) => {
                errors.add("file", wrong.code, wrong.message);
                Ok(None)
            }
        }
    }

    /// Keeps a content, and makes the row that lets it out, with whether it is to be written: one that is there already
    /// stays as it is, and is named by [`Self::named_anew`] alone.
    ///
    /// # Errors
    /// Too many files of one thing; when the store fails.
    pub(in crate::app) async fn keep_public(
        &self,
        site_id: &str,
        of_id: &str,
        sight: &Sight,
        named: bool,
    ) -> Answer<(PublicFileRow, bool)> {
        let hash = sha256(&sight.bytes);
        let there = self.stores.files.public_files(site_id, of_id).await?;
        let before = there.iter().find(|row| row.sha256 == hash);
        // Those that a version names stay for good, so they count for no limit.
        if before.is_none() && there.iter().filter(|row| !row.named).count() >= FILES_MAX {
            return Err(AppError::refused("too_many_files", format!("没用上的图和视频最多 {FILES_MAX} 份，一天后自己清掉，请明天再传")));
        }
        if let Some(small) = &sight.small {
            self.put_part(site_id, &hash, SMALL_PART, small).await?;
        }
        self.keep_bytes(site_id, &hash, &sight.bytes, None).await?;
        let row = PublicFileRow {
            site_id: site_id.to_owned(),
            of_id: of_id.to_owned(),
            media_type: sight.media_type.to_owned(),
            size_bytes: i64::try_from(sight.bytes.len()).unwrap_or(i64::MAX),
            width: i64::from(sight.width),
            height: i64::from(sight.height),
            named: named || before.is_some_and(|row| row.named),
            sha256: hash,
        };
        let is_news = before.is_none();
        Ok((row, is_news))
    }

    /// The rows of a thing's files by what it names now: what it does not is forgotten within a day.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn named_anew(&self, site_id: &str, of_id: &str, names: impl Fn(&str) -> bool + Send) -> Answer<Vec<Row>> {
        let there = self.stores.files.public_files(site_id, of_id).await?;
        let changed = there.into_iter().filter_map(|row| {
            let named = names(&name_of(&row.sha256));
            (named != row.named).then(|| PublicFileRow { named, ..row }.into())
        });
        Ok(changed.collect())
    }

    /// A file of a thing.
    ///
    /// # Errors
    /// 404 where it has none of this name.
    pub(in crate::app) async fn public_file(&self, site_id: &str, of_id: &str, name: &str) -> Answer<PublicFile> {
        let hash = hash_of(name).ok_or(AppError::NotFound)?;
        let row = self.stores.files.public_file(site_id, of_id, &hash).await?.ok_or(AppError::NotFound)?;
        let size_bytes = u64::try_from(row.size_bytes).unwrap_or_default();
        Ok(PublicFile { site_id: row.site_id, sha256: row.sha256, media_type: row.media_type, size_bytes })
    }

    /// Bytes of a file from an offset on, to the end of the part in which it lies.
    ///
    /// # Errors
    /// When the part is gone, or is not what was sealed.
    pub async fn public_bytes(&self, file: &PublicFile, from: u64) -> Answer<Vec<u8>> {
        let (part, skip) = (from / PART_BYTES as u64, from % PART_BYTES as u64);
        let number = i64::try_from(part).map_err(|error| AppError::Internal(error.to_string()))?;
        let lost = || AppError::Internal(format!("part {part} of {} is gone", name_of(&file.sha256)));
        let mut bytes = self.part(&file.site_id, &file.sha256, number).await?.ok_or_else(lost)?;
        bytes.drain(..usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len()));
        if bytes.is_empty() { Err(lost()) } else { Ok(bytes) }
    }

    /// The smaller picture of a file, as JPEG; `None` where the file itself is small.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn public_small(&self, file: &PublicFile) -> Answer<Option<Vec<u8>>> {
        self.part(&file.site_id, &file.sha256, SMALL_PART).await
    }

    /// Copies the files that something names to a thing of another site, sealed for that one.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn copied_files(&self, from: (&str, &str), to: (&str, &str), names: &[String]) -> Answer<Vec<Row>> {
        let mut rows = Vec::new();
        for row in self.stores.files.public_files(from.0, from.1).await? {
            if !names.contains(&name_of(&row.sha256)) {
                continue;
            }
            let size_bytes = u64::try_from(row.size_bytes).unwrap_or_default();
            let file =
                PublicFile { site_id: from.0.to_owned(), sha256: row.sha256.clone(), media_type: row.media_type.clone(), size_bytes };
            let mut bytes = Vec::with_capacity(usize::try_from(size_bytes).unwrap_or_default());
            while (bytes.len() as u64) < size_bytes {
                bytes.extend(self.public_bytes(&file, bytes.len() as u64).await?);
            }
            if let Some(small) = self.public_small(&file).await? {
                self.put_part(to.0, &row.sha256, SMALL_PART, &small).await?;
            }
            self.keep_bytes(to.0, &row.sha256, &bytes, None).await?;
            rows.push(PublicFileRow { site_id: to.0.to_owned(), of_id: to.1.to_owned(), named: true, ..row }.into());
        }
        Ok(rows)
    }
}
