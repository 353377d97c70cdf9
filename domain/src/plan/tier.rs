//! The tiers of centres and stations 基础型、标准型、标杆型: a checklist as data, which tier its answers reach, and
//! the shares of DOMAIN §9. Knows nothing of who assesses and who confirms.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::fault::{Faults, PlanFault, is_key};

const ITEMS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 200;

/// A tier; a later one is higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// 基础型
    Basic,
    /// 标准型
    Standard,
    /// 标杆型
    Model,
}

impl Tier {
    /// From the lowest to the highest.
    pub const ALL: [Self; 3] = [Self::Basic, Self::Standard, Self::Model];

    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Standard => "standard",
            Self::Model => "model",
        }
    }

    /// The name for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Basic => "基础型",
            Self::Standard => "标准型",
            Self::Model => "标杆型",
        }
    }

    /// Takes the name back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.name() == text)
    }
}

/// Kinds of sites that have a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieredKind {
    /// 便民服务中心
    Center,
    /// 便民服务站
    Station,
}

/// The kind of a site, if such sites have a tier.
#[must_use]
pub fn is_tiered(kind: &str) -> Option<TieredKind> {
    match kind {
        "center" => Some(TieredKind::Center),
        "station" => Some(TieredKind::Station),
        _ => None,
    }
}

/// A point of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistItem {
    /// Identity, 1 to 32 of `a-z0-9-`.
    pub id: String,
    /// The tier it is asked for, and every higher one.
    pub tier: Tier,
    /// For which kinds of sites.
    pub kinds: Vec<TieredKind>,
    /// What is asked.
    pub text: String,
    /// Whether "met" needs evidence.
    #[serde(default)]
    pub evidence: bool,
}

/// The checklist of a district.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// Its points.
    pub items: Vec<ChecklistItem>,
}

impl Checklist {
    /// The checklist with its texts cleaned.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn checked(mut self) -> Result<Self, Vec<PlanFault>> {
        let mut faults = Faults::default();
        faults.check(self.items.len() <= ITEMS_MAX, "items", "too_many", &format!("检查项最多 {ITEMS_MAX} 条"));
        let mut ids = BTreeSet::new();
        for (place, item) in self.items.iter_mut().enumerate() {
            let at = format!("items[{place}]");
            faults.check(is_key(&item.id), &format!("{at}.id"), "form", "编号用小写字母、数字和短横，最多 32 个");
            faults.check(ids.insert(item.id.clone()), &format!("{at}.id"), "twice", "两条检查项用了同一个编号");
            faults.check(!item.kinds.is_empty(), &format!("{at}.kinds"), "missing", "写明用于中心还是站");
            faults.line(&mut item.text, TEXT_CHARS_MAX, true, &format!("{at}.text"));
        }
        faults.found()?;
        Ok(self)
    }

    /// The points that a kind of site is asked.
    pub fn of(&self, kind: TieredKind) -> impl Iterator<Item = &ChecklistItem> {
        self.items.iter().filter(move |item| item.kinds.contains(&kind))
    }

    /// The highest tier whose points, and those of every lower tier, are all met. A tier that asks nothing of such
    /// sites is reached by none of them.
    #[must_use]
    pub fn reached(&self, kind: TieredKind, met: &BTreeSet<String>) -> Option<Tier> {
        let mut reached = None;
        for tier in Tier::ALL {
            let mut own = self.of(kind).filter(|item| item.tier == tier).peekable();
            if own.peek().is_none() {
                continue;
            }
            if own.any(|item| !met.contains(&item.id)) {
                break;
            }
            reached = Some(tier);
        }
        reached
    }
}

/// How many of the sites that count for a tier's share have reached it, and how many there are: for 基础型 the
/// stations, for the others centres and stations (DOMAIN §9).
#[must_use]
pub fn tier_share(tier: Tier, sites: impl IntoIterator<Item = (TieredKind, Option<Tier>)>) -> (u32, u32) {
    let counts = |kind: TieredKind| tier != Tier::Basic || kind == TieredKind::Station;
    sites
        .into_iter()
        .filter(|(kind, _)| counts(*kind))
        .fold((0, 0), |(reached, all), (_, has)| (reached + u32::from(has >= Some(tier)), all + 1))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn item(id: &str, tier: Tier, kinds: &[TieredKind]) -> ChecklistItem {
        ChecklistItem { id: id.to_owned(), tier, kinds: kinds.to_vec(), text: "有固定场所".to_owned(), evidence: false }
    }

    #[test]
    fn a_tier_needs_its_points_and_those_below_it() {
        use TieredKind::{Center, Station};
        let list = Checklist {
            items: vec![
                item("b1", Tier::Basic, &[Center, Station]),
                item("s1", Tier::Standard, &[Center, Station]),
                item("m1", Tier::Model, &[Center]),
            ],
        };
        let reached = |kind, met: &[&str]| list.reached(kind, &met.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(reached(Center, &[]), None);
        assert_eq!(reached(Center, &["s1", "m1"]), None, "not without the points below");
        assert_eq!(reached(Center, &["b1"]), Some(Tier::Basic));
        assert_eq!(reached(Center, &["b1", "m1"]), Some(Tier::Basic));
        assert_eq!(reached(Center, &["b1", "s1", "m1"]), Some(Tier::Model));
        assert_eq!(reached(Station, &["b1", "s1"]), Some(Tier::Standard), "nothing is asked of stations for 标杆型: none is one");
    }

    #[test]
    fn shares_count_what_the_plan_counts() {
        use TieredKind::{Center, Station};
        let sites =
            [(Center, Some(Tier::Model)), (Center, None), (Station, Some(Tier::Basic)), (Station, Some(Tier::Standard)), (Station, None)];
        assert_eq!(Tier::ALL.map(|tier| tier_share(tier, sites)), [(2, 3), (2, 5), (1, 5)]);
        assert_eq!(tier_share(Tier::Basic, []), (0, 0));
    }

    #[test]
    fn names_are_taken_back_and_lists_are_checked() {
        for tier in Tier::ALL {
            assert_eq!(Tier::parse(tier.name()), Some(tier));
        }
        let list = Checklist { items: vec![item("a", Tier::Basic, &[]), item("a", Tier::Basic, &[TieredKind::Center])] };
        let fields: Vec<String> = list.checked().unwrap_err().into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["items[0].kinds", "items[1].id"]);
    }
}
