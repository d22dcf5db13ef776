//! The workshop: for who writes a profile, or must believe one. Transcripts of the wire as
//! messages, what a profile makes of every field in them, a first draft from one, and what to look
//! at in a finished profile.
//!
//! Opens no line and no store, and decides nothing. Nothing here is trusted by the daemon: what
//! comes out is text that a person reads, completes and has checked.

pub mod coverage;
pub mod draft;
mod findings;
pub mod passage;
pub mod schema;
pub mod told;
pub mod transcript;

pub use findings::unused;
