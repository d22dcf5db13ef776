//! The board of all lines: states, counters, alarms that come and go once, recent traffic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice, clippy::disallowed_methods, missing_docs)]

mod alarms;
mod bench;
mod following;
mod states;
