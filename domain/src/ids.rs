//! Identifiers: opaque strings whose second part is the short key of their site, so that every
//! look-up can start from the site. Knows nothing of how a fresh one is drawn. Clones share the text.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $letter:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The kind letter before the first underscore.
            pub const KIND: &'static str = $letter;

            /// An id of this kind under a site key; `tail` is a random or a speaking part.
            #[must_use]
            pub fn new(site_key: &str, tail: &str) -> Self {
                Self(format!("{}_{site_key}_{tail}", $letter).into())
            }

            /// Takes text as it came from outside; `None` unless it has the form of this kind.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let (kind, rest) = text.split_once('_')?;
                let (key, tail) = rest.split_once('_')?;
                let sound = kind == $letter
                    && is_site_key(key)
                    && (1..=48).contains(&tail.len())
                    && tail.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
                sound.then(|| Self(text.into()))
            }

            /// The short key of the site this object belongs to.
            #[must_use]
            pub fn site_key(&self) -> &str {
                self.0.split('_').nth(1).unwrap_or_default()
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                (*id.0).to_owned()
            }
        }
    };
}

/// Whether text can be the short key of a site: 1 to 8 of `a-z0-9`.
#[must_use]
pub fn is_site_key(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// A site, named in full (`demo-center`); its short key is a fact of the site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SiteId(Arc<str>);

impl SiteId {
    /// Takes text of the form `[a-z0-9-]{1,40}`; `None` otherwise.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sound = (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        sound.then(|| Self(text.into()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The practice hall with a short key.
    #[must_use]
    pub fn practice(key: &str) -> Self {
        Self(format!("{PRACTICE}{key}").into())
    }
}

/// How the ids of practice halls begin; no other site has such an id.
const PRACTICE: &str = "practice-";

/// Whether a site is a practice hall (练习模式): a copy of a hall in which nothing counts, wiped as a whole.
#[must_use]
pub fn is_practice(site_id: &str) -> bool {
    site_id.starts_with(PRACTICE)
}

impl std::fmt::Display for SiteId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

id!(/** A queue of one site (业务类). */ LineId, "l");
id!(/** A numbered desk (窗口). */ WindowId, "w");
id!(/** A place in a queue on one business day (号票). */ TicketId, "t");
id!(/** A catalogue entry (事项). */ MatterId, "m");
id!(/** A required document of a matter (材料). */ MaterialId, "mt");
id!(/** A choice that selects the exact materials (情形). */ SituationId, "si");
id!(/** Several matters as one (一件事). */ BundleId, "b");
id!(/** One application (办件). */ CaseId, "c");
id!(/** The cases of one application for several matters. */ BundleCaseId, "bc");
id!(/** Somebody whose data lies encrypted (当事人). */ PersonId, "p");
id!(/** A text or form that lies encrypted; events name only this id. */ TextId, "x");
id!(/** A result document (证照). */ CertificateId, "cert");
id!(/** A record of documents that were handed on (证照交接单). */ CustodyRecordId, "cr");
id!(/** A place kept at a time (预约). */ AppointmentId, "ap");
id!(/** A rating (评价). */ EvaluationId, "ev");
id!(/** A complaint (投诉). */ ComplaintId, "cp");
id!(/** A member of staff. */ StaffId, "s");
id!(/** Somebody known by a phone that received a code; no member of staff. */ CitizenId, "z");
id!(/** A sign-in code that was sent to a phone. */ SignInCodeId, "k");
id!(/** A department of the district (部门). */ DepartmentId, "d");
id!(/** A hall device. */ DeviceId, "dev");
id!(/** A slip to be printed. */ PrintJobId, "pj");
id!(/** A message to an applicant. */ NotificationId, "n");
id!(/** A correction notice (一次性告知书). */ NoticeId, "no");
id!(/** A file of a case (附件). */ AttachmentId, "att");
id!(/** Somebody asked, and no ticket followed (首问). */ FirstContactId, "fc");
id!(/** Somebody's affair in the hands of a helper (帮办). */ AssistanceId, "as");
id!(/** A row that is told to the platform above (上报). */ ReportId, "rp");
id!(/** A case that the platform above handles, linked to a visit. */ UpstreamCaseId, "uc");
id!(/** A week of a district's ledger (台账). */ LedgerWeekId, "lw");
id!(/** A leave of a member of staff (请假). */ LeaveId, "lv");
id!(/** A training that was held (培训). */ TrainingId, "tr");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_their_site_and_refuse_what_has_another_form() {
        let ticket = TicketId::new("dc", "01hx");
        assert_eq!((ticket.as_str(), ticket.site_key()), ("t_dc_01hx", "dc"));
        assert_eq!(TicketId::parse("t_dc_01hx"), Some(ticket));
        assert_eq!(LineId::parse("l_dc_demo-line").map(String::from).as_deref(), Some("l_dc_demo-line"));
        for wrong in ["", "t", "t_dc", "t_dc_", "w_dc_1", "t_DC_1", "t_toolongkey_1", "t_dc_a b", "t_dc_号"] {
            assert_eq!(TicketId::parse(wrong), None, "{wrong}");
        }
    }
}
