//! Pictures and film of a matter's guide: sent for its draft, kept as long as a draft or a version names them, and open
//! to everybody where the matter in force names them. A claimed matter shows those of the matter above.

use domain::catalogue::Matter;
use domain::ids::MatterId;
use serde::Serialize;
use serde_json::json;
use tokio::sync::SemaphorePermit;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::Permit;
use crate::app::cases::{AttachmentUpload, place_of};
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::public_files::{PublicFile, film, hash_of, name_of, picture};
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, Expect, PublicFileRow, Row};

use super::drafts::counter_of;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuideFileUse {
    /// A step's picture (图例版).
    Picture,
    /// The film (视频版).
    Film,
}

impl GuideFileUse {
    fn fits(self, row: &PublicFileRow) -> bool {
        row.media_type.starts_with("video/") == (self == Self::Film)
    }
}

/// A picture or film that was sent for a guide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GuideFileView {
    /// Its name in the guide: SHA-256 of the content as it is kept.
    pub file: String,
    /// `image/jpeg`, `image/png`, `video/mp4` or `video/webm`.
    pub content_type: String,
    /// Size in bytes.
    pub size_bytes: i64,
    /// In pixels; 0 for a film.
    pub width: i64,
    /// In pixels; 0 for a film.
    pub height: i64,
    /// Where those who write the draft read it.
    pub url: String,
}

/// Where everybody reads a file of a guide, once the matter in force names it.
pub(in crate::app) fn guide_file_url(id: &MatterId, file: &str) -> String {
    format!("/api/v1/matters/{id}/guide-files/{file}")
}

impl App {
    /// Whether there is such a matter, and a place among those who send files.
    ///
    /// # Errors
    /// 404; 503 when too many are sent at once.
    pub async fn guide_to_write(&self, permit: &Permit, id: &MatterId, what: GuideFileUse) -> Answer<SemaphorePermit<'_>> {
        self.matter_standing(permit.site_id(), id).await?;
        place_of(if what == GuideFileUse::Film { &self.files.films } else { &self.files.taking }).await
    }

    /// Takes a picture or film for a matter's draft; nobody else sees it before a version names it.
    ///
    /// # Errors
    /// 404; field errors and too many files are outcomes.
    pub async fn add_guide_file(
        &self,
        permit: &Permit,
        id: &MatterId,
        what: GuideFileUse,
        upload: AttachmentUpload,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        if let Some(replayed) = self.replayed(retry).await? {
            return Ok(replayed);
        }
        let AttachmentUpload { file, material_id, note, mut errors } = upload;
        for (name, given) in [("material_id", material_id), ("note", note)] {
            if given.is_some() {
                errors.add(name, "unknown_field", format!("不认识“{name}”这一项"));
            }
        }
        let sight = match what {
            GuideFileUse::Picture => self.seen(file, &mut errors, |bytes| picture(&bytes)).await?,
            GuideFileUse::Film => self.seen(file, &mut errors, film).await?,
        };
        let wrong = errors.into_vec();
        let site_id = permit.site_id();
        self.once(site_id, retry, || async {
            let Some(sight) = sight.as_ref().filter(|_| wrong.is_empty()) else { return Err(AppError::Invalid(wrong.clone())) };
            let standing = self.matter_standing(site_id, id).await?;
            let (row, is_news) = self.keep_public(site_id, id.as_str(), sight, false).await?;
            let view = guide_file_view(id, &row);
            let mut set = ChangeSet::new(site_id);
            if is_news {
                // A draft may have named it meanwhile, after another try of the same upload.
                set.expect.push(Expect::Counter(counter_of(id.as_str()), standing.revision));
                set.row(row);
            }
            let file = view.file.clone();
            Ok((set, Outcome::success(201, Some(file), json!(view))))
        })
        .await
    }

    /// A file for everybody: of a matter in force that names it.
    ///
    /// # Errors
    /// 404 for everything else, whatever lies in the store.
    pub async fn guide_file(&self, id: &MatterId, file: &str) -> Answer<PublicFile> {
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let row = self.catalogue_row(&site_id, id.as_str()).await?.filter(|row| row.state == "published");
        let matter: Matter = serde_json::from_str(&row.ok_or(AppError::NotFound)?.doc)?;
        if !matter.details.files().any(|named| named == file) {
            return Err(AppError::NotFound);
        }
        let of = matter.claimed.as_ref().map_or(id, |from| &from.matter_id);
        let of_site = self.directory.get().site_of_key(of.site_key())?.id.clone();
        self.public_file(&of_site, of.as_str(), file).await
    }

    /// A file for those who write or review the draft.
    ///
    /// # Errors
    /// 404.
    pub async fn drafted_guide_file(&self, permit: &Permit, id: &MatterId, file: &str) -> Answer<PublicFile> {
        self.public_file(permit.site_id(), id.as_str(), file).await
    }

    /// Files that a guide names and that are not there, or are something else.
    pub(super) async fn check_guide_files(&self, site_id: &str, matter: &Matter, errors: &mut FieldErrors) -> Answer<()> {
        let pictures = matter.details.pictures.iter().enumerate();
        let pictures = pictures.filter_map(|(at, one)| Some((format!("pictures[{at}]"), one.file.as_deref()?, GuideFileUse::Picture)));
        let films = matter.details.video.iter().filter_map(|one| Some(("video".to_owned(), one.file.as_deref()?, GuideFileUse::Film)));
        for (field, file, what) in pictures.chain(films) {
            let row = match hash_of(file) {
                Some(hash) => self.stores.files.public_file(site_id, matter.id.as_str(), &hash).await?,
                None => None,
            };
            if !row.is_some_and(|row| what.fits(&row)) {
                errors.add(
                    &format!("content.details.{field}.file"),
                    "missing_file",
                    "这个文件不在了（没存进草稿的一天后清掉），请再传一次",
                );
            }
        }
        Ok(())
    }

    /// The rows of files that a version names that comes into force beside the drafts.
    pub(in crate::app) async fn guide_files_in_force(&self, site_id: &str, matter: &Matter) -> Answer<Vec<Row>> {
        if matter.details.files().next().is_none() {
            return Ok(Vec::new());
        }
        let there = self.stores.files.public_files(site_id, matter.id.as_str()).await?;
        let now_named = there.into_iter().filter(|row| !row.named && matter.details.files().any(|file| file == name_of(&row.sha256)));
        Ok(now_named.map(|row| PublicFileRow { named: true, ..row }.into()).collect())
    }

    /// The rows of a matter's files after a change of its draft: named by the draft or by any version.
    pub(super) async fn guide_file_rows(&self, site_id: &str, id: &MatterId, draft: Option<&Matter>) -> Answer<Vec<Row>> {
        if self.stores.files.public_files(site_id, id.as_str()).await?.is_empty() {
            return Ok(Vec::new());
        }
        let mut named: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
        named.extend(draft.into_iter().flat_map(|matter| matter.details.files()).map(str::to_owned));
        for row in self.stores.catalogue.matter_versions(site_id, id.as_str()).await? {
            let matter: Matter = serde_json::from_str(&row.doc)?;
            named.extend(matter.details.files().map(str::to_owned));
        }
        self.named_anew(site_id, id.as_str(), |name| named.contains(name)).await
    }
}

fn guide_file_view(id: &MatterId, row: &PublicFileRow) -> GuideFileView {
    let file = name_of(&row.sha256);
    GuideFileView {
        url: format!("/api/v1/matters/{id}/draft/guide-files/{file}"),
        file,
        content_type: row.media_type.clone(),
        size_bytes: row.size_bytes,
        width: row.width,
        height: row.height,
    }
}
