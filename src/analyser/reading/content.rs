//! What a message says, without what changes when it is sent again.

use sha2::{Digest, Sha256};

use super::super::profile::Dialect;
use crate::codec::{Message, Record};

/// Key and body of everything delivered at once.
pub(super) struct Content {
    pub(super) key: [u8; 32],
    pub(super) body: Vec<u8>,
}

/// HL7: message time and control id (MSH-7, MSH-10) change with each sending.
const CHANGING: [usize; 2] = [7, 10];
/// LIS02: of the header only the delimiters and the processing id change what the rest means.
const KEPT: [usize; 2] = [2, 12];

impl Content {
    /// The content of readable messages. The body is every record after the header with a CR
    /// between two, so that the body of a cut transfer is a beginning of the whole one's.
    pub(super) fn of(messages: &[Message<'_>], dialect: Dialect) -> Content {
        let mut hash = Sha256::new();
        let mut header_says = Vec::with_capacity(HEADER_BYTES);
        let mut body =
            Vec::with_capacity(messages.iter().map(|message| message.text().len()).sum());
        for message in messages {
            let mut records = message.records();
            header_says.clear();
            if let Some(header) = records.next() {
                append_header(&mut header_says, header, dialect);
            }
            for record in records {
                if !body.is_empty() {
                    body.push(b'\r');
                }
                body.extend_from_slice(record.line().text.as_bytes());
            }
            header_says.push(0);
            hash.update(&header_says);
        }
        hash.update(&body);
        Content { key: hash.finalize().into(), body }
    }

    /// The content of bytes that could not be read, or of which every one counts.
    pub(super) fn of_raw(bytes: &[u8]) -> Content {
        Content { key: Sha256::digest(bytes).into(), body: bytes.to_vec() }
    }
}

/// What most headers say fits into.
const HEADER_BYTES: usize = 256;

fn append_header(says: &mut Vec<u8>, header: Record<'_>, dialect: Dialect) {
    for (number, field) in header.fields() {
        let counts = match dialect {
            Dialect::Lis02 => KEPT.contains(&number),
            Dialect::Hl7 => !CHANGING.contains(&number),
            // Never asked: nothing in such a text or file changes when it is sent again.
            Dialect::Blocks | Dialect::Text => true,
        };
        if counts && !field.is_empty() {
            says.extend_from_slice(&number.to_be_bytes());
            says.extend_from_slice(field.text.as_bytes());
            says.push(0);
        }
    }
}
