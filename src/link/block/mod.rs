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

use crate::codec::block::{Parameters, Protocol};
use crate::link::Sending;

pub use exchange::{Exchange, Manners};

/// The link for an analyser that is set like this.
pub fn open(parameters: &Parameters, role: Role) -> Box<dyn Sending> {
    match parameters.protocol {
        Protocol::BeckmanPk => Box::new(pk::Settings::from(parameters).exchange(role)),
        Protocol::BeckmanAu => Box::new(au::Settings::from(parameters).exchange(role)),
        Protocol::Hitachi => {
            Box::new(hitachi::Exchange::new(hitachi::Settings::from(parameters), role))
        }
    }
}

/// Which end of the line a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The laboratory's computer: it gives way.
    Host,
    /// The analyser; here for simulation.
    Instrument,
}
