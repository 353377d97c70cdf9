//! The loop after a negative rating (DOMAIN §8): 核实 → 整改 → 答复 → 回访, and beside it the appeal of the
//! person judged. [`FollowUp::decide`] answers a command with events or one refusal,
//! [`FollowUp::evolve`] takes an event in. Nothing of a loop is ever deleted.
//!
//! - A rater who can be reached by phone is called back, always: such a loop ends with a call. Who cannot be
//!   reached is anonymous: that loop ends with the reply.
//! - The judged handles nothing of a rating about himself; who verified decides no appeal against it.
//! - An appeal that is upheld takes the rating off the person. It stays in the site's figures.
//!
//! Architecture Invariant: pure, and knows nothing of who rated. Texts are named by id.

mod decide;
mod event;
mod refusal;
mod state;

pub use decide::{Action, Command, Doer, Ground};
pub use event::Event as FollowUpEvent;
pub use refusal::{Class as FollowUpClass, Refusal as FollowUpRefusal};
pub use state::{Appeal, Call, Closing, Contact, Due, Finding, FollowUp, LoopState, Measure, Rectification, Remark, Step, Verification};

#[cfg(test)]
mod tests;
