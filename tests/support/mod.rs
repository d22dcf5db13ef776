//! A real daemon in a process of its own, real sockets towards it, and messages to send.
#![allow(dead_code)]

pub mod bench;
pub mod laboratory;
pub mod messages;
pub mod orders;
pub mod process;
pub mod wire;

use std::time::Duration;

use hemogate::clock;
use hemogate::link::Moment;

/// How long ago this was.
pub fn since(began: Moment) -> Duration {
    clock::moment().since_start().saturating_sub(began.since_start())
}
