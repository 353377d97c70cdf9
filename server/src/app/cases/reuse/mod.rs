//! 用以前交过的: what somebody handed in and filled in with earlier cases of the same site, offered at the desk.
//!
//! Architecture Invariant: before the applicant's consent stands in the case's own log, nothing of an earlier case leaves
//! this module but that there is something. Contents are never copied: a taken file names the same content.

mod earlier;

use std::collections::BTreeSet;

use domain::case::{Action, Actor, Attachment, Case, Command, Prefill, ReuseConsent, ReusedMaterial};
use domain::catalogue::{FormSchema, Matter};
use domain::ids::{AttachmentId, CaseId, MaterialId, MatterId, SituationId, TextId};
use domain::time::{Millis, local_date, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use self::earlier::EarlierMaterial;
use super::answer::Names;
use super::attachments::{attachment_row, hash_of};
use super::commands::Draft;
use super::requests::EarlierInput;
use super::rows::case_of;
use crate::app::App;
use crate::app::caller::{Caller, Permit, StaffCaller};
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::fresh::id_tail;
use crate::app::persons::{PersonData, PersonInput, checked};

/// What the applicant agrees to, by version; the last one is asked for now. Words that somebody agreed to never change.
const CONSENT_TEXTS: &[(u32, &str)] = &[(
    1,
    "我同意窗口为办这一件事，查看并使用我以前在这里办件时交过的材料和填过的申请信息。用哪几样由我当场确认。\
     受理之前我可以随时撤回；撤回以后，这些材料要重新交。",
)];
/// Entries of one person that are looked at, the newest first.
const ENTRIES_MAX: usize = 200;
/// Earlier cases that are looked at, the newest first.
const CASES_MAX: usize = 50;

/// The text that is asked for now, with its version.
fn consent_text() -> (u32, &'static str) {
    CONSENT_TEXTS.last().copied().unwrap_or_default()
}

/// The version of the text that is asked for now.
pub(super) fn consent_version() -> u32 {
    consent_text().0
}

/// Body of `POST /sites/{site}/earlier-materials`: who sits at the window, and what for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlierAskRequest {
    /// The matter.
    pub matter_id: Option<String>,
    /// Several matters as one instead: the bundle.
    pub bundle_id: Option<String>,
    /// The situations chosen so far.
    pub situation_ids: Option<Vec<String>>,
    /// The applicant: name and document.
    pub applicant: Option<PersonInput>,
}

/// That there is something, and nothing of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EarlierCountView {
    /// Materials of the matter that the same person handed in before.
    pub count: usize,
    /// Whether fields of its form could be filled in from an earlier case.
    pub has_form: bool,
    /// What the applicant is asked to agree to.
    pub consent_text: String,
    /// Its version.
    pub consent_text_version: u32,
}

/// A material that could be taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EarlierMaterialView {
    /// The material of this case.
    pub material_id: String,
    /// Its name.
    pub name: String,
    /// The earlier case.
    pub case_id: String,
    /// Its number.
    pub case_number: String,
    /// What that was about.
    pub matter_name: String,
    /// The local date on which it was handed in.
    pub handed_in_on: String,
    /// What was done with it then.
    #[schema(value_type = crate::app::words::SubmissionStatus)]
    pub status: String,
    /// How many files show it.
    pub files: usize,
    /// The last local date on which it counts.
    pub valid_until: String,
    /// Whether it still counts.
    pub valid: bool,
}

/// A field of the form that could be filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EarlierFieldView {
    /// Its name in the form.
    pub name: String,
    /// What people read.
    pub title: String,
}

/// Fields of the form that could be filled in, without their answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EarlierFormView {
    /// The earlier case.
    pub case_id: String,
    /// Its number.
    pub case_number: String,
    /// The local date on which it was received.
    pub handed_in_on: String,
    /// The fields.
    pub fields: Vec<EarlierFieldView>,
}

/// A consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReuseConsentView {
    /// When it was given.
    pub at: String,
    /// Who asked; null where it was ticked online.
    pub by: Option<String>,
    /// `oral`, `signature`, `online`.
    #[schema(value_type = crate::app::words::ConsentWay)]
    pub way: String,
    /// Which version of the text was agreed to.
    pub text_version: u32,
    /// When it was taken back.
    pub withdrawn_at: Option<String>,
}

/// What of earlier cases could be used for one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EarlierView {
    /// How many materials there are.
    pub count: usize,
    /// Whether fields of the form could be filled in.
    pub has_form: bool,
    /// The consent that stands; null without.
    pub consent: Option<ReuseConsentView>,
    /// What is to be agreed to.
    pub consent_text: String,
    /// Its version.
    pub consent_text_version: u32,
    /// Calendar days for which a material counts.
    pub days_max: u32,
    /// The materials; empty without consent.
    pub items: Vec<EarlierMaterialView>,
    /// The form; null without consent.
    pub form: Option<EarlierFormView>,
}

/// A material of a case that was handed in with an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReusedMaterialView {
    /// The material.
    pub material_id: String,
    /// The earlier case.
    pub case_id: String,
    /// Its number.
    pub case_number: String,
    /// The local date on which it was handed in.
    pub handed_in_on: String,
}

/// What a case has of earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseReuseView {
    /// By what consent.
    pub consent: ReuseConsentView,
    /// Materials.
    pub materials: Vec<ReusedMaterialView>,
    /// Names of the fields of the form that were filled in.
    pub fields: Vec<String>,
    /// The number of the case that they are from.
    pub fields_case_number: Option<String>,
}

/// A form that was filled in before, and what it fills now.
struct EarlierForm {
    from: CaseId,
    from_number: String,
    received_at: Millis,
    fields: Vec<(String, String, Value)>,
}

fn day(at: Millis) -> String {
    local_date(at).to_string()
}

impl App {
    /// Whether somebody who sits at the window handed in before what a matter asks for.
    ///
    /// # Errors
    /// Field errors; the store's.
    pub async fn earlier_count(&self, permit: &Permit, request: &EarlierAskRequest) -> Answer<EarlierCountView> {
        let site_id = permit.site_id();
        let mut errors = FieldErrors::default();
        let person = match &request.applicant {
            Some(input) => checked("applicant", input, true, &mut errors),
            None => errors.some(None, "applicant", "missing", "写上申请人"),
        };
        let matters = self.earlier_asked(site_id, request, &mut errors).await?;
        errors.check()?;
        let person = person.ok_or(AppError::NotFound)?;
        let chosen: Vec<SituationId> = request.situation_ids.iter().flatten().filter_map(|id| SituationId::parse(id)).collect();
        let cases = self.earlier_cases(site_id, &person, None).await?;
        let same = self.same_materials(site_id).await?;
        let (mut counted, mut has_form) = (BTreeSet::new(), false);
        for matter in &matters {
            let wanted = matter.snapshot(&chosen, "", self.settings.cases.deems_other_types);
            let found = earlier::materials(&wanted, &|_| false, &cases, &same);
            // What a bundle asks for once is counted once.
            let once = |id: &MaterialId| {
                same.iter().find(|group| matters.len() > 1 && group.contains(id)).and_then(|group| group.first()).unwrap_or(id).clone()
            };
            counted.extend(found.iter().filter(|one| self.is_young(one.handed_in_at)).map(|one| once(&one.requirement.id)));
            has_form = has_form || self.earlier_form(matter.form_schema.as_ref(), &Map::new(), &cases).await?.is_some();
        }
        let count = counted.len();
        let (consent_text_version, text) = consent_text();
        Ok(EarlierCountView { count, has_form, consent_text: text.to_owned(), consent_text_version })
    }

    /// What is asked about: a matter, or those of a bundle.
    async fn earlier_asked(&self, site_id: &str, request: &EarlierAskRequest, errors: &mut FieldErrors) -> Answer<Vec<Matter>> {
        let (ids, field, message) = match request.bundle_id.as_deref() {
            Some(id) => {
                let bundle = self.bundles_in_force(site_id).await?.into_iter().find(|(bundle, _)| bundle.id.as_str() == id);
                (bundle.map(|(bundle, _)| bundle.matter_ids).unwrap_or_default(), "bundle_id", "这里没有这个“一件事”")
            }
            None => (request.matter_id.as_deref().and_then(MatterId::parse).into_iter().collect(), "matter_id", "这里没有这个事项"),
        };
        let mut matters = Vec::with_capacity(ids.len());
        for id in ids {
            let row = self.catalogue_row(site_id, id.as_str()).await?.filter(|row| row.state == "published");
            matters.extend(row.map(|row| serde_json::from_str::<Matter>(&row.doc)).transpose()?);
        }
        if matters.is_empty() {
            errors.add(field, "unknown", message);
        }
        Ok(matters)
    }

    /// What of earlier cases could be used for a case: without consent only that there is something.
    ///
    /// # Errors
    /// 404, 403.
    pub async fn earlier_materials(&self, caller: &StaffCaller, id: &CaseId) -> Answer<EarlierView> {
        let site_id = self.directory.get().site_of_key(id.site_key())?.id.clone();
        let case = self.case_for(&Caller::Staff(Box::new(caller.clone())), &site_id, id.as_str()).await?;
        case.entitle(Action::Reuse, &Actor::Staff(caller.staff.clone()), &self.case_context(&case))?;
        let cases = self.earlier_of(&case).await?;
        let same = self.same_materials(&site_id).await?;
        let found = earlier::materials(&case.matter, &|id| case.has_material(id), &cases, &same);
        let form = self.earlier_form_of(&case, &cases).await?;
        let (text_version, text) = consent_text();
        let consent = match case.reuse_consent() {
            Some(consent) => Some(self.consent_view(consent, &mut Names::default()).await?),
            None => None,
        };
        let is_open = consent.is_some();
        Ok(EarlierView {
            count: found.iter().filter(|one| self.is_young(one.handed_in_at)).count(),
            has_form: form.is_some(),
            consent,
            consent_text: text.to_owned(),
            consent_text_version: text_version,
            days_max: self.settings.cases.policy.reuse_days_max,
            items: if is_open { found.iter().map(|one| self.earlier_view(one)).collect() } else { Vec::new() },
            form: form.filter(|_| is_open).map(form_view),
        })
    }

    fn earlier_view(&self, one: &EarlierMaterial<'_>) -> EarlierMaterialView {
        let last = local_date(one.handed_in_at) + chrono::Days::new(u64::from(self.settings.cases.policy.reuse_days_max));
        EarlierMaterialView {
            material_id: one.requirement.id.to_string(),
            name: one.requirement.name.clone(),
            case_id: one.from.id.to_string(),
            case_number: one.from.number.clone(),
            matter_name: one.from.matter.name.clone(),
            handed_in_on: day(one.handed_in_at),
            status: one.status.name().to_owned(),
            files: one.attachments.len(),
            valid_until: last.to_string(),
            valid: self.is_young(one.handed_in_at),
        }
    }

    fn is_young(&self, handed_in_at: Millis) -> bool {
        let days = (local_date(self.now()) - local_date(handed_in_at)).num_days();
        days <= i64::from(self.settings.cases.policy.reuse_days_max)
    }

    /// The command that takes materials over, and fills the form in where that is asked for.
    pub(super) async fn reuse_command(
        &self,
        case: &Case,
        draft: &mut Draft<'_>,
        (wanted, with_form): (&[EarlierInput], bool),
    ) -> Answer<Command> {
        // Nothing of an earlier case is looked at before the consent stands.
        case.permit(Action::Reuse, &Actor::System, &self.case_context(case))?;
        let cases = self.earlier_of(case).await?;
        let same = self.same_materials(case.site.as_str()).await?;
        let found = earlier::materials(&case.matter, &|_| false, &cases, &same);
        let (mut materials, mut attachments) = (Vec::new(), Vec::new());
        for (place, input) in wanted.iter().enumerate() {
            let is_it =
                |one: &&EarlierMaterial<'_>| one.requirement.id.as_str() == input.material_id && one.from.id.as_str() == input.case_id;
            let field = format!("earlier[{place}]");
            let Some(one) = draft.errors().some(found.iter().find(is_it), &field, "unknown", "以前的办件里没有这份材料") else {
                continue;
            };
            let taken: Vec<Attachment> = one.attachments.iter().map(|known| self.again(case, known, &one.requirement.id)).collect();
            for file in &taken {
                draft.push(attachment_row(case, &file.id, hash_of(file)?, None).into());
            }
            materials.push(ReusedMaterial {
                material: one.requirement.id.clone(),
                from_case: one.from.id.clone(),
                from_number: one.from.number.clone(),
                from_material: one.from_material.clone(),
                handed_in_at: one.handed_in_at,
                attachments: taken.iter().map(|file| file.id.clone()).collect(),
            });
            attachments.extend(taken);
        }
        let form = if with_form { self.prefill(case, &cases, draft).await? } else { None };
        Ok(Command::Reuse { materials, attachments, form })
    }

    /// The same content under an id of this case.
    fn again(&self, case: &Case, known: &Attachment, material: &MaterialId) -> Attachment {
        let id = AttachmentId::new(case.id.site_key(), &id_tail(self.entropy.as_ref(), self.now()));
        Attachment { id, material: Some(material.clone()), at: self.now(), ..known.clone() }
    }

    async fn prefill(&self, case: &Case, cases: &[Case], draft: &mut Draft<'_>) -> Answer<Option<Prefill>> {
        let found = self.earlier_form_of(case, cases).await?;
        let Some(found) = draft.errors().some(found, "form", "nothing_to_fill", "以前填过的信息里没有能用的") else {
            return Ok(None);
        };
        let mut form = self.form_of(case).await?;
        let fields = found.fields.iter().map(|(name, ..)| name.clone()).collect();
        form.extend(found.fields.into_iter().map(|(name, _, value)| (name, value)));
        let form = draft.seal("form", &Value::Object(form).to_string())?;
        Ok(Some(Prefill { from_case: found.from, from_number: found.from_number, form, fields }))
    }

    /// The command that takes a consent back: before acceptance the files go, and the answers that nobody changed.
    pub(super) async fn withdraw_reuse_command(&self, case: &Case, draft: &mut Draft<'_>) -> Answer<Command> {
        let reuse = case.reuse.as_ref().filter(|_| case.acceptance.is_none() && case.reuse_consent().is_some());
        let Some(reuse) = reuse else { return Ok(Command::WithdrawReuse { form: None }) };
        for file in reuse.materials.iter().flat_map(|one| &one.attachments).filter_map(|id| case.attachment(id)) {
            draft.push(attachment_row(case, &file.id, hash_of(file)?, Some(self.now())).into());
        }
        let Some(prefill) = &reuse.prefill else { return Ok(Command::WithdrawReuse { form: None }) };
        let before = self.form_of(&self.case_of_site(case.site.as_str(), prefill.from_case.as_str()).await?).await?;
        let mut form = self.form_of(case).await?;
        form.retain(|name, value| !(prefill.fields.contains(name) && before.get(name) == Some(value)));
        Ok(Command::WithdrawReuse { form: Some(draft.seal("form", &Value::Object(form).to_string())?) })
    }

    /// The filled form of a case; empty without one.
    async fn form_of(&self, case: &Case) -> Answer<Map<String, Value>> {
        self.filled_form(case.site.as_str(), case.form.as_ref()).await
    }

    async fn filled_form(&self, site_id: &str, form: Option<&TextId>) -> Answer<Map<String, Value>> {
        let Some(text) = form else { return Ok(Map::new()) };
        match serde_json::from_str(&self.text(site_id, text.as_str()).await?)? {
            Value::Object(fields) => Ok(fields),
            _ => Ok(Map::new()),
        }
    }

    async fn earlier_form_of(&self, case: &Case, cases: &[Case]) -> Answer<Option<EarlierForm>> {
        let matter = self.catalogue_version(case.site.as_str(), case.matter.id.as_str(), case.matter.version).await?;
        let form = self.form_of(case).await?;
        self.earlier_form(matter.and_then(|matter| matter.form_schema).as_ref(), &form, cases).await
    }

    /// The newest earlier form that fills something, and what.
    async fn earlier_form(&self, schema: Option<&FormSchema>, form: &Map<String, Value>, cases: &[Case]) -> Answer<Option<EarlierForm>> {
        let Some(schema) = schema else { return Ok(None) };
        for case in cases.iter().filter(|case| case.form.is_some()) {
            let Some(received_at) = case.receipt_at.filter(|at| self.is_young(*at)) else { continue };
            let matter = self.catalogue_version(case.site.as_str(), case.matter.id.as_str(), case.matter.version).await?;
            let Some(before) = matter.and_then(|matter| matter.form_schema) else { continue };
            let filled = self.form_of(case).await?;
            let fields = earlier::filled((schema, form), (&before, &filled));
            if !fields.is_empty() {
                let fields = fields.into_iter().map(|(field, value)| (field.name.clone(), field.title.clone(), value)).collect();
                return Ok(Some(EarlierForm { from: case.id.clone(), from_number: case.number.clone(), received_at, fields }));
            }
        }
        Ok(None)
    }

    async fn earlier_of(&self, case: &Case) -> Answer<Vec<Case>> {
        let person = self.person_data(case.site.as_str(), case.applicant.as_str()).await?;
        self.earlier_cases(case.site.as_str(), &person, Some(&case.id)).await
    }

    /// Cases of a site that the same person applied for and that the desk took in, the newest first.
    async fn earlier_cases(&self, site_id: &str, person: &PersonData, but: Option<&CaseId>) -> Answer<Vec<Case>> {
        let Some(number) = &person.id_number else { return Ok(Vec::new()) };
        let index = self.vault.blind_index("id_number", number);
        let mut ids = Vec::new();
        for row in self.stores.persons.persons_by_index(site_id, &index).await?.into_iter().take(ENTRIES_MAX) {
            let known: PersonData = serde_json::from_slice(&self.vault.open(&row.key_id, &row.id, &row.sealed)?)?;
            if earlier::is_same_person(person, &known) {
                ids.push(row.id);
            }
        }
        let mut cases = Vec::new();
        for row in self.stores.cases.cases_by_applicants(site_id, &ids).await? {
            let case = case_of(&row)?;
            if but != Some(&case.id) && earlier::counts(&case) {
                cases.push(case);
            }
        }
        cases.sort_by(|one, other| (other.receipt_at, &other.id).cmp(&(one.receipt_at, &one.id)));
        cases.truncate(CASES_MAX);
        Ok(cases)
    }

    /// Materials of several matters that bundles of the site call one.
    async fn same_materials(&self, site_id: &str) -> Answer<Vec<Vec<MaterialId>>> {
        let bundles = self.bundles_in_force(site_id).await?;
        Ok(bundles.into_iter().flat_map(|(bundle, _)| bundle.shared).map(|shared| shared.material_ids).collect())
    }

    async fn consent_view(&self, consent: &ReuseConsent, names: &mut Names) -> Answer<ReuseConsentView> {
        let by = match &consent.by {
            Some(id) => Some(names.of(self, id).await?),
            None => None,
        };
        Ok(ReuseConsentView {
            at: rfc3339(consent.at),
            by,
            way: consent.way.name().to_owned(),
            text_version: consent.text_version,
            withdrawn_at: consent.withdrawn_at.map(rfc3339),
        })
    }

    /// What a case has of earlier ones, as the API shows it.
    pub(super) async fn reuse_view(&self, case: &Case, names: &mut Names) -> Answer<Option<CaseReuseView>> {
        let Some(reuse) = &case.reuse else { return Ok(None) };
        let view = |one: &ReusedMaterial| ReusedMaterialView {
            material_id: one.material.to_string(),
            case_id: one.from_case.to_string(),
            case_number: one.from_number.clone(),
            handed_in_on: day(one.handed_in_at),
        };
        Ok(Some(CaseReuseView {
            consent: self.consent_view(&reuse.consent, names).await?,
            materials: reuse.materials.iter().map(view).collect(),
            fields: reuse.prefill.iter().flat_map(|prefill| prefill.fields.clone()).collect(),
            fields_case_number: reuse.prefill.as_ref().map(|prefill| prefill.from_number.clone()),
        }))
    }
}

fn form_view(form: EarlierForm) -> EarlierFormView {
    EarlierFormView {
        case_id: form.from.to_string(),
        case_number: form.from_number,
        handed_in_on: day(form.received_at),
        fields: form.fields.into_iter().map(|(name, title, _)| EarlierFieldView { name, title }).collect(),
    }
}
