//! Who is told to test what: only registered donations, only what is still to do, only what the
//! analyser runs, each order once in the life of a store.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hemogate::domain::{AskedId, AskedSpecimen, Assay, OrderStanding, Reading};
use hemogate::limits;
use hemogate::rules::RuleSet;
use hemogate::store::{Options, OrderRequest, Store, StoreError, Whose, prove};
use jiff::Timestamp;

use crate::bench::*;
use crate::orders::*;

/// A store in which donation 1 is registered.
fn one_registered() -> (Bench, Store) {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    (bench, store)
}

fn each_once() -> Vec<(Assay, usize)> {
    SEROLOGY.map(|assay| (assay, 1)).into()
}

/// A first reactive HIV result of donation 1 from `e601`, and everything else in order.
fn reactive_hiv(store: &Store) {
    let mut panel = full_panel(1);
    let hiv = panel.iter_mut().find(|o| o.assay == Some(Assay::Hiv)).unwrap();
    (hiv.reading, hiv.value) = (Some(Reading::Reactive), Some("7.9".to_owned()));
    record(store, message("reactive", panel));
}

fn repeat(replicate: &str, value: &str) -> hemogate::domain::Observation {
    let mut observation = observation(1, Assay::Hiv, value);
    observation.replicate = Some(replicate.to_owned());
    observation
}

#[test]
fn a_registered_donation_is_tested_for_what_is_missing_and_can_be_run_here() {
    let (_bench, store) = one_registered();
    let ordered = order(&store, request("e601", &[1]));
    assert_eq!(told_of_one(&ordered), each_once());
    assert_eq!(ordered.work[0].specimen, specimen(1), "the specimen is returned as it was asked");
    assert_eq!((ordered.answer, ordered.given_at, ordered.cut), (1, noon(), false));
}

#[test]
fn what_has_a_result_is_not_ordered_again() {
    let (_bench, store) = one_registered();
    record(&store, message("m1", vec![observation(1, Assay::Hiv, "0.11")]));
    let tests = told_of_one(&order(&store, request("e601", &[1])));
    assert_eq!(tests, [(Assay::Hbsag, 1), (Assay::AntiHcv, 1), (Assay::Tp, 1)]);
    record(&store, message("m2", full_panel(1)));
    assert_eq!(verdict_of(&store, 1), "releasable");
    assert_eq!(told_of_one(&order(&store, request("e601", &[1]))), []);
}

#[test]
fn a_specimen_that_is_no_registered_donation_gets_no_tests() {
    let (_bench, store) = one_registered();
    let text = || "G123426700001".to_owned();
    let ids = [
        AskedId::Donation(din(2)),
        AskedId::Blank,
        AskedId::Unread(text()),
        AskedId::Unknown(text()),
        AskedId::Ambiguous(text()),
    ];
    let specimens = ids.map(|id| AskedSpecimen { id, ..specimen(1) });
    let whose = Whose::Specimens(specimens.to_vec());
    let ordered = order(&store, OrderRequest { whose, ..request("e601", &[]) });
    let asked: Vec<_> = ordered.work.iter().map(|order| order.specimen.clone()).collect();
    assert_eq!(asked, specimens, "each has its entry");
    assert_eq!(told(&ordered.work), vec![Vec::new(); 5]);
}

#[test]
fn a_donation_asked_for_twice_in_one_query_gets_no_tests() {
    let (_bench, store) = one_registered();
    let mut far = vec![specimen(1)];
    far.extend((10..100).map(specimen));
    far.push(specimen(1));
    let whose = Whose::Specimens(far);
    let ordered = order(&store, OrderRequest { whose, ..request("e601", &[]) });
    assert_eq!(ordered.work.len(), 92);
    assert!(ordered.work.iter().all(|order| order.tests.is_empty()));
}

#[test]
fn nothing_is_ordered_for_a_donation_that_nobody_may_use() {
    let bench = Bench::new();
    let store = bench.open();
    let mut deferred = registration(1);
    deferred.donor.deferred = true;
    register(&store, deferred).unwrap();
    for number in [2, 3] {
        register(&store, registration(number)).unwrap();
    }
    let mut high = observation(2, Assay::Alt, "500");
    high.unit = Some("U/L".to_owned());
    record(&store, message("high", vec![high]));
    assert_eq!(verdict_of(&store, 2), "reject");
    record(&store, message("good", full_panel(3)));
    let mut late = observation(3, Assay::Hiv, "8.1");
    late.reading = Some(Reading::Reactive);
    record(&store, message("late", vec![late]));
    assert_eq!(verdict_of(&store, 3), "recalled");
    assert_eq!(told(&order(&store, always("e601", &[1, 2, 3])).work), vec![Vec::new(); 3]);
    assert_eq!(told(&order(&store, everything("e601")).work), Vec::<Vec<_>>::new());
}

#[test]
fn nothing_is_ordered_for_a_deferred_donor_where_that_only_holds_either() {
    let bench = Bench::new();
    let (rejects, holds) = ("deferred\", then = \"reject\"", "deferred\", then = \"hold\"");
    let holds = results_only().replacen(rejects, holds, 1);
    let store = open(&bench.path(), RuleSet::parse("cn.toml", &holds).unwrap()).unwrap();
    let mut deferred = registration(1);
    deferred.donor.deferred = true;
    register(&store, deferred).unwrap();
    assert_eq!(verdict_of(&store, 1), "hold");
    assert_eq!(told_of_one(&order(&store, always("e601", &[1]))), []);
}

#[test]
fn a_donation_seen_at_two_places_gets_no_tests_any_more_and_is_held() {
    let (bench, store) = one_registered();
    assert_eq!(told_of_one(&order(&store, always("e601", &[1]))), each_once());
    record(&store, seen_twice("Q|1", 1));
    assert_eq!(told_of_one(&order(&store, always("e601", &[1]))), []);
    record(&store, message("m1", full_panel(1)));
    assert_eq!(verdict_of(&store, 1), "hold");
    let last = feed(&store).pop().unwrap();
    let reason = last.reasons.iter().find(|reason| reason.code == "DUPLICATE_TUBE").unwrap();
    assert_eq!((reason.verdict.as_str(), &reason.messages[..]), ("hold", &[1][..]));
    assert!(reason.text.contains("two places at once"), "{}", reason.text);
    drop(store);
    let store = bench.open();
    assert_eq!(told_of_one(&order(&store, always("i2000", &[1]))), []);
    assert_eq!(verdict_of(&store, 1), "hold");
    for row in feed(&store) {
        assert!(store.recompute(row.seq).unwrap().is_some());
    }
    drop(store);
    prove(&bench.path()).unwrap();
}

#[test]
fn fm_03_a_released_donation_that_is_seen_at_two_places_is_recalled() {
    let (_bench, store) = one_registered();
    record(&store, message("m1", full_panel(1)));
    assert_eq!(verdict_of(&store, 1), "releasable");
    record(&store, seen_twice("Q|1", 1));
    assert_eq!(verdict_of(&store, 1), "recalled");
}

#[test]
fn a_query_without_bounds_finds_everything_that_has_work_and_nothing_else() {
    let bench = Bench::new();
    let store = bench.open();
    let count = 3 * u32::try_from(limits::ORDER_SLICE).unwrap() + 1;
    register_all(&store, 0..count);
    record(&store, message("done", full_panel(5)));
    let all = order(&store, everything("e601"));
    let dins: Vec<_> = all.work.iter().map(|o| o.specimen.id.donation().unwrap().clone()).collect();
    let expected: Vec<_> = (0..count).filter(|number| *number != 5).map(din).collect();
    assert_eq!((dins, all.cut), (expected, false));
    assert!(all.work.iter().all(|order| order.tests.len() == 4));
    assert_eq!(order(&store, everything("e601")).work, [], "once");

    let whose = Whose::Registered { from: Some(din(3)), to: Some(din(7)) };
    let range = order(&store, OrderRequest { whose, ..always("e601", &[]) });
    let dins: Vec<_> = range.work.iter().map(|o| o.specimen.id.donation().unwrap()).collect();
    assert_eq!(dins, [&din(3), &din(4), &din(6), &din(7)]);
}

#[test]
fn with_the_policy_always_each_query_is_answered_with_everything_and_new_ids() {
    let (_bench, store) = one_registered();
    let first = order(&store, always("e601", &[1]));
    settle(&store, &ids_of(&first.work), OrderStanding::Delivered);
    let second = order(&store, always("e601", &[1]));
    assert_eq!(told_of_one(&second), each_once());
    assert!(ids_of(&first.work).iter().all(|id| !ids_of(&second.work).contains(id)));
    assert!(second.answer > first.answer);
}

#[test]
fn with_the_policy_once_only_what_was_not_taken_is_ordered_again() {
    let (_bench, store) = one_registered();
    let first = order(&store, request("e601", &[1]));
    assert_eq!(told_of_one(&order(&store, request("e601", &[1]))), [], "on its way");
    let ids = ids_of(&first.work);
    settle(&store, &ids[..1], OrderStanding::Accepted);
    settle(&store, &ids[1..2], OrderStanding::Delivered);
    settle(&store, &ids[2..3], OrderStanding::Refused);
    settle(&store, &ids[3..], OrderStanding::Undelivered);
    let second = order(&store, request("e601", &[1]));
    assert_eq!(told_of_one(&second), [(Assay::Tp, 1)], "what was refused rests");
    settle(&store, &ids_of(&second.work), OrderStanding::Undelivered);
    record(&store, message("Q|1", Vec::new()));
    settle(&store, &ids[1..2], OrderStanding::Accepted);
    let asked = OrderRequest { query: Some(1), ..request("e601", &[1]) };
    let second = [second, order(&store, asked.clone())];
    assert_eq!(told_of_one(&second[1]), [(Assay::Hiv, 1), (Assay::Tp, 1)], "unless it asks");
    let second = second.map(|ordered| ids_of(&ordered.work)).concat();
    settle(&store, &second[1..2], OrderStanding::UnknownSpecimen);
    settle(&store, &second[2..], OrderStanding::Undelivered);
    let third = order(&store, asked);
    assert_eq!(told_of_one(&third), [(Assay::Hiv, 1), (Assay::Tp, 1)]);
    let mut all = [ids, second, ids_of(&third.work)].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 9, "always with a new id");
}

#[test]
fn an_analyser_that_asks_again_is_told_again_what_it_took_without_a_word() {
    let (_bench, store) = one_registered();
    record(&store, message("Q|1", Vec::new()));
    let asked = || OrderRequest { query: Some(1), ..request("e601", &[1]) };
    let ids = ids_of(&order(&store, asked()).work);
    assert_eq!(told_of_one(&order(&store, asked())), [], "on its way");
    settle(&store, &ids[..3], OrderStanding::Delivered);
    settle(&store, &ids[3..], OrderStanding::Accepted);
    assert_eq!(told_of_one(&order(&store, request("e601", &[1]))), [], "it did not ask");
    assert_eq!(told_of_one(&order(&store, asked())), each_once()[..3]);
}

#[test]
fn a_result_of_this_analyser_answers_its_order() {
    let (_bench, store) = one_registered();
    let first = order(&store, request("e601", &[1]));
    settle(&store, &ids_of(&first.work), OrderStanding::Accepted);
    let mut invalid = observation(1, Assay::Hiv, "0.11");
    invalid.reading = Some(Reading::Invalid);
    let mut of_another = message("invalid there", vec![invalid.clone()]);
    of_another.analyser = "i2000".to_owned();
    record(&store, of_another);
    assert_eq!(told_of_one(&order(&store, request("e601", &[1]))), [], "still to come from here");
    invalid.value = Some("0.12".to_owned());
    record(&store, message("invalid here", vec![invalid]));
    assert_eq!(told_of_one(&order(&store, request("e601", &[1]))), [(Assay::Hiv, 1)]);
}

#[test]
fn repeats_go_to_the_analyser_and_kit_whose_result_started_them_and_nowhere_else() {
    let (_bench, store) = one_registered();
    reactive_hiv(&store);
    assert_eq!(told_of_one(&order(&store, request("i2000", &[1]))), []);
    let other_kit = OrderRequest {
        tests: [("HIV-COMBI".to_owned(), Assay::Hiv)].into(),
        ..request("e601", &[1])
    };
    assert_eq!(told_of_one(&order(&store, other_kit)), []);
    let other_profile =
        OrderRequest { profile: "abbott-architect".to_owned(), ..request("e601", &[1]) };
    assert_eq!(told_of_one(&order(&store, other_profile)), []);

    let repeats = order(&store, request("e601", &[1]));
    assert_eq!(told_of_one(&repeats), [(Assay::Hiv, 2)]);
    settle(&store, &ids_of(&repeats.work), OrderStanding::Accepted);
    assert_eq!(told_of_one(&order(&store, request("e601", &[1]))), []);
    record(&store, message("first repeat", vec![repeat("1", "0.11")]));
    assert_eq!(told_of_one(&order(&store, request("e601", &[1]))), [], "one is still to come");
    assert_eq!(told_of_one(&order(&store, always("e601", &[1]))), [(Assay::Hiv, 1)]);
    record(&store, message("second repeat", vec![repeat("2", "0.12")]));
    assert_eq!(verdict_of(&store, 1), "releasable");
    assert_eq!(told_of_one(&order(&store, always("e601", &[1]))), []);
}

#[test]
fn a_test_promised_by_another_analyser_is_not_ordered_twice_but_a_mere_delivery_is_no_promise() {
    let (_bench, store) = one_registered();
    let there = order(&store, request("e601", &[1]));
    let ids = ids_of(&there.work);
    settle(&store, &ids[..2], OrderStanding::Accepted);
    settle(&store, &ids[2..3], OrderStanding::Delivered);
    let here = told_of_one(&order(&store, request("i2000", &[1])));
    assert_eq!(here, [(Assay::Hiv, 1), (Assay::Tp, 1)]);
    let mut invalid = observation(1, Assay::Hbsag, "0.11");
    invalid.reading = Some(Reading::Invalid);
    record(&store, message("invalid", vec![invalid]));
    let here = told_of_one(&order(&store, always("i2000", &[1])));
    assert!(here.contains(&(Assay::Hbsag, 1)), "the promise is kept, and was not enough: {here:?}");
}

#[test]
fn an_alternative_set_of_evidence_is_ordered_where_only_that_can_be_run() {
    let (_bench, store) = one_registered();
    let of = |assays: &[Assay]| OrderRequest {
        runs: assays.iter().copied().collect(),
        ..always("panther", &[1])
    };
    let ask = |assays: &[Assay]| told_of_one(&order(&store, of(assays)));
    let discrete = [Assay::HbvDna, Assay::HcvRna, Assay::HivRna];
    assert_eq!(ask(&discrete), discrete.map(|assay| (assay, 1)));
    assert_eq!(ask(&discrete[..2]), [], "half a set proves nothing");
    assert_eq!(ask(&[Assay::Nat, Assay::HbvDna]), [(Assay::Nat, 1)]);
    record(&store, message("begun", vec![observation(1, Assay::HbvDna, "Non-Reactive")]));
    assert_eq!(ask(&discrete), [(Assay::HcvRna, 1), (Assay::HivRna, 1)]);
}

/// A clock that the test sets.
static CLOCK: AtomicI64 = AtomicI64::new(2_000_000_000);

fn set_clock() -> Timestamp {
    Timestamp::from_second(CLOCK.load(Ordering::Relaxed)).unwrap()
}

#[test]
fn an_order_is_open_for_so_long_and_no_longer() {
    let seconds = |bound: std::time::Duration| i64::try_from(bound.as_secs()).unwrap();
    let (lifetime, elsewhere) = (limits::ORDER_LIFETIME, limits::ORDER_ELSEWHERE_LIFETIME);
    let (wait, accepted) = (limits::ORDER_SETTLE_WAIT, Some(OrderStanding::Accepted));
    let cases = [
        ("e601", accepted, lifetime),
        ("i2000", accepted, elsewhere),
        ("e601", None, wait),
        ("e601", Some(OrderStanding::Refused), limits::ORDER_REFUSED_REST),
    ];
    for (analyser, standing, bound) in cases {
        let bench = Bench::new();
        let rules = Arc::new(cn());
        let store = Store::open(Options { path: bench.path(), rules, utc: set_clock }).unwrap();
        register(&store, registration(1)).unwrap();
        let begun = CLOCK.load(Ordering::Relaxed);
        let ids = ids_of(&order(&store, request("e601", &[1])).work);
        standing.into_iter().for_each(|standing| settle(&store, &ids, standing));
        let at = |offset: i64| {
            CLOCK.store(begun + offset, Ordering::Relaxed);
            order(&store, request(analyser, &[1])).work[0].tests.len()
        };
        assert_eq!(at(seconds(bound) - 1), 0, "{analyser} {standing:?}");
        assert_eq!(at(seconds(bound)), 4, "{analyser} {standing:?}");
    }
}

#[test]
fn a_clock_set_back_orders_again_rather_than_never() {
    static BACK: AtomicI64 = AtomicI64::new(2_000_000_000);
    let falling = || Timestamp::from_second(BACK.fetch_sub(60, Ordering::Relaxed)).unwrap();
    let bench = Bench::new();
    let options = Options { path: bench.path(), rules: Arc::new(cn()), utc: falling };
    let store = Store::open(options).unwrap();
    register(&store, registration(1)).unwrap();
    let first = order(&store, request("e601", &[1]));
    settle(&store, &ids_of(&first.work), OrderStanding::Accepted);
    assert_eq!(told_of_one(&order(&store, request("e601", &[1]))), each_once());
}

#[test]
fn what_was_never_settled_before_a_restart_is_ordered_again() {
    let (bench, store) = one_registered();
    let first = order(&store, request("e601", &[1]));
    settle(&store, &ids_of(&first.work)[..1], OrderStanding::Accepted);
    drop(store);
    let store = bench.open();
    let second = told_of_one(&order(&store, request("e601", &[1])));
    assert_eq!(second, [(Assay::AntiHcv, 1), (Assay::Hiv, 1), (Assay::Tp, 1)]);
}

#[test]
fn a_reply_is_recorded_with_its_message_and_for_its_own_analyser_only() {
    let (_bench, store) = one_registered();
    let ids = ids_of(&order(&store, request("e601", &[1])).work);
    let said = [(ids[0].as_str(), OrderStanding::Accepted), (&ids[1], OrderStanding::Refused)];
    record(&store, reply("ORL 1", &said));
    let mut stranger = reply("ORL 2", &[(ids[2].as_str(), OrderStanding::Accepted)]);
    stranger.analyser = "i2000".to_owned();
    record(&store, stranger);
    record(&store, reply("ORL 3", &[("A999999", OrderStanding::Refused)]));
    let expected = [Some(OrderStanding::Accepted), Some(OrderStanding::Refused), None, None];
    assert_eq!(standings(&store, 1), expected);
    assert_eq!(orders_of(&store, 1)[0].text.as_deref(), Some("as it said"));
}

#[test]
fn two_replies_of_the_same_words_count_each_for_its_own_order() {
    let (bench, store) = one_registered();
    let ids = ids_of(&order(&store, request("e601", &[1])).work);
    for id in &ids {
        // The content of such a reply is "accepted", nothing more: the same message again.
        record(&store, reply("MSA|AA", &[(id.as_str(), OrderStanding::Accepted)]));
    }
    assert_eq!(store.counters().duplicates, 3);
    assert_eq!(standings(&store, 1), vec![Some(OrderStanding::Accepted); 4]);
    let before = store.counters().commits;
    record(&store, reply("MSA|AA", &[(ids[3].as_str(), OrderStanding::Accepted)]));
    let count: i64 =
        bench.raw().query_row("SELECT count(*) FROM order_reply", [], |row| row.get(0)).unwrap();
    assert_eq!((count, store.counters().commits), (4, before), "no news");
}

#[test]
fn open_orders_are_those_whose_results_may_still_come() {
    let (_bench, store) = one_registered();
    register(&store, registration(2)).unwrap();
    let ids = ids_of(&order(&store, request("e601", &[1, 2])).work);
    settle(&store, &ids, OrderStanding::Accepted);
    settle(&store, &ids[7..], OrderStanding::Refused);
    record(&store, message("m1", vec![observation(1, Assay::Hbsag, "0.42")]));
    assert_eq!(open_orders(&store, "e601"), ids[1..7]);
    assert_eq!(open_orders(&store, "i2000"), Vec::<String>::new());
}

#[test]
fn nobody_is_told_to_test_what_is_not_on_the_disk() {
    let (bench, store) = one_registered();
    let holder = bench.raw();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(ask(&store, request("e601", &[1])).recv().unwrap(), Err(StoreError::Locked));
    holder.execute_batch("ROLLBACK").unwrap();
    let ordered = order(&store, request("e601", &[1]));
    let raw = bench.raw();
    let stored: Vec<String> = raw
        .prepare("SELECT order_id FROM work_order ORDER BY id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(stored, ids_of(&ordered.work));
}

#[test]
fn a_request_that_fails_half_way_withdraws_what_was_issued_for_it() {
    let bench = Bench::new();
    let store = bench.open();
    let count = u32::try_from(limits::ORDER_SLICE).unwrap() + 1;
    register_all(&store, 1..=count);
    // The case file of the last donation cannot be read.
    record(&store, message("m", vec![observation(count, Assay::Hbsag, "0.42")]));
    drop(store);
    let store = bench.open();
    let raw = bench.raw();
    let guard: String = raw
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'observation_no_update'", [], |r| {
            r.get(0)
        })
        .unwrap();
    raw.execute_batch("DROP TRIGGER observation_no_update; UPDATE observation SET payload = '{}'")
        .unwrap();
    raw.execute_batch(&guard).unwrap();
    let outcome = ask(&store, everything("e601")).recv().unwrap();
    assert!(matches!(outcome, Err(StoreError::Failed(_))), "{outcome:?}");
    barrier(&store);
    assert_eq!(standings(&store, 1), vec![Some(OrderStanding::Undelivered); 4]);
    assert_eq!(told_of_one(&order(&store, request("e601", &[1]))), each_once());
}

#[test]
fn an_answer_about_everything_ends_at_its_bound_and_says_so() {
    let (asked, unasked) = (limits::ORDERED_DONATIONS_MAX, limits::ANNOUNCED_DONATIONS_MAX);
    for (at_once, more, cut) in
        [(asked, 0, false), (asked, 1, true), (unasked, 0, false), (unasked, 1, true)]
    {
        let bench = Bench::new();
        let store = bench.open();
        let slice = limits::ORDER_SLICE;
        let bound = at_once.div_ceil(slice) * slice;
        let everything = || OrderRequest { at_once, ..everything("e601") };
        let count = u32::try_from(bound + more).unwrap();
        register_all(&store, 0..count);
        let all = order(&store, everything());
        assert_eq!((all.work.len(), all.cut), (bound, cut));
        let rest = order(&store, everything());
        assert_eq!((rest.work.len(), rest.cut), (more, false), "the rest with the next call");
    }
}
