//! From the keys of a profile to the tables of a [`Layout`].

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use regex::Regex;

use super::path::{Dialect, Path, RecordName, Scope};
use super::tables::{
    Aspect, Cell, Condition, FlagCodes, FlagMeaning, Ignored, IgnoredResult, KindCodes, Layout,
    NumberFormat, Otherwise, RecordPlan, Role, Slot, TimeFormat, VerdictWords,
};
use super::{check, conversion, cutoff, rows};
use crate::document::{Place, Placed, Table};
use crate::domain::{Assay, Effect, Measure, Reading, ResultStatus, SpecimenKind};
use crate::limits;

/// Reads the layout keys of a table: the root of a profile, or one of its variants. `declared` are
/// the records that a profile adds to those of the dialect.
pub(super) fn parse(
    table: &Table<'_>,
    dialect: Dialect,
    declared: &[(RecordName, Scope)],
) -> Option<Layout> {
    let mut builder = Builder::new(table, dialect, declared);
    builder.fields();
    builder.units();
    builder.reagent();
    builder.kinds();
    builder.statuses();
    builder.verdicts();
    builder.aspects();
    builder.flags();
    builder.thresholds();
    builder.splits();
    builder.ignored();
    rows::parse(table, dialect, &mut builder.layout);
    check::places(table, &builder.uses, &builder.ignores);
    check::declared(table, dialect, &builder.layout, &builder.uses, &builder.ignores);
    check::times(table, dialect, &builder.uses);
    check::layout(table, dialect, &builder.layout, &builder.uses);
    builder.compile();
    Some(builder.layout)
}

/// Reads `when = ["PATH = VALUE", "PATH = ONE | OTHER", ...]`.
pub(super) fn conditions(table: &Table<'_>, dialect: Dialect) -> Vec<Condition> {
    let conditions = table.strings("when");
    conditions.iter().filter_map(|text| condition(table, text, dialect)).collect()
}

fn condition(table: &Table<'_>, text: &Placed<String>, dialect: Dialect) -> Option<Condition> {
    let Some((path, value)) = text.value.split_once('=') else {
        table.fault(&text.place, "write a condition as \"PATH = VALUE\"");
        return None;
    };
    let placed = Placed { value: path.trim().to_owned(), place: text.place.clone() };
    let path = field_path(table, &placed, dialect)?;
    let values = value.split(" | ").map(|value| value.trim().to_owned()).collect();
    Some(Condition { path: path.leaf(), split: None, values })
}

pub(super) fn field_path(
    table: &Table<'_>,
    text: &Placed<String>,
    dialect: Dialect,
) -> Option<Path> {
    let path = any_path(table, text, dialect)?;
    if path.field.is_none() {
        table.fault(&text.place, format!("{:?} names a record but no field of it", text.value));
        return None;
    }
    Some(path)
}

pub(super) fn any_path(table: &Table<'_>, text: &Placed<String>, dialect: Dialect) -> Option<Path> {
    match Path::parse(&text.value, dialect) {
        Ok(path) => Some(path),
        Err(message) => {
            table.fault(&text.place, message);
            None
        }
    }
}

/// A place that is read, and what for.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) path: Path,
    pub(super) role: Role,
    pub(super) place: Place,
}

/// A place that is dismissed.
#[derive(Clone, Debug)]
pub(super) struct Ignore {
    pub(super) path: Path,
    pub(super) place: Place,
}

struct Builder<'t, 'd> {
    table: &'t Table<'d>,
    dialect: Dialect,
    layout: Layout,
    uses: Vec<Use>,
    ignores: Vec<Ignore>,
    splits: Vec<(Path, String)>,
}

impl<'t, 'd> Builder<'t, 'd> {
    fn new(table: &'t Table<'d>, dialect: Dialect, declared: &[(RecordName, Scope)]) -> Self {
        let records = dialect.scopes().chain(declared.iter().copied());
        let layout = Layout {
            when: conditions(table, dialect),
            records: records.map(|(name, scope)| RecordPlan::new(dialect, name, scope)).collect(),
            result_record: result_record(table, dialect, declared),
            verdicts: Vec::new(),
            flags: Vec::new(),
            kinds: Vec::new(),
            status: BTreeMap::new(),
            order_status: BTreeMap::new(),
            units: BTreeMap::new(),
            conversions: Vec::new(),
            reagent_required: false,
            aspects: BTreeMap::new(),
            validity: BTreeMap::new(),
            required_aspects: Vec::new(),
            thresholds: Vec::new(),
            ignored_results: Vec::new(),
            ignored_records: Vec::new(),
            order_rows: Vec::new(),
            overall: Vec::new(),
            ignored: Vec::new(),
            number_format: number_format(table),
            unread_id_prefixes: id_prefixes(table, "unread_id_prefixes"),
            id_prefixes: id_prefixes(table, "id_prefixes"),
            time_format: time_format(table),
            knows_prefixes: table.has("id_prefixes"),
        };
        Builder { table, dialect, layout, uses: Vec::new(), ignores: Vec::new(), splits: vec![] }
    }

    fn used(&mut self, text: &Placed<String>, role: Role) -> Option<Path> {
        let path = field_path(self.table, text, self.dialect)?;
        self.uses.push(Use { path, role, place: text.place.clone() });
        Some(path)
    }

    fn fields(&mut self) {
        let Some(fields) = self.table.required_table("fields") else { return };
        let ids = fields.strings("specimen_id");
        if ids.is_empty() {
            self.table
                .fault(&fields.place(), "specimen_id is missing: where is the tube's number?");
        }
        for (priority, id) in ids.iter().enumerate() {
            self.used(id, Role::SpecimenId(priority));
        }
        for (key, role) in FIELDS {
            let path = match REQUIRED.contains(&key) {
                true => fields.required_string(key),
                false => fields.string(key),
            };
            if let Some(path) = path {
                self.used(&path, role);
            }
        }
    }

    fn units(&mut self) {
        if let Some(table) = self.table.table("units") {
            self.layout.units = check::units(&table);
        }
        self.layout.conversions = conversion::parse(self.table);
    }

    fn reagent(&mut self) {
        let Some(table) = self.table.table("reagent") else { return };
        let Some(required) = table.boolean("required") else { return };
        for (name, slot) in
            [("reagent_lot", Slot::ReagentLot), ("reagent_expiry", Slot::ReagentExpiry)]
        {
            let is_read = self.uses.iter().any(|used| used.role == Role::Text(slot));
            if required.value && !is_read {
                table.fault(&required.place, format!("[fields] {name} is missing: where is it?"));
            }
        }
        self.layout.reagent_required = required.value;
    }

    fn kinds(&mut self) {
        for table in self.table.tables("kind") {
            let path = self.coded_path(&table, Role::Kind(self.layout.kinds.len()));
            if let Some(kind) = kind_codes(&table, path) {
                self.layout.kinds.push(kind);
            }
        }
    }

    fn statuses(&mut self) {
        if let Some(table) = self.table.table("status") {
            self.layout.status = codes(&table, "codes", "a status", ResultStatus::from_id);
            let is_sent = !self.layout.status.keys().eq([""]);
            if is_sent || table.has("path") {
                self.coded_path(&table, Role::Status);
            }
        }
        if let Some(table) = self.table.table("order_status") {
            self.coded_path(&table, Role::OrderStatus);
            self.layout.order_status = codes(&table, "codes", "a status", ResultStatus::from_id);
        }
    }

    fn verdicts(&mut self) {
        for table in self.table.tables("verdict") {
            let path = self.coded_path(&table, Role::Verdict(self.layout.verdicts.len()));
            let words = verdict_words(&table);
            if path.is_some() {
                self.layout.verdicts.push(words);
            }
        }
    }

    fn aspects(&mut self) {
        let Some(table) = self.table.table("aspect") else { return };
        self.coded_path(&table, Role::Aspect);
        self.layout.aspects = codes(&table, "codes", "an aspect", |word| match word {
            "value" => Some(Aspect::Value),
            "verdict" => Some(Aspect::Verdict),
            "result" => Some(Aspect::Result),
            "validity" => Some(Aspect::Validity),
            "raw" => Some(Aspect::Raw),
            _ => None,
        });
        for code in table.strings("required") {
            if !self.layout.aspects.contains_key(&code.value) {
                table.fault(&code.place, format!("{:?} is none of the codes", code.value));
            }
            self.layout.required_aspects.push(code.value);
        }
        for (key, counts) in [("valid", true), ("invalid", false)] {
            for word in table.strings(key) {
                if self.layout.validity.insert(word.value.clone(), counts).is_some() {
                    table.fault(&word.place, format!("{:?} is named twice", word.value));
                }
            }
        }
    }

    fn flags(&mut self) {
        for table in self.table.tables("flags") {
            let path = self.coded_path(&table, Role::Flags(self.layout.flags.len()));
            let flags = path.map(|path| flag_codes(&table, path));
            if let (Some(flags), Some(text)) = (flags, table.string("path")) {
                check::flags(&table, &text, &flags, &self.layout.flags);
                self.layout.flags.push(flags);
            }
        }
    }

    fn thresholds(&mut self) {
        for table in self.table.tables("threshold") {
            let Some(threshold) = cutoff::parse(&table) else { continue };
            check::threshold_unit(&table, &self.layout, &threshold);
            self.layout.thresholds.push(threshold);
        }
        self.layout.thresholds.sort_by_key(|threshold| threshold.since);
    }

    fn splits(&mut self) {
        for table in self.table.tables("split") {
            let path = table.required_string("path");
            let Some(path) = path.and_then(|path| field_path(self.table, &path, self.dialect))
            else {
                continue;
            };
            let Some(at) = table.required_string("at") else { continue };
            let most = limits::SPLIT_AT_MAX;
            match at.value.chars().count() {
                count if (1..=most).contains(&count) => self.splits.push((path.leaf(), at.value)),
                _ => table.fault(&at.place, format!("must be 1 to {most} characters")),
            }
        }
        check::splits(self.table, self.dialect, &self.uses, &self.ignores, &self.splits);
    }

    fn ignored(&mut self) {
        for table in self.table.tables("ignore") {
            let why = reason(&table);
            for text in table.strings("paths") {
                let Some(path) = any_path(self.table, &text, self.dialect) else { continue };
                self.ignores.push(Ignore { path, place: text.place });
                self.layout.ignored.push(Ignored { path, why: why.clone() });
            }
        }
        for table in self.table.tables("ignore_result") {
            let why = reason(&table);
            let when = conditions(&table, self.dialect);
            check::ignored_result(&table, &when, self.layout.result_record);
            let beside = check::beside(&table);
            self.layout.ignored_results.push(IgnoredResult { when, beside, why });
        }
    }

    fn coded_path(&mut self, table: &Rc<Table<'d>>, role: Role) -> Option<Path> {
        let path = table.required_string("path")?;
        self.used(&path, role)
    }

    /// Conditions look at the parts of what is split.
    fn split_conditions(&mut self) {
        let of_results = self.layout.ignored_results.iter_mut().flat_map(|rule| &mut rule.when);
        for condition in self.layout.when.iter_mut().chain(of_results) {
            let own = Path { subcomponent: Some(1), ..condition.path };
            let split = self.splits.iter().find(|(path, _)| *path == own);
            condition.split = split.map(|(_, at)| at.clone());
        }
    }

    fn compile(&mut self) {
        self.split_conditions();
        for ignore in &self.ignores {
            compile_ignore(&mut self.layout, &ignore.path);
        }
        for (path, at) in &self.splits {
            let component = cells(&mut self.layout, path);
            if let Some(component) = component {
                component.split = Some(at.clone());
            }
        }
        for used in &self.uses {
            compile_use(&mut self.layout, used);
        }
    }
}

const REQUIRED: [&str; 2] = ["test_code", "value"];

const FIELDS: [(&str, Role); 17] = [
    ("test_code", Role::Text(Slot::TestCode)),
    ("test_code_part", Role::Text(Slot::TestCodePart)),
    ("value", Role::Text(Slot::Value)),
    ("measured_value", Role::Text(Slot::Value)),
    ("number", Role::Text(Slot::Number)),
    ("unit", Role::Text(Slot::Unit)),
    ("rack", Role::Text(Slot::Rack)),
    ("position", Role::Text(Slot::Position)),
    ("completed_at", Role::Text(Slot::CompletedAt)),
    ("reagent_lot", Role::Text(Slot::ReagentLot)),
    ("replicate", Role::Text(Slot::Replicate)),
    ("operator", Role::Text(Slot::Operator)),
    ("started_at", Role::Text(Slot::StartedAt)),
    ("control_lot", Role::Text(Slot::ControlLot)),
    ("reagent_expiry", Role::Text(Slot::ReagentExpiry)),
    ("ordered_test", Role::OrderedTest),
    ("next_ordered_test", Role::OrderedTest),
];

fn cells<'l>(layout: &'l mut Layout, path: &Path) -> Option<&'l mut super::tables::ComponentPlan> {
    let record = layout.record_mut(path.record)?;
    record.cells_mut(path.field?)?.component_mut(path.component.unwrap_or(1))
}

fn compile_ignore(layout: &mut Layout, path: &Path) {
    let Some(record) = layout.record_mut(path.record) else { return };
    match (path.field, path.component) {
        (None, _) => record.ignored = true,
        (Some(field), None) => record.ignore_field(field),
        (Some(_), Some(_)) => {
            let Some(component) = cells(layout, path) else { return };
            match path.subcomponent {
                None => component.ignored = true,
                Some(number) => {
                    if let Some(cell) = component.cell_mut(number) {
                        *cell = Cell::Ignored;
                    }
                }
            }
        }
    }
}

fn compile_use(layout: &mut Layout, used: &Use) {
    let whole = used.role == Role::Text(Slot::Value) && used.path.component.is_none();
    if whole {
        let record = layout.record_mut(used.path.record);
        let cells = record.and_then(|record| record.cells_mut(used.path.field.unwrap_or(0)));
        if let Some(cells) = cells {
            cells.whole_is_value = true;
        }
    }
    let leaf = used.path.leaf();
    let Some(component) = cells(layout, &leaf) else { return };
    let Some(cell) = component.cell_mut(leaf.subcomponent.unwrap_or(1)) else { return };
    let role = (!whole).then_some(used.role);
    match cell {
        Cell::Roles(roles) => roles.extend(role),
        Cell::Unaccounted | Cell::Ignored => *cell = Cell::Roles(role.into_iter().collect()),
    }
}

fn result_record(
    table: &Table<'_>,
    dialect: Dialect,
    declared: &[(RecordName, Scope)],
) -> RecordName {
    let own = declared.iter().find(|(_, scope)| *scope == Scope::Result);
    let usual = own.map_or(dialect.result_record(), |(name, _)| *name);
    let Some(text) = table.string("result_record") else { return usual };
    match Path::parse(&text.value, dialect) {
        Ok(Path { record, field: None, .. }) => record,
        Ok(_) | Err(_) => {
            table.fault(&text.place, format!("{:?} is not a record", text.value));
            usual
        }
    }
}

fn number_format(table: &Table<'_>) -> NumberFormat {
    let mut format = NumberFormat { decimal: '.', thousands: None };
    let Some(table) = table.table("number_format") else { return format };
    let character = |key: &str| {
        let text = table.string(key)?;
        let known = match text.value.as_str() {
            "." => Some('.'),
            "," => Some(','),
            _ => None,
        };
        if known.is_none() {
            table.fault(&text.place, "must be \".\" or \",\"");
        }
        known
    };
    format.decimal = character("decimal").unwrap_or('.');
    format.thousands = character("thousands");
    if format.thousands == Some(format.decimal) {
        table.fault(&table.place(), "decimal and thousands must differ");
    }
    format
}

fn time_format(table: &Table<'_>) -> TimeFormat {
    let Some(table) = table.table("time") else { return TimeFormat::Standard };
    let Some(word) = table.required_string("format") else { return TimeFormat::Standard };
    TimeFormat::from_id(&word.value).unwrap_or_else(|| {
        table.fault(&word.place, "must be standard, MDY, DMY or YMD");
        TimeFormat::Standard
    })
}

/// What a specimen id may begin with.
pub(super) fn id_prefixes(table: &Table<'_>, key: &str) -> Vec<String> {
    let mut prefixes = Vec::new();
    for prefix in table.strings(key) {
        if prefix.value.trim().is_empty() {
            table.fault(&prefix.place, "every specimen id begins with an empty prefix");
        }
        prefixes.push(prefix.value);
    }
    prefixes
}

pub(super) fn reason(table: &Table<'_>) -> String {
    let Some(why) = table.required_string("why") else { return String::new() };
    if why.value.trim().is_empty() {
        table.fault(&why.place, "say why it may be ignored");
    }
    why.value
}

fn kind_codes(table: &Rc<Table<'_>>, path: Option<Path>) -> Option<KindCodes> {
    let known = table.table("codes");
    let known_patterns = table.table("matches");
    if known.is_none() && known_patterns.is_none() {
        table.fault(&table.place(), "codes is missing: what tells a control from a donor?");
    }
    let codes = known.map(|codes| coded(&codes, "a kind", SpecimenKind::from_id));
    let otherwise = table.string("otherwise").and_then(|word| {
        let kind = SpecimenKind::from_id(&word.value);
        if kind.is_none() {
            table.fault(&word.place, format!("{:?} is not a kind", word.value));
        }
        kind
    });
    let matches = known_patterns
        .map(|known| patterns(&known, "a kind", SpecimenKind::from_id))
        .unwrap_or_default();
    Some(KindCodes { path: path?, codes: codes.unwrap_or_default(), matches, otherwise })
}

/// Regular expressions, each of which must match a text from end to end, and what each means.
fn patterns<T>(table: &Table<'_>, what: &str, read: impl Fn(&str) -> Option<T>) -> Vec<(Regex, T)> {
    let mut patterns = Vec::new();
    for (pattern, word) in table.string_entries() {
        let kind = read(&word.value);
        if kind.is_none() {
            table.fault(&word.place, format!("{:?} is not {what}", word.value));
        }
        match Regex::new(&format!(r"\A(?:{})\z", pattern.value)) {
            Ok(regex) => patterns.extend(kind.map(|kind| (regex, kind))),
            Err(error) => {
                let words = error.to_string();
                let last = words.lines().last().unwrap_or_default().trim();
                table.fault(&pattern.place, format!("is not a regular expression: {last}"));
            }
        }
    }
    patterns
}

fn codes<T>(
    table: &Rc<Table<'_>>,
    key: &str,
    what: &str,
    read: impl Fn(&str) -> Option<T>,
) -> BTreeMap<String, T> {
    let Some(codes) = table.required_table(key) else { return BTreeMap::new() };
    coded(&codes, what, read)
}

pub(super) fn coded<T>(
    table: &Table<'_>,
    what: &str,
    read: impl Fn(&str) -> Option<T>,
) -> BTreeMap<String, T> {
    let entries = table.string_entries().into_iter();
    entries
        .filter_map(|(code, word)| {
            let meaning = read(&word.value);
            if meaning.is_none() {
                table.fault(&word.place, format!("{:?} is not {what}", word.value));
            }
            Some((code.value, meaning?))
        })
        .collect()
}

/// Words for a verdict, and patterns for those that cannot be listed.
pub(super) fn verdict_words(table: &Rc<Table<'_>>) -> VerdictWords {
    let words = VerdictWords {
        marker: readings(table, "marker", Measure::Marker),
        abo: readings(table, "abo", Measure::Abo),
        rhd: readings(table, "rhd", Measure::Rhd),
        no_reading: table.strings("no_reading").into_iter().map(|word| word.value).collect(),
        number: number_reading(table),
    };
    check::verdict(table, &words);
    words
}

pub(super) fn flag_codes(table: &Rc<Table<'_>>, path: Path) -> FlagCodes {
    FlagCodes {
        path,
        codes: flag_meanings(table),
        otherwise: otherwise(table),
        listed: listed(table),
        required: table.boolean("required").is_some_and(|required| required.value),
        of_order: false,
    }
}

fn readings(table: &Rc<Table<'_>>, key: &str, measure: Measure) -> BTreeMap<String, Reading> {
    let Some(words) = table.table(key) else { return BTreeMap::new() };
    coded(&words, &format!("a reading of {key}"), |word| {
        Reading::from_id(word).filter(|reading| fits(*reading, measure))
    })
}

/// Whether a reading can be the answer of such an assay.
const fn fits(reading: Reading, measure: Measure) -> bool {
    match reading {
        Reading::Invalid => true,
        Reading::Nonreactive | Reading::Reactive | Reading::GreyZone => {
            matches!(measure, Measure::Marker)
        }
        Reading::Abo(_) => matches!(measure, Measure::Abo),
        Reading::Rhd(_) => matches!(measure, Measure::Rhd),
    }
}

/// Keys of a table of flags, and what the codes below each do.
pub(super) const FLAG_EFFECTS: [(&str, Option<Effect>); 3] = [
    ("accepted", None),
    ("invalidates", Some(Effect::Invalidates)),
    ("holds", Some(Effect::Holds)),
];

fn flag_meanings(table: &Rc<Table<'_>>) -> BTreeMap<String, FlagMeaning> {
    let mut meanings = BTreeMap::new();
    for (key, effect) in FLAG_EFFECTS {
        let Some(codes) = table.table(key) else { continue };
        for (code, why) in codes.string_entries() {
            let meaning = FlagMeaning { effect, why: why.value, contradicts: None };
            if meanings.insert(code.value.clone(), meaning).is_some() {
                table.fault(&code.place, format!("{:?} already has another effect", code.value));
            }
        }
    }
    contradictions(table, &mut meanings);
    meanings
}

/// Flags that cannot go with a reading.
fn contradictions(table: &Rc<Table<'_>>, meanings: &mut BTreeMap<String, FlagMeaning>) {
    let Some(codes) = table.table("contradicts") else { return };
    for (code, word) in codes.string_entries() {
        let reading = marker_reading(&word.value);
        if reading.is_none() {
            codes.fault(&word.place, format!("{:?} is not a reading of marker", word.value));
        }
        match meanings.get_mut(&code.value) {
            Some(meaning) => meaning.contradicts = reading,
            None => codes.fault(&code.place, format!("{:?} has no effect above", code.value)),
        }
    }
}

/// What a number says in place of a word.
fn number_reading(table: &Table<'_>) -> Option<Reading> {
    let word = table.string("number")?;
    let reading = marker_reading(&word.value).filter(|reading| *reading != Reading::Nonreactive);
    if reading.is_none() {
        table.fault(&word.place, "must be \"reactive\", \"grey_zone\" or \"invalid\"");
    }
    reading
}

fn marker_reading(word: &str) -> Option<Reading> {
    Reading::from_id(word).filter(|reading| fits(*reading, Measure::Marker))
}

fn otherwise(table: &Table<'_>) -> Otherwise {
    let Some(word) = table.string("otherwise") else { return Otherwise::Unaccounted };
    if word.value == "unaccounted" {
        return Otherwise::Unaccounted;
    }
    match Effect::from_id(&word.value) {
        Some(effect) => Otherwise::Effect(effect),
        None => {
            table.fault(&word.place, "must be \"unaccounted\", \"invalidates\" or \"holds\"");
            Otherwise::Unaccounted
        }
    }
}

fn listed(table: &Table<'_>) -> bool {
    let Some(word) = table.string("as") else { return true };
    if !["flag", "alarm"].contains(&word.value.as_str()) {
        table.fault(&word.place, "must be \"flag\" or \"alarm\"");
    }
    word.value != "alarm"
}

/// The `assays` that a table is about, of which each must do.
pub(super) fn assays(
    table: &Table<'_>,
    refusal: fn(Assay) -> Option<&'static str>,
) -> BTreeSet<Assay> {
    let mut assays = BTreeSet::new();
    for id in table.strings("assays") {
        match id.value.parse::<Assay>().map(|assay| (assay, refusal(assay))) {
            Ok((assay, None)) => {
                assays.insert(assay);
            }
            Ok((_, Some(why))) => table.fault(&id.place, format!("{:?} {why}", id.value)),
            Err(error) => table.fault(&id.place, error.to_string()),
        }
    }
    assays
}
