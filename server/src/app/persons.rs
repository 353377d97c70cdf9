//! Personal data: taken in, checked, sealed under the row's own key, found by blind index, shown masked.
//!
//! Architecture Invariant: plain personal data exists in this process only between the request and
//! the sealed row, and between the row and an answer that a permit allows.

use chrono::NaiveDate;
use domain::codes::{IdType, clean_line, mask_address, mask_email, mask_id_number, mask_name, mask_phone, phone};
use domain::ids::{PersonId, TextId};
use domain::time::local_date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::error::{Answer, AppError, FieldErrors};
use super::fresh::id_tail;
use crate::gateways::is_openid;
use crate::store::{PersonRow, SubmissionRow};

/// Characters of a name.
const NAME_CHARS_MAX: usize = 100;
/// Characters of an address.
const ADDRESS_CHARS_MAX: usize = 200;
/// Characters of an e-mail address.
const EMAIL_CHARS_MAX: usize = 100;
/// Kinds of applicants (API.md).
pub const PERSON_KINDS: &[&str] = &["person", "enterprise", "institution", "social_org", "agency", "other"];

/// A person as typed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonInput {
    /// `person`, `enterprise`, …
    #[serde(default = "person_kind")]
    #[schema(value_type = crate::app::words::ApplicantKind)]
    pub kind: String,
    /// Name.
    pub name: Option<String>,
    /// `resident_id`, `uscc`, …
    #[schema(value_type = Option<crate::app::words::IdType>)]
    pub id_type: Option<String>,
    /// Number of the document.
    pub id_number: Option<String>,
    /// Mobile phone.
    pub phone: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// E-mail address for notices.
    pub email: Option<String>,
    /// The person's openid at the service account of the district, for notices by WeChat.
    pub wechat_openid: Option<String>,
}

fn person_kind() -> String {
    "person".to_owned()
}

/// A person's data as sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonData {
    /// `person`, `enterprise`, …
    pub kind: String,
    /// Name.
    pub name: Option<String>,
    /// Kind of document.
    pub id_type: Option<String>,
    /// Number of the document.
    pub id_number: Option<String>,
    /// Mobile phone.
    pub phone: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// E-mail address for notices.
    #[serde(default)]
    pub email: Option<String>,
    /// The person's openid at the service account of the district.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wechat_openid: Option<String>,
}

impl std::fmt::Debug for PersonData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonData(…)")
    }
}

/// A person's data as everybody with a right to the case sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MaskedPerson {
    /// The person.
    pub id: String,
    /// `person`, `enterprise`, …
    #[schema(value_type = crate::app::words::ApplicantKind)]
    pub kind: String,
    /// `王*明`.
    pub name: Option<String>,
    /// Kind of document.
    #[schema(value_type = Option<crate::app::words::IdType>)]
    pub id_type: Option<String>,
    /// `152***********0031`.
    pub id_number: Option<String>,
    /// `138****2046`.
    pub phone: Option<String>,
    /// Without house number.
    pub address: Option<String>,
    /// `w***@example.cn`.
    #[serde(default)]
    pub email: Option<String>,
}

/// A person to be stored with a command.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The fresh id.
    pub id: PersonId,
    /// The sealed row.
    pub row: PersonRow,
}

impl App {
    /// Checks and seals a person; every wrong field is added to `errors`.
    ///
    /// # Errors
    /// When sealing fails.
    pub fn new_person(
        &self,
        site_key: &str,
        field: &str,
        input: &PersonInput,
        is_required: bool,
        errors: &mut FieldErrors,
    ) -> Answer<Option<NewPerson>> {
        let Some(data) = checked(field, input, is_required, local_date(self.now()), errors) else { return Ok(None) };
        let listing = self.directory.get();
        let site_id = listing.site_of_key(site_key)?.id.clone();
        let id = PersonId::new(site_key, &id_tail(self.entropy.as_ref(), self.now()));
        let sealed = self.vault.seal(self.entropy.as_ref(), id.as_str(), &serde_json::to_vec(&data)?)?;
        let index = |field: &str, value: &Option<String>| value.as_ref().map(|value| self.vault.blind_index(field, value));
        let row = PersonRow {
            site_id,
            id: id.to_string(),
            key_id: self.vault.key_id().to_owned(),
            sealed,
            id_number_index: index("id_number", &data.id_number),
            phone_index: index("phone", &data.phone),
            created_at: self.now(),
        };
        Ok(Some(NewPerson { id, row }))
    }

    /// A person's plain data: for a gateway that must send, or an answer that was revealed.
    ///
    /// # Errors
    /// When there is none or it cannot be opened.
    pub async fn person_data(&self, site_id: &str, id: &str) -> Answer<PersonData> {
        let row = self.stores.persons.person(site_id, id).await?.ok_or(AppError::NotFound)?;
        Ok(serde_json::from_slice(&self.vault.open(&row.key_id, &row.id, &row.sealed)?)?)
    }

    /// A person masked.
    ///
    /// # Errors
    /// When there is none or it cannot be opened.
    pub async fn masked_person(&self, site_id: &str, id: &str) -> Answer<MaskedPerson> {
        let data = self.person_data(site_id, id).await?;
        Ok(MaskedPerson {
            id: id.to_owned(),
            kind: data.kind,
            name: data.name.as_deref().map(mask_name),
            id_type: data.id_type,
            id_number: data.id_number.as_deref().map(mask_id_number),
            phone: data.phone.as_deref().map(mask_phone),
            address: data.address.as_deref().map(mask_address),
            email: data.email.as_deref().map(mask_email),
        })
    }

    /// Seals a text or form by people; events name only its id.
    ///
    /// # Errors
    /// When sealing fails.
    pub fn new_text(&self, site_id: &str, kind: &str, text: &str) -> Answer<(TextId, SubmissionRow)> {
        let key = self.directory.get().site(site_id)?.key.clone();
        let id = TextId::new(&key, &id_tail(self.entropy.as_ref(), self.now()));
        let row = self.sealed_text(site_id, &id, kind, text)?;
        Ok((id, row))
    }

    /// Seals a text under an id that it has already: what was there before is replaced.
    ///
    /// # Errors
    /// When sealing fails.
    pub fn sealed_text(&self, site_id: &str, id: &TextId, kind: &str, text: &str) -> Answer<SubmissionRow> {
        let sealed = self.vault.seal(self.entropy.as_ref(), id.as_str(), text.as_bytes())?;
        Ok(SubmissionRow {
            site_id: site_id.to_owned(),
            id: id.to_string(),
            kind: kind.to_owned(),
            key_id: self.vault.key_id().to_owned(),
            sealed,
            created_at: self.now(),
        })
    }

    /// A sealed text.
    ///
    /// # Errors
    /// When there is none or it cannot be opened.
    pub async fn text(&self, site_id: &str, id: &str) -> Answer<String> {
        let row = self.stores.persons.submission(site_id, id).await?.ok_or(AppError::NotFound)?;
        String::from_utf8(self.vault.open(&row.key_id, &row.id, &row.sealed)?).map_err(|_| AppError::Internal("sealed text".to_owned()))
    }
}

/// A person's data in the form in which it is kept, or `None` where something was wrong.
pub(super) fn checked(
    field: &str,
    input: &PersonInput,
    is_required: bool,
    today: NaiveDate,
    errors: &mut FieldErrors,
) -> Option<PersonData> {
    // Without a field of its own a person stands among the others of the body.
    let at = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    let before = errors.len();
    if !PERSON_KINDS.contains(&input.kind.as_str()) {
        errors.add(&at("kind"), "unknown", "选一种申请人类型");
    }
    let line = |value: &Option<String>, name: &str, chars_max: usize, errors: &mut FieldErrors| {
        let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty())?;
        match clean_line(value, chars_max) {
            Ok(value) => Some(value),
            Err(fault) => {
                errors.add(&at(name), fault.code(), fault.message());
                None
            }
        }
    };
    let name = line(&input.name, "name", NAME_CHARS_MAX, errors);
    let address = line(&input.address, "address", ADDRESS_CHARS_MAX, errors);
    let email = line(&input.email, "email", EMAIL_CHARS_MAX, errors).filter(|email| {
        let sound = is_email(email);
        if !sound {
            errors.add(&at("email"), "form", "电子邮箱写成 name@example.cn 的样子");
        }
        sound
    });
    let wechat_openid = line(&input.wechat_openid, "wechat_openid", NAME_CHARS_MAX, errors).filter(|openid| {
        let sound = is_openid(openid);
        if !sound {
            errors.add(&at("wechat_openid"), "form", "微信标识（openid）不对，由公众号给出");
        }
        sound
    });
    let raw_number = line(&input.id_number, "id_number", NAME_CHARS_MAX, errors);
    let id_type = line(&input.id_type, "id_type", NAME_CHARS_MAX, errors);
    let kind = id_type.as_deref().map(|text| serde_json::from_value::<IdType>(serde_json::Value::String(text.to_owned())).ok());
    if kind == Some(None) {
        errors.add(&at("id_type"), "unknown", "选一种证件");
    }
    let id_number = raw_number.and_then(|number| match kind.flatten().unwrap_or(IdType::ResidentId).normal(&number, today) {
        Ok(number) => Some(number),
        Err(fault) => {
            errors.add(&at("id_number"), fault.code(), fault.message());
            None
        }
    });
    let phone = input.phone.as_deref().map(str::trim).filter(|value| !value.is_empty()).and_then(|value| match phone(value) {
        Ok(phone) => Some(phone),
        Err(fault) => {
            errors.add(&at("phone"), fault.code(), fault.message());
            None
        }
    });
    if is_required {
        for (value, name, message) in [(&input.name, "name", "写上姓名或名称"), (&input.id_number, "id_number", "写上证件号码")]
        {
            if value.as_deref().is_none_or(|value| value.trim().is_empty()) {
                errors.add(&at(name), "missing", message);
            }
        }
    }
    (errors.len() == before).then_some(PersonData {
        kind: input.kind.clone(),
        name,
        id_type,
        id_number,
        phone,
        address,
        email,
        wechat_openid,
    })
}

/// Whether text has the form of an address that can be put into a mail as it is.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = |part: &str, also: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c));
    plain(name, "._%+-") && plain(host, ".-") && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
}
