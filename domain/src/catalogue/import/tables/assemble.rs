//! Lines back to matters: each put together from its sheets, and compared with what is there. What changes nothing is
//! not looked at further, so that an old matter that today's checks would not take never stops a file.

use std::collections::{BTreeMap, BTreeSet};

use super::super::DEPARTMENT_CHARS_MAX;
use super::super::fault::{FaultCode, ImportFault};
use super::cells::shown;
use super::fields::{self, FieldLine};
use super::matters::{self, MatterLine};
use super::parts::{self, AnswerLine, MaterialLine, OpinionLine, PictureLine, ProcedureLine, StepLine};
use super::places::{Place, Places};
use super::read::{FileSheet, Line, Notes, lines};
use super::{Column, KEY, Sheet};
use crate::catalogue::{Department, ITEM_CODE_CHARS_MAX, Matter};
use crate::codes::clean_line;
use crate::ids::{DepartmentId, MatterId};

/// The catalogue as it is.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The site's own matters.
    pub matters: &'a [Matter],
    /// The district's departments.
    pub departments: &'a [Department],
    /// Short key of the site.
    pub site_key: &'a str,
    /// Short key of the site whose departments these are.
    pub root_key: &'a str,
}

/// A matter that the file changes, or a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its place among the known ones; `None` for a new one.
    pub before: Option<usize>,
    /// As it shall be, in its next version.
    pub matter: Matter,
    places: Places,
}

impl Wanted {
    /// A fault of a field, told at the cell it was read from.
    #[must_use]
    pub fn fault(&self, field: &str, code: &'static str, message: String) -> ImportFault {
        let (sheet, row, column) = self.places.of(field);
        ImportFault { sheet: Some(sheet.name().to_owned()), ..ImportFault::new(row, column, FaultCode::Field(code), message) }
    }
}

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Rows of all sheets after their headers, empty ones not.
    pub row_count: usize,
    /// All that is wrong, in order of sheets and rows.
    pub faults: Vec<ImportFault>,
    /// Nothing of the file can be taken.
    pub is_broken: bool,
    /// Sound matters that change or are new, in order of the file.
    pub changed: Vec<Wanted>,
    /// Places of known matters that stay as they are.
    pub unchanged: Vec<usize>,
    /// Places of known matters that the file does not name; none where it has no sheet of matters.
    pub missing: Vec<usize>,
    /// Departments that the changed ones need and that are not there.
    pub new_departments: Vec<Department>,
}

/// Reads the sheets of a catalogue against what is there. `fresh` gives the tail of a new id, each time another.
#[must_use]
pub fn read(sheets: &[FileSheet], known: Known<'_>, fresh: &mut dyn FnMut() -> String) -> Reading {
    let by_code: BTreeMap<&str, usize> = known.matters.iter().enumerate().map(|(at, matter)| (matter.code.as_str(), at)).collect();
    let mut notes = Notes::default();
    let file = Lines::of(sheets, &by_code, &mut notes);
    let codes = file.order.clone();
    let mut reader = Reader { known, file, notes, fresh, new: Vec::new() };
    let mut reading = Reading::default();
    if !reader.notes.is_broken {
        for code in &codes {
            reader.matter(code, by_code.get(code.as_str()).copied(), &mut reading);
        }
    }
    if reader.file.matters.is_some() {
        let named: BTreeSet<&String> = codes.iter().chain(&reader.notes.broken).collect();
        reading.missing = (0..known.matters.len()).filter(|at| !named.contains(&known.matters[*at].code)).collect();
    }
    let needs = |id: &DepartmentId| reading.changed.iter().any(|wanted| wanted.matter.department_id == *id);
    reading.new_departments = reader.new.into_iter().filter(|department| needs(&department.id)).collect();
    reading.row_count = reader.notes.row_count;
    reading.is_broken = reader.notes.is_broken;
    reading.faults = reader.notes.sorted();
    reading
}

/// The lines of one sheet by the code of their matter; `None` where the file has no such sheet.
pub(super) type Part<T> = Option<BTreeMap<String, Vec<Line<T>>>>;

/// The file, line by line.
#[derive(Default)]
pub(super) struct Lines {
    matters: Option<BTreeMap<String, Line<MatterLine>>>,
    /// The sheet of matters is there, and its header is broken.
    is_unread: bool,
    pub(super) materials: Part<MaterialLine>,
    pub(super) answers: Part<AnswerLine>,
    pub(super) procedures: Part<ProcedureLine>,
    pub(super) fields: Part<FieldLine>,
    pub(super) steps: Part<StepLine>,
    pub(super) opinions: Part<OpinionLine>,
    pub(super) pictures: Part<PictureLine>,
    /// The codes in order of the file, each once.
    order: Vec<String>,
    /// The first row that names each.
    first: BTreeMap<String, (Sheet, usize)>,
}

impl Lines {
    fn of(files: &[FileSheet], by_code: &BTreeMap<&str, usize>, notes: &mut Notes) -> Self {
        let mut read = Self::default();
        let mut seen = BTreeSet::new();
        // The matters first: what they do not name cannot have parts.
        let mut known: Vec<(Sheet, &FileSheet)> = files.iter().filter_map(|file| Some((file.sheet()?, file))).collect();
        known.sort_by_key(|(sheet, _)| *sheet);
        for (sheet, file) in known {
            if !seen.insert(sheet) {
                notes.tell((sheet, 1, None), FaultCode::SeveralSheets, format!("文件里有两页是“{}”，只留一页", sheet.name()));
                notes.is_broken = true;
                continue;
            }
            match sheet {
                Sheet::Matters => read.matters(file, notes),
                Sheet::Materials => read.materials = read.part(sheet, file, parts::MATERIALS, by_code, notes),
                Sheet::Situations => read.answers = read.part(sheet, file, parts::ANSWERS, by_code, notes),
                Sheet::Procedures => read.procedures = read.part(sheet, file, parts::PROCEDURES, by_code, notes),
                Sheet::Form => read.fields = read.part(sheet, file, fields::COLUMNS, by_code, notes),
                Sheet::Approval => read.steps = read.part(sheet, file, parts::STEPS, by_code, notes),
                Sheet::Opinions => read.opinions = read.part(sheet, file, parts::OPINIONS, by_code, notes),
                Sheet::Pictures => read.pictures = read.part(sheet, file, parts::PICTURES, by_code, notes),
            }
        }
        read
    }

    fn name(&mut self, code: &str, sheet: Sheet, row: usize) {
        if !self.first.contains_key(code) {
            self.first.insert(code.to_owned(), (sheet, row));
            self.order.push(code.to_owned());
        }
    }

    fn matters(&mut self, file: &FileSheet, notes: &mut Notes) {
        let mut matters = BTreeMap::new();
        let lines = lines(Sheet::Matters, file, matters::COLUMNS, MatterLine::blank, notes);
        self.is_unread = lines.is_none();
        for line in lines.into_iter().flatten() {
            if let Some((_, first)) = self.first.get(&line.code) {
                let message = format!("编码 {} 与第 {first} 行重复", line.code);
                notes.tell((Sheet::Matters, line.row, Some(KEY)), FaultCode::DuplicateCode, message);
                notes.broken.insert(line.code);
                continue;
            }
            self.name(&line.code, Sheet::Matters, line.row);
            matters.insert(line.code.clone(), line);
        }
        self.matters = Some(matters);
    }

    fn part<T: Default>(
        &mut self,
        sheet: Sheet,
        file: &FileSheet,
        columns: &[Column<T>],
        by_code: &BTreeMap<&str, usize>,
        notes: &mut Notes,
    ) -> Part<T> {
        let mut part: BTreeMap<String, Vec<Line<T>>> = BTreeMap::new();
        for line in lines(sheet, file, columns, T::default, notes).into_iter().flatten() {
            let (is_known, missing) = match self.matters {
                Some(_) if self.is_unread => (true, ""),
                Some(_) => (self.first.contains_key(&line.code) || notes.broken.contains(&line.code), "“事项”那一页里没有"),
                None => (by_code.contains_key(line.code.as_str()), "目录里没有"),
            };
            if !is_known {
                let message = format!("{missing}实施编码 {}", shown(&line.code));
                notes.tell((sheet, line.row, Some(KEY)), FaultCode::UnknownCode, message);
                notes.is_broken = true;
                continue;
            }
            if self.matters.is_none() {
                self.name(&line.code, sheet, line.row);
            }
            part.entry(line.code.clone()).or_default().push(line);
        }
        Some(part)
    }

    /// The lines of a matter on one sheet: `None` where the file says nothing of that part.
    pub(super) fn of_matter<'a, T>(&self, part: &'a Part<T>, code: &str) -> Option<&'a [Line<T>]> {
        match part.as_ref()?.get(code) {
            Some(lines) => Some(lines),
            // Beside a sheet of matters, a matter without lines has none of this.
            None if self.matters.is_some() => Some(&[]),
            None => None,
        }
    }
}

pub(super) struct Reader<'a> {
    pub(super) known: Known<'a>,
    pub(super) file: Lines,
    pub(super) notes: Notes,
    pub(super) fresh: &'a mut dyn FnMut() -> String,
    new: Vec<Department>,
}

impl Reader<'_> {
    fn matter(&mut self, code: &str, at: Option<usize>, reading: &mut Reading) {
        let known = self.known;
        let before = at.map(|at| &known.matters[at]);
        let mut places = Places { first: self.file.first.get(code).copied(), ..Places::default() };
        let Some(mut matter) = self.head(code, before, &mut places) else { return };
        self.parts(code, before, &mut matter, &mut places);
        if self.notes.broken.contains(code) {
            return;
        }
        let is_same = |matter: &Matter| before.is_some_and(|before| *before == Matter { version: before.version, ..matter.clone() });
        if is_same(&matter) {
            reading.unchanged.extend(at);
            return;
        }
        let faults = matter.checked();
        matter.version = before.map_or(1, |before| before.version + 1);
        let wanted = Wanted { before: at, matter, places };
        if !faults.is_empty() {
            let told = faults.into_iter().map(|fault| wanted.fault(&fault.field, fault.code, fault.message));
            self.notes.faults.extend(told);
            self.notes.broken.insert(code.to_owned());
        } else if is_same(&wanted.matter) {
            reading.unchanged.extend(at);
        } else {
            reading.changed.push(wanted);
        }
    }

    /// The matter by its own line, with its parts as they were; `None` when there is no way to it.
    fn head(&mut self, code: &str, before: Option<&Matter>, places: &mut Places) -> Option<Matter> {
        let Some(lines) = &self.file.matters else { return before.cloned() };
        let line = lines.get(code)?;
        let (department, department_code) = (line.value.department.clone(), line.value.department_code.clone());
        places.matter = Some(line.row);
        let mut matter = Matter { code: code.to_owned(), ..line.value.matter.clone() };
        match before {
            Some(before) => {
                matter.id = before.id.clone();
                matter.claimed.clone_from(&before.claimed);
                matter.materials.clone_from(&before.materials);
                matter.situations.clone_from(&before.situations);
                matter.special_procedures.clone_from(&before.special_procedures);
                matter.form_schema.clone_from(&before.form_schema);
                matter.approval.clone_from(&before.approval);
                matter.opinions.clone_from(&before.opinions);
                matter.details.pictures.clone_from(&before.details.pictures);
            }
            None => matter.id = MatterId::new(self.known.site_key, &(self.fresh)()),
        }
        match self.department(&department, &department_code) {
            Ok(id) => matter.department_id = id,
            Err((field, message)) => {
                let place = places.of(field);
                self.broken(code, place, FaultCode::BadValue, message);
            }
        }
        Some(matter)
    }

    /// Tells a fault by which a matter cannot be taken.
    pub(super) fn broken(&mut self, code: &str, place: Place, fault: FaultCode, message: String) {
        self.notes.tell(place, fault, message);
        self.notes.broken.insert(code.to_owned());
    }

    /// The department of a word: one that is there, else a new one.
    fn department(&mut self, word: &str, code: &str) -> Result<DepartmentId, (&'static str, String)> {
        if word.is_empty() {
            return Err(("department_id", "没填实施部门".to_owned()));
        }
        if let Some(known) = known_department(self.known.departments, word).map_err(|message| ("department_id", message))? {
            if !code.is_empty() && known.code != code {
                let was = if known.code.is_empty() { "空的" } else { known.code.as_str() };
                let message = format!("“{}”的代码在系统里是{was}；目录文件不改部门，这一格照旧或者空着", known.name);
                return Err(("department_code", message));
            }
            return Ok(known.id.clone());
        }
        let clean = |field, text: &str, chars_max| clean_line(text, chars_max).map_err(|fault| (field, fault.message()));
        let name = clean("department_id", word, DEPARTMENT_CHARS_MAX)?;
        let code = if code.is_empty() { String::new() } else { clean("department_code", code, ITEM_CODE_CHARS_MAX)? };
        if let Some(new) = self.new.iter().find(|new| new.name == name) {
            return Ok(new.id.clone());
        }
        let id = DepartmentId::new(self.known.root_key, &(self.fresh)());
        self.new.push(Department { id: id.clone(), code, name });
        Ok(id)
    }
}

/// A department that is there, by its name or by its id; an error where that says too little.
pub(super) fn known_department<'a>(departments: &'a [Department], word: &str) -> Result<Option<&'a Department>, String> {
    let named: Vec<&Department> = departments.iter().filter(|one| one.name == word).collect();
    match named.as_slice() {
        [only] => Ok(Some(only)),
        [] => {
            let by_id = departments.iter().find(|one| one.id.as_str() == word);
            if by_id.is_none() && DepartmentId::parse(word).is_some() { Err("没有这个编号的部门".to_owned()) } else { Ok(by_id) }
        }
        several => {
            let ids = several.iter().map(|one| one.id.to_string()).collect::<Vec<_>>().join("、");
            Err(format!("有几个部门都叫“{word}”，请填编号：{ids}"))
        }
    }
}
