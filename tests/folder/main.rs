//! Folders of files as lines of the daemon: `hemogate serve`, a real folder, a real store.
//!
//! Where a folder must refuse to be written, or vanish like an unmounted share, the tests set it
//! immutable or mount a tmpfs: as root, or through `sudo -n`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod completing;
mod crashing;
mod dialects;
mod dropping;
mod exporting;
mod failing;
mod showing;
mod starting;
