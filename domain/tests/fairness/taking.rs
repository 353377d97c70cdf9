//! Random settings about taking numbers, and paper numbers that somebody enters afterwards.

use domain::hall::{Command, Configuration, NewTicket, Outcome, PaperNumber, PaperNumbers, PaperVisit, SectionLimit, Taking};
use domain::ids::WindowId;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis};
use fastrand::Rng;

use super::site::line;

/// The letters of the paper series; no line has them.
const PAPER: &str = "P";
const PAPER_SERIALS: u32 = 12;

/// Settings drawn anew; only the first line has sections.
pub fn settings(dice: &mut Rng) -> Taking {
    let mut sections = Vec::new();
    if dice.bool() {
        let mut from_minute = 0;
        while from_minute < 24 * 60 {
            let to_minute = (from_minute + dice.u16(30..240)).min(24 * 60);
            if dice.u8(..3) > 0 {
                sections.push(SectionLimit { line_id: line(0), from_minute, to_minute, at_most: dice.u32(0..40) });
            }
            from_minute = to_minute;
        }
    }
    let lead = |dice: &mut Rng| if dice.bool() { 0 } else { dice.i64(1..60) * MINUTE_MS };
    Taking {
        last_number_before_close_ms: lead(dice),
        last_number_before_break_ms: lead(dice),
        sections,
        paper: PaperNumbers { prefixes: if dice.u8(..4) > 0 { vec![PAPER.to_owned()] } else { Vec::new() }, days_back: dice.u32(0..10) },
        ..Taking::default()
    }
}

/// Lets the first line and the paper series change their letters, both or one of them; a hall may refuse.
pub fn letters_change_hands(dice: &mut Rng, configuration: &mut Configuration) {
    let taking = &mut configuration.policy.taking;
    let before = std::mem::replace(&mut configuration.lines[0].prefix, PAPER.to_owned());
    taking.paper.prefixes = if dice.bool() { vec![before] } else { Vec::new() };
}

/// A paper number of today that waits or of some day whose visit is over; some are nonsense.
pub fn paper(dice: &mut Rng, now: Millis, ticket: NewTicket, window_id: WindowId) -> Command {
    let prefix = if dice.u8(..20) == 0 { "Q" } else { PAPER }.to_owned();
    let days = if dice.u8(..4) == 0 { dice.i64(1..12) } else { 0 };
    let arrived_at = now - days * DAY_MS - dice.i64(-5..180) * MINUTE_MS;
    let is_over = dice.u8(..3) == 0 || (days > 0 && dice.u8(..3) > 0);
    let started_at = arrived_at + dice.i64(-2..60) * MINUTE_MS;
    let visit = is_over.then(|| PaperVisit { window_id, started_at, ended_at: started_at + dice.i64(0..HOUR_MS), outcome: Outcome::Other });
    Command::EnterPaper { ticket, paper: PaperNumber { prefix, serial: dice.u32(0..PAPER_SERIALS), arrived_at, visit } }
}
