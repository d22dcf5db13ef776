//! The house keeps its own rules: who may look into which room, and how the code is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, missing_docs)]

mod rooms;
mod sources;
mod style;
