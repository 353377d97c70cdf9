//! Booking, changing and cancelling, by page and by staff for somebody who calls.

use domain::appointment::{Appointment, Command, NewAppointment, Origin};
use domain::codes::{TRACKING_CODE_CHARS, normal_code};
use domain::ids::{AppointmentId, LineId, MatterId};
use domain::time::{Millis, local_date};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Decided, appointment_of, change_set};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::hall::HolderInput;
use crate::app::persons::{NewPerson, PersonInput};
use crate::app::retry::{Outcome, Retry};
use crate::store::{AppointmentRow, ChangeSet};

/// Matters of one appointment.
const MATTERS_MAX: usize = 10;
/// Who acts, in the log, when nobody is signed in.
pub(super) const CITIZEN: &str = "citizen";

/// Body of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookRequest {
    /// The line.
    pub line_id: String,
    /// Begin of the slot, as the slots tell it.
    pub starts_at: String,
    /// Who will come: name and phone, an ID number if told.
    pub holder: HolderInput,
    /// What for, as far as told.
    #[serde(default)]
    pub matter_ids: Vec<String>,
}

/// Body of a change: the other slot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRequest {
    /// Begin of the slot, as the slots tell it.
    pub starts_at: String,
    /// Another line, if it changes.
    #[serde(default)]
    pub line_id: Option<String>,
}

/// A booking whose fields are sound.
struct Wanted {
    line_id: LineId,
    starts_at: Millis,
    matter_ids: Vec<MatterId>,
    person: NewPerson,
    holder_key: String,
    id_key: Option<String>,
}

/// Who does something to an appointment.
#[derive(Clone, Copy)]
struct Doer<'a> {
    origin: Origin,
    actor: &'a str,
}

impl App {
    /// Books by page. `caller` is the address that asks.
    ///
    /// # Errors
    /// 404 for an unknown site, field errors, too many from one address; refusals are outcomes.
    pub async fn book_by_page(&self, site_id: &str, request: &BookRequest, caller: &str, retry: Option<Retry>) -> Answer<Outcome> {
        self.directory.get().site(site_id)?;
        self.bookings.by_page.check(caller, self.now())?;
        let outcome = self.book(site_id, request, Doer { origin: Origin::Citizen, actor: CITIZEN }, retry).await?;
        if outcome.status == 201 && !outcome.replayed {
            self.bookings.by_page.wrong(caller, self.now());
        }
        Ok(outcome)
    }

    /// Books for somebody who calls or stands there.
    ///
    /// # Errors
    /// Field errors; refusals are outcomes.
    pub async fn book_for(&self, permit: &Permit, request: &BookRequest, retry: Option<Retry>) -> Answer<Outcome> {
        self.book(permit.site_id(), request, Doer { origin: Origin::Staff, actor: permit.caller().actor() }, retry).await
    }

    async fn book(&self, site_id: &str, request: &BookRequest, by: Doer<'_>, retry: Option<Retry>) -> Answer<Outcome> {
        let wanted = self.wanted(site_id, request)?;
        let turn = self.bookings.turns.of(site_id);
        let _turn = turn.lock().await;
        let outcome = self.once(site_id, retry.as_ref(), || self.booked(site_id, &wanted, by)).await?;
        self.appointment_told(site_id, outcome).await
    }

    fn wanted(&self, site_id: &str, request: &BookRequest) -> Answer<Wanted> {
        let site_key = self.directory.get().site(site_id)?.key.clone();
        let mut errors = FieldErrors::default();
        let line_id = errors.some(LineId::parse(&request.line_id), "line_id", "unknown", "没有这条队");
        let starts_at = errors.some(instant(&request.starts_at), "starts_at", "form", "选一个时段");
        for (value, name, message) in
            [(&request.holder.name, "holder.name", "写上姓名"), (&request.holder.phone, "holder.phone", "写上手机号码")]
        {
            if value.as_deref().is_none_or(|value| value.trim().is_empty()) {
                errors.add(name, "missing", message);
            }
        }
        if request.matter_ids.len() > MATTERS_MAX {
            errors.add("matter_ids", "count", format!("最多选 {MATTERS_MAX} 个事项"));
        }
        let mut matter_ids = Vec::new();
        for (place, text) in request.matter_ids.iter().enumerate() {
            match MatterId::parse(text).filter(|id| id.site_key() == site_key) {
                Some(id) => matter_ids.push(id),
                None => errors.add(&format!("matter_ids[{place}]"), "unknown", "没有这个事项"),
            }
        }
        let input = PersonInput {
            kind: "person".to_owned(),
            name: request.holder.name.clone(),
            id_type: request.holder.id_type.clone(),
            id_number: request.holder.id_number.clone(),
            phone: request.holder.phone.clone(),
            ..PersonInput::default()
        };
        let person = self.new_person(&site_key, "holder", &input, false, &mut errors)?;
        errors.check()?;
        let (Some(line_id), Some(starts_at), Some(person)) = (line_id, starts_at, person) else { return Err(AppError::NotFound) };
        let key = |field: &str, index: &Option<Vec<u8>>| {
            index.as_ref().map(|index| self.appointment_key(site_id, field, &data_encoding::HEXLOWER.encode(index)))
        };
        let holder_key = key("appointment_phone", &person.row.phone_index).unwrap_or_default();
        let id_key = key("appointment_id", &person.row.id_number_index);
        Ok(Wanted { line_id, starts_at, matter_ids, person, holder_key, id_key })
    }

    async fn booked(&self, site_id: &str, wanted: &Wanted, by: Doer<'_>) -> Answer<(ChangeSet, Outcome)> {
        let version = self.book_version(site_id).await?;
        let facts = self.appointment_facts(site_id, &wanted.line_id, local_date(wanted.starts_at), &wanted.holder_key).await?;
        let site = facts.listing.site(site_id)?;
        let now = self.now();
        let new = NewAppointment {
            id: AppointmentId::new(&site.key, &id_tail(self.entropy.as_ref(), now)),
            site: domain::ids::SiteId::parse(site_id).ok_or(AppError::NotFound)?,
            person: wanted.person.id.clone(),
            starts_at: wanted.starts_at,
            matter_ids: wanted.matter_ids.clone(),
        };
        let id = new.id.to_string();
        let events = Appointment::book(new, &facts.ground(), by.origin, now)?;
        let codes = self.appointment_codes(site_id, &id);
        let row = AppointmentRow {
            site_id: site_id.to_owned(),
            id: id.clone(),
            code_key: self.code_key(&codes.code),
            short_key: self.short_key(site_id, &codes.short),
            line_id: wanted.line_id.to_string(),
            date: String::new(),
            starts_at: wanted.starts_at,
            state: String::new(),
            person_id: wanted.person.id.to_string(),
            holder_key: wanted.holder_key.clone(),
            id_key: wanted.id_key.clone(),
            ticket_id: None,
            created_at: now,
            due_at: 0,
            doc: String::new(),
        };
        let policy = facts.policy();
        let (mut set, booked) = change_set(Decided { row, version, policy }, &events, by.actor, now)?;
        set.row(wanted.person.row.clone());
        self.follow_appointment(&booked, &events, policy, &mut set);
        Ok((set, Outcome::success(201, Some(id), Value::Null)))
    }

    /// An outcome holds no code when it is kept; whoever is answered gets the appointment as it is.
    async fn appointment_told(&self, site_id: &str, mut outcome: Outcome) -> Answer<Outcome> {
        if let Some(id) = outcome.object_id.as_deref().and_then(AppointmentId::parse).filter(|_| outcome.body.is_null()) {
            let row = self.appointment_row(site_id, &id).await?;
            outcome.body = serde_json::to_value(self.appointment_view(&self.hall(site_id).await?, &row, &appointment_of(&row)?)?)?;
        }
        Ok(outcome)
    }

    /// The site and id behind a citizen's code.
    ///
    /// # Errors
    /// 404.
    pub async fn appointment_behind(&self, code: &str) -> Answer<(String, AppointmentId)> {
        let code = normal_code(code, TRACKING_CODE_CHARS).ok_or(AppError::NotFound)?;
        let row = self.stores.appointments.appointment_by_code(&self.code_key(&code)).await?.ok_or(AppError::NotFound)?;
        let id = AppointmentId::parse(&row.id).ok_or(AppError::NotFound)?;
        Ok((row.site_id, id))
    }

    /// Changes an appointment by its code.
    ///
    /// # Errors
    /// 404, field errors; refusals are outcomes.
    pub async fn change_by_code(&self, code: &str, request: &ChangeRequest, retry: Option<Retry>) -> Answer<Outcome> {
        let (site_id, id) = self.appointment_behind(code).await?;
        self.change(&site_id, &id, request, Doer { origin: Origin::Citizen, actor: CITIZEN }, retry).await
    }

    /// Changes an appointment for somebody who calls.
    ///
    /// # Errors
    /// 404, field errors; refusals are outcomes.
    pub async fn change_for(&self, permit: &Permit, id: &AppointmentId, request: &ChangeRequest, retry: Option<Retry>) -> Answer<Outcome> {
        let by = Doer { origin: Origin::Staff, actor: permit.caller().actor() };
        self.change(permit.site_id(), id, request, by, retry).await
    }

    async fn change(
        &self,
        site_id: &str,
        id: &AppointmentId,
        request: &ChangeRequest,
        by: Doer<'_>,
        retry: Option<Retry>,
    ) -> Answer<Outcome> {
        let mut errors = FieldErrors::default();
        let starts_at = errors.some(instant(&request.starts_at), "starts_at", "form", "选一个时段");
        let line_id = match &request.line_id {
            Some(text) => errors.some(LineId::parse(text), "line_id", "unknown", "没有这条队"),
            None => None,
        };
        errors.check()?;
        let Some(starts_at) = starts_at else { return Err(AppError::NotFound) };
        self.act(site_id, id, (line_id, Command::Change { starts_at }), by, retry).await
    }

    /// Gives up an appointment by its code.
    ///
    /// # Errors
    /// 404; refusals are outcomes.
    pub async fn cancel_by_code(&self, code: &str, retry: Option<Retry>) -> Answer<Outcome> {
        let (site_id, id) = self.appointment_behind(code).await?;
        self.act(&site_id, &id, (None, Command::Cancel), Doer { origin: Origin::Citizen, actor: CITIZEN }, retry).await
    }

    /// Gives up an appointment for somebody who calls.
    ///
    /// # Errors
    /// 404; refusals are outcomes.
    pub async fn cancel_for(&self, permit: &Permit, id: &AppointmentId, retry: Option<Retry>) -> Answer<Outcome> {
        let by = Doer { origin: Origin::Staff, actor: permit.caller().actor() };
        self.act(permit.site_id(), id, (None, Command::Cancel), by, retry).await
    }

    async fn act(
        &self,
        site_id: &str,
        id: &AppointmentId,
        wish: (Option<LineId>, Command),
        by: Doer<'_>,
        retry: Option<Retry>,
    ) -> Answer<Outcome> {
        let turn = self.bookings.turns.of(site_id);
        let _turn = turn.lock().await;
        let outcome = self.once(site_id, retry.as_ref(), || self.acted(site_id, id, &wish, by)).await?;
        self.appointment_told(site_id, outcome).await
    }

    async fn acted(
        &self,
        site_id: &str,
        id: &AppointmentId,
        (line_id, command): &(Option<LineId>, Command),
        by: Doer<'_>,
    ) -> Answer<(ChangeSet, Outcome)> {
        let version = self.book_version(site_id).await?;
        let row = self.appointment_row(site_id, id).await?;
        let appointment = appointment_of(&row)?;
        let starts_at = match command {
            Command::Change { starts_at } => *starts_at,
            _ => appointment.place.slot.starts_at,
        };
        let line_id = line_id.as_ref().unwrap_or(&appointment.place.line_id);
        let facts = self.appointment_facts(site_id, line_id, local_date(starts_at), &row.holder_key).await?;
        let events = appointment.decide(command, &facts.ground(), by.origin, self.now())?;
        let policy = facts.policy();
        let (mut set, changed) = change_set(Decided { row, version, policy }, &events, by.actor, self.now())?;
        self.follow_appointment(&changed, &events, policy, &mut set);
        Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
    }
}

/// An instant as the API writes one.
pub(in crate::app) fn instant(text: &str) -> Option<Millis> {
    chrono::DateTime::parse_from_rfc3339(text.trim()).ok().map(|at| at.timestamp_millis())
}
