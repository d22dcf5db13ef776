//! For whoever writes a profile: a first draft from a transcript, and what to look at in a
//! finished one.
//!
//! Nothing here runs in the daemon, and nothing here is trusted by it: what comes out is text that
//! a person reads, completes and has checked.

pub mod draft;
mod findings;

pub use findings::unused;
