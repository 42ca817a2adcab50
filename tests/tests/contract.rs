//! Tests the delivery contract, I1 to I8, with fifty members of a real server.

use std::collections::BTreeMap;

use chat_tests::contract::{Heard, Record, Violation, violations};
use chat_tests::{ChatServer, Client, Crowd};

const LISTENERS: usize = 30;
const TALKERS: usize = 10;
const CHURNERS: usize = 10;
/// The least number of texts per talker.
const TEXTS: usize = 200;
/// How often each churner joins and leaves.
const LIVES: usize = 15;
#[test]
fn contract_holds_for_fifty_members() {
    let server = ChatServer::start(&["-q"]);
    let crowd = Crowd {
        server: server.address(),
        room: None,
        listeners: LISTENERS,
        talkers: TALKERS,
        churners: CHURNERS,
        texts: TEXTS,
        lives: LIVES,
        seed: 0,
    };
    let records = crowd.run();

    let churned = records.iter().filter(|record| !record.stayed).count();
    let texts: usize = records.iter().map(|record| record.said.len()).sum();
    println!("{churned} members came and went; {texts} texts were said");
    assert!(churned == CHURNERS * LIVES && texts >= TALKERS * TEXTS);
    assert_eq!(violations(&records), []);

    check_that_faults_are_found(&records);
}

/// Inserts one fault at a time into a listener's record of a real run, and expects the matching violation.
fn check_that_faults_are_found(records: &[Record]) {
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
        match Heard::parse(&line) {
            Heard::Joined(name) => roster.push(name),
            Heard::Left(name) => roster.retain(|other| *other != name),
            other => panic!("an unexpected line: {other:?}"),
        }
    }
    roster.sort();
    assert_eq!(roster, clients.into_keys().collect::<Vec<_>>());
}
