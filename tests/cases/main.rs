//! Decision cases: every row of the tables the rule sets were written after, the language of case
//! files and its faults, and the manual held true.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod command;
mod language;
mod manual;
mod noticed;
mod rows;
mod running;
