//! Compares chat servers, side by side: `cargo run --release -p chat-benches --bin fanout -- --help`.

#[cfg(target_os = "linux")]
mod args;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    use clap::Parser;

    match run(&args::Args::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(target_os = "linux")]
fn run(args: &args::Args) -> std::io::Result<ExitCode> {
    use chat_benches::{Stop, compare, serve_floor};

    if args.is_floor() {
        serve_floor()?;
        return Ok(ExitCode::SUCCESS);
    }
    let stop = Stop::on_signals()?;
    let Some(report) = compare(&args.options(), &stop)? else {
        eprintln!("stopped; all started processes have ended");
        return Ok(ExitCode::FAILURE);
    };
    let markdown = report.markdown();
    print!("{markdown}");
    args.write(&report, &markdown)?;
    Ok(if report.is_valid() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("fanout runs on Linux only: it reads /proc");
    ExitCode::FAILURE
}
