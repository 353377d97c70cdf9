//! Appraisal sheets of a month: facts from visits, ratings, cases, rosters and window sessions, weighed by the rules
//! of the site and explained to the person. No single rating is ever visible: sums of a whole month alone are
//! counted, from a number on that the site sets and that cannot be below five.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::case::Case;
use domain::ids::StaffId;
use domain::people::{DecidedSum, DutySum, Facts, LineServing, PeopleRules, RatingSum, Score, Seat, Sheet, appraise};
use domain::rights::Role;
use domain::time::{DAY_MS, Millis, start_of};
use serde::Serialize;
use utoipa::ToSchema;

use super::month;
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::Answer;
use crate::app::figures::decided_on_time;
use crate::store::{IntervalRow, StaffRow};

/// Whose work in the hall is appraised.
const APPRAISED: [Role; 5] = [Role::Guide, Role::Clerk, Role::Approver, Role::Issuer, Role::Helper];

/// One item of a sheet.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ScoreView {
    /// Which.
    #[schema(value_type = crate::app::words::AppraisalItem)]
    pub item: String,
    /// What is counted.
    pub definition: String,
    /// Its weight in per cent.
    pub weight: u8,
    /// Points, 0 to 100 with one digit; null when it is left out.
    pub points: Option<f64>,
    /// How it was reckoned with the person's own numbers, or why it is left out.
    pub how: String,
}

/// A person's sheet of a month.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AppraisalView {
    /// The person.
    pub staff_id: String,
    /// Name.
    pub staff_name: String,
    /// The month.
    pub month: String,
    /// Whether the month is over, so that nothing changes any more by itself.
    pub is_over: bool,
    /// Points, 0 to 100 with one digit; null when nothing counts.
    pub total: Option<f64>,
    /// Weight of what counts, in per cent.
    pub counted_weight: u32,
    /// How it was added up.
    pub how: String,
    /// The items.
    pub scores: Vec<ScoreView>,
}

fn points(tenths: Option<u32>) -> Option<f64> {
    tenths.map(|tenths| f64::from(tenths) / 10.0)
}

fn score(score: Score) -> ScoreView {
    ScoreView {
        item: score.item.name().to_owned(),
        definition: score.item.definition().to_owned(),
        weight: score.weight,
        points: points(score.points),
        how: score.how,
    }
}

/// Visits and serving times of everybody by person and line.
#[derive(Default)]
struct Served {
    /// Visits that ended there, and milliseconds of service.
    by_person: BTreeMap<(String, String), (u32, Millis)>,
    by_line: BTreeMap<String, (u32, Millis)>,
}

impl Served {
    fn of(rows: &[IntervalRow]) -> Self {
        let mut served = Self::default();
        for row in rows.iter().filter(|row| row.state == "serving") {
            let Some(staff) = &row.staff_id else { continue };
            let (ended, ms) = (u32::from(row.next == "done"), row.end_ms - row.start_ms);
            for sum in [
                served.by_person.entry((staff.clone(), row.line_id.clone())).or_default(),
                served.by_line.entry(row.line_id.clone()).or_default(),
            ] {
                *sum = (sum.0 + ended, sum.1 + ms);
            }
        }
        served
    }

    fn visits(&self, staff: &str) -> u32 {
        self.by_person.iter().filter(|((of, _), _)| of == staff).map(|(_, (visits, _))| visits).sum()
    }

    fn lines(&self, staff: &str, names: &BTreeMap<String, String>) -> Vec<LineServing> {
        let mean = |(visits, ms): (u32, Millis)| if visits == 0 { 0 } else { ms / i64::from(visits) };
        let own = self.by_person.iter().filter(|((of, _), (visits, _))| of == staff && *visits > 0);
        own.filter_map(|((_, line), sum)| {
            Some(LineServing {
                line_id: domain::ids::LineId::parse(line)?,
                name: names.get(line).cloned().unwrap_or_else(|| line.clone()),
                visits: sum.0,
                mean_ms: mean(*sum),
                all_mean_ms: mean(self.by_line.get(line).copied().unwrap_or_default()),
            })
        })
        .collect()
    }
}

/// Everything of a month that sheets are made from, by person.
struct Ground {
    first: NaiveDate,
    is_over: bool,
    rules: PeopleRules,
    served: Served,
    lines: BTreeMap<String, String>,
    attended: BTreeMap<StaffId, BTreeMap<NaiveDate, domain::people::AttendedDay>>,
    ratings: BTreeMap<StaffId, RatingSum>,
    decided: BTreeMap<StaffId, DecidedSum>,
    duty: BTreeMap<StaffId, DutySum>,
}

impl Ground {
    fn facts(&self, staff: &StaffId) -> Facts {
        let none = RatingSum { given: 0, counted: 0 };
        Facts {
            visits: self.served.visits(staff.as_str()),
            days_attended: u32::try_from(self.attended.get(staff).map_or(0, BTreeMap::len)).unwrap_or(u32::MAX),
            lines: self.served.lines(staff.as_str(), &self.lines),
            ratings: self.is_over.then(|| self.ratings.get(staff).copied().unwrap_or(none)),
            decided: self.decided.get(staff).copied().unwrap_or_default(),
            duty: self.duty.get(staff).copied().unwrap_or_default(),
        }
    }

    fn view(&self, staff: &StaffId, name: &str) -> AppraisalView {
        let Sheet { scores, counted_weight, total, how } = appraise(&self.facts(staff), &self.rules);
        AppraisalView {
            staff_id: staff.to_string(),
            staff_name: name.to_owned(),
            month: self.first.format("%Y-%m").to_string(),
            is_over: self.is_over,
            total: points(total),
            counted_weight,
            how,
            scores: scores.into_iter().map(score).collect(),
        }
    }
}

/// Whether somebody's work in the hall is appraised at all.
fn is_appraised(row: &StaffRow) -> Answer<bool> {
    let roles: Vec<Role> = serde_json::from_str(&row.roles)?;
    Ok(roles.iter().any(|role| APPRAISED.contains(role)))
}

impl App {
    /// The sheets of everybody of a site who is in use, by name.
    ///
    /// # Errors
    /// A month that is none.
    pub async fn appraisals(&self, permit: &Permit, of: Option<&str>) -> Answer<Vec<AppraisalView>> {
        let (first, last) = month(of, self.today())?;
        let ground = self.appraisal_ground(permit.site_id(), first, last).await?;
        let mut views = Vec::new();
        for row in self.people_known(permit.site_id()).await?.values().filter(|row| row.active) {
            if let Some(staff) = StaffId::parse(&row.id).filter(|_| is_appraised(row).unwrap_or(false)) {
                views.push(ground.view(&staff, &row.name));
            }
        }
        views.sort_by(|one, other| (&one.staff_name, &one.staff_id).cmp(&(&other.staff_name, &other.staff_id)));
        Ok(views)
    }

    /// One person's sheet; none for whose work is no work of the hall.
    pub(super) async fn appraisal_of(&self, row: &StaffRow, first: NaiveDate, last: NaiveDate) -> Answer<Option<AppraisalView>> {
        if !is_appraised(row)? {
            return Ok(None);
        }
        let Some(staff) = StaffId::parse(&row.id) else { return Ok(None) };
        Ok(Some(self.appraisal_ground(&row.site_id, first, last).await?.view(&staff, &row.name)))
    }

    async fn appraisal_ground(&self, site_id: &str, first: NaiveDate, last: NaiveDate) -> Answer<Ground> {
        let (from, to, today) = (start_of(first), start_of(last) + DAY_MS, self.today());
        let is_over = today > last;
        let intervals = self.stores.halls.intervals_between(site_id, &first.to_string(), &last.to_string()).await?;
        let hall = self.hall(site_id).await?;
        let attended = self.attended(site_id, first, last).await?.days;
        let ratings = if is_over { self.rating_sums(site_id, from, to).await? } else { BTreeMap::new() };
        Ok(Ground {
            first,
            is_over,
            rules: self.rules_of(site_id).await?.1,
            served: Served::of(&intervals),
            lines: hall.lines().map(|line| (line.id.to_string(), line.name.clone())).collect(),
            duty: self.duty_sums(site_id, first, last, &attended).await?,
            attended,
            ratings,
            decided: self.decided_sums(site_id, from, to).await?,
        })
    }

    async fn rating_sums(&self, site_id: &str, from: Millis, to: Millis) -> Answer<BTreeMap<StaffId, RatingSum>> {
        let mut sums: BTreeMap<StaffId, RatingSum> = BTreeMap::new();
        for given in self.given_between(site_id, from, to).await? {
            let Some(judged) = given.judged else { continue };
            let sum = sums.entry(judged).or_insert(RatingSum { given: 0, counted: 0 });
            sum.given += 1;
            sum.counted += u32::from(given.is_negative && given.counts_against);
        }
        Ok(sums)
    }

    /// Cases that people of a site decided, wherever in the district they were received.
    async fn decided_sums(&self, site_id: &str, from: Millis, to: Millis) -> Answer<BTreeMap<StaffId, DecidedSum>> {
        let listing = self.directory.get();
        let key = &listing.site(site_id)?.key;
        let mut sums: BTreeMap<StaffId, DecidedSum> = BTreeMap::new();
        for site in listing.subtree(&listing.root_of(site_id)?.id) {
            for row in self.stores.cases.cases_open_between(site.as_str(), from, to).await? {
                let case: Case = serde_json::from_str(&row.doc)?;
                let Some(by) = case.decision.as_ref().and_then(|decision| decision.by.clone()).filter(|by| by.site_key() == key) else {
                    continue;
                };
                if let Some(is_on_time) = decided_on_time(&case, &(from..to), &listing.calendar) {
                    let sum = sums.entry(by).or_default();
                    sum.decided += 1;
                    sum.on_time += u32::from(is_on_time);
                }
            }
        }
        Ok(sums)
    }

    /// Planned days that are past, or today where the person came, without those on which the person was away.
    async fn duty_sums(
        &self,
        site_id: &str,
        first: NaiveDate,
        last: NaiveDate,
        attended: &BTreeMap<StaffId, BTreeMap<NaiveDate, domain::people::AttendedDay>>,
    ) -> Answer<BTreeMap<StaffId, DutySum>> {
        let (today, from, to) = (self.today(), first.to_string(), last.to_string());
        let leaves = self.stores.people.leaves_between(site_id, &from, &to).await?;
        let mut sums: BTreeMap<StaffId, DutySum> = BTreeMap::new();
        for row in self.stores.people.rosters_between(site_id, &from, &to).await? {
            let Ok(date) = row.date.parse::<NaiveDate>() else { continue };
            for Seat { staff, .. } in serde_json::from_str::<Vec<Seat>>(&row.doc)? {
                let came = attended.get(&staff).is_some_and(|days| days.contains_key(&date));
                let is_away = leaves.iter().any(|leave| {
                    leave.staff_id == staff.as_str() && (leave.from_date.as_str()..=leave.to_date.as_str()).contains(&row.date.as_str())
                });
                if !is_away && (date < today || (date == today && came)) {
                    let sum = sums.entry(staff).or_default();
                    sum.days += 1;
                    sum.attended += u32::from(came);
                }
            }
        }
        Ok(sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ticket: &str, staff: &str, next: &str, ms: Millis) -> IntervalRow {
        IntervalRow {
            site_id: "demo-center".to_owned(),
            ticket_id: ticket.to_owned(),
            ordinal: 1,
            business_date: "2026-11-24".to_owned(),
            state: "serving".to_owned(),
            next: next.to_owned(),
            line_id: "l_dc_a".to_owned(),
            window_id: None,
            staff_id: Some(staff.to_owned()),
            start_ms: 0,
            end_ms: ms,
        }
    }

    #[test]
    fn a_visit_counts_where_it_ended_and_its_time_with_whom_it_was_spent() {
        let served =
            Served::of(&[row("t1", "a", "done", 60), row("t2", "a", "parked", 30), row("t2", "b", "done", 90), row("t3", "a", "done", 30)]);
        assert_eq!((served.visits("a"), served.visits("b")), (2, 1));
        let lines = served.lines("a", &BTreeMap::new());
        assert_eq!((lines[0].visits, lines[0].mean_ms, lines[0].all_mean_ms), (2, 60, 70));
    }
}
