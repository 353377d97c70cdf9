//! Whether a site tells the platform above it of its cases, and how that platform wants it. A site that says
//! nothing of its own does as the site above it does, so that a district sets it once. Knows no case.

use serde::{Deserialize, Serialize};

use super::faults::{Faults, PolicyFault};
use crate::evaluation::StarOrder;

/// Length of a code of an administrative area (GB/T 10114 with its extension), digits.
const AREA_CODE_DIGITS: usize = 12;
/// Longest name that the platform gave us as a source of data, in characters.
const SOURCE_CHARS_MAX: usize = 32;

/// Whether a site reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reporting {
    /// As the site above does; nothing at the top of the tree.
    #[default]
    Inherit,
    /// It does.
    On,
    /// It does not.
    Off,
}

/// The group `upstream` of a site's policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpstreamPolicy {
    /// Whether cases and ratings are told to the platform above.
    pub reporting: Reporting,
    /// Administrative area that is reported, 12 digits; empty: the site's own.
    pub area_code: String,
    /// 数据来源, the name that the platform above gave us; empty where it gave none.
    pub data_source: String,
    /// Which end of 1…5 is the best for ratings (◇: GB/T 39046 says 1, some provinces say 5).
    pub satisfaction: StarOrder,
}

impl Default for UpstreamPolicy {
    fn default() -> Self {
        Self { reporting: Reporting::Inherit, area_code: String::new(), data_source: String::new(), satisfaction: StarOrder::OneIsBest }
    }
}

impl UpstreamPolicy {
    /// Everything that is wrong, at once; empty when sound.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Faults::under("policy.upstream.");
        let is_area =
            self.area_code.is_empty() || self.area_code.len() == AREA_CODE_DIGITS && self.area_code.bytes().all(|b| b.is_ascii_digit());
        faults.check(is_area, "area_code", "区划代码写 12 位数字，空着就用本场所的");
        let is_source = self.data_source.chars().count() <= SOURCE_CHARS_MAX
            && self.data_source.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        faults.check(is_source, "data_source", "数据来源最多 32 个字母、数字或下划线，由上级平台给");
        faults.found()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_setting_is_named_at_once() {
        assert!(UpstreamPolicy::default().faults().is_empty());
        let sound = UpstreamPolicy { area_code: "159901000000".to_owned(), data_source: "p15".to_owned(), ..UpstreamPolicy::default() };
        assert!(sound.faults().is_empty());
        let wrong = UpstreamPolicy { area_code: "1599".to_owned(), data_source: "省里 平台".to_owned(), ..UpstreamPolicy::default() };
        let fields: Vec<String> = wrong.faults().into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["policy.upstream.area_code", "policy.upstream.data_source"]);
    }
}
