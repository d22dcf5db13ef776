//! The bytes behind a result: its message read once more as it was read then, and of it the records
//! that name its test.

use std::collections::BTreeSet;

use crate::analyser::{Analyser, Became, Explained};
use crate::domain::RecordedObservation;
use crate::limits;
use crate::store::Dossier;

/// One line for each piece, or why there is none.
pub(super) fn behind(dossier: &Dossier, result: &RecordedObservation) -> Vec<String> {
    let missing = |why: &str| vec![format!("    bytes: {why}")];
    let message = dossier.messages.iter().find(|message| message.message == result.message);
    let Some(message) = message else { return missing("the message is not on record") };
    let profile = dossier.profiles.iter().find(|profile| {
        (&profile.name, &profile.sha256) == (&message.profile, &message.profile_sha256)
    });
    let Some(profile) = profile else {
        return missing("the profile that it was read with was not kept");
    };
    let Ok(analyser) = Analyser::restored(&message.analyser, &profile.text) else {
        return missing("this version cannot read the profile that it was read with");
    };
    let pieces = analyser.explain(&message.bytes);
    let own = records_of(&pieces, result);
    let lines = pieces.iter().filter(|piece| own.contains(record(piece)) && !is_structure(piece));
    let mut lines: Vec<String> = lines.map(line).collect();
    if lines.len() > limits::EXPLAINED_PIECES_MAX {
        let more = lines.len() - limits::EXPLAINED_PIECES_MAX;
        lines.truncate(limits::EXPLAINED_PIECES_MAX);
        lines.push(format!("    and {more} more"));
    }
    lines
}

/// The records that say something of this result: those in which its test code and, where it has
/// one, its value stand, and those in which its specimen's number does. All, where none says so.
fn records_of<'p>(pieces: &'p [Explained], result: &RecordedObservation) -> BTreeSet<&'p str> {
    let seen = &result.observation;
    let named = |text: Option<&str>| -> BTreeSet<&'p str> {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return BTreeSet::new() };
        let says =
            |piece: &&Explained| piece.text.as_deref().is_some_and(|own| own.trim() == text.trim());
        pieces.iter().filter(says).map(record).collect()
    };
    let (code, value) = (named(Some(&seen.test_code)), named(seen.value.as_deref()));
    let mut own: BTreeSet<&str> = match value.is_empty() {
        true => code,
        false => code.intersection(&value).copied().collect(),
    };
    if own.is_empty() {
        return pieces.iter().map(record).collect();
    }
    own.extend(named(seen.specimen_id.as_deref()));
    own
}

/// `R[2]` of `R[2].4.1`, `OBX[3]` of `OBX[3]-8.2`.
fn record(piece: &Explained) -> &str {
    let end = piece.place.find(']').map_or(piece.place.len(), |at| at + 1);
    piece.place.get(..end).unwrap_or_default()
}

const fn is_structure(piece: &Explained) -> bool {
    matches!(piece.became, Became::Structure(_)) && piece.doubts.is_empty()
}

fn line(piece: &Explained) -> String {
    let range = format!("{}..{}", piece.range.start, piece.range.end);
    let text = piece.text.as_ref().map_or("(not shown)".to_owned(), |text| format!("\"{text}\""));
    let became = match &piece.became {
        Became::Structure(what) => format!("structure: {what}"),
        Became::Mapped { role, meaning: None } => role.clone(),
        Became::Mapped { role, meaning: Some(meaning) } => format!("{role}: {meaning}"),
        Became::Ignored(why) => format!("ignored: {why}"),
        Became::Unaccounted(why) => format!("UNACCOUNTED: {why}"),
    };
    let doubts: String = piece.doubts.iter().map(|doubt| format!("; IN DOUBT: {doubt}")).collect();
    format!("    bytes {range:<12} {:<14} {text}  {became}{doubts}", piece.place)
}
