//! The traits and values of the store's border.

mod upstream;

pub use upstream::UpstreamStore;

use async_trait::async_trait;
use domain::time::Millis;
use std::sync::Arc;

use super::assistances::AssistanceStore;
use super::first_contacts::FirstContactStore;
use super::keepers::KeeperStore;
use super::people::PeopleStore;
use super::rows::*;

mod catalogue;
mod files;
mod persons;

pub use catalogue::CatalogueStore;
pub use files::FileStore;
pub use persons::PersonStore;

/// What can go wrong below the border.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or is away.
    #[error("database: {0}")]
    Database(String),
    /// Stored data contradicts itself.
    #[error("inconsistent {table}.{column} at {row}")]
    Inconsistent {
        /// Table name.
        table: &'static str,
        /// Column name.
        column: String,
        /// Key of the row.
        row: String,
    },
    /// An expected version has moved on: read again and decide again.
    #[error("conflict on {0}")]
    Conflict(String),
    /// A row with the same key or unique value is there already.
    #[error("duplicate in {0}")]
    Duplicate(String),
    /// Too much is waiting.
    #[error("busy")]
    Busy,
}

/// Result of a store call.
pub type Stored<T> = Result<T, StoreError>;

/// A version a change-set was decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// The hall of the change-set's site; 0 for none yet.
    Hall(i64),
    /// A case; 0 for none yet.
    Case(String, i64),
    /// A counter's value; 0 for none yet.
    Counter(String, i64),
    /// The loop after a negative rating; 0 for none yet.
    FollowUp(String, i64),
    /// A complaint; 0 for none yet.
    Complaint(String, i64),
    /// A case that the platform above handles; 0 for none yet.
    UpstreamCase(String, i64),
    /// When an alert was raised; 0 for one that was not.
    Alert(String, i64),
}

/// An event before it has its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// `hall`, `case`, `site`, `person`, `certificate`, `device`, `evaluation`, `complaint`, …
    pub aggregate: &'static str,
    /// Id of the aggregate.
    pub aggregate_id: String,
    /// Type of the event.
    pub kind: String,
    /// Id of the member of staff or device, `system` or `citizen`.
    pub actor: String,
    /// Recorded at, UTC milliseconds.
    pub at: Millis,
    /// Body as JSON, free of personal data.
    pub body: String,
}

/// Rows and events that become true together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// The site whose log is written.
    pub site_id: String,
    /// Versions this was decided on.
    pub expect: Vec<Expect>,
    /// Events for the log, in order.
    pub events: Vec<NewEvent>,
    /// Rows to write; a later row with the same key replaces an earlier one.
    pub rows: Vec<Row>,
}

impl ChangeSet {
    /// An empty change-set of a site.
    #[must_use]
    pub fn new(site_id: impl Into<String>) -> Self {
        Self { site_id: site_id.into(), expect: Vec::new(), events: Vec::new(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, row: impl Into<Row>) {
        self.rows.push(row.into());
    }
}

/// Where a change-set's events stand in the site's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Epoch of the log.
    pub epoch: i64,
    /// `seq` of the first event; of the last one before it when there are none.
    pub first_seq: i64,
    /// `seq` of the last event.
    pub last_seq: i64,
}

/// An event as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Site of the log.
    pub site_id: String,
    /// Epoch of the log.
    pub epoch: i64,
    /// Position, from 1 without gaps.
    pub seq: i64,
    /// See [`NewEvent::aggregate`].
    pub aggregate: String,
    /// Id of the aggregate.
    pub aggregate_id: String,
    /// Type of the event.
    pub kind: String,
    /// Who.
    pub actor: String,
    /// Recorded at.
    pub at: Millis,
    /// Body as JSON.
    pub body: String,
    /// HMAC over the previous hash and this event.
    pub hash: Vec<u8>,
}

/// The head of a site's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHead {
    /// Epoch of the log.
    pub epoch: i64,
    /// Last position.
    pub seq: i64,
    /// Hash of the last event.
    pub hash: Vec<u8>,
}

/// The one way in which rows and events are written together.
#[async_trait]
pub trait CommitStore: Send + Sync {
    /// Commits all change-sets in one transaction or none of them. When this returns, everything is
    /// on disk.
    async fn commit(&self, group: &[ChangeSet]) -> Stored<Vec<Receipt>>;
    /// Whether one commit may span sites (it may not where several processes write).
    fn spans_sites(&self) -> bool;
    /// A turn at the log of a site; `None` where only this process writes, which needs none.
    async fn turn(&self, _site_id: &str) -> Stored<Option<Box<dyn Turn>>> {
        Ok(None)
    }
    /// Answers when the store can serve.
    async fn ping(&self) -> Stored<()>;
}

/// A turn at the log of one site: until it is committed or dropped nobody else writes that log, so that
/// what is decided on what is read here cannot conflict. Whoever waits for a turn waits in the database.
#[async_trait]
pub trait Turn: Send {
    /// Version of the site's hall; 0 when there is none.
    async fn hall_version(&mut self) -> Stored<i64>;
    /// The newest events of the site's hall, oldest first, at most this many.
    async fn newest_hall_events(&mut self, count: i64) -> Stored<Vec<LoggedEvent>>;
    /// The first outcomes behind these key hashes.
    async fn outcomes(&mut self, key_hashes: &[Vec<u8>]) -> Stored<Vec<IdempotencyRow>>;
    /// Commits change-sets of this site in one transaction or none of them, and ends the turn.
    async fn commit(self: Box<Self>, group: &[ChangeSet]) -> Stored<Vec<Receipt>>;
}

/// Hints that a log went on, from every process that writes.
#[async_trait]
pub trait Hints: Send {
    /// The site of the next one.
    async fn next(&mut self) -> Stored<String>;
}

/// The append-only log.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Hints from other processes; `None` where only this one writes.
    async fn hints(&self) -> Stored<Option<Box<dyn Hints>>>;
    /// Events of a site after a position, oldest first.
    async fn events_after(&self, site_id: &str, after: i64, limit: i64) -> Stored<Vec<LoggedEvent>>;
    /// Head of a site's log; `None` for an unknown site.
    async fn head(&self, site_id: &str) -> Stored<Option<LogHead>>;
    /// Events of one aggregate, oldest first.
    async fn events_of(&self, site_id: &str, aggregate: &str, aggregate_id: &str) -> Stored<Vec<LoggedEvent>>;
    /// The newest event of a kind at or before an instant.
    async fn newest_of_kind(&self, site_id: &str, kind: &str, at: i64) -> Stored<Option<LoggedEvent>>;
    /// The newest event of one aggregate at or before an instant.
    async fn newest_of(&self, site_id: &str, aggregate: &str, aggregate_id: &str, at: i64) -> Stored<Option<LoggedEvent>>;
    /// Every site that has a log or an event, whether or not the site itself is still there.
    async fn logged_sites(&self) -> Stored<Vec<String>>;
}

/// Everything of a hall at one moment: rows and the head of the log that made them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HallRows {
    /// Head of the site's log; `None` before its first event.
    pub head: Option<LogHead>,
    /// The hall's row.
    pub hall: Option<HallRow>,
    /// Its windows by number.
    pub windows: Vec<WindowRow>,
    /// Its tickets that go on; those that ended are read where they are asked for.
    pub tickets: Vec<TicketRow>,
}

/// The hall: document, windows and tickets.
#[async_trait]
pub trait HallStore: Send + Sync {
    /// The whole hall as one commit left it, never half of one and half of the next.
    async fn hall_whole(&self, site_id: &str) -> Stored<HallRows>;
    /// The hall's row.
    async fn hall(&self, site_id: &str) -> Stored<Option<HallRow>>;
    /// Version of the hall's row; 0 when there is none.
    async fn hall_version(&self, site_id: &str) -> Stored<i64>;
    /// The sites whose hall time alone has changed by now, those due first first.
    async fn halls_due(&self, now: Millis) -> Stored<Vec<String>>;
    /// Its windows by number.
    async fn windows(&self, site_id: &str) -> Stored<Vec<WindowRow>>;
    /// Tickets of one business date and unfinished ones of earlier dates.
    async fn tickets_of_day(&self, site_id: &str, business_date: &str) -> Stored<Vec<TicketRow>>;
    /// One ticket.
    async fn ticket(&self, site_id: &str, id: &str) -> Stored<Option<TicketRow>>;
    /// The ticket behind a tracking code.
    async fn ticket_by_tracking(&self, code: &str) -> Stored<Option<TicketRow>>;
    /// The ticket behind a short code of a site on a business date.
    async fn ticket_by_short(&self, site_id: &str, business_date: &str, code: &str) -> Stored<Option<TicketRow>>;
    /// Intervals of a ticket in order.
    async fn intervals_of(&self, site_id: &str, ticket_id: &str) -> Stored<Vec<IntervalRow>>;
    /// Intervals of the business dates `from..=to`.
    async fn intervals_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<IntervalRow>>;
    /// Tickets of the business dates `from..=to`.
    async fn tickets_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<TicketRow>>;
}

/// Requests that were answered.
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// The first outcomes behind these key hashes.
    async fn outcomes(&self, key_hashes: &[Vec<u8>]) -> Stored<Vec<IdempotencyRow>>;
    /// Forgets what may be forgotten.
    async fn forget_before(&self, now: Millis) -> Stored<u64>;
}

/// Side effects that are owed.
#[async_trait]
pub trait OutboxStore: Send + Sync {
    /// Claims due rows of these kinds until `lease_until`; no row is claimed by two.
    async fn claim(&self, kinds: &[&str], target: Option<&str>, now: Millis, lease_until: Millis, limit: i64) -> Stored<Vec<OutboxRow>>;
    /// Gives due rows of a kind that are addressed to `from` to `to`; no row is given to two.
    async fn assign(&self, kind: &str, from: &str, to: &str, now: Millis, limit: i64) -> Stored<Vec<OutboxRow>>;
    /// Rows of a kind addressed to one receiver that are not ended, oldest first.
    async fn owed(&self, kind: &str, target: &str, limit: i64) -> Stored<Vec<OutboxRow>>;
    /// One row.
    async fn outbox(&self, site_id: &str, id: &str) -> Stored<Option<OutboxRow>>;
    /// Ends a row, or gives it back for `not_before`, unless it is done already.
    async fn settle(&self, row: &OutboxRow) -> Stored<()>;
    /// Rows of a site by kind, newest first.
    async fn outbox_of(&self, site_id: &str, kind: &str, limit: i64) -> Stored<Vec<OutboxRow>>;
    /// How many rows that are not done there are, by kind and state.
    async fn outbox_depth(&self) -> Stored<Vec<(String, String, i64)>>;
}

/// Sites and what belongs to them.
#[async_trait]
pub trait SiteStore: Send + Sync {
    /// All sites.
    async fn sites(&self) -> Stored<Vec<SiteRow>>;
    /// Departments of the whole system.
    async fn departments(&self) -> Stored<Vec<DepartmentRow>>;
    /// Years of the calendar.
    async fn calendar_years(&self) -> Stored<Vec<CalendarRow>>;
    /// A counter's value; 0 when there is none.
    async fn counter(&self, site_id: &str, name: &str) -> Stored<i64>;
    /// Forgets a practice hall whole, its log with it; tells how many rows there were. Any other site is left alone.
    async fn forget_practice(&self, practice_id: &str) -> Stored<u64>;
}

/// Devices and their pairing.
#[async_trait]
pub trait DeviceStore: Send + Sync {
    /// The device behind a token hash.
    async fn device_by_token(&self, token_hash: &[u8]) -> Stored<Option<DeviceRow>>;
    /// One device.
    async fn device(&self, site_id: &str, id: &str) -> Stored<Option<DeviceRow>>;
    /// Devices of a site.
    async fn devices(&self, site_id: &str) -> Stored<Vec<DeviceRow>>;
    /// Notes that a device was seen and how it is.
    async fn seen(&self, site_id: &str, id: &str, at: Millis, status: &str) -> Stored<()>;
    /// The newest picture of what a display shows.
    async fn device_picture(&self, site_id: &str, device_id: &str) -> Stored<Option<DevicePictureRow>>;
    /// Uses a pairing code: it is good once and before its end.
    async fn use_pairing(&self, code_hash: &[u8], now: Millis) -> Stored<Option<PairingRow>>;
}

/// Staff and their sessions.
#[async_trait]
pub trait StaffStore: Send + Sync {
    /// The account behind a user name.
    async fn staff_by_username(&self, username: &str) -> Stored<Option<StaffRow>>;
    /// One member of staff.
    async fn staff(&self, site_id: &str, id: &str) -> Stored<Option<StaffRow>>;
    /// All members of staff.
    async fn all_staff(&self) -> Stored<Vec<StaffRow>>;
    /// Sets the count of failures and the end of a lock-out.
    async fn set_failures(&self, site_id: &str, id: &str, failures: i64, locked_until: Millis) -> Stored<()>;
    /// A session begins.
    async fn add_session(&self, session: &SessionRow) -> Stored<()>;
    /// The session behind a cookie's hash.
    async fn session(&self, token_hash: &[u8]) -> Stored<Option<SessionRow>>;
    /// The session was used.
    async fn touch_session(&self, token_hash: &[u8], at: Millis) -> Stored<()>;
    /// The session goes on in a practice hall, or in the real one again.
    async fn set_practice(&self, token_hash: &[u8], practice_id: Option<&str>) -> Stored<()>;
    /// The session ends.
    async fn end_session(&self, token_hash: &[u8]) -> Stored<()>;
    /// Every session of a member of staff ends, but for one that may be named.
    async fn end_sessions_of(&self, site_id: &str, staff_id: &str, but: Option<&[u8]>) -> Stored<()>;
}

/// The house as a whole.
#[async_trait]
pub trait HouseStore: Send + Sync {
    /// The master keys that sealed rows name, in order.
    async fn sealed_key_ids(&self) -> Stored<Vec<String>>;
    /// `sqlite`, `postgresql` or `memory`.
    fn kind(&self) -> &'static str;
    /// Bytes that the database takes; `None` when it lies nowhere.
    async fn size_bytes(&self) -> Stored<Option<i64>>;
}

/// Which cases a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Sites whose cases are shown.
    pub site_ids: Vec<String>,
    /// Only these states; none named is all.
    pub states: Vec<String>,
    /// Only these departments: those that cases are routed to, and those whose step they stand at.
    pub departments: Option<Vec<String>>,
    /// Only open ones.
    pub open: bool,
    /// Only those that were taken on paper first.
    pub entered_late: bool,
    /// Continue after this id.
    pub after: Option<String>,
    /// At most this many.
    pub limit: i64,
}

/// Cases and certificates.
#[async_trait]
pub trait CaseStore: Send + Sync {
    /// One case.
    async fn case(&self, site_id: &str, id: &str) -> Stored<Option<CaseRow>>;
    /// Cases by filter, by id.
    async fn cases(&self, filter: &CaseFilter) -> Stored<Vec<CaseRow>>;
    /// Cases behind a tracking code.
    async fn cases_by_tracking(&self, code: &str) -> Stored<Vec<CaseRow>>;
    /// Cases of a site whose applicant is one of these entries, by id.
    async fn cases_by_applicants(&self, site_id: &str, person_ids: &[String]) -> Stored<Vec<CaseRow>>;
    /// Cases of a site that were received before `to` and not closed before `from`.
    async fn cases_open_between(&self, site_id: &str, from: Millis, to: Millis) -> Stored<Vec<CaseRow>>;
    /// The case with a number.
    async fn case_by_number(&self, number: &str) -> Stored<Option<CaseRow>>;
    /// Several cases as one.
    async fn bundle_case(&self, site_id: &str, id: &str) -> Stored<Option<BundleCaseRow>>;
    /// One certificate.
    async fn certificate(&self, site_id: &str, id: &str) -> Stored<Option<CertificateRow>>;
    /// Certificates of a site.
    async fn certificates(&self, site_id: &str) -> Stored<Vec<CertificateRow>>;
    /// Messages about a case or an appointment.
    async fn notifications(&self, site_id: &str, about_id: &str) -> Stored<Vec<NotificationRow>>;
    /// One message.
    async fn notification(&self, site_id: &str, id: &str) -> Stored<Option<NotificationRow>>;
    /// Alerts of a site that are not settled.
    async fn alerts(&self, site_id: &str) -> Stored<Vec<AlertRow>>;
    /// Alerts of all sites and of these kinds that are not settled.
    async fn open_alerts(&self, kinds: &[&str]) -> Stored<Vec<AlertRow>>;
    /// One alert, settled or not.
    async fn alert(&self, site_id: &str, id: &str) -> Stored<Option<AlertRow>>;
}

/// Ratings.
#[async_trait]
pub trait EvaluationStore: Send + Sync {
    /// Ratings behind a tracking code.
    async fn evaluations_by_tracking(&self, code: &str) -> Stored<Vec<EvaluationRow>>;
    /// Ratings of a site in `from..to`.
    async fn evaluations_between(&self, site_id: &str, from: Millis, to: Millis) -> Stored<Vec<EvaluationRow>>;
    /// A rating.
    async fn evaluation(&self, site_id: &str, id: &str) -> Stored<Option<EvaluationRow>>;
    /// The loop after a negative rating.
    async fn follow_up(&self, site_id: &str, id: &str) -> Stored<Option<FollowUpRow>>;
    /// The loops of a site opened since an instant, the newest first.
    async fn follow_ups(&self, site_id: &str, since: Millis) -> Stored<Vec<FollowUpRow>>;
    /// The loops behind a tracking code.
    async fn follow_ups_by_tracking(&self, code: &str) -> Stored<Vec<FollowUpRow>>;
    /// Loops that time may have something to tell about, by instant; those after `seen`.
    async fn follow_ups_watched(&self, now: Millis, seen: Option<&FollowUpRow>, limit: i64) -> Stored<Vec<FollowUpRow>>;
    /// Open loops and complaints of one site or all are looked at anew: they stand under other rules.
    async fn follow_ups_watched_anew(&self, site_id: Option<&str>) -> Stored<()>;
    /// A complaint.
    async fn complaint(&self, site_id: &str, id: &str) -> Stored<Option<ComplaintRow>>;
    /// A complaint by its number.
    async fn complaint_by_number(&self, number: &str) -> Stored<Option<ComplaintRow>>;
    /// The complaints of a site filed since an instant, the newest first.
    async fn complaints(&self, site_id: &str, since: Millis) -> Stored<Vec<ComplaintRow>>;
    /// Complaints that time may have something to tell about, by instant; those after `seen`.
    async fn complaints_watched(&self, now: Millis, seen: Option<&ComplaintRow>, limit: i64) -> Stored<Vec<ComplaintRow>>;
}

/// Appointments.
#[async_trait]
pub trait AppointmentStore: Send + Sync {
    /// One appointment.
    async fn appointment(&self, site_id: &str, id: &str) -> Stored<Option<AppointmentRow>>;
    /// The appointment behind a code, by the code's key.
    async fn appointment_by_code(&self, code_key: &str) -> Stored<Option<AppointmentRow>>;
    /// Appointments behind a short code of a site, by the code's key.
    async fn appointments_by_short(&self, site_id: &str, short_key: &str) -> Stored<Vec<AppointmentRow>>;
    /// Appointments of the dates `from..=to` whose slot lies there, by begin; of one line or of all.
    async fn appointments_between(&self, site_id: &str, from: &str, to: &str, line_id: Option<&str>) -> Stored<Vec<AppointmentRow>>;
    /// Appointments under a key of phone or ID number, by begin.
    async fn appointments_of(&self, site_id: &str, key: &str) -> Stored<Vec<AppointmentRow>>;
    /// Booked appointments of all sites that are due at an instant, the longest due first; those after the last
    /// one seen.
    async fn appointments_due(&self, now: Millis, seen: Option<&AppointmentRow>, limit: i64) -> Stored<Vec<AppointmentRow>>;
    /// Booked appointments are due now, of one site or of all: the rules they stand under may have changed.
    async fn appointments_due_anew(&self, site_id: Option<&str>) -> Stored<()>;
}

/// Citizens, their sign-in, and what they apply for.
#[async_trait]
pub trait CitizenStore: Send + Sync {
    /// One citizen.
    async fn citizen(&self, id: &str) -> Stored<Option<CitizenRow>>;
    /// The citizen with a phone.
    async fn citizen_by_phone(&self, phone_index: &[u8]) -> Stored<Option<CitizenRow>>;
    /// The newest code of a phone.
    async fn sign_in_code(&self, phone_index: &[u8]) -> Stored<Option<SignInCodeRow>>;
    /// A code, while it is the newest of its phone.
    async fn sign_in_code_by_id(&self, id: &str) -> Stored<Option<SignInCodeRow>>;
    /// Takes one of the tries of a code; whether it was good for one more at that moment.
    async fn take_try(&self, code_id: &str, tries_max: i64, now: Millis) -> Stored<bool>;
    /// Uses a code up; whether nobody else had.
    async fn use_code(&self, code_id: &str, now: Millis) -> Stored<bool>;
    /// A session begins.
    async fn add_citizen_session(&self, session: &CitizenSessionRow) -> Stored<()>;
    /// The session behind a token's hash.
    async fn citizen_session(&self, token_hash: &[u8]) -> Stored<Option<CitizenSessionRow>>;
    /// The session was used.
    async fn touch_citizen_session(&self, token_hash: &[u8], at: Millis) -> Stored<()>;
    /// The session ends.
    async fn end_citizen_session(&self, token_hash: &[u8]) -> Stored<()>;
    /// Forgets codes made and sessions begun before an instant, and phones that nobody signed in with.
    async fn forget_sign_ins_before(&self, before: Millis) -> Stored<()>;
    /// One application.
    async fn application(&self, site_id: &str, id: &str) -> Stored<Option<ApplicationRow>>;
    /// Applications of a citizen, the newest first.
    async fn applications_of(&self, citizen_id: &str) -> Stored<Vec<ApplicationRow>>;
    /// Applications that were never sent and not changed since an instant, the oldest first, at most so many.
    async fn applications_left(&self, before: Millis, limit: i64) -> Stored<Vec<ApplicationRow>>;
    /// Applications of a site in these steps after an id, by id, at most so many.
    async fn applications_at(&self, site_id: &str, steps: &[&str], after: &str, limit: i64) -> Stored<Vec<ApplicationRow>>;
    /// Cases in which whoever has a phone was authorised, the newest first; whether it still holds says the case.
    async fn cases_of_agent(&self, phone_index: &[u8]) -> Stored<Vec<CaseAgentRow>>;
}

/// All ports of one store.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port it carries")]
pub struct Stores {
    pub commit: Arc<dyn CommitStore>,
    pub events: Arc<dyn EventStore>,
    pub halls: Arc<dyn HallStore>,
    pub idempotency: Arc<dyn IdempotencyStore>,
    pub outbox: Arc<dyn OutboxStore>,
    pub sites: Arc<dyn SiteStore>,
    pub devices: Arc<dyn DeviceStore>,
    pub staff: Arc<dyn StaffStore>,
    pub catalogue: Arc<dyn CatalogueStore>,
    pub cases: Arc<dyn CaseStore>,
    pub persons: Arc<dyn PersonStore>,
    pub evaluations: Arc<dyn EvaluationStore>,
    pub appointments: Arc<dyn AppointmentStore>,
    pub files: Arc<dyn FileStore>,
    pub citizens: Arc<dyn CitizenStore>,
    pub people: Arc<dyn PeopleStore>,
    pub house: Arc<dyn HouseStore>,
    pub assistances: Arc<dyn AssistanceStore>,
    pub first_contacts: Arc<dyn FirstContactStore>,
    pub upstream: Arc<dyn UpstreamStore>,
    pub keepers: Arc<dyn KeeperStore>,
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stores")
    }
}

impl Stores {
    /// All ports served by one store.
    #[must_use]
    pub fn of<S>(store: Arc<S>) -> Self
    where
        S: CommitStore
            + EventStore
            + HallStore
            + IdempotencyStore
            + OutboxStore
            + SiteStore
            + DeviceStore
            + StaffStore
            + CatalogueStore
            + CaseStore
            + PersonStore
            + EvaluationStore
            + AppointmentStore
            + FileStore
            + CitizenStore
            + PeopleStore
            + HouseStore
            + AssistanceStore
            + FirstContactStore
            + UpstreamStore
            + KeeperStore
            + 'static,
    {
        Self {
            commit: store.clone(),
            events: store.clone(),
            halls: store.clone(),
            idempotency: store.clone(),
            outbox: store.clone(),
            sites: store.clone(),
            devices: store.clone(),
            staff: store.clone(),
            catalogue: store.clone(),
            cases: store.clone(),
            persons: store.clone(),
            evaluations: store.clone(),
            appointments: store.clone(),
            files: store.clone(),
            citizens: store.clone(),
            people: store.clone(),
            house: store.clone(),
            assistances: store.clone(),
            first_contacts: store.clone(),
            upstream: store.clone(),
            keepers: store,
        }
    }
}
