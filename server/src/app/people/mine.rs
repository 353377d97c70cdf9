//! What everybody sees of the own work: the month at windows, where one is planned, leaves, trainings and the own
//! appraisal with how it was reckoned.

use chrono::Days;
use serde::Serialize;
use utoipa::ToSchema;

use super::appraisal::AppraisalView;
use super::attendance::AttendanceDayView;
use super::leaves::LeaveView;
use super::trainings::TrainingView;
use super::{month, name_in};
use crate::app::App;
use crate::app::caller::StaffCaller;
use crate::app::error::{Answer, AppError};

/// Days that are looked ahead.
const AHEAD_DAYS: u64 = 13;

/// Where one is planned on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnSeatView {
    /// The day.
    pub date: String,
    /// The window.
    pub window_id: String,
    /// Its number.
    pub window_number: Option<u16>,
    /// For whom one covers; null where one is planned oneself.
    pub covers_for: Option<String>,
}

/// The own work.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MyWorkView {
    /// The month.
    pub month: String,
    /// Days at windows in that month.
    pub attendance: Vec<AttendanceDayView>,
    /// Where one is planned in the next two weeks, today included.
    pub seats: Vec<OwnSeatView>,
    /// Own leaves that touch the month or are to come.
    pub leaves: Vec<LeaveView>,
    /// Own trainings of the last twelve months.
    pub trainings: Vec<TrainingView>,
    /// The own appraisal; null for whose work is no work of the hall.
    pub appraisal: Option<AppraisalView>,
}

impl App {
    /// The caller's own work.
    ///
    /// # Errors
    /// A month that is none.
    pub async fn my_work(&self, caller: &StaffCaller, of: Option<&str>) -> Answer<MyWorkView> {
        let (site_id, id, today) = (self.real_site_of(caller)?, &caller.staff.id, self.today());
        let site_id = site_id.as_str();
        let (first, last) = month(of, today)?;
        let known = self.people_known(site_id).await?;
        let row = known.get(id.as_str()).ok_or(AppError::NotFound)?;
        let mut seats = Vec::new();
        for day in self.roster_between(site_id, today, today + Days::new(AHEAD_DAYS)).await? {
            for seat in day.seats {
                let cover = seat.away.as_ref().and_then(|away| away.cover_id.as_deref());
                let is_own = seat.staff_id == id.as_str() && seat.away.is_none();
                if is_own || cover == Some(id.as_str()) {
                    seats.push(OwnSeatView {
                        date: day.date.clone(),
                        window_id: seat.window_id,
                        window_number: seat.window_number,
                        covers_for: (!is_own).then_some(seat.staff_name),
                    });
                }
            }
        }
        let leaves = self.stores.people.leaves_between(site_id, &first.min(today).to_string(), "9999-12-31").await?;
        let own = leaves.iter().filter(|leave| leave.staff_id == id.as_str() || leave.cover_id.as_deref() == Some(id.as_str()));
        let mut attended = self.attended(site_id, first, last).await?;
        let numbers = self.window_numbers(site_id).await?;
        Ok(MyWorkView {
            month: first.format("%Y-%m").to_string(),
            attendance: attended.days.remove(id).map(|days| attended.still.views(id, &days, &numbers, today)).unwrap_or_default(),
            seats,
            leaves: own.map(|leave| self.leave_view(leave, |id| name_in(&known, id))).collect(),
            trainings: self.trainings_of(site_id, id, &known).await?,
            appraisal: self.appraisal_of(row, first, last).await?,
        })
    }
}
