//! Random histories against the reference: after every step both halls agree, and the promises hold.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::reference::*;
use super::stage::*;
use crate::hall::*;
use crate::ids::SiteId;
use crate::time::{HOUR_MS, MINUTE_MS, Millis};

/// What is drawn; the reference's state turns it into an operation that makes sense more often than not.
#[derive(Debug, Clone, Copy)]
struct Draw {
    kind: u8,
    pick: u8,
    other: u8,
    who: u8,
    pause_min: u8,
}

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    let draw = (0u8..100, any::<u8>(), any::<u8>(), 0u8..12, 0u8..100);
    let draw = draw.prop_map(|(kind, pick, other, who, pause_min)| Draw { kind, pick, other, who, pause_min });
    prop::collection::vec(draw, 60..120)
}

fn rules() -> impl Strategy<Value = Rules> {
    let bounds =
        (prop_oneof![Just(1usize), 5usize..9], prop_oneof![Just(1usize), 5usize..9], prop_oneof![Just(1usize), 3usize..5], 6usize..9);
    let order = (bounds, prop::option::of(0usize..2), any::<bool>(), 15i64..40);
    let rest = (1usize..5, 5i64..20, 0u32..4, 0u32..3, 5u32..30, any::<bool>(), (0i64..12, 0i64..120, any::<bool>()));
    (order, rest).prop_map(
        |(
            ((transferred, returned, green, quick), prefers, has_green_window, limit_min),
            (return_calls, return_min, returns_max, recall_max, contingent_b, never_closes, (park_min, end_after_min, carries)),
        )| Rules {
            bounds: [transferred, returned, green, quick],
            prefers,
            has_green_window,
            limit_min,
            return_calls,
            return_min,
            returns_max,
            recall_max,
            contingent_b,
            park_min,
            end_after_min,
            carries,
            never_closes,
        },
    )
}

impl Draw {
    fn ticket(self, model: &Reference) -> usize {
        let among = |wanted: &dyn Fn(S) -> bool| -> Vec<usize> {
            (0..model.tickets.len()).filter(|index| wanted(model.tickets[*index].s)).collect()
        };
        let pick_from = |found: Vec<usize>| (!found.is_empty()).then(|| found[self.pick as usize % found.len()]);
        let at_a_window = || pick_from(among(&|s| s.window().is_some()));
        let live = || pick_from(among(&|s| !matches!(s, S::Over(_))));
        match self.other {
            0..=179 => at_a_window().or_else(live),
            180..=235 => live(),
            _ => None,
        }
        .unwrap_or(self.pick as usize % (model.tickets.len() + 2))
    }

    fn op(self, model: &Reference) -> Op {
        let window = self.pick as usize % 3;
        let line = self.other as usize % 2;
        let ticket = self.ticket(model);
        match self.kind {
            0..=25 => Op::Issue {
                line,
                kind: [Kind::Plain, Kind::Green, Kind::Quick, Kind::Plain, Kind::Green][self.pick as usize % 5],
                holder: (self.pick > 128).then_some(self.other % 7),
            },
            26..=46 => Op::CallNext { window },
            47..=70 => {
                let sensible = model.tickets.get(ticket).map_or(&[][..], |found| Reference::sensible(found.s));
                let any = [TicketAction::Recall, TicketAction::Start, TicketAction::Finish, TicketAction::Miss, TicketAction::Requeue];
                let from = if sensible.is_empty() || self.kind == 47 { &any } else { sensible };
                Op::Act { action: from[(self.other / 3) as usize % from.len()], ticket }
            }
            71..=75 => Op::Open { window },
            76..=78 => Op::CallTicket { window, ticket },
            79..=82 => {
                let to = if self.other.is_multiple_of(3) { Goal::Window(self.kind as usize % 3) } else { Goal::Line(line) };
                Op::Transfer { ticket, to, spot: [Spot::First, Spot::Last, Spot::Lifetime][(self.other / 7) as usize % 3] }
            }
            83 => Op::WalkIn { window, line },
            84 => Op::Pause { window },
            85 => Op::Close { window },
            86 => Op::TakeOver { window },
            87 if self.pick > 128 => Op::StopLine { line },
            87..=88 => Op::ResumeLine { line },
            89..=90 => Op::AddItem { ticket, line },
            91 => Op::Settle { ticket, item: self.pick as usize % 3 },
            92 => Op::FinishEach { ticket, given: self.pick % 8 },
            93 => Op::Help { window },
            94 => Op::Coming { window },
            95 => Op::HelpDone { window },
            96..=97 => {
                let ago_min = i64::from(self.other) * 2;
                Op::Paper(Paper { line, ago_min, serial: u32::from(self.pick % 40) + 1, is_over: self.who.is_multiple_of(3) })
            }
            _ => Op::Tick,
        }
    }

    /// Mostly the person whose business it is.
    fn actor(self, model: &Reference, op: Op) -> Who {
        let window = match op {
            Op::Open { window } => return if self.who < 10 { Who::Clerk(window as u16 + 1) } else { Who::Chief },
            Op::TakeOver { .. } => return Who::Clerk(u16::from(self.who % 6) + 1),
            Op::Coming { .. } => return if self.who < 10 { Who::Chief } else { Who::Clerk(1) },
            Op::Pause { window } | Op::Close { window } | Op::CallNext { window } => Some(window),
            Op::Help { window } | Op::HelpDone { window } => Some(window),
            Op::AddItem { ticket, .. } | Op::Settle { ticket, .. } | Op::FinishEach { ticket, .. } => {
                model.tickets.get(ticket).and_then(|found| found.s.window())
            }
            Op::CallTicket { window, .. } | Op::WalkIn { window, .. } => Some(window),
            Op::Act { ticket, .. } | Op::Transfer { ticket, .. } => model.tickets.get(ticket).and_then(|found| found.s.window()),
            _ => None,
        };
        let holder = window.and_then(|window| model.windows[window].clerk);
        match self.who {
            0..=8 => Who::Clerk(holder.unwrap_or(u16::from(self.who % 3) + 1)),
            9 => Who::Chief,
            10 => Who::Clerk(u16::from(self.pick % 4) + 1),
            _ => Who::Machine,
        }
    }
}

fn actor(who: Who) -> Actor {
    match who {
        Who::Clerk(number) => Actor::staff(clerk(number)),
        Who::Chief => Actor::supervisor(clerk(9)),
        Who::Machine => Actor::machine(),
    }
}

fn name(ticket: usize) -> String {
    format!("{ticket:04}")
}

fn line_of(index: usize) -> crate::ids::LineId {
    line(["a", "b"][index])
}

fn window_of(index: usize) -> crate::ids::WindowId {
    window(index as u16 + 1)
}

fn command(op: Op, fresh: usize, now: Millis) -> Command {
    let id = |ticket: usize| ticket_id(ticket);
    let drawn = |line: usize, kind: Kind, holder: Option<u8>| NewTicket {
        priority: if kind == Kind::Green { Priority::Green } else { Priority::Ordinary },
        matter_ids: if kind == Kind::Quick { vec![matter("quick")] } else { Vec::new() },
        holder_key: holder.map(|key| format!("k{key}")),
        ..new_ticket(&name(fresh), ["a", "b"][line])
    };
    match op {
        Op::Tick => Command::Tick,
        Op::Issue { line, kind, holder } => Command::Issue(drawn(line, kind, holder)),
        Op::Paper(entered) => {
            let Paper { line, serial, is_over, .. } = entered;
            let arrived_at = entered.came_at(now);
            let visit = is_over.then(|| PaperVisit {
                window_id: window_of(0),
                started_at: arrived_at,
                ended_at: arrived_at,
                outcome: Outcome::Other,
            });
            let paper = PaperNumber { prefix: "P".to_owned(), serial, arrived_at, visit };
            Command::EnterPaper { ticket: drawn(line, Kind::Plain, None), paper }
        }
        Op::Open { window } => Command::OpenWindow { window_id: window_of(window), line_ids: None },
        Op::Pause { window } => Command::PauseWindow { window_id: window_of(window), text: None },
        Op::Close { window } => Command::CloseWindow { window_id: window_of(window) },
        Op::TakeOver { window } => Command::TakeOver { window_id: window_of(window), reason: "AB角".to_owned() },
        Op::CallNext { window } => Command::CallNext { window_id: window_of(window) },
        Op::CallTicket { window, ticket } => {
            Command::CallTicket { window_id: window_of(window), ticket_id: id(ticket), reason: "x".to_owned() }
        }
        Op::WalkIn { window, line } => Command::WalkIn { window_id: window_of(window), ticket: drawn(line, Kind::Plain, None) },
        Op::Act { action, ticket } => act(action, id(ticket)),
        Op::Transfer { ticket, to, spot } => Command::Transfer {
            ticket_id: id(ticket),
            to: match to {
                Goal::Line(line) => Target::Line { line_id: line_of(line) },
                Goal::Window(window) => Target::Window { window_id: window_of(window) },
            },
            position: match spot {
                Spot::First => Position::First,
                Spot::Last => Position::Last,
                Spot::Lifetime => Position::Lifetime,
            },
            holder_keys: Vec::new(),
        },
        Op::AddItem { ticket, line } => Command::AddItem { ticket_id: id(ticket), line_id: line_of(line), matter_id: None },
        Op::Settle { ticket, item } => Command::SettleItem { ticket_id: id(ticket), settled: outcome_of_item(item) },
        Op::FinishEach { ticket, given } => Command::FinishEach {
            ticket_id: id(ticket),
            outcomes: (0..3).filter(|item| given & (1 << item) != 0).map(outcome_of_item).collect(),
        },
        Op::Help { window } => Command::RequestHelp { window_id: window_of(window), reason: None },
        Op::Coming { window } => Command::AcknowledgeHelp { window_id: window_of(window) },
        Op::HelpDone { window } => Command::ResolveHelp { window_id: window_of(window) },
        Op::StopLine { line } => Command::StopLine { line_id: line_of(line), text: "x".to_owned() },
        Op::ResumeLine { line } => Command::ResumeLine { line_id: line_of(line) },
    }
}

fn outcome_of_item(item: usize) -> ItemOutcome {
    ItemOutcome { item: item as u32, outcome: Outcome::Consulted }
}

fn ticket_id(ticket: usize) -> crate::ids::TicketId {
    super::stage::ticket(&name(ticket))
}

fn act(action: TicketAction, ticket_id: crate::ids::TicketId) -> Command {
    match action {
        TicketAction::Recall => Command::Recall { ticket_id },
        TicketAction::Start => Command::Start { ticket_id },
        TicketAction::Finish => Command::Finish { ticket_id, outcome: Outcome::Accepted },
        TicketAction::Miss => Command::Miss { ticket_id, reason: None },
        TicketAction::Requeue => Command::Requeue { ticket_id },
        TicketAction::PutBack => Command::PutBack { ticket_id, reason: "x".to_owned() },
        TicketAction::Park => Command::Park { ticket_id, reason: None },
        TicketAction::Resume => Command::Resume { ticket_id },
        TicketAction::Top => Command::Top { ticket_id, reason: "x".to_owned() },
        TicketAction::Untop => Command::Untop { ticket_id },
        TicketAction::Abandon => Command::Abandon { ticket_id },
        TicketAction::Call | TicketAction::Transfer | TicketAction::AddItem | TicketAction::SettleItem => {
            unreachable!("these have operations of their own")
        }
    }
}

fn configured(rules: Rules) -> Configuration {
    let mut configuration = configuration();
    configuration.lines[1].daily_contingent = Some(rules.contingent_b);
    let policy = &mut configuration.policy;
    let [transferred, returned, green, quick] = rules.bounds.map(|bound| bound as u32);
    (policy.transferred_bound, policy.returned_bound, policy.green_bound, policy.quick_bound) = (transferred, returned, green, quick);
    // Nobody has an appointment here.
    policy.appointment_bound = 1;
    policy.quick_matter_ids = vec![matter("quick")];
    policy.over_limit_ms = rules.limit_min * MINUTE_MS;
    policy.return_after_calls = rules.return_calls as u32;
    policy.return_after_ms = rules.return_min * MINUTE_MS;
    policy.returns_max = rules.returns_max;
    policy.recall_max = rules.recall_max;
    policy.serving.park_reminder_ms = rules.park_min * MINUTE_MS;
    policy.serving.day_end_after_ms = rules.end_after_min * MINUTE_MS;
    policy.taking.paper.prefixes = vec!["P".to_owned()];
    policy.serving.carry_over = if rules.carries { CarryOver::NextOpening } else { CarryOver::Off };
    configuration.windows[1].preferred_line_ids = rules.prefers.map(line_of).into_iter().collect();
    if rules.has_green_window {
        configuration.windows[2].purpose = Purpose::Green;
    }
    if !rules.never_closes {
        let day = vec![Span { from_minute: 0, to_minute: 1200 }];
        configuration.hours = OpeningHours::Weekly { week: std::array::from_fn(|_| day.clone()), special_days: vec![] };
    }
    configuration
}

/// The hall under test, one that is taken apart and rebuilt after every event, and what was promised so far.
struct Run {
    stage: Stage,
    rebuilt: Hall,
    numbers: BTreeMap<(chrono::NaiveDate, String), u32>,
}

impl Run {
    fn new(rules: Rules) -> Self {
        let stage = Stage::with(configured(rules));
        let rebuilt = Hall::new(SiteId::parse("demo-center").unwrap());
        Self { stage, rebuilt, numbers: BTreeMap::new() }
    }

    /// The events since the last step go through JSON into the hall that is rebuilt from its parts.
    fn follow(&mut self) {
        let from = usize::try_from(self.rebuilt.version()).unwrap();
        for event in &self.stage.log[from..] {
            let json = serde_json::to_string(event).unwrap();
            self.rebuilt.evolve(&serde_json::from_str(&json).unwrap());
            let (doc, windows, tickets) = self.rebuilt.parts();
            self.rebuilt = Hall::from_parts(doc, windows, tickets);
            if let Fact::TicketIssued { serial, date, number, line_id, .. } = &event.fact {
                let prefix = self.stage.hall.line(line_id).unwrap().prefix.clone();
                assert_eq!(*number, format!("{prefix}{serial:03}"));
                let last = self.numbers.entry((*date, prefix)).or_default();
                *last += 1;
                assert_eq!(serial, last, "no number twice, none skipped");
            }
        }
    }

    fn check(&self, model: &Reference) {
        let hall = &self.stage.hall;
        assert!(*hall == self.rebuilt, "events and parts rebuild the hall");
        assert_eq!(hall.version(), self.stage.log.len() as u64);
        for window in hall.windows() {
            assert_eq!(hall.next_for(window, self.stage.now), self.rebuilt.next_for(window, self.stage.now), "queues are rebuilt");
            let here: Vec<_> =
                hall.tickets().filter(|ticket| ticket.state.at_window() == Some(&window.id)).map(|ticket| &ticket.id).collect();
            assert_eq!(here, window.serving.iter().collect::<Vec<_>>(), "one ticket per window");
        }
        let seated: Vec<_> = hall.windows().filter_map(Window::staff).collect();
        assert_eq!(seated.iter().collect::<BTreeSet<_>>().len(), seated.len(), "one window per person");
        let expected: BTreeMap<_, _> = (0..model.tickets.len())
            .filter(|index| !model.tickets[*index].s.is_over())
            .map(|index| {
                let T { number, s, line, reminded, .. } = &model.tickets[index];
                (ticket_id(index), (number.as_str(), s.name(), s.window().map(window_of), line_of(*line), *s == S::Parked && *reminded))
            })
            .collect();
        let found: BTreeMap<_, _> = hall
            .tickets()
            .map(|ticket| {
                let Ticket { number, state, line_id, .. } = ticket;
                let reminded = matches!(state, TicketState::Parked { reminded_at: Some(_), .. });
                (ticket.id.clone(), (number.as_str(), state.name(), state.at_window().cloned(), line_id.clone(), reminded))
            })
            .collect();
        assert_eq!(found, expected);
        let calls: Vec<_> = hall.windows().map(|window| window.help.as_ref().map(|help| help.acknowledged.is_some())).collect();
        assert_eq!(calls, model.windows.iter().map(|window| window.help).collect::<Vec<_>>(), "calls for help");
        self.check_due();
        for line_id in [line("a"), line("b")] {
            assert_eq!(hall.waiting_in(&line_id), self.rebuilt.waiting_in(&line_id));
        }
    }
}

impl Run {
    /// The timer has nothing to do before the instant that the hall names, and something then.
    fn check_due(&self) {
        let hall = &self.stage.hall;
        let (due, recorded_at) = (hall.next_due(), hall.doc().recorded_at);
        let tick = |at| hall.decide(&Actor::machine(), &Command::Tick, at).unwrap();
        if due > recorded_at {
            assert_eq!(tick(due - 1), [], "nothing is due yet");
        }
        assert_ne!(tick(due.max(recorded_at)), [], "something is due");
    }
}

/// Judged on the reference's lists as they were before the call, not on the hall's counters.
fn check_call(before: &Reference, window: usize, called: (usize, &str), now: Millis) {
    let (ticket, rule) = called;
    let class = before.tickets[ticket].class();
    if !["topped", "green_window"].contains(&rule) {
        assert!(before.has_turn(window, class, now), "at most one call in the bound goes to class {class} while others wait");
    }
}

fn play(rules: Rules, draws: &[Draw]) {
    let mut run = Run::new(rules);
    let mut model = Reference::new(rules, run.stage.now);
    for window in 0..3 {
        let number = window as u16 + 1;
        model.answer(Who::Clerk(number), Op::Open { window }, run.stage.now).unwrap();
        run.stage.sit(number);
    }
    for draw in draws {
        run.stage.now += match draw.pause_min {
            0..=95 => i64::from(draw.pause_min % 5) * MINUTE_MS + i64::from(draw.pause_min),
            96..=97 => 20 * MINUTE_MS,
            98 => 3 * HOUR_MS,
            _ => 9 * HOUR_MS,
        };
        let op = draw.op(&model);
        let who = draw.actor(&model, op);
        let before = model.clone();
        let now = run.stage.now;
        let expected = model.answer(who, op, now);
        let recorded_at = run.stage.hall.doc().recorded_at;
        let answer = run.stage.try_to(&actor(who), &command(op, before.tickets.len(), run.stage.now));
        let called = answer.as_ref().map(|events| events.iter().find_map(Event::as_call).map(|(id, reason)| (id.clone(), reason.code())));
        let expected_call = expected.map(|call| call.map(|(ticket, rule)| (ticket_id(ticket), rule)));
        assert_eq!(called.map_err(Refusal::code), expected_call, "{op:?} by {who:?}");
        assert!(run.stage.hall.doc().recorded_at >= recorded_at, "time never goes back");
        if let (Op::CallNext { window }, Ok(Some(call))) = (op, expected) {
            // The first command of a date is judged on that date.
            let mut before = before;
            before.turn_day(now);
            before.bring_back(now);
            check_call(&before, window, call, now);
        }
        assert!(model.tickets.iter().all(|ticket| ticket.returned <= rules.returns_max), "returns are bounded");
        run.follow();
        run.check(&model);
    }
    let mut replay = Hall::new(SiteId::parse("demo-center").unwrap());
    run.stage.log.iter().for_each(|event| drop(replay.evolve(event)));
    assert!(replay == run.stage.hall, "a replay of all events gives the hall");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn random_histories_follow_the_reference(rules in rules(), draws in draws()) {
        play(rules, &draws);
    }
}
