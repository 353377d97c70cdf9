//! The port of people: where they sat, who is away, who is planned where, what was trained. Knows no account.

use async_trait::async_trait;
use domain::time::Millis;

use super::ports::Stored;
use super::rows::{LeaveRow, RosterRow, SittingRow, TrainingRow};

/// The people of a site beside their accounts: where they sat, who is away, who is planned where, what was trained.
/// Dates are `yyyy-MM-dd`, so that they compare as texts.
#[async_trait]
pub trait PeopleStore: Send + Sync {
    /// Ended sittings of a site that touch `from..to`, by begin.
    async fn sittings_between(&self, site_id: &str, from: Millis, to: Millis) -> Stored<Vec<SittingRow>>;
    /// One leave.
    async fn leave(&self, site_id: &str, id: &str) -> Stored<Option<LeaveRow>>;
    /// Leaves of a site that touch the days `from..=to` and were not cancelled, by begin.
    async fn leaves_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<LeaveRow>>;
    /// Rosters of the days `from..=to`, by day.
    async fn rosters_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<RosterRow>>;
    /// Rosters of every site on one day.
    async fn rosters_on(&self, date: &str) -> Stored<Vec<RosterRow>>;
    /// Leaves of every site that touch one day and were not cancelled, by begin.
    async fn leaves_on(&self, date: &str) -> Stored<Vec<LeaveRow>>;
    /// One training.
    async fn training(&self, site_id: &str, id: &str) -> Stored<Option<TrainingRow>>;
    /// Trainings of a site on the days `from..=to`, the newest first.
    async fn trainings_between(&self, site_id: &str, from: &str, to: &str) -> Stored<Vec<TrainingRow>>;
}
