//! Complaints (投诉): taken from everybody without an account, answered by who runs the hall or the district,
//! read again by number and query code. Words and persons lie sealed; the query code is made from the id with
//! the key of the blind index and stored nowhere.

mod answer;
mod reads;
mod watch;

pub(in crate::app) use answer::ANSWERED;
pub use reads::{ComplaintAnswerView, ComplaintFilter, ComplaintProgressView, ComplaintView, FindComplaintRequest};

use domain::codes::{clean_lines, query_code};
use domain::complaint::{Complaint, Event, Kind};
use domain::ids::{ComplaintId, PersonId, StaffId};
use domain::time::{Millis, local_date, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::alerts::alert_id;
use super::error::{Answer, AppError, FieldErrors};
use super::fresh::id_tail;
use super::persons::{NewPerson, PersonInput};
use super::retry::{Outcome, Retry};
use super::throttle::Throttle;
use crate::store::{AlertRow, ChangeSet, ComplaintRow, CounterRow, Expect, NewEvent};

/// Characters of what somebody writes.
const TEXT_CHARS_MAX: usize = 1_000;
/// Complaints of one address in a quarter of an hour; a village committee may write for several.
const FILED_MAX: u32 = 10;
/// Kind of the alert about a complaint; settled by the answer.
const FILED: &str = "complaint";

/// What the complaints of this process share.
#[derive(Debug)]
pub(crate) struct Desk {
    by_page: Throttle,
}

impl Default for Desk {
    fn default() -> Self {
        Self { by_page: Throttle::of(FILED_MAX) }
    }
}

/// Body of `POST /complaints`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintRequest {
    /// The site it is about.
    pub site_id: String,
    /// `attitude`, `slow`, `materials`, `fee`, `refusal`, `place` or `other`.
    #[schema(value_type = crate::app::words::ComplaintKind)]
    pub kind: String,
    /// What happened.
    pub text: String,
    /// The code of the slip or case, if it is about a visit.
    pub tracking_code: Option<String>,
    /// Name, if told; sealed.
    pub name: Option<String>,
    /// Mobile phone, if told; sealed.
    pub phone: Option<String>,
}

/// A complaint that was taken: number and query code are the key to its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComplaintFiledView {
    /// The complaint.
    pub id: String,
    /// 投诉编号
    pub number: String,
    /// 查询码, 8 characters.
    pub query_code: String,
    /// By when it is answered at the latest; null while the calendar cannot tell.
    pub due_at: Option<String>,
}

/// A request whose fields are in order.
struct Checked {
    kind: Kind,
    text: String,
    person: Option<NewPerson>,
    about: Option<StaffId>,
}

fn complaint_of(row: &ComplaintRow) -> Answer<Complaint> {
    Ok(serde_json::from_str(&row.doc)?)
}

fn logged(event: &Event, id: &ComplaintId, actor: &str) -> Answer<NewEvent> {
    Ok(NewEvent {
        aggregate: "complaint",
        aggregate_id: id.to_string(),
        kind: event.kind().to_owned(),
        actor: actor.to_owned(),
        at: event.at(),
        body: serde_json::to_string(event)?,
    })
}

impl App {
    /// Takes a complaint. `caller` is the address that asks.
    ///
    /// # Errors
    /// 404 for an unknown site; field errors; too many from one address.
    pub async fn file_complaint(&self, request: &ComplaintRequest, caller: &str, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = self.directory.get().site(&request.site_id)?.id.clone();
        let key = format!("complaint {caller}");
        self.complaints.by_page.check(&key, self.now())?;
        let mut outcome = self.once(&site_id, retry, || self.filed(&site_id, request)).await?;
        if outcome.status == 201 && !outcome.replayed {
            self.complaints.by_page.wrong(&key, self.now());
        }
        if let Some(id) = outcome.object_id.clone().filter(|_| outcome.body.is_null()) {
            let row = self.stores.evaluations.complaint(&site_id, &id).await?.ok_or(AppError::NotFound)?;
            let ground = self.follow_up_ground(&site_id).await?;
            let due = complaint_of(&row)?.due(&ground.policy, &ground.listing.calendar).ok().flatten();
            let due_at = due.map(|due| rfc3339(due - 1));
            let view = ComplaintFiledView { query_code: self.complaint_code(&row), id, number: row.number, due_at };
            outcome.body = serde_json::to_value(view)?;
        }
        Ok(outcome)
    }

    async fn filed(&self, site_id: &str, request: &ComplaintRequest) -> Answer<(ChangeSet, Outcome)> {
        let Checked { kind, text, person, about } = self.checked_complaint(site_id, request).await?;
        let (site_key, now) = (self.directory.get().site(site_id)?.key.clone(), self.now());
        let (text_id, text_row) = self.new_text(site_id, "complaint", &text)?;
        let id = ComplaintId::new(&site_key, &id_tail(self.entropy.as_ref(), now));
        let person_id: Option<PersonId> = person.as_ref().map(|person| person.id.clone());
        let event = Event::ComplaintFiled { complaint: id.clone(), kind, text: text_id, person: person_id.clone(), about, at: now };
        let complaint = Complaint::replay(std::slice::from_ref(&event)).ok_or(AppError::NotFound)?;
        let ground = self.follow_up_ground(site_id).await?;
        let counter = self.complaint_counter(site_id, now).await?;
        let mut set = ChangeSet::new(site_id);
        set.expect.push(Expect::Counter(counter.name.clone(), counter.value - 1));
        set.expect.push(Expect::Complaint(id.to_string(), 0));
        set.events.push(logged(&event, &id, "citizen")?);
        let number = format!("TS{}{}-{:04}", site_key.to_uppercase(), local_date(now).format("%Y%m%d"), counter.value);
        set.row(AlertRow {
            site_id: site_id.to_owned(),
            id: alert_id(id.as_str(), FILED),
            kind: FILED.to_owned(),
            level: "yellow".to_owned(),
            object_id: id.to_string(),
            text: format!("收到投诉 {number}（{}），请在期限内答复", kind.label()),
            at: now,
            settled_at: None,
            audience: String::new(),
        });
        set.row(counter);
        set.row(text_row);
        set.rows.extend(person.map(|person| person.row.into()));
        set.row(ComplaintRow {
            site_id: site_id.to_owned(),
            id: id.to_string(),
            version: i64::try_from(complaint.version).unwrap_or(i64::MAX),
            number,
            state: complaint.state.name().to_owned(),
            person_id: person_id.map(String::from),
            filed_at: now,
            watch_at: complaint.watch_at(&ground.policy, &ground.listing.calendar, now),
            doc: serde_json::to_string(&complaint)?,
        });
        Ok((set, Outcome::success(201, Some(id.to_string()), Value::Null)))
    }

    /// The next serial of the site's day.
    async fn complaint_counter(&self, site_id: &str, now: Millis) -> Answer<CounterRow> {
        let name = format!("complaint-{}", local_date(now));
        let value = self.stores.sites.counter(site_id, &name).await? + 1;
        Ok(CounterRow { site_id: site_id.to_owned(), name, value })
    }

    async fn checked_complaint(&self, site_id: &str, request: &ComplaintRequest) -> Answer<Checked> {
        let mut errors = FieldErrors::default();
        let kind = errors.some(Kind::parse(&request.kind), "kind", "unknown", "选一下是哪方面的事");
        let text = match clean_lines(&request.text, TEXT_CHARS_MAX) {
            Ok(text) => Some(text),
            Err(fault) => {
                let message = if request.text.trim().is_empty() { "写一下是什么事".to_owned() } else { fault.message() };
                errors.add("text", fault.code(), message);
                None
            }
        };
        let about = match request.tracking_code.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
            None => None,
            Some(code) => match self.tracked(code).await {
                Ok(tracked) if tracked.site_id == site_id => self.judged(&tracked).await?.staff_id.as_deref().and_then(StaffId::parse),
                Ok(_) | Err(AppError::NotFound) => errors.some(None, "tracking_code", "unknown", "这个大厅没有这个码，不记得可以不填"),
                Err(error) => return Err(error),
            },
        };
        let is_given = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.trim().is_empty());
        let person = if is_given(&request.name) || is_given(&request.phone) {
            let input = PersonInput {
                kind: "person".to_owned(),
                name: request.name.clone(),
                phone: request.phone.clone(),
                ..PersonInput::default()
            };
            let key = self.directory.get().site(site_id)?.key.clone();
            self.new_person(&key, "", &input, false, &mut errors)?
        } else {
            None
        };
        errors.check()?;
        match kind.zip(text) {
            Some((kind, text)) => Ok(Checked { kind, text, person, about }),
            None => Err(AppError::NotFound),
        }
    }

    /// The code that opens a complaint's answer together with its number.
    fn complaint_code(&self, row: &ComplaintRow) -> String {
        let secret = self.vault.blind_index("complaint_code", &format!("{} {}", row.site_id, row.id));
        let mut bytes = [0; 5];
        // HMAC-SHA-256 gives 32 bytes.
        bytes.iter_mut().zip(&secret).for_each(|(to, from)| *to = *from);
        query_code(bytes)
    }
}

impl From<domain::complaint::Refusal> for AppError {
    fn from(refusal: domain::complaint::Refusal) -> Self {
        match refusal {
            domain::complaint::Refusal::AboutHimself => Self::Forbidden { code: refusal.code(), message: refusal.message().to_owned() },
            domain::complaint::Refusal::WrongState { .. } => Self::refused(refusal.code(), refusal.message()),
        }
    }
}
