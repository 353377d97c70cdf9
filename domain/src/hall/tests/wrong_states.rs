//! Every command in every state by everybody: written down by hand, so that a change of a rule shows
//! here. A refusal has the code of the table, words for people, and changes nothing.

use std::collections::BTreeMap;

use super::lifecycle::{command_for, in_state};
use super::stage::*;
use crate::hall::*;
use crate::ids::{LineId, TicketId, WindowId};

/// Who asks, in the order of the tables: a device, the clerk of window 1, the clerk of window 2, a clerk
/// who sits nowhere, a supervisor who sits nowhere.
fn everybody() -> [Actor; 5] {
    [Actor::machine(), Actor::staff(clerk(1)), Actor::staff(clerk(2)), Actor::staff(clerk(7)), Actor::supervisor(clerk(9))]
}

/// What is answered: the code of the refusal, or `ok`.
fn answered(stage: &mut Stage, actor: &Actor, command: &Command) -> String {
    let before = format!("{:?}", stage.hall.parts());
    let Err(refusal) = stage.try_to(actor, command) else { return "ok".to_owned() };
    assert_eq!(before, format!("{:?}", stage.hall.parts()), "{command:?} was refused and changed the hall");
    assert!(refusal.message().chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign)), "{refusal}: {}", refusal.message());
    assert_eq!(serde_json::to_value(&refusal).unwrap()["code"], refusal.code(), "one code in the log and in the answer");
    refusal.code().to_owned()
}

const STATES: [&str; 8] = ["waiting", "called", "serving", "parked", "missed", "done", "abandoned", "expired"];

/// What may be done with a ticket in each state, for somebody who may act on it: `.` it is done, `x` it is
/// refused as `ticket_state`, `n` as `not_topped`.
const TICKETS: [(TicketAction, &str); 15] = [
    // waiting, called, serving, parked, missed, done, abandoned, expired
    (TicketAction::Call, ".xx..xxx"),
    (TicketAction::Recall, "x.xxxxxx"),
    (TicketAction::Start, "x.xxxxxx"),
    (TicketAction::Finish, "xx.xxxxx"),
    (TicketAction::AddItem, "xx.xxxxx"),
    (TicketAction::SettleItem, "xx.xxxxx"),
    (TicketAction::Miss, "x.xxxxxx"),
    (TicketAction::Requeue, "xxxx.xxx"),
    (TicketAction::PutBack, "x..xxxxx"),
    (TicketAction::Park, "x..xxxxx"),
    (TicketAction::Resume, "xxx.xxxx"),
    (TicketAction::Transfer, "...xxxxx"),
    (TicketAction::Top, ".xxxxxxx"),
    (TicketAction::Untop, "nxxxxxxx"),
    (TicketAction::Abandon, "..x..xxx"),
];

#[test]
fn a_ticket_in_a_wrong_state_or_of_somebody_else_is_refused_with_the_code_of_the_table() {
    assert_eq!(TICKETS.map(|(action, _)| action), TicketAction::ALL);
    for (action, cells) in TICKETS {
        for (state, cell) in STATES.iter().zip(cells.chars()) {
            let by_state = match cell {
                '.' => "ok",
                'n' => "not_topped",
                _ => "ticket_state",
            };
            // What is at window 1 is the business of clerk 1; the call by name is to window 2.
            let is_at_window = matches!(*state, "called" | "serving");
            let nobody = if action == TicketAction::Abandon && !is_at_window { by_state } else { "staff_required" };
            let expected = match (action, is_at_window) {
                (TicketAction::Call, true) => ["staff_required", "not_your_window", "not_your_window", "not_your_window", by_state],
                (TicketAction::Call, false) => ["staff_required", "not_your_window", by_state, "not_your_window", by_state],
                (_, true) => ["staff_required", by_state, "not_your_window", "not_your_window", by_state],
                (_, false) => [nobody, by_state, by_state, by_state, by_state],
            };
            for (actor, expected) in everybody().iter().zip(expected) {
                let mut stage = in_state(state);
                assert_eq!(answered(&mut stage, actor, &command_for(action)), expected, "{action:?} in {state} by {actor:?}");
            }
        }
    }
}

const WINDOW_STATES: [&str; 8] = ["closed", "free", "called", "serving", "paused", "paused_serving", "help", "help_coming"];
const SEATED: &[&str] = &["free", "called", "serving", "paused", "paused_serving", "help", "help_coming"];
const OK: &str = "ok";
const NOT_YOURS: &str = "not_your_window";
const NO_STAFF: &str = "staff_required";

/// Window 1 in a state, with clerk 1 there unless it is closed; window 2 is open and free.
fn window_in(state: &str) -> Stage {
    let mut stage = Stage::closed();
    stage.sit(2);
    if state == "closed" {
        return stage;
    }
    stage.sit(1);
    if matches!(state, "called" | "serving" | "paused_serving") {
        stage.issue("there", "a");
        stage.call(1);
    }
    if state.contains("serving") {
        stage.by(1, &Command::Start { ticket_id: ticket("there") });
    }
    if state.contains("paused") {
        stage.by(1, &Command::PauseWindow { window_id: window(1), text: None });
    }
    if state.contains("help") {
        stage.by(1, &Command::RequestHelp { window_id: window(1), reason: None });
    }
    if state == "help_coming" {
        stage.ok(&Actor::supervisor(clerk(8)), &Command::AcknowledgeHelp { window_id: window(1) });
    }
    stage
}

type Row = (&'static str, &'static [&'static str], [&'static str; 5]);

/// A command, the states of window 1, and what a device, its clerk, the neighbour, a clerk who sits nowhere
/// and a supervisor are answered.
const WINDOWS: &[Row] = &[
    ("open", &["closed"], [NO_STAFF, OK, "staff_elsewhere", OK, OK]),
    ("open", SEATED, [NO_STAFF, OK, "window_taken", "window_taken", "window_taken"]),
    ("pause", &["closed"], [NO_STAFF, "window_closed", "window_closed", "window_closed", "window_closed"]),
    ("pause", SEATED, [NO_STAFF, OK, NOT_YOURS, NOT_YOURS, OK]),
    ("close", &["closed"], [NO_STAFF, "window_closed", "window_closed", "window_closed", "window_closed"]),
    ("close", &["free", "paused", "help", "help_coming"], [NO_STAFF, OK, NOT_YOURS, NOT_YOURS, OK]),
    ("close", &["called", "serving", "paused_serving"], [NO_STAFF, "window_busy", NOT_YOURS, NOT_YOURS, "window_busy"]),
    ("take_over", &["closed"], [NO_STAFF, "window_closed", "window_closed", "window_closed", "window_closed"]),
    ("take_over", SEATED, [NO_STAFF, OK, "staff_elsewhere", OK, OK]),
    ("help", &["closed"], [NO_STAFF, "window_closed", "window_closed", "window_closed", "window_closed"]),
    ("help", &["free", "called", "serving", "paused", "paused_serving"], [NO_STAFF, OK, NOT_YOURS, NOT_YOURS, OK]),
    ("help", &["help", "help_coming"], [NO_STAFF, "help_open", NOT_YOURS, NOT_YOURS, "help_open"]),
    (
        "acknowledge_help",
        &["closed", "free", "called", "serving", "paused", "paused_serving"],
        [NO_STAFF, "supervisor_required", "supervisor_required", "supervisor_required", "no_help_open"],
    ),
    ("acknowledge_help", &["help"], [NO_STAFF, "supervisor_required", "supervisor_required", "supervisor_required", OK]),
    (
        "acknowledge_help",
        &["help_coming"],
        [NO_STAFF, "supervisor_required", "supervisor_required", "supervisor_required", "help_acknowledged"],
    ),
    ("resolve_help", &["closed"], [NO_STAFF, "window_closed", "window_closed", "window_closed", "window_closed"]),
    (
        "resolve_help",
        &["free", "called", "serving", "paused", "paused_serving"],
        [NO_STAFF, "no_help_open", NOT_YOURS, NOT_YOURS, "no_help_open"],
    ),
    ("resolve_help", &["help", "help_coming"], [NO_STAFF, OK, NOT_YOURS, NOT_YOURS, OK]),
    ("call", &["closed"], [NO_STAFF, "window_closed", "window_closed", "window_closed", "window_closed"]),
    ("call", &["free", "help", "help_coming"], [NO_STAFF, OK, NOT_YOURS, NOT_YOURS, OK]),
    ("call", &["called", "serving"], [NO_STAFF, "window_busy", NOT_YOURS, NOT_YOURS, "window_busy"]),
    ("call", &["paused", "paused_serving"], [NO_STAFF, "window_paused", NOT_YOURS, NOT_YOURS, "window_paused"]),
];

/// The commands of a word of the table; `call` is each way of bringing somebody to a window.
fn at_window(word: &str, window_id: WindowId) -> Vec<Command> {
    let reason = "x".to_owned();
    match word {
        "open" => vec![
            Command::OpenWindow { window_id: window_id.clone(), line_ids: None },
            Command::OpenWindow { window_id, line_ids: Some(vec![line("b")]) },
        ],
        "pause" => vec![Command::PauseWindow { window_id, text: None }],
        "close" => vec![Command::CloseWindow { window_id }],
        "take_over" => vec![Command::TakeOver { window_id, reason }],
        "help" => vec![Command::RequestHelp { window_id, reason: None }],
        "acknowledge_help" => vec![Command::AcknowledgeHelp { window_id }],
        "resolve_help" => vec![Command::ResolveHelp { window_id }],
        _ => vec![
            Command::CallNext { window_id: window_id.clone() },
            Command::CallTicket { window_id: window_id.clone(), ticket_id: ticket("waits"), reason },
            Command::WalkIn { window_id, ticket: new_ticket("walks-in", "a") },
        ],
    }
}

#[test]
fn a_window_in_a_wrong_state_or_of_somebody_else_is_refused_with_the_code_of_the_table() {
    let mut told: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for (word, states, expected) in WINDOWS {
        for state in *states {
            *told.entry((word, state)).or_default() += 1;
            for (actor, expected) in everybody().iter().zip(expected) {
                for command in at_window(word, window(1)) {
                    let mut stage = window_in(state);
                    stage.issue("waits", "a");
                    assert_eq!(answered(&mut stage, actor, &command), *expected, "{command:?} at a window {state} by {actor:?}");
                }
            }
        }
    }
    assert!(told.values().all(|times| *times == 1) && told.len() == 8 * WINDOW_STATES.len(), "each word once in each state: {told:?}");
}

/// Every command with these ids; a new one has to be written into one of the tables above, too.
fn every_command(window_id: &WindowId, line_id: &LineId, ticket_id: &TicketId) -> Vec<Command> {
    let mut all: Vec<Command> = ["open", "pause", "close", "take_over", "help", "acknowledge_help", "resolve_help", "call"]
        .iter()
        .flat_map(|word| at_window(word, window_id.clone()))
        .collect();
    let ticket = NewTicket { line_id: line_id.clone(), ..new_ticket("fresh", "a") };
    let paper = PaperNumber { prefix: "P".to_owned(), serial: 1, arrived_at: at(8, 0), visit: None };
    let (ticket_id, line_id) = (ticket_id.clone(), line_id.clone());
    let (reason, settled) = ("x".to_owned(), ItemOutcome { item: 0, outcome: Outcome::Other });
    all.extend([
        Command::Issue(ticket.clone()),
        Command::EnterPaper { ticket, paper },
        Command::Recall { ticket_id: ticket_id.clone() },
        Command::Start { ticket_id: ticket_id.clone() },
        Command::Finish { ticket_id: ticket_id.clone(), outcome: Outcome::Other },
        Command::AddItem { ticket_id: ticket_id.clone(), line_id: line_id.clone(), matter_id: None },
        Command::SettleItem { ticket_id: ticket_id.clone(), settled },
        Command::FinishEach { ticket_id: ticket_id.clone(), outcomes: vec![settled] },
        Command::Miss { ticket_id: ticket_id.clone(), reason: None },
        Command::Requeue { ticket_id: ticket_id.clone() },
        Command::PutBack { ticket_id: ticket_id.clone(), reason: reason.clone() },
        Command::Park { ticket_id: ticket_id.clone(), reason: None },
        Command::Resume { ticket_id: ticket_id.clone() },
        Command::Transfer {
            ticket_id: ticket_id.clone(),
            to: Target::Line { line_id: line_id.clone() },
            position: Position::Last,
            holder_keys: Vec::new(),
        },
        Command::Top { ticket_id: ticket_id.clone(), reason: reason.clone() },
        Command::Untop { ticket_id: ticket_id.clone() },
        Command::Abandon { ticket_id },
        Command::StopLine { line_id: line_id.clone(), text: reason },
        Command::ResumeLine { line_id },
    ]);
    all
}

/// What a command names first that this hall does not have. Without a wildcard: a new command must be told.
fn unknown(command: &Command) -> Option<&'static str> {
    match command {
        Command::Configure { .. } | Command::ScheduleConfiguration { .. } | Command::Tick => None,
        Command::PlanDay { .. } | Command::Part { .. } | Command::Rejoin { .. } => None,
        Command::CancelConfiguration { .. } => Some("not_scheduled"),
        Command::Rearrange { .. } => Some("unknown_window"),
        Command::Issue(_) | Command::EnterPaper { .. } | Command::StopLine { .. } | Command::ResumeLine { .. } => Some("unknown_line"),
        Command::OpenWindow { .. }
        | Command::PauseWindow { .. }
        | Command::CloseWindow { .. }
        | Command::TakeOver { .. }
        | Command::RequestHelp { .. }
        | Command::AcknowledgeHelp { .. }
        | Command::ResolveHelp { .. }
        | Command::CallNext { .. }
        | Command::CallTicket { .. }
        | Command::WalkIn { .. } => Some("unknown_window"),
        Command::Recall { .. }
        | Command::Start { .. }
        | Command::Finish { .. }
        | Command::AddItem { .. }
        | Command::SettleItem { .. }
        | Command::FinishEach { .. }
        | Command::Miss { .. }
        | Command::Requeue { .. }
        | Command::PutBack { .. }
        | Command::Park { .. }
        | Command::Resume { .. }
        | Command::Transfer { .. }
        | Command::Top { .. }
        | Command::Untop { .. }
        | Command::Abandon { .. } => Some("unknown_ticket"),
    }
}

#[test]
fn what_this_hall_does_not_have_is_unknown_wherever_else_it_exists() {
    for site in ["dc", "zz"] {
        for name in ["nobody", "0", "a'; DROP TABLE tickets; --"] {
            let (window_id, line_id, ticket_id) = (WindowId::new(site, name), LineId::new(site, name), TicketId::new(site, name));
            for command in every_command(&window_id, &line_id, &ticket_id) {
                let mut stage = Stage::open();
                stage.set_policy(|policy| policy.taking.paper.prefixes = vec!["P".to_owned()]);
                let code = answered(&mut stage, &Actor::supervisor(clerk(9)), &command);
                assert_eq!(Some(code.as_str()), unknown(&command), "{command:?}");
            }
        }
    }
}

#[test]
fn what_a_known_ticket_or_window_names_must_be_known_too() {
    let (nobody, nowhere, elsewhere) = (ticket("nobody"), line("nowhere"), window(77));
    let mut stage = in_state("serving");
    stage.issue("waits", "a");
    let there = ticket("t");
    for (command, expected) in [
        (Command::AddItem { ticket_id: there.clone(), line_id: nowhere.clone(), matter_id: None }, "unknown_line"),
        (
            Command::Transfer {
                ticket_id: there.clone(),
                to: Target::Line { line_id: nowhere.clone() },
                position: Position::First,
                holder_keys: Vec::new(),
            },
            "unknown_line",
        ),
        (
            Command::Transfer {
                ticket_id: there.clone(),
                to: Target::Window { window_id: elsewhere },
                position: Position::First,
                holder_keys: Vec::new(),
            },
            "unknown_window",
        ),
        (
            Command::SettleItem { ticket_id: there.clone(), settled: ItemOutcome { item: u32::MAX, outcome: Outcome::Other } },
            "unknown_item",
        ),
        (Command::CallTicket { window_id: window(2), ticket_id: nobody, reason: String::new() }, "unknown_ticket"),
        (Command::OpenWindow { window_id: window(1), line_ids: Some(vec![nowhere.clone()]) }, "unknown_line"),
        (Command::OpenWindow { window_id: window(1), line_ids: Some(Vec::new()) }, "lines_missing"),
        (Command::WalkIn { window_id: window(2), ticket: NewTicket { line_id: nowhere, ..new_ticket("x", "a") } }, "unknown_line"),
        (Command::WalkIn { window_id: window(2), ticket: new_ticket("waits", "a") }, "ticket_id_used"),
        (Command::Issue(new_ticket("t", "a")), "ticket_id_used"),
    ] {
        let number = if matches!(command, Command::CallTicket { .. } | Command::WalkIn { .. }) { 2 } else { 1 };
        assert_eq!(answered(&mut stage, &Actor::staff(clerk(number)), &command), expected, "{command:?}");
    }
}

#[test]
fn a_line_is_stopped_by_staff_and_runs_again_once() {
    for (actor, expected) in everybody().iter().zip([NO_STAFF, OK, OK, OK, OK]) {
        let (stop, resume) =
            (Command::StopLine { line_id: line("a"), text: "停电".to_owned() }, Command::ResumeLine { line_id: line("a") });
        let mut stage = Stage::open();
        assert_eq!(answered(&mut stage, &Actor::supervisor(clerk(9)), &resume), "line_running");
        assert_eq!(answered(&mut stage, actor, &stop), expected);
        stage.ok(&Actor::supervisor(clerk(9)), &stop);
        assert_eq!(answered(&mut stage, &Actor::machine(), &Command::Issue(new_ticket("x", "a"))), "line_stopped");
        assert_eq!(answered(&mut stage, actor, &resume), expected);
    }
}
