//! Writing what [`read`] reads.
//!
//! Refuses what would not come back as it is: a cell that cannot be quoted, a first row that looks
//! like a head line, a row of nothing.

use thiserror::Error;

use super::plate::name;
use super::{Body, Form, HEAD, ROW, Separator, read};

/// Why something cannot be written in a form.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unwritable {
    /// The number of values, fields or wells is not that of the form.
    #[error("{what}: {found} are given, {wanted} have a place")]
    Count {
        /// Of what.
        what: &'static str,
        /// So many were given.
        found: usize,
        /// So many the form has.
        wanted: usize,
    },
    /// It would be read as something else.
    #[error("it would not be read as it was written")]
    Ambiguous,
}

/// Writes a file: the values of its head lines, and for each row or well the fields in the order of
/// the form's columns or blocks. Wells are filled from A1 on, row after row; the rest stays empty.
///
/// # Errors
/// What the form cannot hold.
pub fn write(form: &Form, head: &[String], records: &[Vec<String>]) -> Result<String, Unwritable> {
    counted("values of head lines", head.len(), form.head.len())?;
    let wells = filled(form, records)?;
    let mut text = String::new();
    for (key, value) in form.head.iter().zip(head) {
        text += &format!("{key}: {value}{LINE_END}");
    }
    match &form.body {
        Body::Rows { columns, titled } => {
            if *titled {
                push_line(&mut text, form, columns);
            }
            records.iter().for_each(|record| push_line(&mut text, form, record));
        }
        Body::Plate { columns, blocks, .. } => {
            for (number, title) in blocks.iter().enumerate() {
                push_line(&mut text, form, std::slice::from_ref(title));
                let cells: Vec<String> = wells
                    .iter()
                    .map(|well| well.get(number).cloned().unwrap_or_default())
                    .collect();
                cells.chunks((*columns).max(1)).for_each(|row| push_line(&mut text, form, row));
            }
        }
    }
    if let Some(end) = &form.end {
        text += &format!("{end}{LINE_END}");
    }
    let expected = wells.into_iter().filter(|well| is_there(form, well)).collect::<Vec<_>>();
    match reads_as(&text, form, head, &expected) {
        true => Ok(text),
        false => Err(Unwritable::Ambiguous),
    }
}

const LINE_END: &str = "\r\n";

fn counted(what: &'static str, found: usize, wanted: usize) -> Result<(), Unwritable> {
    if found == wanted { Ok(()) } else { Err(Unwritable::Count { what, found, wanted }) }
}

/// The records, in a plate with the empty wells behind them and every well named.
fn filled(form: &Form, records: &[Vec<String>]) -> Result<Vec<Vec<String>>, Unwritable> {
    let (Body::Rows { columns: fields, .. } | Body::Plate { blocks: fields, .. }) = &form.body;
    for record in records {
        counted("fields", record.len(), fields.len())?;
    }
    let Body::Plate { rows, columns, positions, .. } = &form.body else {
        return Ok(records.to_vec());
    };
    let places = rows * columns;
    if records.len() > places {
        return counted("wells", records.len(), places).map(|()| Vec::new());
    }
    let mut wells = records.to_vec();
    wells.resize(places, vec![String::new(); fields.len()]);
    for (at, well) in wells.iter_mut().enumerate() {
        let cell = positions.and_then(|number| well.get_mut(number.checked_sub(1)?));
        if let Some(cell) = cell {
            *cell = name(at / (*columns).max(1), at % (*columns).max(1) + 1);
        }
    }
    Ok(wells)
}

/// Whether a record is read, or holds nothing.
fn is_there(form: &Form, record: &[String]) -> bool {
    let Body::Plate { filled, .. } = &form.body else { return true };
    let cell = |number: &usize| record.get(number.checked_sub(1)?);
    filled.iter().filter_map(cell).any(|cell| !cell.trim().is_empty())
}

fn push_line(text: &mut String, form: &Form, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell, form)).collect();
    *text += &cells.join(&form.separator.written().to_string());
    *text += LINE_END;
}

fn quoted(cell: &str, form: &Form) -> String {
    let Some(quote) = form.quote.map(char::from) else { return cell.to_owned() };
    let is_hidden = form.separator == Separator::Blanks && cell.is_empty();
    let odd = |c: char| c == quote || form.separator.is(c);
    if !is_hidden && !cell.contains(odd) {
        return cell.to_owned();
    }
    let mark = quote.to_string();
    format!("{mark}{}{mark}", cell.replace(quote, &mark.repeat(2)))
}

/// Whether a text is read as exactly this.
fn reads_as(text: &str, form: &Form, head: &[String], records: &[Vec<String>]) -> bool {
    let read = read(text, form);
    if !read.faults.is_empty() {
        return false;
    }
    let found = |name: &str| -> Vec<Vec<String>> {
        let named = read.messages.iter().flat_map(|message| {
            let records = message.records().filter(|record| record.name() == name);
            records.map(|record| {
                let fields = record.fields().map(|(_, piece)| piece);
                let text = fields.map(|piece| piece.unescaped(message.delimiters()));
                text.map(|text| text.map_or_else(|_| String::new(), |text| text.into_owned()))
                    .collect()
            })
        });
        named.collect()
    };
    let head_is_right = found(HEAD).first().map_or(head.is_empty(), |found| found == head);
    head_is_right && found(ROW) == records
}
