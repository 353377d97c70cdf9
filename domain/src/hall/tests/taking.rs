//! When numbers are given and how many: breaks, the last number, sections of the day, several matters.

use super::stage::*;
use crate::hall::*;
use crate::time::MINUTE_MS;

fn weekly(taking: Taking) -> Configuration {
    let day = vec![Span { from_minute: 510, to_minute: 720 }, Span { from_minute: 840, to_minute: 1050 }];
    let hours = OpeningHours::Weekly { week: std::array::from_fn(|_| day.clone()), special_days: vec![] };
    let mut configuration = Configuration { hours, ..configuration() };
    configuration.policy.taking = Box::new(taking);
    configuration
}

fn issue(name: &str) -> Command {
    Command::Issue(new_ticket(name, "a"))
}

#[test]
fn the_last_number_is_given_some_time_before_lunch_and_before_closing() {
    let taking = Taking { last_number_before_close_ms: 30 * MINUTE_MS, last_number_before_break_ms: 10 * MINUTE_MS, ..Taking::default() };
    let mut stage = Stage::with(weekly(taking));
    stage.now = at(11, 49);
    stage.sit(1);
    stage.issue("a1", "a");
    stage.now = at(11, 50);
    let refusal = stage.try_to(&Actor::machine(), &issue("a2")).unwrap_err();
    assert_eq!(refusal, Refusal::NumbersOver { closes_at: at(12, 0), opens_at: Some(at(14, 0)) });
    assert_eq!(refusal.message(), "12:00 停止办理，现在不再取号，11月24日 14:00 开始取号");
    stage.now = at(13, 0);
    assert_eq!(stage.no(&Actor::machine(), &issue("a2")), "hall_closed");
    stage.now = at(14, 0);
    stage.by(1, &Command::PauseWindow { window_id: window(1), text: None });
    stage.sit(1);
    stage.issue("a2", "a");
    stage.now = at(17, 0);
    let refusal = stage.try_to(&Actor::machine(), &issue("a3")).unwrap_err();
    assert_eq!(refusal, Refusal::NumbersOver { closes_at: at(17, 30), opens_at: Some(at(24 + 8, 30)) });
    let walk_in = Command::WalkIn { window_id: window(1), ticket: new_ticket("w", "a") };
    stage.by(1, &walk_in);
}

#[test]
fn without_a_lead_numbers_are_given_until_the_doors_close() {
    let mut stage = Stage::with(weekly(Taking::default()));
    stage.now = at(17, 29);
    stage.sit(1);
    stage.issue("a1", "a");
    let hours =
        OpeningHours::Weekly { week: std::array::from_fn(|_| vec![Span { from_minute: 0, to_minute: 1440 }]), special_days: vec![] };
    assert_eq!(hours.opening_ends(at(23, 59)), None, "open past midnight is no closing");
}

#[test]
fn the_plan_of_the_day_gives_numbers_before_the_windows_open_and_lets_who_covers_take_over() {
    let mut stage = Stage::with(weekly(Taking::default()));
    stage.now = at(24 + 8, 45);
    stage.ok(&Actor::machine(), &Command::Tick);
    let plan = |date: chrono::NaiveDate| Command::PlanDay {
        plan: DayPlan { date, window_ids: vec![window(1)], covers: vec![Cover { principal: clerk(1), covers: vec![clerk(5)] }] },
    };
    let today = crate::time::local_date(stage.now);
    assert_eq!(stage.no(&Actor::machine(), &issue("a1")), "no_window");
    assert_eq!(stage.ok(&Actor::machine(), &plan(today.pred_opt().unwrap())), [], "a day that is over");
    assert_eq!(kinds(&stage.ok(&Actor::machine(), &plan(today))), ["day_planned"]);
    assert_eq!(stage.ok(&Actor::machine(), &plan(today)), [], "told once");
    stage.issue("a1", "a");
    assert_eq!(stage.no(&Actor::machine(), &Command::Issue(new_ticket("b1", "b"))), "no_window", "window 1 does A only");
    // Who takes whose place is the site's setting, and for the day what the leave says.
    let mut configured = weekly(Taking::default());
    configured.policy.serving.covers = vec![Cover { principal: clerk(1), covers: vec![clerk(2)] }];
    stage.ok(&Actor::machine(), &Command::Configure { configuration: configured });
    stage.sit(1);
    let take_over = Command::TakeOver { window_id: window(1), reason: "AB角".to_owned() };
    assert_eq!(stage.no(&Actor::staff(clerk(4)), &take_over), "not_a_cover");
    stage.ok(&Actor::staff(clerk(5)), &take_over);
    stage.now = at(48 + 8, 45);
    assert_eq!(stage.no(&Actor::machine(), &issue("a2")), "no_window", "of yesterday");
    stage.sit(1);
    assert_eq!(stage.no(&Actor::staff(clerk(5)), &take_over), "not_a_cover", "the leave is over, or its day was not told");
}

fn sections() -> Taking {
    let section = |from_minute, to_minute, at_most| SectionLimit { line_id: line("a"), from_minute, to_minute, at_most };
    Taking { sections: vec![section(600, 660, 2), section(660, 690, 0), section(690, 720, 1)], ..Taking::default() }
}

#[test]
fn a_section_of_the_day_has_its_own_numbers_and_a_full_one_names_the_next_with_room() {
    let mut stage = Stage::with(weekly(sections()));
    stage.sit(1);
    for name in ["early1", "early2", "early3"] {
        stage.issue(name, "a");
    }
    stage.now = at(10, 0);
    stage.issue("n1", "a");
    stage.by(1, &Command::WalkIn { window_id: window(1), ticket: new_ticket("w1", "a") });
    assert_eq!(stage.issue("n2", "a"), "A006", "a walk-in has a number and takes no place of the section");
    let refusal = stage.try_to(&Actor::machine(), &issue("n3")).unwrap_err();
    assert_eq!(refusal, Refusal::SectionFull { from_minute: 600, to_minute: 660, at_most: 2, next_at: Some(at(11, 30)) });
    assert_eq!(refusal.message(), "10:00 到 11:00 的 2 个号取完了，11:30 再来取", "the one at eleven has none");
    stage.sit(2);
    stage.issue("b1", "b");
    stage.now = at(11, 30);
    assert_eq!(stage.issue("n3", "a"), "A007", "what was refused used no number");
    let refusal = stage.try_to(&Actor::machine(), &issue("n4")).unwrap_err();
    assert_eq!(refusal, Refusal::SectionFull { from_minute: 690, to_minute: 720, at_most: 1, next_at: Some(at(14, 0)) });
    stage.now = at(24 + 10, 0);
    stage.sit(2);
    stage.issue("n5", "a");
}

#[test]
fn sections_can_be_changed_while_the_hall_runs_and_those_that_stay_keep_their_counts() {
    let mut stage = Stage::with(weekly(sections()));
    stage.now = at(10, 0);
    stage.sit(1);
    stage.issue("n1", "a");
    let mut taking = sections();
    taking.sections.truncate(1);
    taking.sections[0].at_most = 1;
    stage.ok(&Actor::machine(), &Command::Configure { configuration: weekly(taking) });
    let refusal = stage.try_to(&Actor::machine(), &issue("n2")).unwrap_err();
    assert_eq!(refusal, Refusal::SectionFull { from_minute: 600, to_minute: 660, at_most: 1, next_at: Some(at(11, 0)) });
    stage.ok(&Actor::machine(), &Command::Configure { configuration: weekly(Taking::default()) });
    stage.issue("n2", "a");
}

#[test]
fn what_contradicts_itself_is_refused() {
    type Break = fn(&mut Taking);
    let broken: [Break; 10] = [
        |taking| taking.last_number_before_close_ms = -1,
        |taking| taking.last_number_before_break_ms = 24 * 60 * MINUTE_MS,
        |taking| taking.sections[0].to_minute = 600,
        |taking| taking.sections[0].line_id = line("zz"),
        |taking| taking.sections[0].to_minute = 661,
        |taking| taking.phone.code_minutes = 0,
        |taking| taking.phone.per_phone_and_day = 0,
        |taking| taking.paper.prefixes = vec!["A".to_owned()],
        |taking| taking.paper.prefixes = vec!["Z".to_owned(), "Z".to_owned()],
        |taking| taking.paper.prefixes = vec!["z".to_owned()],
    ];
    for break_it in broken {
        let mut stage = Stage::closed();
        let mut configuration = weekly(sections());
        break_it(&mut configuration.policy.taking);
        assert_eq!(stage.no(&Actor::machine(), &Command::Configure { configuration }), "configuration_invalid");
    }
}

#[test]
fn several_matters_stand_where_they_are_least_called_to_a_window_that_cannot_do_all() {
    let mut stage = Stage::closed();
    let lines = |names: &[&str]| names.iter().map(|name| line(name)).collect::<Vec<_>>();
    assert_eq!(stage.hall.line_for_all(&lines(&["b"])), Some(line("b")));
    assert_eq!(stage.hall.line_for_all(&lines(&["b", "a"])), Some(line("b")), "as many windows lack one as the other: named first");
    let mut one_more = configuration();
    let fourth = WindowSetup { id: window(4), number: 4, ..one_more.windows[0].clone() };
    one_more.windows.push(fourth);
    stage.ok(&Actor::machine(), &Command::Configure { configuration: one_more });
    assert_eq!(stage.hall.line_for_all(&lines(&["a", "b"])), Some(line("b")), "two windows serve A only, one B only");
    let mut apart = configuration();
    apart.windows.retain(|window| window.number != 2);
    stage.ok(&Actor::machine(), &Command::Configure { configuration: apart });
    assert_eq!(stage.hall.line_for_all(&lines(&["a", "b"])), None, "no window does both");
}

#[test]
fn several_matters_need_one_window_that_does_all_of_them_now_or_soon() {
    let mut stage = Stage::closed();
    stage.sit(1);
    stage.sit(3);
    let both = |name: &str| Command::Issue(NewTicket { also_line_ids: vec![line("b")], ..new_ticket(name, "a") });
    assert_eq!(stage.no(&Actor::machine(), &both("x")), "no_window", "each matter has a window, both together have none");
    stage.sit(2);
    stage.ok(&Actor::machine(), &both("x"));
    assert_eq!(stage.get("x").line_id, line("a"));
}
