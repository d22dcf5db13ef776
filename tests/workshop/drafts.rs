//! A draft from the transcripts of every analyser that we know, held against its finished profile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hemogate::analyser::{Analyser, Dialect, Profile, shipped, shipped_names};
use hemogate::domain::{Assay, DonationNumberScheme, Observation, Reading};
use hemogate::workshop::draft::{Draft, NoDraft, Source, Standard, draft};

/// The messages of a fixture without frames.
fn messages(standard: Standard, bytes: &[u8]) -> Vec<Vec<u8>> {
    match standard {
        Standard::Hl7 => bytes
            .split(|byte| *byte == 0x0B)
            .filter(|block| !block.is_empty())
            .map(|block| block.strip_suffix(b"\x1C\r").unwrap_or(block).to_vec())
            .collect(),
        Standard::Lis02 => {
            let mut messages: Vec<Vec<u8>> = Vec::new();
            for record in bytes.split_inclusive(|byte| *byte == b'\r') {
                match messages.last_mut() {
                    Some(message) if record[0] != b'H' => message.extend_from_slice(record),
                    Some(_) | None => messages.push(record.to_vec()),
                }
            }
            messages
        }
    }
}

fn transcripts(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/analysers").join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "astm" || e == "mllp"))
        .collect();
    files.sort();
    files
}

/// The standard that its messages follow, if any.
fn standard_of(profile: &Profile) -> Option<Standard> {
    match profile.dialect() {
        Dialect::Lis02 => Some(Standard::Lis02),
        Dialect::Hl7 => Some(Standard::Hl7),
        Dialect::Blocks | Dialect::Text => None,
    }
}

fn finished(name: &str) -> Profile {
    Profile::parse(name, shipped(name).unwrap()).unwrap()
}

fn all_messages(profile: &Profile) -> Vec<Vec<u8>> {
    let files = transcripts(profile.name()).into_iter();
    files
        .flat_map(|file| messages(standard_of(profile).unwrap(), &std::fs::read(file).unwrap()))
        .collect()
}

fn drafted(profile: &Profile, messages: &[Vec<u8>]) -> Result<Draft, NoDraft> {
    let transcripts = ["a transcript".to_owned()];
    let scheme = &DonationNumberScheme::Isbt128;
    let (standard, charset) = (standard_of(profile).unwrap(), profile.charset());
    draft(Source { standard, charset, scheme, transcripts: &transcripts }, messages)
}

fn read(profile: Profile, tests: &BTreeMap<String, Assay>, message: &[u8]) -> Vec<Observation> {
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    let analyser = Analyser::new("bench".to_owned(), Arc::new(profile), tests, scheme).unwrap();
    analyser.read(message).observations
}

/// Profiles that can be drafted.
fn standard() -> impl Iterator<Item = Profile> {
    shipped_names().map(finished).filter(|profile| standard_of(profile).is_some())
}

#[test]
fn every_draft_is_a_profile_that_the_checker_takes() {
    let mut taken = 0;
    for profile in standard() {
        let draft = drafted(&profile, &all_messages(&profile)).unwrap();
        if let Err(faults) = Profile::parse("draft.toml", &draft.toml) {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            panic!("{}:\n{}\n{}", profile.name(), faults.join("\n"), draft.toml);
        }
        taken += 1;
    }
    assert!(taken >= 35, "only {taken} profiles were drafted");
}

/// The one thing that a draft must never do: read a verdict that is not there, or another one.
#[test]
fn no_draft_reads_another_verdict_than_the_finished_profile() {
    let mut compared = 0;
    for profile in standard() {
        let all = all_messages(&profile);
        let draft = drafted(&profile, &all).unwrap();
        let tests = profile.tests().clone();
        for message in &all {
            let Ok(own) = Profile::parse("draft.toml", &draft.toml) else { continue };
            let told = read(finished(profile.name()), &BTreeMap::new(), message);
            for observation in readable(own, &tests, message) {
                let Some(said) = observation.reading else { continue };
                let same = |other: &&Observation| {
                    other.din == observation.din && other.assay == observation.assay
                };
                let others: Vec<&Observation> = told.iter().filter(same).collect();
                // Where the finished profile reads nothing, what blocks release does no harm.
                let agrees = |other: &&Observation| match (said, other.reading) {
                    (Reading::Invalid, _) => true,
                    (said, None) => said == Reading::Reactive,
                    (said, Some(other)) => said == other,
                };
                assert!(
                    others.is_empty() || others.iter().any(agrees),
                    "{}: {observation:#?}\n{others:#?}",
                    profile.name()
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 10, "only {compared} results were compared");
}

/// Results of a draft that nothing holds.
fn readable(own: Profile, tests: &BTreeMap<String, Assay>, message: &[u8]) -> Vec<Observation> {
    let reads = |assay: &Assay| own.text().contains("[verdict.marker]") || *assay == Assay::Alt;
    let tests = tests.iter().filter(|(_, assay)| reads(assay));
    let tests: BTreeMap<String, Assay> =
        tests.map(|(code, assay)| (code.clone(), *assay)).collect();
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    match Analyser::new("bench".to_owned(), Arc::new(own), &tests, scheme) {
        Ok(analyser) => analyser.read(message).observations,
        Err(_) => Vec::new(),
    }
}

#[test]
fn without_a_result_there_is_no_draft() {
    let profile = finished("abbott-architect");
    assert_eq!(drafted(&profile, &[b"H|\\^&\rL|1|N\r".to_vec()]), Err(NoDraft::NoResults));
}

/// Where a reader would look first: what a draft finds without help.
#[test]
fn a_draft_finds_the_places_of_the_finished_profile() {
    for (name, lines) in [
        (
            "abbott-architect",
            &[
                "specimen_id = [\"O.3\", \"O.4.1\"]",
                "value = \"R.4\"",
                "test_code = \"R.3.4\"",
                "rack = \"O.4.2\"",
                "path = \"R.3.11\"",
                "\"Nonreactive\" = \"nonreactive\"",
                "# \"380\" = \"tp\"   # SyphilisTP",
            ][..],
        ),
        (
            "roche-cobas-e601",
            &["test_code = \"R.3.4.1\"", "number = \"R.4.2\"", "\"-1\" = \"nonreactive\""],
        ),
        (
            "roche-cobas-6800",
            &["specimen_id = [\"SAC-3\", \"SPM-2.1.1\"]", "\"Non-Reactive\" = \"nonreactive\""],
        ),
    ] {
        let profile = finished(name);
        let draft = drafted(&profile, &all_messages(&profile)).unwrap();
        for line in lines {
            assert!(draft.toml.contains(line), "{name}: {line} is not in\n{}", draft.toml);
        }
        let active = draft.toml.split("[fields]").next().unwrap();
        let set = active.lines().filter(|line| line.starts_with('"')).count();
        assert_eq!(set, 0, "{name}: a test code was given an assay by guess");
    }
}

/// What could not be placed is told, in the file and beside it, and never ignored.
#[test]
fn what_a_draft_cannot_place_stays_unaccounted() {
    let profile = finished("abbott-architect");
    let draft = drafted(&profile, &all_messages(&profile)).unwrap();
    let paths: Vec<&str> = draft.unplaced.iter().map(|place| place.path.as_str()).collect();
    assert!(paths.contains(&"R.3.8"), "{paths:?}");
    assert!(draft.toml.contains("# R.3.8  seen "), "{}", draft.toml);
    let kinds = draft.unplaced.iter().find(|place| place.path == "R.3.7").unwrap();
    assert_eq!(kinds.thought, None);
    let own = Profile::parse("draft.toml", &draft.toml).unwrap();
    let message = &all_messages(&profile)[0];
    let observation = &read(own, &BTreeMap::new(), message)[0];
    assert!(observation.unaccounted.iter().any(|piece| piece.path == "R[1].3.8"));
}

/// A thought stands beside a place and never gives it a role.
#[test]
fn what_an_open_place_makes_one_think_of_is_said_and_not_done() {
    let profile = finished("ortho-vitros-eciq");
    let draft = drafted(&profile, &all_messages(&profile)).unwrap();
    let thought = |path: &str| {
        draft.unplaced.iter().find(|place| place.path == path).and_then(|place| place.thought)
    };
    assert_eq!(thought("O.3.2"), Some("rack?"));
    assert_eq!(thought("O.3.3"), Some("position?"));
    assert_eq!(thought("O.5.1"), None);
    assert!(!draft.toml.contains("rack = "), "{}", draft.toml);
}
