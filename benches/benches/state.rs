//! Measures how fast the pure state machine turns inputs into effects.

use std::hint::black_box;
use std::time::{Instant, SystemTime};

use chat_core::Command;
use chat_core::event::CloseReason;
use chat_core::hub::HubOptions;
use chat_core::message::Text;
use chat_core::name::Name;
use chat_core::state::{Input, JoinRequest, MemberId, Moment, State};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn now() -> Moment {
    Moment { date: SystemTime::now(), instant: Instant::now() }
}

fn join(number: u64) -> Input {
    let room = "lobby".parse().expect("a room's name");
    let request = JoinRequest::new(Name::address(&format!("192.0.2.1:{number}")), room);
    Input::Join { member: MemberId(number), request: Box::new(request) }
}

fn room(members: u64) -> State {
    let mut state = State::new("lobby".parse().expect("a room's name"), HubOptions::default(), SystemTime::UNIX_EPOCH);
    let (now, mut effects) = (now(), Vec::new());
    for number in 0..members {
        state.apply(join(number), now, &mut effects);
    }
    state
}

fn say(c: &mut Criterion) {
    let mut group = c.benchmark_group("state/say");
    group.throughput(Throughput::Elements(1));
    let text = Text::clean(&"x".repeat(63));
    for members in [10, 1000, 10_000] {
        group.bench_with_input(BenchmarkId::from_parameter(members), &members, |b, &members| {
            let mut state = room(members);
            let (now, mut effects) = (now(), Vec::new());
            let mut number = 0;
            b.iter(|| {
                number = (number + 1) % members;
                effects.clear();
                let command = Command::Say(text.clone().into());
                state.apply(Input::Command { member: MemberId(number), command }, now, &mut effects);
                black_box(effects.len())
            });
        });
    }
    group.finish();
}

fn join_and_leave(c: &mut Criterion) {
    let mut group = c.benchmark_group("state/join and leave");
    group.throughput(Throughput::Elements(1));
    for members in [10, 1000, 10_000] {
        group.bench_with_input(BenchmarkId::from_parameter(members), &members, |b, &members| {
            let mut state = room(members);
            let (now, mut effects) = (now(), Vec::new());
            let mut number = members;
            b.iter(|| {
                number += 1;
                effects.clear();
                state.apply(join(number), now, &mut effects);
                let leave = Input::Leave { member: MemberId(number), reason: CloseReason::EndOfStream };
                state.apply(leave, now, &mut effects);
                black_box(effects.len())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, say, join_and_leave);
criterion_main!(benches);
