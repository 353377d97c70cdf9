//! The first and the last day of a matter (实施清单: 生效日期、失效日期): outside of them it is not offered, here and by
//! whoever claims it. Cases that are open keep their snapshot. Once a day each site is looked at: what began or ended
//! is told to the kiosks, and what ends soon to who keeps the catalogue.

use chrono::{Datelike, Days, NaiveDate};
use domain::catalogue::{Matter, MatterState, OutOfDates, WARN_DAYS};
use domain::time::local_date;
use serde_json::json;

use super::watch::tail_of;
use super::{SYSTEM, event, move_catalogue};
use crate::app::App;
use crate::app::catalogue_import::IMPORTS;
use crate::app::error::Answer;
use crate::store::{ChangeSet, CounterRow, Expect, MatterRow, StoreError};

/// The counter that holds the last day a site was looked at.
const LOOKED_AT: &str = "matter-dates";
/// A row's state before the matter's first day.
const NOT_YET: &str = "not_yet";
/// A row's state after the matter's last day.
const OVER: &str = "over";

/// A row as it is offered on a day.
pub(super) fn on_day(row: MatterRow, today: NaiveDate) -> Answer<MatterRow> {
    // Most matters have no dates, and their descriptions are long.
    let may_have_dates = ["\"effective_on\":\"", "\"expires_on\":\""].iter().any(|field| row.doc.contains(field));
    if row.state != "published" || !may_have_dates {
        return Ok(row);
    }
    let mut matter: Matter = serde_json::from_str(&row.doc)?;
    let Some(out) = matter.details.out_of_dates(today) else { return Ok(row) };
    let state = match out {
        OutOfDates::NotYet(_) => NOT_YET,
        OutOfDates::Over(_) => OVER,
    };
    matter.state = MatterState::Retired;
    Ok(MatterRow { state: state.to_owned(), doc: serde_json::to_string(&matter)?, ..row })
}

/// Why a matter is not offered now, by its dates: a stable code, and words for people.
pub(in crate::app) fn out_of_dates(row: &MatterRow) -> Answer<Option<(&'static str, String)>> {
    if ![NOT_YET, OVER].contains(&row.state.as_str()) {
        return Ok(None);
    }
    let details = serde_json::from_str::<Matter>(&row.doc)?.details;
    let day = |day: Option<NaiveDate>| day.map(|day| format!("{}年{}月{}日", day.year(), day.month(), day.day())).unwrap_or_default();
    Ok(Some(if row.state == NOT_YET {
        ("matter_not_yet", format!("“{}”{} 起才办", row.name, day(details.effective_on)))
    } else {
        ("matter_over", format!("“{}”办到 {} 为止，现在不办了", row.name, day(details.expires_on)))
    }))
}

fn number_of(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce())
}

impl App {
    /// Looks at the dates of every site's matters, once a day in each process and once a day for all of them.
    pub(super) async fn watch_dates(&self) {
        let today = local_date(self.now());
        if self.catalogue.looked_at() == number_of(today) {
            return;
        }
        let site_ids: Vec<String> = self.directory.get().sites.keys().cloned().collect();
        let mut is_whole = true;
        for site_id in site_ids {
            if let Err(error) = self.watch_dates_of(&site_id, today).await {
                is_whole = false;
                tracing::warn!(site_id, %error, "the dates of its matters were not looked at");
            }
        }
        // What failed comes again with the next run.
        if is_whole {
            self.catalogue.look_at(number_of(today));
        }
    }

    async fn watch_dates_of(&self, site_id: &str, today: NaiveDate) -> Answer<()> {
        let last = self.stores.sites.counter(site_id, LOOKED_AT).await?;
        if last >= number_of(today) {
            return Ok(());
        }
        // Before the first look nothing is known to have been told; yesterday's news are enough.
        let since = if last == 0 { number_of(today) - 1 } else { last };
        let (now, changes) = (self.now(), self.stores.sites.counter(site_id, IMPORTS).await?);
        let mut set = ChangeSet::new(site_id);
        set.expect.push(Expect::Counter(LOOKED_AT.to_owned(), last));
        set.row(CounterRow { site_id: site_id.to_owned(), name: LOOKED_AT.to_owned(), value: number_of(today) });
        let is_new = |day: NaiveDate| number_of(day) > since && day <= today;
        for row in self.catalogue_rows(site_id).await? {
            if ![NOT_YET, OVER, "published"].contains(&row.state.as_str()) {
                continue;
            }
            let matter: Matter = serde_json::from_str(&row.doc)?;
            let ended = matter.details.expires_on.and_then(|last| last.checked_add_days(Days::new(1)));
            if matter.details.effective_on.is_some_and(is_new) {
                set.events.push(event(&row.id, "matter_began", SYSTEM, now, json!({ "matter": row.id, "version": row.version })));
            }
            if ended.is_some_and(is_new) {
                set.events.push(event(&row.id, "matter_ended", SYSTEM, now, json!({ "matter": row.id, "version": row.version })));
            }
            if matter.claimed.is_none() {
                self.warn_of_end(site_id, &row, &matter, today).await?;
            }
        }
        if !set.events.is_empty() {
            move_catalogue(&mut set, changes);
        }
        match self.commit(set).await {
            // Another process was faster, or somebody changed the catalogue: the next run looks again.
            Err(StoreError::Conflict(_) | StoreError::Duplicate(_)) | Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells who keeps the catalogue, once for each last day.
    async fn warn_of_end(&self, site_id: &str, row: &MatterRow, matter: &Matter, today: NaiveDate) -> Answer<()> {
        let Some(last) = matter.details.expires_on else { return Ok(()) };
        let left = (last - today).num_days();
        if !(0..=WARN_DAYS).contains(&left) {
            return Ok(());
        }
        let key = self.directory.get().site(site_id)?.key.clone();
        let alert = format!("al_{key}_matter-ends-{}-{last}", tail_of(&row.id));
        let text = format!("“{}”办到 {last} 为止，过了取号机、网上和窗口都不再办。要接着办请发布新版本，改掉失效日期", row.name);
        self.raise_once(site_id, alert, "matter_expiring", "yellow", &row.id, text).await
    }
}
