//! 网上申请: what a citizen types, sends and sees of the own applications, and what the window sees of them. An
//! application is a case in state `draft`; what is typed lies sealed in one text that is saved in place, so that
//! saving every few seconds adds nothing to the log.

mod read;
mod write;

use domain::codes::{clean_line, clean_lines};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::requests::SubmissionInput;
use crate::app::error::FieldErrors;
use crate::app::persons::PersonInput;

pub use read::{ApplicationFilter, ApplicationFindRequest, ApplicationStepView, ApplicationSummary, ApplicationView, SiteApplicationView};
pub(super) use write::application_row;

/// Bytes of everything that was typed, as JSON.
const CONTENT_BYTES_MAX: usize = 64 * 1024;
/// Characters of one field.
const TEXT_CHARS_MAX: usize = 2_000;
/// Applications of one citizen that are not received yet.
const OPEN_MAX: usize = 20;

/// Body of `POST /applications`: as much as is known.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationRequest {
    /// The site that will receive it.
    pub site_id: Option<String>,
    /// The matter applied for.
    pub matter_id: Option<String>,
    /// The situations chosen.
    pub situation_ids: Option<Vec<String>>,
    /// Who applies.
    pub applicant: Option<PersonInput>,
    /// Who acts for the applicant.
    pub agent: Option<PersonInput>,
    /// The filled form.
    #[schema(value_type = Option<Object>)]
    pub form: Option<Value>,
    /// What the applicant says to have: `promised` is to be brought, `missing` is not there.
    pub materials: Option<Vec<SubmissionInput>>,
}

/// Body of `PATCH /applications/{application}`: what is named replaces what was there.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationUpdateRequest {
    /// The situations chosen.
    pub situation_ids: Option<Vec<String>>,
    /// Who applies.
    pub applicant: Option<PersonInput>,
    /// Who acts for the applicant; an empty one for nobody.
    pub agent: Option<PersonInput>,
    /// The filled form.
    #[schema(value_type = Option<Object>)]
    pub form: Option<Value>,
    /// What the applicant says to have.
    pub materials: Option<Vec<SubmissionInput>>,
}

/// Body of `POST /applications/{application}/submit`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationSubmitRequest {
    /// The version of the text by which the applicant agrees that the window uses what was handed in and filled in with
    /// earlier cases there; without it nothing is agreed to.
    pub reuse_consent: Option<u32>,
}

/// Body of `POST /applications/{application}/withdraw`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationWithdrawRequest {
    /// Why, for who likes to say it.
    pub reason: Option<String>,
}

/// What was typed so far; nothing of it is checked but that it is text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationContent {
    /// The situations chosen.
    #[serde(default)]
    pub situation_ids: Vec<String>,
    /// Who applies.
    #[serde(default)]
    pub applicant: Option<PersonInput>,
    /// Who acts for the applicant.
    #[serde(default)]
    pub agent: Option<PersonInput>,
    /// The filled form.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub form: Option<Value>,
    /// What the applicant says to have.
    #[serde(default)]
    pub materials: Vec<SubmissionInput>,
}

impl ApplicationContent {
    fn take(&mut self, change: ApplicationUpdateRequest) {
        if let Some(situations) = change.situation_ids {
            self.situation_ids = situations;
        }
        self.applicant = change.applicant.or(self.applicant.take());
        self.agent =
            change.agent.or(self.agent.take()).filter(|agent| *agent != PersonInput { kind: agent.kind.clone(), ..PersonInput::default() });
        self.form = change.form.or(self.form.take());
        if let Some(materials) = change.materials {
            self.materials = materials;
        }
    }

    /// Whether it can be kept: texts that are texts, and not too much of them.
    fn check(&self, errors: &mut FieldErrors) {
        let whole = serde_json::to_value(self).unwrap_or_default();
        if whole.to_string().len() > CONTENT_BYTES_MAX {
            errors.add("", "too_large", "填的内容太多了");
        }
        if self.form.as_ref().is_some_and(|form| !form.is_object()) {
            errors.add("form", "form", "表单内容格式不对");
        }
        check_texts(&whole, "", errors);
    }
}

fn check_texts(value: &Value, path: &str, errors: &mut FieldErrors) {
    match value {
        Value::String(text) if !text.trim().is_empty() => {
            // Pages send `\n`; a carriage return is what writes a line into something else.
            let fault = if text.contains('\r') { clean_line(text, TEXT_CHARS_MAX).err() } else { clean_lines(text, TEXT_CHARS_MAX).err() };
            if let Some(fault) = fault {
                errors.add(path, fault.code(), fault.message());
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                check_texts(item, &format!("{path}[{place}]"), errors);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let under = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                check_texts(field, &under, errors);
                check_texts(&Value::String(name.clone()), &under, errors);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_typed_things_are_kept_and_hostile_ones_are_not() {
        let mut content = ApplicationContent::default();
        let phone = PersonInput { phone: Some("138".to_owned()), ..PersonInput::default() };
        content.take(ApplicationUpdateRequest { applicant: Some(phone.clone()), ..ApplicationUpdateRequest::default() });
        content.take(ApplicationUpdateRequest { situation_ids: Some(vec!["si_dc_1".to_owned()]), ..ApplicationUpdateRequest::default() });
        assert_eq!(content.applicant, Some(phone), "what is not named stays");
        content.take(ApplicationUpdateRequest { agent: Some(PersonInput::default()), ..ApplicationUpdateRequest::default() });
        assert_eq!(content.agent, None, "an empty one is nobody");
        let mut errors = FieldErrors::default();
        content.check(&mut errors);
        assert_eq!(errors.len(), 0);
        content.form = Some(serde_json::json!({ "why": ["ok", "a\u{202e}b"], "\u{0}": 1 }));
        content.check(&mut errors);
        assert_eq!(errors.len(), 2);
    }
}
