//! Taking somebody's affair on, and every step with it: each takes its own fields and refuses the others.

use chrono::NaiveDate;
use domain::assistance::{Assistance, Command, ConsentForm};
use domain::codes::{clean_line, clean_lines};
use domain::ids::{AssistanceId, CaseId, StaffId, TextId};
use domain::rights::Role;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{assistance_set, hand_of};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError, FieldError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::persons::PersonInput;
use crate::app::retry::{Outcome, Retry};
use crate::store::{ChangeSet, Row};

/// Characters of a purpose, a result or a reason.
const TEXT_CHARS_MAX: usize = 500;
/// Characters of a village's name.
const VILLAGE_CHARS_MAX: usize = 40;

/// Body of `POST /sites/{site}/assistances`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssistanceRequest {
    /// Who is helped: a name, and a phone or an ID number.
    pub person: Option<PersonInput>,
}

/// Body of a step; each takes its own fields and refuses the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssistanceActionRequest {
    /// For consent: `written`, `spoken`, `relative`.
    pub form: Option<String>,
    /// For consent: what for, and by whom if not by the person.
    pub note: Option<String>,
    /// For plan-visit, `yyyy-MM-dd`.
    pub day: Option<String>,
    /// For plan-visit: village or street.
    pub village: Option<String>,
    /// For plan-visit.
    pub purpose: Option<String>,
    /// For finish-visit, cancel-visit: the number of the visit.
    pub visit: Option<u32>,
    /// For finish-visit, close.
    pub result: Option<String>,
    /// For cancel-visit, hand-over.
    pub reason: Option<String>,
    /// For hand-over: another helper of the site.
    pub staff_id: Option<String>,
    /// For link-case.
    pub case_id: Option<String>,
}

/// Steps on `/assistances/{assistance}/…` and the fields that each takes.
const STEPS: &[(&str, &[&str])] = &[
    ("consent", &["form", "note"]),
    ("plan-visit", &["day", "village", "purpose"]),
    ("finish-visit", &["visit", "result"]),
    ("cancel-visit", &["visit", "reason"]),
    ("hand-over", &["staff_id", "reason"]),
    ("link-case", &["case_id"]),
    ("report", &[]),
    ("close", &["result"]),
];

/// Fields in the making.
struct Fields<'a> {
    app: &'a App,
    site_id: &'a str,
    errors: FieldErrors,
    rows: Vec<Row>,
}

impl Fields<'_> {
    fn text(&mut self, field: &str, value: Option<&str>, is_required: bool) -> Answer<Option<TextId>> {
        let Some(text) = value.filter(|text| !text.trim().is_empty()) else {
            if is_required {
                self.errors.add(field, "missing", "请填写");
            }
            return Ok(None);
        };
        match clean_lines(text, TEXT_CHARS_MAX) {
            Ok(text) => {
                let (id, row) = self.app.new_text(self.site_id, "assistance", &text)?;
                self.rows.push(row.into());
                Ok(Some(id))
            }
            Err(fault) => {
                self.errors.add(field, fault.code(), fault.message());
                Ok(None)
            }
        }
    }

    fn line(&mut self, field: &str, value: Option<&str>, chars_max: usize) -> Answer<Option<TextId>> {
        match value.filter(|text| !text.trim().is_empty()).map(|text| clean_line(text, chars_max)) {
            Some(Ok(text)) => return self.text(field, Some(&text), true),
            Some(Err(fault)) => self.errors.add(field, fault.code(), fault.message()),
            None => self.errors.add(field, "missing", "请填写"),
        }
        Ok(None)
    }
}

impl App {
    /// Takes somebody's affair on; the caller answers for it.
    ///
    /// # Errors
    /// Every wrong field, as an outcome.
    pub async fn open_assistance(
        &self,
        permit: &Permit,
        body: Result<AssistanceRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.once(site_id, retry, || async {
            let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
            let (hand, key, now) = (hand_of(permit)?, self.directory.get().site(site_id)?.key.clone(), self.now());
            let mut errors = FieldErrors::default();
            let input = body.person.clone().unwrap_or_else(|| PersonInput { kind: "person".to_owned(), ..PersonInput::default() });
            let is_given = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.trim().is_empty());
            if !is_given(&input.name) {
                errors.add("person.name", "missing", "写上姓名");
            }
            if !is_given(&input.phone) && !is_given(&input.id_number) {
                errors.add("person.phone", "one_of", "手机号、证件号码至少写一样，以后要和办件对上");
            }
            let person = self.new_person(&key, "person", &input, false, &mut errors)?;
            errors.check()?;
            let person = person.ok_or(AppError::NotFound)?;
            let id = AssistanceId::new(&key, &id_tail(self.entropy.as_ref(), now));
            let (opened, event) = Assistance::open(id.clone(), hand.id.clone(), person.id.clone(), now);
            let mut set = assistance_set(site_id, &opened, &event, hand.id.as_str())?;
            set.row(person.row);
            Ok((set, Outcome::success(201, Some(id.to_string()), Value::Null)))
        })
        .await
    }

    /// A step with one of them.
    ///
    /// # Errors
    /// 404, also for another helper's; field errors and refusals are outcomes.
    pub async fn act_on_assistance(
        &self,
        permit: &Permit,
        id: &AssistanceId,
        segment: &str,
        body: Result<AssistanceActionRequest, Vec<FieldError>>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let (_, takes) = STEPS.iter().find(|(name, _)| *name == segment).ok_or(AppError::NotFound)?;
        // Whoever gave it away is told again that it went.
        if let Some(replayed) = self.replayed(retry).await? {
            return Ok(replayed);
        }
        self.assistance_for(permit, id).await?;
        self.once(permit.site_id(), retry, || async {
            let hand = hand_of(permit)?;
            let row = self.stores.assistances.assistance(permit.site_id(), id.as_str()).await?.ok_or(AppError::NotFound)?;
            let mut of = super::assistance_of(&row)?;
            let body = body.as_ref().map_err(|errors| AppError::Invalid(errors.clone()))?;
            let mut fields = Fields { app: self, site_id: permit.site_id(), errors: FieldErrors::default(), rows: Vec::new() };
            refuse_others(body, takes, &mut fields.errors);
            let command = self.assistance_command(permit, &of, segment, body, &mut fields).await?;
            fields.errors.check()?;
            let command = command.ok_or(AppError::NotFound)?;
            let event = of.decide(&command, &hand, self.now())?;
            of.evolve(&event);
            let mut set: ChangeSet = assistance_set(permit.site_id(), &of, &event, hand.id.as_str())?;
            set.rows.extend(fields.rows);
            Ok((set, Outcome::success(200, Some(id.to_string()), Value::Null)))
        })
        .await
    }

    async fn assistance_command(
        &self,
        permit: &Permit,
        of: &Assistance,
        segment: &str,
        body: &AssistanceActionRequest,
        fields: &mut Fields<'_>,
    ) -> Answer<Option<Command>> {
        Ok(match segment {
            "consent" => {
                let form = body.form.as_deref().and_then(ConsentForm::parse);
                let form = fields.errors.some(form, "form", "unknown", "选书面委托、口头同意或家属代签");
                let note = fields.text("note", body.note.as_deref(), form == Some(ConsentForm::Relative))?;
                form.map(|form| Command::Consent { form, note })
            }
            "plan-visit" => {
                let day = body.day.as_deref().and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok());
                let day = fields.errors.some(day, "day", "date", "日期写成 2026-01-31 的样子");
                let village = fields.line("village", body.village.as_deref(), VILLAGE_CHARS_MAX)?;
                let purpose = fields.text("purpose", body.purpose.as_deref(), true)?;
                let all = day.zip(village).zip(purpose);
                all.map(|((day, village), purpose)| Command::PlanVisit { day, village, purpose })
            }
            "finish-visit" => {
                let number = fields.errors.some(body.visit, "visit", "missing", "选哪次上门");
                let result = fields.text("result", body.result.as_deref(), true)?;
                number.zip(result).map(|(number, result)| Command::FinishVisit { number, result })
            }
            "cancel-visit" => {
                let number = fields.errors.some(body.visit, "visit", "missing", "选哪次上门");
                let reason = fields.text("reason", body.reason.as_deref(), true)?;
                number.zip(reason).map(|(number, reason)| Command::CancelVisit { number, reason })
            }
            "hand-over" => {
                let to = self.helper_of(permit.site_id(), body.staff_id.as_deref()).await?;
                let to = fields.errors.some(to, "staff_id", "unknown", "这里没有这位帮办员");
                let reason = fields.text("reason", body.reason.as_deref(), true)?;
                to.zip(reason).map(|(to, reason)| Command::HandOver { to, reason })
            }
            "link-case" => {
                let case = self.case_of_person(permit, of, body.case_id.as_deref(), &mut fields.errors).await?;
                case.map(|case| Command::LinkCase { case })
            }
            "report" => {
                let case_state = match &of.case {
                    Some(case) => self.case_of_site(permit.site_id(), case.as_str()).await?.state.name().to_owned(),
                    None => String::new(),
                };
                Some(Command::Report { case_state })
            }
            "close" => fields.text("result", body.result.as_deref(), true)?.map(|result| Command::Close { result }),
            _ => None,
        })
    }

    /// An active helper of the site.
    async fn helper_of(&self, site_id: &str, id: Option<&str>) -> Answer<Option<StaffId>> {
        let Some(id) = id.and_then(StaffId::parse) else { return Ok(None) };
        let Some(row) = self.stores.staff.staff(site_id, id.as_str()).await?.filter(|row| row.active) else { return Ok(None) };
        let caller = self.staff_caller(&row, Vec::new())?;
        Ok(caller.staff.roles.contains(&Role::Helper).then_some(id))
    }

    /// A case of the site whose applicant, or who acts for him, is the person who is helped: by ID number or phone.
    async fn case_of_person(&self, permit: &Permit, of: &Assistance, id: Option<&str>, errors: &mut FieldErrors) -> Answer<Option<CaseId>> {
        let site_id = permit.site_id();
        let found = match id.and_then(CaseId::parse) {
            Some(id) => self.stores.cases.case(site_id, id.as_str()).await?.map(|row| crate::app::cases::case_of(&row)).transpose()?,
            None => None,
        };
        let case = errors.some(found.filter(|case| !case.is_unsent()), "case_id", "unknown", "没有这个办件");
        let Some(case) = case else { return Ok(None) };
        let own = self.stores.persons.person(site_id, of.person.as_str()).await?;
        let own: Vec<Vec<u8>> = own.map(|row| [row.id_number_index, row.phone_index].into_iter().flatten().collect()).unwrap_or_default();
        for person in [Some(&case.applicant), case.agent.as_ref()].into_iter().flatten() {
            let row = self.stores.persons.person(site_id, person.as_str()).await?;
            let theirs = row.map(|row| [row.id_number_index, row.phone_index]).unwrap_or_default();
            if theirs.iter().flatten().any(|index| own.contains(index)) {
                return Ok(Some(case.id));
            }
        }
        errors.add("case_id", "other_person", "这个办件的申请人、代理人和他的证件号、手机号都对不上");
        Ok(None)
    }
}

fn refuse_others(body: &AssistanceActionRequest, takes: &[&str], errors: &mut FieldErrors) {
    let Ok(Value::Object(fields)) = serde_json::to_value(body) else { return };
    for (name, value) in fields {
        if !value.is_null() && !takes.contains(&name.as_str()) {
            errors.add(&name, "unknown_field", format!("这一步没有“{name}”这一项"));
        }
    }
}
