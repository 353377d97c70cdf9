//! The sample plan as an editor writes it. Knows no store.

use std::collections::BTreeMap;

use domain::ids::SiteId;
use domain::plan::{Checklist, EntryItem, EntryList, Exemption, LedgerPlan};
use figment::Figment;
use figment::providers::{Format, Toml};
use serde::Deserialize;

use super::data::SamplePlan;
use super::source::{SampleFault, unknown};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    ledger: LedgerPlan,
    checklist: Checklist,
    entry: Vec<EntrySource>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntrySource {
    site: String,
    items: Vec<EntryText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryText {
    item: String,
    name: String,
    exemption: Option<Exemption>,
}

/// The sample plan; `areas` gives the administrative area of each site.
pub(super) fn plan(areas: &BTreeMap<&str, &str>) -> Result<SamplePlan, SampleFault> {
    let file: PlanFile =
        Figment::from(Toml::string(include_str!("plan.toml"))).extract().map_err(|error| SampleFault::Form(error.to_string()))?;
    let is_site = |site: &SiteId| areas.contains_key(site.as_str());
    let unsound = |what: &str, faults: Vec<domain::plan::PlanFault>| SampleFault::Form(format!("{what}: {faults:?}"));
    let ledger = file.ledger.checked(is_site).map_err(|faults| unsound("ledger", faults))?;
    let checklist = file.checklist.checked().map_err(|faults| unsound("checklist", faults))?;
    let mut entry_lists = Vec::new();
    for EntrySource { site, items } in file.entry {
        let area = areas.get(site.as_str()).ok_or_else(|| unknown("site", &site))?;
        let item = |text: EntryText| EntryItem { code: format!("YL-{area}-{}", text.item), name: text.name, exemption: text.exemption };
        let list = EntryList { items: items.into_iter().map(item).collect() };
        let id = SiteId::parse(&site).ok_or_else(|| unknown("site", &site))?;
        entry_lists.push((id, list.checked().map_err(|faults| unsound("entry list", faults))?));
    }
    Ok(SamplePlan { ledger, checklist, entry_lists })
}
