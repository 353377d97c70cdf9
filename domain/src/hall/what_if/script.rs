//! What a day was made of, whoever was called when: who came, who sat where, and how every visit went
//! once it was called. Plays nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::hall::command::{Actor, Command, NewTicket, Position};
use crate::hall::event::{Event, Fact};
use crate::hall::paper::PaperNumber;
use crate::hall::state::{Hall, Outcome, Place, Target, TicketState};
use crate::ids::{LineId, TicketId, WindowId};
use crate::time::{MINUTE_MS, Millis};

/// Whoever lets people wait longer than this at a free window is away.
const GAP_MAX_MS: Millis = 10 * MINUTE_MS;
/// The way to a window, where nobody came to one that day.
const WAY_MS: Millis = 30_000;

/// How a stay at a window ends.
#[derive(Debug, Clone)]
pub(super) enum Ends {
    Done(Outcome),
    Missed(Option<String>),
    /// And back after a time, if at all.
    Parked(Option<String>, Option<Millis>),
    Sent(Target, Position),
    PutBack(String),
    Abandoned,
}

/// What somebody does after one call.
#[derive(Debug, Clone)]
pub(super) struct Stay {
    /// From the call until the person comes; `None` if nobody does.
    pub(super) way_ms: Option<Millis>,
    /// From then, or from the call, until the window is free.
    pub(super) kept_ms: Millis,
    pub(super) ends: Ends,
}

/// What happens from outside.
#[derive(Debug, Clone)]
pub(super) enum Outside {
    Asks(Actor, Box<Command>),
    /// Somebody without a number comes to a window.
    WalksIn(WindowId, NewTicket),
}

/// See the file's head.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) outside: Vec<(Millis, Outside)>,
    /// Tickets that were at a window when the day began.
    pub(super) left_over: Vec<(WindowId, TicketId)>,
    pub(super) begins_at: Millis,
    stays: BTreeMap<TicketId, Vec<Stay>>,
    usual: BTreeMap<LineId, (Millis, Millis)>,
    gaps: BTreeMap<WindowId, Millis>,
    /// Windows that called somebody.
    calling: BTreeSet<WindowId>,
}

impl Script {
    pub(super) fn of(before: &Hall, events: &[Event]) -> Self {
        let begins_at = events.first().map_or(before.doc().recorded_at, |event| event.at);
        let mut reader = Reader::new(before.clone(), begins_at);
        for window in before.windows() {
            if let Some(ticket_id) = &window.serving {
                reader.script.left_over.push((window.id.clone(), ticket_id.clone()));
                reader.open.insert(ticket_id.clone(), Open { called_at: begins_at, came_at: Some(begins_at) });
            }
        }
        for (place, event) in events.iter().enumerate() {
            reader.read(event, events.get(place + 1));
            reader.hall.evolve(event);
            reader.after(event);
        }
        reader.done()
    }

    /// The stay of a ticket after its call of that place, counted from 0; the usual one of its line where
    /// the day tells none.
    pub(super) fn stay(&self, ticket_id: &TicketId, line_id: Option<&LineId>, call: usize, assumed_ms: Millis) -> Stay {
        let told = self.stays.get(ticket_id).and_then(|stays| stays.get(call));
        told.cloned().unwrap_or_else(|| {
            let (way_ms, kept_ms) = line_id.and_then(|line_id| self.usual.get(line_id)).copied().unwrap_or((WAY_MS, assumed_ms));
            Stay { way_ms: Some(way_ms), kept_ms, ends: Ends::Done(Outcome::Other) }
        })
    }

    /// Whether a window calls at all; one that is open and called nobody all day does something else.
    pub(super) fn calls_at(&self, window_id: &WindowId) -> bool {
        self.calling.contains(window_id)
    }

    /// How long a window that is free usually lets somebody wait before it calls.
    pub(super) fn gap_ms(&self, window_id: &WindowId) -> Millis {
        self.gaps.get(window_id).copied().unwrap_or_default()
    }
}

/// A stay that is not over.
struct Open {
    called_at: Millis,
    came_at: Option<Millis>,
}

struct Reader {
    hall: Hall,
    script: Script,
    open: BTreeMap<TicketId, Open>,
    /// Ways and times kept, by line.
    done: BTreeMap<LineId, (Vec<Millis>, Vec<Millis>)>,
    free_since: BTreeMap<WindowId, Millis>,
    gaps: BTreeMap<WindowId, Vec<Millis>>,
}

impl Reader {
    fn new(hall: Hall, begins_at: Millis) -> Self {
        Self {
            hall,
            script: Script { begins_at, ..Script::default() },
            open: BTreeMap::new(),
            done: BTreeMap::new(),
            free_since: BTreeMap::new(),
            gaps: BTreeMap::new(),
        }
    }

    fn done(mut self) -> Script {
        self.script.usual =
            self.done.into_iter().map(|(line, (way, kept))| (line, (median(way).unwrap_or(WAY_MS), median(kept).unwrap_or(0)))).collect();
        self.script.gaps = self.gaps.into_iter().filter_map(|(window, gaps)| Some((window, median(gaps)?))).collect();
        self.script
    }

    /// Reads an event in the hall as it was before it.
    fn read(&mut self, event: &Event, next: Option<&Event>) {
        match &event.fact {
            Fact::TicketIssued { .. } => self.comes(event, next),
            Fact::PaperNumberEntered { .. } => self.enters(event, next),
            Fact::TicketCalled { ticket_id, window_id, .. } => {
                self.script.calling.insert(window_id.clone());
                if let Some(since) = self.free_since.remove(window_id).filter(|since| event.at - since <= GAP_MAX_MS) {
                    self.gaps.entry(window_id.clone()).or_default().push(event.at - since);
                }
                self.comes_back(ticket_id, event.at);
                self.open.insert(ticket_id.clone(), Open { called_at: event.at, came_at: None });
            }
            Fact::TicketStarted { ticket_id, .. } => {
                let open = self.open.entry(ticket_id.clone()).or_insert(Open { called_at: event.at, came_at: None });
                open.came_at = Some(event.at);
            }
            Fact::TicketFinished { ticket_id, outcome, .. } => self.ends(ticket_id, event.at, Ends::Done(*outcome)),
            Fact::TicketMissed { ticket_id, reason, .. } => self.ends(ticket_id, event.at, Ends::Missed(reason.clone())),
            Fact::TicketParked { ticket_id, reason, .. } => self.ends(ticket_id, event.at, Ends::Parked(reason.clone(), None)),
            Fact::TicketPutBack { ticket_id, reason, .. } => self.ends(ticket_id, event.at, Ends::PutBack(reason.clone())),
            Fact::TicketResumed { ticket_id } => self.comes_back(ticket_id, event.at),
            Fact::TicketTransferred { ticket_id, to, place, .. } => {
                let position = position(place, event.at);
                let command = Command::Transfer { ticket_id: ticket_id.clone(), to: to.clone(), position, holder_keys: Vec::new() };
                self.ends_or_asks(ticket_id, event, Ends::Sent(to.clone(), position), command);
            }
            Fact::TicketAbandoned { ticket_id, .. } => {
                self.ends_or_asks(ticket_id, event, Ends::Abandoned, Command::Abandon { ticket_id: ticket_id.clone() });
            }
            _ => self.asks(event),
        }
    }

    /// What people asked for that does not depend on who was called.
    fn asks(&mut self, event: &Event) {
        let Some(by) = event.by.clone() else {
            match &event.fact {
                Fact::HallConfigured { configuration } => {
                    let configuration = (**configuration).clone();
                    self.push(event.at, Actor::machine(), Command::Configure { configuration });
                }
                Fact::DayPlanned { plan } => self.push(event.at, Actor::machine(), Command::PlanDay { plan: plan.clone() }),
                _ => {}
            }
            return;
        };
        let command = match event.fact.clone() {
            Fact::WindowOpened { window_id, line_ids, .. } => Command::OpenWindow { window_id, line_ids: Some(line_ids) },
            Fact::WindowPaused { window_id, text } => Command::PauseWindow { window_id, text },
            Fact::WindowClosed { window_id } => Command::CloseWindow { window_id },
            Fact::WindowTakenOver { window_id, reason, .. } => Command::TakeOver { window_id, reason },
            Fact::LineStopped { line_id, text } => Command::StopLine { line_id, text },
            Fact::LineResumed { line_id } => Command::ResumeLine { line_id },
            Fact::TicketTopped { ticket_id, reason } => Command::Top { ticket_id, reason },
            Fact::TicketUntopped { ticket_id } => Command::Untop { ticket_id },
            Fact::TicketRequeued { ticket_id, automatic: false } => Command::Requeue { ticket_id },
            Fact::HallConfigured { configuration } => Command::Configure { configuration: *configuration },
            _ => return,
        };
        let actor = if matches!(command, Command::OpenWindow { .. }) { Actor::staff(by) } else { Actor::supervisor(by) };
        self.push(event.at, actor, command);
    }

    fn push(&mut self, at: Millis, actor: Actor, command: Command) {
        self.script.outside.push((at, Outside::Asks(actor, Box::new(command))));
    }

    fn comes(&mut self, event: &Event, next: Option<&Event>) {
        let Some(ticket) = new_ticket(&event.fact) else { return };
        let walked_to = next.and_then(|next| match &next.fact {
            Fact::TicketStarted { ticket_id, window_id, .. } if *ticket_id == ticket.ticket_id => Some(window_id.clone()),
            _ => None,
        });
        let outside = match walked_to {
            Some(window_id) => Outside::WalksIn(window_id, ticket),
            None => Outside::Asks(Actor::machine(), Box::new(Command::Issue(ticket))),
        };
        self.script.outside.push((event.at, outside));
    }

    /// A paper number that waits; of one whose visit was over nothing is left to play.
    fn enters(&mut self, event: &Event, next: Option<&Event>) {
        let (Some(by), Some(ticket)) = (event.by.clone(), new_ticket(&event.fact)) else { return };
        let Fact::PaperNumberEntered { number, serial, occurred_at, .. } = &event.fact else { return };
        if next.is_some_and(|next| matches!(next.fact, Fact::PaperVisitBegun { .. })) {
            return;
        }
        let prefix = number.chars().take_while(char::is_ascii_uppercase).collect();
        let paper = PaperNumber { prefix, serial: *serial, arrived_at: *occurred_at, visit: None };
        self.push(event.at, Actor::staff(by), Command::EnterPaper { ticket, paper });
    }

    /// Ends the stay of a ticket that is at a window.
    fn ends(&mut self, ticket_id: &TicketId, at: Millis, ends: Ends) {
        let Some(Open { called_at, came_at }) = self.open.remove(ticket_id) else { return };
        let way_ms = came_at.map(|came_at| came_at - called_at);
        let kept_ms = at - came_at.unwrap_or(called_at);
        if let (Ends::Done(_), Some(way_ms), Some(ticket)) = (&ends, way_ms, self.hall.ticket(ticket_id)) {
            let (ways, kept) = self.done.entry(ticket.line_id.clone()).or_default();
            ways.push(way_ms);
            kept.push(kept_ms);
        }
        self.script.stays.entry(ticket_id.clone()).or_default().push(Stay { way_ms, kept_ms, ends });
    }

    /// The same for one at a window; for one that waits a person asked for it.
    fn ends_or_asks(&mut self, ticket_id: &TicketId, event: &Event, ends: Ends, command: Command) {
        if self.open.contains_key(ticket_id) {
            self.ends(ticket_id, event.at, ends);
        } else if matches!(command, Command::Abandon { .. }) {
            self.push(event.at, Actor::machine(), command);
        } else if let Some(by) = event.by.clone() {
            self.push(event.at, Actor::supervisor(by), command);
        }
    }

    /// A parked ticket is taken up again.
    fn comes_back(&mut self, ticket_id: &TicketId, at: Millis) {
        let parked_at = self.hall.ticket(ticket_id).and_then(|ticket| match ticket.state {
            TicketState::Parked { at, .. } => Some(at),
            _ => None,
        });
        let last = self.script.stays.get_mut(ticket_id).and_then(|stays| stays.last_mut());
        if let (Some(parked_at), Some(Stay { ends: Ends::Parked(_, away_ms), .. })) = (parked_at, last) {
            *away_ms = Some(at - parked_at);
        }
    }

    /// Notices, in the hall after an event, windows that are free while somebody waits for them.
    fn after(&mut self, event: &Event) {
        for window in self.hall.windows() {
            let is_free = window.is_open() && window.serving.is_none();
            if is_free && self.hall.next_for(window, event.at).is_some() {
                self.free_since.entry(window.id.clone()).or_insert(event.at);
            } else {
                self.free_since.remove(&window.id);
            }
        }
    }
}

/// The ticket of an event as it was asked for.
fn new_ticket(fact: &Fact) -> Option<NewTicket> {
    match fact.clone() {
        Fact::TicketIssued {
            ticket_id,
            line_id,
            also_line_ids,
            matter_ids,
            priority,
            holder,
            holder_key,
            appointment,
            phone_left,
            tracking_code,
            short_code,
            ..
        } => {
            let ordinary = NewTicket::ordinary(ticket_id, line_id, tracking_code, short_code);
            Some(NewTicket { also_line_ids, matter_ids, priority, holder, holder_key, appointment, phone_left, ..ordinary })
        }
        Fact::PaperNumberEntered { ticket_id, line_id, priority, holder, holder_key, tracking_code, short_code, .. } => {
            Some(NewTicket { priority, holder, holder_key, ..NewTicket::ordinary(ticket_id, line_id, tracking_code, short_code) })
        }
        _ => None,
    }
}

fn position(place: &Place, at: Millis) -> Position {
    match place {
        Place::Head { .. } => Position::First,
        Place::InOrder { from } if *from == at => Position::Last,
        Place::InOrder { .. } => Position::Lifetime,
    }
}

fn median(mut values: Vec<Millis>) -> Option<Millis> {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied()
}
