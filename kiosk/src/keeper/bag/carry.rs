//! The way of a bag's journal to the server: contents first, then the entry that names them, one after the other. And what
//! the bag needs, asked for again and again while the line is up. What is to be asked and what an answer means is the
//! core's; the rest only carries.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::Method;
use domain::time::{HOUR_MS, MINUTE_MS, Millis};
use edge::connect::Connect;
use edge::courier::Courier;
use edge::spool::SpoolError;
use protocol::bag::{BagAct, BagEntryRequest, BagHouse, BagTaken, BagText};
use protocol::keeper::Entry;
use tokio::time::{sleep, timeout};

use super::{Bag, DEVICE, HOUSE, Inner, SENT};

/// Matters and people are asked for anew so often, in milliseconds.
const HOUSE_MS: Millis = 10 * MINUTE_MS;
/// Contents that the server had for so long without their entry are sent again: it forgets what nothing names.
const HERE_MS_MAX: Millis = 6 * HOUR_MS;
/// After no answer it is tried again so much later, in milliseconds.
const AGAIN_MS: u64 = 5_000;
/// Without anything to do it is looked again so much later, in milliseconds.
const LOOK_MS: u64 = 30_000;

/// What the server is asked next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BagErrand {
    /// What the bag needs.
    House,
    /// A content.
    Content {
        /// Its name.
        sha: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// An entry whose contents are there.
    Entry(Box<BagEntryRequest>),
}

impl BagErrand {
    /// Method, path below `/api/v1`, content type and body.
    #[must_use]
    pub fn request(&self) -> (&'static str, String, &'static str, Vec<u8>) {
        match self {
            Self::House => ("GET", "/devices/current/bag".to_owned(), "application/json", Vec::new()),
            Self::Content { sha, bytes } => {
                ("PUT", format!("/devices/current/bag/contents/{sha}"), "application/octet-stream", bytes.clone())
            }
            Self::Entry(request) => {
                let body = serde_json::to_vec(request).unwrap_or_default();
                ("POST", "/devices/current/bag/entries".to_owned(), "application/json", body)
            }
        }
    }
}

/// How far the carrying is.
#[derive(Debug, Default)]
pub(super) struct Carrying {
    /// The server answered last.
    pub(super) online: bool,
    /// When it told matters and people, by the hall's clock.
    pub(super) packed_at: Option<Millis>,
    /// The same by the program's own.
    housed_at: Option<Millis>,
    /// Contents that the server has, since when the first of them.
    here: BTreeSet<String>,
    here_since: Millis,
    /// Contents that cannot be had any more, or that the server does not take.
    lost: BTreeSet<String>,
}

impl Inner {
    /// The oldest entry that the server has not taken.
    fn next_entry(&self) -> Result<Option<Entry>, SpoolError> {
        let newest_taken = self.house.as_ref().map_or(0, |house| house.taken);
        Ok(self.journal.entries_after(newest_taken, 1)?.into_iter().next())
    }

    fn entry_errand(&mut self, now: Millis) -> Result<Option<BagErrand>, SpoolError> {
        let Some(entry) = self.next_entry()? else { return Ok(None) };
        if now - self.carrying.here_since > HERE_MS_MAX {
            self.carrying.here.clear();
        }
        let text: Option<BagText> = serde_json::from_str(&entry.text).ok();
        for sha in text.iter().flat_map(BagText::contents) {
            if self.carrying.here.contains(sha) || self.carrying.lost.contains(sha) {
                continue;
            }
            match self.blobs.read(sha) {
                Some(bytes) => return Ok(Some(BagErrand::Content { sha: sha.to_owned(), bytes })),
                None => {
                    self.carrying.lost.insert(sha.to_owned());
                }
            }
        }
        let own: BTreeSet<&str> = text.iter().flat_map(BagText::contents).collect();
        let lost = self.carrying.lost.iter().filter(|sha| own.contains(sha.as_str())).cloned().collect();
        Ok(Some(BagErrand::Entry(Box::new(BagEntryRequest { entry, lost }))))
    }

    /// Up to here the server has everything.
    fn taken(&mut self, through: u64) -> Result<(), SpoolError> {
        let done: Vec<BagText> = self
            .journal
            .entries_after(0, u32::MAX)?
            .iter()
            .filter(|entry| entry.number <= through)
            .filter_map(|entry| serde_json::from_str(&entry.text).ok())
            .collect();
        for text in &done {
            let BagAct::Apply(apply) = &text.act;
            for sent in self.sent.iter_mut().filter(|sent| sent.case_id == apply.case_id.as_str()) {
                sent.is_taken = true;
            }
        }
        self.journal.taken(through)?;
        self.journal.keep(SENT, &self.sent)?;
        self.journal.forget_taken()?;
        if let Some(house) = self.house.as_mut().filter(|house| house.taken < through) {
            house.taken = through;
            self.journal.keep(HOUSE, house)?;
        }
        (self.carrying.here, self.carrying.lost) = (BTreeSet::new(), BTreeSet::new());
        self.sweep()
    }

    fn housed(&mut self, house: BagHouse) -> Result<(), SpoolError> {
        let before: Option<String> = self.journal.known(DEVICE)?;
        if let Some(before) = before.filter(|before| *before != house.device_id) {
            self.become_another(&before, &house.site_key)?;
        }
        self.journal.keep(DEVICE, &house.device_id)?;
        self.journal.keep(HOUSE, &house)?;
        self.journal.go_on_behind(house.taken)?;
        let taken = house.taken;
        self.house = Some(house);
        self.taken(taken)
    }
}

impl Bag {
    /// What the server is asked next; `None` while there is nothing.
    #[must_use]
    pub fn next_errand(&self) -> Option<BagErrand> {
        let now = self.steady_ms();
        let mut inner = self.inner();
        let is_due = inner.carrying.housed_at.is_none_or(|at| now - at >= HOUSE_MS);
        if is_due {
            return Some(BagErrand::House);
        }
        inner.entry_errand(now).unwrap_or_else(|error| {
            tracing::error!(%error, "the bag's journal refused");
            None
        })
    }

    /// Takes the answer to an errand, status and body; `None` where nobody answered. Whether to go on at once.
    pub fn answered(&self, errand: &BagErrand, answer: Option<(u16, &[u8])>) -> bool {
        let (steady, now) = (self.steady_ms(), self.now_ms());
        let mut inner = self.inner();
        inner.carrying.online = answer.is_some_and(|(status, _)| status < 500);
        let Some((status, body)) = answer else { return false };
        let done = match (errand, status) {
            (BagErrand::House, 200) => match serde_json::from_slice::<BagHouse>(body) {
                Ok(house) => inner.housed(house).map(|()| {
                    (inner.carrying.housed_at, inner.carrying.packed_at, inner.carrying.online) = (Some(steady), Some(now), true);
                    true
                }),
                Err(error) => Err(error.into()),
            },
            (BagErrand::Content { sha, .. }, 200..=299) => {
                if inner.carrying.here.is_empty() {
                    inner.carrying.here_since = steady;
                }
                inner.carrying.here.insert(sha.clone());
                Ok(true)
            }
            // Not taken, whenever it is sent: the application goes without it.
            (BagErrand::Content { sha, .. }, 413 | 422) => {
                tracing::warn!(sha, status, "the server does not take a content");
                inner.carrying.lost.insert(sha.clone());
                Ok(true)
            }
            (BagErrand::Entry(request), 200) => match serde_json::from_slice::<BagTaken>(body) {
                Ok(told) => {
                    inner.carrying.here.retain(|sha| !told.missing.contains(sha));
                    let is_on = told.through >= request.entry.number;
                    // Where the server is behind, it is asked what it has.
                    if !is_on && told.missing.is_empty() {
                        inner.carrying.housed_at = None;
                    }
                    let goes_on = is_on || !told.missing.is_empty();
                    if is_on { inner.taken(told.through).map(|()| true) } else { Ok(goes_on) }
                }
                Err(error) => Err(error.into()),
            },
            _ => {
                tracing::warn!(status, "the server refused what the bag asked");
                Ok(false)
            }
        };
        done.unwrap_or_else(|error| {
            tracing::error!(%error, "the bag could not take the server's answer");
            false
        })
    }
}

/// Carries as long as the program runs.
pub async fn run<C: Connect>(bag: Bag, courier: Courier<C>) {
    let mut changes = bag.0.changes.subscribe();
    loop {
        let Some(errand) = bag.next_errand() else {
            // Whichever comes first: something new, or the time to look.
            let _ = timeout(Duration::from_millis(LOOK_MS), changes.changed()).await;
            continue;
        };
        let (method, path, kind, body) = errand.request();
        let Ok(method) = method.parse::<Method>() else { return };
        let answer = courier.carry(method, &path, kind, body).await;
        if !bag.answered(&errand, answer.as_ref().map(|(status, body)| (status.as_u16(), &body[..]))) {
            sleep(Duration::from_millis(AGAIN_MS)).await;
        }
    }
}
