//! The steps of the loop after a negative rating: what they ask for, and the change-set of each.

use std::str::FromStr as _;

use chrono::NaiveDate;
use domain::codes::{clean_lines, narrow};
use domain::evaluation::{Command, Contact, Doer, Finding, FollowUp, FollowUpEvent, LoopState, Measure};
use domain::ids::{EvaluationId, TextId};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{NEGATIVE, logged};
use crate::app::App;
use crate::app::alerts::alert_id;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::notifications::NewNotification;
use crate::app::retry::{Outcome, Retry};
use crate::store::{AlertRow, ChangeSet, Expect, FollowUpRow, Row};

/// Characters of what is written at a step.
const TEXT_CHARS_MAX: usize = 500;
/// So many digits in a row are somebody's phone or document, not a day, a sum or a house number.
const PERSONAL_DIGITS: usize = 11;
/// The message that an answer is there.
pub(in crate::app) const REPLIED: &str = "evaluation_replied";

/// Body of `verify`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// `valid` or `invalid`.
    #[schema(value_type = crate::app::words::EvaluationFinding)]
    pub finding: String,
    /// What was found.
    pub text: String,
}

/// Body of `rectify`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RectifyRequest {
    /// `at_once`, `within_limit` or `explain`.
    #[schema(value_type = crate::app::words::EvaluationMeasure)]
    pub kind: String,
    /// The last day, for `within_limit`.
    pub due: Option<String>,
    /// What is done, or the explanation.
    pub text: String,
}

/// Body of `reply` and `finish-rectification`: words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextRequest {
    /// The words. A reply stands on the rater's page, which everybody with the code can open.
    pub text: String,
}

/// Body of `call-back`: one call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallBackRequest {
    /// Whether somebody answered.
    pub reached: bool,
    /// Whether the person is satisfied now; only when reached.
    pub satisfied: Option<bool>,
    /// What was said.
    pub text: Option<String>,
}

/// Body of `appeal`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealRequest {
    /// Why the rating should not count against the person.
    pub reason: String,
}

/// Body of `decide-appeal`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideAppealRequest {
    /// Whether the person judged is right.
    pub upheld: bool,
    /// Why.
    pub reason: String,
}

/// A step whose fields are in order; its words are not sealed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// 核实
    Verify(Finding, String),
    /// 整改
    Rectify(Measure, String),
    /// What was promised within a limit is done.
    FinishRectification(String),
    /// 答复
    Reply(String),
    /// 回访
    CallBack(Contact, Option<String>),
    /// 申诉
    Appeal(String),
    /// The decision about it.
    DecideAppeal(bool, String),
}

fn words(text: &str, field: &str, errors: &mut FieldErrors) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        errors.add(field, "missing", "写几个字");
        return None;
    }
    match clean_lines(text, TEXT_CHARS_MAX) {
        Ok(text) => Some(text),
        Err(fault) => {
            errors.add(field, fault.code(), fault.message());
            None
        }
    }
}

/// Words that everybody with a code can read: without the number of a phone or document.
fn public_words(text: &str, field: &str, errors: &mut FieldErrors) -> Option<String> {
    let text = words(text, field, errors)?;
    if holds_personal_number(&text) {
        errors.add(field, "personal_data", "答复会显示在查询页上，不要写手机号、证件号");
        return None;
    }
    Some(text)
}

/// Whether a text holds what looks like the number of somebody's phone or document.
#[must_use]
pub fn holds_personal_number(text: &str) -> bool {
    let mut run = 0;
    narrow(text).chars().any(|c| {
        run = if c.is_ascii_digit() { run + 1 } else { 0 };
        run >= PERSONAL_DIGITS
    })
}

fn checked<T>(value: Option<T>, errors: FieldErrors) -> Answer<T> {
    errors.check()?;
    value.ok_or(AppError::NotFound)
}

impl VerifyRequest {
    /// The step, when every field is in order.
    ///
    /// # Errors
    /// Field errors.
    pub fn wanted(&self) -> Answer<Wanted> {
        let mut errors = FieldErrors::default();
        let finding = errors.some(super::word::<Finding>(&self.finding), "finding", "unknown", "选属实或者不属实");
        let text = words(&self.text, "text", &mut errors);
        checked(finding.zip(text).map(|(finding, text)| Wanted::Verify(finding, text)), errors)
    }
}

impl RectifyRequest {
    /// The step, when every field is in order.
    ///
    /// # Errors
    /// Field errors.
    pub fn wanted(&self) -> Answer<Wanted> {
        let mut errors = FieldErrors::default();
        let measure = match (self.kind.as_str(), self.due.as_deref()) {
            ("at_once", None) => Some(Measure::AtOnce),
            ("explain", None) => Some(Measure::Explain),
            ("at_once" | "explain", Some(_)) => errors.some(None, "due", "not_for_kind", "限期整改才写最后一天"),
            ("within_limit", Some(due)) => {
                let due = errors.some(NaiveDate::from_str(due).ok(), "due", "date", "日期写成 2026-11-24 的样子");
                due.map(|due| Measure::WithinLimit { due })
            }
            ("within_limit", None) => errors.some(None, "due", "missing", "写上整改的最后一天"),
            _ => errors.some(None, "kind", "unknown", "选立行立改、限期整改或者解释说明"),
        };
        let text = words(&self.text, "text", &mut errors);
        checked(measure.zip(text).map(|(measure, text)| Wanted::Rectify(measure, text)), errors)
    }
}

impl TextRequest {
    /// A reply, when its words can be shown.
    ///
    /// # Errors
    /// Field errors.
    pub fn reply(&self) -> Answer<Wanted> {
        let mut errors = FieldErrors::default();
        let text = public_words(&self.text, "text", &mut errors);
        checked(text.map(Wanted::Reply), errors)
    }

    /// What was done, when there are words.
    ///
    /// # Errors
    /// Field errors.
    pub fn finished(&self) -> Answer<Wanted> {
        let mut errors = FieldErrors::default();
        let text = words(&self.text, "text", &mut errors);
        checked(text.map(Wanted::FinishRectification), errors)
    }

    /// The words alone, for other things that are answered in public.
    ///
    /// # Errors
    /// Field errors.
    pub fn text(&self) -> Answer<String> {
        let mut errors = FieldErrors::default();
        let text = words(&self.text, "text", &mut errors);
        checked(text, errors)
    }
}

impl CallBackRequest {
    /// The step, when every field is in order.
    ///
    /// # Errors
    /// Field errors.
    pub fn wanted(&self) -> Answer<Wanted> {
        let mut errors = FieldErrors::default();
        let contact = match (self.reached, self.satisfied) {
            (true, Some(satisfied)) => Some(Contact::Reached { satisfied }),
            (true, None) => errors.some(None, "satisfied", "missing", "选一下对方现在满不满意"),
            (false, None) => Some(Contact::NotReached),
            (false, Some(_)) => errors.some(None, "satisfied", "not_reached", "没打通就不知道满不满意"),
        };
        let text = match self.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => words(text, "text", &mut errors),
            None => None,
        };
        checked(contact.map(|contact| Wanted::CallBack(contact, text)), errors)
    }
}

impl AppealRequest {
    /// The step, when every field is in order.
    ///
    /// # Errors
    /// Field errors.
    pub fn wanted(&self) -> Answer<Wanted> {
        let mut errors = FieldErrors::default();
        let text = words(&self.reason, "reason", &mut errors);
        checked(text.map(Wanted::Appeal), errors)
    }
}

impl DecideAppealRequest {
    /// The step, when every field is in order.
    ///
    /// # Errors
    /// Field errors.
    pub fn wanted(&self) -> Answer<Wanted> {
        let mut errors = FieldErrors::default();
        let text = words(&self.reason, "reason", &mut errors);
        checked(text.map(|text| Wanted::DecideAppeal(self.upheld, text)), errors)
    }
}

impl Wanted {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Verify(_, text)
            | Self::Rectify(_, text)
            | Self::FinishRectification(text)
            | Self::Reply(text)
            | Self::Appeal(text)
            | Self::DecideAppeal(_, text) => Some(text),
            Self::CallBack(_, text) => text.as_deref(),
        }
    }

    /// The command under sealed words; `None` where words are needed and there are none.
    fn command(&self, text: Option<TextId>) -> Option<Command> {
        if let Self::CallBack(contact, _) = self {
            return Some(Command::CallBack { contact: *contact, text });
        }
        let text = text?;
        Some(match self {
            Self::Verify(finding, _) => Command::Verify { finding: *finding, text },
            Self::Rectify(measure, _) => Command::Rectify { measure: *measure, text },
            Self::FinishRectification(_) => Command::FinishRectification { text },
            Self::Reply(_) => Command::Reply { text },
            Self::CallBack(contact, _) => Command::CallBack { contact: *contact, text: Some(text) },
            Self::Appeal(_) => Command::Appeal { text },
            Self::DecideAppeal(upheld, _) => Command::DecideAppeal { upheld: *upheld, text },
        })
    }
}

impl App {
    /// The loop after a negative rating with its row.
    ///
    /// # Errors
    /// 404.
    pub(in crate::app) async fn follow_up_of(&self, site_id: &str, id: &EvaluationId) -> Answer<(FollowUpRow, FollowUp)> {
        let row = self.stores.evaluations.follow_up(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
        let follow_up = serde_json::from_str(&row.doc)?;
        Ok((row, follow_up))
    }

    /// Whether there is such a loop, before a body is looked at.
    ///
    /// # Errors
    /// 404.
    pub async fn follow_up_exists(&self, permit: &Permit, id: &EvaluationId) -> Answer<()> {
        self.follow_up_of(permit.site_id(), id).await.map(drop)
    }

    /// Takes a step; the answer's body is the rating as the caller sees it then.
    ///
    /// # Errors
    /// 404, 403; refusals are outcomes.
    pub async fn follow_up_step(&self, permit: &Permit, id: &EvaluationId, wanted: &Wanted, retry: Option<&Retry>) -> Answer<Outcome> {
        let caller = permit.staff().ok_or(AppError::NotFound)?;
        let mut outcome = self.once(permit.site_id(), retry, || self.stepped(permit, id, wanted)).await?;
        if outcome.body.is_null() {
            outcome.body = match wanted {
                Wanted::Appeal(_) => serde_json::to_value(self.own_evaluation(caller, permit.site_id(), id).await?)?,
                _ => serde_json::to_value(self.negative_evaluation_as(caller, permit.site_id(), id).await?)?,
            };
        }
        Ok(outcome)
    }

    async fn stepped(&self, permit: &Permit, id: &EvaluationId, wanted: &Wanted) -> Answer<(ChangeSet, Outcome)> {
        let (site_id, by) = (permit.site_id(), &permit.staff().ok_or(AppError::NotFound)?.staff.id);
        let (row, follow_up) = self.follow_up_of(site_id, id).await?;
        let ground = self.follow_up_ground(site_id).await?;
        let sealed = wanted.text().map(|text| self.new_text(site_id, "evaluation_step", text)).transpose()?;
        let command = wanted.command(sealed.as_ref().map(|(id, _)| id.clone())).ok_or(AppError::NotFound)?;
        let events = ground.of(|ground| follow_up.decide(&command, Doer::Staff(by), &ground, self.now()))?;
        let mut set = self.follow_up_set(row.clone(), follow_up, &events, by.as_str()).await?;
        set.rows.extend(sealed.map(|(_, text)| Row::from(text)));
        if matches!(wanted, Wanted::Reply(_)) {
            self.owe_reply(&row, id, &mut set);
        }
        Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
    }

    /// The change-set of events of a loop. What was told to be late and is done now is settled.
    pub(super) async fn follow_up_set(
        &self,
        row: FollowUpRow,
        mut of: FollowUp,
        events: &[FollowUpEvent],
        actor: &str,
    ) -> Answer<ChangeSet> {
        let (now, ground) = (self.now(), self.follow_up_ground(&row.site_id).await?);
        let mut set = ChangeSet::new(&row.site_id);
        set.expect.push(Expect::FollowUp(row.id.clone(), row.version));
        for event in events {
            of.evolve(event);
            set.events.push(logged(&of.evaluation, event.kind(), actor, event.at(), serde_json::to_string(event)?));
            let Some(step) = event.settles() else { continue };
            let mut kinds = vec![step.name()];
            kinds.extend((of.state == LoopState::Verified).then_some(NEGATIVE));
            for kind in kinds {
                let alert = self.stores.cases.alert(&row.site_id, &alert_id(&row.id, kind)).await?;
                set.rows.extend(alert.map(|alert| Row::from(AlertRow { settled_at: Some(now), ..alert })));
            }
        }
        set.row(FollowUpRow {
            version: i64::try_from(of.version).unwrap_or(i64::MAX),
            state: of.state.name().to_owned(),
            watch_at: ground.of(|ground| of.watch_at(&ground, now)),
            doc: serde_json::to_string(&of)?,
            ..row
        });
        Ok(set)
    }

    /// Who can be reached is told that there is an answer.
    fn owe_reply(&self, row: &FollowUpRow, id: &EvaluationId, set: &mut ChangeSet) {
        let Some(person_id) = &row.person_id else { return };
        let new = NewNotification {
            site_id: &row.site_id,
            site_key: id.site_key(),
            about_id: id.as_str(),
            person_id,
            channel: "sms",
            template: REPLIED,
        };
        self.owe_notification(&new, set);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_are_noticed_and_those_of_offices_are_not() {
        for text in ["请打 13912345520", "证号152301199003070038", "１３９１２３４５５２０"] {
            assert!(holds_personal_number(text), "{text}");
        }
        for text in ["请打 0470-8812345", "11月24日 10:30 办好，收费 120 元", "BH20261124-0001"] {
            assert!(!holds_personal_number(text), "{text}");
        }
    }

    #[test]
    fn every_wrong_field_is_told_at_once() {
        let fields = |answer: Answer<Wanted>| match answer {
            Err(AppError::Invalid(errors)) => errors.into_iter().map(|error| format!("{} {}", error.field, error.code)).collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        let verify = VerifyRequest { finding: "x".to_owned(), text: " ".to_owned() };
        assert_eq!(fields(verify.wanted()), ["finding unknown", "text missing"]);
        let rectify =
            |kind: &str, due: Option<&str>| RectifyRequest { kind: kind.to_owned(), due: due.map(str::to_owned), text: "改".to_owned() };
        assert_eq!(fields(rectify("within_limit", None).wanted()), ["due missing"]);
        assert_eq!(fields(rectify("within_limit", Some("2026-13-01")).wanted()), ["due date"]);
        assert_eq!(fields(rectify("explain", Some("2026-12-01")).wanted()), ["due not_for_kind"]);
        assert_eq!(fields(rectify("later", None).wanted()), ["kind unknown"]);
        let call = |reached, satisfied| CallBackRequest { reached, satisfied, text: None };
        assert_eq!(fields(call(true, None).wanted()), ["satisfied missing"]);
        assert_eq!(fields(call(false, Some(true)).wanted()), ["satisfied not_reached"]);
        assert!(call(false, None).wanted().is_ok() && call(true, Some(false)).wanted().is_ok());
        assert_eq!(fields(TextRequest { text: "打 13912345520".to_owned() }.reply()), ["text personal_data"]);
    }
}
