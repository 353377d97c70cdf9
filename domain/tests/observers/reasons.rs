//! The reason of every call is true, figures included. Read as the API tells it: code and figures.

use super::bounds::Scene;
use super::chronicle::{Chronicle, Visit};
use super::order::by_the_order;
use super::{Observer, Verdict, hold};
use domain::hall::{Class, Event, HeadCause};
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
    let (policy, scene) = (before.policy(), Scene::new(before, window, at));
    let waited = reason["waited_ms"] == at - visit.from;
    let is = |class: Class| visit.topped.is_none() && visit.class(at) == class;
    let at_head = |cause| visit.topped.is_none() && visit.head == Some(cause);
    let passed = Class::ALL.into_iter().find(|class| *class < Class::Ordinary && scene.first(*class).is_some());
    let came_first = || scene.first(Class::Ordinary).filter(|first| first.id == visit.id).is_some();
    let first_of = |class: Class| {
        let figures = reason["bound"] == scene.bound(class) && reason["others_waiting"] == scene.later(class).count();
        is(class) && waited && figures
    };
    match reason["code"].as_str().unwrap_or_default() {
        "in_order" => is(Class::Ordinary) && came_first() && passed.is_none() && waited,
        "preferred_line" => {
            let oldest = scene.first(Class::Ordinary).filter(|first| first.id != visit.id);
            is(Class::Ordinary)
                && waited
                && oldest.is_some_and(|oldest| reason["oldest_waited_ms"] == at - oldest.from)
                && scene.preferred().is_some_and(|preferred| preferred.id == visit.id)
        }
        "ordinary_turn" => passed.is_some_and(|class| {
            let figures =
                reason["bound"] == scene.bound(class) && scene.calls_since(class).is_some_and(|calls| reason["calls_since"] == calls);
            is(Class::Ordinary) && came_first() && waited && reason["class"] == class.as_str() && !scene.has_turn(class) && figures
        }),
        "oldest_over_limit" => {
            let is_over = at - visit.from > policy.over_limit_ms;
            visit.topped.is_none() && visit.head.is_none() && waited && is_over && reason["limit_ms"] == policy.over_limit_ms
        }
        "green_window" => is(Class::Green) && before.is_for_green(window) && waited,
        "green_first" => first_of(Class::Green),
        "appointment_first" => first_of(Class::Appointment),
        "quick_first" => first_of(Class::Quick),
        "topped" => visit.topped.as_ref().is_some_and(|(_, said)| reason["reason"] == said.as_str()),
        "returned" => at_head(HeadCause::Returned) && reason["miss_count"] == visit.misses && waited,
        "resumed" => at_head(HeadCause::Resumed),
        "transferred_here" => at_head(HeadCause::Transferred),
        _ => false,
    }
}
