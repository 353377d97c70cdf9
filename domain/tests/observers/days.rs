//! Business days and the clock: time and date never go back, a day that ends does so for whoever still
//! waits, nobody of yesterday is called today unless the policy carries him over, and that once.

use super::chronicle::{Chronicle, Phase, Visit, is_open};
use super::{Observer, Verdict, hold};
use chrono::NaiveDate;
use domain::hall::{CarryOver, Event, ExpiryCause, Fact, OpeningHours};
use domain::time::{DAY_MS, Millis, local_date, start_of};

/// See the file's head.
#[derive(Default)]
pub struct Days {
    /// The day that ends now, and the instant at which its tickets do.
    ending: Option<(NaiveDate, Millis)>,
    /// The day was closed and no new one is open.
    is_between: bool,
}

impl Days {
    /// The visit that ends with the day, if one does now.
    fn ends<'a>(&self, before: &'a Chronicle, event: &Event) -> Result<&'a Visit, String> {
        let id = event.ticket_id().ok_or("no ticket")?;
        let (_, at) = self.ending.ok_or_else(|| format!("{id} ends and no day does"))?;
        let visit = before.visits.get(id).ok_or_else(|| format!("{id} is nowhere"))?;
        let is_idle = matches!(visit.phase, Phase::Waiting | Phase::Parked | Phase::Missed { .. });
        hold(is_idle && event.at == at, || format!("{id} ends at {} as {:?}", event.at, visit.phase))?;
        Ok(visit)
    }

    fn expires(&self, before: &Chronicle, event: &Event, cause: Option<ExpiryCause>) -> Verdict {
        let visit = self.ends(before, event)?;
        let waits = visit.phase == Phase::Waiting;
        let expected = if waits { ExpiryCause::UnservedAtClose } else { ExpiryCause::NotBack };
        hold(cause == Some(expected), || format!("{} expires as {cause:?}", visit.id))?;
        // With round-the-clock halls and weekly hours of the simulation a next opening is always known.
        let is_due = waits && before.policy().serving.carry_over == CarryOver::NextOpening && visit.carried.is_none();
        hold(!is_due, || format!("{} was to be carried over", visit.id))
    }

    fn is_carried(&self, before: &Chronicle, event: &Event, number: &str, date: NaiveDate, from: Millis) -> Verdict {
        let visit = self.ends(before, event)?;
        hold(visit.phase == Phase::Waiting && visit.carried.is_none(), || format!("{} is carried over again", visit.id))?;
        hold(before.policy().serving.carry_over == CarryOver::NextOpening, || format!("{} is carried over", visit.id))?;
        hold(number.ends_with(&visit.number) && *number != visit.number, || format!("{number} for {}", visit.number))?;
        let is_opening = before.configuration.hours == OpeningHours::RoundTheClock
            || (is_open(&before.configuration.hours, from) && !is_open(&before.configuration.hours, from - 1));
        hold(local_date(from) == date && from >= event.at && is_opening, || format!("{from} is no opening of {date}"))
    }

    fn day_opens(&mut self, before: &Chronicle, event: &Event, date: NaiveDate) -> Verdict {
        hold(before.date.is_none_or(|before| date > before), || format!("{date} opens after {:?}", before.date))?;
        hold(before.date.is_none() || self.is_between, || format!("{date} opens over {:?}", before.date))?;
        hold(local_date(event.at) == date, || format!("{date} opens at {}", event.at))?;
        self.is_between = false;
        let old = before.date.unwrap_or(date);
        let left = before.visits.values().find(|visit| visit.window().is_none() && visit.carried.is_none_or(|to| to <= old));
        hold(left.is_none(), || format!("{left:?} is left of yesterday"))
    }
}

impl Observer for Days {
    fn name(&self) -> &'static str {
        "time and date never go back, and a day ends for whoever waits"
    }

    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        match &event.fact {
            Fact::TicketExpired { cause, .. } => return self.expires(before, event, *cause),
            Fact::TicketCarried { number, date, from, .. } => return self.is_carried(before, event, number, *date, *from),
            Fact::DayClosed { date } => {
                hold(before.date == Some(*date) && local_date(event.at) > *date, || format!("{date} closes in {:?}", before.date))?;
                self.ending = Some((*date, start_of(*date) + DAY_MS - 1));
                self.is_between = true;
            }
            Fact::ClosingTimePassed { date } => {
                hold(before.date == Some(*date), || format!("{date} ends in {:?}", before.date))?;
                hold(!is_open(&before.configuration.hours, event.at), || format!("{date} ends while the hall is open"))?;
                self.ending = Some((*date, event.at));
            }
            Fact::DayOpened { date } => {
                self.ending = None;
                self.day_opens(before, event, *date)?;
            }
            // What was left open closes with the day.
            Fact::HelpResolved { .. } | Fact::WindowClosed { .. } => {}
            _ => {
                self.ending = None;
                let is_within = before.date.is_none_or(|date| date == local_date(event.at)) || self.is_between;
                hold(is_within, || format!("an event of {} on {:?}", local_date(event.at), before.date))?;
            }
        }
        hold(event.at >= before.newest, || format!("{} after {}", event.at, before.newest))
    }
}
