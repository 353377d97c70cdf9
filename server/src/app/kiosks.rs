//! What a kiosk offers: the lines of its hall and the matters with what to bring.

use domain::catalogue::{Matter, MatterState};
use protocol::device::{KioskLine, KioskMaterial, KioskMatter};

use super::App;
use super::error::Answer;
use super::hall::LineView;

/// A line as a kiosk offers it.
#[must_use]
pub fn kiosk_line(view: LineView) -> KioskLine {
    KioskLine {
        id: view.id,
        name: view.name,
        prefix: view.prefix,
        waiting: view.waiting,
        open: view.open,
        estimated_wait_s: view.estimated_wait_s,
        estimated_wait_optimistic_s: view.estimated_wait_optimistic_s,
        stopped_text: view.stopped_text,
        bookable: view.bookable,
        reminds: view.reminds,
    }
}

impl App {
    /// The published matters of a site. The kiosk makes pinyin and initials of the names and of the
    /// aliases that go along, by the rule of the catalogue.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn kiosk_matters(&self, site_id: &str) -> Answer<Vec<KioskMatter>> {
        let mut matters = Vec::new();
        for row in self.catalogue_rows(site_id).await? {
            let matter: Matter = serde_json::from_str(&row.doc)?;
            if matter.state != MatterState::Published {
                continue;
            }
            let material = |material: domain::catalogue::Material| KioskMaterial { name: material.name, required: material.required };
            matters.push(KioskMatter {
                id: row.id,
                name: matter.name,
                line_id: row.line_id,
                search: matter.aliases,
                materials: matter.materials.into_iter().map(material).collect(),
            });
        }
        Ok(matters)
    }
}
