//! Matters as tables, and a table as the text of one CSV file: UTF-8 with the mark by which spreadsheets know it, lines
//! end with `\r\n`. The same matters give the same bytes.

use super::super::write::{MARK, cell};
use super::cells::AnswerAt;
use super::fields::{self, FieldLine};
use super::matters::{self, MatterLine};
use super::parts::{self, AnswerLine, MaterialLine, OpinionLine, PictureLine, ProcedureLine, StepLine};
use super::{Column, Sheet};
use crate::catalogue::{Department, Material, Matter, SpecialProcedure};
use crate::ids::{DepartmentId, SituationId};

/// A sheet with its lines, the header not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Which one.
    pub sheet: Sheet,
    /// Its lines; each has a cell for every column.
    pub rows: Vec<Vec<String>>,
}

/// Every field of the matters, in order of their codes, as one table a sheet.
#[must_use]
pub fn tables(matters: &[Matter], departments: &[Department]) -> Vec<Table> {
    let mut sorted: Vec<&Matter> = matters.iter().collect();
    sorted.sort_by(|one, other| one.code.cmp(&other.code));
    let rows_of = |sheet: Sheet| -> Vec<Vec<String>> { sorted.iter().flat_map(|matter| rows(sheet, matter, departments)).collect() };
    Sheet::ALL.into_iter().map(|sheet| Table { sheet, rows: rows_of(sheet) }).collect()
}

/// A table as a file.
#[must_use]
pub fn csv_text(table: &Table) -> String {
    let header: Vec<String> = table.sheet.columns().into_iter().map(|(name, _)| name.to_owned()).collect();
    let line = |cells: &Vec<String>| cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",") + "\r\n";
    std::iter::once(MARK.to_owned()).chain(std::iter::once(&header).chain(&table.rows).map(line)).collect()
}

/// What people call a department in the file: its name, or its id where the name says too little.
pub(super) fn department_word(departments: &[Department], id: &DepartmentId) -> String {
    let known = departments.iter().find(|one| one.id == *id);
    let is_only = |name: &str| departments.iter().filter(|one| one.name == name).count() == 1;
    known.filter(|one| is_only(&one.name)).map_or_else(|| id.to_string(), |one| one.name.clone())
}

/// Where each answer of a matter stands; places count from 1.
pub(super) fn answer_places(matter: &Matter) -> Vec<(AnswerAt, &SituationId)> {
    let mut places = Vec::new();
    for (question, one) in (1_u32..).zip(&matter.situations) {
        for (answer, option) in (1_u32..).zip(&one.options) {
            places.push((AnswerAt { question, answer }, &option.id));
        }
    }
    places
}

fn rows(sheet: Sheet, matter: &Matter, departments: &[Department]) -> Vec<Vec<String>> {
    match sheet {
        Sheet::Matters => {
            let code = departments.iter().find(|one| one.id == matter.department_id).map_or("", |one| one.code.as_str());
            let line = MatterLine {
                matter: matter.clone(),
                department: department_word(departments, &matter.department_id),
                department_code: code.to_owned(),
            };
            let cells = matters::COLUMNS.iter().map(|column| (column.write)(&line));
            vec![std::iter::once(matter.code.clone()).chain(cells).collect()]
        }
        Sheet::Materials => part(matter, parts::MATERIALS, materials(matter)),
        Sheet::Situations => part(matter, parts::ANSWERS, answers(matter)),
        Sheet::Procedures => part(matter, parts::PROCEDURES, procedures(matter)),
        Sheet::Form => {
            let fields = matter.form_schema.iter().flat_map(|schema| &schema.fields);
            part(matter, fields::COLUMNS, (1..).zip(fields).map(|(place, field)| FieldLine::of(place, field)).collect())
        }
        Sheet::Approval => part(matter, parts::STEPS, steps(matter, departments)),
        Sheet::Opinions => {
            let opinions = (1..).zip(&matter.opinions);
            part(matter, parts::OPINIONS, opinions.map(|(place, one)| OpinionLine { place, opinion: one.clone() }).collect())
        }
        Sheet::Pictures => {
            let pictures = (1..).zip(&matter.details.pictures);
            part(matter, parts::PICTURES, pictures.map(|(place, one)| PictureLine { place, picture: one.clone() }).collect())
        }
    }
}

fn part<T>(matter: &Matter, columns: &[Column<T>], lines: Vec<T>) -> Vec<Vec<String>> {
    let head = [matter.code.clone(), matter.name.clone()];
    let row = |line: &T| -> Vec<String> { head.iter().cloned().chain(columns.iter().map(|column| (column.write)(line))).collect() };
    lines.iter().map(row).collect()
}

fn found(places: &[(AnswerAt, &SituationId)], ids: &[SituationId]) -> Vec<AnswerAt> {
    ids.iter().filter_map(|id| places.iter().find(|(_, known)| *known == id).map(|(at, _)| *at)).collect()
}

fn materials(matter: &Matter) -> Vec<MaterialLine> {
    let places = answer_places(matter);
    let line = |(place, one): (u32, &Material)| MaterialLine {
        place,
        name: one.name.clone(),
        kind: Some(one.kind),
        originals: one.originals,
        copies: one.copies,
        required: one.required,
        tolerable: one.tolerable,
        keeping: Some(one.keeping),
        source: Some(one.source),
        acceptance_points: one.acceptance_points.clone(),
        asked_by: found(&places, &one.situation_ids),
        sample: one.sample.clone(),
        blank_form: one.blank_form.clone(),
        id: one.id.to_string(),
    };
    (1..).zip(&matter.materials).map(line).collect()
}

fn answers(matter: &Matter) -> Vec<AnswerLine> {
    let places = answer_places(matter);
    let mut lines = Vec::new();
    for (question_place, one) in (1_u32..).zip(&matter.situations) {
        for (answer, option) in (1_u32..).zip(&one.options) {
            lines.push(AnswerLine {
                at: Some(AnswerAt { question: question_place, answer }),
                question_place,
                question: one.question.clone(),
                many: one.many,
                answer: option.name.clone(),
                asked_if: found(&places, &one.asked_if),
                id: option.id.to_string(),
            });
        }
    }
    lines
}

fn procedures(matter: &Matter) -> Vec<ProcedureLine> {
    let line = |(place, one): (u32, &SpecialProcedure)| ProcedureLine {
        place,
        procedure: Some(one.procedure),
        days: one.days,
        basis: one.basis.clone(),
        stops_clock: one.stops_clock,
    };
    (1..).zip(&matter.special_procedures).map(line).collect()
}

fn steps(matter: &Matter, departments: &[Department]) -> Vec<StepLine> {
    let mut lines = Vec::new();
    for (stage, one) in (1_u32..).zip(&matter.approval) {
        lines.extend(one.steps.iter().map(|step| StepLine {
            stage,
            id: step.id.to_string(),
            name: step.name.clone(),
            department: step.department_id.as_ref().map_or(String::new(), |id| department_word(departments, id)),
            signer: Some(step.signer),
        }));
    }
    lines
}
