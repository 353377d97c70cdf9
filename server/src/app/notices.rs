//! The words of messages to applicants. Plain, short, and with as little about the person as will
//! do: the number of the case, never the matter (it may be somebody's poverty or illness), never the
//! slot in the cabinet, never how somebody rated anything.

use chrono::{Datelike, Weekday};
use domain::case::{Case, Extension};
use domain::hall::{OpeningHours, Span};
use domain::ids::{ComplaintId, EvaluationId};
use domain::messages::{CASE_NEWS, TEMPLATES, Template, template};

use super::App;
use super::cases::effects::{JOINT_EXTENDED, PICKUP_REMINDER, READY};
use super::complaints::ANSWERED;
use super::error::Answer;
use super::evaluations::REPLIED;
use super::hall::load_hall;

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What it is about; for mails.
    pub subject: String,
    /// The message.
    pub text: String,
}

/// What the words are made from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Facts {
    number: String,
    /// Whether several cases are fetched in one go.
    together: bool,
    /// Working days that were given, by an extension.
    extended_days: u32,
    /// The last day for what the applicant promised, by a new term.
    new_due: String,
    site: String,
    address: String,
    phone: String,
    hours: String,
    url: String,
}

impl App {
    /// The words of a message about a case.
    ///
    /// # Errors
    /// When the site or its hall cannot be read.
    pub async fn words(&self, template: &str, case: &Case) -> Answer<Words> {
        let listing = self.directory.get();
        let site = listing.site(case.site.as_str())?;
        let hall = load_hall(&self.stores, case.site.as_str()).await?;
        let joint = if matches!(template, READY | PICKUP_REMINDER) { self.together_with(case).await? } else { None };
        let facts = Facts {
            together: joint.is_some(),
            extended_days: extension(template, case).map_or(0, |extension| extension.days),
            new_due: case.new_term.as_ref().map(|term| format!("{}月{}日", term.due.month(), term.due.day())).unwrap_or_default(),
            number: joint.unwrap_or_else(|| case.number.clone()),
            site: site.name.clone(),
            address: site.address.clone(),
            phone: site.phone.clone(),
            hours: hours_text(&hall.doc().hours),
            url: format!("{}/t/{}", self.settings.public_url, case.tracking_code),
        };
        let known = template_of(template);
        let values = facts.values();
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Ok(headed(self.worded(case.site.as_str(), known, &values).await?))
    }

    /// The words of the message that what somebody said in a rating was answered. Neither the rating nor the
    /// answer stands in it: a phone lies on tables.
    ///
    /// # Errors
    /// When the loop or its site cannot be read.
    pub async fn reply_words(&self, site_id: &str, id: &EvaluationId) -> Answer<Words> {
        let (row, _) = self.follow_up_of(site_id, id).await?;
        let listing = self.directory.get();
        let site = listing.site(site_id)?;
        let url = format!("{}/t/{}", self.settings.public_url, row.tracking_code);
        let values = [("site", site.name.as_str()), ("url", url.as_str()), ("phone", site.phone.as_str())];
        Ok(headed(self.worded(site_id, template_of(REPLIED), &values).await?))
    }

    /// The words of the message that a complaint was answered.
    ///
    /// # Errors
    /// When the complaint or its site cannot be read.
    pub async fn complaint_words(&self, site_id: &str, id: &ComplaintId) -> Answer<Words> {
        let (row, _) = self.complaint_of_site(site_id, id).await?;
        let listing = self.directory.get();
        let site = listing.site(site_id)?;
        let url = format!("{}/complain/find", self.settings.public_url);
        let values = [("site", site.name.as_str()), ("number", row.number.as_str()), ("url", url.as_str()), ("phone", site.phone.as_str())];
        Ok(headed(self.worded(site_id, template_of(ANSWERED), &values).await?))
    }
}

fn extension<'a>(template: &str, case: &'a Case) -> Option<&'a Extension> {
    if template == JOINT_EXTENDED { case.joint_extension.as_ref() } else { case.extension.as_ref() }
}

/// The message of a name; for one that cannot be worded, that there is news.
fn template_of(name: &str) -> &'static Template {
    template(name).or_else(|| template(CASE_NEWS)).unwrap_or(&TEMPLATES[0])
}

/// A heading says whose mail it is.
fn headed(words: Words) -> Words {
    Words { subject: format!("【一窗】{}", words.subject), ..words }
}

impl Facts {
    /// What can be said, by the names of the places.
    fn values(&self) -> [(&'static str, String); 9] {
        let Self { number, site, .. } = self;
        let place = if self.address.is_empty() { site.clone() } else { format!("{site}（{}）", self.address) };
        [
            ("number", number.clone()),
            ("days", self.extended_days.to_string()),
            ("due", self.new_due.clone()),
            ("all", if self.together { "几件都" } else { "" }.to_owned()),
            ("site", site.clone()),
            ("place", place),
            ("hours", self.hours.clone()),
            ("url", self.url.clone()),
            ("phone", self.phone.clone()),
        ]
    }
}

/// Opening hours in words: days with the same hours stand together.
fn hours_text(hours: &OpeningHours) -> String {
    let OpeningHours::Weekly { week, .. } = hours else { return "全天".to_owned() };
    let mut groups: Vec<(usize, usize, &Vec<Span>)> = Vec::new();
    for (day, spans) in week.iter().enumerate() {
        match groups.last_mut() {
            Some((_, last, same)) if *same == spans => *last = day,
            _ => groups.push((day, day, spans)),
        }
    }
    let open = groups.iter().filter(|(_, _, spans)| !spans.is_empty());
    let text = |(first, last, spans): &(usize, usize, &Vec<Span>)| {
        let days = if first == last { day_name(*first) } else { format!("{}至{}", day_name(*first), day_name(*last)) };
        let times: Vec<String> = spans.iter().map(|span| format!("{}–{}", clock(span.from_minute), clock(span.to_minute))).collect();
        format!("{days} {}", times.join("、"))
    };
    let texts: Vec<String> = open.map(text).collect();
    if texts.is_empty() { "请先电话咨询".to_owned() } else { texts.join("；") }
}

fn clock(minute: u16) -> String {
    format!("{}:{:02}", minute / 60, minute % 60)
}

fn day_name(day: usize) -> String {
    let name = match u8::try_from(day).ok().and_then(|day| Weekday::try_from(day).ok()) {
        Some(Weekday::Mon) => "一",
        Some(Weekday::Tue) => "二",
        Some(Weekday::Wed) => "三",
        Some(Weekday::Thu) => "四",
        Some(Weekday::Fri) => "五",
        Some(Weekday::Sat) => "六",
        Some(Weekday::Sun) | None => "日",
    };
    format!("周{name}")
}

#[cfg(test)]
mod tests {
    use domain::messages::filled;

    use super::super::cases::effects::CORRECTION_REMINDER;
    use super::*;

    fn facts() -> Facts {
        Facts {
            number: "BH20261124-0001".to_owned(),
            together: false,
            extended_days: 0,
            new_due: "12月4日".to_owned(),
            site: "白桦镇便民服务中心".to_owned(),
            address: "向阳路 8 号".to_owned(),
            phone: "0470-0000000".to_owned(),
            hours: "全天".to_owned(),
            url: "http://yichuang.test/t/ABCD".to_owned(),
        }
    }

    fn text_of(name: &str) -> String {
        let values = facts().values();
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        filled(template_of(name).text, &values)
    }

    #[test]
    fn a_ready_notice_says_where_when_and_what_to_bring() {
        assert_eq!(
            text_of(READY),
            "您的办件 BH20261124-0001 办好了，请带身份证件到白桦镇便民服务中心（向阳路 8 号）出证窗口领取。领取时间：全天。查看进度：http://yichuang.test/t/ABCD 咨询电话：0470-0000000"
        );
        assert!(text_of("something_new").contains("有新进展"));
        assert!(text_of(CORRECTION_REMINDER).contains("一次性告知书"));
    }

    #[test]
    fn days_with_the_same_hours_stand_together() {
        let span = |from: u16, to: u16| Span { from_minute: from, to_minute: to };
        let day = || vec![span(510, 720), span(840, 1050)];
        let week = [day(), day(), day(), day(), day(), vec![span(540, 720)], Vec::new()];
        let hours = OpeningHours::Weekly { week, special_days: Vec::new() };
        assert_eq!(hours_text(&hours), "周一至周五 8:30–12:00、14:00–17:30；周六 9:00–12:00");
        let closed = OpeningHours::Weekly { week: Default::default(), special_days: Vec::new() };
        assert_eq!(hours_text(&closed), "请先电话咨询");
    }
}
