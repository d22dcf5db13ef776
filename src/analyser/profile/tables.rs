//! A profile as it is used: for each record an array indexed by field number, so that reading a
//! message never searches the profile by text.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use regex::Regex;
use rust_decimal::Decimal;

use super::path::{Dialect, Path, RecordName, Scope};
use crate::domain::{Assay, Effect, Measure, Reading, ResultStatus, SpecimenKind};

/// How to read one type of message of an analyser.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// All must hold, else the message is not of this layout.
    pub(crate) when: Vec<Condition>,
    pub(crate) records: Vec<RecordPlan>,
    pub(crate) result_record: RecordName,
    pub(crate) verdicts: Vec<VerdictWords>,
    pub(crate) flags: Vec<FlagCodes>,
    pub(crate) kinds: Vec<KindCodes>,
    pub(crate) status: BTreeMap<String, ResultStatus>,
    pub(crate) order_status: BTreeMap<String, ResultStatus>,
    /// Of assays whose unit is not sent.
    pub(crate) units: BTreeMap<Assay, String>,
    pub(crate) conversions: Vec<Conversion>,
    /// A donor's result is held without its reagent's lot and expiry.
    pub(crate) reagent_required: bool,
    pub(crate) aspects: BTreeMap<String, Aspect>,
    /// What a `validity` record may say: that the result counts, or that it does not.
    pub(crate) validity: BTreeMap<String, bool>,
    /// The aspects without which a result is held.
    pub(crate) required_aspects: Vec<String>,
    pub(crate) thresholds: Vec<Threshold>,
    pub(crate) ignored_results: Vec<IgnoredResult>,
    /// Attached records that are dismissed for what stands in them.
    pub(crate) ignored_records: Vec<Dismissal>,
    /// Result records that are no results, but say something of all results of their order.
    pub(crate) order_rows: Vec<OrderRow>,
    /// The words of those that are the overall result of the order.
    pub(crate) overall: Vec<VerdictWords>,
    pub(crate) ignored: Vec<Ignored>,
    pub(crate) number_format: NumberFormat,
    pub(crate) time_format: TimeFormat,
    pub(crate) unread_id_prefixes: Vec<String>,
    /// Taken away in front of specimen ids.
    pub(crate) id_prefixes: Vec<String>,
    /// The profile says which prefixes there are, be it none: a number behind another is told.
    pub(crate) knows_prefixes: bool,
}

/// `PATH = VALUE | VALUE`.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) path: Path,
    /// The component is split at this text.
    pub(crate) split: Option<String>,
    /// One of these must stand there.
    pub(crate) values: Vec<String>,
}

/// A result dismissed by name.
#[derive(Clone, Debug)]
pub(crate) struct IgnoredResult {
    pub(crate) when: Vec<Condition>,
    /// Only where its order has so many others of its test: a mean without what it is the mean of
    /// is all that is known.
    pub(crate) beside: usize,
    pub(crate) why: String,
}

/// Whole messages that are dismissed by what stands in them.
#[derive(Clone, Debug)]
pub(crate) struct Dismissal {
    /// All must hold.
    pub(crate) when: Vec<Condition>,
    pub(crate) why: String,
}

/// Something dismissed by name.
#[derive(Clone, Debug)]
pub(crate) struct Ignored {
    pub(crate) path: Path,
    pub(crate) why: String,
}

/// What to do with each field of one record.
#[derive(Clone, Debug)]
pub(crate) struct RecordPlan {
    pub(crate) name: RecordName,
    pub(crate) scope: Scope,
    pub(crate) ignored: bool,
    /// Indexed by field number.
    fields: Vec<FieldPlan>,
}

/// What to do with one field.
#[derive(Clone, Debug, Default)]
pub(crate) enum FieldPlan {
    /// Nobody asked for it: whatever stands there is unaccounted.
    #[default]
    Unaccounted,
    /// Dismissed by name.
    Ignored,
    /// Some of it is read.
    Read(FieldCells),
}

/// The parts of a field.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldCells {
    /// The field as a whole is the value.
    pub(crate) whole_is_value: bool,
    /// Indexed by component number less one.
    pub(crate) components: Vec<ComponentPlan>,
}

/// What to do with one component.
#[derive(Clone, Debug, Default)]
pub(crate) struct ComponentPlan {
    /// Dismissed by name with everything in it.
    pub(crate) ignored: bool,
    /// Split at this text, in place of sub-components.
    pub(crate) split: Option<String>,
    /// Indexed by sub-component number less one.
    pub(crate) cells: Vec<Cell>,
}

/// What to do with the smallest piece.
#[derive(Clone, Debug, Default)]
pub(crate) enum Cell {
    #[default]
    Unaccounted,
    Ignored,
    Roles(Vec<Role>),
}

/// What a piece is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// One text of the observation.
    Text(Slot),
    SpecimenId(usize),
    OrderedTest,
    Status,
    OrderStatus,
    Verdict(usize),
    Validity,
    Flags(usize),
    Kind(usize),
    Aspect,
    /// The overall result of an order.
    Overall(usize),
}

/// Texts of an observation that stand at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Rack,
    Position,
    TestCode,
    /// The second half of a code that stands at two places.
    TestCodePart,
    Value,
    Number,
    Unit,
    CompletedAt,
    ReagentLot,
    Replicate,
    Operator,
    StartedAt,
    ControlLot,
    ReagentExpiry,
}

impl Slot {
    pub(crate) const COUNT: usize = 14;

    /// Its place in an array of [`Slot::COUNT`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// What a result record tells where several make one result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// The value with its unit.
    Value,
    /// The verdict in words.
    Verdict,
    /// Value and verdict in one.
    Result,
    /// Whether the result counts: what its internal control says.
    Validity,
    /// Raw measurements that nobody decides by.
    Raw,
}

impl Aspect {
    /// Whether the value stands there.
    pub(crate) const fn tells_value(self) -> bool {
        matches!(self, Aspect::Value | Aspect::Result)
    }

    /// Whether the verdict stands there.
    pub(crate) const fn tells_verdict(self) -> bool {
        matches!(self, Aspect::Verdict | Aspect::Result)
    }
}

/// Words for a verdict at one place.
#[derive(Clone, Debug, Default)]
pub(crate) struct VerdictWords {
    pub(crate) marker: BTreeMap<String, Reading>,
    pub(crate) abo: BTreeMap<String, Reading>,
    pub(crate) rhd: BTreeMap<String, Reading>,
    /// Known words that are no verdict.
    pub(crate) no_reading: BTreeSet<String>,
    /// What a number, or a limit like `< 20`, in place of a word says of a marker.
    pub(crate) number: Option<Reading>,
}

/// Codes at one place that accept, doubt or undo a result.
#[derive(Clone, Debug)]
pub(crate) struct FlagCodes {
    pub(crate) path: Path,
    pub(crate) codes: BTreeMap<String, FlagMeaning>,
    pub(crate) otherwise: Otherwise,
    /// Listed among the flags of the observation, or only acted upon.
    pub(crate) listed: bool,
    /// A result without it is held.
    pub(crate) required: bool,
    /// It stands in a row of its own and counts for all results of its order.
    pub(crate) of_order: bool,
}

/// A result record that is no result: what one place of it says, counts for its order.
#[derive(Clone, Debug)]
pub(crate) struct OrderRow {
    pub(crate) when: Vec<Condition>,
    pub(crate) path: Path,
    pub(crate) role: Role,
    /// Why the rest of it may be dismissed.
    pub(crate) why: String,
}

/// What one flag does.
#[derive(Clone, Debug)]
pub(crate) struct FlagMeaning {
    /// `None` is accepted.
    pub(crate) effect: Option<Effect>,
    pub(crate) why: String,
    /// The reading that it cannot go with.
    pub(crate) contradicts: Option<Reading>,
}

/// What a flag does that the profile does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Otherwise {
    Unaccounted,
    Effect(Effect),
}

/// Codes at one place that tell what was in the tube.
#[derive(Clone, Debug)]
pub(crate) struct KindCodes {
    pub(crate) path: Path,
    pub(crate) codes: BTreeMap<String, SpecimenKind>,
    /// What a text that is none of the codes matches as a whole.
    pub(crate) matches: Vec<(Regex, SpecimenKind)>,
    /// What a text is that is none of these.
    pub(crate) otherwise: Option<SpecimenKind>,
}

/// From the unit that the analyser sends to the one that is decided in.
#[derive(Clone, Debug)]
pub(crate) struct Conversion {
    /// Empty: of every assay that none of the others names.
    pub(crate) assays: BTreeSet<Assay>,
    pub(crate) unit: String,
    pub(crate) to: String,
    pub(crate) factor: Decimal,
}

/// From where on a marker is reactive: the verdict where the analyser sends none, a check of the
/// verdict where it does.
#[derive(Clone, Debug)]
pub(crate) struct Threshold {
    /// Empty: every marker that is sent with this unit.
    pub(crate) assays: BTreeSet<Assay>,
    pub(crate) unit: String,
    pub(crate) reactive_from: Decimal,
    /// Not from there on, but up to there: a competitive assay, whose signal falls where there is
    /// much.
    pub(crate) falls: bool,
    pub(crate) grey_from: Option<Decimal>,
    pub(crate) since: Date,
}

/// How the analyser writes numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberFormat {
    pub(crate) decimal: char,
    pub(crate) thousands: Option<char>,
}

impl NumberFormat {
    /// A number as the analyser writes it.
    pub(crate) fn write(self, number: Decimal) -> String {
        let text = number.to_string();
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text.as_str(), None),
        };
        let mut written = self.grouped(whole);
        if let Some(fraction) = fraction {
            written.push(self.decimal);
            written.push_str(fraction);
        }
        written
    }

    fn grouped(self, whole: &str) -> String {
        let Some(separator) = self.thousands else { return whole.to_owned() };
        let digits = whole.trim_start_matches('-');
        let mut grouped = whole.get(..whole.len() - digits.len()).unwrap_or_default().to_owned();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(separator);
            }
            grouped.push(digit);
        }
        grouped
    }
}

/// How the analyser writes dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeFormat {
    /// `YYYYMMDD` and what follows, without anything between.
    Standard,
    /// Month, day, year.
    Mdy,
    /// Day, month, year.
    Dmy,
    /// Year, month, day.
    Ymd,
}

impl TimeFormat {
    const ALL: [TimeFormat; 4] =
        [TimeFormat::Standard, TimeFormat::Mdy, TimeFormat::Dmy, TimeFormat::Ymd];

    /// The word in profiles.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            TimeFormat::Standard => "standard",
            TimeFormat::Mdy => "MDY",
            TimeFormat::Dmy => "DMY",
            TimeFormat::Ymd => "YMD",
        }
    }

    /// A time as the analyser writes it.
    pub(crate) fn write(self, time: DateTime) -> String {
        let format = match self {
            TimeFormat::Standard => "%Y%m%d%H%M%S",
            TimeFormat::Mdy => "%m/%d/%Y %H:%M:%S",
            TimeFormat::Dmy => "%d/%m/%Y %H:%M:%S",
            TimeFormat::Ymd => "%Y-%m-%d %H:%M:%S",
        };
        time.strftime(format).to_string()
    }

    /// The format with this word.
    pub(crate) fn from_id(id: &str) -> Option<TimeFormat> {
        TimeFormat::ALL.into_iter().find(|format| format.id() == id)
    }
}

impl Layout {
    /// The plan of a record, if the dialect has it.
    pub(crate) fn record(&self, name: RecordName) -> Option<&RecordPlan> {
        self.records.iter().find(|plan| plan.name == name)
    }

    pub(crate) fn record_mut(&mut self, name: RecordName) -> Option<&mut RecordPlan> {
        self.records.iter_mut().find(|plan| plan.name == name)
    }

    /// The conversion of a unit: one that names the assay before one for all.
    pub(crate) fn conversion(&self, unit: &str, assay: Option<Assay>) -> Option<&Conversion> {
        let mut same = self.conversions.iter().filter(|known| known.unit == unit);
        let own = assay
            .and_then(|assay| same.clone().find(|conversion| conversion.assays.contains(&assay)));
        own.or_else(|| same.find(|conversion| conversion.assays.is_empty()))
    }

    /// Whether a text of an observation is read anywhere.
    pub(crate) fn has(&self, slot: Slot) -> bool {
        let records = self.records.iter().filter(|record| !record.ignored);
        records.flat_map(RecordPlan::roles).any(|role| role == Role::Text(slot))
    }

    /// Whether results of this kind can get a reading or number at all.
    pub(crate) fn reads(&self, assay: Assay) -> bool {
        match assay.measure() {
            Measure::Quantity => true,
            Measure::Abo => self.verdicts.iter().any(|words| !words.abo.is_empty()),
            Measure::Rhd => self.verdicts.iter().any(|words| !words.rhd.is_empty()),
            Measure::Marker => {
                self.verdicts.iter().any(|words| !words.marker.is_empty())
                    || self.thresholds.iter().any(|threshold| threshold.assays.contains(&assay))
            }
        }
    }
}

impl KindCodes {
    /// What a text says, padding removed; `None` where it says nothing that is known, or where two
    /// patterns disagree about it. What was not sent is known by the code `""` only.
    pub(crate) fn of(&self, code: &str) -> Option<SpecimenKind> {
        let exact = self.codes.get(code).copied();
        if exact.is_some() || code.is_empty() {
            return exact;
        }
        let mut matching = self.matches.iter().filter(|(pattern, _)| pattern.is_match(code));
        match matching.next() {
            Some((_, kind)) => matching.all(|(_, other)| other == kind).then_some(*kind),
            None => self.otherwise,
        }
    }

    /// Every kind that it can tell.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = SpecimenKind> {
        let patterns = self.matches.iter().map(|(_, kind)| *kind);
        self.codes.values().copied().chain(patterns).chain(self.otherwise)
    }
}

impl RecordPlan {
    /// A record of which only its structure is known.
    pub(crate) fn new(dialect: Dialect, name: RecordName, scope: Scope) -> RecordPlan {
        let structural = if dialect == Dialect::Text { 0..=0 } else { 0..=3 };
        let fields = structural
            .map(|number| match dialect.is_structural(name, number) {
                true => FieldPlan::Ignored,
                false => FieldPlan::Unaccounted,
            })
            .collect();
        RecordPlan { name, scope, ignored: false, fields }
    }

    /// The plan of a field.
    pub(crate) fn field(&self, number: usize) -> &FieldPlan {
        match self.ignored {
            true => &FieldPlan::Ignored,
            false => self.fields.get(number).unwrap_or(&FieldPlan::Unaccounted),
        }
    }

    /// The highest number of a field that is mentioned.
    pub(crate) fn last_field(&self) -> usize {
        self.fields.len().saturating_sub(1)
    }

    fn roles(&self) -> impl Iterator<Item = Role> {
        let cells = self.fields.iter().filter_map(|field| match field {
            FieldPlan::Read(cells) => Some(cells),
            FieldPlan::Unaccounted | FieldPlan::Ignored => None,
        });
        let cells = cells.flat_map(|cells| &cells.components);
        let cells = cells.flat_map(|component| &component.cells);
        let roles = cells.filter_map(|cell| match cell {
            Cell::Roles(roles) => Some(roles),
            Cell::Unaccounted | Cell::Ignored => None,
        });
        roles.flatten().copied()
    }

    pub(crate) fn ignore_field(&mut self, number: usize) {
        if let Some(field) = slot_mut(&mut self.fields, number) {
            *field = FieldPlan::Ignored;
        }
    }

    /// The cells of a field, which is read from now on.
    pub(crate) fn cells_mut(&mut self, number: usize) -> Option<&mut FieldCells> {
        let field = slot_mut(&mut self.fields, number)?;
        if !matches!(field, FieldPlan::Read(_)) {
            *field = FieldPlan::Read(FieldCells::default());
        }
        match field {
            FieldPlan::Read(cells) => Some(cells),
            FieldPlan::Unaccounted | FieldPlan::Ignored => None,
        }
    }
}

impl FieldPlan {
    /// Whether the whole field is a specimen's number.
    pub(crate) fn is_specimen_id(&self) -> bool {
        let FieldPlan::Read(cells) = self else { return false };
        let cell = cells.components.first().and_then(|component| component.cells.first());
        match cell {
            Some(Cell::Roles(roles)) => {
                roles.iter().any(|role| matches!(role, Role::SpecimenId(_)))
            }
            Some(Cell::Unaccounted | Cell::Ignored) | None => false,
        }
    }
}

impl FieldCells {
    /// The component with this number (from 1).
    pub(crate) fn component_mut(&mut self, number: usize) -> Option<&mut ComponentPlan> {
        slot_mut(&mut self.components, number.checked_sub(1)?)
    }
}

impl ComponentPlan {
    /// The sub-component with this number (from 1).
    pub(crate) fn cell_mut(&mut self, number: usize) -> Option<&mut Cell> {
        slot_mut(&mut self.cells, number.checked_sub(1)?)
    }
}

impl VerdictWords {
    /// Whether the word is known at all.
    pub(crate) fn knows(&self, word: &str) -> bool {
        self.has_reading(word) || self.no_reading.contains(word)
    }

    /// What the word says of this kind of assay.
    pub(crate) fn reading(&self, measure: Measure, word: &str) -> Option<Reading> {
        self.of(measure)?.get(word).copied()
    }

    /// Whether the word is a reading of some kind of assay.
    pub(crate) fn has_reading(&self, word: &str) -> bool {
        [&self.marker, &self.abo, &self.rhd].into_iter().any(|words| words.contains_key(word))
    }

    /// The words for this kind of answer; none for quantities.
    pub(crate) fn of(&self, measure: Measure) -> Option<&BTreeMap<String, Reading>> {
        match measure {
            Measure::Marker => Some(&self.marker),
            Measure::Abo => Some(&self.abo),
            Measure::Rhd => Some(&self.rhd),
            Measure::Quantity => None,
        }
    }
}

fn slot_mut<T: Default>(slots: &mut Vec<T>, index: usize) -> Option<&mut T> {
    if slots.len() <= index {
        slots.resize_with(index + 1, T::default);
    }
    slots.get_mut(index)
}
