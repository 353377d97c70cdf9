//! The sample district as plain values, ready to be written to a store. Knows no store, no hash and
//! no file.

use domain::case::Basis;
use domain::catalogue::{Bundle, Department, Matter};
use domain::hall::Configuration;
use domain::ids::{DepartmentId, LineId, SiteId, StaffId};
use domain::people::Engagement;
use domain::plan::{Checklist, EntryList, LedgerPlan};
use domain::rights::Role;
use serde::{Deserialize, Serialize};

/// What kind of place a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// 区政务服务中心.
    DistrictHall,
    /// 便民服务中心 of a town or 苏木.
    Center,
    /// 便民服务站 of a village or community.
    Station,
    /// 政银企合作点.
    PartnerPoint,
}

impl SiteKind {
    /// The name in the API and in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DistrictHall => "district_hall",
            Self::Center => "center",
            Self::Station => "station",
            Self::PartnerPoint => "partner_point",
        }
    }
}

/// The whole sample.
#[derive(Debug, Clone)]
pub struct District {
    /// The words that mark it as sample data.
    pub notice: String,
    /// Departments; all belong to the district's site.
    pub departments: Vec<Department>,
    /// Sites, parents before their children.
    pub sites: Vec<SampleSite>,
    /// Staff with their accounts.
    pub staff: Vec<SampleStaff>,
    /// The improvement plan.
    pub plan: SamplePlan,
}

/// The improvement plan of the sample.
#[derive(Debug, Clone)]
pub struct SamplePlan {
    /// Tasks and columns of the ledger.
    pub ledger: LedgerPlan,
    /// The checklist of the tiers.
    pub checklist: Checklist,
    /// 应进必进, site by site.
    pub entry_lists: Vec<(SiteId, EntryList)>,
}

/// One place with its hall and catalogue.
#[derive(Debug, Clone)]
pub struct SampleSite {
    /// Its id in the API.
    pub id: SiteId,
    /// Its short key inside ids.
    pub key: String,
    /// What kind of place.
    pub kind: SiteKind,
    /// The site above.
    pub parent: Option<SiteId>,
    /// Name.
    pub name: String,
    /// Address.
    pub address: String,
    /// Phone.
    pub phone: String,
    /// Administrative area, 12 digits.
    pub area_code: String,
    /// Lines, windows, hours and policy.
    pub hall: Configuration,
    /// What each line is about, for the kiosk; lines that need no words are left out.
    pub line_texts: Vec<(LineId, String)>,
    /// Its matters.
    pub matters: Vec<SampleMatter>,
    /// Its bundles.
    pub bundles: Vec<SampleBundle>,
}

/// A matter and where it queues.
#[derive(Debug, Clone)]
pub struct SampleMatter {
    /// The matter in its first version.
    pub matter: Matter,
    /// The line whose windows take it.
    pub line_id: LineId,
}

/// A bundle and where it queues.
#[derive(Debug, Clone)]
pub struct SampleBundle {
    /// The bundle.
    pub bundle: Bundle,
    /// The line whose windows take it.
    pub line_id: LineId,
}

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct SampleStaff {
    /// Identity.
    pub id: StaffId,
    /// Account name.
    pub username: String,
    /// Invented name.
    pub name: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Home site.
    pub site_id: SiteId,
    /// Department.
    pub department_id: Option<DepartmentId>,
    /// Whether 即办件 may be decided at the window.
    pub decides_instant: bool,
    /// Where the person comes from.
    pub engagement: Engagement,
    /// In whose name cases are decided.
    pub bases: Vec<Basis>,
}

impl SampleStaff {
    /// The password of the account, which everybody may know.
    #[must_use]
    pub fn password(&self) -> String {
        format!("demo-{}", self.username)
    }
}
