//! The console over real sockets: who gets in, who may do what, what a browser is told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod accounts;
mod bench;
mod csrf;
mod laboratory;
mod links;
mod live;
mod quality;
mod sign_in;
#[path = "../support/mod.rs"]
mod support;
mod time;
mod tls;
mod today;
mod worklists;
