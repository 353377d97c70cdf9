//! Which materials and which filled form of earlier cases could count for a new one. Pure: cases, forms and what the
//! catalogue says to be the same are gathered before.

use chrono::NaiveDate;
use domain::case::{Attachment, Case, Closure, MaterialRequirement, MatterSnapshot, State, SubmissionStatus};
use domain::catalogue::{FieldKind, FormField, FormSchema};
use domain::ids::MaterialId;
use domain::time::Millis;
use serde_json::{Map, Value};

use crate::app::persons::PersonData;

/// A material of the new case, and how it was handed in with an earlier one.
pub(super) struct EarlierMaterial<'a> {
    /// What the new case asks for.
    pub(super) requirement: &'a MaterialRequirement,
    /// The earlier case.
    pub(super) from: &'a Case,
    /// What the earlier case calls it.
    pub(super) from_material: &'a MaterialId,
    /// What was done with it then.
    pub(super) status: SubmissionStatus,
    /// When the earlier case was received: no later than the material came, so it never looks younger than it is.
    pub(super) handed_in_at: Millis,
    /// Its files.
    pub(super) attachments: Vec<&'a Attachment>,
}

/// Whether two entries are about one person: the same document and number under the same name, so that a slip of one
/// digit opens nobody else's papers.
pub(super) fn is_same_person(one: &PersonData, other: &PersonData) -> bool {
    let kind = |person: &PersonData| person.id_type.clone().unwrap_or_else(|| "resident_id".to_owned());
    let has_number = one.id_number.is_some() && one.name.is_some();
    has_number && one.id_number == other.id_number && one.name == other.name && kind(one) == kind(other)
}

/// Whether the desk itself took a case in and looked at its materials, and nobody took them back.
pub(super) fn counts(case: &Case) -> bool {
    let is_undone =
        matches!(&case.state, State::Closed { closure: Closure::Withdrawn { .. } | Closure::Revoked { .. } | Closure::Refused { .. }, .. });
    case.first_contact.is_some() && case.acceptance.is_some() && !is_undone
}

/// What of earlier cases, the newest first, could be taken over: of each material that is not there the newest.
/// Materials are the same where they are one entry of the catalogue, or where a bundle says that they are handed in once
/// for several matters (`same`).
pub(super) fn materials<'a>(
    wanted: &'a MatterSnapshot,
    is_there: &dyn Fn(&MaterialId) -> bool,
    earlier: &'a [Case],
    same: &[Vec<MaterialId>],
) -> Vec<EarlierMaterial<'a>> {
    let is_same =
        |one: &MaterialId, other: &MaterialId| one == other || same.iter().any(|group| group.contains(one) && group.contains(other));
    let open = wanted.materials.iter().filter(|requirement| !is_there(&requirement.id));
    open.filter_map(|requirement| earlier.iter().find_map(|case| handed_in(requirement, case, &is_same))).collect()
}

fn handed_in<'a>(
    requirement: &'a MaterialRequirement,
    case: &'a Case,
    is_same: &dyn Fn(&MaterialId, &MaterialId) -> bool,
) -> Option<EarlierMaterial<'a>> {
    let handed_in_at = case.receipt_at?;
    case.materials.iter().filter(|entry| is_same(&requirement.id, &entry.material)).find_map(|entry| {
        let attachments: Vec<&Attachment> =
            case.attachments.iter().filter(|attachment| attachment.material.as_ref() == Some(&entry.material)).collect();
        // What was only looked at is nowhere, unless it was scanned; what was itself taken over lies with its own case.
        let is_kept = match entry.status {
            SubmissionStatus::Collected => true,
            SubmissionStatus::Verified => !attachments.is_empty(),
            SubmissionStatus::Reused | SubmissionStatus::Missing | SubmissionStatus::Promised => false,
        };
        is_kept.then_some(EarlierMaterial {
            requirement,
            from: case,
            from_material: &entry.material,
            status: entry.status,
            handed_in_at,
            attachments,
        })
    })
}

/// Fields of a form that an earlier form fills: those that both have under one name and of one kind, that are empty
/// yet and whose answer the new form takes.
pub(super) fn filled<'a>(
    (schema, form): (&'a FormSchema, &Map<String, Value>),
    (earlier_schema, earlier): (&FormSchema, &Map<String, Value>),
    today: NaiveDate,
) -> Vec<(&'a FormField, Value)> {
    let is_empty = |value: Option<&Value>| match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    };
    let takes = |field: &FormField, value: &Value| {
        let alone = Map::from_iter([(field.name.clone(), value.clone())]);
        schema.faults(&alone, true, &[], today).is_empty()
    };
    let fill = |field: &'a FormField| {
        let before = earlier_schema.fields.iter().find(|known| known.name == field.name)?;
        let value = earlier.get(&field.name).filter(|value| !is_empty(Some(value)))?;
        let fits = is_empty(form.get(&field.name)) && is_same_kind(&field.kind, &before.kind) && takes(field, value);
        fits.then(|| (field, value.clone()))
    };
    schema.fields.iter().filter_map(fill).collect()
}

fn is_same_kind(one: &FieldKind, other: &FieldKind) -> bool {
    match (one, other) {
        (FieldKind::Text { format: one, .. }, FieldKind::Text { format: other, .. }) => one == other,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use serde_json::json;

    fn schema(value: &Value) -> FormSchema {
        FormSchema::read(value).unwrap()
    }

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn only_empty_fields_of_one_name_and_kind_are_filled() {
        let text = json!({ "type": "string", "title": "一项", "maxLength": 20 });
        let number = json!({ "type": "integer", "title": "几个" });
        let choice = |options: &[&str]| json!({ "type": "string", "title": "选", "enum": options });
        let new = schema(&json!({ "type": "object", "additionalProperties": false, "properties":
            { "home": text, "job": text, "count": number, "way": choice(&["自取", "邮寄"]), "other": text } }));
        let old = schema(&json!({ "type": "object", "additionalProperties": false, "properties":
            { "home": text, "job": text, "count": text, "way": choice(&["自取", "代领"]), "gone": text } }));
        let before = map(&json!({ "home": "锡林路 3 号", "job": "牧民", "count": "3", "way": "代领", "gone": "没用" }));
        let typed = map(&json!({ "job": "教师" }));
        let found = filled((&new, &typed), (&old, &before), NaiveDate::MAX);
        let names: Vec<&str> = found.iter().map(|(field, _)| field.name.as_str()).collect();
        assert_eq!(names, ["home"], "what was typed stays, another kind and an option that is gone are left out");
    }

    #[test]
    fn a_person_is_known_by_document_and_name() {
        let person = |name: &str, id_type: Option<&str>, number: Option<&str>| PersonData {
            kind: "person".to_owned(),
            name: Some(name.to_owned()),
            id_type: id_type.map(str::to_owned),
            id_number: number.map(str::to_owned),
            phone: None,
            address: None,
            email: None,
            wechat_openid: None,
        };
        let known = person("李华", Some("resident_id"), Some("1"));
        assert!(is_same_person(&known, &person("李华", None, Some("1"))));
        assert!(!is_same_person(&known, &person("李花", None, Some("1"))), "another name");
        assert!(!is_same_person(&known, &person("李华", Some("passport"), Some("1"))), "another document");
        assert!(!is_same_person(&person("李华", None, None), &person("李华", None, None)), "no number says nothing");
    }
}
