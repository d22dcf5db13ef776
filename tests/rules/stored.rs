//! The same with a real store and real messages: orders of arrival, copies, and messages of which
//! something is unread.

use crate::support::laboratory::{ALT, HBSAG, Laboratory, NAT, SEROLOGY, result, rules};
use crate::support::messages;

type Told = (String, Vec<String>);

fn told(laboratory: &Laboratory) -> Told {
    let mut reasons = laboratory.reasons(1);
    reasons.sort();
    (laboratory.verdict(1), reasons)
}

/// Messages of one donation that do not speak of one another.
fn independent() -> Vec<(&'static str, String)> {
    let din = messages::din(1);
    vec![
        (SEROLOGY, result(1, "286", -1, 1, "L1")),
        (SEROLOGY, result(1, HBSAG, 1, 2, "L1")),
        (SEROLOGY, result(1, "111", -1, 3, "L1")),
        (ALT, messages::mindray_alt(&din, "22", "a")),
        (NAT, messages::mpx(&din, "Non-Reactive", "Non-Reactive", "Non-Reactive", "n")),
    ]
}

fn sent(order: &[usize], register_at: usize, copies: usize) -> Laboratory {
    let laboratory = Laboratory::new(rules(&[]));
    let messages = independent();
    for (at, which) in order.iter().enumerate() {
        if at == register_at {
            laboratory.register(1);
        }
        let (analyser, message) = &messages[*which];
        (0..=copies).for_each(|_| laboratory.send(analyser, message));
    }
    if register_at >= order.len() {
        laboratory.register(1);
    }
    laboratory
}

#[test]
fn the_order_of_arrival_and_copies_change_no_verdict() {
    let expected = told(&sent(&[0, 1, 2, 3, 4], 0, 0));
    assert!(expected.1.contains(&"INITIAL_REACTIVE:hbsag".to_owned()), "{expected:?}");
    for (turn, order) in
        [[4, 3, 2, 1, 0], [1, 0, 4, 2, 3], [2, 4, 0, 3, 1], [3, 1, 4, 0, 2]].iter().enumerate()
    {
        assert_eq!(told(&sent(order, turn, turn % 3)), expected, "{order:?}");
    }
    assert_eq!(told(&sent(&[0, 1, 2, 3, 4], 9, 2)), expected);
}

#[test]
fn every_verdict_comes_out_again_from_the_bytes_on_record() {
    let laboratory = sent(&[1, 3, 0, 4, 2], 1, 1);
    laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 20, "L1"));
    laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 21, "L1"));
    let feed = laboratory.store.feed(0, 100).unwrap();
    assert!(feed.len() >= 5, "{}", feed.len());
    for row in &feed {
        let again = laboratory.store.recompute(row.seq).unwrap().unwrap();
        assert_eq!((&again.verdict, &again.reasons), (&row.verdict, &row.reasons));
    }
    let path = laboratory.path();
    let folder = laboratory.close();
    assert_eq!(hemogate::store::prove(&path).unwrap().verdicts, feed.len() as i64);
    drop(folder);
}

/// A flag that nobody knows stands in the last message that is wanting.
#[test]
fn nothing_is_released_with_the_message_of_which_something_is_unread() {
    let laboratory = sent(&[0, 2, 3, 4], 0, 0);
    let odd = result(1, HBSAG, -1, 2, "L1").replace("|COI||N||F||", "|COI||N~?||F||");
    laboratory.send(SEROLOGY, &odd);
    let (verdict, reasons) = told(&laboratory);
    assert_ne!(verdict, "releasable");
    assert!(reasons.iter().any(|one| one.starts_with("UNACCOUNTED")), "{reasons:?}");
    assert!(laboratory.store.feed(0, 100).unwrap().iter().all(|row| row.verdict != "releasable"));
}
