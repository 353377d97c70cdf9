//! The approval steps of a case as they are told: who signed what and when, where it stands, whose turn it is. Decides
//! nothing; the rules are `domain::case::approval`.

use chrono::NaiveDate;
use domain::case::{Actor, ApprovalStep, Case, DecisionOutcome, NewTerm, Staff, State, StepId};
use domain::catalogue::{Matter, OpinionTemplate};
use domain::ids::{CaseId, StaffId};
use domain::rights::Operation;
use domain::time::{local_date, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Names;
use crate::app::App;
use crate::app::caller::{Caller, StaffCaller};
use crate::app::error::Answer;
use crate::app::staff::BasisView;

/// A stage of the approval: its steps are done side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApprovalStageView {
    /// `done`, `now` or `ahead`.
    pub standing: String,
    /// Its steps; more than one is a countersignature (会签).
    pub steps: Vec<ApprovalStepView>,
}

/// A step of the approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApprovalStepView {
    /// Its name in the log.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The department whose authority it needs.
    pub department_id: String,
    /// Its name.
    pub department_name: String,
    /// `approver` or `leader`.
    pub signer: String,
    /// Who claimed it and has not signed, by name.
    pub claimed_by_name: Option<String>,
    /// Who signed it, by name.
    pub signed_by_name: Option<String>,
    /// In whose place it was signed (AB角).
    pub acting_for_name: Option<String>,
    /// On which basis it was signed, as it was then.
    pub under: Option<BasisView>,
    /// When it was signed.
    pub signed_at: Option<String>,
    /// 同意 or 不同意; null while it is not signed.
    pub agrees: Option<bool>,
    /// The opinion.
    pub opinion: Option<String>,
}

/// A template of an opinion that the matter brings along (意见模板).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpinionTemplateView {
    /// What it is called.
    pub name: String,
    /// Its words.
    pub text: String,
    /// Whether it is for 不予 and 不同意; otherwise for granting and agreeing.
    pub denies: bool,
}

/// The one new term for what was promised (容缺).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewTermView {
    /// When it was given.
    pub at: String,
    /// The day that was missed.
    pub missed: String,
    /// The new last day.
    pub due: String,
}

pub(super) fn new_term_view(term: &NewTerm) -> NewTermView {
    NewTermView { at: rfc3339(term.at), missed: term.missed.to_string(), due: term.due.to_string() }
}

/// The step at which a case stands, as a row of a list shows it.
pub(super) struct StandingStep<'a> {
    pub(super) name: String,
    /// Who claimed it, where it is the caller's.
    pub(super) holder: Option<&'a StaffId>,
}

/// The caller's step of the stage that a case stands at, else all that are open; `None` where there are no steps or it
/// is past them.
pub(super) fn standing_step<'a>(caller: &Caller, case: &'a Case, today: NaiveDate) -> Option<StandingStep<'a>> {
    let is_under_way = matches!(case.state, State::Accepted { .. } | State::InReview { .. } | State::Suspended { .. });
    if !case.matter.has_steps() || !is_under_way {
        return None;
    }
    let holder = |step: &ApprovalStep| case.approval.holders.get(&step.id);
    if let Caller::Staff(caller) = caller {
        let held = case.held_step(&caller.staff, today).and_then(|(id, _)| case.step(id));
        let claimable = || case.claimable_step(&caller.staff, today);
        let own = held.or_else(claimable).or_else(|| case.open_steps().find(|step| case.signs(step, &caller.staff, today) == Some(true)));
        if let Some(step) = own {
            return Some(StandingStep { name: step.name.clone(), holder: holder(step) });
        }
    }
    let names: Vec<&str> = case.open_steps().map(|step| step.name.as_str()).collect();
    Some(StandingStep { name: names.join("、"), holder: case.open_steps().find_map(holder) })
}

impl App {
    /// Everybody whose account may be used now and for whom a site is there.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn people_for(&self, site_id: &str) -> Answer<Vec<Staff>> {
        let mut people = Vec::new();
        for row in self.stores.staff.all_staff().await? {
            let caller = self.staff_caller(&row, Vec::new())?;
            if self.may_sign_in(&row)? && Caller::Staff(Box::new(caller.clone())).sees(site_id) {
                people.push(caller.staff);
            }
        }
        Ok(people)
    }

    /// Names of the steps that a case stands at and that nobody of the house can sign today, since people and their
    /// bases changed after the matter was published.
    pub(in crate::app) async fn unsignable_steps(&self, case: &Case) -> Answer<Vec<String>> {
        if !case.matter.has_steps() || case.decision.is_some() {
            return Ok(Vec::new());
        }
        let (people, today) = (self.people_for(case.site.as_str()).await?, local_date(self.now()));
        let may = |step: &ApprovalStep, one: &Staff| {
            let decides = case.matter.site_decides || one.site != case.site;
            decides && !case.has_signed(&one.id) && case.signs(step, one, today) == Some(true)
        };
        let open = case.open_steps().filter(|step| !people.iter().any(|one| may(step, one)));
        Ok(open.map(|step| step.name.clone()).collect())
    }

    /// In whose place the caller goes on with a case, by name.
    pub(super) async fn acting_for(&self, caller: &Caller, case: &Case, names: &mut Names) -> Answer<Option<String>> {
        let Caller::Staff(caller) = caller else { return Ok(None) };
        match case.acts_for(&Actor::Staff(caller.staff.clone()), local_date(self.now())) {
            Some(id) => Ok(Some(names.of(self, id).await?)),
            None => Ok(None),
        }
    }

    /// The templates of opinions of a case's matter, as the matter is now: they are a help to write and bind nobody.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn opinion_templates(&self, caller: &StaffCaller, id: &CaseId) -> Answer<Vec<OpinionTemplateView>> {
        let (case, _) = self.readable(&self.with_covers(caller).await?, Operation::ReadCase, id).await?;
        let Some(row) = self.catalogue_row(case.site.as_str(), case.matter.id.as_str()).await? else { return Ok(Vec::new()) };
        let matter: Matter = serde_json::from_str(&row.doc)?;
        let view = |one: OpinionTemplate| OpinionTemplateView { name: one.name, text: one.text, denies: one.denies };
        Ok(matter.opinions.into_iter().map(view).collect())
    }

    /// Why a case came back a step, while that stands.
    pub(super) async fn step_returned_text(&self, case: &Case) -> Answer<Option<String>> {
        match &case.approval.returned {
            Some(id) => Ok(Some(self.text(case.site.as_str(), id.as_str()).await?)),
            None => Ok(None),
        }
    }

    /// The stages of a case's approval.
    pub(super) async fn approval_view(&self, case: &Case, names: &mut Names) -> Answer<Vec<ApprovalStageView>> {
        let mut stages = Vec::with_capacity(case.matter.approval.len());
        let is_decided = case.decision.is_some();
        for (place, stage) in case.matter.approval.iter().enumerate() {
            let standing = match place.cmp(&case.approval.stage) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal if is_decided => "done",
                std::cmp::Ordering::Equal if case.acceptance.is_some() => "now",
                std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => "ahead",
            };
            let mut steps = Vec::with_capacity(stage.steps.len());
            for step in &stage.steps {
                let department = step.department_id.as_ref().unwrap_or(&case.department);
                let mut view = ApprovalStepView {
                    id: step.id.to_string(),
                    name: step.name.clone(),
                    department_id: department.to_string(),
                    department_name: self.department_name(department.as_str()),
                    signer: step.signer.role().name().to_owned(),
                    claimed_by_name: None,
                    signed_by_name: None,
                    acting_for_name: None,
                    under: None,
                    signed_at: None,
                    agrees: None,
                    opinion: None,
                };
                if let Some(holder) = case.approval.holders.get(&step.id) {
                    view.claimed_by_name = Some(names.of(self, holder).await?);
                }
                self.tell_signature(case, &step.id, place + 1 == case.matter.approval.len(), names, &mut view).await?;
                steps.push(view);
            }
            stages.push(ApprovalStageView { standing: standing.to_owned(), steps });
        }
        Ok(stages)
    }

    /// Who signed a step; the last one is signed by the decision itself.
    async fn tell_signature(
        &self,
        case: &Case,
        step: &StepId,
        decides: bool,
        names: &mut Names,
        view: &mut ApprovalStepView,
    ) -> Answer<()> {
        let (by, acting_for, at, agrees, opinion) = match (case.approval.signature(step), &case.decision) {
            (Some(one), _) => (Some(&one.by), &one.acting_for, one.at, one.agrees, &one.opinion),
            (None, Some(decision)) if decides => {
                let is_granted = decision.outcome != DecisionOutcome::Denied;
                (decision.by.as_ref(), &decision.acting_for, decision.at, is_granted, &decision.opinion)
            }
            _ => return Ok(()),
        };
        if let Some(by) = by {
            view.signed_by_name = Some(names.of(self, by).await?);
            view.under = case.basis_of(by, at).map(|basis| self.basis_view(basis));
        }
        if let Some(principal) = acting_for {
            view.acting_for_name = Some(names.of(self, principal).await?);
        }
        if let Some(text) = opinion {
            view.opinion = Some(self.text(case.site.as_str(), text.as_str()).await?);
        }
        view.signed_at = Some(rfc3339(at));
        view.agrees = Some(agrees);
        Ok(())
    }
}
