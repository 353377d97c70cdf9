//! Taking in a keeper's journal: each entry once, in order, only for the device's own site. Whoever
//! connects is proved by the token, what was written by the journal's own key. What does not hold is refused
//! entry by entry and kept for review; what holds is decided again by the rules of the merge.

use data_encoding::HEXLOWER;
use domain::appointment::KeptCheckIn;
use domain::hall::{Actor, Command, Hall, KeptDecision, MergeRule, Merged};
use domain::ids::TicketId;
use domain::time::{DAY_MS, MINUTE_MS, Millis};
use protocol::keeper::{ENTRY_BYTES_MAX, Entry, EntryCheckIn, EntryRetry, EntryText, FIRST_HASH};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;

use super::aside::Verdict;
use super::clock::{Corrections, clock_text, clock_verdict};
use super::lost::{device_of, is_lost};
use crate::app::App;
use crate::app::caller::DeviceCaller;
use crate::app::error::{Answer, AppError};
use crate::app::hall::{Beside, Wish};
use crate::store::{ChangeSet, CounterRow, Expect, IdempotencyRow, KeeperEntryRow, KeeperRow, Row};
use crate::vault::sha256;

/// An entry may be so much older than now, and no more.
const AGE_MS_MAX: Millis = 7 * DAY_MS;
/// A keeper's clock may be so much ahead.
const AHEAD_MS_MAX: Millis = 5 * MINUTE_MS;
/// Numbers given up at once for a touch that has another.
const TWINS_MAX: i64 = 200;
/// Digits of an entry's hash in its id.
const ID_DIGITS: usize = 16;

/// A keeper's decision on its way into the hall, with what becomes true with it.
#[derive(Debug, Clone)]
pub struct KeptWish {
    /// The decision.
    pub decision: KeptDecision,
    /// Whether it was decided in office: no supervisor gave the hall back to the service since.
    pub in_office: bool,
    /// A ticket that the service gave for the same touch before the line was cut, and that is to be given up.
    pub twin: Option<TicketId>,
    /// The entry's row, before it is known whether everything fits.
    pub row: KeeperEntryRow,
    /// What becomes true of an appointment if its number is taken in.
    pub check_in: Option<CheckInSet>,
}

/// The appointment's side of a number that the keeper gave for it.
#[derive(Debug, Clone)]
pub struct CheckInSet {
    ticket_id: TicketId,
    set: ChangeSet,
}

impl CheckInSet {
    /// Adds what becomes true to what a hall decided, if that hall has the number.
    pub fn add_to(&self, set: &mut ChangeSet, after: &Hall) {
        if after.ticket(&self.ticket_id).is_some() {
            set.rows.extend(self.set.rows.iter().cloned());
            set.events.extend(self.set.events.iter().cloned());
        }
    }
}

impl KeptWish {
    /// What becomes of it on a hall.
    #[must_use]
    pub fn merged(&self, hall: &Hall, now: Millis) -> Merged {
        let Some(twin) = &self.twin else { return hall.merge(&self.decision, self.in_office) };
        let actor = Actor::machine().because(Some("断线时同一次取号，纸上是另一个号".to_owned()));
        // One that is left may be at a window there; it is given up when it is everybody's again.
        let is_aside = !hall.is_left(twin) && hall.ticket(twin).is_some_and(|ticket| ticket.state.at_window().is_none());
        let events = is_aside.then(|| hall.decide(&actor, &Command::Abandon { ticket_id: twin.clone() }, now).ok()).flatten();
        Merged { events: events.unwrap_or_default(), ..Merged::default() }
    }
}

/// The rows that tell how an entry went, from the one before it was known whether everything fits.
#[must_use]
pub fn entry_rows(row: &KeeperEntryRow, hall: &Hall, merged: &Merged) -> Vec<Row> {
    let mut row = row.clone();
    if let Some(first) = merged.clashes.first() {
        let number = first.ticket_id.as_ref().and_then(|id| hall.ticket(id)).map(|ticket| format!("{}：", ticket.number));
        let mut texts: Vec<&str> = merged.clashes.iter().map(|clash| clash.rule.text()).collect();
        texts.dedup();
        let own = if row.text.is_empty() { String::new() } else { format!("{}；", row.text) };
        row.text = format!("{own}{}{}", number.unwrap_or_default(), texts.join("；"));
        row.verdict = "settled".to_owned();
        row.rule.get_or_insert_with(|| first.rule.code().to_owned());
    } else if row.verdict == "merged" {
        row.body = String::new();
    }
    let alert = (row.verdict != "merged").then(|| super::review::entry_alert(&row).into());
    std::iter::once(row.into()).chain(alert).collect()
}

/// One decision of a journal that is taken in as a whole.
#[derive(Debug, Clone)]
pub struct KeptEntry {
    /// The decision.
    pub decision: KeptDecision,
    /// Who asked, for the log.
    pub actor_id: String,
    /// The entry's row, before it is known whether everything fits.
    pub row: KeeperEntryRow,
    /// What becomes true with it.
    pub rows: Vec<Row>,
    /// What becomes true of an appointment if its number is taken in.
    pub check_in: Option<CheckInSet>,
}

/// The journal of a keeper whose term is over.
#[derive(Debug, Clone, Default)]
pub struct KeptJournal {
    /// Its decisions in order.
    pub entries: Vec<KeptEntry>,
    /// The terms whose tickets are everybody's again with it.
    pub rejoins: Vec<u64>,
}

/// Whether a keeper decides such a thing at all.
fn is_for_keepers(command: &Command) -> bool {
    matches!(
        command,
        Command::Tick
            | Command::Issue(_)
            | Command::OpenWindow { .. }
            | Command::PauseWindow { .. }
            | Command::CloseWindow { .. }
            | Command::CallNext { .. }
            | Command::Recall { .. }
            | Command::Start { .. }
            | Command::Finish { .. }
            | Command::Miss { .. }
            | Command::Requeue { .. }
            | Command::Park { .. }
            | Command::Resume { .. }
            | Command::Transfer { .. }
            | Command::Abandon { .. }
            | Command::Part { .. }
    )
}

pub(super) fn is_signed(row: &KeeperRow, entry: &Entry) -> bool {
    let hash = sha256(&Entry::hashed(entry.number, &entry.previous, &entry.text));
    let (Ok(key), Ok(signature)) = (HEXLOWER.decode(row.public_key.as_bytes()), HEXLOWER.decode(entry.signature.as_bytes())) else {
        return false;
    };
    HEXLOWER.encode(&hash) == entry.hash && UnparsedPublicKey::new(&ED25519, key).verify(&hash, &signature).is_ok()
}

/// Why an entry is refused: stable code and words.
pub(super) type Fault = (&'static str, &'static str);

pub(super) const ALTERED: Fault = ("altered", "内容和签名对不上，没有记");
pub(super) const REPLAYED: Fault = ("replayed", "这个编号已经收过，内容不一样，没有记");
pub(super) const REVOKED: Fault = ("revoked", "设备已经停用或者没有人让它守门，没有记；签名是对的，请看要不要补录");
pub(super) const REVOKED_AND_LOOSE: Fault =
    ("revoked", "设备已经停用或者没有人让它守门，没有记；签名是对的，但和前一条接不上，中间可能少了记录");

/// The term of an entry, whatever else it says.
#[derive(Deserialize)]
struct OfTerm {
    term: u64,
}

/// The term that an entry says, proved or not; `None` where it cannot be read.
pub(super) fn term_of(entry: &Entry) -> Option<u64> {
    serde_json::from_str::<OfTerm>(&entry.text).ok().map(|of| of.term)
}

/// `term_max` is the newest term that the device can have been in.
/// `slow_ms` is by how much the keeper's clock was behind.
fn entry_text(row: &KeeperRow, entry: &Entry, term_max: i64, now: Millis, slow_ms: Millis) -> Result<EntryText, Fault> {
    if entry.text.len() > ENTRY_BYTES_MAX || !is_signed(row, entry) {
        return Err(ALTERED);
    }
    let text: EntryText = serde_json::from_str(&entry.text).map_err(|_| ("unreadable", "内容读不懂，没有记"))?;
    let text = EntryText { decision: text.decision.by_the_clock(slow_ms), ..text };
    let EntryText { term, decision, .. } = &text;
    if i64::try_from(*term).unwrap_or(i64::MAX) > term_max || decision.series != row.series {
        return Err(("wrong_term", "不是这台守门机任上的记录，没有记"));
    }
    if decision.at > now + AHEAD_MS_MAX {
        return Err(("future", "时间在将来，设备的时钟不对，没有记"));
    }
    if decision.at < now - AGE_MS_MAX {
        return Err(("too_old", "过了 7 天才传回来，没有记"));
    }
    if !is_for_keepers(&decision.command) {
        return Err(("not_for_keepers", "不是守门机能做的事，没有记"));
    }
    Ok(text)
}

impl App {
    /// The counter of what was taken of a chain.
    pub(super) fn taken_counter(chain: &str) -> String {
        format!("keeper-taken/{chain}")
    }

    /// Number of the newest entry that was taken of a device's journal.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keeper_taken(&self, device: &DeviceCaller) -> Answer<u64> {
        let taken = self.stores.sites.counter(&device.site_id, &Self::taken_counter(&device.id)).await?;
        Ok(u64::try_from(taken).unwrap_or(0))
    }

    /// Takes an entry of the keeper in office in, or keeps it for review: the number up to which nothing need be sent again.
    ///
    /// # Errors
    /// When the store fails or the desk is overfull: the entry is to be sent again.
    pub async fn take_keeper_entry(&self, device: &DeviceCaller, entry: &Entry) -> Answer<u64> {
        self.take_entry_by(device, entry, &Corrections::default()).await
    }

    /// The same by the right time, where the keeper's clock was off.
    ///
    /// # Errors
    /// As [`Self::take_keeper_entry`].
    pub async fn take_entry_by(&self, device: &DeviceCaller, entry: &Entry, corrections: &Corrections) -> Answer<u64> {
        let taken = self.keeper_taken(device).await?;
        let rows = self.stores.keepers.keepers(&device.site_id).await?;
        let row = rows.into_iter().find(|row| row.device_id == device.id).ok_or(AppError::NotFound)?;
        let is_revoked = self.is_shut_out(device, &row).await?;
        // Out of order: what lies between comes first, and is asked for by the answer. A revoked device is asked nothing.
        if entry.number == 0 || (entry.number > taken + 1 && !is_revoked) {
            return Ok(taken);
        }
        if entry.number <= taken {
            let known = self.stores.keepers.keeper_entries_at(&device.site_id, &device.id, row_number(entry)).await?;
            if known.iter().all(|known| known.id != Self::entry_id(device, entry)) {
                let fault = if known.is_empty() && is_revoked { REVOKED } else { REPLAYED };
                self.refuse_entry(device, entry, taken, fault).await?;
            }
            return Ok(taken);
        }
        // A device that is not in office may have taken over by a person's word, in a term that nobody was appointed to.
        let term_max = if row.is_keeper && !is_revoked { row.term } else { self.keeper_term(&device.site_id).await?.saturating_add(1) };
        if let Some(clock) = clock_text(&row, entry).filter(|_| !is_revoked) {
            self.keep_aside(device, entry, taken, &clock_verdict(&clock, entry), true).await?;
            return Ok(entry.number);
        }
        match entry_text(&row, entry, term_max, self.now(), corrections.of(entry.number)) {
            Ok(_) if is_revoked => {
                let fault = if self.is_chained(device, entry).await? { REVOKED } else { REVOKED_AND_LOOSE };
                self.refuse_entry(device, entry, taken, fault).await?;
            }
            Ok(text) => {
                if !row.is_keeper || i64::try_from(text.term).is_ok_and(|term| term != row.term) {
                    // Of a term that is over: a part of it alone would be half a story.
                    return Ok(taken);
                }
                self.merge_entry(device, entry, text, taken).await?;
            }
            Err(fault) => self.refuse_entry(device, entry, taken, fault).await?,
        }
        Ok(entry.number)
    }

    /// Whether nothing of a device's journal is taken in: it was revoked, or no person ever let it keep the hall.
    pub(super) async fn is_shut_out(&self, device: &DeviceCaller, row: &KeeperRow) -> Answer<bool> {
        let known = self.stores.devices.device(&device.site_id, device_of(&device.id)).await?;
        let was_never_admitted = !row.allowed && row.term == 0;
        Ok(was_never_admitted || known.is_none_or(|known| known.revoked_at.is_some()))
    }

    /// Hashes of what lies here under a number of a device's journal, by which the next entry goes on.
    async fn hashes_at(&self, device: &DeviceCaller, number: u64) -> Answer<Vec<String>> {
        if number == 0 {
            return Ok(vec![FIRST_HASH.to_owned()]);
        }
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let mut rows = self.stores.keepers.keeper_entries_at(&device.site_id, &device.id, number).await?;
        if is_lost(&device.id) {
            // What was taken before it was lost lies under the device itself.
            rows.extend(self.stores.keepers.keeper_entries_at(&device.site_id, device_of(&device.id), number).await?);
        }
        Ok(rows.into_iter().map(|row| row.hash).collect())
    }

    /// Whether an entry goes on where the one before it ended, as far as that was taken or kept for review.
    pub(super) async fn is_chained(&self, device: &DeviceCaller, entry: &Entry) -> Answer<bool> {
        Ok(self.hashes_at(device, entry.number.saturating_sub(1)).await?.contains(&entry.previous))
    }

    async fn merge_entry(&self, device: &DeviceCaller, entry: &Entry, text: EntryText, taken: u64) -> Answer<()> {
        let (site_id, number) = (&device.site_id, row_number(entry));
        let is_chained = self.is_chained(device, entry).await?;
        // Held until the wish is stored: the appointment is decided on the version of its book.
        let turn = self.bookings_turn(site_id);
        let _turn = if text.check_in.is_some() { Some(turn.lock().await) } else { None };
        let KeptEntry { decision, actor_id, row, mut rows, check_in } = self.kept_entry(device, entry, text, is_chained).await?;
        let name = Self::taken_counter(&device.id);
        rows.push(CounterRow { site_id: site_id.clone(), name: name.clone(), value: number }.into());
        let mut expect = vec![Expect::Counter(name, i64::try_from(taken).unwrap_or(i64::MAX))];
        expect.extend(check_in.iter().flat_map(|check_in| check_in.set.expect.iter().cloned()));
        let (actor, command) = (decision.actor.clone(), decision.command.clone());
        let beside = Beside {
            expect,
            without_slip: true,
            kept: Some(Box::new(KeptWish { decision, in_office: true, twin: None, row, check_in })),
            ..Beside::default()
        };
        let wish = Wish { site_id: site_id.clone(), actor, actor_id, command, retry: None, rows, beside };
        self.halls.submit(wish).await.map(drop)
    }

    /// An entry that holds, with what becomes true with it. Call it in the turn of the site's appointments where it is a
    /// check-in.
    async fn kept_entry(&self, device: &DeviceCaller, entry: &Entry, text: EntryText, is_chained: bool) -> Answer<KeptEntry> {
        let EntryText { actor_id, retry, decision, check_in, .. } = text;
        let mut row = self.entry_row(device, entry, decision.at);
        if !is_chained {
            let why = "和前一条接不上：设备的存档可能坏过，中间可能少了记录；这一条已经照记";
            (row.verdict, row.rule, row.text) = ("settled".to_owned(), Some("chain".to_owned()), why.to_owned());
        }
        if matches!(decision.command, Command::Part { .. }) {
            (row.verdict, row.rule, row.text) =
                ("settled".to_owned(), Some("took_over".to_owned()), self.taken_over(device, &actor_id).await?);
        }
        let kept = retry.as_ref().and_then(|retry| self.retry_row(&device.site_id, retry));
        let stored = match &kept {
            Some(kept) => self.stores.idempotency.outcomes(std::slice::from_ref(&kept.key_hash)).await?.into_iter().next(),
            None => None,
        };
        let twin = stored.as_ref().and_then(|stored| stored.object_id.as_deref());
        let is_same_touch = matches!(decision.command, Command::Issue(_)) && twin.is_some();
        if is_same_touch {
            // Given up when the whole journal is here: until then the keeper may have called it.
            let rule = MergeRule::SameTouch;
            (row.verdict, row.rule, row.text) = ("settled".to_owned(), Some(rule.code().to_owned()), rule.text().to_owned());
        }
        let is_in_hand = match twin {
            Some(twin) => !self.is_later(&device.site_id, twin, &decision).await?,
            None => true,
        };
        // Where the number of the same touch that is in the hand is the other one, the appointment stays with that.
        let kept_check_in = check_in.filter(|_| is_in_hand).map(|kept| (kept, is_same_touch));
        let (check_in, rule) = self.check_in_set(&device.site_id, &decision, kept_check_in, &actor_id).await?;
        if let Some(rule) = rule {
            let own = if row.text.is_empty() { String::new() } else { format!("{}；", row.text) };
            (row.verdict, row.text) = ("settled".to_owned(), format!("{own}{}", rule.text()));
            row.rule.get_or_insert_with(|| rule.code().to_owned());
        }
        // The first outcome stays: who says the request again gets what he was told first.
        let rows = kept.filter(|_| stored.is_none()).map(Row::from).into_iter().collect();
        Ok(KeptEntry { decision, actor_id, row, rows, check_in })
    }

    /// Whether the service gave a number later than a keeper decided. Who touches once more was not told the first: the
    /// later number is the one in the hand.
    async fn is_later(&self, site_id: &str, ticket_id: &str, decision: &KeptDecision) -> Answer<bool> {
        let known = self.stores.halls.ticket(site_id, ticket_id).await?;
        Ok(known.is_some_and(|known| known.issued_at > decision.at))
    }

    /// What the supervisor reads of a take-over.
    async fn taken_over(&self, device: &DeviceCaller, staff_id: &str) -> Answer<String> {
        let who = self.stores.staff.staff(&device.site_id, staff_id).await?.map_or_else(|| staff_id.to_owned(), |row| row.name);
        let own = device_of(&device.id);
        let own = self.stores.devices.device(&device.site_id, own).await?.map_or_else(|| own.to_owned(), |row| row.name);
        Ok(format!("{who}在{own}上确认原来的守门机已关，由{own}接管"))
    }

    /// Takes in the rest of the journal of a keeper whose term is over, as a whole or not at all; the number up to
    /// which nothing need be sent again. `entries` go on without gaps behind what was taken; where there are none, what
    /// was left to the keeper is everybody's again.
    ///
    /// # Errors
    /// When the store fails or the desk is overfull: it is to be sent again.
    pub async fn take_keeper_journal(&self, device: &DeviceCaller, entries: Vec<Entry>) -> Answer<u64> {
        let (site_id, taken) = (&device.site_id, self.keeper_taken(device).await?);
        let rows = self.stores.keepers.keepers(site_id).await?;
        let row = rows.into_iter().find(|row| row.device_id == device.id).ok_or(AppError::NotFound)?;
        if self.is_shut_out(device, &row).await? {
            // Nothing of it is taken in, so nothing of it can be half a story.
            for entry in &entries {
                self.take_keeper_entry(device, entry).await?;
            }
            return self.keeper_taken(device).await;
        }
        // A take-over that was not granted was decided in a term that nobody was appointed to.
        let term_max = self.keeper_term(site_id).await?.saturating_add(1);
        let mut previous = self.hashes_at(device, taken).await?;
        let through = entries.last().map_or(taken, |entry| entry.number);
        let mut journal = KeptJournal { rejoins: u64::try_from(row.term).into_iter().collect(), ..KeptJournal::default() };
        let (mut refused, mut book) = (Vec::new(), Vec::new());
        // Held until the wish is stored: all appointments in it are decided on one version of their book.
        let turn = self.bookings_turn(site_id);
        let held = turn.lock().await;
        let corrections = Corrections::among(&row, &entries);
        for entry in &entries {
            if let Some(clock) = clock_text(&row, entry) {
                refused.extend(self.aside_rows(device, entry, &clock_verdict(&clock, entry)));
                previous = vec![entry.hash.clone()];
                continue;
            }
            match entry_text(&row, entry, term_max, self.now(), corrections.of(entry.number)) {
                Ok(text) => {
                    if !journal.rejoins.contains(&text.term) {
                        journal.rejoins.push(text.term);
                    }
                    let kept = self.kept_entry(device, entry, text, previous.contains(&entry.previous)).await?;
                    for version in kept.check_in.iter().flat_map(|check_in| &check_in.set.expect) {
                        if !book.contains(version) {
                            book.push(version.clone());
                        }
                    }
                    journal.entries.push(kept);
                }
                Err(fault) => refused.extend(self.aside_rows(device, entry, &Verdict::refused(fault))),
            }
            previous = vec![entry.hash.clone()];
        }
        let hall = self.hall(site_id).await?;
        journal.rejoins.retain(|term| hall.has_left(Some(*term)));
        if entries.is_empty() && journal.rejoins.is_empty() {
            return Ok(through);
        }
        let (name, is_joined) = (Self::taken_counter(&device.id), !journal.rejoins.is_empty());
        let value = i64::try_from(through).unwrap_or(i64::MAX);
        refused.push(CounterRow { site_id: site_id.clone(), name: name.clone(), value }.into());
        let mut expect = vec![Expect::Counter(name, i64::try_from(taken).unwrap_or(i64::MAX))];
        expect.extend(book);
        let beside = Beside { expect, without_slip: true, journal: Some(Box::new(journal)), ..Beside::default() };
        let (actor, command, actor_id) = (Actor::machine(), Command::Tick, "system".to_owned());
        let wish = Wish { site_id: site_id.clone(), actor, actor_id, command, retry: None, rows: refused, beside };
        self.halls.submit(wish).await?;
        drop(held);
        if is_joined {
            self.give_up_all_twins(site_id).await?
        } else {
            self.give_up_twins(site_id, &device.id).await?
        }
        Ok(through)
    }

    /// The appointment's side of a number, and the rule by which it was settled.
    async fn check_in_set(
        &self,
        site_id: &str,
        decision: &KeptDecision,
        check_in: Option<(EntryCheckIn, bool)>,
        actor_id: &str,
    ) -> Answer<(Option<CheckInSet>, Option<MergeRule>)> {
        let (Some((EntryCheckIn { appointment_id, place, late }, is_same_touch)), Command::Issue(new)) = (check_in, &decision.command)
        else {
            return Ok((None, None));
        };
        let ticket_id = new.ticket_id.clone();
        let kept = KeptCheckIn { ticket_id: ticket_id.clone(), place, late, at: decision.at, is_same_touch };
        let (set, rule) = self.kept_check_in(site_id, &appointment_id, &kept, actor_id).await?;
        Ok((Some(CheckInSet { ticket_id, set }), rule))
    }

    /// The whole journal is here: numbers that the service gave for a touch of which another number is on paper are
    /// given up.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn give_up_twins(&self, site_id: &str, device_id: &str) -> Answer<()> {
        let open = self.stores.keepers.keeper_entries_open(site_id, TWINS_MAX).await?;
        let same_touch = Some(MergeRule::SameTouch.code());
        for row in open.into_iter().filter(|row| row.device_id == device_id && row.rule.as_deref() == same_touch) {
            let Ok(EntryText { retry: Some(retry), decision, .. }) = serde_json::from_str::<EntryText>(&row.body) else { continue };
            let Ok(key_hash) = HEXLOWER.decode(retry.key_hash.as_bytes()) else { continue };
            let stored = self.stores.idempotency.outcomes(&[key_hash]).await?;
            let twin = stored.first().and_then(|stored| stored.object_id.as_deref()).and_then(TicketId::parse);
            let (Some(twin), Command::Issue(new)) = (twin, &decision.command) else { continue };
            if twin == new.ticket_id {
                continue;
            }
            let is_later = self.is_later(site_id, twin.as_str(), &decision).await?;
            let twin = if is_later { new.ticket_id.clone() } else { twin };
            let (actor, command) = (Actor::machine(), Command::Abandon { ticket_id: twin.clone() });
            let kept = Some(Box::new(KeptWish { decision, in_office: false, twin: Some(twin), row, check_in: None }));
            let beside = Beside { kept, ..Beside::default() };
            let (site_id, actor_id) = (site_id.to_owned(), "system".to_owned());
            self.halls.submit(Wish { site_id, actor, actor_id, command, retry: None, rows: Vec::new(), beside }).await?;
        }
        Ok(())
    }

    /// The same for every keeper of a site, when what was left to one is everybody's again.
    pub(super) async fn give_up_all_twins(&self, site_id: &str) -> Answer<()> {
        for row in self.stores.keepers.keepers(site_id).await? {
            self.give_up_twins(site_id, &row.device_id).await?;
        }
        Ok(())
    }

    fn retry_row(&self, site_id: &str, retry: &EntryRetry) -> Option<IdempotencyRow> {
        let (key_hash, body_hash) = (HEXLOWER.decode(retry.key_hash.as_bytes()).ok()?, HEXLOWER.decode(retry.body_hash.as_bytes()).ok()?);
        let keep_ms = retry.keep_ms.clamp(0, crate::app::retry::KEEP_DEVICE_MS);
        Some(IdempotencyRow {
            key_hash,
            body_hash,
            site_id: site_id.to_owned(),
            status: i64::from(retry.status),
            object_id: retry.object_id.clone(),
            body: retry.body.to_string(),
            created_at: self.now(),
            keep_until: self.now() + keep_ms,
        })
    }

    /// Under which id an entry lies here: another text or proof under the same number is another row.
    pub(super) fn entry_id(device: &DeviceCaller, entry: &Entry) -> String {
        let hash: String = entry.hash.chars().filter(char::is_ascii_hexdigit).take(ID_DIGITS).collect();
        let proof = HEXLOWER.encode(&sha256([entry.signature.as_str(), &entry.text].join("\n").as_bytes())[..4]);
        format!("{}-{}-{hash}{proof}", device.id, entry.number)
    }

    pub(super) fn entry_row(&self, device: &DeviceCaller, entry: &Entry, occurred_at: Millis) -> KeeperEntryRow {
        KeeperEntryRow {
            site_id: device.site_id.clone(),
            id: Self::entry_id(device, entry),
            device_id: device.id.clone(),
            number: row_number(entry),
            hash: entry.hash.chars().take(FIRST_HASH.len()).collect(),
            occurred_at,
            received_at: self.now(),
            verdict: "merged".to_owned(),
            rule: None,
            text: String::new(),
            body: entry.text.chars().take(ENTRY_BYTES_MAX).collect(),
            settled_at: None,
            settled_by: None,
        }
    }
}

fn row_number(entry: &Entry) -> i64 {
    i64::try_from(entry.number).unwrap_or(i64::MAX)
}
