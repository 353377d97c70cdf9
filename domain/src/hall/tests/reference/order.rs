//! The second hall's own idea of who is next: every rule asks everybody who waits again.

use super::{GREEN, PLAIN, QUICK, RETURNED, Reference, S, T, TRANSFERRED};
use crate::time::{MINUTE_MS, Millis};

impl Reference {
    pub(super) fn is_for_green(&self, window: usize) -> bool {
        window == 2 && self.rules.has_green_window
    }

    /// Those who wait for a window; who was carried over does so from the opening on.
    pub(in super::super) fn waiting_for(&self, window: usize, now: Millis) -> Vec<usize> {
        let waits = |index: &usize| {
            let ticket = &self.tickets[*index];
            let is_for_us = ticket.sent_to.map_or(self.served_lines[window].contains(&ticket.line), |to| to == window);
            ticket.s == S::Waiting && is_for_us && (ticket.from <= now || ticket.topped.is_some())
        };
        (0..self.tickets.len()).filter(waits).collect()
    }

    /// Whether a class may be called at a window: in no line of somebody of a later class who waits was one
    /// of the newest `bound - 1` calls to it. Green calls at the window for them do not count for green.
    pub(in super::super) fn has_turn(&self, window: usize, class: usize, now: Millis) -> bool {
        let Some(bound) = self.rules.bounds.get(class) else { return true };
        let waiting = self.waiting_for(window, now).into_iter();
        let mut later = waiting.map(|index| &self.tickets[index]).filter(|ticket| ticket.topped.is_none() && ticket.class() > class);
        later.all(|ticket| {
            let seen = self.calls.iter().rev().filter(|call| call.seen_by.contains(&ticket.line));
            let counts = seen.filter(|call| class != GREEN || call.class != GREEN || !call.at_green_window);
            !counts.take(bound - 1).any(|call| call.class == class)
        })
    }

    pub(super) fn choose(&self, window: usize, now: Millis) -> Option<(usize, &'static str)> {
        let waiting = self.waiting_for(window, now);
        let first = |wanted: &dyn Fn(&T) -> bool, by: &dyn Fn(&T) -> Millis| {
            let mut found: Vec<usize> = waiting.iter().copied().filter(|index| wanted(&self.tickets[*index])).collect();
            found.sort_by_key(|index| (by(&self.tickets[*index]), self.tickets[*index].serial, *index));
            found.first().copied()
        };
        let of = |class: usize| first(&|ticket| ticket.topped.is_none() && ticket.class() == class, &|ticket| ticket.from);
        let may = |class: usize| of(class).filter(|_| self.has_turn(window, class, now));
        if let Some(topped) = first(&|ticket| ticket.topped.is_some(), &|ticket| ticket.topped.unwrap_or(0)) {
            return Some((topped, "topped"));
        }
        if let Some(head) = may(TRANSFERRED).or_else(|| may(RETURNED)) {
            return Some((head, self.tickets[head].head.unwrap_or("")));
        }
        if let Some(green) = of(GREEN).filter(|_| self.is_for_green(window)) {
            return Some((green, "green_window"));
        }
        let mut over: Vec<usize> = [GREEN, QUICK, PLAIN].into_iter().filter_map(may).collect();
        over.retain(|index| now - self.tickets[*index].from > self.rules.limit_min * MINUTE_MS);
        over.sort_by_key(|index| (self.tickets[*index].from, self.tickets[*index].serial, *index));
        if let Some(old) = over.first() {
            return Some((*old, "oldest_over_limit"));
        }
        if let Some(green) = may(GREEN) {
            return Some((green, "green_first"));
        }
        if let Some(quick) = may(QUICK) {
            return Some((quick, "quick_first"));
        }
        let plain = |ticket: &T| ticket.topped.is_none() && ticket.class() == PLAIN;
        let oldest = of(PLAIN)?;
        if let Some(line) = self.rules.prefers.filter(|_| window == 1) {
            let here = |ticket: &T| plain(ticket) && ticket.line == line;
            if let Some(preferred) = first(&here, &|ticket| ticket.from).filter(|preferred| *preferred != oldest) {
                return Some((preferred, "preferred_line"));
            }
        }
        let is_passed = waiting.iter().any(|index| self.tickets[*index].class() < PLAIN);
        Some((oldest, if is_passed { "ordinary_turn" } else { "in_order" }))
    }
}
