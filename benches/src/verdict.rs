//! The verdict on a new build: is it slower than another build?
//!
//! The verdict depends on the ratios of paired runs. A pair is two runs of one round, so the machine was in the same
//! state for both. The median of these ratios is compared with the limit of a [`Rule`].

use serde::Serialize;

use crate::figures::{Figure, Runs, median};

/// The rule that decides which median ratios pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rule {
    /// The rule for the previous build: the speed is at least [`PREVIOUS`], or as close to 1 as two series of one
    /// binary.
    Previous,
    /// The rule for a fixed build: the speed is at least [`BASELINE`]. Many small losses, each within the noise, fail
    /// here.
    Baseline,
}

/// The share of the previous build's speed that the new build must reach.
pub(crate) const PREVIOUS: f64 = 0.97;
/// The share of a baseline's speed that the new build must reach.
pub(crate) const BASELINE: f64 = 0.95;

impl Rule {
    /// Returns the lowest relative speed that passes.
    fn lowest(self, spread: f64) -> f64 {
        match self {
            Rule::Previous => PREVIOUS.min(1.0 / spread),
            Rule::Baseline => BASELINE,
        }
    }
}

/// Whether the higher or the lower of two values is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Better {
    Higher,
    Lower,
}

/// The figures that have a verdict.
pub(crate) const JUDGED: [(Figure, Better); 2] =
    [(Figure::Deliveries, Better::Higher), (Figure::CpuMicroseconds, Better::Lower)];

impl Better {
    /// Converts a ratio of figures to a relative speed, or a relative speed to a ratio. A speed of more than 1 is
    /// faster.
    fn speed(self, ratio: f64) -> f64 {
        match self {
            Better::Higher => ratio,
            Better::Lower => ratio.recip(),
        }
    }
}

/// The ratios of a figure between two series, one per round.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct PairedRatios {
    pub(crate) ratios: Vec<f64>,
    pub(crate) median: f64,
}

impl PairedRatios {
    /// Returns `new` ÷ `other`, or the reason why there is no ratio for each round.
    pub(crate) fn new(new: &Runs, other: &Runs, figure: Figure) -> Result<PairedRatios, String> {
        if let Some(fault) = new.fault().or(other.fault()) {
            return Err(fault.to_owned());
        }
        let ratios = new.ratios(other, figure).unwrap_or_default();
        let complete = ratios.len() == new.outcomes().len() && ratios.iter().all(|&ratio| ratio > 0.0);
        match median(ratios.iter().copied()) {
            Some(median) if complete => Ok(PairedRatios { ratios, median }),
            _ => Err("a run delivered nothing, so a pair has no ratio".to_owned()),
        }
    }

    /// Returns the factor by which the two series differ in at most half of the rounds, in either direction.
    ///
    /// For two series of one binary, the direction of each difference is chance. So 1 ÷ spread to spread is the
    /// interquartile range of all ratios and their inverses.
    pub(crate) fn spread(&self) -> f64 {
        median(self.ratios.iter().map(|&ratio| ratio.max(ratio.recip()))).unwrap_or(1.0)
    }
}

/// The result of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Pass,
    /// The ratio passes only because two series of one binary differ as much.
    WithinSpread,
    Fail,
}

/// A verdict, and the limit that decided it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Judgement {
    pub(crate) verdict: Verdict,
    /// The worst ratio that passes: the lowest ratio if higher is better, and the highest ratio if lower is better.
    pub(crate) limit: f64,
}

impl Judgement {
    /// Judges the median ratio `new` ÷ other. `spread` is the A/A spread of the same figure.
    pub(crate) fn new(rule: Rule, better: Better, ratio: f64, spread: f64) -> Judgement {
        let (speed, lowest) = (better.speed(ratio), rule.lowest(spread));
        let verdict = match rule {
            Rule::Previous if speed < PREVIOUS && speed >= lowest => Verdict::WithinSpread,
            _ if speed >= lowest => Verdict::Pass,
            _ => Verdict::Fail,
        };
        Judgement { verdict, limit: better.speed(lowest) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREVIOUS_RUNS: [f64; 9] = [100.0, 140.0, 90.0, 100.0, 120.0, 100.0, 60.0, 100.0, 101.0];
    /// How the runs of one binary differ from round to round. Three rounds are disturbed.
    const NOISE: [f64; 9] = [1.01, 0.99, 1.02, 0.98, 1.0, 1.01, 0.99, 0.5, 1.7];

    fn paired(factor: f64, figure: Figure) -> PairedRatios {
        let new = PREVIOUS_RUNS.iter().zip(NOISE).map(|(run, noise)| run * noise * factor).collect::<Vec<_>>();
        PairedRatios::new(&Runs::of(figure, &new), &Runs::of(figure, &PREVIOUS_RUNS), figure)
            .expect("all runs are valid")
    }

    #[track_caller]
    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value} instead of {expected}");
    }

    #[test]
    fn ratio_is_the_median_of_pairs() {
        close(paired(0.9, Figure::Deliveries).median, 0.9);
        close(paired(1.0, Figure::Deliveries).median, 1.0);
        // The quotient of the medians is 2.
        let (new, other) = ([1.0, 20.0, 30.0], [2.0, 10.0, 60.0]);
        let ratios = PairedRatios::new(
            &Runs::of(Figure::Deliveries, &new),
            &Runs::of(Figure::Deliveries, &other),
            Figure::Deliveries,
        );
        close(ratios.expect("all runs are valid").median, 0.5);
    }

    #[test]
    fn spread_ignores_direction_and_outliers() {
        let spread = |ratios: &[f64]| PairedRatios { ratios: ratios.to_vec(), median: 1.0 }.spread();
        close(spread(&[1.0]), 1.0);
        close(spread(&[0.8, 1.25, 1.25]), 1.25);
        close(spread(&[1.02, 0.5, 1.0, 1.02, 1.1]), 1.02);
        close(spread(&[0.98, 2.0, 1.0, 0.98, 0.9]), 1.0 / 0.98);
    }

    #[test]
    fn ten_percent_slower_build_fails() {
        let spread = paired(1.0, Figure::Deliveries).spread();
        for rule in [Rule::Previous, Rule::Baseline] {
            let slower = paired(0.9, Figure::Deliveries).median;
            assert_eq!(Judgement::new(rule, Better::Higher, slower, spread).verdict, Verdict::Fail);
            let dearer = paired(1.0 / 0.9, Figure::CpuMicroseconds).median;
            assert_eq!(Judgement::new(rule, Better::Lower, dearer, spread).verdict, Verdict::Fail);
        }
    }

    #[test]
    fn equal_or_faster_build_passes() {
        for rule in [Rule::Previous, Rule::Baseline] {
            for speed in [1.0, 1.1, 2.0] {
                assert_eq!(Judgement::new(rule, Better::Higher, speed, 1.0).verdict, Verdict::Pass);
                assert_eq!(Judgement::new(rule, Better::Lower, 1.0 / speed, 1.0).verdict, Verdict::Pass);
            }
        }
    }

    #[test]
    fn spread_excuses_loss_against_previous_only() {
        let table = [
            (Rule::Previous, 0.975, 1.0, Verdict::Pass),
            (Rule::Previous, 0.965, 1.0, Verdict::Fail),
            (Rule::Previous, 0.965, 1.04, Verdict::WithinSpread),
            (Rule::Previous, 0.955, 1.04, Verdict::Fail),
            (Rule::Baseline, 0.955, 1.0, Verdict::Pass),
            (Rule::Baseline, 0.945, 1.1, Verdict::Fail),
            (Rule::Previous, f64::NAN, 1.1, Verdict::Fail),
            (Rule::Baseline, f64::NAN, 1.1, Verdict::Fail),
        ];
        for (rule, speed, spread, verdict) in table {
            assert_eq!(Judgement::new(rule, Better::Higher, speed, spread).verdict, verdict, "{rule:?} {speed}");
            assert_eq!(Judgement::new(rule, Better::Lower, 1.0 / speed, spread).verdict, verdict, "{rule:?} {speed}");
        }
    }

    #[test]
    fn limit_is_in_units_of_the_ratio() {
        close(Judgement::new(Rule::Previous, Better::Higher, 1.0, 1.0).limit, 0.97);
        close(Judgement::new(Rule::Previous, Better::Higher, 1.0, 1.25).limit, 0.8);
        close(Judgement::new(Rule::Previous, Better::Lower, 1.0, 1.25).limit, 1.25);
        close(Judgement::new(Rule::Baseline, Better::Lower, 1.0, 1.25).limit, 1.0 / 0.95);
    }

    #[test]
    fn invalid_run_has_no_ratio() {
        let good = Runs::of(Figure::Deliveries, &[1.0, 2.0]);
        let mut bad = Runs::of(Figure::Deliveries, &[1.0]);
        bad.push(Err("member 3 lost a message".to_owned()));
        for (new, other) in [(&good, &bad), (&bad, &good)] {
            let fault = PairedRatios::new(new, other, Figure::Deliveries);
            assert_eq!(fault, Err("member 3 lost a message".to_owned()));
        }
        let nothing = Runs::of(Figure::Deliveries, &[0.0, 2.0]);
        assert!(PairedRatios::new(&nothing, &good, Figure::Deliveries).is_err());
        assert!(PairedRatios::new(&good, &nothing, Figure::Deliveries).is_err());
        assert!(PairedRatios::new(&Runs::default(), &Runs::default(), Figure::Deliveries).is_err());
    }
}
