//! The local network between the two kiosks: while the line to the server is cut, one that decides nothing is connected
//! to the one that does, takes numbers there for its people and follows the hall. The network is cut too now and then.

use std::collections::VecDeque;

use edge::session::SessionEvent;
use kiosk::keeper::Neighbour;
use protocol::device::{DeviceCommand, DeviceConfig, DeviceKind, FromDevice, ToDevice};
use tokio::time::Instant;

use super::hall::{LINE, SITE};
use super::machine::Machine;

/// How often a kiosk without a session tries, and how often it hears what happened, in milliseconds.
const LOOK_MS: i64 = 1_000;

/// One session of one kiosk at the other.
struct Session {
    host: usize,
    neighbour: Neighbour,
}

/// See the file's head.
#[derive(Default)]
pub(super) struct Lan {
    pub(super) is_cut: bool,
    back_ms: Option<i64>,
    session: Option<Session>,
    looks_ms: i64,
}

impl Lan {
    pub(super) fn cut(&mut self, now_ms: i64, for_ms: i64) {
        (self.is_cut, self.back_ms) = (true, Some(now_ms + for_ms));
    }

    /// Ends what is over, begins what can be, and lets the one hear the other.
    pub(super) fn step(&mut self, machines: &mut [Machine; 2], now_ms: i64) {
        if self.back_ms.is_some_and(|at| at <= now_ms) {
            (self.back_ms, self.is_cut) = (None, false);
        }
        if let Some(host) = self.session.as_ref().map(|session| session.host)
            // Who decides itself is let go.
            && (self.is_cut || !decides(&machines[host]) || decides(&machines[1 - host]) || machines[1 - host].keeper.is_none())
        {
            self.session = None;
            if let Some(keeper) = &machines[1 - host].keeper {
                keeper.on_event(&SessionEvent::Disconnected { since: Instant::now() });
            }
        }
        if now_ms < self.looks_ms || self.is_cut {
            return;
        }
        self.looks_ms = now_ms + LOOK_MS;
        if self.session.is_none() {
            self.begin(machines);
        }
        self.tell(machines);
    }

    /// The server is tried first, so only who has no session there comes.
    fn begin(&mut self, machines: &[Machine; 2]) {
        let comes = |host: &usize| decides(&machines[*host]) && !machines[1 - host].is_connected && machines[1 - host].keeper.is_some();
        let Some(host) = [0, 1].into_iter().find(comes) else { return };
        let (guest, mut neighbour) = (&machines[1 - host], Neighbour::default());
        let (Some(keeper), Some(own)) = (&machines[host].keeper, &guest.keeper) else { return };
        for said in own.on_event(&SessionEvent::Connected(config(guest, keeper.now_ms()))) {
            if let Some(frame) = neighbour.take(keeper, &guest.device.id, said) {
                own.on_event(&SessionEvent::Frame(frame));
            }
        }
        // Two that decide hear of each other, and no more.
        if decides(guest) {
            own.on_event(&SessionEvent::Disconnected { since: Instant::now() });
        } else {
            self.session = Some(Session { host, neighbour });
        }
    }

    fn tell(&mut self, machines: &[Machine; 2]) {
        let Some(Session { host, neighbour }) = &mut self.session else { return };
        let (Some(keeper), Some(own)) = (&machines[*host].keeper, &machines[1 - *host].keeper) else { return };
        let mut frames = VecDeque::from(neighbour.show(keeper));
        while let Some(frame) = frames.pop_front() {
            for said in own.on_event(&SessionEvent::Frame(frame)) {
                frames.extend(neighbour.take(keeper, &machines[1 - *host].device.id, said));
            }
        }
    }

    /// The machine at which somebody's kiosk is a guest.
    pub(super) fn host_of(&self, guest: usize) -> Option<usize> {
        self.session.as_ref().map(|session| session.host).filter(|host| *host != guest)
    }

    /// A number for somebody at the guest: status and body.
    pub(super) fn number(&mut self, machines: &[Machine; 2], key: &str) -> Option<(u16, serde_json::Value)> {
        let Session { host, neighbour } = self.session.as_mut()?;
        let keeper = machines[*host].keeper.as_ref()?;
        let command = DeviceCommand::IssueTicket {
            line_id: Some(LINE.to_owned()),
            matter_ids: None,
            priority: None,
            holder: None,
            phone: None,
            no_slip: false,
        };
        let said = FromDevice::Command { key: key.to_owned(), command };
        match neighbour.take(keeper, &machines[1 - *host].device.id, said) {
            Some(ToDevice::Reply { status, body, .. }) => Some((status, body)),
            _ => None,
        }
    }
}

fn decides(machine: &Machine) -> bool {
    machine.keeper.as_ref().is_some_and(kiosk::keeper::Keeper::is_deciding)
}

/// What a keeper tells another kiosk first.
fn config(guest: &Machine, now_ms: i64) -> DeviceConfig {
    DeviceConfig {
        device_id: guest.device.id.clone(),
        kind: DeviceKind::Kiosk,
        site_id: SITE.to_owned(),
        site_name: String::new(),
        site_phone: None,
        window_id: None,
        now_ms,
        printer_profile: None,
        public_url: None,
        missed_rule: None,
        keeper_url: None,
        standby_urls: Vec::new(),
        from_keeper: true,
    }
}
