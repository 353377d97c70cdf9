//! The tier of a centre or station: assessed by its supervisor against the checklist, with evidence, and confirmed by
//! somebody else at the district. The log of the site holds every assessment and confirmation.

use std::collections::{BTreeMap, BTreeSet};

use domain::codes::clean_line;
use domain::ids::TextId;
use domain::plan::{Checklist, Tier, TieredKind, is_tiered};
use domain::rights::Operation;
use domain::time::{Millis, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::documents::{AGGREGATE, event};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, CounterRow, Expect};

const EVIDENCE_CHARS_MAX: usize = 300;
const NOTE_CHARS_MAX: usize = 300;
/// Aggregate id of a site's assessments, and the counter of them.
const TIER: &str = "tier";
const COUNTER: &str = "plan:tier";
const ASSESSED: &str = "tier_assessed";
const CONFIRMED: &str = "tier_confirmed";

/// Body of `PUT /sites/{site}/tier`: the whole assessment.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierRequest {
    /// An answer to every point that such sites are asked.
    pub items: Vec<TierAnswer>,
}

/// The answer to a point.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierAnswer {
    /// The point.
    pub id: String,
    /// Whether it is met.
    pub met: bool,
    /// Where the evidence is.
    pub evidence: Option<String>,
}

/// Body of `POST /sites/{site}/tier/confirm`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierConfirmation {
    /// `basic`, `standard`, `model` or `none`; at most what the assessment reached.
    pub tier: String,
    /// Why it is lower than assessed.
    pub note: Option<String>,
}

/// A point of the checklist with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TierItemView {
    /// The point.
    pub id: String,
    /// `basic`, `standard` or `model`.
    pub tier: String,
    /// What is asked.
    pub text: String,
    /// Whether "met" needs evidence.
    pub needs_evidence: bool,
    /// The answer; null when there is none yet.
    pub met: Option<bool>,
    /// Where the evidence is.
    pub evidence: Option<String>,
}

/// The tier of a site in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TierSummary {
    /// The site.
    pub site_id: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    #[schema(value_type = crate::app::words::SiteKind)]
    pub kind: String,
    /// The site above.
    pub parent_id: Option<String>,
    /// `none` never assessed, `assessed` waits for the district, `confirmed`.
    pub state: String,
    /// What the newest assessment reached; null for no tier.
    pub assessed: Option<String>,
    /// When it was made.
    pub assessed_at: Option<String>,
    /// The tier in force; null for none.
    pub confirmed: Option<String>,
    /// Since when.
    pub confirmed_at: Option<String>,
    /// Points met and asked, by the newest assessment.
    pub points_met: usize,
    /// See `points_met`.
    pub points: usize,
    /// What the caller may do now: `assess`, `confirm`.
    pub actions: Vec<String>,
}

/// The tier of a site with every point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TierView {
    /// In short.
    #[serde(flatten)]
    pub summary: TierSummary,
    /// What the district wrote when it confirmed.
    pub note: Option<String>,
    /// The points that such sites are asked.
    pub items: Vec<TierItemView>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Assessed {
    #[serde(rename = "type")]
    kind: String,
    /// Version of the checklist.
    checklist: i64,
    tier: Option<Tier>,
    met: BTreeSet<String>,
    unmet: BTreeSet<String>,
    evidence: BTreeMap<String, TextId>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Confirmed {
    #[serde(rename = "type")]
    kind: String,
    tier: Option<Tier>,
    note_id: Option<TextId>,
}

/// Where the tier of a site stands.
#[derive(Debug, Clone, Default)]
struct Standing {
    /// The newest assessment, when and by whom.
    assessed: Option<(Assessed, Millis, String)>,
    confirmed: Option<(Confirmed, Millis)>,
    /// The newest assessment waits to be confirmed.
    is_open: bool,
}

impl App {
    async fn standing(&self, site_id: &str, until: Millis) -> Answer<Standing> {
        let mut standing = Standing::default();
        for logged in self.stores.events.events_of(site_id, AGGREGATE, TIER).await?.into_iter().filter(|logged| logged.at < until) {
            match logged.kind.as_str() {
                ASSESSED => {
                    standing.assessed = Some((serde_json::from_str(&logged.body)?, logged.at, logged.actor));
                    standing.is_open = true;
                }
                CONFIRMED => {
                    standing.confirmed = Some((serde_json::from_str(&logged.body)?, logged.at));
                    standing.is_open = false;
                }
                _ => {}
            }
        }
        Ok(standing)
    }

    /// The tier that was in force at an instant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn confirmed_tier(&self, site_id: &str, at: Millis) -> Answer<Option<Tier>> {
        Ok(self.standing(site_id, at).await?.confirmed.and_then(|(confirmed, _)| confirmed.tier))
    }

    /// The tiers of a site and those below it, as far as the caller may read them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tiers(&self, permit: &Permit) -> Answer<Vec<TierSummary>> {
        let root = self.directory.get().root_of(permit.site_id())?.id.clone();
        let (_, checklist) = self.checklist(&root).await?;
        let mut tiers = Vec::new();
        for site in self.readable_below(permit)? {
            if let Some(kind) = is_tiered(&site.kind) {
                tiers.push(self.tier_summary(permit, &site.id, kind, &checklist, &self.standing(&site.id, Millis::MAX).await?)?);
            }
        }
        Ok(tiers)
    }

    fn tier_summary(
        &self,
        permit: &Permit,
        site_id: &str,
        kind: TieredKind,
        checklist: &Checklist,
        standing: &Standing,
    ) -> Answer<TierSummary> {
        let listing = self.directory.get();
        let site = listing.site(site_id)?;
        let name = |tier: Option<Tier>| tier.map(|tier| tier.name().to_owned());
        let may = |operation: Operation| permit.caller().permit(operation, site_id).is_ok();
        let mut actions = Vec::new();
        if checklist.of(kind).next().is_some() && may(Operation::ReportProgress) {
            actions.push("assess".to_owned());
        }
        let is_own = standing.assessed.as_ref().is_some_and(|(_, _, by)| by == permit.caller().actor());
        if standing.is_open && !is_own && may(Operation::ConfirmTier) {
            actions.push("confirm".to_owned());
        }
        let state = match (standing.is_open, &standing.confirmed) {
            (true, _) => "assessed",
            (false, Some(_)) => "confirmed",
            (false, None) => "none",
        };
        let assessed = standing.assessed.as_ref();
        Ok(TierSummary {
            site_id: site_id.to_owned(),
            name: site.name.clone(),
            kind: site.kind.clone(),
            parent_id: site.parent_id.clone(),
            state: state.to_owned(),
            assessed: assessed.and_then(|(assessed, ..)| name(assessed.tier)),
            assessed_at: assessed.map(|(_, at, _)| rfc3339(*at)),
            confirmed: standing.confirmed.as_ref().and_then(|(confirmed, _)| name(confirmed.tier)),
            confirmed_at: standing.confirmed.as_ref().map(|(_, at)| rfc3339(*at)),
            points_met: checklist.of(kind).filter(|item| assessed.is_some_and(|(assessed, ..)| assessed.met.contains(&item.id))).count(),
            points: checklist.of(kind).count(),
            actions,
        })
    }

    /// The tier of a site with every point.
    ///
    /// # Errors
    /// 409 `no_tier` for a site of a kind that has none.
    pub async fn tier(&self, permit: &Permit) -> Answer<TierView> {
        let (_, checklist, kind) = self.asked(permit.site_id()).await?;
        let standing = self.standing(permit.site_id(), Millis::MAX).await?;
        let assessed = standing.assessed.as_ref().map(|(assessed, ..)| assessed);
        let mut items = Vec::new();
        for item in checklist.of(kind) {
            let evidence = match assessed.and_then(|assessed| assessed.evidence.get(&item.id)) {
                Some(id) => Some(self.text(permit.site_id(), id.as_str()).await?),
                None => None,
            };
            let answer = |assessed: &Assessed| {
                let (met, unmet) = (assessed.met.contains(&item.id), assessed.unmet.contains(&item.id));
                (met || unmet).then_some(met)
            };
            items.push(TierItemView {
                id: item.id.clone(),
                tier: item.tier.name().to_owned(),
                text: item.text.clone(),
                needs_evidence: item.evidence,
                met: assessed.and_then(answer),
                evidence,
            });
        }
        let note = match standing.confirmed.as_ref().and_then(|(confirmed, _)| confirmed.note_id.as_ref()) {
            Some(id) => Some(self.text(permit.site_id(), id.as_str()).await?),
            None => None,
        };
        Ok(TierView { summary: self.tier_summary(permit, permit.site_id(), kind, &checklist, &standing)?, note, items })
    }

    async fn asked(&self, site_id: &str) -> Answer<(i64, Checklist, TieredKind)> {
        let listing = self.directory.get();
        let no_tier = || AppError::refused("no_tier", "只有便民服务中心和便民服务站评等级");
        let kind = is_tiered(&listing.site(site_id)?.kind).ok_or_else(no_tier)?;
        let root = listing.root_of(site_id)?.id.clone();
        let (version, checklist) = self.checklist(&root).await?;
        Ok((version, checklist, kind))
    }

    /// The site's own assessment.
    ///
    /// # Errors
    /// Field errors; 409 `no_tier` and `no_checklist` as outcomes.
    pub async fn assess_tier(&self, permit: &Permit, request: &TierRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let mut outcome = self
            .once(site_id, retry, || async {
                let (version, checklist, kind) = self.asked(site_id).await?;
                if checklist.of(kind).next().is_none() {
                    return Err(AppError::refused("no_checklist", "区里还没有定检查项"));
                }
                let evidence = checked(request, &checklist, kind)?;
                let mut set = self.tier_set(site_id).await?;
                let mut ids = BTreeMap::new();
                for (item, text) in evidence {
                    let (id, row) = self.new_text(site_id, TIER, &text)?;
                    set.row(row);
                    ids.insert(item, id);
                }
                let with = |met: bool| request.items.iter().filter(|item| item.met == met).map(|item| item.id.clone()).collect();
                let met: BTreeSet<String> = with(true);
                let tier = checklist.reached(kind, &met);
                let assessed = Assessed { kind: ASSESSED.to_owned(), checklist: version, tier, met, unmet: with(false), evidence: ids };
                set.events.push(event(TIER, ASSESSED, permit.caller().actor(), self.now(), &assessed)?);
                Ok((set, Outcome::success(200, None, Value::Null)))
            })
            .await?;
        if outcome.status == 200 {
            outcome.body = serde_json::to_value(self.tier(permit).await?)?;
        }
        Ok(outcome)
    }

    /// The district confirms an assessment, as it is or lower.
    ///
    /// # Errors
    /// Field errors; 409 `tier_state`, `own_assessment` as outcomes.
    pub async fn confirm_tier(&self, permit: &Permit, request: &TierConfirmation, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let mut outcome = self
            .once(site_id, retry, || async {
                let tier = match request.tier.as_str() {
                    "none" => None,
                    name => {
                        Some(Tier::parse(name).ok_or_else(|| AppError::field("tier", "unknown", "等级写 basic、standard、model 或 none"))?)
                    }
                };
                let standing = self.standing(site_id, Millis::MAX).await?;
                let waits = || AppError::refused("tier_state", "没有等待确认的自评");
                let (assessed, _, by) = standing.assessed.as_ref().filter(|_| standing.is_open).ok_or_else(waits)?;
                let note = confirmation(request, tier, assessed.tier)?;
                if by == permit.caller().actor() {
                    return Err(AppError::refused("own_assessment", "自己评的要由别人确认"));
                }
                let mut set = self.tier_set(site_id).await?;
                let note_id = match note {
                    Some(note) => {
                        let (id, row) = self.new_text(site_id, TIER, &note)?;
                        set.row(row);
                        Some(id)
                    }
                    None => None,
                };
                let confirmed = Confirmed { kind: CONFIRMED.to_owned(), tier, note_id };
                set.events.push(event(TIER, CONFIRMED, permit.caller().actor(), self.now(), &confirmed)?);
                Ok((set, Outcome::success(200, None, Value::Null)))
            })
            .await?;
        if outcome.status == 200 {
            outcome.body = serde_json::to_value(self.tier(permit).await?)?;
        }
        Ok(outcome)
    }

    /// A change-set that conflicts with whatever else is said of this site's tier meanwhile.
    async fn tier_set(&self, site_id: &str) -> Answer<ChangeSet> {
        let before = self.stores.sites.counter(site_id, COUNTER).await?;
        let mut set = ChangeSet::new(site_id);
        set.expect.push(Expect::Counter(COUNTER.to_owned(), before));
        set.row(CounterRow { site_id: site_id.to_owned(), name: COUNTER.to_owned(), value: before + 1 });
        Ok(set)
    }
}

/// The evidence of each point, when the answers are whole and sound.
fn checked(request: &TierRequest, checklist: &Checklist, kind: TieredKind) -> Answer<BTreeMap<String, String>> {
    let (mut errors, mut evidence, mut answered) = (FieldErrors::default(), BTreeMap::new(), BTreeSet::new());
    for (place, answer) in request.items.iter().enumerate() {
        let at = format!("items[{place}]");
        let Some(item) = checklist.of(kind).find(|item| item.id == answer.id) else {
            errors.add(&format!("{at}.id"), "unknown", "没有这条检查项");
            continue;
        };
        if !answered.insert(answer.id.clone()) {
            errors.add(&format!("{at}.id"), "twice", "同一条答了两次");
        }
        match answer.evidence.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => match clean_line(text, EVIDENCE_CHARS_MAX) {
                Ok(text) => drop(evidence.insert(answer.id.clone(), text)),
                Err(fault) => errors.add(&format!("{at}.evidence"), fault.code(), fault.message()),
            },
            None if answer.met && item.evidence => errors.add(&format!("{at}.evidence"), "missing", "这一条要写明佐证材料"),
            None => {}
        }
    }
    let open = checklist.of(kind).filter(|item| !answered.contains(&item.id)).count();
    if open > 0 {
        errors.add("items", "missing", format!("还有 {open} 条没有答"));
    }
    errors.check()?;
    Ok(evidence)
}

/// The note of a confirmation; a lower tier than assessed needs one.
fn confirmation(request: &TierConfirmation, tier: Option<Tier>, assessed: Option<Tier>) -> Answer<Option<String>> {
    let mut errors = FieldErrors::default();
    if tier > assessed {
        errors.add("tier", "higher_than_assessed", "不能比自评的高");
    }
    let note = request.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    let note = match note.map(|note| clean_line(note, NOTE_CHARS_MAX)) {
        Some(Ok(note)) => Some(note),
        Some(Err(fault)) => {
            errors.add("note", fault.code(), fault.message());
            None
        }
        None if tier < assessed => {
            errors.add("note", "missing", "比自评的低，要写明为什么");
            None
        }
        None => None,
    };
    errors.check()?;
    Ok(note)
}
