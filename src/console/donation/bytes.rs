//! The message behind a result, as it came, with the part highlighted that became the value: read
//! once more with the profile that read it then.

use std::collections::BTreeSet;

use crate::analyser::{Analyser, Became, Explained};
use crate::console::explained::Marked;
use crate::domain::{Observation, RecordedObservation};
use crate::store::{Dossier, DossierMessage};

/// A message taken apart, and where the result stands in it.
pub(super) struct Behind {
    pub(super) pieces: Vec<Explained>,
    /// The records that say something of the result.
    own: BTreeSet<String>,
    value: Option<String>,
}

/// Why there is nothing to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The profile that it was read with was not kept.
    Profile,
    /// This version cannot read that profile.
    Unreadable,
}

/// The message that brought a result, taken apart as it was then.
pub(super) fn behind(
    dossier: &Dossier,
    message: &DossierMessage,
    result: &RecordedObservation,
) -> Result<Behind, Missing> {
    let kept = dossier.profiles.iter().find(|profile| {
        (&profile.name, &profile.sha256) == (&message.profile, &message.profile_sha256)
    });
    let kept = kept.ok_or(Missing::Profile)?;
    let analyser = Analyser::restored(&message.analyser, &kept.text);
    let analyser = analyser.map_err(|_| Missing::Unreadable)?;
    let pieces = analyser.explain(&message.bytes);
    let again = analyser.read(&message.bytes).observations;
    let own = records_of(&pieces, &again, &result.observation);
    Ok(Behind { pieces, own, value: result.observation.value.clone() })
}

impl Behind {
    /// Whether a piece is highlighted.
    pub(super) fn mark(&self, piece: &Explained) -> Marked {
        if !self.own.contains(record(piece)) {
            return Marked::Plain;
        }
        let is_value = matches!(&piece.became, Became::Mapped { role, .. } if is_value(role));
        let says_it = match &self.value {
            Some(value) => says(piece, value),
            None => true,
        };
        if is_value && says_it { Marked::Here } else { Marked::Near }
    }
}

fn is_value(role: &str) -> bool {
    role.split(", ").any(|role| matches!(role, "value" | "number" | "verdict"))
}

fn says(piece: &Explained, text: &str) -> bool {
    piece.text.as_deref().is_some_and(|own| own.trim() == text.trim())
}

/// The records that say something of a result: the one with its test code and its value, where the
/// same stands in several the one of its turn, and those with its specimen's number.
fn records_of(
    pieces: &[Explained],
    again: &[Observation],
    result: &Observation,
) -> BTreeSet<String> {
    let named = |text: Option<&str>| -> Vec<&str> {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Vec::new() };
        let mut found: Vec<&str> =
            pieces.iter().filter(|piece| says(piece, text)).map(record).collect();
        found.dedup();
        found
    };
    let (code, value) = (named(Some(&result.test_code)), named(result.value.as_deref()));
    let both = code.iter().copied().filter(|own| value.is_empty() || value.contains(own));
    let both: Vec<&str> = both.collect();
    let says_the_same = |other: &&Observation| {
        (&other.test_code, &other.value) == (&result.test_code, &result.value)
    };
    let twins: Vec<&Observation> = again.iter().filter(says_the_same).collect();
    let turn = twins.iter().position(|other| *other == result);
    let own = match turn.filter(|_| twins.len() == both.len()).and_then(|turn| both.get(turn)) {
        Some(one) => vec![*one],
        None => both,
    };
    let specimen = named(result.specimen_id.as_deref());
    own.into_iter().chain(specimen).map(str::to_owned).collect()
}

/// `R[2]` of `R[2].4.1`, `OBX[3]` of `OBX[3]-8.2`.
fn record(piece: &Explained) -> &str {
    let end = piece.place.find(']').map_or(piece.place.len(), |at| at + 1);
    piece.place.get(..end).unwrap_or_default()
}
