//! Character sets: bytes become text *before* anything is split, because the second byte of a
//! GBK, GB18030, Big5 or Shift-JIS character can be a delimiter.
//!
//! Text that is all ASCII is borrowed, never copied, and its offsets are those of the bytes. A
//! map from text to bytes is only worked out when somebody asks for an offset in other text.
//!
//! The sets are those of encoding_rs with two exceptions: ISO 8859-1 and 8859-9 are the real
//! ones, and not the Windows code pages that browsers take for them.

use std::borrow::Cow;
use std::sync::OnceLock;

use encoding_rs::{self as sets, Encoding, mem};

use super::fields::Faults;
use super::{Fault, FaultKind};

/// A character set an analyser may declare or a profile may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charset {
    /// 7-bit ASCII; anything above is a fault.
    Ascii,
    /// ISO 8859-1 .. -9, -15, by number. In one with another number, as in ASCII, everything
    /// above 0x7F is a fault.
    Iso8859(u8),
    /// UTF-8.
    Utf8,
    /// GB 18030 (also reads GBK and GB 2312).
    Gb18030,
    /// GBK.
    Gbk,
    /// Big5.
    Big5,
    /// Shift-JIS.
    ShiftJis,
}

impl Charset {
    /// The name used in profiles: `ascii`, `iso-8859-1`, `utf-8`, `gb18030`, `gbk`, `big5`,
    /// `shift-jis`.
    pub fn from_name(name: &str) -> Option<Charset> {
        let name = name.to_ascii_lowercase();
        Some(match name.as_str() {
            "ascii" => Charset::Ascii,
            "utf-8" => Charset::Utf8,
            "gb18030" => Charset::Gb18030,
            "gbk" => Charset::Gbk,
            "big5" => Charset::Big5,
            "shift-jis" => Charset::ShiftJis,
            other => return part(other.strip_prefix("iso-8859-")?),
        })
    }

    /// The name used in profiles.
    pub fn name(self) -> String {
        match self {
            Charset::Ascii => "ascii".to_owned(),
            Charset::Iso8859(part) => format!("iso-8859-{part}"),
            Charset::Utf8 => "utf-8".to_owned(),
            Charset::Gb18030 => "gb18030".to_owned(),
            Charset::Gbk => "gbk".to_owned(),
            Charset::Big5 => "big5".to_owned(),
            Charset::ShiftJis => "shift-jis".to_owned(),
        }
    }

    /// HL7 table 0211 value (MSH-18); empty means ASCII. `GBK`, `GB2312`, `UTF-8` and their like
    /// are not in the table, but senders write them.
    pub fn from_table_0211(value: &str) -> Option<Charset> {
        let mut key: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
        key.make_ascii_uppercase();
        Some(match key.as_str() {
            "" if value.trim().is_empty() => Charset::Ascii,
            "ASCII" | "USASCII" => Charset::Ascii,
            "UNICODEUTF8" | "UTF8" => Charset::Utf8,
            "GB180302000" | "GB18030" => Charset::Gb18030,
            "GBK" | "GB2312" => Charset::Gbk,
            "BIG5" => Charset::Big5,
            "SHIFTJIS" | "SJIS" => Charset::ShiftJis,
            other => return part(other.strip_prefix("ISO").unwrap_or(other).strip_prefix("8859")?),
        })
    }

    /// What encoding_rs calls it; none where the set is handled here.
    fn encoding(self) -> Option<&'static Encoding> {
        Some(match self {
            Charset::Ascii | Charset::Utf8 => return None,
            Charset::Iso8859(part) => return encoding_8859(part),
            Charset::Gb18030 => sets::GB18030,
            Charset::Gbk => sets::GBK,
            Charset::Big5 => sets::BIG5,
            Charset::ShiftJis => sets::SHIFT_JIS,
        })
    }

    /// How many bytes one character that is not ASCII may have, shortest first.
    fn lengths(self) -> &'static [usize] {
        match self {
            Charset::Ascii | Charset::Utf8 | Charset::Iso8859(_) => &[1],
            Charset::Gb18030 | Charset::Gbk => &[1, 2, 4],
            Charset::Big5 | Charset::ShiftJis => &[1, 2],
        }
    }
}

fn part(digits: &str) -> Option<Charset> {
    let part = digits.parse().ok().filter(|part| matches!(part, 1..=9 | 15))?;
    Some(Charset::Iso8859(part))
}

fn encoding_8859(part: u8) -> Option<&'static Encoding> {
    Some(match part {
        2 => sets::ISO_8859_2,
        3 => sets::ISO_8859_3,
        4 => sets::ISO_8859_4,
        5 => sets::ISO_8859_5,
        6 => sets::ISO_8859_6,
        7 => sets::ISO_8859_7,
        8 => sets::ISO_8859_8,
        15 => sets::ISO_8859_15,
        _ => return None,
    })
}

/// Decoded text that remembers where each character stood in the bytes.
#[derive(Clone, Debug)]
pub struct Text<'b> {
    bytes: &'b [u8],
    charset: Charset,
    text: Cow<'b, str>,
    faults: Vec<Fault>,
    steps: OnceLock<Vec<Step>>,
}

/// A run of characters that are all as wide as each other, in the text and in the bytes.
#[derive(Clone, Copy, Debug)]
struct Step {
    text: usize,
    byte: usize,
    text_width: usize,
    byte_width: usize,
}

impl<'b> Text<'b> {
    /// Decodes bytes. A byte sequence that the character set does not have becomes U+FFFD and a
    /// fault that names its offset.
    pub fn decode(bytes: &'b [u8], charset: Charset) -> Text<'b> {
        let steps = OnceLock::new();
        if let Some(text) = decode_at_once(bytes, charset) {
            return Text { bytes, charset, text, faults: Vec::new(), steps };
        }
        let careful = Careful::decode(bytes, charset);
        let _ = steps.set(careful.steps);
        let (text, faults) = (Cow::Owned(careful.text), careful.faults.finish());
        Text { bytes, charset, text, faults, steps }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The byte offset in the original bytes of a byte offset in the text. Inside a character it
    /// is the offset of the character; past the end it is the length.
    pub fn offset_in_bytes(&self, offset_in_text: usize) -> usize {
        if offset_in_text >= self.text.len() {
            return self.bytes.len();
        }
        if matches!(self.text, Cow::Borrowed(_)) {
            return self.text.floor_char_boundary(offset_in_text);
        }
        let steps = self.steps.get_or_init(|| Careful::decode(self.bytes, self.charset).steps);
        let after = steps.partition_point(|step| step.text <= offset_in_text);
        let Some(step) = after.checked_sub(1).and_then(|at| steps.get(at)) else { return 0 };
        let characters = (offset_in_text - step.text) / step.text_width.max(1);
        step.byte + characters * step.byte_width
    }

    /// What could not be decoded; offsets in the original bytes.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

/// The way for text without faults: one pass, and no copy where all is ASCII.
fn decode_at_once(bytes: &[u8], charset: Charset) -> Option<Cow<'_, str>> {
    if charset == Charset::Utf8 || bytes.is_ascii() {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    }
    if charset == Charset::Iso8859(1) {
        return Some(mem::decode_latin1(bytes));
    }
    charset.encoding()?.decode_without_bom_handling_and_without_replacement(bytes)
}

/// The way for text with faults, and for offsets: one character after the other.
#[derive(Default)]
struct Careful {
    text: String,
    steps: Vec<Step>,
    faults: Faults,
}

impl Careful {
    fn decode(bytes: &[u8], charset: Charset) -> Careful {
        let mut careful = Careful::default();
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let ascii = Encoding::ascii_valid_up_to(rest);
            let (plain, rest) = rest.split_at_checked(ascii).unwrap_or_default();
            careful.ascii(plain, at);
            at += ascii;
            at += careful.character(rest, at, charset);
        }
        careful
    }

    fn ascii(&mut self, plain: &[u8], at: usize) {
        let Some(text) = std::str::from_utf8(plain).ok().filter(|text| !text.is_empty()) else {
            return;
        };
        self.step(Step { text: self.text.len(), byte: at, text_width: 1, byte_width: 1 });
        self.text.push_str(text);
    }

    /// Takes the character at the front of `rest`, if there is any; returns how many bytes.
    fn character(&mut self, rest: &[u8], at: usize, charset: Charset) -> usize {
        let Some(first) = rest.first() else { return 0 };
        let text = self.text.len();
        let byte_width = character(rest, charset, &mut self.text).unwrap_or_else(|| {
            self.text.push('\u{FFFD}');
            let why = || format!("byte 0x{first:02X} is no {} text", charset.name());
            self.faults.note_byte(FaultKind::Charset, at, why);
            1
        });
        self.step(Step { text, byte: at, text_width: self.text.len() - text, byte_width });
        byte_width
    }

    /// Notes where a character stands, unless the run before it goes on.
    fn step(&mut self, next: Step) {
        let widths = |step: &Step| (step.text_width, step.byte_width);
        if self.steps.last().map(widths) != Some(widths(&next)) {
            self.steps.push(next);
        }
    }
}

/// Decodes one character that is not ASCII into `text`; none if the set does not have it.
fn character(rest: &[u8], charset: Charset, text: &mut String) -> Option<usize> {
    match (charset, charset.encoding()) {
        (Charset::Utf8, _) => {
            let ahead = rest.get(..rest.len().min(4))?;
            let first = ahead.utf8_chunks().next()?.valid().chars().next()?;
            text.push(first);
            Some(first.len_utf8())
        }
        (Charset::Iso8859(part @ (1 | 9)), _) => {
            text.push(latin(*rest.first()?, part));
            Some(1)
        }
        (_, Some(encoding)) => charset.lengths().iter().copied().find(|length| {
            let found = rest.get(..*length).and_then(|sequence| {
                encoding.decode_without_bom_handling_and_without_replacement(sequence)
            });
            found.is_some_and(|found| {
                text.push_str(&found);
                true
            })
        }),
        (_, None) => None,
    }
}

/// A character of ISO 8859-1, or of 8859-9, which has six Turkish letters in it.
fn latin(byte: u8, part: u8) -> char {
    match (part, byte) {
        (9, 0xD0) => 'Ğ',
        (9, 0xDD) => 'İ',
        (9, 0xDE) => 'Ş',
        (9, 0xF0) => 'ğ',
        (9, 0xFD) => 'ı',
        (9, 0xFE) => 'ş',
        (_, byte) => char::from(byte),
    }
}

/// Encodes text. Characters that the set does not have are a fault, never a question mark.
///
/// # Errors
/// The first character that cannot be written; the offset is its byte offset in `text`.
pub fn encode(text: &str, charset: Charset) -> Result<Vec<u8>, Fault> {
    if text.is_ascii() || charset == Charset::Utf8 {
        return Ok(text.as_bytes().to_vec());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for (offset, character) in text.char_indices() {
        let Some(()) = encode_character(character, charset, &mut bytes) else {
            return Err(not_in_set(offset, character, charset));
        };
    }
    Ok(bytes)
}

/// Appends one character, if reading it back gives the same one (Shift-JIS would write a yen
/// sign as a backslash).
fn encode_character(character: char, charset: Charset, bytes: &mut Vec<u8>) -> Option<()> {
    if character.is_ascii() {
        bytes.push(character as u8);
        return Some(());
    }
    if let Charset::Iso8859(part @ (1 | 9)) = charset {
        bytes.push((0x80..=0xFF).find(|byte| latin(*byte, part) == character)?);
        return Some(());
    }
    let mut buffer = [0; 4];
    let text: &str = character.encode_utf8(&mut buffer);
    let encoding = charset.encoding()?;
    let (written, _, unmappable) = encoding.encode(text);
    let back = encoding.decode_without_bom_handling_and_without_replacement(&written);
    if unmappable || back.as_deref() != Some(text) {
        return None;
    }
    bytes.extend_from_slice(&written);
    Some(())
}

fn not_in_set(offset: usize, character: char, charset: Charset) -> Fault {
    Fault {
        offset,
        length: character.len_utf8(),
        kind: FaultKind::Charset,
        text: format!("{} has no {character:?}", charset.name()),
    }
}
