//! What stands on each paper. Pure: from the case as it was when the paper was issued, and the words around it, gathered
//! before.

use chrono::NaiveDate;
use documents::{Paper, Part, SealMark, Verify};
use domain::case::{AcceptanceMode, Case, Closure, DecisionOutcome, MaterialEntry, RefusalReason, ReusedMaterial, State, SubmissionStatus};
use domain::time::{Millis, local};

use super::kinds::{Issued, PaperKind};
use super::texts::Texts;
use crate::app::staff::bases::written;

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

/// A paper of a case, dated by the fact that it tells, in the texts that were in force then.
pub(super) fn paper(issued: &Issued, words: &Words, texts: &Texts, seal: Option<SealMark>, verify: Verify) -> Paper {
    let (kind, case) = (issued.kind, &issued.case);
    let issuer = texts.say("issuer", &[]);
    let is_letter = !matches!(kind, PaperKind::Receipt | PaperKind::Delivery | PaperKind::Transfer);
    let (mut parts, signatures) = match kind {
        PaperKind::Receipt => receipt(case, words, texts),
        PaperKind::Correction => correction(case, words, texts),
        PaperKind::Acceptance => acceptance(case, words, texts),
        PaperKind::TolerantAcceptance => tolerant(case, words, texts),
        PaperKind::Refusal => refusal(case, words, texts),
        PaperKind::SpecialProcedure => special(case, words, texts),
        PaperKind::Extension => extension(issued, words, texts),
        PaperKind::Decision => decision(case, words, texts),
        PaperKind::Delivery => delivery(case, words, texts),
        PaperKind::Transfer => transfer(issued, words, texts),
    };
    parts.extend(texts.part("contact", &[]));
    Paper {
        sealed_by: kind.template().is_sealed.then(|| issuer.clone()),
        issuer,
        title: kind.title(case).to_owned(),
        number: format!("办件编号 {}", case.number),
        addressee: is_letter.then(|| words.applicant_name.clone()),
        parts,
        seal,
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

fn receipt(case: &Case, words: &Words, texts: &Texts) -> Content {
    let mut rows = who(case, words);
    rows.push(fact("收件机构", &words.site_name));
    rows.extend(words.clerk_name.as_deref().map(|name| fact("收件人", name)));
    rows.extend(case.receipt_at.map(|at| fact("收件时间", &minute(at))));
    rows.push(fact("查询码", &case.query_code));
    let mut parts = vec![Part::Facts { rows }, materials(case, "收到的材料", is_here)];
    parts.extend(reused(case));
    parts.extend(texts.part("note", &[]));
    if case.matter.deems_acceptance {
        parts.push(text("五个工作日内没有告知的，自收到材料之日起即为受理（行政许可法第三十二条）。"));
    }
    (parts, &["收件人签字", "申请人签字"])
}

fn correction(case: &Case, words: &Words, texts: &Texts) -> Content {
    let items =
        words.notice_items.iter().map(|(item, basis)| if basis.is_empty() { item.clone() } else { format!("{item}（依据：{basis}）") });
    let mut parts = vec![
        text(texts.say("opening", &[("matter", case.matter.name.as_str())])),
        Part::Points { heading: "需要补正的内容".to_owned(), items: items.collect() },
        Part::Facts {
            rows: vec![
                fact("怎么补", &texts.say("how", &[])),
                fact("什么时候", &format!("自告知之日起 {} 日内", words.lapse_days)),
                fact("查询码", &case.query_code),
            ],
        },
        text(texts.say("consequence", &[])),
    ];
    parts.extend(texts.part("note", &[]));
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

fn acceptance(case: &Case, words: &Words, texts: &Texts) -> Content {
    let applied = case.receipt_at.map_or_else(String::new, day);
    let opening = match case.acceptance.as_ref().map(|acceptance| acceptance.mode) {
        Some(AcceptanceMode::Deemed) => "opening_deemed",
        // The department answered a proposal to refuse; whether all is there was not the question.
        Some(AcceptanceMode::RefusalOverturned) => "opening_overturned",
        _ => "opening",
    };
    let said = texts.say(opening, &[("matter", case.matter.name.as_str()), ("applied", applied.as_str())]);
    let mut rows = who(case, words);
    rows.extend(terms(case, words));
    let mut parts = vec![text(said), Part::Facts { rows }, materials(case, "收到的材料", is_here)];
    parts.extend(lacking(case));
    parts.extend(reused(case));
    parts.extend(texts.part("note", &[]));
    (parts, &["窗口人员签字", "申请人签字"])
}

/// Required materials that were not there at acceptance: by silence, or against a proposal to refuse.
fn lacking(case: &Case) -> Option<Part> {
    let name = |id: &domain::ids::MaterialId| case.matter.requirement(id).map(|requirement| requirement.name.clone());
    let items: Vec<String> = case.missing_materials().iter().filter_map(name).collect();
    (!items.is_empty()).then(|| Part::Points { heading: "受理时还没有交的材料".to_owned(), items })
}

fn tolerant(case: &Case, words: &Words, texts: &Texts) -> Content {
    let promised = case.materials.iter().filter(|entry| entry.status == SubmissionStatus::Promised);
    let row = |entry: &MaterialEntry| {
        let name = case.matter.requirement(&entry.material).map(|requirement| requirement.name.clone()).unwrap_or_default();
        vec![name, entry.due.map_or_else(String::new, date)]
    };
    let mut rows = who(case, words);
    rows.extend(terms(case, words));
    let mut parts = vec![
        text(texts.say("opening", &[("matter", case.matter.name.as_str())])),
        Part::Facts { rows },
        Part::Table {
            heading: "承诺补齐的材料".to_owned(),
            head: ["材料", "最迟哪天补齐"].map(str::to_owned).to_vec(),
            widths: vec![3, 2],
            rows: promised.map(row).collect(),
        },
        materials(case, "已经收到的材料", is_here),
        text(texts.say("consequence", &[])),
        text(texts.say("pledge", &[])),
    ];
    parts.extend(texts.part("note", &[]));
    (parts, &["窗口人员签字", "申请人签字（承诺）"])
}

fn refusal(case: &Case, words: &Words, texts: &Texts) -> Content {
    let reason = match &case.state {
        State::Closed { closure: Closure::Refused { reason, .. }, .. } => ground(*reason),
        _ => "",
    };
    let mut parts = vec![text(texts.say("opening", &[("matter", case.matter.name.as_str()), ("ground", reason)]))];
    parts.extend(words.opinion.as_deref().map(|opinion| text(format!("理由：{opinion}"))));
    parts.push(Part::Facts { rows: who(case, words) });
    parts.push(text(texts.say("remedies", &[])));
    parts.extend(texts.part("note", &[]));
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

fn special(case: &Case, words: &Words, texts: &Texts) -> Content {
    let mut parts = vec![text(texts.say("opening", &[("matter", case.matter.name.as_str())]))];
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
    parts.extend(texts.part("note", &[]));
    (parts, &["送达人签字", "申请人签字"])
}

fn extension(issued: &Issued, words: &Words, texts: &Texts) -> Content {
    let case = &issued.case;
    let Some((extension, is_joint)) = issued.extension() else { return (Vec::new(), &[]) };
    let of = if is_joint { "与其他事项一并办理的共同期限" } else { "办理期限" };
    let days = extension.days.to_string();
    let values = [("matter", case.matter.name.as_str()), ("term", of), ("days", days.as_str())];
    let mut parts = vec![text(texts.say("opening", &values))];
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
    parts.extend(texts.part("note", &[]));
    (parts, &["送达人签字", "申请人签字"])
}

fn decision(case: &Case, words: &Words, texts: &Texts) -> Content {
    let Some(decision) = &case.decision else { return (Vec::new(), &[]) };
    let matter = [("matter", case.matter.name.as_str())];
    let mut rows = who(case, words);
    rows.push(fact("承办部门", &case.matter.department_name));
    let basis = decision.by.as_ref().and_then(|by| case.basis_of(by, decision.at));
    rows.extend(basis.map(|basis| fact("审批权限", &written(basis))));
    rows.push(fact("决定日期", &day(decision.at)));
    let mut parts = Vec::new();
    match decision.outcome {
        DecisionOutcome::Denied => {
            parts.push(text(texts.say("opening_denied", &matter)));
            parts.extend(words.opinion.as_deref().map(|opinion| text(format!("理由：{opinion}"))));
            parts.push(Part::Facts { rows });
            parts.push(text(texts.say("remedies", &[])));
        }
        DecisionOutcome::Approved => {
            parts.push(text(texts.say("opening_granted", &matter)));
            parts.push(Part::Facts { rows });
            if let Some(certificate) = &case.matter.certificate_name {
                parts.push(text(texts.say("delivery", &[("certificate", certificate)])));
            }
        }
        DecisionOutcome::ApprovedTolerant => {
            parts.push(text(texts.say("opening_tolerant", &matter)));
            parts.push(Part::Facts { rows });
        }
    }
    parts.extend(texts.part("note", &[]));
    (parts, &["送达人签字", "申请人签字"])
}

fn delivery(case: &Case, words: &Words, texts: &Texts) -> Content {
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
    let mut parts = vec![Part::Facts { rows }];
    parts.extend(texts.part("note", &[]));
    (parts, &["受送达人签字", "代收人签字、关系", "送达人签字", "送达日期"])
}

fn transfer(issued: &Issued, words: &Words, texts: &Texts) -> Content {
    let case = &issued.case;
    let mut rows = who(case, words);
    rows.push(fact("移交", &words.site_name));
    rows.push(fact("接收", &case.matter.department_name));
    let mut parts = vec![Part::Facts { rows }, materials(case, "移交的材料", |entry| issued.is_carried(entry))];
    parts.extend(reused(case));
    parts.extend(texts.part("note", &[]));
    (parts, &["移交人签字", "接收人签字", "移交时间", "接收时间"])
}
