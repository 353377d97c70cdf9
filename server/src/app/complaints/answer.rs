//! Complaints answered and closed.

use domain::complaint::{Command, Complaint, Event, State};
use domain::ids::ComplaintId;
use serde_json::Value;

use super::{FILED, complaint_of, logged};
use crate::app::App;
use crate::app::alerts::alert_id;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::notifications::NewNotification;
use crate::app::retry::{Outcome, Retry};
use crate::app::reveals::{RevealRequest, Revealed};
use crate::store::{AlertRow, ChangeSet, ComplaintRow, Expect, Row};

/// The message that an answer is there.
pub(in crate::app) const ANSWERED: &str = "complaint_answered";

impl App {
    /// A complaint with its row.
    pub(in crate::app) async fn complaint_of_site(&self, site_id: &str, id: &ComplaintId) -> Answer<(ComplaintRow, Complaint)> {
        let row = self.stores.evaluations.complaint(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
        let complaint = complaint_of(&row)?;
        Ok((row, complaint))
    }

    /// Whether there is such a complaint, before a body is looked at.
    ///
    /// # Errors
    /// 404.
    pub async fn complaint_exists(&self, permit: &Permit, id: &ComplaintId) -> Answer<()> {
        self.complaint_of_site(permit.site_id(), id).await.map(drop)
    }

    /// Answers a complaint with these words, or closes it with none.
    ///
    /// # Errors
    /// 404, 403; refusals are outcomes.
    pub async fn settle_complaint(&self, permit: &Permit, id: &ComplaintId, text: Option<&str>, retry: Option<&Retry>) -> Answer<Outcome> {
        let mut outcome = self.once(permit.site_id(), retry, || self.settled(permit, id, text)).await?;
        if outcome.body.is_null() {
            outcome.body = serde_json::to_value(self.complaint(permit, id).await?)?;
        }
        Ok(outcome)
    }

    async fn settled(&self, permit: &Permit, id: &ComplaintId, text: Option<&str>) -> Answer<(ChangeSet, Outcome)> {
        let by = &permit.staff().ok_or(AppError::NotFound)?.staff.id;
        let (row, complaint) = self.complaint_of_site(permit.site_id(), id).await?;
        let sealed = text.map(|text| self.new_text(permit.site_id(), "complaint_answer", text)).transpose()?;
        let command = match &sealed {
            Some((text, _)) => Command::Answer { text: text.clone() },
            None => Command::Close,
        };
        let event = complaint.decide(&command, by, self.now())?;
        let is_first = complaint.state == State::Filed;
        let mut set = self.complaint_set(row.clone(), complaint, &event, by.as_str()).await?;
        set.rows.extend(sealed.map(|(_, text)| Row::from(text)));
        if let Some(person_id) = row.person_id.as_deref().filter(|_| text.is_some())
            && self.stores.persons.person(&row.site_id, person_id).await?.is_some_and(|person| person.phone_index.is_some())
        {
            let new = NewNotification {
                site_id: &row.site_id,
                site_key: id.site_key(),
                about_id: id.as_str(),
                person_id,
                channel: "sms",
                template: ANSWERED,
            };
            self.owe_notification(&new, &mut set);
        }
        if is_first {
            for kind in [FILED, super::watch::OVERDUE] {
                let alert = self.stores.cases.alert(&row.site_id, &alert_id(&row.id, kind)).await?;
                set.rows.extend(alert.map(|alert| Row::from(AlertRow { settled_at: Some(self.now()), ..alert })));
            }
        }
        Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
    }

    /// The change-set of an event of a complaint.
    pub(super) async fn complaint_set(&self, row: ComplaintRow, mut of: Complaint, event: &Event, actor: &str) -> Answer<ChangeSet> {
        let ground = self.follow_up_ground(&row.site_id).await?;
        of.evolve(event);
        let mut set = ChangeSet::new(&row.site_id);
        set.expect.push(Expect::Complaint(row.id.clone(), row.version));
        set.events.push(logged(event, &of.id, actor)?);
        set.row(ComplaintRow {
            version: i64::try_from(of.version).unwrap_or(i64::MAX),
            state: of.state.name().to_owned(),
            watch_at: of.watch_at(&ground.policy, &ground.listing.calendar, self.now()),
            doc: serde_json::to_string(&of)?,
            ..row
        });
        Ok(set)
    }

    /// Name and phone of who complained, after the read was recorded with its reason.
    ///
    /// # Errors
    /// 404 for an anonymous one; 403 for the person complained about; field errors.
    pub async fn reveal_complainant(
        &self,
        permit: &Permit,
        id: &ComplaintId,
        request: &RevealRequest,
        retry: Option<&Retry>,
    ) -> Answer<Revealed> {
        let (row, complaint) = self.complaint_of_site(permit.site_id(), id).await?;
        if complaint.about.as_ref().is_some_and(|about| permit.caller().actor() == about.as_str()) {
            return Err(domain::complaint::Refusal::AboutHimself.into());
        }
        let person = row.person_id.ok_or(AppError::NotFound)?;
        request.only_contact()?;
        self.reveal(permit, ("complaint", id.as_str()), &person, request, retry).await
    }
}
