//! A transcript taken apart: every byte of a file as part of a message, or of what carries it.
//!
//! ```text
//! ENQ STX 1 H|\^&..CR ETX 7 A CR LF STX 2 P|1CR ..
//! --- frame --- text - frame -------------- text     each piece knows its place in the file, and a
//!                                                    text also its place in the message
//! ```
//!
//! What is a message, the daemon's own links say ([`super::transcript`]); the frames are checked by
//! the codec that checks them on a line. Refuses to guess: a text that is no part of the message
//! that was delivered is shown as what it is, a text of no message.

use std::io;
use std::ops::Range;

use super::transcript::{Listener, Wire, interruption, refusal};
use crate::analyser::{Dialect, Profile};
use crate::codec::block;
use crate::codec::block::{Form, Parameters};
use crate::codec::lis01::{self, ACK, CR, ENQ, EOT, ETB, ETX, NAK, STX};
use crate::codec::mllp::{FS, VT};
use crate::link::{Interruption, LinkFault, LinkFaultKind};

/// A file, every byte of it in one passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// One behind the other.
    pub passages: Vec<Passage>,
    /// What is wrong with the file as a whole.
    pub faults: Vec<String>,
}

/// Some bytes of the file with the message that they carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// What came.
    pub carried: Carried,
    /// Its bytes in the file, one piece behind the other.
    pub pieces: Vec<Piece>,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// A message.
    Message(Vec<u8>),
    /// The beginning of one, and why there is no more of it.
    Incomplete(Vec<u8>, Interruption),
    /// What stands behind the last message.
    Nothing,
}

/// Some bytes of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where they stand in the file.
    pub range: Range<usize>,
    /// What they are.
    pub part: Part,
}

/// What some bytes of a file are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text of the message, from this place in it on.
    Text(usize),
    /// What carries it.
    Frame(&'static str),
    /// The link refused or ignored them.
    Refused(LinkFaultKind),
}

impl Transcript {
    /// Takes a file apart.
    pub fn of(input: &[u8], profile: &Profile) -> Transcript {
        let mut heard = Heard::default();
        let wire = Wire::of(input, profile, &mut heard);
        Transcript::heard(input, wire, heard, profile.dialect(), profile.blocks())
    }

    /// Takes a file apart whose analyser has no profile yet: all that is known is how it speaks.
    pub fn of_dialect(input: &[u8], dialect: Dialect) -> Transcript {
        let mut heard = Heard::default();
        let wire = Wire::recognise(input, dialect, &mut heard);
        Transcript::heard(input, wire, heard, dialect, None)
    }

    fn heard(
        input: &[u8],
        mut wire: Wire,
        mut heard: Heard,
        dialect: Dialect,
        blocks: Option<&Parameters>,
    ) -> Transcript {
        for byte in input {
            heard.at += 1;
            // A collector takes everything.
            let _ = wire.take(std::slice::from_ref(byte), &mut heard);
        }
        let _ = wire.end(&mut heard);
        heard.apart(input, Envelope::of(&wire, dialect, blocks))
    }

    /// The messages, in order.
    pub fn messages(&self) -> impl Iterator<Item = &[u8]> {
        self.passages.iter().filter_map(|passage| match &passage.carried {
            Carried::Message(bytes) => Some(bytes.as_slice()),
            Carried::Incomplete(..) | Carried::Nothing => None,
        })
    }

    /// What is no message: where in the file it begins, and why.
    pub fn lost(&self) -> impl Iterator<Item = (usize, &'static str)> {
        self.passages.iter().flat_map(|passage| {
            let cut = match &passage.carried {
                Carried::Incomplete(_, why) => {
                    let first = passage.pieces.first();
                    first.map(|piece| (piece.range.start, interruption(*why)))
                }
                Carried::Message(_) | Carried::Nothing => None,
            };
            let refused = passage.pieces.iter().filter_map(|piece| match piece.part {
                Part::Refused(LinkFaultKind::Repeated) | Part::Text(_) | Part::Frame(_) => None,
                Part::Refused(kind) => Some((piece.range.start, refusal(kind))),
            });
            cut.into_iter().chain(refused)
        })
    }

    /// Whether everything in the file came as it should; what is sent again is harmless.
    pub fn is_sound(&self) -> bool {
        let refused = |piece: &Piece| match piece.part {
            Part::Refused(kind) => kind != LinkFaultKind::Repeated,
            Part::Text(_) | Part::Frame(_) => false,
        };
        let is_sound = |passage: &Passage| {
            let cut = matches!(passage.carried, Carried::Incomplete(..));
            !cut && !passage.pieces.iter().any(refused)
        };
        self.faults.is_empty() && self.passages.iter().all(is_sound)
    }
}

/// What was told of a file, byte by byte.
#[derive(Default)]
struct Heard {
    /// So many bytes were given to the link.
    at: usize,
    /// Where each message was complete, and where it begins, if that is known.
    carried: Vec<(Carried, usize, Option<usize>)>,
    refused: Vec<(Range<usize>, LinkFaultKind)>,
    faults: Vec<String>,
}

impl Listener for Heard {
    fn message(&mut self, bytes: &[u8], begin: Option<usize>) -> io::Result<()> {
        let end = begin.map_or(self.at, |begin| begin + bytes.len());
        self.carried.push((Carried::Message(bytes.to_vec()), end, begin));
        Ok(())
    }

    fn incomplete(&mut self, bytes: &[u8], why: Interruption) {
        self.carried.push((Carried::Incomplete(bytes.to_vec(), why), self.at, None));
    }

    fn refused(&mut self, fault: &LinkFault, offset: u64) {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        self.refused.push((start..start.saturating_add(fault.length), fault.kind));
    }

    fn fault(&mut self, words: &str) {
        self.faults.push(words.to_owned());
    }
}

impl Heard {
    fn apart(self, input: &[u8], envelope: Envelope<'_>) -> Transcript {
        let mut passages = Vec::new();
        let mut from = 0;
        let rest = (Carried::Nothing, input.len(), None);
        for (carried, end, begin) in self.carried.into_iter().chain([rest]) {
            let region = Region { input, from, end: end.max(from), refused: &self.refused };
            let text = match &carried {
                Carried::Message(bytes) | Carried::Incomplete(bytes, _) => bytes.as_slice(),
                Carried::Nothing => &[],
            };
            let pieces = match begin {
                Some(begin) => region.bare(begin),
                None => region.framed(text, envelope),
            };
            from = region.end;
            if !pieces.is_empty() {
                passages.push(Passage { carried, pieces });
            }
        }
        Transcript { passages, faults: self.faults }
    }
}

/// What carries the messages of a file.
#[derive(Clone, Copy)]
enum Envelope<'p> {
    Nothing,
    Lis01,
    Mllp,
    Blocks(&'p Parameters),
}

impl<'p> Envelope<'p> {
    fn of(wire: &Wire, dialect: Dialect, blocks: Option<&'p Parameters>) -> Envelope<'p> {
        match (wire, blocks, dialect) {
            (Wire::Bare(_), _, _) => Envelope::Nothing,
            (Wire::Enveloped(_), Some(parameters), _) => Envelope::Blocks(parameters),
            (Wire::Enveloped(_), None, Dialect::Hl7) => Envelope::Mllp,
            (Wire::Enveloped(_), None, Dialect::Lis02 | Dialect::Blocks) => Envelope::Lis01,
            (Wire::Enveloped(_), None, Dialect::Text) => Envelope::Nothing,
        }
    }

    /// What stands at the front of some bytes: pieces by their length, a text as `None`.
    fn front(self, bytes: &[u8]) -> Vec<(usize, Option<&'static str>)> {
        let known = match self {
            Envelope::Nothing => None,
            Envelope::Lis01 => frame(bytes),
            Envelope::Mllp => mllp_block(bytes),
            Envelope::Blocks(parameters) => form_block(bytes, &parameters.form),
        };
        known.unwrap_or_else(|| vec![(1, Some(self.single(bytes)))])
    }

    fn single(self, bytes: &[u8]) -> &'static str {
        match (self, bytes.first().copied()) {
            (Envelope::Nothing, _) => "between messages",
            (Envelope::Lis01, Some(ENQ)) => "ENQ: a session begins",
            (Envelope::Lis01, Some(EOT)) => "EOT: the session ends",
            (Envelope::Lis01 | Envelope::Blocks(_), Some(ACK)) => "ACK",
            (Envelope::Lis01 | Envelope::Blocks(_), Some(NAK)) => "NAK",
            (Envelope::Lis01 | Envelope::Mllp | Envelope::Blocks(_), _) => "between frames",
        }
    }
}

/// LIS01: STX, number, text, ETX or ETB, two digits, CR, LF.
fn frame(bytes: &[u8]) -> Option<Vec<(usize, Option<&'static str>)>> {
    let ends = |byte: &u8| matches!(*byte, ETX | ETB);
    let end = bytes.strip_prefix(&[STX])?.iter().position(ends)? + 1;
    let frame = lis01::frame(bytes.get(..end + 1 + lis01::TAIL)?).ok()?;
    let ended = match frame.end {
        lis01::End::Etx => "ETX: end of the frame",
        lis01::End::Etb => "ETB: the text goes on in the next frame",
    };
    Some(vec![
        (1, Some("STX: a frame begins")),
        (1, Some("number of the frame")),
        (frame.text.len(), None),
        (1, Some(ended)),
        (2, Some("checksum of the frame")),
        (2, Some("end of the frame")),
    ])
}

/// MLLP: VT, text, FS, CR.
fn mllp_block(bytes: &[u8]) -> Option<Vec<(usize, Option<&'static str>)>> {
    let text = bytes.strip_prefix(&[VT])?;
    let length = text.iter().position(|byte| *byte == FS)?;
    let ended = text.get(length + 1) == Some(&CR);
    let mut parts =
        vec![(1, Some("VT: a block begins")), (length, None), (1, Some("FS: end of the block"))];
    parts.extend(ended.then_some((1, Some("CR: end of the block"))));
    Some(parts)
}

/// Start, text, end and what proves it.
fn form_block(bytes: &[u8], form: &Form) -> Option<Vec<(usize, Option<&'static str>)>> {
    let text = bytes.strip_prefix(&[form.start])?;
    let end = text.iter().position(|byte| form.ends(*byte))? + 1;
    let whole = bytes.get(..end + 1 + form.tail.length())?;
    let block = block::block(whole, form).ok()?;
    let behind = end - 1 - block.text.len();
    Some(vec![
        (1, Some("a block begins")),
        (block.text.len(), None),
        (behind, Some("end of the text")),
        (1, Some("end of the block")),
        (form.tail.length(), Some("check of the block")),
    ])
}

/// A part of the file that carries one message.
struct Region<'r> {
    input: &'r [u8],
    from: usize,
    end: usize,
    refused: &'r [(Range<usize>, LinkFaultKind)],
}

impl Region<'_> {
    /// A message as it stands, and what stands before it.
    fn bare(&self, begin: usize) -> Vec<Piece> {
        let before = Piece { range: self.from..begin, part: Part::Frame("between messages") };
        let text = Piece { range: begin..self.end, part: Part::Text(0) };
        [before, text].into_iter().filter(|piece| !piece.range.is_empty()).collect()
    }

    fn framed(&self, message: &[u8], envelope: Envelope<'_>) -> Vec<Piece> {
        let mut pieces = Pieces { pieces: Vec::new(), message, told: 0 };
        let mut at = self.from;
        while at < self.end {
            if let Some((end, kind)) = self.refused_at(at) {
                pieces.push(at..end, Part::Refused(kind));
                at = end;
                continue;
            }
            let bytes = self.input.get(at..self.end).unwrap_or_default();
            for (length, word) in envelope.front(bytes) {
                let range = at..at + length;
                at = range.end;
                match word {
                    Some(word) => pieces.push(range, Part::Frame(word)),
                    None => {
                        let text = self.input.get(range.clone()).unwrap_or_default();
                        pieces.text(range, text, envelope);
                    }
                }
            }
        }
        pieces.pieces
    }

    /// Up to where the link refused what stands here.
    fn refused_at(&self, at: usize) -> Option<(usize, LinkFaultKind)> {
        let (range, kind) = self.refused.iter().find(|(range, _)| range.contains(&at))?;
        Some((range.end.min(self.end), *kind))
    }
}

struct Pieces<'m> {
    pieces: Vec<Piece>,
    message: &'m [u8],
    /// So much of the message was found.
    told: usize,
}

impl Pieces<'_> {
    fn push(&mut self, range: Range<usize>, part: Part) {
        match self.pieces.last_mut() {
            Some(last) if last.part == part && matches!(part, Part::Frame("between frames")) => {
                last.range.end = range.end;
            }
            Some(_) | None if range.is_empty() => {}
            Some(_) | None => self.pieces.push(Piece { range, part }),
        }
    }

    /// A text of a good frame: the next of the message, or of no message.
    fn text(&mut self, range: Range<usize>, text: &[u8], envelope: Envelope<'_>) {
        let rest = self.message.get(self.told..).unwrap_or_default();
        // Texts of one message are joined with a CR that is on no line.
        let joined = rest.strip_prefix(&[CR]).filter(|_| self.told > 0);
        let joined =
            joined.filter(|rest| matches!(envelope, Envelope::Blocks(_)) && has(rest, text));
        let (gap, rest) = joined.map_or((0, rest), |rest| (1, rest));
        let skipped = match has(rest, text) {
            true => Some(0),
            false => self.skipped(rest, text, envelope),
        };
        let Some(skipped) = skipped else {
            return self.push(range, Part::Frame("a text of no message"));
        };
        let begin = range.start + skipped;
        self.push(range.start..begin, Part::Frame("said again in each block"));
        let at = self.told + gap;
        self.told = at + range.end.saturating_sub(begin);
        self.push(begin..range.end, Part::Text(at));
    }

    /// How much of a text stands in the message already: header and number of a part that goes on.
    /// Of the first text it is the character that tells what the text is.
    fn skipped(&self, rest: &[u8], text: &[u8], envelope: Envelope<'_>) -> Option<usize> {
        let Envelope::Blocks(_) = envelope else { return None };
        let most = if self.told == 0 { 2 } else { text.len() };
        (1..most).find(|skipped| has(rest, text.get(*skipped..).unwrap_or_default()))
    }
}

/// Whether a text comes next.
fn has(rest: &[u8], text: &[u8]) -> bool {
    !text.is_empty() && rest.starts_with(text)
}
