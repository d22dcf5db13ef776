//! What a piece that the reader took is for, in words, and what it was understood as.

use super::super::super::explain::Became;
use super::super::super::profile::tables::{Aspect, Role, Slot};
use super::super::super::without_prefix;
use super::super::gather::{Found, Level};
use super::super::interpret::Context;
use super::super::number::Quantity;
use super::super::time;
use crate::domain::{Effect, Measure};

/// A piece with everything that it is read for.
pub(super) fn of(context: &Context<'_>, level: &Level<'_>, read: &[(Role, Found<'_>)]) -> Became {
    let mut roles: Vec<&'static str> = Vec::new();
    let mut meanings: Vec<String> = Vec::new();
    for (role, found) in read {
        roles.push(words(*role));
        let meaning = meaning(context, level, *role, *found);
        meanings.extend(meaning.filter(|meaning| !meanings.contains(meaning)));
    }
    roles.dedup();
    let meaning = (!meanings.is_empty()).then(|| meanings.join("; "));
    Became::Mapped { role: roles.join(", "), meaning }
}

/// What a place is for.
pub(super) const fn words(role: Role) -> &'static str {
    match role {
        Role::Text(slot) => slot_words(slot),
        Role::SpecimenId(_) => "specimen id",
        Role::OrderedTest => "ordered test",
        Role::Status => "status",
        Role::OrderStatus => "order status",
        Role::Verdict(_) => "verdict",
        Role::Validity => "validity",
        Role::Overall(_) => "overall result of the order",
        Role::Flags(_) => "flag",
        Role::Kind(_) => "kind of specimen",
        Role::Aspect => "part of a result",
    }
}

const fn slot_words(slot: Slot) -> &'static str {
    match slot {
        Slot::Rack => "rack",
        Slot::Position => "position",
        Slot::TestCode | Slot::TestCodePart => "test code",
        Slot::Value => "value",
        Slot::Number => "number",
        Slot::Unit => "unit",
        Slot::CompletedAt => "time",
        Slot::StartedAt => "time of the start",
        Slot::Operator => "operator",
        Slot::ControlLot => "lot of the control",
        Slot::ReagentExpiry => "expiry of the reagent",
        Slot::ReagentLot => "reagent lot",
        Slot::Replicate => "replicate",
    }
}

fn meaning(
    context: &Context<'_>,
    level: &Level<'_>,
    role: Role,
    found: Found<'_>,
) -> Option<String> {
    let text = context.trimmed(found);
    match role {
        Role::Text(Slot::Value | Slot::Number) => number(context, level, &text),
        Role::Text(slot) => text_meaning(context, slot, &text),
        Role::SpecimenId(_) => Some(specimen(context, &text)),
        Role::OrderedTest => Some(test(context, &text)),
        Role::Status => status(context.layout.status.get(text.as_ref())),
        Role::OrderStatus => status(context.layout.order_status.get(text.as_ref())),
        Role::Validity => {
            let valid = context.layout.validity.get(text.as_ref())?;
            Some(if *valid { "valid" } else { "not valid" }.to_owned())
        }
        Role::Overall(index) => {
            let words = context.layout.overall.get(index)?;
            words.reading(Measure::Marker, &text).map(|reading| reading.id().to_owned())
        }
        Role::Verdict(index) => verdict(context, level, index, &text),
        Role::Flags(index) => flag(context, index, &text),
        Role::Kind(index) => {
            let marking = context.layout.kinds.get(index)?;
            context.marked(marking, Some(found)).map(|kind| kind.id().to_owned())
        }
        Role::Aspect => {
            context.layout.aspects.get(text.as_ref()).map(|aspect| aspect_words(*aspect))
        }
    }
}

fn text_meaning(context: &Context<'_>, slot: Slot, text: &str) -> Option<String> {
    match slot {
        Slot::TestCode => Some(test(context, text)),
        Slot::ReagentExpiry => {
            let day = time::last_day(text, context.layout.time_format);
            day.map(|day| format!("to be used by {day}"))
        }
        Slot::CompletedAt | Slot::StartedAt => {
            let time = time::parse(text, context.layout.time_format);
            time.map(|time| time.civil.to_string())
        }
        Slot::TestCodePart
        | Slot::Value
        | Slot::Number
        | Slot::Operator
        | Slot::ControlLot
        | Slot::Rack
        | Slot::Position
        | Slot::Unit
        | Slot::ReagentLot
        | Slot::Replicate => None,
    }
}

/// A number, and what it is in the unit that it is decided by.
fn number(context: &Context<'_>, level: &Level<'_>, text: &str) -> Option<String> {
    let sent = Quantity::parse(text, context.layout.number_format)?;
    let slot = |slot| level.slot(slot).map(|found| context.trimmed(found));
    let assay =
        slot(Slot::TestCode).and_then(|code| context.analyser.tests.get(code.as_ref()).copied());
    let unit = slot(Slot::Unit);
    let conversion = unit.and_then(|unit| context.layout.conversion(&unit, assay));
    let converted = conversion.and_then(|conversion| {
        sent.times(conversion.factor).map(|number| (number, conversion.to.as_str()))
    });
    Some(match converted {
        Some((number, unit)) => format!("{}, which is {} {unit}", quantity(sent), plain(number)),
        None => quantity(sent),
    })
}

fn quantity(quantity: Quantity) -> String {
    match quantity {
        Quantity::Exactly(number) => format!("number {number}"),
        Quantity::Below(number) => format!("below {number}"),
        Quantity::Above(number) => format!("above {number}"),
    }
}

fn plain(quantity: Quantity) -> String {
    match quantity {
        Quantity::Exactly(number) => number.to_string(),
        Quantity::Below(number) => format!("below {number}"),
        Quantity::Above(number) => format!("above {number}"),
    }
}

fn specimen(context: &Context<'_>, text: &str) -> String {
    let prefixes = &context.layout.unread_id_prefixes;
    if prefixes.iter().any(|prefix| text.starts_with(prefix.as_str())) {
        return "stands for a bar code that nobody could read".to_owned();
    }
    let bare = without_prefix(text, context.layout.id_prefixes.iter());
    match context.analyser.donation_number(bare) {
        Some(din) if bare.len() < text.len() => format!("donation {din} behind a prefix"),
        Some(din) => format!("donation {din}"),
        None => "no donation number of this site".to_owned(),
    }
}

fn test(context: &Context<'_>, code: &str) -> String {
    let panel = context.analyser.profile.panel(code);
    match context.analyser.tests.get(code) {
        Some(assay) => format!("assay {assay}"),
        None if panel.is_empty() => "no assay of this site".to_owned(),
        None => {
            let assays: Vec<&str> = panel.iter().map(|assay| assay.id()).collect();
            format!("assays {}", assays.join(", "))
        }
    }
}

fn status(known: Option<&crate::domain::ResultStatus>) -> Option<String> {
    known.map(|status| status.id().to_owned())
}

/// The word means what it means for the assay of its record.
fn verdict(context: &Context<'_>, level: &Level<'_>, index: usize, word: &str) -> Option<String> {
    let words = context.layout.verdicts.get(index)?;
    if words.no_reading.contains(word) {
        return Some("no verdict".to_owned());
    }
    let code = level.slot(Slot::TestCode).map(|found| context.trimmed(found));
    let assay = code.and_then(|code| context.analyser.tests.get(code.as_ref()).copied());
    let measure = assay.map_or(Measure::Marker, |assay| assay.measure());
    let reading = words.of(measure)?.get(word)?;
    Some(reading.id().to_owned())
}

fn flag(context: &Context<'_>, index: usize, code: &str) -> Option<String> {
    let meaning = context.layout.flags.get(index)?.codes.get(code)?;
    Some(match meaning.effect {
        None => format!("accepted: {}", meaning.why),
        Some(Effect::Holds) => format!("holds: {}", meaning.why),
        Some(Effect::Invalidates) => format!("invalidates: {}", meaning.why),
    })
}

fn aspect_words(aspect: Aspect) -> String {
    match aspect {
        Aspect::Value => "the value",
        Aspect::Verdict => "the verdict",
        Aspect::Result => "value and verdict in one",
        Aspect::Validity => "whether the result is valid",
        Aspect::Raw => "a raw measurement, which nobody decides by",
    }
    .to_owned()
}
