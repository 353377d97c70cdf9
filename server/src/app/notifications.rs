//! Messages to people, about a case, an appointment, a number, a rating or a complaint: what is sent, how it ended, and what a person decides about one that did
//! not go out. States: `pending` → `sent`, or `failed` → `pending` again or `given_up`.

use domain::codes::{mask_email, mask_phone};
use domain::ids::{AppointmentId, CaseId, ComplaintId, EvaluationId, LedgerWeekId, NotificationId, SignInCodeId, TicketId, is_practice};
use domain::rights::Operation;
use domain::time::rfc3339;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::App;
use super::alerts::alert_of;
use super::caller::{Caller, Permit, StaffCaller};
use super::cases::effects::still_tells;
use super::citizens::code_alert;
use super::error::{Answer, AppError};
use super::fresh::id_tail;
use super::hall::failed_alert;
use super::retry::{Outcome, Retry};
use super::reveals::{RevealRequest, Revealed};
use crate::gateways::{Fault, Message};
use crate::store::{AlertRow, ChangeSet, CounterRow, Expect, NewEvent, NotificationRow, OutboxRow};

/// Kind of the alert about a message that did not go out.
pub(super) const NOTIFICATION_FAILED: &str = "notification_failed";
/// Why a message is not out: somebody of the house has to bring it,
const BY_PERSON: &str = "by_person";
/// or tried to.
const UNREACHED: &str = "unreached";

/// A message as told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NotificationView {
    /// The message.
    pub id: String,
    /// The case it is about,
    pub case_id: Option<String>,
    /// or the appointment.
    pub appointment_id: Option<String>,
    /// `site`, `sms`, `email`, …
    pub channel: String,
    /// What it says, by name: `ready_for_pickup`, …
    pub template: String,
    /// `pending`, `sent`, `failed`, `given_up`.
    pub state: String,
    /// Phone or mail address, masked.
    pub to: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: String,
    /// When it went out.
    pub sent_at: Option<String>,
}

/// What is to be done with a message that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// Send it by this channel.
    Send {
        /// `email`, `sms`, `wechat` or `webhook`.
        channel: String,
        /// The message.
        message: Message,
    },
    /// It is done by being there: the applicant's page shows it.
    Recorded,
    /// It cannot be sent.
    Impossible(Fault),
    /// Nobody waits for it any more.
    Obsolete,
    /// Not now, but after so many milliseconds.
    Later(i64),
}

/// A message to be sent.
#[derive(Debug)]
pub(super) struct NewNotification<'a> {
    /// The site.
    pub site_id: &'a str,
    /// Its short key.
    pub site_key: &'a str,
    /// Case or appointment.
    pub about_id: &'a str,
    /// Who is told.
    pub person_id: &'a str,
    /// `site`, `sms`, `email`, …
    pub channel: &'a str,
    /// What it says, by name.
    pub template: &'a str,
}

/// What a message is about.
enum About {
    Case(CaseId),
    Appointment(AppointmentId),
    Ticket(TicketId),
    Evaluation(EvaluationId),
    Complaint(ComplaintId),
    Code(SignInCodeId),
    Ledger(LedgerWeekId),
}

impl About {
    fn of(row: &NotificationRow) -> Answer<Self> {
        let case = CaseId::parse(&row.about_id).map(Self::Case);
        let appointment = || AppointmentId::parse(&row.about_id).map(Self::Appointment);
        let evaluation = || EvaluationId::parse(&row.about_id).map(Self::Evaluation);
        let complaint = || ComplaintId::parse(&row.about_id).map(Self::Complaint);
        let ticket = || TicketId::parse(&row.about_id).map(Self::Ticket);
        let code = || SignInCodeId::parse(&row.about_id).map(Self::Code);
        let ledger = || LedgerWeekId::parse(&row.about_id).map(Self::Ledger);
        let known = case.or_else(appointment).or_else(ticket).or_else(evaluation).or_else(complaint).or_else(code);
        known.or_else(ledger).ok_or(AppError::NotFound)
    }
}

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Try again.
    Retry,
    /// Give it up.
    GiveUp,
    /// Somebody of the house told the applicant.
    Told,
    /// Somebody tried, and did not reach the applicant.
    Unreached,
}

impl App {
    /// A message that is owed, with what is to be done.
    ///
    /// # Errors
    /// When it or its case is not there, or the store fails.
    pub async fn errand(&self, site_id: &str, id: &str) -> Answer<(NotificationRow, Errand)> {
        let row = self.stores.cases.notification(site_id, id).await?.ok_or(AppError::NotFound)?;
        if row.state != "pending" {
            return Ok((row, Errand::Obsolete));
        }
        let errand = match row.channel.as_str() {
            "site" => Errand::Recorded,
            _ if self.is_stale(&row).await? => Errand::Obsolete,
            // Whoever practises types anybody's phone: nothing leaves the house.
            _ if is_practice(site_id) => Errand::Recorded,
            "sms" | "email" | "wechat" | "webhook" => match self.quiet_for(&row).await? {
                0 => self.letter(&row).await?,
                wait_ms => Errand::Later(wait_ms),
            },
            // A call, a parcel: somebody has to do it.
            "phone" | "courier" => Errand::Impossible(Fault::lasting(BY_PERSON)),
            _ => Errand::Impossible(Fault::lasting("no_such_channel")),
        };
        Ok((row, errand))
    }

    /// How long a message that rings a phone has to wait because people sleep. Whoever asked for a code, takes a number or
    /// books waits for the answer, and gets it.
    async fn quiet_for(&self, row: &NotificationRow) -> Answer<i64> {
        let can_wait = matches!(About::of(row)?, About::Case(_) | About::Evaluation(_) | About::Complaint(_));
        if row.channel == "email" || !can_wait {
            return Ok(0);
        }
        Ok(self.hall(&row.site_id).await?.doc().policy.notices.quiet_for_ms(self.now()))
    }

    /// A message is owed, with the change-set it follows from.
    pub(super) fn owe_notification(&self, new: &NewNotification<'_>, set: &mut ChangeSet) {
        let now = self.now();
        let row = NotificationRow {
            site_id: new.site_id.to_owned(),
            id: NotificationId::new(new.site_key, &id_tail(self.entropy.as_ref(), now)).to_string(),
            about_id: new.about_id.to_owned(),
            person_id: new.person_id.to_owned(),
            channel: new.channel.to_owned(),
            template: new.template.to_owned(),
            state: "pending".to_owned(),
            attempts: 0,
            last_error: None,
            created_at: now,
            sent_at: None,
        };
        set.row(owed_anew(&row, new.site_key, &id_tail(self.entropy.as_ref(), now), now));
        set.row(row);
    }

    /// Whether a message about a case tells what is so no more.
    async fn is_stale(&self, row: &NotificationRow) -> Answer<bool> {
        let Some(id) = CaseId::parse(&row.about_id) else { return Ok(false) };
        let case = self.case_of_site(&row.site_id, id.as_str()).await?;
        Ok(!still_tells(&row.template, &case))
    }

    async fn letter(&self, row: &NotificationRow) -> Answer<Errand> {
        let words = match About::of(row)? {
            About::Case(id) => Some(self.words(&row.template, &self.case_of_site(&row.site_id, id.as_str()).await?).await?),
            About::Appointment(id) => self.appointment_words(row, &id).await?,
            About::Ticket(id) => self.reminder_words(row, &id).await?,
            About::Evaluation(id) => Some(self.reply_words(&row.site_id, &id).await?),
            About::Complaint(id) => Some(self.complaint_words(&row.site_id, &id).await?),
            About::Code(id) => self.code_words(&id).await?,
            About::Ledger(id) => self.ledger_words(row, &id).await?,
        };
        let Some(words) = words else { return Ok(Errand::Obsolete) };
        let Some(to) = self.recipient(row).await? else { return Ok(Errand::Impossible(Fault::lasting("no_recipient"))) };
        let link = link_in(&words.text, &self.settings.public_url);
        let message = Message { id: row.id.clone(), to, subject: words.subject, text: words.text, link };
        Ok(Errand::Send { channel: row.channel.clone(), message })
    }

    async fn recipient(&self, row: &NotificationRow) -> Answer<Option<String>> {
        let person = self.person_data(&row.site_id, &row.person_id).await?;
        Ok(match row.channel.as_str() {
            // A system of the operator's own knows people by their phone.
            "sms" | "webhook" | "phone" => person.phone,
            "email" => person.email,
            "wechat" => person.wechat_openid,
            _ => None,
        })
    }

    /// The message went out.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn notification_sent(&self, owed: &OutboxRow, row: NotificationRow) -> Answer<()> {
        let now = self.now();
        let attempts = owed.attempts.max(row.attempts);
        let sent = NotificationRow { state: "sent".to_owned(), attempts, last_error: None, sent_at: Some(now), ..row };
        let mut set = self.notification_set("notification_sent", "system", &sent, None);
        set.row(done(owed, now));
        set.row(sent);
        Ok(self.commit(set).await.map(drop)?)
    }

    /// Nobody waits for the message any more; what had been sent or given up stays so.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn notification_obsolete(&self, owed: &OutboxRow, row: NotificationRow) -> Answer<()> {
        if row.state != "pending" {
            return self.errand_done(owed).await;
        }
        let obsolete = NotificationRow { state: "given_up".to_owned(), ..row };
        let mut set = self.notification_set("notification_given_up", "system", &obsolete, None);
        set.row(done(owed, self.now()));
        set.row(obsolete);
        Ok(self.commit(set).await.map(drop)?)
    }

    /// A person was asked to see to a message, and nobody waits for it any more: it ends with its alert.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn forget_notification(&self, alert: AlertRow) -> Answer<()> {
        let rows = self.stores.cases.notifications(&alert.site_id, &alert.object_id).await?;
        let mut set = ChangeSet::new(&alert.site_id);
        if let Some(row) = rows.into_iter().find(|row| alert_of(&row.id) == alert.id) {
            let judgements = judgements_of(&row.id);
            let before = self.stores.sites.counter(&alert.site_id, &judgements).await?;
            let row = self.stores.cases.notification(&alert.site_id, &row.id).await?.ok_or(AppError::NotFound)?;
            if row.state == "failed" {
                let given_up = NotificationRow { state: "given_up".to_owned(), ..row };
                set = self.notification_set("notification_given_up", "system", &given_up, None);
                expect_judged(&mut set, judgements, before);
                set.row(given_up);
            }
        }
        set.row(AlertRow { settled_at: Some(self.now()), ..alert });
        Ok(self.commit(set).await.map(drop)?)
    }

    /// The message did not go out and will not by itself: a person is asked.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn notification_failed(&self, owed: &OutboxRow, row: NotificationRow, fault: &Fault) -> Answer<()> {
        let now = self.now();
        let about = About::of(&row)?;
        let title = match self.title_of(&row.site_id, &about).await {
            // Also of what is gone a person is told.
            Err(AppError::NotFound | AppError::Internal(_)) => Some("一条通知".to_owned()),
            title => title?,
        };
        let attempts = owed.attempts.max(row.attempts);
        let failed = NotificationRow { state: "failed".to_owned(), attempts, last_error: Some(fault.code.clone()), ..row };
        let mut set = self.notification_set("notification_failed", "system", &failed, Some(&fault.code));
        set.row(dead(owed, &fault.code));
        set.row(match (title, about) {
            (Some(title), _) => alert(&failed, &title, now),
            (None, About::Code(_)) => code_alert(&failed, now),
            (None, _) => failed_alert(&failed, now),
        });
        set.row(failed);
        Ok(self.commit(set).await.map(drop)?)
    }

    /// What a message is about, as an alert names it; `None` for one whose alert names nothing.
    async fn title_of(&self, site_id: &str, about: &About) -> Answer<Option<String>> {
        Ok(match about {
            About::Case(id) => Some(self.case_of_site(site_id, id.as_str()).await?.number),
            About::Appointment(id) => Some(self.appointment_title(site_id, id).await?),
            About::Ticket(_) | About::Code(_) => None,
            About::Evaluation(_) => Some("一条差评的答复".to_owned()),
            About::Complaint(id) => Some(format!("投诉 {} 的答复", self.complaint_of_site(site_id, id).await?.0.number)),
            About::Ledger(id) => Some(format!("台账 {}", id.as_str().rsplit('_').next().unwrap_or_default())),
        })
    }

    /// Nothing is owed any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn errand_done(&self, owed: &OutboxRow) -> Answer<()> {
        Ok(self.stores.outbox.settle(&done(owed, self.now())).await?)
    }

    /// The errand is tried again later.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn errand_again(&self, owed: &OutboxRow, code: &str, after_ms: i64) -> Answer<()> {
        let again = OutboxRow {
            state: "ready".to_owned(),
            lease_until: 0,
            not_before: self.now() + after_ms,
            last_error: Some(code.to_owned()),
            ..owed.clone()
        };
        Ok(self.stores.outbox.settle(&again).await?)
    }

    /// The errand waits; that it was in somebody's hands counts as no try.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn errand_later(&self, owed: &OutboxRow, after_ms: i64, code: Option<&str>) -> Answer<()> {
        let later = OutboxRow {
            state: "ready".to_owned(),
            lease_until: 0,
            attempts: (owed.attempts - 1).max(0),
            not_before: self.now() + after_ms,
            last_error: code.map(str::to_owned).or_else(|| owed.last_error.clone()),
            ..owed.clone()
        };
        Ok(self.stores.outbox.settle(&later).await?)
    }

    /// Messages about a case.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn notifications(&self, caller: &StaffCaller, case_id: &CaseId) -> Answer<Vec<NotificationView>> {
        let (case, permit) = self.readable(caller, Operation::ReadNotifications, case_id).await?;
        let mut views = Vec::new();
        for row in self.stores.cases.notifications(permit.site_id(), case.id.as_str()).await? {
            views.push(self.notification_view(row).await?);
        }
        Ok(views)
    }

    /// Messages about an appointment.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn notifications_of_appointment(&self, permit: &Permit, id: &AppointmentId) -> Answer<Vec<NotificationView>> {
        self.stores.appointments.appointment(permit.site_id(), id.as_str()).await?.ok_or(AppError::NotFound)?;
        let mut views = Vec::new();
        for row in self.stores.cases.notifications(permit.site_id(), id.as_str()).await? {
            views.push(self.notification_view(row).await?);
        }
        Ok(views)
    }

    async fn notification_view(&self, row: NotificationRow) -> Answer<NotificationView> {
        let to = self.recipient(&row).await?.map(|to| masked_recipient(&row.channel, &to));
        Ok(NotificationView {
            id: row.id,
            case_id: CaseId::parse(&row.about_id).map(|id| id.to_string()),
            appointment_id: AppointmentId::parse(&row.about_id).map(|id| id.to_string()),
            channel: row.channel,
            template: row.template,
            state: row.state,
            to,
            attempts: row.attempts,
            last_error: row.last_error,
            created_at: rfc3339(row.created_at),
            sent_at: row.sent_at.map(rfc3339),
        })
    }

    /// A person's decision about a message that did not go out.
    ///
    /// # Errors
    /// 404, 403; 409 `notification_state` as an outcome.
    pub async fn judge_notification(
        &self,
        caller: &StaffCaller,
        id: &NotificationId,
        verdict: Verdict,
        fields: Answer<()>,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let any = Caller::Staff(Box::new(caller.clone()));
        if !any.sees(&site_id) || self.stores.cases.notification(&site_id, id.as_str()).await?.is_none() {
            return Err(AppError::NotFound);
        }
        any.permit(Operation::RetryNotification, &site_id)?;
        fields?;
        let mut outcome = self.once(&site_id, retry, || self.verdict_set(&site_id, id, verdict, any.actor())).await?;
        if outcome.body.is_null() {
            let row = self.stores.cases.notification(&site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
            outcome.body = serde_json::to_value(self.notification_view(row).await?)?;
        }
        Ok(outcome)
    }

    /// Name and phone of whom a message about a case is for, for who has to call: the read is an event before it is answered.
    ///
    /// # Errors
    /// 404, 403, field errors.
    pub async fn reveal_notified(
        &self,
        caller: &StaffCaller,
        id: &NotificationId,
        request: Answer<RevealRequest>,
        retry: Option<&Retry>,
    ) -> Answer<Revealed> {
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let row = self.stores.cases.notification(&site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
        let case_id = CaseId::parse(&row.about_id).ok_or(AppError::NotFound)?;
        let (_, permit) = self.readable(caller, Operation::RevealCase, &case_id).await?;
        let request = request?;
        request.only_contact()?;
        self.reveal(&permit, ("case", case_id.as_str()), &row.person_id, &request, retry).await
    }

    async fn verdict_set(&self, site_id: &str, id: &NotificationId, verdict: Verdict, actor: &str) -> Answer<(ChangeSet, Outcome)> {
        // Read before the row: of two who judge at once the second sees what the first said.
        let judgements = judgements_of(id.as_str());
        let before = self.stores.sites.counter(site_id, &judgements).await?;
        let row = self.stores.cases.notification(site_id, id.as_str()).await?.ok_or(AppError::NotFound)?;
        if row.state != "failed" {
            return Err(AppError::refused("notification_state", "只有没发出去的通知才要人处理"));
        }
        let now = self.now();
        let judged = |state: &str| NotificationRow { state: state.to_owned(), ..row.clone() };
        let (kind, judged) = match verdict {
            Verdict::Retry => ("notification_retried", judged("pending")),
            Verdict::GiveUp => ("notification_given_up", judged("given_up")),
            Verdict::Told => ("notification_told", NotificationRow { last_error: None, sent_at: Some(now), ..judged("sent") }),
            Verdict::Unreached => (
                "notification_unreached",
                NotificationRow { attempts: row.attempts + 1, last_error: Some(UNREACHED.to_owned()), ..judged("failed") },
            ),
        };
        let mut set = self.notification_set(kind, actor, &judged, None);
        expect_judged(&mut set, judgements, before);
        if verdict == Verdict::Retry {
            set.row(owed_anew(&judged, id.site_key(), &id_tail(self.entropy.as_ref(), now), now));
        }
        // Whoever was not reached is still to be told.
        let is_over = verdict != Verdict::Unreached;
        if let Some(alert) = self.stores.cases.alert(site_id, &alert_of(&judged.id)).await?.filter(|_| is_over) {
            set.row(AlertRow { settled_at: Some(now), ..alert });
        }
        set.row(judged);
        Ok((set, Outcome::success(200, Some(id.to_string()), serde_json::Value::Null)))
    }

    fn notification_set(&self, kind: &str, actor: &str, row: &NotificationRow, code: Option<&str>) -> ChangeSet {
        let about = match row.about_id.split('_').next() {
            Some(CaseId::KIND) => "case",
            Some(TicketId::KIND) => "ticket",
            Some(EvaluationId::KIND) => "evaluation",
            Some(ComplaintId::KIND) => "complaint",
            Some(SignInCodeId::KIND) => "sign_in_code",
            Some(LedgerWeekId::KIND) => "ledger",
            _ => "appointment",
        };
        let mut set = ChangeSet::new(&row.site_id);
        set.events.push(NewEvent {
            aggregate: "notification",
            aggregate_id: row.id.clone(),
            kind: kind.to_owned(),
            actor: actor.to_owned(),
            at: self.now(),
            body: json!({ "type": kind, "notification": row.id, about: row.about_id, "channel": row.channel, "template": row.template, "code": code })
                .to_string(),
        });
        set
    }
}

/// The counter that moves with every judgement of a message.
fn judgements_of(id: &str) -> String {
    format!("notification-{id}")
}

/// A judgement holds only where nobody judged since the row was read.
fn expect_judged(set: &mut ChangeSet, judgements: String, before: i64) {
    set.expect.push(Expect::Counter(judgements.clone(), before));
    let site_id = set.site_id.clone();
    set.row(CounterRow { site_id, name: judgements, value: before + 1 });
}

/// The page of ours that the words lead to; empty when they lead to none.
fn link_in(text: &str, public_url: &str) -> String {
    let from = text.find(public_url).filter(|_| !public_url.is_empty());
    // Words may go on right behind it.
    from.map(|from| text[from..].chars().take_while(char::is_ascii_graphic).collect()).unwrap_or_default()
}

/// A recipient as staff see it.
fn masked_recipient(channel: &str, to: &str) -> String {
    match channel {
        "wechat" => format!("{}***", to.chars().take(4).collect::<String>()),
        _ if to.contains('@') => mask_email(to),
        _ => mask_phone(to),
    }
}

/// An errand that nobody tries again.
pub(super) fn dead(owed: &OutboxRow, code: &str) -> OutboxRow {
    OutboxRow { state: "dead".to_owned(), lease_until: 0, last_error: Some(code.to_owned()), ..owed.clone() }
}

fn done(owed: &OutboxRow, now: i64) -> OutboxRow {
    OutboxRow { state: "done".to_owned(), lease_until: 0, last_error: None, done_at: Some(now), ..owed.clone() }
}

fn owed_anew(row: &NotificationRow, site_key: &str, tail: &str, now: i64) -> OutboxRow {
    let payload = json!({ "notification_id": row.id }).to_string();
    OutboxRow::owed(row.site_id.as_str(), format!("o_{site_key}_{tail}"), "notify", payload, now)
}

fn alert(row: &NotificationRow, title: &str, now: i64) -> AlertRow {
    let channel = match row.channel.as_str() {
        "sms" => "短信",
        "email" => "邮件",
        "wechat" => "微信",
        "webhook" => "消息平台",
        "phone" => "电话",
        "courier" => "快递",
        other => other,
    };
    let text = if row.last_error.as_deref() == Some(BY_PERSON) {
        format!("{title}：请用{channel}通知本人")
    } else {
        format!("{title}：{channel}没有发出去，请重发，或者打电话告诉本人")
    };
    AlertRow {
        site_id: row.site_id.clone(),
        // One alert a message: it comes back when a second round fails too.
        id: alert_of(&row.id),
        kind: NOTIFICATION_FAILED.to_owned(),
        level: "yellow".to_owned(),
        object_id: row.about_id.clone(),
        text,
        at: now,
        settled_at: None,
        audience: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_is_the_page_of_ours_in_the_words() {
        let url = "http://yichuang.test";
        assert_eq!(link_in("查看进度：http://yichuang.test/t/ABCD 咨询电话：0470", url), "http://yichuang.test/t/ABCD");
        assert_eq!(link_in("看http://yichuang.test/t/ABCD。谢谢", url), "http://yichuang.test/t/ABCD");
        assert_eq!(link_in("没有网址", url), "");
        assert_eq!(link_in("http://yichuang.test/t/A", ""), "");
    }

    #[test]
    fn nobody_reads_a_whole_recipient() {
        assert_eq!(masked_recipient("wechat", "oLVPpjqs9BhvzwPj5A"), "oLVP***");
        assert_eq!(masked_recipient("webhook", "13912345520"), "139****5520");
        assert_eq!(masked_recipient("email", "wang@example.cn"), "w***@example.cn");
    }
}
