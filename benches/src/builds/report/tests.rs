use super::*;
use crate::figures::Runs;
use crate::options::Mode;
use crate::shape::{Rooms, Shape};

/// Returns a row with both judged figures: its speed relative to the others, in each of 9 rounds.
fn row(server: &str, speeds: [f64; 9]) -> Row {
    // The machine itself drifts by a factor of 4.
    let drift = (0..9).map(|round| 1e6 * f64::from(1 + round % 4));
    let mut runs = Runs::default();
    for (drift, speed) in drift.zip(speeds) {
        runs.push(Ok(Figures::from([
            (Figure::Deliveries, drift * speed),
            (Figure::CpuMicroseconds, 1e6 / (drift * speed)),
            (Figure::LoadBusyPercent, 60.0),
        ])));
    }
    Row { server: server.to_owned(), runs }
}

const NOISE: [f64; 9] = [1.0, 1.01, 0.99, 1.01, 0.98, 1.02, 1.0, 0.99, 1.01];

fn report(new: Row) -> BuildReport {
    let other = |name: &str, rule| Other { name: name.into(), build: "old,--x".parse().expect("a build"), rule };
    let others = vec![other("previous", Rule::Previous), other("baseline", Rule::Baseline)];
    let mut report = BuildReport::new(&Options { servers: vec![Choice::ChatIrc], ..Options::builds() }, None, others);
    let case = Case { mode: Mode::Capacity, shape: Shape { rooms: Rooms::one(10), talkers: 1 } };
    let rows = vec![new, row("previous", [1.0; 9]), row("previous again", NOISE), row("baseline", [1.0; 9])];
    report.add(Choice::ChatIrc, case, rows);
    report
}

#[test]
fn equal_build_passes() {
    let report = report(row("new", NOISE));
    assert!(report.is_pass());
    assert!(report.markdown().ends_with("\nPASS: 4 of 4 verdicts.\n"), "{}", report.markdown());
}

#[test]
fn ten_percent_slower_build_fails() {
    let report = report(row("new", NOISE.map(|noise| 0.9 * noise)));
    assert!(!report.is_pass());
    let markdown = report.markdown();
    for line in [
        "| 10 members, 1 talks | previous |",
        "FAIL: 4 of 4 verdicts.",
        "- IRC, 10 members, 1 talks, previous, deliveries/s: 0.900, allowed ≥ 0.970\n",
        "- IRC, 10 members, 1 talks, baseline, CPU µs each: 1.111, allowed ≤ 1.053\n",
    ] {
        assert!(markdown.contains(line), "{line:?} is missing:\n{markdown}");
    }
}

#[test]
fn four_percent_slower_build_passes_baseline_only() {
    let report = report(row("new", [0.96; 9]));
    let (failures, all) = report.failures();
    assert_eq!((failures.len(), all), (2, 4));
    assert!(failures.iter().all(|failure| failure.contains("previous")), "{failures:?}");
}

#[test]
fn invalid_run_fails() {
    let mut new = row("new", NOISE);
    new.runs.push(Err("member 3 lost a message".to_owned()));
    let report = report(new);
    assert!(!report.is_pass());
    assert!(report.markdown().contains("INVALID: member 3 lost a message"));
    assert!(report.json().contains("\"invalid\": \"member 3 lost a message\""));
}

#[test]
fn report_without_results_fails() {
    let mut report = report(row("new", NOISE));
    report.results.clear();
    assert!(!report.is_pass());
}

#[test]
fn json_has_every_figure() {
    let report: Value = serde_json::from_str(&report(row("new", NOISE)).json()).expect("this is JSON");
    let result = &report["results"][0];
    assert_eq!((&report["pass"], &result["protocol"]), (&json!(true), &json!("IRC")));
    let series = result["series"].as_array().expect("a list");
    assert_eq!(series.len(), 4);
    assert!(series.iter().all(|series| series["runs"].as_array().is_some_and(|runs| runs.len() == 9)));
    assert!(result["again"][0]["spread"][1].as_f64().is_some_and(|spread| spread > 1.0));
    let comparisons = result["comparisons"].as_array().expect("a list");
    assert_eq!(comparisons.len(), 4);
    for comparison in comparisons {
        assert_eq!(comparison["paired"]["ratios"].as_array().map(Vec::len), Some(9));
        assert_eq!(comparison["verdict"], "pass");
    }
}
