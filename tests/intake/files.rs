//! Files of an ELISA processor in a real store: dropped twice, exported twice, cut off.

use hemogate::domain::Reading;
use hemogate::intake::Outcome;

use crate::bench::{Bench, results};

/// A plate of one assay with these rows.
fn plate(rows: &[&str]) -> String {
    let head = "Assay: HBSAG\r\nPlate: 0412\r\nDate: 05/01/2026 14:10:00\r\nLot: 6B0123\r\n";
    let rows: String = rows.iter().map(|row| format!("{row}\r\n")).collect();
    format!("{head}{rows}[End Of Results]\r\n")
}

const ONE: &str = "E1;S;G123426000001;0.042;0.28;NEG";
const TWO: &str = "F1;S;G123426000002;2.412;16.08;REACTIVE";

fn stored(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Stored)
}

#[test]
fn a_file_dropped_twice_is_on_record_once() {
    let bench = Bench::new();
    let evolis = bench.analyser("evolis", "biorad-evolis");
    bench.register(1);
    let first = results(&evolis, &plate(&[ONE]));
    assert!(stored(&first), "{first:?}");
    let again = results(&evolis, &plate(&[ONE]));
    assert!(stored(&again), "{again:?}");
    assert_eq!(bench.donation(1).observations.len(), 1);
}

#[test]
fn a_well_in_two_exports_is_one_result() {
    let bench = Bench::new();
    let evolis = bench.analyser("evolis", "biorad-evolis");
    (1..=2).for_each(|number| bench.register(number));
    results(&evolis, &plate(&[ONE]));
    results(&evolis, &plate(&[ONE, TWO]));
    results(&evolis, &plate(&[TWO, ONE]).replace("\r\n", "\n"));
    for number in 1..=2 {
        assert_eq!(bench.donation(number).observations.len(), 1, "{number}");
    }
    let [found] = &bench.donation(2).observations[..] else { panic!() };
    assert_eq!(found.observation.reading, Some(Reading::Reactive));
}

#[test]
fn a_file_that_was_cut_off_brings_no_result_and_blocks_every_donation_in_it() {
    let bench = Bench::new();
    let evolis = bench.analyser("evolis", "biorad-evolis");
    (1..=2).for_each(|number| bench.register(number));
    let whole = plate(&[ONE, TWO]);
    let cut = whole.replace("[End Of Results]\r\n", "");
    assert!(!stored(&results(&evolis, &cut)), "not understood, and said so");
    for number in 1..=2 {
        assert!(bench.donation(number).observations.is_empty(), "{number}");
        let codes = bench.codes(number);
        assert!(codes.iter().any(|code| code == "UNPROCESSED_MESSAGE"), "{codes:?}");
    }
}
