//! The settings of a hall: lines, windows, hours and the calling policy, as the hall keeps them.

use domain::codes::clean_line;
use domain::hall::{Actor, Command, Configuration, Event, Fact, LineSetup, OpeningHours, Policy, ScheduledConfiguration, WindowSetup};
use domain::ids::{LineId, WindowId};
use domain::time::{Millis, rfc3339};
use serde::{Deserialize, Serialize};

use super::App;
use super::appointments::instant;
use super::caller::Permit;
use super::error::{Answer, AppError, FieldErrors};
use super::hall::{Beside, Wish, are_staff_of};
use super::retry::{Outcome, Retry};

/// Characters of a line's name; more do not fit on slip and board.
const LINE_NAME_CHARS_MAX: usize = 20;
/// What is said of a text that is no instant.
const INSTANT_TEXT: &str = "时间写成 2026-11-24T09:00:00+08:00 的样子";
/// Characters of the text that sends people to the guide desk.
const GUIDE_TEXT_CHARS_MAX: usize = 200;

/// Settings, from now on or from an instant to come.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRequest {
    lines: Vec<LineSetup>,
    windows: Vec<WindowSetup>,
    hours: OpeningHours,
    policy: Policy,
    effective_from: Option<String>,
}

/// Settings that wait for their time.
#[derive(Debug, Serialize)]
pub struct ScheduledPolicyView {
    /// From when they are in force.
    pub effective_from: String,
    /// The settings.
    #[serde(flatten)]
    pub configuration: Configuration,
}

impl App {
    /// The settings as they are now, or were or will be at an instant as far as is known now.
    ///
    /// # Errors
    /// When the store cannot be read; when the instant is none, or lies before the first settings.
    pub async fn policy(&self, permit: &Permit, at: Option<&str>) -> Answer<Configuration> {
        let hall = self.hall(permit.site_id()).await?;
        let Some(at) = at else { return Ok(hall.configuration()) };
        let at = at_field("at", at)?;
        if at >= self.now() {
            let scheduled = hall.doc().scheduled.iter().rfind(|scheduled| scheduled.from <= at);
            return Ok(scheduled.map_or_else(|| hall.configuration(), |scheduled| Configuration::clone(&scheduled.configuration)));
        }
        let logged = self.stores.events.newest_of_kind(permit.site_id(), "hall_configured", at).await?;
        let event: Option<Event> = logged.map(|logged| serde_json::from_str(&logged.body)).transpose()?;
        match event.map(|event| event.fact) {
            Some(Fact::HallConfigured { configuration }) => Ok(*configuration),
            _ => Err(AppError::field("at", "before_first", "那时候还没有设置")),
        }
    }

    /// The settings that wait for their time, the next first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn scheduled_policies(&self, permit: &Permit) -> Answer<Vec<ScheduledPolicyView>> {
        let hall = self.hall(permit.site_id()).await?;
        let view = |scheduled: &ScheduledConfiguration| ScheduledPolicyView {
            effective_from: rfc3339(scheduled.from),
            configuration: Configuration::clone(&scheduled.configuration),
        };
        Ok(hall.doc().scheduled.iter().map(view).collect())
    }

    /// Takes back settings that wait for their time.
    ///
    /// # Errors
    /// Field errors; what the rules refuse is an outcome.
    pub async fn cancel_scheduled_policy(&self, permit: &Permit, effective_from: &str, retry: Option<Retry>) -> Answer<Outcome> {
        let from = at_field("effective_from", effective_from)?;
        let mut outcome = self.halls.submit(wish(permit, Command::CancelConfiguration { from }, retry)).await?;
        if outcome.status == 200 {
            outcome.body = serde_json::json!({ "items": self.scheduled_policies(permit).await? });
        }
        Ok(outcome)
    }

    /// Replaces the settings, now or at an instant to come; the answer's body is what was asked for, as it
    /// is in force then.
    ///
    /// # Errors
    /// Field errors; what the rules refuse is an outcome.
    pub async fn change_policy(&self, permit: &Permit, wanted: PolicyRequest, retry: Option<Retry>) -> Answer<Outcome> {
        let site_key = self.directory.get().site(permit.site_id())?.key.clone();
        let PolicyRequest { lines, windows, hours, policy, effective_from } = wanted;
        let wanted = checked(&site_key, Configuration { lines, windows, hours, policy })?;
        if let Some(from) = effective_from.as_deref().map(|text| at_field("effective_from", text)).transpose()? {
            let view = ScheduledPolicyView { effective_from: rfc3339(from), configuration: wanted.clone() };
            let command = Command::ScheduleConfiguration { from, configuration: wanted };
            let mut outcome = self.halls.submit(wish(permit, command, retry)).await?;
            if outcome.status == 200 {
                outcome.body = serde_json::to_value(view)?;
            }
            return Ok(outcome);
        }
        let wish = wish(permit, Command::Configure { configuration: wanted }, retry);
        // Before too: who dies in between has left them due.
        self.appointment_rules_changed(Some(permit.site_id())).await?;
        let mut outcome = self.halls.submit(wish).await?;
        if outcome.status == 200 {
            self.appointment_rules_changed(Some(permit.site_id())).await?;
            outcome.body = serde_json::to_value(self.policy(permit, None).await?)?;
        }
        Ok(outcome)
    }
}

pub(super) fn wish(permit: &Permit, command: Command, retry: Option<Retry>) -> Wish {
    Wish {
        site_id: permit.site_id().to_owned(),
        actor: Actor::machine(),
        actor_id: permit.caller().actor().to_owned(),
        command,
        retry,
        rows: Vec::new(),
        beside: Beside::default(),
    }
}

fn at_field(field: &str, text: &str) -> Answer<Millis> {
    instant(text).ok_or_else(|| AppError::field(field, "time", INSTANT_TEXT))
}

/// Ids of this site and texts that can be printed and spoken; everything else is the hall's rule.
pub(super) fn checked(site_key: &str, mut wanted: Configuration) -> Answer<Configuration> {
    let mut errors = FieldErrors::default();
    let is_line = |id: &LineId| LineId::parse(id.as_str()).is_some_and(|id| id.site_key() == site_key);
    let is_window = |id: &WindowId| WindowId::parse(id.as_str()).is_some_and(|id| id.site_key() == site_key);
    for (place, line) in wanted.lines.iter_mut().enumerate() {
        if !is_line(&line.id) {
            errors.add(&format!("lines[{place}].id"), "form", format!("队的编号写成 l_{site_key}_… 的样子"));
        }
        match clean_line(&line.name, LINE_NAME_CHARS_MAX) {
            Ok(name) => line.name = name,
            Err(fault) => errors.add(&format!("lines[{place}].name"), fault.code(), fault.message()),
        }
    }
    for (place, window) in wanted.windows.iter().enumerate() {
        if !is_window(&window.id) {
            errors.add(&format!("windows[{place}].id"), "form", format!("窗口的编号写成 w_{site_key}_… 的样子"));
        }
    }
    match clean_line(&wanted.policy.guide_text, GUIDE_TEXT_CHARS_MAX) {
        Ok(text) => wanted.policy.guide_text = text,
        Err(fault) => errors.add("policy.guide_text", fault.code(), fault.message()),
    }
    let serving = &mut wanted.policy.serving;
    let parks = serving.park_reasons.iter_mut().map(|reason| &mut reason.text);
    for text in serving.miss_reasons.iter_mut().chain(&mut serving.help_reasons).chain(parks) {
        match clean_line(text, LINE_NAME_CHARS_MAX) {
            Ok(clean) => *text = clean,
            Err(fault) => errors.add("policy.serving", fault.code(), fault.message()),
        }
    }
    if !are_staff_of(&wanted.policy.serving, site_key) {
        errors.add("policy.serving.covers", "form", "AB角要是这个厅的人");
    }
    for fault in wanted.faults() {
        if errors.names(&fault.field) {
            continue;
        }
        errors.add(&fault.field, "configuration_invalid", fault.text);
    }
    errors.check()?;
    Ok(wanted)
}
