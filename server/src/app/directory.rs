//! What changes rarely and is asked always: sites, departments, the legal calendar. In memory,
//! replaced as a whole.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::calendar::Calendar;
use domain::ids::{SiteId, is_practice};

use super::error::{Answer, AppError};
use crate::store::{DepartmentRow, SiteRow, Stores};

/// The directory as it stands.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Sites by id, without practice halls: whatever goes over all sites goes past those.
    pub sites: BTreeMap<String, SiteRow>,
    /// Practice halls by id.
    pub practice: BTreeMap<String, SiteRow>,
    /// Site ids by short key, practice halls too.
    pub keys: BTreeMap<String, String>,
    /// Departments by id.
    pub departments: BTreeMap<String, DepartmentRow>,
    /// The legal calendar.
    pub calendar: Calendar,
}

/// The directory.
#[derive(Debug, Default)]
pub struct Directory(RwLock<Arc<Listing>>);

impl Directory {
    /// The directory as it stands now.
    #[must_use]
    pub fn get(&self) -> Arc<Listing> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads everything again.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn reload(&self, stores: &Stores) -> Answer<()> {
        let sites = stores.sites.sites().await?;
        let departments = stores.sites.departments().await?;
        let mut calendar = Calendar::default();
        for row in stores.sites.calendar_years().await? {
            let year = i32::try_from(row.year).unwrap_or_default();
            calendar
                .load(year, serde_json::from_str(&row.doc)?)
                .map_err(|faults| AppError::Internal(format!("calendar {year}: {faults:?}")))?;
        }
        let keys = sites.iter().map(|site| (site.key.clone(), site.id.clone())).collect();
        let (practice, sites) = sites.into_iter().map(|site| (site.id.clone(), site)).partition(|(id, _)| is_practice(id));
        let listing = Listing {
            keys,
            sites,
            practice,
            departments: departments.into_iter().map(|department| (department.id.clone(), department)).collect(),
            calendar,
        };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(listing);
        Ok(())
    }
}

impl Listing {
    /// A site by id.
    ///
    /// # Errors
    /// When there is none.
    pub fn site(&self, site_id: &str) -> Answer<&SiteRow> {
        self.sites.get(site_id).or_else(|| self.practice.get(site_id)).ok_or(AppError::NotFound)
    }

    /// The practice hall of a site.
    #[must_use]
    pub fn practice_of(&self, site_id: &str) -> Option<&SiteRow> {
        self.practice.values().find(|practice| practice.parent_id.as_deref() == Some(site_id))
    }

    /// The site that an id's short key names.
    ///
    /// # Errors
    /// When there is none.
    pub fn site_of_key(&self, key: &str) -> Answer<&SiteRow> {
        self.keys.get(key).ok_or(AppError::NotFound).and_then(|id| self.site(id))
    }

    /// The site at the top of a site's tree: the district, whose departments are everybody's.
    ///
    /// # Errors
    /// When there is no such site.
    pub fn root_of(&self, site_id: &str) -> Answer<&SiteRow> {
        let mut site = self.site(site_id)?;
        // A site that is its own ancestor by mistake must not make this endless.
        for _ in 0..self.sites.len() {
            match site.parent_id.as_deref().and_then(|parent| self.sites.get(parent)) {
                Some(parent) => site = parent,
                None => break,
            }
        }
        Ok(site)
    }

    /// The sites above a site, the nearest first.
    #[must_use]
    pub fn above(&self, site_id: &str) -> Vec<SiteId> {
        let mut found: Vec<SiteId> = Vec::new();
        let mut site = self.sites.get(site_id);
        while let Some(parent) = site.and_then(|site| site.parent_id.as_deref()).and_then(|id| self.sites.get(id)) {
            let Some(id) = SiteId::parse(&parent.id) else { break };
            // A site that is its own ancestor by mistake must not make this endless.
            if parent.id == site_id || found.contains(&id) {
                break;
            }
            found.push(id);
            site = Some(parent);
        }
        found
    }

    /// A site and everything below it; of a practice hall itself alone.
    #[must_use]
    pub fn subtree(&self, site_id: &str) -> Vec<SiteId> {
        let mut found = Vec::new();
        let mut open = vec![site_id.to_owned()];
        while let Some(id) = open.pop() {
            let Some(site) = SiteId::parse(&id) else { continue };
            // A site that is its own ancestor by mistake must not make this endless.
            if found.contains(&site) {
                continue;
            }
            open.extend(self.sites.values().filter(|site| site.parent_id.as_deref() == Some(&id)).map(|site| site.id.clone()));
            found.push(site);
        }
        found
    }
}
