//! LIS01-A2 (ASTM E1381-95) frames: characters, checksum, writing and checking one frame.
//!
//! Exists so that every side of a line (receiver, sender, simulator, transcripts) agrees on what
//! a frame is. Knows nothing of sessions, retries or time: see `link::lis01` for those. Refuses
//! a frame unless every byte from STX to LF is in its place and the checksum holds.
//!
//! ```text
//! <STX> FN text <ETB> C1 C2 <CR> <LF>     intermediate frame
//! <STX> FN text <ETX> C1 C2 <CR> <LF>     end frame
//! ```

use std::fmt;

use nom::bytes::complete::{tag, take};
use nom::combinator::{all_consuming, map_opt};
use nom::number::complete::u8 as byte;
use nom::{IResult, Parser};

/// Start of a frame (LIS01-A2 6.3.1.2).
pub const STX: u8 = 0x02;
/// End of the text of an end frame.
pub const ETX: u8 = 0x03;
/// End of a transfer (6.4).
pub const EOT: u8 = 0x04;
/// Bid for the line (6.2).
pub const ENQ: u8 = 0x05;
/// Frame or bid accepted.
pub const ACK: u8 = 0x06;
/// Second end character of a frame.
pub const LF: u8 = 0x0A;
/// End of a record, and first end character of a frame.
pub const CR: u8 = 0x0D;
/// Frame or bid refused.
pub const NAK: u8 = 0x15;
/// End of the text of an intermediate frame.
pub const ETB: u8 = 0x17;

/// Bytes of a frame beside its text: STX, number, end, two digits, CR, LF (6.3.1.2).
pub const OVERHEAD: usize = 7;
/// Bytes that follow the end character of a frame: two digits, CR, LF.
pub const TAIL: usize = 4;

/// How the text of a frame ends (6.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The message goes on in the next frame.
    Etb,
    /// Last or only frame of a message (in the field: of a record).
    Etx,
}

impl End {
    /// The end character.
    pub const fn byte(self) -> u8 {
        match self {
            End::Etb => ETB,
            End::Etx => ETX,
        }
    }

    fn from_byte(byte: u8) -> Option<End> {
        match byte {
            ETB => Some(End::Etb),
            ETX => Some(End::Etx),
            _ => None,
        }
    }
}

/// One frame whose form and checksum are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'b> {
    /// Frame number, 0 to 7.
    pub number: u8,
    /// Text between the number and the end character.
    pub text: &'b [u8],
    /// Intermediate or end frame.
    pub end: End,
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameFault {
    /// A byte is missing or not in its place.
    Malformed,
    /// The form is right, the sum is not.
    Checksum {
        /// What the two digits say.
        sent: u8,
        /// What the bytes add up to.
        computed: u8,
    },
}

impl fmt::Display for FrameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameFault::Malformed => write!(f, "not a frame"),
            FrameFault::Checksum { sent, computed } => {
                write!(f, "checksum {sent:02X} sent, {computed:02X} computed")
            }
        }
    }
}

/// The sum, modulo 256, of the bytes from the frame number up to and including ETX or ETB
/// (6.3.3; that the end character counts follows from every worked example and capture).
pub fn checksum(number_to_end: &[u8]) -> u8 {
    number_to_end.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// The frame number after this one: 7 is followed by 0 (6.3.1.2).
pub const fn next_number(number: u8) -> u8 {
    (number + 1) % 8
}

/// Checks one complete frame, STX to LF. The checksum digits may be of either case.
///
/// # Errors
/// What is wrong with the bytes.
pub fn frame(bytes: &[u8]) -> Result<Frame<'_>, FrameFault> {
    let text_length = bytes.len().checked_sub(OVERHEAD).ok_or(FrameFault::Malformed)?;
    let (_, (frame, sent)) =
        all_consuming(parts(text_length)).parse(bytes).map_err(|_| FrameFault::Malformed)?;
    if memchr::memchr3(STX, ETX, ETB, frame.text).is_some() {
        return Err(FrameFault::Malformed);
    }
    let computed = checksum(frame.text)
        .wrapping_add(b'0')
        .wrapping_add(frame.number)
        .wrapping_add(frame.end.byte());
    if sent == computed { Ok(frame) } else { Err(FrameFault::Checksum { sent, computed }) }
}

/// Writes one frame. Only the last digit of `number` in base 8 is used.
pub fn encode_frame(number: u8, text: &[u8], end: End) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len().saturating_add(OVERHEAD));
    bytes.push(STX);
    bytes.push(b'0' + number % 8);
    bytes.extend_from_slice(text);
    bytes.push(end.byte());
    let sum = bytes.get(1..).map_or(0, checksum);
    bytes.extend_from_slice(&[digit(sum >> 4), digit(sum & 0x0F), CR, LF]);
    bytes
}

type Checked<'b> = (Frame<'b>, u8);

fn parts<'b>(
    text_length: usize,
) -> impl Parser<&'b [u8], Output = Checked<'b>, Error = nom::error::Error<&'b [u8]>> {
    let tail = (map_opt(byte, End::from_byte), sum, tag(&[CR, LF][..]));
    (tag(&[STX][..]), map_opt(byte, number), take(text_length), tail)
        .map(|(_, number, text, (end, sent, _))| (Frame { number, text, end }, sent))
}

fn number(digit: u8) -> Option<u8> {
    matches!(digit, b'0'..=b'7').then(|| digit - b'0')
}

fn sum(input: &[u8]) -> IResult<&[u8], u8> {
    (map_opt(byte, hex), map_opt(byte, hex)).map(|(high, low)| high << 4 | low).parse(input)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

const fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'A' + (value - 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(number: u8, text: &[u8]) -> String {
        let bytes = encode_frame(number, text, End::Etx);
        String::from_utf8(bytes[bytes.len() - TAIL..bytes.len() - 2].to_vec()).unwrap()
    }

    #[test]
    fn worked_examples_have_the_printed_checksums() {
        assert_eq!(digits(2, b"P|1\r"), "3F");
        assert_eq!(digits(4, b"L|1|N\r"), "07");
        assert_eq!(digits(1, b"H|\\^&|||LIAISONXL|||||LABEDV||P|1|\r"), "97");
        assert_eq!(digits(1, b"H|\\^&|||Mini LIS||||||||LIS2-A|20210309142633\r"), "96");
        assert_eq!(digits(2, "P|1|666|||頭いい^素晴らしい|||U\r".as_bytes()), "3D");
    }

    #[test]
    fn the_example_of_the_standard_is_7a() {
        assert_eq!(checksum(&[122]), 0x7A);
        assert_eq!([digit(0x7), digit(0xA)], *b"7A");
    }

    #[test]
    fn a_frame_written_is_a_frame_read() {
        for number in 0..8 {
            for end in [End::Etb, End::Etx] {
                let bytes = encode_frame(number, b"R|1|^^^HBSAG|0.35\r", end);
                let text = &b"R|1|^^^HBSAG|0.35\r"[..];
                assert_eq!(frame(&bytes), Ok(Frame { number, text, end }));
            }
        }
    }

    #[test]
    fn lower_case_checksum_digits_are_read() {
        assert!(frame(b"\x022P|1\r\x033f\r\n").is_ok());
    }

    #[test]
    fn an_empty_text_is_a_frame() {
        assert_eq!(frame(b"\x021\x0334\r\n").unwrap().text, b"");
    }

    #[test]
    fn a_wrong_sum_says_both_sums() {
        let fault = FrameFault::Checksum { sent: 0x40, computed: 0x3F };
        assert_eq!(frame(b"\x022P|1\r\x0340\r\n"), Err(fault));
        assert_eq!(fault.to_string(), "checksum 40 sent, 3F computed");
    }

    #[test]
    fn what_is_not_in_its_place_is_malformed() {
        let wrong: [&[u8]; 9] = [
            b"",
            b"\x02",
            b"\x028P|1\r\x0345\r\n",
            b"\x02XP|1\r\x0365\r\n",
            b"\x022P|1\r\x043F\r\n",
            b"\x022P|1\r\x03G0\r\n",
            b"\x022P|1\r\x033F\n\r",
            b"\x022P|1\r\x033F\r\n\n",
            b"\x022P\x031\r\x03C6\r\n",
        ];
        for bytes in wrong {
            assert_eq!(frame(bytes), Err(FrameFault::Malformed), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn every_single_flipped_bit_is_caught() {
        let good = encode_frame(3, b"R|1|^^^HBSAG|0.35|S/CO||N\r", End::Etx);
        for place in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[place] ^= 1 << bit;
                let case_only = bad.eq_ignore_ascii_case(&good) && place >= good.len() - TAIL;
                assert!(case_only || frame(&bad).is_err(), "{}", bad.escape_ascii());
            }
        }
    }
}
