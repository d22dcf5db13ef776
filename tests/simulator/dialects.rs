//! What each virtual analyser writes, read by the profile that ships for it: nothing stays
//! unaccounted for, and every result is the planned one.

use std::collections::BTreeMap;
use std::sync::Arc;

use hemogate::analyser::{Analyser, Profile, shipped};
use hemogate::domain::{
    Assay, DonationNumberScheme, Observation, Reading, ResultStatus, SpecimenKind,
};
use hemogate::simulator::{
    Load, Model, Morning, Outcome, PlannedResult, Session, Specimen, Tube, Wire, donation_numbers,
};
use rust_decimal::Decimal;

const SEEDS: std::ops::Range<u64> = 0..6;

pub fn analyser(model: Model) -> Analyser {
    let name = model.profile();
    let profile = Profile::parse(name, shipped(name).expect(name)).expect(name);
    let tests: BTreeMap<String, Assay> =
        model.site_tests().iter().map(|(code, assay)| ((*code).to_owned(), *assay)).collect();
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    Analyser::new(name.to_owned(), Arc::new(profile), &tests, scheme).expect(name)
}

/// The sessions of a model: on the whole bench, and alone.
fn sessions(model: Model, seed: u64) -> Vec<Session> {
    let numbers = donation_numbers(&mut fastrand::Rng::with_seed(seed), 45);
    let mornings = [Morning::plan(seed, 45), Morning::at_one_analyser(model, seed, numbers)];
    let sessions = mornings.iter().flat_map(Morning::sessions);
    sessions.filter(|session| session.load.model == model).cloned().collect()
}

fn read(analyser: &Analyser, session: &Session) -> Vec<Observation> {
    let mut observations = Vec::new();
    for message in &session.messages {
        let reading = analyser.read(message);
        let text = String::from_utf8_lossy(message).replace('\r', "\n");
        assert_eq!(reading.faults, [], "{}\n{text}", analyser.id());
        observations.extend(reading.observations);
    }
    observations
}

#[test]
fn every_planned_result_is_read_as_planned_and_nothing_else_is_read() {
    for model in Model::ALL {
        let analyser = analyser(model);
        for seed in SEEDS {
            for session in sessions(model, seed) {
                let observations = read(&analyser, &session);
                check(&session.load, observations, seed);
            }
        }
    }
}

fn check(load: &Load, mut observations: Vec<Observation>, seed: u64) {
    let model = load.model.made().unwrap();
    for tube in &load.tubes {
        for result in &tube.results {
            for assay in reported_as(model, result.assay) {
                let place = observations.iter().position(|o| is_of(model, o, tube, result, assay));
                let wanted = format!("seed {seed}, {:?}: {assay} of {tube:?}", load.model);
                let place = place.unwrap_or_else(|| panic!("{wanted}\nin {observations:#?}"));
                let observation = observations.remove(place);
                check_one(model, tube, result, assay, &observation);
            }
        }
    }
    assert_eq!(observations, [], "seed {seed}: nobody planned these");
}

/// MPX reports three targets.
fn reported_as(model: Model, assay: Assay) -> Vec<Assay> {
    match (model, assay) {
        (Model::Cobas6800, Assay::Nat) => vec![Assay::HivRna, Assay::HcvRna, Assay::HbvDna],
        (_, assay) => vec![assay],
    }
}

fn is_of(
    model: Model,
    observation: &Observation,
    tube: &Tube,
    result: &PlannedResult,
    assay: Assay,
) -> bool {
    let same_tube = match &tube.specimen {
        Specimen::Donor(din) => observation.din.as_ref().map(|d| d.as_str()) == Some(din),
        Specimen::Control(_) | Specimen::Calibrator(_) => observation.din.is_none(),
    };
    let time = observation.completed_at.map(|time| time.civil);
    same_tube
        && observation.assay == Some(assay)
        && time.is_none_or(|time| match model {
            // It sends the date alone.
            Model::BeckmanPk7300 => time.date() == result.completed.date(),
            _ => time == result.completed,
        })
}

fn check_one(
    model: Model,
    tube: &Tube,
    result: &PlannedResult,
    assay: Assay,
    observation: &Observation,
) {
    let context = format!("{tube:?}\n{observation:#?}");
    let kind = match tube.specimen {
        Specimen::Donor(_) => SpecimenKind::Donor,
        Specimen::Control(_) => SpecimenKind::Control,
        Specimen::Calibrator(_) => SpecimenKind::Calibration,
    };
    assert_eq!(observation.kind, kind, "{context}");
    if kind == SpecimenKind::Donor {
        assert_eq!(observation.reading, planned_reading(result, assay), "{context}");
        assert_eq!(observation.number, planned_number(model, result), "{context}");
        let failed = result.outcome == Outcome::Failed;
        let status = if failed { ResultStatus::Failed } else { ResultStatus::Final };
        assert_eq!(observation.status, Some(status), "{context}");
        assert_eq!(observation.concerns.is_empty(), !failed, "{context}");
    }
    let unaccounted: Vec<&str> =
        observation.unaccounted.iter().map(|piece| piece.text.as_str()).collect();
    let planned: Vec<&str> = result.odd_flag.into_iter().collect();
    assert_eq!(unaccounted, planned, "{context}");
}

fn planned_reading(result: &PlannedResult, assay: Assay) -> Option<Reading> {
    match result.outcome {
        // A reactive MPX is reactive for HBV alone.
        Outcome::Marker(Reading::Reactive, _) if matches!(assay, Assay::HivRna | Assay::HcvRna) => {
            Some(Reading::Nonreactive)
        }
        Outcome::Marker(reading, _) | Outcome::Group(reading) => Some(reading),
        Outcome::Quantity(_) => None,
        Outcome::Failed => Some(Reading::Invalid),
    }
}

fn planned_number(model: Model, result: &PlannedResult) -> Option<Decimal> {
    match (model, result.outcome) {
        // Its kit has a cut-off of 0.05 IU/mL; the plan counts in cut-offs.
        (Model::Maglumi | Model::MindrayCl | Model::LiaisonXl, Outcome::Marker(_, index))
            if result.assay == Assay::Hbsag =>
        {
            Some(index * Decimal::new(5, 2))
        }
        (Model::Cobas6800, _) => None,
        (_, Outcome::Marker(_, number) | Outcome::Quantity(number)) => Some(number),
        (_, Outcome::Group(_) | Outcome::Failed) => None,
    }
}

#[test]
fn results_sent_for_the_second_time_have_the_content_keys_of_the_first() {
    for model in Model::ALL {
        let analyser = analyser(model);
        let mut twice = 0;
        for sessions in SEEDS.map(|seed| sessions(model, seed)) {
            for pair in sessions.windows(2).filter(|pair| pair[1].sent_before) {
                let keys = |session: &Session| -> Vec<[u8; 32]> {
                    session.messages.iter().map(|m| analyser.read(m).content_key).collect()
                };
                assert!(keys(&pair[0]) == keys(&pair[1]), "{model:?}");
                let same_bytes = pair[0].messages == pair[1].messages;
                assert!(model.wire() != Wire::Mllp || !same_bytes, "control ids rise: {model:?}");
                twice += 1;
            }
        }
        assert!(twice > 0, "{model:?}");
    }
}
