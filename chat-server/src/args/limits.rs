//! How much of everything there may be.

use std::time::Duration;

use chat_core::{Limits, SlowConsumerPolicy};

/// What becomes of a client that reads too slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SlowArg {
    Disconnect,
    Skip,
}

/// The limits; those of `chat_core::Limits` that an operator may want to set.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// How many clients may be connected at a time; one more is told so and closed
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = positive)]
    pub(crate) max_connections: usize,

    /// How many of these may come from one address, or with IPv6 from one /64; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub(crate) max_per_address: usize,

    /// How many lines a second one client may send, after a burst of 20 (or N, if that is more); of one that sends more,
    /// what it sends is read more slowly, and nothing is lost. 0 for as many as it likes
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) rate: u32,

    /// How many lines in a row one client may send of which none asks or says anything (blank or refused ones) before it
    /// is closed; 0 for as many as it likes
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) noise: u32,

    /// The longest line, in bytes
    #[arg(long, value_name = "BYTES", default_value = "4K", value_parser = bytes)]
    pub(crate) max_line: usize,

    /// How many rooms there may be
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = positive)]
    pub(crate) max_rooms: usize,

    /// How many messages each room remembers for those who come later; 0 for none
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) history: usize,

    /// How many bytes of text these may have together
    #[arg(long, value_name = "BYTES", default_value = "64K", value_parser = bytes)]
    pub(crate) history_bytes: usize,

    /// How many bytes may wait for one client that reads too slowly
    #[arg(long, value_name = "BYTES", default_value = "1M", value_parser = bytes)]
    pub(crate) outbox: usize,

    /// What becomes of it then: it is closed, or what is oldest is left out, and it is told how much
    #[arg(long, value_enum, value_name = "HOW", default_value_t = SlowArg::Disconnect)]
    pub(crate) slow: SlowArg,

    /// How many bytes may wait for it before nothing more of what it sends is read
    #[arg(long, value_name = "BYTES", default_value = "256K", value_parser = bytes)]
    pub(crate) outbox_pause: usize,

    /// How many bytes may wait for all clients together; past them, the one for which most waits is closed
    #[arg(long, value_name = "BYTES", default_value = "256M", value_parser = bytes)]
    pub(crate) outboxes: usize,

    /// How long a client for which something waits may read nothing before it is closed
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) stall: Duration,

    /// How long a client may be silent before its system is asked whether it is still there
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub(crate) keepalive: Duration,

    /// How long its system may leave that unanswered, counted from when it was last heard, before it is closed
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    pub(crate) vanished: Duration,
}

impl LimitArgs {
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.connections = self.max_connections;
        limits.connections_per_address = self.max_per_address;
        limits.rate = self.rate;
        limits.burst = limits.burst.max(self.rate);
        limits.invalid_lines = self.noise;
        limits.text = self.max_line;
        limits.rooms = self.max_rooms;
        limits.history = self.history;
        limits.history_bytes = self.history_bytes;
        limits.send_queue = self.outbox;
        limits.slow_consumer = match self.slow {
            SlowArg::Disconnect => SlowConsumerPolicy::Disconnect,
            SlowArg::Skip => SlowConsumerPolicy::DropOldest,
        };
        limits.send_queue_throttle = self.outbox_pause;
        limits.send_queue_total = self.outboxes;
        limits.write_timeout = self.stall;
        limits.keepalive = self.keepalive;
        limits.ping_timeout = self.vanished;
        limits
    }
}

fn positive(number: &str) -> Result<usize, String> {
    match number.parse() {
        Ok(0) => Err("at least 1 is needed".into()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}; a number from 1 on is needed")),
    }
}

/// `1000`, `64K`, `1M`, `2G`.
fn bytes(size: &str) -> Result<usize, String> {
    const ALLOWED: &str = "a number of bytes from 1 on is needed, or one with K, M or G behind it (1K is 1,024 bytes)";
    let (number, unit) = match size.as_bytes().last() {
        Some(b'k' | b'K') => (&size[..size.len() - 1], 1 << 10),
        Some(b'm' | b'M') => (&size[..size.len() - 1], 1 << 20),
        Some(b'g' | b'G') => (&size[..size.len() - 1], 1 << 30),
        _ => (size, 1),
    };
    let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| ALLOWED.into())
}

/// `10`, `0.5`.
pub(super) fn seconds(number: &str) -> Result<Duration, String> {
    const ALLOWED: &str = "a number of seconds from 0 on is needed, at most a year";
    const YEAR: f64 = 365.0 * 24.0 * 60.0 * 60.0;
    let seconds = number.parse::<f64>().ok().filter(|seconds| (0.0..=YEAR).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| ALLOWED.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (size, count) in [("1", 1), ("4096", 4096), ("64K", 65_536), ("1m", 1_048_576), ("2G", 2_147_483_648)] {
            assert_eq!(bytes(size), Ok(count), "{size}");
        }
        for bad in ["", "0", "K", "-1", "1.5M", "1T", "1 K", "99999999999999999999", "99999999999999G"] {
            assert!(bytes(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn times_are_seconds() {
        assert_eq!(seconds("10"), Ok(Duration::from_secs(10)));
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for bad in ["", "-1", "NaN", "inf", "1e99", "10s", "99999999999"] {
            assert!(seconds(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn without_arguments_they_are_those_of_the_library() {
        #[derive(clap::Parser)]
        struct Only {
            #[command(flatten)]
            limits: LimitArgs,
        }
        let only = <Only as clap::Parser>::parse_from(["chat-server"]);
        assert_eq!(only.limits.limits(), Limits::default());
    }
}
