//! Schemas as designers make them and forms as people fill them in.
#![expect(clippy::unwrap_used, reason = "tests")]
use super::*;

/// The day on which all of it is filled in.
const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "income": { "type": "number", "title": "月收入", "minimum": 0, "maximum": 1_000_000 },
            "people": { "type": "integer", "title": "家庭人数", "minimum": 1, "maximum": 30 },
            "reason": { "type": "string", "title": "申请理由", "minLength": 4, "maxLength": 20, "x-lines": true },
            "born": { "type": "string", "title": "出生日期", "format": "date" },
            "phone": { "type": "string", "title": "联系人电话", "format": "phone" },
            "house": { "type": "string", "title": "住房", "enum": ["自有", "租住"] },
            "needs": { "type": "array", "title": "困难", "items": { "type": "string", "enum": ["病", "残", "学"] }, "uniqueItems": true, "maxItems": 2 },
            "agree": { "type": "boolean", "title": "同意核对家庭经济状况" },
        },
        "required": ["people", "house"],
        "additionalProperties": false,
        "x-order": ["people", "income", "house", "needs", "reason", "born", "phone", "agree"],
    })
}

fn told(form: Value, is_draft: bool) -> Vec<String> {
    let schema = FormSchema::read(&schema()).unwrap();
    schema
        .faults(form.as_object().unwrap(), is_draft, &[], TODAY)
        .into_iter()
        .map(|fault| format!("{} {}", fault.field, fault.code))
        .collect()
}

#[test]
fn a_schema_is_written_as_it_was_read_and_keeps_its_order() {
    let read = FormSchema::read(&schema()).unwrap();
    assert_eq!(read.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>()[..3], ["people", "income", "house"]);
    assert_eq!(FormSchema::read(&read.to_json()).unwrap(), read);
    let stored = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<FormSchema>(&stored).unwrap(), read);
}

#[test]
fn a_sound_form_fits_and_an_empty_answer_is_none() {
    let form = json!({ "people": 3, "house": "自有", "income": 1200.5, "needs": ["病", "学"], "reason": "家里有人\n生病", "born": "1990-03-07",
        "phone": "13912345520", "agree": true });
    assert_eq!(told(form, false), Vec::<String>::new());
    assert_eq!(told(json!({ "people": 1, "house": "租住", "reason": " ", "needs": [], "born": null }), false), Vec::<String>::new());
}

#[test]
fn everything_wrong_is_told_at_once() {
    let form = json!({ "people": 0, "income": -1, "house": "船上", "needs": ["病", "病"], "reason": "短", "born": "1990年", "phone": "12",
        "agree": "yes", "other": 1 });
    assert_eq!(
        told(form, false),
        [
            "other unknown_field",
            "people too_small",
            "income too_small",
            "house unknown",
            "needs unknown",
            "reason too_short",
            "born format",
            "phone format",
            "agree type"
        ]
    );
    assert_eq!(told(json!({}), false), ["people missing", "house missing"]);
    assert_eq!(told(json!({ "needs": ["病", "残", "学"], "people": 1.5 }), true), ["people whole", "needs count"]);
}

#[test]
fn a_number_of_somebody_who_is_born_tomorrow_is_wrong() {
    let of =
        json!({ "type": "object", "properties": { "child": { "type": "string", "title": "孩子的身份证号", "format": "resident-id" } } });
    let schema = FormSchema::read(&of).unwrap();
    let faults = |number: &str| schema.faults(json!({ "child": number }).as_object().unwrap(), false, &[], TODAY).len();
    assert_eq!((faults("152301202611250037"), faults("152301202611240031")), (1, 0));
}

#[test]
fn a_form_for_several_matters_may_hold_what_the_others_ask() {
    let one = FormSchema::read(&schema()).unwrap();
    let other = FormSchema::read(&json!({ "type": "object", "properties": { "cattle": { "type": "integer", "title": "牛" } } })).unwrap();
    let form = json!({ "people": 2, "house": "自有", "cattle": 5 });
    let form = form.as_object().unwrap();
    assert_eq!(one.faults(form, false, &[&other], TODAY), vec![]);
    assert_eq!(one.faults(form, false, &[], TODAY).len(), 1);
}

#[test]
fn what_the_subset_has_not_is_refused_by_its_path() {
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut value = schema();
        change(&mut value);
        FormSchema::read(&value).unwrap_err().into_iter().map(|fault| format!("{} {}", fault.field, fault.code)).collect::<Vec<_>>()
    };
    assert_eq!(broken(&|s| s["properties"]["reason"]["pattern"] = json!("a+")), ["properties.reason.pattern unsupported"]);
    assert_eq!(broken(&|s| s["if"] = json!({})), ["if unsupported"]);
    assert_eq!(broken(&|s| s["properties"]["born"]["format"] = json!("uri")), ["properties.born.format unknown"]);
    assert_eq!(broken(&|s| s["properties"]["house"]["enum"] = json!(["甲", "甲"])), ["properties.house.enum options"]);
    assert_eq!(broken(&|s| s["required"] = json!(["nobody"])), ["required unknown"]);
    assert_eq!(broken(&|s| s["properties"]["Bad-Name"] = json!({ "type": "boolean", "title": "坏" })), ["properties.Bad-Name name"]);
    assert_eq!(broken(&|s| s["properties"]["people"] = json!({ "type": "integer" })), ["properties.people.title missing"]);
    assert_eq!(FormSchema::read(&json!([])).unwrap_err()[0].code, "form");
}
