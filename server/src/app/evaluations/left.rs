//! Negative ratings that have no loop: those that came before loops were kept. A command opens them all.

use domain::evaluation::Subject;
use domain::ids::{CaseId, TicketId};
use domain::time::DAY_MS;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, EvaluationRow};

/// Days that it looks back, as the list of loops does.
const DAYS_BACK: i64 = 366;
/// Stars of the best level that is negative.
const NEGATIVE_STARS_MAX: i64 = 2;
/// Loops that one command opens; what is left is opened by the next one.
const AT_ONCE: usize = 200;

/// What became of negative ratings without a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpenedLoopsView {
    /// Loops opened by this command.
    pub opened: usize,
    /// Negative ratings that still have none.
    pub left: usize,
}

impl App {
    async fn without_loop(&self, site_id: &str) -> Answer<Vec<EvaluationRow>> {
        let since = self.now() - DAYS_BACK * DAY_MS;
        let mut found = Vec::new();
        for row in self.stores.evaluations.evaluations_between(site_id, since, i64::MAX).await? {
            if row.level <= NEGATIVE_STARS_MAX && self.stores.evaluations.follow_up(site_id, &row.id).await?.is_none() {
                found.push(row);
            }
        }
        Ok(found)
    }

    /// How many negative ratings of a site have no loop.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn loops_left(&self, permit: &Permit) -> Answer<OpenedLoopsView> {
        Ok(OpenedLoopsView { opened: 0, left: self.without_loop(permit.site_id()).await?.len() })
    }

    /// Opens the loop of every negative rating that has none. Deadlines count from the rating, so that an old one is
    /// late at once, and is seen to be.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open_loops_left(&self, permit: &Permit, fields: Answer<()>, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let outcome = self
            .once(site_id, retry, || async {
                match &fields {
                    Err(AppError::Invalid(errors)) => return Err(AppError::Invalid(errors.clone())),
                    Err(error) => return Err(AppError::Internal(error.message())),
                    Ok(()) => {}
                }
                let all = self.without_loop(site_id).await?;
                let mut set = ChangeSet::new(site_id);
                let mut opened = 0;
                for row in all.iter().take(AT_ONCE) {
                    let Ok(tracked) = self.tracked(&row.tracking_code).await else { continue };
                    let Some(of) = subject_of(row) else { continue };
                    self.open_follow_up(&mut set, &tracked, &of, row).await?;
                    opened += 1;
                }
                let view = OpenedLoopsView { opened, left: all.len() - opened };
                Ok((set, Outcome::success(200, None, serde_json::to_value(view).unwrap_or(Value::Null))))
            })
            .await?;
        Ok(outcome)
    }
}

/// What was rated.
fn subject_of(row: &EvaluationRow) -> Option<Subject> {
    match row.subject.as_str() {
        "case" => CaseId::parse(&row.case_id).map(|case| Subject::Case { case }),
        // Whoever took the number is found by the code; which ticket it was does not matter to the loop.
        _ => Some(Subject::Visit { ticket: TicketId::new(row.id.split('_').nth(1)?, "visit") }),
    }
}
