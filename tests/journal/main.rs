//! The wire journal: what is written is read back, whatever happens to the process or the file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, missing_docs)]

mod bench;
mod damage;
mod disk;
mod writing;
