//! The yearly notices of the State Council's General Office (国务院办公厅关于部分节假日安排的通知),
//! entered as spans of days off and single make-up working days. Data only, no rule.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Year;

type MonthDay = (u32, u32);

/// One holiday of a notice: first and last day off, and the Saturdays and Sundays worked for it.
struct Span {
    name: &'static str,
    first: MonthDay,
    last: MonthDay,
    worked: &'static [MonthDay],
}

struct Notice {
    year: i32,
    source: &'static str,
    spans: &'static [Span],
}

const fn span(name: &'static str, first: MonthDay, last: MonthDay, worked: &'static [MonthDay]) -> Span {
    Span { name, first, last, worked }
}

const NOTICES: [Notice; 3] = [
    Notice {
        year: 2024,
        source: "国务院办公厅关于2024年部分节假日安排的通知 https://www.gov.cn/zhengce/zhengceku/202310/content_6911528.htm",
        spans: &[
            span("元旦", (1, 1), (1, 1), &[]),
            span("春节", (2, 10), (2, 17), &[(2, 4), (2, 18)]),
            span("清明节", (4, 4), (4, 6), &[(4, 7)]),
            span("劳动节", (5, 1), (5, 5), &[(4, 28), (5, 11)]),
            span("端午节", (6, 10), (6, 10), &[]),
            span("中秋节", (9, 15), (9, 17), &[(9, 14)]),
            span("国庆节", (10, 1), (10, 7), &[(9, 29), (10, 12)]),
        ],
    },
    Notice {
        year: 2025,
        source: "国务院办公厅关于2025年部分节假日安排的通知 https://www.gov.cn/zhengce/zhengceku/202411/content_6986383.htm",
        spans: &[
            span("元旦", (1, 1), (1, 1), &[]),
            span("春节", (1, 28), (2, 4), &[(1, 26), (2, 8)]),
            span("清明节", (4, 4), (4, 6), &[]),
            span("劳动节", (5, 1), (5, 5), &[(4, 27)]),
            span("端午节", (5, 31), (6, 2), &[]),
            span("国庆节、中秋节", (10, 1), (10, 8), &[(9, 28), (10, 11)]),
        ],
    },
    Notice {
        year: 2026,
        source: "国务院办公厅关于2026年部分节假日安排的通知 https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm",
        spans: &[
            span("元旦", (1, 1), (1, 3), &[(1, 4)]),
            span("春节", (2, 15), (2, 23), &[(2, 14), (2, 28)]),
            span("清明节", (4, 4), (4, 6), &[]),
            span("劳动节", (5, 1), (5, 5), &[(5, 9)]),
            span("端午节", (6, 19), (6, 21), &[]),
            span("中秋节", (9, 25), (9, 27), &[]),
            span("国庆节", (10, 1), (10, 7), &[(9, 20), (10, 10)]),
        ],
    },
];

/// The notices as calendar years.
pub(super) fn years() -> BTreeMap<i32, Year> {
    NOTICES.iter().map(|notice| (notice.year, year(notice))).collect()
}

fn year(notice: &Notice) -> Year {
    let date = |(month, day): MonthDay| NaiveDate::from_ymd_opt(notice.year, month, day);
    let mut off = BTreeMap::new();
    let mut make_up = BTreeMap::new();
    for span in notice.spans {
        let (Some(first), Some(last)) = (date(span.first), date(span.last)) else { continue };
        off.extend(first.iter_days().take_while(|day| *day <= last).map(|day| (day, span.name.to_owned())));
        make_up.extend(span.worked.iter().filter_map(|day| date(*day)).map(|day| (day, span.name.to_owned())));
    }
    Year { source: notice.source.to_owned(), off, make_up }
}
