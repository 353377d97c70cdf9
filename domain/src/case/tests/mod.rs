//! A matter, some staff and well-formed commands for the tests of the case.
#![expect(clippy::unwrap_used, reason = "tests")]

mod agreement;
mod approval;
mod bases;
mod delivery;
mod histories;
mod issuing;
mod model;
mod online;
mod reporting;
mod reuse;
mod rules;
mod transitions;

use chrono::{Days, NaiveDate};

use super::*;
use crate::ids::{
    AttachmentId, CaseId, CertificateId, DepartmentId, MaterialId, MatterId, NoticeId, PersonId, SiteId, StaffId, TextId, TicketId,
};
use crate::rights::Role;
use crate::time::{Millis, local_date};

/// 2026-11-24 10:00 +08:00.
pub(super) const TEN: Millis = 1_795_485_600_000;

pub(super) fn site(name: &str) -> SiteId {
    SiteId::parse(name).unwrap()
}

pub(super) fn department(name: &str) -> DepartmentId {
    DepartmentId::new("dd", name)
}

pub(super) fn material(name: &str) -> MaterialId {
    MaterialId::new("dc", name)
}

pub(super) fn text(name: &str) -> TextId {
    TextId::new("dc", name)
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn staff(name: &str, roles: &[Role]) -> Staff {
    Staff {
        id: StaffId::new("dc", name),
        roles: roles.to_vec(),
        site: site("demo-center"),
        subtree: vec![site("demo-center"), site("demo-station-1")],
        department: None,
        decides_instant: false,
        outsourced: false,
        bases: Vec::new(),
        covers: Vec::new(),
    }
}

pub(super) fn clerk(name: &str) -> Actor {
    Actor::Staff(Staff { decides_instant: true, ..staff(name, &[Role::Clerk]) })
}

pub(super) fn basis(name: &str, from: &str, to: Option<&str>) -> Basis {
    let document = Some(format!("{name}〔2026〕1号"));
    Basis { department: department(name), kind: BasisKind::Authorised, document, from: day(from), to: to.map(day) }
}

pub(super) fn approver_staff(name: &str) -> Staff {
    Staff { bases: vec![basis("civil", "2026-01-01", None)], ..staff(name, &[Role::Approver]) }
}

pub(super) fn approver(name: &str) -> Actor {
    Actor::Staff(approver_staff(name))
}

pub(super) fn holder_of(role: Role) -> Actor {
    Actor::Staff(staff(role.name(), &[role]))
}

pub(super) fn context(now: Millis) -> Context {
    let today = local_date(now);
    Context { now, deemed_due: None, promised_due: today.checked_add_days(Days::new(14)), policy: Policy::default() }
}

/// 残疾人证: `m1` required, `m2` required and tolerable, `m3` optional and tolerable.
pub(super) fn matter() -> MatterSnapshot {
    let requirement =
        |name: &str, required, tolerable| MaterialRequirement { id: material(name), name: name.to_owned(), required, tolerable };
    MatterSnapshot {
        id: MatterId::new("dc", "demo-promised"),
        version: 1,
        item_code: "11150".to_owned(),
        name: "示例事项".to_owned(),
        matter_type: "01".to_owned(),
        case_kind: CaseKind::Promised,
        department: department("civil"),
        department_name: "民政局".to_owned(),
        promised_days: Some(10),
        statutory_days: Some(20),
        materials: vec![requirement("m1", true, false), requirement("m2", true, true), requirement("m3", false, true)],
        makes_certificate: true,
        certificate_name: Some("林木采伐许可证".to_owned()),
        uploads_certificate: true,
        allows_tolerance: true,
        deems_acceptance: true,
        stopping_procedures: Vec::new(),
        site_decides: true,
        approval: Vec::new(),
        courier: true,
    }
}

pub(super) fn entry(name: &str, status: SubmissionStatus) -> MaterialEntry {
    MaterialEntry { material: material(name), status, originals: 1, copies: 0, due: None }
}

pub(super) fn collected(names: &[&str]) -> Vec<MaterialEntry> {
    names.iter().map(|name| entry(name, SubmissionStatus::Collected)).collect()
}

pub(super) fn opening(matter: MatterSnapshot, materials: Vec<MaterialEntry>) -> Opening {
    Opening {
        id: CaseId::new("dc", "1"),
        site: site("demo-center"),
        number: "11150202611240001".to_owned(),
        query_code: "A1B2C3D4".to_owned(),
        tracking_code: "ABCDEFGHABCDEFGH".to_owned(),
        ticket: Some(TicketId::new("dc", "1")),
        bundle: None,
        bundle_case: None,
        matter,
        situations: Vec::new(),
        applicant: PersonId::new("dc", "1"),
        agent: None,
        form: None,
        materials,
        online: None,
        paper: None,
    }
}

/// What an applicant sends.
pub(super) fn application(matter: MatterSnapshot, materials: Vec<MaterialEntry>) -> Application {
    Application {
        matter,
        situations: Vec::new(),
        applicant: PersonId::new("dc", "2"),
        agent: None,
        form: None,
        materials,
        reuse_consent: None,
    }
}

pub(super) fn item(material_name: Option<&str>, text_name: &str) -> CorrectionItem {
    CorrectionItem { material: material_name.map(material), text: text(text_name), basis: "行政许可法第三十二条".to_owned() }
}

pub(super) fn request(notice: &str, items: Vec<CorrectionItem>) -> Command {
    Command::RequestCorrection { notice: NoticeId::new("dc", notice), items }
}

pub(super) fn certificate_id() -> CertificateId {
    CertificateId::new("dc", "1")
}

/// A case with its events, moved on by commands that must succeed.
pub(super) struct Walk {
    pub(super) case: Case,
    pub(super) events: Vec<Event>,
    pub(super) now: Millis,
}

impl Walk {
    pub(super) fn open(matter: MatterSnapshot, materials: &[&str], as_draft: bool) -> Self {
        let events = Case::open(opening(matter, collected(materials)), as_draft, &clerk("clerk1"), TEN).unwrap();
        Self { case: Case::replay(&events).unwrap(), events, now: TEN }
    }

    pub(super) fn received() -> Self {
        Self::open(matter(), &["m1", "m2"], false)
    }

    pub(super) fn try_do(&self, actor: &Actor, command: &Command) -> Result<Vec<Event>, Refusal> {
        self.case.decide(command, actor, &context(self.now))
    }

    /// Does it, and gives the kinds of the events.
    pub(super) fn take(&mut self, actor: &Actor, command: &Command) -> Vec<&'static str> {
        let events = self.try_do(actor, command).unwrap_or_else(|refusal| panic!("{command:?}: {}", refusal.code()));
        events.iter().for_each(|event| self.case.evolve(event));
        let kinds = events.iter().map(Event::kind).collect();
        self.events.extend(events);
        kinds
    }

    pub(super) fn then(mut self, actor: &Actor, command: &Command) -> Self {
        self.take(actor, command);
        self
    }

    /// The stable code of the refusal.
    pub(super) fn refused(&self, actor: &Actor, command: &Command) -> &'static str {
        match self.try_do(actor, command) {
            Err(refusal) => refusal.code(),
            Ok(events) => panic!("{command:?} gave {events:?}"),
        }
    }

    pub(super) fn corrected_once() -> Self {
        Self::open(matter(), &["m1"], false)
            .then(&clerk("clerk1"), &request("1", vec![item(Some("m2"), "a"), item(None, "b")]))
            .then(&clerk("clerk1"), &Command::Supply { materials: collected(&["m2"]) })
    }

    pub(super) fn accepted() -> Self {
        Self::received().then(&clerk("clerk1"), &Command::Accept)
    }

    pub(super) fn tolerant() -> Self {
        let promised = vec![PromisedMaterial { material: material("m2"), due: day("2026-12-01") }];
        Self::open(matter(), &["m1"], false).then(&clerk("clerk1"), &Command::AcceptTolerant { promised })
    }

    pub(super) fn in_review() -> Self {
        Self::accepted().then(&approver("approver1"), &Command::Claim)
    }

    pub(super) fn approved() -> Self {
        Self::in_review().then(&approver("approver1"), &approve())
    }

    pub(super) fn made() -> Self {
        Self::approved().then(&approver("approver1"), &make_certificate())
    }

    pub(super) fn uploaded() -> Self {
        Self::made().then(&Actor::System, &Command::ConfirmUpload { identifier: "1.2.156".to_owned() })
    }

    pub(super) fn in_cabinet() -> Self {
        Self::uploaded().then(&holder_of(Role::Issuer), &receive("A1"))
    }
}

pub(super) fn approve() -> Command {
    Command::Approve { opinion: Some(text("opinion")) }
}

pub(super) fn attach(name: &str, of: Option<&str>, at: Millis) -> Command {
    Command::Attach {
        attachment: Box::new(Attachment {
            id: AttachmentId::new("dc", name),
            material: of.map(material),
            sha256: "00".repeat(32),
            size_bytes: 1,
            kind: FileKind::Pdf,
            name: text("name"),
            note: None,
            at,
            by: None,
        }),
    }
}

pub(super) fn consent() -> Command {
    Command::ConsentReuse { way: ConsentWay::Oral, text_version: 1, signature: None }
}

/// What was handed in with another case, at that time.
pub(super) fn earlier(of: &MaterialId, handed_in_at: Millis) -> ReusedMaterial {
    ReusedMaterial {
        material: of.clone(),
        from_case: CaseId::new("dc", "earlier"),
        from_number: "DC202601010001".to_owned(),
        from_material: of.clone(),
        handed_in_at,
        attachments: Vec::new(),
    }
}

pub(super) fn reuse(of: &[MaterialId], handed_in_at: Millis) -> Command {
    Command::Reuse { materials: of.iter().map(|id| earlier(id, handed_in_at)).collect(), attachments: Vec::new(), form: None }
}

pub(super) fn prefill(form: &str) -> Command {
    let prefill = Prefill {
        from_case: CaseId::new("dc", "earlier"),
        from_number: "DC202601010001".to_owned(),
        form: text(form),
        fields: vec!["address".to_owned()],
    };
    Command::Reuse { materials: Vec::new(), attachments: Vec::new(), form: Some(prefill) }
}

pub(super) fn new_term(due: NaiveDate) -> Command {
    Command::NewTerm { due, reason: text("sample") }
}

pub(super) fn deny() -> Command {
    Command::Deny { reason_code: "conditions_not_met".to_owned(), opinion: text("reasons") }
}

pub(super) fn propose(reason: RefusalReason) -> Command {
    Command::ProposeRefusal { reason, text: text("proposal") }
}

pub(super) fn make_certificate() -> Command {
    Command::MakeCertificate {
        certificate: certificate_id(),
        number: TextId::new("dc", "number"),
        valid_from: day("2026-11-25"),
        valid_to: Some(day("2036-11-24")),
    }
}

pub(super) fn receive(slot: &str) -> Command {
    Command::ReceiveCertificate { slot: slot.to_owned() }
}

pub(super) fn notify() -> Command {
    Command::Notify { channels: vec!["sms".to_owned()] }
}

pub(super) fn remind_pickup(rung: u32) -> Command {
    Command::RemindPickup { rung, channels: vec!["sms".to_owned()] }
}

pub(super) fn hand_over() -> Command {
    Command::HandOver { collector: PersonId::new("dc", "1"), relation: Relation::Applicant, signature: None, authorisation: None }
}

pub(super) fn ship() -> Command {
    Command::Ship { carrier: "邮政".to_owned(), waybill: "EX1".to_owned() }
}

/// A command of the action with a right input for this case, if there can be one.
pub(super) fn sample(action: Action, case: &Case) -> Command {
    sample_at(action, case, TEN)
}

/// The same at another time.
pub(super) fn sample_at(action: Action, case: &Case, now: Millis) -> Command {
    let due = local_date(now);
    match action {
        Action::Update => Command::Update { materials: Some(case.materials.clone()), form: None },
        Action::Submit => Command::Submit { ticket: None },
        Action::SubmitApplication => Command::SubmitApplication { application: Box::new(application(case.matter.clone(), Vec::new())) },
        Action::ChooseDelivery => Command::ChooseDelivery { recipient: Some(PersonId::new("dc", "recipient")) },
        Action::AuthoriseAgent => delivery::authorise(due.checked_add_days(Days::new(30)).unwrap()),
        Action::WithdrawAuthorisation => Command::WithdrawAuthorisation,
        Action::PreCheck => Command::PreCheck { verdict: PreCheck::Supplement { text: text("sample") } },
        Action::Accept => Command::Accept,
        Action::AcceptTolerant => {
            let promise = |material| PromisedMaterial { material, due: due.checked_add_days(Days::new(3)).unwrap() };
            Command::AcceptTolerant { promised: case.missing_materials().into_iter().map(promise).collect() }
        }
        Action::RequestCorrection => {
            let items = case.notices.first().map_or_else(|| vec![item(Some("m2"), "sample")], |notice| notice.items.clone());
            request("sample", items)
        }
        Action::CorrectionException => Command::RecordCorrectionException { reason: text("sample") },
        Action::Supply => {
            let open = case.open_promises();
            let promised = open.iter().map(|promise| MaterialEntry { status: SubmissionStatus::Verified, due: None, ..(*promise).clone() });
            Command::Supply { materials: promised.collect() }
        }
        Action::ConsentReuse => consent(),
        Action::Reuse => {
            let lacking = case.matter.materials.iter().find(|requirement| !case.has_material(&requirement.id));
            lacking.map_or_else(|| prefill("sample"), |requirement| reuse(std::slice::from_ref(&requirement.id), now))
        }
        Action::WithdrawReuse => Command::WithdrawReuse { form: None },
        Action::Attach => attach("1", Some("m1"), now),
        Action::RemoveAttachment => {
            let id = case.attachments.first().map_or_else(|| AttachmentId::new("dc", "none"), |attachment| attachment.id.clone());
            Command::RemoveAttachment { attachment: id, reason: text("sample") }
        }
        Action::RemindCorrection => Command::RemindCorrection,
        Action::Lapse => Command::Lapse,
        Action::ProposeRefusal => propose(RefusalReason::NotRequired),
        Action::ConfirmRefusal => Command::ConfirmRefusal { opinion: None },
        Action::OverturnRefusal => Command::OverturnRefusal { opinion: text("sample") },
        Action::DeemAccepted => Command::DeemAccepted,
        Action::DecideInstant => Command::DecideInstant { opinion: None },
        Action::Claim => Command::Claim,
        Action::Release => Command::Release,
        Action::Delegate => Command::Delegate { to: Box::new(approval::somebody_free(case)) },
        Action::Suspend => {
            Command::Suspend { procedure: Procedure::Appraisal, days: 5, basis: "行政许可法第四十五条".to_owned() }
        }
        Action::Resume => Command::Resume,
        Action::Extend => Command::Extend { days: 10, reason: text("sample") },
        Action::ApproveExtension => Command::ApproveExtension { opinion: None },
        Action::ExtendJoint => Command::ExtendJoint { days: 15, reason: text("sample") },
        Action::ApproveJointExtension => Command::ApproveJointExtension { opinion: None },
        Action::Approve => approve(),
        Action::Deny => deny(),
        Action::SignStep => Command::SignStep { agrees: true, opinion: Some(text("sample")) },
        Action::ReturnStep => Command::ReturnStep { text: text("sample") },
        Action::NewTerm => new_term(due.checked_add_days(Days::new(3)).unwrap()),
        Action::Return => Command::ReturnToDesk { text: text("sample") },
        Action::Withdraw => Command::Withdraw { reason: text("sample") },
        Action::Revoke => Command::Revoke { reason: text("sample"), basis: "行政许可法第六十九条".to_owned() },
        Action::MakeCertificate => make_certificate(),
        Action::MakeDecisionNotice => Command::MakeDecisionNotice { certificate: certificate_id() },
        Action::ConfirmUpload => Command::ConfirmUpload { identifier: "1.2.156".to_owned() },
        Action::FailUpload => Command::FailUpload { failure: "rejected".to_owned() },
        Action::RetryUpload => Command::RetryUpload,
        Action::WaiveUpload => Command::WaiveUpload { reason: text("sample") },
        Action::ReceiveCertificate => receive("Z9"),
        Action::Notify => notify(),
        Action::RemindPickup => remind_pickup(case.certificate.as_ref().map_or(1, |document| document.rung + 1)),
        Action::HandOver => hand_over(),
        Action::Deliver => Command::Deliver {
            certificate: certificate_id(),
            collector: PersonId::new("dc", "1"),
            relation: Relation::Agent,
            authorisation: Some(text("authorisation")),
        },
        Action::Ship => ship(),
        Action::ConfirmDelivery => Command::ConfirmDelivery,
        Action::ReturnCertificate => Command::ReturnCertificate { reason: text("sample") },
    }
}
