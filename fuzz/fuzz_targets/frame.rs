//! See `hemogate_fuzz::frame`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hemogate_fuzz::frame(data));
