//! The ratings of one subject: one, and one follow-up. Names the text of the rater by id and knows
//! nothing of who rated or who was judged.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::levels::Level;
use super::reasons::reason;
use crate::ids::{CaseId, EvaluationId, TextId, TicketId};
use crate::time::Millis;

/// Most reasons ticked at once: all that a level has.
const REASONS_MAX: usize = 8;

/// What is rated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "subject", rename_all = "snake_case")]
pub enum Subject {
    /// 一次一评: a visit, named by its ticket.
    Visit {
        /// The ticket.
        ticket: TicketId,
    },
    /// 一事一评: a case.
    Case {
        /// The case.
        case: CaseId,
    },
}

/// How the rating came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Tablet at the window.
    Pad,
    /// QR code of slip or window.
    Qr,
    /// Computer.
    Web,
    /// Mobile application.
    Mobile,
    /// Text message.
    Sms,
    /// Call.
    Phone,
    /// Other terminal in the hall.
    Kiosk,
}

/// First rating or follow-up (assessNumber 1 or 2 of the national table).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// 首次
    First,
    /// 追评
    FollowUp,
}

/// A rating as it is handed in. A level was chosen, or there is no submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Id to give it.
    pub id: EvaluationId,
    /// The level.
    pub level: Level,
    /// Codes of the reasons ticked.
    pub reason_codes: Vec<String>,
    /// What the rater wrote.
    pub text: Option<TextId>,
    /// How it came.
    pub channel: Channel,
}

/// A rating as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// What was handed in.
    #[serde(flatten)]
    pub submission: Submission,
    /// First or follow-up.
    pub turn: Turn,
    /// When, UTC ms.
    pub at: Millis,
}

/// One event of a subject's ratings. It lies in the site's log, which only auditors read, and never
/// goes to a feed: the judged do not see who rated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A rating was handed in.
    EvaluationRecorded {
        /// What was rated.
        #[serde(flatten)]
        of: Subject,
        /// The rating.
        rating: Rating,
    },
}

impl Event {
    /// The kind as in the JSON field `type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::EvaluationRecorded { .. } => "evaluation_recorded",
        }
    }
}

/// Why a rating is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A code that the table does not have.
    #[error("评价理由代码无效。")]
    UnknownReason {
        /// The code.
        code: String,
    },
    /// A code of another level.
    #[error("评价理由与所选满意度不符。")]
    ReasonOfOtherLevel {
        /// The code.
        code: String,
    },
    /// Ticked twice, or too many.
    #[error("评价理由重复或过多。")]
    TooManyReasons,
    /// Rated, and rated again.
    #[error("已评价并追评，不能再次评价。")]
    RatedAlready,
}

impl Refusal {
    /// The stable code of the problem document.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownReason { .. } => "unknown_reason",
            Self::ReasonOfOtherLevel { .. } => "reason_of_other_level",
            Self::TooManyReasons => "too_many_reasons",
            Self::RatedAlready => "rated_already",
        }
    }

    /// The field of the request for a wrong input (422); `None` is a conflict (409).
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::UnknownReason { .. } | Self::ReasonOfOtherLevel { .. } | Self::TooManyReasons => Some("reason_codes"),
            Self::RatedAlready => None,
        }
    }
}

/// All ratings of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluations {
    /// What is rated.
    pub of: Subject,
    /// The first rating.
    pub first: Option<Rating>,
    /// The follow-up.
    pub follow_up: Option<Rating>,
}

impl Evaluations {
    /// No rating yet; silence leaves it so.
    #[must_use]
    pub fn none(of: Subject) -> Self {
        Self { of, first: None, follow_up: None }
    }

    /// Takes a rating: the first, or the one follow-up.
    ///
    /// # Errors
    /// A reason that does not fit the level, or both turns used.
    pub fn decide(&self, submission: Submission, now: Millis) -> Result<Event, Refusal> {
        let codes = &submission.reason_codes;
        for code in codes {
            let known = reason(code).ok_or_else(|| Refusal::UnknownReason { code: code.clone() })?;
            if !known.belongs_to(submission.level) {
                return Err(Refusal::ReasonOfOtherLevel { code: code.clone() });
            }
        }
        let mut distinct = codes.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() != codes.len() || codes.len() > REASONS_MAX {
            return Err(Refusal::TooManyReasons);
        }
        let turn = match (&self.first, &self.follow_up) {
            (None, _) => Turn::First,
            (Some(_), None) => Turn::FollowUp,
            (Some(_), Some(_)) => return Err(Refusal::RatedAlready),
        };
        Ok(Event::EvaluationRecorded { of: self.of.clone(), rating: Rating { submission, turn, at: now } })
    }

    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        let Event::EvaluationRecorded { rating, .. } = event;
        match rating.turn {
            Turn::First => self.first = Some(rating.clone()),
            Turn::FollowUp => self.follow_up = Some(rating.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn submission(level: Level, codes: &[&str]) -> Submission {
        Submission {
            id: EvaluationId::new("dc", "1"),
            level,
            reason_codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            text: None,
            channel: Channel::Pad,
        }
    }

    fn visit() -> Evaluations {
        Evaluations::none(Subject::Visit { ticket: TicketId::new("dc", "1") })
    }

    #[test]
    fn one_rating_and_one_follow_up() {
        let mut visit = visit();
        for turn in [Turn::First, Turn::FollowUp] {
            let event = visit.decide(submission(Level::Satisfied, &["406", "413"]), 5).unwrap();
            visit.evolve(&event);
            let Event::EvaluationRecorded { rating, .. } = event;
            assert_eq!(rating.turn, turn);
        }
        assert_eq!(visit.decide(submission(Level::Satisfied, &[]), 6), Err(Refusal::RatedAlready));
    }

    #[test]
    fn reasons_fit_the_level() {
        let code = |codes: &[&str]| visit().decide(submission(Level::VeryDissatisfied, codes), 0).map_err(|refusal| refusal.code());
        assert!(code(&["108", "115"]).is_ok());
        assert_eq!(code(&["510"]), Err("reason_of_other_level"));
        assert_eq!(code(&["199"]), Err("unknown_reason"));
        assert_eq!(code(&["108", "108"]), Err("too_many_reasons"));
    }

    #[test]
    fn silence_is_no_rating() {
        let without_level = r#"{"id":"ev_dc_1","reason_codes":[],"text":null,"channel":"pad"}"#;
        assert!(serde_json::from_str::<Submission>(without_level).is_err());
        let evaluations = visit();
        assert_eq!((evaluations.first, evaluations.follow_up), (None, None));
    }

    #[test]
    fn events_travel_as_json() {
        let event = visit().decide(submission(Level::Satisfied, &["406"]), 7).unwrap();
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!((json["type"].as_str(), json["subject"].as_str()), (Some(event.kind()), Some("visit")));
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    }
}
