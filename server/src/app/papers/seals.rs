//! Seals that stand on papers (电子印章图样): handed in by an administrator, sealed like what people hand in, and opened for
//! two ends alone: a paper that is made, and an administrator who looks at it. An owner is the centre or a department;
//! its seals are a document of versions, so that a paper made anew bears the seal that it bore, or none.

use std::io::Cursor;

use data_encoding::BASE64;
use documents::SealMark;
use domain::ids::{StaffId, TextId, is_practice};
use domain::papers::{
    PaperTemplate, SEAL_BYTES_MAX, SEAL_PX, Seal, SealFault, SealPicture, Speaker, TEMPLATES, picture_faults, seal_of, seal_to_come,
    term_faults,
};
use domain::time::{Millis, local_date, rfc3339};
use image::{ImageFormat, ImageReader, Limits};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::texts::parsed_day;
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::cases::Names;
use crate::app::error::{Answer, AppError, FieldErrors};
use crate::app::retry::{Outcome, Retry};
use crate::vault::sha256;

/// The seals of one owner, one row for each.
const AGGREGATE: &str = "paper_seal";
/// The owner that is the centre itself.
const CENTRE: &str = "centre";
/// How the picture is kept among what people hand in.
const KIND: &str = "seal";
/// Across a township's seal, in millimetres (国发〔1999〕25号).
const SIZE_MM: u8 = 42;
/// Below this a pixel is clear.
const CLEAR_ALPHA: u8 = 16;

/// Body of `POST /sites/{site}/paper-seals`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealRequest {
    /// The department whose seal it is; the centre's own without one.
    pub department_id: Option<String>,
    /// The first day, today or later; today without one.
    pub from: Option<String>,
    /// The last day; open without one.
    pub to: Option<String>,
    /// Across it on paper, in millimetres; 42 without it.
    pub size_mm: Option<u8>,
    /// The papers that bear it; every one that its owner seals without them.
    pub papers: Option<Vec<String>>,
    /// The picture, a PNG with a clear ground, as Base64.
    pub picture: String,
}

/// A seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SealView {
    /// The seal.
    pub id: String,
    /// Whose it is; null for the centre's own.
    pub department_id: Option<String>,
    /// The name of its owner.
    pub owner_name: String,
    /// `in_force`, `planned`, `over` or `removed`.
    pub state: String,
    /// Across it on paper, in millimetres.
    pub size_mm: u8,
    /// The papers that bear it.
    pub papers: Vec<String>,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: Option<String>,
    /// SHA-256 of the picture, in hexadecimal digits.
    pub sha256: String,
    /// When it was handed in.
    pub added_at: String,
    /// By whom.
    pub added_by_name: String,
    /// When it was taken away.
    pub removed_at: Option<String>,
    /// By whom.
    pub removed_by_name: Option<String>,
    /// Where an administrator looks at it.
    pub picture_url: String,
}

/// The papers that an owner seals.
fn sealed_by(owner: &str) -> Vec<&'static str> {
    let speaker = if owner == CENTRE { Speaker::Centre } else { Speaker::Department };
    TEMPLATES.iter().filter(|template| template.is_sealed && template.speaker == speaker).map(|template| template.name).collect()
}

/// Unpacks a picture within bounds.
fn unpacked(bytes: &[u8]) -> Result<SealPicture, SealFault> {
    let fault = |code, text: &str| SealFault { field: "picture", code, text: text.to_owned() };
    if infer::get(bytes).is_none_or(|found| found.mime_type() != "image/png") {
        return Err(fault("unsupported_type", "只收 PNG 图片"));
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_image_width = Some(*SEAL_PX.end());
    limits.max_image_height = Some(*SEAL_PX.end());
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => fault("too_many_pixels", "图片太大，每边最多 3000 像素"),
        _ => fault("unreadable", "图片打不开，请重新导出 PNG"),
    })?;
    let picture = picture.to_rgba8();
    let clear = picture.pixels().filter(|pixel| pixel.0[3] < CLEAR_ALPHA).count();
    Ok(SealPicture { width: picture.width(), height: picture.height(), clear: clear as u64 })
}

/// A picture as it was sent, and what is wrong with it.
#[derive(Debug, Clone, Default)]
struct Sent {
    bytes: Vec<u8>,
    faults: Vec<SealFault>,
}

impl Sent {
    fn read(text: &str) -> Self {
        let wrong =
            |code, text: &str| Self { bytes: Vec::new(), faults: vec![SealFault { field: "picture", code, text: text.to_owned() }] };
        if text.is_empty() {
            return wrong("missing", "选一张印章图片");
        }
        let Ok(bytes) = BASE64.decode(text.as_bytes()) else { return wrong("unreadable", "图片没有传完整，请再选一次") };
        if bytes.len() > SEAL_BYTES_MAX {
            return wrong("too_large", "图片太大，最多 1 MB");
        }
        let faults = unpacked(&bytes).map_or_else(|fault| vec![fault], picture_faults);
        Self { bytes, faults }
    }
}

impl App {
    /// An owner's seals as they were at an instant, with the version.
    async fn seals_of(&self, site_id: &str, owner: &str, at: Millis) -> Answer<(i64, Vec<Seal>)> {
        let stated = self.stated::<Vec<Seal>>(site_id, AGGREGATE, owner, at).await?;
        Ok(stated.map_or_else(Default::default, |stated| (stated.version, stated.content)))
    }

    /// The seal on a paper of a site that was issued at an instant. The centre's own stands on its own papers alone; a
    /// department's also on those of the sites below, which are the department's papers, too.
    pub(super) async fn seal_on(&self, site_id: &str, template: &PaperTemplate, department: &str, at: Millis) -> Answer<Option<SealMark>> {
        let day = local_date(at);
        self.found_seal(site_id, template, department, at, |seals| seal_of(seals, template.name, day)).await
    }

    /// The seal that a paper would bear from now on.
    pub(super) async fn seal_to_be(&self, site_id: &str, template: &PaperTemplate, department: &str) -> Answer<Option<SealMark>> {
        let today = local_date(self.now());
        self.found_seal(site_id, template, department, i64::MAX, |seals| seal_to_come(seals, template.name, today)).await
    }

    async fn found_seal(
        &self,
        site_id: &str,
        template: &PaperTemplate,
        department: &str,
        at: Millis,
        choose: impl Fn(&[Seal]) -> Option<&Seal> + Send + Sync,
    ) -> Answer<Option<SealMark>> {
        if is_practice(site_id) || !template.is_sealed {
            return Ok(None);
        }
        let (owner, sites) = match template.speaker {
            Speaker::Centre => (CENTRE, vec![site_id.to_owned()]),
            Speaker::Department => (department, self.line_of(site_id)?),
        };
        for id in sites {
            let (_, seals) = self.seals_of(&id, owner, at).await?;
            if let Some(seal) = choose(&seals) {
                return Ok(Some(SealMark { png: self.picture_of(&id, seal).await?, size_mm: seal.size_mm }));
            }
        }
        Ok(None)
    }

    async fn picture_of(&self, site_id: &str, seal: &Seal) -> Answer<Vec<u8>> {
        let text = self.text(site_id, seal.id.as_str()).await?;
        BASE64.decode(text.as_bytes()).map_err(|error| AppError::Internal(format!("seal {}: {error}", seal.id)))
    }

    /// Everybody who can have a seal at a site: itself, and the departments of its district.
    fn owners(&self, site_id: &str) -> Answer<Vec<(String, String)>> {
        let listing = self.directory.get();
        let root = listing.root_of(site_id)?.id.clone();
        let mut owners = vec![(CENTRE.to_owned(), listing.site(site_id)?.name.clone())];
        owners.extend(listing.departments.values().filter(|row| row.site_id == root).map(|row| (row.id.clone(), row.name.clone())));
        Ok(owners)
    }

    /// Every seal of a site, the newest of each owner first, those that were taken away among them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn seals(&self, permit: &Permit) -> Answer<Vec<SealView>> {
        let (mut views, mut names) = (Vec::new(), Names::default());
        for (owner, name) in self.owners(permit.site_id())? {
            let (_, seals) = self.seals_of(permit.site_id(), &owner, i64::MAX).await?;
            for seal in seals.iter().rev() {
                views.push(self.seal_view(permit.site_id(), (&owner, &name), seal, &mut names).await?);
            }
        }
        Ok(views)
    }

    async fn seal_view(&self, site_id: &str, (owner, name): (&str, &str), seal: &Seal, names: &mut Names) -> Answer<SealView> {
        let today = local_date(self.now());
        let state = match seal {
            Seal { removed: Some(_), .. } => "removed",
            Seal { to: Some(to), .. } if *to < today => "over",
            Seal { from, .. } if *from > today => "planned",
            _ => "in_force",
        };
        let removed_by_name = match &seal.removed {
            Some((_, by)) => Some(self.name_of_actor(by, names).await?),
            None => None,
        };
        Ok(SealView {
            id: seal.id.to_string(),
            department_id: (owner != CENTRE).then(|| owner.to_owned()),
            owner_name: name.to_owned(),
            state: state.to_owned(),
            size_mm: seal.size_mm,
            papers: seal.papers.clone(),
            from: seal.from.to_string(),
            to: seal.to.map(|to| to.to_string()),
            sha256: seal.sha256.clone(),
            added_at: rfc3339(seal.added_at),
            added_by_name: self.name_of_actor(&seal.added_by, names).await?,
            removed_at: seal.removed.as_ref().map(|(at, _)| rfc3339(*at)),
            removed_by_name,
            picture_url: format!("/api/v1/sites/{site_id}/paper-seals/{}/picture", seal.id),
        })
    }

    /// Who did something, by name; what no member of staff did keeps its id.
    pub(super) async fn name_of_actor(&self, actor: &str, names: &mut Names) -> Answer<String> {
        match StaffId::parse(actor) {
            Some(id) => names.of(self, &id).await,
            None => Ok(actor.to_owned()),
        }
    }

    async fn seal(&self, site_id: &str, id: &str) -> Answer<(String, Seal)> {
        for (owner, _) in self.owners(site_id)? {
            let (_, seals) = self.seals_of(site_id, &owner, i64::MAX).await?;
            if let Some(seal) = seals.into_iter().find(|seal| seal.id.as_str() == id) {
                return Ok((owner, seal));
            }
        }
        Err(AppError::NotFound)
    }

    /// The picture of a seal.
    ///
    /// # Errors
    /// 404.
    pub async fn seal_picture(&self, permit: &Permit, id: &str) -> Answer<Vec<u8>> {
        let (_, seal) = self.seal(permit.site_id(), id).await?;
        self.picture_of(permit.site_id(), &seal).await
    }

    /// Whose seal it is and which papers bear it.
    fn checked_owner(&self, site_id: &str, request: &SealRequest, errors: &mut FieldErrors) -> Answer<(String, Vec<String>)> {
        let owner = request.department_id.clone().unwrap_or_else(|| CENTRE.to_owned());
        if request.department_id.is_some() && (owner == CENTRE || !self.owners(site_id)?.iter().any(|(known, _)| *known == owner)) {
            errors.add("department_id", "unknown", "没有这个部门");
        }
        let own = sealed_by(&owner);
        let papers = request.papers.clone().unwrap_or_else(|| own.iter().map(|kind| (*kind).to_owned()).collect());
        for (place, kind) in papers.iter().enumerate() {
            if !own.contains(&kind.as_str()) {
                errors.add(&format!("papers[{place}]"), "unknown", "这种文书不盖这个章");
            }
        }
        Ok((owner, papers))
    }

    /// Keeps a seal.
    ///
    /// # Errors
    /// Every field error at once is an outcome.
    pub async fn add_seal(&self, permit: &Permit, request: SealRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let picture = request.picture.clone();
        // Unpacking takes some tenths of a second.
        let sent = tokio::task::spawn_blocking(move || Sent::read(&picture)).await;
        let sent = sent.map_err(|error| AppError::Internal(error.to_string()))?;
        let outcome = self
            .once(site_id, retry, || async {
                let (mut errors, today) = (FieldErrors::default(), local_date(self.now()));
                let (owner, papers) = self.checked_owner(site_id, &request, &mut errors)?;
                let mut day = |text: &Option<String>, field: &str| match text.as_deref().filter(|text| !text.is_empty()) {
                    Some(text) => errors.some(parsed_day(text), field, "form", "日期写成 2026-01-31 的样子"),
                    None => None,
                };
                let (from, to) = (day(&request.from, "from").unwrap_or(today), day(&request.to, "to"));
                let (before, mut seals) = self.seals_of(site_id, &owner, i64::MAX).await?;
                let (id, row) = self.new_text(site_id, KIND, &BASE64.encode(&sent.bytes))?;
                let seal = Seal {
                    id: id.clone(),
                    sha256: data_encoding::HEXLOWER.encode(&sha256(&sent.bytes)),
                    size_mm: request.size_mm.unwrap_or(SIZE_MM),
                    papers,
                    from,
                    to,
                    added_at: self.now(),
                    added_by: permit.caller().actor().to_owned(),
                    removed: None,
                };
                for fault in term_faults(&seal, &seals, today).into_iter().chain(sent.faults.clone()) {
                    errors.add(fault.field, fault.code, fault.text);
                }
                errors.check()?;
                seals.push(seal);
                let actor = permit.caller().actor();
                let mut set = self.stated_as("seal_added", site_id, actor, (AGGREGATE, &owner), before, &seals)?;
                set.row(row);
                Ok((set, Outcome::success(201, Some(id.to_string()), Value::Null)))
            })
            .await?;
        self.with_seal(permit, outcome).await
    }

    /// Takes a seal away from now on; papers of its time keep it.
    ///
    /// # Errors
    /// 404; 409 `seal_removed` is an outcome.
    pub async fn remove_seal(&self, permit: &Permit, id: &str, retry: Option<&Retry>) -> Answer<Outcome> {
        let site_id = permit.site_id();
        let outcome = self
            .once(site_id, retry, || async {
                let (owner, _) = self.seal(site_id, id).await?;
                let (before, mut seals) = self.seals_of(site_id, &owner, i64::MAX).await?;
                let seal = seals.iter_mut().find(|seal| seal.id.as_str() == id).ok_or(AppError::NotFound)?;
                if seal.removed.is_some() {
                    return Err(AppError::refused("seal_removed", "这个章已经停用了"));
                }
                let actor = permit.caller().actor();
                seal.removed = Some((self.now(), actor.to_owned()));
                let set = self.stated_as("seal_removed", site_id, actor, (AGGREGATE, &owner), before, &seals)?;
                Ok((set, Outcome::success(200, Some(id.to_owned()), Value::Null)))
            })
            .await?;
        self.with_seal(permit, outcome).await
    }

    /// A success with the seal that it is about.
    async fn with_seal(&self, permit: &Permit, outcome: Outcome) -> Answer<Outcome> {
        let Some(id) = outcome.object_id.as_deref().filter(|_| outcome.status < 300).and_then(TextId::parse) else { return Ok(outcome) };
        let (owner, seal) = self.seal(permit.site_id(), id.as_str()).await?;
        let name = self.owners(permit.site_id())?.into_iter().find(|(known, _)| *known == owner).map(|(_, name)| name).unwrap_or_default();
        let view = self.seal_view(permit.site_id(), (&owner, &name), &seal, &mut Names::default()).await?;
        Ok(Outcome { body: json!(view), ..outcome })
    }
}
