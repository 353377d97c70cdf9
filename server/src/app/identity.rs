//! Citizens sign in with an identity platform, where one is configured. What a sign-in under way must remember travels
//! sealed in a cookie of the very browser, so no other browser can end it and nothing is kept here.
//!
//! Whose account it is: that of the mobile phone which the platform vouches for, the same as after a code on that phone.
//! Without a phone there is no account. Where an account knows the identity card of its person by an earlier sign-in, and
//! the platform names another one, the phone has another owner now: nobody is let in (local rule).

use domain::codes::IdType;
use domain::ids::CitizenId;
use domain::time::{MINUTE_MS, Millis, local_date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::citizens::mobile;
use super::error::{Answer, AppError, FieldErrors};
use super::fresh::{id_tail, token};
use super::persons::{PersonData, PersonInput};
use crate::gateways::{Identity, IdentityPlatform, SignInSecrets};
use crate::store::{ChangeSet, CitizenRow, StoreError};

/// Who is sent to the platform comes back within this.
pub const AWAY_MS_MAX: Millis = 10 * MINUTE_MS;
/// What a sign-in under way is sealed for.
const OWNER: &str = "citizen_identity";
/// Where somebody goes who named no page.
const HOME: &str = "/apply";
/// Characters of the page to go back to.
const TO_CHARS_MAX: usize = 300;

/// Whether citizens can sign in with an identity platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IdentityView {
    /// What the button says; null where there is none.
    pub label: Option<String>,
}

/// What a browser keeps while its person is at the platform.
#[derive(Serialize, Deserialize)]
struct Underway {
    secrets: SignInSecrets,
    at: Millis,
    to: String,
}

/// What the platform sends a browser back with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct SentBack {
    /// The code.
    pub code: Option<String>,
    /// The state that it was sent with.
    pub state: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// Where a browser goes next.
#[derive(Clone, PartialEq, Eq)]
pub struct Next {
    /// The address.
    pub to: String,
    /// The session's token, where somebody is signed in.
    pub token: Option<String>,
}

/// Why nobody is signed in, as the page reads it: `away`, `stale`, `cancelled`, `unproven`, `no_phone`, `other_person`.
type Why = &'static str;

/// Only pages of the portal where somebody signs in.
fn page(to: Option<&str>) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_-?=&.".contains(c);
    let is_own = |to: &&str| {
        let path = to.split('?').next().unwrap_or_default();
        let known = path == HOME || path.starts_with("/apply/") || path.starts_with("/t/");
        known && to.len() <= TO_CHARS_MAX && to.chars().all(is_plain) && !to.contains("//") && !to.contains("..")
    };
    to.filter(is_own).unwrap_or(HOME).to_owned()
}

fn told(to: &str, why: Why) -> Next {
    let join = if to.contains('?') { '&' } else { '?' };
    Next { to: format!("{to}{join}sign_in={why}"), token: None }
}

impl App {
    fn platform(&self) -> Answer<&dyn IdentityPlatform> {
        self.identity.get().map(AsRef::as_ref).ok_or(AppError::NotFound)
    }

    /// Whether there is a platform, and what its button says.
    #[must_use]
    pub fn identity_view(&self) -> IdentityView {
        IdentityView { label: self.identity.get().map(|platform| platform.label().to_owned()) }
    }

    /// Sends somebody to the platform: where to, and what the browser keeps meanwhile.
    ///
    /// # Errors
    /// 404 where there is no platform.
    pub async fn begin_sign_in(&self, to: Option<&str>) -> Answer<(Next, Option<String>)> {
        let (platform, now, to) = (self.platform()?, self.now(), page(to));
        let fresh = || token(self.entropy.as_ref());
        let secrets = SignInSecrets { state: fresh(), nonce: fresh(), verifier: fresh() };
        let Ok(address) = platform.address(&secrets, now).await else { return Ok((told(&to, "away"), None)) };
        let underway = serde_json::to_vec(&Underway { secrets, at: now, to })?;
        let sealed = self.vault.seal(self.entropy.as_ref(), OWNER, &underway)?;
        let kept = format!("{}.{}", self.vault.key_id(), data_encoding::BASE64URL_NOPAD.encode(&sealed));
        Ok((Next { to: address, token: None }, Some(kept)))
    }

    fn underway(&self, kept: Option<&str>) -> Option<Underway> {
        let (key_id, sealed) = kept?.split_once('.')?;
        let sealed = data_encoding::BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let underway: Underway = serde_json::from_slice(&self.vault.open(key_id, OWNER, &sealed).ok()?).ok()?;
        (0..AWAY_MS_MAX).contains(&(self.now() - underway.at)).then_some(underway)
    }

    /// Ends a sign-in: with a session, or with a word for the page why not.
    ///
    /// # Errors
    /// 404 where there is no platform; the store's.
    pub async fn end_sign_in(&self, kept: Option<&str>, back: &SentBack) -> Answer<Next> {
        let platform = self.platform()?;
        let underway = self.underway(kept).filter(|underway| back.state.as_deref() == Some(underway.secrets.state.as_str()));
        let Some(underway) = underway else { return Ok(told(HOME, "stale")) };
        let Some(code) = back.code.as_deref().filter(|_| back.error.is_none()) else { return Ok(told(&underway.to, "cancelled")) };
        let identity = match platform.identify(code, &underway.secrets, self.now()).await {
            Ok(identity) => identity,
            Err(fault) => return Ok(told(&underway.to, if fault.is_final { "unproven" } else { "away" })),
        };
        match self.citizen_by_identity(&identity).await? {
            Ok(citizen) => Ok(Next { to: underway.to, token: Some(self.begin_citizen_session(&citizen).await?) }),
            Err(why) => Ok(told(&underway.to, why)),
        }
    }

    /// The citizen for whom the platform vouches; made at the first time.
    async fn citizen_by_identity(&self, identity: &Identity) -> Answer<Result<CitizenRow, Why>> {
        let mut errors = FieldErrors::default();
        let phone = mobile("phone", identity.phone.as_deref().unwrap_or_default(), &mut errors);
        if !errors.is_empty() {
            return Ok(Err("no_phone"));
        }
        let today = local_date(self.now());
        let id_number = identity.id_number.as_deref().and_then(|number| IdType::ResidentId.normal(number, today).ok());
        let index = self.citizen_index(&phone);
        if let Some(known) = self.stores.citizens.citizen_by_phone(&index).await? {
            return self.known_by_identity(known, identity, id_number).await;
        }
        let (site_id, key) = self.citizens_site()?;
        let input = PersonInput {
            kind: "person".to_owned(),
            name: identity.name.clone(),
            id_type: id_number.as_ref().map(|_| "resident_id".to_owned()),
            id_number,
            phone: Some(phone),
            ..PersonInput::default()
        };
        let person = self.new_person(&key, "", &input, false, &mut errors)?;
        let Some(mut person) = person.map(|person| person.row) else { return Ok(Err("unproven")) };
        // Whoever only signed in is nobody of whom a window knows.
        (person.phone_index, person.id_number_index) = (None, None);
        let citizen = CitizenRow {
            id: CitizenId::new(&key, &id_tail(self.entropy.as_ref(), self.now())).to_string(),
            phone_index: index.clone(),
            site_id: site_id.clone(),
            person_id: person.id.clone(),
            created_at: self.now(),
        };
        let mut set = ChangeSet::new(&site_id);
        set.row(person);
        set.row(citizen.clone());
        match self.commit(set).await {
            Ok(_) => Ok(Ok(citizen)),
            // Two browsers of one person at once.
            Err(StoreError::Duplicate(_)) => {
                let known = self.stores.citizens.citizen_by_phone(&index).await?;
                Ok(Ok(known.ok_or_else(|| AppError::Internal("citizen".to_owned()))?))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// An account that is there: another person's card bars it; the first card is remembered.
    async fn known_by_identity(
        &self,
        known: CitizenRow,
        identity: &Identity,
        id_number: Option<String>,
    ) -> Answer<Result<CitizenRow, Why>> {
        let data = self.person_data(&known.site_id, &known.person_id).await?;
        // A number of another kind is another person's, too; one that is told with stars says nothing.
        let is_another_kind = id_number.is_none() && identity.id_number.as_deref().is_some_and(|number| !number.contains('*'));
        if data.id_number.is_some() && is_another_kind {
            return Ok(Err("other_person"));
        }
        match (data.id_number.clone(), id_number) {
            (Some(before), Some(now)) if before != now => return Ok(Err("other_person")),
            (None, Some(now)) => {
                let row = self.stores.persons.person(&known.site_id, &known.person_id).await?.ok_or(AppError::NotFound)?;
                let name = data.name.clone().or_else(|| identity.name.clone());
                let data = PersonData { name, id_type: Some("resident_id".to_owned()), id_number: Some(now), ..data };
                let sealed = self.vault.seal(self.entropy.as_ref(), &row.id, &serde_json::to_vec(&data)?)?;
                let mut set = ChangeSet::new(&known.site_id);
                set.row(crate::store::PersonRow { sealed, key_id: self.vault.key_id().to_owned(), ..row });
                self.commit(set).await?;
            }
            _ => {}
        }
        Ok(Ok(known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_goes_back_to_pages_of_the_portal_alone() {
        for own in ["/apply", "/apply/m_dc_1?id=c_dc_1", "/t/ABCD-EFGH"] {
            assert_eq!(page(Some(own)), own);
        }
        let long = format!("/t/{}", "a".repeat(400));
        for other in ["//evil.example", "https://evil.example", "/apply//evil", "/desk", "/t/../desk", "/apply\\x", "/apply\r\nx", &long] {
            assert_eq!(page(Some(other)), HOME, "{other}");
        }
        assert_eq!((page(None), told("/t/A?x=1", "away").to), (HOME.to_owned(), "/t/A?x=1&sign_in=away".to_owned()));
    }
}
