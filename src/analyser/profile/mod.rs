//! The profile language: one TOML file describes one analyser's dialect. A new analyser needs a
//! new file and no Rust.
//!
//! Refuses, with every fault at once: unknown keys and assays, places that the dialect cannot
//! have, a place both read and ignored, two codes for one assay (FM-15), marker tests without a
//! source of verdicts, verdict words that cannot say both yes and no, thresholds without unit,
//! date or source, two effects for one flag, and a profile that cannot tell a control from a donor.
#![doc = include_str!("../../../docs/manual/profile-language.md")]

mod blocks;
mod check;
mod conversion;
mod cutoff;
mod family;
mod file;
mod layout;
mod link;
mod orders;
mod path;
mod query;
mod rows;
pub(crate) mod tables;
mod template;
mod text;
mod transport;
mod upload;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;

pub use family::Families;
pub use file::FileHabits;
pub use link::{Framing, LinkHabits};
pub(crate) use orders::{AnswerPlan, Duplicates, MessagePlan};
pub use path::Dialect;
pub(crate) use path::{Path, RecordName, Scope};
pub(crate) use query::{AskKind, QueryPlan, QueryRole};
pub(crate) use template::{Hole, Line, Part, Told};
pub use transport::{LineKind, Parity, UsualLine};
pub(crate) use upload::{Extent, Lines, UploadPlan, wordings};

use blocks::Blocks;

use tables::{Condition, Dismissal, Ignored, Layout, Slot};
use text::Text;

use super::shipped;
use crate::codec::block::Parameters;
use crate::codec::block::cut::{Template, Width};
use crate::codec::charset::Charset;
use crate::codec::hl7::Charsets;
use crate::codec::table::Form;
use crate::document::{self, Fault, Placed, Table};
use crate::domain::{Assay, UnknownAssay};
use crate::limits;

/// A checked profile.
#[derive(Clone, Debug)]
pub struct Profile {
    text: String,
    sha256: String,
    head: Head,
    tests: BTreeMap<String, Assay>,
    /// Where each test stands: faults that say nothing yet.
    tests_at: BTreeMap<String, Fault>,
    panels: BTreeMap<String, Vec<Assay>>,
    parts: BTreeMap<String, Vec<String>>,
    main: Layout,
    variants: Vec<Layout>,
    nothing: Vec<Dismissal>,
    query: Option<QueryPlan>,
    answer: Option<AnswerPlan>,
    order: Option<MessagePlan>,
    cancel: Option<MessagePlan>,
    order_codes: Option<BTreeMap<Assay, String>>,
    test_names: BTreeMap<String, String>,
    blocks: Option<Blocks>,
    upload: Option<UploadPlan>,
    text_form: Option<Text>,
}

#[derive(Clone, Debug)]
struct Head {
    name: String,
    version: String,
    date: Date,
    title: String,
    dialect: Dialect,
    charset: Charset,
    charset_despite_ascii: bool,
    confidence: Confidence,
    built_from: String,
    missing: Vec<String>,
    link: LinkHabits,
    file: Option<FileHabits>,
    line: UsualLine,
}

/// How well a profile is founded. None of these means validated: only a capture from the site's
/// own analyser does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Confidence {
    /// Built from captures or the maker's text.
    High,
    /// Built from working third-party code or one sample.
    Medium,
    /// Built second-hand or by analogy.
    Low,
}

impl Confidence {
    /// `high`, `medium` or `low`.
    pub const fn id(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }

    fn from_id(id: &str) -> Option<Confidence> {
        [Self::High, Self::Medium, Self::Low].into_iter().find(|confidence| confidence.id() == id)
    }
}

/// What a message is, by its header.
pub(crate) enum MessageType<'p> {
    /// It carries results that this layout reads.
    Results(&'p Layout),
    /// The profile says that it carries nothing, and why.
    Nothing(&'p str),
    /// The profile does not know it.
    Unknown,
}

impl Profile {
    /// Reads a profile; what it extends is one that we ship.
    ///
    /// # Errors
    /// As [`Profile::parse_with`].
    pub fn parse(file: &str, text: &str) -> Result<Profile, Vec<Fault>> {
        Profile::parse_with(file, text, &|_, name| shipped::family(name))
    }

    /// Reads a profile with what it extends, which `find` knows.
    ///
    /// # Errors
    /// Every fault of the file at once; where a family is at fault, only its own.
    pub fn parse_with(file: &str, text: &str, find: Families<'_>) -> Result<Profile, Vec<Fault>> {
        family::parse(file, text, find)
    }

    /// The keys that a profile with this text may have, as far as its tables are there, dotted as in
    /// faults: everything else is an unknown key. What it extends is not looked at.
    pub fn asked_keys(text: &str) -> BTreeSet<String> {
        family::asked_keys(text)
    }

    fn from_table(root: &Table<'_>, text: &str) -> Option<Profile> {
        let head = head(root);
        // Everything else is read in some dialect, so that one fault does not hide the others.
        let dialect = head.as_ref().map_or(Dialect::Lis02, |head| head.dialect);
        let blocks = match dialect {
            Dialect::Blocks => blocks::parse(root, head.as_ref().map(|head| head.charset)),
            Dialect::Lis02 | Dialect::Hl7 | Dialect::Text => None,
        };
        let text_form = text::parse(root, dialect);
        let declared = blocks.as_ref().map_or(&[][..], |blocks| &blocks.records);
        let main = layout::parse(root, dialect, declared);
        let tests = root.required_table("tests").map(|table| {
            let entries = table.string_entries();
            check::tests(&table, &entries, main.as_ref())
        });
        let tests_at = root.table("tests").map(|table| places(&table)).unwrap_or_default();
        let variants = root.tables("variant");
        let variants: Vec<Layout> =
            variants.iter().filter_map(|table| variant(table, dialect, declared)).collect();
        let nothing = root.tables("nothing").iter().map(|table| nothing(table, dialect)).collect();
        if let Some(text) = &text_form {
            main.iter().chain(&variants).for_each(|layout| text.has_places(root, layout));
            let files = head.as_ref().and_then(|head| head.file.as_ref());
            files.into_iter().for_each(|files| text.ends_as(root, files));
        }
        let is_cut = match dialect {
            Dialect::Lis02 | Dialect::Hl7 => true,
            Dialect::Blocks => blocks.is_some(),
            Dialect::Text => text_form.is_some(),
        };
        if !is_cut {
            return None;
        }
        let head = head?;
        let query = query::parse(root, dialect, &of_header(main.as_ref(), dialect));
        let answer = orders::answer(root, dialect, query.as_ref());
        let order = orders::unasked(root, "order", dialect);
        let cancel = orders::unasked(root, "cancel", dialect);
        let panels = panels(root);
        let parts = check::parts(root, tests.as_ref());
        let order_codes = orders::codes(root, tests.as_ref(), &panels);
        let upload = upload::parse(root, dialect, main.as_ref(), tests.as_ref());
        Some(Profile {
            text: text.to_owned(),
            sha256: document::sha256(text),
            head,
            tests: tests?,
            tests_at,
            panels,
            parts,
            main: main?,
            variants,
            nothing,
            query,
            answer,
            order,
            cancel,
            order_codes,
            test_names: orders::names(root),
            blocks,
            upload,
            text_form,
        })
    }

    /// Name, e.g. `roche-cobas-e601`.
    pub fn name(&self) -> &str {
        &self.head.name
    }

    /// Version of the file.
    pub fn version(&self) -> &str {
        &self.head.version
    }

    /// When this version was written.
    pub fn date(&self) -> Date {
        self.head.date
    }

    /// The analyser, for people.
    pub fn title(&self) -> &str {
        &self.head.title
    }

    /// How well founded it is.
    pub fn confidence(&self) -> Confidence {
        self.head.confidence
    }

    /// What it was built from, for the user.
    pub fn built_from(&self) -> &str {
        &self.head.built_from
    }

    /// What is not known of the analyser, for the user.
    pub fn missing(&self) -> &[String] {
        &self.head.missing
    }

    /// What the wire speaks.
    pub fn dialect(&self) -> Dialect {
        self.head.dialect
    }

    /// The character set of text whose message does not declare one.
    pub fn charset(&self) -> Charset {
        self.head.charset
    }

    /// The character sets of its HL7 messages.
    pub fn charsets(&self) -> Charsets {
        Charsets { usual: self.head.charset, despite_ascii: self.head.charset_despite_ascii }
    }

    /// Whether its analyser takes work that it did not ask for.
    pub fn takes_orders(&self) -> bool {
        self.order().is_some()
    }

    /// Whether its analyser asks what is to be done.
    pub fn asks_us(&self) -> bool {
        self.query().is_some()
    }

    /// How it behaves on the line.
    pub fn link(&self) -> LinkHabits {
        self.head.link
    }

    /// How its files look, where it exports any.
    pub fn file(&self) -> Option<&FileHabits> {
        self.head.file.as_ref()
    }

    /// The line that it usually has.
    pub fn line(&self) -> UsualLine {
        self.head.line
    }

    /// What of a file is messages. The line that ends it is the file's own, but in a table, which
    /// was cut off without it. `None`: its analyser writes no files.
    pub fn inside_file<'c>(&self, content: &'c [u8]) -> Option<&'c [u8]> {
        let habits = self.file()?;
        Some(if self.table().is_some() { content } else { habits.without_end(content) })
    }

    /// What is weak in how it sends, for the user: one sentence each.
    pub fn remarks(&self) -> Vec<&'static str> {
        let blocks = self.blocks.iter().flat_map(Blocks::remarks);
        let tables = self.text_form.iter().flat_map(Text::remarks);
        let files = tables.chain(self.file().and_then(FileHabits::remark));
        self.head.link.remarks().into_iter().chain(blocks).chain(files).collect()
    }

    /// How it asks, if it does.
    pub(crate) fn query(&self) -> Option<&QueryPlan> {
        self.query.as_ref()
    }

    /// How its queries are answered.
    pub(crate) fn answer(&self) -> Option<&AnswerPlan> {
        self.answer.as_ref()
    }

    /// How it takes work that it did not ask for.
    pub(crate) fn order(&self) -> Option<&MessagePlan> {
        self.order.as_ref()
    }

    /// How an order is taken back.
    pub(crate) fn cancel(&self) -> Option<&MessagePlan> {
        self.cancel.as_ref()
    }

    /// How it sends, if the profile says it.
    pub(crate) fn upload(&self) -> Option<&UploadPlan> {
        self.upload.as_ref()
    }

    /// How its results are read, where no variant is.
    pub(crate) fn layout(&self) -> &Layout {
        &self.main
    }

    /// Whether a text of an observation is read in any layout.
    pub(crate) fn has(&self, slot: Slot) -> bool {
        std::iter::once(&self.main).chain(&self.variants).any(|layout| layout.has(slot))
    }

    /// What each assay is ordered by; `None`: by the code of its result.
    pub(crate) fn order_codes(&self) -> Option<&BTreeMap<Assay, String>> {
        self.order_codes.as_ref()
    }

    /// The analyser's own name of a code; empty where the profile gives none.
    pub(crate) fn test_name(&self, code: &str) -> &str {
        self.test_names.get(code).map_or("", String::as_str)
    }

    /// What is taken away in front of specimen ids, in any of its messages.
    pub(crate) fn id_prefixes(&self) -> impl Iterator<Item = &str> {
        let layouts = std::iter::once(&self.main).chain(&self.variants);
        let of_results = layouts.flat_map(|layout| &layout.id_prefixes);
        let of_queries = self.query.iter().flat_map(|query| &query.id_prefixes);
        of_results.chain(of_queries).map(String::as_str)
    }

    /// Dialect blocks: how the analyser is set.
    pub fn blocks(&self) -> Option<&Parameters> {
        self.blocks.as_ref().map(|blocks| &blocks.parameters)
    }

    /// Dialect blocks: how its texts are cut.
    pub(crate) fn templates(&self) -> &[Template] {
        self.blocks.as_ref().map_or(&[], |blocks| &blocks.templates)
    }

    /// Dialect text: how its files are cut.
    pub fn table(&self) -> Option<&Form> {
        self.text_form.as_ref().map(|text| &text.form)
    }

    /// Dialect blocks: where texts have the number of their specimen, in bytes.
    pub(crate) fn specimen_places(&self) -> impl Iterator<Item = Range<usize>> {
        self.templates().iter().flat_map(|template| {
            let plan = RecordName::of(&template.name).and_then(|name| self.main.record(name));
            let is_id = move |number| plan.is_some_and(|plan| plan.field(number).is_specimen_id());
            let mut at = 0;
            (1..).zip(&template.fields).filter_map(move |(number, width)| {
                let start = at;
                at += match width {
                    Width::Characters(count) => *count,
                    Width::Rest => limits::DONATION_NUMBER_MAX,
                };
                is_id(number).then_some(start..at)
            })
        })
    }

    /// Whether this record is a question of the analyser.
    pub(crate) fn asks(&self, record: &str) -> bool {
        let query = |(name, scope): &(RecordName, Scope)| name.is(record) && *scope == Scope::Query;
        let declared = self.blocks.as_ref().is_some_and(|own| own.records.iter().any(query));
        declared || self.head.dialect.asks(record)
    }

    /// The profile's own test codes.
    pub fn tests(&self) -> &BTreeMap<String, Assay> {
        &self.tests
    }

    /// Something to be said of a test code, with the place where it stands.
    pub fn told_of_test(&self, code: &str, message: String) -> Fault {
        let place = self.tests_at.get(code).cloned();
        let place = place.unwrap_or_else(|| Fault::of_file(self.name(), ""));
        Fault { message, ..place }
    }

    /// The assays that an ordered code stands for.
    pub(crate) fn panel(&self, code: &str) -> &[Assay] {
        self.panels.get(code).map_or(&[], Vec::as_slice)
    }

    /// The parts of a code whose one value answers for several assays.
    pub(crate) fn parts(&self, code: &str) -> &[String] {
        self.parts.get(code).map_or(&[], Vec::as_slice)
    }

    /// The text it was read from, as kept in the store beside its observations. Where it extends
    /// others, these stand behind it in comment lines: it needs no other file to be read again.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of that text, lower-case hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What is ignored and why, for the user: place and reason.
    pub fn ignored(&self) -> impl Iterator<Item = (String, &str)> {
        let layouts = std::iter::once(&self.main).chain(&self.variants);
        layouts
            .flat_map(|layout| &layout.ignored)
            .map(|ignored| (path_text(&ignored.path, self.head.dialect), ignored.why.as_str()))
    }

    /// The same of queries.
    pub fn ignored_in_queries(&self) -> impl Iterator<Item = (String, &str)> {
        let ignored = self.query.iter().flat_map(|query| &query.ignored);
        ignored.map(|ignored| (path_text(&ignored.path, self.head.dialect), ignored.why.as_str()))
    }

    /// Whether results of this assay can get a reading or a number.
    pub(crate) fn reads(&self, assay: Assay) -> bool {
        self.main.reads(assay)
    }

    /// How to read a message, by its header; `holds` answers conditions on it.
    pub(crate) fn message_type(&self, holds: impl Fn(&Condition) -> bool) -> MessageType<'_> {
        let dismissed = self.nothing.iter().find(|nothing| nothing.when.iter().all(&holds));
        if let Some(Dismissal { why, .. }) = dismissed {
            return MessageType::Nothing(why);
        }
        let layouts = self.variants.iter().chain(std::iter::once(&self.main));
        match layouts.into_iter().find(|layout| layout.when.iter().all(&holds)) {
            Some(layout) => MessageType::Results(layout),
            None => MessageType::Unknown,
        }
    }
}

/// A path in the notation of its dialect.
pub(crate) fn path_text(path: &Path, dialect: Dialect) -> String {
    let mut text = path.record.to_string();
    if let Some(field) = path.field {
        text.push(if dialect == Dialect::Hl7 { '-' } else { '.' });
        text.push_str(&field.to_string());
    }
    for number in [path.component, path.subcomponent].into_iter().flatten() {
        text.push('.');
        text.push_str(&number.to_string());
    }
    text
}

fn head(root: &Table<'_>) -> Option<Head> {
    let name = text(root, "name");
    let version = text(root, "version");
    let title = text(root, "title");
    let built_from = text(root, "built_from");
    let dialect = word(root, "dialect", "lis02, hl7, blocks or text", Dialect::from_id);
    let charset = word(root, "charset", CHARSETS, Charset::from_name);
    let confidence = word(root, "confidence", "high, medium or low", Confidence::from_id);
    let date = root.date("date");
    if date.is_none() && !root.has("date") {
        root.fault(&root.place(), "date is missing");
    }
    let missing = root.strings("missing").into_iter().map(|text| text.value).collect();
    let link = link::parse(root, dialect.unwrap_or(Dialect::Lis02));
    let file = file::parse(root);
    let line = transport::parse(root, dialect.unwrap_or(Dialect::Lis02));
    Some(Head {
        name: name?,
        version: version?,
        date: date?.value,
        title: title?,
        dialect: dialect?,
        charset: charset?,
        charset_despite_ascii: charset_despite_ascii(root, dialect),
        confidence: confidence?,
        built_from: built_from?,
        missing,
        link,
        file,
        line,
    })
}

const CHARSETS: &str = "ascii, iso-8859-1 .. iso-8859-9, iso-8859-15, utf-8, gb18030, gbk, big5 \
                        or shift-jis";

fn charset_despite_ascii(root: &Table<'_>, dialect: Option<Dialect>) -> bool {
    let Some(despite) = root.boolean("charset_despite_ascii") else { return false };
    if dialect == Some(Dialect::Lis02) {
        root.fault(&despite.place, "LIS02 messages declare no character set: leave it out");
    }
    despite.value
}

fn text(table: &Table<'_>, key: &str) -> Option<String> {
    let text = table.required_string(key)?;
    if text.value.trim().is_empty() {
        table.fault(&text.place, "must not be empty");
    }
    Some(text.value)
}

fn word<T>(
    table: &Table<'_>,
    key: &str,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let Placed { value, place } = table.required_string(key)?;
    let known = read(&value);
    if known.is_none() {
        table.fault(&place, format!("{value:?} is not {expected}"));
    }
    known
}

/// What is dismissed of every header.
fn of_header(main: Option<&Layout>, dialect: Dialect) -> Vec<Ignored> {
    let ignored = main.into_iter().flat_map(|layout| &layout.ignored);
    ignored.filter(|ignored| ignored.path.record == dialect.header()).cloned().collect()
}

fn places(tests: &Table<'_>) -> BTreeMap<String, Fault> {
    let keys = tests.keys().into_iter();
    keys.map(|key| (key.value.clone(), tests.told(&key.place, ""))).collect()
}

fn panels(root: &Table<'_>) -> BTreeMap<String, Vec<Assay>> {
    let Some(table) = root.table("panels") else { return BTreeMap::new() };
    let assays = |key: &str| {
        let ids = table.strings(key).into_iter();
        ids.filter_map(|id| {
            let known = id.value.parse();
            known.map_err(|error: UnknownAssay| table.fault(&id.place, error.to_string())).ok()
        })
        .collect()
    };
    table.keys().into_iter().map(|key| (key.value.clone(), assays(&key.value))).collect()
}

fn variant(
    table: &Table<'_>,
    dialect: Dialect,
    declared: &[(RecordName, Scope)],
) -> Option<Layout> {
    text(table, "name");
    let layout = layout::parse(table, dialect, declared)?;
    if layout.when.is_empty() {
        table.fault(&table.place(), "a variant without when would take every message");
    }
    Some(layout)
}

fn nothing(table: &Table<'_>, dialect: Dialect) -> Dismissal {
    let why = text(table, "why").unwrap_or_default();
    let when = layout::conditions(table, dialect);
    if when.is_empty() {
        table.fault(&table.place(), "when is missing: every message would be dismissed");
    }
    check::header(table, dialect, &when, "when");
    Dismissal { when, why }
}
