//! What stands in a file beside the cells of its records: keys, titles, separators, quotes, the
//! line behind the table, and wells that hold nothing. Of a file that was refused there are no
//! records: nothing in it counts as understood.

use std::ops::Range;

use super::super::super::explain::Became;
use super::sheet::Span;
use crate::codec::table::{Body, Form};

/// The cells in the order of the file, and between them everything else.
pub(super) fn whole(form: &Form, text: &str, mut cells: Vec<Span>) -> Vec<Span> {
    cells.sort_by_key(|cell| cell.range.start);
    let (is_read, mut spans, mut at) = (!cells.is_empty(), Vec::new(), 0);
    for cell in cells.into_iter().filter(|cell| cell.range.end <= text.len()) {
        // No byte stands in two cells.
        if cell.range.start >= at {
            between(form, text, at..cell.range.start, is_read, &mut spans);
            at = cell.range.end;
            spans.push(cell);
        }
    }
    between(form, text, at..text.len(), is_read, &mut spans);
    spans
}

fn between(form: &Form, text: &str, gap: Range<usize>, is_read: bool, spans: &mut Vec<Span>) {
    let mut at = gap.start;
    while let Some(rest) = text.get(at..gap.end).filter(|rest| !rest.is_empty()) {
        let is_delimiter = |c: char| is_delimiter(form, c);
        let marks = rest.find(|c| !is_delimiter(c)).unwrap_or(rest.len());
        let (length, became) = match marks {
            0 => word(form, rest, is_read),
            marks => (marks, Became::Structure("delimiter")),
        };
        let range = at..at + length;
        at = range.end;
        spans.push(Span { range, place: String::new(), is_shown: true, became });
    }
}

/// What stands between two cells, or around one.
fn is_delimiter(form: &Form, character: char) -> bool {
    let is_quote = form.quote.map(char::from) == Some(character);
    is_quote || form.separator.is(character) || character.is_whitespace() || character == '\u{feff}'
}

/// A word that the form has, or all up to the next delimiter.
fn word(form: &Form, rest: &str, is_read: bool) -> (usize, Became) {
    if !is_read {
        let line = rest.find(['\r', '\n']).unwrap_or(rest.len());
        return (line, unknown());
    }
    let (titles, is_plate) = match &form.body {
        Body::Rows { columns, .. } => (columns, false),
        Body::Plate { blocks, .. } => (blocks, true),
    };
    let named = |names: &[String], word| longest(form, names, rest).map(|length| (length, word));
    let end = form.end.as_slice();
    let known = named(end, "end of the file")
        .or_else(|| named(titles, "title"))
        .or_else(|| named(&form.head, "key"));
    if let Some((length, word)) = known {
        return (length, Became::Structure(word));
    }
    let length = rest.find(|c| is_delimiter(form, c)).unwrap_or(rest.len());
    let became = if is_plate { Became::Structure("an empty well") } else { unknown() };
    (length, became)
}

/// The longest of the names that stands here, and the colon behind a key.
fn longest(form: &Form, names: &[String], rest: &str) -> Option<usize> {
    let ends = |tail: &str| tail.chars().next().is_none_or(|c| c == ':' || is_delimiter(form, c));
    let fits = |name: &&String| rest.strip_prefix(name.as_str()).is_some_and(ends);
    let name = names.iter().filter(fits).max_by_key(|name| name.len())?;
    let colon = rest.get(name.len()..).is_some_and(|tail| tail.starts_with(':'));
    Some(name.len() + usize::from(colon))
}

fn unknown() -> Became {
    Became::Unaccounted("stands outside of every record".to_owned())
}
