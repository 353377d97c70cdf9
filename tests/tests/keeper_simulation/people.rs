//! The people of the hall: clerks at their windows and citizens at the kiosk. They ask the keeper's address, whoever
//! answers behind it, and ask again with the same key until they are told something.

use domain::case::Staff;
use domain::hall::{Command, Hall, Outcome, Position, Target};
use domain::ids::{SiteId, StaffId, WindowId};
use domain::rights::{Operation, Role};
use kiosk::keeper::{RetryKey, Who, fresh_ticket};
use protocol::device::DeviceCommand;
use server::app::caller::{Caller, DeviceCaller, Permit, StaffCaller};
use server::app::retry::{KEEP_DEVICE_MS, KEEP_MS, Retry};

use super::hall::{DEVICES, LINE, SITE, SITE_KEY};

/// What somebody wants, under one key until it is answered.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) key: String,
    pub(super) what: What,
}

/// What can be wanted.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// A number.
    Number,
    /// Something at a window.
    Act(Box<Command>),
}

/// A clerk at a window, or the citizens at a kiosk.
#[derive(Debug)]
pub(super) struct Person {
    /// Number of the window; 0 for a kiosk.
    pub(super) window: u16,
    /// The kiosk, or the machine whose address the window's computer has open.
    pub(super) machine: usize,
    pub(super) next_ms: i64,
    pub(super) wanted: Option<Wanted>,
    pub(super) asked: u64,
}

impl Person {
    pub(super) fn at_kiosk(machine: usize) -> Self {
        Self { window: 0, machine, next_ms: 500, wanted: None, asked: 0 }
    }

    pub(super) fn at_window(window: u16) -> Self {
        Self { window, machine: 0, next_ms: 500, wanted: None, asked: 0 }
    }

    pub(super) fn staff(&self) -> StaffId {
        StaffId::new(SITE_KEY, &format!("sim{}", self.window))
    }

    fn window_id(&self) -> WindowId {
        WindowId::new(SITE_KEY, &self.window.to_string())
    }

    /// What is wanted next, by what the hall looks like.
    pub(super) fn want(&mut self, hall: Option<&Hall>, rng: &mut fastrand::Rng) -> Option<Wanted> {
        if let Some(wanted) = &self.wanted {
            return Some(wanted.clone());
        }
        let what =
            if self.window == 0 { Some(What::Number) } else { hall.and_then(|hall| self.act(hall, rng)).map(Box::new).map(What::Act) };
        self.asked += 1;
        let key = format!("{}-{}-{}", self.window, if self.window == 0 { self.machine } else { 0 }, self.asked);
        self.wanted = what.map(|what| Wanted { key, what });
        self.wanted.clone()
    }

    fn act(&self, hall: &Hall, rng: &mut fastrand::Rng) -> Option<Command> {
        let (window_id, own) = (self.window_id(), hall.window(&self.window_id())?);
        if own.staff() != Some(&self.staff()) || !own.is_open() {
            return Some(Command::OpenWindow { window_id, line_ids: None });
        }
        let Some(ticket) = own.serving.as_ref().and_then(|id| hall.ticket(id)) else {
            let aside = if rng.u32(0..4) == 0 { aside(hall, rng) } else { None };
            return Some(aside.unwrap_or_else(|| match rng.u32(0..12) {
                0 => Command::PauseWindow { window_id, text: None },
                _ => Command::CallNext { window_id },
            }));
        };
        let ticket_id = ticket.id.clone();
        Some(match (ticket.state.name(), rng.u32(0..9)) {
            ("called", 0) => Command::Miss { ticket_id, reason: None },
            ("called", 1) => Command::Recall { ticket_id },
            ("called", 2) | (_, 0) => Command::Park { ticket_id, reason: None },
            ("called", _) => Command::Start { ticket_id },
            (_, 1) => {
                let other = WindowId::new(SITE_KEY, &(self.window % 3 + 1).to_string());
                Command::Transfer { ticket_id, to: Target::Window { window_id: other }, position: Position::First, holder_keys: Vec::new() }
            }
            _ => Command::Finish { ticket_id, outcome: Outcome::Consulted },
        })
    }

    /// Method, path and body by which both sides know the request again.
    fn scope(&self, what: &What) -> (String, &'static str, String, Vec<u8>) {
        match what {
            What::Number => {
                let command = DeviceCommand::IssueTicket {
                    line_id: Some(LINE.to_owned()),
                    matter_ids: None,
                    priority: None,
                    holder: None,
                    phone: None,
                    no_slip: false,
                };
                let body = serde_json::to_vec(&command).expect("a command");
                (DEVICES[self.machine].to_owned(), "SESSION", "/devices/session".to_owned(), body)
            }
            What::Act(command) => (self.staff().to_string(), "POST", format!("/{}", name(command)), Vec::new()),
        }
    }

    pub(super) fn retry(&self, wanted: &Wanted) -> Retry {
        let (caller, method, path, body) = self.scope(&wanted.what);
        Retry::new(&caller, method, &path, &wanted.key, &body, if self.window == 0 { KEEP_DEVICE_MS } else { KEEP_MS })
    }

    pub(super) fn retry_key(&self, wanted: &Wanted) -> RetryKey {
        let (caller, method, path, body) = self.scope(&wanted.what);
        RetryKey::new(&caller, method, &path, &wanted.key, &body, KEEP_MS)
    }

    pub(super) fn who(&self) -> Who {
        if self.window == 0 { Who::Kiosk } else { Who::Staff { id: self.staff(), supervises: false } }
    }

    /// The command for the keeper.
    pub(super) fn command(&self, wanted: &Wanted, now: i64) -> Command {
        match &wanted.what {
            What::Act(command) => (**command).clone(),
            What::Number => {
                let line = domain::ids::LineId::parse(LINE).expect("a line");
                let ordinary = domain::hall::Priority::Ordinary;
                Command::Issue(fresh_ticket(SITE_KEY, &[line], Vec::new(), ordinary, now).expect("randomness"))
            }
        }
    }

    pub(super) fn permit(&self) -> Permit {
        if self.window == 0 {
            return Caller::Device(device(self.machine)).permit(Operation::IssueTicket, SITE).expect("a kiosk may");
        }
        staff_permit(self.staff(), Role::Clerk, Operation::OperateWindow)
    }
}

/// Something with a number that stands at no window: whoever missed it or was set aside is back, whoever waits is sent to
/// a window or back to the line, or goes home.
fn aside(hall: &Hall, rng: &mut fastrand::Rng) -> Option<Command> {
    // Whoever was left to another keeper stands before that one.
    let tickets: Vec<_> = hall.tickets().filter(|ticket| ticket.state.at_window().is_none() && !hall.is_left(&ticket.id)).collect();
    let ticket = rng.choice(tickets)?;
    let ticket_id = ticket.id.clone();
    Some(match (ticket.state.name(), rng.u32(0..3)) {
        ("missed", _) => Command::Requeue { ticket_id },
        ("parked", _) => Command::Resume { ticket_id },
        (_, 0) => Command::Abandon { ticket_id },
        (_, 1) => Command::Transfer {
            ticket_id,
            to: Target::Line { line_id: ticket.line_id.clone() },
            position: Position::Last,
            holder_keys: Vec::new(),
        },
        _ => {
            let window_id = WindowId::new(SITE_KEY, &rng.u32(1..4).to_string());
            Command::Transfer { ticket_id, to: Target::Window { window_id }, position: Position::Lifetime, holder_keys: Vec::new() }
        }
    })
}

fn name(command: &Command) -> String {
    serde_json::to_value(command).ok().and_then(|value| value["type"].as_str().map(str::to_owned)).unwrap_or_default()
}

pub(super) fn device(machine: usize) -> DeviceCaller {
    DeviceCaller { id: DEVICES[machine].to_owned(), kind: protocol::device::DeviceKind::Kiosk, site_id: SITE.to_owned(), window_id: None }
}

/// A permit of somebody at the centre.
pub(super) fn staff_permit(id: StaffId, role: Role, operation: Operation) -> Permit {
    let site = SiteId::parse(SITE).expect("a site");
    let staff = Staff {
        id,
        roles: vec![role],
        subtree: vec![site.clone()],
        site,
        department: None,
        decides_instant: false,
        outsourced: false,
        bases: Vec::new(),
        covers: Vec::new(),
    };
    let caller = StaffCaller { staff, name: String::new(), username: "sim".to_owned(), session: Vec::new(), must_change_password: false };
    Caller::Staff(Box::new(caller)).permit(operation, SITE).expect("the role may")
}
