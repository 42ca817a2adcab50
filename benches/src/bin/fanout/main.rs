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
    use chat_benches::{Stop, compare, compare_builds, serve_floor};

    if args.is_floor() {
        serve_floor()?;
        return Ok(ExitCode::SUCCESS);
    }
    let stop = Stop::on_signals()?;
    let (options, builds) = (args.options(), args.builds());
    let is_success = if builds.is_empty() {
        let Some(report) = compare(&options, &stop)? else { return Ok(stopped()) };
        print(args, &report.markdown(), &report.json(), report.svg().as_deref())?;
        report.is_valid()
    } else {
        let Some(report) = compare_builds(&builds, &options, &stop)? else { return Ok(stopped()) };
        print(args, &report.markdown(), &report.json(), None)?;
        report.is_pass()
    };
    Ok(if is_success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(target_os = "linux")]
fn print(args: &args::Args, markdown: &str, json: &str, svg: Option<&str>) -> std::io::Result<()> {
    print!("{markdown}");
    args.write(markdown, json, svg)
}

#[cfg(target_os = "linux")]
fn stopped() -> ExitCode {
    eprintln!("stopped; all started processes have ended");
    ExitCode::FAILURE
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("fanout runs on Linux only: it reads /proc");
    ExitCode::FAILURE
}
