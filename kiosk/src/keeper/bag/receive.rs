//! Receiving an application at the bag (接件): checked by the same rules that the service asks again, given a number of the
//! device's own series, written down, and then shown as a receipt. Said again it is the same receipt.

use chrono::NaiveDate;
use domain::bag::{BagFault, check_kind, check_person, kept_number};
use domain::case::SubmissionStatus;
use domain::catalogue::{Matter, SituationFault};
use domain::codes::{mask_name, query_code, tracking_code};
use domain::ids::MaterialId;
use domain::time::{Millis, local_date};
use protocol::bag::{Apply, ApplyContent, ApplyMaterial, BagAct, BagHouse, BagText};
use protocol::keeper::HallStaff;
use serde::{Deserialize, Serialize};

use super::super::decide::random;
use super::super::journal::sha256_hex;
use super::{Bag, BagRefusal, Draft, SENT_MS_MAX};

/// A material on a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMaterial {
    /// Its name.
    pub name: String,
    /// What was done with it.
    pub status: SubmissionStatus,
    /// Originals taken in.
    pub originals: u16,
    /// Copies taken in.
    pub copies: u16,
    /// Photos.
    pub photos: usize,
}

/// An application that was received here: what stands on its receipt, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The case.
    pub case_id: String,
    /// 办件编号.
    pub number: String,
    /// 查询码.
    pub query_code: String,
    /// The code of the one timeline.
    pub tracking_code: String,
    /// Name of the matter.
    pub matter_name: String,
    /// When.
    pub at: Millis,
    /// Who received it.
    pub by: String,
    /// The name of that person.
    pub by_name: String,
    /// `李*`; empty where it is not known any more.
    pub applicant: String,
    /// What was handed in.
    pub materials: Vec<SentMaterial>,
    /// Handed over as a draft: nothing was received.
    pub as_draft: bool,
    /// The server has it.
    pub is_taken: bool,
}

/// What stands on the receipt of an entry.
pub(super) fn sent_of(text: &BagText, house: Option<&BagHouse>) -> Sent {
    let BagAct::Apply(apply) = &text.act;
    let matter = house.and_then(|house| house.matters.iter().find(|matter| matter.id == apply.matter_id));
    let name =
        |id: &MaterialId| matter.and_then(|matter| matter.materials.iter().find(|known| known.id == *id)).map(|known| known.name.clone());
    let is_there = |line: &&ApplyMaterial| line.status.is_present() || !line.photos.is_empty();
    let material = |line: &ApplyMaterial| SentMaterial {
        name: name(&line.id).unwrap_or_else(|| line.id.to_string()),
        status: line.status,
        originals: line.originals,
        copies: line.copies,
        photos: line.photos.len(),
    };
    let by_name = house.and_then(|house| house.staff.iter().find(|staff| staff.staff_id == text.actor_id));
    Sent {
        case_id: apply.case_id.to_string(),
        number: apply.number.clone(),
        query_code: apply.query_code.clone(),
        tracking_code: apply.tracking_code.clone(),
        matter_name: matter.map_or_else(|| apply.matter_id.to_string(), |matter| matter.name.clone()),
        at: text.at,
        by: text.actor_id.clone(),
        by_name: by_name.map(|staff| staff.name.clone()).unwrap_or_default(),
        applicant: String::new(),
        materials: apply.materials.iter().filter(is_there).map(material).collect(),
        as_draft: apply.as_draft,
        is_taken: false,
    }
}

/// The serial at the end of a number.
pub(super) fn serial_of(number: &str) -> Option<u32> {
    let digits = number.bytes().rev().take_while(u8::is_ascii_digit).count();
    number.get(number.len() - digits..)?.parse().ok()
}

fn situation_fault(matter: &Matter, fault: &SituationFault) -> BagFault {
    let question = |place: &usize| matter.situations.get(*place).map_or("", |question| question.question.as_str());
    match fault {
        SituationFault::Unknown(_) => BagFault::new("situation_ids", "unknown", "没有这种情形"),
        SituationFault::Unanswered(place) => BagFault::new("situation_ids", "unanswered", format!("“{}”还没有选", question(place))),
        SituationFault::NotAsked(place) => {
            BagFault::new("situation_ids", "not_asked", format!("前面那样选，就不用答“{}”", question(place)))
        }
        SituationFault::TooMany(place) => BagFault::new("situation_ids", "too_many", format!("“{}”只能选一个", question(place))),
    }
}

/// Everything that is wrong with a draft; one that is handed over as a draft may have gaps in its form.
fn faults(matter: &Matter, draft: &Draft, as_draft: bool, today: NaiveDate) -> Vec<BagFault> {
    let filled = &draft.filled;
    let mut faults: Vec<BagFault> =
        matter.situation_faults(&filled.situation_ids).iter().map(|fault| situation_fault(matter, fault)).collect();
    faults.extend(check_kind("applicant", &filled.applicant.kind, &matter.applicant_kinds));
    faults.extend(check_person("applicant", &filled.applicant, true, today));
    faults.extend(filled.agent.iter().flat_map(|agent| check_person("agent", agent, false, today)));
    if let Some(schema) = &matter.form_schema {
        let wrong = schema.faults(&filled.form, as_draft, &[], today).into_iter();
        faults.extend(wrong.map(|fault| BagFault::new(format!("form.{}", fault.field), fault.code, fault.message)));
    }
    faults
}

/// The checklist of what the chosen situations ask for, with the photos of each.
fn checklist(matter: &Matter, draft: &Draft) -> Vec<ApplyMaterial> {
    let asked = matter.materials_for(&draft.filled.situation_ids);
    let line = |id: &MaterialId| {
        let told = draft.filled.materials.iter().find(|line| line.id == *id);
        let photos: Vec<String> = draft.photos.iter().filter(|photo| photo.material_id == *id).map(|photo| photo.sha.clone()).collect();
        let is_named = told.is_some() || !photos.is_empty();
        is_named.then(|| ApplyMaterial {
            id: id.clone(),
            status: told.map_or(SubmissionStatus::Missing, |line| line.status),
            originals: told.map_or(0, |line| line.originals),
            copies: told.map_or(0, |line| line.copies),
            photos,
        })
    };
    asked.into_iter().filter_map(|material| line(&material.id)).collect()
}

impl Bag {
    /// What was received here and by whom, the newest first.
    #[must_use]
    pub fn sent(&self, by: &str) -> Vec<Sent> {
        let mut own: Vec<Sent> = self.inner().sent.iter().filter(|sent| sent.by == by).cloned().collect();
        own.sort_by_key(|sent| -sent.at);
        own
    }

    /// Receives an application, or hands it over as a draft: its receipt.
    ///
    /// # Errors
    /// See [`BagRefusal`]; nothing was written then but perhaps a serial that nobody has.
    pub fn receive(&self, staff: &HallStaff, id: &str, as_draft: bool) -> Result<Sent, BagRefusal> {
        let now = self.now_ms();
        let mut inner = self.inner();
        if let Some(done) = inner.sent.iter().find(|done| done.case_id == id && done.by == staff.staff_id) {
            return Ok(done.clone());
        }
        let place = inner.draft(&staff.staff_id, id)?;
        let draft = inner.drafts[place].clone();
        let house = inner.house.clone().ok_or(BagRefusal::NotPacked)?;
        let Some(matter) = inner.matter(draft.matter_id.as_str()).cloned() else {
            return Err(BagRefusal::Wrong(vec![BagFault::new("matter_id", "unknown", "这里不办这个事项了，回去问一下再说")]));
        };
        let wrong = faults(&matter, &draft, as_draft, local_date(now));
        if !wrong.is_empty() {
            return Err(BagRefusal::Wrong(wrong));
        }
        let content = ApplyContent {
            salt: sha256_hex(&random::<16>().ok_or(BagRefusal::Disk)?),
            applicant: draft.filled.applicant.clone(),
            agent: draft.filled.agent.clone(),
            form: draft.filled.form.clone(),
        };
        let content = inner.blobs.put(&serde_json::to_vec(&content).map_err(edge::spool::SpoolError::from)?)?;
        let (date, serial) = inner.serials.draw(local_date(now))?;
        let number = kept_number(&house.site_key, &house.series, &matter.code, date, serial).ok_or(BagRefusal::Disk)?;
        let apply = Apply {
            case_id: draft.id.clone(),
            number,
            query_code: query_code(random().ok_or(BagRefusal::Disk)?),
            tracking_code: tracking_code(random().ok_or(BagRefusal::Disk)?),
            matter_id: matter.id.clone(),
            matter_version: matter.version,
            situation_ids: draft.filled.situation_ids.clone(),
            materials: checklist(&matter, &draft),
            content,
            as_draft,
        };
        let act = BagAct::Apply(Box::new(apply));
        let text = BagText { series: house.series.clone(), actor_id: staff.staff_id.clone(), at: now, act };
        inner.journal.append(&serde_json::to_string(&text).map_err(edge::spool::SpoolError::from)?, None)?;
        let done = Sent { applicant: mask_name(&draft.filled.applicant.name), ..sent_of(&text, Some(&house)) };
        inner.drafts.remove(place);
        inner.sent.retain(|sent| !sent.is_taken || now - sent.at < SENT_MS_MAX);
        inner.sent.push(done.clone());
        if let Err(error) = inner.keep_drafts() {
            // The entry counts; what lies beside it is made again from it at the next start.
            tracing::error!(%error, "a receipt could not be kept beside its entry");
        }
        drop(inner);
        self.changed();
        Ok(done)
    }
}
