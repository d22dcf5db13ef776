//! Acknowledgements (HL7 v2.5.1 2.9.2), built from raw bytes: the other side must get back its
//! own names and control id exactly as it sent them, even where they can't be decoded.

use crate::codec::charset::{Charset, Text, encode};
use crate::codec::{Delimiters, Message};
use crate::limits::HL7_HEADER_MAX;

use super::header::{Charsets, cut, headers};
use super::wanted::Wanted;
use super::{USUAL, encoding_characters, read};

/// What an acknowledgement says (table 0008).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AckCode {
    /// AA: accepted.
    Accept,
    /// AE: error in content.
    Error,
    /// AR: rejected for a reason unrelated to content.
    Reject,
    /// CA: stored, enhanced mode.
    CommitAccept,
    /// CE: not stored, enhanced mode, for any reason but those of CR.
    CommitError,
    /// CR: not stored, enhanced mode, because of its type, version or processing id.
    CommitReject,
}

impl AckCode {
    const ALL: [AckCode; 6] = [
        AckCode::Accept,
        AckCode::Error,
        AckCode::Reject,
        AckCode::CommitAccept,
        AckCode::CommitError,
        AckCode::CommitReject,
    ];

    /// As MSA-1 says it.
    pub const fn code(self) -> &'static str {
        match self {
            AckCode::Accept => "AA",
            AckCode::Error => "AE",
            AckCode::Reject => "AR",
            AckCode::CommitAccept => "CA",
            AckCode::CommitError => "CE",
            AckCode::CommitReject => "CR",
        }
    }

    /// Whether it is about storing (enhanced mode), not about the content.
    pub const fn is_commit(self) -> bool {
        match self {
            AckCode::CommitAccept | AckCode::CommitError | AckCode::CommitReject => true,
            AckCode::Accept | AckCode::Error | AckCode::Reject => false,
        }
    }

    /// From MSA-1.
    pub(super) fn from_code(text: &str) -> Option<AckCode> {
        AckCode::ALL.into_iter().find(|code| code.code() == text)
    }
}

/// What the header of a message says about acknowledging it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AckHeader {
    /// What MSH-15 and MSH-16 ask for.
    pub wanted: Wanted,
    /// MSH-10, as sent.
    pub control_id: String,
}

impl AckHeader {
    /// As [`ack_header`], of a message in these character sets.
    pub fn read(bytes: &[u8], charsets: Charsets) -> Option<AckHeader> {
        let header = Header::find(bytes, charsets)?;
        let wanted = Wanted::read(header.field(15), header.field(16));
        let control_id = Text::decode(header.field(10), header.charset).as_str().to_owned();
        Some(AckHeader { wanted, control_id })
    }
}

/// An acknowledgement to be built.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledgement<'a> {
    /// MSA-1.
    pub code: AckCode,
    /// MSA-3, escaped on writing; what the character set can't write becomes hexadecimal data in
    /// UTF-8.
    pub text: &'a str,
    /// MSH-7.
    pub time: &'a str,
    /// MSH-10; `None`: that of the message. An application acknowledgement that follows on an
    /// accept acknowledgement is a message of its own and needs one of its own (2.9.3.2).
    pub control_id: Option<&'a str>,
    /// How the message is read.
    pub charsets: Charsets,
}

/// Reads from raw bytes what is needed to acknowledge them; `None` where there is no MSH that
/// can be read. Of several messages in one text the first counts.
pub fn ack_header(bytes: &[u8]) -> Option<AckHeader> {
    AckHeader::read(bytes, Charsets::default())
}

/// [`Acknowledgement::of`] with the control id of the message, ASCII where MSH-18 is empty.
pub fn acknowledgement(bytes: &[u8], code: AckCode, text: &str, time: &str) -> Vec<u8> {
    let charsets = Charsets::default();
    Acknowledgement { code, text, time, control_id: None, charsets }.of(bytes)
}

impl Acknowledgement<'_> {
    /// Builds the ACK for the message in `bytes`: sender and receiver exchanged, MSH-9 `ACK^event`
    /// (from version 2.5 on `ACK^event^ACK`), MSA-2 its MSH-10; version, processing id, character
    /// set and profile (MSH-21) echoed; MSH-15 and MSH-16 empty, for nothing is wanted in return.
    /// Works on any bytes; without a readable MSH the MSA-2 stays empty. Segments end with CR.
    pub fn of(&self, bytes: &[u8]) -> Vec<u8> {
        let found = Header::find(bytes, self.charsets);
        let header = found.unwrap_or_else(|| Header::unreadable(self.charsets));
        let mut out = b"MSH".to_vec();
        header.push(&mut out, encoding_characters(&header.delimiters).as_bytes());
        for number in [5, 6, 3, 4] {
            header.push(&mut out, header.field(number));
        }
        header.push(&mut out, &header.written(self.time));
        header.push(&mut out, b"");
        header.push(&mut out, &header.message_type());
        match self.control_id {
            Some(own) => header.push(&mut out, &header.written(own)),
            None => header.push(&mut out, header.field(10)),
        }
        for number in [11, 12] {
            header.push(&mut out, header.field(number));
        }
        header.push_tail(&mut out);
        out.extend_from_slice(b"\rMSA");
        header.push(&mut out, self.code.code().as_bytes());
        header.push(&mut out, header.field(10));
        if !self.text.is_empty() {
            header.push(&mut out, &header.written(self.text));
        }
        out.push(b'\r');
        out
    }
}

/// The first MSH, cut into raw fields.
pub(super) struct Header<'b> {
    /// From MSH-1 on.
    fields: Vec<&'b [u8]>,
    pub(super) delimiters: Delimiters,
    pub(super) charset: Charset,
}

impl<'b> Header<'b> {
    pub(super) fn find(bytes: &'b [u8], charsets: Charsets) -> Option<Header<'b>> {
        let segment = headers(bytes).next().filter(|segment| segment.len() <= HL7_HEADER_MAX)?;
        let charset = charsets.of(segment).ok();
        // Bytes that ASCII has no place for are cut as the rest of the header makes sense.
        let cuts = charset.filter(|set| *set != Charset::Ascii || segment.is_ascii());
        let text = Text::decode(segment, cut(segment, cuts));
        let transmission = read(text.as_str());
        let message = transmission.messages.first()?;
        let fields = raw_fields(segment, &text, message);
        let delimiters = *message.delimiters();
        Some(Header { fields, delimiters, charset: charset.unwrap_or(charsets.usual) })
    }

    /// What is answered to bytes without a readable header.
    fn unreadable(charsets: Charsets) -> Header<'b> {
        let mut fields: Vec<&[u8]> = vec![b""; 12];
        for (field, value) in fields.iter_mut().skip(10).zip([b"P".as_slice(), b"2.5.1"]) {
            *field = value;
        }
        Header { fields, delimiters: USUAL, charset: charsets.usual }
    }

    pub(super) fn field(&self, number: usize) -> &'b [u8] {
        let field = number.checked_sub(1).and_then(|at| self.fields.get(at));
        field.copied().unwrap_or_default()
    }

    /// Appends a field as it is, but for the bytes that would end or open an MLLP block.
    fn push(&self, out: &mut Vec<u8>, field: &[u8]) {
        out.push(self.delimiters.field);
        out.extend(field.iter().filter(|byte| !matches!(byte, 0x0B | 0x1C)));
    }

    /// MSH-18 and MSH-21, with the empty fields before them, where they are there to be echoed.
    fn push_tail(&self, out: &mut Vec<u8>) {
        let echoed = [18, 21].into_iter().filter(|number| !self.field(*number).is_empty());
        for number in 13..=echoed.max().unwrap_or_default() {
            let field = if matches!(number, 18 | 21) { self.field(number) } else { b"" };
            self.push(out, field);
        }
    }

    fn message_type(&self) -> Vec<u8> {
        let component = self.delimiters.component;
        let event = self.field(9).split(|byte| *byte == component).nth(1).unwrap_or_default();
        let mut out = b"ACK".to_vec();
        if !event.is_empty() {
            out.push(component);
            out.extend_from_slice(event);
            if self.has_structures() {
                out.push(component);
                out.extend_from_slice(b"ACK");
            }
        }
        out
    }

    /// Version 2.5 and later want the message structure in MSH-9.3.
    fn has_structures(&self) -> bool {
        let component = self.delimiters.component;
        let version = self.field(12).split(|byte| *byte == component).next().unwrap_or_default();
        let text = String::from_utf8_lossy(version);
        let mut numbers = text.trim().split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (2, 5)
    }

    /// Text escaped and encoded; characters outside the set as hexadecimal data.
    fn written(&self, text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        for character in text.chars() {
            let mut buffer = [0; 4];
            let single: &str = character.encode_utf8(&mut buffer);
            match encode(&self.delimiters.escape(single), self.charset) {
                Ok(bytes) => out.extend_from_slice(&bytes),
                Err(_) => out.extend_from_slice(&self.hexadecimal(single)),
            }
        }
        out
    }

    fn hexadecimal(&self, text: &str) -> Vec<u8> {
        let digits: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
        let mut out = vec![self.delimiters.escape, b'X'];
        out.extend_from_slice(digits.as_bytes());
        out.push(self.delimiters.escape);
        out
    }
}

/// The fields as bytes: found in the text, cut out of the segment.
fn raw_fields<'b>(segment: &'b [u8], text: &Text<'_>, message: &Message<'_>) -> Vec<&'b [u8]> {
    let Some(header) = message.records().next() else { return Vec::new() };
    let raw = header.fields().map(|(_, piece)| {
        let start = text.offset_in_bytes(piece.offset);
        let end = text.offset_in_bytes(piece.offset + piece.text.len());
        segment.get(start..end).unwrap_or_default()
    });
    raw.collect()
}
