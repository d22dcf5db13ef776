//! See `hemogate_fuzz::records`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hemogate_fuzz::records(data));
