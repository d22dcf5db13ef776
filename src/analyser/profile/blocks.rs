//! `[blocks]` and `[[record]]`: how a text without delimiters reaches us and how it is cut.
//!
//! Refuses widths of nothing, a field behind the rest of a text, a group that could never end, two
//! records for one code, bytes that could not be told apart, and character sets in which a width
//! is no number of bytes.

use std::time::Duration;

use super::path::{RecordName, Scope};
use crate::codec::block::cut::{Group, Template, Width};
use crate::codec::block::{Continuation, Form, Frames, Numbering, Parameters, Protocol, Tail};
use crate::codec::charset::Charset;
use crate::document::{Placed, Table};
use crate::limits;

/// Everything a profile says of texts in blocks.
#[derive(Clone, Debug)]
pub(crate) struct Blocks {
    pub(crate) parameters: Parameters,
    pub(crate) templates: Vec<Template>,
    /// Every record that a template makes, with its scope.
    pub(crate) records: Vec<(RecordName, Scope)>,
}

impl Blocks {
    /// What is weak in how its texts come, for the user.
    pub(super) fn remarks(&self) -> Vec<&'static str> {
        let is_unprotected = match self.parameters.form.tail {
            Tail::Nothing | Tail::CrLfBefore | Tail::CrLf => true,
            Tail::Xor | Tail::SumCr => false,
        };
        let remarks = [
            (
                !self.parameters.acknowledged,
                "texts in blocks are not acknowledged: what is lost on the line, or comes while \
                 nothing can be stored, is not sent again",
            ),
            (
                is_unprotected,
                "texts in blocks have no check byte: what is changed on the line is not noticed",
            ),
        ];
        remarks.into_iter().filter_map(|(is_so, remark)| is_so.then_some(remark)).collect()
    }
}

/// Reads `[blocks]` and `[[record]]`.
pub(super) fn parse(root: &Table<'_>, charset: Option<Charset>) -> Option<Blocks> {
    if !charset.is_none_or(is_single_byte) {
        root.fault(&root.place(), "dialect blocks needs ascii or an iso-8859 charset");
    }
    let mut records = Records { root, known: Vec::new() };
    let tables = root.tables("record");
    let templates: Vec<Template> =
        tables.iter().filter_map(|table| records.template(table)).collect();
    if tables.is_empty() {
        root.fault(&root.place(), "[[record]] is missing: how is a text cut?");
    }
    codes_differ(root, &templates);
    let parameters = root.required_table("blocks").and_then(|table| parameters(&table));
    Some(Blocks { parameters: parameters?, templates, records: records.known })
}

const fn is_single_byte(charset: Charset) -> bool {
    matches!(charset, Charset::Ascii | Charset::Iso8859(_))
}

fn parameters(table: &Table<'_>) -> Option<Parameters> {
    let protocol = table.required_string("protocol")?;
    let Some(known) = Protocol::from_id(&protocol.value) else {
        let names = Protocol::ALL.map(Protocol::id).join(", ");
        table.fault(&protocol.place, format!("{:?} is not one of {names}", protocol.value));
        return None;
    };
    let usual = Parameters::usual(known);
    let acknowledged = table.boolean("acknowledged").is_none_or(|said| said.value);
    let parameters = Parameters {
        protocol: known,
        form: form(table, usual.form),
        text_max: size(table, "text_max", 1..=limits::BLOCK_TEXT_MAX),
        acknowledged,
        unit_digits: size(table, "unit_digits", 0..=UNIT_DIGITS_MAX).unwrap_or(usual.unit_digits),
        continuations: continuations(table),
        numbering: numbering(table),
        reply_after: milliseconds(table, "reply_after_ms"),
        reply_within: milliseconds(table, "reply_within_ms"),
        frames: table.table("frames").map_or(usual.frames, |table| frames(&table)),
    };
    Some(parameters)
}

const UNIT_DIGITS_MAX: usize = 2;
const NUMBER_DIGITS_MAX: usize = 4;
const REPLY_MS_MAX: usize = 60_000;

fn size(table: &Table<'_>, key: &str, range: std::ops::RangeInclusive<usize>) -> Option<usize> {
    let bound = |size: &usize| i64::try_from(*size).unwrap_or(i64::MAX);
    let said = table.integer(key, bound(range.start())..=bound(range.end()))?;
    usize::try_from(said.value).ok()
}

fn milliseconds(table: &Table<'_>, key: &str) -> Option<Duration> {
    let said = size(table, key, 0..=REPLY_MS_MAX)?;
    Some(Duration::from_millis(said as u64))
}

/// Start, end and part end are control characters; part end 0 is none.
fn form(table: &Table<'_>, usual: Form) -> Form {
    let byte = |key: &str| size(table, key, 1..=0x1F).and_then(|byte| u8::try_from(byte).ok());
    let part_end = size(table, "part_end", 0..=0x1F).and_then(|byte| u8::try_from(byte).ok());
    let form = Form {
        start: byte("start").unwrap_or(usual.start),
        end: byte("end").unwrap_or(usual.end),
        part_end: part_end.map_or(usual.part_end, |byte| Some(byte).filter(|byte| *byte > 0)),
        tail: tail(table).unwrap_or(usual.tail),
    };
    let replies = [0x06, 0x15];
    let all = [Some(form.start), Some(form.end), form.part_end];
    let same = form.start == form.end || all.into_iter().take(2).any(|b| b == form.part_end);
    if same || all.into_iter().flatten().any(|byte| replies.contains(&byte)) {
        table.fault(&table.place(), "start, end, part_end, ACK (6) and NAK (21) must all differ");
    }
    form
}

fn tail(table: &Table<'_>) -> Option<Tail> {
    let word = table.string("tail")?;
    let known = Tail::from_id(&word.value);
    if known.is_none() {
        let names = Tail::ALL.map(Tail::id).join(", ");
        table.fault(&word.place, format!("{:?} is not one of {names}", word.value));
    }
    known
}

/// `"D  53"`: texts that begin with `D ` repeat 53 bytes in each part.
fn continuations(table: &Table<'_>) -> Option<Vec<Continuation>> {
    if !table.has("headers") {
        return None;
    }
    let header = |text: Placed<String>| {
        let parts = text.value.rsplit_once(' ');
        let read = parts.and_then(|(code, width)| {
            let header = width.parse().ok().filter(|width| *width < limits::BLOCK_TEXT_MAX)?;
            Some(Continuation { code: code.as_bytes().to_vec(), header })
        });
        let fits =
            |known: &Continuation| !known.code.is_empty() && known.code.len() <= known.header;
        if !read.as_ref().is_some_and(fits) {
            table.fault(&text.place, "write \"CODE BYTES\", e.g. \"D  53\"");
        }
        read
    };
    Some(table.strings("headers").into_iter().filter_map(header).collect())
}

fn numbering(table: &Table<'_>) -> Option<Numbering> {
    let last = table.string("last_part")?;
    let digits = size(table, "number_digits", 1..=NUMBER_DIGITS_MAX).unwrap_or(last.value.len());
    if last.value.len() != digits || last.value.bytes().all(|byte| byte.is_ascii_digit()) {
        table.fault(&last.place, "must have number_digits characters and be no number");
    }
    Some(Numbering { digits, last: last.value.into_bytes() })
}

fn frames(table: &Table<'_>) -> Frames {
    let usual = Frames::default();
    let one = |key: &str, usual: u8| {
        let Some(text) = table.string(key) else { return usual };
        match text.value.as_bytes() {
            [byte] if byte.is_ascii_graphic() => *byte,
            _ => {
                table.fault(&text.place, "must be one ASCII character");
                usual
            }
        }
    };
    let parts = table.string("parts").map(|text| text.value.into_bytes());
    Frames {
        any: one("any", usual.any),
        more: one("more", usual.more),
        repeat: one("repeat", usual.repeat),
        suspend: one("suspend", usual.suspend),
        received: one("received", usual.received),
        inquiry: one("inquiry", usual.inquiry),
        last: one("last", usual.last),
        parts: parts.unwrap_or(usual.parts),
    }
}

/// The records that templates make.
struct Records<'t, 'd> {
    root: &'t Table<'d>,
    known: Vec<(RecordName, Scope)>,
}

impl Records<'_, '_> {
    fn template(&mut self, table: &Table<'_>) -> Option<Template> {
        let name = self.name(table);
        let codes: Vec<String> =
            table.strings("codes").into_iter().map(|code| code.value).collect();
        if codes.is_empty() || codes.iter().any(String::is_empty) {
            table.fault(&table.place(), "codes is missing: what does such a text begin with?");
        }
        let fields = fields(table);
        let groups = table.tables("group");
        let groups: Vec<Group> = groups.iter().filter_map(|table| self.group(table)).collect();
        ends_once(table, &fields, &groups);
        let code_at = size(table, "code_at", 0..=limits::PROFILE_PATH_MAX).unwrap_or(0);
        Some(Template { name: name?, codes, code_at, fields, groups })
    }

    fn group(&mut self, table: &Table<'_>) -> Option<Group> {
        let name = self.name(table);
        let fields = fields(table);
        let times = size(table, "times", 1..=limits::CODES_PER_GROUP_MAX);
        let endless = times.is_none() && !fields.iter().any(|width| *width != Width::Rest);
        if endless {
            table.fault(&table.place(), "a group of nothing but the rest needs times = 1");
        }
        Some(Group { name: name?, fields, times })
    }

    /// The name of a record, which keeps one scope.
    fn name(&mut self, table: &Table<'_>) -> Option<String> {
        let name = table.required_string("name");
        let scope = table.required_string("scope");
        let (name, scope) = (name?, scope?);
        let known = Scope::from_id(&scope.value);
        if known.is_none() {
            let words = "message, order, order-part, result, attached or query";
            table.fault(&scope.place, format!("{:?} is not {words}", scope.value));
        }
        let plain = name.value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let Some(record) = RecordName::of(&name.value).filter(|_| plain) else {
            table.fault(&name.place, "a record's name is one to three ASCII letters or digits");
            return None;
        };
        match self.known.iter().find(|(known, _)| *known == record) {
            Some((_, other)) if Some(*other) != known => {
                self.root.fault(&name.place, format!("{record} already has another scope"));
            }
            Some(_) => {}
            None => self.known.push((record, known?)),
        }
        Some(name.value)
    }
}

/// `"rack 4"`, `"optical *"`: what stands there, and how wide it is.
fn fields(table: &Table<'_>) -> Vec<Width> {
    let texts = table.strings("fields");
    if texts.is_empty() || texts.len() > limits::PROFILE_PATH_MAX {
        let max = limits::PROFILE_PATH_MAX;
        table.fault(&table.place(), format!("fields must list 1 to {max} fields"));
    }
    let mut names: Vec<&str> = Vec::new();
    let mut widths = Vec::new();
    for text in &texts {
        let named = text.value.rsplit_once(' ').filter(|(name, _)| !name.trim().is_empty());
        let width = match named.map(|(_, width)| width) {
            Some("*") => Some(Width::Rest),
            Some(number) => number
                .parse()
                .ok()
                .filter(|width| (1..=limits::BLOCK_TEXT_MAX).contains(width))
                .map(Width::Characters),
            None => None,
        };
        match named.zip(width) {
            Some(((name, _), width)) if !names.contains(&name) => {
                names.push(name);
                widths.push(width);
            }
            Some(_) => table.fault(&text.place, "this name stands here twice"),
            None => table.fault(&text.place, "write \"NAME WIDTH\" or \"NAME *\""),
        }
    }
    widths
}

/// Nothing can stand behind the rest of a text, or behind a group that goes on to its end.
fn ends_once(table: &Table<'_>, fields: &[Width], groups: &[Group]) {
    let mut ended = false;
    let mut behind = false;
    let pieces = fields.iter().map(|width| (*width, false));
    let grouped = groups.iter().flat_map(|group| {
        let last = group.fields.len().saturating_sub(1);
        let fields = group.fields.iter().enumerate();
        fields.map(move |(at, width)| (*width, group.times.is_none() && at == last))
    });
    for (width, endless) in pieces.chain(grouped) {
        behind |= ended;
        ended |= endless || width == Width::Rest;
    }
    let repeated =
        groups.iter().any(|group| group.times != Some(1) && group.fields.contains(&Width::Rest));
    if behind || repeated {
        table.fault(&table.place(), "something stands behind what goes on to the end of the text");
    }
}

/// No text is cut in two ways.
fn codes_differ(root: &Table<'_>, templates: &[Template]) {
    for (index, template) in templates.iter().enumerate() {
        let earlier = templates.iter().take(index);
        let same = earlier.filter(|other| other.code_at == template.code_at);
        for code in same.flat_map(|other| &other.codes) {
            let clash =
                |own: &&String| own.starts_with(code.as_str()) || code.starts_with(own.as_str());
            if let Some(own) = template.codes.iter().find(clash) {
                let message = format!("the code {own:?} of record {} is taken", template.name);
                root.fault(&root.place(), message);
            }
        }
    }
}
