//! A second hall, written differently on purpose: flat lists, no events, no index, every question
//! answered by looking at everything again. It says for each operation whether the hall must refuse
//! it and with which code, and whom it must call by which rule.

mod order;
mod service;

pub(super) use service::Paper;

use std::collections::BTreeSet;

use crate::hall::TicketAction;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Clerk(u16),
    Chief,
    Machine,
}

impl Who {
    /// The chief is the ninth clerk, and may sit at a window too.
    fn person(self) -> Option<u16> {
        match self {
            Self::Clerk(clerk) => Some(clerk),
            Self::Chief => Some(9),
            Self::Machine => None,
        }
    }
}

/// What a ticket is by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Green,
    Quick,
}

/// Classes by rank, the first first. The other hall has appointments too, between green and quick.
pub(super) const TRANSFERRED: usize = 0;
pub(super) const RETURNED: usize = 1;
pub(super) const GREEN: usize = 2;
pub(super) const QUICK: usize = 3;
pub(super) const PLAIN: usize = 4;

/// Where a transferred ticket goes and lines up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    Line(usize),
    Window(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    First,
    Last,
    Lifetime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Tick,
    Issue {
        line: usize,
        kind: Kind,
        holder: Option<u8>,
    },
    Paper(Paper),
    Open {
        window: usize,
    },
    Pause {
        window: usize,
    },
    Close {
        window: usize,
    },
    TakeOver {
        window: usize,
    },
    CallNext {
        window: usize,
    },
    CallTicket {
        window: usize,
        ticket: usize,
    },
    WalkIn {
        window: usize,
        line: usize,
    },
    Act {
        action: TicketAction,
        ticket: usize,
    },
    Transfer {
        ticket: usize,
        to: Goal,
        spot: Spot,
    },
    AddItem {
        ticket: usize,
        line: usize,
    },
    Settle {
        ticket: usize,
        item: usize,
    },
    /// Bit n gives item n an outcome.
    FinishEach {
        ticket: usize,
        given: u8,
    },
    Help {
        window: usize,
    },
    Coming {
        window: usize,
    },
    HelpDone {
        window: usize,
    },
    StopLine {
        line: usize,
    },
    ResumeLine {
        line: usize,
    },
}

/// The policy of one history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// At most one in so many calls for a class, by rank.
    pub(super) bounds: [usize; 4],
    /// Window 2, which serves both lines, calls first those of this one.
    pub(super) prefers: Option<usize>,
    /// Window 3 is for the green channel.
    pub(super) has_green_window: bool,
    pub(super) limit_min: i64,
    pub(super) return_calls: usize,
    pub(super) return_min: i64,
    pub(super) returns_max: u32,
    pub(super) recall_max: u32,
    pub(super) contingent_b: u32,
    pub(super) park_min: i64,
    /// The day's work ends so long after 20:00.
    pub(super) end_after_min: i64,
    pub(super) carries: bool,
    /// Otherwise closed from 20:00 to midnight.
    pub(super) never_closes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum S {
    Waiting,
    Called(usize),
    Serving(usize),
    Parked,
    Missed,
    Over(&'static str),
}

impl S {
    pub(super) fn name(self) -> &'static str {
        match self {
            S::Waiting => "waiting",
            S::Called(_) => "called",
            S::Serving(_) => "serving",
            S::Parked => "parked",
            S::Missed => "missed",
            S::Over(name) => name,
        }
    }

    pub(super) fn window(self) -> Option<usize> {
        match self {
            S::Called(window) | S::Serving(window) => Some(window),
            _ => None,
        }
    }

    pub(super) fn is_over(self) -> bool {
        matches!(self, S::Over(_))
    }
}

#[derive(Debug, Clone)]
pub(super) struct T {
    pub(super) number: String,
    pub(super) s: S,
    pub(super) line: usize,
    kind: Kind,
    serial: usize,
    holder: Option<u8>,
    issued: Millis,
    sent_to: Option<usize>,
    head: Option<&'static str>,
    from: Millis,
    topped: Option<Millis>,
    recalls: u32,
    missed_at: Millis,
    missed_after: usize,
    misses: u32,
    pub(super) returned: u32,
    parked_at: Millis,
    pub(super) reminded: bool,
    /// Line and whether there is an outcome; none while nothing was recorded about one.
    items: Option<Vec<(usize, bool)>>,
    /// The day it was carried to.
    carried: Option<i64>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct W {
    pub(super) clerk: Option<u16>,
    paused: Option<Millis>,
    /// Whether somebody is coming.
    pub(super) help: Option<bool>,
}

#[derive(Debug, Clone)]
struct Call {
    line: usize,
    seen_by: BTreeSet<usize>,
    class: usize,
    at_green_window: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Reference {
    rules: Rules,
    today: i64,
    ended: Option<i64>,
    pub(super) tickets: Vec<T>,
    pub(super) windows: Vec<W>,
    served_lines: Vec<Vec<usize>>,
    stopped: [bool; 2],
    issued: [usize; 2],
    paper: BTreeSet<(i64, u32)>,
    calls: Vec<Call>,
}

type Answer = Result<Option<(usize, &'static str)>, &'static str>;

impl Reference {
    pub(super) fn new(rules: Rules, now: Millis) -> Self {
        Self {
            rules,
            today: day_of(now),
            ended: None,
            tickets: Vec::new(),
            windows: vec![W::default(); 3],
            served_lines: vec![vec![0], vec![0, 1], vec![1]],
            stopped: [false; 2],
            issued: [0; 2],
            paper: BTreeSet::new(),
            calls: Vec::new(),
        }
    }

    /// The answer a hall must give; a refusal changes nothing.
    pub(super) fn answer(&mut self, who: Who, op: Op, now: Millis) -> Answer {
        let mut next = self.clone();
        next.turn_day(now);
        let answer = next.apply(who, op, now)?;
        *self = next;
        Ok(answer)
    }

    /// What can be done in a state, as the model knows it.
    pub(super) fn sensible(s: S) -> &'static [TicketAction] {
        use TicketAction as A;
        match s {
            S::Waiting => &[A::Top, A::Untop, A::Abandon],
            S::Called(_) => &[A::Start, A::Start, A::Start, A::Start, A::Miss, A::Miss, A::Recall, A::Park, A::Abandon, A::PutBack],
            S::Serving(_) => &[A::Finish, A::Finish, A::Finish, A::Park, A::PutBack],
            S::Parked => &[A::Resume, A::Abandon],
            S::Missed => &[A::Requeue, A::Abandon],
            S::Over(_) => &[],
        }
    }

    pub(super) fn turn_day(&mut self, now: Millis) {
        if day_of(now) == self.today {
            return;
        }
        let old = std::mem::replace(&mut self.today, day_of(now));
        self.end_of_day(old, self.today);
        (self.issued, self.calls) = ([0; 2], Vec::new());
        self.tickets.iter_mut().for_each(|ticket| ticket.missed_after = 0);
    }

    /// The ticket at a window.
    pub(super) fn at(&self, window: usize) -> Option<usize> {
        self.tickets.iter().position(|ticket| ticket.s.window() == Some(window))
    }

    fn may_act_at(&self, who: Who, window: usize) -> Result<u16, &'static str> {
        match (who, self.windows[window].clerk) {
            (Who::Machine, _) => Err("staff_required"),
            (_, None) => Err("window_closed"),
            (Who::Clerk(clerk), Some(holder)) if clerk != holder => Err("not_your_window"),
            (_, Some(holder)) => Ok(holder),
        }
    }

    fn may_call_at(&self, who: Who, window: usize) -> Result<(), &'static str> {
        self.may_act_at(who, window)?;
        if self.windows[window].paused.is_some() {
            return Err("window_paused");
        }
        if self.at(window).is_some() { Err("window_busy") } else { Ok(()) }
    }

    fn may_touch(&self, who: Who, ticket: usize, by_citizen: bool, states: &[&str]) -> Result<(), &'static str> {
        let Some(found) = self.tickets.get(ticket) else { return Err("unknown_ticket") };
        match found.s.window() {
            Some(window) => drop(self.may_act_at(who, window)?),
            None if who == Who::Machine && !by_citizen => return Err("staff_required"),
            None => {}
        }
        if states.contains(&found.s.name()) { Ok(()) } else { Err("ticket_state") }
    }

    fn may_be_given(&self, line: usize, holder: Option<u8>) -> Result<(), &'static str> {
        if self.stopped[line] {
            return Err("line_stopped");
        }
        if line == 1 && self.issued[1] >= self.rules.contingent_b as usize {
            return Err("contingent_used");
        }
        if holder.is_some() && self.holds(line, holder, usize::MAX) { Err("already_waiting") } else { Ok(()) }
    }

    fn holds(&self, line: usize, holder: Option<u8>, except: usize) -> bool {
        let same = |(index, ticket): (usize, &T)| index != except && ticket.line == line && ticket.holder == holder && !ticket.s.is_over();
        holder.is_some() && self.tickets.iter().enumerate().any(same)
    }

    fn apply(&mut self, who: Who, op: Op, now: Millis) -> Answer {
        match op {
            Op::Tick => {
                self.bring_back(now);
                self.remind(now);
                self.close_up(now);
            }
            Op::AddItem { .. } | Op::Settle { .. } | Op::FinishEach { .. } => self.serve(who, op)?,
            Op::Help { .. } | Op::Coming { .. } | Op::HelpDone { .. } => self.call_for_help(who, op)?,
            Op::Issue { line, kind, holder } => {
                if !self.rules.never_closes && (now + 8 * HOUR_MS).rem_euclid(DAY_MS) >= 20 * HOUR_MS {
                    return Err("hall_closed");
                }
                self.may_be_given(line, holder)?;
                let in_use = |window: usize| {
                    let W { clerk, paused, .. } = &self.windows[window];
                    let is_back_soon = paused.is_none_or(|since| now - since <= 30 * MINUTE_MS);
                    self.served_lines[window].contains(&line) && clerk.is_some() && is_back_soon
                };
                if !(0..3).any(in_use) {
                    return Err("no_window");
                }
                self.give(line, kind, holder, now);
            }
            Op::Paper(paper) => self.enter_paper(who, paper, now)?,
            Op::WalkIn { window, line } => {
                self.may_call_at(who, window)?;
                self.may_be_given(line, None)?;
                let ticket = self.give(line, Kind::Plain, None, now);
                self.tickets[ticket].s = S::Serving(window);
            }
            Op::Open { .. } | Op::Pause { .. } | Op::Close { .. } | Op::TakeOver { .. } => self.sit(who, op, now)?,
            Op::CallNext { window } => {
                self.may_call_at(who, window)?;
                self.bring_back(now);
                let chosen = self.choose(window, now);
                if let Some((ticket, _)) = chosen {
                    self.call(window, ticket, now);
                }
                return Ok(chosen);
            }
            Op::CallTicket { window, ticket } => {
                self.may_call_at(who, window)?;
                self.may_touch(who, ticket, false, &["waiting", "parked", "missed"])?;
                self.call(window, ticket, now);
                return Ok(Some((ticket, "by_name")));
            }
            Op::Act { action, ticket } => return self.act(who, action, ticket, now),
            Op::Transfer { ticket, to, spot } => self.transfer(who, ticket, to, spot, now)?,
            Op::StopLine { .. } | Op::ResumeLine { .. } if who == Who::Machine => return Err("staff_required"),
            Op::StopLine { line } => self.stopped[line] = true,
            Op::ResumeLine { line } => {
                if !std::mem::take(&mut self.stopped[line]) {
                    return Err("line_running");
                }
            }
        }
        Ok(None)
    }

    fn sit(&mut self, who: Who, op: Op, now: Millis) -> Result<(), &'static str> {
        let Some(me) = who.person() else { return Err("staff_required") };
        let sits_at = self.windows.iter().position(|window| window.clerk == Some(me));
        match op {
            Op::Open { window } => {
                if self.windows[window].clerk.is_some_and(|clerk| clerk != me) {
                    return Err("window_taken");
                }
                if sits_at.is_some_and(|other| other != window) {
                    return Err("staff_elsewhere");
                }
                (self.windows[window].clerk, self.windows[window].paused) = (Some(me), None);
            }
            Op::TakeOver { window } => {
                let Some(holder) = self.windows[window].clerk else { return Err("window_closed") };
                if sits_at.is_some_and(|other| other != window) {
                    return Err("staff_elsewhere");
                }
                if holder != me {
                    (self.windows[window].clerk, self.windows[window].paused) = (Some(me), None);
                }
            }
            Op::Pause { window } => {
                self.may_act_at(who, window)?;
                self.windows[window].paused.get_or_insert(now);
            }
            Op::Close { window } => {
                self.may_act_at(who, window)?;
                if self.at(window).is_some() {
                    return Err("window_busy");
                }
                self.windows[window] = W::default();
                for ticket in self.tickets.iter_mut().filter(|ticket| ticket.s == S::Waiting && ticket.sent_to == Some(window)) {
                    (ticket.sent_to, ticket.topped) = (None, None);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn give(&mut self, line: usize, kind: Kind, holder: Option<u8>, now: Millis) -> usize {
        self.issued[line] += 1;
        let serial = self.issued[line];
        self.tickets.push(T {
            number: format!("{}{serial:03}", ["A", "B"][line]),
            s: S::Waiting,
            line,
            kind,
            serial,
            holder,
            issued: now,
            sent_to: None,
            head: None,
            from: now,
            topped: None,
            recalls: 0,
            missed_at: 0,
            missed_after: 0,
            misses: 0,
            returned: 0,
            parked_at: 0,
            reminded: false,
            items: None,
            carried: None,
        });
        self.tickets.len() - 1
    }

    fn call(&mut self, window: usize, ticket: usize, now: Millis) {
        let (line, class) = (self.tickets[ticket].line, self.tickets[ticket].class());
        let seen_by = self.served_lines[window].iter().copied().chain([line]).collect();
        self.calls.push(Call { line, seen_by, class, at_green_window: self.is_for_green(window) });
        self.tickets[ticket].s = S::Called(window);
        self.tickets[ticket].recalls = 0;
        self.bring_back(now);
    }

    pub(super) fn bring_back(&mut self, now: Millis) {
        for ticket in self.tickets.iter_mut().filter(|ticket| ticket.s == S::Missed && ticket.misses <= self.rules.returns_max) {
            let calls = self.calls[ticket.missed_after..].iter().filter(|call| call.line == ticket.line).count();
            if calls >= self.rules.return_calls || now - ticket.missed_at >= self.rules.return_min * MINUTE_MS {
                ticket.wait(Some("returned"), now);
                ticket.returned += 1;
            }
        }
    }

    fn act(&mut self, who: Who, action: TicketAction, ticket: usize, now: Millis) -> Answer {
        use TicketAction as A;
        let states: &[&str] = match action {
            A::Call | A::Transfer | A::AddItem | A::SettleItem => unreachable!("these have operations of their own"),
            A::Recall | A::Start | A::Miss => &["called"],
            A::Finish => &["serving"],
            A::Requeue => &["missed"],
            A::PutBack => &["called", "serving"],
            A::Park => &["called", "serving"],
            A::Resume => &["parked"],
            A::Top | A::Untop => &["waiting"],
            A::Abandon => &["waiting", "called", "parked", "missed"],
        };
        self.may_touch(who, ticket, action == A::Abandon, states)?;
        let missed_after = self.calls.len();
        let it = &mut self.tickets[ticket];
        match action {
            A::Recall if it.recalls >= self.rules.recall_max => return Err("recall_limit"),
            A::Recall => it.recalls += 1,
            A::Start => it.s = S::Serving(it.s.window().unwrap_or(0)),
            A::Finish if it.open_items() > 1 => return Err("outcomes_missing"),
            A::Finish => it.s = S::Over("done"),
            A::Miss => {
                it.s = S::Missed;
                it.misses += 1;
                (it.missed_at, it.missed_after) = (now, missed_after);
            }
            A::Park => (it.s, it.parked_at, it.reminded) = (S::Parked, now, false),
            A::Abandon => it.s = S::Over("abandoned"),
            A::Requeue | A::PutBack => it.wait(None, it.lifetime()),
            A::Top if it.topped.is_some() => return Err("already_topped"),
            A::Top => it.topped = Some(now),
            A::Untop if it.topped.is_none() => return Err("not_topped"),
            A::Untop => it.topped = None,
            _ => {
                it.wait(Some("resumed"), now);
                let mine = self.windows.iter().position(|window| window.clerk == who.person() && window.paused.is_none());
                if let Some(window) = mine.filter(|window| self.at(*window).is_none()) {
                    self.call(window, ticket, now);
                    return Ok(Some((ticket, "resumed")));
                }
            }
        }
        Ok(None)
    }

    fn transfer(&mut self, who: Who, ticket: usize, to: Goal, spot: Spot, now: Millis) -> Result<(), &'static str> {
        self.may_touch(who, ticket, false, &["waiting", "called", "serving"])?;
        let it = &self.tickets[ticket];
        let is_there = match to {
            Goal::Line(line) if self.stopped[line] => return Err("line_stopped"),
            Goal::Line(line) if self.holds(line, it.holder, ticket) => return Err("already_waiting"),
            Goal::Line(line) => it.s == S::Waiting && it.sent_to.is_none() && it.line == line,
            Goal::Window(window) if self.windows[window].clerk.is_none() => return Err("window_closed"),
            Goal::Window(window) if it.s == S::Waiting => it.sent_to == Some(window),
            Goal::Window(window) => it.s.window() == Some(window),
        };
        if is_there {
            return Err("transfer_to_same");
        }
        let it = &mut self.tickets[ticket];
        match spot {
            Spot::First => it.wait(Some("transferred_here"), now),
            Spot::Last => it.wait(None, now),
            Spot::Lifetime => it.wait(None, it.lifetime()),
        }
        match to {
            Goal::Line(line) => it.line = line,
            Goal::Window(window) => it.sent_to = Some(window),
        }
        Ok(())
    }
}

impl T {
    /// What it is, or what brought it to the head while it stands there.
    pub(super) fn class(&self) -> usize {
        match (self.s, self.head, self.kind) {
            (S::Waiting, Some("transferred_here"), _) => TRANSFERRED,
            (S::Waiting, Some(_), _) => RETURNED,
            (_, _, Kind::Green) => GREEN,
            (_, _, Kind::Quick) => QUICK,
            (_, _, Kind::Plain) => PLAIN,
        }
    }

    fn wait(&mut self, head: Option<&'static str>, from: Millis) {
        (self.s, self.head, self.from, self.topped, self.sent_to) = (S::Waiting, head, from, None, None);
    }
}

fn day_of(at: Millis) -> i64 {
    (at + 8 * HOUR_MS).div_euclid(DAY_MS)
}
