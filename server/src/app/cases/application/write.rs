//! Beginning, saving, sending and withdrawing an application; only whoever began it can.

use domain::case::{Action, Actor, Application, Case, Command, OnlineDraft, OnlineStep, Opening};
use domain::catalogue::Matter;
use domain::codes::{clean_line, query_code, tracking_code};
use domain::ids::{CaseId, MatterId, SiteId, SituationId};
use domain::time::{DAY_MS, Millis, local_date};

use super::{
    ApplicationContent, ApplicationRequest, ApplicationSubmitRequest, ApplicationUpdateRequest, ApplicationWithdrawRequest, OPEN_MAX,
};
use crate::app::App;
use crate::app::caller::CitizenCaller;
use crate::app::cases::act::By;
use crate::app::cases::commands::Draft;
use crate::app::cases::open::{check_form, check_kind, form, situations};
use crate::app::cases::reuse::consent_version;
use crate::app::cases::rows::decision_set;
use crate::app::catalogue::is_online;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::fresh::{bytes, id_tail};
use crate::app::matters::out_of_dates;
use crate::app::persons::PersonInput;
use crate::app::retry::{Outcome, Retry};
use crate::store::{ApplicationRow, ChangeSet, Expect, Row};

/// What lies sealed as an application's content.
const CONTENT: &str = "application";
/// The reason that stands in the case when the applicant gave none.
const WITHDRAWN: &str = "申请人在网上撤回";

/// An application that was never sent is cleared away when nobody went on with it for so long.
const KEEP_UNSENT_MS: Millis = 60 * DAY_MS;
/// Cleared away at one run of the timer.
const FORGOTTEN_AT_ONCE: i64 = 200;
/// The reason that stands in such a case.
const FORGOTTEN: &str = "填了没有交，60 天没有接着填，自动清掉";
/// Characters of a reason to withdraw.
const REASON_CHARS_MAX: usize = 200;

type Body<T> = Result<T, Vec<FieldError>>;

impl App {
    /// Begins an application.
    ///
    /// # Errors
    /// Every wrong field; too many open ones are an outcome.
    pub async fn begin_application(
        &self,
        citizen: &CitizenCaller,
        body: Body<ApplicationRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let body = body.map_err(AppError::Invalid)?;
        let mut errors = FieldErrors::default();
        let site_id = match &body.site_id {
            Some(id) => self.directory.get().site(id).ok().map(|site| site.id.clone()),
            None => None,
        };
        let site_id = errors.some(site_id, "site_id", "unknown", "选一个大厅");
        let content = content_of(&body);
        content.check(&mut errors);
        if body.matter_id.is_none() {
            errors.add("matter_id", "missing", "选要办的事项");
        }
        errors.check()?;
        let site_id = site_id.unwrap_or_default();
        let line = self.openings.of(&site_id);
        let _turn = line.lock().await;
        self.once(&site_id, retry, || self.begun(citizen, &site_id, &body, &content)).await
    }

    async fn begun(
        &self,
        citizen: &CitizenCaller,
        site_id: &str,
        body: &ApplicationRequest,
        content: &ApplicationContent,
    ) -> Answer<(ChangeSet, Outcome)> {
        let matter = self.online_matter(site_id, body.matter_id.as_deref().unwrap_or_default(), false).await?;
        let matter = matter.map_err(|(code, message)| AppError::field("matter_id", code, &message))?;
        let open = self.stores.citizens.applications_of(citizen.id.as_str()).await?;
        if open.iter().filter(|row| OPEN_STEPS.contains(&row.step.as_str())).count() >= OPEN_MAX {
            return Err(AppError::refused("too_many_applications", format!("还没办的网上申请最多 {OPEN_MAX} 件，先办完或者撤回几件")));
        }
        let (now, site_key) = (self.now(), self.directory.get().site(site_id)?.key.clone());
        let phone = PersonInput { kind: "person".to_owned(), phone: Some(self.citizen_phone(citizen).await?), ..PersonInput::default() };
        let person = self.new_person(&site_key, "applicant", &phone, false, &mut FieldErrors::default())?;
        let mut person = person.ok_or_else(|| AppError::Internal("a citizen without a phone".to_owned()))?;
        // Whoever only began is not found at the window.
        person.row.phone_index = None;
        let (text_id, text) = self.new_text(site_id, CONTENT, &serde_json::to_string(content)?)?;
        let (number, counter) = self.next_number(site_id, &site_key, &matter.code, local_date(now)).await?;
        let id = CaseId::new(&site_key, &id_tail(self.entropy.as_ref(), now));
        let opening = Opening {
            id: id.clone(),
            site: SiteId::parse(site_id).ok_or(AppError::NotFound)?,
            number,
            query_code: query_code(bytes(self.entropy.as_ref())),
            tracking_code: tracking_code(bytes(self.entropy.as_ref())),
            ticket: None,
            bundle: None,
            bundle_case: None,
            matter: self.snapshot(&matter, &[]),
            situations: Vec::new(),
            applicant: person.id,
            agent: None,
            form: None,
            materials: Vec::new(),
            online: Some(OnlineDraft { citizen: citizen.id.clone(), content: text_id }),
            paper: None,
        };
        let events = Case::open(opening, true, &Actor::Citizen(citizen.id.clone()), now)?;
        let case = Case::replay(&events).ok_or_else(|| AppError::Internal("a case that does not begin".to_owned()))?;
        let mut set = decision_set(0, &case, &events)?;
        set.expect.push(Expect::Counter(counter.name.clone(), counter.value - 1));
        set.row(counter);
        set.row(person.row);
        set.row(text);
        Ok((set, Outcome::success(201, Some(id.to_string()), serde_json::Value::Null)))
    }

    fn snapshot(&self, matter: &Matter, chosen: &[SituationId]) -> domain::case::MatterSnapshot {
        matter.snapshot(chosen, &self.department_name(matter.department_id.as_str()), self.settings.cases.deems_other_types)
    }

    /// A matter that is applied for online, or the code and the words why not. What was sent while it was in force goes
    /// on after its last day (`is_sent`).
    pub(in crate::app::cases) async fn online_matter(
        &self,
        site_id: &str,
        text: &str,
        is_sent: bool,
    ) -> Answer<Result<Matter, (&'static str, String)>> {
        let row = match MatterId::parse(text) {
            Some(id) => self.catalogue_row(site_id, id.as_str()).await?,
            None => None,
        };
        let out = row.as_ref().map(out_of_dates).transpose()?.flatten();
        let goes_on = is_sent && out.is_some();
        if let Some(why) = out.filter(|_| !is_sent) {
            return Ok(Err(why));
        }
        let row = row.filter(|row| goes_on || row.state == "published");
        let Some(row) = row else { return Ok(Err(("unknown", "这里没有这个事项".to_owned()))) };
        let matter: Matter = serde_json::from_str(&row.doc)?;
        if !matter.takes_cases() {
            return Ok(Err(("assisted_only", "这里只帮办代办，不收件，请到上级窗口或网上办".to_owned())));
        }
        Ok(if is_online(&matter) { Ok(matter) } else { Err(("not_online", "这件事不能在网上申请，请到窗口办".to_owned())) })
    }

    /// A case that this citizen began.
    ///
    /// # Errors
    /// 404 for everybody else's.
    pub(in crate::app::cases) async fn own_case(&self, citizen: &CitizenCaller, id: &CaseId) -> Answer<Case> {
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let row = self.stores.citizens.application(&site_id, id.as_str()).await?;
        row.filter(|row| row.citizen_id == citizen.id.as_str()).ok_or(AppError::NotFound)?;
        self.case_of_site(&site_id, id.as_str()).await
    }

    /// What was typed into an application.
    pub(super) async fn content(&self, case: &Case) -> Answer<ApplicationContent> {
        let online = case.online.as_ref().ok_or(AppError::NotFound)?;
        Ok(serde_json::from_str(&self.text(case.site.as_str(), online.draft.content.as_str()).await?)?)
    }

    /// Saves what was typed, in place.
    ///
    /// # Errors
    /// 404; field errors and 409 `case_state` once it is sent, as outcomes.
    pub async fn save_application(
        &self,
        citizen: &CitizenCaller,
        id: &CaseId,
        body: Body<ApplicationUpdateRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = self.own_case(citizen, id).await?.site.to_string();
        self.once(&site_id, retry, || async {
            let case = self.own_case(citizen, id).await?;
            let body = body.clone().map_err(AppError::Invalid)?;
            let mut content = self.content(&case).await?;
            content.take(body);
            let mut errors = FieldErrors::default();
            content.check(&mut errors);
            errors.check()?;
            let online = case.online.as_ref().filter(|_| case.online_step().is_some_and(OnlineStep::is_open));
            let online = online.ok_or_else(|| AppError::refused("case_state", "已经交上去了，现在不能改"))?;
            let mut set = ChangeSet::new(&site_id);
            set.expect.push(Expect::Case(case.id.to_string(), i64::try_from(case.version).unwrap_or(i64::MAX)));
            set.row(self.sealed_text(&site_id, &online.draft.content, CONTENT, &serde_json::to_string(&content)?)?);
            if let Some(row) = application_row(&case, self.now()) {
                set.row(row);
            }
            Ok((set, Outcome::success(200, Some(id.to_string()), serde_json::Value::Null)))
        })
        .await
    }

    /// Sends an application to the pre-check, or sends it again.
    ///
    /// # Errors
    /// 404; every wrong field and 409 `case_state` are outcomes.
    pub async fn submit_application(
        &self,
        citizen: &CitizenCaller,
        id: &CaseId,
        body: Body<ApplicationSubmitRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = self.own_case(citizen, id).await?.site.to_string();
        self.once(&site_id, retry, || async {
            let case = self.own_case(citizen, id).await?;
            let body = body.clone().map_err(AppError::Invalid)?;
            let (actor, context) = (Actor::Citizen(citizen.id.clone()), self.case_context(&case));
            case.permit(Action::SubmitApplication, &actor, &context)?;
            let mut draft = Draft::new(self, &site_id, id.site_key());
            let application = self.application(citizen, &case, &mut draft).await?;
            if body.reuse_consent.is_some_and(|version| version != consent_version()) {
                draft.errors().add("reuse_consent", "outdated", "同意书换了新的，请刷新页面再看一遍");
            }
            let (application, rows) = draft.done(application)?;
            let application = Application { reuse_consent: body.reuse_consent, ..application };
            let command = Command::SubmitApplication { application: Box::new(application) };
            let by = By { actor: &actor, context: &context, silence: Vec::new() };
            self.decided(&case, &command, by, rows, (200, id.to_string())).await
        })
        .await
    }

    /// What was typed as what can be sent; every wrong field is added to the draft's errors.
    async fn application(&self, citizen: &CitizenCaller, case: &Case, draft: &mut Draft<'_>) -> Answer<Option<Application>> {
        let content = self.content(case).await?;
        let is_sent = !case.is_unsent();
        let matter = match self.online_matter(case.site.as_str(), case.matter.id.as_str(), is_sent).await? {
            Ok(matter) => Some(matter),
            Err((code, message)) => {
                draft.errors().add("matter_id", code, message);
                None
            }
        };
        let mut applicant = content.applicant.unwrap_or_else(|| PersonInput { kind: "person".to_owned(), ..PersonInput::default() });
        if applicant.phone.as_deref().is_none_or(|phone| phone.trim().is_empty()) {
            applicant.phone = Some(self.citizen_phone(citizen).await?);
        }
        let person = draft.person("applicant", &applicant)?;
        let agent = match &content.agent {
            Some(agent) => draft.person("agent", agent)?,
            None => None,
        };
        if let Some(schema) = matter.as_ref().and_then(|matter| matter.form_schema.as_ref()) {
            check_form(&[schema], content.form.as_ref(), false, local_date(self.now()), draft.errors());
        }
        let form = form(draft, content.form.as_ref())?;
        let materials = draft.entries(&content.materials);
        let Some(matter) = matter else { return Ok(None) };
        let chosen = situations(&matter, &content.situation_ids, draft.errors());
        check_kind(&matter, Some(&applicant), draft.errors());
        let matter = self.snapshot(&matter, &chosen);
        // Situations may have changed after a material was ticked: only those still asked for are sent.
        let materials = materials.into_iter().filter(|entry| matter.requirement(&entry.material).is_some()).collect();
        Ok(person.map(|applicant| Application { matter, situations: chosen, applicant, agent, form, materials, reuse_consent: None }))
    }

    /// Takes an application back before it is received.
    ///
    /// # Errors
    /// 404; field errors and 409 `case_state` are outcomes.
    pub async fn withdraw_application(
        &self,
        citizen: &CitizenCaller,
        id: &CaseId,
        body: Body<ApplicationWithdrawRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = self.own_case(citizen, id).await?.site.to_string();
        self.once(&site_id, retry, || async {
            let case = self.own_case(citizen, id).await?;
            let body = body.clone().map_err(AppError::Invalid)?;
            let (actor, context) = (Actor::Citizen(citizen.id.clone()), self.case_context(&case));
            let mut draft = Draft::new(self, &site_id, id.site_key());
            let reason = match body
                .reason
                .as_deref()
                .filter(|reason| !reason.trim().is_empty())
                .map(|reason| clean_line(reason, REASON_CHARS_MAX))
            {
                Some(Ok(reason)) => reason,
                Some(Err(fault)) => {
                    draft.errors().add("reason", fault.code(), fault.message());
                    String::new()
                }
                None => WITHDRAWN.to_owned(),
            };
            let reason = draft.seal("reason", &reason)?;
            let (command, mut rows) = draft.done(Some(Command::Withdraw { reason }))?;
            rows.extend(self.emptied(&case)?);
            let by = By { actor: &actor, context: &context, silence: Vec::new() };
            self.decided(&case, &command, by, rows, (200, id.to_string())).await
        })
        .await
    }
}

impl App {
    /// Nothing in the place of what was typed, nor of the files of what nobody else ever saw.
    fn emptied(&self, case: &Case) -> Answer<Vec<Row>> {
        let Some(online) = &case.online else { return Ok(Vec::new()) };
        let mut rows = if case.is_unsent() { self.forgotten_attachments(case)? } else { Vec::new() };
        rows.push(self.sealed_text(case.site.as_str(), &online.draft.content, CONTENT, "{}")?.into());
        Ok(rows)
    }

    /// Clears applications away that were never sent and that nobody went on with for a long time; what was typed
    /// into them is gone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_applications(&self) -> Answer<()> {
        for row in self.stores.citizens.applications_left(self.now() - KEEP_UNSENT_MS, FORGOTTEN_AT_ONCE).await? {
            self.once(&row.site_id, None, || async {
                let case = self.case_of_site(&row.site_id, &row.id).await?;
                let context = self.case_context(&case);
                let (reason, text) = self.new_text(&row.site_id, "reason", FORGOTTEN)?;
                let rows = [text.into()].into_iter().chain(self.emptied(&case)?).collect();
                let by = By { actor: &Actor::System, context: &context, silence: Vec::new() };
                self.decided(&case, &Command::Withdraw { reason }, by, rows, (200, row.id.clone())).await
            })
            .await?;
        }
        Ok(())
    }
}

/// Steps in which an application is not at its end.
const OPEN_STEPS: &[&str] = &["filling", "submitted", "supplement", "ready"];

fn content_of(body: &ApplicationRequest) -> ApplicationContent {
    let mut content = ApplicationContent::default();
    content.take(ApplicationUpdateRequest {
        situation_ids: body.situation_ids.clone(),
        applicant: body.applicant.clone(),
        agent: body.agent.clone(),
        form: body.form.clone(),
        materials: body.materials.clone(),
    });
    content
}

/// The row by which an application is found; `None` for a case that began at a window.
pub(in crate::app::cases) fn application_row(case: &Case, at: i64) -> Option<ApplicationRow> {
    let online = case.online.as_ref()?;
    let step = match case.online_step() {
        Some(step) => step.name(),
        None if case.receipt_at.is_none() => "withdrawn",
        None => "received",
    };
    Some(ApplicationRow {
        site_id: case.site.to_string(),
        id: case.id.to_string(),
        citizen_id: online.draft.citizen.to_string(),
        matter_id: case.matter.id.to_string(),
        step: step.to_owned(),
        content_id: online.draft.content.to_string(),
        changed_at: at,
    })
}
