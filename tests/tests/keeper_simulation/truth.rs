//! What really happened in the hall, in the order in which it did, whoever decided it: so that a call that two sides made
//! is seen also where the log of the centre settles it afterwards.

use std::collections::{BTreeMap, BTreeSet};

use domain::hall::{Command, Hall};

/// Who decides: a kiosk by its place, or the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Kiosk {
        place: usize,
        /// By a person's word, parted from the keeper before.
        is_parted: bool,
    },
    Service,
}

impl By {
    fn is_same_side(self, other: Self) -> bool {
        match (self, other) {
            (Self::Service, Self::Service) => true,
            (Self::Kiosk { place: one, .. }, Self::Kiosk { place: another, .. }) => one == another,
            _ => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// Called, or served.
    AtWindow,
    /// Served, and gone.
    Over,
    /// Missed, set aside, or sent on: it may be called again.
    Aside,
}

/// See the file's head.
#[derive(Debug, Default)]
pub(super) struct Truth {
    courses: BTreeMap<String, (Course, By)>,
    /// By kiosk, whoever had a number anywhere when a person let it take over.
    foreign: [BTreeSet<String>; 2],
    /// Calls that another side had made already.
    pub(super) twice: Vec<String>,
    /// Given up by the service.
    given_up: BTreeSet<String>,
    /// What was decided about each ticket, in words for whoever reads a fault.
    stories: BTreeMap<String, Vec<String>>,
}

impl Truth {
    /// A person let a kiosk take over: these halls are all there are.
    pub(super) fn took_over<'a>(&mut self, place: usize, halls: impl Iterator<Item = &'a Hall>) {
        self.foreign[place] = halls.flat_map(Hall::tickets).map(|ticket| ticket.id.to_string()).collect();
    }

    /// Something was decided, and answered with this body.
    pub(super) fn decided(&mut self, by: By, command: &Command, body: &serde_json::Value, now_ms: i64) {
        let said = serde_json::to_value(command).unwrap_or_default();
        if let Some(ticket) = said["ticket_id"].as_str().or_else(|| body["ticket"]["id"].as_str()) {
            let story = self.stories.entry(ticket.to_owned()).or_default();
            story.push(format!("{now_ms} ms {by:?}: {}", said["type"].as_str().unwrap_or_default()));
        }
        match command {
            Command::Abandon { ticket_id } if by == By::Service => drop(self.given_up.insert(ticket_id.to_string())),
            Command::CallNext { .. } => {
                if let Some(ticket) = body["ticket"]["id"].as_str() {
                    self.called(by, ticket, now_ms);
                }
            }
            Command::Start { ticket_id } => self.set(ticket_id.as_str(), Course::AtWindow, by),
            Command::Finish { ticket_id, .. } => self.set(ticket_id.as_str(), Course::Over, by),
            Command::Miss { ticket_id, .. } | Command::Park { ticket_id, .. } | Command::Transfer { ticket_id, .. } => {
                self.set(ticket_id.as_str(), Course::Aside, by);
            }
            _ => {}
        }
    }

    /// What was decided about a ticket.
    pub(super) fn story(&self, ticket: &str) -> &[String] {
        self.stories.get(ticket).map_or(&[], Vec::as_slice)
    }

    /// Whether the service gave a ticket up before a keeper in office called it: in the last seconds before a cut, so that
    /// the hall did not hear of it (docs/decisions/0003).
    pub(super) fn was_given_up_unheard(&self, ticket: &str) -> bool {
        self.given_up.contains(ticket)
    }

    /// Whether a ticket was of another keeper when this one took over.
    fn is_foreign(&self, by: By, ticket: &str) -> bool {
        matches!(by, By::Kiosk { place, is_parted: true } if self.foreign[place].contains(ticket))
    }

    fn called(&mut self, by: By, ticket: &str, now_ms: i64) {
        if self.is_foreign(by, ticket) {
            self.twice.push(format!("{ticket} at {now_ms} ms by {by:?}, which did not give it"));
        }
        if let Some((course @ (Course::AtWindow | Course::Over), before)) = self.courses.get(ticket) {
            // What the service decided in its last seconds may not have reached the hall: then a keeper by its lease calls
            // again, and the hall's word counts (docs/decisions/0003).
            let is_known_gap = *before == By::Service && matches!(by, By::Kiosk { is_parted: false, .. });
            if !before.is_same_side(by) && !is_known_gap {
                self.twice.push(format!("{ticket} at {now_ms} ms by {by:?}, and {before:?} has it {course:?}"));
            }
        }
        self.set(ticket, Course::AtWindow, by);
    }

    fn set(&mut self, ticket: &str, course: Course, by: By) {
        self.courses.insert(ticket.to_owned(), (course, by));
    }
}
