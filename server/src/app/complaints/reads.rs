//! Complaints told: to those who answer them, and by number and query code to whoever complained.

use domain::codes::{QUERY_CODE_CHARS, mask_name, mask_phone, normal_code};
use domain::complaint::{Action, Complaint, State};
use domain::ids::ComplaintId;
use domain::rights::Operation;
use domain::time::{DAY_MS, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::complaint_of;
use crate::app::App;
use crate::app::caller::{Caller, Permit, StaffCaller};
use crate::app::cases::Names;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::store::ComplaintRow;

/// Days that the list looks back.
const DAYS_BACK: i64 = 366;
/// Characters of a number that are looked at.
const NUMBER_CHARS_MAX: usize = 64;

/// Which complaints.
#[derive(Debug, Clone, Default)]
pub struct ComplaintFilter {
    /// Only of this site.
    pub site_id: Option<String>,
    /// `filed`, `answered` or `closed`.
    pub state: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComplaintAnswerView {
    /// When.
    pub at: String,
    /// By whom; not told to whoever complained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    /// The words.
    pub text: String,
}

/// A complaint as those see it who answer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are explained in the OpenAPI description")]
pub struct ComplaintView {
    pub id: String,
    pub site_id: String,
    /// 投诉编号
    pub number: String,
    #[schema(value_type = crate::app::words::ComplaintKind)]
    pub kind: String,
    /// The kind in words.
    pub kind_text: String,
    pub text: String,
    pub filed_at: String,
    #[schema(value_type = crate::app::words::ComplaintState)]
    pub state: String,
    /// The last moment for the answer; null once there is one.
    pub due_at: Option<String>,
    pub overdue: bool,
    /// The year of the calendar without which `due_at` cannot be told.
    pub missing_year: Option<i32>,
    /// `王*明`
    pub name: Option<String>,
    /// `138****2046`
    pub phone: Option<String>,
    /// Who served the visit it is about, if a code was given.
    pub staff_name: Option<String>,
    pub answers: Vec<ComplaintAnswerView>,
    pub closed_at: Option<String>,
    /// What the caller may do now: `answer`, `close`, `reveal`.
    pub actions: Vec<String>,
}

/// Body of `POST /complaints/find`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindComplaintRequest {
    /// 投诉编号
    pub number: String,
    /// 查询码
    pub query_code: String,
}

/// A complaint as whoever complained sees it: where it stands and what was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComplaintProgressView {
    /// 投诉编号
    pub number: String,
    /// Where.
    pub site_name: String,
    /// The kind in words.
    pub kind_text: String,
    /// When it came.
    pub filed_at: String,
    /// `filed`, `answered`, `closed`.
    #[schema(value_type = crate::app::words::ComplaintState)]
    pub state: String,
    /// By when it is answered at the latest.
    pub due_at: Option<String>,
    /// The answers.
    pub answers: Vec<ComplaintAnswerView>,
}

impl App {
    /// Complaints of the caller's sites, the newest first; those about the caller are not among them.
    ///
    /// # Errors
    /// 404 for an unknown site, 403 without the right; an unknown state.
    pub async fn complaints(&self, caller: &StaffCaller, filter: &ComplaintFilter) -> Answer<Vec<ComplaintRow>> {
        let permits = self.readable_sites(caller, Operation::ReadComplaints, filter.site_id.as_deref())?;
        let state = filter.state.as_deref().filter(|state| !state.is_empty());
        if state.is_some_and(|state| State::ALL.iter().all(|known| known.name() != state)) {
            return Err(AppError::field("state", "unknown", "没有这个状态"));
        }
        let mut found = Vec::new();
        for permit in permits {
            for row in self.stores.evaluations.complaints(permit.site_id(), self.now() - DAYS_BACK * DAY_MS).await? {
                let is_about_caller = complaint_of(&row)?.about.as_ref() == Some(&caller.staff.id);
                if !is_about_caller && state.is_none_or(|state| row.state == state) {
                    found.push(row);
                }
            }
        }
        found.sort_by(|one, other| (other.filed_at, &other.id).cmp(&(one.filed_at, &one.id)));
        Ok(found)
    }

    /// Complaints as the caller may see them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn complaint_views(&self, caller: &StaffCaller, rows: Vec<ComplaintRow>) -> Answer<Vec<ComplaintView>> {
        let mut names = Names::default();
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let complaint = complaint_of(&row)?;
            views.push(self.complaint_view(caller, row, &complaint, &mut names).await?);
        }
        Ok(views)
    }

    /// One complaint.
    ///
    /// # Errors
    /// 404, also for the person it is about.
    pub async fn complaint(&self, permit: &Permit, id: &ComplaintId) -> Answer<ComplaintView> {
        let caller = permit.staff().ok_or(AppError::NotFound)?;
        let (row, complaint) = self.complaint_of_site(permit.site_id(), id).await?;
        if complaint.about.as_ref() == Some(&caller.staff.id) {
            return Err(AppError::NotFound);
        }
        self.complaint_view(caller, row, &complaint, &mut Names::default()).await
    }

    async fn complaint_view(&self, caller: &StaffCaller, row: ComplaintRow, of: &Complaint, names: &mut Names) -> Answer<ComplaintView> {
        let ground = self.follow_up_ground(&row.site_id).await?;
        let due = of.due(&ground.policy, &ground.listing.calendar);
        let any = Caller::Staff(Box::new(caller.clone()));
        let has = |operation| any.permit(operation, &row.site_id).is_ok();
        let allowed = of.allowed(&caller.staff.id).into_iter().filter(|_| has(Operation::HandleComplaint));
        let mut actions: Vec<String> = allowed.map(|action| Action::name(action).to_owned()).collect();
        if row.person_id.is_some() && of.about.as_ref() != Some(&caller.staff.id) && has(Operation::RevealComplainant) {
            actions.push("reveal".to_owned());
        }
        let person = match &row.person_id {
            Some(id) => Some(self.person_data(&row.site_id, id).await?),
            None => None,
        };
        let staff_name = match &of.about {
            Some(about) if has(Operation::HandleComplaint) => Some(names.of(self, about).await?),
            Some(_) | None => None,
        };
        let mut answers = Vec::with_capacity(of.answers.len());
        for answer in &of.answers {
            let text = self.text(&row.site_id, answer.text.as_str()).await?;
            answers.push(ComplaintAnswerView { at: rfc3339(answer.at), by_name: Some(names.of(self, &answer.by).await?), text });
        }
        Ok(ComplaintView {
            number: row.number.clone(),
            kind: of.kind.name().to_owned(),
            kind_text: of.kind.label().to_owned(),
            text: self.text(&row.site_id, of.text.as_str()).await?,
            filed_at: rfc3339(of.filed_at),
            state: of.state.name().to_owned(),
            due_at: due.ok().flatten().map(|due| rfc3339(due - 1)),
            overdue: due.ok().flatten().is_some_and(|due| due <= self.now()),
            missing_year: due.err().map(|missing| missing.0),
            name: person.as_ref().and_then(|person| person.name.as_deref()).map(mask_name),
            phone: person.as_ref().and_then(|person| person.phone.as_deref()).map(mask_phone),
            staff_name,
            answers,
            closed_at: of.closed_at.map(rfc3339),
            actions,
            id: row.id,
            site_id: row.site_id,
        })
    }

    /// Where a complaint stands, by its number and query code.
    ///
    /// # Errors
    /// Field errors; 404, the same for an unknown number and a wrong code; after five of them for a number, too many.
    pub async fn find_complaint(&self, request: &FindComplaintRequest) -> Answer<ComplaintProgressView> {
        let mut errors = FieldErrors::default();
        let number = request.number.trim().to_uppercase();
        if number.is_empty() || number.chars().count() > NUMBER_CHARS_MAX {
            errors.add("number", "form", "写上投诉编号");
        }
        let code = errors.some(normal_code(&request.query_code, QUERY_CODE_CHARS), "query_code", "form", "查询码是 8 位");
        errors.check()?;
        let (key, now) = (format!("complaint {number}"), self.now());
        self.throttle.check(&key, now)?;
        let row = self.stores.evaluations.complaint_by_number(&number).await?;
        let Some(row) = row.filter(|row| code == Some(self.complaint_code(row))) else {
            self.throttle.wrong(&key, now);
            return Err(AppError::NotFound);
        };
        let complaint = complaint_of(&row)?;
        let ground = self.follow_up_ground(&row.site_id).await?;
        let mut answers = Vec::with_capacity(complaint.answers.len());
        for answer in &complaint.answers {
            let text = self.text(&row.site_id, answer.text.as_str()).await?;
            answers.push(ComplaintAnswerView { at: rfc3339(answer.at), by_name: None, text });
        }
        Ok(ComplaintProgressView {
            site_name: self.directory.get().site(&row.site_id)?.name.clone(),
            kind_text: complaint.kind.label().to_owned(),
            filed_at: rfc3339(complaint.filed_at),
            state: complaint.state.name().to_owned(),
            due_at: complaint.due(&ground.policy, &ground.listing.calendar).ok().flatten().map(|due| rfc3339(due - 1)),
            answers,
            number: row.number,
        })
    }
}
