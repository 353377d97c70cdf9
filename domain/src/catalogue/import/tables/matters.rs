//! The columns of the matters themselves.

use super::cells::{
    Took, YES_NO, lines, number, pick, pick_some, put, read_lines, read_yes_no, some_day, some_number, some_text, words, written, yes_no,
};
use super::{Column, Kind};
use crate::case::CaseKind;
use crate::catalogue::import::ImportRow;
use crate::catalogue::{
    ApplicantKind, CertificateForm, ExerciseLevel, Fee, GuideVideo, HandlingForm, Matter, MatterState, MatterType, PowerSource,
};
use crate::ids::{DepartmentId, MatterId};

/// A line of the matters.
pub(super) struct MatterLine {
    /// Its parts on other sheets, identity and version are not of this line.
    pub(super) matter: Matter,
    pub(super) department: String,
    pub(super) department_code: String,
}

impl MatterLine {
    /// A line before anything is read into it.
    pub(super) fn blank() -> Self {
        let row = ImportRow {
            line: 0,
            department: String::new(),
            category: String::new(),
            name: String::new(),
            item_code: String::new(),
            matter_type: MatterType::Other,
            area_code: String::new(),
            department_code: String::new(),
        };
        let matter = row.first_version(MatterId::new("x", "x"), DepartmentId::new("x", "x"));
        Self { matter, department: String::new(), department_code: String::new() }
    }
}

const STATES: [MatterState; 2] = [MatterState::Published, MatterState::Retired];
const CASE_KINDS: [CaseKind; 2] = [CaseKind::Instant, CaseKind::Promised];

fn state_label(state: MatterState) -> &'static str {
    match state {
        MatterState::Published => "在用",
        MatterState::Retired => "停办",
    }
}

fn case_kind_label(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::Instant => "即办件",
        CaseKind::Promised => "承诺件",
    }
}

/// A word of a code list, or its code.
macro_rules! listed {
    ($name:ident, $text:expr) => {
        match $name::from_code($text.trim()) {
            Some(value) => Ok(value),
            None => pick($text, $name::ALL, $name::label),
        }
    };
}

fn of_fee(matter: &mut Matter, text: &str, part: fn(&mut Fee) -> &mut String) -> Took {
    match &mut matter.fee {
        Some(fee) => put(part(fee), text),
        None if text.trim().is_empty() => Ok(()),
        None => Err("“收费”填的是“否”，这一格要空着".to_owned()),
    }
}

fn of_certificate(matter: &mut Matter, text: &str, take: fn(&mut CertificateForm, &str) -> Took) -> Took {
    match &mut matter.certificate {
        Some(form) => take(form, text),
        None if text.trim().is_empty() => Ok(()),
        None => Err("没有填“结果名称”，这一格要空着".to_owned()),
    }
}

/// A part of the film; a matter has one when any part of it is filled in.
fn of_video(matter: &mut Matter, text: &str, take: fn(&mut GuideVideo, &str)) -> Took {
    if !text.trim().is_empty() {
        take(matter.details.video.get_or_insert_default(), text);
    }
    Ok(())
}

fn video(line: &MatterLine, part: fn(&GuideVideo) -> &str) -> String {
    line.matter.details.video.as_ref().map_or("", part).to_owned()
}

pub(super) const COLUMNS: &[Column<MatterLine>] = &[
    Column {
        name: "事项名称",
        field: "name",
        kind: Kind::Text,
        write: |line| line.matter.name.clone(),
        read: |line, text| put(&mut line.matter.name, text),
    },
    Column {
        name: "状态",
        field: "state",
        kind: Kind::Choice(&["在用", "停办"]),
        write: |line| state_label(line.matter.state).to_owned(),
        read: |line, text| {
            line.matter.state = pick(text, &STATES, state_label)?;
            Ok(())
        },
    },
    Column {
        name: "实施部门",
        field: "department_id",
        kind: Kind::Text,
        write: |line| line.department.clone(),
        read: |line, text| put(&mut line.department, text.trim()),
    },
    Column {
        name: "部门代码",
        field: "department_code",
        kind: Kind::Text,
        write: |line| line.department_code.clone(),
        read: |line, text| put(&mut line.department_code, text.trim()),
    },
    Column {
        name: "实施主体性质",
        field: "details.department_nature",
        kind: Kind::Text,
        write: |line| line.matter.details.department_nature.clone(),
        read: |line, text| put(&mut line.matter.details.department_nature, text),
    },
    Column {
        name: "事项类型",
        field: "matter_type",
        kind: Kind::Choice(&[
            "行政许可",
            "行政处罚",
            "行政强制",
            "行政征收",
            "行政给付",
            "行政检查",
            "行政确认",
            "行政奖励",
            "行政裁决",
            "其他行政权力",
            "公共服务",
        ]),
        write: |line| line.matter.matter_type.label().to_owned(),
        read: |line, text| {
            line.matter.matter_type = listed!(MatterType, text)?;
            Ok(())
        },
    },
    Column {
        name: "分类",
        field: "category",
        kind: Kind::Text,
        write: |line| line.matter.category.clone(),
        read: |line, text| put(&mut line.matter.category, text),
    },
    Column {
        name: "俗称（每行一个）",
        field: "aliases",
        kind: Kind::Long,
        write: |line| lines(&line.matter.aliases),
        read: |line, text| read_lines(&mut line.matter.aliases, text),
    },
    Column {
        name: "基本编码",
        field: "details.basic_code",
        kind: Kind::Text,
        write: |line| line.matter.details.basic_code.clone(),
        read: |line, text| put(&mut line.matter.details.basic_code, text),
    },
    Column {
        name: "业务办理项编码",
        field: "details.business_item_code",
        kind: Kind::Text,
        write: |line| line.matter.details.business_item_code.clone(),
        read: |line, text| put(&mut line.matter.details.business_item_code, text),
    },
    Column {
        name: "区划代码",
        field: "area_code",
        kind: Kind::Text,
        write: |line| line.matter.area_code.clone(),
        read: |line, text| put(&mut line.matter.area_code, text),
    },
    Column {
        name: "适用镇村代码（每行一个）",
        field: "details.area_codes",
        kind: Kind::Long,
        write: |line| lines(&line.matter.details.area_codes),
        read: |line, text| read_lines(&mut line.matter.details.area_codes, text),
    },
    Column {
        name: "行使层级",
        field: "exercise_level",
        kind: Kind::Choice(&["国家级", "省级", "市级", "县级", "镇级", "村级", "分级"]),
        write: |line| line.matter.exercise_level.label().to_owned(),
        read: |line, text| {
            line.matter.exercise_level = listed!(ExerciseLevel, text)?;
            Ok(())
        },
    },
    Column {
        name: "权力来源",
        field: "power_source",
        kind: Kind::Choice(&["法定本级行使", "上级下放", "上级授权", "同级授权", "上级委托", "同级委托"]),
        write: |line| line.matter.power_source.map_or("", PowerSource::label).to_owned(),
        read: |line, text| {
            line.matter.power_source = if text.trim().is_empty() { None } else { Some(listed!(PowerSource, text)?) };
            Ok(())
        },
    },
    Column {
        name: "设定依据（每行一条）",
        field: "legal_basis",
        kind: Kind::Long,
        write: |line| lines(&line.matter.legal_basis),
        read: |line, text| read_lines(&mut line.matter.legal_basis, text),
    },
    Column {
        name: "办件类型",
        field: "case_kind",
        kind: Kind::Choice(&["即办件", "承诺件"]),
        write: |line| case_kind_label(line.matter.case_kind).to_owned(),
        read: |line, text| {
            line.matter.case_kind = pick(text, &CASE_KINDS, case_kind_label)?;
            Ok(())
        },
    },
    Column {
        name: "法定期限（工作日）",
        field: "statutory_days",
        kind: Kind::Number,
        write: |line| written(line.matter.statutory_days),
        read: |line, text| {
            line.matter.statutory_days = some_number(text)?;
            Ok(())
        },
    },
    Column {
        name: "法定期限说明",
        field: "details.statutory_note",
        kind: Kind::Text,
        write: |line| line.matter.details.statutory_note.clone(),
        read: |line, text| put(&mut line.matter.details.statutory_note, text),
    },
    Column {
        name: "承诺期限（工作日）",
        field: "promised_days",
        kind: Kind::Number,
        write: |line| line.matter.promised_days.to_string(),
        read: |line, text| {
            line.matter.promised_days = number(text)?;
            Ok(())
        },
    },
    Column {
        name: "承诺期限说明",
        field: "details.promised_note",
        kind: Kind::Text,
        write: |line| line.matter.details.promised_note.clone(),
        read: |line, text| put(&mut line.matter.details.promised_note, text),
    },
    Column {
        name: "服务对象",
        field: "applicant_kinds",
        kind: Kind::Text,
        write: |line| words(&line.matter.applicant_kinds, ApplicantKind::label),
        read: |line, text| {
            line.matter.applicant_kinds = pick_some(text, ApplicantKind::ALL, ApplicantKind::label)?;
            Ok(())
        },
    },
    Column {
        name: "办理形式",
        field: "handling_forms",
        kind: Kind::Text,
        write: |line| words(&line.matter.handling_forms, HandlingForm::label),
        read: |line, text| {
            line.matter.handling_forms = pick_some(text, HandlingForm::ALL, HandlingForm::label)?;
            Ok(())
        },
    },
    Column {
        name: "网办深度",
        field: "details.online_depth",
        kind: Kind::Number,
        write: |line| written(line.matter.details.online_depth),
        read: |line, text| {
            line.matter.details.online_depth = some_number(text)?;
            Ok(())
        },
    },
    Column {
        name: "到现场次数",
        field: "visits",
        kind: Kind::Number,
        write: |line| line.matter.visits.to_string(),
        read: |line, text| {
            line.matter.visits = number(text)?;
            Ok(())
        },
    },
    Column {
        name: "受理条件（每行一条）",
        field: "conditions",
        kind: Kind::Long,
        write: |line| lines(&line.matter.conditions),
        read: |line, text| read_lines(&mut line.matter.conditions, text),
    },
    Column {
        name: "办理流程（每行一步）",
        field: "details.flow",
        kind: Kind::Long,
        write: |line| lines(&line.matter.details.flow),
        read: |line, text| read_lines(&mut line.matter.details.flow, text),
    },
    Column {
        name: "收费",
        field: "fee",
        kind: Kind::Choice(YES_NO),
        write: |line| yes_no(line.matter.fee.is_some()),
        read: |line, text| {
            let mut is = false;
            read_yes_no(&mut is, text)?;
            line.matter.fee = is.then(|| Fee { basis: String::new(), standard: String::new() });
            Ok(())
        },
    },
    Column {
        name: "收费标准",
        field: "fee.standard",
        kind: Kind::Text,
        write: |line| line.matter.fee.as_ref().map_or(String::new(), |fee| fee.standard.clone()),
        read: |line, text| of_fee(&mut line.matter, text, |fee| &mut fee.standard),
    },
    Column {
        name: "收费依据",
        field: "fee.basis",
        kind: Kind::Text,
        write: |line| line.matter.fee.as_ref().map_or(String::new(), |fee| fee.basis.clone()),
        read: |line, text| of_fee(&mut line.matter, text, |fee| &mut fee.basis),
    },
    Column {
        name: "中介服务（每行一条）",
        field: "details.intermediary_services",
        kind: Kind::Long,
        write: |line| lines(&line.matter.details.intermediary_services),
        read: |line, text| read_lines(&mut line.matter.details.intermediary_services, text),
    },
    Column {
        name: "年审年检",
        field: "details.annual_inspection",
        kind: Kind::Text,
        write: |line| line.matter.details.annual_inspection.clone(),
        read: |line, text| put(&mut line.matter.details.annual_inspection, text),
    },
    Column {
        name: "结果名称",
        field: "certificate.name",
        kind: Kind::Text,
        write: |line| line.matter.certificate.as_ref().map_or(String::new(), |form| form.name.clone()),
        read: |line, text| {
            line.matter.certificate = some_text(text).map(|name| CertificateForm { name, valid_years: None, licence_type: None });
            Ok(())
        },
    },
    Column {
        name: "结果类型",
        field: "details.result_type",
        kind: Kind::Text,
        write: |line| line.matter.details.result_type.clone(),
        read: |line, text| put(&mut line.matter.details.result_type, text),
    },
    Column {
        name: "有效年数",
        field: "certificate.valid_years",
        kind: Kind::Number,
        write: |line| written(line.matter.certificate.as_ref().and_then(|form| form.valid_years)),
        read: |line, text| {
            of_certificate(&mut line.matter, text, |form, text| {
                form.valid_years = some_number(text)?;
                Ok(())
            })
        },
    },
    Column {
        name: "电子证照类型代码",
        field: "certificate.licence_type",
        kind: Kind::Text,
        write: |line| written(line.matter.certificate.as_ref().and_then(|form| form.licence_type.clone())),
        read: |line, text| {
            of_certificate(&mut line.matter, text, |form, text| {
                form.licence_type = some_text(text).map(|code| code.trim().to_owned());
                Ok(())
            })
        },
    },
    Column {
        name: "可以邮寄",
        field: "details.courier",
        kind: Kind::Choice(YES_NO),
        write: |line| yes_no(line.matter.details.courier),
        read: |line, text| read_yes_no(&mut line.matter.details.courier, text),
    },
    Column {
        name: "办理地点",
        field: "details.address",
        kind: Kind::Text,
        write: |line| line.matter.details.address.clone(),
        read: |line, text| put(&mut line.matter.details.address, text),
    },
    Column {
        name: "办理时间",
        field: "details.hours",
        kind: Kind::Text,
        write: |line| line.matter.details.hours.clone(),
        read: |line, text| put(&mut line.matter.details.hours, text),
    },
    Column {
        name: "咨询电话",
        field: "consultation_phone",
        kind: Kind::Text,
        write: |line| line.matter.consultation_phone.clone(),
        read: |line, text| put(&mut line.matter.consultation_phone, text),
    },
    Column {
        name: "投诉电话",
        field: "complaint_phone",
        kind: Kind::Text,
        write: |line| line.matter.complaint_phone.clone(),
        read: |line, text| put(&mut line.matter.complaint_phone, text),
    },
    Column {
        name: "生效日期",
        field: "details.effective_on",
        kind: Kind::Date,
        write: |line| written(line.matter.details.effective_on),
        read: |line, text| {
            line.matter.details.effective_on = some_day(text)?;
            Ok(())
        },
    },
    Column {
        name: "截止日期",
        field: "details.expires_on",
        kind: Kind::Date,
        write: |line| written(line.matter.details.expires_on),
        read: |line, text| {
            line.matter.details.expires_on = some_day(text)?;
            Ok(())
        },
    },
    Column {
        name: "白话版指南",
        field: "guide",
        kind: Kind::Long,
        write: |line| line.matter.guide.clone(),
        read: |line, text| put(&mut line.matter.guide, text),
    },
    Column {
        name: "视频标题",
        field: "details.video.title",
        kind: Kind::Text,
        write: |line| video(line, |video| &video.title),
        read: |line, text| of_video(&mut line.matter, text, |video, text| text.clone_into(&mut video.title)),
    },
    Column {
        name: "视频网址",
        field: "details.video.url",
        kind: Kind::Text,
        write: |line| video(line, |video| &video.url),
        read: |line, text| of_video(&mut line.matter, text, |video, text| text.clone_into(&mut video.url)),
    },
    Column {
        name: "视频文件",
        field: "details.video.file",
        kind: Kind::Text,
        write: |line| video(line, |video| video.file.as_deref().unwrap_or_default()),
        read: |line, text| of_video(&mut line.matter, text, |video, text| video.file = some_text(text)),
    },
    Column {
        name: "视频文字稿",
        field: "details.video.transcript",
        kind: Kind::Long,
        write: |line| video(line, |video| &video.transcript),
        read: |line, text| of_video(&mut line.matter, text, |video, text| text.clone_into(&mut video.transcript)),
    },
];
