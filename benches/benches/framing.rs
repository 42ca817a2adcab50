//! Measures how fast the line protocol decodes bytes into commands and encodes events into bytes.

use std::hint::black_box;

use chat_core::event::RoomEvent;
use chat_core::message::MessageKind;
use chat_core::name::Name;
use chat_core::{Event, EventKind, Line, Session};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// The number of 64-byte lines that fill a read of 64 KiB.
const LINES: usize = 1024;

fn decode(c: &mut Criterion) {
    let line = format!("{}\n", "x".repeat(63));
    let read = line.repeat(LINES);
    let mut group = c.benchmark_group("line/decode");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("whole read", |b| {
        b.iter_batched_ref(
            || (Line::default(), Vec::new()),
            |(session, reply)| {
                let mut input = black_box(read.as_bytes());
                while let Some(command) = session.decode(&mut input, reply).expect("these are lines") {
                    black_box(command);
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.bench_function("in segments of 100 bytes", |b| {
        b.iter_batched_ref(
            || (Line::default(), Vec::new()),
            |(session, reply)| {
                for mut input in black_box(read.as_bytes()).chunks(100) {
                    while let Some(command) = session.decode(&mut input, reply).expect("these are lines") {
                        black_box(command);
                    }
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn encode(c: &mut Criterion) {
    let encoder = Line::default().encoder();
    let from = Name::address("127.0.0.1:50194");
    let event = Event::from(EventKind::Room(RoomEvent::Said {
        room: "lobby".parse().expect("a room's name"),
        from,
        text: "x".repeat(63).into(),
        kind: MessageKind::Message,
    }));
    let mut group = c.benchmark_group("line/encode");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("said", |b| {
        let mut out = Vec::new();
        b.iter(|| {
            out.clear();
            for _ in 0..LINES {
                encoder.encode(black_box(&event), &mut out);
            }
            black_box(out.len())
        });
    });
    group.finish();
}

criterion_group!(benches, decode, encode);
criterion_main!(benches);
