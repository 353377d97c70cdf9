//! Another kiosk of the hall: it follows the hall like the keeper, decides nothing, and takes over when the keeper is
//! gone too and a person says so at its screen. A person can be wrong, so the hall is parted by then: see
//! `domain::hall`, `parting.rs`. What follows from it on the way back is the server's to say.

use domain::hall::{Actor, Command, HallDoc, KeptDecision};
use domain::ids::StaffId;
use domain::keeper::{LEASE_MS, MARGIN_MS};
use domain::time::{Millis, local_date};
use edge::spool::SpoolError;
use protocol::device::FromDevice;
use protocol::keeper::{EntryText, FromKeeper, HallStaff, KeeperTrouble};
use serde::{Deserialize, Serialize};

use super::pins::SignedIn;
use super::{Inner, Keeper, answer};
use crate::Answer;
use crate::care::Supervisor;

/// How long nobody may have been heard before a person can let this device take over: shorter, and a line that stutters
/// would look like a keeper that is gone.
const ALONE_MS: Millis = LEASE_MS + MARGIN_MS;
/// How long another keeper that was heard is taken to live.
const BOTH_MS: Millis = 30_000;
/// Digits of a hall PIN.
const PIN_DIGITS: usize = 6;

/// Whether a person can let this device take over, for pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Standby {
    /// It is the keeper itself, or knows no hall.
    None,
    /// The line is up.
    LineUp,
    /// The keeper decides, and numbers come from it.
    KeeperThere,
    /// Nobody has been heard, for too short a time.
    Waits {
        /// Seconds to wait.
        wait_s: Millis,
    },
    /// A person can say so now.
    Ready,
    /// It took over; `both` when the keeper before is heard again: one of the two is to be switched off.
    TookOver {
        /// Whether another keeper is heard.
        both: bool,
    },
}

/// What a person types at the screen.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TakeOverWish {
    /// Login name.
    pub username: String,
    /// Hall PIN.
    pub pin: String,
    /// That the machine before is switched off.
    pub is_off: bool,
}

impl Keeper {
    /// Who can let this device take over, while that can be.
    #[must_use]
    pub fn supervisors(&self) -> Vec<Supervisor> {
        if !matches!(self.state().standby, Standby::Ready | Standby::Waits { .. }) {
            return Vec::new();
        }
        let today = local_date(self.now_ms());
        let may = |staff: &HallStaff| staff.supervises && staff.works_on(today);
        self.house().staff.into_iter().filter(may).map(|staff| Supervisor { username: staff.username, name: staff.name }).collect()
    }

    /// Takes over by the word of somebody who may supervise the hall, proved by the hall PIN.
    pub async fn take_over_by_pin(&self, wish: TakeOverWish) -> Answer {
        let TakeOverWish { username, pin, is_off } = wish;
        let username = username.trim().to_owned();
        let mut errors = Vec::new();
        if username.is_empty() || username.len() > 100 {
            errors.push(("username", "missing", "写登录名"));
        }
        if pin.len() != PIN_DIGITS || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
            errors.push(("pin", "form", "断网口令是 6 位数字"));
        }
        if !is_off {
            errors.push(("is_off", "missing", "先去关掉原来那台，再勾上"));
        }
        if !errors.is_empty() {
            let mut refused = answer::own(422, "invalid", "填得不对", errors[0].2);
            let errors =
                errors.into_iter().map(|(field, code, message)| serde_json::json!({ "field": field, "code": code, "message": message }));
            refused.body["errors"] = errors.collect();
            return refused;
        }
        if let Some(refused) = self.not_now() {
            return refused;
        }
        let staff = super::api::staff_named(self, &username);
        match self.0.pins.sign_in(staff.as_ref(), &username, pin, self.steady_ms()).await {
            // The sign-in is for this one word.
            SignedIn::Yes(token) => self.0.pins.sign_out(&token),
            SignedIn::No => return answer::own(401, "wrong_pin", "口令不对", "登录名或断网口令不对"),
            SignedIn::Locked(wait_ms) => {
                let wait = format!("错得太多，{} 秒后再试", wait_ms.div_euclid(1000) + 1);
                return answer::own(429, "too_many", "请等一会儿", &wait);
            }
            SignedIn::Failed => return answer::own(503, "unavailable", "请再试一次", "现在不能确认，请再试一次"),
        }
        match staff.filter(|staff| staff.supervises).and_then(|staff| StaffId::parse(&staff.staff_id)) {
            Some(id) => self.take_over_by_word(&id),
            None => answer::own(403, "forbidden", "没有这个权限", "只有主管能确认接管"),
        }
    }

    /// Why a person cannot let this device take over now.
    fn not_now(&self) -> Option<Answer> {
        let words = match self.state().standby {
            Standby::Ready => return None,
            Standby::None => "这台机器就是守门机，或者还不知道大厅的样子，不能接管",
            Standby::LineUp => "到中心的线路通着，不用接管",
            Standby::KeeperThere => "原来的守门机还在叫号，不能接管；要换机器，先把它关掉",
            Standby::Waits { .. } => "断开还不到 15 秒，请等一等",
            Standby::TookOver { .. } => "已经由这台叫号了",
        };
        Some(answer::own(409, "not_now", "现在不能接管", words))
    }

    /// Takes over by a person's word, whoever it was proved to be.
    pub fn take_over_by_word(&self, staff: &StaffId) -> Answer {
        if let Some(refused) = self.not_now() {
            return refused;
        }
        let (now, wall) = (self.steady_ms(), self.now_ms());
        let mut inner = self.inner();
        let taken_over = inner.take_over_by_word(staff, now, wall);
        self.changed(&mut inner);
        match taken_over {
            Ok(true) => Answer { status: 200, body: serde_json::json!({ "series": inner.office.series }), replayed: false },
            Ok(false) => answer::own(409, "not_now", "现在不能接管", "请等几秒再试"),
            Err(error) => {
                tracing::error!(%error, "a take-over could not be written down, so it was not made");
                inner.trouble = Some(KeeperTrouble::DiskFull);
                answer::own(503, "disk_full", "存不进去", "这台机器的磁盘写不进去，不能接管，请叫管理员")
            }
        }
    }

    /// Another kiosk keeps the hall while the line is cut: from it the hall is followed as from the server.
    pub(super) fn connected_beside(&self, inner: &mut Inner) -> Vec<FromDevice> {
        (inner.online, inner.is_beside, inner.in_step, inner.told) = (false, true, false, None);
        inner.beside_at = Some(self.steady_ms());
        vec![FromDevice::Keeper(FromKeeper::Resync)]
    }
}

impl Inner {
    pub(super) fn standby(&self, now: Millis) -> Standby {
        if self.office.took_over.is_some() && self.decides() {
            return Standby::TookOver { both: self.beside_at.is_some_and(|at| now - at < BOTH_MS) };
        }
        if self.office.is_keeper || self.hall.is_none() || self.office.series.is_empty() {
            return Standby::None;
        }
        match (self.online, self.is_beside, self.alone_since + ALONE_MS - now) {
            (true, ..) => Standby::LineUp,
            (_, true, _) => Standby::KeeperThere,
            (.., left_ms) if left_ms > 0 || !self.lease.is_free(now) => Standby::Waits { wait_s: left_ms.max(0).div_euclid(1000) + 1 },
            _ => Standby::Ready,
        }
    }

    /// Whether the hall may be followed by what is told on this connection. From another keeper nothing is taken by the
    /// keeper in office, whose own the hall is; nor after this device lost its own past, for then it might give a number
    /// again.
    pub(super) fn may_follow(&self) -> bool {
        !self.is_beside || (!self.office.is_keeper && self.hall.is_some())
    }

    /// The own series goes on where it is, also when whoever tells the hall has not heard of it: no number is given twice.
    pub(super) fn keep_own_serials(&self, told: &mut HallDoc) {
        let Some(hall) = self.hall.as_ref().filter(|_| !self.office.series.is_empty()) else { return };
        let known = hall.doc();
        if known.business_date != told.business_date {
            return;
        }
        for (letters, serial) in known.serials.iter().filter(|(letters, _)| letters.ends_with(&self.office.series)) {
            let told = told.serials.entry(letters.clone()).or_default();
            *told = (*told).max(*serial);
        }
    }

    /// First the journal, then the office: a machine that dies between the two has parted the hall and decides nothing.
    fn take_over_by_word(&mut self, staff: &StaffId, now: Millis, wall: Millis) -> Result<bool, SpoolError> {
        let Some(hall) = self.hall.clone().filter(|_| self.lease.is_free(now)) else { return Ok(false) };
        let (series, after_term) = (self.office.series.clone(), self.office.term);
        let (actor, command) = (Actor::supervisor(staff.clone()), Command::Part { term: after_term });
        let Ok(events) = hall.decide_as_keeper(&series, &actor, &command, wall) else { return Ok(false) };
        let begins_behind = self.journal.newest();
        let decision = KeptDecision { series, base_version: hall.version(), at: wall, actor, command, events };
        let text = EntryText { term: after_term + 1, actor_id: staff.to_string(), retry: None, check_in: None, decision };
        self.journal.append(&serde_json::to_string(&text)?, None)?;
        text.decision.events.iter().for_each(|event| self.take_in(event));
        let before = self.office.clone();
        self.office.term = after_term + 1;
        self.office.took_over = Some(after_term);
        self.office.begins_behind = begins_behind;
        (self.office.is_keeper, self.office.is_deciding) = (true, true);
        if let Err(error) = self.keep_office() {
            self.office = before;
            return Err(error);
        }
        self.printers.clear();
        tracing::warn!(after_term, "by a person's word the hall is kept here, parted from the keeper before");
        Ok(self.lease.take_over(now))
    }
}
