//! The versions of a matter, what happened to it, and two versions field by field.

use std::collections::BTreeMap;

use domain::catalogue::{Matter, compare};
use domain::ids::MatterId;
use domain::time::rfc3339;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{AGGREGATE, state_word};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, AppError};
use crate::store::LoggedEvent;

/// What the path calls the draft.
const DRAFT: &str = "draft";

/// A version of a matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatterVersionView {
    /// From 1.
    pub version: u32,
    /// `published` or `retired`.
    pub state: String,
    /// Its name then.
    pub name: String,
    /// Since when it is, or was, in force; null for what came with the first data.
    pub at: Option<String>,
    /// Who brought it into force; null when nobody is known.
    pub by: Option<String>,
}

/// Something that happened to a matter or its draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatterHistoryView {
    /// When.
    pub at: String,
    /// Type of the event, such as `matter_draft_submitted`.
    pub kind: String,
    /// Who.
    pub by: String,
    /// The version that came of it.
    pub version: Option<u32>,
    /// What the person wrote.
    pub text: Option<String>,
}

/// The versions of a matter and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VersionsView {
    /// The newest first.
    pub items: Vec<MatterVersionView>,
    /// The newest first.
    pub history: Vec<MatterHistoryView>,
}

/// A field in two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComparedFieldView {
    /// Stable name, such as `promised_days` or `materials.mt_dc_x.copies`.
    pub field: String,
    /// What people call it.
    pub label: String,
    /// As it was; empty where there was nothing.
    pub before: String,
    /// As it is.
    pub after: String,
    /// Whether the two differ.
    pub changed: bool,
}

/// Two versions of a matter side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CompareView {
    /// The first, as asked for.
    pub before: String,
    /// The second, as asked for.
    pub after: String,
    /// How many fields differ.
    pub changed: usize,
    /// Every field of either, in the order of the catalogue.
    pub fields: Vec<ComparedFieldView>,
}

impl App {
    /// The versions of a matter of a site's own, and what happened to it.
    ///
    /// # Errors
    /// 404.
    pub async fn matter_versions(&self, permit: &Permit, id: &MatterId) -> Answer<VersionsView> {
        let site_id = permit.site_id();
        self.matter_standing(site_id, id).await?;
        let events = self.stores.events.events_of(site_id, AGGREGATE, id.as_str()).await?;
        let names = self.actor_names().await?;
        let history = self.catalogue_history(site_id, &events, &names).await?;
        let made = |version: u32| events.iter().find(|event| version_told(event) == Some(version));
        let mut items = Vec::new();
        for row in self.stores.catalogue.matter_versions(site_id, id.as_str()).await?.into_iter().rev() {
            let matter: Matter = serde_json::from_str(&row.doc)?;
            items.push(MatterVersionView {
                version: matter.version,
                state: state_word(matter.state).to_owned(),
                name: matter.name,
                at: (row.at > 0).then(|| rfc3339(row.at)),
                by: made(matter.version).map(|event| actor_name(&names, &event.actor)),
            });
        }
        Ok(VersionsView { items, history })
    }

    /// What happened to a matter or a bundle, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn catalogue_history(
        &self,
        site_id: &str,
        events: &[LoggedEvent],
        names: &BTreeMap<String, String>,
    ) -> Answer<Vec<MatterHistoryView>> {
        let mut history = Vec::with_capacity(events.len());
        for event in events.iter().rev() {
            let body: Value = serde_json::from_str(&event.body)?;
            let text = match body["text_id"].as_str() {
                Some(text) => Some(self.text(site_id, text).await?),
                None => None,
            };
            history.push(MatterHistoryView {
                at: rfc3339(event.at),
                kind: event.kind.clone(),
                by: actor_name(names, &event.actor),
                version: version_of(&body),
                text,
            });
        }
        Ok(history)
    }

    /// Everybody's name by id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::app) async fn actor_names(&self) -> Answer<BTreeMap<String, String>> {
        Ok(self.stores.staff.all_staff().await?.into_iter().map(|row| (row.id, row.name)).collect())
    }

    /// Two versions of a matter, each by its number or `draft`.
    ///
    /// # Errors
    /// 404 for a matter or a version that is not there.
    pub async fn compare_versions(&self, permit: &Permit, id: &MatterId, (one, other): (&str, &str)) -> Answer<CompareView> {
        let (before, after) = (self.version_named(permit, id, one).await?, self.version_named(permit, id, other).await?);
        let named = |id: &str| Some(self.department_name(id)).filter(|name| !name.is_empty());
        let department = |field: &str, text: String| with_names(field, text, named);
        let fields: Vec<ComparedFieldView> = compare(&before, &after)
            .into_iter()
            .map(|one| ComparedFieldView {
                changed: one.is_changed(),
                before: department(&one.field, one.before),
                after: department(&one.field, one.after),
                field: one.field,
                label: one.label,
            })
            .collect();
        let changed = fields.iter().filter(|field| field.changed).count();
        Ok(CompareView { before: one.to_owned(), after: other.to_owned(), changed, fields })
    }

    async fn version_named(&self, permit: &Permit, id: &MatterId, name: &str) -> Answer<Matter> {
        let site_id = permit.site_id();
        if name == DRAFT {
            return self.drafted(site_id, id).await?.ok_or(AppError::NotFound);
        }
        let version: i64 = name.parse().map_err(|_| AppError::NotFound)?;
        let row = self.stores.catalogue.matter_version(site_id, id.as_str(), version).await?.ok_or(AppError::NotFound)?;
        Ok(serde_json::from_str(&row.doc)?)
    }
}

/// What is told of a field, with its departments by name: they stand as ids in matters.
pub(in crate::app) fn with_names(field: &str, text: String, named: impl Fn(&str) -> Option<String>) -> String {
    if field == "department_id" {
        named(&text).unwrap_or(text)
    } else if field.starts_with("approval.") {
        text.split('，').map(|part| named(part).unwrap_or_else(|| part.to_owned())).collect::<Vec<_>>().join("，")
    } else {
        text
    }
}

fn actor_name(names: &BTreeMap<String, String>, actor: &str) -> String {
    names.get(actor).cloned().unwrap_or_else(|| if actor == super::SYSTEM { "系统" } else { actor }.to_owned())
}

fn version_of(body: &Value) -> Option<u32> {
    body["version"].as_u64().and_then(|version| u32::try_from(version).ok())
}

fn version_told(event: &LoggedEvent) -> Option<u32> {
    serde_json::from_str::<Value>(&event.body).ok().as_ref().and_then(version_of)
}
