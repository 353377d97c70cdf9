//! Template messages of a WeChat service account (公众号模板消息). The access token is fetched when it is needed,
//! kept until shortly before its end and renewed once when the platform says that it is no longer good.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::outgoing::{Endpoint, Posted, judge};
use super::sms::filled;
use super::{Fault, Message, Messenger};

/// A token is renewed this long before its end, in seconds: a request that is under way still finds it good.
const EARLY_S: u64 = 300;
/// A token is kept no longer than this, whatever its giver says, in seconds.
const TOKEN_S_MAX: u64 = 7_200;
/// Characters of a place `thing.DATA` (微信公众平台 类目模板消息 参数值内容限制).
const THING_CHARS_MAX: usize = 20;
/// Shortest and longest openid.
const OPENID_CHARS: std::ops::RangeInclusive<usize> = 16..=64;

/// How the account wants to be asked.
#[derive(Clone, PartialEq, Eq)]
pub struct WechatSettings {
    /// AppID.
    pub app_id: String,
    /// AppSecret.
    pub secret: String,
    /// The message, JSON with `{openid}`, `{id}`, `{subject}`, `{text}` and `{link}` inside strings.
    pub body: String,
}

impl std::fmt::Debug for WechatSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WechatSettings").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

/// The account.
pub struct Wechat {
    endpoint: Endpoint,
    settings: WechatSettings,
    template: Value,
    token: Mutex<Option<(String, Instant)>>,
}

impl std::fmt::Debug for Wechat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wechat").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[derive(Debug, Deserialize)]
struct TokenAnswer {
    access_token: Option<String>,
    #[serde(default)]
    expires_in: u64,
    #[serde(default)]
    errcode: i64,
}

#[derive(Debug, Deserialize)]
struct SendAnswer {
    errcode: i64,
}

impl Wechat {
    /// An account behind an address such as `https://api.weixin.qq.com`.
    ///
    /// # Errors
    /// When the body's template is no JSON.
    pub fn new(endpoint: Endpoint, settings: WechatSettings) -> Result<Self, serde_json::Error> {
        let template = serde_json::from_str(&settings.body)?;
        Ok(Self { endpoint, settings, template, token: Mutex::new(None) })
    }

    /// The token, fetched when there is none that is good for a while. One fetches, the others wait for it.
    async fn token(&self, refused: Option<&str>) -> Result<String, Fault> {
        let mut kept = self.token.lock().await;
        if let Some((token, until)) = kept.as_ref()
            && refused != Some(token.as_str())
            && *until > Instant::now()
        {
            return Ok(token.clone());
        }
        let WechatSettings { app_id, secret, .. } = &self.settings;
        let wanted = json!({ "grant_type": "client_credential", "appid": app_id, "secret": secret, "force_refresh": refused.is_some() });
        let posted = Posted { below: "/cgi-bin/stable_token", id: "token", headers: &[], body: wanted.to_string() };
        let (status, answer) = self.endpoint.post(&posted).await?;
        judge(status)?;
        let answer: TokenAnswer = serde_json::from_slice(&answer).map_err(|_| Fault::passing("answer_unreadable"))?;
        let token = answer.access_token.ok_or_else(|| fault_of(answer.errcode))?;
        let good_s = answer.expires_in.min(TOKEN_S_MAX).saturating_sub(EARLY_S);
        *kept = Some((token.clone(), Instant::now() + Duration::from_secs(good_s)));
        Ok(token)
    }

    async fn try_send(&self, token: &str, message: &Message) -> Result<i64, Fault> {
        let Message { id, to, subject, text, link } = message;
        let places = [("{openid}", to.as_str()), ("{id}", id), ("{subject}", subject), ("{text}", text), ("{link}", link)];
        let body = within_limits(filled(&self.template, &places)).to_string();
        let below = format!("/cgi-bin/message/template/send?access_token={token}");
        let (status, answer) = self.endpoint.post(&Posted { below: &below, id, headers: &[], body }).await?;
        judge(status)?;
        let answer: SendAnswer = serde_json::from_slice(&answer).map_err(|_| Fault::passing("answer_unreadable"))?;
        Ok(answer.errcode)
    }
}

/// What does not fit its place is cut, for the platform refuses the whole message for it; the page behind it has it all.
fn within_limits(mut body: Value) -> Value {
    let places = body.get_mut("data").and_then(Value::as_object_mut).into_iter().flatten();
    for (_, place) in places.filter(|(name, _)| is_thing(name)) {
        if let Some(text) = place["value"].as_str().filter(|text| text.chars().count() > THING_CHARS_MAX) {
            let kept: String = text.chars().take(THING_CHARS_MAX - 1).collect();
            place["value"] = format!("{kept}…").into();
        }
    }
    body
}

/// Whether a place of the template is one of the kind `thing`: `thing1`, `thing2`, …
fn is_thing(name: &str) -> bool {
    name.strip_prefix("thing").is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether an answer says that the token is no longer good.
fn is_stale_token(errcode: i64) -> bool {
    matches!(errcode, 40001 | 40014 | 42001)
}

/// What an error code of the platform means for another try.
fn fault_of(errcode: i64) -> Fault {
    let code = format!("wechat_{errcode}");
    match errcode {
        // Busy, over the limit of calls, or a token that will be renewed.
        -1 | 45009 | 45011 | 40001 | 40014 | 42001 => Fault::passing(code),
        _ => Fault::lasting(code),
    }
}

/// Whether text can be an openid; anything else would end up in a request of another account.
#[must_use]
pub fn is_openid(text: &str) -> bool {
    OPENID_CHARS.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[async_trait]
impl Messenger for Wechat {
    async fn send(&self, message: &Message) -> Result<(), Fault> {
        if !is_openid(&message.to) {
            return Err(Fault::lasting("bad_openid"));
        }
        let token = self.token(None).await?;
        let mut errcode = self.try_send(&token, message).await?;
        if is_stale_token(errcode) {
            let fresh = self.token(Some(&token)).await?;
            errcode = self.try_send(&fresh, message).await?;
        }
        if errcode == 0 { Ok(()) } else { Err(fault_of(errcode)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_whether_another_try_helps() {
        for code in [-1, 45009, 45011, 42001] {
            assert!(!fault_of(code).is_final, "{code}");
        }
        for code in [40003, 40037, 43004, 47001] {
            assert!(fault_of(code).is_final, "{code}");
        }
        assert_eq!(fault_of(40003).code, "wechat_40003");
    }

    #[test]
    fn what_is_too_long_for_its_place_is_cut_by_characters() {
        let long = "您在白桦镇便民服务中心办理的事项已经办好，请带身份证来取";
        let body =
            json!({ "url": long, "data": { "thing2": { "value": long }, "thing1": { "value": "办好了" }, "things": { "value": long } } });
        let sent = within_limits(body);
        let cut = sent["data"]["thing2"]["value"].as_str().unwrap_or_default();
        assert_eq!((cut.chars().count(), cut.ends_with('…')), (20, true), "{cut}");
        assert_eq!((&sent["data"]["thing1"]["value"], &sent["url"]), (&json!("办好了"), &json!(long)));
        assert_eq!(sent["data"]["things"]["value"], json!(long), "another kind of place");
        assert_eq!(within_limits(json!({ "touser": "a" })), json!({ "touser": "a" }));
    }

    #[test]
    fn only_what_can_be_an_openid_is_asked_for() {
        assert!(is_openid("oLVPpjqs9BhvzwPj5A-vTYAX3GLc"));
        for wrong in ["", "13912345520", "o LVPpjqs9BhvzwPj5A", "oLVPpjqs9BhvzwPj5A\",\"a\":\"", &"o".repeat(65)] {
            assert!(!is_openid(wrong), "{wrong}");
        }
    }
}
