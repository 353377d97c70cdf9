//! A machine whose time zone is set wrongly: the program keeps to UTC+08:00 all the same. Two of the zones
//! here are 26 hours apart, so at any moment at least one of them has another date than the hall.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::client::Client;
use tests::program::{Start, binary};

const SITE: &str = "demo-center";
const LINE: &str = "l_dc_demo-line";
const WINDOW: &str = "w_dc_1";
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The right zone; one with summer time, by its name and as a rule of its own (nothing need be installed
/// for that); the farthest east and west; and one that is none.
const ZONES: [&str; 6] = ["Asia/Shanghai", "America/New_York", "EST5EDT,M3.2.0,M11.1.0", "EAST-14", "WEST12", "Nowhere/Land"];

/// The day of the hall at an instant, reckoned without the program's help: days since 1970 in UTC+08:00.
fn day(at: i64) -> i64 {
    (at + 8 * HOUR_MS).div_euclid(DAY_MS)
}

fn date(day: i64) -> String {
    let epoch = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).expect("a date");
    (epoch + chrono::Days::new(day.try_into().expect("after 1970"))).to_string()
}

fn today() -> i64 {
    day(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis().try_into().expect("not far away"))
}

/// Every text in an answer that is a time.
fn times(answer: &Value, found: &mut Vec<String>) {
    match answer {
        Value::String(text) if chrono::DateTime::parse_from_rfc3339(text).is_ok() => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| times(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| times(field, found)),
        _ => {}
    }
}

/// What a day at the hall looks like from outside, without what is drawn by chance or depends on seconds.
#[derive(Debug, Default, PartialEq)]
struct Told {
    numbers: Vec<String>,
    states: Vec<String>,
    figures: Vec<String>,
    slots: Vec<String>,
    /// Offsets of all times, each once.
    offsets: std::collections::BTreeSet<String>,
    /// Business days in the log against the instants of their events, in days.
    off_by: Vec<i64>,
}

impl Told {
    fn hear(&mut self, answer: &Value) {
        let mut found = Vec::new();
        times(answer, &mut found);
        self.offsets.extend(found.iter().map(|time| time[time.len() - 6..].to_owned()));
    }
}

async fn ask(client: &mut Client, told: &mut Told, method: Method, path: &str, body: Option<Value>) -> Value {
    let key = format!("zone-{}", fastrand::u64(..));
    let reply = client.send(method, &format!("/api/v1{path}"), Some(&key), body.as_ref()).await.expect("an answer");
    assert!(matches!(reply.status, 200 | 201), "{path}: {}", reply.text);
    told.hear(&reply.body);
    reply.body
}

/// A number is taken, called and served; what is asked about days and times is answered.
async fn lived(start: &Start, today: i64) -> Told {
    let (program, mut told) = (start.run(), Told::default());
    let connect = async || Client::connect(program.address).await.expect("it listens");
    let (clerk, admin) = (connect().await.sign_in("clerk1").await, connect().await.sign_in("admin").await);
    let supervisor = connect().await.sign_in("supervisor").await;
    let mut kiosk = connect().await.device("demo-kiosk");
    let (mut clerk, mut admin) = (connect().await.with("cookie", &clerk), connect().await.with("cookie", &admin));
    let mut supervisor = connect().await.with("cookie", &supervisor);
    let (get, post) = (Method::GET, Method::POST);

    ask(&mut clerk, &mut told, post.clone(), &format!("/windows/{WINDOW}/open"), Some(json!({}))).await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        let issued = ask(&mut kiosk, &mut told, post.clone(), &format!("/sites/{SITE}/tickets"), Some(json!({ "line_id": LINE }))).await;
        told.numbers.push(issued["number"].as_str().expect("a number").to_owned());
        codes.push(issued["tracking_code"].as_str().expect("a code").to_owned());
    }
    let called = ask(&mut clerk, &mut told, post.clone(), &format!("/windows/{WINDOW}/call-next"), Some(json!({}))).await;
    let ticket = called["ticket"]["id"].as_str().expect("a ticket").to_owned();
    for (action, body) in [("start", json!({})), ("finish", json!({ "outcome": "accepted" }))] {
        let answer = ask(&mut clerk, &mut told, post.clone(), &format!("/tickets/{ticket}/{action}"), Some(body)).await;
        told.states.push(answer["state"].as_str().expect("a state").to_owned());
    }
    ask(&mut connect().await, &mut told, get.clone(), &format!("/tracking/{}", codes[0]), None).await;
    ask(&mut connect().await, &mut told, get.clone(), &format!("/sites/{SITE}"), None).await;

    let (of_today, tomorrow) = (date(today), date(today + 1));
    let path = format!("/sites/{SITE}/figures?from={of_today}&to={of_today}");
    let figures = ask(&mut supervisor, &mut told, get.clone(), &path, None).await;
    for name in ["tickets_issued", "tickets_done"] {
        told.figures.push(format!("{name} {}", figures[name]));
    }
    let path = format!("/sites/{SITE}/policy");
    let mut policy = ask(&mut admin, &mut told, get.clone(), &path, None).await;
    let week = vec![json!([{ "from_minute": 540, "to_minute": 720 }]); 7];
    policy["policy"]["appointments"]["lines"] = json!([{ "line_id": LINE, "slot_min": 60, "capacity": 1, "week": week }]);
    ask(&mut admin, &mut told, Method::PUT, &path, Some(policy)).await;
    let path = format!("/sites/{SITE}/appointment-slots?line_id={LINE}&date={tomorrow}");
    let slots = ask(&mut connect().await, &mut told, get, &path, None).await;
    let begins = slots["slots"].as_array().expect("slots").iter().map(|slot| slot["starts_at"].as_str().expect("a time").to_owned());
    told.slots.extend(begins);

    program.stop();
    told.off_by = days_in_the_log(&start.data).await;
    told
}

/// By how much each business day in the log differs from the day of its event.
async fn days_in_the_log(data: &Path) -> Vec<i64> {
    let stores = crate::crash::judge::open(data, None).await;
    let mut off_by = Vec::new();
    for event in crate::crash::judge::hall_events(&stores).await {
        let (domain::hall::Fact::DayOpened { date: business } | domain::hall::Fact::TicketIssued { date: business, .. }) = &event.fact
        else {
            continue;
        };
        let epoch = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).expect("a date");
        off_by.push((*business - epoch).num_days() - day(event.at));
    }
    off_by
}

/// The figures' rows agree with the log, asked with the same zone.
fn figures_agree(start: &Start, today: i64) {
    let mut command = Command::new(binary("yichuang"));
    command.arg("recompute-figures").arg("--data").arg(&start.data).envs(start.environment.iter().cloned());
    let output = command.args(["--from", &date(today), "--to", &date(today), "--site", SITE]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_str(said.lines().next().expect("a line")).expect("JSON");
    assert!(found["tickets"].as_u64().is_some_and(|tickets| tickets == 3), "{found}");
}

async fn in_every_zone() -> Option<()> {
    let today = today();
    for zone in ZONES {
        let folder = TempDir::new().expect("a folder");
        let mut start = Start::demo(&folder.path().join("data"));
        start.environment.push(("TZ".to_owned(), zone.to_owned()));
        let told = lived(&start, today).await;
        if self::today() != today {
            return None;
        }
        figures_agree(&start, today);
        let tomorrow = date(today + 1);
        let expected = Told {
            numbers: ["A001", "A002", "A003"].map(str::to_owned).to_vec(),
            states: ["serving", "done"].map(str::to_owned).to_vec(),
            figures: ["tickets_issued 3", "tickets_done 1"].map(str::to_owned).to_vec(),
            slots: [9, 10, 11].map(|hour| format!("{tomorrow}T{hour:02}:00:00.000+08:00")).to_vec(),
            offsets: ["+08:00".to_owned()].into(),
            off_by: vec![0; 4],
        };
        assert_eq!(told, expected, "TZ={zone}");
    }
    Some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_zone_of_the_machine_changes_neither_days_nor_numbers_nor_times() {
    // At midnight the day may change under the test; then once more.
    if in_every_zone().await.is_none() {
        in_every_zone().await.expect("midnight comes once a day");
    }
}
