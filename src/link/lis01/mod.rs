//! LIS01-A2 (ASTM E1381-95) sessions: the receiving and the sending side.
//!
//! A session is ENQ, frames that are answered one by one, EOT. [`Receiver`] joins frames to
//! messages and acknowledges the last frame of a message only when it is told that the message
//! is stored. [`Sender`] bids, sends and repeats. Neither knows what a message means, except that
//! an L record ends one.

mod deframer;
mod joined;
mod receiver;
mod sender;

use std::time::Duration;

pub use receiver::Receiver;
pub use sender::{Packing, Role, Sender};

/// T1: reply to ENQ (LIS01-A2 6.5.2.1).
pub const ENQUIRY_REPLY: Duration = Duration::from_secs(15);
/// T2: pause after NAK to ENQ (6.2.6).
pub const BUSY_PAUSE: Duration = Duration::from_secs(10);
/// T3 of the instrument: pause after contention (6.2.7.1).
pub const CONTENTION_PAUSE_INSTRUMENT: Duration = Duration::from_secs(1);
/// T3 of the host: it lets the instrument bid first (6.5.2.2).
pub const CONTENTION_PAUSE_HOST: Duration = Duration::from_secs(20);
/// T4: reply to a frame (6.5.2.3).
pub const FRAME_REPLY: Duration = Duration::from_secs(15);
/// T5: next frame or EOT (6.5.2.4).
pub const NEXT_FRAME: Duration = Duration::from_secs(30);
/// Pause after a transfer that the sender gave up (sender's figure of the standard).
pub const ABORT_PAUSE: Duration = Duration::from_secs(1);
/// N1: transmissions of one frame before the sender gives up (6.5.1.2).
pub const TRANSMISSIONS_MAX: u32 = 6;
