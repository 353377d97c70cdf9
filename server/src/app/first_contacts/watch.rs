//! What time brings about: an answer that was promised and did not come is told to who runs the hall, once.

use domain::first_contact::ANSWER_DAYS;
use domain::rights::Role;
use domain::time::{local_date, start_of};

use super::{contact_of, unanswered_id};
use crate::app::App;
use crate::app::error::Answer;
use crate::app::timers::NewAlert;
use crate::store::FirstContactRow;

/// Kind of the alert.
pub(in crate::app) const UNANSWERED: &str = "first_contact_unanswered";

impl App {
    /// Tells of every first contact that was not answered in time.
    ///
    /// # Errors
    /// When they cannot be read; one that fails is told, comes again, and the others go on.
    pub async fn watch_first_contacts(&self) -> Answer<()> {
        let today = start_of(local_date(self.now()));
        for row in self.stores.first_contacts.unanswered_contacts(today).await? {
            if let Err(error) = self.watch_first_contact(&row).await {
                tracing::warn!(first_contact = row.id, %error, "the first contact's timer did not run");
            }
        }
        Ok(())
    }

    async fn watch_first_contact(&self, row: &FirstContactRow) -> Answer<()> {
        let contact = contact_of(row)?;
        let last = self.directory.get().calendar.working_day_after(local_date(contact.at), ANSWER_DAYS);
        // A year that is not loaded is not guessed.
        if last.is_err() || last.is_ok_and(|last| last >= local_date(self.now())) {
            return Ok(());
        }
        let text = "有一条首问过了一个工作日还没有答复，导办台「只问事」里看是谁负责".to_owned();
        let alert = NewAlert { id: unanswered_id(&row.id), kind: UNANSWERED, level: "yellow", object_id: &row.id, text };
        self.raise_once_for(&row.site_id, alert, Role::Supervisor.name().to_owned()).await
    }
}
