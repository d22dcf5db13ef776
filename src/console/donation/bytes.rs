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
        let says_it = self.value.as_deref().is_none_or(|value| is_part(piece, value));
        if has_role(piece, &VALUE) && says_it { Marked::Here } else { Marked::Near }
    }
}

/// What a value is read from: a field may hold several of these.
const VALUE: [&str; 3] = ["value", "number", "verdict"];

fn has_role(piece: &Explained, roles: &[&str]) -> bool {
    let Became::Mapped { role, .. } = &piece.became else { return false };
    role.split(", ").any(|role| roles.contains(&role))
}

fn says(piece: &Explained, text: &str) -> bool {
    piece.text.as_deref().is_some_and(|own| own.trim() == text.trim())
}

fn is_part(piece: &Explained, value: &str) -> bool {
    let own = piece.text.as_deref().map(str::trim);
    own.is_some_and(|own| !own.is_empty() && value.contains(own))
}

/// The records that say something of a result: the one with its test code and its value, where the
/// same stands in several the one of its turn, and those with its specimen's number.
fn records_of(
    pieces: &[Explained],
    again: &[Observation],
    result: &Observation,
) -> BTreeSet<String> {
    let coded =
        with(pieces, |piece| has_role(piece, &["test code"]) && says(piece, &result.test_code));
    let coded = match coded.is_empty() {
        true => with(pieces, |piece| says(piece, &result.test_code)),
        false => coded,
    };
    let valued = coded.iter().copied().filter(|own| holds(pieces, own, result.value.as_deref()));
    let valued: Vec<&str> = valued.collect();
    let found = if valued.is_empty() { coded } else { valued };
    let says_the_same = |other: &&Observation| {
        (&other.test_code, &other.value) == (&result.test_code, &result.value)
    };
    let twins: Vec<&Observation> = again.iter().filter(says_the_same).collect();
    let turn = twins.iter().position(|other| *other == result);
    let own = match turn.filter(|_| twins.len() == found.len()).and_then(|turn| found.get(turn)) {
        Some(one) => vec![*one],
        None => found,
    };
    let specimen = result.specimen_id.as_deref().unwrap_or_default();
    let specimen = with(pieces, |piece| !specimen.is_empty() && says(piece, specimen));
    own.into_iter().chain(specimen).map(str::to_owned).collect()
}

/// The records with a piece like this, each once.
fn with(pieces: &[Explained], is_it: impl Fn(&Explained) -> bool) -> Vec<&str> {
    let mut found: Vec<&str> = pieces.iter().filter(|piece| is_it(piece)).map(record).collect();
    found.dedup();
    found
}

/// Whether what a record says as a value is all in this one.
fn holds(pieces: &[Explained], own: &str, value: Option<&str>) -> bool {
    let Some(value) = value else { return true };
    let mut values =
        pieces.iter().filter(|piece| record(piece) == own && has_role(piece, &VALUE)).peekable();
    values.peek().is_some() && values.all(|piece| is_part(piece, value))
}

/// `R[2]` of `R[2].4.1`, `OBX[3]` of `OBX[3]-8.2`.
fn record(piece: &Explained) -> &str {
    let end = piece.place.find(']').map_or(piece.place.len(), |at| at + 1);
    piece.place.get(..end).unwrap_or_default()
}
