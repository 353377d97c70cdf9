//! The machine under a benchmark: how long its disk takes to sync, and who else keeps it busy.
//! Reads Linux's `/proc`; where there is none, nothing is told of load.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// Appends that are timed.
const SYNCS: usize = 1_000;
/// Bytes of one append.
const SYNC_BYTES: usize = 4_096;
/// Ticks of `/proc` a second; the same on every Linux that Rust runs on.
const TICKS_PER_S: f64 = 100.0;

/// The median time of an append of 4 KiB with `fdatasync`, in milliseconds.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn sync_p50_ms(folder: &Path) -> std::io::Result<f64> {
    let path = folder.join("sync-probe");
    let mut file = std::fs::File::create(&path)?;
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let began = Instant::now();
        file.write_all(&[0x5A; SYNC_BYTES])?;
        file.sync_data()?;
        took.push(began.elapsed());
    }
    drop(file);
    std::fs::remove_file(&path)?;
    took.sort_unstable();
    Ok(took.get(SYNCS / 2).copied().unwrap_or_default().as_secs_f64() * 1e3)
}

/// Processor time that a process has used.
pub(super) fn used(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold blanks; user and system time are fields 14 and 15.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let ticks: f64 = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    Some(Duration::from_secs_f64(ticks / TICKS_PER_S))
}

/// Resident memory of a process, in KiB.
pub(super) fn resident_kib(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().trim_end_matches(" kB").parse().ok()
}

/// Ticks of all processors: busy, and in all.
fn ticks() -> Option<(f64, f64)> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let all: Vec<f64> = stat.lines().next()?.split_whitespace().skip(1).take(8).filter_map(|field| field.parse().ok()).collect();
    let idle = all.get(3)? + all.get(4)?;
    let total: f64 = all.iter().sum();
    Some((total - idle, total))
}

/// Watches what the machine does beside the processes under test.
pub(super) struct Watch {
    pids: Vec<u32>,
    began: Option<(f64, f64)>,
    own: Duration,
}

impl Watch {
    /// From now on; `pids` are the processes under test, this one is added.
    pub(super) fn begin(pids: &[u32]) -> Self {
        let mut pids = pids.to_vec();
        pids.push(std::process::id());
        let own = pids.iter().filter_map(|pid| used(*pid)).sum();
        Self { pids, began: ticks(), own }
    }

    /// The share of all processors that others had since then, from 0 to 1.
    pub(super) fn others(&self) -> Option<f64> {
        let ((busy, total), (busy_before, total_before)) = (ticks()?, self.began?);
        let own: Duration = self.pids.iter().filter_map(|pid| used(*pid)).sum();
        let own = own.saturating_sub(self.own).as_secs_f64() * TICKS_PER_S;
        Some(((busy - busy_before - own) / (total - total_before).max(1.0)).clamp(0.0, 1.0))
    }
}
