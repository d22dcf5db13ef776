//! The daemon with real sockets, real pseudo-terminals and a real store: bytes in, verdicts out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod alarms;
mod announce;
mod announced;
mod bench;
mod blocks;
mod commit_wait;
mod dialling;
mod law;
mod lifecycle;
mod listening;
mod misbehaviour;
mod orders;
mod pace;
mod privacy;
mod resending;
mod serial;
mod silence;
mod tls;
mod tls_files;
mod wire;
