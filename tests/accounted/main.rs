//! Every byte of every file, and what became of it: for who writes a profile, and who trusts one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod bench;
mod coverage;
mod single_bytes;
mod transcripts;
