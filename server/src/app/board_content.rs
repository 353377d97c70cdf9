//! What a hall writes on its boards beside its calls: notices, each until a day if it has one, and the message of an
//! emergency, which takes the whole screen. Two documents of the site's log, so that nobody who raises an alarm is
//! refused because somebody else wrote a notice. Knows no screen.

use chrono::NaiveDate;
use domain::codes::clean_line;
use domain::time::{Millis, local_date};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::error::{Answer, FieldErrors};
use super::retry::{Outcome, Retry};
use super::stated::seen;

/// Aggregate of both documents in the log.
pub const AGGREGATE: &str = "board";
const NOTICES: &str = "board-notices";
const EMERGENCY: &str = "board-emergency";
/// Most notices: each is shown eight seconds, and nobody waits longer than two minutes for one.
const NOTICES_MAX: usize = 12;
/// Characters of a notice: two lines of the board.
const NOTICE_CHARS_MAX: usize = 80;
/// Characters of an emergency's message, which must be read from the door.
const EMERGENCY_CHARS_MAX: usize = 60;

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardNotice {
    /// What it says.
    pub text: String,
    /// Last day on which it is shown; until somebody takes it off without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<NaiveDate>,
}

/// Body of `PUT /sites/{site}/board`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardRequest {
    /// The version that is changed.
    pub version: Option<i64>,
    /// Notices in the order in which they are shown.
    pub notices: Vec<BoardNotice>,
}

/// Body of `PUT /sites/{site}/emergency`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyRequest {
    /// What every board of the hall shows at once; `null` ends it.
    pub text: Option<String>,
}

/// What a hall writes on its boards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardView {
    /// Version of the notices, 0 before the first.
    pub version: i64,
    /// Notices in the order in which they are shown, also those whose day is over.
    pub notices: Vec<BoardNotice>,
    /// Message of an emergency.
    pub emergency: Option<String>,
}

/// What boards show of it at an instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Notices in force.
    pub notices: Vec<String>,
    /// Message of an emergency.
    pub emergency: Option<String>,
}

impl BoardView {
    /// What is shown at an instant.
    #[must_use]
    pub fn shown(&self, now: Millis) -> Shown {
        let today = local_date(now);
        let in_force = |notice: &&BoardNotice| notice.until.is_none_or(|until| today <= until);
        let notices = self.notices.iter().filter(in_force).map(|notice| notice.text.clone()).collect();
        Shown { notices, emergency: self.emergency.clone() }
    }
}

/// Notices with clean texts; every wrong field at once.
fn checked(notices: &[BoardNotice]) -> Answer<Vec<BoardNotice>> {
    let mut errors = FieldErrors::default();
    if notices.len() > NOTICES_MAX {
        errors.add("notices", "count", format!("最多 {NOTICES_MAX} 条通知，太多了群众看不到后面的"));
    }
    let mut clean = Vec::with_capacity(notices.len());
    for (at, notice) in notices.iter().enumerate() {
        match clean_line(&notice.text, NOTICE_CHARS_MAX) {
            Ok(text) => clean.push(BoardNotice { text, until: notice.until }),
            Err(fault) => errors.add(&format!("notices.{at}.text"), fault.code(), fault.message()),
        }
    }
    errors.check()?;
    Ok(clean)
}

impl App {
    /// What a hall writes on its boards now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn board_content(&self, site_id: &str) -> Answer<BoardView> {
        let now = self.now();
        let notices = self.stated::<Vec<BoardNotice>>(site_id, AGGREGATE, NOTICES, now).await?;
        let emergency = self.stated::<Option<String>>(site_id, AGGREGATE, EMERGENCY, now).await?;
        let (version, notices) = notices.map_or((0, Vec::new()), |stated| (stated.version, stated.content));
        Ok(BoardView { version, notices, emergency: emergency.and_then(|stated| stated.content) })
    }

    /// Writes the notices of a hall anew; its boards show them at once.
    ///
    /// # Errors
    /// Field errors; 409 `board_changed` when somebody else wrote meanwhile.
    pub async fn write_notices(&self, permit: &Permit, request: &BoardRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let outcome = self
            .once(site_id, retry, || async {
                let notices = checked(&request.notices)?;
                let before = self.board_content(site_id).await?.version;
                seen("board_changed", request.version, before)?;
                let set = self.stated_set(site_id, permit.caller().actor(), (AGGREGATE, NOTICES), before, &notices)?;
                Ok((set, Outcome::success(200, None, Value::Null)))
            })
            .await?;
        self.with_content(site_id, outcome).await
    }

    /// Shows the message of an emergency on every board of a hall, or takes it off. Whoever comes later wins: nobody
    /// is refused in an emergency.
    ///
    /// # Errors
    /// Field errors.
    pub async fn announce_emergency(&self, permit: &Permit, request: &EmergencyRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let outcome = self
            .once(site_id, retry, || async {
                let mut errors = FieldErrors::default();
                let text = request.text.as_deref().map(|text| clean_line(text, EMERGENCY_CHARS_MAX)).transpose();
                let text = text.unwrap_or_else(|fault| {
                    errors.add("text", fault.code(), fault.message());
                    None
                });
                errors.check()?;
                let before =
                    self.stated::<Option<String>>(site_id, AGGREGATE, EMERGENCY, self.now()).await?.map_or(0, |stated| stated.version);
                let set = self.stated_set(site_id, permit.caller().actor(), (AGGREGATE, EMERGENCY), before, &text)?;
                Ok((set, Outcome::success(200, None, Value::Null)))
            })
            .await?;
        self.with_content(site_id, outcome).await
    }

    async fn with_content(&self, site_id: &str, mut outcome: Outcome) -> Answer<Outcome> {
        if outcome.status == 200 {
            outcome.body = json!(self.board_content(site_id).await?);
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use domain::time::DAY_MS;

    use super::*;

    /// 2026-11-24 10:26 in Beijing.
    const NOW_MS: Millis = 1_795_487_160_000;

    #[test]
    fn a_notice_is_shown_until_its_day_is_over() {
        let notice = |text: &str, until: Option<(i32, u32, u32)>| BoardNotice {
            text: text.to_owned(),
            until: until.and_then(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day)),
        };
        let board = BoardView {
            version: 1,
            notices: vec![notice("今天停电", Some((2026, 11, 24))), notice("一直", None), notice("昨天", Some((2026, 11, 23)))],
            emergency: None,
        };
        assert_eq!(board.shown(NOW_MS).notices, ["今天停电", "一直"]);
        assert_eq!(board.shown(NOW_MS + DAY_MS).notices, ["一直"]);
    }

    #[test]
    fn every_wrong_notice_is_told_at_once() {
        let long = "长".repeat(NOTICE_CHARS_MAX + 1);
        let notices: Vec<BoardNotice> = ["好", "", &long].map(|text| BoardNotice { text: text.to_owned(), until: None }).to_vec();
        let refused = format!("{:?}", checked(&notices));
        assert!(refused.contains("notices.1.text") && refused.contains("notices.2.text") && !refused.contains("notices.0"), "{refused}");
        assert!(checked(&vec![BoardNotice { text: "好".to_owned(), until: None }; NOTICES_MAX + 1]).is_err());
    }
}
