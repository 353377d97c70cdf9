//! One line or window of a hall put up, changed or taken down. The hall's settings are checked as a whole, and
//! decided on the hall as it is: two who change different things never undo each other.

use domain::hall::{Command, Configuration, LineSetup, Purpose, Rearrangement, Refusal, WindowSetup};
use domain::ids::{LineId, WindowId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::error::{Answer, AppError, FieldError};
use super::policy::{checked, wish};
use super::retry::{Outcome, Retry};

/// Body of `PUT /sites/{site}/lines/{line}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineRequest {
    /// Its name for people.
    pub name: String,
    /// One or two letters A–Z, its own within the hall.
    pub prefix: String,
    /// At most so many tickets a day; no limit without.
    pub daily_contingent: Option<u32>,
}

/// Body of `PUT /sites/{site}/windows/{window}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowRequest {
    /// The number above it, its own within the hall.
    pub number: u16,
    /// What it is for.
    #[schema(value_type = crate::app::words::WindowPurpose)]
    pub purpose: Purpose,
    /// The lines it serves.
    #[schema(value_type = Vec<String>)]
    pub line_ids: Vec<LineId>,
    /// Of these the ones whose people it calls first.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub preferred_line_ids: Vec<LineId>,
}

/// A line as it is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineSetupView {
    /// The line.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its letters.
    pub prefix: String,
    /// At most so many tickets a day.
    pub daily_contingent: Option<u32>,
}

/// A window as it is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WindowSetupView {
    /// The window.
    pub id: String,
    /// Its number.
    pub number: u16,
    /// What it is for.
    #[schema(value_type = crate::app::words::WindowPurpose)]
    pub purpose: Purpose,
    /// The lines it serves.
    pub line_ids: Vec<String>,
    /// Of these the ones whose people it calls first.
    pub preferred_line_ids: Vec<String>,
}

impl LineRequest {
    /// The line under an id.
    #[must_use]
    pub fn under(self, id: LineId) -> Rearrangement {
        let Self { name, prefix, daily_contingent } = self;
        Rearrangement::Line { line: LineSetup { id, name, prefix, daily_contingent } }
    }
}

impl WindowRequest {
    /// The window under an id.
    #[must_use]
    pub fn under(self, id: WindowId) -> Rearrangement {
        let Self { number, purpose, line_ids, preferred_line_ids } = self;
        Rearrangement::Window { window: WindowSetup { id, number, purpose, line_ids, preferred_line_ids } }
    }
}

impl App {
    /// Rearranges one line or window; the answer's body is the thing as it is then, or `{}` when it is gone.
    ///
    /// # Errors
    /// 404 for what is to be taken down and is not there; field errors; what the hall refuses is an outcome.
    pub async fn rearrange(&self, permit: &Permit, change: Rearrangement, retry: Option<Retry>) -> Answer<Outcome> {
        if let Some(replayed) = self.replayed(retry.as_ref()).await? {
            return Ok(replayed);
        }
        let site_key = self.directory.get().site(permit.site_id())?.key.clone();
        let before = self.hall(permit.site_id()).await?.configuration();
        let faults_before = faults(&site_key, before.clone());
        let wanted = before.rearranged(&change).map_err(|refusal| match refusal {
            Refusal::UnknownLine { .. } | Refusal::UnknownWindow { .. } => AppError::NotFound,
            other => other.into(),
        })?;
        let place = place_of(&wanted, &change);
        let wanted = checked(&site_key, wanted).map_err(|error| short_fields(error, place.as_deref(), &faults_before))?;
        let change = cleaned(change, &wanted);
        let body = view(&change)?;
        self.appointment_rules_changed(Some(permit.site_id())).await?;
        let mut outcome = self.halls.submit(wish(permit, Command::Rearrange { change }, retry)).await?;
        if outcome.status == 200 {
            self.appointment_rules_changed(Some(permit.site_id())).await?;
            outcome.body = body;
        }
        Ok(outcome)
    }
}

fn faults(site_key: &str, configuration: Configuration) -> Vec<FieldError> {
    match checked(site_key, configuration) {
        Err(AppError::Invalid(errors)) => errors,
        _ => Vec::new(),
    }
}

/// Where the thing stands within the settings.
fn place_of(wanted: &Configuration, change: &Rearrangement) -> Option<String> {
    match change {
        Rearrangement::Line { line } => wanted.lines.iter().position(|known| known.id == line.id).map(|place| format!("lines[{place}].")),
        Rearrangement::Window { window } => {
            wanted.windows.iter().position(|known| known.id == window.id).map(|place| format!("windows[{place}]."))
        }
        Rearrangement::NoLine { .. } | Rearrangement::NoWindow { .. } => None,
    }
}

/// Errors under the names that the request gave its fields. What was wrong before is no fault of this change.
fn short_fields(error: AppError, place: Option<&str>, before: &[FieldError]) -> AppError {
    let AppError::Invalid(errors) = error else { return error };
    let short = |error: FieldError| match place.and_then(|place| error.field.strip_prefix(place)) {
        Some(field) => FieldError { field: field.to_owned(), ..error },
        None => error,
    };
    let new: Vec<FieldError> = errors.iter().filter(|error| !before.contains(error)).cloned().map(short).collect();
    AppError::Invalid(if new.is_empty() { errors } else { new })
}

/// The change with its texts as they were cleaned.
fn cleaned(change: Rearrangement, wanted: &Configuration) -> Rearrangement {
    match change {
        Rearrangement::Line { line } => {
            let line = wanted.lines.iter().find(|known| known.id == line.id).cloned().unwrap_or(line);
            Rearrangement::Line { line }
        }
        other => other,
    }
}

fn view(change: &Rearrangement) -> Answer<serde_json::Value> {
    let texts = |ids: &[LineId]| ids.iter().map(ToString::to_string).collect();
    Ok(match change {
        Rearrangement::Line { line } => serde_json::to_value(LineSetupView {
            id: line.id.to_string(),
            name: line.name.clone(),
            prefix: line.prefix.clone(),
            daily_contingent: line.daily_contingent,
        })?,
        Rearrangement::Window { window } => serde_json::to_value(WindowSetupView {
            id: window.id.to_string(),
            number: window.number,
            purpose: window.purpose,
            line_ids: texts(&window.line_ids),
            preferred_line_ids: texts(&window.preferred_line_ids),
        })?,
        Rearrangement::NoLine { .. } | Rearrangement::NoWindow { .. } => json!({}),
    })
}
