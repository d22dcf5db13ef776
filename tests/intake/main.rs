//! From a query to orders on the disk, with shipped profiles and a real store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod bench;
mod field_failures;
mod files;
mod queries;
