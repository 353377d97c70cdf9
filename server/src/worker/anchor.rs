//! Anchors: the head of every site's log at one moment, kept where the database's owner cannot
//! reach it. What the chain alone cannot tell, a tail that was cut off with the head moved back, shows
//! against one.

use std::path::Path;

use data_encoding::HEXLOWER;
use domain::ids::is_practice;
use domain::time::rfc3339;
use serde::{Deserialize, Serialize};

use crate::app::Clock;
use crate::store::{StoreError, Stores};

/// The heads of all logs at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// When, for people.
    pub made_at: String,
    /// The head of each site's log.
    pub sites: Vec<AnchoredSite>,
}

/// The head of one site's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchoredSite {
    /// The site.
    pub site: String,
    /// Epoch of its log.
    pub epoch: i64,
    /// Position of its last event.
    pub seq: i64,
    /// Hash of its last event, hexadecimal.
    pub head: String,
}

impl Anchor {
    /// The heads as they are now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn now(stores: &Stores, clock: &dyn Clock) -> Result<Self, StoreError> {
        let mut sites = Vec::new();
        // A practice hall is wiped with its log: an anchor of it would speak of a tail that was cut off.
        for site in stores.events.logged_sites().await?.into_iter().filter(|site| !is_practice(site)) {
            if let Some(head) = stores.events.head(&site).await? {
                sites.push(AnchoredSite { site, epoch: head.epoch, seq: head.seq, head: HEXLOWER.encode(&head.hash) });
            }
        }
        Ok(Self { made_at: rfc3339(clock.now()), sites })
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, file: &Path) -> std::io::Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let fresh = file.with_extension("new");
        std::fs::write(&fresh, serde_json::to_vec_pretty(self)?)?;
        std::fs::File::open(&fresh)?.sync_all()?;
        std::fs::rename(&fresh, file)
    }
}
