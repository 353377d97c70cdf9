//! What happened to a case in the words of its history. Knows the names of events and nothing else.

/// An event of a case as one phrase for people.
pub(in crate::app) fn phrase(kind: &str) -> &'static str {
    match kind {
        "case_opened" => "登记",
        "application_submitted" => "网上提交",
        "application_checked" => "预审",
        "application_brought" => "带材料到窗口",
        "courier_chosen" => "申请人要邮寄",
        "pickup_chosen" => "申请人改到窗口领",
        "agent_authorised" => "申请人网上授权代办",
        "authorisation_withdrawn" => "申请人撤回授权",
        "authorisation_used" => "凭网上授权代领",
        "case_received" => "接件",
        "case_updated" => "修改材料或表单",
        "correction_requested" => "一次性告知补正",
        "correction_exception_recorded" => "主管准许增加补正内容",
        "correction_reminded" => "提醒补正",
        "materials_supplied" => "补交材料",
        "reuse_consented" => "同意用以前交过的材料",
        "materials_reused" => "用以前交过的材料",
        "form_prefilled" => "用以前填过的信息填表",
        "reuse_consent_withdrawn" => "撤回同意，不再用以前交过的",
        "attachment_added" => "上传附件",
        "attachment_removed" => "删去附件",
        "refusal_proposed" => "提出不予受理建议",
        "refusal_overturned" => "部门认为应当受理",
        "case_accepted" => "受理",
        "case_routed" => "转到部门",
        "case_claimed" => "领取",
        "case_released" => "放回组里",
        "case_delegated" => "转给同事",
        "case_suspended" => "进入特别程序",
        "case_resumed" => "特别程序结束",
        "extension_requested" => "申请延期",
        "extension_approved" => "批准延期",
        "joint_extension_requested" => "申请延长“一件事”的共同期限",
        "joint_extension_approved" => "批准延长“一件事”的共同期限",
        "step_signed" => "签署审批意见",
        "step_returned" => "退回上一步",
        "promise_extended" => "容缺材料给新期限",
        "case_returned" => "退回窗口",
        "case_decided" => "办结",
        "certificate_made" => "制证",
        "decision_notice_made" => "制作结果文书",
        "upload_confirmed" => "证照上传成功",
        "upload_failed" => "证照上传失败",
        "upload_retried" => "再次上传",
        "upload_waived" => "主管准许不等上传",
        "certificate_received" => "证照入柜",
        "applicant_notified" => "通知领取",
        "pickup_reminded" => "提醒来领",
        "certificate_handed_over" => "领取",
        "certificate_shipped" => "寄出",
        "certificate_delivered" => "快递送达",
        "certificate_returned" => "证照退回",
        "case_issued" => "出证",
        "case_finished" => "办完",
        "case_refused" => "不予受理",
        "case_withdrawn" => "申请人撤回",
        "case_revoked" => "撤销决定",
        "case_lapsed" => "逾期未补正，终止办理",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_of_a_case_has_its_phrase() {
        for kind in domain::case::Change::KINDS {
            assert!(!phrase(kind).is_empty(), "{kind}");
        }
    }
}
