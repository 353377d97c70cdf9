//! The session against a fake server in simulated time: cuts, silence, heartbeats and tokens.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod fake;

use std::time::Duration;

use edge::{
    session::{Session, SessionEvent, SessionSettings, UNAUTHORISED_RETRY_MS},
    token::Token,
};
use fake::{Fake, SERVER, SimConnect, config};
use protocol::device::{FromDevice, HEARTBEAT_MS, SILENCE_MS_MAX, ToDevice};
use tokio::time::{Instant, sleep, timeout};

fn settings(seed: u64) -> SessionSettings {
    SessionSettings { authority: "server:8080".into(), version: "test".into(), seed, damaged: Vec::new() }
}

fn simulation(seed: u64, fake: &Fake) -> turmoil::Sim<'static> {
    let mut sim = turmoil::Builder::new()
        .rng_seed(seed)
        .tick_duration(Duration::from_millis(10))
        .simulation_duration(Duration::from_secs(600))
        .build();
    let fake = fake.clone();
    sim.host(SERVER, move || fake.clone().serve());
    sim
}

/// The next event that is no ping, within a minute.
async fn next(session: &mut Session) -> SessionEvent {
    timeout(Duration::from_secs(60), async {
        loop {
            match session.events.recv().await.unwrap() {
                SessionEvent::Frame(ToDevice::Ping) => {}
                event => return event,
            }
        }
    })
    .await
    .unwrap()
}

#[test]
fn a_cut_line_is_noticed_told_and_mended_and_the_position_goes_with_the_hello() {
    let fake = Fake::new("t", Box::new(|_| Vec::new()));
    let mut sim = simulation(1, &fake);
    let seen = fake.clone();
    sim.client("device", async move {
        let mut session = Session::open(SimConnect, settings(1), Some(Token::new("t")), None);
        assert_eq!(next(&mut session).await, SessionEvent::Connected(config()));
        assert!(session.line.online());
        session.line.set_position(Some((1, 42)));
        sleep(Duration::from_secs(30)).await;
        assert!(session.line.online(), "heartbeats keep a quiet line up");

        let cut_at = Instant::now();
        turmoil::partition("device", SERVER);
        session.line.send(FromDevice::Resync { after: None }).await;
        let SessionEvent::Disconnected { since } = next(&mut session).await else { panic!("the cut was not told") };
        assert!(!session.line.online());
        assert!(cut_at.elapsed() <= Duration::from_millis(SILENCE_MS_MAX + 1_000), "noticed after {:?}", cut_at.elapsed());
        assert!(since <= cut_at + Duration::from_secs(1) && cut_at - since <= Duration::from_millis(HEARTBEAT_MS + 1_000));
        session.line.send(FromDevice::JobReceived { job_id: "said while cut".into() }).await;

        turmoil::repair("device", SERVER);
        assert_eq!(next(&mut session).await, SessionEvent::Connected(config()));
        session.line.send(FromDevice::JobReceived { job_id: "said after".into() }).await;
        sleep(Duration::from_secs(1)).await;
        let hall = seen.hall.lock().unwrap();
        assert_eq!(hall.hellos, 2);
        assert!(hall.heard.contains(&FromDevice::Hello { protocol: 1, version: "test".into(), after: Some((1, 42)), damaged: Vec::new() }));
        assert_eq!(hall.heard.last(), Some(&FromDevice::JobReceived { job_id: "said after".into() }));
        assert!(!hall.heard.contains(&FromDevice::JobReceived { job_id: "said while cut".into() }), "a session keeps nothing");
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_server_that_says_nothing_is_taken_as_cut_and_hears_the_device_all_the_time() {
    let fake = Fake::new("t", Box::new(|_| Vec::new()));
    fake.hall.lock().unwrap().pings = false;
    let mut sim = simulation(2, &fake);
    let seen = fake.clone();
    sim.client("device", async move {
        let mut session = Session::open(SimConnect, settings(2), Some(Token::new("t")), None);
        assert!(matches!(next(&mut session).await, SessionEvent::Connected(_)));
        let up = Instant::now();
        assert!(matches!(next(&mut session).await, SessionEvent::Disconnected { .. }));
        assert!((SILENCE_MS_MAX..SILENCE_MS_MAX + 500).contains(&(u64::try_from(up.elapsed().as_millis())?)), "after {:?}", up.elapsed());
        assert!(seen.hall.lock().unwrap().pongs >= 2, "the device's own heartbeat");
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_refused_token_is_kept_and_another_one_is_used_at_once() {
    let fake = Fake::new("right", Box::new(|_| Vec::new()));
    let mut sim = simulation(3, &fake);
    let seen = fake.clone();
    sim.client("device", async move {
        let mut session = Session::open(SimConnect, settings(3), None, None);
        sleep(Duration::from_secs(5)).await;
        assert_eq!(seen.hall.lock().unwrap().hellos, 0, "no token, no session");
        session.line.set_token(Some(Token::new("wrong")));
        assert_eq!(next(&mut session).await, SessionEvent::Unauthorised);
        let refused = Instant::now();
        session.line.set_token(Some(Token::new("right")));
        assert!(matches!(next(&mut session).await, SessionEvent::Connected(_)));
        assert!(refused.elapsed() < Duration::from_millis(UNAUTHORISED_RETRY_MS / 2));

        seen.say.send(ToDevice::Revoked)?;
        assert_eq!(next(&mut session).await, SessionEvent::Frame(ToDevice::Revoked));
        session.line.set_token(None);
        assert!(matches!(next(&mut session).await, SessionEvent::Disconnected { .. }));
        sleep(Duration::from_secs(60)).await;
        assert_eq!(seen.hall.lock().unwrap().hellos, 1);

        let Session { events, task, .. } = session;
        drop(events);
        timeout(Duration::from_secs(2), task).await??;
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_server_that_restarts_is_found_again_within_seconds_and_never_hammered() {
    for seed in 0..3 {
        let fake = Fake::new("t", Box::new(|_| Vec::new()));
        let mut sim = simulation(seed, &fake);
        let seen = fake.clone();
        sim.client("device", async move {
            let mut session = Session::open(SimConnect, settings(seed), Some(Token::new("t")), None);
            let start = Instant::now();
            let mut cuts = 0;
            while start.elapsed() < Duration::from_secs(240) {
                if let Ok(Some(SessionEvent::Disconnected { .. })) = timeout(Duration::from_secs(1), session.events.recv()).await {
                    cuts += 1;
                }
            }
            assert!(session.line.online(), "seed {seed}");
            assert!(cuts >= 2, "seed {seed}: {cuts} cuts");
            assert_eq!(seen.hall.lock().unwrap().hellos, cuts + 1, "seed {seed}");
            Ok(())
        });
        let mut steps = 0_u32;
        while !sim.step().unwrap() {
            steps += 1;
            if steps == 4_000 || steps == 12_000 {
                sim.crash(SERVER);
            }
            if steps == 6_000 || steps == 13_000 {
                sim.bounce(SERVER);
            }
        }
    }
}
