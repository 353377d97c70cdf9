//! What time alone brings about: a day that ends, an acceptance by silence, a list that nobody
//! answered, a limit that comes near. Each is decided by the rules as the system; each may run twice,
//! in two processes too, and happens once.

use domain::case::{Actor, Case, Command, DecisionOutcome, State};
use domain::case_clock::{Level, Thresholds};
use domain::hall::{Actor as HallActor, Command as HallCommand};
use domain::time::local_date;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::App;
use super::cases::case_of;
use super::error::{Answer, AppError};
use super::hall::{Beside, Wish};
use crate::store::{AlertRow, CaseFilter, ChangeSet, NewEvent};

/// Cases read at once.
const CASES_READ_MAX: i64 = 200;
/// Sites that one reading of cases names; a statement has room for so many parameters and no more.
const SITES_READ_MAX: usize = 1_000;
/// Halls whose day ends together wait together for the disk, and leave room for those who work.
const TICKS_AT_ONCE: usize = 16;
/// Working days for a department to decide what comes of a promise that was missed ◇.
const PROMISE_ANSWER_DAYS: u32 = 3;
/// Who acts, in the log.
const ACTOR: &str = "system";

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
        loop {
            let rows = self.stores.cases.cases(&filter).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            filter.after = Some(last.id.clone());
            for row in &rows {
                let watched = match case_of(row) {
                    Ok(case) => self.watch_case(&case).await,
                    Err(error) => Err(error),
                };
                if let Err(error) = watched {
                    tracing::warn!(case = row.id, %error, "the case's timer did not run");
                }
            }
        }
    }

    async fn watch_case(&self, case: &Case) -> Answer<()> {
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
        self.watch_refusal(case).await?;
        self.watch_promise(case).await?;
        self.watch_joint_limit(case).await?;
        self.watch_limit(case).await
    }

    /// A proposal not to accept that the department left unanswered for a working day.
    async fn watch_refusal(&self, case: &Case) -> Answer<()> {
        let State::RefusalProposed { since, .. } = case.state else { return Ok(()) };
        let today = local_date(self.now());
        let answered_by = self.directory.get().calendar.working_day_after(local_date(since), 1);
        if answered_by.is_ok_and(|day| day < today) {
            let text = format!("{}：不予受理的建议过了一个工作日还没有答复", case.number);
            self.alert_once(case, &format!("refusal-{since}"), "refusal_unanswered", "yellow", text).await?;
        }
        Ok(())
    }

    /// A promise of the applicant (容缺) whose day is over and whose material is not there: the department decides.
    async fn watch_promise(&self, case: &Case) -> Answer<()> {
        let today = local_date(self.now());
        let Some(due) = case.missed_promise(today) else { return Ok(()) };
        if case.decision.as_ref().is_some_and(|decision| decision.outcome == DecisionOutcome::Denied) {
            return Ok(());
        }
        let ways = match (&case.decision, &case.new_term) {
            (None, None) => "请部门决定：给一次新期限，或者不予通过",
            (None, Some(_)) => "新期限只给一次，请部门决定不予通过",
            // What was granted cannot be denied any more; the certificate stays held.
            (Some(_), None) => "证照先不发，请部门给一次新期限，或者依法撤销决定",
            (Some(_), Some(_)) => "证照先不发，请部门决定要不要依法撤销决定",
        };
        let text = format!("{}：承诺 {due} 前补的材料没有补，{ways}", case.number);
        self.alert_once(case, &format!("promise-{due}"), "promise_missed", "yellow", text).await?;
        let decided_by = self.directory.get().calendar.working_day_after(due, PROMISE_ANSWER_DAYS);
        let is_open = case.decision.is_none() || case.new_term.is_none();
        if is_open && decided_by.is_ok_and(|day| day < today) {
            let text = format!("{}：承诺 {due} 前补的材料没有补，过了 {PROMISE_ANSWER_DAYS} 个工作日，部门还没有决定", case.number);
            self.alert_once(case, &format!("promise-late-{due}"), "promise_unanswered", "red", text).await?;
        }
        Ok(())
    }

    /// 预警、黄牌、红牌, once for each case and level.
    async fn watch_limit(&self, case: &Case) -> Answer<()> {
        let Some(clock) = case.decision_clock().filter(|_| case.decision.is_none()) else { return Ok(()) };
        let listing = self.directory.get();
        let reading = clock.read(local_date(self.now()), &listing.calendar, Thresholds::default());
        let (level, words) = match reading.level {
            Level::None => return Ok(()),
            Level::Notice if reading.stopped => return Ok(()),
            Level::Notice => ("notice", "快到承诺期限了"),
            Level::Yellow => ("yellow", "过了承诺期限"),
            Level::Red => ("red", "过了法定期限"),
        };
        let due = reading.due.map(|due| format!("（承诺 {due}）")).unwrap_or_default();
        let text = format!("{}：{}，{words}{due}", case.number, reading.level.label());
        self.alert_once(case, level, "deadline", level, text).await
    }

    async fn alert_once(&self, case: &Case, tail: &str, kind: &str, level: &str, text: String) -> Answer<()> {
        let id = format!("al_{}-{tail}", case.id.as_str().split_once('_').map_or(case.id.as_str(), |(_, rest)| rest));
        self.raise_once(case.site.as_str(), id, kind, level, case.id.as_str(), text).await
    }

    /// Raises an alert unless one with this id was raised before.
    pub(in crate::app) async fn raise_once(
        &self,
        site_id: &str,
        id: String,
        kind: &str,
        level: &str,
        object_id: &str,
        text: String,
    ) -> Answer<()> {
        if self.stores.cases.alert(site_id, &id).await?.is_some() {
            return Ok(());
        }
        let now = self.now();
        let mut set = ChangeSet::new(site_id);
        set.events.push(NewEvent {
            aggregate: "alert",
            aggregate_id: id.clone(),
            kind: "alert_raised".to_owned(),
            actor: ACTOR.to_owned(),
            at: now,
            body: json!({ "type": "alert_raised", "alert": id, "kind": kind, "level": level, "object": object_id }).to_string(),
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
        });
        Ok(self.commit(set).await.map(drop)?)
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
