//! Deciding and committing a group of wishes.
//!
//! Failure rule: wish n+1 is decided on a copy that holds n; the copy becomes the state only after the
//! commit. If the group fails, the copies are dropped, the halls are read again and each wish is tried
//! alone; then it is answered as unavailable. One poisoned wish never fails its neighbours.
//!
//! While a group is being stored and a whole one waits, that is decided on the copies of the first. It is stored
//! only after the first is, and decided again if the first was not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::hall::{Actor, Command, Event, Hall, KeptDecision, Refusal, Ticket};
use domain::ids::TicketId;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::answer::outcome_of;
use super::desk::{GROUP_MAX, Job, Parts, Wish};
use super::line::Line;
use super::print::print_row;
use super::rows::{Evolved, decision_set, ended_ticket, evolved, hall_row, load_hall};
use crate::app::announce;
use crate::app::error::{Answer, AppError};
use crate::app::keeper::{KeptJournal, KeptWish, detached, entry_rows};
use crate::app::retry::Outcome;
use crate::store::{ChangeSet, CommitStore, Expect, IdempotencyRow, Receipt, Row, StoreError, Stored, Turn};

/// How often one wish is decided again after a conflict.
const ALONE_TRIES_MAX: u32 = 6;
/// Events of other processes that are taken in one by one; behind by more, a hall is read anew.
const MISSED_EVENTS_MAX: i64 = 512;

/// Decides and commits.
pub(super) struct Worker {
    parts: Parts,
    /// Halls as the store holds them.
    known: BTreeMap<String, Hall>,
}

/// A group that was decided.
struct DecidedGroup {
    /// In the order of the wishes.
    outcomes: Vec<Answer<Outcome>>,
    sets: Vec<ChangeSet>,
    /// The halls after it.
    copies: BTreeMap<String, Hall>,
    /// Tickets that ended in it.
    ended: BTreeMap<TicketId, Ticket>,
    turn: Option<Box<dyn Turn>>,
}

/// A group that is being stored; nobody was answered yet.
struct UnderWay {
    jobs: Vec<Job>,
    outcomes: Vec<Answer<Outcome>>,
    sets: Arc<[ChangeSet]>,
    copies: BTreeMap<String, Hall>,
    ended: BTreeMap<TicketId, Ticket>,
    stored: JoinHandle<Stored<Vec<Receipt>>>,
}

impl UnderWay {
    fn shares_a_key_with(&self, jobs: &[Job]) -> bool {
        let keys = |jobs: &[Job]| -> BTreeSet<Vec<u8>> {
            jobs.iter().filter_map(|job| job.wish.retry.as_ref()).map(|retry| retry.key_hash.clone()).collect()
        };
        !keys(&self.jobs).is_disjoint(&keys(jobs))
    }
}

/// A wish that was decided and waits for the commit.
struct Decided {
    /// One, or one for each decision of a keeper's journal; they are committed together.
    sets: Vec<ChangeSet>,
    outcome: Outcome,
    /// Tickets that ended; the hall no longer has them, and the store not yet.
    ended: Vec<Ticket>,
}

impl Worker {
    pub(super) fn new(parts: Parts) -> Self {
        Self { parts, known: BTreeMap::new() }
    }

    pub(super) async fn run(mut self, mut waiting: mpsc::Receiver<Job>) {
        let mut line = Line::default();
        let mut before: Option<UnderWay> = None;
        loop {
            line.take_in(&mut waiting);
            // Less than a group waits: it grows until the one before is stored, and each sync serves more.
            if let Some(before) = before.take_if(|_| !self.decides_ahead() || line.len() < GROUP_MAX) {
                self.finish(before).await;
                continue;
            }
            if before.is_none() && !line.fill(&mut waiting).await {
                return;
            }
            before = self.group(line.next_group(), before).await;
        }
    }

    /// Where several processes write, a group is decided in its own transaction, so none is decided ahead.
    fn decides_ahead(&self) -> bool {
        self.parts.stores.commit.spans_sites()
    }

    /// Decides a group while the one before is being stored, and then lets it be stored.
    async fn group(&mut self, jobs: Vec<Job>, mut before: Option<UnderWay>) -> Option<UnderWay> {
        metrics::histogram!("yichuang_hall_group_size").record(jobs.len() as f64);
        // A retry must see the first outcome.
        if let Some(before) = before.take_if(|before| before.shares_a_key_with(&jobs)) {
            self.finish(before).await;
        }
        let wishes = || jobs.iter().map(|job| &job.wish).collect::<Vec<_>>();
        let mut decided = self.decide_group(&wishes(), before.as_ref()).await;
        if let Some(before) = before
            && !self.finish(before).await
        {
            // It was decided on what did not come to be.
            decided = self.decide_group(&wishes(), None).await;
        }
        match decided {
            Ok(decided) => Some(self.begin(jobs, decided)),
            Err(_) => {
                self.each_alone(jobs).await;
                None
            }
        }
    }

    /// Lets a decided group be stored.
    fn begin(&self, jobs: Vec<Job>, decided: DecidedGroup) -> UnderWay {
        let DecidedGroup { outcomes, sets, copies, ended, turn } = decided;
        let sets: Arc<[ChangeSet]> = sets.into();
        let (commit, what) = (self.parts.stores.commit.clone(), sets.clone());
        let stored = tokio::spawn(async move { store(commit.as_ref(), turn, &what).await });
        UnderWay { jobs, outcomes, sets, copies, ended, stored }
    }

    /// Waits until a group is stored and answers; false when it was not, and each of it was tried alone.
    async fn finish(&mut self, group: UnderWay) -> bool {
        let UnderWay { jobs, outcomes, sets, copies, stored, .. } = group;
        let Ok(Ok(receipts)) = stored.await else {
            self.forget(copies.keys());
            self.each_alone(jobs).await;
            return false;
        };
        self.committed(&sets, &receipts, copies).await;
        for (job, outcome) in jobs.into_iter().zip(outcomes) {
            // A caller that went away has its outcome under its key.
            let _ = job.reply.send(outcome);
        }
        true
    }

    async fn each_alone(&mut self, jobs: Vec<Job>) {
        for job in jobs {
            let outcome = self.alone(&job.wish).await;
            let _ = job.reply.send(outcome);
        }
    }

    async fn alone(&mut self, wish: &Wish) -> Answer<Outcome> {
        for _ in 0..ALONE_TRIES_MAX {
            match self.try_alone(wish).await {
                Ok(outcome) => return outcome,
                Err(StoreError::Conflict(_) | StoreError::Duplicate(_)) => {}
                Err(error) => {
                    tracing::error!(site = wish.site_id, %error, "hall command not stored");
                    break;
                }
            }
        }
        Err(AppError::Unavailable { code: "store_unavailable", message: "没存上，请再试一次" })
    }

    async fn try_alone(&mut self, wish: &Wish) -> Result<Answer<Outcome>, StoreError> {
        let DecidedGroup { mut outcomes, sets, copies, turn, .. } = self.decide_group(&[wish], None).await?;
        let stored = store(self.parts.stores.commit.as_ref(), turn, &sets).await;
        let receipts = stored.inspect_err(|_| self.forget(copies.keys()))?;
        self.committed(&sets, &receipts, copies).await;
        Ok(outcomes.pop().unwrap_or(Err(AppError::NotFound)))
    }

    /// Decides wishes one after the other, the first on the halls as they will be once the group before is stored.
    async fn decide_group(&mut self, wishes: &[&Wish], before: Option<&UnderWay>) -> Result<DecidedGroup, StoreError> {
        let mut turn = self.turn(wishes).await?;
        let stored = self.stored(wishes, turn.as_mut()).await?;
        let mut copies: BTreeMap<String, Hall> = BTreeMap::new();
        let mut ended: BTreeMap<TicketId, Ticket> = BTreeMap::new();
        let mut firsts: BTreeMap<String, u64> = BTreeMap::new();
        let (mut sets, mut outcomes) = (Vec::new(), Vec::with_capacity(wishes.len()));
        for wish in wishes {
            if let Some((retry, row)) = wish.retry.as_ref().and_then(|retry| stored.get(&retry.key_hash).map(|row| (retry, row))) {
                outcomes.push(retry.replay(row));
                continue;
            }
            // Looked at here and not when the wish came: it may have waited longer than the lease.
            if !wish.beside.needs_no_lease() && !self.parts.keepers.may_decide(&wish.site_id) {
                outcomes.push(Err(detached()));
                continue;
            }
            let ahead = before.and_then(|before| before.copies.get(&wish.site_id));
            let hall = match (copies.remove(&wish.site_id), ahead) {
                (Some(hall), _) => hall,
                (None, Some(hall)) => hall.clone(),
                (None, None) => match self.hall(&wish.site_id).await {
                    Ok(hall) => hall,
                    Err(error) => {
                        outcomes.push(Err(error));
                        continue;
                    }
                },
            };
            firsts.entry(wish.site_id.clone()).or_insert(hall.version());
            let just_ended = |ticket_id: &TicketId| ended.get(ticket_id).or_else(|| before?.ended.get(ticket_id)).cloned();
            let (hall, decided) = self.decide(hall, wish, just_ended).await;
            copies.insert(wish.site_id.clone(), hall);
            outcomes.push(decided.map(|decided| {
                ended.extend(decided.ended.into_iter().map(|ticket| (ticket.id.clone(), ticket)));
                sets.extend(decided.sets.into_iter().filter(|set| !set.events.is_empty() || !set.rows.is_empty()));
                decided.outcome
            }));
        }
        versions(&mut sets, &copies, &firsts)?;
        Ok(DecidedGroup { outcomes, sets, copies, ended, turn })
    }

    /// Where several processes write: locks the site's log and takes in what the others did, before
    /// anything is decided. So no decision is ever made on an old hall, nothing conflicts, and answers
    /// without events, such as "nobody waits", are true too.
    async fn turn(&mut self, wishes: &[&Wish]) -> Result<Option<Box<dyn Turn>>, StoreError> {
        // A group never spans sites there.
        let Some(site_id) = wishes.first().map(|wish| wish.site_id.as_str()) else { return Ok(None) };
        if self.parts.stores.commit.spans_sites() {
            return Ok(None);
        }
        for _ in 0..ALONE_TRIES_MAX {
            // Read before the turn: the lock is held for a few events, not for a whole day of tickets,
            // and who holds a connection waits for no second one.
            let Ok(mut hall) = self.hall(site_id).await else { return Ok(None) };
            let Some(mut turn) = self.parts.stores.commit.turn(site_id).await? else { return Ok(None) };
            let missed = turn.hall_version().await? - i64::try_from(hall.version()).unwrap_or(i64::MAX);
            if missed == 0 {
                return Ok(Some(turn));
            }
            self.known.remove(site_id);
            if (1..=MISSED_EVENTS_MAX).contains(&missed) {
                for logged in turn.newest_hall_events(missed).await? {
                    let event: Event = serde_json::from_str(&logged.body).map_err(|error| StoreError::Database(error.to_string()))?;
                    hall.evolve(&event);
                }
                self.known.insert(site_id.to_owned(), hall);
                return Ok(Some(turn));
            }
        }
        Err(StoreError::Busy)
    }

    async fn stored(&self, wishes: &[&Wish], turn: Option<&mut Box<dyn Turn>>) -> Result<BTreeMap<Vec<u8>, IdempotencyRow>, StoreError> {
        let keys: Vec<Vec<u8>> = wishes.iter().filter_map(|wish| wish.retry.as_ref().map(|retry| retry.key_hash.clone())).collect();
        let rows = match turn {
            _ if keys.is_empty() => Vec::new(),
            Some(turn) => turn.outcomes(&keys).await?,
            None => self.parts.stores.idempotency.outcomes(&keys).await?,
        };
        Ok(rows.into_iter().map(|row| (row.key_hash.clone(), row)).collect())
    }

    async fn hall(&mut self, site_id: &str) -> Answer<Hall> {
        if let Some(hall) = self.known.get(site_id) {
            return Ok(hall.clone());
        }
        let hall = load_hall(&self.parts.stores, site_id).await?;
        self.known.insert(site_id.to_owned(), hall.clone());
        Ok(hall)
    }

    /// `just_ended` knows tickets that the hall no longer has and the store not yet.
    async fn decide(&self, hall: Hall, wish: &Wish, just_ended: impl Fn(&TicketId) -> Option<Ticket>) -> (Hall, Answer<Decided>) {
        if let Some(kept) = &wish.beside.kept {
            return self.take_in(hall, wish, kept);
        }
        if let Some(journal) = &wish.beside.journal {
            return match self.take_in_whole(&hall, wish, journal) {
                Ok((after, decided)) => (after, Ok(decided)),
                Err(error) => (hall, Err(error)),
            };
        }
        let now = self.parts.clock.now();
        let mut answer = hall.decide(&wish.actor, &wish.command, now);
        if let Err(Refusal::UnknownTicket { ticket_id }) = &answer {
            let known = match just_ended(ticket_id) {
                Some(ticket) => Ok(Some(ticket)),
                None => ended_ticket(&self.parts.stores, &wish.site_id, ticket_id).await,
            };
            match known {
                Ok(Some(ticket)) => answer = hall.remembering(ticket).decide(&wish.actor, &wish.command, now),
                Ok(None) => {}
                Err(error) => return (hall, Err(error)),
            }
        }
        match answer {
            Err(refusal) => {
                let outcome = Outcome::refusal(&refusal.into());
                let set = self.kept(ChangeSet::new(&wish.site_id), wish, &outcome);
                (hall, Ok(Decided { sets: vec![set], outcome, ended: Vec::new() }))
            }
            Ok(events) => {
                let evolved = evolved(&hall, &events);
                let after = evolved.hall.clone();
                let decided = self.decided(&hall, evolved, &events, wish);
                if decided.is_err() { (hall, decided) } else { (after, decided) }
            }
        }
    }

    /// Takes in what the hall's keeper decided while the line was cut.
    fn take_in(&self, hall: Hall, wish: &Wish, kept: &KeptWish) -> (Hall, Answer<Decided>) {
        let merged = kept.merged(&hall, self.parts.clock.now());
        let taken = match taken_in(&hall, &merged.events, &wish.actor_id) {
            Ok(taken) => taken,
            Err(error) => return (hall, Err(error)),
        };
        let TakenIn { after, mut set, ended } = taken;
        set.rows.extend(wish.rows.iter().cloned());
        set.rows.extend(entry_rows(&kept.row, &after, &merged));
        set.expect.extend(wish.beside.expect.iter().cloned());
        if let Some(check_in) = &kept.check_in {
            check_in.add_to(&mut set, &after);
        }
        let told = serde_json::json!({ "exact": merged.is_exact, "clashes": merged.clashes.len() });
        (after, Ok(Decided { sets: vec![set], outcome: Outcome::success(200, None, told), ended }))
    }

    /// Takes in the whole journal of a keeper whose term is over, and joins again what was left to it.
    fn take_in_whole(&self, before: &Hall, wish: &Wish, journal: &KeptJournal) -> Answer<(Hall, Decided)> {
        let now = self.parts.clock.now();
        let (mut hall, mut sets, mut ended) = (before.clone(), Vec::new(), Vec::new());
        let mut clashes = 0;
        let mut take = |hall: &mut Hall, events: &[Event], actor_id: &str| -> Answer<ChangeSet> {
            let taken = taken_in(hall, events, actor_id)?;
            ended.extend(taken.ended);
            *hall = taken.after;
            Ok(taken.set)
        };
        let decisions: Vec<KeptDecision> = journal.entries.iter().map(|entry| entry.decision.clone()).collect();
        for (entry, merged) in journal.entries.iter().zip(hall.merge_beside(&decisions)) {
            let mut set = take(&mut hall, &merged.events, &entry.actor_id)?;
            clashes += merged.clashes.len();
            set.rows.extend(entry.rows.iter().cloned());
            set.rows.extend(entry_rows(&entry.row, &hall, &merged));
            if let Some(check_in) = &entry.check_in {
                check_in.add_to(&mut set, &hall);
            }
            sets.push(set);
        }
        for term in &journal.rejoins {
            let joined = hall.decide(&Actor::machine(), &Command::Rejoin { term: Some(*term) }, now)?;
            sets.push(take(&mut hall, &joined, &wish.actor_id)?);
        }
        let mut last = ChangeSet::new(&wish.site_id);
        last.rows.extend(wish.rows.iter().cloned());
        sets.push(last);
        if let Some(first) = sets.first_mut() {
            first.expect.extend(wish.beside.expect.iter().cloned());
        }
        let told = serde_json::json!({ "entries": journal.entries.len(), "clashes": clashes });
        Ok((hall, Decided { sets, outcome: Outcome::success(200, None, told), ended }))
    }

    fn decided(&self, before: &Hall, evolved: Evolved, events: &[Event], wish: &Wish) -> Answer<Decided> {
        let now = self.parts.clock.now();
        let after = evolved.hall.clone();
        let outcome = outcome_of(&after, &evolved.tickets, &wish.command, events, now);
        let ended = ended_of(&evolved);
        let mut set = decision_set(before, evolved, events, &wish.actor_id)?;
        set.rows.extend(wish.rows.iter().cloned());
        set.events.extend(wish.beside.events.iter().cloned());
        set.expect.extend(wish.beside.expect.iter().cloned());
        if let Command::Issue(ticket) = &wish.command
            && !wish.beside.without_slip
        {
            set.rows.extend(print_row(&self.parts, &after, &ticket.ticket_id, now)?);
        }
        Ok(Decided { sets: vec![self.kept(set, wish, &outcome)], outcome, ended })
    }

    fn kept(&self, mut set: ChangeSet, wish: &Wish, outcome: &Outcome) -> ChangeSet {
        if let Some(retry) = wish.retry.as_ref().filter(|_| outcome.is_kept()) {
            set.row(retry.row(&wish.site_id, outcome, self.parts.clock.now()));
        }
        set
    }

    fn forget<'a>(&mut self, site_ids: impl Iterator<Item = &'a String>) {
        for site_id in site_ids {
            self.known.remove(site_id);
        }
    }

    /// Appointments stand under other rules once settings that were scheduled are in force.
    async fn rules_changed(&self, sets: &[ChangeSet]) {
        for set in sets.iter().filter(|set| set.events.iter().any(|event| event.kind == "hall_configured")) {
            if let Err(error) = self.parts.stores.appointments.appointments_due_anew(Some(&set.site_id)).await {
                tracing::error!(site_id = set.site_id, %error, "appointments were not looked at under the new settings");
            }
        }
    }

    /// The copies are the state now, and whoever listens is told.
    async fn committed(&mut self, sets: &[ChangeSet], receipts: &[Receipt], copies: BTreeMap<String, Hall>) {
        self.known.extend(copies);
        for (set, receipt) in sets.iter().zip(receipts) {
            announce(&self.parts.commits, set, *receipt);
        }
        self.rules_changed(sets).await;
    }
}

/// What was decided elsewhere, made true here.
struct TakenIn {
    after: Hall,
    set: ChangeSet,
    /// Tickets that ended.
    ended: Vec<Ticket>,
}

fn taken_in(before: &Hall, events: &[Event], actor_id: &str) -> Answer<TakenIn> {
    let evolved = evolved(before, events);
    let after = evolved.hall.clone();
    let ended = ended_of(&evolved);
    let mut set = decision_set(before, evolved, events, actor_id)?;
    // Nobody is told now that his turn came near some time ago.
    set.rows.retain(|row| !matches!(row, Row::Outbox(_)));
    Ok(TakenIn { after, set, ended })
}

fn ended_of(evolved: &Evolved) -> Vec<Ticket> {
    evolved.tickets.values().filter(|ticket| !ticket.state.is_live()).cloned().collect()
}

/// The version of each hall is checked once for the group and written once, with its last decision.
fn versions(sets: &mut [ChangeSet], copies: &BTreeMap<String, Hall>, firsts: &BTreeMap<String, u64>) -> Result<(), StoreError> {
    for (site_id, hall) in copies {
        let before = firsts.get(site_id).copied().unwrap_or_default();
        if hall.version() == before {
            continue;
        }
        let row = hall_row(hall).map_err(|error| StoreError::Database(error.to_string()))?;
        if let Some(first) = sets.iter_mut().find(|set| set.site_id == *site_id) {
            first.expect.push(Expect::Hall(i64::try_from(before).unwrap_or(i64::MAX)));
        }
        if let Some(last) = sets.iter_mut().rfind(|set| set.site_id == *site_id) {
            last.row(row);
        }
    }
    Ok(())
}

/// Stores what was decided, in the turn it was decided in; nothing where nothing came of it.
async fn store(commit: &dyn CommitStore, turn: Option<Box<dyn Turn>>, sets: &[ChangeSet]) -> Stored<Vec<Receipt>> {
    match turn {
        _ if sets.is_empty() => Ok(Vec::new()),
        Some(turn) => turn.commit(sets).await,
        None => commit.commit(sets).await,
    }
}
