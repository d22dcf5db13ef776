//! Analysers that ask, towards the real daemon in a process of its own: every tube is asked about
//! and answered in time, exactly what is ordered is run, each result is on record once, and what
//! becomes of each donation is what the plan says.

use std::collections::BTreeMap;

use hemogate::clock;
use hemogate::domain::Assay;
use hemogate::simulator::{
    Account, AnswerOutcome, Asker, Fault, Faults, Model, Morning, Opened, Scenario, Setup, Tally,
    Tempo, Turn, Wire, donation_numbers,
};
use socket2::SockRef;
use tokio::net::TcpStream;

use crate::bench::Bench;

/// What an analyser asked, heard and did.
struct Asking {
    account: Account,
    turns: Vec<Turn>,
    tally: Tally,
}

impl Asking {
    fn context(&self) -> String {
        format!("{}\n{:?}\n{:?}", self.account.line(), self.tally.counts(), self.turns)
    }

    /// What came of each question, in order.
    fn outcomes(&self) -> Vec<&AnswerOutcome> {
        let asked = self.turns.iter().filter_map(|turn| match turn {
            Turn::Asked { outcome, .. } => Some(outcome),
            Turn::Reported { .. } | Turn::LineLost { .. } => None,
        });
        asked.collect()
    }

    /// The host did nothing that no host may do, and what it ordered was run and taken.
    #[track_caller]
    fn is_clean(&self, about: &str) {
        let context = format!("{about}: {}", self.context());
        assert_eq!(self.account.host_faults, [] as [String; 0], "{context}");
        assert_eq!(self.account.failures, [] as [String; 0], "{context}");
        assert_eq!(self.account.ordered, self.account.run, "{context}");
        assert!(self.account.asked > 0, "{context}");
    }
}

/// An analyser of this model asks about every tube of the morning.
async fn ask(
    bench: &Bench,
    model: Model,
    morning: &Morning,
    faults: Faults,
    (seed, haste): (u64, u32),
) -> Asking {
    let address = bench.address(model);
    let tempo = Tempo::hasty(clock::moment, haste);
    let setup = Setup { model, tempo, faults, seed, baud: None, faults_change: false };
    let mut asker = Asker::new(setup, morning, async || {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let socket = SockRef::from(&stream).try_clone()?;
        Ok(Opened { line: Box::new(stream), socket: Some(socket) })
    });
    let mut turns = Vec::new();
    asker.run(&mut |turn| turns.push(turn)).await;
    let tally = asker.tally();
    let account = asker.hang_up().await;
    Asking { account, turns, tally }
}

/// A morning at this analyser alone, registered.
fn morning(bench: &Bench, model: Model, seed: u64, donations: usize) -> Morning {
    let numbers = donation_numbers(&mut fastrand::Rng::with_seed(seed), donations);
    let morning = Morning::at_one_analyser(model, seed, numbers);
    bench.register(&morning.donations);
    morning
}

/// How often each assay is on record for a donation.
fn on_record(bench: &Bench, din: &str) -> BTreeMap<String, usize> {
    let donation = bench.daemon.donation(din);
    let mut counts = BTreeMap::new();
    for observation in donation["observations"].as_array().unwrap() {
        *counts.entry(observation["assay"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn every_make_is_answered_in_time_and_runs_exactly_what_is_ordered() {
    let bench = Bench::of(&asking_models());
    for (seed, model) in (1..).zip(asking_models()) {
        let morning = morning(&bench, model, seed, 6);
        let asking = ask(&bench, model, &morning, Faults::default(), (seed, 1)).await;
        let about = format!("{model:?}, seed {seed}");
        asking.is_clean(&about);
        let context = format!("{about}: {}", asking.context());
        let Account { asked, in_time, late, unanswered, refused, unasked, .. } = asking.account;
        assert_eq!((asked, late, unanswered), (in_time, 0, 0), "{context}");
        assert_eq!((refused, unasked), (0, 0), "{context}");
        assert!(asked >= 12, "each tube until there is nothing left to do: {context}");
        let mut results = 0;
        for donation in &morning.donations {
            let counts = on_record(&bench, &donation.din);
            results += counts.values().sum::<usize>();
            for assay in model.assays().iter().filter(|assay| **assay != Assay::WnvRna) {
                let missing = *assay == Assay::Nat && donation.scenario == Scenario::NatMissing;
                let count = counts.get(assay.id()).copied().unwrap_or_default();
                assert_eq!(count > 0, !missing, "{} {assay}: {context}", donation.din);
            }
        }
        let reported = asking.turns.iter().map(|turn| match turn {
            Turn::Reported { results, .. } => *results,
            Turn::Asked { .. } | Turn::LineLost { .. } => 0,
        });
        assert_eq!(results, reported.sum::<usize>(), "each result once: {context}");
    }
}

/// Every planned determination of a donation, with what is run again at once.
fn runs(scenario: Scenario, assay: Assay) -> usize {
    match scenario {
        Scenario::ReactiveCleared(marker)
        | Scenario::RepeatReactive(marker)
        | Scenario::RepeatsOpen(marker)
        | Scenario::OneRepeatOpen(marker)
            if marker == assay =>
        {
            3
        }
        Scenario::NatReactiveOnce if assay == Assay::Nat => 3,
        _ => 1,
    }
}

#[tokio::test]
async fn an_initial_reactive_is_repeated_in_duplicate_at_the_analyser_that_asks_again() {
    for model in [Model::CobasE601, Model::Maglumi, Model::AlinityI, Model::Cobas6800] {
        let bench = Bench::of(&[model]);
        let morning = morning(&bench, model, 7, 40);
        let asking = ask(&bench, model, &morning, Faults::default(), (7, 1)).await;
        asking.is_clean(&format!("{model:?}"));
        let mut repeated = 0;
        for donation in &morning.donations {
            let scenario = donation.scenario;
            let is_plain = !matches!(
                scenario,
                Scenario::GreyZone(_)
                    | Scenario::UnknownFlag(_)
                    | Scenario::NatFailed
                    | Scenario::NatFailedThenRun
                    | Scenario::NatMissing
            );
            if !is_plain {
                continue;
            }
            let counts = on_record(&bench, &donation.din);
            for assay in model.assays().iter().filter(|assay| **assay != Assay::WnvRna) {
                let expected = runs(scenario, *assay);
                let found = counts.get(assay.id()).copied().unwrap_or_default();
                let about = format!("{model:?} {scenario:?} {assay}: {}", asking.context());
                assert_eq!(found, expected, "{about}");
                repeated += usize::from(expected > 1);
            }
        }
        assert!(repeated > 0, "{model:?}");
    }
}

fn on_the_line(wire: Wire) -> Faults {
    let faults = [
        (Fault::CutFrame, 10),
        (Fault::RepeatedFrame, 30),
        (Fault::MissingFrame, 5),
        (Fault::Noise, 30),
        (Fault::WrongParity, 10),
        (Fault::LostAck, 10),
        (Fault::LateAck, 5),
        (Fault::Reset, 10),
    ];
    let mut faults = Faults::of(faults);
    if wire == Wire::Lis01 {
        faults.set(Fault::BadChecksum, 30);
        faults.set(Fault::EtbInNumber, 30);
    }
    faults
}

/// Whatever went wrong before: on a good line everything that is left is ordered and run.
async fn is_finished_on_a_good_line(bench: &Bench, model: Model, morning: &Morning, about: &str) {
    let asking = ask(bench, model, morning, Faults::default(), (99, 1)).await;
    asking.is_clean(about);
    for donation in &morning.donations {
        let counts = on_record(bench, &donation.din);
        for assay in model.assays().iter().filter(|assay| **assay != Assay::WnvRna) {
            let missing = *assay == Assay::Nat && donation.scenario == Scenario::NatMissing;
            let found = counts.get(assay.id()).copied().unwrap_or_default();
            let about = format!("{about}, {} {assay}: {}", donation.din, asking.context());
            assert!(found > 0 || missing, "{about}");
        }
    }
}

#[tokio::test]
async fn on_a_bad_line_what_is_ordered_is_run_and_on_record_once() {
    let models =
        [Model::CobasE601, Model::Maglumi, Model::Cobas6800, Model::MindrayBs, Model::AlinityI];
    for model in models {
        for seed in 1..=3 {
            let bench = Bench::of(&[model]);
            let morning = morning(&bench, model, seed, 8);
            let faults = on_the_line(model.wire());
            let asking = ask(&bench, model, &morning, faults, (seed, 20)).await;
            let about = format!("{model:?}, seed {seed}");
            asking.is_clean(&about);
            println!("{about}: {} {:?}", asking.account.line(), asking.tally.counts());
            let reported = asking.turns.iter().map(|turn| match turn {
                Turn::Reported { results, .. } => *results,
                Turn::Asked { .. } | Turn::LineLost { .. } => 0,
            });
            let reported: usize = reported.sum();
            let recorded = morning.donations.iter();
            let recorded = recorded.map(|donation| on_record(&bench, &donation.din));
            let recorded: usize = recorded.flat_map(BTreeMap::into_values).sum();
            assert_eq!(recorded, reported, "{about}: {}", asking.context());
            is_finished_on_a_good_line(&bench, model, &morning, &about).await;
        }
    }
}

#[tokio::test]
async fn whatever_an_analyser_does_with_its_answers_nothing_stays_undone() {
    for fault in [Fault::UnreadId, Fault::Impatient, Fault::RefusedOrder] {
        for model in asking_models() {
            let bench = Bench::of(&[model]);
            let morning = morning(&bench, model, 3, 5);
            let faults = Faults::of([(fault, 400)]);
            let asking = ask(&bench, model, &morning, faults, (3, 20)).await;
            let about = format!("{fault}, {model:?}");
            println!("{about}: {} {:?}", asking.account.line(), asking.tally.counts());
            asking.is_clean(&about);
            assert!(asking.tally.of(fault) > 0, "{about}: {}", asking.context());
            if fault == Fault::UnreadId {
                let work = asking.outcomes().iter().filter(|o| matches!(o, AnswerOutcome::Work(_)));
                assert!(work.count() > 0, "{about}: {}", asking.context());
            }
            is_finished_on_a_good_line(&bench, model, &morning, &about).await;
        }
    }
}

fn asking_models() -> Vec<Model> {
    Model::ALL.into_iter().filter(|model| model.asks()).collect()
}
