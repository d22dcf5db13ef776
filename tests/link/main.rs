//! The link machines, driven as the wire would drive them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod bad_lines;
mod bare_records;
mod bench;
mod block_au;
mod block_bad_lines;
mod block_both_ways;
mod block_hitachi;
mod block_pk;
mod dialogue;
mod fm_41;
mod fm_45;
mod lis01_duplex;
mod lis01_duplex_lines;
mod lis01_receiver;
mod lis01_sender;
mod mllp_acknowledgements;
mod mllp_client;
mod mllp_commits;
mod mllp_duplex;
mod mllp_pairs;
mod mllp_receiver;
mod mllp_transcripts;
mod transcripts;
