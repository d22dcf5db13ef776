//! The input as messages: framed, in blocks or bare, recognised from its first bytes.

use std::io::{self, Read, Write};
use std::time::Duration;

use super::printer::Printer;
use crate::analyser::{Dialect, Profile};
use crate::codec::lis01::{ENQ, STX};
use crate::codec::mllp::VT;
use crate::limits;
use crate::link::{Answer, Event, Link, Moment, block, lis01, mllp};

/// How much is read before the input counts as bare.
const HEAD: usize = 8 * 1024;
/// Captures carry no time, so none passes and no timer runs out.
const NOW: Moment = Moment::after(Duration::ZERO);

/// Why not everything was printed.
#[derive(Debug)]
pub(super) enum Stop {
    /// The input.
    Unreadable(io::Error),
    /// The output.
    Unwritable(io::Error),
}

/// Prints every message of the input as it arrives.
pub(super) fn print_all<W: Write>(
    source: &mut dyn Read,
    profile: &Profile,
    printer: &mut Printer<W>,
) -> Result<(), Stop> {
    let dialect = profile.dialect();
    let head = head(source, dialect).map_err(Stop::Unreadable)?;
    let mut wire = match blocks(profile) {
        Some(link) => Wire::Enveloped(Enveloped { link, added: 0 }),
        None => Wire::recognise(&head, dialect, printer),
    };
    wire.take(&head, printer).map_err(Stop::Unwritable)?;
    let mut chunk = vec![0; limits::READ_CHUNK];
    loop {
        printer.flush().map_err(Stop::Unwritable)?;
        let count = read_some(source, &mut chunk).map_err(Stop::Unreadable)?;
        if count == 0 {
            break;
        }
        wire.take(chunk.get(..count).unwrap_or_default(), printer).map_err(Stop::Unwritable)?;
    }
    wire.end(printer).and_then(|()| printer.flush()).map_err(Stop::Unwritable)
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

enum Wire {
    Enveloped(Enveloped),
    Bare(Bare),
}

impl Wire {
    fn recognise<W: Write>(head: &[u8], dialect: Dialect, printer: &mut Printer<W>) -> Wire {
        if let Some(wrong) = other_dialect(head, dialect) {
            printer.fault(format_args!("input byte 0: {wrong}"));
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

    fn take<W: Write>(&mut self, bytes: &[u8], printer: &mut Printer<W>) -> io::Result<()> {
        match self {
            Wire::Enveloped(enveloped) => enveloped.take(bytes, printer),
            Wire::Bare(bare) => bare.take(bytes, printer),
        }
    }

    fn end<W: Write>(&mut self, printer: &mut Printer<W>) -> io::Result<()> {
        match self {
            Wire::Enveloped(enveloped) => enveloped.end(printer),
            Wire::Bare(bare) => bare.end(printer),
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
struct Enveloped {
    link: Box<dyn Link>,
    /// Bytes the link was given that are not in the input.
    added: u64,
}

impl Enveloped {
    fn take<W: Write>(&mut self, bytes: &[u8], printer: &mut Printer<W>) -> io::Result<()> {
        self.link.receive(NOW, bytes);
        self.drain(printer)
    }

    fn end<W: Write>(&mut self, printer: &mut Printer<W>) -> io::Result<()> {
        self.link.disconnect(NOW);
        self.drain(printer)
    }

    fn drain<W: Write>(&mut self, printer: &mut Printer<W>) -> io::Result<()> {
        loop {
            // The analyser that this would have answered is not there.
            while self.link.transmit().is_some() {}
            self.link.expire(NOW);
            let Some(event) = self.link.event() else { return Ok(()) };
            match event {
                Event::Message { token, bytes } => {
                    printer.message(&bytes)?;
                    self.link.answer(NOW, token, Answer::Stored);
                }
                Event::Incomplete { bytes, why } => printer.incomplete(&bytes, why),
                Event::Fault(fault) => {
                    printer.link_fault(&fault, fault.offset.saturating_sub(self.added));
                }
                // Nothing is ever sent from here.
                Event::Accepted { .. } | Event::GaveUp { .. } => {}
            }
        }
    }
}

/// Records or segments without an envelope: each header begins a message.
struct Bare {
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

    fn take<W: Write>(&mut self, bytes: &[u8], printer: &mut Printer<W>) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        while let Some(at) = self.next_header() {
            let piece = self.cut(at);
            self.print(&piece, printer)?;
        }
        // What was searched holds no header, so it belongs to one message.
        if self.searched > limits::MESSAGE_MAX {
            self.too_long(self.offset, printer);
            self.cut(self.searched.saturating_sub(1));
            self.dropping = true;
        }
        Ok(())
    }

    fn end<W: Write>(&mut self, printer: &mut Printer<W>) -> io::Result<()> {
        let rest = self.cut(self.buffer.len());
        self.print(&rest, printer)
    }

    fn print<W: Write>(&mut self, piece: &[u8], printer: &mut Printer<W>) -> io::Result<()> {
        let begin = self.offset.saturating_sub(piece.len());
        if piece.len() > limits::MESSAGE_MAX {
            self.too_long(begin, printer);
        } else if !self.dropping && !piece.iter().all(u8::is_ascii_whitespace) {
            printer.message(piece)?;
        }
        self.dropping = false;
        Ok(())
    }

    /// Tells it once for each message.
    fn too_long<W: Write>(&self, begin: usize, printer: &mut Printer<W>) {
        if !self.dropping {
            let most = limits::MESSAGE_MAX;
            printer.fault(format_args!("input byte {begin}: a message longer than {most} bytes"));
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
