//! The messages of a bundle read again, with the profiles that stand in it.

use std::collections::BTreeMap;

use super::form::{Content, MessageForm};
use super::hashes::sha256;
use super::hex;
use super::verify::Findings;
use crate::analyser::{Analyser, Became, Explained, MessageReading};
use crate::domain::{DonationNumber, Observation, ResultStatus, SpecimenKind};

/// Places of a text that are told.
const RANGES_SHOWN: usize = 3;

/// Every message that could be read again, by its number.
pub(super) struct Decoded<'b> {
    messages: BTreeMap<i64, Message<'b>>,
}

/// A message read again.
pub(super) struct Message<'b> {
    pub(super) form: &'b MessageForm,
    pub(super) reading: MessageReading,
    analyser: Analyser,
    bytes: Vec<u8>,
}

impl<'b> Decoded<'b> {
    /// Reads every message.
    pub(super) fn read(content: &'b Content, findings: &mut Findings) -> Decoded<'b> {
        let profiles = profiles(content, findings);
        let mut messages = BTreeMap::new();
        for form in &content.messages {
            let place = || format!("message {}", form.message);
            match read(form, &profiles) {
                Ok(message) if sha256(&message.bytes) != form.sha256 => {
                    findings.add(place(), "its bytes are not those of its SHA-256");
                    messages.insert(form.message, message);
                }
                Ok(message) => {
                    if messages.insert(form.message, message).is_some() {
                        findings.add(place(), "it stands there twice");
                    }
                }
                Err(why) => findings.add(place(), why),
            }
        }
        Decoded { messages }
    }

    /// The message with this number.
    pub(super) fn message(&self, number: i64) -> Option<&Message<'b>> {
        self.messages.get(&number)
    }

    /// Every message, oldest first.
    pub(super) fn messages(&self) -> impl Iterator<Item = &Message<'b>> {
        self.messages.values()
    }
}

/// The texts of the profiles by their hash; those of another hash than they say are none.
fn profiles<'b>(content: &'b Content, findings: &mut Findings) -> BTreeMap<&'b str, &'b str> {
    let mut known = BTreeMap::new();
    for profile in &content.profiles {
        if sha256(profile.text.as_bytes()) == profile.sha256 {
            known.insert(profile.sha256.as_str(), profile.text.as_str());
        } else {
            let place = format!("profile {}", profile.name);
            findings.add(place, "its text is not that of its SHA-256");
        }
    }
    known
}

fn read<'b>(form: &'b MessageForm, profiles: &BTreeMap<&str, &str>) -> Result<Message<'b>, String> {
    let bytes = hex::read(&form.bytes).ok_or("its bytes are no hexadecimal digits")?;
    let profile = profiles.get(form.profile_sha256.as_str());
    let profile = profile.ok_or("the profile that it was read with is not in the bundle")?;
    let analyser = Analyser::restored(&form.analyser, profile).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        format!("its profile cannot be read by this version: {first}")
    })?;
    let reading = analyser.read(&bytes);
    Ok(Message { form, reading, analyser, bytes })
}

impl Message<'_> {
    /// What counts as results: nothing of a transfer that was cut short.
    pub(super) fn observations(&self) -> &[Observation] {
        if self.form.incomplete.is_some() { &[] } else { &self.reading.observations }
    }

    /// Whether it names a donation and was not read completely.
    pub(super) fn blocks(&self, din: &DonationNumber) -> bool {
        let unread = self.form.incomplete.is_some() || !self.reading.faults.is_empty();
        unread && self.reading.donations.contains(din)
    }

    /// Where a text stands that was read, in words: ` (bytes 113..117, R[2].4)`. Only what stands
    /// between the borders of pieces that the profile reads is such a place.
    pub(super) fn ranges_of(&self, text: &str) -> String {
        let pieces = self.analyser.explain(&self.bytes);
        let mapped = |piece: &&Explained| matches!(piece.became, Became::Mapped { .. });
        let ends_with_a_piece = |end: usize| pieces.iter().any(|piece| piece.range.end == end);
        let stands = |piece: &Explained| {
            let range = piece.range.start..piece.range.start + text.len();
            let is_it = self.bytes.get(range.clone()) == Some(text.as_bytes());
            (is_it && !text.is_empty() && ends_with_a_piece(range.end)).then_some(range)
        };
        let places: Vec<String> = pieces
            .iter()
            .filter(mapped)
            .filter_map(|piece| Some((stands(piece)?, &piece.place)))
            .take(RANGES_SHOWN)
            .map(|(range, place)| format!("bytes {}..{}, {place}", range.start, range.end))
            .collect();
        if places.is_empty() { String::new() } else { format!(" ({})", places.join("; ")) }
    }
}

/// The donation that an observation speaks about.
pub(super) fn donation_of(observation: &Observation) -> Option<&DonationNumber> {
    observation.din.as_ref().filter(|_| observation.kind == SpecimenKind::Donor)
}

/// Whether two observations are one fact: a result that is sent again says what it said, wherever
/// it stands in its message.
pub(super) fn is_one_fact(one: &Observation, other: &Observation) -> bool {
    meaning(one) == meaning(other)
}

fn meaning(observation: &Observation) -> Observation {
    let mut meaning = observation.clone();
    if meaning.status == Some(ResultStatus::Retransmitted) {
        meaning.status = Some(ResultStatus::Final);
    }
    for piece in &mut meaning.unaccounted {
        piece.offset = 0;
        piece.path.clear();
    }
    meaning
}
