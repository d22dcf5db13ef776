//! LIS01-A2 (ASTM E1381-95) sessions: the receiving and the sending side.
//!
//! A session is ENQ, frames that are answered one by one, EOT. [`Receiver`] joins frames to
//! messages and acknowledges the last frame of a message only when it is told that the message
//! is stored. [`Sender`] bids, sends and repeats. [`Duplex`] is both on one line and decides whose
//! turn it is. None of them knows what a message means, except that an L record ends one.

mod deframer;
mod duplex;
mod joined;
mod outgoing;
mod receiver;
mod sender;

use std::time::Duration;

pub use duplex::Duplex;
pub use outgoing::Packing;
pub use receiver::Receiver;
pub use sender::{Role, Sender};

use crate::limits;

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
/// T7: pause after an interrupt that was honoured (6.3.5.3).
pub const INTERRUPT_PAUSE: Duration = Duration::from_secs(15);
/// How long the line must be quiet after a reply in doubt (the standard has no such rule).
pub const REPLY_QUIET: Duration = Duration::from_secs(1);
/// N1: transmissions of one frame before the sender gives up (6.5.1.2).
pub const TRANSMISSIONS_MAX: u32 = 6;

/// How one end of a line behaves. [`Settings::host`] and [`Settings::instrument`] are the
/// standard; the rest is what analysers do in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Who gives way when both bid at once.
    pub role: Role,
    /// Bytes of text in a frame that we send at most; 0 counts as 1.
    pub frame_text_max: usize,
    /// How our messages are laid into frames.
    pub packing: Packing,
    /// The host answers the ENQ that crossed its own with ACK and receives; the instrument takes
    /// that ACK. In the standard nobody replies, and the instrument bids again (6.2.7.1).
    pub acknowledge_contention: bool,
    /// ENQ inside a frame begins a new session; otherwise the frame is refused with NAK.
    pub restart_on_enquiry: bool,
    /// Receiver, while something waits to be sent: good frames are answered with EOT in place of
    /// ACK, which asks for the line (6.3.5).
    pub ask_by_interrupt: bool,
    /// Sender: a peer that asks like that is given the line; otherwise the next frame follows.
    pub honour_interrupt: bool,
    /// T5, receiver: how long the next frame or EOT may take.
    pub next_frame_wait: Duration,
}

impl Settings {
    /// A host that follows the standard on a serial line.
    pub const fn host() -> Settings {
        Settings {
            role: Role::Host,
            frame_text_max: limits::FRAME_TEXT_SENT,
            packing: Packing::RecordPerFrame,
            acknowledge_contention: false,
            restart_on_enquiry: false,
            ask_by_interrupt: false,
            honour_interrupt: false,
            next_frame_wait: NEXT_FRAME,
        }
    }

    /// An instrument that follows the standard on a serial line.
    pub const fn instrument() -> Settings {
        Settings { role: Role::Instrument, ..Settings::host() }
    }
}
