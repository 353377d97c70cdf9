//! The reason of every call is true, figures included. Read as the API tells it: code and figures.

use super::bounds::green_may_be_called;
use super::chronicle::{Chronicle, Visit};
use super::order::by_the_order;
use super::{Observer, Verdict, hold};
use domain::hall::{Event, HeadCause};
use domain::ids::WindowId;
use domain::time::Millis;
use serde_json::Value;

/// See the file's head.
pub struct TrueReasons;

impl Observer for TrueReasons {
    fn name(&self) -> &'static str {
        "the reason of every call is true"
    }

    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict {
        let Some(called) = by_the_order(before, event) else { return Ok(()) };
        let reason = serde_json::to_value(called.reason).map_err(|error| error.to_string())?;
        let is_true = judge(before, called.visit, called.window, &reason, called.at);
        hold(is_true, || format!("{reason} of {:?}", called.visit))
    }
}

fn judge(before: &Chronicle, visit: &Visit, window: &WindowId, reason: &Value, at: Millis) -> bool {
    let policy = before.policy();
    let waited = reason["waited_ms"] == at - visit.from;
    let plain = visit.topped.is_none() && visit.head.is_none();
    let at_head = |cause| visit.topped.is_none() && visit.head == Some(cause);
    let ordinary = || before.waiting_for(window).filter(|other| !other.green);
    let greens_wait = before.waiting_for(window).any(|other| other.green);
    match reason["code"].as_str().unwrap_or_default() {
        "in_order" => plain && !visit.green && !greens_wait && waited,
        "ordinary_turn" => {
            let counts = ordinary().filter_map(|other| before.seen_in(&other.line).position(|call| call.green));
            let is_turn = plain && !visit.green && greens_wait && !green_may_be_called(before, window);
            is_turn
                && waited
                && reason["green_bound"] == policy.green_bound
                && counts.min().is_some_and(|count| reason["ordinary_since_green"] == count)
        }
        "oldest_over_limit" => {
            let is_over = at - visit.from > policy.over_limit_ms;
            plain && !visit.green && waited && is_over && reason["limit_ms"] == policy.over_limit_ms
        }
        "green_first" => {
            let figures = reason["green_bound"] == policy.green_bound && reason["ordinary_waiting"] == ordinary().count();
            plain && visit.green && waited && figures
        }
        "topped" => visit.topped.as_ref().is_some_and(|(_, said)| reason["reason"] == said.as_str()),
        "returned" => at_head(HeadCause::Returned) && reason["miss_count"] == visit.misses && waited,
        "resumed" => at_head(HeadCause::Resumed),
        "transferred_here" => at_head(HeadCause::Transferred),
        _ => false,
    }
}
