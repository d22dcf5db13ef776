//! How results came about, built again from the records in a bundle: kit, lot, container, failures
//! found later, and what the controls that are named show.
//!
//! Stated here a second time on purpose: a join that is only repeated cannot be found out. Taken as
//! they stand are the bracket, and control rules that look at runs before; a control beyond two or
//! three deviations is seen here as well.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::form::{Content, FormError, RecordForm};
use crate::domain::{
    Circumstances, Container, ControlSource, ControlTarget, Controls, DonationNumber, Expected,
    Kit, KitControls, LotStanding, Observation, Pool, Reading, Record, RecordedObservation,
    RecordedStatement, ResultStatus, Statement, WestgardRule,
};
use crate::rules::ControlPoint;

/// What a bundle has on record beside results.
pub(super) struct Standing {
    records: Vec<Kept>,
    controls: BTreeMap<i64, Observation>,
}

/// A record with its place.
struct Kept {
    id: i64,
    by: String,
    at: Timestamp,
    after_observation: i64,
    after_verdict: i64,
    record: Record,
}

impl Standing {
    /// What stands in a bundle; `controls` as they are read again.
    pub(super) fn of(
        content: &Content,
        controls: BTreeMap<i64, Observation>,
    ) -> Result<Standing, FormError> {
        let kept = |form: &RecordForm| {
            let place = format!("record {}", form.id);
            let number = |text: &str| Some(DonationNumber::restored(text.to_owned()));
            let record = form.record.clone().restore(number);
            let record = record.map_err(|error| FormError::at(&place, error))?;
            let at = form.at.parse().map_err(|error: jiff::Error| FormError::at(&place, error))?;
            let (id, by) = (form.id, form.by.clone());
            let (after_observation, after_verdict) = (form.after_observation, form.after_verdict);
            Ok(Kept { id, by, at, after_observation, after_verdict, record })
        };
        let records = content.records.iter().map(kept).collect::<Result<_, _>>()?;
        Ok(Standing { records, controls })
    }

    /// What people said about the donation, oldest first, each with the last verdict before it.
    pub(super) fn statements(&self) -> Vec<(i64, RecordedStatement)> {
        let said = self.records.iter().filter_map(|kept| {
            let Record::Donation(_, statement) = &kept.record else { return None };
            let Kept { id, at, after_observation, .. } = *kept;
            let (by, statement) = (kept.by.clone(), statement.clone());
            let said = RecordedStatement { id, by, at, after_observation, statement };
            Some((kept.after_verdict, said))
        });
        said.collect()
    }

    /// The pools on record, oldest first, each with the last observation before its record.
    pub(super) fn pools(&self) -> impl Iterator<Item = (i64, &Pool)> {
        self.records.iter().filter_map(|kept| {
            let Record::Pool(pool) = &kept.record else { return None };
            Some((kept.after_observation, pool))
        })
    }

    /// How a result came about.
    pub(super) fn circumstances(
        &self,
        result: &RecordedObservation,
        statements: &[RecordedStatement],
        received_at: Option<Timestamp>,
    ) -> Circumstances {
        let kit = self.kit(result);
        let (lot, lot_expiry) = self.lot(result);
        let mut controls = self.controls(result, kit);
        controls.failed_later = received_at.is_some_and(|at| self.failed_later(result, at));
        let container = container(statements, result.id);
        Circumstances { received_at, kit: kit.cloned(), lot, lot_expiry, controls, container }
    }

    /// What is said of the analyser goes before what is said of its profile; the latest kit before
    /// the result, and for results before any, the first.
    fn kit(&self, result: &RecordedObservation) -> Option<&Kit> {
        let of = |name: &str| {
            let kits = || {
                self.records.iter().filter_map(|kept| {
                    let Record::Kit(kit) = &kept.record else { return None };
                    is_of(&kit.profile, &kit.test_code, name, result)
                        .then_some((kept.after_observation, &kit.kit))
                })
            };
            let before = kits().rfind(|(after, _)| *after < result.id);
            before.or_else(|| kits().next()).map(|(_, kit)| kit)
        };
        of(&result.analyser).or_else(|| of(&result.profile))
    }

    /// The latest word on it.
    fn lot(&self, result: &RecordedObservation) -> (LotStanding, Option<Date>) {
        let said = self.records.iter().rev().find_map(|kept| {
            let Record::Lot(lot) = &kept.record else { return None };
            let of = |name: &str| is_of(&lot.profile, &lot.test_code, name, result);
            let is_meant = of(&result.analyser) || of(&result.profile);
            let is_it = result.observation.reagent_lot.as_ref() == Some(&lot.lot);
            (is_meant && is_it).then_some((lot.standing, lot.expiry))
        });
        said.unwrap_or((LotStanding::NotRecorded, None))
    }

    fn failed_later(&self, result: &RecordedObservation, at: Timestamp) -> bool {
        self.records.iter().any(|kept| {
            let Record::ControlFailure(failure) = &kept.record else { return false };
            is_of(&failure.analyser, &failure.test_code, &result.analyser, result)
                && failure.from <= at
                && at <= failure.to
        })
    }

    fn targets(&self, result: &RecordedObservation) -> Vec<(i64, &ControlTarget)> {
        let targets = self.records.iter().filter_map(|kept| {
            let Record::Target(target) = &kept.record else { return None };
            Some((kept.after_observation, target))
        });
        let of_test = |(_, target): &(i64, &ControlTarget)| {
            is_of(&target.analyser, &target.test_code, &result.analyser, result)
        };
        targets.filter(of_test).collect()
    }

    /// What the controls that are named show, beside the materials that must be there.
    fn controls(&self, result: &RecordedObservation, kit: Option<&Kit>) -> Controls {
        let claimed = &result.circumstances.controls;
        let targets = self.targets(result);
        let asked = kit.map_or(&[][..], |kit| kit.controls.as_slice());
        if targets.is_empty() && asked.is_empty() {
            return Controls::default();
        }
        let of_source = |source: ControlSource| {
            let before = targets.iter().filter(move |(after, _)| *after < result.id);
            let such = before.filter(move |(_, target)| target.source == source);
            such.map(|(_, target)| target.material.as_str())
        };
        let mut kits: Vec<&str> = asked.iter().map(String::as_str).collect();
        kits.extend(of_source(ControlSource::Kit));
        let external: Vec<&str> =
            of_source(ControlSource::External).filter(|one| !kits.contains(one)).collect();
        let shown = self.shown(claimed, &targets);
        let mut controls = claimed.clone();
        controls.kit = kit_controls(&kits, &shown);
        let of_external = || shown.iter().filter(|one| external.contains(&one.material));
        controls.external.recorded = of_external().next().is_some();
        controls.external.wrong_reading = of_external().any(|one| one.shows == Shows::Failed);
        for one in of_external() {
            one.add_to(&mut controls.external.violations);
        }
        controls
    }

    fn shown<'c>(
        &'c self,
        claimed: &Controls,
        targets: &[(i64, &ControlTarget)],
    ) -> Vec<Shown<'c>> {
        let named = claimed.observations.iter();
        let read = named.filter_map(|id| Some((*id, self.controls.get(id)?)));
        read.filter_map(|(id, control)| {
            let material = control.specimen_id.as_deref()?;
            let before = targets.iter().rev().filter(|(after, _)| *after < id);
            let of: Vec<_> = before.filter(|(_, target)| target.material == material).collect();
            let fits = of.iter().find(|(_, target)| {
                target.control_lot.is_none() || target.control_lot == control.control_lot
            });
            let shows = fits.map_or(Shows::Failed, |(_, target)| shows(control, &target.expected));
            (!of.is_empty()).then_some(Shown { material, shows })
        })
        .collect()
    }
}

/// A control, and what it shows.
struct Shown<'c> {
    material: &'c str,
    shows: Shows,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shows {
    Passed,
    Failed,
    Distance(Decimal),
}

impl Shown<'_> {
    /// The rules that one control breaks alone.
    fn add_to(&self, violations: &mut Vec<WestgardRule>) {
        let Shows::Distance(z) = self.shows else { return };
        for (rule, deviations) in [(WestgardRule::OneTwoS, 2), (WestgardRule::OneThreeS, 3)] {
            if z.abs() > Decimal::from(deviations) && !violations.contains(&rule) {
                violations.push(rule);
            }
        }
        violations.sort_unstable();
    }
}

fn shows(control: &Observation, expected: &Expected) -> Shows {
    let is_sound = control.status.is_none_or(ResultStatus::is_conclusive)
        && control.reading != Some(Reading::Invalid)
        && control.unaccounted.is_empty()
        && control.concerns.is_empty();
    let is_so = |so: bool| if so { Shows::Passed } else { Shows::Failed };
    match (expected, control.number) {
        _ if !is_sound => Shows::Failed,
        (Expected::Reading(must), _) => is_so(control.reading == Some(*must)),
        (Expected::Between(low, high), Some(number)) => is_so(*low <= number && number <= *high),
        (Expected::Distribution(mean, deviation), Some(number)) => {
            ControlPoint::of((1, 1), number, (*mean, *deviation))
                .map_or(Shows::Failed, |point| Shows::Distance(point.z))
        }
        (Expected::Between(..) | Expected::Distribution(..), None) => Shows::Failed,
    }
}

/// All of them, each by its own (FM-23, FM-25).
fn kit_controls(materials: &[&str], shown: &[Shown<'_>]) -> KitControls {
    let of_kit = || shown.iter().filter(|one| materials.contains(&one.material));
    let failed = |one: &Shown<'_>| match one.shows {
        Shows::Passed => false,
        Shows::Failed => true,
        Shows::Distance(z) => z.abs() > Decimal::from(3),
    };
    if of_kit().any(failed) {
        return KitControls::Failed;
    }
    let has = |material: &&str| of_kit().any(|one| one.material == *material);
    match !materials.is_empty() && materials.iter().all(has) {
        true => KitControls::Passed,
        false => KitControls::NotRecorded,
    }
}

fn is_of(whose: &str, test_code: &str, name: &str, result: &RecordedObservation) -> bool {
    whose == name && test_code == result.observation.test_code
}

fn container(statements: &[RecordedStatement], observation: i64) -> Option<Container> {
    let before = statements.iter().rev().filter(|said| said.after_observation < observation);
    let mut containers = before.filter_map(|said| {
        let Statement::Container(container) = said.statement else { return None };
        Some(container)
    });
    containers.next()
}
