//! What time does to contracts: their end is told before, and with the day after the last one every session of the
//! person ends. Both happen once, by alerts whose ids are made from the person and the day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::people::{Contract, PeopleRules};
use domain::time::Millis;
use serde_json::json;

use crate::app::App;
use crate::app::alerts;
use crate::app::error::Answer;
use crate::app::sessions::StaffDoc;
use crate::store::{AlertRow, ChangeSet, NewEvent, StaffRow};

const ENDING: &str = "contract_ending";
const ENDED: &str = "contract_ended";
/// Who acts, in the log.
const ACTOR: &str = "system";

/// The id of the one alert about the end of a contract.
fn alert_id(kind: &str, staff_id: &str, last: NaiveDate) -> String {
    alerts::alert_id(staff_id, &format!("{}-{last}", kind.replace('_', "-")))
}

impl App {
    /// Looks at the contracts of everybody.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn watch_contracts(&self) -> Answer<()> {
        let mut by_site: BTreeMap<String, Vec<StaffRow>> = BTreeMap::new();
        for row in self.stores.staff.all_staff().await? {
            by_site.entry(row.site_id.clone()).or_default().push(row);
        }
        for (site_id, rows) in by_site {
            self.watch_contracts_among(&site_id, &rows).await?;
        }
        Ok(())
    }

    /// Looks at the contracts of a site's people.
    pub(super) async fn watch_contracts_of(&self, site_id: &str) -> Answer<()> {
        let rows: Vec<StaffRow> = self.people_known(site_id).await?.into_values().collect();
        self.watch_contracts_among(site_id, &rows).await
    }

    async fn watch_contracts_among(&self, site_id: &str, rows: &[StaffRow]) -> Answer<()> {
        let (today, mut open, mut rules) = (self.today(), Vec::new(), None);
        for row in rows.iter().filter(|row| row.active) {
            let doc: StaffDoc = serde_json::from_str(&row.doc)?;
            let Some(engagement) = doc.engagement else { continue };
            if let Some(contract) = engagement.ended(today) {
                open.push(alert_id(ENDED, &row.id, contract.to));
                self.contract_is_over(row, contract).await?;
                continue;
            }
            let days = match rules {
                Some(PeopleRules { contract_notice_days, .. }) => contract_notice_days,
                None => rules.insert(self.rules_of(site_id).await?.1).contract_notice_days,
            };
            if let Some(contract) = engagement.ends_within(today, days) {
                let id = alert_id(ENDING, &row.id, contract.to);
                let left = (contract.to - today).num_days();
                let when = if left == 0 { "今天".to_owned() } else { format!("还有 {left} 天") };
                let text = format!(
                    "{} 的合同（{}）到 {} 为止，{when}。到期以后自己登录不了；要续就去人员页改合同",
                    row.name, contract.vendor, contract.to
                );
                open.push(id.clone());
                self.raise_once(site_id, id, ENDING, "yellow", &row.id, text).await?;
            }
        }
        self.settle_contract_alerts(site_id, &open).await
    }

    /// Ends every session of the person, once.
    async fn contract_is_over(&self, row: &StaffRow, contract: &Contract) -> Answer<()> {
        let id = alert_id(ENDED, &row.id, contract.to);
        if self.stores.cases.alert(&row.site_id, &id).await?.is_some() {
            return Ok(());
        }
        // First the sessions: after the alert nobody looks again.
        self.end_sessions_of(&row.site_id, &row.id, None).await?;
        let now = self.now();
        let event = |aggregate: &'static str, aggregate_id: &str, kind: &str, body: serde_json::Value| NewEvent {
            aggregate,
            aggregate_id: aggregate_id.to_owned(),
            kind: kind.to_owned(),
            actor: ACTOR.to_owned(),
            at: now,
            body: body.to_string(),
        };
        let mut set = ChangeSet::new(&row.site_id);
        let ended = json!({ "type": "staff_contract_ended", "staff": row.id, "last_day": contract.to });
        set.events.push(event("staff", &row.id, "staff_contract_ended", ended));
        let raised = json!({ "type": "alert_raised", "alert": id, "kind": ENDED, "level": "red", "object": row.id });
        set.events.push(event("alert", &id, "alert_raised", raised));
        set.row(self.contract_alert(row, id.clone(), contract, now));
        Ok(self.commit(set).await.map(drop)?)
    }

    fn contract_alert(&self, row: &StaffRow, id: String, contract: &Contract, at: Millis) -> AlertRow {
        AlertRow {
            site_id: row.site_id.clone(),
            id,
            kind: ENDED.to_owned(),
            level: "red".to_owned(),
            object_id: row.id.clone(),
            text: format!(
                "{} 的合同（{}）{} 到期，账号登录不了了。还要用就去人员页续合同，不用就停用账号",
                row.name, contract.vendor, contract.to
            ),
            at,
            settled_at: None,
            audience: String::new(),
        }
    }

    /// Alerts about contracts that were renewed, or whose people are gone, are settled.
    async fn settle_contract_alerts(&self, site_id: &str, open: &[String]) -> Answer<()> {
        let is_over = |alert: &AlertRow| (alert.kind == ENDING || alert.kind == ENDED) && !open.contains(&alert.id);
        let over: Vec<AlertRow> = self.stores.cases.alerts(site_id).await?.into_iter().filter(is_over).collect();
        if over.is_empty() {
            return Ok(());
        }
        let mut set = ChangeSet::new(site_id);
        for alert in over {
            set.row(AlertRow { settled_at: Some(self.now()), ..alert });
        }
        Ok(self.commit(set).await.map(drop)?)
    }
}
