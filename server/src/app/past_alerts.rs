//! Alerts that end by themselves: what they warned of is no longer so. A person in charge presses nothing away
//! that is over, and nothing that is not over goes away.

use domain::ids::{AppointmentId, TicketId};
use domain::time::local_date;

use super::App;
use super::alerts::alert_id;
use super::dead_letters::STUCK;
use super::error::{Answer, AppError};
use super::first_contacts::UNANSWERED;
use crate::store::{AlertRow, AppointmentRow, ChangeSet};

/// Somebody is still called or served from a day before.
pub(in crate::app) const TICKET_OVERNIGHT: &str = "ticket_overnight";
/// The server's clock went back.
pub(in crate::app) const CLOCK_BACK: &str = "clock_stepped_back";
/// Settings did not come into force at their time.
pub(in crate::app) const SETTINGS_REFUSED: &str = "scheduled_policy_refused";
/// Messages to people who wait did not go out.
pub(in crate::app) const REMINDERS_FAILED: &str = "reminders_failed";
/// A day was closed after somebody booked it.
pub(in crate::app) const DAY_CLOSED: &str = "appointment_day_closed";

/// All of them but those about cases, which `case_alerts` has.
const KINDS: [&str; 7] = [TICKET_OVERNIGHT, CLOCK_BACK, SETTINGS_REFUSED, REMINDERS_FAILED, DAY_CLOSED, STUCK, UNANSWERED];

/// The alert about an appointment whose time was closed.
pub(in crate::app) fn day_closed_id(row: &AppointmentRow) -> String {
    alert_id(&row.id, &format!("closed-{}", row.starts_at))
}

impl App {
    /// Settles the alerts that are past.
    ///
    /// # Errors
    /// When they cannot be read; one that fails is told, comes again, and the others go on.
    pub async fn settle_past_alerts(&self) -> Answer<()> {
        self.look_after_case_alerts().await?;
        for alert in self.stores.cases.open_alerts(&KINDS).await? {
            let (site_id, id) = (alert.site_id.clone(), alert.id.clone());
            let settled = match self.is_past(&alert).await {
                Ok(true) => self.settle(alert).await,
                Ok(false) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = settled {
                tracing::warn!(site_id, id, %error, "the alert was not looked at");
            }
        }
        Ok(())
    }

    /// Puts down that what an alert warned of is over.
    ///
    /// # Errors
    /// When the store fails.
    pub(in crate::app) async fn settle(&self, alert: AlertRow) -> Answer<()> {
        let mut set = ChangeSet::new(&alert.site_id);
        set.row(AlertRow { settled_at: Some(self.now()), ..alert });
        self.commit(set).await?;
        Ok(())
    }

    async fn is_past(&self, alert: &AlertRow) -> Answer<bool> {
        Ok(match alert.kind.as_str() {
            TICKET_OVERNIGHT => {
                let hall = self.hall(&alert.site_id).await?;
                let ticket = TicketId::parse(&alert.object_id).and_then(|id| hall.ticket(&id));
                ticket.is_none_or(|ticket| ticket.state.at_window().is_none())
            }
            CLOCK_BACK => self.hall(&alert.site_id).await?.doc().clock_behind_at.is_none(),
            SETTINGS_REFUSED => {
                let newest = self.stores.events.newest_of_kind(&alert.site_id, "hall_configured", self.now()).await?;
                newest.is_some_and(|event| event.at >= alert.at)
            }
            REMINDERS_FAILED => local_date(alert.at) < local_date(self.now()),
            DAY_CLOSED => {
                let id = AppointmentId::parse(&alert.object_id).ok_or(AppError::NotFound)?;
                let row = self.appointment_row(&alert.site_id, &id).await?;
                row.state != "booked" || day_closed_id(&row) != alert.id
            }
            // Answered in the moment in which it was told of.
            UNANSWERED => {
                let contact = self.stores.first_contacts.first_contact(&alert.site_id, &alert.object_id).await?;
                contact.is_none_or(|contact| contact.state != "open")
            }
            // Whoever mended it has set it going again, or took it away.
            STUCK => {
                let owed = self.stores.outbox.outbox(&alert.site_id, &alert.object_id).await?;
                owed.is_none_or(|owed| owed.state != "dead")
            }
            _ => false,
        })
    }
}
