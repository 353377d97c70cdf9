//! What time brings about in the ledger: reminders on Thursday and Friday to sites that have not reported, the cut at
//! noon of Friday, an alert for who is late, and the mail that the week's ledger is there. Counters say how far each
//! came, so that every thing happens once, also with two processes.

use domain::ids::LedgerWeekId;
use domain::plan::{LedgerPlan, Week};
use domain::time::{Millis, local};

use super::cut::{Cut, LEDGER_CUT};
use super::documents::{AGGREGATE, LEDGER_TASKS};
use super::progress::{missing, reports};
use crate::app::App;
use crate::app::error::{Answer, AppError};
use crate::app::notices::Words;
use crate::app::notifications::NewNotification;
use crate::app::retry::Outcome;
use crate::store::{ChangeSet, CounterRow, Expect, NotificationRow};

/// The counter of the last reminder: its instant.
const REMINDED: &str = "ledger-reminded";
/// The counter of the last week whose end was told: its end.
const TOLD: &str = "ledger-told";
const REMINDER: &str = "ledger_reminder";
const READY: &str = "ledger_ready";

impl App {
    /// Reminds, cuts and tells, in every district that has a plan.
    ///
    /// # Errors
    /// When the store cannot be read; a district that fails is told, comes again, and the others go on.
    pub async fn watch_ledgers(&self) -> Answer<()> {
        let listing = self.directory.get();
        for site in listing.sites.values().filter(|site| site.parent_id.is_none()) {
            if let Err(error) = self.watch_ledger(&site.id).await {
                tracing::warn!(site = site.id, %error, "the ledger's timer did not run");
            }
        }
        Ok(())
    }

    async fn watch_ledger(&self, root: &str) -> Answer<()> {
        self.remind_of_ledger(root).await?;
        self.cut_weeks(root).await?;
        self.tell_cut(root).await
    }

    async fn remind_of_ledger(&self, root: &str) -> Answer<()> {
        let now = self.now();
        let week = Week::of(now);
        let Some(slot) = week.reminders().into_iter().rfind(|slot| *slot <= now) else { return Ok(()) };
        let reminded = self.stores.sites.counter(root, REMINDED).await?;
        if reminded >= slot {
            return Ok(());
        }
        // A plan that was made after the hour reminds of nothing that it did not ask for then.
        let Some(plan) = self.document::<LedgerPlan>(root, LEDGER_TASKS, slot).await?.map(|stated| stated.content) else { return Ok(()) };
        let late = missing(&plan, &reports(&self.stores.events.events_of(root, AGGREGATE, &week.to_string()).await?)?);
        let contacts = self.contacts(root).await?.1;
        for (site, tasks) in late.iter().filter(|(site, _)| !contacts.contains_key(*site)) {
            let text = format!("{week} 台账还有 {} 项没有填报，{} 截止", tasks.len(), until(week));
            self.ledger_alert(site, week, "ledger_due", "notice", text).await?;
        }
        let people: Vec<&String> = late.keys().filter_map(|site| contacts.get(site)).collect();
        self.mail_once(root, week, REMINDED, (reminded, slot), REMINDER, &people).await
    }

    /// Late sites get an alert; every mailbox hears that the ledger is there.
    async fn tell_cut(&self, root: &str) -> Answer<()> {
        let (cut, told) = (self.last_cut(root).await?, self.stores.sites.counter(root, TOLD).await?);
        if cut <= told {
            return Ok(());
        }
        let week = Week::of(cut - 1);
        let events = self.stores.events.events_of(root, AGGREGATE, &week.to_string()).await?;
        let logged = events.iter().find(|logged| logged.kind == LEDGER_CUT).ok_or(AppError::NotFound)?;
        for (site, tasks) in serde_json::from_str::<Cut>(&logged.body)?.late {
            let text = format!("{week} 台账有 {} 项到截止时没有填报", tasks.len());
            self.ledger_alert(&site, week, "ledger_late", "yellow", text).await?;
        }
        let contacts = self.contacts(root).await?.1;
        let people: Vec<&String> = contacts.values().collect();
        self.mail_once(root, week, TOLD, (told, cut), READY, &people).await
    }

    async fn ledger_alert(&self, site: &str, week: Week, kind: &str, level: &str, text: String) -> Answer<()> {
        // A site that is gone is reminded of nothing.
        let Some(key) = self.directory.get().sites.get(site).map(|site| site.key.clone()) else { return Ok(()) };
        self.raise_once(site, format!("al_{key}_{}-{week}", kind.replace('_', "-")), kind, level, &week.to_string(), text).await
    }

    /// Owes one mail to each, in the commit that moves the counter on.
    async fn mail_once(
        &self,
        root: &str,
        week: Week,
        counter: &str,
        (from, to): (Millis, Millis),
        template: &str,
        people: &[&String],
    ) -> Answer<()> {
        let key = self.directory.get().site(root)?.key.clone();
        let about = LedgerWeekId::new(&key, &week.to_string());
        self.once(root, None, || async {
            let mut set = ChangeSet::new(root);
            // Another process was faster.
            if self.stores.sites.counter(root, counter).await? == from {
                set.expect.push(Expect::Counter(counter.to_owned(), from));
                set.row(CounterRow { site_id: root.to_owned(), name: counter.to_owned(), value: to });
                for person in people {
                    let new = NewNotification {
                        site_id: root,
                        site_key: &key,
                        about_id: about.as_str(),
                        person_id: person,
                        channel: "email",
                        template,
                    };
                    self.owe_notification(&new, &mut set);
                }
            }
            Ok((set, Outcome::success(200, None, serde_json::Value::Null)))
        })
        .await
        .map(drop)
    }

    /// The words of a mail about a week; `None` when nobody needs it any more.
    pub(in crate::app) async fn ledger_words(&self, row: &NotificationRow, id: &LedgerWeekId) -> Answer<Option<Words>> {
        let root = row.site_id.as_str();
        let week = id.as_str().rsplit('_').next().and_then(|week| Week::parse(week).ok()).ok_or(AppError::NotFound)?;
        let contacts = self.contacts(root).await?.1;
        let Some((site_id, _)) = contacts.iter().find(|(_, person)| **person == row.person_id) else { return Ok(None) };
        let Some(site) = self.directory.get().sites.get(site_id).map(|site| site.name.clone()) else { return Ok(None) };
        let url = format!("{}/district?tab=ledger&week={week}", self.settings.public_url);
        let events = self.stores.events.events_of(root, AGGREGATE, &week.to_string()).await?;
        if row.template == READY {
            let cut = events.iter().find(|logged| logged.kind == LEDGER_CUT).map(|logged| serde_json::from_str::<Cut>(&logged.body));
            let late = cut.transpose()?.and_then(|cut| cut.late.get(site_id).map(Vec::len));
            return Ok(Some(ready_words(&site, week, late, &url)));
        }
        let plan = self.newest_document::<LedgerPlan>(root, LEDGER_TASKS).await?.map(|stated| stated.content).unwrap_or_default();
        let open = missing(&plan, &reports(&events)?).get(site_id).map_or(0, Vec::len);
        let is_over = week.end() <= self.now();
        Ok((open > 0 && !is_over).then(|| reminder_words(&site, week, open, &url)))
    }
}

/// `11月27日 12:00`.
fn until(week: Week) -> String {
    local(week.end()).format("%-m月%-d日 %-H:%M").to_string()
}

fn reminder_words(site: &str, week: Week, open: usize, url: &str) -> Words {
    let text = format!("{site} {week} 台账还有 {open} 项没有填报，{} 截止。请尽快填报：{url}", until(week));
    Words { subject: format!("【一窗】{week} 台账还有 {open} 项没有填报"), text }
}

fn ready_words(site: &str, week: Week, late: Option<usize>, url: &str) -> Words {
    let late = late.map(|count| format!("{site}有 {count} 项没有按时填报。")).unwrap_or_default();
    Words {
        subject: format!("【一窗】{week} 台账出来了"),
        text: format!("{week} 台账已经截取，登录后可以看、可以下载：{url} {late}").trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn mails_say_which_week_what_is_open_and_where() {
        let week = Week::parse("2026-W48").unwrap();
        let words = reminder_words("白桦镇便民服务中心", week, 3, "http://yichuang.test/district");
        assert_eq!(words.subject, "【一窗】2026-W48 台账还有 3 项没有填报");
        assert!(words.text.contains("11月27日 12:00 截止") && words.text.contains("http://yichuang.test/district"), "{}", words.text);
        assert!(ready_words("白桦镇便民服务中心", week, Some(2), "u").text.contains("有 2 项没有按时填报"));
        assert!(!ready_words("白桦镇便民服务中心", week, None, "u").text.contains("没有按时"));
    }
}
