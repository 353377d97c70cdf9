//! Halls as they were read last, kept for readers by version: a phone that looks every few seconds
//! costs one number, not the tickets of the day.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::hall::Hall;

use super::load_hall;
use crate::app::App;
use crate::app::error::Answer;

/// The halls read last.
#[derive(Debug, Default)]
pub struct KnownHalls(Mutex<BTreeMap<String, Hall>>);

impl KnownHalls {
    fn at(&self, site_id: &str, version: u64) -> Option<Hall> {
        let halls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        halls.get(site_id).filter(|hall| hall.version() == version).cloned()
    }

    fn keep(&self, site_id: &str, hall: &Hall) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(site_id.to_owned(), hall.clone());
    }
}

impl App {
    /// The hall as committed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn hall(&self, site_id: &str) -> Answer<Hall> {
        let stored = self.stores.halls.hall_version(site_id).await?;
        if let Some(hall) = u64::try_from(stored).ok().and_then(|version| self.known_halls.at(site_id, version)) {
            return Ok(hall);
        }
        let hall = load_hall(&self.stores, site_id).await?;
        self.known_halls.keep(site_id, &hall);
        Ok(hall)
    }
}
