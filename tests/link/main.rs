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
mod bench;
mod block_au;
mod block_bad_lines;
mod block_hitachi;
mod block_pk;
mod fm_41;
mod lis01_receiver;
mod lis01_sender;
mod mllp_client;
mod mllp_receiver;
mod transcripts;
