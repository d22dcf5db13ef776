//! Messages that wait to be sent, and the cutting of the first of them into frames.
//!
//! Exists so that the sender's table of states reads as one. It refuses nothing: a frame is as
//! long as its settings say.

use std::collections::VecDeque;

use crate::codec::lis01::{CR, End, encode_frame, next_number};
use crate::link::Token;

/// How a message is laid into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Packing {
    /// Each record begins a frame and ends it with ETX; long records are cut with ETB.
    RecordPerFrame,
    /// Frames are filled to the bound and cut anywhere with ETB; the last one has ETX.
    Packed,
}

/// A message handed over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Outgoing {
    token: Token,
    text: Vec<u8>,
}

/// The frame in flight: a piece of the first message in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct InFlight {
    number: u8,
    from: usize,
    to: usize,
    transmissions: u32,
}

/// The queue and the frame in flight.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Queue {
    frame_text_max: usize,
    packing: Packing,
    waiting: VecDeque<Outgoing>,
    frame: InFlight,
}

impl Queue {
    pub(super) fn new(frame_text_max: usize, packing: Packing) -> Queue {
        let frame_text_max = frame_text_max.max(1);
        Queue { frame_text_max, packing, waiting: VecDeque::new(), frame: InFlight::default() }
    }

    pub(super) fn push(&mut self, token: Token, text: Vec<u8>) {
        self.waiting.push_back(Outgoing { token, text });
    }

    /// The first message is done with, one way or the other.
    pub(super) fn pop(&mut self) -> Option<Token> {
        let token = self.waiting.pop_front().map(|outgoing| outgoing.token);
        if self.waiting.is_empty() {
            self.waiting = VecDeque::new();
        }
        token
    }

    /// Takes a message out; with `but_first` not the first one.
    pub(super) fn remove(&mut self, token: Token, but_first: bool) -> bool {
        let place = self.waiting.iter().position(|outgoing| outgoing.token == token);
        let Some(place) = place.filter(|place| *place > 0 || !but_first) else { return false };
        self.waiting.remove(place).is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Numbers begin again with each session (6.3.1.2).
    pub(super) fn begin_session(&mut self) {
        self.frame.number = 0;
    }

    /// The first message is (again) to be sent from its start.
    pub(super) fn begin_message(&mut self) {
        self.frame.to = 0;
    }

    /// Goes on to the next piece of the first message.
    pub(super) fn next_frame(&mut self) {
        let number = next_number(self.frame.number);
        let from = self.frame.to;
        let to = self.record_end(from).min(from.saturating_add(self.frame_text_max));
        self.frame = InFlight { number, from, to, transmissions: 0 };
    }

    /// The frame in flight, as sent once more. `None` when there is nothing to send.
    pub(super) fn transmission(&mut self) -> Option<Vec<u8>> {
        let InFlight { number, from, to, .. } = self.frame;
        let text = self.waiting.front()?.text.get(from..to).unwrap_or_default();
        let end = if self.record_end(from) == to { End::Etx } else { End::Etb };
        let frame = encode_frame(number, text, end);
        self.frame.transmissions = self.frame.transmissions.saturating_add(1);
        Some(frame)
    }

    pub(super) fn number(&self) -> u8 {
        self.frame.number
    }

    pub(super) fn transmissions(&self) -> u32 {
        self.frame.transmissions
    }

    /// Whether the frame in flight is the last one of its message.
    pub(super) fn at_last_frame(&self) -> bool {
        self.frame.to >= self.first().len()
    }

    /// Bytes of memory held.
    pub(super) fn memory(&self) -> usize {
        let texts = self.waiting.iter().map(|outgoing| outgoing.text.capacity());
        let places = self.waiting.capacity().saturating_mul(size_of::<Outgoing>());
        texts.fold(places, usize::saturating_add)
    }

    fn first(&self) -> &[u8] {
        self.waiting.front().map(|outgoing| &outgoing.text[..]).unwrap_or_default()
    }

    /// Where the text that may share a frame with the byte at `from` ends.
    fn record_end(&self, from: usize) -> usize {
        let text = self.first();
        let rest = text.get(from..).unwrap_or_default();
        match self.packing {
            Packing::Packed => text.len(),
            Packing::RecordPerFrame => {
                memchr::memchr(CR, rest).map_or(text.len(), |end| from.saturating_add(end) + 1)
            }
        }
    }
}
