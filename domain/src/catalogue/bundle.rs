//! Several matters as one (一件事一次办): what a bundle says, whether it can be offered with the matters that a site
//! offers now, and how one filled form serves them all. Knows no store and no case.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::check::Check;
use super::{FieldKind, FormField, Matter, MatterFieldFault, MatterState, MatterType};
use crate::case::JOINT_DAYS;
use crate::ids::{BundleId, MaterialId, MatterId};

/// Longest name of a bundle, in characters: it stands on kiosks and slips.
pub const BUNDLE_NAME_CHARS_MAX: usize = 40;
/// Most matters of a bundle.
pub const BUNDLE_MATTERS_MAX: usize = 20;
/// Most shared materials, and most shared fields.
const SHARED_MAX: usize = 60;

/// Several matters as one (一件事一次办), in one version. A joint case keeps what it was opened under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Identity, the same in all versions.
    pub id: BundleId,
    /// Version, from 1.
    #[serde(default = "first")]
    pub version: u32,
    /// Whether it is in force.
    #[serde(default = "published")]
    pub state: MatterState,
    /// Name, 1 to [`BUNDLE_NAME_CHARS_MAX`] characters.
    pub name: String,
    /// What people call it.
    pub aliases: Vec<String>,
    /// Its matters, in the order they are shown.
    pub matter_ids: Vec<MatterId>,
    /// 白话版 guide, Markdown without HTML.
    pub guide: String,
    /// Working days within which all of it is decided; without it, the latest limit of any of its matters.
    #[serde(default)]
    pub promised_days: Option<u32>,
    /// Whether what comes of it is announced and fetched in one go (◇ yes).
    #[serde(default = "yes")]
    pub together: bool,
    /// Materials that several of its matters ask for and that are handed in once.
    #[serde(default)]
    pub shared: Vec<SharedMaterial>,
    /// Fields of their forms that have different names, ask the same and are filled in once. Fields of one name are
    /// filled in once anyway.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared_fields: Vec<SharedField>,
}

fn first() -> u32 {
    1
}

fn published() -> MatterState {
    MatterState::Published
}

fn yes() -> bool {
    true
}

/// A material that several matters of a bundle ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedMaterial {
    /// Its name.
    pub name: String,
    /// What each matter calls it.
    pub material_ids: Vec<MaterialId>,
}

/// A field that is filled in once for several matters: in the first one's, under the first one's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedField {
    /// Where it stands in each matter's form.
    pub fields: Vec<MemberField>,
}

/// A field of a matter's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberField {
    /// The matter.
    pub matter_id: MatterId,
    /// The field's name in its form.
    pub name: String,
}

/// The longest joint limit in working days (行政许可法 42): 45 where departments decide a permission together or where no
/// law limits one of the matters, else the longest limit by law of any of them, at most those 45.
#[must_use]
pub fn joint_days_max<'a>(matters: impl IntoIterator<Item = &'a Matter>) -> u32 {
    let by_law = |matter: &Matter| match matter.statutory_days {
        Some(days) if matter.matter_type != MatterType::Permission => days.min(JOINT_DAYS),
        _ => JOINT_DAYS,
    };
    matters.into_iter().map(by_law).max().unwrap_or(JOINT_DAYS)
}

/// Whether one answer can serve both fields.
fn is_same_kind(one: &FieldKind, other: &FieldKind) -> bool {
    match (one, other) {
        (FieldKind::Text { many_lines: one, format: first, .. }, FieldKind::Text { many_lines: other, format: second, .. }) => {
            one == other && first == second
        }
        (FieldKind::Number { whole: one, .. }, FieldKind::Number { whole: other, .. }) => one == other,
        (FieldKind::YesNo, FieldKind::YesNo) => true,
        (FieldKind::One { options: one }, FieldKind::One { options: other })
        | (FieldKind::Some { options: one, .. }, FieldKind::Some { options: other, .. }) => one == other,
        _ => false,
    }
}

fn field_of<'a>(matter: &'a Matter, name: &str) -> Option<&'a FormField> {
    matter.form_schema.as_ref()?.fields.iter().find(|field| field.name == name)
}

impl Bundle {
    /// Cleans every text, and tells every wrong field at once. `offered` are the matters that people can apply for at
    /// the site now, those it only helps with among them.
    pub fn checked(&mut self, offered: &BTreeMap<MatterId, Matter>) -> Vec<MatterFieldFault> {
        let mut check = Check::default();
        check.line("name", &mut self.name, BUNDLE_NAME_CHARS_MAX);
        check.list("aliases", &mut self.aliases);
        check.text("guide", &mut self.guide, super::GUIDE_CHARS_MAX);
        let members: Vec<&Matter> = self.matter_ids.iter().filter_map(|id| offered.get(id)).collect();
        self.check_members(offered, &members, &mut check);
        self.check_limit(&members, &mut check);
        self.check_shared(&members, &mut check);
        self.check_fields(offered, &mut check);
        check.into_faults()
    }

    fn check_members(&self, offered: &BTreeMap<MatterId, Matter>, members: &[&Matter], check: &mut Check) {
        match self.matter_ids.len() {
            0 | 1 => check.add("matter_ids", "count", "至少选两件事项"),
            count if count > BUNDLE_MATTERS_MAX => check.add("matter_ids", "too_many", format!("最多 {BUNDLE_MATTERS_MAX} 件事项")),
            _ => {}
        }
        for (place, id) in self.matter_ids.iter().enumerate() {
            let field = format!("matter_ids[{place}]");
            match offered.get(id) {
                _ if self.matter_ids[..place].contains(id) => check.add(field, "twice", "这件事项已经选过了"),
                None => check.add(field, "matter_gone", "这件事项现在不办：没有发布、停办了，或者过了期限"),
                Some(matter) if !matter.takes_cases() => {
                    check.add(field, "assisted_only", format!("“{}”在这里只帮办代办，不收件", matter.name));
                }
                Some(_) => {}
            }
        }
        let is_for_all = |kind| members.iter().all(|matter| matter.applicant_kinds.contains(kind));
        if let Some((one, _)) = members.split_first()
            && !one.applicant_kinds.iter().any(is_for_all)
        {
            check.add("matter_ids", "no_applicant", "这几件事项没有共同的服务对象，没有人能一起办");
        }
    }

    fn check_limit(&self, members: &[&Matter], check: &mut Check) {
        let Some(days) = self.promised_days else { return };
        let most = joint_days_max(members.iter().copied());
        if days == 0 {
            check.add("promised_days", "range", "至少 1 个工作日；不填就按最长的那件算");
        } else if days > most {
            let message =
                format!("最多 {most} 个工作日：不能比法定最长的那件长，几个部门一起办最长 {JOINT_DAYS} 个工作日（行政许可法第四十二条）");
            check.add("promised_days", "too_long", message);
        }
    }

    fn check_shared(&mut self, members: &[&Matter], check: &mut Check) {
        if self.shared.len() > SHARED_MAX {
            check.add("shared", "too_many", format!("最多 {SHARED_MAX} 样"));
        }
        let mut seen = BTreeSet::new();
        for (place, shared) in self.shared.iter_mut().enumerate() {
            let field = format!("shared[{place}]");
            check.line(&format!("{field}.name"), &mut shared.name, super::MATTER_NAME_CHARS_MAX);
            if shared.material_ids.len() < 2 {
                check.add(format!("{field}.material_ids"), "count", "至少对上两件事项的材料");
            }
            let mut of = BTreeSet::new();
            for (at, id) in shared.material_ids.iter().enumerate() {
                let field = format!("{field}.material_ids[{at}]");
                let Some(matter) = members.iter().find(|matter| matter.materials.iter().any(|material| material.id == *id)) else {
                    check.add(field, "unknown", "选中的事项里没有这份材料了");
                    continue;
                };
                if !seen.insert(id.clone()) {
                    check.add(field, "twice", "这份材料已经合在别处了");
                } else if !of.insert(&matter.id) {
                    check.add(field, "one_each", format!("“{}”只能出一份材料", matter.name));
                }
            }
        }
    }

    fn check_fields(&self, offered: &BTreeMap<MatterId, Matter>, check: &mut Check) {
        if self.shared_fields.len() > SHARED_MAX {
            check.add("shared_fields", "too_many", format!("最多 {SHARED_MAX} 栏"));
        }
        let mut seen = BTreeSet::new();
        for (place, shared) in self.shared_fields.iter().enumerate() {
            let field = format!("shared_fields[{place}].fields");
            if shared.fields.len() < 2 {
                check.add(field.clone(), "count", "至少对上两件事项的栏目");
            }
            let mut kind: Option<&FormField> = None;
            let mut of = BTreeSet::new();
            for (at, one) in shared.fields.iter().enumerate() {
                let field = format!("{field}[{at}]");
                let member = offered.get(&one.matter_id).filter(|_| self.matter_ids.contains(&one.matter_id));
                let Some((matter, known)) = member.and_then(|matter| Some((matter, field_of(matter, &one.name)?))) else {
                    check.add(field, "unknown", "选中的事项的申请表里没有这一栏了");
                    continue;
                };
                if !seen.insert((&one.matter_id, &one.name)) {
                    check.add(field, "twice", format!("“{}”这一栏已经合在别处了", known.title));
                } else if !of.insert(&one.matter_id) {
                    check.add(field, "one_each", format!("“{}”只能出一栏", matter.name));
                } else if kind.is_some_and(|first| !is_same_kind(&first.kind, &known.kind)) {
                    check.add(field, "other_kind", format!("“{}”这一栏的填法和前面的不一样，合不到一起", known.title));
                }
                kind = kind.or(Some(known));
            }
        }
        // One name is one answer, so what is called the same must take the same.
        for (place, id) in self.matter_ids.iter().enumerate() {
            let Some(schema) = offered.get(id).and_then(|matter| matter.form_schema.as_ref()) else { continue };
            let before = self.matter_ids[..place].iter().filter(|other| *other != id).filter_map(|id| offered.get(id));
            for other in before {
                let clash = |field: &&FormField| field_of(other, &field.name).is_some_and(|known| !is_same_kind(&known.kind, &field.kind));
                for field in schema.fields.iter().filter(clash) {
                    let message = format!("申请表的“{}”和“{}”的同名一栏填法不一样，合不成一张表", field.title, other.name);
                    check.add(format!("matter_ids[{place}]"), "form_clash", message);
                }
            }
        }
    }

    /// The joint form with what stands for several fields written into each of them.
    #[must_use]
    pub fn filled_whole(&self, mut form: Map<String, Value>) -> Map<String, Value> {
        for shared in &self.shared_fields {
            let Some((first, others)) = shared.fields.split_first() else { continue };
            let Some(answer) = form.get(&first.name).cloned() else { continue };
            for other in others {
                form.entry(other.name.clone()).or_insert_with(|| answer.clone());
            }
        }
        form
    }

    /// The name under which a field is filled in.
    #[must_use]
    pub fn filled_as<'a>(&'a self, name: &'a str) -> &'a str {
        let group = self.shared_fields.iter().find(|shared| shared.fields.iter().any(|field| field.name == name));
        group.and_then(|shared| shared.fields.first()).map_or(name, |first| &first.name)
    }
}
