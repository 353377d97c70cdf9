//! The field bag (村站、上门): applications that are received without a line and taken in when it is back. What a bag may
//! write, its own numbers, and what becomes of an application here (local rules). Knows no device, no file and no clock.

mod person;

use chrono::NaiveDate;

pub use person::{BagFault, BagPerson, PERSON_KINDS, check_kind, check_person};

use crate::codes::CaseNumberPattern;

/// Photos of one application.
pub const PHOTOS_MAX: usize = 40;
/// Bytes of one photo.
pub const PHOTO_BYTES_MAX: usize = 10 << 20;
/// Working days after which an application that comes in is pressing: silence accepts it after five (行政许可法 32).
pub const PRESSING_DAYS: u32 = 4;

/// Days of which a bag may give numbers on one day: its own and those that a clock told before it was put back.
const DAYS_AHEAD: usize = 8;

/// A case number of a bag's own series: that of the default pattern, whatever the site sets, with the letters of the series
/// before the serial. The site may change its own pattern while the bag is away.
#[must_use]
pub fn kept_number(site_key: &str, series: &str, item_code: &str, date: NaiveDate, serial: u32) -> Option<String> {
    CaseNumberPattern::default().of_series(series).format(&site_key.to_uppercase(), item_code, date, serial)
}

/// Whether a number is one that a bag gives for a matter on a day. A bag whose clock went back goes on with the numbers of
/// the later day, so that one a few days ahead is its own too.
#[must_use]
pub fn is_kept_number(number: &str, site_key: &str, series: &str, item_code: &str, date: NaiveDate) -> bool {
    let digits = number.bytes().rev().take_while(u8::is_ascii_digit).count();
    let serial = number.get(number.len() - digits..).and_then(|digits| digits.parse::<u32>().ok()).filter(|serial| *serial > 0);
    let is_of = |serial, date| kept_number(site_key, series, item_code, date, serial).as_deref() == Some(number);
    serial.is_some_and(|serial| date.iter_days().take(DAYS_AHEAD).any(|date| is_of(serial, date)))
}

/// A written rule by which an application from a bag is settled or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BagRule {
    /// The case exists already: nothing happens again.
    CaseKnown,
    /// The number is on another case, or none of this bag's series.
    NumberUsed,
    /// The matter was never offered here.
    NotHere,
    /// The person might not register applications on that day.
    NotEntitled,
    /// What was written down of the applicant is gone or says nothing that could be registered.
    ContentBad,
    /// The rules of cases do not take it.
    NotTaken,
    /// The matter is another by now than the bag knew it.
    MatterChanged,
    /// The matter is not offered any more.
    MatterOver,
    /// The form has gaps under the version of that day.
    FormOpen,
    /// The person's account ended after that day.
    StaffEnded,
    /// Photos are gone or no pictures.
    PhotosLost,
    /// The day by which it must be answered is near or over.
    Pressing,
}

impl BagRule {
    /// Every rule.
    pub const ALL: [Self; 12] = [
        Self::CaseKnown,
        Self::NumberUsed,
        Self::NotHere,
        Self::NotEntitled,
        Self::ContentBad,
        Self::NotTaken,
        Self::MatterChanged,
        Self::MatterOver,
        Self::FormOpen,
        Self::StaffEnded,
        Self::PhotosLost,
        Self::Pressing,
    ];

    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CaseKnown => "case_known",
            Self::NumberUsed => "number_used",
            Self::NotHere => "matter_not_here",
            Self::NotEntitled => "not_entitled",
            Self::ContentBad => "content_bad",
            Self::NotTaken => "not_taken",
            Self::MatterChanged => "matter_changed",
            Self::MatterOver => "matter_over",
            Self::FormOpen => "form_open",
            Self::StaffEnded => "staff_ended",
            Self::PhotosLost => "photos_lost",
            Self::Pressing => "pressing",
        }
    }

    /// What was done, for the supervisor.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::CaseKnown => "这件已经收过，没有再记",
            Self::NumberUsed => "办件编号已经用过，或者不是这台设备的号段，没有收；请对着凭证联系申请人",
            Self::NotHere => "这里没有办过这个事项，没有收；请对着凭证联系申请人",
            Self::NotEntitled => "收件的人那天没有收件的权限，没有收；请看要不要由窗口补录",
            Self::ContentBad => "申请人的内容缺了或读不懂，没有收；请对着凭证联系申请人",
            Self::NotTaken => "按办件的规则收不了；请看要不要由窗口补录",
            Self::MatterChanged => "事项后来改过，按收件那天的版本收了",
            Self::MatterOver => "事项现在不办了，先存成草稿，请看怎么办",
            Self::FormOpen => "申请表或情形没有填全，先存成草稿，请补全再接件",
            Self::StaffEnded => "收件的人的账号后来到期了，那天还有权限，照收",
            Self::PhotosLost => "有照片没收到或打不开，办件照收，请补扫",
            Self::Pressing => "收件已经四个工作日以上，五个工作日不答复视为受理，请马上看",
        }
    }

    /// Whether nothing of it is taken.
    #[must_use]
    pub fn refuses(self) -> bool {
        matches!(self, Self::CaseKnown | Self::NumberUsed | Self::NotHere | Self::NotEntitled | Self::ContentBad | Self::NotTaken)
    }
}

/// How the matter of an application stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatterStanding {
    /// Never offered here, or only helped with.
    NeverHere,
    /// Offered in the version that the bag knew, which was that of the day.
    AsKnown,
    /// Offered, and another by now or already on that day than the bag knew it.
    Changed,
    /// Not offered any more.
    Over,
}

/// How the account of whoever received stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffStanding {
    /// May register applications, then and now.
    Entitled,
    /// Might on that day; ended since.
    EndedSince,
    /// Might not on that day, or nobody knows of it.
    NotThen,
}

/// What is known here when an application comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApplyFacts {
    /// A case of this id exists.
    pub is_known: bool,
    /// The number is of the bag's series, and no other case has it.
    pub is_number_free: bool,
    /// The matter.
    pub matter: MatterStanding,
    /// Whoever received.
    pub staff: StaffStanding,
    /// Persons and form could be read.
    pub is_readable: bool,
    /// Situations and form are whole under the version of that day.
    pub is_whole: bool,
    /// The bag handed it over as a draft.
    pub is_draft: bool,
    /// Photos that are gone or no pictures.
    pub bad_photos: usize,
    /// Working days that began since it was received.
    pub working_days: u32,
}

/// What becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// Nothing of it is taken.
    Refused(BagRule),
    /// It becomes a case.
    Taken {
        /// As a draft: not received yet.
        as_draft: bool,
        /// What somebody should know of it.
        told: Vec<BagRule>,
    },
}

/// What becomes of an application that a bag received (local rules; whoever received it gave out a receipt, so that it is
/// taken wherever that can be, and what stands against it is told to a person).
#[must_use]
pub fn settle(facts: &ApplyFacts) -> Settled {
    let refused = [
        (facts.is_known, BagRule::CaseKnown),
        (!facts.is_number_free, BagRule::NumberUsed),
        (facts.matter == MatterStanding::NeverHere, BagRule::NotHere),
        (facts.staff == StaffStanding::NotThen, BagRule::NotEntitled),
        (!facts.is_readable, BagRule::ContentBad),
    ];
    if let Some((_, rule)) = refused.into_iter().find(|(holds, _)| *holds) {
        return Settled::Refused(rule);
    }
    let is_open = !facts.is_whole && !facts.is_draft;
    let as_draft = facts.is_draft || is_open || facts.matter == MatterStanding::Over;
    let told = [
        (facts.matter == MatterStanding::Over, BagRule::MatterOver),
        (is_open, BagRule::FormOpen),
        (facts.matter == MatterStanding::Changed, BagRule::MatterChanged),
        (facts.staff == StaffStanding::EndedSince, BagRule::StaffEnded),
        (facts.bad_photos > 0, BagRule::PhotosLost),
        (facts.working_days >= PRESSING_DAYS && !as_draft, BagRule::Pressing),
    ];
    Settled::Taken { as_draft, told: told.into_iter().filter(|(holds, _)| *holds).map(|(_, rule)| rule).collect() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const SOUND: ApplyFacts = ApplyFacts {
        is_known: false,
        is_number_free: true,
        matter: MatterStanding::AsKnown,
        staff: StaffStanding::Entitled,
        is_readable: true,
        is_whole: true,
        is_draft: false,
        bad_photos: 0,
        working_days: 0,
    };

    fn taken(as_draft: bool, told: &[BagRule]) -> Settled {
        Settled::Taken { as_draft, told: told.to_vec() }
    }

    #[test]
    fn an_application_is_taken_wherever_that_can_be_and_a_person_is_told_what_stands_against_it() {
        use BagRule as Rule;
        let rows = [
            (SOUND, taken(false, &[])),
            (ApplyFacts { is_known: true, ..SOUND }, Settled::Refused(Rule::CaseKnown)),
            (ApplyFacts { is_number_free: false, ..SOUND }, Settled::Refused(Rule::NumberUsed)),
            (ApplyFacts { matter: MatterStanding::NeverHere, ..SOUND }, Settled::Refused(Rule::NotHere)),
            (ApplyFacts { staff: StaffStanding::NotThen, ..SOUND }, Settled::Refused(Rule::NotEntitled)),
            (ApplyFacts { is_readable: false, ..SOUND }, Settled::Refused(Rule::ContentBad)),
            (ApplyFacts { matter: MatterStanding::Changed, ..SOUND }, taken(false, &[Rule::MatterChanged])),
            (ApplyFacts { matter: MatterStanding::Over, ..SOUND }, taken(true, &[Rule::MatterOver])),
            (ApplyFacts { is_whole: false, ..SOUND }, taken(true, &[Rule::FormOpen])),
            (ApplyFacts { is_draft: true, is_whole: false, ..SOUND }, taken(true, &[])),
            (ApplyFacts { staff: StaffStanding::EndedSince, ..SOUND }, taken(false, &[Rule::StaffEnded])),
            (ApplyFacts { bad_photos: 2, ..SOUND }, taken(false, &[Rule::PhotosLost])),
            (ApplyFacts { working_days: 3, ..SOUND }, taken(false, &[])),
            (ApplyFacts { working_days: 4, ..SOUND }, taken(false, &[Rule::Pressing])),
            (ApplyFacts { working_days: 9, is_draft: true, ..SOUND }, taken(true, &[])),
        ];
        for (facts, settled) in rows {
            assert_eq!(settle(&facts), settled, "{facts:?}");
        }
        // What was taken before stays what it was, whatever else is wrong.
        assert_eq!(settle(&ApplyFacts { is_known: true, is_readable: false, ..SOUND }), Settled::Refused(Rule::CaseKnown));
    }

    #[test]
    fn every_rule_has_a_code_of_its_own_and_words() {
        let mut codes: Vec<&str> = BagRule::ALL.iter().map(|rule| rule.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), BagRule::ALL.len());
        assert!(BagRule::ALL.iter().all(|rule| !rule.text().is_ascii()));
        assert!(BagRule::NotTaken.refuses() && !BagRule::PhotosLost.refuses());
    }

    #[test]
    fn a_number_is_of_its_site_series_and_day_and_of_no_other() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let number = kept_number("dc", "K", "x", date, 12).unwrap();
        assert_eq!(number, "DC20261124K0012");
        assert!(is_kept_number(&number, "dc", "K", "x", date));
        assert!(is_kept_number(&kept_number("dc", "K", "x", date, 12_345).unwrap(), "dc", "K", "x", date));
        assert!(is_kept_number(&number, "dc", "K", "x", date.pred_opt().unwrap()), "the clock was put back");
        let other = date.succ_opt().unwrap();
        for (text, site, series, day) in [
            ("DC20261124K0012", "dd", "K", date),
            ("DC20261124K0012", "dc", "J", date),
            ("DC20261124K0012", "dc", "K", other),
            ("DC202611240012", "dc", "K", date),
            ("DC20261124K012", "dc", "K", date),
            ("DC20261124K0000", "dc", "K", date),
            ("DC20261124K", "dc", "K", date),
            ("DC20261124K99999999999", "dc", "K", date),
            ("", "dc", "K", date),
        ] {
            assert!(!is_kept_number(text, site, series, "x", day), "{text} {site} {series} {day}");
        }
    }
}
