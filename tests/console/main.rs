//! The console over real sockets: who gets in, who may do what, what a browser is told.
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

mod accounts;
mod bench;
mod csrf;
mod decisions;
mod donation;
mod lab;
mod laboratory;
mod links;
mod live;
mod privacy;
mod quality;
mod racks;
mod sign_in;
mod time;
mod tls;
mod today;
mod unread;
mod worklists;
