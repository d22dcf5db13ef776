//! See `hemogate_fuzz::reading`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hemogate_fuzz::reading(data));
