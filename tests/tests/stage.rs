//! What the tests of workers and timers begin with: somebody at work on the service, a case at some
//! point of its way.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};
use server::demo::simulators::{ISSUER, LICENCE_SECRET, Simulators};
use server::demo::upper::{SECRET, UpperSimulator};
use server::gateways::{
    Endpoint, Gateways, HttpLicencePlatform, HttpSms, HttpUpperPlatform, SmsSettings, Smtp, Webhook, Wechat, WechatSettings,
};
use server::worker::{Outbox, Timers};
use tests::app::{Actor, TestApp};
use tests::message_hub::MessageHub;
use tests::smtp_sink::SmtpSink;
use tokio_util::sync::CancellationToken;

/// The site of all of it.
pub const SITE: &str = "demo-center";
/// Messages a minute by WeChat.
pub const WECHAT_PER_MINUTE: u32 = 3;
/// The secret of the receiver of webhooks.
pub const HOOK_SECRET: &str = "hook-secret";
/// The openid of every applicant.
pub const OPENID: &str = "oLVPpjqs9BhvzwPj5A-vTYAX3GLc";
/// What no message and no log may hold.
pub const SECRETS: [&str; 2] = ["王小明", "152301199003070038"];

/// The service with everything outside of it.
pub struct Stage {
    pub app: TestApp,
    pub mails: SmtpSink,
    pub outside: Simulators,
    pub upper: UpperSimulator,
    pub hub: MessageHub,
    pub outbox: Outbox,
    pub timers: Timers,
    _closing: tokio_util::sync::DropGuard,
}

impl Stage {
    pub async fn on(app: TestApp) -> Self {
        let closing = CancellationToken::new();
        let mails = SmtpSink::start().await;
        let outside = Simulators::start(None, closing.clone()).await.expect("simulators");
        let upper = UpperSimulator::start(closing.clone()).await.expect("the platform above");
        let hub = MessageHub::start().await;
        let endpoint = |url: &str| Endpoint::new(url, None, &[]).expect("an address").within(1_000);
        let provider = SmsSettings {
            body: r#"{"id":"{id}","phone":"{phone}","text":"{text}"}"#.to_owned(),
            ok_pointer: Some("/code".to_owned()),
            ok_value: "0".to_owned(),
        };
        let account = WechatSettings {
            app_id: "wx1".to_owned(),
            secret: "s1".to_owned(),
            body: r#"{"touser":"{openid}","client_msg_id":"{id}","url":"{link}","data":{"thing1":{"value":"{subject}"},"thing2":{"value":"{text}"}}}"#.to_owned(),
        };
        let gateways = Gateways {
            email: Some(Arc::new(
                Smtp::new(&format!("smtp://{}", mails.address()), "一窗 <yichuang@example.cn>", &[]).expect("a mail server"),
            )),
            sms: Some(Arc::new(HttpSms::new(endpoint(&outside.sms_url()), provider).expect("a template"))),
            licences: Some(Arc::new(HttpLicencePlatform::new(endpoint(&outside.licence_url()), LICENCE_SECRET))),
            licence_issuer: Some(ISSUER.to_owned()),
            upper: Some(Arc::new(HttpUpperPlatform::new(endpoint(&upper.url()), SECRET))),
            webhook: Some(Arc::new(Webhook::new(endpoint(&hub.hook_url()), HOOK_SECRET))),
            wechat: Some(Arc::new(Wechat::new(endpoint(&hub.wechat_url()), account).expect("a template"))),
            per_minute: [("wechat".to_owned(), WECHAT_PER_MINUTE)].into(),
        };
        let outbox = Outbox::new(app.app.clone(), gateways);
        let timers = Timers::new(app.app.clone(), None);
        Self { app, mails, outside, upper, hub, outbox, timers, _closing: closing.drop_guard() }
    }

    pub async fn ok(&self, username: &str, path: &str, body: Value) -> Value {
        let actor = self.actor(username).await;
        let answer = self.app.post(&actor, &format!("/api/v1{path}"), body).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    pub async fn read(&self, username: &str, path: &str) -> Value {
        let actor = self.actor(username).await;
        let answer = self.app.get(&actor, &format!("/api/v1{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.body
    }

    /// Signs in anew each time: a test's clock ends sessions.
    pub async fn actor(&self, username: &str) -> Actor {
        self.app.sign_in(username).await
    }

    /// A received case; with `lacking`, without its required materials.
    pub async fn received(&self, lacking: bool) -> String {
        let rows = self.app.app.stores.catalogue.matters(SITE).await.expect("matters");
        let row = rows.iter().find(|row| row.id.ends_with("demo-promised")).expect("the matter exists");
        let matter: Value = serde_json::from_str(&row.doc).expect("a matter");
        let asked = matter["materials"].as_array().expect("materials").iter();
        let handed: Vec<Value> = asked
            .filter(|material| !lacking || material["required"] != json!(true))
            .map(|material| json!({ "material_id": material["id"], "status": "collected", "originals": 1 }))
            .collect();
        let applicant = json!({ "kind": "person", "name": SECRETS[0], "id_type": "resident_id", "id_number": SECRETS[1], "phone": "13912345520", "email": "wang@example.cn", "wechat_openid": OPENID });
        let body = json!({ "site_id": SITE, "matter_id": matter["id"], "situation_ids": [], "applicant": applicant, "materials": handed });
        self.ok("clerk1", "/cases", body).await["id"].as_str().expect("an id").to_owned()
    }

    pub async fn accepted(&self) -> String {
        let id = self.received(false).await;
        self.ok("clerk1", &format!("/cases/{id}/accept"), json!({})).await;
        id
    }

    /// A case whose certificate was made; case and certificate.
    pub async fn made(&self) -> (String, String) {
        let id = self.accepted().await;
        self.ok("approver1", &format!("/cases/{id}/claim"), json!({})).await;
        self.ok("approver1", &format!("/cases/{id}/approve"), json!({ "opinion": "同意" })).await;
        let made = json!({ "number": "ZS-2026-001", "valid_from": "2026-11-24", "valid_to": "2027-11-23" });
        let certificate = self.ok("approver1", &format!("/cases/{id}/certificate"), made).await;
        (id, certificate["id"].as_str().expect("an id").to_owned())
    }

    /// A case whose applicant is told by these channels.
    pub async fn notified(&self, channels: &[&str]) -> String {
        let (case, certificate) = self.made().await;
        while self.outbox.run_due("upload").await > 0 {}
        self.ok("issuer", &format!("/certificates/{certificate}/receive"), json!({ "slot": "SLOT-A07" })).await;
        self.ok("issuer", &format!("/certificates/{certificate}/notify"), json!({ "channels": channels })).await;
        case
    }

    pub async fn certificate(&self, id: &str) -> Value {
        self.read("issuer", &format!("/certificates/{id}")).await
    }

    /// The messages about a case: channel → (id, state).
    pub async fn notifications(&self, case: &str) -> Vec<Value> {
        self.read("issuer", &format!("/notifications?case_id={case}")).await["items"].as_array().expect("items").clone()
    }

    /// Kinds and levels of the open alerts about an object.
    pub async fn alerts(&self, site: &str, object: &str) -> Vec<(String, String)> {
        let alerts = self.app.app.stores.cases.alerts(site).await.expect("alerts");
        alerts.into_iter().filter(|alert| alert.object_id == object).map(|alert| (alert.kind, alert.level)).collect()
    }

    pub fn pass(&self, ms: i64) {
        self.app.clock.advance(ms);
    }

    /// No event and no outbox row holds what only the sealed rows may.
    pub async fn nothing_leaked(&self) {
        let stores = &self.app.app.stores;
        let mut text = String::new();
        for event in stores.events.events_after(SITE, 0, 100_000).await.expect("the log") {
            text.push_str(&event.body);
        }
        for kind in ["notify", "upload", "report", "pull", "reconcile"] {
            for row in stores.outbox.outbox_of(SITE, kind, 1_000).await.expect("the outbox") {
                text.push_str(&row.payload);
                text.push_str(row.last_error.as_deref().unwrap_or_default());
            }
        }
        for secret in SECRETS.iter().chain(&["13912345520", "wang@example.cn", OPENID]) {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}
