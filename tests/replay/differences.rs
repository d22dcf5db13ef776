//! What is planted is found.

use std::fs;

use hemogate::clock::now;
use hemogate::journal::{Entry, Kind};
use hemogate::limits;

use crate::bench::{Bench, replay};
use crate::support::messages;
use crate::support::wire::{block, frames};

/// Records a session that no daemon ever saw, with what we are said to have answered.
fn plant(bench: &Bench, analyser: &'static str, wire: &[(Kind, Vec<u8>)]) {
    for (kind, bytes) in wire {
        let entry = Entry { kind: *kind, at: now(), analyser, connection: 1_000, bytes };
        bench.journal().record(entry);
    }
}

fn lis01_session(din: &str, last_answer: u8) -> Vec<(Kind, Vec<u8>)> {
    let mut wire = vec![(Kind::Received, vec![5]), (Kind::Sent, vec![6])];
    for frame in frames(&messages::e601_clean(din), 1) {
        wire.extend([(Kind::Received, frame), (Kind::Sent, vec![6])]);
    }
    wire.last_mut().unwrap().1 = vec![last_answer];
    wire.push((Kind::Received, vec![4]));
    wire
}

#[test]
fn an_acknowledged_message_that_is_not_on_record_is_found() {
    let mut bench = Bench::start();
    bench.serology(0..3);
    plant(&bench, "serology", &lis01_session(&messages::din(77), 6));
    let message = messages::mindray_alt(&messages::din(78), "22", "M1");
    let acknowledgement = "MSH|^~\\&|||||20260105||ACK|1|P|2.3.1\rMSA|AA|M1\r";
    let wire = [
        (Kind::Received, block(message.as_bytes())),
        (Kind::Sent, block(acknowledgement.as_bytes())),
    ];
    plant(&bench, "alt", &wire);
    bench.alt(0..1, "");
    bench.settle();
    let ran = bench.replay_on_store().is(1);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.out);
    assert!(lines[0].starts_with("not on record: analyser serology, "), "{}", lines[0]);
    assert!(lines[1].starts_with("not on record: analyser alt, "), "{}", lines[1]);
    assert!(lines[2].ends_with("; 2 differences"), "{}", lines[2]);
}

#[test]
fn a_refused_or_unanswered_message_may_be_absent() {
    let mut bench = Bench::start();
    bench.serology(0..1);
    plant(&bench, "serology", &lis01_session(&messages::din(77), 0x15));
    let mut unanswered = lis01_session(&messages::din(78), 6);
    unanswered.truncate(unanswered.len() - 2);
    plant(&bench, "serology", &unanswered);
    bench.settle();
    let ran = bench.replay_on_store().is(0);
    // The refused one, what was left of it when its session ended, the unanswered one.
    assert!(ran.out.contains("1 messages acknowledged, 3 refused, unanswered"), "{}", ran.out);
    assert!(ran.err.contains("a cut transfer is not on record"), "{}", ran.err);
}

#[test]
fn an_answer_in_hl7_counts_for_the_message_that_it_names() {
    let mut bench = Bench::start();
    bench.alt(0..1, "");
    let message = |number: u32| {
        let id = format!("M{number}");
        block(messages::mindray_alt(&messages::din(number), "22", &id).as_bytes())
    };
    let acknowledgement = "MSH|^~\\&|||||20260105||ACK|1|P|2.3.1\rMSA|AA|M71\r";
    let wire = [
        (Kind::Received, [message(70), message(71)].concat()),
        (Kind::Sent, block(acknowledgement.as_bytes())),
    ];
    plant(&bench, "alt", &wire);
    bench.settle();
    let ran = bench.replay_on_store().is(1);
    assert!(ran.out.contains("2 messages acknowledged, 1 refused, unanswered"), "{}", ran.out);
    assert_eq!(ran.out.matches("not on record").count(), 1, "{}", ran.out);
}

#[test]
fn a_message_on_record_that_the_journal_does_not_have_is_found() {
    let mut bench = Bench::start();
    bench.serology(0..2);
    bench.laboratory.astm("serology", &messages::e601_clean(&messages::din(50)));
    // Long enough that it is not among the last moments, of which the journal tells nothing sure.
    let begun = std::time::Instant::now();
    let mut number = 2;
    while begun.elapsed() < 3 * limits::JOURNAL_PACE {
        bench.serology(number..number + 1);
        number += 1;
    }
    bench.settle();
    // After the journal's time: no difference.
    bench.laboratory.astm("serology", &messages::e601_clean(&messages::din(51)));
    let ran = bench.replay_on_store().is(1);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
    assert!(
        ran.out.starts_with("not in the journal: message 3, analyser serology, "),
        "{}",
        ran.out
    );
}

#[test]
fn results_that_are_read_differently_today_are_found() {
    let mut bench = Bench::start();
    bench.serology(0..2);
    bench.settle();
    let config = fs::read_to_string(&bench.laboratory.config).unwrap();
    let other = config.replace(
        "profile = \"roche-cobas-e601\"\n",
        "profile = \"roche-cobas-e601\"\ntests = { \"515\" = \"anti-hcv\", \"286\" = \"hiv\" }\n",
    );
    assert_ne!(other, config);
    let file = bench.laboratory.folder.path().join("other.toml");
    fs::write(&file, other).unwrap();
    let ran = bench.replay(&["--config", file.to_str().unwrap()]).is(1);
    let today = ran.out.lines().filter(|line| line.starts_with("read today and not on record"));
    let then = ran.out.lines().filter(|line| line.starts_with("on record and not read today"));
    assert_eq!((today.count() > 0, then.count() > 0), (true, true), "{}", ran.out);
    assert!(ran.out.contains(&messages::din(0)), "names the donation: {}", ran.out);
    let profile = ["--profile", "serology=abbott-architect"];
    let store = bench.store();
    let named = [&["--store", store.to_str().unwrap()][..], &profile].concat();
    bench.replay(&named).is(1);
}

#[test]
fn a_damaged_journal_is_never_the_same_and_a_torn_one_may_be() {
    let mut bench = Bench::start();
    bench.serology(0..5);
    bench.settle();
    let file = bench.folder().join("wire-00000001.hgj");
    let whole = fs::read(&file).unwrap();
    let after_closing = 80;
    fs::write(&file, &whole[..whole.len() - after_closing / 2]).unwrap();
    let ran = bench.replay_on_store().is(0);
    assert!(ran.err.contains("ends within a record"), "{}", ran.err);
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    fs::write(&file, &damaged).unwrap();
    let ran = bench.replay_on_store().is(1);
    assert!(ran.err.contains("are no record"), "{}", ran.err);
    assert!(ran.out.contains("does not tell everything"), "{}", ran.out);
}

#[test]
fn what_cannot_be_replayed_is_exit_status_2_with_words() {
    let bench = Bench::start();
    let nothing = bench.laboratory.folder.path().join("nothing");
    let store = bench.store();
    let store = store.to_str().unwrap();
    let ran = replay(&nothing, &["--store", store]).is(2);
    assert!(ran.err.contains("nothing"), "{}", ran.err);
    let ran = bench.replay(&["--store", nothing.to_str().unwrap()]).is(2);
    assert!(ran.err.contains("nothing"), "{}", ran.err);
    assert!(!nothing.exists());
    bench.replay(&[]).is(2);
    bench.replay(&["--store", store, "--config", store]).is(2);
    let ran = bench.replay(&["--store", store, "--profile", "serology=no-such"]).is(2);
    assert!(ran.err.contains("no-such"), "{}", ran.err);
}

#[test]
fn an_analyser_that_nobody_can_read_is_told() {
    let mut bench = Bench::start();
    plant(&bench, "unheard-of", &lis01_session(&messages::din(77), 6));
    bench.settle();
    let ran = bench.replay_on_store().is(1);
    assert!(ran.err.contains("unheard-of") && ran.err.contains("--profile"), "{}", ran.err);
    let store = bench.store();
    let profile = "unheard-of=roche-cobas-e601";
    let ran = bench.replay(&["--store", store.to_str().unwrap(), "--profile", profile]).is(1);
    assert!(ran.out.starts_with("not on record: analyser unheard-of"), "{}", ran.out);
}
