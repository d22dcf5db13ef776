//! See `hemogate_fuzz::link_lis01`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hemogate_fuzz::link_lis01(data));
