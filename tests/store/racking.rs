//! Racks: what may be put on record about them, and that a place reported otherwise than on the
//! manifest holds every tube of that loading and no other.

use hemogate::domain::{
    Assay, Container, Correction, Donor, DonorKind, Matter, Observation, PlaceFound, Placement,
    Proposal, RackPlan, RackRecord, RackStep, Record, Statement,
};
use hemogate::limits;
use hemogate::store::{LoadingState, PutOnRecord, Store, prove};

use crate::bench::*;

const RACK: &str = "50120";

fn plan(positions: u32) -> RackPlan {
    RackPlan {
        analyser: Some("e601".to_owned()),
        assays: vec![Assay::Hbsag],
        container: Some(Container::Serum),
        positions,
        file: None,
    }
}

fn step(loading: &str, rack: &str, step: RackStep) -> Record {
    Record::Rack(RackRecord { loading: loading.to_owned(), rack: rack.to_owned(), step })
}

fn placed(loading: &str, rack: &str, position: u32) -> Statement {
    let (loading, rack) = (loading.to_owned(), rack.to_owned());
    Statement::Placed(Placement { loading, rack, position, analyser: Some("e601".to_owned()) })
}

fn is_new(put: &PutOnRecord) -> bool {
    matches!(put, PutOnRecord::New { .. })
}

fn number(put: &PutOnRecord) -> i64 {
    assert!(is_new(put), "{put:?}");
    put.record()
}

fn refusal_of(put: PutOnRecord) -> String {
    let PutOnRecord::Conflict { why, .. } = put else { panic!("not refused: {put:?}") };
    why
}

/// A rack of five tubes, each at the position that has its number; `first` is the first of them.
fn load(store: &Store, loading: &str, rack: &str, first: u32, count: u32) {
    for number in first..first + count {
        register(store, registration(number)).unwrap();
    }
    let opened = put(store, step(loading, rack, RackStep::Opened(plan(count))), "li");
    assert!(is_new(&opened), "{opened:?}");
    for (position, of) in (1..).zip(first..first + count) {
        let put = say(store, of, placed(loading, rack, position), "li");
        assert!(is_new(&put), "{put:?}");
    }
}

fn close(store: &Store, loading: &str, rack: &str) {
    assert!(is_new(&put(store, step(loading, rack, RackStep::Closed), "li")));
}

fn end(store: &Store, loading: &str, rack: &str) {
    let ended = step(loading, rack, RackStep::Ended("its results are in".to_owned()));
    assert!(is_new(&put(store, ended, "li")));
}

/// Results of a donation as the analyser reports its place.
fn at(of: u32, rack: &str, position: &str) -> Vec<Observation> {
    let panel = full_panel(of).into_iter();
    let at = |found| Observation {
        rack: Some(rack.to_owned()),
        position: Some(position.to_owned()),
        ..found
    };
    panel.map(at).collect()
}

fn doubts(store: &Store, of: u32) -> usize {
    let said = facts(store, of).statements.into_iter();
    said.filter(|said| matches!(said.statement, Statement::RackInDoubt(_))).count()
}

fn codes_of(store: &Store, of: u32) -> Vec<String> {
    let reasons = store.donation(&din(of)).unwrap().unwrap().decision.reasons.into_iter();
    reasons.map(|reason| reason.code).collect()
}

#[test]
fn fm_05_a_shift_by_one_holds_the_whole_rack_and_no_other() {
    let bench = Bench::new();
    let store = bench.open();
    load(&store, "L1", RACK, 1, 5);
    load(&store, "L2", "50121", 11, 5);
    close(&store, "L1", RACK);
    close(&store, "L2", "50121");
    for of in 11..=15 {
        record(&store, message(&format!("m{of}"), at(of, "50121", &(of - 10).to_string())));
        assert_eq!(verdict_of(&store, of), "releasable");
    }
    // The transport read the first tube twice: all that follows is one place further.
    record(&store, message("m1", at(1, RACK, "1")));
    assert_eq!(verdict_of(&store, 1), "releasable");
    record(&store, message("m2", at(2, RACK, "3")));
    for of in 1..=5 {
        assert_eq!(doubts(&store, of), 1, "{of}");
        assert!(codes_of(&store, of).contains(&"RACK_MISMATCH".to_owned()), "{of}");
        assert_ne!(verdict_of(&store, of), "releasable", "{of}");
    }
    record(&store, message("m3", at(3, RACK, "4")));
    assert_eq!(doubts(&store, 3), 1, "said once");
    for of in 11..=15 {
        assert_eq!(doubts(&store, of), 0, "{of}");
        assert_eq!(verdict_of(&store, of), "releasable", "another rack is not touched");
    }
    let loading = store.loading("L1").unwrap().unwrap();
    let found: Vec<PlaceFound> = loading.tubes.iter().map(|tube| tube.found).collect();
    let (confirmed, elsewhere) = (PlaceFound::Confirmed, PlaceFound::Elsewhere);
    let awaited = PlaceFound::Awaited;
    assert_eq!(found, [confirmed, elsewhere, elsewhere, awaited, awaited]);
    assert_eq!(loading.doubts.len(), 1);
    assert!(loading.doubts[0].doubt.text.contains("shifted by one"), "{:?}", loading.doubts);
    let head = store.feed_head();
    drop(store);
    assert_eq!(prove(&bench.path()).unwrap().verdicts, head);
}

#[test]
fn a_tube_that_was_confirmed_may_be_repeated_in_another_rack_and_no_other_may() {
    let bench = Bench::new();
    let store = bench.open();
    load(&store, "L1", RACK, 1, 3);
    close(&store, "L1", RACK);
    record(&store, message("m1", at(1, RACK, "1")));
    let again = |of: u32, position: &str| {
        let mut again = at(of, "50999", position);
        again.iter_mut().for_each(|found| found.replicate = Some("2".to_owned()));
        again
    };
    record(&store, message("again", again(1, "4")));
    assert_eq!(doubts(&store, 1), 0, "it was taken on for a repeat");
    let loading = store.loading("L1").unwrap().unwrap();
    assert_eq!(loading.tubes[0].found, PlaceFound::Confirmed);
    // Nobody saw this one at its place.
    record(&store, message("m2", again(2, "5")));
    assert_eq!(doubts(&store, 1), 1);
    assert_eq!(doubts(&store, 2), 1);
}

#[test]
fn fm_05_the_verdicts_of_a_shift_are_in_the_transaction_of_the_message() {
    let bench = Bench::new();
    let store = bench.open();
    load(&store, "L1", RACK, 1, 3);
    close(&store, "L1", RACK);
    record(&store, message("m1", at(1, RACK, "1")));
    let commits = store.counters().commits;
    record(&store, message("m2", at(2, "50121", "2")));
    assert_eq!(store.counters().commits, commits + 1);
    let last: Vec<_> = feed(&store).into_iter().rev().take(3).map(|row| row.din).collect();
    assert_eq!(last, [din(3), din(1), din(2)]);
}

#[test]
fn fm_05_a_tube_read_as_the_rack_holds_the_rack() {
    let bench = Bench::new();
    let store = bench.open();
    load(&store, "L1", RACK, 1, 3);
    close(&store, "L1", RACK);
    record(&store, message("m1", at(1, din(3).as_str(), "1")));
    assert_eq!([1, 2, 3].map(|of| doubts(&store, of)), [1, 1, 1]);
}

#[test]
fn fm_05_a_number_that_is_a_racks_is_no_tubes_and_the_other_way_round() {
    let bench = Bench::new();
    let store = bench.open();
    load(&store, "L1", RACK, 1, 2);
    register(&store, registration(7)).unwrap();
    let opened = step("L2", din(7).as_str(), RackStep::Opened(plan(5)));
    assert!(refusal_of(put(&store, opened, "li")).contains("no rack"));
    let opened = step("L2", din(8).as_str(), RackStep::Opened(plan(5)));
    assert!(is_new(&put(&store, opened, "li")), "nobody knows it as a donation yet");
    register(&store, registration(8)).unwrap();
    let said = say(&store, 8, placed("L2", din(8).as_str(), 1), "li");
    assert!(refusal_of(said).contains("bar code of the rack"));
}

#[test]
fn fm_06_one_bar_code_for_two_racks_and_one_tube_for_two_places_are_refused() {
    let bench = Bench::new();
    let store = bench.open();
    load(&store, "L1", RACK, 1, 3);
    let again = step("L2", RACK, RackStep::Opened(plan(5)));
    assert!(refusal_of(put(&store, again, "li")).contains("in use by loading L1"));
    load(&store, "L3", "50121", 11, 2);
    let elsewhere = refusal_of(say(&store, 1, placed("L3", "50121", 3), "li"));
    assert!(elsewhere.contains("positions 1 to 2"), "{elsewhere}");
    assert!(is_new(&say(&store, 12, Statement::TakenOut("L3".to_owned()), "li")));
    let elsewhere = refusal_of(say(&store, 1, placed("L3", "50121", 2), "li"));
    assert!(elsewhere.contains("position 1 of rack 50120 (loading L1)"), "{elsewhere}");
    let taken = refusal_of(say(&store, 12, placed("L3", "50121", 1), "li"));
    assert!(taken.contains(din(11).as_str()), "{taken}");
    assert!(is_new(&say(&store, 12, placed("L3", "50121", 2), "li")));
    end(&store, "L1", RACK);
    assert!(is_new(&put(&store, step("L4", RACK, RackStep::Opened(plan(5))), "li")));
    assert!(is_new(&say(&store, 1, placed("L4", RACK, 5), "li")));
}

#[test]
fn the_same_scan_twice_is_one_and_of_somebody_else_is_refused() {
    let bench = Bench::new();
    let store = bench.open();
    load(&store, "L1", RACK, 1, 3);
    assert!(matches!(say(&store, 2, placed("L1", RACK, 2), "li"), PutOnRecord::Same { .. }));
    assert!(refusal_of(say(&store, 2, placed("L1", RACK, 2), "wang")).contains("take that tube"));
    let again = step("L1", RACK, RackStep::Opened(plan(3)));
    assert!(matches!(put(&store, again, "li"), PutOnRecord::Same { .. }));
    let other = step("L1", RACK, RackStep::Opened(plan(4)));
    assert!(refusal_of(put(&store, other, "li")).contains("on record"));
}

#[test]
fn what_may_not_stand_in_a_rack_is_refused_with_what_to_do() {
    let bench = Bench::new();
    let store = bench.open();
    load(&store, "L1", RACK, 1, 2);
    let refused = |of: u32, position: u32| {
        assert!(is_new(&say(&store, 2, Statement::TakenOut("L1".to_owned()), "li")));
        let why = refusal_of(say(&store, of, placed("L1", RACK, position), "li"));
        assert!(is_new(&say(&store, 2, placed("L1", RACK, 2), "li")));
        why
    };
    assert!(refused(5, 2).contains("not registered"));
    let donor = Donor { kind: DonorKind::First, deferred: true, historic_group: None };
    register(&store, hemogate::domain::Registration { donor, ..registration(6) }).unwrap();
    assert!(refused(6, 2).contains("deferred"));
    register(&store, registration(7)).unwrap();
    say(&store, 7, Statement::Deferred, "li");
    assert!(refused(7, 2).contains("deferred"));
    register(&store, registration(8)).unwrap();
    let correction = Correction { donor: Some(donor), ..Correction::default() };
    let matter = Matter::Correction(correction);
    let proposal = Statement::Proposed(Proposal { matter, grounds: grounds(), version: 1 });
    let proposed = number(&say(&store, 8, proposal, "li"));
    say(&store, 8, Statement::Agreed(proposed), "wang");
    assert!(refused(8, 2).contains("deferred"));
    register(&store, registration(9)).unwrap();
    assert!(refused(9, 0).contains("positions 1 to 2"));
    assert!(refused(9, 3).contains("positions 1 to 2"));
    assert!(refusal_of(say(&store, 9, placed("L9", RACK, 2), "li")).contains("open it first"));
    assert!(refusal_of(say(&store, 9, placed("L1", "50121", 2), "li")).contains("of rack 50120"));
    close(&store, "L1", RACK);
    assert!(refusal_of(say(&store, 9, placed("L1", RACK, 2), "li")).contains("closed"));
    let out = refusal_of(say(&store, 2, Statement::TakenOut("L1".to_owned()), "li"));
    assert!(out.contains("manifest is fixed"), "{out}");
}

#[test]
fn a_rack_has_so_many_positions_and_no_more() {
    let bench = Bench::new();
    let store = bench.open();
    let open = |loading: &str, positions: u32| {
        put(&store, step(loading, loading, RackStep::Opened(plan(positions))), "li")
    };
    assert!(is_new(&open("R1", limits::RACK_POSITIONS_MAX)));
    assert!(refusal_of(open("R2", limits::RACK_POSITIONS_MAX + 1)).contains("positions"));
    assert!(refusal_of(open("R3", 0)).contains("positions"));
    assert!(refusal_of(open(" ", 1)).contains("must have a name"));
}

#[test]
fn the_steps_of_a_loading_follow_one_another() {
    let bench = Bench::new();
    let store = bench.open();
    let take = |rack: &str, what: RackStep| put(&store, step("L1", rack, what), "li");
    assert!(refusal_of(take(RACK, RackStep::Closed)).contains("no loading"));
    load(&store, "L1", RACK, 1, 2);
    assert!(refusal_of(take("50121", RackStep::Closed)).contains("of rack 50120"));
    assert!(refusal_of(take(RACK, RackStep::Ended(" ".to_owned()))).contains("must be said"));
    close(&store, "L1", RACK);
    assert!(refusal_of(take(RACK, RackStep::Closed)).contains("closed by li"));
    end(&store, "L1", RACK);
    assert!(refusal_of(take(RACK, RackStep::Closed)).contains("ended by li"));
    let ended = RackStep::Ended("again".to_owned());
    assert!(refusal_of(take(RACK, ended)).contains("ended by li"));
    let proposed = RackStep::Proposed { analyser: "e601".to_owned(), grounds: grounds() };
    assert!(refusal_of(take(RACK, proposed)).contains("not in doubt"));
}

#[test]
fn a_donation_that_is_not_on_the_manifest_holds_the_rack_and_itself() {
    let bench = Bench::new();
    let store = bench.open();
    load(&store, "L1", RACK, 1, 2);
    for of in [8, 9] {
        register(&store, registration(of)).unwrap();
    }
    record(&store, message("m8", at(8, RACK, "5")));
    assert_eq!(doubts(&store, 8), 0, "tubes are still being put in");
    close(&store, "L1", RACK);
    record(&store, message("m9", at(9, "050120", "5")));
    assert_eq!([1, 2, 8, 9].map(|of| doubts(&store, of)), [1, 1, 0, 1]);
    register(&store, registration(10)).unwrap();
    record(&store, message("m10", at(10, RACK, "6")));
    assert_eq!([1, 2, 10].map(|of| doubts(&store, of)), [1, 1, 1], "one more joins");
    let loading = store.loading("L1").unwrap().unwrap();
    let extras: Vec<_> = loading.extras.iter().map(|extra| extra.din.clone()).collect();
    assert_eq!(extras, [din(9), din(10)]);
    assert_eq!(loading.extras[0].reported[0].position.as_deref(), Some("5"));
}

#[test]
fn nothing_is_compared_where_no_place_or_another_analyser_reports() {
    let bench = Bench::new();
    let store = bench.open();
    load(&store, "L1", RACK, 1, 2);
    close(&store, "L1", RACK);
    let without = |found: Observation| Observation { rack: None, position: None, ..found };
    record(&store, message("m1", full_panel(1).into_iter().map(without).collect()));
    let mut other = message("m2", at(2, "999", "9"));
    other.analyser = "other".to_owned();
    record(&store, other);
    assert_eq!([1, 2].map(|of| doubts(&store, of)), [0, 0]);
    let loading = store.loading("L1").unwrap().unwrap();
    let found: Vec<_> = loading.tubes.iter().map(|tube| tube.found).collect();
    assert_eq!(found, [PlaceFound::NotReported, PlaceFound::Awaited]);
    end(&store, "L1", RACK);
    record(&store, message("m3", at(1, "999", "9")));
    assert_eq!([1, 2].map(|of| doubts(&store, of)), [0, 0], "the rack may be in use again");
}

/// A closed rack of two, in doubt; the number of somebody's proposal to settle it.
fn in_doubt(store: &Store) -> i64 {
    load(store, "L1", RACK, 1, 2);
    close(store, "L1", RACK);
    record(store, message("m1", at(1, RACK, "2")));
    record(store, message("m2", at(2, RACK, "3")));
    assert_ne!(verdict_of(store, 1), "releasable");
    let proposed = RackStep::Proposed { analyser: "e601".to_owned(), grounds: grounds() };
    number(&put(store, step("L1", RACK, proposed), "li"))
}

#[test]
fn two_people_settle_a_rack_and_one_does_not() {
    let bench = Bench::new();
    let store = bench.open();
    let proposal = in_doubt(&store);
    let take = |what: RackStep, by: &str| put(&store, step("L1", RACK, what), by);
    assert!(refusal_of(take(RackStep::Agreed(proposal), "li")).contains("ask somebody else"));
    assert!(refusal_of(take(RackStep::Agreed(proposal), " LI ")).contains("ask somebody else"));
    assert!(refusal_of(take(RackStep::Agreed(proposal + 1), "wang")).contains("no proposal"));
    assert_ne!(verdict_of(&store, 1), "releasable");
    assert!(is_new(&take(RackStep::Agreed(proposal), "wang")));
    assert_eq!([1, 2].map(|of| verdict_of(&store, of)), ["releasable", "releasable"]);
    assert!(refusal_of(take(RackStep::Agreed(proposal), "chen")).contains("decided"));
    assert!(refusal_of(take(RackStep::TurnedDown(proposal), "chen")).contains("decided"));
    let loading = store.loading("L1").unwrap().unwrap();
    let settled = Some(("li".to_owned(), "wang".to_owned()));
    assert_eq!(loading.doubts[0].settled_by, settled);
    assert!(loading.proposals[0].decided.as_ref().unwrap().agreed);
    let head = store.feed_head();
    drop(store);
    assert_eq!(prove(&bench.path()).unwrap().verdicts, head);
}

#[test]
fn what_was_turned_down_is_not_agreed_to() {
    let bench = Bench::new();
    let store = bench.open();
    let proposal = in_doubt(&store);
    let take = |what: RackStep, by: &str| put(&store, step("L1", RACK, what), by);
    assert!(is_new(&take(RackStep::TurnedDown(proposal), "wang")));
    assert!(refusal_of(take(RackStep::Agreed(proposal), "chen")).contains("decided"));
    assert_ne!(verdict_of(&store, 1), "releasable");
}

#[test]
fn what_was_settled_is_not_doubted_again_for_the_same_place_but_for_another() {
    let bench = Bench::new();
    let store = bench.open();
    let proposal = in_doubt(&store);
    let agreed = step("L1", RACK, RackStep::Agreed(proposal));
    assert!(is_new(&put(&store, agreed, "wang")));
    let mut again = at(1, RACK, "2");
    again.iter_mut().for_each(|found| found.value = Some("0.43".to_owned()));
    record(&store, message("m3", again.clone()));
    assert_eq!(doubts(&store, 1), 1, "the place that two people looked at");
    again.iter_mut().for_each(|found| found.position = Some("7".to_owned()));
    record(&store, message("m4", again));
    assert_eq!([1, 2].map(|of| doubts(&store, of)), [2, 2]);
    assert!(codes_of(&store, 2).contains(&"RACK_MISMATCH".to_owned()));
    let proposed = RackStep::Proposed { analyser: "e601".to_owned(), grounds: grounds() };
    let proposal = number(&put(&store, step("L1", RACK, proposed), "li"));
    assert!(is_new(&put(&store, step("L1", RACK, RackStep::Agreed(proposal)), "wang")));
}

#[test]
fn a_restart_knows_the_racks_in_use() {
    let bench = Bench::new();
    let store = bench.open();
    load(&store, "L1", RACK, 1, 3);
    load(&store, "L2", "50121", 11, 1);
    close(&store, "L1", RACK);
    end(&store, "L2", "50121");
    drop(store);
    let store = bench.open();
    let names = |open_only| -> Vec<String> {
        let found = store.loadings(open_only, 10).unwrap().into_iter();
        found.map(|one| format!("{} {}", one.loading, one.tubes)).collect()
    };
    assert_eq!(names(true), ["L1 3"]);
    assert_eq!(names(false), ["L2 1", "L1 3"]);
    assert!(refusal_of(say(&store, 2, placed("L1", RACK, 3), "li")).contains("closed"));
    record(&store, message("m2", at(2, RACK, "3")));
    assert_eq!([1, 2, 3, 11].map(|of| doubts(&store, of)), [1, 1, 1, 0]);
    drop(store);
    let store = bench.open();
    assert!(store.loadings(true, 10).unwrap()[0].in_doubt);
    let state = store.loading("L2").unwrap().unwrap().state;
    assert!(matches!(state, LoadingState::Ended { ref why, .. } if why.contains("results")));
    assert_eq!(store.loading("L9").unwrap(), None);
}

#[test]
fn a_list_of_loadings_is_bounded() {
    let bench = Bench::new();
    let store = bench.open();
    for number in 0..=limits::LOADINGS_PAGE_MAX {
        let name = format!("R{number}");
        put(&store, step(&name, &name, RackStep::Opened(plan(1))), "li");
    }
    let most = usize::try_from(limits::LOADINGS_PAGE_MAX).unwrap();
    assert_eq!(store.loadings(true, u64::MAX).unwrap().len(), most);
    assert_eq!(store.loadings(false, u64::MAX).unwrap().len(), most);
}

#[test]
fn nobody_but_the_program_says_that_a_rack_is_in_doubt_or_settled() {
    let bench = Bench::new();
    let store = bench.open();
    in_doubt(&store);
    for said in facts(&store, 1).statements {
        if matches!(said.statement, Statement::RackInDoubt(_)) {
            assert!(said.by.starts_with("hemogate "), "{}", said.by);
            assert!(refusal_of(say(&store, 1, said.statement, "li")).contains("the program"));
        }
    }
    let settled = Statement::RackSettled(hemogate::domain::RackSettled {
        loading: "L1".to_owned(),
        analyser: "e601".to_owned(),
        proposed_by: "li".to_owned(),
        agreed_by: "wang".to_owned(),
    });
    assert!(refusal_of(say(&store, 1, settled, "li")).contains("the program"));
}
