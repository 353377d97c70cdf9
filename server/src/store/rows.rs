//! The rows of every table. Column types and meanings stand in the migrations; `doc` columns hold
//! the domain object as JSON without personal data.

use super::cells::{Cell, Column, Kind, TableRow, rows};

rows! {
    /// A place with a hall.
    SiteRow as Site in "sites" key 1 {
        id: String, key: String, parent_id: Option<String>, kind: String, name: String, address: String, phone: String, doc: String,
    }
    /// A department of a district.
    DepartmentRow as Department in "departments" key 2 { site_id: String, id: String, code: String, name: String, }
    /// A member of staff and the state of the account.
    StaffRow as Staff in "staff" key 2 {
        site_id: String, id: String, username: String, name: String, roles: String, department_id: Option<String>,
        password_hash: String, active: bool, failures: i64, locked_until: i64, doc: String,
    }
    /// A signed-in browser, by the hash of its cookie.
    SessionRow as Session in "sessions" key 1 {
        token_hash: Vec<u8>, site_id: String, staff_id: String, created_at: i64, seen_at: i64, practice_id: Option<String>,
    }
    /// A hall device.
    DeviceRow as Device in "devices" key 2 {
        site_id: String, id: String, kind: String, name: String, token_hash: Vec<u8>, window_id: Option<String>,
        zone: Option<String>, profile: Option<String>, revoked_at: Option<i64>, seen_at: Option<i64>, status: String,
        settings: Option<String>,
    }
    /// The newest picture of what a display shows.
    DevicePictureRow as DevicePicture in "device_pictures" key 2 { site_id: String, device_id: String, taken_at: i64, content: Vec<u8>, }
    /// A code by which one device is paired.
    PairingRow as Pairing in "pairing_codes" key 1 {
        code_hash: Vec<u8>, site_id: String, kind: String, window_id: Option<String>, expires_at: i64, used_at: Option<i64>,
    }
    /// A matter in its newest version.
    MatterRow as Matter in "matters" key 2 {
        site_id: String, id: String, code: String, version: i64, state: String, name: String, department_id: String,
        line_id: Option<String>, search: String, doc: String,
    }
    /// Every version of a matter, as a case may still refer to it.
    MatterVersionRow as MatterVersion in "matter_versions" key 3 { site_id: String, id: String, version: i64, at: i64, doc: String, }
    /// Several matters as one.
    BundleRow as Bundle in "bundles" key 2 { site_id: String, id: String, name: String, doc: String, }
    /// A year of the legal calendar.
    CalendarRow as Calendar in "calendar_years" key 1 { year: i64, doc: String, }
    /// A hall without its windows and tickets.
    HallRow as Hall in "halls" key 1 { site_id: String, version: i64, due_at: i64, doc: String, }
    /// A window.
    WindowRow as Window in "windows" key 2 { site_id: String, id: String, number: i64, doc: String, }
    /// A ticket.
    TicketRow as Ticket in "tickets" key 2 {
        site_id: String, id: String, business_date: String, line_id: String, number: String, state: String,
        tracking_code: String, short_code: String, issued_at: i64, doc: String,
    }
    /// A time at which somebody will come.
    AppointmentRow as Appointment in "appointments" key 2 {
        site_id: String, id: String, code_key: String, short_key: String, line_id: String, date: String, starts_at: i64, state: String,
        person_id: String, holder_key: String, id_key: Option<String>, ticket_id: Option<String>, created_at: i64, due_at: i64, doc: String,
    }
    /// One stretch of a ticket's life in one state.
    IntervalRow as Interval in "ticket_intervals" key 3 {
        site_id: String, ticket_id: String, ordinal: i64, business_date: String, state: String, next: String, line_id: String,
        window_id: Option<String>, staff_id: Option<String>, start_ms: i64, end_ms: i64,
    }
    /// A case.
    CaseRow as Case in "cases" key 2 {
        site_id: String, id: String, version: i64, number: String, query_code: String, tracking_code: String,
        ticket_id: Option<String>, matter_id: String, department_id: String, applicant_id: String, state: String,
        received_at: i64, closed_at: Option<i64>, step_departments: String, entered_late: bool, doc: String,
    }
    /// Several cases as one.
    BundleCaseRow as BundleCase in "bundle_cases" key 2 {
        site_id: String, id: String, number: String, bundle_id: String, tracking_code: String, applicant_id: String, created_at: i64, doc: String,
    }
    /// A file of a case.
    AttachmentRow as Attachment in "attachments" key 2 {
        site_id: String, id: String, case_id: String, sha256: Vec<u8>, removed_at: Option<i64>,
    }
    /// The content of a file, once a site.
    FileRow as File in "files" key 2 { site_id: String, sha256: Vec<u8>, parts: i64, wanted_at: i64, }
    /// A part of a content, sealed.
    FilePartRow as FilePart in "file_parts" key 3 { site_id: String, sha256: Vec<u8>, part: i64, key_id: String, sealed: Vec<u8>, }
    /// A picture or film that everybody may see.
    PublicFileRow as PublicFile in "public_files" key 3 {
        site_id: String, of_id: String, sha256: Vec<u8>, media_type: String, size_bytes: i64, width: i64, height: i64, named: bool,
    }
    /// A case that was begun online.
    ApplicationRow as Application in "applications" key 2 {
        site_id: String, id: String, citizen_id: String, matter_id: String, step: String, content_id: String, changed_at: i64,
    }
    /// Who may act in a case by its applicant's authorisation, by the key of the agent's phone.
    CaseAgentRow as CaseAgent in "case_agents" key 2 {
        site_id: String, case_id: String, agent_id: String, phone_index: Vec<u8>, given_at: i64,
    }
    /// Somebody known by a phone.
    CitizenRow as Citizen in "citizens" key 1 { id: String, phone_index: Vec<u8>, site_id: String, person_id: String, created_at: i64, }
    /// The newest sign-in code of a phone.
    SignInCodeRow as SignInCode in "citizen_codes" key 1 {
        phone_index: Vec<u8>, id: String, site_id: String, person_id: String, created_at: i64, expires_at: i64, tries: i64,
        used_at: Option<i64>, counted_from: i64, sent: i64,
    }
    /// A citizen's signed-in browser, by the hash of its token.
    CitizenSessionRow as CitizenSession in "citizen_sessions" key 1 {
        token_hash: Vec<u8>, citizen_id: String, created_at: i64, seen_at: i64,
    }
    /// A counter of a site, such as the serial of a day's case numbers.
    CounterRow as Counter in "counters" key 2 { site_id: String, name: String, value: i64, }
    /// Somebody's data, sealed.
    PersonRow as Person in "persons" key 2 {
        site_id: String, id: String, key_id: String, sealed: Vec<u8>, id_number_index: Option<Vec<u8>>, phone_index: Option<Vec<u8>>, created_at: i64,
    }
    /// A form or a text by people, sealed.
    SubmissionRow as Submission in "submissions" key 2 {
        site_id: String, id: String, kind: String, key_id: String, sealed: Vec<u8>, created_at: i64,
    }
    /// A result document on its way to its owner.
    CertificateRow as Certificate in "certificates" key 2 {
        site_id: String, id: String, case_id: String, custody: String, upload: String, slot: Option<String>, changed_at: i64, doc: String,
    }
    /// A rating.
    EvaluationRow as Evaluation in "evaluations" key 2 {
        site_id: String, id: String, tracking_code: String, subject: String, case_id: String, round: i64, level: i64,
        reason_codes: String, text_id: Option<String>, channel: String, staff_id: Option<String>, window_id: Option<String>, at: i64,
        after_ms: Option<i64>, source_key: Option<String>,
    }
    /// What follows a negative rating.
    FollowUpRow as FollowUp in "follow_ups" key 2 {
        site_id: String, id: String, version: i64, state: String, tracking_code: String, staff_id: Option<String>,
        person_id: Option<String>, opened_at: i64, watch_at: Option<i64>, doc: String,
    }
    /// A complaint.
    ComplaintRow as Complaint in "complaints" key 2 {
        site_id: String, id: String, version: i64, number: String, state: String, person_id: Option<String>, filed_at: i64,
        watch_at: Option<i64>, doc: String,
    }
    /// Somebody's affair in the hands of a helper.
    AssistanceRow as Assistance in "assistances" key 2 {
        site_id: String, id: String, version: i64, helper_id: String, person_id: String, case_id: Option<String>, state: String,
        changed_at: i64, doc: String,
    }
    /// Somebody asked, and no ticket followed.
    FirstContactRow as FirstContact in "first_contacts" key 2 {
        site_id: String, id: String, version: i64, state: String, responsible_id: String, person_id: Option<String>, at: i64,
        ended_at: Option<i64>, doc: String,
    }
    /// A message about a case or an appointment.
    NotificationRow as Notification in "notifications" key 2 {
        site_id: String, id: String, about_id: String, person_id: String, channel: String, template: String, state: String,
        attempts: i64, last_error: Option<String>, created_at: i64, sent_at: Option<i64>,
    }
    /// A side effect that is owed.
    OutboxRow as Outbox in "outbox" key 2 {
        site_id: String, id: String, kind: String, target: Option<String>, state: String, attempts: i64, not_before: i64,
        lease_until: i64, payload: String, last_error: Option<String>, created_at: i64, done_at: Option<i64>,
    }
    /// Something a person in charge must see.
    AlertRow as Alert in "alerts" key 2 {
        site_id: String, id: String, kind: String, level: String, object_id: String, text: String, at: i64, settled_at: Option<i64>,
        audience: String,
    }
    /// A matter's draft beside what is in force.
    MatterDraftRow as MatterDraft in "matter_drafts" key 2 {
        site_id: String, id: String, code: String, name: String, step: String, revision: i64, due_at: Option<i64>, changed_at: i64,
        doc: String,
    }
    /// A matter that a site takes over from a site above.
    MatterClaimRow as MatterClaim in "matter_claims" key 2 {
        site_id: String, id: String, of_site_id: String, of_id: String, state: String, watch_at: Option<i64>, changed_at: i64,
        doc: String,
    }
    /// One stretch of a person at a window.
    SittingRow as Sitting in "window_sittings" key 3 {
        site_id: String, window_id: String, ordinal: i64, staff_id: String, state: String, start_ms: i64, end_ms: i64,
    }
    /// Days on which somebody is away, with who covers.
    LeaveRow as Leave in "staff_leaves" key 2 {
        site_id: String, id: String, staff_id: String, cover_id: Option<String>, kind: String, from_date: String, to_date: String,
        created_at: i64, cancelled_at: Option<i64>,
    }
    /// Who is planned at which window on a day.
    RosterRow as Roster in "rosters" key 2 { site_id: String, date: String, version: i64, doc: String, }
    /// A training that was held.
    TrainingRow as Training in "trainings" key 2 { site_id: String, id: String, date: String, title: String, minutes: i64, doc: String, }
    /// A row that is told to the platform above.
    ReportedRow as Reported in "report_rows" key 2 {
        site_id: String, id: String, about_id: String, number: String, table_name: String, part: i64, operation: String,
        reported_state: Option<i64>, version: i64, position: i64, state: String, attempts: i64, last_error: Option<String>,
        owed_at: i64, sent_at: Option<i64>,
    }
    /// A case that the platform above handles, linked to a visit.
    UpstreamCaseRow as UpstreamCase in "upstream_cases" key 2 {
        site_id: String, id: String, version: i64, number: String, ticket_id: String, tracking_code: String, matter_id: Option<String>,
        matter_name: String, reported_state: Option<i64>, result: Option<i64>, linked_at: i64, doc: String,
    }
    /// The first outcome of a request with an idempotency key.
    IdempotencyRow as Idempotency in "idempotency" key 1 {
        key_hash: Vec<u8>, body_hash: Vec<u8>, site_id: String, status: i64, object_id: Option<String>, body: String, created_at: i64, keep_until: i64,
    }
    /// A kiosk that can keep its hall.
    KeeperRow as Keeper in "keepers" key 2 {
        site_id: String, device_id: String, series: String, public_key: String, address: Option<String>, claimed: Option<String>, allowed: bool,
        term: i64, is_keeper: bool, since: i64,
    }
    /// An entry of a keeper's journal, as it was taken.
    KeeperEntryRow as KeeperEntry in "keeper_entries" key 2 {
        site_id: String, id: String, device_id: String, number: i64, hash: String, occurred_at: i64, received_at: i64, verdict: String,
        rule: Option<String>, text: String, body: String, settled_at: Option<i64>, settled_by: Option<String>,
    }
    /// The PIN of a member of staff for a hall without its line.
    HallPinRow as HallPin in "hall_pins" key 2 { site_id: String, staff_id: String, hash: String, set_at: i64, }
}

/// Tables whose rows are never changed after they were written.
pub const INSERT_ONLY: &[&str] = &["idempotency", "evaluations", "matter_versions"];

/// Ticket states that no command leaves.
pub const TERMINAL_TICKET_STATES: &[&str] = &["done", "abandoned", "expired"];

impl CaseRow {
    /// Whether a case is a department's: routed to it, or standing at a step of it.
    #[must_use]
    pub fn is_of(&self, department_id: &str) -> bool {
        self.department_id == department_id || self.step_departments.split(',').any(|id| id == department_id)
    }
}

impl OutboxRow {
    /// Something that is owed from now on, to nobody in particular.
    #[must_use]
    pub fn owed(site_id: impl Into<String>, id: String, kind: &str, payload: String, now: i64) -> Self {
        Self {
            site_id: site_id.into(),
            id,
            kind: kind.to_owned(),
            target: None,
            state: "ready".to_owned(),
            attempts: 0,
            not_before: now,
            lease_until: 0,
            payload,
            last_error: None,
            created_at: now,
            done_at: None,
        }
    }
}
