//! The codec through its public face: text in, records and faults out, and back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

mod acknowledgement;
mod block_cut;
mod block_form;
mod charset;
mod chinese;
mod declared_ascii;
mod declared_charset;
mod escapes;
mod hl7;
mod lis02;
mod properties;
mod samples;
mod table;

use hemogate::codec::{Fault, FaultKind, Message};

/// Kind, offset and length of each fault.
fn places(faults: &[Fault]) -> Vec<(FaultKind, usize, usize)> {
    faults.iter().map(|fault| (fault.kind, fault.offset, fault.length)).collect()
}

/// Record names of a message.
fn names<'m>(message: &'m Message<'_>) -> Vec<&'m str> {
    message.records().map(|record| record.name()).collect()
}

/// A field of the n-th record (from 0), as sent.
fn field<'m>(message: &'m Message<'_>, record: usize, number: usize) -> Option<&'m str> {
    Some(message.records().nth(record)?.field(number)?.text)
}
