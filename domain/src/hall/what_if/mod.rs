//! A day that was, played again under another policy: the same people come, the same windows are
//! staffed, what everybody does at a window takes as long as it took. Who is called when is decided by
//! the rules, under the policy of the day and under the other one.
//!
//! `script.rs` reads off the day's events what does not depend on who is called; `world.rs` plays it.
//! Under its own policy the day comes out nearly as it was: how nearly, the caller shows beside.
//!
//! Architecture Invariant: pure, and without chance: the same day under the same policy is the same.

mod script;
mod world;

use super::event::Event;
use super::figures::Visit;
use super::interval::Interval;
use super::policy::Policy;
use super::replay::Replay;
use super::state::Hall;

/// A day as it was or as it would have been.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlayedDay {
    /// Every visit of the day.
    pub visits: Vec<Visit>,
    /// Every interval that ended.
    pub intervals: Vec<Interval>,
    /// People who came and got no number.
    pub refused: u32,
}

/// One day three times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// As it was.
    pub actual: PlayedDay,
    /// Played under the policy that it had.
    pub own: PlayedDay,
    /// Played under the other policy.
    pub other: PlayedDay,
}

/// Plays a day again: `before` is the hall before the day's first event, `events` are those of the day.
#[must_use]
pub fn what_if(before: &Hall, events: &[Event], policy: &Policy) -> WhatIf {
    let script = script::Script::of(before, events);
    WhatIf { actual: actual(before, events), own: world::play(before, &script, None), other: world::play(before, &script, Some(policy)) }
}

fn actual(before: &Hall, events: &[Event]) -> PlayedDay {
    let mut replay = Replay::on(before.clone());
    events.iter().for_each(|event| replay.take(event));
    PlayedDay::of(&replay, 0)
}

impl PlayedDay {
    fn of(replay: &Replay, refused: u32) -> Self {
        let intervals = replay.intervals().map(|(_, interval)| interval.clone()).collect();
        Self { visits: replay.visits().cloned().collect(), intervals, refused }
    }
}
