//! Fuzzes the command parser: see `chat_core::testing::fuzz::command`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chat_core::testing::fuzz::command(data));
