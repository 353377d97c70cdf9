//! Configurations with effective dates: in force from their time on, whatever happens first then.

use super::stage::*;
use crate::hall::*;
use crate::time::{DAY_MS, Millis};

fn with_bound(green_bound: u32) -> Configuration {
    let mut configuration = configuration();
    configuration.policy.green_bound = green_bound;
    configuration
}

fn schedule(stage: &mut Stage, from: Millis, green_bound: u32) {
    stage.ok(&Actor::machine(), &Command::ScheduleConfiguration { from, configuration: with_bound(green_bound) });
}

fn bound(stage: &Stage) -> u32 {
    stage.hall.doc().policy.green_bound
}

#[test]
fn it_is_in_force_from_its_time_on_before_anything_else_happens() {
    let mut stage = Stage::open();
    schedule(&mut stage, at(10, 0), 5);
    assert_eq!((bound(&stage), stage.hall.next_due()), (3, at(10, 0)));
    stage.now = at(10, 0) - 1;
    stage.ok(&Actor::machine(), &Command::Tick);
    assert_eq!(bound(&stage), 3);
    stage.now = at(10, 0);
    let events = stage.ok(&Actor::machine(), &Command::Issue(new_ticket("a1", "a")));
    assert_eq!(kinds(&events), ["hall_configured", "ticket_issued"]);
    assert_eq!((bound(&stage), events[0].by.clone(), stage.hall.doc().scheduled.len()), (5, None, 0));
}

#[test]
fn the_timer_brings_it_too_and_of_several_the_newest_counts() {
    let mut stage = Stage::open();
    schedule(&mut stage, at(11, 0), 6);
    schedule(&mut stage, at(10, 0), 5);
    schedule(&mut stage, at(23, 0), 7);
    stage.now = at(12, 0);
    let events = stage.ok(&Actor::machine(), &Command::Tick);
    assert_eq!(kinds(&events), ["hall_configured"]);
    let waiting: Vec<Millis> = stage.hall.doc().scheduled.iter().map(|scheduled| scheduled.from).collect();
    assert_eq!((bound(&stage), waiting), (6, vec![at(23, 0)]));
}

#[test]
fn it_can_be_replaced_and_cancelled_until_then() {
    let mut stage = Stage::open();
    schedule(&mut stage, at(10, 0), 5);
    schedule(&mut stage, at(10, 0), 6);
    assert_eq!(stage.hall.doc().scheduled.len(), 1);
    let cancel = Command::CancelConfiguration { from: at(10, 0) };
    stage.ok(&Actor::machine(), &cancel);
    assert_eq!(stage.no(&Actor::machine(), &cancel), "not_scheduled");
    stage.now = at(11, 0);
    stage.ok(&Actor::machine(), &Command::Tick);
    assert_eq!(bound(&stage), 3);
}

#[test]
fn what_is_in_use_when_its_time_comes_stands_against_it_and_that_is_told_once() {
    let mut stage = Stage::open();
    let mut fewer = configuration();
    fewer.windows.retain(|window| window.number != 1);
    stage.ok(&Actor::machine(), &Command::ScheduleConfiguration { from: at(10, 0), configuration: fewer });
    stage.now = at(10, 0);
    let events = stage.ok(&Actor::machine(), &Command::Tick);
    let Fact::ScheduledConfigurationRefused { from, code, text } = &events[0].fact else { panic!("{events:?}") };
    assert_eq!((*from, code.as_str(), text.as_str()), (at(10, 0), "window_in_use", "1 号窗口还开着，关上再删"));
    assert!(stage.hall.window(&window(1)).is_some());
    assert_eq!(stage.ok(&Actor::machine(), &Command::Tick), []);
}

#[test]
fn only_what_is_sound_is_scheduled_and_only_for_some_time_to_come() {
    let mut stage = Stage::open();
    let mut no =
        |from, green_bound| stage.no(&Actor::machine(), &Command::ScheduleConfiguration { from, configuration: with_bound(green_bound) });
    assert_eq!(no(at(10, 0), 0), "configuration_invalid");
    assert_eq!(no(at(9, 0), 3), "schedule_invalid", "that is now");
    assert_eq!(no(at(9, 0) + 401 * DAY_MS, 3), "schedule_invalid");
    for hour in 10..22 {
        schedule(&mut stage, at(hour, 0), 4);
    }
    let one_more = Command::ScheduleConfiguration { from: at(22, 0), configuration: with_bound(4) };
    assert_eq!(stage.no(&Actor::machine(), &one_more), "schedule_invalid");
}
