//! A small hall to play on: lines A and B, windows 1 to 3, and short words for commands.

use crate::hall::*;
use crate::ids::{LineId, MatterId, SiteId, StaffId, TicketId, WindowId};
use crate::time::{MINUTE_MS, Millis, start_of};

pub(super) fn line(name: &str) -> LineId {
    LineId::new("dc", name)
}

pub(super) fn window(number: u16) -> WindowId {
    WindowId::new("dc", &number.to_string())
}

pub(super) fn clerk(number: u16) -> StaffId {
    StaffId::new("dc", &format!("clerk{number}"))
}

pub(super) fn ticket(name: &str) -> TicketId {
    TicketId::new("dc", name)
}

pub(super) fn matter(name: &str) -> MatterId {
    MatterId::new("dc", name)
}

/// 2026-11-24, a Tuesday, at a local time.
pub(super) fn at(hour: i64, minute: i64) -> Millis {
    start_of(chrono::NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()) + (hour * 60 + minute) * MINUTE_MS
}

/// Lines A and B, window 1 for A, window 2 for both, window 3 for B.
pub(super) fn configuration() -> Configuration {
    let line_setup = |name: &str, prefix: &str| LineSetup {
        id: line(name),
        name: format!("{prefix} 综合受理"),
        prefix: prefix.to_owned(),
        daily_contingent: None,
    };
    let window_setup = |number, line_ids: &[&str]| WindowSetup {
        id: window(number),
        number,
        purpose: Purpose::General,
        line_ids: line_ids.iter().map(|name| line(name)).collect(),
        preferred_line_ids: Vec::new(),
    };
    Configuration {
        lines: vec![line_setup("a", "A"), line_setup("b", "B")],
        windows: vec![window_setup(1, &["a"]), window_setup(2, &["a", "b"]), window_setup(3, &["b"])],
        hours: OpeningHours::RoundTheClock,
        policy: Policy::default(),
    }
}

pub(super) fn new_ticket(name: &str, line_name: &str) -> NewTicket {
    NewTicket::ordinary(ticket(name), line(line_name), format!("track-{name}"), format!("short-{name}"))
}

/// A hall with its log and a clock that stands still until it is moved.
pub(super) struct Stage {
    pub(super) hall: Hall,
    pub(super) log: Vec<Event>,
    /// Tickets that ended, as the store would have them.
    pub(super) ended: std::collections::BTreeMap<TicketId, Ticket>,
    pub(super) now: Millis,
}

impl Stage {
    /// The hall of [`configuration`] at 09:00, all windows closed.
    pub(super) fn closed() -> Self {
        Self::with(configuration())
    }

    /// The same with clerks 1 to 3 at windows 1 to 3.
    pub(super) fn open() -> Self {
        let mut stage = Self::closed();
        for number in 1..=3 {
            stage.sit(number);
        }
        stage
    }

    pub(super) fn with(configuration: Configuration) -> Self {
        let mut stage =
            Self { hall: Hall::new(SiteId::parse("demo-center").unwrap()), log: Vec::new(), ended: Default::default(), now: at(9, 0) };
        stage.ok(&Actor::machine(), &Command::Configure { configuration });
        stage
    }

    /// Changes the policy in force.
    pub(super) fn set_policy(&mut self, change: impl FnOnce(&mut Policy)) {
        let mut configuration = configuration();
        change(&mut configuration.policy);
        self.ok(&Actor::machine(), &Command::Configure { configuration });
    }

    /// Decides, and takes the events in; a refusal must leave no trace.
    pub(super) fn try_to(&mut self, actor: &Actor, command: &Command) -> Result<Vec<Event>, Refusal> {
        let decided = match self.hall.decide(actor, command, self.now) {
            Err(Refusal::UnknownTicket { ticket_id }) if self.ended.contains_key(&ticket_id) => {
                self.hall.remembering(self.ended[&ticket_id].clone()).decide(actor, command, self.now)
            }
            decided => decided,
        };
        let events = decided?;
        for event in &events {
            self.take_in(event);
        }
        self.log.extend(events.iter().cloned());
        Ok(events)
    }

    pub(super) fn take_in(&mut self, event: &Event) {
        self.ended.extend(self.hall.evolve(event).map(|ticket| (ticket.id.clone(), ticket)));
    }

    pub(super) fn ok(&mut self, actor: &Actor, command: &Command) -> Vec<Event> {
        match self.try_to(actor, command) {
            Ok(events) => events,
            Err(refusal) => panic!("{command:?} was refused: {}", refusal.message()),
        }
    }

    /// The code of the refusal.
    pub(super) fn no(&mut self, actor: &Actor, command: &Command) -> &'static str {
        match self.try_to(actor, command) {
            Ok(events) => panic!("{command:?} was not refused: {events:?}"),
            Err(refusal) => {
                assert!(!refusal.message().is_empty());
                refusal.code()
            }
        }
    }

    pub(super) fn sit(&mut self, number: u16) {
        self.ok(&Actor::staff(clerk(number)), &Command::OpenWindow { window_id: window(number), line_ids: None });
    }

    pub(super) fn issue(&mut self, name: &str, line_name: &str) -> String {
        self.ok(&Actor::machine(), &Command::Issue(new_ticket(name, line_name)));
        self.get(name).number.clone()
    }

    pub(super) fn issue_green(&mut self, name: &str, line_name: &str) {
        let green = NewTicket { priority: Priority::Green, ..new_ticket(name, line_name) };
        self.ok(&Actor::machine(), &Command::Issue(green));
    }

    /// Calls the next ticket at a window: its name's id and the code of the rule.
    pub(super) fn call(&mut self, number: u16) -> Option<(TicketId, &'static str)> {
        let events = self.ok(&Actor::staff(clerk(number)), &Command::CallNext { window_id: window(number) });
        events.iter().find_map(Event::as_call).map(|(id, reason)| (id.clone(), reason.code()))
    }

    /// Calls the next ticket at a window and ends the visit.
    pub(super) fn serve(&mut self, number: u16) -> Option<(TicketId, &'static str)> {
        let called = self.call(number)?;
        self.by(number, &Command::Start { ticket_id: called.0.clone() });
        self.by(number, &Command::Finish { ticket_id: called.0.clone(), outcome: Outcome::Accepted });
        Some(called)
    }

    /// A command by the clerk of a window.
    pub(super) fn by(&mut self, number: u16, command: &Command) -> Vec<Event> {
        self.ok(&Actor::staff(clerk(number)), command)
    }

    pub(super) fn get(&self, name: &str) -> &Ticket {
        self.hall.ticket(&ticket(name)).or_else(|| self.ended.get(&ticket(name))).unwrap()
    }

    pub(super) fn state(&self, name: &str) -> &'static str {
        self.get(name).state.name()
    }

    pub(super) fn pass(&mut self, minutes: i64) {
        self.now += minutes * MINUTE_MS;
    }
}

/// The kinds of events, in order.
pub(super) fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(Event::kind).collect()
}
