//! Instants and local dates. Knows one zone only: UTC+08:00, whatever the machine's zone is.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeZone, Utc};

/// An instant in UTC milliseconds since 1970-01-01.
pub type Millis = i64;

/// One minute in milliseconds.
pub const MINUTE_MS: Millis = 60_000;
/// One hour in milliseconds.
pub const HOUR_MS: Millis = 60 * MINUTE_MS;
/// One day in milliseconds.
pub const DAY_MS: Millis = 24 * HOUR_MS;

const OFFSET_MS: Millis = 8 * HOUR_MS;

/// The instant as a date-time in UTC+08:00; out-of-range instants clamp to the epoch.
#[must_use]
pub fn local(at: Millis) -> DateTime<FixedOffset> {
    let utc = DateTime::<Utc>::from_timestamp_millis(at).unwrap_or(DateTime::UNIX_EPOCH);
    match FixedOffset::east_opt(8 * 3600) {
        Some(offset) => utc.with_timezone(&offset),
        None => utc.fixed_offset(),
    }
}

/// The business date of an instant: the local date in UTC+08:00.
#[must_use]
pub fn local_date(at: Millis) -> NaiveDate {
    local(at).date_naive()
}

/// The instant at which a local date begins (00:00 in UTC+08:00).
#[must_use]
pub fn start_of(date: NaiveDate) -> Millis {
    Utc.from_utc_datetime(&date.and_time(chrono::NaiveTime::MIN)).timestamp_millis() - OFFSET_MS
}

/// RFC 3339 with the offset +08:00 and milliseconds, the form of every time in the API.
#[must_use]
pub fn rfc3339(at: Millis) -> String {
    local(at).to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_business_date_turns_at_local_midnight() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 24);
        assert_eq!(Some(local_date(start_of(date.unwrap_or_default()))), date);
        assert_eq!(Some(local_date(start_of(date.unwrap_or_default()) - 1)), NaiveDate::from_ymd_opt(2026, 11, 23));
        assert_eq!(rfc3339(0), "1970-01-01T08:00:00.000+08:00");
    }
}
