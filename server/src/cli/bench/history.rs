//! Section `history`: whether a hall that has given millions of numbers is as quick as a young one.

use std::ffi::OsStr;

use serde_json::json;
use tokio::process::Command;

use super::commands::prepared;
use super::load::{Figures, Load, Target, Work, in_turn};
use super::machine::Watch;
use super::report::{Goal, Line};
use super::running::Running;
use super::{Bench, others};
use crate::cli::{Failed, failed};

/// How much of a young hall's rate must be left.
const OF_YOUNG: f64 = 0.9;
/// How much longer one clerk may wait for the next number.
const NEXT_OF_YOUNG: f64 = 1.1;
/// Longest start of the service, in milliseconds.
const START_MS_MAX: f64 = 1_000.0;

/// A service whose hall has given so many numbers.
struct Old {
    count: u64,
    running: Running,
    target: Target,
}

impl Old {
    async fn start(bench: &Bench, filler: &OsStr, count: u64) -> Result<Self, Failed> {
        let folder = format!("history-{count}");
        let running = bench.house(&folder, None).await?;
        let target = prepared(&running).await?;
        running.end().await;
        let file = bench.folder(&folder).join("yichuang.db");
        let filled = Command::new(filler).arg("history").arg(&file).arg(count.to_string()).status().await.map_err(failed)?;
        if !filled.success() {
            return Err(failed("没能写进以前的号"));
        }
        let running = bench.house_again(&folder, None).await?;
        Ok(Self { count, target: target.at(&running), running })
    }
}

pub(super) async fn lines(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let Some(filler) = &bench.args.ceiling else { return Ok(vec![Line::told("没有给 --ceiling，不测", "", json!({}))]) };
    let mut houses = Vec::new();
    for count in &bench.args.history {
        houses.push(Old::start(bench, filler.as_os_str(), *count).await?);
    }
    let mut lines = Vec::new();
    for old in &houses {
        let detail = json!({ "tickets": old.count, "start_ms": old.running.start_ms });
        lines.push(Line::judged(
            format!("启动，以前 {} 个号（毫秒）", old.count),
            "",
            old.running.start_ms,
            Goal::AtMost(START_MS_MAX),
            detail,
        ));
    }
    if let Some((young, older)) = houses.split_first() {
        let watch = Watch::begin(&houses.iter().map(|old| old.running.pid).collect::<Vec<_>>());
        for old in older {
            lines.extend(compared(bench, young, old).await?);
        }
        lines.push(others(&watch));
    }
    for old in houses {
        old.running.end().await;
    }
    Ok(lines)
}

async fn compared(bench: &Bench, young: &Old, old: &Old) -> Result<Vec<Line>, Failed> {
    let load = |callers, work| Load { callers, seconds: bench.args.seconds, rounds: bench.args.rounds, work };
    let mut lines = Vec::new();
    for (what, work) in [("取号", Work::Issue), ("叫号", Work::Call)] {
        let [few, many] = in_turn([&young.target, &old.target], load(64, work)).await.map_err(failed)?;
        let ratio = many.rate / few.rate.max(1.0);
        lines.push(line(format!("{what} 64 个同时"), young, old, (few, many), ratio, Goal::AtLeast(OF_YOUNG)));
    }
    let [few, many] = in_turn([&young.target, &old.target], load(1, Work::Call)).await.map_err(failed)?;
    let ratio = many.p50_ms / few.p50_ms.max(f64::EPSILON);
    lines.push(line("叫下一个，1 个人的 p50".to_owned(), young, old, (few, many), ratio, Goal::AtMost(NEXT_OF_YOUNG)));
    Ok(lines)
}

fn line(what: String, young: &Old, old: &Old, (few, many): (Figures, Figures), ratio: f64, goal: Goal) -> Line {
    let shown = format!("{many}；{} 个号时 {few}", young.count);
    let detail = json!({ "tickets": old.count, "than": young.count, "old": many, "young": few, "ratio": ratio });
    Line::judged(format!("{what}，以前 {} 个号", old.count), shown, ratio, goal, detail)
}
