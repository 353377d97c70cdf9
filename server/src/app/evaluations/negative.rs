//! Negative ratings told to those who follow them up, each as the caller may see it.
//!
//! Architecture Invariant: who rated stands in no answer here. The one way to a rater's phone is
//! [`App::reveal_rater`], which is recorded and closed to the person judged.

use domain::evaluation::{Action, Due, FollowUp, LoopState, reason};
use domain::ids::EvaluationId;
use domain::rights::Operation;
use domain::time::{DAY_MS, local_date, rfc3339, start_of};

use super::facts::ClerkFigures;
use super::rating;
use super::views::{NegativeEvaluationView, ReasonCodeView, SignalsView, Telling};
use crate::app::App;
use crate::app::caller::{Caller, Permit, StaffCaller};
use crate::app::cases::Names;
use crate::app::error::{Answer, AppError};
use crate::app::retry::Retry;
use crate::app::reveals::{RevealRequest, Revealed};
use crate::store::{FollowUpRow, NotificationRow};

/// Days that the list looks back.
const DAYS_BACK: i64 = 366;

/// Which negative ratings.
#[derive(Debug, Clone, Default)]
pub struct NegativeFilter {
    /// Only of this site.
    pub site_id: Option<String>,
    /// `opened` … `closed`; `open` for all but closed ones, `appealed` for those whose appeal waits.
    pub state: Option<String>,
}

/// A state to be listed, taken apart.
#[derive(Clone, Copy)]
enum Wanted {
    All,
    In(LoopState),
    Open,
    Appealed,
}

impl Wanted {
    fn of(state: Option<&str>) -> Answer<Self> {
        match state.filter(|state| !state.is_empty()) {
            None => Ok(Self::All),
            Some("open") => Ok(Self::Open),
            Some("appealed") => Ok(Self::Appealed),
            Some(state) => match LoopState::ALL.into_iter().find(|known| known.name() == state) {
                Some(state) => Ok(Self::In(state)),
                None => Err(AppError::field("state", "unknown", "没有这个状态")),
            },
        }
    }

    fn has(self, of: &FollowUp) -> bool {
        match self {
            Self::All => true,
            Self::In(state) => of.state == state,
            Self::Open => of.state != LoopState::Closed || !of.is_over(),
            Self::Appealed => of.appeal_is_open(),
        }
    }
}

/// A loop that was found, before it is told.
#[derive(Debug)]
pub struct FoundFollowUp {
    row: FollowUpRow,
    of: FollowUp,
}

impl FoundFollowUp {
    /// The rating's id.
    #[must_use]
    pub fn id(&self) -> String {
        self.row.id.clone()
    }
}

impl App {
    /// The sites whose loops somebody may read, by the one named or all.
    pub(in crate::app) fn readable_sites(&self, caller: &StaffCaller, operation: Operation, site_id: Option<&str>) -> Answer<Vec<Permit>> {
        let any = Caller::Staff(Box::new(caller.clone()));
        match site_id.filter(|id| !id.is_empty()) {
            Some(site_id) => Ok(vec![any.permit(operation, site_id)?]),
            None => self.permits(&any, operation),
        }
    }

    /// Whether somebody has a right at any site, before a query is looked at.
    ///
    /// # Errors
    /// 403.
    pub fn may_anywhere(&self, caller: &StaffCaller, operation: Operation) -> Answer<()> {
        self.permits(&Caller::Staff(Box::new(caller.clone())), operation).map(drop)
    }

    /// Negative ratings of the caller's sites, the newest first.
    ///
    /// # Errors
    /// 404 for an unknown site, 403 without the right; an unknown state.
    pub async fn negative_evaluations(&self, caller: &StaffCaller, filter: &NegativeFilter) -> Answer<Vec<FoundFollowUp>> {
        let permits = self.readable_sites(caller, Operation::ReadEvaluations, filter.site_id.as_deref())?;
        let wanted = Wanted::of(filter.state.as_deref())?;
        let mut found = Vec::new();
        for permit in permits {
            for row in self.stores.evaluations.follow_ups(permit.site_id(), self.now() - DAYS_BACK * DAY_MS).await? {
                let of: FollowUp = serde_json::from_str(&row.doc)?;
                if wanted.has(&of) {
                    found.push(FoundFollowUp { row, of });
                }
            }
        }
        found.sort_by(|one, other| (other.row.opened_at, &other.row.id).cmp(&(one.row.opened_at, &one.row.id)));
        Ok(found)
    }

    /// What was found, as the caller may see it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn negative_views(&self, caller: &StaffCaller, found: Vec<FoundFollowUp>) -> Answer<Vec<NegativeEvaluationView>> {
        let (mut names, mut figures) = (Names::default(), ClerkFigures::default());
        let mut views = Vec::with_capacity(found.len());
        for FoundFollowUp { row, of } in found {
            views.push(self.negative_view(caller, row, of, &mut names, &mut figures).await?);
        }
        Ok(views)
    }

    /// One negative rating.
    ///
    /// # Errors
    /// 404.
    pub async fn negative_evaluation(&self, permit: &Permit, id: &EvaluationId) -> Answer<NegativeEvaluationView> {
        self.negative_evaluation_as(permit.staff().ok_or(AppError::NotFound)?, permit.site_id(), id).await
    }

    pub(super) async fn negative_evaluation_as(
        &self,
        caller: &StaffCaller,
        site_id: &str,
        id: &EvaluationId,
    ) -> Answer<NegativeEvaluationView> {
        let (row, of) = self.follow_up_of(site_id, id).await?;
        self.negative_view(caller, row, of, &mut Names::default(), &mut ClerkFigures::default()).await
    }

    async fn negative_view(
        &self,
        caller: &StaffCaller,
        row: FollowUpRow,
        of: FollowUp,
        names: &mut Names,
        figures: &mut ClerkFigures,
    ) -> Answer<NegativeEvaluationView> {
        let (site_id, now) = (row.site_id.clone(), self.now());
        let given = self.stores.evaluations.evaluation(&site_id, &row.id).await?.ok_or(AppError::NotFound)?;
        let submission = rating(&given)?.submission;
        let about_me = of.judged.as_ref() == Some(&caller.staff.id);
        let (ground, with_names) = (self.follow_up_ground(&site_id).await?, self.sees_staff(caller, &site_id));
        let dues = ground.of(|ground| of.dues(&ground));
        let text = match given.text_id.as_deref().filter(|_| !about_me) {
            Some(id) => Some(self.text(&site_id, id).await?),
            None => None,
        };
        let actions = self.actions(caller, &of, &site_id).await?;
        let mut telling = Telling { app: self, site_id: &site_id, with_names, names };
        let due = dues.iter().min_by_key(|due| (!due.is_over(now), due.at.unwrap_or(i64::MAX))).copied();
        let steps = telling.steps(&of).await?;
        let staff_name = match &of.judged {
            Some(judged) => telling.name(judged).await?,
            None => None,
        };
        // The person judged learns nothing from which one could see who rated.
        let (evidence, signals) = match about_me {
            true => (Vec::new(), None),
            false => {
                (self.evidence_of(&given, &submission.reason_codes).await?, Some(self.signals_of(&given, &ground.policy, figures).await?))
            }
        };
        let message = self.reply_message(&site_id, &row.id).await?;
        let may_retry = !about_me && Caller::Staff(Box::new(caller.clone())).permit(Operation::RetryNotification, &site_id).is_ok();
        let window_id = given.window_id.as_deref().filter(|_| !about_me);
        let shown_at = if about_me { start_of(local_date(given.at)) } else { given.at };
        Ok(NegativeEvaluationView {
            id: row.id.clone(),
            at: rfc3339(shown_at),
            subject: given.subject,
            level: submission.level.name().to_owned(),
            round: given.round,
            channel: given.channel,
            reasons: reasons(&submission.reason_codes),
            text,
            window_number: self.window_number(&site_id, window_id).await?,
            staff_name,
            about_me,
            state: of.state.name().to_owned(),
            step: due.map(|due| due.step.name().to_owned()),
            due_at: due.and_then(|due| due.at.ok()).map(|at| rfc3339(at - 1)),
            overdue: due.is_some_and(|due| due.is_over(now)),
            missing_year: due.and_then(|due: Due| due.at.err()).map(|missing| missing.0),
            named: of.named,
            verification: steps.verification,
            rectification: steps.rectification,
            reply: steps.reply,
            reply_message: message.as_ref().map(|message| message.state.clone()),
            failed_message_id: message.filter(|message| message.state == "failed" && may_retry).map(|message| message.id),
            calls: steps.calls,
            closed_as: of.closed.map(|(_, closing)| closing.name().to_owned()),
            closed_at: of.closed.map(|(at, _)| rfc3339(at)),
            appeal: steps.appeal,
            counts_against_staff: of.counts_against_judged(),
            evidence,
            signals,
            actions,
            site_id,
        })
    }

    /// Names of staff are for those who handle the loop or decide about appeals.
    fn sees_staff(&self, caller: &StaffCaller, site_id: &str) -> bool {
        let any = Caller::Staff(Box::new(caller.clone()));
        [Operation::HandleEvaluation, Operation::DecideAppeal].into_iter().any(|operation| any.permit(operation, site_id).is_ok())
    }

    /// What the caller may do now: what the loop allows and a right is there for.
    async fn actions(&self, caller: &StaffCaller, of: &FollowUp, site_id: &str) -> Answer<Vec<String>> {
        let any = Caller::Staff(Box::new(caller.clone()));
        let has = |operation| any.permit(operation, site_id).is_ok();
        let ground = self.follow_up_ground(site_id).await?;
        let allowed = ground.of(|ground| of.allowed(&caller.staff.id, &ground, self.now()));
        let mine = allowed.into_iter().filter(|action| match action {
            Action::Verify | Action::Rectify | Action::FinishRectification | Action::Reply | Action::CallBack => {
                has(Operation::HandleEvaluation)
            }
            Action::Appeal => has(Operation::AppealEvaluation),
            Action::DecideAppeal => has(Operation::DecideAppeal),
        });
        let mut actions: Vec<String> = mine.map(|action| action.name().to_owned()).collect();
        let is_judged = of.judged.as_ref() == Some(&caller.staff.id);
        if of.named && of.state != LoopState::Closed && !is_judged && has(Operation::RevealRater) {
            actions.push("reveal".to_owned());
        }
        Ok(actions)
    }

    async fn window_number(&self, site_id: &str, window_id: Option<&str>) -> Answer<Option<u16>> {
        let Some(id) = window_id else { return Ok(None) };
        Ok(self.hall(site_id).await?.windows().find(|window| window.id.as_str() == id).map(|window| window.number))
    }

    async fn reply_message(&self, site_id: &str, id: &str) -> Answer<Option<NotificationRow>> {
        Ok(self.stores.cases.notifications(site_id, id).await?.into_iter().next_back())
    }

    /// Name and phone of a rater who is to be called, after the read was recorded with its reason.
    ///
    /// # Errors
    /// 404 for an anonymous rating; 403 for the person judged; field errors; 409 once the loop is closed.
    pub async fn reveal_rater(
        &self,
        permit: &Permit,
        id: &EvaluationId,
        request: &RevealRequest,
        retry: Option<&Retry>,
    ) -> Answer<Revealed> {
        let (row, of) = self.follow_up_of(permit.site_id(), id).await?;
        if of.judged.as_ref().is_some_and(|judged| permit.caller().actor() == judged.as_str()) {
            return Err(domain::evaluation::FollowUpRefusal::JudgedHimself.into());
        }
        let person = row.person_id.ok_or(AppError::NotFound)?;
        request.only_contact()?;
        if of.state == LoopState::Closed {
            return Err(domain::evaluation::FollowUpRefusal::WrongState { state: of.state }.into());
        }
        self.reveal(permit, ("evaluation", id.as_str()), &person, request, retry).await
    }
}

/// Reasons with their words.
pub(super) fn reasons(codes: &[String]) -> Vec<ReasonCodeView> {
    let known = codes.iter().filter_map(|code| reason(code));
    let view = |reason: &domain::evaluation::Reason| ReasonCodeView {
        code: reason.code.to_owned(),
        text: reason.label.to_owned(),
        checkable: reason.is_checkable,
    };
    known.map(view).collect()
}

impl SignalsView {
    pub(super) fn with_clerk(mut self, ratings: Option<(u32, u32)>) -> Self {
        self.clerk_ratings = ratings.map(|(all, _)| all);
        self.clerk_negative = ratings.map(|(_, negative)| negative);
        self
    }
}
