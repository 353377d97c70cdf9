//! The walk of a clock day by day and the words for each day. Knows no budget: it goes on until
//! a year is missing.

use chrono::NaiveDate;

use super::{Clock, Kind, Reading, Suspension};
use crate::calendar::{Calendar, MissingYear, Why};

/// One day after the start.
pub(super) struct Step<'a> {
    pub(super) date: NaiveDate,
    pub(super) verdict: Verdict<'a>,
}

/// What a day is for the clock.
pub(super) enum Verdict<'a> {
    /// The `nth` working day counted, from 1.
    Counted { nth: u32, why: Why },
    /// No working day.
    Idle(Why),
    /// The clock stands.
    Stopped(&'a Suspension),
}

/// The days after the start, each with its verdict, until a year is missing.
pub(super) fn steps<'a>(clock: &'a Clock, calendar: &'a Calendar) -> impl Iterator<Item = Result<Step<'a>, MissingYear>> {
    let mut nth = 0;
    clock.start.iter_days().skip(1).map(move |date| {
        let day = calendar.day(date)?;
        let stopped = clock.suspensions.iter().filter(|entry| entry.holds(date)).max_by_key(|entry| entry.to.is_none());
        let verdict = match stopped {
            _ if !day.working => Verdict::Idle(day.why),
            Some(entry) => Verdict::Stopped(entry),
            None => {
                nth += 1;
                Verdict::Counted { nth, why: day.why }
            }
        };
        Ok(Step { date, verdict })
    })
}

/// The words for the first day.
pub(super) fn start_text(kind: Kind, start: NaiveDate, calendar: &Calendar, due: Option<NaiveDate>) -> String {
    let event = match kind {
        Kind::Acceptance => "收到申请",
        Kind::Decision => "受理",
        Kind::Delivery => "作出决定",
    };
    if due == Some(start) {
        return format!("{event}当日办结");
    }
    match calendar.day(start) {
        Ok(day) if !day.working => format!("{}{event}，当日不计，自下一个工作日起算（民法典第二百零一条）", day.why),
        Ok(_) | Err(_) => format!("{event}当日不计，自次日起算（民法典第二百零一条）"),
    }
}

/// The words for a later day; `reading` has counted up to this day when it lies in the past.
pub(super) fn step_text(step: &Step<'_>, reading: &Reading) -> String {
    match &step.verdict {
        Verdict::Idle(why) => format!("{why}，不计（行政许可法第八十二条）"),
        Verdict::Stopped(entry) => format!("停钟：{}，不计（{}）", entry.procedure, entry.basis),
        Verdict::Counted { nth, why } => {
            let made_up = match why {
                Why::MakeUp(_) => format!("{why}，"),
                _ => String::new(),
            };
            match reading.due {
                Some(due) if due < step.date => format!("{made_up}超期第 {} 个工作日", reading.overdue),
                Some(due) if due == step.date => format!("{made_up}第 {nth} 个工作日，期限届满"),
                _ => format!("{made_up}第 {nth} 个工作日"),
            }
        }
    }
}
