//! The store on real files: what is recorded once, decided, chained, refused and found well again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod archive;
mod bench;
mod controls;
mod donors;
mod dossiers;
mod failing;
mod field_failures;
mod floor;
mod histories;
mod judging;
mod migrating;
mod opening;
mod ordering;
mod ordering_many;
mod orders;
mod pools;
mod putting;
mod quality;
mod racking;
mod reaching;
mod recording;
mod registering;
mod replaying;
mod rereading;
mod statistics;
mod taking;
