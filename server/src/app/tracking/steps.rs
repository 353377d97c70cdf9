//! What lies ahead and what the holder of the slip has to do next.

use domain::case::{Case, Closure, Custody, DecisionOutcome, OnlineStep, State};
use domain::hall::{ExpiryCause, Ticket, TicketState};
use domain::time::{DAY_MS, local_date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use chrono::{Datelike, NaiveDate};

use super::timeline::TimelineEntry;
use crate::app::cases::ClockView;

/// What the holder of the slip has to do, or what is being done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NextStep {
    /// One phrase.
    pub title: String,
    /// A little more.
    pub detail: Option<String>,
}

fn step(title: impl Into<String>, detail: Option<String>) -> Option<NextStep> {
    Some(NextStep { title: title.into(), detail })
}

pub(super) fn day_text(date: NaiveDate) -> String {
    format!("{}月{}日", date.month(), date.day())
}

/// What comes next for a ticket; `None` when nothing does.
pub(super) fn of_ticket(ticket: &Ticket, ahead: Option<u32>, window: Option<u16>, today: NaiveDate) -> Option<NextStep> {
    match &ticket.state {
        TicketState::Waiting { .. } => {
            if let Some(carried) = ticket.carried.filter(|carried| today < carried.date) {
                let day = day_text(carried.date);
                return step(format!("今天没轮到，号留到 {day}"), Some(format!("{day}开门先叫您，叫的是 {}", ticket.number)));
            }
            let detail = match ahead.unwrap_or(0) {
                0 => "马上到您".to_owned(),
                ahead => format!("前面还有 {ahead} 人"),
            };
            step("请在大厅等，听叫号", Some(detail))
        }
        TicketState::Called { .. } => step(window.map_or_else(|| "正在叫您".to_owned(), |window| format!("请到 {window} 号窗口")), None),
        TicketState::Parked { .. } => step("先等一下", Some("窗口会再叫您，不用重新取号".to_owned())),
        TicketState::Missed { returns: true, .. } => step("过号了", Some("过一会儿会再叫您，不用重新取号".to_owned())),
        TicketState::Missed { .. } => step("过号了", Some("到窗口或导办台说一声".to_owned())),
        TicketState::Expired { cause: ExpiryCause::UnservedAtClose, .. } => {
            step("下班了，没轮到您，对不起", Some("还要办，请下次来再取号".to_owned()))
        }
        TicketState::Abandoned { .. } | TicketState::Expired { .. } => step("还要办，请重新取号", None),
        TicketState::Serving { .. } | TicketState::Done { .. } => None,
    }
}

/// What comes next for a case; `None` when nothing does. `lapse_days` is how long corrections are
/// waited for.
pub(super) fn of_case(case: &Case, clock: Option<&ClockView>, lapse_days: u32) -> Option<NextStep> {
    let owed = missing_names(case);
    match &case.state {
        State::Draft { .. } => match case.online_step()? {
            OnlineStep::Filling => None,
            OnlineStep::Submitted { .. } => step("窗口正在预审", Some("看完发短信告诉您，现在不用来".to_owned())),
            OnlineStep::Supplement { .. } => step("申请还要补一补", Some("打开网上申请，照着改好再交一次".to_owned())),
            OnlineStep::Ready { .. } => step("预审过了，带材料到窗口", Some("取个号，把办件编号或查询码报给窗口".to_owned())),
        },
        State::Received { .. } => step("窗口正在核对材料", None),
        State::RefusalProposed { .. } => step("部门正在审定能不能受理", None),
        State::Correcting { since, .. } => {
            let title =
                if owed.is_empty() { "请照一次性告知书补正".to_owned() } else { format!("还要补：{}", owed.join("、")) };
            let until = local_date(since + DAY_MS * i64::from(lapse_days));
            step(title, Some(format!("{}前补，拿到窗口就行", day_text(until))))
        }
        State::Accepted { .. } | State::InReview { .. } | State::Suspended { .. } if !owed.is_empty() => {
            let due = case.open_promises().into_iter().filter_map(|entry| entry.due).min();
            step(format!("还欠 {} 样：{}", owed.len(), owed.join("、")), due.map(|due| format!("{}前补，拿到窗口就行", day_text(due))))
        }
        State::Accepted { .. } | State::InReview { .. } => step("部门正在审核", clock.and_then(due_text)),
        State::Suspended { .. } => {
            let what = case.suspensions.last().map_or("特别程序", |one| one.procedure.label());
            let stops = case.suspensions.last().is_some_and(|one| one.stops_clock);
            step(format!("正在{what}"), stops.then(|| "这段时间不算在办理期限里".to_owned()))
        }
        State::Decided { .. } | State::Issued { .. } => of_result(case),
        State::Closed { closure, .. } => match closure {
            Closure::Refused { .. } => step("不服可以申请复议或起诉", Some("怎么办写在通知书上".to_owned())),
            Closure::Lapsed => step("还要办，请重新申请", None),
            Closure::Finished | Closure::Withdrawn { .. } | Closure::Revoked { .. } => None,
        },
    }
}

fn of_result(case: &Case) -> Option<NextStep> {
    let is_denied = case.decision.as_ref().is_some_and(|decision| decision.outcome == DecisionOutcome::Denied);
    let thing = if is_denied || !case.matter.makes_certificate { "结果文书" } else { "证照" };
    let Some(document) = &case.certificate else {
        if case.is_held() {
            return step(format!("还欠 {} 样", case.open_promises().len()), Some("补齐就出证".to_owned()));
        }
        return step(format!("正在做{thing}"), Some("做好了通知您".to_owned()));
    };
    match document.custody {
        Custody::Shipped => step(format!("{thing}寄出了，请留意快递"), None),
        Custody::HandedOver | Custody::Delivered => None,
        _ if document.notified_at.is_some() && case.courier_to.is_some() => step(format!("{thing}好了，照您写的地址寄"), None),
        _ if document.notified_at.is_some() => step(format!("{thing}好了，带身份证来领"), None),
        Custody::Made | Custody::InTransit | Custody::InCabinet | Custody::Returned => {
            step(format!("{thing}正在送往出证窗口"), Some("能领的时候通知您".to_owned()))
        }
    }
}

/// The promised last day in words; the year that is waited for when there is none.
fn due_text(clock: &ClockView) -> Option<String> {
    match (&clock.due_at, clock.missing_year) {
        (Some(due), _) => NaiveDate::parse_from_str(due.get(..10)?, "%Y-%m-%d").ok().map(|due| format!("最晚 {} 办好", day_text(due))),
        (None, Some(year)) => Some(format!("等待 {year} 年节假日安排")),
        (None, None) => None,
    }
}

/// Names of what is still owed: of what was promised after acceptance, of what is required before.
pub(super) fn missing_names(case: &Case) -> Vec<String> {
    let name = |id: &domain::ids::MaterialId| case.matter.requirement(id).map(|requirement| requirement.name.clone());
    match &case.state {
        State::Received { .. } | State::RefusalProposed { .. } => case.missing_materials().iter().filter_map(name).collect(),
        State::Correcting { .. } => {
            let items = case.notices.last().map(|notice| notice.items.as_slice()).unwrap_or_default();
            items.iter().filter_map(|item| item.material.as_ref()).filter_map(name).collect()
        }
        State::Draft { .. } | State::Closed { .. } => Vec::new(),
        State::Accepted { .. } | State::InReview { .. } | State::Suspended { .. } | State::Decided { .. } | State::Issued { .. } => {
            case.open_promises().into_iter().filter_map(|entry| name(&entry.material)).collect()
        }
    }
}

fn ahead(title: impl Into<String>) -> TimelineEntry {
    TimelineEntry { at: None, title: title.into(), detail: None, done: false }
}

/// The lines ahead of a ticket that is still going on.
pub(super) fn ahead_of_ticket(ticket: &Ticket, window: Option<u16>) -> Vec<TimelineEntry> {
    let at = |text: &str| window.map_or_else(|| text.to_owned(), |window| format!("到 {window} 号窗口办理"));
    match &ticket.state {
        TicketState::Waiting { .. } => vec![ahead("等叫号"), ahead("到窗口办理")],
        TicketState::Called { .. } => vec![ahead(at("到窗口办理"))],
        TicketState::Serving { .. } => {
            vec![ahead(window.map_or_else(|| "正在办理".to_owned(), |window| format!("正在 {window} 号窗口办理")))]
        }
        TicketState::Parked { .. } | TicketState::Missed { .. } => vec![ahead("等窗口再叫"), ahead("到窗口办理")],
        TicketState::Done { .. } | TicketState::Abandoned { .. } | TicketState::Expired { .. } => Vec::new(),
    }
}

/// The lines ahead of a case that is still open: where it stands first.
pub(super) fn ahead_of_case(case: &Case) -> Vec<TimelineEntry> {
    let (now, rest): (&str, &[&str]) = match &case.state {
        State::Closed { .. } => return Vec::new(),
        State::Draft { .. } => match case.online_step() {
            None | Some(OnlineStep::Filling) => return Vec::new(),
            Some(OnlineStep::Submitted { .. }) => ("等窗口预审", &["带材料到窗口", "部门审核", "出结果，告诉您"]),
            Some(OnlineStep::Supplement { .. }) => ("等您补好再交", &["窗口预审", "带材料到窗口", "部门审核", "出结果，告诉您"]),
            Some(OnlineStep::Ready { .. }) => ("带材料到窗口", &["部门审核", "出结果，告诉您", "领取，或寄到家"]),
        },
        State::Received { .. } => ("核对材料", &["部门审核", "出结果，告诉您", "领取，或寄到家"]),
        State::RefusalProposed { .. } => ("部门审定能不能受理", &["部门审核", "出结果，告诉您", "领取，或寄到家"]),
        State::Correcting { .. } => ("等您补材料", &["部门审核", "出结果，告诉您", "领取，或寄到家"]),
        State::Accepted { .. } | State::InReview { .. } => ("正在审核", &["出结果，告诉您", "领取，或寄到家"]),
        State::Suspended { .. } => ("特别程序", &["接着审核", "出结果，告诉您", "领取，或寄到家"]),
        State::Decided { .. } | State::Issued { .. } => match &case.certificate {
            Some(document) if document.custody == Custody::Shipped => ("快递在路上", &[]),
            Some(document) if document.notified_at.is_some() && case.courier_to.is_some() => ("等窗口寄出", &[]),
            Some(document) if document.notified_at.is_some() => ("等您来领", &[]),
            Some(_) => ("送往出证窗口", &["领取，或寄到家"]),
            None => ("正在做证照或文书", &["领取，或寄到家"]),
        },
    };
    std::iter::once(now).chain(rest.iter().copied()).map(ahead).collect()
}
