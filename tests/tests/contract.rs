//! Tests the delivery contract, I1 to I8, with fifty members of a real server.

use std::collections::BTreeMap;

use chat_tests::contract::{ReceivedLine, Record, Violation, find_violations};
use chat_tests::{ChatServer, Client, Crowd};

const READERS: usize = 30;
const TALKERS: usize = 10;
const CHURNERS: usize = 10;
/// The minimum number of messages per talker.
const MESSAGES: usize = 200;
/// The number of times that each churner joins and leaves.
const REJOINS: usize = 15;

#[test]
fn contract_holds_for_fifty_members() {
    let server = ChatServer::start(&["-q"]);
    let crowd = Crowd {
        server: server.address(),
        room: None,
        readers: READERS,
        talkers: TALKERS,
        churners: CHURNERS,
        messages: MESSAGES,
        rejoins: REJOINS,
        seed: 0,
    };
    let records = crowd.run();

    let churned = records.iter().filter(|record| !record.stayed).count();
    let messages: usize = records.iter().map(|record| record.sent.len()).sum();
    println!("{churned} members joined and left; {messages} messages were sent");
    assert!(churned == CHURNERS * REJOINS && messages >= TALKERS * MESSAGES);
    assert_eq!(find_violations(&records), []);

    check_checker_finds_faults(&records);
}

/// Inserts one fault at a time into a reader's record of a real run, and expects the matching violation.
fn check_checker_finds_faults(records: &[Record]) {
    let reader = records.iter().rposition(|record| record.stayed && record.sent.is_empty()).expect("there is a reader");
    let talker = records.iter().position(|record| record.stayed && !record.sent.is_empty()).expect("there is a talker");
    let messages: Vec<usize> = (0..records[reader].received.len())
        .filter(|&at| matches!(records[reader].received[at], ReceivedLine::Message { .. }))
        .collect();
    let (first, second) = (messages[messages.len() / 2], messages[messages.len() / 2 + 1]);
    let with_fault = |member: usize, fault: &dyn Fn(&mut Vec<ReceivedLine>)| {
        let mut records = records.to_vec();
        fault(&mut records[member].received);
        find_violations(&records)
    };
    let check_found = |violations: &[Violation], is_expected: fn(&Violation) -> bool| {
        assert!(violations.iter().any(is_expected), "the fault is not among {violations:?}");
    };
    let lost = with_fault(reader, &|received| drop(received.remove(first)));
    check_found(&lost, |violation| matches!(violation, Violation::Lost { .. }));
    let duplicated = with_fault(reader, &|received| received.insert(first, received[first].clone()));
    check_found(&duplicated, |violation| matches!(violation, Violation::Duplicated { .. }));
    let swapped = with_fault(reader, &|received| received.swap(first, second));
    check_found(&swapped, |violation| matches!(violation, Violation::Reordered { .. }));
    let name = &records[talker].name;
    let echo = ReceivedLine::Message { from: name.clone(), text: records[talker].sent[0].clone() };
    let echoed = with_fault(talker, &|received| received.push(echo.clone()));
    check_found(&echoed, |violation| matches!(violation, Violation::Echoed { .. }));
}

#[test]
fn join_and_leave_notices_match_connections() {
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
            client.read_to_end();
        }
    }
    let mut roster: Vec<String> = Vec::new();
    for line in watcher.barrier() {
        match ReceivedLine::parse(&line) {
            ReceivedLine::Joined(name) => roster.push(name),
            ReceivedLine::Left(name) => roster.retain(|other| *other != name),
            other => panic!("an unexpected line: {other:?}"),
        }
    }
    roster.sort();
    assert_eq!(roster, clients.into_keys().collect::<Vec<_>>());
}
