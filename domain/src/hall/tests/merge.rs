//! What a keeper decided comes back: taken as it is where nothing happened here, settled by a rule where something did.

use super::stage::{Stage, at, clerk, line, new_ticket, ticket, window};
use crate::hall::*;

/// A keeper that starts from the hall as it is, and writes down what it decides.
struct Keeper {
    hall: Hall,
    kept: Vec<KeptDecision>,
}

impl Keeper {
    fn of(hall: &Hall) -> Self {
        let (doc, windows, tickets) = hall.parts();
        let doc = serde_json::from_str(&serde_json::to_string(&doc).unwrap()).unwrap();
        Self { hall: Hall::from_parts(doc, windows, tickets), kept: Vec::new() }
    }

    fn does(&mut self, actor: &Actor, command: Command, minute: i64) {
        let now = at(10, minute);
        let events = self.hall.decide_as_keeper("K", actor, &command, now).unwrap();
        let kept = KeptDecision { series: "K".into(), base_version: self.hall.version(), at: now, actor: actor.clone(), command, events };
        kept.events.iter().for_each(|event| drop(self.hall.evolve(event)));
        self.kept.push(serde_json::from_str(&serde_json::to_string(&kept).unwrap()).unwrap());
    }

    fn issues(&mut self, name: &str, minute: i64) {
        self.does(&Actor::machine(), Command::Issue(new_ticket(name, "a")), minute);
    }

    fn calls(&mut self, number: u16, minute: i64) {
        self.does(&Actor::staff(clerk(number)), Command::CallNext { window_id: window(number) }, minute);
    }
}

fn issue(stage: &mut Stage, name: &str) {
    stage.ok(&Actor::machine(), &Command::Issue(new_ticket(name, "a")));
}

/// Takes everything in; the rules that settled something.
fn merge(hall: &mut Hall, kept: &[KeptDecision], in_office: bool) -> Vec<MergeRule> {
    let mut rules = Vec::new();
    for decision in kept {
        let merged = hall.merge(decision, in_office);
        merged.events.iter().for_each(|event| drop(hall.evolve(event)));
        rules.extend(merged.clashes.iter().map(|clash| clash.rule));
    }
    rules
}

#[test]
fn where_nothing_happened_here_the_hall_is_the_keepers() {
    let mut stage = Stage::open();
    issue(&mut stage, "t1");
    let mut keeper = Keeper::of(&stage.hall);
    keeper.issues("k1", 0);
    keeper.issues("k2", 1);
    keeper.calls(1, 2);
    keeper.does(&Actor::staff(clerk(1)), Command::Start { ticket_id: ticket("t1") }, 3);
    keeper.does(&Actor::staff(clerk(1)), Command::Finish { ticket_id: ticket("t1"), outcome: Outcome::Accepted }, 9);
    assert_eq!(keeper.hall.ticket(&ticket("k2")).unwrap().number, "AK002");
    for decision in &keeper.kept {
        let merged = stage.hall.merge(decision, true);
        assert!(merged.is_exact && merged.clashes.is_empty());
        merged.events.iter().for_each(|event| drop(stage.hall.evolve(event)));
    }
    assert_eq!(stage.hall, keeper.hall);
    // The line's own series goes on where it was, the keeper's too.
    issue(&mut stage, "t2");
    assert_eq!(stage.hall.ticket(&ticket("t2")).unwrap().number, "A002");
    let mut again = Keeper::of(&stage.hall);
    again.issues("k3", 20);
    assert_eq!(again.hall.ticket(&ticket("k3")).unwrap().number, "AK003");
}

#[test]
fn events_that_the_rules_do_not_say_are_not_exact() {
    let mut stage = Stage::open();
    issue(&mut stage, "t1");
    let mut keeper = Keeper::of(&stage.hall);
    keeper.issues("k1", 0);
    let Fact::TicketIssued { number, serial, .. } = &mut keeper.kept[0].events[0].fact else { panic!("an issue") };
    (*number, *serial) = ("A001".to_owned(), 1);
    let merged = stage.hall.merge(&keeper.kept[0], true);
    assert!(!merged.is_exact);
    assert_eq!(merged.clashes.iter().map(|clash| clash.rule).collect::<Vec<_>>(), [MergeRule::NumberUsed]);
    assert!(merged.events.is_empty());
}

#[test]
fn a_hall_that_went_on_settles_by_rule_and_keeps_what_was_issued() {
    let mut stage = Stage::open();
    issue(&mut stage, "t1");
    issue(&mut stage, "t2");
    let mut keeper = Keeper::of(&stage.hall);
    keeper.issues("k1", 0);
    keeper.calls(1, 1);
    keeper.does(&Actor::staff(clerk(1)), Command::Start { ticket_id: ticket("t1") }, 2);
    keeper.does(&Actor::staff(clerk(1)), Command::Finish { ticket_id: ticket("t1"), outcome: Outcome::Accepted }, 3);
    // Meanwhile the service served the same ticket at window 2.
    stage.now = at(10, 1);
    stage.ok(&Actor::staff(clerk(2)), &Command::CallNext { window_id: window(2) });
    stage.ok(&Actor::staff(clerk(2)), &Command::Start { ticket_id: ticket("t1") });
    let rules = merge(&mut stage.hall, &keeper.kept, false);
    assert_eq!(rules, [MergeRule::TicketElsewhere; 3]);
    assert_eq!(stage.hall.ticket(&ticket("t1")).unwrap().state.at_window(), Some(&window(2)));
    assert_eq!(stage.hall.ticket(&ticket("k1")).unwrap().number, "AK001", "what was issued stays");
    stage.ok(&Actor::staff(clerk(2)), &Command::Finish { ticket_id: ticket("t1"), outcome: Outcome::Accepted });
    assert_eq!(merge(&mut stage.hall, &keeper.kept, false), [MergeRule::TicketOver; 3], "a second time nothing comes twice");
}

#[test]
fn what_reached_nobody_in_the_hall_before_the_cut_yields_to_the_hall() {
    let mut stage = Stage::open();
    issue(&mut stage, "t1");
    issue(&mut stage, "t2");
    let mut keeper = Keeper::of(&stage.hall);
    // The last word of the service: t1 at window 1, t2 at window 2. In the hall t1 was called at window 2.
    stage.ok(&Actor::staff(clerk(1)), &Command::CallNext { window_id: window(1) });
    stage.ok(&Actor::staff(clerk(2)), &Command::CallNext { window_id: window(2) });
    keeper.calls(2, 1);
    keeper.does(&Actor::staff(clerk(2)), Command::Start { ticket_id: ticket("t1") }, 2);
    keeper.does(&Actor::staff(clerk(2)), Command::Finish { ticket_id: ticket("t1"), outcome: Outcome::Accepted }, 3);
    keeper.calls(1, 4);
    let rules = merge(&mut stage.hall, &keeper.kept, true);
    assert_eq!(rules, [MergeRule::HallCounts], "only the first call stood against the hall");
    assert!(stage.hall.ticket(&ticket("t1")).is_none(), "it ended");
    assert_eq!(stage.hall.ticket(&ticket("t2")).unwrap().state.at_window(), Some(&window(1)));
    assert_eq!(stage.hall.window(&window(2)).unwrap().serving, None);
}

#[test]
fn settings_that_lost_a_line_keep_the_number_and_tell() {
    let mut stage = Stage::open();
    let mut keeper = Keeper::of(&stage.hall);
    keeper.issues("k1", 0);
    let mut configuration = super::stage::configuration();
    configuration.lines.remove(0);
    configuration.windows.iter_mut().for_each(|setup| setup.line_ids = vec![line("b")]);
    stage.ok(&Actor::supervisor(clerk(1)), &Command::Configure { configuration });
    assert_eq!(merge(&mut stage.hall, &keeper.kept, false), [MergeRule::SettingsChanged]);
    assert!(stage.hall.ticket(&ticket("k1")).is_some());
}

#[test]
fn a_series_that_is_a_lines_letters_stands_twice() {
    let mut configuration = super::stage::configuration();
    configuration.lines[1].prefix = "AK".to_owned();
    let mut keeper = Keeper::of(&Stage::with(configuration).hall);
    keeper.does(&Actor::staff(clerk(1)), Command::OpenWindow { window_id: window(1), line_ids: None }, 0);
    keeper.issues("k1", 1);
    assert_eq!(keeper.hall.ticket(&ticket("k1")).unwrap().number, "AKK001");
}

/// The same journal where a supervisor ran the hall without its keeper, and where the keeper was in office.
fn both_ways(stage: &Stage, kept: &[KeptDecision]) -> [(Vec<MergeRule>, Hall); 2] {
    [false, true].map(|in_office| {
        let mut hall = stage.hall.clone();
        (merge(&mut hall, kept, in_office), hall)
    })
}

#[test]
fn a_window_where_another_ticket_stands_is_busy_unless_the_hall_counts() {
    let mut stage = Stage::open();
    issue(&mut stage, "t1");
    issue(&mut stage, "t2");
    let mut keeper = Keeper::of(&stage.hall);
    keeper.calls(1, 1);
    stage.call(1);
    stage.by(1, &Command::Park { ticket_id: ticket("t1"), reason: None });
    stage.call(1);
    let [(rules, hall), (in_office, of_hall)] = both_ways(&stage, &keeper.kept);
    assert_eq!(rules, [MergeRule::WindowBusy]);
    assert_eq!(hall.window(&window(1)).unwrap().serving, Some(ticket("t2")), "who stands there stays");
    assert_eq!(in_office, [MergeRule::HallCounts]);
    assert_eq!(of_hall.window(&window(1)).unwrap().serving, Some(ticket("t1")));
    assert_eq!(of_hall.ticket(&ticket("t2")).unwrap().state.name(), "waiting", "nobody is lost");
}

#[test]
fn a_window_where_somebody_else_sits_is_taken_unless_the_hall_counts() {
    let mut stage = Stage::open();
    issue(&mut stage, "t1");
    let mut keeper = Keeper::of(&stage.hall);
    keeper.calls(1, 1);
    stage.by(1, &Command::CloseWindow { window_id: window(1) });
    stage.by(7, &Command::OpenWindow { window_id: window(1), line_ids: None });
    let [(rules, hall), (in_office, of_hall)] = both_ways(&stage, &keeper.kept);
    assert_eq!(rules, [MergeRule::WindowTaken]);
    assert_eq!(hall.window(&window(1)).unwrap().staff(), Some(&clerk(7)));
    assert_eq!(hall.ticket(&ticket("t1")).unwrap().state.name(), "waiting");
    assert_eq!(in_office, [MergeRule::HallCounts]);
    assert_eq!(of_hall.window(&window(1)).unwrap().staff(), Some(&clerk(1)));
    assert_eq!(of_hall.ticket(&ticket("t1")).unwrap().state.at_window(), Some(&window(1)));
}

#[test]
fn a_person_who_sits_elsewhere_stays_there_unless_the_hall_counts() {
    let mut stage = Stage::closed();
    let mut keeper = Keeper::of(&stage.hall);
    keeper.does(&Actor::staff(clerk(5)), Command::OpenWindow { window_id: window(1), line_ids: None }, 1);
    stage.by(5, &Command::OpenWindow { window_id: window(3), line_ids: None });
    let [(rules, hall), (in_office, of_hall)] = both_ways(&stage, &keeper.kept);
    assert_eq!(rules, [MergeRule::StaffElsewhere]);
    assert_eq!(hall.window_of(&clerk(5)).map(|window| window.number), Some(3));
    assert_eq!(in_office, [MergeRule::HallCounts]);
    assert_eq!(of_hall.window_of(&clerk(5)).map(|window| window.number), Some(1), "one person, one window");
    assert!(!of_hall.window(&window(3)).unwrap().is_open());
}

#[test]
fn a_number_of_a_day_that_is_over_is_kept_for_the_record_only() {
    let mut stage = Stage::open();
    let mut keeper = Keeper::of(&stage.hall);
    keeper.issues("k1", 0);
    stage.pass(24 * 60);
    issue(&mut stage, "t9");
    assert_eq!(stage.hall.doc().business_date, chrono::NaiveDate::from_ymd_opt(2026, 11, 25));
    for (rules, hall) in both_ways(&stage, &keeper.kept) {
        assert_eq!(rules, [MergeRule::DayOver]);
        assert!(hall.ticket(&ticket("k1")).is_none());
    }
}

#[test]
fn what_is_no_keepers_business_is_not_taken() {
    let mut stage = Stage::open();
    let mut keeper = Keeper::of(&stage.hall);
    let change = Command::ScheduleConfiguration { from: at(18, 0), configuration: super::stage::configuration() };
    keeper.does(&Actor::supervisor(clerk(9)), change, 1);
    issue(&mut stage, "t1");
    for (rules, hall) in both_ways(&stage, &keeper.kept) {
        assert_eq!(rules, [MergeRule::NotForKeepers]);
        assert_eq!(hall, stage.hall, "nothing changed");
    }
}

#[test]
fn every_rule_has_a_code_of_its_own_and_words() {
    let all = [
        MergeRule::HallCounts,
        MergeRule::TicketOver,
        MergeRule::TicketElsewhere,
        MergeRule::WindowBusy,
        MergeRule::WindowTaken,
        MergeRule::StaffElsewhere,
        MergeRule::SettingsChanged,
        MergeRule::DayOver,
        MergeRule::NumberUsed,
        MergeRule::SameTouch,
        MergeRule::VisitOpen,
        MergeRule::NotForKeepers,
        MergeRule::AppointmentCancelled,
        MergeRule::AppointmentUsed,
        MergeRule::AppointmentMissed,
        MergeRule::AppointmentChanged,
    ];
    let codes: std::collections::BTreeSet<&str> = all.iter().map(|rule| rule.code()).collect();
    assert_eq!(codes.len(), all.len());
    for rule in all {
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.code(), "one code in the log and in the answer");
        assert!(rule.text().chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign)));
    }
}
