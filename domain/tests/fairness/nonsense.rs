//! What makes no sense: every command, by anybody, about anything, known or not. Whether it is refused
//! is for the rules to say; that it does no harm is for the observers.

use domain::hall::{Actor, Command, Hall, ItemOutcome, NewTicket, Outcome, Position, Target};
use domain::ids::{LineId, TicketId, WindowId};
use fastrand::Rng;

use super::site::{clerk, line, window};

/// Texts as somebody may send them to the rules: empty, huge, with control characters and turned round.
const TEXTS: [&str; 5] = ["", "老人", "\u{0}\u{1b}[2J", "\u{202e}321", "   "];

/// Somebody: a device, a clerk at some window or at none, a supervisor, with and without a reason.
pub fn somebody(dice: &mut Rng) -> Actor {
    match dice.u8(..8) {
        0 => Actor::machine(),
        1 => Actor::supervisor(clerk(99)).because(Some(text(dice))),
        2 => Actor::supervisor(clerk(dice.usize(..45))),
        _ => Actor::staff(clerk(dice.usize(..62))),
    }
}

fn text(dice: &mut Rng) -> String {
    if dice.u8(..20) == 0 { "长".repeat(3_000) } else { TEXTS[dice.usize(..TEXTS.len())].to_owned() }
}

fn some_window(dice: &mut Rng) -> WindowId {
    match dice.u8(..10) {
        0 => WindowId::new("dc", "nobody"),
        1 => WindowId::new("zz", "1"),
        _ => window(dice.usize(..42)),
    }
}

fn some_line(dice: &mut Rng) -> LineId {
    match dice.u8(..10) {
        0 => LineId::new("dc", "nobody"),
        1 => LineId::new("zz", "1"),
        _ => line(dice.usize(..9)),
    }
}

fn some_ticket(dice: &mut Rng, hall: &Hall) -> TicketId {
    match dice.u8(..10) {
        0 => TicketId::new("dc", "nobody"),
        1 => TicketId::new("zz", "000001"),
        _ => {
            let ids: Vec<&TicketId> = hall.tickets().map(|ticket| &ticket.id).collect();
            ids.get(dice.usize(..ids.len().max(1))).map_or_else(|| TicketId::new("dc", "000001"), |id| (*id).clone())
        }
    }
}

/// A command of any kind.
pub fn command(dice: &mut Rng, hall: &Hall, fresh: NewTicket) -> Command {
    let (window_id, line_id, ticket_id) = (some_window(dice), some_line(dice), some_ticket(dice, hall));
    let (reason, settled) = (text(dice), ItemOutcome { item: dice.u32(..4), outcome: Outcome::Other });
    let outcome = Outcome::Other;
    match dice.u8(..29) {
        0 => Command::Issue(NewTicket { line_id, ..fresh }),
        1 => Command::Issue(NewTicket { ticket_id, ..fresh }),
        2 => Command::OpenWindow { window_id, line_ids: None },
        3 => Command::OpenWindow { window_id, line_ids: Some((0..dice.usize(..3)).map(|_| some_line(dice)).collect()) },
        4 => Command::PauseWindow { window_id, text: Some(reason) },
        5 => Command::CloseWindow { window_id },
        6 => Command::TakeOver { window_id, reason },
        7 => Command::RequestHelp { window_id, reason: Some(reason) },
        8 => Command::AcknowledgeHelp { window_id },
        9 => Command::ResolveHelp { window_id },
        10 => Command::CallNext { window_id },
        11 => Command::CallTicket { window_id, ticket_id, reason },
        12 => Command::WalkIn { window_id, ticket: NewTicket { line_id, ..fresh } },
        13 => Command::Recall { ticket_id },
        14 => Command::Start { ticket_id },
        15 => Command::Finish { ticket_id, outcome },
        16 => Command::AddItem { ticket_id, line_id, matter_id: None },
        17 => Command::SettleItem { ticket_id, settled },
        18 => Command::FinishEach { ticket_id, outcomes: vec![settled, ItemOutcome { item: u32::MAX, outcome }] },
        19 => Command::Miss { ticket_id, reason: Some(reason) },
        20 => Command::Requeue { ticket_id },
        21 => Command::PutBack { ticket_id, reason },
        22 => Command::Park { ticket_id, reason: None },
        23 => Command::Resume { ticket_id },
        24 => Command::Transfer { ticket_id, to: Target::Line { line_id }, position: Position::First, holder_keys: Vec::new() },
        25 => Command::Transfer { ticket_id, to: Target::Window { window_id }, position: Position::Last, holder_keys: Vec::new() },
        26 => Command::Top { ticket_id, reason },
        27 => Command::Untop { ticket_id },
        _ => Command::StopLine { line_id, text: reason },
    }
}
