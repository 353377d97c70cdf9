//! What the person judged sees: the own ratings in sum, and each negative one once it was verified, by day and
//! without a word or number of whoever gave it. And the rates of everybody, for the supervisor.
//!
//! A rating that is not verified is not shown one by one: who opens this page a minute after a visit would know
//! who gave it. Sums end with yesterday, and levels are told from five ratings on.

use std::collections::BTreeMap;

use domain::evaluation::{Action, FollowUp, StarOrder, clerk_rates};
use domain::ids::EvaluationId;
use domain::rights::Operation;
use domain::time::{DAY_MS, local_date, rfc3339, start_of};
use serde::Serialize;
use utoipa::ToSchema;

use super::negative::reasons;
use super::views::{AppealView, ReasonCodeView, RectificationView, RemarkView, Telling};
use super::{name_of, rating};
use crate::app::App;
use crate::app::caller::{Caller, Permit, StaffCaller};
use crate::app::cases::Names;
use crate::app::error::{Answer, AppError};
use crate::store::FollowUpRow;

/// Days that are looked back.
const DAYS_BACK: i64 = 90;
/// With fewer ratings their levels are not told: a single one would name who gave it.
const TOLD_FROM: u32 = 5;

/// A negative rating as the person judged sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnEvaluationView {
    /// The rating.
    pub id: String,
    /// The day.
    pub date: String,
    /// `dissatisfied` or `very_dissatisfied`.
    #[schema(value_type = crate::app::words::Satisfaction)]
    pub level: String,
    /// What was ticked.
    pub reasons: Vec<ReasonCodeView>,
    /// `valid` or `invalid`.
    #[schema(value_type = crate::app::words::EvaluationFinding)]
    pub finding: String,
    /// What the verification found.
    pub verification: RemarkView,
    /// What is done about it.
    pub rectification: Option<RectificationView>,
    /// Where the loop stands.
    #[schema(value_type = crate::app::words::FollowUpState)]
    pub state: String,
    /// The appeal.
    pub appeal: Option<AppealView>,
    /// The last moment for one.
    pub appeal_until: Option<String>,
    /// Whether it counts against the caller.
    pub counts_against_me: bool,
    /// `appeal`, when that is open.
    pub actions: Vec<String>,
}

/// The own ratings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnEvaluationsView {
    /// First day of the sums.
    pub from: String,
    /// Last day of the sums: yesterday.
    pub to: String,
    /// Ratings of the own visits.
    pub ratings: u32,
    /// How many of each level; null below five ratings.
    pub levels: Option<BTreeMap<String, u32>>,
    /// Verified negative ratings, the newest first.
    pub items: Vec<OwnEvaluationView>,
}

/// The ratings of one person's visits, for the supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClerkRatesView {
    /// The person.
    pub staff_id: String,
    /// Name.
    pub staff_name: String,
    /// Ratings in the last 30 days.
    pub ratings: u32,
    /// Negative ones, all.
    pub negative: u32,
    /// Negative ones that count against the person.
    pub counted: u32,
    /// Given sooner after the service than the site holds for usual, of any level.
    pub quick: u32,
    /// From a device or address that gave many at a time, of any level.
    pub burst: u32,
}

impl App {
    /// The caller's own ratings.
    ///
    /// # Errors
    /// 403 without the right anywhere.
    pub async fn own_evaluations(&self, caller: &StaffCaller) -> Answer<OwnEvaluationsView> {
        let site_id = caller.staff.site.as_str();
        Caller::Staff(Box::new(caller.clone())).permit(Operation::AppealEvaluation, site_id)?;
        let today = start_of(local_date(self.now()));
        let from = today - DAYS_BACK * DAY_MS;
        let mut levels: BTreeMap<String, u32> = domain::evaluation::Level::ALL.iter().map(|level| (level.name().to_owned(), 0)).collect();
        let mut ratings = 0;
        for row in self.stores.evaluations.evaluations_between(site_id, from, today).await? {
            if row.staff_id.as_deref() == Some(caller.staff.id.as_str()) {
                ratings += 1;
                let level =
                    u8::try_from(row.level).ok().and_then(|stars| domain::evaluation::Level::from_number(stars, StarOrder::FiveIsBest));
                *levels.entry(level.map(|level| level.name().to_owned()).unwrap_or_default()).or_default() += 1;
            }
        }
        let (mut items, mut names) = (Vec::new(), Names::default());
        for row in self.stores.evaluations.follow_ups(site_id, from).await? {
            if row.staff_id.as_deref() == Some(caller.staff.id.as_str()) {
                items.extend(self.own_view(caller, &row, &mut names).await?);
            }
        }
        Ok(OwnEvaluationsView {
            from: local_date(from).to_string(),
            to: local_date(today - 1).to_string(),
            ratings,
            levels: (ratings >= TOLD_FROM).then_some(levels),
            items,
        })
    }

    pub(super) async fn own_evaluation(&self, caller: &StaffCaller, site_id: &str, id: &EvaluationId) -> Answer<OwnEvaluationView> {
        let (row, _) = self.follow_up_of(site_id, id).await?;
        self.own_view(caller, &row, &mut Names::default()).await?.ok_or(AppError::NotFound)
    }

    async fn own_view(&self, caller: &StaffCaller, row: &FollowUpRow, names: &mut Names) -> Answer<Option<OwnEvaluationView>> {
        let of: FollowUp = serde_json::from_str(&row.doc)?;
        let Some(verification) = &of.verification else { return Ok(None) };
        let given = self.stores.evaluations.evaluation(&row.site_id, &row.id).await?.ok_or(AppError::NotFound)?;
        let submission = rating(&given)?.submission;
        let ground = self.follow_up_ground(&row.site_id).await?;
        let may = ground.of(|ground| of.permits(Action::Appeal, &caller.staff.id, &ground, self.now()).is_ok());
        let until = ground.of(|ground| of.appeal_until(&ground));
        let mut telling = Telling { app: self, site_id: &row.site_id, with_names: false, names };
        let appeal = match &of.appeal {
            Some(appeal) => Some(telling.appeal(appeal).await?),
            None => None,
        };
        let rectification = match &of.rectification {
            Some(done) => Some(telling.rectification(done).await?),
            None => None,
        };
        Ok(Some(OwnEvaluationView {
            id: row.id.clone(),
            date: local_date(given.at).to_string(),
            level: submission.level.name().to_owned(),
            reasons: reasons(&submission.reason_codes),
            finding: name_of(verification.finding),
            verification: telling.remark(&verification.remark).await?,
            rectification,
            state: of.state.name().to_owned(),
            appeal,
            appeal_until: until.map(|until| rfc3339(until - 1)),
            counts_against_me: of.counts_against_judged(),
            actions: may.then(|| Action::Appeal.name().to_owned()).into_iter().collect(),
        }))
    }

    /// How the ratings of everybody of a site stand, those with the most negative first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn clerk_rates(&self, permit: &Permit) -> Answer<Vec<ClerkRatesView>> {
        let (site_id, now) = (permit.site_id(), self.now());
        let policy = self.follow_up_ground(site_id).await?.policy;
        let all = self.given_between(site_id, now - 30 * DAY_MS, now + 1).await?;
        let mut names = Names::default();
        let mut views = Vec::new();
        for (staff, rates) in clerk_rates(&all, &policy) {
            views.push(ClerkRatesView {
                staff_name: names.of(self, &staff).await?,
                staff_id: staff.to_string(),
                ratings: rates.ratings,
                negative: rates.negative,
                counted: rates.counted,
                quick: rates.quick,
                burst: rates.burst,
            });
        }
        views.sort_by(|one, other| (other.counted, other.ratings, &one.staff_id).cmp(&(one.counted, one.ratings, &other.staff_id)));
        Ok(views)
    }
}
