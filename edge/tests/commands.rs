//! Commands against a fake server in simulated time: one touch gives at most one ticket, whatever
//! the line and the programs do.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod fake;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use edge::{
    clock::HallClock,
    commands::{Commands, LEARN_MS_MAX, Outcome},
    session::{Session, SessionSettings},
    spool::Spool,
    token::Token,
};
use fake::{Fake, SERVER, SimConnect};
use protocol::device::{DeviceCommand, FromDevice, ToDevice};
use serde_json::json;
use tokio::time::sleep;

const DEVICE: &str = "device";
const PATIENCE: Duration = Duration::from_secs(8);

/// Tickets of the fake server: number by key. It survives the server's crashes.
type Tickets = Arc<Mutex<BTreeMap<String, u64>>>;

fn issue(line: &str) -> DeviceCommand {
    DeviceCommand::IssueTicket {
        line_id: Some(line.to_owned()),
        matter_ids: None,
        priority: None,
        holder: None,
        phone: None,
        no_slip: false,
    }
}

/// Gives a number to each key once, and refuses keys that begin with `busy` or `closed`.
fn fake(tickets: &Tickets) -> Fake {
    let tickets = Arc::clone(tickets);
    Fake::new(
        "t",
        Box::new(move |frame| {
            let FromDevice::Command { key, .. } = frame else { return Vec::new() };
            let key = key.clone();
            if key.starts_with("busy") {
                return vec![ToDevice::Reply { key, status: 503, body: json!({"code": "site_detached"}), replayed: false }];
            }
            if key.starts_with("closed") {
                return vec![ToDevice::Reply { key, status: 409, body: json!({"code": "hall_closed"}), replayed: false }];
            }
            let mut tickets = tickets.lock().unwrap();
            let next = tickets.len() as u64 + 1;
            let replayed = tickets.contains_key(&key);
            let number = *tickets.entry(key.clone()).or_insert(next);
            vec![ToDevice::Reply { key, status: 201, body: json!({ "number": number }), replayed }]
        }),
    )
}

fn simulation(seed: u64, fake: &Fake) -> turmoil::Sim<'static> {
    let mut sim = turmoil::Builder::new()
        .rng_seed(seed)
        .tick_duration(Duration::from_millis(10))
        .simulation_duration(Duration::from_secs(1_200))
        .build();
    let fake = fake.clone();
    sim.host(SERVER, move || fake.clone().serve());
    sim
}

/// Keys whose outcome came late, with the number.
type Late = Arc<Mutex<BTreeMap<String, u64>>>;

/// A device program that only sends commands.
async fn device(folder: &Path, late: Late) -> Commands {
    let spool = Spool::open(folder).unwrap();
    let settings = SessionSettings { authority: "server:8080".into(), version: "test".into(), seed: 7, damaged: Vec::new() };
    let Session { mut events, line, .. } = Session::open(SimConnect, settings, Some(Token::new("t")), None);
    let clock = HallClock::starting_at(fake::SERVER_NOW_MS);
    let commands = Commands::new(spool, line, clock).unwrap();
    let hearing = commands.clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if let Some(row) = hearing.on_event(&event).await.unwrap() {
                late.lock().unwrap().insert(row.key, row.reply.unwrap().body["number"].as_u64().unwrap());
            }
        }
    });
    sleep(Duration::from_secs(1)).await;
    commands
}

fn number(outcome: &Outcome) -> u64 {
    let Outcome::Answered(reply) = outcome else { panic!("not answered: {outcome:?}") };
    assert_eq!(reply.status, 201);
    reply.body["number"].as_u64().unwrap()
}

/// Runs one device program against the fake.
fn with_device<F, T>(test: F)
where
    F: FnOnce(Commands, Tickets, Late) -> T + 'static,
    T: Future<Output = ()> + 'static,
{
    let tickets = Tickets::default();
    let fake = fake(&tickets);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let mut sim = simulation(1, &fake);
    sim.client(DEVICE, async move {
        let late = Late::default();
        let commands = device(&path, Arc::clone(&late)).await;
        test(commands, tickets, late).await;
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn the_same_touch_gives_the_same_ticket_and_another_body_is_refused() {
    with_device(|commands, tickets, _| async move {
        let (first, twin) = tokio::join!(commands.issue("k1", issue("a"), PATIENCE), commands.issue("k1", issue("a"), PATIENCE));
        assert_eq!((number(&first.unwrap()), number(&twin.unwrap())), (1, 1));
        assert_eq!(number(&commands.issue("k1", issue("a"), PATIENCE).await.unwrap()), 1);
        assert_eq!(number(&commands.issue("k2", issue("a"), PATIENCE).await.unwrap()), 2);
        assert_eq!(commands.issue("k1", issue("b"), PATIENCE).await.unwrap(), Outcome::OtherBody);
        assert_eq!(commands.issue("", issue("b"), PATIENCE).await.unwrap(), Outcome::BadKey);
        assert_eq!(commands.issue(&"k".repeat(65), issue("b"), PATIENCE).await.unwrap(), Outcome::BadKey);
        assert_eq!(tickets.lock().unwrap().len(), 2);
    });
}

#[test]
fn a_touch_while_the_line_is_cut_has_no_effect_later() {
    with_device(|commands, tickets, late| async move {
        turmoil::partition(DEVICE, SERVER);
        sleep(Duration::from_secs(20)).await;
        assert_eq!(commands.issue("k1", issue("a"), PATIENCE).await.unwrap(), Outcome::NotSent);
        turmoil::repair(DEVICE, SERVER);
        sleep(Duration::from_secs(60)).await;
        assert!(tickets.lock().unwrap().is_empty());
        assert!(late.lock().unwrap().is_empty());
        assert_eq!(number(&commands.issue("k1", issue("a"), PATIENCE).await.unwrap()), 1, "the next touch is served");
    });
}

#[test]
fn a_short_cut_is_waited_out() {
    with_device(|commands, tickets, _| async move {
        turmoil::partition(DEVICE, SERVER);
        sleep(Duration::from_secs(20)).await;
        let touch = commands.issue("k1", issue("a"), Duration::from_secs(60));
        let repair = async {
            sleep(Duration::from_secs(3)).await;
            turmoil::repair(DEVICE, SERVER);
        };
        let (outcome, ()) = tokio::join!(touch, repair);
        assert_eq!(number(&outcome.unwrap()), 1);
        assert_eq!(tickets.lock().unwrap().len(), 1);
    });
}

#[test]
fn an_answer_that_was_lost_is_learnt_late_and_is_the_same_ticket() {
    with_device(|commands, tickets, late| async move {
        turmoil::partition_oneway(SERVER, DEVICE);
        assert_eq!(commands.issue("k1", issue("a"), PATIENCE).await.unwrap(), Outcome::Unknown);
        assert_eq!(tickets.lock().unwrap().get("k1"), Some(&1), "the server gave it");
        sleep(Duration::from_secs(20)).await;
        turmoil::repair_oneway(SERVER, DEVICE);
        sleep(Duration::from_secs(30)).await;
        assert_eq!(late.lock().unwrap().get("k1"), Some(&1));
        assert_eq!(commands.late(0).unwrap().len(), 1);
        assert_eq!(number(&commands.issue("k1", issue("a"), PATIENCE).await.unwrap()), 1, "the citizen came back");
        assert!(commands.late(0).unwrap().is_empty());
        assert_eq!(tickets.lock().unwrap().len(), 1);
    });
}

#[test]
fn a_touch_that_nobody_remembers_is_not_said_again() {
    with_device(|commands, tickets, _| async move {
        turmoil::partition(DEVICE, SERVER);
        assert_eq!(commands.issue("k1", issue("a"), PATIENCE).await.unwrap(), Outcome::Unknown, "given to a line that was dead already");
        sleep(Duration::from_millis(u64::try_from(LEARN_MS_MAX).unwrap())).await;
        turmoil::repair(DEVICE, SERVER);
        sleep(Duration::from_secs(60)).await;
        assert!(tickets.lock().unwrap().is_empty());
    });
}

#[test]
fn refusals_are_passed_through_and_only_final_ones_are_remembered() {
    with_device(|commands, _, _| async move {
        for (key, status, kept) in [("busy", 503, false), ("closed", 409, true)] {
            for attempt in 0..2 {
                let Outcome::Answered(reply) = commands.issue(key, issue("a"), PATIENCE).await.unwrap() else { panic!("no answer") };
                assert_eq!((reply.status, reply.replayed), (status, kept && attempt == 1));
            }
        }
    });
}

/// What the citizens at one kiosk were told, by key.
type Told = Arc<Mutex<BTreeMap<String, Vec<Outcome>>>>;

/// A citizen every few seconds; some touch twice.
async fn crowd(folder: PathBuf, late: Late, told: Told, round: u64) {
    let commands = device(&folder, late).await;
    for citizen in 0..12_u64 {
        let key = format!("r{round}-{citizen}");
        for _ in 0..=(citizen % 3) {
            let (commands, key, told) = (commands.clone(), key.clone(), Arc::clone(&told));
            tokio::spawn(async move {
                let outcome = commands.issue(&key, issue("a"), PATIENCE).await.unwrap();
                told.lock().unwrap().entry(key).or_default().push(outcome);
            });
            sleep(Duration::from_millis(700)).await;
        }
        sleep(Duration::from_secs(3)).await;
    }
    sleep(Duration::from_secs(10_000)).await;
}

#[test]
fn no_touch_ever_gives_two_tickets_and_nobody_told_no_has_one() {
    let mut lost_answers = 0;
    for seed in 0..6 {
        let (tickets, late, told, rounds) = (Tickets::default(), Late::default(), Told::default(), Arc::new(Mutex::new(0_u64)));
        let fake = fake(&tickets);
        let folder = tempfile::tempdir().unwrap();
        let mut sim = simulation(seed, &fake);
        let (path, late_in, told_in) = (folder.path().to_owned(), Arc::clone(&late), Arc::clone(&told));
        sim.host(DEVICE, move || {
            let mut round = rounds.lock().unwrap();
            *round += 1;
            let crowd = crowd(path.clone(), Arc::clone(&late_in), Arc::clone(&told_in), *round);
            async move {
                crowd.await;
                Ok(())
            }
        });
        sim.client("judge", async {
            sleep(Duration::from_secs(260)).await;
            Ok(())
        });
        let mut rng = fastrand::Rng::with_seed(seed);
        let (mut step, mut next) = (0_u32, 300_u32);
        while !sim.step().unwrap() {
            step += 1;
            if step == 18_000 {
                sim.repair(DEVICE, SERVER);
                sim.bounce(SERVER);
            }
            if step < next || step >= 18_000 {
                continue;
            }
            next = step + rng.u32(200..1_500);
            match rng.u8(0..8) {
                0 | 1 => sim.partition(DEVICE, SERVER),
                2 => sim.partition_oneway(SERVER, DEVICE),
                3..=5 => sim.repair(DEVICE, SERVER),
                6 => sim.bounce(SERVER),
                _ if step < 12_000 => sim.bounce(DEVICE),
                _ => {}
            }
        }
        let (tickets, late, told) = (tickets.lock().unwrap(), late.lock().unwrap(), told.lock().unwrap());
        for (key, outcomes) in told.iter() {
            for outcome in outcomes {
                match outcome {
                    Outcome::Answered(_) => assert_eq!(tickets.get(key), Some(&number(outcome)), "seed {seed}: {key}"),
                    Outcome::NotSent => assert_eq!(tickets.get(key), None, "seed {seed}: {key} was told there is no ticket"),
                    Outcome::Unknown => lost_answers += 1,
                    other => panic!("seed {seed}: {other:?}"),
                }
            }
            if outcomes.iter().all(|outcome| *outcome == Outcome::Unknown) && tickets.contains_key(key) {
                assert_eq!(late.get(key), tickets.get(key), "seed {seed}: {key} was never shown");
            }
        }
        assert!(!told.is_empty(), "seed {seed}: nobody was served");
    }
    assert!(lost_answers > 0, "the seeds cut no answer: the test proves nothing");
}
