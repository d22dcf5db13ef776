//! The one pass over the text: eight bytes at a time it finds field separators, line ends and
//! control characters together. Fields of analysers are three or four bytes long, so that a
//! search that starts anew after every hit would cost more than this.

use memchr::memchr2;

use super::{Escapes, FaultKind, Faults};

/// What the pass stops at: the field separator, and the control characters that the dialect does
/// not allow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Controls {
    /// The field separator.
    pub(super) field: u8,
    /// The dialect.
    pub(super) escapes: Escapes,
}

impl Controls {
    /// LIS02-A2 5.1 allows BEL, HT, VT and FF in text; HL7 v2.5.1 2.7 allows none.
    fn allow(self, byte: u8) -> bool {
        match self.escapes {
            Escapes::Lis02 => matches!(byte, 0x07 | 0x09 | 0x0B | 0x0C),
            Escapes::Hl7 | Escapes::None | Escapes::Doubled => false,
        }
    }
}

/// Scans the line at `start`: appends the offset where each of its fields ends (the last one is
/// the end of the line), notes control characters, and returns the end of the line.
pub(super) fn line(
    bytes: &[u8],
    start: usize,
    controls: Controls,
    ends: &mut Vec<u32>,
    faults: &mut Faults,
) -> usize {
    let (words, tail) = bytes.get(start..).unwrap_or_default().as_chunks::<8>();
    let mut pass = Pass { controls, pattern: ONES * u64::from(controls.field), ends, faults };
    let mut base = start;
    for word in words {
        if let Some(end) = pass.word(u64::from_le_bytes(*word), base) {
            return end;
        }
        base += 8;
    }
    let mut last = [b' '; 8];
    last.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
    pass.word(u64::from_le_bytes(last), base).unwrap_or_else(|| {
        pass.ends.push(bytes.len() as u32);
        bytes.len()
    })
}

struct Pass<'a> {
    controls: Controls,
    pattern: u64,
    ends: &'a mut Vec<u32>,
    faults: &'a mut Faults,
}

impl Pass<'_> {
    /// Handles the marked bytes of one word that stands at `base`; the end of the line, if there.
    #[inline]
    fn word(&mut self, word: u64, base: usize) -> Option<usize> {
        let mut marks = marks(word, self.pattern);
        while marks != 0 {
            let bit = marks.trailing_zeros() & !7;
            let (byte, at) = ((word >> bit) as u8, base + bit as usize / 8);
            if byte == self.controls.field {
                self.ends.push(at as u32);
            } else if self.ends_line(byte, at) {
                return Some(at);
            }
            marks &= marks - 1;
        }
        None
    }

    fn ends_line(&mut self, byte: u8, at: usize) -> bool {
        if matches!(byte, b'\r' | b'\n') {
            self.ends.push(at as u32);
            return true;
        }
        if !self.controls.allow(byte) {
            let text = || format!("control character 0x{byte:02X}");
            self.faults.note_byte(FaultKind::ControlCharacter, at, text);
        }
        false
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const LOW: u64 = 0x7F * ONES;
const HIGH: u64 = 0x80 * ONES;

/// The high bit of each byte of the word that equals the pattern's, is below 0x20 or is 0x7F.
/// Sums of seven-bit values can't carry into the next byte, so every mark is exact.
#[inline]
fn marks(word: u64, pattern: u64) -> u64 {
    let low = word & LOW;
    let difference = word ^ pattern;
    let separator = !(((difference & LOW) + LOW) | difference);
    let below_space = !((low + 0x60 * ONES) | word);
    let delete = (low + ONES) & !word;
    (separator | below_space | delete) & HIGH
}

/// The start of the next line that is not empty, from `from` on.
pub(in crate::codec) fn next_start(text: &str, from: usize) -> Option<usize> {
    let rest = text.as_bytes().get(from..)?;
    Some(from + rest.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?)
}

/// The next line that is not empty, from `from` on: its start and its end.
pub(in crate::codec) fn next_line(text: &str, from: usize) -> Option<(usize, usize)> {
    let start = next_start(text, from)?;
    let line = text.as_bytes().get(start..)?;
    Some((start, memchr2(b'\r', b'\n', line).map_or(text.len(), |length| start + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place_in_a_word_is_marked_rightly() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                for filler in [b' ', b'|', 0x7E, 0x80, 0xFF, 0x1F, 0x7F, 0x00] {
                    let mut word = [filler; 8];
                    word[place] = byte;
                    let expected =
                        word.map(|b| if b == b'|' || b < 0x20 || b == 0x7F { 0x80 } else { 0 });
                    let found = marks(u64::from_le_bytes(word), ONES * u64::from(b'|'));
                    assert_eq!(
                        found.to_le_bytes(),
                        expected,
                        "{byte:02x} at {place} in {filler:02x}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_empty_line_is_no_line() {
        assert_eq!(next_line("\r\n\rab\rc", 0), Some((3, 5)));
        assert_eq!(next_line("\r\n\rab\rc", 5), Some((6, 7)));
        assert_eq!(next_line("\r\n", 0), None);
        assert_eq!(next_line("a", 9), None);
    }
}
