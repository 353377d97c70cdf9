//! Acting on a case or its certificate: who may (403), what was sent (422), what is (409), then one
//! commit.

use domain::case::{Action, Actor, Case, CaseKind, Command, Context, Event, actions_of};
use domain::ids::{CaseId, CertificateId};

use super::bundles::told_at;
use super::requests::{CaseActionRequest, CertificateActionRequest, case_action, certificate_action};
use super::rows::decision_set;
use crate::app::App;
use crate::app::caller::{Caller, StaffCaller};
use crate::app::error::{Answer, AppError};
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, Row};

impl App {
    /// The time and the facts that the rules need beside a command.
    pub(in crate::app) fn case_context(&self, case: &Case) -> Context {
        // Where the machine's clock went back, the case's own time does not.
        let now = case.history.last().map_or(0, |entry| entry.at).max(self.now());
        case.context(now, &self.directory.get().calendar, self.settings.cases.policy.clone())
    }

    /// Does what a segment of the path names to a case; the answer's body is the case.
    ///
    /// # Errors
    /// 404, 403; field errors and refusals are outcomes.
    pub async fn act_on_case(
        &self,
        caller: &StaffCaller,
        id: &CaseId,
        segment: &str,
        body: Result<CaseActionRequest, Vec<crate::app::error::FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let (action, takes) = case_action(segment).ok_or(AppError::NotFound)?;
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let caller = &self.with_covers(caller).await?;
        let outcome = self
            .once(&site_id, retry, || async {
                let case = self.case_for(&Caller::Staff(Box::new(caller.clone())), &site_id, id.as_str()).await?;
                let actor = Actor::Staff(caller.staff.clone());
                let (case, silence) = self.answered_by_silence(case)?;
                let context = self.case_context(&case);
                let action = at_the_window(&case, action, &actor, &context);
                case.entitle(action, &actor, &context)?;
                let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
                let (command, rows) = self.case_command(&case, action, takes, body).await?;
                if action == Action::Submit {
                    self.check_whole_form(&case).await?;
                }
                let status = if matches!(action, Action::MakeCertificate | Action::MakeDecisionNotice) { 201 } else { 200 };
                let by = By { actor: &actor, context: &context, silence };
                let (mut set, outcome) = self.decided(&case, &command, by, rows, (status, id.to_string())).await?;
                set.expect.extend(self.extended_once(&case, &command).await?);
                Ok((set, outcome))
            })
            .await?;
        Ok(outcome)
    }

    /// Does what a segment of the path names to a certificate; the answer's body is the certificate.
    ///
    /// # Errors
    /// 404, 403; field errors and refusals are outcomes.
    pub async fn act_on_certificate(
        &self,
        caller: &StaffCaller,
        id: &CertificateId,
        segment: &str,
        body: Result<CertificateActionRequest, Vec<crate::app::error::FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let (action, takes) = certificate_action(segment).ok_or(AppError::NotFound)?;
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let caller_kind = Caller::Staff(Box::new(caller.clone()));
        self.once(&site_id, retry, || async {
            let case = self.case_of_certificate(&caller_kind, &site_id, id).await?;
            let actor = Actor::Staff(caller.staff.clone());
            let context = self.case_context(&case);
            case.entitle(action, &actor, &context)?;
            let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
            let (command, rows) = self.certificate_command(&case, action, takes, body).await?;
            let by = By { actor: &actor, context: &context, silence: Vec::new() };
            let (mut set, outcome) = self.decided(&case, &command, by, rows, (200, id.to_string())).await?;
            let others = self.announced_with(&case, &command).await?;
            self.announce_others(&others, &command, &actor, &mut set)?;
            Ok((set, outcome))
        })
        .await
    }

    /// The case that a certificate belongs to.
    ///
    /// # Errors
    /// 404 when there is none among the caller's sites.
    pub(super) async fn case_of_certificate(&self, caller: &Caller, site_id: &str, id: &CertificateId) -> Answer<Case> {
        if !caller.sees(site_id) {
            return Err(AppError::NotFound);
        }
        let row = self.stores.cases.certificate(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
        self.case_of_site(site_id, &row.case_id).await
    }

    /// Decides a command as the system: a timer, or the answer of a gateway.
    ///
    /// # Errors
    /// The refusal of the rules, things not found, a store that fails.
    pub async fn decide_case_as_system(&self, site_id: &str, case_id: &str, command: Command) -> Answer<()> {
        let outcome = self
            .once(site_id, None, || async {
                let case = self.case_of_site(site_id, case_id).await?;
                let context = self.case_context(&case);
                let by = By { actor: &Actor::System, context: &context, silence: Vec::new() };
                let (mut set, outcome) = self.decided(&case, &command, by, Vec::new(), (200, case_id.to_owned())).await?;
                if let Command::RemindPickup { rung, .. } = &command {
                    let silent = Command::RemindPickup { rung: *rung, channels: Vec::new() };
                    // What was announced later has its own days.
                    let mut others = self.fetched_with(&case).await?;
                    others.retain(|other| told_at(other) <= told_at(&case));
                    self.announce_others(&others, &silent, &Actor::System, &mut set)?;
                }
                Ok((set, outcome))
            })
            .await?;
        if outcome.status < 300 {
            return Ok(());
        }
        let text = |name: &str| outcome.body[name].as_str().unwrap_or_default().to_owned();
        Err(AppError::refused(&text("code"), text("detail")))
    }

    /// A case that silence has accepted though the timer has not come yet (行政许可法 32): as it is
    /// after that, and the events of it.
    pub(super) fn answered_by_silence(&self, mut case: Case) -> Answer<(Case, Vec<Event>)> {
        let context = self.case_context(&case);
        if case.permit(Action::DeemAccepted, &Actor::System, &context).is_err() {
            return Ok((case, Vec::new()));
        }
        let events = case.decide(&Command::DeemAccepted, &Actor::System, &context)?;
        events.iter().for_each(|event| case.evolve(event));
        Ok((case, events))
    }

    /// Decides a command and makes its change-set, with what silence had decided before it.
    pub(super) async fn decided(
        &self,
        case: &Case,
        command: &Command,
        by: By<'_>,
        rows: Vec<Row>,
        (status, object_id): (u16, String),
    ) -> Answer<(ChangeSet, Outcome)> {
        let version = case.version - by.silence.len() as u64;
        let decided = case.decide(command, by.actor, by.context)?;
        let mut after = case.clone();
        decided.iter().for_each(|event| after.evolve(event));
        let has_decided = !decided.is_empty();
        let events: Vec<Event> = by.silence.into_iter().chain(decided).collect();
        let mut set = decision_set(version, &after, &events)?;
        if *by.actor == Actor::System {
            set.events.iter_mut().filter(|event| event.actor == "citizen").for_each(|event| event.actor = "system".to_owned());
        }
        if has_decided {
            set.rows.extend(rows);
        }
        self.follow(&after, &events, &mut set).await?;
        // What silence decided comes first: the case as it was before that.
        let before = if version == case.version { case.clone() } else { self.case_of_site(case.site.as_str(), case.id.as_str()).await? };
        self.owe_reports(Some(&before), &events, &mut set).await?;
        Ok((set, Outcome::success(status, Some(object_id), serde_json::Value::Null)))
    }
}

/// Who decides, when, and what silence had decided before.
pub(super) struct By<'a> {
    pub(super) actor: &'a Actor,
    pub(super) context: &'a Context,
    pub(super) silence: Vec<Event>,
}

/// 即办件 may be approved where it was accepted: there, to approve is to decide it at the window.
fn at_the_window(case: &Case, action: Action, actor: &Actor, context: &Context) -> Action {
    let is_window = action == Action::Approve
        && actions_of(&case.state).contains(&Action::DecideInstant)
        && case.matter.case_kind == CaseKind::Instant
        && case.entitle(Action::DecideInstant, actor, context).is_ok();
    if is_window { Action::DecideInstant } else { action }
}
