//! What is owed to the platform above, in the commit of the event that it follows from.

use domain::case::{Case, Event};
use domain::evaluation::Subject;
use domain::ids::ReportId;
use domain::reporting::{Operation, Table, owed_by};
use serde_json::json;

use crate::app::App;
use crate::app::error::Answer;
use crate::app::tracking::Tracked;
use crate::store::{ChangeSet, EvaluationRow, OutboxRow, ReportedRow};

/// Kind of the errand.
pub(super) const REPORT: &str = "report";
/// Places that the rows of one event have at most; a matter has no more materials.
const PLACES_OF_EVENT: u64 = 1_000;

/// The errand of a row. Its id is the row's: nothing can owe one twice.
pub(super) fn errand_of(row: &ReportedRow, now: i64) -> OutboxRow {
    let tail = row.id.split_once('_').map_or(row.id.as_str(), |(_, tail)| tail);
    let owed = OutboxRow::owed(row.site_id.as_str(), format!("o_{tail}"), REPORT, json!({ "row_id": row.id }).to_string(), now);
    // The oldest goes first, also when it is owed once more.
    OutboxRow { created_at: row.owed_at, ..owed }
}

fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::Insert => "I",
        Operation::Update => "U",
    }
}

/// The part of an id behind the short key of its site.
fn tail_of(id: &str) -> &str {
    id.splitn(3, '_').nth(2).unwrap_or_default()
}

impl App {
    /// Adds the rows that follow from events of a case to their change-set. `before` is the case before the first of
    /// them, `None` for a new one.
    pub(in crate::app) async fn owe_reports(&self, before: Option<&Case>, events: &[Event], set: &mut ChangeSet) -> Answer<()> {
        if events.is_empty() || self.reporting(&set.site_id).await?.is_none() {
            return Ok(());
        }
        let mut case = before.cloned();
        for event in events {
            let was = case.clone();
            match &mut case {
                Some(case) => case.evolve(event),
                None => case = Case::from_opening(event),
            }
            let Some(after) = &case else { return Ok(()) };
            for (place, owed) in owed_by(was.as_ref(), &event.change, after).into_iter().enumerate() {
                let (version, letter) = (after.version, owed.table.letter());
                let id = ReportId::new(after.id.site_key(), &format!("{}-{version}-{letter}{}", tail_of(after.id.as_str()), owed.part));
                let row = ReportedRow {
                    site_id: set.site_id.clone(),
                    id: id.to_string(),
                    about_id: after.id.to_string(),
                    number: after.number.clone(),
                    table_name: owed.table.name().to_owned(),
                    part: i64::try_from(owed.part).unwrap_or_default(),
                    operation: operation_name(owed.operation).to_owned(),
                    reported_state: owed.state.map(i64::from),
                    version: i64::try_from(version).unwrap_or(i64::MAX),
                    position: i64::try_from(version * PLACES_OF_EVENT).unwrap_or(i64::MAX) + i64::try_from(place).unwrap_or_default(),
                    state: "pending".to_owned(),
                    attempts: 0,
                    last_error: None,
                    owed_at: event.at,
                    sent_at: None,
                };
                set.row(errand_of(&row, self.now()));
                set.row(row);
            }
        }
        Ok(())
    }

    /// Adds the row of a rating to its change-set. A rating is filed above under a case: one of a visit is told when the
    /// visit led to exactly one case, and otherwise stays here.
    pub(in crate::app) async fn owe_rating(
        &self,
        tracked: &Tracked,
        of: &Subject,
        rating: &EvaluationRow,
        set: &mut ChangeSet,
    ) -> Answer<()> {
        let received = || tracked.cases.iter().filter(|case| case.receipt_at.is_some());
        let rated = match of {
            Subject::Case { case } => received().find(|one| one.id == *case),
            Subject::Visit { .. } => received().next().filter(|_| received().count() == 1),
        };
        let Some(case) = rated else { return Ok(()) };
        if self.reporting(&set.site_id).await?.is_none() {
            return Ok(());
        }
        let id = ReportId::new(case.id.site_key(), &format!("{}-{}", tail_of(&rating.id), Table::Evaluation.letter()));
        let row = ReportedRow {
            site_id: set.site_id.clone(),
            id: id.to_string(),
            about_id: rating.id.clone(),
            number: case.number.clone(),
            table_name: Table::Evaluation.name().to_owned(),
            part: 0,
            operation: operation_name(Operation::Insert).to_owned(),
            reported_state: None,
            version: i64::try_from(case.version).unwrap_or(i64::MAX),
            position: 0,
            state: "pending".to_owned(),
            attempts: 0,
            last_error: None,
            owed_at: rating.at,
            sent_at: None,
        };
        set.row(errand_of(&row, self.now()));
        set.row(row);
        Ok(())
    }
}
