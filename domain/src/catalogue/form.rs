//! The applicant's form of a matter (申请表) as a small subset of JSON Schema 2020-12: what a schema may say, and
//! whether a filled form fits it. Knows no page and nothing else of the matter.
//!
//! The subset: an object with `properties`, `required`, `additionalProperties: false` and `x-order` (the order of the
//! fields; by name without it). A property is a `string` (`minLength`, `maxLength`, `enum`, `format` of
//! [`TextFormat`], `x-lines` for several lines), an `integer` or `number` (`minimum`, `maximum`, whole numbers), a
//! `boolean`, or an `array` of strings of one `enum` without repetition (`minItems`, `maxItems`). Each has a `title`,
//! and may have a `description`. Anything else is refused, so that no rule is silently not applied.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};

use crate::codes::{IdType, clean_line, clean_lines, phone, uscc};

/// Fields of one form.
pub const FIELDS_MAX: usize = 60;
/// Options of one choice.
pub const OPTIONS_MAX: usize = 60;
/// Characters of one answer.
pub const ANSWER_CHARS_MAX: u32 = 2_000;
/// Characters of a title or an option.
const TITLE_CHARS_MAX: usize = 60;
/// Characters of a hint.
const HINT_CHARS_MAX: usize = 200;
/// Characters of a field's name.
const NAME_CHARS_MAX: usize = 40;

/// The form of a matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct FormSchema {
    /// Its fields in the order they are shown.
    pub fields: Vec<FormField>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Its name in the form: `[a-z][a-z0-9_]*`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// A word of help; empty without.
    pub hint: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// What it takes.
    pub kind: FieldKind,
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// A text.
    Text {
        /// Fewest characters.
        chars_min: u32,
        /// Most characters.
        chars_max: u32,
        /// Whether several lines are taken.
        many_lines: bool,
        /// A form that the text must have.
        format: Option<TextFormat>,
    },
    /// A number.
    Number {
        /// Whether only whole numbers are taken.
        whole: bool,
        /// Least value.
        minimum: Option<i64>,
        /// Greatest value.
        maximum: Option<i64>,
    },
    /// Yes or no.
    YesNo,
    /// One of several options.
    One {
        /// The options.
        options: Vec<String>,
    },
    /// Some of several options.
    Some {
        /// The options.
        options: Vec<String>,
        /// Fewest.
        count_min: u32,
        /// Most.
        count_max: u32,
    },
}

/// A form that a text must have (`format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// `date`: 2026-01-31.
    Date,
    /// `phone`: a mobile or landline number.
    Phone,
    /// `email`.
    Email,
    /// `resident-id`: 居民身份证号, GB 11643.
    ResidentId,
    /// `uscc`: 统一社会信用代码, GB 32100.
    Uscc,
}

impl TextFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Date, Self::Phone, Self::Email, Self::ResidentId, Self::Uscc];

    /// The word in the schema.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::ResidentId => "resident-id",
            Self::Uscc => "uscc",
        }
    }

    fn fault(self, text: &str, today: NaiveDate) -> Option<String> {
        match self {
            Self::Date => NaiveDate::parse_from_str(text, "%Y-%m-%d").is_err().then(|| "日期写成 2026-01-31 的样子".to_owned()),
            Self::Phone => phone(text).err().map(|fault| fault.message()),
            Self::Email => (!is_email(text)).then(|| "邮箱写成 name@example.cn 的样子".to_owned()),
            Self::ResidentId => IdType::ResidentId.normal(text, today).err().map(|fault| fault.message()),
            Self::Uscc => uscc(text).err().map(|fault| fault.message()),
        }
    }
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let sound = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    sound(name) && sound(host) && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
}

/// What is wrong with a schema or a filled form, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFault {
    /// Name of the field; in a schema the path of what is wrong. Empty for the whole.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// What to do, in Chinese.
    pub message: String,
}

impl FormFault {
    fn new(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), code, message: message.into() }
    }
}

impl TryFrom<Value> for FormSchema {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        Self::read(&value).map_err(|faults| faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("；"))
    }
}

impl From<FormSchema> for Value {
    fn from(schema: FormSchema) -> Self {
        schema.to_json()
    }
}

impl FormSchema {
    /// Reads a schema of the subset.
    ///
    /// # Errors
    /// Everything that is wrong, each with its path.
    pub fn read(value: &Value) -> Result<Self, Vec<FormFault>> {
        let Some(root) = value.as_object() else { return Err(vec![FormFault::new("", "form", "表单要是一个 JSON Schema 对象")]) };
        let mut faults = Vec::new();
        only(root, "", &["$schema", "type", "title", "properties", "required", "additionalProperties", "x-order"], &mut faults);
        if root.get("type").and_then(Value::as_str) != Some("object") {
            faults.push(FormFault::new("type", "form", "type 要是 object"));
        }
        if root.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false)) {
            faults.push(FormFault::new("additionalProperties", "form", "additionalProperties 只能是 false"));
        }
        let none = Map::new();
        let properties = root.get("properties").and_then(Value::as_object).unwrap_or(&none);
        if properties.len() > FIELDS_MAX {
            faults.push(FormFault::new("properties", "too_many", format!("一张表最多 {FIELDS_MAX} 栏")));
        }
        let required = names(root, "required", properties, &mut faults);
        let order = names(root, "x-order", properties, &mut faults);
        let mut fields: Vec<FormField> = Vec::with_capacity(properties.len());
        for (name, property) in properties {
            let path = format!("properties.{name}");
            let sound = name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.len() <= NAME_CHARS_MAX
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            if !sound {
                faults.push(FormFault::new(&path, "name", format!("栏目代号“{name}”只用小写字母、数字和下划线，字母开头")));
            }
            fields.extend(field(name, property, required.contains(name), &path, &mut faults));
        }
        let place = |field: &FormField| order.iter().position(|name| *name == field.name).unwrap_or(usize::MAX);
        fields.sort_by(|one, other| (place(one), &one.name).cmp(&(place(other), &other.name)));
        if faults.is_empty() { Ok(Self { fields }) } else { Err(faults) }
    }

    /// The schema as JSON Schema.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let properties: Map<String, Value> = self.fields.iter().map(|field| (field.name.clone(), field.to_json())).collect();
        let named = |fields: Vec<&FormField>| fields.into_iter().map(|field| field.name.clone()).collect::<Vec<_>>();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "required": named(self.fields.iter().filter(|field| field.required).collect()),
            "additionalProperties": false,
            "x-order": named(self.fields.iter().collect()),
        })
    }

    /// What is wrong in a filled form; empty when it fits. A draft may have gaps. Names of other schemas that are
    /// filled in by the same form (`also`) are left alone. `today` is the local date.
    #[must_use]
    pub fn faults(&self, form: &Map<String, Value>, is_draft: bool, also: &[&Self], today: NaiveDate) -> Vec<FormFault> {
        let knows = |schema: &Self, name: &str| schema.fields.iter().any(|field| field.name == name);
        let unknown = form.keys().filter(|name| !knows(self, name) && !also.iter().any(|other| knows(other, name)));
        let mut faults: Vec<FormFault> =
            unknown.map(|name| FormFault::new(name, "unknown_field", format!("申请表里没有“{name}”这一栏"))).collect();
        for field in &self.fields {
            let value = form.get(&field.name).filter(|value| !is_blank(value));
            match value {
                Some(value) => faults.extend(field.fault(value, today).map(|(code, message)| FormFault::new(&field.name, code, message))),
                None if field.required && !is_draft => {
                    faults.push(FormFault::new(&field.name, "missing", format!("{}还没有填", field.title)));
                }
                None => {}
            }
        }
        faults
    }
}

/// Nothing, or what a page sends for a field that was left empty.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn only(map: &Map<String, Value>, path: &str, known: &[&str], faults: &mut Vec<FormFault>) {
    for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
        let at = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        faults.push(FormFault::new(&at, "unsupported", format!("不支持 {key}")));
    }
}

/// A list of names of properties.
fn names(root: &Map<String, Value>, key: &str, properties: &Map<String, Value>, faults: &mut Vec<FormFault>) -> Vec<String> {
    let Some(value) = root.get(key) else { return Vec::new() };
    let listed: Option<Vec<String>> = value.as_array().and_then(|list| list.iter().map(|one| one.as_str().map(str::to_owned)).collect());
    let Some(listed) = listed else {
        faults.push(FormFault::new(key, "form", format!("{key} 要是栏目代号的列表")));
        return Vec::new();
    };
    for name in listed.iter().filter(|name| !properties.contains_key(*name)) {
        faults.push(FormFault::new(key, "unknown", format!("{key} 里的“{name}”不在 properties 里")));
    }
    listed
}

fn field(name: &str, property: &Value, required: bool, path: &str, faults: &mut Vec<FormFault>) -> Option<FormField> {
    let Some(map) = property.as_object() else {
        faults.push(FormFault::new(path, "form", format!("“{name}”要是一个对象")));
        return None;
    };
    let before = faults.len();
    let mut line = |key: &str, chars_max: usize, is_needed: bool| match map.get(key) {
        None if !is_needed => String::new(),
        value => match value.and_then(Value::as_str).map(|text| clean_line(text, chars_max)) {
            Some(Ok(text)) => text,
            Some(Err(fault)) => {
                faults.push(FormFault::new(&format!("{path}.{key}"), fault.code(), fault.message()));
                String::new()
            }
            None => {
                faults.push(FormFault::new(&format!("{path}.{key}"), "missing", format!("“{name}”要有名称")));
                String::new()
            }
        },
    };
    let title = line("title", TITLE_CHARS_MAX, true);
    let hint = line("description", HINT_CHARS_MAX, false);
    let kind = kind(map, path, faults);
    if faults.len() > before {
        return None;
    }
    kind.map(|kind| FormField { name: name.to_owned(), title, hint, required, kind })
}

fn kind(map: &Map<String, Value>, path: &str, faults: &mut Vec<FormFault>) -> Option<FieldKind> {
    let with = |more: &[&'static str]| [&["type", "title", "description"], more].concat();
    match map.get("type").and_then(Value::as_str) {
        Some("string") if map.contains_key("enum") => {
            only(map, path, &with(&["enum"]), faults);
            Some(FieldKind::One { options: options(map.get("enum"), path, faults) })
        }
        Some("string") => {
            only(map, path, &with(&["minLength", "maxLength", "format", "x-lines"]), faults);
            Some(text_kind(map, path, faults))
        }
        Some(number @ ("integer" | "number")) => {
            only(map, path, &with(&["minimum", "maximum"]), faults);
            let minimum = whole(map, "minimum", path, faults);
            let maximum = whole(map, "maximum", path, faults);
            if minimum.zip(maximum).is_some_and(|(least, most)| least > most) {
                faults.push(FormFault::new(path, "range", "最小值不能比最大值大"));
            }
            Some(FieldKind::Number { whole: number == "integer", minimum, maximum })
        }
        Some("boolean") => {
            only(map, path, &with(&[]), faults);
            Some(FieldKind::YesNo)
        }
        Some("array") => {
            only(map, path, &with(&["items", "uniqueItems", "minItems", "maxItems"]), faults);
            let items = map.get("items").and_then(Value::as_object);
            if items.and_then(|items| items.get("type")).and_then(Value::as_str) != Some("string") {
                faults.push(FormFault::new(&format!("{path}.items"), "form", "多选的选项要是文字"));
            }
            let options = options(items.and_then(|items| items.get("enum")), path, faults);
            let count = u32::try_from(options.len()).unwrap_or(u32::MAX);
            let count_min = size(map, "minItems", path, faults).unwrap_or(0);
            let count_max = size(map, "maxItems", path, faults).unwrap_or(count);
            if count_min > count_max || count_max > count {
                faults.push(FormFault::new(path, "range", "多选的个数和选项对不上"));
            }
            Some(FieldKind::Some { options, count_min, count_max })
        }
        _ => {
            faults.push(FormFault::new(&format!("{path}.type"), "unknown", "类型用 string、integer、number、boolean 或 array"));
            None
        }
    }
}

fn text_kind(map: &Map<String, Value>, path: &str, faults: &mut Vec<FormFault>) -> FieldKind {
    let chars_min = size(map, "minLength", path, faults).unwrap_or(0);
    let chars_max = size(map, "maxLength", path, faults).unwrap_or(ANSWER_CHARS_MAX);
    if chars_min > chars_max || chars_max == 0 || chars_max > ANSWER_CHARS_MAX {
        faults.push(FormFault::new(path, "range", format!("字数在 1 到 {ANSWER_CHARS_MAX} 之间，最少不能比最多大")));
    }
    let format = map.get("format").map(|word| TextFormat::ALL.into_iter().find(|format| word.as_str() == Some(format.name())));
    if format == Some(None) {
        let known = TextFormat::ALL.map(TextFormat::name).join("、");
        faults.push(FormFault::new(&format!("{path}.format"), "unknown", format!("格式只认 {known}")));
    }
    let many_lines = map.get("x-lines").is_some_and(|lines| *lines == Value::Bool(true));
    FieldKind::Text { chars_min, chars_max, many_lines, format: format.flatten() }
}

fn options(value: Option<&Value>, path: &str, faults: &mut Vec<FormFault>) -> Vec<String> {
    let listed: Vec<String> = value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|one| one.as_str().and_then(|text| clean_line(text, TITLE_CHARS_MAX).ok()))
        .collect();
    let given = value.and_then(Value::as_array).map_or(0, Vec::len);
    let is_twice = listed.iter().enumerate().any(|(at, one)| listed[..at].contains(one));
    if listed.is_empty() || listed.len() != given || given > OPTIONS_MAX || is_twice {
        faults.push(FormFault::new(&format!("{path}.enum"), "options", format!("选项 1 到 {OPTIONS_MAX} 个，都要有字，不能重复")));
    }
    listed
}

fn size(map: &Map<String, Value>, key: &str, path: &str, faults: &mut Vec<FormFault>) -> Option<u32> {
    let value = map.get(key)?;
    let size = value.as_u64().and_then(|size| u32::try_from(size).ok());
    if size.is_none() {
        faults.push(FormFault::new(&format!("{path}.{key}"), "form", format!("{key} 要是不小于 0 的整数")));
    }
    size
}

fn whole(map: &Map<String, Value>, key: &str, path: &str, faults: &mut Vec<FormFault>) -> Option<i64> {
    let value = map.get(key)?;
    if value.as_i64().is_none() {
        faults.push(FormFault::new(&format!("{path}.{key}"), "form", format!("{key} 要是整数")));
    }
    value.as_i64()
}

impl FormField {
    fn to_json(&self) -> Value {
        let mut map = match &self.kind {
            FieldKind::Text { chars_min, chars_max, many_lines, format } => {
                let mut map = Map::from_iter([("type".to_owned(), json!("string")), ("maxLength".to_owned(), json!(chars_max))]);
                if *chars_min > 0 {
                    map.insert("minLength".to_owned(), json!(chars_min));
                }
                if *many_lines {
                    map.insert("x-lines".to_owned(), json!(true));
                }
                if let Some(format) = format {
                    map.insert("format".to_owned(), json!(format.name()));
                }
                map
            }
            FieldKind::Number { whole, minimum, maximum } => {
                let mut map = Map::from_iter([("type".to_owned(), json!(if *whole { "integer" } else { "number" }))]);
                map.extend(minimum.map(|least| ("minimum".to_owned(), json!(least))));
                map.extend(maximum.map(|most| ("maximum".to_owned(), json!(most))));
                map
            }
            FieldKind::YesNo => Map::from_iter([("type".to_owned(), json!("boolean"))]),
            FieldKind::One { options } => Map::from_iter([("type".to_owned(), json!("string")), ("enum".to_owned(), json!(options))]),
            FieldKind::Some { options, count_min, count_max } => Map::from_iter([
                ("type".to_owned(), json!("array")),
                ("items".to_owned(), json!({ "type": "string", "enum": options })),
                ("uniqueItems".to_owned(), json!(true)),
                ("minItems".to_owned(), json!(count_min)),
                ("maxItems".to_owned(), json!(count_max)),
            ]),
        };
        map.insert("title".to_owned(), json!(self.title));
        if !self.hint.is_empty() {
            map.insert("description".to_owned(), json!(self.hint));
        }
        Value::Object(map)
    }

    /// What is wrong with an answer, as code and words.
    fn fault(&self, value: &Value, today: NaiveDate) -> Option<(&'static str, String)> {
        let title = &self.title;
        match (&self.kind, value) {
            (FieldKind::Text { chars_min, chars_max, many_lines, format }, Value::String(text)) => {
                let most = usize::try_from(*chars_max).unwrap_or(usize::MAX);
                let clean = if *many_lines { clean_lines(text, most) } else { clean_line(text, most) };
                match clean {
                    Err(fault) => Some((fault.code(), format!("{title}：{}", fault.message()))),
                    Ok(text) if text.chars().count() < usize::try_from(*chars_min).unwrap_or(0) => {
                        Some(("too_short", format!("{title}至少写 {chars_min} 个字")))
                    }
                    Ok(text) => format.and_then(|format| format.fault(&text, today)).map(|words| ("format", format!("{title}：{words}"))),
                }
            }
            (FieldKind::Number { whole, minimum, maximum }, Value::Number(number)) => {
                number_fault(number, *whole, *minimum, *maximum).map(|(code, words)| (code, format!("{title}{words}")))
            }
            (FieldKind::YesNo, Value::Bool(_)) => None,
            (FieldKind::One { options }, Value::String(text)) => {
                (!options.contains(text)).then(|| ("unknown", format!("{title}只能选给出的一项")))
            }
            (FieldKind::Some { options, count_min, count_max }, Value::Array(items)) => {
                let chosen: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                let Some(chosen) = chosen else { return Some(("type", format!("{title}要从选项里选"))) };
                let is_sound =
                    chosen.iter().enumerate().all(|(at, one)| options.iter().any(|known| known == one) && !chosen[..at].contains(one));
                let count = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
                if !is_sound {
                    Some(("unknown", format!("{title}只能选给出的几项，不重复")))
                } else if count < *count_min || count > *count_max {
                    Some(("count", format!("{title}选 {count_min} 到 {count_max} 项")))
                } else {
                    None
                }
            }
            _ => Some(("type", format!("{title}填的类型不对"))),
        }
    }
}

fn number_fault(number: &Number, whole: bool, minimum: Option<i64>, maximum: Option<i64>) -> Option<(&'static str, String)> {
    let value = number.as_f64().unwrap_or(f64::NAN);
    if whole && number.as_i64().is_none() {
        return Some(("whole", "要填整数".to_owned()));
    }
    // Bounds are whole numbers of everyday size, which a float holds exactly.
    let below = minimum.filter(|least| value < *least as f64);
    let above = maximum.filter(|most| value > *most as f64);
    match (below, above) {
        (Some(least), _) => Some(("too_small", format!("不能小于 {least}"))),
        (_, Some(most)) => Some(("too_large", format!("不能大于 {most}"))),
        _ if value.is_finite() => None,
        _ => Some(("type", "填的数读不懂".to_owned())),
    }
}

#[cfg(test)]
mod tests;
