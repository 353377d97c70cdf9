//! Section `country`: as many halls as the country has townships and streets, in one process, each with people who
//! came and went this morning and people who wait; a board in many of them. Then everybody comes at once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::process::Command;
use tokio::task::JoinSet;

use super::boards::Boards;
use super::house::{COUNTRY_SITE, COUNTRY_WINDOWS, country_line, country_window};
use super::load::{Client, LoadFault, Target};
use super::machine::{Watch, resident_kib, used};
use super::report::{Goal, Line, short};
use super::running::Running;
use super::{Bench, others};
use crate::cli::{Failed, failed};

/// Township-level units of China.
pub(super) const HALLS: usize = 38_600;
/// The sixteen minutes from nine o'clock, run in two.
pub(super) const SECONDS: f64 = 120.0;
/// Boards that are connected, one a hall.
const BOARDS: usize = 15_000;
/// Visits that were over before, and people who wait.
const MORNING: (usize, usize) = (16, 8);
/// Requests under way at once.
const CALLERS: usize = 96;
/// Visits a second: 200 a day and hall, at the pace of nine o'clock, eight times as fast.
const VISITS_PER_S: f64 = 2_100.0;
/// Nearly every command is answered within this, in milliseconds.
const COMMAND_MS: f64 = 50.0;
/// Resident memory, in MiB.
const MEMORY_MIB_MAX: f64 = 2_048.0;
/// How much memory may grow from the first quarter of the load to its end.
const GROWTH_MAX: f64 = 1.05;

/// The commands of one visit.
const COMMANDS: [&str; 4] = ["取号", "叫号", "开始", "办结"];

type Headers = Vec<(String, String)>;

fn who(hall: usize, number: usize) -> (String, String) {
    ("cookie".to_owned(), format!("yichuang_session=country-{hall}-{number}"))
}

/// Signs the four clerks of the hall that is copied in and lets its morning happen.
async fn morning(house: &Running) -> Result<(), Failed> {
    let target = Target::new(house, String::new(), Vec::new());
    let mut client = target.client().await.map_err(failed)?;
    let mut cookies: Vec<Headers> = Vec::new();
    for number in 1..=COUNTRY_WINDOWS {
        let name = format!("{COUNTRY_SITE}-{number}");
        let signing = json!({ "username": name, "password": format!("demo-{name}") }).to_string();
        let answer = client.post("/api/v1/sessions", &[], signing).await.map_err(failed)?;
        let headers = vec![("cookie".to_owned(), answer.cookie.ok_or_else(|| failed("没能登录"))?)];
        let open = format!("/api/v1/windows/{}/open", country_window(0, number));
        client.good(&open, &headers, "{}".to_owned()).await.map_err(failed)?;
        cookies.push(headers);
    }
    let hall = Hall { number: 0, window: 1 };
    for _ in 0..MORNING.1 {
        hall.issue(&mut client, &cookies[0]).await.map_err(failed)?;
    }
    for visit in 0..MORNING.0 {
        let hall = Hall { number: 0, window: visit % COUNTRY_WINDOWS + 1 };
        hall.visit(&mut client, &cookies[visit % COUNTRY_WINDOWS], &mut Took::default()).await.map_err(failed)?;
    }
    Ok(())
}

/// A window of a hall.
#[derive(Clone, Copy)]
struct Hall {
    number: usize,
    window: usize,
}

/// How long each command took.
#[derive(Default)]
struct Took([Vec<Duration>; 4]);

impl Hall {
    async fn issue(self, client: &mut Client, headers: &Headers) -> Result<(), LoadFault> {
        let body = json!({ "line_id": country_line(self.number) }).to_string();
        client.good(&format!("/api/v1/sites/country-{}/tickets", self.number), headers, body).await.map(drop)
    }

    /// Somebody comes, the next is called, served and let go.
    async fn visit(self, client: &mut Client, headers: &Headers, took: &mut Took) -> Result<(), LoadFault> {
        let mut began = Instant::now();
        let mut lap = |place: usize, took: &mut Took| {
            took.0[place].push(began.elapsed());
            began = Instant::now();
        };
        self.issue(client, headers).await?;
        lap(0, took);
        let call = format!("/api/v1/windows/{}/call-next", country_window(self.number, self.window));
        let called = client.good(&call, headers, "{}".to_owned()).await?;
        lap(1, took);
        let called: Value = serde_json::from_slice(&called).map_err(|error| LoadFault::Line(error.to_string()))?;
        let ticket = called["ticket"]["id"].as_str().ok_or(LoadFault::Empty)?.to_owned();
        client.good(&format!("/api/v1/tickets/{ticket}/start"), headers, "{}".to_owned()).await?;
        lap(2, took);
        client.good(&format!("/api/v1/tickets/{ticket}/finish"), headers, r#"{"outcome":"consulted"}"#.to_owned()).await?;
        lap(3, took);
        Ok(())
    }
}

/// Visits one after the other, each in the next hall of those that are this caller's.
async fn caller(target: Target, first: usize, halls: usize, ends: Instant) -> Result<(Took, Vec<String>), LoadFault> {
    let mut client = target.client().await?;
    client.begin_at(first);
    let (mut took, mut faults, mut turn) = (Took::default(), Vec::new(), first);
    while Instant::now() < ends {
        // No two callers ever have the same turn, so no two meet at one window.
        let number = turn % halls;
        let window = turn / halls % COUNTRY_WINDOWS + 1;
        turn += CALLERS;
        if let Err(fault) = (Hall { number, window }).visit(&mut client, &vec![who(number, window)], &mut took).await {
            faults.push(fault.to_string());
        }
    }
    Ok((took, faults))
}

pub(super) async fn lines(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let Some(filler) = &bench.args.ceiling else { return Ok(vec![Line::told("没有给 --ceiling，不测", "", json!({}))]) };
    let halls = bench.args.halls.max(CALLERS);
    let template = bench.house("country", None).await?;
    morning(&template).await?;
    template.end().await;
    let file = bench.folder("country").join("yichuang.db");
    let filled = Command::new(filler).arg("country").arg(&file).arg(halls.to_string()).status().await.map_err(failed)?;
    if !filled.success() {
        return Err(failed("没能写进全国的厅"));
    }
    let house = bench.house_again("country", None).await?;
    let detail = json!({ "halls": halls, "start_ms": house.start_ms });
    let mut lines = vec![Line::told(format!("启动，{halls} 个厅"), format!("{} 毫秒", short(house.start_ms)), detail)];
    let began = Instant::now();
    let count = BOARDS.min(halls);
    let path = |hall: usize| format!("/api/v1/sites/country-{hall}/feed?view=board");
    let boards = Boards::connect_each(&house, count, |hall| (path(hall), who(hall, 1))).await?;
    lines.push(Line::told(
        format!("连上 {count} 块屏"),
        format!("{} 秒", short(began.elapsed().as_secs_f64())),
        json!({ "boards": count }),
    ));
    lines.extend(under_load(bench, &house, &boards, halls).await?);
    boards.end().await;
    house.end().await;
    Ok(lines)
}

async fn under_load(bench: &Bench, house: &Running, boards: &Boards, halls: usize) -> Result<Vec<Line>, Failed> {
    let seconds = bench.args.country_seconds;
    let target = Target::new(house, String::new(), Vec::new());
    let watch = Watch::begin(&[house.pid]);
    let own = std::process::id();
    let (before, loader_before) = (used(house.pid), used(own));
    let (began, delivered) = (Instant::now(), boards.delivered());
    let ends = began + Duration::from_secs_f64(seconds);
    let mut callers = JoinSet::new();
    for first in 0..CALLERS {
        callers.spawn(caller(target.clone(), first, halls, ends));
    }
    tokio::time::sleep(Duration::from_secs_f64(seconds / 4.0)).await;
    let early = resident_kib(house.pid);
    let (mut took, mut faults) = (Took::default(), Vec::new());
    while let Some(done) = callers.join_next().await {
        let (more, bad) = done.map_err(failed)?.map_err(failed)?;
        for (all, more) in took.0.iter_mut().zip(more.0) {
            all.extend(more);
        }
        faults.extend(bad);
    }
    let passed = began.elapsed().as_secs_f64();
    let late = resident_kib(house.pid);
    let share = |pid, before: Option<Duration>| Some((used(pid)?.saturating_sub(before?)).as_secs_f64() / passed);
    let shares = (share(house.pid, before), share(own, loader_before));
    let mut lines = judged(&mut took, passed, &faults);
    lines.extend(memory(early, late));
    let of = |share: Option<f64>| share.map_or_else(|| "量不到".to_owned(), |share| format!("{} 个核", short(share)));
    let shown = format!("被测的 {}，发请求和收屏的 {}", of(shares.0), of(shares.1));
    lines.push(Line::told("处理器", shown, json!({ "service": shares.0, "loader": shares.1 })));
    let frames = (boards.delivered() - delivered) as f64 / passed;
    lines.push(Line::told("屏上收到", format!("{frames:.0} 帧/秒"), json!({ "frames": frames })));
    lines.push(others(&watch));
    Ok(lines)
}

fn judged(took: &mut Took, seconds: f64, faults: &[String]) -> Vec<Line> {
    let visits = took.0[3].len() as f64 / seconds;
    let goal = Goal::AtLeast(VISITS_PER_S);
    let mut lines = vec![Line::judged("每秒取号、叫号、开始、办结", "", visits, goal, json!({ "visits_per_s": visits }))];
    for (what, took) in COMMANDS.iter().zip(&mut took.0) {
        took.sort_unstable();
        let at = |share: f64| took.get((took.len() as f64 * share) as usize).map_or(0.0, |took| took.as_secs_f64() * 1e3);
        let (p50, p99) = (at(0.5), at(0.99));
        let shown = format!("{} 次，p50 {} ms", took.len(), short(p50));
        let detail = json!({ "count": took.len(), "p50_ms": p50, "p99_ms": p99 });
        lines.push(Line::judged(format!("  {what}，p99（毫秒）"), shown, p99, Goal::AtMost(COMMAND_MS), detail));
    }
    let shown = faults.first().cloned().unwrap_or_default();
    lines.push(Line::judged("  出错", shown, faults.len() as f64, Goal::AtMost(0.0), json!({ "faults": faults.len() })));
    lines
}

fn memory(early: Option<f64>, late: Option<f64>) -> Vec<Line> {
    let (Some(early), Some(late)) = (early, late) else { return Vec::new() };
    let shown = format!("四分之一时 {} MiB", short(early / 1024.0));
    let detail = json!({ "early_kib": early, "late_kib": late });
    vec![
        Line::judged("  常驻内存（MiB）", shown, late / 1024.0, Goal::AtMost(MEMORY_MIB_MAX), detail.clone()),
        Line::judged("  后来是先前的几倍", "", late / early.max(1.0), Goal::AtMost(GROWTH_MAX), detail),
    ]
}
