//! Who acts on a case. Knows nothing of accounts, sessions or names.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{CitizenId, DepartmentId, SiteId, StaffId};
use crate::rights::Role;

/// A document by which a department lets a person decide in its name (派驻 or 授权).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The department that lends its authority.
    pub department: DepartmentId,
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

/// Who gives a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A member of staff.
    Staff(Staff),
    /// Whoever applies online, about the own application and nothing else.
    Citizen(CitizenId),
    /// A timer, or the answer of a gateway.
    System,
}

impl Actor {
    /// The person, if it is one.
    #[must_use]
    pub fn staff_id(&self) -> Option<&StaffId> {
        match self {
            Self::Staff(staff) => Some(&staff.id),
            Self::Citizen(_) | Self::System => None,
        }
    }

    /// Whether what somebody claimed is this actor's to go on with: the own, or that of a person who is covered.
    #[must_use]
    pub fn stands_for(&self, holder: &StaffId) -> bool {
        matches!(self, Self::Staff(staff) if staff.id == *holder || staff.covers.contains(holder))
    }
}
