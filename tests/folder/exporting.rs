//! Analysers that export files, played by `hemogate simulate` into the folder that the daemon
//! looks into: every file that was meant is taken, whatever went wrong before.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::Arc;

use fastrand::Rng;
use hemogate::analyser::{Analyser, Profile, shipped};
use hemogate::domain::{Assay, DonationNumberScheme};
use hemogate::simulator::{Morning, Played, Scenario, donation_numbers};

use super::bench::{Drop, MARKED};
use super::support::bench::codes;
use super::support::messages::registration;

const DONATIONS: usize = 7;
const SEED: u64 = 3;

/// A folder for files of this profile.
fn drop_of(profile: &str) -> Drop {
    Drop::with(profile, MARKED)
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn simulate(profile: &str, place: &str, more: &[&str]) -> Ran {
    let (donations, seed) = (DONATIONS.to_string(), SEED.to_string());
    let output = Command::new(env!("CARGO_BIN_EXE_hemogate"))
        .args(["simulate", "--profile", profile, "--connect", place, "--haste", "10"])
        .args(["--donations", &donations, "--seed", &seed])
        .args(more)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

fn into(drop: &Drop, profile: &str, more: &[&str]) -> String {
    let place = format!("folder:{}", drop.folder.display());
    let Ran { code, out, err } = simulate(profile, &place, more);
    assert_eq!(code, Some(0), "{profile} {more:?}\n{out}\n{err}");
    let last = out.lines().find(|line| line.ends_with(" taken") && !line.starts_with("rack"));
    let words: Vec<&str> = last.expect(&out).split(' ').collect();
    assert_eq!(words[0], words[2], "planned is delivered: {out}");
    out
}

/// Number of files that a run says were taken.
fn taken(out: &str) -> usize {
    let last = out.lines().find(|line| line.ends_with(" taken") && !line.starts_with("rack"));
    last.unwrap().split(' ').next().unwrap().parse().unwrap()
}

/// What is on record of each donation, without what names messages and moments.
fn on_record(drop: &Drop) -> Vec<(String, Vec<String>, String)> {
    let dins = donation_numbers(&mut Rng::with_seed(SEED), DONATIONS);
    let told = |din: String| {
        let donation = drop.bench.daemon.donation(&din);
        let mut results: Vec<String> = Vec::new();
        for own in donation["observations"].as_array().unwrap() {
            results.push(format!("{} {} {}", own["assay"], own["reading"], own["value"]));
        }
        results.sort();
        (din, results, donation["verdict"].as_str().unwrap().to_owned())
    };
    dins.into_iter().map(told).collect()
}

fn register(drop: &Drop) {
    for din in donation_numbers(&mut Rng::with_seed(SEED), DONATIONS) {
        drop.bench.daemon.register(&registration(&din));
    }
}

/// What the plan says of markers that this analyser reports; the other tests are missing.
fn is_judged_as_planned(drop: &Drop, profile: &str) {
    let parsed = Profile::parse(profile, shipped(profile).unwrap()).unwrap();
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    let name = profile.to_owned();
    let analyser = Analyser::new(name, Arc::new(parsed), &BTreeMap::new(), scheme).unwrap();
    let assays = analyser.reports();
    let played = Played::profiled(Arc::new(analyser)).unwrap();
    let dins = donation_numbers(&mut Rng::with_seed(SEED), DONATIONS);
    let mut judged = 0;
    for planned in Morning::at_one_analyser(played, SEED, dins).donations {
        let expected = match planned.scenario {
            Scenario::RepeatReactive(Assay::Nat) if assays.contains(&Assay::Nat) => "NAT_REACTIVE",
            Scenario::RepeatReactive(marker) if assays.contains(&marker) => "REPEAT_REACTIVE",
            Scenario::RepeatsOpen(marker) if assays.contains(&marker) => "INITIAL_REACTIVE",
            Scenario::OneRepeatOpen(marker) if assays.contains(&marker) => "RETEST_INCOMPLETE",
            Scenario::AltHigh if assays.contains(&Assay::Alt) => "ALT_HIGH",
            _ => continue,
        };
        let donation = drop.bench.daemon.donation(&planned.din);
        let found = codes(&donation);
        let about = format!("{profile}, {:?}: {donation}", planned.scenario);
        assert!(found.iter().any(|code| code == expected), "{about}");
        judged += 1;
    }
    assert!(judged > 0, "{profile}");
}

#[test]
fn what_every_exporting_analyser_meant_is_on_record_and_its_files_are_done() {
    for profile in ["procleix-nat2-export", "biorad-evolis", "generic-delimited-text"] {
        let drop = drop_of(profile);
        register(&drop);
        let out = into(&drop, profile, &[]);
        assert_eq!(drop.in_done().len(), taken(&out), "{profile}: {out}");
        assert_eq!((drop.in_refused().len(), drop.unread().len()), (0, 0), "{profile}");
        assert_eq!(Drop::names(&drop.folder), ["done", "refused"], "{profile}");
        assert!(drop.alarms().is_empty(), "{profile}: {:?}", drop.alarms());
        is_judged_as_planned(&drop, profile);
        let record = on_record(&drop);
        assert!(record.iter().any(|(_, results, _)| !results.is_empty()), "{profile}");
        for (din, results, verdict) in &record {
            assert_ne!(verdict, "releasable", "{profile}, {din}: {results:?}");
        }
    }
}

#[test]
fn whatever_happens_to_files_the_same_is_on_record() {
    let profile = "generic-delimited-text";
    let good = drop_of(profile);
    register(&good);
    into(&good, profile, &[]);
    for fault in ["half-file", "file-twice", "same-name", "cut-file"] {
        let drop = drop_of(profile);
        register(&drop);
        let out = into(&drop, profile, &["--fault", &format!("{fault}=1000")]);
        assert_eq!(on_record(&drop), on_record(&good), "{fault}");
        assert!(fault == "same-name" || out.contains(&format!("faults: {fault} ")), "{out}");
        let left = Drop::names(&drop.folder).len() - 2;
        assert_eq!(left > 0, fault == "cut-file", "{fault}: {:?}", Drop::names(&drop.folder));
        assert!(drop.in_refused().is_empty(), "{fault}: {:?}", drop.in_refused());
    }
}

#[test]
fn a_file_that_the_host_refuses_is_named() {
    // A site that has another word for donors' tubes does not know what these are.
    let text = super::bench::profile("generic-delimited-text", "");
    assert!(text.contains("S = \"donor\""));
    let text = text.replace("S = \"donor\"", "DON = \"donor\"");
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("drop");
    std::fs::create_dir(&folder).unwrap();
    let drop = Drop::at(around, folder, &text, "");
    let place = format!("folder:{}", drop.folder.display());
    let Ran { code, out, err } = simulate("generic-delimited-text", &place, &[]);
    assert_eq!(code, Some(1), "{out}\n{err}");
    assert!(err.contains(".why.txt in refused"), "{out}\n{err}");
    assert!(out.contains("\n0 of "), "{out}");
}

#[test]
fn what_does_not_go_together_is_refused_with_words() {
    let folder = tempfile::tempdir().unwrap();
    let place = format!("folder:{}", folder.path().display());
    let tcp = "tcp:127.0.0.1:1";
    for (profile, place, more, why) in [
        ("procleix-nat2-export", tcp, vec![], "exports files and has no line"),
        ("procleix-nat2-export", "serial:/dev/null", vec![], "write --connect folder:PATH"),
        ("mindray-bs", &place, vec![], "its profile has no [file]"),
        ("procleix-nat2-export", &place, vec!["--fault", "noise=1"], "(files in a folder)"),
        ("procleix-nat2-export", &place, vec!["--query"], "does not ask"),
        ("snibe-maglumi", tcp, vec!["--fault", "cut-file=1"], "no such thing on its line"),
    ] {
        let Ran { code, err, .. } = simulate(profile, place, &more);
        assert_eq!(code, Some(2), "{profile} {place} {more:?}\n{err}");
        assert!(err.contains(why), "{profile} {place} {more:?}\n{err}");
    }
    let unmarked = simulate("davinci-quattro", &place, &["--fault", "cut-file=1"]);
    assert_eq!(unmarked.code, Some(1), "{}", unmarked.err);
    assert!(unmarked.err.contains("one that is cut off looks complete"), "{}", unmarked.err);
    let nowhere = simulate("davinci-quattro", "folder:/no/such", &[]);
    assert!(nowhere.err.contains("/no/such is not a folder"), "{}", nowhere.err);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
