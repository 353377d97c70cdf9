//! The way of one document through hands and places: made, handed on, into a slot, out again, given to its owner.

use domain::case::{Change, Event, Relation};
use domain::ids::CertificateId;
use domain::time::{Millis, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::{AGGREGATE, Passing, paper_url};
use crate::app::App;
use crate::app::caller::StaffCaller;
use crate::app::cases::{Names, phrase};
use crate::app::error::Answer;

/// A step of a document's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustodyStepView {
    /// When.
    pub at: String,
    /// Type of the event.
    #[serde(rename = "type")]
    pub kind: String,
    /// One phrase for people.
    pub text: String,
    /// From whom or from where, where that is known.
    pub from: Option<String>,
    /// To whom or where.
    pub to: Option<String>,
    /// Who entered it; null for a gateway.
    pub by_name: Option<String>,
    /// The record that both signed, where there is one (证照交接单).
    pub url: Option<String>,
}

impl App {
    /// The way of a document, in order.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn custody_chain(&self, caller: &StaffCaller, id: &CertificateId) -> Answer<Vec<CustodyStepView>> {
        let case_id = self.certificate(caller, id).await?.case_id;
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let mut names = Names::default();
        let mut steps: Vec<(Millis, CustodyStepView)> = Vec::new();
        let mut slot: Option<String> = None;
        for event in self.case_events(&site_id, &case_id).await? {
            let Some((from, to)) = places(&event, &mut slot) else { continue };
            let by_name = match &event.by {
                Some(by) => Some(names.of(self, by).await?),
                None => None,
            };
            let (kind, text) = (event.kind().to_owned(), phrase(event.kind()).to_owned());
            steps.push((event.at, CustodyStepView { at: rfc3339(event.at), kind, text, from, to, by_name, url: None }));
        }
        for event in self.stores.events.events_of(&site_id, AGGREGATE, id.as_str()).await? {
            let passing: Passing = serde_json::from_str(&event.body)?;
            let taker = names.of(self, &passing.taker).await?;
            let step = CustodyStepView {
                at: rfc3339(event.at),
                kind: event.kind,
                text: format!("交接（{}）", passing.occasion.label()),
                from: Some(self.giver_name(&site_id, &passing.giver, &mut names).await?),
                to: Some(taker.clone()),
                by_name: Some(taker),
                url: Some(paper_url(&site_id, passing.record.as_str())),
            };
            steps.push((event.at, step));
        }
        // Stable, so that what happened at one moment stays in the order in which it was read.
        steps.sort_by_key(|(at, _)| *at);
        Ok(steps.into_iter().map(|(_, step)| step).collect())
    }
}

/// From where to where an event moves the document; `None` for one that moves nothing. `slot` is where it lies.
fn places(event: &Event, slot: &mut Option<String>) -> Option<(Option<String>, Option<String>)> {
    let out = |slot: &mut Option<String>| slot.take().map(|slot| format!("柜 {slot}"));
    Some(match &event.change {
        Change::CertificateMade { .. } | Change::DecisionNoticeMade { .. } => (None, None),
        Change::CertificateReceived { slot: into } => {
            *slot = Some(into.clone());
            (None, Some(format!("柜 {into}")))
        }
        Change::CertificateHandedOver { relation, .. } => (out(slot), Some(collector(*relation).to_owned())),
        Change::CertificateShipped { carrier, waybill } => (out(slot), Some(format!("{carrier} {waybill}"))),
        Change::CertificateDelivered => (None, Some("申请人".to_owned())),
        Change::CertificateReturned { .. } => (out(slot), Some("制证部门".to_owned())),
        _ => return None,
    })
}

fn collector(relation: Relation) -> &'static str {
    match relation {
        Relation::Applicant => "申请人",
        Relation::Agent => "代领人",
        Relation::LegalRepresentative => "法定代表人",
    }
}
