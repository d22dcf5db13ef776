//! See `hemogate_fuzz::charset`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hemogate_fuzz::charset(data));
