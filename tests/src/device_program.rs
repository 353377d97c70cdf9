//! The real kiosk, display and printer as processes. Knows their command lines and the one line they print.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::program::binary;

const READY_WAIT: Duration = Duration::from_secs(60);

/// A running device; dropping it kills it.
#[derive(Debug)]
pub struct DeviceProgram {
    child: Child,
    /// Address of its page; empty for the printer.
    pub url: String,
}

impl DeviceProgram {
    /// Starts `yichuang-<name>` against a server with the demo's token, its data below a folder, and waits until it
    /// is ready.
    ///
    /// # Panics
    /// When it ends or is silent instead.
    #[must_use]
    pub fn start(name: &str, server: &str, folder: &Path, more: &[&str]) -> Self {
        Self::run(name, name, server, folder, &["--token", &format!("demo-{name}")], more)
    }

    /// The same for one more device of its kind, paired by a code; its data lies below the folder under `called`.
    ///
    /// # Panics
    /// When it ends or is silent instead.
    #[must_use]
    pub fn paired(name: &str, called: &str, server: &str, folder: &Path, code: &str, more: &[&str]) -> Self {
        Self::run(name, called, server, folder, &["--pairing-code", code], more)
    }

    fn run(name: &str, called: &str, server: &str, folder: &Path, pairing: &[&str], more: &[&str]) -> Self {
        let log = File::create(folder.join(format!("{called}.log"))).expect("the log of the device");
        let mut child = Command::new(binary(&format!("yichuang-{name}")))
            .args(["--server", server, "--data"])
            .arg(folder.join(called))
            .args(pairing)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the device starts; build it first: cargo build --workspace --bins");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let (sender, line) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(output.lines().next().and_then(Result::ok)));
        let said = line.recv_timeout(READY_WAIT).ok().flatten().unwrap_or_default();
        let ready: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("yichuang-{name} said {said:?} instead of being ready")
        });
        Self { child, url: ready["url"].as_str().unwrap_or_default().to_owned() }
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for DeviceProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
