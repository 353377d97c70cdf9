//! `bench`: tickets issued and called over HTTP, from connection to disk, at 1, 16 and 64 callers; next
//! to a ceiling, when the program for it is given: a bare handler that inserts the same rows in groups.
//! Both are measured in turn, in the same run, on the same disk, as processes of their own.

mod estimates;
mod house;
mod load;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::settings::{DataFlags, ServeFlags, read};
use super::{Failed, failed};
use house::{CALLERS_MAX, SITE, call_path, clerk, clerk_password};
use load::{Figures, Load, Target, Work, measure};

/// How many call at once, in turn.
const CALLERS: [usize; 3] = [1, 16, 64];
/// The token of the demo's kiosk.
const KIOSK: &str = "Bearer demo-kiosk";

/// Flags of `bench`.
#[derive(Debug, Clone, Args)]
pub struct BenchArgs {
    #[command(flatten)]
    data: DataFlags,
    /// 每一项测多少秒
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// 测上限的程序
    #[arg(long)]
    ceiling: Option<PathBuf>,
    /// 只看等候时间估计得准不准
    #[arg(long)]
    estimates: bool,
    /// 只启动被测的服务（bench 自己用）
    #[arg(long, hide = true)]
    serve_only: bool,
}

/// A program under test; it ends when its input ends.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    async fn start(command: &mut Command) -> Result<Self, Failed> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().map_err(failed)?;
        let stdout = child.stdout.take().ok_or_else(|| failed("no output"))?;
        let line = BufReader::new(stdout).lines().next_line().await.map_err(failed)?;
        let ready: Value = line.and_then(|line| serde_json::from_str(&line).ok()).ok_or_else(|| failed("被测的程序没有启动"))?;
        let url = ready["url"].as_str().ok_or_else(|| failed("被测的程序没有说地址"))?.to_owned();
        Ok(Self { child, url })
    }

    async fn end(mut self) {
        drop(self.child.stdin.take());
        // One that does not end by itself is ended by the drop.
        let _ = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
    }
}

pub(super) async fn bench(args: &BenchArgs) -> Result<(), Failed> {
    if args.estimates {
        println!("{}", json!({ "estimates": estimates::report() }));
        return Ok(());
    }
    let settings = read(&args.data, &ServeFlags::default())?.settings;
    if args.serve_only {
        return house::serve(&settings).await;
    }
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command.args(["bench", "--serve-only", "--data"]).arg(&settings.data);
    if let Some(database) = &settings.database {
        command.args(["--database", database]);
    }
    let server = Running::start(&mut command).await?;
    let ours = prepared(&server.url).await?;
    let (running, bare) = match &args.ceiling {
        Some(program) => {
            let ceiling = Running::start(&mut ceiling_command(program, &settings.data)).await?;
            let target = ceiling_target(&ceiling.url);
            (Some(ceiling), Some(target))
        }
        None => (None, None),
    };
    let place = if settings.database.is_some() { "PostgreSQL" } else { "SQLite，synchronous=FULL" };
    println!(
        "{place}；{} 个核；每项 {} 秒，先热身 1 秒。每次叫号后接一次弃号，不计时但占机器",
        std::thread::available_parallelism().map_or(0, usize::from),
        args.seconds
    );
    let mut all = Vec::new();
    for callers in CALLERS {
        for (work, name, code) in [(Work::Issue, "取号", "issue"), (Work::Call, "叫号", "call_next")] {
            let load = Load { callers, seconds: args.seconds, work };
            let full = measure(&ours, load).await.map_err(failed)?;
            let top = match &bare {
                Some(target) => Some(measure(target, load).await.map_err(failed)?),
                None => None,
            };
            println!("{}", line(name, callers, &full, top.as_ref()));
            all.push(json!({ "work": code, "callers": callers, "yichuang": full, "ceiling": top, "ratio": top.as_ref().map(|top| ratio(&full, top)) }));
        }
    }
    println!("{}", json!({ "bench": all }));
    if let Some(running) = running {
        running.end().await;
    }
    server.end().await;
    Ok(())
}

fn ceiling_command(program: &Path, data: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg(data.join("yichuang.db")).arg(data.join("ceiling.db"));
    command
}

fn line(name: &str, callers: usize, full: &Figures, top: Option<&Figures>) -> String {
    let figures = |figures: &Figures| format!("{:>7.0}/秒  p50 {:>6.2} ms  p99 {:>6.2} ms", figures.rate, figures.p50_ms, figures.p99_ms);
    let beside =
        top.map_or_else(|| "（没有给 --ceiling，不比上限）".to_owned(), |top| format!("上限 {}  比 {:.2}", figures(top), ratio(full, top)));
    format!("{name} {callers:>2} 个同时  一窗 {}  {beside}", figures(full))
}

fn ratio(full: &Figures, top: &Figures) -> f64 {
    if top.rate > 0.0 { full.rate / top.rate } else { 0.0 }
}

/// Signs everybody in and opens every window; one ticket goes the whole way, so that the ceiling has
/// rows to copy.
async fn prepared(url: &str) -> Result<Target, Failed> {
    let mut target = Target::new(url, format!("/api/v1/sites/{SITE}/tickets"), vec![("authorization".to_owned(), KIOSK.to_owned())]);
    let mut client = target.client().await.map_err(failed)?;
    for number in 1..=CALLERS_MAX {
        let signing = json!({ "username": clerk(number), "password": clerk_password(number) }).to_string();
        let answer = client.post("/api/v1/sessions", &[], signing).await.map_err(failed)?;
        let cookie = answer.cookie.ok_or_else(|| failed("没能登录"))?;
        target.windows.push((call_path(number), vec![("cookie".to_owned(), cookie)]));
        let (path, headers) = &target.windows[number - 1];
        let opened = client.post(&path.replace("/call-next", "/open"), headers, "{}".to_owned()).await.map_err(failed)?;
        if opened.status >= 300 {
            return Err(failed(format!("窗口没有打开：{}", String::from_utf8_lossy(&opened.body))));
        }
    }
    for work in [Work::Issue, Work::Call] {
        target.once(&mut client, work, 0).await.map_err(failed)?;
    }
    Ok(target)
}

fn ceiling_target(url: &str) -> Target {
    let mut target = Target::new(url, "/issue".to_owned(), Vec::new());
    target.windows = (0..CALLERS_MAX).map(|_| ("/call".to_owned(), Vec::new())).collect();
    target.clear = "/clear/{ticket}".to_owned();
    target
}
