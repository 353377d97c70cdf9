//! How a device gets its token: once by a short code, or by the operator's settings; and how it
//! loses it.

use std::time::Duration;

use http_body_util::Full;
use hyper::{Request, StatusCode, body::Bytes, header};
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use crate::{
    connect::Connect,
    exchange::{NoAnswer, exchange},
    session::Line,
    spool::{Pairing, Spool, SpoolError},
    token::Token,
};

/// How long a pairing given at the start is tried while the server is away, in milliseconds: a code lives 10 minutes.
const PAIRING_TRIES_MS_MAX: u64 = 10 * 60_000;
/// Pause between such tries, in milliseconds.
const PAIRING_PAUSE_MS: u64 = 3_000;

/// Pairing failed.
#[derive(Debug, thiserror::Error)]
pub enum PairingError {
    /// Not 8 digits.
    #[error("配对码是 8 位数字")]
    Code,
    /// The server was not reached: the code is still good.
    #[error("连不上服务器，配对码还没有用掉")]
    Unreachable,
    /// The connection broke after the request: the code may be used up.
    #[error("服务器没有答复，请在管理页重新取一个配对码")]
    Unanswered,
    /// The server refused.
    #[error("{detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Why, for people.
        detail: String,
    },
    /// The token cannot be kept.
    #[error(transparent)]
    Spool(#[from] SpoolError),
}

#[derive(Deserialize)]
struct Paired {
    device_id: String,
    token: Token,
}

#[derive(Deserialize)]
struct Problem {
    detail: Option<String>,
    title: Option<String>,
}

/// Exchanges a pairing code for a token.
///
/// # Errors
/// See [`PairingError`]; nothing is kept.
pub async fn pair<C: Connect>(connector: &C, authority: &str, code: &str) -> Result<Pairing, PairingError> {
    if code.len() != 8 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PairingError::Code);
    }
    let request = Request::post("/api/v1/devices/pair")
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json, application/problem+json")
        .header(header::CONNECTION, "close")
        .body(Full::new(Bytes::from(serde_json::json!({ "code": code }).to_string())))
        .map_err(|_| PairingError::Unreachable)?;
    let (status, body) = exchange(connector, request).await.map_err(|missing| match missing {
        NoAnswer::Unreachable => PairingError::Unreachable,
        NoAnswer::Broken => PairingError::Unanswered,
    })?;
    understood(status, &body)
}

fn understood(status: StatusCode, body: &[u8]) -> Result<Pairing, PairingError> {
    if status.is_success() {
        let paired: Paired = serde_json::from_slice(body).map_err(|_| PairingError::Unanswered)?;
        return Ok(Pairing { device_id: Some(paired.device_id), token: paired.token });
    }
    let problem = serde_json::from_slice::<Problem>(body).ok();
    let detail = problem.and_then(|problem| problem.detail.or(problem.title)).unwrap_or_else(|| "服务器没有接受这个配对码".to_owned());
    Err(PairingError::Refused { status: status.as_u16(), detail })
}

/// The token to start with. One from the settings takes the place of another device's in the spool,
/// and with it goes what that device knew.
///
/// # Errors
/// The spool refused.
pub fn starting_token(spool: &Spool, given: Option<&Token>) -> Result<Option<Token>, SpoolError> {
    let kept = spool.pairing()?.map(|pairing| pairing.token);
    match given {
        None => Ok(kept),
        Some(given) if kept.as_ref() == Some(given) => Ok(kept),
        Some(given) => {
            spool.forget()?;
            spool.pair(&Pairing { device_id: None, token: given.clone() })?;
            Ok(Some(given.clone()))
        }
    }
}

/// Pairs, keeps the token and opens the session with it.
///
/// # Errors
/// See [`PairingError`]; the device stays what it was.
pub async fn pair_and_keep<C: Connect>(connector: &C, authority: &str, code: &str, spool: &Spool, line: &Line) -> Result<(), PairingError> {
    let pairing = pair(connector, authority, code).await?;
    spool.forget()?;
    spool.pair(&pairing)?;
    line.set_token(Some(pairing.token));
    tracing::info!("paired");
    Ok(())
}

/// Pairs with the code given at the start, waiting for a server that is still away.
pub async fn pair_at_start<C: Connect>(connector: &C, authority: &str, code: &str, spool: &Spool, line: &Line) {
    let tries = async {
        while let Err(error) = pair_and_keep(connector, authority, code, spool, line).await {
            tracing::warn!(%error, "pairing");
            if !matches!(error, PairingError::Unreachable) {
                return;
            }
            sleep(Duration::from_millis(PAIRING_PAUSE_MS)).await;
        }
    };
    if timeout(Duration::from_millis(PAIRING_TRIES_MS_MAX), tries).await.is_err() {
        tracing::error!("the server was not reached while the pairing code was good");
    }
}

/// The server revoked the device: token and everything known under it go.
///
/// # Errors
/// The spool refused.
pub fn revoked(spool: &Spool, line: &Line) -> Result<(), SpoolError> {
    line.set_token(None);
    spool.forget()?;
    tracing::warn!("this device was revoked; it waits for a new pairing");
    Ok(())
}
