//! 一件事一次办: several matters as one at the desk. One applicant, one form, each shared material once; a case for each
//! matter, all of them opened in one transaction or none, each on its own way afterwards. What comes of them is
//! announced in one go where the bundle says so.

mod parts;
mod watch;

use std::collections::BTreeSet;

use domain::case::{Action, Actor, Case, Certificate, Command, Custody, MatterSnapshot, Opening};
use domain::case::{is_ready, joint_due, joint_extension, joint_state, joint_statutory_due};
use domain::catalogue::{Bundle, FormSchema, Matter, SharedMaterial};
use domain::codes::{query_code, tracking_code};
use domain::ids::{BundleCaseId, BundleId, CaseId, MaterialId, SiteId, SituationId, TicketId};
use domain::rights::Operation;
use domain::time::{Millis, local_date, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use self::parts::{add_to_form, check_twice, checklist, own_situations, whole_form};
use super::clocks::end_of;
use super::commands::Draft;
use super::open;
use super::requests::{CaseRequest, SubmissionInput};
use super::rows::decision_set;
use crate::app::App;
use crate::app::caller::{Caller, Permit, StaffCaller};
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::fresh::{bytes, id_tail};
use crate::app::matters::out_of_dates;
use crate::app::persons::{MaskedPerson, PersonInput};
use crate::app::retry::{Outcome, Retry};
use crate::store::{BundleCaseRow, ChangeSet, Expect};

/// Stands in the number of a joint case where a case's has the code of its matter.
const JOINT_ITEM: &str = "YJS";

/// Body of `POST /bundle-cases`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BundleCaseRequest {
    /// The receiving site.
    pub site_id: Option<String>,
    /// The bundle applied for.
    pub bundle_id: Option<String>,
    /// The situations chosen, of all its matters.
    pub situation_ids: Option<Vec<String>>,
    /// The ticket of the visit.
    pub ticket_id: Option<String>,
    /// Who applies.
    pub applicant: Option<PersonInput>,
    /// Who acts for the applicant.
    pub agent: Option<PersonInput>,
    /// The filled form.
    #[schema(value_type = Option<Object>)]
    pub form: Option<serde_json::Value>,
    /// The checklist of all its matters; of a shared material one line will do. What is not named is missing.
    pub materials: Option<Vec<SubmissionInput>>,
    /// Begins the cases without receiving them, so that what was handed in before can be looked at by consent; each is then
    /// filled in and received on its own.
    pub draft: Option<bool>,
}

/// One of the cases of a joint case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BundleCaseItem {
    pub case_id: String,
    pub number: String,
    pub matter_id: String,
    pub matter_name: String,
    pub department_name: String,
    #[schema(value_type = crate::app::words::CaseState)]
    pub state: String,
    #[schema(value_type = Option<crate::app::words::CaseDecision>)]
    pub decision: Option<String>,
    #[schema(value_type = Option<crate::app::words::ClosedAs>)]
    pub closed_as: Option<String>,
    pub certificate_id: Option<String>,
    /// Whether nothing of it keeps the others waiting.
    pub ready: bool,
}

/// Several cases as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BundleCaseView {
    /// The joint case.
    pub id: String,
    /// Its number.
    pub number: String,
    /// The receiving site.
    pub site_id: String,
    /// The bundle.
    pub bundle_id: String,
    /// Its name.
    pub bundle_name: String,
    /// The code of the one timeline.
    pub tracking_code: String,
    /// The applicant, masked.
    pub applicant: MaskedPerson,
    /// `received`, `correcting`, `in_progress`, `decided`, `ready` or `closed`.
    pub state: String,
    /// End of the last day on which all shall be decided; null until all are accepted, or while a year is missing.
    pub due_at: Option<String>,
    /// The same by law: 45 working days, and those by which they were extended.
    pub statutory_due_at: Option<String>,
    /// The year whose calendar is not loaded.
    pub missing_year: Option<i32>,
    /// Whether what comes of them is announced and fetched in one go.
    pub together: bool,
    /// The one extension of the limit, once it was asked for.
    pub extension: Option<JointExtensionView>,
    /// Its cases.
    pub cases: Vec<BundleCaseItem>,
}

/// More days for all cases of a bundle (行政许可法 42).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct JointExtensionView {
    /// The case that it was asked for with.
    pub case_id: String,
    /// Working days.
    pub days: u32,
    /// Why.
    pub reason: String,
    /// When it was asked for.
    pub requested_at: String,
    /// When it was given; null while it waits for a leader.
    pub approved_at: Option<String>,
}

/// What the row of a joint case keeps beside its columns: the bundle as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct BundleDoc {
    name: String,
    /// The version it was opened under; 0 for those opened before bundles had versions.
    #[serde(default)]
    version: u32,
    promised_days: Option<u32>,
    together: bool,
    case_ids: Vec<CaseId>,
    /// Materials that were handed in once.
    #[serde(default)]
    shared: Vec<SharedMaterial>,
}

/// A joint case as others of the house read it.
pub(in crate::app) struct Joint {
    /// Its number.
    pub(in crate::app) number: String,
    /// The bundle's name as it was.
    pub(in crate::app) name: String,
    /// Materials that were handed in once.
    pub(in crate::app) shared: Vec<SharedMaterial>,
    /// Its cases in order.
    pub(in crate::app) cases: Vec<Case>,
}

/// A bundle with its matters as they are applied for.
struct Ground {
    bundle: Bundle,
    matters: Vec<(MatterSnapshot, Vec<SituationId>)>,
    form_schemas: Vec<FormSchema>,
    /// A matter that the site only helps with.
    assisted: Option<String>,
    ticket: Option<(TicketId, String)>,
}

impl App {
    /// Opens a case for each matter of a bundle: all or none.
    ///
    /// # Errors
    /// 404, 403; field errors are outcomes.
    pub async fn open_bundle(
        &self,
        caller: &StaffCaller,
        body: Result<BundleCaseRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let wanted = body.as_ref().ok().and_then(|body| body.site_id.clone()).unwrap_or_else(|| caller.staff.site.to_string());
        let permit = Caller::Staff(Box::new(caller.clone())).permit(Operation::RegisterCase, &wanted)?;
        let site_id = permit.site_id();
        let line = self.openings.of(site_id);
        let _turn = line.lock().await;
        self.once(site_id, retry, || async {
            let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
            self.opened_bundle(caller, site_id, body).await
        })
        .await
    }

    async fn opened_bundle(&self, caller: &StaffCaller, site_id: &str, body: &BundleCaseRequest) -> Answer<(ChangeSet, Outcome)> {
        let site_key = self.directory.get().site(site_id)?.key.clone();
        let now = self.now();
        let mut draft = Draft::new(self, site_id, &site_key);
        let ground = self.bundle_ground(site_id, body, draft.errors()).await?;
        let form = ground.as_ref().map_or_else(|| body.form.clone(), |ground| whole_form(&ground.bundle, body.form.as_ref()));
        let request = CaseRequest {
            applicant: body.applicant.clone(),
            agent: body.agent.clone(),
            form: form.clone(),
            materials: body.materials.clone(),
            ..CaseRequest::default()
        };
        let asks = |id: &MaterialId| {
            ground.as_ref().is_none_or(|ground| ground.matters.iter().any(|(matter, _)| matter.requirement(id).is_some()))
        };
        let parts = open::parts(&mut draft, &request, &asks)?;
        check_twice(body.materials.as_deref().unwrap_or_default(), draft.errors());
        let schemas: Vec<&FormSchema> = ground.iter().flat_map(|ground| &ground.form_schemas).collect();
        let mut faults = FieldErrors::default();
        let is_draft = body.draft.unwrap_or(false);
        open::check_form(&schemas, form.as_ref(), is_draft, local_date(now), &mut faults);
        add_to_form(ground.as_ref().map(|ground| &ground.bundle), faults, draft.errors());
        let ((ground, parts), rows) = draft.done(ground.zip(parts))?;
        if let Some(name) = &ground.assisted {
            return Err(open::assisted_only(name));
        }

        let (first, mut counter) = self.next_number(site_id, &site_key, JOINT_ITEM, local_date(now)).await?;
        let before = counter.value - 1;
        let joint_id = BundleCaseId::new(&site_key, &id_tail(self.entropy.as_ref(), now));
        let fresh = || tracking_code(bytes(self.entropy.as_ref()));
        let code = ground.ticket.as_ref().map_or_else(fresh, |(_, code)| code.clone());
        let actor = Actor::Staff(caller.staff.clone());
        let mut set = ChangeSet::new(site_id);
        set.expect.push(Expect::Counter(counter.name.clone(), before));
        let mut case_ids = Vec::with_capacity(ground.matters.len());
        let mut taken = BTreeSet::new();
        for (matter, situations) in &ground.matters {
            counter.value += 1;
            let id = CaseId::new(&site_key, &id_tail(self.entropy.as_ref(), now));
            let opening = Opening {
                id: id.clone(),
                site: SiteId::parse(site_id).ok_or(AppError::NotFound)?,
                number: self.case_number(site_id, &site_key, &matter.item_code, local_date(now), counter.value).await?,
                query_code: query_code(bytes(self.entropy.as_ref())),
                tracking_code: code.clone(),
                ticket: ground.ticket.as_ref().map(|(id, _)| id.clone()),
                bundle: Some(ground.bundle.id.clone()),
                bundle_case: Some(joint_id.clone()),
                matter: matter.clone(),
                situations: situations.clone(),
                applicant: parts.applicant.clone(),
                agent: parts.agent.clone(),
                form: parts.form.clone(),
                materials: checklist(&ground.bundle, matter, &parts.materials, &mut taken),
                online: None,
                paper: None,
            };
            let events = Case::open(opening, is_draft, &actor, now)?;
            let case = Case::replay(&events).ok_or_else(|| AppError::Internal("a case that does not begin".to_owned()))?;
            let opened = decision_set(0, &case, &events)?;
            set.expect.extend(opened.expect);
            set.events.extend(opened.events);
            set.rows.extend(opened.rows);
            self.owe_reports(None, &events, &mut set).await?;
            case_ids.push(id);
        }
        let Bundle { id: bundle_id, name, version, promised_days, together, shared, .. } = ground.bundle;
        let doc = BundleDoc { name, version, promised_days, together, case_ids, shared };
        set.row(BundleCaseRow {
            site_id: site_id.to_owned(),
            id: joint_id.to_string(),
            number: first,
            bundle_id: bundle_id.to_string(),
            tracking_code: code,
            applicant_id: parts.applicant.to_string(),
            created_at: now,
            doc: serde_json::to_string(&doc)?,
        });
        set.row(counter);
        set.rows.extend(rows);
        Ok((set, Outcome::success(201, Some(joint_id.to_string()), serde_json::Value::Null)))
    }

    /// The bundle and its matters, each with those of the chosen situations that are its own.
    async fn bundle_ground(&self, site_id: &str, body: &BundleCaseRequest, errors: &mut FieldErrors) -> Answer<Option<Ground>> {
        let ticket = self.case_ticket(site_id, body.ticket_id.as_deref(), errors).await?;
        let Some(text) = &body.bundle_id else {
            errors.add("bundle_id", "missing", "选要办的“一件事”");
            return Ok(None);
        };
        let found = match BundleId::parse(text) {
            Some(id) => self.bundles_in_force(site_id).await?.into_iter().find(|(bundle, _)| bundle.id == id),
            None => None,
        };
        let Some((bundle, _)) = errors.some(found, "bundle_id", "unknown", "这里没有这个“一件事”") else { return Ok(None) };
        let mut chosen: Vec<(usize, SituationId, bool)> = Vec::new();
        for (place, text) in body.situation_ids.as_deref().unwrap_or_default().iter().enumerate() {
            let id = errors.some(SituationId::parse(text), &format!("situation_ids[{place}]"), "unknown", "没有这种情形");
            chosen.extend(id.map(|id| (place, id, false)));
        }
        let mut matters = Vec::with_capacity(bundle.matter_ids.len());
        let (mut form_schemas, mut assisted) = (Vec::new(), None);
        for id in &bundle.matter_ids {
            let row = self.catalogue_row(site_id, id.as_str()).await?;
            if let Some((code, message)) = row.as_ref().map(out_of_dates).transpose()?.flatten() {
                errors.add("bundle_id", code, message);
                continue;
            }
            let Some(row) = row.filter(|row| row.state == "published") else {
                errors.add("bundle_id", "matter_gone", "里面有事项现在不办，请一件一件办");
                continue;
            };
            let matter: Matter = serde_json::from_str(&row.doc)?;
            let own = own_situations(&matter, &mut chosen, errors);
            open::check_kind(&matter, body.applicant.as_ref(), errors);
            let department = self.department_name(matter.department_id.as_str());
            form_schemas.extend(matter.form_schema.clone());
            assisted = assisted.or_else(|| (!matter.takes_cases()).then(|| matter.name.clone()));
            matters.push((matter.snapshot(&own, &department, self.settings.cases.deems_other_types), own));
        }
        for (place, ..) in chosen.iter().filter(|(.., is_known)| !is_known) {
            errors.add(&format!("situation_ids[{place}]"), "unknown", "没有这种情形");
        }
        Ok(Some(Ground { bundle, matters, form_schemas, assisted, ticket }))
    }

    /// A joint case with all its cases.
    ///
    /// # Errors
    /// 404; 403 for who may see none of its cases.
    pub async fn bundle_case(&self, caller: &StaffCaller, id: &BundleCaseId) -> Answer<BundleCaseView> {
        let (row, doc, cases, _) = self.reached_joint(caller, Operation::ReadCase, id).await?;
        self.bundle_view(&row, doc, &cases).await
    }

    /// A joint case that somebody may read in this way, with the permit.
    ///
    /// # Errors
    /// 404; 403 for who may see none of its cases.
    pub(in crate::app) async fn readable_joint(
        &self,
        caller: &StaffCaller,
        operation: Operation,
        id: &BundleCaseId,
    ) -> Answer<(Joint, Permit)> {
        let (row, doc, cases, permit) = self.reached_joint(caller, operation, id).await?;
        Ok((Joint { number: row.number, name: doc.name, shared: doc.shared, cases }, permit))
    }

    /// A joint case as a whole.
    ///
    /// # Errors
    /// 404.
    pub(in crate::app) async fn joint_of(&self, site_id: &str, id: &BundleCaseId) -> Answer<Joint> {
        let (row, doc, cases) = self.cases_of_bundle(site_id, id).await?;
        Ok(Joint { number: row.number, name: doc.name, shared: doc.shared, cases })
    }

    async fn reached_joint(
        &self,
        caller: &StaffCaller,
        operation: Operation,
        id: &BundleCaseId,
    ) -> Answer<(BundleCaseRow, BundleDoc, Vec<Case>, Permit)> {
        let any = Caller::Staff(Box::new(caller.clone()));
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        if !any.sees(&site_id) {
            return Err(AppError::NotFound);
        }
        let (row, doc, cases) = self.cases_of_bundle(&site_id, id).await?;
        let permit = any.permit(operation, &site_id)?;
        self.reaches_one(&permit, &cases)?;
        Ok((row, doc, cases, permit))
    }

    fn reaches_one(&self, permit: &Permit, cases: &[Case]) -> Answer<()> {
        let today = local_date(self.now());
        let mut refusal = Err(AppError::NotFound);
        for case in cases {
            refusal = permit.reaches(&case.department, today);
            if refusal.is_ok() {
                break;
            }
        }
        refusal
    }

    async fn cases_of_bundle(&self, site_id: &str, id: &BundleCaseId) -> Answer<(BundleCaseRow, BundleDoc, Vec<Case>)> {
        let row = self.stores.cases.bundle_case(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
        let doc: BundleDoc = serde_json::from_str(&row.doc)?;
        let mut cases = Vec::with_capacity(doc.case_ids.len());
        for id in &doc.case_ids {
            cases.push(self.case_of_site(site_id, id.as_str()).await?);
        }
        Ok((row, doc, cases))
    }

    async fn bundle_view(&self, row: &BundleCaseRow, doc: BundleDoc, cases: &[Case]) -> Answer<BundleCaseView> {
        let listing = self.directory.get();
        let due = joint_due(cases, doc.promised_days, &listing.calendar);
        let by_law = joint_statutory_due(cases, &listing.calendar);
        let missing_year = due.as_ref().err().or(by_law.as_ref().err()).map(|missing| missing.0);
        let item = |case: &Case| BundleCaseItem {
            case_id: case.id.to_string(),
            number: case.number.clone(),
            matter_id: case.matter.id.to_string(),
            matter_name: case.matter.name.clone(),
            department_name: case.matter.department_name.clone(),
            state: case.state.name().to_owned(),
            decision: case.decision.as_ref().map(|decision| decision.outcome.name().to_owned()),
            closed_as: case.closed_as().map(str::to_owned),
            certificate_id: case.certificate.as_ref().map(|certificate| certificate.id.to_string()),
            ready: is_ready(case),
        };
        Ok(BundleCaseView {
            id: row.id.clone(),
            number: row.number.clone(),
            site_id: row.site_id.clone(),
            bundle_id: row.bundle_id.clone(),
            bundle_name: doc.name,
            tracking_code: row.tracking_code.clone(),
            applicant: self.masked_person(&row.site_id, &row.applicant_id).await?,
            state: joint_state(cases).name().to_owned(),
            due_at: due.ok().flatten().map(end_of),
            statutory_due_at: by_law.ok().flatten().map(end_of),
            missing_year,
            together: doc.together,
            extension: self.joint_extension_view(&row.site_id, cases).await?,
            cases: cases.iter().map(item).collect(),
        })
    }

    async fn joint_extension_view(&self, site_id: &str, cases: &[Case]) -> Answer<Option<JointExtensionView>> {
        let asked = cases.iter().find_map(|case| Some((case, case.joint_extension.as_ref()?)));
        let Some((case, extension)) = asked else { return Ok(None) };
        Ok(Some(JointExtensionView {
            case_id: case.id.to_string(),
            days: extension.days,
            reason: self.text(site_id, extension.reason.as_str()).await?,
            requested_at: rfc3339(extension.requested_at),
            approved_at: extension.approved_at.map(rfc3339),
        }))
    }

    /// The outcome of opening a bundle with the joint case as its body.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn with_bundle_case(&self, caller: &StaffCaller, mut outcome: Outcome) -> Answer<Outcome> {
        let Some(id) = outcome.object_id.as_deref().and_then(BundleCaseId::parse).filter(|_| outcome.body.is_null()) else {
            return Ok(outcome);
        };
        outcome.body = serde_json::to_value(self.bundle_case(caller, &id).await?)?;
        Ok(outcome)
    }

    /// The number of the joint case that a case is part of, where their documents are fetched in one go.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn together_with(&self, case: &Case) -> Answer<Option<String>> {
        let Some((row, _, others)) = self.fetched_together(case).await? else { return Ok(None) };
        let lies_told = |document: &Certificate| document.custody == Custody::InCabinet && document.notified_at.is_some();
        let waits = others.iter().any(|other| other.waiting_certificate().is_some_and(lies_told));
        Ok(waits.then_some(row.number))
    }

    /// Whether the document is fetched together with others of its bundle, and one of those speaks for all of them: the
    /// first that still waits.
    pub(in crate::app) async fn is_told_with_another(&self, case: &Case, rung: u32) -> Answer<bool> {
        let climbs = |other: &Case| other.certificate.as_ref().is_some_and(|document| document.rung < rung);
        let speaks = |other: &Case| climbs(other) && other.permit(Action::RemindPickup, &Actor::System, &self.case_context(other)).is_ok();
        Ok(self.fetched_with(case).await?.iter().any(|other| other.id < case.id && told_at(other) <= told_at(case) && speaks(other)))
    }

    /// The other cases whose documents are fetched together with this one's.
    pub(super) async fn fetched_with(&self, case: &Case) -> Answer<Vec<Case>> {
        Ok(self.fetched_together(case).await?.map(|(_, _, others)| others).unwrap_or_default())
    }

    /// The bundle whose documents are fetched in one go, and the other cases of it; `None` for a case of no such bundle.
    async fn fetched_together(&self, case: &Case) -> Answer<Option<(BundleCaseRow, BundleDoc, Vec<Case>)>> {
        let Some(id) = &case.bundle_case else { return Ok(None) };
        let (row, doc, cases) = self.cases_of_bundle(case.site.as_str(), id).await?;
        let others = cases.into_iter().filter(|other| other.id != case.id).collect();
        Ok(doc.together.then_some((row, doc, others)))
    }

    /// The versions of the other cases of a bundle that an extension of the joint limit was decided on: the limit is
    /// extended once for all of them.
    ///
    /// # Errors
    /// 409 `extended_already` when it was asked for with another case.
    pub(super) async fn extended_once(&self, case: &Case, command: &Command) -> Answer<Vec<Expect>> {
        let (Command::ExtendJoint { .. }, Some(id)) = (command, &case.bundle_case) else { return Ok(Vec::new()) };
        let (_, _, cases) = self.cases_of_bundle(case.site.as_str(), id).await?;
        let others: Vec<Case> = cases.into_iter().filter(|other| other.id != case.id).collect();
        if joint_extension(&others).is_some() {
            return Err(domain::case::Refusal::ExtendedAlready.into());
        }
        let version = |other: &Case| Expect::Case(other.id.to_string(), i64::try_from(other.version).unwrap_or(i64::MAX));
        Ok(others.iter().map(version).collect())
    }

    /// The others whose documents are announced with this one: an announcement waits until the last of them lies
    /// there, and then says it of all at once.
    ///
    /// # Errors
    /// 409 `bundle_not_ready` with the numbers of the cases that are still waited for.
    pub(super) async fn announced_with(&self, case: &Case, command: &Command) -> Answer<Vec<Case>> {
        if !matches!(command, Command::Notify { .. }) {
            return Ok(Vec::new());
        }
        let Some((_, doc, others)) = self.fetched_together(case).await? else { return Ok(Vec::new()) };
        if others.iter().all(is_ready) {
            return Ok(others);
        }
        let waiting: Vec<&Case> = others.iter().filter(|other| !is_ready(other)).collect();
        let names: Vec<&str> = waiting.iter().map(|other| other.matter.name.as_str()).collect();
        let mut facts = serde_json::Map::new();
        facts.insert("waiting".to_owned(), json!(waiting.iter().map(|other| &other.number).collect::<Vec<_>>()));
        let message = format!("“{}”几件一起领，还在等：{}", doc.name, names.join("、"));
        Err(AppError::Refused { code: "bundle_not_ready".to_owned(), message, facts })
    }

    /// Notes on the others that they were announced; the one message was owed with the first.
    pub(super) fn announce_others(&self, others: &[Case], command: &Command, actor: &Actor, set: &mut ChangeSet) -> Answer<()> {
        for other in others {
            let context = self.case_context(other);
            if other.permit(command.action(), actor, &context).is_err() {
                // Fetched already, or told without a document in the cabinet.
                continue;
            }
            let events = other.decide(command, actor, &context)?;
            let mut after = other.clone();
            events.iter().for_each(|event| after.evolve(event));
            let told = decision_set(other.version, &after, &events)?;
            set.expect.extend(told.expect);
            set.events.extend(told.events);
            set.rows.extend(told.rows);
        }
        Ok(())
    }
}

/// Since when its applicant knows that the document lies there.
pub(super) fn told_at(case: &Case) -> Option<Millis> {
    case.certificate.as_ref().and_then(|document| document.told_at)
}
