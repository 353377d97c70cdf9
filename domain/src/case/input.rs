//! What a command's fields must look like, whatever the state. Knows nothing of persons or texts.

use std::collections::BTreeSet;

use super::certificate::Relation;
use super::command::{Command, Context, Opening, PromisedMaterial};
use super::delivery;
use super::facts::{Attachment, CorrectionItem, MaterialEntry};
use super::joint::JOINT_EXTENSION_DAYS_MAX;
use super::matter::MatterSnapshot;
use super::online::{Application, OnlineStep};
use super::promise;
use super::refusal::Refusal;
use super::reuse;
use super::state::{Case, State};
use crate::ids::{MaterialId, TextId};
use crate::time::{Millis, local_date};

const NUMBER_LENGTH_MAX: usize = 50;
const QUERY_CODE_LENGTH: usize = 8;
const ITEMS_MAX: usize = 100;
/// Files of one case; a hundred photos are a form of their own that belongs into one PDF.
const ATTACHMENTS_MAX: usize = 100;
/// Files of an application that is not received yet.
const ONLINE_ATTACHMENTS_MAX: usize = 30;
/// Bytes of them together.
const ONLINE_BYTES_MAX: u64 = 120 * 1024 * 1024;
/// Files that an applicant ever added to one application, also those that were taken away again: each was kept for a day.
const ONLINE_ADDED_MAX: usize = 90;
const BASIS_LENGTH_MAX: usize = 500;
const SUSPENSION_DAYS_MAX: u32 = 365;
/// Days that the validity of a certificate may begin before or after the decision (local rule): a slip of the pen in the
/// year would be printed and uploaded.
const VALID_FROM_DAYS_MAX: i64 = 366;
const IDENTIFIER_LENGTH_MAX: usize = 100;
const SLOT_LENGTH_MAX: usize = 20;
const WAYBILL_LENGTH_MAX: usize = 50;
const REASON_CODE_LENGTH_MAX: usize = 40;
const CHANNELS: [&str; 7] = ["site", "sms", "wechat", "email", "phone", "webhook", "courier"];

fn invalid(field: &'static str, code: &'static str, message: &'static str) -> Refusal {
    Refusal::Invalid { field, code, message }
}

/// The opening of a case.
pub(super) fn check_opening(opening: &Opening, now: Millis) -> Result<(), Refusal> {
    line(&opening.number, NUMBER_LENGTH_MAX, "number")?;
    if opening.query_code.chars().count() != QUERY_CODE_LENGTH {
        return Err(invalid("query_code", "length", "查询码应为 8 位。"));
    }
    line(&opening.tracking_code, NUMBER_LENGTH_MAX, "tracking_code")?;
    if opening.paper.as_ref().is_some_and(|paper| paper.received_at > now) {
        return Err(invalid("paper.received_at", "future", "还没到这个时间"));
    }
    checklist(&opening.matter, &opening.materials)
}

/// The fields of a command on a case.
pub(super) fn check(case: &Case, command: &Command, context: &Context) -> Result<(), Refusal> {
    match command {
        Command::Update { materials, .. } => materials.as_deref().map_or(Ok(()), |materials| checklist(&case.matter, materials)),
        Command::AcceptTolerant { promised } => promises(case, promised, context),
        Command::RequestCorrection { items, .. } => correction(case, items),
        Command::Supply { materials } => supply(case, materials),
        Command::Attach { attachment } => attachable(case, attachment),
        Command::Reuse { materials, attachments, form } => {
            reuse::check(case, (materials, attachments, form.as_ref()), context, ATTACHMENTS_MAX)
        }
        Command::NewTerm { due, .. } => promise::check(*due, context),
        Command::Suspend { days, basis, .. } => {
            day_count(*days, SUSPENSION_DAYS_MAX)?;
            line(basis, BASIS_LENGTH_MAX, "basis")
        }
        Command::Extend { days, .. } => day_count(*days, context.policy.extension_days_max),
        Command::ExtendJoint { days, .. } => day_count(*days, JOINT_EXTENSION_DAYS_MAX),
        Command::SignStep { agrees: false, opinion: None } => Err(invalid("opinion", "missing", "不同意的，请写明理由。")),
        Command::Deny { reason_code, .. } => {
            let sound = reason_code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            if sound {
                line(reason_code, REASON_CODE_LENGTH_MAX, "reason_code")
            } else {
                Err(invalid("reason_code", "unknown", "理由代码无效。"))
            }
        }
        Command::Revoke { basis, .. } => line(basis, BASIS_LENGTH_MAX, "basis"),
        Command::MakeCertificate { valid_from, valid_to, .. } => {
            if valid_to.is_some_and(|to| to < *valid_from) {
                return Err(invalid("valid_to", "before_valid_from", "有效期止不能早于有效期起。"));
            }
            let decided = case.decision.as_ref().map_or(context.now, |decision| decision.at);
            if (*valid_from - local_date(decided)).num_days().abs() > VALID_FROM_DAYS_MAX {
                return Err(invalid("valid_from", "out_of_range", "有效期起离决定日期超过一年了，请对照证件改。"));
            }
            Ok(())
        }
        Command::ConfirmUpload { identifier } => line(identifier, IDENTIFIER_LENGTH_MAX, "identifier"),
        Command::FailUpload { failure } => line(failure, IDENTIFIER_LENGTH_MAX, "failure"),
        Command::ReceiveCertificate { slot } => line(slot, SLOT_LENGTH_MAX, "slot"),
        Command::Notify { channels } => notify_channels(channels),
        Command::HandOver { relation, authorisation, .. } | Command::Deliver { relation, authorisation, .. } => {
            authorised(*relation, authorisation.as_ref())
        }
        Command::Ship { carrier, waybill } => {
            line(carrier, WAYBILL_LENGTH_MAX, "carrier")?;
            line(waybill, WAYBILL_LENGTH_MAX, "waybill")
        }
        Command::SubmitApplication { application } => sent(application),
        Command::AuthoriseAgent { .. } => delivery::check(case, command, context),
        Command::Submit { .. }
        | Command::ChooseDelivery { .. }
        | Command::WithdrawAuthorisation
        | Command::PreCheck { .. }
        | Command::Accept
        | Command::RecordCorrectionException { .. }
        | Command::ConsentReuse { .. }
        | Command::WithdrawReuse { .. }
        | Command::RemoveAttachment { .. }
        | Command::RemindCorrection
        | Command::RemindPickup { .. }
        | Command::Lapse
        | Command::ProposeRefusal { .. }
        | Command::ConfirmRefusal { .. }
        | Command::OverturnRefusal { .. }
        | Command::DeemAccepted
        | Command::DecideInstant { .. }
        | Command::Claim
        | Command::Release
        | Command::Delegate { .. }
        | Command::Resume
        | Command::ApproveExtension { .. }
        | Command::ApproveJointExtension { .. }
        | Command::Approve { .. }
        | Command::SignStep { .. }
        | Command::ReturnStep { .. }
        | Command::ReturnToDesk { .. }
        | Command::Withdraw { .. }
        | Command::MakeDecisionNotice { .. }
        | Command::RetryUpload
        | Command::WaiveUpload { .. }
        | Command::ConfirmDelivery
        | Command::ReturnCertificate { .. } => Ok(()),
    }
}

fn line(text: &str, length_max: usize, field: &'static str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(invalid(field, "required", "此项必填。"));
    }
    if text.chars().count() > length_max {
        return Err(invalid(field, "too_long", "内容过长。"));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid(field, "control_character", "内容含有不可见的控制字符。"));
    }
    Ok(())
}

fn day_count(days: u32, days_max: u32) -> Result<(), Refusal> {
    if (1..=days_max).contains(&days) { Ok(()) } else { Err(invalid("days", "out_of_range", "天数超出允许范围。")) }
}

fn known_once<'a>(matter: &MatterSnapshot, materials: impl Iterator<Item = &'a MaterialId>, field: &'static str) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for material in materials {
        if matter.requirement(material).is_none() {
            return Err(invalid(field, "unknown_material", "该事项没有这份材料。"));
        }
        if !seen.insert(material) {
            return Err(invalid(field, "duplicate", "同一材料重复出现。"));
        }
    }
    Ok(())
}

fn checklist(matter: &MatterSnapshot, materials: &[MaterialEntry]) -> Result<(), Refusal> {
    known_once(matter, materials.iter().map(|entry| &entry.material), "materials")?;
    if materials.iter().any(|entry| entry.due.is_some()) {
        return Err(invalid("materials", "due_before_acceptance", "补交期限在容缺受理时填写。"));
    }
    Ok(())
}

/// What an applicant says of materials: to be brought, or not there. What lies at the window only the window says.
fn sent(application: &Application) -> Result<(), Refusal> {
    checklist(&application.matter, &application.materials)?;
    if application.materials.iter().any(|entry| entry.status.is_present()) {
        return Err(invalid("materials", "not_handed_in", "材料要带到窗口才算收到。"));
    }
    Ok(())
}

fn supply(case: &Case, materials: &[MaterialEntry]) -> Result<(), Refusal> {
    checklist(&case.matter, materials)?;
    if materials.iter().any(|entry| !entry.status.is_present()) {
        return Err(invalid("materials", "not_supplied", "补交的材料须为已收取、已核验或复用。"));
    }
    if case.acceptance.is_none() || matches!(&case.state, State::Accepted { returned: Some(_), .. }) {
        return Ok(());
    }
    let promises = case.open_promises();
    let is_promised = |entry: &MaterialEntry| promises.iter().any(|promise| promise.material == entry.material);
    if materials.is_empty() || !materials.iter().all(is_promised) {
        return Err(invalid("materials", "not_promised", "只能补交承诺容缺的材料。"));
    }
    Ok(())
}

fn attachable(case: &Case, attachment: &Attachment) -> Result<(), Refusal> {
    // While a form is filled in, its situations are not chosen for good; which materials there are says the catalogue.
    if !case.online_step().is_some_and(OnlineStep::is_open) {
        known_once(&case.matter, attachment.material.iter(), "material_id")?;
    }
    if attachment.size_bytes == 0 {
        return Err(invalid("file", "empty", "文件是空的。"));
    }
    if case.attachments.len() >= ATTACHMENTS_MAX {
        return Err(invalid("file", "too_many", "一件最多 100 份附件，请合成一份 PDF 再传。"));
    }
    if case.online_step().is_some() {
        let bytes: u64 = case.attachments.iter().map(|one| one.size_bytes).sum();
        let added = case.history.iter().filter(|entry| entry.kind == "attachment_added").count();
        if case.attachments.len() >= ONLINE_ATTACHMENTS_MAX || added >= ONLINE_ADDED_MAX {
            return Err(invalid("file", "too_many", "网上申请最多传 30 份，其他的带到窗口。"));
        }
        if bytes + attachment.size_bytes > ONLINE_BYTES_MAX {
            return Err(invalid("file", "too_much", "传的文件加起来太大了，最多 120 MB，其他的带到窗口。"));
        }
    }
    Ok(())
}

fn promises(case: &Case, promised: &[PromisedMaterial], context: &Context) -> Result<(), Refusal> {
    known_once(&case.matter, promised.iter().map(|promise| &promise.material), "promised")?;
    let tolerable = |id: &MaterialId| case.matter.requirement(id).is_some_and(|requirement| requirement.tolerable);
    if !promised.iter().all(|promise| tolerable(&promise.material)) {
        return Err(invalid("promised", "not_tolerable", "该材料不可容缺。"));
    }
    if promised.iter().any(|promise| case.has_material(&promise.material)) {
        return Err(invalid("promised", "already_present", "该材料已提交，无需容缺。"));
    }
    if case.missing_materials().iter().any(|missing| !promised.iter().any(|promise| promise.material == *missing)) {
        return Err(invalid("promised", "incomplete", "还有缺少的必要材料未列入容缺承诺。"));
    }
    for promise in promised {
        if promise.due < local_date(context.now) {
            return Err(invalid("promised", "due_past", "补交期限已过。"));
        }
        if context.promised_due.is_some_and(|last| promise.due > last) {
            return Err(invalid("promised", "due_too_late", "补交期限不得晚于承诺办结日期。"));
        }
    }
    Ok(())
}

fn correction(case: &Case, items: &[CorrectionItem]) -> Result<(), Refusal> {
    if items.is_empty() {
        return Err(invalid("items", "required", "补正清单不能为空。"));
    }
    if items.len() > ITEMS_MAX {
        return Err(invalid("items", "too_many", "补正清单过长。"));
    }
    known_once(&case.matter, items.iter().filter_map(|item| item.material.as_ref()), "items")?;
    items.iter().try_for_each(|item| line(&item.basis, BASIS_LENGTH_MAX, "items"))
}

/// Nobody collects for somebody else without it being on record by what (送达回证).
fn authorised(relation: Relation, authorisation: Option<&TextId>) -> Result<(), Refusal> {
    match (relation, authorisation) {
        (Relation::Agent, None) => Err(invalid("collector.authorisation", "missing", "代领要写明凭什么：委托书，或者亲属关系和证明")),
        (Relation::Applicant | Relation::LegalRepresentative, Some(_)) => {
            Err(invalid("collector.authorisation", "unknown_field", "只有代领人要写凭什么代领"))
        }
        _ => Ok(()),
    }
}

fn notify_channels(channels: &[String]) -> Result<(), Refusal> {
    if channels.is_empty() {
        return Err(invalid("channels", "required", "请选择通知方式。"));
    }
    let distinct: BTreeSet<&str> = channels.iter().map(String::as_str).collect();
    if distinct.len() != channels.len() || !distinct.iter().all(|channel| CHANNELS.contains(channel)) {
        return Err(invalid("channels", "unknown", "通知方式无效或重复。"));
    }
    Ok(())
}
