//! What our own records hold about a rated visit or case, read for the rules of evidence and of signals.

use std::collections::{BTreeMap, BTreeSet};

use domain::case::Case;
use domain::evaluation::{
    CaseFacts, ClerkRates, Demand, Facts, FollowUp, Given, VisitFacts, clerk_rates, evidence, rests_on_guide, signals,
};
use domain::hall::EvaluationPolicy;
use domain::ids::StaffId;
use domain::time::{DAY_MS, MINUTE_MS, Millis, local_date};

use super::views::{EvidenceView, SignalsView};
use crate::app::App;
use crate::app::error::Answer;
use crate::app::tracking::Tracked;
use crate::store::EvaluationRow;

/// Days before a rating that the rates of the person judged are taken from.
const RATES_DAYS: i64 = 30;
/// Stars of the best level that is negative.
const NEGATIVE_STARS_MAX: i64 = 2;
/// What brings somebody to a hall for a case.
const CAME_FOR: &[&str] = &["case_received", "materials_supplied", "certificate_handed_over"];

/// Rates of everybody of a site up to a day, read once for a list.
#[derive(Default)]
pub(super) struct ClerkFigures(BTreeMap<(String, i64), BTreeMap<StaffId, ClerkRates>>);

impl App {
    /// What the records say to the reasons of a rating.
    pub(super) async fn evidence_of(&self, row: &EvaluationRow, codes: &[String]) -> Answer<Vec<EvidenceView>> {
        if !codes.iter().filter_map(|code| domain::evaluation::reason(code)).any(|reason| reason.is_checkable) {
            return Ok(Vec::new());
        }
        let tracked = self.tracked(&row.tracking_code).await?;
        let is_rated = |case: &&Case| row.subject == "visit" || case.id.as_str() == row.case_id;
        let mut cases = Vec::new();
        for case in tracked.cases.iter().filter(is_rated) {
            cases.push(self.case_facts(case).await?);
        }
        let facts = Facts { rated_on: local_date(row.at), visit: self.visit_facts(&tracked).await?, cases };
        Ok(codes.iter().filter_map(|code| evidence(code, &facts)).map(EvidenceView::from).collect())
    }

    async fn case_facts(&self, case: &Case) -> Answer<CaseFacts> {
        let site_id = case.site.as_str();
        let guide = self.catalogue_version(site_id, case.matter.id.as_str(), case.matter.version).await?;
        let listing = self.directory.get();
        let decided_on = case.decision.as_ref().map(|decision| local_date(decision.at));
        let clock = case.decision_clock();
        let in_guide = |id: &domain::ids::MaterialId| {
            case.matter.requirement(id).is_some() || guide.as_ref().is_some_and(|guide| guide.materials.iter().any(|one| one.id == *id))
        };
        let bases = guide.as_ref().map(|guide| guide.legal_basis.as_slice()).unwrap_or_default();
        let mut demands = Vec::new();
        for (place, notice) in case.notices.iter().enumerate() {
            demands.extend(notice.items.iter().map(|item| Demand {
                notice: place + 1,
                in_guide: item.material.as_ref().is_some_and(in_guide),
                basis_in_guide: rests_on_guide(&item.basis, bases),
                material: item.material.clone(),
            }));
        }
        let came = case.history.iter().filter(|entry| CAME_FOR.contains(&entry.kind.as_str()));
        let days: BTreeSet<_> = came.map(|entry| local_date(entry.at)).collect();
        Ok(CaseFacts {
            guide_materials: case.matter.materials.len(),
            guide_bases: bases.len(),
            demands,
            promised_due: clock.as_ref().and_then(|clock| clock.due(&listing.calendar).ok()),
            statutory_due: clock.as_ref().and_then(|clock| clock.statutory_due(&listing.calendar)).and_then(Result::ok),
            decided_on,
            visits_promised: guide.map(|guide| guide.visits),
            visits_made: u32::try_from(days.len()).unwrap_or(u32::MAX),
        })
    }

    async fn visit_facts(&self, tracked: &Tracked) -> Answer<Option<VisitFacts>> {
        let Some(ticket) = &tracked.ticket else { return Ok(None) };
        let unused = match &ticket.holder {
            Some(holder) => self.unused_appointments(&tracked.site_id, holder.as_str(), ticket.date).await?,
            None => None,
        };
        Ok(Some(VisitFacts {
            by_appointment: ticket.appointment.is_some(),
            unused_appointments: unused.unwrap_or(0),
            is_known: unused.is_some(),
        }))
    }

    /// The signs of a rating among those of its site.
    pub(super) async fn signals_of(
        &self,
        row: &EvaluationRow,
        policy: &EvaluationPolicy,
        figures: &mut ClerkFigures,
    ) -> Answer<SignalsView> {
        let span = Millis::from(policy.burst_min) * MINUTE_MS;
        let near = self.stores.evaluations.evaluations_between(&row.site_id, row.at - span, row.at + span + 1).await?;
        let near: Vec<Given> = near.iter().map(|row| given(row, false)).collect();
        let signs = signals(&given(row, false), &near, policy);
        let rates = match row.staff_id.as_deref().and_then(StaffId::parse) {
            Some(staff) => self.rates_before(row, policy, figures).await?.get(&staff).map(|rates| (rates.ratings, rates.counted)),
            None => None,
        };
        Ok(SignalsView::of(&signs, policy.burst_min).with_clerk(rates))
    }

    async fn rates_before<'a>(
        &self,
        row: &EvaluationRow,
        policy: &EvaluationPolicy,
        figures: &'a mut ClerkFigures,
    ) -> Answer<&'a BTreeMap<StaffId, ClerkRates>> {
        // Up to the end of the day of the rating, so that ratings of one day share one reading.
        let end = domain::time::start_of(local_date(row.at)) + DAY_MS;
        let key = (row.site_id.clone(), end);
        if !figures.0.contains_key(&key) {
            let all = self.given_between(&row.site_id, end - RATES_DAYS * DAY_MS, end).await?;
            figures.0.insert(key.clone(), clerk_rates(&all, policy));
        }
        Ok(figures.0.entry(key).or_default())
    }

    /// Every rating of a site in a span, as the rules of signals know it.
    pub(in crate::app) async fn given_between(&self, site_id: &str, from: Millis, to: Millis) -> Answer<Vec<Given>> {
        let mut counting = BTreeSet::new();
        for row in self.stores.evaluations.follow_ups(site_id, from).await? {
            let of: FollowUp = serde_json::from_str(&row.doc)?;
            if of.counts_against_judged() {
                counting.insert(row.id);
            }
        }
        let rows = self.stores.evaluations.evaluations_between(site_id, from, to).await?;
        Ok(rows.iter().map(|row| given(row, counting.contains(&row.id))).collect())
    }
}

fn given(row: &EvaluationRow, counts_against: bool) -> Given {
    Given {
        at: row.at,
        after_ms: row.after_ms,
        source: row.source_key.clone(),
        is_hall_device: row.channel == "pad" || row.channel == "kiosk",
        judged: row.staff_id.as_deref().and_then(StaffId::parse),
        is_negative: row.level <= NEGATIVE_STARS_MAX,
        counts_against,
    }
}
