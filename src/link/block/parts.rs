//! A text that goes on over several blocks.
//!
//! Exists because a long text is sent in parts that repeat its header: `header number data`, where
//! the number counts from 0 and the last part has a mark in its place. What is joined is the first
//! part as it came, and the data of the others. Refuses a part with another header or out of turn.

use crate::limits;
use crate::link::LinkFaultKind;

/// Texts with this code may go on, and how long their header is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Continuation {
    /// What the text begins with.
    pub code: Vec<u8>,
    /// Bytes before the number, the code included.
    pub header: usize,
}

/// How parts are numbered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Numbering {
    /// Digits of a number.
    pub digits: usize,
    /// In place of the number of the last part.
    pub last: Vec<u8>,
}

/// A part taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'b> {
    header: &'b [u8],
    number: &'b [u8],
    data: &'b [u8],
}

/// Parts accepted so far, joined.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Parts {
    pub(super) header: Vec<u8>,
    /// The number that the next part must have, if it is not the last.
    next: usize,
    pub(super) joined: Vec<u8>,
}

/// What a good block is to the text that is being joined.
pub(super) enum Standing<'b> {
    /// A text by itself.
    Whole,
    /// The first part of a text.
    First(Part<'b>),
    /// The next part; true: the last.
    Next(Part<'b>, bool),
    /// Another text begins although this one has not ended.
    Another,
    /// It has no place.
    Misplaced(LinkFaultKind),
}

impl Continuation {
    /// Takes a text apart, if it begins with the code and is long enough.
    pub(super) fn part<'b>(&self, text: &'b [u8], digits: usize) -> Option<Part<'b>> {
        if !text.starts_with(&self.code) {
            return None;
        }
        let (header, rest) = text.split_at_checked(self.header)?;
        let (number, data) = rest.split_at_checked(digits)?;
        Some(Part { header, number, data })
    }
}

impl Numbering {
    /// The number of a part, from 0.
    pub(super) fn number(&self, part: usize) -> Option<Vec<u8>> {
        let digits = self.digits;
        let text = format!("{part:0digits$}").into_bytes();
        (part < limits::BLOCK_PARTS_MAX && text.len() == digits).then_some(text)
    }

    fn is_number(&self, part: &Part<'_>, wanted: usize) -> bool {
        self.number(wanted).is_some_and(|number| number == part.number)
    }
}

impl<'b> Part<'b> {
    /// Bytes of it that the first part does not have already.
    pub(super) const fn data(&self) -> &'b [u8] {
        self.data
    }

    /// Its header.
    pub(super) const fn header(&self) -> &'b [u8] {
        self.header
    }
}

impl Parts {
    pub(super) fn begin(first: Part<'_>) -> Parts {
        let joined = [first.header, first.number, first.data].concat();
        Parts { header: first.header.to_vec(), next: 1, joined }
    }

    /// Adds the next part; false: the message would be too long.
    pub(super) fn add(&mut self, part: Part<'_>) -> bool {
        let fits = self.joined.len().saturating_add(part.data.len()) <= limits::MESSAGE_MAX;
        if fits {
            self.joined.extend_from_slice(part.data);
            self.next = self.next.saturating_add(1);
        }
        fits
    }
}

/// Where a block belongs; `part` is the text taken apart, where it may go on at all.
pub(super) fn standing<'b>(
    parts: Option<&Parts>,
    part: Option<Part<'b>>,
    goes_on: bool,
    numbering: &Numbering,
) -> Standing<'b> {
    let same = parts.zip(part).filter(|(parts, part)| parts.header == part.header);
    match (parts, same, part) {
        (Some(_), None, _) => Standing::Another,
        (Some(_), Some((parts, part)), _) => next(parts, part, goes_on, numbering),
        (None, _, _) if !goes_on => Standing::Whole,
        (None, _, Some(part)) if numbering.is_number(&part, 0) => Standing::First(part),
        (None, _, Some(_)) => Standing::Misplaced(LinkFaultKind::FrameNumber),
        (None, _, None) => Standing::Misplaced(LinkFaultKind::Malformed),
    }
}

fn next<'b>(parts: &Parts, part: Part<'b>, goes_on: bool, numbering: &Numbering) -> Standing<'b> {
    match goes_on {
        true if numbering.is_number(&part, parts.next) => Standing::Next(part, false),
        true if numbering.is_number(&part, 0) => Standing::Another,
        false if part.number == numbering.last => Standing::Next(part, true),
        true | false => Standing::Misplaced(LinkFaultKind::FrameNumber),
    }
}
