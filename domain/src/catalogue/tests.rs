//! Situations select materials, and a matter's own faults are found.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

fn situation(name: &str) -> SituationId {
    SituationId::new("dc", name)
}

fn material(name: &str, situations: &[&str]) -> Material {
    Material {
        id: MaterialId::new("dc", name),
        name: name.into(),
        kind: MaterialKind::Proof,
        originals: 1,
        copies: 0,
        required: true,
        tolerable: false,
        keeping: MaterialKeeping::Verified,
        source: MaterialSource::Government,
        acceptance_points: Vec::new(),
        situation_ids: situations.iter().map(|name| situation(name)).collect(),
        sample: String::new(),
        blank_form: String::new(),
    }
}

fn question(many: bool, options: &[&str]) -> SituationQuestion {
    let options = options.iter().map(|name| Situation { id: situation(name), name: (*name).into() }).collect();
    SituationQuestion { question: "哪一种".into(), many, options, asked_if: Vec::new() }
}

fn matter() -> Matter {
    Matter {
        id: MatterId::new("dc", "demo"),
        version: 1,
        state: MatterState::Published,
        code: "15A01".into(),
        name: "最低生活保障对象认定".into(),
        aliases: vec!["低保".into()],
        matter_type: MatterType::Confirmation,
        department_id: DepartmentId::new("dd", "civil"),
        category: "社会救助".into(),
        area_code: String::new(),
        exercise_level: ExerciseLevel::Town,
        power_source: None,
        legal_basis: Vec::new(),
        case_kind: CaseKind::Promised,
        applicant_kinds: vec![ApplicantKind::Person],
        handling_forms: vec![HandlingForm::Window],
        statutory_days: Some(30),
        promised_days: 10,
        special_procedures: Vec::new(),
        conditions: Vec::new(),
        materials: vec![material("always", &[]), material("sick", &["ill", "injured"]), material("agent", &["agent"])],
        situations: vec![question(false, &["self", "agent"]), question(true, &["ill", "injured", "none"])],
        fee: None,
        visits: 1,
        certificate: None,
        consultation_phone: String::new(),
        complaint_phone: String::new(),
        guide: String::new(),
        details: Details::default(),
        form_schema: None,
        claimed: None,
        approval: Vec::new(),
        opinions: Vec::new(),
    }
}

#[test]
fn answers_select_the_materials() {
    let matter = matter();
    let names = |chosen: &[&str]| -> Vec<String> {
        let chosen: Vec<_> = chosen.iter().map(|name| situation(name)).collect();
        matter.materials_for(&chosen).into_iter().map(|material| material.name.clone()).collect()
    };
    assert_eq!(names(&["self", "none"]), ["always"]);
    assert_eq!(names(&["agent", "ill", "injured"]), ["always", "sick", "agent"]);
}

#[test]
fn answers_are_checked_all_at_once() {
    let matter = matter();
    let faults = |chosen: &[&str]| matter.situation_faults(&chosen.iter().map(|name| situation(name)).collect::<Vec<_>>());
    assert_eq!(faults(&["self", "ill", "injured"]), vec![]);
    assert_eq!(
        faults(&["self", "agent", "other"]),
        vec![SituationFault::Unknown(situation("other")), SituationFault::TooMany(0), SituationFault::Unanswered(1)]
    );
}

#[test]
fn a_matter_knows_its_own_faults() {
    assert_eq!(matter().faults(), vec![]);
    let mut wrong = matter();
    wrong.name = "名".repeat(201);
    wrong.code = String::new();
    wrong.promised_days = 31;
    wrong.applicant_kinds.clear();
    wrong.situations[1].options[0].id = situation("self");
    wrong.materials[1].required = false;
    wrong.materials[1].tolerable = true;
    wrong.materials[2].id = wrong.materials[0].id.clone();
    let found = wrong.faults();
    for fault in [
        MatterFault::Name,
        MatterFault::Code,
        MatterFault::Promise,
        MatterFault::NoApplicant,
        MatterFault::Twice("si_dc_self".into()),
        MatterFault::Twice("mt_dc_always".into()),
        MatterFault::UnknownSituation(MaterialId::new("dc", "sick")),
        MatterFault::OptionalTolerable(MaterialId::new("dc", "sick")),
    ] {
        assert!(found.contains(&fault), "{fault:?}");
    }
    assert_eq!(found.len(), 8);
    let instant = Matter { case_kind: CaseKind::Instant, ..matter() };
    assert_eq!(instant.faults(), vec![MatterFault::Promise]);
}

#[test]
fn a_matter_is_the_same_after_storing() {
    let stored = serde_json::to_string(&matter()).unwrap();
    assert_eq!(serde_json::from_str::<Matter>(&stored).unwrap(), matter());
    assert!(matter().search_keys().rank(&Query::parse("db").unwrap()).is_some());
}

#[test]
fn a_case_keeps_what_its_answers_ask_for() {
    let form = CertificateForm { name: "证".into(), valid_years: None, licence_type: Some("11100000000013338W032".into()) };
    let matter = Matter { certificate: Some(form), matter_type: MatterType::Permission, ..matter() };
    let snapshot = matter.snapshot(&[situation("agent"), situation("none")], "区民政局", false);
    assert_eq!(snapshot.materials.iter().map(|material| material.name.as_str()).collect::<Vec<_>>(), ["always", "agent"]);
    assert_eq!((snapshot.matter_type.as_str(), snapshot.promised_days, snapshot.statutory_days), ("01", Some(10), Some(30)));
    assert!(snapshot.makes_certificate && snapshot.uploads_certificate && snapshot.deems_acceptance && !snapshot.allows_tolerance);
    let other = Matter { matter_type: MatterType::Benefit, certificate: None, ..matter };
    assert!(!other.snapshot(&[], "区民政局", false).deems_acceptance && !other.snapshot(&[], "区民政局", true).makes_certificate);
    assert!(other.snapshot(&[], "区民政局", true).deems_acceptance);
}

mod bundles;
mod opinions;
mod versions;
