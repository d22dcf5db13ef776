//! Whether a result counts, as far as how it came about tells: reagent lot, controls of the run,
//! specimen. What is not on record is said to be so and never taken for good.
//!
//! ```text
//!  reagent ─┐           pass     it counts
//!  run ─────┼─ worst ─► pending  it does not count: the test is run again
//!  specimen ┘           hold     it speaks against release, and not for it
//! ```

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::{
    Assay, Bracket, Circumstances, Container, KitControls, LotStanding, Observation,
    RecordedObservation, Verdict,
};

use super::casefile::{self, CaseFile};
use super::content::CheckRule;
use super::determination::{Determination, Standing};
use super::docket::{About, Docket};
use super::place::place;
use super::question::Judges;
use super::rule_set::RuleSet;
use super::table::{Answers, Table};

/// Why a result does not count, where its circumstances say so.
pub(super) const WHY: &str = "of how it came about";

/// Whether a check judges how its results came about.
pub(super) const fn has_any(check: &CheckRule) -> bool {
    check.reagent.is_some() || check.run.is_some() || check.specimen.is_some()
}

/// Judges how a result came about, unless it does not count anyway.
pub(super) fn judge(
    result: &mut Determination<'_>,
    check: &CheckRule,
    rules: &RuleSet,
    collected: Option<Timestamp>,
) {
    if matches!(result.standing, Standing::Void(_)) {
        return;
    }
    for (table, answers) in answers(result.recorded, check, rules, collected) {
        let Some((verdict, remarked)) = table.summary(&answers) else {
            result.circumstances = result.circumstances.max(Verdict::Hold);
            continue;
        };
        result.circumstances = result.circumstances.max(verdict);
        result.remarked |= remarked;
    }
    result.standing = match result.circumstances {
        Verdict::Releasable => result.standing,
        Verdict::Pending => Standing::Void(WHY),
        Verdict::Hold | Verdict::Reject | Verdict::Recalled => Standing::Blocked,
    };
}

/// The tables of a check that judge a result, each with what facts answer.
pub(super) fn answers<'c>(
    recorded: &RecordedObservation,
    check: &'c CheckRule,
    rules: &RuleSet,
    collected: Option<Timestamp>,
) -> impl Iterator<Item = (&'c Table, Answers)> {
    let circumstances = &recorded.circumstances;
    let of_lot = || reagent(&recorded.observation, circumstances);
    let of_run = || run(circumstances, rules);
    let of_specimen = || specimen(&recorded.observation, circumstances, collected);
    let reagent = check.reagent.as_deref().map(|table| (table, of_lot()));
    let run = check.run.as_deref().map(|table| (table, of_run()));
    let specimen = check.specimen.as_deref().map(|table| (table, of_specimen()));
    reagent.into_iter().chain(run).chain(specimen)
}

fn reagent(observation: &Observation, circumstances: &Circumstances) -> Answers {
    let lot = match circumstances.lot {
        LotStanding::NotRecorded => place!(Reagent, "lot", "not_recorded"),
        LotStanding::Released => place!(Reagent, "lot", "released"),
        LotStanding::NotReleased => place!(Reagent, "lot", "not_released"),
        LotStanding::DeliveryNotAccepted => place!(Reagent, "lot", "delivery_not_accepted"),
        LotStanding::Recalled => place!(Reagent, "lot", "recalled"),
    };
    let last_day = [circumstances.lot_expiry, observation.reagent_expiry].into_iter().flatten();
    let expiry = match (last_day.min(), day_of_run(observation, circumstances)) {
        (Some(last), Some(day)) if day > last => place!(Reagent, "expiry", "expired"),
        (Some(_), Some(_)) => place!(Reagent, "expiry", "in_date"),
        (Some(_) | None, Some(_) | None) => place!(Reagent, "expiry", "not_recorded"),
    };
    Answers::of(Judges::Reagent).put(lot).put(expiry)
}

/// What the analyser's clock says, and else when the result was received.
fn day_of_run(observation: &Observation, circumstances: &Circumstances) -> Option<Date> {
    let completed = observation.completed_at.map(|time| time.civil.date());
    completed.or_else(|| circumstances.received_at.map(casefile::day))
}

fn run(circumstances: &Circumstances, rules: &RuleSet) -> Answers {
    let controls = &circumstances.controls;
    let kit = match controls.kit {
        KitControls::Passed => place!(Run, "kit_controls", "passed"),
        KitControls::NotRecorded => place!(Run, "kit_controls", "not_recorded"),
        KitControls::Failed => place!(Run, "kit_controls", "failed"),
    };
    let broken = |known: &[_]| controls.external.violations.iter().any(|rule| known.contains(rule));
    let external = if controls.external.wrong_reading {
        place!(Run, "external", "wrong_reading")
    } else if broken(rules.reject()) {
        place!(Run, "external", "out_of_control")
    } else if broken(rules.warn()) {
        place!(Run, "external", "warning")
    } else if controls.external.recorded {
        place!(Run, "external", "passed")
    } else {
        place!(Run, "external", "not_recorded")
    };
    let bracket = match controls.bracket {
        Bracket::Closed => place!(Run, "bracket", "closed"),
        Bracket::Open => place!(Run, "bracket", "open"),
    };
    let later = if controls.failed_later {
        place!(Run, "failed_later", "yes")
    } else {
        place!(Run, "failed_later", "no")
    };
    Answers::of(Judges::Run).put(kit).put(external).put(bracket).put(later)
}

fn specimen(
    observation: &Observation,
    circumstances: &Circumstances,
    collected: Option<Timestamp>,
) -> Answers {
    let validated: &[Container] =
        circumstances.kit.as_ref().map_or(&[], |kit| kit.containers.as_slice());
    let container = match circumstances.container {
        Some(_) | None if validated.is_empty() => place!(Specimen, "container", "not_recorded"),
        Some(found) if validated.contains(&found) => place!(Specimen, "container", "right"),
        Some(_) => place!(Specimen, "container", "wrong"),
        None => place!(Specimen, "container", "not_recorded"),
    };
    let hours = circumstances.kit.as_ref().and_then(|kit| kit.stability_hours);
    let age = match (hours, collected, tested_at(observation, circumstances)) {
        (Some(hours), Some(collected), Some(tested)) => {
            let seconds = tested.as_second().saturating_sub(collected.as_second());
            if seconds > i64::from(hours).saturating_mul(SECONDS_PER_HOUR) {
                place!(Specimen, "age", "too_old")
            } else {
                place!(Specimen, "age", "within")
            }
        }
        (Some(_) | None, Some(_) | None, Some(_) | None) => {
            place!(Specimen, "age", "not_recorded")
        }
    };
    Answers::of(Judges::Specimen).put(container).put(age)
}

const SECONDS_PER_HOUR: i64 = 3_600;

/// What the analyser's clock says where it also says its zone, and else when the result was
/// received: later than it was made, never earlier.
fn tested_at(observation: &Observation, circumstances: &Circumstances) -> Option<Timestamp> {
    let zoned = observation.completed_at.and_then(|time| {
        let offset = time.offset?;
        offset.to_timestamp(time.civil).ok()
    });
    zoned.or(circumstances.received_at)
}

/// Tells what the circumstances of results say: reasons of those that do not count, remarks of
/// those that do. Results for which a row says the same are told together.
pub(super) fn tell<'d, 'f: 'd>(
    case: &CaseFile<'_>,
    check: &CheckRule,
    assay: Assay,
    unsettled: impl Iterator<Item = &'d Determination<'f>>,
    remarked: impl Iterator<Item = &'d Determination<'f>>,
    docket: &mut Docket,
) {
    let mut told: Vec<(&Table, Answers, Vec<i64>)> = Vec::new();
    for result in unsettled.chain(remarked) {
        for (table, answers) in answers(result.recorded, check, case.rules, case.collected_at()) {
            if table
                .summary(&answers)
                .is_some_and(|(verdict, speaks)| verdict == Verdict::Releasable && !speaks)
            {
                continue;
            }
            let known =
                told.iter_mut().find(|(of, said, _)| std::ptr::eq(*of, table) && *said == answers);
            match known {
                Some((.., ids)) => ids.push(result.id()),
                None => told.push((table, answers, vec![result.id()])),
            }
        }
    }
    for (table, answers, ids) in told {
        let again = ids.last().copied().filter(|_| check.rounds > 1);
        let about = About { assay: Some(assay), observations: &ids, again, ..About::default() };
        docket.judge(table, &answers, &about);
    }
}
