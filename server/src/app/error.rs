//! What a use case answers when it does not do what was asked. Knows no transport: a border turns it
//! into a problem document. A person sees the message, never a source.

use domain::time::{Millis, rfc3339};
use serde_json::{Map, Value, json};

use crate::store::StoreError;
use crate::vault::VaultError;

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Path of the field in the body, e.g. `applicant.id_number`.
    pub field: String,
    /// Stable code.
    pub code: String,
    /// For people.
    pub message: String,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in, or the token is not good.
    #[error("unauthorised")]
    Unauthorised {
        /// Stable code.
        code: &'static str,
        /// For people.
        message: &'static str,
    },
    /// There is no such thing among the sites of the caller.
    #[error("not found")]
    NotFound,
    /// There is no such thing yet, under a code that says what to do about it.
    #[error("absent: {code}")]
    Absent {
        /// Stable code.
        code: &'static str,
        /// For people.
        message: String,
    },
    /// The caller has no right to it.
    #[error("forbidden: {code}")]
    Forbidden {
        /// Stable code.
        code: &'static str,
        /// For people: who may, and how to ask.
        message: String,
    },
    /// Fields are wrong; all of them are named.
    #[error("invalid")]
    Invalid(Vec<FieldError>),
    /// A rule says no.
    #[error("refused: {code}")]
    Refused {
        /// Stable code.
        code: String,
        /// For people.
        message: String,
        /// Figures beside it, e.g. `opens_at`.
        facts: Map<String, Value>,
    },
    /// Too many wrong tries.
    #[error("too many")]
    TooMany {
        /// When it may be tried again.
        until: Millis,
    },
    /// The hall is written elsewhere, or the store cannot take it now.
    #[error("unavailable: {code}")]
    Unavailable {
        /// Stable code.
        code: &'static str,
        /// For people.
        message: &'static str,
    },
    /// Something below failed; the trace id leads to the log.
    #[error("internal: {0}")]
    Internal(String),
}

/// Result of a use case.
pub type Answer<T> = Result<T, AppError>;

impl AppError {
    /// A rule's refusal without figures.
    #[must_use]
    pub fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::Refused { code: code.to_owned(), message: message.into(), facts: Map::new() }
    }

    /// One wrong field.
    #[must_use]
    pub fn field(field: &str, code: &str, message: &str) -> Self {
        Self::Invalid(vec![FieldError { field: field.to_owned(), code: code.to_owned(), message: message.to_owned() }])
    }

    /// The HTTP-like status: also kept with an idempotency key.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Unauthorised { .. } => 401,
            Self::NotFound | Self::Absent { .. } => 404,
            Self::Forbidden { .. } => 403,
            Self::Invalid(_) => 422,
            Self::Refused { .. } => 409,
            Self::TooMany { .. } => 429,
            Self::Unavailable { .. } => 503,
            Self::Internal(_) => 500,
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Unauthorised { code, .. } | Self::Absent { code, .. } | Self::Forbidden { code, .. } | Self::Unavailable { code, .. } => {
                code
            }
            Self::NotFound => "not_found",
            Self::Invalid(_) => "invalid",
            Self::Refused { code, .. } => code,
            Self::TooMany { .. } => "too_many_tries",
            Self::Internal(_) => "internal",
        }
    }

    /// For people, in Chinese.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Unauthorised { message, .. } | Self::Unavailable { message, .. } => (*message).to_owned(),
            Self::NotFound => "没有找到".to_owned(),
            Self::Absent { message, .. } | Self::Forbidden { message, .. } | Self::Refused { message, .. } => message.clone(),
            Self::Invalid(errors) => format!("还有 {} 处要改", errors.len()),
            Self::TooMany { .. } => "试的次数太多了，请过一会儿再试".to_owned(),
            Self::Internal(_) => "没存上，您填的都还在。请再试一次，还不行就把下面的编号告诉管理员".to_owned(),
        }
    }

    /// The problem document of RFC 9457 without its trace id.
    #[must_use]
    pub fn problem(&self) -> Value {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!(format!("urn:yichuang:problem:{}", self.code())));
        body.insert("title".to_owned(), json!(title(self.status())));
        body.insert("status".to_owned(), json!(self.status()));
        body.insert("code".to_owned(), json!(self.code()));
        body.insert("detail".to_owned(), json!(self.message()));
        match self {
            Self::Invalid(errors) => {
                body.insert("errors".to_owned(), json!(errors));
            }
            Self::Refused { facts, .. } => body.extend(facts.clone()),
            Self::TooMany { until } => {
                body.insert("retry_at".to_owned(), json!(rfc3339(*until)));
            }
            _ => {}
        }
        Value::Object(body)
    }
}

fn title(status: u16) -> &'static str {
    match status {
        401 => "请先登录",
        403 => "没有权限",
        404 => "没有找到",
        409 => "现在不能这样做",
        422 => "填写有误",
        429 => "请稍后再试",
        503 => "暂时不能办理",
        _ => "系统出错",
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Unavailable { code: "busy", message: "现在人太多，请稍等再试" },
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<VaultError> for AppError {
    fn from(error: VaultError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<serde_json::Error> for AppError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("stored document: {error}"))
    }
}

impl From<domain::hall::Refusal> for AppError {
    fn from(refusal: domain::hall::Refusal) -> Self {
        use domain::hall::Refusal;
        let mut facts = Map::new();
        match &refusal {
            Refusal::UnknownLine { .. } | Refusal::UnknownWindow { .. } | Refusal::UnknownTicket { .. } => return Self::NotFound,
            Refusal::ConfigurationInvalid { field, text } => return Self::field(field, refusal.code(), text),
            Refusal::ScheduleInvalid { text } => return Self::field("effective_from", refusal.code(), text),
            Refusal::HallClosed { opens_at } => {
                facts.insert("opens_at".to_owned(), json!(opens_at.map(rfc3339)));
            }
            Refusal::NumbersOver { closes_at, opens_at } => {
                facts.insert("closes_at".to_owned(), json!(rfc3339(*closes_at)));
                facts.insert("opens_at".to_owned(), json!(opens_at.map(rfc3339)));
            }
            Refusal::SectionFull { next_at, .. } => {
                facts.insert("next_at".to_owned(), json!(next_at.map(rfc3339)));
            }
            Refusal::NoWindow { guide_text } => {
                facts.insert("guide_text".to_owned(), json!(guide_text));
            }
            _ => {}
        }
        Self::Refused { code: refusal.code().to_owned(), message: refusal.message(), facts }
    }
}

impl From<domain::appointment::Refusal> for AppError {
    fn from(refusal: domain::appointment::Refusal) -> Self {
        use domain::appointment::Refusal;
        let mut facts = Map::new();
        match &refusal {
            Refusal::CheckInTooEarly { opens_at } => {
                facts.insert("opens_at".to_owned(), json!(rfc3339(*opens_at)));
            }
            Refusal::BlockedAfterNoShows { until } => {
                facts.insert("until".to_owned(), json!(rfc3339(*until)));
            }
            Refusal::DayClosed { why } => {
                facts.insert("why".to_owned(), json!(why.code()));
            }
            _ => {}
        }
        Self::Refused { code: refusal.code().to_owned(), message: refusal.message(), facts }
    }
}

impl From<domain::case::Refusal> for AppError {
    fn from(refusal: domain::case::Refusal) -> Self {
        use domain::case::{Refusal, RefusalClass};
        let mut facts = Map::new();
        match &refusal {
            Refusal::MaterialsMissing { materials } => {
                facts.insert("materials".to_owned(), json!(materials));
            }
            Refusal::OtherSlot { slot } => {
                facts.insert("slot".to_owned(), json!(slot));
            }
            _ => {}
        }
        match refusal.class() {
            RefusalClass::Forbidden => Self::Forbidden { code: refusal.code(), message: refusal.message() },
            RefusalClass::Invalid => Self::field(refusal.field().unwrap_or_default(), refusal.code(), &refusal.message()),
            RefusalClass::Conflict => Self::Refused { code: refusal.code().to_owned(), message: refusal.message(), facts },
        }
    }
}

/// Collects field errors, so that all of them are told at once.
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Adds one.
    pub fn add(&mut self, field: &str, code: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), code: code.to_owned(), message: message.into() });
    }

    /// Whether something is wrong with a field already.
    #[must_use]
    pub fn names(&self, field: &str) -> bool {
        self.0.iter().any(|error| error.field == field)
    }

    /// `value` if there is one, else an error on the field.
    pub fn some<T>(&mut self, value: Option<T>, field: &str, code: &str, message: &str) -> Option<T> {
        if value.is_none() {
            self.add(field, code, message);
        }
        value
    }

    /// How many were wrong so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything that was wrong.
    #[must_use]
    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }

    /// `Err` with everything that was wrong.
    ///
    /// # Errors
    /// When a field was wrong.
    pub fn check(self) -> Answer<()> {
        if self.0.is_empty() { Ok(()) } else { Err(AppError::Invalid(self.0)) }
    }
}
