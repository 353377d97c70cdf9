//! The list of a site's people and one person's sheet.

use domain::ids::StaffId;
use domain::people::Source;
use domain::rights::Role;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::attendance::AttendanceDayView;
use super::leaves::LeaveView;
use super::trainings::TrainingView;
use super::{month, name_in};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::sessions::StaffDoc;
use crate::store::{LeaveRow, StaffRow};

/// Days of one question for contracts that end.
const ENDS_WITHIN_MAX: i64 = 366;

/// Which people of a site.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PersonWish {
    /// Only from there: `centre`, `seconded`, `outsourced`, `village`.
    pub source: Option<String>,
    /// Only in this state: `in_use`, `not_begun`, `ended`, `stopped`.
    pub state: Option<String>,
    /// Only those whose access or contract ends within so many days, today included; what is over too.
    pub ends_within: Option<i64>,
}

/// A vendor's contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContractView {
    /// The vendor.
    pub vendor: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
}

/// A person of a site in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonView {
    /// The person.
    pub id: String,
    /// Name.
    pub name: String,
    /// Login name.
    pub username: String,
    /// Roles held.
    #[schema(value_type = Vec<crate::app::words::StaffRole>)]
    pub roles: Vec<String>,
    /// Where the person comes from.
    #[schema(value_type = crate::app::words::StaffSource)]
    pub source: String,
    /// The department that seconds.
    pub seconded_from_id: Option<String>,
    /// Its name.
    pub seconded_from_name: Option<String>,
    /// The vendor's contract.
    pub contract: Option<ContractView>,
    /// Whether the account can be used today.
    #[schema(value_type = crate::app::words::PersonState)]
    pub state: String,
    /// Last day of access, by contract and account; null for open-ended.
    pub access_until: Option<String>,
    /// Days until then, 0 on the last day, less when it is over; null for open-ended.
    pub days_left: Option<i64>,
    /// The leave of today.
    pub away: Option<LeaveView>,
    /// Whether the caller may change where the person comes from.
    pub may_change: bool,
    /// Whether the caller may give out a new password.
    pub may_reset_password: bool,
}

/// One person's sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonSheetView {
    /// In short.
    #[serde(flatten)]
    pub person: PersonView,
    /// The month of the attendance.
    pub month: String,
    /// Days at windows in that month.
    pub attendance: Vec<AttendanceDayView>,
    /// Leaves that touch the month, or are still to come.
    pub leaves: Vec<LeaveView>,
    /// Trainings of the last twelve months, the newest first.
    pub trainings: Vec<TrainingView>,
}

impl App {
    /// The people of a site, those in use first, by name of login.
    ///
    /// # Errors
    /// Field errors of the wish.
    pub async fn people(&self, permit: &Permit, wish: &PersonWish) -> Answer<Vec<PersonView>> {
        let mut errors = FieldErrors::default();
        if wish.source.as_deref().is_some_and(|source| Source::parse(source).is_none()) {
            errors.add("source", "unknown", "没有这种来源");
        }
        if wish.state.as_deref().is_some_and(|state| !["in_use", "not_begun", "ended", "stopped"].contains(&state)) {
            errors.add("state", "unknown", "没有这种状态");
        }
        if wish.ends_within.is_some_and(|days| !(0..=ENDS_WITHIN_MAX).contains(&days)) {
            errors.add("ends_within", "range", "0 到 366 天");
        }
        errors.check()?;
        let known = self.people_known(permit.site_id()).await?;
        let today = self.today().to_string();
        let leaves = self.stores.people.leaves_between(permit.site_id(), &today, &today).await?;
        let mut views = Vec::new();
        for row in known.values() {
            let away = leaves.iter().find(|leave| leave.staff_id == row.id);
            views.push(self.person_view(permit, row, away.map(|leave| self.leave_view(leave, |id| name_in(&known, id))))?);
        }
        views.retain(|view| {
            wish.source.as_ref().is_none_or(|source| *source == view.source)
                && wish.state.as_ref().is_none_or(|state| *state == view.state)
                && wish.ends_within.is_none_or(|days| view.days_left.is_some_and(|left| left <= days))
        });
        views.sort_by(|one, other| (one.state == "stopped", &one.username).cmp(&(other.state == "stopped", &other.username)));
        Ok(views)
    }

    pub(super) fn person_view(&self, permit: &Permit, row: &StaffRow, away: Option<LeaveView>) -> Answer<PersonView> {
        let (doc, today): (StaffDoc, _) = (serde_json::from_str(&row.doc)?, self.today());
        let roles: Vec<Role> = serde_json::from_str(&row.roles)?;
        let source = doc.source();
        let engagement = doc.engagement.clone().unwrap_or_default();
        let last = doc.last_day();
        let state = match () {
            () if !row.active => "stopped",
            () if doc.has_access(self.now()) => "in_use",
            () if last.is_some_and(|last| last < today) => "ended",
            () => "not_begun",
        };
        let may = |operation| permit.caller().permit(operation, permit.site_id()).is_ok();
        let (manages, is_own) = (may(domain::rights::Operation::ManageStaff), permit.caller().actor() == row.id);
        let looks_after = may(domain::rights::Operation::ManagePeople) && domain::rights::is_of_hall(&roles);
        let resets = may(domain::rights::Operation::ResetPassword) && domain::rights::works_in_hall(&roles);
        Ok(PersonView {
            id: row.id.clone(),
            name: row.name.clone(),
            username: row.username.clone(),
            roles: roles.into_iter().map(|role| role.name().to_owned()).collect(),
            source: source.name().to_owned(),
            seconded_from_name: engagement.seconded_from.as_ref().map(|id| self.department_name(id.as_str())),
            seconded_from_id: engagement.seconded_from.map(String::from),
            contract: engagement.contract.map(|contract| ContractView {
                vendor: contract.vendor,
                from: contract.from.to_string(),
                to: contract.to.to_string(),
            }),
            state: state.to_owned(),
            access_until: last.map(|last| last.to_string()),
            days_left: last.map(|last| (last - today).num_days()),
            away,
            may_change: !is_own && (manages || looks_after),
            may_reset_password: row.active && (manages || resets),
        })
    }

    /// One person's sheet.
    ///
    /// # Errors
    /// 404; a month that is none.
    pub async fn person_sheet(&self, permit: &Permit, id: &StaffId, of: Option<&str>) -> Answer<PersonSheetView> {
        let (site_id, today) = (permit.site_id(), self.today());
        let known = self.people_known(site_id).await?;
        let row = known.get(id.as_str()).ok_or(AppError::NotFound)?;
        let (first, last) = month(of, today)?;
        let own = |leave: &LeaveRow| leave.staff_id == row.id;
        let rows = self.stores.people.leaves_between(site_id, &first.min(today).to_string(), "9999-12-31").await?;
        let name = |id: &str| name_in(&known, id);
        let is_today = |leave: &&LeaveRow| (leave.from_date.as_str()..=leave.to_date.as_str()).contains(&today.to_string().as_str());
        let away = rows.iter().filter(|leave| own(leave)).find(is_today).map(|leave| self.leave_view(leave, name));
        let mut attended = self.attended(site_id, first, last).await?;
        let windows = self.window_numbers(site_id).await?;
        Ok(PersonSheetView {
            person: self.person_view(permit, row, away)?,
            month: first.format("%Y-%m").to_string(),
            attendance: attended.days.remove(id).map(|days| attended.still.views(id, &days, &windows, today)).unwrap_or_default(),
            leaves: rows.iter().filter(|leave| own(leave)).map(|leave| self.leave_view(leave, name)).collect(),
            trainings: self.trainings_of(site_id, id, &known).await?,
        })
    }
}
