//! The rules of the order and the bounds between the classes, read again as plainly as they are told to
//! people: at most one call in N for a class that stands before while others wait, and whoever waits
//! longer than T first. Judged on the calls of the day, not on counters.

use super::chronicle::{Call, Chronicle, Visit};
use super::order::by_the_order;
use super::{Observer, Verdict, hold};
use domain::hall::{Class, Event};
use domain::ids::{LineId, WindowId};
use domain::time::Millis;

/// A window that calls at an instant, and those who wait for it without having been moved to the top.
pub struct Scene<'a> {
    before: &'a Chronicle,
    window: &'a WindowId,
    at: Millis,
    pub waiting: Vec<&'a Visit>,
}

impl<'a> Scene<'a> {
    pub fn new(before: &'a Chronicle, window: &'a WindowId, at: Millis) -> Self {
        let waiting = before.waiting_for(window, at).filter(|visit| visit.topped.is_none()).collect();
        Self { before, window, at, waiting }
    }

    pub fn bound(&self, class: Class) -> u32 {
        let policy = self.before.policy();
        match class {
            Class::Transferred => policy.transferred_bound,
            Class::Returned => policy.returned_bound,
            Class::Green => policy.green_bound,
            Class::Appointment => policy.appointment_bound,
            Class::Quick => policy.quick_bound,
            Class::Ordinary => 1,
        }
    }

    /// Those of later classes who wait.
    pub fn later(&self, class: Class) -> impl Iterator<Item = &Visit> {
        self.waiting.iter().copied().filter(move |visit| visit.class(self.at) > class)
    }

    /// The calls that a line saw and that count for a class, newest first.
    fn counted<'b>(&'b self, line: &'b LineId, class: Class) -> impl Iterator<Item = &'b Call> {
        let is_apart = move |call: &Call| class == Class::Green && call.class == Class::Green && call.at_green_window;
        self.before.seen_in(line).filter(move |call| !is_apart(call))
    }

    /// Whether one of the newest `bound - 1` calls that a later one who waits saw went to the class.
    pub fn has_turn(&self, class: Class) -> bool {
        let newest = self.bound(class).saturating_sub(1) as usize;
        self.later(class).all(|visit| !self.counted(&visit.line, class).take(newest).any(|call| call.class == class))
    }

    /// Calls to others since the last one to a class, as the one of later classes counts them who saw it last.
    pub fn calls_since(&self, class: Class) -> Option<usize> {
        self.later(class).filter_map(|visit| self.counted(&visit.line, class).position(|call| call.class == class)).min()
    }

    /// The first of a class; an appointment stands at the begin of its slot.
    pub fn first(&self, class: Class) -> Option<&'a Visit> {
        let of = self.waiting.iter().copied().filter(|visit| visit.class(self.at) == class);
        let stands = |visit: &&Visit| {
            let slot = visit.slot.filter(|_| class == Class::Appointment).unwrap_or(Millis::MIN);
            (visit.from.max(slot), visit.serial, visit.id.clone())
        };
        of.min_by_key(stands)
    }

    fn may(&self, class: Class) -> Option<&'a Visit> {
        self.first(class).filter(|_| self.has_turn(class))
    }

    /// Of those who are ordinary the first one of the lines that the window prefers, or sent to it from a
    /// line that it does not serve.
    pub fn preferred(&self) -> Option<&'a Visit> {
        let prefers = self.before.setup(self.window).map(|setup| setup.preferred_line_ids.as_slice()).unwrap_or_default();
        let serves = self.before.seats.get(self.window).map(|seat| seat.lines.as_slice()).unwrap_or_default();
        let meant = |visit: &&&Visit| prefers.contains(&visit.line) || !serves.contains(&visit.line);
        let ordinary = self.waiting.iter().filter(|visit| visit.class(self.at) == Class::Ordinary);
        ordinary.filter(meant).min_by_key(|visit| visit.place()).copied().filter(|_| !prefers.is_empty())
    }

    /// Whom the rules name, and by which of them.
    fn named(&self) -> Option<(&'a Visit, &'static str)> {
        if let Some(head) = self.may(Class::Transferred).or_else(|| self.may(Class::Returned)) {
            return Some((head, "at the head"));
        }
        if let Some(green) = self.first(Class::Green).filter(|_| self.before.is_for_green(self.window)) {
            return Some((green, "green at its window"));
        }
        let limit = self.before.policy().over_limit_ms;
        let in_order = [Class::Green, Class::Appointment, Class::Quick, Class::Ordinary];
        let over = in_order.into_iter().filter_map(|class| self.may(class)).filter(|visit| self.at - visit.from > limit);
        if let Some(over) = over.min_by_key(|visit| visit.place()) {
            return Some((over, "over the limit"));
        }
        for class in [Class::Green, Class::Appointment, Class::Quick] {
            if let Some(visit) = self.may(class) {
                return Some((visit, class.as_str()));
            }
        }
        let first = self.first(Class::Ordinary).map(|visit| (visit, "came first"));
        self.preferred().map(|visit| (visit, "preferred")).or(first)
    }
}

/// See the file's head.
pub struct Bounds;

impl Observer for Bounds {
    fn name(&self) -> &'static str {
        "no class starves: at most one call in N for those who stand before, and none waits beyond T behind them"
    }

    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        let Some(called) = by_the_order(before, event) else { return Ok(()) };
        if called.visit.topped.is_some() {
            return Ok(());
        }
        let scene = Scene::new(before, called.window, called.at);
        let class = called.visit.class(called.at);
        let is_apart = class == Class::Green && before.is_for_green(called.window);
        hold(is_apart || scene.has_turn(class), || {
            format!("a second call to {} within {}: {:?}", class.as_str(), scene.bound(class), called.visit)
        })?;
        let named = scene.named();
        hold(named.is_some_and(|(visit, _)| visit.id == called.visit.id), || format!("{:?} is called, not {named:?}", called.visit))
    }
}
