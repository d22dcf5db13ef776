//! The HTTP interface on a real socket with a real store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod bench;
mod donations;
mod feed;
mod links;
mod records;
mod service;
mod unread;
mod worklist;
