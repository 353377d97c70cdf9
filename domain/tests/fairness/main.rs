//! Fairness and exclusion, proved by simulation: random sites with random policies live through random
//! days, people do at random what people do, and naive observers, who see only events, watch every
//! promise. Seeds are printed; `YICHUANG_PROOF_SEED` repeats one site, `YICHUANG_PROOF=nightly` plays a
//! million calls instead of fifty thousand. And the observers are proved too: `mutants.rs` tells true
//! histories falsely, and each observer must notice.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "the size of the proof and its seed come from outside")]

#[path = "../observers/mod.rs"]
mod observers;

mod history;
mod mutants;
mod nonsense;
mod site;
mod taking;

use std::collections::BTreeSet;

use history::History;
use mutants::{MUTANTS, is_noticed};
use observers::Step;

/// Calls in every run of the tests, over all parts.
const CALLS: u64 = 52_000;
/// Calls of the nightly size.
const CALLS_NIGHTLY: u64 = 1_000_000;
/// Parts, so that the machine's processors share the work.
const PARTS: u64 = 4;
/// Calls of one site before the next one is drawn.
const CALLS_OF_A_SITE: u64 = 1_000;
/// Calls of a history that mutants are made of.
const CALLS_OF_A_MUTANT: u64 = 200;

fn from_outside(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn seed() -> u64 {
    from_outside("YICHUANG_PROOF_SEED").and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..))
}

/// Plays sites until enough tickets were called.
fn prove(part: u64) {
    let calls = if from_outside("YICHUANG_PROOF").as_deref() == Some("nightly") { CALLS_NIGHTLY } else { CALLS };
    let first = seed();
    let (mut called, mut sites, mut steps, mut refused) = (0, 0, 0, 0);
    while called < calls.div_ceil(PARTS) {
        let seed = first.wrapping_add(sites).wrapping_mul(PARTS).wrapping_add(part);
        let mut history = History::new(seed);
        history.play(CALLS_OF_A_SITE);
        history.judge(first);
        (called, sites, steps, refused) =
            (called + history.calls(), sites + 1, steps + history.steps().len() as u64, refused + history.refused());
    }
    println!(
        "part {part} from YICHUANG_PROOF_SEED={first}: {called} calls at {sites} sites, {steps} events and answers, {refused} refusals"
    );
}

#[test]
fn no_promise_is_broken_in_fifty_thousand_calls_part_1() {
    prove(0);
}

#[test]
fn no_promise_is_broken_in_fifty_thousand_calls_part_2() {
    prove(1);
}

#[test]
fn no_promise_is_broken_in_fifty_thousand_calls_part_3() {
    prove(2);
}

#[test]
fn no_promise_is_broken_in_fifty_thousand_calls_part_4() {
    prove(3);
}

/// What happens in the lives of a few sites.
const HAPPENS: [&str; 37] = [
    "ticket_near_noticed",
    "hall_configured",
    "hall_configuration_scheduled",
    "hall_configuration_cancelled",
    "scheduled_configuration_refused",
    "day_closed",
    "day_opened",
    "clock_stepped_back",
    "line_stopped",
    "line_resumed",
    "window_opened",
    "window_paused",
    "window_closed",
    "window_taken_over",
    "help_requested",
    "help_acknowledged",
    "help_resolved",
    "supervisor_acted",
    "closing_time_passed",
    "ticket_issued",
    "ticket_called",
    "ticket_recalled",
    "ticket_started",
    "ticket_finished",
    "ticket_item_added",
    "ticket_item_settled",
    "ticket_missed",
    "ticket_requeued",
    "ticket_parked",
    "ticket_park_reminded",
    "ticket_put_back",
    "ticket_resumed",
    "ticket_transferred",
    "ticket_topped",
    "ticket_carried",
    "paper_number_entered",
    "paper_visit_ended",
];
/// What halls say no to in the lives of a few sites.
const REFUSALS: [&str; 43] = [
    "schedule_invalid",
    "not_scheduled",
    "unknown_line",
    "unknown_window",
    "unknown_ticket",
    "hall_closed",
    "no_window",
    "line_stopped",
    "line_running",
    "contingent_used",
    "already_waiting",
    "ticket_id_used",
    "window_busy",
    "window_closed",
    "window_paused",
    "window_taken",
    "staff_elsewhere",
    "not_your_window",
    "staff_required",
    "supervisor_required",
    "help_open",
    "no_help_open",
    "item_there",
    "unknown_item",
    "outcomes_missing",
    "ticket_state",
    "recall_limit",
    "recall_too_soon",
    "already_topped",
    "not_topped",
    "transfer_to_same",
    "lines_missing",
    "configuration_invalid",
    "window_in_use",
    "line_in_use",
    "not_a_cover",
    "section_full",
    "numbers_over",
    "paper_series_unknown",
    "paper_number_used",
    "paper_times_invalid",
    "paper_too_old",
    "paper_visit_missing",
];
/// Histories in which a mutant may find its occasion.
const OCCASIONS: u64 = 80;

#[test]
fn every_mistake_is_noticed_by_the_observer_of_its_promise() {
    let first = seed();
    let histories: Vec<History> = (0..OCCASIONS)
        .map(|site| {
            let mut history = History::new(first.wrapping_add(site));
            history.play(CALLS_OF_A_MUTANT);
            history.judge(first);
            history
        })
        .collect();
    let told: BTreeSet<&str> = histories.iter().flat_map(History::steps).filter_map(Step::kind).collect();
    let untold: Vec<&&str> = HAPPENS.iter().filter(|kind| !told.contains(**kind)).collect();
    assert!(untold.is_empty(), "what never happens in a simulation is not proved by it: {untold:?}, from YICHUANG_PROOF_SEED={first}");
    let refused: BTreeSet<&str> = histories.iter().flat_map(History::refusals).copied().collect();
    let mut rarest: Vec<(usize, &str)> =
        REFUSALS.iter().map(|code| (histories.iter().filter(|history| history.refusals().contains(code)).count(), *code)).collect();
    rarest.sort_unstable();
    println!("the rarest refusals, and in how many histories: {:?}", &rarest[..5]);
    let unheard: Vec<&&str> = REFUSALS.iter().filter(|code| !refused.contains(**code)).collect();
    assert!(unheard.is_empty(), "what is never asked wrongly is not proved to be refused: {unheard:?}, from YICHUANG_PROOF_SEED={first}");
    let mut holes = Vec::new();
    let names = observers::Panel::default().names();
    let watched = MUTANTS.iter().filter(|mutant| names.iter().any(|name| name.starts_with(mutant.observer)));
    for mutant in watched {
        let noticed: Vec<bool> = histories.iter().filter_map(|history| is_noticed(mutant, history.steps())).collect();
        let found = noticed.iter().filter(|noticed| **noticed).count();
        println!("{}: noticed in {found} of {} histories", mutant.name, noticed.len());
        if found == 0 {
            holes.push(mutant.name);
        }
    }
    assert!(holes.is_empty(), "nobody notices, from YICHUANG_PROOF_SEED={first}: {holes:?}");
    for observer in names {
        assert!(MUTANTS.iter().any(|mutant| observer.starts_with(mutant.observer)), "{observer}: no mutant shows that it can fail");
    }
}
