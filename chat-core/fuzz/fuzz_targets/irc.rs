//! Fuzzes the IRC framing: see `chat_core::testing::fuzz::irc`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chat_core::testing::fuzz::irc(data));
