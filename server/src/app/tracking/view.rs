//! The timeline put together.

use domain::case::{Case, Closure, State};
use domain::evaluation::FollowUp;
use domain::hall::TicketState;
use domain::time::{local_date, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::Tracked;
use super::steps::{NextStep, ahead_of_case, ahead_of_ticket, missing_names, of_case, of_ticket};
use super::timeline::{Past, TimelineEntry, last_window};
use crate::app::App;
use crate::app::cases::ClockView;
use crate::app::error::Answer;
use crate::app::sites::{SiteView, site_view};
use crate::store::EvaluationRow;

/// The ticket of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of API.md, explained in the OpenAPI description")]
pub struct TrackedTicketView {
    pub number: String,
    #[schema(value_type = crate::app::words::TicketState)]
    pub state: String,
    pub line_name: Option<String>,
    /// Tickets that will be called before; null unless it waits.
    pub ahead: Option<u32>,
    /// The rest of the wait in seconds, about; null unless it waits.
    pub estimated_wait_s: Option<u32>,
    /// The same when it goes well; null unless it waits.
    pub estimated_wait_optimistic_s: Option<u32>,
    /// The window it is called to, or was at last.
    pub window_number: Option<u16>,
    pub issued_at: String,
}

/// A case of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of API.md, explained in the OpenAPI description")]
pub struct TrackedCaseView {
    pub id: String,
    pub number: String,
    pub matter_name: String,
    #[schema(value_type = crate::app::words::CaseState)]
    pub state: String,
    /// 1 to 15.
    pub reporting_state: Option<u8>,
    #[schema(value_type = Option<crate::app::words::CaseDecision>)]
    pub decision: Option<String>,
    #[schema(value_type = Option<crate::app::words::ClosedAs>)]
    pub closed_as: Option<String>,
    /// End of the promised last day, from acceptance to the decision.
    pub due_at: Option<String>,
    /// The year whose calendar is waited for.
    pub missing_year: Option<i32>,
    /// Working days left until the promised last day; negative when it is over.
    pub working_days_left: Option<i64>,
    /// Promised working days.
    pub budget_days: Option<u32>,
    /// What comes next, one phrase.
    pub next_step: Option<String>,
    /// Names of what is still owed.
    pub materials_missing: Vec<String>,
    /// How far an online application has come before it is received: `submitted`, `supplement`, `ready`.
    pub application: Option<String>,
}

/// What may be rated now, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrackedEvaluationView {
    /// `visit` or `case`.
    #[schema(value_type = crate::app::words::EvaluationSubject)]
    pub subject: String,
    /// The case, when it is one.
    pub case_id: Option<String>,
    /// Whether a rating was given.
    pub done: bool,
    /// Whether the one follow-up is still open.
    pub can_follow_up: bool,
}

/// One timeline from ticket to evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrackingView {
    /// The code.
    pub tracking_code: String,
    /// Where.
    pub site: SiteView,
    /// The ticket; null for a case that came without one.
    pub ticket: Option<TrackedTicketView>,
    /// The cases, in order of receipt.
    pub cases: Vec<TrackedCaseView>,
    /// What happened, then what lies ahead.
    pub timeline: Vec<TimelineEntry>,
    /// What may be rated now: the visit once it is over, a case once it is decided.
    pub evaluations: Vec<TrackedEvaluationView>,
    /// What the holder has to do, or what is being done.
    pub next_step: Option<NextStep>,
}

/// Whether a visit may be rated: it ended with an outcome.
pub(in crate::app) fn visit_is_over(state: &TicketState) -> bool {
    matches!(state, TicketState::Done { .. })
}

/// Whether a case may be rated: there is a decision, or it was not accepted.
pub(in crate::app) fn case_has_result(case: &Case) -> bool {
    case.decision.is_some() || matches!(&case.state, State::Closed { closure: Closure::Refused { .. }, .. })
}

fn rated(given: &[EvaluationRow], subject: &str, case_id: &str) -> TrackedEvaluationView {
    let rounds = given.iter().filter(|row| row.subject == subject && row.case_id == case_id).count();
    TrackedEvaluationView {
        subject: subject.to_owned(),
        case_id: Some(case_id.to_owned()).filter(|id| !id.is_empty()),
        done: rounds > 0,
        can_follow_up: rounds == 1,
    }
}

fn case_view(case: &Case, clock: Option<&ClockView>, next_step: Option<&NextStep>) -> TrackedCaseView {
    let running = clock.filter(|clock| clock.kind == "decision" && case.decision.is_none() && case.closed_as().is_none());
    TrackedCaseView {
        id: case.id.to_string(),
        number: case.number.clone(),
        matter_name: case.matter.name.clone(),
        state: case.state.name().to_owned(),
        reporting_state: case.reporting_state(),
        decision: case.decision.as_ref().map(|decision| decision.outcome.name().to_owned()),
        closed_as: case.closed_as().map(str::to_owned),
        due_at: running.and_then(|clock| clock.due_at.clone()),
        missing_year: running.and_then(|clock| clock.missing_year),
        working_days_left: running.map(|clock| i64::from(clock.budget) - i64::from(clock.spent)),
        budget_days: running.map(|clock| clock.budget),
        next_step: next_step.map(|step| step.title.clone()),
        materials_missing: missing_names(case),
        application: case.online_step().map(|step| step.name().to_owned()),
    }
}

impl App {
    pub(super) async fn tracking_view(&self, tracked: &Tracked) -> Answer<TrackingView> {
        let site_id = tracked.site_id.as_str();
        let given = self.stores.evaluations.evaluations_by_tracking(&tracked.code).await?;
        let (mut past, mut ahead, mut next_step) = (Past::default(), Vec::new(), None);
        let mut evaluations = Vec::new();
        let ticket = match &tracked.ticket {
            None => None,
            Some(ticket) => {
                let hall = self.hall(site_id).await?;
                let intervals = self.stores.halls.intervals_of(site_id, ticket.id.as_str()).await?;
                past.ticket(&hall, ticket, &intervals);
                let window_number = last_window(&hall, ticket, &intervals);
                let (waiting, wait) = (hall.ahead(&ticket.id), hall.estimated_ticket_wait(&ticket.id));
                ahead.extend(ahead_of_ticket(ticket, window_number));
                next_step = of_ticket(ticket, waiting, window_number, local_date(self.now()));
                if visit_is_over(&ticket.state) {
                    evaluations.push(rated(&given, "visit", ""));
                }
                Some(TrackedTicketView {
                    number: ticket.number.clone(),
                    state: ticket.state.name().to_owned(),
                    line_name: hall.line(&ticket.line_id).map(|line| line.name.clone()),
                    ahead: waiting,
                    estimated_wait_s: wait.map(|wait| wait.normal_s),
                    estimated_wait_optimistic_s: wait.map(|wait| wait.optimistic_s),
                    window_number,
                    issued_at: rfc3339(ticket.issued_at),
                })
            }
        };
        let mut cases = Vec::with_capacity(tracked.cases.len());
        let many = tracked.cases.len() > 1;
        let mut steps_shown = false;
        let policy = self.case_policy(site_id).await?;
        for case in &tracked.cases {
            past.case(case, many.then_some(case.matter.name.as_str()));
            past.messages(&self.stores.cases.notifications(site_id, case.id.as_str()).await?);
            let clock = self.clock_view(case, &policy);
            let step = of_case(case, clock.as_ref(), self.settings.cases.policy.correction_lapse_days);
            cases.push(case_view(case, clock.as_ref(), step.as_ref()));
            if case_has_result(case) {
                evaluations.push(rated(&given, "case", case.id.as_str()));
            }
            // The lines ahead are those of the first case that is still open.
            if !steps_shown && case.closed_as().is_none() {
                ahead.extend(ahead_of_case(case));
                steps_shown = true;
            }
            next_step = next_step.or(step);
        }
        past.ratings(&given);
        for row in self.stores.evaluations.follow_ups_by_tracking(&tracked.code).await? {
            let follow_up: FollowUp = serde_json::from_str(&row.doc)?;
            if let Some(reply) = follow_up.reply {
                past.reply(reply.at, self.text(site_id, reply.text.as_str()).await?);
            }
        }
        for (at, title, detail) in self.upstream_lines(&tracked.code).await? {
            past.upstream(at, title, detail);
        }
        let mut timeline = past.entries();
        timeline.extend(ahead);
        Ok(TrackingView {
            tracking_code: tracked.code.clone(),
            site: site_view(self.directory.get().site(site_id)?),
            ticket,
            cases,
            timeline,
            evaluations,
            next_step,
        })
    }
}
