//! The life of one site: people and the clock do at random what they do. Looks into the hall only to
//! find something sensible to ask; whether the answers are right is for the observers to say.

use std::collections::BTreeSet;

use domain::hall::{
    Actor, Command, Configuration, Fact, Hall, ItemOutcome, NewTicket, OpeningHours, Outcome, Position, Priority, Target, TicketState,
    Window,
};
use domain::ids::{LineId, SiteId, TicketId, WindowId};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis, local_date, start_of};
use fastrand::Rng;

use super::nonsense;
use super::observers::{Panel, Step};
use super::site::{changed, clerk, configuration, line, quick_matter, window};
use super::taking;

/// 2026-11-24 08:30 in UTC+08:00.
const BEGIN_MS: Millis = 1_795_480_200_000;
/// Steps after which a history ends even if few were called.
const STEPS_MAX: u64 = 60_000;
/// Faults that are shown.
const SHOWN_MAX: usize = 3;

/// See the file's head.
pub struct History {
    seed: u64,
    dice: Rng,
    hall: Hall,
    clock: Millis,
    configuration: Configuration,
    panel: Panel,
    steps: Vec<Step>,
    calls: u64,
    issued: u64,
    refused: u64,
    refusals: BTreeSet<&'static str>,
    /// How busy the hall is: waiting tickets above which nobody comes.
    crowd: usize,
}

impl History {
    /// A site on its first day.
    pub fn new(seed: u64) -> Self {
        let mut dice = Rng::with_seed(seed);
        let configuration = configuration(&mut dice);
        let crowd = dice.usize(1..120);
        let begin_ms = dice.i64(0..9) * HOUR_MS;
        let mut history = Self {
            seed,
            dice,
            hall: Hall::new(SiteId::parse("demo-center").unwrap()),
            clock: BEGIN_MS + begin_ms,
            configuration: configuration.clone(),
            panel: Panel::default(),
            steps: Vec::new(),
            calls: 0,
            issued: 0,
            refused: 0,
            refusals: BTreeSet::new(),
            crowd,
        };
        history.ask(&Actor::machine(), &Command::Configure { configuration });
        history
    }

    /// Tickets called.
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// Commands refused.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// The codes of all refusals.
    pub fn refusals(&self) -> &BTreeSet<&'static str> {
        &self.refusals
    }

    /// Everything that observers saw.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Lives until so many tickets were called.
    pub fn play(&mut self, calls: u64) {
        for _ in 0..STEPS_MAX {
            if self.calls >= calls || !self.panel.faults().is_empty() {
                return;
            }
            self.time_passes();
            self.something_happens();
        }
    }

    /// Fails when a promise was broken; `first` names the run.
    pub fn judge(&self, first: u64) {
        let faults = self.panel.faults();
        if faults.is_empty() {
            return;
        }
        let last: Vec<String> = self.steps.iter().rev().take(12).rev().map(|step| format!("{step:?}")).collect();
        panic!(
            "YICHUANG_PROOF_SEED={first} repeats the run, the site's own seed is {}\n{:#?}\n\nthe last steps:\n{}",
            self.seed,
            &faults[..faults.len().min(SHOWN_MAX)],
            last.join("\n")
        );
    }

    fn show(&mut self, step: Step) {
        self.panel.show(&step);
        self.steps.push(step);
    }

    /// Asks the hall; whether it did it.
    fn ask(&mut self, actor: &Actor, command: &Command) -> bool {
        match self.hall.decide(actor, command, self.clock) {
            Err(refusal) => {
                self.refused += 1;
                self.refusals.insert(refusal.code());
                let message = refusal.message();
                assert!(!message.is_ascii(), "{command:?} is refused with {message:?}");
                false
            }
            Ok(events) => {
                for event in events {
                    if let Fact::HallConfigured { configuration } = &event.fact {
                        self.configuration = Configuration::clone(configuration);
                    }
                    self.hall.evolve(&event);
                    self.calls += u64::from(event.as_call().is_some());
                    self.show(Step::Event(event));
                }
                true
            }
        }
    }

    /// Somebody presses once more.
    fn ask_perhaps_twice(&mut self, actor: &Actor, command: &Command) -> bool {
        let done = self.ask(actor, command);
        if self.dice.u8(..4) == 0 {
            self.ask(actor, command);
        }
        done
    }

    fn time_passes(&mut self) {
        self.clock += match self.dice.u32(..2_000) {
            0 => 5 * HOUR_MS,
            1 => DAY_MS,
            // A time server puts a clock back that ran fast.
            2 => -HOUR_MS,
            3 => -20_000,
            // Midnight during whatever goes on.
            4 => start_of(local_date(self.clock)) + DAY_MS - self.clock,
            5..=200 => self.dice.i64(0..180_000),
            201..=400 => 0,
            _ => self.dice.i64(0..25_000),
        };
        // Halls that close at night sleep until the morning, mostly.
        let is_night = !self.configuration.hours.is_open(self.clock) && self.configuration.hours != OpeningHours::RoundTheClock;
        if is_night && self.dice.u8(..) > 100 {
            if self.dice.u8(..) > 50 {
                // The timer, some hours after closing.
                self.clock += 3 * HOUR_MS;
                self.ask(&Actor::machine(), &Command::Tick);
            }
            self.clock = self.configuration.hours.opens_at(self.clock).unwrap_or(self.clock);
        }
    }

    fn something_happens(&mut self) {
        match self.dice.u32(..1_000) {
            0..=299 => self.somebody_comes(),
            300..=829 => self.a_window_goes_on(),
            830..=909 => self.nonsense(),
            910..=919 => {
                self.ask(&Actor::machine(), &Command::Tick);
            }
            920..=921 => {
                let mut configuration = changed(&mut self.dice, &self.configuration);
                if self.dice.u8(..4) == 0 {
                    taking::letters_change_hands(&mut self.dice, &mut configuration);
                }
                self.ask(&Actor::machine(), &Command::Configure { configuration });
            }
            922 => self.broken_configuration(),
            967..=969 => self.plans_change(),
            923..=925 => {
                let line_id = self.some_line();
                self.ask(&Actor::supervisor(clerk(99)), &Command::StopLine { line_id, text: "系统维护".to_owned() });
            }
            926..=945 => {
                let line_id = self.some_line();
                self.ask(&Actor::supervisor(clerk(99)), &Command::ResumeLine { line_id });
            }
            946..=960 => self.a_window_changes(),
            961..=966 => self.a_paper_number(),
            _ => self.a_person_steps_in(),
        }
    }

    /// A command of any kind by anybody; a refusal leaves the hall as it was, to the byte.
    fn nonsense(&mut self) {
        let fresh = self.new_ticket();
        let actor = nonsense::somebody(&mut self.dice);
        let mut command = nonsense::command(&mut self.dice, &self.hall, fresh);
        // Whoever asks for what: which keys somebody has, the application says.
        if let Command::Transfer { ticket_id, holder_keys, .. } = &mut command {
            *holder_keys = self.keys_of_holder(ticket_id);
        }
        let before = format!("{:?}", self.hall.parts());
        if let Command::CallNext { window_id } = command {
            self.call_next(&actor, window_id);
        } else if !self.ask(&actor, &command) {
            assert_eq!(before, format!("{:?}", self.hall.parts()), "{command:?} was refused and changed the hall");
        }
    }

    /// Somebody schedules a configuration, or thinks better of one.
    fn plans_change(&mut self) {
        let waiting: Vec<Millis> = self.hall.doc().scheduled.iter().map(|scheduled| scheduled.from).collect();
        let from = self.clock + self.dice.i64(-5..90) * MINUTE_MS;
        let command = match self.dice.u8(..8) {
            0 => Command::CancelConfiguration { from: waiting.first().copied().unwrap_or(from) },
            1 => {
                // By then the window may be in use.
                let mut configuration = self.configuration.clone();
                if configuration.windows.len() > 1 {
                    configuration.windows.pop();
                }
                Command::ScheduleConfiguration { from, configuration }
            }
            _ => Command::ScheduleConfiguration { from, configuration: changed(&mut self.dice, &self.configuration) },
        };
        self.ask(&Actor::machine(), &command);
    }

    /// A configuration that contradicts itself or what goes on.
    fn broken_configuration(&mut self) {
        let drawn = self.configuration.clone();
        let mut configuration = drawn.clone();
        match self.dice.u8(..4) {
            0 => configuration.policy.green_bound = 0,
            1 => drop(configuration.windows.pop()),
            2 => {
                let gone = configuration.lines.pop().map(|line| line.id);
                for window in &mut configuration.windows {
                    window.line_ids.retain(|line| Some(line) != gone.as_ref());
                    window.preferred_line_ids.retain(|line| Some(line) != gone.as_ref());
                }
            }
            _ => configuration.lines[0].prefix = "1".to_owned(),
        }
        let is_taken = self.ask(&Actor::machine(), &Command::Configure { configuration });
        if is_taken {
            // A line or a window of which nothing was in use is gone; the site as drawn comes back.
            assert!(self.ask(&Actor::machine(), &Command::Configure { configuration: drawn }), "what was sound is sound");
        }
    }

    fn new_ticket(&mut self) -> NewTicket {
        self.issued += 1;
        let name = format!("{:06}", self.issued);
        let (today, person) = (self.clock.div_euclid(DAY_MS), (self.dice.u8(..) < 60).then(|| self.dice.u8(..40)));
        // As the service makes them: one a day, so that the log joins nobody's visits.
        let key = |days: i64| person.map(|person| format!("k{person}@{}", today - days));
        let (line_id, mut also_line_ids) = (self.some_line(), Vec::new());
        if self.dice.u8(..3) == 0 {
            also_line_ids.extend(Some(self.some_line()).filter(|other| *other != line_id));
        }
        let document = serde_json::json!({
            "ticket_id": TicketId::new("dc", &name), "line_id": line_id, "also_line_ids": also_line_ids,
            "matter_ids": if self.dice.u8(..4) == 0 { vec![quick_matter()] } else { Vec::new() }, "priority": if self.dice.u8(..) < 70 { Priority::Green } else { Priority::Ordinary },
            "holder": null, "holder_key": key(0), "other_keys": (-1..=10).filter(|days| *days != 0).filter_map(key).collect::<Vec<_>>(),
            "appointment": (self.dice.u8(..) < 20).then(|| self.appointment(&name)),
            "phone_left": self.dice.u8(..3) == 0, "tracking_code": format!("track-{name}"), "short_code": format!("short-{name}"),
        });
        serde_json::from_value(document).unwrap()
    }

    fn appointment(&mut self, name: &str) -> serde_json::Value {
        let begin = self.clock + self.dice.i64(-30..30) * MINUTE_MS;
        let id = domain::ids::AppointmentId::new("dc", name);
        serde_json::json!({ "appointment_id": id, "slot_starts_at": begin, "slot_ends_at": begin + 30 * MINUTE_MS })
    }

    fn somebody_comes(&mut self) {
        let waiting = self.hall.tickets().filter(|ticket| matches!(ticket.state, TicketState::Waiting { .. })).count();
        if waiting < self.crowd {
            let ticket = self.new_ticket();
            self.ask(&Actor::machine(), &Command::Issue(ticket));
        }
    }

    /// Somebody was given a number on paper when everything was down.
    fn a_paper_number(&mut self) {
        let (ticket, window_id) = (self.new_ticket(), self.some_window().id);
        let command = taking::paper(&mut self.dice, self.clock, ticket, window_id);
        self.ask(&Actor::staff(clerk(60)), &command);
    }

    fn some_line(&mut self) -> LineId {
        line(self.dice.usize(..self.configuration.lines.len()))
    }

    fn some_window(&mut self) -> Window {
        let number = self.dice.usize(..self.configuration.windows.len());
        self.hall.window(&window(number)).unwrap().clone()
    }

    /// A clerk does the next thing at the own window.
    fn a_window_goes_on(&mut self) {
        let here = self.some_window();
        let (window_id, number) = (here.id.clone(), usize::from(here.number));
        let Some(staff) = here.staff().cloned() else {
            if self.dice.u8(..) < 120 {
                self.ask(&Actor::staff(clerk(number)), &Command::OpenWindow { window_id, line_ids: None });
            }
            return;
        };
        let me = Actor::staff(staff);
        let Some(ticket_id) = here.serving.clone() else {
            if !here.is_open() && self.dice.u8(..) < 120 {
                self.ask(&me, &Command::OpenWindow { window_id, line_ids: None });
            } else {
                self.call_next(&me, window_id);
            }
            return;
        };
        let is_called = matches!(self.hall.ticket(&ticket_id).map(|ticket| &ticket.state), Some(TicketState::Called { .. }));
        let command = match (is_called, self.dice.u8(..100)) {
            (true, 0..=59) => Command::Start { ticket_id },
            (true, 60..=84) => Command::Miss { ticket_id, reason: None },
            (true, 85..=92) => Command::Recall { ticket_id },
            (false, 0..=84) => Command::Finish { ticket_id, outcome: Outcome::Accepted },
            (false, 85..=88) => Command::AddItem { ticket_id, line_id: self.some_line(), matter_id: None },
            (false, 89..=90) => {
                Command::SettleItem { ticket_id, settled: ItemOutcome { item: self.dice.u32(..3), outcome: Outcome::Other } }
            }
            (false, 91..=92) => {
                let outcomes = (0..self.dice.u32(1..4)).map(|item| ItemOutcome { item, outcome: Outcome::Consulted }).collect();
                Command::FinishEach { ticket_id, outcomes }
            }
            (_, 93) => Command::Abandon { ticket_id },
            (_, 94) => Command::PutBack { ticket_id, reason: "电脑坏了".to_owned() },
            (_, 95..=96) => self.transfer(ticket_id),
            _ => Command::Park { ticket_id, reason: None },
        };
        self.ask(&me, &command);
    }

    fn call_next(&mut self, me: &Actor, window_id: WindowId) {
        let before = self.steps.len();
        let done = self.ask(me, &Command::CallNext { window_id: window_id.clone() });
        let called = |step: &Step| matches!(step, Step::Event(event) if event.as_call().is_some());
        if done && !self.steps[before..].iter().any(called) {
            self.show(Step::Nobody(window_id, self.clock));
        }
    }

    fn a_window_changes(&mut self) {
        let here = self.some_window();
        let (window_id, staff) = (here.id.clone(), here.staff().cloned());
        let other = clerk(50 + self.dice.usize(..10));
        match (self.dice.u8(..8), staff) {
            (0, Some(staff)) if self.dice.bool() => {
                self.ask_perhaps_twice(&Actor::staff(staff), &Command::RequestHelp { window_id, reason: None })
            }
            (3, Some(_)) => self.ask(&Actor::supervisor(clerk(99)), &Command::AcknowledgeHelp { window_id }),
            (4, Some(_)) => self.ask(&Actor::supervisor(clerk(99)), &Command::ResolveHelp { window_id }),
            // A supervisor does what a stuck window cannot.
            (5, Some(_)) => self.ask(&Actor::supervisor(clerk(99)), &Command::CloseWindow { window_id }),
            (0, Some(staff)) => self.ask(&Actor::staff(staff), &Command::PauseWindow { window_id, text: None }),
            (1, Some(staff)) => self.ask(&Actor::staff(staff), &Command::CloseWindow { window_id }),
            (2, Some(_)) => self.ask(&Actor::staff(other), &Command::TakeOver { window_id, reason: "AB角".to_owned() }),
            (_, Some(staff)) => {
                let count = self.configuration.lines.len();
                let line_ids = (0..count).filter(|_| self.dice.bool()).map(line).collect();
                self.ask(&Actor::staff(staff), &Command::OpenWindow { window_id, line_ids: Some(line_ids) })
            }
            (_, None) => self.ask(&Actor::staff(other), &Command::OpenWindow { window_id, line_ids: None }),
        };
    }

    fn some_ticket(&mut self) -> Option<TicketId> {
        let live: Vec<TicketId> = self.hall.tickets().filter(|ticket| ticket.state.is_live()).map(|ticket| ticket.id.clone()).collect();
        (!live.is_empty()).then(|| live[self.dice.usize(..live.len())].clone())
    }

    fn transfer(&mut self, ticket_id: TicketId) -> Command {
        let to = if self.dice.u8(..).is_multiple_of(3) {
            Target::Window { window_id: self.some_window().id }
        } else {
            Target::Line { line_id: self.some_line() }
        };
        let position = [Position::First, Position::Last, Position::Lifetime][self.dice.usize(..3)];
        let holder_keys = self.keys_of_holder(&ticket_id);
        Command::Transfer { ticket_id, to, position, holder_keys }
    }

    /// Every key of a ticket's holder for the days around.
    fn keys_of_holder(&self, ticket_id: &TicketId) -> Vec<String> {
        let holder = self.hall.ticket(ticket_id).and_then(|ticket| ticket.holder_key.as_deref()?.split_once('@'));
        let today = self.clock.div_euclid(DAY_MS);
        let keys = |(person, _): (&str, &str)| (-1..=10).map(|days| format!("{person}@{}", today - days)).collect();
        holder.map(keys).unwrap_or_default()
    }

    /// A supervisor or the guide desk does something to a ticket.
    fn a_person_steps_in(&mut self) {
        let here = self.some_window();
        let Some(ticket_id) = self.some_ticket() else { return };
        let at_window = self.hall.ticket(&ticket_id).and_then(|ticket| ticket.state.at_window()).is_some();
        let chief = Actor::supervisor(clerk(99));
        let me = here.staff().map_or_else(|| chief.clone(), |staff| Actor::staff(staff.clone()));
        let reason = "老人".to_owned();
        let window_id = here.id;
        match self.dice.u8(..40) {
            0..=7 => self.ask_perhaps_twice(&chief, &Command::Top { ticket_id, reason }),
            8..=11 => self.ask(&chief, &Command::Untop { ticket_id }),
            12..=17 => {
                let command = self.transfer(ticket_id);
                self.ask(&chief, &command)
            }
            18..=20 if !at_window => self.ask(&Actor::machine(), &Command::Abandon { ticket_id }),
            18..=24 => self.ask(&me, &Command::Resume { ticket_id }),
            25..=28 => self.ask(&chief, &Command::Requeue { ticket_id }),
            29..=33 => self.ask(&me, &Command::CallTicket { window_id, ticket_id, reason }),
            34..=37 => {
                let ticket = self.new_ticket();
                self.ask(&me, &Command::WalkIn { window_id, ticket })
            }
            38 => self.ask(&chief, &Command::PutBack { ticket_id, reason }),
            _ => {
                let ticket = NewTicket { ticket_id, ..self.new_ticket() };
                self.ask(&me, &Command::Issue(ticket))
            }
        };
    }
}
