//! Trouble by a seed: lines cut in both or one direction, held back, machines that die, paper that ends.
//! Everything ends: each trouble has its end drawn when it begins.

use turmoil::Sim;

use super::world::{PRINTERS, SERVER, TROUBLED, World};

/// One trouble under way.
enum Kind {
    /// No word passes.
    Cut(&'static str),
    /// No word passes from the first to the second.
    CutOneWay(&'static str, &'static str),
    /// Words pass late, all at once.
    Held(&'static str),
    /// The machine is off.
    Dead(&'static str),
    /// The printer has no paper.
    Dry(usize),
}

/// The troubles of a run.
pub(super) struct Trouble {
    rng: fastrand::Rng,
    next_ms: u128,
    /// With the time when each ends.
    running: Vec<(u128, Kind)>,
    count: usize,
}

impl Trouble {
    pub(super) fn new(seed: u64) -> Self {
        Self { rng: fastrand::Rng::with_seed(seed), next_ms: 4_000, running: Vec::new(), count: 0 }
    }

    /// How many there were.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Begins and ends what is due.
    pub(super) fn step(&mut self, sim: &mut Sim<'_>, world: &World) {
        let now_ms = sim.elapsed().as_millis();
        let (over, running): (Vec<_>, Vec<_>) = self.running.drain(..).partition(|(until_ms, _)| *until_ms <= now_ms);
        self.running = running;
        for (_, kind) in over {
            finish(&kind, sim, world);
        }
        if now_ms >= self.next_ms {
            self.next_ms = now_ms + u128::from(self.rng.u64(500..5_000));
            self.begin(now_ms, sim, world);
        }
    }

    /// Ends everything.
    pub(super) fn end(&mut self, sim: &mut Sim<'_>, world: &World) {
        for (_, kind) in self.running.drain(..) {
            finish(&kind, sim, world);
        }
    }

    fn is_in_trouble(&self, host: &str) -> bool {
        self.running.iter().any(|(_, kind)| match kind {
            Kind::Cut(one) | Kind::Held(one) | Kind::Dead(one) => *one == host,
            Kind::CutOneWay(from, to) => *from == host || *to == host,
            Kind::Dry(_) => false,
        })
    }

    fn begin(&mut self, now_ms: u128, sim: &mut Sim<'_>, world: &World) {
        let host = TROUBLED[self.rng.usize(..TROUBLED.len())];
        let (kind, ms_max) = match self.rng.u32(0..10) {
            0 | 1 => (Kind::Cut(host), 40_000),
            2 => (Kind::CutOneWay(host, SERVER), 30_000),
            3 => (Kind::CutOneWay(SERVER, host), 30_000),
            4 | 5 => (Kind::Held(host), 12_000),
            6 | 7 => (Kind::Dead(host), 15_000),
            8 => (Kind::Dead(SERVER), 12_000),
            _ => (Kind::Dry(self.rng.usize(..PRINTERS.len())), 30_000),
        };
        let busy = match &kind {
            Kind::Dead(SERVER) => self.is_in_trouble(SERVER) || self.running.iter().any(|(_, kind)| matches!(kind, Kind::CutOneWay(..))),
            Kind::Dry(_) => false,
            _ => self.is_in_trouble(host),
        };
        if busy {
            return;
        }
        self.count += 1;
        match &kind {
            Kind::Cut(host) => sim.partition(*host, SERVER),
            Kind::CutOneWay(from, to) => sim.partition_oneway(*from, *to),
            Kind::Held(host) => sim.hold(*host, SERVER),
            Kind::Dead(host) => sim.crash(*host),
            Kind::Dry(printer) => world.set_dry(*printer, true),
        }
        self.running.push((now_ms + u128::from(self.rng.u64(500..ms_max)), kind));
    }
}

fn finish(kind: &Kind, sim: &mut Sim<'_>, world: &World) {
    match kind {
        Kind::Cut(host) => sim.repair(*host, SERVER),
        Kind::CutOneWay(from, to) => sim.repair_oneway(*from, *to),
        Kind::Held(host) => sim.release(*host, SERVER),
        Kind::Dead(host) => sim.bounce(*host),
        Kind::Dry(printer) => world.set_dry(*printer, false),
    }
}
