//! From a request's body to the command of the domain: every wrong field is told at once, texts are
//! sealed on the way.

use chrono::NaiveDate;
use domain::case::{
    Action, Case, Command, ConsentWay, CorrectionItem, MaterialEntry, PreCheck, PromisedMaterial, Relation, SubmissionStatus,
};
use domain::codes::{clean_line, clean_lines};
use domain::ids::{CertificateId, MaterialId, NoticeId, PersonId, TextId, TicketId};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::own::AuthorisedAgent;
use super::requests::{
    CaseActionRequest, CertificateActionRequest, CollectorInput, CorrectionInput, PromiseInput, SubmissionInput, refuse_others,
};
use super::reuse::consent_version;
use crate::app::App;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::persons::PersonInput;
use crate::store::Row;

/// Characters of an opinion or a reason.
const TEXT_CHARS_MAX: usize = 500;
/// Characters of a code, a number or a slot.
const LINE_CHARS_MAX: usize = 100;
/// Characters of a legal basis.
const BASIS_CHARS_MAX: usize = 500;
/// Lines of a list.
const ITEMS_MAX: usize = 100;
/// Characters of a signature in base64, about 100 KiB of picture.
const SIGNATURE_CHARS_MAX: usize = 140_000;

/// A command in the making: what was wrong so far, and the sealed rows that go with it.
pub(super) struct Draft<'a> {
    app: &'a App,
    site_id: String,
    site_key: String,
    errors: FieldErrors,
    rows: Vec<Row>,
}

/// The value of a serde enum by its word.
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(Value::String(text.to_owned())).ok()
}

impl<'a> Draft<'a> {
    pub(super) fn new(app: &'a App, site_id: &str, site_key: &str) -> Self {
        Self { app, site_id: site_id.to_owned(), site_key: site_key.to_owned(), errors: FieldErrors::default(), rows: Vec::new() }
    }

    fn tail(&self) -> String {
        id_tail(self.app.entropy.as_ref(), self.app.now())
    }

    /// A text of a person, sealed; `None` when it is missing.
    pub(super) fn text(&mut self, field: &str, value: Option<&str>, is_required: bool) -> Answer<Option<TextId>> {
        let Some(text) = value.filter(|text| !text.trim().is_empty()) else {
            if is_required {
                self.errors.add(field, "missing", "请填写");
            }
            return Ok(None);
        };
        match clean_lines(text, TEXT_CHARS_MAX) {
            Ok(text) => self.seal(field, &text).map(Some),
            Err(fault) => {
                self.errors.add(field, fault.code(), fault.message());
                Ok(None)
            }
        }
    }

    pub(super) fn seal(&mut self, kind: &str, text: &str) -> Answer<TextId> {
        let (id, row) = self.app.new_text(&self.site_id, kind, text)?;
        self.rows.push(row.into());
        Ok(id)
    }

    pub(super) fn line(&mut self, field: &str, value: Option<&str>, chars_max: usize) -> String {
        match value.map(|text| clean_line(text, chars_max)) {
            Some(Ok(text)) => return text,
            Some(Err(fault)) => self.errors.add(field, fault.code(), fault.message()),
            None => self.errors.add(field, "missing", "请填写"),
        }
        String::new()
    }

    fn date(&mut self, field: &str, value: Option<&str>) -> NaiveDate {
        let date = value.and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
        self.errors.some(date, field, "date", "日期写成 2026-01-31 的样子").unwrap_or_default()
    }

    fn days(&mut self, value: Option<u32>) -> u32 {
        self.errors.some(value, "days", "missing", "填几个工作日").unwrap_or_default()
    }

    fn pick<T: DeserializeOwned>(&mut self, field: &str, value: Option<&str>, message: &str) -> Option<T> {
        self.errors.some(value.and_then(word), field, "unknown", message)
    }

    fn material(&mut self, field: &str, id: &str) -> Option<MaterialId> {
        self.errors.some(MaterialId::parse(id), field, "unknown_material", "这个事项没有这份材料")
    }

    /// The checklist as entries.
    pub(super) fn entries(&mut self, inputs: &[SubmissionInput]) -> Vec<MaterialEntry> {
        if !self.fits("materials", inputs.len()) {
            return Vec::new();
        }
        let mut entries = Vec::with_capacity(inputs.len());
        for (place, input) in inputs.iter().enumerate() {
            let material = self.material(&format!("materials[{place}].material_id"), &input.material_id);
            let status: Option<SubmissionStatus> =
                self.pick(&format!("materials[{place}].status"), input.status.as_deref(), "收取、核验、缺、容缺或复用");
            if let (Some(material), Some(status)) = (material, status) {
                let (originals, copies) = (input.originals.unwrap_or_default(), input.copies.unwrap_or_default());
                entries.push(MaterialEntry { material, status, originals, copies, due: None });
            }
        }
        entries
    }

    /// Whether a list is short enough; nothing of a longer one is taken.
    fn fits(&mut self, field: &str, count: usize) -> bool {
        if count > ITEMS_MAX {
            self.errors.add(field, "too_many", format!("最多 {ITEMS_MAX} 条"));
        }
        count <= ITEMS_MAX
    }

    fn promises(&mut self, inputs: &[PromiseInput]) -> Vec<PromisedMaterial> {
        if !self.fits("promised", inputs.len()) {
            return Vec::new();
        }
        let mut promised = Vec::with_capacity(inputs.len());
        for (place, input) in inputs.iter().enumerate() {
            let material = self.material(&format!("promised[{place}].material_id"), &input.material_id);
            let due = self.date(&format!("promised[{place}].due"), Some(&input.due));
            promised.extend(material.map(|material| PromisedMaterial { material, due }));
        }
        promised
    }

    /// The lines of a notice; a text that an earlier notice said already keeps its id, so that the
    /// rule sees the same demand.
    async fn corrections(&mut self, case: &Case, inputs: &[CorrectionInput]) -> Answer<Vec<CorrectionItem>> {
        if !self.fits("items", inputs.len()) {
            return Ok(Vec::new());
        }
        let mut known = Vec::new();
        for item in case.frozen_items().unwrap_or_default().into_iter().filter(|item| item.material.is_none()) {
            known.push((self.app.text(&self.site_id, item.text.as_str()).await?, item.text.clone()));
        }
        let mut items = Vec::with_capacity(inputs.len());
        for (place, input) in inputs.iter().enumerate() {
            let material = match &input.material_id {
                Some(id) => self.material(&format!("items[{place}].material_id"), id),
                None => None,
            };
            let basis = self.line(&format!("items[{place}].basis"), Some(&input.basis), BASIS_CHARS_MAX);
            let same = known.iter().find(|(text, _)| text == input.text.trim()).map(|(_, id)| id.clone());
            let text = match same {
                Some(id) => Some(id),
                None => self.text(&format!("items[{place}].text"), Some(&input.text), true)?,
            };
            items.extend(text.map(|text| CorrectionItem { material, text, basis }));
        }
        Ok(items)
    }

    /// A person of the case, checked and sealed.
    pub(super) fn person(&mut self, field: &str, input: &PersonInput) -> Answer<Option<PersonId>> {
        let person = self.app.new_person(&self.site_key, field, input, true, &mut self.errors)?;
        Ok(person.map(|person| {
            self.rows.push(person.row.into());
            person.id
        }))
    }

    /// Who collects, who that is to the applicant, and by what an agent does: where the applicant authorised this very
    /// agent, by that.
    fn collector(
        &mut self,
        input: Option<&CollectorInput>,
        agent: Option<&AuthorisedAgent>,
    ) -> Answer<Option<(PersonId, Relation, Option<TextId>)>> {
        let Some(input) = input else {
            self.errors.add("collector", "missing", "写上领取人");
            return Ok(None);
        };
        let relation = self.pick("collector.relation", input.relation.as_deref(), "本人、代理人或法定代表人");
        let person = PersonInput {
            kind: "person".to_owned(),
            name: input.name.clone(),
            id_type: input.id_type.clone(),
            id_number: input.id_number.clone(),
            ..PersonInput::default()
        };
        let person = self.app.new_person(&self.site_key, "collector", &person, true, &mut self.errors)?;
        let is_known = |agent: &&AuthorisedAgent| {
            let index = person.as_ref().and_then(|person| person.row.id_number_index.as_ref());
            relation == Some(Relation::Agent) && index == Some(&agent.id_number_index)
        };
        let known = agent.filter(is_known);
        if known.is_some_and(|agent| input.name.as_deref().map(str::trim) != Some(agent.name.as_str())) {
            self.errors.add("collector.name", "other_name", "证件号和网上授权的一样，名字不一样，请核对证件");
        }
        let (field, written) = ("collector.authorisation", input.authorisation.as_deref().filter(|text| !text.trim().is_empty()));
        let authorisation = self.text(field, written.or(known.map(|agent| agent.basis.as_str())), false)?;
        let person = person.map(|person| match known {
            Some(agent) => agent.id.clone(),
            None => {
                self.rows.push(person.row.into());
                person.id
            }
        });
        if relation == Some(Relation::Agent) && authorisation.is_none() && !self.errors.names(field) {
            self.errors.add(field, "missing", "代领要写明凭什么：委托书，或者亲属关系和证明");
        }
        Ok(person.zip(relation).map(|(person, relation)| (person, relation, authorisation)))
    }

    fn signature(&mut self, value: Option<&str>) -> Answer<Option<TextId>> {
        let Some(text) = value.filter(|text| !text.is_empty()) else { return Ok(None) };
        let sound = text.len() <= SIGNATURE_CHARS_MAX && data_encoding::BASE64.decode(text.as_bytes()).is_ok();
        if !sound {
            self.errors.add("signature", "form", "签名没有传完整，请重签");
            return Ok(None);
        }
        self.seal("signature", text).map(Some)
    }

    /// The applicant's consent as it was given at the window.
    fn consent(&mut self, body: &CaseActionRequest) -> Answer<Option<Command>> {
        let message = "选口头同意或签字同意";
        let way: Option<ConsentWay> = self.pick("way", body.way.as_deref().filter(|way| *way != "online"), message);
        let signature = self.signature(body.signature.as_deref())?;
        match way {
            Some(ConsentWay::Signature) if signature.is_none() => self.errors.add("signature", "missing", "请他签字"),
            Some(ConsentWay::Oral) if signature.is_some() => self.errors.add("signature", "not_taken", "签了字就选签字同意"),
            _ => {}
        }
        if body.text_version != Some(consent_version()) {
            self.errors.add("text_version", "outdated", "同意书换了新的，请刷新后再念一遍");
        }
        Ok(way.map(|way| Command::ConsentReuse { way, text_version: consent_version(), signature }))
    }

    /// A row that goes with the command.
    pub(super) fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Where fields are wrong, all of them; else what was made and the rows that go with it.
    pub(super) fn done<T>(self, value: Option<T>) -> Answer<(T, Vec<Row>)> {
        self.errors.check()?;
        value.map(|value| (value, self.rows)).ok_or(AppError::NotFound)
    }

    /// Errors so far.
    pub(super) fn errors(&mut self) -> &mut FieldErrors {
        &mut self.errors
    }
}

impl App {
    /// The command of an action on a case, with the sealed rows that go with it.
    ///
    /// # Errors
    /// Every wrong field.
    pub(super) async fn case_command(
        &self,
        case: &Case,
        action: Action,
        takes: &[&str],
        body: &CaseActionRequest,
    ) -> Answer<(Command, Vec<Row>)> {
        let mut draft = Draft::new(self, case.site.as_str(), case.id.site_key());
        refuse_others(body, takes, &mut draft.errors);
        let command = match action {
            Action::AcceptTolerant => {
                Some(Command::AcceptTolerant { promised: draft.promises(body.promised.as_deref().unwrap_or_default()) })
            }
            Action::RequestCorrection => {
                let items = draft.corrections(case, body.items.as_deref().unwrap_or_default()).await?;
                let notice = NoticeId::new(&draft.site_key, &draft.tail());
                Some(Command::RequestCorrection { notice, items })
            }
            Action::Submit => Some(Command::Submit { ticket: self.submit_ticket(case, body, &mut draft).await? }),
            Action::PreCheck => {
                let text = draft.text("text", body.text.as_deref(), body.verdict.as_deref() == Some("supplement"))?;
                match (body.verdict.as_deref(), text) {
                    (Some("ready"), None) => Some(Command::PreCheck { verdict: PreCheck::Ready }),
                    (Some("ready"), Some(_)) => {
                        draft.errors.add("text", "not_taken", "要补的写在“还要补”里");
                        None
                    }
                    (Some("supplement"), text) => text.map(|text| Command::PreCheck { verdict: PreCheck::Supplement { text } }),
                    _ => {
                        draft.errors.add("verdict", "unknown", "选“可以来办”或“还要补”");
                        None
                    }
                }
            }
            Action::ConsentReuse => draft.consent(body)?,
            Action::Reuse => {
                let wanted = body.earlier.as_deref().unwrap_or_default();
                let fits = draft.fits("earlier", wanted.len());
                let wanted = if fits { wanted } else { &[] };
                Some(self.reuse_command(case, &mut draft, (wanted, body.form.unwrap_or_default())).await?)
            }
            Action::WithdrawReuse => Some(self.withdraw_reuse_command(case, &mut draft).await?),
            Action::NewTerm => {
                let due = draft.date("due", body.due.as_deref());
                draft.text("reason", body.reason.as_deref(), true)?.map(|reason| Command::NewTerm { due, reason })
            }
            Action::Supply => Some(Command::Supply { materials: draft.entries(body.materials.as_deref().unwrap_or_default()) }),
            Action::Delegate => draft.delegate(body.staff_id.as_deref()).await?,
            Action::Suspend => {
                let procedure = draft.pick("procedure", body.procedure.as_deref(), "选一种特别程序");
                let days = draft.days(body.days);
                let basis = draft.line("basis", body.basis.as_deref(), BASIS_CHARS_MAX);
                procedure.map(|procedure| Command::Suspend { procedure, days, basis })
            }
            Action::MakeCertificate => {
                let number = draft.line("number", body.number.as_deref(), LINE_CHARS_MAX);
                let number = draft.seal("certificate_number", &number)?;
                let valid_from = draft.date("valid_from", body.valid_from.as_deref());
                let valid_to = body.valid_to.as_deref().map(|text| draft.date("valid_to", Some(text)));
                let certificate = CertificateId::new(&draft.site_key, &draft.tail());
                Some(Command::MakeCertificate { certificate, number, valid_from, valid_to })
            }
            Action::MakeDecisionNotice => {
                Some(Command::MakeDecisionNotice { certificate: CertificateId::new(&draft.site_key, &draft.tail()) })
            }
            Action::Deliver => {
                let agent = self.authorised_agent(case).await?;
                let collector = draft.collector(body.collector.as_ref(), agent.as_ref())?;
                let certificate = CertificateId::new(&draft.site_key, &draft.tail());
                collector.map(|(collector, relation, authorisation)| Command::Deliver { certificate, collector, relation, authorisation })
            }
            _ => draft.with_texts(action, body)?,
        };
        draft.done(command)
    }

    /// The ticket at which an online application is received.
    async fn submit_ticket(&self, case: &Case, body: &CaseActionRequest, draft: &mut Draft<'_>) -> Answer<Option<TicketId>> {
        let ticket = self.case_ticket(case.site.as_str(), body.ticket_id.as_deref(), &mut draft.errors).await?;
        Ok(ticket.map(|(id, _)| id))
    }

    /// The command of an action on a certificate, with the sealed rows that go with it.
    ///
    /// # Errors
    /// Every wrong field.
    pub(super) async fn certificate_command(
        &self,
        case: &Case,
        action: Action,
        takes: &[&str],
        body: &CertificateActionRequest,
    ) -> Answer<(Command, Vec<Row>)> {
        let mut draft = Draft::new(self, case.site.as_str(), case.id.site_key());
        refuse_others(body, takes, &mut draft.errors);
        let command = match action {
            Action::ReceiveCertificate => {
                Some(Command::ReceiveCertificate { slot: draft.line("slot", body.slot.as_deref(), LINE_CHARS_MAX) })
            }
            Action::Notify => Some(Command::Notify { channels: body.channels.clone().unwrap_or_default() }),
            Action::HandOver => {
                let agent = self.authorised_agent(case).await?;
                let collector = draft.collector(body.collector.as_ref(), agent.as_ref())?;
                let signature = draft.signature(body.signature.as_deref())?;
                collector.map(|(collector, relation, authorisation)| Command::HandOver { collector, relation, signature, authorisation })
            }
            Action::RetryUpload => Some(Command::RetryUpload),
            Action::ConfirmDelivery => Some(Command::ConfirmDelivery),
            Action::WaiveUpload => draft.text("reason", body.reason.as_deref(), true)?.map(|reason| Command::WaiveUpload { reason }),
            Action::ReturnCertificate => {
                draft.text("reason", body.reason.as_deref(), true)?.map(|reason| Command::ReturnCertificate { reason })
            }
            Action::Ship => {
                let carrier = draft.line("carrier", body.carrier.as_deref(), LINE_CHARS_MAX);
                let waybill = draft.line("waybill", body.waybill.as_deref(), LINE_CHARS_MAX);
                Some(Command::Ship { carrier, waybill })
            }
            _ => None,
        };
        draft.done(command)
    }
}

impl Draft<'_> {
    async fn delegate(&mut self, staff_id: Option<&str>) -> Answer<Option<Command>> {
        let id = staff_id.and_then(domain::ids::StaffId::parse);
        let row = match &id {
            Some(id) => {
                let listing = self.app.directory.get();
                match listing.site_of_key(id.site_key()) {
                    Ok(site) => self.app.stores.staff.staff(&site.id, id.as_str()).await?.filter(|row| row.active),
                    Err(_) => None,
                }
            }
            None => None,
        };
        let Some(row) = self.errors.some(row, "staff_id", "unknown", "没有这位同事") else { return Ok(None) };
        let to = self.app.staff_caller(&row, Vec::new())?.staff;
        Ok(Some(Command::Delegate { to: Box::new(to) }))
    }

    /// Actions whose fields are a text and at most a code or a number.
    fn with_texts(&mut self, action: Action, body: &CaseActionRequest) -> Answer<Option<Command>> {
        let (opinion, reason, text) = (body.opinion.as_deref(), body.reason.as_deref(), body.text.as_deref());
        Ok(match action {
            Action::Accept => Some(Command::Accept),
            Action::Claim => Some(Command::Claim),
            Action::Release => Some(Command::Release),
            Action::Resume => Some(Command::Resume),
            Action::CorrectionException => self.text("reason", reason, true)?.map(|reason| Command::RecordCorrectionException { reason }),
            Action::ProposeRefusal => {
                let code = self.pick("reason_code", body.reason_code.as_deref(), "选一个不予受理的理由");
                let text = self.text("text", text, true)?;
                code.zip(text).map(|(reason, text)| Command::ProposeRefusal { reason, text })
            }
            Action::ConfirmRefusal => Some(Command::ConfirmRefusal { opinion: self.text("opinion", opinion, false)? }),
            Action::OverturnRefusal => self.text("opinion", opinion, true)?.map(|opinion| Command::OverturnRefusal { opinion }),
            Action::DecideInstant => Some(Command::DecideInstant { opinion: self.text("opinion", opinion, false)? }),
            Action::ApproveExtension => Some(Command::ApproveExtension { opinion: self.text("opinion", opinion, false)? }),
            Action::Approve => Some(Command::Approve { opinion: self.text("opinion", opinion, false)? }),
            Action::Deny => {
                let reason_code = self.line("reason_code", body.reason_code.as_deref(), LINE_CHARS_MAX);
                self.text("opinion", opinion, true)?.map(|opinion| Command::Deny { reason_code, opinion })
            }
            Action::SignStep => {
                let agrees = self.errors.some(body.agrees, "agrees", "missing", "选同意或不同意");
                let opinion = self.text("opinion", opinion, agrees == Some(false))?;
                agrees.map(|agrees| Command::SignStep { agrees, opinion })
            }
            Action::ReturnStep => self.text("text", text, true)?.map(|text| Command::ReturnStep { text }),
            Action::Extend => {
                let days = self.days(body.days);
                self.text("reason", reason, true)?.map(|reason| Command::Extend { days, reason })
            }
            Action::ApproveJointExtension => Some(Command::ApproveJointExtension { opinion: self.text("opinion", opinion, false)? }),
            Action::ExtendJoint => {
                let days = self.days(body.days);
                self.text("reason", reason, true)?.map(|reason| Command::ExtendJoint { days, reason })
            }
            Action::Return => {
                if body.to.as_deref().is_some_and(|to| to != "desk") {
                    self.errors.add("to", "unknown", "只能退回窗口");
                }
                self.text("text", text, true)?.map(|text| Command::ReturnToDesk { text })
            }
            Action::Withdraw => self.text("reason", reason, true)?.map(|reason| Command::Withdraw { reason }),
            Action::Revoke => {
                let basis = self.line("basis", body.basis.as_deref(), BASIS_CHARS_MAX);
                self.text("reason", reason, true)?.map(|reason| Command::Revoke { reason, basis })
            }
            _ => None,
        })
    }
}
