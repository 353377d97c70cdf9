//! What a site set about taking numbers: at most so many of a line in a section of the day, none shortly
//! before the hall closes, and each paper number once, of a day that may still be entered.

use std::collections::{BTreeMap, BTreeSet};

use super::chronicle::Chronicle;
use super::{Observer, Verdict, hold};
use chrono::{Datelike, NaiveDate};
use domain::hall::{Event, Fact, OpeningHours, SectionLimit};
use domain::ids::LineId;
use domain::time::{MINUTE_MS, Millis, local_date, start_of};

/// A section of a line: its begin and end in minutes.
type Section = (LineId, u16, u16);

/// See the file's head.
#[derive(Default)]
pub struct Limits {
    given: BTreeMap<Section, u32>,
    /// Every number of a day, of the hall and on paper.
    numbers: BTreeSet<(NaiveDate, String)>,
}

fn key(limit: &SectionLimit) -> Section {
    (limit.line_id.clone(), limit.from_minute, limit.to_minute)
}

fn minute(at: Millis) -> i64 {
    (at - start_of(local_date(at))) / MINUTE_MS
}

impl Limits {
    fn section(&mut self, before: &Chronicle, line: &LineId, at: Millis) -> Verdict {
        let is_now = |limit: &&SectionLimit| {
            limit.line_id == *line && i64::from(limit.from_minute) <= minute(at) && minute(at) < i64::from(limit.to_minute)
        };
        let Some(limit) = before.policy().taking.sections.iter().find(is_now) else { return Ok(()) };
        let given = self.given.entry(key(limit)).or_default();
        *given += 1;
        hold(*given <= limit.at_most, || format!("{given} numbers of {line} in a section for {}", limit.at_most))
    }

    fn is_new(&mut self, date: NaiveDate, number: &str) -> Verdict {
        hold(self.numbers.insert((date, number.to_owned())), || format!("{number} of {date} is there twice"))
    }

    fn paper(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        let Fact::PaperNumberEntered { number, serial, date, occurred_at, .. } = &event.fact else { return Ok(()) };
        let rules = &before.policy().taking.paper;
        let letters: String = number.chars().take_while(char::is_ascii_uppercase).collect();
        hold(rules.prefixes.contains(&letters), || format!("{number} is of no paper series"))?;
        hold(*number == format!("{letters}{serial:03}"), || format!("{number} is no number for {serial}"))?;
        hold(local_date(*occurred_at) == *date && *occurred_at <= event.at, || format!("{number} of {date} is of {occurred_at}"))?;
        let days = (local_date(event.at) - *date).num_days();
        hold(days <= i64::from(rules.days_back), || format!("{number} is entered after {days} days"))?;
        self.is_new(*date, number)
    }
}

/// Fails for a number that is given after the last one before the hall closes or has its break.
fn not_after_the_last(before: &Chronicle, at: Millis) -> Verdict {
    let OpeningHours::Weekly { week, .. } = &before.configuration.hours else { return Ok(()) };
    let spans = &week[local_date(at).weekday().num_days_from_monday() as usize];
    let now = spans.iter().find(|span| i64::from(span.from_minute) <= minute(at) && minute(at) < i64::from(span.to_minute));
    let Some(now) = now else { return Ok(()) };
    let taking = &before.policy().taking;
    let comes_again = spans.iter().any(|span| span.from_minute >= now.to_minute);
    let lead_ms = if comes_again { taking.last_number_before_break_ms } else { taking.last_number_before_close_ms };
    let last = start_of(local_date(at)) + i64::from(now.to_minute) * MINUTE_MS - lead_ms;
    hold(lead_ms == 0 || at < last, || format!("a number at {at}, the last one is given before {last}"))
}

impl Observer for Limits {
    fn name(&self) -> &'static str {
        "sections of the day, the last number before closing, each paper number once"
    }

    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        match &event.fact {
            Fact::DayOpened { .. } => self.given.clear(),
            Fact::HallConfigured { configuration } => {
                let kept: Vec<Section> = configuration.policy.taking.sections.iter().map(key).collect();
                // What was given before a section was set does not count.
                self.given.retain(|section, _| kept.contains(section));
            }
            Fact::TicketIssued { line_id, number, date, appointment, walk_in, .. } => {
                self.is_new(*date, number)?;
                // An appointment has its place already, and so has somebody who sits down.
                if appointment.is_none() && !walk_in {
                    not_after_the_last(before, event.at)?;
                    self.section(before, line_id, event.at)?;
                }
            }
            Fact::PaperNumberEntered { .. } => self.paper(before, event)?,
            _ => {}
        }
        Ok(())
    }
}
