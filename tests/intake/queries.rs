//! A query is answered from the disk, each time it is asked; a failure is never an empty answer.

use std::sync::mpsc;

use hemogate::domain::{Ask, AskedId, AskedSpecimen, Assay, OrderStanding};
use hemogate::intake::{Intake, Outcome};
use hemogate::store::prove;
use rusqlite::Connection;

use crate::bench::*;

#[test]
fn a_query_is_on_record_and_so_is_what_its_answer_orders() {
    let bench = Bench::new();
    let intake = bench.serology("e601");
    bench.register(1);
    let asked = ask(&intake, about("5007", &[1]), noon());
    assert_eq!((asked.unread, asked.cancels), (None, false));
    let orders = bench.orders(1);
    let assays: Vec<_> = orders.iter().map(|order| order.assay).collect();
    assert_eq!(assays, [Assay::Hbsag, Assay::AntiHcv, Assay::Hiv, Assay::Tp]);
    assert!(orders.iter().all(|order| order.analyser == "e601"));
    assert_eq!(orders[0].rack.as_deref(), Some("5007"));
    let raw = Connection::open(bench.path()).unwrap();
    let message: i64 =
        raw.query_row("SELECT message FROM answer WHERE id = 1", [], |row| row.get(0)).unwrap();
    assert_eq!(message, 1);
}

#[test]
fn the_same_query_again_is_answered_again_with_new_orders() {
    let bench = Bench::new();
    let intake = bench.serology("e601");
    bench.register(1);
    for time in 1..=3 {
        ask(&intake, about("5007", &[1]), noon());
        assert_eq!(bench.orders(1).len(), 4 * time);
    }
    assert_eq!((bench.store.counters().messages, bench.store.counters().duplicates), (1, 2));
    let mut ids: Vec<_> = bench.orders(1).into_iter().map(|order| order.order_id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 12);
}

#[test]
fn no_two_answers_have_the_same_serial_number_over_a_restart() {
    let mut bench = Bench::new();
    bench.register(1);
    let serials = |bench: &Bench| -> Vec<i64> {
        let raw = Connection::open(bench.path()).unwrap();
        let mut select = raw.prepare("SELECT id FROM answer ORDER BY id").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    for start in 1..=3_i64 {
        let intake = bench.serology("e601");
        for _ in 0..2 {
            ask(&intake, about("5007", &[1, 2]), noon());
        }
        drop(intake);
        assert_eq!(serials(&bench), (1..=2 * start).collect::<Vec<_>>());
        let path = bench.path();
        let Bench { folder, store, sightings } = bench;
        drop(store);
        bench = Bench { folder, store: open(path), sightings };
    }
}

#[test]
fn whatever_is_no_donation_is_answered_without_tests() {
    let bench = Bench::new();
    let intake = bench.serology("e601");
    let text = || "G123426000001".to_owned();
    for id in [
        AskedId::Donation(din(1)),
        AskedId::Blank,
        AskedId::Unread(text()),
        AskedId::Unknown(text()),
        AskedId::Ambiguous(text()),
    ] {
        let asked = AskedSpecimen { id, ..specimen(1, "5007", "1") };
        ask(&intake, query(Ask::Specimens(vec![asked])), noon());
    }
    bench.register(1);
    assert_eq!(bench.orders(1), [], "nothing was ordered before it was registered either");
}

#[test]
fn all_and_a_range_of_numbers_find_their_donations() {
    let bench = Bench::new();
    let intake = bench.serology("e601");
    (1..=5).for_each(|number| bench.register(number));
    let range =
        |from: &str, to: &str| query(Ask::Range { from: from.to_owned(), to: to.to_owned() });
    let counts = || (1..=5).map(|number| bench.orders(number).len()).collect::<Vec<_>>();
    // With flag characters in front and behind, as a scanner sends them.
    ask(&intake, range("=G12342600000200", "G123426000004"), noon());
    assert_eq!(counts(), [0, 4, 4, 4, 0]);
    ask(&intake, range("anything", "whatever"), noon());
    assert_eq!(counts(), [0, 4, 4, 4, 0], "between no numbers lies no donation");
    ask(&intake, query(Ask::All), noon());
    assert_eq!(counts(), [4, 8, 8, 8, 4]);
}

#[test]
fn a_query_that_is_withdrawn_is_acknowledged_and_orders_nothing() {
    let bench = Bench::new();
    let intake = bench.serology("e601");
    bench.register(1);
    let asked = ask(&intake, query(Ask::Cancel), noon());
    assert!(asked.cancels);
    assert_eq!((asked.reply, asked.messages), (None, Vec::new()));
    assert_eq!(bench.orders(1), []);
}

#[test]
fn a_query_that_cannot_be_stored_is_refused_and_answered_when_it_can() {
    let bench = Bench::new();
    let intake = bench.serology("e601");
    bench.register(1);
    let holder = Connection::open(bench.path()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = take(&intake, "Q|1", about("5007", &[1]), noon());
    assert!(matches!(refused, Outcome::Refused(_)), "{refused:?}");
    holder.execute_batch("ROLLBACK").unwrap();
    let answered = take(&intake, "Q|1", about("5007", &[1]), noon());
    assert!(matches!(answered, Outcome::Asked(_)), "{answered:?}");
    assert_eq!(bench.orders(1).len(), 4);
}

#[test]
fn a_query_whose_work_cannot_be_stored_is_refused_not_answered_with_nothing() {
    let bench = Bench::new();
    let intake = bench.serology("e601");
    bench.register(1);
    let raw = Connection::open(bench.path()).unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON work_order \
                BEGIN SELECT RAISE(ABORT, 'no orders today'); END";
    raw.execute_batch(full).unwrap();
    let refused = take(&intake, "Q|1", about("5007", &[1]), noon());
    let Outcome::Refused(words) = refused else { panic!("{refused:?}") };
    assert!(words.contains("query 1 is stored") && words.contains("asks again"), "{words}");
    raw.execute_batch("DROP TRIGGER full").unwrap();
    let answered = take(&intake, "Q|1", about("5007", &[1]), noon());
    assert!(matches!(answered, Outcome::Asked(_)), "the same query again: {answered:?}");
    assert_eq!(bench.orders(1).len(), 4);
    assert_eq!(bench.store.counters().duplicates, 1);
}

fn announce(intake: &Intake, numbers: Option<&[u32]>) {
    let donations = numbers.map(|numbers| numbers.iter().map(|number| din(*number)).collect());
    let (sender, messages) = mpsc::channel();
    intake.announce(donations, Box::new(move |sent| sender.send(sent).unwrap()));
    drop(messages.recv().unwrap());
}

#[test]
fn what_nobody_asked_for_is_ordered_once_for_each_donation() {
    let bench = Bench::new();
    let intake = bench.serology("e601");
    (1..=3).for_each(|number| bench.register(number));
    announce(&intake, Some(&[1, 1, 9]));
    let ids = |number| bench.orders(number).into_iter().map(|o| o.order_id).collect::<Vec<_>>();
    assert_eq!((ids(1).len(), ids(2).len()), (4, 0));
    intake.settle(ids(1), OrderStanding::Accepted, "as a test has it".to_owned());
    bench.barrier();
    announce(&intake, None);
    assert_eq!((ids(1).len(), ids(2).len(), ids(3).len()), (4, 4, 4));
}

#[test]
fn nothing_is_ordered_for_an_analyser_that_takes_no_orders() {
    let bench = Bench::new();
    let intake = bench.analyser("bs", "mindray-bs");
    bench.register(1);
    announce(&intake, None);
    announce(&intake, Some(&[1]));
    assert_eq!(bench.orders(1), []);
}

#[test]
fn a_reply_that_says_nothing_of_an_order_leaves_it_to_be_ordered_again() {
    let bench = Bench::new();
    let intake = bench.serology("e601");
    bench.register(1);
    ask(&intake, about("5007", &[1]), noon());
    let ids: Vec<_> = bench.orders(1).into_iter().map(|order| order.order_id).collect();
    intake.settle(ids.clone(), OrderStanding::Delivered, String::new());
    let (sender, outcome) = mpsc::channel();
    let bytes = b"H|\\^&|||cobas6000^1|||||host|RSUPL^BATCH|P|1\rL|1|N\r".to_vec();
    let done = Box::new(move |outcome| sender.send(outcome).unwrap());
    let refused = intake.take_reply(bytes, ids[..2].to_vec(), noon(), done);
    assert_eq!(refused, 2, "it will not run what it says nothing of");
    assert!(!matches!(outcome.recv().unwrap(), Outcome::Refused(_)));
    let standings: Vec<_> = bench.orders(1).into_iter().map(|order| order.standing).collect();
    let (un, delivered) = (Some(OrderStanding::Undelivered), Some(OrderStanding::Delivered));
    assert_eq!(standings, [un, un, delivered, delivered]);
}

#[test]
fn a_store_with_queries_and_orders_is_proved() {
    let bench = Bench::new();
    let intake = bench.serology("e601");
    bench.register(1);
    ask(&intake, about("5007", &[1]), at(0));
    ask(&bench.serology("e411"), about("1", &[1]), at(10));
    bench.barrier();
    let proof = prove(&bench.path()).unwrap();
    assert_eq!(proof.verdicts, bench.store.feed_head());
}
