//! An analyser's question: which specimens it asks about, and which of them beyond doubt.
//!
//! ```text
//! Q|1|^^ID^40^0^5\^^ID^41^0^6||ALL     every repeat of every record is a specimen at its own place
//! Q|2|^^ID^42^0^7||ALL
//! ```
//!
//! Refuses to guess. A query of which anything was not understood asks for nothing: its specimens
//! are [`AskedId::Ambiguous`]. So is an id that stands at two places, that is also a rack's, that
//! stands in a rack with a donation's number, or that another id of the same specimen contradicts
//! (FM-03, FM-05); the donations concerned are named, so that a person looks.

use std::borrow::Cow;

use super::super::Analyser;
use super::super::profile::{AskKind, Path, QueryPlan, QueryRole, RecordName, Scope, path_text};
use super::Gathered;
use super::context::{NORMAL_ENDS, holds};
use super::gather::is_blank;
use crate::codec::charset::Text;
use crate::codec::{Delimiters, Message, Piece, Record};
use crate::domain::{Ask, AskedId, AskedSpecimen, DonationNumber, DonationNumberScheme, Query};
use crate::limits;

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

/// Two queries of one delivery as one: they must ask the same of different specimens.
pub(super) fn joined(mut all: Query, more: Query, gathered: &mut Gathered) -> Query {
    let alike = all.codes == more.codes && all.echo == more.echo;
    let (Ask::Specimens(specimens), Ask::Specimens(others)) = (&mut all.ask, more.ask) else {
        gathered.fault(0, "two different queries at once: neither can be answered");
        return Query { ask: nothing(), ..all };
    };
    if !alike {
        gathered.fault(0, "two different queries at once: neither can be answered");
        return Query { ask: nothing(), ..all };
    }
    for other in others {
        let mut is_doubted = false;
        for known in specimens.iter_mut().filter(|known| shares_id(known, &other)) {
            gathered.donations.extend(known.id.donation().cloned());
            become_ambiguous(known);
            is_doubted = true;
        }
        specimens.push(other);
        if let Some(other) = specimens.last_mut().filter(|_| is_doubted) {
            let text = "one specimen id in two queries at once: nothing is ordered for it";
            gathered.doubt(0, text);
            gathered.donations.extend(other.id.donation().cloned());
            become_ambiguous(other);
        }
    }
    all
}

fn shares_id(one: &AskedSpecimen, other: &AskedSpecimen) -> bool {
    let text = |specimen: &AskedSpecimen| specimen.echoed(AskedSpecimen::ID).map(str::to_owned);
    let donation = one.id.donation();
    donation.is_some() && donation == other.id.donation()
        || text(one).is_some_and(|own| !own.is_empty() && Some(own) == text(other))
}

/// An id that is not blank may be anybody's from now on.
fn become_ambiguous(specimen: &mut AskedSpecimen) {
    let text = specimen.echoed(AskedSpecimen::ID).unwrap_or_default().to_owned();
    match &specimen.id {
        AskedId::Donation(_) | AskedId::Unknown(_) | AskedId::Unread(_) => {
            specimen.id = AskedId::Ambiguous(text);
        }
        AskedId::Blank | AskedId::Ambiguous(_) => {}
    }
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
            AskKind::Specimens if everything && found.len() == 1 => self.all(),
            AskKind::Specimens => self.some(found, everything),
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
                let code = self.cell(record, path, 1).unwrap_or_default();
                match codes.get(code.as_ref()) {
                    Some(AskKind::Cancel) => kind = AskKind::Cancel,
                    Some(AskKind::All) if kind != AskKind::Cancel => kind = AskKind::All,
                    Some(AskKind::All | AskKind::Specimens) => {}
                    None => {
                        let dialect = self.analyser.profile.dialect();
                        let place = path_text(path, dialect);
                        let text = format!("{place}: {code:?}: not a known kind of query");
                        self.fault(record.line().offset, &text);
                    }
                }
            }
        }
        kind
    }

    /// Every piece of the message has a role or is ignored by name.
    fn account(&mut self, kind: AskKind) {
        for record in self.message.records() {
            let line = record.line();
            match self.scope(record) {
                None => {
                    let text =
                        format!("a record that the profile does not know: {:?}", record.name());
                    self.fault(line.offset, &text);
                }
                Some(_) if self.is_ignored(&whole(record)) => {}
                Some(_) => self.account_record(record),
            }
            let end = record.field(3).map_or("", |piece| piece.text.trim());
            // What is withdrawn may end with "the sender gave up" (LIS02-A2 13.3).
            let is_end = NORMAL_ENDS.contains(&end) || kind == AskKind::Cancel && end == "T";
            if record.name() == "L" && !is_end {
                let text = format!("the analyser ended the query with code {end:?}, not normally");
                self.fault(line.offset, &text);
            }
        }
    }

    fn scope(&self, record: Record<'_>) -> Option<Scope> {
        let name = RecordName::of(record.name())?;
        let mut scopes = self.analyser.profile.dialect().scopes();
        scopes.find(|(known, _)| *known == name).map(|(_, scope)| scope)
    }

    fn account_record(&mut self, record: Record<'_>) {
        let dialect = self.analyser.profile.dialect();
        let Some(name) = RecordName::of(record.name()) else { return };
        for (field, piece) in record.fields() {
            if is_blank(piece.text, self.delimiters) || dialect.is_structural(name, field) {
                continue;
            }
            for (leaf, repeat, piece) in leaves(name, field, piece, self.delimiters) {
                if is_blank(piece.text, self.delimiters) || self.is_known(record, &leaf, repeat) {
                    continue;
                }
                let place = path_text(&leaf, dialect);
                let text =
                    format!("{place}: {:?}: not a part of a query that is known", piece.text);
                self.fault(piece.offset, &text);
            }
        }
    }

    fn is_known(&self, record: Record<'_>, leaf: &Path, repeat: usize) -> bool {
        let plan = self.plan;
        // What is repeated with the whole record was not looked into.
        let reads = |path: &Path, role| {
            path.field.is_some() && covers(path, leaf) && (repeat == 1 || every_repeat(role))
        };
        let decides = plan.when.iter().any(|condition| covers(&condition.path, leaf));
        decides && repeat == 1
            || plan.uses.iter().any(|used| reads(&used.path, used.role))
            || self.is_ignored(leaf)
            || self.is_everything(record, leaf)
    }

    /// `ALL` stands in the first component, wherever the code or the id itself would.
    fn is_everything(&self, record: Record<'_>, leaf: &Path) -> bool {
        let is_first = leaf.component == Some(1);
        let has = |role| {
            let mut places = self.plan.places(role);
            places.any(|path| path.record == leaf.record && path.field == leaf.field)
        };
        is_first
            && (has(QueryRole::Code) || has(QueryRole::SpecimenId))
            && self.says_all(record, leaf)
    }

    fn is_ignored(&self, leaf: &Path) -> bool {
        let own = self.plan.ignored.iter().map(|ignored| &ignored.path);
        own.chain(&self.plan.of_header).any(|path| covers(path, leaf))
    }

    /// LIS02-A2 10.3 and 10.5: the field is the word ALL.
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

    /// An id at two places, an id that is a rack's, two ids of one specimen, a rack whose number
    /// is a donation's: then the numbers have shifted by one place, or may have.
    fn doubt(&mut self, found: &mut [Found]) {
        let racks: Vec<Rack> = found.iter().filter_map(|one| self.rack(one)).collect();
        let mut doubts: Vec<(usize, String)> = Vec::new();
        for (index, one) in found.iter().enumerate() {
            let mut others = found.iter().enumerate().filter(|(other, _)| *other != index);
            if others.any(|(_, other)| one.is_same_as(other)) {
                doubts.push((index, format!("the id {:?} stands at two places", one.text)));
            }
            if racks.iter().any(|rack| rack.is(one)) {
                doubts.push((index, format!("the id {:?} is also a rack's", one.text)));
            }
            if self.rack(one).is_some_and(|rack| rack.is_donation) {
                let text =
                    format!("the id {:?} stands in a rack with a donation's number", one.text);
                doubts.push((index, text));
            }
            if let AskedId::Ambiguous(ids) = &one.specimen.id {
                doubts.push((index, format!("two ids for one specimen: {ids}")));
            }
        }
        if !doubts.is_empty() {
            let racks = racks.into_iter().filter(|rack| rack.is_donation);
            self.gathered.donations.extend(racks.filter_map(|rack| rack.donation));
        }
        for (index, why) in doubts {
            let Some(one) = found.get_mut(index) else { continue };
            let offset = self.text.offset_in_bytes(one.offset);
            let text = format!("{why} of one query: nothing is ordered for it; look at the rack");
            self.gathered.doubt(offset, &text);
            self.gathered.donations.append(&mut one.donations);
            become_ambiguous(&mut one.specimen);
        }
    }

    fn rack(&self, one: &Found) -> Option<Rack> {
        let text = one.specimen.rack.as_deref()?.trim().to_owned();
        let donation = self.analyser.scheme.parse(&text).ok().map(|scanned| scanned.din);
        // A site's own pattern may be so wide that racks have such numbers too.
        let is_donation = match self.analyser.scheme.as_ref() {
            DonationNumberScheme::Isbt128 => donation.is_some(),
            DonationNumberScheme::Site(_) => false,
        };
        Some(Rack { text, donation, is_donation })
    }
}

/// The number of a rack, and whether it is a donation's.
struct Rack {
    text: String,
    donation: Option<DonationNumber>,
    is_donation: bool,
}

impl Rack {
    fn is(&self, one: &Found) -> bool {
        let of_donation = self.donation.as_ref().is_some_and(|din| one.donations.contains(din));
        of_donation || !one.text.is_empty() && one.text == self.text
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

    fn specimens(&mut self, record: Record<'_>, found: &mut Vec<Found>) {
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
        let offset = record.line().offset;
        Found { specimen, offset, text, until: until.unwrap_or_default(), donations }
    }

    fn donations(&self, texts: &[String]) -> Vec<DonationNumber> {
        let parsed = texts.iter().filter_map(|text| self.analyser.scheme.parse(text).ok());
        let mut donations: Vec<DonationNumber> = parsed.map(|scanned| scanned.din).collect();
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
        self.analyser.scheme.parse(text).is_ok_and(|scanned| scanned.din == *din)
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

impl Found {
    fn is_range(&self) -> bool {
        !self.until.is_empty() && self.until != self.text
    }

    fn is_same_as(&self, other: &Found) -> bool {
        let shares = self.donations.iter().any(|din| other.donations.contains(din));
        shares || !self.text.is_empty() && self.text == other.text
    }
}

/// A query that asks for nothing that could be given.
const fn nothing() -> Ask {
    Ask::Specimens(Vec::new())
}

/// Whether a place holds a smaller one.
fn covers(place: &Path, leaf: &Path) -> bool {
    let holds = |own: Option<usize>, other| own.is_none() || own == other;
    place.record == leaf.record
        && holds(place.field, leaf.field)
        && holds(place.component, leaf.component)
        && holds(place.subcomponent, leaf.subcomponent)
}

/// Whether all repeats of a place are read.
const fn every_repeat(role: QueryRole) -> bool {
    match role {
        QueryRole::SpecimenId
        | QueryRole::Until
        | QueryRole::Rack
        | QueryRole::Position
        | QueryRole::Code
        | QueryRole::SpecimenEcho(_) => true,
        QueryRole::Kind(_) | QueryRole::Echo(_) => false,
    }
}

fn whole(record: Record<'_>) -> Path {
    let name = RecordName::of(record.name()).unwrap_or_default();
    Path { record: name, field: None, component: None, subcomponent: None }
}

/// Every smallest piece of a field, with its place and the number of its repeat.
fn leaves<'m>(
    record: RecordName,
    field: usize,
    piece: Piece<'m>,
    delimiters: &Delimiters,
) -> Vec<(Path, usize, Piece<'m>)> {
    let mut leaves = Vec::new();
    for (repeat, piece) in (1..).zip(piece.repeats(delimiters)) {
        for (component, piece) in (1..).zip(piece.components(delimiters)) {
            for (subcomponent, piece) in (1..).zip(piece.subcomponents(delimiters)) {
                let (field, component) = (Some(field), Some(component));
                let path = Path { record, field, component, subcomponent: Some(subcomponent) };
                leaves.push((path, repeat, piece));
            }
        }
    }
    leaves
}

/// A record without its name.
fn behind_name(record: Record<'_>) -> Piece<'_> {
    let line = record.line();
    let start = record.fields().next().map_or(line.offset, |(_, piece)| piece.offset);
    let text = line.text.get(start - line.offset..).unwrap_or_default();
    Piece { text, offset: start }
}
