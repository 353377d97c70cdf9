//! Citizens sign in with a code that comes by SMS: six digits, five minutes, five tries, once. The code is made from
//! a random id with the key of the blind index and stored nowhere. Knows nothing of what they apply for.

use domain::codes::{mask_phone, phone};
use domain::ids::{CitizenId, SignInCodeId};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis, local_date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::caller::CitizenCaller;
use super::error::{Answer, AppError, FieldErrors};
use super::fresh::{id_tail, token};
use super::notices::Words;
use super::notifications::NewNotification;
use super::persons::PersonInput;
use super::throttle::Throttle;
use crate::store::{AlertRow, ChangeSet, CitizenRow, CitizenSessionRow, NotificationRow, SignInCodeRow, StoreError};
use crate::vault::sha256;

/// A code is good for so long.
const CODE_MS: Millis = 5 * MINUTE_MS;
/// A phone gets the next code no earlier than this after the last.
const RESEND_MS: Millis = MINUTE_MS;
/// Codes for one phone within a day.
const CODES_A_DAY_MAX: i64 = 10;
/// Codes asked for from one address within a quarter of an hour; behind one address may stand a whole hall.
const CODES_AN_ADDRESS_MAX: u32 = 30;
/// Wrong codes until another has to be asked for.
const TRIES_MAX: i64 = 5;
const CODE_DIGITS: usize = 6;
/// A session unused for this long is over.
pub const CITIZEN_IDLE_MS_MAX: Millis = 30 * MINUTE_MS;
/// A session this old is over.
pub const CITIZEN_ABSOLUTE_MS_MAX: Millis = 12 * HOUR_MS;
/// A session is written as used at most this often.
const TOUCH_MS_MIN: Millis = MINUTE_MS;
/// Codes and phones that nobody signed in with are forgotten after this.
const KEEP_MS: Millis = 2 * DAY_MS;
/// The message with the code.
pub const SIGN_IN_CODE: &str = "sign_in_code";

/// Codes asked for by address.
#[derive(Debug)]
pub(super) struct CodeRequests(Throttle);

impl Default for CodeRequests {
    fn default() -> Self {
        Self(Throttle::of(CODES_AN_ADDRESS_MAX))
    }
}

/// Body of `POST /citizens/codes`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    /// Mobile phone, 11 digits.
    pub phone: String,
}

/// A code is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CodeSentView {
    /// How long it is good, seconds.
    pub expires_in_s: i64,
    /// When another one can be asked for, seconds.
    pub resend_in_s: i64,
}

/// Body of `POST /citizens/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CitizenSignIn {
    /// The phone that got the code.
    pub phone: String,
    /// The code.
    pub code: String,
    /// Give the token in the answer instead of a cookie, for programs that keep none.
    pub bearer: Option<bool>,
}

/// A citizen as told to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CitizenView {
    /// `138****2046`.
    pub phone: String,
}

fn wrong_code() -> AppError {
    AppError::Unauthorised { code: "wrong_code", message: "验证码不对，或者过期了；看看短信，也可以再要一个" }
}

fn over() -> AppError {
    AppError::Unauthorised { code: "session_over", message: "登录过期了，请再登录一次；您填的都还在" }
}

/// A phone that can take an SMS.
pub(super) fn mobile(field: &str, text: &str, errors: &mut FieldErrors) -> String {
    match phone(text) {
        Ok(number) if number.len() == 11 && number.starts_with('1') => return number,
        Ok(_) => errors.add(field, "not_mobile", "要手机号，座机收不到短信"),
        Err(fault) => errors.add(field, fault.code(), fault.message()),
    }
    String::new()
}

impl App {
    pub(super) fn citizen_index(&self, phone: &str) -> Vec<u8> {
        self.vault.blind_index("citizen_phone", phone)
    }

    /// The digits of a code: whoever has the id alone knows nothing of them.
    fn code_digits(&self, id: &str) -> String {
        let secret = self.vault.blind_index("sign_in_code", id);
        let number = secret.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        format!("{:0width$}", number % 1_000_000, width = CODE_DIGITS)
    }

    /// Sends a fresh code to a phone, asked for `from` an address; an earlier one is no longer good.
    ///
    /// # Errors
    /// A phone that takes no SMS; too many for the phone or the address.
    pub async fn send_sign_in_code(&self, request: &CodeRequest, from: &str) -> Answer<CodeSentView> {
        let mut errors = FieldErrors::default();
        let phone = mobile("phone", &request.phone, &mut errors);
        errors.check()?;
        let now = self.now();
        self.code_requests.0.check(from, now)?;
        let index = self.citizen_index(&phone);
        // Two requests for one phone in the same moment are one code.
        let line = self.openings.of("sign-in codes");
        let _turn = line.lock().await;
        let known = self.stores.citizens.sign_in_code(&index).await?;
        let (counted_from, sent) = match &known {
            Some(row) if now - row.created_at < RESEND_MS => return Err(AppError::TooMany { until: row.created_at + RESEND_MS }),
            Some(row) if now - row.counted_from < DAY_MS => (row.counted_from, row.sent),
            _ => (now, 0),
        };
        if sent >= CODES_A_DAY_MAX {
            return Err(AppError::TooMany { until: counted_from + DAY_MS });
        }
        self.code_requests.0.wrong(from, now);
        let (set, row) = self.code_set(&phone, index, known, (counted_from, sent + 1)).await?;
        self.commit(set).await?;
        Ok(CodeSentView { expires_in_s: (row.expires_at - now) / 1000, resend_in_s: RESEND_MS / 1000 })
    }

    async fn code_set(
        &self,
        phone: &str,
        phone_index: Vec<u8>,
        known: Option<SignInCodeRow>,
        (counted_from, sent): (Millis, i64),
    ) -> Answer<(ChangeSet, SignInCodeRow)> {
        let now = self.now();
        let (site_id, site_key) = self.citizens_site()?;
        let mut set = ChangeSet::new(&site_id);
        let citizen = self.stores.citizens.citizen_by_phone(&phone_index).await?.map(|row| row.person_id);
        let person_id = match citizen.or_else(|| known.map(|row| row.person_id)) {
            Some(id) => id,
            None => {
                let input = PersonInput { kind: "person".to_owned(), phone: Some(phone.to_owned()), ..PersonInput::default() };
                let person = self.new_person(&site_key, "", &input, false, &mut FieldErrors::default())?;
                let mut person = person.ok_or_else(|| AppError::field("phone", "form", "手机号不对"))?.row;
                // A phone that only asked for a code is nobody of whom a window knows.
                person.phone_index = None;
                let id = person.id.clone();
                set.row(person);
                id
            }
        };
        let id = SignInCodeId::new(&site_key, &id_tail(self.entropy.as_ref(), now)).to_string();
        let new = NewNotification {
            site_id: &site_id,
            site_key: &site_key,
            about_id: &id,
            person_id: &person_id,
            channel: "sms",
            template: SIGN_IN_CODE,
        };
        self.owe_notification(&new, &mut set);
        let row = SignInCodeRow {
            phone_index,
            site_id: site_id.clone(),
            created_at: now,
            expires_at: now + CODE_MS,
            tries: 0,
            used_at: None,
            counted_from,
            sent,
            person_id,
            id,
        };
        set.row(row.clone());
        Ok((set, row))
    }

    /// What the message with a code says now; `None` when it is too late for it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn code_words(&self, id: &SignInCodeId) -> Answer<Option<Words>> {
        let row = self.stores.citizens.sign_in_code_by_id(id.as_str()).await?;
        let is_good = row.is_some_and(|row| row.used_at.is_none() && row.expires_at > self.now());
        Ok(is_good.then(|| Words {
            subject: "【一窗】验证码".to_owned(),
            text: format!(
                "【一窗】验证码 {}，5 分钟内有效，用来登录网上申请。不要告诉别人，工作人员也不会问您要。",
                self.code_digits(id.as_str())
            ),
        }))
    }

    /// Signs a citizen in: a fresh token and who it is for.
    ///
    /// # Errors
    /// Field errors; a code that is wrong, used or too old, all the same; after five wrong ones, too many.
    pub async fn sign_in_citizen(&self, request: &CitizenSignIn) -> Answer<(String, CitizenView)> {
        let mut errors = FieldErrors::default();
        let phone = mobile("phone", &request.phone, &mut errors);
        let code: String = request.code.chars().filter(|c| !c.is_whitespace()).collect();
        if code.len() != CODE_DIGITS || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            errors.add("code", "form", "验证码是 6 位数字");
        }
        errors.check()?;
        let (now, index) = (self.now(), self.citizen_index(&phone));
        let row = self.stores.citizens.sign_in_code(&index).await?.ok_or_else(wrong_code)?;
        if row.tries >= TRIES_MAX && row.used_at.is_none() && row.expires_at > now {
            return Err(AppError::TooMany { until: (row.created_at + RESEND_MS).max(now) });
        }
        // The try is counted before the code is looked at, so that no two requests share one.
        if !self.stores.citizens.take_try(&row.id, TRIES_MAX, now).await?
            || code != self.code_digits(&row.id)
            || !self.stores.citizens.use_code(&row.id, now).await?
        {
            return Err(wrong_code());
        }
        let citizen = self.citizen_of(&row).await?;
        Ok((self.begin_citizen_session(&citizen).await?, CitizenView { phone: mask_phone(&phone) }))
    }

    /// A session of a citizen who has proved to be one: its token.
    pub(super) async fn begin_citizen_session(&self, citizen: &CitizenRow) -> Answer<String> {
        let (token, now) = (token(self.entropy.as_ref()), self.now());
        let session =
            CitizenSessionRow { token_hash: sha256(token.as_bytes()), citizen_id: citizen.id.clone(), created_at: now, seen_at: now };
        self.stores.citizens.add_citizen_session(&session).await?;
        Ok(token)
    }

    /// The site that keeps citizens' phones, and its key.
    pub(super) fn citizens_site(&self) -> Answer<(String, String)> {
        let listing = self.directory.get();
        let site = listing.sites.values().find(|site| site.parent_id.is_none());
        let site = site.ok_or(AppError::Unavailable { code: "not_set_up", message: "这里还没有开通网上申请" })?;
        Ok((site.id.clone(), site.key.clone()))
    }

    /// The citizen behind a phone that has proved itself; made at the first time.
    async fn citizen_of(&self, code: &SignInCodeRow) -> Answer<CitizenRow> {
        if let Some(citizen) = self.stores.citizens.citizen_by_phone(&code.phone_index).await? {
            return Ok(citizen);
        }
        let key = self.directory.get().site(&code.site_id)?.key.clone();
        let citizen = CitizenRow {
            id: CitizenId::new(&key, &id_tail(self.entropy.as_ref(), self.now())).to_string(),
            phone_index: code.phone_index.clone(),
            site_id: code.site_id.clone(),
            person_id: code.person_id.clone(),
            created_at: self.now(),
        };
        let mut set = ChangeSet::new(&code.site_id);
        set.row(citizen.clone());
        match self.commit(set).await {
            Ok(_) => Ok(citizen),
            Err(StoreError::Duplicate(_)) => {
                self.stores.citizens.citizen_by_phone(&code.phone_index).await?.ok_or_else(|| AppError::Internal("citizen".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The citizen behind a session's token; the session counts as used.
    ///
    /// # Errors
    /// When the token is unknown or the session is over.
    pub async fn citizen_caller(&self, token: &str) -> Answer<CitizenCaller> {
        let session = self.stores.citizens.citizen_session(&sha256(token.as_bytes())).await?.ok_or_else(over)?;
        let now = self.now();
        if now - session.seen_at > CITIZEN_IDLE_MS_MAX || now - session.created_at > CITIZEN_ABSOLUTE_MS_MAX {
            self.stores.citizens.end_citizen_session(&session.token_hash).await?;
            return Err(over());
        }
        if now - session.seen_at > TOUCH_MS_MIN {
            self.stores.citizens.touch_citizen_session(&session.token_hash, now).await?;
        }
        let row = self.stores.citizens.citizen(&session.citizen_id).await?.ok_or_else(over)?;
        let id = CitizenId::parse(&row.id).ok_or_else(|| AppError::Internal(format!("citizen {}", row.id)))?;
        Ok(CitizenCaller { id, site_id: row.site_id, person_id: row.person_id, session: session.token_hash })
    }

    /// The whole phone of a citizen, for the citizen's own application.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) async fn citizen_phone(&self, citizen: &CitizenCaller) -> Answer<String> {
        Ok(self.person_data(&citizen.site_id, &citizen.person_id).await?.phone.unwrap_or_default())
    }

    /// A citizen as told to the page.
    ///
    /// # Errors
    /// When the phone cannot be opened.
    pub async fn citizen_view(&self, citizen: &CitizenCaller) -> Answer<CitizenView> {
        Ok(CitizenView { phone: mask_phone(&self.citizen_phone(citizen).await?) })
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_out_citizen(&self, citizen: &CitizenCaller) -> Answer<()> {
        Ok(self.stores.citizens.end_citizen_session(&citizen.session).await?)
    }

    /// Forgets codes and sessions that are long over, and phones that nobody signed in with.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_sign_ins(&self) -> Answer<()> {
        Ok(self.stores.citizens.forget_sign_ins_before(self.now() - KEEP_MS).await?)
    }
}

/// One alert a site and day, however many codes do not go out.
pub(super) fn code_alert(row: &NotificationRow, now: Millis) -> AlertRow {
    AlertRow {
        site_id: row.site_id.clone(),
        id: format!("al_{}-codes-{}", row.site_id, local_date(now)),
        kind: "codes_failed".to_owned(),
        level: "yellow".to_owned(),
        object_id: row.site_id.clone(),
        text: "登录验证码的短信没有发出去，群众登录不了网上申请，请看短信平台".to_owned(),
        at: now,
        settled_at: None,
        audience: String::new(),
    }
}
