//! The workshop: for who writes a profile, or must believe one. Transcripts of the wire as
//! messages, and what a profile makes of every field in them.
//!
//! Opens no line and no store, and decides nothing.

pub mod coverage;
pub mod passage;
pub mod told;
pub mod transcript;
