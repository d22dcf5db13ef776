//! A stream of bytes taken apart into what is sent in one go: control characters, frames, blocks.
//!
//! Refuses to hold back anything that is neither a frame nor a block: such bytes are units of
//! their own, one by one.

use crate::codec::lis01::{ACK, ENQ, EOT, ETB, ETX, LF, NAK, STX};
use crate::codec::mllp::{CR, FS, VT};
use crate::simulator::Wire;

/// What is sent in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A LIS01 frame, STX to LF.
    Frame(Vec<u8>),
    /// An MLLP block, VT to the CR after FS; a text of a block protocol, STX to the check byte
    /// behind ETX.
    Block(Vec<u8>),
    /// ACK, NAK, ENQ, EOT or a byte that belongs to nothing.
    Byte(u8),
}

/// One direction of a line.
#[derive(Debug, Default)]
pub(super) struct Units {
    bytes: Vec<u8>,
    are_texts: bool,
}

impl Units {
    /// Of this wire.
    pub fn of(wire: Wire) -> Units {
        Units { bytes: Vec::new(), are_texts: matches!(wire, Wire::Blocks(_)) }
    }

    /// Bytes came.
    pub fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next unit that is complete.
    pub fn next(&mut self) -> Option<Unit> {
        let first = *self.bytes.first()?;
        let length = match first {
            STX if self.are_texts => text_length(&self.bytes)?,
            STX => memchr::memchr(LF, &self.bytes)? + 1,
            VT => block_length(&self.bytes)?,
            _ => 1,
        };
        let rest = self.bytes.split_off(length.min(self.bytes.len()));
        let unit = std::mem::replace(&mut self.bytes, rest);
        Some(match first {
            STX if !self.are_texts => Unit::Frame(unit),
            STX => Unit::Block(unit),
            VT => Unit::Block(unit),
            byte => Unit::Byte(byte),
        })
    }

    /// What is left of a unit that never ended.
    pub fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

/// The check byte behind ETX (or ETB) may be any byte.
fn text_length(bytes: &[u8]) -> Option<usize> {
    let length = memchr::memchr2(ETX, ETB, bytes)? + 2;
    (bytes.len() >= length).then_some(length)
}

fn block_length(bytes: &[u8]) -> Option<usize> {
    let end = memchr::memmem::find(bytes, &[FS, CR])?;
    Some(end + 2)
}

impl Unit {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Unit::Frame(bytes) | Unit::Block(bytes) => bytes,
            Unit::Byte(byte) => std::slice::from_ref(byte),
        }
    }

    /// A host's word on what it was sent.
    pub fn is_reply(&self) -> bool {
        match self {
            Unit::Byte(byte) => matches!(*byte, ACK | NAK),
            Unit::Block(block) => memchr::memmem::find(block, b"\rMSA|").is_some(),
            Unit::Frame(_) => false,
        }
    }

    /// The line is given up or asked for: what was begun before is over.
    pub fn is_turn(&self) -> bool {
        match self {
            Unit::Byte(byte) => matches!(*byte, ENQ | EOT),
            Unit::Frame(_) | Unit::Block(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::lis01::{End, encode_frame};
    use crate::codec::mllp::wrap;

    #[test]
    fn a_session_is_taken_apart_however_it_is_cut() {
        let frame = encode_frame(1, b"H|\\^&", End::Etx);
        let block = wrap(b"MSH|^~\\&\r");
        let bytes = [&[ENQ], frame.as_slice(), &[EOT], block.as_slice(), &[0x55]].concat();
        let expected = [
            Unit::Byte(ENQ),
            Unit::Frame(frame),
            Unit::Byte(EOT),
            Unit::Block(block),
            Unit::Byte(0x55),
        ];
        for cut in 0..bytes.len() {
            let (one, other) = bytes.split_at(cut);
            let mut units = Units::default();
            let mut seen = Vec::new();
            for piece in [one, other] {
                units.take(piece);
                seen.extend(std::iter::from_fn(|| units.next()));
            }
            assert_eq!(seen, expected, "cut at {cut}");
        }
    }

    #[test]
    fn an_acknowledgement_is_told_from_a_message() {
        assert!(Unit::Byte(ACK).is_reply());
        assert!(Unit::Block(wrap(b"MSH|^~\\&|x\rMSA|AA|1\r")).is_reply());
        assert!(!Unit::Block(wrap(b"MSH|^~\\&|x\rOBX|1\r")).is_reply());
        assert!(!Unit::Byte(ENQ).is_reply());
    }
}
