//! What the applicant settles about the result: whether it is fetched or sent (送达方式), and who may come in the
//! applicant's place (授权代办、代领). Persons and addresses are named by id.
//!
//! Architecture Invariant: nothing here knows accounts, phones or codes.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::certificate::{Custody, Relation};
use super::command::{Command, Context};
use super::event::Change;
use super::permit::when;
use super::refusal::Refusal;
use super::state::Case;
use crate::ids::PersonId;
use crate::time::{Millis, local_date};

/// What an agent may do in the applicant's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentScope {
    /// Hand in materials at the window (代办).
    pub submits: bool,
    /// Collect the result (代领).
    pub collects: bool,
}

/// How an authorisation came to its end before its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorisationEnd {
    /// The applicant took it back.
    Withdrawn,
    /// The agent collected the result by it.
    Used,
}

/// The applicant's word that somebody may act in this case (民法典 165: whose name, what for, how long).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentAuthorisation {
    /// Who.
    pub agent: PersonId,
    /// What for.
    pub scope: AgentScope,
    /// The last day.
    pub until: NaiveDate,
    /// When it was given, UTC ms.
    pub given_at: Millis,
    /// When and how it ended.
    pub ended: Option<(Millis, AuthorisationEnd)>,
}

impl AgentAuthorisation {
    /// Whether the agent can still act by it on this local date.
    #[must_use]
    pub fn is_open(&self, today: NaiveDate) -> bool {
        self.ended.is_none() && today <= self.until
    }
}

/// What is settled by whoever applies, at any time until the result has left.
pub(super) fn is_settled_by_applicant(action: Action) -> bool {
    matches!(action, Action::ChooseDelivery | Action::AuthoriseAgent | Action::WithdrawAuthorisation)
}

/// The fields of an authorisation.
pub(super) fn check(case: &Case, command: &Command, context: &Context) -> Result<(), Refusal> {
    let Command::AuthoriseAgent { agent, scope, until } = command else { return Ok(()) };
    let invalid = |field, code, message| Err(Refusal::Invalid { field, code, message });
    if *agent == case.applicant {
        return invalid("agent.id_number", "same_person", "代办人不能是申请人自己。");
    }
    if !scope.submits && !scope.collects {
        return invalid("scope", "missing", "选一样要他做的事。");
    }
    let today = local_date(context.now);
    let last = today.checked_add_days(Days::new(u64::from(context.policy.authorisation_days_max)));
    if *until < today || last.is_some_and(|last| *until > last) {
        return invalid("until", "out_of_range", "授权到哪天：从今天起，最长一年。");
    }
    Ok(())
}

impl Case {
    /// The authorisation that an agent can act by on this local date.
    #[must_use]
    pub fn open_authorisation(&self, today: NaiveDate) -> Option<&AgentAuthorisation> {
        self.authorisation.as_ref().filter(|authorisation| authorisation.is_open(today))
    }

    /// The agent who may collect the result on this local date.
    #[must_use]
    pub fn authorised_collector(&self, today: NaiveDate) -> Option<&PersonId> {
        self.open_authorisation(today).filter(|authorisation| authorisation.scope.collects).map(|authorisation| &authorisation.agent)
    }

    /// Whether the applicant can still settle it: the case was sent, and its result has not left.
    pub(super) fn settleable(&self, action: Action, context: &Context) -> Result<(), Refusal> {
        let was_sent = self.receipt_at.is_some() || self.online.is_some() && !self.is_unsent();
        when(was_sent, Refusal::WrongState { action, state: self.state.name() })?;
        if let Some(document) = &self.certificate {
            let has_left = matches!(document.custody, Custody::HandedOver | Custody::Shipped | Custody::Delivered);
            when(!has_left, Refusal::WrongCustody { custody: document.custody.name() })?;
        }
        let has_agent = self.open_authorisation(local_date(context.now)).is_some();
        match action {
            Action::AuthoriseAgent => when(!has_agent, Refusal::AuthorisationOpen),
            Action::WithdrawAuthorisation => when(has_agent, Refusal::NoAuthorisation),
            // Who chose it while it was offered can still say that the result will be fetched.
            _ => when(self.courier_to.is_some() || self.is_sent_by_courier(context), Refusal::CourierNotOffered),
        }
    }

    /// Whether the result can be sent: the matter allows it, and the site does it.
    fn is_sent_by_courier(&self, context: &Context) -> bool {
        self.matter.courier && context.policy.sends_by_courier
    }

    /// What follows from what the applicant settled.
    pub(super) fn settled(&self, command: &Command, context: &Context) -> Result<Vec<Change>, Refusal> {
        Ok(match command {
            Command::ChooseDelivery { recipient: Some(recipient) } => {
                when(self.is_sent_by_courier(context), Refusal::CourierNotOffered)?;
                vec![Change::CourierChosen { recipient: recipient.clone() }]
            }
            Command::ChooseDelivery { recipient: None } if self.courier_to.is_some() => vec![Change::PickupChosen],
            Command::AuthoriseAgent { agent, scope, until } => {
                vec![Change::AgentAuthorised { agent: agent.clone(), scope: *scope, until: *until }]
            }
            Command::WithdrawAuthorisation => vec![Change::AuthorisationWithdrawn],
            _ => Vec::new(),
        })
    }

    /// That an agent collected by the applicant's authorisation, where that is so.
    pub(super) fn used_authorisation(&self, collector: &PersonId, relation: Relation, now: Millis) -> Option<Change> {
        let is_agent = relation == Relation::Agent && self.authorised_collector(local_date(now)) == Some(collector);
        is_agent.then_some(Change::AuthorisationUsed)
    }

    pub(super) fn settle(&mut self, change: &Change, at: Millis) {
        match change {
            Change::CourierChosen { recipient } => self.courier_to = Some(recipient.clone()),
            Change::PickupChosen => self.courier_to = None,
            Change::AgentAuthorised { agent, scope, until } => {
                self.authorisation =
                    Some(AgentAuthorisation { agent: agent.clone(), scope: *scope, until: *until, given_at: at, ended: None });
            }
            Change::AuthorisationWithdrawn => self.end_authorisation(at, AuthorisationEnd::Withdrawn),
            Change::AuthorisationUsed => self.end_authorisation(at, AuthorisationEnd::Used),
            _ => {}
        }
    }

    fn end_authorisation(&mut self, at: Millis, end: AuthorisationEnd) {
        if let Some(authorisation) = &mut self.authorisation {
            authorisation.ended = Some((at, end));
        }
    }
}
