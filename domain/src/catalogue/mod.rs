//! What can be applied for: matters in versions, their materials and situations, bundles of matters,
//! and how people find them (实施清单, DOMAIN §3). Knows no site's windows, and of cases
//! only what they keep of a matter.

mod bundle;
mod check;
mod claim;
mod compare;
mod details;
mod draft;
mod form;
pub mod import;
mod lists;
mod opinions;
mod search;
mod words;

use serde::{Deserialize, Serialize};

use crate::case::{ApprovalStage, MaterialRequirement, MatterSnapshot};
use crate::ids::{DepartmentId, MaterialId, MatterId, SituationId};

pub use crate::case::{CaseKind, Procedure};
pub use bundle::{BUNDLE_MATTERS_MAX, BUNDLE_NAME_CHARS_MAX, Bundle, MemberField, SharedField, SharedMaterial, joint_days_max};
pub use check::{GUIDE_CHARS_MAX, LIST_MAX, MatterFieldFault};
pub use claim::{Claim, ClaimNotice, ClaimedFrom, Delegation, LocalFields, NotOffered, WARN_DAYS};
pub use compare::{ComparedField, compare};
pub use details::{Details, GuidePicture, GuideVideo, OutOfDates, PICTURES_MAX, is_file_name};
pub use draft::{AHEAD_MS_MAX, Draft, DraftCommand, DraftOutcome, DraftRefusal, DraftRules, DraftStep, Drafted};
pub use form::{FieldKind, FormFault, FormField, FormSchema, TextFormat};
pub use lists::{ApplicantKind, ExerciseLevel, HandlingForm, MatterType, PowerSource};
pub use opinions::{OPINIONS_MAX, OpinionTemplate};
pub use search::{Query, Rank, SearchKeys, found};
pub use words::{WORDS_MAX, typed_letters, words};

/// Longest name of a matter, in characters.
pub const MATTER_NAME_CHARS_MAX: usize = 200;
/// Longest 实施编码, in characters.
pub const ITEM_CODE_CHARS_MAX: usize = 64;

/// Whether a matter can be applied for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatterState {
    /// In force.
    Published,
    /// No longer taken; cases under way go on.
    Retired,
}

/// A department of the district (部门). Its code is local text, not a credit code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Identity.
    pub id: DepartmentId,
    /// Local code as the source gives it; empty when unknown.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A catalogue entry that can be applied for, in one version. A case keeps the version it was
/// accepted under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// Identity, the same in all versions.
    pub id: MatterId,
    /// Version, from 1.
    pub version: u32,
    /// Whether it is in force.
    pub state: MatterState,
    /// 实施编码, unique within the site.
    pub code: String,
    /// Name, 1 to [`MATTER_NAME_CHARS_MAX`] characters.
    pub name: String,
    /// What people call it (低保), for the search.
    pub aliases: Vec<String>,
    /// 事项类型.
    pub matter_type: MatterType,
    /// The department that decides.
    pub department_id: DepartmentId,
    /// The catalogue's grouping.
    pub category: String,
    /// Administrative area, 12 digits; empty when unknown.
    pub area_code: String,
    /// 行使层级.
    pub exercise_level: ExerciseLevel,
    /// 权力来源; `None` for public services.
    pub power_source: Option<PowerSource>,
    /// Laws it rests on.
    pub legal_basis: Vec<String>,
    /// Instant or promised.
    pub case_kind: CaseKind,
    /// Who may apply.
    pub applicant_kinds: Vec<ApplicantKind>,
    /// How it may be applied for.
    pub handling_forms: Vec<HandlingForm>,
    /// Limit by law in working days; `None` where no law sets one.
    pub statutory_days: Option<u32>,
    /// Promised limit in working days; 0 for an instant matter.
    pub promised_days: u32,
    /// Procedures that may interrupt the decision.
    pub special_procedures: Vec<SpecialProcedure>,
    /// Conditions of acceptance.
    pub conditions: Vec<String>,
    /// Required documents.
    pub materials: Vec<Material>,
    /// Questions whose answers select the materials.
    pub situations: Vec<SituationQuestion>,
    /// What it costs; `None` when it is free.
    pub fee: Option<Fee>,
    /// How often one must come.
    pub visits: u32,
    /// The document it ends in; `None` when the result is none to be handed over.
    pub certificate: Option<CertificateForm>,
    /// Phone for questions.
    pub consultation_phone: String,
    /// Phone for complaints.
    pub complaint_phone: String,
    /// 白话版 guide, Markdown without HTML.
    pub guide: String,
    /// What informs and decides nothing.
    #[serde(default)]
    pub details: Details,
    /// What the applicant fills in; `None` where the matter asks nothing beside persons and materials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_schema: Option<FormSchema>,
    /// How the site that offers it came to it; `None` for a matter of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<ClaimedFrom>,
    /// The stages of approval (审批环节), in order; none: one person of the department decides. A simple catalogue list
    /// does not name them, so that its import leaves them as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approval: Vec<ApprovalStage>,
    /// Templates of opinions for whoever signs or decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opinions: Vec<OpinionTemplate>,
}

/// A procedure such as an inspection or a hearing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialProcedure {
    /// Which one.
    pub procedure: Procedure,
    /// Usual working days.
    pub days: u32,
    /// Legal basis.
    pub basis: String,
    /// Whether its time is not counted though 行政许可法 45 does not name it (现场勘验、公示), on the
    /// basis given.
    pub stops_clock: bool,
}

/// What a matter costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Legal basis.
    pub basis: String,
    /// Standard, as people read it.
    pub standard: String,
}

/// A document that a matter ends in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateForm {
    /// Name on the document.
    pub name: String,
    /// Years it is valid; `None` without end.
    pub valid_years: Option<u32>,
    /// Type code of the licence platform, 21 characters; `None` when it is not uploaded.
    pub licence_type: Option<String>,
}

/// What a material is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialKind {
    /// An application form.
    Form,
    /// A licence, card or register.
    Licence,
    /// A statement by somebody else.
    Proof,
    /// A contract, plan, picture or other paper.
    Paper,
}

impl MaterialKind {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Form, Self::Licence, Self::Proof, Self::Paper];

    /// The word people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Form => "申请表",
            Self::Licence => "证照",
            Self::Proof => "证明",
            Self::Paper => "其他材料",
        }
    }
}

/// Whether a material stays or is only looked at (收取 / 核验).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialKeeping {
    /// Kept in the file.
    Collected,
    /// Looked at and given back.
    Verified,
}

impl MaterialKeeping {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Collected, Self::Verified];

    /// The word people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Collected => "收取",
            Self::Verified => "核验",
        }
    }
}

/// Where a material comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialSource {
    /// The applicant has or writes it.
    Applicant,
    /// An authority issues it.
    Government,
    /// A third party such as a hospital or bank issues it.
    ThirdParty,
}

impl MaterialSource {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Applicant, Self::Government, Self::ThirdParty];

    /// The word people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Applicant => "申请人自备",
            Self::Government => "政府部门出具",
            Self::ThirdParty => "第三方出具",
        }
    }
}

/// A required document of a matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// Identity.
    pub id: MaterialId,
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: MaterialKind,
    /// Originals wanted.
    pub originals: u32,
    /// Copies wanted.
    pub copies: u32,
    /// Whether it must be there at all; otherwise 选填.
    pub required: bool,
    /// Whether it may be promised and supplied later (容缺).
    pub tolerable: bool,
    /// Kept or only verified.
    pub keeping: MaterialKeeping,
    /// Where it comes from.
    pub source: MaterialSource,
    /// What the window looks at.
    pub acceptance_points: Vec<String>,
    /// The answers that ask for it; empty: always.
    pub situation_ids: Vec<SituationId>,
    /// Where a filled-in example is, or what it looks like.
    #[serde(default)]
    pub sample: String,
    /// Where the blank form is.
    #[serde(default)]
    pub blank_form: String,
}

/// A question with its possible answers (情形).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SituationQuestion {
    /// The question.
    pub question: String,
    /// Whether more than one answer may be chosen.
    pub many: bool,
    /// The answers.
    pub options: Vec<Situation>,
    /// Asked only when one of these answers to earlier questions was chosen; empty: always. So questions form a tree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked_if: Vec<SituationId>,
}

impl SituationQuestion {
    /// Whether it is asked of somebody who chose these answers.
    #[must_use]
    pub fn is_asked(&self, chosen: &[SituationId]) -> bool {
        self.asked_if.is_empty() || self.asked_if.iter().any(|id| chosen.contains(id))
    }
}

/// An answer that selects materials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Situation {
    /// Identity.
    pub id: SituationId,
    /// The answer.
    pub name: String,
}

/// Why chosen situations do not fit a matter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SituationFault {
    /// The matter has no such answer.
    #[error("unknown situation {0}")]
    Unknown(SituationId),
    /// The question (by its place from 0) was not answered.
    #[error("question {0} not answered")]
    Unanswered(usize),
    /// The question (by its place from 0) takes one answer only.
    #[error("question {0} takes one answer")]
    TooMany(usize),
    /// The question (by its place from 0) is not asked after the other answers.
    #[error("question {0} is not asked")]
    NotAsked(usize),
}

/// What is wrong in a matter's own description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatterFault {
    /// The name is empty or too long.
    #[error("name")]
    Name,
    /// The code is empty or too long.
    #[error("code")]
    Code,
    /// The promise is longer than the law allows, or an instant matter has one.
    #[error("promised limit")]
    Promise,
    /// Nobody may apply.
    #[error("no applicant kind")]
    NoApplicant,
    /// Two materials or two answers have one id.
    #[error("{0} occurs twice")]
    Twice(String),
    /// A material is asked for by an answer that is not there.
    #[error("material {0} names an unknown situation")]
    UnknownSituation(MaterialId),
    /// A material that need not be there cannot be tolerated as missing.
    #[error("material {0} is optional and tolerable")]
    OptionalTolerable(MaterialId),
}

impl Matter {
    /// The keys it is found by: its name and what people call it.
    #[must_use]
    pub fn search_keys(&self) -> SearchKeys {
        SearchKeys::of(std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str)))
    }

    /// Whether any material may be supplied later.
    #[must_use]
    pub fn takes_tolerant(&self) -> bool {
        self.materials.iter().any(|material| material.tolerable)
    }

    /// Whether the site that offers it opens cases of it; where it only helps, people apply above.
    #[must_use]
    pub fn takes_cases(&self) -> bool {
        self.claimed.as_ref().is_none_or(|from| from.delegation.accepts())
    }

    /// The words of an answer.
    #[must_use]
    pub fn situation_name(&self, id: &SituationId) -> Option<&str> {
        self.situations.iter().flat_map(|question| &question.options).find(|option| option.id == *id).map(|option| option.name.as_str())
    }

    /// The materials that the chosen answers ask for, in order.
    #[must_use]
    pub fn materials_for(&self, chosen: &[SituationId]) -> Vec<&Material> {
        let asked = |material: &&Material| material.situation_ids.is_empty() || material.situation_ids.iter().any(|id| chosen.contains(id));
        self.materials.iter().filter(asked).collect()
    }

    /// What a case keeps of this version for the chosen answers. Silence accepts a permission by
    /// 行政许可法 32; for other types it is the site's rule, given as `deems_others`.
    #[must_use]
    pub fn snapshot(&self, chosen: &[SituationId], department_name: &str, deems_others: bool) -> MatterSnapshot {
        let requirement = |material: &Material| MaterialRequirement {
            id: material.id.clone(),
            name: material.name.clone(),
            required: material.required,
            tolerable: material.tolerable,
        };
        let stopping = self.special_procedures.iter().filter(|special| special.stops_clock).map(|special| special.procedure);
        MatterSnapshot {
            id: self.id.clone(),
            version: self.version,
            item_code: self.code.clone(),
            name: self.name.clone(),
            matter_type: self.matter_type.code().to_owned(),
            case_kind: self.case_kind,
            department: self.department_id.clone(),
            department_name: department_name.to_owned(),
            promised_days: Some(self.promised_days),
            statutory_days: self.statutory_days,
            materials: self.materials_for(chosen).into_iter().map(requirement).collect(),
            makes_certificate: self.certificate.is_some(),
            certificate_name: self.certificate.as_ref().map(|form| form.name.clone()),
            uploads_certificate: self.certificate.as_ref().is_some_and(|form| form.licence_type.is_some()),
            allows_tolerance: self.takes_tolerant(),
            deems_acceptance: self.matter_type == MatterType::Permission || deems_others,
            stopping_procedures: stopping.collect(),
            site_decides: self.claimed.as_ref().is_none_or(|from| from.delegation.decides()),
            approval: self.approval.clone(),
            courier: self.details.courier,
        }
    }

    /// Whether chosen answers are among the matter's, and each question has as many as it takes;
    /// all faults at once.
    #[must_use]
    pub fn situation_faults(&self, chosen: &[SituationId]) -> Vec<SituationFault> {
        let known = |id: &SituationId| self.situations.iter().flat_map(|question| &question.options).any(|option| option.id == *id);
        let mut faults: Vec<_> = chosen.iter().filter(|id| !known(id)).cloned().map(SituationFault::Unknown).collect();
        for (place, question) in self.situations.iter().enumerate() {
            let is_asked = question.is_asked(chosen);
            match question.options.iter().filter(|option| chosen.contains(&option.id)).count() {
                0 if is_asked => faults.push(SituationFault::Unanswered(place)),
                0 => {}
                _ if !is_asked => faults.push(SituationFault::NotAsked(place)),
                1 => {}
                _ if question.many => {}
                _ => faults.push(SituationFault::TooMany(place)),
            }
        }
        faults
    }

    /// What is wrong in its own description; empty when it is sound.
    #[must_use]
    pub fn faults(&self) -> Vec<MatterFault> {
        let mut faults = Vec::new();
        let mut wrong = |is_wrong: bool, fault: MatterFault| {
            if is_wrong {
                faults.push(fault);
            }
        };
        wrong(self.name.trim().is_empty() || self.name.chars().count() > MATTER_NAME_CHARS_MAX, MatterFault::Name);
        wrong(self.code.trim().is_empty() || self.code.chars().count() > ITEM_CODE_CHARS_MAX, MatterFault::Code);
        let too_long = self.statutory_days.is_some_and(|days| self.promised_days > days);
        let instant_waits = self.case_kind == CaseKind::Instant && self.promised_days > 0;
        let promises_nothing = self.case_kind == CaseKind::Promised && self.promised_days == 0;
        wrong(too_long || instant_waits || promises_nothing, MatterFault::Promise);
        wrong(self.applicant_kinds.is_empty(), MatterFault::NoApplicant);
        let options: Vec<&SituationId> = self.situations.iter().flat_map(|question| &question.options).map(|option| &option.id).collect();
        for (place, id) in options.iter().enumerate() {
            wrong(options[..place].contains(id), MatterFault::Twice(id.to_string()));
        }
        for (place, material) in self.materials.iter().enumerate() {
            let id = &material.id;
            wrong(self.materials[..place].iter().any(|other| other.id == *id), MatterFault::Twice(id.to_string()));
            wrong(material.situation_ids.iter().any(|id| !options.contains(&id)), MatterFault::UnknownSituation(id.clone()));
            wrong(material.tolerable && !material.required, MatterFault::OptionalTolerable(id.clone()));
        }
        faults
    }
}

#[cfg(test)]
mod tests;
