//! The rows themselves. Dates are `YYYYMMDDThhmmss` in UTC+08:00. What is longer than its column is cut at the
//! column's length: a row that is refused for its length would hold up its whole case.

use chrono::NaiveDate;
use serde::Serialize;

use super::words::{applicant_kind_code, state_label};
use super::{Operation, Owed};
use crate::case::{Case, CaseKind, Custody, DecisionOutcome, DocumentKind, Procedure, SubmissionStatus};
use crate::evaluation::{Level, StarOrder};
use crate::time::{Millis, local};

/// Digits of the national implementation code: 统一社会信用代码 18, 行使层级 1, 基本编码 12.
const TASK_CODE_CHARS: usize = 31;
/// A business item code has two more.
const ITEM_CODE_CHARS: usize = 33;

/// An instant as the exchange writes it.
#[must_use]
pub fn stamp(at: Millis) -> String {
    local(at).format("%Y%m%dT%H%M%S").to_string()
}

/// The end of a day as the exchange writes it.
fn end_of(date: NaiveDate) -> String {
    date.format("%Y%m%dT235959").to_string()
}

fn cut(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}

/// A person as the exchange names one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// Kind of the API (`person`, `enterprise`, …).
    pub kind: String,
    /// Name.
    pub name: String,
    /// Code of the kind of document.
    pub id_type_code: String,
    /// Its number.
    pub id_number: String,
    /// Mobile phone.
    pub phone: String,
    /// Address.
    pub address: String,
}

/// What stands around a case: who is meant, what was written, where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ground {
    /// Administrative area, 12 digits; empty when unknown.
    pub area_code: String,
    /// 数据来源.
    pub data_source: String,
    /// Code of the department.
    pub org_code: String,
    /// Name of the department.
    pub org_name: String,
    /// The applicant.
    pub applicant: Party,
    /// Who acts for the applicant.
    pub agent: Option<Party>,
    /// Who acted; empty for timers and gateways.
    pub handler: String,
    /// What that person wrote.
    pub opinion: Option<String>,
    /// The promised last day, where it can be told.
    pub promise_date: Option<NaiveDate>,
    /// Number printed on the certificate.
    pub certificate_number: Option<String>,
    /// Type code of the certificate, 21 characters.
    pub licence_type: Option<String>,
    /// 统一社会信用代码 of the issuing authority.
    pub issuer: Option<String>,
}

impl Ground {
    /// Whoever acted, for people.
    fn handler(&self) -> String {
        if self.handler.is_empty() { "系统".to_owned() } else { cut(&self.handler, 100) }
    }
}

/// What every row begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// 记录唯一标识.
    pub row_guid: String,
    /// 办件编号.
    pub project_no: String,
    /// 同步类型.
    pub cd_operation: Operation,
    /// When it became true.
    pub cd_time: String,
    /// 批次号: its day.
    pub cd_batch: String,
    /// 数据来源.
    pub data_source: String,
}

impl Head {
    fn of(owed: &Owed, case: &Case, at: Millis, ground: &Ground) -> Self {
        Self {
            row_guid: owed.guid(case, case.version),
            project_no: case.number.clone(),
            cd_operation: owed.operation,
            cd_time: stamp(at),
            cd_batch: local(at).format("%Y%m%d").to_string(),
            data_source: ground.data_source.clone(),
        }
    }
}

/// 办件受理信息 `up_pro_accept`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are those of the published table")]
pub struct AcceptRow {
    #[serde(flatten)]
    pub head: Head,
    pub catalog_code: String,
    pub task_code: String,
    pub task_handle_item: String,
    pub task_name: String,
    pub task_version: u32,
    pub project_name: String,
    pub project_type: String,
    pub apply_type: String,
    pub apply_date: String,
    pub applyer_type: String,
    pub applyer_name: String,
    pub applyer_page_type: String,
    pub applyer_page_code: String,
    pub contact_name: String,
    pub contact_type: String,
    pub contact_code: String,
    pub contact_mobile: String,
    pub address: String,
    pub org_code: String,
    pub org_name: String,
    pub handle_user_name: String,
    pub accept_date: String,
    pub accept_doc_no: String,
    pub promise_date: Option<String>,
}

/// 办件过程信息 `up_pro_process`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are those of the published table")]
pub struct ProcessRow {
    #[serde(flatten)]
    pub head: Head,
    pub process_name: String,
    /// The reported state, 1 to 15.
    pub event_name: String,
    pub event_start_time: String,
    pub event_end_time: String,
    pub handle_explain: String,
    pub handle_user_name: String,
}

/// 办件结果信息 `up_pro_result`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are those of the published table")]
pub struct ResultRow {
    #[serde(flatten)]
    pub head: Head,
    /// The reported state that the case ended in.
    pub result_type: String,
    pub result_date: String,
    pub result_explain: String,
    pub result_cetr_name: String,
    pub result_cetr_no: String,
    pub is_delivery_results: String,
    pub handle_user_name: String,
}

/// 特别程序信息 `up_pro_special_procedure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are those of the published table")]
pub struct SpecialProcedureRow {
    #[serde(flatten)]
    pub head: Head,
    pub special_type: String,
    pub special_name: String,
    pub special_reason: String,
    pub special_time: String,
    pub end_time: String,
    pub special_explain: String,
    pub applyer_user_name: String,
    pub handle_user: String,
    pub result: String,
}

/// 材料目录信息 `up_pro_material`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are those of the published table")]
pub struct MaterialRow {
    #[serde(flatten)]
    pub head: Head,
    pub material_name: String,
    /// ◇ 1 纸质收取, 2 核验后退回, 3 复用以前的.
    pub get_type: String,
    pub get_num: String,
}

/// 证照目录信息 `up_lic_data`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are those of the published table")]
pub struct LicenceRow {
    #[serde(flatten)]
    pub head: Head,
    pub certificate_type: String,
    pub certificate_type_code: String,
    pub certificate_name: String,
    pub certificate_number: String,
    pub certificate_source_id: String,
    pub certificate_holder: String,
    pub certificate_holder_code: String,
    pub certificate_holder_type: String,
    pub certificate_area_code: String,
    pub issue_date: String,
    pub issue_dept: String,
    pub issue_dept_code: String,
}

/// A rating as 好差评 sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the published interface")]
pub struct EvaluationRow {
    /// The same for every try.
    pub row_guid: String,
    pub area_code: String,
    pub dept_code: String,
    pub task_code: String,
    pub task_handle_item: String,
    pub project_no: String,
    /// 1 待办理, 2 办理中, 3 已完结.
    pub pro_status: String,
    pub satisfaction: String,
    pub eval_detail: String,
    pub writing_evaluation: String,
    pub assess_time: String,
    /// 1 首次, 2 追评.
    pub assess_number: String,
    pub promise_time: String,
}

/// A row of any table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each variant is the row it carries")]
pub enum ReportRow {
    Accept(Box<AcceptRow>),
    Process(ProcessRow),
    Result(ResultRow),
    SpecialProcedure(SpecialProcedureRow),
    Material(MaterialRow),
    Licence(Box<LicenceRow>),
    Evaluation(Box<EvaluationRow>),
}

/// Basic code, implementation code and business item code within the code of a matter. Codes of another form are
/// told as they are.
fn codes(item_code: &str) -> (String, String, String) {
    let length = item_code.chars().count();
    let has_parts = item_code.is_ascii() && (length == TASK_CODE_CHARS || length == ITEM_CODE_CHARS);
    if !has_parts {
        return (String::new(), cut(item_code, 36), String::new());
    }
    let task = &item_code[..TASK_CODE_CHARS];
    let item = if length == ITEM_CODE_CHARS { item_code } else { "" };
    (task[19..].to_owned(), task.to_owned(), item.to_owned())
}

/// The row of an acceptance; `case` as it was after it.
#[must_use]
pub fn accept_row(owed: &Owed, case: &Case, at: Millis, ground: &Ground) -> AcceptRow {
    let (catalog_code, task_code, task_handle_item) = codes(&case.matter.item_code);
    let (applicant, contact) = (&ground.applicant, ground.agent.as_ref().unwrap_or(&ground.applicant));
    let accepted_at = case.acceptance.as_ref().map_or(at, |acceptance| acceptance.at);
    AcceptRow {
        head: Head::of(owed, case, at, ground),
        catalog_code,
        task_code,
        task_handle_item,
        task_name: cut(&case.matter.name, 1000),
        task_version: case.matter.version,
        project_name: cut(&case.matter.name, 1000),
        project_type: if case.matter.case_kind == CaseKind::Instant { "1" } else { "2" }.to_owned(),
        // 申请方式 by the list of handling forms: 1 窗口, 2 电脑端网上.
        apply_type: if case.online.is_some() { "2" } else { "1" }.to_owned(),
        apply_date: stamp(case.receipt_at.unwrap_or(at)),
        applyer_type: applicant_kind_code(&applicant.kind).to_owned(),
        applyer_name: cut(&applicant.name, 100),
        applyer_page_type: applicant.id_type_code.clone(),
        applyer_page_code: applicant.id_number.clone(),
        contact_name: cut(&contact.name, 100),
        contact_type: contact.id_type_code.clone(),
        contact_code: cut(&contact.id_number, 50),
        contact_mobile: cut(&contact.phone, 11),
        address: cut(&applicant.address, 1000),
        org_code: cut(&ground.org_code, 64),
        org_name: cut(&ground.org_name, 100),
        handle_user_name: ground.handler(),
        accept_date: stamp(accepted_at),
        // 受理通知书 bears the case's own number.
        accept_doc_no: case.number.clone(),
        promise_date: ground.promise_date.map(end_of),
    }
}

/// The row of a step: it ends with this event and began when the state before it did.
#[must_use]
pub fn process_row(owed: &Owed, before: Option<&Case>, case: &Case, at: Millis, ground: &Ground) -> ProcessRow {
    let state = owed.state.unwrap_or_default();
    let label = state_label(state);
    // The receipt is when the window took it, also where that is entered later.
    let ended = if before.is_none_or(|before| before.receipt_at.is_none()) { case.receipt_at.unwrap_or(at) } else { at };
    let began = before.filter(|before| before.receipt_at.is_some()).map_or(ended, |before| before.state.since());
    let explained = ground.opinion.as_deref().map(|opinion| cut(opinion, 2000)).filter(|opinion| !opinion.is_empty());
    ProcessRow {
        head: Head::of(owed, case, at, ground),
        process_name: label.to_owned(),
        event_name: state.to_string(),
        event_start_time: stamp(began.min(ended)),
        event_end_time: stamp(ended),
        handle_explain: explained.unwrap_or_else(|| label.to_owned()),
        handle_user_name: ground.handler(),
    }
}

/// The row of a result, as it stands after an event.
#[must_use]
pub fn result_row(owed: &Owed, case: &Case, at: Millis, ground: &Ground) -> ResultRow {
    let state = owed.state.unwrap_or_default();
    let made = case.certificate.as_ref().filter(|document| document.kind == DocumentKind::Certificate);
    let name = made.and(case.matter.certificate_name.clone()).unwrap_or_default();
    let is_sent = case.certificate.as_ref().is_some_and(|document| matches!(document.custody, Custody::Shipped | Custody::Delivered));
    let explained = ground.opinion.as_deref().map(|opinion| cut(opinion, 2000)).filter(|opinion| !opinion.is_empty());
    // The day of the decision stays when the certificate is made or sent; a revocation has its own.
    let decided_at = case.decision.as_ref().filter(|_| state != 15).map(|decision| decision.at);
    ResultRow {
        head: Head::of(owed, case, at, ground),
        result_type: state.to_string(),
        result_date: stamp(decided_at.unwrap_or(at)),
        result_explain: explained.unwrap_or_else(|| outcome_words(case, state).to_owned()),
        result_cetr_name: cut(&name, 256),
        result_cetr_no: made.and(ground.certificate_number.as_deref()).map(|number| cut(number, 2000)).unwrap_or_default(),
        is_delivery_results: if is_sent { "1" } else { "0" }.to_owned(),
        handle_user_name: ground.handler(),
    }
}

fn outcome_words(case: &Case, state: u8) -> &'static str {
    match case.decision.as_ref().map(|decision| decision.outcome) {
        Some(DecisionOutcome::Approved | DecisionOutcome::ApprovedTolerant) if state != 15 => "准予",
        Some(DecisionOutcome::Denied) if state != 15 => "不予",
        _ => state_label(state),
    }
}

/// 特别程序种类 ◇: the place in the order of 行政许可法 45; what the law does not name is 99.
fn procedure_code(procedure: Procedure) -> String {
    let place = Procedure::ALL.iter().position(|known| *known == procedure).filter(|_| procedure.stops_clock_by_law());
    place.map_or_else(|| "99".to_owned(), |place| (place + 1).to_string())
}

/// The row of a special procedure that has ended; `None` when the case has no such entry.
#[must_use]
pub fn special_procedure_row(owed: &Owed, case: &Case, at: Millis, ground: &Ground) -> Option<SpecialProcedureRow> {
    let suspension = case.suspensions.get(owed.part)?;
    let stops = if suspension.stops_clock { "不计入办理期限" } else { "计入办理期限" };
    Some(SpecialProcedureRow {
        head: Head::of(owed, case, at, ground),
        special_type: procedure_code(suspension.procedure),
        special_name: suspension.procedure.label().to_owned(),
        special_reason: cut(&suspension.basis, 2000),
        special_time: stamp(suspension.from),
        end_time: stamp(suspension.to.unwrap_or(at)),
        special_explain: format!("告知 {} 个工作日，{stops}", suspension.days),
        applyer_user_name: cut(&ground.applicant.name, 100),
        handle_user: ground.handler(),
        result: "特别程序结束".to_owned(),
    })
}

/// The row of a material that was handed in; `None` when the matter or the case has no such one.
#[must_use]
pub fn material_row(owed: &Owed, case: &Case, at: Millis, ground: &Ground) -> Option<MaterialRow> {
    let requirement = case.matter.materials.get(owed.part)?;
    let entry = case.materials.iter().find(|entry| entry.material == requirement.id)?;
    let get_type = match entry.status {
        SubmissionStatus::Verified => "2",
        SubmissionStatus::Reused => "3",
        SubmissionStatus::Collected | SubmissionStatus::Missing | SubmissionStatus::Promised => "1",
    };
    Some(MaterialRow {
        head: Head::of(owed, case, at, ground),
        material_name: cut(&requirement.name, 200),
        get_type: get_type.to_owned(),
        get_num: (u32::from(entry.originals) + u32::from(entry.copies)).to_string(),
    })
}

/// The row of a licence that the licence platform has; `None` while it has none.
#[must_use]
pub fn licence_row(owed: &Owed, case: &Case, at: Millis, ground: &Ground) -> Option<LicenceRow> {
    let certificate = case.certificate.as_ref().filter(|document| document.kind == DocumentKind::Certificate)?;
    let name = case.matter.certificate_name.clone().unwrap_or_default();
    Some(LicenceRow {
        head: Head::of(owed, case, at, ground),
        certificate_type: cut(&name, 256),
        certificate_type_code: ground.licence_type.clone().unwrap_or_default(),
        certificate_name: cut(&name, 512),
        certificate_number: ground.certificate_number.as_deref().map(|number| cut(number, 128)).unwrap_or_default(),
        certificate_source_id: certificate.identifier.clone()?,
        certificate_holder: cut(&ground.applicant.name, 256),
        certificate_holder_code: ground.applicant.id_number.clone(),
        certificate_holder_type: ground.applicant.id_type_code.clone(),
        certificate_area_code: ground.area_code.clone(),
        issue_date: stamp(certificate.made_at),
        issue_dept: cut(&ground.org_name, 256),
        issue_dept_code: ground.issuer.clone().unwrap_or_else(|| cut(&ground.org_code, 32)),
    })
}

/// What a rating says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationFacts {
    /// Id of the rating.
    pub id: String,
    /// The level.
    pub level: Level,
    /// Reason codes.
    pub reason_codes: Vec<String>,
    /// What the rater wrote.
    pub text: String,
    /// When.
    pub at: Millis,
    /// 1 for the first, 2 for the follow-up.
    pub round: u8,
}

/// The row of a rating of a case; `case` as it was when it was rated.
#[must_use]
pub fn evaluation_row(facts: &EvaluationFacts, case: &Case, ground: &Ground, order: StarOrder) -> EvaluationRow {
    let (_, task_code, task_handle_item) = codes(&case.matter.item_code);
    let is_over = case.decision.is_some() || case.closed_as().is_some();
    let pro_status = if is_over { 3 } else { 1 + u8::from(case.acceptance.is_some()) };
    EvaluationRow {
        row_guid: facts.id.clone(),
        area_code: ground.area_code.clone(),
        dept_code: ground.org_code.clone(),
        task_code,
        task_handle_item,
        project_no: case.number.clone(),
        pro_status: pro_status.to_string(),
        satisfaction: facts.level.number(order).to_string(),
        eval_detail: facts.reason_codes.join(","),
        writing_evaluation: facts.text.clone(),
        assess_time: stamp(facts.at),
        assess_number: facts.round.to_string(),
        promise_time: ground.promise_date.map(end_of).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_national_form_are_taken_apart_and_others_told_as_they_are() {
        let task = "11150784MB1234567X4000123456001";
        assert_eq!(codes(task), ("000123456001".to_owned(), task.to_owned(), String::new()));
        let item = format!("{task}02");
        assert_eq!(codes(&item), ("000123456001".to_owned(), task.to_owned(), item.clone()));
        assert_eq!(codes("YL-事项-1"), (String::new(), "YL-事项-1".to_owned(), String::new()));
    }

    #[test]
    fn dates_are_local_and_have_no_separators() {
        assert_eq!(stamp(1_795_485_600_000), "20261124T100000");
        assert_eq!(end_of(NaiveDate::from_ymd_opt(2026, 12, 8).unwrap_or_default()), "20261208T235959");
    }

    #[test]
    fn what_the_law_names_has_its_place_and_other_procedures_none() {
        assert_eq!(procedure_code(Procedure::Hearing), "1");
        assert_eq!(procedure_code(Procedure::ExpertReview), "8");
        assert_eq!(procedure_code(Procedure::PublicNotice), "99");
    }
}
