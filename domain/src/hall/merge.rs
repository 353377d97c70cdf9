//! Taking in what a keeper decided while the line was cut. Pure; knows neither devices nor signatures.
//!
//! Where the hall here is the one that the keeper decided on, its events are taken as they are, after the
//! rules were asked again and said the same. Where the hall went on meanwhile, each event is taken if it
//! still fits, and otherwise settled by one of the [`MergeRule`]s and told to the supervisor:
//!
//! - What the service decided in the last seconds before a cut reached nobody in the hall for sure. So for a
//!   keeper in office the hall's word counts: what stands in its way goes back into the queue.
//! - Where a supervisor ran the hall without its keeper, the service's word counts.
//!
//! What was issued stays valid either way, and what ended stays ended. The journal of a keeper whose term is over is
//! taken in as a whole, see `beside.rs`.

use serde::{Deserialize, Serialize};

use super::actions::{TicketAction, allowed_actions};
use super::command::{Actor, Command};
use super::event::{Event, Fact};
use super::state::{Hall, Ticket, TicketState, WindowState};
use crate::ids::{StaffId, TicketId, WindowId};
use crate::time::{Millis, local_date};

/// Why a number goes back into the queue that the service had called.
pub(super) const UNHEARD: &str = "断线前最后几秒的叫号没有传到大厅";

/// One decision of a keeper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDecision {
    /// The letters of the keeper's own series.
    pub series: String,
    /// Version of the hall it was decided on.
    pub base_version: u64,
    /// When, by the hall's clock.
    pub at: Millis,
    /// Who asked.
    pub actor: Actor,
    /// What was asked.
    pub command: Command,
    /// What followed from it.
    pub events: Vec<Event>,
}

impl KeptDecision {
    /// The decision at the time it was really made, where the keeper's clock was behind by so much. A day that a fast clock
    /// began too early was none: its end and beginning are left out, and a number of it is one of the day it really was.
    #[must_use]
    pub fn by_the_clock(mut self, slow_ms: Millis) -> Self {
        if slow_ms == 0 {
            return self;
        }
        self.at += slow_ms;
        let today = local_date(self.at);
        if slow_ms < 0 && self.command == Command::Tick {
            // What time alone does is done here when it is time.
            self.events.clear();
        }
        let false_day = |event: &Event| matches!(&event.fact, Fact::DayOpened { date } if *date > today);
        if let Some(opened) = self.events.iter().rposition(false_day) {
            self.events.drain(..=opened);
        }
        let of_later = |event: &Event| matches!(&event.fact, Fact::DayClosed { date } | Fact::ClosingTimePassed { date } if *date > today);
        self.events.retain(|event| !of_later(event));
        for event in &mut self.events {
            event.at += slow_ms;
            if let Fact::TicketIssued { date, .. } = &mut event.fact {
                *date = (*date).min(today);
            }
        }
        self
    }
}

/// A written rule by which an event that does not fit any more is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeRule {
    /// The service decided in the last seconds before the cut and the hall did not hear it: the hall's word counts.
    HallCounts,
    /// The visit ended on both sides: the end that was recorded first counts.
    TicketOver,
    /// The ticket is elsewhere by now: where it is now counts.
    TicketElsewhere,
    /// Another ticket stands at the window: that one counts.
    WindowBusy,
    /// Another person sits at the window: that one stays.
    WindowTaken,
    /// The person sits at another window: that one counts.
    StaffElsewhere,
    /// The window or line is gone from the settings: the settings count, a number that was issued stays.
    SettingsChanged,
    /// The business day was closed here: the number is kept for the record only.
    DayOver,
    /// The number exists already: it is not given again.
    NumberUsed,
    /// One touch gave a number on both sides: the one in the person's hand stays, the other is given up.
    SameTouch,
    /// The keeper stopped while somebody stood at a window of its: set aside, the window calls the person back.
    VisitOpen,
    /// Nothing that a keeper decides.
    NotForKeepers,
    /// The appointment was given up meanwhile: it stays given up, the number that was issued for it stays valid.
    AppointmentCancelled,
    /// The appointment had given a number here already: that one stays its number, the other stays valid too.
    AppointmentUsed,
    /// The appointment counted as missed here: the person was in the hall, so it does not any more.
    AppointmentMissed,
    /// The appointment was moved to another time meanwhile: the person came, so it is used.
    AppointmentChanged,
}

impl MergeRule {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::HallCounts => "hall_counts",
            Self::TicketOver => "ticket_over",
            Self::TicketElsewhere => "ticket_elsewhere",
            Self::WindowBusy => "window_busy",
            Self::WindowTaken => "window_taken",
            Self::StaffElsewhere => "staff_elsewhere",
            Self::SettingsChanged => "settings_changed",
            Self::DayOver => "day_over",
            Self::NumberUsed => "number_used",
            Self::SameTouch => "same_touch",
            Self::VisitOpen => "visit_open",
            Self::NotForKeepers => "not_for_keepers",
            Self::AppointmentCancelled => "appointment_cancelled",
            Self::AppointmentUsed => "appointment_used",
            Self::AppointmentMissed => "appointment_missed",
            Self::AppointmentChanged => "appointment_changed",
        }
    }

    /// What was done, for the supervisor.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::HallCounts => "断线前最后几秒中心办的没有传到大厅，按大厅的算",
            Self::TicketOver => "两边都办结了，按先记下的算",
            Self::TicketElsewhere => "这个号后来到了别处，按现在的算",
            Self::WindowBusy => "窗口上已经是另一个号，按现在的算",
            Self::WindowTaken => "窗口上已经坐着别人，按现在的算",
            Self::StaffElsewhere => "这个人已经开着别的窗口，按现在的算",
            Self::SettingsChanged => "窗口或队列已经从设置里去掉，按现在的设置算，发出去的号还有效",
            Self::DayOver => "那天已经日结，只留记录",
            Self::NumberUsed => "这个号码已经有了，没有再记一次",
            Self::SameTouch => "同一次取号两边各出了一个号，留下纸上的那个，另一个作废",
            Self::VisitOpen => "那台守门机停的时候正在窗口办，先挂起；人还在的，请窗口回呼接着办",
            Self::NotForKeepers => "不是守门机能做的事，没有记",
            Self::AppointmentCancelled => "断网期间这个预约在中心取消了，仍算取消；大厅发的号有效",
            Self::AppointmentUsed => "这个预约在中心已经取过号，预约算原来那个；大厅发的号也有效，可能一个人有两个号",
            Self::AppointmentMissed => "中心已记没来，人其实在大厅取了号，改记来了",
            Self::AppointmentChanged => "断网期间这个预约在中心改了时间，人已经来取了号，算用掉了",
        }
    }
}

/// An event that did not fit, and how it was settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clash {
    /// Type of the event.
    pub kind: String,
    /// The ticket it was about.
    pub ticket_id: Option<TicketId>,
    /// The rule.
    pub rule: MergeRule,
}

impl Clash {
    pub(super) fn of(event: &Event, rule: MergeRule) -> Self {
        Self { kind: event.kind().to_owned(), ticket_id: event.ticket_id().cloned(), rule }
    }
}

/// What became of a keeper's decision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// The events to take in, in order.
    pub events: Vec<Event>,
    /// What did not fit.
    pub clashes: Vec<Clash>,
    /// The hall was the one that the keeper decided on, and the rules say the same.
    pub is_exact: bool,
}

/// Whether an event fits a hall.
pub(super) enum Fit {
    /// As it is.
    Takes,
    /// It is so already.
    IsSo,
    /// Not any more.
    Clashes(MergeRule),
    /// Taken, and to be told.
    TakesAndTells(MergeRule),
}

impl Hall {
    /// What becomes of a keeper's decision on this hall; `in_office` where no supervisor gave the hall back
    /// to the service since.
    #[must_use]
    pub fn merge(&self, kept: &KeptDecision, in_office: bool) -> Merged {
        if let Some(exact) = self.exact(kept) {
            return exact;
        }
        let (mut hall, mut merged) = (self.clone(), Merged::default());
        for event in &kept.events {
            let (rule, makes_room) = match hall.fits(event) {
                Fit::IsSo => continue,
                Fit::Takes => (None, Some(Vec::new())),
                Fit::TakesAndTells(rule) => (Some(rule), Some(Vec::new())),
                Fit::Clashes(rule) => match hall.room_for(event, rule).filter(|_| in_office) {
                    Some(room) => (Some(MergeRule::HallCounts), Some(room)),
                    None => (Some(rule), None),
                },
            };
            if let Some(rule) = rule {
                merged.clashes.push(Clash::of(event, rule));
            }
            let Some(room) = makes_room else { continue };
            for event in room.into_iter().chain([event.clone()]) {
                let event = hall.not_before_its_state(&event);
                hall.evolve(&event);
                merged.events.push(event);
            }
        }
        merged
    }

    /// The decision as it is, where this hall is the one it was decided on and the rules say the same. A take-over is
    /// never taken so: whether the hall is parted is the service's to say.
    pub(super) fn exact(&self, kept: &KeptDecision) -> Option<Merged> {
        let again = || self.decide_as_keeper(&kept.series, &kept.actor, &kept.command, kept.at);
        let is_candidate = self.version() == kept.base_version && !matches!(kept.command, Command::Part { .. });
        let is_exact = is_candidate && again().is_ok_and(|events| events == kept.events);
        is_exact.then(|| Merged { events: kept.events.clone(), clashes: Vec::new(), is_exact: true })
    }

    /// What must happen here first so that an event of the hall can be taken; `None` where nothing helps.
    fn room_for(&self, event: &Event, rule: MergeRule) -> Option<Vec<Event>> {
        if !matches!(rule, MergeRule::TicketElsewhere | MergeRule::WindowBusy | MergeRule::WindowTaken | MergeRule::StaffElsewhere) {
            return None;
        }
        let mut hall = self.clone();
        let mut room = Vec::new();
        let mut record = |hall: &mut Self, fact: Fact| {
            let event = hall.not_before_its_state(&Event { at: event.at, by: None, fact });
            hall.evolve(&event);
            room.push(event);
        };
        let reason = || UNHEARD.to_owned();
        let (window_id, staff) = match &event.fact {
            Fact::TicketCalled { window_id, staff, .. }
            | Fact::TicketStarted { window_id, staff, .. }
            | Fact::WindowOpened { window_id, staff, .. } => (Some(window_id), Some(staff)),
            Fact::WindowPaused { window_id, .. } | Fact::WindowClosed { window_id } => (Some(window_id), event.by.as_ref()),
            Fact::TicketFinished { window_id, .. }
            | Fact::TicketMissed { window_id, .. }
            | Fact::TicketRecalled { window_id, .. }
            | Fact::TicketParked { window_id, .. }
            | Fact::TicketPutBack { window_id, .. } => (Some(window_id), None),
            _ => (None, None),
        };
        // The person's other window first, then what stands at this one, then the ticket's other window.
        if let Some(other) = staff.and_then(|staff| hall.window_of(staff)).map(|own| own.id.clone()).filter(|own| Some(own) != window_id) {
            if let Some(ticket_id) = hall.window(&other).and_then(|own| own.serving.clone()) {
                record(&mut hall, Fact::TicketPutBack { ticket_id, window_id: other.clone(), reason: reason() });
            }
            record(&mut hall, Fact::WindowClosed { window_id: other });
        }
        if let Some(window) = window_id.and_then(|id| self.window(id))
            && let Some(ticket_id) = window.serving.clone().filter(|serving| event.ticket_id() != Some(serving))
        {
            record(&mut hall, Fact::TicketPutBack { ticket_id, window_id: window.id.clone(), reason: reason() });
        }
        let elsewhere = event
            .ticket_id()
            .and_then(|id| hall.ticket(id))
            .and_then(|ticket| Some((ticket.id.clone(), ticket.state.at_window()?.clone())));
        if let Some((ticket_id, at)) = elsewhere.filter(|(_, at)| Some(at) != window_id) {
            record(&mut hall, Fact::TicketPutBack { ticket_id, window_id: at, reason: reason() });
        }
        if let (Some(window_id), Some(staff)) = (window_id, staff)
            && !matches!(event.fact, Fact::WindowOpened { .. })
            && let Some(window) = hall.window(window_id).filter(|window| window.staff() != Some(staff))
        {
            let line_ids = window.current_line_ids().to_vec();
            record(&mut hall, Fact::WindowOpened { window_id: window_id.clone(), staff: staff.clone(), line_ids });
        }
        Some(room)
    }

    /// No stretch of a ticket's life is shorter than nothing, also where the two sides' times disagree.
    pub(super) fn not_before_its_state(&self, event: &Event) -> Event {
        let since = event.ticket_id().and_then(|id| self.ticket(id)).map_or(event.at, |ticket| ticket.state.since());
        Event { at: event.at.max(since), ..event.clone() }
    }

    pub(super) fn fits(&self, event: &Event) -> Fit {
        match &event.fact {
            Fact::DayClosed { date } | Fact::DayOpened { date } | Fact::ClosingTimePassed { date } => {
                let is_behind = |known: Option<chrono::NaiveDate>| known.is_some_and(|known| known >= *date);
                let is_so = match &event.fact {
                    Fact::DayClosed { .. } => self.doc.business_date != Some(*date),
                    Fact::ClosingTimePassed { .. } => is_behind(self.doc.closing_passed_on),
                    _ => is_behind(self.doc.business_date),
                };
                if is_so { Fit::IsSo } else { Fit::Takes }
            }
            // Whose tickets are whose is the service's to say, when it learns of a take-over.
            Fact::ClockSteppedBack { .. } | Fact::HallParted { .. } | Fact::HallRejoined { .. } => Fit::IsSo,
            // The settings of the service count; those whose time came while the line was cut are its too.
            Fact::HallConfigured { .. } | Fact::ScheduledConfigurationRefused { .. } => {
                let is_due = self.doc.scheduled.iter().any(|scheduled| scheduled.from <= event.at);
                if is_due { Fit::Takes } else { Fit::IsSo }
            }
            Fact::LineStopped { line_id, .. } | Fact::LineResumed { line_id } => {
                if self.line(line_id).is_some() {
                    Fit::Takes
                } else {
                    Fit::Clashes(MergeRule::SettingsChanged)
                }
            }
            Fact::WindowOpened { window_id, staff, .. } => self.fits_opened(window_id, staff),
            Fact::WindowPaused { window_id, .. } | Fact::WindowClosed { window_id } => {
                self.fits_left(window_id, event.by.as_ref(), matches!(event.fact, Fact::WindowClosed { .. }))
            }
            Fact::WindowTakenOver { window_id, from, .. } => match self.window(window_id) {
                Some(window) if window.staff() == Some(from) => Fit::Takes,
                Some(_) => Fit::Clashes(MergeRule::WindowTaken),
                None => Fit::Clashes(MergeRule::SettingsChanged),
            },
            Fact::HelpRequested { window_id, .. } | Fact::HelpAcknowledged { window_id, .. } | Fact::HelpResolved { window_id } => {
                if self.window(window_id).is_some() { Fit::Takes } else { Fit::Clashes(MergeRule::SettingsChanged) }
            }
            Fact::SupervisorActed { .. } => Fit::Takes,
            Fact::TicketIssued { .. } => self.fits_issued(event),
            Fact::HallConfigurationScheduled { .. }
            | Fact::HallConfigurationCancelled { .. }
            | Fact::DayPlanned { .. }
            | Fact::PaperNumberEntered { .. }
            | Fact::PaperVisitBegun { .. }
            | Fact::PaperVisitEnded { .. } => Fit::Clashes(MergeRule::NotForKeepers),
            _ => match event.ticket_id().and_then(|id| self.ticket(id)) {
                Some(ticket) => self.fits_ticket(ticket, event),
                // What the day's end did on both sides, and small notes, need nobody.
                None if matches!(
                    event.fact,
                    Fact::TicketExpired { .. } | Fact::TicketNearNoticed { .. } | Fact::TicketParkReminded { .. }
                ) =>
                {
                    Fit::IsSo
                }
                None => Fit::Clashes(MergeRule::TicketOver),
            },
        }
    }

    fn fits_opened(&self, window_id: &WindowId, staff: &StaffId) -> Fit {
        let Some(window) = self.window(window_id) else { return Fit::Clashes(MergeRule::SettingsChanged) };
        if window.staff().is_some_and(|holder| holder != staff) {
            return Fit::Clashes(MergeRule::WindowTaken);
        }
        if self.window_of(staff).is_some_and(|own| own.id != *window_id) {
            return Fit::Clashes(MergeRule::StaffElsewhere);
        }
        Fit::Takes
    }

    fn fits_left(&self, window_id: &WindowId, by: Option<&StaffId>, closes: bool) -> Fit {
        let Some(window) = self.window(window_id) else { return Fit::Clashes(MergeRule::SettingsChanged) };
        match &window.state {
            WindowState::Closed => Fit::IsSo,
            WindowState::Open { staff, .. } | WindowState::Paused { staff, .. } => {
                if by.is_some_and(|by| by != staff) {
                    Fit::Clashes(MergeRule::WindowTaken)
                } else if closes && window.serving.is_some() {
                    Fit::Clashes(MergeRule::WindowBusy)
                } else {
                    Fit::Takes
                }
            }
        }
    }

    fn fits_issued(&self, event: &Event) -> Fit {
        let Fact::TicketIssued { ticket_id, number, serial, date, line_id, .. } = &event.fact else { return Fit::IsSo };
        if self.ticket(ticket_id).is_some() {
            return Fit::IsSo;
        }
        if self.doc.business_date.is_some_and(|open| open > *date) {
            return Fit::Clashes(MergeRule::DayOver);
        }
        let letters = number.trim_end_matches(|sign: char| sign.is_ascii_digit());
        if self.doc.serials.get(letters).is_some_and(|last| last >= serial) {
            return Fit::Clashes(MergeRule::NumberUsed);
        }
        if self.line(line_id).is_some() { Fit::Takes } else { Fit::TakesAndTells(MergeRule::SettingsChanged) }
    }

    fn fits_ticket(&self, ticket: &Ticket, event: &Event) -> Fit {
        let allows = |action: TicketAction| {
            if allowed_actions(&ticket.state).contains(&action) { Fit::Takes } else { Fit::Clashes(MergeRule::TicketElsewhere) }
        };
        let at_window = ticket.state.at_window();
        match &event.fact {
            Fact::TicketCalled { window_id, staff, .. } => self.fits_called(ticket, window_id, staff),
            Fact::TicketStarted { window_id, staff, .. } => match &ticket.state {
                TicketState::Serving { window_id: at, .. } if at == window_id => Fit::IsSo,
                TicketState::Called { window_id: at, .. } if at == window_id => Fit::Takes,
                TicketState::Waiting { .. } if ticket.walk_in => self.fits_called(ticket, window_id, staff),
                _ => Fit::Clashes(MergeRule::TicketElsewhere),
            },
            Fact::TicketRecalled { window_id, .. } | Fact::TicketMissed { window_id, .. } => match &ticket.state {
                TicketState::Called { window_id: at, .. } if at == window_id => Fit::Takes,
                _ => Fit::Clashes(MergeRule::TicketElsewhere),
            },
            Fact::TicketFinished { window_id, .. }
            | Fact::TicketItemAdded { window_id, .. }
            | Fact::TicketItemSettled { window_id, .. }
            | Fact::TicketParked { window_id, .. }
            | Fact::TicketPutBack { window_id, .. } => {
                if at_window == Some(window_id) {
                    Fit::Takes
                } else {
                    Fit::Clashes(MergeRule::TicketElsewhere)
                }
            }
            Fact::TicketRequeued { .. } => match &ticket.state {
                TicketState::Waiting { .. } => Fit::IsSo,
                _ => allows(TicketAction::Requeue),
            },
            Fact::TicketResumed { .. } => match &ticket.state {
                TicketState::Waiting { .. } => Fit::IsSo,
                _ => allows(TicketAction::Resume),
            },
            Fact::TicketTransferred { .. } => allows(TicketAction::Transfer),
            Fact::TicketTopped { .. } => allows(TicketAction::Top),
            Fact::TicketUntopped { .. } => allows(TicketAction::Untop),
            Fact::TicketAbandoned { .. } => allows(TicketAction::Abandon),
            Fact::TicketExpired { .. } | Fact::TicketCarried { .. } => {
                if at_window.is_none() {
                    Fit::Takes
                } else {
                    Fit::Clashes(MergeRule::TicketElsewhere)
                }
            }
            Fact::TicketNearNoticed { .. } | Fact::TicketParkReminded { .. } => Fit::Takes,
            _ => Fit::Clashes(MergeRule::NotForKeepers),
        }
    }

    /// One ticket at a window, one person at a window, and nobody is called twice.
    fn fits_called(&self, ticket: &Ticket, window_id: &WindowId, staff: &StaffId) -> Fit {
        let Some(window) = self.window(window_id) else { return Fit::Clashes(MergeRule::SettingsChanged) };
        match ticket.state.at_window() {
            Some(at) if at == window_id => return Fit::IsSo,
            Some(_) => return Fit::Clashes(MergeRule::TicketElsewhere),
            None => {}
        }
        if window.staff().is_none_or(|holder| holder != staff) {
            return Fit::Clashes(MergeRule::WindowTaken);
        }
        if window.serving.is_some() { Fit::Clashes(MergeRule::WindowBusy) } else { Fit::Takes }
    }
}
