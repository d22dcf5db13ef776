//! An analyser that asks, towards a small host with the real link in the host's role.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hemogate::clock;
use hemogate::simulator::{
    Account, AnswerOutcome, Asker, Fault, Faults, Model, Morning, Opened, Setup, Tempo, Turn, Wire,
    donation_numbers,
};
use tokio::net::TcpStream;

use crate::asked::{Answers, Host, Question, Reply, Seen, right};
use crate::command::simulated;

const HASTE: u32 = 20;

/// One code of each make, with how many determinations of how many assays it brings.
fn code(model: Model) -> &'static str {
    match model {
        Model::CobasE601 => "515",
        Model::Architect => "605",
        Model::Maglumi => "HBsAg",
        Model::Vision => "ABO/Rh",
        Model::MindrayBs => "13",
        _ => "74856-6",
    }
}

fn numbers(count: usize) -> Vec<String> {
    donation_numbers(&mut fastrand::Rng::with_seed(5), count)
}

fn work(numbers: &[String], codes: &[&str]) -> BTreeMap<String, Vec<String>> {
    let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
    numbers.iter().map(|din| (din.clone(), codes.clone())).collect()
}

struct Run {
    account: Account,
    turns: Vec<Turn>,
    seen: Seen,
    tally: hemogate::simulator::Tally,
}

impl Run {
    fn outcomes(&self) -> Vec<AnswerOutcome> {
        let asked = self.turns.iter().filter_map(|turn| match turn {
            Turn::Asked { outcome, .. } => Some(outcome.clone()),
            _ => None,
        });
        asked.collect()
    }
}

async fn run(
    model: Model,
    work: BTreeMap<String, Vec<String>>,
    reply: Reply,
    faults: Faults,
    donations: usize,
) -> Run {
    let host = Host::of(model, work, reply).await;
    let morning = Morning::at_one_analyser(model, 5, numbers(donations));
    let tempo = Tempo::hasty(clock::moment, HASTE);
    let setup =
        Setup { model: model.into(), tempo, faults, seed: 5, baud: None, faults_change: false };
    let address = host.address;
    let mut asker = Asker::new(setup, &morning, async || {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Opened::plain(Box::new(stream)))
    });
    let mut turns = Vec::new();
    asker.run(&mut |turn| turns.push(turn)).await;
    let tally = asker.tally();
    let account = asker.hang_up().await;
    while host.seen.lock().unwrap().open > 0 {
        tokio::task::yield_now().await;
    }
    let seen = std::mem::take(&mut *host.seen.lock().unwrap());
    Run { account, turns, seen, tally }
}

#[tokio::test]
async fn every_make_asks_and_runs_exactly_what_is_ordered_duplicates_too() {
    for model in Model::BENCH {
        let dins = numbers(3);
        let codes = [code(model), code(model)];
        // The third donation has no work.
        let work = work(&dins[..2], &codes);
        let run = run(model, work, right(model), Faults::default(), 3).await;
        let account = &run.account;
        let context = format!("{model:?}\n{}\n{:?}", account.line(), run.turns);
        assert_eq!(account.host_faults, [] as [String; 0], "{context}");
        assert_eq!(account.failures, [] as [String; 0], "{context}");
        assert_eq!((account.asked, account.in_time), (5, 5), "three, and two again: {context}");
        assert_eq!((account.without_work, account.late), (3, 0), "{context}");
        assert_eq!((account.ordered, account.run), (4, 4), "{context}");
        assert_eq!(account.acknowledged as usize, run.seen.results.len(), "{context}");
        let results = run.seen.results.concat();
        for din in &dins[..2] {
            assert!(results.contains(din.as_str()), "{din}: {context}");
        }
        assert!(!results.contains(dins[2].as_str()), "not ordered: {context}");
        let asked: Vec<&str> = run.seen.questions.iter().map(|q| q.id.as_str()).collect();
        assert_eq!(asked[..3], dins.iter().map(String::as_str).collect::<Vec<_>>(), "{context}");
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_not_run_and_a_roche_withdraws() {
    let model = Model::CobasE601;
    let right = right(model);
    let slow: Reply = Arc::new(move |question, codes| Answers {
        thinking: model.answer_patience() / HASTE + Duration::from_millis(300),
        ..right(question, codes)
    });
    let run = run(model, work(&numbers(1), &["515"]), slow, Faults::default(), 1).await;
    assert_eq!(run.outcomes()[0], AnswerOutcome::Unanswered, "{:?}", run.turns);
    assert!(run.account.late >= 1, "{}", run.account.line());
    assert_eq!((run.account.ordered, run.account.run), (0, 0), "{}", run.account.line());
    assert!(run.seen.withdrawn >= 1);
    assert_eq!(run.seen.results, [] as [String; 0]);
}

#[tokio::test]
async fn a_place_that_comes_back_changed_is_a_fault_of_the_host() {
    let model = Model::CobasE601;
    let right = right(model);
    let wrong: Reply = Arc::new(move |question, codes| {
        let mut question = question.clone();
        question.place[2] = "9".to_owned();
        right(&question, codes)
    });
    let run = run(model, work(&numbers(1), &["515"]), wrong, Faults::default(), 1).await;
    assert_eq!(run.account.run, 0, "{}", run.account.line());
    let faults = run.account.host_faults.join("\n");
    assert!(faults.contains("came back as 1^5001^9"), "{faults}");
}

#[tokio::test]
async fn tests_for_a_tube_whose_bar_code_was_not_read_are_a_fault_of_the_host_and_never_run() {
    for model in [Model::CobasE601, Model::Cobas6800, Model::MindrayBs] {
        let blank = work(&[String::new()], &[code(model)]);
        let faults = Faults::of([(Fault::UnreadId, 1_000)]);
        let run = run(model, blank, right(model), faults, 1).await;
        assert!(run.tally.of(Fault::UnreadId) > 0);
        assert_eq!(run.account.run, 0, "{model:?}: {}", run.account.line());
        let faults = run.account.host_faults.join("\n");
        assert!(faults.contains("without an id"), "{model:?}: {faults}");
    }
}

#[tokio::test]
async fn an_order_number_used_twice_is_refused() {
    let model = Model::Cobas6800;
    let right = right(model);
    let again: Reply = Arc::new(move |question, codes| {
        let mut answers = right(question, codes);
        for message in &mut answers.messages {
            for serial in 2..9 {
                *message = message.replace(&format!("AWOS-{serial}|"), "AWOS-1|");
            }
        }
        answers
    });
    let run = run(model, work(&numbers(2), &["74856-6"]), again, Faults::default(), 2).await;
    assert_eq!(run.account.run, 1, "{}", run.account.line());
    assert!(run.account.host_faults[0].contains("AWOS-1 was used before"));
}

#[tokio::test]
async fn a_test_that_is_not_here_is_refused_and_told() {
    let run = run(
        Model::Cobas6800,
        work(&numbers(1), &["1-2", "74856-6"]),
        right(Model::Cobas6800),
        Faults::default(),
        1,
    )
    .await;
    assert_eq!(run.account.run, 1, "{}", run.account.line());
    assert!(run.account.host_faults[0].contains("no test \"1-2\""));
    let replies = run.seen.replies.concat();
    assert!(replies.contains("ORC|UA|AWOS-1") && replies.contains("ORC|OK|AWOS-2"), "{replies}");
}

#[tokio::test]
async fn refused_orders_are_not_run_and_the_host_hears_it() {
    for model in Model::BENCH {
        let faults = Faults::of([(Fault::RefusedOrder, 1_000)]);
        let run = run(model, work(&numbers(1), &[code(model)]), right(model), faults, 1).await;
        let context = format!("{model:?}: {}\n{:?}", run.account.line(), run.turns);
        assert_eq!(run.account.run, 0, "{context}");
        assert!(run.account.refused > 0, "{context}");
        assert_eq!(run.outcomes()[0], AnswerOutcome::Refused, "{context}");
        let heard = run.seen.replies.concat();
        let law = heard.contains("ORC|UA") || heard.contains("MSA|AR");
        assert!(law || run.seen.given_up > 0 || model.wire() == Wire::Lis01, "{context}\n{heard}");
    }
}

#[tokio::test]
async fn orders_that_nobody_asked_for_are_taken_and_run() {
    for model in [Model::Maglumi, Model::Cobas6800] {
        let right = right(model);
        let dins = numbers(2);
        let (first, second) = (dins[0].clone(), dins[1].clone());
        let sent = std::sync::atomic::AtomicBool::new(false);
        let more: Reply = Arc::new(move |question, codes| {
            let mut answers = right(question, codes);
            let first_time = || !sent.swap(true, std::sync::atomic::Ordering::Relaxed);
            if question.id == second && first_time() {
                let unasked = Question { id: first.clone(), ..question.clone() };
                let unasked = Question { control_id: "X".to_owned(), ..unasked };
                let code = vec![code(model).to_owned()];
                answers.messages.extend(right(&unasked, &code).messages);
            }
            answers
        });
        let run = run(model, work(&dins[1..], &[code(model)]), more, Faults::default(), 2).await;
        let context = format!("{model:?}: {}\n{:?}", run.account.line(), run.turns);
        assert_eq!(run.account.unasked, 1, "{context}");
        assert_eq!((run.account.ordered, run.account.run), (2, 2), "{context}");
        assert!(run.seen.results.concat().contains(dins[0].as_str()), "{context}");
        assert_eq!(run.account.host_faults, [] as [String; 0], "{context}");
    }
}

#[tokio::test]
async fn on_a_bad_line_what_was_ordered_is_run_once_and_nothing_else() {
    for model in [Model::CobasE601, Model::Maglumi, Model::Cobas6800] {
        let mut faults = Faults::default();
        let line = match model.wire() {
            Wire::Lis01 => vec![Fault::BadChecksum, Fault::RepeatedFrame, Fault::Noise],
            Wire::Mllp => vec![Fault::RepeatedFrame, Fault::Noise, Fault::CutFrame],
            Wire::Records | Wire::Blocks(_) | Wire::Files => panic!("{model:?} does not ask"),
        };
        line.into_iter().for_each(|fault| faults.set(fault, 50));
        let dins = numbers(6);
        let run = run(model, work(&dins, &[code(model)]), right(model), faults, 6).await;
        let context = format!("{model:?}: {}\n{:?}", run.account.line(), run.turns);
        println!("{context}\n{:?}", run.tally.counts());
        assert_eq!(run.account.ordered, run.account.run, "{context}");
        assert_eq!(run.account.failures, [] as [String; 0], "{context}");
        assert_eq!(run.account.host_faults, [] as [String; 0], "{context}");
        assert!(run.account.ordered <= 6, "{context}");
    }
}

/// Runs the command with `--query` towards this host.
async fn commanded(reply: Reply, more: &[&str]) -> (Option<i32>, String, String) {
    let dins = numbers(2);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, dins.join("\n").as_bytes()).unwrap();
    let host = Host::of(Model::Maglumi, work(&dins, &["HBsAg"]), reply).await;
    let line = format!("tcp:{}", host.address);
    let donations = file.path().to_str().unwrap();
    let arguments = ["--profile", "snibe-maglumi", "--connect", &line, "--query", "--haste", "50"];
    let arguments = [&arguments, ["--donations", donations].as_slice(), more].concat();
    simulated(&arguments).await
}

#[tokio::test]
async fn the_command_asks_and_says_in_the_end_what_came_of_it() {
    let (code, out, err) = commanded(right(Model::Maglumi), &[]).await;
    assert_eq!(code, Some(0), "{out}\n{err}");
    assert!(out.contains("rack 1, position 1: 1 test ordered"), "{out}");
    assert!(out.contains("rack 1: 2 results reported"), "{out}");
    assert!(out.contains("asked 4, answered in time 4 (without work 2), late 0"), "{out}");
}

#[tokio::test]
async fn a_host_that_never_answers_makes_the_command_exit_1() {
    let silent: Reply = Arc::new(|_, _| crate::asked::no_answer());
    let (code, out, err) = commanded(silent, &[]).await;
    assert_eq!(code, Some(1), "{out}\n{err}");
    assert!(err.contains("questions were not answered in time"), "{err}");
}

#[tokio::test]
async fn an_impatient_analyser_is_no_fault_of_the_host() {
    let (code, out, err) = commanded(right(Model::Maglumi), &["--fault", "impatient=300"]).await;
    assert_eq!(code, Some(0), "{out}\n{err}");
}

#[tokio::test]
async fn a_fault_of_the_bench_does_not_go_with_questions() {
    let arguments = ["--fault", "swapped-tubes=1"];
    let (code, _, err) = commanded(right(Model::Maglumi), &arguments).await;
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("swapped-tubes"), "{err}");
}
