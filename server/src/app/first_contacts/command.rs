//! Noting a first contact, giving it to a colleague, answering it.

use domain::codes::clean_lines;
use domain::first_contact::{Command, Ending, FirstContact, Noted};
use domain::ids::{FirstContactId, MatterId, StaffId, TextId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{contact_set, hand_of, unanswered_id};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::persons::PersonInput;
use crate::app::retry::{Outcome, Retry};
use crate::store::{AlertRow, Row};

/// Characters of a question or an answer.
const TEXT_CHARS_MAX: usize = 500;

/// Body of `POST /sites/{site}/first-contacts`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstContactRequest {
    /// The matter that it was about,
    pub matter_id: Option<String>,
    /// or what was asked; one of both at least.
    pub about: Option<String>,
    /// `answered` on the spot, `referred` to somewhere else, or `owed`: an answer comes later.
    #[schema(value_type = Option<crate::app::words::FirstContactEnding>)]
    pub ending: Option<String>,
    /// For `referred`: where to. For `answered`: what was said, if it is worth keeping.
    pub text: Option<String>,
    /// For `owed`: who is to be answered, by name and phone.
    pub person: Option<PersonInput>,
}

/// Body of a step; each takes its own field and refuses the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstContactActionRequest {
    /// For hand-over: a colleague of the site.
    pub staff_id: Option<String>,
    /// For reply: what was said.
    pub text: Option<String>,
}

/// Words that are sealed, or what is wrong with them.
fn words(
    app: &App,
    site_id: &str,
    (field, value): (&str, Option<&str>),
    errors: &mut FieldErrors,
    rows: &mut Vec<Row>,
) -> Answer<Option<TextId>> {
    let Some(text) = value.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    match clean_lines(text, TEXT_CHARS_MAX) {
        Ok(text) => {
            let (id, row) = app.new_text(site_id, "first_contact", &text)?;
            rows.push(row.into());
            Ok(Some(id))
        }
        Err(fault) => {
            errors.add(field, fault.code(), fault.message());
            Ok(None)
        }
    }
}

impl App {
    /// Notes that somebody asked, and how it ended.
    ///
    /// # Errors
    /// Every wrong field, as an outcome.
    pub async fn note_first_contact(
        &self,
        permit: &Permit,
        body: Result<FirstContactRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.once(site_id, retry, || async {
            let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
            let (hand, key, now) = (hand_of(permit)?, self.directory.get().site(site_id)?.key.clone(), self.now());
            let (mut errors, mut rows) = (FieldErrors::default(), Vec::new());
            let matter = self.asked_matter(site_id, body.matter_id.as_deref(), &mut errors).await?;
            let about = words(self, site_id, ("about", body.about.as_deref()), &mut errors, &mut rows)?;
            if body.matter_id.is_none() && about.is_none() && !errors.names("about") {
                errors.add("about", "missing", "选一件事，或者写一句问了什么");
            }
            let text = words(self, site_id, ("text", body.text.as_deref()), &mut errors, &mut rows)?;
            let ended = match body.ending.as_deref() {
                Some("answered") => Some((Ending::Answered, text)),
                Some("referred") => {
                    if text.is_none() && !errors.names("text") {
                        errors.add("text", "missing", "写上引到哪儿去了，如：3 号窗口、公安派出所");
                    }
                    Some((Ending::Referred, text))
                }
                Some("owed") => {
                    if text.is_some() {
                        errors.add("text", "unknown_field", "答复以后再写");
                    }
                    None
                }
                _ => {
                    errors.add("ending", "unknown", "选答清了、引到别处，还是回头答复");
                    None
                }
            };
            let is_owed = body.ending.as_deref() == Some("owed");
            if is_owed && body.person.is_none() {
                errors.add("person.phone", "missing", "回头答复要留电话");
            }
            let input = body.person.as_ref().filter(|_| is_owed);
            if input.is_some_and(|input| input.phone.as_deref().is_none_or(|phone| phone.trim().is_empty())) {
                errors.add("person.phone", "missing", "回头答复要留电话");
            }
            if body.person.is_some() && !is_owed {
                errors.add("person", "unknown_field", "不用回头答复的，不留姓名和电话");
            }
            let person = match input {
                Some(input) => self.new_person(&key, "person", input, false, &mut errors)?,
                None => None,
            };
            errors.check()?;
            let id = FirstContactId::new(&key, &id_tail(self.entropy.as_ref(), now));
            let person_id = person.as_ref().map(|person| person.id.clone());
            let noted = Noted { id: id.clone(), by: hand.id.clone(), matter, about, person: person_id, ended };
            let (contact, event) = FirstContact::note(&noted, now);
            let mut set = contact_set(site_id, &contact, &event, hand.id.as_str())?;
            set.rows.extend(rows);
            if let Some(person) = person {
                set.row(person.row);
            }
            Ok((set, Outcome::success(201, Some(id.to_string()), Value::Null)))
        })
        .await
    }

    /// A step with one that is owed an answer: `hand-over` or `reply`.
    ///
    /// # Errors
    /// 404; field errors and refusals are outcomes.
    pub async fn act_on_first_contact(
        &self,
        permit: &Permit,
        id: &FirstContactId,
        segment: &str,
        body: Result<FirstContactActionRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        if !matches!(segment, "hand-over" | "reply") {
            return Err(AppError::NotFound);
        }
        let site_id = permit.site_id();
        self.contact_of_site(site_id, id).await?;
        self.once(site_id, retry, || async {
            let hand = hand_of(permit)?;
            let mut contact = self.contact_of_site(site_id, id).await?;
            let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
            contact.answered_for_by(&hand)?;
            let (mut errors, mut rows) = (FieldErrors::default(), Vec::new());
            let command = if segment == "hand-over" {
                if body.text.is_some() {
                    errors.add("text", "unknown_field", "转给同事不用写这一项");
                }
                let to = self.colleague_of(site_id, body.staff_id.as_deref()).await?;
                errors.some(to, "staff_id", "unknown", "这里没有这位同事").map(|to| Command::HandOver { to })
            } else {
                if body.staff_id.is_some() {
                    errors.add("staff_id", "unknown_field", "答复不用写这一项");
                }
                let text = words(self, site_id, ("text", body.text.as_deref()), &mut errors, &mut rows)?;
                if text.is_none() && !errors.names("text") {
                    errors.add("text", "missing", "写一句怎么答复的");
                }
                text.map(|text| Command::Reply { text })
            };
            errors.check()?;
            let event = contact.decide(&command.ok_or(AppError::NotFound)?, &hand, self.now())?;
            contact.evolve(&event);
            let mut set = contact_set(site_id, &contact, &event, hand.id.as_str())?;
            set.rows.extend(rows);
            let alert = self.stores.cases.alert(site_id, &unanswered_id(id.as_str())).await?;
            if let Some(alert) = alert.filter(|alert| contact.ended.is_some() && alert.settled_at.is_none()) {
                set.row(AlertRow { settled_at: Some(self.now()), ..alert });
            }
            Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
        })
        .await
    }

    async fn asked_matter(&self, site_id: &str, id: Option<&str>, errors: &mut FieldErrors) -> Answer<Option<MatterId>> {
        let Some(text) = id else { return Ok(None) };
        let found = match MatterId::parse(text) {
            Some(id) => self.stores.catalogue.matter(site_id, id.as_str()).await?.map(|_| id),
            None => None,
        };
        Ok(errors.some(found, "matter_id", "unknown", "没有这个事项"))
    }

    /// Somebody of the site who may have a first contact.
    async fn colleague_of(&self, site_id: &str, id: Option<&str>) -> Answer<Option<StaffId>> {
        let Some(id) = id.and_then(StaffId::parse) else { return Ok(None) };
        let found = self.contact_colleagues(site_id).await?;
        Ok(found.into_iter().any(|one| one.id == id.as_str()).then_some(id))
    }
}
