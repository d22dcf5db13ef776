//! Simulated analysers with faults towards the real daemon in a process of its own: each result is
//! on record once, as it is on a good line, and no mishap on the bench makes a donation releasable
//! that must not be.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use hemogate::clock;
use hemogate::simulator::{
    Fault, Faults, Instrument, Mishap, Model, Morning, Opened, Setup, Tally, Tempo,
    donation_numbers,
};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::bench::{Bench, registration};

const DONATIONS: usize = 7;

/// `hemogate simulate` towards this daemon.
fn simulate(bench: &Bench, model: Model, seed: u64, faults: &[(Fault, u16)]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hemogate"));
    let line = format!("tcp:{}", bench.address(model));
    command.args(["simulate", "--profile", model.profile(), "--connect", &line, "--haste", "20"]);
    command.args(["--donations", &DONATIONS.to_string(), "--seed", &seed.to_string()]);
    for (fault, rate) in faults {
        command.args(["--fault", &format!("{fault}={rate}")]);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    println!("{model:?}, seed {seed}, {faults:?}: {}", out.lines().last().unwrap_or_default());
    assert_eq!(output.status.code(), Some(0), "{model:?}, seed {seed}\n{out}\n{err}");
}

/// What is on record of these donations, in order, without what names messages and moments.
fn on_record(bench: &Bench, seed: u64) -> Vec<(String, Vec<String>, Value)> {
    let numbers = donation_numbers(&mut fastrand::Rng::with_seed(seed), DONATIONS);
    let about = |din: String| {
        bench.daemon.register(&registration(&din));
        let donation = bench.daemon.donation(&din);
        let observations = donation["observations"].as_array().unwrap().iter();
        let mut observations: Vec<String> = observations.map(comparable).collect();
        observations.sort();
        (din, observations, donation["verdict"].clone())
    };
    numbers.into_iter().map(about).collect()
}

fn comparable(observation: &Value) -> String {
    let mut observation = observation.clone();
    let fields = observation.as_object_mut().unwrap();
    fields.retain(|name, _| !["message", "id", "seq", "received_at", "commit"].contains(&&**name));
    observation.to_string()
}

fn is_as_on_a_good_line(model: Model, seed: u64, faults: &[(Fault, u16)]) {
    let good = Bench::of(&Model::BENCH);
    let bad = Bench::of(&Model::BENCH);
    simulate(&good, model, seed, &[]);
    simulate(&bad, model, seed, faults);
    let (expected, found) = (on_record(&good, seed), on_record(&bad, seed));
    let results: usize = expected.iter().map(|(_, observations, _)| observations.len()).sum();
    assert!(results > 0, "{model:?}, seed {seed}");
    assert_eq!(found, expected, "{model:?}, seed {seed}, {faults:?}");
}

#[test]
fn results_over_a_bad_lis01_line_are_on_record_once() {
    let faults = [
        (Fault::BadChecksum, 30),
        (Fault::CutFrame, 10),
        (Fault::EtbInNumber, 50),
        (Fault::RepeatedFrame, 30),
        (Fault::MissingFrame, 5),
        (Fault::Noise, 30),
        (Fault::WrongParity, 5),
        (Fault::LostAck, 10),
        (Fault::HalfOpen, 5),
        (Fault::Reset, 5),
        (Fault::DoubleSession, 300),
    ];
    for (model, seed) in [(Model::CobasE601, 11), (Model::Maglumi, 12), (Model::Vision, 13)] {
        is_as_on_a_good_line(model, seed, &faults);
    }
}

#[test]
fn results_over_a_bad_mllp_line_are_on_record_once() {
    let faults = [
        (Fault::CutFrame, 30),
        (Fault::RepeatedFrame, 60),
        (Fault::MissingFrame, 30),
        (Fault::Noise, 60),
        (Fault::WrongParity, 30),
        (Fault::LostAck, 30),
        (Fault::LateAck, 30),
        (Fault::HalfOpen, 20),
        (Fault::Reset, 30),
        (Fault::DoubleSession, 300),
    ];
    for (model, seed) in [(Model::MindrayBs, 21), (Model::Cobas6800, 22)] {
        is_as_on_a_good_line(model, seed, &faults);
    }
}

/// A whole bench runs a morning on which this happens; what happened.
async fn morning(bench: &Bench, seed: u64, faults: Faults) -> Vec<Mishap> {
    let mut morning = Morning::plan(seed, 20);
    let mishaps = morning.befall(&faults, seed, &Tally::default());
    bench.register(&morning.donations);
    for model in Model::BENCH {
        let address: SocketAddr = bench.address(model);
        let tempo = Tempo::real(clock::moment);
        let setup = Setup {
            model: model.into(),
            tempo,
            faults: Faults::default(),
            seed,
            baud: None,
            faults_change: false,
        };
        let mut instrument = Instrument::new(setup, async || {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(Opened::plain(Box::new(stream)))
        });
        for session in morning.sessions().filter(|session| session.load.model == model) {
            let failed = instrument.play(&session.messages, &mut |_| {}).await;
            assert_eq!(failed, [], "seed {seed}");
        }
        instrument.hang_up().await;
    }
    mishaps
}

#[tokio::test]
async fn a_mishap_on_the_bench_never_makes_releasable_what_must_not_be() {
    let mut released = BTreeSet::new();
    for fault in [Fault::DuplicateId, Fault::ShiftedRack, Fault::DroppedFlag, Fault::SwappedTubes] {
        for seed in 1..=2 {
            let bench = Bench::of(&Model::BENCH);
            let rate = if fault == Fault::DroppedFlag { 300 } else { 1_000 };
            let mishaps = morning(&bench, seed, Faults::of([(fault, rate)])).await;
            assert!(!mishaps.is_empty(), "{fault}, seed {seed}");
            for mishap in &mishaps {
                for din in &mishap.never_releasable {
                    if bench.daemon.donation(din)["verdict"] == "releasable" {
                        released
                            .insert(format!("{fault}, seed {seed}, rack {}, {din}", mishap.rack));
                    }
                }
            }
        }
    }
    assert_eq!(released, BTreeSet::new());
}
