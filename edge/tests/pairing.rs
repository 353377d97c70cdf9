//! Pairing over real TCP: the code is exchanged once, refusals come with their reason, the token is kept.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use axum::{Json, Router, http::StatusCode, routing::post};
use edge::{
    connect::{ServerAddress, TcpConnect},
    pairing::{PairingError, pair, starting_token},
    spool::{Pairing, Spool},
    token::Token,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

async fn answer(Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    match body["code"].as_str() {
        Some("12345678") => (StatusCode::CREATED, Json(json!({"device_id": "d_dc_1", "token": "secret"}))),
        Some("00000000") => (StatusCode::OK, Json(json!({"unexpected": true}))),
        _ => (StatusCode::NOT_FOUND, Json(json!({"title": "没有", "detail": "配对码不对或已过期", "code": "pairing_code"}))),
    }
}

async fn server() -> ServerAddress {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/api/v1/devices/pair", post(answer))).await });
    address
}

#[tokio::test]
async fn a_good_code_gives_the_token_and_a_bad_one_the_reason() {
    let address = server().await;
    let authority = address.authority();
    let connector = TcpConnect(address);
    let paired = pair(&connector, &authority, "12345678").await.unwrap();
    assert_eq!(paired, Pairing { device_id: Some("d_dc_1".into()), token: Token::new("secret") });
    let refused = pair(&connector, &authority, "87654321").await.unwrap_err();
    assert!(matches!(refused, PairingError::Refused { status: 404, .. }));
    assert_eq!(refused.to_string(), "配对码不对或已过期");
    assert!(matches!(pair(&connector, &authority, "1234").await, Err(PairingError::Code)));
    assert!(matches!(pair(&connector, &authority, "00000000").await, Err(PairingError::Unanswered)));
}

#[tokio::test]
async fn a_server_that_is_away_uses_up_no_code() {
    let address: ServerAddress = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap()).parse().unwrap()
    };
    let authority = address.authority();
    assert!(matches!(pair(&TcpConnect(address), &authority, "12345678").await, Err(PairingError::Unreachable)));
}

#[test]
fn a_token_from_the_settings_replaces_another_devices_and_what_it_knew() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path()).unwrap();
    assert_eq!(starting_token(&spool, None).unwrap(), None);
    spool.pair(&Pairing { device_id: Some("d_dc_1".into()), token: Token::new("kept") }).unwrap();
    spool.keep("config", &1, 0).unwrap();
    assert_eq!(starting_token(&spool, None).unwrap(), Some(Token::new("kept")));
    assert_eq!(starting_token(&spool, Some(&Token::new("kept"))).unwrap(), Some(Token::new("kept")));
    assert!(spool.known::<i64>("config").unwrap().is_some());
    assert_eq!(starting_token(&spool, Some(&Token::new("other"))).unwrap(), Some(Token::new("other")));
    assert!(spool.known::<i64>("config").unwrap().is_none());
    assert_eq!(spool.pairing().unwrap(), Some(Pairing { device_id: None, token: Token::new("other") }));
}
