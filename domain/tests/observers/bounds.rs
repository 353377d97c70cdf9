//! The bounds between the classes: at most one call in N for the green channel while others wait, an
//! ordinary ticket that waits longer than T before the green ones, and first come first served among
//! all lines of a window. Judged on the calls of the day, not on counters.

use super::chronicle::{Chronicle, Visit};
use super::order::by_the_order;
use super::{Observer, Verdict, hold};
use domain::hall::Event;
use domain::ids::WindowId;
use domain::time::Millis;

/// An ordinary ticket in order that waits longer than the limit.
fn over_limit(before: &Chronicle, visit: &Visit, at: Millis) -> bool {
    !visit.green && visit.topped.is_none() && visit.head.is_none() && at - visit.from > before.policy().over_limit_ms
}

/// Whether the bound lets a green ticket be called at a window: in the line of no ordinary ticket that
/// waits for it was one of the newest `bound - 1` calls green.
pub fn green_may_be_called(before: &Chronicle, window: &WindowId) -> bool {
    let newest = before.policy().green_bound.saturating_sub(1) as usize;
    let mut ordinary = before.waiting_for(window).filter(|visit| !visit.green);
    ordinary.all(|visit| !before.seen_in(&visit.line).take(newest).any(|call| call.green))
}

/// See the file's head.
pub struct Bounds;

impl Observer for Bounds {
    fn name(&self) -> &'static str {
        "no class starves: at most one green call in N, and none waits beyond T behind the green"
    }

    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        let Some(called) = by_the_order(before, event) else { return Ok(()) };
        let visit = called.visit;
        if visit.topped.is_some() {
            return Ok(());
        }
        let waiting: Vec<&Visit> = before.waiting_for(called.window).collect();
        if let Some(other) = waiting.iter().find(|other| other.green == visit.green && other.place() < visit.place()) {
            return Err(format!("{other:?} stands before {visit:?}"));
        }
        let may = green_may_be_called(before, called.window);
        if visit.green {
            hold(may, || format!("a second green call within {}", before.policy().green_bound))?;
        }
        if visit.head.is_some() {
            return Ok(());
        }
        let overdue = waiting.iter().find(|other| over_limit(before, other, called.at));
        match (overdue, waiting.iter().find(|other| other.green)) {
            (Some(overdue), _) if visit.green => Err(format!("{} waits {} ms", overdue.id, called.at - overdue.from)),
            (None, Some(green)) if !visit.green && may => Err(format!("{} is green and it is its turn", green.id)),
            _ => Ok(()),
        }
    }
}
