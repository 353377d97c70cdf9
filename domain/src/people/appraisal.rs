//! The appraisal sheet (考核表): five items from figures, each with points from 0 to 100, weighed by the site. An
//! item without enough to go by is left out and its weight with it, so that nobody is judged by nothing.
//!
//! Points are tenths, so that a sheet is the same wherever it is reckoned.

use super::explain;
use super::rules::PeopleRules;
use crate::ids::LineId;
use crate::time::Millis;

/// Full points, in tenths.
const FULL: u64 = 1_000;

/// An item of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// 接待量.
    Visits,
    /// 办理时长.
    Serving,
    /// 群众评价.
    Ratings,
    /// 按时办结.
    OnTime,
    /// 出勤.
    Attendance,
}

impl Item {
    /// Every item, in the order of the sheet.
    pub const ALL: [Self; 5] = [Self::Visits, Self::Serving, Self::Ratings, Self::OnTime, Self::Attendance];

    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Visits => "visits",
            Self::Serving => "serving",
            Self::Ratings => "ratings",
            Self::OnTime => "on_time",
            Self::Attendance => "attendance",
        }
    }

    /// What is counted, for people.
    #[must_use]
    pub fn definition(self) -> &'static str {
        explain::definition(self)
    }
}

/// How long somebody served the visits of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineServing {
    /// The line.
    pub line_id: LineId,
    /// Its name for people.
    pub name: String,
    /// Visits that ended at the person.
    pub visits: u32,
    /// The person's mean, in milliseconds.
    pub mean_ms: Millis,
    /// The mean of everybody of the site, in milliseconds.
    pub all_mean_ms: Millis,
}

/// Ratings of a person's visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatingSum {
    /// Given.
    pub given: u32,
    /// Of these negative ones that count against the person.
    pub counted: u32,
}

/// Cases that a person decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecidedSum {
    /// Decided.
    pub decided: u32,
    /// Of these on time.
    pub on_time: u32,
}

/// Days somebody was planned at a window and not away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DutySum {
    /// Planned.
    pub days: u32,
    /// Of these with a sitting at any window.
    pub attended: u32,
}

/// What is known of a person in a month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Visits that ended with an outcome at the person.
    pub visits: u32,
    /// Days with a sitting at a window.
    pub days_attended: u32,
    /// Serving times by line.
    pub lines: Vec<LineServing>,
    /// Ratings; `None` while the month goes on: sums that grow by one would tell who gave it.
    pub ratings: Option<RatingSum>,
    /// Decided cases.
    pub decided: DecidedSum,
    /// Planned days.
    pub duty: DutySum,
}

/// One item of a person's sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Which.
    pub item: Item,
    /// Its weight in per cent.
    pub weight: u8,
    /// Points in tenths, 0–1000; `None` when it is left out.
    pub points: Option<u32>,
    /// How it was reckoned with the person's own numbers, or why it is left out; for people.
    pub how: String,
}

/// A person's sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The items.
    pub scores: Vec<Score>,
    /// Weight of the items that count, in per cent.
    pub counted_weight: u32,
    /// The weighed mean in tenths; `None` when nothing counts.
    pub total: Option<u32>,
    /// How it was added up, for people.
    pub how: String,
}

/// The sheet of what is known.
#[must_use]
pub fn appraise(facts: &Facts, rules: &PeopleRules) -> Sheet {
    let weights = rules.weights;
    let scores: Vec<Score> = [
        (Item::Visits, weights.visits, visits(facts, rules)),
        (Item::Serving, weights.serving, serving(facts, rules)),
        (Item::Ratings, weights.ratings, ratings(facts, rules)),
        (Item::OnTime, weights.on_time, on_time(facts)),
        (Item::Attendance, weights.attendance, duty(facts)),
    ]
    .into_iter()
    .map(|(item, weight, (points, how))| Score { item, weight, points, how })
    .collect();
    let counted: Vec<(u64, u64)> = scores
        .iter()
        .filter_map(|score| Some((u64::from(score.weight), u64::from(score.points?))))
        .filter(|(weight, _)| *weight > 0)
        .collect();
    let weight: u64 = counted.iter().map(|(weight, _)| weight).sum();
    let total = (weight > 0).then(|| rounded(counted.iter().map(|(weight, points)| weight * points).sum(), weight));
    let how = explain::total(&scores, weight, total);
    Sheet { scores, counted_weight: u32::try_from(weight).unwrap_or_default(), total, how }
}

/// A share of full points, rounded half up and never more than full.
fn share(part: u64, whole: u64) -> u32 {
    rounded(part.saturating_mul(FULL), whole.max(1)).min(FULL as u32)
}

fn rounded(part: u64, whole: u64) -> u32 {
    u32::try_from((part * 2 + whole) / (whole * 2)).unwrap_or(u32::MAX)
}

fn visits(facts: &Facts, rules: &PeopleRules) -> (Option<u32>, String) {
    if facts.days_attended == 0 {
        return (None, "这个月没坐过窗口，不计".to_owned());
    }
    let points = share(u64::from(facts.visits), u64::from(facts.days_attended) * u64::from(rules.visits_a_day));
    (Some(points), explain::visits(facts, rules, points))
}

/// The share of the visits that belong to lines where the person's mean lies within the band.
fn serving(facts: &Facts, rules: &PeopleRules) -> (Option<u32>, String) {
    let enough: Vec<&LineServing> =
        facts.lines.iter().filter(|line| line.visits >= u32::from(rules.visits_min) && line.all_mean_ms > 0).collect();
    if enough.is_empty() {
        return (None, format!("没有哪条队办到 {} 件，数量太少，不计", rules.visits_min));
    }
    let visits = |lines: &[&LineServing]| lines.iter().map(|line| u64::from(line.visits)).sum::<u64>();
    let within: Vec<&LineServing> = enough.iter().copied().filter(|line| is_within(line, rules)).collect();
    let points = share(visits(&within), visits(&enough));
    (Some(points), explain::serving(&enough, rules, points))
}

/// Whether the person's mean lies within the line's band.
pub(super) fn is_within(line: &LineServing, rules: &PeopleRules) -> bool {
    let (mean, all) = (line.mean_ms.saturating_mul(100), line.all_mean_ms);
    (all * i64::from(rules.band_low_percent)..=all * i64::from(rules.band_high_percent)).contains(&mean)
}

fn ratings(facts: &Facts, rules: &PeopleRules) -> (Option<u32>, String) {
    let Some(sum) = facts.ratings else {
        return (None, "这个月还没过完，评价月底以后才计，免得看出是谁评的".to_owned());
    };
    if sum.given < u32::from(rules.ratings_min) {
        return (None, format!("不到 {} 条评价，数量太少，不计", rules.ratings_min));
    }
    let points = share(u64::from(sum.given.saturating_sub(sum.counted)), u64::from(sum.given));
    (Some(points), explain::ratings(sum, points))
}

fn on_time(facts: &Facts) -> (Option<u32>, String) {
    let DecidedSum { decided, on_time } = facts.decided;
    if decided == 0 {
        return (None, "这个月没有由本人办结的办件，不计".to_owned());
    }
    let points = share(u64::from(on_time), u64::from(decided));
    (Some(points), explain::on_time(facts.decided, points))
}

fn duty(facts: &Facts) -> (Option<u32>, String) {
    let DutySum { days, attended } = facts.duty;
    if days == 0 {
        return (None, "这个月没排过班，不计".to_owned());
    }
    let points = share(u64::from(attended), u64::from(days));
    (Some(points), explain::duty(facts.duty, points))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(visits: u32, mean_ms: Millis, all_mean_ms: Millis) -> LineServing {
        LineServing { line_id: LineId::new("dc", "a"), name: "综合受理".to_owned(), visits, mean_ms, all_mean_ms }
    }

    fn whole() -> Facts {
        Facts {
            visits: 200,
            days_attended: 20,
            lines: vec![line(150, 600_000, 600_000), line(50, 1_200_000, 600_000), line(2, 1, 600_000)],
            ratings: Some(RatingSum { given: 40, counted: 2 }),
            decided: DecidedSum { decided: 8, on_time: 6 },
            duty: DutySum { days: 22, attended: 20 },
        }
    }

    #[test]
    fn every_item_is_a_share_and_the_total_their_weighed_mean() {
        let sheet = appraise(&whole(), &PeopleRules::default());
        let points: Vec<Option<u32>> = sheet.scores.iter().map(|score| score.points).collect();
        assert_eq!(points, [Some(500), Some(750), Some(950), Some(750), Some(909)]);
        // 25×50.0 + 15×75.0 + 25×95.0 + 20×75.0 + 15×90.9 = 7613.5 per cent of points.
        assert_eq!((sheet.counted_weight, sheet.total), (100, Some(761)));
        assert!(sheet.how.contains("76.1"), "{}", sheet.how);
    }

    #[test]
    fn what_has_too_little_to_go_by_is_left_out_with_its_weight() {
        let few = Facts { ratings: Some(RatingSum { given: 9, counted: 9 }), ..whole() };
        let sheet = appraise(&few, &PeopleRules::default());
        assert_eq!(sheet.scores[2].points, None);
        assert!(sheet.scores[2].how.contains("数量太少") && !sheet.scores[2].how.contains('9'), "how many there are is told neither");
        assert_eq!((sheet.counted_weight, sheet.total), (75, Some(698)));
        let nothing = appraise(&Facts::default(), &PeopleRules::default());
        assert_eq!((nothing.counted_weight, nothing.total), (0, None));
        assert!(nothing.scores.iter().all(|score| score.points.is_none() && !score.how.is_empty()));
    }

    #[test]
    fn more_than_the_goal_is_full_points_and_the_band_has_both_ends() {
        let many = Facts { visits: 10_000, ..whole() };
        assert_eq!(appraise(&many, &PeopleRules::default()).scores[0].points, Some(1_000));
        let rules = PeopleRules::default();
        let within = [300_000, 299_999, 900_000, 900_001].map(|mean| is_within(&line(9, mean, 600_000), &rules));
        assert_eq!(within, [true, false, true, false]);
    }
}
