//! Sections `issue`, `calls` and `postgres`: commands of the hall from connection to disk, everything on,
//! beside programs that only write the same rows.

use std::ffi::OsStr;

use serde_json::json;

use super::house::{CALLERS_MAX, ECHO_PATH, SITE, call_path, clerk, clerk_password};
use super::load::{Figures, Load, Target, Work, in_turn};
use super::machine::Watch;
use super::report::{Goal, Line, short};
use super::running::Running;
use super::{Bench, others, sync_ms};
use crate::cli::{Failed, failed};

/// How many call at once.
const CALLERS: [usize; 3] = [1, 16, 64];
/// More callers than the service commits together.
const CALLERS_MANY: usize = 256;
/// The token of the demo's kiosk.
const KIOSK: &str = "Bearer demo-kiosk";

/// Share of the ceiling that issuing must reach at 64 callers.
const ISSUE_OF_CEILING: f64 = 0.5;
/// Share of the own echo that issuing must reach at 64 callers, and at 256.
const ISSUE_OF_ECHO: (f64, f64) = (0.3, 0.4);
/// How often more than one transaction a request through sqlx.
const ISSUE_OF_SINGLE: f64 = 8.0;
/// Share of the ceiling that calling must reach.
const CALL_OF_CEILING: f64 = 0.4;
/// Share of a bare insert that issuing on PostgreSQL must reach.
const ISSUE_OF_POSTGRES: f64 = 0.6;
/// Syncs that one caller may wait for, and milliseconds on top.
const ALONE: (f64, f64) = (3.0, 0.15);

/// Taking numbers on SQLite.
pub(super) async fn issue(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let house = bench.house("issue", None).await?;
    let ours = prepared(&house).await?;
    let echo = Target::new(&house, ECHO_PATH.to_owned(), Vec::new());
    let ceiling = Rival::of_sqlite(bench, "issue", "ceiling").await?;
    let single = Rival::of_sqlite(bench, "issue", "single").await?;
    let watch = Watch::begin(&pids(&house, &[&ceiling, &single]));
    let mut lines = Vec::new();
    for callers in [1, 16] {
        let load = bench.load(callers, Work::Issue);
        let seen = beside(&ours, ceiling.as_ref(), load).await?;
        lines.extend(compared("取号", callers, &seen, "上限", None));
        if callers == 1 {
            let (sync, p50) = (sync_ms(bench)?, seen.0.p50_ms);
            let goal = ALONE.0 * sync + ALONE.1;
            let shown = format!("p50 {} ms；fdatasync p50 {} ms", short(p50), short(sync));
            lines.push(Line::judged(
                "取号 1 个人的 p50（毫秒）",
                shown,
                p50,
                Goal::AtMost(goal),
                json!({ "p50_ms": p50, "sync_ms": sync }),
            ));
        }
    }
    let load = bench.load(64, Work::Issue);
    let seen = beside(&ours, ceiling.as_ref(), load).await?;
    lines.extend(compared("取号", 64, &seen, "上限", Some(Goal::AtLeast(ISSUE_OF_CEILING))));
    let seen = beside(&ours, single.as_ref(), load).await?;
    lines.extend(compared("取号", 64, &seen, "每次一个事务", Some(Goal::AtLeast(ISSUE_OF_SINGLE))));
    for (callers, goal) in [(64, ISSUE_OF_ECHO.0), (CALLERS_MANY, ISSUE_OF_ECHO.1)] {
        let [full, bare] = in_turn([&ours, &echo], bench.load(callers, Work::Issue)).await.map_err(failed)?;
        lines.extend(compared("取号", callers, &(full, Some(bare)), "回声", Some(Goal::AtLeast(goal))));
    }
    lines.push(others(&watch));
    end(house, [ceiling, single]).await;
    Ok(lines)
}

/// Calling the next on SQLite.
pub(super) async fn calls(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let house = bench.house("calls", None).await?;
    let ours = prepared(&house).await?;
    let ceiling = Rival::of_sqlite(bench, "calls", "ceiling").await?;
    let watch = Watch::begin(&pids(&house, &[&ceiling]));
    let mut lines = vec![Line::told("队伍先排满；每次叫号后接一次弃号，不计时但占机器", "", json!({}))];
    for callers in CALLERS {
        let seen = beside(&ours, ceiling.as_ref(), bench.load(callers, Work::Call)).await?;
        lines.extend(compared("叫号", callers, &seen, "上限", Some(Goal::AtLeast(CALL_OF_CEILING))));
    }
    lines.push(others(&watch));
    end(house, [ceiling]).await;
    Ok(lines)
}

/// Taking numbers on PostgreSQL.
pub(super) async fn postgres(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let Some(url) = bench.args.postgres.as_deref() else {
        return Ok(vec![Line::told("没有给 --postgres，不测", "", json!({}))]);
    };
    let house = bench.house("postgres", Some(url)).await?;
    let ours = prepared(&house).await?;
    let bare = bench.rival(&[OsStr::new("postgres"), OsStr::new(url)]).await?;
    let bare = bare.map(|running| Rival { target: rival_target(&running), running });
    let watch = Watch::begin(&pids(&house, &[&bare]));
    let seen = beside(&ours, bare.as_ref(), bench.load(64, Work::Issue)).await?;
    let mut lines = compared("取号（PostgreSQL）", 64, &seen, "只插入同样的行", Some(Goal::AtLeast(ISSUE_OF_POSTGRES)));
    lines.push(others(&watch));
    lines.push(Line::told("（数据库的处理器时间算在别的负载里）", "", json!({})));
    end(house, [bare]).await;
    Ok(lines)
}

impl Bench {
    fn load(&self, callers: usize, work: Work) -> Load {
        Load { callers, seconds: self.args.seconds, rounds: self.args.rounds, work }
    }
}

/// A program that only writes the rows.
struct Rival {
    running: Running,
    target: Target,
}

impl Rival {
    /// One that copies rows of the service's file into a file of its own.
    async fn of_sqlite(bench: &Bench, folder: &str, mode: &str) -> Result<Option<Self>, Failed> {
        let data = bench.folder(folder);
        let (template, own) = (data.join("yichuang.db"), data.join(format!("{mode}.db")));
        let running = bench.rival(&[OsStr::new(mode), template.as_os_str(), own.as_os_str()]).await?;
        Ok(running.map(|running| Self { target: rival_target(&running), running }))
    }
}

fn rival_target(running: &Running) -> Target {
    let mut target = Target::new(running, "/issue".to_owned(), Vec::new()).without_queue();
    target.windows = (0..CALLERS_MAX).map(|_| ("/call".to_owned(), Vec::new())).collect();
    target.clear = "/clear/{ticket}".to_owned();
    target
}

fn pids(house: &Running, rivals: &[&Option<Rival>]) -> Vec<u32> {
    std::iter::once(house.pid).chain(rivals.iter().filter_map(|rival| rival.as_ref().map(|rival| rival.running.pid))).collect()
}

async fn end<const N: usize>(house: Running, rivals: [Option<Rival>; N]) {
    for rival in rivals.into_iter().flatten() {
        rival.running.end().await;
    }
    house.end().await;
}

/// The service in turn with a rival, if there is one.
async fn beside(ours: &Target, rival: Option<&Rival>, load: Load) -> Result<(Figures, Option<Figures>), Failed> {
    Ok(match rival {
        Some(rival) => {
            let [full, bare] = in_turn([ours, &rival.target], load).await.map_err(failed)?;
            (full, Some(bare))
        }
        None => {
            let [full] = in_turn([ours], load).await.map_err(failed)?;
            (full, None)
        }
    })
}

/// The lines of one comparison: the service, and the rival with the ratio.
fn compared(name: &str, callers: usize, seen: &(Figures, Option<Figures>), rival: &str, goal: Option<Goal>) -> Vec<Line> {
    let (full, bare) = seen;
    let mut lines = vec![Line::told(format!("{name} {callers} 个同时"), full.to_string(), json!({ "callers": callers, "yichuang": full }))];
    if let Some(bare) = bare {
        let ratio = if bare.rate > 0.0 { full.rate / bare.rate } else { 0.0 };
        let detail = json!({ "callers": callers, "yichuang": full, "rival": bare, "ratio": ratio });
        let what = format!("  比：{rival}");
        lines.push(match goal {
            Some(goal) => Line::judged(what, bare.to_string(), ratio, goal, detail),
            None => Line::told(format!("{what}，{}", short(ratio)), bare.to_string(), detail),
        });
    }
    lines
}

/// Signs everybody in and opens every window; one ticket goes the whole way, so that the rivals have
/// rows to copy.
pub(super) async fn prepared(house: &Running) -> Result<Target, Failed> {
    let mut target = Target::new(house, format!("/api/v1/sites/{SITE}/tickets"), vec![("authorization".to_owned(), KIOSK.to_owned())]);
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
