//! Claims (认领): a site takes a matter over from a site above, by a document, in one of three ways. Nothing of the
//! matter is copied; the site has a few fields of its own.

use chrono::NaiveDate;
use domain::catalogue::{Claim, ClaimedFrom, Delegation, LocalFields, Matter, MatterState, WARN_DAYS};
use domain::codes::clean_line;
use domain::ids::{LineId, MatterId};
use domain::time::{local_date, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{event, move_catalogue};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::catalogue_import::IMPORTS;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::retry::{Outcome, Retry};
use crate::store::{AlertRow, ChangeSet, MatterClaimRow, MatterRow};

/// Characters of a document's name and number.
const DOCUMENT_CHARS_MAX: usize = 200;
/// Characters of a local field.
const LOCAL_CHARS_MAX: usize = 200;

type Body<T> = Result<T, Vec<FieldError>>;

/// Body of `POST /sites/{site}/claims`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// The matter of a site above.
    pub matter_id: String,
    /// `entrusted_acceptance` 委托受理, `authorised` 授权办理, `assisted` 帮办代办.
    #[schema(value_type = crate::app::words::Delegation)]
    pub delegation: String,
    /// Name and number of the document it rests on.
    pub document: String,
    /// Last day; null without end.
    pub expires_on: Option<String>,
    /// Where it queues here; null: no numbers are given for it.
    pub line_id: Option<String>,
    /// When it is done here; what stands above without it.
    pub hours: Option<String>,
    /// Phone for questions here.
    pub consultation_phone: Option<String>,
    /// Phone for complaints here.
    pub complaint_phone: Option<String>,
    /// Where it is done here.
    pub address: Option<String>,
}

/// Body of `PUT /claims/{claim}`: the claim as a whole. One that is over is in force again.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimUpdateRequest {
    /// The claim's version that was read.
    pub version: u32,
    /// See [`ClaimRequest`].
    #[schema(value_type = crate::app::words::Delegation)]
    pub delegation: String,
    /// Name and number of the document it rests on.
    pub document: String,
    /// Last day; null without end.
    pub expires_on: Option<String>,
    /// Where it queues here; null: no numbers are given for it.
    pub line_id: Option<String>,
    /// When it is done here; what stands above without it.
    pub hours: Option<String>,
    /// Phone for questions here.
    pub consultation_phone: Option<String>,
    /// Phone for complaints here.
    pub complaint_phone: Option<String>,
    /// Where it is done here.
    pub address: Option<String>,
}

/// Body of `POST /claims/{claim}/end`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimEndRequest {
    /// Why.
    pub reason: String,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClaimView {
    /// The claim, which is the matter as the site offers it.
    pub id: String,
    /// The site.
    pub site_id: String,
    /// The matter above.
    pub matter_id: String,
    /// Its name.
    pub matter_name: String,
    /// Its 实施编码.
    pub matter_code: String,
    /// Its version in force.
    pub matter_version: u32,
    /// Whose it is.
    pub of_site_id: String,
    /// Name of that site.
    pub of_site_name: String,
    /// `entrusted_acceptance`, `authorised`, `assisted`.
    #[schema(value_type = crate::app::words::Delegation)]
    pub delegation: String,
    /// The word people read.
    pub delegation_name: String,
    /// Whether the site opens cases of it.
    pub accepts: bool,
    /// Whether people of the site decide them.
    pub decides: bool,
    /// Name and number of the document it rests on.
    pub document: String,
    /// Last day; null without end.
    pub expires_on: Option<String>,
    /// Days left, the last one counted; null without end.
    pub days_left: Option<i64>,
    /// `active`, `expiring` within 30 days, `expired`, `ended`, `retired_above`.
    pub state: String,
    /// Since when it is over because somebody ended it.
    pub ended_at: Option<String>,
    /// How often it was changed; goes along with the next change.
    pub version: u32,
    /// Where it queues here.
    pub line_id: Option<String>,
    /// When it is done here; empty for what stands above.
    pub hours: String,
    /// Phone for questions here; empty for what stands above.
    pub consultation_phone: String,
    /// Phone for complaints here; empty for what stands above.
    pub complaint_phone: String,
    /// Where it is done here; empty for what stands above.
    pub address: String,
    /// What stands above where the site has nothing of its own.
    pub above: ClaimAboveView,
}

/// The fields above that a site may have its own of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClaimAboveView {
    /// When it is done.
    pub hours: String,
    /// Phone for questions.
    pub consultation_phone: String,
    /// Phone for complaints.
    pub complaint_phone: String,
    /// Where it is done.
    pub address: String,
}

/// The parts of both requests.
struct Wanted<'a> {
    delegation: &'a str,
    document: &'a str,
    expires_on: Option<&'a str>,
    line_id: Option<&'a str>,
    texts: [(&'static str, Option<&'a str>); 4],
}

impl ClaimRequest {
    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            delegation: &self.delegation,
            document: &self.document,
            expires_on: self.expires_on.as_deref(),
            line_id: self.line_id.as_deref(),
            texts: [
                ("hours", self.hours.as_deref()),
                ("consultation_phone", self.consultation_phone.as_deref()),
                ("complaint_phone", self.complaint_phone.as_deref()),
                ("address", self.address.as_deref()),
            ],
        }
    }
}

impl ClaimUpdateRequest {
    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            delegation: &self.delegation,
            document: &self.document,
            expires_on: self.expires_on.as_deref(),
            line_id: self.line_id.as_deref(),
            texts: [
                ("hours", self.hours.as_deref()),
                ("consultation_phone", self.consultation_phone.as_deref()),
                ("complaint_phone", self.complaint_phone.as_deref()),
                ("address", self.address.as_deref()),
            ],
        }
    }
}

/// The document and the fields of a claim, checked.
struct Checked {
    delegation: Delegation,
    document: String,
    expires_on: Option<NaiveDate>,
    local: LocalFields,
}

impl App {
    /// Claims of a site, those that need somebody first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn claims(&self, permit: &Permit) -> Answer<Vec<ClaimView>> {
        let mut views = Vec::new();
        for row in self.stores.catalogue.claims(permit.site_id()).await? {
            views.extend(self.claim_view(&row).await?);
        }
        let urgency = |state: &str| ["expired", "expiring", "retired_above", "active", "ended"].iter().position(|known| *known == state);
        views.sort_by(|one, other| {
            (urgency(&one.state), &one.matter_name, &one.id).cmp(&(urgency(&other.state), &other.matter_name, &other.id))
        });
        Ok(views)
    }

    /// Claims a matter of a site above.
    ///
    /// # Errors
    /// Those of the store; field errors are outcomes.
    pub async fn claim_matter(&self, permit: &Permit, body: Body<ClaimRequest>, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let outcome = self
            .once(site_id, retry, || async {
                let body = body.clone().map_err(AppError::Invalid)?;
                let changes = self.stores.sites.counter(site_id, IMPORTS).await?;
                let mut errors = FieldErrors::default();
                let above = self.claimable(site_id, &body.matter_id, &mut errors).await?;
                let checked = self.checked_claim(site_id, &body.wanted(), &mut errors).await?;
                errors.check()?;
                let (above, checked) = above.zip(checked).ok_or(AppError::NotFound)?;
                // A claim that was over once is in force again under its own id: codes of guides that hang on walls stay good.
                let earlier = self.stores.catalogue.claims(site_id).await?.into_iter().find(|row| row.of_id == above.id);
                let earlier: Option<Claim> = earlier.map(|row| serde_json::from_str(&row.doc)).transpose()?;
                let key = self.directory.get().site(site_id)?.key.clone();
                let fresh = || MatterId::new(&key, &id_tail(self.entropy.as_ref(), self.now()));
                let version = earlier.as_ref().map_or(1, |claim| claim.version + 1);
                let from = ClaimedFrom {
                    matter_id: MatterId::parse(&above.id).ok_or(AppError::NotFound)?,
                    delegation: checked.delegation,
                    document: checked.document,
                    expires_on: checked.expires_on,
                };
                let id = earlier.map_or_else(fresh, |claim| claim.id);
                let claim = Claim { id, from, local: checked.local, ended_at: None, version };
                let set = self.claim_set(permit, &claim, &above.site_id, "matter_claimed", changes).await?;
                Ok((set, Outcome::success(201, Some(claim.id.to_string()), Value::Null)))
            })
            .await?;
        self.claim_told(permit, outcome).await
    }

    /// Changes a claim as a whole: renews it, or changes what is the site's own.
    ///
    /// # Errors
    /// 404; field errors and 409 `claim_changed` are outcomes.
    pub async fn change_claim(
        &self,
        permit: &Permit,
        id: &MatterId,
        body: Body<ClaimUpdateRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.claim_row(site_id, id).await?;
        let outcome = self
            .once(site_id, retry, || async {
                let body = body.clone().map_err(AppError::Invalid)?;
                let changes = self.stores.sites.counter(site_id, IMPORTS).await?;
                let mut errors = FieldErrors::default();
                let checked = self.checked_claim(site_id, &body.wanted(), &mut errors).await?;
                errors.check()?;
                let checked = checked.ok_or(AppError::NotFound)?;
                let row = self.claim_row(site_id, id).await?;
                let before: Claim = serde_json::from_str(&row.doc)?;
                if before.version != body.version {
                    return Err(AppError::refused("claim_changed", "别人刚改过，请先看看最新的再改"));
                }
                let from = ClaimedFrom {
                    delegation: checked.delegation,
                    document: checked.document,
                    expires_on: checked.expires_on,
                    ..before.from
                };
                let claim = Claim { from, local: checked.local, ended_at: None, version: before.version + 1, ..before };
                let set = self.claim_set(permit, &claim, &row.of_site_id, "matter_claim_changed", changes).await?;
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.claim_told(permit, outcome).await
    }

    /// Ends a claim: the site offers the matter no more; its cases go on.
    ///
    /// # Errors
    /// 404; field errors and 409 `claim_ended` are outcomes.
    pub async fn end_claim(&self, permit: &Permit, id: &MatterId, body: Body<ClaimEndRequest>, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.claim_row(site_id, id).await?;
        let outcome = self
            .once(site_id, retry, || async {
                let body = body.clone().map_err(AppError::Invalid)?;
                let reason =
                    clean_line(&body.reason, LOCAL_CHARS_MAX).map_err(|fault| AppError::field("reason", fault.code(), &fault.message()))?;
                let changes = self.stores.sites.counter(site_id, IMPORTS).await?;
                let row = self.claim_row(site_id, id).await?;
                let before: Claim = serde_json::from_str(&row.doc)?;
                if before.ended_at.is_some() {
                    return Err(AppError::refused("claim_ended", "这项认领已经停了"));
                }
                let claim = Claim { ended_at: Some(self.now()), version: before.version + 1, ..before };
                let mut set = self.claim_set(permit, &claim, &row.of_site_id, "matter_claim_ended", changes).await?;
                let (text_id, text) = self.new_text(site_id, "claim_ended", &reason)?;
                set.row(text);
                for event in &mut set.events {
                    let mut told: Value = serde_json::from_str(&event.body)?;
                    told["text_id"] = json!(text_id);
                    event.body = told.to_string();
                }
                Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.claim_told(permit, outcome).await
    }

    async fn claim_row(&self, site_id: &str, id: &MatterId) -> Answer<MatterClaimRow> {
        self.stores.catalogue.claim(site_id, id.as_str()).await?.ok_or(AppError::NotFound)
    }

    /// The matter above, if it can be claimed.
    async fn claimable(&self, site_id: &str, text: &str, errors: &mut FieldErrors) -> Answer<Option<MatterRow>> {
        let listing = self.directory.get();
        let above: Vec<_> = listing.above(site_id);
        let owner = MatterId::parse(text).and_then(|id| listing.site_of_key(id.site_key()).ok().map(|site| (id, site.id.clone())));
        let Some((id, owner)) = owner.filter(|(_, owner)| above.iter().any(|site| site.as_str() == owner)) else {
            errors.add("matter_id", "unknown", "只能认领上级的事项");
            return Ok(None);
        };
        let row = self.stores.catalogue.matter(&owner, id.as_str()).await?.filter(|row| row.state == "published");
        let Some(row) = row else {
            errors.add("matter_id", "unknown", "上级没有这个事项，或者已经停办");
            return Ok(None);
        };
        if let Some(own) = self.stores.catalogue.matters(site_id).await?.into_iter().find(|own| own.code == row.code) {
            errors.add("matter_id", "own_matter", format!("本级已经有同一编码的事项“{}”", own.name));
        }
        let claims = self.stores.catalogue.claims(site_id).await?;
        if claims.iter().any(|claim| claim.of_id == row.id && claim.state == "active") {
            errors.add("matter_id", "already_claimed", "已经认领过了，要改就改那一项");
        }
        Ok(Some(row))
    }

    async fn checked_claim(&self, site_id: &str, wanted: &Wanted<'_>, errors: &mut FieldErrors) -> Answer<Option<Checked>> {
        let before = errors.len();
        let delegation: Option<Delegation> = serde_json::from_value(json!(wanted.delegation)).ok();
        let delegation = errors.some(delegation, "delegation", "unknown", "选委托受理、授权办理或帮办代办");
        let document = match clean_line(wanted.document, DOCUMENT_CHARS_MAX) {
            Ok(document) => document,
            Err(fault) => {
                errors.add("document", fault.code(), fault.message());
                String::new()
            }
        };
        let expires_on = wanted.expires_on.filter(|text| !text.is_empty()).map(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d"));
        let expires_on = match expires_on {
            None => None,
            Some(Ok(day)) if day >= local_date(self.now()) => Some(day),
            Some(Ok(_)) => {
                errors.add("expires_on", "past", "到期日要在今天或以后");
                None
            }
            Some(Err(_)) => {
                errors.add("expires_on", "date", "日期写成 2026-01-31 的样子");
                None
            }
        };
        let mut local = LocalFields::default();
        if let Some(text) = wanted.line_id {
            let hall = self.hall(site_id).await?;
            let line = LineId::parse(text).filter(|id| hall.lines().any(|line| line.id == *id));
            local.line_id = errors.some(line, "line_id", "unknown", "这个厅没有这条队");
        }
        for (field, text) in wanted.texts {
            let text = match text.filter(|text| !text.trim().is_empty()).map(|text| clean_line(text, LOCAL_CHARS_MAX)) {
                None => String::new(),
                Some(Ok(text)) => text,
                Some(Err(fault)) => {
                    errors.add(field, fault.code(), fault.message());
                    String::new()
                }
            };
            match field {
                "hours" => local.hours = text,
                "consultation_phone" => local.consultation_phone = text,
                "complaint_phone" => local.complaint_phone = text,
                _ => local.address = text,
            }
        }
        Ok(delegation.filter(|_| errors.len() == before).map(|delegation| Checked { delegation, document, expires_on, local }))
    }

    async fn claim_set(&self, permit: &Permit, claim: &Claim, of_site_id: &str, kind: &str, changes: i64) -> Answer<ChangeSet> {
        let (site_id, now) = (permit.site_id(), self.now());
        let mut set = ChangeSet::new(site_id);
        set.row(claim_row_of(site_id, of_site_id, claim, claim.watch_from(now), now)?);
        move_catalogue(&mut set, changes);
        let told = json!({
            "claim": claim.id, "of": claim.from.matter_id, "delegation": claim.from.delegation, "expires_on": claim.from.expires_on,
            "claim_version": claim.version,
        });
        set.events.push(event(claim.id.as_str(), kind, permit.caller().actor(), now, told));
        // What was told about it before is settled by whoever changed it.
        for alert in self.stores.cases.alerts(site_id).await?.into_iter().filter(|alert| alert.object_id == claim.id.as_str()) {
            set.row(AlertRow { settled_at: Some(now), ..alert });
        }
        Ok(set)
    }

    async fn claim_told(&self, permit: &Permit, mut outcome: Outcome) -> Answer<Outcome> {
        let id = outcome.object_id.as_deref().and_then(MatterId::parse);
        if let Some(id) = id.filter(|_| outcome.status < 300) {
            let row = self.claim_row(permit.site_id(), &id).await?;
            outcome.body = serde_json::to_value(self.claim_view(&row).await?)?;
        }
        Ok(outcome)
    }

    async fn claim_view(&self, row: &MatterClaimRow) -> Answer<Option<ClaimView>> {
        let claim: Claim = serde_json::from_str(&row.doc)?;
        let Some(above) = self.stores.catalogue.matter(&row.of_site_id, &row.of_id).await? else { return Ok(None) };
        let above: Matter = serde_json::from_str(&above.doc)?;
        let today = local_date(self.now());
        let days_left = claim.from.expires_on.map(|last| (last - today).num_days() + 1);
        let state = match () {
            () if claim.ended_at.is_some() => "ended",
            () if days_left.is_some_and(|days| days <= 0) => "expired",
            () if above.state == MatterState::Retired => "retired_above",
            () if days_left.is_some_and(|days| days <= WARN_DAYS) => "expiring",
            () => "active",
        };
        let listing = self.directory.get();
        let Claim { id, from, local, ended_at, version } = claim;
        Ok(Some(ClaimView {
            id: id.to_string(),
            site_id: row.site_id.clone(),
            matter_id: from.matter_id.to_string(),
            matter_name: above.name,
            matter_code: above.code,
            matter_version: above.version,
            of_site_id: row.of_site_id.clone(),
            of_site_name: listing.site(&row.of_site_id).map_or_else(|_| row.of_site_id.clone(), |site| site.name.clone()),
            delegation: json!(from.delegation).as_str().unwrap_or_default().to_owned(),
            delegation_name: from.delegation.label().to_owned(),
            accepts: from.delegation.accepts(),
            decides: from.delegation.decides(),
            document: from.document,
            expires_on: from.expires_on.map(|day| day.to_string()),
            days_left: days_left.map(|days| days.max(0)),
            state: state.to_owned(),
            ended_at: ended_at.map(rfc3339),
            version,
            line_id: local.line_id.map(String::from),
            hours: local.hours,
            consultation_phone: local.consultation_phone,
            complaint_phone: local.complaint_phone,
            address: local.address,
            above: ClaimAboveView {
                hours: above.details.hours,
                consultation_phone: above.consultation_phone,
                complaint_phone: above.complaint_phone,
                address: above.details.address,
            },
        }))
    }
}

/// The row of a claim.
pub(super) fn claim_row_of(site_id: &str, of_site_id: &str, claim: &Claim, watch_at: Option<i64>, now: i64) -> Answer<MatterClaimRow> {
    Ok(MatterClaimRow {
        site_id: site_id.to_owned(),
        id: claim.id.to_string(),
        of_site_id: of_site_id.to_owned(),
        of_id: claim.from.matter_id.to_string(),
        state: if claim.ended_at.is_some() { "ended" } else { "active" }.to_owned(),
        watch_at,
        changed_at: now,
        doc: serde_json::to_string(claim)?,
    })
}
