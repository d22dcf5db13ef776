//! What stood in the tube, and which donation it is.

use super::super::profile::tables::{KindCodes, Role};
use super::super::profile::{Path, path_text};
use super::super::without_prefix;
use super::gather::{Found, Left, Level};
use super::interpret::{Context, Levels};
use crate::domain::{DonationNumber, DonationNumberScheme, SpecimenKind, Unaccounted};
use crate::limits;

/// What is known of a specimen before its results are looked at.
pub(super) struct Specimen {
    pub(super) kind: SpecimenKind,
    /// Its ids that are no placeholders, by the priority of their places.
    ids: Vec<Id>,
    /// Two specimen ids that differ: where the second stands, and which they are.
    pub(super) conflict: Option<(usize, String)>,
    /// A donation's number behind a prefix that nobody knows: where it stands in the bytes, and
    /// whose it is.
    pub(super) strange: Option<(usize, DonationNumber)>,
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

/// Characters of an ISBT 128 donation number without flags (ST-001 data structure 001).
const ISBT_LENGTH: usize = 13;
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

    /// Every donation that it may be of: those that its ids name, of which more than one is a
    /// conflict, and one behind a prefix that nobody knows.
    pub(super) fn donations(&self) -> impl Iterator<Item = &DonationNumber> {
        let strange = self.strange.iter().map(|(_, din)| din);
        self.ids.iter().filter_map(|id| id.din.as_ref()).chain(strange)
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
        let strange = match kind {
            SpecimenKind::Donor | SpecimenKind::Other => self.strange(&ids),
            SpecimenKind::Control | SpecimenKind::Calibration => None,
        };
        Specimen { kind, ids, conflict, strange, unaccounted }
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

    /// A number that no id names, because something stands before it that the profile does not
    /// list. It is never taken away (FM-10), but the donation waits until somebody has looked.
    fn strange(&self, ids: &[Id]) -> Option<(usize, DonationNumber)> {
        let unnamed = ids.iter().filter(|id| self.layout.knows_prefixes && id.din.is_none());
        let mut strange = unnamed.filter_map(|id| Some((id, self.behind(&id.text)?)));
        strange.next().map(|(id, din)| (self.text.offset_in_bytes(id.offset), din))
    }

    /// The donation behind signs, or behind letters where the number itself begins with one.
    fn behind(&self, text: &str) -> Option<DonationNumber> {
        let number = |rest: &str| self.analyser.scheme.parse(rest).ok().map(|scanned| scanned.din);
        let signs = text.trim_start_matches(|c: char| !c.is_alphanumeric());
        let by_letters = || match self.analyser.scheme.as_ref() {
            DonationNumberScheme::Isbt128 => {
                let starts = text.char_indices().skip(1).take(limits::STRANGE_PREFIX_MAX);
                let mut rests = starts.filter_map(|(at, _)| text.get(at..));
                let rest = rests.find(|rest| rest.len() == ISBT_LENGTH)?;
                number(rest.strip_prefix(|c: char| c.is_ascii_uppercase()).map(|_| rest)?)
            }
            DonationNumberScheme::Site(_) => None,
        };
        number(signs).filter(|_| signs != text).or_else(by_letters)
    }

    /// What all markings together say: a donor's only where every one says so, wherever it stands.
    fn kind(&self, levels: Levels<'_, '_>, unknown: &mut Vec<Unaccounted>) -> SpecimenKind {
        let mut kind = SpecimenKind::Donor;
        let mut all_known = true;
        for (index, marking) in self.layout.kinds.iter().enumerate() {
            let sent = || levels.iter().flat_map(move |level| level.codes(Role::Kind(index)));
            let not_sent = sent().next().is_none().then_some(None);
            for found in not_sent.into_iter().chain(sent().map(Some)) {
                match (self.marked(marking, found), found) {
                    (Some(marked), _) if kind == SpecimenKind::Donor => kind = marked,
                    (Some(_), _) => {}
                    (None, Some(found)) => {
                        all_known = false;
                        unknown.push(self.unaccounted(found, UNKNOWN_MARKING));
                    }
                    (None, None) => {
                        all_known = false;
                        unknown.push(self.not_sent(&marking.path, levels));
                    }
                }
            }
        }
        if all_known { kind } else { SpecimenKind::Other }
    }

    pub(super) fn marked(
        &self,
        marking: &KindCodes,
        found: Option<Found<'_>>,
    ) -> Option<SpecimenKind> {
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
