//! What differs, in words: between a fact on record and what is read again, and between a decision
//! on record and the one that is concluded again.

use serde_json::Value;

use super::decoded::Message;
use crate::domain::{Circumstances, Observation, PoolFacts};
use crate::shape::{DecisionShape, ObservationShape, ReasonShape};

/// What differs between an observation on record and the one that is read from its message.
pub(super) fn observations(
    on_record: &Observation,
    read: &Observation,
    message: &Message<'_>,
) -> Vec<String> {
    let shape = |one| serde_json::to_value(ObservationShape::from(one)).unwrap_or_default();
    let (old, new) = (shape(on_record), shape(read));
    let empty = serde_json::Map::new();
    let fields = new.as_object().unwrap_or(&empty).iter();
    let gone = old.as_object().unwrap_or(&empty).iter();
    let gone = gone.filter(|(name, _)| new.get(name.as_str()).is_none());
    let mut found: Vec<String> = fields
        .map(|(name, value)| (name, old.get(name).unwrap_or(&Value::Null), value))
        .chain(gone.map(|(name, value)| (name, value, &Value::Null)))
        .filter(|(_, old, new)| old != new)
        .map(|(name, old, new)| {
            let place = new.as_str().map(|text| message.ranges_of(text)).unwrap_or_default();
            format!("{name} is {old} on record, {new} is read{place}")
        })
        .collect();
    if found.is_empty() && on_record.number != read.number {
        found.push("number is another one than is read".to_owned());
    }
    found
}

/// What differs in how a result came about.
pub(super) fn circumstances(on_record: &Circumstances, built: &Circumstances) -> Vec<String> {
    let (old, new) = (&on_record.controls, &built.controls);
    let differs = [
        ("when it was received", on_record.received_at != built.received_at),
        ("its kit", on_record.kit != built.kit),
        ("how its lot stands", on_record.lot != built.lot),
        ("the last day of its lot", on_record.lot_expiry != built.lot_expiry),
        ("its container", on_record.container != built.container),
        ("what the controls of its kit show", old.kit != new.kit),
        ("what its external controls show", old.external != new.external),
        ("whether its bracket is closed", old.bracket != new.bracket),
        ("whether a failure was found later", old.failed_later != new.failed_later),
        ("which controls speak for it", old.observations != new.observations),
    ];
    let found = differs.into_iter().filter(|(_, differs)| *differs);
    found.map(|(what, _)| format!("{what} does not follow from the records")).collect()
}

/// What differs between the pools of a donation.
pub(super) fn pools(on_record: &[PoolFacts], built: &[PoolFacts]) -> Vec<String> {
    if on_record.len() != built.len() {
        let (old, new) = (on_record.len(), built.len());
        return vec![format!("{old} pools on record, {new} follow from the records")];
    }
    let differs = on_record.iter().zip(built).flat_map(|(old, new)| {
        let differs = [
            ("its id", old.id != new.id),
            ("its members", old.members != new.members || old.size != new.size),
            ("what the other members' single tests say", old.others != new.others),
        ];
        let found = differs.into_iter().filter(|(_, differs)| *differs);
        found.map(|(what, _)| format!("pool {}: {what} does not follow from the records", old.id))
    });
    differs.collect()
}

/// What differs between two decisions.
pub(super) fn decisions(on_record: &DecisionShape, again: &DecisionShape) -> Vec<String> {
    let mut found = Vec::new();
    if on_record.verdict != again.verdict {
        found.push(format!(
            "the verdict is {} on record, {} is concluded",
            on_record.verdict, again.verdict
        ));
    }
    let list = |name: &str, old: Vec<String>, new: Vec<String>, found: &mut Vec<String>| {
        let only = |of: &[String], other: &[String]| -> Vec<String> {
            of.iter().filter(|one| !other.contains(one)).cloned().collect()
        };
        let (gone, come) = (only(&old, &new), only(&new, &old));
        found.extend(gone.iter().map(|one| format!("{name} on record, not concluded: {one}")));
        found.extend(come.iter().map(|one| format!("{name} concluded, not on record: {one}")));
        if gone.is_empty() && come.is_empty() && old != new {
            found.push(format!("{name}s stand in another order or number"));
        }
    };
    list("reason", reasons(&on_record.reasons), reasons(&again.reasons), &mut found);
    list("remark", reasons(&on_record.remarks), reasons(&again.remarks), &mut found);
    list("passed check", json(&on_record.passed), json(&again.passed), &mut found);
    list("next step", json(&on_record.next_steps), json(&again.next_steps), &mut found);
    list("label", on_record.labels.clone(), again.labels.clone(), &mut found);
    list("consequence", json(&on_record.donor), json(&again.donor), &mut found);
    found
}

fn reasons(reasons: &[ReasonShape]) -> Vec<String> {
    let word = |reason: &ReasonShape| {
        let of = reason.subject.as_ref().or(reason.assay.as_ref());
        let of = of.map(|of| format!(":{of}")).unwrap_or_default();
        let rest = json(std::slice::from_ref(reason)).concat();
        format!("{}{of} {rest}", reason.code)
    };
    reasons.iter().map(word).collect()
}

fn json<T: serde::Serialize>(items: &[T]) -> Vec<String> {
    items.iter().map(|item| serde_json::to_string(item).unwrap_or_default()).collect()
}
