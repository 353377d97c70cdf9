//! The desk where hall commands wait: one worker on SQLite, which commits what waits for all sites
//! together, one worker per site on PostgreSQL, where a group never spans sites.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::hall::{Actor, Command};
use tokio::sync::{broadcast, mpsc, oneshot};

use super::group::Worker;
use crate::app::directory::Directory;
use crate::app::error::{Answer, AppError};
use crate::app::keeper::{Keepers, KeptJournal, KeptWish};
use crate::app::retry::{Outcome, Retry};
use crate::app::{AppSettings, Clock, Committed};
use crate::store::{Expect, NewEvent, Row, Stores};
use crate::vault::Entropy;

/// Commands that may wait at one worker; more are told that it is busy.
pub(super) const WAITING_MAX: usize = 4096;
/// Commands committed together: enough that a sync costs each of them little, few enough that a clerk who calls
/// while a hall takes numbers waits a few milliseconds for those before.
pub(super) const GROUP_MAX: usize = 24;

/// A hall command with everything around it.
#[derive(Debug)]
pub struct Wish {
    /// The site.
    pub site_id: String,
    /// Who asks, for the rules.
    pub actor: Actor,
    /// Who asks, for the log.
    pub actor_id: String,
    /// What is asked.
    pub command: Command,
    /// Key of a retry.
    pub retry: Option<Retry>,
    /// Rows that become true with it, such as the holder's sealed data.
    pub rows: Vec<Row>,
    /// What becomes true with it of another aggregate.
    pub beside: Beside,
}

/// What another aggregate, such as an appointment, adds to a hall command that is taken: it was decided
/// on these versions, and its events stand behind the hall's.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// Versions it was decided on.
    pub expect: Vec<Expect>,
    /// Its events.
    pub events: Vec<NewEvent>,
    /// A number without a slip: somebody's phone shows it, or its holder wants none.
    pub without_slip: bool,
    /// A decision of the hall's keeper that is taken in: then the command was decided there.
    pub kept: Option<Box<KeptWish>>,
    /// The journal of a keeper whose term is over, taken in as a whole or not at all.
    pub journal: Option<Box<KeptJournal>>,
    /// About the office of the hall's keeper, so it is decided here whoever decides about the hall.
    pub of_office: bool,
}

impl Beside {
    /// Whether it is decided here also while the hall's keeper decides about the hall.
    pub(super) fn needs_no_lease(&self) -> bool {
        self.of_office || self.kept.is_some() || self.journal.is_some()
    }
}

/// A wish with the place its answer goes to.
pub(super) struct Job {
    pub(super) wish: Wish,
    pub(super) reply: oneshot::Sender<Answer<Outcome>>,
}

/// What every worker needs.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) stores: Stores,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) directory: Arc<Directory>,
    pub(super) settings: Arc<AppSettings>,
    pub(super) commits: broadcast::Sender<Arc<Committed>>,
    pub(super) keepers: Arc<Keepers>,
}

/// The desk.
#[derive(Clone)]
pub struct HallDesk {
    parts: Parts,
    workers: Arc<Mutex<BTreeMap<String, mpsc::Sender<Job>>>>,
}

impl std::fmt::Debug for HallDesk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HallDesk")
    }
}

impl HallDesk {
    pub(crate) fn start(
        stores: Stores,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        directory: Arc<Directory>,
        settings: Arc<AppSettings>,
        commits: broadcast::Sender<Arc<Committed>>,
        keepers: Arc<Keepers>,
    ) -> Self {
        let parts = Parts { stores, clock, entropy, directory, settings, commits, keepers };
        Self { parts, workers: Arc::default() }
    }

    fn worker(&self, site_id: &str) -> mpsc::Sender<Job> {
        let key = if self.parts.stores.commit.spans_sites() { "" } else { site_id };
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = workers.get(key).filter(|sender| !sender.is_closed()) {
            return sender.clone();
        }
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(Worker::new(self.parts.clone()).run(receiver));
        workers.insert(key.to_owned(), sender.clone());
        sender
    }

    /// Lets a wish wait for its turn and gives its outcome after the commit. Refusals of the rules are
    /// outcomes with status 409.
    ///
    /// # Errors
    /// When the desk is overfull or the store failed.
    pub async fn submit(&self, wish: Wish) -> Answer<Outcome> {
        let (reply, answer) = oneshot::channel();
        let sender = self.worker(&wish.site_id);
        sender
            .try_send(Job { wish, reply })
            .map_err(|_| AppError::Unavailable { code: "busy", message: "现在人太多，请稍等再试" })?;
        answer.await.map_err(|_| AppError::Internal("hall worker ended".to_owned()))?
    }
}
