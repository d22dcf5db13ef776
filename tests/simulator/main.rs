//! The simulator: the same seed gives the same bytes, and every byte of every dialect means to
//! its profile what the plan meant.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod asked;
mod asking;
mod bench;
mod command;
mod converted;
mod daemon;
mod day;
mod dialects;
mod faults;
mod heard;
mod host;
mod mishap;
mod pace;
mod plan;
mod player;
mod profiled;
mod queried;
mod round_trip;
mod script;
mod served;
#[path = "../support/mod.rs"]
mod support;
mod written;
