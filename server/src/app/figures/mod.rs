//! The figures of a site over a span of days. Every figure is computed from facts that stand in the
//! event log too, so that it can be made again from there ([`recompute()`]); the formula stands at each field.

mod export;
mod facts;
mod recompute;
mod rows;
mod source;
mod subtree;
mod tally;
mod view;
mod what_if;

pub(in crate::app) use export::safe_cell;
pub(in crate::app) use facts::decided_on_time;
pub use recompute::{Difference, Recomputed, recompute};
pub use rows::PlanFigureRow;
pub use source::Source;
pub use subtree::{PlanFigureHead, SitePlanFiguresView, SubtreeFiguresView};
pub(in crate::app) use subtree::{SiteTally, heads};
pub use tally::PlanFigureView;
pub(in crate::app) use tally::in_words;
pub use view::{
    AppointmentFiguresView, ClassFiguresView, DayFiguresView, DefinitionView, FiguresView, GroupFiguresView, HourFiguresView, LengthsView,
    LineFiguresView, WindowFiguresView,
};

pub use what_if::{ChangedSetting, Faulty, Replayed, ReplayedClass, ReplayedFigures, WhatIfRequest, WhatIfView, replay_day};

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::appointment::Figures as AppointmentFigures;
use domain::case::Case;
use domain::hall::{Figures, Hall, Measure, figures_by};
use domain::time::{DAY_MS, Millis, start_of};

use super::App;
use super::caller::Permit;
use super::error::{Answer, AppError, FieldErrors};
use crate::store::EvaluationRow;
use source::{appointments_of, tickets_of};
use view::{abandonment, appointments, definitions, group, lengths, share};

/// Days of one report.
const DAYS_MAX: i64 = 366;
/// How long after a span a rating of one of its visits still counts as given.
const RATED_WITHIN: Millis = 30 * DAY_MS;
/// Stars from which a rating is not negative.
const CONTENT_STARS_MIN: i64 = 3;

/// A date of a query.
fn date(field: &str, text: Option<&str>, errors: &mut FieldErrors) -> Option<NaiveDate> {
    let date = text.and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    errors.some(date, field, "date", "日期写成 2026-11-24 的样子")
}

/// What the ratings of a span come to.
struct Rated {
    subjects: usize,
    content: usize,
}

/// Each subject once, with its newest rating: a follow-up is newer than the first.
fn rated<'a>(rows: impl Iterator<Item = &'a EvaluationRow>) -> Rated {
    let mut newest = BTreeMap::new();
    let mut in_order: Vec<&EvaluationRow> = rows.collect();
    in_order.sort_by_key(|row| row.round);
    for row in in_order {
        newest.insert((&row.tracking_code, &row.subject, &row.case_id), row.level);
    }
    Rated { subjects: newest.len(), content: newest.values().filter(|level| **level >= CONTENT_STARS_MIN).count() }
}

/// The codes of the visits that were rated.
fn rated_visits(rows: &[EvaluationRow]) -> BTreeSet<&str> {
    rows.iter().filter(|row| row.subject == "visit").map(|row| row.tracking_code.as_str()).collect()
}

/// The days of a query, both included.
fn span(from: Option<&str>, to: Option<&str>) -> Answer<(NaiveDate, NaiveDate)> {
    let mut errors = FieldErrors::default();
    let (from, to) = (date("from", from, &mut errors), date("to", to, &mut errors));
    if let (Some(from), Some(to)) = (from, to)
        && !(0..DAYS_MAX).contains(&(to - from).num_days())
    {
        errors.add("to", "range", format!("结束不能早于开始，最多 {DAYS_MAX} 天"));
    }
    errors.check()?;
    from.zip(to).ok_or(AppError::NotFound)
}

impl App {
    /// The figures of a site; `from` and `to` are local dates.
    ///
    /// # Errors
    /// Field errors of the span.
    pub async fn figures(&self, permit: &Permit, from: Option<&str>, to: Option<&str>) -> Answer<FiguresView> {
        let (from, to) = span(from, to)?;
        self.figures_between(permit.site_id(), from, to).await
    }

    async fn figures_between(&self, site_id: &str, from: NaiveDate, to: NaiveDate) -> Answer<FiguresView> {
        let (first_day, last_day) = (from.to_string(), to.to_string());
        let (from_ms, to_ms) = (start_of(from), start_of(to) + DAY_MS);
        let tickets = tickets_of(&self.stores.halls.tickets_between(site_id, &first_day, &last_day).await?)?;
        let intervals = self.stores.halls.intervals_between(site_id, &first_day, &last_day).await?;
        let measures = Source::of_rows(&tickets, &intervals)?.measures();
        let all = Figures::of(&measures);
        let ratings = self.stores.evaluations.evaluations_between(site_id, from_ms, to_ms + RATED_WITHIN).await?;
        let visits = rated_visits(&ratings);
        let rated = rated(ratings.iter().filter(|rating| rating.at < to_ms));
        let done = tickets.iter().filter(|ticket| ticket.state.name() == "done");
        let rated_visits = done.filter(|ticket| visits.contains(ticket.tracking_code.as_str())).count();
        let mut by_state: BTreeMap<String, usize> = BTreeMap::new();
        for ticket in &tickets {
            *by_state.entry(ticket.state.name().to_owned()).or_default() += 1;
        }
        let cases = self.case_figures(site_id, from_ms, to_ms).await?;
        let hall = self.hall(site_id).await?;
        Ok(FiguresView {
            site_id: site_id.to_owned(),
            from: first_day,
            to: last_day,
            tickets_issued: tickets.len(),
            tickets_by_state: by_state,
            tickets_done: all.done,
            tickets_abandoned: all.abandoned,
            tickets_expired: all.unserved + all.not_back,
            tickets_unserved: all.unserved,
            tickets_not_back: all.not_back,
            calls: all.calls,
            misses: all.misses,
            abandonment_share: abandonment(&all),
            waiting: lengths(&all.waiting),
            way: lengths(&all.way),
            serving: lengths(&all.serving),
            average_wait_s: lengths(&all.waiting).average_s,
            average_service_s: lengths(&all.serving).average_s,
            windows: by_window(&measures, &hall),
            lines: by_line(&measures, &hall),
            hours: by_hour(&measures),
            classes: by_class(&measures),
            days: by_day(&measures),
            evaluations: rated.subjects,
            evaluations_content: rated.content,
            satisfaction: share(rated.content, rated.subjects),
            visits_rated_share: share(rated_visits, all.done as usize),
            cases_received: cases.received,
            cases_accepted: cases.accepted,
            cases_decided: cases.decided,
            cases_decided_on_time: cases.on_time,
            on_time_share: share(cases.on_time, cases.decided),
            appointments: appointments(&self.appointment_figures(site_id, from, to).await?),
            definitions: definitions(),
        })
    }

    async fn appointment_figures(&self, site_id: &str, from: NaiveDate, to: NaiveDate) -> Answer<AppointmentFigures> {
        let rows = self.stores.appointments.appointments_between(site_id, &from.to_string(), &to.to_string(), None).await?;
        Ok(AppointmentFigures::of(&appointments_of(&rows)?))
    }

    async fn case_figures(&self, site_id: &str, from: Millis, to: Millis) -> Answer<CaseFigures> {
        let (span, listing) = (from..to, self.directory.get());
        let mut figures = CaseFigures::default();
        for row in self.stores.cases.cases_open_between(site_id, from, to).await? {
            let case: Case = serde_json::from_str(&row.doc)?;
            let within = |at: Option<Millis>| at.is_some_and(|at| span.contains(&at));
            figures.received += usize::from(within(case.receipt_at));
            figures.accepted += usize::from(within(case.acceptance.as_ref().map(|acceptance| acceptance.at)));
            let Some(decision) = facts::decision(&case, &span, &listing.calendar, &BTreeMap::new()) else { continue };
            figures.decided += 1;
            figures.on_time += usize::from(decision.is_on_time);
        }
        Ok(figures)
    }
}

#[derive(Debug, Default)]
struct CaseFigures {
    received: usize,
    accepted: usize,
    decided: usize,
    on_time: usize,
}

fn by_window(measures: &[Measure], hall: &Hall) -> Vec<WindowFiguresView> {
    let apart: Vec<Measure> = measures.iter().map(Measure::at_window).collect();
    let number = |id: &domain::ids::WindowId| hall.window(id).map(|window| window.number);
    let view = |(id, figures): (domain::ids::WindowId, Figures)| WindowFiguresView {
        number: number(&id),
        window_id: id.to_string(),
        tickets_done: figures.done,
        tickets_abandoned: figures.abandoned,
        tickets_not_back: figures.not_back,
        abandonment_share: share(figures.lost() as usize, figures.ended() as usize),
        calls: figures.calls,
        misses: figures.misses,
        miss_share: share(figures.misses as usize, figures.calls as usize),
        waiting: lengths(&figures.waiting),
        way: lengths(&figures.way),
        serving: lengths(&figures.serving),
    };
    let mut views: Vec<WindowFiguresView> = figures_by(&apart, |measure| measure.window_id.clone()).into_iter().map(view).collect();
    views.sort_by_key(|view| (view.number.is_none(), view.number));
    views
}

fn by_line(measures: &[Measure], hall: &Hall) -> Vec<LineFiguresView> {
    let view = |(id, figures): (domain::ids::LineId, Figures)| LineFiguresView {
        name: hall.line(&id).map(|line| line.name.clone()),
        line_id: id.to_string(),
        average_wait_s: lengths(&figures.waiting).average_s,
        figures: group(&figures),
    };
    figures_by(measures, |measure| Some(measure.line_id.clone())).into_iter().map(view).collect()
}

fn by_hour(measures: &[Measure]) -> Vec<HourFiguresView> {
    let hours = figures_by(measures, |measure| Some(measure.hour()));
    hours.into_iter().map(|(hour, figures)| HourFiguresView { hour, figures: group(&figures) }).collect()
}

fn by_class(measures: &[Measure]) -> Vec<ClassFiguresView> {
    let classes = figures_by(measures, |measure| Some(measure.class));
    classes.into_iter().map(|(class, figures)| ClassFiguresView { class: class.as_str().to_owned(), figures: group(&figures) }).collect()
}

fn by_day(measures: &[Measure]) -> Vec<DayFiguresView> {
    let days = figures_by(measures, |measure| Some(measure.date));
    days.into_iter().map(|(date, figures)| DayFiguresView { date: date.to_string(), figures: group(&figures) }).collect()
}
