//! What is owed outside: licence uploads and messages, against platforms that are slow, refuse, break
//! off and answer twice.

use axum::http::StatusCode;
use serde_json::json;
use server::demo::simulators::Misbehaviour as Outside;
use server::worker::{ATTEMPTS_MAX, LEASE_MS, delay_ms};
use tests::app::TestApp;
use tests::smtp_sink::Misbehaviour as Mail;

use crate::stage::{SECRETS, SITE, Stage};

const LONG_MS: i64 = 3 * 3_600_000;

async fn an_upload_is_confirmed_whatever_the_platform_does(stage: &Stage) {
    let (case, certificate) = stage.made().await;
    assert_eq!(stage.certificate(&certificate).await["upload"], "pending");
    let tries = [Outside::Unavailable, Outside::Slow { delay_ms: 1_500 }, Outside::LosesAnswer];
    stage.outside.misbehave(&tries);
    for attempt in 1..=3 {
        assert_eq!(stage.outbox.run_due("upload").await, 1, "try {attempt}");
        assert_eq!(stage.outbox.run_due("upload").await, 0, "not at once again");
        stage.pass(delay_ms(attempt));
    }
    assert_eq!(stage.outbox.run_due("upload").await, 1);
    let done = stage.certificate(&certificate).await;
    assert_eq!(done["upload"], "confirmed");
    assert!(done["identifier"].as_str().is_some_and(domain::codes::is_licence_identifier), "{done}");
    // The slow one was done too, after nobody waited any more; each bore the same request id.
    let taken = stage.outside.licences();
    assert!(taken.len() >= 2 && taken.iter().all(|licence| licence.request_id == certificate), "{}", taken.len());
    assert_eq!((taken[0].holder_name.as_str(), taken[0].number.as_str()), (SECRETS[0], "ZS-2026-001"));
    stage.pass(LONG_MS);
    assert_eq!(stage.outbox.run_due("upload").await, 0);
    assert_eq!(stage.alerts(SITE, &case).await, []);
}

async fn a_refused_upload_waits_for_a_person(stage: &Stage) {
    for (does, code) in
        [(Outside::Refuses, "holder_unknown"), (Outside::Redirects, "redirect_refused"), (Outside::WrongIdentifier, "bad_identifier")]
    {
        let (case, certificate) = stage.made().await;
        stage.outside.misbehave(&[does]);
        assert_eq!(stage.outbox.run_due("upload").await, 1);
        assert_eq!(stage.certificate(&certificate).await["upload"], "failed", "{code}");
        let stored = stage.app.app.case_of_site(SITE, &case).await.expect("a case").certificate.expect("a certificate");
        assert_eq!(stored.upload_failure.as_deref(), Some(code));
        assert_eq!(stage.alerts(SITE, &case).await.len(), 1, "{code}");
        stage.ok("issuer", &format!("/certificates/{certificate}/retry-upload"), json!({})).await;
        assert_eq!(stage.outbox.run_due("upload").await, 1);
        assert_eq!(stage.certificate(&certificate).await["upload"], "confirmed", "{code}");
    }
}

async fn messages_go_out_with_the_right_words(stage: &Stage) {
    let case = stage.notified(&["email", "sms", "site"]).await;
    while stage.outbox.run_due("notify").await > 0 {}
    let all = stage.notifications(&case).await;
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|one| one["state"] == "sent" && one["sent_at"].is_string()), "{all:?}");
    let to = |channel: &str| all.iter().find(|one| one["channel"] == channel).expect("the channel")["to"].clone();
    assert_eq!((to("email"), to("sms")), (json!("w***@example.cn"), json!("139****5520")));
    let mail = stage.mails.mails().pop().expect("a mail");
    assert_eq!(
        (mail.to.as_slice(), mail.header("Subject").as_deref()),
        (["wang@example.cn".to_owned()].as_slice(), Some("【一窗】您的办件可以领取了"))
    );
    let sms = stage.outside.messages().pop().expect("an SMS");
    assert_eq!(sms.to, "13912345520");
    let view = stage.read("clerk1", &format!("/cases/{case}")).await;
    for text in [mail.text(), sms.text] {
        for part in ["带身份证件", "领取时间：全天", "http://yichuang.test/t/", view["number"].as_str().expect("a number")] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        for hidden in ["SLOT-A07", "林木采伐", SECRETS[0], SECRETS[1], "13912345520"] {
            assert!(!text.contains(hidden), "{hidden} is in {text}");
        }
    }
}

async fn a_mail_server_that_misbehaves_gets_the_mail_in_the_end(stage: &Stage) {
    let before = stage.mails.mails().len();
    let case = stage.notified(&["email"]).await;
    stage.mails.misbehave(&[Mail::TryLater, Mail::DropAfterData]);
    for attempt in 1..=2 {
        assert_eq!(stage.outbox.run_due("notify").await, 1);
        let one = &stage.notifications(&case).await[0];
        assert_eq!(one["state"], "pending", "try {attempt}: {one}");
        stage.pass(delay_ms(attempt));
    }
    assert_eq!(stage.outbox.run_due("notify").await, 1);
    let sent = stage.notifications(&case).await[0].clone();
    assert_eq!((&sent["state"], &sent["attempts"]), (&json!("sent"), &json!(3)));
    // The one whose answer was lost came twice, under one id by which a mailbox can tell.
    let mails = stage.mails.mails().split_off(before);
    let ids: Vec<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!((ids.len(), ids[0].clone()), (2, ids[1].clone()));
}

async fn what_does_not_go_out_is_put_before_a_person(stage: &Stage) {
    let case = stage.notified(&["email", "phone"]).await;
    stage.mails.misbehave(&[Mail::Refuse]);
    while stage.outbox.run_due("notify").await > 0 {}
    let all = stage.notifications(&case).await;
    assert!(all.iter().all(|one| one["state"] == "failed"), "{all:?}");
    assert_eq!(stage.alerts(SITE, &case).await.len(), 2, "one each, a call is for a person at once");
    let id = |channel: &str| all.iter().find(|one| one["channel"] == channel).expect("it")["id"].as_str().expect("an id").to_owned();
    let (mail, call) = (id("email"), id("phone"));

    let clerk = stage.actor("clerk1").await;
    let forbidden = stage.app.post(&clerk, &format!("/api/v1/notifications/{mail}/retry"), json!({})).await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    let issuer = stage.actor("issuer").await;
    let odd = stage.app.post(&issuer, &format!("/api/v1/notifications/{mail}/retry"), json!({ "why": 1 })).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", odd.body);
    assert_eq!(stage.ok("issuer", &format!("/notifications/{mail}/retry"), json!({})).await["state"], "pending");
    assert_eq!(stage.outbox.run_due("notify").await, 1);
    let again = stage.app.post(&issuer, &format!("/api/v1/notifications/{mail}/retry"), json!({})).await;
    assert_eq!((again.status, &again.body["code"]), (StatusCode::CONFLICT, &json!("notification_state")), "it was sent");
    assert_eq!(stage.ok("supervisor", &format!("/notifications/{call}/give-up"), json!({})).await["state"], "given_up");
    assert_eq!(stage.alerts(SITE, &case).await, []);
    let nothing = stage.app.post(&issuer, "/api/v1/notifications/n_dc_none/retry", json!({})).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    let nobody = stage.app.post(&tests::app::Actor::Nobody, &format!("/api/v1/notifications/{mail}/retry"), json!({})).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

async fn tries_end(stage: &Stage) {
    let case = stage.notified(&["sms"]).await;
    let tries = usize::try_from(ATTEMPTS_MAX).expect("a count");
    stage.outside.misbehave(&vec![Outside::Unavailable; tries]);
    for attempt in 1..=ATTEMPTS_MAX {
        assert_eq!(stage.outbox.run_due("notify").await, 1, "try {attempt}");
        stage.pass(delay_ms(attempt));
    }
    assert_eq!(stage.outbox.run_due("notify").await, 0);
    let one = stage.notifications(&case).await[0].clone();
    assert_eq!((&one["state"], &one["last_error"], &one["attempts"]), (&json!("failed"), &json!("http_503"), &json!(ATTEMPTS_MAX)));
    assert_eq!(stage.alerts(SITE, &case).await, [("notification_failed".to_owned(), "yellow".to_owned())]);
    let depth = stage.app.app.stores.outbox.outbox_depth().await.expect("a depth");
    assert!(depth.iter().any(|(kind, state, count)| kind == "notify" && state == "dead" && *count > 0), "{depth:?}");
}

async fn what_a_dead_worker_held_is_sent_by_another(stage: &Stage) {
    let case = stage.notified(&["sms"]).await;
    let (store, now) = (&stage.app.app.stores.outbox, stage.app.app.now());
    let held = store.claim(&["notify"], None, now, now + LEASE_MS, 10).await.expect("a claim");
    assert_eq!(held.len(), 1);
    assert_eq!(stage.outbox.run_due("notify").await, 0, "it is somebody else's");
    stage.pass(LEASE_MS);
    assert_eq!(stage.outbox.run_due("notify").await, 1);
    assert_eq!(stage.notifications(&case).await[0]["state"], "sent");
}

async fn deliveries(app: TestApp) {
    let stage = Stage::on(app).await;
    an_upload_is_confirmed_whatever_the_platform_does(&stage).await;
    a_refused_upload_waits_for_a_person(&stage).await;
    messages_go_out_with_the_right_words(&stage).await;
    a_mail_server_that_misbehaves_gets_the_mail_in_the_end(&stage).await;
    what_does_not_go_out_is_put_before_a_person(&stage).await;
    tries_end(&stage).await;
    what_a_dead_worker_held_is_sent_by_another(&stage).await;
    stage.nothing_leaked().await;
}

#[tokio::test]
async fn in_memory_what_is_owed_is_delivered() {
    deliveries(TestApp::memory().await).await;
}

#[tokio::test]
async fn on_sqlite_what_is_owed_is_delivered() {
    deliveries(TestApp::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_what_is_owed_is_delivered() {
    let database = tests::postgres::database();
    deliveries(TestApp::postgres(&database.url).await).await;
}
