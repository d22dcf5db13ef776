//! See `hemogate_fuzz::tables`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hemogate_fuzz::tables(data));
