//! Use cases around serving: what people wrote as a reason, things of a visit, acting at a window of
//! somebody else, and what the desk offers.

use domain::hall::{Actor, Command, Help, ServingPolicy, TicketState};
use domain::ids::{LineId, MatterId, StaffId, TextId, TicketId};
use domain::time::{Millis, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::ReasonView;
use super::desk::{Beside, Wish};
use super::tickets::actor;
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::matters::out_of_dates;
use crate::app::retry::{Outcome, Retry};
use crate::app::words;
use crate::store::Row;

const SECOND_MS: Millis = 1_000;

/// One thing of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitItemView {
    /// The line it belongs to.
    pub line_id: String,
    /// The matter, if it is known.
    pub matter_id: Option<String>,
    /// What came of it, once that is known.
    #[schema(value_type = Option<words::VisitOutcome>)]
    pub outcome: Option<String>,
}

/// Why and since when a ticket is parked or missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetAsideView {
    /// Since when.
    pub since: String,
    /// Why; in lists the id of a sealed text, where a person wrote it.
    pub reason: Option<String>,
    /// When the desk is to be reminded.
    pub remind_at: Option<String>,
    /// When it was.
    pub reminded_at: Option<String>,
}

/// An open call for the supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HelpView {
    /// Since when.
    pub since: String,
    /// Who asked.
    pub staff_id: String,
    /// Why; in lists the id of a sealed text, where a person wrote it.
    pub reason: Option<String>,
    /// When somebody said that he is coming.
    pub acknowledged_at: Option<String>,
    /// Who.
    pub acknowledged_by: Option<String>,
}

/// A reason to park with its own reminder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParkReasonView {
    /// For people.
    pub text: String,
    /// The desk is reminded after so many seconds; null for never.
    pub remind_after_s: Option<i64>,
}

/// What the site wants to reach, by its policy: pages show figures beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GoalsView {
    /// The mean wait of a day.
    pub average_wait_s: i64,
    /// An ordinary ticket that waits longer goes before the green class.
    pub longest_wait_s: i64,
    /// A visit that is served longer shall be looked after.
    pub service_s: i64,
    /// Share of the ratings that are basically satisfied or better, in per cent.
    pub satisfaction_percent: u8,
}

/// What a desk offers and how often a ticket may be called again, by the policy of the site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServingView {
    /// A ticket is called again at most this often.
    pub recall_max: u32,
    /// Shortest time between two calls of one ticket.
    pub recall_cooldown_s: i64,
    /// Offered when nobody came.
    pub miss_reasons: Vec<String>,
    /// Offered when a ticket is set aside.
    pub park_reasons: Vec<ParkReasonView>,
    /// Offered when a window calls for the supervisor.
    pub help_reasons: Vec<String>,
    /// Seconds after which the desk is reminded of a ticket parked for another reason; null for never.
    pub park_reminder_s: Option<i64>,
    /// What the site wants to reach.
    pub goals: GoalsView,
}

fn goals_view(policy: &domain::hall::Policy) -> GoalsView {
    GoalsView {
        average_wait_s: policy.goals.average_wait_ms / SECOND_MS,
        longest_wait_s: policy.over_limit_ms / SECOND_MS,
        service_s: policy.goals.service_ms / SECOND_MS,
        satisfaction_percent: policy.goals.satisfaction_percent,
    }
}

/// The policy as a desk needs it.
#[must_use]
pub fn serving_view(policy: &domain::hall::Policy) -> ServingView {
    let serving: &ServingPolicy = &policy.serving;
    let remind = |reason: Option<&str>| serving.remind_at(reason, 0).map(|after_ms| after_ms / SECOND_MS);
    let park = |reason: &domain::hall::ParkReason| ParkReasonView { text: reason.text.clone(), remind_after_s: remind(Some(&reason.text)) };
    ServingView {
        recall_max: policy.recall_max,
        recall_cooldown_s: policy.recall_cooldown_ms / SECOND_MS,
        miss_reasons: serving.miss_reasons.clone(),
        park_reasons: serving.park_reasons.iter().map(park).collect(),
        help_reasons: serving.help_reasons.clone(),
        park_reminder_s: remind(None),
        goals: goals_view(policy),
    }
}

/// An open call as the API shows it.
pub(super) fn help_view(help: &Help) -> HelpView {
    HelpView {
        since: rfc3339(help.since),
        staff_id: help.staff.to_string(),
        reason: help.reason.clone(),
        acknowledged_at: help.acknowledged.as_ref().map(|coming| rfc3339(coming.at)),
        acknowledged_by: help.acknowledged.as_ref().map(|coming| coming.staff.to_string()),
    }
}

/// Why a ticket is set aside, for those that are.
pub(super) fn set_aside_view(state: &TicketState) -> Option<SetAsideView> {
    let (since, reason, remind_at, reminded_at) = match state {
        TicketState::Parked { at, reason, remind_at, reminded_at, .. } => (at, reason, *remind_at, *reminded_at),
        TicketState::Missed { at, reason, .. } => (at, reason, None, None),
        _ => return None,
    };
    let (remind_at, reminded_at) = (remind_at.map(rfc3339), reminded_at.map(rfc3339));
    Some(SetAsideView { since: rfc3339(*since), reason: reason.clone(), remind_at, reminded_at })
}

impl App {
    /// Does something to a ticket or window; `because` is why a supervisor does it in the place of the
    /// person at that window.
    ///
    /// # Errors
    /// When a text cannot be sealed or the store failed; refusals of the rules are outcomes.
    pub async fn act_because(
        &self,
        permit: &Permit,
        mut command: Command,
        mut because: Option<String>,
        retry: Option<Retry>,
    ) -> Answer<Outcome> {
        self.name_holder(permit.site_id(), &mut command).await?;
        let rows = self.sealed_reasons(permit.site_id(), &mut command, &mut because).await?;
        let actor: Actor = actor(permit).because(because);
        let (site_id, actor_id) = (permit.site_id().to_owned(), permit.caller().actor().to_owned());
        let mut outcome = self.halls.submit(Wish { site_id, actor, actor_id, command, retry, rows, beside: Beside::default() }).await?;
        if let Some(reason) = outcome.body.get_mut("reason") {
            self.tell_written(permit.site_id(), reason).await?;
        }
        for place in ["/set_aside/reason", "/ticket/set_aside/reason", "/help/reason"] {
            if let Some(told) = outcome.body.pointer_mut(place) {
                self.tell_text(permit.site_id(), told).await?;
            }
        }
        Ok(outcome)
    }

    /// Puts the words that a person wrote in the place of their id.
    async fn tell_text(&self, site_id: &str, told: &mut Value) -> Answer<()> {
        if let Some(id) = told.as_str().filter(|id| TextId::parse(id).is_some()) {
            *told = self.text(site_id, id).await?.into();
        }
        Ok(())
    }

    /// Seals what a person wrote as a reason: events live for ever, so they name only its id. Reasons
    /// that the policy offers were written by nobody in particular, and texts for the board (a pause, a
    /// stopped line) are public: both stay as they are.
    async fn sealed_reasons(&self, site_id: &str, command: &mut Command, because: &mut Option<String>) -> Answer<Vec<Row>> {
        let own = match command {
            Command::Top { reason, .. }
            | Command::CallTicket { reason, .. }
            | Command::PutBack { reason, .. }
            | Command::TakeOver { reason, .. } => Some(reason),
            Command::Miss { reason, .. } | Command::Park { reason, .. } | Command::RequestHelp { reason, .. } => reason.as_mut(),
            _ => None,
        };
        let mut rows = Vec::new();
        for reason in own.into_iter().chain(because.as_mut()) {
            if self.hall(site_id).await?.doc().policy.serving.offers(reason) {
                continue;
            }
            let (id, row) = self.new_text(site_id, "hall_reason", reason)?;
            *reason = id.to_string();
            rows.push(row.into());
        }
        Ok(rows)
    }

    /// Puts the words that a person wrote in the place of their id, in a reason that staff are told.
    pub(super) async fn tell_written(&self, site_id: &str, reason: &mut Value) -> Answer<()> {
        let Some(id) = reason["figures"]["reason"].as_str().filter(|id| TextId::parse(id).is_some()).map(str::to_owned) else {
            return Ok(());
        };
        let written = self.text(site_id, &id).await?;
        if let Some(text) = reason["text"].as_str() {
            reason["text"] = text.replace(&id, &written).into();
        }
        reason["figures"]["reason"] = written.into();
        Ok(())
    }

    /// The words behind a call's reason, if a person wrote them.
    pub(in crate::app) async fn told(&self, site_id: &str, reason: ReasonView) -> Answer<ReasonView> {
        let mut value = serde_json::to_value(reason)?;
        self.tell_written(site_id, &mut value).await?;
        Ok(serde_json::from_value(value)?)
    }

    /// One thing more in a visit: a matter, or a line when the matter is not known yet.
    ///
    /// # Errors
    /// Field errors; refusals of the rules are outcomes.
    pub async fn add_item(
        &self,
        permit: &Permit,
        ticket_id: TicketId,
        (matter, line): (Option<&str>, Option<&str>),
        because: Option<String>,
        retry: Option<Retry>,
    ) -> Answer<Outcome> {
        let unknown_line = || AppError::field("line_id", "unknown", "没有这条队");
        let (line_id, matter_id) = match (matter, line) {
            (Some(matter), None) => {
                let unknown = || AppError::field("matter_id", "unknown", "没有这个事项");
                let id = MatterId::parse(matter).ok_or_else(unknown)?;
                let row = self.catalogue_row(permit.site_id(), id.as_str()).await?.ok_or_else(unknown)?;
                if let Some((code, message)) = out_of_dates(&row)? {
                    return Err(AppError::field("matter_id", code, &message));
                }
                let row = Some(row).filter(|row| row.state == "published").ok_or_else(unknown)?;
                let own = row.line_id.as_deref().and_then(LineId::parse);
                // A matter for which no numbers are given is taken where the person sits.
                let here = self.hall(permit.site_id()).await?.ticket(&ticket_id).map(|ticket| ticket.line_id.clone());
                (own.or(here).ok_or(AppError::NotFound)?, Some(id))
            }
            (None, Some(line)) => (LineId::parse(line).ok_or_else(unknown_line)?, None),
            _ => return Err(AppError::field("matter_id", "one_of", "选一个事项或一条队")),
        };
        self.act_because(permit, Command::AddItem { ticket_id, line_id, matter_id }, because, retry).await
    }
}

/// Whether staff ids of a policy are those of one site.
pub(crate) fn are_staff_of(policy: &ServingPolicy, site_key: &str) -> bool {
    let is_own = |id: &StaffId| StaffId::parse(id.as_str()).is_some_and(|id| id.site_key() == site_key);
    policy.covers.iter().all(|entry| is_own(&entry.principal) && entry.covers.iter().all(is_own))
}
