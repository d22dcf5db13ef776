//! An analyser's question: which specimens it asks about, and which of them beyond doubt.
//!
//! ```text
//! Q|1|^^ID^40^0^5\^^ID^41^0^6||ALL     every repeat of every record is a specimen at its own place
//! Q|2|^^ID^42^0^7||ALL
//! ```
//!
//! Refuses to guess. A query of which anything was not understood asks for nothing: its specimens
//! are [`Ambiguous`](crate::domain::AskedId::Ambiguous). So is an id that stands at two places,
//! that is also a rack's, that stands in a rack with a donation's number, or that another id of
//! the same specimen contradicts (FM-03, FM-05); the donations concerned are named, so that a
//! person looks.

mod account;
mod doubt;
mod explain;
mod specimens;

use std::borrow::Cow;

use super::super::Analyser;
use super::super::profile::{AskKind, Path, QueryPlan, QueryRole, path_text};
use super::Gathered;
use super::context::holds;
use super::gather::is_blank;
use crate::codec::charset::Text;
use crate::codec::{Delimiters, Message, Piece, Record};
use crate::domain::{Ask, AskedSpecimen, DonationNumber, Query};
use crate::limits;
use doubt::become_ambiguous;
pub(super) use doubt::joined;
pub(super) use explain::explain;

/// Reads the query of one message. What is wrong with it is a fault of `gathered`; where there
/// were faults already, the text around it may not be what was sent.
pub(super) fn read(
    analyser: &Analyser,
    text: &Text<'_>,
    message: &Message<'_>,
    gathered: &mut Gathered,
) -> Option<Query> {
    let is_whole = gathered.is_whole;
    let header = message.records().next()?;
    let at = text.offset_in_bytes(header.line().offset);
    let Some(plan) = analyser.profile.query() else {
        gathered.fault(at, "a query: the profile does not say how this analyser asks");
        return None;
    };
    let delimiters = message.delimiters();
    if !plan.when.iter().all(|condition| holds(condition, header, delimiters)) {
        gathered.fault(at, "a query of a kind that the profile does not know, by its header");
        return None;
    }
    let mut reader = Reader { analyser, plan, text, message, delimiters, gathered, is_whole };
    Some(reader.query())
}

struct Reader<'r, 't> {
    analyser: &'r Analyser,
    plan: &'r QueryPlan,
    text: &'r Text<'t>,
    message: &'r Message<'r>,
    delimiters: &'r Delimiters,
    gathered: &'r mut Gathered,
    /// Nothing was found that is not understood.
    is_whole: bool,
}

/// A specimen as it stands in the message.
struct Found {
    specimen: AskedSpecimen,
    offset: usize,
    /// The first id that is not blank.
    text: String,
    /// The last id of a range.
    until: String,
    /// Every donation that its ids name.
    donations: Vec<DonationNumber>,
    /// It stands where no donor's specimen does.
    is_other: bool,
}

impl<'r> Reader<'r, '_> {
    fn query(&mut self) -> Query {
        let kind = self.kind();
        self.account(kind);
        let codes = self.codes();
        let echo = self.echo();
        let everything = self.asks_for_everything();
        let mut found = Vec::new();
        for record in self.asking() {
            self.specimens(record, &mut found);
        }
        let ask = match kind {
            AskKind::Cancel => Ask::Cancel,
            AskKind::All => self.all(),
            AskKind::Specimens | AskKind::Other if everything && found.len() == 1 => self.all(),
            AskKind::Specimens | AskKind::Other => self.some(found, everything),
        };
        Query { ask, codes, echo }
    }

    fn fault(&mut self, offset: usize, text: &str) {
        self.is_whole = false;
        let offset = self.text.offset_in_bytes(offset);
        self.gathered.fault(offset, text);
    }

    /// The records that ask.
    fn asking(&self) -> Vec<Record<'r>> {
        let dialect = self.analyser.profile.dialect();
        self.message.records().filter(|record| dialect.asks(record.name())).collect()
    }

    /// What all markings together say: a withdrawal counts before everything else.
    fn kind(&mut self) -> AskKind {
        let mut kind = AskKind::Specimens;
        for (index, codes) in self.plan.kinds.iter().enumerate() {
            let Some(path) = self.plan.places(QueryRole::Kind(index)).next() else { continue };
            let records = self.message.records();
            for record in records.filter(|record| path.record.is(record.name())) {
                for repeat in 1..=self.repeats(record, path) {
                    let code = self.cell(record, path, repeat).unwrap_or_default();
                    match codes.get(code.trim()) {
                        Some(AskKind::Cancel) => kind = AskKind::Cancel,
                        Some(AskKind::All) if kind != AskKind::Cancel => kind = AskKind::All,
                        Some(AskKind::All | AskKind::Specimens | AskKind::Other) => {}
                        None => self.unknown_kind(record, path, &code),
                    }
                }
            }
        }
        kind
    }

    fn unknown_kind(&mut self, record: Record<'_>, path: &Path, code: &str) {
        let place = path_text(path, self.analyser.profile.dialect());
        let text = format!("{place}: {code:?}: not a known kind of query");
        self.fault(record.line().offset, &text);
    }

    /// LIS02-A2, Q.3 and Q.5: the field is the word ALL.
    fn says_all(&self, record: Record<'_>, path: &Path) -> bool {
        let field = path.field.and_then(|field| record.field(field));
        let bare = |text: &str| {
            let component = char::from(self.delimiters.component);
            text.trim_matches(|c| c == component || c == ' ') == "ALL"
        };
        self.analyser.profile.dialect().has_all() && field.is_some_and(|field| bare(field.text))
    }

    fn asks_for_everything(&self) -> bool {
        let id = self.plan.places(QueryRole::SpecimenId).next();
        id.is_some_and(|path| self.asking().into_iter().any(|record| self.says_all(record, path)))
    }

    fn all(&mut self) -> Ask {
        if self.is_whole { Ask::All } else { nothing() }
    }

    /// Specimens one by one, or a range.
    fn some(&mut self, mut found: Vec<Found>, everything: bool) -> Ask {
        if everything {
            self.fault(0, "a query for everything and for single specimens at once");
        }
        if let Some(at) = found.iter().position(Found::is_range) {
            return self.range(found.swap_remove(at), found.len());
        }
        if found.len() > limits::ASKED_SPECIMENS_MAX {
            let max = limits::ASKED_SPECIMENS_MAX;
            self.fault(0, &format!("a query for more than {max} specimens"));
            return nothing();
        }
        self.doubt(&mut found);
        if !self.is_whole {
            found.iter_mut().for_each(|one| become_ambiguous(&mut one.specimen));
        }
        Ask::Specimens(found.into_iter().map(|found| found.specimen).collect())
    }

    fn range(&mut self, range: Found, others: usize) -> Ask {
        if others > 0 {
            self.fault(range.offset, "a query for a range and for other specimens at once");
        }
        match self.is_whole {
            true => Ask::Range { from: range.text, to: range.until },
            false => nothing(),
        }
    }
}

impl<'r> Reader<'r, '_> {
    /// Test codes; empty is everything.
    fn codes(&mut self) -> Vec<String> {
        let Some(path) = self.plan.places(QueryRole::Code).next() else { return Vec::new() };
        let mut asked: Option<Vec<String>> = None;
        for record in self.asking() {
            let own = self.codes_of(record, path);
            if asked.as_ref().is_some_and(|asked| *asked != own) {
                let text = "a query for different tests of different specimens";
                self.fault(record.line().offset, text);
            }
            asked.get_or_insert(own);
        }
        asked.unwrap_or_default()
    }

    fn codes_of(&mut self, record: Record<'_>, path: &Path) -> Vec<String> {
        if self.says_all(record, path) {
            return Vec::new();
        }
        let count = self.repeats(record, path);
        let codes = (1..=count).filter_map(|repeat| self.cell(record, path, repeat));
        let codes = codes.map(|code| code.trim().to_owned());
        codes.filter(|code| !code.is_empty()).collect()
    }

    /// What is repeated for the whole query; it cannot be two things at once.
    fn echo(&mut self) -> Vec<(String, String)> {
        let mut echo = Vec::new();
        for (index, name) in self.plan.echo.iter().enumerate() {
            let Some(path) = self.plan.places(QueryRole::Echo(index)).next() else { continue };
            let mut said: Option<String> = None;
            let records = self.message.records();
            for record in records.filter(|record| path.record.is(record.name())) {
                let own = self.echoed(record, path, 1);
                if said.as_ref().is_some_and(|said| *said != own) {
                    let text = format!("a query that says two things for {name}");
                    self.fault(record.line().offset, &text);
                }
                said.get_or_insert(own);
            }
            echo.push((name.clone(), said.unwrap_or_default()));
        }
        echo
    }

    fn echoed(&mut self, record: Record<'_>, path: &Path, repeat: usize) -> String {
        if path.component.is_some() {
            return self.cell(record, path, repeat).unwrap_or_default().into_owned();
        }
        let piece = match path.field {
            None => Some(behind_name(record)),
            Some(field) => {
                let field = record.field(field);
                field.and_then(|field| field.repeats(self.delimiters).nth(repeat - 1))
            }
        };
        let usual = self.analyser.profile.dialect().usual_delimiters();
        piece.map_or(String::new(), |piece| piece.restated(self.delimiters, &usual))
    }

    /// How often the field of a place is repeated; once where it was not sent.
    fn repeats(&self, record: Record<'_>, path: &Path) -> usize {
        let field = path.field.and_then(|field| record.field(field));
        field.map_or(1, |field| field.repeats(self.delimiters).count())
    }

    /// The text at a place, its escapes resolved; as sent where they cannot be, which is a fault.
    fn cell<'m>(&mut self, record: Record<'m>, path: &Path, repeat: usize) -> Option<Cow<'m, str>> {
        let field = record.field(path.field?)?;
        let repeat = field.repeats(self.delimiters).nth(repeat.checked_sub(1)?)?;
        let component = path.component.unwrap_or(1).checked_sub(1)?;
        let component = repeat.components(self.delimiters).nth(component)?;
        let subcomponent = path.subcomponent.unwrap_or(1).checked_sub(1)?;
        let piece = component.subcomponents(self.delimiters).nth(subcomponent)?;
        if is_blank(piece.text, self.delimiters) {
            return None;
        }
        Some(piece.unescaped(self.delimiters).unwrap_or_else(|fault| {
            self.fault(piece.offset, &fault.text);
            Cow::Borrowed(piece.text)
        }))
    }
}

/// A query that asks for nothing that could be given.
const fn nothing() -> Ask {
    Ask::Specimens(Vec::new())
}

/// A record without its name.
fn behind_name(record: Record<'_>) -> Piece<'_> {
    let line = record.line();
    let start = record.fields().next().map_or(line.offset, |(_, piece)| piece.offset);
    let text = line.text.get(start - line.offset..).unwrap_or_default();
    Piece { text, offset: start }
}
