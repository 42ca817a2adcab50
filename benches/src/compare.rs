//! The comparison: measures every case several times, with the servers in turns.
//!
//! Taking turns means that a disturbance of the machine affects all servers alike.

use std::io;

use crate::failure::Failure;
use crate::figures::Runs;
use crate::modes::Case;
use crate::options::Options;
use crate::peers::Server;
use crate::progress::Progress;
use crate::report::{Report, Row};
use crate::stop::Stop;

/// Measures what the options ask for. Returns `None` if a signal stopped the comparison.
///
/// All started processes have ended when this returns. Reports its progress on standard error.
///
/// # Errors
///
/// If our own server can't be built or found. A failure of a server during a run makes only that run invalid.
pub fn compare(options: &Options, stop: &Stop) -> io::Result<Option<Report>> {
    // Each connection uses a descriptor in this process, and one in the server, which inherits the limit.
    rlimit::increase_nofile_limit(u64::MAX)?;
    let mut servers = Vec::new();
    for choice in &options.servers {
        match Server::find(choice)? {
            Ok(server) => servers.push(server),
            Err(not_installed) => eprintln!("{not_installed}"),
        }
    }
    let cases = Case::all(options);
    let suiting = |case: &Case| servers.iter().filter(|server| case.suits(server)).count();
    let mut progress = Progress::start(cases.iter().map(suiting).sum::<usize>() * options.runs);
    let mut report = Report::new(options, &servers);
    for case in cases {
        match measure(case, &servers, options, stop, &mut progress) {
            Some(rows) => report.add(case, rows),
            None => return Ok(None),
        }
    }
    progress.end();
    Ok(Some(report))
}

fn measure(
    case: Case,
    servers: &[Server],
    options: &Options,
    stop: &Stop,
    progress: &mut Progress,
) -> Option<Vec<Row>> {
    let servers = servers.iter().filter(|server| case.suits(server)).collect::<Vec<_>>();
    let rows = servers.iter().map(|server| Row { server: server.name.clone(), runs: Runs::default() });
    let mut rows = rows.collect::<Vec<_>>();
    for number in 1..=options.runs {
        for (server, row) in servers.iter().zip(&mut rows) {
            progress.show(&format!("{:?}, {case}: {}, run {number} of {}", case.mode, server.name, options.runs));
            row.runs.push(match case.run(server, options, stop) {
                Err(Failure::Stopped) => {
                    progress.end();
                    return None;
                }
                Err(failure) => Err(failure.to_string()),
                Ok(figures) => Ok(figures),
            });
        }
    }
    Some(rows)
}
