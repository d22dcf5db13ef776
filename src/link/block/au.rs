//! Beckman (Olympus) AU480, AU640, AU680, AU2700, AU5400, AU5800 (clinical chemistry).
//!
//! Sources: Olympus AU2700/AU5400 on-line specifications 2.1 (class A and B), 2.3 (start, codes,
//! end, BCC), 4.1 (retries), 4.2 (times). Start, end, BCC, class, lengths and times are parameters
//! of the analyser's online menus; what stands here is what they are set to when it leaves the
//! factory, as far as known. Start and end codes of two bytes, which the menus offer too, are not
//! supported.
//!
//! ```text
//! analyser                          host
//!  R  (what is to be tested?) ----->
//!                            <-----  ACK, 0.5 to 2 s later
//!                            <-----  S  (tests), 1 s after that at the earliest
//!  ACK ---------------------------->
//!  D  (results) ------------------->
//!                            <-----  ACK, when they are stored
//! ```

use std::time::Duration;

use super::{Continuation, Exchange, Manners, Numbering, Role};
use crate::codec::block::Form;
use crate::limits;

/// t4, t3: the receiver of a text is not heard sooner (4.2, not changeable).
pub const REPLY_AFTER: Duration = Duration::from_millis(500);
/// T4: reply to a text (4.2).
pub const REPLY_WITHIN: Duration = Duration::from_secs(2);
/// T4 and T3: with the time our own text takes on the line, 128 bytes at 4 800 bit/s and more.
pub const REPLY_WAIT: Duration = Duration::from_secs(3);
/// T2: the longest text at 9 600 bit/s in characters of 12 bits, and 0.5 s (4.2, note 1).
pub const TEXT_WAIT: Duration = Duration::from_millis(5_620);
/// How long the next part of a text may take: T5 and a retry. Our choice.
pub const NEXT_WAIT: Duration = Duration::from_secs(15);
/// T5: between two texts (4.2).
pub const TEXT_PAUSE: Duration = Duration::from_secs(2);
/// T6: after a text received (4.2).
pub const TURN_PAUSE: Duration = Duration::from_secs(1);
/// Transmissions of one text: after the second NAK or time-out both ends begin anew (4.1).
pub const TRANSMISSIONS: u32 = 2;

/// What an analyser's parameters can change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// What surrounds a text; a BCC is an option.
    pub form: Form,
    /// Longest text, in bytes.
    pub text_max: usize,
    /// Class B: texts are answered with ACK and NAK.
    pub acknowledged: bool,
    /// Digits of the unit number behind the code: 0 or 2.
    pub unit_digits: usize,
    /// Texts that may go on over several blocks.
    pub continuations: Vec<Continuation>,
    /// How their parts are numbered.
    pub numbering: Numbering,
    /// t4: a reply is not sent sooner after a text.
    pub reply_after: Duration,
    /// T4: a reply is not sent later after a text.
    pub reply_within: Duration,
    /// T2: a text begun must have ended.
    pub text_wait: Duration,
    /// T5: between a text of ours and the next.
    pub text_pause: Duration,
    /// T6: between a text received and one of ours.
    pub turn_pause: Duration,
    /// How often a text is sent.
    pub transmissions_max: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            form: Form { part_end: None, ..Form::STX_ETX_BCC },
            text_max: limits::BLOCK_TEXT_MAX,
            acknowledged: true,
            unit_digits: 0,
            continuations: Vec::new(),
            numbering: Numbering { digits: 1, last: b"E".to_vec() },
            reply_after: REPLY_AFTER,
            reply_within: REPLY_WITHIN,
            text_wait: TEXT_WAIT,
            text_pause: TEXT_PAUSE,
            turn_pause: TURN_PAUSE,
            transmissions_max: TRANSMISSIONS,
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
            markers: [b"RB", b"RE", b"SB", b"SE", b"DB", b"DE"].map(|code| code.to_vec()).to_vec(),
            marker_max: CODE.saturating_add(self.unit_digits),
            questions: [b"R ", b"RH"].map(|code| code.to_vec()).to_vec(),
            continuations: self.continuations,
            numbering: self.numbering,
            reply_after: self.reply_after,
            reply_within: self.reply_within,
            reply_wait: self.reply_within.saturating_add(REPLY_WAIT.saturating_sub(REPLY_WITHIN)),
            text_wait: self.text_wait,
            next_wait: NEXT_WAIT,
            text_pause: self.text_pause,
            turn_pause: self.turn_pause,
            transmissions_max: self.transmissions_max,
        }
    }

    /// One end of a line.
    pub fn exchange(self, role: Role) -> Exchange {
        Exchange::new(self.manners(), role)
    }
}

/// Characters of the distinction code.
const CODE: usize = 2;
