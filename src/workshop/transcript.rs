//! The bytes of a file as messages: framed, in blocks or bare, recognised from its first bytes.
//!
//! Framed ones go through the daemon's own receivers, so that what is a message here is one there.
//! Refuses nothing silently: what the link refuses is told as the link tells it.

use std::io::{self, Read};
use std::time::Duration;

use crate::analyser::{Dialect, Profile};
use crate::codec::lis01::{ENQ, STX};
use crate::codec::mllp::VT;
use crate::limits;
use crate::link::{
    Answer, Event, Interruption, Link, LinkFault, LinkFaultKind, Moment, block, lis01, mllp,
};

/// How much is read before the input counts as bare.
const HEAD: usize = 8 * 1024;
/// Captures carry no time, so none passes and no timer runs out.
const NOW: Moment = Moment::after(Duration::ZERO);

/// Why not everything was heard.
#[derive(Debug)]
pub enum Stop {
    /// The input.
    Unreadable(io::Error),
    /// The listener could not say what it heard.
    Unwritable(io::Error),
}

/// Who is told what stands in a file.
pub trait Listener {
    /// A message. Where it was bare, `begin` is the place of its first byte in the input.
    ///
    /// # Errors
    /// What kept the listener from taking it.
    fn message(&mut self, bytes: &[u8], begin: Option<usize>) -> io::Result<()>;

    /// A transfer that ended before its message was complete.
    fn incomplete(&mut self, bytes: &[u8], why: Interruption);

    /// Bytes that the link refused or ignored, at this offset of the input.
    fn refused(&mut self, fault: &LinkFault, offset: u64);

    /// Anything else that is wrong with the input.
    fn fault(&mut self, words: &str);

    /// Nothing more is there to be heard for now.
    ///
    /// # Errors
    /// What the listener could not say.
    fn pause(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Tells every message of the input as it arrives.
///
/// # Errors
/// The input could not be read, or the listener could not take what was told.
pub fn hear<L: Listener>(
    source: &mut dyn Read,
    profile: &Profile,
    listener: &mut L,
) -> Result<(), Stop> {
    let dialect = profile.dialect();
    let head = head(source, dialect).map_err(Stop::Unreadable)?;
    let mut wire = Wire::of(&head, profile, listener);
    wire.take(&head, listener).map_err(Stop::Unwritable)?;
    let mut chunk = vec![0; limits::READ_CHUNK];
    loop {
        listener.pause().map_err(Stop::Unwritable)?;
        let count = read_some(source, &mut chunk).map_err(Stop::Unreadable)?;
        if count == 0 {
            break;
        }
        wire.take(chunk.get(..count).unwrap_or_default(), listener).map_err(Stop::Unwritable)?;
    }
    wire.end(listener).and_then(|()| listener.pause()).map_err(Stop::Unwritable)
}

/// A transcript whole, to be taken apart.
///
/// # Errors
/// It could not be read, or is longer than the bound.
pub fn whole(source: &mut dyn Read) -> io::Result<Vec<u8>> {
    let most = limits::TRANSCRIPT_MAX;
    let mut bytes = Vec::new();
    source.take(most as u64 + 1).read_to_end(&mut bytes)?;
    match bytes.len() > most {
        true => {
            let words = format!("longer than {most} bytes, which is too much to be taken apart");
            Err(io::Error::new(io::ErrorKind::FileTooLarge, words))
        }
        false => Ok(bytes),
    }
}

/// The link of an analyser with texts in blocks, which never come without them. Its pauses would
/// never pass.
fn blocks(profile: &Profile) -> Option<Box<dyn Link>> {
    let mut parameters = profile.blocks()?.clone();
    parameters.reply_after = Some(Duration::ZERO);
    Some(block::open(&parameters, block::Role::Host))
}

/// Enough of the input to recognise it.
fn head(source: &mut dyn Read, dialect: Dialect) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut chunk = vec![0; HEAD];
    while head.len() < HEAD && first_mark(&head, dialect).is_none() {
        let count = read_some(source, &mut chunk)?;
        if count == 0 {
            break;
        }
        head.extend_from_slice(chunk.get(..count).unwrap_or_default());
    }
    Ok(head)
}

fn read_some(source: &mut dyn Read, chunk: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// The first byte that only this dialect's envelope has.
fn first_mark(head: &[u8], dialect: Dialect) -> Option<u8> {
    let is_mark = |byte: &u8| match dialect {
        Dialect::Lis02 => matches!(*byte, ENQ | STX),
        Dialect::Hl7 => *byte == VT,
        Dialect::Blocks => *byte < b' ',
        Dialect::Text => false,
    };
    head.iter().copied().find(is_mark)
}

/// How the bytes come, as far as it was recognised.
pub(super) enum Wire {
    Enveloped(Enveloped),
    Bare(Bare),
}

impl Wire {
    pub(super) fn of<L: Listener>(head: &[u8], profile: &Profile, listener: &mut L) -> Wire {
        match blocks(profile) {
            Some(link) => Wire::Enveloped(Enveloped { link, added: 0 }),
            None => Wire::recognise(head, profile.dialect(), listener),
        }
    }

    pub(super) fn recognise<L: Listener>(head: &[u8], dialect: Dialect, listener: &mut L) -> Wire {
        if let Some(wrong) = other_dialect(head, dialect) {
            listener.fault(&format!("input byte 0: {wrong}"));
        }
        let Some(mark) = first_mark(head, dialect) else {
            return Wire::Bare(Bare::new(dialect));
        };
        let mut link: Box<dyn Link> = match dialect {
            Dialect::Lis02 | Dialect::Blocks | Dialect::Text => Box::new(lis01::Receiver::new()),
            Dialect::Hl7 => Box::new(mllp::Receiver::new(String::new)),
        };
        // A capture that begins inside a session lacks the ENQ that opened it.
        let added = mark == STX;
        if added {
            link.receive(NOW, &[ENQ]);
        }
        Wire::Enveloped(Enveloped { link, added: u64::from(added) })
    }

    pub(super) fn take<L: Listener>(&mut self, bytes: &[u8], listener: &mut L) -> io::Result<()> {
        match self {
            Wire::Enveloped(enveloped) => enveloped.take(bytes, listener),
            Wire::Bare(bare) => bare.take(bytes, listener),
        }
    }

    pub(super) fn end<L: Listener>(&mut self, listener: &mut L) -> io::Result<()> {
        match self {
            Wire::Enveloped(enveloped) => enveloped.end(listener),
            Wire::Bare(bare) => bare.end(listener),
        }
    }
}

fn other_dialect(head: &[u8], dialect: Dialect) -> Option<&'static str> {
    match (dialect, head.first().copied()) {
        (Dialect::Lis02, Some(VT)) => Some("MLLP blocks, but the profile speaks LIS02 records"),
        (Dialect::Hl7, Some(ENQ | STX)) => Some("LIS01 frames, but the profile speaks HL7"),
        (Dialect::Lis02 | Dialect::Hl7 | Dialect::Blocks | Dialect::Text, _) => None,
    }
}

/// Frames or blocks, through the daemon's own receivers.
pub(super) struct Enveloped {
    link: Box<dyn Link>,
    /// Bytes the link was given that are not in the input.
    added: u64,
}

impl Enveloped {
    fn take<L: Listener>(&mut self, bytes: &[u8], listener: &mut L) -> io::Result<()> {
        self.link.receive(NOW, bytes);
        self.drain(listener)
    }

    fn end<L: Listener>(&mut self, listener: &mut L) -> io::Result<()> {
        self.link.disconnect(NOW);
        self.drain(listener)
    }

    fn drain<L: Listener>(&mut self, listener: &mut L) -> io::Result<()> {
        loop {
            // The analyser that this would have answered is not there.
            while self.link.transmit().is_some() {}
            self.link.expire(NOW);
            let Some(event) = self.link.event() else { return Ok(()) };
            match event {
                Event::Message { token, bytes } => {
                    listener.message(&bytes, None)?;
                    self.link.answer(NOW, token, Answer::Stored);
                }
                Event::Incomplete { bytes, why } => listener.incomplete(&bytes, why),
                Event::Fault(fault) => {
                    listener.refused(&fault, fault.offset.saturating_sub(self.added));
                }
                // Nothing is ever sent from here.
                Event::Accepted { .. } | Event::GaveUp { .. } => {}
            }
        }
    }
}

/// Records or segments without an envelope: each header begins a message.
pub(super) struct Bare {
    dialect: Dialect,
    buffer: Vec<u8>,
    /// Up to here no header was found in the buffer.
    searched: usize,
    /// Offset of the buffer in the input.
    offset: usize,
    /// The message in the buffer grew too long: what follows up to the next header is dropped.
    dropping: bool,
}

impl Bare {
    fn new(dialect: Dialect) -> Bare {
        Bare { dialect, buffer: Vec::new(), searched: 1, offset: 0, dropping: false }
    }

    fn take<L: Listener>(&mut self, bytes: &[u8], listener: &mut L) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        while let Some(at) = self.next_header() {
            let piece = self.cut(at);
            self.tell(&piece, listener)?;
        }
        // What was searched holds no header, so it belongs to one message.
        if self.searched > limits::MESSAGE_MAX {
            self.too_long(self.offset, listener);
            self.cut(self.searched.saturating_sub(1));
            self.dropping = true;
        }
        Ok(())
    }

    fn end<L: Listener>(&mut self, listener: &mut L) -> io::Result<()> {
        let rest = self.cut(self.buffer.len());
        self.tell(&rest, listener)
    }

    fn tell<L: Listener>(&mut self, piece: &[u8], listener: &mut L) -> io::Result<()> {
        let begin = self.offset.saturating_sub(piece.len());
        if piece.len() > limits::MESSAGE_MAX {
            self.too_long(begin, listener);
        } else if !self.dropping && !piece.iter().all(u8::is_ascii_whitespace) {
            listener.message(piece, Some(begin))?;
        }
        self.dropping = false;
        Ok(())
    }

    /// Tells it once for each message.
    fn too_long<L: Listener>(&self, begin: usize, listener: &mut L) {
        if !self.dropping {
            let most = limits::MESSAGE_MAX;
            listener.fault(&format!("input byte {begin}: a message longer than {most} bytes"));
        }
    }

    /// Takes the first bytes out of the buffer.
    fn cut(&mut self, at: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(at.min(self.buffer.len()));
        let piece = std::mem::replace(&mut self.buffer, rest);
        self.offset += piece.len();
        self.searched = 1;
        piece
    }

    /// Where the next header begins, after the first byte of the buffer.
    fn next_header(&mut self) -> Option<usize> {
        loop {
            let from = self.searched - 1;
            let ends = memchr::memchr2(b'\r', b'\n', self.buffer.get(from..)?);
            let Some(line) = ends.map(|end| from + end + 1) else {
                self.searched = self.buffer.len().max(1);
                return None;
            };
            self.searched = line;
            let next = self.buffer.get(line..line + 3)?;
            if self.is_header(next) {
                return Some(line);
            }
            self.searched = line + 1;
        }
    }

    /// Whether a line that begins so begins another message than the one in the buffer.
    fn is_header(&self, next: &[u8]) -> bool {
        match self.dialect {
            Dialect::Lis02 => match next {
                [b'H' | b'h', delimiter, ..] => delimiter.is_ascii_punctuation(),
                _ => false,
            },
            // A file is one message.
            Dialect::Blocks | Dialect::Text => false,
            // A batch stays whole: its headers belong to every message in it.
            Dialect::Hl7 => match self.buffer.get(..3) {
                Some(b"FHS") => next == b"FHS",
                Some(b"BHS") => matches!(next, b"FHS" | b"BHS"),
                _ => matches!(next, b"FHS" | b"BHS" | b"MSH"),
            },
        }
    }
}

/// Why a transfer ended early, in words.
pub const fn interruption(why: Interruption) -> &'static str {
    match why {
        Interruption::EndOfTransmission => "the transfer was ended (EOT) before it",
        Interruption::Restarted => "the transfer was started again (ENQ) before its end",
        Interruption::Silence => "nothing more came",
        Interruption::Disconnected => "the input ends before it does",
        Interruption::TooLong => "it is longer than a message may be",
    }
}

/// What was wrong with bytes that a link refused or ignored, in words.
pub const fn refusal(kind: LinkFaultKind) -> &'static str {
    match kind {
        LinkFaultKind::Noise => "bytes outside any frame or block",
        LinkFaultKind::Malformed => "a frame without a proper end",
        LinkFaultKind::Checksum => "a frame whose checksum does not match",
        LinkFaultKind::FrameNumber => "a frame with an unexpected number",
        LinkFaultKind::RepeatDiffers => "a frame number repeated with another text",
        LinkFaultKind::Repeated => "a frame sent again (harmless)",
        LinkFaultKind::TooLong => "a frame or block longer than it may be",
        LinkFaultKind::UnexpectedEnquiry => "ENQ inside a transfer",
        LinkFaultKind::StrayAnswer => "an answer to no message",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_at_the_bound_is_read_and_one_past_it_is_refused() {
        let most = limits::TRANSCRIPT_MAX as u64;
        let read = |length| whole(&mut io::repeat(b' ').take(length)).map(|bytes| bytes.len());
        assert_eq!(read(most).unwrap(), limits::TRANSCRIPT_MAX);
        assert!(read(most + 1).is_err());
    }
}
