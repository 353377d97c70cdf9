//! What the person in charge sees at the machine itself: line, printer, room on the disk, version, what waits; and a page
//! printed on touch. Nothing here tells of a citizen.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use edge::clock::rfc3339;
use edge::disk::{LOW_BYTES, free_bytes};
use edge::problem::json_body;
use protocol::device::{DeviceCommand, FromDevice};
use protocol::slip::PrinterStatus;
use serde::Serialize;

use super::{Answer, Kiosk, Trouble};
use crate::keeper::{Keeper, KeeperState, TakeOverWish};
use crate::page::{key, reply};

/// The machine the kiosk runs on.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Host and port of the server.
    pub server: String,
    /// Folder of the data.
    pub data: PathBuf,
}

/// How the kiosk is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Care {
    /// Id of the device, once it is known.
    pub device_id: Option<String>,
    /// Version of the program.
    pub version: &'static str,
    /// Host and port of the server.
    pub server: String,
    /// Whether the line is up.
    pub online: bool,
    /// Whether the hall's keeper answers in the place of the server.
    pub is_beside: bool,
    /// Since when it is so, RFC 3339.
    pub since: String,
    /// When the server was last heard, RFC 3339.
    pub last_heard: Option<String>,
    /// The machine's time as the hall has it, RFC 3339.
    pub now: String,
    /// The printer beside it; `None` where the hall has none, or before it was told.
    pub printer: Option<PrinterStatus>,
    /// Whether the reader of identity cards answers; `None` without one.
    pub has_reader: Option<bool>,
    /// Free bytes on the disk of the data; `None` when it cannot be looked at.
    pub disk_free: Option<u64>,
    /// Whether that is too little.
    pub is_disk_low: bool,
    /// Commands whose end is not known yet.
    pub open_commands: u32,
    /// Lines and matters it knows.
    pub lines: u32,
    /// Matters it knows.
    pub matters: u32,
    /// The hall's keeper, where this kiosk can be it.
    pub keeper: Option<KeeperState>,
    /// What this machine wrote down was damaged when the program started.
    pub was_damaged: bool,
    /// Who can let it take over from the keeper, while that can be.
    pub supervisors: Vec<Supervisor>,
    /// Why it cannot work at all.
    pub trouble: Option<Trouble>,
}

/// Somebody who can let this kiosk take over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Supervisor {
    /// Login name.
    pub username: String,
    /// Name for colleagues.
    pub name: String,
}

/// The routes of the person in charge.
pub fn routes(kiosk: Kiosk, machine: Machine) -> Router {
    Router::new()
        .route("/local/care", get(care))
        .route("/local/care/test-print", post(test_print))
        .route("/local/care/take-over", post(take_over))
        .with_state((kiosk, Arc::new(machine)))
}

type Desk = (Kiosk, Arc<Machine>);

async fn care(State((kiosk, machine)): State<Desk>) -> Json<Care> {
    Json(kiosk.care(&machine, free_bytes(&machine.data).ok()))
}

async fn test_print(State((kiosk, _)): State<Desk>, headers: HeaderMap) -> Response {
    reply(kiosk.test_print(key(&headers)).await)
}

async fn take_over(State((kiosk, _)): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let wish = match json_body::<TakeOverWish>(&headers, &body) {
        Ok(wish) => wish,
        Err(refusal) => return *refusal,
    };
    match &kiosk.0.keeper {
        Some(keeper) => reply(keeper.take_over_by_pin(wish).await),
        None => reply(super::own(409, "not_a_keeper", "不能接管", "这台取号机没有以守门机方式运行（启动时加 --keeper）", "")),
    }
}

/// How often the machine is looked at for what somebody far away should know, in milliseconds.
const LOOK_MS: u64 = 10_000;

/// What is wrong with the machine, for the person in charge; `None` where nothing is. `has_reader` as in [`Care`].
fn machine_trouble(has_reader: Option<bool>, disk_free: Option<u64>) -> Option<String> {
    let reader = (has_reader == Some(false)).then(|| "身份证机具没有回答".to_owned());
    let disk = match disk_free {
        Some(free) if free < LOW_BYTES => Some(format!("硬盘只空 {} MB", free >> 20)),
        Some(_) => None,
        None => Some("硬盘看不了".to_owned()),
    };
    let troubles: Vec<String> = reader.into_iter().chain(disk).collect();
    (!troubles.is_empty()).then(|| troubles.join("；"))
}

impl Kiosk {
    /// Tells the service what is wrong with the machine, when that changes and after every cut; runs until the program ends.
    pub async fn tell_troubles(self, data: PathBuf) {
        let mut told: Option<Option<String>> = None;
        loop {
            let has_reader = self.state().reader.map(|reader| reader.is_ready);
            let trouble = machine_trouble(has_reader, free_bytes(&data).ok());
            if !self.0.line.online() {
                told = None;
            } else if told.as_ref() != Some(&trouble) {
                self.0.line.send(FromDevice::Status { printer: None, error: trouble.clone() }).await;
                told = Some(trouble);
            }
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
    }

    /// How the kiosk is, for the person in charge.
    fn care(&self, machine: &Machine, disk_free: Option<u64>) -> Care {
        let state = self.state();
        let open = self.0.spool.commands().map(|rows| rows.iter().filter(|row| row.reply.is_none()).count());
        let view = self.0.view();
        Care {
            device_id: view.config.as_ref().map(|config| config.device_id.clone()),
            version: env!("CARGO_PKG_VERSION"),
            server: machine.server.clone(),
            online: state.online && !view.is_beside,
            is_beside: view.is_beside && state.online,
            since: state.since,
            last_heard: view.heard_ms.map(rfc3339),
            now: state.now,
            printer: self.printer(&view).flatten(),
            has_reader: state.reader.map(|reader| reader.is_ready),
            disk_free,
            is_disk_low: disk_free.is_some_and(|free| free < LOW_BYTES),
            open_commands: open.ok().and_then(|open| u32::try_from(open).ok()).unwrap_or(u32::MAX),
            lines: count(view.lines.len()),
            matters: count(view.matters.len()),
            was_damaged: state.was_damaged,
            supervisors: self.0.keeper.as_ref().map(Keeper::supervisors).unwrap_or_default(),
            keeper: state.keeper,
            trouble: state.trouble,
        }
    }

    /// Prints the test page on the printer beside it.
    async fn test_print(&self, key: &str) -> Answer {
        self.command(key, DeviceCommand::TestPrint {}).await
    }
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_machine_is_said_in_words() {
        let room = Some(LOW_BYTES);
        assert_eq!(machine_trouble(None, room), None);
        assert_eq!(machine_trouble(Some(true), room), None);
        assert_eq!(machine_trouble(Some(false), room).as_deref(), Some("身份证机具没有回答"));
        let both = machine_trouble(Some(false), Some(120 << 20));
        assert_eq!(both.as_deref(), Some("身份证机具没有回答；硬盘只空 120 MB"));
    }
}
