//! The rows behind a figure of the plan at one site: what was counted, one by one, and whether it counts. Names
//! tickets, cases and matters by their numbers and names, persons never.

use domain::hall::{Interval, Visit, What, measures};
use domain::plan::figure;
use domain::time::{DAY_MS, Millis, rfc3339, start_of};
use serde::Serialize;
use utoipa::ToSchema;

use super::facts::{DecisionFact, SiteFacts};
use super::span;
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};

/// A thing that a figure counts.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlanFigureRow {
    /// Which.
    pub id: String,
    /// Its number or name.
    pub name: String,
    /// When.
    pub at: Option<String>,
    /// Whether it counts for the share; null where nothing is divided.
    pub counts: Option<bool>,
    /// Its length, where lengths are measured.
    pub seconds: Option<i64>,
    /// What is to be said of it.
    pub note: String,
}

fn row(id: &str, name: &str, at: Option<Millis>, counts: Option<bool>, note: impl Into<String>) -> PlanFigureRow {
    PlanFigureRow { id: id.to_owned(), name: name.to_owned(), at: at.map(rfc3339), counts, seconds: None, note: note.into() }
}

impl App {
    /// The rows behind a figure of a site, those that do not count first.
    ///
    /// # Errors
    /// Field errors of figure and span.
    pub async fn plan_figure_rows(
        &self,
        permit: &Permit,
        key: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Answer<Vec<PlanFigureRow>> {
        let key = key.and_then(figure).ok_or_else(|| AppError::field("figure", "unknown", "没有这个指标"))?.key;
        let (from, to) = span(from, to)?;
        let span = start_of(from)..start_of(to) + DAY_MS;
        let root = self.directory.get().root_of(permit.site_id())?.id.clone();
        let shared = self.figures_shared(&root, span.end, key == "never_here").await?;
        let facts = self.site_facts(permit.site_id(), &span, &shared).await?;
        let mut rows = rows_of(key, &facts);
        if key == "uncollected" {
            for row in &mut rows {
                row.name = self.case_of_site(permit.site_id(), &row.name).await?.number;
            }
        }
        rows.sort_by_key(|row| row.counts == Some(true));
        Ok(rows)
    }
}

fn rows_of(key: &str, facts: &SiteFacts) -> Vec<PlanFigureRow> {
    let decisions = |counts: fn(&DecisionFact) -> Option<bool>, note: fn(&DecisionFact) -> String| {
        let counted = facts.decisions.iter().filter_map(|fact| Some((fact, counts(fact)?)));
        counted.map(|(fact, counts)| row(&fact.case_id, &fact.number, Some(fact.at), Some(counts), note(fact))).collect()
    };
    match key {
        "issued" => facts.tickets.iter().map(|ticket| row(ticket.id.as_str(), &ticket.number, Some(ticket.issued_at), None, "")).collect(),
        "waiting" | "waiting_p90" => lengths(facts, |what| if let What::Waited { ms } = what { Some(ms) } else { None }),
        "serving" => lengths(facts, |what| if let What::Served { ms, .. } = what { Some(ms) } else { None }),
        "satisfaction" => {
            let subject = |subject: &str| if subject == "visit" { "到访" } else { "办件" };
            let ratings = facts.ratings.iter();
            ratings
                .map(|fact| {
                    row(
                        &fact.id,
                        subject(&fact.subject),
                        Some(fact.at),
                        Some(fact.is_content),
                        if fact.is_content { "满意" } else { "不满意" },
                    )
                })
                .collect()
        }
        "rated" => facts.visits.iter().map(|fact| row(&fact.id, &fact.number, Some(fact.issued_at), Some(fact.is_rated), "")).collect(),
        "on_time" => decisions(
            |fact| Some(fact.is_on_time),
            |fact| fact.due.map_or_else(|| "等下一年节假日安排".to_owned(), |due| format!("承诺 {due}")),
        ),
        "first_time" => {
            decisions(|fact| Some(fact.is_first_time), |fact| if fact.is_first_time { "" } else { "补过材料或退回过窗口" }.to_owned())
        }
        "under_basis" => decisions(DecisionFact::is_under_basis, |fact| match &fact.basis {
            Some(Ok(basis)) => basis.clone(),
            Some(Err(why)) => (*why).to_owned(),
            None => String::new(),
        }),
        "one_window" if !facts.has_general_window => Vec::new(),
        "one_window" => facts
            .matters
            .iter()
            .map(|fact| {
                row(&fact.id, &fact.name, None, Some(fact.is_general), if fact.is_general { "" } else { "不是每个综合窗口都能受理" })
            })
            .collect(),
        "must_enter" => facts
            .entries
            .iter()
            .flatten()
            .map(|fact| {
                row(&fact.code, &fact.name, None, Some(fact.is_in_hall), if fact.is_in_hall { "" } else { "目录里没有，或没有窗口受理" })
            })
            .collect(),
        "never_here" => {
            let found = facts.matters.iter().filter(|fact| fact.is_never_here);
            found.map(|fact| row(&fact.id, &fact.name, None, None, "别处受理过，这里 90 天没有")).collect()
        }
        "uncollected" => {
            // The case's id stands in for its number, which the caller looks up.
            facts
                .uncollected
                .iter()
                .map(|fact| row(&fact.id, &fact.case_id, Some(fact.made_at), None, format!("放了 {} 天", fact.days)))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn lengths(facts: &SiteFacts, wanted: fn(What) -> Option<Millis>) -> Vec<PlanFigureRow> {
    let mut by_ticket: std::collections::BTreeMap<&str, Vec<Interval>> = std::collections::BTreeMap::new();
    for (_, interval) in &facts.source.intervals {
        by_ticket.entry(interval.ticket_id.as_str()).or_default().push(interval.clone());
    }
    let mut rows = Vec::new();
    for ticket in &facts.tickets {
        let intervals = by_ticket.remove(ticket.id.as_str()).unwrap_or_default();
        for ms in measures([&Visit::from(ticket)], &intervals).iter().filter_map(|measure| wanted(measure.what)) {
            // A visit may have waited twice.
            let id = format!("{}-{}", ticket.id, rows.len());
            let mut row = row(&id, &ticket.number, Some(ticket.issued_at), None, "");
            row.seconds = Some(ms / 1000);
            rows.push(row);
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.seconds));
    rows
}
