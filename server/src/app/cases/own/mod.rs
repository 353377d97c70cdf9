//! What an applicant settles about the own case from home: whether the result is fetched or sent, and who may come in
//! the applicant's place. Whose case it is says the account that began it online, or the phone that stands in it for the
//! applicant, proved by a code; the code of the timeline alone settles nothing.

mod agent;
mod settle;

use domain::case::{Action, Actor, AgentAuthorisation, AuthorisationEnd, Case, Context};
use domain::ids::CaseId;
use domain::time::{local_date, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use agent::AgentCaseView;
pub(super) use agent::AuthorisedAgent;
pub use settle::{AgentInput, AuthoriseRequest, DeliveryRequest, RecipientInput, Settling, WithdrawAuthorisationRequest};

use crate::app::App;
use crate::app::caller::CitizenCaller;
use crate::app::error::{Answer, AppError};
use crate::app::persons::MaskedPerson;
use crate::app::retry::Outcome;

/// Whose cases are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OwnCaseFilter {
    /// Those behind this code of a timeline.
    pub tracking_code: Option<String>,
}

/// An authorisation of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuthorisationView {
    /// Who, masked.
    pub agent: MaskedPerson,
    /// Whether materials may be handed in.
    pub submits: bool,
    /// Whether the result may be collected.
    pub collects: bool,
    /// The last day, `yyyy-MM-dd`.
    pub until: String,
    /// When it was given.
    pub given_at: String,
    /// `open`, `expired`, `withdrawn`, `used`.
    pub state: String,
}

/// A case as whoever applies settles it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of a case, explained in the OpenAPI description")]
pub struct OwnCaseView {
    pub id: String,
    pub number: String,
    pub matter_name: String,
    /// `window` or `courier`.
    pub delivery: String,
    /// Who gets the parcel, masked.
    pub recipient: Option<MaskedPerson>,
    /// Whether the result can be sent at all.
    pub courier_offered: bool,
    /// The newest authorisation.
    pub authorisation: Option<AuthorisationView>,
    /// For how many days from today one can be given.
    pub authorisation_days_max: u32,
    /// What can be settled now: `delivery`, `authorise`, `withdraw-authorisation`.
    pub actions: Vec<String>,
}

/// The segment of the path that does what an applicant settles.
fn segment(action: Action) -> Option<&'static str> {
    match action {
        Action::ChooseDelivery => Some("delivery"),
        Action::AuthoriseAgent => Some("authorise"),
        Action::WithdrawAuthorisation => Some("withdraw-authorisation"),
        _ => None,
    }
}

impl App {
    /// A case of this citizen, and as whom the citizen settles it.
    ///
    /// # Errors
    /// 404 for everybody else's.
    pub(super) async fn settled_by(&self, citizen: &CitizenCaller, id: &CaseId) -> Answer<(Case, Actor)> {
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let case = self.case_of_site(&site_id, id.as_str()).await?;
        let actor = self.settler(citizen, &case).await?.ok_or(AppError::NotFound)?;
        Ok((case, actor))
    }

    async fn settler(&self, citizen: &CitizenCaller, case: &Case) -> Answer<Option<Actor>> {
        if case.online.as_ref().is_some_and(|online| online.draft.citizen == citizen.id) {
            return Ok(Some(Actor::Citizen(citizen.id.clone())));
        }
        if case.is_unsent() {
            return Ok(None);
        }
        let applicant = self.stores.persons.person(case.site.as_str(), case.applicant.as_str()).await?;
        let index = self.vault.blind_index("phone", &self.citizen_phone(citizen).await?);
        Ok(applicant.and_then(|row| row.phone_index).filter(|known| *known == index).map(|_| Actor::Applicant))
    }

    /// The time, the facts, and what the site sets about what applicants settle.
    pub(super) async fn settling_context(&self, case: &Case) -> Answer<Context> {
        let (mut context, policy) = (self.case_context(case), self.case_policy(case.site.as_str()).await?);
        context.policy.sends_by_courier = policy.courier;
        context.policy.authorisation_days_max = policy.authorisation_days;
        Ok(context)
    }

    /// The citizen's own cases behind the code of a timeline; none where somebody else applied.
    ///
    /// # Errors
    /// 404 for a code that leads nowhere; a field error without one.
    pub async fn own_cases(&self, citizen: &CitizenCaller, filter: &OwnCaseFilter) -> Answer<Vec<OwnCaseView>> {
        let code = filter.tracking_code.as_deref().ok_or_else(|| AppError::field("tracking_code", "missing", "写上查询码"))?;
        let mut found = Vec::new();
        for case in self.tracked(code).await?.cases {
            if self.settler(citizen, &case).await?.is_some() {
                found.push(self.settling_view(&case).await?);
            }
        }
        Ok(found)
    }

    /// One of the own cases.
    ///
    /// # Errors
    /// 404 for everybody else's.
    pub async fn own_case_view(&self, citizen: &CitizenCaller, id: &CaseId) -> Answer<OwnCaseView> {
        let (case, _) = self.settled_by(citizen, id).await?;
        self.settling_view(&case).await
    }

    async fn settling_view(&self, case: &Case) -> Answer<OwnCaseView> {
        let context = self.settling_context(case).await?;
        let actions = case.allowed_actions(&Actor::Applicant, &context);
        Ok(OwnCaseView {
            id: case.id.to_string(),
            number: case.number.clone(),
            matter_name: case.matter.name.clone(),
            delivery: if case.courier_to.is_some() { "courier" } else { "window" }.to_owned(),
            recipient: self.parcel_recipient(case).await?,
            courier_offered: case.matter.courier && context.policy.sends_by_courier,
            authorisation: self.authorisation_view(case).await?,
            authorisation_days_max: context.policy.authorisation_days_max,
            actions: actions.into_iter().filter_map(segment).map(str::to_owned).collect(),
        })
    }

    /// Who gets the parcel, masked; `None` where the result is fetched.
    pub(super) async fn parcel_recipient(&self, case: &Case) -> Answer<Option<MaskedPerson>> {
        match &case.courier_to {
            Some(id) => Ok(Some(self.masked_person(case.site.as_str(), id.as_str()).await?)),
            None => Ok(None),
        }
    }

    /// The newest authorisation of a case, its agent masked.
    pub(super) async fn authorisation_view(&self, case: &Case) -> Answer<Option<AuthorisationView>> {
        let Some(given) = &case.authorisation else { return Ok(None) };
        Ok(Some(AuthorisationView {
            agent: self.masked_person(case.site.as_str(), given.agent.as_str()).await?,
            submits: given.scope.submits,
            collects: given.scope.collects,
            until: given.until.to_string(),
            given_at: rfc3339(given.given_at),
            state: self.authorisation_state(given).to_owned(),
        }))
    }

    fn authorisation_state(&self, given: &AgentAuthorisation) -> &'static str {
        match given.ended {
            Some((_, AuthorisationEnd::Withdrawn)) => "withdrawn",
            Some((_, AuthorisationEnd::Used)) => "used",
            None if given.is_open(local_date(self.now())) => "open",
            None => "expired",
        }
    }

    /// The outcome of a command with the case as its applicant sees it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn with_own_case(&self, citizen: &CitizenCaller, mut outcome: Outcome) -> Answer<Outcome> {
        if let Some(id) = outcome.object_id.as_deref().and_then(CaseId::parse).filter(|_| outcome.body.is_null()) {
            outcome.body = serde_json::to_value(self.own_case_view(citizen, &id).await?)?;
        }
        Ok(outcome)
    }
}
