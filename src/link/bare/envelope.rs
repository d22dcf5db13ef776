//! What stands around a message, and how a message is written into it.
//!
//! Exists so that the machine can be told which of the two forms an analyser uses. It refuses
//! text that its own envelope characters would cut.

use crate::codec::lis01::{CR, ETX, STX};

/// What stands around records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Envelope {
    /// Nothing: a message ends with the CR of its L record.
    None,
    /// STX before and ETX after one or several records, no number and no checksum: a message ends
    /// with the ETX that follows its L record.
    StxEtx,
}

impl Envelope {
    /// The message as it goes over the line; `None` where the line could not carry it whole.
    pub(super) fn wrap(self, message: Vec<u8>) -> Option<Vec<u8>> {
        let mut text = message;
        match self {
            Envelope::None => {
                if text.last() != Some(&CR) {
                    text.push(CR);
                }
                Some(text)
            }
            Envelope::StxEtx if memchr::memchr2(STX, ETX, &text).is_some() => None,
            Envelope::StxEtx => {
                text.insert(0, STX);
                text.push(ETX);
                Some(text)
            }
        }
    }
}
