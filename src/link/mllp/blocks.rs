//! Where blocks begin and end in a stream of bytes.
//!
//! ```text
//!               VT
//!   +---------+ -----> +--------+ FS: whole, or empty
//!   | Between |        | Inside | VT: cut, and Inside again
//!   +---------+ <----- +--------+
//!        ^       FS        | longer than `limits::MESSAGE_MAX`
//!        |                 v
//!        |   FS: overlong +---------+
//!        `----------------| Discard | VT: overlong, and Inside again
//!                         +---------+
//! ```
//!
//! | state | bytes | told | next |
//! |---|---|---|---|
//! | Between | VT | | Inside |
//! | Between | CR right after FS | | Between |
//! | Between | others | noise | Between |
//! | Inside | FS | whole, or empty | Between |
//! | Inside | VT | cut, or empty | Inside |
//! | Inside | more than `limits::MESSAGE_MAX` | | Discard |
//! | Discard | FS | overlong, ended | Between |
//! | Discard | VT | overlong | Inside |
//! | Inside, Discard | line lost | cut, empty or overlong | Between |
//!
//! VT and FS are never data: HL7 text has no control character but CR, and in GB 18030, GBK,
//! Big5, Shift-JIS and UTF-8 no byte of a longer character is below 0x20. So a block is complete
//! with FS, without waiting for the CR, and a VT inside a block is a new block.

use std::mem;

use crate::codec::mllp::{CR, FS, VT};
use crate::limits;
use crate::link::LinkFault;
use crate::link::evidence::Ignored;
use crate::link::stream::advance;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum State {
    #[default]
    Between,
    Inside,
    Discard,
}

/// What came of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Its text, at least one byte.
    Whole(Vec<u8>),
    /// Text that ended without FS.
    Cut(Vec<u8>),
    /// No text; what there was of the envelope.
    Empty(&'static [u8]),
    /// Too long; its first bytes.
    Overlong {
        /// At most `limits::OVERLONG_EVIDENCE_MAX`.
        beginning: Vec<u8>,
        /// FS came.
        ended: bool,
    },
}

/// Where in the stream a block was, envelope included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) length: usize,
}

/// Reads the blocks of one connection. Takes almost no memory between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Blocks {
    state: State,
    /// Bytes of the stream read so far.
    offset: u64,
    /// The block begun, without VT; once it is too long, only its beginning.
    block: Vec<u8>,
    /// Bytes of the block begun, VT included.
    length: usize,
    /// The byte before was FS.
    after_end: bool,
    ignored: Ignored,
}

impl Blocks {
    /// Reads up to the end of a block, or uses the bytes up.
    pub(super) fn read(&mut self, rest: &mut &[u8]) -> Option<(Place, Piece)> {
        while !rest.is_empty() {
            let piece = match self.state {
                State::Between => {
                    self.between(rest);
                    None
                }
                State::Inside | State::Discard => self.inside(rest),
            };
            if piece.is_some() {
                return piece;
            }
        }
        None
    }

    /// The line is lost: what was begun.
    pub(super) fn lost(&mut self) -> Option<(Place, Piece)> {
        self.ignored.end();
        match mem::take(&mut self.state) {
            State::Between => None,
            state @ (State::Inside | State::Discard) => Some(self.broken(state)),
        }
    }

    /// Bytes that were ignored, told when the run of them is over.
    pub(super) fn ignored(&mut self) -> Vec<LinkFault> {
        self.ignored.take()
    }

    /// Bytes of memory held.
    pub(super) fn memory(&self) -> usize {
        self.block.capacity().saturating_add(self.ignored.memory())
    }

    fn between(&mut self, rest: &mut &[u8]) {
        if mem::take(&mut self.after_end) && rest.first() == Some(&CR) {
            advance(&mut self.offset, rest, 1);
            return;
        }
        let start = memchr::memchr(VT, rest);
        let noise = advance(&mut self.offset, rest, start.unwrap_or(rest.len()));
        self.ignored.noise(self.offset, noise);
        if start.is_some() {
            self.ignored.end();
            advance(&mut self.offset, rest, 1);
            self.length = 1;
            self.state = State::Inside;
        }
    }

    fn inside(&mut self, rest: &mut &[u8]) -> Option<(Place, Piece)> {
        let stop = memchr::memchr2(VT, FS, rest);
        let text = advance(&mut self.offset, rest, stop.unwrap_or(rest.len()));
        self.keep(text);
        match rest.first()? {
            &FS => {
                advance(&mut self.offset, rest, 1);
                self.length = self.length.saturating_add(1);
                self.after_end = true;
                Some(self.ended())
            }
            _vt => {
                let broken = self.broken(self.state);
                advance(&mut self.offset, rest, 1);
                self.length = 1;
                self.state = State::Inside;
                Some(broken)
            }
        }
    }

    fn keep(&mut self, text: &[u8]) {
        self.length = self.length.saturating_add(text.len());
        if self.block.len().saturating_add(text.len()) > limits::MESSAGE_MAX {
            self.state = State::Discard;
        }
        match self.state {
            State::Discard => keep_beginning(&mut self.block, text),
            State::Between | State::Inside => self.block.extend_from_slice(text),
        }
    }

    /// A block with FS.
    fn ended(&mut self) -> (Place, Piece) {
        let (place, text) = (self.place(), mem::take(&mut self.block));
        let piece = match mem::take(&mut self.state) {
            State::Discard => Piece::Overlong { beginning: text, ended: true },
            State::Between | State::Inside if text.is_empty() => Piece::Empty(&[VT, FS]),
            State::Between | State::Inside => Piece::Whole(text),
        };
        (place, piece)
    }

    /// A block without FS.
    fn broken(&mut self, state: State) -> (Place, Piece) {
        let (place, text) = (self.place(), mem::take(&mut self.block));
        let piece = match state {
            State::Discard => Piece::Overlong { beginning: text, ended: false },
            State::Between | State::Inside if text.is_empty() => Piece::Empty(&[VT]),
            State::Between | State::Inside => Piece::Cut(text),
        };
        (place, piece)
    }

    fn place(&self) -> Place {
        Place { offset: self.offset.saturating_sub(self.length as u64), length: self.length }
    }
}

fn keep_beginning(block: &mut Vec<u8>, text: &[u8]) {
    let room = limits::OVERLONG_EVIDENCE_MAX.saturating_sub(block.len());
    block.extend_from_slice(text.get(..room).unwrap_or(text));
    block.truncate(limits::OVERLONG_EVIDENCE_MAX);
    block.shrink_to_fit();
}
