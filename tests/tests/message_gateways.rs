//! Messages by WeChat and webhook, against a hub that is full, slow, loses answers and forgets tokens.

use serde_json::{Value, json};
use server::gateways::Signer;
use server::worker::delay_ms;
use tests::app::TestApp;
use tests::message_hub::Misbehaviour;

use crate::stage::{HOOK_SECRET, OPENID, SECRETS, SITE, Stage, WECHAT_PER_MINUTE};

async fn run_out(stage: &Stage) {
    while stage.outbox.run_due("notify").await > 0 {}
}

async fn the_one(stage: &Stage, case: &str) -> Value {
    stage.notifications(case).await.remove(0)
}

async fn a_webhook_is_signed_and_its_receiver_can_tell_a_second_one(stage: &Stage) {
    let case = stage.notified(&["webhook"]).await;
    stage.hub.misbehave(&[Misbehaviour::TooMany, Misbehaviour::Slow { delay_ms: 1_500 }, Misbehaviour::LosesAnswer]);
    for attempt in 1..=3 {
        assert_eq!(stage.outbox.run_due("notify").await, 1, "try {attempt}");
        stage.pass(delay_ms(attempt));
    }
    run_out(stage).await;
    let sent = the_one(stage, &case).await;
    assert_eq!((&sent["state"], &sent["to"], &sent["attempts"]), (&json!("sent"), &json!("139****5520"), &json!(4)), "{sent}");
    let hooks = stage.hub.webhooks();
    let ids: Vec<&Value> = hooks.iter().map(|hook| &hook.body["id"]).collect();
    assert!(hooks.len() >= 2 && ids.iter().all(|id| **id == sent["id"]), "{ids:?}");
    let hook = hooks.last().expect("a webhook");
    let header = |name: &str| hook.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (at, signature, id) = (header("x-yichuang-timestamp"), header("x-yichuang-signature"), header("idempotency-key"));
    assert!(Signer::new(HOOK_SECRET).is_genuine(at.parse().expect("seconds"), &at, &signature, &id, &hook.text));
    assert!(!Signer::new("other").is_genuine(at.parse().expect("seconds"), &at, &signature, &id, &hook.text));
    assert_eq!((&hook.body["to"], id.as_str()), (&json!("13912345520"), sent["id"].as_str().unwrap_or_default()));
    assert!(hook.body["link"].as_str().is_some_and(|link| link.starts_with("http://yichuang.test/t/")), "{}", hook.body);
    for hidden in SECRETS {
        assert!(!hook.text.contains(hidden), "{hidden}");
    }
}

async fn an_expired_token_is_renewed_once(stage: &Stage) {
    let first = stage.notified(&["wechat"]).await;
    run_out(stage).await;
    assert_eq!((the_one(stage, &first).await["state"].clone(), stage.hub.tokens_given()), (json!("sent"), 1));
    let message = stage.hub.templates().pop().expect("a message");
    assert_eq!((&message["touser"], &message["data"]["thing1"]["value"]), (&json!(OPENID), &json!("【一窗】您的办件可以领取了")));
    assert!(message["url"].as_str().is_some_and(|url| url.starts_with("http://yichuang.test/t/")), "{message}");
    stage.hub.expire_token();
    let second = stage.notified(&["wechat"]).await;
    run_out(stage).await;
    let sent = the_one(stage, &second).await;
    assert_eq!((&sent["state"], &sent["attempts"], stage.hub.tokens_given()), (&json!("sent"), &json!(1), 2), "within one try: {sent}");
    assert_eq!(sent["to"], "oLVP***", "masked");
    stage.pass(60_000);
}

async fn what_wechat_refuses_for_good_waits_for_a_person(stage: &Stage) {
    let case = stage.notified(&["wechat"]).await;
    let before = stage.hub.templates().len();
    stage.hub.misbehave(&[Misbehaviour::Errcode(45009), Misbehaviour::LosesAnswer, Misbehaviour::Errcode(43004)]);
    for attempt in 1..=2 {
        assert_eq!(stage.outbox.run_due("notify").await, 1);
        assert_eq!(the_one(stage, &case).await["state"], "pending", "try {attempt}");
        stage.pass(60_000 + delay_ms(attempt));
    }
    run_out(stage).await;
    let failed = the_one(stage, &case).await;
    assert_eq!((&failed["state"], &failed["last_error"]), (&json!("failed"), &json!("wechat_43004")), "{failed}");
    assert_eq!(stage.hub.templates().len(), before + 1, "the answer was lost, the message was not, and went once");
    assert_eq!(stage.alerts(SITE, &case).await, [("notification_failed".to_owned(), "yellow".to_owned())]);
    stage.pass(60_000);
}

async fn a_channel_has_its_limit_a_minute(stage: &Stage) {
    let mut cases = Vec::new();
    for _ in 0..=WECHAT_PER_MINUTE {
        cases.push(stage.notified(&["wechat"]).await);
    }
    let before = stage.hub.templates().len();
    run_out(stage).await;
    assert_eq!(stage.hub.templates().len() - before, usize::try_from(WECHAT_PER_MINUTE).expect("a count"), "the rest waits");
    stage.pass(60_000);
    run_out(stage).await;
    for case in &cases {
        let sent = the_one(stage, case).await;
        assert_eq!((&sent["state"], &sent["attempts"]), (&json!("sent"), &json!(1)), "waiting is no try: {sent}");
    }
}

async fn message_gateways(app: TestApp) {
    let stage = Stage::on(app).await;
    a_webhook_is_signed_and_its_receiver_can_tell_a_second_one(&stage).await;
    an_expired_token_is_renewed_once(&stage).await;
    what_wechat_refuses_for_good_waits_for_a_person(&stage).await;
    a_channel_has_its_limit_a_minute(&stage).await;
    stage.nothing_leaked().await;
}

#[tokio::test]
async fn in_memory_messages_go_by_wechat_and_webhook() {
    message_gateways(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_messages_go_by_wechat_and_webhook() {
    message_gateways(TestApp::sqlite().await).await;
}
