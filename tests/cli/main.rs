//! The program as people and scripts call it: words, streams and exit status.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod audit;
mod bench;
mod check;
mod decode;
mod explain;
mod lines;
mod profile;
mod usage;
mod user;
