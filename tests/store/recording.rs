//! Messages: once, in order, together, and what could not be read.

use std::sync::mpsc;

use hemogate::domain::{Assay, Reading, ResultStatus};
use hemogate::limits;
use hemogate::store::{Recorded, StoreError, prove};

use crate::bench::*;

#[test]
fn a_message_is_stored_with_its_observations() {
    let bench = Bench::new();
    let store = bench.open();
    let recorded = record(&store, message("m1", full_panel(1)));
    assert_eq!(recorded, Recorded::New { message: 1, unread: false });
    let donation = store.donation(&din(1)).unwrap().unwrap();
    let stored: Vec<_> =
        donation.observations.iter().map(|recorded| recorded.observation.clone()).collect();
    assert_eq!(stored, full_panel(1));
    assert_eq!(donation.observations[0].analyser, "e601");
    assert_eq!(donation.observations[0].message, 1);
    assert_eq!(store.donation(&din(2)).unwrap(), None);
}

#[test]
fn the_same_message_again_changes_nothing() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, message("m1", full_panel(1)));
    let before = (feed(&store), store.donation(&din(1)).unwrap());
    let again = record(&store, message("m1", full_panel(1)));
    assert_eq!(again, Recorded::Duplicate { message: 1, unread: false });
    assert_eq!((feed(&store), store.donation(&din(1)).unwrap()), before);
    assert_eq!((store.counters().messages, store.counters().duplicates), (1, 1));
}

#[test]
fn fm_04_a_copy_over_a_second_line_is_not_counted_twice() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, message("m1", full_panel(1)));
    let mut copy = message("m1", full_panel(1));
    copy.analyser = "e601-serial".to_owned();
    assert_eq!(record(&store, copy), Recorded::Duplicate { message: 1, unread: false });
}

#[test]
fn fm_04_a_copy_over_a_second_line_that_differs_is_not_lost() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, message("m1", full_panel(1)));
    assert_eq!(verdict_of(&store, 1), "releasable");
    let mut crossed = message("m1", full_panel(1));
    crossed.analyser = "e601-serial".to_owned();
    crossed.observations[1].reading = Some(Reading::Reactive);
    assert!(matches!(record(&store, crossed), Recorded::New { message: 2, .. }));
    assert_eq!(store.donation(&din(1)).unwrap().unwrap().observations.len(), 9);
    assert_eq!(verdict_of(&store, 1), "recalled");
}

#[test]
fn a_result_sent_again_inside_another_message_is_not_counted_twice() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, message("m1", vec![observation(1, Assay::Hbsag, "0.42")]));
    let mut again = observation(1, Assay::Hbsag, "0.42");
    again.status = Some(ResultStatus::Retransmitted);
    let other = observation(1, Assay::Tp, "0.08");
    let recorded = record(&store, message("m2", vec![again, other]));
    assert_eq!(recorded, Recorded::New { message: 2, unread: false });
    let donation = store.donation(&din(1)).unwrap().unwrap();
    let ids: Vec<_> = donation.observations.iter().map(|o| (o.id, o.message)).collect();
    assert_eq!(ids, [(1, 1), (2, 2)]);
}

#[test]
fn a_correction_is_another_fact_even_with_the_same_value() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, message("m1", vec![observation(1, Assay::Hbsag, "0.42")]));
    let mut corrected = observation(1, Assay::Hbsag, "0.42");
    corrected.status = Some(ResultStatus::Corrected);
    record(&store, message("m2", vec![corrected]));
    assert_eq!(store.donation(&din(1)).unwrap().unwrap().observations.len(), 2);
}

#[test]
fn messages_that_wait_share_a_commit_and_are_answered_in_order() {
    let bench = Bench::new();
    let store = bench.open();
    let (sender, answers) = mpsc::channel();
    let count = 200;
    let busy = keep_busy(&store);
    for number in 0..count {
        let sender = sender.clone();
        let reply = move |outcome| sender.send((number, outcome)).unwrap();
        store.record(message(&format!("m{number}"), full_panel(number)), Box::new(reply));
    }
    drop(busy);
    for expected in 0..count {
        let (number, outcome) = answers.recv().unwrap();
        assert_eq!(number, expected);
        let message = i64::from(number) + 2;
        assert_eq!(outcome, Ok(Recorded::New { message, unread: false }));
    }
    let counters = store.counters();
    assert_eq!(counters.messages, u64::from(count) + 1);
    assert_eq!(counters.observations, 8 * u64::from(count));
    assert_eq!(counters.commits, 2);
}

#[test]
fn one_entry_that_cannot_be_stored_fails_alone() {
    let bench = Bench::new();
    let store = bench.open();
    for number in 0..6 {
        register(&store, registration(number)).unwrap();
    }
    let busy = keep_busy(&store);
    let answers: Vec<_> = (0..6)
        .map(|number| {
            let mut entry = message(&format!("m{number}"), full_panel(number));
            if number % 2 == 1 {
                // The table refuses a message of nobody.
                entry.analyser = String::new();
            }
            send(&store, entry)
        })
        .collect();
    drop(busy);
    for (number, answer) in answers.into_iter().enumerate() {
        match answer.recv().unwrap() {
            Ok(Recorded::New { unread: false, .. }) => assert_eq!(number % 2, 0),
            Err(StoreError::Failed(_)) => assert_eq!(number % 2, 1),
            other => panic!("{number}: {other:?}"),
        }
    }
    let numbers: Vec<_> = feed(&store).iter().map(|row| row.seq).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    assert_eq!(verdict_of(&store, 0), "releasable");
    assert_eq!(verdict_of(&store, 1), "pending");
    record(&store, message("m1", full_panel(1)));
    assert_eq!(verdict_of(&store, 1), "releasable");
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn an_entry_that_fails_half_way_leaves_nothing_behind() {
    let bench = Bench::new();
    record(&bench.open(), message("m1", vec![observation(1, Assay::Hbsag, "0.42")]));
    let store = bench.open();
    // The case file cannot be read, which shows only after the message's row was written.
    let whole = set_payload(&bench, "{}");
    let busy = keep_busy(&store);
    let half = message("m2", vec![observation(1, Assay::Alt, "22")]);
    let fails = send(&store, half.clone());
    let goes = send(&store, message("m3", full_panel(2)));
    drop(busy);
    assert!(matches!(fails.recv().unwrap(), Err(StoreError::Failed(_))));
    assert_eq!(goes.recv().unwrap(), Ok(Recorded::New { message: 3, unread: false }));
    let again = send(&store, half.clone()).recv().unwrap();
    assert!(matches!(again, Err(StoreError::Failed(_))), "never taken for a duplicate: {again:?}");
    assert_eq!(store.counters().messages, 2);

    set_payload(&bench, &whole);
    assert_eq!(record(&store, half), Recorded::New { message: 4, unread: false });
    assert_eq!(store.donation(&din(1)).unwrap().unwrap().observations.len(), 2);
    drop(store);
    prove(&bench.path()).unwrap();
}

/// Changes what the first observation says behind the store's back; returns what it said.
fn set_payload(bench: &Bench, payload: &str) -> String {
    let raw = bench.raw();
    let read = |sql: &str| raw.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    let before = read("SELECT payload FROM observation WHERE id = 1");
    let guard = read("SELECT sql FROM sqlite_schema WHERE name = 'observation_no_update'");
    raw.execute_batch("DROP TRIGGER observation_no_update").unwrap();
    raw.execute("UPDATE observation SET payload = ?1 WHERE id = 1", [payload]).unwrap();
    raw.execute_batch(&guard).unwrap();
    before
}

#[test]
fn more_entries_than_the_queue_holds_are_refused_at_once() {
    let bench = Bench::new();
    let store = bench.open();
    let busy = keep_busy(&store);
    let waiting: Vec<_> = (0..limits::WRITER_QUEUE_MAX)
        .map(|number| send(&store, message(&format!("m{number}"), Vec::new())))
        .collect();
    let one_past = send(&store, message("one past", Vec::new()));
    let overloaded = Err(StoreError::Overloaded(limits::WRITER_QUEUE_MAX));
    assert_eq!(one_past.try_recv().unwrap(), overloaded);
    drop(busy);
    for answer in waiting {
        answer.recv().unwrap().unwrap();
    }
    assert_eq!(store.counters().waiting, 0);
}

#[test]
fn more_bytes_than_may_wait_are_refused_at_once() {
    let bench = Bench::new();
    let store = bench.open();
    let busy = keep_busy(&store);
    let of_bytes = |content: &str, bytes: u64| {
        let mut entry = message(content, Vec::new());
        entry.bytes = vec![0; usize::try_from(bytes).unwrap() - entry.body.len()];
        entry
    };
    let half = limits::WRITER_QUEUE_BYTES_MAX / 2;
    let waiting = [send(&store, of_bytes("m1", half)), send(&store, of_bytes("m2", half))];
    let one_past = send(&store, message("m", Vec::new()));
    assert_eq!(one_past.try_recv().unwrap(), Err(StoreError::Overloaded(2)));
    drop(busy);
    all_stored(waiting);
    record(&store, message("m", Vec::new()));
}

#[test]
fn a_commit_takes_so_many_messages_and_no_more() {
    for (count, commits) in [(limits::COMMIT_BATCH_MAX, 1), (limits::COMMIT_BATCH_MAX + 1, 2)] {
        let bench = Bench::new();
        let store = bench.open();
        let busy = keep_busy(&store);
        let answers: Vec<_> =
            (0..count).map(|n| send(&store, message(&format!("m{n}"), Vec::new()))).collect();
        drop(busy);
        all_stored(answers);
        assert_eq!(store.counters().commits, 1 + commits);
    }
}

#[test]
fn a_page_of_unread_messages_is_bounded() {
    let bench = Bench::new();
    let store = bench.open();
    let count = usize::try_from(limits::UNREAD_PAGE_MAX).unwrap() + 1;
    let answers: Vec<_> = (0..count)
        .map(|number| {
            let mut entry = message(&format!("m{number}"), Vec::new());
            entry.faults = vec![(0, "unreadable".to_owned())];
            send(&store, entry)
        })
        .collect();
    all_stored(answers);
    assert_eq!(store.unread(1, u64::MAX).unwrap().len(), count - 1);
    assert_eq!(store.unread(0, u64::MAX).unwrap().len(), count - 1);
}

#[test]
fn a_cut_transfer_blocks_its_donations_until_it_is_sent_again_completely() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, message("earlier", full_panel(1)));
    let evidence = record(&store, cut("P|1\rO|1|one", vec![din(1)]));
    assert_eq!(evidence, Recorded::New { message: 2, unread: true });
    assert_eq!(verdict_of(&store, 1), "pending");
    let listed = store.unread(0, 10).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].incomplete.as_deref(), Some("the line was lost"));
    assert_eq!(
        (&listed[0].bytes[..], &listed[0].donations[..]),
        (&b"P|1\rO|1|one"[..], &[din(1)][..])
    );

    let elsewhere = message("P|1\rO|1|two", Vec::new());
    record(&store, elsewhere);
    assert_eq!(store.unread(0, 10).unwrap().len(), 1);

    let mut of_another = message("P|1\rO|1|one\rR|1\rL|1", Vec::new());
    of_another.analyser = "i2000".to_owned();
    record(&store, of_another);
    assert_eq!(store.unread(0, 10).unwrap().len(), 1);

    // Known already, from the other analyser; it makes the cut transfer good all the same.
    let complete = message("P|1\rO|1|one\rR|1\rL|1", Vec::new());
    assert!(matches!(record(&store, complete), Recorded::Duplicate { .. }));
    assert_eq!(store.unread(0, 10).unwrap(), []);
    assert_eq!(verdict_of(&store, 1), "releasable");
}

#[test]
fn the_same_content_with_something_unreadable_is_another_message() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, message("m1", full_panel(1)));
    let mut unreadable = message("m1", full_panel(1));
    unreadable.faults = vec![(40, "record type X is unknown".to_owned())];
    assert_eq!(record(&store, unreadable), Recorded::New { message: 2, unread: true });
    assert_ne!(verdict_of(&store, 1), "releasable");
}

#[test]
fn a_cut_transfer_is_made_good_after_a_restart_too() {
    let bench = Bench::new();
    record(&bench.open(), cut("P|1\rO|1|one", vec![din(1)]));
    let store = bench.open();
    assert_eq!(store.unread(0, 10).unwrap().len(), 1);
    record(&store, message("P|1\rO|1|one\rR|1\rL|1", Vec::new()));
    assert_eq!(store.unread(0, 10).unwrap(), []);
}

#[test]
fn a_cut_transfer_is_made_good_by_its_own_analyser_only() {
    let bench = Bench::new();
    let store = bench.open();
    let mut of_another = cut("P|1\rO|1|one", vec![din(2)]);
    of_another.analyser = "i2000".to_owned();
    record(&store, of_another);
    record(&store, cut("P|1\rO|1|one", vec![din(1)]));
    record(&store, message("P|1\rO|1|one\rR|1\rL|1", Vec::new()));
    let listed: Vec<_> = store.unread(0, 10).unwrap().into_iter().map(|m| m.analyser).collect();
    assert_eq!(listed, ["i2000"]);
}

#[test]
fn a_cut_transfer_is_made_good_although_another_entry_of_the_batch_fails() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, cut("P|1\rO|1|one", vec![din(1)]));
    let busy = keep_busy(&store);
    let whole = send(&store, message("P|1\rO|1|one\rR|1\rL|1", Vec::new()));
    let mut of_nobody = message("of nobody", Vec::new());
    of_nobody.analyser = String::new();
    let refused = send(&store, of_nobody);
    drop(busy);
    assert!(matches!(whole.recv().unwrap(), Ok(Recorded::New { .. })));
    assert!(matches!(refused.recv().unwrap(), Err(StoreError::Failed(_))));
    assert_eq!(store.unread(0, 10).unwrap(), []);
}

#[test]
fn a_cut_transfer_never_makes_the_complete_one_a_duplicate() {
    let bench = Bench::new();
    let store = bench.open();
    let whole = message("P|1\rO|1", full_panel(1));
    let evidence = cut("P|1\rO|1", vec![din(1)]);
    assert_eq!(evidence.content_key, whole.content_key);
    record(&store, evidence.clone());
    assert_eq!(record(&store, evidence), Recorded::Duplicate { message: 1, unread: true });
    assert_eq!(record(&store, whole), Recorded::New { message: 2, unread: false });
    assert_eq!(store.donation(&din(1)).unwrap().unwrap().observations.len(), 8);
    assert_eq!(store.unread(0, 10).unwrap(), []);
}

#[test]
fn noise_of_a_cut_transfer_stays_listed() {
    let bench = Bench::new();
    let store = bench.open();
    let mut noise = cut("\u{1}\u{2}", Vec::new());
    noise.body = Vec::new();
    noise.faults = vec![(0, "no record starts here".to_owned())];
    let mut only_header = cut("H|", Vec::new());
    only_header.body = Vec::new();
    record(&store, noise);
    record(&store, only_header);
    record(&store, message("P|1\rL|1", Vec::new()));
    let listed: Vec<_> = store.unread(0, 10).unwrap().into_iter().map(|m| m.message).collect();
    assert_eq!(listed, [1]);
}

#[test]
fn a_message_with_faults_is_listed_and_blocks_what_it_names() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    let mut entry = message("m1", full_panel(1));
    entry.faults = vec![(40, "record type X is unknown".to_owned())];
    assert_eq!(record(&store, entry.clone()), Recorded::New { message: 1, unread: true });
    assert_eq!(record(&store, entry), Recorded::Duplicate { message: 1, unread: true });
    let reasons = store.donation(&din(1)).unwrap().unwrap().decision.reasons;
    assert!(reasons.iter().any(|r| r.code == "UNPROCESSED_MESSAGE" && r.messages == [1]));
    assert_eq!(store.unread(0, 10).unwrap()[0].faults, [(40, "record type X is unknown".into())]);
    assert_eq!(store.unread(1, 10).unwrap(), []);
}

#[test]
fn a_piece_of_a_result_that_nobody_understood_is_listed_with_its_offset() {
    let bench = Bench::new();
    let store = bench.open();
    let mut panel = full_panel(1);
    panel[0].unaccounted = vec![unaccounted()];
    let entry = message("m1", panel);
    assert_eq!(record(&store, entry), Recorded::New { message: 1, unread: true });
    let listed = &store.unread(0, 10).unwrap()[0];
    assert_eq!(listed.faults[0].0, 17);
    assert!(listed.donations.contains(&din(1)));
}

#[test]
fn a_page_of_unread_messages_ends_at_its_bound_but_holds_one() {
    let bench = Bench::new();
    let store = bench.open();
    for number in 0..3 {
        let mut entry = message(&format!("m{number}"), Vec::new());
        entry.faults = vec![(0, "unreadable".to_owned())];
        entry.bytes = vec![0; limits::UNREAD_PAGE_BYTES / 2 + usize::from(number == 2)];
        record(&store, entry);
    }
    let page =
        |after| store.unread(after, 10).unwrap().iter().map(|m| m.message).collect::<Vec<_>>();
    assert_eq!(page(0), [1, 2]);
    assert_eq!(page(1), [2]);
    assert_eq!(page(2), [3]);
    assert_eq!(store.unread(0, 1).unwrap().len(), 1);
}

#[test]
fn results_of_controls_and_strangers_never_join_a_donation() {
    use hemogate::domain::SpecimenKind;
    let bench = Bench::new();
    let store = bench.open();
    let kinds = [SpecimenKind::Control, SpecimenKind::Calibration, SpecimenKind::Other];
    for kind in kinds {
        let mut observation = observation(1, Assay::Hbsag, "0.42");
        observation.kind = kind;
        record(&store, message(kind.id(), vec![observation]));
    }
    assert_eq!(store.donation(&din(1)).unwrap(), None);
    assert_eq!(store.counters().observations, 3);
}

#[test]
fn a_reply_that_panics_does_not_end_the_writer() {
    let bench = Bench::new();
    let store = bench.open();
    store.record(message("m1", Vec::new()), Box::new(|_| panic!("somebody else's bug")));
    assert_eq!(
        record(&store, message("m2", Vec::new())),
        Recorded::New { message: 2, unread: false }
    );
}

#[test]
fn the_last_handle_may_go_with_a_reply() {
    let bench = Bench::new();
    let store = bench.open();
    let (sender, gone) = mpsc::channel::<()>();
    let held = store.clone();
    let reply = move |_| {
        drop(held);
        drop(sender);
    };
    store.record(message("m1", Vec::new()), Box::new(reply));
    drop(store);
    assert!(gone.recv().is_err());
    // The writer may be a moment behind; nobody else has the file open.
    let store = loop {
        if let Ok(store) = open(&bench.path(), cn()) {
            break store;
        }
        std::thread::yield_now();
    };
    assert!(matches!(record(&store, message("m1", Vec::new())), Recorded::Duplicate { .. }));
}
