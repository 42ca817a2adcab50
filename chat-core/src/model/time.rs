//! Timestamps in UTC, in the form that framings show (RFC 3339).
//!
//! This module must not know what happened at a time, and it never reads a clock.

#[cfg(any(test, feature = "irc", feature = "json"))]
mod parse;

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

#[cfg(any(test, feature = "irc", feature = "json"))]
pub(crate) use parse::parse;

const DAY: u64 = 24 * 60 * 60;

/// A timestamp in UTC for display: `2026-11-24T21:04:09Z` (RFC 3339, section 5.6).
///
/// `{}` shows seconds, `{:#}` milliseconds. A time before 1970 is shown as the first second of 1970.
pub(crate) struct Utc(pub(crate) SystemTime);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, milliseconds) = since_1970(self.0);
        let (year, month, day) = date(seconds / DAY);
        let (hour, minute, second) = (seconds % DAY / 3600, seconds % 3600 / 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if f.alternate() {
            write!(f, ".{milliseconds:03}")?;
        }
        f.write_str("Z")
    }
}

/// Returns the whole seconds since 1970 and the remaining milliseconds; zeros for a time before 1970.
fn since_1970(time: SystemTime) -> (u64, u32) {
    time.duration_since(UNIX_EPOCH).map_or((0, 0), |since| (since.as_secs(), since.subsec_millis()))
}

/// Returns the Gregorian year, month and day that is `days` after 1 January 1970.
///
/// The algorithm is `civil_from_days` of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn date(days: u64) -> (u64, u64, u64) {
    // A year begins in March here, so that the leap day is its last day. An era is 400 years, which have this many
    // days.
    const ERA: u64 = 146_097;
    let days = days + 719_468;
    let (era, day_of_era) = (days / ERA, days % ERA);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[track_caller]
    fn check(seconds: u64, shown: &str) {
        assert_eq!(Utc(UNIX_EPOCH + Duration::from_secs(seconds)).to_string(), shown);
        assert_eq!(parse(shown), Some(UNIX_EPOCH + Duration::from_secs(seconds)), "{shown}");
    }

    #[test]
    fn times_are_shown_in_utc() {
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_399, "2000-02-28T23:59:59Z");
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(951_868_800, "2000-03-01T00:00:00Z");
        check(1_709_164_800, "2024-02-29T00:00:00Z");
        check(1_795_554_249, "2026-11-24T21:04:09Z");
        check(4_107_542_400, "2100-03-01T00:00:00Z");
        assert_eq!(format!("{:#}", Utc(UNIX_EPOCH + Duration::from_millis(7))), "1970-01-01T00:00:00.007Z");
        assert_eq!(Utc(UNIX_EPOCH - Duration::from_secs(1)).to_string(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn invalid_time_is_none() {
        assert_eq!(parse("1970-01-01T00:00:00.25Z"), Some(UNIX_EPOCH + Duration::from_millis(250)));
        for none in [
            "",
            "Z",
            "TZ",
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-01-01T00:00:00.Z",
            "1970-13-01T00:00:00Z",
            "1970-00-01T00:00:00Z",
            "1970-01-00T00:00:00Z",
            "1970-01-32T00:00:00Z",
            "1970-01-01T24:00:00Z",
            "1970-01-01T00:60:00Z",
            "1970-01-01T00:00:61Z",
            "1969-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "+970-01-01T00:00:00Z",
            "1970-1-1T0:0:0Z",
            "1970-01-01T00:00:00.1234567890Z",
            "1970-01-01T00:00:00.xZ",
            "1970-01-01-01T00:00:00Z",
            "١٩٧٠-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(none), None, "{none}");
        }
    }
}
