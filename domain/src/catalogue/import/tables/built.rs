//! The parts of a matter from their lines: in the order of their numbers, with the ids that the file names. A line
//! without an id is what there was under that name, else something new; so the same file brought in twice changes
//! nothing the second time.

use std::collections::BTreeMap;

use super::super::fault::FaultCode;
use super::assemble::{Reader, known_department};
use super::cells::AnswerAt;
use super::fields::{FieldLine, column_of};
use super::parts::{AnswerLine, MaterialLine};
use super::places::{Place, Places};
use super::read::Line;
use super::write::answer_places;
use super::{Column, Sheet, fields, parts};
use crate::case::{ApprovalStage, ApprovalStep, StepId};
use crate::catalogue::{FormSchema, Material, Matter, Situation, SituationQuestion, SpecialProcedure};
use crate::ids::{MaterialId, SituationId};

/// The cell of a field of a part.
fn cell<T>(sheet: Sheet, columns: &[Column<T>], row: usize, field: &str) -> Place {
    (sheet, row, columns.iter().find(|column| column.field == field).map(|column| column.name))
}

/// Lines in the order of their numbers; those of one number as they stand.
fn ordered<T>(lines: &[Line<T>], place: fn(&T) -> u32) -> Vec<&Line<T>> {
    let mut ordered: Vec<&Line<T>> = lines.iter().collect();
    ordered.sort_by_key(|line| place(&line.value));
    ordered
}

/// What is wrong in a part: where and what to do.
type Wrong = Vec<(Place, String)>;

impl Reader<'_> {
    /// Every part that the file speaks of, written into the matter.
    pub(super) fn parts(&mut self, code: &str, before: Option<&Matter>, matter: &mut Matter, places: &mut Places) {
        let mut wrong = Wrong::new();
        let found = self.questions(code, before, matter, places, &mut wrong);
        self.materials(code, before, matter, &found, places, &mut wrong);
        self.form(code, matter, &mut wrong);
        self.steps(code, matter, places, &mut wrong);
        if let Some(lines) = self.file.of_matter(&self.file.procedures, code) {
            let lines = ordered(lines, |line| line.place);
            places.procedures = lines.iter().map(|line| line.row).collect();
            let one = |line: &&Line<parts::ProcedureLine>| {
                let line = &line.value;
                let special =
                    |procedure| SpecialProcedure { procedure, days: line.days, basis: line.basis.clone(), stops_clock: line.stops_clock };
                line.procedure.map(special)
            };
            matter.special_procedures = lines.iter().filter_map(one).collect();
        }
        if let Some(lines) = self.file.of_matter(&self.file.opinions, code) {
            let lines = ordered(lines, |line| line.place);
            places.opinions = lines.iter().map(|line| line.row).collect();
            matter.opinions = lines.iter().map(|line| line.value.opinion.clone()).collect();
        }
        if let Some(lines) = self.file.of_matter(&self.file.pictures, code) {
            let lines = ordered(lines, |line| line.place);
            places.pictures = lines.iter().map(|line| line.row).collect();
            matter.details.pictures = lines.iter().map(|line| line.value.picture.clone()).collect();
        }
        for (place, message) in wrong {
            self.broken(code, place, FaultCode::BadValue, message);
        }
    }

    /// The questions; gives the answers that materials may name, by the numbers of the file, or by their places in the
    /// matter where the file says nothing of them.
    fn questions(
        &mut self,
        code: &str,
        before: Option<&Matter>,
        matter: &mut Matter,
        places: &mut Places,
        wrong: &mut Wrong,
    ) -> BTreeMap<AnswerAt, SituationId> {
        let Some(lines) = self.file.of_matter(&self.file.answers, code) else {
            return answer_places(matter).into_iter().map(|(at, id)| (at, id.clone())).collect();
        };
        let at = |line: &AnswerLine| line.at.map_or(0, |at| at.answer);
        let lines = ordered(lines, at);
        let mut by_question: BTreeMap<u32, Vec<&Line<AnswerLine>>> = BTreeMap::new();
        for line in lines {
            by_question.entry(line.value.question_place).or_default().push(line);
        }
        let mut ids = Ids { site_key: self.known.site_key, known: known_answers(before), taken: Vec::new(), fresh: &mut *self.fresh };
        ids.taken.extend(by_question.values().flatten().filter_map(|line| SituationId::parse(&line.value.id)));
        let mut found: BTreeMap<AnswerAt, SituationId> = BTreeMap::new();
        let mut questions: Vec<(SituationQuestion, &Line<AnswerLine>)> = Vec::new();
        places.answers.clear();
        for lines in by_question.values() {
            let Some(first) = lines.first() else { continue };
            let mut options = Vec::with_capacity(lines.len());
            for line in lines {
                let value = &line.value;
                let answer = |field| cell(Sheet::Situations, parts::ANSWERS, line.row, field);
                if (&value.question, value.many, &value.asked_if) != (&first.value.question, first.value.many, &first.value.asked_if) {
                    let message = format!("第 {} 问的问题、可选几个、什么时候问，要和第 {} 行写的一样", value.question_place, first.row);
                    wrong.push((answer("question"), message));
                }
                let Some(id) = ids.of(&value.id, &(value.question.clone(), value.answer.clone())) else {
                    wrong.push((answer("id"), ids.message("答案", "si")));
                    continue;
                };
                if let Some(at) = value.at
                    && found.insert(at, id.clone()).is_some()
                {
                    wrong.push((answer("place"), format!("{at}写了两行")));
                }
                options.push(Situation { id, name: value.answer.clone() });
            }
            places.answers.push(lines.iter().map(|line| line.row).collect());
            let question =
                SituationQuestion { question: first.value.question.clone(), many: first.value.many, options, asked_if: Vec::new() };
            questions.push((question, first));
        }
        matter.situations = questions
            .into_iter()
            .map(|(question, line)| {
                let place = cell(Sheet::Situations, parts::ANSWERS, line.row, "asked_if");
                SituationQuestion { asked_if: looked_up(&line.value.asked_if, &found, place, wrong), ..question }
            })
            .collect();
        found
    }

    fn materials(
        &mut self,
        code: &str,
        before: Option<&Matter>,
        matter: &mut Matter,
        found: &BTreeMap<AnswerAt, SituationId>,
        places: &mut Places,
        wrong: &mut Wrong,
    ) {
        let Some(lines) = self.file.of_matter(&self.file.materials, code) else { return };
        let lines = ordered(lines, |line| line.place);
        let mut ids = Ids { site_key: self.known.site_key, known: known_materials(before), taken: Vec::new(), fresh: &mut *self.fresh };
        ids.taken.extend(lines.iter().filter_map(|line| MaterialId::parse(&line.value.id)));
        places.materials = lines.iter().map(|line| line.row).collect();
        let mut materials = Vec::with_capacity(lines.len());
        for line in lines {
            let place = |field| cell(Sheet::Materials, parts::MATERIALS, line.row, field);
            let situation_ids = looked_up(&line.value.asked_by, found, place("situation_ids"), wrong);
            match ids.of(&line.value.id, &line.value.name) {
                Some(id) => materials.extend(material(&line.value, id, situation_ids)),
                None => wrong.push((place("id"), ids.message("材料", "mt"))),
            }
        }
        matter.materials = materials;
    }

    fn form(&self, code: &str, matter: &mut Matter, wrong: &mut Wrong) {
        let Some(lines) = self.file.of_matter(&self.file.fields, code) else { return };
        let lines = ordered(lines, |line| line.place);
        let place = |row: usize, field: &str| cell(Sheet::Form, fields::COLUMNS, row, field);
        let before = wrong.len();
        let mut read = Vec::with_capacity(lines.len());
        for (at, line) in lines.iter().enumerate() {
            if lines[..at].iter().any(|other| other.value.name == line.value.name) {
                wrong.push((place(line.row, "name"), format!("栏目代号“{}”写了两行", line.value.name)));
            }
            match line.value.field() {
                Ok(field) => read.push(field),
                Err(faults) => wrong.extend(faults.into_iter().map(|(field, message)| (place(line.row, field), message))),
            }
        }
        if wrong.len() > before {
            return;
        }
        // A form without fields is as good as none; it stays what it was.
        if read.is_empty() {
            matter.form_schema = matter.form_schema.take().filter(|schema| schema.fields.is_empty());
            return;
        }
        match FormSchema::read(&FormSchema { fields: read }.to_json()) {
            Ok(schema) => matter.form_schema = Some(schema),
            Err(faults) => wrong.extend(faults.into_iter().map(|fault| {
                let name = fault.field.strip_prefix("properties.").and_then(|rest| rest.split('.').next()).unwrap_or_default();
                let line: Option<&&Line<FieldLine>> = lines.iter().find(|line| line.value.name == name).or(lines.last());
                (place(line.map_or(1, |line| line.row), column_of(&fault.field)), fault.message)
            })),
        }
    }

    fn steps(&self, code: &str, matter: &mut Matter, places: &mut Places, wrong: &mut Wrong) {
        let Some(lines) = self.file.of_matter(&self.file.steps, code) else { return };
        let mut stages: BTreeMap<u32, (ApprovalStage, Vec<usize>)> = BTreeMap::new();
        for line in lines {
            let value = &line.value;
            let department_id = match known_department(self.known.departments, &value.department) {
                _ if value.department.is_empty() => None,
                Ok(Some(department)) => Some(department.id.clone()),
                told => {
                    let message = told.err().unwrap_or_else(|| "没有这个部门".to_owned());
                    wrong.push((cell(Sheet::Approval, parts::STEPS, line.row, "department_id"), message));
                    None
                }
            };
            let Some(signer) = value.signer else { continue };
            let (stage, rows) = stages.entry(value.stage).or_insert_with(|| (ApprovalStage { steps: Vec::new() }, Vec::new()));
            stage.steps.push(ApprovalStep { id: StepId::new(&value.id), name: value.name.clone(), department_id, signer });
            rows.push(line.row);
        }
        (matter.approval, places.steps) = stages.into_values().unzip();
    }
}

fn material(line: &MaterialLine, id: MaterialId, situation_ids: Vec<SituationId>) -> Option<Material> {
    Some(Material {
        id,
        name: line.name.clone(),
        kind: line.kind?,
        originals: line.originals,
        copies: line.copies,
        required: line.required,
        tolerable: line.tolerable,
        keeping: line.keeping?,
        source: line.source?,
        acceptance_points: line.acceptance_points.clone(),
        situation_ids,
        sample: line.sample.clone(),
        blank_form: line.blank_form.clone(),
    })
}

fn looked_up(answers: &[AnswerAt], found: &BTreeMap<AnswerAt, SituationId>, place: Place, wrong: &mut Wrong) -> Vec<SituationId> {
    let missing: Vec<String> = answers.iter().filter(|at| !found.contains_key(at)).map(ToString::to_string).collect();
    if !missing.is_empty() {
        wrong.push((place, format!("这个事项的情形里没有{}", missing.join("、"))));
    }
    answers.iter().filter_map(|at| found.get(at).cloned()).collect()
}

/// Something with an id of its own in a matter.
trait Identified: Clone + PartialEq {
    fn made(site_key: &str, tail: &str) -> Self;
    fn parsed(text: &str, site_key: &str) -> Option<Self>;
    fn text(&self) -> &str;
}

macro_rules! identified {
    ($($name:ident),+) => {$(
        impl Identified for $name {
            fn made(site_key: &str, tail: &str) -> Self {
                Self::new(site_key, tail)
            }

            fn parsed(text: &str, site_key: &str) -> Option<Self> {
                Self::parse(text).filter(|id| id.site_key() == site_key)
            }

            fn text(&self) -> &str {
                self.as_str()
            }
        }
    )+};
}

identified!(MaterialId, SituationId);

/// The ids of one sort of parts of a matter, as they are given out.
struct Ids<'a, I, N> {
    site_key: &'a str,
    /// Those that are there, by what they are called.
    known: Vec<(N, I)>,
    /// Those that the file names, or that were given out.
    taken: Vec<I>,
    fresh: &'a mut dyn FnMut() -> String,
}

impl<I: Identified, N: PartialEq> Ids<'_, I, N> {
    /// The id that a line names; without one, that of the same name, else a new one. `None`: none of this site.
    fn of(&mut self, text: &str, name: &N) -> Option<I> {
        if !text.is_empty() {
            let known = self.known.iter().find(|(_, id)| id.text() == text).map(|(_, id)| id.clone());
            return known.or_else(|| I::parsed(text, self.site_key));
        }
        let same = self.known.iter().find(|(known, id)| known == name && !self.taken.contains(id)).map(|(_, id)| id.clone());
        let id = same.unwrap_or_else(|| I::made(self.site_key, &(self.fresh)()));
        self.taken.push(id.clone());
        Some(id)
    }

    fn message(&self, what: &str, kind: &str) -> String {
        format!("这个编号不是本场所的{what}编号（{kind}_{}_…）；新的{what}这一格空着，由系统编", self.site_key)
    }
}

fn known_materials(before: Option<&Matter>) -> Vec<(String, MaterialId)> {
    before.into_iter().flat_map(|matter| &matter.materials).map(|material| (material.name.clone(), material.id.clone())).collect()
}

fn known_answers(before: Option<&Matter>) -> Vec<((String, String), SituationId)> {
    let questions = before.into_iter().flat_map(|matter| &matter.situations);
    let of = |one: &SituationQuestion| {
        let question = one.question.clone();
        one.options.iter().map(move |option| ((question.clone(), option.name.clone()), option.id.clone())).collect::<Vec<_>>()
    };
    questions.flat_map(of).collect()
}
