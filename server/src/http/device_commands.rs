//! Commands and questions of a device: each becomes the use case that its route would call.

use std::sync::Arc;

use domain::ids::{AppointmentId, TicketId};
use domain::rights::Operation;
use protocol::device::{DeviceCommand, LeftPhone, Question, ToDevice};

use super::paging::Page;
use crate::app::App;
use crate::app::appointments::FindAppointmentsRequest;
use crate::app::caller::{Caller, DeviceCaller};
use crate::app::devices::Knock;
use crate::app::error::AppError;
use crate::app::evaluations::{EvaluationRequest, Rater};
use crate::app::hall::{FindTicketsRequest, HolderInput, IssueRequest};
use crate::app::retry::{KEEP_DEVICE_MS, KEY_LEN_MAX, Outcome, Retry};
use crate::app::tracking::{FindRequest, ProgressRequest, TrackingView};

/// The kind of document that readers read.
const RESIDENT_ID: &str = "resident_id";

/// The channel of ratings at a kiosk.
const KIOSK: &str = "kiosk";

/// Does a device's command and gives the reply.
pub(super) async fn answer(app: Arc<App>, device: DeviceCaller, key: String, command: DeviceCommand) -> ToDevice {
    let outcome = run(&app, &device, &key, command).await.unwrap_or_else(|error| {
        if let AppError::Internal(inside) = &error {
            tracing::error!(device = device.id, inside, "a device's command failed");
        }
        Outcome::refusal(&error)
    });
    ToDevice::Reply { key, status: outcome.status, body: outcome.body, replayed: outcome.replayed }
}

pub(super) async fn told(app: Arc<App>, device: DeviceCaller, id: u64, question: Question) -> ToDevice {
    let (status, body) = match look_up(&app, &device, question).await {
        Ok(body) => (200, body),
        Err(error) => {
            if let AppError::Internal(inside) = &error {
                tracing::error!(device = device.id, inside, "a device's question failed");
            }
            let refused = Outcome::refusal(&error);
            (refused.status, refused.body)
        }
    };
    ToDevice::Told { id, status, body }
}

async fn look_up(app: &App, device: &DeviceCaller, question: Question) -> Result<serde_json::Value, AppError> {
    let device = known(app, device).await?;
    let site_id = device.site_id.clone();
    let source = format!("device {}", device.id);
    let permit = Caller::Device(device).permit(Operation::IssueTicket, &site_id)?;
    match question {
        Question::PhoneCode => Ok(serde_json::to_value(app.phone_code(&permit).await?)?),
        Question::FindTickets { id_number, phone, short_code, tracking_code } => {
            let request = FindTicketsRequest { id_number, phone, short_code, tracking_code };
            Ok(serde_json::to_value(app.find_tickets(&permit, &request).await?)?)
        }
        Question::FindAppointments { text } => {
            let found = app.find_appointments(&permit, &FindAppointmentsRequest { text }).await?;
            Ok(serde_json::to_value(Page::whole(found))?)
        }
        Question::Track { tracking_code, short_code, number, query_code } => {
            let view = match (tracking_code, short_code) {
                (Some(code), _) => app.tracking(&code).await?,
                (None, Some(short_code)) => track_by_short(app, site_id, short_code, &source).await?,
                (None, None) => {
                    let (number, query_code) = (number.unwrap_or_default(), query_code.unwrap_or_default());
                    app.progress(&ProgressRequest { number, query_code }).await?
                }
            };
            Ok(serde_json::to_value(view)?)
        }
    }
}

async fn track_by_short(app: &App, site_id: String, short_code: String, source: &str) -> Result<TrackingView, AppError> {
    let found = app.find_tracking(&FindRequest { site_id, short_code }, source).await?;
    app.tracking(&found.tracking_code).await
}

/// A device that was revoked a moment ago does nothing more.
async fn known(app: &App, device: &DeviceCaller) -> Result<DeviceCaller, AppError> {
    match app.device_now(device).await? {
        Knock::Known(device) => Ok(device),
        Knock::Revoked => Err(AppError::Unauthorised { code: "device_revoked", message: "这台设备已停用" }),
    }
}

async fn run(app: &App, device: &DeviceCaller, key: &str, command: DeviceCommand) -> Result<Outcome, AppError> {
    if !(1..=KEY_LEN_MAX).contains(&key.len()) {
        return Err(AppError::field("key", "length", "请求编号 1 到 64 个字符"));
    }
    let device = known(app, device).await?;
    let body = serde_json::to_vec(&command)?;
    let (id, site_id) = (device.id.clone(), device.site_id.clone());
    let retry = Retry::new(&id, "SESSION", "/devices/session", key, &body, KEEP_DEVICE_MS);
    match command {
        DeviceCommand::IssueTicket { line_id, matter_ids, priority, holder, phone, no_slip } => {
            let permit = Caller::Device(device).permit(Operation::IssueTicket, &site_id)?;
            let of_card = holder.map(|card| HolderInput {
                name: Some(card.name),
                id_type: Some(RESIDENT_ID.to_owned()),
                id_number: Some(card.id_number),
                phone: None,
            });
            let holder = match phone {
                Some(LeftPhone(phone)) => Some(HolderInput { phone: Some(phone), ..of_card.unwrap_or_default() }),
                None => of_card,
            };
            let request = IssueRequest { line_id, matter_ids, priority, holder, no_slip, ..IssueRequest::default() };
            let outcome = app.issue_ticket(&permit, request, Some(retry.clone())).await;
            app.keep_invalid(&site_id, Some(retry), outcome).await
        }
        DeviceCommand::CheckIn { appointment_id, no_slip } => {
            let permit = Caller::Device(device).permit(Operation::IssueTicket, &site_id)?;
            let known = || {
                AppointmentId::parse(&appointment_id)
                    .filter(|id| app.directory.get().site(&site_id).is_ok_and(|site| site.key == id.site_key()))
            };
            let outcome = app.check_in(&permit, &known().ok_or(AppError::NotFound)?, no_slip, Some(retry.clone())).await;
            app.keep_invalid(&site_id, Some(retry), outcome).await
        }
        DeviceCommand::Rate { tracking_code, subject, case_id, level, reason_codes } => {
            // Whether a device may rate, and by which channel, is the rating's rule.
            let (rater, source) = (Rater::Device(device), format!("device {id}"));
            let request = EvaluationRequest { tracking_code, subject, case_id, level, reason_codes, text: None, channel: KIOSK.to_owned() };
            let outcome = app.evaluate(&rater, &request, &source, Some(&retry)).await;
            app.keep_invalid(&site_id, Some(retry), outcome).await
        }
        DeviceCommand::TestPrint {} => {
            let permit = Caller::Device(device).permit(Operation::IssueTicket, &site_id)?;
            app.test_print_beside(&permit, Some(&retry)).await
        }
        DeviceCommand::ReprintTicket { ticket_id } => {
            let id = TicketId::parse(&ticket_id).ok_or(AppError::NotFound)?;
            let permit = Caller::Device(device).permit(Operation::IssueTicket, &site_id)?;
            app.print_ticket_again(&permit, &id, None, Some(&retry)).await
        }
    }
}
