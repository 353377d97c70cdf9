//! Recording that documents were handed on. Who takes them is who is signed in; who gives is named, by account or by
//! name, and signs on the paper.

use std::collections::BTreeMap;

use domain::case::{Case, Certificate};
use domain::codes::{clean_line, clean_lines};
use domain::custody::{CustodyFault, Giver, HandedItem, HandedOn, ITEMS_MAX, Occasion};
use domain::ids::{CustodyRecordId, StaffId};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{AGGREGATE, HANDED_ON, Passing, RECORDED};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::cases::case_of;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::first_steps::NAME_CHARS_MAX;
use crate::app::fresh::id_tail;
use crate::app::retry::{Outcome, Retry};
use crate::store::{CertificateRow, ChangeSet, Expect, NewEvent, SubmissionRow};

/// Characters of a note.
const NOTE_CHARS_MAX: usize = 500;

/// Body of `POST /sites/{site}/custody-records`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustodyRecordRequest {
    /// `from_department` (部门送来) or `shift` (交接班).
    #[schema(value_type = Option<crate::app::words::CustodyOccasion>)]
    pub occasion: Option<String>,
    /// The documents, 1 to 200 of them.
    pub certificate_ids: Option<Vec<String>>,
    /// Who gives, by account.
    pub giver_id: Option<String>,
    /// Who gives, by name, where there is no account; one of the two.
    pub giver_name: Option<String>,
    /// What is said to it.
    pub note: Option<String>,
}

/// The word of the contract.
pub(super) fn word(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::FromDepartment => "from_department",
        Occasion::Shift => "shift",
    }
}

fn occasion(text: &str) -> Option<Occasion> {
    [Occasion::FromDepartment, Occasion::Shift].into_iter().find(|occasion| word(*occasion) == text)
}

/// What was asked for, with the texts that are sealed for it and the cases that it stands on.
struct Checked {
    handed: HandedOn,
    texts: Vec<SubmissionRow>,
    cases: Vec<Case>,
}

impl App {
    /// Records that documents were handed on to the caller.
    ///
    /// # Errors
    /// Field errors, as outcomes.
    pub async fn hand_on(
        &self,
        permit: &Permit,
        body: Result<CustodyRecordRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let mut outcome = self
            .once(permit.site_id(), retry, || async {
                let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
                let checked = self.checked_record(permit, body).await?;
                let id = checked.handed.record.to_string();
                Ok((self.custody_set(permit, checked)?, Outcome::success(201, Some(id), Value::Null)))
            })
            .await?;
        if let Some(id) = outcome.object_id.as_deref().and_then(CustodyRecordId::parse).filter(|_| outcome.body.is_null()) {
            outcome.body = serde_json::to_value(self.custody_record(permit, &id).await?)?;
        }
        Ok(outcome)
    }

    async fn checked_record(&self, permit: &Permit, body: &CustodyRecordRequest) -> Answer<Checked> {
        let site_id = permit.site_id();
        let taker = permit.staff().ok_or(AppError::NotFound)?.staff.id.clone();
        let mut errors = FieldErrors::default();
        let of_kind = errors.some(body.occasion.as_deref().and_then(occasion), "occasion", "unknown", "选部门送来或交接班");
        let mut texts = Vec::new();
        let giver = self.giver(site_id, body, &mut texts, &mut errors).await?;
        let note = self.note(site_id, body, &mut texts, &mut errors)?;
        let (items, cases, places) = self.named_documents(site_id, body, &mut errors).await?;
        // A place-holder where one of them is wrong: nothing is written then, and the rest is still told.
        let handed = HandedOn {
            record: CustodyRecordId::new(&self.directory.get().site(site_id)?.key, &id_tail(self.entropy.as_ref(), self.now())),
            occasion: of_kind.unwrap_or(Occasion::Shift),
            giver: giver.clone().unwrap_or_else(|| Giver::Staff(taker.clone())),
            taker,
            items,
            note,
        };
        for fault in handed.faults() {
            match fault {
                CustodyFault::Nothing if !errors.names("certificate_ids") && places.is_empty() => {
                    errors.add("certificate_ids", "missing", "至少选一件");
                }
                CustodyFault::TooMany => errors.add("certificate_ids", "too_many", format!("一张单最多 {ITEMS_MAX} 件，分几次交接")),
                CustodyFault::Twice(at) => errors.add(&format!("certificate_ids[{}]", places[at]), "twice", "同一件写了两次"),
                CustodyFault::Elsewhere(at, _) if of_kind.is_some() => {
                    let message = if handed.occasion == Occasion::Shift {
                        "这一件不在柜里"
                    } else {
                        "这一件已经在柜里，或者已经发出去了"
                    };
                    errors.add(&format!("certificate_ids[{}]", places[at]), "custody", message);
                }
                CustodyFault::OwnGiver if giver.is_some() => errors.add("giver_id", "same", "交的人和接的人不能是同一个"),
                CustodyFault::Nothing | CustodyFault::Elsewhere(..) | CustodyFault::OwnGiver => {}
            }
        }
        errors.check()?;
        Ok(Checked { handed, texts, cases })
    }

    async fn giver(
        &self,
        site_id: &str,
        body: &CustodyRecordRequest,
        texts: &mut Vec<SubmissionRow>,
        errors: &mut FieldErrors,
    ) -> Answer<Option<Giver>> {
        let name = body.giver_name.as_deref().filter(|name| !name.trim().is_empty());
        match (body.giver_id.as_deref(), name) {
            (Some(_), Some(_)) => errors.add("giver_name", "both", "选了账号就不用再写名字"),
            (None, None) => errors.add("giver_id", "missing", "谁交的：选同事，没有账号的写名字"),
            (Some(id), None) => {
                let found = match StaffId::parse(id) {
                    Some(id) => self.stores.staff.staff(site_id, id.as_str()).await?.filter(|row| row.active).map(|_| id),
                    None => None,
                };
                return Ok(errors.some(found, "giver_id", "unknown", "本站点没有这个人").map(Giver::Staff));
            }
            (None, Some(name)) => match clean_line(name, NAME_CHARS_MAX) {
                Ok(name) => {
                    let (id, row) = self.new_text(site_id, "custody_giver", &name)?;
                    texts.push(row);
                    return Ok(Some(Giver::Named(id)));
                }
                Err(fault) => errors.add("giver_name", fault.code(), fault.message()),
            },
        }
        Ok(None)
    }

    fn note(
        &self,
        site_id: &str,
        body: &CustodyRecordRequest,
        texts: &mut Vec<SubmissionRow>,
        errors: &mut FieldErrors,
    ) -> Answer<Option<domain::ids::TextId>> {
        let Some(note) = body.note.as_deref().filter(|note| !note.trim().is_empty()) else { return Ok(None) };
        match clean_lines(note, NOTE_CHARS_MAX) {
            Ok(note) => {
                let (id, row) = self.new_text(site_id, "custody_note", &note)?;
                texts.push(row);
                Ok(Some(id))
            }
            Err(fault) => {
                errors.add("note", fault.code(), fault.message());
                Ok(None)
            }
        }
    }

    /// The documents that are named and known, their cases, and the place of each in the request.
    async fn named_documents(
        &self,
        site_id: &str,
        body: &CustodyRecordRequest,
        errors: &mut FieldErrors,
    ) -> Answer<(Vec<HandedItem>, Vec<Case>, Vec<usize>)> {
        let (mut items, mut cases, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let Some(named) = errors.some(body.certificate_ids.as_ref(), "certificate_ids", "missing", "至少选一件") else {
            return Ok((items, cases, places));
        };
        let rows = self.stores.cases.certificates(site_id).await?;
        let known: BTreeMap<&str, &CertificateRow> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
        for (place, id) in named.iter().enumerate().take(ITEMS_MAX + 1) {
            let row = known.get(id.as_str()).copied();
            let Some(row) = errors.some(row, &format!("certificate_ids[{place}]"), "unknown", "本站点没有这一件") else { continue };
            let document: Certificate = serde_json::from_str(&row.doc)?;
            let case = case_of(&self.stores.cases.case(site_id, &row.case_id).await?.ok_or(AppError::NotFound)?)?;
            items.push(HandedItem { certificate: document.id, case: case.id.clone(), custody: document.custody, slot: document.slot });
            cases.push(case);
            places.push(place);
        }
        Ok((items, cases, places))
    }

    fn custody_set(&self, permit: &Permit, Checked { handed, texts, cases }: Checked) -> Answer<ChangeSet> {
        let mut set = ChangeSet::new(permit.site_id());
        // What moved meanwhile is looked at again.
        set.expect.extend(cases.iter().map(|case| Expect::Case(case.id.to_string(), i64::try_from(case.version).unwrap_or(i64::MAX))));
        let event = |aggregate_id: &str, kind: &str, mut body: Value| {
            body["type"] = json!(kind);
            NewEvent {
                aggregate: AGGREGATE,
                aggregate_id: aggregate_id.to_owned(),
                kind: kind.to_owned(),
                actor: permit.caller().actor().to_owned(),
                at: self.now(),
                body: body.to_string(),
            }
        };
        set.events.push(event(handed.record.as_str(), RECORDED, serde_json::to_value(&handed)?));
        let HandedOn { record, occasion, giver, taker, items, .. } = handed;
        let passing = serde_json::to_value(Passing { record, occasion, giver, taker })?;
        set.events.extend(items.iter().map(|item| event(item.certificate.as_str(), HANDED_ON, passing.clone())));
        for row in texts {
            set.row(row);
        }
        Ok(set)
    }
}
