//! The texts of papers as a site writes them: listed with their versions, written from a day on, taken back, tried on a
//! sample. A wrong text is refused, with everything that is wrong with it at its field.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::codes::clean_line;
use domain::messages::Place;
use domain::papers::{
    PaperTemplate, PaperText, Speaker, TEMPLATES, WRITTEN_CHARS_MAX, Wording, WordingVersion, faults, in_force, template,
};
use domain::time::{local_date, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::fonts;
use super::samples::{PaperSampleView, samples_of};
use super::texts::{AGGREGATE, parsed_day};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::cases::Names;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::retry::{Outcome, Retry};
use crate::app::stated::seen;
use crate::app::templates::TemplatePlaceView;

/// Type of the event.
const SET: &str = "paper_texts_set";

/// Body of `PUT /sites/{site}/paper-templates/{template}`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperTextsRequest {
    /// The version that is changed.
    pub version: Option<i64>,
    /// The first day, today or later; today without one.
    pub from: Option<String>,
    /// The texts by name; those of the house stand where one is left out.
    pub texts: BTreeMap<String, String>,
}

/// Body of `POST …/reset`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperResetRequest {
    /// The version that is changed.
    pub version: Option<i64>,
    /// The first day, today or later; today without one.
    pub from: Option<String>,
}

/// A text that can be worded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaperTextView {
    /// Stable name.
    pub name: String,
    /// What it is.
    pub label: String,
    /// The words in force now.
    pub text: String,
    /// The words of the house, version 0.
    pub default_text: String,
    /// Whether the paper needs it.
    pub required: bool,
    /// Longest text with its places filled, in characters.
    pub chars_max: usize,
    /// What has to be said in it.
    pub must_say: Vec<String>,
    /// What can be named.
    pub places: Vec<TemplatePlaceView>,
}

/// A version of a paper's texts that a site wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaperVersionView {
    /// From 1; 0 are the words of the house.
    pub version: i64,
    /// `in_force`, `planned`, or `past`: a later one went before it.
    pub state: String,
    /// The first day.
    pub from: String,
    /// The texts by name; null where the site went back to what stood before.
    pub texts: Option<BTreeMap<String, String>>,
    /// When it was written.
    pub at: String,
    /// By whom.
    pub by_name: String,
}

/// A paper whose texts can be worded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaperTemplateView {
    /// Stable name, the paper's kind.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// `centre` or `department`: who speaks in it.
    pub speaker: String,
    /// Whether it bears the speaker's seal.
    pub sealed: bool,
    /// Whether this site's own words are in force.
    pub own: bool,
    /// The site above whose words are in force.
    pub from_site: Option<String>,
    /// The newest version of this site's words; 0 before the first.
    pub version: i64,
    /// Its texts in their order.
    pub texts: Vec<PaperTextView>,
    /// The versions of this site, the newest first.
    pub versions: Vec<PaperVersionView>,
    /// What can be shown of it.
    pub samples: Vec<PaperSampleView>,
}

fn place_view(place: &Place) -> TemplatePlaceView {
    TemplatePlaceView {
        name: place.name.to_owned(),
        about: place.about.to_owned(),
        sample: place.sample.to_owned(),
        required: place.required,
    }
}

fn text_view(text: &PaperText, own: Option<&Wording>) -> PaperTextView {
    PaperTextView {
        name: text.name.to_owned(),
        label: text.label.to_owned(),
        text: own.and_then(|own| own.get(text.name)).map_or_else(|| text.text.to_owned(), Clone::clone),
        default_text: text.text.to_owned(),
        required: !text.may_be_empty,
        chars_max: text.chars_max,
        must_say: text.phrases.iter().map(|phrase| format!("{}：“{}”", phrase.about, phrase.any_of.join("”或“"))).collect(),
        places: text.places.iter().map(place_view).collect(),
    }
}

/// The characters of each text that the fonts of papers cannot write.
fn unwritten(texts: &Wording) -> Answer<Vec<(String, Vec<char>)>> {
    let fonts = fonts()?;
    let lacking = texts.iter().map(|(name, words)| (name.clone(), fonts.lacking(words)));
    Ok(lacking.filter(|(_, lacking)| !lacking.is_empty()).collect())
}

impl App {
    /// The texts as they are kept: whole, and sound.
    pub(super) async fn checked_texts(&self, template: &PaperTemplate, written: &Wording) -> Answer<Wording> {
        let mut errors = FieldErrors::default();
        let sound = match faults(template, written) {
            Ok(sound) => sound,
            Err(found) => {
                for (name, fault) in found {
                    errors.add(&format!("texts.{name}"), fault.code, fault.text);
                }
                Wording::new()
            }
        };
        // What cannot be seen, or is no text of this paper, is refused already.
        let is_seen = |(name, words): &(&String, &String)| template.text(name).is_some() && clean_line(words, WRITTEN_CHARS_MAX).is_ok();
        let told: Wording = written.iter().filter(is_seen).map(|(name, words)| (name.clone(), words.clone())).collect();
        // Fonts are tens of megabytes: beside the requests.
        let lacking = tokio::task::spawn_blocking(move || if told.is_empty() { Ok(Vec::new()) } else { unwritten(&told) }).await;
        for (name, lacking) in lacking.map_err(|error| AppError::Internal(error.to_string()))?? {
            let shown: String = lacking.iter().map(|c| format!("“{c}”")).collect();
            errors.add(&format!("texts.{name}"), "no_glyph", format!("文书的字体里没有{shown}，印不出来"));
        }
        errors.check()?;
        let whole = template.texts.iter().map(|text| (text.name.to_owned(), text.text.to_owned()));
        Ok(whole.chain(sound).collect())
    }

    /// Every paper whose texts can be worded, as it is in force at a site.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn paper_templates(&self, permit: &Permit) -> Answer<Vec<PaperTemplateView>> {
        let (mut views, mut names) = (Vec::with_capacity(TEMPLATES.len()), Names::default());
        for template in TEMPLATES {
            views.push(self.paper_template_view(permit.site_id(), template, &mut names).await?);
        }
        Ok(views)
    }

    async fn paper_template_view(&self, site_id: &str, template: &PaperTemplate, names: &mut Names) -> Answer<PaperTemplateView> {
        let now = self.now();
        let own = self.own_versions(site_id, template.name).await?;
        let number = in_force(&own, now, |version| &version.content).map(|version| version.number);
        let (from_site, wording) = self.wording_at(site_id, template.name, now).await?.unzip();
        let mut versions = Vec::with_capacity(own.len());
        for (at, version) in own.iter().rev() {
            let is_planned = version.content.from > local_date(now) && number.is_none_or(|number| number < version.number);
            versions.push(PaperVersionView {
                version: version.number,
                state: if Some(version.number) == number {
                    "in_force"
                } else if is_planned {
                    "planned"
                } else {
                    "past"
                }
                .to_owned(),
                from: version.content.from.to_string(),
                texts: version.content.texts.clone(),
                at: rfc3339(*at),
                by_name: self.name_of_actor(&version.by, names).await?,
            });
        }
        Ok(PaperTemplateView {
            name: template.name.to_owned(),
            title: template.title.to_owned(),
            speaker: if template.speaker == Speaker::Centre { "centre" } else { "department" }.to_owned(),
            sealed: template.is_sealed,
            own: from_site.as_deref() == Some(site_id),
            from_site: from_site.filter(|from| from != site_id),
            version: own.last().map_or(0, |(_, version)| version.number),
            texts: template.texts.iter().map(|text| text_view(text, wording.as_ref())).collect(),
            versions,
            samples: samples_of(template.name),
        })
    }

    /// Writes a version of a site's own.
    ///
    /// # Errors
    /// 404; field errors and 409 `template_changed` are outcomes.
    pub async fn change_paper_texts(
        &self,
        permit: &Permit,
        name: &str,
        request: &PaperTextsRequest,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let template = template(name).ok_or(AppError::NotFound)?;
        let texts = self.checked_texts(template, &request.texts).await;
        let day = self.first_day(request.from.as_deref());
        let (texts, from) = match (texts, day) {
            (Ok(texts), Ok(day)) => (texts, day),
            (Err(AppError::Invalid(mut one)), Err(AppError::Invalid(more))) => {
                one.extend(more);
                return Err(AppError::Invalid(one));
            }
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        self.state_texts(permit, template, request.version, WordingVersion { from, texts: Some(texts) }, retry).await
    }

    /// Takes a site's own words back, from a day on.
    ///
    /// # Errors
    /// 404; field errors and 409 `template_changed` are outcomes.
    pub async fn reset_paper_texts(
        &self,
        permit: &Permit,
        name: &str,
        request: &PaperResetRequest,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let template = template(name).ok_or(AppError::NotFound)?;
        let from = self.first_day(request.from.as_deref())?;
        self.state_texts(permit, template, request.version, WordingVersion { from, texts: None }, retry).await
    }

    fn first_day(&self, text: Option<&str>) -> Answer<NaiveDate> {
        let today = local_date(self.now());
        match text.filter(|text| !text.is_empty()).map(parsed_day) {
            None => Ok(today),
            Some(None) => Err(AppError::field("from", "form", "日期写成 2026-01-31 的样子")),
            Some(Some(day)) if day < today => Err(AppError::field("from", "past", "启用日期最早是今天：以前出的文书不变")),
            Some(Some(day)) => Ok(day),
        }
    }

    async fn state_texts(
        &self,
        permit: &Permit,
        template: &PaperTemplate,
        version: Option<i64>,
        content: WordingVersion,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let (site_id, content) = (permit.site_id(), &content);
        let mut outcome = self
            .once(site_id, retry, || async move {
                let before = self.own_versions(site_id, template.name).await?.last().map_or(0, |(_, version)| version.number);
                seen("template_changed", version, before)?;
                let set = self.stated_as(SET, site_id, permit.caller().actor(), (AGGREGATE, template.name), before, content)?;
                Ok((set, Outcome::success(200, None, Value::Null)))
            })
            .await?;
        if outcome.status == 200 {
            outcome.body = json!(self.paper_template_view(site_id, template, &mut Names::default()).await?);
        }
        Ok(outcome)
    }
}
