//! `hemogate replay`: a real daemon, its wire recorded, and what a replay of the record finds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod differences;
mod same;
