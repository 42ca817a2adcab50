//! Durations in the form that people write and read: `10m`, `2h`, `7d`.
//!
//! This module must not know what a duration is for.

use std::fmt;
use std::time::Duration;

use crate::model::text::Text;

const DAY: u64 = 24 * 60 * 60;
/// The units that may follow a number, and their lengths in seconds.
const UNITS: [(&str, u64); 5] = [("s", 1), ("m", 60), ("h", 60 * 60), ("d", DAY), ("w", 7 * DAY)];
/// The longest duration: a hundred years, in seconds.
const MAX_SECONDS: u64 = 36_525 * DAY;

/// The error for a word that is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid duration: {word}; use a number and s, m, h, d or w, such as 10m, 2h or 7d; at most 36525d")]
pub(crate) struct ParseDurationError {
    word: Text,
}

/// Parses a duration such as `10m`.
///
/// # Errors
///
/// Returns [`ParseDurationError`] if `word` is not a number and a unit, is zero, or is more than a hundred years.
pub(crate) fn parse(word: &str) -> Result<Duration, ParseDurationError> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = word.split_at(digits);
    let seconds = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).and_then(|(_, seconds)| {
        let total = number.parse::<u64>().ok()?.checked_mul(*seconds)?;
        (1..=MAX_SECONDS).contains(&total).then_some(total)
    });
    seconds.map(Duration::from_secs).ok_or_else(|| ParseDurationError { word: Text::excerpt(word) })
}

/// A duration for display, in its two largest units: `1h30m`. A fraction of a second is rounded up.
pub(crate) struct HumanDuration(pub(crate) Duration);

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_secs().saturating_add(u64::from(self.0.subsec_nanos() > 0));
        if rest == 0 {
            return f.write_str("0s");
        }
        // Skips weeks: most people count in days.
        let mut shown = 0;
        for (unit, seconds) in UNITS.iter().rev().skip(1) {
            let count = rest / seconds;
            if count > 0 && shown < 2 {
                write!(f, "{count}{unit}")?;
            }
            shown += usize::from(count > 0 || shown > 0);
            rest %= seconds;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_is_a_number_and_a_unit() {
        for (word, seconds) in
            [("1s", 1), ("10m", 600), ("2h", 7200), ("7d", 7 * DAY), ("1W", 7 * DAY), ("036525d", MAX_SECONDS)]
        {
            assert_eq!(parse(word), Ok(Duration::from_secs(seconds)), "{word}");
        }
    }

    #[test]
    fn invalid_duration_is_refused() {
        for word in ["", "m", "10", "0s", "10min", "-1m", "1.5h", "m10", "1h30m", "36526d", "99999999999999999999s"] {
            assert!(parse(word).is_err(), "{word}");
        }
        let why = "invalid duration: 10min; use a number and s, m, h, d or w, such as 10m, 2h or 7d; at most 36525d";
        assert_eq!(parse("10min").expect_err("no time").to_string(), why);
    }

    #[test]
    fn duration_shows_its_two_largest_units() {
        for (seconds, shown) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (599, "9m59s"),
            (5400, "1h30m"),
            (3601, "1h"),
            (7 * DAY, "7d"),
            (DAY + 59, "1d"),
            (8 * DAY - 1, "7d23h"),
        ] {
            assert_eq!(HumanDuration(Duration::from_secs(seconds)).to_string(), shown, "{seconds}");
        }
        assert_eq!(
            HumanDuration(Duration::from_millis(1)).to_string(),
            "1s",
            "a remaining time is never shown as zero"
        );
        assert_eq!(HumanDuration(Duration::MAX).to_string(), "213503982334601d7h");
    }
}
