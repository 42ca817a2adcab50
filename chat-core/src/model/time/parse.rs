//! The parser for timestamps of RFC 3339.
//!
//! This module must not know which framing or command carries the timestamp.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::DAY;

/// Parses a timestamp such as `2026-11-24T21:04:09.123Z` (RFC 3339, section 5.6).
///
/// The fraction is optional and has at most 9 digits. Returns `None` for another form, an offset other than `Z`, or a
/// time before 1970.
pub(crate) fn parse(time: &str) -> Option<SystemTime> {
    let (date, time) = time.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [year, month, day] = numbers(date.split('-'), [4, 2, 2])?;
    let [hour, minute, second] = numbers(time.split(':'), [2, 2, 2])?;
    let is_fraction = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    // Second 60 is a leap second; it counts as the first second of the next minute.
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 || !is_fraction
    {
        return None;
    }
    let nanoseconds = format!("{fraction:0<9}").parse().ok()?;
    let since = days(year, month, day)? * DAY + hour * 3600 + minute * 60 + second;
    UNIX_EPOCH.checked_add(Duration::new(since, nanoseconds))
}

/// Parses three numbers with exactly these counts of digits.
fn numbers<'a>(words: impl Iterator<Item = &'a str>, digits: [usize; 3]) -> Option<[u64; 3]> {
    let words: Vec<_> = words.collect();
    let is_number = |(word, digits): (&&str, usize)| word.len() == digits && word.bytes().all(|b| b.is_ascii_digit());
    if words.len() != digits.len() || !words.iter().zip(digits).all(is_number) {
        return None;
    }
    Some([words[0].parse().ok()?, words[1].parse().ok()?, words[2].parse().ok()?])
}

/// Returns the days from 1 January 1970 to a date, or `None` if the date is earlier.
///
/// The algorithm is `days_from_civil` of Howard Hinnant, from the same source as [`date`](super::date).
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    (era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year).checked_sub(719_468)
}
