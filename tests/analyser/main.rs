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
mod answers;
mod aspects;
mod bench;
mod blocks;
mod declared_ascii;
mod explained;
mod families;
mod files;
mod hazards;
mod language;
mod makers;
mod must_have;
mod order_profiles;
mod parts;
mod profiles;
mod queries;
mod replies;
mod roche;
mod same_again;
mod sample_results;
mod samples;
mod shipped;
mod transcripts;
mod traps;
mod uploads;
