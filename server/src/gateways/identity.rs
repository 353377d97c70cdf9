//! An identity platform (统一身份认证) that speaks OpenID Connect: authorization code flow with PKCE, state and nonce. Its
//! metadata and keys are read when somebody first signs in with it, and kept for an hour, so that this service starts and
//! works while the platform is away.
//!
//! Architecture Invariant: knows no account and no session; says who somebody is by the platform's signed word, or why not.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use data_encoding::BASE64URL_NOPAD;
use domain::time::{HOUR_MS, Millis};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    TokenResponse,
};
use serde_json::Value;
use tokio::sync::Mutex;

use super::outgoing::{Endpoint, EndpointFault};
use super::{Fault, Identity, IdentityPlatform, SignInSecrets};

/// Metadata and keys are read anew after this.
const KNOWN_MS_MAX: Millis = HOUR_MS;
/// A platform that was away is asked again after this.
const AWAY_MS: Millis = 30_000;
/// One exchange may take so long, in milliseconds: somebody waits for it.
const EXCHANGE_MS_MAX: u64 = 6_000;
/// Characters of a claim that are taken.
const CLAIM_CHARS_MAX: usize = 200;

type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What the operator sets.
#[derive(Clone, PartialEq, Eq)]
pub struct OidcSettings {
    /// Address of the platform, as its tokens name it.
    pub issuer: String,
    /// This service at the platform.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Address to which the platform sends the browser back.
    pub redirect_url: String,
    /// What the button says.
    pub label: String,
    /// The claim with the mobile phone.
    pub phone_claim: String,
    /// The claim with the name.
    pub name_claim: String,
    /// The claim with the number of the identity card.
    pub id_number_claim: String,
}

impl std::fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcSettings").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// Why a platform cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcFault {
    /// The address.
    #[error(transparent)]
    Endpoint(#[from] EndpointFault),
    /// An address that is none.
    #[error("地址写得不对")]
    Url,
}

/// The platform.
pub struct OidcPlatform {
    settings: OidcSettings,
    endpoint: Arc<Endpoint>,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    /// When it was asked last, and what it said; nothing where it was away.
    known: Mutex<Option<(Millis, Option<Client>)>>,
}

impl OidcPlatform {
    /// A platform by its settings; nothing is asked of it yet. Everything it names must lie on its own host.
    ///
    /// # Errors
    /// Addresses of another form, or plain text to another machine.
    pub fn new(settings: OidcSettings, plain_hosts: &[&str]) -> Result<Self, OidcFault> {
        let endpoint = Arc::new(Endpoint::new(&settings.issuer, None, plain_hosts)?.within(EXCHANGE_MS_MAX));
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|_| OidcFault::Url)?;
        let redirect = RedirectUrl::new(settings.redirect_url.clone()).map_err(|_| OidcFault::Url)?;
        Ok(Self { settings, endpoint, issuer, redirect, known: Mutex::new(None) })
    }

    fn http(&self) -> impl Fn(HttpRequest) -> futures_util::future::BoxFuture<'static, Result<hyper::Response<Vec<u8>>, Fault>> {
        let endpoint = self.endpoint.clone();
        move |request| {
            let endpoint = endpoint.clone();
            Box::pin(async move { endpoint.forward(request).await })
        }
    }

    /// What the platform says of itself; read anew when it is old, or when it has to be `fresh`.
    async fn client(&self, now: Millis, fresh: bool) -> Result<Client, Fault> {
        let mut known = self.known.lock().await;
        match known.as_ref().map(|(at, client)| (now - at, client)) {
            Some((age, Some(client))) if !fresh && (0..KNOWN_MS_MAX).contains(&age) => return Ok(client.clone()),
            // Nobody waits in line for a platform that is away.
            Some((age, None)) if (0..AWAY_MS).contains(&age) => return Err(Fault::passing("away")),
            _ => {}
        }
        // Decided only once there is an answer: who hangs up meanwhile shuts the way for nobody.
        let http = self.http();
        let metadata = match CoreProviderMetadata::discover_async(self.issuer.clone(), &http).await {
            Ok(metadata) => metadata,
            Err(error) => {
                let fault = away(&error);
                let Some((_, Some(old))) = known.take().filter(|_| !fresh) else {
                    *known = Some((now, None));
                    return Err(fault);
                };
                // What it said before still holds, until it is asked again.
                *known = Some((now - KNOWN_MS_MAX + AWAY_MS, Some(old.clone())));
                return Ok(old);
            }
        };
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = ClientSecret::new(self.settings.client_secret.clone());
        let client = CoreClient::from_provider_metadata(metadata, id, Some(secret)).set_redirect_uri(self.redirect.clone());
        *known = Some((now, Some(client.clone())));
        Ok(client)
    }

    fn claim(&self, claims: &Value, name: &str) -> Option<String> {
        let text = claims.get(name)?.as_str()?.trim();
        (!text.is_empty() && text.chars().count() <= CLAIM_CHARS_MAX).then(|| text.to_owned())
    }
}

fn away(error: &dyn std::fmt::Debug) -> Fault {
    tracing::warn!(?error, "the identity platform does not answer as it should");
    Fault::passing("away")
}

#[async_trait]
impl IdentityPlatform for OidcPlatform {
    fn label(&self) -> &str {
        &self.settings.label
    }

    async fn address(&self, secrets: &SignInSecrets, now: Millis) -> Result<String, Fault> {
        let client = self.client(now, false).await?;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(secrets.verifier.clone()));
        let (state, nonce) = (secrets.state.clone(), secrets.nonce.clone());
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || CsrfToken::new(state), move || Nonce::new(nonce))
            .add_scopes(scopes)
            .set_pkce_challenge(challenge);
        Ok(request.url().0.to_string())
    }

    async fn identify(&self, code: &str, secrets: &SignInSecrets, now: Millis) -> Result<Identity, Fault> {
        let client = self.client(now, false).await?;
        let http = self.http();
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(|error| away(&error))?;
        let answer = request.set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone())).request_async(&http).await;
        let answer = match answer {
            Ok(answer) => answer,
            // The code is wrong, too old, or was used.
            Err(RequestTokenError::ServerResponse(_)) => return Err(Fault::lasting("code_refused")),
            // No answer that a platform gives: of an unread token nothing is proved.
            Err(RequestTokenError::Parse(..)) => return Err(Fault::lasting("unproven")),
            Err(error) => return Err(away(&error)),
        };
        let token = answer.id_token().ok_or_else(|| Fault::lasting("unproven"))?;
        let nonce = Nonce::new(secrets.nonce.clone());
        let verified = |client: &Client| {
            let verifier = client.id_token_verifier().set_time_fn(move || DateTime::from_timestamp_millis(now).unwrap_or_default());
            token.claims(&verifier, &nonce).map(|_| ())
        };
        let verified = match verified(&client) {
            // The platform may have changed its keys since.
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                verified(&self.client(now, true).await?)
            }
            verified => verified,
        };
        verified.map_err(|error| {
            tracing::warn!(%error, "a token of the identity platform was refused");
            Fault::lasting("unproven")
        })?;
        // The signature over exactly these bytes was verified; names of claims are the operator's.
        let payload = token.to_string().split('.').nth(1).and_then(|part| BASE64URL_NOPAD.decode(part.as_bytes()).ok());
        let claims: Value = payload.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let is_unverified = claims
            .get(format!("{}_verified", self.settings.phone_claim))
            .is_some_and(|said| *said != Value::Bool(true) && said.as_str() != Some("true"));
        Ok(Identity {
            phone: self.claim(&claims, &self.settings.phone_claim).filter(|_| !is_unverified),
            name: self.claim(&claims, &self.settings.name_claim),
            id_number: self.claim(&claims, &self.settings.id_number_claim),
        })
    }
}
