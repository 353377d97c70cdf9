//! Taking in a keeper's journal: each entry once, in order, only for the device's own site. Whoever
//! connects is proved by the token, what was written by the journal's own key. What does not hold is refused
//! entry by entry and kept for review; what holds is decided again by the rules of the merge.

use data_encoding::HEXLOWER;
use domain::hall::{Actor, Command, Hall, KeptDecision, MergeRule, Merged};
use domain::ids::TicketId;
use domain::time::{DAY_MS, MINUTE_MS, Millis};
use protocol::keeper::{ENTRY_BYTES_MAX, Entry, EntryRetry, EntryText, FIRST_HASH};
use ring::signature::{ED25519, UnparsedPublicKey};

use super::office::entry_alert;
use crate::app::App;
use crate::app::caller::DeviceCaller;
use crate::app::devices::device_event;
use crate::app::error::{Answer, AppError};
use crate::app::hall::{Beside, Wish};
use crate::store::{ChangeSet, CounterRow, Expect, IdempotencyRow, KeeperEntryRow, KeeperRow, Row, StoreError};
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
    let alert = (row.verdict != "merged").then(|| entry_alert(&row).into());
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

fn is_signed(row: &KeeperRow, entry: &Entry) -> bool {
    let hash = sha256(&Entry::hashed(entry.number, &entry.previous, &entry.text));
    let (Ok(key), Ok(signature)) = (HEXLOWER.decode(row.public_key.as_bytes()), HEXLOWER.decode(entry.signature.as_bytes())) else {
        return false;
    };
    HEXLOWER.encode(&hash) == entry.hash && UnparsedPublicKey::new(&ED25519, key).verify(&hash, &signature).is_ok()
}

/// Why an entry is refused: stable code and words.
type Fault = (&'static str, &'static str);

/// `term_max` is the newest term that the device can have been in.
fn entry_text(row: &KeeperRow, entry: &Entry, term_max: i64, now: Millis) -> Result<EntryText, Fault> {
    if entry.text.len() > ENTRY_BYTES_MAX || !is_signed(row, entry) {
        return Err(("altered", "内容和签名对不上，没有记"));
    }
    let text: EntryText = serde_json::from_str(&entry.text).map_err(|_| ("unreadable", "内容读不懂，没有记"))?;
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
    fn taken_counter(device: &DeviceCaller) -> String {
        format!("keeper-taken/{}", device.id)
    }

    /// Number of the newest entry that was taken of a device's journal.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keeper_taken(&self, device: &DeviceCaller) -> Answer<u64> {
        let taken = self.stores.sites.counter(&device.site_id, &Self::taken_counter(device)).await?;
        Ok(u64::try_from(taken).unwrap_or(0))
    }

    /// Takes an entry of the keeper in office in, or keeps it for review: the number up to which nothing need be sent again.
    ///
    /// # Errors
    /// When the store fails or the desk is overfull: the entry is to be sent again.
    pub async fn take_keeper_entry(&self, device: &DeviceCaller, entry: &Entry) -> Answer<u64> {
        let taken = self.keeper_taken(device).await?;
        let rows = self.stores.keepers.keepers(&device.site_id).await?;
        let row = rows.into_iter().find(|row| row.device_id == device.id).ok_or(AppError::NotFound)?;
        // Out of order: what lies between comes first, and is asked for by the answer.
        if entry.number == 0 || entry.number > taken + 1 {
            return Ok(taken);
        }
        if entry.number <= taken {
            let known = self.stores.keepers.keeper_entries_at(&device.site_id, &device.id, row_number(entry)).await?;
            if known.iter().all(|known| known.hash != entry.hash) {
                self.refuse_entry(device, entry, taken, ("replayed", "这个编号已经收过，内容不一样，没有记")).await?;
            }
            return Ok(taken);
        }
        match entry_text(&row, entry, row.term, self.now()) {
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

    async fn merge_entry(&self, device: &DeviceCaller, entry: &Entry, text: EntryText, taken: u64) -> Answer<()> {
        let (site_id, number) = (&device.site_id, row_number(entry));
        let before = self.stores.keepers.keeper_entries_at(site_id, &device.id, number - 1).await?;
        let is_chained = if entry.number == 1 { entry.previous == FIRST_HASH } else { before.iter().any(|row| row.hash == entry.previous) };
        let KeptEntry { decision, actor_id, row, mut rows } = self.kept_entry(device, entry, text, is_chained).await?;
        let name = Self::taken_counter(device);
        rows.push(CounterRow { site_id: site_id.clone(), name: name.clone(), value: number }.into());
        let (actor, command) = (decision.actor.clone(), decision.command.clone());
        let beside = Beside {
            expect: vec![Expect::Counter(name, i64::try_from(taken).unwrap_or(i64::MAX))],
            without_slip: true,
            kept: Some(Box::new(KeptWish { decision, in_office: true, twin: None, row })),
            ..Beside::default()
        };
        let wish = Wish { site_id: site_id.clone(), actor, actor_id, command, retry: None, rows, beside };
        self.halls.submit(wish).await.map(drop)
    }

    /// An entry that holds, with the rows that become true with it.
    async fn kept_entry(&self, device: &DeviceCaller, entry: &Entry, text: EntryText, is_chained: bool) -> Answer<KeptEntry> {
        let EntryText { actor_id, retry, decision, .. } = text;
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
        if matches!(decision.command, Command::Issue(_)) && stored.as_ref().is_some_and(|stored| stored.object_id.is_some()) {
            // Given up when the whole journal is here: until then the keeper may have called it.
            let rule = MergeRule::SameTouch;
            (row.verdict, row.rule, row.text) = ("settled".to_owned(), Some(rule.code().to_owned()), rule.text().to_owned());
        }
        // The first outcome stays: who says the request again gets what he was told first.
        let rows = kept.filter(|_| stored.is_none()).map(Row::from).into_iter().collect();
        Ok(KeptEntry { decision, actor_id, row, rows })
    }

    /// What the supervisor reads of a take-over.
    async fn taken_over(&self, device: &DeviceCaller, staff_id: &str) -> Answer<String> {
        let who = self.stores.staff.staff(&device.site_id, staff_id).await?.map_or_else(|| staff_id.to_owned(), |row| row.name);
        let own = self.stores.devices.device(&device.site_id, &device.id).await?.map_or_else(|| device.id.clone(), |row| row.name);
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
        // A take-over that was not granted was decided in a term that nobody was appointed to.
        let term_max = self.keeper_term(site_id).await?.saturating_add(1);
        let before = self.stores.keepers.keeper_entries_at(site_id, &device.id, i64::try_from(taken).unwrap_or(i64::MAX)).await?;
        let mut previous: Vec<String> =
            if taken == 0 { vec![FIRST_HASH.to_owned()] } else { before.into_iter().map(|row| row.hash).collect() };
        let through = entries.last().map_or(taken, |entry| entry.number);
        let mut journal = KeptJournal { rejoins: u64::try_from(row.term).into_iter().collect(), ..KeptJournal::default() };
        let mut refused = Vec::new();
        for entry in &entries {
            match entry_text(&row, entry, term_max, self.now()) {
                Ok(text) => {
                    if !journal.rejoins.contains(&text.term) {
                        journal.rejoins.push(text.term);
                    }
                    journal.entries.push(self.kept_entry(device, entry, text, previous.contains(&entry.previous)).await?);
                }
                Err(fault) => refused.extend(self.refused_rows(device, entry, fault)),
            }
            previous = vec![entry.hash.clone()];
        }
        let hall = self.hall(site_id).await?;
        journal.rejoins.retain(|term| hall.has_left(Some(*term)));
        if entries.is_empty() && journal.rejoins.is_empty() {
            return Ok(through);
        }
        let (name, is_joined) = (Self::taken_counter(device), !journal.rejoins.is_empty());
        let value = i64::try_from(through).unwrap_or(i64::MAX);
        refused.push(CounterRow { site_id: site_id.clone(), name: name.clone(), value }.into());
        let beside = Beside {
            expect: vec![Expect::Counter(name, i64::try_from(taken).unwrap_or(i64::MAX))],
            without_slip: true,
            journal: Some(Box::new(journal)),
            ..Beside::default()
        };
        let (actor, command, actor_id) = (Actor::machine(), Command::Tick, "system".to_owned());
        let wish = Wish { site_id: site_id.clone(), actor, actor_id, command, retry: None, rows: refused, beside };
        self.halls.submit(wish).await?;
        if is_joined {
            self.give_up_all_twins(site_id).await?
        } else {
            self.give_up_twins(site_id, &device.id).await?
        }
        Ok(through)
    }

    /// The rows of an entry that is refused, for those that are taken in as a whole.
    fn refused_rows(&self, device: &DeviceCaller, entry: &Entry, (code, words): Fault) -> [Row; 2] {
        let mut row = self.entry_row(device, entry, self.now());
        (row.verdict, row.rule, row.text) = ("refused".to_owned(), Some(code.to_owned()), words.to_owned());
        [entry_alert(&row).into(), row.into()]
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
            // Who touches once more was not told the first: the later number is the one in the hand.
            let known = self.stores.halls.ticket(site_id, twin.as_str()).await?;
            let twin = if known.is_some_and(|known| known.issued_at > decision.at) { new.ticket_id.clone() } else { twin };
            let (actor, command) = (Actor::machine(), Command::Abandon { ticket_id: twin.clone() });
            let kept = Some(Box::new(KeptWish { decision, in_office: false, twin: Some(twin), row }));
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

    fn entry_row(&self, device: &DeviceCaller, entry: &Entry, occurred_at: Millis) -> KeeperEntryRow {
        let hash: String = entry.hash.chars().filter(char::is_ascii_hexdigit).take(ID_DIGITS).collect();
        let proof = HEXLOWER.encode(&sha256(entry.signature.as_bytes())[..4]);
        KeeperEntryRow {
            site_id: device.site_id.clone(),
            id: format!("{}-{}-{hash}{proof}", device.id, entry.number),
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

    /// Keeps an entry for review without taking anything of it.
    async fn refuse_entry(&self, device: &DeviceCaller, entry: &Entry, taken: u64, (code, words): Fault) -> Answer<()> {
        let mut row = self.entry_row(device, entry, self.now());
        (row.verdict, row.rule, row.text) = ("refused".to_owned(), Some(code.to_owned()), words.to_owned());
        if self.stores.keepers.keeper_entry(&row.site_id, &row.id).await?.is_some() {
            return Ok(());
        }
        let mut set = ChangeSet::new(&device.site_id);
        let (name, taken) = (Self::taken_counter(device), i64::try_from(taken).unwrap_or(i64::MAX));
        set.expect.push(Expect::Counter(name.clone(), taken));
        set.row(CounterRow { site_id: device.site_id.clone(), name, value: taken.max(row.number) });
        let facts = serde_json::json!({ "entry": row.id, "why": code });
        set.events.push(device_event(&device.id, "keeper_entry_refused", &device.id, self.now(), facts));
        set.row(entry_alert(&row));
        set.row(row);
        match self.commit(set).await {
            Ok(_) => Ok(()),
            Err(StoreError::Conflict(_)) => Err(AppError::Unavailable { code: "busy", message: "现在人太多，请稍等再试" }),
            Err(error) => Err(error.into()),
        }
    }
}

fn row_number(entry: &Entry) -> i64 {
    i64::try_from(entry.number).unwrap_or(i64::MAX)
}
