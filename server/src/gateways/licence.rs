//! The licence platform by HTTP: POST the licence as JSON, signed (`signature`), the answer holds its 电子证照标识. The
//! request id is the certificate's, so a platform that was asked twice can answer the same twice.

use async_trait::async_trait;
use domain::codes::is_licence_identifier;
use serde::Deserialize;

use super::outgoing::{Endpoint, Posted, judge, plain_code};
use super::signature::Signer;
use super::{Fault, Licence, LicencePlatform};

/// The platform at an address.
#[derive(Debug, Clone)]
pub struct HttpLicencePlatform {
    endpoint: Endpoint,
    signer: Signer,
}

/// What the platform answers.
#[derive(Debug, Deserialize)]
struct PlatformAnswer {
    identifier: Option<String>,
    /// Why it refuses.
    code: Option<String>,
}

impl HttpLicencePlatform {
    /// A platform at an address, with the secret it shares with us.
    #[must_use]
    pub fn new(endpoint: Endpoint, secret: &str) -> Self {
        Self { endpoint, signer: Signer::new(secret) }
    }
}

#[async_trait]
impl LicencePlatform for HttpLicencePlatform {
    async fn upload(&self, licence: &Licence) -> Result<String, Fault> {
        let body = serde_json::to_string(licence).map_err(|_| Fault::lasting("request"))?;
        let id = &licence.request_id;
        let headers = self.signer.headers(id, &body);
        let (status, answer) = self.endpoint.post(&Posted { below: "", id, headers: &headers, body }).await?;
        let answer: PlatformAnswer = serde_json::from_slice(&answer).unwrap_or(PlatformAnswer { identifier: None, code: None });
        judge(status).map_err(|fault| match answer.code.filter(|_| fault.is_final) {
            Some(code) => Fault::lasting(plain_code(&code)),
            None => fault,
        })?;
        let identifier = answer.identifier.ok_or_else(|| Fault::passing("answer_unreadable"))?;
        let names_ours = identifier.starts_with(&format!("1.2.156.3005.2.{}.{}.", licence.licence_type, licence.issuer));
        // An identifier with a wrong check character, or of another licence, would be printed and never verify.
        if is_licence_identifier(&identifier) && names_ours { Ok(identifier) } else { Err(Fault::lasting("bad_identifier")) }
    }
}
