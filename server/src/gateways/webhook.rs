//! Messages to a system of the operator's own (消息中台) by HTTP: one JSON document a message, signed.

use async_trait::async_trait;
use serde_json::json;

use super::outgoing::{Endpoint, Posted, judge};
use super::signature::Signer;
use super::{Fault, Message, Messenger};

/// A receiver at an address.
#[derive(Debug, Clone)]
pub struct Webhook {
    endpoint: Endpoint,
    signer: Signer,
}

impl Webhook {
    /// A receiver with the secret it shares with us.
    #[must_use]
    pub fn new(endpoint: Endpoint, secret: &str) -> Self {
        Self { endpoint, signer: Signer::new(secret) }
    }
}

#[async_trait]
impl Messenger for Webhook {
    async fn send(&self, message: &Message) -> Result<(), Fault> {
        let Message { id, to, subject, text, link } = message;
        let body = json!({ "id": id, "to": to, "subject": subject, "text": text, "link": link }).to_string();
        let headers = self.signer.headers(id, &body);
        let (status, _) = self.endpoint.post(&Posted { below: "", id, headers: &headers, body }).await?;
        judge(status)
    }
}
