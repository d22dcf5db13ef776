//! How far a profile covers some transcripts, field by field: mapped, ignored by name, unaccounted.
//!
//! Exists because a profile that looks complete is not: only what an analyser really sends shows
//! which of its fields nobody thought of. Refuses to round up: a piece that is understood but in
//! doubt counts as unaccounted. What stands in records about people is counted and not shown.

use std::collections::BTreeMap;

use super::passage::Transcript;
use super::told::{Fate, Told, told};
use crate::analyser::{Analyser, Became};
use crate::limits;

/// What all transcripts came to.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    rows: BTreeMap<Key, Row>,
    /// Records in the order in which they were first seen.
    records: Vec<String>,
    /// How many messages were read.
    pub messages: usize,
    /// Bytes of fields and how many fields they are.
    pub mapped: Count,
    /// The same of what is dismissed by name.
    pub ignored: Count,
    /// The same of what nobody understood, or of what is in doubt.
    pub unaccounted: Count,
    /// Bytes that hold messages together or carry them.
    pub structure_bytes: usize,
    /// What is wrong with the files as a whole.
    pub faults: Vec<String>,
}

/// How much of something there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Bytes.
    pub bytes: usize,
    /// Fields, components or smaller pieces.
    pub fields: usize,
}

/// A place, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    record: usize,
    numbers: Vec<u32>,
    standing: Standing,
}

/// What became of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The profile reads it for this.
    Mapped(String),
    /// Dismissed by name, for this reason.
    Ignored(String),
    /// Nobody understood it, for this reason.
    Unaccounted(String),
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The place as a profile names it, e.g. `R.4.1`; `-` outside of records.
    pub place: String,
    /// How often it was seen.
    pub times: usize,
    /// What stood there first; `None` where it may name a person.
    pub example: Option<String>,
    /// What became of it.
    pub standing: Standing,
}

impl Coverage {
    /// Adds every message of a file.
    pub fn add(&mut self, analyser: &Analyser, input: &[u8]) {
        let transcript = Transcript::of(input, analyser.profile());
        self.messages += transcript.messages().count();
        self.faults.extend(transcript.faults.iter().cloned());
        for passage in &transcript.passages {
            for piece in told(analyser, input, passage) {
                self.piece(&piece);
            }
        }
    }

    /// Every place, records in the order in which they were seen.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// Whether every byte is mapped, ignored by name, or structure.
    pub fn is_complete(&self) -> bool {
        self.unaccounted == Count::default() && self.faults.is_empty()
    }

    fn piece(&mut self, piece: &Told) {
        let Some(standing) = standing(piece) else {
            self.structure_bytes += piece.range.len();
            return;
        };
        let count = match &standing {
            Standing::Mapped(_) => &mut self.mapped,
            Standing::Ignored(_) => &mut self.ignored,
            Standing::Unaccounted(_) => &mut self.unaccounted,
        };
        count.bytes += piece.range.len();
        // What a frame breaks is one field.
        if !piece.goes_on {
            count.fields += 1;
            self.row(piece, standing);
        }
    }

    fn row(&mut self, piece: &Told, standing: Standing) {
        let place = plain(&piece.place);
        let (name, numbers) = apart(&place);
        let known = self.records.iter().position(|known| known == name);
        let record = known.unwrap_or_else(|| {
            self.records.push(name.to_owned());
            self.records.len() - 1
        });
        let key = Key { record, numbers, standing: standing.clone() };
        let example = piece.text.as_deref().map(excerpt);
        let row = self.rows.entry(key).or_insert(Row { place, times: 0, example, standing });
        row.times += 1;
    }
}

/// What became of a field; `None` where the bytes are no field.
fn standing(piece: &Told) -> Option<Standing> {
    if let Some(doubt) = piece.doubts.first() {
        return Some(Standing::Unaccounted(doubt.clone()));
    }
    match &piece.fate {
        Fate::Carried(_) | Fate::Repeated | Fate::Read(Became::Structure(_)) => None,
        Fate::Refused(why) => Some(Standing::Unaccounted((*why).to_owned())),
        Fate::Read(Became::Mapped { role, .. }) => Some(Standing::Mapped(role.clone())),
        Fate::Read(Became::Ignored(why)) => Some(Standing::Ignored(why.clone())),
        Fate::Read(Became::Unaccounted(why)) => Some(Standing::Unaccounted(why.clone())),
    }
}

/// `R[2].7[3].1` as `R.7.1`.
fn plain(place: &str) -> String {
    let mut plain = String::with_capacity(place.len());
    let mut inside = false;
    for character in place.chars() {
        match character {
            '[' => inside = true,
            ']' => inside = false,
            _ if inside => {}
            _ => plain.push(character),
        }
    }
    if plain.is_empty() { "-".to_owned() } else { plain }
}

/// The record of a place, and the numbers behind it.
fn apart(place: &str) -> (&str, Vec<u32>) {
    let mut parts = place.split(['.', '-']);
    let name = parts.next().unwrap_or_default();
    (name, parts.filter_map(|part| part.parse().ok()).collect())
}

fn excerpt(text: &str) -> String {
    let mut excerpt: String = text.chars().take(limits::EXAMPLE_MAX).collect();
    if text.chars().nth(limits::EXAMPLE_MAX).is_some() {
        excerpt.push_str("..");
    }
    excerpt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_that_a_profile_names() {
        assert_eq!(plain("R[2].7[3].1"), "R.7.1");
        assert_eq!(plain("OBX[12]-5.1.2"), "OBX-5.1.2");
        assert_eq!(plain(""), "-");
        assert_eq!(apart("OBX-5.1.2"), ("OBX", vec![5, 1, 2]));
        assert_eq!(apart("-"), ("", Vec::new()));
    }

    #[test]
    fn an_example_at_the_bound_is_shown_whole_and_one_past_it_is_cut() {
        let long = "x".repeat(limits::EXAMPLE_MAX);
        assert_eq!(excerpt(&long), long);
        assert_eq!(excerpt(&format!("{long}y")), format!("{long}.."));
    }
}
