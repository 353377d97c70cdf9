//! The cores of the three hall devices as their programs put them together, for tests that run them in
//! this process or in a simulation: any connector, any driver, data in a given folder.

use std::path::Path;

use display::Display;
use edge::clock::HallClock;
use edge::connect::Connect;
use edge::pairing::starting_token;
use edge::session::{Position, Session, SessionSettings};
use edge::spool::Spool;
use edge::token::Token;
use kiosk::Kiosk;
use printer::agent::{Agent, kept_profile};
use printer::driver::Driver;
use printer::jobs::{Renderer, Worker};
use printer::spool::JobSpool;
use slip::Fonts;
use slip::fonts::DEBIAN_NOTO_CJK;

/// Who a device is and where its server is.
#[derive(Debug, Clone)]
pub(crate) struct Station<C> {
    pub(crate) connector: C,
    pub(crate) authority: String,
    pub(crate) token: &'static str,
    pub(crate) now_ms: i64,
    pub(crate) seed: u64,
}

impl<C: Connect> Station<C> {
    fn session(self, spool: &Spool, position: Position) -> Session {
        let token = starting_token(spool, Some(&Token::new(self.token))).expect("the spool keeps the token");
        let settings = SessionSettings { authority: self.authority, version: "test".to_owned(), seed: self.seed, damaged: Vec::new() };
        Session::open(self.connector, settings, token, position)
    }
}

/// A printer agent; it runs as long as what is given back is polled.
pub(crate) fn printer<C: Connect, D: Driver>(station: Station<C>, data: &Path, driver: D) -> impl Future<Output = ()> + use<C, D> {
    std::fs::create_dir_all(data).expect("a folder");
    let (spool, job_spool) = (Spool::open(data).expect("a spool"), JobSpool::open(data).expect("a spool of jobs"));
    let clock = HallClock::starting_at(station.now_ms);
    let (profile, newest) = tokio::sync::watch::channel(kept_profile(&spool).expect("a profile"));
    let fonts = Fonts::from_files(&DEBIAN_NOTO_CJK).expect("fonts-noto-cjk is installed");
    let worker = Worker::new(job_spool.clone(), driver, Renderer::new(fonts, newest), clock.clone());
    let session = station.session(&spool, None);
    let agent = Agent { spool, job_spool, jobs: worker.jobs(), view: worker.view(), profile, line: session.line.clone(), clock };
    async move {
        tokio::select! {
            () = worker.run() => {}
            () = agent.run(session.events) => {}
        }
    }
}

/// A display and what keeps it going.
pub(crate) fn display<C: Connect>(station: Station<C>, data: &Path) -> (Display, impl Future<Output = ()> + use<C>) {
    let spool = Spool::open(data).expect("a spool");
    let clock = HallClock::starting_at(station.now_ms);
    let position = Display::kept_position(&spool).expect("a position");
    let session = station.session(&spool, position);
    let display = Display::new(spool, session.line.clone(), clock).expect("a display");
    (display.clone(), display.run(session.events))
}

/// A kiosk and what keeps it going.
pub(crate) fn kiosk<C: Connect>(station: Station<C>, data: &Path) -> (Kiosk, impl Future<Output = ()> + use<C>) {
    let spool = Spool::open(data).expect("a spool");
    let clock = HallClock::starting_at(station.now_ms);
    let session = station.session(&spool, None);
    let kiosk = Kiosk::new(spool, session.line.clone(), clock).expect("a kiosk");
    (kiosk.clone(), kiosk.run(session.events))
}
