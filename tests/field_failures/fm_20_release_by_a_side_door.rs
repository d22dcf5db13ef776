//! FM-20: rapid ordering, calculations and automatic filing together let results out that nobody
//! had validated. Here one function concludes, whatever the way and the order in which facts come.

use std::fs;
use std::path::{Path, PathBuf};

use hemogate::domain::Statement;

use crate::support::laboratory::{ALT, HBSAG, Laboratory, SEROLOGY, result, rules};
use crate::support::messages;

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

/// Every contribution goes through one docket, and the docket alone makes a decision.
#[test]
fn fm_20_one_place_makes_decisions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let makes = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        code.lines().map(str::trim).any(|line| {
            line.starts_with("Decision {") || line.contains("(Decision {") || line == "= Decision {"
        })
    };
    let makers: Vec<_> = files.iter().filter(|path| makes(path)).collect();
    let names: Vec<_> =
        makers.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["docket.rs"]);
}

/// Registration, results, a result with an alarm, and what people say, in every order.
#[test]
fn fm_20_no_order_of_events_releases_beside_an_alarm() {
    let number = 1;
    let din = messages::din(number);
    let flagged = messages::mindray_alt(&din, "22", "b").replace("|0-40|N|", "|0-40|N~X|");
    let clean = messages::e601_clean(&din);
    let nat = messages::mpx(&din, "Non-Reactive", "Non-Reactive", "Non-Reactive", "n");
    let events: [&dyn Fn(&Laboratory); 4] = [
        &|laboratory| laboratory.register(number),
        &|laboratory| laboratory.send(SEROLOGY, &clean),
        &|laboratory| laboratory.send(ALT, &flagged),
        &|laboratory| {
            laboratory.send(crate::support::laboratory::NAT, &nat);
            laboratory.say(number, Statement::SampleReceived);
        },
    ];
    for order in orders(events.len()) {
        let laboratory = Laboratory::new(rules(&[]));
        order.iter().for_each(|event| events[*event](&laboratory));
        let feed = laboratory.store.feed(0, 100).unwrap();
        assert!(!feed.is_empty());
        for row in &feed {
            assert_ne!(row.verdict, "releasable", "{order:?}");
            let again = laboratory.store.recompute(row.seq).unwrap().unwrap();
            assert_eq!((&again.verdict, &again.reasons), (&row.verdict, &row.reasons), "{order:?}");
        }
    }
}

fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let places = |order: &Vec<usize>| {
        let order = order.clone();
        (0..=order.len()).map(move |at| {
            let mut longer = order.clone();
            longer.insert(at, count - 1);
            longer
        })
    };
    shorter.iter().flat_map(places).collect()
}

/// A result on which anybody or anything acts twice within one commit is still judged once.
#[test]
fn fm_20_a_copy_in_between_opens_no_door() {
    let laboratory = Laboratory::new(rules(&[]));
    laboratory.register(1);
    for _ in 0..2 {
        laboratory.send(SEROLOGY, &result(1, HBSAG, 1, 10, "L1"));
        laboratory.send(SEROLOGY, &result(1, HBSAG, -1, 20, "L1"));
    }
    assert!(laboratory.reasons(1).contains(&"RETEST_INCOMPLETE:hbsag".to_owned()));
    assert_ne!(laboratory.verdict(1), "releasable");
}
