//! Plays a script on the rules: a small simulation whose only clock is its agenda.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

use super::PlayedDay;
use super::script::{Ends, Outside, Script, Stay};
use crate::hall::command::{Actor, Command, NewTicket};
use crate::hall::event::Event;
use crate::hall::policy::Policy;
use crate::hall::replay::Replay;
use crate::hall::state::{Hall, Ticket};
use crate::hall::visit::ItemOutcome;
use crate::ids::{StaffId, TicketId, WindowId};
use crate::time::{DAY_MS, MINUTE_MS, Millis, local_date, start_of};

/// What happens at an instant; among those of one instant in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Minute,
    Outside(usize),
    Comes(WindowId, TicketId),
    Leaves(WindowId, TicketId),
    Returns(TicketId),
    IsReady,
}

struct World<'a> {
    script: &'a Script,
    policy: Option<&'a Policy>,
    replay: Replay,
    agenda: BinaryHeap<Reverse<(Millis, Happening)>>,
    /// Calls of each ticket so far.
    calls: BTreeMap<TicketId, usize>,
    /// What comes after the call of whoever is at a window.
    stays: BTreeMap<TicketId, Stay>,
    /// Since when somebody waits for a window that is free.
    free_since: BTreeMap<WindowId, Millis>,
    walk_ins: BTreeMap<WindowId, VecDeque<NewTicket>>,
    /// Windows that close once they are free.
    closing: BTreeMap<WindowId, Actor>,
    refused: u32,
}

/// The day of a script under its own policy or another one.
pub(super) fn play(before: &Hall, script: &Script, policy: Option<&Policy>) -> PlayedDay {
    let mut world = World {
        script,
        policy,
        replay: Replay::on(before.clone()),
        agenda: BinaryHeap::new(),
        calls: BTreeMap::new(),
        stays: BTreeMap::new(),
        free_since: BTreeMap::new(),
        walk_ins: BTreeMap::new(),
        closing: BTreeMap::new(),
        refused: 0,
    };
    world.begin(before);
    while let Some(Reverse((at, happening))) = world.agenda.pop() {
        world.happen(at, happening);
    }
    PlayedDay::of(&world.replay, world.refused)
}

impl World<'_> {
    fn begin(&mut self, before: &Hall) {
        let begins_at = self.script.begins_at;
        let ends_at = start_of(local_date(begins_at)) + DAY_MS - 1;
        let mut minute = begins_at;
        while minute <= ends_at {
            self.enter(minute, Happening::Minute);
            minute += MINUTE_MS;
        }
        for (place, (at, _)) in self.script.outside.iter().enumerate() {
            self.enter(*at, Happening::Outside(place));
        }
        for (window_id, ticket_id) in &self.script.left_over {
            let stay = self.stay_of(ticket_id);
            self.enter(begins_at + stay.kept_ms, Happening::Leaves(window_id.clone(), ticket_id.clone()));
            self.stays.insert(ticket_id.clone(), stay);
        }
        if let Some(policy) = self.policy {
            let mut configuration = before.configuration();
            configuration.policy = policy.clone();
            self.ask(&Actor::machine(), &Command::Configure { configuration }, begins_at);
        }
    }

    fn enter(&mut self, at: Millis, happening: Happening) {
        self.agenda.push(Reverse((at, happening)));
    }

    fn hall(&self) -> &Hall {
        self.replay.hall()
    }

    /// What the hall does; nothing if it refuses.
    fn ask(&mut self, actor: &Actor, command: &Command, at: Millis) -> Option<Vec<Event>> {
        let events = self.hall().decide(actor, command, at).ok()?;
        events.iter().for_each(|event| self.replay.take(event));
        Some(events)
    }

    fn happen(&mut self, at: Millis, happening: Happening) {
        match happening {
            Happening::Minute => drop(self.ask(&Actor::machine(), &Command::Tick, at)),
            Happening::Outside(place) => self.happens_outside(place, at),
            Happening::Comes(window_id, ticket_id) => {
                if let Some(actor) = self.clerk_with(&window_id, &ticket_id) {
                    self.ask(&actor, &Command::Start { ticket_id }, at);
                }
            }
            Happening::Leaves(window_id, ticket_id) => self.leaves(window_id, ticket_id, at),
            Happening::Returns(ticket_id) => drop(self.ask(&somebody(), &Command::Resume { ticket_id }, at)),
            Happening::IsReady => {}
        }
        self.call_wherever_one_can(at);
    }

    fn happens_outside(&mut self, place: usize, at: Millis) {
        let Some((_, outside)) = self.script.outside.get(place) else { return };
        let (actor, command) = match outside.clone() {
            Outside::WalksIn(window_id, ticket) => return self.walk_ins.entry(window_id).or_default().push_back(ticket),
            Outside::Asks(actor, command) => (actor, *command),
        };
        match command {
            Command::CloseWindow { window_id } => drop(self.closing.insert(window_id, actor)),
            Command::Configure { mut configuration } => {
                if let Some(policy) = self.policy {
                    configuration.policy = policy.clone();
                }
                self.ask(&actor, &Command::Configure { configuration }, at);
            }
            command => {
                if let Command::OpenWindow { window_id, .. } = &command {
                    self.closing.remove(window_id);
                }
                let is_issue = matches!(command, Command::Issue(_));
                let is_done = self.ask(&actor, &command, at).is_some();
                self.refused += u32::from(is_issue && !is_done);
            }
        }
    }

    /// The person at a window where a ticket is.
    fn clerk_with(&self, window_id: &WindowId, ticket_id: &TicketId) -> Option<Actor> {
        let window = self.hall().window(window_id).filter(|window| window.serving.as_ref() == Some(ticket_id))?;
        window.staff().cloned().map(Actor::staff)
    }

    fn leaves(&mut self, window_id: WindowId, ticket_id: TicketId, at: Millis) {
        let (Some(actor), Some(stay)) = (self.clerk_with(&window_id, &ticket_id), self.stays.remove(&ticket_id)) else { return };
        let outcomes = self.hall().ticket(&ticket_id).map(|ticket| outcomes_of(ticket, &stay.ends)).unwrap_or_default();
        let id = ticket_id.clone();
        let done = Command::FinishEach { ticket_id: id.clone(), outcomes };
        let command = match stay.ends.clone() {
            Ends::Done(_) => done.clone(),
            Ends::Missed(reason) => Command::Miss { ticket_id: id, reason },
            Ends::Parked(reason, _) => Command::Park { ticket_id: id, reason },
            Ends::Sent(to, position) => Command::Transfer { ticket_id: id, to, position, holder_keys: Vec::new() },
            Ends::PutBack(reason) => Command::PutBack { ticket_id: id, reason },
            Ends::Abandoned => Command::Abandon { ticket_id: id },
        };
        if self.ask(&actor, &command, at).is_none() {
            // The window to which it was sent is closed here, or its line.
            self.ask(&actor, &done, at);
        }
        if let Ends::Parked(_, Some(away_ms)) = stay.ends {
            self.enter(at + away_ms, Happening::Returns(ticket_id));
        }
    }

    /// Windows that are free close if their time has come, or call the next one.
    fn call_wherever_one_can(&mut self, at: Millis) {
        let is_free = |window: &&crate::hall::Window| window.serving.is_none() && window.staff().is_some();
        let free: Vec<WindowId> = self.hall().windows().filter(is_free).map(|window| window.id.clone()).collect();
        for window_id in free {
            if let Some(actor) = self.closing.remove(&window_id) {
                self.ask(&actor, &Command::CloseWindow { window_id }, at);
            } else {
                self.call_at(&window_id, at);
            }
        }
    }

    fn call_at(&mut self, window_id: &WindowId, at: Millis) {
        let Some(window) = self.hall().window(window_id).filter(|window| window.is_open()) else { return };
        let Some(actor) = window.staff().cloned().map(Actor::staff) else { return };
        let waits = self.script.calls_at(window_id) && self.hall().next_for(window, at).is_some();
        let walk_in = self.walk_ins.get_mut(window_id).and_then(VecDeque::pop_front);
        let events = match walk_in {
            Some(ticket) => self.ask(&actor, &Command::WalkIn { window_id: window_id.clone(), ticket }, at),
            None if waits && self.is_ready(window_id, at) => self.ask(&actor, &Command::CallNext { window_id: window_id.clone() }, at),
            None => {
                if !waits {
                    self.free_since.remove(window_id);
                }
                return;
            }
        };
        self.free_since.remove(window_id);
        if events.is_none() {
            return;
        }
        let Some(ticket_id) = self.hall().window(window_id).and_then(|window| window.serving.clone()) else { return };
        let stay = self.stay_of(&ticket_id);
        let way_ms = stay.way_ms.unwrap_or_default();
        if stay.way_ms.is_some() {
            self.enter(at + way_ms, Happening::Comes(window_id.clone(), ticket_id.clone()));
        }
        self.enter(at + way_ms + stay.kept_ms, Happening::Leaves(window_id.clone(), ticket_id.clone()));
        self.stays.insert(ticket_id, stay);
    }

    /// Whether the clerk of a free window has got round to calling.
    fn is_ready(&mut self, window_id: &WindowId, at: Millis) -> bool {
        let gap_ms = self.script.gap_ms(window_id);
        let is_new = !self.free_since.contains_key(window_id);
        let since = *self.free_since.entry(window_id.clone()).or_insert(at);
        if is_new && gap_ms > 0 {
            self.enter(since + gap_ms, Happening::IsReady);
        }
        at >= since + gap_ms
    }

    /// The stay after the newest call of a ticket.
    fn stay_of(&mut self, ticket_id: &TicketId) -> Stay {
        let call = self.calls.entry(ticket_id.clone()).or_default();
        let place = *call;
        *call += 1;
        let hall = self.replay.hall();
        let line_id = hall.ticket(ticket_id).map(|ticket| ticket.line_id.clone());
        let assumed_ms = hall.doc().policy.assumed_service_ms;
        self.script.stay(ticket_id, line_id.as_ref(), place, assumed_ms)
    }
}

/// An outcome for each thing of a visit that has none yet.
fn outcomes_of(ticket: &Ticket, ends: &Ends) -> Vec<ItemOutcome> {
    let outcome = if let Ends::Done(outcome) = ends { *outcome } else { crate::hall::state::Outcome::Other };
    let open: BTreeSet<u32> = (0..).zip(ticket.visit_items()).filter(|(_, item)| item.outcome.is_none()).map(|(place, _)| place).collect();
    open.into_iter().map(|item| ItemOutcome { item, outcome }).collect()
}

/// Whoever brings back a parked ticket; nobody at a window.
fn somebody() -> Actor {
    Actor::supervisor(StaffId::new("replay", "nobody"))
}
