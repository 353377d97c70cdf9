//! What time does to the catalogue: drafts come into force, claims run out. Each may run twice, in two processes too,
//! and happens once.

use domain::catalogue::{Claim, ClaimNotice, Matter};
use domain::ids::MatterId;
use serde_json::json;

use super::claims::claim_row_of;
use super::{SYSTEM, event, move_catalogue};
use crate::app::App;
use crate::app::catalogue_import::IMPORTS;
use crate::app::error::{Answer, AppError};
use crate::store::{ChangeSet, MatterClaimRow, MatterDraftRow, StoreError};

/// Drafts or claims looked at in one run.
const AT_ONCE: i64 = 200;

impl App {
    /// Publishes drafts whose time has come, and tells of claims that run out and of matters whose days begin or end.
    ///
    /// # Errors
    /// When the store cannot be read; one that fails is told, comes again, and the others go on.
    pub async fn watch_catalogue(&self) -> Answer<()> {
        for row in self.stores.catalogue.matter_drafts_due(self.now(), AT_ONCE).await? {
            if let Err(error) = self.publish_scheduled(&row).await {
                tracing::warn!(matter = row.id, %error, "a matter's timer did not run");
            }
        }
        self.watch_dates().await;
        for row in self.stores.catalogue.claims_watched(self.now(), AT_ONCE).await? {
            if let Err(error) = self.tell_claim(&row).await {
                tracing::warn!(claim = row.id, %error, "a claim's timer did not run");
            }
        }
        Ok(())
    }

    async fn publish_scheduled(&self, row: &MatterDraftRow) -> Answer<()> {
        let id = MatterId::parse(&row.id).ok_or(AppError::NotFound)?;
        let refusal = match self.publish_due(&row.site_id, &id).await {
            Err(AppError::Refused { message, .. }) => Some(message),
            Err(error) => return Err(error),
            Ok(refusal) => refusal.map(|refusal| refusal.message().to_owned()),
        };
        let Some(why) = refusal else { return Ok(()) };
        let key = self.directory.get().site(&row.site_id)?.key.clone();
        let alert = format!("al_{key}_publish-{}-{}", tail_of(&row.id), row.revision);
        let text = format!("“{}”定好的发布没有生效：{why}", row.name);
        self.raise_once(&row.site_id, alert, "publication_failed", "yellow", &row.id, text).await
    }

    async fn tell_claim(&self, row: &MatterClaimRow) -> Answer<()> {
        let claim: Claim = serde_json::from_str(&row.doc)?;
        let now = self.now();
        if let Some(notice) = claim.notice(now) {
            self.raise_claim_alert(row, &claim, notice).await?;
        }
        let changes = self.stores.sites.counter(&row.site_id, IMPORTS).await?;
        let mut set = ChangeSet::new(&row.site_id);
        set.row(claim_row_of(&row.site_id, &row.of_site_id, &claim, claim.watch_at(now), now)?);
        move_catalogue(&mut set, changes);
        if claim.notice(now) == Some(ClaimNotice::Expired) {
            // An event of a matter: kiosks of the site read their matters again.
            set.events.push(event(&row.id, "matter_claim_expired", SYSTEM, now, json!({ "claim": row.id, "of": row.of_id })));
        }
        match self.commit(set).await {
            // Somebody changed the catalogue meanwhile: the next run looks again.
            Err(StoreError::Conflict(_) | StoreError::Duplicate(_)) | Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn raise_claim_alert(&self, row: &MatterClaimRow, claim: &Claim, notice: ClaimNotice) -> Answer<()> {
        let above = self.stores.catalogue.matter(&row.of_site_id, &row.of_id).await?;
        let above: Option<Matter> = above.map(|row| serde_json::from_str(&row.doc)).transpose()?;
        let name = above.map_or_else(|| row.of_id.clone(), |matter| matter.name);
        let (last, way) = (claim.from.expires_on.map_or_else(String::new, |day| day.to_string()), claim.from.delegation.label());
        let (word, level, text) = match notice {
            ClaimNotice::Expiring => {
                ("expiring", "yellow", format!("“{name}”的{way} {last} 到期，过了就不能在这里办。要接着办请尽快续签后改到期日"))
            }
            ClaimNotice::Expired => {
                ("expired", "red", format!("“{name}”的{way} {last} 已到期，取号机、网上和窗口都不再办。续签后改到期日就恢复"))
            }
        };
        let key = self.directory.get().site(&row.site_id)?.key.clone();
        let alert = format!("al_{key}_claim-{word}-{}-{last}", tail_of(&row.id));
        self.raise_once(&row.site_id, alert, &format!("claim_{word}"), level, &row.id, text).await
    }
}

/// The part of an id after its site's key.
pub(super) fn tail_of(id: &str) -> &str {
    id.rsplit_once('_').map_or(id, |(_, tail)| tail)
}
