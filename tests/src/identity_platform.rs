//! An identity platform for tests: discovery, keys, authorize and token of OpenID Connect as far as a code flow needs them,
//! signed with ES256; it misbehaves when told to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// This service at the platform.
pub const CLIENT: &str = "yichuang";
/// Its secret there.
pub const SECRET: &str = "platform-secret";

/// What is wrong with the next token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// It answers another sign-in.
    WrongNonce,
    /// It is over.
    Expired,
    /// It is for somebody else.
    WrongAudience,
    /// Another platform signed it.
    WrongIssuer,
    /// It is signed by a key that nobody knows.
    UnknownKey,
    /// It is signed by nobody.
    Unsigned,
    /// There is none.
    NoToken,
    /// The platform is out of order.
    Fault,
}

/// The platform on a free port of the loopback address; dropping it ends it.
pub struct IdentityProvider {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

struct Shared {
    issuer: String,
    state: Mutex<Inner>,
}

struct Inner {
    now_ms: i64,
    key: EcdsaKeyPair,
    key_id: String,
    claims: Value,
    misbehaviour: Option<Misbehaviour>,
    /// Code → nonce and challenge of who asked for it; taken once.
    codes: BTreeMap<String, (String, String)>,
    asked: Vec<String>,
}

fn key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).expect("the key")
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl IdentityProvider {
    /// Starts a platform whose clock shows `now_ms` and that vouches for whoever has these claims.
    ///
    /// # Panics
    /// When the loopback address gives no port.
    pub async fn start(now_ms: i64, claims: Value) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let inner =
            Inner { now_ms, key: key(), key_id: "k1".to_owned(), claims, misbehaviour: None, codes: BTreeMap::new(), asked: Vec::new() };
        let shared = Arc::new(Shared { issuer: format!("http://{address}"), state: Mutex::new(inner) });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .with_state(shared.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("the platform serves") });
        Self { address, shared, serving }
    }

    /// The address that its tokens name.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whom it vouches for from now on.
    pub fn vouch(&self, claims: Value) {
        self.shared.inner().claims = claims;
    }

    /// What is wrong from now on.
    pub fn misbehave(&self, how: Option<Misbehaviour>) {
        self.shared.inner().misbehaviour = how;
    }

    /// Signs with another key from now on, and says so.
    pub fn change_key(&self) {
        let mut inner = self.shared.inner();
        (inner.key, inner.key_id) = (key(), "k2".to_owned());
    }

    /// What it was asked for, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.shared.inner().asked.clone()
    }

    /// Somebody signs in at the address that a browser was sent to: the query with which the browser is sent back.
    ///
    /// # Panics
    /// Where what a code flow needs is missing.
    #[must_use]
    pub fn authorize(&self, address: &str) -> String {
        let (path, query) = address.split_once('?').expect("a query");
        assert_eq!(path, format!("{}/authorize", self.issuer()));
        let asked: BTreeMap<String, String> = serde_html(query);
        let of = |name: &str| asked.get(name).unwrap_or_else(|| panic!("{name} in {address}")).clone();
        assert_eq!((of("response_type").as_str(), of("client_id").as_str()), ("code", CLIENT));
        assert_eq!(of("code_challenge_method"), "S256");
        assert!(of("scope").split(' ').any(|scope| scope == "openid"));
        let mut inner = self.shared.inner();
        let code = format!("code-{}", inner.codes.len() + inner.asked.len() + 1);
        inner.codes.insert(code.clone(), (of("nonce"), of("code_challenge")));
        format!("code={code}&state={}", of("state"))
    }
}

/// A query's fields; what a browser encodes is decoded.
fn serde_html(query: &str) -> BTreeMap<String, String> {
    let decoded = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'+' => bytes.push(b' '),
                b'%' => {
                    let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
                    let digits = std::str::from_utf8(&digits).expect("digits");
                    bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
                }
                plain => bytes.push(plain),
            }
        }
        String::from_utf8(bytes).expect("a text")
    };
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (decoded(name), decoded(value))).collect()
}

async fn metadata(State(shared): State<Arc<Shared>>) -> Response {
    let mut inner = shared.inner();
    inner.asked.push("metadata".to_owned());
    if inner.misbehaviour == Some(Misbehaviour::Fault) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let at = |path: &str| format!("{}{path}", shared.issuer);
    Json(json!({
        "issuer": shared.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
    }))
    .into_response()
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let mut inner = shared.inner();
    inner.asked.push("keys".to_owned());
    let point = inner.key.public_key().as_ref();
    let (x, y) = (BASE64URL_NOPAD.encode(&point[1..33]), BASE64URL_NOPAD.encode(&point[33..]));
    let key = json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": inner.key_id, "x": x, "y": y });
    Json(json!({ "keys": [key] }))
}

async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, Form(form): Form<BTreeMap<String, String>>) -> Response {
    let mut inner = shared.inner();
    inner.asked.push("token".to_owned());
    if inner.misbehaviour == Some(Misbehaviour::Fault) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let basic = format!("Basic {}", BASE64.encode(format!("{CLIENT}:{SECRET}").as_bytes()));
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    if headers.get("authorization").and_then(|value| value.to_str().ok()) != Some(basic.as_str()) {
        return refused("invalid_client");
    }
    let Some((nonce, challenge)) = form.get("code").and_then(|code| inner.codes.remove(code)) else { return refused("invalid_grant") };
    let verifier = form.get("code_verifier").cloned().unwrap_or_default();
    let proof = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    if BASE64URL_NOPAD.encode(proof.as_ref()) != challenge {
        return refused("invalid_grant");
    }
    let mut answer = json!({ "access_token": "access", "token_type": "Bearer", "expires_in": 60 });
    if inner.misbehaviour != Some(Misbehaviour::NoToken) {
        answer["id_token"] = json!(signed(&inner, &shared.issuer, &nonce));
    }
    Json(answer).into_response()
}

fn signed(inner: &Inner, issuer: &str, nonce: &str) -> String {
    let wrong = inner.misbehaviour;
    let is = |how: Misbehaviour| wrong == Some(how);
    let now = inner.now_ms / 1000;
    let mut claims = inner.claims.clone();
    claims["iss"] = json!(if is(Misbehaviour::WrongIssuer) { "https://another.example" } else { issuer });
    claims["aud"] = json!(if is(Misbehaviour::WrongAudience) { "another" } else { CLIENT });
    claims["nonce"] = json!(if is(Misbehaviour::WrongNonce) { "another" } else { nonce });
    claims["iat"] = json!(now - 600);
    claims["exp"] = json!(if is(Misbehaviour::Expired) { now - 300 } else { now + 300 });
    let header = match wrong {
        Some(Misbehaviour::Unsigned) => json!({ "alg": "none" }),
        Some(Misbehaviour::UnknownKey) => json!({ "alg": "ES256", "kid": "k9" }),
        _ => json!({ "alg": "ES256", "kid": inner.key_id }),
    };
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let said = format!("{}.{}", part(&header), part(&claims));
    if is(Misbehaviour::Unsigned) {
        return format!("{said}.");
    }
    let other = key();
    let signer = if is(Misbehaviour::UnknownKey) { &other } else { &inner.key };
    let signature = signer.sign(&SystemRandom::new(), said.as_bytes()).expect("a signature");
    format!("{said}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
}
