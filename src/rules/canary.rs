//! Known-bad donations, to be decided by the rule set in force: none may ever come out releasable.
//!
//! Each is a donation to which nothing stands in the way, with one thing wrong. They are built for
//! the day on which they are decided, from the rule set's own checks, so that a threshold or a date
//! that switches a check off tomorrow is found tomorrow (FM-33). They are no part of the proof at
//! load: that goes over tables, these go the way of every donation, from facts to a verdict.
//!
//! Whether the donation without the one thing would be releasable is told as well: where it is not
//! (a site that waits for something that no canary has), the canaries prove less, and it is said.

mod agreed;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::content::CheckRule;
use super::decide::decide;
use super::question::Judges;
use super::rule_set::RuleSet;
use crate::domain::{
    AboGroup, Assay, Bracket, Circumstances, Container, Controls, Details, DonationKind,
    DonationNumber, Donor, DonorKind, DonorRecord, ExternalControls, Facts, HistoricGroup,
    InstrumentTime, Kit, KitControls, Lookback, LotStanding, Measure, Observation, Reading,
    RecordedObservation, RecordedStatement, Registration, ResultStatus, ReviewStep, RhdType, Sex,
    Sighting, SpecimenKind, Statement, Unaccounted, UnreadMessage, Verdict,
};

/// A known-bad donation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// What is wrong with it.
    pub wrong: String,
    /// Its facts.
    pub facts: Facts,
}

/// What became of the canaries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flight {
    /// How many were decided.
    pub decided: usize,
    /// What was wrong with those that came out releasable.
    pub released: Vec<String>,
    /// Why the donation in which nothing is wrong is not releasable; none where it is.
    pub unsound: Option<String>,
}

impl Flight {
    /// What people must know, where any came out releasable.
    pub fn alarm(&self) -> Option<String> {
        let first = self.released.first()?;
        let more = match self.released.len() {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        Some(format!(
            "the rule set in force lets a known-bad donation go ({first}{more}): nothing becomes \
             releasable until a start at which it does not; correct the rule set, or go back to \
             the one before"
        ))
    }
}

/// Results of each assay, each with a kit of another maker and by another person.
const ROUNDS: u32 = 2;

/// The donation in which nothing is wrong, as far as one can be made up for any rule set.
pub fn sound(rules: &RuleSet, at: Timestamp) -> Facts {
    let mut facts = Facts::new(DonationNumber::restored("CANARY".to_owned()));
    facts.registration = Some(registration(&facts.din, at));
    for check in rules.checks().iter().filter(|check| is_needed(check, at)) {
        for assay in evidence(check) {
            for round in 0..ROUNDS.max(check.rounds) {
                let value = Value::sound(assay, check, at);
                push(&mut facts, assay, round, &value, at);
            }
        }
    }
    let details = Details {
        kind: DonationKind::WholeBlood,
        autologous: false,
        sex: Some(Sex::Male),
        extras: Vec::new(),
    };
    let said = [
        ("registry", Statement::Details(details)),
        ("registry", Statement::SampleReceived),
        ("tester", Statement::Signature(ReviewStep::Tested)),
        ("reviewer", Statement::Signature(ReviewStep::Reviewed)),
        ("signer", Statement::Signature(ReviewStep::Signed)),
    ];
    said.into_iter().for_each(|(by, statement)| say(&mut facts, by, statement, at));
    facts
}

/// What every jurisdiction asks of whole blood (Directive 2002/98/EC, annex IV, asks least): no
/// date and no switch of a rule set takes these canaries away.
const FLOOR: [Assay; 5] = [Assay::Hbsag, Assay::AntiHcv, Assay::Hiv, Assay::Abo, Assay::Rhd];

/// Known-bad donations for a rule set, decided on this day.
pub fn canaries(rules: &RuleSet, at: Timestamp) -> Vec<Canary> {
    let sound = sound(rules, at);
    let mut canaries = of_the_donation(&sound, at);
    canaries.extend(FLOOR.map(|assay| {
        changed(&sound, format!("{assay}: nothing is on record"), |facts| {
            facts.observations.retain(|own| own.observation.assay != Some(assay));
        })
    }));
    for check in rules.checks() {
        let needed = is_needed(check, at);
        if needed {
            canaries.push(without(&sound, check));
        }
        for assay in check.assays() {
            canaries.extend(adverse(&sound, assay, check, at));
        }
        for assay in evidence(check).into_iter().filter(|_| needed) {
            canaries.extend(void(&sound, assay, check, at));
        }
    }
    canaries.extend(agreed::canaries(&sound, rules, at));
    canaries
}

fn without(sound: &Facts, check: &CheckRule) -> Canary {
    let assays = check.assays();
    let is_of = |assay: Option<Assay>| assay.is_some_and(|assay| assays.contains(&assay));
    changed(sound, format!("{} was not run", check.name), |facts| {
        facts.observations.retain(|own| !is_of(own.observation.assay));
    })
}

fn is_needed(check: &CheckRule, at: Timestamp) -> bool {
    check.is_needed(DonationKind::WholeBlood, day(at))
}

/// The first set of evidence: any one complete set is enough.
fn evidence(check: &CheckRule) -> Vec<Assay> {
    check.evidence.first().cloned().unwrap_or_default()
}

fn day(at: Timestamp) -> Date {
    super::life::day(at)
}

fn changed(sound: &Facts, wrong: String, change: impl FnOnce(&mut Facts)) -> Canary {
    let mut facts = sound.clone();
    change(&mut facts);
    Canary { wrong, facts }
}

/// What is wrong with the donation, the donor, or the way of its results.
fn of_the_donation(sound: &Facts, at: Timestamp) -> Vec<Canary> {
    let changed = |wrong: &str, change: &dyn Fn(&mut Facts)| {
        changed(sound, wrong.to_owned(), |facts| change(facts))
    };
    let saying = |wrong: &str, statement: Statement| {
        changed(wrong, &|facts| say(facts, "registry", statement.clone(), at))
    };
    vec![
        changed("nobody registered it", &|facts| facts.registration = None),
        changed("nothing was tested", &|facts| facts.observations.clear()),
        changed("the donor was deferred at registration", &|facts| {
            facts.registration.iter_mut().for_each(|own| own.donor.deferred = true);
        }),
        changed("a message that names it could not be read", &|facts| {
            let why = "not understood".to_owned();
            facts.unread.push(UnreadMessage { message: 1, why, cut_short: false });
        }),
        changed("a transfer that names it was cut short", &|facts| {
            let why = "cut".to_owned();
            facts.unread.push(UnreadMessage { message: 1, why, cut_short: true });
        }),
        changed("it was asked for at two places at once", &|facts| {
            facts.sightings.push(Sighting { message: 1, text: "two places".to_owned() });
        }),
        saying("the donor was deferred later", Statement::Deferred),
        saying("the donor's record is flagged", Statement::DonorRecord(DonorRecord::Flagged)),
        saying("the donor was reactive", Statement::DonorRecord(DonorRecord::PriorReactive)),
        saying("two donor records were merged", Statement::DonorRecord(DonorRecord::Merged)),
        saying("its number failed its check character", Statement::NumberCheckFailed),
        saying("its specimen was not received", Statement::SampleNotReceived),
        saying("a look-back is overdue", Statement::Lookback(Lookback::Overdue)),
        saying("it is released outside of the program", Statement::ManualPath),
    ]
}

/// One more result of an assay, needed or not, that stands against release.
fn adverse(sound: &Facts, assay: Assay, check: &CheckRule, at: Timestamp) -> Vec<Canary> {
    let more = |wrong: &str, times: u32, value: &Value| {
        changed(sound, format!("{assay}: {wrong}"), |facts| {
            (0..times).for_each(|_| push(facts, assay, 0, value, at));
        })
    };
    // Alone, and with repeats that say the same.
    let both = |(wrong, value): (String, Value)| {
        [more(&wrong, 1, &value), more(&format!("{wrong}, three times"), 3, &value)]
    };
    bad_values(assay, check, at).into_iter().flat_map(both).collect()
}

/// All results of a needed assay as such that do not count.
fn void(sound: &Facts, assay: Assay, check: &CheckRule, at: Timestamp) -> Vec<Canary> {
    let each = |wrong: &str, change: &dyn Fn(&mut RecordedObservation)| {
        changed(sound, format!("{assay}: {wrong}"), |facts| {
            let own = facts.observations.iter_mut();
            own.filter(|own| own.observation.assay == Some(assay)).for_each(change);
        })
    };
    let mut canaries = vec![
        each("failed on the analyser", &|own| own.observation.status = Some(ResultStatus::Failed)),
        each("withdrawn", &|own| own.observation.status = Some(ResultStatus::Withdrawn)),
        each("something in it was not understood", &|own| {
            let [path, text, why] = ["R", "?", "not understood"].map(str::to_owned);
            own.observation.unaccounted = vec![Unaccounted { offset: 0, path, text, why }];
        }),
    ];
    if check.reagent.is_some() {
        canaries.push(each("lot recalled", &|own| own.circumstances.lot = LotStanding::Recalled));
        canaries.push(each("lot expired", &|own| {
            own.observation.reagent_expiry = day(at).checked_sub(YEAR).ok();
            own.circumstances.lot_expiry = own.observation.reagent_expiry;
        }));
    }
    if check.run.is_some() {
        canaries.push(each("controls of the kit failed", &|own| {
            own.circumstances.controls.kit = KitControls::Failed;
        }));
        canaries.push(each("controls found to have failed later", &|own| {
            own.circumstances.controls.failed_later = true;
        }));
    }
    canaries
}

const YEAR: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What a result says.
#[derive(Clone, Debug)]
enum Value {
    Reading(Reading),
    Number(Decimal, Option<String>),
}

impl Value {
    /// What stands against nothing.
    fn sound(assay: Assay, check: &CheckRule, at: Timestamp) -> Value {
        match assay.measure() {
            Measure::Marker => Value::Reading(Reading::Nonreactive),
            Measure::Abo => Value::Reading(Reading::Abo(GROUP.abo)),
            Measure::Rhd => Value::Reading(Reading::Rhd(GROUP.rhd)),
            Measure::Quantity => {
                let (above, below, unit) = bounds(check, at);
                let two = Decimal::TWO;
                let number = match (above, below) {
                    (Some(above), Some(below)) => (above + below) / two,
                    (Some(above), None) => above / two,
                    (None, Some(below)) => below * two,
                    (None, None) => Decimal::ONE,
                };
                Value::Number(number, unit)
            }
        }
    }
}

const GROUP: HistoricGroup = HistoricGroup { abo: AboGroup::A, rhd: RhdType::Positive };

/// What one more result must not say.
fn bad_values(assay: Assay, check: &CheckRule, at: Timestamp) -> Vec<(String, Value)> {
    let reading = |wrong: &str, reading| (wrong.to_owned(), Value::Reading(reading));
    match assay.measure() {
        // A marker that only labels bars nothing.
        Measure::Marker if check.table.judges == Judges::Label => Vec::new(),
        Measure::Marker => vec![reading("reactive", Reading::Reactive)],
        Measure::Abo => vec![reading("another group", Reading::Abo(AboGroup::B))],
        Measure::Rhd => vec![reading("another type", Reading::Rhd(RhdType::Negative))],
        Measure::Quantity => {
            let (above, below, unit) = bounds(check, at);
            let high = above.map(|limit| limit * Decimal::ONE_HUNDRED + Decimal::ONE);
            let low = below.map(|limit| limit / Decimal::ONE_HUNDRED);
            let named = [("far above its limit", high), ("far below its limit", low)];
            let named = named.into_iter().filter_map(|(wrong, number)| Some((wrong, number?)));
            named
                .map(|(wrong, number)| (wrong.to_owned(), Value::Number(number, unit.clone())))
                .collect()
        }
    }
}

type Bounds = (Option<Decimal>, Option<Decimal>, Option<String>);

/// The limits that apply today to the donor of the canaries.
fn bounds(check: &CheckRule, at: Timestamp) -> Bounds {
    let applies = check
        .limits
        .iter()
        .rev()
        .find(|limit| limit.applies(day(at), Some(Sex::Male), DonationKind::WholeBlood));
    applies.map_or((None, None, None), |limit| {
        (limit.above, limit.below, limit.units.first().cloned())
    })
}

fn registration(din: &DonationNumber, at: Timestamp) -> Registration {
    Registration {
        din: din.clone(),
        collected_at: hours_before(at, 8),
        site: "canary".to_owned(),
        donor: Donor { kind: DonorKind::Repeat, deferred: false, historic_group: Some(GROUP) },
    }
}

fn hours_before(at: Timestamp, hours: i64) -> Timestamp {
    at.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(at)
}

fn say(facts: &mut Facts, by: &str, statement: Statement, at: Timestamp) {
    let id = facts.statements.last().map_or(1, |last| last.id + 1);
    let after_observation = facts.observations.last().map_or(0, |last| last.id);
    let by = by.to_owned();
    facts.statements.push(RecordedStatement { id, by, at, after_observation, statement });
}

/// One more result of an assay with the kit of a round; each a minute after the one before.
fn push(facts: &mut Facts, assay: Assay, round: u32, value: &Value, at: Timestamp) {
    let id = facts.observations.last().map_or(1, |last| last.id + 1);
    let completed = hours_before(at, 4).checked_add(SignedDuration::from_mins(id)).unwrap_or(at);
    let time = |at: Timestamp| {
        let civil = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        Some(InstrumentTime { civil, offset: Some(jiff::tz::Offset::UTC) })
    };
    let (reading, number, unit) = match value {
        Value::Reading(reading) => (Some(*reading), None, None),
        Value::Number(number, unit) => (None, Some(*number), unit.clone()),
    };
    let expiry = day(at).checked_add(YEAR).ok();
    let observation = Observation {
        kind: SpecimenKind::Donor,
        specimen_id: Some(facts.din.as_str().to_owned()),
        din: Some(facts.din.clone()),
        rack: None,
        position: None,
        test_code: format!("{assay}"),
        assay: Some(assay),
        value: number.map(|number| number.to_string()),
        number,
        unit,
        reading,
        flags: Vec::new(),
        status: Some(ResultStatus::Final),
        completed_at: time(completed),
        reagent_lot: Some("canary".to_owned()),
        replicate: None,
        operator: Some(format!("tester {round}")),
        started_at: time(hours_before(completed, 1)),
        control_lot: None,
        reagent_expiry: expiry,
        unaccounted: Vec::new(),
        concerns: Vec::new(),
    };
    let analyser = format!("canary-{round}");
    let profile = analyser.clone();
    let circumstances = circumstances(round, expiry, completed);
    facts.observations.push(RecordedObservation {
        id,
        message: id,
        analyser,
        profile,
        observation,
        circumstances,
    });
}

/// Everything on record that could be asked for, and all of it good.
fn circumstances(round: u32, expiry: Option<Date>, received_at: Timestamp) -> Circumstances {
    Circumstances {
        received_at: Some(received_at),
        kit: Some(Kit {
            maker: format!("maker {round}"),
            name: format!("kit {round}"),
            containers: Container::ALL.to_vec(),
            stability_hours: Some(14 * 24),
            pool_max: Some(1),
            controls: Vec::new(),
        }),
        lot: LotStanding::Released,
        lot_expiry: expiry,
        controls: Controls {
            kit: KitControls::Passed,
            external: ExternalControls {
                recorded: true,
                wrong_reading: false,
                violations: Vec::new(),
            },
            bracket: Bracket::Closed,
            failed_later: false,
            observations: Vec::new(),
        },
        container: Some(Container::Edta),
    }
}

/// Decides every canary.
pub fn fly(rules: &RuleSet, at: Timestamp) -> Flight {
    let canaries = canaries(rules, at);
    let decided = canaries.len();
    let is_released = |canary: &Canary| decide(&canary.facts, rules).verdict == Verdict::Releasable;
    let released = canaries.into_iter().filter(is_released).map(|canary| canary.wrong).collect();
    let sound = decide(&sound(rules, at), rules);
    let unsound = (sound.verdict != Verdict::Releasable).then(|| {
        sound.reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("; ")
    });
    Flight { decided, released, unsound }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        "2026-11-28T12:00:00Z".parse().unwrap()
    }

    fn rules(text: &str) -> RuleSet {
        RuleSet::parse("rules.toml", text).unwrap()
    }

    const SAMPLE: &str = include_str!("read/sample.toml");

    #[test]
    fn every_canary_is_held_back_and_the_sound_donation_is_releasable() {
        let shipped = crate::rules::shipped_names().filter_map(crate::rules::shipped);
        for text in shipped.chain([SAMPLE]) {
            let rules = rules(text);
            let (name, flight) = (&rules.identity().name, fly(&rules, at()));
            assert!(flight.decided > 50, "{name}: {}", flight.decided);
            assert_eq!((&flight.released, &flight.unsound), (&Vec::new(), &None), "{name}");
            assert_eq!(flight.alarm(), None);
        }
    }

    #[test]
    fn a_derivation_concludes_what_a_decision_does_for_every_canary_of_every_set() {
        for text in crate::rules::shipped_names().filter_map(crate::rules::shipped) {
            let rules = rules(text);
            for Canary { wrong, facts } in canaries(&rules, at()) {
                let derived = crate::rules::derive(&facts, &rules);
                assert_eq!(derived.decision, decide(&facts, &rules), "{wrong}");
                let rows = derived.rulings.iter().flat_map(|ruling| &ruling.rows);
                assert!(rows.clone().all(|row| rules.clause(&row.clause).is_some()), "{wrong}");
                assert!(rows.count() > 0, "{wrong}");
            }
        }
    }

    #[test]
    fn a_check_that_a_date_switches_off_is_found_on_that_day_and_not_before() {
        let lapsing = rules(&SAMPLE.replace("until = 2099-12-31", "until = 2026-11-28"));
        assert_eq!(fly(&lapsing, at()).alarm(), None);
        let next_day = at().checked_add(SignedDuration::from_hours(24)).unwrap();
        let alarm = fly(&lapsing, next_day).alarm().unwrap();
        assert!(alarm.contains("nothing is on record"), "{alarm}");
    }

    #[test]
    fn an_alarm_names_the_first_and_counts_the_others() {
        let released = |count: usize| vec!["a reactive one".to_owned(); count];
        let alarm = |count| Flight { decided: 9, released: released(count), unsound: None }.alarm();
        assert_eq!(alarm(0), None);
        assert!(alarm(1).unwrap().contains("(a reactive one):"));
        assert!(alarm(3).unwrap().contains("(a reactive one, and 2 more):"));
    }
}
