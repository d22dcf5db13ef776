//! What an analyser says of orders, laid out: of its segments only what the reader looks at.

use super::super::super::explain::Became;
use super::{Sheet, blank, mapped, trimmed};
use crate::codec::{Message, Piece, Record};

/// Lays out every segment of the reply.
pub(super) fn lay_out(message: &Message<'_>, sheet: &mut Sheet<'_>) {
    sheet.begin_message();
    for record in message.records() {
        sheet.begin(record);
        match record.name() {
            "OBX" => {
                let why = "a result in a reply: it was not read".to_owned();
                sheet.fields(record, &Became::Unaccounted(why));
            }
            _ => {
                for (number, piece) in record.fields() {
                    let place = sheet.field_place(number);
                    sheet.put(piece, place, became(record, number, piece));
                }
            }
        }
        sheet.end(record);
    }
}

fn became(record: Record<'_>, number: usize, piece: Piece<'_>) -> Became {
    if trimmed(&piece).is_empty() || piece.text == "\"\"" {
        return blank(piece.text);
    }
    match (record.name(), number) {
        ("MSH", 1 | 2) => Became::Structure("delimiters"),
        ("MSH", 9) => mapped("kind of message", None),
        ("MSA", 1) => mapped("acknowledgement", None),
        // The link credits the reply to what we sent by it.
        ("MSA", 2) => mapped("control id of what it answers", None),
        ("ORC", 1) => mapped("order status", None),
        ("ORC" | "OBR", 2) => mapped("order id", None),
        ("ERR", 3) => mapped("error", None),
        _ => Became::Ignored("says nothing about how an order stands".to_owned()),
    }
}
