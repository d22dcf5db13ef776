//! The rules from outside: facts in, decision out, with the rule set that we ship.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod accord;
mod answers;
#[allow(clippy::disallowed_methods)]
#[path = "../support/mod.rs"]
mod support;

mod case;
mod china;
mod cost;
mod groups;
mod histories;
mod identity;
mod language;
mod markers;
mod one_person;
mod one_thing_wrong;
mod properties;
mod quantities;
mod racks;
mod release;
mod rows;
mod small_world;
mod stored;
