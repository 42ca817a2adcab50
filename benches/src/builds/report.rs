//! The report of a comparison of builds: the verdicts as tables and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{AGAIN, Other};
use crate::figures::{Figure, Figures};
use crate::machine::Machine;
use crate::modes::Case;
use crate::options::Options;
use crate::peers::{Build, Choice, Server};
use crate::report::Row;
use crate::table::{INVALID, Table};
use crate::verdict::{BASELINE, Better, JUDGED, Judgement, PREVIOUS, PairedRatios, Rule, Verdict};

/// The smallest number of pairs for a reliable verdict.
const ENOUGH_PAIRS: usize = 9;
/// The share in percent from which on the load generator, and not the server, may have limited a result.
const LOAD_BUSY: f64 = 95.0;

/// The verdicts on the build under test.
#[derive(Clone, Debug)]
pub struct BuildReport {
    machine: Machine,
    options: Options,
    new: Option<Build>,
    others: Vec<Other>,
    results: Vec<CaseResult>,
}

/// The series of one case over one protocol.
#[derive(Clone, Debug)]
struct CaseResult {
    choice: Choice,
    case: Case,
    new: Row,
    again: Row,
    /// The rows of the other builds, in the order of [`BuildReport::others`].
    others: Vec<Row>,
}

/// The comparison of the new build with another build by one figure.
#[derive(Clone, Debug)]
struct Comparison {
    ratios: PairedRatios,
    judgement: Judgement,
}

impl CaseResult {
    /// Returns the ratios of two series of one binary, or the reason why there are none.
    fn again(&self, figure: Figure) -> Result<PairedRatios, String> {
        PairedRatios::new(&self.again.runs, &self.others[0].runs, figure)
    }

    fn compare(&self, other: &Row, rule: Rule, (figure, better): (Figure, Better)) -> Result<Comparison, String> {
        let ratios = PairedRatios::new(&self.new.runs, &other.runs, figure)?;
        let spread = self.again(figure)?.spread();
        Ok(Comparison { judgement: Judgement::new(rule, better, ratios.median, spread), ratios })
    }

    fn series(&self) -> impl Iterator<Item = &Row> {
        [&self.new, &self.again].into_iter().chain(&self.others)
    }
}

impl BuildReport {
    pub(super) fn new(options: &Options, new: Option<&Server>, others: Vec<Other>) -> BuildReport {
        let new = new.map(Server::build);
        BuildReport { machine: Machine::detect(), options: options.clone(), new, others, results: Vec::new() }
    }

    /// Adds the rows of a case, in the order of a [`Group`](super::Group).
    pub(super) fn add(&mut self, choice: Choice, case: Case, mut rows: Vec<Row>) {
        let again = rows.remove(AGAIN);
        let new = rows.remove(0);
        self.results.push(CaseResult { choice, case, new, again, others: rows });
    }

    /// Returns whether every verdict is a pass, and no server lost, duplicated or reordered a message.
    #[must_use]
    pub fn is_pass(&self) -> bool {
        let (failed, all) = self.failures();
        failed.is_empty() && all > 0
    }

    /// Returns tables in Markdown, aligned for reading as plain text, and a summary.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = self.setting();
        for &choice in &self.options.servers {
            let results = self.results.iter().filter(|result| result.choice == choice).collect::<Vec<_>>();
            for judged in JUDGED {
                let _ = write!(text, "\n{}\n\n{}", headline(choice, judged), self.table(&results, judged));
            }
        }
        text + &self.busy_loads() + &self.summary()
    }

    /// Returns all runs, all paired ratios and all verdicts.
    #[must_use]
    pub fn json(&self) -> String {
        let others = self.others.iter().map(|Other { name, build, rule }| {
            json!({ "name": name, "program": build.program, "options": build.options, "rule": rule })
        });
        let report = json!({
            "machine": self.machine,
            "window": self.options.window,
            "batch": self.options.batch,
            "warm_up_seconds": self.options.warm_up.as_secs_f64(),
            "seconds": self.options.time.as_secs_f64(),
            "rounds": self.options.runs,
            "limits": { "previous": PREVIOUS, "baseline": BASELINE },
            "new": self.new.as_ref().map(|build| &build.program),
            "others": others.collect::<Vec<_>>(),
            "results": self.results.iter().map(|result| self.json_result(result)).collect::<Vec<_>>(),
            "pass": self.is_pass(),
        });
        format!("{report:#}\n")
    }

    fn setting(&self) -> String {
        let Machine { processor, processors, kernel, date } = &self.machine;
        let mut text = format!("{date}, {processors} × {processor}, Linux {kernel}.\n\n");
        if let Some(new) = &self.new {
            let _ = writeln!(text, "- new: {}", shown(new));
        }
        for Other { name, build, rule } in &self.others {
            let allowed = match rule {
                Rule::Previous => format!("at least {PREVIOUS} of its speed, or within the A/A spread"),
                Rule::Baseline => format!("at least {BASELINE} of its speed"),
            };
            let _ = writeln!(text, "- {name}: {} ({allowed})", shown(build));
        }
        let _ = writeln!(
            text,
            "\n{} rounds of {} s; each measures every build once, and {} twice. A ratio is the median of the ratios of all\n\
             rounds. A/A is {} ÷ itself: half of its ratios or their inverses lie within its spread.",
            self.options.runs,
            self.options.time.as_secs_f64(),
            self.others[0].name,
            self.others[0].name,
        );
        if self.options.runs < ENOUGH_PAIRS {
            let _ = writeln!(text, "Fewer than {ENOUGH_PAIRS} rounds are too few to rely on a verdict.");
        }
        text
    }

    fn table(&self, results: &[&CaseResult], judged: (Figure, Better)) -> Table {
        let columns = ["room", "against", "new", "it", "new ÷ it", "limit", "verdict", "A/A", "A/A spread"];
        let mut table = Table::new(&columns.map(str::to_owned));
        for result in results {
            for (index, (row, other)) in result.others.iter().zip(&self.others).enumerate() {
                let mut cells = vec![result.case.to_string(), other.name.clone()];
                match result.compare(row, other.rule, judged) {
                    Err(fault) => cells.push(format!("{INVALID}: {}", fault.replace('|', "/"))),
                    Ok(comparison) => {
                        let value = |row: &Row| row.runs.median(judged.0).map(|value| judged.0.show(value));
                        cells.extend([&result.new, row].map(|row| value(row).unwrap_or_default()));
                        cells.extend(verdict_cells(&comparison, judged.1));
                        if let (0, Ok(again)) = (index, result.again(judged.0)) {
                            cells.extend(spread_cells(&again));
                        }
                    }
                }
                table.add(cells);
            }
        }
        table
    }

    /// Returns a note about the cases in which the load generator may have limited the result.
    fn busy_loads(&self) -> String {
        let busy = self.results.iter().filter_map(|result| {
            let busy = result.series().filter_map(|row| row.runs.median(Figure::LoadBusyPercent)).fold(0.0, f64::max);
            let protocol = protocol(result.choice);
            (busy >= LOAD_BUSY).then(|| format!("{protocol}, {} ({busy:.0} %)", result.case))
        });
        let busy = busy.collect::<Vec<_>>();
        if busy.is_empty() {
            return String::new();
        }
        format!(
            "\nThe load generator was busy nearly all the time, so the ratio may be closer to 1 than the builds are: {}.\n",
            busy.join("; ")
        )
    }

    fn summary(&self) -> String {
        let (failures, all) = self.failures();
        if failures.is_empty() {
            return format!("\nPASS: {all} of {all} verdicts.\n");
        }
        format!("\nFAIL: {} of {all} verdicts.\n\n- {}\n", failures.len(), failures.join("\n- "))
    }

    /// Returns a description of each failed verdict, and the number of all verdicts.
    fn failures(&self) -> (Vec<String>, usize) {
        let mut failures = Vec::new();
        let mut all = 0;
        for result in &self.results {
            for (row, other) in result.others.iter().zip(&self.others) {
                for judged in JUDGED {
                    all += 1;
                    let reason = match result.compare(row, other.rule, judged) {
                        Ok(Comparison { judgement, .. }) if judgement.verdict != Verdict::Fail => continue,
                        Ok(comparison) => verdict_cells(&comparison, judged.1)[..2].join(", allowed "),
                        Err(fault) => format!("{INVALID}: {fault}"),
                    };
                    let (protocol, title) = (protocol(result.choice), judged.0.title());
                    failures.push(format!("{protocol}, {}, {}, {title}: {reason}", result.case, other.name));
                }
            }
        }
        (failures, all)
    }

    fn json_result(&self, result: &CaseResult) -> Value {
        let shape = result.case.shape;
        let again = JUDGED.map(|(figure, _)| json_again(figure, &result.again(figure)));
        let others = result.others.iter().zip(&self.others);
        let comparisons = others.flat_map(|(row, other)| {
            JUDGED.map(|judged| json_comparison(other, judged, &result.compare(row, other.rule, judged)))
        });
        json!({
            "protocol": protocol(result.choice),
            "rooms": shape.rooms.count,
            "members": shape.rooms.members,
            "talkers": shape.talkers,
            "series": result.series().map(|row| json_series(result.case, row)).collect::<Vec<_>>(),
            "again": again,
            "comparisons": comparisons.collect::<Vec<_>>(),
        })
    }
}

fn protocol(choice: Choice) -> &'static str {
    if choice == Choice::ChatIrc { "IRC" } else { "plain lines" }
}

fn headline(choice: Choice, (figure, better): (Figure, Better)) -> String {
    let title = format!("**Over {}: {}**", protocol(choice), figure.title());
    match better {
        Better::Higher => format!("{title}, higher is better: a ratio above 1 means that the new build is faster."),
        Better::Lower => format!("{title}, lower is better: a ratio below 1 means that the new build uses less."),
    }
}

fn shown(build: &Build) -> String {
    let program = build.program.display().to_string();
    [&[program], &build.options[..]].concat().join(" ")
}

fn verdict_cells(comparison: &Comparison, better: Better) -> [String; 3] {
    let Judgement { verdict, limit } = comparison.judgement;
    let sign = if better == Better::Higher { '≥' } else { '≤' };
    let verdict = match verdict {
        Verdict::Pass => "pass",
        Verdict::WithinSpread => "pass, within A/A",
        Verdict::Fail => "FAIL",
    };
    [format!("{:.3}", comparison.ratios.median), format!("{sign} {limit:.3}"), verdict.to_owned()]
}

fn spread_cells(again: &PairedRatios) -> [String; 2] {
    let spread = again.spread();
    [format!("{:.3}", again.median), format!("{:.3} to {spread:.3}", spread.recip())]
}

fn json_series(case: Case, row: &Row) -> Value {
    let medians = case.figures().iter().filter_map(|&figure| Some((figure, row.runs.median(figure)?)));
    let runs = row.runs.outcomes().iter().map(|outcome| match outcome {
        Ok(figures) => json!(figures),
        Err(fault) => json!({ "invalid": fault }),
    });
    json!({
        "name": row.server,
        "median": medians.collect::<Figures>(),
        "runs": runs.collect::<Vec<_>>(),
    })
}

fn json_again(figure: Figure, again: &Result<PairedRatios, String>) -> Value {
    let again = again.as_ref();
    json!({
        "figure": figure,
        "invalid": again.err(),
        "paired": again.ok(),
        "spread": again.ok().map(|again| [again.spread().recip(), again.spread()]),
    })
}

fn json_comparison(other: &Other, (figure, better): (Figure, Better), result: &Result<Comparison, String>) -> Value {
    let comparison = result.as_ref();
    json!({
        "against": other.name,
        "rule": other.rule,
        "figure": figure,
        "better": better,
        "invalid": comparison.err(),
        "paired": comparison.ok().map(|comparison| &comparison.ratios),
        "limit": comparison.ok().map(|comparison| comparison.judgement.limit),
        "verdict": comparison.ok().map(|comparison| comparison.judgement.verdict),
    })
}

#[cfg(test)]
mod tests;
