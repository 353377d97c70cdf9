//! The settings of a hall: lines, windows, hours and the calling policy, as the hall keeps them.

use domain::codes::clean_line;
use domain::hall::{Actor, Command, Configuration};
use domain::ids::{LineId, WindowId};

use super::App;
use super::caller::Permit;
use super::error::{Answer, FieldErrors};
use super::hall::{Beside, Wish, are_staff_of};
use super::retry::{Outcome, Retry};

/// Characters of a line's name; more do not fit on slip and board.
const LINE_NAME_CHARS_MAX: usize = 20;
/// Characters of the text that sends people to the guide desk.
const GUIDE_TEXT_CHARS_MAX: usize = 200;

impl App {
    /// The settings as they are now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn policy(&self, permit: &Permit) -> Answer<Configuration> {
        Ok(self.hall(permit.site_id()).await?.configuration())
    }

    /// Replaces the settings; the answer's body is what is in force now.
    ///
    /// # Errors
    /// Field errors; what the rules refuse is an outcome.
    pub async fn change_policy(&self, permit: &Permit, wanted: Configuration, retry: Option<Retry>) -> Answer<Outcome> {
        let site_key = self.directory.get().site(permit.site_id())?.key.clone();
        let wanted = checked(&site_key, wanted)?;
        let wish = Wish {
            site_id: permit.site_id().to_owned(),
            actor: Actor::machine(),
            actor_id: permit.caller().actor().to_owned(),
            command: Command::Configure { configuration: wanted },
            retry,
            rows: Vec::new(),
            beside: Beside::default(),
        };
        // Before too: who dies in between has left them due.
        self.appointment_rules_changed(Some(permit.site_id())).await?;
        let mut outcome = self.halls.submit(wish).await?;
        if outcome.status == 200 {
            self.appointment_rules_changed(Some(permit.site_id())).await?;
            outcome.body = serde_json::to_value(self.policy(permit).await?)?;
        }
        Ok(outcome)
    }
}

/// Ids of this site and texts that can be printed and spoken; everything else is the hall's rule.
fn checked(site_key: &str, mut wanted: Configuration) -> Answer<Configuration> {
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
