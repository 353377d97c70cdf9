//! What our own records say to a reason ticked with a negative rating (DOMAIN §8: 108 109 110 114 207 208 209 210
//! 212). Facts in, a verdict with its figures out. It is evidence for whoever verifies, never the
//! verification: what was said at a window stands in no log, and where the log cannot tell it says so.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::MaterialId;

/// What the records say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The records bear it out.
    Confirmed,
    /// The records cannot tell.
    Open,
    /// The records speak against it.
    Refuted,
}

impl Verdict {
    /// The value of the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Open => "open",
            Self::Refuted => "refuted",
        }
    }
}

/// A figure that the verdict stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What it counts or dates, for people.
    pub name: String,
    /// The figure.
    pub value: String,
}

/// The verdict about one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The reason's code.
    pub code: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in one sentence for people.
    pub text: String,
    /// What it stands on.
    pub figures: Vec<Figure>,
}

/// One line of a correction notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The notice it stands in, from 1.
    pub notice: usize,
    /// The material, if it names one.
    pub material: Option<MaterialId>,
    /// Whether the guide names that material.
    pub in_guide: bool,
    /// Whether the law it rests on is one that the guide publishes, or one about procedure.
    pub basis_in_guide: bool,
}

/// What the records hold about a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFacts {
    /// Materials that the guide names for the situations chosen.
    pub guide_materials: usize,
    /// Laws that the guide publishes; none where that version of the guide is not at hand.
    pub guide_bases: usize,
    /// Every line of every notice.
    pub demands: Vec<Demand>,
    /// The promised last day, as extended and suspended; `None` before acceptance or while it cannot be told.
    pub promised_due: Option<NaiveDate>,
    /// The last day by law.
    pub statutory_due: Option<NaiveDate>,
    /// The day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// Visits that the guide promises; `None` when that version of the guide is not at hand.
    pub visits_promised: Option<u32>,
    /// Days on which somebody came for it.
    pub visits_made: u32,
}

/// What the records hold about a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitFacts {
    /// The number came from an appointment that was checked in.
    pub by_appointment: bool,
    /// The same phone had an appointment here on this day that gave no number.
    pub unused_appointments: usize,
    /// Whether a phone was left, so that an appointment would be found.
    pub is_known: bool,
}

/// What the records hold about what was rated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The day of the rating.
    pub rated_on: NaiveDate,
    /// The visit, when one was rated or led to the case.
    pub visit: Option<VisitFacts>,
    /// The cases: the one that was rated, or those of the visit.
    pub cases: Vec<CaseFacts>,
}

/// What was found about one case or visit.
struct Found {
    verdict: Verdict,
    text: &'static str,
    figures: Vec<Figure>,
}

fn found(verdict: Verdict, text: &'static str, figures: Vec<Figure>) -> Found {
    Found { verdict, text, figures }
}

fn figure(name: &str, value: impl ToString) -> Figure {
    Figure { name: name.to_owned(), value: value.to_string() }
}

/// What the records say to a reason; `None` for one that no record can ever speak to.
#[must_use]
pub fn evidence(code: &str, facts: &Facts) -> Option<Evidence> {
    let about: fn(&CaseFacts, NaiveDate) -> Found = match code {
        "108" => conditions,
        "109" => materials_beyond,
        "110" => |case, on| term(case.statutory_due, "法定最后一天", case, on),
        "114" => visits,
        "207" => samples,
        "208" => list_given,
        "209" => |case, on| term(case.promised_due, "承诺最后一天", case, on),
        "210" => demanded_twice,
        "212" => {
            let found = queued_twice(facts.visit.as_ref());
            return Some(told(code, found));
        }
        _ => return None,
    };
    let each = facts.cases.iter().map(|case| about(case, facts.rated_on));
    // Of several cases the gravest speaks: one that bears it out is enough, all must speak against it.
    let found = each.min_by_key(|found| found.verdict);
    Some(told(code, found.unwrap_or_else(|| found_nothing("没有跟着这次来访的办件，记录里看不出来"))))
}

fn found_nothing(text: &'static str) -> Found {
    found(Verdict::Open, text, Vec::new())
}

fn told(code: &str, Found { verdict, text, figures }: Found) -> Evidence {
    Evidence { code: code.to_owned(), verdict, text: text.to_owned(), figures }
}

/// 110, 209: the last day against the day of the decision, or of the rating while there is none.
fn term(due: Option<NaiveDate>, name: &str, case: &CaseFacts, rated_on: NaiveDate) -> Found {
    let Some(due) = due else {
        return found_nothing("还没受理、没有这个期限，或者缺当年的日历，期限算不出来");
    };
    let last_day = figure(name, due);
    match case.decided_on {
        Some(on) if on > due => found(Verdict::Confirmed, "办结的日子晚于期限", vec![last_day, figure("办结", on)]),
        Some(on) => found(Verdict::Refuted, "办结在期限以内（停钟、延期已算进期限）", vec![last_day, figure("办结", on)]),
        None if rated_on > due => found(Verdict::Confirmed, "评价时已经过了期限，还没办结", vec![last_day, figure("评价", rated_on)]),
        None => found(Verdict::Refuted, "评价时还没到期限", vec![last_day, figure("评价", rated_on)]),
    }
}

fn demand_figures(case: &CaseFacts) -> Vec<Figure> {
    let notices = case.demands.iter().map(|demand| demand.notice).max().unwrap_or(0);
    let beyond = case.demands.iter().filter(|demand| demand.material.is_some() && !demand.in_guide).count();
    let free = case.demands.iter().filter(|demand| demand.material.is_none()).count();
    vec![
        figure("指南列的材料", case.guide_materials),
        figure("一次性告知书", format!("{notices} 份 {} 条", case.demands.len())),
        figure("不在指南里的材料", beyond),
        figure("没写明是哪份材料的", free),
    ]
}

/// Laws about how cases are handled: a demand may rest on them for any matter.
const PROCEDURE_LAWS: [&str; 4] = ["行政许可法", "行政处罚法", "行政复议法", "优化营商环境条例"];

/// The name of the law in a legal basis, without its article: `《中华人民共和国森林法》第五十七条` is `森林法`.
fn law_of(basis: &str) -> String {
    let plain: String = basis.chars().filter(|c| !c.is_whitespace() && !matches!(c, '《' | '》' | '〈' | '〉')).collect();
    let name = plain.split('第').next().unwrap_or_default();
    name.trim_start_matches("中华人民共和国").to_owned()
}

/// Whether a demand rests on a law that the guide publishes, or on one about procedure.
#[must_use]
pub fn rests_on_guide(basis: &str, guide: &[String]) -> bool {
    let law = law_of(basis);
    let is_same = |known: &str| !known.is_empty() && (known.contains(law.as_str()) || law.contains(known));
    // A demand that names no law cannot be held against the guide's.
    law.is_empty() || PROCEDURE_LAWS.iter().any(|known| law.contains(known)) || guide.iter().any(|known| is_same(&law_of(known)))
}

/// 108: a line that names no material may be a condition. It is a new one where it rests on a law that the guide does
/// not publish; otherwise only its words say.
fn conditions(case: &CaseFacts, _: NaiveDate) -> Found {
    let mut figures = demand_figures(case);
    let beyond = case.demands.iter().filter(|demand| demand.material.is_none() && !demand.basis_in_guide).count();
    if case.guide_bases > 0 && beyond > 0 {
        figures.push(figure("指南公布的依据", format!("{} 条", case.guide_bases)));
        figures.push(figure("依据不在指南里的要求", format!("{beyond} 条")));
        return found(Verdict::Confirmed, "告知书按指南没有公布的依据提了要求", figures);
    }
    if case.demands.iter().any(|demand| demand.material.is_none()) {
        return found(Verdict::Open, "告知书里有没写明材料的要求，是不是新增条件要看原文", figures);
    }
    found(Verdict::Refuted, "书面要求都对应指南里的材料；口头提的要求不在记录里", figures)
}

/// 109
fn materials_beyond(case: &CaseFacts, _: NaiveDate) -> Found {
    let figures = demand_figures(case);
    if case.demands.iter().any(|demand| demand.material.is_some() && !demand.in_guide) {
        return found(Verdict::Confirmed, "告知书要了指南以外的材料", figures);
    }
    if case.demands.iter().any(|demand| demand.material.is_none()) {
        return found(Verdict::Open, "告知书里有没写明材料的要求，要看原文", figures);
    }
    found(Verdict::Refuted, "书面要的材料都在指南里；口头要的不在记录里", figures)
}

/// 114
fn visits(case: &CaseFacts, _: NaiveDate) -> Found {
    let made = figure("来过", format!("{} 天", case.visits_made));
    match case.visits_promised {
        None => found(Verdict::Open, "当时那一版指南不在手边，不知道承诺几次", vec![made]),
        Some(promised) => {
            let figures = vec![figure("指南承诺", format!("{promised} 次")), made];
            if case.visits_made > promised {
                found(Verdict::Confirmed, "来的次数多于指南承诺的（同一天算一次）", figures)
            } else {
                found(Verdict::Refuted, "来的次数没有超过指南承诺的；没取号、没留记录的来访不在里面", figures)
            }
        }
    }
}

/// 207: the catalogue holds no samples (实施清单 as imported has no such column), and whether one lay at the window or
/// hung on a website is no event of ours: the records can neither bear it out nor speak against it. It becomes
/// decidable the day samples are entries of the catalogue with versions, as materials are.
fn samples(case: &CaseFacts, _: NaiveDate) -> Found {
    let figures = vec![figure("指南列的材料", case.guide_materials)];
    found(Verdict::Open, "事项目录里不登记材料样本，请看办事指南和窗口实际有没有", figures)
}

/// 208
fn list_given(case: &CaseFacts, _: NaiveDate) -> Found {
    let figures = demand_figures(case);
    if case.guide_materials == 0 && !case.demands.is_empty() {
        return found(Verdict::Confirmed, "指南没列材料，却要求补了材料", figures);
    }
    found(Verdict::Refuted, "指南公开了材料清单，接件时也按清单出凭证", figures)
}

/// 210
fn demanded_twice(case: &CaseFacts, _: NaiveDate) -> Found {
    let named: Vec<(&MaterialId, usize)> =
        case.demands.iter().filter_map(|demand| demand.material.as_ref().map(|material| (material, demand.notice))).collect();
    let twice =
        named.iter().filter(|(material, notice)| named.iter().any(|(other, earlier)| other == material && earlier < notice)).count();
    let figures = vec![figure("一次性告知书", format!("{} 条", case.demands.len())), figure("要了不止一次的材料", twice)];
    if twice > 0 {
        return found(Verdict::Confirmed, "同一份材料在不止一份告知书里要过", figures);
    }
    found(Verdict::Refuted, "没有哪份材料书面要过两次；别的部门、别的办件里要的不在里面", figures)
}

/// 212
fn queued_twice(visit: Option<&VisitFacts>) -> Found {
    let Some(visit) = visit else { return found_nothing("没有这次来访的号，记录里看不出来") };
    let figures = vec![
        figure("预约签到的号", if visit.by_appointment { "是" } else { "不是" }),
        figure("当天没用上的预约", visit.unused_appointments),
    ];
    if visit.by_appointment {
        return found(Verdict::Refuted, "这个号是预约签到得来的，没有另外取号", figures);
    }
    if visit.unused_appointments > 0 {
        return found(Verdict::Confirmed, "当天有预约，却另取了普通号", figures);
    }
    if visit.is_known {
        return found(Verdict::Refuted, "这个手机号当天在这里没有预约", figures);
    }
    found(Verdict::Open, "取号时没留手机号，对不上预约", figures)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::evaluation::REASONS;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn case() -> CaseFacts {
        CaseFacts {
            guide_materials: 3,
            guide_bases: 2,
            demands: Vec::new(),
            promised_due: Some(date("2026-11-20")),
            statutory_due: Some(date("2026-12-04")),
            decided_on: Some(date("2026-11-20")),
            visits_promised: Some(1),
            visits_made: 1,
        }
    }

    fn visit() -> VisitFacts {
        VisitFacts { by_appointment: false, unused_appointments: 0, is_known: true }
    }

    fn verdict(code: &str, cases: Vec<CaseFacts>, visit: Option<VisitFacts>) -> Verdict {
        evidence(code, &Facts { rated_on: date("2026-11-24"), visit, cases }).unwrap().verdict
    }

    fn demand(notice: usize, material: Option<&str>, in_guide: bool) -> Demand {
        Demand { notice, material: material.map(|name| MaterialId::new("dc", name)), in_guide, basis_in_guide: true }
    }

    #[test]
    fn every_checkable_reason_has_evidence_and_no_other() {
        let facts = Facts { rated_on: date("2026-11-24"), visit: Some(visit()), cases: vec![case()] };
        for reason in &REASONS {
            let found = evidence(reason.code, &facts);
            assert_eq!(found.is_some(), reason.is_checkable, "{}", reason.code);
            assert!(found.is_none_or(|found| !found.text.is_empty() && !found.figures.is_empty()), "{}", reason.code);
        }
    }

    #[test]
    fn without_records_everything_is_open_and_says_why() {
        for reason in REASONS.iter().filter(|reason| reason.is_checkable) {
            let facts = Facts { rated_on: date("2026-11-24"), visit: None, cases: Vec::new() };
            let found = evidence(reason.code, &facts).unwrap();
            assert!(found.verdict == Verdict::Open && !found.text.is_empty(), "{found:?}");
        }
    }

    #[test]
    fn the_terms_are_those_of_the_decision_or_of_the_rating() {
        for (decided, due, expected) in [
            (Some("2026-11-20"), Some("2026-11-20"), Verdict::Refuted),
            (Some("2026-11-23"), Some("2026-11-20"), Verdict::Confirmed),
            (None, Some("2026-11-23"), Verdict::Confirmed),
            (None, Some("2026-11-24"), Verdict::Refuted),
            (Some("2026-11-20"), None, Verdict::Open),
        ] {
            let due = due.map(date);
            let one = CaseFacts { decided_on: decided.map(date), promised_due: due, statutory_due: due, ..case() };
            for code in ["110", "209"] {
                assert_eq!(verdict(code, vec![one.clone()], None), expected, "{code} {decided:?} {due:?}");
            }
        }
        let late = CaseFacts { decided_on: Some(date("2026-11-27")), ..case() };
        assert_eq!((verdict("209", vec![late.clone()], None), verdict("110", vec![late], None)), (Verdict::Confirmed, Verdict::Refuted));
    }

    #[test]
    fn notices_are_compared_with_the_guide() {
        let with = |demands: &[Demand]| vec![CaseFacts { demands: demands.to_vec(), ..case() }];
        let (known, beyond, free) = (demand(1, Some("a"), true), demand(1, Some("x"), false), demand(1, None, false));
        for (demands, of_108, of_109) in [
            (vec![], Verdict::Refuted, Verdict::Refuted),
            (vec![known.clone()], Verdict::Refuted, Verdict::Refuted),
            (vec![known.clone(), beyond.clone()], Verdict::Refuted, Verdict::Confirmed),
            (vec![free.clone()], Verdict::Open, Verdict::Open),
            (vec![free, beyond], Verdict::Open, Verdict::Confirmed),
        ] {
            assert_eq!((verdict("108", with(&demands), None), verdict("109", with(&demands), None)), (of_108, of_109), "{demands:?}");
        }
        let unlisted = CaseFacts { guide_materials: 0, demands: vec![known.clone()], ..case() };
        assert_eq!((verdict("208", vec![unlisted], None), verdict("208", with(&[]), None)), (Verdict::Confirmed, Verdict::Refuted));
        assert_eq!(verdict("207", with(&[]), None), Verdict::Open);
        let twice = [known.clone(), demand(2, Some("a"), true)];
        assert_eq!(
            (verdict("210", with(&twice), None), verdict("210", with(&[known.clone(), known]), None)),
            (Verdict::Confirmed, Verdict::Refuted)
        );
    }

    #[test]
    fn a_demand_that_rests_on_a_law_outside_the_guide_is_a_new_condition() {
        let guide = ["《中华人民共和国森林法》第五十七条".to_owned(), "森林法实施条例 第三十二条".to_owned()];
        for known in ["森林法第五十七条", "《森林法》", "中华人民共和国森林法 第五十九条", "行政许可法第三十二条", "", "第三条"]
        {
            assert!(rests_on_guide(known, &guide), "{known}");
        }
        for other in ["草原法第三十八条", "《国有土地上房屋征收与补偿条例》第八条", "本中心内部规定"] {
            assert!(!rests_on_guide(other, &guide), "{other}");
        }
        let beyond = Demand { basis_in_guide: false, ..demand(1, None, false) };
        let one = CaseFacts { demands: vec![beyond.clone()], ..case() };
        assert_eq!(verdict("108", vec![one.clone()], None), Verdict::Confirmed);
        let figures = evidence("108", &Facts { rated_on: date("2026-11-24"), visit: None, cases: vec![one] }).unwrap().figures;
        assert!(figures.iter().any(|figure| figure.name == "依据不在指南里的要求" && figure.value == "1 条"), "{figures:?}");
        let unknown = CaseFacts { guide_bases: 0, demands: vec![beyond.clone()], ..case() };
        assert_eq!(verdict("108", vec![unknown], None), Verdict::Open, "without the guide nothing is held against anybody");
        let named = CaseFacts { demands: vec![Demand { basis_in_guide: false, ..demand(1, Some("a"), true) }], ..case() };
        assert_eq!(verdict("108", vec![named], None), Verdict::Refuted, "a material of the guide is no condition");
    }

    #[test]
    fn visits_are_those_the_guide_promises() {
        for (promised, made, expected) in [(Some(1), 1, Verdict::Refuted), (Some(1), 2, Verdict::Confirmed), (None, 9, Verdict::Open)] {
            assert_eq!(verdict("114", vec![CaseFacts { visits_promised: promised, visits_made: made, ..case() }], None), expected);
        }
    }

    #[test]
    fn an_appointment_and_a_second_queue() {
        for (by_appointment, unused, is_known, expected) in [
            (true, 0, true, Verdict::Refuted),
            (false, 1, true, Verdict::Confirmed),
            (false, 0, true, Verdict::Refuted),
            (false, 0, false, Verdict::Open),
        ] {
            let one = VisitFacts { by_appointment, unused_appointments: unused, is_known };
            assert_eq!(verdict("212", Vec::new(), Some(one)), expected);
        }
    }

    #[test]
    fn of_several_cases_the_gravest_speaks() {
        let late = CaseFacts { decided_on: Some(date("2026-11-23")), ..case() };
        let unknown = CaseFacts { promised_due: None, ..case() };
        assert_eq!(verdict("209", vec![case(), late, unknown.clone()], None), Verdict::Confirmed);
        assert_eq!(verdict("209", vec![case(), unknown], None), Verdict::Open);
    }
}
