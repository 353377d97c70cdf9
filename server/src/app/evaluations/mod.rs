//! 好差评: taken from whoever holds the slip, or from the pad at the window that served. A rating is
//! kept with who was judged and never shown with who rated. A negative one opens its loop in the same commit.

mod facts;
mod left;
mod mine;
mod negative;
mod steps;
mod views;
mod watch;

pub use left::OpenedLoopsView;
pub use mine::{ClerkRatesView, OwnEvaluationView, OwnEvaluationsView};
pub use negative::NegativeFilter;
pub(in crate::app) use steps::REPLIED;
pub use steps::{
    AppealRequest, CallBackRequest, DecideAppealRequest, RectifyRequest, TextRequest, VerifyRequest, Wanted, holds_personal_number,
};
pub use views::{
    AppealView, CallView, EvidenceView, FigureView, NegativeEvaluationView, ReasonCodeView, RectificationView, RemarkView, SignalsView,
    VerificationView,
};

use std::sync::Arc;

use domain::case::Case;
use domain::codes::clean_lines;
use domain::evaluation::{
    Channel, Evaluations, Event, FollowUp, FollowUpClass, Ground, Level, Rating, StarOrder, Subject, Submission, Turn, reason,
};
use domain::hall::EvaluationPolicy;
use domain::ids::{CaseId, EvaluationId, StaffId, TextId};
use domain::time::local_date;
use protocol::device::DeviceKind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::App;
use super::alerts::alert_id;
use super::caller::DeviceCaller;
use super::directory::Listing;
use super::error::{Answer, AppError, FieldErrors};
use super::fresh::id_tail;
use super::retry::{Outcome, Retry};
use super::tracking::{Tracked, case_has_result, visit_is_over};
use crate::store::{AlertRow, ChangeSet, EvaluationRow, Expect, FollowUpRow, NewEvent};

/// Characters of what a rater writes.
const TEXT_CHARS_MAX: usize = 500;
/// Channels open to whoever holds the code.
const CITIZEN_CHANNELS: &[Channel] = &[Channel::Qr, Channel::Web, Channel::Mobile, Channel::Sms];
/// Kind of the alert about a negative rating; settled once it is verified.
pub(super) const NEGATIVE: &str = "negative_evaluation";

/// Body of `POST /evaluations`. Without a level there is no rating: silence never makes one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationRequest {
    /// The code of the timeline.
    pub tracking_code: String,
    /// `visit` or `case`.
    #[schema(value_type = crate::app::words::EvaluationSubject)]
    pub subject: String,
    /// The case, when one is rated.
    pub case_id: Option<String>,
    /// `very_satisfied`, `satisfied`, `basically_satisfied`, `dissatisfied`, `very_dissatisfied`.
    #[schema(value_type = crate::app::words::Satisfaction)]
    pub level: String,
    /// Codes of the reasons ticked; they belong to the level.
    #[serde(default)]
    pub reason_codes: Vec<String>,
    /// In own words.
    pub text: Option<String>,
    /// `pad` and `kiosk` from such a device, `qr`, `web`, `mobile` or `sms` from everybody.
    #[schema(value_type = crate::app::words::EvaluationChannel)]
    pub channel: String,
}

/// A rating that was taken. The level is not told again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EvaluationView {
    /// The rating.
    pub id: String,
    /// `visit` or `case`.
    #[schema(value_type = crate::app::words::EvaluationSubject)]
    pub subject: String,
    /// The case, when one was rated.
    pub case_id: Option<String>,
    /// 1 for the first rating, 2 for the follow-up.
    pub round: u8,
    /// Whether the one follow-up is still open.
    pub can_follow_up: bool,
}

/// Who hands a rating in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rater {
    /// Whoever holds the code.
    Citizen,
    /// A device of the hall.
    Device(DeviceCaller),
}

impl Rater {
    /// Id for the log.
    fn actor(&self) -> &str {
        match self {
            Self::Citizen => "citizen",
            Self::Device(device) => &device.id,
        }
    }

    fn channels(&self) -> &'static [Channel] {
        match self {
            Self::Citizen => CITIZEN_CHANNELS,
            Self::Device(device) => match device.kind {
                DeviceKind::Pad => &[Channel::Pad],
                DeviceKind::Kiosk => &[Channel::Kiosk],
                DeviceKind::Display | DeviceKind::Printer => &[],
            },
        }
    }
}

/// Who was judged: the window and the person that ended the visit.
#[derive(Debug, Clone, Default)]
pub(super) struct Judged {
    window_id: Option<String>,
    pub(super) staff_id: Option<String>,
    /// When the service ended, UTC ms.
    ended_at: Option<i64>,
}

/// Where a rating comes from.
struct Source<'a> {
    rater: &'a Rater,
    /// The device or address.
    source: &'a str,
    judged: Judged,
}

/// A request whose fields are in order.
struct Checked {
    of: Subject,
    level: Level,
    channel: Channel,
    text: Option<String>,
}

fn word<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(Value::String(text.to_owned())).ok()
}

fn name_of(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn names(of: &Subject) -> (&'static str, String) {
    match of {
        Subject::Visit { .. } => ("visit", String::new()),
        Subject::Case { case } => ("case", case.to_string()),
    }
}

impl App {
    /// Takes a rating: the first of its subject, or the one follow-up. `source` is the device or address that it
    /// came from; only a keyed hash of it is kept.
    ///
    /// # Errors
    /// 404 for an unknown code, 403 for a device that is not at the window; field errors and refusals
    /// are outcomes.
    pub async fn evaluate(&self, rater: &Rater, request: &EvaluationRequest, source: &str, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = self.tracked(&request.tracking_code).await?.site_id;
        self.once(&site_id, retry, || async {
            let tracked = self.tracked(&request.tracking_code).await?;
            let judged = self.judged(&tracked).await?;
            may_rate(rater, &tracked, &judged)?;
            let checked = checked(rater, &tracked, request)?;
            is_due(&tracked, &checked.of)?;
            let text = match &checked.text {
                Some(text) => Some(self.new_text(&tracked.site_id, "evaluation", text)?),
                None => None,
            };
            let key = self.directory.get().site(&tracked.site_id)?.key.clone();
            let submission = Submission {
                id: EvaluationId::new(&key, &id_tail(self.entropy.as_ref(), self.now())),
                level: checked.level,
                reason_codes: request.reason_codes.clone(),
                text: text.as_ref().map(|(id, _)| id.clone()),
                channel: checked.channel,
            };
            let given = self.given(&tracked.code, checked.of).await?;
            let event = given.decide(submission, self.now())?;
            let from = Source { rater, source, judged };
            let (mut set, outcome) = self.rating_set(&from, &tracked, &event).await?;
            if let Some((_, row)) = text {
                set.row(row);
            }
            Ok((set, outcome))
        })
        .await
    }

    pub(super) async fn judged(&self, tracked: &Tracked) -> Answer<Judged> {
        let Some(ticket) = &tracked.ticket else { return Ok(Judged::default()) };
        let intervals = self.stores.halls.intervals_of(&tracked.site_id, ticket.id.as_str()).await?;
        let ended = intervals.into_iter().rev().find(|interval| interval.state == "serving");
        Ok(ended.map_or_else(Judged::default, |interval| Judged {
            window_id: interval.window_id,
            staff_id: interval.staff_id,
            ended_at: Some(interval.end_ms),
        }))
    }

    /// The ratings of one subject so far.
    async fn given(&self, code: &str, of: Subject) -> Answer<Evaluations> {
        let (subject, case_id) = names(&of);
        let mut given = Evaluations::none(of.clone());
        for row in self.stores.evaluations.evaluations_by_tracking(code).await? {
            if row.subject == subject && row.case_id == case_id {
                given.evolve(&Event::EvaluationRecorded { of: of.clone(), rating: rating(&row)? });
            }
        }
        Ok(given)
    }

    async fn rating_set(&self, from: &Source<'_>, tracked: &Tracked, event: &Event) -> Answer<(ChangeSet, Outcome)> {
        let Event::EvaluationRecorded { of, rating } = event;
        let Submission { id, level, reason_codes, text, channel } = &rating.submission;
        let (subject, case_id) = names(of);
        let round = if rating.turn == Turn::First { 1 } else { 2 };
        let mut set = ChangeSet::new(&tracked.site_id);
        set.events.push(logged(id, event.kind(), from.rater.actor(), rating.at, serde_json::to_string(event)?));
        let judged = Some(&from.judged).filter(|_| subject == "visit");
        let row = EvaluationRow {
            site_id: tracked.site_id.clone(),
            id: id.to_string(),
            tracking_code: tracked.code.clone(),
            subject: subject.to_owned(),
            case_id: case_id.clone(),
            round: i64::from(round),
            level: i64::from(level.stars()),
            reason_codes: serde_json::to_string(reason_codes)?,
            text_id: text.as_ref().map(ToString::to_string),
            channel: name_of(channel),
            staff_id: judged.and_then(|judged| judged.staff_id.clone()),
            window_id: judged.and_then(|judged| judged.window_id.clone()),
            at: rating.at,
            after_ms: judged.and_then(|judged| judged.ended_at).map(|ended| (rating.at - ended).max(0)),
            source_key: Some(self.source_key(&tracked.site_id, from.source, rating.at)),
        };
        if level.is_negative() {
            self.open_follow_up(&mut set, tracked, of, &row).await?;
        }
        self.owe_rating(tracked, of, &row, &mut set).await?;
        set.row(row);
        let view = EvaluationView {
            id: id.to_string(),
            subject: subject.to_owned(),
            case_id: Some(case_id).filter(|id| !id.is_empty()),
            round,
            can_follow_up: round == 1,
        };
        Ok((set, Outcome::success(201, Some(id.to_string()), json!(view))))
    }

    /// Opens the loop after a negative rating, in the commit of the rating.
    async fn open_follow_up(&self, set: &mut ChangeSet, tracked: &Tracked, of: &Subject, rating: &EvaluationRow) -> Answer<()> {
        let id = EvaluationId::parse(&rating.id).ok_or(AppError::NotFound)?;
        let person = self.reachable_rater(tracked, of).await?;
        let judged = rating.staff_id.as_deref().and_then(StaffId::parse);
        let event = FollowUp::open(id.clone(), judged, person.is_some(), rating.at);
        let opened = FollowUp::replay(std::slice::from_ref(&event)).ok_or(AppError::NotFound)?;
        set.events.push(logged(&id, event.kind(), "system", rating.at, serde_json::to_string(&event)?));
        set.expect.push(Expect::FollowUp(rating.id.clone(), 0));
        set.row(FollowUpRow {
            site_id: rating.site_id.clone(),
            id: rating.id.clone(),
            version: i64::try_from(opened.version).unwrap_or(i64::MAX),
            state: opened.state.name().to_owned(),
            tracking_code: rating.tracking_code.clone(),
            staff_id: rating.staff_id.clone(),
            person_id: person,
            opened_at: rating.at,
            watch_at: self.follow_up_ground(&rating.site_id).await?.of(|ground| opened.watch_at(&ground, self.now())),
            doc: serde_json::to_string(&opened)?,
        });
        set.row(AlertRow {
            site_id: rating.site_id.clone(),
            id: alert_id(&rating.id, NEGATIVE),
            kind: NEGATIVE.to_owned(),
            level: "yellow".to_owned(),
            object_id: rating.id.clone(),
            text: "收到一条差评，请在期限内核实、整改、答复".to_owned(),
            at: rating.at,
            settled_at: None,
            audience: String::new(),
        });
        Ok(())
    }

    /// Who rated, where a phone is known: who took the number, or who acts for or applied in the case.
    async fn reachable_rater(&self, tracked: &Tracked, of: &Subject) -> Answer<Option<String>> {
        let is_rated = |case: &&Case| match of {
            Subject::Visit { .. } => true,
            Subject::Case { case: rated } => case.id == *rated,
        };
        let of_cases = tracked.cases.iter().filter(is_rated).flat_map(|case| case.agent.iter().chain([&case.applicant]));
        let holder = tracked.ticket.as_ref().and_then(|ticket| ticket.holder.as_ref()).filter(|_| matches!(of, Subject::Visit { .. }));
        let persons: Vec<String> = holder.into_iter().chain(of_cases).map(ToString::to_string).collect();
        for person in persons {
            let row = self.stores.persons.person(&tracked.site_id, &person).await?;
            if row.is_some_and(|row| row.phone_index.is_some()) {
                return Ok(Some(person));
            }
        }
        Ok(None)
    }

    /// What a device or address is compared by within one day, and by nothing else.
    fn source_key(&self, site_id: &str, source: &str, at: i64) -> String {
        let value = format!("{site_id} {} {source}", local_date(at));
        data_encoding::HEXLOWER.encode(&self.vault.blind_index("evaluation_source", &value))
    }

    /// What decisions about loops of a site stand on.
    pub(super) async fn follow_up_ground(&self, site_id: &str) -> Answer<OwnedGround> {
        let policy = self.hall(site_id).await?.doc().policy.evaluations.as_ref().clone();
        Ok(OwnedGround { policy, listing: self.directory.get() })
    }
}

/// The settings of a site and the calendar, as read.
pub(super) struct OwnedGround {
    pub(super) policy: EvaluationPolicy,
    pub(super) listing: Arc<Listing>,
}

impl OwnedGround {
    /// What a rule says on it.
    pub(super) fn of<T>(&self, rule: impl FnOnce(Ground<'_>) -> T) -> T {
        rule(Ground { policy: &self.policy, calendar: &self.listing.calendar })
    }
}

fn logged(id: &EvaluationId, kind: &str, actor: &str, at: i64, body: String) -> NewEvent {
    NewEvent { aggregate: "evaluation", aggregate_id: id.to_string(), kind: kind.to_owned(), actor: actor.to_owned(), at, body }
}

/// A stored rating as the rules know it.
fn rating(row: &EvaluationRow) -> Answer<Rating> {
    let bad = |column: &str| AppError::Internal(format!("evaluations.{column} at {}", row.id));
    let stars = u8::try_from(row.level).map_err(|_| bad("level"))?;
    Ok(Rating {
        submission: Submission {
            id: EvaluationId::parse(&row.id).ok_or_else(|| bad("id"))?,
            level: Level::from_number(stars, StarOrder::FiveIsBest).ok_or_else(|| bad("level"))?,
            reason_codes: serde_json::from_str(&row.reason_codes)?,
            text: row.text_id.as_deref().and_then(TextId::parse),
            channel: word(&row.channel).ok_or_else(|| bad("channel"))?,
        },
        turn: if row.round == 1 { Turn::First } else { Turn::FollowUp },
        at: row.at,
    })
}

/// A device rates at its own site; a pad only what its own window served.
fn may_rate(rater: &Rater, tracked: &Tracked, judged: &Judged) -> Answer<()> {
    let Rater::Device(device) = rater else { return Ok(()) };
    if device.site_id != tracked.site_id {
        return Err(AppError::NotFound);
    }
    let other_window = device.kind == DeviceKind::Pad
        && device.window_id.as_ref().zip(judged.window_id.as_ref()).is_some_and(|(own, served)| own != served);
    if rater.channels().is_empty() || other_window {
        let message = "这次不是在这个窗口办的，可以扫小票上的码评价".to_owned();
        return Err(AppError::Forbidden { code: "forbidden", message });
    }
    Ok(())
}

fn checked(rater: &Rater, tracked: &Tracked, request: &EvaluationRequest) -> Answer<Checked> {
    let mut errors = FieldErrors::default();
    let of = subject(tracked, request, &mut errors);
    let level = errors.some(word::<Level>(&request.level), "level", "unknown", "选一个满意程度");
    let channel = word::<Channel>(&request.channel).filter(|channel| rater.channels().contains(channel));
    let channel = errors.some(channel, "channel", "unknown", "这里不能用这个评价渠道");
    for (place, code) in request.reason_codes.iter().enumerate() {
        let field = format!("reason_codes[{place}]");
        match (reason(code), level) {
            (None, _) => errors.add(&field, "unknown_reason", "没有这个理由"),
            (Some(known), Some(level)) if !known.belongs_to(level) => {
                errors.add(&field, "reason_of_other_level", "理由和选的满意程度不一致");
            }
            _ => {}
        }
    }
    let text = match request.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => match clean_lines(text, TEXT_CHARS_MAX) {
            Ok(text) => Some(text),
            Err(fault) => {
                errors.add("text", fault.code(), fault.message());
                None
            }
        },
    };
    errors.check()?;
    match (of, level, channel) {
        (Some(of), Some(level), Some(channel)) => Ok(Checked { of, level, channel, text }),
        _ => Err(AppError::NotFound),
    }
}

fn subject(tracked: &Tracked, request: &EvaluationRequest, errors: &mut FieldErrors) -> Option<Subject> {
    match (request.subject.as_str(), request.case_id.as_deref()) {
        ("visit", None) => {
            let visit = tracked.ticket.as_ref().map(|ticket| Subject::Visit { ticket: ticket.id.clone() });
            errors.some(visit, "subject", "no_visit", "这个码没有取过号，只能评价办件")
        }
        ("visit", Some(_)) => errors.some(None, "case_id", "not_for_visit", "评价这次来窗口，不用写办件"),
        ("case", Some(id)) => {
            let of = CaseId::parse(id).filter(|id| tracked.cases.iter().any(|case| case.id == *id)).map(|case| Subject::Case { case });
            errors.some(of, "case_id", "unknown", "这个码没有这个办件")
        }
        ("case", None) => errors.some(None, "case_id", "missing", "选一个办件"),
        _ => errors.some(None, "subject", "unknown", "评价这次来窗口，或者评价办件"),
    }
}

/// A visit is rated once it is over, a case once it has its result.
fn is_due(tracked: &Tracked, of: &Subject) -> Answer<()> {
    let (is_due, message) = match of {
        Subject::Visit { .. } => (tracked.ticket.as_ref().is_some_and(|ticket| visit_is_over(&ticket.state)), "窗口办完了才能评价"),
        Subject::Case { case } => (tracked.cases.iter().any(|one| one.id == *case && case_has_result(one)), "办件有了结果才能评价"),
    };
    if is_due { Ok(()) } else { Err(AppError::refused("not_yet", message)) }
}

impl From<domain::evaluation::Refusal> for AppError {
    fn from(refusal: domain::evaluation::Refusal) -> Self {
        match refusal.field() {
            Some(field) => Self::field(field, refusal.code(), &refusal.to_string()),
            None => Self::refused(refusal.code(), refusal.to_string()),
        }
    }
}

impl From<domain::evaluation::FollowUpRefusal> for AppError {
    fn from(refusal: domain::evaluation::FollowUpRefusal) -> Self {
        match refusal.class() {
            FollowUpClass::NotFound => Self::NotFound,
            FollowUpClass::Forbidden => Self::Forbidden { code: refusal.code(), message: refusal.message() },
            FollowUpClass::Invalid(field) => Self::field(field, refusal.code(), &refusal.message()),
            FollowUpClass::Conflict => Self::Refused { code: refusal.code().to_owned(), message: refusal.message(), facts: Map::new() },
        }
    }
}
