//! 好差评: taken from whoever holds the slip, or from the pad at the window that served. A rating is
//! kept with who was judged and never shown with who rated.

use domain::codes::clean_lines;
use domain::evaluation::{Channel, Evaluations, Event, Level, Rating, StarOrder, Subject, Submission, Turn, reason};
use domain::ids::{CaseId, EvaluationId, TextId};
use domain::rights::Operation;
use domain::time::{DAY_MS, rfc3339};
use protocol::device::DeviceKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::caller::{Caller, DeviceCaller, StaffCaller};
use super::error::{Answer, AppError, FieldErrors};
use super::fresh::id_tail;
use super::retry::{Outcome, Retry};
use super::tracking::{Tracked, case_has_result, visit_is_over};
use crate::store::{AlertRow, ChangeSet, EvaluationRow, NewEvent};

/// Characters of what a rater writes.
const TEXT_CHARS_MAX: usize = 500;
/// Days that the list of negative ratings looks back.
const NEGATIVE_DAYS: i64 = 366;
/// Channels open to whoever holds the code.
const CITIZEN_CHANNELS: &[Channel] = &[Channel::Qr, Channel::Web, Channel::Mobile, Channel::Sms];
/// Stars of the best level that is negative.
const NEGATIVE_STARS_MAX: i64 = 2;

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

/// A reason with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonCodeView {
    /// The code.
    pub code: String,
    /// The words.
    pub text: String,
    /// Whether the event log can confirm or refute it.
    pub checkable: bool,
}

/// A negative rating as those see it who follow it up: what was said about whom, never by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of API.md, explained in the OpenAPI description")]
pub struct NegativeEvaluationView {
    pub id: String,
    pub site_id: String,
    pub at: String,
    /// `visit` or `case`.
    #[schema(value_type = crate::app::words::EvaluationSubject)]
    pub subject: String,
    #[schema(value_type = crate::app::words::Satisfaction)]
    pub level: String,
    /// 1 for the first rating, 2 for the follow-up.
    pub round: i64,
    #[schema(value_type = crate::app::words::EvaluationChannel)]
    pub channel: String,
    pub reasons: Vec<ReasonCodeView>,
    pub text: Option<String>,
    /// The window that served the visit.
    pub window_number: Option<u16>,
    /// Who served the visit.
    pub staff_name: Option<String>,
    /// Where the loop stands: `opened`.
    pub state: String,
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
struct Judged {
    window_id: Option<String>,
    staff_id: Option<String>,
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
    /// Takes a rating: the first of its subject, or the one follow-up.
    ///
    /// # Errors
    /// 404 for an unknown code, 403 for a device that is not at the window; field errors and refusals
    /// are outcomes.
    pub async fn evaluate(&self, rater: &Rater, request: &EvaluationRequest, retry: Option<&Retry>) -> Answer<Outcome> {
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
            let (mut set, outcome) = self.rating_set(rater, &tracked, judged, &event)?;
            if let Some((_, row)) = text {
                set.row(row);
            }
            Ok((set, outcome))
        })
        .await
    }

    async fn judged(&self, tracked: &Tracked) -> Answer<Judged> {
        let Some(ticket) = &tracked.ticket else { return Ok(Judged::default()) };
        let intervals = self.stores.halls.intervals_of(&tracked.site_id, ticket.id.as_str()).await?;
        let ended = intervals.into_iter().rev().find(|interval| interval.state == "serving");
        Ok(ended.map_or_else(Judged::default, |interval| Judged { window_id: interval.window_id, staff_id: interval.staff_id }))
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

    fn rating_set(&self, rater: &Rater, tracked: &Tracked, judged: Judged, event: &Event) -> Answer<(ChangeSet, Outcome)> {
        let Event::EvaluationRecorded { of, rating } = event;
        let Submission { id, level, reason_codes, text, channel } = &rating.submission;
        let (subject, case_id) = names(of);
        let round = if rating.turn == Turn::First { 1 } else { 2 };
        let mut set = ChangeSet::new(&tracked.site_id);
        set.events.push(NewEvent {
            aggregate: "evaluation",
            aggregate_id: id.to_string(),
            kind: event.kind().to_owned(),
            actor: rater.actor().to_owned(),
            at: rating.at,
            body: serde_json::to_string(event)?,
        });
        let is_visit = subject == "visit";
        set.row(EvaluationRow {
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
            staff_id: judged.staff_id.filter(|_| is_visit),
            window_id: judged.window_id.filter(|_| is_visit),
            at: rating.at,
        });
        if level.is_negative() {
            set.row(AlertRow {
                site_id: tracked.site_id.clone(),
                id: format!("al_{}_{}", id.site_key(), id_tail(self.entropy.as_ref(), self.now())),
                kind: "negative_evaluation".to_owned(),
                level: "yellow".to_owned(),
                object_id: id.to_string(),
                text: "收到一条差评，请在期限内核实、整改、答复".to_owned(),
                at: rating.at,
                settled_at: None,
            });
        }
        let view = EvaluationView {
            id: id.to_string(),
            subject: subject.to_owned(),
            case_id: Some(case_id).filter(|id| !id.is_empty()),
            round,
            can_follow_up: round == 1,
        };
        Ok((set, Outcome::success(201, Some(id.to_string()), json!(view))))
    }

    /// Negative ratings of the caller's sites, the newest first.
    ///
    /// # Errors
    /// 403 without the right anywhere.
    pub async fn negative_evaluations(&self, caller: &StaffCaller) -> Answer<Vec<NegativeEvaluationView>> {
        let any = Caller::Staff(Box::new(caller.clone()));
        let now = self.now();
        let mut rows = Vec::new();
        for permit in self.permits(&any, Operation::ReadEvaluations)? {
            let all = self.stores.evaluations.evaluations_between(permit.site_id(), now - NEGATIVE_DAYS * DAY_MS, now + 1).await?;
            rows.extend(all.into_iter().filter(|row| row.level <= NEGATIVE_STARS_MAX));
        }
        rows.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            views.push(self.negative_view(row).await?);
        }
        Ok(views)
    }

    async fn negative_view(&self, row: EvaluationRow) -> Answer<NegativeEvaluationView> {
        let given = rating(&row)?.submission;
        let text = match &row.text_id {
            Some(id) => Some(self.text(&row.site_id, id).await?),
            None => None,
        };
        let window_number = match &row.window_id {
            Some(id) => self.hall(&row.site_id).await?.windows().find(|window| window.id.as_str() == id).map(|window| window.number),
            None => None,
        };
        let staff_name = match &row.staff_id {
            Some(id) => self.stores.staff.staff(&row.site_id, id).await?.map(|staff| staff.name),
            None => None,
        };
        let reasons = given.reason_codes.iter().filter_map(|code| reason(code));
        Ok(NegativeEvaluationView {
            id: row.id,
            site_id: row.site_id,
            at: rfc3339(row.at),
            subject: row.subject,
            level: given.level.name().to_owned(),
            round: row.round,
            channel: row.channel,
            reasons: reasons
                .map(|reason| ReasonCodeView {
                    code: reason.code.to_owned(),
                    text: reason.label.to_owned(),
                    checkable: reason.is_checkable,
                })
                .collect(),
            text,
            window_number,
            staff_name,
            state: "opened".to_owned(),
        })
    }
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
