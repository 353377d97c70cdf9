//! What clerks do to a file that was taken out: right changes arrive, each wrong cell is told at its place. That every
//! catalogue comes back the same is a property in the suite `catalogue_round_trip`, over both formats.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::catalogue::import::ImportRow;
use crate::catalogue::{
    Department, FieldKind, FormField, FormSchema, Material, MaterialKeeping, MaterialKind, MaterialSource, Matter, MatterState, MatterType,
    Situation, SituationQuestion,
};
use crate::ids::{DepartmentId, MaterialId, MatterId, SituationId};

fn departments() -> Vec<Department> {
    let one = |tail: &str, code: &str, name: &str| Department { id: DepartmentId::new("dd", tail), code: code.into(), name: name.into() };
    vec![one("civil", "0833", "区民政局"), one("labour", "", "区人社局")]
}

fn matter(code: &str, name: &str) -> Matter {
    let row = ImportRow {
        line: 0,
        department: String::new(),
        category: "社会救助".into(),
        name: name.into(),
        item_code: code.into(),
        matter_type: MatterType::Benefit,
        area_code: "159901000000".into(),
        department_code: String::new(),
    };
    let mut matter = row.first_version(MatterId::new("dc", code), DepartmentId::new("dd", "civil"));
    let situation = |tail: &str| SituationId::new("dc", &format!("{code}-{tail}"));
    let option = |tail: &str| Situation { id: situation(tail), name: tail.into() };
    matter.situations = vec![SituationQuestion {
        question: "谁来办".into(),
        many: false,
        options: vec![option("self"), option("agent")],
        asked_if: Vec::new(),
    }];
    let material = |tail: &str, situation_ids: Vec<SituationId>| Material {
        id: MaterialId::new("dc", &format!("{code}-{tail}")),
        name: tail.into(),
        kind: MaterialKind::Licence,
        originals: 1,
        copies: 0,
        required: true,
        tolerable: false,
        keeping: MaterialKeeping::Verified,
        source: MaterialSource::Applicant,
        acceptance_points: vec!["在有效期内".into()],
        situation_ids,
        sample: String::new(),
        blank_form: String::new(),
    };
    matter.materials = vec![material("card", Vec::new()), material("letter", vec![situation("agent")])];
    let kind = FieldKind::Number { whole: true, minimum: Some(1), maximum: None };
    matter.form_schema = Some(FormSchema {
        fields: vec![FormField { name: "people".into(), title: "家里几口人".into(), hint: String::new(), required: true, kind }],
    });
    matter
}

/// A catalogue, and its file as a clerk has it: the cells of each sheet, the header first.
struct Clerk {
    matters: Vec<Matter>,
    sheets: Vec<(Sheet, Vec<Vec<String>>)>,
}

impl Clerk {
    fn open() -> Self {
        let matters = vec![matter("015A01", "临时救助"), matter("015A02", "低保")];
        let sheets = tables(&matters, &departments())
            .into_iter()
            .map(|table| {
                let header = table.sheet.columns().into_iter().map(|(name, _)| name.to_owned()).collect();
                (table.sheet, std::iter::once(header).chain(table.rows).collect())
            })
            .collect();
        Self { matters, sheets }
    }

    fn rows(&mut self, sheet: Sheet) -> &mut Vec<Vec<String>> {
        self.sheets.iter_mut().find(|(known, _)| *known == sheet).map(|(_, rows)| rows).unwrap()
    }

    /// Writes into a cell by row (as spreadsheets count) and column.
    fn set(&mut self, sheet: Sheet, row: usize, column: &str, text: &str) {
        let rows = self.rows(sheet);
        let place = rows[0].iter().position(|name| name == column).unwrap();
        rows[row - 1][place] = text.to_owned();
    }

    /// Brings the file back as CSV.
    fn bring(&self) -> Reading {
        let sheets: Vec<FileSheet> = self
            .sheets
            .iter()
            .map(|(sheet, rows)| {
                let quoted =
                    |row: &Vec<String>| row.iter().map(|text| format!("\"{}\"", text.replace('"', "\"\""))).collect::<Vec<_>>().join(",");
                let text = rows.iter().map(quoted).collect::<Vec<_>>().join("\r\n");
                csv_sheet(&format!("目录/{}.csv", sheet.name()), text.as_bytes())
            })
            .collect();
        self.read(&sheets)
    }

    fn read(&self, sheets: &[FileSheet]) -> Reading {
        let known = Known { matters: &self.matters, departments: &departments(), site_key: "dc", root_key: "dd" };
        let mut count = 0;
        read(sheets, known, &mut || {
            count += 1;
            format!("fresh{count}")
        })
    }

    /// Takes in what was brought.
    fn take(&mut self, reading: &Reading) {
        for wanted in &reading.changed {
            match wanted.before {
                Some(at) => self.matters[at] = wanted.matter.clone(),
                None => self.matters.push(wanted.matter.clone()),
            }
        }
    }
}

fn told(reading: &Reading) -> Vec<String> {
    let place = |fault: &crate::catalogue::import::ImportFault| {
        let column = fault.column.as_deref().unwrap_or("-");
        format!("{} {} {column} {}", fault.sheet.as_deref().unwrap_or("-"), fault.line, fault.code)
    };
    reading.faults.iter().map(place).collect()
}

#[test]
fn an_unchanged_file_changes_nothing() {
    let reading = Clerk::open().bring();
    assert_eq!((told(&reading), reading.changed.len(), reading.unchanged, reading.missing), (vec![], 0, vec![0, 1], vec![]));
    assert_eq!(reading.row_count, 2 + 4 + 4 + 2);
}

#[test]
fn what_a_clerk_writes_arrives_and_the_same_file_again_changes_nothing() {
    let mut clerk = Clerk::open();
    clerk.set(Sheet::Matters, 3, "承诺期限（工作日）", "7");
    clerk.set(Sheet::Matters, 3, "生效日期", "2026/1/5");
    clerk.set(Sheet::Matters, 3, "俗称（每行一个）", "低保金\r\n 低保户 \n\n");
    // A new material between the two, with no id, for an answer that is new as well.
    let mut answer = clerk.rows(Sheet::Situations)[4].clone();
    (answer[6], answer[7], answer[8]) = ("3".into(), "单位来办".into(), String::new());
    clerk.rows(Sheet::Situations).push(answer);
    let mut material = clerk.rows(Sheet::Materials)[3].clone();
    (material[2], material[3], material[12]) = ("1".into(), "介绍信".into(), "问1答2、问1答3".into());
    *material.last_mut().unwrap() = String::new();
    clerk.rows(Sheet::Materials).push(material);
    let reading = clerk.bring();
    assert_eq!((told(&reading), reading.unchanged.as_slice(), reading.changed.len()), (vec![], [0].as_slice(), 1));
    let after = reading.changed[0].matter.clone();
    assert_eq!((after.version, after.promised_days, after.details.effective_on.unwrap().to_string().as_str()), (2, 7, "2026-01-05"));
    assert_eq!(after.aliases, ["低保金", "低保户"]);
    let names: Vec<&str> = after.materials.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["card", "介绍信", "letter"], "of one number, as they stand");
    let asked: Vec<&str> = after.materials[1].situation_ids.iter().map(SituationId::as_str).collect();
    assert_eq!(asked, ["si_dc_015A02-agent", "si_dc_fresh1"]);
    assert_eq!(after.materials[2].id.as_str(), "mt_dc_015A02-letter", "what was there keeps its id");

    clerk.take(&reading);
    let again = clerk.bring();
    assert_eq!((told(&again), again.changed.len(), again.unchanged.len()), (vec![], 0, 2), "ids that the clerk left blank are found again");
}

#[test]
fn every_wrong_cell_is_told_with_sheet_row_and_column() {
    let mut clerk = Clerk::open();
    clerk.set(Sheet::Matters, 2, "事项名称", " ");
    clerk.set(Sheet::Matters, 2, "承诺期限（工作日）", "两周");
    clerk.set(Sheet::Matters, 2, "办件类型", "马上办");
    clerk.set(Sheet::Matters, 2, "收费标准", "10 元");
    clerk.set(Sheet::Matters, 3, "区划代码", "1.59901E+11");
    clerk.set(Sheet::Matters, 3, "截止日期", "2026-02-30");
    clerk.set(Sheet::Materials, 2, "必须", "√");
    clerk.set(Sheet::Materials, 3, "选了哪些答案才要（不填：都要）", "问2答1");
    clerk.set(Sheet::Materials, 4, "材料编号（新的不填）", "mt_xx_card");
    clerk.set(Sheet::Situations, 3, "问题", "谁去办");
    clerk.set(Sheet::Form, 2, "选项（每行一个）", "一口\n两口");
    let expected = [
        "事项 2 办件类型 bad_value",
        "事项 2 承诺期限（工作日） bad_value",
        "事项 2 收费标准 bad_value",
        "事项 3 截止日期 bad_value",
        "材料 2 必须 bad_value",
    ];
    assert_eq!(told(&clerk.bring()), expected, "what cannot be read comes first");
    // What can be read is put together and checked like a draft.
    let mut clerk = Clerk::open();
    clerk.set(Sheet::Matters, 2, "事项名称", " ");
    clerk.set(Sheet::Matters, 3, "区划代码", "1.59901E+11");
    clerk.set(Sheet::Materials, 3, "选了哪些答案才要（不填：都要）", "问2答1");
    clerk.set(Sheet::Materials, 4, "材料编号（新的不填）", "mt_xx_card");
    clerk.set(Sheet::Situations, 3, "问题", "谁去办");
    clerk.set(Sheet::Form, 2, "选项（每行一个）", "一口\n两口");
    let reading = clerk.bring();
    assert_eq!(
        told(&reading),
        [
            "材料 3 选了哪些答案才要（不填：都要） bad_value",
            "材料 4 材料编号（新的不填） bad_value",
            "情形 3 问题 bad_value",
            "申请表 2 选项（每行一个） bad_value"
        ]
    );
    assert!(reading.changed.is_empty() && !reading.is_broken && reading.missing.is_empty());
    let mut clerk = Clerk::open();
    clerk.set(Sheet::Matters, 2, "事项名称", " ");
    clerk.set(Sheet::Matters, 2, "收费", "是");
    clerk.set(Sheet::Materials, 3, "材料名称", "\u{202E}");
    clerk.set(Sheet::Matters, 3, "区划代码", "1.59901E+11");
    let checked = ["事项 2 事项名称 empty", "事项 2 收费标准 empty", "事项 2 收费依据 empty", "事项 3 区划代码 form"];
    assert_eq!(told(&clerk.bring())[..4], checked);
    assert_eq!(told(&clerk.bring())[4..], ["材料 3 材料名称 forbidden_character"]);
}

#[test]
fn a_line_that_belongs_to_no_matter_stops_the_file() {
    for code in ["", "015A99", "1.5E+10"] {
        let mut clerk = Clerk::open();
        clerk.set(Sheet::Materials, 2, "实施编码", code);
        let reading = clerk.bring();
        assert!(reading.is_broken && reading.changed.is_empty(), "{code}: {:?}", told(&reading));
        assert_eq!(told(&reading).len(), 1, "{code}: {:?}", told(&reading));
    }
    let mut clerk = Clerk::open();
    clerk.set(Sheet::Matters, 3, "实施编码", "015A01");
    assert!(told(&clerk.bring()).contains(&"事项 3 实施编码 duplicate_code".to_owned()));
    let mut clerk = Clerk::open();
    clerk.rows(Sheet::Matters)[0][9] = "我的备注".to_owned();
    let reading = clerk.bring();
    assert!(reading.is_broken);
    assert_eq!(told(&reading), ["事项 1 基本编码 missing_column", "事项 1 我的备注 unknown_column"]);
}

#[test]
fn a_matter_may_be_new_retired_or_left_out() {
    let mut clerk = Clerk::open();
    clerk.set(Sheet::Matters, 2, "状态", "停办");
    let mut row = clerk.rows(Sheet::Matters)[1].clone();
    (row[0], row[1], row[2], row[3], row[4]) = ("015A03".into(), "高龄津贴".into(), "在用".into(), "区老龄办".into(), "77".into());
    clerk.rows(Sheet::Matters)[2] = row;
    for sheet in [Sheet::Materials, Sheet::Situations, Sheet::Form] {
        clerk.rows(sheet).retain(|row| row[0] != "015A02");
    }
    let reading = clerk.bring();
    assert_eq!((told(&reading), reading.missing.as_slice(), reading.changed.len()), (vec![], [1].as_slice(), 2));
    assert_eq!((reading.changed[0].matter.state, reading.changed[0].matter.version), (MatterState::Retired, 2));
    let new = &reading.changed[1];
    assert_eq!((new.before, new.matter.version, new.matter.name.as_str(), new.matter.materials.len()), (None, 1, "高龄津贴", 0));
    assert_eq!(reading.new_departments, [Department { id: new.matter.department_id.clone(), code: "77".into(), name: "区老龄办".into() }]);
}

#[test]
fn a_single_sheet_speaks_of_its_part_of_the_matters_that_it_names() {
    let clerk = Clerk::open();
    let mut table = tables(&clerk.matters, &departments()).into_iter().find(|table| table.sheet == Sheet::Materials).unwrap();
    table.rows.remove(0);
    table.rows.retain(|row| row[0] == "015A01");
    // Known by its columns when somebody gave it another name.
    let sheet = csv_sheet("改过的.csv", csv_text(&table).as_bytes());
    assert!(is_whole(std::slice::from_ref(&sheet)));
    let reading = clerk.read(&[sheet]);
    assert_eq!((told(&reading), reading.changed.len(), reading.missing.len()), (vec![], 1, 0));
    let after = &reading.changed[0].matter;
    assert_eq!((after.materials.len(), after.situations.len(), after.code.as_str()), (1, 1, "015A01"));
    assert_eq!(after.materials[0].situation_ids[0].as_str(), "si_dc_015A01-agent", "by the places of the answers in the matter");
}

#[test]
fn departments_are_known_by_name_and_their_codes_stay() {
    let mut clerk = Clerk::open();
    clerk.set(Sheet::Matters, 2, "部门代码", "0834");
    assert_eq!(told(&clerk.bring()), ["事项 2 部门代码 bad_value"]);
    clerk.set(Sheet::Matters, 2, "部门代码", "");
    clerk.set(Sheet::Matters, 3, "实施部门", "区人社局");
    clerk.set(Sheet::Matters, 3, "部门代码", "");
    let reading = clerk.bring();
    assert_eq!((told(&reading), reading.unchanged.as_slice()), (vec![], [0].as_slice()));
    assert_eq!(reading.changed[0].matter.department_id.as_str(), "d_dd_labour");
    clerk.set(Sheet::Matters, 3, "实施部门", "d_dd_nobody");
    assert_eq!(told(&clerk.bring()), ["事项 3 实施部门 bad_value"]);
}
