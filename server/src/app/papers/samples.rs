//! A sample (样张) of each paper: laid out by the same code as real ones, from a case that never was, with texts that need
//! not be stored. Across every page of it stands that it is a sample.

use std::collections::BTreeMap;

use chrono::Days;
use documents::{Paper, SealMark, Verify};
use domain::case::{
    AcceptanceMode, Case, Change, CorrectionItem, DecisionOutcome, Event, Opening, Procedure, PromisedMaterial, RefusalReason,
};
use domain::ids::{CaseId, CertificateId, MaterialId, NoticeId, StaffId, TextId};
use domain::papers::{PaperTemplate, template};
use domain::time::{DAY_MS, Millis, local_date};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::content::{Words, paper};
use super::kinds::{PaperKind, issued};
use super::texts::Texts;
use super::{joint, made};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::cases::Joint;
use crate::app::error::{Answer, AppError};

/// Across every page.
const MARK: &str = "样张";
/// The department of the case that never was.
const DEPARTMENT: &str = "区林业和草原局";
const MATTER: &str = "林木采伐许可证核发";
const SECOND_MATTER: &str = "木材运输证核发";
/// Where a paper has several openings: each is a sample of its own, named like the text.
const SAMPLES: &[(PaperKind, &str, &str)] = &[
    (PaperKind::Acceptance, "opening", "材料齐全"),
    (PaperKind::Acceptance, "opening_deemed", "视为受理"),
    (PaperKind::Acceptance, "opening_overturned", "部门不同意不予受理"),
    (PaperKind::Decision, "opening_granted", "准予"),
    (PaperKind::Decision, "opening_tolerant", "容缺准予"),
    (PaperKind::Decision, "opening_denied", "不予"),
];

/// A sample of a paper that has several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaperSampleView {
    /// Its name, that of the text which only it shows.
    pub name: String,
    /// What it shows.
    pub title: String,
}

/// Body of `POST /sites/{site}/paper-templates/{template}/preview`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperPreviewRequest {
    /// The texts by name; those of the house stand where one is left out, those in force where there are none at all.
    pub texts: Option<BTreeMap<String, String>>,
    /// Which sample; the first without it.
    pub sample: Option<String>,
    /// The department that speaks; one that never was without it.
    pub department_id: Option<String>,
}

/// The samples of a paper that has several.
pub(super) fn samples_of(name: &str) -> Vec<PaperSampleView> {
    let of = SAMPLES.iter().filter(|(kind, ..)| kind.code() == name);
    of.map(|(_, name, title)| PaperSampleView { name: (*name).to_owned(), title: (*title).to_owned() }).collect()
}

fn material(name: &str) -> MaterialId {
    MaterialId::new("sample", name)
}

fn text(name: &str) -> TextId {
    TextId::new("sample", name)
}

/// What the case that never was is opened with.
fn opening(matter: &str, department: &str) -> Answer<Opening> {
    let requirement =
        |id: &str, name: &str, tolerable: bool| json!({ "id": material(id), "name": name, "required": true, "tolerable": tolerable });
    let entry = |id: &str, status: &str, originals: u16, copies: u16| json!({ "material": material(id), "status": status, "originals": originals, "copies": copies });
    Ok(serde_json::from_value(json!({
        "id": "c_sample_1", "site": "sample", "number": "样张20261124-0001", "query_code": "K7M2Q9XA", "tracking_code": "ABCDEFGHJKLMNPQR",
        "matter": {
            "id": "m_sample_felling", "version": 1, "item_code": "11150700MB1234567X4000164001", "name": matter, "matter_type": "01",
            "case_kind": "promised", "department": "d_sample_forestry", "department_name": department, "promised_days": 10,
            "statutory_days": 20, "makes_certificate": true, "certificate_name": "林木采伐许可证", "uploads_certificate": true,
            "allows_tolerance": true, "deems_acceptance": true,
            "materials": [requirement("form", "采伐申请表", false), requirement("id", "身份证", false), requirement("plan", "采伐示意图", true)],
        },
        "situations": [], "applicant": "p_sample_1",
        "materials": [entry("form", "collected", 1, 0), entry("id", "verified", 1, 1), entry("plan", "collected", 1, 2)],
    }))?)
}

fn accepted(mode: AcceptanceMode, at: Millis) -> Change {
    let due = local_date(at).checked_add_days(Days::new(7)).unwrap_or_default();
    let promised = (mode == AcceptanceMode::Tolerant).then(|| PromisedMaterial { material: material("plan"), due });
    Change::CaseAccepted {
        mode,
        clock_from: at,
        promised_days: Some(10),
        statutory_days: Some(20),
        promised: promised.into_iter().collect(),
    }
}

fn correction() -> Change {
    let item =
        |name: &str, of: &str| CorrectionItem {
            material: Some(material(of)), text: text(name), basis: "森林法第五十七条".to_owned()
        };
    Change::CorrectionRequested {
        notice: NoticeId::new("sample", "1"),
        items: vec![item("item1", "plan"), item("item2", "form")],
        exception: None,
    }
}

/// What happened to it up to the paper.
fn story(kind: PaperKind, sample: &str, at: Millis) -> Vec<Change> {
    let decided = |outcome, code: Option<&str>| Change::CaseDecided {
        outcome,
        opinion: Some(text("opinion")),
        reason_code: code.map(str::to_owned),
        instant: false,
    };
    let full = accepted(AcceptanceMode::Full, at);
    match (kind, sample) {
        (PaperKind::Receipt, _) => Vec::new(),
        (PaperKind::Correction, _) => vec![correction()],
        (PaperKind::Acceptance, "opening_deemed") => vec![accepted(AcceptanceMode::Deemed, at)],
        (PaperKind::Acceptance, "opening_overturned") => vec![accepted(AcceptanceMode::RefusalOverturned, at)],
        (PaperKind::Acceptance | PaperKind::Transfer, _) => vec![full],
        (PaperKind::TolerantAcceptance, _) => vec![accepted(AcceptanceMode::Tolerant, at)],
        (PaperKind::Refusal, _) => {
            let (reason, words) = (RefusalReason::NotCompetent, text("opinion"));
            vec![Change::RefusalProposed { reason, text: words.clone() }, Change::CaseRefused { reason, text: words, opinion: None }]
        }
        (PaperKind::SpecialProcedure, _) => {
            let basis = "行政许可法第四十五条".to_owned();
            vec![full, Change::CaseSuspended { procedure: Procedure::ExpertReview, days: 5, basis, stops_clock: true }]
        }
        (PaperKind::Extension, _) => {
            vec![full, Change::ExtensionRequested { days: 10, reason: text("reason") }, Change::ExtensionApproved { opinion: None }]
        }
        (PaperKind::Decision, "opening_tolerant") => {
            vec![accepted(AcceptanceMode::Tolerant, at), decided(DecisionOutcome::ApprovedTolerant, None)]
        }
        (PaperKind::Decision, "opening_denied") => vec![full, decided(DecisionOutcome::Denied, Some("conditions_not_met"))],
        (PaperKind::Decision, _) => vec![full, decided(DecisionOutcome::Approved, None)],
        (PaperKind::Delivery, _) => {
            let (certificate, valid_from) = (CertificateId::new("sample", "1"), local_date(at));
            let made = Change::CertificateMade { certificate, number: text("number"), valid_from, valid_to: None, upload_required: false };
            vec![full, decided(DecisionOutcome::Approved, None), made]
        }
    }
}

fn events(opening: Opening, story: Vec<Change>, at: Millis) -> Vec<Event> {
    let begun = [Change::CaseOpened { opening: Box::new(opening) }, Change::CaseReceived];
    let event = |change| Event {
        case: CaseId::new("sample", "1"),
        at,
        by: Some(StaffId::new("sample", "1")),
        acting_for: None,
        under: None,
        change,
    };
    begun.into_iter().chain(story).map(event).collect()
}

fn words(site: &str, lapse_days: u32, at: Millis) -> Words {
    let item = |text: &str| (text.to_owned(), "森林法第五十七条".to_owned());
    Words {
        site_name: site.to_owned(),
        applicant_name: "王小明".to_owned(),
        applicant_number: Some("152301********0038".to_owned()),
        clerk_name: Some("李华".to_owned()),
        due: Some(Ok(local_date(at + 14 * DAY_MS))),
        notice_items: vec![item("采伐示意图没有标出西界"), item("采伐申请表没有签字")],
        lapse_days,
        opinion: Some("这里是承办人写的理由".to_owned()),
        extension_reason: Some("这里是延长的理由".to_owned()),
        certificate_number: Some("NM0100123".to_owned()),
        mark: Some(MARK.to_owned()),
        ..Words::default()
    }
}

/// What is laid out around a sample.
struct Around {
    texts: Texts,
    words: Words,
    seal: Option<SealMark>,
    verify: Verify,
    at: Millis,
}

fn joint_sample(around: Around) -> Answer<Paper> {
    let Around { texts, words, seal, verify, at } = around;
    let mut cases = Vec::new();
    for (place, name) in [MATTER, SECOND_MATTER].into_iter().enumerate() {
        let mut case = Case::replay(&events(opening(name, &texts.department)?, vec![correction()], at)).ok_or(AppError::NotFound)?;
        case.number = format!("样张20261124-000{}", place + 1);
        cases.push(case);
    }
    let joint = Joint { number: "样张20261124-0001".to_owned(), name: "林木采伐一件事".to_owned(), shared: Vec::new(), cases };
    let point = |(item, whom): (&(String, String), Vec<&str>)| joint::Point {
        text: item.0.clone(),
        basis: item.1.clone(),
        group: None,
        matters: whom.into_iter().map(str::to_owned).collect(),
    };
    let points: Vec<joint::Point> = words.notice_items.iter().zip([vec![MATTER, SECOND_MATTER], vec![MATTER]]).map(point).collect();
    Ok(joint::paper(at, &joint, &points, &words, &texts, seal, verify))
}

fn sample(kind: PaperKind, name: &str, around: Around) -> Answer<Paper> {
    let Around { texts, words, seal, verify, at } = around;
    let events = events(opening(MATTER, &texts.department)?, story(kind, name, at), at);
    let found = issued(&events).into_iter().rev().find(|paper| paper.kind == kind);
    let issued = found.ok_or_else(|| AppError::Internal(format!("no sample of {}", kind.code())))?;
    Ok(paper(&issued, &words, &texts, seal, verify))
}

impl App {
    /// A sample of a paper as PDF; nothing is stored. The seal stands on it for whom `with_seal` says may see it.
    ///
    /// # Errors
    /// 404 for what is no paper; what is wrong with the texts; 503 `fonts_missing`.
    pub async fn preview_paper(&self, permit: &Permit, name: &str, request: &PaperPreviewRequest, with_seal: bool) -> Answer<Vec<u8>> {
        let template = template(name).ok_or(AppError::NotFound)?;
        let (site_id, at) = (permit.site_id(), self.now());
        let chosen = Self::sample_chosen(template, request)?;
        let department = match &request.department_id {
            Some(id) => self.directory.get().departments.get(id).map(|row| row.name.clone()),
            None => Some(DEPARTMENT.to_owned()),
        };
        let department = department.ok_or_else(|| AppError::field("department_id", "unknown", "没有这个部门"))?;
        let mut texts = self.texts_at(site_id, template, &department, at).await?;
        if let Some(written) = &request.texts {
            texts.own = self.checked_texts(template, written).await?;
        }
        let owner = request.department_id.as_deref().unwrap_or_default();
        let seal = if with_seal { self.seal_to_be(site_id, template, owner).await? } else { None };
        let words = words(&texts.site, self.settings.cases.policy.correction_lapse_days, at);
        let verify = Verify { url: format!("{}/verify/sample", self.settings.public_url), code: MARK.to_owned() };
        let around = Around { texts, words, seal, verify, at };
        let paper = match PaperKind::ALL.into_iter().find(|kind| kind.code() == name) {
            Some(kind) => sample(kind, &chosen, around)?,
            None => joint_sample(around)?,
        };
        made(paper, "sample".to_owned()).await
    }

    fn sample_chosen(template: &PaperTemplate, request: &PaperPreviewRequest) -> Answer<String> {
        let known = samples_of(template.name);
        match (&request.sample, known.first()) {
            (None, first) => Ok(first.map(|first| first.name.clone()).unwrap_or_default()),
            (Some(name), _) if known.iter().any(|sample| sample.name == *name) => Ok(name.clone()),
            (Some(_), _) => Err(AppError::field("sample", "unknown", "这种文书没有这个样张")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use domain::papers::{JOINT_CORRECTION, Speaker};

    use super::*;

    fn around(template: &'static PaperTemplate) -> Around {
        let texts =
            Texts { template, own: BTreeMap::new(), site: "白桦镇便民服务中心".to_owned(), department: DEPARTMENT.to_owned() };
        let at = 1_795_485_600_000;
        let verify = Verify { url: "https://example.test/verify/sample".to_owned(), code: MARK.to_owned() };
        Around { words: words(&texts.site, 30, at), texts, seal: None, verify, at }
    }

    #[test]
    fn every_paper_has_its_samples_and_says_who_speaks() {
        let mut told = 0;
        for kind in PaperKind::ALL {
            let names: Vec<String> = samples_of(kind.code()).into_iter().map(|sample| sample.name).collect();
            for name in if names.is_empty() { vec![String::new()] } else { names } {
                let paper = sample(kind, &name, around(kind.template())).unwrap();
                let is_departments = kind.template().speaker == Speaker::Department;
                assert_eq!(paper.issuer, if is_departments { DEPARTMENT } else { "白桦镇便民服务中心" }, "{}", kind.code());
                assert_eq!(paper.mark.as_deref(), Some(MARK));
                told += 1;
            }
        }
        assert_eq!(told, 14);
        assert!(joint_sample(around(&JOINT_CORRECTION)).is_ok_and(|paper| paper.title == JOINT_CORRECTION.title));
    }
}
