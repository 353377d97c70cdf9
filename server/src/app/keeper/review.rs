//! What of a keeper's journal somebody must look at: entries that were settled by a rule or refused, each with what it says,
//! so that a person can judge whether something is to be done by hand. Nothing here is personal: an entry names no person.

use domain::hall::{Command, Event, Fact, Hall, Outcome as VisitOutcome, Target};
use domain::ids::WindowId;
use domain::time::rfc3339;
use protocol::keeper::EntryText;
use protocol::keeper_clock::ClockText;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::bag;
use super::lost::device_of;
use super::office::ENTRIES_MAX;
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::devices::device_event;
use crate::app::error::{Answer, AppError};
use crate::app::retry::{Outcome, Retry};
use crate::store::{AlertRow, ChangeSet, KeeperEntryRow};

/// An entry that was settled by a rule or refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeeperEntryView {
    /// The entry.
    pub id: String,
    /// The device whose journal it is of.
    pub device_id: String,
    /// Its number there.
    pub number: i64,
    /// When it was decided in the hall.
    pub occurred_at: String,
    /// When it came here.
    pub received_at: String,
    /// `settled` by a rule, or `refused`.
    pub verdict: String,
    /// The rule, or why it was refused.
    pub rule: Option<String>,
    /// What was done, for people.
    pub text: String,
    /// What was asked in the hall, for people; `None` where the entry cannot be read.
    pub what: Option<String>,
    /// The number on the slip.
    pub ticket_number: Option<String>,
    /// The window.
    pub window_number: Option<u16>,
    /// Whether it is what the device signed; where not, what it says may be invented.
    pub is_proven: bool,
}

/// The alert that an entry raises until somebody looked at it.
pub(super) fn entry_alert(row: &KeeperEntryRow) -> AlertRow {
    AlertRow {
        site_id: row.site_id.clone(),
        id: format!("al_{}-keeper-{}", row.site_id, row.id),
        kind: "keeper_entry".to_owned(),
        level: if row.verdict == "refused" { "red" } else { "yellow" }.to_owned(),
        object_id: row.id.clone(),
        text: format!("断网期间的第 {} 条记录：{}", row.number, row.text),
        at: row.received_at,
        settled_at: row.settled_at,
        audience: String::new(),
    }
}

fn outcome_words(outcome: VisitOutcome) -> &'static str {
    match outcome {
        VisitOutcome::Accepted => "受理",
        VisitOutcome::Collected => "领证",
        VisitOutcome::Consulted => "咨询",
        VisitOutcome::WrongLine => "取错事项",
        VisitOutcome::Other => "其他",
    }
}

/// A command in words; names of lines and windows are those of now.
fn command_words(command: &Command, hall: &Hall) -> String {
    let line = |id| hall.line(id).map_or("已经撤掉的队", |line| line.name.as_str());
    match command {
        Command::Tick => "到时自动做的事".to_owned(),
        Command::Issue(new) if new.appointment.is_some() => format!("预约签到取号（{}）", line(&new.line_id)),
        Command::Issue(new) => format!("取号（{}）", line(&new.line_id)),
        Command::OpenWindow { .. } => "开窗口".to_owned(),
        Command::PauseWindow { .. } => "暂停窗口".to_owned(),
        Command::CloseWindow { .. } => "关窗口".to_owned(),
        Command::CallNext { .. } => "叫下一个".to_owned(),
        Command::Recall { .. } => "重呼".to_owned(),
        Command::Start { .. } => "开始办".to_owned(),
        Command::Finish { outcome, .. } => format!("办完（{}）", outcome_words(*outcome)),
        Command::Miss { .. } => "过号".to_owned(),
        Command::Requeue { .. } => "过号归队".to_owned(),
        Command::Park { .. } => "挂起".to_owned(),
        Command::Resume { .. } => "挂起的回来排队".to_owned(),
        Command::Transfer { to: Target::Line { line_id }, .. } => format!("转到{}", line(line_id)),
        Command::Transfer { to: Target::Window { window_id }, .. } => match hall.window(window_id) {
            Some(window) => format!("转到 {} 号窗口", window.number),
            None => "转到已经撤掉的窗口".to_owned(),
        },
        Command::Abandon { .. } => "弃号".to_owned(),
        Command::Part { .. } => "接管大厅".to_owned(),
        _ => "守门机不能做的事".to_owned(),
    }
}

fn window_of(command: &Command, events: &[Event]) -> Option<WindowId> {
    match command {
        Command::OpenWindow { window_id, .. }
        | Command::PauseWindow { window_id, .. }
        | Command::CloseWindow { window_id }
        | Command::CallNext { window_id } => Some(window_id.clone()),
        _ => events.iter().find_map(|event| match &event.fact {
            Fact::TicketCalled { window_id, .. }
            | Fact::TicketRecalled { window_id, .. }
            | Fact::TicketStarted { window_id, .. }
            | Fact::TicketFinished { window_id, .. }
            | Fact::TicketMissed { window_id, .. }
            | Fact::TicketParked { window_id, .. }
            | Fact::TicketPutBack { window_id, .. } => Some(window_id.clone()),
            _ => None,
        }),
    }
}

impl App {
    async fn entry_view(&self, hall: &Hall, row: KeeperEntryRow) -> Answer<KeeperEntryView> {
        let decision = serde_json::from_str::<EntryText>(&row.body).ok().map(|text| text.decision);
        let ticket_number = match decision.as_ref().and_then(|kept| kept.events.iter().find(|event| event.ticket_id().is_some())) {
            None => None,
            Some(Event { fact: Fact::TicketIssued { number, .. }, .. }) => Some(number.clone()),
            Some(event) => match event.ticket_id() {
                Some(id) => match hall.ticket(id) {
                    Some(ticket) => Some(ticket.number.clone()),
                    None => self.stores.halls.ticket(&row.site_id, id.as_str()).await?.map(|ticket| ticket.number),
                },
                None => None,
            },
        };
        let window = decision.as_ref().and_then(|kept| window_of(&kept.command, &kept.events));
        let of_hall = decision.map(|kept| command_words(&kept.command, hall));
        Ok(KeeperEntryView {
            what: of_hall
                .or_else(|| ClockText::read(&row.body).map(|_| "对时".to_owned()))
                .or_else(|| bag::text_of(&row.body).map(|text| bag::act_words(&text))),
            ticket_number,
            window_number: window.and_then(|id| hall.window(&id)).map(|window| window.number),
            is_proven: row.rule.as_deref() != Some("altered"),
            id: row.id,
            device_id: device_of(&row.device_id).to_owned(),
            number: row.number,
            occurred_at: rfc3339(row.occurred_at),
            received_at: rfc3339(row.received_at),
            verdict: row.verdict,
            rule: row.rule,
            text: row.text,
        })
    }

    /// Entries that somebody should look at, the oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keeper_entries(&self, permit: &Permit) -> Answer<Vec<KeeperEntryView>> {
        let hall = self.hall(permit.site_id()).await?;
        let mut views = Vec::new();
        for row in self.stores.keepers.keeper_entries_open(permit.site_id(), ENTRIES_MAX).await? {
            views.push(self.entry_view(&hall, row).await?);
        }
        Ok(views)
    }

    /// Somebody looked at an entry.
    ///
    /// # Errors
    /// An unknown entry.
    pub async fn settle_keeper_entry(&self, permit: &Permit, id: &str, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        self.once(site_id, retry, || async {
            let row = self.stores.keepers.keeper_entry(site_id, id).await?.ok_or(AppError::NotFound)?;
            let mut set = ChangeSet::new(site_id);
            let row = if row.settled_at.is_none() {
                let row = KeeperEntryRow { settled_at: Some(self.now()), settled_by: Some(permit.caller().actor().to_owned()), ..row };
                let facts = json!({ "entry": row.id });
                set.events.push(device_event(device_of(&row.device_id), "keeper_entry_seen", permit.caller().actor(), self.now(), facts));
                set.row(entry_alert(&row));
                // What a bag's refused entry held is nobody's any more.
                if let Some(text) = bag::text_of(&row.body).filter(|_| row.verdict == "refused") {
                    for held in Self::held(site_id, &row.id, &text.contents(), row.settled_at) {
                        set.row(held);
                    }
                }
                set.row(row.clone());
                row
            } else {
                row
            };
            let (id, view) = (row.id.clone(), self.entry_view(&self.hall(site_id).await?, row).await?);
            Ok((set, Outcome::success(200, Some(id), json!(view))))
        })
        .await
    }
}
