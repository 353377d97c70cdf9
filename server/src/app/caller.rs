//! Who calls, and the proof that a caller may do a thing at a site.
//!
//! Architecture Invariant: a [`Permit`] is made here and nowhere else; use cases that change or show
//! what not everybody may see take one. Order of answers: 404 outside the caller's sites, then 403.

use chrono::NaiveDate;
use domain::case::Staff;
use domain::ids::{CitizenId, DepartmentId, is_practice};
use domain::rights::{Operation, Role, Scope, can_be_practised, scopes};
use protocol::device::DeviceKind;

use super::error::{Answer, AppError};

/// A signed-in member of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffCaller {
    /// The person as the rules see one.
    pub staff: Staff,
    /// Name for people.
    pub name: String,
    /// Login name.
    pub username: String,
    /// Hash of the session's token, for ending it.
    pub session: Vec<u8>,
    /// Whether the password was given out for one sign-in: nothing is done before it is changed.
    pub must_change_password: bool,
}

/// A paired device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCaller {
    /// The device.
    pub id: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Its site.
    pub site_id: String,
    /// The window it stands at.
    pub window_id: Option<String>,
}

/// Somebody who applies online, known by a phone. No [`Caller`]: there is no way from here to a [`Permit`], so
/// that no right of staff or devices can ever be a citizen's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitizenCaller {
    /// Whoever it is.
    pub id: CitizenId,
    /// The site that keeps the phone.
    pub site_id: String,
    /// The phone, sealed under this id.
    pub person_id: String,
    /// Hash of the session's token, for ending it.
    pub session: Vec<u8>,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A member of staff.
    Staff(Box<StaffCaller>),
    /// A device.
    Device(DeviceCaller),
}

/// Proof that the caller may do an operation at a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    caller: Caller,
    site_id: String,
    operation: Operation,
    scopes: Vec<Scope>,
}

impl Permit {
    /// Who it was given to.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The site it is good for.
    #[must_use]
    pub fn site_id(&self) -> &str {
        &self.site_id
    }

    /// The operation it is good for.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The member of staff.
    #[must_use]
    pub fn staff(&self) -> Option<&StaffCaller> {
        match &self.caller {
            Caller::Staff(staff) => Some(staff),
            Caller::Device(_) => None,
        }
    }

    /// Whether the right reaches everything of the site, not only things of the own department.
    #[must_use]
    pub fn reaches_site(&self) -> bool {
        self.scopes.iter().any(|scope| *scope != Scope::OwnDepartment)
    }

    /// Whether the right reaches things of a department on a day: by the site, or because the caller
    /// acts for that department on a basis in force.
    ///
    /// # Errors
    /// 403: another department's, or the basis is not in force.
    pub fn reaches(&self, department: &DepartmentId, today: NaiveDate) -> Answer<()> {
        if self.reaches_site() {
            return Ok(());
        }
        let bases = self.staff().map(|caller| caller.staff.bases.as_slice()).unwrap_or_default();
        let mut own = bases.iter().filter(|basis| basis.department == *department).peekable();
        if own.peek().is_none() {
            return Err(AppError::Forbidden { code: "forbidden", message: "这个办件由别的部门办理".to_owned() });
        }
        if own.any(|basis| basis.covers(today)) { Ok(()) } else { Err(domain::case::Refusal::AuthorisationExpired.into()) }
    }
}

impl Caller {
    /// Id for logs and events.
    #[must_use]
    pub fn actor(&self) -> &str {
        match self {
            Self::Staff(caller) => caller.staff.id.as_str(),
            Self::Device(caller) => &caller.id,
        }
    }

    /// Home site of a member of staff, site of a device.
    #[must_use]
    pub fn home(&self) -> &str {
        match self {
            Self::Staff(caller) => caller.staff.site.as_str(),
            Self::Device(device) => &device.site_id,
        }
    }

    /// Whether a site is among those that exist for the caller: a person's home and what lies below
    /// it, for those with a department every site (cases come from all), a device's own. Who practises sees the
    /// practice hall and nothing else, and nobody else sees it.
    #[must_use]
    pub fn sees(&self, site_id: &str) -> bool {
        match self {
            Self::Device(device) => device.site_id == site_id,
            Self::Staff(caller) => {
                let staff = &caller.staff;
                let is_real = !is_practice(site_id) && !is_practice(staff.site.as_str());
                staff.subtree.iter().any(|site| site.as_str() == site_id) || (is_real && staff.roles.contains(&Role::Approver))
            }
        }
    }

    /// A permit for an operation at a site.
    ///
    /// # Errors
    /// [`AppError::NotFound`] outside the caller's sites, [`AppError::Forbidden`] without the right.
    pub fn permit(&self, operation: Operation, site_id: &str) -> Answer<Permit> {
        if !self.sees(site_id) {
            return Err(AppError::NotFound);
        }
        if is_practice(site_id) && !can_be_practised(operation) {
            let message = "练习里不做这一步，先离开练习".to_owned();
            return Err(AppError::Forbidden { code: "not_in_practice", message });
        }
        let scopes = self.scopes_at(operation, site_id);
        if scopes.is_empty() {
            return Err(forbidden(operation));
        }
        Ok(Permit { caller: self.clone(), site_id: site_id.to_owned(), operation, scopes })
    }

    fn scopes_at(&self, operation: Operation, site_id: &str) -> Vec<Scope> {
        match self {
            Self::Device(device) if device_may(device.kind, operation) => vec![Scope::OwnSite],
            Self::Device(_) => Vec::new(),
            Self::Staff(caller) => {
                let staff = &caller.staff;
                let reaches = |scope: &Scope| match scope {
                    Scope::OwnDepartment => staff.department.is_some() || !staff.bases.is_empty(),
                    Scope::OwnSite => staff.site.as_str() == site_id,
                    Scope::Subtree => staff.subtree.iter().any(|site| site.as_str() == site_id),
                    Scope::Everywhere => true,
                };
                scopes(&staff.roles, staff.outsourced, operation).into_iter().filter(reaches).collect()
            }
        }
    }
}

/// What a device may do at its own site.
fn device_may(kind: DeviceKind, operation: Operation) -> bool {
    match kind {
        DeviceKind::Kiosk => {
            matches!(operation, Operation::IssueTicket | Operation::ReadSites | Operation::ReadCatalogue | Operation::ReadCalendar)
        }
        DeviceKind::Display | DeviceKind::Printer => matches!(operation, Operation::ReadSites),
        DeviceKind::Pad => matches!(operation, Operation::ReadSites),
    }
}

fn forbidden(operation: Operation) -> AppError {
    let who: Vec<&str> = Role::ALL.into_iter().filter(|role| domain::rights::allowed(*role, operation).is_some()).map(role_name).collect();
    AppError::Forbidden {
        code: "forbidden", message: format!("这一步由{}来做；需要的话请大厅主管给您加上", who.join("、"))
    }
}

/// The role for people.
#[must_use]
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Guide => "导办",
        Role::Clerk => "窗口人员",
        Role::Approver => "审批人员",
        Role::Leader => "分管领导",
        Role::Issuer => "出证人员",
        Role::Helper => "帮办人员",
        Role::Supervisor => "大厅主管",
        Role::District => "区政务局",
        Role::Admin => "系统管理员",
        Role::It => "运维人员",
        Role::Auditor => "审计人员",
    }
}
