//! The JSON Schema of the profile language and the manual page about it say what the parser does:
//! no key, word or bound is in one and not in the others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod bench;
mod dialects;
mod keys;
mod manual;
mod shipped;
mod values;
mod wrong;
