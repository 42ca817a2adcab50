//! The comparison of builds: is the build under test slower than others?
//!
//! Each round measures the build under test, then every other build, and then the first of the other builds once more.
//! The second series of that build is the A/A comparison: it shows how much two series of one binary differ on this
//! machine.

mod report;

use std::io;

use crate::compare::{measure, raise_descriptor_limit};
use crate::modes::Case;
use crate::options::Options;
use crate::peers::{Build, Choice, Server, StartOptions};
use crate::progress::Progress;
use crate::stop::Stop;
use crate::verdict::Rule;

pub use report::BuildReport;

/// The builds with which the build under test is compared.
///
/// ```
/// use chat_benches::Builds;
///
/// let builds = Builds { previous: vec!["/tmp/old/chat-server".parse()?], baselines: Vec::new() };
/// assert!(!builds.is_empty());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Builds {
    /// The previous builds. The new build must reach 0.97 of the speed of each of them, or differ by at most the A/A
    /// spread.
    pub previous: Vec<Build>,
    /// The baseline builds. The new build must reach 0.95 of the speed of each of them.
    pub baselines: Vec<Build>,
}

impl Builds {
    /// Returns whether both lists are empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.previous.is_empty() && self.baselines.is_empty()
    }

    fn others(&self) -> Vec<Other> {
        let named = |rule: Rule, name: &'static str, builds: &[Build]| {
            let other = move |(index, build): (usize, &Build)| {
                let name = if index == 0 { name.to_owned() } else { format!("{name} {}", index + 1) };
                Other { name, build: build.clone(), rule }
            };
            builds.iter().enumerate().map(other).collect::<Vec<_>>()
        };
        let mut others = named(Rule::Previous, "previous", &self.previous);
        others.extend(named(Rule::Baseline, "baseline", &self.baselines));
        others
    }
}

/// A build with which the build under test is compared.
#[derive(Clone, Debug)]
struct Other {
    name: String,
    build: Build,
    rule: Rule,
}

/// The servers of a comparison over one protocol: the new build, the first other build, this other build again, and the
/// rest.
#[derive(Debug)]
struct Group {
    choice: Choice,
    servers: Vec<Server>,
}

/// The index of the A/A series in a group.
const AGAIN: usize = 2;

impl Group {
    fn find(choice: Choice, options: &Options, others: &[Other]) -> io::Result<Group> {
        let Some(over_irc) = over_irc(choice) else {
            return Err(io::Error::other(
                "only builds of chat-server can be compared; use --servers chat-server, chat-irc or both",
            ));
        };
        let new = Build::find(options.chat_server.as_deref())?;
        let mut servers = vec![Server::of_build("new", &new, over_irc)?];
        for other in others {
            servers.push(Server::of_build(&other.name, &other.build, over_irc)?);
        }
        let mut again = servers[1].clone();
        again.name.push_str(" again");
        servers.insert(AGAIN, again);
        Ok(Group { choice, servers })
    }

    /// Starts each build once, so that an option that a build does not know is found before the first round.
    fn try_start(&self, stop: &Stop) -> io::Result<()> {
        let options = StartOptions { connections: 1, default_limits: false, stop };
        for server in &self.servers {
            server.start(options).map_err(|failure| io::Error::other(failure.to_string()))?;
        }
        Ok(())
    }
}

/// Returns whether this choice is our server over IRC; `None` for a server that is not ours.
fn over_irc(choice: Choice) -> Option<bool> {
    match choice {
        Choice::Chat => Some(false),
        Choice::ChatIrc => Some(true),
        _ => None,
    }
}

/// Compares the build under test with other builds. Returns `None` if a signal stopped the comparison.
///
/// All started processes have ended when this returns. Reports its progress on standard error.
///
/// # Errors
///
/// If there is no other build, if a build does not start, or if the options name a server that is not ours. A failure
/// of a server during a run makes only that run invalid.
pub fn compare_builds(builds: &Builds, options: &Options, stop: &Stop) -> io::Result<Option<BuildReport>> {
    let others = builds.others();
    if others.is_empty() {
        return Err(io::Error::other("there is no build to compare with"));
    }
    raise_descriptor_limit()?;
    let groups = options.servers.iter().map(|&choice| Group::find(choice, options, &others));
    let groups = groups.collect::<io::Result<Vec<_>>>()?;
    groups.iter().try_for_each(|group| group.try_start(stop))?;
    let cases = Case::all(options);
    let series = groups.iter().map(|group| group.servers.len()).sum::<usize>();
    let mut progress = Progress::start(series * cases.len() * options.runs);
    let mut report = BuildReport::new(options, groups.first().map(|group| &group.servers[0]), others);
    for group in &groups {
        for &case in &cases {
            match measure(case, &group.servers, options, stop, &mut progress) {
                Some(rows) => report.add(group.choice, case, rows),
                None => return Ok(None),
            }
        }
    }
    progress.end();
    Ok(Some(report))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(program: &str) -> Build {
        program.parse().expect("this is a build")
    }

    #[test]
    fn builds_are_named_by_rule_and_number() {
        let builds = Builds { previous: vec![build("a"), build("b")], baselines: vec![build("c")] };
        let others = builds.others();
        let names = others.iter().map(|other| (other.name.as_str(), other.rule)).collect::<Vec<_>>();
        assert_eq!(names, [("previous", Rule::Previous), ("previous 2", Rule::Previous), ("baseline", Rule::Baseline)]);
        assert!(Builds::default().is_empty());
    }

    #[test]
    fn other_servers_are_refused() {
        let builds = Builds { previous: vec![build("a")], ..Builds::default() };
        let options = Options { servers: vec![Choice::Floor], ..Options::builds() };
        let refusal = compare_builds(&builds, &options, &Stop::default()).expect_err("the floor is not our server");
        assert!(refusal.to_string().contains("--servers chat-server, chat-irc or both"), "{refusal}");
        assert!(compare_builds(&Builds::default(), &options, &Stop::default()).is_err());
    }
}
