//! What stood in the tube, and which donation it is.

use super::super::profile::tables::{KindCodes, Role};
use super::super::profile::{Path, path_text};
use super::super::without_prefix;
use super::gather::{Found, Left, Level};
use super::interpret::{Context, Levels};
use crate::domain::{DonationNumber, SpecimenKind, Unaccounted};

/// What is known of a specimen before its results are looked at.
pub(super) struct Specimen {
    pub(super) kind: SpecimenKind,
    /// Its ids that are no placeholders, by the priority of their places.
    ids: Vec<Id>,
    /// Two specimen ids that differ: where the second stands, and which they are.
    pub(super) conflict: Option<(usize, String)>,
    /// Markings that the profile does not know, ids with unknown escapes.
    pub(super) unaccounted: Vec<Unaccounted>,
}

/// A specimen id as sent.
struct Id {
    priority: usize,
    offset: usize,
    text: String,
    din: Option<DonationNumber>,
}

const UNKNOWN_MARKING: &str = "the profile does not know this marking";

impl Specimen {
    /// The id that counts, padding removed.
    pub(super) fn id(&self) -> Option<&str> {
        self.ids.first().map(|id| id.text.as_str())
    }

    /// The donation that this id names.
    pub(super) fn din(&self) -> Option<&DonationNumber> {
        self.ids.first()?.din.as_ref()
    }

    /// Every donation that its ids name; more than one is a conflict.
    pub(super) fn donations(&self) -> impl Iterator<Item = &DonationNumber> {
        self.ids.iter().filter_map(|id| id.din.as_ref())
    }
}

impl Context<'_> {
    /// What stood in the tube and which donation it is.
    pub(super) fn specimen(&self, levels: Levels<'_, '_>) -> Specimen {
        let mut unaccounted = Vec::new();
        let kind = self.kind(levels, &mut unaccounted);
        let mut ids: Vec<Id> = Vec::new();
        for (priority, found) in levels.iter().flat_map(|level| level.ids()) {
            if let Err(fault) = self.resolved(found) {
                unaccounted.push(self.unaccounted(found, &fault.text));
            }
            self.id(priority, found, &mut ids);
        }
        ids.sort_by_key(|id| id.priority);
        let conflict = differing(&ids);
        Specimen { kind, ids, conflict, unaccounted }
    }

    /// Markings that the profile does not know, where there is no result to say it of.
    pub(super) fn unknown_markings<'m>(&self, level: &Level<'m>) -> Vec<Left<'m>> {
        let mut unknown = Vec::new();
        for (index, marking) in self.layout.kinds.iter().enumerate() {
            let sent = level.codes(Role::Kind(index));
            let sent = sent.filter(|found| self.marked(marking, Some(*found)).is_none());
            unknown.extend(sent.map(|found| Left { found, why: UNKNOWN_MARKING }));
        }
        unknown
    }

    /// Adds an id without its prefix. Where the text is also another donation's number with the
    /// prefix in it, both are added: they are a conflict.
    fn id(&self, priority: usize, found: Found<'_>, ids: &mut Vec<Id>) {
        let text = self.trimmed(found);
        let prefixes = &self.layout.unread_id_prefixes;
        if prefixes.iter().any(|prefix| text.starts_with(prefix.as_str())) {
            return;
        }
        let bare = without_prefix(&text, self.layout.id_prefixes.iter());
        let id = |text: &str| {
            let din = self.analyser.scheme.parse(text).ok().map(|scanned| scanned.din);
            Id { priority, offset: found.piece.offset, text: text.to_owned(), din }
        };
        let own = id(bare);
        let whole = (bare != text.as_ref()).then(|| id(&text)).filter(|id| id.din.is_some());
        match whole {
            Some(whole) if own.din.is_none() => ids.push(whole),
            Some(whole) if whole.din != own.din => ids.extend([own, whole]),
            Some(_) | None => ids.extend(Some(own).filter(|own| !own.text.is_empty())),
        }
    }

    /// What all markings together say: a donor's only where every one says so, wherever it stands.
    fn kind(&self, levels: Levels<'_, '_>, unknown: &mut Vec<Unaccounted>) -> SpecimenKind {
        let mut kind = SpecimenKind::Donor;
        let mut all_known = true;
        for (index, marking) in self.layout.kinds.iter().enumerate() {
            let mut sent = levels.iter().flat_map(|level| level.codes(Role::Kind(index)));
            let first = sent.next();
            let others = sent.map(Some);
            for found in std::iter::once(first).chain(others) {
                match self.marked(marking, found) {
                    Some(marked) if kind == SpecimenKind::Donor => kind = marked,
                    Some(_) => {}
                    None => {
                        all_known = false;
                        unknown.push(self.unknown_marking(&marking.path, found, levels));
                    }
                }
            }
        }
        if all_known { kind } else { SpecimenKind::Other }
    }

    fn unknown_marking(
        &self,
        path: &Path,
        found: Option<Found<'_>>,
        levels: Levels<'_, '_>,
    ) -> Unaccounted {
        match found {
            Some(found) => self.unaccounted(found, UNKNOWN_MARKING),
            None => self.not_sent(path, levels),
        }
    }

    fn marked(&self, marking: &KindCodes, found: Option<Found<'_>>) -> Option<SpecimenKind> {
        let code = found.map(|found| self.trimmed(found)).unwrap_or_default();
        marking.of(&code)
    }

    fn not_sent(&self, path: &Path, levels: Levels<'_, '_>) -> Unaccounted {
        let near = levels.iter().find_map(|level| level.first_id());
        Unaccounted {
            offset: near.map_or(0, |found| self.text.offset_in_bytes(found.piece.offset)),
            path: path_text(path, self.analyser.profile.dialect()),
            text: String::new(),
            why: "the marking that tells donors from controls was not sent".to_owned(),
        }
    }
}

/// Two ids that are neither the same text nor the same donation.
fn differing(ids: &[Id]) -> Option<(usize, String)> {
    let (first, rest) = ids.split_first()?;
    let same = |id: &Id| id.text == first.text || id.din.is_some() && id.din == first.din;
    let mut others = rest.iter().filter(|id| !same(id));
    let second = others.next()?;
    let mut text = format!("two specimen ids: {:?} and {:?}", first.text, second.text);
    others.for_each(|other| text += &format!(" and {:?}", other.text));
    Some((second.offset, text))
}
