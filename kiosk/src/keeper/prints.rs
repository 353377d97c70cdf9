//! The slips of the numbers that a keeper gave: each lies in the journal until it is on paper, and is for one printer at a
//! time.

use edge::spool::SpoolError;
use protocol::slip::{PrinterStatus, Slip};
use rusqlite::params;

use super::journal::{Journal, sealed};
use super::{Inner, Keeper};

/// Slips that a printer has ahead; what waits beyond it can go to another one.
const AHEAD_MAX: u32 = 8;

/// A slip that is to be printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Print {
    /// The job.
    pub job_id: String,
    /// The ticket.
    pub ticket_id: String,
    /// What to print.
    pub slip: Slip,
    /// The printer that it is for.
    pub device_id: Option<String>,
}

pub(super) fn slip_place(job_id: &str) -> String {
    format!("prints.slip.{job_id}")
}

impl Journal {
    /// Slips for a printer, oldest first: those that are for it, and with `takes_more` those that are nobody's, which become
    /// its own up to `AHEAD_MAX`.
    ///
    /// # Errors
    /// The database refused, or a slip is unreadable.
    pub fn prints_for(&self, device_id: &str, takes_more: bool) -> Result<Vec<Print>, SpoolError> {
        if takes_more {
            self.db.execute(
                "UPDATE prints SET device_id = ?1 WHERE job_id IN (
                    SELECT job_id FROM prints WHERE device_id IS NULL AND state = 'waiting' ORDER BY rowid
                    LIMIT max(0, ?2 - (SELECT COUNT(*) FROM prints WHERE device_id = ?1 AND state = 'waiting')))",
                params![device_id, AHEAD_MAX],
            )?;
        }
        self.prints(
            "SELECT job_id, ticket_id, slip, device_id FROM prints WHERE state = 'waiting' AND device_id = ?1 ORDER BY rowid",
            device_id,
        )
    }

    /// Slips that no printer told the end of.
    ///
    /// # Errors
    /// The database refused, or a slip is unreadable.
    pub fn unprinted(&self) -> Result<Vec<Print>, SpoolError> {
        self.prints("SELECT job_id, ticket_id, slip, device_id FROM prints WHERE state = 'waiting' AND ?1 = ?1 ORDER BY rowid", "")
    }

    fn prints(&self, sql: &str, device_id: &str) -> Result<Vec<Print>, SpoolError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement
            .query_map([device_id], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        let print = |(job_id, ticket_id, slip, device_id): (String, String, String, Option<String>)| {
            let slip = self.seal.unseal(&slip_place(&job_id), slip)?;
            Ok(Print { job_id, ticket_id, slip: serde_json::from_str(&slip)?, device_id })
        };
        rows.into_iter().map(print).collect()
    }

    /// A printer has a slip and prints it, whatever becomes of the line to it.
    ///
    /// # Errors
    /// The database refused.
    pub fn received(&self, job_id: &str) -> Result<(), SpoolError> {
        self.db.execute("UPDATE prints SET received = 1 WHERE job_id = ?1", [job_id])?;
        Ok(())
    }

    /// What a printer that is gone did not say that it has becomes anybody's again, marked 补打: it may be on paper.
    ///
    /// # Errors
    /// The database refused, or a slip is unreadable.
    pub fn give_back_prints(&self, device_id: &str) -> Result<(), SpoolError> {
        let lost = self.prints(
            "SELECT job_id, ticket_id, slip, device_id FROM prints WHERE state = 'waiting' AND received = 0 AND device_id = ?1",
            device_id,
        )?;
        for Print { job_id, slip, .. } in lost {
            let slip = sealed(&self.seal, &slip_place(&job_id), &slip.marked_reprint())?;
            self.db.execute("UPDATE prints SET device_id = NULL, slip = ?2 WHERE job_id = ?1", params![job_id, slip])?;
        }
        Ok(())
    }

    /// A slip is on paper.
    ///
    /// # Errors
    /// The database refused.
    pub fn printed(&self, job_id: &str) -> Result<(), SpoolError> {
        self.db.execute("UPDATE prints SET state = 'printed' WHERE job_id = ?1", [job_id])?;
        Ok(())
    }

    /// Nobody waits for the slips of a day that is over.
    ///
    /// # Errors
    /// The database refused.
    pub fn forget_prints(&self) -> Result<(), SpoolError> {
        self.db.execute("DELETE FROM prints", [])?;
        Ok(())
    }
}

impl Inner {
    /// Whether a printer takes slips that are nobody's yet: one that cannot print leaves them to one that can.
    fn takes_more(&self, device_id: &str) -> bool {
        let works = |status: &PrinterStatus| status.obstacle().is_none();
        let is_working = self.printers.get(device_id).is_some_and(works);
        let another_works = self.printers.iter().any(|(other, status)| other != device_id && works(status));
        is_working || !another_works
    }
}

impl Keeper {
    /// What a printer that is connected here is to print.
    pub(super) fn prints_for(&self, device_id: &str) -> Vec<Print> {
        let inner = self.inner();
        let prints = inner.journal.prints_for(device_id, inner.takes_more(device_id));
        prints.inspect_err(|error| tracing::error!(%error, "slips cannot be read")).unwrap_or_default()
    }

    /// How a printer is, for whoever takes a number; `None` when it is gone.
    pub(super) fn note_printer(&self, device_id: &str, told: Option<PrinterStatus>) {
        let mut inner = self.inner();
        if told.is_none()
            && let Err(error) = inner.journal.give_back_prints(device_id)
        {
            tracing::error!(%error, "the slips of a printer that is gone could not be given to another");
        }
        inner.printers.insert(device_id.to_owned(), told.unwrap_or(PrinterStatus::UNREACHABLE));
        self.changed(&mut inner);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test without its journal has failed")]
    use edge::seal::Seal;
    use protocol::slip::TicketSlip;

    use super::*;

    fn print(number: usize) -> Print {
        let slip = serde_json::from_value::<TicketSlip>(serde_json::json!({
            "hall_name": "大厅", "line_name": "综合", "number": format!("AK{number:03}"), "ahead": 0, "estimated_wait_s": 0,
            "windows": [1], "tracking_url": "http://x/t/y", "short_code": "1234", "missed_rule": "三号", "issued_at_ms": 0,
            "valid_text": "当天有效", "reprint": false,
        }));
        let slip = Slip::Ticket(slip.unwrap());
        Print { job_id: format!("kp-{number}"), ticket_id: format!("t_{number}"), slip, device_id: None }
    }

    fn jobs(prints: &[Print]) -> Vec<&str> {
        prints.iter().map(|print| print.job_id.as_str()).collect()
    }

    #[test]
    fn a_printer_takes_a_few_ahead_and_what_a_gone_one_never_had_goes_to_another_marked() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path(), Seal::in_folder(folder.path()).unwrap()).unwrap();
        for number in 1..=10 {
            journal.append("entry", Some(&print(number))).unwrap();
        }
        assert!(journal.prints_for("empty", false).unwrap().is_empty(), "one without paper leaves them");
        assert_eq!(journal.prints_for("first", true).unwrap().len(), 8);
        assert_eq!(jobs(&journal.prints_for("second", true).unwrap()), ["kp-9", "kp-10"]);
        journal.received("kp-1").unwrap();
        journal.printed("kp-2").unwrap();
        journal.give_back_prints("first").unwrap();
        assert_eq!(jobs(&journal.prints_for("first", false).unwrap()), ["kp-1"], "what it has it prints");
        let taken = journal.prints_for("second", true).unwrap();
        assert_eq!(jobs(&taken), ["kp-3", "kp-4", "kp-5", "kp-6", "kp-7", "kp-8", "kp-9", "kp-10"]);
        let marked = |print: &Print| matches!(&print.slip, Slip::Ticket(ticket) if ticket.reprint);
        assert!(taken[..6].iter().all(marked) && !taken[6..].iter().any(marked), "it may be on paper there");
    }

    #[test]
    fn what_is_printed_goes_with_the_next_hall() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path(), Seal::in_folder(folder.path()).unwrap()).unwrap();
        for number in 1..=2 {
            journal.append("entry", Some(&print(number))).unwrap();
        }
        journal.printed("kp-1").unwrap();
        journal.begin_hall(&"hall").unwrap();
        let left: i64 = journal.db.query_row("SELECT COUNT(*) FROM prints", [], |row| row.get(0)).unwrap();
        assert_eq!((left, jobs(&journal.unprinted().unwrap())), (1, vec!["kp-2"]));
    }
}
