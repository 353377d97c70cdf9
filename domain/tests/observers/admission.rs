//! Numbers and who gets one: series without gap or repetition, the day's contingent, stopped lines,
//! one live ticket per holder and line, and what a clerk may repeat.

use std::collections::{BTreeMap, BTreeSet};

use super::chronicle::{Chronicle, Phase, Visit, is_open};
use super::{Observer, Verdict, hold};
use chrono::NaiveDate;
use domain::hall::{Event, Fact, Target};
use domain::ids::{LineId, TicketId};
use domain::time::local_date;

/// Every number given, by business day and series.
#[derive(Default)]
pub struct Series {
    last: BTreeMap<(NaiveDate, String), u32>,
}

impl Observer for Series {
    fn name(&self) -> &'static str {
        "no number twice, none skipped"
    }

    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        let Fact::TicketIssued { ticket_id, number, serial, date, line_id, .. } = &event.fact else { return Ok(()) };
        hold(!before.visits.contains_key(ticket_id), || format!("{ticket_id} is issued over itself"))?;
        hold(before.date == Some(*date) && *date <= local_date(event.at), || {
            format!("{number} is of {date}, the day is {:?}", before.date)
        })?;
        let prefix: String = number.chars().take_while(char::is_ascii_uppercase).collect();
        let line = before.configuration.lines.iter().find(|line| line.id == *line_id);
        hold(line.is_some_and(|line| line.prefix == prefix), || format!("{number} has the letters of another line than {line_id}"))?;
        hold(*number == format!("{prefix}{serial:03}"), || format!("{number} is no number for {serial}"))?;
        let last = self.last.entry((*date, prefix)).or_default();
        let expected = *last + 1;
        *last = *serial;
        hold(*serial == expected, || format!("{number} comes where {expected} is next"))
    }
}

/// Who may get a number, and be called again.
#[derive(Default)]
pub struct Admission {
    issued: BTreeMap<LineId, u32>,
    stopped: BTreeSet<LineId>,
}

impl Admission {
    /// Whatever day the other one is of, and wherever it stands: a person is in every line of the matters of a ticket.
    fn holds_another(before: &Chronicle, ticket: &TicketId, line: &LineId, holder: Option<&str>) -> Verdict {
        let person = holder.map(person_of);
        let is_same = |visit: &&Visit| visit.id != *ticket && visit.is_in(line) && visit.holder.as_deref().map(person_of) == person;
        let another = before.visits.values().find(is_same);
        hold(holder.is_none() || another.is_none(), || {
            format!("{ticket} and {:?} in {line} are one person's", another.map(|visit| &visit.id))
        })
    }
}

/// The person behind a key of one day, `k7@20100`.
fn person_of(key: &str) -> &str {
    key.split_once('@').map_or(key, |(person, _)| person)
}

impl Observer for Admission {
    fn name(&self) -> &'static str {
        "contingents, stopped lines, one ticket per holder, recalls within the limit"
    }

    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        match &event.fact {
            Fact::DayOpened { .. } => self.issued.clear(),
            Fact::HallConfigured { configuration } => {
                let is_kept = |line: &LineId| configuration.lines.iter().any(|setup| setup.id == *line);
                self.stopped.retain(is_kept);
                self.issued.retain(|line, _| is_kept(line));
            }
            Fact::LineStopped { line_id, .. } => drop(self.stopped.insert(line_id.clone())),
            Fact::LineResumed { line_id } => drop(self.stopped.remove(line_id)),
            Fact::TicketIssued { ticket_id, line_id, also_line_ids, holder_key, appointment, walk_in, .. } => {
                let issued = self.issued.entry(line_id.clone()).or_default();
                *issued += 1;
                let line = before.configuration.lines.iter().find(|line| line.id == *line_id);
                let contingent = line.and_then(|line| line.daily_contingent);
                // An appointment has its place already; it counts, but is not refused.
                let has_room = appointment.is_some() || contingent.is_none_or(|contingent| *issued <= contingent);
                hold(has_room, || format!("{issued} of {contingent:?} in {line_id}"))?;
                for line_id in also_line_ids.iter().chain([line_id]) {
                    hold(!self.stopped.contains(line_id), || format!("{line_id} is stopped"))?;
                    Self::holds_another(before, ticket_id, line_id, holder_key.as_deref())?;
                }
                hold(*walk_in || is_open(&before.configuration.hours, event.at), || "the hall is closed".to_owned())?;
            }
            Fact::TicketTransferred { ticket_id, to: Target::Line { line_id }, .. } => {
                let Some(visit) = before.visits.get(ticket_id) else { return Err(format!("{ticket_id} is unknown")) };
                // Sent back to its own line when the window closes: that is no new admission.
                let is_new = visit.line != *line_id;
                hold(!is_new || !self.stopped.contains(line_id), || format!("{line_id} is stopped"))?;
                Self::holds_another(before, ticket_id, line_id, visit.holder.as_deref())?;
            }
            Fact::TicketRecalled { ticket_id, recall_count, .. } => {
                let phase = before.visits.get(ticket_id).map(|visit| &visit.phase);
                let Some(Phase::Called { calls, last, .. }) = phase else { return Err(format!("{ticket_id} is {phase:?}")) };
                let policy = before.policy();
                hold(*recall_count == calls + 1 && *recall_count <= policy.recall_max, || format!("recall {recall_count} after {calls}"))?;
                hold(event.at - last >= policy.recall_cooldown_ms, || format!("recalled after {} ms", event.at - last))?;
            }
            _ => {}
        }
        Ok(())
    }
}
