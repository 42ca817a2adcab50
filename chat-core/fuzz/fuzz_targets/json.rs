//! Fuzzes the JSON framing: see `chat_core::testing::fuzz::json`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chat_core::testing::fuzz::json(data));
