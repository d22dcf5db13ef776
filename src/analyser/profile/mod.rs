//! The profile language: one TOML file describes one analyser's dialect. A new analyser needs a
//! new file and no Rust.
//!
//! Refuses, with every fault at once: unknown keys and assays, places that the dialect cannot
//! have, a place both read and ignored, two codes for one assay (FM-15), marker tests without a
//! source of verdicts, verdict words that cannot say both yes and no, thresholds without unit,
//! date or source, two effects for one flag, and a profile that cannot tell a control from a donor.
//!
//! # Places
//! `R.4.2` is record R, field 4, component 2 (LIS02 counts the record type as field 1). `OBX-5.1.2`
//! adds a sub-component. Left out means: the first when read, all of it when ignored. Only the
//! first repeat is read, except where "every repeat" is said; anything else is unaccounted.
//!
//! # Header
//! - `name`, `version`, `date`, `title`: which file this is.
//! - `dialect`: `lis02`, `hl7` or `blocks`.
//! - `charset`: LIS02 and blocks: of all text; HL7: where MSH-18 is empty, and with
//!   `charset_despite_ascii` (`true` for analysers that send GBK and declare ASCII) also where it
//!   says ASCII.
//! - `confidence`: `high` captures or the maker's text, `medium` third-party code or one sample,
//!   `low` second-hand.
//! - `built_from`, `missing`: sources; list of what is not known.
//! - `[link]`: how it behaves on the line. `framing`: `lis01`, `records` (no link layer) or
//!   `stx-etx` for LIS02, `mllp` or `mllp-commit` for HL7. LIS01 only: `frame_text` and
//!   `records_per_frame` (`one` or `many`): how a host writes to it; `acknowledge_contention`,
//!   `restart_on_enquiry`, `yields_to_interrupt`, `honours_interrupt`; `next_frame_wait_s`. MLLP
//!   only: `acknowledgement_wait_s`. All are explained at [`LinkHabits`].
//! - `[file]`: how its files look where it exports into a folder. `names`: list of patterns (`*`,
//!   `?`; capitals count for nothing), `ends_with`: list of last lines one of which a complete file
//!   has, `settle_s`. Explained at [`FileHabits`].
//! - `[tests]`: analyser's code = assay.
//! - `[panels]`: ordered code = list of assays: what an order without results was for, where its
//!   code is not one of the tests.
//!
//! # Blocks: texts without delimiters
//! - `[blocks]` `protocol` (`beckman-pk`, `beckman-au` or `hitachi`), and what the analyser's menu
//!   sets: `start`, `end`, `part_end` (bytes; part end 0 is none), `tail` (`bcc`, `none`,
//!   `cr-lf-before`, `cr-lf`, `sum-cr`), `text_max`, `acknowledged` (texts are answered with ACK
//!   and NAK), `unit_digits`, `headers` (list of `"CODE BYTES"`: texts that go on over several
//!   blocks), `number_digits`, `last_part`, `reply_after_ms`, `reply_within_ms`; `[blocks.frames]`
//!   `any`, `more`, `repeat`, `suspend`, `received`, `inquiry`, `parts`, `last`: Hitachi's
//!   characters.
//! - `[[record]]` `name`, `scope` (`message`, `order`, `order-part`: more about the order,
//!   `result`, `attached`, `query`), `codes` one of which stands at `code_at`, `fields`: list of
//!   `"NAME WIDTH"` from the first character on, without gaps; `"NAME *"` is the rest. Fields count
//!   from 1.
//! - `[[record.group]]` `name`, `scope`, `fields`, `times` (without it: to the end of the text):
//!   what follows the fields, one record each time. The header of a message is its first record.
//!
//! # Layout: how to read a message
//! At the root, and again in each `[[variant]]` (with a `name`) for messages that are laid out
//! differently. The first variant whose `when` holds is taken, else the root if its `when` holds,
//! else the message is not handled and listed as unread.
//!
//! - `when`: list of `"PATH = VALUE"` on the header; all must hold.
//! - `result_record`: the record that carries a result, if not R or OBX.
//! - `unread_id_prefixes`: a specimen id that begins so stands for a bar code nobody could read.
//! - `[fields]` `specimen_id`: list; the first that is sent counts, two that differ are a conflict.
//! - `[fields]` `test_code`, `value`, and where they are sent `number`, `unit`, `rack`, `position`,
//!   `completed_at`, `reagent_lot`, `replicate`, `ordered_test` (every repeat; asked only where no
//!   result came). A `value` without component is the text of the whole field.
//! - `[units]` assay = unit, where none is sent: what the analyser's test parameters say.
//! - `[number_format]` `decimal`, `thousands`: `.` or `,`.
//! - `[[split]]` `path` of a component, `at` one character: its parts count as sub-components.
//! - `[[kind]]` `path`, `codes` = `donor`, `control`, `calibration` or `other`; code `""` is "not
//!   sent". All must say donor for a donor; a code that is not listed makes the specimen `other`
//!   and is unaccounted.
//! - `[status]` `path`, `codes` = status words. A result that sends none has none, unless `""` is
//!   listed.
//! - `[order_status]`: the same for the order. An order without results is told by it; one that
//!   is not finished outranks the status of its results.
//! - `[[verdict]]` `path`, and words in `marker`, `abo`, `rhd` = readings; `no_reading` lists words
//!   that are no verdict (a control's `Valid`). Several places must agree.
//! - `[aspect]` `path`, `codes` = `value`, `verdict` or `raw` (code `""` is "not sent"): several
//!   records of one order and test code make one result; of a `raw` one, value and unit are
//!   dismissed; a verdict without value is held.
//! - `[[flags]]` `path` (every repeat), tables `accepted`, `invalidates`, `holds` of code = reason,
//!   `otherwise` (`unaccounted` if not given, `invalidates` or `holds`), `as` (`flag`: listed in
//!   the observation, or `alarm`), `required` (a result without it is held).
//! - `[[threshold]]` `assays`, `unit`, `reactive_from`, `grey_from`, `since`, `source`: the verdict
//!   where there is no `[[verdict]]`, else a check of it; without `assays` a check of every marker
//!   that is sent in that unit.
//! - `[[ignore]]` `paths`, `why`: a record without field is ignored whole.
//! - `[[ignore_result]]` `when` on the result record, `why`: such a result is no result; what is
//!   attached to it counts for its order.
//!
//! `[[nothing]]` with `when` and `why` names messages that carry no result (keep-alives).
//!
//! # Query: how it asks
//! `[query]`. Every place is a role, ignored or unaccounted, as in a result; what is dismissed of
//! the header in results is dismissed here too. A query of which anything is not accounted for
//! gets no tests. `ALL` for the specimen or for the tests means everything (LIS02-A2, Q.3 and Q.5).
//!
//! - `when`: conditions on the header; where one does not hold, the query is not handled.
//! - `answer_within_s`: how long it waits for the answer.
//! - `specimen_id`: list; each repeat is a specimen of its own; two that differ are ambiguous.
//! - `rack`, `position`: in the repeat of their specimen. `codes` (every repeat): what is asked
//!   for.
//! - `until`: the last id of a range; sent empty or equal to the first, there is no range.
//! - `unread_id_prefixes`: besides those of the layout.
//! - `[[query.kind]]` `path`, `codes` = `specimens`, `other` (no donors'), `all` or `cancel`; an
//!   unlisted code is a fault.
//! - `[query.echo]`, `[query.specimen_echo]`: name = place of what the answer repeats, once for the
//!   query, or for each specimen. Without component the whole field, delimiters and all; without
//!   field the whole record behind its name.
//! - `[[query.ignore]]` `paths`, `why`.
//!
//! # Answer and order: how work is told to it
//! `[answer]` to a query, `[order]` where nobody asked, `[cancel]` to take an order back. Lists of
//! lines that look like the wire.
//!
//! - `header`, `specimen` (for each specimen), `test` (for each determination of a specimen, after
//!   its lines), `footer`; `reply`: a message in place of the acknowledgement of the query.
//! - Everywhere: `{time}` (UTC, 14 digits), `{date}` (8), `{control_id}` (never twice), `{NAME}`
//!   of `[query.echo]`. For a specimen: `{id}` as asked, `{rack}`, `{position}`, `{n}` its number
//!   (`{n+28}` counts from 29), `{codes}`, names of `[query.specimen_echo]`. For a test: `{code}`,
//!   `{name}`, `{order_id}`, `{n}` its number. Values are escaped, except those echoed whole.
//! - `code`: one of the `{codes}`, which are joined as repeats; `{count}` where they are counted.
//! - `duplicates`: two determinations of a test are ordered as `each` (its code or lines again),
//!   `counted` (`{count}`) or `single` (one in a message; the other waits).
//! - `specimens_per_message`: `one` (if not given) or `many`.
//! - `[answer.none]`: where there is no work; left out, the answer is the same without tests;
//!   empty, nothing is sent. `[answer.bad]`: where the query cannot be answered, if that differs.
//! - `[order_codes]`: assay = code to order it by, where that is not the code of its result; if
//!   given, only these can be ordered. Assays with one code are ordered together.
//! - `[test_names]`: code = `{name}`.

mod blocks;
mod check;
mod file;
mod layout;
mod link;
mod orders;
mod path;
mod query;
pub(crate) mod tables;
mod template;

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;

pub use file::FileHabits;
pub use link::{Framing, LinkHabits};
pub(crate) use orders::{AnswerPlan, Duplicates, MessagePlan};
pub use path::Dialect;
pub(crate) use path::{Path, RecordName, Scope};
pub(crate) use query::{AskKind, QueryPlan, QueryRole};
pub(crate) use template::{Hole, Line, Part};

use blocks::Blocks;
use tables::{Condition, Ignored, Layout};

use crate::codec::block::Parameters;
use crate::codec::block::cut::{Template, Width};
use crate::codec::charset::Charset;
use crate::codec::hl7::Charsets;
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
    panels: BTreeMap<String, Vec<Assay>>,
    main: Layout,
    variants: Vec<Layout>,
    nothing: Vec<Vec<Condition>>,
    query: Option<QueryPlan>,
    answer: Option<AnswerPlan>,
    order: Option<MessagePlan>,
    cancel: Option<MessagePlan>,
    order_codes: Option<BTreeMap<Assay, String>>,
    test_names: BTreeMap<String, String>,
    blocks: Option<Blocks>,
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
    /// The profile says it carries nothing.
    Nothing,
    /// The profile does not know it.
    Unknown,
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// Every fault of the file at once.
    pub fn parse(file: &str, text: &str) -> Result<Profile, Vec<Fault>> {
        document::read(file, text, |root| Profile::from_table(root, text))
    }

    fn from_table(root: &Table<'_>, text: &str) -> Option<Profile> {
        let head = head(root);
        // Everything else is read in some dialect, so that one fault does not hide the others.
        let dialect = head.as_ref().map_or(Dialect::Lis02, |head| head.dialect);
        let blocks = match dialect {
            Dialect::Blocks => blocks::parse(root, head.as_ref().map(|head| head.charset)),
            Dialect::Lis02 | Dialect::Hl7 => None,
        };
        let declared = blocks.as_ref().map_or(&[][..], |blocks| &blocks.records);
        let main = layout::parse(root, dialect, declared);
        let tests = root.required_table("tests").map(|table| {
            let entries = table.string_entries();
            check::tests(&table, &entries, main.as_ref())
        });
        let variants = root.tables("variant");
        let variants =
            variants.iter().filter_map(|table| variant(table, dialect, declared)).collect();
        let nothing = root.tables("nothing").iter().map(|table| nothing(table, dialect)).collect();
        if dialect == Dialect::Blocks && blocks.is_none() {
            return None;
        }
        let head = head?;
        let query = query::parse(root, dialect, &of_header(main.as_ref(), dialect));
        let answer = orders::answer(root, dialect, query.as_ref());
        let order = orders::unasked(root, "order", dialect);
        let cancel = orders::unasked(root, "cancel", dialect);
        let panels = panels(root);
        let order_codes = orders::codes(root, tests.as_ref(), &panels);
        Some(Profile {
            text: text.to_owned(),
            sha256: document::sha256(text),
            head,
            tests: tests?,
            panels,
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

    /// What is weak in how it sends, for the user: one sentence each.
    pub fn remarks(&self) -> Vec<&'static str> {
        let blocks = self.blocks.iter().flat_map(Blocks::remarks);
        let files = self.file().and_then(FileHabits::remark);
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

    /// What each assay is ordered by; `None`: by the code of its result.
    pub(crate) fn order_codes(&self) -> Option<&BTreeMap<Assay, String>> {
        self.order_codes.as_ref()
    }

    /// The analyser's own name of a code; empty where the profile gives none.
    pub(crate) fn test_name(&self, code: &str) -> &str {
        self.test_names.get(code).map_or("", String::as_str)
    }

    /// Dialect blocks: how the analyser is set.
    pub fn blocks(&self) -> Option<&Parameters> {
        self.blocks.as_ref().map(|blocks| &blocks.parameters)
    }

    /// Dialect blocks: how its texts are cut.
    pub(crate) fn templates(&self) -> &[Template] {
        self.blocks.as_ref().map_or(&[], |blocks| &blocks.templates)
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

    /// The assays that an ordered code stands for.
    pub(crate) fn panel(&self, code: &str) -> &[Assay] {
        self.panels.get(code).map_or(&[], Vec::as_slice)
    }

    /// The text it was read from, as kept in the store beside its observations.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the file's bytes, lower-case hex.
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
        if self.nothing.iter().any(|when| when.iter().all(&holds)) {
            return MessageType::Nothing;
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
    let dialect = word(root, "dialect", "lis02, hl7 or blocks", Dialect::from_id);
    let charset = word(root, "charset", CHARSETS, Charset::from_name);
    let confidence = word(root, "confidence", "high, medium or low", Confidence::from_id);
    let date = root.date("date");
    if date.is_none() && !root.has("date") {
        root.fault(&root.place(), "date is missing");
    }
    let missing = root.strings("missing").into_iter().map(|text| text.value).collect();
    let link = link::parse(root, dialect.unwrap_or(Dialect::Lis02));
    let file = file::parse(root);
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

fn nothing(table: &Table<'_>, dialect: Dialect) -> Vec<Condition> {
    text(table, "why");
    let when = layout::conditions(table, dialect);
    if when.is_empty() {
        table.fault(&table.place(), "when is missing: every message would be dismissed");
    }
    check::header(table, dialect, &when, "when");
    when
}
