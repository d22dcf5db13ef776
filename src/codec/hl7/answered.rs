//! Which message a block answers.
//!
//! Exists so that an answer is credited to the message it names and to no other, and so that a
//! result is never mistaken for an answer: MSA counts only where the standard puts it, directly
//! behind the header (HL7 v2.5.1 2.14.1; SFT and UAC may stand between), and not in a message
//! that by its type brings something of its own.

use memchr::memchr2;

use crate::codec::charset::Text;

use super::acknowledge::{AckCode, Header};
use super::header::Charsets;

/// MSH-9.1 of messages that want to be stored and answered, whatever else is in them.
const BRING_SOMETHING: [&[u8]; 14] = [
    b"ORU", b"OUL", b"OPU", b"QRY", b"QBP", b"OML", b"OMG", b"ORM", b"NMD", b"SSU", b"ESU", b"INU",
    b"ADT", b"UDM",
];

/// What MSA says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// MSA-1; `None` where it is no code of table 0008.
    pub code: Option<AckCode>,
    /// MSA-1 as sent.
    pub code_text: String,
    /// MSA-2: MSH-10 of the message that is answered.
    pub control_id: String,
    /// MSA-3.
    pub text: String,
}

/// What this block answers; `None` where it is a message of its own.
pub fn answered(bytes: &[u8], charsets: Charsets) -> Option<Answered> {
    let header = Header::find(bytes, charsets)?;
    if brings_something(&header) {
        return None;
    }
    let segment = acknowledgement_segment(bytes, header.delimiters.field)?;
    let text = Text::decode(segment, header.charset);
    let mut fields = text.as_str().split(char::from(header.delimiters.field)).skip(1);
    let mut next = || fields.next().unwrap_or_default().trim().to_owned();
    let (code_text, control_id, text) = (next(), next(), next());
    Some(Answered { code: AckCode::from_code(&code_text), code_text, control_id, text })
}

/// DSR^Q03 answers a query, but later and as a message that wants an acknowledgement.
fn brings_something(header: &Header<'_>) -> bool {
    let mut parts = header.field(9).split(|byte| *byte == header.delimiters.component);
    let (kind, event) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    BRING_SOMETHING.contains(&kind) || (kind, event) == (b"DSR", b"Q03")
}

/// MSA, if it is the first segment behind MSH that is neither SFT nor UAC.
fn acknowledgement_segment(bytes: &[u8], separator: u8) -> Option<&[u8]> {
    let mut segments = segments(bytes).skip_while(|line| !line.starts_with(b"MSH")).skip(1);
    let first = segments.find(|line| !line.starts_with(b"SFT") && !line.starts_with(b"UAC"))?;
    let is_answer = first.strip_prefix(b"MSA").is_some_and(|rest| rest.first() == Some(&separator));
    is_answer.then_some(first)
}

/// Lines that are not empty.
fn segments(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let from = rest.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
        let whole = rest.get(from..)?;
        let end = memchr2(b'\r', b'\n', whole).unwrap_or(whole.len());
        let (line, after) = whole.split_at_checked(end)?;
        rest = after;
        Some(line)
    })
}
