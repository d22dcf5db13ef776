//! The rule sets that we ship, as their readers meet them: what they accept, their printed
//! document, and the page of the manual about their language.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod doc;
mod manual;
mod shipped;
