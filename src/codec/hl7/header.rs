//! MSH before its character set is known.
//!
//! MSH-18 names the character set, but to find the eighteenth field one must know where fields
//! end, and the fields before it may hold characters whose second byte is `|`. What is certain:
//! no supported set has CR or LF inside a character, so the segment itself is found in the bytes.
//! The segment is then read once in each way that its bytes can be cut into characters (one byte
//! a character or UTF-8; GB 18030; Big5; Shift-JIS). Of these readings only those are kept, if
//! there are any, in which MSH-12 is a version number of HL7 v2: in the others the fields have
//! shifted. Among them a declaration counts where it agrees with the reading that found it
//! (`GB 18030-2000` counts in the GB 18030 reading only), and one without undecodable bytes goes
//! before one with. If none agrees, the value counts on which all readings that are left agree.

use std::borrow::Cow;

use memchr::memchr2;

use crate::codec::Piece;
use crate::codec::charset::{Charset, Text};
use crate::limits::HL7_HEADER_MAX;

use super::read::usable;

/// The ways to cut bytes into characters; the first stands for all that split like ASCII.
const READINGS: [Charset; 4] =
    [Charset::Iso8859(1), Charset::Gb18030, Charset::Big5, Charset::ShiftJis];

/// Which character set the messages of one analyser are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Charsets {
    /// Where MSH-18 is empty.
    pub usual: Charset,
    /// Also where MSH-18 says ASCII: analysers sold in China send GBK and say so.
    pub despite_ascii: bool,
}

impl Default for Charsets {
    fn default() -> Charsets {
        Charsets { usual: Charset::Ascii, despite_ascii: false }
    }
}

impl Charsets {
    /// The character set of these bytes.
    ///
    /// # Errors
    /// As [`declared_charset`].
    pub fn of(self, bytes: &[u8]) -> Result<Charset, String> {
        Ok(match declared_charset(bytes)? {
            None => self.usual,
            Some(Charset::Ascii) if self.despite_ascii => self.usual,
            Some(declared) => declared,
        })
    }
}

/// The character set that MSH-18 of these bytes declares (read as bytes, before decoding);
/// `None` where MSH-18 is empty or there is no MSH, `Err` with the value where it is not known.
/// Of several sets (repeats) the first counts. Several headers must agree.
///
/// # Errors
/// A value of MSH-18 that is not in table 0211 or not supported, that can't be told from another
/// one, or that differs from that of an earlier header; or a header that is too long.
pub fn declared_charset(bytes: &[u8]) -> Result<Option<Charset>, String> {
    let mut declarations = headers(bytes).map(declaration);
    let Some(first) = declarations.next() else { return Ok(None) };
    let first = first?;
    for other in declarations {
        let other = other?;
        if other != first {
            return Err(other.map_or_else(|| "(empty)".to_owned(), Charset::name));
        }
    }
    Ok(first)
}

/// The MSH segments of these bytes, without their terminators.
pub(super) fn headers(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let whole = rest.take()?;
        let end = memchr2(b'\r', b'\n', whole).unwrap_or(whole.len());
        let (line, after) = whole.split_at_checked(end)?;
        rest = after.get(1..);
        Some(line)
    })
    .filter(|line| line.starts_with(b"MSH"))
}

fn declaration(header: &[u8]) -> Result<Option<Charset>, String> {
    if header.len() > HL7_HEADER_MAX {
        return Err(format!("(header longer than {HL7_HEADER_MAX} bytes)"));
    }
    if header.is_ascii() {
        return known(Reading::new(header, Charset::Ascii).declared);
    }
    let mut readings = READINGS.map(|cut| Reading::new(header, cut)).to_vec();
    if readings.iter().any(|reading| reading.plausible) {
        readings.retain(|reading| reading.plausible);
    }
    for undecodable in [false, true] {
        let agreeing = |reading: &Reading| reading.agreed(header, undecodable);
        match readings.iter().filter_map(agreeing).collect::<Vec<_>>().as_slice() {
            [] => {}
            [declared] => return Ok(Some(*declared)),
            several => {
                return Err(several.iter().map(|set| set.name()).collect::<Vec<_>>().join(" or "));
            }
        }
    }
    let mut values: Vec<String> = readings.into_iter().map(|reading| reading.declared).collect();
    values.dedup();
    if values.len() > 1 { Err(values.join(" or ")) } else { known(values.concat()) }
}

/// The character set to cut this header with: the one it declares, or else the first in which
/// MSH-12 is a version number, or else any that splits like ASCII.
pub(super) fn cut(header: &[u8], declared: Option<Charset>) -> Charset {
    let plausible = |cut: &Charset| Reading::new(header, *cut).plausible;
    declared.or_else(|| READINGS.into_iter().find(plausible)).unwrap_or(Charset::Iso8859(1))
}

/// A header read as if in one character set.
#[derive(Clone, Debug)]
struct Reading {
    cut: Charset,
    /// MSH-18, its first repeat.
    declared: String,
    /// MSH-12 is a version number.
    plausible: bool,
}

impl Reading {
    fn new(header: &[u8], cut: Charset) -> Reading {
        let text = Text::decode(header, cut);
        let (declared, version) = declared_and_version(text.as_str()).unwrap_or_default();
        let plausible = version.trim_start().starts_with("2.");
        Reading { cut, declared: declared.trim().to_owned(), plausible }
    }

    /// The declared set, if this reading is made with its cuts.
    fn agreed(&self, header: &[u8], undecodable: bool) -> Option<Charset> {
        let declared = Charset::from_table_0211(&self.declared)?;
        let same_cuts = !self.declared.is_empty() && cut_like(declared) == self.cut;
        let clean = same_cuts && Text::decode(header, declared).faults().is_empty();
        (same_cuts && clean != undecodable).then_some(declared)
    }
}

/// MSH-18 and MSH-12. The separator itself is MSH-1, so that one field fewer is before each.
fn declared_and_version(header: &str) -> Option<(Cow<'_, str>, &str)> {
    let delimiters = usable(header)?;
    let mut fields = header.split(char::from(delimiters.field)).skip(11);
    let version = fields.next()?;
    let Some(text) = fields.nth(5) else { return Some((Cow::Borrowed(""), version)) };
    let first = Piece { text, offset: 0 }.repeats(&delimiters).next()?;
    Some((first.unescaped(&delimiters).unwrap_or(Cow::Borrowed(first.text)), version))
}

/// The reading whose cuts are those of this set.
fn cut_like(charset: Charset) -> Charset {
    match charset {
        Charset::Ascii | Charset::Iso8859(_) | Charset::Utf8 => Charset::Iso8859(1),
        Charset::Gb18030 | Charset::Gbk => Charset::Gb18030,
        Charset::Big5 => Charset::Big5,
        Charset::ShiftJis => Charset::ShiftJis,
    }
}

fn known(value: String) -> Result<Option<Charset>, String> {
    if value.is_empty() {
        return Ok(None);
    }
    Charset::from_table_0211(&value).map(Some).ok_or(value)
}
