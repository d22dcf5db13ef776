//! Escape sequences of LIS02-A2 5.4.5.1 and HL7 v2.5.1 2.7, both ways.
//!
//! Senders of LIS02 often forget to escape (`Type && Screen`), so there an escape character that
//! opens no known sequence is literal. In HL7 a pair around something unknown is a fault, because
//! it may be a switch of the character set, and only an unpaired one is literal.

use std::borrow::Cow;

use memchr::memchr;
use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_till, take_while_m_n};
use nom::character::complete::{char, satisfy};
use nom::combinator::{all_consuming, map, map_opt, opt, rest, value};
use nom::multi::many1;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::{Delimiters, Escapes, Fault, FaultKind, Piece, excerpt};

/// What one escape sequence stands for.
#[derive(Clone, Debug, PartialEq)]
enum Meaning {
    /// This text (empty for highlighting).
    Text(Cow<'static, str>),
    /// A delimiter.
    Delimiter(char),
    /// No sequence: the escape character is literal.
    Literal,
    /// A sequence whose meaning is not known.
    Unknown,
}

/// Resolves the escapes of a piece.
pub(super) fn resolve<'t>(
    piece: Piece<'t>,
    delimiters: &Delimiters,
) -> Result<Cow<'t, str>, Fault> {
    let Some(first) = memchr(delimiters.escape, piece.text.as_bytes()) else {
        return Ok(Cow::Borrowed(piece.text));
    };
    if delimiters.escapes == Escapes::Doubled {
        let quote = char::from(delimiters.escape);
        let doubled = String::from_iter([quote, quote]);
        return Ok(Cow::Owned(piece.text.replace(&doubled, &quote.to_string())));
    }
    let (head, mut left) = piece.text.split_at_checked(first).unwrap_or((piece.text, ""));
    let mut out = String::with_capacity(piece.text.len());
    out.push_str(head);
    while !left.is_empty() {
        let offset = piece.offset + piece.text.len() - left.len();
        left = step(left, offset, delimiters, &mut out)?;
    }
    Ok(Cow::Owned(out))
}

/// Resolves what stands at the front of `left` and returns what follows it.
fn step<'t>(
    left: &'t str,
    offset: usize,
    delimiters: &Delimiters,
    out: &mut String,
) -> Result<&'t str, Fault> {
    let escape = char::from(delimiters.escape);
    let Some(after) = left.strip_prefix(escape) else {
        let end = memchr(delimiters.escape, left.as_bytes()).unwrap_or(left.len());
        let (plain, next) = left.split_at_checked(end).unwrap_or((left, ""));
        out.push_str(plain);
        return Ok(next);
    };
    let (next, meaning) = sequence(left, delimiters).unwrap_or((after, Meaning::Literal));
    match meaning {
        Meaning::Text(text) => out.push_str(&text),
        Meaning::Delimiter(delimiter) => out.push(delimiter),
        Meaning::Literal => {
            out.push(escape);
            return Ok(after);
        }
        Meaning::Unknown => return Err(unknown(left, next, offset)),
    }
    Ok(next)
}

fn unknown(left: &str, next: &str, offset: usize) -> Fault {
    let length = left.len() - next.len();
    let quoted = excerpt(left.get(..length).unwrap_or_default());
    let text = format!("escape sequence {quoted} is not known");
    Fault { offset, length, kind: FaultKind::Escape, text }
}

/// One sequence with both escape characters around it.
fn sequence<'t>(input: &'t str, delimiters: &Delimiters) -> IResult<&'t str, Meaning> {
    let escape = char::from(delimiters.escape);
    let (next, body) =
        delimited(char(escape), take_till(|c| c == escape), char(escape)).parse(input)?;
    let meaning = all_consuming(alt((
        |body| delimiter(body, delimiters),
        value(Meaning::Text(Cow::Borrowed("")), satisfy(|c| matches!(c, 'H' | 'N'))),
        map(preceded(char('X'), hexadecimal), |text| Meaning::Text(Cow::Owned(text))),
        map(preceded(char('Z'), rest), local),
        |body| formatting(body, delimiters.escapes),
    )))
    .parse(body);
    let otherwise = match delimiters.escapes {
        Escapes::Lis02 | Escapes::None | Escapes::Doubled => Meaning::Literal,
        Escapes::Hl7 => Meaning::Unknown,
    };
    Ok((next, meaning.map_or(otherwise, |(_, meaning)| meaning)))
}

/// `F`, `S`, `T` (HL7), `R`, `E`.
fn delimiter<'b>(body: &'b str, delimiters: &Delimiters) -> IResult<&'b str, Meaning> {
    let of = |letter| match letter {
        'F' => Some(delimiters.field),
        'S' => Some(delimiters.component),
        'T' => delimiters.subcomponent,
        'R' => Some(delimiters.repeat),
        'E' => Some(delimiters.escape),
        _ => None,
    };
    let any = satisfy(|c| c.is_ascii_uppercase());
    map_opt(any, |letter| of(letter).map(|byte| Meaning::Delimiter(char::from(byte)))).parse(body)
}

/// A local sequence: nothing if it is empty, otherwise unknown.
fn local(body: &str) -> Meaning {
    if body.is_empty() { Meaning::Text(Cow::Borrowed("")) } else { Meaning::Unknown }
}

/// Pairs of hexadecimal digits as the text that their bytes are.
fn hexadecimal(body: &str) -> IResult<&str, String> {
    let pair = map_opt(take(2usize), |pair: &str| {
        let digits = pair.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| u8::from_str_radix(pair, 16).ok()).flatten()
    });
    map(many1(pair), |bytes| match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(fault) => fault.as_bytes().iter().copied().map(char::from).collect(),
    })
    .parse(body)
}

/// Formatting commands of HL7 FT text: breaks become line feeds, indents and filling nothing.
fn formatting(body: &str, escapes: Escapes) -> IResult<&str, Meaning> {
    let text = match escapes {
        Escapes::Lis02 | Escapes::None | Escapes::Doubled => nom::combinator::fail().parse(body),
        Escapes::Hl7 => preceded(char('.'), command).parse(body),
    };
    text.map(|(next, text)| (next, Meaning::Text(Cow::Owned(text))))
}

fn command(body: &str) -> IResult<&str, String> {
    let silent = (alt((tag("in"), tag("ti"))), opt(satisfy(|c| c == '+' || c == '-')), count);
    alt((
        value("\n".to_owned(), alt((tag("br"), tag("ce")))),
        map(preceded(tag("sp"), count), |lines| "\n".repeat(lines.unwrap_or(1))),
        map(preceded(tag("sk"), count), |blanks| " ".repeat(blanks.unwrap_or(1))),
        value(String::new(), alt((tag("fi"), tag("nf")))),
        value(String::new(), silent),
    ))
    .parse(body)
}

/// At most two digits, so that a command can't ask for a gigabyte of blanks.
fn count(body: &str) -> IResult<&str, Option<usize>> {
    let digits = take_while_m_n(1, 2, |c: char| c.is_ascii_digit());
    opt(map_opt(preceded(opt(char(' ')), digits), |digits: &str| digits.parse().ok())).parse(body)
}

/// Writes text with delimiters and control characters escaped.
pub(super) fn write(text: &str, delimiters: &Delimiters) -> String {
    if delimiters.escapes == Escapes::Doubled {
        let quote = char::from(delimiters.escape);
        return text.replace(quote, &String::from_iter([quote, quote]));
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        let letter = u8::try_from(character).ok().and_then(|byte| letter(byte, delimiters));
        match letter {
            Some(letter) => push(&mut out, delimiters, letter),
            None if character.is_ascii_control() => {
                push(&mut out, delimiters, &format!("X{:02X}", u32::from(character)));
            }
            None => out.push(character),
        }
    }
    out
}

fn letter(byte: u8, delimiters: &Delimiters) -> Option<&'static str> {
    match byte {
        byte if byte == delimiters.escape => Some("E"),
        byte if byte == delimiters.field => Some("F"),
        byte if byte == delimiters.component => Some("S"),
        byte if byte == delimiters.repeat => Some("R"),
        byte if Some(byte) == delimiters.subcomponent => Some("T"),
        _ => None,
    }
}

fn push(out: &mut String, delimiters: &Delimiters, body: &str) {
    out.push(char::from(delimiters.escape));
    out.push_str(body);
    out.push(char::from(delimiters.escape));
}
