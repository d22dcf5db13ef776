//! See `hemogate_fuzz::link_block`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hemogate_fuzz::link_block(data));
