//! How an analyser's online parameters are set: what a profile says and a link needs to know.
//!
//! Exists because each of these analysers has a menu where a technician chose bytes, lengths and
//! times. What is not said stays as usual for the protocol; the links know what that is.

use std::time::Duration;

use super::Form;

/// Which exchange carries the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Beckman PK7300, PK7400.
    BeckmanPk,
    /// Beckman AU.
    BeckmanAu,
    /// Hitachi 902 and its family.
    Hitachi,
}

/// How one analyser is set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameters {
    /// Which exchange.
    pub protocol: Protocol,
    /// What surrounds a text.
    pub form: Form,
    /// Longest text, in bytes.
    pub text_max: Option<usize>,
    /// Beckman: class B, texts are answered with ACK and NAK.
    pub acknowledged: bool,
    /// Beckman AU: digits of the unit number behind the code.
    pub unit_digits: usize,
    /// Beckman: texts that may go on over several blocks.
    pub continuations: Option<Vec<Continuation>>,
    /// Beckman: how their parts are numbered.
    pub numbering: Option<Numbering>,
    /// A reply is not sent sooner after a text.
    pub reply_after: Option<Duration>,
    /// Beckman: a reply is not sent later after a text.
    pub reply_within: Option<Duration>,
    /// Hitachi: frame characters.
    pub frames: Frames,
}

/// Texts with this code may go on, and how long their header is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Continuation {
    /// What the text begins with.
    pub code: Vec<u8>,
    /// Bytes before the number, the code included.
    pub header: usize,
}

/// How parts are numbered: from 0, with a mark in place of the number of the last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Numbering {
    /// Digits of a number.
    pub digits: usize,
    /// In place of the number of the last part.
    pub last: Vec<u8>,
}

/// Frame characters of Hitachi.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frames {
    /// ANY: the analyser has nothing, does the host? Assumed.
    pub any: u8,
    /// MOR: go on. Assumed.
    pub more: u8,
    /// REP: send that again. Assumed.
    pub repeat: u8,
    /// SUS: not now. Assumed.
    pub suspend: u8,
    /// REC: a test selection was received. Assumed.
    pub received: u8,
    /// `;`: which tests? And the answer to it.
    pub inquiry: u8,
    /// Texts that are not the last of their sample. Assumed.
    pub parts: Vec<u8>,
    /// `:`: the last text of a sample.
    pub last: u8,
}

/// A part of a text taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'b> {
    /// The same in every part of the text.
    pub header: &'b [u8],
    /// Its number, or the mark of the last.
    pub number: &'b [u8],
    /// What it adds.
    pub data: &'b [u8],
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Protocol; 3] = [Protocol::BeckmanPk, Protocol::BeckmanAu, Protocol::Hitachi];

    /// The name in profiles.
    pub const fn id(self) -> &'static str {
        match self {
            Protocol::BeckmanPk => "beckman-pk",
            Protocol::BeckmanAu => "beckman-au",
            Protocol::Hitachi => "hitachi",
        }
    }

    /// The protocol with this name.
    pub fn from_id(id: &str) -> Option<Protocol> {
        Protocol::ALL.into_iter().find(|protocol| protocol.id() == id)
    }

    /// What surrounds a text where a profile does not say.
    pub const fn usual_form(self) -> Form {
        match self {
            Protocol::BeckmanPk => Form::STX_ETX_BCC,
            Protocol::BeckmanAu | Protocol::Hitachi => Form { part_end: None, ..Form::STX_ETX_BCC },
        }
    }
}

impl Parameters {
    /// As usual for a protocol.
    pub fn usual(protocol: Protocol) -> Parameters {
        Parameters {
            protocol,
            form: protocol.usual_form(),
            text_max: None,
            acknowledged: true,
            unit_digits: 0,
            continuations: None,
            numbering: None,
            reply_after: None,
            reply_within: None,
            frames: Frames::default(),
        }
    }
}

impl Default for Frames {
    fn default() -> Frames {
        Frames {
            any: b'>',
            more: b'>',
            repeat: b'?',
            suspend: b'@',
            received: b'A',
            inquiry: b';',
            parts: (b'0'..=b'9').collect(),
            last: b':',
        }
    }
}

impl Continuation {
    /// Takes a text apart, if it begins with the code and is long enough.
    pub fn part<'b>(&self, text: &'b [u8], digits: usize) -> Option<Part<'b>> {
        if !text.starts_with(&self.code) {
            return None;
        }
        let (header, rest) = text.split_at_checked(self.header)?;
        let (number, data) = rest.split_at_checked(digits)?;
        Some(Part { header, number, data })
    }
}

impl Numbering {
    /// The number of a part, from 0; `None` where the digits do not suffice.
    pub fn number(&self, part: usize) -> Option<Vec<u8>> {
        let digits = self.digits;
        let text = format!("{part:0digits$}").into_bytes();
        (text.len() == digits).then_some(text)
    }
}
