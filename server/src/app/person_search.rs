//! Finding a person by the whole ID number or phone; the answer is masked.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::codes::{IdType, phone};
use domain::time::local_date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::caller::Permit;
use super::error::{Answer, AppError, FieldErrors};
use super::persons::MaskedPerson;

/// Persons shown; more entries under one number are older.
const FOUND_MAX: usize = 20;

/// Body of `POST /persons/search`: one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonSearchRequest {
    /// The whole number of an identity document.
    pub id_number: Option<String>,
    /// The whole phone number.
    pub phone: Option<String>,
}

/// Persons that were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonsView {
    /// Masked, the newest entry first; entries with the same data once.
    pub items: Vec<MaskedPerson>,
}

/// Every form in which a number can have been indexed; which document it is of was not said.
fn id_numbers(text: &str, today: NaiveDate) -> BTreeSet<String> {
    [IdType::ResidentId, IdType::Uscc, IdType::Other].into_iter().filter_map(|kind| kind.normal(text, today).ok()).collect()
}

impl App {
    /// Persons of the permit's site by ID number or phone.
    ///
    /// # Errors
    /// Field errors.
    pub async fn search_persons(&self, permit: &Permit, request: &PersonSearchRequest) -> Answer<PersonsView> {
        let mut errors = FieldErrors::default();
        let wanted = self.person_indexes(request.id_number.as_deref(), request.phone.as_deref(), &mut errors);
        errors.check()?;
        let mut rows = Vec::new();
        for index in wanted {
            rows.extend(self.stores.persons.persons_by_index(permit.site_id(), &index).await?);
        }
        rows.sort_by(|one, other| (other.created_at, &other.id).cmp(&(one.created_at, &one.id)));
        rows.dedup_by(|one, other| one.id == other.id);
        let (mut items, mut seen) = (Vec::new(), BTreeSet::new());
        for row in rows {
            let data = self.vault.open(&row.key_id, &row.id, &row.sealed).map_err(AppError::from)?;
            if items.len() < FOUND_MAX && seen.insert(data) {
                items.push(self.masked_person(permit.site_id(), &row.id).await?);
            }
        }
        Ok(PersonsView { items })
    }

    /// The blind indexes under which a person with this number is kept: one of the two must be given.
    pub(super) fn person_indexes(&self, id_number: Option<&str>, phone_number: Option<&str>, errors: &mut FieldErrors) -> Vec<Vec<u8>> {
        match (id_number, phone_number) {
            (Some(number), None) => {
                let numbers = id_numbers(number, local_date(self.now()));
                if numbers.is_empty() {
                    errors.add("id_number", "form", "写上完整的证件号码");
                }
                numbers.iter().map(|number| self.vault.blind_index("id_number", number)).collect()
            }
            (None, Some(text)) => match phone(text) {
                Ok(number) => vec![self.vault.blind_index("phone", &number)],
                Err(fault) => {
                    errors.add("phone", fault.code(), fault.message());
                    Vec::new()
                }
            },
            _ => {
                errors.add("id_number", "one_of", "证件号码和电话选一样");
                Vec::new()
            }
        }
    }
}
