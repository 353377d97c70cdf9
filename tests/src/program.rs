//! The real `yichuang` as a process: started, ready, asked to end, killed. Knows its command line and
//! the one line it prints, nothing of its inside.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const READY_WAIT: Duration = Duration::from_secs(60);

/// A running `yichuang serve` or `yichuang demo`. Dropping it kills it.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

/// What a start needs.
#[derive(Debug, Clone)]
pub struct Start {
    /// `demo` or `serve`.
    pub command: &'static str,
    /// Data folder.
    pub data: PathBuf,
    /// PostgreSQL's address; SQLite in the data folder without.
    pub database: Option<String>,
    /// Where its log goes; a later start goes on in the same file.
    pub log: PathBuf,
    /// More environment.
    pub environment: Vec<(String, String)>,
}

impl Start {
    /// `yichuang demo` on SQLite in a folder.
    #[must_use]
    pub fn demo(data: &Path) -> Self {
        let log = data.with_extension("log");
        Self { command: "demo", data: data.to_owned(), database: None, log, environment: Vec::new() }
    }

    /// The same on PostgreSQL.
    #[must_use]
    pub fn on(mut self, database: &str) -> Self {
        self.database = Some(database.to_owned());
        self
    }

    /// The command as a process that has not been started.
    ///
    /// # Panics
    /// When the log cannot be written.
    #[must_use]
    pub fn command(&self) -> Command {
        let log = File::options().create(true).append(true).open(&self.log).expect("the log of the program");
        let mut command = Command::new(binary("yichuang"));
        command.arg(self.command).args(["--listen", "127.0.0.1:0", "--data"]).arg(&self.data);
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        command.envs(self.environment.iter().cloned()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        command
    }

    /// Starts it and waits until it says that it is ready.
    ///
    /// # Panics
    /// When it ends or is silent instead; the message shows its log.
    #[must_use]
    pub fn run(&self) -> Program {
        let mut child = self.command().spawn().expect("`yichuang` starts; build it first: cargo build --workspace --bins");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let (sender, line) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(output.lines().next().and_then(Result::ok)));
        let said = line.recv_timeout(READY_WAIT).ok().flatten();
        let ready = said.as_deref().and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let address = ready.as_ref().and_then(|ready| ready["url"].as_str()?.strip_prefix("http://")?.parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("`yichuang` said {said:?} instead of being ready:\n{}", std::fs::read_to_string(&self.log).unwrap_or_default());
        };
        Program { child, address }
    }
}

impl Program {
    /// `kill -9`.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, as systemd does.
    ///
    /// # Panics
    /// When there is no `kill`.
    pub fn terminate(&self) {
        let sent = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().expect("`kill` runs");
        assert!(sent.success(), "SIGTERM was sent");
    }

    /// How it ended; `None` when it has not within this time.
    pub fn ended(&mut self, within: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                _ if begun.elapsed() > within => return None,
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Asks it to end and waits until it did.
    ///
    /// # Panics
    /// When it does not end well within 20 seconds.
    pub fn stop(mut self) {
        self.terminate();
        let status = self.ended(Duration::from_secs(20)).expect("`yichuang` ends when asked");
        assert!(status.success(), "`yichuang` ended with {status}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A program of this workspace, beside the test executable.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("the path of this test");
    let folder = this.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    let path = folder.join(name);
    assert!(path.exists(), "{} is not built: cargo build --workspace --bins", path.display());
    path
}
