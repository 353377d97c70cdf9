//! A program under test: started with a line of JSON that tells its address, ended by the end of its input.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::cli::{Failed, failed};

/// How long a program gets to end, in seconds.
const ENDING_S_MAX: u64 = 20;

/// A program under test.
pub(super) struct Running {
    child: Child,
    /// Where it answers.
    pub(super) url: String,
    /// Its process.
    pub(super) pid: u32,
    /// How long it took until it said so, in milliseconds.
    pub(super) start_ms: f64,
}

impl Running {
    /// Starts a program and waits until it says where it answers.
    pub(super) async fn start(command: &mut Command) -> Result<Self, Failed> {
        let began = Instant::now();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().map_err(failed)?;
        let stdout = child.stdout.take().ok_or_else(|| failed("no output"))?;
        let line = BufReader::new(stdout).lines().next_line().await.map_err(failed)?;
        let ready: Value = line.and_then(|line| serde_json::from_str(&line).ok()).ok_or_else(|| failed("被测的程序没有启动"))?;
        let url = ready["url"].as_str().ok_or_else(|| failed("被测的程序没有说地址"))?.to_owned();
        let pid = child.id().ok_or_else(|| failed("被测的程序已经结束"))?;
        Ok(Self { child, url, pid, start_ms: began.elapsed().as_secs_f64() * 1e3 })
    }

    /// Ends it.
    pub(super) async fn end(mut self) {
        drop(self.child.stdin.take());
        // One that does not end by itself is ended by the drop.
        let _ = tokio::time::timeout(Duration::from_secs(ENDING_S_MAX), self.child.wait()).await;
    }
}
