//! Affairs in the hands of helpers, told: masked, with what the caller may do now.

use domain::assistance::{Assistance, Visit, VisitState};
use domain::case::Case;
use domain::ids::AssistanceId;
use domain::rights::Role;
use domain::time::{DAY_MS, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{assistance_of, hand_of};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::cases::{Names, case_of};
use crate::app::error::Answer;
use crate::app::persons::MaskedPerson;
use crate::app::retry::{Outcome, Retry};
use crate::app::reveals::{RevealRequest, Revealed};

/// Days that the list looks back at what has ended.
const DAYS_BACK: i64 = 90;

/// Which are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AssistanceFilter {
    /// Only those that go on.
    #[serde(default)]
    pub open: bool,
    /// Only of this helper; for who runs the hall.
    pub helper_id: Option<String>,
}

/// Somebody's consent to be acted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConsentView {
    /// When it was noted.
    pub at: String,
    /// `written`, `spoken`, `relative`.
    pub form: String,
    /// The form in words.
    pub form_text: String,
    /// What for, and by whom if not by the person.
    pub note: Option<String>,
    /// Who noted it.
    pub by_name: String,
}

/// The case that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of a case")]
pub struct AssistedCaseView {
    pub case_id: String,
    pub number: String,
    pub matter_name: String,
    #[schema(value_type = crate::app::words::CaseState)]
    pub state: String,
    pub certificate_id: Option<String>,
}

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitView {
    /// Its number within the assistance.
    pub number: u32,
    /// On which day, `yyyy-MM-dd`.
    pub day: String,
    /// Village or street.
    pub village: String,
    /// What for.
    pub purpose: String,
    /// `planned`, `done`, `cancelled`.
    pub state: String,
    /// When it was noted.
    pub at: Option<String>,
    /// What came of it, or why it was called off.
    pub text: Option<String>,
}

/// Somebody's affair in the hands of a helper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AssistanceView {
    /// The assistance.
    pub id: String,
    /// The site.
    pub site_id: String,
    /// Who answers for it.
    pub helper_id: String,
    /// By name.
    pub helper_name: String,
    /// Whether that is the caller.
    pub mine: bool,
    /// Who is helped, masked.
    pub person: MaskedPerson,
    /// Since when.
    pub opened_at: String,
    /// The consent, once given.
    pub consent: Option<ConsentView>,
    /// The case, once there is one.
    pub case: Option<AssistedCaseView>,
    /// Whether the case went on and the person was not told yet.
    pub has_news: bool,
    /// The visits.
    pub visits: Vec<VisitView>,
    /// When it ended.
    pub closed_at: Option<String>,
    /// What the caller may do now.
    pub actions: Vec<String>,
}

/// A helper to whom it can be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HelperView {
    /// The helper.
    pub id: String,
    /// By name.
    pub name: String,
    /// How many affairs go on in these hands.
    pub open_count: usize,
}

/// The helper of a case, and the consent by which he acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseHelperView {
    /// By name.
    pub name: String,
    /// Since when.
    pub since: String,
    /// How the person agreed, in words.
    pub consent_text: Option<String>,
    /// When that was noted.
    pub consented_at: Option<String>,
}

impl App {
    /// Those of the caller; those of the site for who runs the hall. Those with news and the nearest visits come first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn assistances(&self, permit: &Permit, filter: &AssistanceFilter) -> Answer<Vec<AssistanceView>> {
        let (hand, mut names, mut found) = (hand_of(permit)?, Names::default(), Vec::new());
        for row in self.stores.assistances.assistances(permit.site_id(), self.now() - DAYS_BACK * DAY_MS).await? {
            let is_shown = row.helper_id == hand.id.as_str() || hand.runs_the_hall;
            let is_wanted = filter.helper_id.as_deref().is_none_or(|helper| row.helper_id == helper);
            if is_shown && is_wanted && (!filter.open || row.state == "open") {
                found.push(self.assistance_view(permit, &assistance_of(&row)?, &mut names).await?);
            }
        }
        let next = |one: &AssistanceView| one.visits.iter().filter(|visit| visit.state == "planned").map(|visit| visit.day.clone()).min();
        found.sort_by_key(|one| (one.closed_at.is_some(), !one.has_news, next(one).is_none(), next(one), one.id.clone()));
        Ok(found)
    }

    /// One of them.
    ///
    /// # Errors
    /// 404, also for another helper's.
    pub async fn assistance(&self, permit: &Permit, id: &AssistanceId) -> Answer<AssistanceView> {
        let of = self.assistance_for(permit, id).await?;
        self.assistance_view(permit, &of, &mut Names::default()).await
    }

    /// The outcome of a step with the assistance as its body; whoever gave it away sees no more of it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn with_assistance(&self, permit: &Permit, mut outcome: Outcome) -> Answer<Outcome> {
        let Some(id) = outcome.object_id.as_deref().and_then(AssistanceId::parse).filter(|_| outcome.body.is_null()) else {
            return Ok(outcome);
        };
        let row = self.stores.assistances.assistance(permit.site_id(), id.as_str()).await?;
        if let Some(row) = row {
            outcome.body = serde_json::to_value(self.assistance_view(permit, &assistance_of(&row)?, &mut Names::default()).await?)?;
        }
        Ok(outcome)
    }

    async fn assistance_view(&self, permit: &Permit, of: &Assistance, names: &mut Names) -> Answer<AssistanceView> {
        let site_id = permit.site_id();
        let case = self.assisted_case(site_id, of).await?;
        let consent = match &of.consent {
            Some(consent) => Some(ConsentView {
                at: rfc3339(consent.at),
                form: consent.form.name().to_owned(),
                form_text: consent.form.label().to_owned(),
                note: match &consent.note {
                    Some(note) => Some(self.text(site_id, note.as_str()).await?),
                    None => None,
                },
                by_name: names.of(self, &consent.by).await?,
            }),
            None => None,
        };
        let mut visits = Vec::with_capacity(of.visits.len());
        for visit in &of.visits {
            visits.push(self.visit_view(site_id, visit).await?);
        }
        let hand = hand_of(permit)?;
        let is_mine = of.helper == hand.id;
        Ok(AssistanceView {
            id: of.id.to_string(),
            site_id: site_id.to_owned(),
            helper_id: of.helper.to_string(),
            helper_name: names.of(self, &of.helper).await?,
            mine: is_mine,
            person: self.masked_person(site_id, of.person.as_str()).await?,
            opened_at: rfc3339(of.opened_at),
            consent,
            has_news: of.has_news(case.as_ref().map(|case| case.state.name())),
            case: case.as_ref().map(|case| AssistedCaseView {
                case_id: case.id.to_string(),
                number: case.number.clone(),
                matter_name: case.matter.name.clone(),
                state: case.state.name().to_owned(),
                certificate_id: case.certificate.as_ref().map(|certificate| certificate.id.to_string()),
            }),
            visits,
            closed_at: of.closed_at.map(rfc3339),
            actions: actions(of, is_mine, hand.runs_the_hall).into_iter().map(str::to_owned).collect(),
        })
    }

    pub(super) async fn assisted_case(&self, site_id: &str, of: &Assistance) -> Answer<Option<Case>> {
        let Some(id) = &of.case else { return Ok(None) };
        self.stores.cases.case(site_id, id.as_str()).await?.map(|row| case_of(&row)).transpose()
    }

    async fn visit_view(&self, site_id: &str, visit: &Visit) -> Answer<VisitView> {
        let (at, text) = match &visit.state {
            VisitState::Planned => (None, None),
            VisitState::Done { at, result: text, .. } | VisitState::Cancelled { at, reason: text, .. } => {
                (Some(rfc3339(*at)), Some(self.text(site_id, text.as_str()).await?))
            }
        };
        Ok(VisitView {
            number: visit.number,
            day: visit.day.to_string(),
            village: self.text(site_id, visit.village.as_str()).await?,
            purpose: self.text(site_id, visit.purpose.as_str()).await?,
            state: visit.state.name().to_owned(),
            at,
            text,
        })
    }

    /// The helpers of a site, with how much each has.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn helpers(&self, permit: &Permit) -> Answer<Vec<HelperView>> {
        let open = self.stores.assistances.assistances(permit.site_id(), i64::MAX).await?;
        let mut found = Vec::new();
        for row in self.stores.staff.all_staff().await?.into_iter().filter(|row| row.active && row.site_id == permit.site_id()) {
            let caller = self.staff_caller(&row, Vec::new())?;
            if caller.staff.roles.contains(&Role::Helper) {
                let open_count = open.iter().filter(|one| one.helper_id == row.id).count();
                found.push(HelperView { id: row.id, name: row.name, open_count });
            }
        }
        Ok(found)
    }

    /// Who helps with a case, and by what consent.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn case_helper(&self, case: &Case, names: &mut Names) -> Answer<Option<CaseHelperView>> {
        let rows = self.stores.assistances.assistances_of_case(case.site.as_str(), case.id.as_str()).await?;
        let Some(row) = rows.last() else { return Ok(None) };
        let of = assistance_of(row)?;
        Ok(Some(CaseHelperView {
            name: names.of(self, &of.helper).await?,
            since: rfc3339(of.opened_at),
            consent_text: of.consent.as_ref().map(|consent| consent.form.label().to_owned()),
            consented_at: of.consent.as_ref().map(|consent| rfc3339(consent.at)),
        }))
    }

    /// The person's data unmasked, after the read was recorded with its reason.
    ///
    /// # Errors
    /// 404, field errors.
    pub async fn reveal_assisted(
        &self,
        permit: &Permit,
        id: &AssistanceId,
        request: &RevealRequest,
        retry: Option<&Retry>,
    ) -> Answer<Revealed> {
        let of = self.assistance_for(permit, id).await?;
        self.reveal(permit, ("assistance", id.as_str()), of.person.as_str(), request, retry).await
    }
}

/// What the caller may do with it now, as path segments.
fn actions(of: &Assistance, is_mine: bool, runs_the_hall: bool) -> Vec<&'static str> {
    if of.closed_at.is_some() {
        return Vec::new();
    }
    if !is_mine {
        return if runs_the_hall { vec!["hand-over"] } else { Vec::new() };
    }
    let has_planned = !of.planned().is_empty();
    let mut actions = vec!["consent", "plan-visit", "hand-over", "reveal"];
    if has_planned {
        actions.extend(["finish-visit", "cancel-visit"]);
    } else {
        actions.push("close");
    }
    match (&of.case, &of.consent) {
        (None, Some(_)) => actions.push("link-case"),
        (Some(_), _) => actions.push("report"),
        (None, None) => {}
    }
    actions
}
