//! Whether a matter can stand in the catalogue: every wrong field with what to do, at once. Knows no store; that a
//! code or department exists elsewhere is the caller's to look up.

use std::collections::BTreeSet;

use super::details::{Details, PICTURES_MAX, is_file_name};
use super::{ITEM_CODE_CHARS_MAX, MATTER_NAME_CHARS_MAX, Matter};
use crate::case::approval::{STAGES_MAX, STEP_NAME_CHARS_MAX, STEPS_MAX};
use crate::case::{ApprovalFault, CaseKind, approval_faults};
use crate::codes::{clean_line, clean_lines};
use crate::ids::SituationId;

/// Entries of one list.
pub const LIST_MAX: usize = 60;
/// Characters of an entry.
const LINE_CHARS_MAX: usize = 500;
/// Characters of a guide.
pub const GUIDE_CHARS_MAX: usize = 20_000;
/// Longest limit in working days.
const DAYS_MAX: u32 = 1_000;

/// A wrong field of a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterFieldFault {
    /// Its path.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// What to do, in Chinese.
    pub message: String,
}

#[derive(Default)]
pub(super) struct Check(Vec<MatterFieldFault>);

impl Check {
    pub(super) fn into_faults(self) -> Vec<MatterFieldFault> {
        self.0
    }

    pub(super) fn add(&mut self, field: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.0.push(MatterFieldFault { field: field.into(), code, message: message.into() });
    }

    /// A line that must be there, made clean.
    pub(super) fn line(&mut self, field: &str, text: &mut String, chars_max: usize) {
        match clean_line(text, chars_max) {
            Ok(clean) => *text = clean,
            Err(fault) => self.add(field, fault.code(), fault.message()),
        }
    }

    /// A line that may be empty, made clean.
    pub(super) fn may(&mut self, field: &str, text: &mut String, chars_max: usize) {
        if text.trim().is_empty() {
            text.clear();
        } else {
            self.line(field, text, chars_max);
        }
    }

    /// Several lines that may be empty, made clean.
    pub(super) fn text(&mut self, field: &str, text: &mut String, chars_max: usize) {
        if text.trim().is_empty() {
            text.clear();
            return;
        }
        match clean_lines(text, chars_max) {
            // A guide ends as it was written: its last line break stays.
            Ok(clean) => *text = if text.ends_with('\n') { format!("{clean}\n") } else { clean },
            Err(fault) => self.add(field, fault.code(), fault.message()),
        }
    }

    pub(super) fn list(&mut self, field: &str, list: &mut [String]) {
        if list.len() > LIST_MAX {
            self.add(field, "too_many", format!("最多 {LIST_MAX} 条"));
        }
        for (place, text) in list.iter_mut().enumerate() {
            self.line(&format!("{field}[{place}]"), text, LINE_CHARS_MAX);
        }
    }
}

impl Matter {
    /// Cleans every text, and tells every wrong field.
    pub fn checked(&mut self) -> Vec<MatterFieldFault> {
        let mut check = Check::default();
        check.line("name", &mut self.name, MATTER_NAME_CHARS_MAX);
        check.line("code", &mut self.code, ITEM_CODE_CHARS_MAX);
        check.may("category", &mut self.category, MATTER_NAME_CHARS_MAX);
        check.may("area_code", &mut self.area_code, 12);
        if !self.area_code.is_empty() && !is_area(&self.area_code) {
            check.add("area_code", "form", "区划代码是 6 到 12 位数字");
        }
        check.list("aliases", &mut self.aliases);
        check.list("legal_basis", &mut self.legal_basis);
        check.list("conditions", &mut self.conditions);
        check.may("consultation_phone", &mut self.consultation_phone, 60);
        check.may("complaint_phone", &mut self.complaint_phone, 60);
        check.text("guide", &mut self.guide, GUIDE_CHARS_MAX);
        self.check_rules(&mut check);
        self.check_parts(&mut check);
        self.check_situations(&mut check);
        self.check_materials(&mut check);
        self.check_details(&mut check);
        self.check_approval(&mut check);
        self.check_opinions(&mut check);
        check.into_faults()
    }

    fn check_rules(&self, check: &mut Check) {
        match self.case_kind {
            CaseKind::Instant if self.promised_days > 0 => check.add("promised_days", "instant", "即办件当场办结，承诺期限填 0"),
            CaseKind::Promised if self.promised_days == 0 => check.add("promised_days", "missing", "承诺件要填承诺几个工作日"),
            _ => {}
        }
        if self.promised_days > DAYS_MAX {
            check.add("promised_days", "range", format!("最多 {DAYS_MAX} 个工作日"));
        }
        match self.statutory_days {
            Some(days) if days == 0 || days > DAYS_MAX => {
                check.add("statutory_days", "range", format!("1 到 {DAYS_MAX} 个工作日；没有就不填"));
            }
            Some(days) if self.promised_days > days => {
                check.add("promised_days", "too_long", format!("承诺期限不能比法定的 {days} 个工作日长"))
            }
            _ => {}
        }
        if self.applicant_kinds.is_empty() {
            check.add("applicant_kinds", "missing", "至少选一种服务对象");
        }
        if self.handling_forms.is_empty() {
            check.add("handling_forms", "missing", "至少选一种办理形式");
        }
        if self.visits > 20 {
            check.add("visits", "range", "到现场 0 到 20 次");
        }
    }

    fn check_parts(&mut self, check: &mut Check) {
        for (place, special) in self.special_procedures.iter_mut().enumerate() {
            let field = format!("special_procedures[{place}]");
            check.line(&format!("{field}.basis"), &mut special.basis, LINE_CHARS_MAX);
            if special.days == 0 || special.days > DAYS_MAX {
                check.add(format!("{field}.days"), "range", format!("1 到 {DAYS_MAX} 个工作日"));
            }
        }
        if let Some(fee) = &mut self.fee {
            check.line("fee.standard", &mut fee.standard, LINE_CHARS_MAX);
            check.line("fee.basis", &mut fee.basis, LINE_CHARS_MAX);
        }
        if let Some(form) = &mut self.certificate {
            check.line("certificate.name", &mut form.name, 100);
            if form.valid_years.is_some_and(|years| years == 0 || years > 100) {
                check.add("certificate.valid_years", "range", "1 到 100 年；长期有效就不填");
            }
            if form.licence_type.as_ref().is_some_and(|code| code.len() != 21 || !code.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
                check.add("certificate.licence_type", "form", "电子证照类型代码是 21 位字母和数字；不上传就不填");
            }
        }
    }

    fn check_situations(&mut self, check: &mut Check) {
        if self.situations.len() > LIST_MAX {
            check.add("situations", "too_many", format!("最多 {LIST_MAX} 个问题"));
        }
        let mut before: BTreeSet<SituationId> = BTreeSet::new();
        for (place, question) in self.situations.iter_mut().enumerate() {
            let field = format!("situations[{place}]");
            check.line(&format!("{field}.question"), &mut question.question, 100);
            if question.options.len() < 2 || question.options.len() > LIST_MAX {
                check.add(format!("{field}.options"), "count", format!("2 到 {LIST_MAX} 个答案"));
            }
            if question.asked_if.iter().any(|id| !before.contains(id)) {
                check.add(format!("{field}.asked_if"), "unknown", "只能接在前面问题的答案后面问");
            }
            for (at, option) in question.options.iter_mut().enumerate() {
                check.line(&format!("{field}.options[{at}].name"), &mut option.name, 100);
                if !before.insert(option.id.clone()) {
                    check.add(format!("{field}.options[{at}].id"), "twice", "两个答案用了同一个编号");
                }
            }
        }
    }

    fn check_materials(&mut self, check: &mut Check) {
        if self.materials.len() > LIST_MAX {
            check.add("materials", "too_many", format!("最多 {LIST_MAX} 份材料"));
        }
        let known: BTreeSet<SituationId> =
            self.situations.iter().flat_map(|question| &question.options).map(|one| one.id.clone()).collect();
        let mut seen = BTreeSet::new();
        for (place, material) in self.materials.iter_mut().enumerate() {
            let field = format!("materials[{place}]");
            check.line(&format!("{field}.name"), &mut material.name, MATTER_NAME_CHARS_MAX);
            check.list(&format!("{field}.acceptance_points"), &mut material.acceptance_points);
            check.may(&format!("{field}.sample"), &mut material.sample, LINE_CHARS_MAX);
            check.may(&format!("{field}.blank_form"), &mut material.blank_form, LINE_CHARS_MAX);
            if !seen.insert(material.id.clone()) {
                check.add(format!("{field}.id"), "twice", "两份材料用了同一个编号");
            }
            if material.originals > 100 || material.copies > 100 {
                check.add(format!("{field}.copies"), "range", "原件、复印件都不超过 100 份");
            }
            if material.tolerable && !material.required {
                check.add(format!("{field}.tolerable"), "optional", "选填的材料不用再容缺");
            }
            if material.situation_ids.iter().any(|id| !known.contains(id)) {
                check.add(format!("{field}.situation_ids"), "unknown", "适用情形里有已经没有的答案，请重新选");
            }
        }
    }

    fn check_approval(&mut self, check: &mut Check) {
        for fault in approval_faults(&self.approval, self.case_kind == CaseKind::Instant) {
            let step = |place: usize, at: usize| format!("approval[{place}].steps[{at}].id");
            match fault {
                ApprovalFault::Instant => check.add("approval", "instant", "即办件在窗口当场办结，不设审批步骤"),
                ApprovalFault::TooManyStages => check.add("approval", "too_many", format!("最多 {STAGES_MAX} 个环节")),
                ApprovalFault::EmptyStage(place) => {
                    let message = format!("第 {} 个环节里没有步骤，办件会停在这里；请加一步或删去这个环节", place + 1);
                    check.add(format!("approval[{place}].steps"), "missing", message);
                }
                ApprovalFault::TooManySteps(place) => {
                    check.add(format!("approval[{place}].steps"), "too_many", format!("一个环节最多 {STEPS_MAX} 步同时办"));
                }
                ApprovalFault::NoDecidingStep => {
                    let last = self.approval.len().saturating_sub(1);
                    check.add(format!("approval[{last}].steps"), "one", "最后一个环节只能有一步，由它作出决定");
                }
                ApprovalFault::StepId(place, at) => {
                    check.add(step(place, at), "form", "步骤编号用小写字母、数字、- 和 _，最多 40 个");
                }
                ApprovalFault::Twice(place, at) => check.add(step(place, at), "twice", "两个步骤用了同一个编号"),
            }
        }
        for (place, stage) in self.approval.iter_mut().enumerate() {
            for (at, step) in stage.steps.iter_mut().enumerate() {
                check.line(&format!("approval[{place}].steps[{at}].name"), &mut step.name, STEP_NAME_CHARS_MAX);
            }
        }
    }

    fn check_details(&mut self, check: &mut Check) {
        let details = &mut self.details;
        check.may("details.basic_code", &mut details.basic_code, ITEM_CODE_CHARS_MAX);
        check.may("details.business_item_code", &mut details.business_item_code, ITEM_CODE_CHARS_MAX);
        check.may("details.department_nature", &mut details.department_nature, 60);
        check.may("details.statutory_note", &mut details.statutory_note, LINE_CHARS_MAX);
        check.may("details.promised_note", &mut details.promised_note, LINE_CHARS_MAX);
        check.may("details.annual_inspection", &mut details.annual_inspection, LINE_CHARS_MAX);
        check.may("details.result_type", &mut details.result_type, 60);
        check.may("details.address", &mut details.address, 200);
        check.may("details.hours", &mut details.hours, 200);
        check.list("details.flow", &mut details.flow);
        check.list("details.intermediary_services", &mut details.intermediary_services);
        for (place, code) in details.area_codes.iter().enumerate().filter(|(_, code)| !is_area(code)) {
            check.add(format!("details.area_codes[{place}]"), "form", format!("“{code}”不是 6 到 12 位数字"));
        }
        if details.online_depth.is_some_and(|depth| !(1..=4).contains(&depth)) {
            check.add("details.online_depth", "range", "网办深度 1 到 4 级");
        }
        if details.effective_on.zip(details.expires_on).is_some_and(|(first, last)| last < first) {
            check.add("details.expires_on", "range", "截止日期不能在生效日期前面");
        }
        check_guide(details, check);
    }
}

/// The illustrated and the filmed guide.
fn check_guide(details: &mut Details, check: &mut Check) {
    if details.pictures.len() > PICTURES_MAX {
        check.add("details.pictures", "too_many", format!("图例最多 {PICTURES_MAX} 步"));
    }
    for (place, picture) in details.pictures.iter_mut().enumerate() {
        let field = format!("details.pictures[{place}]");
        check.line(&format!("{field}.title"), &mut picture.title, 40);
        check.may(&format!("{field}.text"), &mut picture.text, 200);
        if picture.icon.is_empty() || picture.icon.len() > 30 || !picture.icon.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            check.add(format!("{field}.icon"), "unknown", "选一个图");
        }
        check_file(&format!("{field}.file"), picture.file.as_deref(), check);
        if picture.file.is_some() && picture.alt.trim().is_empty() {
            check.add(format!("{field}.alt"), "missing", "写一句图上有什么，看不见图的人听这一句");
        } else {
            check.may(&format!("{field}.alt"), &mut picture.alt, 200);
        }
    }
    let Some(video) = &mut details.video else { return };
    check.line("details.video.title", &mut video.title, 100);
    check.text("details.video.transcript", &mut video.transcript, GUIDE_CHARS_MAX);
    if video.file.is_some() {
        check_file("details.video.file", video.file.as_deref(), check);
        if !video.url.trim().is_empty() {
            check.add("details.video.url", "one", "已经传了视频，就不再写网址");
        }
        if video.transcript.is_empty() {
            check.add("details.video.transcript", "missing", "写下片里说了什么，听不见、放不出来的人看这一段");
        }
        return;
    }
    check.line("details.video.url", &mut video.url, LINE_CHARS_MAX);
    let is_here = video.url.starts_with('/') && !video.url.starts_with("//");
    if !is_here && !video.url.starts_with("https://") {
        check.add("details.video.url", "form", "传一个视频，或写一个 https:// 开头的网址");
    }
}

fn check_file(field: &str, file: Option<&str>, check: &mut Check) {
    if file.is_some_and(|file| !is_file_name(file)) {
        check.add(field, "form", "文件名是内容的 SHA-256，64 位小写的十六进制数");
    }
}

fn is_area(code: &str) -> bool {
    (6..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
}
