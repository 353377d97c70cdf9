//! A day of a site played again under other settings, from its log alone: `yichuang replay`, and before
//! somebody changes the settings. Reads, and writes nothing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::hall::{
    Event, Fact, Figures, Hall, Measure, PlayedDay, Policy, PolicyFault, VisitClass, WhatIf, figures_by, measures, what_if,
};
use domain::ids::{SiteId, TicketId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::store::Stores;

/// Events read at once.
const EVENTS_READ_MAX: i64 = 2_000;

/// Why a day cannot be played again.
#[derive(Debug)]
pub enum Faulty {
    /// The log has no such day.
    NoSuchDay,
    /// The settings are not understood.
    Settings(String),
    /// The settings contradict themselves or the hall.
    Policy(Vec<PolicyFault>),
}

/// The figures of one group of people on one of the three days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReplayedFigures {
    /// Numbers given.
    pub issued: u32,
    /// Visits that ended with an outcome.
    pub done: u32,
    /// Waits that ended with a call.
    pub waits: usize,
    /// Their mean, in milliseconds.
    pub wait_mean_ms: Option<i64>,
    /// Their median.
    pub wait_median_ms: Option<i64>,
    /// What nine of ten do not exceed.
    pub wait_p90_ms: Option<i64>,
    /// The longest.
    pub wait_longest_ms: Option<i64>,
}

/// One class on all three days; people are of the class that they have under the other settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReplayedClass {
    /// The class; `all` for everybody.
    pub class: &'static str,
    /// What it is called.
    pub name: String,
    /// As it was.
    pub actual: ReplayedFigures,
    /// Played under the settings of the day.
    pub own: ReplayedFigures,
    /// Played under the other settings.
    pub other: ReplayedFigures,
}

/// A day as it was and as it would have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// The site.
    pub site: String,
    /// The business day.
    pub date: NaiveDate,
    /// What differs: path, then the value of the day and the other one.
    pub changed: Vec<(String, Value, Value)>,
    /// Everybody first, then class by class.
    pub classes: Vec<ReplayedClass>,
    /// People who got no number, played under the settings of the day.
    pub refused_own: u32,
    /// The same under the other settings.
    pub refused_other: u32,
}

/// Body of `POST /sites/{site}/policy/what-if`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhatIfRequest {
    /// The business day, `yyyy-MM-dd`.
    #[schema(value_type = String)]
    pub date: NaiveDate,
    /// What of the calling policy would be other than on that day (RFC 7396).
    #[schema(value_type = Object)]
    pub policy: serde_json::Map<String, Value>,
}

/// A setting that differs from that of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedSetting {
    /// Path within the policy.
    pub field: String,
    /// As it was on that day.
    #[schema(value_type = Object)]
    pub of_the_day: Value,
    /// As it would be.
    #[schema(value_type = Object)]
    pub other: Value,
}

/// A day as it was, as it is played under its own settings, and as it would have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WhatIfView {
    /// The business day.
    pub date: String,
    /// What differs.
    pub changed: Vec<ChangedSetting>,
    /// Everybody first, then class by class.
    pub classes: Vec<ReplayedClass>,
    /// People who got no number, played under the settings of the day.
    pub refused_own: u32,
    /// The same under the other settings.
    pub refused_other: u32,
}

impl App {
    /// Plays a day of a site again under other rules.
    ///
    /// # Errors
    /// 404 `no_such_day`; field errors.
    pub async fn play_day_again(&self, permit: &Permit, wanted: WhatIfRequest) -> Answer<WhatIfView> {
        let (stores, site_id, date) = (self.stores.clone(), permit.site_id().to_owned(), wanted.date);
        let handle = tokio::runtime::Handle::current();
        let patch = Value::Object(wanted.policy);
        // A busy day is seconds of reckoning: not on a thread that answers others.
        let played = tokio::task::spawn_blocking(move || handle.block_on(replay_day(&stores, &site_id, date, &patch)));
        let played = played.await.map_err(|error| AppError::Internal(format!("replay: {error}")))??;
        match played {
            Ok(day) => Ok(WhatIfView {
                date: day.date.to_string(),
                changed: day.changed.into_iter().map(|(field, of_the_day, other)| ChangedSetting { field, of_the_day, other }).collect(),
                classes: day.classes,
                refused_own: day.refused_own,
                refused_other: day.refused_other,
            }),
            Err(Faulty::NoSuchDay) => {
                Err(AppError::Absent { code: "no_such_day", message: format!("{date} 这天没有开过门，换一天") })
            }
            Err(Faulty::Settings(_)) => Err(AppError::field("policy", "malformed", "这套设置读不懂")),
            Err(Faulty::Policy(faults)) => {
                let mut errors = FieldErrors::default();
                for fault in faults {
                    errors.add(&fault.field, "configuration_invalid", fault.text);
                }
                Err(errors.check().err().unwrap_or(AppError::NotFound))
            }
        }
    }
}

/// Plays a business day again under the policy of that day with what `patch` names changed (RFC 7396).
///
/// # Errors
/// When the store cannot be read; the inner one when there is nothing to play.
pub async fn replay_day(stores: &Stores, site_id: &str, date: NaiveDate, patch: &Value) -> Answer<Result<Replayed, Faulty>> {
    let Some((before, events)) = read_day(stores, site_id, date).await? else { return Ok(Err(Faulty::NoSuchDay)) };
    let mut after = before.clone();
    events.iter().for_each(|event| drop(after.evolve(event)));
    let configuration = after.configuration();
    let own = serde_json::to_value(&configuration.policy)?;
    let mut wanted = own.clone();
    json_patch::merge(&mut wanted, patch);
    let policy: Policy = match serde_json::from_value(wanted.clone()) {
        Ok(policy) => policy,
        Err(error) => return Ok(Err(Faulty::Settings(error.to_string()))),
    };
    let faults = domain::hall::Configuration { policy: policy.clone(), ..configuration }.faults();
    if !faults.is_empty() {
        return Ok(Err(Faulty::Policy(faults)));
    }
    let mut changed = Vec::new();
    differences("", &own, &wanted, &mut changed);
    let played = what_if(&before, &events, &policy);
    let (refused_own, refused_other) = (played.own.refused, played.other.refused);
    Ok(Ok(Replayed { site: site_id.to_owned(), date, changed, classes: classes(&played), refused_own, refused_other }))
}

/// The hall before a business day, and what happened on it.
async fn read_day(stores: &Stores, site_id: &str, date: NaiveDate) -> Answer<Option<(Hall, Vec<Event>)>> {
    let mut hall = Hall::new(SiteId::parse(site_id).ok_or(AppError::NotFound)?);
    let (mut seq, mut day, mut is_within) = (0, Vec::new(), false);
    loop {
        let logged = stores.events.events_after(site_id, seq, EVENTS_READ_MAX).await?;
        let Some(last) = logged.last() else { break };
        seq = last.seq;
        for one in logged.iter().filter(|one| one.aggregate == "hall") {
            let event: Event = serde_json::from_str(&one.body)?;
            match event.fact {
                Fact::DayOpened { date: opened } if opened == date => is_within = true,
                Fact::DayClosed { date: closed } if closed == date => return Ok(Some((hall, day))),
                _ => {}
            }
            if is_within {
                day.push(event);
            } else {
                hall.evolve(&event);
            }
        }
    }
    Ok(is_within.then_some((hall, day)))
}

/// Every value that two documents have not in common.
fn differences(path: &str, own: &Value, wanted: &Value, found: &mut Vec<(String, Value, Value)>) {
    match (own, wanted) {
        (Value::Object(own), Value::Object(wanted)) => {
            for (key, value) in wanted {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                differences(&path, own.get(key).unwrap_or(&Value::Null), value, found);
            }
        }
        _ if own != wanted => found.push((path.to_owned(), own.clone(), wanted.clone())),
        _ => {}
    }
}

fn classes(played: &WhatIf) -> Vec<ReplayedClass> {
    let by_ticket: BTreeMap<&TicketId, VisitClass> = played.other.visits.iter().map(|visit| (&visit.ticket_id, visit.class)).collect();
    let days = [&played.actual, &played.own, &played.other].map(|day| day_measures(day, &by_ticket));
    let everybody = days.each_ref().map(|measures| figures(&Figures::of(measures)));
    let mut rows = vec![row("all", "全部".to_owned(), everybody)];
    let by_class = days.each_ref().map(|measures| figures_by(measures, |measure| Some(measure.class)));
    for class in [VisitClass::Green, VisitClass::Appointment, VisitClass::Quick, VisitClass::Ordinary, VisitClass::WalkIn] {
        if by_class.iter().any(|groups| groups.contains_key(&class)) {
            let of_class = by_class.each_ref().map(|groups| groups.get(&class).map(figures).unwrap_or_default());
            rows.push(row(class.as_str(), super::export::class_name(class.as_str()).to_owned(), of_class));
        }
    }
    rows
}

fn row(class: &'static str, name: String, [actual, own, other]: [ReplayedFigures; 3]) -> ReplayedClass {
    ReplayedClass { class, name, actual, own, other }
}

/// The measures of a day, each person in the class that the other settings make of him.
fn day_measures(day: &PlayedDay, classes: &BTreeMap<&TicketId, VisitClass>) -> Vec<Measure> {
    let mut visits = day.visits.clone();
    for visit in &mut visits {
        visit.class = classes.get(&visit.ticket_id).copied().unwrap_or(visit.class);
    }
    measures(&visits, &day.intervals)
}

fn figures(of: &Figures) -> ReplayedFigures {
    ReplayedFigures {
        issued: of.issued,
        done: of.done,
        waits: of.waiting.count(),
        wait_mean_ms: of.waiting.mean_ms(),
        wait_median_ms: of.waiting.percentile_ms(50),
        wait_p90_ms: of.waiting.percentile_ms(90),
        wait_longest_ms: of.waiting.longest_ms(),
    }
}
