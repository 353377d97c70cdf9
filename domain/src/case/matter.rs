//! What a case keeps of its matter: the snapshot it was received under. Knows nothing of the
//! catalogue's versions, drafts or claims.

use serde::{Deserialize, Serialize};

use super::approval::ApprovalStage;
use crate::ids::{DepartmentId, MaterialId, MatterId};

/// Case kind 办件类型 (GB/T 39046): 1 即办件, 2 承诺件.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// 即办件: decided at the window in one go.
    Instant,
    /// 承诺件: decided by the department within the promised limit.
    Promised,
}

/// A special procedure 特别程序 between acceptance and decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// 听证
    Hearing,
    /// 招标
    Tender,
    /// 拍卖
    Auction,
    /// 检验
    Inspection,
    /// 检测
    Testing,
    /// 检疫
    Quarantine,
    /// 鉴定
    Appraisal,
    /// 专家评审
    ExpertReview,
    /// 现场勘验
    SiteSurvey,
    /// 公示
    PublicNotice,
}

impl Procedure {
    /// Every procedure, in the order of the law.
    pub const ALL: [Self; 10] = [
        Self::Hearing,
        Self::Tender,
        Self::Auction,
        Self::Inspection,
        Self::Testing,
        Self::Quarantine,
        Self::Appraisal,
        Self::ExpertReview,
        Self::SiteSurvey,
        Self::PublicNotice,
    ];

    /// The word people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Hearing => "听证",
            Self::Tender => "招标",
            Self::Auction => "拍卖",
            Self::Inspection => "检验",
            Self::Testing => "检测",
            Self::Quarantine => "检疫",
            Self::Appraisal => "鉴定",
            Self::ExpertReview => "专家评审",
            Self::SiteSurvey => "现场勘验",
            Self::PublicNotice => "公示",
        }
    }

    /// Whether its time is outside the limit by 行政许可法 Art. 45. 现场勘验 and 公示 are not named there.
    #[must_use]
    pub fn stops_clock_by_law(self) -> bool {
        match self {
            Self::Hearing
            | Self::Tender
            | Self::Auction
            | Self::Inspection
            | Self::Testing
            | Self::Quarantine
            | Self::Appraisal
            | Self::ExpertReview => true,
            Self::SiteSurvey | Self::PublicNotice => false,
        }
    }
}

/// One required document of the matter, for the situations chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialRequirement {
    /// The material.
    pub id: MaterialId,
    /// Its name in the catalogue.
    pub name: String,
    /// Whether a case is incomplete without it.
    pub required: bool,
    /// Whether it may be promised and handed in later (容缺).
    pub tolerable: bool,
}

/// The matter as it was when the case was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterSnapshot {
    /// The matter.
    pub id: MatterId,
    /// Its published version.
    pub version: u32,
    /// Implementation or business item code (1–64 characters).
    pub item_code: String,
    /// Its name.
    pub name: String,
    /// Matter type of GB/T 39046 (`01` … `10`, `20`).
    pub matter_type: String,
    /// 即办件 or 承诺件.
    pub case_kind: CaseKind,
    /// The department that decides.
    pub department: DepartmentId,
    /// Its name.
    pub department_name: String,
    /// Promised limit, working days.
    pub promised_days: Option<u32>,
    /// Statutory limit, working days.
    pub statutory_days: Option<u32>,
    /// What has to be handed in.
    pub materials: Vec<MaterialRequirement>,
    /// Whether an approval ends in a certificate.
    pub makes_certificate: bool,
    /// The name on that certificate.
    #[serde(default)]
    pub certificate_name: Option<String>,
    /// Whether that certificate goes to the licence platform before it is handed out.
    pub uploads_certificate: bool,
    /// Whether minor materials may be promised (容缺受理).
    pub allows_tolerance: bool,
    /// Whether silence accepts (Art. 32 for 许可, a local rule for other types).
    pub deems_acceptance: bool,
    /// Procedures that stop the clock for this matter beside those named in Art. 45.
    #[serde(default)]
    pub stopping_procedures: Vec<Procedure>,
    /// Whether people of the site that took the case may decide it; false where it was only entrusted with accepting
    /// (委托受理).
    #[serde(default = "yes")]
    pub site_decides: bool,
    /// The stages of approval; none: one person of the department decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approval: Vec<ApprovalStage>,
    /// Whether the result may be sent by courier.
    #[serde(default)]
    pub courier: bool,
}

/// Cases from before there were claims were the site's own.
fn yes() -> bool {
    true
}

impl MatterSnapshot {
    /// The requirement for a material, if the matter names it.
    #[must_use]
    pub fn requirement(&self, material: &MaterialId) -> Option<&MaterialRequirement> {
        self.materials.iter().find(|requirement| requirement.id == *material)
    }

    /// Whether a procedure stops the clock: by Art. 45 or by the matter's own entry.
    #[must_use]
    pub fn stops_clock(&self, procedure: Procedure) -> bool {
        procedure.stops_clock_by_law() || self.stopping_procedures.contains(&procedure)
    }
}
