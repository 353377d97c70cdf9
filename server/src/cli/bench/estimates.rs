//! Section `estimates`: how good estimated waits are. Days of simulated halls played on the rules, what
//! people were told at the kiosk beside the wait that came. Takes seconds, needs no disk, and gives the
//! same figures everywhere.

use domain::hall::simulated_day::{Quality, Scenario, play, scenarios};
use serde_json::json;

use super::report::{Goal, Line};

/// Days played per hall and seed; the first two teach the hall.
const DAYS: u32 = 22;
const LEARNED_FROM: u32 = 2;
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];
/// How far the mean of what was told may lie from the mean of what came, as a share of the latter.
const BIAS: f64 = 0.1;

/// A line for each hall: ordinary numbers only, since a green one hardly waits.
pub(super) fn lines() -> Vec<Line> {
    scenarios().iter().map(line).collect()
}

fn line(scenario: &Scenario) -> Line {
    let told: Vec<_> = SEEDS.iter().flat_map(|seed| play(scenario, DAYS, *seed)).filter(|told| !told.green).collect();
    let quality = |from, to| Quality::of(told.iter().filter(|told| (from..to).contains(&told.day)), scenario.windows.len());
    let (first, learned) = (quality(0, 1), quality(LEARNED_FROM, DAYS));
    let seen = format!(
        "等 {:.1} 分，偏 {:+.1}，平均差 {:.1}（只按人数算 {:.1}）；比乐观值还快的 {:.0}%；第一天偏 {:+.1}、差 {:.1}",
        learned.came_min,
        learned.bias_min,
        learned.error_min,
        learned.plain_error_min,
        learned.below_optimistic * 100.0,
        first.bias_min,
        first.error_min,
    );
    let detail = json!({
        "people": learned.count, "wait_min": learned.came_min, "bias_min": learned.bias_min,
        "error_min": learned.error_min, "plain_error_min": learned.plain_error_min, "below_optimistic": learned.below_optimistic,
        "first_day_bias_min": first.bias_min, "first_day_error_min": first.error_min,
    });
    let share = learned.bias_min.abs() / learned.came_min.max(f64::MIN_POSITIVE);
    Line::judged(format!("估计的偏差：{}", scenario.name), seen, share, Goal::AtMost(BIAS), detail)
}
