//! What surrounds one text: writing and checking one block.

use std::fmt;

use nom::bytes::complete::{tag, take, take_till};
use nom::combinator::{all_consuming, verify};
use nom::number::complete::u8 as byte;
use nom::{IResult, Parser};

use crate::codec::lis01::{CR, LF};

/// The bytes around a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Form {
    /// Before the text, usually STX.
    pub start: u8,
    /// Behind a text, or behind its last part; usually ETX.
    pub end: u8,
    /// Behind a part of a text that goes on in the next block, usually ETB.
    pub part_end: Option<u8>,
    /// What else stands there to prove or to finish it.
    pub tail: Tail,
}

/// What stands at the end beside the end byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tail {
    /// Nothing: nothing protects the text.
    Nothing,
    /// One byte, the XOR of everything behind the start, the end byte included.
    Xor,
    /// CR LF before the end byte.
    CrLfBefore,
    /// CR LF behind it.
    CrLf,
    /// Two hexadecimal digits, the sum of the text modulo 256, and CR.
    SumCr,
}

/// One block whose form and check are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'b> {
    /// The text.
    pub text: &'b [u8],
    /// It goes on in the next block.
    pub goes_on: bool,
}

/// Why bytes are not a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockFault {
    /// A byte is missing or not in its place.
    Malformed,
    /// The form is right, the check is not.
    Check {
        /// What was sent.
        sent: u8,
        /// What the bytes come to.
        computed: u8,
    },
}

impl fmt::Display for BlockFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BlockFault::Malformed => write!(f, "not a block"),
            BlockFault::Check { sent, computed } => {
                write!(f, "check {sent:02X} sent, {computed:02X} computed")
            }
        }
    }
}

impl Tail {
    /// Every tail.
    pub const ALL: [Tail; 5] =
        [Tail::Nothing, Tail::Xor, Tail::CrLfBefore, Tail::CrLf, Tail::SumCr];

    /// Bytes behind the end byte.
    pub const fn length(self) -> usize {
        match self {
            Tail::Nothing | Tail::CrLfBefore => 0,
            Tail::Xor => 1,
            Tail::CrLf => 2,
            Tail::SumCr => 3,
        }
    }

    /// The name in profiles.
    pub const fn id(self) -> &'static str {
        match self {
            Tail::Nothing => "none",
            Tail::Xor => "bcc",
            Tail::CrLfBefore => "cr-lf-before",
            Tail::CrLf => "cr-lf",
            Tail::SumCr => "sum-cr",
        }
    }

    /// The tail with this name.
    pub fn from_id(id: &str) -> Option<Tail> {
        Tail::ALL.into_iter().find(|tail| tail.id() == id)
    }

    /// Whether a damaged text can be told from a good one.
    pub const fn protects(self) -> bool {
        match self {
            Tail::Xor | Tail::SumCr => true,
            Tail::Nothing | Tail::CrLfBefore | Tail::CrLf => false,
        }
    }
}

impl Form {
    /// STX text ETX BCC, with ETB where a text goes on.
    pub const STX_ETX_BCC: Form =
        Form { start: 0x02, end: 0x03, part_end: Some(0x17), tail: Tail::Xor };

    /// Bytes of a block beside its text.
    pub const fn overhead(&self) -> usize {
        let before = if matches!(self.tail, Tail::CrLfBefore) { 2 } else { 0 };
        before + START_AND_END + self.tail.length()
    }

    /// Whether a byte ends a text or a part of one.
    pub fn ends(&self, byte: u8) -> bool {
        byte == self.end || self.part_end == Some(byte)
    }

    fn has_place_for(&self, byte: u8) -> bool {
        byte == self.start || self.ends(byte)
    }
}

/// Whether a text can stand in a block: none of its bytes is one that surrounds it.
pub fn fits(text: &[u8], form: &Form) -> bool {
    !text.iter().any(|byte| form.has_place_for(*byte))
}

/// Checks one complete block, from its start to the last byte of its tail.
///
/// # Errors
/// What is wrong with the bytes.
pub fn block<'b>(bytes: &'b [u8], form: &Form) -> Result<Block<'b>, BlockFault> {
    let (_, (text, end, tail)) = parts(bytes, form).map_err(|_| BlockFault::Malformed)?;
    let text = checked(text, end, tail, form.tail)?;
    Ok(Block { text, goes_on: end != form.end })
}

/// Writes one block.
pub fn encode(text: &[u8], goes_on: bool, form: &Form) -> Vec<u8> {
    let end = form.part_end.filter(|_| goes_on).unwrap_or(form.end);
    let mut bytes = Vec::with_capacity(text.len().saturating_add(form.overhead()));
    bytes.push(form.start);
    bytes.extend_from_slice(text);
    if form.tail == Tail::CrLfBefore {
        bytes.extend_from_slice(&[CR, LF]);
    }
    bytes.push(end);
    match form.tail {
        Tail::Nothing | Tail::CrLfBefore => {}
        Tail::Xor => bytes.push(xor(text, end)),
        Tail::CrLf => bytes.extend_from_slice(&[CR, LF]),
        Tail::SumCr => bytes.extend_from_slice(format!("{:02X}\r", sum(text)).as_bytes()),
    }
    bytes
}

const START_AND_END: usize = 2;

type Parts<'b> = (&'b [u8], u8, &'b [u8]);

fn parts<'b>(bytes: &'b [u8], form: &Form) -> IResult<&'b [u8], Parts<'b>> {
    let start = [form.start];
    let text = take_till(|byte| form.has_place_for(byte));
    let end = verify(byte, |byte| form.ends(*byte));
    all_consuming((tag(&start[..]), text, end, take(form.tail.length())))
        .map(|(_, text, end, tail)| (text, end, tail))
        .parse(bytes)
}

fn checked<'b>(text: &'b [u8], end: u8, sent: &[u8], tail: Tail) -> Result<&'b [u8], BlockFault> {
    match (tail, sent) {
        (Tail::Nothing, []) | (Tail::CrLf, [CR, LF]) => Ok(text),
        (Tail::Xor, [sent]) => equal(text, *sent, xor(text, end)),
        (Tail::CrLfBefore, []) => text.strip_suffix(&[CR, LF]).ok_or(BlockFault::Malformed),
        (Tail::SumCr, [high, low, CR]) => {
            let sent = hex(*high).zip(hex(*low)).ok_or(BlockFault::Malformed)?;
            equal(text, sent.0 << 4 | sent.1, sum(text))
        }
        (Tail::Nothing | Tail::Xor | Tail::CrLfBefore | Tail::CrLf | Tail::SumCr, _) => {
            Err(BlockFault::Malformed)
        }
    }
}

fn equal(text: &[u8], sent: u8, computed: u8) -> Result<&[u8], BlockFault> {
    if sent == computed { Ok(text) } else { Err(BlockFault::Check { sent, computed }) }
}

fn xor(text: &[u8], end: u8) -> u8 {
    text.iter().fold(end, |sum, byte| sum ^ byte)
}

fn sum(text: &[u8]) -> u8 {
    text.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
