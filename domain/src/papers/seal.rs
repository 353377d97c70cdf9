//! Seals that stand on papers (GB/T 9704-2012, 7.3.5.1): whose, on which papers, from when to when. Their sizes are those
//! of 国发〔1999〕25号 (a township's 4.2 cm, at most 5 cm), the other bounds local rules. Knows no picture's bytes.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::TextId;
use crate::time::Millis;

/// Across a seal on paper, in millimetres.
pub const SEAL_MM: RangeInclusive<u8> = 30..=50;
/// Sides of its picture in pixels: sharp on paper, and small enough to be unpacked anywhere.
pub const SEAL_PX: RangeInclusive<u32> = 300..=3_000;
/// Bytes of its picture.
pub const SEAL_BYTES_MAX: usize = 1024 * 1024;
/// Seals of one owner that are kept, those that were taken away among them: papers of their time still bear them.
pub const SEALS_MAX: usize = 50;
/// How much longer than the other a side may be, in percent.
const LONGER_PERCENT_MAX: u32 = 20;
/// How much of a picture must be clear, in percent: paper and words shine through, whereas a scan on white covers them.
const CLEAR_PERCENT_MIN: u64 = 20;

/// A seal as it was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Its id, which is that of its sealed picture.
    pub id: TextId,
    /// SHA-256 of the picture, in hexadecimal digits.
    pub sha256: String,
    /// Across it on paper, in millimetres.
    pub size_mm: u8,
    /// The kinds of papers that bear it.
    pub papers: Vec<String>,
    /// The first day.
    pub from: NaiveDate,
    /// The last day; open where there is none.
    pub to: Option<NaiveDate>,
    /// When it was handed in.
    pub added_at: Millis,
    /// By whom.
    pub added_by: String,
    /// When and by whom it was taken away.
    pub removed: Option<(Millis, String)>,
}

impl Seal {
    fn bears(&self, paper: &str, day: NaiveDate) -> bool {
        self.removed.is_none() && self.papers.iter().any(|kind| kind == paper) && self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Whether it would stand on a paper on a day on which another one stands there, too.
    fn meets(&self, other: &Self) -> bool {
        let is_over = |one: &Self, two: &Self| one.to.is_some_and(|to| to < two.from);
        self.removed.is_none()
            && self.papers.iter().any(|kind| other.papers.contains(kind))
            && !is_over(self, other)
            && !is_over(other, self)
    }
}

/// The seal that a paper of a day bears, of an owner's seals as they were when it was made.
#[must_use]
pub fn seal_of<'a>(seals: &'a [Seal], paper: &str, day: NaiveDate) -> Option<&'a Seal> {
    seals.iter().rev().find(|seal| seal.bears(paper, day))
}

/// The seal that a paper will bear, today or from its first day on.
#[must_use]
pub fn seal_to_come<'a>(seals: &'a [Seal], paper: &str, today: NaiveDate) -> Option<&'a Seal> {
    seals.iter().rev().find(|seal| seal.bears(paper, today.max(seal.from)))
}

/// What is wrong with a seal, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealFault {
    /// Name of the field.
    pub field: &'static str,
    /// Stable code.
    pub code: &'static str,
    /// For people.
    pub text: String,
}

impl SealFault {
    fn new(field: &'static str, code: &'static str, text: impl Into<String>) -> Self {
        Self { field, code, text: text.into() }
    }
}

/// What is wrong with the days, the size and the papers of a seal beside those that its owner has.
#[must_use]
pub fn term_faults(new: &Seal, known: &[Seal], today: NaiveDate) -> Vec<SealFault> {
    let mut found = Vec::new();
    let mut add = |field, code, text: &str| found.push(SealFault::new(field, code, text));
    if new.from < today {
        add("from", "past", "启用日期最早是今天：以前出的文书不补盖章");
    }
    if new.to.is_some_and(|to| to < new.from) {
        add("to", "before_from", "停用日期在启用日期以前");
    }
    if !SEAL_MM.contains(&new.size_mm) {
        add("size_mm", "out_of_range", "印章直径 30–50 毫米，照实物填");
    }
    if new.papers.is_empty() {
        add("papers", "missing", "至少选一种文书");
    }
    if known.iter().any(|seal| seal.meets(new)) {
        add("papers", "overlaps", "这些文书里有的在这段时间已经有章了，先停用原来的，或者改日期、改文书");
    }
    if known.len() >= SEALS_MAX {
        add("picture", "too_many", "印章太多了，请联系运维");
    }
    found
}

/// A picture that was unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealPicture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Pixels that nothing can be seen of.
    pub clear: u64,
}

/// What is wrong with the picture of a seal.
#[must_use]
pub fn picture_faults(picture: SealPicture) -> Vec<SealFault> {
    let SealPicture { width, height, clear } = picture;
    let (long, short) = (width.max(height), width.min(height));
    let mut found = Vec::new();
    let mut add = |code, text: String| found.push(SealFault::new("picture", code, text));
    if short < *SEAL_PX.start() {
        add("too_small", format!("图片只有 {width}×{height} 像素，每边至少 {} 像素", SEAL_PX.start()));
    }
    if long * 100 > short * (100 + LONGER_PERCENT_MAX) {
        add("not_square", format!("图片 {width}×{height} 像素，长宽差得太多，请沿印章边缘裁成差不多正方的"));
    }
    if clear * 100 < u64::from(width) * u64::from(height) * CLEAR_PERCENT_MIN {
        add("not_transparent", "底色不透明，会盖住单位名称和日期；请用透明底的 PNG".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TextId;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 12, day).unwrap_or_default()
    }

    fn seal(from: u32, to: Option<u32>, papers: &[&str]) -> Seal {
        Seal {
            id: TextId::new("dc", "1"),
            sha256: String::new(),
            size_mm: 42,
            papers: papers.iter().map(|kind| (*kind).to_owned()).collect(),
            from: day(from),
            to: to.map(day),
            added_at: 0,
            added_by: "s_dc_admin".to_owned(),
            removed: None,
        }
    }

    fn codes(found: &[SealFault]) -> Vec<(&'static str, &'static str)> {
        found.iter().map(|fault| (fault.field, fault.code)).collect()
    }

    #[test]
    fn a_paper_bears_a_seal_from_its_first_to_its_last_day() {
        let seals = [seal(5, Some(9), &["receipt"]), seal(10, None, &["receipt", "acceptance"])];
        let found = |paper, on: u32| seal_of(&seals, paper, day(on)).map(|seal| seal.from);
        assert_eq!([4, 5, 9, 10, 31].map(|on| found("receipt", on)), [None, Some(day(5)), Some(day(5)), Some(day(10)), Some(day(10))]);
        assert_eq!([9, 10].map(|on| found("acceptance", on)), [None, Some(day(10))]);
        assert_eq!(seal_to_come(&seals, "acceptance", day(1)).map(|seal| seal.from), Some(day(10)));
        assert_eq!(seal_to_come(&seals[..1], "receipt", day(10)), None, "over");
        let gone = [Seal { removed: Some((1, "s_dc_admin".to_owned())), ..seal(5, None, &["receipt"]) }];
        assert_eq!(seal_of(&gone, "receipt", day(6)), None);
    }

    #[test]
    fn every_fault_of_the_terms_is_told() {
        let known = [seal(5, Some(9), &["receipt"])];
        assert_eq!(codes(&term_faults(&seal(10, None, &["receipt"]), &known, day(1))), []);
        assert_eq!(codes(&term_faults(&seal(9, None, &["acceptance"]), &known, day(1))), []);
        assert_eq!(codes(&term_faults(&seal(1, Some(5), &["receipt"]), &known, day(1))), [("papers", "overlaps")]);
        let wrong = Seal { size_mm: 51, papers: Vec::new(), ..seal(2, Some(1), &[]) };
        let wanted = [("from", "past"), ("to", "before_from"), ("size_mm", "out_of_range"), ("papers", "missing")];
        assert_eq!(codes(&term_faults(&wrong, &known, day(3))), wanted);
    }

    #[test]
    fn a_picture_is_large_square_and_clear() {
        let told = |width, height, clear| codes(&picture_faults(SealPicture { width, height, clear }));
        assert_eq!(told(300, 360, 30_000), []);
        assert_eq!(told(299, 299, 80_000), [("picture", "too_small")]);
        assert_eq!(told(300, 361, 30_000), [("picture", "not_square")]);
        assert_eq!(told(500, 500, 49_999), [("picture", "not_transparent")]);
        assert_eq!(told(100, 200, 0), ["too_small", "not_square", "not_transparent"].map(|code| ("picture", code)));
    }
}
