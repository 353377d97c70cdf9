//! The agent's side of an authorisation: what the agent sees of the one case, and what the window knows at hand-over.

use domain::case::Case;
use domain::ids::PersonId;
use domain::time::local_date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::CitizenCaller;
use crate::app::cases::rows::case_of;
use crate::app::error::Answer;
use crate::app::sites::SiteView;
use crate::app::tracking::{NextStep, TimelineEntry};

/// Who may collect by the applicant's word, as the window compares it with the card that is shown.
pub(in crate::app::cases) struct AuthorisedAgent {
    /// The agent.
    pub(in crate::app::cases) id: PersonId,
    /// By what the number on the card is compared.
    pub(in crate::app::cases) id_number_index: Vec<u8>,
    /// The name on it.
    pub(in crate::app::cases) name: String,
    /// What stands on the receipt as the basis.
    pub(in crate::app::cases) basis: String,
}

/// A case as somebody who acts in it sees it: how far it is, and no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of a case, explained in the OpenAPI description")]
pub struct AgentCaseView {
    pub number: String,
    pub matter_name: String,
    /// The applicant's name, masked.
    pub applicant_name: String,
    /// Where.
    pub site: SiteView,
    #[schema(value_type = crate::app::words::CaseState)]
    pub state: String,
    /// Whether materials may be handed in.
    pub submits: bool,
    /// Whether the result may be collected.
    pub collects: bool,
    /// The last day, `yyyy-MM-dd`.
    pub until: String,
    /// What happened, then what lies ahead.
    pub timeline: Vec<TimelineEntry>,
    /// What is to be done, or is being done.
    pub next_step: Option<NextStep>,
}

impl App {
    /// Cases in which the citizen may act for somebody today, the newest authorisation first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn agent_cases(&self, citizen: &CitizenCaller) -> Answer<Vec<AgentCaseView>> {
        let index = self.citizen_index(&self.citizen_phone(citizen).await?);
        let mut found = Vec::new();
        for row in self.stores.citizens.cases_of_agent(&index).await? {
            let Some(case_row) = self.stores.cases.case(&row.site_id, &row.case_id).await? else { continue };
            let case = case_of(&case_row)?;
            if case.open_authorisation(local_date(self.now())).is_some_and(|given| given.agent.as_str() == row.agent_id) {
                found.extend(self.agent_view(case).await?);
            }
        }
        Ok(found)
    }

    async fn agent_view(&self, case: Case) -> Answer<Option<AgentCaseView>> {
        let Some(given) = case.authorisation.clone() else { return Ok(None) };
        let applicant = self.masked_person(case.site.as_str(), case.applicant.as_str()).await?;
        let (number, matter_name, state) = (case.number.clone(), case.matter.name.clone(), case.state.name().to_owned());
        let told = self.case_alone(case).await?;
        Ok(Some(AgentCaseView {
            number,
            matter_name,
            applicant_name: applicant.name.unwrap_or_default(),
            site: told.site,
            state,
            submits: given.scope.submits,
            collects: given.scope.collects,
            until: given.until.to_string(),
            timeline: told.timeline,
            next_step: told.next_step,
        }))
    }

    /// Who may collect the result of a case today by the applicant's word.
    pub(in crate::app::cases) async fn authorised_agent(&self, case: &Case) -> Answer<Option<AuthorisedAgent>> {
        let Some(id) = case.authorised_collector(local_date(self.now())) else { return Ok(None) };
        let row = self.stores.persons.person(case.site.as_str(), id.as_str()).await?;
        let Some(id_number_index) = row.and_then(|row| row.id_number_index) else { return Ok(None) };
        let name = self.person_data(case.site.as_str(), id.as_str()).await?.name.unwrap_or_default();
        let given = case.authorisation.as_ref().map(|given| (local_date(given.given_at), given.until));
        let basis = given.map(|(from, until)| format!("申请人 {from} 网上授权代领，有效至 {until}")).unwrap_or_default();
        Ok(Some(AuthorisedAgent { id: id.clone(), id_number_index, name, basis }))
    }
}
