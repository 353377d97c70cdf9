//! The keeper of a hall: the kiosk that decides about it while the line is cut. Who that is, the lease
//! by which only one side decides at a time, what the keeper must know, and what it decided.
//!
//! The rules of the lease stand in `domain::keeper`, those of the merge in `domain::hall`. A site without
//! a keeper pays one look at a flag.

mod admission;
mod aside;
mod bag;
mod bag_house;
mod bring_in;
mod clock;
mod house;
mod journal;
mod lost;
mod office;
mod pins;
mod review;
mod session;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::keeper::ServiceLease;
use domain::time::Millis;
use protocol::keeper::KeeperTrouble;
use tokio::time::Instant;

use super::error::AppError;
pub use admission::AdmitRequest;
pub use bring_in::{BroughtView, JournalRequest};
pub use clock::Corrections;
pub use house::WithoutPinView;
pub use journal::{CheckInSet, KeptEntry, KeptJournal, KeptWish, entry_rows};
pub use office::{AppointRequest, KeeperCandidateView, KeeperView, ReleaseRequest};
pub use pins::HallPinRequest;
pub use review::KeeperEntryView;
pub use session::KeeperEnd;

/// How a keeper is, as it told on its session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeeperTold {
    /// Whether it decides.
    pub is_deciding: bool,
    /// Entries that were not taken yet.
    pub unsent: u64,
    /// What hinders it.
    pub trouble: Option<KeeperTrouble>,
}

#[derive(Debug)]
struct InOffice {
    device_id: String,
    lease: ServiceLease,
    /// Since when this process looks for it, in its monotonic milliseconds.
    since: Millis,
    told: Option<KeeperTold>,
}

/// The keepers in office and their leases, in memory: a service that starts anew has no lease and gets one
/// with the first beat that is answered.
#[derive(Debug)]
pub struct Keepers {
    any: AtomicBool,
    sites: Mutex<BTreeMap<String, InOffice>>,
    /// Sessions of devices that said that they can keep their hall, by device.
    here: Mutex<BTreeMap<String, u32>>,
    origin: Instant,
}

impl Default for Keepers {
    fn default() -> Self {
        Self { any: AtomicBool::new(false), sites: Mutex::default(), here: Mutex::default(), origin: Instant::now() }
    }
}

impl Keepers {
    fn sites(&self) -> MutexGuard<'_, BTreeMap<String, InOffice>> {
        self.sites.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Monotonic milliseconds of this process.
    fn now(&self) -> Millis {
        Millis::try_from(self.origin.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    /// Whether this service may decide about a hall now.
    #[must_use]
    pub fn may_decide(&self, site_id: &str) -> bool {
        if !self.any.load(Ordering::Acquire) {
            return true;
        }
        let now = self.now();
        self.sites().get(site_id).is_none_or(|office| office.lease.may_decide(now))
    }

    /// Whether a hall's keeper may be deciding by now, so that the hall's devices belong to it.
    fn is_lapsed(&self, site_id: &str) -> bool {
        if !self.any.load(Ordering::Acquire) {
            return false;
        }
        let now = self.now();
        self.sites().get(site_id).is_some_and(|office| office.lease.is_lapsed(office.since, now))
    }

    /// A keeper takes office, for a term; without a device the site has none from now on.
    fn set(&self, site_id: &str, device: Option<(String, u64)>) {
        let (mut sites, since) = (self.sites(), self.now());
        match device {
            Some((device_id, term)) => {
                let is_same = sites.get(site_id).is_some_and(|office| office.device_id == device_id && office.lease.term() == term);
                if !is_same {
                    sites.insert(site_id.to_owned(), InOffice { device_id, lease: ServiceLease::new(term), since, told: None });
                }
            }
            None => drop(sites.remove(site_id)),
        }
        self.any.store(!sites.is_empty(), Ordering::Release);
    }

    fn with<T>(&self, site_id: &str, device_id: &str, act: impl FnOnce(&mut InOffice, Millis) -> T) -> Option<T> {
        let now = self.now();
        self.sites().get_mut(site_id).filter(|office| office.device_id == device_id).map(|office| act(office, now))
    }

    /// A beat for the keeper: term and number; `None` when the device is not in office.
    pub fn beat(&self, site_id: &str, device_id: &str) -> Option<(u64, u64)> {
        self.with(site_id, device_id, |office, now| (office.lease.term(), office.lease.beat(now)))
    }

    /// The keeper answered a beat.
    pub fn beaten(&self, site_id: &str, device_id: &str, term: u64, beat: u64) {
        self.with(site_id, device_id, |office, _| office.lease.answered(term, beat));
    }

    fn here(&self) -> MutexGuard<'_, BTreeMap<String, u32>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A device that can keep its hall opened a session.
    pub(super) fn came(&self, device_id: &str) {
        *self.here().entry(device_id.to_owned()).or_default() += 1;
    }

    /// Whether a hall needs another keeper: it has one, that is away, and the service has no word of it.
    pub(super) fn is_forsaken(&self, site_id: &str) -> bool {
        let now = self.now();
        let away = |office: &InOffice| !office.lease.may_decide(now) && !self.here().contains_key(&office.device_id);
        self.sites().get(site_id).is_some_and(away)
    }

    /// A session of a device that can keep its hall ended: beats under way count for nothing.
    pub fn cut(&self, site_id: &str, device_id: &str) {
        {
            let mut here = self.here();
            let left = here.get_mut(device_id).map(|sessions| {
                *sessions = sessions.saturating_sub(1);
                *sessions
            });
            if left == Some(0) {
                here.remove(device_id);
            }
        }
        self.with(site_id, device_id, |office, _| {
            office.lease.cut();
            office.told = None;
        });
    }

    /// The keeper told how it is.
    pub fn note(&self, site_id: &str, device_id: &str, told: KeeperTold) {
        self.with(site_id, device_id, |office, _| office.told = Some(told));
    }

    /// Term, what the keeper told, and whether this service may decide.
    fn state(&self, site_id: &str) -> Option<(u64, Option<KeeperTold>, bool)> {
        let now = self.now();
        self.sites().get(site_id).map(|office| (office.lease.term(), office.told, office.lease.may_decide(now)))
    }
}

/// The answer to a hall command while the keeper may be deciding.
#[must_use]
pub fn detached() -> AppError {
    AppError::Unavailable { code: "site_detached", message: "大厅的线路断了，现在由大厅的守门机叫号取号" }
}
