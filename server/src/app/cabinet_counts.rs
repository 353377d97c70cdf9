//! The evening's count of the cabinet (日终盘点): what lies there by the books against what somebody found there. What
//! is missing is an alert until a later count finds it again.

use std::collections::BTreeSet;

use domain::case::{Case, Certificate};
use domain::codes::clean_lines;
use domain::ids::StaffId;
use domain::time::rfc3339;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::cases::{Names, case_of};
use super::error::{Answer, AppError, FieldError, FieldErrors};
use super::retry::{Outcome, Retry};
use crate::store::{AlertRow, CertificateRow, ChangeSet, NewEvent};

/// Type of the event.
const COUNTED: &str = "cabinet_counted";
/// Kind of the alert about what was not found.
const MISSING: &str = "cabinet_missing";
/// Characters of a note.
const NOTE_CHARS_MAX: usize = 500;

/// Body of `POST /sites/{site}/cabinet-counts`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CabinetCountRequest {
    /// The documents that were found in their slots.
    pub certificate_ids: Option<Vec<String>>,
    /// What else was seen, e.g. a document that the books do not know.
    pub note: Option<String>,
}

/// A document that was not found in its slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MissingDocumentView {
    /// The document.
    pub certificate_id: String,
    /// Where it should lie.
    pub slot: Option<String>,
    /// The case.
    pub case_number: String,
    /// What it is about.
    pub matter_name: String,
}

/// A count of the cabinet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CabinetCountView {
    /// When.
    pub at: String,
    /// By whom.
    pub by_name: String,
    /// Documents that lay there by the books.
    pub expected: usize,
    /// Of them those that were found.
    pub found: usize,
    /// The others.
    pub missing: Vec<MissingDocumentView>,
    /// What else was seen.
    pub note: Option<String>,
}

/// A count as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Counted {
    by: StaffId,
    expected: usize,
    found: usize,
    missing: Vec<MissingRef>,
    note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct MissingRef {
    certificate: String,
    case: String,
    slot: Option<String>,
}

impl App {
    async fn in_cabinet(&self, site_id: &str) -> Answer<Vec<CertificateRow>> {
        let all = self.stores.cases.certificates(site_id).await?;
        Ok(all.into_iter().filter(|row| row.custody == "in_cabinet").collect())
    }

    /// Counts the cabinet: what is not named is missing.
    ///
    /// # Errors
    /// Field errors, as outcomes.
    pub async fn count_cabinet(
        &self,
        permit: &Permit,
        body: Result<CabinetCountRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let mut outcome = self
            .once(site_id, retry, || async {
                let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
                let by = permit.staff().ok_or(AppError::NotFound)?.staff.id.clone();
                let there = self.in_cabinet(site_id).await?;
                let mut errors = FieldErrors::default();
                let named = errors.some(body.certificate_ids.as_ref(), "certificate_ids", "missing", "把在柜的一件一件点一遍");
                let mut found = BTreeSet::new();
                for (place, id) in named.into_iter().flatten().enumerate() {
                    if there.iter().any(|row| row.id == *id) {
                        found.insert(id.as_str());
                    } else {
                        errors.add(&format!("certificate_ids[{place}]"), "unknown", "这一件账上不在柜里，先办入柜");
                    }
                }
                let note = match body.note.as_deref().filter(|note| !note.trim().is_empty()).map(|note| clean_lines(note, NOTE_CHARS_MAX)) {
                    Some(Ok(note)) => Some(note),
                    Some(Err(fault)) => {
                        errors.add("note", fault.code(), fault.message());
                        None
                    }
                    None => None,
                };
                errors.check()?;
                let sealed = note.map(|note| self.new_text(site_id, "cabinet_note", &note)).transpose()?;
                let missing: Vec<MissingRef> = there
                    .iter()
                    .filter(|row| !found.contains(row.id.as_str()))
                    .map(|row| MissingRef { certificate: row.id.clone(), case: row.case_id.clone(), slot: row.slot.clone() })
                    .collect();
                let note = sealed.as_ref().map(|(id, _)| id.to_string());
                let counted = Counted { by: by.clone(), expected: there.len(), found: found.len(), missing, note };
                let mut set = self.count_set(site_id, &counted).await?;
                if let Some((_, text)) = sealed {
                    set.row(text);
                }
                Ok((set, Outcome::success(201, None, Value::Null)))
            })
            .await?;
        if outcome.status == 201 && outcome.body.is_null() {
            outcome.body = serde_json::to_value(self.cabinet_count(permit).await?)?;
        }
        Ok(outcome)
    }

    async fn count_set(&self, site_id: &str, counted: &Counted) -> Answer<ChangeSet> {
        let mut body = serde_json::to_value(counted)?;
        body["type"] = json!(COUNTED);
        let mut set = ChangeSet::new(site_id);
        set.events.push(NewEvent {
            aggregate: "cabinet",
            aggregate_id: site_id.to_owned(),
            kind: COUNTED.to_owned(),
            actor: counted.by.to_string(),
            at: self.now(),
            body: body.to_string(),
        });
        let id = format!("al_{}_cabinet", self.directory.get().site(site_id)?.key);
        if counted.missing.is_empty() {
            if let Some(alert) = self.stores.cases.alert(site_id, &id).await?.filter(|alert| alert.settled_at.is_none()) {
                set.row(AlertRow { settled_at: Some(self.now()), ..alert });
            }
        } else {
            let slots: Vec<&str> = counted.missing.iter().filter_map(|one| one.slot.as_deref()).take(5).collect();
            set.row(AlertRow {
                site_id: site_id.to_owned(),
                id,
                kind: MISSING.to_owned(),
                level: "red".to_owned(),
                object_id: site_id.to_owned(),
                text: format!("盘点证照柜少了 {} 件（{}），请马上找", counted.missing.len(), slots.join("、")),
                at: self.now(),
                settled_at: None,
                audience: String::new(),
            });
        }
        Ok(set)
    }

    /// The last count of the cabinet; `None` before the first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cabinet_count(&self, permit: &Permit) -> Answer<Option<CabinetCountView>> {
        let site_id = permit.site_id();
        let Some(event) = self.stores.events.newest_of_kind(site_id, COUNTED, self.now()).await? else { return Ok(None) };
        let counted: Counted = serde_json::from_str(&event.body)?;
        let mut missing = Vec::with_capacity(counted.missing.len());
        for one in counted.missing {
            let Some(row) = self.stores.cases.case(site_id, &one.case).await? else { continue };
            let case: Case = case_of(&row)?;
            missing.push(MissingDocumentView {
                slot: one.slot,
                case_number: case.number.clone(),
                matter_name: case.matter.name.clone(),
                certificate_id: case.certificate.as_ref().map_or(one.certificate, |document: &Certificate| document.id.to_string()),
            });
        }
        Ok(Some(CabinetCountView {
            at: rfc3339(event.at),
            by_name: Names::default().of(self, &counted.by).await?,
            expected: counted.expected,
            found: counted.found,
            missing,
            note: match counted.note {
                Some(id) => Some(self.text(site_id, &id).await?),
                None => None,
            },
        }))
    }
}
