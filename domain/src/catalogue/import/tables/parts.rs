//! The columns of what a matter has several of: materials, answers, special procedures, steps, pictures.

use super::cells::{AnswerAt, YES_NO, answers, lines, number, pick, put, read_answers, read_lines, read_yes_no, some_text, yes_no};
use super::{Column, Kind};
use crate::case::{Procedure, Signer};
use crate::catalogue::{GuidePicture, MaterialKeeping, MaterialKind, MaterialSource, OpinionTemplate};

/// Copies that are left blank are none.
fn count(text: &str) -> Result<u32, String> {
    if text.trim().is_empty() { Ok(0) } else { number(text) }
}

/// A material; its id may be blank for a new one.
#[derive(Default)]
pub(super) struct MaterialLine {
    pub(super) place: u32,
    pub(super) name: String,
    pub(super) kind: Option<MaterialKind>,
    pub(super) originals: u32,
    pub(super) copies: u32,
    pub(super) required: bool,
    pub(super) tolerable: bool,
    pub(super) keeping: Option<MaterialKeeping>,
    pub(super) source: Option<MaterialSource>,
    pub(super) acceptance_points: Vec<String>,
    pub(super) asked_by: Vec<AnswerAt>,
    pub(super) sample: String,
    pub(super) blank_form: String,
    pub(super) id: String,
}

pub(super) const MATERIALS: &[Column<MaterialLine>] = &[
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
        name: "材料名称",
        field: "name",
        kind: Kind::Text,
        write: |line| line.name.clone(),
        read: |line, text| put(&mut line.name, text),
    },
    Column {
        name: "材料类型",
        field: "kind",
        kind: Kind::Choice(&["申请表", "证照", "证明", "其他材料"]),
        write: |line| line.kind.map_or("", MaterialKind::label).to_owned(),
        read: |line, text| {
            line.kind = Some(pick(text, &MaterialKind::ALL, MaterialKind::label)?);
            Ok(())
        },
    },
    Column {
        name: "原件份数",
        field: "originals",
        kind: Kind::Number,
        write: |line| line.originals.to_string(),
        read: |line, text| {
            line.originals = count(text)?;
            Ok(())
        },
    },
    Column {
        name: "复印件份数",
        field: "copies",
        kind: Kind::Number,
        write: |line| line.copies.to_string(),
        read: |line, text| {
            line.copies = count(text)?;
            Ok(())
        },
    },
    Column {
        name: "必须",
        field: "required",
        kind: Kind::Choice(YES_NO),
        write: |line| yes_no(line.required),
        read: |line, text| read_yes_no(&mut line.required, text),
    },
    Column {
        name: "可容缺",
        field: "tolerable",
        kind: Kind::Choice(YES_NO),
        write: |line| yes_no(line.tolerable),
        read: |line, text| read_yes_no(&mut line.tolerable, text),
    },
    Column {
        name: "收取或核验",
        field: "keeping",
        kind: Kind::Choice(&["收取", "核验"]),
        write: |line| line.keeping.map_or("", MaterialKeeping::label).to_owned(),
        read: |line, text| {
            line.keeping = Some(pick(text, &MaterialKeeping::ALL, MaterialKeeping::label)?);
            Ok(())
        },
    },
    Column {
        name: "来源",
        field: "source",
        kind: Kind::Choice(&["申请人自备", "政府部门出具", "第三方出具"]),
        write: |line| line.source.map_or("", MaterialSource::label).to_owned(),
        read: |line, text| {
            line.source = Some(pick(text, &MaterialSource::ALL, MaterialSource::label)?);
            Ok(())
        },
    },
    Column {
        name: "受理要点（每行一条）",
        field: "acceptance_points",
        kind: Kind::Long,
        write: |line| lines(&line.acceptance_points),
        read: |line, text| read_lines(&mut line.acceptance_points, text),
    },
    Column {
        name: "选了哪些答案才要（不填：都要）",
        field: "situation_ids",
        kind: Kind::Text,
        write: |line| answers(&line.asked_by),
        read: |line, text| read_answers(&mut line.asked_by, text),
    },
    Column {
        name: "样本",
        field: "sample",
        kind: Kind::Text,
        write: |line| line.sample.clone(),
        read: |line, text| put(&mut line.sample, text),
    },
    Column {
        name: "空白表",
        field: "blank_form",
        kind: Kind::Text,
        write: |line| line.blank_form.clone(),
        read: |line, text| put(&mut line.blank_form, text),
    },
    Column {
        name: "材料编号（新的不填）",
        field: "id",
        kind: Kind::Text,
        write: |line| line.id.clone(),
        read: |line, text| put(&mut line.id, text.trim()),
    },
];

/// An answer with the question that it answers.
#[derive(Default)]
pub(super) struct AnswerLine {
    pub(super) at: Option<AnswerAt>,
    pub(super) question_place: u32,
    pub(super) question: String,
    pub(super) many: bool,
    pub(super) answer: String,
    pub(super) asked_if: Vec<AnswerAt>,
    pub(super) id: String,
}

pub(super) const ANSWERS: &[Column<AnswerLine>] = &[
    Column {
        name: "第几问",
        field: "question_place",
        kind: Kind::Number,
        write: |line| line.question_place.to_string(),
        read: |line, text| {
            line.question_place = number(text)?;
            Ok(())
        },
    },
    Column {
        name: "问题",
        field: "question",
        kind: Kind::Text,
        write: |line| line.question.clone(),
        read: |line, text| put(&mut line.question, text),
    },
    Column {
        name: "可选几个",
        field: "many",
        kind: Kind::Choice(YES_NO),
        write: |line| yes_no(line.many),
        read: |line, text| read_yes_no(&mut line.many, text),
    },
    Column {
        name: "选了哪些答案才问（不填：都问）",
        field: "asked_if",
        kind: Kind::Text,
        write: |line| answers(&line.asked_if),
        read: |line, text| read_answers(&mut line.asked_if, text),
    },
    Column {
        name: "第几个答案",
        field: "place",
        kind: Kind::Number,
        write: |line| line.at.map_or(String::new(), |at| at.answer.to_string()),
        read: |line, text| {
            line.at = Some(AnswerAt { question: line.question_place, answer: number(text)? });
            Ok(())
        },
    },
    Column {
        name: "答案",
        field: "name",
        kind: Kind::Text,
        write: |line| line.answer.clone(),
        read: |line, text| put(&mut line.answer, text),
    },
    Column {
        name: "答案编号（新的不填）",
        field: "id",
        kind: Kind::Text,
        write: |line| line.id.clone(),
        read: |line, text| put(&mut line.id, text.trim()),
    },
];

#[derive(Default)]
pub(super) struct ProcedureLine {
    pub(super) place: u32,
    pub(super) procedure: Option<Procedure>,
    pub(super) days: u32,
    pub(super) basis: String,
    pub(super) stops_clock: bool,
}

pub(super) const PROCEDURES: &[Column<ProcedureLine>] = &[
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
        name: "程序",
        field: "procedure",
        kind: Kind::Choice(&["听证", "招标", "拍卖", "检验", "检测", "检疫", "鉴定", "专家评审", "现场勘验", "公示"]),
        write: |line| line.procedure.map_or("", Procedure::label).to_owned(),
        read: |line, text| {
            line.procedure = Some(pick(text, &Procedure::ALL, Procedure::label)?);
            Ok(())
        },
    },
    Column {
        name: "工作日",
        field: "days",
        kind: Kind::Number,
        write: |line| line.days.to_string(),
        read: |line, text| {
            line.days = number(text)?;
            Ok(())
        },
    },
    Column {
        name: "依据",
        field: "basis",
        kind: Kind::Text,
        write: |line| line.basis.clone(),
        read: |line, text| put(&mut line.basis, text),
    },
    Column {
        name: "不计入期限",
        field: "stops_clock",
        kind: Kind::Choice(YES_NO),
        write: |line| yes_no(line.stops_clock),
        read: |line, text| read_yes_no(&mut line.stops_clock, text),
    },
];

/// A step of approval.
#[derive(Default)]
pub(super) struct StepLine {
    pub(super) stage: u32,
    pub(super) id: String,
    pub(super) name: String,
    /// Blank: the matter's own.
    pub(super) department: String,
    pub(super) signer: Option<Signer>,
}

pub(super) const STEPS: &[Column<StepLine>] = &[
    Column {
        name: "第几环节",
        field: "place",
        kind: Kind::Number,
        write: |line| line.stage.to_string(),
        read: |line, text| {
            line.stage = number(text)?;
            Ok(())
        },
    },
    Column {
        name: "步骤编号",
        field: "id",
        kind: Kind::Text,
        write: |line| line.id.clone(),
        read: |line, text| put(&mut line.id, text.trim()),
    },
    Column {
        name: "步骤名称",
        field: "name",
        kind: Kind::Text,
        write: |line| line.name.clone(),
        read: |line, text| put(&mut line.name, text),
    },
    Column {
        name: "部门（不填：实施部门）",
        field: "department_id",
        kind: Kind::Text,
        write: |line| line.department.clone(),
        read: |line, text| put(&mut line.department, text.trim()),
    },
    Column {
        name: "谁签",
        field: "signer",
        kind: Kind::Choice(&["审批人员", "分管领导"]),
        write: |line| line.signer.map_or("", Signer::label).to_owned(),
        read: |line, text| {
            line.signer = Some(pick(text, &[Signer::Approver, Signer::Leader], Signer::label)?);
            Ok(())
        },
    },
];

pub(super) struct OpinionLine {
    pub(super) place: u32,
    pub(super) opinion: OpinionTemplate,
}

impl Default for OpinionLine {
    fn default() -> Self {
        Self { place: 0, opinion: OpinionTemplate { name: String::new(), text: String::new(), denies: false } }
    }
}

/// For what an opinion is: `denies`, in words.
fn use_label(denies: bool) -> &'static str {
    if denies { "不予" } else { "通过" }
}

pub(super) const OPINIONS: &[Column<OpinionLine>] = &[
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
        name: "模板名称",
        field: "name",
        kind: Kind::Text,
        write: |line| line.opinion.name.clone(),
        read: |line, text| put(&mut line.opinion.name, text),
    },
    Column {
        name: "用在",
        field: "denies",
        kind: Kind::Choice(&["通过", "不予"]),
        write: |line| use_label(line.opinion.denies).to_owned(),
        read: |line, text| {
            line.opinion.denies = pick(text, &[false, true], use_label)?;
            Ok(())
        },
    },
    Column {
        name: "意见内容",
        field: "text",
        kind: Kind::Long,
        write: |line| line.opinion.text.clone(),
        read: |line, text| put(&mut line.opinion.text, text),
    },
];

/// A step of the illustrated guide.
#[derive(Default)]
pub(super) struct PictureLine {
    pub(super) place: u32,
    pub(super) picture: GuidePicture,
}

pub(super) const PICTURES: &[Column<PictureLine>] = &[
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
        name: "图",
        field: "icon",
        kind: Kind::Text,
        write: |line| line.picture.icon.clone(),
        read: |line, text| put(&mut line.picture.icon, text.trim()),
    },
    Column {
        name: "标题",
        field: "title",
        kind: Kind::Text,
        write: |line| line.picture.title.clone(),
        read: |line, text| put(&mut line.picture.title, text),
    },
    Column {
        name: "说明",
        field: "text",
        kind: Kind::Text,
        write: |line| line.picture.text.clone(),
        read: |line, text| put(&mut line.picture.text, text),
    },
    Column {
        name: "图片文件",
        field: "file",
        kind: Kind::Text,
        write: |line| line.picture.file.clone().unwrap_or_default(),
        read: |line, text| {
            line.picture.file = some_text(text);
            Ok(())
        },
    },
    Column {
        name: "图片描述",
        field: "alt",
        kind: Kind::Text,
        write: |line| line.picture.alt.clone(),
        read: |line, text| put(&mut line.picture.alt, text),
    },
];
