//! Matters and bundles as people find and read them. The matters of a site are kept in memory, ready
//! to be searched, until the catalogue of that site changes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use domain::catalogue::{FormSchema, GuidePicture, GuideVideo, HandlingForm, Matter, Query, SearchKeys, WORDS_MAX, found, typed_letters};
use domain::ids::MatterId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::error::{Answer, AppError};
use super::matters::{CatalogueStamp, guide_file_url};
use super::pages::after_the_last_seen;

/// A matter in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of the catalogue, explained in the OpenAPI description")]
pub struct MatterSummary {
    pub id: String,
    pub code: String,
    pub name: String,
    pub category: String,
    /// `instant` 即办件 or `promised` 承诺件.
    #[schema(value_type = crate::app::words::CaseKind)]
    pub case_kind: String,
    pub department_id: String,
    pub department_name: String,
    /// Promised limit, working days.
    pub promised_days: u32,
    /// Limit by law, working days.
    pub statutory_days: Option<u32>,
    /// The queue it is taken in; null when it is not taken here.
    pub line_id: Option<String>,
}

/// A required document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of the catalogue, explained in the OpenAPI description")]
pub struct MaterialView {
    pub id: String,
    pub name: String,
    /// `form`, `licence`, `proof`, `paper`.
    #[schema(value_type = crate::app::words::MaterialKind)]
    pub kind: String,
    pub required: bool,
    /// Whether it may be promised and supplied later (容缺).
    pub tolerable: bool,
    /// `collected` 收取 or `verified` 核验.
    #[schema(value_type = crate::app::words::MaterialKeeping)]
    pub keeping: String,
    pub originals: u32,
    pub copies: u32,
    /// `applicant`, `government`, `third_party`.
    #[schema(value_type = crate::app::words::MaterialSource)]
    pub source: String,
    pub acceptance_points: Vec<String>,
    /// The answers that ask for it; empty: always.
    pub situation_ids: Vec<String>,
    /// Where a filled-in example is, or what it looks like; empty without.
    pub sample: String,
    /// Where the blank form is; empty without.
    pub blank_form: String,
}

/// An answer that selects materials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SituationView {
    /// The answer.
    pub id: String,
    /// Its words.
    pub name: String,
}

/// A question whose answers select the materials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SituationQuestionView {
    /// The question.
    pub question: String,
    /// Whether more than one answer may be chosen.
    pub many: bool,
    /// The answers.
    pub options: Vec<SituationView>,
    /// Asked only when one of these answers to earlier questions was chosen; empty: always.
    pub asked_if: Vec<String>,
}

/// What it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeeView {
    /// Legal basis.
    pub basis: String,
    /// Standard, as people read it.
    pub standard: String,
}

/// A procedure that may come between acceptance and decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpecialProcedureView {
    /// `hearing`, `site_survey`, …
    #[schema(value_type = crate::app::words::ProcedureKind)]
    pub procedure: String,
    /// The word people read.
    pub name: String,
    /// Usual working days.
    pub days: u32,
    /// Legal basis.
    pub basis: String,
    /// Whether its time is not counted.
    pub stops_clock: bool,
}

/// A matter with everything that people need to know to apply for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the fields are those of the catalogue, explained in the OpenAPI description")]
pub struct MatterView {
    #[serde(flatten)]
    pub summary: MatterSummary,
    pub site_id: String,
    pub version: u32,
    /// GB/T 39046 code, `01` to `20`.
    pub matter_type: String,
    pub legal_basis: Vec<String>,
    /// `person`, `enterprise`, …
    #[schema(value_type = Vec<crate::app::words::ApplicantKind>)]
    pub applicant_kinds: Vec<String>,
    /// `window`, `web`, `mobile`, `courier`, `other`.
    #[schema(value_type = Vec<crate::app::words::HandlingForm>)]
    pub handling_forms: Vec<String>,
    pub conditions: Vec<String>,
    pub materials: Vec<MaterialView>,
    pub situations: Vec<SituationQuestionView>,
    pub special_procedures: Vec<SpecialProcedureView>,
    /// Null when it is free.
    pub fee: Option<FeeView>,
    /// How often one must come.
    pub visits: u32,
    /// Name of the document it ends in.
    pub result_name: Option<String>,
    pub result_valid_years: Option<u32>,
    /// Whether a material may be supplied later (容缺受理).
    pub tolerant: bool,
    pub consultation_phone: String,
    pub complaint_phone: String,
    /// 白话版, Markdown without HTML.
    pub guide: String,
    /// 图例版: steps with a picture each.
    pub pictures: Vec<GuidePictureView>,
    /// 视频版; null without.
    pub video: Option<GuideVideoView>,
    /// 办理流程, step by step.
    pub flow: Vec<String>,
    /// Where it is done, where that is not the site's address.
    pub address: String,
    /// When it is done, where that is not the hall's hours.
    pub hours: String,
    /// Whether the result may be sent by courier.
    pub courier: bool,
    /// The applicant's form as JSON Schema 2020-12; null where nothing is asked beside persons and materials.
    #[schema(value_type = Option<Object>)]
    pub form_schema: Option<Value>,
    /// How the site came to a matter from above; null for one of its own.
    pub claim: Option<MatterClaimView>,
    /// Whether the site opens cases of it; false where it only helps people to apply above.
    pub takes_cases: bool,
    /// `local`, or `upstream` where it must be entered in the platform above.
    #[schema(value_type = crate::app::words::HandledIn)]
    pub handled_in: String,
    /// The page there that a clerk opens.
    pub upstream_link: Option<String>,
}

/// A step of an illustrated guide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GuidePictureView {
    /// Name of one of the pages' own pictures.
    pub icon: String,
    /// What to do.
    pub title: String,
    /// How; may be empty.
    pub text: String,
    /// Where a picture of the step's own is read; null where the page's own is shown.
    pub picture_url: Option<String>,
    /// Where a smaller one of it is read, at most 640 pixels wide and high.
    pub small_url: Option<String>,
    /// What is to be seen on it; empty without one.
    pub alt: String,
}

/// A filmed guide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GuideVideoView {
    /// Title.
    pub title: String,
    /// Where it plays.
    pub url: String,
    /// What is said in it.
    pub transcript: String,
    /// Whether it is a film of this house, which the page itself plays.
    pub is_here: bool,
}

/// How a site came to a matter from above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatterClaimView {
    /// `entrusted_acceptance` 委托受理, `authorised` 授权办理, `assisted` 帮办代办.
    #[schema(value_type = crate::app::words::Delegation)]
    pub delegation: String,
    /// The word people read.
    pub delegation_name: String,
    /// Name and number of the document it rests on.
    pub document: String,
    /// Last day; null without end.
    pub expires_on: Option<String>,
    /// Name of the site whose matter it is.
    pub of_site_name: String,
}

#[derive(Debug)]
struct Entry {
    keys: SearchKeys,
    summary: MatterSummary,
    fee: Option<FeeView>,
    is_online: bool,
}

/// A matter with what public lists show of it beside its summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedMatter {
    /// What every list shows.
    pub(super) summary: MatterSummary,
    /// What it costs; `None` when it is free.
    pub(super) fee: Option<FeeView>,
    /// Whether it is applied for online too.
    pub(super) is_online: bool,
}

/// The published matters of a site by name.
#[derive(Debug)]
struct SiteMatters {
    /// What they were read at.
    stamp: CatalogueStamp,
    entries: Vec<Entry>,
}

/// The published matters of every site that was asked for.
#[derive(Debug, Default)]
pub struct CatalogueIndex {
    sites: RwLock<BTreeMap<String, Arc<SiteMatters>>>,
    /// The number of the day on which this process looked at the dates of all matters.
    looked_at: AtomicI64,
}

impl CatalogueIndex {
    pub(super) fn looked_at(&self) -> i64 {
        self.looked_at.load(Ordering::Relaxed)
    }

    pub(super) fn look_at(&self, day: i64) {
        self.looked_at.store(day, Ordering::Relaxed);
    }
}

fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn words<T: Serialize>(values: &[T]) -> Vec<String> {
    values.iter().map(word).collect()
}

fn summary(matter: &Matter, line_id: Option<String>, department_name: String) -> MatterSummary {
    MatterSummary {
        id: matter.id.to_string(),
        code: matter.code.clone(),
        name: matter.name.clone(),
        category: matter.category.clone(),
        case_kind: word(matter.case_kind),
        department_id: matter.department_id.to_string(),
        department_name,
        promised_days: matter.promised_days,
        statutory_days: matter.statutory_days,
        line_id,
    }
}

fn materials(matter: &Matter) -> Vec<MaterialView> {
    let view = |material: &domain::catalogue::Material| MaterialView {
        id: material.id.to_string(),
        name: material.name.clone(),
        kind: word(material.kind),
        required: material.required,
        tolerable: material.tolerable,
        keeping: word(material.keeping),
        originals: material.originals,
        copies: material.copies,
        source: word(material.source),
        acceptance_points: material.acceptance_points.clone(),
        situation_ids: words(&material.situation_ids),
        sample: material.sample.clone(),
        blank_form: material.blank_form.clone(),
    };
    matter.materials.iter().map(view).collect()
}

fn situations(matter: &Matter) -> Vec<SituationQuestionView> {
    let view = |question: &domain::catalogue::SituationQuestion| SituationQuestionView {
        question: question.question.clone(),
        many: question.many,
        options: question.options.iter().map(|option| SituationView { id: option.id.to_string(), name: option.name.clone() }).collect(),
        asked_if: words(&question.asked_if),
    };
    matter.situations.iter().map(view).collect()
}

fn procedures(matter: &Matter) -> Vec<SpecialProcedureView> {
    let view = |special: &domain::catalogue::SpecialProcedure| SpecialProcedureView {
        procedure: word(special.procedure),
        name: special.procedure.label().to_owned(),
        days: special.days,
        basis: special.basis.clone(),
        stops_clock: special.stops_clock || special.procedure.stops_clock_by_law(),
    };
    matter.special_procedures.iter().map(view).collect()
}

fn picture_view(id: &MatterId, one: &GuidePicture) -> GuidePictureView {
    let picture_url = one.file.as_deref().map(|file| guide_file_url(id, file));
    GuidePictureView {
        icon: one.icon.clone(),
        title: one.title.clone(),
        text: one.text.clone(),
        small_url: picture_url.as_ref().map(|url| format!("{url}/small")),
        picture_url,
        alt: one.alt.clone(),
    }
}

fn video_view(id: &MatterId, video: &GuideVideo) -> GuideVideoView {
    GuideVideoView {
        title: video.title.clone(),
        url: video.file.as_deref().map_or_else(|| video.url.clone(), |file| guide_file_url(id, file)),
        transcript: video.transcript.clone(),
        is_here: video.file.is_some(),
    }
}

fn matter_view(matter: &Matter, site_id: &str, summary: MatterSummary, claim: Option<MatterClaimView>) -> MatterView {
    let details = &matter.details;
    MatterView {
        summary,
        site_id: site_id.to_owned(),
        version: matter.version,
        matter_type: matter.matter_type.code().to_owned(),
        legal_basis: matter.legal_basis.clone(),
        applicant_kinds: words(&matter.applicant_kinds),
        handling_forms: words(&matter.handling_forms),
        conditions: matter.conditions.clone(),
        materials: materials(matter),
        situations: situations(matter),
        special_procedures: procedures(matter),
        fee: fee_view(matter),
        visits: matter.visits,
        result_name: matter.certificate.as_ref().map(|form| form.name.clone()),
        result_valid_years: matter.certificate.as_ref().and_then(|form| form.valid_years),
        tolerant: matter.takes_tolerant(),
        consultation_phone: matter.consultation_phone.clone(),
        complaint_phone: matter.complaint_phone.clone(),
        guide: matter.guide.clone(),
        pictures: details.pictures.iter().map(|one| picture_view(&matter.id, one)).collect(),
        video: details.video.as_ref().map(|video| video_view(&matter.id, video)),
        flow: details.flow.clone(),
        address: details.address.clone(),
        hours: details.hours.clone(),
        courier: details.courier,
        form_schema: matter.form_schema.as_ref().map(FormSchema::to_json),
        claim,
        takes_cases: matter.takes_cases(),
        handled_in: "local".to_owned(),
        upstream_link: None,
    }
}

impl SiteMatters {
    /// Those that fit what was typed, best first, or all by name.
    fn fitting(&self, query: &str) -> Vec<&Entry> {
        match Query::parse(query) {
            Some(query) => {
                let by_name =
                    |one: &&Entry, other: &&Entry| (&one.summary.name, &one.summary.id).cmp(&(&other.summary.name, &other.summary.id));
                found(&self.entries, &query, self.entries.len(), |entry| &entry.keys, by_name)
            }
            // Only signs that are not looked for: nothing fits. Nothing typed at all: everything does.
            None if !query.trim().is_empty() => Vec::new(),
            None => self.entries.iter().collect(),
        }
    }
}

/// Whether a matter is applied for online (网上、移动端).
pub(super) fn is_online(matter: &Matter) -> bool {
    matter.takes_cases() && matter.handling_forms.iter().any(|form| matches!(form, HandlingForm::Web | HandlingForm::Mobile))
}

fn fee_view(matter: &Matter) -> Option<FeeView> {
    matter.fee.as_ref().map(|fee| FeeView { basis: fee.basis.clone(), standard: fee.standard.clone() })
}

impl App {
    async fn site_matters(&self, site_id: &str) -> Answer<Arc<SiteMatters>> {
        let stamp = self.catalogue_stamp(site_id).await?;
        let known = self.catalogue.sites.read().unwrap_or_else(PoisonError::into_inner).get(site_id).cloned();
        if let Some(matters) = known.as_ref().filter(|matters| matters.stamp == stamp) {
            return Ok(matters.clone());
        }
        if known.is_some() {
            // An import may have come from another process and added departments.
            self.directory.reload(&self.stores).await?;
        }
        let mut entries = Vec::new();
        for row in self.catalogue_rows(site_id).await?.into_iter().filter(|row| row.state == "published") {
            let matter: Matter = serde_json::from_str(&row.doc)?;
            // The department's name is looked up when it is shown: it may be known later than the matter.
            entries.push(Entry {
                keys: matter.search_keys(),
                summary: summary(&matter, row.line_id, String::new()),
                fee: fee_view(&matter),
                is_online: is_online(&matter),
            });
        }
        entries.sort_by(|one, other| (&one.summary.name, &one.summary.id).cmp(&(&other.summary.name, &other.summary.id)));
        let matters = Arc::new(SiteMatters { stamp, entries });
        self.catalogue.sites.write().unwrap_or_else(PoisonError::into_inner).insert(site_id.to_owned(), matters.clone());
        Ok(matters)
    }

    pub(super) fn department_name(&self, id: &str) -> String {
        self.directory.get().departments.get(id).map(|row| row.name.clone()).unwrap_or_default()
    }

    /// Published matters of a site: those that fit what was typed, best first, or all by name. Gives
    /// at most `limit` after the matter `after`, and whether more follow.
    ///
    /// # Errors
    /// 404 for an unknown site.
    pub async fn matters(&self, site_id: &str, query: &str, after: Option<&str>, limit: usize) -> Answer<(Vec<MatterSummary>, bool)> {
        let site_id = self.directory.get().site(site_id)?.id.clone();
        let matters = self.site_matters(&site_id).await?;
        let (page, is_more) =
            after_the_last_seen(matters.fitting(query), after.map(|after| move |entry: &&Entry| entry.summary.id == after), limit);
        let shown =
            |entry: &Entry| MatterSummary { department_name: self.department_name(&entry.summary.department_id), ..entry.summary.clone() };
        Ok((page.into_iter().map(shown).collect(), is_more))
    }

    /// Chinese words of the matters' names for the pinyin at the end of what was typed, among the matters that fit what
    /// stands before it.
    ///
    /// # Errors
    /// 404 for an unknown site.
    pub async fn matter_words(&self, site_id: &str, query: &str) -> Answer<Vec<String>> {
        let site_id = self.directory.get().site(site_id)?.id.clone();
        let matters = self.site_matters(&site_id).await?;
        let (before, letters) = typed_letters(query);
        let names: Vec<String> = matters.fitting(before).into_iter().flat_map(|entry| entry.keys.names()).collect();
        Ok(domain::catalogue::words(names.iter().map(String::as_str), before, letters, WORDS_MAX))
    }

    /// Published matters of a site that fit what was typed, best first, or all by name, with what public lists show.
    ///
    /// # Errors
    /// 404 for an unknown site.
    pub(super) async fn listed_matters(&self, site_id: &str, query: &str) -> Answer<Vec<ListedMatter>> {
        let matters = self.site_matters(site_id).await?;
        let listed = |entry: &Entry| ListedMatter {
            summary: MatterSummary { department_name: self.department_name(&entry.summary.department_id), ..entry.summary.clone() },
            fee: entry.fee.clone(),
            is_online: entry.is_online,
        };
        Ok(matters.fitting(query).into_iter().map(listed).collect())
    }

    /// One published matter.
    ///
    /// # Errors
    /// 404 when there is none or it is no longer taken.
    pub async fn matter(&self, id: &MatterId) -> Answer<MatterView> {
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let row = self.catalogue_row(&site_id, id.as_str()).await?.filter(|row| row.state == "published");
        let row = row.ok_or(AppError::NotFound)?;
        let matter: Matter = serde_json::from_str(&row.doc)?;
        let department_name = self.department_name(matter.department_id.as_str());
        let summary = summary(&matter, row.line_id, department_name);
        let listing = self.directory.get();
        let claim = matter.claimed.as_ref().map(|from| MatterClaimView {
            delegation: word(from.delegation),
            delegation_name: from.delegation.label().to_owned(),
            document: from.document.clone(),
            expires_on: from.expires_on.map(|day| day.to_string()),
            of_site_name: listing.site_of_key(from.matter_id.site_key()).map(|site| site.name.clone()).unwrap_or_default(),
        });
        let mut view = matter_view(&matter, &site_id, summary, claim);
        if let Some(link) = self.upstream_link(&site_id, &matter.code).await? {
            (view.handled_in, view.upstream_link) = ("upstream".to_owned(), Some(link));
        }
        Ok(view)
    }
}
