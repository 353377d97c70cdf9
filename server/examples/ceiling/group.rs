//! The ceiling: one thread writes with rusqlite, all that wait in one transaction.

use std::path::Path;
use std::sync::mpsc;

use rusqlite::{Connection, params_from_iter};
use tokio::sync::oneshot;

use super::Fault;
use super::rows::{Kind, fresh, insert, prepared, replaces, value};

/// Commands committed together at most, as the service does.
const GROUP_MAX: usize = 64;

struct Job {
    kind: usize,
    reply: oneshot::Sender<String>,
}

pub(super) struct Desk(mpsc::Sender<Job>);

impl Desk {
    pub(super) fn start(template: &Path, own: &Path) -> Result<Self, Fault> {
        let (connection, kinds) = prepared(template, own)?;
        let (sender, jobs) = mpsc::channel();
        std::thread::spawn(move || {
            if let Err(error) = write(connection, &kinds, &jobs) {
                eprintln!("{error}");
                std::process::exit(1);
            }
        });
        Ok(Self(sender))
    }

    pub(super) async fn run(&self, kind: usize) -> Result<String, Fault> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Job { kind, reply }).map_err(|_| "the writer ended")?;
        Ok(answer.await?)
    }
}

fn write(mut connection: Connection, kinds: &[Kind], jobs: &mpsc::Receiver<Job>) -> Result<(), Fault> {
    let mut serial = 0_u64;
    while let Ok(first) = jobs.recv() {
        let group: Vec<Job> = std::iter::once(first).chain(jobs.try_iter().take(GROUP_MAX - 1)).collect();
        let transaction = connection.transaction()?;
        for job in &group {
            serial += 1;
            for (table, cells) in &kinds[job.kind].rows {
                let cells = fresh(table, cells, job.kind, serial);
                let sql = insert(table, cells.len(), replaces(table, job.kind));
                transaction.prepare_cached(&sql)?.execute(params_from_iter(cells.iter().map(value)))?;
            }
        }
        transaction.prepare_cached("UPDATE halls SET version = version + 1, doc = doc")?.execute([])?;
        transaction.prepare_cached("UPDATE site_log SET seq = seq + ?1")?.execute([i64::try_from(group.len()).unwrap_or(i64::MAX)])?;
        transaction.commit()?;
        for job in group {
            // A caller that went away needs no answer.
            let _ = job.reply.send(kinds[job.kind].answer.clone());
        }
    }
    Ok(())
}
