//! One message, every byte with what became of it. The messages are told apart as the reader does
//! it; results, queries and replies are laid out each in a file of its own.

mod meaning;
mod means;
mod reply;
mod report;
mod results;
mod sheet;
mod table;

use super::super::explain::{Became, Explained};
use super::super::profile::tables::Condition;
use super::super::profile::{Dialect, MessageType};
use super::super::{Analyser, MessageReading};
use super::{charset, context, is_query, query, read, transmission};
use crate::codec::charset::Text;
use crate::codec::{Message, Piece, Record};
pub(super) use sheet::Sheet;

/// What became of every byte.
pub(in crate::analyser) fn explain(analyser: &Analyser, bytes: &[u8]) -> Vec<Explained> {
    let reading = read(analyser, bytes);
    let Ok(charset) = charset(analyser, bytes) else { return unreadable(bytes, &reading) };
    let text = Text::decode(bytes, charset);
    let transmission = transmission(&analyser.profile, &text);
    let mut sheet = Sheet::new(&analyser.profile, text.as_str());
    for message in &transmission.messages {
        lay_out(analyser, &text, message, &reading, &mut sheet);
    }
    let mut explained = sheet.finish(&text);
    report::paint(&mut explained, bytes, &text, &transmission.faults);
    report::lay_on(&mut explained, &reading);
    explained
}

/// A character set that is not known: nothing could be told apart.
fn unreadable(bytes: &[u8], reading: &MessageReading) -> Vec<Explained> {
    let why = reading.faults.first().map(|fault| fault.text.clone()).unwrap_or_default();
    let whole = Explained {
        range: 0..bytes.len(),
        place: String::new(),
        text: None,
        became: Became::Unaccounted(why),
        doubts: Vec::new(),
    };
    if bytes.is_empty() { Vec::new() } else { vec![whole] }
}

fn lay_out(
    analyser: &Analyser,
    text: &Text<'_>,
    message: &Message<'_>,
    reading: &MessageReading,
    sheet: &mut Sheet<'_>,
) {
    let delimiters = message.delimiters();
    let Some(header) = message.records().next() else { return };
    let at = text.offset_in_bytes(header.line().offset);
    let refused = || reading.faults.iter().find(|fault| fault.offset == at);
    let refused = || refused().map_or(String::new(), |fault| fault.text.clone());
    if is_query(&analyser.profile, message) {
        if !query::explain(analyser, text, message, sheet) {
            whole(message, &Became::Unaccounted(refused()), sheet);
        }
        return;
    }
    if super::reply::is_one(analyser.profile.dialect(), message) {
        return reply::lay_out(message, sheet);
    }
    let holds = |condition: &Condition| context::holds(condition, header, delimiters);
    match analyser.profile.message_type(holds) {
        MessageType::Results(layout) => {
            results::lay_out(analyser, layout, text, message, sheet);
        }
        MessageType::Nothing(why) => whole(message, &Became::Ignored(why.to_owned()), sheet),
        MessageType::Unknown => whole(message, &Became::Unaccounted(refused()), sheet),
    }
}

/// A message of which nothing but its structure was looked at.
fn whole(message: &Message<'_>, became: &Became, sheet: &mut Sheet<'_>) {
    for record in message.records() {
        sheet.begin(record);
        sheet.fields(record, became);
        sheet.end(record);
    }
}

/// Nothing but padding, or HL7's word for no value.
pub(in crate::analyser::reading) fn blank(text: &str) -> Became {
    Became::Structure(if text.starts_with('"') { "no value" } else { "padding" })
}

/// The words for a field that only holds the structure together.
pub(in crate::analyser::reading) fn structure(
    dialect: Dialect,
    record: Record<'_>,
    field: usize,
) -> Became {
    Became::Structure(match (dialect, record.name(), field) {
        (Dialect::Lis02, "H", 2) | (Dialect::Hl7, "MSH", _) => "delimiters",
        (Dialect::Lis02, "L", 3) => "how the message ended",
        (_, _, _) => "number of the record",
    })
}

/// A mapped piece.
pub(in crate::analyser::reading) fn mapped(role: &str, meaning: Option<String>) -> Became {
    Became::Mapped { role: role.to_owned(), meaning }
}

/// A piece without the blanks around it.
fn trimmed<'p>(piece: &Piece<'p>) -> &'p str {
    piece.text.trim()
}
