//! What became of every byte of a file: the ranges of each message, at their places in the file,
//! between the bytes that carried them.
//!
//! A field that a frame breaks in two comes as two ranges. Refuses to explain a transfer that was
//! cut short: its results are not used, so nothing of it counts as read.

use std::ops::Range;

use super::passage::{Carried, Part, Passage, Piece};
use super::transcript::{interruption, refusal};
use crate::analyser::{Analyser, Became, Explained};
use crate::codec::readable;
use crate::link::LinkFaultKind;

/// Some bytes of a file, and what became of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where they stand in the file.
    pub range: Range<usize>,
    /// Where in the record structure of their message; empty outside of records.
    pub place: String,
    /// What stands there, for people; `None` where it may name a person.
    pub text: Option<String>,
    /// What became of them.
    pub fate: Fate,
    /// What the reader reports of the place besides.
    pub doubts: Vec<String>,
    /// The beginning of it stands before the frame that breaks it.
    pub goes_on: bool,
}

/// What became of some bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They carried a message.
    Carried(&'static str),
    /// The link refused or ignored them.
    Refused(&'static str),
    /// The link had taken them before: harmless.
    Repeated,
    /// Part of a message.
    Read(Became),
}

impl Told {
    /// Whether nothing is left that a person must look at.
    pub fn is_accounted(&self) -> bool {
        let is_known = match &self.fate {
            Fate::Carried(_) | Fate::Repeated => true,
            Fate::Refused(_) => false,
            Fate::Read(Became::Unaccounted(_)) => false,
            Fate::Read(Became::Structure(_) | Became::Mapped { .. } | Became::Ignored(_)) => true,
        };
        is_known && self.doubts.is_empty()
    }
}

/// What became of every byte of a passage of this file.
pub fn told(analyser: &Analyser, input: &[u8], passage: &Passage) -> Vec<Told> {
    let explained = match &passage.carried {
        Carried::Message(bytes) => analyser.explain(bytes),
        Carried::Incomplete(bytes, why) => unused(bytes.len(), interruption(*why)),
        Carried::Nothing => Vec::new(),
    };
    let mut told = Vec::new();
    for piece in &passage.pieces {
        match piece.part {
            Part::Frame(word) => told.push(frame(piece, input, Fate::Carried(word))),
            Part::Refused(LinkFaultKind::Repeated) => {
                told.push(frame(piece, input, Fate::Repeated));
            }
            Part::Refused(kind) => told.push(frame(piece, input, Fate::Refused(refusal(kind)))),
            Part::Text(at) => text(&mut told, piece, at, input, &explained),
        }
    }
    told
}

/// The beginning of a message that never came whole.
fn unused(length: usize, why: &str) -> Vec<Explained> {
    let became = Became::Unaccounted(format!("of a message that is incomplete: {why}"));
    let (place, doubts) = (String::new(), Vec::new());
    vec![Explained { range: 0..length, place, text: None, became, doubts }]
}

fn frame(piece: &Piece, input: &[u8], fate: Fate) -> Told {
    let bytes = input.get(piece.range.clone()).unwrap_or_default();
    let (place, doubts) = (String::new(), Vec::new());
    let text = Some(readable(bytes));
    Told { range: piece.range.clone(), place, text, fate, doubts, goes_on: false }
}

/// The ranges of a message that stand in a piece of the file.
fn text(told: &mut Vec<Told>, piece: &Piece, at: usize, input: &[u8], explained: &[Explained]) {
    let end = at + piece.range.len();
    let first = explained.partition_point(|range| range.range.end <= at);
    for range in explained.iter().skip(first).take_while(|range| range.range.start < end) {
        let (from, to) = (range.range.start.max(at), range.range.end.min(end));
        let in_file = piece.range.start + (from - at)..piece.range.start + (to - at);
        let is_whole = from == range.range.start && to == range.range.end;
        let own = || readable(input.get(in_file.clone()).unwrap_or_default());
        let text = match (&range.text, is_whole) {
            (None, _) => None,
            (Some(text), true) => Some(shown(text)),
            (Some(_), false) => Some(own()),
        };
        told.push(Told {
            text,
            range: in_file,
            place: range.place.clone(),
            fate: Fate::Read(range.became.clone()),
            doubts: range.doubts.clone(),
            goes_on: from > range.range.start,
        });
    }
}

/// Text with its control characters by name.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(character) {
            Ok(byte) if byte.is_ascii_control() => shown.push_str(&readable(&[byte])),
            Ok(_) | Err(_) => shown.push(character),
        }
    }
    shown
}
