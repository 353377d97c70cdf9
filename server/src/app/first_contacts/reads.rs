//! First contacts, told: masked, with what the caller may do now.

use chrono::{Days, NaiveDate};
use domain::first_contact::FirstContact;
use domain::ids::FirstContactId;
use domain::rights::{Operation, Role, scopes};
use domain::time::{rfc3339, start_of};
use serde::Serialize;
use utoipa::ToSchema;

use super::{contact_of, hand_of};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::cases::{ColleagueView, Names};
use crate::app::error::{Answer, AppError};
use crate::app::persons::MaskedPerson;
use crate::app::retry::{Outcome, Retry};
use crate::app::reveals::{RevealRequest, Revealed};

/// Somebody asked, and no ticket followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FirstContactView {
    /// The contact.
    pub id: String,
    /// When.
    pub at: String,
    /// The matter that it was about.
    pub matter_name: Option<String>,
    /// What was asked.
    pub about: Option<String>,
    /// `answered`, `referred`, `owed`, `replied`.
    #[schema(value_type = crate::app::words::FirstContactEnding)]
    pub ending: String,
    /// What was said, or where the person was brought.
    pub text: Option<String>,
    /// Who was asked first.
    pub first_name: String,
    /// Who answers for it now,
    pub responsible_id: String,
    /// by name.
    pub responsible_name: String,
    /// Whether that is the caller.
    pub mine: bool,
    /// Who asked, masked, where an answer is or was owed.
    pub person: Option<MaskedPerson>,
    /// When it ended; null while an answer is owed.
    pub ended_at: Option<String>,
    /// What the caller may do now: `hand-over`, `reply`, `reveal`.
    pub actions: Vec<String>,
}

/// The first contacts noted or answered on a day, and all that are still owed an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FirstContactsView {
    /// Owed an answer first, the longest first; then those of the day, the newest first.
    pub items: Vec<FirstContactView>,
    /// Who can be given one.
    pub colleagues: Vec<ColleagueView>,
}

/// Whether somebody with these roles may have a first contact.
fn may_have_one(roles: &[Role]) -> bool {
    !scopes(roles, false, Operation::NoteFirstContact).is_empty()
}

impl App {
    /// Those of a day, and all that are still owed an answer.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn first_contacts(&self, permit: &Permit, day: NaiveDate) -> Answer<FirstContactsView> {
        let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
        let rows = self.stores.first_contacts.first_contacts(permit.site_id(), start_of(day), start_of(next)).await?;
        let (mut names, mut items) = (Names::default(), Vec::with_capacity(rows.len()));
        for row in &rows {
            items.push(self.contact_view(permit, &contact_of(row)?, &mut names).await?);
        }
        items.sort_by(|one, other| match (&one.ended_at, &other.ended_at) {
            (None, None) => one.at.cmp(&other.at),
            (None, Some(_)) => std::cmp::Ordering::Less,
            (Some(_), None) => std::cmp::Ordering::Greater,
            (Some(_), Some(_)) => other.at.cmp(&one.at),
        });
        Ok(FirstContactsView { items, colleagues: self.contact_colleagues(permit.site_id()).await? })
    }

    /// The outcome of a step with the contact as its body.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn with_first_contact(&self, permit: &Permit, mut outcome: Outcome) -> Answer<Outcome> {
        let id = outcome.object_id.as_deref().and_then(FirstContactId::parse).filter(|_| outcome.body.is_null());
        if let Some(id) = id {
            let contact = self.contact_of_site(permit.site_id(), &id).await?;
            outcome.body = serde_json::to_value(self.contact_view(permit, &contact, &mut Names::default()).await?)?;
        }
        Ok(outcome)
    }

    async fn contact_view(&self, permit: &Permit, of: &FirstContact, names: &mut Names) -> Answer<FirstContactView> {
        let (site_id, hand) = (permit.site_id(), hand_of(permit)?);
        let matter = match &of.matter {
            Some(id) => self.stores.catalogue.matter(site_id, id.as_str()).await?,
            None => None,
        };
        let ended = of.ended.as_ref();
        let is_mine = of.responsible == hand.id;
        let can_act = permit.staff().is_some_and(|caller| may_have_one(&caller.staff.roles)) && (is_mine || hand.runs_the_hall);
        let actions: &[&str] = if ended.is_none() && can_act { &["hand-over", "reply", "reveal"] } else { &[] };
        Ok(FirstContactView {
            id: of.id.to_string(),
            at: rfc3339(of.at),
            matter_name: matter.map(|row| row.name),
            about: self.own_words(site_id, of.about.as_ref()).await?,
            ending: ended.map_or("owed", |ended| ended.ending.name()).to_owned(),
            text: self.own_words(site_id, ended.and_then(|ended| ended.text.as_ref())).await?,
            first_name: names.of(self, &of.first).await?,
            responsible_id: of.responsible.to_string(),
            responsible_name: names.of(self, &of.responsible).await?,
            mine: is_mine,
            person: match &of.person {
                Some(person) => Some(self.masked_person(site_id, person.as_str()).await?),
                None => None,
            },
            ended_at: ended.map(|ended| rfc3339(ended.at)),
            actions: actions.iter().map(|&action| action.to_owned()).collect(),
        })
    }

    async fn own_words(&self, site_id: &str, id: Option<&domain::ids::TextId>) -> Answer<Option<String>> {
        match id {
            Some(id) => Ok(Some(self.text(site_id, id.as_str()).await?)),
            None => Ok(None),
        }
    }

    /// Everybody of a site who may have a first contact, by name.
    pub(super) async fn contact_colleagues(&self, site_id: &str) -> Answer<Vec<ColleagueView>> {
        let mut found = Vec::new();
        for row in self.stores.staff.all_staff().await?.into_iter().filter(|row| row.active && row.site_id == site_id) {
            let roles = self.staff_caller(&row, Vec::new())?.staff.roles;
            if may_have_one(&roles) {
                found.push(ColleagueView { id: row.id, name: row.name });
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// Name and phone of who is owed an answer, for whoever owes it; the read is recorded with its reason first.
    ///
    /// # Errors
    /// 404; 403 for anybody else; field errors.
    pub async fn reveal_first_contact(
        &self,
        permit: &Permit,
        id: &FirstContactId,
        request: Answer<RevealRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Revealed> {
        let request = request?;
        let contact = self.contact_of_site(permit.site_id(), id).await?;
        contact.answered_for_by(&hand_of(permit)?)?;
        if contact.ended.is_some() {
            return Err(domain::first_contact::Refusal::Ended.into());
        }
        request.only_contact()?;
        let person = contact.person.ok_or(AppError::NotFound)?;
        self.reveal(permit, ("first_contact", id.as_str()), person.as_str(), &request, retry).await
    }
}
