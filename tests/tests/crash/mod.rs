//! Promises 1 and 2 of DESIGN against `kill -9` and loss of power: the real program under load, killed
//! again and again; what was answered is there, what was not happens once under its key.
//!
//! The seed decides when a kill comes and is printed; `CRASH_SEED` sets it.

pub mod judge;
mod load;

use std::path::{Path, PathBuf};
use std::time::Duration;

use judge::judge;
use load::Load;
use tempfile::TempDir;
use tests::power_loss::watched;
use tests::program::{Program, Start};
use tokio::sync::watch;

const KILLS: u32 = 50;
const POWER_LOSSES: u32 = 12;
/// The longest time that a server runs before it is killed.
const RUN_MS_MAX: u64 = 250;

fn dice(of: &str) -> fastrand::Rng {
    let seed = std::env::var("CRASH_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("CRASH_SEED={seed} {of}");
    fastrand::Rng::with_seed(seed)
}

async fn a_while(dice: &mut fastrand::Rng) {
    tokio::time::sleep(Duration::from_millis(dice.u64(5..RUN_MS_MAX))).await;
}

/// Starting waits for a line of output, which must not hold up the callers.
async fn run(start: &Start) -> Program {
    let start = start.clone();
    tokio::task::spawn_blocking(move || start.run()).await.expect("it starts")
}

/// Kills a server under load again and again, `next` says how it starts anew.
async fn killed(mut dice: fastrand::Rng, kills: u32, first: Start, mut next: impl FnMut(Start) -> Start) -> (Start, Vec<load::Done>) {
    let mut start = first;
    let mut program = run(&start).await;
    let (line, server) = watch::channel(Some(program.address));
    let load = Load::start(&[server]).await;
    for _ in 0..kills {
        a_while(&mut dice).await;
        line.send_replace(None);
        program.kill();
        if load.has_failed() {
            break;
        }
        start = next(start);
        program = run(&start).await;
        line.send_replace(Some(program.address));
    }
    let done = load.stop().await;
    program.stop();
    (start, done)
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_nothing_answered_is_lost_by_kill_9() {
    let folder = TempDir::new().expect("a folder");
    let start = Start::demo(&folder.path().join("data"));
    let (start, done) = killed(dice("SQLite"), KILLS, start, |start| start).await;
    judge(&start.data, None, &done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_nothing_answered_is_lost_by_kill_9() {
    let folder = TempDir::new().expect("a folder");
    let database = tests::postgres::database();
    let start = Start::demo(&folder.path().join("data")).on(&database.url);
    let (start, done) = killed(dice("PostgreSQL"), KILLS, start, |start| start).await;
    judge(&start.data, Some(&database.url), &done).await;
}

/// Every start goes on with what a loss of power left of the one before: all that a sync covered and
/// nothing else. An answer that left before its sync returned is an answer that is lost.
#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_nothing_answered_is_lost_by_loss_of_power() {
    let folder = TempDir::new().expect("a folder");
    let place = |round: u32| -> PathBuf { folder.path().canonicalize().expect("its real path").join(format!("data-{round}")) };
    seeded(&place(0)).await;
    let mut round = 1;
    let first = watched(Start::demo(&place(0)), &place(1));
    let (start, done) = killed(dice("loss of power"), POWER_LOSSES, first, |_| {
        round += 1;
        watched(Start::demo(&place(round - 1)), &place(round))
    })
    .await;
    judge(&start.data, None, &done).await;
}

/// The sample district, written before the power can fail.
async fn seeded(data: &Path) {
    let start = Start::demo(data);
    run(&start).await.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_two_servers_give_no_number_twice() {
    let folder = TempDir::new().expect("a folder");
    let database = tests::postgres::database();
    let start = |name: &str| Start::demo(&folder.path().join(name)).on(&database.url);
    let starts = [start("one"), start("two")];
    let mut programs = vec![run(&starts[0]).await];
    std::fs::create_dir(&starts[1].data).expect("the second server's folder");
    std::fs::copy(starts[0].data.join("master.key"), starts[1].data.join("master.key")).expect("both have one key");
    programs.push(run(&starts[1]).await);
    let (lines, servers): (Vec<_>, Vec<_>) = programs.iter().map(|program| watch::channel(Some(program.address))).unzip();
    let load = Load::start(&servers).await;
    let mut dice = dice("two servers");
    for _ in 0..KILLS / 5 {
        a_while(&mut dice).await;
        a_while(&mut dice).await;
        let which = dice.usize(..2);
        lines[which].send_replace(None);
        programs[which].kill();
        if load.has_failed() {
            break;
        }
        programs[which] = run(&starts[which]).await;
        lines[which].send_replace(Some(programs[which].address));
    }
    let done = load.stop().await;
    programs.into_iter().for_each(Program::stop);
    judge(&starts[0].data, Some(&database.url), &done).await;
}
