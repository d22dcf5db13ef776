//! `[answer]`, `[order]` and `[cancel]`: how work is told to an analyser, as messages with
//! placeholders.
//!
//! Refuses messages without header, without a place for the specimen id or for the tests, with
//! placeholders that nothing can fill where they stand, and codes that cannot be ordered.

use std::collections::BTreeMap;

use super::path::{Dialect, RecordName};
use super::query::QueryPlan;
use super::template::{Hole, Line, OWN};
use crate::codec::Delimiters;
use crate::document::{Placed, Table};
use crate::domain::Assay;

/// What is written because of a query.
#[derive(Clone, Debug)]
pub(crate) struct AnswerPlan {
    /// There is work.
    pub(crate) work: MessagePlan,
    /// There is none; not given: as with work, but without tests.
    pub(crate) none: Option<MessagePlan>,
    /// The query cannot be answered; not given: as if there were no work.
    pub(crate) bad: Option<MessagePlan>,
}

/// A message of our own.
#[derive(Clone, Debug)]
pub(crate) struct MessagePlan {
    /// Sent in place of the acknowledgement of the query; may be empty.
    pub(crate) reply: Vec<Line>,
    /// These four make the message; all empty: there is none.
    pub(crate) header: Vec<Line>,
    pub(crate) specimen: Vec<Line>,
    pub(crate) test: Vec<Line>,
    pub(crate) footer: Vec<Line>,
    /// One of the `{codes}`.
    pub(crate) code: Line,
    pub(crate) duplicates: Duplicates,
    /// One message holds all specimens; otherwise each has its own.
    pub(crate) many_specimens: bool,
    pub(crate) delimiters: Delimiters,
}

/// How several determinations of one test are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duplicates {
    /// The code or the test's lines again for each.
    Each,
    /// The code once, with a number.
    Counted,
    /// One in each message.
    Single,
}

/// Whether a word has a meaning of its own in messages.
pub(super) fn is_taken(word: &str) -> bool {
    OWN.contains(&word)
}

/// Reads `[answer]`, which must be there where the analyser asks, and only there.
pub(super) fn answer(
    root: &Table<'_>,
    dialect: Dialect,
    query: Option<&QueryPlan>,
) -> Option<AnswerPlan> {
    let table = root.table("answer");
    let asks = root.has("query");
    match (&table, asks) {
        (None, true) => {
            root.fault(&root.place(), "[answer] is missing: a query must be answered");
        }
        (Some(table), false) => table.fault(&table.place(), "there is no [query] to answer"),
        (None, false) | (Some(_), true) => {}
    }
    let table = table?;
    let none = table.table("none");
    let bad = table.table("bad");
    let read = |table: &Table<'_>, has_tests| message(table, dialect, query, has_tests);
    let work = read(&table, Tests::Written);
    let none = none.map(|table| read(&table, Tests::None));
    let bad = bad.map(|table| read(&table, Tests::None));
    let replies = |plan: &Option<MessagePlan>| {
        plan.as_ref().is_none_or(|plan| plan.reply.is_empty() == work.reply.is_empty())
    };
    if !(replies(&none) && replies(&bad)) {
        let message = "reply must be given for every answer, or for none";
        table.fault(&table.place(), message);
    }
    Some(AnswerPlan { work, none, bad })
}

/// Reads `[order]` or `[cancel]`: what nobody asked for.
pub(super) fn unasked(root: &Table<'_>, key: &str, dialect: Dialect) -> Option<MessagePlan> {
    let table = root.table(key)?;
    let plan = message(&table, dialect, None, Tests::Written);
    if !plan.reply.is_empty() {
        table.fault(&table.place(), "nobody asked: there is no reply");
    }
    Some(plan)
}

/// Whether a message orders tests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tests {
    Written,
    None,
}

fn message(
    table: &Table<'_>,
    dialect: Dialect,
    query: Option<&QueryPlan>,
    tests: Tests,
) -> MessagePlan {
    let reader = Reader { table, dialect, query };
    let many_specimens = reader.many_specimens();
    // Outside of the specimen's lines, its values are known only where it is the only one.
    let whole = if many_specimens { Within::Message } else { Within::Specimen };
    let reply = reader.lines("reply", Within::Message);
    let header = reader.lines("header", whole);
    let specimen = reader.lines("specimen", Within::Specimen);
    let test = reader.lines("test", Within::Test);
    let footer = reader.lines("footer", whole);
    let code = reader.code();
    let duplicates = reader.duplicates();
    let delimiters = reader.delimiters(&reply, &header);
    let lines = Lines { header: &header, specimen: &specimen, test: &test, footer: &footer };
    reader.is_whole(&lines, tests);
    match tests {
        Tests::Written => reader.orders(&lines, code.as_ref(), duplicates),
        Tests::None => reader.orders_nothing(&lines, code.as_ref(), duplicates),
    }
    MessagePlan {
        reply,
        header,
        specimen,
        test,
        footer,
        code: code.unwrap_or(Line(Vec::new())),
        duplicates: duplicates.unwrap_or(Duplicates::Single),
        many_specimens,
        delimiters,
    }
}

/// Where a line stands, and so what can be put in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Within {
    Message,
    Specimen,
    Test,
    Code,
    /// Only the analyser itself knows it.
    Result,
}

/// The least place in which a placeholder has a value.
const fn least(hole: &Hole) -> Within {
    match hole {
        Hole::Time | Hole::Date | Hole::ControlId | Hole::Echo { .. } => Within::Message,
        Hole::Id | Hole::Rack | Hole::Position | Hole::Number(_) | Hole::Codes => Within::Specimen,
        Hole::SpecimenEcho { .. } => Within::Specimen,
        Hole::Code | Hole::Name | Hole::OrderId => Within::Test,
        Hole::Count => Within::Code,
        Hole::Told(_) => Within::Result,
    }
}

struct Lines<'l> {
    header: &'l [Line],
    specimen: &'l [Line],
    test: &'l [Line],
    footer: &'l [Line],
}

impl Lines<'_> {
    fn is_empty(&self) -> bool {
        [self.header, self.specimen, self.test, self.footer].iter().all(|lines| lines.is_empty())
    }

    /// Whether something stands in the lines of the specimens, or of their tests.
    fn has(&self, hole: &Hole) -> bool {
        let own = self.specimen.iter().chain(self.test);
        own.flat_map(Line::holes).any(|known| known == hole)
    }
}

struct Reader<'t, 'd> {
    table: &'t Table<'d>,
    dialect: Dialect,
    query: Option<&'t QueryPlan>,
}

impl Reader<'_, '_> {
    fn lines(&self, key: &str, within: Within) -> Vec<Line> {
        let texts = self.table.strings(key);
        texts.iter().filter_map(|text| self.record(text, within)).collect()
    }

    /// A line that is a record of the dialect.
    fn record(&self, text: &Placed<String>, within: Within) -> Option<Line> {
        let line = self.line(text, within)?;
        let name: String =
            line.beginning().chars().take_while(char::is_ascii_alphanumeric).collect();
        let known = RecordName::of(&name);
        if !self.dialect.scopes().any(|(record, _)| Some(record) == known) {
            let message = format!("{name:?} is not a record that {} has", self.dialect.id());
            self.table.fault(&text.place, message);
        }
        Some(line)
    }

    fn line(&self, text: &Placed<String>, within: Within) -> Option<Line> {
        let line = match Line::parse(&text.value, |name| self.echo(name)) {
            Ok(line) => line,
            Err(message) => {
                self.table.fault(&text.place, message);
                return None;
            }
        };
        for hole in line.holes().filter(|hole| least(hole) > within) {
            let message = format!("{hole} has no value in this line");
            self.table.fault(&text.place, message);
        }
        Some(line)
    }

    fn echo(&self, name: &str) -> Option<Hole> {
        let echoed = self.query?.echoed(name)?;
        let (name, whole) = (name.to_owned(), echoed.whole);
        Some(match echoed.of_specimen {
            true => Hole::SpecimenEcho { name, whole },
            false => Hole::Echo { name, whole },
        })
    }

    fn code(&self) -> Option<Line> {
        self.line(&self.table.string("code")?, Within::Code)
    }

    fn duplicates(&self) -> Option<Duplicates> {
        let Placed { value, place } = self.table.string("duplicates")?;
        let known = match value.as_str() {
            "each" => Some(Duplicates::Each),
            "counted" => Some(Duplicates::Counted),
            "single" => Some(Duplicates::Single),
            _ => None,
        };
        if known.is_none() {
            self.table.fault(&place, "must be \"each\", \"counted\" or \"single\"");
        }
        known
    }

    fn many_specimens(&self) -> bool {
        let Some(word) = self.table.string("specimens_per_message") else { return false };
        if !["one", "many"].contains(&word.value.as_str()) {
            self.table.fault(&word.place, "must be \"one\" or \"many\"");
        }
        word.value == "many"
    }

    fn delimiters(&self, reply: &[Line], header: &[Line]) -> Delimiters {
        let mut found = None;
        for first in [reply.first(), header.first()].into_iter().flatten() {
            let declared = declared(first.beginning(), self.dialect);
            if declared.is_none() || found.is_some_and(|other| Some(other) != declared) {
                let message = "a message must begin with a header, with the same delimiters in all";
                self.table.fault(&self.table.place(), message);
            }
            found = found.or(declared);
        }
        found.unwrap_or(self.dialect.usual_delimiters())
    }

    fn fault(&self, message: &str) {
        self.table.fault(&self.table.place(), message);
    }

    /// A message has a header and, in LIS02, an end.
    fn is_whole(&self, lines: &Lines<'_>, tests: Tests) {
        if lines.is_empty() && tests == Tests::None {
            return;
        }
        if lines.header.is_empty() {
            self.fault("header is missing");
        }
        let ends = lines.footer.last().is_some_and(|line| line.beginning().starts_with("L|"));
        if self.dialect == Dialect::Lis02 && !ends {
            self.fault("footer must end with an L record");
        }
    }

    /// Each test is written for exactly one specimen, in exactly one way.
    fn orders(&self, lines: &Lines<'_>, code: Option<&Line>, duplicates: Option<Duplicates>) {
        if !lines.has(&Hole::Id) {
            self.fault("no line of specimen or test has a place for {id}");
        }
        let joined = lines.specimen.iter().flat_map(Line::holes).any(|hole| *hole == Hole::Codes);
        let single = lines.test.iter().flat_map(Line::holes).any(|hole| *hole == Hole::Code);
        let in_code = |wanted: &Hole| code.is_some_and(|code| code.holes().any(|h| h == wanted));
        if joined == single {
            self.fault("write {codes} in a line of specimen, or {code} in a line of test");
        }
        if joined != in_code(&Hole::Code) {
            self.fault("code says how one of the {codes} is written, with {code} in it");
        }
        if (duplicates == Some(Duplicates::Counted)) != in_code(&Hole::Count) {
            self.fault("{count} in code goes with duplicates = \"counted\"");
        }
        if in_code(&Hole::OrderId) && duplicates == Some(Duplicates::Counted) {
            self.fault("a counted code cannot carry an {order_id}");
        }
        if duplicates.is_none() {
            self.fault("duplicates is missing: how are two determinations of a test ordered?");
        }
    }

    fn orders_nothing(
        &self,
        lines: &Lines<'_>,
        code: Option<&Line>,
        duplicates: Option<Duplicates>,
    ) {
        let tests = !lines.test.is_empty() || lines.has(&Hole::Codes);
        if tests || code.is_some() || duplicates.is_some() {
            self.fault("there are no tests here: remove test, {codes}, code and duplicates");
        }
    }
}

/// The delimiters that a header declares.
pub(super) fn declared(line: &str, dialect: Dialect) -> Option<Delimiters> {
    let delimiters = match dialect {
        // Texts in blocks declare none: nothing is written in them.
        Dialect::Blocks => return None,
        Dialect::Lis02 => {
            let [field, repeat, component, escape, ..] = *line.strip_prefix('H')?.as_bytes() else {
                return None;
            };
            Delimiters { field, repeat, component, escape, ..dialect.usual_delimiters() }
        }
        Dialect::Hl7 => {
            let [field, component, repeat, escape, subcomponent, ..] =
                *line.strip_prefix("MSH")?.as_bytes()
            else {
                return None;
            };
            let subcomponent = Some(subcomponent);
            Delimiters {
                field,
                repeat,
                component,
                subcomponent,
                escape,
                ..dialect.usual_delimiters()
            }
        }
    };
    delimiters.possible().then_some(delimiters)
}

/// Reads `[order_codes]`: what is ordered for each assay, where that is not the code of its
/// result. Every code is known elsewhere in the profile, so that a failed order is understood.
pub(super) fn codes(
    root: &Table<'_>,
    tests: Option<&BTreeMap<String, Assay>>,
    panels: &BTreeMap<String, Vec<Assay>>,
) -> Option<BTreeMap<Assay, String>> {
    let table = root.table("order_codes")?;
    let mut codes = BTreeMap::new();
    for (id, code) in table.string_entries() {
        let Some(assay) = Assay::from_id(&id.value) else {
            let message = format!("{:?} is not an assay", id.value);
            table.fault(&id.place, message);
            continue;
        };
        let known = panels.contains_key(&code.value)
            || tests.is_none_or(|tests| tests.contains_key(&code.value));
        if !known {
            let message = format!("{:?} is neither a test code nor a panel", code.value);
            table.fault(&code.place, message);
        }
        codes.insert(assay, code.value);
    }
    Some(codes)
}

/// Reads `[test_names]`: what the analyser calls its codes.
pub(super) fn names(root: &Table<'_>) -> BTreeMap<String, String> {
    let Some(table) = root.table("test_names") else { return BTreeMap::new() };
    let entries = table.string_entries().into_iter();
    entries.map(|(code, name)| (code.value, name.value)).collect()
}
