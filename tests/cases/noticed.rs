//! How much of what could be wrong in a shipped rule set its proof and its cases notice: a sample
//! of its mutants, the same in every run. All of them: `hemogate rules check NAME --mutate`.

use std::collections::BTreeMap;

use hemogate::casebook::{self, Casebook, Told};
use hemogate::rules::{Fate, RuleSet, fate, mutants, shipped};

/// Every so many mutants one is tried.
const EVERY: usize = 8;

/// Of those that decide something otherwise, what must be noticed, in hundredths.
const FLOOR: usize = 90;

fn books(name: &str) -> Vec<Casebook> {
    let read = |(file, text)| casebook::read(file, text).unwrap();
    let all = casebook::shipped_cases().map(read);
    all.filter(|book| book.rules.iter().any(|known| known == name)).collect()
}

/// Mutants of the set as it is shipped that some case or the proof notices, and all that there are.
fn noticed(name: &str) -> (usize, usize) {
    let rules = RuleSet::parse(name, shipped(name).unwrap()).unwrap();
    let books = books(name);
    let as_shipped = BTreeMap::new();
    let cases: Vec<Told<'_>> = books.iter().flat_map(|book| book.told(name, &as_shipped)).collect();
    let notices = |wrong: &RuleSet| cases.iter().any(|case| !case.holds(wrong));
    assert!(!notices(&rules), "{name}: a case does not come out under the set itself");
    let tried = mutants(&rules).into_iter().step_by(EVERY);
    let fates: Vec<Fate> = tried.map(|mutant| fate(&rules, &mutant, notices)).collect();
    let all = fates.iter().filter(|fate| **fate != Fate::Equivalent).count();
    (fates.iter().filter(|fate| **fate > Fate::Survived).count(), all)
}

fn is_noticed(name: &str) {
    let (noticed, all) = noticed(name);
    assert!(all > 30, "{name}: {all} mutants tried");
    assert!(noticed * 100 >= all * FLOOR, "{name}: {noticed} of {all} noticed");
}

#[test]
fn a_wrong_set_of_china_is_noticed() {
    is_noticed("cn");
}

#[test]
fn a_wrong_set_of_the_united_kingdom_is_noticed() {
    is_noticed("uk");
}

#[test]
fn a_wrong_set_of_the_united_states_is_noticed() {
    is_noticed("us");
}

#[test]
fn a_wrong_set_of_europe_is_noticed() {
    is_noticed("eu");
}
