//! The five levels by name, and their numbers at the border, where provinces use both orders.

use serde::{Deserialize, Serialize};

/// A level of satisfaction; the lowest two are negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 非常不满意
    VeryDissatisfied,
    /// 不满意
    Dissatisfied,
    /// 基本满意
    BasicallySatisfied,
    /// 满意
    Satisfied,
    /// 非常满意
    VerySatisfied,
}

/// Which end of 1…5 is the best, by the receiver's interface document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StarOrder {
    /// GB/T 39046: 1 = 非常满意.
    OneIsBest,
    /// Some provinces: 5 = 非常满意.
    FiveIsBest,
}

impl Level {
    /// Every level, the best first.
    pub const ALL: [Self; 5] = [Self::VerySatisfied, Self::Satisfied, Self::BasicallySatisfied, Self::Dissatisfied, Self::VeryDissatisfied];

    /// Number of stars, 1 (worst) to 5 (best): the first digit of the reason codes.
    #[must_use]
    pub fn stars(self) -> u8 {
        match self {
            Self::VeryDissatisfied => 1,
            Self::Dissatisfied => 2,
            Self::BasicallySatisfied => 3,
            Self::Satisfied => 4,
            Self::VerySatisfied => 5,
        }
    }

    /// The number at a border with this order.
    #[must_use]
    pub fn number(self, order: StarOrder) -> u8 {
        match order {
            StarOrder::OneIsBest => 6 - self.stars(),
            StarOrder::FiveIsBest => self.stars(),
        }
    }

    /// The level that a number means at a border with this order; `None` outside 1–5.
    #[must_use]
    pub fn from_number(number: u8, order: StarOrder) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.number(order) == number)
    }

    /// Whether it opens the loop of verification and rectification.
    #[must_use]
    pub fn is_negative(self) -> bool {
        match self {
            Self::VeryDissatisfied | Self::Dissatisfied => true,
            Self::BasicallySatisfied | Self::Satisfied | Self::VerySatisfied => false,
        }
    }

    /// The value of the API's list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::VeryDissatisfied => "very_dissatisfied",
            Self::Dissatisfied => "dissatisfied",
            Self::BasicallySatisfied => "basically_satisfied",
            Self::Satisfied => "satisfied",
            Self::VerySatisfied => "very_satisfied",
        }
    }

    /// The words on pad and page.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::VeryDissatisfied => "非常不满意",
            Self::Dissatisfied => "不满意",
            Self::BasicallySatisfied => "基本满意",
            Self::Satisfied => "满意",
            Self::VerySatisfied => "非常满意",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_map_there_and_back() {
        let national: Vec<_> = Level::ALL.iter().map(|level| level.number(StarOrder::OneIsBest)).collect();
        let provincial: Vec<_> = Level::ALL.iter().map(|level| level.number(StarOrder::FiveIsBest)).collect();
        assert_eq!((national, provincial), (vec![1, 2, 3, 4, 5], vec![5, 4, 3, 2, 1]));
        for order in [StarOrder::OneIsBest, StarOrder::FiveIsBest] {
            for level in Level::ALL {
                assert_eq!(Level::from_number(level.number(order), order), Some(level));
            }
            assert_eq!((Level::from_number(0, order), Level::from_number(6, order)), (None, None));
        }
    }

    #[test]
    fn the_lowest_two_are_negative() {
        let negative: Vec<_> = Level::ALL.into_iter().filter(|level| level.is_negative()).map(Level::name).collect();
        assert_eq!(negative, ["dissatisfied", "very_dissatisfied"]);
    }
}
