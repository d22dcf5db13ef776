//! Block protocols: Beckman PK and AU (Olympus), Hitachi.
//!
//! One text at a time goes over the line, and the other side says what became of it: PK and AU with
//! ACK or NAK ([`Exchange`]), Hitachi with a text of its own ([`hitachi::Exchange`]). A text is a
//! message; it is answered only when the message is stored.
//!
//! Every width, byte and time that an analyser's parameters can change is a setting: see
//! [`pk::Settings`], [`au::Settings`] and [`hitachi::Settings`], each with its source.

pub mod au;
pub mod hitachi;
pub mod pk;

mod deframer;
mod exchange;
mod outgoing;
mod parts;

pub use exchange::{Exchange, Manners};
pub use parts::{Continuation, Numbering};

/// Which end of the line a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The laboratory's computer: it gives way.
    Host,
    /// The analyser; here for simulation.
    Instrument,
}
