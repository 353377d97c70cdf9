//! The reason codes of DOMAIN §8. The first digit of a code is the number of stars it belongs to.

use super::levels::Level;

/// A reason that can be ticked with a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The code, three digits.
    pub code: &'static str,
    /// The words.
    pub label: &'static str,
    /// Whether our own event log can confirm or refute it.
    pub is_checkable: bool,
}

const fn row(code: &'static str, label: &'static str, is_checkable: bool) -> Reason {
    Reason { code, label, is_checkable }
}

/// Every reason, the best level first.
pub const REASONS: [Reason; 40] = [
    row("510", "一窗受理一次办结", false),
    row("511", "可以先受理后补材料", false),
    row("512", "不用提交证明", false),
    row("513", "可以全程网上办理", false),
    row("514", "可以使用手机办理", false),
    row("515", "可以就近办理", false),
    row("516", "无需材料直接办理", false),
    row("517", "服务热情效率高", false),
    row("406", "填写一张表单就可完成申报", false),
    row("407", "在线提交材料窗口核验", false),
    row("408", "一张清单告知全部申报材料", false),
    row("409", "用告知承诺减免申报材料", false),
    row("410", "可以在线预约办理", false),
    row("411", "跑大厅一次办完", false),
    row("412", "可以使用自助机办理", false),
    row("413", "服务态度较好", false),
    row("307", "一次性告知需要补正的材料", false),
    row("308", "提供申报材料样本", false),
    row("309", "在承诺的时间内办结", false),
    row("310", "办事指南指引准确", false),
    row("311", "按办事指南要求的材料即可办理", false),
    row("312", "可以快递送达", false),
    row("313", "跑动次数与承诺的一致", false),
    row("314", "服务态度一般", false),
    row("207", "没有提供材料样本", true),
    row("208", "没有提供材料清单", true),
    row("209", "未在承诺时间内办结", true),
    row("210", "同样内容的证明材料被要求多次提交", true),
    row("211", "承诺网办但无法在线办理", false),
    row("212", "在线预约办理后到实体大厅重复取号排队", true),
    row("213", "窗口人员业务不熟练", false),
    row("214", "服务态度生硬", false),
    row("108", "在办事指南之外增加新的审批条件", true),
    row("109", "需提供办事指南之外的申报材料", true),
    row("110", "无理由超过法定办理时间", true),
    row("111", "办事指南提供样本有错", false),
    row("112", "承诺在线收取申报材料实际无法收取", false),
    row("113", "多头跑窗口和部门", false),
    row("114", "跑动次数与承诺的不一致", true),
    row("115", "服务态度差效率低", false),
];

/// The reason of a code.
#[must_use]
pub fn reason(code: &str) -> Option<&'static Reason> {
    REASONS.iter().find(|reason| reason.code == code)
}

impl Reason {
    /// Whether it may be ticked with this level.
    #[must_use]
    pub fn belongs_to(&self, level: Level) -> bool {
        self.code.bytes().next() == Some(b'0' + level.stars())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_level_has_eight_reasons_of_its_own() {
        assert_eq!(REASONS.iter().map(|reason| reason.code).collect::<BTreeSet<_>>().len(), REASONS.len());
        for level in Level::ALL {
            assert_eq!(REASONS.iter().filter(|reason| reason.belongs_to(level)).count(), 8, "{level:?}");
        }
    }

    #[test]
    fn codes_mean_what_the_table_says() {
        assert_eq!(reason("510").map(|reason| reason.label), Some("一窗受理一次办结"));
        assert_eq!(reason("115").map(|reason| reason.label), Some("服务态度差效率低"));
        assert_eq!(reason("209").map(|reason| reason.is_checkable), Some(true));
        assert_eq!(reason("999"), None);
    }
}
