//! The feed of one hall: the hall as committed and the views made from it.

use std::collections::BTreeMap;

use domain::hall::{Event, Fact, Hall, Ticket, TicketState, Window};
use domain::ids::{TextId, WindowId};
use domain::time::{Millis, rfc3339};
use protocol::desk_feed::fold_desk;
use protocol::device::Opening;
use protocol::feed::{BoardState, Frame, View};
use protocol::hall::opening;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::board::{board_change, board_state, changed_counts, differs, reckon_next, whole_board};
use super::desk::{DeskProjection, Names};
use super::recent::Recent;
use super::view::{Sent, ViewChannel, Watched};
use crate::app::board_content::{AGGREGATE, BoardView, Shown};
use crate::app::error::Answer;
use crate::app::hall::{LineView, line_view, load_hall_at};
use crate::app::sessions::StaffDoc;
use crate::app::staff::PHOTO_CHANGED;
use crate::app::{App, CommittedEvent};
use crate::store::StaffRow;

/// How an event's reason begins in the log.
const REASON_FIELD: &str = "\"reason\":\"";

/// What a client gets at once, and the frames from then on.
pub(super) type Subscription = (Vec<Sent>, broadcast::Receiver<Sent>);

/// State of the view `kiosk`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct KioskState {
    /// The hall.
    pub site: Value,
    /// Every line.
    pub lines: Vec<LineView>,
}

/// State of the views `window` and `pad`: every window with its call and who may be rated there, and what pads show
/// while nobody is asked.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct WindowsState {
    /// By window id.
    pub windows: BTreeMap<String, Value>,
    /// What the hall writes on its boards now.
    pub notices: Vec<String>,
    /// Whether the hall is open, and when it is.
    pub opening: Opening,
}

/// The event by which somebody's photo goes with the account.
const ACCESS_ENDED: &str = "staff_access_ended";
/// The event by which a site gets another name.
const PROFILE_CHANGED: &str = "site_profile_changed";

/// The feed of one hall: its views are those that somebody looks at.
pub(super) struct SiteFeed {
    site_name: String,
    epoch: i64,
    hall: Hall,
    seq: i64,
    recent: Recent,
    names: Names,
    content: BoardView,
    /// What boards show of the content now.
    shown: Shown,
    board: Watched<BoardState>,
    desk: Watched<Value>,
    kiosk: Watched<KioskState>,
    windows: Watched<WindowsState>,
}

impl SiteFeed {
    pub(super) async fn load(app: &App, site_id: &str) -> Answer<Self> {
        // One moment of the store: an event is either in the hall or after the position, never both.
        let (hall, head) = load_hall_at(&app.stores, site_id).await?;
        let (epoch, seq) = head.map_or((1, 0), |head| (head.epoch, head.seq));
        let site_name = app.directory.get().site(site_id)?.name.clone();
        let recent = Recent::load(&app.stores, site_id, &hall, seq, false).await?;
        let content = app.board_content(site_id).await?;
        Ok(Self {
            board: Watched::default(),
            desk: Watched::default(),
            kiosk: Watched::default(),
            windows: Watched::default(),
            site_name,
            epoch,
            hall,
            seq,
            recent,
            names: Names::default(),
            shown: content.shown(app.now()),
            content,
        })
    }

    /// Reads what a view needs beside the hall, for its first client.
    async fn prepare(&mut self, app: &App, view: View) -> Answer<()> {
        if self.recent.is_whole || matches!(view, View::Board | View::Kiosk) {
            return Ok(());
        }
        let site_id = self.hall.site().to_string();
        let recent = Recent::load(&app.stores, &site_id, &self.hall, self.seq, true).await?;
        self.names = names(app, &site_id).await?;
        self.names.texts = written(app, &site_id, &self.hall, &recent).await;
        self.recent = recent;
        Ok(())
    }

    /// Learns what people wrote, before the events that name it are taken.
    async fn learn(&mut self, app: &App, event: &CommittedEvent) {
        if self.recent.is_whole && event.body.contains(REASON_FIELD) {
            let body: Value = serde_json::from_str(&event.body).unwrap_or_default();
            if let Some(id) = body["reason"].as_str() {
                learn_text(app, self.hall.site().as_str(), id, &mut self.names.texts).await;
            }
        }
    }

    pub(super) fn seq(&self) -> i64 {
        self.seq
    }

    /// Takes events in the order of the log; what was taken before is skipped.
    pub(super) async fn take(&mut self, app: &App, events: &[CommittedEvent]) {
        let now = app.now();
        for event in events {
            if event.seq <= self.seq {
                continue;
            }
            self.seq = event.seq;
            if event.aggregate == "hall" {
                self.learn(app, event).await;
                match serde_json::from_str::<Event>(&event.body) {
                    Ok(hall_event) => self.take_hall(event.seq, &hall_event, now),
                    Err(error) => tracing::error!(seq = event.seq, %error, "feed cannot read a hall event"),
                }
            } else if event.aggregate == AGGREGATE {
                self.rewritten(app, event, now).await;
            } else if event.kind == PROFILE_CHANGED {
                self.renamed(event, now);
            } else if [PHOTO_CHANGED, ACCESS_ENDED].contains(&event.kind.as_str()) && self.recent.is_whole {
                self.pictured(app, event, now).await;
            }
        }
    }

    /// Somebody wrote on the boards.
    async fn rewritten(&mut self, app: &App, event: &CommittedEvent, now: Millis) {
        match app.board_content(self.hall.site().as_str()).await {
            Ok(content) => self.content = content,
            Err(error) => return tracing::error!(seq = event.seq, %error, "feed cannot read what stands on the boards"),
        }
        self.shown = self.content.shown(now);
        self.push_board(event.seq, &event.kind, &rfc3339(now));
        self.push_rest(event.seq, now);
    }

    /// Somebody has another photo, or none.
    async fn pictured(&mut self, app: &App, event: &CommittedEvent, now: Millis) {
        let Ok(rows) = app.stores.staff.all_staff().await else {
            return tracing::error!(seq = event.seq, "feed cannot read the photos of staff");
        };
        self.names.photos = rows.iter().filter_map(|staff| Some((staff.id.clone(), photo_of(staff)?))).collect();
        self.push_windows(event.seq, &event.kind, &rfc3339(now));
    }

    /// The hall has another name: whoever looks gets the state anew, since no change of a view tells of it.
    fn renamed(&mut self, event: &CommittedEvent, now: Millis) {
        let body: Value = serde_json::from_str(&event.body).unwrap_or_default();
        let Some(name) = body["name"].as_str().filter(|name| *name != self.site_name) else { return };
        self.site_name = name.to_owned();
        if let Some(board) = self.board.get() {
            board.state = whole_board(&self.site_name, &self.hall, &self.recent.calls, &self.shown);
            let state = board.state.clone();
            board.push(event.seq, |epoch, seq, _| Frame::<BoardState, Value>::Snapshot { epoch, seq, state });
        }
        if let Some(desk) = self.desk.get() {
            let projection = DeskProjection { site_name: &self.site_name, hall: &self.hall, names: &self.names, recent: &self.recent, now };
            desk.state = json!(projection.state());
            let state = desk.state.clone();
            desk.push(event.seq, |epoch, seq, _| Frame::<Value, Value>::Snapshot { epoch, seq, state });
        }
        if let Some(kiosk) = self.kiosk.get() {
            kiosk.state = kiosk_state(&self.site_name, &self.hall, now);
            let state = kiosk.state.clone();
            kiosk.push(event.seq, |epoch, seq, _| Frame::<KioskState, Value>::Snapshot { epoch, seq, state });
        }
    }

    fn take_hall(&mut self, seq: i64, event: &Event, now: Millis) {
        let before = self.hall.clone();
        let left = self.hall.evolve(event);
        let ticket = left.or_else(|| event.ticket_id().and_then(|id| self.hall.ticket(id)).cloned());
        if matches!(event.fact, Fact::DayOpened { .. }) {
            // What was written about tickets ended with them; a call for help may go on.
            let open: Vec<String> = self.hall.windows().filter_map(|window| window.help.as_ref()?.reason.clone()).collect();
            self.names.texts.retain(|id, _| open.contains(id));
        }
        self.recent.take(ticket.as_ref(), event);
        let at = rfc3339(event.at);
        self.push_board(seq, event.kind(), &at);
        self.push_desk(seq, event, ticket.as_ref(), &before, &at, now);
        self.push_windows(seq, event.kind(), &at);
        if matches!(event.fact, Fact::HallConfigured { .. }) {
            self.push_rest(seq, now);
        }
        if event.ticket_id().is_none() {
            self.push_kiosk(seq, event.kind(), &at, now);
        }
    }

    fn push_desk(&mut self, seq: i64, event: &Event, ticket: Option<&Ticket>, before: &Hall, at: &str, now: Millis) {
        let Some(desk) = self.desk.get() else { return };
        let projection = DeskProjection { site_name: &self.site_name, hall: &self.hall, names: &self.names, recent: &self.recent, now };
        if matches!(event.fact, Fact::DayOpened { .. } | Fact::HallConfigured { .. }) {
            // Lists lose entries: everybody gets the state.
            let state = json!(projection.state());
            desk.state = state.clone();
            desk.push(seq, |epoch, seq, _| Frame::<Value, Value>::Snapshot { epoch, seq, state });
            return;
        }
        let body = projection.event(event, ticket, before, &desk.state);
        fold_desk(&mut desk.state, &body);
        desk.push(seq, |epoch, seq, prev| Frame::<Value, Value>::Event { epoch, seq, prev, at: at.to_owned(), event: body });
    }

    fn push_board(&mut self, seq: i64, kind: &str, at: &str) {
        let Some(board) = self.board.get() else { return };
        let mut after = board_state(&self.site_name, &self.hall, &self.recent.calls, &self.shown);
        // Counts and next numbers alone go together, a few times a second.
        if !differs(&board.state, &after) {
            return;
        }
        reckon_next(&mut after, &self.hall);
        let change = board_change(kind, &board.state, &after);
        board.state = after;
        board.push(seq, |epoch, seq, prev| Frame::<Value, _>::Event { epoch, seq, prev, at: at.to_owned(), event: change });
    }

    fn push_windows(&mut self, seq: i64, kind: &str, at: &str) {
        let Some(windows) = self.windows.get() else { return };
        let mut changed = BTreeMap::new();
        for window in self.hall.windows() {
            let value = window_value(&self.hall, &window.id, &self.names, &self.recent);
            if windows.state.windows.get(window.id.as_str()) != Some(&value) {
                changed.insert(window.id.to_string(), value);
            }
        }
        if !changed.is_empty() {
            windows.state.windows.extend(changed.clone());
            let body = json!({ "type": kind, "windows": changed });
            windows.push(seq, |epoch, seq, prev| Frame::<Value, Value>::Event { epoch, seq, prev, at: at.to_owned(), event: body });
        }
    }

    /// What pads show while nobody is asked: notices, and whether the hall is open.
    fn push_rest(&mut self, seq: i64, now: Millis) {
        let (notices, opening) = (self.shown.notices.clone(), opening(&self.hall, now));
        let Some(windows) = self.windows.get() else { return };
        if (&windows.state.notices, &windows.state.opening) == (&notices, &opening) {
            return;
        }
        (windows.state.notices, windows.state.opening) = (notices.clone(), opening.clone());
        let body = json!({ "type": "rest_changed", "windows": {}, "notices": notices, "opening": opening });
        windows.push(seq, |epoch, seq, prev| Frame::<Value, Value>::Event { epoch, seq, prev, at: rfc3339(now), event: body });
    }

    fn push_kiosk(&mut self, seq: i64, kind: &str, at: &str, now: Millis) {
        let Some(kiosk) = self.kiosk.get() else { return };
        let after = kiosk_state(&self.site_name, &self.hall, now);
        if after != kiosk.state {
            let body = json!({ "type": kind, "lines": after.lines });
            kiosk.state = after;
            kiosk.push(seq, |epoch, seq, prev| Frame::<Value, Value>::Event { epoch, seq, prev, at: at.to_owned(), event: body });
        }
    }

    /// Sends what was held back: counts of the board and lines of the kiosk. Called at most four times
    /// a second.
    pub(super) fn flush(&mut self, now: Millis) {
        let seq = self.seq;
        if let Some(board) = self.board.get().filter(|board| seq > board.seq()) {
            let after = whole_board(&self.site_name, &self.hall, &self.recent.calls, &self.shown);
            let waiting = changed_counts(&board.state, &after);
            if !waiting.is_empty() {
                board.state = after;
                board.push(seq, |epoch, seq, prev| Frame::<Value, Value>::Waiting { epoch, seq, prev, waiting });
            }
        }
        if self.kiosk.get().is_some_and(|kiosk| seq > kiosk.seq()) {
            self.push_kiosk(seq, "lines_changed", &rfc3339(now), now);
        }
    }

    /// Sends what time alone changed: lines open and close with the hours of the hall, without an event.
    /// Gives up what nobody looks at any more; whether anything is left.
    pub(super) fn look(&mut self, now: Millis) -> bool {
        self.board.give_up(now);
        self.kiosk.give_up(now);
        let given_up = [self.desk.give_up(now), self.windows.give_up(now)];
        self.push_desk_lines(now);
        let shown = self.content.shown(now);
        if shown != self.shown {
            self.shown = shown;
            self.push_board(self.seq, "notices_changed", &rfc3339(now));
        }
        self.push_rest(self.seq, now);
        self.push_kiosk(self.seq, "lines_changed", &rfc3339(now), now);
        if given_up == [true, true] && self.recent.is_whole {
            self.recent = Recent { calls: std::mem::take(&mut self.recent.calls), ..Recent::default() };
            self.names = Names::default();
        }
        self.is_watched()
    }

    /// Whether there is any view.
    pub(super) fn is_watched(&mut self) -> bool {
        self.board.get().is_some() || self.desk.get().is_some() || self.kiosk.get().is_some() || self.windows.get().is_some()
    }

    fn push_desk_lines(&mut self, now: Millis) {
        let Some(desk) = self.desk.get() else { return };
        let projection = DeskProjection { site_name: &self.site_name, hall: &self.hall, names: &self.names, recent: &self.recent, now };
        let lines = projection.changed_lines(&desk.state);
        if !lines.is_empty() {
            let (body, at) = (json!({ "type": "lines_changed", "lines": lines }), rfc3339(now));
            fold_desk(&mut desk.state, &body);
            desk.push(self.seq, |epoch, seq, prev| Frame::<Value, Value>::Event { epoch, seq, prev, at, event: body });
        }
    }

    /// What a client of a view needs and the frames from then on.
    pub(super) async fn subscribe(&mut self, app: &App, view: View, after: Option<(i64, i64)>) -> Answer<Subscription> {
        self.prepare(app, view).await?;
        let now = app.now();
        Ok(match view {
            View::Board => self.board().subscribe(after),
            View::Desk => self.desk(now).subscribe(after),
            View::Kiosk => self.kiosk(now).subscribe(after),
            View::Window | View::Pad => self.windows(now).subscribe(after),
        })
    }

    pub(super) fn lines(&self, now: Millis) -> (Vec<LineView>, Opening) {
        (self.hall.lines().map(|line| line_view(&self.hall, line, now)).collect(), opening(&self.hall, now))
    }

    /// The state of a view as a frame.
    pub(super) async fn snapshot(&mut self, app: &App, view: View) -> Answer<Sent> {
        self.prepare(app, view).await?;
        let now = app.now();
        Ok(match view {
            View::Board => self.board().snapshot(),
            View::Desk => self.desk(now).snapshot(),
            View::Kiosk => self.kiosk(now).snapshot(),
            View::Window | View::Pad => self.windows(now).snapshot(),
        })
    }

    fn board(&mut self) -> &mut ViewChannel<BoardState> {
        let state = || whole_board(&self.site_name, &self.hall, &self.recent.calls, &self.shown);
        self.board.get_or_make(|| ViewChannel::new(self.epoch, self.seq, state()))
    }

    fn desk(&mut self, now: Millis) -> &mut ViewChannel<Value> {
        let projection = DeskProjection { site_name: &self.site_name, hall: &self.hall, names: &self.names, recent: &self.recent, now };
        self.desk.get_or_make(|| ViewChannel::new(self.epoch, self.seq, json!(projection.state())))
    }

    fn kiosk(&mut self, now: Millis) -> &mut ViewChannel<KioskState> {
        self.kiosk.get_or_make(|| ViewChannel::new(self.epoch, self.seq, kiosk_state(&self.site_name, &self.hall, now)))
    }

    fn windows(&mut self, now: Millis) -> &mut ViewChannel<WindowsState> {
        let (hall, names, recent, notices) = (&self.hall, &self.names, &self.recent, &self.shown.notices);
        self.windows.get_or_make(|| {
            let windows = hall.windows().map(|window| (window.id.to_string(), window_value(hall, &window.id, names, recent))).collect();
            let rest = WindowsState { windows, notices: notices.clone(), opening: opening(hall, now) };
            ViewChannel::new(self.epoch, self.seq, rest)
        })
    }
}

fn kiosk_state(site_name: &str, hall: &Hall, now: Millis) -> KioskState {
    KioskState {
        site: json!({ "id": hall.site(), "name": site_name }),
        lines: hall.lines().map(|line| line_view(hall, line, now)).collect(),
    }
}

fn window_value(hall: &Hall, id: &WindowId, names: &Names, recent: &Recent) -> Value {
    let Some(window) = hall.window(id) else { return Value::Null };
    let serving = window.serving.as_ref().and_then(|id| hall.ticket(id));
    let staff_name = window.staff().and_then(|id| names.staff.get(id.as_str()));
    // Who may be rated stays until somebody else is called there.
    let rated = recent.rated.get(id).filter(|_| serving.is_none());
    let evaluation = rated.map(|rated| json!({ "tracking_code": rated.tracking_code, "ticket_number": rated.number, "subject": "visit" }));
    json!({
        "window": { "id": window.id, "number": window.number },
        "state": window.state.name(),
        "text": window.pause_text(),
        "number": serving.map(|ticket| &ticket.number),
        "ticket_state": serving.map(|ticket| ticket.state.name()),
        "staff_name": staff_name,
        "staff_photo": photo_at(window, names),
        "evaluation": evaluation,
    })
}

/// Where a pad reads the photo of who sits at a window; another photo has another address.
fn photo_at(window: &Window, names: &Names) -> Option<String> {
    let photo = names.photos.get(window.staff()?.as_str())?;
    Some(format!("/api/v1/windows/{}/photo?v={}", window.id, photo.get(..12).unwrap_or(photo)))
}

fn photo_of(staff: &StaffRow) -> Option<String> {
    serde_json::from_str::<StaffDoc>(&staff.doc).ok()?.photo.filter(|_| staff.active)
}

/// Opens a text, if that is what an id names. One that is gone leaves the id: the feed goes on.
async fn learn_text(app: &App, site_id: &str, id: &str, texts: &mut BTreeMap<String, String>) {
    if TextId::parse(id).is_some() && !texts.contains_key(id) {
        match app.text(site_id, id).await {
            Ok(text) => drop(texts.insert(id.to_owned(), text)),
            Err(error) => tracing::warn!(site_id, id, %error, "a reason cannot be opened"),
        }
    }
}

/// What people wrote about what goes on now.
async fn written(app: &App, site_id: &str, hall: &Hall, recent: &Recent) -> BTreeMap<String, String> {
    let aside = hall.tickets().filter_map(|ticket| match &ticket.state {
        TicketState::Parked { reason, .. } | TicketState::Missed { reason, .. } => reason.clone(),
        _ => None,
    });
    let help = hall.windows().filter_map(|window| window.help.as_ref()?.reason.clone());
    let calls = recent.reasons.values().filter_map(|reason| Some(reason.figures["reason"].as_str()?.to_owned()));
    let mut texts = BTreeMap::new();
    for id in aside.chain(help).chain(calls).collect::<Vec<_>>() {
        learn_text(app, site_id, &id, &mut texts).await;
    }
    texts
}

async fn names(app: &App, site_id: &str) -> Answer<Names> {
    let matters = app.catalogue_rows(site_id).await?;
    let staff = app.stores.staff.all_staff().await?;
    Ok(Names {
        matters: matters.into_iter().map(|matter| (matter.id, matter.name)).collect(),
        photos: staff.iter().filter_map(|staff| Some((staff.id.clone(), photo_of(staff)?))).collect(),
        staff: staff.into_iter().map(|staff| (staff.id, staff.name)).collect(),
        texts: BTreeMap::new(),
    })
}
