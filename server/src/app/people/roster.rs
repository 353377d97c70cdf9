//! The roster (调配): who is planned at which window on a day, who covers whom, and who really sits or sat there. It
//! forbids nothing: who opens another window than planned may, and stands in the list as that. The hall is told the day's
//! windows (`day_plan.rs`): numbers are given before they open.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::hall::{Sitting, sitting_until};
use domain::ids::{StaffId, WindowId};
use domain::people::{Seat, seat_faults};
use domain::time::{local_date, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Known, day_or, name_in, told};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, CounterRow, Expect, LeaveRow, RosterRow};

/// Days of one question.
const DAYS_MAX: i64 = 62;
/// How far ahead is planned, in days.
const AHEAD_DAYS_MAX: i64 = 400;

/// Somebody planned at a window.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatInput {
    /// The window.
    pub window_id: String,
    /// Who.
    pub staff_id: String,
}

/// Body of `PUT /sites/{site}/roster/{date}`: the whole day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RosterRequest {
    /// The version that was read; 0 for a day without a roster. Whoever leaves it out overwrites.
    pub version: Option<i64>,
    /// Who sits where; windows that nobody is planned at are left out.
    pub seats: Vec<SeatInput>,
}

/// Why somebody who is planned is away, and who covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AwayView {
    /// Why.
    #[schema(value_type = crate::app::words::LeaveKind)]
    pub kind: String,
    /// Last day.
    pub to: String,
    /// Who covers.
    pub cover_id: Option<String>,
    /// Name.
    pub cover_name: Option<String>,
}

/// A planned seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SeatView {
    /// The window.
    pub window_id: String,
    /// Its number; null when the window is gone.
    pub window_number: Option<u16>,
    /// Who.
    pub staff_id: String,
    /// Name.
    pub staff_name: String,
    /// Null when the person is there.
    pub away: Option<AwayView>,
}

/// Somebody who sits or sat at a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SatView {
    /// The window.
    pub window_id: String,
    /// Its number; null when the window is gone.
    pub window_number: Option<u16>,
    /// Who.
    pub staff_id: String,
    /// Name.
    pub staff_name: String,
    /// Since when.
    pub from: String,
    /// Until when; null while it goes on.
    pub to: Option<String>,
    /// Whether that is the seat that was planned for the person, or for whom the person covers.
    pub as_planned: bool,
}

/// A day of the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RosterDayView {
    /// The day.
    pub date: String,
    /// 0 when nothing was planned.
    pub version: i64,
    /// Whether it can be changed: today and later.
    pub open: bool,
    /// Who is planned where, by window.
    pub seats: Vec<SeatView>,
    /// Who really sat where, by window and begin; empty for days to come.
    pub sat: Vec<SatView>,
}

fn counter_of(date: NaiveDate) -> String {
    format!("roster:{date}")
}

/// What a day is told with.
struct Told<'a> {
    known: &'a Known,
    numbers: &'a BTreeMap<WindowId, u16>,
    leaves: &'a [LeaveRow],
}

impl Told<'_> {
    fn leave_of(&self, staff: &StaffId, date: &str) -> Option<&LeaveRow> {
        let is_away =
            |leave: &&LeaveRow| leave.staff_id == staff.as_str() && (leave.from_date.as_str()..=leave.to_date.as_str()).contains(&date);
        self.leaves.iter().find(is_away)
    }

    fn seat(&self, seat: &Seat, date: &str) -> SeatView {
        let away = self.leave_of(&seat.staff, date).map(|leave| AwayView {
            kind: leave.kind.clone(),
            to: leave.to_date.clone(),
            cover_name: leave.cover_id.as_deref().map(|id| name_in(self.known, id)),
            cover_id: leave.cover_id.clone(),
        });
        SeatView {
            window_id: seat.window_id.to_string(),
            window_number: self.numbers.get(&seat.window_id).copied(),
            staff_id: seat.staff.to_string(),
            staff_name: name_in(self.known, seat.staff.as_str()),
            away,
        }
    }

    fn sat(&self, of: &[(Sitting, bool)], seats: &[SeatView]) -> Vec<SatView> {
        let planned = |sitting: &Sitting| {
            let is_own = |seat: &&SeatView| {
                let covers = seat.away.as_ref().and_then(|away| away.cover_id.as_deref());
                seat.staff_id == sitting.staff.as_str() || covers == Some(sitting.staff.as_str())
            };
            seats.iter().filter(|seat| seat.window_id == sitting.window_id.as_str()).any(|seat| is_own(&seat))
        };
        let view = |(sitting, goes_on): &(Sitting, bool)| SatView {
            window_id: sitting.window_id.to_string(),
            window_number: self.numbers.get(&sitting.window_id).copied(),
            staff_id: sitting.staff.to_string(),
            staff_name: name_in(self.known, sitting.staff.as_str()),
            from: rfc3339(sitting.start_ms),
            to: (!goes_on).then(|| rfc3339(sitting.end_ms)),
            as_planned: planned(sitting),
        };
        of.iter().map(view).collect()
    }
}

/// One person's stretches at one window that follow each other, as one: pauses and other lines between do not count.
fn joined(mut sittings: Vec<(Sitting, bool)>) -> Vec<(Sitting, bool)> {
    sittings
        .sort_by(|(one, _), (other, _)| (&one.window_id, one.start_ms, one.end_ms).cmp(&(&other.window_id, other.start_ms, other.end_ms)));
    let mut found: Vec<(Sitting, bool)> = Vec::new();
    for (sitting, goes_on) in sittings {
        match found.last_mut() {
            Some((last, open)) if last.window_id == sitting.window_id && last.staff == sitting.staff && last.end_ms == sitting.start_ms => {
                last.end_ms = sitting.end_ms;
                *open = goes_on;
            }
            _ => found.push((sitting, goes_on)),
        }
    }
    found
}

impl App {
    /// The roster of some days, this week where nothing is said.
    ///
    /// # Errors
    /// Days that are none, or too many.
    pub async fn roster(&self, permit: &Permit, from: Option<&str>, to: Option<&str>) -> Answer<Vec<RosterDayView>> {
        let (today, mut errors) = (self.today(), FieldErrors::default());
        let from = day_or("from", from, today, &mut errors);
        let to = day_or("to", to, from + Days::new(6), &mut errors);
        if !(0..DAYS_MAX).contains(&(to - from).num_days()) {
            errors.add("to", "range", format!("结束不能早于开始，最多 {DAYS_MAX} 天"));
        }
        errors.check()?;
        self.roster_between(permit.site_id(), from, to).await
    }

    pub(super) async fn roster_between(&self, site_id: &str, from: NaiveDate, to: NaiveDate) -> Answer<Vec<RosterDayView>> {
        let (today, first, last) = (self.today(), from.to_string(), to.to_string());
        let (known, numbers) = (self.people_known(site_id).await?, self.window_numbers(site_id).await?);
        let leaves = self.stores.people.leaves_between(site_id, &first, &last).await?;
        let told = Told { known: &known, numbers: &numbers, leaves: &leaves };
        let rosters = self.stores.people.rosters_between(site_id, &first, &last).await?;
        let mut sat = self.sat_by_day(site_id, from, to).await?;
        let mut days = Vec::new();
        for date in from.iter_days().take_while(|date| *date <= to) {
            let text = date.to_string();
            let row = rosters.iter().find(|row| row.date == text);
            let planned: Vec<Seat> = row.map(|row| serde_json::from_str(&row.doc)).transpose()?.unwrap_or_default();
            let mut seats: Vec<SeatView> = planned.iter().map(|seat| told.seat(seat, &text)).collect();
            seats.sort_by_key(|seat| (seat.window_number.is_none(), seat.window_number));
            let mut really = told.sat(&sat.remove(&date).unwrap_or_default(), &seats);
            really.sort_by(|one, other| (one.window_number, &one.from).cmp(&(other.window_number, &other.from)));
            days.push(RosterDayView { date: text, version: row.map_or(0, |row| row.version), open: date >= today, seats, sat: really });
        }
        Ok(days)
    }

    /// Who sat where by the day on which the person sat down; whether it goes on.
    async fn sat_by_day(&self, site_id: &str, from: NaiveDate, to: NaiveDate) -> Answer<BTreeMap<NaiveDate, Vec<(Sitting, bool)>>> {
        let (sittings, _) = self.sittings(site_id, from, to).await?;
        let hall = self.hall(site_id).await?;
        let going_on: Vec<Sitting> = hall.windows().filter_map(|window| sitting_until(window, self.now())).collect();
        let goes_on = |sitting: &Sitting| {
            going_on
                .iter()
                .any(|other| other.window_id == sitting.window_id && other.start_ms == sitting.start_ms && other.staff == sitting.staff)
        };
        let marked = sittings.into_iter().map(|sitting| (goes_on(&sitting), sitting)).map(|(open, sitting)| (sitting, open)).collect();
        let mut by_day: BTreeMap<NaiveDate, Vec<(Sitting, bool)>> = BTreeMap::new();
        for (sitting, open) in joined(marked) {
            by_day.entry(local_date(sitting.start_ms)).or_default().push((sitting, open));
        }
        Ok(by_day)
    }

    /// Plans a day, whole.
    ///
    /// # Errors
    /// Field errors; 409 for a day that is past, or that somebody else planned meanwhile.
    pub async fn plan_roster(&self, permit: &Permit, date: NaiveDate, wanted: &RosterRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let (site_id, name) = (permit.site_id(), counter_of(date));
        let outcome = self
            .once(site_id, retry, || async {
                let seats = self.checked_seats(site_id, wanted).await?;
                let today = self.today();
                if date < today {
                    return Err(AppError::refused("roster_past", "过去的排班不能改了"));
                }
                if (date - today).num_days() > AHEAD_DAYS_MAX {
                    return Err(AppError::refused("roster_far", format!("最多排到 {AHEAD_DAYS_MAX} 天以后")));
                }
                let version = self.stores.sites.counter(site_id, &name).await?;
                if wanted.version.is_some_and(|seen| seen != version) {
                    return Err(AppError::refused("roster_changed", "这一天别人刚排过，请先看看新的再改"));
                }
                let mut set = ChangeSet::new(site_id);
                set.expect.push(Expect::Counter(name.clone(), version));
                set.row(CounterRow { site_id: site_id.to_owned(), name: name.clone(), value: version + 1 });
                let body = json!({ "type": "roster_planned", "date": date, "seats": seats });
                set.events.push(self.people_event(permit, &date.to_string(), "roster_planned", &body));
                let doc = serde_json::to_string(&seats)?;
                set.row(RosterRow { site_id: site_id.to_owned(), date: date.to_string(), version: version + 1, doc });
                Ok((set, Outcome::success(200, None, serde_json::Value::Null)))
            })
            .await?;
        if outcome.status != 200 {
            return Ok(outcome);
        }
        self.tell_day_plan(site_id).await?;
        let day = self.roster_between(site_id, date, date).await?.into_iter().next().ok_or(AppError::NotFound)?;
        Ok(Outcome { body: serde_json::to_value(day)?, ..outcome })
    }

    async fn checked_seats(&self, site_id: &str, wanted: &RosterRequest) -> Answer<Vec<Seat>> {
        let (known, numbers) = (self.people_known(site_id).await?, self.window_numbers(site_id).await?);
        let (mut errors, mut seats) = (FieldErrors::default(), Vec::new());
        for (place, seat) in wanted.seats.iter().enumerate() {
            let window = WindowId::parse(&seat.window_id).filter(|id| numbers.contains_key(id));
            let window = errors.some(window, &format!("seats[{place}].window_id"), "unknown", "没有这个窗口");
            let in_use = known.get(&seat.staff_id).is_some_and(|row| row.active);
            let staff = StaffId::parse(&seat.staff_id).filter(|_| in_use);
            let staff = errors.some(staff, &format!("seats[{place}].staff_id"), "unknown", "这个中心没有这个人，或者账号停了");
            if let (Some(window_id), Some(staff)) = (window, staff) {
                seats.push(Seat { window_id, staff });
            }
        }
        errors.check()?;
        let faults: Vec<FieldError> = told(seat_faults(&seats));
        if faults.is_empty() { Ok(seats) } else { Err(AppError::Invalid(faults)) }
    }
}
