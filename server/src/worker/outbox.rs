//! Claims what is owed, with a lease, and carries it out. What fails comes again later and later; what
//! failed too often is put before a person.

use std::sync::Arc;

use futures_util::future::join_all;
use serde::Deserialize;

use super::line::Line;
use super::rates::Rates;
use crate::app::App;
use crate::app::error::{Answer, AppError};
use crate::app::notifications::Errand;
use crate::app::uploads::UploadErrand;
use crate::gateways::{Fault, Gateways};
use crate::store::OutboxRow;

/// How long a claimed row is nobody else's, in milliseconds. Longer than any gateway may take.
pub const LEASE_MS: i64 = 60_000;
/// Tries until a person is asked.
pub const ATTEMPTS_MAX: i64 = 7;
/// Rows carried out at the same time.
const BATCH_MAX: i64 = 4;
/// Why an errand failed of which it is not known what is to be done.
const UNREADABLE: &str = "unreadable";
/// Begin of the identifiers that documents of practice halls get: no platform gives such ones.
const PRACTISED: &str = "练习-";
/// Pauses after each failed try, in milliseconds.
const DELAYS_MS: [i64; 6] = [5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000];

/// The pause after so many tries, in milliseconds.
#[must_use]
pub fn delay_ms(attempts: i64) -> i64 {
    let place = usize::try_from(attempts - 1).unwrap_or(0).min(DELAYS_MS.len() - 1);
    DELAYS_MS[place]
}

/// Carries out what is owed.
#[derive(Debug, Clone)]
pub struct Outbox {
    app: Arc<App>,
    gateways: Gateways,
    /// The line to the platform above.
    line: Arc<Line>,
    rates: Arc<Rates>,
}

#[derive(Debug, Deserialize)]
struct Notify {
    notification_id: String,
}

#[derive(Debug, Deserialize)]
struct UploadOf {
    case_id: String,
    certificate_id: String,
}

impl Outbox {
    /// A worker with gateways.
    #[must_use]
    pub fn new(app: Arc<App>, gateways: Gateways) -> Self {
        Self { app, gateways, line: Arc::default(), rates: Arc::default() }
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    pub(super) fn gateways(&self) -> &Gateways {
        &self.gateways
    }

    pub(super) fn line(&self) -> &Line {
        &self.line
    }

    /// Carries out what is due of a kind, a few rows; how many there were.
    pub async fn run_due(&self, kind: &str) -> usize {
        if kind == "report" {
            return self.run_reports().await;
        }
        let now = self.app.now();
        let claimed = match self.app.stores.outbox.claim(&[kind], None, now, now + LEASE_MS, BATCH_MAX).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(kind, %error, "the outbox cannot be read");
                return 0;
            }
        };
        let ended = join_all(claimed.iter().map(|row| self.carry_out(row))).await;
        for (row, ended) in claimed.iter().zip(ended) {
            let how = if ended.is_ok() { "ended" } else { "broke_off" };
            metrics::counter!("yichuang_outbox_runs_total", "kind" => row.kind.clone(), "how" => how).increment(1);
            if let Err(error) = ended {
                // The lease gives it back.
                tracing::error!(outbox = row.id, kind = row.kind, %error, "an errand broke off");
            }
        }
        claimed.len()
    }

    async fn carry_out(&self, row: &OutboxRow) -> Answer<()> {
        let done = match row.kind.as_str() {
            "notify" => self.notify(row).await,
            "upload" => self.upload(row).await,
            "reconcile" => self.reconcile(row).await,
            "pull" => self.pull(row).await,
            _ => Err(AppError::NotFound),
        };
        match done {
            // What it is about is gone, or cannot be read: a person decides in the end.
            Err(error @ (AppError::NotFound | AppError::Internal(_))) => {
                tracing::warn!(outbox = row.id, %error, "an errand cannot be read");
                if row.attempts >= ATTEMPTS_MAX {
                    self.app.errand_dead(row, UNREADABLE).await
                } else {
                    self.app.errand_again(row, UNREADABLE, delay_ms(row.attempts)).await
                }
            }
            done => done,
        }
    }

    async fn notify(&self, row: &OutboxRow) -> Answer<()> {
        let payload: Notify = serde_json::from_str(&row.payload)?;
        let (notification, errand) = self.app.errand(&row.site_id, &payload.notification_id).await?;
        let sent = match errand {
            Errand::Obsolete => return self.app.notification_obsolete(row, notification).await,
            Errand::Recorded => Ok(()),
            Errand::Later(wait_ms) => return self.app.errand_later(row, wait_ms, Some("quiet_hours")).await,
            Errand::Impossible(fault) => Err(fault),
            Errand::Send { channel, message } => {
                let limit = self.gateways.per_minute.get(&channel).copied();
                if let Some(Err(wait_ms)) = limit.map(|limit| self.rates.take(&channel, limit, self.app.now())) {
                    // Waiting for its turn is no try.
                    return self.app.errand_later(row, wait_ms, None).await;
                }
                match self.gateways.messenger(&channel) {
                    Some(gateway) => gateway.send(&message).await,
                    None => Err(Fault::lasting("no_gateway")),
                }
            }
        };
        count(&row.kind, sent.as_ref().err());
        match sent {
            Ok(()) => self.app.notification_sent(row, notification).await,
            Err(fault) if fault.is_final || row.attempts >= ATTEMPTS_MAX => self.app.notification_failed(row, notification, &fault).await,
            Err(fault) => self.app.errand_again(row, &fault.code, delay_ms(row.attempts)).await,
        }
    }

    async fn upload(&self, row: &OutboxRow) -> Answer<()> {
        let payload: UploadOf = serde_json::from_str(&row.payload)?;
        let issuer = self.gateways.licence_issuer.as_deref();
        let errand = self.app.upload_errand(&row.site_id, &payload.case_id, &payload.certificate_id, issuer).await?;
        let answer = match errand {
            UploadErrand::Obsolete => return self.app.errand_done(row).await,
            UploadErrand::Impossible(fault) => Err(fault),
            UploadErrand::Practised => Ok(format!("{PRACTISED}{}", payload.certificate_id)),
            UploadErrand::Send(licence) => match &self.gateways.licences {
                Some(platform) => platform.upload(&licence).await,
                None => Err(Fault::lasting("no_gateway")),
            },
        };
        count(&row.kind, answer.as_ref().err());
        match answer {
            Err(fault) if !fault.is_final && row.attempts < ATTEMPTS_MAX => {
                self.app.errand_again(row, &fault.code, delay_ms(row.attempts)).await
            }
            answer => {
                self.app.upload_ended(&row.site_id, &payload.case_id, answer).await?;
                self.app.errand_done(row).await
            }
        }
    }
}

pub(super) fn count(kind: &str, fault: Option<&Fault>) {
    let how = fault.map_or("done", |fault| if fault.is_final { "refused" } else { "failed" });
    metrics::counter!("yichuang_outbox_sent_total", "kind" => kind.to_owned(), "how" => how).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let all: Vec<i64> = (1..=10).map(delay_ms).collect();
        assert!(all.windows(2).all(|pair| pair[0] <= pair[1]), "{all:?}");
        assert_eq!((all[0], all[9]), (5_000, 7_200_000));
    }
}
