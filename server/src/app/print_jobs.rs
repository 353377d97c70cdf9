//! Slips that are owed: outbox rows of kind `print`, addressed to a site until a printer of the site
//! takes one, then to that printer for good. So a slip never lies in two printers, and after a cut the
//! same printer gets it again and knows it by its id.

use domain::ids::{DeviceId, PrintJobId};
use domain::time::{Millis, local_date, rfc3339};
use protocol::device::{DeviceKind, JobOutcome};
use protocol::slip::{PaperState, PrinterStatus, Slip};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::caller::{DeviceCaller, Permit};
use super::devices::{ERROR_CHARS_MAX, device_event, kind_of, status_of};
use super::error::{Answer, AppError};
use super::fresh::id_tail;
use super::hall::reason;
use super::presence::News;
use super::retry::{Outcome, Retry};
use super::slip_previews::calibration_sheet;
use crate::store::{ChangeSet, DeviceRow, NewEvent, OutboxRow, Row};

/// Kind of the outbox rows.
const PRINT: &str = "print";
/// Slips that a working printer holds ahead; what waits beyond it can go to another printer.
pub const JOBS_AHEAD_MAX: usize = 8;
/// More slips than one printer ever holds.
const JOBS_HELD_MAX: i64 = 1_000;
/// Newest jobs that are listed.
const JOBS_LISTED_MAX: i64 = 500;
/// Characters of a printer's code for why a slip waits.
const WHY_CHARS_MAX: usize = 40;

/// A slip on its way to a printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintJob {
    /// The job.
    pub id: String,
    /// What to print.
    pub slip: Slip,
}

/// A print job as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PrintJobView {
    /// The job.
    pub id: String,
    /// `waiting`, `at_printer`, `printed` or `given_up`.
    pub state: String,
    /// The number on the slip, or the document's title.
    pub title: String,
    /// Whether it is marked 补打.
    pub reprint: bool,
    /// The printer that has it.
    pub device_id: Option<String>,
    /// Why it waits, as the printer says: `paper_out`, `cover_open`, `offline`, `error`.
    pub why: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub printed_at: Option<String>,
}

fn obstacle_text(name: &str, code: &str) -> String {
    match code {
        "paper_out" => format!("{name}缺纸，请换纸；没打出来的号票换好纸会接着打"),
        "cover_open" => format!("{name}的盖子没合上"),
        "offline" => format!("{name}连不上，请看看电源和网线"),
        _ => format!("{name}报故障，请看看切刀和卡纸"),
    }
}

/// A ticket's slip is of no use on another day.
fn is_out_of_date(slip: &Slip, now: Millis) -> bool {
    matches!(slip, Slip::Ticket(ticket) if local_date(ticket.issued_at_ms) != local_date(now))
}

fn job_view(row: &OutboxRow) -> PrintJobView {
    let slip = serde_json::from_str::<Slip>(&row.payload).ok();
    let title = match &slip {
        Some(Slip::Ticket(ticket)) => ticket.number.clone(),
        Some(Slip::Document(document)) => document.title.clone(),
        None => String::new(),
    };
    let device_id = row.target.clone().filter(|target| *target != row.site_id);
    let state = match row.state.as_str() {
        "done" => "printed",
        "ready" if device_id.is_some() => "at_printer",
        "ready" => "waiting",
        _ => "given_up",
    };
    PrintJobView {
        id: row.id.clone(),
        state: state.to_owned(),
        title,
        reprint: slip.is_some_and(|slip| slip.reprint()),
        device_id,
        why: row.last_error.clone(),
        created_at: rfc3339(row.created_at),
        printed_at: row.done_at.map(rfc3339),
    }
}

impl App {
    /// Slips that a printer was given and has not told the end of, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn jobs_held(&self, device: &DeviceCaller) -> Answer<Vec<PrintJob>> {
        let rows = self.stores.outbox.owed(PRINT, &device.id, JOBS_HELD_MAX).await?;
        self.printable(rows).await
    }

    /// Gives a printer that holds `held` slips more of them, unless it cannot print.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn jobs_taken(&self, device: &DeviceCaller, held: usize) -> Answer<Vec<PrintJob>> {
        let room = self.room(device).saturating_sub(held);
        if room == 0 {
            return Ok(Vec::new());
        }
        let own = self.jobs_of(&device.site_id, device, room).await?;
        // A practice hall has no printer: its slips, marked 练习, come out of the hall's own, after the real ones.
        match self.directory.get().practice_of(&device.site_id) {
            Some(practice) if own.is_empty() => self.jobs_of(&practice.id, device, room).await,
            _ => Ok(own),
        }
    }

    async fn jobs_of(&self, site_id: &str, device: &DeviceCaller, room: usize) -> Answer<Vec<PrintJob>> {
        let limit = i64::try_from(room).unwrap_or(1);
        // Looking costs a read, taking a write: most commits of a hall leave nothing to print.
        while !self.stores.outbox.owed(PRINT, site_id, 1).await?.is_empty() {
            let rows = self.stores.outbox.assign(PRINT, site_id, &device.id, self.now(), limit).await?;
            let none = rows.is_empty();
            let jobs = self.printable(rows).await?;
            // What was out of date is no reason to let the others wait.
            if none || !jobs.is_empty() {
                return Ok(jobs);
            }
        }
        Ok(Vec::new())
    }

    /// How many slips a printer may hold. One that is stuck gets one, so that somebody sees what waits
    /// for it, and none while another printer of the hall works.
    fn room(&self, device: &DeviceCaller) -> usize {
        let (own, others) = self.presence.printer_and_others(&device.site_id, &device.id);
        match own.as_ref().and_then(PrinterStatus::obstacle) {
            None => JOBS_AHEAD_MAX,
            Some(_) if others.iter().any(|other| other.obstacle().is_none()) => 0,
            Some(_) => 1,
        }
    }

    /// Rows as jobs; what cannot be printed any more is given up.
    async fn printable(&self, rows: Vec<OutboxRow>) -> Answer<Vec<PrintJob>> {
        let mut jobs = Vec::with_capacity(rows.len());
        for mut row in rows {
            let why = match serde_json::from_str::<Slip>(&row.payload) {
                Ok(slip) if is_out_of_date(&slip, self.now()) => "out_of_date",
                Ok(slip) => {
                    jobs.push(PrintJob { id: row.id, slip });
                    continue;
                }
                Err(error) => {
                    tracing::error!(job = row.id, %error, "a slip cannot be read");
                    "unreadable"
                }
            };
            row.state = "dead".to_owned();
            row.last_error = Some(why.to_owned());
            self.stores.outbox.settle(&row).await?;
        }
        Ok(jobs)
    }

    /// Takes down how a slip ended, or why it waits.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn job_reported(&self, device: &DeviceCaller, job_id: &str, outcome: &JobOutcome) -> Answer<()> {
        let listing = self.directory.get();
        let practice =
            listing.practice_of(&device.site_id).filter(|site| PrintJobId::parse(job_id).is_some_and(|id| id.site_key() == site.key));
        let row = self.stores.outbox.outbox(practice.map_or(&device.site_id, |site| &site.id), job_id).await?;
        let Some(mut row) = row.filter(|row| row.kind == PRINT && row.target.as_deref() == Some(device.id.as_str())) else {
            tracing::warn!(job_id, device = device.id, "a printer told of a slip that it was not given");
            return Ok(());
        };
        match outcome {
            JobOutcome::Printed { attempts_unknown } => {
                row.state = "done".to_owned();
                row.done_at = Some(self.now());
                row.last_error = (*attempts_unknown > 0).then(|| format!("attempts_unknown={attempts_unknown}"));
            }
            JobOutcome::Waiting { why } => row.last_error = Some(why.chars().take(WHY_CHARS_MAX).collect()),
        }
        Ok(self.stores.outbox.settle(&row).await?)
    }

    /// The rows that address a printer's open slips to their site again, marked 补打.
    pub(super) async fn jobs_given_back(&self, device_id: &str) -> Answer<Vec<Row>> {
        let mut rows = self.stores.outbox.owed(PRINT, device_id, JOBS_HELD_MAX).await?;
        for row in &mut rows {
            row.target = Some(row.site_id.clone());
            if let Ok(slip) = serde_json::from_str::<Slip>(&row.payload) {
                row.payload = serde_json::to_string(&slip.marked_reprint())?;
            }
        }
        Ok(rows.into_iter().map(Row::from).collect())
    }

    /// Gives the slips of a revoked printer back that its session took while it was being revoked.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn jobs_released(&self, device: &DeviceCaller) -> Answer<()> {
        let mut set = ChangeSet::new(&device.site_id);
        set.rows = self.jobs_given_back(&device.id).await?;
        if !set.rows.is_empty() {
            self.commit(set).await?;
            self.presence.tell(News::Printers { site_id: device.site_id.clone() });
        }
        Ok(())
    }

    /// Takes down how a printer is; a stop raises an alert, which is settled when it prints again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn printer_told(&self, device: &DeviceCaller, printer: Option<PrinterStatus>, error: Option<String>) -> Answer<()> {
        let Some(row) = self.stores.devices.device(&device.site_id, &device.id).await? else { return Ok(()) };
        self.presence.note_printer(&device.id, printer);
        let mut status = status_of(&row);
        let before = status.printer.as_ref().and_then(PrinterStatus::obstacle);
        status.online = true;
        status.printer = printer;
        status.error = error.map(|error| error.chars().take(ERROR_CHARS_MAX).collect());
        self.stores.devices.seen(&row.site_id, &row.id, self.now(), &serde_json::to_string(&status)?).await?;
        self.presence.tell(News::Printers { site_id: row.site_id.clone() });
        let after = printer.as_ref().and_then(PrinterStatus::obstacle);
        if before != after { self.printer_changed(&row, after).await } else { Ok(()) }
    }

    async fn printer_changed(&self, row: &DeviceRow, obstacle: Option<&'static str>) -> Answer<()> {
        let kind = if obstacle.is_some() { "printer_stopped" } else { "printer_ready" };
        let alert = obstacle.map(|code| (format!("printer_{code}"), obstacle_text(&row.name, code)));
        self.device_told(row, (kind, json!({ "why": obstacle })), "printer_", alert).await
    }

    /// The state of the printer beside a kiosk: of several the best; `None` when the hall has none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn printer_beside(&self, site_id: &str) -> Answer<Option<PrinterStatus>> {
        Ok(self.best_printer(site_id).await?.map(|(_, status)| status))
    }

    async fn best_printer(&self, site_id: &str) -> Answer<Option<(DeviceRow, PrinterStatus)>> {
        // Connected and not looked at yet.
        let unknown = PrinterStatus { paper: PaperState::Unknown, ..PrinterStatus::READY };
        let mut best: Option<(DeviceRow, PrinterStatus)> = None;
        for row in self.stores.devices.devices(site_id).await? {
            if row.revoked_at.is_some() || kind_of(&row)? != DeviceKind::Printer {
                continue;
            }
            let status = if self.is_online(&row) { status_of(&row).printer.unwrap_or(unknown) } else { PrinterStatus::UNREACHABLE };
            let rank = |status: &PrinterStatus| (status.obstacle().is_some(), !status.online);
            if best.as_ref().is_none_or(|(_, known)| rank(&status) < rank(known)) {
                best = Some((row, status));
            }
        }
        Ok(best)
    }

    /// The newest print jobs of a site.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn print_jobs(&self, permit: &Permit, state: Option<&str>) -> Answer<Vec<PrintJobView>> {
        let rows = self.stores.outbox.outbox_of(permit.site_id(), PRINT, JOBS_LISTED_MAX).await?;
        Ok(rows.iter().map(job_view).filter(|job| state.is_none_or(|state| job.state == state)).collect())
    }

    /// Prints a slip again, marked 补打, whatever became of the first.
    ///
    /// # Errors
    /// Field errors, an unknown job.
    pub async fn reprint(&self, permit: &Permit, job_id: &PrintJobId, why: Option<&str>, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.once(site_id, retry, || async {
            let why = reason("reason", why, true)?.unwrap_or_default();
            let row = self.stores.outbox.outbox(site_id, job_id.as_str()).await?;
            let row = row.filter(|row| row.kind == PRINT).ok_or(AppError::NotFound)?;
            let slip = serde_json::from_str::<Slip>(&row.payload)?.marked_reprint();
            if is_out_of_date(&slip, self.now()) {
                return Err(AppError::refused("slip_out_of_date", "这张号票不是今天的，不能补打"));
            }
            self.slip_again(permit, &slip, json!({ "of": row.id }), &why)
        })
        .await
    }

    /// Prints a page by which somebody sees whether a printer prints, cuts and knows its characters.
    ///
    /// # Errors
    /// An unknown or revoked device, one that is no printer.
    pub async fn test_print(&self, permit: &Permit, id: &DeviceId, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.once(site_id, retry, || async {
            let row = self.stores.devices.device(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
            if kind_of(&row)? != DeviceKind::Printer {
                return Err(AppError::refused("not_a_printer", "这台设备不是打印机"));
            }
            if row.revoked_at.is_some() {
                return Err(AppError::refused("device_revoked", "这台设备已停用"));
            }
            let now = self.now();
            let listing = self.directory.get();
            let site = listing.site(site_id)?;
            let profile = row.profile.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
            let url = self.settings.public_url.clone();
            let slip = Slip::Document(calibration_sheet(&site.name, &row.name, &profile, url, now));
            let job = PrintJobId::new(&site.key, &id_tail(self.entropy.as_ref(), now)).to_string();
            let mut set = ChangeSet::new(site_id);
            set.events.push(device_event(&row.id, "printer_tested", permit.caller().actor(), now, json!({ "job": job })));
            // Straight to this printer: another one would prove nothing.
            let owed = OutboxRow::owed(site_id, job.clone(), PRINT, serde_json::to_string(&slip)?, now);
            let owed = OutboxRow { target: Some(row.id), ..owed };
            let view = json!(job_view(&owed));
            set.row(owed);
            Ok((set, Outcome::success(201, Some(job), view)))
        })
        .await
    }

    /// Prints that page on the printer beside a kiosk.
    ///
    /// # Errors
    /// The hall has no printer; else as [`Self::test_print`].
    pub async fn test_print_beside(&self, permit: &Permit, retry: Option<&Retry>) -> Answer<Outcome> {
        let (row, _) = self.best_printer(permit.site_id()).await?.ok_or(AppError::refused("no_printer", "大厅没有打印机"))?;
        let id = DeviceId::parse(&row.id).ok_or(AppError::NotFound)?;
        self.test_print(permit, &id, retry).await
    }

    /// The job that prints a slip again and its event; `of` says in the log what it is a copy of.
    pub(super) fn slip_again(&self, permit: &Permit, slip: &Slip, of: Value, why: &str) -> Answer<(ChangeSet, Outcome)> {
        let (text_id, text_row) = self.new_text(permit.site_id(), "reprint_reason", why)?;
        let mut told = of;
        told["reason"] = json!(text_id);
        let (mut set, outcome) = self.slip_owed(permit, slip, "slip_reprinted", told)?;
        set.row(text_row);
        Ok((set, outcome))
    }

    /// The job that prints a slip in the permit's hall, and the event that says so, with `told` besides: an object.
    pub(super) fn slip_owed(&self, permit: &Permit, slip: &Slip, kind: &str, mut told: Value) -> Answer<(ChangeSet, Outcome)> {
        let (site_id, now) = (permit.site_id(), self.now());
        let key = self.directory.get().site(site_id)?.key.clone();
        let id = PrintJobId::new(&key, &id_tail(self.entropy.as_ref(), now)).to_string();
        told["type"] = json!(kind);
        told["job"] = json!(id);
        let mut set = ChangeSet::new(site_id);
        set.events.push(NewEvent {
            aggregate: "site",
            aggregate_id: site_id.to_owned(),
            kind: kind.to_owned(),
            actor: permit.caller().actor().to_owned(),
            at: now,
            body: told.to_string(),
        });
        let owed = OutboxRow::owed(site_id, id.clone(), PRINT, serde_json::to_string(slip)?, now);
        let owed = OutboxRow { target: Some(site_id.to_owned()), ..owed };
        let view = json!(job_view(&owed));
        set.row(owed);
        Ok((set, Outcome::success(201, Some(id), view)))
    }
}
