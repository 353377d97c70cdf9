//! The field bag: applications that are received without a line, in a village station or at somebody's home. It writes
//! down what the person at it decided; the server decides what becomes of that.
//!
//! Architecture Invariant: the bag touches no hall, so it waits for no lease and works cut or not, with a chain of its
//! own. The core here knows neither sockets nor pages. Contents are on the disk before the entry that names them, the
//! entry before the receipt.

pub mod api;
mod blobs;
mod carry;
mod drafts;
mod receive;
mod serials;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::bag::BagFault;
use domain::catalogue::Matter;
use domain::time::{DAY_MS, Millis, local_date};
use edge::clock::HallClock;
use edge::seal::Seal;
use edge::spool::SpoolError;
use protocol::bag::{BagHouse, BagText};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;

pub use carry::{BagErrand, run};
pub use drafts::{Draft, Filled, FilledMaterial, Photo};
pub use receive::{Sent, SentMaterial};

use super::journal::Journal;
use super::pins::Pins;
use blobs::Blobs;
use carry::Carrying;
use serials::Serials;

/// What is kept under these names.
const HOUSE: &str = "house";
const DRAFTS: &str = "drafts";
const SENT: &str = "sent";
/// The device that the journal is of.
pub(super) const DEVICE: &str = "device";
/// Receipts are shown again for so long.
const SENT_MS_MAX: Millis = 30 * DAY_MS;

/// Where the bag keeps its data inside the device's folder.
pub(super) fn folder_in(device: &Path) -> PathBuf {
    device.join("bag")
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BagRefusal {
    /// The bag was never packed: it knows no matters and nobody.
    NotPacked,
    /// There is no such thing, or it is somebody else's.
    Unknown,
    /// What was filled in has these faults.
    Wrong(Vec<BagFault>),
    /// There are as many drafts as one laptop keeps.
    TooMany,
    /// The disk is full or takes nothing; nothing was done.
    Disk,
}

impl From<SpoolError> for BagRefusal {
    fn from(error: SpoolError) -> Self {
        tracing::error!(%error, "the bag's data could not be written");
        Self::Disk
    }
}

impl From<std::io::Error> for BagRefusal {
    fn from(error: std::io::Error) -> Self {
        SpoolError::from(error).into()
    }
}

/// How the bag is, for its page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BagState {
    /// Whether it was packed.
    pub is_packed: bool,
    /// Name of the site.
    pub site_name: String,
    /// When the server last told matters and people, UTC milliseconds.
    pub packed_at: Option<Millis>,
    /// Whether the server answered last.
    pub online: bool,
    /// Applications that the server has not taken.
    pub unsent: u64,
    /// `disk_low` or `journal_damaged`.
    pub trouble: Option<&'static str>,
}

/// The bag; clones share it.
#[derive(Clone)]
pub struct Bag(Arc<Shared>);

struct Shared {
    folder: PathBuf,
    clock: HallClock,
    origin: Instant,
    inner: Mutex<Inner>,
    /// Grows with everything that is to be carried.
    changes: watch::Sender<u64>,
    pins: Pins,
}

struct Inner {
    journal: Journal,
    blobs: Blobs,
    serials: Serials,
    house: Option<BagHouse>,
    drafts: Vec<Draft>,
    sent: Vec<Sent>,
    carrying: Carrying,
    was_damaged: bool,
}

impl Bag {
    /// The bag with what it kept in a device's folder; call it inside a tokio runtime.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn open(device: &Path, seal: Seal, clock: HallClock) -> Result<Self, SpoolError> {
        let folder = folder_in(device);
        std::fs::create_dir_all(&folder)?;
        let (journal, was_damaged) = Journal::open_with_key_of(device, &folder, seal.clone())?;
        let mut sent: Vec<Sent> = journal.known(SENT)?.unwrap_or_default();
        let house: Option<BagHouse> = journal.known(HOUSE)?;
        let mut drafts: Vec<Draft> = journal.known(DRAFTS)?.unwrap_or_default();
        // The power may have gone between an entry and the draft that it came from.
        for text in texts(&journal)? {
            let done = receive::sent_of(&text, house.as_ref());
            if sent.iter().all(|known| known.case_id != done.case_id) {
                sent.push(done);
            }
        }
        drafts.retain(|draft| sent.iter().all(|done| done.case_id != draft.id.as_str()));
        let used = sent.iter().filter_map(|done| Some((local_date(done.at), receive::serial_of(&done.number)?))).max();
        let inner = Inner {
            blobs: Blobs::open(folder.join("blobs"), seal)?,
            serials: Serials::open(&folder, used),
            carrying: Carrying::default(),
            was_damaged,
            journal,
            house,
            drafts,
            sent,
        };
        inner.keep_drafts()?;
        inner.sweep()?;
        let shared = Shared {
            folder,
            clock,
            origin: Instant::now(),
            inner: Mutex::new(inner),
            changes: watch::Sender::new(0),
            pins: Pins::default(),
        };
        Ok(Self(Arc::new(shared)))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Monotonic milliseconds of this program.
    fn steady_ms(&self) -> Millis {
        Millis::try_from(self.0.origin.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    /// The hall's time, UTC milliseconds.
    fn now_ms(&self) -> Millis {
        self.0.clock.now_ms()
    }

    fn changed(&self) {
        self.0.changes.send_modify(|revision| *revision += 1);
    }

    /// Whether there is room for a new application; a disk that cannot be looked at is not called full.
    fn has_room(&self) -> bool {
        edge::disk::free_bytes(&self.0.folder).map_or(true, |free| free >= edge::disk::LOW_BYTES)
    }

    /// How it is.
    #[must_use]
    pub fn state(&self) -> BagState {
        let has_room = self.has_room();
        let inner = self.inner();
        let trouble = if has_room { inner.was_damaged.then_some("journal_damaged") } else { Some("disk_low") };
        BagState {
            is_packed: inner.house.is_some(),
            site_name: inner.house.as_ref().map(|house| house.site_name.clone()).unwrap_or_default(),
            packed_at: inner.carrying.packed_at,
            online: inner.carrying.online,
            unsent: inner.journal.unsent().unwrap_or(0),
            trouble,
        }
    }

    /// What the server told last.
    #[must_use]
    pub fn house(&self) -> Option<BagHouse> {
        self.inner().house.clone()
    }

    /// A matter of which applications are received here.
    #[must_use]
    pub fn matter(&self, id: &str) -> Option<Matter> {
        self.inner().matter(id).cloned()
    }
}

/// What lies in a journal that can be read.
fn texts(journal: &Journal) -> Result<Vec<BagText>, SpoolError> {
    let entries = journal.entries_after(0, u32::MAX)?;
    Ok(entries.iter().filter_map(|entry| serde_json::from_str(&entry.text).ok()).collect())
}

impl Inner {
    fn matter(&self, id: &str) -> Option<&Matter> {
        self.house.as_ref()?.matters.iter().find(|matter| matter.id.as_str() == id)
    }

    fn keep_drafts(&self) -> Result<(), SpoolError> {
        self.journal.keep(DRAFTS, &self.drafts)?;
        self.journal.keep(SENT, &self.sent)
    }

    /// Forgets contents that neither a draft nor an entry names.
    fn sweep(&self) -> Result<(), SpoolError> {
        let mut named: BTreeSet<String> = self.drafts.iter().flat_map(|draft| &draft.photos).map(|photo| photo.sha.clone()).collect();
        named.extend(texts(&self.journal)?.iter().flat_map(BagText::contents).map(str::to_owned));
        Ok(self.blobs.keep_only(|name| named.contains(name))?)
    }

    /// Another device of the same machine: what the one before did not hand over is put aside. Drafts of the same site go on.
    fn become_another(&mut self, before: &str, site_key: &str) -> Result<(), SpoolError> {
        tracing::warn!(before, "this machine is another device now; the bag's journal begins anew");
        self.drafts.retain(|draft| draft.id.site_key() == site_key);
        let goes_on = |name: &str| self.drafts.iter().flat_map(|draft| &draft.photos).any(|photo| photo.sha == name);
        let left = texts(&self.journal)?.iter().flat_map(BagText::contents).map(str::to_owned).collect();
        self.blobs.leave_behind(before, &left, goes_on)?;
        self.journal.leave_behind(before)?;
        (self.house, self.sent, self.carrying) = (None, Vec::new(), Carrying::default());
        self.keep_drafts()
    }
}
