//! SMS by a provider that takes HTTP: a body by template, an answer judged by one value in it.

use async_trait::async_trait;
use serde_json::Value;

use super::outgoing::{Endpoint, judge};
use super::{Fault, Message, Messenger};

/// How a provider wants to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsSettings {
    /// JSON with `{phone}`, `{text}` and `{id}` inside strings.
    pub body: String,
    /// Where the answer says how it went, as a JSON pointer; the status alone without one.
    pub ok_pointer: Option<String>,
    /// What stands there when it went well.
    pub ok_value: String,
}

/// SMS by HTTP.
#[derive(Debug, Clone)]
pub struct HttpSms {
    endpoint: Endpoint,
    template: Value,
    settings: SmsSettings,
}

impl HttpSms {
    /// A provider at an address.
    ///
    /// # Errors
    /// When the body's template is no JSON.
    pub fn new(endpoint: Endpoint, settings: SmsSettings) -> Result<Self, serde_json::Error> {
        Ok(Self { endpoint, template: serde_json::from_str(&settings.body)?, settings })
    }

    fn body(&self, message: &Message) -> Value {
        filled(&self.template, &[("{phone}", &message.to), ("{text}", &message.text), ("{id}", &message.id)])
    }

    fn is_good(&self, answer: &[u8]) -> bool {
        let Some(pointer) = &self.settings.ok_pointer else { return true };
        let answer: Value = serde_json::from_slice(answer).unwrap_or(Value::Null);
        match answer.pointer(pointer) {
            Some(value) => {
                *value == self.settings.ok_value || serde_json::from_str::<Value>(&self.settings.ok_value).ok().as_ref() == Some(value)
            }
            None => false,
        }
    }
}

/// A template with its places filled. Filling happens in strings of the parsed document, so a text with
/// quotes stays text.
pub(super) fn filled(template: &Value, values: &[(&str, &str)]) -> Value {
    match template {
        Value::String(text) => Value::String(put_in(text, values)),
        Value::Array(items) => Value::Array(items.iter().map(|item| filled(item, values)).collect()),
        Value::Object(fields) => Value::Object(fields.iter().map(|(name, value)| (name.clone(), filled(value, values))).collect()),
        other => other.clone(),
    }
}

/// One pass from left to right: what was put in is not looked at again.
fn put_in(text: &str, values: &[(&str, &str)]) -> String {
    let (mut made, mut rest) = (String::new(), text);
    while let Some((at, (place, value))) = values.iter().filter_map(|pair| Some((rest.find(pair.0)?, *pair))).min_by_key(|(at, _)| *at) {
        made.push_str(&rest[..at]);
        made.push_str(value);
        rest = &rest[at + place.len()..];
    }
    made + rest
}

#[async_trait]
impl Messenger for HttpSms {
    async fn send(&self, message: &Message) -> Result<(), Fault> {
        let is_phone = !message.to.is_empty() && message.to.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+' || byte == b'-');
        if !is_phone {
            return Err(Fault::lasting("bad_phone"));
        }
        let (status, answer) = self.endpoint.post_json(&message.id, self.body(message).to_string()).await?;
        judge(status)?;
        if self.is_good(&answer) { Ok(()) } else { Err(Fault::passing("provider_refused")) }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_hostile_text_stays_text() {
        let endpoint = Endpoint::new("http://127.0.0.1:9/", None, &[]).unwrap();
        let settings = SmsSettings {
            body: r#"{"to":["{phone}"],"msg":{"t":"【一窗】{text}","n":1},"id":"{id}"}"#.to_owned(),
            ok_pointer: Some("/code".to_owned()),
            ok_value: "0".to_owned(),
        };
        let sms = HttpSms::new(endpoint, settings).unwrap();
        let message = Message {
            id: "n_dc_1".to_owned(),
            to: "13800002046".to_owned(),
            subject: String::new(),
            text: "\",\"{phone}\n{id}".to_owned(),
            link: String::new(),
        };
        let body = sms.body(&message);
        assert_eq!(body["to"][0], "13800002046");
        assert_eq!(body["msg"]["t"], "【一窗】\",\"{phone}\n{id}");
        assert!(sms.is_good(br#"{"code":0}"#) && sms.is_good(br#"{"code":"0"}"#));
        assert!(!sms.is_good(br#"{"code":1}"#) && !sms.is_good(b"ok") && !sms.is_good(b""));
    }
}
