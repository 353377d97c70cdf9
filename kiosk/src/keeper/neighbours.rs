//! The other kiosks of the hall at its keeper, while the line is cut: numbers for whoever stands there, from the keeper's
//! own series, and the hall to follow, so that a person can let one of them take over.

use std::collections::BTreeSet;

use domain::ids::{LineId, MatterId};
use edge::commands::KEY_CHARS_MAX;
use edge::spool::SpoolError;
use protocol::device::{DeviceCommand, FromDevice, KioskLine, KioskMatter, Opening, Question, ToDevice};
use protocol::keeper::{EntryText, FromKeeper, HallSnapshot, ToKeeper};
use protocol::keeper_clock::ClockText;
use protocol::slip::PrinterStatus;

use super::api::priority_of;
use super::{Keeper, RetryKey, Who, fresh_ticket};
use crate::kiosk::own;
use crate::{Answer, Wish};

/// How long an outcome is kept for a device, as the server does.
const KEEP_DEVICE_MS: i64 = 60 * 24 * 3_600_000;
/// Entries that are read at once.
const ENTRIES_AT_ONCE: u32 = 200;

/// What another kiosk was told last.
#[derive(Debug, Default)]
pub struct Neighbour {
    lines: Option<(Vec<KioskLine>, Option<Opening>)>,
    printer: Option<Option<PrinterStatus>>,
    /// The newest entry of the journal that it heard of, while it follows the hall.
    follows: Option<u64>,
    is_over: bool,
}

impl Neighbour {
    /// Lines and hours, how the printer is, and what happened in the hall since.
    #[must_use]
    pub fn show(&mut self, keeper: &Keeper) -> Vec<ToDevice> {
        let mut frames = Vec::new();
        let told = (keeper.lines(), keeper.opening());
        if self.lines.as_ref() != Some(&told) {
            let (lines, opening) = told.clone();
            self.lines = Some(told);
            frames.push(ToDevice::Lines { lines, opening });
        }
        if let Some(status) = keeper.printer().filter(|status| self.printer != Some(*status)) {
            self.printer = Some(status);
            frames.push(ToDevice::Printer { status });
        }
        if let Some(number) = self.follows {
            match keeper.events_behind(number) {
                Ok((told, newest)) => {
                    self.follows = Some(newest);
                    frames.extend(told.into_iter().map(ToDevice::Keeper));
                }
                Err(error) => tracing::error!(%error, "the journal cannot be read for another kiosk"),
            }
        }
        frames
    }

    /// Whether it decides itself and is to be let go: as a guest it would not find the way back to the server.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// What another kiosk says; `None` where nothing is to be answered.
    #[must_use]
    pub fn take(&mut self, keeper: &Keeper, device_id: &str, said: FromDevice) -> Option<ToDevice> {
        match said {
            FromDevice::Command { key, command } => {
                let Answer { status, body, replayed } = match command {
                    DeviceCommand::IssueTicket { line_id, matter_ids, priority, phone, no_slip, .. } => {
                        let wish = Wish { line_id, matter_ids, priority, with_card: false, phone, no_slip };
                        keeper.issue_for(&Who::OtherKiosk(device_id.to_owned()), device_id, &key, wish)
                    }
                    DeviceCommand::CheckIn { appointment_id, no_slip } => {
                        keeper.check_in_for(&Who::OtherKiosk(device_id.to_owned()), device_id, &key, appointment_id, no_slip)
                    }
                    _ => own(503, "offline", "连接中断", "线路断了，这里只能取号、签到，别的等恢复后再办", &key),
                };
                Some(ToDevice::Reply { key, status, body, replayed })
            }
            FromDevice::Ask { id, question } => {
                let Answer { status, body, .. } = match question {
                    Question::FindAppointments { text } => keeper.find_bookings(&text),
                    _ => own(503, "offline", "连接中断", "现在查不了，请到导办台问", ""),
                };
                Some(ToDevice::Told { id, status, body })
            }
            FromDevice::Keeper(FromKeeper::State { is_deciding, .. }) => {
                self.is_over = is_deciding;
                None
            }
            FromDevice::Keeper(FromKeeper::Resync) => {
                let (hall, newest) = keeper.whole()?;
                self.follows = Some(newest);
                Some(ToDevice::Keeper(hall))
            }
            _ => None,
        }
    }
}

/// The key of a touch in the scope of the device session, as the server has it.
fn retry_of(device_id: &str, key: &str, command: &DeviceCommand) -> Result<RetryKey, Box<Answer>> {
    if key.is_empty() || key.len() > KEY_CHARS_MAX || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Box::new(own(422, "idempotency_key", "缺少取号标识", "Idempotency-Key 应为 1 到 64 个可见 ASCII 字符", "")));
    }
    let body = serde_json::to_vec(command).unwrap_or_default();
    Ok(RetryKey::new(device_id, "SESSION", "/devices/session", key, &body, KEEP_DEVICE_MS))
}

impl Keeper {
    /// Takes down which line takes a matter.
    pub fn know_matters(&self, matters: &[KioskMatter]) {
        let lines = matters.iter().filter_map(|matter| Some((matter.id.clone(), matter.line_id.clone()?)));
        self.inner().line_of = lines.collect();
    }

    /// A number for somebody at a kiosk of the hall, while this device decides. Its key is that of the command to the
    /// server: said again there, it gives the same number.
    pub fn issue_for(&self, who: &Who, device_id: &str, key: &str, wish: Wish) -> Answer {
        let unknown = || own(422, "invalid", "没有这条队", "没有这条队，请到导办台问", key);
        let lines = match self.lines_of(&wish) {
            Ok(lines) => lines,
            Err(detail) => return own(422, "invalid", "不能取这个号", detail, key),
        };
        let Some(priority) = priority_of(wish.priority.as_deref()) else { return unknown() };
        let matter_ids = wish.matter_ids.iter().flatten().filter_map(|id| MatterId::parse(id)).collect();
        let Some(ticket) = fresh_ticket(&self.house().site_key, &lines, matter_ids, priority, self.now_ms()) else {
            return own(503, "unavailable", "现在不能取号", "现在不能取号，请再试一次", key);
        };
        // The keeper has nothing to seal a name or a phone with: while the line is cut, numbers are nobody's.
        let Wish { line_id, matter_ids, priority, phone, no_slip, .. } = wish;
        let command = DeviceCommand::IssueTicket { line_id, matter_ids, priority, holder: None, phone, no_slip };
        match retry_of(device_id, key, &command) {
            Ok(retry) => self.issue(who, ticket, no_slip, Some(retry)),
            Err(bad) => *bad,
        }
    }

    /// The number of an appointment, for somebody at a kiosk of the hall, while this device decides.
    pub fn check_in_for(&self, who: &Who, device_id: &str, key: &str, appointment_id: String, no_slip: bool) -> Answer {
        let command = DeviceCommand::CheckIn { appointment_id: appointment_id.clone(), no_slip };
        match retry_of(device_id, key, &command) {
            Ok(retry) => self.check_in(who, &appointment_id, no_slip, Some(retry)),
            Err(bad) => *bad,
        }
    }

    /// The lines that a wish is about, the one where the ticket stands first, as the server has it; else what to tell.
    fn lines_of(&self, wish: &Wish) -> Result<Vec<LineId>, &'static str> {
        let inner = self.inner();
        let unknown = "没有这条队，请到导办台问";
        let hall = inner.hall.as_ref().ok_or(unknown)?;
        let mut lines: Vec<LineId> = match (&wish.line_id, &wish.matter_ids) {
            (Some(line), None) => vec![LineId::parse(line).ok_or(unknown)?],
            (None, Some(matters)) => {
                let line = |id| inner.line_of.get(id).and_then(|line| LineId::parse(line));
                matters.iter().map(line).collect::<Option<_>>().ok_or("有的事项不在这里取号，请到导办台")?
            }
            _ => return Err(unknown),
        };
        if lines.is_empty() || lines.iter().any(|line| hall.line(line).is_none()) {
            return Err(unknown);
        }
        let mut seen = BTreeSet::new();
        lines.retain(|line| seen.insert(line.clone()));
        if lines.len() > 1 {
            let first = hall.line_for_all(&lines).ok_or("没有一个窗口能一起办这些事，请分开取号")?;
            lines.retain(|line| *line != first);
            lines.insert(0, first);
        }
        Ok(lines)
    }

    /// The hall as it is, and the newest entry in it.
    fn whole(&self) -> Option<(ToKeeper, u64)> {
        let inner = self.inner();
        let (doc, windows, tickets) = inner.hall.as_ref()?.parts();
        Some((ToKeeper::Hall(Box::new(HallSnapshot { doc, windows, tickets })), inner.journal.newest()))
    }

    /// What was decided behind an entry, and the newest entry in it.
    fn events_behind(&self, number: u64) -> Result<(Vec<ToKeeper>, u64), SpoolError> {
        let inner = self.inner();
        let (mut told, mut newest) = (Vec::new(), number);
        for entry in inner.journal.entries_after(number, ENTRIES_AT_ONCE)? {
            newest = entry.number;
            if ClockText::read(&entry.text).is_some() {
                continue;
            }
            let EntryText { decision, .. } = serde_json::from_str(&entry.text)?;
            told.push(ToKeeper::Events { from_version: decision.base_version, events: decision.events });
        }
        Ok((told, newest))
    }
}
