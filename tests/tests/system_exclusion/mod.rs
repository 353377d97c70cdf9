//! Exclusion, proved on real programs: 64 callers on real sockets, on one server with SQLite and on two
//! servers with one PostgreSQL. What was answered is compared with the log, and the log is shown to the
//! observers that watch the simulation of the rules. And the comparison is proved too: the same run told
//! falsely must be noticed.
//!
//! `YICHUANG_PROOF_SEED` repeats the callers' choices; when they come is the machine's affair.

mod answers;
mod callers;
mod lies;
#[path = "../../../domain/tests/observers/mod.rs"]
#[expect(dead_code, reason = "the simulation of the rules asks more of them")]
mod observers;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use callers::{CALLERS, Done, Shift};
use server::app::hall::load_hall;
use tempfile::TempDir;
use tests::program::{Program, Start, binary};

use crate::crash::judge::{hall_events, open, replay, the_log_is_sound};
use answers::Told;

/// How long the callers go on at the least, and at the most until they did enough.
const SECONDS: u64 = 6;
const SECONDS_MAX: u64 = 60;
/// Tickets issued and called by all callers, at the least; much less would prove little.
const ISSUED_MIN: usize = 300;
const CALLED_MIN: usize = 100;

fn seed() -> u64 {
    std::env::var("YICHUANG_PROOF_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..))
}

async fn run(start: Start) -> Program {
    tokio::task::spawn_blocking(move || start.run()).await.expect("it starts")
}

/// Lets the callers work at these servers, which end then.
async fn worked_at(servers: Vec<Program>) -> Vec<Done> {
    let seed = seed();
    println!("YICHUANG_PROOF_SEED={seed}, {CALLERS} callers for {SECONDS} to {SECONDS_MAX} s at {} servers", servers.len());
    let addresses: Vec<_> = servers.iter().map(|server| server.address).collect();
    let (least, longest) = (Duration::from_secs(SECONDS), Duration::from_secs(SECONDS_MAX));
    let shift = Shift { least, longest, issued: ISSUED_MIN, called: CALLED_MIN };
    let done = callers::work(&addresses, seed, shift).await;
    servers.into_iter().for_each(Program::stop);
    done
}

/// Fails unless the log, the rows and the answers agree and no promise is broken.
async fn judge(data: &Path, database: Option<&str>, done: Vec<Done>) {
    let stores = open(data, database).await;
    let told = Told { events: hall_events(&stores).await, done };
    let with = |status: u16| told.done.iter().filter(|done| done.status == status).count();
    println!(
        "{} commands answered, {} of them 409, {} of them 503; {} tickets issued, {} calls, {} events",
        told.done.len(),
        with(409),
        with(503),
        told.count("ticket_issued"),
        told.count("ticket_called"),
        told.events.len()
    );
    let faults = told.faults();
    let shown: Vec<String> = faults.iter().take(5).map(|fault| fault.chars().take(600).collect()).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), shown.join("\n"));
    assert!(told.count("ticket_issued") >= ISSUED_MIN && told.count("ticket_called") >= CALLED_MIN, "the callers did too little");
    assert!(replay(&told.events) == load_hall(&stores, callers::SITE).await.expect("the hall"), "the rows are what the events make");
    drop(stores);
    the_log_is_sound(data, database);
    the_figures_agree(data, database, &told);
    lies::are_noticed(&told);
}

/// Has the program make the rows behind the figures again from the log.
fn the_figures_agree(data: &Path, database: Option<&str>, told: &Told) {
    let days = told.events.iter().map(|event| domain::time::local_date(event.at).to_string());
    let (first, last) = (days.clone().min().expect("a day"), days.max().expect("a day"));
    let mut command = Command::new(binary("yichuang"));
    command.arg("recompute-figures").arg("--data").arg(data).args(["--site", callers::SITE, "--from", &first, "--to", &last]);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    let output = command.output().expect("recompute-figures runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_64_callers_get_each_number_and_each_ticket_once() {
    let folder = TempDir::new().expect("a folder");
    let start = Start::demo(&folder.path().join("data"));
    let done = worked_at(vec![run(start.clone()).await]).await;
    judge(&start.data, None, done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_64_callers_of_two_servers_get_each_number_and_each_ticket_once() {
    let folder = TempDir::new().expect("a folder");
    let database = tests::postgres::database();
    let start = |name: &str| Start::demo(&folder.path().join(name)).on(&database.url);
    let (one, two) = (start("one"), start("two"));
    let first = run(one.clone()).await;
    std::fs::create_dir(&two.data).expect("the second server's folder");
    std::fs::copy(one.data.join("master.key"), two.data.join("master.key")).expect("both have one key");
    let done = worked_at(vec![first, run(two).await]).await;
    judge(&one.data, Some(&database.url), done).await;
}
