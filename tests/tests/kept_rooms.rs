//! What rooms cost in which nobody is. Alone in its process, since it looks at what the process holds.

#![cfg(target_os = "linux")]

use std::fs;

use chat_core::{Hub, HubOptions, RoomName};

/// A number that the system tells of this process, such as `VmRSS` in kB.
fn status(key: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("it is told");
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().expect("it is a number")
}

#[test]
fn an_empty_room_costs_no_thread_and_at_most_a_kilobyte() {
    const ROOMS: usize = 10_000;
    let mut options = HubOptions::default();
    let before = status("VmRSS");
    options.rooms = (0..ROOMS).map(|room| RoomName::parse(&format!("room-number-{room}")).expect("a name")).collect();
    let hub = Hub::builder().options(options).build().expect("a thread can be started");
    let alice =
        hub.room("lobby".parse().expect("a name")).join("alice".parse().expect("a nick")).expect("the nick is free");
    let grown = status("VmRSS").saturating_sub(before);
    assert!(grown <= ROOMS, "{ROOMS} rooms cost {grown} kB");
    // The tests' own two, and the hub's.
    assert!(status("Threads") <= 3, "{} threads", status("Threads"));
    drop(alice);
}
