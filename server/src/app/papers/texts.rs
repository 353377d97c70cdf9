//! The texts of a paper as they were in force when it was issued: a site's own versions, else those of the nearest site
//! above that has some, else the words of the house. Each version is an event that holds all texts and is read again for
//! every paper, so that a paper of long ago says what it said then.

use chrono::NaiveDate;
use documents::Part;
use domain::ids::is_practice;
use domain::messages::filled;
use domain::papers::{PaperTemplate, REVIEW_TERM, SUIT_TERM, Wording, WordingVersion, in_force};
use domain::time::Millis;

use crate::app::App;
use crate::app::error::Answer;
use crate::app::stated::Stated;

/// The versions of a paper's texts in a site's log, one row for each kind of paper.
pub(super) const AGGREGATE: &str = "paper_template";

/// The texts of one paper, with the names that can stand in all of them.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    pub(super) template: &'static PaperTemplate,
    /// What somebody wrote; a text that is not there is that of the house.
    pub(super) own: Wording,
    /// The centre.
    pub(super) site: String,
    /// The department that decides.
    pub(super) department: String,
}

impl Texts {
    /// A text with its places filled; empty where the paper does without it.
    pub(super) fn say(&self, name: &str, values: &[(&str, &str)]) -> String {
        let built_in = || self.template.text(name).map_or("", |text| text.text);
        let words = self.own.get(name).map_or_else(built_in, String::as_str);
        let known = [
            ("site", self.site.as_str()),
            ("department", self.department.as_str()),
            ("review_term", REVIEW_TERM),
            ("suit_term", SUIT_TERM),
        ];
        filled(words, &[values, &known[..]].concat())
    }

    /// A text as a paragraph; none where the paper does without it.
    pub(super) fn part(&self, name: &str, values: &[(&str, &str)]) -> Option<Part> {
        let text = self.say(name, values);
        (!text.is_empty()).then_some(Part::Text { text })
    }
}

/// A version as it stands in the log.
#[derive(Debug, Clone)]
pub(super) struct LoggedVersion {
    pub(super) number: i64,
    pub(super) content: WordingVersion,
    pub(super) by: String,
}

impl App {
    /// A site, and those above it whose words and seals count for it, the nearest first.
    pub(super) fn line_of(&self, site_id: &str) -> Answer<Vec<String>> {
        let listing = self.directory.get();
        let site = listing.site(site_id)?;
        // A practice hall stands below the hall that it is a copy of.
        let begin = site.parent_id.as_deref().filter(|_| is_practice(site_id)).unwrap_or(&site.id);
        let mut line = vec![site.id.clone()];
        line.extend((begin != site.id).then(|| begin.to_owned()));
        line.extend(listing.above(begin).iter().map(ToString::to_string));
        Ok(line)
    }

    /// The versions that a site itself wrote, with when, in order.
    pub(super) async fn own_versions(&self, site_id: &str, name: &str) -> Answer<Vec<(Millis, LoggedVersion)>> {
        let logged = self.stores.events.events_of(site_id, AGGREGATE, name).await?;
        let version = |event: &crate::store::LoggedEvent| -> Answer<_> {
            let stated: Stated<WordingVersion> = serde_json::from_str(&event.body)?;
            Ok((event.at, LoggedVersion { number: stated.version, content: stated.content, by: event.actor.clone() }))
        };
        logged.iter().map(version).collect()
    }

    /// The words that somebody wrote and that were in force at a site at an instant, with the site that wrote them.
    pub(super) async fn wording_at(&self, site_id: &str, name: &str, at: Millis) -> Answer<Option<(String, Wording)>> {
        for id in self.line_of(site_id)? {
            let versions = self.own_versions(&id, name).await?;
            if let Some(texts) = in_force(&versions, at, |version| &version.content).and_then(|version| version.content.texts.clone()) {
                return Ok(Some((id, texts)));
            }
        }
        Ok(None)
    }

    /// The texts of a paper that was issued at an instant.
    pub(super) async fn texts_at(&self, site_id: &str, template: &'static PaperTemplate, department: &str, at: Millis) -> Answer<Texts> {
        let own = self.wording_at(site_id, template.name, at).await?.map(|(_, texts)| texts).unwrap_or_default();
        Ok(Texts { template, own, site: self.directory.get().site(site_id)?.name.clone(), department: department.to_owned() })
    }
}

/// A day as it is written in requests.
pub(super) fn parsed_day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text)
}
