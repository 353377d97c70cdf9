//! What time alone does to complaints: one that is late is put before the supervisor, once.

use domain::complaint::Complaint;
use domain::ids::ComplaintId;
use serde_json::Value;

use crate::app::App;
use crate::app::alerts::alert_id;
use crate::app::error::{Answer, AppError};
use crate::app::retry::Outcome;
use crate::store::{AlertRow, ChangeSet, ComplaintRow, Expect};

/// Complaints read at once.
const READ_MAX: i64 = 200;
/// Kind of the alert about a late one.
pub(super) const OVERDUE: &str = "complaint_overdue";

impl App {
    /// Looks at the complaints that are due.
    ///
    /// # Errors
    /// When they cannot be read; one that fails is told, comes again, and the others go on.
    pub async fn watch_complaints(&self) -> Answer<()> {
        let now = self.now();
        let mut seen: Option<ComplaintRow> = None;
        loop {
            let rows = self.stores.evaluations.complaints_watched(now, seen.as_ref(), READ_MAX).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            seen = Some(last.clone());
            for row in &rows {
                if let Err(error) = self.once(&row.site_id, None, || self.watched_complaint(row)).await {
                    tracing::warn!(complaint = row.id, %error, "the complaint's timer did not run");
                }
            }
        }
    }

    async fn watched_complaint(&self, seen: &ComplaintRow) -> Answer<(ChangeSet, Outcome)> {
        let id = ComplaintId::parse(&seen.id).ok_or(AppError::NotFound)?;
        let (row, complaint) = self.complaint_of_site(&seen.site_id, &id).await?;
        let ground = self.follow_up_ground(&row.site_id).await?;
        let nothing = Outcome::success(200, None, Value::Null);
        let Some(event) = complaint.overdue(&ground.policy, &ground.listing.calendar, self.now()) else {
            // Its time has moved: looked at again then.
            return Ok((self.looked_at(row, &complaint).await?, nothing));
        };
        let alert = AlertRow {
            site_id: row.site_id.clone(),
            id: alert_id(&row.id, OVERDUE),
            kind: OVERDUE.to_owned(),
            level: "red".to_owned(),
            object_id: row.id.clone(),
            text: format!("投诉 {} 过了答复的期限", row.number),
            at: self.now(),
            settled_at: None,
            audience: String::new(),
        };
        let mut set = self.complaint_set(row, complaint, &event, "system").await?;
        set.row(alert);
        Ok((set, nothing))
    }

    async fn looked_at(&self, row: ComplaintRow, of: &Complaint) -> Answer<ChangeSet> {
        let ground = self.follow_up_ground(&row.site_id).await?;
        let mut set = ChangeSet::new(&row.site_id);
        set.expect.push(Expect::Complaint(row.id.clone(), row.version));
        set.row(ComplaintRow { watch_at: of.watch_at(&ground.policy, &ground.listing.calendar, self.now()), ..row });
        Ok(set)
    }
}
