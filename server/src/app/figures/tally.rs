//! The plan's figures of a site, or of several added up: parts, wholes and lengths, from which each value is made.
//! A figure that cannot be made says why.

use std::collections::BTreeMap;

use domain::hall::{Figures, Goals, Lengths, What};
use domain::plan::{FIGURES, PlanFigure, Tier, TieredKind, Unit, tier_share};
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::facts::{DecisionFact, SiteFacts};

/// Days up to which an uncollected document belongs to each age; the last has no end.
const AGE_DAYS: [i64; 3] = [7, 30, 90];

/// A figure of the plan: its value with what it was made from, or why there is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanFigureView {
    /// The value: a share from 0 to 1, seconds or a count; null with a `reason`.
    pub value: Option<f64>,
    /// What the share counts.
    pub part: Option<u32>,
    /// Of how many; for a mean, of how many lengths.
    pub whole: Option<u32>,
    /// Why there is no value.
    pub reason: Option<String>,
    /// What is to be reached.
    pub goal: Option<f64>,
    /// `met`, `below` or `far` (by more than 5 %, times by more than 10 %); null without a goal.
    pub reach: Option<String>,
    /// Of `uncollected`: up to 7 days, up to 30, up to 90, longer.
    pub ages: Option<Vec<u32>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Part {
    part: usize,
    whole: usize,
}

impl Part {
    fn of(answers: impl Iterator<Item = bool>) -> Self {
        answers.fold(Self::default(), |sum, holds| Self { part: sum.part + usize::from(holds), whole: sum.whole + 1 })
    }

    fn add(&mut self, other: Self) {
        self.part += other.part;
        self.whole += other.whole;
    }
}

/// What figures are made from.
#[derive(Debug, Clone, Default)]
pub(in crate::app) struct Tally {
    issued: u32,
    waits: Vec<Millis>,
    services: Vec<Millis>,
    satisfaction: Part,
    rated: Part,
    on_time: Part,
    first_time: Part,
    under_basis: Part,
    has_general_window: bool,
    one_window: Part,
    must_enter: Option<Part>,
    matters: usize,
    never_here: usize,
    ages: [u32; 4],
    tiers: Vec<(TieredKind, Option<Tier>)>,
    /// Whether tiers can be told: a checklist is there.
    has_checklist: bool,
    /// Of one site, which has a tier and no share of them.
    is_single: bool,
}

impl Tally {
    /// Of one site.
    pub(super) fn of(facts: &SiteFacts) -> Self {
        let measures = facts.source.measures();
        let length = |wanted: fn(What) -> Option<Millis>| measures.iter().filter_map(|measure| wanted(measure.what)).collect();
        let mut ages = [0; 4];
        for fact in &facts.uncollected {
            ages[AGE_DAYS.iter().position(|days| fact.days <= *days).unwrap_or(AGE_DAYS.len())] += 1;
        }
        let decisions = &facts.decisions;
        Self {
            issued: Figures::of(&measures).issued,
            waits: length(|what| if let What::Waited { ms } = what { Some(ms) } else { None }),
            services: length(|what| if let What::Served { ms, .. } = what { Some(ms) } else { None }),
            satisfaction: Part::of(facts.ratings.iter().map(|fact| fact.is_content)),
            rated: Part::of(facts.visits.iter().map(|fact| fact.is_rated)),
            on_time: Part::of(decisions.iter().map(|fact| fact.is_on_time)),
            first_time: Part::of(decisions.iter().map(|fact| fact.is_first_time)),
            under_basis: Part::of(decisions.iter().filter_map(DecisionFact::is_under_basis)),
            has_general_window: facts.has_general_window,
            one_window: if facts.has_general_window { Part::of(facts.matters.iter().map(|fact| fact.is_general)) } else { Part::default() },
            must_enter: facts.entries.as_ref().map(|entries| Part::of(entries.iter().map(|fact| fact.is_in_hall))),
            matters: facts.matters.len(),
            never_here: facts.matters.iter().filter(|fact| fact.is_never_here).count(),
            ages,
            tiers: Vec::new(),
            has_checklist: false,
            is_single: true,
        }
    }

    /// Of several sites: none so far.
    pub(in crate::app) fn several(has_checklist: bool) -> Self {
        Self { has_checklist, ..Self::default() }
    }

    /// Adds a site.
    pub(in crate::app) fn add(&mut self, other: &Self, tier: Option<(TieredKind, Option<Tier>)>) {
        self.issued += other.issued;
        self.waits.extend(&other.waits);
        self.services.extend(&other.services);
        self.satisfaction.add(other.satisfaction);
        self.rated.add(other.rated);
        self.on_time.add(other.on_time);
        self.first_time.add(other.first_time);
        self.under_basis.add(other.under_basis);
        self.has_general_window |= other.has_general_window;
        self.one_window.add(other.one_window);
        if let Some(entries) = other.must_enter {
            self.must_enter.get_or_insert_default().add(entries);
        }
        self.matters += other.matters;
        self.never_here += other.never_here;
        for (sum, more) in self.ages.iter_mut().zip(other.ages) {
            *sum += more;
        }
        self.tiers.extend(tier);
    }

    /// Every figure, beside the goals of a site or those of the plan.
    pub(in crate::app) fn views(&self, goals: Option<&Goals>) -> BTreeMap<String, PlanFigureView> {
        FIGURES.iter().map(|figure| (figure.key.to_owned(), self.view(figure, goals))).collect()
    }

    fn view(&self, figure: &PlanFigure, goals: Option<&Goals>) -> PlanFigureView {
        let goal = goal_of(figure, goals);
        let mut view = match self.made(figure.key) {
            Ok(view) => view,
            Err(reason) => PlanFigureView { reason: Some(reason.to_owned()), ..PlanFigureView::default() },
        };
        view.goal = goal;
        view.reach = view.value.and_then(|value| figure.reach(value, goal)).map(|reach| reach.name().to_owned());
        view
    }

    fn made(&self, key: &str) -> Result<PlanFigureView, &'static str> {
        match key {
            "issued" => Ok(count(self.issued)),
            "waiting" => mean(&self.waits, "这些天没有叫到的号"),
            "waiting_p90" => nine_of_ten(&self.waits, "这些天没有叫到的号"),
            "serving" => mean(&self.services, "这些天没有办完的号"),
            "satisfaction" => share(self.satisfaction, "这些天没有人评价"),
            "rated" => share(self.rated, "这些天没有办完的号"),
            "on_time" => share(self.on_time, "这些天没有作出决定的办件"),
            "first_time" => share(self.first_time, "这些天没有作出决定的办件"),
            "under_basis" => share(self.under_basis, "这些天没有审批人员作出的决定"),
            "one_window" if !self.has_general_window => Err("没有综合受理窗口"),
            "one_window" => share(self.one_window, "目录里没有在用的事项"),
            "must_enter" => share(self.must_enter.ok_or("还没有录入应进必进清单")?, "清单里的事项都在豁免期内"),
            "never_here" if self.matters == 0 => Err("目录里没有在用的事项"),
            "never_here" => Ok(count(u32::try_from(self.never_here).unwrap_or(u32::MAX))),
            "uncollected" => Ok(PlanFigureView { ages: Some(self.ages.to_vec()), ..count(self.ages.iter().sum()) }),
            tier => self.tier(tier),
        }
    }

    fn tier(&self, key: &str) -> Result<PlanFigureView, &'static str> {
        let tier = key.strip_prefix("tier_").and_then(Tier::parse).ok_or("没有这个指标")?;
        if self.is_single {
            return Err("一个场所只有等级，没有比例");
        }
        if !self.has_checklist {
            return Err("还没有定检查项");
        }
        let (part, whole) = tier_share(tier, self.tiers.iter().copied());
        share(Part { part: part as usize, whole: whole as usize }, "没有要评等级的场所")
    }
}

fn goal_of(figure: &PlanFigure, goals: Option<&Goals>) -> Option<f64> {
    let own = |goals: &Goals| match figure.key {
        "waiting" => Some(goals.average_wait_ms as f64 / 1000.0),
        "serving" => Some(goals.service_ms as f64 / 1000.0),
        "satisfaction" => Some(f64::from(goals.satisfaction_percent) / 100.0),
        _ => None,
    };
    goals.and_then(own).or(figure.goal)
}

fn count(count: u32) -> PlanFigureView {
    PlanFigureView { value: Some(f64::from(count)), ..PlanFigureView::default() }
}

fn share(Part { part, whole }: Part, none: &'static str) -> Result<PlanFigureView, &'static str> {
    let value = super::view::share(part, whole).ok_or(none)?;
    let number = |count: usize| u32::try_from(count).ok();
    Ok(PlanFigureView { value: Some(value), part: number(part), whole: number(whole), ..PlanFigureView::default() })
}

fn mean(lengths: &[Millis], none: &'static str) -> Result<PlanFigureView, &'static str> {
    in_seconds(lengths, Lengths::mean_ms, none)
}

fn nine_of_ten(lengths: &[Millis], none: &'static str) -> Result<PlanFigureView, &'static str> {
    in_seconds(lengths, |lengths| lengths.percentile_ms(90), none)
}

fn in_seconds(lengths: &[Millis], pick: fn(&Lengths) -> Option<Millis>, none: &'static str) -> Result<PlanFigureView, &'static str> {
    let lengths: Lengths = lengths.iter().copied().collect();
    let seconds = pick(&lengths).ok_or(none)? / 1000;
    Ok(PlanFigureView { value: Some(seconds as f64), whole: u32::try_from(lengths.count()).ok(), ..PlanFigureView::default() })
}

/// A value in words, as the ledger writes it.
pub(in crate::app) fn in_words(figure: &PlanFigure, view: &PlanFigureView) -> String {
    let Some(value) = view.value else { return format!("—（{}）", view.reason.as_deref().unwrap_or("没有数")) };
    let words = match figure.unit {
        Unit::Share => format!("{:.1}%", value * 100.0),
        Unit::Seconds => format!("{:.1} 分钟", value / 60.0),
        Unit::Count => format!("{value:.0}"),
    };
    match (view.part, view.whole) {
        (Some(part), Some(whole)) => format!("{words}（{part}/{whole}）"),
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(part: usize, whole: usize) -> Part {
        Part { part, whole }
    }

    #[test]
    fn what_cannot_be_made_says_why_and_is_no_number() {
        let views = Tally::several(false).views(None);
        for key in [
            "waiting",
            "satisfaction",
            "rated",
            "on_time",
            "first_time",
            "one_window",
            "must_enter",
            "never_here",
            "under_basis",
            "tier_basic",
        ] {
            let view = &views[key];
            assert!(view.value.is_none() && view.reach.is_none() && view.reason.is_some(), "{key}: {view:?}");
        }
        assert_eq!(views["uncollected"].ages.as_deref(), Some([0; 4].as_slice()));
    }

    #[test]
    fn sites_add_up_by_their_parts_and_never_by_their_shares() {
        let small = Tally { waits: vec![1_000], satisfaction: part(1, 1), matters: 1, never_here: 1, ..Tally::default() };
        let large = Tally { waits: vec![2_000, 3_000, 6_000], satisfaction: part(1, 3), must_enter: Some(part(2, 4)), ..Tally::default() };
        let mut both = Tally::several(true);
        both.add(&small, Some((TieredKind::Station, Some(Tier::Basic))));
        both.add(&large, Some((TieredKind::Center, None)));
        let views = both.views(None);
        let value = |key: &str| views[key].value;
        assert_eq!((value("waiting"), value("waiting_p90"), value("satisfaction")), (Some(3.0), Some(6.0), Some(0.5)));
        assert_eq!(
            (value("must_enter"), value("never_here"), value("tier_basic"), value("tier_standard")),
            (Some(0.5), Some(1.0), Some(1.0), Some(0.0))
        );
        assert_eq!(views["satisfaction"].reach.as_deref(), Some("far"));
    }

    #[test]
    fn the_goals_of_a_site_go_before_those_of_the_plan() {
        let goals = Goals { average_wait_ms: 60_000, service_ms: 120_000, satisfaction_percent: 90 };
        let tally = Tally { waits: vec![61_000], satisfaction: part(9, 10), ..Tally::default() };
        let own = tally.views(Some(&goals));
        assert_eq!((own["waiting"].goal, own["waiting"].reach.as_deref()), (Some(60.0), Some("below")));
        assert_eq!((own["satisfaction"].goal, own["satisfaction"].reach.as_deref()), (Some(0.9), Some("met")));
        assert_eq!(tally.views(None)["satisfaction"].goal, Some(0.95));
    }

    #[test]
    fn the_ledger_writes_a_figure_with_what_it_was_made_from() {
        let words = |key: &str, view: PlanFigureView| domain::plan::figure(key).map(|figure| in_words(figure, &view));
        assert_eq!(words("satisfaction", share(part(19, 20), "").unwrap_or_default()).as_deref(), Some("95.0%（19/20）"));
        assert_eq!(words("waiting", mean(&[90_000], "").unwrap_or_default()).as_deref(), Some("1.5 分钟"));
        assert_eq!(words("never_here", count(3)).as_deref(), Some("3"));
        let none = PlanFigureView { reason: Some("没有人评价".to_owned()), ..PlanFigureView::default() };
        assert_eq!(words("satisfaction", none).as_deref(), Some("—（没有人评价）"));
    }
}
