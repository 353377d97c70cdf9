//! The whole service in this process, on any store, with the sample district in it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::Value;
use server::app::{App, AppSettings, CaseSettings, Clock};
use server::feed::Feeds;
use server::http::{Server, router};
use server::store::memory::MemoryStore;
use server::store::sql::SqlStore;
use server::store::{CommitStore, Stores};
use server::vault::{Entropy, Vault};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// 2026-11-24 10:00 in UTC+08:00, a Tuesday.
pub const START_MS: i64 = 1_795_485_600_000;
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A clock that a test moves.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Lets time pass.
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Bytes that look random and are the same in every run.
#[derive(Debug, Default)]
pub struct SeededEntropy(AtomicU64);

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            // SplitMix64: a step of the counter, then mixing.
            let mut word = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst).wrapping_add(0x9E37_79B9_7F4A_7C15);
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// The service under test.
pub struct TestApp {
    /// The use cases.
    pub app: Arc<App>,
    /// The clock.
    pub clock: Arc<TestClock>,
    router: Router,
    closing: CancellationToken,
    _folder: Option<TempDir>,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Body; null when it is no JSON.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// Whether it was the first outcome given again.
    pub replayed: bool,
    /// The cookie set.
    pub cookie: Option<String>,
    /// The headers as they came.
    pub headers: HeaderMap,
}

impl Answer {
    /// A header's text; empty without it.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Somebody who sends requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody.
    Nobody,
    /// A device token.
    Device(String),
    /// A session's cookie.
    Staff(String),
}

/// The keys of every service under test.
#[must_use]
pub fn vault() -> Vault {
    Vault::new(&[7; 32]).expect("a vault of 32 bytes")
}

/// The use cases on a store, as every service under test has them.
pub async fn start(stores: Stores, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> App {
    let settings = AppSettings {
        public_url: "http://yichuang.test".to_owned(),
        cases: CaseSettings::default(),
        drafts: domain::catalogue::DraftRules::default(),
        film_bytes_max: server::app::FILM_BYTES_MAX,
    };
    App::start(stores, clock, entropy, vault(), settings).await.expect("the app starts")
}

impl TestApp {
    /// On the memory store behind a commit port of the test's own.
    pub async fn committing_through(wrap: impl FnOnce(Arc<dyn CommitStore>) -> Arc<dyn CommitStore>) -> Self {
        let mut stores = Stores::of(Arc::new(MemoryStore::new(vault().chain())));
        stores.commit = wrap(stores.commit);
        Self::on(stores, None).await
    }

    /// On the memory store.
    pub async fn memory() -> Self {
        Self::on(Stores::of(Arc::new(MemoryStore::new(vault().chain()))), None).await
    }

    /// On SQLite in a temporary folder.
    pub async fn sqlite() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let store = SqlStore::sqlite(&folder.path().join("yichuang.db"), vault().chain()).await.expect("SQLite opens");
        Self::on(Stores::of(Arc::new(store)), Some(folder)).await
    }

    /// On PostgreSQL.
    pub async fn postgres(url: &str) -> Self {
        let store = SqlStore::postgres(url, vault().chain()).await.expect("PostgreSQL answers");
        Self::on(Stores::of(Arc::new(store)), None).await
    }

    async fn on(stores: Stores, folder: Option<TempDir>) -> Self {
        Self::at(stores, Arc::new(TestClock(AtomicI64::new(START_MS))), folder).await
    }

    /// The service as it would be after a restart: the same store and clock, everything else anew.
    pub async fn again(&self) -> Self {
        Self::at(self.app.stores.clone(), self.clock.clone(), None).await
    }

    async fn at(stores: Stores, clock: Arc<TestClock>, folder: Option<TempDir>) -> Self {
        let app = start(stores, clock.clone(), Arc::new(SeededEntropy::default())).await;
        // Another service on the same store finds the sample there.
        if app.directory.get().sites.is_empty() {
            app.seed(&server::demo::district().expect("the sample is sound")).await.expect("the sample is written");
        }
        let (app, closing) = (Arc::new(app), CancellationToken::new());
        let feeds = Feeds::start(app.clone(), closing.clone());
        let router = router(Server { app: app.clone(), feeds, closing: closing.clone(), sockets: TaskTracker::new() });
        Self { app, clock, router, closing, _folder: folder }
    }

    /// Serves on a free port of the loopback address until the app is dropped or stopped.
    pub async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port of the loopback address");
        let address = listener.local_addr().expect("the address of the app");
        let (router, closing) = (self.router.clone(), self.closing.clone());
        tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).with_graceful_shutdown(closing.cancelled_owned()).await.expect("the app serves");
        });
        address
    }

    /// Stops as the service does when it is asked to.
    pub fn stop(&self) {
        self.closing.cancel();
    }

    /// Sends a request with an optional idempotency key.
    pub async fn send(&self, actor: &Actor, method: Method, path: &str, key: Option<&str>, body: Option<Value>) -> Answer {
        let key: Vec<(&str, &str)> = key.map(|key| ("idempotency-key", key)).into_iter().collect();
        self.send_with(actor, method, path, &key, body).await
    }

    /// Sends a request with more headers.
    pub async fn send_with(&self, actor: &Actor, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut headers = headers.to_vec();
        headers.extend(body.is_some().then_some(("content-type", "application/json")));
        self.send_raw(actor, method, path, &headers, body.map(|body| body.to_string().into_bytes()).unwrap_or_default()).await
    }

    /// Sends a request as it stands.
    pub async fn send_raw(&self, actor: &Actor, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "yichuang.test");
        request = match actor {
            Actor::Nobody => request,
            Actor::Device(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            Actor::Staff(cookie) => request.header(header::COOKIE, cookie.as_str()),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Body::from(body);
        let response = self.router.clone().oneshot(request.body(body).expect("a request")).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), BODY_BYTES_MAX).await.expect("a body");
        let cookie = headers.get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok()).map(str::to_owned);
        Answer {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            bytes: bytes.to_vec(),
            replayed: headers.contains_key("idempotency-replayed"),
            cookie: cookie.and_then(|cookie| cookie.split(';').next().map(str::to_owned)),
            headers,
        }
    }

    /// A POST.
    pub async fn post(&self, actor: &Actor, path: &str, body: Value) -> Answer {
        self.send(actor, Method::POST, path, None, Some(body)).await
    }

    /// A GET.
    pub async fn get(&self, actor: &Actor, path: &str) -> Answer {
        self.send(actor, Method::GET, path, None, None).await
    }

    /// Signs in one of the demo's accounts.
    pub async fn sign_in(&self, username: &str) -> Actor {
        let body = serde_json::json!({ "username": username, "password": format!("demo-{username}") });
        let answer = self.post(&Actor::Nobody, "/api/v1/sessions", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{username}: {}", answer.body);
        Actor::Staff(answer.cookie.expect("a cookie"))
    }
}
