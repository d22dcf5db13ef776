//! See `hemogate_fuzz::pieces_bare`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hemogate_fuzz::pieces_bare(data));
