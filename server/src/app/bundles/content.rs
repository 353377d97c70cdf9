//! What a caller writes into a bundle, from texts to a bundle checked against what its site offers now. Every wrong field
//! is told at once.

use std::collections::BTreeMap;

use domain::catalogue::{Bundle, Matter, MatterState, MemberField, SharedField, SharedMaterial};
use domain::ids::{BundleId, LineId, MaterialId, MatterId};

use super::{BundleContent, KeptBundle, MemberFieldView, SharedFieldView, SharedMaterialView};
use crate::app::App;
use crate::app::error::{Answer, FieldError, FieldErrors};
use crate::store::{BundleRow, MatterRow};

pub(super) fn shared_view(shared: &SharedMaterial) -> SharedMaterialView {
    SharedMaterialView { name: shared.name.clone(), material_ids: shared.material_ids.iter().map(ToString::to_string).collect() }
}

pub(super) fn field_view(shared: &SharedField) -> SharedFieldView {
    let view = |one: &MemberField| MemberFieldView { matter_id: one.matter_id.to_string(), name: one.name.clone() };
    SharedFieldView { fields: shared.fields.iter().map(view).collect() }
}

/// A bundle's content as callers read and write it.
pub(super) fn content_of(bundle: &Bundle) -> BundleContent {
    BundleContent {
        name: bundle.name.clone(),
        aliases: bundle.aliases.clone(),
        matter_ids: bundle.matter_ids.iter().map(ToString::to_string).collect(),
        guide: bundle.guide.clone(),
        promised_days: bundle.promised_days,
        together: bundle.together,
        shared: bundle.shared.iter().map(shared_view).collect(),
        shared_fields: bundle.shared_fields.iter().map(field_view).collect(),
    }
}

/// Reads the ids; what is none is told with its field, and nothing more is then looked at.
fn read(id: &BundleId, content: &BundleContent, errors: &mut FieldErrors) -> Bundle {
    let mut matter_id = |text: &str, field: String| errors.some(MatterId::parse(text), &field, "unknown", "没有这件事项");
    let place = |(place, text): (usize, &String)| matter_id(text, format!("content.matter_ids[{place}]"));
    let matter_ids = content.matter_ids.iter().enumerate().filter_map(place).collect();
    let mut shared_fields = Vec::with_capacity(content.shared_fields.len());
    for (place, shared) in content.shared_fields.iter().enumerate() {
        let field = |(at, one): (usize, &MemberFieldView)| {
            let matter_id = matter_id(&one.matter_id, format!("content.shared_fields[{place}].fields[{at}]"))?;
            Some(MemberField { matter_id, name: one.name.clone() })
        };
        shared_fields.push(SharedField { fields: shared.fields.iter().enumerate().filter_map(field).collect() });
    }
    let mut shared = Vec::with_capacity(content.shared.len());
    for (place, one) in content.shared.iter().enumerate() {
        let material_id = |(at, text): (usize, &String)| {
            let field = format!("content.shared[{place}].material_ids[{at}]");
            errors.some(MaterialId::parse(text), &field, "unknown", "没有这份材料")
        };
        let material_ids = one.material_ids.iter().enumerate().filter_map(material_id).collect();
        shared.push(SharedMaterial { name: one.name.clone(), material_ids });
    }
    Bundle {
        id: id.clone(),
        version: 0,
        state: MatterState::Published,
        name: content.name.clone(),
        aliases: content.aliases.clone(),
        matter_ids,
        guide: content.guide.clone(),
        promised_days: content.promised_days,
        together: content.together,
        shared,
        shared_fields,
    }
}

/// What a bundle is checked against: what the site offers now, and its other bundles.
pub(super) struct Around {
    offered: BTreeMap<MatterId, Matter>,
    pub(super) rows: Vec<BundleRow>,
}

impl Around {
    /// Whether a bundle can be offered now; each fault stands under `content.`.
    pub(super) fn check(&self, bundle: &mut Bundle, errors: &mut FieldErrors) -> Answer<()> {
        for fault in bundle.checked(&self.offered) {
            errors.add(&format!("content.{}", fault.field), fault.code, fault.message);
        }
        for row in self.rows.iter().filter(|row| row.id != bundle.id.as_str()) {
            let kept = KeptBundle::of(row)?;
            let drafted = kept.draft.as_ref().map(|kept| kept.draft.content.name.clone());
            let offered = kept.in_force().map(|(bundle, _)| bundle.name);
            if [drafted, offered].contains(&Some(bundle.name.clone())) {
                errors.add("content.name", "duplicate", "已经有一个“一件事”叫这个名字");
                break;
            }
        }
        Ok(())
    }

    /// What keeps a bundle from being offered now.
    pub(super) fn problems(&self, bundle: &Bundle) -> Answer<Vec<FieldError>> {
        let mut errors = FieldErrors::default();
        self.check(&mut bundle.clone(), &mut errors)?;
        Ok(errors.into_vec())
    }
}

impl App {
    /// The matters that people can apply for at a site now, those it only helps with among them.
    pub(super) async fn offered_matters(&self, site_id: &str) -> Answer<BTreeMap<MatterId, Matter>> {
        let rows = self.catalogue_rows(site_id).await?;
        let matter = |row: &MatterRow| -> Answer<Matter> { Ok(serde_json::from_str(&row.doc)?) };
        let matters = rows.iter().filter(|row| row.state == "published").map(matter).collect::<Answer<Vec<_>>>()?;
        Ok(matters.into_iter().map(|matter| (matter.id.clone(), matter)).collect())
    }

    /// A content and where it queues, checked against the site: its lines, its matters, the names of other bundles.
    pub(super) async fn checked_bundle(
        &self,
        site_id: &str,
        id: &BundleId,
        content: &BundleContent,
        line_id: Option<&str>,
    ) -> Answer<(Bundle, Option<LineId>)> {
        let mut errors = FieldErrors::default();
        let hall = self.hall(site_id).await?;
        let line = line_id.map(|text| LineId::parse(text).filter(|id| hall.lines().any(|line| line.id == *id)));
        if line == Some(None) {
            errors.add("line_id", "unknown", "这个厅没有这条队");
        }
        let before = errors.len();
        let mut bundle = read(id, content, &mut errors);
        if errors.len() == before {
            self.around(site_id).await?.check(&mut bundle, &mut errors)?;
        }
        errors.check()?;
        Ok((bundle, line.flatten()))
    }

    /// What a site's bundles are checked against.
    pub(super) async fn around(&self, site_id: &str) -> Answer<Around> {
        Ok(Around { offered: self.offered_matters(site_id).await?, rows: self.stores.catalogue.bundles(site_id).await? })
    }

    /// The error of a bundle that cannot be offered any more.
    pub(super) async fn still_sound(&self, site_id: &str, bundle: &Bundle) -> Answer<()> {
        let mut errors = FieldErrors::default();
        self.around(site_id).await?.check(&mut bundle.clone(), &mut errors)?;
        errors.check()
    }
}
