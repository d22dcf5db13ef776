//! Finds frames and control characters in a stream that arrives in any pieces.
//!
//! Exists so that the state machine above it sees whole frames only, and every byte that is not
//! part of one is still accounted for. It checks nothing inside a frame (`codec::lis01::frame`
//! does) and answers nothing. It refuses to keep a frame longer than `limits::FRAME_TEXT_MAX`:
//! such a frame is counted and dropped while it passes.

use std::borrow::Cow;
use std::mem;

use crate::codec::lis01::{ENQ, EOT, ETB, ETX, STX, TAIL};
use crate::limits;
use crate::link::evidence::{Ignored, extend_excerpt};
use crate::link::stream::advance;
use crate::link::{LinkFault, LinkFaultKind};

/// STX and the frame number stand before the text.
const HEAD: usize = 2;

/// What was found in the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'i> {
    /// ENQ outside a frame.
    Enquiry { offset: u64 },
    /// ENQ inside a frame: the frame is torn, or the ENQ is a damaged character of it.
    EnquiryInFrame(LinkFault),
    /// EOT; a frame that it cut is among [`Deframer::ignored`].
    EndOfTransmission,
    /// STX to the fourth byte after ETX or ETB, unchecked.
    Frame { offset: u64, bytes: Cow<'i, [u8]> },
    /// The end of a frame that was longer than the bound.
    TooLong(LinkFault),
    /// The end of a frame whose STX stood in the text of another: perhaps a damaged character of
    /// it, behind which everything fits by chance.
    Doubtful(LinkFault),
}

/// Where in the stream we are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Place {
    #[default]
    Between,
    /// After STX.
    Text,
    /// After ETX or ETB, with so many bytes to come.
    Tail(usize),
}

enum Step<'i> {
    NeedMore,
    Again,
    Found(Found<'i>),
}

/// The stream of one connection. Holds no memory between frames that arrive whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Deframer {
    place: Place,
    /// Bytes of the stream so far.
    offset: u64,
    /// The frame begun, from STX on; only an excerpt of it once it is too long.
    frame: Vec<u8>,
    frame_length: usize,
    overlong: bool,
    /// STX cut the text of a frame, and none has ended since.
    doubtful: bool,
    ignored: Ignored,
}

impl Deframer {
    /// Reads on until something is found; `None` when `input` is used up. Outside a transfer
    /// (`in_transfer` false) STX has no meaning.
    pub(super) fn next<'i>(
        &mut self,
        input: &mut &'i [u8],
        in_transfer: bool,
    ) -> Option<Found<'i>> {
        loop {
            let step = match self.place {
                Place::Between => self.between(input, in_transfer),
                Place::Text => self.text(input),
                Place::Tail(missing) => self.tail(input, missing),
            };
            match step {
                Step::Again => {}
                Step::NeedMore => return None,
                Step::Found(found) => {
                    self.ignored.end();
                    return Some(found);
                }
            }
        }
    }

    /// Runs of ignored bytes that have ended, oldest first.
    pub(super) fn ignored(&mut self) -> Vec<LinkFault> {
        self.ignored.take()
    }

    /// Bytes of the stream read so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// A byte of the stream that somebody else understood.
    pub(super) fn pass(&mut self) {
        self.ignored.end();
        self.offset = self.offset.saturating_add(1);
    }

    /// A byte of the stream that meant nothing to anybody.
    pub(super) fn stray(&mut self, byte: u8) {
        self.offset = self.offset.saturating_add(1);
        self.ignored.noise(self.offset, &[byte]);
    }

    /// Bytes of memory held.
    pub(super) fn memory(&self) -> usize {
        self.frame.capacity().saturating_add(self.ignored.memory())
    }

    /// Gives up a frame begun and ends a run of ignored bytes: both are then in
    /// [`Self::ignored`].
    pub(super) fn abandon(&mut self) {
        if self.place != Place::Between {
            self.tear();
        }
        self.doubtful = false;
        self.ignored.end();
    }

    fn between<'i>(&mut self, input: &mut &'i [u8], in_transfer: bool) -> Step<'i> {
        let stop = match in_transfer {
            true => memchr::memchr3(STX, ENQ, EOT, input),
            false => memchr::memchr2(ENQ, EOT, input),
        };
        let noise = advance(&mut self.offset, input, stop.unwrap_or(input.len()));
        self.ignored.noise(self.offset, noise);
        match input.first() {
            None => Step::NeedMore,
            Some(&ENQ) => {
                self.doubtful = false;
                let offset = self.offset;
                advance(&mut self.offset, input, 1);
                Step::Found(Found::Enquiry { offset })
            }
            Some(&EOT) => {
                self.doubtful = false;
                advance(&mut self.offset, input, 1);
                Step::Found(Found::EndOfTransmission)
            }
            Some(_) => self.begin(input),
        }
    }

    /// At STX: a frame that is here as a whole is not copied.
    fn begin<'i>(&mut self, input: &mut &'i [u8]) -> Step<'i> {
        if let Some(length) = whole_frame(input).filter(|_| !self.doubtful) {
            let offset = self.offset;
            let bytes = Cow::Borrowed(advance(&mut self.offset, input, length));
            return Step::Found(Found::Frame { offset, bytes });
        }
        self.place = Place::Text;
        let start = advance(&mut self.offset, input, 1);
        self.keep(start);
        Step::Again
    }

    fn text<'i>(&mut self, input: &mut &'i [u8]) -> Step<'i> {
        let stop = text_end(input);
        let text = advance(&mut self.offset, input, stop.unwrap_or(input.len()));
        if self.frame_length.saturating_add(text.len()) > limits::FRAME_TEXT_MAX + HEAD {
            self.overlong = true;
        }
        self.keep(text);
        match input.first() {
            None => Step::NeedMore,
            Some(&(ETX | ETB)) => {
                let end = advance(&mut self.offset, input, 1);
                self.keep(end);
                self.place = Place::Tail(TAIL);
                Step::Again
            }
            Some(_) => self.cut(input),
        }
    }

    fn tail<'i>(&mut self, input: &mut &'i [u8], missing: usize) -> Step<'i> {
        let within = input.get(..missing).unwrap_or(input);
        let stop = memchr::memchr3(STX, ENQ, EOT, within);
        let tail = advance(&mut self.offset, input, stop.unwrap_or(within.len()));
        self.keep(tail);
        let missing = missing.saturating_sub(tail.len());
        self.place = Place::Tail(missing);
        match input.first() {
            _ if missing == 0 => Step::Found(self.finish()),
            None => Step::NeedMore,
            Some(_) => self.cut(input),
        }
    }

    /// STX, ENQ or EOT where a frame was not yet complete. STX and EOT are read again outside.
    fn cut<'i>(&mut self, input: &mut &'i [u8]) -> Step<'i> {
        if input.first() != Some(&ENQ) {
            self.doubtful |= self.cuts_a_text(input);
            self.tear();
            return Step::Again;
        }
        let enquiry = advance(&mut self.offset, input, 1);
        self.keep(enquiry);
        self.doubtful = false;
        let kind = self.kind_of_torn();
        Step::Found(Found::EnquiryInFrame(self.end_frame(kind)))
    }

    /// STX behind at least the number of a frame. No number is 0 in the sum, so what follows a
    /// single STX cannot fit by chance.
    fn cuts_a_text(&self, input: &[u8]) -> bool {
        self.place == Place::Text && self.frame_length >= HEAD && input.first() == Some(&STX)
    }

    fn finish<'i>(&mut self) -> Found<'i> {
        let doubtful = mem::take(&mut self.doubtful);
        if self.overlong {
            return Found::TooLong(self.end_frame(LinkFaultKind::TooLong));
        }
        if doubtful {
            return Found::Doubtful(self.end_frame(LinkFaultKind::Malformed));
        }
        let offset = self.frame_offset();
        let bytes = Cow::Owned(mem::take(&mut self.frame));
        self.place = Place::Between;
        self.frame_length = 0;
        Found::Frame { offset, bytes }
    }

    /// The frame begun will never be complete; nobody waits for an answer to it.
    fn tear(&mut self) {
        let kind = self.kind_of_torn();
        let fault = self.end_frame(kind);
        self.ignored.add(fault);
    }

    fn kind_of_torn(&self) -> LinkFaultKind {
        if self.overlong { LinkFaultKind::TooLong } else { LinkFaultKind::Malformed }
    }

    fn end_frame(&mut self, kind: LinkFaultKind) -> LinkFault {
        let offset = self.frame_offset();
        let mut excerpt = mem::take(&mut self.frame);
        excerpt.truncate(limits::FAULT_EXCERPT_MAX);
        excerpt.shrink_to_fit();
        self.place = Place::Between;
        self.overlong = false;
        LinkFault { offset, length: mem::take(&mut self.frame_length), kind, excerpt }
    }

    fn frame_offset(&self) -> u64 {
        self.offset.saturating_sub(self.frame_length as u64)
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.frame_length = self.frame_length.saturating_add(bytes.len());
        if !self.overlong {
            self.frame.extend_from_slice(bytes);
        } else {
            extend_excerpt(&mut self.frame, bytes);
            self.frame.shrink_to_fit();
        }
    }
}

/// The first byte that ends the text of a frame, rightly or not.
fn text_end(input: &[u8]) -> Option<usize> {
    let frame_character = memchr::memchr3(STX, ETX, ETB, input);
    let before = frame_character.and_then(|end| input.get(..end)).unwrap_or(input);
    memchr::memchr2(ENQ, EOT, before).or(frame_character)
}

/// The length of the frame that `input` begins with, if all of it is here and nothing in it
/// needs a closer look.
fn whole_frame(input: &[u8]) -> Option<usize> {
    let end = 1 + text_end(input.get(1..)?)?;
    let length = end + 1 + TAIL;
    let tail = input.get(end + 1..length)?;
    let ended = matches!(input.get(end), Some(&(ETX | ETB)));
    let quiet = memchr::memchr3(STX, ENQ, EOT, tail).is_none();
    (ended && quiet && end <= limits::FRAME_TEXT_MAX + HEAD).then_some(length)
}
