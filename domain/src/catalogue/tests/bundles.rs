//! Whether several matters can be offered as one, and how one form serves them all.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::ids::BundleId;

fn id(name: &str) -> MatterId {
    MatterId::new("dc", name)
}

fn form(fields: &Value) -> Option<FormSchema> {
    let is_asking = fields.as_object().is_some_and(|fields| !fields.is_empty());
    is_asking.then(|| FormSchema::read(&json!({ "type": "object", "additionalProperties": false, "properties": fields })).unwrap())
}

fn member(name: &str, fields: &Value) -> Matter {
    Matter {
        id: id(name),
        name: name.to_owned(),
        materials: vec![material(&format!("{name}-card"), &[]), material(&format!("{name}-book"), &[])],
        form_schema: form(fields),
        ..matter()
    }
}

fn text(title: &str) -> Value {
    json!({ "type": "string", "title": title, "maxLength": 20 })
}

fn offered() -> BTreeMap<MatterId, Matter> {
    let members = [
        member("a", &json!({ "home": text("住址"), "count": { "type": "integer", "title": "几口人" } })),
        member("b", &json!({ "f_1": text("住在哪里") })),
        member("c", &json!({ "count": text("几口人") })),
    ];
    members.into_iter().map(|matter| (matter.id.clone(), matter)).collect()
}

fn bundle() -> Bundle {
    let field = |matter: &str, name: &str| MemberField { matter_id: id(matter), name: name.to_owned() };
    Bundle {
        id: BundleId::new("dc", "b"),
        version: 1,
        state: MatterState::Published,
        name: "两件一起".to_owned(),
        aliases: Vec::new(),
        matter_ids: vec![id("a"), id("b")],
        guide: String::new(),
        promised_days: Some(10),
        together: true,
        shared: vec![SharedMaterial {
            name: "身份证".to_owned(),
            material_ids: vec![MaterialId::new("dc", "a-card"), MaterialId::new("dc", "b-card")],
        }],
        shared_fields: vec![SharedField { fields: vec![field("a", "home"), field("b", "f_1")] }],
    }
}

fn faults(change: impl FnOnce(&mut Bundle, &mut BTreeMap<MatterId, Matter>)) -> Vec<String> {
    let (mut bundle, mut offered) = (bundle(), offered());
    change(&mut bundle, &mut offered);
    bundle.checked(&offered).into_iter().map(|fault| format!("{} {}", fault.field, fault.code)).collect()
}

#[test]
fn a_sound_bundle_has_no_faults() {
    assert_eq!(faults(|_, _| {}), [""; 0]);
}

#[test]
fn members_are_several_each_once_all_offered_and_all_taken_here() {
    assert_eq!(faults(|bundle, _| bundle.matter_ids.truncate(1)).first().map(String::as_str), Some("matter_ids count"));
    assert_eq!(faults(|bundle, _| bundle.matter_ids.push(id("a"))), ["matter_ids[2] twice"]);
    assert_eq!(faults(|bundle, _| bundle.matter_ids.push(id("gone"))), ["matter_ids[2] matter_gone"]);
    let many = |bundle: &mut Bundle, offered: &mut BTreeMap<MatterId, Matter>| {
        for place in 0..BUNDLE_MATTERS_MAX {
            let matter = member(&format!("more{place}"), &json!({}));
            bundle.matter_ids.push(matter.id.clone());
            offered.insert(matter.id.clone(), matter);
        }
    };
    assert_eq!(faults(many), ["matter_ids too_many"]);
    let only_helped = |delegation: Delegation| {
        faults(move |_, offered| {
            let from = ClaimedFrom { matter_id: MatterId::new("dd", "b"), delegation, document: "文".to_owned(), expires_on: None };
            offered.get_mut(&id("b")).unwrap().claimed = Some(from);
        })
    };
    assert_eq!(only_helped(Delegation::Assisted), ["matter_ids[1] assisted_only"]);
    assert_eq!(only_helped(Delegation::EntrustedAcceptance), [""; 0], "the site may accept it");
    let nobody = faults(|_, offered| offered.get_mut(&id("b")).unwrap().applicant_kinds = vec![ApplicantKind::Agency]);
    assert_eq!(nobody, ["matter_ids no_applicant"]);
}

#[test]
fn the_joint_limit_is_what_the_law_leaves() {
    let with = |days: u32, law: Option<u32>, kind: MatterType| {
        faults(move |bundle, offered| {
            bundle.promised_days = Some(days);
            for matter in offered.values_mut() {
                (matter.statutory_days, matter.matter_type) = (law, kind);
            }
        })
    };
    assert_eq!(with(0, Some(30), MatterType::Confirmation), ["promised_days range"]);
    assert_eq!(with(30, Some(30), MatterType::Confirmation), [""; 0]);
    assert_eq!(with(31, Some(30), MatterType::Confirmation), ["promised_days too_long"]);
    assert_eq!(with(45, Some(60), MatterType::Confirmation), [""; 0]);
    assert_eq!(with(46, Some(60), MatterType::Confirmation), ["promised_days too_long"], "never more than 45 together");
    assert_eq!(with(45, Some(20), MatterType::Permission), [""; 0], "departments decide a permission together within 45");
    assert_eq!(with(46, None, MatterType::Permission), ["promised_days too_long"]);
    assert_eq!(with(45, None, MatterType::Confirmation), [""; 0]);
}

#[test]
fn what_is_shared_is_there_once_in_each_of_several_matters() {
    let shared = |ids: &[&str]| {
        let material_ids = ids.iter().map(|name| MaterialId::new("dc", name)).collect::<Vec<_>>();
        faults(move |bundle, _| bundle.shared[0].material_ids = material_ids)
    };
    assert_eq!(shared(&["a-card"]), ["shared[0].material_ids count"]);
    assert_eq!(shared(&["a-card", "gone"]), ["shared[0].material_ids[1] unknown"]);
    assert_eq!(shared(&["a-card", "c-card"]), ["shared[0].material_ids[1] unknown"], "of a matter that is no member");
    assert_eq!(shared(&["a-card", "a-book"]), ["shared[0].material_ids[1] one_each"]);
    assert_eq!(shared(&["a-card", "a-card"]), ["shared[0].material_ids[1] twice"]);
    let again = faults(|bundle, _| bundle.shared.push(bundle.shared[0].clone()));
    assert_eq!(again, ["shared[1].material_ids[0] twice", "shared[1].material_ids[1] twice"]);
}

#[test]
fn one_answer_serves_fields_of_one_kind_only() {
    let field = |name: &str| MemberField { matter_id: id("b"), name: name.to_owned() };
    assert_eq!(faults(|bundle, _| bundle.shared_fields[0].fields[1] = field("gone")), ["shared_fields[0].fields[1] unknown"]);
    assert_eq!(faults(|bundle, _| bundle.shared_fields[0].fields.truncate(1)), ["shared_fields[0].fields count"]);
    assert_eq!(faults(|bundle, _| bundle.shared_fields.push(bundle.shared_fields[0].clone())).len(), 2, "both are elsewhere already");
    let number = faults(|bundle, _| "count".clone_into(&mut bundle.shared_fields[0].fields[0].name));
    assert_eq!(number, ["shared_fields[0].fields[1] other_kind"], "a number and a text");
    assert_eq!(faults(|bundle, _| bundle.matter_ids.push(id("c"))), ["matter_ids[2] form_clash"], "one name, two kinds");
}

#[test]
fn every_fault_is_told_at_once() {
    let told = faults(|bundle, _| {
        bundle.name = " ".to_owned();
        bundle.aliases = vec!["长".repeat(501)];
        bundle.matter_ids = vec![id("a"), id("gone"), id("a")];
        bundle.promised_days = Some(99);
    });
    for field in [
        "name ",
        "aliases[0] ",
        "matter_ids[1] matter_gone",
        "matter_ids[2] twice",
        "promised_days too_long",
        "shared[0].material_ids[1] unknown",
        "shared_fields[0].fields[1] unknown",
    ] {
        assert!(told.iter().any(|fault| fault.starts_with(field)), "{field}: {told:?}");
    }
}

#[test]
fn one_answer_is_written_into_every_form_that_asks_for_it() {
    let filled = |value: &Value| Value::Object(bundle().filled_whole(value.as_object().cloned().unwrap_or_default()));
    assert_eq!(filled(&json!({ "home": "锡林路 3 号" })), json!({ "home": "锡林路 3 号", "f_1": "锡林路 3 号" }));
    assert_eq!(filled(&json!({ "home": "甲", "f_1": "乙" })), json!({ "home": "甲", "f_1": "乙" }), "what was said itself stays");
    assert_eq!(filled(&json!({ "count": 3 })), json!({ "count": 3 }));
    assert_eq!((bundle().filled_as("f_1"), bundle().filled_as("count")), ("home", "count"));
}

proptest! {
    /// Filling in twice changes nothing, and nothing that was filled in is lost.
    #[test]
    fn filling_in_is_done_once(answers in proptest::collection::btree_map("home|f_1|count|other", "[a-z]{0,3}", 0..4)) {
        let form: Map<String, Value> = answers.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
        let once = bundle().filled_whole(form.clone());
        prop_assert_eq!(&bundle().filled_whole(once.clone()), &once);
        prop_assert!(form.iter().all(|(name, value)| once.get(name) == Some(value)));
    }
}
