//! Reads of cases and certificates: one, lists, the department's work, the cabinet.

use chrono::NaiveDate;
use domain::case::{Actor, Case, DecisionOutcome, State};
use domain::ids::{CaseId, CertificateId, is_practice};
use domain::rights::{Operation, Role};
use domain::time::local_date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{CasePolicies, CaseSummary, CaseView, CertificateView, Names};
use super::clocks::CaseClocksView;
use super::rows::case_of;
use crate::app::App;
use crate::app::caller::{Caller, Permit, StaffCaller};
use crate::app::error::{Answer, AppError};
use crate::app::retry::{Outcome, Retry};
use crate::app::reveals::{FORM, RevealRequest, Revealed};
use crate::store::CaseFilter;

/// Cases of a worklist; a department with more of them open at once has another trouble than this list.
const WORK_MAX: usize = 5_000;
/// States in which a case may wait for its department.
const WORK_STATES: &[&str] = &["accepted", "in_review", "suspended", "refusal_proposed", "decided"];
/// Cases read at once for a list.
const BATCH: i64 = 200;

/// Which cases are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CaseListFilter {
    /// Only this state.
    pub state: Option<String>,
    /// Only this department.
    pub department_id: Option<String>,
    /// Only this supervision level: `none`, `notice`, `yellow`, `red`.
    pub level: Option<String>,
    /// Only those that the caller opened.
    #[serde(default)]
    pub mine: bool,
    /// Only those that are not closed.
    #[serde(default)]
    pub open: bool,
    /// Only those that were taken on paper first and entered afterwards.
    #[serde(default)]
    pub entered_late: bool,
}

/// Which certificates are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CabinetFilter {
    /// Only this custody; without it, everything that has not left the house.
    pub custody: Option<String>,
    /// Only this state of upload.
    pub upload: Option<String>,
}

/// Somebody who could decide a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ColleagueView {
    /// The person.
    pub id: String,
    /// By name.
    pub name: String,
}

impl App {
    /// The case behind an id, if the caller may read it, with the proof.
    pub(in crate::app) async fn readable(&self, caller: &StaffCaller, operation: Operation, id: &CaseId) -> Answer<(Case, Permit)> {
        let any = Caller::Staff(Box::new(caller.clone()));
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let case = self.case_for(&any, &site_id, id.as_str()).await?;
        let (permit, today) = (any.permit(operation, &site_id)?, local_date(self.now()));
        // Who signs one of its steps reads it, whatever department it is for.
        if !case.takes_part(&caller.staff, today) {
            permit.reaches(&case.department, today)?;
        }
        Ok((case, permit))
    }

    /// One case, masked.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn case(&self, caller: &StaffCaller, id: &CaseId) -> Answer<CaseView> {
        let (case, permit) = self.readable(&self.with_covers(caller).await?, Operation::ReadCase, id).await?;
        self.case_view(permit.caller(), &case).await
    }

    /// Colleagues who could decide a case in the caller's place, by name.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn colleagues(&self, caller: &StaffCaller, id: &CaseId) -> Answer<Vec<ColleagueView>> {
        let caller = &self.with_covers(caller).await?;
        // A leader hands on a leader's step.
        let is_leader = caller.staff.roles.contains(&Role::Leader) && !caller.staff.roles.contains(&Role::Approver);
        let operation = if is_leader { Operation::SignStep } else { Operation::ClaimCase };
        let (case, _) = self.readable(caller, operation, id).await?;
        let (context, actor) = (self.case_context(&case), Actor::Staff(caller.staff.clone()));
        let mut found = Vec::new();
        for row in self.stores.staff.all_staff().await?.into_iter().filter(|row| row.active && row.id != caller.staff.id.as_str()) {
            let staff = self.staff_caller(&row, Vec::new())?.staff;
            if case.can_take_over(&actor, &staff, &context) {
                found.push(ColleagueView { id: row.id, name: row.name });
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// Every clock of a case, each explained day by day.
    ///
    /// # Errors
    /// 404, 403, 409 before it is received.
    pub async fn case_clocks(&self, caller: &StaffCaller, id: &CaseId) -> Answer<CaseClocksView> {
        let (case, _) = self.readable(caller, Operation::ReadCase, id).await?;
        let clocks = self.clock_views(&case, &self.case_policy(case.site.as_str()).await?);
        if clocks.is_empty() { Err(AppError::refused("case_state", "现在没有在走的期限")) } else { Ok(CaseClocksView { clocks }) }
    }

    /// Whether the caller may see the applicant's data at all.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn case_to_reveal(&self, caller: &StaffCaller, id: &CaseId) -> Answer<()> {
        self.readable(caller, Operation::RevealCase, id).await.map(drop)
    }

    /// The applicant's data unmasked; the read itself becomes an event before it is answered.
    ///
    /// # Errors
    /// 404, 403, field errors.
    pub async fn reveal_case(&self, caller: &StaffCaller, id: &CaseId, request: &RevealRequest, retry: Option<&Retry>) -> Answer<Revealed> {
        let (case, permit) = self.readable(caller, Operation::RevealCase, id).await?;
        let mut revealed = self.reveal(&permit, ("case", id.as_str()), case.applicant.as_str(), request, retry).await?;
        if let Some(text) = case.form.as_ref().filter(|_| revealed.data.is_some() && request.fields.iter().any(|field| field == FORM)) {
            revealed.form = Some(serde_json::from_str(&self.text(case.site.as_str(), text.as_str()).await?)?);
        }
        Ok(revealed)
    }

    /// Whether the caller may see to whom a parcel goes.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn recipient_to_reveal(&self, caller: &StaffCaller, id: &CertificateId) -> Answer<()> {
        self.shippable(caller, id).await.map(drop)
    }

    async fn shippable(&self, caller: &StaffCaller, id: &CertificateId) -> Answer<(Case, Permit)> {
        let any = Caller::Staff(Box::new(caller.clone()));
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let case = self.case_of_certificate(&any, &site_id, id).await?;
        let permit = any.permit(Operation::HandOver, &site_id)?;
        permit.reaches(&case.department, local_date(self.now()))?;
        Ok((case, permit))
    }

    /// To whom a parcel goes, unmasked, for whoever makes it; the read is an event before it is answered.
    ///
    /// # Errors
    /// 404, 403, field errors; 409 where nobody asked for a parcel.
    pub async fn reveal_recipient(
        &self,
        caller: &StaffCaller,
        id: &CertificateId,
        request: &RevealRequest,
        retry: Option<&Retry>,
    ) -> Answer<Revealed> {
        let (case, permit) = self.shippable(caller, id).await?;
        let recipient = case.courier_to.as_ref().ok_or_else(|| AppError::refused("no_recipient", "申请人没有要求邮寄"))?;
        self.reveal(&permit, ("certificate", id.as_str()), recipient.as_str(), request, retry).await
    }

    /// The outcome of a command with the case as its body, as the caller sees it now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn with_case(&self, caller: &StaffCaller, mut outcome: Outcome) -> Answer<Outcome> {
        let Some(id) = outcome.object_id.as_deref().and_then(CaseId::parse).filter(|_| outcome.body.is_null()) else {
            return Ok(outcome);
        };
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let case = self.case_of_site(&site_id, id.as_str()).await?;
        let caller = Caller::Staff(Box::new(self.with_covers(caller).await?));
        outcome.body = serde_json::to_value(self.case_view(&caller, &case).await?)?;
        Ok(outcome)
    }

    /// The outcome of a command with the case's certificate as its body.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn with_certificate(&self, caller: &StaffCaller, mut outcome: Outcome) -> Answer<Outcome> {
        let Some(id) = outcome.object_id.clone().filter(|_| outcome.body.is_null()) else { return Ok(outcome) };
        let any = Caller::Staff(Box::new(caller.clone()));
        let case = match (CaseId::parse(&id), CertificateId::parse(&id)) {
            (Some(id), _) => {
                let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
                self.case_of_site(&site_id, id.as_str()).await?
            }
            (None, Some(id)) => {
                let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
                self.case_of_certificate(&any, &site_id, &id).await?
            }
            (None, None) => return Ok(outcome),
        };
        if let Some(certificate) = &case.certificate {
            outcome.body = serde_json::to_value(self.certificate_view(&any, &case, certificate).await?)?;
        }
        Ok(outcome)
    }

    /// Cases among the caller's sites by filter, sorted by id: a page and whether more follow.
    ///
    /// # Errors
    /// 403 without the right anywhere.
    pub async fn case_list(
        &self,
        caller: &StaffCaller,
        filter: &CaseListFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Answer<(Vec<CaseSummary>, Option<String>)> {
        let any = Caller::Staff(Box::new(caller.clone()));
        let permits = self.permits(&any, Operation::ReadCase)?;
        let mut query = CaseFilter {
            site_ids: permits.iter().map(|permit| permit.site_id().to_owned()).collect(),
            states: filter.state.iter().cloned().collect(),
            departments: filter.department_id.as_ref().map(|id| vec![id.clone()]),
            after: after.map(str::to_owned),
            limit: BATCH,
            open: filter.open,
            entered_late: filter.entered_late,
        };
        let today = local_date(self.now());
        let (mut found, mut names, mut policies) = (Vec::new(), Names::default(), CasePolicies::default());
        loop {
            let rows = self.stores.cases.cases(&query).await?;
            for row in &rows {
                let case = case_of(row)?;
                let readable =
                    permits.iter().any(|permit| permit.site_id() == row.site_id && permit.reaches(&case.department, today).is_ok());
                let opened_by = case.history.first().and_then(|entry| entry.by.as_ref());
                if !readable || case.is_unsent() || (filter.mine && opened_by != Some(&caller.staff.id)) {
                    continue;
                }
                let summary = self.case_summary(&any, &case, &mut names, &mut policies).await?;
                if filter.level.as_ref().is_some_and(|level| *level != summary.level) {
                    continue;
                }
                if found.len() == limit {
                    let next = found.last().map(|last: &CaseSummary| last.id.clone());
                    return Ok((found, next));
                }
                found.push(summary);
            }
            match rows.last() {
                Some(last) if rows.len() as i64 == BATCH => query.after = Some(last.id.clone()),
                _ => return Ok((found, None)),
            }
        }
    }

    /// Proofs for every site where the caller may do an operation.
    pub(in crate::app) fn permits(&self, caller: &Caller, operation: Operation) -> Answer<Vec<Permit>> {
        let listing = self.directory.get();
        let mut permits = Vec::new();
        let mut refusal = AppError::NotFound;
        // Who practises has the practice hall alone, which stands in no list of sites.
        let home = Some(caller.home()).filter(|home| is_practice(home));
        for site_id in listing.sites.keys().map(String::as_str).chain(home) {
            match caller.permit(operation, site_id) {
                Ok(permit) => permits.push(permit),
                Err(error @ AppError::Forbidden { .. }) => refusal = error,
                Err(_) => {}
            }
        }
        if permits.is_empty() { Err(refusal) } else { Ok(permits) }
    }

    /// The work of the caller's departments, wherever it was received, the most urgent first; for a
    /// leader that of the own site.
    ///
    /// # Errors
    /// 403 without the right.
    pub async fn worklist(&self, caller: &StaffCaller) -> Answer<Vec<CaseSummary>> {
        let caller = &self.with_covers(caller).await?;
        let any = Caller::Staff(Box::new(caller.clone()));
        let permits = self.permits(&any, Operation::ReadWorklist)?;
        let today = local_date(self.now());
        let is_of_departments = !permits.iter().any(Permit::reaches_site);
        let departments = caller.staff.bases.iter().filter(|basis| basis.covers(today)).map(|basis| basis.department.to_string());
        let mut query = CaseFilter {
            site_ids: permits.iter().map(|permit| permit.site_id().to_owned()).collect(),
            states: WORK_STATES.iter().map(|state| (*state).to_owned()).collect(),
            departments: is_of_departments.then(|| departments.collect()),
            limit: BATCH,
            ..CaseFilter::default()
        };
        let (mut work, mut names, mut policies) = (Vec::new(), Names::default(), CasePolicies::default());
        while work.len() < WORK_MAX {
            let rows = self.stores.cases.cases(&query).await?;
            for row in &rows {
                let case = case_of(row)?;
                let is_own = permits.iter().any(|permit| {
                    let reaches = || permit.reaches_site() || is_at(&case, caller, permit, today);
                    permit.site_id() == row.site_id && reaches()
                });
                if is_own && is_work(&case, today) {
                    work.push(self.case_summary(&any, &case, &mut names, &mut policies).await?);
                }
            }
            match rows.last() {
                Some(last) if rows.len() as i64 == BATCH => query.after = Some(last.id.clone()),
                _ => break,
            }
        }
        work.sort_by(|a, b| (a.due_at.is_none(), &a.due_at, &a.id).cmp(&(b.due_at.is_none(), &b.due_at, &b.id)));
        Ok(work)
    }

    /// Certificates of a site with their cases.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cabinet(&self, permit: &Permit, filter: &CabinetFilter) -> Answer<Vec<CertificateView>> {
        let (mut found, today) = (Vec::new(), local_date(self.now()));
        for row in self.stores.cases.certificates(permit.site_id()).await? {
            let in_house = !["handed_over", "delivered"].contains(&row.custody.as_str());
            let wanted = filter.custody.as_ref().map_or(in_house, |custody| *custody == row.custody)
                && filter.upload.as_ref().is_none_or(|upload| *upload == row.upload);
            if !wanted {
                continue;
            }
            let case = self.case_of_site(permit.site_id(), &row.case_id).await?;
            if let Some(certificate) = case.certificate.as_ref().filter(|_| permit.reaches(&case.department, today).is_ok()) {
                found.push(self.certificate_view(permit.caller(), &case, certificate).await?);
            }
        }
        Ok(found)
    }

    /// One certificate.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn certificate(&self, caller: &StaffCaller, id: &CertificateId) -> Answer<CertificateView> {
        let any = Caller::Staff(Box::new(caller.clone()));
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let case = self.case_of_certificate(&any, &site_id, id).await?;
        let permit = any.permit(Operation::ReadCabinet, &site_id)?;
        permit.reaches(&case.department, local_date(self.now()))?;
        match case.certificate.as_ref().filter(|certificate| certificate.id == *id) {
            Some(certificate) => self.certificate_view(&any, &case, certificate).await,
            None => Err(AppError::NotFound),
        }
    }
}

/// Whether a case is one of somebody's departments now: while it goes through steps, of those it stands at.
fn is_at(case: &Case, caller: &StaffCaller, permit: &Permit, today: NaiveDate) -> bool {
    let is_stepping = matches!(case.state, State::Accepted { .. } | State::InReview { .. } | State::Suspended { .. });
    if case.matter.has_steps() && is_stepping {
        return case.held_step(&caller.staff, today).is_some()
            || case.open_steps().any(|step| case.signs(step, &caller.staff, today) == Some(true));
    }
    permit.reaches(&case.department, today).is_ok()
}

/// Whether a case waits for its department: to be decided, or decided and its certificate not made, or held for what
/// the applicant promised and missed.
fn is_work(case: &Case, today: NaiveDate) -> bool {
    match &case.state {
        State::Accepted { returned, .. } => returned.is_none(),
        State::Decided { .. } if case.is_held() => case.new_term.is_none() && case.missed_promise(today).is_some(),
        State::Decided { .. } => {
            let is_approved = case.decision.as_ref().is_some_and(|decision| decision.outcome != DecisionOutcome::Denied);
            is_approved && case.certificate.is_none() && case.matter.makes_certificate
        }
        _ => true,
    }
}
