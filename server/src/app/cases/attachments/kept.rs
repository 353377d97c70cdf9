//! Contents that a field bag brings before the application that names them: kept like every file, sealed and once a site.
//! What no case and no open review names is forgotten like what an upload left behind.

use domain::case::FileKind;
use domain::time::Millis;

use super::{PART_BYTES, SentFile, Sound, THUMBNAIL_PART, content, place_of};
use crate::app::App;
use crate::app::error::{Answer, FieldErrors};
use crate::store::AttachmentRow;
use crate::vault::sha256;

/// A photo that a case can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) struct KeptPhoto {
    /// SHA-256 of the content, in hexadecimal digits.
    pub(in crate::app) sha256: String,
    /// What it is.
    pub(in crate::app) kind: FileKind,
    /// Size in bytes.
    pub(in crate::app) size_bytes: u64,
}

impl App {
    /// Keeps a content with its small picture, if it is one.
    ///
    /// # Errors
    /// When the store fails, or too many are taken in at once.
    pub(in crate::app) async fn keep_brought(&self, site_id: &str, bytes: Vec<u8>) -> Answer<()> {
        let _place = place_of(&self.files.taking).await?;
        let file = SentFile { name: String::new(), bytes: bytes.clone() };
        let sound = self.checked_file(Some(file), &mut FieldErrors::default()).await?;
        let plain = || Sound { name: String::new(), kind: FileKind::Pdf, sha256: sha256(&bytes), bytes: bytes.clone(), thumbnail: None };
        self.keep_content(site_id, &sound.unwrap_or_else(plain)).await
    }

    /// A content as it was brought; `None` where it is not here as a whole.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn brought(&self, site_id: &str, hash: &str) -> Answer<Option<Vec<u8>>> {
        let Ok(hash) = data_encoding::HEXLOWER.decode(hash.as_bytes()) else { return Ok(None) };
        let mut bytes = Vec::new();
        for number in 0.. {
            let Some(part) = self.part(site_id, &hash, number).await? else { break };
            let is_last = part.len() < PART_BYTES;
            bytes.extend(part);
            if is_last {
                break;
            }
        }
        Ok((sha256(&bytes) == hash).then_some(bytes))
    }

    /// A content that is a picture.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn brought_photo(&self, site_id: &str, hash: &str) -> Answer<Option<KeptPhoto>> {
        let Some(bytes) = self.brought(site_id, hash).await? else { return Ok(None) };
        let Some(kind) = content::kind_of(&bytes).ok().filter(|kind| kind.is_picture()) else { return Ok(None) };
        // Made when it was kept, and only of what could be unpacked.
        if self.part(site_id, &sha256(&bytes), THUMBNAIL_PART).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(KeptPhoto { sha256: hash.to_owned(), kind, size_bytes: bytes.len() as u64 }))
    }

    /// Rows that hold contents for a review, until it is over.
    pub(in crate::app) fn held(site_id: &str, review_id: &str, hashes: &[&str], released_at: Option<Millis>) -> Vec<AttachmentRow> {
        let row = |(place, hash): (usize, &&str)| {
            let sha256 = data_encoding::HEXLOWER.decode(hash.as_bytes()).ok()?;
            let id = format!("held-{review_id}-{place}");
            Some(AttachmentRow { site_id: site_id.to_owned(), id, case_id: review_id.to_owned(), sha256, removed_at: released_at })
        };
        hashes.iter().enumerate().filter_map(row).collect()
    }
}
