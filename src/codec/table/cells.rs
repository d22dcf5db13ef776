//! Lines of a file, and the cells of a line.
//!
//! Refuses a quote that stands inside a bare cell, one that is not closed in its line, and anything
//! between a closing quote and the next separator: each could hide a separator.

use std::borrow::Cow;
use std::ops::Range;

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while};
use nom::character::complete::{char, satisfy};
use nom::combinator::recognize;
use nom::multi::many0_count;
use nom::sequence::delimited;
use nom::{IResult, Parser};

use super::{Form, Separator};
use crate::limits;

/// Marks UTF-8 at the beginning of a file.
const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// One line of a file, without its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    /// From 1, blank lines counted.
    pub(super) number: usize,
    /// Where it begins in the file.
    pub(super) start: usize,
    pub(super) text: &'t str,
}

/// The lines of a file that are not blank.
#[derive(Clone, Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    separator: Separator,
    at: usize,
    number: usize,
}

impl Line<'_> {
    pub(super) const fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The value behind `KEY:`, without padding.
    pub(super) fn after_key(&self, key: &str, separator: Separator) -> Option<Range<usize>> {
        let behind = self.text.trim_start().strip_prefix(key)?;
        let value = behind.trim_start().strip_prefix(':')?.trim_start();
        let start = self.end() - value.len();
        let value = value.trim_end_matches(|c: char| separator.is(c) || c.is_whitespace());
        Some(start..start + value.len())
    }

    /// Nothing but separators, as spreadsheets write a blank line.
    pub(super) fn is_padding(&self, separator: Separator) -> bool {
        self.text.chars().all(|c| separator.is(c) || c.is_whitespace())
    }
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, separator: Separator) -> Self {
        let at = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        Lines { text, separator, at, number: 0 }
    }

    /// The next line, left where it is.
    pub(super) fn peek(&self) -> Option<Line<'t>> {
        self.clone().next()
    }

    fn any(&mut self) -> Option<Line<'t>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr2(b'\r', b'\n', rest.as_bytes());
        let (text, behind) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        self.number += 1;
        let line = Line { number: self.number, start: self.at, text };
        let ended = if behind.starts_with("\r\n") { 2 } else { behind.len().min(1) };
        self.at = line.end() + ended;
        Some(line)
    }

    /// In a plate a line of tabulators is a row of empty wells.
    fn is_blank(&self, line: Line<'_>) -> bool {
        let separates = |c| self.separator != Separator::Blanks && self.separator.is(c);
        line.text.chars().all(|c| c.is_whitespace() && !separates(c))
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        loop {
            let line = self.any()?;
            if !self.is_blank(line) {
                return Some(line);
            }
        }
    }
}

/// The cells of a line, quotes around them left out.
pub(super) fn cut(line: Line<'_>, form: &Form) -> Result<Vec<Range<usize>>, &'static str> {
    let mut cells = Vec::new();
    let text = if form.separator == Separator::Blanks { line.text.trim_end() } else { line.text };
    let end = line.start + text.len();
    let mut rest = if form.separator == Separator::Blanks { text.trim_start() } else { text };
    loop {
        let (behind, (cell, quotes)) = cell(rest, form)?;
        let start = end - rest.len() + quotes;
        cells.push(start..start + cell.len());
        if cells.len() > limits::TABLE_COLUMNS_MAX {
            return Err("has too many cells");
        }
        rest = match between(behind, form.separator) {
            _ if behind.is_empty() => return Ok(cells),
            Ok((next, _)) => next,
            Err(_) => return Err("goes on behind a closing quote"),
        };
    }
}

/// A cell and how many bytes of quotes stand before it.
type Cell<'t> = (&'t str, usize);

fn cell<'t>(text: &'t str, form: &Form) -> Result<(&'t str, Cell<'t>), &'static str> {
    let Some(quote) = form.quote.map(char::from) else {
        let bare = bare(text, form.separator, None);
        return bare.map(|(rest, cell)| (rest, (cell, 0))).map_err(|_| "has no cell");
    };
    if text.starts_with(quote) {
        let quoted = quoted(text, quote);
        return quoted
            .map(|(rest, cell)| (rest, (cell, quote.len_utf8())))
            .map_err(|_| "has a quote that is not closed");
    }
    match bare(text, form.separator, Some(quote)) {
        Ok((rest, cell)) if !rest.starts_with(quote) => Ok((rest, (cell, 0))),
        _ => Err("has a quote inside a cell"),
    }
}

fn bare(text: &str, separator: Separator, quote: Option<char>) -> IResult<&str, &str> {
    take_while(|c| !separator.is(c) && Some(c) != quote).parse(text)
}

/// RFC 4180 2.5-2.7; but a cell ends in its line.
fn quoted(text: &str, quote: char) -> IResult<&str, &str> {
    let mark = quote.to_string();
    let doubled = mark.repeat(2);
    let content = alt((tag(doubled.as_str()), is_not(mark.as_str())));
    delimited(char(quote), recognize(many0_count(content)), char(quote)).parse(text)
}

fn between(text: &str, separator: Separator) -> IResult<&str, &str> {
    match separator {
        Separator::Blanks => {
            recognize((satisfy(|c| separator.is(c)), take_while(|c| separator.is(c)))).parse(text)
        }
        Separator::Tab | Separator::Comma | Separator::Semicolon | Separator::Bar => {
            recognize(satisfy(|c| separator.is(c))).parse(text)
        }
    }
}

/// A text inside quotes, each quote of it once.
pub(super) fn single(text: &str, quote: Option<u8>) -> Cow<'_, str> {
    match quote.map(char::from).filter(|quote| text.contains(*quote)) {
        Some(quote) => Cow::Owned(text.replace(&quote.to_string().repeat(2), &quote.to_string())),
        None => Cow::Borrowed(text),
    }
}
