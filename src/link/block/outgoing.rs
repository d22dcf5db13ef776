//! A message of our own as the texts that carry it.
//!
//! Refuses what a block cannot hold: a byte that would end it, and a text that is too long and has
//! no way to go on.

use super::parts::{Continuation, Numbering};
use crate::codec::block::{Form, encode, fits};
use crate::link::Token;

/// A message handed over, in blocks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Outgoing {
    pub(super) token: Token,
    pub(super) blocks: Vec<Vec<u8>>,
    /// The block to be sent next, or that awaits its reply.
    pub(super) at: usize,
    /// How often that block was sent.
    pub(super) transmissions: u32,
}

impl Outgoing {
    pub(super) const fn new(token: Token, blocks: Vec<Vec<u8>>) -> Outgoing {
        Outgoing { token, blocks, at: 0, transmissions: 0 }
    }

    /// Not one byte of it was sent.
    pub(super) const fn is_unsent(&self) -> bool {
        self.at == 0 && self.transmissions == 0
    }
}

/// The blocks of a message.
///
/// # Errors
/// Why it cannot be sent.
pub(super) fn blocks(
    message: &[u8],
    form: &Form,
    text_max: usize,
    continuations: &[Continuation],
    numbering: &Numbering,
) -> Result<Vec<Vec<u8>>, String> {
    if !fits(message, form) {
        return Err("it holds a byte that begins or ends a text".to_owned());
    }
    if message.len() <= text_max {
        return Ok(vec![encode(message, false, form)]);
    }
    let length = message.len();
    let too_long = || format!("{length} bytes, a text may have {text_max}");
    let digits = numbering.digits;
    let parts = continuations.iter().find_map(|known| known.part(message, digits));
    let part = parts.filter(|_| form.part_end.is_some()).ok_or_else(too_long)?;
    let room = text_max.saturating_sub(part.header().len().saturating_add(digits));
    if room == 0 {
        return Err(too_long());
    }
    let chunks: Vec<&[u8]> = part.data().chunks(room).collect();
    let last = chunks.len().saturating_sub(1);
    let block = |(at, data): (usize, &&[u8])| {
        let goes_on = at < last;
        let number = if goes_on { numbering.number(at)? } else { numbering.last.clone() };
        Some(encode(&[part.header(), &number, data].concat(), goes_on, form))
    };
    chunks.iter().enumerate().map(block).collect::<Option<Vec<_>>>().ok_or_else(too_long)
}
