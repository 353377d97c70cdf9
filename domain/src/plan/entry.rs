//! 应进必进: the list of matters that must be handled in the hall, with its exemptions. An exemption has a reason, who
//! approved it and a term, and leaves the denominator while it is in force. Knows no catalogue.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, PlanFault};

const ITEMS_MAX: usize = 3_000;
const CODE_CHARS_MAX: usize = 64;
const NAME_CHARS_MAX: usize = 200;
const SHORT_CHARS_MAX: usize = 100;

/// Why a matter may stay outside, for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approver: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// A matter of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryItem {
    /// 实施编码 as in the site's catalogue.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The exemption.
    #[serde(default)]
    pub exemption: Option<Exemption>,
}

impl EntryItem {
    /// Whether it is exempt on a day.
    #[must_use]
    pub fn is_exempt(&self, day: NaiveDate) -> bool {
        self.exemption.as_ref().is_some_and(|exemption| (exemption.from..=exemption.to).contains(&day))
    }
}

/// The list of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryList {
    /// Its matters.
    pub items: Vec<EntryItem>,
}

impl EntryList {
    /// The list with its texts cleaned.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn checked(mut self) -> Result<Self, Vec<PlanFault>> {
        let mut faults = Faults::default();
        faults.check(self.items.len() <= ITEMS_MAX, "items", "too_many", &format!("清单最多 {ITEMS_MAX} 项"));
        let mut codes = BTreeSet::new();
        for (place, item) in self.items.iter_mut().enumerate() {
            let at = format!("items[{place}]");
            faults.line(&mut item.code, CODE_CHARS_MAX, true, &format!("{at}.code"));
            faults.line(&mut item.name, NAME_CHARS_MAX, true, &format!("{at}.name"));
            faults.check(codes.insert(item.code.clone()), &format!("{at}.code"), "twice", "同一个事项写了两次");
            if let Some(exemption) = &mut item.exemption {
                faults.line(&mut exemption.reason, NAME_CHARS_MAX, true, &format!("{at}.exemption.reason"));
                faults.line(&mut exemption.approver, SHORT_CHARS_MAX, true, &format!("{at}.exemption.approver"));
                faults.check(exemption.from <= exemption.to, &format!("{at}.exemption.to"), "range", "结束不能早于开始");
            }
        }
        faults.found()?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_exemption_counts_from_its_first_to_its_last_day() {
        let exemption =
            Exemption { reason: "涉密".to_owned(), approver: "区政府".to_owned(), from: day("2026-11-01"), to: day("2026-11-30") };
        let item = EntryItem { code: "1".to_owned(), name: "事项".to_owned(), exemption: Some(exemption) };
        let on = ["2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01"].map(|text| item.is_exempt(day(text)));
        assert_eq!(on, [false, true, true, false]);
    }

    #[test]
    fn wrong_items_are_all_named() {
        let exemption = Exemption { reason: String::new(), approver: String::new(), from: day("2026-11-02"), to: day("2026-11-01") };
        let items = vec![
            EntryItem { code: "1".to_owned(), name: String::new(), exemption: Some(exemption) },
            EntryItem { code: "1".to_owned(), name: "甲".to_owned(), exemption: None },
        ];
        let fields: Vec<String> = EntryList { items }.checked().unwrap_err().into_iter().map(|fault| fault.field).collect();
        assert_eq!(
            fields,
            ["items[0].name", "items[0].exemption.reason", "items[0].exemption.approver", "items[0].exemption.to", "items[1].code"]
        );
    }
}
