//! Sites as everybody may know them: a name, a place, a phone.

use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::error::Answer;
use crate::store::SiteRow;

/// A place with a hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiteView {
    /// The site.
    pub id: String,
    /// `district_hall`, `center`, `station`, `partner_point`.
    #[schema(value_type = crate::app::words::SiteKind)]
    pub kind: String,
    /// Name.
    pub name: String,
    /// The site above.
    pub parent_id: Option<String>,
    /// Where it is.
    pub address: String,
    /// Phone for questions.
    pub phone: String,
    /// Accent colour `#0b5560`; the house's own where it is null.
    pub accent: Option<String>,
    /// Address of its logo; null where it has none.
    pub logo_url: Option<String>,
}

/// A site as the API shows it.
pub(super) fn site_view(row: &SiteRow) -> SiteView {
    let doc: serde_json::Value = serde_json::from_str(&row.doc).unwrap_or_default();
    SiteView {
        accent: doc.get("accent").and_then(serde_json::Value::as_str).map(str::to_owned),
        logo_url: doc.get("logo").map(|_| format!("/api/v1/sites/{}/logo", row.id)),
        id: row.id.clone(),
        kind: row.kind.clone(),
        name: row.name.clone(),
        parent_id: row.parent_id.clone(),
        address: row.address.clone(),
        phone: row.phone.clone(),
    }
}

impl App {
    /// All sites by id.
    #[must_use]
    pub fn sites(&self) -> Vec<SiteView> {
        self.directory.get().sites.values().map(site_view).collect()
    }

    /// One site.
    ///
    /// # Errors
    /// 404.
    pub fn site(&self, site_id: &str) -> Answer<SiteView> {
        Ok(site_view(self.directory.get().site(site_id)?))
    }
}
