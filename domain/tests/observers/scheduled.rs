//! A configuration that was scheduled is in force from its time on, before anything else happens then, or
//! it is told what stood against it. A day that ends and a clock that is seen to go wrong come first.

use super::chronicle::Chronicle;
use super::{Observer, Verdict, hold};
use domain::hall::{Configuration, Event, Fact};

/// See the file's head.
pub struct Scheduled;

impl Observer for Scheduled {
    fn name(&self) -> &'static str {
        "a scheduled configuration is in force from its time on"
    }

    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        let due = before.scheduled.range(..=event.at).next_back();
        match (&event.fact, due) {
            (Fact::HallConfigured { configuration }, Some((from, scheduled))) => {
                hold(Configuration::clone(configuration) == *scheduled, || format!("not what was scheduled for {from}"))
            }
            (Fact::ScheduledConfigurationRefused { from, .. }, Some((scheduled, _))) => {
                hold(from == scheduled, || format!("{from} is refused, {scheduled} was due"))
            }
            (Fact::ScheduledConfigurationRefused { from, .. }, None) => Err(format!("{from} is refused and was not due")),
            (Fact::ClockSteppedBack { .. } | Fact::DayClosed { .. } | Fact::DayOpened { .. }, _) => Ok(()),
            // What waited for a day that is over, and windows left open.
            (Fact::TicketExpired { .. } | Fact::TicketCarried { .. } | Fact::WindowClosed { .. } | Fact::HelpResolved { .. }, _)
                if event.by.is_none() =>
            {
                Ok(())
            }
            (_, Some((from, _))) => Err(format!("what was scheduled for {from} is not in force")),
            (_, None) => Ok(()),
        }
    }
}
