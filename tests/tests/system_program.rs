//! The program `yichuang` as an operator meets it: a catalogue file in every state, the first
//! administrator, a log that was tampered with, settings, data in use.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use encoding_rs::GB18030;
use serde_json::Value;
use sqlx::Connection as _;
use tempfile::TempDir;
use tests::catalogue_file::{ROWS_LIKE_A_DISTRICT, utf8};
use tests::until::until;

/// The program, built beside this test.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let built = test.parent().and_then(Path::parent).expect("a target folder").join("yichuang");
    assert!(built.exists(), "{} is missing: run `cargo build --workspace --bins` first", built.display());
    built
}

/// An installation of its own.
struct House {
    folder: TempDir,
    database: Option<tests::postgres::Database>,
}

impl House {
    fn empty() -> Self {
        Self { folder: TempDir::new().expect("a folder"), database: None }
    }

    /// With one site and an administrator.
    fn new() -> Self {
        Self::empty().with_admin()
    }

    fn on_postgres() -> Self {
        Self { folder: TempDir::new().expect("a folder"), database: Some(tests::postgres::database()) }.with_admin()
    }

    fn with_admin(self) -> Self {
        let done = self.create_admin("admin", "correct horse");
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        self
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program());
        command.arg(name).arg("--data").arg(self.data());
        if let Some(database) = &self.database {
            command.args(["--database", &database.url]);
        }
        command
    }

    fn create_admin(&self, username: &str, password: &str) -> Output {
        let mut command = self.command("create-admin");
        command.args(["--username", username, "--site", "qu", "--site-name", "测试区政务服务中心", "--site-key", "qu"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
        let mut stdin = child.stdin.take().expect("its input");
        stdin.write_all(format!("{password}\n").as_bytes()).expect("the password");
        drop(stdin);
        child.wait_with_output().expect("its end")
    }

    fn import(&self, bytes: &[u8], flags: &[&str]) -> (i32, Value) {
        let file = self.folder.path().join("catalogue.csv");
        std::fs::write(&file, bytes).expect("a file");
        let output = self.command("import-catalogue").arg(&file).args(["--site", "qu"]).args(flags).output().expect("the program");
        let lines: Vec<&str> = std::str::from_utf8(&output.stdout).expect("text").lines().collect();
        assert_eq!(lines.len(), 1, "one line of JSON: {}", said(&output));
        (output.status.code().expect("a code"), serde_json::from_str(lines[0]).expect("JSON"))
    }

    fn verify(&self, anchor: Option<&Path>) -> (i32, String) {
        let mut command = self.command("verify-log");
        if let Some(anchor) = anchor {
            command.arg("--anchor").arg(anchor);
        }
        let output = command.output().expect("the program");
        (output.status.code().expect("a code"), said(&output))
    }

    /// Changes the database behind the program's back.
    async fn tamper(&self, statement: &str) {
        match &self.database {
            None => {
                let connection = rusqlite::Connection::open(self.data().join("yichuang.db")).expect("the database");
                connection.execute_batch(statement).expect("the statement runs");
            }
            Some(database) => {
                let mut connection = sqlx::PgConnection::connect(&database.url).await.expect("PostgreSQL");
                sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.expect("the statement runs");
            }
        }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn counts(report: &Value) -> [u64; 5] {
    ["rows", "added", "changed", "unchanged", "retired"].map(|name| report[name].as_u64().unwrap_or_else(|| panic!("{name}: {report}")))
}

fn a_catalogue_goes_its_way(house: &House) {
    let good = utf8(ROWS_LIKE_A_DISTRICT);
    let (code, report) = house.import(good.as_bytes(), &["--dry-run"]);
    assert_eq!((code, counts(&report)), (0, [1_135, 1_135, 0, 0, 0]), "a dry run tells");
    let began = std::time::Instant::now();
    let (code, report) = house.import(good.as_bytes(), &[]);
    assert_eq!((code, counts(&report), report["errors"].as_array().map(Vec::len)), (0, [1_135, 1_135, 0, 0, 0], Some(0)));
    assert!(began.elapsed().as_secs() < 30, "in seconds also without optimisation: {:?}", began.elapsed());
    let gbk = GB18030.encode(&good).0;
    let excel = [b"\xEF\xBB\xBF".as_slice(), good.replace('\n', "\r\n").as_bytes()].concat();
    for again in [good.as_bytes(), &gbk, &excel] {
        assert_eq!(
            house.import(again, &["--retire-missing"]),
            (0, house.import(again, &["--dry-run"]).1),
            "a second import changes nothing"
        );
    }
    assert_eq!(counts(&house.import(good.as_bytes(), &[]).1), [1_135, 0, 0, 1_135, 0]);

    let mut lines: Vec<String> = good.lines().map(str::to_owned).collect();
    let changed_name = lines[501].split(',').nth(2).expect("a name").to_owned();
    lines[501] = lines[501].replacen(&changed_name, &format!("{changed_name}（新）"), 1);
    lines.remove(801);
    let changed = lines.join("\n");
    assert_eq!(counts(&house.import(changed.as_bytes(), &[]).1), [1_134, 0, 1, 1_133, 0], "what is absent is left alone");
    assert_eq!(counts(&house.import(changed.as_bytes(), &["--retire-missing"]).1), [1_134, 0, 0, 1_134, 1]);
    assert_eq!(counts(&house.import(good.as_bytes(), &[]).1), [1_135, 0, 2, 1_133, 0], "a retired one comes back as a new version");
    assert_eq!(house.verify(None).0, 0, "{}", house.verify(None).1);
}

#[test]
fn on_sqlite_a_catalogue_goes_its_way() {
    a_catalogue_goes_its_way(&House::new());
}

#[test]
fn on_postgres_a_catalogue_goes_its_way() {
    a_catalogue_goes_its_way(&House::on_postgres());
}

#[test]
fn a_broken_file_changes_nothing_and_says_where() {
    let house = House::new();
    let good = utf8(60);
    let lines: Vec<&str> = good.lines().collect();
    let cells: Vec<String> = lines[11].split(',').map(str::to_owned).collect();
    assert_eq!(cells.len(), 7, "the row to break has no quoted comma");
    let (first, header) = (lines[1].split(',').next_back().expect("cells"), lines[0]);
    assert!(!first.is_empty());
    let code_of_12 = lines[12].split(',').nth(3).expect("a code").to_owned();
    let breakage: [(&str, usize, String); 5] = [
        ("duplicate_code", 3, code_of_12),
        ("unknown_type", 4, "12".to_owned()),
        ("missing_name", 2, String::new()),
        ("name_too_long", 2, "名".repeat(300)),
        ("unclosed_quote", 2, format!("\"{}", cells[2])),
    ];
    for (fault, column, value) in breakage {
        let mut broken = cells.clone();
        broken[column] = value;
        // As the last line: the first of two same codes is the good one.
        let text = format!("{good}{}\n", broken.join(","));
        let text = if fault == "duplicate_code" { text } else { text.replacen(&format!("{}\n", lines[11]), "", 1) };
        let line = text.lines().count();
        let (code, report) = house.import(text.as_bytes(), &[]);
        assert_eq!((code, counts(&report)[1..].iter().sum::<u64>()), (2, 0), "{fault}: {report}");
        let told = &report["errors"][0];
        assert_eq!((told["line"].as_u64(), told["code"].as_str()), (Some(line as u64), Some(fault)), "{report}");
        assert_eq!(told["column"].as_str(), header.split(',').nth(column), "{report}");
        assert!(told["message"].as_str().is_some_and(|message| !message.is_ascii()), "{report}");
        let (code, report) = house.import(text.as_bytes(), &["--skip-bad", "--dry-run"]);
        assert_eq!(code, 0, "{report}");
        assert_eq!(report["errors"].as_array().map(Vec::len), Some(1), "{report}");
        assert!(counts(&report)[1] >= 59, "nothing was imported before: {report}");
    }
    let mut mixed = good.clone().into_bytes();
    mixed.extend(&GB18030.encode(&cells.join(",").replace(&cells[3], "ANOTHER-CODE-0000000000000")).0[..]);
    let (code, report) = house.import(&mixed, &[]);
    assert_eq!((code, report["errors"][0]["code"].as_str(), report["errors"][0]["line"].as_u64()), (2, Some("bad_encoding"), Some(62)));
    assert_eq!(house.import(b"", &[]).0, 2);

    // A row that is skipped does not retire its matter.
    assert_eq!(house.import(good.as_bytes(), &[]).0, 0);
    let mut nameless = cells;
    nameless[2] = String::new();
    let text = good.replacen(lines[11], &nameless.join(","), 1).replacen(&format!("{}\n", lines[20]), "", 1);
    let (code, report) = house.import(text.as_bytes(), &["--skip-bad", "--retire-missing"]);
    assert_eq!((code, counts(&report)), (0, [59, 0, 0, 58, 1]), "{report}");
    // All of it goes out, and brought back it changes nothing.
    for ending in ["xlsx", "zip"] {
        let out = house.folder.path().join(format!("目录.{ending}"));
        let told = house.command("export-catalogue").args(["--site", "qu", "--out"]).arg(&out).output().expect("the program");
        assert_eq!(told.status.code(), Some(0), "{}", said(&told));
        let (code, report) = house.import(&std::fs::read(&out).expect("the file"), &["--retire-missing"]);
        assert_eq!((code, counts(&report)), (0, [60, 0, 0, 60, 0]), "{ending}: {report}");
    }
    let out = house.folder.path().join("目录.csv");
    let other = house.command("export-catalogue").args(["--site", "qu", "--out"]).arg(&out).output().expect("the program");
    assert_eq!((other.status.code(), out.exists()), (Some(2), false), "{}", said(&other));
    let missing = house.command("import-catalogue").args(["no-such-file.csv", "--site", "qu"]).output().expect("the program");
    assert_eq!(missing.status.code(), Some(2), "{}", said(&missing));
    let nowhere = house.command("import-catalogue").arg(house.folder.path().join("catalogue.csv")).args(["--site", "mars"]).output();
    assert_eq!(nowhere.expect("the program").status.code(), Some(1));
}

#[test]
fn the_first_administrator_is_made_once_and_with_a_real_password() {
    let house = House::empty();
    for (username, password) in [("admin", "short"), ("ad min", "long enough password"), ("", "long enough password")] {
        let refused = house.create_admin(username, password);
        assert_eq!(refused.status.code(), Some(2), "{username}: {}", said(&refused));
    }
    assert_eq!(house.create_admin("admin", "long enough password").status.code(), Some(0));
    assert_eq!(house.create_admin("admin", "long enough password").status.code(), Some(2), "the name is taken");
    assert_eq!(house.create_admin("admin2", "long enough password").status.code(), Some(0));
    let mut connection = rusqlite::Connection::open(house.data().join("yichuang.db")).expect("the database");
    let transaction = connection.transaction().expect("a transaction");
    let count = |sql: &str| transaction.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count");
    assert_eq!(count("SELECT COUNT(*) FROM staff WHERE password_hash LIKE '$argon2id$%' AND roles = '[\"admin\"]'"), 2);
    assert_eq!((count("SELECT COUNT(*) FROM sites"), count("SELECT COUNT(*) FROM calendar_years")), (1, 3));
}

async fn tampering_is_named(house: &House) {
    assert_eq!(house.import(utf8(40).as_bytes(), &[]).0, 0);
    let (code, text) = house.verify(None);
    assert_eq!(code, 0, "{text}");
    let anchor = house.folder.path().join("anchor.json");
    let anchored = house.command("anchor").arg("--out").arg(&anchor).output().expect("the program");
    assert_eq!(anchored.status.code(), Some(0), "{}", said(&anchored));
    assert_eq!(house.import(utf8(41).as_bytes(), &[]).0, 0, "the log goes on after the anchor");
    assert_eq!(house.verify(Some(&anchor)).0, 0);

    let swap = |a: i64, b: i64| {
        format!(
            "UPDATE events SET seq = -1 WHERE seq = {a}; UPDATE events SET seq = {a} WHERE seq = {b}; UPDATE events SET seq = {b} WHERE seq = -1;"
        )
    };
    // Each is undone by the second statement, so the next begins with a sound log.
    let cases = [
        (
            "UPDATE events SET actor = actor || 'x' WHERE seq = 5".to_owned(),
            "UPDATE events SET actor = substr(actor, 1, length(actor) - 1) WHERE seq = 5".to_owned(),
            "第 5 条被改动",
        ),
        (
            "UPDATE events SET seq = seq + 100000 WHERE seq = 7".to_owned(),
            "UPDATE events SET seq = 7 WHERE seq = 100007".to_owned(),
            "缺第 7 条",
        ),
        (swap(9, 10), swap(9, 10), "第 9 条被改动或调换"),
    ];
    for (does, undoes, named) in cases {
        house.tamper(&does).await;
        let (code, text) = house.verify(None);
        assert!(code == 1 && text.contains(named), "{named}: {text}");
        house.tamper(&undoes).await;
        assert_eq!(house.verify(Some(&anchor)).0, 0, "{}", house.verify(Some(&anchor)).1);
    }
    // A cut tail alone is told by the head; with the head moved back, only the anchor tells.
    house.tamper("CREATE TABLE kept AS SELECT * FROM events WHERE seq > 30; DELETE FROM events WHERE seq > 30;").await;
    let (code, text) = house.verify(None);
    assert!(code == 1 && text.contains("日志末尾与登记的"), "{text}");
    house.tamper("UPDATE site_log SET seq = 30, head_hash = (SELECT hash FROM events WHERE seq = 30)").await;
    assert_eq!(house.verify(None).0, 0, "without an anchor nobody can tell");
    let (code, text) = house.verify(Some(&anchor));
    assert!(code == 1 && text.contains("与锚点"), "{text}");
    house.tamper("DELETE FROM events; DELETE FROM site_log;").await;
    assert_eq!(house.verify(Some(&anchor)).0, 1, "nor does an empty log pass");
}

#[tokio::test]
async fn on_sqlite_tampering_is_named() {
    tampering_is_named(&House::new()).await;
}

#[tokio::test]
async fn on_postgres_tampering_is_named() {
    tampering_is_named(&House::on_postgres()).await;
}

#[test]
fn data_in_use_is_said_so_and_reading_commands_work_beside_it() {
    let house = House::new();
    let lock = std::fs::File::open(house.data().join("data.lock")).expect("the lock");
    lock.lock().expect("held by this test");
    assert_eq!(house.create_admin("other", "long enough password").status.code(), Some(3));
    for name in ["serve", "demo", "migrate"] {
        let refused = house.command(name).output().expect("the program");
        assert_eq!(refused.status.code(), Some(3), "{name}: {}", said(&refused));
        assert!(said(&refused).contains("正在被另一个一窗使用"), "{name}: {}", said(&refused));
    }
    let file = house.folder.path().join("catalogue.csv");
    std::fs::write(&file, utf8(3)).expect("a file");
    let refused = house.command("import-catalogue").arg(&file).args(["--site", "qu"]).output().expect("the program");
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    assert_eq!(house.verify(None).0, 0);
    let config = house.command("config").output().expect("the program");
    assert_eq!(config.status.code(), Some(0), "{}", said(&config));
}

#[test]
fn config_tells_each_setting_with_its_source_and_no_secret() {
    let house = House::empty();
    let file = house.folder.path().join("yichuang.toml");
    std::fs::write(&file, "mail_from = \"hall@example.cn\"\nsms_token = \"t0p-secret\"\nlisten = \"127.0.0.1:9\"\n").expect("a file");
    let output = house
        .command("config")
        .arg("--config")
        .arg(&file)
        .args(["--listen", "127.0.0.1:7"])
        .env("YICHUANG_SMTP_URL", "smtps://me:pa55@mail.example.cn")
        .output()
        .expect("the program");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for wanted in [
        "listen = 127.0.0.1:7\t# 监听地址；来自命令行",
        "mail_from = hall@example.cn\t# 发件人；来自文件",
        "smtp_url = smtps://me:******@mail.example.cn\t# 邮件服务器；来自环境变量 YICHUANG_SMTP_URL",
        "sms_token = ******",
        "database = （空）",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in:\n{text}{}", said(&output));
    }
    assert!(!text.contains("t0p-secret") && !text.contains("pa55"), "{text}");
    std::fs::write(&file, "lisetn = \"127.0.0.1:9\"\n").expect("a file");
    let refused = house.command("config").arg("--config").arg(&file).output().expect("the program");
    assert!(refused.status.code() == Some(2) && said(&refused).contains("lisetn"), "{}", said(&refused));
}

/// A running demo; whatever happens, it ends with the test.
struct Running {
    child: std::process::Child,
    url: String,
}

impl Running {
    fn start(house: &House) -> Self {
        let mut command = house.command("demo");
        command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("the line of readiness");
        let ready: Value = serde_json::from_str(&line).expect("one line of JSON");
        assert_eq!(ready["ready"], true);
        Self { child, url: ready["url"].as_str().expect("an address").to_owned() }
    }

    async fn get(&self, path: &str) -> String {
        self.ask("GET", path, &[], "").await
    }

    /// Waits until the metrics tell `figure`.
    async fn shows_figure(&self, figure: &str) {
        until(std::time::Duration::from_secs(10), async || {
            let metrics = self.get("/metrics").await;
            if metrics.contains(figure) { Ok(()) } else { Err(format!("{figure} is not in:\n{metrics}")) }
        })
        .await;
    }

    async fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let host = self.url.trim_start_matches("http://");
        let mut stream = tokio::net::TcpStream::connect(host).await.expect("the server");
        let length = format!("Content-Length: {}", body.len());
        let lines = ["Connection: close", &length].into_iter().chain(headers.iter().copied()).collect::<Vec<_>>().join("\r\n");
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_running_demo_is_watched_from_beside_and_ends_in_order() {
    use futures_util::StreamExt as _;
    use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
    let house = House::empty();
    let mut running = Running::start(&house);
    let second = house.command("demo").args(["--listen", "127.0.0.1:0"]).output().expect("the program");
    assert!(second.status.code() == Some(3) && said(&second).contains("正在被另一个一窗使用"), "{}", said(&second));
    assert_eq!(house.verify(None).0, 0, "{}", house.verify(None).1);
    assert_eq!(house.command("config").output().expect("the program").status.code(), Some(0));

    let mut request = format!("{}/api/v1/sites/demo-center/feed?view=board", running.url.replace("http://", "ws://"))
        .into_client_request()
        .expect("a request");
    request.headers_mut().insert("authorization", "Bearer demo-display".parse().expect("a header"));
    let (mut feed, _) = tokio_tungstenite::connect_async(request).await.expect("the feed opens");
    let first = feed.next().await.expect("a frame").expect("a frame").into_text().expect("text");
    assert!(first.contains("snapshot"), "{first}");

    // Asked for at any hour of the day: a number, or the refusal of a hall that is closed.
    let headers = ["Authorization: Bearer demo-kiosk", "Content-Type: application/json", "Idempotency-Key: watched-1"];
    let answer = running.ask("POST", "/api/v1/sites/demo-center/tickets", &headers, r#"{"line_id":"l_dc_demo-line"}"#).await;
    assert!(answer.starts_with("HTTP/1.1 201") || answer.starts_with("HTTP/1.1 409"), "{answer}");
    // What is owed is counted by a timer: its first figures may come after the first request.
    for figure in [
        "yichuang_http_requests_total",
        "yichuang_commits_total",
        "yichuang_events_total",
        "yichuang_commit_seconds_bucket",
        "yichuang_hall_group_size_bucket",
        "yichuang_outbox_rows{kind=\"notify\",state=\"ready\"} 0",
        "yichuang_feed_clients{view=\"board\"} 1",
    ] {
        running.shows_figure(figure).await;
    }
    assert!(running.get("/readyz").await.contains("200 OK"));
    let anchors: Vec<_> = std::fs::read_dir(house.data().join("anchors")).expect("the anchors").collect();
    assert_eq!(anchors.len(), 1, "the day's anchor lies there");

    a_day_is_played_again(&house);

    // It heard nothing for longer than a ping and its answers to those come late: it is told of the end nevertheless.
    tokio::time::sleep(std::time::Duration::from_millis(5_500)).await;
    let asked = Command::new("kill").args(["-TERM", &running.child.id().to_string()]).status().expect("kill");
    assert!(asked.success());
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let closing = tokio::time::timeout(std::time::Duration::from_secs(5), async {
        while let Some(Ok(message)) = feed.next().await {
            if message.is_close() {
                return true;
            }
        }
        false
    });
    assert!(closing.await.expect("the feed ends in time"), "the feed is closed, not cut");
    drop(feed);
    let began = std::time::Instant::now();
    let ended = loop {
        if let Some(ended) = running.child.try_wait().expect("its end") {
            break ended;
        }
        assert!(began.elapsed().as_secs() < 15, "it does not end");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(ended.code(), Some(0));
    assert_eq!(house.verify(None).0, 0);
    drop(Running::start(&house));
}

/// Beside the running program, whatever the hour: today's day is open, perhaps without anybody in it.
fn a_day_is_played_again(house: &House) {
    let today = domain::time::local_date(i64::try_from(now_ms()).expect("a time")).to_string();
    let replay = |day: &str, settings: &str, more: &[&str]| {
        let file = house.folder.path().join("settings.json");
        std::fs::write(&file, settings).expect("a file");
        let output = house.command("replay").args(["--site", "demo-center", "--day", day, "--policy"]).arg(file).args(more).output();
        let output = output.expect("the program");
        (output.status.code(), said(&output))
    };
    let (code, text) = replay(&today, r#"{"green_bound": 2, "serving": {"park_reminder_ms": 60000}}"#, &[]);
    assert_eq!(code, Some(0), "{text}");
    for part in
        ["green_bound：3 → 2", "serving.park_reminder_ms：600000 → 60000", "照新的设置重放", "没取到号的：照当天的设置 0，照新的设置 0"]
    {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    let (code, json) = replay(&today, "{}", &["--json"]);
    let json: Value = serde_json::from_str(json.lines().next().expect("a line")).expect("JSON");
    let everybody = &json["classes"][0];
    assert_eq!((code, &json["changed"], &everybody["own"]), (Some(0), &serde_json::json!([]), &everybody["other"]));
    for (day, settings, told) in [
        ("2020-01-01", "{}", "没有 2020-01-01 这一天"),
        (&today, r#"{"green_bound": 0, "over_limit_ms": -1}"#, "policy.over_limit_ms"),
        (&today, r#"{"green_bond": 2}"#, "green_bond"),
        (&today, "[]", "要是一个"),
        (&today, "{", "settings.json"),
    ] {
        let (code, text) = replay(day, settings, &[]);
        assert!(code == Some(2) && text.contains(told), "{settings}: {text}");
    }
}

fn now_ms() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis()
}

#[test]
fn the_benchmark_measures_every_load() {
    let output = House::empty()
        .command("bench")
        .args(["--section", "issue,calls", "--seconds", "0", "--rounds", "1"])
        .output()
        .expect("the program");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in [
        "synchronous=FULL",
        "取号 1 个同时",
        "叫号 16 个同时",
        "叫号 64 个同时",
        "取号 256 个同时",
        "目标 ≥ 0.30",
        "机器上别的负载",
        "\"bench\":[",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}
