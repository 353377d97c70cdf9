//! What has happened, as lines for people: from the intervals of the ticket, the history of the cases,
//! the messages that went out and the ratings that were given.

use domain::case::{AcceptanceMode, Case, DecisionOutcome, State};
use domain::hall::{Hall, Outcome, Target, Ticket, TicketState};
use domain::time::{MINUTE_MS, Millis, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::steps::day_text;
use crate::store::{EvaluationRow, IntervalRow, NotificationRow};

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    /// When; null for what lies ahead.
    pub at: Option<String>,
    /// What, for people.
    pub title: String,
    /// A little more.
    pub detail: Option<String>,
    /// Whether it has happened; the first that has not is where things stand.
    pub done: bool,
}

/// Lines with their instants, before they are sorted.
#[derive(Debug, Default)]
pub(super) struct Past(Vec<(Millis, String, Option<String>)>);

impl Past {
    fn add(&mut self, at: Millis, title: impl Into<String>, detail: Option<String>) {
        self.0.push((at, title.into(), detail));
    }

    /// The lines from the first to the last.
    pub(super) fn entries(mut self) -> Vec<TimelineEntry> {
        self.0.sort_by_key(|(at, ..)| *at);
        let entry = |(at, title, detail)| TimelineEntry { at: Some(rfc3339(at)), title, detail, done: true };
        self.0.into_iter().map(entry).collect()
    }

    /// A ticket from its issue to now.
    pub(super) fn ticket(&mut self, hall: &Hall, ticket: &Ticket, intervals: &[IntervalRow]) {
        let line_name = |id: &str| hall.lines().find(|line| line.id.as_str() == id).map(|line| line.name.clone());
        let first_line = intervals.first().map_or(ticket.line_id.as_str(), |interval| interval.line_id.as_str());
        let title = if ticket.walk_in { format!("到窗口，登记为 {}", ticket.number) } else { format!("取号 {}", ticket.number) };
        self.add(ticket.issued_at, title, line_name(first_line));
        for (place, interval) in intervals.iter().enumerate() {
            // A wait knows no window: the one it was called to stands in what follows.
            let follows = intervals.get(place + 1).and_then(|next| next.window_id.as_deref());
            let at_window = follows.or(interval.window_id.as_deref()).map(str::to_owned).or_else(|| window_of(ticket));
            let number = at_window.as_deref().and_then(|id| window_number(hall, id));
            let own = interval.window_id.as_deref().and_then(|id| window_number(hall, id));
            let next_line = intervals.get(place + 1).map_or(ticket.line_id.as_str(), |next| next.line_id.as_str());
            match (interval.state.as_str(), interval.next.as_str()) {
                ("waiting", "called") if !ticket.walk_in => {
                    let waited = waited_text(interval.end_ms - interval.start_ms);
                    self.add(
                        interval.end_ms,
                        number.map_or_else(|| "叫号".to_owned(), |number| format!("叫号，请到 {number} 号窗口")),
                        Some(waited),
                    );
                }
                ("called", "serving") => {
                    self.add(interval.end_ms, own.map_or_else(|| "开始办理".to_owned(), |own| format!("{own} 号窗口开始办理")), None);
                }
                (_, "waiting") if interval.state == "waiting" || interval.state == "serving" || interval.state == "called" => {
                    let sent_away = matches!(&ticket.state, TicketState::Waiting { target: Target::Window { .. }, .. });
                    let next_begins = intervals.get(place + 1).map_or(ticket.state.since(), |next| next.start_ms);
                    let title = match next_line == interval.line_id {
                        // The hours in which the hall is closed belong to no state.
                        _ if next_begins > interval.end_ms => "没轮到，留到下次开门先叫",
                        true if sent_away => "转到别的窗口",
                        true => "接着排队，不用重新取号",
                        false => "转到别的队",
                    };
                    self.add(interval.end_ms, title, line_name(next_line));
                }
                ("missed", "waiting") => self.add(interval.end_ms, "过号后重新排队", None),
                ("parked", "waiting") => self.add(interval.end_ms, "接着等窗口叫您", None),
                (_, "missed") => self.add(interval.end_ms, "叫号时没到，过号", None),
                (_, "parked") => self.add(interval.end_ms, "先等一下", None),
                (_, "done") => self.add(interval.end_ms, "窗口办完", outcome_text(ticket)),
                (_, "abandoned") => self.add(interval.end_ms, "这个号不用了", None),
                (_, "expired") => self.add(interval.end_ms, "当天没有叫到，号过期", None),
                _ => {}
            }
        }
    }

    /// A case; `name` stands beside each line when the code has several cases.
    pub(super) fn case(&mut self, case: &Case, name: Option<&str>) {
        let mut notices = case.notices.iter();
        let mut suspensions = case.suspensions.iter();
        let (mut was_sent, mut has_begun) = (false, false);
        for entry in &case.history {
            let said = match entry.kind.as_str() {
                // Who in the house takes up which step is no news to the applicant.
                "case_claimed" if entry.step.is_some() && std::mem::replace(&mut has_begun, true) => None,
                "correction_requested" => notices.next().map(|notice| (format!("一次性告知：要补 {} 样", notice.items.len()), None)),
                "application_submitted" => {
                    let again = std::mem::replace(&mut was_sent, true);
                    Some((if again { "补好了，又交了一次" } else { "网上交了申请" }.to_owned(), Some(format!("办件编号 {}", case.number))))
                }
                "application_checked" if entry.text.is_some() => Some(("预审：还要补一补".to_owned(), None)),
                "case_suspended" => suspensions.next().map(|one| (format!("{}开始", one.procedure.label()), stop_text(one.stops_clock))),
                kind => words(case, kind),
            };
            if let Some((title, detail)) = said {
                let detail = match (name, detail) {
                    (Some(name), Some(detail)) => Some(format!("{name}：{detail}")),
                    (Some(name), None) => Some(name.to_owned()),
                    (None, detail) => detail,
                };
                self.add(entry.at, title, detail);
            }
        }
    }

    /// Messages that went out, one line for those that went together.
    pub(super) fn messages(&mut self, sent: &[NotificationRow]) {
        let mut groups: Vec<(Millis, &NotificationRow, Vec<&str>)> = Vec::new();
        for row in sent {
            let Some(at) = row.sent_at else { continue };
            let channel = channel_name(&row.channel);
            match groups.iter_mut().find(|(_, first, _)| first.template == row.template && first.created_at == row.created_at) {
                Some((_, _, channels)) => channels.push(channel),
                None => groups.push((at, row, vec![channel])),
            }
        }
        for (at, row, channels) in groups {
            let title = match row.template.as_str() {
                "ready_for_pickup" => "通知您来领",
                "pickup_reminder" => "提醒您来领",
                "correction_reminder" | "correction" => "提醒您补材料",
                "term_extended" | "joint_term_extended" | "promise_extended" => "告诉您期限延长了",
                "application_supplement" | "application_ready" => "告诉您预审的结果",
                _ => "给您发了通知",
            };
            self.add(at, title, Some(channels.join("、")));
        }
    }

    /// That what was said was answered, and how.
    pub(super) fn reply(&mut self, at: Millis, text: String) {
        self.add(at, "您反映的事有答复了", Some(text));
    }

    /// What the platform above tells of a case that it handles.
    pub(super) fn upstream(&mut self, at: Millis, title: String, detail: String) {
        self.add(at, title, Some(detail));
    }

    /// That ratings were given; never which.
    pub(super) fn ratings(&mut self, given: &[EvaluationRow]) {
        for row in given {
            self.add(row.at, if row.round == 1 { "您评价了" } else { "您补充了评价" }, None);
        }
    }
}

fn window_of(ticket: &Ticket) -> Option<String> {
    match &ticket.state {
        TicketState::Called { window_id, .. }
        | TicketState::Serving { window_id, .. }
        | TicketState::Parked { window_id, .. }
        | TicketState::Missed { window_id, .. } => Some(window_id.to_string()),
        TicketState::Waiting { .. } | TicketState::Done { .. } | TicketState::Abandoned { .. } | TicketState::Expired { .. } => None,
    }
}

/// The number over a window.
pub(super) fn window_number(hall: &Hall, id: &str) -> Option<u16> {
    hall.windows().find(|window| window.id.as_str() == id).map(|window| window.number)
}

/// The window a ticket is at, or was at last.
pub(super) fn last_window(hall: &Hall, ticket: &Ticket, intervals: &[IntervalRow]) -> Option<u16> {
    if matches!(ticket.state, TicketState::Waiting { .. }) {
        return None;
    }
    let id = window_of(ticket).or_else(|| intervals.iter().rev().find_map(|interval| interval.window_id.clone()));
    id.and_then(|id| window_number(hall, &id))
}

fn waited_text(ms: Millis) -> String {
    match ms / MINUTE_MS {
        0 => "没怎么等".to_owned(),
        minutes => format!("等了 {minutes} 分钟"),
    }
}

fn outcome_text(ticket: &Ticket) -> Option<String> {
    let TicketState::Done { outcome, .. } = &ticket.state else { return None };
    let words = match outcome {
        Outcome::Accepted => "已受理",
        Outcome::Collected => "已领证",
        Outcome::Consulted => "咨询",
        Outcome::WrongLine => "取错了队",
        Outcome::Other => return None,
    };
    Some(words.to_owned())
}

fn stop_text(stops: bool) -> Option<String> {
    stops.then(|| "这段时间不算在办理期限里".to_owned())
}

/// An event of a case in words for the applicant; `None` for what only the house needs to know.
fn words(case: &Case, kind: &str) -> Option<(String, Option<String>)> {
    let plain = |text: &str| Some((text.to_owned(), None));
    match kind {
        "case_received" => {
            let count = case.materials.iter().filter(|entry| entry.status.is_present()).count();
            Some((if count == 0 { "已接件".to_owned() } else { format!("收下 {count} 样材料") }, Some(format!("办件编号 {}", case.number))))
        }
        "application_checked" => plain("预审过了"),
        "application_brought" => plain("您到了窗口"),
        "courier_chosen" => plain("您选了邮寄"),
        "pickup_chosen" => plain("您改成到窗口领"),
        "agent_authorised" => plain("您授权了代办人"),
        "authorisation_withdrawn" => plain("您撤回了授权"),
        "authorisation_used" => plain("代办人凭授权领取"),
        "materials_supplied" => plain("您补了材料"),
        "case_accepted" => {
            let detail = case.acceptance.as_ref().and_then(|acceptance| match acceptance.mode {
                AcceptanceMode::Tolerant => Some("容缺受理，欠的材料按约定后补"),
                AcceptanceMode::Deemed => Some("到期没有答复，依法算已受理"),
                AcceptanceMode::Full | AcceptanceMode::RefusalOverturned => None,
            });
            Some(("已受理".to_owned(), detail.map(str::to_owned)))
        }
        "case_routed" => Some((format!("转给{}", case.matter.department_name), None)),
        "case_claimed" => plain("部门开始审核"),
        "case_resumed" => plain("接着审核"),
        "extension_approved" => {
            let days = case.extension.as_ref().map_or(0, |extension| extension.days);
            Some((format!("经批准延长 {days} 个工作日"), None))
        }
        "joint_extension_approved" => {
            let days = case.joint_extension.as_ref().map_or(0, |extension| extension.days);
            Some((format!("经批准，几件事的共同期限延长 {days} 个工作日"), None))
        }
        "promise_extended" => case.new_term.as_ref().map(|term| (format!("{}前补，拿到窗口就行", day_text(term.due)), None)),
        "case_decided" => case.decision.as_ref().map(|decision| (format!("出结果：{}", outcome_word(decision.outcome)), None)),
        "certificate_made" => plain("证照做好了"),
        "decision_notice_made" => plain("结果文书做好了"),
        "certificate_received" => plain("到了出证窗口"),
        "applicant_notified" => plain("可以来领了"),
        "certificate_handed_over" => plain("您领走了"),
        "certificate_shipped" => plain("寄出了"),
        "certificate_delivered" => plain("快递送到了"),
        "certificate_returned" => plain("证照退回"),
        "case_refused" => plain("不予受理"),
        "case_withdrawn" => plain("您撤回了申请"),
        "case_revoked" => plain("决定被撤销"),
        "case_lapsed" => plain("到期没有补齐，办件终止"),
        "case_finished" if !matches!(&case.state, State::Closed { .. }) || case.certificate.is_none() => plain("办好了"),
        _ => None,
    }
}

/// A decision as people read it.
pub(super) fn outcome_word(outcome: DecisionOutcome) -> &'static str {
    match outcome {
        DecisionOutcome::Approved => "准予",
        DecisionOutcome::ApprovedTolerant => "容缺准予",
        DecisionOutcome::Denied => "不予",
    }
}

fn channel_name(channel: &str) -> &str {
    match channel {
        "site" => "本页",
        "sms" => "短信",
        "wechat" => "微信",
        "email" => "邮件",
        "phone" => "电话",
        "courier" => "快递",
        "webhook" => "消息平台",
        _ => "其他",
    }
}
