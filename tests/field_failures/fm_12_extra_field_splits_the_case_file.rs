//! FM-12: a physician's name on one order but not on the other made one patient look like two, so
//! the discrepancy check was not performed. Here a case file is joined by the number alone.

use crate::support::bench::Bench;
use crate::support::messages;

#[test]
fn fm_12_no_other_field_keeps_the_discrepancy_check_from_running() {
    let bench = Bench::start();
    let plain = "P|1|||||||U||||||^\r";
    let others = [
        "P|1|77|||||||U||||||^\r",
        "P|1||LAB9||DOE^JOHN||19700101|M||||||DR^WHO\r",
        "P|1||||||||F|||||||||||||||||WARD7\r",
    ];
    for (at, other) in others.iter().enumerate() {
        let din = messages::din(at as u32);
        bench.daemon.register(&messages::registration(&din));
        let first = messages::e601(&din, 515, -1, "0.30", "20260105115617");
        let second = messages::e601(&din, 515, 1, "9.90", "20260105115617");
        assert!(second.contains(plain), "{second:?}");
        bench.astm("serology", &first);
        bench.astm("serology", &second.replace(plain, other));
        let reasons = bench.reasons(&din);
        assert_eq!(bench.verdict(&din), "hold", "{other:?}: {reasons:?}");
        assert!(reasons.contains(&"DUPLICATE_ID_CONFLICT".to_owned()), "{other:?}: {reasons:?}");
    }
}
