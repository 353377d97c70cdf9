//! What whoever booked is told by SMS: that it is booked or changed, a reminder, that the day is closed now.
//! Each is owed in the commit of the event it follows from, so it is sent once. The words hold no name and
//! not what it is about: a phone may lie open on a table.

use domain::appointment::{Appointment, Event, State};
use domain::hall::AppointmentPolicy;
use domain::ids::AppointmentId;
use domain::messages::{TEMPLATES, Template, template};
use domain::time::local;

use super::{Facts, appointment_of};
use crate::app::App;
use crate::app::error::Answer;
use crate::app::notices::Words;
use crate::app::notifications::NewNotification;
use crate::store::{AppointmentRow, ChangeSet, NotificationRow};

const BOOKED: &str = "appointment_booked";
const CHANGED: &str = "appointment_changed";
const REMINDER: &str = "appointment_reminder";
const CLOSED: &str = "appointment_closed_day";

/// The message that follows from an event, by name.
fn message_of(event: &Event, policy: &AppointmentPolicy) -> Option<&'static str> {
    let messages = &policy.messages;
    match event {
        Event::AppointmentBooked { .. } => messages.confirm.then_some(BOOKED),
        Event::AppointmentChanged { .. } => messages.confirm.then_some(CHANGED),
        Event::AppointmentReminded { .. } => Some(REMINDER),
        Event::AppointmentClosedDayTold { .. } => messages.are_on().then_some(CLOSED),
        Event::AppointmentCancelled { .. } | Event::AppointmentCheckedIn { .. } | Event::AppointmentMissed { .. } => None,
    }
}

impl App {
    /// Adds the messages that follow from the events to their change-set.
    pub(super) fn follow_appointment(&self, appointment: &Appointment, events: &[Event], policy: &AppointmentPolicy, set: &mut ChangeSet) {
        for name in events.iter().filter_map(|event| message_of(event, policy)) {
            let new = NewNotification {
                site_id: appointment.site.as_str(),
                site_key: appointment.id.site_key(),
                about_id: appointment.id.as_str(),
                person_id: appointment.person.as_str(),
                channel: "sms",
                template: name,
            };
            self.owe_notification(&new, set);
        }
    }

    /// The words of a message about an appointment; `None` when they hold no longer.
    pub(in crate::app) async fn appointment_words(&self, message: &NotificationRow, id: &AppointmentId) -> Answer<Option<Words>> {
        let row = self.appointment_row(&message.site_id, id).await?;
        let appointment = appointment_of(&row)?;
        let slot = appointment.place.slot;
        let is_over = appointment.state != State::Booked || slot.starts_at <= self.now();
        let facts = self.appointment_facts(&row.site_id, &appointment.place.line_id, domain::time::local_date(slot.starts_at), "").await?;
        let closed = facts.ground().lost(&appointment.place);
        // A reminder of a day that is closed meanwhile would send somebody to a locked door.
        if is_over || (message.template == CLOSED) != closed.is_some() {
            return Ok(None);
        }
        let reason = closed.map(|why| why.to_string()).unwrap_or_default();
        Ok(Some(self.written(&message.template, &row, &appointment, &facts, &reason).await?))
    }

    async fn written(&self, template: &str, row: &AppointmentRow, appointment: &Appointment, facts: &Facts, reason: &str) -> Answer<Words> {
        let site = facts.listing.site(&row.site_id)?;
        let codes = self.appointment_codes(&row.site_id, &row.id);
        let slot = appointment.place.slot;
        let (starts, ends) = (local(slot.starts_at), local(slot.ends_at));
        let words = AppointmentWords {
            when: format!("{} {}–{}", starts.format("%-m月%-d日"), starts.format("%-H:%M"), ends.format("%-H:%M")),
            from: local(appointment.check_in_from(&facts.hall.doc().policy.appointments)).format("%-H:%M").to_string(),
            site: site.name.clone(),
            phone: site.phone.clone(),
            short: format!("{}-{}", &codes.short[..4], &codes.short[4..]),
            url: format!("{}/book/{}", self.settings.public_url, codes.code),
            reason: reason.to_owned(),
        };
        let known = template_of(template);
        let words = self.worded(&row.site_id, known, &words.values()).await?;
        Ok(Words { subject: format!("【一窗】{}", words.subject), ..words })
    }

    /// When an appointment is, for an alert about it.
    pub(in crate::app) async fn appointment_title(&self, site_id: &str, id: &AppointmentId) -> Answer<String> {
        let row = self.appointment_row(site_id, id).await?;
        Ok(format!("{} 的预约", local(row.starts_at).format("%-m月%-d日 %-H:%M")))
    }
}

/// What the words are made from.
struct AppointmentWords {
    when: String,
    from: String,
    site: String,
    phone: String,
    short: String,
    url: String,
    reason: String,
}

impl AppointmentWords {
    /// What can be said, by the names of the places.
    fn values(&self) -> [(&'static str, &str); 7] {
        let Self { when, from, site, phone, short, url, reason } = self;
        [("when", when), ("from", from), ("site", site), ("phone", phone), ("short", short), ("url", url), ("reason", reason)]
    }
}

/// The message of a name; for one that is not known, that it is booked.
fn template_of(name: &str) -> &'static Template {
    template(name).or_else(|| template(BOOKED)).unwrap_or(&TEMPLATES[0])
}

#[cfg(test)]
mod tests {
    use domain::messages::filled;

    use super::*;

    #[test]
    fn every_message_says_when_where_and_what_to_do() {
        let words = AppointmentWords {
            when: "11月27日 9:00–9:30".to_owned(),
            from: "8:30".to_owned(),
            site: "白桦镇便民服务中心".to_owned(),
            phone: "0470-0000000".to_owned(),
            short: "K7M2-94QX".to_owned(),
            url: "http://yichuang.test/book/ABCD".to_owned(),
            reason: "元旦放假".to_owned(),
        };
        let text_of = |name: &str| filled(template_of(name).text, &words.values());
        assert_eq!(
            text_of(BOOKED),
            "约好了：11月27日 9:00–9:30，白桦镇便民服务中心。8:30 起在取号机上签到，预约码 K7M2-94QX。改时间、取消：http://yichuang.test/book/ABCD 电话：0470-0000000"
        );
        assert_eq!(
            text_of(CLOSED),
            "您约的 11月27日 9:00–9:30 办不了：白桦镇便民服务中心元旦放假。请改个时间或者取消：http://yichuang.test/book/ABCD 电话：0470-0000000"
        );
        for template in [BOOKED, CHANGED, REMINDER, CLOSED] {
            let text = text_of(template);
            for part in ["11月27日 9:00–9:30", "白桦镇", "/book/ABCD"] {
                assert!(text.contains(part), "{part} is not in {text}");
            }
        }
    }
}
