//! The second hall's own idea of serving: several things in a visit, calls for the supervisor,
//! reminders, and the end of the day.

use super::{Kind, Op, Reference, S, T, W, Who, day_of};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};

/// A paper number of somebody who came so many minutes ago, perhaps with a visit that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Paper {
    pub(in super::super) line: usize,
    pub(in super::super) ago_min: i64,
    pub(in super::super) serial: u32,
    pub(in super::super) is_over: bool,
}

impl Paper {
    /// No two came at one instant, so that their order is never in doubt.
    pub(in super::super) fn came_at(self, now: Millis) -> Millis {
        now - self.ago_min * MINUTE_MS - i64::from(self.serial) - 1
    }
}

impl Reference {
    pub(super) fn serve(&mut self, who: Who, op: Op) -> Result<(), &'static str> {
        let (Op::AddItem { ticket, .. } | Op::Settle { ticket, .. } | Op::FinishEach { ticket, .. }) = op else { return Ok(()) };
        self.may_touch(who, ticket, false, &["serving"])?;
        let it = &mut self.tickets[ticket];
        let mut items = it.known_items();
        match op {
            Op::AddItem { line, .. } if items.iter().any(|(known, _)| *known == line) => return Err("item_there"),
            Op::AddItem { line, .. } => items.push((line, false)),
            Op::Settle { item, .. } => items.get_mut(item).ok_or("unknown_item")?.1 = true,
            Op::FinishEach { given, .. } => {
                for item in (0..3).filter(|item| given & (1 << item) != 0) {
                    items.get_mut(item).ok_or("unknown_item")?.1 = true;
                }
                if items.iter().any(|(_, settled)| !settled) {
                    return Err("outcomes_missing");
                }
                it.s = S::Over("done");
            }
            _ => {}
        }
        it.items = Some(items);
        Ok(())
    }

    pub(super) fn call_for_help(&mut self, who: Who, op: Op) -> Result<(), &'static str> {
        match op {
            Op::Help { window } => {
                self.may_act_at(who, window)?;
                match self.windows[window].help.replace(false) {
                    Some(_) => Err("help_open"),
                    None => Ok(()),
                }
            }
            Op::Coming { .. } if who == Who::Machine => Err("staff_required"),
            Op::Coming { .. } if who != Who::Chief => Err("supervisor_required"),
            Op::Coming { window } => match &mut self.windows[window].help {
                Some(coming) => {
                    *coming = true;
                    Ok(())
                }
                None => Err("no_help_open"),
            },
            Op::HelpDone { window } => {
                self.may_act_at(who, window)?;
                self.windows[window].help.take().map(drop).ok_or("no_help_open")
            }
            _ => Ok(()),
        }
    }

    pub(super) fn remind(&mut self, now: Millis) {
        let after = self.rules.park_min * MINUTE_MS;
        for ticket in self.tickets.iter_mut().filter(|ticket| ticket.s == S::Parked && after > 0) {
            ticket.reminded |= now - ticket.parked_at >= after;
        }
    }

    pub(super) fn close_up(&mut self, now: Millis) {
        let minute_of_day = (now + 8 * HOUR_MS).rem_euclid(DAY_MS) / MINUTE_MS;
        let today = day_of(now);
        if self.rules.never_closes || self.ended == Some(today) || minute_of_day < 20 * 60 + self.rules.end_after_min {
            return;
        }
        self.ended = Some(today);
        self.end_of_day(today, today + 1);
    }

    /// Each once a day, in the order of true times; nobody waits on a day that is over.
    pub(super) fn enter_paper(&mut self, who: Who, paper: Paper, now: Millis) -> Result<(), &'static str> {
        let Paper { line, serial, is_over, .. } = paper;
        who.person().ok_or("staff_required")?;
        let came = paper.came_at(now);
        if !self.paper.insert((day_of(came), serial)) {
            return Err("paper_number_used");
        }
        if !is_over && (day_of(came) != day_of(now) || self.ended == Some(day_of(now))) {
            self.paper.remove(&(day_of(came), serial));
            return Err("paper_visit_missing");
        }
        let index = self.give(line, Kind::Plain, None, came);
        self.issued[line] -= 1;
        self.tickets[index].number = format!("P{serial:03}");
        self.tickets[index].serial = serial as usize;
        if is_over {
            self.tickets[index].s = S::Over("done");
        }
        Ok(())
    }

    /// Whoever is not at a window: gone, or first on the day that follows.
    pub(super) fn end_of_day(&mut self, day: i64, next: i64) {
        let carries = self.rules.carries;
        for ticket in self.tickets.iter_mut().filter(|ticket| ticket.carried.is_none_or(|to| to <= day)) {
            match ticket.s {
                S::Waiting if carries && ticket.carried.is_none() => {
                    ticket.number.insert(0, '续');
                    ticket.carried = Some(next);
                    ticket.wait(None, start_of_day(next));
                }
                S::Waiting | S::Parked | S::Missed => ticket.s = S::Over("expired"),
                _ => {}
            }
        }
        for window in 0..3 {
            if !self.rules.never_closes && self.at(window).is_none() {
                self.windows[window] = W::default();
            }
        }
    }
}

impl T {
    fn known_items(&self) -> Vec<(usize, bool)> {
        // A quick ticket names its matter, so what is added later is another thing, whatever the line.
        let first = if self.kind == Kind::Quick { self.line + 10 } else { self.line };
        self.items.clone().unwrap_or_else(|| vec![(first, false)])
    }

    pub(super) fn open_items(&self) -> usize {
        self.known_items().iter().filter(|(_, settled)| !settled).count()
    }

    pub(super) fn lifetime(&self) -> Millis {
        self.carried.map_or(self.issued, start_of_day)
    }
}

fn start_of_day(day: i64) -> Millis {
    day * DAY_MS - 8 * HOUR_MS
}
