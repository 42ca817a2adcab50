//! The measured figures, and the statistics over several runs.

use std::collections::BTreeMap;

use serde::Serialize;

/// A kind of figure: what a measured number means, and its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Figure {
    /// Deliveries per second.
    Deliveries,
    /// The server's processor time for each delivery, in microseconds.
    CpuMicroseconds,
    /// The share of time in which the load generator's thread was busy, in percent. Near 100 %, the load generator may
    /// have limited the result.
    LoadBusyPercent,
    /// 1 if all members received one order, else 0. A 0 makes the run invalid on a server that guarantees one order.
    OneOrder,
    /// Latency, in microseconds.
    LatencyP50,
    LatencyP99,
    LatencyMax,
    /// The memory of one connection, in kB.
    KilobytesEach,
    Threads,
    /// The time until every member has joined and received all join notices, in milliseconds.
    EnteringMilliseconds,
    /// The time until one message has reached every member, in milliseconds.
    ReachingMilliseconds,
    /// Latency while all members read, in microseconds.
    CalmP99,
    /// Latency of the reading members while others have stopped reading, in microseconds.
    StalledP99,
    /// [`StalledP99`](Figure::StalledP99) divided by [`CalmP99`](Figure::CalmP99).
    StalledByCalm,
    /// The number of connections that the server closed because their members had stopped reading.
    Closed,
    /// The time until the server closed the last of these connections, in seconds.
    ClosedAfterSeconds,
    /// The number of bytes of an endless line that the server read, in 10⁶ bytes.
    MegabytesTaken,
    /// The server's processor time for an endless line, in seconds.
    ProcessorSeconds,
    /// The growth of the server's memory from an endless line, in kB.
    KilobytesGrown,
}

impl Figure {
    /// Returns the title of a table column.
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

    /// Formats a value of this figure.
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

/// The figures of one run.
pub(crate) type Figures = BTreeMap<Figure, f64>;

/// One server's runs of one case. An invalid run has its reason as text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs(Vec<Result<Figures, String>>);

impl Runs {
    /// Returns every run: its figures, or the reason why it is invalid.
    pub(crate) fn outcomes(&self) -> &[Result<Figures, String>] {
        &self.0
    }

    pub(crate) fn push(&mut self, outcome: Result<Figures, String>) {
        self.0.push(outcome);
    }

    /// Returns the reason of the first invalid run. One invalid run makes all of them invalid.
    pub(crate) fn fault(&self) -> Option<&str> {
        self.0.iter().find_map(|outcome| outcome.as_ref().err()).map(String::as_str)
    }

    /// Returns the figures of all runs in order, or `None` if a run was invalid.
    pub(crate) fn all(&self) -> Option<Vec<&Figures>> {
        self.0.iter().map(|outcome| outcome.as_ref().ok()).collect()
    }

    /// Returns the number of runs, and the number of runs in which members received different orders.
    pub(crate) fn disorders(&self) -> (usize, usize) {
        let valid = self.0.iter().flatten();
        (self.0.len(), valid.filter(|figures| figures.get(&Figure::OneOrder) == Some(&0.0)).count())
    }

    pub(crate) fn median(&self, figure: Figure) -> Option<f64> {
        median(self.all()?.into_iter().filter_map(|figures| figures.get(&figure).copied()))
    }

    /// Returns the ratio between each of these runs and the run of `other` in the same round.
    ///
    /// Leaves out a pair without a ratio. Returns `None` if a run was invalid.
    pub(crate) fn ratios(&self, other: &Runs, figure: Figure) -> Option<Vec<f64>> {
        let (ours, others) = (self.all()?, other.all()?);
        let ratios = ours.iter().zip(others).filter_map(|(our, other)| {
            let ratio = our.get(&figure)? / other.get(&figure)?;
            ratio.is_finite().then_some(ratio)
        });
        Some(ratios.collect())
    }

    /// Returns the median of these ratios.
    pub(crate) fn ratio(&self, other: &Runs, figure: Figure) -> Option<f64> {
        median(self.ratios(other, figure)?.into_iter())
    }
}

/// Returns the middle value, or the mean of the two middle values.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values = values.collect::<Vec<_>>();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        length if length % 2 == 0 => Some(f64::midpoint(values[middle - 1], values[middle])),
        _ => Some(values[middle]),
    }
}

/// Returns the smallest value that is at least as large as `percent` percent of the sorted values.
pub(crate) fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().map_or(f64::NAN, f64::from)
}

/// Converts a count into a number to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(crate) fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(values: &[f64]) -> Runs {
        Runs::of(Figure::Deliveries, values)
    }

    impl Runs {
        /// Returns runs that measured one figure only.
        pub(crate) fn of(figure: Figure, values: &[f64]) -> Runs {
            Runs(values.iter().map(|&value| Ok(Figures::from([(figure, value)]))).collect())
        }
    }

    #[test]
    fn median_is_the_middle_value() {
        assert_eq!(runs(&[3.0, 1.0, 2.0]).median(Figure::Deliveries), Some(2.0));
        assert_eq!(runs(&[4.0, 1.0, 2.0, 3.0]).median(Figure::Deliveries), Some(2.5));
        assert_eq!(runs(&[]).median(Figure::Deliveries), None);
        assert_eq!(runs(&[1.0]).median(Figure::Threads), None);
    }

    #[test]
    fn ratio_compares_runs_of_one_round() {
        // The third run was disturbed, for both servers alike.
        let (ours, other) = (runs(&[4.0, 6.0, 0.5]), runs(&[2.0, 2.0, 0.25]));
        assert_eq!(ours.ratios(&other, Figure::Deliveries), Some(vec![2.0, 3.0, 2.0]));
        assert_eq!(ours.ratio(&other, Figure::Deliveries), Some(2.0));
    }

    #[test]
    fn one_invalid_run_invalidates_all() {
        let mut runs = runs(&[1.0, 2.0]);
        runs.push(Err("lost".to_owned()));
        assert_eq!(runs.fault(), Some("lost"));
        assert_eq!(runs.median(Figure::Deliveries), None);
    }

    #[test]
    fn percentile_is_an_observed_value() {
        let values = (1..=200).collect::<Vec<_>>();
        let at = |percent| percentile(&values, percent).round();
        assert_eq!((at(50), at(99), at(100)), (100.0, 198.0, 200.0));
        assert!(percentile(&[], 50).is_nan());
    }
}
