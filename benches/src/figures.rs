//! What was measured, and what is made of several runs.

use std::collections::BTreeMap;

use serde::Serialize;

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Figure {
    /// Deliveries per second.
    Deliveries,
    /// The server's processor time for each delivery, in microseconds.
    CpuMicroseconds,
    /// How busy the thread was that plays all members, in percent: near 100, it may be what was measured.
    LoadBusyPercent,
    /// 1 if all members heard everything in one order, 0 if not; that makes a run invalid where the server promises it.
    OneOrder,
    /// Latencies, in microseconds.
    LatencyP50,
    LatencyP99,
    LatencyMax,
    /// What a connection costs, in kB.
    KilobytesEach,
    Threads,
    /// Until everybody has heard all that it must, in milliseconds.
    EnteringMilliseconds,
    /// Until a message has reached everybody, in milliseconds.
    ReachingMilliseconds,
    /// Latency while everybody reads, in microseconds.
    CalmP99,
    /// Latency of those who read, while others don't.
    StalledP99,
    /// The one divided by the other.
    StalledByCalm,
    /// How many were closed of those who did not read.
    Closed,
    /// When the last of them was, in seconds.
    ClosedAfterSeconds,
    /// How much the server took of a line without an end, in 10⁶ bytes.
    MegabytesTaken,
    /// What that cost it in processor time,
    ProcessorSeconds,
    /// and in memory, in kB.
    KilobytesGrown,
}

impl Figure {
    /// How a table's column is called.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Figure::Deliveries => "deliveries/s",
            Figure::CpuMicroseconds => "CPU µs each",
            Figure::LoadBusyPercent => "load busy",
            Figure::OneOrder => "one order",
            Figure::LatencyP50 => "p50 ms",
            Figure::LatencyP99 => "p99 ms",
            Figure::LatencyMax => "max ms",
            Figure::KilobytesEach => "kB each",
            Figure::Threads => "threads",
            Figure::EnteringMilliseconds => "all in, ms",
            Figure::ReachingMilliseconds => "then a message, ms",
            Figure::CalmP99 => "p99 ms, all read",
            Figure::StalledP99 => "p99 ms, a tenth doesn't",
            Figure::StalledByCalm => "ratio",
            Figure::Closed => "closed",
            Figure::ClosedAfterSeconds => "after, s",
            Figure::MegabytesTaken => "MB taken",
            Figure::ProcessorSeconds => "CPU s",
            Figure::KilobytesGrown => "kB more memory",
        }
    }

    /// How a number of it is shown.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Figure::Deliveries if value >= 1e6 => format!("{:.2} M", value / 1e6),
            Figure::Deliveries => format!("{:.1} k", value / 1e3),
            Figure::LoadBusyPercent => format!("{value:.0} %"),
            Figure::LatencyP50 | Figure::LatencyP99 | Figure::LatencyMax | Figure::CalmP99 | Figure::StalledP99 => {
                format!("{:.2}", value / 1e3)
            }
            Figure::CpuMicroseconds if value < 1.0 => format!("{value:.3}"),
            Figure::CpuMicroseconds | Figure::StalledByCalm => format!("{value:.2}"),
            Figure::OneOrder
            | Figure::Threads
            | Figure::Closed
            | Figure::EnteringMilliseconds
            | Figure::KilobytesGrown => format!("{value:.0}"),
            Figure::KilobytesEach
            | Figure::ClosedAfterSeconds
            | Figure::ReachingMilliseconds
            | Figure::MegabytesTaken => format!("{value:.1}"),
            Figure::ProcessorSeconds => format!("{value:.3}"),
        }
    }
}

/// The numbers of one run.
pub(crate) type Figures = BTreeMap<Figure, f64>;

/// One server's runs of one case; as text, why a run was invalid.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs(Vec<Result<Figures, String>>);

impl Runs {
    pub(crate) fn push(&mut self, outcome: Result<Figures, String>) {
        self.0.push(outcome);
    }

    /// Why a run was invalid; one is enough to make all of them so.
    pub(crate) fn fault(&self) -> Option<&str> {
        self.0.iter().find_map(|outcome| outcome.as_ref().err()).map(String::as_str)
    }

    /// The numbers of all runs, in their order; none if one was invalid.
    pub(crate) fn all(&self) -> Option<Vec<&Figures>> {
        self.0.iter().map(|outcome| outcome.as_ref().ok()).collect()
    }

    /// How many runs there were, and in how many of them members heard different orders.
    pub(crate) fn disorders(&self) -> (usize, usize) {
        let valid = self.0.iter().flatten();
        (self.0.len(), valid.filter(|figures| figures.get(&Figure::OneOrder) == Some(&0.0)).count())
    }

    pub(crate) fn median(&self, figure: Figure) -> Option<f64> {
        median(self.all()?.into_iter().filter_map(|figures| figures.get(&figure).copied()))
    }

    /// The median of what each of these runs is to the run of the other that came next to it.
    pub(crate) fn ratio(&self, other: &Runs, figure: Figure) -> Option<f64> {
        let (ours, others) = (self.all()?, other.all()?);
        median(ours.iter().zip(others).filter_map(|(our, other)| {
            let ratio = our.get(&figure)? / other.get(&figure)?;
            ratio.is_finite().then_some(ratio)
        }))
    }
}

/// The middle one, or the mean of the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values = values.collect::<Vec<_>>();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        length if length % 2 == 0 => Some(f64::midpoint(values[middle - 1], values[middle])),
        _ => Some(values[middle]),
    }
}

/// What `percent` of the sorted values are not above.
pub(crate) fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().map_or(f64::NAN, f64::from)
}

/// A count as a number to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(crate) fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(values: &[f64]) -> Runs {
        Runs(values.iter().map(|&value| Ok(Figures::from([(Figure::Deliveries, value)]))).collect())
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(runs(&[3.0, 1.0, 2.0]).median(Figure::Deliveries), Some(2.0));
        assert_eq!(runs(&[4.0, 1.0, 2.0, 3.0]).median(Figure::Deliveries), Some(2.5));
        assert_eq!(runs(&[]).median(Figure::Deliveries), None);
        assert_eq!(runs(&[1.0]).median(Figure::Threads), None);
    }

    #[test]
    fn ratios_are_of_neighbouring_runs() {
        // The third run was disturbed, for both alike.
        let (ours, other) = (runs(&[4.0, 6.0, 0.5]), runs(&[2.0, 2.0, 0.25]));
        assert_eq!(ours.ratio(&other, Figure::Deliveries), Some(2.0));
    }

    #[test]
    fn one_invalid_run_makes_all_invalid() {
        let mut runs = runs(&[1.0, 2.0]);
        runs.push(Err("lost".to_owned()));
        assert_eq!(runs.fault(), Some("lost"));
        assert_eq!(runs.median(Figure::Deliveries), None);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values = (1..=200).collect::<Vec<_>>();
        let at = |percent| percentile(&values, percent).round();
        assert_eq!((at(50), at(99), at(100)), (100.0, 198.0, 200.0));
        assert!(percentile(&[], 50).is_nan());
    }
}
