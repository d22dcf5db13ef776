//! `hemogate conform`, the real binary: our own daemon and our own analysers pass, and a fault that
//! is planted between them and the kit is found.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

#[path = "../support/mod.rs"]
mod support;

mod analysers;
mod bench;
mod faults;
mod hosts;
mod timers;
