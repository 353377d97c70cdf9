//! Two versions of a matter field by field, in words that people read. Knows no version's number and no page.

use serde::Serialize;

use super::{FieldKind, GuidePicture, Material, Matter, TextFormat};
use crate::case::CaseKind;

/// A field in two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparedField {
    /// Stable name, such as `promised_days` or `materials.mt_dc_x.copies`.
    pub field: String,
    /// What people call it.
    pub label: String,
    /// As it was; empty where there was nothing.
    pub before: String,
    /// As it is.
    pub after: String,
}

impl ComparedField {
    /// Whether the versions differ in it.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// Every field of either version in the order of the catalogue; materials and questions are found again by their ids
/// and words, not by their place.
#[must_use]
pub fn compare(before: &Matter, after: &Matter) -> Vec<ComparedField> {
    let (old, new) = (told(before), told(after));
    let mut fields: Vec<ComparedField> = Vec::with_capacity(new.len());
    for (field, label, text) in &new {
        let was = old.iter().find(|(known, ..)| known == field).map_or("", |(.., text)| text.as_str());
        fields.push(ComparedField { field: field.clone(), label: label.clone(), before: was.to_owned(), after: text.clone() });
    }
    for (place, (field, label, text)) in old.iter().enumerate() {
        if new.iter().any(|(known, ..)| known == field) {
            continue;
        }
        // What is gone stands after what stood before it.
        let behind = old[..place].iter().rev().find_map(|(known, ..)| fields.iter().position(|one| one.field == *known));
        let gone = ComparedField { field: field.clone(), label: label.clone(), before: text.clone(), after: String::new() };
        fields.insert(behind.map_or(0, |at| at + 1), gone);
    }
    fields
}

type Told = (String, String, String);

fn told(matter: &Matter) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    let mut say = |field: &str, label: &str, text: String| all.push((field.to_owned(), label.to_owned(), text));
    let details = &matter.details;
    let lines = |list: &[String]| list.join("\n");
    say("name", "名称", matter.name.clone());
    say("aliases", "俗称", matter.aliases.join("、"));
    say("code", "实施编码", matter.code.clone());
    say("details.basic_code", "基本编码", details.basic_code.clone());
    say("details.business_item_code", "业务办理项编码", details.business_item_code.clone());
    say("matter_type", "事项类型", matter.matter_type.label().to_owned());
    say("department_id", "实施部门", matter.department_id.to_string());
    say("details.department_nature", "实施主体性质", details.department_nature.clone());
    say("category", "分类", matter.category.clone());
    say("area_code", "区划代码", matter.area_code.clone());
    say("details.area_codes", "适用镇村", details.area_codes.join("、"));
    say("exercise_level", "行使层级", matter.exercise_level.label().to_owned());
    say("power_source", "权力来源", matter.power_source.map_or(String::new(), |source| source.label().to_owned()));
    say("legal_basis", "设定依据", lines(&matter.legal_basis));
    say("case_kind", "办件类型", if matter.case_kind == CaseKind::Instant { "即办件" } else { "承诺件" }.to_owned());
    say("statutory_days", "法定期限", matter.statutory_days.map_or(String::new(), days));
    say("details.statutory_note", "法定期限说明", details.statutory_note.clone());
    say("promised_days", "承诺期限", days(matter.promised_days));
    say("details.promised_note", "承诺期限说明", details.promised_note.clone());
    say("applicant_kinds", "服务对象", matter.applicant_kinds.iter().map(|kind| kind.label()).collect::<Vec<_>>().join("、"));
    say("handling_forms", "办理形式", matter.handling_forms.iter().map(|form| form.label()).collect::<Vec<_>>().join("、"));
    say("details.online_depth", "网办深度", details.online_depth.map_or(String::new(), |depth| format!("{depth} 级")));
    say("visits", "到现场次数", format!("{} 次", matter.visits));
    say("conditions", "受理条件", lines(&matter.conditions));
    say("details.flow", "办理流程", lines(&details.flow));
    let special = matter.special_procedures.iter();
    let special = special.map(|one| format!("{} {} {}{}", one.procedure.label(), days(one.days), one.basis, stops(one.stops_clock)));
    say("special_procedures", "特别程序", special.collect::<Vec<_>>().join("\n"));
    say("fee", "收费", matter.fee.as_ref().map_or("不收费".to_owned(), |fee| format!("{}（{}）", fee.standard, fee.basis)));
    say("details.intermediary_services", "中介服务", lines(&details.intermediary_services));
    say("details.annual_inspection", "年审年检", details.annual_inspection.clone());
    let form = matter.certificate.as_ref();
    say("certificate", "结果名称", form.map_or("没有证照".to_owned(), |form| form.name.clone()));
    let years = form.and_then(|form| form.valid_years).map_or(String::new(), |years| format!("{years} 年"));
    say("certificate.valid_years", "有效期", years);
    say("certificate.licence_type", "电子证照类型", form.and_then(|form| form.licence_type.clone()).unwrap_or_default());
    say("details.result_type", "结果类型", details.result_type.clone());
    say("details.courier", "可以邮寄", yes(details.courier));
    say("details.address", "办理地点", details.address.clone());
    say("details.hours", "办理时间", details.hours.clone());
    say("consultation_phone", "咨询电话", matter.consultation_phone.clone());
    say("complaint_phone", "投诉电话", matter.complaint_phone.clone());
    say("details.effective_on", "生效日期", details.effective_on.map_or(String::new(), |day| day.to_string()));
    say("details.expires_on", "截止日期", details.expires_on.map_or(String::new(), |day| day.to_string()));
    for question in &matter.situations {
        let options: Vec<&str> = question.options.iter().map(|option| option.name.as_str()).collect();
        let first = question.options.first().map_or("", |option| option.id.as_str());
        let many = if question.many { "（可选几个）" } else { "" };
        let names = |id: &crate::ids::SituationId| matter.situation_name(id).unwrap_or_default().to_owned();
        let asked = if question.asked_if.is_empty() {
            String::new()
        } else {
            format!("；选了{}才问", question.asked_if.iter().map(names).collect::<Vec<_>>().join("、"))
        };
        say(&format!("situations.{first}"), "情形", format!("{}{many} {}{asked}", question.question, options.join(" / ")));
    }
    tell_approval(matter, &mut all);
    for (place, one) in matter.opinions.iter().enumerate() {
        let label = if one.denies { "不予的意见模板" } else { "意见模板" };
        all.push((format!("opinions.{place}"), label.to_owned(), format!("{}：{}", one.name, one.text)));
    }
    for material in &matter.materials {
        tell_material(material, matter, &mut all);
    }
    tell_form(matter, &mut all);
    all.push(("guide".to_owned(), "白话版".to_owned(), matter.guide.clone()));
    let pictures = details.pictures.iter().map(tell_picture).collect::<Vec<_>>().join("\n");
    all.push(("details.pictures".to_owned(), "图例版".to_owned(), pictures));
    let video = details.video.as_ref().map_or(String::new(), |video| {
        format!("{} {}{}\n{}", video.title, video.url, tell_file("视频", video.file.as_deref(), ""), video.transcript)
    });
    all.push(("details.video".to_owned(), "视频版".to_owned(), video));
    all
}

fn tell_picture(one: &GuidePicture) -> String {
    format!("{} {} [{}]{}", one.title, one.text, one.icon, tell_file("图", one.file.as_deref(), &one.alt))
}

/// A file by the beginning of its name, so that another one is seen to be another.
fn tell_file(word: &str, file: Option<&str>, alt: &str) -> String {
    file.map_or(String::new(), |file| format!("（{}）", [word, file.get(..8).unwrap_or(file), alt].join(" ").trim_end()))
}

fn tell_approval(matter: &Matter, all: &mut Vec<Told>) {
    for (place, stage) in matter.approval.iter().enumerate() {
        let together = if stage.steps.len() > 1 { "，会签" } else { "" };
        for step in &stage.steps {
            let department = step.department_id.as_ref().map_or("实施部门".to_owned(), ToString::to_string);
            let text = format!("第 {} 环节{together}，{department}，{}", place + 1, step.signer.label());
            all.push((format!("approval.{}", step.id), format!("审批步骤“{}”", step.name), text));
        }
    }
}

fn tell_material(material: &Material, matter: &Matter, all: &mut Vec<Told>) {
    let demand = match (material.required, material.tolerable) {
        (true, true) => "必须，可容缺",
        (true, false) => "必须",
        (false, _) => "选填",
    };
    let names: Vec<&str> = material.situation_ids.iter().filter_map(|id| matter.situation_name(id)).collect();
    let mut say = |part: &str, label: &str, text: String| {
        all.push((format!("materials.{}.{part}", material.id), format!("材料“{}”·{label}", material.name), text));
    };
    say("name", "名称", material.name.clone());
    say("kind", "类型", material.kind.label().to_owned());
    say("demand", "要不要", demand.to_owned());
    say("copies", "份数", format!("原件 {}，复印件 {}", material.originals, material.copies));
    say("keeping", "收取或核验", material.keeping.label().to_owned());
    say("source", "来源", material.source.label().to_owned());
    say("acceptance_points", "受理要点", material.acceptance_points.join("\n"));
    say("situation_ids", "适用情形", names.join("、"));
    say("sample", "样本", material.sample.clone());
    say("blank_form", "空白表", material.blank_form.clone());
}

fn tell_form(matter: &Matter, all: &mut Vec<Told>) {
    for field in matter.form_schema.iter().flat_map(|schema| &schema.fields) {
        let need = if field.required { "必填" } else { "选填" };
        let hint = if field.hint.is_empty() { String::new() } else { format!("；提示：{}", field.hint) };
        let text = format!("{need}，{}{hint}", rule_of(&field.kind));
        all.push((format!("form_schema.{}", field.name), format!("申请表“{}”", field.title), text));
    }
}

/// What a field of a form takes, for people.
fn rule_of(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Text { format: Some(TextFormat::Date), .. } => "日期".to_owned(),
        FieldKind::Text { format: Some(TextFormat::Phone), .. } => "电话".to_owned(),
        FieldKind::Text { format: Some(TextFormat::Email), .. } => "电子邮箱".to_owned(),
        FieldKind::Text { format: Some(TextFormat::ResidentId), .. } => "身份证号".to_owned(),
        FieldKind::Text { format: Some(TextFormat::Uscc), .. } => "统一社会信用代码".to_owned(),
        FieldKind::Text { chars_min, chars_max, many_lines, format: None } => {
            format!("{} {chars_min} 到 {chars_max} 字", if *many_lines { "几行文字" } else { "一行文字" })
        }
        FieldKind::Number { whole, minimum, maximum } => {
            let least = minimum.map_or(String::new(), |least| format!("，不小于 {least}"));
            let most = maximum.map_or(String::new(), |most| format!("，不大于 {most}"));
            format!("{}{least}{most}", if *whole { "整数" } else { "数" })
        }
        FieldKind::YesNo => "勾一下".to_owned(),
        FieldKind::One { options } => format!("选一项：{}", options.join("、")),
        FieldKind::Some { options, count_min, count_max } => format!("选 {count_min} 到 {count_max} 项：{}", options.join("、")),
    }
}

fn days(count: u32) -> String {
    if count == 0 { "当场".to_owned() } else { format!("{count} 个工作日") }
}

fn stops(stops_clock: bool) -> &'static str {
    if stops_clock { "，不计入" } else { "" }
}

fn yes(is: bool) -> String {
    if is { "可以" } else { "不可以" }.to_owned()
}
