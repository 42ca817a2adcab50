//! The limit options: the part of [`chat_core::hub::Limits`] that the operator of the server can set.
//!
//! This module must not know how the hub applies the limits.

use std::time::Duration;

use chat_core::hub::{Limits, SlowConsumerPolicy};

const CONNECTIONS: &str = "Limits on clients";
const ROOMS: &str = "Limits on rooms";
const SEND_QUEUES: &str = "Send queues";
pub(super) const TIMEOUTS: &str = "Timeouts";

/// The values of `--slow-consumer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SlowConsumerArg {
    Disconnect,
    DropOldest,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LimitArgs {
    /// Allow at most this many clients at a time; refuse any further client with an error line
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = positive, help_heading = CONNECTIONS)]
    pub(crate) max_connections: usize,

    /// Allow at most this many clients from one address, or with IPv6 from one /64; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = 32, help_heading = CONNECTIONS)]
    pub(crate) max_per_address: usize,

    /// Read at most this many lines a second from one client, after a burst of 20 (or N, if N is larger). A faster
    /// client is read more slowly, and nothing is lost; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = 5, help_heading = CONNECTIONS)]
    pub(crate) rate: u32,

    /// Disconnect a client that sends more than this many invalid or empty lines in a row; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = 1000, help_heading = CONNECTIONS)]
    pub(crate) max_invalid: u32,

    /// Accept lines of at most this many bytes
    #[arg(long, value_name = "BYTES", default_value = "4K", value_parser = bytes, help_heading = CONNECTIONS)]
    pub(crate) max_line: usize,

    /// Allow at most this many rooms
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = positive, help_heading = ROOMS)]
    pub(crate) max_rooms: usize,

    /// Keep this many messages of each room for members who join later; 0 for none
    #[arg(long, value_name = "N", default_value_t = 100, help_heading = ROOMS)]
    pub(crate) history: usize,

    /// Keep at most this many bytes of text in each room's history
    #[arg(long, value_name = "BYTES", default_value = "64K", value_parser = bytes, help_heading = ROOMS)]
    pub(crate) history_bytes: usize,

    /// Queue at most this many bytes for one client that reads too slowly
    #[arg(long, value_name = "BYTES", default_value = "1M", value_parser = bytes, help_heading = SEND_QUEUES)]
    pub(crate) sendq: usize,

    /// When a client's send queue is full, disconnect the client, or drop its oldest messages and tell it how many
    #[arg(long, value_enum, value_name = "POLICY", default_value_t = SlowConsumerArg::Disconnect)]
    #[arg(help_heading = SEND_QUEUES)]
    pub(crate) slow_consumer: SlowConsumerArg,

    /// Stop reading from a client while more than this many bytes are queued for it
    #[arg(long, value_name = "BYTES", default_value = "256K", value_parser = bytes, help_heading = SEND_QUEUES)]
    pub(crate) sendq_throttle: usize,

    /// Queue at most this many bytes for all clients together; past that, disconnect the client with the longest queue
    #[arg(long, value_name = "BYTES", default_value = "256M", value_parser = bytes, help_heading = SEND_QUEUES)]
    pub(crate) sendq_total: usize,

    /// Disconnect a client that does not register in time. This applies to IRC clients, and with --password to all
    /// clients
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds, help_heading = TIMEOUTS)]
    pub(crate) handshake_timeout: Duration,

    /// Disconnect a client that reads nothing for this long while data is queued for it
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, help_heading = TIMEOUTS)]
    pub(crate) write_timeout: Duration,

    /// Probe a client with TCP keepalive after this much silence
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds, help_heading = TIMEOUTS)]
    pub(crate) keepalive: Duration,

    /// Disconnect a client from which nothing arrived for this long, although probes or data await an acknowledgement
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds, help_heading = TIMEOUTS)]
    pub(crate) ping_timeout: Duration,
}

impl LimitArgs {
    /// Returns the library's default limits, changed by these options.
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.connections = self.max_connections;
        limits.connections_per_address = self.max_per_address;
        limits.rate = self.rate;
        limits.burst = limits.burst.max(self.rate);
        limits.invalid_lines = self.max_invalid;
        limits.text = self.max_line;
        limits.rooms = self.max_rooms;
        limits.history = self.history;
        limits.history_bytes = self.history_bytes;
        limits.send_queue = self.sendq;
        limits.slow_consumer = match self.slow_consumer {
            SlowConsumerArg::Disconnect => SlowConsumerPolicy::Disconnect,
            SlowConsumerArg::DropOldest => SlowConsumerPolicy::DropOldest,
        };
        limits.send_queue_throttle = self.sendq_throttle;
        limits.send_queue_total = self.sendq_total;
        limits.handshake_timeout = self.handshake_timeout;
        limits.write_timeout = self.write_timeout;
        limits.keepalive = self.keepalive;
        limits.ping_timeout = self.ping_timeout;
        limits
    }
}

/// Parses a number of at least 1.
fn positive(number: &str) -> Result<usize, String> {
    match number.parse() {
        Ok(0) => Err("expected at least 1".into()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}; expected a number of at least 1")),
    }
}

/// Parses a size in bytes, such as `1000`, `64K`, `1M` or `2G`.
fn bytes(size: &str) -> Result<usize, String> {
    const EXPECTED: &str = "expected a number of bytes of at least 1, optionally with K, M or G (1K is 1,024 bytes)";
    let (number, unit) = match size.as_bytes().last() {
        Some(b'k' | b'K') => (&size[..size.len() - 1], 1 << 10),
        Some(b'm' | b'M') => (&size[..size.len() - 1], 1 << 20),
        Some(b'g' | b'G') => (&size[..size.len() - 1], 1 << 30),
        _ => (size, 1),
    };
    let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| EXPECTED.into())
}

/// Parses a time in seconds, at most a year, such as `10` or `0.5`.
pub(super) fn seconds(number: &str) -> Result<Duration, String> {
    const EXPECTED: &str = "expected a number of seconds from 0 to a year";
    const YEAR: f64 = 365.0 * 24.0 * 60.0 * 60.0;
    let seconds = number.parse::<f64>().ok().filter(|seconds| (0.0..=YEAR).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| EXPECTED.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_accepts_units() {
        for (size, count) in [("1", 1), ("4096", 4096), ("64K", 65_536), ("1m", 1_048_576), ("2G", 2_147_483_648)] {
            assert_eq!(bytes(size), Ok(count), "{size}");
        }
        for bad in ["", "0", "K", "-1", "1.5M", "1T", "1 K", "99999999999999999999", "99999999999999G"] {
            assert!(bytes(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn seconds_accepts_fractions() {
        assert_eq!(seconds("10"), Ok(Duration::from_secs(10)));
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for bad in ["", "-1", "NaN", "inf", "1e99", "10s", "99999999999"] {
            assert!(seconds(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn defaults_equal_those_of_the_library() {
        #[derive(clap::Parser)]
        struct Only {
            #[command(flatten)]
            limits: LimitArgs,
        }
        let only = <Only as clap::Parser>::parse_from(["chat-server"]);
        assert_eq!(only.limits.limits(), Limits::default());
    }
}
