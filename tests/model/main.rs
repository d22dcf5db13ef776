//! The real link machines, explored exhaustively: every order of events, every harm within a
//! budget, to the last state.
//!
//! Exists because tests of chosen scripts and of random ones leave out the one script that loses
//! a result. stateright explores; the states hold the machines themselves, not a copy of their
//! rules. It refuses to pass when the space was not exhausted.
//!
//! `HEMOGATE_MODEL_HARMS` raises the number of harms in one run (and the time by a factor of ten
//! and more each).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod bare;
mod blocks;
mod damage;
mod duplex;
mod explore;
mod faulty;
mod hitachi;
mod line;
mod lis01;
mod mllp;
mod same;
mod side;
