//! How many are ahead and how long a wait will be about. An estimate for people; no rule depends on it.
//!
//! The wait of somebody with work `W` ahead at `n` windows that are all busy: the windows finish what
//! they have (`R` in sum) and take what is ahead, one after the other, and when the own turn comes the
//! other `n - 1` windows are in the middle of a turn (`r` each on average). So the wait is
//! `(W + R - (n - 1) r) / n`, exact where turns scatter like a coin's (exponential) and where they do not
//! scatter at all. A window that serves several lines does what is older in all of them; of the work of
//! another line the share of its windows that are also ours counts. How long turns are: `turn_times.rs`.
//! How good it is: `simulated_day.rs`, whose figures stand in `docs/estimates.md`.

use serde::{Deserialize, Serialize};

use super::class::Class;
use super::queue::{Key, Lane, stand_of};
use super::state::{Hall, Target, Ticket, TicketState, Window, WindowState};
use super::turn_times::Turn;
use crate::ids::{LineId, TicketId};
use crate::time::Millis;

/// Share of the standard deviation by which the optimistic wait is shorter, in tenths: about one in five
/// waits less.
const OPTIMISM_TENTHS: Millis = 8;
/// A turn that lasts longer than expected goes on for at least this share of the scatter, in tenths.
const OVERTIME_TENTHS: Millis = 6;

/// How long somebody will wait, about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// As it goes on average, in seconds.
    pub normal_s: u32,
    /// When it goes well, in seconds: about one in five waits less.
    pub optimistic_s: u32,
}

/// Where somebody stands in a queue, or would.
struct Stand<'a> {
    target: &'a Target,
    line_id: &'a LineId,
    class: Class,
    /// Since when.
    from: Millis,
    /// How many of the own class are before.
    before: usize,
}

impl Hall {
    /// How many tickets of the same queue will be called before a waiting one, by the order as it
    /// stands; `None` if the ticket does not wait.
    #[must_use]
    pub fn ahead(&self, ticket_id: &TicketId) -> Option<u32> {
        let ticket = self.tickets.get(ticket_id)?;
        let TicketState::Waiting { target, place, .. } = &ticket.state else { return None };
        let (lane, key) = stand_of(ticket)?;
        let before = self.queues.before(target, lane, &key);
        let Lane::Of(class) = lane else { return Some(to_count(before)) };
        let stand = Stand { target, line_id: &ticket.line_id, class, from: place.orders_from(), before };
        Some(to_count(self.queues.count(target, Lane::Topped) + self.ahead_of(&stand)))
    }

    /// How many wait in a line, whatever their class.
    #[must_use]
    pub fn waiting_in(&self, line_id: &LineId) -> u32 {
        let target = Target::Line { line_id: line_id.clone() };
        to_count(Lane::all().map(|lane| self.queues.count(&target, lane)).sum())
    }

    /// The wait of somebody who would take an ordinary number now.
    #[must_use]
    pub fn estimated_wait(&self, line_id: &LineId) -> Wait {
        let class = Class::Ordinary;
        let target = Target::Line { line_id: line_id.clone() };
        let before = self.queues.count(&target, Lane::Of(class));
        let stand = Stand { target: &target, line_id, class, from: self.doc.recorded_at, before };
        let ahead = to_count(self.queues.count(&target, Lane::Topped) + self.ahead_of(&stand));
        self.wait_behind(line_id, &target, ahead, &|other| {
            let target = Target::Line { line_id: other.clone() };
            to_count(self.before_class(&target, class) + self.queues.count(&target, Lane::Of(class)))
        })
    }

    /// The rest of the wait of a waiting ticket; `None` if it does not wait.
    #[must_use]
    pub fn estimated_ticket_wait(&self, ticket_id: &TicketId) -> Option<Wait> {
        let ahead = self.ahead(ticket_id)?;
        let ticket = self.tickets.get(ticket_id)?;
        let TicketState::Waiting { target, .. } = &ticket.state else { return None };
        let (lane, key) = stand_of(ticket)?;
        Some(self.wait_behind(&ticket.line_id, target, ahead, &|other| self.older_in(other, lane, &key)))
    }

    /// How many of another line are called before a ticket at a window that serves both.
    fn older_in(&self, line_id: &LineId, lane: Lane, key: &Key) -> u32 {
        let target = Target::Line { line_id: line_id.clone() };
        let before = self.queues.before(&target, lane, key);
        to_count(match lane {
            Lane::Topped => before,
            Lane::Of(class) => before + self.before_class(&target, class),
        })
    }

    /// How many stand before a class in a queue by what they are.
    fn before_class(&self, target: &Target, class: Class) -> usize {
        let lanes = Lane::all().take_while(|lane| *lane != Lane::Of(class));
        lanes.map(|lane| self.queues.count(target, lane)).sum()
    }

    /// How many in a queue are called before somebody who was not moved to the top: those before in the
    /// own class, those of later classes who take their turns, those of earlier classes who pass.
    fn ahead_of(&self, stand: &Stand<'_>) -> usize {
        let others = |class: Class| self.queues.count(stand.target, Lane::Of(class));
        let turns = match self.doc.policy.bound(stand.class) {
            ..=1 => 0,
            bound => self.until_turn(stand.line_id, stand.class) + stand.before * (bound as usize - 1),
        };
        let earlier = Class::ALL.into_iter().filter(|class| *class < stand.class).rev();
        let mut ahead = stand.before;
        for class in earlier {
            ahead += self.passing(stand, class, ahead);
        }
        let taken = ahead - stand.before;
        ahead + stand.class.later().map(others).sum::<usize>().min(turns.saturating_sub(taken))
    }

    /// How many of an earlier class are called among so many others, until the wait is over the limit: then
    /// nobody who came later passes any more.
    fn passing(&self, stand: &Stand<'_>, class: Class, others: usize) -> usize {
        let gap = self.doc.policy.bound(class).saturating_sub(1) as usize;
        let until_turn = self.until_turn(stand.line_id, class);
        let among = |calls: usize, waiting: usize| match gap {
            0 => waiting,
            _ if calls < until_turn => 0,
            _ => waiting.min(1 + (calls - until_turn) / gap),
        };
        let waiting = self.queues.count(stand.target, Lane::Of(class));
        if !Class::PREFERRED.contains(&class) {
            return among(others, waiting);
        }
        let queue = self.queues.queue(stand.target, Lane::Of(class));
        let older = queue.map_or(0, |queue| queue.iter().take_while(|key| key.from < stand.from).count());
        let until_over = self.calls_until_over_limit(stand);
        among(others.min(until_over), waiting).max(among(others, older))
    }

    /// Calls to others that a line is to see before a class has its turn.
    fn until_turn(&self, line_id: &LineId, class: Class) -> usize {
        let gap = self.doc.policy.bound(class).saturating_sub(1);
        let since = self.doc.lines.get(line_id).and_then(|line| line.balance.since(class));
        since.map_or(0, |calls| gap.saturating_sub(calls) as usize)
    }

    /// How many of a queue are called, about, until somebody has waited to the limit.
    fn calls_until_over_limit(&self, stand: &Stand<'_>) -> usize {
        let rest_ms = stand.from + self.doc.policy.over_limit_ms - self.doc.recorded_at;
        let windows = self.windows().filter(|window| window.is_open() && is_for(window, stand.line_id, stand.target)).count();
        let calls = rest_ms.max(0) / self.turn(stand.line_id).mean_ms.max(1);
        usize::try_from(calls).unwrap_or(usize::MAX).saturating_mul(windows.max(1))
    }

    fn wait_behind(&self, line_id: &LineId, target: &Target, ahead: u32, older_in: &dyn Fn(&LineId) -> u32) -> Wait {
        let staffed = |window: &&Window| window.is_open() || self.rest_of_pause_ms(window).is_some();
        let mut pool: Vec<&Window> = self.windows().filter(staffed).filter(|window| is_for(window, line_id, target)).collect();
        let starts_in_ms = if pool.is_empty() { self.staffed_in_ms(line_id, target, &mut pool) } else { 0 };
        let n = Millis::try_from(pool.len().max(1)).unwrap_or(1);
        let own = self.turn(line_id);
        let mut work = Work::default();
        work.add(own, Millis::from(ahead) * 100);
        work.add(own, self.returning(line_id) * 100);
        for line in self.doc.lines.values().filter(|line| line.id != *line_id) {
            let waiting = older_in(&line.id);
            let shared = pool.iter().filter(|window| window.current_line_ids().contains(&line.id)).count();
            if waiting > 0 && shared > 0 {
                let serving = self.windows().filter(staffed).filter(|window| window.current_line_ids().contains(&line.id)).count();
                let share = Millis::try_from(shared * 100 / serving.max(shared)).unwrap_or(100);
                work.add(self.turn(&line.id), Millis::from(waiting) * share);
            }
        }
        let busy: Vec<Millis> = pool.iter().filter_map(|window| self.remaining_ms(window)).collect();
        let free = n - Millis::try_from(busy.len()).unwrap_or(n).min(n);
        if work.hundredths < free * 100 && starts_in_ms == 0 {
            return Wait::default();
        }
        let normal_ms = (work.sum_ms + busy.iter().sum::<Millis>() - (n - 1) * own.residual_ms()).max(0) / n + starts_in_ms;
        let scatter_ms = (work.variance + own.deviation_ms * own.deviation_ms / 2).max(0).isqrt() / n;
        let calibration = self.doc.lines.get(line_id).map(|line| line.calibration.clone()).unwrap_or_default();
        let told = |wait_ms: Millis| to_s(calibration.stretch(wait_ms.max(0)));
        Wait { normal_s: told(normal_ms), optimistic_s: told(normal_ms - scatter_ms * OPTIMISM_TENTHS / 10) }
    }

    /// Missed tickets of a line that come back before everybody who waits.
    fn returning(&self, line_id: &LineId) -> Millis {
        let returns = |ticket: &&Ticket| ticket.line_id == *line_id && matches!(ticket.state, TicketState::Missed { returns: true, .. });
        let tickets = self.queues.missed().filter_map(|id| self.tickets.get(id));
        Millis::try_from(tickets.filter(returns).count()).unwrap_or(0)
    }

    fn turn(&self, line_id: &LineId) -> Turn {
        let assumed_ms = self.doc.policy.assumed_service_ms;
        let line = self.doc.lines.get(line_id);
        line.map_or(Turn { mean_ms: assumed_ms, deviation_ms: 0 }, |line| line.turn_times.expected(self.doc.recorded_at, assumed_ms))
    }

    /// What is left of a pause that still counts as serving: half of the time for which it counts, and
    /// a little when it lasts longer.
    fn rest_of_pause_ms(&self, window: &Window) -> Option<Millis> {
        let WindowState::Paused { since, .. } = &window.state else { return None };
        let (lead_ms, elapsed_ms) = (self.doc.policy.roster_lead_ms, self.doc.recorded_at - since);
        (elapsed_ms <= lead_ms).then(|| (lead_ms / 2 - elapsed_ms).max(lead_ms / 10))
    }

    /// How long a window keeps the ticket it has or pauses, as of the newest event; `None` for a free one.
    fn remaining_ms(&self, window: &Window) -> Option<Millis> {
        if let Some(rest_ms) = self.rest_of_pause_ms(window) {
            return Some(rest_ms);
        }
        let ticket = self.tickets.get(window.serving.as_ref()?)?;
        let turn = self.turn(&ticket.line_id);
        let elapsed_ms = self.doc.recorded_at - ticket.state.at_window_since()?;
        Some((turn.mean_ms - elapsed_ms).max(turn.deviation_ms * OVERTIME_TENTHS / 10))
    }

    /// When nobody serves the line now: how long until the first shift begins, and at which windows.
    fn staffed_in_ms<'a>(&'a self, line_id: &LineId, target: &Target, pool: &mut Vec<&'a Window>) -> Millis {
        let (now, lead_ms) = (self.doc.recorded_at, self.doc.policy.roster_lead_ms);
        let mut first_ms = None;
        for window in self.windows().filter(|window| is_for(window, line_id, target)) {
            let shifts = self.shifts_of(&window.id).filter(|(_, ends_at)| *ends_at > now);
            let in_ms = shifts.map(|(starts_at, _)| (starts_at - now).max(0)).min().filter(|in_ms| *in_ms <= lead_ms);
            if let Some(in_ms) = in_ms {
                pool.push(window);
                first_ms = Some(first_ms.unwrap_or(in_ms).min(in_ms));
            }
        }
        first_ms.unwrap_or(0)
    }
}

/// Work that is ahead.
#[derive(Debug, Default)]
struct Work {
    /// Tickets, in hundredths, since of another line only a share may be ours.
    hundredths: Millis,
    sum_ms: Millis,
    variance: Millis,
}

impl Work {
    fn add(&mut self, turn: Turn, hundredths: Millis) {
        self.hundredths += hundredths;
        self.sum_ms += turn.mean_ms * hundredths / 100;
        self.variance += turn.deviation_ms * turn.deviation_ms / 100 * hundredths;
    }
}

impl Turn {
    /// What is left of a turn that somebody comes upon, on average.
    fn residual_ms(self) -> Millis {
        (self.mean_ms * self.mean_ms + self.deviation_ms * self.deviation_ms) / (2 * self.mean_ms).max(1)
    }
}

fn is_for(window: &Window, line_id: &LineId, target: &Target) -> bool {
    match target {
        Target::Line { .. } => window.current_line_ids().contains(line_id),
        Target::Window { window_id } => window.id == *window_id,
    }
}

fn to_s(ms: Millis) -> u32 {
    u32::try_from(ms.max(0) / 1000).unwrap_or(u32::MAX)
}

fn to_count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
