//! Days as they might go in a hall, played on the real rules: who comes when, how long a matter takes,
//! who goes for lunch. Whoever takes a number is told an estimate, and later it is known what came. Used
//! by the test that bounds the error of estimates and by the benchmark that reports it.
//!
//! Architecture Invariant: pure. Chance comes from a seed, so a day can be played again.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::command::{Actor, Command, NewTicket};
use super::estimate::Wait;
use super::event::{Event, Fact};
use super::policy::{Configuration, LineSetup, OpeningHours, Policy, WindowSetup};
use super::state::{Hall, Outcome, Priority, Purpose};
use crate::ids::{LineId, SiteId, StaffId, TicketId, WindowId};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};

/// A line of a simulated hall.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedLine {
    /// Its letter.
    pub prefix: &'static str,
    /// How long a matter takes on average, in minutes.
    pub service_min: f64,
    /// Standard deviation of that as a share of it.
    pub scatter: f64,
    /// People an hour who take its numbers, from 08:00 on, hour by hour.
    pub arrivals: &'static [f64],
}

/// A window of a simulated hall.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedWindow {
    /// The lines it serves, by their place.
    pub lines: &'static [usize],
    /// From and to, in minutes after midnight.
    pub open: (i64, i64),
    /// Pauses, in minutes after midnight.
    pub pauses: &'static [(i64, i64)],
}

/// A hall and its people.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// What it is like.
    pub name: &'static str,
    /// Its lines.
    pub lines: Vec<SimulatedLine>,
    /// Its windows.
    pub windows: Vec<SimulatedWindow>,
    /// Share of people of the green channel.
    pub green: f64,
    /// Share of calls to which nobody comes.
    pub missed: f64,
    /// How long the way to the window takes on average, in seconds.
    pub way_s: f64,
}

/// What somebody was told and what came.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Which day, from 0.
    pub day: u32,
    /// Of the green channel.
    pub green: bool,
    /// People ahead, as told.
    pub ahead: u32,
    /// The estimate.
    pub wait: Wait,
    /// The wait that came, until the first call, in seconds.
    pub came_s: u32,
}

/// Chance from a seed (SplitMix64).
#[derive(Debug, Clone)]
struct Chance(u64);

impl Chance {
    /// Evenly from 0 to 1, 0 excluded.
    fn even(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        ((mixed >> 11) as f64 + 1.0) / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -self.even().ln() * mean
    }

    /// Log-normal: many short matters and a few long ones.
    fn service(&mut self, mean: f64, scatter: f64) -> f64 {
        let variance = (1.0 + scatter * scatter).ln();
        let normal = (-2.0 * self.even().ln()).sqrt() * (std::f64::consts::TAU * self.even()).cos();
        (mean.ln() - variance / 2.0 + variance.sqrt() * normal).exp()
    }
}

/// What happens at an instant; among those of one instant in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Opens(usize),
    Comes(usize, bool),
    /// The timer: a missed ticket may have come back.
    Ticks,
    Starts(usize, TicketId),
    Leaves(usize, TicketId),
    Pauses(usize),
    Returns(usize),
    Closes(usize),
}

struct World<'a> {
    scenario: &'a Scenario,
    hall: Hall,
    chance: Chance,
    agenda: BinaryHeap<Reverse<(Millis, u64, Happening)>>,
    entries: u64,
    told: BTreeMap<TicketId, (Told, Millis)>,
    came: Vec<Told>,
    log: Vec<Event>,
    day: u32,
}

/// Plays days of a hall that begins without any history and gives what everybody who was called was
/// told, and what came, in the order of the calls.
#[must_use]
pub fn play(scenario: &Scenario, days: u32, seed: u64) -> Vec<Told> {
    play_days(scenario, days, seed).map(|world| world.came).unwrap_or_default()
}

/// Plays the same days and gives everything that happened.
#[must_use]
pub fn events_of(scenario: &Scenario, days: u32, seed: u64) -> Vec<Event> {
    play_days(scenario, days, seed).map(|world| world.log).unwrap_or_default()
}

fn play_days(scenario: &Scenario, days: u32, seed: u64) -> Option<World<'_>> {
    let hall = SiteId::parse("simulated").map(Hall::new)?;
    let mut world = World {
        scenario,
        hall,
        chance: Chance(seed),
        agenda: BinaryHeap::new(),
        entries: 0,
        told: BTreeMap::new(),
        came: Vec::new(),
        log: Vec::new(),
        day: 0,
    };
    let configuration = configuration(scenario);
    world.ask(&Actor::machine(), &Command::Configure { configuration }, FIRST_DAY_MS);
    for day in 0..days {
        world.day = day;
        world.play_day(FIRST_DAY_MS + Millis::from(day) * DAY_MS);
    }
    Some(world)
}

/// Midnight of 2026-03-02 in UTC+08:00.
const FIRST_DAY_MS: Millis = 1_772_380_800_000;
/// People come from eight on.
const FIRST_HOUR: Millis = 8;

fn line_id(scenario: &Scenario, line: usize) -> LineId {
    LineId::new("sim", scenario.lines.get(line).map_or("none", |line| line.prefix))
}

fn window_id(window: usize) -> WindowId {
    WindowId::new("sim", &window.to_string())
}

fn configuration(scenario: &Scenario) -> Configuration {
    let line = |(place, line): (usize, &SimulatedLine)| LineSetup {
        id: line_id(scenario, place),
        name: line.prefix.to_owned(),
        prefix: line.prefix.to_owned(),
        daily_contingent: None,
    };
    let window = |(place, window): (usize, &SimulatedWindow)| WindowSetup {
        id: window_id(place),
        number: u16::try_from(place + 1).unwrap_or(u16::MAX),
        purpose: Purpose::General,
        line_ids: window.lines.iter().map(|line| line_id(scenario, *line)).collect(),
        preferred_line_ids: Vec::new(),
    };
    Configuration {
        lines: scenario.lines.iter().enumerate().map(line).collect(),
        windows: scenario.windows.iter().enumerate().map(window).collect(),
        hours: OpeningHours::RoundTheClock,
        policy: Policy::default(),
    }
}

impl World<'_> {
    fn play_day(&mut self, midnight: Millis) {
        for (place, window) in self.scenario.windows.iter().enumerate() {
            self.enter(midnight + window.open.0 * MINUTE_MS, Happening::Opens(place));
            self.enter(midnight + window.open.1 * MINUTE_MS, Happening::Closes(place));
            for (from, to) in window.pauses {
                self.enter(midnight + from * MINUTE_MS, Happening::Pauses(place));
                self.enter(midnight + to * MINUTE_MS, Happening::Returns(place));
            }
        }
        for (place, line) in self.scenario.lines.iter().enumerate() {
            for (hour, people) in line.arrivals.iter().enumerate().filter(|(_, people)| **people > 0.0) {
                let begin = midnight + (FIRST_HOUR + hour as Millis) * HOUR_MS;
                let mut at = self.chance.exponential(3600.0 / people);
                while at < 3600.0 {
                    let green = self.chance.even() < self.scenario.green;
                    self.enter(begin + (at * 1000.0) as Millis, Happening::Comes(place, green));
                    at += self.chance.exponential(3600.0 / people);
                }
            }
        }
        while let Some(Reverse((at, _, happening))) = self.agenda.pop() {
            self.happen(at, happening);
        }
        self.told.clear();
    }

    fn enter(&mut self, at: Millis, happening: Happening) {
        self.entries += 1;
        self.agenda.push(Reverse((at, self.entries, happening)));
    }

    fn ask(&mut self, actor: &Actor, command: &Command, at: Millis) -> Vec<Event> {
        let events = self.hall.decide(actor, command, at).unwrap_or_default();
        events.iter().for_each(|event| drop(self.hall.evolve(event)));
        self.log.extend(events.iter().cloned());
        events
    }

    fn happen(&mut self, at: Millis, happening: Happening) {
        match happening {
            Happening::Comes(line, green) => self.come(at, line, green),
            Happening::Ticks => {
                self.ask(&Actor::machine(), &Command::Tick, at);
                self.call_wherever_one_can(at);
            }
            Happening::Opens(window) | Happening::Returns(window) => {
                self.ask(&clerk(window), &Command::OpenWindow { window_id: window_id(window), line_ids: None }, at);
                self.call(at, window);
            }
            Happening::Starts(window, ticket_id) => {
                if self.chance.even() < self.scenario.missed {
                    self.ask(&clerk(window), &Command::Miss { ticket_id, reason: None }, at);
                    self.enter(at + self.hall.doc().policy.return_after_ms, Happening::Ticks);
                    self.call(at, window);
                    return;
                }
                let line = self.hall.ticket(&ticket_id).map(|ticket| ticket.line_id.clone());
                let line = (0..self.scenario.lines.len()).find(|place| Some(line_id(self.scenario, *place)) == line).unwrap_or(0);
                let SimulatedLine { service_min, scatter, .. } = self.scenario.lines[line];
                let takes_ms = (self.chance.service(service_min, scatter) * 60_000.0) as Millis;
                self.ask(&clerk(window), &Command::Start { ticket_id: ticket_id.clone() }, at);
                self.enter(at + takes_ms, Happening::Leaves(window, ticket_id));
            }
            Happening::Leaves(window, ticket_id) => {
                self.ask(&clerk(window), &Command::Finish { ticket_id, outcome: Outcome::Accepted }, at);
                self.call(at, window);
            }
            Happening::Pauses(window) => {
                self.ask(&clerk(window), &Command::PauseWindow { window_id: window_id(window), text: None }, at);
            }
            Happening::Closes(window) => {
                let busy = self.hall.window(&window_id(window)).is_some_and(|window| window.serving.is_some());
                if busy {
                    self.ask(&clerk(window), &Command::PauseWindow { window_id: window_id(window), text: None }, at);
                    self.enter(at + 5 * MINUTE_MS, Happening::Closes(window));
                } else {
                    self.ask(&clerk(window), &Command::CloseWindow { window_id: window_id(window) }, at);
                }
            }
        }
    }

    fn come(&mut self, at: Millis, line: usize, green: bool) {
        let ticket_id = TicketId::new("sim", &self.entries.to_string());
        let ticket = NewTicket {
            priority: if green { Priority::Green } else { Priority::Ordinary },
            ..NewTicket::ordinary(ticket_id.clone(), line_id(self.scenario, line), String::new(), String::new())
        };
        self.entries += 1;
        if self.ask(&Actor::machine(), &Command::Issue(ticket), at).is_empty() {
            return;
        }
        let (Some(ahead), Some(wait)) = (self.hall.ahead(&ticket_id), self.hall.estimated_ticket_wait(&ticket_id)) else { return };
        self.told.insert(ticket_id, (Told { day: self.day, green, ahead, wait, came_s: 0 }, at));
        self.call_wherever_one_can(at);
    }

    fn call_wherever_one_can(&mut self, at: Millis) {
        for window in 0..self.scenario.windows.len() {
            self.call(at, window);
        }
    }

    /// A clerk with nobody at the window calls the next.
    fn call(&mut self, at: Millis, window: usize) {
        let is_free = self.hall.window(&window_id(window)).is_some_and(|window| window.is_open() && window.serving.is_none());
        if !is_free {
            return;
        }
        let events = self.ask(&clerk(window), &Command::CallNext { window_id: window_id(window) }, at);
        let called = events.iter().find_map(|event| match &event.fact {
            Fact::TicketCalled { ticket_id, .. } => Some(ticket_id.clone()),
            _ => None,
        });
        let Some(ticket_id) = called else { return };
        if let Some((told, since)) = self.told.remove(&ticket_id) {
            self.came.push(Told { came_s: u32::try_from((at - since) / 1000).unwrap_or(u32::MAX), ..told });
        }
        let way_ms = (self.chance.exponential(self.scenario.way_s) * 1000.0) as Millis;
        self.enter(at + way_ms, Happening::Starts(window, ticket_id));
    }
}

fn clerk(window: usize) -> Actor {
    Actor::staff(StaffId::new("sim", &window.to_string()))
}

/// How good estimates were.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// People who were told one.
    pub count: usize,
    /// The wait that came, mean in minutes.
    pub came_min: f64,
    /// Told less came, mean in minutes: above zero, people were told too long a wait.
    pub bias_min: f64,
    /// Distance of told and came, mean in minutes.
    pub error_min: f64,
    /// Share of people who waited less than the optimistic estimate.
    pub below_optimistic: f64,
    /// Mean distance of the plain rule "people ahead × assumed time ÷ open windows", for comparison, in
    /// minutes. It knows the windows of the whole hall only.
    pub plain_error_min: f64,
}

impl Quality {
    /// The quality of what was told, for a hall with so many windows.
    #[must_use]
    pub fn of<'a>(told: impl IntoIterator<Item = &'a Told>, windows: usize) -> Self {
        let assumed_s = Policy::default().assumed_service_ms as f64 / 1000.0;
        let (mut count, mut came, mut bias, mut error, mut below, mut plain) = (0, 0.0, 0.0, 0.0, 0, 0.0);
        for one in told {
            let (said_s, came_s) = (f64::from(one.wait.normal_s), f64::from(one.came_s));
            count += 1;
            came += came_s;
            bias += said_s - came_s;
            error += (said_s - came_s).abs();
            below += usize::from(one.came_s < one.wait.optimistic_s);
            plain += (f64::from(one.ahead) * assumed_s / windows.max(1) as f64 - came_s).abs();
        }
        let people = count.max(1) as f64;
        Self {
            count,
            came_min: came / people / 60.0,
            bias_min: bias / people / 60.0,
            error_min: error / people / 60.0,
            below_optimistic: below as f64 / people,
            plain_error_min: plain / people / 60.0,
        }
    }
}

/// The halls that the test and the benchmark play: quiet and busy, one line and several, shared windows.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    const DAY: (i64, i64) = (8 * 60 + 30, 17 * 60 + 30);
    let line = |prefix, service_min, scatter, arrivals| SimulatedLine { prefix, service_min, scatter, arrivals };
    let window = |lines, pauses| SimulatedWindow { lines, open: DAY, pauses };
    let busy = |factor: &'static [f64]| factor;
    vec![
        Scenario {
            name: "村站：1 个窗口",
            lines: vec![line("A", 9.0, 0.7, busy(&[3.0, 7.0, 6.0, 4.0, 2.0, 4.0, 5.0, 3.0]))],
            windows: vec![window(&[0], &[])],
            green: 0.1,
            missed: 0.05,
            way_s: 20.0,
        },
        Scenario {
            name: "镇中心：4 个综合窗口，两条队",
            lines: vec![
                line("A", 7.0, 0.6, busy(&[10.0, 28.0, 26.0, 16.0, 6.0, 16.0, 20.0, 12.0])),
                line("B", 14.0, 0.5, busy(&[1.0, 3.0, 4.0, 3.0, 1.0, 3.0, 4.0, 2.0])),
            ],
            windows: vec![
                window(&[0, 1], &[(720, 750)]),
                window(&[0, 1], &[(750, 780)]),
                window(&[0, 1], &[(720, 750)]),
                window(&[0, 1], &[(750, 780)]),
            ],
            green: 0.15,
            missed: 0.06,
            way_s: 25.0,
        },
        Scenario {
            name: "区大厅：专窗和综合窗口混开，三条队",
            lines: vec![
                line("A", 6.0, 0.8, busy(&[12.0, 30.0, 30.0, 20.0, 8.0, 20.0, 24.0, 14.0])),
                line("B", 12.0, 0.6, busy(&[4.0, 9.0, 9.0, 6.0, 3.0, 7.0, 8.0, 4.0])),
                line("C", 4.0, 0.5, busy(&[4.0, 12.0, 12.0, 8.0, 4.0, 10.0, 12.0, 6.0])),
            ],
            windows: vec![
                window(&[0], &[]),
                window(&[0], &[(720, 750)]),
                window(&[0, 1], &[]),
                window(&[1], &[(750, 780)]),
                window(&[0, 2], &[]),
                window(&[2], &[(720, 740)]),
                window(&[0, 1, 2], &[]),
            ],
            green: 0.12,
            missed: 0.08,
            way_s: 30.0,
        },
        Scenario {
            name: "赶集日：2 个窗口，一上午排长队",
            lines: vec![line("A", 6.0, 0.9, busy(&[12.0, 26.0, 24.0, 16.0, 10.0, 12.0, 10.0, 4.0]))],
            windows: vec![window(&[0], &[(630, 640)]), window(&[0], &[(720, 740)])],
            green: 0.2,
            missed: 0.08,
            way_s: 25.0,
        },
    ]
}
