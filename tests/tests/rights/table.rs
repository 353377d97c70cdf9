//! Every route and the rights it asks for. A new route is one line here; without it
//! `every_route_stands_in_the_table` fails and names the route.
//!
//! How to choose the line:
//! - `at(route, rights)`: the path names a site, or a thing of one (`{site}`, `{line}`, `{window}`,
//!   `{ticket}`, `{appointment}`, `{evaluation}`, `{complaint}`, `{device}`, `{job}`, `{case}`, `{bundle_case}`, `{certificate}`,
//!   `{notification}`, `{staff}`, `{matter}`, `{claim}`, `{leave}`, `{training}`); any one of the rights will do.
//!   A path that ends in `{action}` gets one line per action, with the action written out.
//! - `listing(route, rights)`: no site in the path; shows what the caller may see and nothing else.
//! - `in_body(route, rights)`: the site is the body's `site_id`.
//! - `signed(route)`: everybody who is signed in, about himself.
//! - `device(route)`: paired devices only.
//! - `citizen(route)`: citizens who signed in with a phone, about themselves; what is somebody else's is 404.
//! - `public(route, why)`: anybody; say why.
//!
//! Each line is tried as nobody, as somebody of another site with every role there, as each single role
//! and as each kind of device, always with a body that is wrong: 401, 404, 403 and 422 must come in this
//! order and as the table of `domain::rights` says.

use domain::rights::Operation::{self, *};

/// Who may use a route.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// Anybody.
    Public,
    /// Anybody who is signed in.
    Signed,
    /// Devices.
    Device,
    /// Citizens.
    Citizen,
    /// One of these rights at the site of the path.
    At(&'static [Operation]),
    /// One of these rights; only things in reach are shown.
    Listing(&'static [Operation]),
    /// One of these rights at the site that the body names.
    InBody(&'static [Operation]),
}

/// A route, as `METHOD /path` below `/api/v1`, and its rule.
pub type Route = (&'static str, Rule);

const fn at(route: &'static str, rights: &'static [Operation]) -> Route {
    (route, Rule::At(rights))
}

const fn listing(route: &'static str, rights: &'static [Operation]) -> Route {
    (route, Rule::Listing(rights))
}

const fn in_body(route: &'static str, rights: &'static [Operation]) -> Route {
    (route, Rule::InBody(rights))
}

const fn signed(route: &'static str) -> Route {
    (route, Rule::Signed)
}

const fn device(route: &'static str) -> Route {
    (route, Rule::Device)
}

const fn citizen(route: &'static str) -> Route {
    (route, Rule::Citizen)
}

const fn public(route: &'static str, _why: &'static str) -> Route {
    (route, Rule::Public)
}

/// The table.
pub const ROUTES: &[Route] = &[
    public("POST /sessions", "who signs in is nobody yet"),
    signed("GET /sessions/current"),
    signed("DELETE /sessions/current"),
    signed("PUT /sessions/current/password"),
    // What the portal shows everybody.
    public("GET /sites", "where one can go"),
    public("GET /sites/{site}", "where it is and when it is open"),
    public("GET /sites/{site}/lines", "how long the wait is"),
    public("GET /sites/{site}/matters", "what can be done there"),
    public("GET /sites/{site}/bundles", "what can be done there in one"),
    public("GET /matters/{matter}", "guides are public by law"),
    public("GET /calendar?year=2026", "the State Council's notices"),
    public("GET /tracking/{code}", "the code on the slip is the key"),
    public("GET /tracking/{code}/feed", "the code on the slip is the key"),
    public("GET /sites/{site}/phone-tickets", "what a poster in the hall says"),
    public("POST /phone-tickets", "only where the site allows it, with the hall's code; few a day and an address"),
    public("POST /tracking/find", "the short code on the slip is the key; tries are counted"),
    public("POST /progress", "number and query code are the key; tries are counted"),
    public("GET /verify/{code}", "the code on the paper is the key; tries are counted"),
    public("POST /evaluations", "the code on the slip is the key"),
    public("POST /complaints", "whoever was wronged needs no account; an address has its limit"),
    public("POST /complaints/find", "number and query code are the key; tries are counted"),
    public("GET /sites/{site}/appointment-lines", "what can be booked"),
    public("GET /sites/{site}/appointment-slots?line_id={line}&date=2026-11-25", "what is free"),
    public("POST /appointments", "booking needs no account; an address has its limit"),
    public("GET /appointments/by-code/{code}", "the code is the key"),
    public("POST /appointments/by-code/{code}/change", "the code is the key"),
    public("POST /appointments/by-code/{code}/cancel", "the code is the key"),
    public("GET /sites/{site}/lists", "lists that must be public (公示)"),
    public("GET /sites/{site}/lists/{list}", "lists that must be public (公示)"),
    // Citizens with a phone.
    public("POST /citizens/codes", "who signs in is nobody yet; a phone and an address have their limits"),
    public("POST /citizens/sessions", "the code on the phone is the key; tries are counted"),
    citizen("GET /citizens/sessions/current"),
    citizen("DELETE /citizens/sessions/current"),
    citizen("GET /applications"),
    citizen("POST /applications"),
    citizen("GET /applications/{application}"),
    citizen("PATCH /applications/{application}"),
    citizen("POST /applications/{application}/submit"),
    citizen("POST /applications/{application}/withdraw"),
    citizen("GET /applications/{application}/attachments"),
    citizen("POST /applications/{application}/attachments"),
    citizen("GET /applications/{application}/attachments/{attachment}"),
    citizen("GET /applications/{application}/attachments/{attachment}/thumbnail"),
    citizen("POST /applications/{application}/attachments/{attachment}/remove"),
    at("GET /sites/{site}/applications", &[PreCheck]),
    at("POST /sites/{site}/applications/find", &[PreCheck]),
    // Appointments.
    at("GET /sites/{site}/appointments", &[ManageAppointments]),
    at("POST /sites/{site}/appointments", &[ManageAppointments]),
    at("POST /sites/{site}/appointments/find", &[IssueTicket]),
    at("GET /appointments/{appointment}", &[ManageAppointments]),
    at("POST /appointments/{appointment}/change", &[ManageAppointments]),
    at("POST /appointments/{appointment}/cancel", &[ManageAppointments]),
    at("POST /appointments/{appointment}/check-in", &[IssueTicket]),
    // The hall.
    at("GET /sites/{site}/windows", &[ReadSites]),
    at("GET /sites/{site}/feed?view=board", &[ReadSites]),
    at("GET /sites/{site}/feed?view=desk", &[ReadHall]),
    at("GET /sites/{site}/tickets", &[ReadHall]),
    at("POST /sites/{site}/tickets", &[IssueTicket]),
    at("POST /sites/{site}/tickets/find", &[IssueTicket]),
    at("POST /tickets/{ticket}/reprint", &[IssueTicket]),
    at("GET /sites/{site}/phone-code", &[IssueTicket]),
    at("POST /sites/{site}/paper-tickets", &[EnterPaperNumber]),
    at("GET /tickets/{ticket}", &[ReadHall]),
    at("POST /tickets/{ticket}/reveal", &[RevealTicket]),
    at("POST /tickets/{ticket}/recall", &[OperateWindow, SuperviseHall]),
    at("POST /tickets/{ticket}/start", &[OperateWindow, SuperviseHall]),
    at("POST /tickets/{ticket}/finish", &[OperateWindow, SuperviseHall]),
    at("POST /tickets/{ticket}/add-item", &[OperateWindow, SuperviseHall]),
    at("POST /tickets/{ticket}/settle-item", &[OperateWindow, SuperviseHall]),
    at("POST /tickets/{ticket}/miss", &[OperateWindow, SuperviseHall]),
    at("POST /tickets/{ticket}/put-back", &[OperateWindow, SuperviseHall]),
    at("POST /tickets/{ticket}/park", &[OperateWindow, SuperviseHall]),
    at("POST /tickets/{ticket}/resume", &[ManageTickets]),
    at("POST /tickets/{ticket}/transfer", &[ManageTickets]),
    at("POST /tickets/{ticket}/top", &[ManageTickets]),
    at("POST /tickets/{ticket}/untop", &[ManageTickets]),
    at("POST /tickets/{ticket}/abandon", &[ManageTickets]),
    at("POST /tickets/{ticket}/requeue", &[ManageTickets]),
    at("GET /windows/{window}/next", &[ReadHall]),
    at("POST /windows/{window}/open", &[OperateWindow, SuperviseHall]),
    at("POST /windows/{window}/pause", &[OperateWindow, SuperviseHall]),
    at("POST /windows/{window}/close", &[OperateWindow, SuperviseHall]),
    at("POST /windows/{window}/take-over", &[OperateWindow, SuperviseHall]),
    at("POST /windows/{window}/help", &[OperateWindow, SuperviseHall]),
    at("POST /windows/{window}/acknowledge-help", &[SuperviseHall]),
    at("POST /windows/{window}/resolve-help", &[OperateWindow, SuperviseHall]),
    at("POST /windows/{window}/call-next", &[OperateWindow, SuperviseHall]),
    at("POST /windows/{window}/call", &[OperateWindow, SuperviseHall]),
    at("POST /windows/{window}/walk-in", &[OperateWindow, SuperviseHall]),
    at("POST /lines/{line}/stop", &[SuperviseHall]),
    at("POST /lines/{line}/resume", &[SuperviseHall]),
    // Devices.
    public("POST /devices/pair", "a new device has nothing but the code"),
    device("GET /devices/session"),
    device("GET /devices/current"),
    listing("GET /devices", &[ReadDevices]),
    at("PUT /devices/{device}/binding", &[PairDevices]),
    at("POST /devices/{device}/revoke", &[PairDevices]),
    at("POST /devices/{device}/test-print", &[PairDevices]),
    at("POST /sites/{site}/pairing-codes", &[PairDevices]),
    at("GET /sites/{site}/print-jobs", &[ReadHall]),
    at("POST /sites/{site}/print-jobs/{job}/reprint", &[ReprintSlip]),
    // Settings and supervision.
    at("GET /sites/{site}/policy", &[ReadPolicy]),
    at("PUT /sites/{site}/policy", &[ChangePolicy]),
    at("GET /sites/{site}/policy/scheduled", &[ReadPolicy]),
    at("POST /sites/{site}/policy/scheduled/cancel", &[ChangePolicy]),
    at("POST /sites/{site}/policy/what-if", &[ChangePolicy]),
    at("PUT /sites/{site}/lines/{line}", &[ChangePolicy]),
    at("POST /sites/{site}/lines/{line}/remove", &[ChangePolicy]),
    at("PUT /sites/{site}/windows/{window}", &[ChangePolicy]),
    at("POST /sites/{site}/windows/{window}/remove", &[ChangePolicy]),
    at("POST /sites/{site}/catalogue-imports", &[ImportCatalogue]),
    at("GET /sites/{site}/catalogue.csv", &[ImportCatalogue]),
    at("GET /sites/{site}/catalogue.xlsx", &[ImportCatalogue]),
    at("POST /sites/{site}/matters", &[EditCatalogue]),
    at("GET /sites/{site}/matter-drafts", &[EditCatalogue, ReviewCatalogue]),
    at("GET /matters/{matter}/draft", &[EditCatalogue, ReviewCatalogue]),
    at("POST /matters/{matter}/draft", &[EditCatalogue]),
    at("PUT /matters/{matter}/draft", &[EditCatalogue]),
    at("POST /matters/{matter}/draft/submit", &[EditCatalogue]),
    at("POST /matters/{matter}/draft/approve", &[ReviewCatalogue]),
    at("POST /matters/{matter}/draft/return", &[EditCatalogue, ReviewCatalogue]),
    at("POST /matters/{matter}/draft/publish", &[EditCatalogue]),
    at("POST /matters/{matter}/draft/unschedule", &[EditCatalogue]),
    at("POST /matters/{matter}/draft/discard", &[EditCatalogue]),
    at("POST /matters/{matter}/retire", &[EditCatalogue]),
    at("GET /matters/{matter}/versions", &[EditCatalogue, ReviewCatalogue]),
    at("GET /matters/{matter}/versions/{version}/compare/{other}", &[EditCatalogue, ReviewCatalogue]),
    at("GET /sites/{site}/claims", &[ClaimMatter]),
    at("POST /sites/{site}/claims", &[ClaimMatter]),
    at("PUT /claims/{claim}", &[ClaimMatter]),
    at("POST /claims/{claim}/end", &[ClaimMatter]),
    at("GET /sites/{site}/staff", &[ReadStaff]),
    at("POST /sites/{site}/staff", &[ManageStaff]),
    at("GET /sites/{site}/departments", &[ReadStaff]),
    at("PUT /staff/{staff}", &[ManageStaff]),
    at("POST /staff/{staff}/end-access", &[ManageStaff]),
    at("POST /staff/{staff}/restore-access", &[ManageStaff]),
    at("POST /staff/{staff}/reset-password", &[ManageStaff, ResetPassword]),
    // People.
    at("GET /sites/{site}/people", &[ReadStaff]),
    at("GET /staff/{staff}", &[ReadStaff]),
    at("PUT /staff/{staff}/engagement", &[ManagePeople]),
    at("GET /sites/{site}/people-rules", &[ReadStaff]),
    at("PUT /sites/{site}/people-rules", &[ManagePeople]),
    at("GET /sites/{site}/attendance", &[ReadStaff]),
    at("GET /sites/{site}/attendance.csv", &[Export]),
    at("GET /sites/{site}/attendance.xlsx", &[Export]),
    at("GET /sites/{site}/leaves", &[ReadStaff]),
    at("POST /sites/{site}/leaves", &[ManagePeople]),
    at("POST /leaves/{leave}/cancel", &[ManagePeople]),
    at("GET /sites/{site}/roster", &[ReadHall]),
    at("PUT /sites/{site}/roster/{date}", &[ManagePeople]),
    at("GET /sites/{site}/appraisals", &[ReadAppraisals]),
    signed("GET /my-work"),
    at("GET /sites/{site}/trainings", &[ReadStaff]),
    at("POST /sites/{site}/trainings", &[ManagePeople]),
    at("PUT /trainings/{training}", &[ManagePeople]),
    at("POST /sites/{site}/staff-imports", &[ManageStaff]),
    at("GET /sites/{site}/practice", &[ReadSites]),
    at("POST /sites/{site}/practice", &[ManagePractice]),
    at("POST /sites/{site}/practice/wipe", &[ManagePractice]),
    signed("POST /sessions/current/practice"),
    at("POST /sites/{site}/copy", &[OpenSite]),
    at("GET /sites/{site}/opening", &[ReadPolicy]),
    at("PUT /sites/{site}/profile", &[ChangePolicy]),
    public("GET /sites/{site}/logo", "it stands on the portal"),
    at("PUT /sites/{site}/logo", &[ChangePolicy]),
    at("POST /sites/{site}/logo/remove", &[ChangePolicy]),
    listing("GET /system", &[ReadSystem]),
    at("GET /sites/{site}/message-templates", &[ReadPolicy]),
    at("PUT /sites/{site}/message-templates/{template}", &[ChangePolicy]),
    at("POST /sites/{site}/message-templates/{template}/preview", &[ChangePolicy]),
    at("POST /sites/{site}/message-templates/{template}/reset", &[ChangePolicy]),
    // The platform above.
    at("GET /sites/{site}/upstream", &[ReadReports]),
    at("GET /sites/{site}/upstream/rows", &[ReadReports]),
    at("POST /sites/{site}/upstream/rows/{report}/send-again", &[RetryReport]),
    at("POST /sites/{site}/upstream/rows/{report}/give-up", &[RetryReport]),
    at("POST /sites/{site}/upstream/reconciliations", &[RetryReport]),
    at("GET /sites/{site}/upstream/matters", &[ReadPolicy]),
    at("PUT /sites/{site}/upstream/matters", &[ChangePolicy]),
    at("GET /tickets/{ticket}/upstream-cases", &[ReadHall]),
    at("POST /tickets/{ticket}/upstream-cases", &[RegisterCase]),
    at("GET /sites/{site}/dead-letters", &[RetryNotification]),
    listing("PUT /calendar/{year}", &[LoadCalendar]),
    at("GET /sites/{site}/figures", &[ReadFigures]),
    at("GET /sites/{site}/figures.csv", &[Export]),
    at("GET /sites/{site}/subtree-figures", &[ReadFigures]),
    at("GET /sites/{site}/figure-rows", &[ReadFigures]),
    // The improvement plan.
    at("GET /sites/{site}/ledger?week=2026-W48", &[ReadPlan]),
    at("GET /sites/{site}/ledger.xlsx?week=2026-W48", &[Export]),
    at("GET /sites/{site}/ledger/tasks", &[ReadPlan]),
    at("PUT /sites/{site}/ledger/tasks", &[ManagePlan]),
    at("GET /sites/{site}/ledger/contacts", &[ManagePlan]),
    at("PUT /sites/{site}/ledger/contacts", &[ManagePlan]),
    at("POST /sites/{site}/ledger/progress", &[ReportProgress]),
    at("GET /sites/{site}/tier", &[ReadPlan]),
    at("PUT /sites/{site}/tier", &[ReportProgress]),
    at("POST /sites/{site}/tier/confirm", &[ConfirmTier]),
    at("GET /sites/{site}/tiers", &[ReadPlan]),
    at("GET /sites/{site}/tier-checklist", &[ReadPlan]),
    at("PUT /sites/{site}/tier-checklist", &[ManagePlan]),
    at("GET /sites/{site}/entry-list", &[ReadPlan]),
    at("PUT /sites/{site}/entry-list", &[ManagePlan]),
    at("GET /events?site={site}", &[ReadEvents]),
    listing("GET /alerts", &[ReadAlerts]),
    listing("GET /evaluations/negative", &[ReadEvaluations]),
    listing("GET /evaluations/mine", &[AppealEvaluation]),
    listing("GET /evaluations/clerks", &[ReadClerkRates]),
    at("GET /evaluations/{evaluation}", &[ReadEvaluations]),
    at("POST /evaluations/{evaluation}/verify", &[HandleEvaluation]),
    at("POST /evaluations/{evaluation}/rectify", &[HandleEvaluation]),
    at("POST /evaluations/{evaluation}/finish-rectification", &[HandleEvaluation]),
    at("POST /evaluations/{evaluation}/reply", &[HandleEvaluation]),
    at("POST /evaluations/{evaluation}/call-back", &[HandleEvaluation]),
    at("POST /evaluations/{evaluation}/appeal", &[AppealEvaluation]),
    at("POST /evaluations/{evaluation}/decide-appeal", &[DecideAppeal]),
    at("POST /evaluations/{evaluation}/reveal", &[RevealRater]),
    at("GET /sites/{site}/evaluations-without-loop", &[ReadEvaluations]),
    at("POST /sites/{site}/evaluations-without-loop", &[HandleEvaluation]),
    listing("GET /complaints", &[ReadComplaints]),
    at("GET /complaints/{complaint}", &[ReadComplaints]),
    at("POST /complaints/{complaint}/answer", &[HandleComplaint]),
    at("POST /complaints/{complaint}/close", &[HandleComplaint]),
    at("POST /complaints/{complaint}/reveal", &[RevealComplainant]),
    listing("POST /persons/search", &[SearchPersons]),
    // Cases.
    listing("GET /cases", &[ReadCase]),
    in_body("POST /cases", &[RegisterCase]),
    in_body("POST /bundle-cases", &[RegisterCase]),
    at("GET /bundle-cases/{bundle_case}", &[ReadCase]),
    listing("GET /worklist", &[ReadWorklist]),
    at("GET /cases/{case}", &[ReadCase]),
    at("PATCH /cases/{case}", &[RegisterCase]),
    at("GET /cases/{case}/clock", &[ReadCase]),
    at("GET /cases/{case}/colleagues", &[ClaimCase, SignStep]),
    at("GET /cases/{case}/documents", &[ReadCase]),
    at("GET /cases/{case}/documents/{document}", &[RevealCase]),
    at("GET /cases/{case}/archive.pdf", &[RevealCase]),
    at("GET /cases/{case}/attachments", &[ReadCase]),
    at("POST /cases/{case}/attachments", &[RegisterCase]),
    at("GET /cases/{case}/attachments/{attachment}", &[RevealCase]),
    at("GET /cases/{case}/attachments/{attachment}/thumbnail", &[RevealCase]),
    at("POST /cases/{case}/attachments/{attachment}/remove", &[RegisterCase]),
    at("POST /cases/{case}/reveal", &[RevealCase]),
    at("POST /cases/{case}/submit", &[RegisterCase]),
    at("POST /cases/{case}/pre-check", &[PreCheck]),
    at("POST /cases/{case}/supply", &[RegisterCase]),
    at("POST /cases/{case}/accept", &[AcceptCase]),
    at("POST /cases/{case}/accept-tolerant", &[AcceptCase]),
    at("POST /cases/{case}/request-correction", &[RequestCorrection]),
    at("POST /cases/{case}/correction-exceptions", &[CorrectionException]),
    at("POST /cases/{case}/propose-refusal", &[ProposeRefusal]),
    at("POST /cases/{case}/confirm-refusal", &[ConfirmRefusal]),
    at("POST /cases/{case}/overturn-refusal", &[ConfirmRefusal]),
    at("POST /cases/{case}/decide-instant", &[DecideInstant]),
    at("POST /cases/{case}/withdraw", &[WithdrawCase]),
    at("POST /cases/{case}/claim", &[ClaimCase]),
    at("POST /cases/{case}/release", &[ClaimCase]),
    at("POST /cases/{case}/delegate", &[ClaimCase]),
    at("POST /cases/{case}/suspend", &[DecideCase]),
    at("POST /cases/{case}/resume", &[DecideCase]),
    at("POST /cases/{case}/extend", &[DecideCase]),
    at("POST /cases/{case}/approve-extension", &[ApproveExtension]),
    at("POST /cases/{case}/extend-joint", &[DecideCase]),
    at("POST /cases/{case}/approve-joint-extension", &[ApproveExtension]),
    at("POST /cases/{case}/approve", &[DecideCase]),
    at("POST /cases/{case}/deny", &[DecideCase]),
    at("POST /cases/{case}/return", &[DecideCase]),
    at("POST /cases/{case}/sign-step", &[SignStep]),
    at("POST /cases/{case}/return-step", &[SignStep]),
    at("POST /cases/{case}/revoke", &[RevokeCase]),
    at("POST /cases/{case}/certificate", &[MakeCertificate]),
    at("POST /cases/{case}/decision-notice", &[MakeCertificate]),
    at("POST /cases/{case}/deliver", &[DeliverNotice]),
    // People who are helped.
    at("GET /sites/{site}/assistances", &[AssistPeople]),
    at("POST /sites/{site}/assistances", &[AssistPeople]),
    at("GET /sites/{site}/helpers", &[AssistPeople]),
    at("GET /sites/{site}/taken-tickets", &[AssistPeople]),
    at("GET /sites/{site}/visit-route", &[AssistPeople]),
    at("GET /sites/{site}/visit-route.pdf", &[RevealAssisted]),
    at("GET /assistances/{assistance}", &[AssistPeople]),
    at("POST /assistances/{assistance}/reveal", &[RevealAssisted]),
    at("POST /assistances/{assistance}/consent", &[AssistPeople]),
    at("POST /assistances/{assistance}/plan-visit", &[AssistPeople]),
    at("POST /assistances/{assistance}/finish-visit", &[AssistPeople]),
    at("POST /assistances/{assistance}/cancel-visit", &[AssistPeople]),
    at("POST /assistances/{assistance}/hand-over", &[AssistPeople]),
    at("POST /assistances/{assistance}/link-case", &[AssistPeople]),
    at("POST /assistances/{assistance}/report", &[AssistPeople]),
    at("POST /assistances/{assistance}/close", &[AssistPeople]),
    // Certificates and messages.
    at("GET /sites/{site}/cabinet", &[ReadCabinet]),
    at("GET /sites/{site}/cabinet-counts", &[ReadCabinet]),
    at("POST /sites/{site}/cabinet-counts", &[KeepCabinet]),
    at("GET /certificates/{certificate}", &[ReadCabinet]),
    at("POST /certificates/{certificate}/receive", &[KeepCabinet]),
    at("POST /certificates/{certificate}/notify", &[KeepCabinet]),
    at("POST /certificates/{certificate}/return", &[KeepCabinet]),
    at("POST /certificates/{certificate}/hand-over", &[HandOver]),
    at("POST /certificates/{certificate}/ship", &[HandOver]),
    at("POST /certificates/{certificate}/confirm-delivery", &[HandOver]),
    at("POST /certificates/{certificate}/retry-upload", &[RetryUpload]),
    at("POST /certificates/{certificate}/waive-upload", &[WaiveUpload]),
    at("GET /notifications?case_id={case}", &[ReadNotifications]),
    at("POST /notifications/{notification}/retry", &[RetryNotification]),
    at("POST /notifications/{notification}/give-up", &[RetryNotification]),
];
