//! What makes a profile dangerous, found before it reads its first message.

use std::collections::BTreeMap;

use super::layout::FLAG_EFFECTS;
use super::layout::{Ignore, Use};
use super::path::{Dialect, Path, RecordName, Scope};
use super::tables::{
    Aspect, Condition, FlagCodes, Layout, RecordPlan, Role, Slot, Threshold, VerdictWords,
};
use crate::document::{Placed, Table};
use crate::domain::{Assay, Reading, SpecimenKind};
use crate::limits;

/// No place is read and ignored, or read for two things that exclude each other.
pub(super) fn places(table: &Table<'_>, uses: &[Use], ignores: &[Ignore]) {
    for (index, used) in uses.iter().enumerate() {
        if ignores.iter().any(|ignore| ignore.path.overlaps(&used.path.leaf())) {
            table.fault(&used.place, "is read here and ignored elsewhere: remove one");
        }
        let earlier = uses.iter().take(index);
        for other in earlier.filter(|other| other.path.leaf() == used.path.leaf()) {
            if !may_share(other.role, used.role) {
                table.fault(&used.place, "is already read for something else");
            }
        }
    }
    for (index, ignore) in ignores.iter().enumerate() {
        if ignores.iter().take(index).any(|other| other.path.overlaps(&ignore.path)) {
            table.fault(&ignore.place, "is ignored twice");
        }
    }
}

/// A value may be its own number, verdict and flag; what names a specimen, its place or its test
/// may mark it too. Nothing else shares a place.
fn may_share(one: Role, other: Role) -> bool {
    let says = |role| {
        let text = matches!(role, Role::Text(Slot::Value | Slot::Number | Slot::Replicate));
        text || matches!(role, Role::Verdict(_) | Role::Flags(_))
    };
    let names = |role| {
        let named = Role::Text(Slot::TestCode);
        let placed = matches!(role, Role::Text(Slot::Rack | Slot::Position));
        placed || role == named || matches!(role, Role::SpecimenId(_))
    };
    let marks = |role| matches!(role, Role::Kind(_));
    let both = |one: Role, other: Role| names(one) && marks(other);
    one != other && (says(one) && says(other) || both(one, other) || both(other, one))
}

/// Sub-components in LIS02 exist only where the profile splits.
pub(super) fn splits(
    table: &Table<'_>,
    dialect: Dialect,
    uses: &[Use],
    ignores: &[Ignore],
    splits: &[(Path, String)],
) {
    let is_split = |path: &Path| {
        splits.iter().any(|(split, _)| {
            split.record == path.record
                && split.field == path.field
                && split.component == path.component
        })
    };
    let places = uses.iter().map(|used| (&used.path, &used.place));
    let places = places.chain(ignores.iter().map(|ignore| (&ignore.path, &ignore.place)));
    for (path, place) in places {
        let undivided = match dialect {
            Dialect::Lis02 => "LIS02 has no sub-components; use [[split]] on the component",
            Dialect::Text => "a cell has no parts; use [[split]] on it",
            Dialect::Hl7 | Dialect::Blocks => continue,
        };
        if path.subcomponent.is_some() && !is_split(path) {
            table.fault(place, undivided);
        }
    }
}

/// A verdict source must be able to say both yes and no.
pub(super) fn verdict(table: &Table<'_>, words: &VerdictWords) {
    if words.marker.is_empty() && words.abo.is_empty() && words.rhd.is_empty() {
        table.fault(&table.place(), "has no words: give marker, abo or rhd");
    }
    for word in words.no_reading.iter().filter(|word| words.has_reading(word)) {
        table.fault(&table.place(), format!("{word:?} both is and is not a reading"));
    }
    if words.marker.is_empty() {
        return;
    }
    for reading in [Reading::Reactive, Reading::Nonreactive] {
        let mut known = words.marker.values();
        if !known.any(|known| *known == reading) {
            let message = format!("marker has no word that means {}", reading.id());
            table.fault(&table.place(), message);
        }
    }
}

/// In a file a date is written as the computer's settings want it: 01/02/2026 is two days.
pub(super) fn times(table: &Table<'_>, dialect: Dialect, uses: &[Use]) {
    let time = uses.iter().find(|used| used.role == Role::Text(Slot::CompletedAt));
    let is_unsaid = dialect == Dialect::Text && !table.has("time");
    if let Some(used) = time.filter(|_| is_unsaid) {
        let message = "in which order do day, month and year stand? Give [time] format";
        table.fault(&used.place, message);
    }
}

/// Places stand in records that exist.
pub(super) fn declared(
    table: &Table<'_>,
    dialect: Dialect,
    layout: &Layout,
    uses: &[Use],
    ignores: &[Ignore],
) {
    let places = uses.iter().map(|used| (&used.path, &used.place));
    let places = places.chain(ignores.iter().map(|ignore| (&ignore.path, &ignore.place)));
    for (path, place) in places.filter(|(path, _)| layout.record(path.record).is_none()) {
        table.fault(place, format!("no [[record]] has the name {}", path.record));
    }
    for condition in layout.when.iter().filter(|when| layout.record(when.path.record).is_none()) {
        let message = format!("when: no [[record]] has the name {}", condition.path.record);
        table.fault(&table.place(), message);
    }
    let result = layout.record(layout.result_record);
    let carries = |plan: &RecordPlan| {
        plan.scope == Scope::Result || dialect == Dialect::Text || table.has("result_record")
    };
    if !result.is_some_and(carries) {
        table.fault(&table.place(), "no record carries results");
    }
}

/// Units of assays that are sent without one.
pub(super) fn units(table: &Table<'_>) -> BTreeMap<Assay, String> {
    let mut units = BTreeMap::new();
    for (id, unit) in table.string_entries() {
        match id.value.parse::<Assay>() {
            Ok(_) if unit.value.trim().is_empty() => table.fault(&unit.place, "is empty"),
            Ok(assay) => drop(units.insert(assay, unit.value)),
            Err(error) => table.fault(&id.place, error.to_string()),
        }
    }
    units
}

/// The codes of one place stand in one table, where each has one effect.
pub(super) fn flags(table: &Table<'_>, path: &Placed<String>, own: &FlagCodes, all: &[FlagCodes]) {
    let Some(other) = all.iter().find(|other| other.path.leaf() == own.path.leaf()) else { return };
    let text = format!("{} has its flags in another [[flags]] already: join the two", path.value);
    table.fault(&path.place, text);
    for key in FLAG_EFFECTS.map(|(key, _)| key) {
        let codes = table.table(key).map(|codes| codes.string_entries()).unwrap_or_default();
        for (code, _) in codes {
            let effect = |flags: &FlagCodes| flags.codes.get(&code.value).map(|known| known.effect);
            if effect(other).is_some_and(|known| Some(known) != effect(own)) {
                let text = format!("{:?} has another effect in the other [[flags]]", code.value);
                table.fault(&code.place, text);
            }
        }
    }
}

/// What a threshold is compared in is a unit that results can have.
pub(super) fn threshold_unit(table: &Table<'_>, layout: &Layout, threshold: &Threshold) {
    let all = threshold.assays.iter().map(|assay| Some(*assay));
    let mut all = all.chain(threshold.assays.is_empty().then_some(None));
    let Some(conversion) = all.find_map(|assay| layout.conversion(&threshold.unit, assay)) else {
        return;
    };
    let (unit, to) = (&conversion.unit, &conversion.to);
    let text = format!("{unit:?} is converted to {to:?}: give the threshold in that unit");
    let place = table.place_of("unit").unwrap_or(table.place());
    table.fault(&place, text);
}

/// What a layout must have.
pub(super) fn layout(table: &Table<'_>, dialect: Dialect, layout: &Layout, uses: &[Use]) {
    kinds(table, layout);
    aspects(table, layout);
    results(table, dialect, layout, uses);
    header(table, dialect, &layout.when, "when");
    let markers = layout.verdicts.iter().any(|words| !words.marker.is_empty());
    let blind = layout.thresholds.iter().any(|threshold| threshold.assays.is_empty());
    if blind && !markers {
        let message = "a threshold that gives the verdict must name its assays";
        table.fault(&table.place(), message);
    }
    if layout.status.is_empty() {
        table.fault(&table.place(), "[status] is missing: say how a result's status is known");
    }
}

/// Conditions on a whole message can only look at its header: in blocks at its first record, which
/// may be any.
pub(super) fn header(table: &Table<'_>, dialect: Dialect, conditions: &[Condition], key: &str) {
    for condition in conditions {
        let name = condition.path.record;
        if dialect != Dialect::Blocks && name != dialect.header() {
            let message = format!("{key} can only look at the header, not at {name}");
            table.fault(&table.place(), message);
        }
    }
}

fn kinds(table: &Table<'_>, layout: &Layout) {
    let marks =
        |wanted: fn(SpecimenKind) -> bool| layout.kinds.iter().any(|kind| kind.kinds().any(wanted));
    if !marks(|kind| kind != SpecimenKind::Donor) {
        let message = "no [[kind]] marks anything but donors: a control would pass for a donor";
        let first = table.tables("kind").first().map(|kind| kind.place());
        table.fault(&first.unwrap_or(table.place()), message);
    }
}

fn aspects(table: &Table<'_>, layout: &Layout) {
    let has = |wanted: fn(Aspect) -> bool| layout.aspects.values().any(|aspect| wanted(*aspect));
    let whole = has(Aspect::tells_verdict) && has(Aspect::tells_value);
    if !(layout.aspects.is_empty() || whole) {
        table.fault(&table.place(), "aspect must name a code for value and one for verdict");
    }
    let words = |counts| layout.validity.values().any(|word| *word == counts);
    let validity = has(|aspect| aspect == Aspect::Validity);
    if validity != words(true) || validity != words(false) {
        let message = "aspect must name a code for validity and words that say valid and invalid";
        table.fault(&table.place(), message);
    }
}

/// A result is bound to its test inside the record that carries it (FM-01); a file may be of one
/// test as a whole.
fn results(table: &Table<'_>, dialect: Dialect, layout: &Layout, uses: &[Use]) {
    for used in uses {
        let scope = layout.record(used.path.record).map(|plan| plan.scope);
        let own = used.path.record == layout.result_record;
        let bound = match used.role {
            Role::Text(Slot::TestCode | Slot::TestCodePart) => {
                let of_file = dialect == Dialect::Text && scope == Some(Scope::Message);
                own || of_file || scope == Some(Scope::Order)
            }
            Role::Text(Slot::Value | Slot::Number | Slot::Unit)
            | Role::Verdict(_)
            | Role::Validity
            | Role::Status
            | Role::Aspect => own,
            Role::Text(_)
            | Role::SpecimenId(_)
            | Role::OrderedTest
            | Role::OrderStatus
            | Role::Flags(_)
            | Role::Kind(_)
            | Role::Overall(_) => true,
        };
        if !bound {
            let message = format!("must stand in the result record, {}", layout.result_record);
            table.fault(&used.place, message);
        }
    }
}

/// A result may be ignored only for what stands in it.
pub(super) fn ignored_result(table: &Table<'_>, conditions: &[Condition], record: RecordName) {
    if conditions.is_empty() {
        table.fault(&table.place(), "when is missing: every result would be ignored");
    }
    if conditions.iter().any(|condition| condition.path.record != record) {
        table.fault(&table.place(), format!("when can only look at the result record, {record}"));
    }
}

/// How many others of its test must stand beside a result that is ignored.
pub(super) fn beside(table: &Table<'_>) -> usize {
    let most = i64::try_from(limits::RESULTS_PER_MESSAGE_MAX).unwrap_or(i64::MAX);
    let said = table.integer("beside", 1..=most);
    said.and_then(|said| usize::try_from(said.value).ok()).unwrap_or(0)
}

/// The parts of codes whose one value answers for several assays: each part is a test of its own.
pub(super) fn parts(
    root: &Table<'_>,
    tests: Option<&BTreeMap<String, Assay>>,
) -> BTreeMap<String, Vec<String>> {
    let Some(table) = root.table("parts") else { return BTreeMap::new() };
    let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for code in table.keys() {
        let names = table.strings(&code.value);
        if names.len() < 2 {
            table.fault(&code.place, "name at least two parts, or none");
        }
        let known = parts.entry(code.value.clone()).or_default();
        for name in names {
            let own = format!("{}/{}", code.value, name.value);
            if tests.is_some_and(|tests| !tests.contains_key(&own)) {
                table.fault(&name.place, format!("[tests] does not say which assay {own:?} is"));
            }
            if known.contains(&name.value) {
                table.fault(&name.place, format!("{:?} is named twice", name.value));
            }
            known.push(name.value);
        }
        if tests.is_some_and(|tests| tests.contains_key(&code.value)) {
            table.fault(&code.place, "is one of [tests] as well: a code is whole or has parts");
        }
    }
    let orders = ["answer", "order"].iter().any(|key| root.has(key));
    if !parts.is_empty() && orders && !root.has("order_codes") {
        table.fault(&table.place(), "no analyser knows a part by itself: give [order_codes]");
    }
    parts
}

/// Each code means one assay, each assay has one code (FM-15), and each can be read.
pub(super) fn tests(
    table: &Table<'_>,
    tests: &[(Placed<String>, Placed<String>)],
    layout: Option<&Layout>,
) -> BTreeMap<String, Assay> {
    let mut known: BTreeMap<String, Assay> = BTreeMap::new();
    for (code, id) in tests {
        let assay = match id.value.parse::<Assay>() {
            Ok(assay) => assay,
            Err(error) => {
                table.fault(&id.place, error.to_string());
                continue;
            }
        };
        if code.value.trim().is_empty() {
            table.fault(&code.place, "a test code cannot be empty");
        }
        if let Some((other, _)) = known.iter().find(|(_, other)| **other == assay) {
            let message = format!("{assay} already has the code {other:?} (FM-15)");
            table.fault(&code.place, message);
        }
        if layout.is_some_and(|layout| !layout.reads(assay)) {
            let message = format!("no [[verdict]] or [[threshold]] gives a reading for {assay}");
            table.fault(&code.place, message);
        }
        known.insert(code.value.clone(), assay);
    }
    known
}
