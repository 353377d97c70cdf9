//! A matter that a site takes over from a site above (认领): by which document and until when, what the site may
//! therefore do, and the few fields that are its own. Everything else is the matter above, read through and never
//! copied, so that a change there is one here at once. Knows no clock and no site.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Matter, MatterState};
use crate::ids::{LineId, MatterId};
use crate::time::{DAY_MS, Millis, local_date, start_of};

/// Days before its end on which a claim that runs out is told (◇).
pub const WARN_DAYS: i64 = 30;

/// In which way a site handles a matter from above (DOMAIN §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delegation {
    /// 委托受理: the site accepts, the authority above decides.
    EntrustedAcceptance,
    /// 授权办理: the site accepts and decides.
    Authorised,
    /// 帮办代办: the site only helps people to apply above.
    Assisted,
}

impl Delegation {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::EntrustedAcceptance, Self::Authorised, Self::Assisted];

    /// The word people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::EntrustedAcceptance => "委托受理",
            Self::Authorised => "授权办理",
            Self::Assisted => "帮办代办",
        }
    }

    /// Whether the site opens and accepts cases.
    #[must_use]
    pub fn accepts(self) -> bool {
        self != Self::Assisted
    }

    /// Whether people of the site decide them.
    #[must_use]
    pub fn decides(self) -> bool {
        self == Self::Authorised
    }
}

/// How a site came to a matter that is not its own, as it stands in the matter as the site offers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedFrom {
    /// The matter above.
    pub matter_id: MatterId,
    /// In which way.
    pub delegation: Delegation,
    /// Name and number of the document it rests on.
    pub document: String,
    /// Last day; `None` without end.
    pub expires_on: Option<NaiveDate>,
}

/// The fields that are the site's own; an empty one leaves what stands above.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocalFields {
    /// Where it queues here; `None`: no numbers are given for it.
    pub line_id: Option<LineId>,
    /// When it is done here.
    pub hours: String,
    /// Phone for questions.
    pub consultation_phone: String,
    /// Phone for complaints.
    pub complaint_phone: String,
    /// Where it is done here.
    pub address: String,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The matter as the site offers it.
    pub id: MatterId,
    /// How the site came to it.
    pub from: ClaimedFrom,
    /// The site's own fields.
    pub local: LocalFields,
    /// Since when it is over because somebody ended it; `None` while it is not.
    pub ended_at: Option<Millis>,
    /// How often it was changed, from 1.
    pub version: u32,
}

/// What stands against offering a claimed matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOffered {
    /// Somebody ended the claim.
    Ended,
    /// Its last day is over.
    Expired,
    /// The matter above is no longer in force.
    RetiredAbove,
}

/// What time has to tell about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimNotice {
    /// It runs out soon.
    Expiring,
    /// It ran out.
    Expired,
}

impl Claim {
    /// The matter as the site offers it: all of the one above, with the site's own fields.
    #[must_use]
    pub fn offered(&self, above: &Matter) -> Matter {
        let mut matter = Matter { id: self.id.clone(), claimed: Some(self.from.clone()), ..above.clone() };
        let own = |text: &String, place: &mut String| {
            if !text.is_empty() {
                place.clone_from(text);
            }
        };
        own(&self.local.hours, &mut matter.details.hours);
        own(&self.local.address, &mut matter.details.address);
        own(&self.local.consultation_phone, &mut matter.consultation_phone);
        own(&self.local.complaint_phone, &mut matter.complaint_phone);
        matter
    }

    /// Why the matter is not offered on a day; `None` when it is.
    #[must_use]
    pub fn not_offered(&self, above: &Matter, today: NaiveDate) -> Option<NotOffered> {
        if self.ended_at.is_some() {
            Some(NotOffered::Ended)
        } else if self.from.expires_on.is_some_and(|last| last < today) {
            Some(NotOffered::Expired)
        } else if above.state == MatterState::Published {
            None
        } else {
            Some(NotOffered::RetiredAbove)
        }
    }

    /// What is to be told now.
    #[must_use]
    pub fn notice(&self, now: Millis) -> Option<ClaimNotice> {
        let last = self.from.expires_on.filter(|_| self.ended_at.is_none())?;
        if last < local_date(now) {
            Some(ClaimNotice::Expired)
        } else if warned_at(last) <= now {
            Some(ClaimNotice::Expiring)
        } else {
            None
        }
    }

    /// When time is to look at a claim that was written now: at once where there is something to tell.
    #[must_use]
    pub fn watch_from(&self, now: Millis) -> Option<Millis> {
        if self.notice(now).is_some() { Some(now) } else { self.watch_at(now) }
    }

    /// When time will next have something to tell, after what is told now; `None` for never.
    #[must_use]
    pub fn watch_at(&self, now: Millis) -> Option<Millis> {
        let last = self.from.expires_on.filter(|_| self.ended_at.is_none())?;
        [warned_at(last), start_of(last) + DAY_MS].into_iter().find(|at| *at > now)
    }
}

fn warned_at(last: NaiveDate) -> Millis {
    start_of(last) - WARN_DAYS * DAY_MS
}
