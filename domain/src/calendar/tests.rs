//! The days of 2024 to 2026 as counted by hand from the notices, and the year that is not there.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn each_month_has_as_many_working_days_as_the_notices_leave() {
    let calendar = Calendar::state_council();
    for (year, months, total) in [
        (2024, [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22], 251),
        (2025, [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23], 248),
        (2026, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23], 248),
    ] {
        let days = calendar.days_of(year).unwrap();
        let mut counted = [0; 12];
        for day in days.iter().filter(|day| day.working) {
            counted[day.date.month0() as usize] += 1;
        }
        assert_eq!((counted, counted.iter().sum::<i32>()), (months, total), "{year}");
        assert_eq!(days.len(), if year == 2024 { 366 } else { 365 });
    }
}

#[test]
fn make_up_days_are_exactly_those_of_the_notices() {
    let calendar = Calendar::state_council();
    let made_up: Vec<String> = calendar
        .years()
        .flat_map(|(year, _)| calendar.days_of(year).unwrap())
        .filter(|day| matches!(day.why, Why::MakeUp(_)))
        .inspect(|day| assert!(day.working && is_weekend(day.date), "{day:?}"))
        .map(|day| day.date.to_string())
        .collect();
    let expected = [
        "2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12",
        "2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11",
        "2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10",
    ];
    assert_eq!(made_up.join(" "), expected.join(" "));
}

#[test]
fn every_entered_year_is_sound_and_names_its_notice() {
    for (year, days) in Calendar::state_council().years() {
        assert_eq!(days.faults(year), vec![]);
        assert!(days.source.contains(&format!("{year}年部分节假日安排的通知 https://www.gov.cn/")));
    }
}

#[test]
fn a_day_says_why_it_works_or_not() {
    let calendar = Calendar::state_council();
    for (day, working, why) in [
        (date(2026, 2, 13), true, "工作日"),
        (date(2026, 2, 14), true, "春节调休上班"),
        (date(2026, 2, 15), false, "春节放假"),
        (date(2026, 2, 23), false, "春节放假"),
        (date(2026, 3, 1), false, "周末"),
        (date(2025, 10, 6), false, "国庆节、中秋节放假"),
        (date(2024, 2, 9), true, "工作日"),
    ] {
        let found = calendar.day(day).unwrap();
        assert_eq!((found.working, found.why.to_string().as_str()), (working, why), "{day}");
        assert_eq!(calendar.works(day).unwrap(), working);
    }
    let shown = serde_json::to_string(&calendar.day(date(2026, 1, 4)).unwrap()).unwrap();
    assert_eq!(shown, r#"{"date":"2026-01-04","working":true,"why":"元旦调休上班"}"#);
}

#[test]
fn a_year_not_loaded_has_no_days_not_even_weekends() {
    let calendar = Calendar::state_council();
    assert_eq!(calendar.last_year(), Some(2026));
    assert_eq!(calendar.day(date(2027, 1, 2)), Err(MissingYear(2027)));
    assert_eq!(calendar.works(date(2027, 1, 3)), Err(MissingYear(2027)));
    assert_eq!(calendar.days_of(2023), Err(MissingYear(2023)));
    assert_eq!(calendar.working_day_after(date(2026, 12, 31), 1), Err(MissingYear(2027)));
    assert_eq!(calendar.working_day_after(date(2026, 12, 31), 0), Ok(date(2026, 12, 31)));
    assert_eq!(calendar.working_day_after(date(2026, 12, 30), 1), Ok(date(2026, 12, 31)));
}

#[test]
fn a_loaded_year_is_checked_and_all_faults_are_told_at_once() {
    let name = String::from("某节");
    let mut calendar = Calendar::state_council();
    let year = Year {
        source: String::new(),
        off: [(date(2027, 1, 2), name.clone()), (date(2026, 12, 31), name.clone())].into(),
        make_up: [(date(2027, 1, 2), name.clone()), (date(2027, 1, 4), name.clone())].into(),
    };
    assert_eq!(
        calendar.load(2027, year).unwrap_err(),
        vec![
            YearFault::OutsideYear(date(2026, 12, 31)),
            YearFault::OffAndWorked(date(2027, 1, 2)),
            YearFault::MakeUpOnWeekday(date(2027, 1, 4)),
            YearFault::Name,
        ]
    );
    assert_eq!(calendar.last_year(), Some(2026));

    let sound = Year { source: name.clone(), off: [(date(2027, 1, 1), name.clone())].into(), make_up: [(date(2027, 1, 3), name)].into() };
    calendar.load(2027, sound).unwrap();
    assert_eq!(calendar.works(date(2027, 1, 1)), Ok(false));
    assert_eq!(calendar.works(date(2027, 1, 3)), Ok(true));
}

#[test]
fn the_next_year_is_asked_for_from_the_first_of_november() {
    let calendar = Calendar::state_council();
    assert_eq!(calendar.year_wanted(date(2026, 10, 31)), None);
    assert_eq!(calendar.year_wanted(date(2026, 11, 1)), Some(2027));
    assert_eq!(calendar.year_wanted(date(2027, 3, 1)), Some(2027));
    assert_eq!(calendar.year_wanted(date(2025, 12, 1)), None);
}
