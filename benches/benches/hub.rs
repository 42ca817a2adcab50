//! What a pass of the hub costs when sending costs nothing.

use chat_core::testing::bench::NullHub;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Texts in a pass, as they come when there is much to do.
const TEXTS: u64 = 100;

fn pass(c: &mut Criterion) {
    for talkers in [1, 10] {
        let mut group = c.benchmark_group(format!("hub/pass of {TEXTS} texts by {talkers}"));
        for members in [10, 100, 1000, 10_000] {
            let mut hub = NullHub::new(members);
            // So many deliveries.
            group.throughput(Throughput::Elements(TEXTS * (members - 1)));
            group.bench_function(BenchmarkId::from_parameter(members), |b| {
                b.iter(|| hub.batch(talkers, usize::try_from(TEXTS / talkers).expect("it is small")));
            });
        }
        group.finish();
    }
}

/// One text in a pass: what a quiet room costs.
fn single(c: &mut Criterion) {
    let mut group = c.benchmark_group("hub/pass of 1 text");
    for members in [10, 100, 1000, 10_000] {
        let mut hub = NullHub::new(members);
        group.throughput(Throughput::Elements(members - 1));
        group.bench_function(BenchmarkId::from_parameter(members), |b| b.iter(|| hub.batch(1, 1)));
    }
    group.finish();
}

criterion_group!(benches, pass, single);
criterion_main!(benches);
