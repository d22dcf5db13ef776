//! Hemogate: laboratory-instrument middleware for blood donation testing.
//!
//! The rooms and who may look into which: see ARCHITECTURE.md.

pub mod analyser;
pub mod api;
pub mod casebook;
pub mod cli;
pub mod clock;
pub mod codec;
pub mod config;
pub mod conform;
pub mod console;
pub mod daemon;
pub mod document;
pub mod domain;
pub mod evidence;
pub mod intake;
pub mod journal;
pub mod limits;
pub mod link;
pub mod manifest;
pub mod people;
pub mod rules;
pub mod session;
pub mod shape;
pub mod simulator;
pub mod store;
pub mod telemetry;
pub mod traffic;
pub mod workshop;
