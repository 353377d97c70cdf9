//! How reporting stands at a site, for those who run the house: no personal data, numbers of cases only.

use domain::reporting::{Table, state_label};
use domain::time::rfc3339;
use serde::Serialize;
use utoipa::ToSchema;

use super::errand::case_of_row;
use super::reconcile::Reconciled;
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::store::ReportedRow;

/// Rows listed at most.
const ROWS_MAX: i64 = 200;
/// States that a list may ask for.
const OPEN_STATES: [&str; 3] = ["pending", "refused", "given_up"];

/// A row that is told to the platform above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportRowView {
    /// The row; the same for every try.
    pub id: String,
    /// 办件编号.
    pub number: String,
    /// The case, unless it is a rating.
    pub case_id: Option<String>,
    /// `up_pro_accept`, `up_pro_process`, …
    pub table: String,
    /// The table in words.
    pub table_label: String,
    /// The reported state, 1 to 15, for process and result.
    pub reported_state: Option<i64>,
    /// That state in words.
    pub reported_state_label: Option<String>,
    /// `pending`, `sent`, `refused`, `given_up`.
    pub state: String,
    /// Tries.
    pub attempts: i64,
    /// Code of the last refusal.
    pub last_error: Option<String>,
    /// Since when it is owed, RFC 3339.
    pub owed_at: String,
    /// When the platform took it.
    pub sent_at: Option<String>,
}

impl ReportRowView {
    pub(super) fn of(row: ReportedRow) -> Self {
        let label = |state: i64| state_label(u8::try_from(state).unwrap_or_default()).to_owned();
        Self {
            case_id: case_of_row(&row).map(String::from),
            table_label: Table::parse(&row.table_name).map_or("", Table::label).to_owned(),
            reported_state_label: row.reported_state.map(label),
            id: row.id,
            number: row.number,
            table: row.table_name,
            reported_state: row.reported_state,
            state: row.state,
            attempts: row.attempts,
            last_error: row.last_error,
            owed_at: rfc3339(row.owed_at),
            sent_at: row.sent_at.map(rfc3339),
        }
    }
}

/// How reporting stands at a site.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReportingView {
    /// The site.
    pub site_id: String,
    /// Whether it reports, by its own settings or those of a site above.
    pub reports: bool,
    /// Rows that wait to be sent.
    pub pending: i64,
    /// Since when the oldest of them waits, RFC 3339.
    pub pending_since: Option<String>,
    /// Rows that the platform refused; a person decides.
    pub refused: i64,
    /// Rows that were given up.
    pub given_up: i64,
    /// The last reconciliation; null before the first.
    pub reconciliation: Option<Reconciled>,
}

impl App {
    /// How reporting stands.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn reporting_view(&self, permit: &Permit) -> Answer<ReportingView> {
        let site_id = permit.site_id();
        let open = self.stores.upstream.reports_open(site_id).await?;
        let of = |state: &str| open.iter().find(|(known, ..)| known == state);
        let count = |state: &str| of(state).map_or(0, |(_, count, _)| *count);
        Ok(ReportingView {
            site_id: site_id.to_owned(),
            reports: self.reporting(site_id).await?.is_some(),
            pending: count("pending"),
            pending_since: of("pending").map(|(.., oldest)| rfc3339(*oldest)),
            refused: count("refused"),
            given_up: count("given_up"),
            reconciliation: self.last_reconciliation(site_id).await?,
        })
    }

    /// Rows of a site that were not taken yet, or those of one case.
    ///
    /// # Errors
    /// A state that is none.
    pub async fn report_rows(&self, permit: &Permit, state: Option<&str>, case_id: Option<&str>) -> Answer<Vec<ReportRowView>> {
        let site_id = permit.site_id();
        if let Some(case_id) = case_id {
            let mut rows = self.stores.upstream.reported_of(site_id, case_id).await?;
            rows.retain(|row| state.is_none_or(|state| row.state == state));
            return Ok(rows.into_iter().map(ReportRowView::of).collect());
        }
        let states: Vec<&str> = match state {
            None => OPEN_STATES[..2].to_vec(),
            Some(state) if OPEN_STATES.contains(&state) => vec![state],
            Some(_) => return Err(AppError::field("state", "unknown", "状态写 pending、refused 或 given_up")),
        };
        Ok(self.stores.upstream.reported_in(site_id, &states, ROWS_MAX).await?.into_iter().map(ReportRowView::of).collect())
    }
}
