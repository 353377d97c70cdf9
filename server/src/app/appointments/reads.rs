//! Slots for everybody, appointments for those who hold their code, staff and kiosks.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::appointment::{Appointment, NoSlots, Slot, slots_on};
use domain::codes::{IdType, SHORT_CODE_CHARS, TRACKING_CODE_CHARS, mask_name, mask_phone, normal_code, phone};
use domain::hall::Hall;
use domain::ids::{AppointmentId, LineId};
use domain::time::{DAY_MS, MINUTE_MS, local_date, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::appointment_of;
use crate::app::App;
use crate::app::caller::{Caller, Permit};
use crate::app::error::{Answer, AppError};
use crate::app::retry::Retry;
use crate::app::reveals::{RevealRequest, Revealed};
use crate::store::AppointmentRow;

/// A slot with what is free of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlotView {
    /// Begin.
    pub starts_at: String,
    /// End.
    pub ends_at: String,
    /// Places.
    pub capacity: u32,
    /// Places nobody has.
    pub left: u32,
    /// Whether it can be booked now: places left, neither too soon nor too far ahead.
    pub bookable: bool,
}

/// Why a day has no slots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoSlotsView {
    /// `line_not_bookable`, `holiday`, `closed` or `calendar_not_loaded`.
    pub code: String,
    /// For people.
    pub message: String,
}

/// The slots of a line on a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlotsView {
    /// The line.
    pub line_id: String,
    /// The date.
    pub date: String,
    /// Why there are none.
    pub closed: Option<NoSlotsView>,
    /// The slots in order.
    pub slots: Vec<SlotView>,
}

/// A date on which a line may be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BookableDayView {
    /// The date.
    pub date: String,
    /// Places that can be booked now.
    pub left: u32,
    /// Why there are no slots.
    pub closed: Option<NoSlotsView>,
}

/// A line that takes appointments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BookableLineView {
    /// The line.
    pub line_id: String,
    /// Its name.
    pub line_name: String,
    /// Today and every day that can be booked, in order.
    pub days: Vec<BookableDayView>,
}

/// An appointment as told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AppointmentView {
    /// The appointment.
    pub id: String,
    /// The site.
    pub site_id: String,
    /// Its name.
    pub site_name: String,
    /// The line.
    pub line_id: String,
    /// Its name.
    pub line_name: String,
    /// `booked`, `checked_in`, `cancelled` or `no_show`.
    pub state: String,
    /// Begin of the slot.
    pub starts_at: String,
    /// End of the slot.
    pub ends_at: String,
    /// What for.
    pub matter_ids: Vec<String>,
    /// 16 characters that open it: the key of its holder. Kiosks do not see it.
    pub code: Option<String>,
    /// 8 characters to type at the kiosk.
    pub short_code: String,
    /// Where its holder reads and changes it; the QR. Kiosks do not see it.
    pub url: Option<String>,
    /// From when on a number can be had.
    pub check_in_from: String,
    /// Until when the place is kept.
    pub kept_until: String,
    /// Why its day is closed now.
    pub closed: Option<NoSlotsView>,
    /// The number it became.
    pub ticket_id: Option<String>,
    /// `王*明`; for staff and kiosks.
    pub name: Option<String>,
    /// `138****2046`; for staff.
    pub phone: Option<String>,
}

/// Body of a search: what somebody typed or scanned.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindAppointmentsRequest {
    /// Code, short code, QR, phone or ID number.
    pub text: String,
}

/// The booked slots by line and date.
type Taken = BTreeMap<(String, NaiveDate), Vec<Slot>>;

impl From<&NoSlots> for NoSlotsView {
    fn from(why: &NoSlots) -> Self {
        Self { code: why.code().to_owned(), message: why.to_string() }
    }
}

impl App {
    /// The slots of a line on a date, for everybody.
    ///
    /// # Errors
    /// 404 for an unknown site, field errors for another line or date.
    pub async fn appointment_slots(&self, site_id: &str, line: &str, date: &str) -> Answer<SlotsView> {
        self.directory.get().site(site_id)?;
        let hall = self.hall(site_id).await?;
        let unknown = || AppError::field("line_id", "unknown", "没有这条队");
        let line_id = LineId::parse(line).filter(|id| hall.line(id).is_some()).ok_or_else(unknown)?;
        let day: NaiveDate = date.parse().map_err(|_| AppError::field("date", "form", "日期写成 2026-11-24 的样子"))?;
        let taken = self.taken(site_id, day, day).await?;
        let (closed, slots) = self.slots(&hall, &line_id, day, &taken);
        Ok(SlotsView { line_id: line_id.to_string(), date: day.to_string(), closed: closed.as_ref().map(Into::into), slots })
    }

    /// The lines that take appointments, each with its days.
    ///
    /// # Errors
    /// 404 for an unknown site.
    pub async fn bookable_lines(&self, site_id: &str) -> Answer<Vec<BookableLineView>> {
        self.directory.get().site(site_id)?;
        let hall = self.hall(site_id).await?;
        let policy = &hall.doc().policy.appointments;
        let dates: Vec<NaiveDate> = (0..=i64::from(policy.earliest_days)).map(|days| local_date(self.now() + days * DAY_MS)).collect();
        let (Some(first), Some(last)) = (dates.first(), dates.last()) else { return Ok(Vec::new()) };
        let taken = self.taken(site_id, *first, *last).await?;
        let mut lines = Vec::new();
        for bookable in &policy.lines {
            let Some(line) = hall.line(&bookable.line_id) else { continue };
            let day = |date: &NaiveDate| {
                let (closed, slots) = self.slots(&hall, &line.id, *date, &taken);
                let left = slots.iter().filter(|slot| slot.bookable).map(|slot| slot.left).sum();
                BookableDayView { date: date.to_string(), left, closed: closed.as_ref().map(Into::into) }
            };
            let days = dates.iter().map(day).collect();
            lines.push(BookableLineView { line_id: line.id.to_string(), line_name: line.name.clone(), days });
        }
        Ok(lines)
    }

    /// The slots that were booked, by line and date.
    async fn taken(&self, site_id: &str, from: NaiveDate, to: NaiveDate) -> Answer<Taken> {
        let mut taken = Taken::new();
        for row in self.stores.appointments.appointments_between(site_id, &from.to_string(), &to.to_string(), None).await? {
            let appointment = appointment_of(&row)?;
            if appointment.takes_place() {
                let slot = appointment.place.slot;
                taken.entry((row.line_id, local_date(slot.starts_at))).or_default().push(slot);
            }
        }
        Ok(taken)
    }

    fn slots(&self, hall: &Hall, line_id: &LineId, date: NaiveDate, taken: &Taken) -> (Option<NoSlots>, Vec<SlotView>) {
        let (policy, now) = (&hall.doc().policy.appointments, self.now());
        let Some(line) = policy.line(line_id) else { return (Some(NoSlots::LineNotBookable), Vec::new()) };
        let slots = match slots_on(line, policy, &hall.doc().hours, &self.directory.get().calendar, date) {
            Ok(slots) => slots,
            Err(why) => return (Some(why), Vec::new()),
        };
        let is_near = date <= local_date(now + i64::from(policy.earliest_days) * DAY_MS);
        let booked = taken.get(&(line_id.to_string(), date)).map(Vec::as_slice).unwrap_or_default();
        let view = |(slot, places): (Slot, u16)| {
            let capacity = u32::from(places);
            let taken = booked.iter().filter(|booked| booked.overlaps(slot)).count();
            let left = capacity.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX));
            let is_early_enough = now <= slot.starts_at - i64::from(policy.latest_min) * MINUTE_MS;
            SlotView {
                starts_at: rfc3339(slot.starts_at),
                ends_at: rfc3339(slot.ends_at),
                capacity,
                left,
                bookable: left > 0 && is_near && is_early_enough,
            }
        };
        (None, slots.into_iter().map(view).collect())
    }

    /// An appointment for whoever holds its code.
    ///
    /// # Errors
    /// 404.
    pub async fn appointment_by_code(&self, code: &str) -> Answer<AppointmentView> {
        let (site_id, id) = self.appointment_behind(code).await?;
        let row = self.appointment_row(&site_id, &id).await?;
        self.appointment_view(&self.hall(&site_id).await?, &row, &appointment_of(&row)?)
    }

    /// Name and phone of who booked, after the read was recorded with its reason.
    ///
    /// # Errors
    /// 404; field errors.
    pub async fn reveal_booker(
        &self,
        permit: &Permit,
        id: &AppointmentId,
        request: &RevealRequest,
        retry: Option<&Retry>,
    ) -> Answer<Revealed> {
        let row = self.appointment_row(permit.site_id(), id).await?;
        request.only_contact()?;
        self.reveal(permit, ("appointment", id.as_str()), &row.person_id, request, retry).await
    }

    /// One appointment for staff, masked.
    ///
    /// # Errors
    /// 404.
    pub async fn appointment(&self, permit: &Permit, id: &AppointmentId) -> Answer<AppointmentView> {
        let row = self.appointment_row(permit.site_id(), id).await?;
        let hall = self.hall(permit.site_id()).await?;
        self.masked_appointment(permit, &hall, &row).await
    }

    /// The appointments of a day, of one line or all, for staff.
    ///
    /// # Errors
    /// A field error for another date.
    pub async fn appointments_of_day(&self, permit: &Permit, date: Option<&str>, line: Option<&str>) -> Answer<Vec<AppointmentView>> {
        let date = match date {
            None => local_date(self.now()),
            Some(text) => text.parse().map_err(|_| AppError::field("date", "form", "日期写成 2026-11-24 的样子"))?,
        };
        let day = date.to_string();
        let rows = self.stores.appointments.appointments_between(permit.site_id(), &day, &day, line).await?;
        self.masked_appointments(permit, &rows).await
    }

    /// Appointments by what somebody typed or scanned. A kiosk finds only those of today; wrong tries of a
    /// device are counted.
    ///
    /// # Errors
    /// A field error for an empty text; too many wrong tries.
    pub async fn find_appointments(&self, permit: &Permit, request: &FindAppointmentsRequest) -> Answer<Vec<AppointmentView>> {
        let (site_id, now) = (permit.site_id(), self.now());
        let is_device = matches!(permit.caller(), Caller::Device(_));
        let key = format!("appointment {}", permit.caller().actor());
        if is_device {
            self.throttle.check(&key, now)?;
        }
        // The QR is the page's address with the code at its end.
        let text = request.text.trim().rsplit('/').next().unwrap_or_default().trim();
        let is_sound = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if text.is_empty() || text.len() > 64 || !is_sound {
            return Err(AppError::field("text", "form", "输入预约码、手机号码或证件号码"));
        }
        let mut rows = self.appointments_behind(site_id, text).await?;
        if is_device {
            let hall = self.hall(site_id).await?;
            let (today, policy) = (local_date(now).to_string(), &hall.doc().policy.appointments);
            // One that lies behind midnight can be checked in before it.
            let is_open = |row: &AppointmentRow| appointment_of(row).is_ok_and(|one| one.check_in_from(policy) <= now);
            rows.retain(|row| row.state != "cancelled" && (row.date == today || (row.date > today && is_open(row))));
            if rows.is_empty() {
                self.throttle.wrong(&key, now);
            }
        }
        self.masked_appointments(permit, &rows).await
    }

    async fn appointments_behind(&self, site_id: &str, text: &str) -> Answer<Vec<AppointmentRow>> {
        let store = &self.stores.appointments;
        if let Ok(phone) = phone(text) {
            return Ok(store.appointments_of(site_id, &self.blind_key(site_id, "phone", &phone)).await?);
        }
        if let Some(code) = normal_code(text, TRACKING_CODE_CHARS) {
            let row = store.appointment_by_code(&self.code_key(&code)).await?.filter(|row| row.site_id == site_id);
            return Ok(row.into_iter().collect());
        }
        if let Some(short) = normal_code(text, SHORT_CODE_CHARS) {
            let rows = store.appointments_by_short(site_id, &self.short_key(site_id, &short)).await?;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
        let number = IdType::ResidentId.normal(text, local_date(self.now())).unwrap_or_else(|_| text.to_owned());
        Ok(store.appointments_of(site_id, &self.blind_key(site_id, "id_number", &number)).await?)
    }

    /// The key under which appointments of a phone or ID number are found.
    fn blind_key(&self, site_id: &str, field: &str, value: &str) -> String {
        let index = data_encoding::HEXLOWER.encode(&self.vault.blind_index(field, value));
        self.appointment_key(site_id, if field == "phone" { "appointment_phone" } else { "appointment_id" }, &index)
    }

    async fn masked_appointments(&self, permit: &Permit, rows: &[AppointmentRow]) -> Answer<Vec<AppointmentView>> {
        let hall = self.hall(permit.site_id()).await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            views.push(self.masked_appointment(permit, &hall, row).await?);
        }
        Ok(views)
    }

    async fn masked_appointment(&self, permit: &Permit, hall: &Hall, row: &AppointmentRow) -> Answer<AppointmentView> {
        let person = self.person_data(&row.site_id, &row.person_id).await?;
        let is_device = matches!(permit.caller(), Caller::Device(_));
        let mut view = self.appointment_view(hall, row, &appointment_of(row)?)?;
        view.name = person.name.as_deref().map(mask_name);
        view.phone = person.phone.as_deref().filter(|_| !is_device).map(mask_phone);
        if is_device {
            (view.code, view.url) = (None, None);
        }
        Ok(view)
    }

    /// An appointment without personal data.
    pub(super) fn appointment_view(&self, hall: &Hall, row: &AppointmentRow, appointment: &Appointment) -> Answer<AppointmentView> {
        let listing = self.directory.get();
        let (site, doc, place) = (listing.site(&row.site_id)?, hall.doc(), &appointment.place);
        let ground = super::Facts {
            hall: hall.clone(),
            listing: listing.clone(),
            day: domain::appointment::Day::new(place.line_id.clone(), local_date(place.slot.starts_at), []),
            booker: domain::appointment::Booker::default(),
        };
        let is_open = matches!(appointment.state, domain::appointment::State::Booked);
        let closed = if is_open { ground.ground().lost(place) } else { None };
        let (policy, codes) = (&doc.policy.appointments, self.appointment_codes(&row.site_id, &row.id));
        Ok(AppointmentView {
            id: row.id.clone(),
            site_id: row.site_id.clone(),
            site_name: site.name.clone(),
            line_id: place.line_id.to_string(),
            line_name: hall.line(&place.line_id).map(|line| line.name.clone()).unwrap_or_default(),
            state: appointment.state.name().to_owned(),
            starts_at: rfc3339(place.slot.starts_at),
            ends_at: rfc3339(place.slot.ends_at),
            matter_ids: appointment.matter_ids.iter().map(ToString::to_string).collect(),
            url: Some(format!("{}/book/{}", self.settings.public_url, codes.code)),
            code: Some(codes.code),
            short_code: codes.short,
            check_in_from: rfc3339(appointment.check_in_from(policy)),
            kept_until: rfc3339(appointment.kept_until(policy)),
            closed: closed.as_ref().map(Into::into),
            ticket_id: row.ticket_id.clone(),
            name: None,
            phone: None,
        })
    }
}
