//! What the intervals of a visit measure: each wait, way and service once, with the line, window, class
//! and hour it counts for. Groups are made from measures, so the groups of a figure add up to the whole.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Timelike};
use serde::{Deserialize, Serialize};

use crate::hall::interval::{Interval, StateName};
use crate::hall::state::{Priority, Ticket};
use crate::ids::{LineId, TicketId, WindowId};
use crate::time::{Millis, local};

/// As what a visit began. Being returned or transferred comes later and makes no class here: what a
/// ticket waits after it was missed is no wait for service at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitClass {
    /// 绿色通道.
    Green,
    /// Checked in with an appointment.
    Appointment,
    /// Named nothing but quick matters.
    Quick,
    /// A number taken in order.
    Ordinary,
    /// Served at once, without a number taken.
    WalkIn,
}

impl VisitClass {
    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Appointment => "appointment",
            Self::Quick => "quick",
            Self::Ordinary => "ordinary",
            Self::WalkIn => "walk_in",
        }
    }
}

/// What figures need of a ticket besides its intervals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The ticket.
    pub ticket_id: TicketId,
    /// As what it began.
    pub class: VisitClass,
    /// Its business day: that of its issue.
    pub date: NaiveDate,
    /// When it was issued.
    pub issued_at: Millis,
    /// The line it belongs to now.
    pub line_id: LineId,
    /// The window it is called to or served at now.
    pub at_window: Option<WindowId>,
}

impl From<&Ticket> for Visit {
    fn from(ticket: &Ticket) -> Self {
        let class = match ticket.priority {
            _ if ticket.walk_in => VisitClass::WalkIn,
            Priority::Green => VisitClass::Green,
            Priority::Ordinary if ticket.appointment.is_some() => VisitClass::Appointment,
            Priority::Ordinary if ticket.quick => VisitClass::Quick,
            Priority::Ordinary => VisitClass::Ordinary,
        };
        Self {
            ticket_id: ticket.id.clone(),
            class,
            date: ticket.date,
            issued_at: ticket.issued_at,
            line_id: ticket.line_id.clone(),
            at_window: ticket.state.at_window().cloned(),
        }
    }
}

/// What is counted or measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A ticket was issued.
    Issued,
    /// A ticket was called.
    Called,
    /// Nobody came to a call.
    Missed,
    /// A visit ended with an outcome.
    Done,
    /// A visit was given up.
    Abandoned,
    /// The day ended while the visit waited for its turn.
    Unserved,
    /// The day ended and who was called or served before had not come back.
    NotBack,
    /// A wait for service ended with a call.
    Waited {
        /// Its length in milliseconds.
        ms: Millis,
    },
    /// A person came to the window after a call.
    Came {
        /// The way in milliseconds.
        ms: Millis,
    },
    /// The service of a visit that ended with an outcome.
    Served {
        /// At all windows, in milliseconds.
        ms: Millis,
        /// At the window where it ended, in milliseconds.
        here_ms: Millis,
    },
}

/// One count or length of one visit, and where it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// What.
    pub what: What,
    /// As what the visit began.
    pub class: VisitClass,
    /// The visit's business day.
    pub date: NaiveDate,
    /// The line: where it was issued, called or ended.
    pub line_id: LineId,
    /// The window: of the call or of the end of service; none for what no window had a part in.
    pub window_id: Option<WindowId>,
    /// The instant whose hour it counts in: the arrival of what belongs to a person's arrival (issue,
    /// wait, end), the call of what belongs to a call (call, miss, way, service).
    pub counts_at: Millis,
}

impl Measure {
    /// The local hour it counts in, 0–23.
    #[must_use]
    pub fn hour(&self) -> u32 {
        local(self.counts_at).hour()
    }

    /// The same for its window alone: of a service only the time at that window.
    #[must_use]
    pub fn at_window(&self) -> Self {
        let what = match self.what {
            What::Served { here_ms, .. } => What::Served { ms: here_ms, here_ms },
            what => what,
        };
        Self { what, ..self.clone() }
    }
}

/// Everything that visits and their ended intervals measure, in the order of the visits. Intervals of
/// other tickets count for nothing.
#[must_use]
pub fn measures<'a>(visits: impl IntoIterator<Item = &'a Visit>, intervals: &[Interval]) -> Vec<Measure> {
    let mut by_ticket: BTreeMap<&TicketId, Vec<&Interval>> = BTreeMap::new();
    for interval in intervals {
        by_ticket.entry(&interval.ticket_id).or_default().push(interval);
    }
    let mut found = Vec::with_capacity(intervals.len() * 2);
    for visit in visits {
        let mut own = by_ticket.remove(&visit.ticket_id).unwrap_or_default();
        // Two of one millisecond stay as they were given: in the order of the log.
        own.sort_by_key(|interval| (interval.start_ms, interval.end_ms));
        Walk::new(visit, &own, &mut found).run(&own);
    }
    found
}

/// A walk along the intervals of one visit.
struct Walk<'a> {
    visit: &'a Visit,
    found: &'a mut Vec<Measure>,
    /// When the wait that goes on began, and how long it is so far.
    arrived_at: Millis,
    waited_ms: Millis,
    /// Waits again after it was missed or parked.
    is_comeback: bool,
    /// The first call, or the begin of service where nobody called.
    first_call_at: Option<Millis>,
    served_ms: Millis,
    here: Option<WindowId>,
    here_ms: Millis,
}

impl<'a> Walk<'a> {
    fn new(visit: &'a Visit, intervals: &[&Interval], found: &'a mut Vec<Measure>) -> Self {
        let issued_in = intervals.first().map_or(&visit.line_id, |interval| &interval.line_id);
        let mut walk = Self {
            visit,
            found,
            arrived_at: visit.issued_at,
            waited_ms: 0,
            is_comeback: false,
            first_call_at: None,
            served_ms: 0,
            here: None,
            here_ms: 0,
        };
        walk.add(What::Issued, issued_in, None, visit.issued_at);
        walk
    }

    fn add(&mut self, what: What, line_id: &LineId, window_id: Option<&WindowId>, counts_at: Millis) {
        let (class, date, line_id, window_id) = (self.visit.class, self.visit.date, line_id.clone(), window_id.cloned());
        self.found.push(Measure { what, class, date, line_id, window_id, counts_at });
    }

    fn run(mut self, intervals: &[&'a Interval]) {
        for (place, interval) in intervals.iter().enumerate() {
            let next_window = intervals.get(place + 1).map_or(self.visit.at_window.as_ref(), |next| next.window_id.as_ref());
            match interval.state {
                StateName::Waiting => self.waited(interval, next_window),
                StateName::Called => self.called(interval),
                StateName::Serving => self.served(interval),
                _ => {}
            }
            self.left_for(interval, next_window);
            // Carried to the next day: nobody waits through the night, the wait begins again at the opening.
            if let Some(next) = intervals.get(place + 1).filter(|next| next.start_ms > interval.end_ms) {
                self.waited_ms = 0;
                self.arrived_at = next.start_ms;
            }
            if interval.state != StateName::Waiting {
                self.waited_ms = 0;
                self.arrived_at = interval.end_ms;
                self.is_comeback = matches!(interval.state, StateName::Missed | StateName::Parked);
            }
        }
    }

    fn waited(&mut self, interval: &Interval, next_window: Option<&WindowId>) {
        self.waited_ms += interval.length_ms();
        // The call of a paper number is not known: its wait ends with its service.
        let ends = interval.next == StateName::Called || interval.next == StateName::Serving && self.visit.class != VisitClass::WalkIn;
        if ends && !self.is_comeback {
            let (ms, arrived_at) = (self.waited_ms, self.arrived_at);
            self.add(What::Waited { ms }, &interval.line_id, next_window, arrived_at);
        }
    }

    fn called(&mut self, interval: &Interval) {
        if interval.next == StateName::Serving {
            let ms = interval.length_ms();
            self.add(What::Came { ms }, &interval.line_id, interval.window_id.as_ref(), interval.start_ms);
        }
    }

    fn served(&mut self, interval: &Interval) {
        self.first_call_at.get_or_insert(interval.start_ms);
        if self.here != interval.window_id {
            self.here.clone_from(&interval.window_id);
            self.here_ms = 0;
        }
        self.served_ms += interval.length_ms();
        self.here_ms += interval.length_ms();
    }

    /// Counts what an interval ended with.
    fn left_for(&mut self, interval: &Interval, next_window: Option<&WindowId>) {
        let (line_id, window, arrived_at) = (&interval.line_id, interval.window_id.as_ref(), self.visit.issued_at);
        match interval.next {
            StateName::Called => {
                self.first_call_at.get_or_insert(interval.end_ms);
                self.add(What::Called, line_id, next_window, interval.end_ms);
            }
            StateName::Missed => self.add(What::Missed, line_id, window, interval.start_ms),
            StateName::Done => {
                let (ms, here_ms) = (self.served_ms, self.here_ms);
                let counts_at = self.first_call_at.unwrap_or(interval.start_ms);
                self.add(What::Served { ms, here_ms }, line_id, window, counts_at);
                self.add(What::Done, line_id, window, arrived_at);
            }
            // Whoever was called, served, missed or parked was at a window, or last at one; who waited was at none.
            StateName::Abandoned => self.add(What::Abandoned, line_id, window, arrived_at),
            StateName::Expired if interval.state == StateName::Waiting => self.add(What::Unserved, line_id, None, arrived_at),
            StateName::Expired => self.add(What::NotBack, line_id, window, arrived_at),
            StateName::Waiting | StateName::Serving | StateName::Parked => {}
        }
    }
}
