//! What each analyser's bytes mean: transcripts, hazards, and profiles that must be refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod accounting;
mod bench;
mod declared_ascii;
mod hazards;
mod profiles;
mod same_again;
mod shipped;
mod transcripts;
