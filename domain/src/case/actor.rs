//! Who acts on a case. Knows nothing of accounts, sessions or names.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{CitizenId, DepartmentId, SiteId, StaffId};
use crate::rights::Role;

/// Characters of the name or number of a document that gives a basis.
pub const BASIS_DOCUMENT_CHARS_MAX: usize = 100;

/// In which way a department lets somebody decide in its name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasisKind {
    /// 派驻: the department's own person, sent to the hall.
    Seconded,
    /// 授权: a person of the centre decides in the department's name. What was stored before kinds were told is this,
    /// the word that a basis was known by.
    #[default]
    Authorised,
    /// 委托: the department stays the one that answers for it (行政许可法 Art. 24).
    Entrusted,
}

impl BasisKind {
    /// The word people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Seconded => "派驻",
            Self::Authorised => "授权",
            Self::Entrusted => "委托",
        }
    }
}

/// That a department lets a person decide in its name (派驻, 授权, 委托), by which document, and from when to when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The department that lends its authority.
    pub department: DepartmentId,
    /// In which way.
    #[serde(default)]
    pub kind: BasisKind,
    /// Name or number of the document that says so; `None` where nobody has entered it (未登记文件), which only those
    /// that were there before may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// First day of validity.
    pub from: NaiveDate,
    /// Last day of validity; `None` is open-ended.
    pub to: Option<NaiveDate>,
}

impl Basis {
    /// Whether the basis is in force on a local date.
    #[must_use]
    pub fn covers(&self, date: NaiveDate) -> bool {
        self.from <= date && self.to.is_none_or(|to| date <= to)
    }
}

/// A member of staff as the rules see one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// The person.
    pub id: StaffId,
    /// All roles held.
    pub roles: Vec<Role>,
    /// Home site.
    pub site: SiteId,
    /// Home site and all sites below it.
    pub subtree: Vec<SiteId>,
    /// Own department, for those that have one.
    pub department: Option<DepartmentId>,
    /// Whether 即办件 may be decided at the window by this clerk.
    pub decides_instant: bool,
    /// Outsourced staff (外包) have no export.
    pub outsourced: bool,
    /// What an approver decides on, and a leader signs for.
    pub bases: Vec<Basis>,
    /// People who are away today and whose B角 this person is: what they claimed is open to this person too, on the
    /// own bases.
    #[serde(default)]
    pub covers: Vec<StaffId>,
}

impl Staff {
    /// The basis on which this person acts for a department on a local date; of several one with its document, and of
    /// those the one that lasts longest.
    #[must_use]
    pub fn basis_for(&self, department: &DepartmentId, date: NaiveDate) -> Option<&Basis> {
        let own = self.bases.iter().filter(|basis| basis.department == *department && basis.covers(date));
        own.max_by_key(|basis| (basis.document.is_some(), basis.to.unwrap_or(NaiveDate::MAX)))
    }
}

/// Who gives a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A member of staff.
    Staff(Staff),
    /// Whoever applies online, about the own application and nothing else.
    Citizen(CitizenId),
    /// Whoever has proved the phone that stands in the case for the applicant, about what the applicant settles.
    Applicant,
    /// A timer, or the answer of a gateway.
    System,
}

impl Actor {
    /// The person, if it is one.
    #[must_use]
    pub fn staff_id(&self) -> Option<&StaffId> {
        match self {
            Self::Staff(staff) => Some(&staff.id),
            Self::Citizen(_) | Self::Applicant | Self::System => None,
        }
    }

    /// Whether what somebody claimed is this actor's to go on with: the own, or that of a person who is covered.
    #[must_use]
    pub fn stands_for(&self, holder: &StaffId) -> bool {
        matches!(self, Self::Staff(staff) if staff.id == *holder || staff.covers.contains(holder))
    }
}
