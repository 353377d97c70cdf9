//! A hall set up like another one: lines, windows, hours, rules, matters and bundles under the key of the new site.
//! No people, no numbers, no cases: those belong to where they are. One way for a new centre and for a practice hall.

use std::collections::BTreeSet;

use domain::catalogue::Matter;
use domain::hall::{Actor, Command, Configuration};
use serde_json::{Value, json};

use super::App;
use super::bundles::KeptBundle;
use super::error::{Answer, AppError};
use super::hall::{Beside, Wish};
use crate::store::{BundleRow, ChangeSet, MatterRow, MatterVersionRow, NewEvent, SiteRow};

/// Ids that stay as they are: departments and people belong to others than the site.
const KEPT: [&str; 2] = ["d", "s"];

/// Which matters come with the copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Matters {
    /// All that are published.
    All,
    /// These alone, as a partner point has a reduced list.
    Only(BTreeSet<String>),
}

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) lines: usize,
    pub(super) windows: usize,
    pub(super) matters: usize,
    pub(super) bundles: usize,
}

/// A text under another site's key, if it is an id of a thing of the site.
fn moved(text: &str, from: &str, to: &str) -> Option<String> {
    let (kind, rest) = text.split_once('_')?;
    let (key, tail) = rest.split_once('_')?;
    let is_own = key == from && !KEPT.contains(&kind) && kind.bytes().all(|byte| byte.is_ascii_lowercase()) && !tail.is_empty();
    is_own.then(|| format!("{kind}_{to}_{tail}"))
}

/// Every id of a thing of the site within a document, under another key.
fn move_ids(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) => {
            if let Some(new) = moved(text, from, to) {
                *text = new;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| move_ids(item, from, to)),
        Value::Object(fields) => {
            let renamed: Vec<(String, String)> = fields.keys().filter_map(|key| Some((key.clone(), moved(key, from, to)?))).collect();
            for (old, new) in renamed {
                if let Some(value) = fields.remove(&old) {
                    fields.insert(new, value);
                }
            }
            fields.values_mut().for_each(|value| move_ids(value, from, to));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn moved_doc(doc: &str, from: &str, to: &str) -> Answer<String> {
    let mut value: Value = serde_json::from_str(doc)?;
    move_ids(&mut value, from, to);
    Ok(value.to_string())
}

fn moved_id(id: &str, from: &str, to: &str) -> Answer<String> {
    moved(id, from, to).ok_or_else(|| AppError::Internal(format!("{id} is no id of a thing of {from}")))
}

/// The settings for another site: without covers, who are people of the first one, and without its shifts.
pub(super) fn moved_configuration(configuration: &Configuration, from: &str, to: &str) -> Answer<Configuration> {
    let mut value = serde_json::to_value(configuration)?;
    if let Some(covers) = value.pointer_mut("/policy/serving/covers") {
        *covers = json!([]);
    }
    if let Some(shifts) = value.pointer_mut("/policy/roster") {
        *shifts = json!([]);
    }
    move_ids(&mut value, from, to);
    Ok(serde_json::from_value(value)?)
}

impl App {
    /// Makes a site like another one, with the event that says so in its own log.
    ///
    /// # Errors
    /// When the store fails, a key or id that is taken among it.
    pub(super) async fn copy_site(
        &self,
        source: &SiteRow,
        copy: SiteRow,
        matters: &Matters,
        configuration: Configuration,
        event: NewEvent,
    ) -> Answer<Copied> {
        let (from, to, id) = (source.key.as_str(), copy.key.clone(), copy.id.clone());
        let wanted = |row: &MatterRow| {
            let is_meant = match matters {
                Matters::All => true,
                Matters::Only(ids) => ids.contains(&row.id),
            };
            row.state == "published" && is_meant
        };
        let mut set = ChangeSet::new(&id);
        set.events.push(event);
        set.row(copy);
        let rows: Vec<MatterRow> = self.stores.catalogue.matters(&source.id).await?.into_iter().filter(wanted).collect();
        for row in &rows {
            let (new_id, doc) = (moved_id(&row.id, from, &to)?, moved_doc(&row.doc, from, &to)?);
            let line_id = row.line_id.as_deref().map(|line| moved_id(line, from, &to)).transpose()?;
            let matter: Matter = serde_json::from_str(&row.doc)?;
            let files: Vec<String> = matter.details.files().map(str::to_owned).collect();
            if !files.is_empty() {
                set.rows.extend(self.copied_files((&source.id, &row.id), (&id, &new_id), &files).await?);
            }
            set.row(MatterVersionRow { site_id: id.clone(), id: new_id.clone(), version: row.version, at: self.now(), doc: doc.clone() });
            set.row(MatterRow { site_id: id.clone(), id: new_id, line_id, doc, ..row.clone() });
        }
        let known: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let mut bundles = 0;
        for (bundle, line_id) in self.bundles_in_force(&source.id).await? {
            if bundle.matter_ids.iter().all(|matter| known.contains(matter.as_str())) {
                bundles += 1;
                let row = KeptBundle::first_row(&id, &bundle, line_id)?;
                let (new_id, doc) = (moved_id(&row.id, from, &to)?, moved_doc(&row.doc, from, &to)?);
                set.row(BundleRow { id: new_id, doc, ..row });
            }
        }
        self.commit(set).await?;
        self.directory.reload(&self.stores).await?;
        let copied = Copied { lines: configuration.lines.len(), windows: configuration.windows.len(), matters: rows.len(), bundles };
        self.set_up(&id, configuration).await?;
        Ok(copied)
    }

    async fn set_up(&self, site_id: &str, configuration: Configuration) -> Answer<()> {
        let wish = Wish {
            site_id: site_id.to_owned(),
            actor: Actor::machine(),
            actor_id: "system".to_owned(),
            command: Command::Configure { configuration },
            retry: None,
            rows: Vec::new(),
            beside: Beside::default(),
        };
        let outcome = self.halls.submit(wish).await?;
        if outcome.status < 300 { Ok(()) } else { Err(AppError::Internal(format!("{site_id}: {}", outcome.body))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_the_site_move_and_those_of_others_stay() {
        let mut value = json!({
            "id": "m_dc_demo", "line": "l_dc_a_b", "department": "d_dc_x", "staff": "s_dc_a", "other": "m_dd_x", "text": "a dc_ b", "w_dc_1": ["w_dc_1"],
        });
        move_ids(&mut value, "dc", "nw");
        let wanted = json!({
            "id": "m_nw_demo", "line": "l_nw_a_b", "department": "d_dc_x", "staff": "s_dc_a", "other": "m_dd_x", "text": "a dc_ b", "w_nw_1": ["w_nw_1"],
        });
        assert_eq!(value, wanted);
    }
}
