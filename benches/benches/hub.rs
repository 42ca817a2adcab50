//! Measures what a batch of the hub costs when sending costs nothing.

use chat_core::testing::bench::NullHub;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// The number of texts in a batch under load.
const TEXTS: u64 = 100;

fn batch(c: &mut Criterion) {
    for talkers in [1, 10] {
        let mut group = c.benchmark_group(format!("hub/batch of {TEXTS} texts by {talkers}"));
        for members in [10, 100, 1000, 10_000] {
            let mut hub = NullHub::new(members);
            // The number of deliveries in a batch.
            group.throughput(Throughput::Elements(TEXTS * (members - 1)));
            group.bench_function(BenchmarkId::from_parameter(members), |b| {
                b.iter(|| hub.batch(talkers, usize::try_from(TEXTS / talkers).expect("it is small")));
            });
        }
        group.finish();
    }
}

/// Measures a batch of one text: the cost of a message in a quiet room.
fn single(c: &mut Criterion) {
    let mut group = c.benchmark_group("hub/batch of 1 text");
    for members in [10, 100, 1000, 10_000] {
        let mut hub = NullHub::new(members);
        group.throughput(Throughput::Elements(members - 1));
        group.bench_function(BenchmarkId::from_parameter(members), |b| b.iter(|| hub.batch(1, 1)));
    }
    group.finish();
}

criterion_group!(benches, batch, single);
criterion_main!(benches);
