//! What keeps a class from taking every call: how many calls a line saw since the last one to each
//! class. A count of today's calls; decides nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::class::Class;

/// The calls that those who wait in a line saw on the business day: calls to the line's tickets, and
/// all calls of windows that serve it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Balance {
    /// Calls to others since the last call to a class; a class that was not called today is absent.
    since: BTreeMap<Class, u32>,
}

impl Balance {
    /// Calls to others since the last call to a class; `None` if it was not called today.
    #[must_use]
    pub fn since(&self, class: Class) -> Option<u32> {
        self.since.get(&class).copied()
    }

    /// Takes in a call. One to the green channel at a window that is for it takes nobody's turn, so for
    /// the green channel it did not happen.
    pub(super) fn count(&mut self, called: Class, at_green_window: bool) {
        let is_apart = called == Class::Green && at_green_window;
        for (class, since) in &mut self.since {
            if *class != called {
                *since = since.saturating_add(1);
            }
        }
        if !is_apart {
            self.since.insert(called, 0);
        }
    }
}
