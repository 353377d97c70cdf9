//! 好差评: a voluntary rating of a visit or a case (DOMAIN §8). Silence is no evaluation: a rating
//! exists only when a person chose a level.

pub mod evidence;
pub mod follow_up;
pub mod levels;
pub mod rating;
pub mod reasons;
pub mod signals;

pub use evidence::{CaseFacts, Demand, Evidence, Facts, Figure, Verdict, VisitFacts, evidence, rests_on_guide};
pub use follow_up::{
    Action, Appeal, Call, Closing, Command, Contact, Doer, Due, Finding, FollowUp, FollowUpClass, FollowUpEvent, FollowUpRefusal, Ground,
    LoopState, Measure, Rectification, Remark, Step, Verification,
};
pub use levels::{Level, StarOrder};
pub use rating::{Channel, Evaluations, Event, Rating, Refusal, Subject, Submission, Turn};
pub use reasons::{REASONS, Reason, reason};
pub use signals::{ClerkRates, Given, Signals, clerk_rates, signals};
