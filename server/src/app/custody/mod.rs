//! Handing result documents on (证照交接): the record that both sides sign, and the way of one document through hands
//! and places. A record is one event that holds the whole of it, and one event of each document, so that a document's way
//! is found without reading every record.

mod chain;
mod command;
mod paper;

use domain::case::Case;
use domain::custody::{Giver, HandedOn};
use domain::ids::CustodyRecordId;
use domain::time::{local_date, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use chain::CustodyStepView;
pub use command::CustodyRecordRequest;

use super::App;
use super::caller::Permit;
use super::cases::{ColleagueView, Names};
use super::error::{Answer, AppError};
use crate::store::LoggedEvent;

/// Aggregate of its events: of a record, and of a document.
const AGGREGATE: &str = "custody";
/// Type of a record's event.
const RECORDED: &str = "custody_handed_on";
/// Type of a document's event.
const HANDED_ON: &str = "certificate_handed_on";

/// A document of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HandedItemView {
    /// The document.
    pub certificate_id: String,
    /// The case's number.
    pub case_number: String,
    /// What it is called.
    pub name: String,
    /// The department that decided the case.
    pub department_name: String,
    /// Its slot then, where it lay in the cabinet.
    pub slot: Option<String>,
}

/// A record of documents that were handed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustodyRecordView {
    /// The record.
    pub id: String,
    /// When.
    pub at: String,
    /// `from_department` or `shift`.
    #[schema(value_type = crate::app::words::CustodyOccasion)]
    pub occasion: String,
    /// Who gave, by name.
    pub giver_name: String,
    /// Who took, by name.
    pub taker_name: String,
    /// What.
    pub items: Vec<HandedItemView>,
    /// What was said to it.
    pub note: Option<String>,
    /// Where the paper that both sign is read (证照交接单).
    pub url: String,
}

/// What the page of the pickup window begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustodyView {
    /// The last record; null before the first.
    pub last: Option<CustodyRecordView>,
    /// Who could give: everybody of the site with an account, but the caller.
    pub colleagues: Vec<ColleagueView>,
}

impl App {
    /// The last record of a site, and who could give.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn custody(&self, permit: &Permit) -> Answer<CustodyView> {
        let site_id = permit.site_id();
        let last = match self.stores.events.newest_of_kind(site_id, RECORDED, self.now()).await? {
            Some(event) => match self.custody_record_view(permit, &event).await {
                Ok(record) => Some(record),
                // Of documents that are another department's, too: none of the caller's.
                Err(AppError::Forbidden { .. } | AppError::Refused { .. }) if !permit.reaches_site() => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        if !permit.reaches_site() {
            return Ok(CustodyView { last, colleagues: Vec::new() });
        }
        let mut rows = self.stores.staff.all_staff().await?;
        rows.retain(|row| row.active && row.site_id == site_id && row.id != permit.caller().actor());
        rows.sort_by(|one, other| one.name.cmp(&other.name));
        let colleagues = rows.into_iter().map(|row| ColleagueView { id: row.id, name: row.name }).collect();
        Ok(CustodyView { last, colleagues })
    }

    /// One record.
    ///
    /// # Errors
    /// 404 where the site has none under this id; 403 where a document of it is not for the caller.
    pub(in crate::app) async fn custody_record(&self, permit: &Permit, id: &CustodyRecordId) -> Answer<CustodyRecordView> {
        let events = self.stores.events.events_of(permit.site_id(), AGGREGATE, id.as_str()).await?;
        self.custody_record_view(permit, events.first().ok_or(AppError::NotFound)?).await
    }

    async fn custody_record_view(&self, permit: &Permit, event: &LoggedEvent) -> Answer<CustodyRecordView> {
        let (site_id, today) = (permit.site_id(), local_date(self.now()));
        let handed: HandedOn = serde_json::from_str(&event.body)?;
        let mut names = Names::default();
        let mut items = Vec::with_capacity(handed.items.len());
        for item in &handed.items {
            let case = self.case_of_site(site_id, item.case.as_str()).await?;
            permit.reaches(&case.department, today)?;
            items.push(HandedItemView {
                certificate_id: item.certificate.to_string(),
                case_number: case.number.clone(),
                name: document_name(&case),
                department_name: case.matter.department_name.clone(),
                slot: item.slot.clone(),
            });
        }
        Ok(CustodyRecordView {
            id: handed.record.to_string(),
            at: rfc3339(event.at),
            occasion: command::word(handed.occasion).to_owned(),
            giver_name: self.giver_name(site_id, &handed.giver, &mut names).await?,
            taker_name: names.of(self, &handed.taker).await?,
            items,
            note: match &handed.note {
                Some(id) => Some(self.text(site_id, id.as_str()).await?),
                None => None,
            },
            url: paper_url(site_id, handed.record.as_str()),
        })
    }

    async fn giver_name(&self, site_id: &str, giver: &Giver, names: &mut Names) -> Answer<String> {
        match giver {
            Giver::Staff(id) => names.of(self, id).await,
            Giver::Named(id) => self.text(site_id, id.as_str()).await,
        }
    }
}

fn paper_url(site_id: &str, record: &str) -> String {
    format!("/api/v1/sites/{site_id}/custody-records/{record}.pdf")
}

/// What the document of a case is called.
fn document_name(case: &Case) -> String {
    let is_certificate = case.certificate.as_ref().is_some_and(|document| document.number.is_some());
    let name = case.matter.certificate_name.clone().filter(|_| is_certificate);
    name.unwrap_or_else(|| format!("{}办理结果通知书", case.matter.name))
}

/// A document's share of a record, as its own event holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Passing {
    record: CustodyRecordId,
    occasion: domain::custody::Occasion,
    giver: Giver,
    taker: domain::ids::StaffId,
}
