//! Observers of a hall: each watches one promise, sees nothing but the stream of events (and which
//! window was told that nobody waits), and is written naively on purpose: flat lists, every question
//! answered by looking at everything again. Used by the simulation of the rules and, on the logs of
//! real programs, by the suites of package `tests`. Must not call a rule of the hall.

mod admission;
mod bounds;
pub mod chronicle;
mod days;
mod exclusion;
mod order;
mod reasons;
mod reminders;
mod returns;
mod scheduled;
mod taking;

use chronicle::Chronicle;
use domain::hall::Event;
use domain::ids::WindowId;
use domain::time::Millis;

/// What an observer says of a step.
pub type Verdict = Result<(), String>;

/// One promise, watched.
pub trait Observer {
    /// The promise in a few words.
    fn name(&self) -> &'static str;
    /// An event, and what the events before it made.
    fn see(&mut self, before: &Chronicle, event: &Event) -> Verdict;
    /// A window asked for the next ticket and was told that nobody waits.
    fn nobody(&mut self, _before: &Chronicle, _window: &WindowId, _at: Millis) -> Verdict {
        Ok(())
    }
}

/// A step of a hall's history as observers see it.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every step is an event")]
pub enum Step {
    /// An event.
    Event(Event),
    /// A window was told that nobody waits.
    Nobody(WindowId, Millis),
}

impl Step {
    /// The kind of the event, if it is one.
    pub fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Event(event) => Some(event.kind()),
            Self::Nobody(..) => None,
        }
    }
}

/// A broken promise: whose, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The observer's name.
    pub observer: &'static str,
    /// What was seen.
    pub text: String,
}

/// All observers at one hall.
pub struct Panel {
    chronicle: Chronicle,
    observers: Vec<Box<dyn Observer>>,
    faults: Vec<Fault>,
}

impl Default for Panel {
    fn default() -> Self {
        let observers: Vec<Box<dyn Observer>> = vec![
            Box::new(exclusion::OnePlace::default()),
            Box::new(exclusion::OneSeat::default()),
            Box::new(admission::Series::default()),
            Box::new(admission::Admission::default()),
            Box::new(order::FirstCome),
            Box::new(order::NobodyForgotten),
            Box::new(bounds::Bounds),
            Box::new(reasons::TrueReasons),
            Box::new(returns::Returns),
            Box::new(days::Days::default()),
            Box::new(taking::Limits::default()),
            Box::new(scheduled::Scheduled),
            Box::new(reminders::Near::default()),
        ];
        Self { chronicle: Chronicle::default(), observers, faults: Vec::new() }
    }
}

impl Panel {
    /// Shows a step to every observer.
    pub fn show(&mut self, step: &Step) {
        for observer in &mut self.observers {
            let verdict = match step {
                Step::Event(event) => observer.see(&self.chronicle, event),
                Step::Nobody(window, at) => observer.nobody(&self.chronicle, window, *at),
            };
            if let Err(text) = verdict {
                self.faults.push(Fault { observer: observer.name(), text: format!("{text}\n  at {step:?}") });
            }
        }
        if let Step::Event(event) = step {
            self.chronicle.take(event);
        }
    }

    /// The history as it was told so far.
    pub fn chronicle(&self) -> &Chronicle {
        &self.chronicle
    }

    /// Every promise that was broken so far.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The names of all observers.
    pub fn names(&self) -> Vec<&'static str> {
        self.observers.iter().map(|observer| observer.name()).collect()
    }
}

/// `Err` with a text unless something holds.
pub fn hold(holds: bool, text: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(text()) }
}
