//! What time alone brings about: a day that ends, an acceptance by silence, a list that nobody
//! answered, a limit that comes near. Each is decided by the rules as the system; each may run twice,
//! in two processes too, and happens once.

use std::collections::BTreeSet;

use domain::case::{Actor, Case, Command, State};
use domain::case_clock::Thresholds;
use domain::hall::{Actor as HallActor, Command as HallCommand, NoticePolicy};
use domain::ids::BundleCaseId;
use domain::time::local_date;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::App;
use super::cases::{CasePolicies, case_of};
use super::error::{Answer, AppError};
use super::hall::{Beside, Wish};
use crate::store::{AlertRow, CaseFilter, CaseRow, ChangeSet, Expect, NewEvent, StoreError};

/// Cases read at once.
const CASES_READ_MAX: i64 = 200;
/// Sites that one reading of cases names; a statement has room for so many parameters and no more.
const SITES_READ_MAX: usize = 1_000;
/// Halls whose day ends together wait together for the disk, and leave room for those who work.
const TICKS_AT_ONCE: usize = 16;
/// Who acts, in the log.
const ACTOR: &str = "system";

/// An alert to be raised once.
#[derive(Debug)]
pub(super) struct NewAlert<'a> {
    /// Made from what it is about, so that it is the same for everybody who finds it.
    pub(super) id: String,
    pub(super) kind: &'a str,
    /// `notice`, `yellow` or `red`.
    pub(super) level: &'a str,
    /// What it is about.
    pub(super) object_id: &'a str,
    /// For people.
    pub(super) text: String,
}

impl App {
    /// Tells the halls whose time has come what time it is: a day that is over is closed, missed tickets
    /// come back. Halls of which nothing is due cost nothing, however many there are.
    ///
    /// # Errors
    /// When the store cannot be read; a hall that fails is told, comes again, and the others go on.
    pub async fn tick_halls(&self) -> Answer<()> {
        let due = self.stores.halls.halls_due(self.now()).await?;
        stream::iter(due).for_each_concurrent(TICKS_AT_ONCE, |site_id| self.tick_hall(site_id)).await;
        Ok(())
    }

    async fn tick_hall(&self, site_id: String) {
        // The keeper looks after the time of its hall.
        if !self.keepers.may_decide(&site_id) {
            return;
        }
        let wish = Wish {
            site_id: site_id.clone(),
            actor: HallActor::machine(),
            actor_id: ACTOR.to_owned(),
            command: HallCommand::Tick,
            retry: None,
            rows: Vec::new(),
            beside: Beside::default(),
        };
        if let Err(error) = self.halls.submit(wish).await {
            tracing::warn!(site_id, %error, "the hall's timer did not run");
        }
    }

    /// Looks at every open case.
    ///
    /// # Errors
    /// When the cases cannot be read; a case that fails is told and the others go on.
    pub async fn watch_cases(&self) -> Answer<()> {
        let site_ids: Vec<String> = self.directory.get().sites.keys().cloned().collect();
        for site_ids in site_ids.chunks(SITES_READ_MAX) {
            self.watch_cases_of(site_ids).await?;
        }
        Ok(())
    }

    async fn watch_cases_of(&self, site_ids: &[String]) -> Answer<()> {
        let mut filter = CaseFilter { site_ids: site_ids.to_vec(), open: true, limit: CASES_READ_MAX, ..CaseFilter::default() };
        let (mut policies, mut bundles) = (CasePolicies::default(), BTreeSet::new());
        loop {
            let rows = self.stores.cases.cases(&filter).await?;
            let Some(last) = rows.last() else { break };
            filter.after = Some(last.id.clone());
            for row in &rows {
                match self.watch_row(row, &mut policies).await {
                    Ok(bundle) => bundles.extend(bundle.map(|id| (row.site_id.clone(), id))),
                    Err(error) => tracing::warn!(case = row.id, %error, "the case's timer did not run"),
                }
            }
        }
        for (site_id, id) in bundles {
            if let Err(error) = self.watch_joint_limit(&site_id, &id, &mut policies).await {
                tracing::warn!(bundle = id.as_str(), %error, "the timer of several cases as one did not run");
            }
        }
        Ok(())
    }

    /// Looks at a case: the bundle that it is part of, while nothing has come of it.
    async fn watch_row(&self, row: &CaseRow, policies: &mut CasePolicies) -> Answer<Option<BundleCaseId>> {
        let near = policies.of(self, &row.site_id).await?.thresholds();
        let case = case_of(row)?;
        self.watch_case(&case, near).await?;
        self.watch_pickup(&case, policies.notices_of(self, &row.site_id).await?).await?;
        Ok(case.bundle_case.clone().filter(|_| case.is_undecided()))
    }

    async fn watch_case(&self, case: &Case, near: Thresholds) -> Answer<()> {
        let due: &[Command] = match &case.state {
            State::Received { .. } | State::RefusalProposed { .. } => &[Command::DeemAccepted],
            State::Correcting { .. } => &[Command::RemindCorrection, Command::Lapse],
            _ => &[],
        };
        let context = self.case_context(case);
        for command in due {
            if case.decide(command, &Actor::System, &context).is_ok_and(|events| !events.is_empty()) {
                match self.decide_case_as_system(case.site.as_str(), case.id.as_str(), command.clone()).await {
                    // Somebody was faster.
                    Ok(()) | Err(AppError::Refused { .. }) => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
        }
        self.watch_case_limits(case, near).await
    }

    /// Tells somebody again whose document lies ready, where the ladder of notices says that it is time.
    async fn watch_pickup(&self, case: &Case, notices: &NoticePolicy) -> Answer<()> {
        let Some(document) = &case.certificate else { return Ok(()) };
        let Some(told_at) = document.told_at else { return Ok(()) };
        let today = local_date(self.now());
        let Some(rung) = notices.rung_due(local_date(told_at), document.rung, today, &self.directory.get().calendar) else { return Ok(()) };
        let channels = rung.channels.iter().map(|&channel| channel.to_owned()).collect();
        let command = Command::RemindPickup { rung: rung.number, channels };
        if case.permit(command.action(), &Actor::System, &self.case_context(case)).is_err()
            || self.is_told_with_another(case, rung.number).await?
        {
            return Ok(());
        }
        match self.decide_case_as_system(case.site.as_str(), case.id.as_str(), command).await {
            // Fetched meanwhile.
            Ok(()) | Err(AppError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Raises an alert for everybody who may read alerts, unless one with this id was raised before.
    pub(in crate::app) async fn raise_once(
        &self,
        site_id: &str,
        id: String,
        kind: &str,
        level: &str,
        object_id: &str,
        text: String,
    ) -> Answer<()> {
        self.raise_once_for(site_id, NewAlert { id, kind, level, object_id, text }, String::new()).await
    }

    /// Raises an alert for an audience (roles with commas between) unless one with this id was raised before.
    pub(in crate::app) async fn raise_once_for(&self, site_id: &str, alert: NewAlert<'_>, audience: String) -> Answer<()> {
        let NewAlert { id, kind, level, object_id, text } = alert;
        if self.stores.cases.alert(site_id, &id).await?.is_some() {
            return Ok(());
        }
        let now = self.now();
        let mut set = ChangeSet::new(site_id);
        // Two workers may have found it missing.
        set.expect.push(Expect::Alert(id.clone(), 0));
        let body = json!({ "type": "alert_raised", "alert": id, "kind": kind, "level": level, "object": object_id, "audience": audience });
        set.events.push(NewEvent {
            aggregate: "alert",
            aggregate_id: id.clone(),
            kind: "alert_raised".to_owned(),
            actor: ACTOR.to_owned(),
            at: now,
            body: body.to_string(),
        });
        set.row(AlertRow {
            site_id: site_id.to_owned(),
            id,
            kind: kind.to_owned(),
            level: level.to_owned(),
            object_id: object_id.to_owned(),
            text,
            at: now,
            settled_at: None,
            audience,
        });
        match self.commit(set).await {
            Ok(_) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks for a year of the calendar that will be needed, once a year; settles what was loaded.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn watch_calendar(&self) -> Answer<()> {
        let listing = self.directory.get();
        let wanted = listing.calendar.year_wanted(local_date(self.now()));
        for site in listing.sites.values().filter(|site| site.parent_id.is_none()) {
            if let Some(year) = wanted {
                let text = format!("还没有 {year} 年的节假日安排。国务院通知发布后请尽快导入，在那之前算不出跨年的期限");
                let id = format!("al_{}_calendar-{year}", site.key);
                self.raise_once(&site.id, id, "calendar_missing", "yellow", &year.to_string(), text).await?;
            }
            let loaded = |alert: &AlertRow| {
                let year = alert.object_id.parse::<i32>().ok();
                alert.kind == "calendar_missing" && year.is_some_and(|year| listing.calendar.years().any(|(known, _)| known == year))
            };
            for alert in self.stores.cases.alerts(&site.id).await?.into_iter().filter(loaded) {
                self.settle(alert).await?;
            }
        }
        Ok(())
    }

    /// Forgets outcomes of requests that nobody may repeat any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_outcomes(&self) -> Answer<u64> {
        self.forget_sign_ins().await?;
        Ok(self.stores.idempotency.forget_before(self.now()).await?)
    }
}
