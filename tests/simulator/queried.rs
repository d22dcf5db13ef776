//! Analysers that ask, towards the real daemon in a process of its own: every tube is asked about
//! and answered in time, exactly what is ordered is run, each result is on record once, and what
//! becomes of each donation is what the plan says.

use std::collections::BTreeMap;

use hemogate::clock;
use hemogate::domain::{Assay, ReasonCode, Verdict};
use hemogate::limits;
use hemogate::link::{Answer, Event, Link, Sending, Token, lis01};
use hemogate::simulator::{
    Account, AnswerOutcome, Asker, Fault, Faults, Intent, Model, Morning, Opened, PlannedDonation,
    Rack, Scenario, Setup, Tally, Tempo, Turn, Wire, donation_numbers,
};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bench::{Bench, registration};
use crate::player::due;

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
    let setup =
        Setup { model: model.into(), tempo, faults, seed, baud: None, faults_change: false };
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
        let assay = match observation["assay"].as_str().unwrap() {
            // A multiplex test reports three targets.
            "hiv-rna" => "nat",
            "hcv-rna" | "hbv-dna" => continue,
            assay => assay,
        };
        *counts.entry(assay.to_owned()).or_default() += 1;
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
                let count = counts.get(assay.id()).copied().unwrap_or_default();
                assert_eq!(
                    count > 0,
                    yields(donation.scenario, *assay),
                    "{} {assay}: {context}",
                    donation.din
                );
            }
        }
        let reported = asking.turns.iter().map(|turn| match turn {
            Turn::Reported { results, .. } => *results,
            Turn::Asked { .. } | Turn::LineLost { .. } => 0,
        });
        assert_eq!(results, reported.sum::<usize>(), "each result once: {context}");
    }
}

/// Whether an assay is ordered and brings a result: nobody tests a deferred donor's blood.
fn yields(scenario: Scenario, assay: Assay) -> bool {
    match scenario {
        Scenario::Deferred => false,
        Scenario::NatMissing => assay != Assay::Nat,
        _ => true,
    }
}

/// How often an assay is run: after a first reactive result twice more. Where repeats are ordered
/// one at a time, a reactive one makes the other needless.
fn runs(model: Model, scenario: Scenario, assay: Assay) -> usize {
    match scenario {
        Scenario::Deferred => 0,
        Scenario::ReactiveCleared(marker) | Scenario::OneRepeatOpen(marker) if marker == assay => 3,
        Scenario::RepeatReactive(marker) | Scenario::RepeatsOpen(marker) if marker == assay => {
            if model.wire() == Wire::Mllp {
                3
            } else {
                2
            }
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
                let expected = runs(model, scenario, *assay);
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
            let found = counts.get(assay.id()).copied().unwrap_or_default();
            let about = format!("{about}, {} {assay}: {}", donation.din, asking.context());
            assert_eq!(found > 0, yields(donation.scenario, *assay), "{about}");
        }
    }
}

#[tokio::test]
async fn on_a_bad_line_what_is_ordered_is_run_and_on_record_once() {
    let models =
        [Model::CobasE601, Model::Maglumi, Model::Cobas6800, Model::MindrayBs, Model::AlinityI];
    for model in models {
        for seed in 1..=2 {
            let bench = Bench::of(&[model]);
            let morning = morning(&bench, model, seed, 8);
            let faults = on_the_line(model.wire());
            let asking = ask(&bench, model, &morning, faults, (seed, 20)).await;
            let about = format!("{model:?}, seed {seed}");
            asking.is_clean(&about);
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
    let models =
        [Model::CobasE601, Model::Maglumi, Model::MindrayCl, Model::Cobas6800, Model::MindrayBs];
    for fault in [Fault::UnreadId, Fault::Impatient, Fault::RefusedOrder] {
        for model in models {
            let bench = Bench::of(&[model]);
            let morning = morning(&bench, model, 3, 5);
            let faults = Faults::of([(fault, 400)]);
            let asking = ask(&bench, model, &morning, faults, (3, 5)).await;
            let about = format!("{fault}, {model:?}");
            asking.is_clean(&about);
            assert!(asking.tally.of(fault) > 0, "{about}: {}", asking.context());
            if fault == Fault::UnreadId {
                let outcomes = asking.outcomes();
                let work = outcomes.iter().filter(|o| matches!(o, AnswerOutcome::Work(_)));
                assert!(work.count() > 0, "{about}: {}", asking.context());
            }
            is_finished_on_a_good_line(&bench, model, &morning, &about).await;
        }
    }
}

fn asking_models() -> Vec<Model> {
    Model::ALL.into_iter().filter(|model| model.asks()).collect()
}

/// The racks of a morning on the whole bench that this model runs.
fn racks_of(morning: &Morning, model: Model) -> Morning {
    let runs = |rack: &&Rack| rack.first.iter().any(|session| session.load.model == model);
    let racks = morning.racks.iter().filter(runs).cloned().collect();
    Morning { donations: morning.donations.clone(), racks }
}

/// What must become of a donation whose open questions are all asked again: what the plan leaves
/// open is run once more, and comes out as it did the last time.
fn becomes(scenario: Scenario) -> Intent {
    let rejected = Intent { verdict: Verdict::Reject, code: ReasonCode::RepeatReactive };
    match scenario {
        Scenario::RepeatsOpen(_) | Scenario::GreyZone(_) => rejected,
        Scenario::OneRepeatOpen(marker) => Scenario::ReactiveCleared(marker).intent(),
        _ => scenario.intent(),
    }
}

#[tokio::test]
async fn a_whole_bench_that_asks_brings_every_donation_to_what_is_planned() {
    let bench = Bench::of(&Model::BENCH);
    let morning = Morning::plan(1, 40);
    bench.register(&morning.donations);
    for model in Model::BENCH {
        if !Model::SEROLOGY.contains(&model) {
            // The racks are carried to the next analyser.
            tokio::time::sleep(limits::SIGHTING_GAP).await;
        }
        let own = racks_of(&morning, model);
        let asking = ask(&bench, model, &own, Faults::default(), (1, 1)).await;
        asking.is_clean(&format!("{model:?}"));
    }
    for PlannedDonation { din, scenario, .. } in &morning.donations {
        let shown = bench.daemon.donation(din);
        let Intent { verdict, code } = becomes(*scenario);
        let about = format!("{din}, {scenario:?}: {:#}", shown["reasons"]);
        assert_eq!(shown["verdict"], verdict.id(), "{about}");
        let reasons = shown["reasons"].as_array().unwrap();
        let code = code.id();
        assert!(reasons.iter().any(|reason| reason["code"] == code), "{code}: {about}");
    }
}

/// Writes a question about each of these tubes in one go, and returns what the host orders.
async fn asked_at_once(bench: &Bench, model: Model, questions: Vec<Vec<u8>>) -> Vec<String> {
    let mut stream = TcpStream::connect(bench.address(model)).await.unwrap();
    let mut link = lis01::Duplex::new(lis01::Settings::instrument());
    let wanted = questions.len();
    for (token, question) in (0..).zip(questions) {
        link.send(clock::moment(), Token(token), question);
    }
    let mut answers = Vec::new();
    let mut buffer = [0; 4096];
    while answers.len() < wanted {
        while let Some(bytes) = link.transmit() {
            stream.write_all(&bytes).await.unwrap();
        }
        match link.event() {
            Some(Event::Message { token, bytes }) => {
                answers.push(String::from_utf8(bytes).unwrap());
                link.answer(clock::moment(), token, Answer::Stored);
            }
            Some(_) => {}
            None => tokio::select! {
                read = stream.read(&mut buffer) => {
                    let length = read.unwrap();
                    assert!(length > 0, "the host hung up after {answers:?}");
                    link.receive(clock::moment(), &buffer[..length]);
                }
                () = due(link.deadline()) => link.expire(clock::moment()),
            },
        }
    }
    answers
}

/// FM-06: an analyser took the bar code of one drawer for that of the next, when the second scan
/// came before the first was sent.
#[tokio::test]
async fn fm_06_queries_back_to_back_are_answered_each_with_its_own_place() {
    let bench = Bench::of(&[Model::CobasE601, Model::CobasE411]);
    for (seed, model, family) in
        [(6, Model::CobasE601, "cobas6000"), (7, Model::CobasE411, "cobas-e411")]
    {
        let numbers = donation_numbers(&mut fastrand::Rng::with_seed(seed), 6);
        for din in &numbers[..5] {
            bench.daemon.register(&registration(din));
        }
        let question = |(sequence, din): (usize, &String)| {
            format!(
                "H|\\^&|||{family}^1|||||host|TSREQ^REAL|P|1\r\
                 Q|1|^^{din:>22}^{sequence}^50{:02}^{}^^S1^SC||ALL||||||||O\rL|1|N\r",
                sequence % 7,
                sequence % 5 + 1
            )
            .into_bytes()
        };
        let questions = (40..).zip(&numbers).map(question).collect();
        let answers = asked_at_once(&bench, model, questions).await;
        for ((sequence, din), answer) in (40..).zip(&numbers).zip(&answers) {
            let order = answer.split('\r').find(|line| line.starts_with("O|")).unwrap();
            let fields: Vec<&str> = order.split('|').collect();
            assert_eq!(fields[2].trim(), din, "{model:?} {sequence}: {answer}");
            let place = format!("{sequence}^50{:02}^{}^", sequence % 7, sequence % 5 + 1);
            assert!(fields[3].starts_with(&place), "{model:?} {sequence}: {answer}");
            assert_eq!(fields[4].is_empty(), din == &numbers[5], "registered or not: {answer}");
        }
    }
}
