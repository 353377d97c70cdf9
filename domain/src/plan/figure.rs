//! The figures that the plan asks for (DOMAIN §9): key, name, unit, goal and, in words, how each is made. What a hall's
//! own figures mean stands in `hall::DEFINITIONS` and is not said twice. Computes nothing.

use crate::hall::DEFINITIONS;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A part of a whole, 0 to 1.
    Share,
    /// Seconds.
    Seconds,
    /// A number of things.
    Count,
}

impl Unit {
    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Seconds => "seconds",
            Self::Count => "count",
        }
    }
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// More.
    Higher,
    /// Less.
    Lower,
    /// Neither: it is only told.
    Neither,
}

impl Better {
    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::Neither => "neither",
        }
    }
}

/// How a value stands to its goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Reached.
    Met,
    /// Not reached.
    Below,
    /// Missed by more than 5 %, times by more than 10 %.
    Far,
}

impl Reach {
    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Below => "below",
            Self::Far => "far",
        }
    }
}

/// A figure of the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlanFigure {
    /// Its name in the API.
    pub key: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What its value is.
    pub unit: Unit,
    /// Which way is good.
    pub better: Better,
    /// The goal, where the plan sets one; a site's own goals for waiting, serving and satisfaction go before it.
    pub goal: Option<f64>,
    own_text: &'static str,
}

const fn define(
    key: &'static str,
    name: &'static str,
    unit: Unit,
    better: Better,
    goal: Option<f64>,
    own_text: &'static str,
) -> PlanFigure {
    PlanFigure { key, name, unit, better, goal, own_text }
}

/// Every figure, in the order in which they are shown. An empty text is that of `hall::DEFINITIONS` under the same key.
pub const FIGURES: &[PlanFigure] = &[
    define("issued", "取号", Unit::Count, Better::Neither, None, ""),
    define("waiting", "平均等候", Unit::Seconds, Better::Lower, Some(1200.0), ""),
    define(
        "waiting_p90",
        "九成等候",
        Unit::Seconds,
        Better::Neither,
        None,
        "等候时间从短到长排好，取第 ⌈个数×90％⌉ 个：九成的人等得不比它长。",
    ),
    define("serving", "平均办理", Unit::Seconds, Better::Lower, Some(1800.0), ""),
    define("satisfaction", "满意率", Unit::Share, Better::Higher, Some(0.95), ""),
    define("rated", "评价率", Unit::Share, Better::Neither, None, ""),
    define("on_time", "按时办结率", Unit::Share, Better::Higher, Some(1.0), ""),
    define(
        "first_time",
        "一次办结率",
        Unit::Share,
        Better::Neither,
        None,
        "这些天作出决定的办件里，没有发过一次性告知、没有后补过材料、也没有退回窗口的 ÷ 全部。申请人交一次就办成决定。",
    ),
    define(
        "one_window",
        "一窗通办",
        Unit::Share,
        Better::Higher,
        Some(1.0),
        "每一个综合受理窗口都能受理的事项 ÷ 本场所目录里在用的事项，按现在的目录和窗口设置算。只有个别窗口能办的不算通办。",
    ),
    define(
        "must_enter",
        "应进必进",
        Unit::Share,
        Better::Higher,
        Some(1.0),
        "应进必进清单里，本场所目录在用、有窗口受理的事项 ÷（清单 － 期限内的豁免）。豁免要有理由、批准人和起止日期。",
    ),
    define(
        "never_here",
        "明进暗不进",
        Unit::Count,
        Better::Lower,
        Some(0.0),
        "本场所目录里在用的事项，到期末为止的 90 天里本区别的场所受理过同一事项（编码相同，或名称相同）、本场所一次也没有受理的个数。是要去核实的线索，不是结论。",
    ),
    define(
        "uncollected",
        "没领走的证",
        Unit::Count,
        Better::Lower,
        None,
        "现在还放在出证窗口柜里、申请人没有领走的证照和文书，按制证到今天的天数分：7 天内、30 天内、90 天内、更久。",
    ),
    define(
        "under_basis",
        "有效授权下决定",
        Unit::Share,
        Better::Higher,
        Some(1.0),
        "这些天由审批人员作出的决定里，作出时凭的是该部门有效的派驻、授权或委托依据，并且依据登记了文件的 ÷ 全部。按作出决定时留在日志里的依据算，以后改账号不影响；以前没有留下依据的，按决定人账号上当天有效的依据算。窗口即办、系统自动的不在内。",
    ),
    define("tier_basic", "基础型", Unit::Share, Better::Higher, Some(1.0), "经区政务局确认达到基础型及以上的便民服务站 ÷ 全部便民服务站。"),
    define("tier_standard", "标准型", Unit::Share, Better::Higher, Some(0.9), "经区政务局确认达到标准型及以上的中心和站 ÷ 全部中心和站。"),
    define("tier_model", "标杆型", Unit::Share, Better::Higher, Some(0.4), "经区政务局确认达到标杆型的中心和站 ÷ 全部中心和站。"),
];

/// A figure by its key.
#[must_use]
pub fn figure(key: &str) -> Option<&'static PlanFigure> {
    FIGURES.iter().find(|figure| figure.key == key)
}

impl PlanFigure {
    /// How it is made, for people.
    #[must_use]
    pub fn text(&self) -> &'static str {
        if !self.own_text.is_empty() {
            return self.own_text;
        }
        DEFINITIONS.iter().find(|definition| definition.key == self.key).map_or("", |definition| definition.text)
    }

    /// How a value stands to a goal; `None` without a goal or where neither way is good.
    #[must_use]
    pub fn reach(&self, value: f64, goal: Option<f64>) -> Option<Reach> {
        let goal = goal?;
        let short = match self.better {
            Better::Higher => goal - value,
            Better::Lower => value - goal,
            Better::Neither => return None,
        };
        let leeway = goal * if self.unit == Unit::Seconds { 0.1 } else { 0.05 };
        Some(match short {
            // Shares are quotients: what differs only by their rounding is the same.
            short if short <= 1e-9 => Reach::Met,
            short if short <= leeway + 1e-9 || goal == 0.0 => Reach::Below,
            _ => Reach::Far,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn every_figure_says_how_it_is_made_and_stands_there_once() {
        let mut keys: Vec<&str> = FIGURES.iter().map(|figure| figure.key).collect();
        assert!(FIGURES.iter().all(|figure| !figure.text().is_empty()), "{FIGURES:?}");
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), FIGURES.len());
        assert!(figure("satisfaction").is_some() && figure("made_up").is_none());
    }

    #[test]
    fn goals_are_met_missed_or_missed_far() {
        let reach = |key: &str, value: f64| figure(key).unwrap().reach(value, figure(key).unwrap().goal);
        assert_eq!(
            [0.95, 0.94, 0.9025, 0.90].map(|value| reach("satisfaction", value).unwrap()),
            [Reach::Met, Reach::Below, Reach::Below, Reach::Far]
        );
        assert_eq!(
            [1200.0, 1201.0, 1320.0, 1321.0].map(|value| reach("waiting", value).unwrap()),
            [Reach::Met, Reach::Below, Reach::Below, Reach::Far]
        );
        assert_eq!([0.0, 9.0].map(|value| reach("never_here", value).unwrap()), [Reach::Met, Reach::Below]);
        assert_eq!((reach("issued", 5.0), reach("rated", 0.1), reach("first_time", 0.1)), (None, None, None));
    }
}
