//! A real daemon in a process of its own, real sockets towards it, and messages to send.
#![allow(dead_code)]

pub mod bench;
pub mod laboratory;
pub mod messages;
pub mod orders;
pub mod process;
pub mod wire;
