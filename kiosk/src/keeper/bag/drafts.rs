//! Applications that somebody fills in: changed as often as wanted, of one member of staff each, sealed on the disk with
//! every change. Nothing leaves the machine before it is received.

use domain::bag::{BagFault, BagPerson, PHOTO_BYTES_MAX, PHOTOS_MAX};
use domain::case::SubmissionStatus;
use domain::ids::{CaseId, MaterialId, MatterId, SituationId};
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::decide::id_tail;
use super::{Bag, BagRefusal, Inner};

/// Drafts of one machine.
const DRAFTS_MAX: usize = 50;
/// Bytes of what is filled in, as JSON.
const FILLED_BYTES_MAX: usize = 64 << 10;
/// How a JPEG begins.
const JPEG: [u8; 3] = [0xFF, 0xD8, 0xFF];

/// A photo of a material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// SHA-256 of the picture, hexadecimal digits.
    pub sha: String,
    /// What it shows.
    pub material_id: MaterialId,
}

/// A line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilledMaterial {
    /// The material.
    pub id: MaterialId,
    /// What was done with it.
    pub status: SubmissionStatus,
    /// Originals taken in.
    #[serde(default)]
    pub originals: u16,
    /// Copies taken in.
    #[serde(default)]
    pub copies: u16,
}

/// What was filled in so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filled {
    /// The situations chosen.
    pub situation_ids: Vec<SituationId>,
    /// The checklist.
    pub materials: Vec<FilledMaterial>,
    /// Who applies.
    pub applicant: BagPerson,
    /// Who acts for the applicant.
    pub agent: Option<BagPerson>,
    /// The form.
    pub form: Map<String, Value>,
}

/// An application that is not received yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The case that it becomes.
    pub id: CaseId,
    /// Whose it is.
    pub by: String,
    /// The matter.
    pub matter_id: MatterId,
    /// Its name, also when it is not offered any more.
    pub matter_name: String,
    /// When it was changed last.
    pub changed_at: Millis,
    /// What was filled in.
    pub filled: Filled,
    /// Its photos.
    pub photos: Vec<Photo>,
}

impl Inner {
    pub(super) fn draft(&self, by: &str, id: &str) -> Result<usize, BagRefusal> {
        let found = self.drafts.iter().position(|draft| draft.id.as_str() == id && draft.by == by);
        found.ok_or(BagRefusal::Unknown)
    }

    /// Changes one draft, on the disk before it is true.
    fn change(&mut self, place: usize, draft: Draft) -> Result<Draft, BagRefusal> {
        let before = std::mem::replace(&mut self.drafts[place], draft.clone());
        if let Err(error) = self.keep_drafts() {
            self.drafts[place] = before;
            return Err(error.into());
        }
        Ok(draft)
    }
}

impl Bag {
    /// Somebody's drafts, the newest first.
    #[must_use]
    pub fn drafts(&self, by: &str) -> Vec<Draft> {
        let mut own: Vec<Draft> = self.inner().drafts.iter().filter(|draft| draft.by == by).cloned().collect();
        own.sort_by_key(|draft| -draft.changed_at);
        own
    }

    /// One of them.
    ///
    /// # Errors
    /// [`BagRefusal::Unknown`].
    pub fn draft(&self, by: &str, id: &str) -> Result<Draft, BagRefusal> {
        let inner = self.inner();
        Ok(inner.drafts[inner.draft(by, id)?].clone())
    }

    /// Begins an application for a matter; refused where the disk has no room for its photos.
    ///
    /// # Errors
    /// See [`BagRefusal`].
    pub fn begin(&self, by: &str, matter_id: &str) -> Result<Draft, BagRefusal> {
        if !self.has_room() {
            return Err(BagRefusal::Disk);
        }
        let now = self.now_ms();
        let mut inner = self.inner();
        let house = inner.house.as_ref().ok_or(BagRefusal::NotPacked)?;
        let Some(matter) = inner.matter(matter_id) else {
            return Err(BagRefusal::Wrong(vec![BagFault::new("matter_id", "unknown", "这里不办这个事项")]));
        };
        if inner.drafts.len() >= DRAFTS_MAX {
            return Err(BagRefusal::TooMany);
        }
        let tail = id_tail(now).ok_or(BagRefusal::Disk)?;
        let draft = Draft {
            id: CaseId::new(&house.site_key, &tail),
            by: by.to_owned(),
            matter_id: matter.id.clone(),
            matter_name: matter.name.clone(),
            changed_at: now,
            filled: Filled::default(),
            photos: Vec::new(),
        };
        inner.drafts.push(draft.clone());
        if let Err(error) = inner.keep_drafts() {
            inner.drafts.pop();
            return Err(error.into());
        }
        Ok(draft)
    }

    /// Keeps what was filled in, with gaps and mistakes: it is checked when it is received.
    ///
    /// # Errors
    /// See [`BagRefusal`].
    pub fn fill(&self, by: &str, id: &str, filled: Filled) -> Result<Draft, BagRefusal> {
        let now = self.now_ms();
        let bytes = serde_json::to_vec(&filled).map_or(usize::MAX, |json| json.len());
        if bytes > FILLED_BYTES_MAX {
            return Err(BagRefusal::Wrong(vec![BagFault::new("form", "too_large", "填的内容太多，请写短一些")]));
        }
        let mut inner = self.inner();
        let place = inner.draft(by, id)?;
        let draft = Draft { filled, changed_at: now, ..inner.drafts[place].clone() };
        inner.change(place, draft)
    }

    /// Throws a draft away, with its photos.
    ///
    /// # Errors
    /// See [`BagRefusal`].
    pub fn discard(&self, by: &str, id: &str) -> Result<(), BagRefusal> {
        let mut inner = self.inner();
        let place = inner.draft(by, id)?;
        let draft = inner.drafts.remove(place);
        if let Err(error) = inner.keep_drafts() {
            inner.drafts.insert(place, draft);
            return Err(error.into());
        }
        Ok(inner.sweep()?)
    }

    /// Adds a photo of a material to a draft.
    ///
    /// # Errors
    /// See [`BagRefusal`].
    pub fn add_photo(&self, by: &str, id: &str, material_id: &str, jpeg: &[u8]) -> Result<Draft, BagRefusal> {
        if !self.has_room() {
            return Err(BagRefusal::Disk);
        }
        let now = self.now_ms();
        let mut inner = self.inner();
        let place = inner.draft(by, id)?;
        let draft = inner.drafts[place].clone();
        let mut faults = Vec::new();
        let material_id = MaterialId::parse(material_id)
            .filter(|id| inner.matter(draft.matter_id.as_str()).is_some_and(|matter| matter.materials.iter().any(|known| known.id == *id)));
        if material_id.is_none() {
            faults.push(BagFault::new("material_id", "unknown_material", "这个事项没有这份材料"));
        }
        if !jpeg.starts_with(&JPEG) {
            faults.push(BagFault::new("photo", "not_jpeg", "这不是照片，请重新拍"));
        }
        if jpeg.len() > PHOTO_BYTES_MAX {
            faults.push(BagFault::new("photo", "too_large", "照片太大，一张最大 10 MB"));
        }
        if draft.photos.len() >= PHOTOS_MAX {
            faults.push(BagFault::new("photo", "too_many", format!("一件最多 {PHOTOS_MAX} 张照片")));
        }
        let Some(material_id) = material_id.filter(|_| faults.is_empty()) else { return Err(BagRefusal::Wrong(faults)) };
        let photo = Photo { sha: inner.blobs.put(jpeg)?, material_id };
        if draft.photos.contains(&photo) {
            return Ok(draft);
        }
        let photos = [&draft.photos[..], &[photo]].concat();
        inner.change(place, Draft { photos, changed_at: now, ..draft })
    }

    /// Takes a photo away from a draft.
    ///
    /// # Errors
    /// See [`BagRefusal`].
    pub fn remove_photo(&self, by: &str, id: &str, sha: &str) -> Result<Draft, BagRefusal> {
        let mut inner = self.inner();
        let place = inner.draft(by, id)?;
        let mut draft = inner.drafts[place].clone();
        draft.photos.retain(|photo| photo.sha != sha);
        let draft = inner.change(place, draft)?;
        inner.sweep()?;
        Ok(draft)
    }

    /// A photo of a draft.
    ///
    /// # Errors
    /// [`BagRefusal::Unknown`].
    pub fn photo(&self, by: &str, id: &str, sha: &str) -> Result<Vec<u8>, BagRefusal> {
        let inner = self.inner();
        let place = inner.draft(by, id)?;
        let is_own = inner.drafts[place].photos.iter().any(|photo| photo.sha == sha);
        inner.blobs.read(sha).filter(|_| is_own).ok_or(BagRefusal::Unknown)
    }
}
