//! `bench`: what the promises of speed come to on this machine, section by section. Every rate is measured
//! beside a rival, in turn, in the same run, on the same disk, as processes of their own; the table shows
//! the goal beside each figure.
//!
//! A section is a file: it starts what it needs through [`Bench`], and answers with [`Line`]s. A new one
//! gets a name in [`Section`] and an arm in [`run`].

mod boards;
mod commands;
mod country;
mod estimates;
mod history;
mod house;
mod load;
mod machine;
mod report;
mod running;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use tokio::process::Command;

use super::settings::{DataFlags, ServeFlags, Settings, read};
use super::{Failed, failed};
use machine::{Watch, sync_p50_ms};
use report::{Line, short};
use running::Running;

/// Flags of `bench`.
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 只测这些部分，用逗号隔开；不写就全测
    #[arg(long = "section", value_enum, value_delimiter = ',')]
    sections: Vec<Section>,
    /// 每一轮测多少秒
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// 每一项轮流测几轮，取中间一轮
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// 对照用的程序（server/examples/ceiling）
    #[arg(long)]
    ceiling: Option<PathBuf>,
    /// 空的 PostgreSQL 数据库，测 postgres 一项要用
    #[arg(long)]
    postgres: Option<String>,
    /// history 一项里，以前有过多少个号，用逗号隔开；和第一个比
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 1_000_000])]
    history: Vec<u64>,
    /// country 一项里有多少个厅
    #[arg(long, default_value_t = country::HALLS)]
    halls: usize,
    /// country 一项里，压多少秒
    #[arg(long, default_value_t = country::SECONDS)]
    country_seconds: f64,
    /// 只启动被测的服务（bench 自己用）
    #[arg(long, hide = true)]
    serve_only: bool,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    /// 取号
    Issue,
    /// 叫号
    Calls,
    /// 叫号推送到大屏
    Boards,
    /// 有很多年的号以后
    History,
    /// 全国三万八千多个厅在一台机器上
    Country,
    /// PostgreSQL 上取号
    Postgres,
    /// 等候时间估计得准不准
    Estimates,
}

async fn run(section: Section, bench: &Bench) -> Result<Vec<Line>, Failed> {
    match section {
        Section::Issue => commands::issue(bench).await,
        Section::Calls => commands::calls(bench).await,
        Section::Boards => boards::lines(bench).await,
        Section::History => history::lines(bench).await,
        Section::Country => country::lines(bench).await,
        Section::Postgres => commands::postgres(bench).await,
        Section::Estimates => Ok(estimates::lines()),
    }
}

/// What a section works with.
pub(super) struct Bench {
    args: BenchArgs,
    settings: Settings,
}

impl Bench {
    /// The service under load on an empty data folder of its own, below the one given.
    ///
    /// # Errors
    /// When it does not start.
    async fn house(&self, folder: &str, database: Option<&str>) -> Result<Running, Failed> {
        if self.folder(folder).exists() {
            return Err(failed("压测要一个空的数据文件夹"));
        }
        self.house_again(folder, database).await
    }

    /// The same on what an earlier one left there.
    ///
    /// # Errors
    /// When it does not start.
    async fn house_again(&self, folder: &str, database: Option<&str>) -> Result<Running, Failed> {
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.args(["bench", "--serve-only", "--data"]).arg(self.folder(folder));
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        Running::start(&mut command).await
    }

    /// A rival, when the program for it was given.
    ///
    /// # Errors
    /// When it does not start.
    async fn rival(&self, arguments: &[&std::ffi::OsStr]) -> Result<Option<Running>, Failed> {
        let Some(program) = &self.args.ceiling else { return Ok(None) };
        Running::start(Command::new(program).args(arguments)).await.map(Some)
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.settings.data.join(name)
    }
}

pub(super) async fn bench(args: &BenchArgs) -> Result<(), Failed> {
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    if args.serve_only {
        return house::serve(&settings).await;
    }
    let sections = if args.sections.is_empty() { Section::value_variants().to_vec() } else { args.sections.clone() };
    let bench = Bench { args: args.clone(), settings };
    std::fs::create_dir_all(&bench.settings.data).map_err(failed)?;
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("{cores} 个核；SQLite synchronous=FULL；每项轮流测 {} 轮、每轮 {} 秒，取中间一轮", args.rounds, args.seconds);
    println!("µs 是被测程序每次用的处理器时间\n");
    let mut all = Vec::new();
    for section in sections {
        let name = section.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        println!("[{name}]");
        for line in run(section, &bench).await? {
            println!("{line}");
            all.push(line.json(&name));
        }
        println!();
    }
    println!("{}", json!({ "bench": all }));
    Ok(())
}

/// The line about what else the machine did.
fn others(watch: &Watch) -> Line {
    match watch.others() {
        Some(share) => Line::told("机器上别的负载", format!("{}% 的处理器", short(share * 100.0)), json!({ "others": share })),
        None => Line::told("机器上别的负载", "这里量不到", json!({})),
    }
}

/// The median time of a sync in the data folder.
fn sync_ms(bench: &Bench) -> Result<f64, Failed> {
    sync_p50_ms(&bench.settings.data).map_err(failed)
}
