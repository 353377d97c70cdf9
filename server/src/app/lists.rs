//! 公示: the lists that must hang where everybody sees them, made from the catalogue, the hall and the staff whenever
//! somebody looks, so that none of them can be behind. Rules are short texts in plain words.

use std::collections::BTreeSet;

use domain::catalogue::{Query, SearchKeys, found};
use domain::hall::Purpose;
use domain::rights::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::catalogue::ListedMatter;
use super::error::{Answer, AppError};
use super::pages::after_the_last_seen;
use crate::store::SiteRow;

/// A list with its words: name in the address, title, what it is for.
struct Kind {
    name: &'static str,
    title: &'static str,
    text: &'static str,
}

/// The list of what every general window takes.
const ONE_WINDOW: &str = "one-window";

/// Every list, in the order they are offered.
const KINDS: &[Kind] = &[
    Kind { name: "all", title: "应进必进事项", text: "在这里能办的所有事项，不用再跑别处" },
    Kind { name: ONE_WINDOW, title: "一窗综合受理事项", text: "随便哪个综合窗口都能收的事项，取一个号就行" },
    Kind { name: "instant", title: "即办件", text: "材料带齐，当场就能办好的事项" },
    Kind { name: "assisted", title: "帮办代办", text: "走不开、办不来，可以找这些地方的人帮您办，不收钱" },
    Kind { name: "promises", title: "服务承诺", text: "每件事多少个工作日办好：我们承诺的，和法律规定的" },
    Kind { name: "rules", title: "服务制度", text: "我们照着这些规矩办事，没做到请告诉我们" },
    Kind { name: "fees", title: "收费事项", text: "要收费的事项、标准和依据；这里没写的都不收费" },
];

/// The rules of the house (◇ plain words for what the plan and 行政许可法 ask for).
const RULES: &[(&str, &str)] = &[
    ("首问负责制", "您第一个问到的人要管到底：能办的当场办，不归他办的，他带您找到该办的人。"),
    ("一次性告知制", "材料不齐，窗口一次把要补的全部写给您，以后不再加；当场或者五个工作日内没有告诉您，收到材料那天就算受理。"),
    ("限时办结制", "受理的时候就告诉您哪天办好。过了承诺的日子，系统给部门亮黄牌；过了法定的日子，亮红牌。"),
    ("容缺受理制", "主要材料齐了，次要的还差，可以先受理。您写下哪天补，办好以前补上就行。"),
    ("AB 角制", "每个岗位两个人：A 角不在，B 角顶上，不会因为一个人请假让您白跑。"),
    ("告知承诺制", "有的证明可以不用开：您书面承诺符合条件，我们先办，以后再核实。承诺不实要承担责任。"),
    ("首席代表和部门授权", "进了大厅的事，由大厅里的人受理和决定，不用您再跑部门。"),
    ("帮办代办制", "老人、残疾人和不会用手机的人，可以请导办和帮办员陪着办；村里的代办员可以替您跑。"),
    ("好差评制", "办完可以评一评。差评一定有人核实、整改、回访；您评了什么，给您办事的人看不到是谁评的。"),
    ("不见面也能办", "能在网上申请的事，在家填好、预审过了再来，原件到窗口核对一次。"),
];

/// A list as it is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListView {
    /// `all`, `one-window`, `instant`, `assisted`, `promises`, `rules`, `fees`.
    pub name: String,
    /// Title.
    pub title: String,
    /// What it is for, one sentence.
    pub text: String,
    /// How many entries it has.
    pub count: usize,
}

/// One entry of a list; which fields there are depends on the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListEntry {
    /// The matter, the site or the rule.
    pub id: String,
    /// Its name.
    pub name: String,
    /// A rule in plain words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The matter, for its guide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matter_id: Option<String>,
    /// The department that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department_name: Option<String>,
    /// `instant` or `promised`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::app::words::CaseKind>)]
    pub case_kind: Option<String>,
    /// Promised limit, working days; 0 for on the spot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised_days: Option<u32>,
    /// Limit by law, working days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statutory_days: Option<u32>,
    /// Whether it is applied for online too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
    /// What it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_standard: Option<String>,
    /// On which basis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_basis: Option<String>,
    /// Where a helper is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whom to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// How many helpers there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helpers: Option<usize>,
    /// The places that the helpers go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub areas: Option<Vec<String>>,
}

/// A list with a page of its entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListPageView {
    /// Name of the list.
    pub name: String,
    /// Title.
    pub title: String,
    /// What it is for, one sentence.
    pub text: String,
    /// Name of the site.
    pub site_name: String,
    /// How many entries fit what was typed.
    pub count: usize,
    /// A page of them.
    pub items: Vec<ListEntry>,
    /// Gives the next page; null at the end.
    pub next_cursor: Option<String>,
}

fn entry(listed: ListedMatter) -> ListEntry {
    let ListedMatter { summary, fee, is_online } = listed;
    let (fee_standard, fee_basis) = fee.map(|fee| (fee.standard, fee.basis)).unzip();
    ListEntry {
        id: summary.id.clone(),
        name: summary.name,
        matter_id: Some(summary.id),
        department_name: Some(summary.department_name),
        case_kind: Some(summary.case_kind),
        promised_days: Some(summary.promised_days),
        statutory_days: summary.statutory_days,
        online: Some(is_online),
        fee_standard,
        fee_basis,
        ..ListEntry::default()
    }
}

fn rules() -> Vec<ListEntry> {
    let rule = |(place, (name, text)): (usize, &(&str, &str))| ListEntry {
        id: format!("rule-{}", place + 1),
        name: (*name).to_owned(),
        text: Some((*text).to_owned()),
        ..ListEntry::default()
    };
    RULES.iter().enumerate().map(rule).collect()
}

/// Whether a matter stands in a list; `lines` are those that a general window serves.
fn stands_in(list: &str, matter: &ListedMatter, lines: &BTreeSet<String>) -> bool {
    match list {
        ONE_WINDOW => matter.summary.line_id.as_ref().is_some_and(|line| lines.contains(line)),
        "instant" => matter.summary.case_kind == "instant",
        "fees" => matter.fee.is_some(),
        _ => true,
    }
}

/// Those that fit what was typed, best first; all in their order when nothing was.
fn fitting(entries: Vec<ListEntry>, query: &str) -> Vec<ListEntry> {
    if query.trim().is_empty() {
        return entries;
    }
    let Some(query) = Query::parse(query) else { return Vec::new() };
    let keyed: Vec<(SearchKeys, ListEntry)> =
        entries.into_iter().map(|entry| (SearchKeys::of(std::iter::once(entry.name.as_str())), entry)).collect();
    let in_order = |one: &&(SearchKeys, ListEntry), other: &&(SearchKeys, ListEntry)| one.1.id.cmp(&other.1.id);
    found(&keyed, &query, keyed.len(), |pair| &pair.0, in_order).into_iter().map(|pair| pair.1.clone()).collect()
}

impl App {
    /// The lists of a site with the number of their entries.
    ///
    /// # Errors
    /// 404 for an unknown site.
    pub async fn public_lists(&self, site_id: &str) -> Answer<Vec<ListView>> {
        let site = self.directory.get().site(site_id)?.clone();
        let (listed, lines) = (self.listed_matters(&site.id, "").await?, self.general_lines(&site.id).await?);
        let mut lists = Vec::with_capacity(KINDS.len());
        for kind in KINDS {
            let count = match kind.name {
                "rules" => RULES.len(),
                "assisted" => self.helping_places(&site).await?.len(),
                name => listed.iter().filter(|one| stands_in(name, one, &lines)).count(),
            };
            lists.push(ListView { name: kind.name.to_owned(), title: kind.title.to_owned(), text: kind.text.to_owned(), count });
        }
        Ok(lists)
    }

    /// One list of a site: the entries that fit what was typed, best first, or all of them; at most `limit` after
    /// the entry `after`.
    ///
    /// # Errors
    /// 404 for an unknown site or list.
    pub async fn public_list(&self, site_id: &str, name: &str, query: &str, after: Option<&str>, limit: usize) -> Answer<ListPageView> {
        let site = self.directory.get().site(site_id)?.clone();
        let kind = KINDS.iter().find(|kind| kind.name == name).ok_or(AppError::NotFound)?;
        let all = self.entries_of(kind.name, &site, query).await?;
        let count = all.len();
        let (items, is_more) = after_the_last_seen(all, after.map(|after| move |entry: &ListEntry| entry.id == after), limit);
        let next_cursor = items.last().filter(|_| is_more).map(|last| last.id.clone());
        Ok(ListPageView {
            name: kind.name.to_owned(),
            title: kind.title.to_owned(),
            text: kind.text.to_owned(),
            site_name: site.name,
            count,
            items,
            next_cursor,
        })
    }

    async fn entries_of(&self, name: &str, site: &SiteRow, query: &str) -> Answer<Vec<ListEntry>> {
        Ok(match name {
            "rules" => fitting(rules(), query),
            "assisted" => fitting(self.helping_places(site).await?, query),
            _ => {
                let lines = if name == ONE_WINDOW { self.general_lines(&site.id).await? } else { BTreeSet::new() };
                let listed = self.listed_matters(&site.id, query).await?;
                listed.into_iter().filter(|one| stands_in(name, one, &lines)).map(entry).collect()
            }
        })
    }

    /// The lines that a general window of the site serves.
    async fn general_lines(&self, site_id: &str) -> Answer<BTreeSet<String>> {
        let hall = self.hall(site_id).await?;
        let general = hall.windows().filter(|window| window.purpose == Purpose::General);
        Ok(general.flat_map(|window| &window.line_ids).map(ToString::to_string).collect())
    }

    /// The site and the places below it, with how many helpers are there and where they go. Names of staff are
    /// not shown: who calls is told who comes.
    async fn helping_places(&self, site: &SiteRow) -> Answer<Vec<ListEntry>> {
        let listing = self.directory.get();
        let mut helpers = Vec::new();
        for row in self.stores.staff.all_staff().await?.into_iter().filter(|row| row.active) {
            let roles: Vec<Role> = serde_json::from_str(&row.roles)?;
            if roles.contains(&Role::Helper) {
                helpers.push(row.site_id);
            }
        }
        let places = listing.subtree(&site.id).into_iter().filter_map(|id| listing.sites.get(id.as_str()).cloned());
        let place = |place: SiteRow| {
            let below = listing.sites.values().filter(|other| other.parent_id.as_deref() == Some(place.id.as_str()));
            let areas: Vec<String> = below.map(|other| other.name.clone()).collect();
            ListEntry {
                helpers: Some(helpers.iter().filter(|site_id| **site_id == place.id).count()),
                areas: Some(areas),
                id: place.id,
                name: place.name,
                address: Some(place.address).filter(|text| !text.is_empty()),
                phone: Some(place.phone).filter(|text| !text.is_empty()),
                ..ListEntry::default()
            }
        };
        let mut found: Vec<ListEntry> = places.map(place).collect();
        // The site itself first, then those below by name.
        found.sort_by(|one, other| (one.id != site.id, &one.name, &one.id).cmp(&(other.id != site.id, &other.name, &other.id)));
        Ok(found)
    }
}
