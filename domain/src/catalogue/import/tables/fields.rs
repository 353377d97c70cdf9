//! The columns of a form's fields (申请表), one line a field.

use super::cells::{YES_NO, lines, number, pick, put, read_lines, read_yes_no, some_number, written, yes_no};
use super::{Column, Kind};
use crate::catalogue::form::ANSWER_CHARS_MAX;
use crate::catalogue::{FieldKind, FormField, TextFormat};

/// What is filled in, as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    Line,
    Lines,
    Whole,
    Number,
    YesNo,
    One,
    Some,
}

impl Answered {
    const ALL: [Self; 7] = [Self::Line, Self::Lines, Self::Whole, Self::Number, Self::YesNo, Self::One, Self::Some];

    fn label(self) -> &'static str {
        match self {
            Self::Line => "一行文字",
            Self::Lines => "几行文字",
            Self::Whole => "整数",
            Self::Number => "数",
            Self::YesNo => "勾选",
            Self::One => "单选",
            Self::Some => "多选",
        }
    }
}

fn format_label(format: TextFormat) -> &'static str {
    match format {
        TextFormat::Date => "日期",
        TextFormat::Phone => "电话",
        TextFormat::Email => "电子邮箱",
        TextFormat::ResidentId => "身份证号",
        TextFormat::Uscc => "统一社会信用代码",
    }
}

/// A field as it stands on its line.
#[derive(Default)]
pub(super) struct FieldLine {
    pub(super) place: u32,
    pub(super) name: String,
    title: String,
    hint: String,
    required: bool,
    answered: Option<Answered>,
    least: Option<i64>,
    most: Option<i64>,
    format: Option<TextFormat>,
    options: Vec<String>,
}

impl FieldLine {
    pub(super) fn of(place: u32, field: &FormField) -> Self {
        let line = Self {
            place,
            name: field.name.clone(),
            title: field.title.clone(),
            hint: field.hint.clone(),
            required: field.required,
            ..Self::default()
        };
        match &field.kind {
            FieldKind::Text { chars_min, chars_max, many_lines, format } => Self {
                answered: Some(if *many_lines { Answered::Lines } else { Answered::Line }),
                least: (*chars_min > 0).then_some(i64::from(*chars_min)),
                most: Some(i64::from(*chars_max)),
                format: *format,
                ..line
            },
            FieldKind::Number { whole, minimum, maximum } => {
                Self { answered: Some(if *whole { Answered::Whole } else { Answered::Number }), least: *minimum, most: *maximum, ..line }
            }
            FieldKind::YesNo => Self { answered: Some(Answered::YesNo), ..line },
            FieldKind::One { options } => Self { answered: Some(Answered::One), options: options.clone(), ..line },
            FieldKind::Some { options, count_min, count_max } => Self {
                answered: Some(Answered::Some),
                least: Some(i64::from(*count_min)),
                most: Some(i64::from(*count_max)),
                options: options.clone(),
                ..line
            },
        }
    }

    /// The field, or the cells that do not fit what is filled in: column's field and what to do.
    pub(super) fn field(&self) -> Result<FormField, Vec<(&'static str, String)>> {
        let answered = self.answered.unwrap_or(Answered::Line);
        let mut faults = self.misplaced(answered);
        let mut size = |field: &'static str, value: Option<i64>, default: u32| match value.map_or(Ok(default), u32::try_from) {
            Ok(size) => size,
            Err(_) => {
                faults.push((field, "填 0 或更大的整数".to_owned()));
                default
            }
        };
        let kind = match answered {
            Answered::Line | Answered::Lines => FieldKind::Text {
                chars_min: size("least", self.least, 0),
                chars_max: size("most", self.most, ANSWER_CHARS_MAX),
                many_lines: answered == Answered::Lines,
                format: self.format,
            },
            Answered::Whole | Answered::Number => {
                FieldKind::Number { whole: answered == Answered::Whole, minimum: self.least, maximum: self.most }
            }
            Answered::YesNo => FieldKind::YesNo,
            Answered::One => FieldKind::One { options: self.options.clone() },
            Answered::Some => FieldKind::Some {
                options: self.options.clone(),
                count_min: size("least", self.least, 0),
                count_max: size("most", self.most, u32::try_from(self.options.len()).unwrap_or(u32::MAX)),
            },
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(FormField { name: self.name.clone(), title: self.title.clone(), hint: self.hint.clone(), required: self.required, kind })
    }

    /// Cells that say something this sort of answer has no use for: nothing is dropped in silence.
    fn misplaced(&self, answered: Answered) -> Vec<(&'static str, String)> {
        let takes_bounds = !matches!(answered, Answered::YesNo | Answered::One);
        let takes_format = matches!(answered, Answered::Line | Answered::Lines);
        let takes_options = matches!(answered, Answered::One | Answered::Some);
        let told = |field, column| (field, format!("“填什么”是“{}”，{column}要空着", answered.label()));
        let mut faults = Vec::new();
        if self.least.is_some() && !takes_bounds {
            faults.push(told("least", "“最少”"));
        }
        if self.most.is_some() && !takes_bounds {
            faults.push(told("most", "“最多”"));
        }
        if self.format.is_some() && !takes_format {
            faults.push(told("format", "“格式”"));
        }
        if !self.options.is_empty() && !takes_options {
            faults.push(told("options", "“选项”"));
        }
        faults
    }
}

/// The column that a fault of a schema speaks of, by the end of its path.
pub(super) fn column_of(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "title" => "title",
        "description" => "hint",
        "enum" | "items" => "options",
        "format" => "format",
        "minLength" | "minimum" | "minItems" => "least",
        "maxLength" | "maximum" | "maxItems" => "most",
        _ => "name",
    }
}

pub(super) const COLUMNS: &[Column<FieldLine>] = &[
    Column {
        name: "序号",
        field: "place",
        kind: Kind::Number,
        write: |line| line.place.to_string(),
        read: |line, text| {
            line.place = number(text)?;
            Ok(())
        },
    },
    Column {
        name: "栏目代号",
        field: "name",
        kind: Kind::Text,
        write: |line| line.name.clone(),
        read: |line, text| {
            let name = text.trim();
            if name.is_empty() {
                return Err("没填。用小写字母、数字和下划线，字母开头，一张表里不重复".to_owned());
            }
            put(&mut line.name, name)
        },
    },
    Column {
        name: "栏目名称",
        field: "title",
        kind: Kind::Text,
        write: |line| line.title.clone(),
        read: |line, text| put(&mut line.title, text),
    },
    Column {
        name: "填写提示",
        field: "hint",
        kind: Kind::Text,
        write: |line| line.hint.clone(),
        read: |line, text| put(&mut line.hint, text),
    },
    Column {
        name: "必填",
        field: "required",
        kind: Kind::Choice(YES_NO),
        write: |line| yes_no(line.required),
        read: |line, text| read_yes_no(&mut line.required, text),
    },
    Column {
        name: "填什么",
        field: "kind",
        kind: Kind::Choice(&["一行文字", "几行文字", "整数", "数", "勾选", "单选", "多选"]),
        write: |line| line.answered.map_or("", Answered::label).to_owned(),
        read: |line, text| {
            line.answered = Some(pick(text, &Answered::ALL, Answered::label)?);
            Ok(())
        },
    },
    Column {
        name: "最少",
        field: "least",
        kind: Kind::Number,
        write: |line| written(line.least),
        read: |line, text| {
            line.least = some_number(text)?;
            Ok(())
        },
    },
    Column {
        name: "最多",
        field: "most",
        kind: Kind::Number,
        write: |line| written(line.most),
        read: |line, text| {
            line.most = some_number(text)?;
            Ok(())
        },
    },
    Column {
        name: "格式",
        field: "format",
        kind: Kind::Choice(&["日期", "电话", "电子邮箱", "身份证号", "统一社会信用代码"]),
        write: |line| line.format.map_or("", format_label).to_owned(),
        read: |line, text| {
            let text = text.trim();
            line.format = if text.is_empty() { None } else { Some(pick(text, &TextFormat::ALL, format_label)?) };
            Ok(())
        },
    },
    Column {
        name: "选项（每行一个）",
        field: "options",
        kind: Kind::Long,
        write: |line| lines(&line.options),
        read: |line, text| read_lines(&mut line.options, text),
    },
];
