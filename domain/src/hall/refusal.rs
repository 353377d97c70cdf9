//! Why a hall says no: a closed list with stable codes and Chinese words. Knows nothing of HTTP.

use serde::{Deserialize, Serialize};

use super::actions::TicketAction;
use crate::ids::{LineId, StaffId, TicketId, WindowId};
use crate::time::{Millis, local};

/// Why a command was refused. Nothing changes then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[error("{}", self.code())]
#[expect(missing_docs, reason = "the fields are the figures of the sentence in message()")]
pub enum Refusal {
    /// There is no such line in this hall.
    UnknownLine { line_id: LineId },
    /// There is no such window in this hall.
    UnknownWindow { window_id: WindowId },
    /// There is no such ticket on this business day.
    UnknownTicket { ticket_id: TicketId },
    /// Outside the opening hours; `None` when no opening is known.
    HallClosed { opens_at: Option<Millis> },
    /// Too near to the end of the opening hours; `opens_at` is when numbers are given again.
    NumbersOver { closes_at: Millis, opens_at: Option<Millis> },
    /// The numbers of this section of the day are used up; `next_at` is when there are some again today.
    SectionFull { from_minute: u16, to_minute: u16, at_most: u32, next_at: Option<Millis> },
    /// No window that serves the line is open or will be soon.
    NoWindow { guide_text: String },
    /// The line issues no numbers at present.
    LineStopped { text: String },
    /// The line issues numbers already.
    LineRunning,
    /// Today's numbers of the line are used up.
    ContingentUsed { daily_contingent: u32 },
    /// The holder has a live ticket in the line.
    AlreadyWaiting { ticket_id: TicketId },
    /// The site has no paper series with these letters.
    PaperSeriesUnknown { prefixes: Vec<String> },
    /// The paper number was entered for that day already.
    PaperNumberUsed { number: String },
    /// The times of a paper number contradict each other or lie in the future.
    PaperTimesInvalid,
    /// The day of the paper number is too long ago.
    PaperTooOld { days_back: u32 },
    /// The day of the paper number is over, and what came of it is not told.
    PaperVisitMissing,
    /// The ticket was left to an earlier keeper, which may be calling it.
    TicketLeft,
    /// The ticket id is taken.
    TicketIdUsed,
    /// A ticket is called or served at the window.
    WindowBusy { ticket_id: TicketId },
    /// Nobody sits at the window.
    WindowClosed,
    /// The window is paused.
    WindowPaused,
    /// Another person sits at the window.
    WindowTaken { staff: StaffId },
    /// The person sits at another window.
    StaffElsewhere { window_id: WindowId, window_number: u16 },
    /// The window is held by another person.
    NotYourWindow,
    /// Only a member of staff can do this.
    StaffRequired,
    /// Only a supervisor can do this.
    SupervisorRequired,
    /// The person at the window named others as covers.
    NotACover,
    /// The window called for the supervisor already.
    HelpOpen,
    /// The window has not called for the supervisor.
    NoHelpOpen,
    /// Somebody is coming already.
    HelpAcknowledged { staff: StaffId },
    /// The visit is about that already.
    ItemThere,
    /// The visit is about too many things.
    ItemsFull { items_max: u32 },
    /// The visit has no thing at that place.
    UnknownItem { item: u32 },
    /// A thing of the visit has no outcome yet.
    OutcomesMissing { missing: u32 },
    /// The ticket's state does not allow the action.
    TicketState { state: String, action: TicketAction },
    /// Called again too often.
    RecallLimit { recall_max: u32 },
    /// Called again too soon.
    RecallTooSoon { wait_ms: Millis },
    /// At the top already.
    AlreadyTopped,
    /// Not at the top.
    NotTopped,
    /// Waits there already.
    TransferToSame,
    /// A window chosen at opening must serve at least one line.
    LinesMissing,
    /// The configuration contradicts itself.
    ConfigurationInvalid { field: String, text: String },
    /// A configuration cannot be scheduled for that instant, or not another one.
    ScheduleInvalid { text: String },
    /// Nothing is scheduled for that instant.
    NotScheduled,
    /// A window that is not closed cannot be removed.
    WindowInUse { window_number: u16 },
    /// A line with live tickets cannot be removed.
    LineInUse { name: String },
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownLine { .. } => "unknown_line",
            Self::UnknownWindow { .. } => "unknown_window",
            Self::UnknownTicket { .. } => "unknown_ticket",
            Self::HallClosed { .. } => "hall_closed",
            Self::NumbersOver { .. } => "numbers_over",
            Self::SectionFull { .. } => "section_full",
            Self::NoWindow { .. } => "no_window",
            Self::LineStopped { .. } => "line_stopped",
            Self::LineRunning => "line_running",
            Self::ContingentUsed { .. } => "contingent_used",
            Self::AlreadyWaiting { .. } => "already_waiting",
            Self::PaperSeriesUnknown { .. } => "paper_series_unknown",
            Self::PaperNumberUsed { .. } => "paper_number_used",
            Self::PaperTimesInvalid => "paper_times_invalid",
            Self::PaperTooOld { .. } => "paper_too_old",
            Self::PaperVisitMissing => "paper_visit_missing",
            Self::TicketIdUsed => "ticket_id_used",
            Self::WindowBusy { .. } => "window_busy",
            Self::WindowClosed => "window_closed",
            Self::WindowPaused => "window_paused",
            Self::WindowTaken { .. } => "window_taken",
            Self::StaffElsewhere { .. } => "staff_elsewhere",
            Self::NotYourWindow => "not_your_window",
            Self::StaffRequired => "staff_required",
            Self::SupervisorRequired => "supervisor_required",
            Self::NotACover => "not_a_cover",
            Self::HelpOpen => "help_open",
            Self::NoHelpOpen => "no_help_open",
            Self::HelpAcknowledged { .. } => "help_acknowledged",
            Self::ItemThere => "item_there",
            Self::ItemsFull { .. } => "items_full",
            Self::UnknownItem { .. } => "unknown_item",
            Self::OutcomesMissing { .. } => "outcomes_missing",
            Self::TicketState { .. } => "ticket_state",
            Self::RecallLimit { .. } => "recall_limit",
            Self::RecallTooSoon { .. } => "recall_too_soon",
            Self::AlreadyTopped => "already_topped",
            Self::NotTopped => "not_topped",
            Self::TransferToSame => "transfer_to_same",
            Self::TicketLeft => "ticket_left",
            Self::LinesMissing => "lines_missing",
            Self::ConfigurationInvalid { .. } => "configuration_invalid",
            Self::ScheduleInvalid { .. } => "schedule_invalid",
            Self::NotScheduled => "not_scheduled",
            Self::WindowInUse { .. } => "window_in_use",
            Self::LineInUse { .. } => "line_in_use",
        }
    }

    /// What happened and what to do, for people.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::UnknownLine { .. } => "这个厅没有这条队".to_owned(),
            Self::UnknownWindow { .. } => "这个厅没有这个窗口".to_owned(),
            Self::UnknownTicket { .. } => "今天没有这个号".to_owned(),
            Self::HallClosed { opens_at: Some(at) } => format!("现在没开门，{} 开始取号", local(*at).format("%-m月%-d日 %H:%M")),
            Self::HallClosed { opens_at: None } => "现在没开门".to_owned(),
            Self::NumbersOver { closes_at, opens_at } => {
                let again = opens_at.map(|at| format!("，{} 开始取号", local(at).format("%-m月%-d日 %H:%M"))).unwrap_or_default();
                format!("{} 停止办理，现在不再取号{again}", local(*closes_at).format("%H:%M"))
            }
            Self::SectionFull { from_minute, to_minute, at_most, next_at } => {
                let again = next_at.map_or_else(|| "今天没有号了".to_owned(), |at| format!("{} 再来取", local(at).format("%H:%M")));
                let (from, to) = (clock(*from_minute), clock(*to_minute));
                if *at_most == 0 {
                    format!("{from} 到 {to} 不发号，{again}")
                } else {
                    format!("{from} 到 {to} 的 {at_most} 个号取完了，{again}")
                }
            }
            Self::NoWindow { guide_text } => guide_text.clone(),
            Self::LineStopped { text } => format!("暂不取号，{text}"),
            Self::LineRunning => "这条队本来就在取号".to_owned(),
            Self::ContingentUsed { daily_contingent } => format!("今天的 {daily_contingent} 个号已经取完"),
            Self::AlreadyWaiting { .. } => "您在这条队里已经有一个号".to_owned(),
            Self::PaperSeriesUnknown { prefixes } if prefixes.is_empty() => "这个厅没有设纸号".to_owned(),
            Self::PaperSeriesUnknown { prefixes } => format!("没有这个字头的纸号，本厅的是 {}", prefixes.join("、")),
            Self::PaperNumberUsed { number } => format!("纸号 {number} 那天已经补录过了"),
            Self::PaperTimesInvalid => "时间前后不对，看一下几点来、几点办".to_owned(),
            Self::PaperTooOld { days_back } => format!("只能补录 {days_back} 天内的纸号"),
            Self::PaperVisitMissing => "那天已经结束，要写上几点办的、办成了什么".to_owned(),
            Self::TicketIdUsed => "这个号已经有了，请再取一次".to_owned(),
            Self::WindowBusy { .. } => "窗口上还有一个号没办完".to_owned(),
            Self::WindowClosed => "窗口没开".to_owned(),
            Self::WindowPaused => "窗口暂停着，先恢复再叫号".to_owned(),
            Self::WindowTaken { .. } => "这个窗口有人坐着".to_owned(),
            Self::StaffElsewhere { window_number, .. } => format!("您还开着 {window_number} 号窗口，先把它关上"),
            Self::NotYourWindow => "这是别人的窗口".to_owned(),
            Self::StaffRequired => "要工作人员操作".to_owned(),
            Self::SupervisorRequired => "要大厅主管操作".to_owned(),
            Self::NotACover => "您不是这个窗口的 B 角，请主管来替".to_owned(),
            Self::HelpOpen => "已经叫过主管了，请稍等".to_owned(),
            Self::NoHelpOpen => "这个窗口没有叫主管".to_owned(),
            Self::HelpAcknowledged { .. } => "已经有人过去了".to_owned(),
            Self::ItemThere => "这一件已经在办了".to_owned(),
            Self::ItemsFull { items_max } => format!("一个号最多办 {items_max} 件，请再取一个号"),
            Self::UnknownItem { .. } => "这个号没有这一件".to_owned(),
            Self::OutcomesMissing { missing } => format!("还有 {missing} 件没选结果"),
            Self::TicketState { state, action } => format!("这个号现在是“{}”，不能{}", state_word(state), action.word()),
            Self::RecallLimit { recall_max } => format!("已经重呼 {recall_max} 次，人没来可以过号"),
            Self::RecallTooSoon { wait_ms } => format!("刚叫过，{} 秒后再重呼", (wait_ms + 999) / 1000),
            Self::AlreadyTopped => "这个号已经置顶".to_owned(),
            Self::NotTopped => "这个号没有置顶".to_owned(),
            Self::TransferToSame => "这个号本来就在那里等".to_owned(),
            Self::TicketLeft => "这个号归原来那台守门机叫，这里不能叫；人在这里的，给他换一个新号".to_owned(),
            Self::LinesMissing => "至少选一条队".to_owned(),
            Self::ConfigurationInvalid { text, .. } | Self::ScheduleInvalid { text } => text.clone(),
            Self::NotScheduled => "那个时间没有排着的设置".to_owned(),
            Self::WindowInUse { window_number } => format!("{window_number} 号窗口还开着，关上再删"),
            Self::LineInUse { name } => format!("“{name}”还有号没办完，办完再删"),
        }
    }
}

/// Minutes after midnight as a clock shows them.
fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The word of UI.md for a ticket state.
fn state_word(state: &str) -> &'static str {
    match state {
        "waiting" => "等候",
        "called" => "请过来",
        "serving" => "办理中",
        "parked" => "挂起",
        "missed" => "过号",
        "done" => "办完",
        "abandoned" => "弃号",
        _ => "当日作废",
    }
}
