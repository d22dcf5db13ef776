//! What a decision costs: a donation with everything on record, decided again and again. Prints
//! the time; judges it only where the program is optimised (`cargo test --release`).

use std::time::Duration;

use hemogate::rules::decide;

use crate::case::CN;
use crate::china::full;

#[test]
fn a_decision_costs_microseconds() {
    let facts = full().facts;
    let rounds = 2_000;
    let begun = hemogate::clock::utc();
    for _ in 0..rounds {
        std::hint::black_box(decide(std::hint::black_box(&facts), &CN));
    }
    let spent = hemogate::clock::utc().duration_since(begun);
    let each = Duration::try_from(spent).unwrap() / rounds;
    println!("{} observations: {each:?} for one decision", facts.observations.len() + 1);
    assert!(cfg!(debug_assertions) || each < Duration::from_micros(50), "{each:?}");
}
