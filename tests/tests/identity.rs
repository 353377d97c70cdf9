//! Citizens sign in with an identity platform over HTTP: the way there and back, whose account it is, and every way in which
//! a platform, or somebody who pretends to be sent by it, must not let anybody in.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::time::MINUTE_MS;
use serde_json::{Value, json};
use server::gateways::{OidcPlatform, OidcSettings};
use tests::app::{Actor, Answer, START_MS, TestApp};
use tests::identity_platform::{CLIENT, IdentityProvider, Misbehaviour, SECRET};

use crate::applications::{beginning, sign_in};

const PHONE: &str = "13912345520";
const CARD: &str = "152301199003070038";
const BACK: &str = "/api/v1/citizens/identity/back";
const BEGIN: &str = "/api/v1/citizens/identity/begin?to=/apply/m_dc_1";

fn claims() -> Value {
    json!({ "sub": "p-1", "phone_number": PHONE, "name": "王小明", "card": CARD })
}

fn settings(issuer: &str) -> OidcSettings {
    OidcSettings {
        issuer: issuer.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned(),
        scopes: vec!["profile".to_owned(), "phone".to_owned()],
        redirect_url: format!("http://yichuang.test{BACK}"),
        label: "内蒙古统一身份认证".to_owned(),
        phone_claim: "phone_number".to_owned(),
        name_claim: "name".to_owned(),
        id_number_claim: "card".to_owned(),
    }
}

struct Way {
    app: TestApp,
    platform: IdentityProvider,
}

impl Way {
    async fn on(app: TestApp) -> Self {
        let platform = IdentityProvider::start(START_MS, claims()).await;
        let gateway = OidcPlatform::new(settings(&platform.issuer()), &[]).expect("sound settings");
        assert!(app.app.identity.set(Arc::new(gateway)).is_ok());
        Self { app, platform }
    }

    /// A browser that was sent to the platform: what it keeps, and where it was sent.
    async fn begun(&self) -> (String, String) {
        let sent = self.app.get(&Actor::Nobody, BEGIN).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        let kept = cookie(&sent, "yichuang_identity").expect("what the browser keeps");
        (kept, sent.header("location").to_owned())
    }

    async fn back(&self, kept: &str, query: &str) -> Answer {
        self.app.get(&Actor::Staff(kept.to_owned()), &format!("{BACK}?{query}")).await
    }

    /// The whole way: where the browser ends, and its session.
    async fn walked(&self) -> (String, Option<Actor>) {
        let (kept, address) = self.begun().await;
        let back = self.back(&kept, &self.platform.authorize(&address)).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
        (back.header("location").to_owned(), cookie(&back, "yichuang_citizen").map(Actor::Staff))
    }

    async fn refused(&self, why: &str) {
        let (to, session) = self.walked().await;
        assert_eq!((to, session), (format!("/apply/m_dc_1?sign_in={why}"), None));
    }
}

/// `name=value` of a cookie that an answer sets; none where it takes it away.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let all = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let pairs = all.filter_map(|cookie| cookie.split(';').next());
    pairs.filter(|pair| !pair.ends_with('=')).find(|pair| pair.starts_with(name)).map(str::to_owned)
}

async fn in_and_out(app: TestApp) {
    let way = Way::on(app).await;
    let offered = way.app.get(&Actor::Nobody, "/api/v1/citizens/identity").await;
    assert_eq!(offered.body["label"], "内蒙古统一身份认证");
    let (to, session) = way.walked().await;
    assert_eq!(to, "/apply/m_dc_1");
    let citizen = session.expect("a session");
    let current = way.app.get(&citizen, "/api/v1/citizens/sessions/current").await;
    assert_eq!(current.body["citizen"]["phone"], "139****5520", "{}", current.body);
    let begun = way.app.post(&citizen, "/api/v1/applications", beginning(&way.app, "demo-promised").await).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.body);
    // The same phone by a code is the same account.
    let by_code = sign_in(&way.app, PHONE).await;
    let mine = way.app.get(&by_code, "/api/v1/applications").await;
    assert_eq!(mine.body["items"][0]["id"], begun.body["id"], "{}", mine.body);
    assert_eq!(way.platform.asked(), ["metadata", "keys", "token"]);
    let (_, again) = way.walked().await;
    assert!(again.is_some());
    assert_eq!(way.platform.asked().iter().filter(|asked| *asked == "metadata").count(), 1, "what it says of itself is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_platform_vouches_for_has_the_account_of_the_phone() {
    in_and_out(TestApp::memory().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_the_phone_on_sqlite() {
    in_and_out(TestApp::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_the_phone_on_postgresql() {
    let database = tests::postgres::database();
    in_and_out(TestApp::postgres(&database.url).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_proves_nothing_lets_nobody_in() {
    let way = Way::on(TestApp::memory().await).await;
    let wrong = [
        Misbehaviour::WrongNonce,
        Misbehaviour::Expired,
        Misbehaviour::WrongAudience,
        Misbehaviour::WrongIssuer,
        Misbehaviour::UnknownKey,
        Misbehaviour::Unsigned,
        Misbehaviour::NoToken,
    ];
    for how in wrong {
        way.platform.misbehave(Some(how));
        let (to, session) = way.walked().await;
        assert_eq!((to.as_str(), session), ("/apply/m_dc_1?sign_in=unproven", None), "{how:?}");
    }
    way.platform.misbehave(None);
    assert!(way.walked().await.1.is_some(), "nothing of it stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_of_the_platform_is_read_at_once() {
    let way = Way::on(TestApp::memory().await).await;
    assert!(way.walked().await.1.is_some());
    way.platform.change_key();
    assert!(way.walked().await.1.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_browser_that_began_comes_back_and_once() {
    let way = Way::on(TestApp::memory().await).await;
    let (kept, address) = way.begun().await;
    let query = way.platform.authorize(&address);
    let stale = "/apply?sign_in=stale";
    let nobody = way.app.get(&Actor::Nobody, &format!("{BACK}?{query}")).await;
    assert_eq!((nobody.header("location"), cookie(&nobody, "yichuang_citizen")), (stale, None), "another browser");
    let (other, _) = way.begun().await;
    assert_eq!(way.back(&other, &query).await.header("location"), stale, "another sign-in's state");
    assert_eq!(way.back(&kept, "code=x&state=never-given").await.header("location"), stale);
    let forged = format!("{}AA", kept.trim_end_matches('A'));
    assert_eq!(way.back(&forged, &query).await.header("location"), stale, "what was kept was changed");
    let first = way.back(&kept, &query).await;
    assert!(cookie(&first, "yichuang_citizen").is_some(), "{}", first.header("location"));
    assert!(first.headers.get_all("set-cookie").iter().any(|value| value.to_str().is_ok_and(|text| text.contains("yichuang_identity=;"))));
    let second = way.back(&kept, &query).await;
    assert_eq!(second.header("location"), "/apply/m_dc_1?sign_in=unproven", "a code is good once");
    let (kept, address) = way.begun().await;
    let query = way.platform.authorize(&address);
    let state = query.split("state=").nth(1).expect("a state");
    let cancelled = way.back(&kept, &format!("error=access_denied&state={state}")).await;
    assert_eq!(cancelled.header("location"), "/apply/m_dc_1?sign_in=cancelled");
    way.app.clock.advance(10 * MINUTE_MS);
    assert_eq!(way.back(&kept, &query).await.header("location"), stale, "ten minutes");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_verified_mobile_phone_there_is_no_account() {
    let way = Way::on(TestApp::memory().await).await;
    let without = [
        json!({ "sub": "p-1", "name": "王小明", "card": CARD }),
        json!({ "sub": "p-1", "phone_number": "0475-8210000" }),
        json!({ "sub": "p-1", "phone_number": PHONE, "phone_number_verified": false }),
    ];
    for claims in without {
        way.platform.vouch(claims);
        way.refused("no_phone").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_has_another_owner_now_opens_nothing() {
    let way = Way::on(TestApp::memory().await).await;
    sign_in(&way.app, PHONE).await;
    assert!(way.walked().await.1.is_some(), "the first card is remembered");
    way.platform.vouch(json!({ "sub": "p-2", "phone_number": PHONE, "name": "李红梅", "card": "150105198507120025" }));
    way.refused("other_person").await;
    way.platform.vouch(json!({ "sub": "p-1", "phone_number": PHONE, "card": CARD }));
    assert!(way.walked().await.1.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_platform_is_away_the_code_still_works() {
    let way = Way::on(TestApp::memory().await).await;
    way.platform.misbehave(Some(Misbehaviour::Fault));
    let sent = way.app.get(&Actor::Nobody, BEGIN).await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, "/apply/m_dc_1?sign_in=away"));
    way.platform.misbehave(None);
    let asked = way.platform.asked().len();
    assert_eq!(way.app.get(&Actor::Nobody, BEGIN).await.header("location"), "/apply/m_dc_1?sign_in=away");
    assert_eq!(way.platform.asked().len(), asked, "nobody waits in line for it");
    sign_in(&way.app, PHONE).await;
    way.app.clock.advance(31_000);
    let (kept, address) = way.begun().await;
    way.platform.misbehave(Some(Misbehaviour::Fault));
    let back = way.back(&kept, &way.platform.authorize(&address)).await;
    assert_eq!(back.header("location"), "/apply/m_dc_1?sign_in=away");
    // Nobody is there at all.
    let gone = TestApp::memory().await;
    let gateway = OidcPlatform::new(settings("http://127.0.0.1:9"), &[]).expect("it starts without asking");
    assert!(gone.app.identity.set(Arc::new(gateway)).is_ok());
    assert_eq!(gone.get(&Actor::Nobody, BEGIN).await.header("location"), "/apply/m_dc_1?sign_in=away");
}

#[tokio::test]
async fn where_none_is_configured_there_is_no_button_and_no_way() {
    let app = TestApp::memory().await;
    assert_eq!(app.get(&Actor::Nobody, "/api/v1/citizens/identity").await.body, json!({ "label": null }));
    assert_eq!(app.get(&Actor::Nobody, BEGIN).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get(&Actor::Nobody, &format!("{BACK}?code=x&state=y")).await.status, StatusCode::NOT_FOUND);
}
