//! See `hemogate_fuzz::answers`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hemogate_fuzz::answers(data));
