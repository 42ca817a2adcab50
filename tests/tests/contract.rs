//! The delivery contract, I1 to I8, with fifty members of a real server.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chat_tests::contract::{Heard, Record, Violation, violations};
use chat_tests::{ChatServer, Client};

const LISTENERS: usize = 30;
const TALKERS: usize = 10;
const CHURNERS: usize = 10;
/// So many texts each talker says at least.
const TEXTS: usize = 200;
/// So often each churner comes and goes.
const LIVES: usize = 15;
/// What only the last text of each talker has in it.
const LAST: &str = "the last text";

/// Whole lines, split anywhere into writes of a random size, so that segments are no lines.
fn send_in_pieces(client: &mut Client, bytes: &[u8], random: &mut fastrand::Rng) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(random.usize(1..=rest.len()));
        client.send(piece);
        rest = after;
    }
}

fn heard(lines: Vec<String>) -> impl Iterator<Item = Heard> {
    lines.into_iter().map(|line| Heard::parse(&line))
}

/// Talks at random, now and then with a PING between, until all churners are done.
fn talk(mut client: Client, number: usize, start: &Barrier, end: &Barrier, churning: &AtomicUsize) -> Record {
    let mut random = fastrand::Rng::with_seed(number as u64);
    let mut record = Record { name: client.name().to_owned(), stayed: true, said: Vec::new(), heard: Vec::new() };
    start.wait();
    while record.said.len() < TEXTS || churning.load(Ordering::Relaxed) > 0 {
        let mut bytes = Vec::new();
        for _ in 0..random.usize(1..=20) {
            let padding = "ä".repeat(random.usize(0..100));
            let text = format!("text {} of {number} {padding}|", record.said.len());
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(b'\n');
            record.said.push(text);
        }
        send_in_pieces(&mut client, &bytes, &mut random);
        record.heard.extend(heard(client.barrier()));
    }
    let last = format!("{LAST} of {number}");
    client.send(format!("{last}\n"));
    record.said.push(last);
    // I8: once this is answered, everybody's outbox holds what was said here, so everybody's next PING is behind it.
    record.heard.extend(heard(client.barrier()));
    end.wait();
    record.heard.extend(heard(client.barrier()));
    record
}

/// Hears everything, as fast as it comes.
fn listen(mut client: Client, start: &Barrier, end: &Barrier) -> Record {
    let mut record = Record { name: client.name().to_owned(), stayed: true, said: Vec::new(), heard: Vec::new() };
    let mut talking = TALKERS;
    start.wait();
    while talking > 0 {
        let line = client.line();
        talking -= usize::from(line.contains(LAST));
        record.heard.push(Heard::parse(&line));
    }
    end.wait();
    record.heard.extend(heard(client.barrier()));
    record
}

/// Comes and goes, each time as somebody new.
fn churn(server: SocketAddr, number: usize, start: &Barrier, churning: &AtomicUsize) -> Vec<Record> {
    let mut random = fastrand::Rng::with_seed(1000 + number as u64);
    let mut records = Vec::new();
    start.wait();
    for _ in 0..LIVES {
        let mut client = Client::connect(server);
        let mut record = Record { name: client.name().to_owned(), stayed: false, said: Vec::new(), heard: Vec::new() };
        record.heard.extend(heard(client.barrier()));
        for text in 0..random.usize(0..5) {
            let text = format!("text {text} of churner {number}, {}", record.name);
            client.send(format!("{text}\n"));
            record.said.push(text);
            record.heard.extend(heard(client.barrier()));
        }
        match random.usize(0..3) {
            0 => client.reset(),
            1 => drop(client),
            _ => {
                client.send("/quit\n");
                let rest = client.rest();
                record.heard.extend(heard(rest.lines().map(str::to_owned).collect()));
            }
        }
        records.push(record);
    }
    churning.fetch_sub(1, Ordering::Relaxed);
    records
}

#[test]
fn fifty_members_can_count_on_the_contract() {
    let server = ChatServer::start(&["-q"]);
    let start = Barrier::new(LISTENERS + TALKERS + CHURNERS);
    let end = Barrier::new(LISTENERS + TALKERS);
    let churning = AtomicUsize::new(CHURNERS);
    let address = server.address();
    let join = || Client::connect(address);
    let (start, end, churning) = (&start, &end, &churning);
    let records: Vec<Record> = thread::scope(|scope| {
        let listeners: Vec<_> = (0..LISTENERS)
            .map(|_| join())
            .map(|mut client| {
                client.barrier();
                scope.spawn(move || listen(client, start, end))
            })
            .collect();
        let talkers: Vec<_> = (0..TALKERS)
            .map(|number| {
                let mut client = join();
                client.barrier();
                scope.spawn(move || talk(client, number, start, end, churning))
            })
            .collect();
        let churners: Vec<_> =
            (0..CHURNERS).map(|number| scope.spawn(move || churn(address, number, start, churning))).collect();
        let churners = churners.into_iter().flat_map(|thread| thread.join().expect("no churner fails"));
        let stayers = listeners.into_iter().chain(talkers).map(|thread| thread.join().expect("no member fails"));
        churners.chain(stayers.collect::<Vec<_>>()).collect()
    });

    let churned = records.iter().filter(|record| !record.stayed).count();
    let texts: usize = records.iter().map(|record| record.said.len()).sum();
    println!("{churned} members came and went; {texts} texts were said");
    assert!(churned == CHURNERS * LIVES && texts >= TALKERS * TEXTS);
    assert_eq!(violations(&records), []);

    the_checker_finds_faults_in(&records);
}

/// With one fault in what one listener heard, the records of the real run show that breach.
fn the_checker_finds_faults_in(records: &[Record]) {
    let listener = records.iter().rposition(|record| record.stayed && record.said.is_empty()).expect("one listened");
    let talker = records.iter().position(|record| record.stayed && !record.said.is_empty()).expect("one talked");
    let texts: Vec<usize> = (0..records[listener].heard.len())
        .filter(|&at| matches!(records[listener].heard[at], Heard::Said { .. }))
        .collect();
    let (first, second) = (texts[texts.len() / 2], texts[texts.len() / 2 + 1]);
    let with_fault = |member: usize, fault: &dyn Fn(&mut Vec<Heard>)| {
        let mut records = records.to_vec();
        fault(&mut records[member].heard);
        violations(&records)
    };
    let found = |violations: &[Violation], is: fn(&Violation) -> bool| {
        assert!(violations.iter().any(is), "the fault is not among {violations:?}");
    };
    let lost = with_fault(listener, &|heard| drop(heard.remove(first)));
    found(&lost, |violation| matches!(violation, Violation::Lost { .. }));
    let doubled = with_fault(listener, &|heard| heard.insert(first, heard[first].clone()));
    found(&doubled, |violation| matches!(violation, Violation::Doubled { .. }));
    let swapped = with_fault(listener, &|heard| heard.swap(first, second));
    found(&swapped, |violation| matches!(violation, Violation::Reordered { .. }));
    let name = &records[talker].name;
    let echo = Heard::Said { from: name.clone(), text: records[talker].said[0].clone() };
    let echoed = with_fault(talker, &|heard| heard.push(echo.clone()));
    found(&echoed, |violation| matches!(violation, Violation::Echoed { .. }));
}

#[test]
fn the_roster_that_notices_tell_is_who_is_connected() {
    let server = ChatServer::start(&[]);
    let mut watcher = Client::join(server.address());
    let mut clients: BTreeMap<String, Client> = BTreeMap::new();
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..100 {
        if random.bool() || clients.is_empty() {
            let client = Client::join(server.address());
            clients.insert(client.name().to_owned(), client);
        } else {
            let name = clients.keys().nth(random.usize(0..clients.len())).expect("there is one").clone();
            let mut client = clients.remove(&name).expect("it is there");
            client.send("/quit\n");
            client.rest();
        }
    }
    let mut roster: Vec<String> = Vec::new();
    for line in watcher.barrier() {
        match Heard::parse(&line) {
            Heard::Joined(name) => roster.push(name),
            Heard::Left(name) => roster.retain(|other| *other != name),
            other => panic!("nobody said anything, yet {other:?}"),
        }
    }
    roster.sort();
    assert_eq!(roster, clients.into_keys().collect::<Vec<_>>());
}
