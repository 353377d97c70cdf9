//! What a caller writes into a matter, from JSON to a checked matter: its fields without identity, version and state.
//! Every wrong field is told at once.

use domain::catalogue::{FormSchema, Matter};
use domain::ids::{LineId, MaterialId, MatterId, SituationId};
use domain::time::local_date;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::app::error::{Answer, FieldErrors};

/// What no caller writes.
const KEPT: [&str; 4] = ["id", "version", "state", "claimed"];

/// A matter's content as callers read and write it.
pub(super) fn content_of(matter: &Matter) -> Answer<Value> {
    let mut content = serde_json::to_value(matter)?;
    if let Value::Object(fields) = &mut content {
        for name in KEPT {
            fields.remove(name);
        }
    }
    Ok(content)
}

/// What a field is that was left out.
fn blank() -> Map<String, Value> {
    let blank = json!({
        "aliases": [], "category": "", "area_code": "", "power_source": null, "legal_basis": [], "handling_forms": ["window"],
        "statutory_days": null, "promised_days": 0, "special_procedures": [], "conditions": [], "materials": [], "situations": [],
        "fee": null, "visits": 1, "certificate": null, "consultation_phone": "", "complaint_phone": "", "guide": "",
    });
    match blank {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Reads a content; what cannot be read at all is one error with its field.
fn read(id: &MatterId, content: &Value, errors: &mut FieldErrors) -> Option<Matter> {
    let Some(given) = content.as_object() else {
        errors.add("content", "malformed", "content 要是一个 JSON 对象");
        return None;
    };
    let before = errors.len();
    for name in KEPT.into_iter().filter(|name| given.contains_key(*name)) {
        errors.add(&format!("content.{name}"), "unknown_field", format!("“{name}”由系统管，不用写"));
    }
    if let Some(schema) = given.get("form_schema").filter(|schema| !schema.is_null())
        && let Err(faults) = FormSchema::read(schema)
    {
        for fault in faults {
            let field =
                if fault.field.is_empty() { "content.form_schema".to_owned() } else { format!("content.form_schema.{}", fault.field) };
            errors.add(&field, fault.code, fault.message);
        }
    }
    if errors.len() > before {
        return None;
    }
    let mut fields = blank();
    fields.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
    fields.extend([("id".to_owned(), json!(id)), ("version".to_owned(), json!(0)), ("state".to_owned(), json!("published"))]);
    match serde_json::from_value(Value::Object(fields)) {
        Ok(matter) => Some(matter),
        Err(error) => {
            let text = error.to_string();
            let name = text.split('`').nth(1).unwrap_or_default();
            if text.starts_with("unknown field") {
                errors.add(&format!("content.{name}"), "unknown_field", format!("不认识“{name}”这一项"));
            } else if text.starts_with("missing field") {
                errors.add(&format!("content.{name}"), "missing", format!("少了“{name}”这一项"));
            } else {
                errors.add("content", "malformed", format!("内容读不懂：{}", told(&text)));
            }
            None
        }
    }
}

/// The reader's words as far as they help; what was sent is not repeated.
fn told(text: &str) -> String {
    match text.split_once("expected ") {
        Some((_, wanted)) => format!("应是 {}", wanted.chars().take(200).collect::<String>()),
        None => "有一项的类型不对".to_owned(),
    }
}

impl App {
    /// A content and where it queues, checked against the site: departments, lines, codes of other matters.
    pub(super) async fn checked_content(
        &self,
        site_id: &str,
        id: &MatterId,
        content: &Value,
        line_id: Option<&str>,
        errors: &mut FieldErrors,
    ) -> Answer<Option<(Matter, Option<LineId>)>> {
        let hall = self.hall(site_id).await?;
        let line = line_id.map(|text| LineId::parse(text).filter(|id| hall.lines().any(|line| line.id == *id)));
        if line == Some(None) {
            errors.add("line_id", "unknown", "这个厅没有这条队");
        }
        let Some(mut matter) = read(id, content, errors) else { return Ok(None) };
        let before = errors.len();
        for fault in matter.checked() {
            errors.add(&format!("content.{}", fault.field), fault.code, fault.message);
        }
        foreign_ids(&matter, id.site_key(), errors);
        self.check_guide_files(site_id, &matter, errors).await?;
        let listing = self.directory.get();
        let root = listing.root_of(site_id)?;
        let department = listing.departments.get(matter.department_id.as_str());
        if department.is_none_or(|department| department.site_id != root.id) {
            errors.add("content.department_id", "unknown", "选一个实施部门");
        }
        for (place, stage) in matter.approval.iter().enumerate() {
            for (at, step) in stage.steps.iter().enumerate() {
                let of = step.department_id.as_ref().map(|id| listing.departments.get(id.as_str()));
                if of.is_some_and(|row| row.is_none_or(|row| row.site_id != root.id)) {
                    errors.add(&format!("content.approval[{place}].steps[{at}].department_id"), "unknown", "选一个部门");
                }
            }
        }
        if errors.len() == before {
            for (field, message) in self.unsigned_steps(site_id, &matter).await? {
                errors.add(&format!("content.{field}"), "nobody_signs", message);
            }
        }
        let others = self.stores.catalogue.matters(site_id).await?;
        if let Some(other) = others.iter().find(|row| row.code == matter.code && row.id != id.as_str()) {
            errors.add("content.code", "duplicate", format!("“{}”已经用了这个实施编码", other.name));
        }
        Ok((errors.len() == before).then_some((matter, line.flatten())))
    }
}

impl App {
    /// What at this site stands against a matter that came in a file and is sound: files of its guide that are not there,
    /// steps that nobody could sign. Field, stable code and what to do.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn site_faults(&self, site_id: &str, matter: &Matter) -> Answer<Vec<(String, &'static str, String)>> {
        let mut files = FieldErrors::default();
        self.check_guide_files(site_id, matter, &mut files).await?;
        let field = |path: &str| path.strip_prefix("content.").unwrap_or(path).to_owned();
        let files = files.into_vec().into_iter().map(|error| (field(&error.field), "missing_file", error.message));
        let steps = self.unsigned_steps(site_id, matter).await?.into_iter().map(|(field, message)| (field, "nobody_signs", message));
        Ok(files.chain(steps).collect())
    }

    /// Steps of a matter that nobody of the house could sign today, each by another person: field and what to do.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn unsigned_steps(&self, site_id: &str, matter: &Matter) -> Answer<Vec<(String, String)>> {
        if matter.approval.is_empty() {
            return Ok(Vec::new());
        }
        let people = self.people_for(site_id).await?;
        let unsigned = domain::case::unsigned_steps(&matter.approval, &matter.department_id, &people, local_date(self.now()));
        let told = unsigned.into_iter().filter_map(|unsigned| {
            let step = matter.approval.get(unsigned.stage)?.steps.get(unsigned.step)?;
            let department = self.department_name(step.department_id.as_ref().unwrap_or(&matter.department_id).as_str());
            let who = step.signer.label();
            let message = if unsigned.is_dead {
                format!("“{}”没有人能签：{department}没有依据在有效期内的{who}。请先在人员里加上，或改这一步", step.name)
            } else {
                format!("“{}”缺人：一件里一个人只能签一步，{department}能签的{who}都要签别的步骤", step.name)
            };
            Some((format!("approval[{}].steps[{}]", unsigned.stage, unsigned.step), message))
        });
        Ok(told.collect())
    }
}

/// Ids that are not of this site, or of another form.
fn foreign_ids(matter: &Matter, site_key: &str, errors: &mut FieldErrors) {
    let is_own_material = |id: &MaterialId| MaterialId::parse(id.as_str()).is_some_and(|id| id.site_key() == site_key);
    let is_own_situation = |id: &SituationId| SituationId::parse(id.as_str()).is_some_and(|id| id.site_key() == site_key);
    for (place, material) in matter.materials.iter().enumerate() {
        if !is_own_material(&material.id) {
            errors.add(&format!("content.materials[{place}].id"), "form", format!("材料的编号写成 mt_{site_key}_… 的样子"));
        }
    }
    for (place, question) in matter.situations.iter().enumerate() {
        for (at, option) in question.options.iter().enumerate() {
            if !is_own_situation(&option.id) {
                let field = format!("content.situations[{place}].options[{at}].id");
                errors.add(&field, "form", format!("情形的编号写成 si_{site_key}_… 的样子"));
            }
        }
    }
}
