//! What lies outside the house, one port each: messages by mail, SMS, WeChat and webhook, the licence platform, the
//! platform of the level above.
//!
//! Architecture Invariant: a gateway knows no use case and no store; it takes what it is given and
//! says how it ended. Requests go to the address that the operator configured and nowhere else.

mod email;
mod identity;
mod licence;
mod outgoing;
mod signature;
mod sink;
mod sms;
mod upper;
mod webhook;
mod wechat;

pub use email::{Mailer, Smtp, SmtpFault};
pub use identity::{OidcFault, OidcPlatform, OidcSettings};
pub use licence::HttpLicencePlatform;
pub use outgoing::{Endpoint, EndpointFault};
pub use signature::{SIGNATURE_HEADER, Signer, TIMESTAMP_HEADER};
pub use sink::{Sink, SinkOnly, WithSink};
pub use sms::{HttpSms, SmsSettings};
pub use upper::{CaseRange, HttpUpperPlatform, Push, UpperCase, UpperCases, all_cases};
pub use webhook::Webhook;
pub use wechat::{Wechat, WechatSettings, is_openid};

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A message to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The same for every try, so that a receiver can tell a second one.
    pub id: String,
    /// Mail address, phone or openid.
    pub to: String,
    /// What it is about; mails only.
    pub subject: String,
    /// The words.
    pub text: String,
    /// The page that the words lead to; empty for none. It stands in the words too.
    pub link: String,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why something outside did not go well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct Fault {
    /// Stable code; free of what was sent.
    pub code: String,
    /// Whether trying again cannot help.
    pub is_final: bool,
}

impl Fault {
    /// Trying again may help.
    #[must_use]
    pub fn passing(code: impl Into<String>) -> Self {
        Self { code: code.into(), is_final: false }
    }

    /// Trying again cannot help.
    #[must_use]
    pub fn lasting(code: impl Into<String>) -> Self {
        Self { code: code.into(), is_final: true }
    }
}

/// Sends messages by one channel.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Sends a message; `Ok` when the other side took it.
    async fn send(&self, message: &Message) -> Result<(), Fault>;
}

/// A licence to be uploaded.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// The same for every try of one certificate.
    pub request_id: String,
    /// Type code of the platform, 21 characters.
    pub licence_type: String,
    /// 统一社会信用代码 of the issuing authority.
    pub issuer: String,
    /// Name of the issuing authority.
    pub issuer_name: String,
    /// Name of the document.
    pub name: String,
    /// Number printed on it.
    pub number: String,
    /// First day of validity.
    pub valid_from: Option<String>,
    /// Last day of validity.
    pub valid_to: Option<String>,
    /// Whose it is.
    pub holder_name: String,
    /// Kind of the holder's document.
    pub holder_id_type: String,
    /// Its number.
    pub holder_id_number: String,
}

impl std::fmt::Debug for Licence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Licence").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}

/// The licence platform.
#[async_trait]
pub trait LicencePlatform: Send + Sync {
    /// Uploads a licence; the 电子证照标识 that the platform gave it.
    async fn upload(&self, licence: &Licence) -> Result<String, Fault>;
}

/// What only the browser that signs in and the platform know of each other.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInSecrets {
    /// Comes back with the code.
    pub state: String,
    /// Comes back in the signed token.
    pub nonce: String,
    /// Proves that who exchanges the code began it (PKCE).
    pub verifier: String,
}

impl std::fmt::Debug for SignInSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignInSecrets(…)")
    }
}

/// Who somebody is by an identity platform's signed word.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The phone that the platform vouches for.
    pub phone: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The number of the identity card.
    pub id_number: Option<String>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// A platform that says who somebody is (统一身份认证).
#[async_trait]
pub trait IdentityPlatform: Send + Sync {
    /// What the button says.
    fn label(&self) -> &str;
    /// Where a browser is sent to.
    async fn address(&self, secrets: &SignInSecrets, now: domain::time::Millis) -> Result<String, Fault>;
    /// Who came back with a code; a lasting fault where that is not proved.
    async fn identify(&self, code: &str, secrets: &SignInSecrets, now: domain::time::Millis) -> Result<Identity, Fault>;
}

/// The platform of the level above.
#[async_trait]
pub trait UpperPlatform: Send + Sync {
    /// Hands a row up; `Ok` when the platform has it.
    async fn push(&self, push: &Push) -> Result<(), Fault>;
    /// What the platform knows of our cases, a page by number.
    async fn cases(&self, range: &CaseRange) -> Result<UpperCases, Fault>;
    /// How a case stands that the platform handles itself; `None` for a number it does not know.
    async fn case(&self, number: &str) -> Result<Option<UpperCase>, Fault>;
}

/// The gateways that are configured.
#[derive(Clone, Default)]
pub struct Gateways {
    /// Mails.
    pub email: Option<Arc<dyn Messenger>>,
    /// SMS.
    pub sms: Option<Arc<dyn Messenger>>,
    /// WeChat.
    pub wechat: Option<Arc<dyn Messenger>>,
    /// A system of the operator's own.
    pub webhook: Option<Arc<dyn Messenger>>,
    /// Licences.
    pub licences: Option<Arc<dyn LicencePlatform>>,
    /// 统一社会信用代码 of the issuing authority.
    pub licence_issuer: Option<String>,
    /// The platform of the level above.
    pub upper: Option<Arc<dyn UpperPlatform>>,
    /// Messages a minute by channel; a channel that is not named has no limit.
    pub per_minute: std::collections::BTreeMap<String, u32>,
}

impl Gateways {
    /// The gateway of a channel.
    #[must_use]
    pub fn messenger(&self, channel: &str) -> Option<&Arc<dyn Messenger>> {
        match channel {
            "email" => self.email.as_ref(),
            "sms" => self.sms.as_ref(),
            "wechat" => self.wechat.as_ref(),
            "webhook" => self.webhook.as_ref(),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Gateways {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateways")
            .field("email", &self.email.is_some())
            .field("sms", &self.sms.is_some())
            .field("wechat", &self.wechat.is_some())
            .field("webhook", &self.webhook.is_some())
            .field("licences", &self.licences.is_some())
            .field("upper", &self.upper.is_some())
            .finish_non_exhaustive()
    }
}
