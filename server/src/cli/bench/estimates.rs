//! How good estimated waits are: days of four halls played on the rules, what people were told at the
//! kiosk beside the wait that came. Takes seconds, needs no disk, and gives the same figures everywhere.

use domain::hall::simulated_day::{Quality, play, scenarios};
use serde_json::{Value, json};

/// Days played per hall and seed; the first two teach the hall.
const DAYS: u32 = 22;
const LEARNED_FROM: u32 = 2;
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

/// Plays all halls, prints one line for each, and gives the figures as JSON.
pub(super) fn report() -> Value {
    println!("等候时间的估计：{} 天 × {} 个种子，取号时说的与后来等的（普通号）", DAYS, SEEDS.len());
    let mut halls = Vec::new();
    for scenario in scenarios() {
        let told: Vec<_> = SEEDS.iter().flat_map(|seed| play(&scenario, DAYS, *seed)).filter(|told| !told.green).collect();
        let quality = |from, to| Quality::of(told.iter().filter(|told| (from..to).contains(&told.day)), scenario.windows.len());
        let (first, learned) = (quality(0, 1), quality(LEARNED_FROM, DAYS));
        println!(
            "{}：{} 人，平均等 {:.1} 分，偏差 {:+.1} 分，平均差 {:.1} 分（只按人数算差 {:.1} 分），{:.0}% 比乐观值还快；第一天偏差 {:+.1} 分、平均差 {:.1} 分",
            scenario.name,
            learned.count,
            learned.came_min,
            learned.bias_min,
            learned.error_min,
            learned.plain_error_min,
            learned.below_optimistic * 100.0,
            first.bias_min,
            first.error_min,
        );
        halls.push(json!({
            "hall": scenario.name, "people": learned.count, "wait_min": learned.came_min, "bias_min": learned.bias_min,
            "error_min": learned.error_min, "plain_error_min": learned.plain_error_min, "below_optimistic": learned.below_optimistic,
            "first_day_bias_min": first.bias_min, "first_day_error_min": first.error_min,
        }));
    }
    json!(halls)
}
