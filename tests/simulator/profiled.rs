//! Analysers that are played from their profiles: every one that ships, over the line that it
//! describes.

use std::collections::BTreeMap;
use std::sync::Arc;

use hemogate::analyser::{Analyser, Profile, shipped, shipped_names};
use hemogate::domain::{DonationNumberScheme, SpecimenKind};
use hemogate::link::Answer;
use hemogate::simulator::{Morning, Played, Specimen, Wire, donation_numbers};
use tokio::net::TcpListener;

use crate::command::simulated;
use crate::player::host_of;

/// An analyser with this profile.
pub fn analyser(name: &str, text: &str) -> Arc<Analyser> {
    let profile = Profile::parse(name, text).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let scheme = Arc::new(DonationNumberScheme::Isbt128);
    let analyser =
        Analyser::new(name.to_owned(), Arc::new(profile), &BTreeMap::new(), scheme).unwrap();
    Arc::new(analyser)
}

/// A shipped analyser, played from its profile.
pub fn profiled(name: &str) -> Result<Played, String> {
    Played::profiled(analyser(name, shipped(name).unwrap()))
}

/// Names of the shipped profiles that say how their analysers send.
pub fn sending() -> Vec<&'static str> {
    shipped_names().filter(|name| profiled(name).is_ok()).collect()
}

#[test]
fn a_morning_from_a_profile_is_read_as_planned() {
    for name in sending() {
        let analyser = analyser(name, shipped(name).unwrap());
        for seed in 0..3 {
            let numbers = donation_numbers(&mut fastrand::Rng::with_seed(seed), 20);
            let morning = Morning::at_one_analyser(profiled(name).unwrap(), seed, numbers);
            for session in morning.sessions() {
                let mut read = Vec::new();
                for message in &session.messages {
                    let reading = analyser.read(message);
                    assert_eq!(reading.faults, [], "{name}, seed {seed}");
                    read.extend(reading.observations);
                }
                let planned: usize = session.load.tubes.iter().map(|tube| tube.results.len()).sum();
                assert_eq!(read.len(), planned, "{name}, seed {seed}");
                for (observation, tube) in read.iter().flat_map(|seen| {
                    let of = |tube: &&hemogate::simulator::Tube| match &tube.specimen {
                        Specimen::Donor(din) => seen.specimen_id.as_deref() == Some(din),
                        Specimen::Control(lot) => seen.specimen_id.as_deref() == Some(lot),
                        Specimen::Calibrator(_) => false,
                    };
                    session.load.tubes.iter().find(of).map(|tube| (seen, tube))
                }) {
                    let is_donor = matches!(tube.specimen, Specimen::Donor(_));
                    let kind = if is_donor { SpecimenKind::Donor } else { SpecimenKind::Control };
                    assert_eq!(observation.kind, kind, "{name}, seed {seed}");
                    assert_eq!(observation.unaccounted, [], "{name}, seed {seed}");
                }
            }
        }
    }
}

/// The real binary, with each profile from a file of its own, towards the host's end of its line.
#[tokio::test]
async fn every_profile_that_sends_is_played_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let has_a_line = |name: &&str| profiled(name).unwrap().wire() != Wire::Files;
    for name in sending().into_iter().filter(has_a_line) {
        let path = folder.path().join(format!("{name}.toml"));
        std::fs::write(&path, shipped(name).unwrap()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = format!("tcp:{}", listener.local_addr().unwrap());
        let link = crate::round_trip::host_link(analyser(name, shipped(name).unwrap()).profile());
        let host = tokio::spawn(async move {
            let stream = listener.accept().await.unwrap().0;
            host_of(Box::new(stream), link, || Some(Answer::Stored)).await.len()
        });
        let file = path.to_str().unwrap();
        let arguments =
            ["--profile", file, "--connect", &line, "--donations", "3", "--haste", "20"];
        let (code, out, err) = simulated(&arguments).await;
        assert_eq!(code, Some(0), "{name}\n{out}\n{err}");
        let stored = host.await.unwrap();
        assert!(out.contains(&format!("{stored} of {stored} messages acknowledged")), "{out}");
        assert!(out.starts_with(&format!("{name}: 3 donations")), "{out}");
    }
}

#[tokio::test]
async fn a_profile_that_cannot_be_played_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mute.toml");
    let text = shipped("snibe-maglumi").unwrap();
    let (mute, _) = text.split_once("[upload]").unwrap();
    let nowhere = ["--connect", "tcp:127.0.0.1:1", "--profile", path.to_str().unwrap()];
    std::fs::write(&path, mute).unwrap();
    let (code, _, err) = simulated(&nowhere).await;
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("snibe-maglumi does not say how its analyser sends"), "{err}");
    std::fs::write(&path, text.replacen("'R|{n}|^^^{code}|{number}", "'R|{m}|^^^{code}|", 1))
        .unwrap();
    let (code, _, err) = simulated(&nowhere).await;
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("{m} is not a known placeholder"), "{err}");
    let text = text.split_once("[upload.question]").unwrap().0;
    std::fs::write(&path, text).unwrap();
    let asks: Vec<&str> = nowhere.into_iter().chain(["--query"]).collect();
    let (code, _, err) = simulated(&asks).await;
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("does not ask what to do with a tube here"), "{err}");
    let flags: Vec<&str> = nowhere.into_iter().chain(["--fault", "dropped-flag=10"]).collect();
    let (code, _, err) = simulated(&flags).await;
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("no flag of snibe-maglumi is known"), "{err}");
}
