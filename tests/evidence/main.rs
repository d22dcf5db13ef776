//! Evidence bundles: made, checked by doing everything again, and refuted whatever was changed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod command;
mod site;
mod tampering;
mod verifying;
