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
}

/// A site as the API shows it.
pub(super) fn site_view(row: &SiteRow) -> SiteView {
    SiteView {
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
