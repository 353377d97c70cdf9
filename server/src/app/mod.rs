//! Use cases, one file per noun: check the permit, read, let the domain decide, commit a change-set.
//!
//! Architecture Invariant: nothing here names a web framework or a database. A use case calls no
//! gateway: side effects are outbox rows in its change-set.

pub mod alerts;
pub mod appointments;
pub mod assistances;
pub mod board_content;
pub mod brake;
pub mod bundles;
pub mod cabinet_counts;
pub mod calendar;
pub mod caller;
mod case_alerts;
pub mod cases;
pub mod catalogue;
pub mod catalogue_book;
pub mod catalogue_files;
pub mod catalogue_import;
pub mod catalogue_sheet;
pub mod citizens;
pub mod complaints;
mod copying;
pub mod custody;
mod dead_letters;
pub mod device_care;
pub mod devices;
pub mod directory;
pub mod error;
pub mod evaluations;
pub mod events;
pub mod figures;
pub mod first_contacts;
pub mod first_steps;
pub mod fresh;
pub mod hall;
pub mod identity;
pub mod keeper;
pub mod kiosks;
pub mod known_callers;
pub mod lists;
pub mod matters;
pub mod notices;
pub mod notifications;
pub mod once;
pub mod opening;
pub mod pages;
pub mod papers;
mod past_alerts;
pub mod people;
pub mod person_search;
pub mod persons;
pub mod plan;
pub mod policy;
pub mod practice;
pub mod presence;
pub mod print_jobs;
pub mod public_files;
pub mod retry;
pub mod reveals;
pub mod rooms;
pub mod seed;
pub mod sessions;
pub mod sites;
pub mod slip_previews;
pub mod staff;
mod stated;
pub mod system;
pub mod templates;
pub mod throttle;
pub mod timers;
pub mod tracking;
pub mod uploads;
pub mod upstream;
pub mod words;

use std::sync::Arc;

use domain::time::Millis;
use tokio::sync::broadcast;

use crate::store::{ChangeSet, Receipt, Stores};
use crate::vault::{Entropy, Vault};
use directory::Directory;
use error::Answer;
use hall::HallDesk;
use presence::Presence;

/// Where the time comes from; an argument of everything that needs one.
pub trait Clock: Send + Sync {
    /// Now, UTC milliseconds.
    fn now(&self) -> Millis;
}

/// What an operator decides about the use cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSettings {
    /// Address under which citizens reach the portal, without a slash at the end; printed in QR codes.
    pub public_url: String,
    /// Rules of cases that a site may set.
    pub cases: CaseSettings,
    /// Rules of drafts of matters.
    pub drafts: domain::catalogue::DraftRules,
    /// Bytes of one film of a guide (local rule).
    pub film_bytes_max: usize,
}

/// Bytes of one film of a guide, unless the operator says otherwise.
pub const FILM_BYTES_MAX: usize = 50 * 1024 * 1024;

/// Bytes of one file of a case, unless the operator says otherwise.
pub const ATTACHMENT_BYTES_MAX: usize = 20 * 1024 * 1024;

/// Rules of cases that are local (◇ in the facts of the field).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseSettings {
    /// Terms and who makes certificates.
    pub policy: domain::case::Policy,
    /// Whether silence accepts other matters than permissions too (行政许可法 32 names only those).
    pub deems_other_types: bool,
    /// Bytes of one file of a case.
    pub attachment_bytes_max: usize,
    /// Days within which what a field bag received must have come in.
    pub bag_days: i64,
}

/// Days within which what a field bag received must have come in, unless the operator says otherwise.
pub const BAG_DAYS: u16 = 7;

impl Default for CaseSettings {
    fn default() -> Self {
        Self {
            policy: domain::case::Policy::default(),
            deems_other_types: true,
            attachment_bytes_max: ATTACHMENT_BYTES_MAX,
            bag_days: i64::from(BAG_DAYS),
        }
    }
}

/// Commits that a slow reader may lag behind before it must read the log again.
const COMMITS_BUFFERED: usize = 4096;

/// Events that became true together, for feeds and workers.
#[derive(Debug, Clone)]
pub struct Committed {
    /// The site of the log.
    pub site_id: String,
    /// Epoch of the log.
    pub epoch: i64,
    /// The events in order.
    pub events: Vec<CommittedEvent>,
}

/// One committed event.
#[derive(Debug, Clone)]
pub struct CommittedEvent {
    /// Position in the site's log.
    pub seq: i64,
    /// `hall`, `case`, …
    pub aggregate: String,
    /// Id of the aggregate.
    pub aggregate_id: String,
    /// Type of the event.
    pub kind: String,
    /// Recorded at.
    pub at: Millis,
    /// Body as JSON.
    pub body: String,
}

/// Everything the use cases work with.
#[derive(Clone)]
pub struct App {
    /// Ports of the store.
    pub stores: Stores,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Keys.
    pub vault: Vault,
    /// Sites, departments and calendar, in memory.
    pub directory: Arc<Directory>,
    /// Commands of halls.
    pub halls: HallDesk,
    /// Halls that were read, by version.
    pub known_halls: Arc<hall::KnownHalls>,
    /// Callers that were read lately.
    pub known_callers: Arc<known_callers::KnownCallers>,
    /// Matters of each site, ready to be searched.
    pub catalogue: Arc<catalogue::CatalogueIndex>,
    /// Wrong tries of codes.
    pub throttle: Arc<throttle::Throttle>,
    /// Wrong passwords.
    pub brake: Arc<brake::Brake>,
    /// Hall devices that have a session.
    pub presence: Arc<Presence>,
    /// Keepers of halls and their leases.
    pub keepers: Arc<keeper::Keepers>,
    /// Bounds of the work on files.
    pub files: Arc<cases::FileDesk>,
    /// Settings.
    pub settings: Arc<AppSettings>,
    /// The machine below.
    pub machine: Arc<dyn system::Machine>,
    /// Since when this process serves.
    pub started_at: Millis,
    commits: broadcast::Sender<Arc<Committed>>,
    openings: Arc<once::Turns>,
    bookings: Arc<appointments::Bookings>,
    complaints: Arc<complaints::Desk>,
    phones: Arc<hall::Phones>,
    code_requests: Arc<citizens::CodeRequests>,
    /// The identity platform with which citizens can sign in, where one is configured.
    pub identity: std::sync::OnceLock<Arc<dyn crate::gateways::IdentityPlatform>>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl App {
    /// An app on a store, with the directory read and the hall's desk at work.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start(
        stores: Stores,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        vault: Vault,
        settings: AppSettings,
    ) -> Answer<Self> {
        let started_at = clock.now();
        let directory = Arc::new(Directory::default());
        directory.reload(&stores).await?;
        let (commits, _) = broadcast::channel(COMMITS_BUFFERED);
        let settings = Arc::new(settings);
        let keepers = Arc::new(keeper::Keepers::default());
        let halls = HallDesk::start(
            stores.clone(),
            clock.clone(),
            entropy.clone(),
            directory.clone(),
            settings.clone(),
            commits.clone(),
            keepers.clone(),
        );
        let app = Self {
            stores,
            clock,
            entropy,
            vault,
            directory,
            halls,
            known_halls: Arc::default(),
            known_callers: Arc::default(),
            catalogue: Arc::default(),
            throttle: Arc::default(),
            phones: Arc::default(),
            brake: Arc::default(),
            presence: Arc::default(),
            keepers,
            files: Arc::default(),
            settings,
            machine: Arc::new(system::NoMachine),
            started_at,
            commits,
            openings: Arc::default(),
            bookings: Arc::default(),
            complaints: Arc::default(),
            code_requests: Arc::default(),
            identity: std::sync::OnceLock::new(),
        };
        app.load_keepers().await?;
        Ok(app)
    }

    /// Every commit of this process from now on.
    #[must_use]
    pub fn commits(&self) -> broadcast::Receiver<Arc<Committed>> {
        self.commits.subscribe()
    }

    /// Commits one change-set and announces its events.
    ///
    /// # Errors
    /// Those of the store, conflicts among them.
    pub async fn commit(&self, set: ChangeSet) -> Result<Receipt, crate::store::StoreError> {
        let stored = self.stores.commit.commit(std::slice::from_ref(&set)).await;
        // After a failed one too: it may have been committed all the same.
        self.known_callers.forget_after(&set);
        let receipts = stored?;
        let receipt = receipts.first().copied().unwrap_or(Receipt { epoch: 0, first_seq: 0, last_seq: 0 });
        announce(&self.commits, &set, receipt);
        Ok(receipt)
    }

    /// Reads sites, departments and calendar again where another process may have changed them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn refresh_directory(&self) -> Answer<()> {
        if self.stores.commit.spans_sites() { Ok(()) } else { self.directory.reload(&self.stores).await }
    }

    /// Now, UTC milliseconds.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.clock.now()
    }
}

/// Tells readers in this process what was committed.
pub(crate) fn announce(commits: &broadcast::Sender<Arc<Committed>>, set: &ChangeSet, receipt: Receipt) {
    if set.events.is_empty() {
        return;
    }
    let events = set
        .events
        .iter()
        .zip(receipt.first_seq..)
        .map(|(event, seq)| CommittedEvent {
            seq,
            aggregate: event.aggregate.to_owned(),
            aggregate_id: event.aggregate_id.clone(),
            kind: event.kind.clone(),
            at: event.at,
            body: event.body.clone(),
        })
        .collect();
    // Nobody listening is no error.
    let _ = commits.send(Arc::new(Committed { site_id: set.site_id.clone(), epoch: receipt.epoch, events }));
}
