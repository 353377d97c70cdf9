//! A private PostgreSQL for tests: a cluster of Debian's `postgresql` in a temporary folder, reached by a
//! unix socket, one fresh database per test. Knows no schema and no store.
//!
//! Each test process has its own cluster, started at first use in about 0.2 s: `initdb` runs once per build
//! folder and PostgreSQL version, its result is copied. A watchdog process holds the other end of a pipe; when the
//! test process ends, however it ends, the pipe closes and the watchdog stops the cluster and removes its
//! folder. PostgreSQL that is not installed is a failure, never a skip.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const INSTALLED_AT: &str = "/usr/lib/postgresql";
const START_WAIT: Duration = Duration::from_secs(30);
const STOP_WAIT: Duration = Duration::from_secs(20);
const MAINTENANCE_DATABASE: &str = "postgres";
const SUPERUSER: &str = "postgres";

/// How much of PostgreSQL's care for its files a cluster keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// `fsync=off`: for every test that does not judge power loss.
    Off,
    /// PostgreSQL's own defaults: for tests that kill the cluster itself.
    Full,
}

/// A running cluster. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub struct Cluster {
    watchdog: Child,
    folder: PathBuf,
    programs: PathBuf,
    next_database: AtomicU32,
}

/// One fresh, empty database of a cluster.
#[derive(Debug, Clone)]
pub struct Database {
    /// The address as sqlx and `yichuang --database` take it.
    pub url: String,
    /// The database's name inside its cluster.
    pub name: String,
}

/// A fresh, empty database on the cluster of this test process.
#[must_use]
pub fn database() -> Database {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(Durability::Off)).create_database()
}

impl Cluster {
    /// Starts a private cluster and waits until it answers.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start; the message says which and shows its log.
    #[must_use]
    pub fn start(durability: Durability) -> Self {
        let programs = programs();
        let template = template(&programs);
        let folder = private_folder();
        let data = folder.join("data");
        run(Command::new("cp").arg("-a").arg(&template).arg(&data));
        hand_to_postgres(&folder);
        let log = File::create(folder.join("postgres.log")).expect("the log of the private PostgreSQL");
        let watchdog = Command::new("setsid")
            .args(["sh", "-c", WATCHDOG, "watchdog"])
            .arg(&folder)
            .args(server_command(&programs, &data, &folder, durability))
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a second handle of the log"))
            .stderr(log)
            .spawn()
            .expect("`setsid` and `sh` start the private PostgreSQL");
        let mut cluster = Self { watchdog, folder, programs, next_database: AtomicU32::new(1) };
        cluster.wait_until_ready();
        cluster
    }

    /// Makes an empty database with a name of its own.
    ///
    /// # Panics
    /// When the cluster refuses; the message shows why.
    #[must_use]
    pub fn create_database(&self) -> Database {
        let name = format!("test_{}", self.next_database.fetch_add(1, Ordering::Relaxed));
        self.sql(MAINTENANCE_DATABASE, &format!("CREATE DATABASE {name}"));
        Database { url: format!("postgres://{SUPERUSER}@localhost/{name}?host={}", self.folder.display()), name }
    }

    /// Runs one statement with `psql` and gives its output, unaligned and without headings.
    ///
    /// # Panics
    /// When the statement fails; the message shows the answer of PostgreSQL.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        run(self.psql(database).args(["-c", statement]))
    }

    fn psql(&self, database: &str) -> Command {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER, "-d", database, "-h"]).arg(&self.folder);
        command
    }

    fn wait_until_ready(&mut self) {
        let begun = Instant::now();
        loop {
            let ready = self.psql(MAINTENANCE_DATABASE).args(["-c", "SELECT 1"]).output().expect("psql runs");
            if ready.status.success() {
                return;
            }
            let ended = self.watchdog.try_wait().expect("the state of the private PostgreSQL");
            if ended.is_some() || begun.elapsed() > START_WAIT {
                let log = std::fs::read_to_string(self.folder.join("postgres.log")).unwrap_or_default();
                panic!("the private PostgreSQL in {} did not start:\n{log}", self.folder.display());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let begun = Instant::now();
        while begun.elapsed() < STOP_WAIT {
            if !matches!(self.watchdog.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// `$1` is the folder, the rest the server's command. `cat` ends when the test process does. SIGQUIT is
/// PostgreSQL's immediate shutdown: nothing of the data is wanted any more. When the server dies by itself,
/// `cat` is stopped so that nobody waits for it.
const WATCHDOG: &str = r#"
folder=$1; shift
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ cat <&3 >/dev/null; kill -QUIT "$server"; } 2>/dev/null &
pipe=$!
wait "$server"; status=$?
kill "$pipe" 2>/dev/null
rm -rf "$folder"
exit "$status"
"#;

fn server_command(programs: &Path, data: &Path, socket_folder: &Path, durability: Durability) -> Vec<String> {
    let mut words = as_postgres();
    words.push(programs.join("postgres").display().to_string());
    words.extend(["-D".to_owned(), data.display().to_string(), "-k".to_owned(), socket_folder.display().to_string()]);
    let mut set = |setting: &str| words.extend(["-c".to_owned(), setting.to_owned()]);
    set("listen_addresses=");
    set("max_connections=200");
    set("shared_buffers=32MB");
    set("timezone=UTC");
    if durability == Durability::Off {
        set("fsync=off");
        set("synchronous_commit=off");
        set("full_page_writes=off");
    }
    words
}

/// PostgreSQL refuses to run as root, so root runs it as Debian's user `postgres`; anybody else as himself.
fn as_postgres() -> Vec<String> {
    if is_root() {
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"].map(str::to_owned).to_vec()
    } else {
        Vec::new()
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").expect("/proc is mounted").uid() == 0
}

fn hand_to_postgres(folder: &Path) {
    if is_root() {
        run(Command::new("chown").args(["-R", "postgres:postgres"]).arg(folder));
    }
}

/// The newest installed version's programs.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir(INSTALLED_AT).map(|entries| entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>());
    versions
        .unwrap_or_default()
        .into_iter()
        .filter(|version| version.join("bin/initdb").exists() && version.join("bin/psql").exists())
        .max_by_key(|version| version.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()))
        .map(|version| version.join("bin"))
        .unwrap_or_else(|| {
            panic!(
                "these tests need PostgreSQL, and there is none under {INSTALLED_AT}: run `make setup` (Debian: apt-get install postgresql)"
            )
        })
}

/// A temporary folder that `postgres` may enter. Its path stays short: a socket's path has at most 107 bytes.
fn private_folder() -> PathBuf {
    tempfile::Builder::new().prefix("yichuang-pg-").tempdir().expect("a temporary folder").keep()
}

/// The data folder fresh from `initdb`, made once per build folder and version under a lock.
fn template(programs: &Path) -> PathBuf {
    let build_folder = std::env::current_exe().expect("the path of this test");
    let build_folder = build_folder.parent().expect("the folder of this test");
    let version = programs.parent().and_then(Path::file_name).expect("…/<version>/bin").to_string_lossy();
    let template = build_folder.join(format!("postgres-{version}-template"));
    let lock = File::create(build_folder.join("postgres-template.lock")).expect("a lock file in the build folder");
    lock.lock().expect("the lock on the template");
    if !template.exists() {
        let folder = private_folder();
        hand_to_postgres(&folder);
        let words = as_postgres();
        let initdb = programs.join("initdb").display().to_string();
        let mut words = words.iter().map(String::as_str).chain([initdb.as_str()]);
        let mut command = Command::new(words.next().expect("at least initdb itself"));
        command.args(words).arg("-D").arg(folder.join("data"));
        run(command.args(["-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--locale=C", "--no-sync"]));
        let unfinished = template.with_extension("unfinished");
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished).expect("the rest of an interrupted copy goes");
        }
        run(Command::new("cp").arg("-a").arg(folder.join("data")).arg(&unfinished));
        std::fs::rename(&unfinished, &template).expect("the template gets its name");
        std::fs::remove_dir_all(&folder).expect("the folder of initdb goes");
    }
    template
}

fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?} did not start: {error}"));
    assert!(output.status.success(), "{command:?} failed with {}:\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_is_empty_and_alone_and_the_cluster_leaves_nothing_behind() {
        let cluster = Cluster::start(Durability::Full);
        let (first, second) = (cluster.create_database(), cluster.create_database());
        cluster.sql(&first.name, "CREATE TABLE 号票 (number TEXT)");
        cluster.sql(&first.name, "INSERT INTO 号票 VALUES ('A001')");
        assert_eq!(cluster.sql(&first.name, "SELECT number FROM 号票"), "A001");
        assert_eq!(cluster.sql(&second.name, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
        assert_eq!(cluster.sql(&first.name, "SHOW fsync"), "on");
        let folder = cluster.folder.clone();
        drop(cluster);
        assert!(!folder.exists(), "{} is still there", folder.display());
    }

    #[tokio::test]
    async fn sqlx_reaches_the_shared_cluster_by_the_url() {
        use sqlx::Connection as _;
        let database = tokio::task::spawn_blocking(database).await.unwrap();
        let mut connection = sqlx::PgConnection::connect(&database.url).await.unwrap();
        let (name, fsync): (String, String) =
            sqlx::query_as("SELECT current_database()::text, current_setting('fsync')").fetch_one(&mut connection).await.unwrap();
        assert_eq!((name, fsync), (database.name, "off".to_owned()));
    }

    #[test]
    fn the_cluster_goes_when_its_process_is_killed() {
        let mut cluster = Cluster::start(Durability::Off);
        let folder = cluster.folder.clone();
        // What the kernel does when the test process is killed: the pipe's only writer is gone.
        drop(cluster.watchdog.stdin.take());
        let begun = Instant::now();
        while folder.exists() && begun.elapsed() < STOP_WAIT {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!folder.exists(), "the watchdog did not stop {}", folder.display());
    }
}
