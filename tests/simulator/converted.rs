//! An analyser that sends in another unit than is decided in: what it means is written in its own
//! unit and read in ours, exactly or not at all.

use hemogate::analyser::{
    Meant, MeantOutcome, MeantResult, MeantSpecimen, Stamp, Unsendable, shipped,
};
use hemogate::domain::{Assay, SpecimenKind};
use jiff::Timestamp;
use jiff::civil::datetime;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::profiled::analyser;

const STAMP: Stamp = Stamp { time: Timestamp::constant(1_767_614_400, 0), serial: 7 };

/// The chemistry analyser of a site that has it send thousands.
fn in_thousands(factor: &str) -> String {
    let text = shipped("mindray-bs").unwrap();
    let own = text.replacen("[upload.units]\nalt = \"U/L\"", "[upload.units]\nalt = \"kU/L\"", 1);
    assert_ne!(own, text);
    let table = "[[conversion]]\nunit = \"kU/L\"\nto = \"U/L\"\nfactor";
    format!("{own}\n{table} = \"{factor}\"\n")
}

fn meant(number: Decimal) -> Meant {
    let result = MeantResult {
        assay: Assay::Alt,
        outcome: MeantOutcome::Quantity(number),
        completed: datetime(2026, 1, 5, 11, 56, 17, 0),
        replicate: None,
        lot: None,
        operator: None,
        wording: 0,
    };
    let specimen = MeantSpecimen {
        id: "G123498654321".to_owned(),
        kind: SpecimenKind::Donor,
        rack: None,
        position: None,
        results: vec![result],
    };
    Meant { specimens: vec![specimen] }
}

proptest! {
    #[test]
    fn a_number_is_sent_in_the_analysers_unit_and_read_in_ours(tenths in 0..20_000_i64) {
        let analyser = analyser("site", &in_thousands("1000"));
        let meant = meant(Decimal::new(tenths, 1));
        let messages = analyser.upload(&meant, STAMP).unwrap();
        let text = String::from_utf8_lossy(&messages[0]).into_owned();
        prop_assert!(text.contains("|kU/L|"), "{}", text);
        let read: Vec<_> = messages.iter().map(|message| analyser.read(message)).collect();
        prop_assert_eq!(analyser.differences(&meant, &read), Vec::<String>::new());
        prop_assert_eq!(read[0].observations[0].unit.as_deref(), Some("U/L"));
    }
}

/// Controls have a layout of their own here, which converts nothing.
#[test]
fn the_proof_finds_the_layout_that_does_not_convert() {
    let told = analyser("site", &in_thousands("1000")).proof();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|line| line.starts_with("control's alt")), "{told:?}");
}

#[test]
fn what_is_no_exact_number_in_its_unit_is_not_sent() {
    let analyser = analyser("site", &in_thousands("3"));
    let number = Decimal::new(224, 1);
    assert_eq!(analyser.upload(&meant(number), STAMP), Err(Unsendable::Inexact(number)));
}
