//! Opening a case (接件) and changing its checklist before acceptance.

use chrono::NaiveDate;
use domain::case::{Actor, Case, Command, MatterSnapshot, Opening};
use domain::catalogue::{FormSchema, Matter, SituationFault};
use domain::codes::{CaseNumberPattern, query_code, tracking_code};
use domain::hall::CasePolicy;
use domain::ids::{CaseId, MaterialId, MatterId, PersonId, SiteId, SituationId, TextId, TicketId};
use domain::rights::Operation;
use domain::time::local_date;

use super::act::By;
use super::commands::Draft;
use super::requests::{CaseRequest, CaseUpdateRequest};
use super::rows::decision_set;
use crate::app::App;
use crate::app::caller::{Caller, StaffCaller};
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::fresh::{bytes, id_tail};
use crate::app::matters::out_of_dates;
use crate::app::persons::{PERSON_KINDS, PersonInput};
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, CounterRow, Expect};

/// Bytes of a filled form as JSON.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// What a case is opened on: the matter with the situations chosen, its form, and the ticket.
struct Ground {
    matter: MatterSnapshot,
    form_schema: Option<FormSchema>,
    takes_cases: bool,
    situations: Vec<SituationId>,
    ticket: Option<(TicketId, String)>,
}

/// The parts of a case that come from the request.
pub(super) struct Parts {
    pub(super) applicant: PersonId,
    pub(super) agent: Option<PersonId>,
    pub(super) form: Option<TextId>,
    pub(super) materials: Vec<domain::case::MaterialEntry>,
}

impl App {
    /// Opens a case; received at once unless a draft was asked for.
    ///
    /// # Errors
    /// 404, 403; field errors are outcomes.
    pub async fn open_case(
        &self,
        caller: &StaffCaller,
        body: Result<CaseRequest, Vec<crate::app::error::FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let wanted = body.as_ref().ok().and_then(|body| body.site_id.clone()).unwrap_or_else(|| caller.staff.site.to_string());
        let permit = Caller::Staff(Box::new(caller.clone())).permit(Operation::RegisterCase, &wanted)?;
        let site_id = permit.site_id();
        // Numbers of a day follow each other: openings of one site wait in line instead of colliding.
        let line = self.openings.of(site_id);
        let _turn = line.lock().await;
        self.once(site_id, retry, || async {
            let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
            self.opened(caller, site_id, body).await
        })
        .await
    }

    async fn opened(&self, caller: &StaffCaller, site_id: &str, body: &CaseRequest) -> Answer<(ChangeSet, Outcome)> {
        let site_key = self.directory.get().site(site_id)?.key.clone();
        let now = self.now();
        let mut draft = Draft::new(self, site_id, &site_key);
        let ground = self.ground(site_id, body, draft.errors()).await?;
        let asks = |id: &MaterialId| ground.as_ref().is_none_or(|ground| ground.matter.requirement(id).is_some());
        let parts = parts(&mut draft, body, &asks)?;
        let paper = self.paper_receipt(&mut draft, site_id, body).await?;
        if let Some(schema) = ground.as_ref().and_then(|ground| ground.form_schema.as_ref()) {
            check_form(&[schema], body.form.as_ref(), body.draft.unwrap_or(false), local_date(now), draft.errors());
        }
        let ((ground, parts), rows) = draft.done(ground.zip(parts))?;
        if !ground.takes_cases {
            return Err(assisted_only(&ground.matter.name));
        }
        let (number, counter) = self.next_number(site_id, &site_key, &ground.matter.item_code, local_date(now)).await?;
        let id = CaseId::new(&site_key, &id_tail(self.entropy.as_ref(), now));
        let fresh = || tracking_code(bytes(self.entropy.as_ref()));
        let opening = Opening {
            id: id.clone(),
            site: SiteId::parse(site_id).ok_or(AppError::NotFound)?,
            number,
            query_code: query_code(bytes(self.entropy.as_ref())),
            tracking_code: ground.ticket.as_ref().map_or_else(fresh, |(_, code)| code.clone()),
            ticket: ground.ticket.map(|(id, _)| id),
            bundle: None,
            bundle_case: None,
            matter: ground.matter,
            situations: ground.situations,
            applicant: parts.applicant,
            agent: parts.agent,
            form: parts.form,
            materials: parts.materials,
            online: None,
            paper,
        };
        let actor = Actor::Staff(caller.staff.clone());
        let opened = Case::open(opening, body.draft.unwrap_or(false), &actor, now)?;
        let case = Case::replay(&opened).ok_or_else(|| AppError::Internal("a case that does not begin".to_owned()))?;
        // What was taken on paper may have been accepted by silence before anybody enters it (行政许可法 32).
        let (case, silence) = self.answered_by_silence(case)?;
        let events = [opened, silence.clone()].concat();
        let mut set = decision_set(0, &case, &events)?;
        set.expect.push(Expect::Counter(counter.name.clone(), counter.value - 1));
        set.row(counter);
        set.rows.extend(rows);
        self.follow(&case, &silence, &mut set).await?;
        self.owe_reports(None, &events, &mut set).await?;
        Ok((set, Outcome::success(201, Some(id.to_string()), serde_json::Value::Null)))
    }

    /// The next 办件编号 of the site's day; the counter moves with the case.
    pub(super) async fn next_number(
        &self,
        site_id: &str,
        site_key: &str,
        item_code: &str,
        date: NaiveDate,
    ) -> Answer<(String, CounterRow)> {
        let name = format!("case-{date}");
        let value = self.stores.sites.counter(site_id, &name).await? + 1;
        let number = self.case_number(site_id, site_key, item_code, date, value).await?;
        Ok((number, CounterRow { site_id: site_id.to_owned(), name, value }))
    }

    /// A 办件编号 by its place in the site's day, by the site's pattern. An item code that is too long for it must not
    /// keep anybody from applying: such a case is numbered by the default pattern.
    pub(super) async fn case_number(&self, site_id: &str, site_key: &str, item_code: &str, date: NaiveDate, value: i64) -> Answer<String> {
        let serial = u32::try_from(value).unwrap_or(u32::MAX);
        let pattern = self.case_policy(site_id).await?.numbers();
        let number = |pattern: CaseNumberPattern| pattern.format(&site_key.to_uppercase(), item_code, date, serial);
        let number = number(pattern).or_else(|| number(CaseNumberPattern::default()));
        number.ok_or_else(|| AppError::Internal(format!("case number of {site_id} is too long")))
    }

    /// What a site sets about its cases.
    pub(in crate::app) async fn case_policy(&self, site_id: &str) -> Answer<CasePolicy> {
        Ok(self.hall(site_id).await?.doc().policy.cases.as_ref().clone())
    }

    async fn ground(&self, site_id: &str, body: &CaseRequest, errors: &mut FieldErrors) -> Answer<Option<Ground>> {
        let ticket = self.case_ticket(site_id, body.ticket_id.as_deref(), errors).await?;
        let Some(text) = &body.matter_id else {
            errors.add("matter_id", "missing", "选要办的事项");
            return Ok(None);
        };
        let row = match MatterId::parse(text) {
            Some(id) => self.catalogue_row(site_id, id.as_str()).await?,
            None => None,
        };
        if let Some((code, message)) = row.as_ref().map(out_of_dates).transpose()?.flatten() {
            errors.add("matter_id", code, message);
            return Ok(None);
        }
        let row = row.filter(|row| row.state == "published");
        let Some(row) = errors.some(row, "matter_id", "unknown", "这里没有这个事项") else { return Ok(None) };
        let matter: Matter = serde_json::from_str(&row.doc)?;
        let situations = situations(&matter, body.situation_ids.as_deref().unwrap_or_default(), errors);
        check_kind(&matter, body.applicant.as_ref(), errors);
        let department = self.department_name(matter.department_id.as_str());
        let (form_schema, takes_cases) = (matter.form_schema.clone(), matter.takes_cases());
        let matter = matter.snapshot(&situations, &department, self.settings.cases.deems_other_types);
        Ok(Some(Ground { matter, form_schema, takes_cases, situations, ticket }))
    }

    /// Whether the form of a draft is whole, before the case is received.
    pub(super) async fn check_whole_form(&self, case: &Case) -> Answer<()> {
        let site_id = case.site.as_str();
        let matter = self.catalogue_version(site_id, case.matter.id.as_str(), case.matter.version).await?;
        let Some(schema) = matter.and_then(|matter| matter.form_schema) else { return Ok(()) };
        let form = match &case.form {
            Some(text) => Some(serde_json::from_str(&self.text(site_id, text.as_str()).await?)?),
            None => None,
        };
        let mut errors = FieldErrors::default();
        check_form(&[&schema], form.as_ref(), false, local_date(self.now()), &mut errors);
        errors.check()
    }

    /// The ticket of the visit with its tracking code: the one code of the whole way.
    pub(super) async fn case_ticket(
        &self,
        site_id: &str,
        id: Option<&str>,
        errors: &mut FieldErrors,
    ) -> Answer<Option<(TicketId, String)>> {
        let Some(text) = id else { return Ok(None) };
        let found = match TicketId::parse(text) {
            Some(id) => self.stores.halls.ticket(site_id, id.as_str()).await?.map(|row| (id, row)),
            None => None,
        };
        let Some((id, row)) = errors.some(found, "ticket_id", "unknown", "没有这个号") else { return Ok(None) };
        if !["called", "serving", "parked", "done"].contains(&row.state.as_str()) {
            errors.add("ticket_id", "not_served", "这个号还没有叫到窗口");
            return Ok(None);
        }
        Ok(Some((id, row.tracking_code)))
    }

    /// Changes checklist or form before acceptance.
    ///
    /// # Errors
    /// 404, 403; field errors and refusals are outcomes.
    pub async fn update_case(
        &self,
        caller: &StaffCaller,
        id: &CaseId,
        body: Result<CaseUpdateRequest, Vec<crate::app::error::FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        self.once(&site_id, retry, || async {
            let case = self.case_for(&Caller::Staff(Box::new(caller.clone())), &site_id, id.as_str()).await?;
            let actor = Actor::Staff(caller.staff.clone());
            let context = self.case_context(&case);
            case.entitle(domain::case::Action::Update, &actor, &context)?;
            let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
            let mut draft = Draft::new(self, &site_id, id.site_key());
            let materials = body.materials.as_ref().map(|inputs| draft.entries(inputs));
            if body.form.is_some() {
                let matter = self.catalogue_version(&site_id, case.matter.id.as_str(), case.matter.version).await?;
                if let Some(schema) = matter.and_then(|matter| matter.form_schema) {
                    check_form(&[&schema], body.form.as_ref(), case.receipt_at.is_none(), local_date(self.now()), draft.errors());
                }
            }
            let form = form(&mut draft, body.form.as_ref())?;
            let (command, rows) = draft.done(Some(Command::Update { materials, form }))?;
            let by = By { actor: &actor, context: &context, silence: Vec::new() };
            self.decided(&case, &command, by, rows, (200, id.to_string())).await
        })
        .await
    }
}

/// The persons, the form and the checklist of a request, every wrong field told; `asks` says whether a material is
/// asked for.
pub(super) fn parts(draft: &mut Draft<'_>, body: &CaseRequest, asks: &dyn Fn(&MaterialId) -> bool) -> Answer<Option<Parts>> {
    let applicant = match &body.applicant {
        Some(input) => {
            if input.phone.as_deref().is_none_or(|phone| phone.trim().is_empty()) {
                draft.errors().add("applicant.phone", "missing", "写上手机号，办好了要通知");
            }
            draft.person("applicant", input)?
        }
        None => {
            draft.errors().add("applicant", "missing", "写上申请人");
            None
        }
    };
    let agent = match &body.agent {
        Some(input) => draft.person("agent", input)?,
        None => None,
    };
    let form = form(draft, body.form.as_ref())?;
    let lines = body.materials.as_deref().unwrap_or_default();
    let materials = draft.entries(lines);
    if !draft.errors().names("materials") {
        for (place, line) in lines.iter().enumerate() {
            if MaterialId::parse(&line.material_id).is_some_and(|id| !asks(&id)) {
                draft.errors().add(&format!("materials[{place}].material_id"), "unknown_material", "这个事项（情形）没有这份材料");
            }
        }
    }
    Ok(applicant.map(|applicant| Parts { applicant, agent, form, materials }))
}

pub(super) fn form(draft: &mut Draft<'_>, form: Option<&serde_json::Value>) -> Answer<Option<TextId>> {
    let Some(form) = form else { return Ok(None) };
    let text = form.to_string();
    if !form.is_object() || text.len() > FORM_BYTES_MAX {
        draft.errors().add("form", "form", "表单内容太大或格式不对");
        return Ok(None);
    }
    draft.seal("form", &text).map(Some)
}

/// Whether a filled form fits what the matters ask; each wrong field stands under `form.`. One form may serve several
/// matters. A draft may have gaps.
pub(super) fn check_form(
    schemas: &[&FormSchema],
    form: Option<&serde_json::Value>,
    is_draft: bool,
    today: NaiveDate,
    errors: &mut FieldErrors,
) {
    let none = serde_json::Map::new();
    let form = match form {
        None => &none,
        Some(serde_json::Value::Object(fields)) => fields,
        // That it is no object is told where it is sealed.
        Some(_) => return,
    };
    for (place, schema) in schemas.iter().enumerate() {
        let also: Vec<&FormSchema> = schemas.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, schema)| *schema).collect();
        for fault in schema.faults(form, is_draft, &also, today) {
            let field = format!("form.{}", fault.field);
            if !errors.names(&field) {
                errors.add(&field, fault.code, fault.message);
            }
        }
    }
}

/// Where the site only helps, people apply to the authority above.
pub(super) fn assisted_only(matter_name: &str) -> AppError {
    AppError::refused("assisted_only", format!("“{matter_name}”在这里只帮办代办，不收件。请帮申请人到上级窗口或网上办"))
}

pub(super) fn situations(matter: &Matter, chosen: &[String], errors: &mut FieldErrors) -> Vec<SituationId> {
    let mut ids = Vec::with_capacity(chosen.len());
    for (place, text) in chosen.iter().enumerate() {
        let id = errors.some(SituationId::parse(text), &format!("situation_ids[{place}]"), "unknown", "没有这种情形");
        ids.extend(id);
    }
    check_situations(matter, &ids, errors);
    ids
}

/// Whether the chosen situations answer a matter's questions.
pub(super) fn check_situations(matter: &Matter, ids: &[SituationId], errors: &mut FieldErrors) {
    for fault in matter.situation_faults(ids) {
        match fault {
            SituationFault::Unknown(_) => errors.add("situation_ids", "unknown", "没有这种情形"),
            SituationFault::Unanswered(place) => {
                let question = matter.situations.get(place).map_or("", |question| question.question.as_str());
                errors.add("situation_ids", "unanswered", format!("“{question}”还没有选"));
            }
            SituationFault::NotAsked(place) => {
                let question = matter.situations.get(place).map_or("", |question| question.question.as_str());
                errors.add("situation_ids", "not_asked", format!("前面那样选，就不用答“{question}”"));
            }
            SituationFault::TooMany(place) => {
                let question = matter.situations.get(place).map_or("", |question| question.question.as_str());
                errors.add("situation_ids", "too_many", format!("“{question}”只能选一个"));
            }
        }
    }
}

/// Whether the matter takes this kind of applicant; a kind that is none is told with the person.
pub(super) fn check_kind(matter: &Matter, applicant: Option<&PersonInput>, errors: &mut FieldErrors) {
    let kind = applicant.map(|person| person.kind.as_str()).filter(|kind| PERSON_KINDS.contains(kind));
    if let Some(fault) = kind.and_then(|kind| domain::bag::check_kind("applicant", kind, &matter.applicant_kinds)) {
        errors.add(&fault.field, fault.code, fault.message);
    }
}
