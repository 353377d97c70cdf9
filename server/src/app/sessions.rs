//! Signing in and out: opaque tokens, argon2id, back-off per account, idle and absolute ends.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use chrono::NaiveDate;
use domain::case::{Basis, Staff};
use domain::ids::{DepartmentId, SiteId, StaffId, is_practice};
use domain::people::{Engagement, Source};
use domain::rights::Role;
use domain::time::{HOUR_MS, MINUTE_MS, Millis, local_date, start_of};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::caller::{Caller, DeviceCaller, StaffCaller};
use super::error::{Answer, AppError, FieldErrors};
use super::fresh::token;
use super::staff::BasisView;
use crate::store::{SessionRow, StaffRow};
use crate::vault::sha256;

/// A session unused for this long is over.
pub const IDLE_MS_MAX: Millis = 30 * MINUTE_MS;
/// A session this old is over.
pub const ABSOLUTE_MS_MAX: Millis = 12 * HOUR_MS;
/// Wrong passwords in a row, from wherever, before an account is locked for everybody. Far above what
/// one place may try: a stranger must not lock a clerk out of the own window.
const FAILURES_FREE: i64 = 50;
/// First lock-out; doubled with each further failure.
const LOCK_MS_FIRST: Millis = MINUTE_MS;
/// Longest lock-out.
const LOCK_MS_MAX: Millis = 15 * MINUTE_MS;
/// A session is written as used at most this often.
const TOUCH_MS_MIN: Millis = MINUTE_MS;
/// A device is looked at again at least this often.
const DEVICE_KNOWN_MS: Millis = MINUTE_MS;
const PASSWORD_BYTES_MAX: usize = 200;

/// Body of `POST /sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Login name.
    pub username: String,
    /// Password.
    pub password: String,
}

/// A member of staff as told to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StaffView {
    /// The person.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Roles held.
    pub roles: Vec<String>,
    /// Home site.
    pub site_id: String,
    /// Own department.
    pub department_id: Option<String>,
    /// Whether the password was given out for one sign-in and must be changed before anything else.
    pub must_change_password: bool,
    /// Whether this browser practises: `site_id` is then a practice hall, and nothing done there counts.
    pub practice: bool,
    /// In whose name the person decides, by which document and until when.
    pub bases: Vec<BasisView>,
}

/// What the account's document keeps beside the columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffDoc {
    /// Whether 即办件 may be decided at the window.
    #[serde(default)]
    pub decides_instant: bool,
    /// 外包.
    #[serde(default)]
    pub outsourced: bool,
    /// What an approver decides on.
    #[serde(default)]
    pub bases: Vec<Basis>,
    /// Last day of access, as a vendor's contract says; `None` is open-ended.
    #[serde(default)]
    pub access_until: Option<NaiveDate>,
    /// The password was given out for one sign-in, and is good until then, UTC milliseconds.
    #[serde(default)]
    pub one_time_until: Option<Millis>,
    /// Where the person comes from; `None` was never said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engagement: Option<Engagement>,
    /// B角: who goes on with what the person claimed, on days of leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover_id: Option<StaffId>,
    /// The person's photo, by its content (`app/public_files`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
}

impl StaffDoc {
    /// Whether the account may be used at an instant: neither is its last day over, nor a vendor's contract.
    pub(super) fn has_access(&self, now: Millis) -> bool {
        let today = local_date(now);
        self.access_until.is_none_or(|last| today <= last) && self.engagement.as_ref().is_none_or(|of| of.admits(today))
    }

    /// Last day of access by both; `None` is open-ended.
    pub(super) fn last_day(&self) -> Option<NaiveDate> {
        let contract = self.engagement.as_ref().and_then(Engagement::last_day);
        self.access_until.into_iter().chain(contract).min()
    }

    /// Where the person comes from, as far as it was said.
    pub(super) fn source(&self) -> Source {
        let said = self.engagement.as_ref().map(|of| of.source);
        said.unwrap_or(if self.outsourced { Source::Outsourced } else { Source::Centre })
    }

    /// 外包, whichever way it was said: no exports.
    fn is_outsourced(&self) -> bool {
        self.outsourced || self.source() == Source::Outsourced
    }
}

/// Hashes a password with argon2id.
///
/// # Errors
/// When the library refuses.
pub fn hash_password(password: &str) -> Answer<String> {
    hash_with(&Argon2::default(), password)
}

/// Hashes a password of the sample, which everybody can read: work on guessing it would only keep the demonstration
/// from starting. Whoever changes it has it hashed as every other.
pub(super) fn hash_sample_password(password: &str) -> Answer<String> {
    let least = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None);
    let least = least.map_err(|error| AppError::Internal(format!("password: {error}")))?;
    hash_with(&Argon2::new(Algorithm::Argon2id, Version::V0x13, least), password)
}

fn hash_with(argon2: &Argon2<'_>, password: &str) -> Answer<String> {
    let hash = argon2.hash_password(password.as_bytes()).map_err(|error| AppError::Internal(format!("password: {error}")))?;
    Ok(hash.to_string())
}

pub(super) fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

fn wrong() -> AppError {
    AppError::Unauthorised { code: "wrong_password", message: "用户名或密码不对" }
}

/// Whether an account can be signed in to: it is in use, and no one-time password is over. That the access ended is
/// told to who knows the password, and to nobody else.
fn is_usable(row: &StaffRow, now: Millis) -> bool {
    let doc = serde_json::from_str::<StaffDoc>(&row.doc).unwrap_or_default();
    row.active && doc.one_time_until.is_none_or(|until| now <= until)
}

impl App {
    /// Signs in: gives a fresh token and who it is for.
    ///
    /// # Errors
    /// Wrong name or password (the same answer for both), a lock-out of this account `from` this place, access or
    /// a contract that is over.
    pub async fn sign_in(&self, request: SignIn, from: &str) -> Answer<(String, StaffView)> {
        let mut errors = FieldErrors::default();
        for (value, field, message) in [(&request.username, "username", "写上用户名"), (&request.password, "password", "写上密码")]
        {
            if value.is_empty() || value.len() > PASSWORD_BYTES_MAX {
                errors.add(field, "missing", message);
            }
        }
        errors.check()?;
        let now = self.now();
        let key = format!("{} {from}", request.username);
        self.brake.begin(&key, now)?;
        let _turn = self.brake.turn().await?;
        let found = self.stores.staff.staff_by_username(&request.username).await?.filter(|row| is_usable(row, now));
        if let Some(row) = found.as_ref().filter(|row| row.locked_until > now) {
            return Err(AppError::TooMany { until: row.locked_until });
        }
        // An unknown name costs the same time as a known one.
        let hash = found.as_ref().map_or_else(|| DUMMY_HASH.to_owned(), |row| row.password_hash.clone());
        let password = request.password;
        let good = tokio::task::spawn_blocking(move || verify(&password, &hash)).await.unwrap_or(false);
        match found {
            Some(row) if good => {
                self.brake.passed(&key);
                if !serde_json::from_str::<StaffDoc>(&row.doc)?.has_access(now) {
                    let message = "账号的使用期（合同）不在今天，登录不了，请找大厅主管";
                    return Err(AppError::Unauthorised { code: "access_ended", message });
                }
                self.begin_session(row, now).await
            }
            Some(row) => {
                let failures = row.failures + 1;
                let locked_until =
                    if failures < FAILURES_FREE { 0 } else { now + (LOCK_MS_FIRST << (failures - FAILURES_FREE).min(10)).min(LOCK_MS_MAX) };
                self.stores.staff.set_failures(&row.site_id, &row.id, failures, locked_until).await?;
                Err(wrong())
            }
            None => Err(wrong()),
        }
    }

    async fn begin_session(&self, row: StaffRow, now: Millis) -> Answer<(String, StaffView)> {
        if row.failures > 0 {
            self.stores.staff.set_failures(&row.site_id, &row.id, 0, 0).await?;
        }
        let token = token(self.entropy.as_ref());
        let session = SessionRow {
            token_hash: sha256(token.as_bytes()),
            site_id: row.site_id.clone(),
            staff_id: row.id.clone(),
            created_at: now,
            seen_at: now,
            practice_id: None,
        };
        self.stores.staff.add_session(&session).await?;
        Ok((token, self.staff_view(&row)?))
    }

    /// The caller behind a session token; the session counts as used.
    ///
    /// # Errors
    /// When the token is unknown or the session is over.
    pub async fn session_caller(&self, token: &str) -> Answer<Caller> {
        let over = || AppError::Unauthorised { code: "session_over", message: "登录过期了，请再登录一次；您填的都还在" };
        let (token_hash, now, listing) = (sha256(token.as_bytes()), self.now(), self.directory.get());
        if let Some(caller) = self.known_callers.get(&token_hash, now, &listing) {
            return Ok(caller);
        }
        let generation = self.known_callers.generation();
        let mut session = self.stores.staff.session(&token_hash).await?.ok_or_else(over)?;
        if now - session.seen_at > IDLE_MS_MAX || now - session.created_at > ABSOLUTE_MS_MAX {
            self.end_session(&session.token_hash).await?;
            return Err(over());
        }
        if now - session.seen_at > TOUCH_MS_MIN {
            self.stores.staff.touch_session(&session.token_hash, now).await?;
            session.seen_at = now;
        }
        let row = self.stores.staff.staff(&session.site_id, &session.staff_id).await?.filter(|row| row.active).ok_or_else(over)?;
        let doc: StaffDoc = serde_json::from_str(&row.doc)?;
        if !doc.has_access(now) {
            return Err(over());
        }
        let mut caller = self.staff_caller(&row, session.token_hash)?;
        if let Some(practice) = &session.practice_id {
            // Wiped meanwhile: nobody slides from there into the real hall without noticing.
            let Some(practice) = listing.practice.get(practice).and_then(|site| SiteId::parse(&site.id)) else {
                self.end_session(&caller.session).await?;
                return Err(AppError::Unauthorised {
                    code: "session_over", message: "练习结束了，练习的内容都清了，请再登录"
                });
            };
            caller.staff.subtree = vec![practice.clone()];
            caller.staff.site = practice;
        }
        let caller = Caller::Staff(Box::new(caller));
        if self.stores.commit.spans_sites() {
            // Then it is looked at again, and written as used.
            let looked_at = (session.seen_at + TOUCH_MS_MIN).min(session.created_at + ABSOLUTE_MS_MAX) + 1;
            let until = doc.last_day().and_then(|last| last.succ_opt()).map_or(looked_at, |over| looked_at.min(start_of(over)));
            self.known_callers.keep(generation, token_hash, &caller, (now, until), listing);
        }
        Ok(caller)
    }

    async fn end_session(&self, token_hash: &[u8]) -> Answer<()> {
        let ended = self.stores.staff.end_session(token_hash).await;
        self.known_callers.forget();
        Ok(ended?)
    }

    /// Ends every session of an account, but for the one that is `kept`.
    pub(super) async fn end_sessions_of(&self, site_id: &str, id: &str, kept: Option<&[u8]>) -> Answer<()> {
        let ended = self.stores.staff.end_sessions_of(site_id, id, kept).await;
        self.known_callers.forget();
        Ok(ended?)
    }

    /// A row of staff as a caller.
    ///
    /// # Errors
    /// When the row holds what is no member of staff.
    pub fn staff_caller(&self, row: &StaffRow, session: Vec<u8>) -> Answer<StaffCaller> {
        let bad = |what: &str| AppError::Internal(format!("staff {}: {what}", row.id));
        let doc: StaffDoc = serde_json::from_str(&row.doc)?;
        let roles: Vec<Role> = serde_json::from_str(&row.roles)?;
        let staff = Staff {
            id: StaffId::parse(&row.id).ok_or_else(|| bad("id"))?,
            roles,
            site: SiteId::parse(&row.site_id).ok_or_else(|| bad("site"))?,
            subtree: self.directory.get().subtree(&row.site_id),
            department: row.department_id.as_deref().and_then(DepartmentId::parse),
            decides_instant: doc.decides_instant,
            outsourced: doc.is_outsourced(),
            bases: doc.bases.clone(),
            covers: Vec::new(),
        };
        let must_change_password = doc.one_time_until.is_some();
        Ok(StaffCaller { staff, name: row.name.clone(), username: row.username.clone(), session, must_change_password })
    }

    /// Whether somebody's account may be used now.
    ///
    /// # Errors
    /// When the row holds what is no account.
    pub(super) fn may_sign_in(&self, row: &StaffRow) -> Answer<bool> {
        let doc: StaffDoc = serde_json::from_str(&row.doc)?;
        Ok(row.active && doc.has_access(self.now()))
    }

    /// The real home of somebody, also of who practises.
    ///
    /// # Errors
    /// When there is no such site any more.
    pub(super) fn real_site_of(&self, caller: &StaffCaller) -> Answer<String> {
        Ok(self.directory.get().site_of_key(caller.staff.id.site_key())?.id.clone())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_out(&self, caller: &StaffCaller) -> Answer<()> {
        self.end_session(&caller.session).await
    }

    /// The device behind a token.
    ///
    /// # Errors
    /// When the token is unknown or was revoked.
    pub async fn device_caller(&self, token: &str) -> Answer<Caller> {
        let unknown = || AppError::Unauthorised { code: "device_unknown", message: "这台设备还没有配对" };
        let (token_hash, now, listing) = (sha256(token.as_bytes()), self.now(), self.directory.get());
        if let Some(caller) = self.known_callers.get(&token_hash, now, &listing) {
            return Ok(caller);
        }
        let generation = self.known_callers.generation();
        let row = self.stores.devices.device_by_token(&token_hash).await?.ok_or_else(unknown)?;
        if row.revoked_at.is_some() {
            return Err(AppError::Unauthorised { code: "device_revoked", message: "这台设备已停用" });
        }
        let kind = serde_json::from_value(serde_json::Value::String(row.kind.clone()))?;
        let caller = Caller::Device(DeviceCaller { id: row.id, kind, site_id: row.site_id, window_id: row.window_id });
        if self.stores.commit.spans_sites() {
            self.known_callers.keep(generation, token_hash, &caller, (now, now + DEVICE_KNOWN_MS), listing);
        }
        Ok(caller)
    }
}

/// A hash nobody has the password of.
const DUMMY_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$MNzk5BtR2vUhrp6qQEjRNw8kvGPaySNmFZJKvcuvvVw";

impl App {
    /// A row of staff as told to the page.
    ///
    /// # Errors
    /// When the row's roles are no roles.
    fn staff_view(&self, row: &StaffRow) -> Answer<StaffView> {
        let roles: Vec<Role> = serde_json::from_str(&row.roles)?;
        let doc: StaffDoc = serde_json::from_str(&row.doc)?;
        Ok(StaffView {
            id: row.id.clone(),
            name: row.name.clone(),
            roles: roles.into_iter().map(|role| role.name().to_owned()).collect(),
            site_id: row.site_id.clone(),
            department_id: row.department_id.clone(),
            must_change_password: doc.one_time_until.is_some(),
            practice: false,
            bases: doc.bases.iter().map(|basis| self.basis_view(basis)).collect(),
        })
    }

    /// A caller as told to the page.
    #[must_use]
    pub fn caller_view(&self, caller: &StaffCaller) -> StaffView {
        StaffView {
            id: caller.staff.id.to_string(),
            name: caller.name.clone(),
            roles: caller.staff.roles.iter().map(|role| role.name().to_owned()).collect(),
            site_id: caller.staff.site.to_string(),
            department_id: caller.staff.department.as_ref().map(ToString::to_string),
            must_change_password: caller.must_change_password,
            practice: is_practice(caller.staff.site.as_str()),
            bases: caller.staff.bases.iter().map(|basis| self.basis_view(basis)).collect(),
        }
    }
}
