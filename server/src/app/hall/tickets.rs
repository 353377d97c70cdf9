//! Use cases about tickets.

use chrono::{Days, NaiveDate};
use domain::codes::{clean_line, short_code, tracking_code};
use domain::hall::{Actor, Command, NewTicket, Outcome as VisitOutcome, Position, Priority, Target};
use domain::ids::{AppointmentId, LineId, TicketId, WindowId};
use domain::rights::Operation;
use domain::time::local_date;
use serde::Deserialize;
use utoipa::ToSchema;

use super::desk::{Beside, Wish};
use super::matters::Place;
use crate::app::App;
use crate::app::caller::{Caller, Permit};
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::fresh::{bytes, id_tail};
use crate::app::persons::{NewPerson, PersonInput};
use crate::app::retry::{Outcome, Retry};

/// Days back of which a ticket may still live: carried over a long holiday, or served overnight.
const HELD_DAYS_MAX: u64 = 10;
/// Characters of a reason.
const REASON_CHARS_MAX: usize = 100;

/// Who takes a ticket, as far as told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolderInput {
    /// Name.
    pub name: Option<String>,
    /// `resident_id`, …
    pub id_type: Option<String>,
    /// ID number.
    pub id_number: Option<String>,
    /// Mobile phone.
    pub phone: Option<String>,
}

/// Body of `POST /sites/{site}/tickets`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueRequest {
    /// The line, or
    pub line_id: Option<String>,
    /// the matters.
    pub matter_ids: Option<Vec<String>>,
    /// For whom: matters that are not for this kind of applicant are refused. Without it the holder's
    /// document tells, if there is one.
    #[schema(value_type = Option<crate::app::words::ApplicantKind>)]
    pub applicant_kind: Option<String>,
    /// `ordinary` or `green`.
    #[schema(value_type = Option<crate::app::words::TicketPriority>)]
    pub priority: Option<String>,
    /// Who takes it.
    pub holder: Option<HolderInput>,
    /// An appointment that is checked in: it says everything else, so nothing but `no_slip` stands beside it.
    pub appointment_id: Option<String>,
    /// The person wants no slip: a screen or phone shows the number.
    #[serde(default)]
    pub no_slip: bool,
}

impl App {
    /// Gives a number.
    ///
    /// # Errors
    /// Field errors, an unknown line, matter or appointment; refusals of the rules are outcomes.
    pub async fn issue_ticket(&self, permit: &Permit, request: IssueRequest, retry: Option<Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        if let Some(appointment) = &request.appointment_id {
            let id = self.appointment_named(site_id, appointment, &request).await?;
            return self.check_in(permit, &id, request.no_slip, retry).await;
        }
        let site_key = self.directory.get().site(site_id)?.key.clone();
        let mut errors = FieldErrors::default();
        let place = self.place(site_id, &request, &mut errors).await?;
        let priority = priority(request.priority.as_deref(), &mut errors);
        let person = match &request.holder {
            Some(holder) => self.holder(&site_key, holder, &mut errors)?,
            None => None,
        };
        errors.check()?;
        let Some(Place { line_id, also_line_ids, matter_ids }) = place else { return Err(AppError::NotFound) };
        let ticket = NewTicket {
            also_line_ids,
            matter_ids,
            priority,
            phone_left: person.as_ref().is_some_and(|person| person.row.phone_index.is_some()),
            ..self.ticket_for(site_id, &site_key, line_id, person.as_ref())
        };
        let rows = person.map(|person| person.row.into()).into_iter().collect();
        self.halls
            .submit(Wish {
                site_id: site_id.to_owned(),
                actor: actor(permit),
                actor_id: permit.caller().actor().to_owned(),
                command: Command::Issue(ticket),
                retry,
                rows,
                beside: Beside { without_slip: request.no_slip, ..Beside::default() },
            })
            .await
    }

    /// The appointment of this site that a request names, and nothing beside it.
    async fn appointment_named(&self, site_id: &str, appointment: &str, request: &IssueRequest) -> Answer<AppointmentId> {
        let mut errors = FieldErrors::default();
        let alone = IssueRequest { appointment_id: Some(appointment.to_owned()), no_slip: request.no_slip, ..IssueRequest::default() };
        if *request != alone {
            errors.add("appointment_id", "one_of", "签到只写预约，队列、事项和人都照预约的");
        }
        let id = match AppointmentId::parse(appointment) {
            Some(id) => self.stores.appointments.appointment(site_id, id.as_str()).await?.map(|_| id),
            None => None,
        };
        let id = errors.some(id, "appointment_id", "unknown", "没有这个预约");
        errors.check()?;
        id.ok_or(AppError::NotFound)
    }

    /// An ordinary ticket with a fresh id and codes.
    pub(in crate::app) fn fresh_ticket(&self, site_key: &str, line_id: LineId) -> NewTicket {
        let ticket_id = TicketId::new(site_key, &id_tail(self.entropy.as_ref(), self.now()));
        let (tracking, short) = (tracking_code(bytes(self.entropy.as_ref())), short_code(bytes(self.entropy.as_ref())));
        NewTicket::ordinary(ticket_id, line_id, tracking, short)
    }

    /// The same for somebody, if it is known who.
    pub(super) fn ticket_for(&self, site_id: &str, site_key: &str, line_id: LineId, person: Option<&NewPerson>) -> NewTicket {
        let fresh = self.fresh_ticket(site_key, line_id);
        let Some(person) = person else { return fresh };
        let held = NewTicket { holder: Some(person.id.clone()), ..fresh };
        match &person.row.id_number_index {
            Some(index) => self.held_by(site_id, index, held),
            None => held,
        }
    }

    /// A ticket with the keys that tell whether another live one is the same person's.
    pub(in crate::app) fn held_by(&self, site_id: &str, index: &[u8], ticket: NewTicket) -> NewTicket {
        let others = self.keys_of_days_around(site_id, index);
        NewTicket { holder_key: Some(self.key_of_today(site_id, index)), other_keys: others, ..ticket }
    }

    fn keys_of_days_around(&self, site_id: &str, index: &[u8]) -> Vec<String> {
        let today = local_date(self.now());
        let earlier = (1..=HELD_DAYS_MAX).map(|days| today - Days::new(days));
        // Tomorrow's too: a clock may be put back over midnight.
        earlier.chain([today + Days::new(1)]).map(|date| self.day_key(site_id, index, date)).collect()
    }

    /// Adds to a transfer the keys under which its holder may have another live ticket: those of what the ticket's own
    /// key was made from, the ID number or else the phone that took it.
    pub(super) async fn name_holder(&self, site_id: &str, command: &mut Command) -> Answer<()> {
        let Command::Transfer { ticket_id, to: Target::Line { .. }, holder_keys, .. } = command else { return Ok(()) };
        let hall = self.hall(site_id).await?;
        let Some(holder) = hall.ticket(ticket_id).filter(|ticket| ticket.holder_key.is_some()).and_then(|ticket| ticket.holder.as_ref())
        else {
            return Ok(());
        };
        let person = self.stores.persons.person(site_id, holder.as_str()).await?;
        if let Some(index) = person.and_then(|person| person.id_number_index.or(person.phone_index)) {
            *holder_keys = self.keys_of_days_around(site_id, &index);
            holder_keys.push(self.key_of_today(site_id, &index));
        }
        Ok(())
    }

    /// The opaque key of somebody for today.
    pub(super) fn key_of_today(&self, site_id: &str, index: &[u8]) -> String {
        self.day_key(site_id, index, local_date(self.now()))
    }

    /// Tells whether two tickets of one day are one person's. The log keeps it for ever, so it is made
    /// from the site and the day too and joins nobody's visits.
    pub(in crate::app) fn day_key(&self, site_id: &str, index: &[u8], date: NaiveDate) -> String {
        let day = format!("{site_id} {date} {}", data_encoding::HEXLOWER.encode(index));
        data_encoding::HEXLOWER.encode(&self.vault.blind_index("holder_of_day", &day))
    }

    pub(super) fn holder(&self, site_key: &str, holder: &HolderInput, errors: &mut FieldErrors) -> Answer<Option<NewPerson>> {
        if *holder == HolderInput::default() {
            return Ok(None);
        }
        let input = PersonInput {
            kind: "person".to_owned(),
            name: holder.name.clone(),
            id_type: holder.id_type.clone(),
            id_number: holder.id_number.clone(),
            phone: holder.phone.clone(),
            ..PersonInput::default()
        };
        self.new_person(site_key, "holder", &input, false, errors)
    }

    /// Does what a path segment names to a ticket.
    ///
    /// # Errors
    /// Field errors; refusals of the rules are outcomes.
    pub async fn act_on_ticket(&self, permit: &Permit, command: Command, retry: Option<Retry>) -> Answer<Outcome> {
        self.act_because(permit, command, None, retry).await
    }

    /// A walk-in without ticket, served at once.
    ///
    /// # Errors
    /// Field errors; refusals of the rules are outcomes.
    pub async fn walk_in(&self, permit: &Permit, window_id: WindowId, line_id: &str, retry: Option<Retry>) -> Answer<Outcome> {
        let site_key = self.directory.get().site(permit.site_id())?.key.clone();
        let line_id = LineId::parse(line_id).ok_or_else(|| AppError::field("line_id", "unknown", "没有这条队"))?;
        let ticket = self.fresh_ticket(&site_key, line_id);
        self.act_on_ticket(permit, Command::WalkIn { window_id, ticket }, retry).await
    }
}

pub(super) fn priority(text: Option<&str>, errors: &mut FieldErrors) -> Priority {
    match text {
        None | Some("ordinary") => Priority::Ordinary,
        Some("green") => Priority::Green,
        Some(_) => {
            errors.add("priority", "unknown", "只能是普通或绿色通道");
            Priority::Ordinary
        }
    }
}

/// The actor of the rules behind a permit: a supervisor may act at windows of others.
pub(in crate::app) fn actor(permit: &Permit) -> Actor {
    match permit.caller() {
        Caller::Device(_) => Actor::machine(),
        Caller::Staff(caller) => Actor {
            staff: Some(caller.staff.id.clone()),
            as_supervisor: permit.caller().permit(Operation::SuperviseHall, permit.site_id()).is_ok(),
            reason: None,
        },
    }
}

/// A reason or text of a hall command.
///
/// # Errors
/// A field error when it is empty though required, too long or not printable.
pub fn reason(field: &str, text: Option<&str>, required: bool) -> Answer<Option<String>> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None if required => Err(AppError::field(field, "missing", "写一下原因")),
        None => Ok(None),
        Some(text) => clean_line(text, REASON_CHARS_MAX).map(Some).map_err(|fault| AppError::field(field, fault.code(), &fault.message())),
    }
}

/// The outcome of a visit by its name in the API.
#[must_use]
pub fn visit_outcome(text: &str) -> Option<VisitOutcome> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

/// Where a transfer goes.
///
/// # Errors
/// Field errors.
pub fn transfer(line_id: Option<&str>, window_id: Option<&str>, position: Option<&str>) -> Answer<(Target, Position)> {
    let mut errors = FieldErrors::default();
    let target = match (line_id, window_id) {
        (Some(line), None) => errors.some(LineId::parse(line), "line_id", "unknown", "没有这条队").map(|line_id| Target::Line { line_id }),
        (None, Some(window)) => {
            errors.some(WindowId::parse(window), "window_id", "unknown", "没有这个窗口").map(|window_id| Target::Window { window_id })
        }
        _ => errors.some(None, "line_id", "one_of", "转到队列或窗口，选一样"),
    };
    let position = match position {
        None => Position::default(),
        Some(text) => serde_json::from_value(serde_json::Value::String(text.to_owned())).unwrap_or_else(|_| {
            errors.add("position", "unknown", "排在最前、最后或按取号时间");
            Position::default()
        }),
    };
    errors.check()?;
    target.map(|target| (target, position)).ok_or(AppError::NotFound)
}
