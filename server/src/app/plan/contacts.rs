//! Mailboxes that the ledger is sent to and reminded at, one a site. Addresses may be somebody's, so they lie sealed
//! and the document names them by id.

use std::collections::BTreeMap;

use domain::codes::mask_email;
use domain::ids::SiteId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::documents::{LEDGER_CONTACTS, seen};
use crate::app::App;
use crate::app::caller::Permit;
use crate::app::error::{Answer, FieldErrors};
use crate::app::persons::PersonInput;
use crate::app::retry::{Outcome, Retry};

/// Most mailboxes.
const CONTACTS_MAX: usize = 500;

/// Body of `PUT /sites/{site}/ledger/contacts`: it replaces the list.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerContactsRequest {
    /// The version that is changed.
    pub version: Option<i64>,
    /// One a site.
    pub items: Vec<LedgerContactRequest>,
}

/// A mailbox of a site.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerContactRequest {
    /// The site.
    pub site_id: String,
    /// The address; without one the site keeps the one it has.
    pub email: Option<String>,
}

/// A mailbox as told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerContactView {
    /// The site.
    pub site_id: String,
    /// Its name.
    pub name: String,
    /// The address, masked.
    pub email: String,
}

/// Sites and who stands for their mailbox.
pub(super) type Contacts = BTreeMap<String, String>;

impl App {
    /// Who stands for the mailbox of each site.
    pub(super) async fn contacts(&self, root: &str) -> Answer<(i64, Contacts)> {
        let stated = self.newest_document::<Contacts>(root, LEDGER_CONTACTS).await?;
        Ok(stated.map_or_else(Default::default, |stated| (stated.version, stated.content)))
    }

    /// The mailboxes, masked, with their version.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn ledger_contacts(&self, permit: &Permit) -> Answer<Value> {
        let listing = self.directory.get();
        let root = listing.root_of(permit.site_id())?.id.clone();
        let (version, contacts) = self.contacts(&root).await?;
        let mut items = Vec::new();
        for (site_id, person) in contacts {
            let email = self.person_data(&root, &person).await?.email.as_deref().map(mask_email).unwrap_or_default();
            let name = listing.sites.get(&site_id).map(|site| site.name.clone()).unwrap_or_default();
            items.push(LedgerContactView { site_id, name, email });
        }
        Ok(serde_json::json!({ "site_id": root, "version": version, "items": items }))
    }

    /// Replaces the mailboxes.
    ///
    /// # Errors
    /// Field errors; 409 as an outcome.
    pub async fn change_ledger_contacts(&self, permit: &Permit, wanted: &LedgerContactsRequest, retry: Option<&Retry>) -> Answer<Outcome> {
        let root = permit.site_id();
        let mut outcome = self
            .once(root, retry, || async {
                let key = self.directory.get().site(root)?.key.clone();
                let (before, known) = self.contacts(root).await?;
                let (mut contacts, mut persons, mut errors) = (Contacts::new(), Vec::new(), FieldErrors::default());
                if wanted.items.len() > CONTACTS_MAX {
                    errors.add("items", "too_many", format!("最多 {CONTACTS_MAX} 个邮箱"));
                }
                let sites = self.directory.get().subtree(root);
                for (place, item) in wanted.items.iter().enumerate() {
                    let at = format!("items[{place}]");
                    if !SiteId::parse(&item.site_id).is_some_and(|id| sites.contains(&id)) {
                        errors.add(&format!("{at}.site_id"), "unknown", "本区没有这个场所");
                    }
                    let input = PersonInput { kind: "agency".to_owned(), email: item.email.clone(), ..PersonInput::default() };
                    let is_given = item.email.as_deref().is_some_and(|email| !email.trim().is_empty());
                    let person = match self.new_person(&key, &at, &input, false, &mut errors)?.filter(|_| is_given) {
                        Some(new) => {
                            persons.push(new.row);
                            Some(new.id.to_string())
                        }
                        None => known.get(&item.site_id).cloned(),
                    };
                    let is_named = errors.names(&format!("{at}.email"));
                    if let Some(person) = person {
                        if contacts.insert(item.site_id.clone(), person).is_some() {
                            errors.add(&format!("{at}.site_id"), "twice", "同一个场所写了两次");
                        }
                    } else if !is_named {
                        errors.add(&format!("{at}.email"), "missing", "写上邮箱");
                    }
                }
                errors.check()?;
                self.at_the_top(permit)?;
                seen(wanted.version, before)?;
                let mut set = self.document_set(permit, LEDGER_CONTACTS, before, &contacts)?;
                persons.into_iter().for_each(|row| set.row(row));
                Ok((set, Outcome::success(200, None, Value::Null)))
            })
            .await?;
        if outcome.status == 200 {
            outcome.body = self.ledger_contacts(permit).await?;
        }
        Ok(outcome)
    }
}
