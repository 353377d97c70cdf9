//! How far a visit and its cases are, and what somebody thinks of them: asked and rated at the kiosk. What was typed for
//! a question lies nowhere; a rating is a command, so that a cut line gives no second one.

use protocol::device::{DeviceCommand, Question};
use serde::Deserialize;

use super::{Answer, Kiosk};

/// By what a visit or case is found: one of the three ways.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrackBy {
    /// The code in the slip's or receipt's QR code.
    pub tracking_code: Option<String>,
    /// The code beside it on a slip of today.
    pub short_code: Option<String>,
    /// The number of a case
    pub number: Option<String>,
    /// with its query code.
    pub query_code: Option<String>,
}

/// A rating as somebody touched it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// The code of the timeline.
    pub tracking_code: String,
    /// `visit` or `case`.
    pub subject: String,
    /// The case, when one is rated.
    #[serde(default)]
    pub case_id: Option<String>,
    /// One of the five levels.
    pub level: String,
    /// Codes of the reasons.
    #[serde(default)]
    pub reason_codes: Vec<String>,
}

impl Kiosk {
    /// The timeline of a visit and its cases.
    pub async fn track(&self, by: TrackBy) -> Answer {
        let TrackBy { tracking_code, short_code, number, query_code } = by;
        self.ask(Question::Track { tracking_code, short_code, number, query_code }).await
    }

    /// Gives a rating; the same key never gives two.
    pub async fn rate(&self, key: &str, rating: Rating) -> Answer {
        let Rating { tracking_code, subject, case_id, level, reason_codes } = rating;
        self.command(key, DeviceCommand::Rate { tracking_code, subject, case_id, level, reason_codes }).await
    }
}
