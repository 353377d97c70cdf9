//! Cases that are entered in the platform above: the number there is linked to the visit once, and state and result come
//! back by themselves, so that nobody types twice. Asking is an errand of the outbox that comes again until the case has
//! ended; the answer is a fact of its own in the log.

use domain::ids::{MatterId, TicketId, UpstreamCaseId};
use domain::reporting::state_label;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::retry::{Outcome, Retry};
use crate::gateways::UpperCase;
use crate::store::{ChangeSet, Expect, NewEvent, OutboxRow, UpstreamCaseRow};

/// Kind of the errand.
const PULL: &str = "pull";
const AGGREGATE: &str = "upstream_case";
/// Characters of a number of the platform above.
const NUMBER_CHARS: std::ops::RangeInclusive<usize> = 6..=50;
/// A new case is asked about so often, in milliseconds,
const SOON_MS: Millis = 10 * MINUTE_MS;
/// for so long,
const SOON_FOR_MS: Millis = 2 * HOUR_MS;
/// then so often,
const LATER_MS: Millis = HOUR_MS;
/// until it is this old: a case that has not ended by then will be asked about by a person.
const ASKED_FOR_MS: Millis = 180 * DAY_MS;
/// States that a case does not leave, by the list of reported states.
const ENDED: [i64; 8] = [2, 4, 5, 11, 12, 13, 14, 15];

/// Body of `POST /tickets/{ticket}/upstream-cases`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// The case's number in the platform above, as pasted or scanned.
    pub number: String,
    /// The matter it is about.
    pub matter_id: Option<String>,
}

/// A state that a case had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Step {
    at: Millis,
    state: i64,
}

/// What else is known of such a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Doc {
    /// Who linked it.
    linked_by: String,
    /// When the platform was last asked and answered.
    asked_at: Option<Millis>,
    /// Whether the platform knew it then.
    found: bool,
    /// What the platform says of the result.
    result_text: Option<String>,
    /// Its states, in order.
    steps: Vec<Step>,
}

/// A case that the platform above handles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UpstreamCaseView {
    /// It.
    pub id: String,
    /// Its number there.
    pub number: String,
    /// The visit.
    pub ticket_id: String,
    /// The matter.
    pub matter_id: Option<String>,
    /// Its name.
    pub matter_name: String,
    /// The last state told, 1 to 15; null before the first answer.
    pub reported_state: Option<i64>,
    /// That state in words.
    pub reported_state_label: Option<String>,
    /// The result, 1 to 15.
    pub result: Option<i64>,
    /// What the platform says of it.
    pub result_text: Option<String>,
    /// Whether it has ended.
    pub ended: bool,
    /// Whether the platform knew the number when it was asked last; null before.
    pub found: Option<bool>,
    /// When it was linked, RFC 3339.
    pub linked_at: String,
    /// When the platform was asked last.
    pub asked_at: Option<String>,
}

fn label(state: i64) -> String {
    state_label(u8::try_from(state).unwrap_or_default()).to_owned()
}

fn has_ended(state: Option<i64>) -> bool {
    state.is_some_and(|state| ENDED.contains(&state))
}

fn view(row: UpstreamCaseRow) -> Answer<UpstreamCaseView> {
    let doc: Doc = serde_json::from_str(&row.doc)?;
    Ok(UpstreamCaseView {
        ended: has_ended(row.reported_state),
        id: row.id,
        number: row.number,
        ticket_id: row.ticket_id,
        matter_id: row.matter_id,
        matter_name: row.matter_name,
        reported_state_label: row.reported_state.map(label),
        reported_state: row.reported_state,
        result: row.result,
        result_text: doc.result_text,
        found: doc.asked_at.map(|_| doc.found),
        linked_at: rfc3339(row.linked_at),
        asked_at: doc.asked_at.map(rfc3339),
    })
}

/// A number as it was pasted or scanned: without spaces, of characters that stand in numbers.
fn number_of(text: &str) -> Option<String> {
    let number: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let sound = NUMBER_CHARS.contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (sound && number.bytes().any(|b| b.is_ascii_digit())).then_some(number)
}

impl App {
    /// The cases linked to a visit.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn upstream_cases(&self, permit: &Permit, id: &TicketId) -> Answer<Vec<UpstreamCaseView>> {
        let ticket = self.stores.halls.ticket(permit.site_id(), id.as_str()).await?.ok_or(AppError::NotFound)?;
        let rows = self.stores.upstream.upstream_cases_by_tracking(&ticket.tracking_code).await?;
        rows.into_iter().map(view).collect()
    }

    /// Links a case of the platform above to a visit, once.
    ///
    /// # Errors
    /// 404; field errors and 409 `already_linked` are outcomes.
    pub async fn link_upstream_case(
        &self,
        permit: &Permit,
        id: &TicketId,
        body: Result<LinkRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.stores.halls.ticket(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
        let mut outcome = self
            .once(site_id, retry, || async {
                let request = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
                self.linked(permit, id, request).await
            })
            .await?;
        if outcome.status == 201
            && let Some(id) = outcome.object_id.clone()
        {
            let row = self.stores.upstream.upstream_case(site_id, &id).await?.ok_or(AppError::NotFound)?;
            outcome.body = json!(view(row)?);
        }
        Ok(outcome)
    }

    async fn linked(&self, permit: &Permit, id: &TicketId, request: &LinkRequest) -> Answer<(ChangeSet, Outcome)> {
        let (site_id, now) = (permit.site_id(), self.now());
        let mut errors = FieldErrors::default();
        let number = errors.some(number_of(&request.number), "number", "form", "上级平台的办件编号是 6 到 50 位字母和数字，照着粘贴或扫码");
        let matter = match &request.matter_id {
            None => None,
            Some(text) => self.matter_above(site_id, text, &mut errors).await?,
        };
        errors.check()?;
        let number = number.ok_or(AppError::NotFound)?;
        let ticket = self.stores.halls.ticket(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
        if !["called", "serving", "parked", "done"].contains(&ticket.state.as_str()) {
            return Err(AppError::refused("ticket_state", "这个号还没有叫到窗口"));
        }
        if let Some(known) = self.stores.upstream.upstream_case_by_number(&number).await? {
            let message = if known.ticket_id == id.as_str() {
                "这个编号已经连在这个号上了"
            } else {
                "这个编号已经连在别的号上了，核对一下是不是看错了"
            };
            return Err(AppError::refused("already_linked", message));
        }
        let (matter_id, matter_name) = matter.unzip();
        let case = UpstreamCaseRow {
            site_id: site_id.to_owned(),
            id: UpstreamCaseId::new(id.site_key(), &id_tail(self.entropy.as_ref(), now)).to_string(),
            version: 1,
            number,
            ticket_id: id.to_string(),
            tracking_code: ticket.tracking_code,
            matter_id,
            matter_name: matter_name.unwrap_or_default(),
            reported_state: None,
            result: None,
            linked_at: now,
            doc: serde_json::to_string(&Doc { linked_by: permit.caller().actor().to_owned(), ..Doc::default() })?,
        };
        let mut set = self.upstream_set(&case, "upstream_case_linked", permit.caller().actor());
        set.expect.push(Expect::UpstreamCase(case.id.clone(), 0));
        let tail = case.id.split_once('_').map_or(case.id.as_str(), |(_, tail)| tail).to_owned();
        set.row(OutboxRow::owed(site_id, format!("o_{tail}"), PULL, json!({ "upstream_case_id": case.id }).to_string(), now));
        let outcome = Outcome::success(201, Some(case.id.clone()), Value::Null);
        set.row(case);
        Ok((set, outcome))
    }

    /// A matter that is handled above: its id and name.
    async fn matter_above(&self, site_id: &str, text: &str, errors: &mut FieldErrors) -> Answer<Option<(String, String)>> {
        let row = match MatterId::parse(text) {
            Some(id) => self.catalogue_row(site_id, id.as_str()).await?,
            None => None,
        };
        let Some(row) = errors.some(row, "matter_id", "unknown", "这里没有这个事项") else { return Ok(None) };
        if self.upstream_link(site_id, &row.code).await?.is_none() {
            errors.add("matter_id", "handled_here", "这个事项在本系统办理，不用到上级平台录入");
            return Ok(None);
        }
        Ok(Some((row.id, row.name)))
    }

    fn upstream_set(&self, row: &UpstreamCaseRow, kind: &str, actor: &str) -> ChangeSet {
        let mut set = ChangeSet::new(&row.site_id);
        let body = json!({
            "type": kind, "upstream_case": row.id, "number": row.number, "ticket": row.ticket_id, "state": row.reported_state, "result": row.result,
        });
        set.events.push(NewEvent {
            aggregate: AGGREGATE,
            aggregate_id: row.id.clone(),
            kind: kind.to_owned(),
            actor: actor.to_owned(),
            at: self.now(),
            body: body.to_string(),
        });
        set
    }

    /// The number that an errand asks about; `None` when there is nothing more to ask.
    ///
    /// # Errors
    /// When it is not there or the store fails.
    pub async fn pull_errand(&self, site_id: &str, id: &str) -> Answer<Option<String>> {
        let row = self.stores.upstream.upstream_case(site_id, id).await?.ok_or(AppError::NotFound)?;
        let is_old = self.now() - row.linked_at > ASKED_FOR_MS;
        Ok(Some(row.number).filter(|_| !is_old && !has_ended(row.reported_state)))
    }

    /// The platform told how the case stands, or that it does not know it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn pulled(&self, owed: &OutboxRow, id: &str, answer: Option<UpperCase>) -> Answer<()> {
        let (site_id, now) = (owed.site_id.as_str(), self.now());
        let row = self.stores.upstream.upstream_case(site_id, id).await?.ok_or(AppError::NotFound)?;
        let mut doc: Doc = serde_json::from_str(&row.doc)?;
        let (before, version) = ((row.reported_state, row.result, doc.result_text.clone()), row.version);
        let mut row = UpstreamCaseRow { version: version + 1, ..row };
        (doc.asked_at, doc.found) = (Some(now), answer.is_some());
        if let Some(told) = answer {
            row.reported_state = told.state.map(i64::from).or(row.reported_state);
            row.result = told.result.map(i64::from).or(row.result);
            doc.result_text = told.result_text.or(doc.result_text);
            if let Some(state) = row.reported_state.filter(|_| row.reported_state != before.0) {
                doc.steps.push(Step { at: now, state });
            }
        }
        let has_changed = (row.reported_state, row.result, doc.result_text.clone()) != before;
        row.doc = serde_json::to_string(&doc)?;
        let mut set = if has_changed { self.upstream_set(&row, "upstream_case_changed", "system") } else { ChangeSet::new(site_id) };
        set.expect.push(Expect::UpstreamCase(row.id.clone(), version));
        set.row(if has_ended(row.reported_state) {
            OutboxRow { state: "done".to_owned(), lease_until: 0, last_error: None, done_at: Some(now), ..owed.clone() }
        } else {
            let every = if now - row.linked_at < SOON_FOR_MS { SOON_MS } else { LATER_MS };
            OutboxRow { state: "ready".to_owned(), lease_until: 0, attempts: 0, not_before: now + every, last_error: None, ..owed.clone() }
        });
        set.row(row);
        Ok(self.commit(set).await.map(drop)?)
    }

    /// The platform did not answer: it is asked again as it would have been.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn pull_later(&self, owed: &OutboxRow, code: &str) -> Answer<()> {
        self.errand_later(owed, SOON_MS, Some(code)).await
    }

    /// What the timeline behind a code says of such cases: when, what, and a little more.
    pub(in crate::app) async fn upstream_lines(&self, code: &str) -> Answer<Vec<(Millis, String, String)>> {
        let mut lines = Vec::new();
        for row in self.stores.upstream.upstream_cases_by_tracking(code).await? {
            let doc: Doc = serde_json::from_str(&row.doc)?;
            let about = if row.matter_name.is_empty() {
                format!("编号 {}", row.number)
            } else {
                format!("{}，编号 {}", row.matter_name, row.number)
            };
            lines.push((row.linked_at, "在上级平台办理".to_owned(), about.clone()));
            for step in &doc.steps {
                let said = doc.result_text.as_deref().filter(|_| has_ended(Some(step.state)));
                let detail = said.map_or_else(|| about.clone(), |said| format!("{about}：{said}"));
                lines.push((step.at, format!("上级平台：{}", label(step.state)), detail));
            }
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_as_it_was_pasted() {
        assert_eq!(number_of(" 1115-0784 2026\n0001 ").as_deref(), Some("1115-078420260001"));
        for wrong in ["", "12345", "ABCDEFG", "号1234567", "1234567'--", &"1".repeat(51)] {
            assert_eq!(number_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_ends_is_what_the_list_of_states_says_ends() {
        let ends: Vec<i64> = (1..=15).filter(|state| has_ended(Some(*state))).collect();
        assert_eq!(ends, ENDED);
        assert!(!has_ended(None) && !has_ended(Some(9)));
    }
}
