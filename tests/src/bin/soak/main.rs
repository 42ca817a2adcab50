//! Runs well-behaved and hostile clients against a chat-server for a long time, in rounds.
//!
//! After each round it checks that the well-behaved members received everything that the contract guarantees, and that
//! the server has released the resources of all closed connections.
//!
//! `cargo run --release -p chat-tests --bin soak -- --minutes 10`

mod hostile;
mod round;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use round::Soak;

/// Run well-behaved and hostile clients against a chat-server, and check the contract and the server's resources
#[derive(Debug, Parser)]
struct Args {
    /// Run for this many minutes
    #[arg(long, value_name = "N", default_value_t = 10, conflicts_with = "seconds")]
    minutes: u64,

    /// Run for this many seconds
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,

    /// Choose the server's policy for slow consumers: disconnect or drop-oldest
    #[arg(long, value_name = "POLICY", default_value = "disconnect")]
    slow_consumer: String,

    /// Seed the random choices; thread timing still varies
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let time = Duration::from_secs(args.seconds.unwrap_or(60 * args.minutes));
    let start = Instant::now();
    let mut soak = Soak::start(args.seed, &args.slow_consumer);
    while start.elapsed() < time {
        let faults = soak.round();
        println!("[{:6.1} s] {}", start.elapsed().as_secs_f64(), soak.summary());
        if !faults.is_empty() {
            for fault in faults.iter().take(20) {
                eprintln!("fault: {fault}");
            }
            return ExitCode::FAILURE;
        }
    }
    match soak.stop() {
        Ok(counters) => {
            println!("{counters}no faults in {:.0} s", start.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("fault: {fault}");
            ExitCode::FAILURE
        }
    }
}
