//! Live push: every hall's views, made from the committed events of its log.
//!
//! Architecture Invariant: a feed is a cursor over the log. What arrives in memory is only a quicker
//! way to the same events; whatever is missing is read from the log.

mod board;
mod desk;
mod recent;
mod site;
mod view;

pub use desk::DeskState;
pub use view::Sent;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use protocol::device::Opening;
use protocol::feed::View;
use tokio::sync::{Mutex, RwLock, broadcast};
use tokio_util::sync::CancellationToken;

use crate::app::error::Answer;
use crate::app::hall::LineView;
use crate::app::{App, Committed, CommittedEvent};
use site::SiteFeed;

/// Shortest time between two frames of waiting counts.
const FLUSH_MS: u64 = 250;
/// How often the log is asked whether another process wrote, where several can.
const POLL_MS: u64 = 2_000;
/// How often every feed is looked at: for what time alone changes, and whether anybody is still there.
const LOOK_MS: u64 = 5_000;
/// Events read from the log at once.
const EVENTS_READ_MAX: i64 = 2_000;

type Shared = Arc<Mutex<SiteFeed>>;

/// The live feeds of all sites; a site's feed begins with its first client and ends some time after its last.
/// What is done follows from what happened and who looks, never from how many sites there are.
pub struct Feeds {
    app: Arc<App>,
    sites: RwLock<BTreeMap<String, Shared>>,
    /// Feeds that took events since the last flush.
    changed: StdMutex<BTreeMap<String, Shared>>,
}

impl std::fmt::Debug for Feeds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Feeds")
    }
}

impl Feeds {
    /// Feeds over the commits of an app; they run until `closing`.
    #[must_use]
    pub fn start(app: Arc<App>, closing: CancellationToken) -> Arc<Self> {
        let commits = app.commits();
        let feeds = Arc::new(Self { app, sites: RwLock::default(), changed: StdMutex::default() });
        tokio::spawn(feeds.clone().listen(closing.clone()));
        tokio::spawn(feeds.clone().run(commits, closing));
        feeds
    }

    async fn run(self: Arc<Self>, mut commits: broadcast::Receiver<Arc<Committed>>, closing: CancellationToken) {
        let mut flush = tokio::time::interval(Duration::from_millis(FLUSH_MS));
        let mut look = tokio::time::interval(Duration::from_millis(LOOK_MS));
        let mut poll = tokio::time::interval(Duration::from_millis(POLL_MS));
        let alone = self.app.stores.commit.spans_sites();
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                committed = commits.recv() => match committed {
                    Ok(committed) => self.take(&committed).await,
                    Err(broadcast::error::RecvError::Lagged(_)) => self.catch_up_all().await,
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                _ = flush.tick() => self.flush().await,
                _ = look.tick() => self.look().await,
                _ = poll.tick(), if !alone => self.catch_up_all().await,
            }
        }
    }

    /// Follows hints of other processes; the poll catches what a lost connection swallowed.
    async fn listen(self: Arc<Self>, closing: CancellationToken) {
        let hints = async {
            loop {
                match self.app.stores.events.hints().await {
                    Ok(None) => return,
                    Ok(Some(mut hints)) => {
                        while let Ok(site_id) = hints.next().await {
                            self.hint(&site_id).await;
                        }
                    }
                    Err(error) => tracing::warn!(%error, "no hints from the database"),
                }
                tokio::time::sleep(Duration::from_millis(POLL_MS)).await;
            }
        };
        tokio::select! {
            () = closing.cancelled() => {}
            () = hints => {}
        }
    }

    async fn feed(&self, site_id: &str) -> Answer<Shared> {
        if let Some(feed) = self.sites.read().await.get(site_id) {
            return Ok(feed.clone());
        }
        let mut sites = self.sites.write().await;
        if let Some(feed) = sites.get(site_id) {
            return Ok(feed.clone());
        }
        let feed = Arc::new(Mutex::new(SiteFeed::load(&self.app, site_id).await?));
        sites.insert(site_id.to_owned(), feed.clone());
        Ok(feed)
    }

    async fn take(&self, committed: &Committed) {
        let Some(feed) = self.sites.read().await.get(&committed.site_id).cloned() else { return };
        self.note_changed(&committed.site_id, &feed);
        let mut feed = feed.lock().await;
        let first = committed.events.first().map_or(0, |event| event.seq);
        if first > feed.seq() + 1 {
            self.catch_up(&committed.site_id, &mut feed).await;
        }
        feed.take(&self.app, &committed.events).await;
    }

    fn note_changed(&self, site_id: &str, feed: &Shared) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        if !changed.contains_key(site_id) {
            changed.insert(site_id.to_owned(), feed.clone());
        }
    }

    /// Reads on in the log of a site, as after a hint from another process.
    pub async fn hint(&self, site_id: &str) {
        let Some(feed) = self.sites.read().await.get(site_id).cloned() else { return };
        self.note_changed(site_id, &feed);
        self.catch_up(site_id, &mut *feed.lock().await).await;
    }

    async fn catch_up_all(&self) {
        let all: Vec<String> = self.sites.read().await.keys().cloned().collect();
        for site_id in all {
            self.hint(&site_id).await;
        }
    }

    async fn catch_up(&self, site_id: &str, feed: &mut SiteFeed) {
        loop {
            let events = match self.app.stores.events.events_after(site_id, feed.seq(), EVENTS_READ_MAX).await {
                Ok(events) => events,
                Err(error) => {
                    tracing::error!(site_id, %error, "feed cannot read the log");
                    return;
                }
            };
            let count = events.len();
            let events: Vec<CommittedEvent> = events
                .into_iter()
                .map(|event| CommittedEvent {
                    seq: event.seq,
                    aggregate: event.aggregate,
                    aggregate_id: event.aggregate_id,
                    kind: event.kind,
                    at: event.at,
                    body: event.body,
                })
                .collect();
            feed.take(&self.app, &events).await;
            if i64::try_from(count).unwrap_or(0) < EVENTS_READ_MAX {
                return;
            }
        }
    }

    async fn flush(&self) {
        let changed = std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner));
        let now = self.app.now();
        for feed in changed.into_values() {
            feed.lock().await.flush(now);
        }
    }

    async fn look(&self) {
        let feeds: Vec<(String, Shared)> = self.sites.read().await.iter().map(|(id, feed)| (id.clone(), feed.clone())).collect();
        let now = self.app.now();
        let mut idle = Vec::new();
        for (site_id, feed) in feeds {
            if !feed.lock().await.look(now) {
                idle.push(site_id);
            }
        }
        if idle.is_empty() {
            return;
        }
        let mut sites = self.sites.write().await;
        for site_id in idle {
            // Whoever holds it is about to subscribe; whoever held it may have.
            let is_idle = |feed: &Shared| Arc::strong_count(feed) == 1 && feed.try_lock().is_ok_and(|mut feed| !feed.is_watched());
            if sites.get(&site_id).is_some_and(is_idle) {
                sites.remove(&site_id);
            }
        }
    }

    /// What a client of a view needs to be up to date, and the frames from then on.
    ///
    /// # Errors
    /// When the site's hall cannot be read.
    pub async fn subscribe(&self, site_id: &str, view: View, after: Option<(i64, i64)>) -> Answer<(Vec<Sent>, broadcast::Receiver<Sent>)> {
        let feed = self.feed(site_id).await?;
        let mut feed = feed.lock().await;
        feed.subscribe(&self.app, view, after).await
    }

    /// The lines of a hall as they are now, for kiosks: what time alone opens and closes is no event.
    ///
    /// # Errors
    /// When the site's hall cannot be read.
    pub async fn lines(&self, site_id: &str) -> Answer<(Vec<LineView>, Opening)> {
        let feed = self.feed(site_id).await?;
        let feed = feed.lock().await;
        Ok(feed.lines(self.app.now()))
    }

    /// The state of a view as a frame.
    ///
    /// # Errors
    /// When the site's hall cannot be read.
    pub async fn snapshot(&self, site_id: &str, view: View) -> Answer<Sent> {
        let feed = self.feed(site_id).await?;
        let mut feed = feed.lock().await;
        feed.snapshot(&self.app, view).await
    }
}
