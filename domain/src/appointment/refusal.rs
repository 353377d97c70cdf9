//! Why an appointment says no: a closed list with stable codes and plain words.

use super::slots::NoSlots;
use crate::time::{Millis, local};

/// Why a command was refused. Nothing changes then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
#[expect(missing_docs, reason = "the fields are the figures of the sentence in message()")]
pub enum Refusal {
    /// The line takes no appointments.
    LineNotBookable,
    /// The day has no slots.
    DayClosed { why: NoSlots },
    /// There is no such slot on the day.
    UnknownSlot,
    /// Every place of the slot is taken.
    SlotFull,
    /// Further ahead than can be booked.
    TooFarAhead { earliest_days: u16 },
    /// The slot begins too soon, or has begun.
    TooLateToBook { latest_min: u16 },
    /// The phone has an appointment in this line on this day.
    AlreadyBooked,
    /// The phone has as many appointments ahead as it may.
    TooManyOpen { open_max: u16 },
    /// Who did not come several times waits a while.
    BlockedAfterNoShows { until: Millis },
    /// The same place again.
    SamePlace,
    /// It is over, given up or used already.
    AppointmentState { state: &'static str },
    /// Check-in is not open yet.
    CheckInTooEarly { opens_at: Millis },
    /// The place was not kept any longer.
    AppointmentVoid,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::LineNotBookable => "line_not_bookable",
            Self::DayClosed { .. } => "day_closed",
            Self::UnknownSlot => "unknown_slot",
            Self::SlotFull => "slot_full",
            Self::TooFarAhead { .. } => "too_far_ahead",
            Self::TooLateToBook { .. } => "too_late_to_book",
            Self::AlreadyBooked => "already_booked",
            Self::TooManyOpen { .. } => "too_many_open",
            Self::BlockedAfterNoShows { .. } => "blocked_after_no_shows",
            Self::SamePlace => "same_place",
            Self::AppointmentState { .. } => "appointment_state",
            Self::CheckInTooEarly { .. } => "check_in_too_early",
            Self::AppointmentVoid => "appointment_void",
        }
    }

    /// What happened and what to do, for people.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::LineNotBookable => "这项业务不用预约，直接来取号".to_owned(),
            Self::DayClosed { why } => format!("这一天不能约：{why}，请换一天"),
            Self::UnknownSlot => "没有这个时段，请重新选".to_owned(),
            Self::SlotFull => "这个时段刚刚约满，请换一个".to_owned(),
            Self::TooFarAhead { earliest_days } => format!("最多提前 {earliest_days} 天预约"),
            Self::TooLateToBook { latest_min: 0 } => "这个时段已经开始，请换一个".to_owned(),
            Self::TooLateToBook { latest_min } => format!("至少提前 {latest_min} 分钟预约；不想等，可以直接来取号"),
            Self::AlreadyBooked => "这个手机号当天已经约了这项业务，可以改约".to_owned(),
            Self::TooManyOpen { open_max } => format!("这个手机号已经有 {open_max} 个预约，办完或取消一个再约"),
            Self::BlockedAfterNoShows { until } => {
                format!("最近几次约了没来，{} 后再约；可以直接来取号，也可以打电话", local(*until).format("%-m月%-d日"))
            }
            Self::SamePlace => "您约的就是这个时段".to_owned(),
            Self::AppointmentState { state: "cancelled" } => "这个预约已经取消".to_owned(),
            Self::AppointmentState { state: "checked_in" } => "这个预约已经取过号".to_owned(),
            Self::AppointmentState { .. } => "这个预约已经过时".to_owned(),
            Self::CheckInTooEarly { opens_at } => format!("来早了，{} 起可以取号", local(*opens_at).format("%-m月%-d日 %H:%M")),
            Self::AppointmentVoid => "预约时间已过，请按普通号取号".to_owned(),
        }
    }
}
