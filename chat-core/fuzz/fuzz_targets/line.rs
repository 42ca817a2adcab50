//! Fuzzes the plain-line framing: see `chat_core::testing::fuzz::line`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chat_core::testing::fuzz::line(data));
