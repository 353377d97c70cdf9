//! `replay`: a day played again under other settings, side by side; reads beside a running server.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use clap::Args;
use serde_json::Value;

use super::settings::{DataFlags, ServeFlags, read};
use super::{EXIT_BAD_INPUT, Failed, data, failed};
use crate::app::figures::{Faulty, Replayed, ReplayedFigures, replay_day};
use crate::store::Stores;

/// Flags of `replay`.
#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 哪个场所
    #[arg(long)]
    site: String,
    /// 哪一天，写成 2026-11-01 的样子
    #[arg(long)]
    day: NaiveDate,
    /// 要换的设置：一个 JSON 文件，只写和当天不同的，如 {"green_bound": 2}；- 是标准输入
    #[arg(long)]
    policy: PathBuf,
    /// 给程序看：一行 JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn replay(args: &ReplayArgs) -> Result<(), Failed> {
    let patch = patch(&args.policy)?;
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    let vault = data::key_of(&settings.data)?;
    let stores = Stores::of(Arc::new(data::open_to_read(&settings, &vault).await?));
    let bad = |message: String| Failed::new(EXIT_BAD_INPUT, message);
    let replayed = replay_day(&stores, &args.site, args.day, &patch).await.map_err(failed)?.map_err(|faulty| match faulty {
        Faulty::NoSuchDay => bad(format!("{} 的日志里没有 {} 这一天", args.site, args.day)),
        Faulty::Settings(text) => bad(format!("设置看不懂：{text}")),
        Faulty::Policy(faults) => {
            let lines: Vec<String> = faults.iter().map(|fault| format!("{}：{}", fault.field, fault.text)).collect();
            bad(format!("设置有错：\n{}", lines.join("\n")))
        }
    })?;
    if args.json {
        println!("{}", serde_json::to_string(&replayed).map_err(failed)?);
    } else {
        print!("{}", in_words(&replayed));
    }
    Ok(())
}

fn patch(path: &std::path::Path) -> Result<Value, Failed> {
    let bad = |error: String| Failed::new(EXIT_BAD_INPUT, format!("{}：{error}", path.display()));
    let text = if path.as_os_str() == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
    let value: Value = serde_json::from_str(&text.map_err(|error| bad(error.to_string()))?).map_err(|error| bad(error.to_string()))?;
    if value.is_object() { Ok(value) } else { Err(bad("要是一个 {…}".to_owned())) }
}

/// The three days side by side, in minutes.
fn in_words(replayed: &Replayed) -> String {
    let mut text = format!("{}  {}\n", replayed.site, replayed.date);
    for (path, own, other) in &replayed.changed {
        text += &format!("  {path}：{own} → {other}\n");
    }
    if replayed.changed.is_empty() {
        text += "  设置和当天一样\n";
    }
    let head = ["取号", "叫到", "平均", "中位", "九成", "最长"].map(|word| right(word, 7)).concat();
    text += "\n等候，分钟\n";
    for class in &replayed.classes {
        text += &format!("\n{}{head}\n", left(&class.name, 24));
        let days = [("  当天", &class.actual), ("  照当天的设置重放", &class.own), ("  照新的设置重放", &class.other)];
        for (name, figures) in days {
            text += &format!("{}{}\n", left(name, 24), columns(figures));
        }
    }
    text += &format!("\n没取到号的：照当天的设置 {}，照新的设置 {}\n", replayed.refused_own, replayed.refused_other);
    text += "重放：人照样来，窗口照样开，每件事办多久照旧，只有先叫谁重新算。前两行差多少，第三行就有多准。\n";
    text
}

fn columns(figures: &ReplayedFigures) -> String {
    let minutes = |ms: Option<i64>| ms.map_or_else(|| "-".to_owned(), |ms| format!("{:.1}", ms as f64 / 60_000.0));
    let cells = [
        figures.issued.to_string(),
        figures.waits.to_string(),
        minutes(figures.wait_mean_ms),
        minutes(figures.wait_median_ms),
        minutes(figures.wait_p90_ms),
        minutes(figures.wait_longest_ms),
    ];
    cells.iter().map(|cell| right(cell, 7)).collect()
}

/// How wide a text is on a terminal: a Chinese character takes two places.
fn width(text: &str) -> usize {
    text.chars().map(|char| if char.is_ascii() { 1 } else { 2 }).sum()
}

fn left(text: &str, places: usize) -> String {
    format!("{text}{}", " ".repeat(places.saturating_sub(width(text))))
}

fn right(text: &str, places: usize) -> String {
    format!("{}{text}", " ".repeat(places.saturating_sub(width(text))))
}
