//! The bodies of the fuzz targets: plain functions over bytes that panic when a promise is broken.
//!
//! Exists once for two runners: cargo-fuzz calls them through `fuzz_targets/*.rs`, and
//! `tests/fuzz_smoke` of the main package calls them over the fixtures with stable Rust. They
//! refuse to know how bytes are made; that is the runners' part.

mod codec;
mod journal;
mod links;
mod meaning;
mod orders;
mod pieces;

pub use codec::{blocks, charset, frame, hl7, records, tables};
pub use journal::journal;
pub use links::{link_bare, link_block, link_lis01, link_mllp};
pub use meaning::{profile, reading};
pub use orders::answers;
pub use pieces::{pieces_bare, pieces_lis01, pieces_mllp};

/// One fuzz target.
pub struct Target {
    /// As in `fuzz_targets`.
    pub name: &'static str,
    /// The body.
    pub run: fn(&[u8]),
    /// In `dictionaries`.
    pub dictionary: &'static str,
    /// How the names of the fixtures end that it starts from.
    pub seeds: &'static [&'static str],
}

const LINES: &[&str] = &[".session", ".astm"];
const BLOCKS: &[&str] = &[".block", ".session"];
const MLLP: &[&str] = &[".mllp"];
const TEXTS: &[&str] = &[".session", ".astm", ".mllp"];
const MESSAGES: &[&str] = &[".astm", ".mllp", ".block", ".txt", ".csv"];
const FILES: &[&str] = &[".txt", ".csv"];

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "frame", run: frame, dictionary: "lis01", seeds: LINES },
    Target { name: "blocks", run: blocks, dictionary: "block", seeds: BLOCKS },
    Target { name: "records", run: records, dictionary: "lis02", seeds: TEXTS },
    Target { name: "tables", run: tables, dictionary: "table", seeds: FILES },
    Target { name: "hl7", run: hl7, dictionary: "hl7", seeds: TEXTS },
    Target { name: "charset", run: charset, dictionary: "charset", seeds: TEXTS },
    Target { name: "profile", run: profile, dictionary: "profile", seeds: &[".toml"] },
    Target { name: "reading", run: reading, dictionary: "reading", seeds: MESSAGES },
    Target { name: "answers", run: answers, dictionary: "reading", seeds: MESSAGES },
    Target { name: "link_lis01", run: link_lis01, dictionary: "lis01", seeds: LINES },
    Target { name: "link_mllp", run: link_mllp, dictionary: "hl7", seeds: MLLP },
    Target { name: "link_bare", run: link_bare, dictionary: "lis01", seeds: LINES },
    Target { name: "link_block", run: link_block, dictionary: "block", seeds: BLOCKS },
    Target { name: "pieces_lis01", run: pieces_lis01, dictionary: "lis01", seeds: LINES },
    Target { name: "pieces_mllp", run: pieces_mllp, dictionary: "hl7", seeds: MLLP },
    Target { name: "pieces_bare", run: pieces_bare, dictionary: "lis01", seeds: LINES },
    Target { name: "journal", run: journal, dictionary: "journal", seeds: LINES },
];
