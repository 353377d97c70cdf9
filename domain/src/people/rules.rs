//! What a site can set about its people: how the appraisal weighs, and when a contract's end is told. Every number
//! is a local rule with a default (◇ in the facts of the field).

use serde::{Deserialize, Serialize};

use super::PeopleFault;

/// With fewer ratings than this nobody's are counted: a single one would name who gave it. No site may go below.
const RATINGS_FLOOR: u16 = 5;

/// How much each item weighs, in per cent; together 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// 接待量.
    pub visits: u8,
    /// 办理时长.
    pub serving: u8,
    /// 群众评价.
    pub ratings: u8,
    /// 按时办结.
    pub on_time: u8,
    /// 出勤.
    pub attendance: u8,
}

impl Weights {
    /// All together, in per cent.
    #[must_use]
    pub fn sum(self) -> u32 {
        [self.visits, self.serving, self.ratings, self.on_time, self.attendance].into_iter().map(u32::from).sum()
    }
}

/// The settings of a site about its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleRules {
    /// How much each item weighs.
    pub weights: Weights,
    /// Visits a day at a window that give full points.
    pub visits_a_day: u16,
    /// The usual band of a serving time begins at this share of the line's mean, in per cent.
    pub band_low_percent: u16,
    /// It ends at this share.
    pub band_high_percent: u16,
    /// Visits of a line below which a mean says nothing.
    pub visits_min: u16,
    /// Ratings below which none are counted; 5 at least, so that nobody can tell who rated.
    pub ratings_min: u16,
    /// A contract's end is told so many days before.
    pub contract_notice_days: u16,
}

impl Default for PeopleRules {
    fn default() -> Self {
        Self {
            weights: Weights { visits: 25, serving: 15, ratings: 25, on_time: 20, attendance: 15 },
            visits_a_day: 20,
            band_low_percent: 50,
            band_high_percent: 150,
            visits_min: 5,
            ratings_min: 10,
            contract_notice_days: 30,
        }
    }
}

impl PeopleRules {
    /// Everything that is wrong, at once; empty when sound.
    #[must_use]
    pub fn faults(&self) -> Vec<PeopleFault> {
        let checks = [
            (self.weights.sum() == 100, "weights", "sum", "各项权重加起来要是 100"),
            ((1..=500).contains(&self.visits_a_day), "visits_a_day", "range", "一天办多少件算满分，1 到 500"),
            (self.band_low_percent <= 100, "band_low_percent", "range", "时长下限是平均的百分之几，0 到 100"),
            ((100..=1_000).contains(&self.band_high_percent), "band_high_percent", "range", "时长上限是平均的百分之几，100 到 1000"),
            ((1..=1_000).contains(&self.visits_min), "visits_min", "range", "至少几件才看时长，1 到 1000"),
            (
                (RATINGS_FLOOR..=1_000).contains(&self.ratings_min),
                "ratings_min",
                "range",
                "至少几条评价才计，5 到 1000；再少就看得出是谁评的",
            ),
            ((1..=365).contains(&self.contract_notice_days), "contract_notice_days", "range", "合同到期前几天提醒，1 到 365"),
        ];
        checks.into_iter().filter(|(holds, ..)| !holds).map(|(_, field, code, text)| PeopleFault::new(field, code, text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_sound_and_every_fault_is_told_at_once() {
        assert_eq!(PeopleRules::default().faults(), []);
        let wrong = PeopleRules {
            weights: Weights { visits: 100, serving: 1, ratings: 0, on_time: 0, attendance: 0 },
            visits_a_day: 0,
            band_low_percent: 101,
            band_high_percent: 99,
            visits_min: 0,
            ratings_min: 4,
            contract_notice_days: 0,
        };
        assert_eq!(wrong.faults().len(), 7);
    }
}
