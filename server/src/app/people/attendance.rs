//! Attendance of a month from window sessions: ended ones as rows, those that go on from the hall.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::hall::{Sitting, SittingState, sitting_until};
use domain::ids::{StaffId, WindowId};
use domain::people::{ATTENDANCE_DEFINITIONS, AttendedDay, attendance};
use domain::time::{DAY_MS, rfc3339, start_of};
use serde::Serialize;
use utoipa::ToSchema;

use super::{month, name_in};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::store::SittingRow;

/// A day at windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttendanceDayView {
    /// The day.
    pub date: String,
    /// Begin of the first sitting.
    pub first_open: String,
    /// End of the last one; now while it goes on.
    pub last_close: String,
    /// Whether the person sits at a window now.
    pub still: bool,
    /// At windows and not paused, in seconds.
    pub open_s: i64,
    /// Paused, in seconds.
    pub paused_s: i64,
    /// The windows by number.
    pub windows: Vec<u16>,
}

/// A person's month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttendedPersonView {
    /// The person.
    pub staff_id: String,
    /// Name.
    pub staff_name: String,
    /// Days with a sitting.
    pub days: usize,
    /// At windows and not paused, in seconds.
    pub open_s: i64,
    /// Paused, in seconds.
    pub paused_s: i64,
    /// Each of the days.
    pub items: Vec<AttendanceDayView>,
}

/// What a figure means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DefinedView {
    /// The figure.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// Its definition.
    pub text: String,
}

/// The attendance of a site in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttendanceView {
    /// The site.
    pub site_id: String,
    /// The month.
    pub month: String,
    /// Everybody who sat at a window, by name of person.
    pub people: Vec<AttendedPersonView>,
    /// What the figures mean.
    pub definitions: Vec<DefinedView>,
}

/// Who sits at a window now.
pub(super) struct Still(BTreeSet<StaffId>);

impl Still {
    pub(super) fn views(
        &self,
        staff: &StaffId,
        days: &BTreeMap<NaiveDate, AttendedDay>,
        numbers: &BTreeMap<WindowId, u16>,
        today: NaiveDate,
    ) -> Vec<AttendanceDayView> {
        let view = |(date, day): (&NaiveDate, &AttendedDay)| AttendanceDayView {
            date: date.to_string(),
            first_open: rfc3339(day.first_open_ms),
            last_close: rfc3339(day.last_close_ms),
            still: *date == today && self.0.contains(staff),
            open_s: day.open_ms / 1_000,
            paused_s: day.paused_ms / 1_000,
            windows: day.windows.iter().filter_map(|id| numbers.get(id).copied()).collect(),
        };
        days.iter().map(view).collect()
    }
}

/// Attendance of a span of days.
pub(super) struct Attended {
    pub(super) days: BTreeMap<StaffId, BTreeMap<NaiveDate, AttendedDay>>,
    pub(super) still: Still,
}

fn sitting(row: &SittingRow) -> Answer<Sitting> {
    let bad = |column: &str| AppError::Internal(format!("window_sittings.{column} at {} {}", row.window_id, row.ordinal));
    Ok(Sitting {
        window_id: WindowId::parse(&row.window_id).ok_or_else(|| bad("window_id"))?,
        staff: StaffId::parse(&row.staff_id).ok_or_else(|| bad("staff_id"))?,
        state: SittingState::parse(&row.state).ok_or_else(|| bad("state"))?,
        start_ms: row.start_ms,
        end_ms: row.end_ms,
    })
}

impl App {
    /// The sittings that touch some days, those that go on as of now, and who sits now.
    pub(super) async fn sittings(&self, site_id: &str, first: NaiveDate, last: NaiveDate) -> Answer<(Vec<Sitting>, BTreeSet<StaffId>)> {
        let (from, to) = (start_of(first), start_of(last) + DAY_MS);
        let rows = self.stores.people.sittings_between(site_id, from, to).await?;
        let mut sittings = rows.iter().map(sitting).collect::<Answer<Vec<_>>>()?;
        let hall = self.hall(site_id).await?;
        let going_on: Vec<Sitting> = hall.windows().filter_map(|window| sitting_until(window, self.now())).collect();
        let still = going_on.iter().map(|sitting| sitting.staff.clone()).collect();
        sittings.extend(going_on.into_iter().filter(|sitting| sitting.start_ms < to && sitting.end_ms >= from));
        Ok((sittings, still))
    }

    pub(super) async fn attended(&self, site_id: &str, first: NaiveDate, last: NaiveDate) -> Answer<Attended> {
        let (sittings, still) = self.sittings(site_id, first, last).await?;
        let mut days = attendance(&sittings);
        for of in days.values_mut() {
            of.retain(|date, _| (first..=last).contains(date));
        }
        days.retain(|_, of| !of.is_empty());
        Ok(Attended { days, still: Still(still) })
    }

    pub(super) async fn window_numbers(&self, site_id: &str) -> Answer<BTreeMap<WindowId, u16>> {
        Ok(self.hall(site_id).await?.windows().map(|window| (window.id.clone(), window.number)).collect())
    }

    /// The attendance of everybody in a month.
    ///
    /// # Errors
    /// A month that is none.
    pub async fn attendance(&self, permit: &Permit, of: Option<&str>) -> Answer<AttendanceView> {
        let (site_id, today) = (permit.site_id(), self.today());
        let (first, last) = month(of, today)?;
        let (known, numbers) = (self.people_known(site_id).await?, self.window_numbers(site_id).await?);
        let Attended { days, still } = self.attended(site_id, first, last).await?;
        let mut people: Vec<AttendedPersonView> = days
            .iter()
            .map(|(staff, days)| AttendedPersonView {
                staff_id: staff.to_string(),
                staff_name: name_in(&known, staff.as_str()),
                days: days.len(),
                open_s: days.values().map(|day| day.open_ms).sum::<i64>() / 1_000,
                paused_s: days.values().map(|day| day.paused_ms).sum::<i64>() / 1_000,
                items: still.views(staff, days, &numbers, today),
            })
            .collect();
        people.sort_by(|one, other| (&one.staff_name, &one.staff_id).cmp(&(&other.staff_name, &other.staff_id)));
        let defined = |(key, name, text): &(&str, &str, &str)| DefinedView {
            key: (*key).to_owned(),
            name: (*name).to_owned(),
            text: (*text).to_owned(),
        };
        Ok(AttendanceView {
            site_id: site_id.to_owned(),
            month: first.format("%Y-%m").to_string(),
            people,
            definitions: ATTENDANCE_DEFINITIONS.iter().map(defined).collect(),
        })
    }
}
