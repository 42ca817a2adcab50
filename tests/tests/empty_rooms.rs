//! Tests the cost of empty rooms. The test is alone in its process, because it measures the process.

#![cfg(target_os = "linux")]

use std::fs;

use chat_core::Hub;
use chat_core::hub::HubOptions;
use chat_core::name::RoomName;

/// Returns a number that Linux reports about this process, such as `VmRSS` in kB.
fn status(key: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux has /proc");
    let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("Linux reports this number");
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().expect("it is a number")
}

#[test]
fn empty_room_costs_a_kilobyte_and_no_thread() {
    const ROOMS: usize = 10_000;
    let mut options = HubOptions::default();
    let before = status("VmRSS");
    options.rooms = (0..ROOMS).map(|room| RoomName::parse(&format!("room-number-{room}")).expect("a name")).collect();
    let hub = Hub::builder()
        .options(options)
        .home("lobby".parse().expect("a name"))
        .build()
        .expect("a thread can be started");
    let alice =
        hub.room("lobby".parse().expect("a name")).join("alice".parse().expect("a nick")).expect("the nick is free");
    let grown = status("VmRSS").saturating_sub(before);
    assert!(grown <= ROOMS, "{ROOMS} rooms cost {grown} kB");
    // Two threads of the test harness, and one of the hub.
    assert!(status("Threads") <= 3, "{} threads", status("Threads"));
    drop(alice);
}
