//! Rows for the platform of the level above, reconciliations, and questions about cases that it handles itself. Rows go
//! one after the other, the oldest first: the platform takes those of a case in their order only.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::line::is_of_the_line;
use super::outbox::{ATTEMPTS_MAX, LEASE_MS, Outbox, count, delay_ms};
use crate::app::App;
use crate::app::error::{Answer, AppError};
use crate::app::upstream::{Asked, ReportErrand};
use crate::gateways::{Fault, all_cases};
use crate::store::OutboxRow;

/// Rows in hand at a time.
const ROWS_MAX: i64 = 16;
/// How long they may stay in hand: half of the lease, so that the last one is sent within it.
const IN_HAND_MS: u64 = 30_000;
/// How long a reconciliation waits when the platform does not answer, in milliseconds.
const ASK_AGAIN_MS: i64 = 60_000;

#[derive(Debug, Deserialize)]
struct RowOf {
    row_id: String,
}

#[derive(Debug, Deserialize)]
struct CaseOf {
    upstream_case_id: String,
}

/// How one row ended.
enum Went {
    On,
    /// The line is away: the rest waits.
    Away,
}

impl Outbox {
    /// Carries out what is due, in order; how many rows there were, 0 while the line is away.
    pub(super) async fn run_reports(&self) -> usize {
        let now = self.app().now();
        if self.line().is_paused(now) {
            return 0;
        }
        let claimed = match self.app().stores.outbox.claim(&["report"], None, now, now + LEASE_MS, ROWS_MAX).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(kind = "report", %error, "the outbox cannot be read");
                return 0;
            }
        };
        let begun = Instant::now();
        let mut left = claimed.iter();
        let mut is_away = false;
        for row in left.by_ref() {
            match self.report(row).await {
                Ok(Went::On) => {}
                Ok(Went::Away) => {
                    is_away = true;
                    break;
                }
                // The lease gives it back.
                Err(error) => tracing::error!(outbox = row.id, kind = row.kind, %error, "an errand broke off"),
            }
            if begun.elapsed() > Duration::from_millis(IN_HAND_MS) {
                break;
            }
        }
        for row in left {
            if let Err(error) = self.app().errand_later(row, 0, None).await {
                tracing::warn!(outbox = row.id, %error, "a row was not given back; its lease does");
            }
        }
        if is_away { 0 } else { claimed.len() }
    }

    async fn report(&self, row: &OutboxRow) -> Answer<Went> {
        let payload: RowOf = serde_json::from_str(&row.payload)?;
        let issuer = self.gateways().licence_issuer.as_deref();
        let (told, errand) = match self.app().report_errand(&row.site_id, &payload.row_id, issuer).await {
            Ok(made) => made,
            // What it is about is gone, or cannot be read: a person looks at it in the end.
            Err(error @ (AppError::NotFound | AppError::Internal(_))) => {
                tracing::warn!(outbox = row.id, %error, "a row for the platform above cannot be made");
                return self.unreadable(row, &payload.row_id).await;
            }
            Err(error) => return Err(error),
        };
        let sent = match errand {
            ReportErrand::Obsolete => {
                self.app().errand_done(row).await?;
                return Ok(Went::On);
            }
            ReportErrand::Later(after_ms) => {
                self.app().errand_later(row, after_ms, None).await?;
                return Ok(Went::On);
            }
            ReportErrand::Impossible(fault) => Err(fault),
            ReportErrand::Send(push) => match &self.gateways().upper {
                Some(platform) => platform.push(&push).await,
                None => Err(Fault::passing("no_gateway")),
            },
        };
        count(&row.kind, sent.as_ref().err());
        match sent {
            Ok(()) => {
                self.line().answered();
                self.app().report_sent(row, told).await?;
            }
            Err(fault) if !fault.is_final && is_of_the_line(&fault.code) => {
                if let Some(since) = self.line().failed(self.app().now()) {
                    self.app().upstream_unreachable(&row.site_id, since, &fault.code).await?;
                }
                self.app().errand_later(row, 0, Some(&fault.code)).await?;
                return Ok(Went::Away);
            }
            Err(fault) if fault.is_final || row.attempts >= ATTEMPTS_MAX => self.app().report_refused(row, told, &fault).await?,
            Err(fault) => self.app().errand_again(row, &fault.code, delay_ms(row.attempts)).await?,
        }
        Ok(Went::On)
    }

    async fn unreadable(&self, row: &OutboxRow, row_id: &str) -> Answer<Went> {
        let fault = Fault::lasting("unreadable");
        match self.app().stores.upstream.reported(&row.site_id, row_id).await? {
            Some(told) if row.attempts >= ATTEMPTS_MAX => self.app().report_refused(row, told, &fault).await?,
            Some(_) => self.app().errand_again(row, &fault.code, delay_ms(row.attempts)).await?,
            None => self.app().errand_done(row).await?,
        }
        Ok(Went::On)
    }

    /// Asks the platform what it knows, page by page.
    pub(super) async fn reconcile(&self, row: &OutboxRow) -> Answer<()> {
        let asked: Asked = serde_json::from_str(&row.payload)?;
        let answer = match &self.gateways().upper {
            Some(platform) => all_cases(platform.as_ref(), App::reconciliation_range(&row.site_id, &asked)).await,
            None => Err(Fault::lasting("no_gateway")),
        };
        let answer = match answer {
            Err(fault) if !fault.is_final && row.attempts < ATTEMPTS_MAX => {
                return self.app().errand_again(row, &fault.code, ASK_AGAIN_MS).await;
            }
            answer => answer.map_err(|fault| fault.code),
        };
        self.app().reconciled(row, &asked, answer).await
    }

    /// Asks how a case stands that the platform handles.
    pub(super) async fn pull(&self, row: &OutboxRow) -> Answer<()> {
        let payload: CaseOf = serde_json::from_str(&row.payload)?;
        let Some(number) = self.app().pull_errand(&row.site_id, &payload.upstream_case_id).await? else {
            return self.app().errand_done(row).await;
        };
        let answer = match &self.gateways().upper {
            Some(platform) => platform.case(&number).await,
            None => Err(Fault::passing("no_gateway")),
        };
        count(&row.kind, answer.as_ref().err());
        match answer {
            Ok(case) => self.app().pulled(row, &payload.upstream_case_id, case).await,
            Err(fault) => self.app().pull_later(row, &fault.code).await,
        }
    }
}
