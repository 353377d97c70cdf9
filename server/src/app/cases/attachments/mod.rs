//! Files of a case (附件): scans and photos of its materials, added at the desk, looked at by who decides.
//!
//! A content is sealed, once a site, before the case names it; what no case names is forgotten after a day. Names and
//! notes are sealed texts. Whoever reads a file is recorded like whoever reads a name, before it is answered; the
//! small picture is not, for nothing can be read on it.

pub(in crate::app) mod content;
mod kept;
mod online;

use domain::case::{Action, Actor, Attachment, Case, Command, FileKind};
use domain::ids::{AttachmentId, CaseId, MaterialId};
use domain::rights::Operation;
use domain::time::{DAY_MS, Millis, local_date, rfc3339};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::ToSchema;

use super::act::By;
use super::answer::Names;
use super::commands::Draft;
use crate::app::App;
use crate::app::caller::{Caller, Permit, StaffCaller};
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::retry::{Outcome, Retry};
use crate::store::{AttachmentRow, ChangeSet, FilePartRow, FileRow};
use crate::vault::sha256;
pub use content::outgoing_name;
pub(in crate::app) use kept::KeptPhoto;
pub use online::RemoveOwnRequest;

/// Bytes of a part, before it is sealed. A hall's commit waits for one part at most.
pub(in crate::app) const PART_BYTES: usize = 1024 * 1024;
/// The part that holds the small picture.
const THUMBNAIL_PART: i64 = -1;
/// Files that are taken in at once by one process; each may lie in memory as a whole, slow lines hold one for minutes.
const AT_ONCE: usize = 24;
/// Files of citizens that are taken in at once.
const FROM_HOME_AT_ONCE: usize = 12;
/// How long a content stays that no case names.
const FORGET_AFTER_MS: Millis = DAY_MS;
/// Contents that one run of the timer forgets.
const FORGET_MAX: i64 = 1_000;

/// What bounds the work on files in this process.
#[derive(Debug)]
pub struct FileDesk {
    pub(in crate::app) taking: Semaphore,
    /// Those of citizens, who never take a place from the desk.
    from_home: Semaphore,
    /// One picture is unpacked at a time: it may take hundreds of megabytes.
    pub(in crate::app) unpacking: Semaphore,
    /// Films are taken in by twos: each lies in memory as a whole.
    pub(in crate::app) films: Semaphore,
    /// One case file is bound at a time: it holds every file of its case.
    pub(in crate::app) binding: Semaphore,
}

impl Default for FileDesk {
    fn default() -> Self {
        Self {
            taking: Semaphore::new(AT_ONCE),
            from_home: Semaphore::new(FROM_HOME_AT_ONCE),
            unpacking: Semaphore::new(1),
            films: Semaphore::new(2),
            binding: Semaphore::new(1),
        }
    }
}

/// A file as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentFile {
    /// The name it came under.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A request to add a file.
#[derive(Debug, Default)]
pub struct AttachmentUpload {
    /// The file, if one came.
    pub file: Option<SentFile>,
    /// The material that it shows.
    pub material_id: Option<String>,
    /// What was written to it.
    pub note: Option<String>,
    /// What was wrong on the way.
    pub errors: FieldErrors,
}

impl AttachmentUpload {
    /// What makes it the same request when it is sent again: the borders between the parts are drawn anew each time.
    #[must_use]
    pub fn print(&self) -> Vec<u8> {
        let (name, content) = self.file.as_ref().map_or_else(Default::default, |file| (file.name.as_str(), sha256(&file.bytes)));
        let told = [name, self.material_id.as_deref().unwrap_or("-"), self.note.as_deref().unwrap_or("-")].join("\n");
        [content, told.into_bytes()].concat()
    }
}

/// Why a file is taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveAttachmentRequest {
    /// Why.
    pub reason: Option<String>,
}

/// A file of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttachmentView {
    /// The file.
    pub id: String,
    /// The case.
    pub case_id: String,
    /// The material that it shows.
    pub material_id: Option<String>,
    /// What it is, by its content: `application/pdf`, `image/jpeg`, `image/png` or `image/webp`.
    pub content_type: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the content, in hexadecimal digits.
    pub sha256: String,
    /// The name it came under; null for who may not see the applicant's data.
    pub name: Option<String>,
    /// What was written to it; null for who may not see the applicant's data.
    pub note: Option<String>,
    /// When it was added.
    pub at: String,
    /// By whom.
    pub by: Option<String>,
    /// Where it is read.
    pub url: String,
    /// Where a small picture of it is read; null for a PDF.
    pub thumbnail_url: Option<String>,
}

/// A file on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContent {
    /// What it is.
    pub media_type: &'static str,
    /// The name it goes out under.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A file that may be kept.
struct Sound {
    name: String,
    kind: FileKind,
    sha256: Vec<u8>,
    bytes: Vec<u8>,
    thumbnail: Option<Vec<u8>>,
}

/// What goes into a case with a file.
struct Told<'a> {
    sound: Option<&'a Sound>,
    material: Option<MaterialId>,
    note: Option<&'a str>,
    errors: &'a [FieldError],
}

impl App {
    /// Whether the caller may add files to a case at all, and a place among those who do.
    ///
    /// # Errors
    /// 404, 403; 503 when too many are added at once.
    pub async fn case_to_attach(&self, caller: &StaffCaller, id: &CaseId) -> Answer<SemaphorePermit<'_>> {
        self.case_to_change(caller, id, Action::Attach).await?;
        place_of(&self.files.taking).await
    }

    async fn case_to_change(&self, caller: &StaffCaller, id: &CaseId, action: Action) -> Answer<Case> {
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let case = self.case_for(&Caller::Staff(Box::new(caller.clone())), &site_id, id.as_str()).await?;
        case.entitle(action, &Actor::Staff(caller.staff.clone()), &self.case_context(&case))?;
        Ok(case)
    }

    /// Adds a file to a case.
    ///
    /// # Errors
    /// 404, 403; field errors and refusals are outcomes.
    pub async fn attach(&self, caller: &StaffCaller, id: &CaseId, upload: AttachmentUpload, retry: Option<&Retry>) -> Answer<Outcome> {
        if let Some(replayed) = self.replayed(retry).await? {
            return Ok(replayed);
        }
        let AttachmentUpload { file, material_id, note, mut errors } = upload;
        let sound = self.checked_file(file, &mut errors).await?;
        let errors: Vec<FieldError> = errors.into_vec();
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        self.once(&site_id, retry, || async {
            let case = self.case_to_change(caller, id, Action::Attach).await?;
            let mut draft = Draft::new(self, &site_id, id.site_key());
            let material = draft.own_material(&case, material_id.as_deref());
            let told = Told { sound: sound.as_ref(), material, note: note.as_deref(), errors: &errors };
            self.added(&case, &Actor::Staff(caller.staff.clone()), draft, told).await
        })
        .await
    }

    /// Adds a file to a case as somebody: what is refused is not kept, what is kept lies there before the case names it.
    async fn added(&self, case: &Case, actor: &Actor, mut draft: Draft<'_>, told: Told<'_>) -> Answer<(ChangeSet, Outcome)> {
        let (site_id, context) = (case.site.as_str(), self.case_context(case));
        let Told { sound, material, note, errors } = told;
        errors.iter().for_each(|error| draft.errors().add(&error.field, &error.code, error.message.clone()));
        let note = draft.text("note", note, false)?;
        let name = draft.seal("attachment_name", sound.map_or("", |sound| &sound.name))?;
        let attachment_id = AttachmentId::new(case.id.site_key(), &id_tail(self.entropy.as_ref(), context.now));
        let attachment = sound.map(|sound| Attachment {
            id: attachment_id.clone(),
            material,
            sha256: data_encoding::HEXLOWER.encode(&sound.sha256),
            size_bytes: sound.bytes.len() as u64,
            kind: sound.kind,
            name,
            note,
            at: context.now,
            by: actor.staff_id().cloned(),
        });
        let (attachment, mut rows) = draft.done(attachment)?;
        let command = Command::Attach { attachment: Box::new(attachment) };
        if let Some(sound) = sound {
            rows.push(attachment_row(case, &attachment_id, sound.sha256.clone(), None).into());
        }
        let by = By { actor, context: &context, silence: Vec::new() };
        let decided = self.decided(case, &command, by, rows, (201, attachment_id.to_string())).await?;
        if let Some(sound) = sound {
            self.keep_content(site_id, sound).await?;
        }
        Ok(decided)
    }

    /// What a file is, with its small picture; `None` where something was wrong with it.
    async fn checked_file(&self, file: Option<SentFile>, errors: &mut FieldErrors) -> Answer<Option<Sound>> {
        let Some(SentFile { name, bytes }) = file else { return Ok(None) };
        let unpacking = self.files.unpacking.acquire().await.map_err(|error| AppError::Internal(error.to_string()))?;
        let looked_at = tokio::task::spawn_blocking(move || {
            let kind = content::kind_of(&bytes)?;
            let thumbnail = content::thumbnail(kind, &bytes)?;
            Ok(Sound { name: content::kept_name(&name), kind, sha256: sha256(&bytes), bytes, thumbnail })
        });
        let looked_at: Result<Sound, content::Fault> = looked_at.await.map_err(|error| AppError::Internal(error.to_string()))?;
        drop(unpacking);
        match looked_at {
            Ok(sound) => Ok(Some(sound)),
            Err(fault) => {
                errors.add("file", fault.code(), fault.message());
                Ok(None)
            }
        }
    }

    async fn keep_content(&self, site_id: &str, sound: &Sound) -> Answer<()> {
        self.keep_bytes(site_id, &sound.sha256, &sound.bytes, sound.thumbnail.as_deref()).await
    }

    /// Writes a content and the small picture of it, unless it is there already.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn keep_bytes(&self, site_id: &str, sha256: &[u8], bytes: &[u8], thumbnail: Option<&[u8]>) -> Answer<()> {
        let count = bytes.len().div_ceil(PART_BYTES);
        let parts = i64::try_from(count).unwrap_or(i64::MAX);
        let file = FileRow { site_id: site_id.to_owned(), sha256: sha256.to_vec(), parts, wanted_at: self.now() };
        if self.stores.files.want_file(&file).await? == parts {
            return Ok(());
        }
        let thumbnail = thumbnail.map(|small| (THUMBNAIL_PART, small));
        for (part, plain) in thumbnail.into_iter().chain((0..).zip(bytes.chunks(PART_BYTES))) {
            self.put_part(site_id, sha256, part, plain).await?;
        }
        Ok(())
    }

    /// Writes one part of a content; the same part again replaces it.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn put_part(&self, site_id: &str, sha256: &[u8], part: i64, plain: &[u8]) -> Answer<()> {
        let sealed = self.vault.seal(self.entropy.as_ref(), &owner(site_id, sha256, part), plain)?;
        let key_id = self.vault.key_id().to_owned();
        let row = FilePartRow { site_id: site_id.to_owned(), sha256: sha256.to_vec(), part, key_id, sealed };
        Ok(self.stores.files.put_file_part(&row).await?)
    }

    pub(in crate::app) async fn part(&self, site_id: &str, sha256: &[u8], part: i64) -> Answer<Option<Vec<u8>>> {
        let Some(row) = self.stores.files.file_part(site_id, sha256, part).await? else { return Ok(None) };
        Ok(Some(self.vault.open(&row.key_id, &owner(site_id, sha256, part), &row.sealed)?))
    }

    /// The files of a case.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn attachments(&self, caller: &StaffCaller, id: &CaseId) -> Answer<Vec<AttachmentView>> {
        let (case, permit) = self.readable(caller, Operation::ReadCase, id).await?;
        self.attachment_views(permit.caller(), &case, &mut Names::default()).await
    }

    /// A file's content; the read is an event before it is answered.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn attachment(&self, caller: &StaffCaller, id: &CaseId, attachment: &str) -> Answer<FileContent> {
        let (case, permit) = self.readable(caller, Operation::RevealCase, id).await?;
        let attachment = attachment_of(&case, attachment)?;
        let (bytes, name) = self.attachment_bytes(&case, attachment).await?;
        self.record_attachment(&permit, &case, attachment).await?;
        Ok(FileContent { media_type: attachment.kind.media_type(), name, bytes })
    }

    /// The bytes of a file, found to be those that were added, and the name it goes out under.
    ///
    /// # Errors
    /// When a part is gone or is not what was added.
    pub(in crate::app) async fn attachment_bytes(&self, case: &Case, attachment: &Attachment) -> Answer<(Vec<u8>, String)> {
        let (site_id, hash) = (case.site.as_str(), hash_of(attachment)?);
        let mut bytes = Vec::with_capacity(usize::try_from(attachment.size_bytes).unwrap_or_default());
        for part in 0.. {
            if bytes.len() as u64 >= attachment.size_bytes {
                break;
            }
            let lost = || AppError::Internal(format!("part {part} of {} is gone", attachment.id));
            bytes.extend(self.part(site_id, &hash, part).await?.ok_or_else(lost)?);
        }
        if sha256(&bytes) != hash {
            return Err(AppError::Internal(format!("{} is not what was added", attachment.id)));
        }
        let name = self.text(site_id, attachment.name.as_str()).await?;
        Ok((bytes, outgoing_name(&name, attachment.kind)))
    }

    /// The small picture of a file.
    ///
    /// # Errors
    /// 404, also for a PDF, which has none; 403.
    pub async fn thumbnail(&self, caller: &StaffCaller, id: &CaseId, attachment: &str) -> Answer<Vec<u8>> {
        let (case, _) = self.readable(caller, Operation::RevealCase, id).await?;
        let attachment = attachment_of(&case, attachment)?;
        self.part(case.site.as_str(), &hash_of(attachment)?, THUMBNAIL_PART).await?.ok_or(AppError::NotFound)
    }

    /// Takes a file away from a case that is not accepted yet.
    ///
    /// # Errors
    /// 404, 403; field errors and refusals are outcomes.
    pub async fn remove_attachment(
        &self,
        caller: &StaffCaller,
        id: &CaseId,
        attachment: &str,
        body: Result<RemoveAttachmentRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        self.once(&site_id, retry, || async {
            let case = self.case_for(&Caller::Staff(Box::new(caller.clone())), &site_id, id.as_str()).await?;
            let found = attachment_of(&case, attachment)?;
            let (actor, context) = (Actor::Staff(caller.staff.clone()), self.case_context(&case));
            case.entitle(Action::RemoveAttachment, &actor, &context)?;
            let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
            let mut draft = Draft::new(self, &site_id, id.site_key());
            let reason = draft.text("reason", body.reason.as_deref(), true)?;
            let (reason, mut rows) = draft.done(reason)?;
            rows.push(attachment_row(&case, &found.id, hash_of(found)?, Some(context.now)).into());
            let command = Command::RemoveAttachment { attachment: found.id.clone(), reason };
            let by = By { actor: &actor, context: &context, silence: Vec::new() };
            self.decided(&case, &command, by, rows, (200, id.to_string())).await
        })
        .await
    }

    /// The outcome of adding a file with the file as its body; an outcome that is given again finds it perhaps gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn with_attachment(&self, caller: &StaffCaller, id: &CaseId, mut outcome: Outcome) -> Answer<Outcome> {
        if !outcome.body.is_null() {
            return Ok(outcome);
        }
        let any = Caller::Staff(Box::new(caller.clone()));
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let case = self.case_for(&any, &site_id, id.as_str()).await?;
        let found = attachment_of(&case, outcome.object_id.as_deref().unwrap_or_default())?;
        let is_open = self.may_reveal(&any, &case);
        outcome.body = serde_json::to_value(self.attachment_view(&case, found, is_open, &mut Names::default()).await?)?;
        Ok(outcome)
    }

    /// Forgets contents that no case names.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_files(&self) -> Answer<()> {
        let count = self.stores.files.forget_files(self.now() - FORGET_AFTER_MS, FORGET_MAX).await?;
        if count > 0 {
            tracing::info!(count, "contents that no case names are forgotten");
        }
        Ok(())
    }

    fn may_reveal(&self, caller: &Caller, case: &Case) -> bool {
        let permit = caller.permit(Operation::RevealCase, case.site.as_str());
        permit.is_ok_and(|permit| permit.reaches(&case.department, local_date(self.now())).is_ok())
    }

    pub(super) async fn attachment_views(&self, caller: &Caller, case: &Case, names: &mut Names) -> Answer<Vec<AttachmentView>> {
        let is_open = self.may_reveal(caller, case);
        let mut views = Vec::with_capacity(case.attachments.len());
        for attachment in &case.attachments {
            views.push(self.attachment_view(case, attachment, is_open, names).await?);
        }
        Ok(views)
    }

    async fn attachment_view(&self, case: &Case, attachment: &Attachment, is_open: bool, names: &mut Names) -> Answer<AttachmentView> {
        let site_id = case.site.as_str();
        let by = match &attachment.by {
            Some(id) => Some(names.of(self, id).await?),
            None => None,
        };
        let name = if is_open { Some(self.text(site_id, attachment.name.as_str()).await?) } else { None };
        let note = match attachment.note.as_ref().filter(|_| is_open) {
            Some(id) => Some(self.text(site_id, id.as_str()).await?),
            None => None,
        };
        let url = format!("/api/v1/cases/{}/attachments/{}", case.id, attachment.id);
        Ok(AttachmentView {
            id: attachment.id.to_string(),
            case_id: case.id.to_string(),
            material_id: attachment.material.as_ref().map(ToString::to_string),
            content_type: attachment.kind.media_type().to_owned(),
            size_bytes: attachment.size_bytes,
            sha256: attachment.sha256.clone(),
            name,
            note,
            at: rfc3339(attachment.at),
            by,
            thumbnail_url: attachment.kind.is_picture().then(|| format!("{url}/thumbnail")),
            url,
        })
    }

    async fn record_attachment(&self, permit: &Permit, case: &Case, attachment: &Attachment) -> Answer<()> {
        let mut set = ChangeSet::new(permit.site_id());
        let fields = serde_json::json!(["attachment"]);
        let what = ("attachment", serde_json::json!(attachment.id));
        set.events.push(self.person_read(permit, ("case", case.id.as_str()), case.applicant.as_str(), fields, what));
        self.commit(set).await?;
        Ok(())
    }
}

/// A place among those whose files are taken in.
pub(in crate::app) async fn place_of(places: &Semaphore) -> Answer<SemaphorePermit<'_>> {
    let waited = tokio::time::timeout(std::time::Duration::from_secs(20), places.acquire()).await;
    let busy = AppError::Unavailable { code: "busy", message: "正在传的文件太多，请稍等再试" };
    waited.map_err(|_| busy)?.map_err(|error| AppError::Internal(error.to_string()))
}

impl Draft<'_> {
    /// A material that the case's matter asks for.
    fn own_material(&mut self, case: &Case, id: Option<&str>) -> Option<MaterialId> {
        let id = id.filter(|id| !id.is_empty())?;
        let known = MaterialId::parse(id).filter(|id| case.matter.requirement(id).is_some());
        self.errors().some(known, "material_id", "unknown_material", "这个事项（情形）没有这份材料")
    }
}

/// What a sealed part belongs to: parts cannot be swapped.
fn owner(site_id: &str, sha256: &[u8], part: i64) -> String {
    format!("files/{site_id}/{}/{part}", data_encoding::HEXLOWER.encode(sha256))
}

pub(super) fn hash_of(attachment: &Attachment) -> Answer<Vec<u8>> {
    let hash = data_encoding::HEXLOWER.decode(attachment.sha256.as_bytes());
    hash.map_err(|error| AppError::Internal(format!("{}: {error}", attachment.id)))
}

fn attachment_of<'a>(case: &'a Case, id: &str) -> Answer<&'a Attachment> {
    AttachmentId::parse(id).and_then(|id| case.attachment(&id)).ok_or(AppError::NotFound)
}

pub(super) fn attachment_row(case: &Case, id: &AttachmentId, sha256: Vec<u8>, removed_at: Option<Millis>) -> AttachmentRow {
    AttachmentRow { site_id: case.site.to_string(), id: id.to_string(), case_id: case.id.to_string(), sha256, removed_at }
}
