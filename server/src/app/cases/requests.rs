//! Bodies of requests about cases, and which action takes which fields.

use domain::case::Action;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::error::FieldErrors;
use crate::app::persons::PersonInput;

/// One line of the checklist.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmissionInput {
    /// The material.
    pub material_id: String,
    /// Originals taken in.
    pub originals: Option<u16>,
    /// Copies taken in.
    pub copies: Option<u16>,
    /// `collected`, `verified`, `missing`, `promised`, `reused`.
    #[schema(value_type = Option<crate::app::words::SubmissionStatus>)]
    pub status: Option<String>,
}

/// Body of `POST /cases`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseRequest {
    /// The receiving site.
    pub site_id: Option<String>,
    /// The matter applied for.
    pub matter_id: Option<String>,
    /// The situations chosen.
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
    /// The checklist; what is not named is missing.
    pub materials: Option<Vec<SubmissionInput>>,
    /// Keep it as a draft; otherwise it is received (接件) at once.
    pub draft: Option<bool>,
    /// What was taken on paper before (补录纸质受理); such a case is received at its true time.
    pub paper: Option<PaperInput>,
}

/// What a window took on paper while everything was down.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperInput {
    /// When it was received, RFC 3339 with offset.
    pub received_at: Option<String>,
    /// The number on the form, at most 40 characters.
    pub form_number: Option<String>,
    /// Why it was taken on paper.
    pub reason: Option<String>,
}

/// Body of `PATCH /cases/{case}`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseUpdateRequest {
    /// The whole checklist.
    pub materials: Option<Vec<SubmissionInput>>,
    /// The form.
    #[schema(value_type = Option<Object>)]
    pub form: Option<serde_json::Value>,
}

/// A material that is promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromiseInput {
    /// The material.
    pub material_id: String,
    /// By when, `yyyy-MM-dd`.
    pub due: String,
}

/// One line of a one-time notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionInput {
    /// The material, if it concerns one.
    pub material_id: Option<String>,
    /// What has to be mended.
    pub text: String,
    /// Legal basis.
    pub basis: String,
}

/// Who fetches a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectorInput {
    /// Name.
    pub name: Option<String>,
    /// Kind of document shown.
    #[schema(value_type = Option<crate::app::words::IdType>)]
    pub id_type: Option<String>,
    /// Its number.
    pub id_number: Option<String>,
    /// `self`, `agent`, `legal_representative`.
    #[schema(value_type = Option<crate::app::words::CollectorRelation>)]
    pub relation: Option<String>,
    /// For an agent: by what, e.g. the power of attorney, or kinship and its proof.
    pub authorisation: Option<String>,
}

/// A material of an earlier case that is to count for this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlierInput {
    /// The material of this case.
    pub material_id: String,
    /// The earlier case.
    pub case_id: String,
}

/// Body of an action on a case; each action takes its own fields and refuses the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseActionRequest {
    /// For accept-tolerant.
    pub promised: Option<Vec<PromiseInput>>,
    /// For request-correction.
    pub items: Option<Vec<CorrectionInput>>,
    /// For supply.
    pub materials: Option<Vec<SubmissionInput>>,
    /// For correction-exceptions, withdraw, extend, extend-joint, new-term, revoke.
    pub reason: Option<String>,
    /// For propose-refusal, deny.
    pub reason_code: Option<String>,
    /// For propose-refusal, return, return-step, pre-check.
    pub text: Option<String>,
    /// For approve, deny, sign-step, decide-instant, approve-extension, approve-joint-extension, confirm-refusal, overturn-refusal.
    pub opinion: Option<String>,
    /// For sign-step: 同意 or 不同意; a dissent needs its opinion.
    pub agrees: Option<bool>,
    /// For pre-check: `ready`, `supplement`.
    pub verdict: Option<String>,
    /// For submit of an online application: the ticket of the visit.
    pub ticket_id: Option<String>,
    /// For delegate.
    pub staff_id: Option<String>,
    /// For suspend: `hearing`, `inspection`, …
    pub procedure: Option<String>,
    /// For suspend, extend, extend-joint: working days.
    pub days: Option<u32>,
    /// For suspend, revoke: legal basis.
    pub basis: Option<String>,
    /// For return: `desk`.
    pub to: Option<String>,
    /// For certificate.
    pub number: Option<String>,
    /// For certificate, `yyyy-MM-dd`.
    pub valid_from: Option<String>,
    /// For certificate, `yyyy-MM-dd`.
    pub valid_to: Option<String>,
    /// For deliver.
    pub collector: Option<CollectorInput>,
    /// For reuse-consent: `oral`, `signature`.
    #[schema(value_type = Option<crate::app::words::ConsentWay>)]
    pub way: Option<String>,
    /// For reuse-consent: the version of the text that was agreed to.
    pub text_version: Option<u32>,
    /// For reuse-consent by signature: the signature as a picture, base64.
    pub signature: Option<String>,
    /// For reuse: materials of earlier cases.
    pub earlier: Option<Vec<EarlierInput>>,
    /// For reuse: whether the form is filled in from an earlier case.
    pub form: Option<bool>,
    /// For new-term: the new last day, `yyyy-MM-dd`.
    pub due: Option<String>,
}

/// Body of an action on a certificate; each action takes its own fields and refuses the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateActionRequest {
    /// For receive: the slot of the cabinet.
    pub slot: Option<String>,
    /// For notify: `site`, `sms`, `wechat`, `email`, `phone`, `webhook`, `courier`.
    #[schema(value_type = Option<Vec<crate::app::words::NotifyChannel>>)]
    pub channels: Option<Vec<String>>,
    /// For hand-over.
    pub collector: Option<CollectorInput>,
    /// For hand-over: the signature as a picture, base64.
    pub signature: Option<String>,
    /// For waive-upload, return.
    pub reason: Option<String>,
    /// For ship.
    pub carrier: Option<String>,
    /// For ship.
    pub waybill: Option<String>,
}

/// Segment of the path, action, and the fields that it takes.
type Entry = (&'static str, Action, &'static [&'static str]);

/// Actions on `/cases/{case}/…`.
const CASE_ACTIONS: &[Entry] = &[
    ("submit", Action::Submit, &["ticket_id"]),
    ("pre-check", Action::PreCheck, &["verdict", "text"]),
    ("accept", Action::Accept, &[]),
    ("accept-tolerant", Action::AcceptTolerant, &["promised"]),
    ("request-correction", Action::RequestCorrection, &["items"]),
    ("correction-exceptions", Action::CorrectionException, &["reason"]),
    ("supply", Action::Supply, &["materials"]),
    ("reuse-consent", Action::ConsentReuse, &["way", "text_version", "signature"]),
    ("reuse", Action::Reuse, &["earlier", "form"]),
    ("withdraw-reuse-consent", Action::WithdrawReuse, &[]),
    ("propose-refusal", Action::ProposeRefusal, &["reason_code", "text"]),
    ("confirm-refusal", Action::ConfirmRefusal, &["opinion"]),
    ("overturn-refusal", Action::OverturnRefusal, &["opinion"]),
    ("decide-instant", Action::DecideInstant, &["opinion"]),
    ("claim", Action::Claim, &[]),
    ("release", Action::Release, &[]),
    ("delegate", Action::Delegate, &["staff_id"]),
    ("suspend", Action::Suspend, &["procedure", "days", "basis"]),
    ("resume", Action::Resume, &[]),
    ("extend", Action::Extend, &["days", "reason"]),
    ("approve-extension", Action::ApproveExtension, &["opinion"]),
    ("extend-joint", Action::ExtendJoint, &["days", "reason"]),
    ("approve-joint-extension", Action::ApproveJointExtension, &["opinion"]),
    ("approve", Action::Approve, &["opinion"]),
    ("deny", Action::Deny, &["opinion", "reason_code"]),
    ("sign-step", Action::SignStep, &["agrees", "opinion"]),
    ("return-step", Action::ReturnStep, &["text"]),
    ("new-term", Action::NewTerm, &["due", "reason"]),
    ("return", Action::Return, &["to", "text"]),
    ("withdraw", Action::Withdraw, &["reason"]),
    ("revoke", Action::Revoke, &["reason", "basis"]),
    ("certificate", Action::MakeCertificate, &["number", "valid_from", "valid_to"]),
    ("decision-notice", Action::MakeDecisionNotice, &[]),
    ("deliver", Action::Deliver, &["collector"]),
];

/// Actions on `/certificates/{certificate}/…`.
const CERTIFICATE_ACTIONS: &[Entry] = &[
    ("receive", Action::ReceiveCertificate, &["slot"]),
    ("notify", Action::Notify, &["channels"]),
    ("hand-over", Action::HandOver, &["collector", "signature"]),
    ("retry-upload", Action::RetryUpload, &[]),
    ("waive-upload", Action::WaiveUpload, &["reason"]),
    ("ship", Action::Ship, &["carrier", "waybill"]),
    ("confirm-delivery", Action::ConfirmDelivery, &[]),
    ("return", Action::ReturnCertificate, &["reason"]),
];

/// The action that a segment of `/cases/{case}/…` names.
pub(super) fn case_action(segment: &str) -> Option<(Action, &'static [&'static str])> {
    find(CASE_ACTIONS, segment)
}

/// The action that a segment of `/certificates/{certificate}/…` names.
pub(super) fn certificate_action(segment: &str) -> Option<(Action, &'static [&'static str])> {
    find(CERTIFICATE_ACTIONS, segment)
}

fn find(table: &[Entry], segment: &str) -> Option<(Action, &'static [&'static str])> {
    table.iter().find(|entry| entry.0 == segment).map(|entry| (entry.1, entry.2))
}

/// The segment of the path by which an action is asked for, and whether it is the certificate's;
/// `None` for what only timers and gateways do.
#[must_use]
pub fn segment_of(action: Action) -> Option<(&'static str, bool)> {
    match action {
        Action::Update => return Some(("update", false)),
        // These have routes of their own.
        Action::Attach => return Some(("attach", false)),
        Action::RemoveAttachment => return Some(("remove-attachment", false)),
        _ => {}
    }
    let of = |table: &'static [Entry]| table.iter().find(|entry| entry.1 == action).map(|entry| entry.0);
    of(CASE_ACTIONS).map(|segment| (segment, false)).or_else(|| of(CERTIFICATE_ACTIONS).map(|segment| (segment, true)))
}

/// Refuses fields of the body that the action does not take.
pub(super) fn refuse_others(body: &impl Serialize, takes: &[&str], errors: &mut FieldErrors) {
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(body) else { return };
    for (name, value) in fields {
        if !value.is_null() && !takes.contains(&name.as_str()) {
            errors.add(&name, "unknown_field", format!("这一步没有“{name}”这一项"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_people_has_one_segment() {
        for action in Action::ALL {
            assert_eq!(segment_of(*action).is_some(), action.operation().is_some(), "{}", action.name());
        }
    }
}
