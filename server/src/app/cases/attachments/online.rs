//! Files that a citizen adds to the own online application, before it is received: the same content rules, the same
//! sealing; nobody else's right, and nobody else's application.

use domain::case::{Actor, Attachment, Case, Command};
use domain::ids::{CaseId, MaterialId};
use domain::time::rfc3339;
use serde::Deserialize;
use tokio::sync::SemaphorePermit;
use utoipa::ToSchema;

use super::{AttachmentUpload, AttachmentView, FileContent, THUMBNAIL_PART, Told, attachment_of, attachment_row, hash_of, place_of};
use crate::app::App;
use crate::app::caller::CitizenCaller;
use crate::app::cases::act::By;
use crate::app::cases::commands::Draft;
use crate::app::error::{Answer, AppError, FieldError};
use crate::app::retry::{Outcome, Retry};
use crate::store::Row;

/// The reason that stands in the case when an applicant takes a file away.
const TAKEN_AWAY: &str = "申请人在网上删去";

/// Body of `POST /applications/{application}/attachments/{attachment}/remove`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveOwnRequest {}

impl App {
    /// Whether the application is this citizen's, and a place among those who send files.
    ///
    /// # Errors
    /// 404 for everybody else's; 503 when too many are added at once.
    pub async fn application_to_attach(&self, citizen: &CitizenCaller, id: &CaseId) -> Answer<SemaphorePermit<'_>> {
        self.own_case(citizen, id).await?;
        place_of(&self.files.from_home).await
    }

    /// Adds a file to the own application while its form is open.
    ///
    /// # Errors
    /// 404; field errors and 409 `case_state` once it is sent, as outcomes.
    pub async fn attach_online(
        &self,
        citizen: &CitizenCaller,
        id: &CaseId,
        upload: AttachmentUpload,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = self.own_case(citizen, id).await?.site.to_string();
        if let Some(replayed) = self.replayed(retry).await? {
            return Ok(replayed);
        }
        let AttachmentUpload { file, material_id, note, mut errors } = upload;
        let sound = self.checked_file(file, &mut errors).await?;
        let errors: Vec<FieldError> = errors.into_vec();
        self.once(&site_id, retry, || async {
            let case = self.own_case(citizen, id).await?;
            let actor = Actor::Citizen(citizen.id.clone());
            let mut draft = Draft::new(self, &site_id, id.site_key());
            let material = self.asked_online(&case, material_id.as_deref(), &mut draft).await?;
            let told = Told { sound: sound.as_ref(), material, note: note.as_deref(), errors: &errors };
            self.added(&case, &actor, draft, told).await
        })
        .await
    }

    /// A material that the matter asks for in any situation: which of them hold is settled when it is sent.
    async fn asked_online(&self, case: &Case, id: Option<&str>, draft: &mut Draft<'_>) -> Answer<Option<MaterialId>> {
        let Some(id) = id.filter(|id| !id.is_empty()) else { return Ok(None) };
        let matter = self.online_matter(case.site.as_str(), case.matter.id.as_str(), !case.is_unsent()).await?.ok();
        let asks = |id: &MaterialId| {
            matter.as_ref().is_some_and(|matter| matter.materials.iter().any(|material| material.id == *id))
                || case.matter.requirement(id).is_some()
        };
        let known = MaterialId::parse(id).filter(asks);
        Ok(draft.errors().some(known, "material_id", "unknown_material", "这个事项没有这份材料"))
    }

    /// Takes an own file away from the own application while its form is open.
    ///
    /// # Errors
    /// 404; 409 `case_state` once it is sent, as an outcome.
    pub async fn detach_online(
        &self,
        citizen: &CitizenCaller,
        id: &CaseId,
        attachment: &str,
        body: Result<RemoveOwnRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = self.own_case(citizen, id).await?.site.to_string();
        self.once(&site_id, retry, || async {
            let case = self.own_case(citizen, id).await?;
            let found = own_attachment(&case, attachment)?;
            body.clone().map_err(AppError::Invalid)?;
            let (actor, context) = (Actor::Citizen(citizen.id.clone()), self.case_context(&case));
            let mut draft = Draft::new(self, &site_id, id.site_key());
            let reason = draft.seal("reason", TAKEN_AWAY)?;
            let command = Command::RemoveAttachment { attachment: found.id.clone(), reason };
            let (command, mut rows) = draft.done(Some(command))?;
            rows.push(attachment_row(&case, &found.id, hash_of(found)?, Some(context.now)).into());
            let by = By { actor: &actor, context: &context, silence: Vec::new() };
            self.decided(&case, &command, by, rows, (200, id.to_string())).await
        })
        .await
    }

    /// The citizen's own files of the own application.
    ///
    /// # Errors
    /// 404 for everybody else's.
    pub async fn own_attachments(&self, citizen: &CitizenCaller, id: &CaseId) -> Answer<Vec<AttachmentView>> {
        let case = self.own_case(citizen, id).await?;
        self.own_attachment_views(&case).await
    }

    pub(in crate::app::cases) async fn own_attachment_views(&self, case: &Case) -> Answer<Vec<AttachmentView>> {
        let mut views = Vec::with_capacity(case.attachments.len());
        for attachment in case.attachments.iter().filter(|attachment| attachment.by.is_none()) {
            views.push(self.own_attachment_view(case, attachment).await?);
        }
        Ok(views)
    }

    async fn own_attachment_view(&self, case: &Case, attachment: &Attachment) -> Answer<AttachmentView> {
        let site_id = case.site.as_str();
        let note = match &attachment.note {
            Some(id) => Some(self.text(site_id, id.as_str()).await?),
            None => None,
        };
        let url = format!("/api/v1/applications/{}/attachments/{}", case.id, attachment.id);
        Ok(AttachmentView {
            id: attachment.id.to_string(),
            case_id: case.id.to_string(),
            material_id: attachment.material.as_ref().map(ToString::to_string),
            content_type: attachment.kind.media_type().to_owned(),
            size_bytes: attachment.size_bytes,
            sha256: attachment.sha256.clone(),
            name: Some(self.text(site_id, attachment.name.as_str()).await?),
            note,
            at: rfc3339(attachment.at),
            by: None,
            thumbnail_url: attachment.kind.is_picture().then(|| format!("{url}/thumbnail")),
            url,
        })
    }

    /// The outcome of adding a file with the file as its body.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn with_own_attachment(&self, citizen: &CitizenCaller, id: &CaseId, mut outcome: Outcome) -> Answer<Outcome> {
        if outcome.status >= 300 || !outcome.body.is_null() {
            return Ok(outcome);
        }
        let case = self.own_case(citizen, id).await?;
        let found = own_attachment(&case, outcome.object_id.as_deref().unwrap_or_default())?;
        outcome.body = serde_json::to_value(self.own_attachment_view(&case, found).await?)?;
        Ok(outcome)
    }

    /// The content of an own file. Who looks at what he sent himself is no event.
    ///
    /// # Errors
    /// 404 for everybody else's.
    pub async fn own_attachment(&self, citizen: &CitizenCaller, id: &CaseId, attachment: &str) -> Answer<FileContent> {
        let case = self.own_case(citizen, id).await?;
        let found = own_attachment(&case, attachment)?;
        let (bytes, name) = self.attachment_bytes(&case, found).await?;
        Ok(FileContent { media_type: found.kind.media_type(), name, bytes })
    }

    /// The small picture of an own file.
    ///
    /// # Errors
    /// 404 for everybody else's, and for a PDF, which has none.
    pub async fn own_thumbnail(&self, citizen: &CitizenCaller, id: &CaseId, attachment: &str) -> Answer<Vec<u8>> {
        let case = self.own_case(citizen, id).await?;
        let found = own_attachment(&case, attachment)?;
        self.part(case.site.as_str(), &hash_of(found)?, THUMBNAIL_PART).await?.ok_or(AppError::NotFound)
    }

    /// Nothing names the files of an application that was never sent any more: their contents are forgotten.
    pub(in crate::app::cases) fn forgotten_attachments(&self, case: &Case) -> Answer<Vec<Row>> {
        let row = |attachment: &Attachment| Ok(attachment_row(case, &attachment.id, hash_of(attachment)?, Some(self.now())).into());
        case.attachments.iter().map(row).collect()
    }
}

fn own_attachment<'a>(case: &'a Case, id: &str) -> Answer<&'a Attachment> {
    let found = attachment_of(case, id)?;
    if found.by.is_none() { Ok(found) } else { Err(AppError::NotFound) }
}
