//! The comparison: measures every case several times, with the servers in turns.
//!
//! Taking turns means that a disturbance of the machine affects all servers alike. The order changes from round to
//! round, so a drift of the machine does not favour the server that comes first.

use std::io;

use crate::failure::Failure;
use crate::figures::Runs;
use crate::modes::Case;
use crate::options::Options;
use crate::peers::Server;
use crate::progress::Progress;
use crate::report::{Report, Row};
use crate::stop::Stop;

/// Runs the measurements that the options select. Returns `None` if a signal stopped the comparison.
///
/// All started processes have ended when this returns. Reports its progress on standard error.
///
/// # Errors
///
/// If our own server can't be built or found. A failure of a server during a run makes only that run invalid.
pub fn compare(options: &Options, stop: &Stop) -> io::Result<Option<Report>> {
    raise_descriptor_limit()?;
    let mut servers = Vec::new();
    for &choice in &options.servers {
        match Server::find(choice, options.chat_server.as_deref())? {
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

/// Measures a case in rounds: each round measures every server once. Returns `None` if a signal stopped the
/// measurement.
pub(crate) fn measure(
    case: Case,
    servers: &[Server],
    options: &Options,
    stop: &Stop,
    progress: &mut Progress,
) -> Option<Vec<Row>> {
    let servers = servers.iter().filter(|server| case.suits(server)).collect::<Vec<_>>();
    let rows = servers.iter().map(|server| Row { server: server.name.clone(), runs: Runs::default() });
    let mut rows = rows.collect::<Vec<_>>();
    for round in 0..options.runs {
        for index in order(round, servers.len()) {
            let server = servers[index];
            let number = round + 1;
            progress.show(&format!("{:?}, {case}: {}, run {number} of {}", case.mode, server.name, options.runs));
            rows[index].runs.push(match case.run(server, options, stop) {
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

/// Raises the limit of descriptors: each connection uses one in this process, and one in the server, which inherits the
/// limit.
pub(crate) fn raise_descriptor_limit() -> io::Result<()> {
    rlimit::increase_nofile_limit(u64::MAX).map(drop)
}

/// Returns the order of the servers in a round.
///
/// Each odd round mirrors the round before it, so each server comes as often before as after each other server. Each
/// even round starts one server later than the even round before it.
fn order(round: usize, servers: usize) -> Vec<usize> {
    let mut order = (0..servers).collect::<Vec<_>>();
    order.rotate_left((round / 2).checked_rem(servers).unwrap_or(0));
    if round % 2 == 1 {
        order.reverse();
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_rotates_and_mirrors() {
        let orders = (0..7).map(|round| order(round, 3)).collect::<Vec<_>>();
        assert_eq!(orders, [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1], [1, 0, 2], [0, 1, 2]]);
        assert!(order(5, 0).is_empty());
    }

    #[test]
    fn each_server_precedes_others_equally_often() {
        const SERVERS: usize = 4;
        let orders = (0..2 * SERVERS).map(|round| order(round, SERVERS)).collect::<Vec<_>>();
        let place = |order: &[usize], server| order.iter().position(|&other| other == server);
        for (first, second) in (0..SERVERS).flat_map(|first| (0..first).map(move |second| (first, second))) {
            let before = orders.iter().filter(|order| place(order, first) < place(order, second)).count();
            assert_eq!(before, SERVERS, "{first} before {second}");
        }
    }
}
