//! The words of messages as a site writes them: a document of versions in its log. A site that wrote none has those of
//! the nearest site above that did, and else the words of the house (`domain::messages`).

use domain::codes::clean_line;
use domain::messages::{TEMPLATES, Template, faults, filled, sms_parts, template};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::error::{Answer, AppError, FieldErrors};
use super::notices::Words;
use super::retry::{Outcome, Retry};
use super::stated::seen;

const AGGREGATE: &str = "message_template";
/// Longest words as they are written, with their places, in characters.
const WRITTEN_CHARS_MAX: usize = 500;

/// Words that somebody wrote; a version without any goes back to what stood before anybody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Wording {
    subject: String,
    text: String,
}

/// Body of `PUT /sites/{site}/message-templates/{template}` and of its preview.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateRequest {
    /// The version that is changed.
    pub version: Option<i64>,
    /// The heading of mails.
    pub subject: String,
    /// The words, with `{places}` and `[parts that may be left out]`.
    pub text: String,
}

/// Body of `POST …/reset`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateResetRequest {
    /// The version that is changed.
    pub version: Option<i64>,
}

/// A place that is filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TemplatePlaceView {
    /// Its name in braces.
    pub name: String,
    /// What stands there.
    pub about: String,
    /// An example.
    pub sample: String,
    /// Whether a message must say it.
    pub required: bool,
}

/// A message that can be worded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TemplateView {
    /// Stable name.
    pub name: String,
    /// When it is sent.
    pub title: String,
    /// The heading in force.
    pub subject: String,
    /// The words in force.
    pub text: String,
    /// The heading that stands until somebody writes another.
    pub default_subject: String,
    /// The words that stand until somebody writes others.
    pub default_text: String,
    /// Whether this site wrote its own.
    pub own: bool,
    /// The site above whose words these are.
    pub from_site: Option<String>,
    /// The version of this site's words; 0 before the first.
    pub version: i64,
    /// What can be named.
    pub places: Vec<TemplatePlaceView>,
}

/// Words with examples in their places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TemplatePreview {
    /// The heading.
    pub subject: String,
    /// The words.
    pub text: String,
    /// Their length in characters.
    pub chars: usize,
    /// How many SMS they are counted as.
    pub sms_parts: usize,
}

fn checked(template: &Template, request: &TemplateRequest) -> Answer<Wording> {
    let mut errors = FieldErrors::default();
    let mut line = |value: &str, field: &str| match clean_line(value, WRITTEN_CHARS_MAX) {
        Ok(value) => value,
        Err(fault) => {
            errors.add(field, fault.code(), fault.message());
            String::new()
        }
    };
    let wording = Wording { subject: line(&request.subject, "subject"), text: line(&request.text, "text") };
    for fault in faults(template, &wording.subject, &wording.text) {
        if !(errors.names(fault.field) && (wording.subject.is_empty() || wording.text.is_empty())) {
            errors.add(fault.field, fault.code, fault.text);
        }
    }
    errors.check()?;
    Ok(wording)
}

fn preview(template: &Template, wording: &Wording) -> TemplatePreview {
    let samples = template.samples();
    let text = filled(&wording.text, &samples);
    TemplatePreview { subject: filled(&wording.subject, &samples), chars: text.chars().count(), sms_parts: sms_parts(&text), text }
}

impl App {
    /// What a site wrote itself, with the version.
    async fn own_wording(&self, site_id: &str, name: &str) -> Answer<(i64, Option<Wording>)> {
        let stated = self.stated::<Option<Wording>>(site_id, AGGREGATE, name, i64::MAX).await?;
        Ok(stated.map_or((0, None), |stated| (stated.version, stated.content)))
    }

    /// The words in force at a site and the site that wrote them; `None` where nobody did.
    async fn wording(&self, site_id: &str, name: &str) -> Answer<Option<(String, Wording)>> {
        let listing = self.directory.get();
        let mut at = listing.site(site_id)?;
        // A site that is its own ancestor by mistake must not make this endless.
        for _ in 0..listing.sites.len() {
            if let (_, Some(wording)) = self.own_wording(&at.id, name).await? {
                return Ok(Some((at.id.clone(), wording)));
            }
            match at.parent_id.as_deref().and_then(|parent| listing.sites.get(parent)) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        Ok(None)
    }

    /// A message in the words in force at a site.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn worded(&self, site_id: &str, template: &Template, values: &[(&str, &str)]) -> Answer<Words> {
        let written = self.wording(site_id, template.name).await?.map(|(_, wording)| wording);
        let (subject, text) =
            written.as_ref().map_or((template.subject, template.text), |wording| (wording.subject.as_str(), wording.text.as_str()));
        Ok(Words { subject: filled(subject, values), text: filled(text, values) })
    }

    /// Every message that can be worded, as it is in force at a site.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn message_templates(&self, permit: &Permit) -> Answer<Vec<TemplateView>> {
        let mut views = Vec::with_capacity(TEMPLATES.len());
        for template in TEMPLATES {
            views.push(self.template_view(permit.site_id(), template).await?);
        }
        Ok(views)
    }

    async fn template_view(&self, site_id: &str, template: &Template) -> Answer<TemplateView> {
        let (version, own) = self.own_wording(site_id, template.name).await?;
        let in_force = self.wording(site_id, template.name).await?;
        let (from_site, wording) = in_force.unzip();
        let place = |place: &domain::messages::Place| TemplatePlaceView {
            name: place.name.to_owned(),
            about: place.about.to_owned(),
            sample: place.sample.to_owned(),
            required: place.required,
        };
        Ok(TemplateView {
            name: template.name.to_owned(),
            title: template.title.to_owned(),
            subject: wording.as_ref().map_or_else(|| template.subject.to_owned(), |wording| wording.subject.clone()),
            text: wording.map_or_else(|| template.text.to_owned(), |wording| wording.text),
            default_subject: template.subject.to_owned(),
            default_text: template.text.to_owned(),
            own: own.is_some(),
            from_site: from_site.filter(|from| from != site_id),
            version,
            places: template.places.iter().map(place).collect(),
        })
    }

    /// Words with examples in their places.
    ///
    /// # Errors
    /// 404 for a message that cannot be worded; what is wrong with the words.
    pub fn preview_template(&self, _permit: &Permit, name: &str, request: &TemplateRequest) -> Answer<TemplatePreview> {
        let template = template(name).ok_or(AppError::NotFound)?;
        Ok(preview(template, &checked(template, request)?))
    }

    /// Writes words of a site's own.
    ///
    /// # Errors
    /// 404; field errors and 409 `template_changed` are outcomes.
    pub async fn change_template(&self, permit: &Permit, name: &str, request: &TemplateRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let template = template(name).ok_or(AppError::NotFound)?;
        self.state_template(permit, template, request.version, retry, || checked(template, request).map(Some)).await
    }

    /// Takes a site's own words back.
    ///
    /// # Errors
    /// 404; 409 `template_changed` is an outcome.
    pub async fn reset_template(
        &self,
        permit: &Permit,
        name: &str,
        request: &TemplateResetRequest,
        retry: Option<&Retry>,
    ) -> Answer<Outcome> {
        let template = template(name).ok_or(AppError::NotFound)?;
        self.state_template(permit, template, request.version, retry, || Ok(None)).await
    }

    async fn state_template(
        &self,
        permit: &Permit,
        template: &Template,
        version: Option<i64>,
        retry: Option<&Retry>,
        wording: impl Fn() -> Answer<Option<Wording>> + Send + Sync,
    ) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let mut outcome = self
            .once(site_id, retry, || async {
                let wording = wording()?;
                let before = self.own_wording(site_id, template.name).await?.0;
                seen("template_changed", version, before)?;
                let set = self.stated_set(site_id, permit.caller().actor(), (AGGREGATE, template.name), before, &wording)?;
                Ok((set, Outcome::success(200, None, Value::Null)))
            })
            .await?;
        if outcome.status == 200 {
            outcome.body = json!(self.template_view(site_id, template).await?);
        }
        Ok(outcome)
    }
}
