//! What an analyser says about orders that it was sent (HL7: ORL^O34, ACK, QCK).
//!
//! ```text
//! MSH|..|ORL^O34^ORL_O42|..     MSA-1 AA: taken; AE: refused; AR: it does not know the specimen
//! MSA|AA|17.1
//! ORC|OK|A-1                    OK: it will run the test; UA: it will not (IHE LAW)
//! ```
//!
//! Refuses to take a code for another: one that is not known is a fault, and says nothing about
//! the order. Nothing here is a result.

use super::super::profile::Dialect;
use super::Gathered;
use crate::codec::charset::Text;
use crate::codec::{Delimiters, Message, Record};
use crate::domain::{OrderReply, OrderStanding};

/// Whether the message is a reply to one of ours.
pub(super) fn is_one(dialect: Dialect, message: &Message<'_>) -> bool {
    match dialect {
        Dialect::Lis02 | Dialect::Blocks | Dialect::Text => false,
        Dialect::Hl7 => ["ORL", "ACK", "QCK", "MCF"].contains(&kind(message)),
    }
}

/// Reads a reply.
pub(super) fn read(text: &Text<'_>, message: &Message<'_>, gathered: &mut Gathered) {
    let delimiters = message.delimiters();
    let at = |record: Record<'_>| text.offset_in_bytes(record.line().offset);
    let Some(msa) = message.records().find(|record| record.name() == "MSA") else {
        return gathered.fault(0, "a reply without MSA: it says nothing");
    };
    let code = part(msa, 1, delimiters);
    let Some(whole) = standing_of_message(code, kind(message) == "ORL") else {
        return gathered.fault(at(msa), &format!("MSA-1 is {code:?}, which is no acknowledgement"));
    };
    let words = words(message, code);
    let replies = gathered.order_replies.len();
    let records: Vec<Record<'_>> = message.records().collect();
    for (index, record) in records.iter().enumerate() {
        match record.name() {
            "ORC" => match order(*record, records.get(index + 1..), delimiters) {
                Ok(reply) => gathered.order_replies.extend(reply),
                Err(code) => {
                    let text = format!("ORC-1 is {code:?}, which says nothing about the order");
                    gathered.fault(at(*record), &text);
                }
            },
            "OBX" => gathered.fault(at(*record), "a result in a reply: it was not read"),
            _ => {}
        }
    }
    // What each order says counts more than what the message says, unless it refuses all.
    if gathered.order_replies.len() == replies || whole != OrderStanding::Delivered {
        gathered.order_replies.push(OrderReply { order_id: None, standing: whole, text: words });
    }
}

/// MSA-1 (table 0008). IHE LAW: AR to an OML^O33 means that the specimen is not known.
fn standing_of_message(code: &str, orders: bool) -> Option<OrderStanding> {
    Some(match code {
        "AA" | "CA" => OrderStanding::Delivered,
        "AR" if orders => OrderStanding::UnknownSpecimen,
        "AE" | "AR" | "CE" | "CR" => OrderStanding::Refused,
        _ => return None,
    })
}

/// One order's standing; `None` where it names no order (the answer to "no work"). The order's id
/// stands in ORC-2, or in OBR-2 of the segment that belongs to it.
fn order(
    record: Record<'_>,
    behind: Option<&[Record<'_>]>,
    delimiters: &Delimiters,
) -> Result<Option<OrderReply>, String> {
    let code = part(record, 1, delimiters);
    let standing = match code {
        "OK" => OrderStanding::Accepted,
        // CR: cancelled as requested: it will not run. UC: too late to cancel: it will.
        "UA" | "CR" => OrderStanding::Refused,
        "UC" => OrderStanding::Accepted,
        "DC" => return Ok(None),
        _ => return Err(code.to_owned()),
    };
    let own = |record: &&Record<'_>| record.name() != "ORC";
    let mut behind = behind.unwrap_or_default().iter().take_while(own);
    let of_obr =
        || behind.find(|record| record.name() == "OBR").map(|obr| part(*obr, 2, delimiters));
    let is_id = |id: &&str| !id.is_empty() && *id != "\"\"";
    let id = Some(part(record, 2, delimiters)).filter(is_id).or_else(of_obr).filter(is_id);
    let text = format!("ORC-1 {code}");
    Ok(id.map(|id| OrderReply { order_id: Some(id.to_owned()), standing, text }))
}

/// What it says in its own words: MSA-3, or the error codes of ERR (never its user text).
fn words(message: &Message<'_>, code: &str) -> String {
    let delimiters = message.delimiters();
    let mut words = format!("MSA-1 {code}");
    for error in message.records().filter(|record| record.name() == "ERR") {
        let number = part(error, 3, delimiters);
        if !number.is_empty() {
            words = format!("{words}, ERR-3 {number}");
        }
    }
    words
}

fn kind<'m>(message: &'m Message<'_>) -> &'m str {
    let header = message.records().next();
    header.map_or("", |header| part(header, 9, message.delimiters()))
}

/// The first component of a field.
fn part<'m>(record: Record<'m>, field: usize, delimiters: &Delimiters) -> &'m str {
    let piece = record.field(field).and_then(|field| field.component(delimiters, 1));
    piece.map_or("", |piece| piece.text.trim())
}
