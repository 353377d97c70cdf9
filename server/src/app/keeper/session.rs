//! The keeper's part of a device session: its office, the hall and what changes in it, beats, and its
//! journal. Knows frames and their order, and no socket.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use domain::hall::Event;
use protocol::device::ToDevice;
use protocol::keeper::{Entry, FromKeeper, House, ToKeeper};

use super::KeeperTold;
use super::clock::Corrections;
use super::journal::term_of;
use crate::app::caller::DeviceCaller;
use crate::app::error::Answer;
use crate::app::{App, Committed};

/// The house is compared with what was told this often, in looks of the session.
const LOOKS_PER_HOUSE: u32 = 5;
/// How often it is tried to grant a take-over.
const TRIES_MAX: u32 = 3;
/// Entries that wait for the rest of their journal; what is more comes again when those are taken.
const WAITING_MAX: usize = 20_000;

/// A kiosk that said that it can keep its hall.
pub struct KeeperEnd {
    app: Arc<App>,
    device: DeviceCaller,
    /// The address that the session comes from; `None` behind a proxy.
    peer: Option<IpAddr>,
    office: Option<ToKeeper>,
    standby: Option<ToKeeper>,
    /// Entries of terms that are over: taken in together, when all of them are here.
    waiting: BTreeMap<u64, Entry>,
    /// The newest entry of those terms, once the keeper said that it decides nothing more in them.
    closed: Option<u64>,
    /// How far its clock was off, as its journal says.
    corrections: Corrections,
    is_here: bool,
    house: Option<House>,
    /// Of which book and day the appointments were told.
    bookings: Option<(i64, String)>,
    /// Position in the log and version of the hall as told; `None` while the keeper is not in step.
    told: Option<(i64, u64)>,
    looks: u32,
}

impl std::fmt::Debug for KeeperEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeeperEnd").field("device", &self.device.id).field("told", &self.told).finish_non_exhaustive()
    }
}

impl Drop for KeeperEnd {
    fn drop(&mut self) {
        if self.is_here {
            self.app.keepers.cut(&self.device.site_id, &self.device.id);
        }
    }
}

impl KeeperEnd {
    /// The end of a session with a device; `peer` is the address that it comes from, `None` where a proxy stands between.
    #[must_use]
    pub fn new(app: Arc<App>, device: DeviceCaller, peer: Option<IpAddr>) -> Self {
        Self {
            app,
            device,
            peer,
            office: None,
            standby: None,
            waiting: BTreeMap::new(),
            closed: None,
            corrections: Corrections::default(),
            is_here: false,
            house: None,
            bookings: None,
            told: None,
            looks: 0,
        }
    }

    /// Takes what the keeper said; what is said back.
    ///
    /// # Errors
    /// When the store cannot be read: the device says it again.
    pub async fn hear(&mut self, said: FromKeeper) -> Answer<Vec<ToDevice>> {
        match said {
            FromKeeper::TookOver { after_term } => {
                // Said once: a device that is told of no office stands back.
                for _ in 0..TRIES_MAX {
                    match self.app.keeper_took_over(&self.device, after_term).await {
                        Ok(()) => break,
                        Err(error) => tracing::warn!(device = self.device.id, %error, "a take-over could not be granted"),
                    }
                }
                Ok(Vec::new())
            }
            FromKeeper::Ready { .. } => {
                if !std::mem::replace(&mut self.is_here, true) {
                    self.app.keepers.came(&self.device.id);
                }
                self.app.keeper_ready(&self.device, &said, self.peer).await?;
                (self.office, self.standby, self.house, self.bookings, self.told) = (None, None, None, None, None);
                self.refresh().await
            }
            FromKeeper::Beaten { term, beat } => {
                self.app.keepers.beaten(&self.device.site_id, &self.device.id, term, beat);
                Ok(Vec::new())
            }
            FromKeeper::Resync => {
                self.app.give_up_twins(&self.device.site_id, &self.device.id).await?;
                if self.may_know().await? { self.whole().await } else { Ok(Vec::new()) }
            }
            FromKeeper::Closed { newest } => {
                self.closed = Some(newest);
                self.take_whole().await
            }
            FromKeeper::Clock(entry) => {
                if let Some(row) = self.app.own_keeper(&self.device).await? {
                    self.corrections.take(&row, &entry);
                }
                Ok(Vec::new())
            }
            FromKeeper::Entry(entry) if self.is_of_past(&entry) => {
                if self.waiting.len() < WAITING_MAX {
                    self.waiting.insert(entry.number, *entry);
                }
                self.take_whole().await
            }
            FromKeeper::Entry(entry) => {
                let through = match self.app.take_entry_by(&self.device, &entry, &self.corrections).await {
                    Ok(through) => through,
                    Err(error) => {
                        tracing::warn!(device = self.device.id, number = entry.number, %error, "an entry could not be taken; it comes again");
                        self.app.keeper_taken(&self.device).await?
                    }
                };
                Ok(vec![ToDevice::Keeper(ToKeeper::Taken { through })])
            }
            FromKeeper::State { is_deciding, unsent, trouble } => {
                self.app.keepers.note(&self.device.site_id, &self.device.id, KeeperTold { is_deciding, unsent, trouble });
                Ok(Vec::new())
            }
        }
    }

    /// Whether an entry is of a term that is over, so that it is taken in with all others of it. What cannot be read is
    /// refused by itself, or with those it stands among.
    fn is_of_past(&self, entry: &Entry) -> bool {
        let current = match &self.office {
            Some(ToKeeper::Appointed { term, .. }) => Some(*term),
            _ => None,
        };
        match term_of(entry) {
            Some(term) => Some(term) != current,
            None => self.closed.is_some_and(|newest| entry.number <= newest),
        }
    }

    /// Takes in what is of terms that are over, once all of it is here.
    async fn take_whole(&mut self) -> Answer<Vec<ToDevice>> {
        let taken = self.app.keeper_taken(&self.device).await?;
        let through = match self.closed {
            Some(newest) if newest >= taken && (taken + 1..=newest).all(|number| self.waiting.contains_key(&number)) => {
                let entries = (taken + 1..=newest).filter_map(|number| self.waiting.get(&number).cloned()).collect();
                match self.app.take_keeper_journal(&self.device, entries).await {
                    Ok(through) => {
                        (self.waiting, self.closed) = (BTreeMap::new(), None);
                        through
                    }
                    Err(error) => {
                        tracing::warn!(device = self.device.id, %error, "a journal could not be taken; it comes again");
                        taken
                    }
                }
            }
            _ => taken,
        };
        Ok(vec![ToDevice::Keeper(ToKeeper::Taken { through })])
    }

    /// Tells office and house where they differ from what was told, and the hall to whoever can keep it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn refresh(&mut self) -> Answer<Vec<ToDevice>> {
        let mut frames = Vec::new();
        let office = self.app.keeper_office(&self.device).await?;
        let is_same = match (&self.office, &office) {
            (Some(ToKeeper::Appointed { term: known, .. }), ToKeeper::Appointed { term, .. }) => known == term,
            (Some(ToKeeper::NotAppointed { .. }), ToKeeper::NotAppointed { .. }) => true,
            _ => false,
        };
        if !is_same {
            self.office = Some(office.clone());
            self.told = None;
            frames.push(ToDevice::Keeper(office));
        }
        let standby = self.app.keeper_standby(&self.device).await?;
        if self.standby != standby {
            self.standby.clone_from(&standby);
            frames.extend(standby.map(ToDevice::Keeper));
        }
        if !self.may_know().await? {
            self.told = None;
            return Ok(frames);
        }
        let house = self.app.keeper_house(&self.device).await?;
        if self.house.as_ref() != Some(&house) {
            self.house = Some(house.clone());
            frames.push(ToDevice::Keeper(ToKeeper::House(Box::new(house))));
        }
        if self.told.is_none() {
            frames.extend(self.whole().await?);
        } else {
            frames.extend(self.newer_bookings().await?);
        }
        Ok(frames)
    }

    /// Whether a person let this device keep its hall: nobody else is told of accounts, devices and people.
    async fn may_know(&self) -> Answer<bool> {
        Ok(self.app.own_keeper(&self.device).await?.is_some_and(|row| row.allowed))
    }

    /// The appointments, where they are not those that were told.
    async fn newer_bookings(&mut self) -> Answer<Option<ToDevice>> {
        // The version first: what changes while the rows are read is told again.
        let version = self.app.bookings_version(&self.device.site_id).await?;
        if self.bookings.as_ref() == Some(&version) {
            return Ok(None);
        }
        let bookings = self.app.kept_bookings(&self.device.site_id).await?;
        self.bookings = Some(version);
        Ok(Some(ToDevice::Keeper(ToKeeper::Bookings(bookings))))
    }

    async fn whole(&mut self) -> Answer<Vec<ToDevice>> {
        // Before the hall: with that the keeper forgets whom it checked in itself.
        let bookings = self.newer_bookings().await?;
        let (hall, seq) = self.app.keeper_hall(&self.device).await?;
        self.told = Some((seq, hall.doc.version));
        let mut frames: Vec<ToDevice> = bookings.into_iter().collect();
        frames.push(ToDevice::Keeper(ToKeeper::Hall(Box::new(hall))));
        // At once, so that the hall waits no longer than it must after a line was cut.
        frames.extend(self.beat());
        Ok(frames)
    }

    fn beat(&self) -> Option<ToDevice> {
        let (term, beat) = self.app.keepers.beat(&self.device.site_id, &self.device.id)?;
        Some(ToDevice::Keeper(ToKeeper::Beat { term, beat }))
    }

    /// What a commit of the site changed in the hall; `None` stands for commits that were missed.
    ///
    /// # Errors
    /// When the store cannot be read, or the log holds what is no event.
    pub async fn committed(&mut self, committed: Option<&Committed>) -> Answer<Vec<ToDevice>> {
        let Some((seq, version)) = self.told else { return Ok(Vec::new()) };
        let Some(committed) = committed else { return self.whole().await };
        if committed.site_id != self.device.site_id {
            return Ok(Vec::new());
        }
        let mut events: Vec<Event> = Vec::new();
        let mut newest = seq;
        for event in committed.events.iter().filter(|event| event.seq > seq) {
            newest = newest.max(event.seq);
            if event.aggregate == "hall" {
                events.push(serde_json::from_str(&event.body)?);
            }
        }
        self.told = Some((newest, version + events.len() as u64));
        if events.is_empty() { Ok(Vec::new()) } else { Ok(vec![ToDevice::Keeper(ToKeeper::Events { from_version: version, events })]) }
    }

    /// A beat, and from time to time the house; where several processes write, whether the hall moved on unheard.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn look(&mut self) -> Answer<Vec<ToDevice>> {
        self.looks += 1;
        let mut frames = Vec::new();
        if self.looks.is_multiple_of(LOOKS_PER_HOUSE) {
            frames.extend(self.refresh().await?);
        }
        if let Some((_, version)) = self.told.filter(|_| !self.app.stores.commit.spans_sites()) {
            let stored = self.app.stores.halls.hall_version(&self.device.site_id).await?;
            if u64::try_from(stored).unwrap_or(0) != version {
                frames.extend(self.whole().await?);
            }
        }
        frames.extend(self.beat());
        Ok(frames)
    }
}
