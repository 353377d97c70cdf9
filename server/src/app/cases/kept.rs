//! A case out of an application that a field bag received: opened at the time at which it was received, so that its receipt
//! and every limit count from that day, with its photos.

use domain::case::{Actor, Attachment, Case, Command, MaterialEntry, Opening, SubmissionStatus};
use domain::catalogue::Matter;
use domain::ids::{AttachmentId, MaterialId, SiteId};
use domain::time::Millis;
use protocol::bag::{Apply, ApplyContent};

use super::attachments::{KeptPhoto, attachment_row, hash_of};
use super::commands::Draft;
use super::open::form;
use super::rows::decision_set;
use crate::app::App;
use crate::app::caller::StaffCaller;
use crate::app::error::{Answer, AppError};
use crate::app::fresh::id_tail;
use crate::app::persons::PersonInput;
use crate::store::ChangeSet;

/// An application that is to become a case.
pub(in crate::app) struct KeptApplication<'a> {
    /// What was written down.
    pub(in crate::app) apply: &'a Apply,
    /// Persons and form.
    pub(in crate::app) content: &'a ApplyContent,
    /// The matter under which it is opened.
    pub(in crate::app) matter: &'a Matter,
    /// Who received it.
    pub(in crate::app) staff: &'a StaffCaller,
    /// When.
    pub(in crate::app) at: Millis,
    /// As a draft.
    pub(in crate::app) as_draft: bool,
    /// Its photos with what each shows.
    pub(in crate::app) photos: &'a [(MaterialId, KeptPhoto)],
}

fn given(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn person_input(person: &domain::bag::BagPerson) -> PersonInput {
    PersonInput {
        kind: person.kind.clone(),
        name: given(&person.name),
        id_type: given(&person.id_type),
        id_number: given(&person.id_number),
        phone: given(&person.phone),
        address: given(&person.address),
        ..PersonInput::default()
    }
}

impl App {
    /// What becomes true with it.
    ///
    /// # Errors
    /// Every wrong field of the persons, and the refusal of the rules.
    pub(in crate::app) async fn kept_case(&self, site_id: &str, kept: &KeptApplication<'_>) -> Answer<ChangeSet> {
        let KeptApplication { apply, content, matter, staff, at, as_draft, photos } = kept;
        let site_key = self.directory.get().site(site_id)?.key.clone();
        let mut draft = Draft::new(self, site_id, &site_key);
        let applicant = draft.person("applicant", &person_input(&content.applicant))?;
        let agent = match &content.agent {
            Some(agent) => draft.person("agent", &person_input(agent))?,
            None => None,
        };
        let answers = (!content.form.is_empty()).then(|| serde_json::Value::Object(content.form.clone()));
        let form = form(&mut draft, answers.as_ref())?;
        let department = self.department_name(matter.department_id.as_str());
        let situations: Vec<_> = apply.situation_ids.iter().filter(|id| matter.situation_name(id).is_some()).cloned().collect();
        let snapshot = matter.snapshot(&situations, &department, self.settings.cases.deems_other_types);
        let mut attachments = Vec::with_capacity(photos.len());
        for (place, (material, photo)) in photos.iter().enumerate() {
            let name = draft.seal("attachment_name", &format!("照片{}.jpg", place + 1))?;
            attachments.push(Attachment {
                id: AttachmentId::new(&site_key, &id_tail(self.entropy.as_ref(), self.now())),
                // One that the matter does not ask for shows the case as a whole.
                material: Some(material.clone()).filter(|id| snapshot.requirement(id).is_some()),
                sha256: photo.sha256.clone(),
                size_bytes: photo.size_bytes,
                kind: photo.kind,
                name,
                note: None,
                at: self.now(),
                by: Some(staff.staff.id.clone()),
            });
        }
        let (applicant, rows) = draft.done(applicant)?;
        let line = |line: &protocol::bag::ApplyMaterial| MaterialEntry {
            material: line.id.clone(),
            // What only the service can say of a material is no word of a bag's.
            status: if matches!(line.status, SubmissionStatus::Collected | SubmissionStatus::Verified) {
                line.status
            } else {
                SubmissionStatus::Missing
            },
            originals: line.originals,
            copies: line.copies,
            due: None,
        };
        let materials = apply.materials.iter().filter(|line| snapshot.requirement(&line.id).is_some()).map(line).collect();
        let opening = Opening {
            id: apply.case_id.clone(),
            site: SiteId::parse(site_id).ok_or(AppError::NotFound)?,
            number: apply.number.clone(),
            query_code: apply.query_code.clone(),
            tracking_code: apply.tracking_code.clone(),
            ticket: None,
            bundle: None,
            bundle_case: None,
            matter: snapshot,
            situations,
            applicant,
            agent,
            form,
            materials,
            online: None,
            paper: None,
        };
        let actor = Actor::Staff(staff.staff.clone());
        let mut events = Case::open(opening, *as_draft, &actor, *at)?;
        let mut case = Case::replay(&events).ok_or_else(|| AppError::Internal("a case that does not begin".to_owned()))?;
        for attachment in attachments {
            let command = Command::Attach { attachment: Box::new(attachment) };
            for event in case.decide(&command, &actor, &self.case_context(&case))? {
                case.evolve(&event);
                events.push(event);
            }
        }
        let mut set = decision_set(0, &case, &events)?;
        set.rows.extend(rows);
        for attachment in &case.attachments {
            set.row(attachment_row(&case, &attachment.id, hash_of(attachment)?, None));
        }
        self.owe_reports(None, &events, &mut set).await?;
        Ok(set)
    }
}
