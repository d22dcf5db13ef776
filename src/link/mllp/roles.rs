//! Who may do what on an MLLP connection.

use crate::codec::hl7::{Charsets, answered};

/// Decides which blocks answer messages of ours.
pub trait Role: Send {
    /// Whether this block is an answer; if not, it is a request.
    fn is_answer(block: &[u8], charsets: Charsets) -> bool;
}

/// A role in which messages of our own are sent.
pub trait SendingRole: Role {}

/// Every block is a request: a receiver, and the reader of recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReceiveOnly;

/// Every block is an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SendOnly;

/// The block itself says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BothWays;

impl Role for ReceiveOnly {
    fn is_answer(_block: &[u8], _charsets: Charsets) -> bool {
        false
    }
}

impl Role for SendOnly {
    fn is_answer(_block: &[u8], _charsets: Charsets) -> bool {
        true
    }
}

impl Role for BothWays {
    fn is_answer(block: &[u8], charsets: Charsets) -> bool {
        answered(block, charsets).is_some()
    }
}

impl SendingRole for SendOnly {}

impl SendingRole for BothWays {}
