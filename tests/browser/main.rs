//! The console in a real browser: Debian's Chromium, headless, driven over WebDriver.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod browser;
mod centre;
mod instrument;
mod morning;
mod pages;
mod scanning;
#[path = "../support/mod.rs"]
mod support;
