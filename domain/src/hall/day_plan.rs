//! What is planned for one day beside the policy: at which windows somebody will sit, and who takes whose place while that
//! one is away. It comes from the people of the site; a plan of another day says nothing.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::decide::Draft;
use super::event::Fact;
use super::policy::Cover;
use super::state::Hall;
use crate::ids::{StaffId, WindowId};
use crate::time::{Millis, local_date};

/// The plan of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayPlan {
    /// The day.
    pub date: NaiveDate,
    /// The windows at which somebody will sit, from the first opening of the day to the last closing.
    pub window_ids: Vec<WindowId>,
    /// Who is away that day, and who takes the place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<Cover>,
}

impl Hall {
    /// From when to when somebody will sit at a window: the shifts of the policy, and the plan of the day.
    pub(super) fn shifts_of<'a>(&'a self, window_id: &'a WindowId) -> impl Iterator<Item = (Millis, Millis)> + 'a {
        let shifts = self.doc.policy.roster.iter().filter(move |shift| shift.window_id == *window_id);
        let planned = self.doc.day_plan.iter().filter(move |plan| plan.window_ids.contains(window_id));
        let opening = planned.filter_map(|plan| self.doc.hours.open_between(plan.date));
        shifts.map(|shift| (shift.starts_at, shift.ends_at)).chain(opening)
    }

    /// Whether somebody takes the place of a person who is away on the day of an instant.
    pub(super) fn stands_in(&self, principal: &StaffId, cover: &StaffId, at: Millis) -> bool {
        let today = self.doc.day_plan.iter().filter(|plan| plan.date == local_date(at));
        today.flat_map(|plan| &plan.covers).any(|entry| entry.principal == *principal && entry.covers.contains(cover))
    }
}

impl Draft<'_> {
    /// Takes in the plan of today; one of a day that is over comes too late, and says nothing.
    pub(super) fn plan_day(&mut self, plan: &DayPlan) {
        if plan.date >= local_date(self.at) && self.hall.doc.day_plan.as_ref() != Some(plan) {
            self.record(Fact::DayPlanned { plan: plan.clone() });
        }
    }
}
