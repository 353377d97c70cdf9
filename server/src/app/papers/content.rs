//! What stands on each paper. Pure: from the case as it was when the paper was issued, and the words around it, gathered
//! before.

use chrono::NaiveDate;
use documents::{Paper, Part, Verify};
use domain::case::{AcceptanceMode, Case, Closure, DecisionOutcome, MaterialEntry, RefusalReason, ReusedMaterial, State, SubmissionStatus};
use domain::time::{Millis, local};

use super::kinds::{Issued, PaperKind};

/// Remedies against a decision: 行政复议法 (2023) Art. 20, sixty days; 行政诉讼法 Art. 46, six months.
const REMEDIES: &str =
    "如不服本决定，可以自收到本文书之日起六十日内依法申请行政复议，也可以自收到本文书之日起六个月内依法向人民法院提起行政诉讼。";

/// The words around a case that stand outside it.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    /// The centre.
    pub(super) site_name: String,
    /// The applicant in full.
    pub(super) applicant_name: String,
    /// The applicant's number, masked.
    pub(super) applicant_number: Option<String>,
    /// Who acts for the applicant.
    pub(super) agent_name: Option<String>,
    /// Who received it.
    pub(super) clerk_name: Option<String>,
    /// The promised last day, or the year whose holidays are not settled.
    pub(super) due: Option<Result<NaiveDate, i32>>,
    /// Each point of the notice: words and basis.
    pub(super) notice_items: Vec<(String, String)>,
    /// Days to mend what a notice names before the case ends by itself.
    pub(super) lapse_days: u32,
    /// What the department wrote: of the refusal, or of the decision.
    pub(super) opinion: Option<String>,
    /// Why the limit was extended.
    pub(super) extension_reason: Option<String>,
    /// The number of the certificate.
    pub(super) certificate_number: Option<String>,
    /// By what an agent collected.
    pub(super) authorisation: Option<String>,
    /// A word across the page.
    pub(super) mark: Option<String>,
}

/// `2026年11月27日`.
pub(super) fn day(at: Millis) -> String {
    local(at).format("%Y年%-m月%-d日").to_string()
}

pub(super) fn date(date: NaiveDate) -> String {
    date.format("%Y年%-m月%-d日").to_string()
}

pub(super) fn minute(at: Millis) -> String {
    local(at).format("%Y年%-m月%-d日 %H:%M").to_string()
}

fn text(text: impl Into<String>) -> Part {
    Part::Text { text: text.into() }
}

/// A paper of a case, dated by the fact that it tells.
pub(super) fn paper(issued: &Issued, words: &Words, verify: Verify) -> Paper {
    let (kind, case) = (issued.kind, &issued.case);
    let speaker = if kind.is_of_department() { &case.matter.department_name } else { &words.site_name };
    let is_letter = !matches!(kind, PaperKind::Receipt | PaperKind::Delivery | PaperKind::Transfer);
    let (parts, signatures) = match kind {
        PaperKind::Receipt => receipt(case, words),
        PaperKind::Correction => correction(case, words),
        PaperKind::Acceptance => acceptance(case, words),
        PaperKind::TolerantAcceptance => tolerant(case, words),
        PaperKind::Refusal => refusal(case, words),
        PaperKind::SpecialProcedure => special(case, words),
        PaperKind::Extension => extension(issued, words),
        PaperKind::Decision => decision(case, words),
        PaperKind::Delivery => delivery(case, words),
        PaperKind::Transfer => transfer(issued, words),
    };
    Paper {
        issuer: speaker.clone(),
        title: kind.title(case).to_owned(),
        number: format!("办件编号 {}", case.number),
        addressee: is_letter.then(|| words.applicant_name.clone()),
        parts,
        sealed_by: (!matches!(kind, PaperKind::Delivery | PaperKind::Transfer)).then(|| speaker.clone()),
        date: day(issued.event.at),
        signatures: signatures.iter().map(|line| (*line).to_owned()).collect(),
        verify: Some(verify),
        mark: words.mark.clone(),
    }
}

type Content = (Vec<Part>, &'static [&'static str]);

fn who(case: &Case, words: &Words) -> Vec<(String, String)> {
    let mut rows = vec![fact("事项", &case.matter.name), fact("事项编码", &case.matter.item_code), fact("申请人", &words.applicant_name)];
    rows.extend(words.applicant_number.as_deref().map(|number| fact("证件号码", number)));
    rows.extend(words.agent_name.as_deref().map(|name| fact("代理人", name)));
    rows
}

pub(super) fn fact(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn materials(case: &Case, heading: &str, wanted: impl Fn(&MaterialEntry) -> bool) -> Part {
    let row = |entry: &MaterialEntry| {
        let name = case.matter.requirement(&entry.material).map(|requirement| requirement.name.clone()).unwrap_or_default();
        vec![name, count(entry.originals), count(entry.copies), handling(entry.status).to_owned()]
    };
    Part::Table {
        heading: heading.to_owned(),
        head: ["材料", "原件", "复印件", "怎么收的"].map(str::to_owned).to_vec(),
        widths: vec![6, 1, 1, 2],
        rows: case.materials.iter().filter(|entry| wanted(entry)).map(row).collect(),
    }
}

/// A number of sheets; nothing was counted where it says none.
fn count(sheets: u16) -> String {
    if sheets == 0 { "—".to_owned() } else { sheets.to_string() }
}

pub(super) fn handling(status: SubmissionStatus) -> &'static str {
    match status {
        SubmissionStatus::Collected => "收下",
        SubmissionStatus::Verified => "核对后退还",
        SubmissionStatus::Reused => "用以前交过的",
        SubmissionStatus::Promised => "承诺补交",
        SubmissionStatus::Missing => "没有",
    }
}

fn is_here(entry: &MaterialEntry) -> bool {
    entry.status.is_present()
}

/// What was not handed in again, and where it lies: the applicant agreed to each of these papers by signing them.
pub(super) fn reused(case: &Case) -> Option<Part> {
    let reuse = case.reuse.as_ref()?;
    let counts =
        |of: &domain::ids::MaterialId| case.materials.iter().any(|entry| entry.material == *of && entry.status == SubmissionStatus::Reused);
    let item = |one: &ReusedMaterial| {
        let name = case.matter.requirement(&one.material).map(|requirement| requirement.name.clone()).unwrap_or_default();
        format!("{name}：{}交，在办件 {} 里", day(one.handed_in_at), one.from_number)
    };
    let items: Vec<String> = reuse.materials.iter().filter(|one| counts(&one.material)).map(item).collect();
    (!items.is_empty()).then(|| Part::Points { heading: "经申请人同意，用以前交过的材料，不用再交".to_owned(), items })
}

fn receipt(case: &Case, words: &Words) -> Content {
    let mut rows = who(case, words);
    rows.push(fact("收件机构", &words.site_name));
    rows.extend(words.clerk_name.as_deref().map(|name| fact("收件人", name)));
    rows.extend(case.receipt_at.map(|at| fact("收件时间", &minute(at))));
    rows.push(fact("查询码", &case.query_code));
    let mut parts = vec![Part::Facts { rows }, materials(case, "收到的材料", is_here)];
    parts.extend(reused(case));
    parts.push(text("本凭证只证明收到了上面的材料，不表示已经受理。材料是否齐全、是否受理，自收到之日起五个工作日内一次告知。"));
    if case.matter.deems_acceptance {
        parts.push(text("五个工作日内没有告知的，自收到材料之日起即为受理（行政许可法第三十二条）。"));
    }
    (parts, &["收件人签字", "申请人签字"])
}

fn correction(case: &Case, words: &Words) -> Content {
    let items =
        words.notice_items.iter().map(|(item, basis)| if basis.is_empty() { item.clone() } else { format!("{item}（依据：{basis}）") });
    let mut parts = vec![
        text(format!("你（单位）申请办理“{}”，经核对，还需要补正下列内容。这是全部需要补正的内容，此后不再增加。", case.matter.name)),
        Part::Points { heading: "需要补正的内容".to_owned(), items: items.collect() },
        Part::Facts {
            rows: vec![
                fact("怎么补", &format!("带上本告知书和补正的材料，到{}任一综合窗口", words.site_name)),
                fact("什么时候", &format!("自告知之日起 {} 日内", words.lapse_days)),
                fact("查询码", &case.query_code),
            ],
        },
        text("补正后，受理期限自收到补正材料之日起重新计算。逾期没有补正的，终止办理，以后可以重新申请。"),
        text("依据：行政许可法第三十二条第一款第四项。本告知书一式两份，申请人和窗口各存一份。"),
    ];
    // After the list of what lacks: what he need not bring.
    if let Some(part) = reused(case) {
        parts.insert(2, part);
    }
    (parts, &["窗口人员签字", "申请人签字"])
}

fn terms(case: &Case, words: &Words) -> Vec<(String, String)> {
    let mut rows = vec![fact("承办部门", &case.matter.department_name)];
    let Some(acceptance) = &case.acceptance else { return rows };
    rows.push(fact("受理日期", &day(acceptance.at)));
    rows.extend(acceptance.statutory_days.map(|days| fact("法定期限", &format!("{days} 个工作日"))));
    rows.extend(acceptance.promised_days.map(|days| fact("承诺期限", &format!("{days} 个工作日"))));
    rows.extend(words.due.as_ref().map(|due| match due {
        Ok(due) => fact("承诺办结日", &date(*due)),
        Err(year) => fact("承诺办结日", &format!("等待 {year} 年节假日安排公布后确定")),
    }));
    rows.push(fact("查询码", &case.query_code));
    rows
}

fn acceptance(case: &Case, words: &Words) -> Content {
    let applied = case.receipt_at.map_or_else(String::new, day);
    let name = &case.matter.name;
    let said = match case.acceptance.as_ref().map(|acceptance| acceptance.mode) {
        Some(AcceptanceMode::Deemed) => format!(
            "你（单位）{applied}提交的“{name}”申请，自收到材料之日起五个工作日内没有告知补正，依照行政许可法第三十二条，自收到材料之日起即为受理。"
        ),
        // The department answered a proposal to refuse; whether all is there was not the question.
        Some(AcceptanceMode::RefusalOverturned) => {
            format!("你（单位）{applied}提交的“{name}”申请，经{}审查，依法应当受理，现予受理。", case.matter.department_name)
        }
        _ => format!("你（单位）{applied}提交的“{name}”申请，材料齐全，符合法定形式，现予受理。"),
    };
    let mut rows = who(case, words);
    rows.extend(terms(case, words));
    let mut parts = vec![text(said), Part::Facts { rows }, materials(case, "收到的材料", is_here)];
    parts.extend(lacking(case));
    parts.extend(reused(case));
    parts.push(text("依法需要听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审的，所需时间不计算在上述期限内，并另行书面告知。"));
    (parts, &["窗口人员签字", "申请人签字"])
}

/// Required materials that were not there at acceptance: by silence, or against a proposal to refuse.
fn lacking(case: &Case) -> Option<Part> {
    let name = |id: &domain::ids::MaterialId| case.matter.requirement(id).map(|requirement| requirement.name.clone());
    let items: Vec<String> = case.missing_materials().iter().filter_map(name).collect();
    (!items.is_empty()).then(|| Part::Points { heading: "受理时还没有交的材料".to_owned(), items })
}

fn tolerant(case: &Case, words: &Words) -> Content {
    let promised = case.materials.iter().filter(|entry| entry.status == SubmissionStatus::Promised);
    let row = |entry: &MaterialEntry| {
        let name = case.matter.requirement(&entry.material).map(|requirement| requirement.name.clone()).unwrap_or_default();
        vec![name, entry.due.map_or_else(String::new, date)]
    };
    let mut rows = who(case, words);
    rows.extend(terms(case, words));
    let parts = vec![
        text(format!("你（单位）申请办理“{}”，主要材料齐全，次要材料暂缺，你（单位）书面承诺按期补齐，现予容缺受理。", case.matter.name)),
        Part::Facts { rows },
        Part::Table {
            heading: "承诺补齐的材料".to_owned(),
            head: ["材料", "最迟哪天补齐"].map(str::to_owned).to_vec(),
            widths: vec![3, 2],
            rows: promised.map(row).collect(),
        },
        materials(case, "已经收到的材料", is_here),
        text("承诺的材料补齐以前，不发放结果证照。逾期没有补齐的，由承办部门决定不予通过，或者准予延期一次。"),
        text("本人（单位）已知晓上述内容，承诺按期补齐，并对材料的真实性负责。本通知书一式两份，申请人和窗口各存一份。"),
    ];
    (parts, &["窗口人员签字", "申请人签字（承诺）"])
}

fn refusal(case: &Case, words: &Words) -> Content {
    let reason = match &case.state {
        State::Closed { closure: Closure::Refused { reason, .. }, .. } => ground(*reason),
        _ => "",
    };
    let mut parts = vec![text(format!("你（单位）申请办理的“{}”，经审查，{reason}，决定不予受理。", case.matter.name))];
    parts.extend(words.opinion.as_deref().map(|opinion| text(format!("理由：{opinion}"))));
    parts.push(Part::Facts { rows: who(case, words) });
    parts.push(text(REMEDIES));
    (parts, &["送达人签字", "申请人签字"])
}

/// 行政许可法 Art. 32 and 78.
fn ground(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::NotRequired => "依法不需要取得许可或者办理",
        RefusalReason::NotCompetent => "依法不属于本机关职权范围，请向有关机关申请",
        RefusalReason::ForbiddenApplicant => "申请人依法不得提出该项申请",
        RefusalReason::FalseMaterial => "申请人隐瞒有关情况或者提供虚假材料",
    }
}

fn special(case: &Case, words: &Words) -> Content {
    let mut parts = vec![text(format!("你（单位）申请办理的“{}”，依法需要进入特别程序，现告知如下。", case.matter.name))];
    if let Some(suspension) = case.suspensions.last() {
        let mut rows = who(case, words);
        rows.push(fact("特别程序", suspension.procedure.label()));
        rows.push(fact("依据", &suspension.basis));
        rows.push(fact("开始日期", &day(suspension.from)));
        rows.push(fact("所需时间", &format!("{} 个工作日", suspension.days)));
        parts.push(Part::Facts { rows });
        parts.push(text(if suspension.stops_clock {
            "依照行政许可法第四十五条，上述时间不计算在办理期限内。"
        } else {
            "上述时间计算在办理期限内。"
        }));
    }
    (parts, &["送达人签字", "申请人签字"])
}

fn extension(issued: &Issued, words: &Words) -> Content {
    let case = &issued.case;
    let Some((extension, is_joint)) = issued.extension() else { return (Vec::new(), &[]) };
    let of = if is_joint { "与其他事项一并办理的共同期限" } else { "办理期限" };
    let mut parts = vec![text(format!(
        "你（单位）申请办理的“{}”，在期限内不能作出决定，经批准，{of}延长 {} 个工作日，现将理由告知如下。",
        case.matter.name, extension.days
    ))];
    parts.extend(words.extension_reason.as_deref().map(|reason| text(format!("理由：{reason}"))));
    let mut rows = who(case, words);
    rows.push(fact("承办部门", &case.matter.department_name));
    rows.push(fact("延长", &format!("{} 个工作日", extension.days)));
    rows.extend(extension.approved_at.map(|at| fact("批准日期", &day(at))));
    if !is_joint {
        rows.extend(words.due.as_ref().and_then(|due| due.as_ref().ok()).map(|due| fact("延长后的办结日", &date(*due))));
    }
    parts.push(Part::Facts { rows });
    parts.push(text("依据：行政许可法第四十二条。延长以一次为限。"));
    (parts, &["送达人签字", "申请人签字"])
}

fn decision(case: &Case, words: &Words) -> Content {
    let Some(decision) = &case.decision else { return (Vec::new(), &[]) };
    let name = &case.matter.name;
    let mut rows = who(case, words);
    rows.push(fact("承办部门", &case.matter.department_name));
    rows.push(fact("决定日期", &day(decision.at)));
    let mut parts = Vec::new();
    match decision.outcome {
        DecisionOutcome::Denied => {
            parts.push(text(format!("你（单位）申请办理的“{name}”，经审查，不符合法定条件、标准，决定不予通过。")));
            parts.extend(words.opinion.as_deref().map(|opinion| text(format!("理由：{opinion}"))));
            parts.push(Part::Facts { rows });
            parts.push(text(REMEDIES));
        }
        DecisionOutcome::Approved => {
            parts.push(text(format!("你（单位）申请办理的“{name}”，经审查，符合法定条件、标准，决定准予。")));
            parts.push(Part::Facts { rows });
            if let Some(certificate) = &case.matter.certificate_name {
                parts.push(text(format!("自作出决定之日起十个工作日内颁发、送达“{certificate}”（行政许可法第四十四条）。")));
            }
        }
        DecisionOutcome::ApprovedTolerant => {
            parts.push(text(format!(
                "你（单位）申请办理的“{name}”，经审查，符合法定条件、标准，决定准予。承诺的材料补齐以后，颁发结果证照。"
            )));
            parts.push(Part::Facts { rows });
        }
    }
    (parts, &["送达人签字", "申请人签字"])
}

fn delivery(case: &Case, words: &Words) -> Content {
    let mut rows = who(case, words);
    if let Some(certificate) = &case.certificate {
        rows.push(fact(
            "送达的文书",
            case.matter.certificate_name.as_deref().filter(|_| certificate.number.is_some()).unwrap_or("办理结果通知书"),
        ));
        rows.extend(words.certificate_number.as_deref().map(|number| fact("编号", number)));
        rows.push(fact("受送达人", &words.applicant_name));
        rows.extend(certificate.collection.as_ref().map(|collection| fact("送达时间", &minute(collection.at))));
        rows.extend(words.authorisation.as_deref().map(|by| fact("代领依据", by)));
    }
    rows.push(fact("送达方式", "□ 窗口领取　　□ 邮寄　　□ 上门　　□ 代领（附授权书）"));
    (vec![Part::Facts { rows }], &["受送达人签字", "代收人签字、关系", "送达人签字", "送达日期"])
}

fn transfer(issued: &Issued, words: &Words) -> Content {
    let case = &issued.case;
    let mut rows = who(case, words);
    rows.push(fact("移交", &words.site_name));
    rows.push(fact("接收", &case.matter.department_name));
    let mut parts = vec![Part::Facts { rows }, materials(case, "移交的材料", |entry| issued.is_carried(entry))];
    parts.extend(reused(case));
    (parts, &["移交人签字", "接收人签字", "移交时间", "接收时间"])
}
