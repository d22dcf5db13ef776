//! The overall result of an order against the results it is made of.
//!
//! Refuses to let either stand alone: where the worst of the results is not what the overall
//! result says, all of them are held.

use super::super::profile::tables::Role;
use super::gather::{Found, Level};
use super::interpret::Context;
use crate::domain::{Concern, Effect, Measure, Observation, Reading};

/// Compares every overall result that stands in an order with the results of that order.
pub(super) fn compare(context: &Context<'_>, order: &Level<'_>, observations: &mut [Observation]) {
    let worst = worst(observations);
    for (role, found) in order.pieces() {
        let Role::Overall(index) = role else { continue };
        let Some(words) = context.layout.overall.get(index) else { continue };
        let word = context.trimmed(found);
        match words.reading(Measure::Marker, &word) {
            Some(overall) => {
                if let Some(worst) = worst.filter(|worst| *worst != overall) {
                    contradicted(context, found, overall, worst, observations);
                }
            }
            None if words.no_reading.contains(word.as_ref()) => {}
            None => {
                let why = "the profile does not know this word for an overall result";
                let piece = context.unaccounted(found, why);
                observations.iter_mut().for_each(|one| one.unaccounted.push(piece.clone()));
            }
        }
    }
}

/// The worst reading of all; `None` where one of them has no reading.
fn worst(observations: &[Observation]) -> Option<Reading> {
    let worst_first = [Reading::Reactive, Reading::GreyZone, Reading::Invalid];
    let is_one = |reading: &Reading| observations.iter().any(|one| one.reading == Some(*reading));
    let nonreactive = observations.iter().all(|one| one.reading == Some(Reading::Nonreactive));
    let worst = worst_first.into_iter().find(is_one);
    worst.or(nonreactive.then_some(Reading::Nonreactive))
}

fn contradicted(
    context: &Context<'_>,
    found: Found<'_>,
    overall: Reading,
    worst: Reading,
    observations: &mut [Observation],
) {
    let place = context.spot_text(found.spot);
    let text = format!(
        "the overall result ({place}) says {}, the results it is made of say {}",
        overall.id(),
        worst.id()
    );
    let concern = Concern { code: "VALUE_TEXT_CONFLICT".to_owned(), effect: Effect::Holds, text };
    observations.iter_mut().for_each(|one| one.concerns.push(concern.clone()));
}
