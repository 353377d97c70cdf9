//! What the hall is told of the plan of today: the windows of the roster at which somebody will sit, so that numbers are
//! given before they open, and who takes whose place while that one is away (AB角). Told when a plan changes, and
//! looked at by the timer, which begins each day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::hall::{Actor, Command, DayPlan};
use domain::ids::StaffId;
use domain::people::{Away, Seat, day_plan};

use crate::app::App;
use crate::app::error::Answer;
use crate::app::hall::{Beside, Wish};
use crate::store::{LeaveRow, RosterRow};

/// Who acts, in the log.
const ACTOR: &str = "system";

fn plan_of(date: NaiveDate, roster: Option<&RosterRow>, leaves: &[LeaveRow]) -> Answer<DayPlan> {
    let seats: Vec<Seat> = roster.map(|row| serde_json::from_str(&row.doc)).transpose()?.unwrap_or_default();
    let away = |leave: &LeaveRow| {
        Some(Away { staff: StaffId::parse(&leave.staff_id)?, cover: leave.cover_id.as_deref().and_then(StaffId::parse) })
    };
    Ok(day_plan(date, &seats, &leaves.iter().filter_map(away).collect::<Vec<_>>()))
}

impl App {
    /// Tells every hall the plan of today, where it does not know it.
    ///
    /// # Errors
    /// When the store cannot be read; a hall that cannot be told now is told with the next look.
    pub async fn tell_day_plans(&self) -> Answer<()> {
        let (today, mut by_site) = (self.today(), BTreeMap::<String, (Option<RosterRow>, Vec<LeaveRow>)>::new());
        for row in self.stores.people.rosters_on(&today.to_string()).await? {
            let site_id = row.site_id.clone();
            by_site.entry(site_id).or_default().0 = Some(row);
        }
        for row in self.stores.people.leaves_on(&today.to_string()).await? {
            by_site.entry(row.site_id.clone()).or_default().1.push(row);
        }
        for (site_id, (roster, leaves)) in by_site {
            self.told_or_later(&site_id, plan_of(today, roster.as_ref(), &leaves)?).await;
        }
        Ok(())
    }

    /// Tells one hall the plan of today after it changed.
    pub(super) async fn tell_day_plan(&self, site_id: &str) -> Answer<()> {
        let (date, today) = (self.today(), self.today().to_string());
        let rosters = self.stores.people.rosters_between(site_id, &today, &today).await?;
        let leaves = self.stores.people.leaves_between(site_id, &today, &today).await?;
        self.told_or_later(site_id, plan_of(date, rosters.first(), &leaves)?).await;
        Ok(())
    }

    /// The plan is stored whatever the hall says: while a keeper decides, the timer tells it afterwards.
    async fn told_or_later(&self, site_id: &str, plan: DayPlan) {
        if let Err(error) = self.tell_plan(site_id, plan).await {
            tracing::warn!(site_id, %error, "the hall was not told the plan of the day");
        }
    }

    async fn tell_plan(&self, site_id: &str, plan: DayPlan) -> Answer<()> {
        let is_nothing = plan.window_ids.is_empty() && plan.covers.is_empty();
        let known = self.hall(site_id).await?.doc().day_plan.clone();
        if known.as_ref() == Some(&plan) || (is_nothing && known.is_none_or(|known| known.date < plan.date)) {
            return Ok(());
        }
        let wish = Wish {
            site_id: site_id.to_owned(),
            actor: Actor::machine(),
            actor_id: ACTOR.to_owned(),
            command: Command::PlanDay { plan },
            retry: None,
            rows: Vec::new(),
            beside: Beside::default(),
        };
        self.halls.submit(wish).await.map(drop)
    }
}
