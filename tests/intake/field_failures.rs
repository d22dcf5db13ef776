//! Failures that happened in the field, as far as what is asked and ordered can prevent them.

use hemogate::domain::{Assay, OrderStanding};
use hemogate::limits;
use hemogate::store::prove;

use crate::bench::*;

/// All four serology results of a donation but those left out, non-reactive.
fn panel(number: u32, without: &str) -> String {
    let codes = ["286", "111", "515", "149"].into_iter().filter(|code| *code != without);
    let results = codes.enumerate().map(|(at, code)| {
        let time = "20261121120000";
        format!("R|{}|^^^{code}//not|-1^0.05|COI||N||F||OP|{time}||E11\rC|1|I|0|I\r", at + 1)
    });
    let din = din(number);
    format!(
        "H|\\^&|||cobas6000^1|||||host|RSUPL^BATCH|P|1\rP|1|||||||U||||||^\r\
         O|1|{din}|0^5007^1^^S1^SC|^^^286^|R||||||N||||1|||||||20261121115617|||F\r{}L|1|N\r",
        results.collect::<String>()
    )
}

#[test]
fn fm_03_one_donation_asked_for_at_two_analysers_at_once_is_tested_by_neither() {
    let bench = Bench::new();
    let (e601, i2000) = (bench.serology("e601"), bench.analyser("i2000", "abbott-architect"));
    bench.register(1);
    ask(&e601, about("5007", &[1]), at(0));
    let asked = ask(&i2000, about("12", &[1]), at(3));
    let words = asked.unread.unwrap();
    assert!(words.starts_with("1 of the donations that message 2 asks for"), "{words}");
    assert!(!words.contains(din(1).as_str()), "the words may stand in a log: {words}");
    assert_eq!(bench.orders(1).len(), 4, "what the first one was told was told before");
    assert_eq!(bench.verdict(1), "hold");
    let donation = bench.donation(1);
    let reason = &donation.decision.reasons[0];
    assert_eq!(reason.code, "DUPLICATE_TUBE");
    for place in ["e601, rack 5007, position 1", "i2000, rack 12, position 1"] {
        assert!(reason.text.contains(place), "{}", reason.text);
    }
    // Long after, at both, and whatever they report: only a person can go on.
    let later = at(3_600_000);
    ask(&e601, about("5007", &[1]), later);
    ask(&i2000, about("12", &[1]), at(7_200_000));
    assert_eq!(bench.orders(1).len(), 4);
    results(&e601, &panel(1, ""));
    assert_eq!(bench.verdict(1), "hold");
    prove(&bench.path()).unwrap();
}

#[test]
fn fm_03_only_the_donation_at_two_places_is_held_not_its_neighbours_in_the_rack() {
    let bench = Bench::new();
    let (e601, i2000) = (bench.serology("e601"), bench.serology("e411"));
    (1..=3).for_each(|number| bench.register(number));
    ask(&e601, about("5007", &[1, 2]), at(0));
    ask(&i2000, about("12", &[2, 3]), at(100));
    let verdicts = [1, 2, 3].map(|number| bench.verdict(number));
    assert_eq!(verdicts, ["pending", "hold", "pending"]);
    assert_eq!([1, 2, 3].map(|number| bench.orders(number).len()), [4, 4, 4]);
    // The same query again, while another of its donations is seen elsewhere: that one counts too.
    ask(&e601, about("5007", &[3]), at(20_000));
    ask(&i2000, about("12", &[2, 3]), at(20_100));
    assert_eq!(bench.verdict(3), "hold");
}

#[test]
fn fm_03_a_tube_that_is_read_again_where_it_stands_or_moved_in_time_is_no_other_tube() {
    let bench = Bench::new();
    let (e601, e411) = (bench.serology("e601"), bench.serology("e411"));
    bench.register(1);
    for time in [0, 20, 900] {
        ask(&e601, about("5007", &[1]), at(time));
    }
    let gap = i64::try_from(limits::SIGHTING_GAP.as_millis()).unwrap();
    ask(&e411, about("1", &[1]), at(900 + gap));
    assert_eq!(bench.verdict(1), "pending");
    assert!(!bench.codes(1).contains(&"DUPLICATE_TUBE".to_owned()));
}

#[test]
fn fm_05_one_donation_at_two_positions_of_a_shifted_rack_is_held() {
    let bench = Bench::new();
    let e601 = bench.serology("e601");
    bench.register(1);
    ask(&e601, query(asked_at("5007", "1")), at(0));
    ask(&e601, query(asked_at("5007", "2")), at(1_500));
    assert_eq!(bench.verdict(1), "hold");
    ask(&e601, query(asked_at("5007", "2")), at(60_000));
    assert_eq!(bench.orders(1).len(), 4, "only the first was told, before anybody knew");
}

fn asked_at(rack: &str, position: &str) -> hemogate::domain::Ask {
    hemogate::domain::Ask::Specimens(vec![specimen(1, rack, position)])
}

#[test]
fn fm_07_a_test_that_was_promised_and_never_run_is_never_taken_for_one_that_passed() {
    let bench = Bench::new();
    let e601 = bench.serology("e601");
    bench.register(1);
    ask(&e601, about("5007", &[1]), noon());
    let ids: Vec<_> = bench.orders(1).into_iter().map(|order| order.order_id).collect();
    e601.settle(ids, OrderStanding::Accepted, "it will run the test".to_owned());
    results(&e601, &panel(1, "111"));
    results(&e601, "H|\\^&|||cobas6000^1|||||host|RSUPL^BATCH|P|1\rL|1|N\r");
    let donation = bench.donation(1);
    assert_eq!(donation.decision.verdict, "pending");
    let missing = donation.decision.reasons.iter().filter(|reason| reason.code == "MISSING");
    assert!(missing.clone().any(|reason| reason.assay.as_deref() == Some("hiv")));
    let passed: Vec<_> = donation.decision.passed.iter().map(|check| &check.name).collect();
    assert!(!passed.iter().any(|name| *name == "hiv"), "{passed:?}");
    let open = bench.store.open_orders("e601", 0, limits::ORDERS_PAGE_MAX, noon()).unwrap();
    let assays: Vec<_> = open.orders.iter().map(|order| order.assay).collect();
    assert_eq!(assays, [Assay::Hiv], "somebody can see what was promised and never came");
}
