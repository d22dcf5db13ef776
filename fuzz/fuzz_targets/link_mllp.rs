//! See `hemogate_fuzz::link_mllp`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hemogate_fuzz::link_mllp(data));
