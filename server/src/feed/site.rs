//! The feed of one hall: the hall as committed and the views made from it.

use std::collections::BTreeMap;

use domain::hall::{Event, Fact, Hall, TicketState};
use domain::ids::{TicketId, WindowId};
use domain::time::{Millis, local_date, rfc3339};
use protocol::feed::{BoardState, Frame, View};
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::board::{Call, Calls, board_change, board_state, changed_counts};
use super::desk::{DeskProjection, DeskState, Names};
use super::view::{Sent, ViewChannel};
use crate::app::error::{Answer, AppError};
use crate::app::hall::{LineView, ReasonView, line_view};
use crate::app::{App, CommittedEvent};

/// How often a hall is read again when commands went on meanwhile.
const LOADS_MAX: u32 = 100;

/// State of the view `kiosk`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct KioskState {
    /// The hall.
    pub site: Value,
    /// Every line.
    pub lines: Vec<LineView>,
}

/// State of the views `window` and `pad`: every window with its call and who may be rated there.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct WindowsState {
    /// By window id.
    pub windows: BTreeMap<String, Value>,
}

/// The feed of one hall.
pub(super) struct SiteFeed {
    site_name: String,
    hall: Hall,
    seq: i64,
    calls: Calls,
    names: Names,
    notices: Vec<String>,
    reasons: BTreeMap<TicketId, ReasonView>,
    pub(super) board: ViewChannel<BoardState>,
    pub(super) desk: ViewChannel<DeskState>,
    pub(super) kiosk: ViewChannel<KioskState>,
    pub(super) windows: ViewChannel<WindowsState>,
}

impl SiteFeed {
    pub(super) async fn load(app: &App, site_id: &str) -> Answer<Self> {
        let now = app.now();
        let Moment { epoch, seq, hall, calls } = moment(app, site_id, now).await?;
        let calls = Calls::new(calls);
        let site_name = app.directory.get().site(site_id)?.name.clone();
        let names = names(app, site_id).await?;
        let reasons = BTreeMap::new();
        let board = board_state(&site_name, &hall, &calls, &[]);
        let desk = DeskProjection { site_name: &site_name, hall: &hall, names: &names, reasons: &reasons, now }.state();
        let kiosk = kiosk_state(&site_name, &hall, now);
        let windows = WindowsState {
            windows: hall.windows().map(|window| (window.id.to_string(), window_value(&hall, &window.id, &names, None))).collect(),
        };
        Ok(Self {
            board: ViewChannel::new(epoch, seq, board),
            desk: ViewChannel::new(epoch, seq, desk),
            kiosk: ViewChannel::new(epoch, seq, kiosk),
            windows: ViewChannel::new(epoch, seq, windows),
            site_name,
            hall,
            seq,
            calls,
            names,
            notices: Vec::new(),
            reasons,
        })
    }

    pub(super) fn seq(&self) -> i64 {
        self.seq
    }

    /// Takes events in the order of the log; what was taken before is skipped.
    pub(super) fn take(&mut self, events: &[CommittedEvent], now: Millis) {
        for event in events.iter().filter(|event| event.seq > self.seq).cloned().collect::<Vec<_>>() {
            self.seq = event.seq;
            if event.aggregate == "hall" {
                match serde_json::from_str::<Event>(&event.body) {
                    Ok(hall_event) => self.take_hall(event.seq, &hall_event, now),
                    Err(error) => tracing::error!(seq = event.seq, %error, "feed cannot read a hall event"),
                }
            }
        }
    }

    fn take_hall(&mut self, seq: i64, event: &Event, now: Millis) {
        let before = self.hall.clone();
        self.hall.evolve(event);
        if let Some((ticket_id, reason)) = event.as_call() {
            let view = ReasonView { code: reason.code().to_owned(), text: reason.explain(), figures: json!(reason) };
            self.reasons.insert(ticket_id.clone(), view);
        }
        if matches!(event.fact, Fact::DayOpened { .. }) {
            self.reasons.clear();
        }
        self.calls.take(&self.hall, event);
        let at = rfc3339(event.at);
        self.push_board(seq, event.kind(), &at);
        let projection = DeskProjection { site_name: &self.site_name, hall: &self.hall, names: &self.names, reasons: &self.reasons, now };
        let body = projection.event(event, &before);
        self.desk.state = projection.state();
        self.desk.push(seq, |epoch, seq, prev| Frame::<Value, Value>::Event { epoch, seq, prev, at: at.clone(), event: body });
        self.push_windows(seq, event, &at);
        if event.ticket_id().is_none() {
            self.push_kiosk(seq, event.kind(), &at, now);
        }
    }

    fn push_board(&mut self, seq: i64, kind: &str, at: &str) {
        let after = board_state(&self.site_name, &self.hall, &self.calls, &self.notices);
        if let Some(change) = board_change(kind, &self.board.state, &after) {
            self.board.state = after;
            self.board.push(seq, |epoch, seq, prev| Frame::<Value, _>::Event { epoch, seq, prev, at: at.to_owned(), event: change });
        }
    }

    fn push_windows(&mut self, seq: i64, event: &Event, at: &str) {
        let finished = match &event.fact {
            Fact::TicketFinished { ticket_id, window_id, .. } => Some((window_id.clone(), ticket_id.clone())),
            _ => None,
        };
        let mut changed = BTreeMap::new();
        for window in self.hall.windows() {
            let rated = finished.as_ref().filter(|(window_id, _)| *window_id == window.id).map(|(_, ticket_id)| ticket_id);
            let value = window_value(&self.hall, &window.id, &self.names, rated);
            let known = self.windows.state.windows.get(window.id.as_str());
            // Who may be rated stays until somebody else is called there.
            let keeps = rated.is_none() && known.is_some_and(|known| same_but_evaluation(known, &value)) && window.serving.is_none();
            if !keeps && known != Some(&value) {
                changed.insert(window.id.to_string(), value);
            }
        }
        if !changed.is_empty() {
            self.windows.state.windows.extend(changed.clone());
            let body = json!({ "type": event.kind(), "windows": changed });
            self.windows.push(seq, |epoch, seq, prev| Frame::<Value, Value>::Event { epoch, seq, prev, at: at.to_owned(), event: body });
        }
    }

    fn push_kiosk(&mut self, seq: i64, kind: &str, at: &str, now: Millis) {
        let after = kiosk_state(&self.site_name, &self.hall, now);
        if after != self.kiosk.state {
            let body = json!({ "type": kind, "lines": after.lines });
            self.kiosk.state = after;
            self.kiosk.push(seq, |epoch, seq, prev| Frame::<Value, Value>::Event { epoch, seq, prev, at: at.to_owned(), event: body });
        }
    }

    /// Sends what was held back: counts of the board and lines of the kiosk. Called at most four times
    /// a second.
    pub(super) fn flush(&mut self, now: Millis) {
        let seq = self.seq;
        if seq > self.board.seq() {
            let after = board_state(&self.site_name, &self.hall, &self.calls, &self.notices);
            let waiting = changed_counts(&self.board.state, &after);
            if !waiting.is_empty() {
                self.board.state = after;
                self.board.push(seq, |epoch, seq, prev| Frame::<Value, Value>::Waiting { epoch, seq, prev, waiting });
            }
        }
        if seq > self.kiosk.seq() {
            let at = rfc3339(now);
            self.push_kiosk(seq, "lines_changed", &at, now);
        }
    }

    /// What a client of a view needs and the frames from then on.
    pub(super) fn subscribe(&self, view: View, after: Option<(i64, i64)>) -> (Vec<Sent>, broadcast::Receiver<Sent>) {
        match view {
            View::Board => self.board.subscribe(after),
            View::Desk => self.desk.subscribe(after),
            View::Kiosk => self.kiosk.subscribe(after),
            View::Window | View::Pad => self.windows.subscribe(after),
        }
    }

    pub(super) fn lines(&self, now: Millis) -> Vec<LineView> {
        self.hall.lines().map(|line| line_view(&self.hall, line, now)).collect()
    }

    pub(super) fn snapshot(&self, view: View) -> Sent {
        match view {
            View::Board => self.board.snapshot(),
            View::Desk => self.desk.snapshot(),
            View::Kiosk => self.kiosk.snapshot(),
            View::Window | View::Pad => self.windows.snapshot(),
        }
    }
}

fn kiosk_state(site_name: &str, hall: &Hall, now: Millis) -> KioskState {
    KioskState {
        site: json!({ "id": hall.site(), "name": site_name }),
        lines: hall.lines().map(|line| line_view(hall, line, now)).collect(),
    }
}

fn window_value(hall: &Hall, id: &WindowId, names: &Names, rated: Option<&TicketId>) -> Value {
    let Some(window) = hall.window(id) else { return Value::Null };
    let serving = window.serving.as_ref().and_then(|id| hall.ticket(id));
    let staff_name = window.staff().and_then(|id| names.staff.get(id.as_str()));
    let evaluation = rated
        .and_then(|id| hall.ticket(id))
        .map(|ticket| json!({ "tracking_code": ticket.tracking_code, "ticket_number": ticket.number, "subject": "visit" }));
    json!({
        "window": { "id": window.id, "number": window.number },
        "state": window.state.name(),
        "text": window.pause_text(),
        "number": serving.map(|ticket| &ticket.number),
        "ticket_state": serving.map(|ticket| ticket.state.name()),
        "staff_name": staff_name,
        "evaluation": evaluation,
    })
}

fn same_but_evaluation(known: &Value, fresh: &Value) -> bool {
    let rest = |value: &Value| {
        let mut value = value.clone();
        if let Value::Object(fields) = &mut value {
            fields.remove("evaluation");
        }
        value
    };
    rest(known) == rest(fresh)
}

/// A hall and the position in its log at which it is so.
struct Moment {
    epoch: i64,
    seq: i64,
    hall: Hall,
    calls: Vec<Call>,
}

/// Reads until nothing was committed meanwhile: an event that is in the hall already and comes again by
/// the log would be applied twice.
async fn moment(app: &App, site_id: &str, now: Millis) -> Answer<Moment> {
    for _ in 0..LOADS_MAX {
        let head = app.stores.events.head(site_id).await?;
        let hall = app.hall(site_id).await?;
        let calls = recent_calls(app, site_id, &hall, now).await?;
        if app.stores.events.head(site_id).await? == head {
            let (epoch, seq) = head.map_or((1, 0), |head| (head.epoch, head.seq));
            return Ok(Moment { epoch, seq, hall, calls });
        }
    }
    Err(AppError::Unavailable { code: "busy", message: "现在人太多，请稍等再试" })
}

/// The calls of the business day: those that ended are intervals, the others are tickets called now.
async fn recent_calls(app: &App, site_id: &str, hall: &Hall, now: Millis) -> Answer<Vec<Call>> {
    let date = hall.doc().business_date.unwrap_or_else(|| local_date(now)).to_string();
    let intervals = app.stores.halls.intervals_between(site_id, &date, &date).await?;
    let ended = intervals.into_iter().filter(|interval| interval.state == "called").filter_map(|interval| {
        let ticket = TicketId::parse(&interval.ticket_id).and_then(|id| hall.ticket(&id))?;
        Some((ticket, WindowId::parse(interval.window_id.as_deref()?)?, interval.start_ms))
    });
    let current = hall.tickets().filter_map(|ticket| match &ticket.state {
        TicketState::Called { window_id, at, .. } => Some((ticket, window_id.clone(), *at)),
        _ => None,
    });
    let mut newest: BTreeMap<TicketId, Call> = BTreeMap::new();
    for (ticket, window_id, at) in ended.chain(current) {
        let call = Call { ticket_id: ticket.id.clone(), number: ticket.number.clone(), window_id, at };
        if newest.get(&ticket.id).is_none_or(|known| known.at <= at) {
            newest.insert(ticket.id.clone(), call);
        }
    }
    Ok(newest.into_values().collect())
}

async fn names(app: &App, site_id: &str) -> Answer<Names> {
    let matters = app.stores.catalogue.matters(site_id).await?;
    let staff = app.stores.staff.all_staff().await?;
    Ok(Names {
        matters: matters.into_iter().map(|matter| (matter.id, matter.name)).collect(),
        staff: staff.into_iter().map(|staff| (staff.id, staff.name)).collect(),
    })
}
