//! What must hold of each maker's results, whatever its snapshots say.

use hemogate::analyser::{MessageReading, shipped_names};
use hemogate::domain::{Assay, Effect, Observation, Reading, ResultStatus, SpecimenKind};

use crate::bench::{analyser, profile, transcript_texts};

/// What the messages of a transcript mean.
fn read(name: &str, transcript: &str) -> Vec<MessageReading> {
    let texts = transcript_texts(name, &format!("{transcript}."));
    assert!(!texts.is_empty(), "{name} has no {transcript}");
    texts.iter().map(|text| analyser(name).read(text.as_bytes())).collect()
}

fn observations(name: &str, transcript: &str) -> Vec<Observation> {
    read(name, transcript).into_iter().flat_map(|reading| reading.observations).collect()
}

/// Whether it can stand for a donation without anybody looking.
fn passes(observation: &Observation) -> bool {
    observation.kind == SpecimenKind::Donor
        && observation.status.is_some_and(ResultStatus::is_conclusive)
        && observation.reading.is_some_and(|reading| reading != Reading::Invalid)
        && observation.concerns.is_empty()
        && observation.unaccounted.is_empty()
}

#[test]
fn a_mean_of_vitros_is_never_a_well() {
    for name in ["ortho-vitros-3600", "ortho-vitros-eciq", "ortho-vitros-51fs"] {
        let wells = observations(name, "mean-before-replicates");
        assert_eq!(wells.len(), 2, "{name}");
        assert!(wells.iter().all(|well| !well.flags.iter().any(|flag| flag == "FRMN")));
    }
    for name in ["ortho-vitros-3600", "ortho-vitros-eciq"] {
        let alone = observations(name, "mean-alone");
        assert!(!alone.iter().any(passes), "{name}: {alone:?}");
    }
}

#[test]
fn every_test_of_a_failed_vitros_order_is_told() {
    let failed = observations("ortho-vitros-3600", "order-failed");
    let assays: Vec<_> = failed.iter().map(|one| one.assay).collect();
    assert_eq!(assays, [Some(Assay::Hbsag), Some(Assay::AntiHcv), Some(Assay::Hiv)]);
    assert!(failed.iter().all(|one| one.reading == Some(Reading::Invalid)));
}

#[test]
fn what_vitros_did_not_finish_never_passes() {
    for transcript in ["no-result", "diluted-and-flagged", "without-flags"] {
        let told = observations("ortho-vitros-3600", transcript);
        assert!(!told.iter().any(passes), "{transcript}: {told:?}");
    }
}

#[test]
fn a_grade_of_a_well_is_never_a_group() {
    for text in transcript_texts("biorad-ih-com", "") {
        for one in analyser("biorad-ih-com").read(text.as_bytes()).observations {
            let is_group = matches!(one.reading, Some(Reading::Abo(_) | Reading::Rhd(_)));
            assert!(!is_group || one.test_code.starts_with("Result/MO31/"), "{one:?}");
        }
    }
}

#[test]
fn what_a_summary_repeats_from_other_profiles_is_no_determination() {
    let told = observations("biorad-ih-com", "summary-of-other-profiles");
    assert_eq!(told.len(), 3);
    assert!(!told.iter().any(|one| passes(one) && one.assay.is_some()), "{told:?}");
}

#[test]
fn a_control_well_that_reacts_is_not_let_go() {
    let told = observations("biorad-ih-com", "control-well-reacts");
    let control = told.iter().find(|one| one.test_code.starts_with("CtrlAB")).unwrap();
    assert!(control.assay.is_none() && !control.unaccounted.is_empty());
    for transcript in ["unknown-well", "not-determined"] {
        let told = observations("biorad-ih-com", transcript);
        assert!(told.iter().any(|one| !one.unaccounted.is_empty()), "{transcript}");
    }
}

#[test]
fn fm_21_a_card_past_its_expiry_holds_what_was_read_on_it() {
    let told = observations("biorad-ih-com", "expired-card");
    assert_eq!(told.len(), 2);
    for one in told {
        let [concern] = &one.concerns[..] else { panic!("{one:?}") };
        assert_eq!((&*concern.code, concern.effect), ("REAGENT_EXPIRED", Effect::Holds));
    }
}

#[test]
fn one_word_of_immucor_is_a_group_and_a_type() {
    for name in ["immucor-neo", "immucor-echo"] {
        let told = observations(name, "donor-b-positive");
        let assays: Vec<_> = told.iter().map(|one| one.assay.unwrap()).collect();
        assert_eq!(assays, [Assay::Abo, Assay::Rhd, Assay::AntibodyScreen]);
        assert!(told.iter().all(passes), "{name}: {told:?}");
        let changed = observations(name, "grade-changed");
        assert!(changed.iter().any(|one| one.assay.is_none() && !one.unaccounted.is_empty()));
        assert!(!observations(name, "failed").iter().any(passes));
    }
    let other = read("immucor-neo", "other-unit-in-comment");
    assert_eq!(other[0].donations.len(), 2, "both are named");
    assert!(!other[0].observations.iter().any(passes));
}

#[test]
fn n_beside_a_reactive_value_never_means_nonreactive() {
    let told = observations("mindray-cl-hl7", "donor-reactive-flag-n");
    assert!(told.iter().all(|one| one.flags == ["N"]));
    assert!(!told.iter().any(|one| one.reading == Some(Reading::Nonreactive)), "{told:?}");
    let silent = observations("mindray-cl-hl7", "no-qualitative-result");
    assert_eq!(silent[0].reading, None);
    assert!(!silent.iter().any(passes), "{silent:?}");
    let maglumi = observations("snibe-maglumi", "flag-n-on-a-reactive-value");
    assert!(maglumi.iter().all(|one| one.reading == Some(Reading::Reactive)));
}

#[test]
fn words_against_numbers_and_values_that_were_changed_hold() {
    for transcript in ["words-against-number", "changed-by-a-person"] {
        let told = observations("mindray-cl-hl7", transcript);
        assert!(!told.iter().any(passes), "{transcript}: {told:?}");
    }
}

#[test]
fn what_is_withdrawn_or_of_no_known_status_never_passes() {
    let cl = observations("mindray-cl-hl7", "failed-and-withdrawn");
    assert_eq!(cl.iter().filter(|one| passes(one)).count(), 1, "the corrected one");
    let bs = observations("mindray-bs", "statuses");
    let status = |one: &Observation| one.status.is_some_and(ResultStatus::is_conclusive);
    assert_eq!(bs.iter().filter(|one| status(one)).count(), 1, "the corrected one");
}

#[test]
fn every_flag_of_vision_keeps_its_result_from_passing() {
    let readings = read("ortho-vision", "every-flag");
    assert_eq!(readings.len(), 11);
    for reading in readings {
        assert!(!passes(&reading.observations[0]), "{reading:?}");
    }
    assert!(!passes(&observations("ortho-vision", "changed-by-a-person")[0]));
}

#[test]
fn training_and_unknown_kinds_are_no_donors() {
    for (name, transcript) in [
        ("ortho-vision", "training"),
        ("snibe-maglumi", "training"),
        ("mindray-bs", "training"),
        ("mindray-bs", "kind-not-known"),
        ("mindray-cl", "kind-not-known"),
        ("generic-hl7", "role-not-sent"),
    ] {
        let told = observations(name, transcript);
        assert!(told.iter().all(|one| one.kind == SpecimenKind::Other), "{name}: {told:?}");
    }
}

#[test]
fn what_is_there_to_start_from_says_so() {
    let generic: Vec<_> = shipped_names().filter(|name| name.starts_with("generic-")).collect();
    for name in ["generic-astm", "generic-hl7"] {
        assert!(generic.contains(&name));
        assert!(profile(name).title().contains("NOT FOR USE"), "{name}");
        assert!(!observations(name, "everything-else-holds").iter().any(passes), "{name}");
    }
}
