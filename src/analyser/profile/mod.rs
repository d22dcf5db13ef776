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
//! - `dialect`: `lis02` or `hl7`.
//! - `charset`: LIS02: of all text; HL7: where MSH-18 is empty, and with `charset_despite_ascii`
//!   (`true` for analysers that send GBK and declare ASCII) also where it says ASCII.
//! - `confidence`: `high` captures or the maker's text, `medium` third-party code or one sample,
//!   `low` second-hand.
//! - `built_from`, `missing`: sources; list of what is not known.
//! - `[link]` `frame_text`, `records_per_frame`: how a host writes to it: bytes of text in a frame
//!   (1 to 63 993), `one` or `many`. Checked only: nothing is sent to analysers in this version.
//! - `[tests]`: analyser's code = assay.
//! - `[panels]`: ordered code = list of assays: what an order without results was for, where its
//!   code is not one of the tests.
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
//! - `[aspect]` `path`, `codes` = `value`, `verdict` or `raw`: several records of one order and
//!   test code make one result; of a `raw` one, value and unit are dismissed; a verdict without
//!   value is held.
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

mod check;
mod layout;
mod path;
pub(crate) mod tables;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;

pub use path::Dialect;
pub(crate) use path::{Path, RecordName, Scope};

use tables::{Condition, Layout};

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

/// How the analyser behaves on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkHabits {
    /// What carries its messages.
    pub framing: Framing,
    /// LIS01: bytes of text in a frame that we send at most.
    pub frame_text_max: usize,
    /// LIS01: a frame that we send holds as many records as fit, or parts of them; otherwise one
    /// record each.
    pub packed: bool,
    /// LIS01: it takes an ACK of the ENQ that crossed ours, and sends at once (the standard: no
    /// reply, it bids again).
    pub acknowledge_contention: bool,
    /// LIS01: an ENQ inside a frame is a new session (the standard is silent; otherwise refused).
    pub restart_on_enquiry: bool,
    /// LIS01: it gives the line away when a frame is answered with EOT (receiver interrupt).
    pub yields_to_interrupt: bool,
    /// LIS01: we give the line away when it answers a frame of ours with EOT.
    pub honours_interrupt: bool,
    /// LIS01, T5: how long we wait for its next frame.
    pub next_frame_wait: Duration,
    /// MLLP: how long we wait for its acknowledgement.
    pub acknowledgement_wait: Duration,
}

/// What carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// LIS01-A2 frames.
    Lis01,
    /// LIS02 records without a link layer: a message ends with its L record. Nothing protects the
    /// bytes, and nothing is acknowledged.
    BareRecords,
    /// LIS02 records between STX and ETX, without number or checksum.
    StxEtx,
    /// MLLP.
    Mllp,
    /// MLLP release 2: each block is committed with one byte before it is acknowledged.
    MllpCommit,
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
        let main = layout::parse(root, dialect);
        let tests = root.required_table("tests").map(|table| {
            let entries = table.string_entries();
            check::tests(&table, &entries, main.as_ref())
        });
        let variants =
            root.tables("variant").iter().filter_map(|table| variant(table, dialect)).collect();
        let nothing = root.tables("nothing").iter().map(|table| nothing(table, dialect)).collect();
        Some(Profile {
            text: text.to_owned(),
            sha256: document::sha256(text),
            head: head?,
            tests: tests?,
            panels: panels(root),
            main: main?,
            variants,
            nothing,
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

    /// How it behaves on the line.
    pub fn link(&self) -> LinkHabits {
        self.head.link
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
    let dialect = word(root, "dialect", "lis02 or hl7", Dialect::from_id);
    let charset = word(root, "charset", CHARSETS, Charset::from_name);
    let confidence = word(root, "confidence", "high, medium or low", Confidence::from_id);
    let date = root.date("date");
    if date.is_none() && !root.has("date") {
        root.fault(&root.place(), "date is missing");
    }
    let missing = root.strings("missing").into_iter().map(|text| text.value).collect();
    let link = link(root, dialect.unwrap_or(Dialect::Lis02));
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

fn link(root: &Table<'_>, dialect: Dialect) -> LinkHabits {
    let mut habits = LinkHabits::usual(dialect);
    let Some(table) = root.table("link") else { return habits };
    let longest = i64::try_from(limits::FRAME_TEXT_MAX).unwrap_or(i64::MAX);
    let size = table.integer("frame_text", 1..=longest);
    if let Some(size) = size.and_then(|size| usize::try_from(size.value).ok()) {
        habits.frame_text_max = size;
    }
    if let Some(habit) = table.string("records_per_frame") {
        match habit.value.as_str() {
            "one" => habits.packed = false,
            "many" => habits.packed = true,
            _ => table.fault(&habit.place, "must be \"one\" or \"many\""),
        }
    }
    habits
}

impl LinkHabits {
    /// What the standard says, where a profile says nothing.
    const fn usual(dialect: Dialect) -> LinkHabits {
        LinkHabits {
            framing: match dialect {
                Dialect::Lis02 => Framing::Lis01,
                Dialect::Hl7 => Framing::Mllp,
            },
            frame_text_max: limits::FRAME_TEXT_SENT,
            packed: false,
            acknowledge_contention: false,
            restart_on_enquiry: false,
            yields_to_interrupt: false,
            honours_interrupt: false,
            next_frame_wait: Duration::from_secs(30),
            acknowledgement_wait: Duration::from_secs(10),
        }
    }
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

fn variant(table: &Table<'_>, dialect: Dialect) -> Option<Layout> {
    text(table, "name");
    let layout = layout::parse(table, dialect)?;
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
    check::header(table, &when, "when");
    when
}
