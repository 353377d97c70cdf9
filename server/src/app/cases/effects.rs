//! What follows from a case's events outside of it: uploads and messages as outbox rows, alerts.
//! Holds no personal data: rows name persons by id.

use domain::case::{Case, Change, DocumentKind, Event, OnlineStep, State};
use domain::case_clock::Level;
use domain::rights::Role;
use serde_json::json;

use crate::app::App;
use crate::app::case_alerts::{DEEMED, STEP_UNSIGNED, UPLOAD_FAILED, audience};
use crate::app::error::Answer;
use crate::app::fresh::id_tail;
use crate::app::notifications::NewNotification;
use crate::store::{AlertRow, ChangeSet, OutboxRow};

/// The certificate, or the notice of the decision, can be fetched.
pub const READY: &str = "ready_for_pickup";
/// It still lies there.
pub const PICKUP_REMINDER: &str = "pickup_reminder";
/// The reminder to hand in what the one-time notice named.
pub const CORRECTION_REMINDER: &str = "correction_reminder";

/// More days were given by law; the applicant has to be told why (行政许可法 42).
pub const EXTENDED: &str = "term_extended";
/// More days were given to all cases of a bundle.
pub const JOINT_EXTENDED: &str = "joint_term_extended";
/// A new term was given for what was promised and not handed in.
pub const PROMISE_EXTENDED: &str = "promise_extended";
/// The pre-check of an online application wants something mended.
pub const APPLICATION_SUPPLEMENT: &str = "application_supplement";
/// The pre-check of an online application is passed.
pub const APPLICATION_READY: &str = "application_ready";

/// Whether what a message tells its reader is still so: nobody comes for a certificate that was fetched or taken back,
/// or brings what he has brought.
pub(in crate::app) fn still_tells(template: &str, case: &Case) -> bool {
    match template {
        READY | PICKUP_REMINDER => case.waiting_certificate().is_some(),
        CORRECTION_REMINDER => matches!(case.state, State::Correcting { .. }),
        EXTENDED | JOINT_EXTENDED => case.is_undecided(),
        PROMISE_EXTENDED => case.closed_as().is_none() && !case.open_promises().is_empty(),
        APPLICATION_SUPPLEMENT => matches!(case.online_step(), Some(OnlineStep::Supplement { .. })),
        // Where nothing has to be handed in it is received in the same step.
        APPLICATION_READY => {
            let is_back = matches!(case.online_step(), Some(OnlineStep::Submitted { .. } | OnlineStep::Supplement { .. }));
            case.closed_as().is_none() && !is_back
        }
        _ => true,
    }
}

impl App {
    /// Adds what follows from the events to their change-set.
    pub(super) async fn follow(&self, case: &Case, events: &[Event], set: &mut ChangeSet) -> Answer<()> {
        for event in events {
            match &event.change {
                Change::CertificateMade { upload_required: true, .. } | Change::UploadRetried => self.owe_upload(case, set),
                Change::ApplicantNotified { channels } => self.owe_messages(case, channels, READY, set).await?,
                Change::PickupReminded { channels, .. } => self.owe_messages(case, channels, PICKUP_REMINDER, set).await?,
                Change::ApplicationChecked { text } => {
                    let template = if text.is_some() { APPLICATION_SUPPLEMENT } else { APPLICATION_READY };
                    self.owe_message(case, "sms", template, set).await?;
                }
                Change::ExtensionApproved { .. } => self.owe_both(case, EXTENDED, set).await?,
                Change::JointExtensionApproved { .. } => self.owe_both(case, JOINT_EXTENDED, set).await?,
                Change::PromiseExtended { .. } => self.owe_both(case, PROMISE_EXTENDED, set).await?,
                Change::CorrectionReminded => {
                    self.owe_both(case, CORRECTION_REMINDER, set).await?;
                }
                Change::UploadFailed { .. } => self.alert(case, UPLOAD_FAILED, Level::Yellow, "证照没有传上去，去看看原因", set),
                Change::CaseAccepted { mode: domain::case::AcceptanceMode::Deemed, .. } => {
                    self.alert(case, DEEMED, Level::Red, "五个工作日没有答复，依法视为受理", set);
                }
                Change::CaseRouted { .. } | Change::StepSigned { .. } | Change::StepReturned { .. } => {
                    for name in self.unsignable_steps(case).await? {
                        let text = format!("审批步骤“{name}”现在没有人能签，请给人员补上依据");
                        self.alert(case, STEP_UNSIGNED, Level::Yellow, &text, set);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn tail(&self) -> String {
        id_tail(self.entropy.as_ref(), self.now())
    }

    fn owe(&self, case: &Case, kind: &str, payload: &serde_json::Value, set: &mut ChangeSet) {
        let id = format!("o_{}_{}", case.id.site_key(), self.tail());
        set.row(OutboxRow::owed(case.site.as_str(), id, kind, payload.to_string(), self.now()));
    }

    fn owe_upload(&self, case: &Case, set: &mut ChangeSet) {
        if let Some(certificate) = case.certificate.as_ref().filter(|certificate| certificate.kind == DocumentKind::Certificate) {
            self.owe(case, "upload", &json!({ "case_id": case.id, "certificate_id": certificate.id }), set);
        }
    }

    /// Who is reached by a channel: who acts for the applicant, where that person can be.
    async fn reached_by(&self, case: &Case, channel: &str) -> Answer<String> {
        if let Some(agent) = &case.agent {
            let data = self.person_data(case.site.as_str(), agent.as_str()).await?;
            let is_reached = match channel {
                "email" => data.email.is_some(),
                "wechat" => data.wechat_openid.is_some(),
                "sms" | "phone" | "webhook" => data.phone.is_some(),
                _ => true,
            };
            if is_reached {
                return Ok(agent.to_string());
            }
        }
        Ok(case.applicant.to_string())
    }

    /// A message that is told on the timeline and sent to the phone.
    async fn owe_both(&self, case: &Case, template: &str, set: &mut ChangeSet) -> Answer<()> {
        self.owe_messages(case, &["site", "sms"], template, set).await
    }

    async fn owe_messages(&self, case: &Case, channels: &[impl AsRef<str>], template: &str, set: &mut ChangeSet) -> Answer<()> {
        for channel in channels {
            self.owe_message(case, channel.as_ref(), template, set).await?;
        }
        Ok(())
    }

    async fn owe_message(&self, case: &Case, channel: &str, template: &str, set: &mut ChangeSet) -> Answer<()> {
        let person_id = self.reached_by(case, channel).await?;
        let new = NewNotification {
            site_id: case.site.as_str(),
            site_key: case.id.site_key(),
            about_id: case.id.as_str(),
            person_id: &person_id,
            channel,
            template,
        };
        self.owe_notification(&new, set);
        Ok(())
    }

    fn alert(&self, case: &Case, kind: &str, level: Level, text: &str, set: &mut ChangeSet) {
        // What the desk or the machine room has to mend is told to everybody who may read alerts.
        let audience = if kind == DEEMED { audience(&[Role::Approver], level) } else { String::new() };
        set.row(AlertRow {
            site_id: case.site.to_string(),
            id: format!("al_{}_{}", case.id.site_key(), self.tail()),
            kind: kind.to_owned(),
            level: level.name().to_owned(),
            object_id: case.id.to_string(),
            text: format!("{}：{text}", case.number),
            at: self.now(),
            settled_at: None,
            audience,
        });
    }
}
