//! A window that calls for the supervisor: who asked, since when, and who is coming.

use serde::{Deserialize, Serialize};

use crate::ids::StaffId;
use crate::time::Millis;

/// A call for the supervisor that is not settled yet; at most one per window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Help {
    /// Since when.
    pub since: Millis,
    /// Who asked.
    pub staff: StaffId,
    /// Why: one of the policy's reasons, or the id of a sealed text.
    pub reason: Option<String>,
    /// Who is coming, if somebody said so.
    pub acknowledged: Option<Acknowledged>,
}

/// Somebody said: I am coming.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// When.
    pub at: Millis,
    /// Who.
    pub staff: StaffId,
}
