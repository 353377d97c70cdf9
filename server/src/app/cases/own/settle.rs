//! Choosing how the result comes, authorising an agent, and taking that back.

use chrono::NaiveDate;
use domain::case::{AgentScope, Case, Command};
use domain::ids::{CaseId, PersonId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::CitizenCaller;
use crate::app::cases::act::By;
use crate::app::cases::commands::Draft;
use crate::app::citizens::mobile;
use crate::app::error::{Answer, AppError, FieldError};
use crate::app::persons::{NewPerson, PersonInput};
use crate::app::retry::{Outcome, Retry};
use crate::store::CaseAgentRow;

type Body<T> = Result<T, Vec<FieldError>>;

/// To whom a parcel goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipientInput {
    /// Name.
    pub name: Option<String>,
    /// Phone, for the courier.
    pub phone: Option<String>,
    /// The whole address.
    pub address: Option<String>,
}

/// Body of `POST /citizens/cases/{own_case}/delivery`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryRequest {
    /// `window` or `courier`.
    pub way: Option<String>,
    /// For `courier`.
    pub recipient: Option<RecipientInput>,
}

/// Who may act.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentInput {
    /// Name.
    pub name: Option<String>,
    /// Kind of document; `resident_id` without.
    #[schema(value_type = Option<crate::app::words::IdType>)]
    pub id_type: Option<String>,
    /// Its number.
    pub id_number: Option<String>,
    /// Mobile phone, by which the agent signs in.
    pub phone: Option<String>,
}

/// Body of `POST /citizens/cases/{own_case}/authorise`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthoriseRequest {
    /// Who.
    pub agent: Option<AgentInput>,
    /// Whether materials may be handed in.
    pub submits: Option<bool>,
    /// Whether the result may be collected.
    pub collects: Option<bool>,
    /// The last day, `yyyy-MM-dd`.
    pub until: Option<String>,
}

/// Body of `POST /citizens/cases/{own_case}/withdraw-authorisation`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawAuthorisationRequest {}

/// What an applicant wants to settle.
#[derive(Debug, Clone)]
pub enum Settling {
    /// How the result comes.
    Delivery(Body<DeliveryRequest>),
    /// That somebody may act.
    Authorise(Body<AuthoriseRequest>),
    /// That nobody may any more.
    Withdraw(Body<WithdrawAuthorisationRequest>),
}

impl App {
    /// Settles something about the own case.
    ///
    /// # Errors
    /// 404; field errors and refusals are outcomes.
    pub async fn settle_case(&self, citizen: &CitizenCaller, id: &CaseId, wish: Settling, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = self.settled_by(citizen, id).await?.0.site.to_string();
        self.once(&site_id, retry, || async {
            let (case, actor) = self.settled_by(citizen, id).await?;
            let mut draft = Draft::new(self, &site_id, id.site_key());
            let invalid = |errors: &Vec<FieldError>| AppError::Invalid(errors.clone());
            let command = match &wish {
                Settling::Delivery(body) => self.delivery_command(&case, body.as_ref().map_err(invalid)?, &mut draft)?,
                Settling::Authorise(body) => self.authorise_command(&case, body.as_ref().map_err(invalid)?, &mut draft).await?,
                Settling::Withdraw(body) => body.as_ref().map(|_| Some(Command::WithdrawAuthorisation)).map_err(invalid)?,
            };
            let (command, rows) = draft.done(command)?;
            let context = self.settling_context(&case).await?;
            let by = By { actor: &actor, context: &context, silence: Vec::new() };
            self.decided(&case, &command, by, rows, (200, id.to_string())).await
        })
        .await
    }

    fn delivery_command(&self, case: &Case, body: &DeliveryRequest, draft: &mut Draft<'_>) -> Answer<Option<Command>> {
        match (body.way.as_deref(), &body.recipient) {
            (Some("window"), None) => return Ok(Some(Command::ChooseDelivery { recipient: None })),
            (Some("window"), Some(_)) => draft.errors().add("recipient", "not_taken", "到窗口领，不用写地址"),
            (Some("courier"), recipient) => {
                let recipient = recipient.clone().unwrap_or_default();
                let id = self.recipient_of(case, &recipient, draft)?;
                return Ok(id.map(|id| Command::ChooseDelivery { recipient: Some(id) }));
            }
            _ => draft.errors().add("way", "unknown", "选“到窗口领”或“邮寄”"),
        }
        Ok(None)
    }

    fn recipient_of(&self, case: &Case, input: &RecipientInput, draft: &mut Draft<'_>) -> Answer<Option<PersonId>> {
        let asked = [
            (&input.name, "recipient.name", "写上收件人姓名"),
            (&input.phone, "recipient.phone", "写上收件人电话，快递员要打"),
            (&input.address, "recipient.address", "写上收件地址，到门牌号"),
        ];
        for (value, field, message) in asked {
            if value.as_deref().is_none_or(|value| value.trim().is_empty()) {
                draft.errors().add(field, "missing", message);
            }
        }
        let person = PersonInput {
            kind: "person".to_owned(),
            name: input.name.clone(),
            phone: input.phone.clone(),
            address: input.address.clone(),
            ..PersonInput::default()
        };
        let person = self.new_person(case.id.site_key(), "recipient", &person, false, draft.errors())?;
        Ok(person.map(|NewPerson { id, mut row }| {
            // Whoever only gets a parcel is not found at the window.
            row.phone_index = None;
            draft.push(row.into());
            id
        }))
    }

    async fn authorise_command(&self, case: &Case, body: &AuthoriseRequest, draft: &mut Draft<'_>) -> Answer<Option<Command>> {
        let input = body.agent.clone().unwrap_or_default();
        let phone = match input.phone.as_deref().filter(|phone| !phone.trim().is_empty()) {
            Some(phone) => mobile("agent.phone", phone, draft.errors()),
            None => {
                draft.errors().add("agent.phone", "missing", "写上他的手机号，他用这个号登录看进度");
                String::new()
            }
        };
        let person = PersonInput {
            kind: "person".to_owned(),
            name: input.name,
            id_type: Some(input.id_type.unwrap_or_else(|| "resident_id".to_owned())),
            id_number: input.id_number,
            phone: Some(phone.clone()).filter(|phone| !phone.is_empty()),
            ..PersonInput::default()
        };
        let person = self.new_person(case.id.site_key(), "agent", &person, true, draft.errors())?;
        let applicant = self.stores.persons.person(case.site.as_str(), case.applicant.as_str()).await?;
        let own_number = applicant.and_then(|row| row.id_number_index);
        if person.as_ref().is_some_and(|person| person.row.id_number_index.is_some() && person.row.id_number_index == own_number) {
            draft.errors().add("agent.id_number", "same_person", "代办人不能是申请人自己");
        }
        let until = body.until.as_deref().and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
        let until = draft.errors().some(until, "until", "date", "写上授权到哪天，像 2026-12-31");
        let scope = AgentScope { submits: body.submits.unwrap_or_default(), collects: body.collects.unwrap_or_default() };
        let Some((person, until)) = person.zip(until) else { return Ok(None) };
        draft.push(
            CaseAgentRow {
                site_id: case.site.to_string(),
                case_id: case.id.to_string(),
                agent_id: person.id.to_string(),
                phone_index: self.citizen_index(&phone),
                given_at: self.now(),
            }
            .into(),
        );
        draft.push(person.row.into());
        Ok(Some(Command::AuthoriseAgent { agent: person.id, scope, until }))
    }
}
