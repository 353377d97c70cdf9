//! Where a person of the hall comes from, and until when: own staff, seconded by a department, sent by a vendor
//! under a contract, or from the village. A contract that is over ends access by itself (DOMAIN §11).

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::PeopleFault;
use crate::codes::clean_line;
use crate::ids::DepartmentId;

/// Characters of a vendor's name.
const VENDOR_CHARS_MAX: usize = 60;

/// Where a person comes from (人员来源).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// 中心自有.
    #[default]
    Centre,
    /// 部门派驻.
    Seconded,
    /// 外包 (劳务派遣、购买服务).
    Outsourced,
    /// 嘎查村(社区).
    Village,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 4] = [Self::Centre, Self::Seconded, Self::Outsourced, Self::Village];

    /// The name in the API and in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Centre => "centre",
            Self::Seconded => "seconded",
            Self::Outsourced => "outsourced",
            Self::Village => "village",
        }
    }

    /// Takes the name back; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == text)
    }
}

/// A vendor's contract for a person; both days are days of access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// The vendor, a firm.
    pub vendor: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// Where a person comes from, with what belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engagement {
    /// Where from.
    pub source: Source,
    /// The department that seconds the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconded_from: Option<DepartmentId>,
    /// The vendor's contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Contract>,
}

impl Engagement {
    /// Whether the person may use the account on a local date.
    #[must_use]
    pub fn admits(&self, date: NaiveDate) -> bool {
        self.contract.as_ref().is_none_or(|contract| (contract.from..=contract.to).contains(&date))
    }

    /// Last day of access; `None` is open-ended.
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.contract.as_ref().map(|contract| contract.to)
    }

    /// The contract, if somebody should renew it: it goes on and ends within these days.
    #[must_use]
    pub fn ends_within(&self, today: NaiveDate, days: u16) -> Option<&Contract> {
        let last = today.checked_add_days(Days::new(u64::from(days)))?;
        self.contract.as_ref().filter(|contract| (today..=last).contains(&contract.to))
    }

    /// The contract, if it is over.
    #[must_use]
    pub fn ended(&self, today: NaiveDate) -> Option<&Contract> {
        self.contract.as_ref().filter(|contract| contract.to < today)
    }

    /// The engagement with its text cleaned.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn checked(mut self) -> Result<Self, Vec<PeopleFault>> {
        let mut faults = Vec::new();
        let is = |source| self.source == source;
        if is(Source::Seconded) && self.seconded_from.is_none() {
            faults.push(PeopleFault::new("seconded_from_id", "missing", "派驻人员要写哪个部门派来的"));
        }
        if !is(Source::Seconded) && self.seconded_from.is_some() {
            faults.push(PeopleFault::new("seconded_from_id", "not_seconded", "只有派驻人员才写派驻部门"));
        }
        if is(Source::Outsourced) && self.contract.is_none() {
            faults.push(PeopleFault::new("contract", "missing", "外包人员要写合同：哪家公司、从哪天到哪天"));
        }
        if !is(Source::Outsourced) && self.contract.is_some() {
            faults.push(PeopleFault::new("contract", "not_outsourced", "只有外包人员才有合同"));
        }
        if let Some(contract) = &mut self.contract {
            match clean_line(&contract.vendor, VENDOR_CHARS_MAX) {
                Ok(vendor) => contract.vendor = vendor,
                Err(fault) => faults.push(PeopleFault::new("contract.vendor", fault.code(), fault.message())),
            }
            if contract.to < contract.from {
                faults.push(PeopleFault::new("contract.to", "range", "到哪天要不早于从哪天"));
            }
        }
        if faults.is_empty() { Ok(self) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap_or_default()
    }

    fn vendor(from: u32, to: u32) -> Engagement {
        let contract = Contract { vendor: "北方人力".to_owned(), from: day(from), to: day(to) };
        Engagement { source: Source::Outsourced, seconded_from: None, contract: Some(contract) }
    }

    #[test]
    fn both_days_of_a_contract_are_days_of_access() {
        let of = vendor(10, 20);
        assert_eq!([9, 10, 20, 21].map(|at| of.admits(day(at))), [false, true, true, false]);
        assert!(Engagement::default().admits(day(1)));
        assert_eq!((of.ended(day(20)).is_some(), of.ended(day(21)).is_some()), (false, true));
    }

    #[test]
    fn a_contract_is_told_before_it_ends_and_not_after() {
        let of = vendor(1, 20);
        let told = |today: u32, days| of.ends_within(day(today), days).is_some();
        assert_eq!((told(9, 10), told(10, 10), told(20, 10), told(21, 10), told(20, 0)), (false, true, true, false, true));
    }

    #[test]
    fn each_source_has_what_belongs_to_it_and_nothing_else() {
        let fields =
            |of: Engagement| of.checked().map_or_else(|faults| faults.into_iter().map(|fault| fault.field).collect(), |_| Vec::new());
        assert_eq!(fields(Engagement { source: Source::Outsourced, ..Engagement::default() }), ["contract"]);
        assert_eq!(fields(Engagement { source: Source::Seconded, ..Engagement::default() }), ["seconded_from_id"]);
        let both = Engagement { source: Source::Village, seconded_from: Some(DepartmentId::new("dd", "a")), ..vendor(20, 10) };
        assert_eq!(fields(both), ["seconded_from_id", "contract", "contract.to"]);
        let mut spaced = vendor(1, 2);
        if let Some(contract) = &mut spaced.contract {
            contract.vendor = "  北方人力 ".to_owned();
        }
        assert_eq!(spaced.checked(), Ok(vendor(1, 2)));
        for source in Source::ALL {
            assert_eq!(Source::parse(source.name()), Some(source));
        }
    }
}
