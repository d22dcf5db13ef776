//! `[upload]`: how an analyser sends its results and asks its questions, as lines with
//! placeholders. From it the analyser is played, and what the profile reads is held against what
//! it says is sent.
//!
//! Refuses lines that say nothing of a result, a reading without a word where words are the
//! verdict, placeholders that nothing can fill where they stand, messages without header or end,
//! and units and lines for assays that the profile has no code for.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::orders::declared;
use super::path::{Dialect, RecordName};
use super::tables::{Layout, VerdictWords};
use super::template::{Fit, Hole, Line, Part, Told};
use crate::codec::Delimiters;
use crate::document::{Placed, Table};
use crate::domain::{AboGroup, Assay, Measure, Reading, RhdType};

/// How an analyser sends.
#[derive(Clone, Debug)]
pub(crate) struct UploadPlan {
    pub(crate) message: Extent,
    pub(crate) usual: Lines,
    /// What differs for a result that failed; without it, none can be sent.
    pub(crate) failed: Option<Differing>,
    /// What differs for a control's tube; without it, none can be sent.
    pub(crate) control: Option<Differing>,
    /// What differs for a control's result that failed.
    pub(crate) control_failed: Option<Differing>,
    /// What differs for one assay.
    pub(crate) only: BTreeMap<Assay, Differing>,
    /// Assays whose results are always sent together, in this order.
    pub(crate) together: Vec<Assay>,
    /// One of the `{codes}`.
    pub(crate) code: Line,
    /// The words for a reading, one for each place.
    pub(crate) readings: Vec<(Reading, Vec<String>)>,
    pub(crate) units: BTreeMap<Assay, String>,
    /// How it asks about one specimen.
    pub(crate) question: Option<Lines>,
    pub(crate) delimiters: Delimiters,
}

/// What one message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Result,
    Specimen,
    /// A whole rack.
    Load,
}

/// The lines of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) header: Vec<Line>,
    pub(crate) specimen: Vec<Line>,
    pub(crate) test: Vec<Line>,
    pub(crate) footer: Vec<Line>,
}

/// Lines in place of the usual ones; `None`: the usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Differing {
    pub(crate) header: Option<Vec<Line>>,
    pub(crate) specimen: Option<Vec<Line>>,
    pub(crate) test: Option<Vec<Line>>,
    pub(crate) footer: Option<Vec<Line>>,
}

impl UploadPlan {
    /// The lines of a result, or why the profile does not have them.
    ///
    /// # Errors
    /// What is missing, in words.
    pub(crate) fn lines(
        &self,
        assay: Assay,
        failed: bool,
        control: bool,
    ) -> Result<Lines, &'static str> {
        let mut differing: Vec<&Differing> = self.only.get(&assay).into_iter().collect();
        if control {
            differing.push(self.control.as_ref().ok_or("[upload.control] is missing")?);
        }
        if failed {
            let own = self.failed.as_ref().ok_or("[upload.failed] is missing")?;
            let both = control.then_some(self.control.as_ref()).flatten();
            let clash = both.is_some_and(|control| control.clashes(own));
            match self.control_failed.as_ref().filter(|_| control) {
                Some(exactly) => differing.push(exactly),
                None if clash => return Err("[upload.control.failed] is missing"),
                None => differing.push(own),
            }
        }
        Ok(differing.into_iter().fold(self.usual.clone(), Lines::with))
    }

    /// The words of this reading, one for each place.
    pub(crate) fn words(&self, reading: Reading) -> Option<&[String]> {
        let own = self.readings.iter().find(|(known, _)| *known == reading);
        own.map(|(_, words)| words.as_slice())
    }
}

impl Lines {
    fn with(self, other: &Differing) -> Lines {
        let one = |usual, own: &Option<Vec<Line>>| own.clone().unwrap_or(usual);
        Lines {
            header: one(self.header, &other.header),
            specimen: one(self.specimen, &other.specimen),
            test: one(self.test, &other.test),
            footer: one(self.footer, &other.footer),
        }
    }

    /// Every placeholder in them.
    pub(crate) fn holes(&self) -> impl Iterator<Item = &Hole> {
        let lines = [&self.header, &self.specimen, &self.test, &self.footer];
        lines.into_iter().flatten().flat_map(Line::holes)
    }

    /// Whether something stands in them.
    pub(crate) fn tell(&self, told: Told) -> bool {
        self.holes().any(|hole| *hole == Hole::Told(told))
    }

    /// How a placeholder is fitted where it first stands.
    pub(crate) fn fit(&self, hole: &Hole) -> Option<Fit> {
        let lines = [&self.header, &self.specimen, &self.test, &self.footer];
        let mut parts = lines.into_iter().flatten().flat_map(|line| &line.0);
        parts.find_map(|part| match part {
            Part::Hole(known, fit) if known == hole => Some(*fit),
            Part::Hole(..) | Part::Text(_) => None,
        })
    }

    /// At how many places the reading is told in words.
    pub(crate) fn reading_places(&self) -> usize {
        let place = |hole: &Hole| match hole {
            Hole::Told(Told::Reading(place)) => Some(place + 1),
            _ => None,
        };
        self.holes().filter_map(place).max().unwrap_or(0)
    }
}

impl Differing {
    fn clashes(&self, other: &Differing) -> bool {
        let both = |one: &Option<_>, other: &Option<_>| one.is_some() && other.is_some();
        both(&self.header, &other.header)
            || both(&self.specimen, &other.specimen)
            || both(&self.test, &other.test)
            || both(&self.footer, &other.footer)
    }
}

/// Reads `[upload]`; what it says is held against how results are read.
pub(super) fn parse(
    root: &Table<'_>,
    dialect: Dialect,
    layout: Option<&Layout>,
    tests: Option<&BTreeMap<String, Assay>>,
) -> Option<UploadPlan> {
    let table = root.table("upload")?;
    let message = extent(&table);
    let reader = Reader { dialect, message };
    let usual = reader.whole(&table);
    let control = table.table("control");
    let control_failed = control.as_ref().and_then(|control| control.table("failed"));
    let differing = |table: Option<Rc<Table<'_>>>| table.map(|table| reader.differing(&table));
    let tests: BTreeSet<Assay> = tests.into_iter().flatten().map(|(_, assay)| *assay).collect();
    let plan = UploadPlan {
        message,
        delimiters: reader.delimiters(&table, &usual),
        usual,
        failed: differing(table.table("failed")),
        control: differing(control),
        control_failed: differing(control_failed),
        only: reader.only(&table, &tests),
        together: together(&table, &tests),
        code: reader.code(&table),
        readings: readings(&table),
        units: units(&table, &tests),
        question: table.table("question").map(|table| reader.question(&table)),
    };
    for assay in &tests {
        says(&table, &plan, *assay, layout);
    }
    Some(plan)
}

fn extent(table: &Table<'_>) -> Extent {
    let Some(word) = table.string("message") else { return Extent::Specimen };
    match word.value.as_str() {
        "result" => Extent::Result,
        "specimen" => Extent::Specimen,
        "load" => Extent::Load,
        _ => {
            table.fault(&word.place, "must be \"result\", \"specimen\" or \"load\"");
            Extent::Specimen
        }
    }
}

/// Where a line stands, and so what can be put in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Within {
    Message,
    Specimen,
    Result,
    /// Nothing is known of it here.
    Nowhere,
}

const fn least(hole: &Hole) -> Within {
    match hole {
        Hole::Time | Hole::Date | Hole::ControlId => Within::Message,
        Hole::Id | Hole::Rack | Hole::Position | Hole::Number(_) | Hole::Codes => Within::Specimen,
        Hole::Count => Within::Specimen,
        Hole::Code | Hole::Name | Hole::Told(_) => Within::Result,
        Hole::OrderId | Hole::Echo { .. } | Hole::SpecimenEcho { .. } => Within::Nowhere,
    }
}

struct Reader {
    dialect: Dialect,
    message: Extent,
}

impl Reader {
    /// What is known in the lines around all specimens.
    const fn around(&self) -> Within {
        match self.message {
            Extent::Result => Within::Result,
            Extent::Specimen => Within::Specimen,
            Extent::Load => Within::Message,
        }
    }

    fn whole(&self, table: &Table<'_>) -> Lines {
        let lines = self.differing(table);
        let lines = Lines {
            header: lines.header.unwrap_or_default(),
            specimen: lines.specimen.unwrap_or_default(),
            test: lines.test.unwrap_or_default(),
            footer: lines.footer.unwrap_or_default(),
        };
        self.is_whole(table, &lines);
        lines
    }

    fn differing(&self, table: &Table<'_>) -> Differing {
        let lines = |key, within| table.has(key).then(|| self.lines(table, key, within));
        let around = self.around();
        let differing = Differing {
            header: lines("header", around),
            specimen: lines("specimen", Within::Result),
            test: lines("test", Within::Result),
            footer: lines("footer", around),
        };
        self.ends(table, differing.footer.as_deref());
        differing
    }

    fn question(&self, table: &Table<'_>) -> Lines {
        let lines = |key| self.lines(table, key, Within::Specimen);
        let lines = Lines {
            header: lines("header"),
            specimen: lines("specimen"),
            test: Vec::new(),
            footer: lines("footer"),
        };
        self.is_whole(table, &lines);
        self.ends(table, Some(&lines.footer));
        if !lines.holes().any(|hole| *hole == Hole::Id) {
            table.fault(&table.place(), "a question has a place for {id}");
        }
        lines
    }

    /// A message begins with a header, where the dialect has one.
    fn is_whole(&self, table: &Table<'_>, lines: &Lines) {
        match self.dialect {
            Dialect::Lis02 | Dialect::Hl7 => {
                if lines.header.is_empty() {
                    table.fault(&table.place(), "header is missing");
                }
                if self.dialect == Dialect::Lis02 && lines.footer.is_empty() {
                    table.fault(&table.place(), "footer is missing: it ends with an L record");
                }
            }
            Dialect::Blocks => {}
        }
    }

    fn ends(&self, table: &Table<'_>, footer: Option<&[Line]>) {
        let last = footer.and_then(<[Line]>::last);
        let ends = last.is_none_or(|line| line.beginning().starts_with("L|"));
        if self.dialect == Dialect::Lis02 && !ends {
            table.fault(&table.place(), "footer must end with an L record");
        }
    }

    fn lines(&self, table: &Table<'_>, key: &str, within: Within) -> Vec<Line> {
        let texts = table.strings(key);
        let line = |text: &Placed<String>| {
            let line = self.line(table, text, within)?;
            self.is_record(table, text, &line);
            Some(line)
        };
        texts.iter().filter_map(line).collect()
    }

    fn line(&self, table: &Table<'_>, text: &Placed<String>, within: Within) -> Option<Line> {
        let told = |word: &str| Told::of(word).map(Hole::Told);
        let line = match Line::parse(&text.value, told) {
            Ok(line) => line,
            Err(message) => {
                table.fault(&text.place, message);
                return None;
            }
        };
        for hole in line.holes().filter(|hole| least(hole) > within) {
            table.fault(&text.place, format!("{hole} has no value in this line"));
        }
        Some(line)
    }

    /// A line is a record, where texts have records.
    fn is_record(&self, table: &Table<'_>, text: &Placed<String>, line: &Line) {
        let beginning = line.beginning().chars();
        let name: String = beginning.take_while(char::is_ascii_alphanumeric).collect();
        let known = RecordName::of(&name);
        let is_record = match self.dialect {
            Dialect::Lis02 | Dialect::Hl7 => {
                self.dialect.scopes().any(|(record, _)| Some(record) == known)
            }
            Dialect::Blocks => true,
        };
        if !is_record {
            let message = format!("{name:?} is not a record that {} has", self.dialect.id());
            table.fault(&text.place, message);
        }
    }

    fn code(&self, table: &Table<'_>) -> Line {
        let text = table.string("code");
        let line = text.and_then(|text| self.line(table, &text, Within::Result));
        line.unwrap_or(Line(Vec::new()))
    }

    fn delimiters(&self, table: &Table<'_>, usual: &Lines) -> Delimiters {
        let first = usual.header.first();
        let found = first.and_then(|line| declared(line.beginning(), self.dialect));
        match self.dialect {
            Dialect::Lis02 | Dialect::Hl7 if found.is_none() && first.is_some() => {
                let message = "a message begins with a header that declares its delimiters";
                table.fault(&table.place(), message);
            }
            Dialect::Lis02 | Dialect::Hl7 | Dialect::Blocks => {}
        }
        found.unwrap_or(self.dialect.usual_delimiters())
    }

    fn only(&self, table: &Table<'_>, tests: &BTreeSet<Assay>) -> BTreeMap<Assay, Differing> {
        let Some(only) = table.table("only") else { return BTreeMap::new() };
        let mut differing = BTreeMap::new();
        for key in only.keys() {
            let Some(own) = only.table(&key.value) else { continue };
            if let Some(assay) = known(&only, &key, tests) {
                differing.insert(assay, self.differing(&own));
            }
        }
        differing
    }
}

/// An assay that the profile has a code for.
fn known(table: &Table<'_>, id: &Placed<String>, tests: &BTreeSet<Assay>) -> Option<Assay> {
    let assay = Assay::from_id(&id.value);
    if assay.is_none_or(|assay| !tests.contains(&assay)) {
        table.fault(&id.place, format!("{:?} is not an assay of [tests]", id.value));
    }
    assay
}

fn together(table: &Table<'_>, tests: &BTreeSet<Assay>) -> Vec<Assay> {
    let ids = table.strings("together");
    ids.iter().filter_map(|id| known(table, id, tests)).collect()
}

fn units(table: &Table<'_>, tests: &BTreeSet<Assay>) -> BTreeMap<Assay, String> {
    let Some(units) = table.table("units") else { return BTreeMap::new() };
    let entries = units.string_entries().into_iter();
    entries.filter_map(|(id, unit)| Some((known(&units, &id, tests)?, unit.value))).collect()
}

fn readings(table: &Table<'_>) -> Vec<(Reading, Vec<String>)> {
    let Some(readings) = table.table("readings") else { return Vec::new() };
    let mut known = Vec::new();
    for key in readings.keys() {
        let words = readings.one_or_more(&key.value);
        let words: Vec<String> = words.into_iter().map(|word| word.value).collect();
        if words.is_empty() {
            readings.fault(&key.place, "has no word");
        }
        match Reading::from_id(&key.value) {
            Some(reading) => known.push((reading, words)),
            None => readings.fault(&key.place, format!("{:?} is not a reading", key.value)),
        }
    }
    known
}

/// What stands in a message tells the result of an assay as the profile reads it.
fn says(table: &Table<'_>, plan: &UploadPlan, assay: Assay, layout: Option<&Layout>) {
    let (Ok(lines), Some(layout)) = (plan.lines(assay, false, false), layout) else { return };
    let measure = assay.measure();
    let by_words = |words: &VerdictWords| words.of(measure).is_some_and(|words| !words.is_empty());
    let by_words = layout.verdicts.iter().any(by_words);
    let fault = |message: String| table.fault(&table.place(), message);
    let places = lines.reading_places();
    if by_words && places == 0 {
        return fault(format!("{{reading}} of {assay} stands in no line of test"));
    }
    if !by_words && !lines.tell(Told::Number) {
        return fault(format!("{{number}} of {assay} stands in no line of test"));
    }
    for place in 0..places {
        for reading in required(measure) {
            if wordings(plan, layout, assay, *reading, place).is_empty() {
                let hole = Hole::Told(Told::Reading(place));
                let reading = reading.id();
                fault(format!("{reading} has no word for {hole}: add it to [upload.readings]"));
            }
        }
    }
}

/// What an analyser must be able to say.
const fn required(measure: Measure) -> &'static [Reading] {
    match measure {
        Measure::Marker => &[Reading::Nonreactive, Reading::Reactive],
        Measure::Abo => &[
            Reading::Abo(AboGroup::A),
            Reading::Abo(AboGroup::B),
            Reading::Abo(AboGroup::O),
            Reading::Abo(AboGroup::Ab),
        ],
        Measure::Rhd => &[Reading::Rhd(RhdType::Positive), Reading::Rhd(RhdType::Negative)],
        Measure::Quantity => &[],
    }
}

/// The words that can tell a reading at a place: what `[upload.readings]` says, then all that mean
/// the same in the `[[verdict]]` that reads this place.
pub(crate) fn wordings<'p>(
    plan: &'p UploadPlan,
    layout: &'p Layout,
    assay: Assay,
    reading: Reading,
    place: usize,
) -> Vec<&'p str> {
    let own = plan.words(reading).and_then(|words| words.get(place)).map(String::as_str);
    let read = verdict(plan, layout, assay.measure(), place).into_iter().flatten();
    let same = read.filter(|(_, known)| **known == reading).map(|(word, _)| word.as_str());
    own.into_iter().chain(same.filter(|word| Some(*word) != own)).collect()
}

/// The `[[verdict]]` that reads a place: the one that knows a word of `[upload.readings]` for it,
/// or else the one with its number among those for this kind of assay.
fn verdict<'p>(
    plan: &UploadPlan,
    layout: &'p Layout,
    measure: Measure,
    place: usize,
) -> Option<&'p BTreeMap<String, Reading>> {
    let mut tables = layout.verdicts.iter().filter_map(|words| words.of(measure));
    let words = plan.readings.iter().filter_map(|(_, words)| words.get(place));
    let known = |table: &&BTreeMap<String, Reading>| {
        words.clone().any(|word| table.contains_key(word.as_str()))
    };
    let named = tables.clone().find(known);
    named.or_else(|| tables.by_ref().filter(|table| !table.is_empty()).nth(place))
}
