//! Limits reckoned by hand on the calendars of 2024 to 2026, and a naive model for the rest.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;
use crate::calendar::Year;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn decision(start: &str, promised: u32, stops: &[(&str, &str)]) -> Clock {
    let suspensions = stops
        .iter()
        .map(|(from, to)| Suspension {
            from: date(from),
            to: to.parse().ok(),
            procedure: "鉴定".into(),
            basis: "行政许可法第四十五条".into(),
        })
        .collect();
    Clock { kind: Kind::Decision, start: date(start), promised_days: promised, statutory_days: Some(20), extended_days: 0, suspensions }
}

fn read(clock: &Clock, today: &str) -> Reading {
    clock.read(date(today), &Calendar::state_council(), Thresholds::default())
}

#[test]
fn due_dates_reckoned_by_hand() {
    let calendar = Calendar::state_council();
    let none: &[(&str, &str)] = &[];
    for (start, days, stops, due, case) in [
        ("2026-11-09", 5, none, "2026-11-16", "a plain week: 10 11 12 13 16"),
        ("2026-11-07", 5, none, "2026-11-13", "received on a Saturday: Monday is the first day"),
        ("2026-11-08", 5, none, "2026-11-13", "received on a Sunday: the same"),
        ("2026-11-06", 5, none, "2026-11-13", "received on the Friday before: the same"),
        ("2026-09-18", 5, none, "2026-09-24", "Friday, then the make-up Sunday 20, 21 22 23 24"),
        ("2026-09-29", 5, none, "2026-10-12", "30, the National Day week, 8 9, make-up Saturday 10, 12"),
        ("2026-02-13", 3, none, "2026-02-25", "make-up Saturday 14, Spring Festival to 23, 24, 25"),
        ("2026-02-27", 1, none, "2026-02-28", "a make-up Saturday is a last day"),
        ("2025-01-24", 10, none, "2025-02-13", "make-up Sunday 26, 27, festival to 4 Feb, 5 6 7, make-up Saturday 8, 10 11 12 13"),
        ("2024-02-03", 1, none, "2024-02-04", "received on a Saturday, the make-up Sunday counts"),
        ("2024-04-26", 2, none, "2024-04-29", "make-up Sunday 28, Monday 29"),
        ("2024-12-31", 2, none, "2025-01-03", "over the turn of the year"),
        ("2026-11-10", 8, &[("2026-11-13", "2026-11-18")], "2026-11-25", "the example of the approver's page: three working days stopped"),
        (
            "2026-09-28",
            5,
            &[("2026-09-30", "2026-10-09")],
            "2026-10-13",
            "29, stopped over the holidays to the 8th, 9, make-up Saturday 10, 12 13",
        ),
        ("2026-09-28", 2, &[("2026-10-01", "2026-10-08")], "2026-09-30", "a stop that lies after the end changes nothing"),
        ("2026-11-09", 2, &[("2026-11-11", "2026-11-11")], "2026-11-11", "stopped and resumed on one day: nothing gained"),
        ("2026-11-09", 1, &[("2026-11-10", "2026-11-12"), ("2026-11-11", "2026-11-16")], "2026-11-16", "overlapping stops are one"),
        ("2026-11-11", 0, none, "2026-11-11", "the same day"),
        ("2026-10-03", 0, none, "2026-10-08", "the same day rolls over the holiday"),
        ("2026-12-24", 5, none, "2026-12-31", "the last day that is known"),
    ] {
        assert_eq!(decision(start, days, stops).due(&calendar), Ok(date(due)), "{case}");
    }
}

#[test]
fn past_the_last_year_nothing_is_guessed_and_loading_it_projects() {
    let mut calendar = Calendar::state_council();
    let clock = decision("2026-12-24", 6, &[]);
    assert_eq!(clock.due(&calendar), Err(Undetermined::MissingYear(2027)));
    let reading = clock.read(date("2026-12-30"), &calendar, Thresholds::default());
    assert_eq!((reading.budget, reading.spent, reading.due, reading.missing_year), (6, 4, None, Some(2027)));
    assert_eq!(reading.statutory_missing_year, Some(2027));
    assert_eq!(reading.days.last().unwrap().date, date("2026-12-31"));
    assert_eq!(reading.level, Level::None);

    let later = clock.read(date("2027-02-01"), &calendar, Thresholds::default());
    assert_eq!((later.spent, later.due, later.level), (5, None, Level::Notice), "counted as far as it is known, no card");

    let off = [(date("2027-01-01"), "元旦".to_owned())].into();
    calendar.load(2027, Year { source: "通知".into(), off, make_up: [].into() }).unwrap();
    assert_eq!(clock.due(&calendar), Ok(date("2027-01-04")));
    assert_eq!(clock.read(date("2027-02-01"), &calendar, Thresholds::default()).level, Level::Red);
    assert_eq!(decision("2023-12-29", 3, &[]).due(&calendar), Err(Undetermined::MissingYear(2023)));
}

#[test]
fn a_promise_can_be_known_while_the_statutory_limit_waits_for_its_year() {
    let reading = read(&decision("2026-12-21", 8, &[]), "2026-12-31");
    assert_eq!((reading.due, reading.missing_year), (Some(date("2026-12-31")), None));
    assert_eq!((reading.statutory_due, reading.statutory_missing_year), (None, Some(2027)));
    let over = read(&decision("2026-12-21", 8, &[]), "2027-01-05");
    assert_eq!(over.level, Level::Yellow, "past a known promise even where today cannot be counted");
}

#[test]
fn an_open_suspension_leaves_no_due_date_unless_it_came_too_late() {
    let standing = decision("2026-11-02", 10, &[("2026-11-05", "")]);
    let reading = read(&standing, "2026-11-24");
    assert_eq!((reading.due, reading.missing_year, reading.spent, reading.stopped), (None, None, 2, true));
    assert_eq!(reading.level, Level::None);
    assert_eq!(
        reading.days.last().unwrap(),
        &ClockDay { date: date("2026-11-24"), counts: false, why: "停钟：鉴定，不计（行政许可法第四十五条）".into() }
    );
    assert_eq!(standing.due(&Calendar::state_council()), Err(Undetermined::Stopped));

    let late = read(&decision("2026-11-02", 2, &[("2026-11-05", "")]), "2026-11-06");
    assert_eq!((late.due, late.stopped, late.level), (Some(date("2026-11-04")), true, Level::Yellow));
}

#[test]
fn levels_follow_what_is_left_of_promise_and_law() {
    let clock = decision("2026-11-02", 10, &[]);
    for (today, spent, overdue, level) in [
        ("2026-11-02", 0, 0, Level::None),
        ("2026-11-11", 7, 0, Level::None),
        ("2026-11-12", 8, 0, Level::Notice),
        ("2026-11-16", 10, 0, Level::Notice),
        ("2026-11-17", 11, 1, Level::Yellow),
        ("2026-11-30", 20, 10, Level::Yellow),
        ("2026-12-01", 21, 11, Level::Red),
    ] {
        let reading = read(&clock, today);
        assert_eq!((reading.spent, reading.overdue, reading.level), (spent, overdue, level), "{today}");
    }
    let short = decision("2026-11-02", 3, &[]);
    assert_eq!(read(&short, "2026-11-03").level, Level::None, "two of three left");
    assert_eq!(read(&short, "2026-11-04").level, Level::Notice, "one left");
    assert_eq!(read(&decision("2026-11-02", 5, &[]), "2026-11-07").level, Level::Notice, "the Saturday before the last day");
    assert_eq!(read(&decision("2026-11-02", 4, &[]), "2026-11-07").level, Level::Yellow, "the Saturday after the last day");
    assert_eq!([Level::None, Level::Notice, Level::Yellow, Level::Red].map(Level::label), ["", "预警", "黄牌", "红牌"]);
    assert!(Level::None < Level::Notice && Level::Notice < Level::Yellow && Level::Yellow < Level::Red);
}

#[test]
fn an_extension_lengthens_promise_and_law() {
    let clock = Clock { extended_days: 10, ..decision("2026-11-02", 10, &[]) };
    let calendar = Calendar::state_council();
    assert_eq!(clock.due(&calendar), Ok(date("2026-11-30")));
    assert_eq!(clock.statutory_due(&calendar), Some(Ok(date("2026-12-14"))));
    assert_eq!(Clock { statutory_days: None, ..clock }.statutory_due(&calendar), None);
}

#[test]
fn each_day_is_explained_with_its_article() {
    let reading = read(&decision("2026-09-24", 5, &[("2026-09-29", "2026-09-30")]), "2026-10-09");
    let told: Vec<String> =
        reading.days.iter().map(|day| format!("{} {} {}", day.date.format("%m-%d"), u8::from(day.counts), day.why)).collect();
    let expected = [
        "09-24 0 受理当日不计，自次日起算（民法典第二百零一条）",
        "09-25 0 中秋节放假，不计（行政许可法第八十二条）",
        "09-26 0 中秋节放假，不计（行政许可法第八十二条）",
        "09-27 0 中秋节放假，不计（行政许可法第八十二条）",
        "09-28 1 第 1 个工作日",
        "09-29 0 停钟：鉴定，不计（行政许可法第四十五条）",
        "09-30 1 第 2 个工作日",
        "10-01 0 国庆节放假，不计（行政许可法第八十二条）",
        "10-02 0 国庆节放假，不计（行政许可法第八十二条）",
        "10-03 0 国庆节放假，不计（行政许可法第八十二条）",
        "10-04 0 国庆节放假，不计（行政许可法第八十二条）",
        "10-05 0 国庆节放假，不计（行政许可法第八十二条）",
        "10-06 0 国庆节放假，不计（行政许可法第八十二条）",
        "10-07 0 国庆节放假，不计（行政许可法第八十二条）",
        "10-08 1 第 3 个工作日",
        "10-09 1 第 4 个工作日",
        "10-10 1 国庆节调休上班，第 5 个工作日，期限届满",
    ];
    assert_eq!(told, expected);

    let saturday = read(&Clock::acceptance(date("2026-11-07")), "2026-11-16");
    assert_eq!(saturday.days[0].why, "周末收到申请，当日不计，自下一个工作日起算（民法典第二百零一条）");
    assert_eq!(saturday.days.last().unwrap().why, "超期第 1 个工作日");
    let instant = read(&decision("2026-11-11", 0, &[]), "2026-11-11");
    assert_eq!(instant.days, vec![ClockDay { date: date("2026-11-11"), counts: false, why: "受理当日办结".into() }]);
}

#[test]
fn silence_accepts_after_five_working_days_and_a_supply_starts_anew() {
    let calendar = Calendar::state_council();
    let deemed = deemed_acceptance(date("2026-09-29"), &[], &calendar).unwrap();
    assert_eq!((deemed.last_day, deemed.from, deemed.clock_start), (date("2026-10-12"), date("2026-10-13"), date("2026-09-29")));
    let supplied = deemed_acceptance(date("2026-09-29"), &[date("2026-10-15"), date("2026-10-10")], &calendar).unwrap();
    assert_eq!((supplied.last_day, supplied.clock_start), (date("2026-10-22"), date("2026-10-15")));
    let saturday = deemed_acceptance(date("2026-11-07"), &[], &calendar).unwrap();
    assert_eq!((saturday.last_day, saturday.from), (date("2026-11-13"), date("2026-11-14")));
    assert_eq!(deemed_acceptance(date("2026-12-28"), &[], &calendar), Err(MissingYear(2027)));
    assert_eq!(Clock::acceptance(date("2026-11-07")).due(&calendar), Ok(saturday.last_day));
    assert_eq!(Clock::delivery(date("2026-11-11")).due(&calendar), Ok(date("2026-11-25")));
}

/// The model: a list of all days after the start, crossed out one rule after the other.
fn model_due(clock: &Clock, calendar: &Calendar) -> Result<NaiveDate, Undetermined> {
    let mut left = clock.promised_days + clock.extended_days;
    let mut day = clock.start;
    loop {
        day = day.succ_opt().unwrap();
        let Ok(day_kind) = calendar.day(day) else { return Err(Undetermined::MissingYear(2027)) };
        let mut counts = day_kind.working;
        for stop in &clock.suspensions {
            match stop.to {
                Some(to) if stop.from <= day && day < to => counts = false,
                None if stop.from <= day && day_kind.working => return Err(Undetermined::Stopped),
                _ => {}
            }
        }
        if counts {
            left -= 1;
            if left == 0 {
                return Ok(day);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_clock_agrees_with_a_day_by_day_model(
        start in 0u64..1090,
        promised in 1u32..60,
        extended in 0u32..11,
        stops in proptest::collection::vec((0u64..120, 0u64..30, proptest::bool::weighted(0.1)), 0..5),
        seen_after in 0u64..150,
    ) {
        let calendar = Calendar::state_council();
        let first = date("2024-01-01") + chrono::Days::new(start);
        let suspensions = stops
            .into_iter()
            .map(|(after, length, open)| {
                let from = first + chrono::Days::new(after);
                let to = (!open).then(|| from + chrono::Days::new(length));
                Suspension { from, to, procedure: "检验".into(), basis: "第四十五条".into() }
            })
            .collect();
        let clock = Clock { kind: Kind::Decision, start: first, promised_days: promised, statutory_days: Some(promised + 5), extended_days: extended, suspensions };
        let due = clock.due(&calendar);
        prop_assert_eq!(due, model_due(&clock, &calendar));

        let today = first + chrono::Days::new(seen_after);
        let reading = clock.read(today, &calendar, Thresholds::default());
        prop_assert_eq!(reading.due, due.ok());
        prop_assert_eq!(reading.spent as usize, reading.days.iter().filter(|day| day.counts && day.date <= today).count());
        prop_assert!(reading.days.windows(2).all(|pair| pair[0].date.succ_opt() == Some(pair[1].date)), "no day is skipped");
        if let Some(due) = reading.due {
            let counted = reading.days.iter().filter(|day| day.counts && day.date <= due).count();
            prop_assert_eq!(counted as u32, reading.budget, "the explanation adds up to the budget");
            prop_assert!(calendar.works(due).unwrap());
            prop_assert_eq!(reading.level >= Level::Yellow, today > due);
            if let Some(statutory) = reading.statutory_due {
                prop_assert!(due <= statutory);
                prop_assert_eq!(reading.level == Level::Red, today > statutory);
            }
        } else {
            prop_assert!(reading.level <= Level::Notice);
            prop_assert!(reading.missing_year.is_some() || due == Err(Undetermined::Stopped));
        }
    }
}
