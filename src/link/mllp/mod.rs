//! MLLP: the receiving side, which acknowledges what was stored, and the sending side, which
//! credits an acknowledgement only to the message it names.

mod client;
mod receiver;

pub use client::Client;
pub use receiver::Receiver;
