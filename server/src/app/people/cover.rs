//! AB角: whose place somebody takes today. While A is away, what A claimed is open to the B that the leave names, or that
//! A's account names where the leave names none. B acts on the own basis, never on A's: a basis is a document that
//! names its person. So no authority comes with it, and the record says for whom B acted.

use domain::ids::StaffId;
use domain::rights::Role;

use crate::app::App;
use crate::app::caller::StaffCaller;
use crate::app::error::{Answer, FieldErrors};
use crate::app::sessions::StaffDoc;
use crate::app::staff::StaffRequest;
use crate::store::StaffRow;

/// Roles whose work is claimed by a person, and so needs a cover.
const COVERED: [Role; 2] = [Role::Approver, Role::Leader];

impl App {
    /// The caller with those whose place is taken today.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn with_covers(&self, caller: &StaffCaller) -> Answer<StaffCaller> {
        let mut caller = caller.clone();
        if !caller.staff.roles.iter().any(|role| COVERED.contains(role)) {
            return Ok(caller);
        }
        let (site_id, today) = (caller.staff.site.as_str().to_owned(), self.today().to_string());
        for leave in self.stores.people.leaves_between(&site_id, &today, &today).await? {
            let cover = match leave.cover_id {
                Some(cover) => Some(cover),
                None => self.account_cover(&site_id, &leave.staff_id).await?.map(String::from),
            };
            if cover.as_deref() == Some(caller.staff.id.as_str()) {
                caller.staff.covers.extend(StaffId::parse(&leave.staff_id));
            }
        }
        Ok(caller)
    }

    async fn account_cover(&self, site_id: &str, staff_id: &str) -> Answer<Option<StaffId>> {
        let Some(row) = self.stores.staff.staff(site_id, staff_id).await? else { return Ok(None) };
        Ok(serde_json::from_str::<StaffDoc>(&row.doc)?.cover_id)
    }

    /// Whether the B角 that an account names can be one: a colleague of the same site and department who holds the same
    /// deciding roles.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn check_cover(
        &self,
        site_id: &str,
        own: Option<&StaffId>,
        wanted: &StaffRequest,
        errors: &mut FieldErrors,
    ) -> Answer<()> {
        let Some(cover_id) = &wanted.cover_id else { return Ok(()) };
        if own.is_some_and(|own| own.as_str() == cover_id) {
            errors.add("cover_id", "same", "自己不能做自己的 B 角");
            return Ok(());
        }
        let row = match StaffId::parse(cover_id) {
            Some(id) => self.stores.staff.staff(site_id, id.as_str()).await?.filter(|row| row.active),
            None => None,
        };
        let Some(row) = errors.some(row, "cover_id", "unknown", "这个中心没有这位同事") else { return Ok(()) };
        if let Some(message) = unfit(&row, wanted)? {
            errors.add("cover_id", "not_alike", message);
        }
        Ok(())
    }
}

/// Why somebody cannot be the B角 of an account as it shall be.
fn unfit(row: &StaffRow, wanted: &StaffRequest) -> Answer<Option<&'static str>> {
    let roles: Vec<Role> = serde_json::from_str(&row.roles)?;
    let wanted_roles: Vec<Role> = wanted.roles.iter().filter_map(|word| Role::parse(word)).filter(|role| COVERED.contains(role)).collect();
    Ok(if wanted.department_id.is_none() || row.department_id != wanted.department_id {
        Some("B 角要是同一个部门的人")
    } else if wanted_roles.is_empty() || !wanted_roles.iter().all(|role| roles.contains(role)) {
        Some("B 角要有同样的岗位（审批人员或分管领导）")
    } else {
        None
    })
}
