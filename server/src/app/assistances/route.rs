//! Today's way of a helper: the visits of a day by village and house, masked on the page; on paper in full, and then
//! every name on it is an event before the paper is answered.

use chrono::NaiveDate;
use documents::{Paper, Part};
use domain::assistance::{Assistance, Visit};
use domain::ids::StaffId;
use serde::Serialize;
use utoipa::ToSchema;

use super::{assistance_of, hand_of};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::app::papers::fonts;
use crate::app::persons::{MaskedPerson, PersonData};
use crate::store::ChangeSet;

/// One visit on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RouteStop {
    /// The assistance.
    pub assistance_id: String,
    /// The number of the visit.
    pub visit: u32,
    /// Village or street.
    pub village: String,
    /// Who is visited, masked.
    pub person: MaskedPerson,
    /// What for.
    pub purpose: String,
    /// Whether the person agreed to be acted for.
    pub consented: bool,
    /// The number of the case, if there is one.
    pub case_number: Option<String>,
    /// Whether there is news of the case to be told.
    pub has_news: bool,
}

/// A day's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RouteView {
    /// The day, `yyyy-MM-dd`.
    pub day: String,
    /// Whose way it is.
    pub helper_name: String,
    /// The visits, by village and house.
    pub stops: Vec<RouteStop>,
}

/// A visit with whom it is about.
struct Stop {
    of: Assistance,
    visit: Visit,
    village: String,
    data: PersonData,
}

impl App {
    async fn stops(&self, permit: &Permit, day: NaiveDate, helper: &StaffId) -> Answer<Vec<Stop>> {
        let site_id = permit.site_id();
        let mut stops = Vec::new();
        for row in self.stores.assistances.assistances(site_id, i64::MAX).await?.iter().filter(|row| row.helper_id == helper.as_str()) {
            let of = assistance_of(row)?;
            for visit in of.planned().into_iter().filter(|visit| visit.day == day) {
                let data = self.person_data(site_id, of.person.as_str()).await?;
                let village = self.text(site_id, visit.village.as_str()).await?;
                stops.push(Stop { visit: visit.clone(), village, data, of: of.clone() });
            }
        }
        stops.sort_by(|one, other| {
            let place = |stop: &Stop| (stop.village.clone(), stop.data.address.clone(), stop.of.id.clone());
            place(one).cmp(&place(other))
        });
        Ok(stops)
    }

    /// Whose way is asked for: the own, or another's for who runs the hall.
    fn way_of(permit: &Permit, helper_id: Option<&str>) -> Answer<StaffId> {
        let hand = hand_of(permit)?;
        match helper_id.filter(|id| *id != hand.id.as_str()) {
            None => Ok(hand.id),
            Some(id) if hand.runs_the_hall => StaffId::parse(id).ok_or_else(|| AppError::field("helper_id", "unknown", "没有这位帮办员")),
            Some(_) => Err(AppError::NotFound),
        }
    }

    async fn name_of_helper(&self, site_id: &str, id: &StaffId) -> Answer<String> {
        let row = self.stores.staff.staff(site_id, id.as_str()).await?;
        row.map(|row| row.name).ok_or_else(|| AppError::field("helper_id", "unknown", "没有这位帮办员"))
    }

    /// The visits of a day, by village and house, masked.
    ///
    /// # Errors
    /// 404 for another helper's way.
    pub async fn route(&self, permit: &Permit, day: NaiveDate, helper_id: Option<&str>) -> Answer<RouteView> {
        let helper = Self::way_of(permit, helper_id)?;
        let helper_name = self.name_of_helper(permit.site_id(), &helper).await?;
        let mut stops = Vec::new();
        for Stop { of, visit, village, .. } in self.stops(permit, day, &helper).await? {
            let case = self.assisted_case(permit.site_id(), &of).await?;
            stops.push(RouteStop {
                assistance_id: of.id.to_string(),
                visit: visit.number,
                village,
                person: self.masked_person(permit.site_id(), of.person.as_str()).await?,
                purpose: self.text(permit.site_id(), visit.purpose.as_str()).await?,
                consented: of.consent.is_some(),
                has_news: of.has_news(case.as_ref().map(|case| case.state.name())),
                case_number: case.map(|case| case.number),
            });
        }
        Ok(RouteView { day: day.to_string(), helper_name, stops })
    }

    /// The same on paper, names, phones and addresses in full: whoever goes from house to house has no network there.
    ///
    /// # Errors
    /// 404 for another helper's way; 503 `fonts_missing`.
    pub async fn route_paper(&self, permit: &Permit, day: NaiveDate, helper_id: Option<&str>) -> Answer<Vec<u8>> {
        let helper = Self::way_of(permit, helper_id)?;
        let helper_name = self.name_of_helper(permit.site_id(), &helper).await?;
        let site_name = self.directory.get().site(permit.site_id())?.name.clone();
        let stops = self.stops(permit, day, &helper).await?;
        let mut rows = Vec::with_capacity(stops.len());
        for (place, stop) in stops.iter().enumerate() {
            let told = |value: &Option<String>| value.clone().unwrap_or_default();
            let purpose = self.text(permit.site_id(), stop.visit.purpose.as_str()).await?;
            let who = format!("{}\n{}", told(&stop.data.name), told(&stop.data.phone));
            let place_text = format!("{}\n{}", stop.village, told(&stop.data.address));
            rows.push(vec![(place + 1).to_string(), place_text, who, purpose, String::new()]);
        }
        let mut set = ChangeSet::new(permit.site_id());
        for stop in &stops {
            let fields = serde_json::json!(["name", "phone", "address"]);
            let what = ("paper", serde_json::json!("visit_route"));
            set.events.push(self.person_read(permit, ("assistance", stop.of.id.as_str()), stop.of.person.as_str(), fields, what));
        }
        self.commit(set).await?;
        let text = if rows.is_empty() {
            "这一天没有排上门。"
        } else {
            "到了以后把结果写在最后一栏，请本人或家属签字；回来记到系统里。"
        };
        let paper = Paper {
            issuer: site_name,
            title: "上门帮办路线单".to_owned(),
            number: format!("{} · {helper_name} · {} 户", day.format("%Y年%-m月%-d日"), rows.len()),
            addressee: None,
            parts: vec![
                Part::Text { text: text.to_owned() },
                Part::Table {
                    heading: "按村、按门牌排".to_owned(),
                    head: ["序", "哪里", "谁", "去办什么", "结果、签字"].map(str::to_owned).to_vec(),
                    widths: vec![1, 5, 4, 5, 5],
                    rows,
                },
            ],
            sealed_by: None,
            seal: None,
            date: day.format("%Y年%-m月%-d日").to_string(),
            signatures: vec!["帮办员签字".to_owned()],
            verify: None,
            mark: None,
        };
        let ident = format!("route-{helper}-{day}");
        let made = tokio::task::spawn_blocking(move || Ok(documents::pdf(&paper, &ident, &fonts()?)));
        let made: Answer<_> = made.await.map_err(|error| AppError::Internal(error.to_string()))?;
        made?.map_err(|error| AppError::Internal(error.to_string()))
    }
}
