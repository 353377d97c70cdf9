//! The plan's figures of a site and all sites below it, side by side and added up.

use std::collections::BTreeMap;
use std::ops::Range;

use domain::hall::Goals;
use domain::plan::{FIGURES, Tier, TieredKind, is_tiered};
use domain::time::{DAY_MS, Millis, rfc3339, start_of};
use futures_util::future::try_join_all;
use serde::Serialize;
use utoipa::ToSchema;

use super::facts::Shared;
use super::span;
use super::tally::{PlanFigureView, Tally};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::Answer;
use crate::store::SiteRow;

/// Sites that are read at the same time.
const SITES_AT_ONCE: usize = 4;

/// What a figure of the plan is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlanFigureHead {
    /// Its name in `figures`.
    pub key: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// `share`, `seconds` or `count`.
    pub unit: &'static str,
    /// `higher`, `lower` or `neither`.
    pub better: &'static str,
    /// The goal of the plan; a site's own may differ.
    pub goal: Option<f64>,
    /// How it is made.
    pub text: &'static str,
}

/// The figures of one site.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SitePlanFiguresView {
    /// The site.
    pub site_id: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    #[schema(value_type = crate::app::words::SiteKind)]
    pub kind: String,
    /// The site above.
    pub parent_id: Option<String>,
    /// The tier that was confirmed: `basic`, `standard` or `model`.
    pub tier: Option<String>,
    /// Each figure by its key.
    pub figures: BTreeMap<String, PlanFigureView>,
}

/// The figures of a site and all sites below it, as far as the caller may read them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SubtreeFiguresView {
    /// The site at the top.
    pub site_id: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// When they were made.
    pub as_of: String,
    /// What each figure is, in the order in which they are shown.
    pub heads: Vec<PlanFigureHead>,
    /// All sites together: parts are added up, never shares.
    pub whole: BTreeMap<String, PlanFigureView>,
    /// Site by site, a site before those below it.
    pub sites: Vec<SitePlanFiguresView>,
}

/// One site with what its figures are made from.
pub(in crate::app) struct SiteTally {
    pub(in crate::app) site: SiteRow,
    pub(in crate::app) tally: Tally,
    pub(in crate::app) goals: Goals,
    pub(in crate::app) tier: Option<(TieredKind, Option<Tier>)>,
}

/// What each figure is.
pub(in crate::app) fn heads() -> Vec<PlanFigureHead> {
    let head = |figure: &domain::plan::PlanFigure| PlanFigureHead {
        key: figure.key,
        name: figure.name,
        unit: figure.unit.name(),
        better: figure.better.name(),
        goal: figure.goal,
        text: figure.text(),
    };
    FIGURES.iter().map(head).collect()
}

impl App {
    /// The figures of the plan for a site and all sites below it that the caller may read; `from` and `to` are
    /// local dates, both included.
    ///
    /// # Errors
    /// Field errors of the span.
    pub async fn subtree_figures(&self, permit: &Permit, from: Option<&str>, to: Option<&str>) -> Answer<SubtreeFiguresView> {
        let (from, to) = span(from, to)?;
        let sites = self.readable_below(permit)?;
        let now = self.now();
        let tallies = self.tallies(&sites, &(start_of(from)..start_of(to) + DAY_MS), true).await?;
        let view = |one: &SiteTally| SitePlanFiguresView {
            site_id: one.site.id.clone(),
            name: one.site.name.clone(),
            kind: one.site.kind.clone(),
            parent_id: one.site.parent_id.clone(),
            tier: one.tier.and_then(|(_, tier)| tier).map(|tier| tier.name().to_owned()),
            figures: one.tally.views(Some(&one.goals)),
        };
        Ok(SubtreeFiguresView {
            site_id: permit.site_id().to_owned(),
            from: from.to_string(),
            to: to.to_string(),
            as_of: rfc3339(now),
            heads: heads(),
            whole: self.added_up(permit.site_id(), &tallies).await?.views(None),
            sites: tallies.iter().map(view).collect(),
        })
    }

    /// A site and those below it where the permit's operation is the caller's too, each before those below it.
    pub(in crate::app) fn readable_below(&self, permit: &Permit) -> Answer<Vec<SiteRow>> {
        let listing = self.directory.get();
        let mut sites = Vec::new();
        let mut open = vec![permit.site_id().to_owned()];
        while let Some(id) = open.pop() {
            let site = listing.site(&id)?;
            if sites.iter().any(|known: &SiteRow| known.id == id) {
                continue;
            }
            if permit.caller().permit(permit.operation(), &id).is_ok() {
                sites.push(site.clone());
            }
            open.extend(listing.sites.values().rev().filter(|below| below.parent_id.as_deref() == Some(&id)).map(|below| below.id.clone()));
        }
        Ok(sites)
    }

    /// What the figures of sites are made from; 明进暗不进 only when it is wanted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn tallies(&self, sites: &[SiteRow], span: &Range<Millis>, wants_never_here: bool) -> Answer<Vec<SiteTally>> {
        let Some(first) = sites.first() else { return Ok(Vec::new()) };
        let root = self.directory.get().root_of(&first.id)?.id.clone();
        let shared = self.figures_shared(&root, span.end, wants_never_here).await?;
        let mut tallies = Vec::with_capacity(sites.len());
        for some in sites.chunks(SITES_AT_ONCE) {
            let mut reads = Vec::with_capacity(some.len());
            for site in some {
                reads.push(self.tally(site, span, &shared));
            }
            tallies.extend(try_join_all(reads).await?);
        }
        Ok(tallies)
    }

    async fn tally(&self, site: &SiteRow, span: &Range<Millis>, shared: &Shared) -> Answer<SiteTally> {
        let tally = Tally::of(&self.site_facts(&site.id, span, shared).await?);
        let goals = self.hall(&site.id).await?.configuration().policy.goals.clone();
        let tier = match is_tiered(&site.kind) {
            Some(kind) => Some((kind, self.confirmed_tier(&site.id, span.end).await?)),
            None => None,
        };
        Ok(SiteTally { site: site.clone(), tally, goals, tier })
    }

    /// Sites added up.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn added_up(&self, site_id: &str, tallies: &[SiteTally]) -> Answer<Tally> {
        let root = self.directory.get().root_of(site_id)?.id.clone();
        let mut whole = Tally::several(self.has_checklist(&root).await?);
        for one in tallies {
            whole.add(&one.tally, one.tier);
        }
        Ok(whole)
    }
}
