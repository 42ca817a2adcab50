//! Fuzzes the state, with several plain-line members: see `chat_core::testing::fuzz::session`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chat_core::testing::fuzz::session(data));
