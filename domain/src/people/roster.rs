//! Who sits where on a day as planned (排班), and why somebody is away. A roster plans and forbids nothing: whoever
//! opens another window may, and it is shown.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::PeopleFault;
use crate::hall::{Cover, DayPlan};
use crate::ids::{StaffId, WindowId};

/// Seats of a roster.
const SEATS_MAX: usize = 200;

/// Why somebody is away. Of what nature a leave is (ill, a matter of the family) is nobody's business here and not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveKind {
    /// 请假.
    Leave,
    /// 公出.
    Duty,
    /// 培训.
    Training,
}

impl LeaveKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Leave, Self::Duty, Self::Training];

    /// The name in the API and in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Duty => "duty",
            Self::Training => "training",
        }
    }

    /// Takes the name back; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }
}

/// Somebody planned at a window for a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The window.
    pub window_id: WindowId,
    /// Who.
    pub staff: StaffId,
}

/// Somebody who is away on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// Who.
    pub staff: StaffId,
    /// Who takes the place, if anybody was named.
    pub cover: Option<StaffId>,
}

/// What a hall is told of a day (local rule): somebody will sit at every window that is planned, but where the person is
/// away and nobody takes the place; and who takes whose place.
#[must_use]
pub fn day_plan(date: NaiveDate, seats: &[Seat], away: &[Away]) -> DayPlan {
    let stays_empty = |seat: &&Seat| away.iter().any(|one| one.staff == seat.staff && one.cover.is_none());
    let cover = |one: &Away| Some(Cover { principal: one.staff.clone(), covers: vec![one.cover.clone()?] });
    DayPlan {
        date,
        window_ids: seats.iter().filter(|seat| !stays_empty(seat)).map(|seat| seat.window_id.clone()).collect(),
        covers: away.iter().filter_map(cover).collect(),
    }
}

/// What is wrong with the seats of a day: one person per window, one window per person.
#[must_use]
pub fn seat_faults(seats: &[Seat]) -> Vec<PeopleFault> {
    let mut faults = Vec::new();
    if seats.len() > SEATS_MAX {
        faults.push(PeopleFault::new("seats", "too_many", format!("一天最多排 {SEATS_MAX} 个窗口")));
    }
    let (mut windows, mut people) = (BTreeSet::new(), BTreeSet::new());
    for (place, seat) in seats.iter().enumerate().take(SEATS_MAX) {
        if !windows.insert(&seat.window_id) {
            faults.push(PeopleFault::new(format!("seats[{place}].window_id"), "twice", "这个窗口排了两个人"));
        }
        if !people.insert(&seat.staff) {
            faults.push(PeopleFault::new(format!("seats[{place}].staff_id"), "twice", "这个人排了两个窗口"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_a_window_and_one_window_a_person() {
        let seat = |window: &str, staff: &str| Seat { window_id: WindowId::new("dc", window), staff: StaffId::new("dc", staff) };
        assert_eq!(seat_faults(&[seat("1", "a"), seat("2", "b")]), []);
        let fields: Vec<String> =
            seat_faults(&[seat("1", "a"), seat("1", "b"), seat("2", "a")]).into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["seats[1].window_id", "seats[2].staff_id"]);
        for kind in LeaveKind::ALL {
            assert_eq!(LeaveKind::parse(kind.name()), Some(kind));
        }
    }
}
