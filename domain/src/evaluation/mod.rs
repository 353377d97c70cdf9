//! 好差评: a voluntary rating of a visit or a case (DOMAIN §8). Silence is no evaluation: a rating
//! exists only when a person chose a level.

pub mod levels;
pub mod rating;
pub mod reasons;

pub use levels::{Level, StarOrder};
pub use rating::{Channel, Evaluations, Event, LoopState, NegativeLoop, Rating, Refusal, Subject, Submission, Turn};
pub use reasons::{REASONS, Reason, reason};
