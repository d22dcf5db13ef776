//! FM-08: of two tubes with the same barcode the first was processed, the second set aside. Here
//! the same number read in two places holds the donation until a person has looked.

use crate::support::bench::Bench;
use crate::support::messages;

#[test]
fn fm_08_one_number_in_two_positions_holds_the_donation() {
    let bench = Bench::start();
    let din = messages::din(1);
    bench.daemon.register(&messages::registration(&din));
    let first = messages::e601(&din, 515, -1, "0.30", "20260105115617");
    let second = messages::e601(&din, 515, -1, "0.41", "20260105120112");
    let second = second.replace("|0^5007^1^^S1^SC|", "|0^5007^4^^S1^SC|");
    bench.astm("serology", &first);
    assert_eq!(bench.verdict(&din), "pending");
    bench.astm("serology", &second);
    assert_eq!(bench.verdict(&din), "hold");
    assert!(bench.reasons(&din).contains(&"DUPLICATE_TUBE".to_owned()));
}
