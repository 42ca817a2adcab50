//! Lets a chat-server be used and abused for a long time, in rounds, and checks after each that its well-behaved members
//! got what they can count on, and that nothing is left of those who are gone.
//!
//! `cargo run --release -p chat-tests --bin soak -- --minutes 10`

mod hostile;
mod round;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use round::Soak;

/// Lets a chat-server be used and abused, and checks what its well-behaved members hear and what is left at the end.
#[derive(Debug, Parser)]
struct Args {
    /// How long, in minutes
    #[arg(long, value_name = "N", default_value_t = 10, conflicts_with = "seconds")]
    minutes: u64,

    /// How long, in seconds
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,

    /// What the server does with those who read too slowly: disconnect, or skip
    #[arg(long, value_name = "HOW", default_value = "disconnect")]
    slow: String,

    /// What happens at random depends on this, as far as threads let it
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let time = Duration::from_secs(args.seconds.unwrap_or(60 * args.minutes));
    let start = Instant::now();
    let mut soak = Soak::start(args.seed, &args.slow);
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
    match soak.end() {
        Ok(stats) => {
            println!("{stats}no faults in {:.0} s", start.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("fault: {fault}");
            ExitCode::FAILURE
        }
    }
}
