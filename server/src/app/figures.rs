//! The figures of a site over a span of days. Every figure is computed from facts that stand in the
//! event log too, so that it can be made again from there; the formula stands at each field.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::case::Case;
use domain::hall::{Figures, Interval, StateName, Ticket, Times, figures_by_line, percentile};
use domain::ids::{LineId, StaffId, TicketId, WindowId};
use domain::time::{DAY_MS, Millis, local_date, start_of};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::error::{Answer, AppError, FieldErrors};
use crate::store::{EvaluationRow, IntervalRow};

/// Days of one report.
const DAYS_MAX: i64 = 366;
/// Stars from which a rating is not negative.
const CONTENT_STARS_MIN: i64 = 3;

/// Lengths of time, in seconds rounded down. Of n lengths in order the p-th percentile is the one at
/// place ⌈n·p/100⌉.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields say it")]
pub struct LengthsView {
    pub count: usize,
    pub average_s: Option<i64>,
    pub max_s: Option<i64>,
    pub p50_s: Option<i64>,
    pub p90_s: Option<i64>,
}

/// The figures of one window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WindowFiguresView {
    /// The window.
    pub window_id: String,
    /// The number above it; null when it is no longer there.
    pub number: Option<u16>,
    /// Visits that ended with an outcome there.
    pub tickets_done: u32,
    /// Calls there to which nobody came.
    pub misses: u32,
    /// Time in service there of visits that ended there.
    pub serving: LengthsView,
}

/// The figures of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineFiguresView {
    /// The line.
    pub line_id: String,
    /// Its name; null when it is no longer there.
    pub name: Option<String>,
    /// Visits that ended with an outcome in it.
    pub tickets_done: u32,
    /// The average wait in it.
    pub average_wait_s: Option<i64>,
}

/// Figures of a site from a day to a day, both included.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FiguresView {
    /// The site.
    pub site_id: String,
    /// First business day.
    pub from: String,
    /// Last business day.
    pub to: String,
    /// Events `ticket_issued` of those business days, walk-ins included.
    pub tickets_issued: usize,
    /// Those tickets by their state now.
    pub tickets_by_state: BTreeMap<String, usize>,
    /// Those that ended with an outcome (`ticket_finished`).
    pub tickets_done: u32,
    /// Calls, by the rules or by name, without repeated calls.
    pub calls: u32,
    /// Calls to which nobody came.
    pub misses: u32,
    /// Abandoned and expired visits ÷ ended visits; null when none ended.
    pub abandonment_share: Option<f64>,
    /// From issue or transfer until the first call of tickets that were taken (no walk-ins). Waits before and after a
    /// transfer while waiting add up; what a ticket waits after it was missed or parked does not count.
    pub waiting: LengthsView,
    /// From the call until the person came (no walk-ins).
    pub way: LengthsView,
    /// Time in service of visits that ended with an outcome, without the time they were parked.
    pub serving: LengthsView,
    /// `waiting.average_s`.
    pub average_wait_s: Option<i64>,
    /// `serving.average_s`.
    pub average_service_s: Option<i64>,
    /// By window, in order of their numbers.
    pub windows: Vec<WindowFiguresView>,
    /// By line.
    pub lines: Vec<LineFiguresView>,
    /// Visits and cases rated in the span; each counts once, with its newest rating of the span.
    pub evaluations: usize,
    /// Those whose rating is basically satisfied or better.
    pub evaluations_content: usize,
    /// 满意率: `evaluations_content` ÷ `evaluations`; null without any. Silence is no evaluation.
    pub satisfaction: Option<f64>,
    /// Visits done on the days of the span that were rated, ÷ `tickets_done`; null when none was done.
    pub visits_rated_share: Option<f64>,
    /// Cases received in the span (`case_received`).
    pub cases_received: usize,
    /// Cases accepted in the span (`case_accepted`).
    pub cases_accepted: usize,
    /// Cases decided in the span (`case_decided`).
    pub cases_decided: usize,
    /// Those decided on or before the promised last day; a case whose last day waits for a year's calendar is not late.
    pub cases_decided_on_time: usize,
    /// 按时办结率: `cases_decided_on_time` ÷ `cases_decided`; null without any.
    pub on_time_share: Option<f64>,
}

fn lengths(sorted_ms: &[Millis]) -> LengthsView {
    let count = sorted_ms.len();
    let seconds = |ms: Millis| ms / 1000;
    LengthsView {
        count,
        average_s: i64::try_from(count).ok().filter(|count| *count > 0).map(|count| seconds(sorted_ms.iter().sum::<Millis>() / count)),
        max_s: sorted_ms.last().copied().map(seconds),
        p50_s: percentile(sorted_ms, 50).map(seconds),
        p90_s: percentile(sorted_ms, 90).map(seconds),
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn interval(row: &IntervalRow) -> Answer<Interval> {
    let bad = |column: &str| AppError::Internal(format!("ticket_intervals.{column} at {} {}", row.ticket_id, row.ordinal));
    Ok(Interval {
        ticket_id: TicketId::parse(&row.ticket_id).ok_or_else(|| bad("ticket_id"))?,
        state: StateName::parse(&row.state).ok_or_else(|| bad("state"))?,
        next: StateName::parse(&row.next).ok_or_else(|| bad("next"))?,
        line_id: LineId::parse(&row.line_id).ok_or_else(|| bad("line_id"))?,
        window_id: row.window_id.as_deref().and_then(WindowId::parse),
        staff: row.staff_id.as_deref().and_then(StaffId::parse),
        start_ms: row.start_ms,
        end_ms: row.end_ms,
    })
}

/// A date of a query.
fn date(field: &str, text: Option<&str>, errors: &mut FieldErrors) -> Option<NaiveDate> {
    let date = text.and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    errors.some(date, field, "date", "日期写成 2026-11-24 的样子")
}

/// What the ratings of a span come to.
struct Rated {
    subjects: usize,
    content: usize,
    visits: BTreeSet<String>,
}

/// Each subject once, with its newest rating: a follow-up is newer than the first.
fn rated(rows: &[EvaluationRow]) -> Rated {
    let mut newest = BTreeMap::new();
    let mut in_order: Vec<&EvaluationRow> = rows.iter().collect();
    in_order.sort_by_key(|row| row.round);
    for row in in_order {
        newest.insert((&row.tracking_code, &row.subject, &row.case_id), row.level);
    }
    Rated {
        subjects: newest.len(),
        content: newest.values().filter(|level| **level >= CONTENT_STARS_MIN).count(),
        visits: rows.iter().filter(|row| row.subject == "visit").map(|row| row.tracking_code.clone()).collect(),
    }
}

impl App {
    /// The figures of a site; `from` and `to` are local dates.
    ///
    /// # Errors
    /// Field errors of the span.
    pub async fn figures(&self, permit: &Permit, from: Option<&str>, to: Option<&str>) -> Answer<FiguresView> {
        let mut errors = FieldErrors::default();
        let (from, to) = (date("from", from, &mut errors), date("to", to, &mut errors));
        if let (Some(from), Some(to)) = (from, to)
            && !(0..DAYS_MAX).contains(&(to - from).num_days())
        {
            errors.add("to", "range", format!("结束不能早于开始，最多 {DAYS_MAX} 天"));
        }
        errors.check()?;
        let (Some(from), Some(to)) = (from, to) else { return Err(AppError::NotFound) };
        self.figures_between(permit.site_id(), from, to).await
    }

    async fn figures_between(&self, site_id: &str, from: NaiveDate, to: NaiveDate) -> Answer<FiguresView> {
        let (first_day, last_day) = (from.to_string(), to.to_string());
        let (from_ms, to_ms) = (start_of(from), start_of(to) + DAY_MS);
        let rows = self.stores.halls.tickets_between(site_id, &first_day, &last_day).await?;
        let tickets = rows.iter().map(|row| serde_json::from_str::<Ticket>(&row.doc)).collect::<Result<Vec<_>, _>>()?;
        let intervals = self.stores.halls.intervals_between(site_id, &first_day, &last_day).await?;
        let intervals = intervals.iter().map(interval).collect::<Answer<Vec<_>>>()?;
        let (all, times) = Figures::with_times(&intervals);
        let taken = without_walk_ins(&tickets, &intervals);
        let ratings = self.stores.evaluations.evaluations_between(site_id, from_ms, to_ms).await?;
        let rated = rated(&ratings);
        let done = tickets.iter().filter(|ticket| ticket.state.name() == "done");
        let rated_visits = done.filter(|ticket| rated.visits.contains(&ticket.tracking_code)).count();
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
            calls: all.calls,
            misses: all.misses,
            abandonment_share: all.abandonment_permille().map(|permille| f64::from(permille) / 1000.0),
            waiting: lengths(&taken.waiting_ms),
            way: lengths(&taken.way_ms),
            serving: lengths(&times.serving_ms),
            average_wait_s: lengths(&taken.waiting_ms).average_s,
            average_service_s: lengths(&times.serving_ms).average_s,
            windows: by_window(&intervals, |id| hall.window(id).map(|window| window.number)),
            lines: by_line(&intervals, |id| hall.line(id).map(|line| line.name.clone())),
            evaluations: rated.subjects,
            evaluations_content: rated.content,
            satisfaction: share(rated.content, rated.subjects),
            visits_rated_share: share(rated_visits, all.done as usize),
            cases_received: cases.received,
            cases_accepted: cases.accepted,
            cases_decided: cases.decided,
            cases_decided_on_time: cases.on_time,
            on_time_share: share(cases.on_time, cases.decided),
        })
    }

    async fn case_figures(&self, site_id: &str, from: Millis, to: Millis) -> Answer<CaseFigures> {
        let (span, listing) = (from..to, self.directory.get());
        let mut figures = CaseFigures::default();
        for row in self.stores.cases.cases_open_between(site_id, from, to).await? {
            let case: Case = serde_json::from_str(&row.doc)?;
            let within = |at: Option<Millis>| at.is_some_and(|at| span.contains(&at));
            figures.received += usize::from(within(case.receipt_at));
            figures.accepted += usize::from(within(case.acceptance.as_ref().map(|acceptance| acceptance.at)));
            let Some(decision) = case.decision.as_ref().filter(|decision| span.contains(&decision.at)) else { continue };
            figures.decided += 1;
            let due = case.decision_clock().and_then(|clock| clock.due(&listing.calendar).ok());
            figures.on_time += usize::from(due.is_none_or(|due| local_date(decision.at) <= due));
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

fn without_walk_ins(tickets: &[Ticket], intervals: &[Interval]) -> Times {
    let walk_ins: BTreeSet<&TicketId> = tickets.iter().filter(|ticket| ticket.walk_in).map(|ticket| &ticket.id).collect();
    Figures::with_times(intervals.iter().filter(|interval| !walk_ins.contains(&interval.ticket_id))).1
}

fn by_window(intervals: &[Interval], number: impl Fn(&WindowId) -> Option<u16>) -> Vec<WindowFiguresView> {
    let mut by_window: BTreeMap<&WindowId, Vec<&Interval>> = BTreeMap::new();
    for interval in intervals {
        if let Some(window) = interval.window_id.as_ref().filter(|_| matches!(interval.state, StateName::Called | StateName::Serving)) {
            by_window.entry(window).or_default().push(interval);
        }
    }
    let view = |(id, intervals): (&WindowId, Vec<&Interval>)| {
        let (figures, times) = Figures::with_times(intervals);
        WindowFiguresView {
            window_id: id.to_string(),
            number: number(id),
            tickets_done: figures.done,
            misses: figures.misses,
            serving: lengths(&times.serving_ms),
        }
    };
    let mut views: Vec<WindowFiguresView> = by_window.into_iter().map(view).collect();
    views.sort_by_key(|view| (view.number.is_none(), view.number));
    views
}

fn by_line(intervals: &[Interval], name: impl Fn(&LineId) -> Option<String>) -> Vec<LineFiguresView> {
    let view = |(id, figures): (LineId, Figures)| LineFiguresView {
        name: name(&id),
        line_id: id.to_string(),
        tickets_done: figures.done,
        average_wait_s: figures.waiting.mean_ms().map(|ms| ms / 1000),
    };
    figures_by_line(intervals).into_iter().map(view).collect()
}
