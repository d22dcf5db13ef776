//! From bytes to whole blocks and single replies.
//!
//! Exists to find where a block ends: what stands behind the end byte is counted, never searched,
//! for a BCC may be any byte, STX and ETX included. Refuses nothing: a block may still be damaged.

use std::mem;

use crate::codec::block::Form;
use crate::codec::lis01::{ACK, NAK};
use crate::link::evidence::{Ignored, excerpt, fault};
use crate::link::stream::advance;
use crate::link::{LinkFault, LinkFaultKind};

/// Something whole.
pub(super) enum Found {
    /// From the start byte to the last byte of the tail.
    Block { offset: u64, bytes: Vec<u8> },
    /// ACK or NAK between blocks.
    Reply { offset: u64, byte: u8 },
    /// A block longer than the bound; it has ended.
    TooLong(LinkFault),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Place {
    #[default]
    Between,
    Text,
    /// So many bytes of the tail are still to come.
    Tail(usize),
}

/// Cuts one stream into blocks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Deframer {
    form: Form,
    text_max: usize,
    offset: u64,
    place: Place,
    /// The block begun, as far as it is kept.
    block: Vec<u8>,
    /// All of it.
    length: usize,
    ignored: Ignored,
}

impl Deframer {
    pub(super) fn new(form: Form, text_max: usize) -> Deframer {
        Deframer {
            form,
            text_max,
            offset: 0,
            place: Place::Between,
            block: Vec::new(),
            length: 0,
            ignored: Ignored::default(),
        }
    }

    /// The next whole thing; `None` when the bytes are used up.
    pub(super) fn next(&mut self, rest: &mut &[u8]) -> Option<Found> {
        while !rest.is_empty() {
            let found = match self.place {
                Place::Between => self.between(rest),
                Place::Text => self.text(rest),
                Place::Tail(left) => self.tail(rest, left),
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// A block is begun.
    pub(super) fn is_inside(&self) -> bool {
        self.place != Place::Between
    }

    /// Bytes taken on this connection.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// What was ignored since the last call.
    pub(super) fn ignored(&mut self) -> Vec<LinkFault> {
        self.ignored.take()
    }

    /// Gives up the block begun, if there is one; true if there was.
    pub(super) fn abandon(&mut self) -> bool {
        let begun = self.is_inside();
        if begun {
            let fault = self.begun(LinkFaultKind::Malformed);
            self.ignored.add(fault);
            self.begin(Place::Between);
        }
        self.ignored.end();
        begun
    }

    fn between(&mut self, rest: &mut &[u8]) -> Option<Found> {
        let start = self.form.start;
        let stop = memchr::memchr3(start, ACK, NAK, rest);
        let noise = advance(&mut self.offset, rest, stop.unwrap_or(rest.len()));
        self.ignored.noise(self.offset, noise);
        let byte = *rest.first()?;
        self.ignored.end();
        if byte == start {
            self.begin(Place::Text);
            self.keep(rest, 1);
            return None;
        }
        let offset = self.offset;
        advance(&mut self.offset, rest, 1);
        Some(Found::Reply { offset, byte })
    }

    fn text(&mut self, rest: &mut &[u8]) -> Option<Found> {
        let Form { start, .. } = self.form;
        let stop = rest.iter().position(|byte| *byte == start || self.form.ends(*byte));
        self.keep(rest, stop.unwrap_or(rest.len()));
        let byte = *rest.first()?;
        if byte == start {
            self.abandon();
            return None;
        }
        self.keep(rest, 1);
        self.place = Place::Tail(self.form.tail.length());
        self.finished(self.form.tail.length())
    }

    fn tail(&mut self, rest: &mut &[u8], left: usize) -> Option<Found> {
        let count = left.min(rest.len());
        self.keep(rest, count);
        self.place = Place::Tail(left - count);
        self.finished(left - count)
    }

    fn finished(&mut self, left: usize) -> Option<Found> {
        if left > 0 {
            return None;
        }
        let offset = self.offset.saturating_sub(self.length as u64);
        let found = if self.length > self.block_max() {
            Found::TooLong(self.begun(LinkFaultKind::TooLong))
        } else {
            Found::Block { offset, bytes: mem::take(&mut self.block) }
        };
        self.begin(Place::Between);
        Some(found)
    }

    fn begin(&mut self, place: Place) {
        self.place = place;
        self.block = Vec::new();
        self.length = 0;
    }

    /// Takes bytes of the block. Those past the bound are only counted.
    fn keep(&mut self, rest: &mut &[u8], count: usize) {
        let taken = advance(&mut self.offset, rest, count);
        self.length = self.length.saturating_add(taken.len());
        let room = self.block_max().saturating_sub(self.block.len());
        self.block.extend_from_slice(taken.get(..room).unwrap_or(taken));
    }

    /// A text of the greatest length with everything around it.
    fn block_max(&self) -> usize {
        self.text_max.saturating_add(self.form.overhead())
    }

    fn begun(&self, kind: LinkFaultKind) -> LinkFault {
        let offset = self.offset.saturating_sub(self.length as u64);
        LinkFault { length: self.length, ..fault(offset, &excerpt(&self.block), kind) }
    }
}
