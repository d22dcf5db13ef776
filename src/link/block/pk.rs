//! Beckman PK7300 and PK7400 (blood grouping).
//!
//! What is known: one transmission of a PK7300 (SB, M, QR, QD, DB, `D `, DE in blocks of STX text
//! ETX BCC; all seven BCCs hold as the XOR of everything behind STX), and what a program that reads
//! them does. What is not: whether texts are answered (the program answers none; the same maker's
//! AU analysers have both classes), and every time: those of the AU are taken.

use std::time::Duration;

use super::{Continuation, Exchange, Manners, Numbering, Role, au};
use crate::codec::block::Form;
use crate::limits;

/// What an analyser's parameters can change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// What surrounds a text.
    pub form: Form,
    /// Longest text, in bytes.
    pub text_max: usize,
    /// Whether texts are answered with ACK and NAK.
    pub acknowledged: bool,
    /// Texts that only mark begin and end.
    pub markers: Vec<Vec<u8>>,
    /// Texts that may go on over several blocks.
    pub continuations: Vec<Continuation>,
    /// A reply is not sent sooner after a text.
    pub reply_after: Duration,
    /// A reply is not sent later after a text.
    pub reply_within: Duration,
}

impl Default for Settings {
    /// The header of a D record is 53 bytes before its block number, that of QR and QD 20: counted
    /// in the one transmission, where each has the mark of a last block there.
    fn default() -> Settings {
        let code = |code: &[u8; 2], header| Continuation { code: code.to_vec(), header };
        Settings {
            form: Form::STX_ETX_BCC,
            text_max: limits::BLOCK_TEXT_MAX,
            acknowledged: true,
            markers: [b"SB", b"DB", b"DE"].map(|code| code.to_vec()).to_vec(),
            continuations: vec![code(b"D ", 53), code(b"QR", 20), code(b"QD", 20)],
            reply_after: au::REPLY_AFTER,
            reply_within: au::REPLY_WITHIN,
        }
    }
}

impl Settings {
    /// How both ends behave.
    pub fn manners(self) -> Manners {
        Manners {
            form: self.form,
            text_max: self.text_max,
            acknowledged: self.acknowledged,
            markers: self.markers,
            marker_max: MARKER_MAX,
            questions: Vec::new(),
            continuations: self.continuations,
            numbering: Numbering { digits: 2, last: b"EE".to_vec() },
            reply_after: self.reply_after,
            reply_within: self.reply_within,
            reply_wait: au::REPLY_WAIT,
            text_wait: au::TEXT_WAIT,
            next_wait: au::NEXT_WAIT,
            text_pause: au::TEXT_PAUSE,
            turn_pause: au::TURN_PAUSE,
            transmissions_max: au::TRANSMISSIONS,
        }
    }

    /// One end of a line.
    pub fn exchange(self, role: Role) -> Exchange {
        Exchange::new(self.manners(), role)
    }
}

/// Code and device number.
const MARKER_MAX: usize = 4;
