//! The hall's keeper: while the line to the server is up it follows the hall, and decides about it when the
//! line is cut, by the same rules (`domain::hall`) and under the lease of `domain::keeper`.
//!
//! Architecture Invariant: the core here knows neither sockets nor pages; it is given what the session
//! heard, what somebody in the hall asks for and the time, so that it also runs in a simulation. Nothing is
//! answered before it lies in the journal.

mod answer;
pub mod api;
pub mod bag;
mod board;
mod bookings;
mod decide;
mod device_socket;
pub mod export;
mod follow;
mod journal;
pub mod lan;
mod neighbours;
mod pins;
mod prints;
mod standby;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::hall::{Command, Event, Fact, Hall, Ticket};
use domain::ids::{AppointmentId, TicketId};
use domain::keeper::KeeperLease;
use domain::time::Millis;
use edge::clock::HallClock;
use edge::seal::Seal;
use edge::spool::SpoolError;
use protocol::calls::Calls;
use protocol::device::{DeviceKind, KioskLine, Opening};
use protocol::keeper::{EntryRetry, EntryText, HallSnapshot, House, KeeperTrouble, KeptBooking};
use protocol::keeper_clock::ClockText;
use protocol::slip::{PaperState, PrinterStatus};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

pub use decide::{RetryKey, Who, fresh_ticket};
pub use journal::{JOURNAL_FILE, Journal, sha256_hex};
pub use neighbours::Neighbour;
pub use pins::PinSession;
pub use prints::Print;
pub use standby::{Standby, TakeOverWish};

/// What is kept under these names.
const HALL: &str = "hall";
const HOUSE: &str = "house";
const BOOKINGS: &str = "bookings";
const OFFICE: &str = "office";
const LOST: &str = "lost";

/// The office as last known, over a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Office {
    /// Term; 0 before the first appointment.
    term: u64,
    /// Letters of the own series.
    series: String,
    /// Whether this device is the keeper, as far as it knows.
    is_keeper: bool,
    /// Whether it was deciding.
    is_deciding: bool,
    /// The own device id.
    device_id: String,
    /// The site.
    site_id: String,
    /// The term of the keeper from which this device took over by a person's word, until the server knows of it.
    #[serde(default)]
    took_over: Option<u64>,
    /// The newest entry of terms before this one.
    #[serde(default)]
    begins_behind: u64,
}

/// How the keeper is, for pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeeperState {
    /// Whether this device is the keeper of its hall.
    pub is_keeper: bool,
    /// Whether it decides now.
    pub is_deciding: bool,
    /// Whether the line to the server is up.
    pub online: bool,
    /// Entries that the server has not taken.
    pub unsent: u64,
    /// Version of the hall that it knows.
    pub version: u64,
    /// Letters of the own series.
    pub series: String,
    /// What hinders it.
    pub trouble: Option<KeeperTrouble>,
    /// The hall.
    pub site_id: String,
    /// Its name.
    pub site_name: String,
    /// Where the hall reaches it.
    pub address: Option<String>,
    /// Whether a person can let this device take over.
    pub standby: Standby,
}

/// The keeper; clones share it.
#[derive(Clone)]
pub struct Keeper(Arc<Shared>);

struct Shared {
    clock: HallClock,
    /// The machine's own clock, UTC milliseconds: whether it is right is told to people.
    machine_ms: fn() -> Millis,
    origin: Instant,
    address: Option<String>,
    inner: Mutex<Inner>,
    /// Grows with every change that somebody may show.
    changes: watch::Sender<u64>,
    pins: pins::Pins,
    presence: device_socket::Presence,
}

struct Inner {
    journal: Journal,
    office: Office,
    house: House,
    /// The appointments of today and tomorrow, as told.
    bookings: Vec<KeptBooking>,
    /// Numbers that were given here for appointments, since the hall was told.
    checked_in: BTreeMap<AppointmentId, TicketId>,
    /// How the printers that are connected here are.
    printers: BTreeMap<String, PrinterStatus>,
    hall: Option<Hall>,
    /// Tickets that ended since the hall was told, so that what is asked of them is refused by the rules.
    ended: BTreeMap<TicketId, Ticket>,
    calls: Calls,
    lease: KeeperLease,
    online: bool,
    /// Another kiosk keeps the hall, and this one is connected to it.
    is_beside: bool,
    /// When this one was last connected to another keeper.
    beside_at: Option<Millis>,
    /// Since when neither the server nor another keeper is heard, or the start of the program.
    alone_since: Millis,
    /// The line of each matter, for numbers of other kiosks.
    line_of: BTreeMap<String, String>,
    /// The hall was told on this connection, and nothing was missed since.
    in_step: bool,
    /// The hall was told while it could not be taken over from there: it is asked for again.
    hall_missed: bool,
    /// What was answered under keys, since the hall was told.
    answers: BTreeMap<String, EntryRetry>,
    /// Entries up to here were sent on this connection.
    sent: u64,
    /// The server has everything up to here.
    taken: u64,
    /// Since when nothing was taken although something was sent.
    sent_at: Millis,
    /// When the service was asked for slips that it has not answered for.
    reprints_at: Option<Millis>,
    trouble: Option<KeeperTrouble>,
    /// How far the machine's clock was behind the hall when this program started, in milliseconds; 0 where it was not.
    slow_ms: Millis,
    /// The first entry that is decided by the clock of now: since this program started, or since the server set it.
    clock_from: u64,
    /// The journal was damaged when this program opened it.
    was_damaged: bool,
    /// When it was last tried whether the disk takes something again.
    tried_at: Millis,
    /// What the server was told last.
    told: Option<(bool, u64, Option<KeeperTrouble>)>,
    revision: u64,
}

/// No hour comes twice: where the machine's clock is behind what happened in the hall, the hall's time goes on from there
/// until the server says better. How far it was behind, in milliseconds.
fn not_before_the_hall(clock: &HallClock, hall: Option<&Hall>) -> Millis {
    let behind_ms = hall.map_or(0, |hall| hall.doc().recorded_at - clock.now_ms()).max(0);
    if behind_ms > 0 {
        clock.set(clock.now_ms() + behind_ms);
    }
    behind_ms
}

impl Keeper {
    /// A keeper with what its journal holds; `address` is where the hall reaches it. Call it inside a
    /// tokio runtime.
    ///
    /// # Errors
    /// The data folder cannot be used.
    pub fn open(folder: &Path, seal: Seal, clock: HallClock, address: Option<String>) -> Result<Self, SpoolError> {
        Self::open_beside(folder, seal, clock, address, || HallClock::of_machine().now_ms())
    }

    /// The same beside a clock of the machine, UTC milliseconds, that is given.
    ///
    /// # Errors
    /// The data folder cannot be used.
    pub fn open_beside(
        folder: &Path,
        seal: Seal,
        clock: HallClock,
        address: Option<String>,
        machine_ms: fn() -> Millis,
    ) -> Result<Self, SpoolError> {
        let (journal, was_damaged) = Journal::open(folder, seal)?;
        if was_damaged {
            // Kept until the server knows: it gives fresh letters, because nobody knows which numbers were given.
            journal.keep(LOST, &true)?;
        }
        let office: Office = journal.known(OFFICE)?.unwrap_or_default();
        let lease = if office.is_deciding { KeeperLease::deciding() } else { KeeperLease::following(0) };
        let mut inner = Inner {
            house: journal.known(HOUSE)?.unwrap_or_default(),
            bookings: journal.known(BOOKINGS)?.unwrap_or_default(),
            checked_in: BTreeMap::new(),
            printers: BTreeMap::new(),
            office,
            hall: None,
            ended: BTreeMap::new(),
            calls: Calls::default(),
            lease,
            online: false,
            is_beside: false,
            beside_at: None,
            alone_since: 0,
            line_of: BTreeMap::new(),
            in_step: false,
            hall_missed: false,
            answers: BTreeMap::new(),
            sent: 0,
            taken: 0,
            sent_at: 0,
            // What was asked for before a restart is asked for again.
            reprints_at: Some(0),
            trouble: None,
            slow_ms: 0,
            clock_from: journal.newest() + 1,
            was_damaged,
            tried_at: 0,
            told: None,
            revision: 0,
            journal,
        };
        inner.read_hall()?;
        inner.slow_ms = not_before_the_hall(&clock, inner.hall.as_ref());
        if inner.office.is_deciding && inner.is_clock_odd(clock.now_ms()) {
            inner.trouble = Some(KeeperTrouble::ClockWrong);
        }
        let shared = Shared {
            clock,
            machine_ms,
            origin: Instant::now(),
            address,
            inner: Mutex::new(inner),
            changes: watch::Sender::new(0),
            pins: pins::Pins::default(),
            presence: device_socket::Presence::default(),
        };
        Ok(Self(Arc::new(shared)))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Monotonic milliseconds of this program.
    fn steady_ms(&self) -> Millis {
        Millis::try_from(self.0.origin.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    /// The hall's time, UTC milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> Millis {
        self.0.clock.now_ms()
    }

    /// Whether this device decides about the hall now.
    #[must_use]
    pub fn is_deciding(&self) -> bool {
        self.inner().decides()
    }

    /// Whether the hall's requests go to the server: the line is up and the service decides.
    #[must_use]
    pub fn passes_through(&self) -> bool {
        let inner = self.inner();
        inner.online && !inner.decides()
    }

    /// Follows every change.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    fn changed(&self, inner: &mut Inner) {
        inner.revision += 1;
        self.0.changes.send_replace(inner.revision);
    }

    /// How it is.
    #[must_use]
    pub fn state(&self) -> KeeperState {
        let inner = self.inner();
        KeeperState {
            is_keeper: inner.office.is_keeper,
            is_deciding: inner.decides(),
            online: inner.online,
            unsent: inner.journal.unsent().unwrap_or(0),
            version: inner.hall.as_ref().map_or(0, Hall::version),
            series: inner.office.series.clone(),
            trouble: inner.trouble(),
            site_id: inner.office.site_id.clone(),
            site_name: inner.house.site_name.clone(),
            address: self.0.address.clone(),
            standby: inner.standby(self.steady_ms()),
        }
    }

    /// The hall as this device knows it.
    #[must_use]
    pub fn hall(&self) -> Option<Hall> {
        self.inner().hall.clone()
    }

    /// The lines as the kiosk offers them.
    #[must_use]
    pub fn lines(&self) -> Vec<KioskLine> {
        let now = self.now_ms();
        self.hall().map(|hall| hall.lines().map(|line| answer::kiosk_line(&hall, line, now)).collect()).unwrap_or_default()
    }

    /// When the hall is open; `None` while the keeper knows no hall.
    #[must_use]
    pub fn opening(&self) -> Option<Opening> {
        let now = self.now_ms();
        self.hall().map(|hall| protocol::hall::opening(&hall, now))
    }

    /// What the hall needs besides.
    #[must_use]
    pub fn house(&self) -> House {
        self.inner().house.clone()
    }

    /// The state of the printer beside the kiosk while the hall is kept here: of several the best. `None` before the first
    /// one came; the inner `None` where the hall has none.
    #[must_use]
    pub fn printer(&self) -> Option<Option<PrinterStatus>> {
        let inner = self.inner();
        if inner.house.devices.iter().all(|device| device.kind != DeviceKind::Printer) {
            return Some(None);
        }
        let rank = |status: &&PrinterStatus| (status.obstacle().is_some(), status.paper != PaperState::Ok);
        inner.printers.values().min_by_key(rank).copied().map(Some)
    }

    /// Slips that no printer told the end of.
    ///
    /// # Errors
    /// The journal refused.
    pub fn unprinted(&self) -> Result<Vec<Print>, SpoolError> {
        self.inner().journal.unprinted()
    }
}

impl Inner {
    /// What hinders it now; that the journal was damaged is told as long as this program runs, and after what is worse.
    fn trouble(&self) -> Option<KeeperTrouble> {
        self.trouble.or(self.was_damaged.then_some(KeeperTrouble::JournalDamaged))
    }

    fn decides(&self) -> bool {
        self.office.is_keeper && self.lease.is_deciding() && self.hall.is_some()
    }

    /// The hall from what lies in the journal: as told, what was heard since, what was decided since.
    fn read_hall(&mut self) -> Result<(), SpoolError> {
        let Some(HallSnapshot { doc, windows, tickets }) = self.journal.known(HALL)? else { return Ok(()) };
        self.hall = Some(Hall::from_parts(doc, windows, tickets));
        for events in self.journal.followed::<Vec<Event>>()? {
            events.iter().for_each(|event| self.take_in(event));
        }
        let mut after = 0;
        loop {
            let entries = self.journal.entries_after(after, 200)?;
            let Some(last) = entries.last() else { return Ok(()) };
            after = last.number;
            for entry in entries {
                if ClockText::read(&entry.text).is_some() {
                    continue;
                }
                let text: EntryText = serde_json::from_str(&entry.text)?;
                text.decision.events.iter().for_each(|event| self.take_in(event));
                self.note_check_in(&text);
                if let Some(retry) = text.retry {
                    self.answers.insert(retry.key_hash.clone(), retry);
                }
            }
        }
    }

    /// A day begins while the line is up: what led here is the hall as it is, so that nothing grows from day to day.
    fn begin_day(&mut self) -> Result<(), SpoolError> {
        let Some((doc, windows, tickets)) = self.hall.as_ref().map(Hall::parts).filter(|_| self.journal.unsent().is_ok_and(|n| n == 0))
        else {
            return Ok(());
        };
        self.journal.forget_prints()?;
        self.begin(HallSnapshot { doc, windows, tickets })
    }

    fn begin(&mut self, mut snapshot: HallSnapshot) -> Result<(), SpoolError> {
        self.keep_own_serials(&mut snapshot.doc);
        self.journal.begin_hall(&snapshot)?;
        if self.hall.as_ref().is_none_or(|hall| hall.doc().business_date != snapshot.doc.business_date) {
            self.calls = Calls::default();
        }
        self.hall = Some(Hall::from_parts(snapshot.doc, snapshot.windows, snapshot.tickets));
        self.ended.clear();
        self.answers.clear();
        self.checked_in.clear();
        Ok(())
    }

    /// The server said what becomes of this device after it was told that its journal was lost.
    fn found(&self) -> Result<(), SpoolError> {
        if self.journal.known(LOST)?.unwrap_or(false) { self.journal.keep(LOST, &false) } else { Ok(()) }
    }

    fn note_check_in(&mut self, text: &EntryText) {
        if let (Some(check_in), Command::Issue(new)) = (&text.check_in, &text.decision.command) {
            self.checked_in.insert(check_in.appointment_id.clone(), new.ticket_id.clone());
        }
    }

    fn take_in(&mut self, event: &Event) {
        let Some(hall) = &mut self.hall else { return };
        let number = event.ticket_id().and_then(|id| hall.ticket(id)).map(|ticket| ticket.number.clone());
        self.calls.take(number.as_deref(), event);
        if matches!(event.fact, Fact::DayOpened { .. }) {
            // Whoever asks for a ticket of another day is told that there is none.
            self.ended.clear();
        }
        if let Some(ended) = hall.evolve(event) {
            self.ended.insert(ended.id.clone(), ended);
        }
    }

    fn keep_office(&self) -> Result<(), SpoolError> {
        self.journal.keep(OFFICE, &self.office)
    }
}
