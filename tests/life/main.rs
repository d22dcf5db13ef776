//! The life of a rule set: who lets it decide, what it says in the shadow, what it would have said
//! before, how a verdict of it is explained, and what stops it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, dead_code, missing_docs)]

#[path = "../store/bench.rs"]
mod bench;
mod site;
#[path = "../support/mod.rs"]
mod support;

mod admission;
mod explained;
mod over_http;
mod replayed;
mod shadow;
mod stopped;
