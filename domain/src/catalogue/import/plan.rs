//! What an import would change, decided without changing it. A matter is known by its item code; a
//! department by its name, since sources give one department several codes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{ApplicantKind, CaseKind, Department, Details, ExerciseLevel, HandlingForm, Matter, MatterState, MatterType};
use super::ImportRow;
use crate::case_clock::DECISION_DAYS;
use crate::ids::{DepartmentId, MatterId};

/// What an import would do. Indices point into the `existing` and `rows` given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Rows that become new matters.
    pub added: Vec<usize>,
    /// Existing matters that get a new version, each with the row it comes from.
    pub changed: Vec<(usize, usize)>,
    /// Existing matters that stay as they are.
    pub unchanged: Vec<usize>,
    /// Existing matters that are not in the file and get retired.
    pub retired: Vec<usize>,
    /// Departments to create, with the code of their first row.
    pub new_departments: BTreeMap<String, String>,
}

/// Compares rows with what is there. Matters that the file does not name are left alone unless
/// `retire_missing`; a retired one that the file names comes back as a new version.
#[must_use]
pub fn plan(existing: &[Matter], departments: &[Department], rows: &[ImportRow], retire_missing: bool) -> Plan {
    let by_code: BTreeMap<&str, usize> = existing.iter().enumerate().map(|(at, matter)| (matter.code.as_str(), at)).collect();
    let names: BTreeMap<&DepartmentId, &str> = departments.iter().map(|department| (&department.id, department.name.as_str())).collect();
    let known: BTreeSet<&str> = names.values().copied().collect();
    let mut plan = Plan::default();
    for (row_at, row) in rows.iter().enumerate() {
        if !known.contains(row.department.as_str()) {
            plan.new_departments.entry(row.department.clone()).or_insert_with(|| row.department_code.clone());
        }
        match by_code.get(row.item_code.as_str()) {
            None => plan.added.push(row_at),
            Some(at) if row.says_the_same(&existing[*at], names.get(&existing[*at].department_id).copied()) => plan.unchanged.push(*at),
            Some(at) => plan.changed.push((*at, row_at)),
        }
    }
    if retire_missing {
        let named: BTreeSet<&str> = rows.iter().map(|row| row.item_code.as_str()).collect();
        let missing = |matter: &Matter| matter.state == MatterState::Published && !named.contains(matter.code.as_str());
        plan.retired = existing.iter().enumerate().filter(|(_, matter)| missing(matter)).map(|(at, _)| at).collect();
    }
    plan
}

impl ImportRow {
    fn says_the_same(&self, matter: &Matter, department: Option<&str>) -> bool {
        matter.state == MatterState::Published
            && matter.name == self.name
            && matter.matter_type == self.matter_type
            && matter.category == self.category
            && matter.area_code == self.area_code
            && department == Some(self.department.as_str())
    }

    /// The first version of a new matter. The file says nothing of limits: the general one of
    /// 行政许可法 42 is promised until an editor enters the matter's own.
    #[must_use]
    pub fn first_version(&self, id: MatterId, department_id: DepartmentId) -> Matter {
        Matter {
            id,
            version: 1,
            state: MatterState::Published,
            code: self.item_code.clone(),
            name: self.name.clone(),
            aliases: Vec::new(),
            matter_type: self.matter_type,
            department_id,
            category: self.category.clone(),
            area_code: self.area_code.clone(),
            exercise_level: level_of(&self.area_code),
            power_source: None,
            legal_basis: Vec::new(),
            case_kind: CaseKind::Promised,
            applicant_kinds: ApplicantKind::ALL.to_vec(),
            handling_forms: vec![HandlingForm::Window],
            statutory_days: (self.matter_type == MatterType::Permission).then_some(DECISION_DAYS),
            promised_days: DECISION_DAYS,
            special_procedures: Vec::new(),
            conditions: Vec::new(),
            materials: Vec::new(),
            situations: Vec::new(),
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

    /// The next version of a matter: what the file says anew, all else as it was.
    #[must_use]
    pub fn next_version(&self, before: &Matter, department_id: DepartmentId) -> Matter {
        Matter {
            version: before.version + 1,
            state: MatterState::Published,
            name: self.name.clone(),
            matter_type: self.matter_type,
            department_id,
            category: self.category.clone(),
            area_code: self.area_code.clone(),
            ..before.clone()
        }
    }
}

/// The level an area code speaks of: two digits each for province, city and county, three each for
/// town and village.
fn level_of(area_code: &str) -> ExerciseLevel {
    let part =
        |from: usize, to: usize| area_code.get(from..to.min(area_code.len())).is_some_and(|part| part.bytes().any(|byte| byte != b'0'));
    match () {
        () if part(9, 12) => ExerciseLevel::Village,
        () if part(6, 9) => ExerciseLevel::Town,
        () if part(4, 6) => ExerciseLevel::County,
        () if part(2, 4) => ExerciseLevel::City,
        () => ExerciseLevel::Province,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn row(code: &str, name: &str, department: &str) -> ImportRow {
        ImportRow {
            line: 2,
            department: department.into(),
            category: "未分类".into(),
            name: name.into(),
            item_code: code.into(),
            matter_type: MatterType::Permission,
            area_code: "150000000000".into(),
            department_code: "0833".into(),
        }
    }

    fn department(name: &str, tail: &str) -> Department {
        Department { id: DepartmentId::new("dd", tail), code: "other".into(), name: name.into() }
    }

    #[test]
    fn a_second_import_changes_nothing_and_a_changed_row_makes_a_version() {
        let departments = [department("区民政局", "civil")];
        let rows = [row("A1", "一", "区民政局"), row("A2", "二", "区民政局"), row("A3", "三", "区人社局")];
        let first = plan(&[], &departments, &rows, false);
        assert_eq!(
            (first.added.clone(), first.new_departments.clone()),
            (vec![0, 1, 2], [("区人社局".to_owned(), "0833".to_owned())].into())
        );

        let departments = [department("区民政局", "civil"), department("区人社局", "labour")];
        let id_of = |row: &ImportRow| departments.iter().find(|known| known.name == row.department).unwrap().id.clone();
        let mut existing: Vec<Matter> = rows.iter().map(|row| row.first_version(MatterId::new("dc", &row.item_code), id_of(row))).collect();
        assert_eq!(existing[0].faults(), vec![]);
        assert_eq!(plan(&existing, &departments, &rows, true), Plan { unchanged: vec![0, 1, 2], ..Plan::default() });

        let mut changed = rows.to_vec();
        changed[1].name = "二改".into();
        changed[2].department = "区民政局".into();
        let second = plan(&existing, &departments, &changed, false);
        assert_eq!((second.changed.clone(), second.unchanged.clone(), second.added.len()), (vec![(1, 1), (2, 2)], vec![0], 0));

        existing[1].guide = "写给人看的".into();
        let next = changed[1].next_version(&existing[1], id_of(&changed[1]));
        assert_eq!((next.version, next.name.as_str(), next.guide.as_str(), next.id.as_str()), (2, "二改", "写给人看的", "m_dc_A2"));
    }

    #[test]
    fn absent_matters_retire_only_on_demand_and_come_back_when_named() {
        let departments = [department("区民政局", "civil")];
        let rows = [row("A1", "一", "区民政局"), row("A2", "二", "区民政局")];
        let mut existing: Vec<Matter> =
            rows.iter().map(|row| row.first_version(MatterId::new("dc", &row.item_code), departments[0].id.clone())).collect();
        assert_eq!(plan(&existing, &departments, &rows[..1], false).retired, Vec::<usize>::new());
        assert_eq!(plan(&existing, &departments, &rows[..1], true).retired, vec![1]);
        existing[1].state = MatterState::Retired;
        assert_eq!(plan(&existing, &departments, &rows[..1], true).retired, Vec::<usize>::new());
        assert_eq!(plan(&existing, &departments, &rows, false).changed, vec![(1, 1)]);
        assert_eq!(rows[1].next_version(&existing[1], departments[0].id.clone()).state, MatterState::Published);
    }

    #[test]
    fn the_area_code_tells_the_level() {
        for (code, level) in [
            ("150000", ExerciseLevel::Province),
            ("150700000000", ExerciseLevel::City),
            ("511602000000", ExerciseLevel::County),
            ("511602", ExerciseLevel::County),
            ("511602104000", ExerciseLevel::Town),
            ("511602104203", ExerciseLevel::Village),
        ] {
            assert_eq!(level_of(code), level, "{code}");
        }
    }
}
