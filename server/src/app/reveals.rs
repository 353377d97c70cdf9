//! Personal data read by staff: shown unmasked, or on a paper or in a file. Every such read is an event before it
//! is answered.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::error::{Answer, FieldErrors};
use super::persons::PersonData;
use super::retry::{Outcome, Retry};
use crate::store::{ChangeSet, NewEvent};

/// Fields of a person that can be shown unmasked.
const REVEAL_FIELDS: &[&str] = &["name", "id_number", "phone", "address", "email", FORM];

/// The filled form of a case.
pub(super) const FORM: &str = "form";

/// Those that it takes to call somebody.
const CONTACT_FIELDS: &[&str] = &["name", "phone"];

/// Which fields are shown unmasked, and why.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealRequest {
    /// `name`, `id_number`, `phone`, `address`, `email`; of a case also `form`.
    pub fields: Vec<String>,
    /// Why.
    pub reason: String,
}

impl RevealRequest {
    fn check(&self) -> Answer<()> {
        let mut errors = FieldErrors::default();
        if self.fields.is_empty() {
            errors.add("fields", "missing", "选要看的内容");
        }
        for (place, field) in self.fields.iter().enumerate() {
            if !REVEAL_FIELDS.contains(&field.as_str()) {
                errors.add(&format!("fields[{place}]"), "unknown", "没有这一项");
            }
        }
        if self.reason.trim().is_empty() {
            errors.add("reason", "missing", "写一下为什么要看");
        }
        errors.check()
    }

    /// Only what is needed to call somebody.
    ///
    /// # Errors
    /// Each other field.
    pub(in crate::app) fn only_contact(&self) -> Answer<()> {
        let mut errors = FieldErrors::default();
        for (place, field) in self.fields.iter().enumerate() {
            if !CONTACT_FIELDS.contains(&field.as_str()) {
                errors.add(&format!("fields[{place}]"), "unknown", "只能看姓名和电话");
            }
        }
        errors.check()
    }
}

/// What a reveal came to: the kept outcome, without personal data, and the data beside it.
pub struct Revealed {
    /// The outcome.
    pub outcome: Outcome,
    /// The fields asked for; none where it was refused.
    pub data: Option<PersonData>,
    /// The filled form, where it was asked for and there is one.
    pub form: Option<Value>,
}

impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Revealed(…)")
    }
}

impl App {
    /// A person's data unmasked, after the read was recorded with its reason.
    ///
    /// # Errors
    /// Field errors; the store's.
    pub async fn reveal(
        &self,
        permit: &Permit,
        (object_kind, object_id): (&str, &str),
        person_id: &str,
        request: &RevealRequest,
        retry: Option<&Retry>,
    ) -> Answer<Revealed> {
        let outcome = self
            .once(permit.site_id(), retry, || async {
                request.check()?;
                let (text_id, text_row) = self.new_text(permit.site_id(), "reveal_reason", request.reason.trim())?;
                let mut set = ChangeSet::new(permit.site_id());
                let why = ("reason", json!(text_id));
                set.events.push(self.person_read(permit, (object_kind, object_id), person_id, json!(request.fields), why));
                set.row(text_row);
                Ok((set, Outcome::success(200, Some(object_id.to_owned()), Value::Null)))
            })
            .await?;
        if outcome.status != 200 {
            return Ok(Revealed { outcome, data: None, form: None });
        }
        let fields = &request.fields;
        let data = self.person_data(permit.site_id(), person_id).await?;
        let shown = |field: &str, value: Option<String>| value.filter(|_| fields.iter().any(|wanted| wanted == field));
        let data = PersonData {
            kind: data.kind,
            name: shown("name", data.name),
            id_type: shown("id_number", data.id_type),
            id_number: shown("id_number", data.id_number),
            phone: shown("phone", data.phone),
            address: shown("address", data.address),
            email: shown("email", data.email),
            wechat_openid: None,
        };
        Ok(Revealed { outcome, data: Some(data), form: None })
    }

    /// The event of a read: whose data, on what, which fields, and what else is to be known of it under its name.
    pub(super) fn person_read(
        &self,
        permit: &Permit,
        (object_kind, object_id): (&str, &str),
        person_id: &str,
        fields: Value,
        (name, value): (&str, Value),
    ) -> NewEvent {
        let kind = "person_revealed";
        NewEvent {
            aggregate: "person",
            aggregate_id: person_id.to_owned(),
            kind: kind.to_owned(),
            actor: permit.caller().actor().to_owned(),
            at: self.now(),
            body: json!({
                "type": kind, "person": person_id, "object_kind": object_kind, "object": object_id, "fields": fields, (name): value,
            })
            .to_string(),
        }
    }
}
