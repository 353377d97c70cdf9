//! Figures as the API tells them. The meaning of each stands at its field and, for people, in
//! `domain::hall::DEFINITIONS`, which every answer carries.

use std::collections::BTreeMap;

use domain::appointment::Figures as AppointmentFigures;
use domain::hall::{DEFINITIONS, Figures, Lengths};
use serde::Serialize;
use utoipa::ToSchema;

/// Lengths of time, in seconds rounded down. Of n lengths in order the p-th percentile is the one at
/// place ⌈n·p/100⌉, so it is always one that occurred; p50 is the median.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields say it")]
pub struct LengthsView {
    pub count: usize,
    pub average_s: Option<i64>,
    pub max_s: Option<i64>,
    pub p50_s: Option<i64>,
    pub p90_s: Option<i64>,
}

/// Figures of a line, an hour, a class or a day. The groups of one kind add up to the whole.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GroupFiguresView {
    /// Events `ticket_issued`, walk-ins included.
    pub tickets_issued: u32,
    /// Visits that ended with an outcome.
    pub tickets_done: u32,
    /// Visits given up.
    pub tickets_abandoned: u32,
    /// Visits closed at the end of the day: `tickets_unserved` + `tickets_not_back`.
    pub tickets_expired: u32,
    /// Those that still waited for their turn.
    pub tickets_unserved: u32,
    /// Those that had been missed or parked and not come back.
    pub tickets_not_back: u32,
    /// (`tickets_abandoned` + `tickets_expired`) ÷ (those + `tickets_done`); null when none ended.
    pub abandonment_share: Option<f64>,
    /// Calls, by the rules or by name, without repeated calls.
    pub calls: u32,
    /// Calls to which nobody came.
    pub misses: u32,
    /// See `waiting` of the whole.
    pub waiting: LengthsView,
    /// See `way` of the whole.
    pub way: LengthsView,
    /// See `serving` of the whole.
    pub serving: LengthsView,
}

/// The figures of one window. Who gave up while waiting or was not reached before the end of the day was at none.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WindowFiguresView {
    /// The window.
    pub window_id: String,
    /// The number above it; null when it is no longer there.
    pub number: Option<u16>,
    /// Visits that ended with an outcome there.
    pub tickets_done: u32,
    /// Visits given up after a call, this window being the last one.
    pub tickets_abandoned: u32,
    /// Visits that had been missed or parked here and not come back by the end of the day.
    pub tickets_not_back: u32,
    /// (`tickets_abandoned` + `tickets_not_back`) ÷ (those + `tickets_done`); null when none ended.
    pub abandonment_share: Option<f64>,
    /// Calls to this window, without repeated calls.
    pub calls: u32,
    /// Calls there to which nobody came.
    pub misses: u32,
    /// `misses` ÷ `calls`; null without calls.
    pub miss_share: Option<f64>,
    /// Waits that ended with a call to this window.
    pub waiting: LengthsView,
    /// From its calls until the person came.
    pub way: LengthsView,
    /// Time in service there of visits that ended there.
    pub serving: LengthsView,
}

/// The figures of one line: waits and calls count for the line that called, ends for the line they ended in.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LineFiguresView {
    /// The line.
    pub line_id: String,
    /// Its name; null when it is no longer there.
    pub name: Option<String>,
    /// `waiting.average_s`.
    pub average_wait_s: Option<i64>,
    /// The figures.
    #[serde(flatten)]
    pub figures: GroupFiguresView,
}

/// The figures of one hour of the clock, over all days: issues, waits and ends count in the hour of
/// arrival; calls, misses, ways and services in the hour of the (first) call.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HourFiguresView {
    /// The local hour, 0–23.
    pub hour: u32,
    /// The figures.
    #[serde(flatten)]
    pub figures: GroupFiguresView,
}

/// The figures of one class, by what a visit began as.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ClassFiguresView {
    /// `green`, `appointment`, `ordinary` or `walk_in`.
    pub class: String,
    /// The figures.
    #[serde(flatten)]
    pub figures: GroupFiguresView,
}

/// The figures of one business day: that of the issue.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DayFiguresView {
    /// The day.
    pub date: String,
    /// The figures.
    #[serde(flatten)]
    pub figures: GroupFiguresView,
}

/// What a figure means, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct DefinitionView {
    /// Which figure or grouping.
    pub key: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How it is made.
    pub text: &'static str,
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
    /// Those given up.
    pub tickets_abandoned: u32,
    /// Those closed at the end of the day: `tickets_unserved` + `tickets_not_back`.
    pub tickets_expired: u32,
    /// Those that still waited for their turn.
    pub tickets_unserved: u32,
    /// Those that had been missed or parked and not come back.
    pub tickets_not_back: u32,
    /// Calls, by the rules or by name, without repeated calls.
    pub calls: u32,
    /// Calls to which nobody came.
    pub misses: u32,
    /// Abandoned and expired visits ÷ ended visits; null when none ended.
    pub abandonment_share: Option<f64>,
    /// From issue until the call. Waits before and after a transfer while waiting add up; after a transfer away from a
    /// window a second wait begins. What a ticket waits after it was missed or parked does not count, nor does a wait
    /// that no call ended. A walk-in waits for nobody.
    pub waiting: LengthsView,
    /// From the call until the person came.
    pub way: LengthsView,
    /// Time in service of visits that ended with an outcome, at all windows, without the time they were parked.
    pub serving: LengthsView,
    /// `waiting.average_s`.
    pub average_wait_s: Option<i64>,
    /// `serving.average_s`.
    pub average_service_s: Option<i64>,
    /// By window, in order of their numbers.
    pub windows: Vec<WindowFiguresView>,
    /// By line.
    pub lines: Vec<LineFiguresView>,
    /// By hour of the clock; hours in which nothing happened are left out.
    pub hours: Vec<HourFiguresView>,
    /// By class.
    pub classes: Vec<ClassFiguresView>,
    /// By business day; days without a ticket are left out.
    pub days: Vec<DayFiguresView>,
    /// Visits and cases rated in the span; each counts once, with its newest rating of the span.
    pub evaluations: usize,
    /// Those whose rating is basically satisfied or better.
    pub evaluations_content: usize,
    /// 满意率: `evaluations_content` ÷ `evaluations`; null without any. Silence is no evaluation.
    pub satisfaction: Option<f64>,
    /// Visits done on the days of the span that were rated until 30 days after it, ÷ `tickets_done`; null when none was done.
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
    /// Appointments whose slot lies in the span.
    pub appointments: AppointmentFiguresView,
    /// What the figures mean, for people.
    pub definitions: Vec<DefinitionView>,
}

/// Appointments by what became of them; each is one of the four.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub struct AppointmentFiguresView {
    /// All that were ever booked there, without those changed to another time.
    pub booked: u32,
    /// Not ended yet.
    pub open: u32,
    /// The person came and got a number (`appointment_checked_in`).
    pub checked_in: u32,
    /// Given up before (`appointment_cancelled`).
    pub cancelled: u32,
    /// Nobody came (`appointment_missed`).
    pub no_show: u32,
    /// 爽约率: `no_show` ÷ (`checked_in` + `no_show`); null while there is neither.
    pub no_show_share: Option<f64>,
}

pub(super) fn appointments(figures: &AppointmentFigures) -> AppointmentFiguresView {
    let AppointmentFigures { booked, open, checked_in, cancelled, no_show } = *figures;
    let no_show_share = share(no_show as usize, (checked_in + no_show) as usize);
    AppointmentFiguresView { booked, open, checked_in, cancelled, no_show, no_show_share }
}

pub(super) fn definitions() -> Vec<DefinitionView> {
    DEFINITIONS.iter().map(|one| DefinitionView { key: one.key, name: one.name, text: one.text }).collect()
}

pub(super) fn lengths(lengths: &Lengths) -> LengthsView {
    let seconds = |ms: i64| ms / 1000;
    LengthsView {
        count: lengths.count(),
        average_s: lengths.mean_ms().map(seconds),
        max_s: lengths.longest_ms().map(seconds),
        p50_s: lengths.percentile_ms(50).map(seconds),
        p90_s: lengths.percentile_ms(90).map(seconds),
    }
}

pub(super) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

pub(super) fn abandonment(figures: &Figures) -> Option<f64> {
    share(figures.lost() as usize, figures.ended() as usize)
}

pub(super) fn group(figures: &Figures) -> GroupFiguresView {
    GroupFiguresView {
        tickets_issued: figures.issued,
        tickets_done: figures.done,
        tickets_abandoned: figures.abandoned,
        tickets_expired: figures.unserved + figures.not_back,
        tickets_unserved: figures.unserved,
        tickets_not_back: figures.not_back,
        abandonment_share: abandonment(figures),
        calls: figures.calls,
        misses: figures.misses,
        waiting: lengths(&figures.waiting),
        way: lengths(&figures.way),
        serving: lengths(&figures.serving),
    }
}
