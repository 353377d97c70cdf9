//! Signs that a rating may not be what it seems: given at once after the service, or one of many from one
//! device or address. Facts for whoever verifies; nothing is left out or deleted because of them. Knows
//! sources as opaque keys only.

use std::collections::BTreeMap;

use crate::hall::EvaluationPolicy;
use crate::ids::StaffId;
use crate::time::{MINUTE_MS, Millis};

/// What is known of a rating when it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// When, UTC ms.
    pub at: Millis,
    /// From the end of the service to the rating, in milliseconds; `None` for a case.
    pub after_ms: Option<Millis>,
    /// Opaque key of the device or address, good for one day.
    pub source: Option<String>,
    /// Whether it came from a device of the hall, from which many are in order.
    pub is_hall_device: bool,
    /// Who was judged.
    pub judged: Option<StaffId>,
    /// Whether the level is negative.
    pub is_negative: bool,
    /// Whether it counts against the person judged.
    pub counts_against: bool,
}

/// The signs of one rating.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signals {
    /// Whole seconds from the end of the service to the rating.
    pub after_s: Option<i64>,
    /// Sooner than the site holds for usual.
    pub is_quick: bool,
    /// Ratings from the same source within the site's span around it, itself included; `None` when the source
    /// is not known.
    pub same_source: Option<u32>,
    /// As many as the site holds for unusual. A device of the hall is expected to give many.
    pub is_burst: bool,
}

/// How the ratings of one person's visits stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClerkRates {
    /// Ratings.
    pub ratings: u32,
    /// Negative ones, all.
    pub negative: u32,
    /// Negative ones that count against the person.
    pub counted: u32,
    /// Given at once.
    pub quick: u32,
    /// From a source that gave many.
    pub burst: u32,
}

/// The signs of a rating among those of its site.
#[must_use]
pub fn signals(of: &Given, all: &[Given], policy: &EvaluationPolicy) -> Signals {
    let span = Millis::from(policy.burst_min) * MINUTE_MS;
    let is_near = |other: &&Given| other.source.is_some() && other.source == of.source && (other.at - of.at).abs() <= span;
    let same_source = of.source.as_ref().map(|_| u32::try_from(all.iter().filter(is_near).count()).unwrap_or(u32::MAX));
    Signals {
        after_s: of.after_ms.map(|ms| ms / 1_000),
        is_quick: of.after_ms.is_some_and(|ms| ms < Millis::from(policy.quick_s) * 1_000),
        same_source,
        is_burst: !of.is_hall_device && same_source.is_some_and(|count| count >= policy.burst_ratings),
    }
}

/// The rates of everybody who was judged.
#[must_use]
pub fn clerk_rates(all: &[Given], policy: &EvaluationPolicy) -> BTreeMap<StaffId, ClerkRates> {
    let mut rates: BTreeMap<StaffId, ClerkRates> = BTreeMap::new();
    for given in all {
        let Some(judged) = &given.judged else { continue };
        let signs = signals(given, all, policy);
        let of = rates.entry(judged.clone()).or_default();
        of.ratings += 1;
        of.negative += u32::from(given.is_negative);
        of.counted += u32::from(given.is_negative && given.counts_against);
        of.quick += u32::from(signs.is_quick);
        of.burst += u32::from(signs.is_burst);
    }
    rates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(at_min: Millis, source: Option<&str>) -> Given {
        Given {
            at: at_min * MINUTE_MS,
            after_ms: Some(60_000),
            source: source.map(str::to_owned),
            is_hall_device: false,
            judged: Some(StaffId::new("dc", "1")),
            is_negative: false,
            counts_against: false,
        }
    }

    #[test]
    fn one_source_that_rates_many_in_a_short_time_is_shown() {
        let policy = EvaluationPolicy::default();
        let all =
            [given(0, Some("a")), given(5, Some("a")), given(10, Some("a")), given(10, Some("b")), given(30, Some("a")), given(10, None)];
        let of = |place: usize| signals(&all[place], &all, &policy);
        assert_eq!((of(1).same_source, of(1).is_burst), (Some(3), true), "itself, before and after");
        assert_eq!((of(3).same_source, of(3).is_burst), (Some(1), false));
        assert_eq!((of(4).same_source, of(4).is_burst), (Some(1), false), "long after the others");
        assert_eq!((of(5).same_source, of(5).is_burst), (None, false), "unknown sources are not one source");
        let pad: Vec<Given> = all.iter().map(|given| Given { is_hall_device: true, ..given.clone() }).collect();
        assert!(!signals(&pad[1], &pad, &policy).is_burst, "a pad takes everybody's rating");
    }

    #[test]
    fn a_rating_at_once_is_shown() {
        let policy = EvaluationPolicy::default();
        for (after_ms, is_quick) in [(Some(2_999), true), (Some(3_000), false), (None, false)] {
            let one = Given { after_ms, ..given(0, None) };
            assert_eq!(signals(&one, &[], &policy).is_quick, is_quick, "{after_ms:?}");
        }
    }

    #[test]
    fn rates_count_what_stays_and_what_counts_against_a_person_apart() {
        let policy = EvaluationPolicy::default();
        let negative = Given { is_negative: true, counts_against: true, after_ms: Some(0), ..given(0, None) };
        let upheld = Given { counts_against: false, ..negative.clone() };
        let nobody = Given { judged: None, ..negative.clone() };
        let rates = clerk_rates(&[given(0, None), negative, upheld, nobody], &policy);
        let expected = ClerkRates { ratings: 3, negative: 2, counted: 1, quick: 2, burst: 0 };
        assert_eq!(rates.into_iter().collect::<Vec<_>>(), [(StaffId::new("dc", "1"), expected)]);
    }
}
