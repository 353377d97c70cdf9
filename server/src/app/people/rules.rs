//! What a site set about its people: the newest event holds all of it, a counter is its version.

use domain::people::{PeopleRules, Weights};
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{AGGREGATE, told};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, CounterRow, Expect};

const DOCUMENT: &str = "people-rules";
const COUNTER: &str = "people:rules";

/// How much each item of the appraisal weighs, in per cent; together 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightsInput {
    /// 接待量.
    pub visits: u8,
    /// 办理时长.
    pub serving: u8,
    /// 群众评价.
    pub ratings: u8,
    /// 按时办结.
    pub on_time: u8,
    /// 出勤.
    pub attendance: u8,
}

/// Body of `PUT /sites/{site}/people-rules`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PeopleRulesRequest {
    /// The version that was read; 0 for the default.
    pub version: i64,
    /// How much each item weighs.
    pub weights: WeightsInput,
    /// Visits a day at a window that give full points.
    pub visits_a_day: u16,
    /// Begin of the usual band of a serving time, in per cent of the line's mean.
    pub band_low_percent: u16,
    /// Its end.
    pub band_high_percent: u16,
    /// Visits of a line below which a mean says nothing.
    pub visits_min: u16,
    /// Ratings below which none are counted; 5 at least.
    pub ratings_min: u16,
    /// A contract's end is told so many days before.
    pub contract_notice_days: u16,
}

/// The settings of a site about its people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeopleRulesView {
    /// 0 for the default.
    pub version: i64,
    /// How much each item weighs.
    pub weights: WeightsInput,
    /// Visits a day at a window that give full points.
    pub visits_a_day: u16,
    /// Begin of the usual band of a serving time, in per cent of the line's mean.
    pub band_low_percent: u16,
    /// Its end.
    pub band_high_percent: u16,
    /// Visits of a line below which a mean says nothing.
    pub visits_min: u16,
    /// Ratings below which none are counted.
    pub ratings_min: u16,
    /// A contract's end is told so many days before.
    pub contract_notice_days: u16,
}

#[derive(Debug, Serialize, Deserialize)]
struct Stated {
    #[serde(rename = "type")]
    kind: String,
    version: i64,
    content: PeopleRules,
}

impl PeopleRulesRequest {
    fn rules(&self) -> PeopleRules {
        let WeightsInput { visits, serving, ratings, on_time, attendance } = self.weights;
        PeopleRules {
            weights: Weights { visits, serving, ratings, on_time, attendance },
            visits_a_day: self.visits_a_day,
            band_low_percent: self.band_low_percent,
            band_high_percent: self.band_high_percent,
            visits_min: self.visits_min,
            ratings_min: self.ratings_min,
            contract_notice_days: self.contract_notice_days,
        }
    }
}

fn view(version: i64, rules: &PeopleRules) -> PeopleRulesView {
    let Weights { visits, serving, ratings, on_time, attendance } = rules.weights;
    PeopleRulesView {
        version,
        weights: WeightsInput { visits, serving, ratings, on_time, attendance },
        visits_a_day: rules.visits_a_day,
        band_low_percent: rules.band_low_percent,
        band_high_percent: rules.band_high_percent,
        visits_min: rules.visits_min,
        ratings_min: rules.ratings_min,
        contract_notice_days: rules.contract_notice_days,
    }
}

impl App {
    /// The newest rules of a site with their version.
    pub(super) async fn rules_of(&self, site_id: &str) -> Answer<(i64, PeopleRules)> {
        let logged = self.stores.events.newest_of(site_id, AGGREGATE, DOCUMENT, Millis::MAX).await?;
        let stated: Option<Stated> = logged.map(|logged| serde_json::from_str(&logged.body)).transpose()?;
        Ok(stated.map_or_else(|| (0, PeopleRules::default()), |stated| (stated.version, stated.content)))
    }

    /// What a site set about its people.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn people_rules(&self, permit: &Permit) -> Answer<PeopleRulesView> {
        let (version, rules) = self.rules_of(permit.site_id()).await?;
        Ok(view(version, &rules))
    }

    /// Replaces what a site set about its people.
    ///
    /// # Errors
    /// Field errors; 409 when somebody else changed them meanwhile.
    pub async fn change_people_rules(&self, permit: &Permit, wanted: &PeopleRulesRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.once(site_id, retry, || async {
            let rules = wanted.rules();
            let faults = rules.faults();
            if !faults.is_empty() {
                return Err(AppError::Invalid(told(faults)));
            }
            let before = self.stores.sites.counter(site_id, COUNTER).await?;
            if before != wanted.version {
                return Err(AppError::refused("rules_changed", "别人刚改过，请先看看新的再改"));
            }
            let version = before + 1;
            let mut set = ChangeSet::new(site_id);
            set.expect.push(Expect::Counter(COUNTER.to_owned(), before));
            set.row(CounterRow { site_id: site_id.to_owned(), name: COUNTER.to_owned(), value: version });
            let body = json!({ "type": "people_rules_set", "version": version, "content": rules });
            set.events.push(self.people_event(permit, DOCUMENT, "people_rules_set", &body));
            Ok((set, Outcome::success(200, None, serde_json::to_value(view(version, &rules))?)))
        })
        .await
    }
}
