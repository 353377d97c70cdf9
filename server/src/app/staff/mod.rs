//! Staff: accounts, roles, the departments one may decide for, and the end of access. A first password is
//! given out once and good for one sign-in. Every change is an event that names the person by id.

pub(in crate::app) mod bases;
pub(in crate::app) mod command;
mod password;
mod photo;

use chrono::NaiveDate;
use domain::rights::Role;
use domain::time::rfc3339;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::error::Answer;
use super::sessions::StaffDoc;
use crate::store::StaffRow;

pub use bases::{BasisInput, BasisView};
pub use password::PasswordRequest;
pub use photo::PHOTO_CHANGED;

/// What can be said of a member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffRequest {
    /// Name for people.
    pub name: String,
    /// Roles held; none is an account that can sign in and do nothing.
    #[schema(value_type = Vec<crate::app::words::StaffRole>)]
    pub roles: Vec<String>,
    /// Own department.
    pub department_id: Option<String>,
    /// Whether 即办件 may be decided at the window.
    #[serde(default)]
    pub decides_instant: bool,
    /// 外包: no exports, whatever the roles.
    #[serde(default)]
    pub outsourced: bool,
    /// Departments that an approver decides for.
    #[serde(default)]
    pub bases: Vec<BasisInput>,
    /// Last day of access, `yyyy-MM-dd`; open-ended without.
    #[schema(value_type = Option<String>)]
    pub access_until: Option<NaiveDate>,
    /// B角: a colleague of the same site, department and deciding roles, to whom what this person claimed is open on
    /// days of leave.
    #[serde(default)]
    pub cover_id: Option<String>,
}

/// A new member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStaffRequest {
    /// Login name.
    pub username: String,
    /// Name for people.
    pub name: String,
    /// Roles held.
    #[schema(value_type = Vec<crate::app::words::StaffRole>)]
    pub roles: Vec<String>,
    /// Own department.
    pub department_id: Option<String>,
    /// Whether 即办件 may be decided at the window.
    #[serde(default)]
    pub decides_instant: bool,
    /// 外包.
    #[serde(default)]
    pub outsourced: bool,
    /// Departments that an approver decides for.
    #[serde(default)]
    pub bases: Vec<BasisInput>,
    /// Last day of access; open-ended without.
    #[schema(value_type = Option<String>)]
    pub access_until: Option<NaiveDate>,
    /// B角; see the change of an account.
    #[serde(default)]
    pub cover_id: Option<String>,
}

impl NewStaffRequest {
    /// The login name, and the rest.
    fn split(self) -> (String, StaffRequest) {
        let Self { username, name, roles, department_id, decides_instant, outsourced, bases, access_until, cover_id } = self;
        (username, StaffRequest { name, roles, department_id, decides_instant, outsourced, bases, access_until, cover_id })
    }
}

/// An account as told to those who look after accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountView {
    /// The person.
    pub id: String,
    /// Login name.
    pub username: String,
    /// Name for people.
    pub name: String,
    /// Roles held.
    #[schema(value_type = Vec<crate::app::words::StaffRole>)]
    pub roles: Vec<String>,
    /// Home site.
    pub site_id: String,
    /// Own department.
    pub department_id: Option<String>,
    /// Its name.
    pub department_name: Option<String>,
    /// Whether 即办件 may be decided at the window.
    pub decides_instant: bool,
    /// 外包.
    pub outsourced: bool,
    /// Where the person comes from.
    #[schema(value_type = crate::app::words::StaffSource)]
    pub source: String,
    /// Departments decided for.
    pub bases: Vec<BasisView>,
    /// Last day of access, as it was set for the account.
    pub access_until: Option<String>,
    /// B角.
    pub cover_id: Option<String>,
    /// Last day of a vendor's contract.
    pub contract_until: Option<String>,
    /// Whether the account can be used.
    pub active: bool,
    /// Until when a one-time password waits for its sign-in, RFC 3339.
    pub one_time_until: Option<String>,
    /// Until when too many wrong passwords keep it locked, RFC 3339.
    pub locked_until: Option<String>,
    /// Where the person's photo is read; null without one.
    pub photo_url: Option<String>,
}

/// An account whose password was given out; it is told this once, and not again on a retry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FreshPasswordView {
    /// The account.
    #[serde(flatten)]
    pub account: AccountView,
    /// For one sign-in; null when the request was a retry.
    pub one_time_password: Option<String>,
}

/// A department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DepartmentView {
    /// The department.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Local code; empty when unknown.
    pub code: String,
}

impl App {
    /// The accounts of a site, those in use first, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn accounts(&self, permit: &Permit) -> Answer<Vec<AccountView>> {
        let mut rows = self.stores.staff.all_staff().await?;
        rows.retain(|row| row.site_id == permit.site_id());
        rows.sort_by(|one, other| (!one.active, &one.username).cmp(&(!other.active, &other.username)));
        rows.iter().map(|row| self.account_view(row)).collect()
    }

    /// The departments whose matters a site takes, by name.
    ///
    /// # Errors
    /// 404 for an unknown site.
    pub fn departments(&self, permit: &Permit) -> Answer<Vec<DepartmentView>> {
        let listing = self.directory.get();
        let root = listing.root_of(permit.site_id())?.id.clone();
        let rows = listing.departments.values().filter(|row| row.site_id == root);
        let view =
            |row: &crate::store::DepartmentRow| DepartmentView { id: row.id.clone(), name: row.name.clone(), code: row.code.clone() };
        let mut found: Vec<DepartmentView> = rows.map(view).collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    pub(in crate::app) fn account_view(&self, row: &StaffRow) -> Answer<AccountView> {
        let doc: StaffDoc = serde_json::from_str(&row.doc)?;
        let roles: Vec<Role> = serde_json::from_str(&row.roles)?;
        Ok(AccountView {
            id: row.id.clone(),
            username: row.username.clone(),
            name: row.name.clone(),
            roles: roles.into_iter().map(|role| role.name().to_owned()).collect(),
            site_id: row.site_id.clone(),
            department_name: row.department_id.as_deref().map(|id| self.department_name(id)),
            department_id: row.department_id.clone(),
            decides_instant: doc.decides_instant,
            outsourced: doc.outsourced,
            source: doc.source().name().to_owned(),
            contract_until: doc.engagement.as_ref().and_then(|of| of.last_day()).map(|day| day.to_string()),
            bases: doc.bases.iter().map(|basis| self.basis_view(basis)).collect(),
            access_until: doc.access_until.map(|day| day.to_string()),
            cover_id: doc.cover_id.as_ref().map(ToString::to_string),
            active: row.active,
            one_time_until: doc.one_time_until.filter(|_| row.active).map(rfc3339),
            photo_url: doc.photo.as_deref().map(|photo| photo::photo_url(&row.id, photo)),
            locked_until: Some(row.locked_until).filter(|until| *until > self.now()).map(rfc3339),
        })
    }
}
