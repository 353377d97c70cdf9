//! What the plan's figures of one site are made from: each decision, matter, certificate and rating with the
//! answer to the question that a figure asks. Figures count these facts and rows list the same ones, so that a
//! figure is always what its rows say.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::NaiveDate;
use domain::calendar::Calendar;
use domain::case::{Basis, Case, Certificate};
use domain::hall::{Hall, Purpose, Ticket};
use domain::ids::LineId;
use domain::plan::EntryList;
use domain::time::{DAY_MS, Millis, local_date};
use serde::Deserialize;

use super::source::{Source, tickets_of};
use super::{RATED_WITHIN, rated_visits};
use crate::app::App;
use crate::app::error::Answer;
use crate::app::sessions::StaffDoc;
use crate::app::staff::bases::written;
use crate::store::{EvaluationRow, MatterRow};

/// How far back 明进暗不进 looks (◇ in the facts of the field).
const NEVER_HERE_MS: Millis = 90 * DAY_MS;
/// What happened to a case that had to come back.
const CAME_BACK: [&str; 3] = ["correction_requested", "materials_supplied", "case_returned"];

/// A decision and what the figures ask of it.
#[derive(Debug, Clone)]
pub(super) struct DecisionFact {
    pub(super) case_id: String,
    pub(super) number: String,
    pub(super) at: Millis,
    /// The promised last day; none while it waits for a year's calendar.
    pub(super) due: Option<NaiveDate>,
    pub(super) is_on_time: bool,
    pub(super) is_first_time: bool,
    /// The basis that stood behind it, as people read it, or what was wanting; none where no approver decided.
    pub(super) basis: Option<Result<String, &'static str>>,
}

impl DecisionFact {
    /// Whether a basis with its document stood behind it; none where no approver decided.
    pub(super) fn is_under_basis(&self) -> Option<bool> {
        self.basis.as_ref().map(Result::is_ok)
    }
}

/// A matter in force and what the figures ask of it.
#[derive(Debug, Clone)]
pub(super) struct MatterFact {
    pub(super) id: String,
    pub(super) name: String,
    /// Every general window takes it.
    pub(super) is_general: bool,
    /// Accepted elsewhere in the district, never here.
    pub(super) is_never_here: bool,
}

/// A matter of the list 应进必进 that is not exempt.
#[derive(Debug, Clone)]
pub(super) struct EntryFact {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) is_in_hall: bool,
}

/// A document that nobody has collected.
#[derive(Debug, Clone)]
pub(super) struct UncollectedFact {
    pub(super) id: String,
    pub(super) case_id: String,
    pub(super) made_at: Millis,
    pub(super) days: i64,
}

/// A rating of the span, the newest of its subject.
#[derive(Debug, Clone)]
pub(super) struct RatingFact {
    pub(super) id: String,
    pub(super) at: Millis,
    pub(super) subject: String,
    pub(super) is_content: bool,
}

/// A visit that was done, and whether it was rated.
#[derive(Debug, Clone)]
pub(super) struct VisitFact {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) issued_at: Millis,
    pub(super) is_rated: bool,
}

/// Everything of one site.
#[derive(Debug, Clone, Default)]
pub(super) struct SiteFacts {
    pub(super) tickets: Vec<Ticket>,
    pub(super) source: Source,
    pub(super) visits: Vec<VisitFact>,
    pub(super) ratings: Vec<RatingFact>,
    pub(super) decisions: Vec<DecisionFact>,
    pub(super) has_general_window: bool,
    pub(super) matters: Vec<MatterFact>,
    /// None where there is no list.
    pub(super) entries: Option<Vec<EntryFact>>,
    pub(super) uncollected: Vec<UncollectedFact>,
}

/// Where each matter was accepted lately: sites by code and by name.
#[derive(Debug, Clone, Default)]
pub(in crate::app) struct Accepted(BTreeMap<String, BTreeSet<String>>);

impl Accepted {
    fn add(&mut self, key: &str, site_id: &str) {
        if !key.is_empty() {
            self.0.entry(key.to_owned()).or_default().insert(site_id.to_owned());
        }
    }

    /// Accepted somewhere else and not here.
    fn is_never_here(&self, code: &str, name: &str, site_id: &str) -> bool {
        let at: BTreeSet<&String> = [code, name].iter().filter_map(|key| self.0.get(*key)).flatten().collect();
        !at.is_empty() && !at.iter().any(|site| *site == site_id)
    }
}

/// What is needed of a case to know where it was accepted; everything else in its document is passed over.
#[derive(Deserialize)]
struct AcceptedCase {
    matter: AcceptedMatter,
    acceptance: Option<AcceptedAt>,
}

#[derive(Deserialize)]
struct AcceptedMatter {
    item_code: String,
    name: String,
}

#[derive(Deserialize)]
struct AcceptedAt {
    at: Millis,
}

/// What is the same for every site of a district.
#[derive(Debug, Clone, Default)]
pub(in crate::app) struct Shared {
    pub(super) accepted: Accepted,
    pub(super) bases: BTreeMap<String, Vec<Basis>>,
}

impl App {
    /// What the figures of every site of a district need alike, for spans that end at `until`. Where each matter was
    /// accepted is read only when it is asked for: it takes every case of 90 days.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn figures_shared(&self, root: &str, until: Millis, wants_accepted: bool) -> Answer<Shared> {
        let mut shared = Shared::default();
        let span = until - NEVER_HERE_MS..until;
        let sites = if wants_accepted { self.directory.get().subtree(root) } else { Vec::new() };
        for site in sites {
            for row in self.stores.cases.cases_open_between(site.as_str(), span.start, span.end).await? {
                let case: AcceptedCase = serde_json::from_str(&row.doc)?;
                if case.acceptance.is_some_and(|acceptance| span.contains(&acceptance.at)) {
                    shared.accepted.add(&case.matter.item_code, site.as_str());
                    shared.accepted.add(&case.matter.name, site.as_str());
                }
            }
        }
        for row in self.stores.staff.all_staff().await? {
            shared.bases.insert(row.id.clone(), serde_json::from_str::<StaffDoc>(&row.doc)?.bases);
        }
        Ok(shared)
    }

    /// The facts of a site in a span.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn site_facts(&self, site_id: &str, span: &Range<Millis>, shared: &Shared) -> Answer<SiteFacts> {
        let (first, last) = (local_date(span.start).to_string(), local_date(span.end - 1).to_string());
        let mut tickets = tickets_of(&self.stores.halls.tickets_between(site_id, &first, &last).await?)?;
        // Spans of whole days are those of the business day; a week that turns at noon asks for the issue itself.
        if span.start != domain::time::start_of(local_date(span.start)) {
            tickets.retain(|ticket| span.contains(&ticket.issued_at));
        }
        let intervals = self.stores.halls.intervals_between(site_id, &first, &last).await?;
        let source = Source::of_rows(&tickets, &intervals)?;
        let rows = self.stores.evaluations.evaluations_between(site_id, span.start, span.end + RATED_WITHIN).await?;
        let cases = self.stores.cases.cases_open_between(site_id, span.start, span.end).await?;
        let hall = self.hall(site_id).await?;
        let general = general_windows(&hall);
        let rows_of_matters = self.catalogue_rows(site_id).await?;
        let published: Vec<MatterRow> = rows_of_matters.into_iter().filter(|row| row.state == "published").collect();
        let listing = self.directory.get();
        let today = local_date(span.end - 1);
        let entries = self.entry_list_at(site_id, span.end).await?.map(|list| entries(&list, &published, &hall, today));
        let mut decisions = Vec::new();
        for row in cases {
            decisions.extend(decision(&serde_json::from_str(&row.doc)?, span, &listing.calendar, &shared.bases));
        }
        Ok(SiteFacts {
            visits: visits(&tickets, &rated_visits(&rows)),
            ratings: ratings(rows, span.end),
            tickets,
            source,
            decisions,
            has_general_window: !general.is_empty(),
            matters: published.iter().map(|row| matter(row, &general, site_id, &shared.accepted)).collect(),
            entries,
            uncollected: self.uncollected(site_id).await?,
        })
    }

    async fn uncollected(&self, site_id: &str) -> Answer<Vec<UncollectedFact>> {
        let today = local_date(self.now());
        let mut found = Vec::new();
        for row in self.stores.cases.certificates(site_id).await?.into_iter().filter(|row| row.custody == "in_cabinet") {
            let made_at = serde_json::from_str::<Certificate>(&row.doc)?.made_at;
            let days = (today - local_date(made_at)).num_days();
            found.push(UncollectedFact { id: row.id, case_id: row.case_id, made_at, days });
        }
        found.sort_by_key(|fact| fact.made_at);
        Ok(found)
    }
}

fn visits(tickets: &[Ticket], rated: &BTreeSet<&str>) -> Vec<VisitFact> {
    let done = tickets.iter().filter(|ticket| ticket.state.name() == "done");
    done.map(|ticket| VisitFact {
        id: ticket.id.to_string(),
        number: ticket.number.clone(),
        issued_at: ticket.issued_at,
        is_rated: rated.contains(ticket.tracking_code.as_str()),
    })
    .collect()
}

/// Each subject once, by its newest rating.
fn ratings(rows: Vec<EvaluationRow>, until: Millis) -> Vec<RatingFact> {
    let mut newest: BTreeMap<(String, String, String), EvaluationRow> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| row.at < until) {
        let key = (row.tracking_code.clone(), row.subject.clone(), row.case_id.clone());
        if newest.get(&key).is_none_or(|known| known.round <= row.round) {
            newest.insert(key, row);
        }
    }
    let fact =
        |row: EvaluationRow| RatingFact { id: row.id, at: row.at, subject: row.subject, is_content: row.level >= super::CONTENT_STARS_MIN };
    newest.into_values().map(fact).collect()
}

/// The decision of a case, when it was made in the span.
pub(super) fn decision(
    case: &Case,
    span: &Range<Millis>,
    calendar: &Calendar,
    bases: &BTreeMap<String, Vec<Basis>>,
) -> Option<DecisionFact> {
    let decision = case.decision.as_ref().filter(|decision| span.contains(&decision.at))?;
    let due = case.decision_clock().and_then(|clock| clock.due(calendar).ok());
    let day = local_date(decision.at);
    let came_back = |kind: &String| CAME_BACK.contains(&kind.as_str());
    Some(DecisionFact {
        case_id: case.id.to_string(),
        number: case.number.clone(),
        at: decision.at,
        due,
        is_on_time: due.is_none_or(|due| day <= due),
        is_first_time: !case.history.iter().any(|entry| entry.at <= decision.at && came_back(&entry.kind)),
        basis: decision.by.as_ref().filter(|_| !decision.instant).map(|by| {
            let of_account = bases.get(by.as_str()).map(Vec::as_slice).unwrap_or_default();
            standing(case.basis_of(by, decision.at).or_else(|| of_the_day(case, of_account, day)))
        }),
    })
}

/// The basis of a decision from before the log kept it: what the account holds now that was in force on that day.
fn of_the_day<'a>(case: &Case, bases: &'a [Basis], day: NaiveDate) -> Option<&'a Basis> {
    let deciding = case.matter.approval.last().and_then(|stage| stage.steps.first()?.department_id.as_ref());
    let department = deciding.unwrap_or(&case.department);
    let own = bases.iter().filter(|basis| basis.department == *department && basis.covers(day));
    own.max_by_key(|basis| basis.document.is_some())
}

/// The basis as people read it, or what was wanting.
fn standing(basis: Option<&Basis>) -> Result<String, &'static str> {
    let basis = basis.ok_or("决定当天没有有效的依据")?;
    if basis.document.is_some() { Ok(written(basis)) } else { Err("依据没有登记文件") }
}

/// Whether a case was decided on time; none where it was not decided in the span.
pub(in crate::app) fn decided_on_time(case: &Case, span: &Range<Millis>, calendar: &Calendar) -> Option<bool> {
    decision(case, span, calendar, &BTreeMap::new()).map(|decision| decision.is_on_time)
}

/// The lines of each general window.
fn general_windows(hall: &Hall) -> Vec<Vec<LineId>> {
    let windows = hall.configuration().windows.into_iter();
    windows.filter(|window| window.purpose == Purpose::General).map(|window| window.line_ids).collect()
}

fn matter(row: &MatterRow, general: &[Vec<LineId>], site_id: &str, accepted: &Accepted) -> MatterFact {
    let line = row.line_id.as_deref().and_then(LineId::parse);
    let takes_all = |line: LineId| !general.is_empty() && general.iter().all(|lines| lines.contains(&line));
    MatterFact {
        id: row.id.clone(),
        name: row.name.clone(),
        is_general: line.is_some_and(takes_all),
        is_never_here: accepted.is_never_here(&row.code, &row.name, site_id),
    }
}

fn entries(list: &EntryList, published: &[MatterRow], hall: &Hall, day: NaiveDate) -> Vec<EntryFact> {
    let windows = hall.configuration().windows;
    let is_served = |row: &MatterRow| {
        let line = row.line_id.as_deref().and_then(LineId::parse);
        line.is_some_and(|line| windows.iter().any(|window| window.line_ids.contains(&line)))
    };
    let fact = |item: &domain::plan::EntryItem| EntryFact {
        code: item.code.clone(),
        name: item.name.clone(),
        is_in_hall: published.iter().any(|row| row.code == item.code && is_served(row)),
    };
    list.items.iter().filter(|item| !item.is_exempt(day)).map(fact).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepted_elsewhere_and_never_here_is_a_finding() {
        let mut accepted = Accepted::default();
        accepted.add("YL-1", "a");
        accepted.add("建房审批", "b");
        accepted.add("", "c");
        assert!(accepted.is_never_here("YL-1", "别的名字", "b"), "by its code");
        assert!(accepted.is_never_here("YL-9", "建房审批", "a"), "by its name");
        assert!(!accepted.is_never_here("YL-1", "别的名字", "a"), "it was accepted here");
        assert!(!accepted.is_never_here("YL-1", "建房审批", "b"), "under another code, but here");
        assert!(!accepted.is_never_here("YL-2", "没人办过", "a") && !accepted.is_never_here("", "", "a"));
    }
}
