//! What each matter of a bundle gets of what was filled in once: its situations, its form, its checklist. Pure.

use std::collections::BTreeSet;

use domain::case::{MaterialEntry, MatterSnapshot, SubmissionStatus};
use domain::catalogue::{Bundle, Matter};
use domain::ids::SituationId;

use crate::app::cases::open;
use crate::app::cases::requests::SubmissionInput;
use crate::app::error::FieldErrors;

/// The chosen situations that a matter knows, and what is wrong with them, told with the matter's name.
pub(super) fn own_situations(matter: &Matter, chosen: &mut [(usize, SituationId, bool)], errors: &mut FieldErrors) -> Vec<SituationId> {
    let knows = |id: &SituationId| matter.situations.iter().flat_map(|question| &question.options).any(|option| option.id == *id);
    let mut own = Vec::new();
    for (_, id, is_known) in chosen.iter_mut() {
        if knows(id) {
            *is_known = true;
            own.push(id.clone());
        }
    }
    let mut faults = FieldErrors::default();
    open::check_situations(matter, &own, &mut faults);
    for fault in faults.into_vec() {
        errors.add(&fault.field, &fault.code, format!("{}：{}", matter.name, fault.message));
    }
    own
}

/// The joint form with every matter's own fields filled in.
pub(super) fn whole_form(bundle: &Bundle, form: Option<&serde_json::Value>) -> Option<serde_json::Value> {
    match form {
        Some(serde_json::Value::Object(fields)) => Some(bundle.filled_whole(fields.clone()).into()),
        other => other.cloned(),
    }
}

/// What is wrong in the form, each under the name under which it was filled in, once.
pub(super) fn add_to_form(bundle: Option<&Bundle>, faults: FieldErrors, errors: &mut FieldErrors) {
    for fault in faults.into_vec() {
        let filled_as = fault.field.strip_prefix("form.").map(|name| bundle.map_or(name, |bundle| bundle.filled_as(name)));
        let field = filled_as.map_or_else(|| fault.field.clone(), |name| format!("form.{name}"));
        if !errors.names(&field) {
            errors.add(&field, &fault.code, fault.message);
        }
    }
}

/// No material stands in the checklist twice.
pub(super) fn check_twice(lines: &[SubmissionInput], errors: &mut FieldErrors) {
    let mut seen = BTreeSet::new();
    for (place, line) in lines.iter().enumerate() {
        if !seen.insert(line.material_id.as_str()) {
            errors.add(&format!("materials[{place}].material_id"), "duplicate", "同一材料重复出现");
        }
    }
}

/// The checklist of one matter out of that of all: its own lines, and what was handed in for another matter and is
/// shared. A shared material is taken in once, with the first matter; the others reuse it.
pub(super) fn checklist(
    bundle: &Bundle,
    matter: &MatterSnapshot,
    lines: &[MaterialEntry],
    taken: &mut BTreeSet<usize>,
) -> Vec<MaterialEntry> {
    let mut entries = Vec::new();
    for requirement in &matter.materials {
        let group = bundle.shared.iter().position(|shared| shared.material_ids.contains(&requirement.id));
        let own = lines.iter().find(|line| line.material == requirement.id);
        let shared = || {
            let ids = &bundle.shared.get(group?)?.material_ids;
            lines.iter().filter(|line| ids.contains(&line.material)).max_by_key(|line| line.status.is_present())
        };
        let Some(line) = own.filter(|line| line.status.is_present()).or_else(shared).or(own) else { continue };
        let is_again = line.status.is_present() && group.is_some_and(|group| !taken.insert(group));
        let entry = if is_again {
            MaterialEntry { material: requirement.id.clone(), status: SubmissionStatus::Reused, originals: 0, copies: 0, due: None }
        } else {
            MaterialEntry { material: requirement.id.clone(), ..line.clone() }
        };
        entries.push(entry);
    }
    entries
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use domain::case::{CaseKind, MaterialRequirement};
    use domain::catalogue::{MatterState, SharedMaterial};
    use domain::ids::{BundleId, DepartmentId, MaterialId, MatterId};

    use super::*;

    fn material(name: &str) -> MaterialId {
        MaterialId::new("dc", name)
    }

    fn matter(materials: &[&str]) -> MatterSnapshot {
        MatterSnapshot {
            id: MatterId::new("dc", "m"),
            version: 1,
            item_code: "1".to_owned(),
            name: "事项".to_owned(),
            matter_type: "20".to_owned(),
            case_kind: CaseKind::Promised,
            department: DepartmentId::parse("d_dc_x").unwrap(),
            department_name: "部门".to_owned(),
            promised_days: None,
            statutory_days: None,
            materials: materials
                .iter()
                .map(|name| MaterialRequirement { id: material(name), name: (*name).to_owned(), required: true, tolerable: false })
                .collect(),
            makes_certificate: false,
            certificate_name: None,
            uploads_certificate: false,
            allows_tolerance: false,
            deems_acceptance: false,
            stopping_procedures: Vec::new(),
            site_decides: true,
            approval: Vec::new(),
            courier: false,
        }
    }

    #[test]
    fn a_shared_material_is_taken_in_once() {
        let bundle = Bundle {
            id: BundleId::new("dc", "b"),
            version: 1,
            state: MatterState::Published,
            shared_fields: Vec::new(),
            name: "一件事".to_owned(),
            aliases: Vec::new(),
            matter_ids: Vec::new(),
            guide: String::new(),
            promised_days: None,
            together: true,
            shared: vec![SharedMaterial { name: "身份证".to_owned(), material_ids: vec![material("a-card"), material("b-card")] }],
        };
        let line = |name: &str, status| MaterialEntry { material: material(name), status, originals: 1, copies: 0, due: None };
        let lines = [line("b-card", SubmissionStatus::Verified), line("b-form", SubmissionStatus::Collected)];
        let mut taken = BTreeSet::new();
        let first = checklist(&bundle, &matter(&["a-card"]), &lines, &mut taken);
        let second = checklist(&bundle, &matter(&["b-card", "b-form", "b-photo"]), &lines, &mut taken);
        let told = |entries: &[MaterialEntry]| {
            entries.iter().map(|entry| (entry.material.to_string(), entry.status.name(), entry.originals)).collect::<Vec<_>>()
        };
        assert_eq!(told(&first), [("mt_dc_a-card".to_owned(), "verified", 1)]);
        assert_eq!(told(&second), [("mt_dc_b-card".to_owned(), "reused", 0), ("mt_dc_b-form".to_owned(), "collected", 1)]);
    }
}
