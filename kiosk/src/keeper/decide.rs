//! Commands of the hall while its keeper decides: by the rules, written down, then answered. Refusals are
//! not written down: asked again, the rules say what is true then.

use domain::codes::{short_code, tracking_code};
use domain::hall::{Command, Hall, KeptDecision, NewTicket, Priority, Refusal};
use domain::ids::{LineId, MatterId, StaffId, TicketId};
use domain::time::Millis;
use protocol::hall::{SlipHouse, ticket_slip};
use protocol::keeper::{EntryCheckIn, EntryRetry, EntryText, KeeperTrouble};
use protocol::slip::Slip;
use ring::rand::{SecureRandom, SystemRandom};

use super::answer;
use super::journal::sha256_hex;
use super::prints::Print;
use super::{Inner, Keeper};
use crate::Answer;

/// Digits and small letters without those that look alike, as in every id of the house.
const ID_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The hall's own timer.
    Machine,
    /// Somebody at the kiosk.
    Kiosk,
    /// Somebody at another kiosk of the hall, by its id.
    OtherKiosk(String),
    /// A member of staff, signed in by PIN.
    Staff {
        /// The person.
        id: StaffId,
        /// May act at windows of others.
        supervises: bool,
    },
}

/// An idempotency key in its scope, as the server hashes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryKey {
    pub(super) key_hash: String,
    body_hash: String,
    keep_ms: Millis,
}

impl RetryKey {
    /// Binds a key to its scope (caller × method × path) and body; `keep_ms` is how long the outcome is kept.
    #[must_use]
    pub fn new(caller: &str, method: &str, path: &str, key: &str, body: &[u8], keep_ms: Millis) -> Self {
        let scope = [caller, method, path, key].join("\n");
        let secret = [scope.as_bytes(), b"\n", body].concat();
        Self { key_hash: sha256_hex(scope.as_bytes()), body_hash: sha256_hex(&secret), keep_ms }
    }
}

/// What a number needs beside the hall's decision.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// The appointment that it is for.
    pub(super) check_in: Option<EntryCheckIn>,
    /// Its holder wants no slip.
    pub(super) without_slip: bool,
}

/// Random bytes; a machine without randomness gives numbers that nobody can be told, so it gives none.
pub(super) fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}

/// The tail of an id: time first, then 75 random bits.
pub(super) fn id_tail(now: Millis) -> Option<String> {
    const START_MS: Millis = 1_577_836_800_000;
    let since = (now - START_MS).max(0).unsigned_abs();
    let time = (0..8).rev().map(|place| ID_ALPHABET[usize::try_from((since >> (place * 5)) & 31).unwrap_or(0)]);
    let random = random::<16>()?.into_iter().map(|byte| ID_ALPHABET[usize::from(byte & 31)]);
    String::from_utf8(time.chain(random).collect()).ok()
}

/// A ticket to be issued, with fresh ids and codes; `None` without randomness.
#[must_use]
pub fn fresh_ticket(site_key: &str, line_ids: &[LineId], matter_ids: Vec<MatterId>, priority: Priority, now: Millis) -> Option<NewTicket> {
    let (line_id, also) = line_ids.split_first()?;
    let ticket_id = TicketId::new(site_key, &id_tail(now)?);
    let fresh = NewTicket::ordinary(ticket_id, line_id.clone(), tracking_code(random()?), short_code(random()?));
    Some(NewTicket { also_line_ids: also.to_vec(), matter_ids, priority, ..fresh })
}

impl Keeper {
    /// Does what is asked, if this device decides now.
    pub fn command(&self, who: &Who, command: &Command, retry: Option<RetryKey>) -> Answer {
        let now = self.now_ms();
        let mut inner = self.inner();
        let answer = self.decided(&mut inner, who, command, retry, Beside::default(), now);
        self.changed(&mut inner);
        answer
    }

    /// Gives a number, without a slip for whoever wants none.
    pub(super) fn issue(&self, who: &Who, ticket: NewTicket, without_slip: bool, retry: Option<RetryKey>) -> Answer {
        let now = self.now_ms();
        let mut inner = self.inner();
        let beside = Beside { without_slip, ..Beside::default() };
        let answer = self.decided(&mut inner, who, &Command::Issue(ticket), retry, beside, now);
        self.changed(&mut inner);
        answer
    }

    /// A new number for whoever holds one that was left to the keeper before: the old one is given up here.
    pub(super) fn exchange(&self, who: &Who, ticket_id: &TicketId, retry: Option<RetryKey>) -> Answer {
        let now = self.now_ms();
        let mut inner = self.inner();
        if let Some(known) = retry.as_ref().and_then(|retry| inner.answers.get(&retry.key_hash).map(|known| (retry, known))) {
            return replayed(known);
        }
        let old = inner.hall.as_ref().filter(|hall| hall.is_left(ticket_id)).and_then(|hall| hall.ticket(ticket_id)).cloned();
        let Some(old) = old.filter(|old| old.state.at_window().is_none()) else {
            return answer::own(409, "not_left", "不用换号", "这个号在这里叫得到，或者已经办完，不用换");
        };
        let line_ids: Vec<LineId> = old.line_ids().cloned().collect();
        let fresh = fresh_ticket(&inner.house.site_key, &line_ids, old.matter_ids, old.priority, now);
        let Some(fresh) = fresh else { return answer::own(503, "unavailable", "请再试一次", "现在不能取号，请再试一次") };
        // Whoever checked in keeps the place of the appointment.
        let fresh = NewTicket { appointment: old.appointment, ..fresh };
        let given = self.decided(&mut inner, who, &Command::Issue(fresh), retry, Beside::default(), now);
        if given.status == 201 {
            // Where this cannot be written down, the old one is still in the list: it is only not called here.
            let _ = self.decided(&mut inner, who, &Command::Abandon { ticket_id: ticket_id.clone() }, None, Beside::default(), now);
        }
        self.changed(&mut inner);
        given
    }

    /// Decides, writes down, answers.
    pub(super) fn decided(
        &self,
        inner: &mut Inner,
        who: &Who,
        command: &Command,
        retry: Option<RetryKey>,
        beside: Beside,
        now: Millis,
    ) -> Answer {
        if !inner.decides() {
            return switching();
        }
        if let Some(known) = retry.as_ref().and_then(|retry| inner.answers.get(&retry.key_hash).map(|known| (retry, known))) {
            return replayed(known);
        }
        let Some(hall) = inner.hall.clone() else {
            return answer::own(503, "site_detached", "正在切换", "这里还没有大厅的数据");
        };
        let actor = who.actor();
        let series = inner.office.series.clone();
        let mut decided = hall.decide_as_keeper(&series, &actor, command, now);
        if let Err(Refusal::UnknownTicket { ticket_id }) = &decided
            && let Some(ended) = inner.ended.get(ticket_id)
        {
            decided = hall.remembering(ended.clone()).decide_as_keeper(&series, &actor, command, now);
        }
        let events = match decided {
            Ok(events) => events,
            Err(refusal) => return answer::refused(&refusal),
        };
        let base_version = hall.version();
        let mut after = hall;
        let mut ended = inner.ended.clone();
        for event in &events {
            ended.extend(after.evolve(event).map(|ticket| (ticket.id.clone(), ticket)));
        }
        let (status, object_id, body) = answer::of(&after, &ended, command, &events, now);
        if events.is_empty() {
            return Answer { status, body, replayed: false };
        }
        let kept = retry.map(|retry| EntryRetry {
            key_hash: retry.key_hash,
            body_hash: retry.body_hash,
            keep_ms: retry.keep_ms,
            status,
            object_id,
            body: body.clone(),
        });
        let actor_id = match who {
            Who::Staff { id, .. } => id.to_string(),
            Who::Kiosk => inner.office.device_id.clone(),
            Who::OtherKiosk(device_id) => device_id.clone(),
            Who::Machine => "system".to_owned(),
        };
        let decision = KeptDecision { series, base_version, at: now, actor, command: command.clone(), events };
        let Beside { check_in, without_slip } = beside;
        let text = EntryText { term: inner.office.term, actor_id, retry: kept.clone(), check_in, decision };
        let print = if without_slip { None } else { slip_of(inner, &after, command) };
        let written = serde_json::to_string(&text).map_err(edge::spool::SpoolError::from);
        match written.and_then(|written| inner.journal.append(&written, print.as_ref())) {
            Ok(_) => {
                if inner.trouble == Some(KeeperTrouble::DiskFull) {
                    inner.trouble = None;
                }
                text.decision.events.iter().for_each(|event| inner.take_in(event));
                inner.note_check_in(&text);
                if let Some(kept) = kept {
                    inner.answers.insert(kept.key_hash.clone(), kept);
                }
                Answer { status, body, replayed: false }
            }
            Err(error) => {
                tracing::error!(%error, "a decision could not be written down, so it was not made");
                inner.trouble = Some(KeeperTrouble::DiskFull);
                answer::own(503, "disk_full", "存不进去", "守门机的磁盘写不进去，请叫管理员；已经发出去的号还有效")
            }
        }
    }
}

/// Nobody decides in this moment.
pub(super) fn switching() -> Answer {
    answer::own(503, "site_detached", "正在切换", "线路刚断或刚恢复，请等几秒再试")
}

pub(super) fn replayed((asked, known): (&RetryKey, &EntryRetry)) -> Answer {
    if known.body_hash != asked.body_hash {
        return answer::own(409, "idempotency_mismatch", "内容不一样", "这个请求编号已经用过，内容不一样");
    }
    Answer { status: known.status, body: known.body.clone(), replayed: true }
}

/// The slip of a number that was just given.
fn slip_of(inner: &Inner, hall: &Hall, command: &Command) -> Option<Print> {
    let Command::Issue(new) = command else { return None };
    let ticket = hall.ticket(&new.ticket_id)?;
    let house = SlipHouse {
        name: &inner.house.site_name,
        phone: inner.house.site_phone.as_deref(),
        public_url: &inner.house.public_url,
        is_practice: false,
    };
    let slip = Slip::Ticket(ticket_slip(hall, ticket, &house)?);
    Some(Print { job_id: format!("kp-{}", ticket.id), ticket_id: ticket.id.to_string(), slip, device_id: None })
}
