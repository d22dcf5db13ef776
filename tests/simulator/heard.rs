//! What a host writes by `[answer]`, an analyser that is played from the same profile understands:
//! whose the orders are, which tests, how often, and that there is nothing to do.

use std::sync::Arc;

use hemogate::analyser::{Analyser, Heard, MeantQuestion, Stamp, shipped, shipped_names};
use hemogate::domain::{Ask, OrderedTest, Query, WorkOrder};
use jiff::Timestamp;

use crate::profiled::analyser;

const STAMP: Stamp = Stamp { time: Timestamp::constant(1_767_614_400, 0), serial: 7 };
const DIN: &str = "G123498654321";

fn asking() -> impl Iterator<Item = Arc<Analyser>> {
    let all = shipped_names().map(|name| analyser(name, shipped(name).unwrap()));
    all.filter(|analyser| analyser.asks())
}

fn asked(analyser: &Analyser, id: &str) -> Query {
    let (rack, position) = analyser.place_sent(3, 4);
    let (rack, position) = (Some(rack), Some(position));
    let asked = MeantQuestion { id: id.to_owned(), rack, position };
    let question = analyser.question(&asked, STAMP).unwrap().unwrap();
    analyser.read(&question).query.unwrap()
}

/// What each message of an answer says, but for those that say nothing.
fn heard(analyser: &Analyser, query: &Query, work: &[WorkOrder]) -> Vec<Heard> {
    let answer = analyser.answer(query, work, STAMP);
    let own = answer.messages.iter().map(|message| message.bytes.clone());
    let all = answer.reply.into_iter().chain(own);
    all.map(|bytes| analyser.hear(&bytes)).filter(|heard| *heard != Heard::Nothing).collect()
}

/// The first message of an answer, after its reply.
fn text(analyser: &Analyser, query: &Query, work: &[WorkOrder]) -> String {
    let answer = analyser.answer(query, work, STAMP);
    String::from_utf8(answer.messages[0].bytes.clone()).unwrap()
}

#[test]
fn every_order_is_understood_as_it_was_given() {
    for analyser in asking() {
        let name = analyser.profile().name();
        let query = asked(&analyser, DIN);
        let Ask::Specimens(specimens) = &query.ask else { panic!("{name}") };
        for assay in analyser.assays() {
            let tests = vec![OrderedTest { assay, order_ids: vec!["4711".to_owned()] }];
            let work = WorkOrder { specimen: specimens[0].clone(), tests };
            let heard = heard(&analyser, &query, std::slice::from_ref(&work));
            let [Heard::Work(orders)] = heard.as_slice() else {
                panic!("{name}, {assay}: {heard:?} {}", text(&analyser, &query, &[work]));
            };
            let [order] = orders.as_slice() else { panic!("{name}, {assay}: {orders:?}") };
            assert_eq!(order.id, DIN, "{name}, {assay}");
            let [test] = order.tests.as_slice() else { panic!("{name}, {assay}: {order:?}") };
            let reported = analyser.reports().contains(&assay);
            assert!(!reported || test.assays.contains(&assay), "{name}, {assay}: {test:?}");
            assert!(test.order_id.as_ref().is_none_or(|id| id == "4711"), "{name}: {test:?}");
        }
    }
}

#[test]
fn that_there_is_nothing_to_do_is_understood() {
    for analyser in asking() {
        let name = analyser.profile().name();
        let heard = heard(&analyser, &asked(&analyser, DIN), &[]);
        let says_nothing_else = heard.iter().all(|heard| match heard {
            Heard::NoWork => true,
            Heard::Work(orders) => orders.iter().all(|order| order.tests.is_empty()),
            Heard::Unanswerable | Heard::Nothing => false,
        });
        assert!(says_nothing_else && !heard.is_empty(), "{name}: {heard:?}");
    }
}

/// An analyser does not run what it cannot be sure of.
#[test]
fn a_message_with_another_line_or_two_ids_orders_nothing() {
    for analyser in asking() {
        let name = analyser.profile().name();
        let query = asked(&analyser, DIN);
        let Ask::Specimens(specimens) = &query.ask else { panic!("{name}") };
        let Some(assay) = analyser.assays().into_iter().next() else { continue };
        let tests = vec![OrderedTest { assay, order_ids: vec!["4711".to_owned()] }];
        let work = WorkOrder { specimen: specimens[0].clone(), tests };
        let text = text(&analyser, &query, &[work]);
        let more = format!("{text}X|1|more\r");
        assert_eq!(analyser.hear(more.as_bytes()), Heard::Nothing, "{name}");
        // IHE LAW: the specimen and its container.
        if text.contains(&format!("\rSPM|1|{DIN}")) {
            let other = text.replacen("\rSAC|||", "\rSAC|||X", 1);
            let heard = analyser.hear(other.as_bytes());
            assert!(!matches!(heard, Heard::Work(_)), "{name}: {heard:?}\n{other}");
        }
    }
}
