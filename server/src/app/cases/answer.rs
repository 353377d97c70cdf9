//! What is told of cases and certificates: persons masked, actions as the paths that do them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::case::{Action, Actor, Case, Certificate, Custody, State};
use domain::case_clock::Level;
use domain::hall::{CasePolicy, NoticePolicy, Policy, Shared};
use domain::ids::StaffId;
use domain::time::{local_date, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::application::ApplicationStepView;
use super::approval::{ApprovalStageView, NewTermView, new_term_view, standing_step};
use super::attachments::AttachmentView;
use super::clocks::{ClockView, end_of, reading};
use super::own::AuthorisationView;
use super::paper::PaperReceiptView;
use super::phrases::phrase;
use super::requests::segment_of;
use super::reuse::CaseReuseView;
use crate::app::App;
use crate::app::assistances::CaseHelperView;
use crate::app::caller::Caller;
use crate::app::error::Answer;
use crate::app::persons::MaskedPerson;
use crate::app::staff::BasisView;

/// One material of a case: what the matter asks for and what was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseMaterialView {
    pub material_id: String,
    pub name: String,
    #[schema(value_type = crate::app::words::SubmissionStatus)]
    pub status: String,
    pub required: bool,
    pub tolerable: bool,
    pub originals: u16,
    pub copies: u16,
    /// By when it is promised, `yyyy-MM-dd`.
    pub due: Option<String>,
}

/// One entry of a case's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HistoryView {
    /// When.
    pub at: String,
    /// When it was entered, where that was later.
    pub entered_at: Option<String>,
    /// Type of the event.
    #[serde(rename = "type")]
    pub kind: String,
    /// State after it.
    pub state: String,
    /// One phrase for people.
    pub text: String,
    /// What a person wrote to it.
    pub note: Option<String>,
    /// Who; null for timers and gateways.
    pub by: Option<String>,
    /// In whose place (AB角), where a cover did it.
    pub acting_for: Option<String>,
    /// On which basis, where it was decided in a department's name; as it was then.
    pub under: Option<BasisView>,
    /// The name of the approval step it belongs to.
    pub step: Option<String>,
    /// 同意 or 不同意, where a step was signed.
    pub agrees: Option<bool>,
}

/// A proposal not to accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefusalView {
    /// Code of the reason.
    pub reason_code: String,
    /// The words.
    pub text: String,
    /// Who proposed it.
    pub proposed_by_name: String,
}

/// One line of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CorrectionItemView {
    /// The material, if it concerns one.
    pub material_id: Option<String>,
    /// What has to be mended.
    pub text: String,
    /// Legal basis.
    pub basis: String,
}

/// A one-time notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CorrectionNoticeView {
    /// The notice.
    pub id: String,
    /// When.
    pub at: String,
    /// The complete list.
    pub items: Vec<CorrectionItemView>,
    /// When the applicant supplied.
    pub supplied_at: Option<String>,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of API.md, explained in the OpenAPI description")]
pub struct CaseView {
    pub id: String,
    pub number: String,
    pub query_code: String,
    pub tracking_code: String,
    pub site_id: String,
    #[schema(value_type = crate::app::words::CaseState)]
    pub state: String,
    /// 1 to 15; null for a draft.
    pub reporting_state: Option<u8>,
    /// `instant` or `promised`.
    #[schema(value_type = crate::app::words::CaseKind)]
    pub kind: String,
    #[schema(value_type = Option<crate::app::words::CaseDecision>)]
    pub decision: Option<String>,
    #[schema(value_type = Option<crate::app::words::ClosedAs>)]
    pub closed_as: Option<String>,
    pub matter_id: String,
    pub matter_name: String,
    pub department_id: String,
    pub department_name: String,
    pub situation_ids: Vec<String>,
    pub ticket_id: Option<String>,
    /// The joint case that it is part of (一件事).
    pub bundle_case_id: Option<String>,
    pub applicant: MaskedPerson,
    pub agent: Option<MaskedPerson>,
    pub materials: Vec<CaseMaterialView>,
    pub attachments: Vec<AttachmentView>,
    pub actions: Vec<String>,
    /// The clock that it is watched by until it is decided.
    pub clock: Option<ClockView>,
    /// Every clock that it has now (受理、办结、送达), in the order in which they begin.
    pub clocks: Vec<ClockView>,
    pub history: Vec<HistoryView>,
    pub notices: Vec<CorrectionNoticeView>,
    pub refusal: Option<RefusalView>,
    pub reviewer_name: Option<String>,
    /// The stages of approval with who signed what; empty where one person decides.
    pub approval: Vec<ApprovalStageView>,
    /// Why it came back to the stage that it stands at from a later one.
    pub step_returned_text: Option<String>,
    /// In whose place the caller goes on (AB角), where that person is away.
    pub acting_for: Option<String>,
    /// Whether the certificate is held because the applicant's promise is open.
    pub held: bool,
    pub makes_certificate: bool,
    pub certificate_name: Option<String>,
    pub certificate: Option<CertificateView>,
    /// How far it came before it was received, when its applicant sent it online.
    pub application: Option<ApplicationStepView>,
    /// Who helps the applicant (帮办), and by what consent.
    pub helper: Option<CaseHelperView>,
    /// What it has of earlier cases, and by what consent.
    pub reuse: Option<CaseReuseView>,
    /// The one new term for what was promised at acceptance.
    pub new_term: Option<NewTermView>,
    /// Who may act by the applicant's word given online.
    pub authorisation: Option<AuthorisationView>,
    /// What it was taken with on paper, where it was entered afterwards.
    pub paper: Option<PaperReceiptView>,
}

/// A row of a list of cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of API.md, explained in the OpenAPI description")]
pub struct CaseSummary {
    pub id: String,
    pub number: String,
    pub site_id: String,
    #[schema(value_type = crate::app::words::CaseState)]
    pub state: String,
    #[schema(value_type = crate::app::words::CaseKind)]
    pub kind: String,
    pub matter_name: String,
    pub applicant_name: String,
    pub department_id: String,
    pub due_at: Option<String>,
    pub missing_year: Option<i32>,
    /// Working days left of the budget; negative when overdue.
    pub days_left: Option<i64>,
    #[schema(value_type = crate::app::words::ClockLevel)]
    pub level: String,
    pub claimed_by: Option<String>,
    pub claimed_by_name: Option<String>,
    pub mine: bool,
    /// The approval steps that it stands at and that are not signed; the caller's first where there is one.
    pub step_name: Option<String>,
    /// In whose place the caller goes on (AB角), where that person is away.
    pub acting_for: Option<String>,
    pub actions: Vec<String>,
    pub received_at: Option<String>,
    /// Taken on paper first and entered afterwards.
    pub entered_late: bool,
    pub accepted_at: Option<String>,
    pub makes_certificate: bool,
    pub certificate_id: Option<String>,
}

/// A certificate, or the notice of a decision, on its way to its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of API.md, explained in the OpenAPI description")]
pub struct CertificateView {
    pub id: String,
    pub case_id: String,
    pub case_number: String,
    /// The joint case that it is part of (一件事).
    pub bundle_case_id: Option<String>,
    /// `certificate` or `decision_notice`.
    #[schema(value_type = crate::app::words::DocumentKind)]
    pub kind: String,
    pub name: String,
    pub matter_name: String,
    pub applicant_name: String,
    pub number: Option<String>,
    pub valid_from: Option<String>,
    pub valid_to: Option<String>,
    #[schema(value_type = crate::app::words::CertificateCustody)]
    pub custody: String,
    #[schema(value_type = crate::app::words::CertificateUpload)]
    pub upload: String,
    pub upload_failure: Option<String>,
    pub identifier: Option<String>,
    pub slot: Option<String>,
    pub made_at: String,
    pub received_at: Option<String>,
    pub notified_at: Option<String>,
    /// The rung of the ladder of notices that was climbed last, 0 for none: 1 told again, 2 called, 3 offered by courier.
    pub rung: u32,
    /// When.
    pub reminded_at: Option<String>,
    pub handed_over_at: Option<String>,
    /// The courier, once it was shipped.
    pub carrier: Option<String>,
    /// The parcel's number.
    pub waybill: Option<String>,
    pub shipped_at: Option<String>,
    /// Who gets the parcel, masked, where the applicant wants it sent.
    pub courier_to: Option<MaskedPerson>,
    /// Who may collect by the applicant's word given online.
    pub authorisation: Option<AuthorisationView>,
    pub actions: Vec<String>,
}

pub(super) fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The paths of the allowed actions: of the case, and of its certificate.
fn paths(actions: &[Action]) -> (Vec<String>, Vec<String>) {
    let segments: Vec<(&str, bool)> = actions.iter().filter_map(|action| segment_of(*action)).collect();
    let of = |certificate: bool| {
        segments.iter().filter(|(_, is_certificate)| *is_certificate == certificate).map(|(segment, _)| (*segment).to_owned()).collect()
    };
    (of(false), of(true))
}

pub(super) fn materials(case: &Case) -> Vec<CaseMaterialView> {
    let entry = |id| case.materials.iter().find(|entry| entry.material == id);
    let view = |requirement: &domain::case::MaterialRequirement| {
        let entry = entry(requirement.id.clone());
        CaseMaterialView {
            material_id: requirement.id.to_string(),
            name: requirement.name.clone(),
            status: entry.map_or("missing", |entry| entry.status.name()).to_owned(),
            required: requirement.required,
            tolerable: requirement.tolerable,
            originals: entry.map_or(0, |entry| entry.originals),
            copies: entry.map_or(0, |entry| entry.copies),
            due: entry.and_then(|entry| entry.due).map(|due| due.to_string()),
        }
    };
    case.matter.materials.iter().map(view).collect()
}

/// Names of staff, looked up once each.
#[derive(Default)]
pub(in crate::app) struct Names(BTreeMap<String, String>);

impl Names {
    pub(in crate::app) async fn of(&mut self, app: &App, id: &StaffId) -> Answer<String> {
        if let Some(name) = self.0.get(id.as_str()) {
            return Ok(name.clone());
        }
        let listing = app.directory.get();
        let name = match listing.site_of_key(id.site_key()) {
            Ok(site) => app.stores.staff.staff(&site.id, id.as_str()).await?.map(|row| row.name),
            Err(_) => None,
        };
        let name = name.unwrap_or_default();
        self.0.insert(id.to_string(), name.clone());
        Ok(name)
    }
}

/// What sites set about their cases, of each read once.
#[derive(Default)]
pub(in crate::app) struct CasePolicies(BTreeMap<String, Shared<Policy>>);

impl CasePolicies {
    async fn policy_of(&mut self, app: &App, site_id: &str) -> Answer<&Policy> {
        match self.0.entry(site_id.to_owned()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(free) => Ok(free.insert(app.hall(site_id).await?.doc().policy.clone())),
        }
    }

    /// What a site sets.
    pub(in crate::app) async fn of(&mut self, app: &App, site_id: &str) -> Answer<&CasePolicy> {
        Ok(&self.policy_of(app, site_id).await?.cases)
    }

    /// What a site sets about telling people that their document lies ready.
    pub(in crate::app) async fn notices_of(&mut self, app: &App, site_id: &str) -> Answer<&NoticePolicy> {
        Ok(&self.policy_of(app, site_id).await?.notices)
    }
}

impl App {
    fn allowed(&self, caller: &Caller, case: &Case) -> Vec<Action> {
        match caller {
            Caller::Staff(caller) => case.allowed_actions(&Actor::Staff(caller.staff.clone()), &self.case_context(case)),
            Caller::Device(_) => Vec::new(),
        }
    }

    /// A case as the API shows it to this caller.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn case_view(&self, caller: &Caller, case: &Case) -> Answer<CaseView> {
        let site_id = case.site.as_str();
        let (mut names, (actions, _)) = (Names::default(), paths(&self.allowed(caller, case)));
        let policy = self.case_policy(site_id).await?;
        let agent = match &case.agent {
            Some(id) => Some(self.masked_person(site_id, id.as_str()).await?),
            None => None,
        };
        let reviewer_name = match case.state.reviewer() {
            Some(id) => Some(names.of(self, id).await?),
            None => None,
        };
        let certificate = match &case.certificate {
            Some(certificate) => Some(self.certificate_view(caller, case, certificate).await?),
            None => None,
        };
        Ok(CaseView {
            id: case.id.to_string(),
            number: case.number.clone(),
            query_code: case.query_code.clone(),
            tracking_code: case.tracking_code.clone(),
            site_id: site_id.to_owned(),
            state: case.state.name().to_owned(),
            reporting_state: case.reporting_state(),
            kind: word(case.matter.case_kind),
            decision: case.decision.as_ref().map(|decision| decision.outcome.name().to_owned()),
            closed_as: case.closed_as().map(str::to_owned),
            matter_id: case.matter.id.to_string(),
            matter_name: case.matter.name.clone(),
            department_id: case.department.to_string(),
            department_name: case.matter.department_name.clone(),
            situation_ids: case.situations.iter().map(ToString::to_string).collect(),
            ticket_id: case.ticket.as_ref().map(ToString::to_string),
            bundle_case_id: case.bundle_case.as_ref().map(ToString::to_string),
            applicant: self.masked_person(site_id, case.applicant.as_str()).await?,
            agent,
            materials: materials(case),
            attachments: self.attachment_views(caller, case, &mut names).await?,
            actions,
            clock: self.clock_view(case, &policy),
            clocks: self.clock_views(case, &policy),
            history: self.history(case, &mut names).await?,
            notices: self.notices(case).await?,
            refusal: self.refusal(case, &mut names).await?,
            reviewer_name,
            approval: self.approval_view(case, &mut names).await?,
            step_returned_text: self.step_returned_text(case).await?,
            acting_for: self.acting_for(caller, case, &mut names).await?,
            held: case.is_held(),
            makes_certificate: case.matter.makes_certificate,
            certificate_name: case.matter.certificate_name.clone(),
            certificate,
            application: self.application_step(case).await?,
            helper: self.case_helper(case, &mut names).await?,
            reuse: self.reuse_view(case, &mut names).await?,
            new_term: case.new_term.as_ref().map(new_term_view),
            authorisation: self.authorisation_view(case).await?,
            paper: self.paper_view(case, &mut names).await?,
        })
    }

    async fn history(&self, case: &Case, names: &mut Names) -> Answer<Vec<HistoryView>> {
        let mut entries = Vec::with_capacity(case.history.len());
        for entry in &case.history {
            let by = match &entry.by {
                Some(id) => Some(names.of(self, id).await?),
                None => None,
            };
            let note = match &entry.text {
                Some(id) => Some(self.text(case.site.as_str(), id.as_str()).await?),
                None => None,
            };
            let acting_for = match &entry.acting_for {
                Some(id) => Some(names.of(self, id).await?),
                None => None,
            };
            let step = entry.step.as_ref().and_then(|id| case.step(id)).map(|step| step.name.clone());
            entries.push(HistoryView {
                acting_for,
                under: entry.under.as_ref().map(|basis| self.basis_view(basis)),
                step,
                agrees: entry.agrees,
                at: rfc3339(entry.at),
                entered_at: entry.entered_at.map(rfc3339),
                kind: entry.kind.clone(),
                state: entry.state.clone(),
                text: phrase(&entry.kind).to_owned(),
                note,
                by,
            });
        }
        Ok(entries)
    }

    async fn notices(&self, case: &Case) -> Answer<Vec<CorrectionNoticeView>> {
        let mut notices = Vec::with_capacity(case.notices.len());
        for notice in &case.notices {
            let mut items = Vec::with_capacity(notice.items.len());
            for item in &notice.items {
                items.push(CorrectionItemView {
                    material_id: item.material.as_ref().map(ToString::to_string),
                    text: self.text(case.site.as_str(), item.text.as_str()).await?,
                    basis: item.basis.clone(),
                });
            }
            let supplied_at = notice.supplied_at.map(rfc3339);
            notices.push(CorrectionNoticeView { id: notice.id.to_string(), at: rfc3339(notice.at), items, supplied_at });
        }
        Ok(notices)
    }

    async fn refusal(&self, case: &Case, names: &mut Names) -> Answer<Option<RefusalView>> {
        let State::RefusalProposed { by, reason, text, .. } = &case.state else { return Ok(None) };
        Ok(Some(RefusalView {
            reason_code: reason.code().to_owned(),
            text: self.text(case.site.as_str(), text.as_str()).await?,
            proposed_by_name: names.of(self, by).await?,
        }))
    }

    /// A case as a row of a list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn case_summary(
        &self,
        caller: &Caller,
        case: &Case,
        names: &mut Names,
        policies: &mut CasePolicies,
    ) -> Answer<CaseSummary> {
        let thresholds = policies.of(self, case.site.as_str()).await?.thresholds();
        let reading = reading(case, self.now(), &self.directory.get().calendar, thresholds).map(|(_, reading)| reading);
        let step = standing_step(caller, case, local_date(self.now()));
        let reviewer = case.state.reviewer().or(step.as_ref().and_then(|step| step.holder));
        let acting_for = self.acting_for(caller, case, names).await?;
        let claimed_by_name = match reviewer {
            Some(id) => Some(names.of(self, id).await?),
            None => None,
        };
        let person = self.masked_person(case.site.as_str(), case.applicant.as_str()).await?;
        Ok(CaseSummary {
            id: case.id.to_string(),
            number: case.number.clone(),
            site_id: case.site.to_string(),
            state: case.state.name().to_owned(),
            kind: word(case.matter.case_kind),
            matter_name: case.matter.name.clone(),
            applicant_name: person.name.unwrap_or_default(),
            department_id: case.department.to_string(),
            due_at: reading.as_ref().and_then(|reading| reading.due).map(end_of),
            missing_year: reading.as_ref().and_then(|reading| reading.missing_year),
            days_left: reading.as_ref().map(|reading| i64::from(reading.budget) - i64::from(reading.spent)),
            level: word(reading.as_ref().map_or(Level::None, |reading| reading.level)),
            claimed_by: reviewer.map(ToString::to_string),
            claimed_by_name,
            mine: acting_for.is_some() || reviewer.map(StaffId::as_str) == Some(caller.actor()),
            step_name: step.map(|step| step.name),
            acting_for,
            actions: paths(&self.allowed(caller, case)).0,
            received_at: case.receipt_at.map(rfc3339),
            entered_late: case.paper.is_some(),
            accepted_at: case.acceptance.as_ref().map(|acceptance| rfc3339(acceptance.at)),
            makes_certificate: case.matter.makes_certificate,
            certificate_id: case.certificate.as_ref().map(|certificate| certificate.id.to_string()),
        })
    }

    /// A certificate as the API shows it to this caller.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn certificate_view(&self, caller: &Caller, case: &Case, certificate: &Certificate) -> Answer<CertificateView> {
        let person = self.masked_person(case.site.as_str(), case.applicant.as_str()).await?;
        let received_at = case.history.iter().rev().find(|entry| entry.kind == "certificate_received").map(|entry| entry.at);
        let name = case.matter.certificate_name.clone().filter(|_| certificate.number.is_some());
        let number = match &certificate.number {
            Some(id) => Some(self.text(case.site.as_str(), id.as_str()).await?),
            None => None,
        };
        Ok(CertificateView {
            id: certificate.id.to_string(),
            case_id: case.id.to_string(),
            case_number: case.number.clone(),
            bundle_case_id: case.bundle_case.as_ref().map(ToString::to_string),
            kind: word(certificate.kind),
            name: name.unwrap_or_else(|| "办理结果通知书".to_owned()),
            matter_name: case.matter.name.clone(),
            applicant_name: person.name.unwrap_or_default(),
            number,
            valid_from: certificate.valid_from.map(|date| date.to_string()),
            valid_to: certificate.valid_to.map(|date| date.to_string()),
            custody: certificate.custody.name().to_owned(),
            upload: certificate.upload.name().to_owned(),
            upload_failure: certificate.upload_failure.clone(),
            identifier: certificate.identifier.clone(),
            slot: certificate.slot.clone(),
            made_at: rfc3339(certificate.made_at),
            received_at: received_at.filter(|_| certificate.custody != Custody::Made).map(rfc3339),
            notified_at: certificate.notified_at.map(rfc3339),
            rung: certificate.rung,
            reminded_at: certificate.reminded_at.map(rfc3339),
            handed_over_at: certificate.collection.as_ref().map(|collection| rfc3339(collection.at)),
            carrier: certificate.shipment.as_ref().map(|shipment| shipment.carrier.clone()),
            waybill: certificate.shipment.as_ref().map(|shipment| shipment.waybill.clone()),
            shipped_at: certificate.shipment.as_ref().map(|shipment| rfc3339(shipment.at)),
            courier_to: self.parcel_recipient(case).await?,
            authorisation: self.authorisation_view(case).await?,
            actions: paths(&self.allowed(caller, case)).1,
        })
    }
}
