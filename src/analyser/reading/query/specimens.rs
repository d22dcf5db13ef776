//! The specimens of one record that asks, each repeat at its own place.
//! Refuses to take an id for a donation where another id of the same specimen says otherwise.

use super::super::super::profile::{AskKind, Path, QueryRole};
use super::super::super::without_prefix;
use super::{Found, Reader};
use crate::codec::Record;
use crate::domain::{AskedId, AskedSpecimen, DonationNumber};
use crate::limits;

impl Reader<'_, '_> {
    pub(super) fn specimens(&mut self, record: Record<'_>, found: &mut Vec<Found>) {
        let paths: Vec<Path> = self.plan.places(QueryRole::SpecimenId).copied().collect();
        let count = paths.iter().map(|path| self.repeats(record, path)).max().unwrap_or(1);
        for repeat in 1..=count {
            // One past the bound is enough to know that there are too many.
            if found.len() > limits::ASKED_SPECIMENS_MAX {
                return;
            }
            let one = self.specimen(record, repeat, &paths);
            found.push(one);
        }
    }

    fn specimen(&mut self, record: Record<'_>, repeat: usize, ids: &[Path]) -> Found {
        let mut texts: Vec<String> = Vec::new();
        for path in ids {
            let text = self.cell(record, path, repeat).unwrap_or_default();
            let text = text.trim();
            if !text.is_empty() && !texts.iter().any(|known| known == text) {
                texts.push(text.to_owned());
            }
        }
        let donations = self.donations(&texts);
        let id = self.id(&texts, &donations);
        let text = texts.into_iter().next().unwrap_or_default();
        let mut single = |role| {
            let path = self.plan.places(role).next()?;
            let text = self.cell(record, path, repeat)?;
            (!text.trim().is_empty()).then(|| text.into_owned())
        };
        let (rack, position) = (single(QueryRole::Rack), single(QueryRole::Position));
        let until = single(QueryRole::Until).map(|text| text.trim().to_owned());
        let mut echo = vec![(AskedSpecimen::ID.to_owned(), text.clone())];
        for (index, name) in self.plan.specimen_echo.iter().enumerate() {
            let path = self.plan.places(QueryRole::SpecimenEcho(index)).next();
            let said = path.map(|path| self.echoed(record, path, repeat)).unwrap_or_default();
            echo.push((name.clone(), said));
        }
        let specimen = AskedSpecimen { id, rack, position, echo };
        let (offset, until) = (record.line().offset, until.unwrap_or_default());
        let is_other = self.is_other(record, repeat, ids);
        Found { specimen, offset, text, until, donations, is_other }
    }

    /// Whether a marking of this specimen says that it is no donor's.
    fn is_other(&mut self, record: Record<'_>, repeat: usize, ids: &[Path]) -> bool {
        let plan = self.plan;
        (0..).zip(&plan.kinds).any(|(index, codes)| {
            let mut places = plan.places(QueryRole::Kind(index));
            let Some(path) = places.next().filter(|path| path.record.is(record.name())) else {
                return false;
            };
            let is_beside = ids.iter().any(|id| id.field == path.field);
            let repeat = if is_beside { repeat } else { 1 };
            let code = self.cell(record, path, repeat).unwrap_or_default();
            codes.get(code.trim()) == Some(&AskKind::Other)
        })
    }

    fn donations(&self, texts: &[String]) -> Vec<DonationNumber> {
        let mut donations: Vec<DonationNumber> =
            texts.iter().flat_map(|text| self.numbers(text)).collect();
        donations.dedup();
        donations
    }

    /// What the ids of one specimen come to.
    fn id(&self, texts: &[String], donations: &[DonationNumber]) -> AskedId {
        let is_unread = |text: &String| {
            let mut prefixes = self.plan.unread_id_prefixes.iter();
            prefixes.any(|prefix| text.starts_with(prefix.as_str()))
        };
        match (texts, donations) {
            ([], _) => AskedId::Blank,
            ([text], _) if is_unread(text) => AskedId::Unread(text.clone()),
            ([text], []) => AskedId::Unknown(text.clone()),
            (texts, [din]) if texts.iter().all(|text| self.names(text, din)) => {
                AskedId::Donation(din.clone())
            }
            (texts, _) => AskedId::Ambiguous(texts.join(" and ")),
        }
    }

    fn names(&self, text: &str, din: &DonationNumber) -> bool {
        self.numbers(text).any(|number| number == *din)
    }

    /// The donations that an id may name: without its prefix, and as it is.
    fn numbers(&self, text: &str) -> impl Iterator<Item = DonationNumber> {
        let bare = without_prefix(text, self.plan.id_prefixes.iter());
        let parsed = [bare, text].map(|text| self.analyser.scheme.parse(text).ok());
        parsed.into_iter().flatten().map(|scanned| scanned.din)
    }
}

impl Found {
    pub(super) fn is_range(&self) -> bool {
        !self.until.is_empty() && self.until != self.text
    }

    pub(super) fn is_same_as(&self, other: &Found) -> bool {
        let shares = self.donations.iter().any(|din| other.donations.contains(din));
        shares || !self.text.is_empty() && self.text == other.text
    }
}
