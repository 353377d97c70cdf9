//! The ports beside the hall's, on every store in one run: what happens once happens once however many
//! ask at the same time, and what is unique stays so. And how the stores lock: no order but one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use server::store::chain::ChainKey;
use server::store::memory::MemoryStore;
use server::store::sql::SqlStore;
use server::store::{
    AppointmentRow, CaseFilter, CaseRow, ChangeSet, CounterRow, DevicePictureRow, DeviceRow, EvaluationRow, Expect, IdempotencyRow,
    NewEvent, OutboxRow, PairingRow, PersonRow, ReportedRow, Row, SessionRow, StoreError, Stores, SubmissionRow, TicketRow,
    UpstreamCaseRow,
};
use tempfile::TempDir;
use tokio::sync::Semaphore;

const SITE: &str = "demo-center";
/// How many ask at the same time.
const ASKING: usize = 8;

fn chain() -> ChainKey {
    ChainKey::new(&[9; 32])
}

async fn write(stores: &Stores, rows: Vec<Row>) -> Result<(), StoreError> {
    let mut set = ChangeSet::new(SITE);
    set.rows = rows;
    stores.commit.commit(&[set]).await.map(drop)
}

fn outcome(key: u8, keep_until: i64) -> IdempotencyRow {
    IdempotencyRow {
        key_hash: vec![key; 32],
        body_hash: vec![1; 32],
        site_id: SITE.to_owned(),
        status: 201,
        object_id: None,
        body: "{}".to_owned(),
        created_at: 1,
        keep_until,
    }
}

async fn idempotency(stores: &Stores) {
    write(stores, vec![outcome(1, 100).into(), outcome(2, 200).into()]).await.expect("written");
    let again = write(stores, vec![outcome(1, 900).into()]).await;
    assert!(matches!(again, Err(StoreError::Duplicate(_))), "an outcome is never replaced: {again:?}");
    let twice = write(stores, vec![outcome(3, 1).into(), outcome(3, 1).into()]).await;
    assert!(matches!(twice, Err(StoreError::Duplicate(_))), "{twice:?}");
    let keys = [vec![1; 32], vec![2; 32], vec![3; 32]];
    assert_eq!(stores.idempotency.outcomes(&keys).await.expect("outcomes").len(), 2);
    assert_eq!(stores.idempotency.outcomes(&[]).await.expect("outcomes"), []);
    assert_eq!(stores.idempotency.forget_before(150).await.expect("forgotten"), 1);
    assert_eq!(stores.idempotency.outcomes(&keys).await.expect("outcomes"), [outcome(2, 200)]);
}

async fn outbox(stores: &Stores) {
    let owed = |number: usize| OutboxRow {
        site_id: SITE.to_owned(),
        id: format!("pj_dc_{number:03}"),
        kind: "notify".to_owned(),
        target: None,
        state: "ready".to_owned(),
        attempts: 0,
        not_before: 0,
        lease_until: 0,
        payload: "{}".to_owned(),
        last_error: None,
        created_at: 1,
        done_at: None,
    };
    write(stores, (0..40).map(|number| owed(number).into()).collect()).await.expect("written");
    let claims = (0..ASKING).map(|_| {
        let outbox = stores.outbox.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = outbox.claim(&["notify"], None, 10, 1_000, 3).await.expect("a claim");
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed.into_iter().map(|row| (row.id, row.attempts)));
            }
        })
    });
    let mut all = BTreeSet::new();
    for claim in claims.collect::<Vec<_>>() {
        for (id, attempts) in claim.await.expect("no panic") {
            assert_eq!(attempts, 1);
            assert!(all.insert(id.clone()), "{id} was claimed by two");
        }
    }
    assert_eq!(all.len(), 40, "and none was left");
    let back = stores.outbox.claim(&["notify"], None, 1_000, 2_000, 100).await.expect("a claim");
    assert_eq!(back.len(), 40, "a lease that is over gives everything back");
    assert!(back.iter().all(|row| row.attempts == 2));
}

async fn devices_and_sessions(stores: &Stores) {
    let code = PairingRow {
        code_hash: vec![5; 32],
        site_id: SITE.to_owned(),
        kind: "kiosk".to_owned(),
        window_id: None,
        expires_at: 100,
        used_at: None,
    };
    let late = PairingRow { code_hash: vec![6; 32], expires_at: 5, ..code.clone() };
    let device = DeviceRow {
        site_id: SITE.to_owned(),
        id: "d_dc_1".to_owned(),
        kind: "kiosk".to_owned(),
        name: "取号机".to_owned(),
        token_hash: vec![7; 32],
        window_id: None,
        zone: None,
        profile: None,
        revoked_at: None,
        seen_at: None,
        status: "{}".to_owned(),
        settings: None,
    };
    write(stores, vec![code.clone().into(), late.into(), device.clone().into()]).await.expect("written");
    let uses = (0..ASKING).map(|_| {
        let devices = stores.devices.clone();
        tokio::spawn(async move { devices.use_pairing(&[5; 32], 10).await.expect("an answer") })
    });
    let mut good = Vec::new();
    for one in uses.collect::<Vec<_>>() {
        good.extend(one.await.expect("no panic"));
    }
    assert_eq!(good, [PairingRow { used_at: Some(10), ..code }], "a code is good once");
    assert_eq!(stores.devices.use_pairing(&[6; 32], 10).await.expect("an answer"), None, "and before its end");
    stores.devices.seen(SITE, "d_dc_1", 9, "{\"paper\":\"ok\"}").await.expect("noted");
    let seen = stores.devices.device_by_token(&[7; 32]).await.expect("a device").expect("a device");
    assert_eq!(seen, DeviceRow { seen_at: Some(9), status: "{\"paper\":\"ok\"}".to_owned(), ..device });
    assert_eq!(stores.devices.device_picture(SITE, "d_dc_1").await.expect("an answer"), None);
    for (taken_at, content) in [(3, vec![0xFF, 0xD8, 0, 1]), (4, vec![0xFF, 0xD8, 0, 2])] {
        let picture = DevicePictureRow { site_id: SITE.to_owned(), device_id: "d_dc_1".to_owned(), taken_at, content };
        write(stores, vec![picture.clone().into()]).await.expect("written");
        assert_eq!(stores.devices.device_picture(SITE, "d_dc_1").await.expect("an answer"), Some(picture), "each replaces the one before");
    }
    let session = SessionRow {
        token_hash: vec![8; 32],
        site_id: SITE.to_owned(),
        staff_id: "s_dc_1".to_owned(),
        created_at: 1,
        seen_at: 1,
        practice_id: None,
    };
    stores.staff.add_session(&session).await.expect("begun");
    stores.staff.touch_session(&[8; 32], 5).await.expect("touched");
    assert_eq!(stores.staff.session(&[8; 32]).await.expect("a session").map(|session| session.seen_at), Some(5));
    stores.staff.set_practice(&[8; 32], Some("practice-x")).await.expect("practises");
    let practises = stores.staff.session(&[8; 32]).await.expect("a session").and_then(|session| session.practice_id);
    assert_eq!(practises.as_deref(), Some("practice-x"));
    stores.staff.end_session(&[8; 32]).await.expect("ended");
    stores.staff.touch_session(&[8; 32], 6).await.expect("nothing to touch");
    assert_eq!(stores.staff.session(&[8; 32]).await.expect("no session"), None, "what ended stays ended");
}

fn case(id: &str, number: &str, version: i64) -> CaseRow {
    CaseRow {
        site_id: SITE.to_owned(),
        id: id.to_owned(),
        version,
        number: number.to_owned(),
        query_code: "ABCDEFGH".to_owned(),
        tracking_code: "TRACKING".to_owned(),
        ticket_id: None,
        matter_id: "m_dc_1".to_owned(),
        step_departments: String::new(),
        entered_late: false,
        department_id: "dp_1".to_owned(),
        applicant_id: "p_dc_1".to_owned(),
        state: "received".to_owned(),
        received_at: 1,
        closed_at: None,
        doc: "{}".to_owned(),
    }
}

async fn cases(stores: &Stores) {
    let moved = |from: i64| {
        let mut set = ChangeSet::new(SITE);
        set.expect.push(Expect::Case("c_dc_1".to_owned(), from));
        set.row(case("c_dc_1", "N1", from + 1));
        set
    };
    stores.commit.commit(&[moved(0), moved(1)]).await.expect("one after the other");
    let stale = stores.commit.commit(&[moved(1)]).await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))), "{stale:?}");
    let race = (0..ASKING).map(|_| {
        let commit = stores.commit.clone();
        tokio::spawn(async move { commit.commit(&[moved(2)]).await.is_ok() })
    });
    let mut won = 0;
    for one in race.collect::<Vec<_>>() {
        won += usize::from(one.await.expect("no panic"));
    }
    assert_eq!(won, 1, "a version is left once");
    let same = write(stores, vec![case("c_dc_2", "N1", 1).into()]).await;
    assert!(matches!(same, Err(StoreError::Duplicate(_))), "a number is given once: {same:?}");
    let mut closed = case("c_dc_3", "N3", 1);
    (closed.state, closed.closed_at) = ("closed".to_owned(), Some(9));
    write(stores, vec![closed.into(), case("c_dc_4", "N4", 1).into()]).await.expect("written");
    let found = async |filter: CaseFilter| {
        let rows = stores.cases.cases(&filter).await.expect("cases");
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let all = CaseFilter { site_ids: vec![SITE.to_owned()], limit: 10, ..CaseFilter::default() };
    assert_eq!(found(all.clone()).await, ["c_dc_1", "c_dc_3", "c_dc_4"]);
    assert_eq!(found(CaseFilter { open: true, ..all.clone() }).await, ["c_dc_1", "c_dc_4"]);
    assert_eq!(found(CaseFilter { after: Some("c_dc_1".to_owned()), limit: 1, ..all.clone() }).await, ["c_dc_3"]);
    assert_eq!(found(CaseFilter { states: vec!["closed".to_owned()], ..all.clone() }).await, ["c_dc_3"]);
    assert_eq!(found(CaseFilter { site_ids: Vec::new(), ..all }).await, Vec::<String>::new(), "of no site is nothing");
}

async fn persons_and_ratings(stores: &Stores) {
    let person = PersonRow {
        site_id: SITE.to_owned(),
        id: "p_dc_1".to_owned(),
        key_id: "k".to_owned(),
        sealed: vec![0, 255, 7],
        id_number_index: Some(vec![1; 32]),
        phone_index: None,
        created_at: 1,
    };
    let other =
        PersonRow { id: "p_dc_2".to_owned(), phone_index: Some(vec![1; 32]), id_number_index: None, created_at: 2, ..person.clone() };
    let text = SubmissionRow {
        site_id: SITE.to_owned(),
        id: "x_dc_1".to_owned(),
        kind: "form".to_owned(),
        key_id: "k".to_owned(),
        sealed: vec![1],
        created_at: 1,
    };
    write(stores, vec![person.clone().into(), other.clone().into(), text.clone().into()]).await.expect("written");
    assert_eq!(stores.persons.person(SITE, "p_dc_1").await.expect("a person"), Some(person.clone()));
    assert_eq!(stores.persons.person("demo-sumu", "p_dc_1").await.expect("nobody"), None, "look-ups start from the site");
    assert_eq!(stores.persons.persons_by_index(SITE, &[1; 32]).await.expect("persons"), [other, person], "newest first");
    assert_eq!(stores.persons.submission(SITE, "x_dc_1").await.expect("a text"), Some(text));
    let rating = |id: &str, round: i64| EvaluationRow {
        site_id: SITE.to_owned(),
        id: id.to_owned(),
        tracking_code: "T".to_owned(),
        subject: "visit".to_owned(),
        case_id: String::new(),
        round,
        level: 2,
        reason_codes: "[]".to_owned(),
        text_id: None,
        channel: "qr".to_owned(),
        staff_id: None,
        window_id: None,
        at: round,
        after_ms: Some(round),
        source_key: None,
    };
    write(stores, vec![rating("e_dc_1", 1).into(), rating("e_dc_2", 2).into()]).await.expect("written");
    for again in [rating("e_dc_3", 1), rating("e_dc_1", 3)] {
        let refused = write(stores, vec![again.into()]).await;
        assert!(matches!(refused, Err(StoreError::Duplicate(_))), "a rating is given once and never changed: {refused:?}");
    }
    assert_eq!(stores.evaluations.evaluations_by_tracking("T").await.expect("ratings").len(), 2);
    assert_eq!(stores.evaluations.evaluations_between(SITE, 2, 3).await.expect("ratings"), [rating("e_dc_2", 2)], "the end is not in it");
}

/// A hall is read as one commit left it, however many commits go on meanwhile.
async fn whole_halls(stores: &Stores) {
    let commit = |number: i64| {
        let mut set = ChangeSet::new(SITE);
        set.expect.push(Expect::Hall(number));
        set.events.push(event(SITE, "counted"));
        set.row(server::store::HallRow { site_id: SITE.to_owned(), version: number + 1, due_at: 0, doc: "{}".to_owned() });
        set.row(TicketRow {
            site_id: SITE.to_owned(),
            id: format!("t_dc_{number:03}"),
            business_date: "2026-11-24".to_owned(),
            line_id: "l_dc_1".to_owned(),
            number: format!("A{number:03}"),
            state: "waiting".to_owned(),
            tracking_code: format!("T{number}"),
            short_code: format!("S{number}"),
            issued_at: number,
            doc: "{}".to_owned(),
        });
        set
    };
    let before = stores.events.head(SITE).await.expect("a head").map_or(0, |head| head.seq);
    let writer = stores.commit.clone();
    let looks = Arc::new(Semaphore::new(0));
    let looked = looks.clone();
    let writing = tokio::spawn(async move {
        for number in 0..60 {
            if number % 10 == 0 {
                looked.acquire().await.expect("a reader").forget();
            }
            writer.commit(&[commit(number)]).await.expect("committed");
        }
    });
    loop {
        let over = writing.is_finished();
        let rows = stores.halls.hall_whole(SITE).await.expect("a hall");
        let version = rows.hall.map_or(0, |hall| hall.version);
        let head = rows.head.map_or(0, |head| head.seq);
        assert_eq!((rows.tickets.len() as i64, head - before), (version, version), "torn");
        looks.add_permits(1);
        if over {
            break;
        }
    }
    writing.await.expect("no panic");
}

/// Only the halls whose time has come, those first that wait longest.
async fn due_halls(stores: &Stores) {
    for (site, due_at) in [("due-b", 2_000), ("due-a", 1_000), ("due-c", 3_001)] {
        let mut set = ChangeSet::new(site);
        set.expect.push(Expect::Hall(0));
        set.events.push(event(site, "counted"));
        set.row(server::store::HallRow { site_id: site.to_owned(), version: 1, due_at, doc: "{}".to_owned() });
        stores.commit.commit(&[set]).await.expect("committed");
    }
    let due = async |now| {
        let sites = stores.halls.halls_due(now).await.expect("sites");
        sites.into_iter().filter(|site| site.starts_with("due-")).collect::<Vec<_>>()
    };
    assert_eq!(due(999).await, Vec::<String>::new());
    assert_eq!(due(3_000).await, ["due-a", "due-b"], "at its instant a hall is due");
}

fn event(site: &str, kind: &str) -> NewEvent {
    NewEvent {
        aggregate: "site",
        aggregate_id: site.to_owned(),
        kind: kind.to_owned(),
        actor: "system".to_owned(),
        at: 1,
        body: "{}".to_owned(),
    }
}

/// Groups that name the same sites in every order, all at once: with one order of locks none waits for
/// another in a circle, and every event has its place.
async fn sites_in_any_order(stores: &Stores) {
    const ROUNDS: i64 = 12;
    let sites = ["a-site", "b-site", "c-site"];
    let hands = (0..ASKING).map(|hand| {
        let commit = stores.commit.clone();
        tokio::spawn(async move {
            for _ in 0..ROUNDS {
                let mut group: Vec<ChangeSet> = (0..3)
                    .map(|step| {
                        let mut set = ChangeSet::new(sites[(hand + step * (1 + hand % 2)) % 3]);
                        set.events.push(event(&set.site_id, "counted"));
                        let name = format!("hand-{hand}");
                        set.row(CounterRow { site_id: set.site_id.clone(), name, value: 1 });
                        set
                    })
                    .collect();
                if hand % 3 == 0 {
                    group.reverse();
                }
                commit.commit(&group).await.expect("no deadlock");
            }
        })
    });
    for hand in hands.collect::<Vec<_>>() {
        tokio::time::timeout(Duration::from_secs(60), hand).await.expect("nobody waits for ever").expect("no panic");
    }
    for site in sites {
        let head = stores.events.head(site).await.expect("a head").expect("a log");
        assert_eq!(head.seq, ASKING as i64 * ROUNDS, "{site}");
    }
}

fn appointment(id: &str, starts_at: i64, state: &str, due_at: i64) -> AppointmentRow {
    AppointmentRow {
        site_id: SITE.to_owned(),
        id: id.to_owned(),
        code_key: format!("code {id}"),
        short_key: format!("short {}", starts_at % 2),
        line_id: format!("l_dc_{}", starts_at % 2),
        date: format!("2026-11-{:02}", 24 + starts_at),
        starts_at,
        state: state.to_owned(),
        person_id: "p_dc_1".to_owned(),
        holder_key: format!("phone {}", starts_at % 3),
        id_key: (starts_at == 2).then(|| "number".to_owned()),
        ticket_id: None,
        created_at: 1,
        due_at,
        doc: "{}".to_owned(),
    }
}

async fn appointments(stores: &Stores) {
    let ids = |rows: Vec<AppointmentRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let all = [("a_dc_4", 4, "booked", 40), ("a_dc_1", 1, "booked", 10), ("a_dc_3", 3, "cancelled", 0), ("a_dc_2", 2, "booked", 10)];
    let rows = all.map(|(id, starts_at, state, due_at)| appointment(id, starts_at, state, due_at));
    write(stores, rows.iter().cloned().map(Row::from).collect()).await.expect("written");
    let elsewhere = AppointmentRow { site_id: "demo-sumu".to_owned(), code_key: "far".to_owned(), ..appointment("a_ds_1", 1, "booked", 5) };
    let mut set = ChangeSet::new("demo-sumu");
    set.row(elsewhere.clone());
    stores.commit.commit(&[set]).await.expect("written");
    let store = &stores.appointments;
    assert_eq!(store.appointment(SITE, "a_dc_1").await.expect("read").as_ref(), Some(&rows[1]));
    assert_eq!(store.appointment(SITE, "a_ds_1").await.expect("read"), None, "of another site");
    assert_eq!(store.appointment_by_code("code a_dc_3").await.expect("read").as_ref(), Some(&rows[2]));
    assert_eq!(store.appointment_by_code("far").await.expect("read"), Some(elsewhere));
    let twice = AppointmentRow { code_key: "far".to_owned(), ..appointment("a_dc_9", 1, "booked", 0) };
    assert!(matches!(write(stores, vec![twice.into()]).await, Err(StoreError::Duplicate(_))), "a code opens one appointment");
    assert_eq!(ids(store.appointments_by_short(SITE, "short 1").await.expect("read")), ["a_dc_1", "a_dc_3"]);
    let between = |from: &'static str, to: &'static str, line| store.appointments_between(SITE, from, to, line);
    assert_eq!(ids(between("2026-11-26", "2026-11-28", None).await.expect("read")), ["a_dc_2", "a_dc_3", "a_dc_4"]);
    assert_eq!(ids(between("2026-11-26", "2026-11-28", Some("l_dc_0")).await.expect("read")), ["a_dc_2", "a_dc_4"]);
    assert_eq!(ids(store.appointments_of(SITE, "phone 1").await.expect("read")), ["a_dc_1", "a_dc_4"]);
    assert_eq!(ids(store.appointments_of(SITE, "number").await.expect("read")), ["a_dc_2"]);
    assert_eq!(ids(store.appointments_due(9, None, 9).await.expect("read")), ["a_ds_1"]);
    let first = store.appointments_due(10, None, 2).await.expect("read");
    assert_eq!(ids(first.clone()), ["a_ds_1", "a_dc_1"]);
    assert_eq!(ids(store.appointments_due(10, first.last(), 2).await.expect("read")), ["a_dc_2"]);
    store.appointments_due_anew(Some("demo-sumu")).await.expect("written");
    assert_eq!(ids(store.appointments_due(1, None, 9).await.expect("read")), ["a_ds_1"]);
    store.appointments_due_anew(None).await.expect("written");
    assert_eq!(ids(store.appointments_due(1, None, 9).await.expect("read")), ["a_dc_1", "a_dc_2", "a_dc_4", "a_ds_1"], "booked ones only");
}

fn reported(id: &str, about: &str, position: i64, state: &str) -> ReportedRow {
    ReportedRow {
        site_id: SITE.to_owned(),
        id: id.to_owned(),
        about_id: about.to_owned(),
        number: "1".to_owned(),
        table_name: "up_pro_process".to_owned(),
        part: 0,
        operation: "I".to_owned(),
        reported_state: Some(1),
        version: 1,
        position,
        state: state.to_owned(),
        attempts: 0,
        last_error: None,
        owed_at: position,
        sent_at: None,
    }
}

async fn the_platform_above(stores: &Stores) {
    let ids = |rows: Vec<ReportedRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let rows = [
        reported("rp_dc_3", "c_dc_1", 3, "pending"),
        reported("rp_dc_1", "c_dc_1", 1, "sent"),
        reported("rp_dc_2", "c_dc_1", 2, "refused"),
        reported("rp_dc_4", "c_dc_2", 4, "pending"),
    ];
    write(stores, rows.iter().cloned().map(Row::from).collect()).await.expect("written");
    let store = &stores.upstream;
    assert_eq!(store.reported(SITE, "rp_dc_2").await.expect("read").as_ref(), Some(&rows[2]));
    assert_eq!(store.reported("demo-sumu", "rp_dc_2").await.expect("read"), None);
    assert_eq!(ids(store.reported_of(SITE, "c_dc_1").await.expect("read")), ["rp_dc_1", "rp_dc_2", "rp_dc_3"]);
    assert_eq!(ids(store.reported_in(SITE, &["pending", "refused", "sent"], 9).await.expect("read")), ["rp_dc_2", "rp_dc_3", "rp_dc_4"]);
    assert_eq!(ids(store.reported_in(SITE, &["pending"], 1).await.expect("read")), ["rp_dc_3"]);
    assert_eq!(ids(store.reported_in(SITE, &[], 1).await.expect("read")), Vec::<String>::new());
    let open = store.reports_open(SITE).await.expect("read");
    assert_eq!(open, [("pending".to_owned(), 2, 3), ("refused".to_owned(), 1, 2)]);

    let case = |id: &str, number: &str, linked_at| UpstreamCaseRow {
        site_id: SITE.to_owned(),
        id: id.to_owned(),
        version: 1,
        number: number.to_owned(),
        ticket_id: "t_dc_1".to_owned(),
        tracking_code: "TRACK".to_owned(),
        matter_id: None,
        matter_name: String::new(),
        reported_state: None,
        result: None,
        linked_at,
        doc: "{}".to_owned(),
    };
    let (late, early) = (case("uc_dc_1", "SJ1", 2), case("uc_dc_2", "SJ2", 1));
    write(stores, vec![late.clone().into(), early.clone().into()]).await.expect("written");
    assert_eq!(store.upstream_case_by_number("SJ2").await.expect("read").as_ref(), Some(&early));
    assert_eq!(store.upstream_case(SITE, "uc_dc_1").await.expect("read").as_ref(), Some(&late));
    assert_eq!(store.upstream_cases_by_tracking("TRACK").await.expect("read"), [early, late]);
    let twice = write(stores, vec![case("uc_dc_3", "SJ1", 3).into()]).await;
    assert!(matches!(twice, Err(StoreError::Duplicate(_))), "a number is linked once");
    let mut set = ChangeSet::new(SITE);
    set.expect.push(Expect::UpstreamCase("uc_dc_1".to_owned(), 2));
    set.row(UpstreamCaseRow { version: 3, ..case("uc_dc_1", "SJ1", 2) });
    assert!(matches!(stores.commit.commit(&[set]).await, Err(StoreError::Conflict(_))), "it has version 1");
}

async fn newest_events(stores: &Stores) {
    let site = "demo-newest";
    for (aggregate, id, at) in [("plan", "tasks", 10), ("plan", "tasks", 20), ("plan", "other", 30), ("hall", "tasks", 40)] {
        let mut set = ChangeSet::new(site);
        let (kind, actor, body) = ("set".to_owned(), "system".to_owned(), at.to_string());
        set.events.push(NewEvent { aggregate, aggregate_id: id.to_owned(), kind, actor, at, body });
        stores.commit.commit(&[set]).await.expect("written");
    }
    let newest = async |at: i64| {
        let found = stores.events.newest_of(site, "plan", "tasks", at).await.expect("read");
        found.map(|event| event.body)
    };
    assert_eq!(newest(9).await, None);
    assert_eq!((newest(10).await.as_deref(), newest(19).await.as_deref()), (Some("10"), Some("10")));
    assert_eq!((newest(20).await.as_deref(), newest(i64::MAX).await.as_deref()), (Some("20"), Some("20")), "of this aggregate alone");
}

async fn all_ports(stores: Stores) {
    newest_events(&stores).await;
    appointments(&stores).await;
    the_platform_above(&stores).await;
    idempotency(&stores).await;
    outbox(&stores).await;
    devices_and_sessions(&stores).await;
    cases(&stores).await;
    persons_and_ratings(&stores).await;
    whole_halls(&stores).await;
    due_halls(&stores).await;
    sites_in_any_order(&stores).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_serves_every_port() {
    all_ports(Stores::of(Arc::new(MemoryStore::new(chain())))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_serves_every_port() {
    let folder = TempDir::new().expect("a folder");
    let store = SqlStore::sqlite(&folder.path().join("a.db"), chain()).await.expect("SQLite opens");
    all_ports(Stores::of(Arc::new(store))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_serves_every_port() {
    let database = tests::postgres::database();
    let stores = async || Stores::of(Arc::new(SqlStore::postgres(&database.url, chain()).await.expect("PostgreSQL answers")));
    let (here, there) = (stores().await, stores().await);
    let mut hints = there.events.hints().await.expect("PostgreSQL answers").expect("several processes can write");
    let mut set = ChangeSet::new(SITE);
    set.events.push(event(SITE, "hinted"));
    here.commit.commit(&[set]).await.expect("committed");
    let hint = tokio::time::timeout(Duration::from_secs(20), hints.next()).await.expect("a hint comes").expect("the line is up");
    assert_eq!(hint, SITE);
    all_ports(here).await;
}

/// Only one statement locks a log, it is the first of a commit, and nothing changes or deletes an event.
#[test]
fn the_log_is_locked_first_and_only_grows() {
    let folder = crate::sources::workspace_root().join("server/src/store/sql");
    let mut statements = String::new();
    for entry in std::fs::read_dir(&folder).expect("the SQL store") {
        statements.push_str(&std::fs::read_to_string(entry.expect("a file").path()).expect("a source"));
    }
    for never in ["UPDATE events", "DELETE FROM events", "TRUNCATE", "FOR UPDATE", "LOCK TABLE"] {
        assert!(!statements.contains(never), "{never}");
    }
    let commit = std::fs::read_to_string(folder.join("commit.rs")).expect("commit.rs");
    let body_of = |name: &str| {
        let body = commit.split(&format!("async fn {name}(")).nth(1).and_then(|rest| rest.split("\n    }\n").next());
        body.unwrap_or_else(|| panic!("{name}")).to_owned()
    };
    let in_order = |name: &str, steps: &[&str]| {
        let body = body_of(name);
        let order: Vec<usize> = steps.iter().map(|what| body.find(what).unwrap_or_else(|| panic!("{name} has no {what}"))).collect();
        assert!(order.is_sorted(), "{name}: {steps:?} stand at {order:?}");
    };
    assert!(body_of("write_whole").contains("BTreeSet<String>"), "sites in id order");
    in_order("write_whole", &["lock_log(", "write_in("]);
    in_order("turn", &["self.begin()", "lock_log(", "SqlTurn"]);
    in_order("write_in", &["versions.check(", "write(tx, \"events\"", "write(tx, table"]);
}
