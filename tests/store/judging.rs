//! What two people agree about, messages and proposals, and what was seen in an old version.

use hemogate::domain::{
    AmendedReason, Assay, Correction, Grounds, Judgement, Matter, MessageRecord, MessageStep,
    Observation, Proposal, Reading, ReasonCode, Record, ReviewStep, Statement,
};
use hemogate::store::{PutOnRecord, ReadAgainOutcome, Recorded, Store, StoreError, prove};

use crate::bench::*;

fn is_new(put: &PutOnRecord) -> bool {
    matches!(put, PutOnRecord::New { .. })
}

fn refusal_of(put: PutOnRecord) -> String {
    let PutOnRecord::Conflict { why, .. } = put else { panic!("not refused: {put:?}") };
    why
}

fn step(store: &Store, message: i64, step: MessageStep, by: &str) -> PutOnRecord {
    put(store, Record::Message(MessageRecord { message, step }), by)
}

fn number(recorded: Recorded) -> i64 {
    let Recorded::New { message, .. } = recorded else { panic!("{recorded:?}") };
    message
}

fn judged(store: &Store, of: u32) -> usize {
    let said = facts(store, of).statements.into_iter();
    said.filter(|said| matches!(said.statement, Statement::MessageJudged(_))).count()
}

/// A message of two donations, one result of the first of which has a piece that nobody knows.
fn unread(store: &Store) -> i64 {
    for of in [1, 2] {
        register(store, registration(of)).unwrap();
    }
    number(record(store, message("m", panel_of_two(true))))
}

fn panel_of_two(is_unreadable: bool) -> Vec<Observation> {
    let mut panel = [full_panel(1), full_panel(2)].concat();
    if is_unreadable {
        panel[1].unaccounted = vec![unaccounted()];
    }
    panel
}

fn correction(site: &str, version: i64) -> Statement {
    let correction = Correction { site: Some(site.to_owned()), ..Correction::default() };
    let matter = Matter::Correction(correction);
    Statement::Proposed(Proposal { matter, grounds: grounds(), version })
}

#[test]
fn two_people_accept_a_message_and_its_results_count() {
    let bench = Bench::new();
    let store = bench.open();
    let message = unread(&store);
    assert_ne!(verdict_of(&store, 1), "releasable");
    let proposal = propose(&store, message, Judgement::Accepted, "li");
    assert!(store.unread(0, 10).unwrap()[0].is_proposed);
    let own = refusal_of(step(&store, message, MessageStep::Agreed(proposal), "Li "));
    assert!(own.contains("ask somebody else"), "{own}");
    assert_ne!(verdict_of(&store, 1), "releasable");
    let commits = store.counters().commits;
    assert!(is_new(&step(&store, message, MessageStep::Agreed(proposal), "wang")));
    assert_eq!(store.counters().commits, commits + 1);
    assert_eq!([1, 2].map(|of| judged(&store, of)), [1, 1]);
    assert_eq!([1, 2].map(|of| verdict_of(&store, of)), ["releasable", "releasable"]);
    assert_eq!(store.unread(0, 10).unwrap(), []);
    let on_record = store.message(message).unwrap().unwrap();
    assert_eq!(on_record.judged.unwrap().judgement, Judgement::Accepted);
    assert_eq!(on_record.bytes, b"m");
    assert_eq!((on_record.donations.len(), on_record.observations.len()), (2, 16));
    assert!(on_record.proposals[0].decided.as_ref().unwrap().agreed);
    let head = store.feed_head();
    drop(store);
    assert_eq!(prove(&bench.path()).unwrap().verdicts, head);
}

#[test]
fn a_message_that_is_rejected_blocks_no_more_and_nothing_good_in_it_counts() {
    let bench = Bench::new();
    let store = bench.open();
    let message = unread(&store);
    let proposal = propose(&store, message, Judgement::Rejected, "li");
    assert!(is_new(&step(&store, message, MessageStep::Agreed(proposal), "wang")));
    assert_eq!([1, 2].map(|of| judged(&store, of)), [1, 1]);
    // The second was released by what is in it.
    assert_eq!([1, 2].map(|of| verdict_of(&store, of)), ["pending", "recalled"]);
}

#[test]
fn a_cut_transfer_is_judged_for_the_donations_that_it_names() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, message("whole", full_panel(1)));
    let cut = number(record(&store, cut("P|1|", vec![din(1)])));
    assert_eq!(verdict_of(&store, 1), "pending");
    let again = MessageStep::Proposed(Judgement::ReadAgain, grounds());
    assert!(refusal_of(step(&store, cut, again, "li")).contains("cut short"));
    let proposal = propose(&store, cut, Judgement::Rejected, "li");
    assert!(is_new(&step(&store, cut, MessageStep::Agreed(proposal), "wang")));
    assert_eq!(judged(&store, 1), 1);
    assert_eq!(verdict_of(&store, 1), "releasable");
    record(&store, message("P|1|2", Vec::new()));
    assert_eq!(store.message(cut).unwrap().unwrap().made_good_by, Some(3));
}

#[test]
fn there_is_nothing_to_judge_about_a_message_that_was_read_judged_or_never_came() {
    let bench = Bench::new();
    let store = bench.open();
    let message = unread(&store);
    let whole = number(record(&store, crate::bench::message("whole", full_panel(3))));
    let cut = number(record(&store, cut("Q|1", vec![din(1)])));
    record(&store, crate::bench::message("Q|1|2", Vec::new()));
    let accept = || MessageStep::Proposed(Judgement::Accepted, grounds());
    let why = |of: i64, what: MessageStep| refusal_of(step(&store, of, what, "li"));
    assert!(why(999, accept()).contains("no message 999"));
    assert!(why(whole, accept()).contains("read completely"));
    assert!(why(cut, accept()).contains("made good"));
    assert!(why(message, MessageStep::Agreed(7)).contains("no proposal 7"));
    let blank = Grounds { text: " ".to_owned(), ..grounds() };
    let blank = MessageStep::Proposed(Judgement::Accepted, blank);
    assert!(why(message, blank).contains("grounds"));
    let first = propose(&store, message, Judgement::Accepted, "li");
    let other = propose(&store, message, Judgement::Rejected, "chen");
    assert!(is_new(&step(&store, message, MessageStep::TurnedDown(first), "wang")));
    assert!(why(message, MessageStep::Agreed(first)).contains("decided about by wang"));
    assert!(is_new(&step(&store, message, MessageStep::Agreed(other), "wang")));
    assert!(why(message, accept()).contains("judged by chen and wang"));
    assert_eq!(store.message(999).unwrap(), None);
}

#[test]
fn a_message_read_again_is_shown_first_and_then_counts() {
    let bench = Bench::new();
    let store = bench.open();
    let number = unread(&store);
    let before = (feed(&store), store.counters().messages);
    let again = || message("m", panel_of_two(false));
    let would = read_again(&store, number, again(), None);
    let ReadAgainOutcome::Would(changes) = would else { panic!("{would:?}") };
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change.din.clone(), change.would_be.clone().unwrap(), change.is_same))
        .collect();
    let releasable = || "releasable".to_owned();
    assert_eq!(told, [(din(1), releasable(), false), (din(2), releasable(), true)]);
    assert_eq!((feed(&store), store.counters().messages), before, "nothing was written");
    assert_eq!(store.records(0, 10).unwrap(), []);

    let proposal = propose(&store, number, Judgement::ReadAgain, "li");
    let plain = refusal_of(step(&store, number, MessageStep::Agreed(proposal), "wang"));
    assert!(plain.contains("with the new reading"), "{plain}");
    let own = read_again(&store, number, again(), Some((proposal, "li")));
    assert!(matches!(own, ReadAgainOutcome::Refused(ref why) if why.contains("somebody else")));
    let read = read_again(&store, number, again(), Some((proposal, "wang")));
    let ReadAgainOutcome::Read { message: read_as, changes: followed, .. } = read else {
        panic!("{read:?}")
    };
    assert_eq!(followed, changes, "what was shown is what followed");
    assert_eq!([1, 2].map(|of| verdict_of(&store, of)), ["releasable", "releasable"]);
    let old = store.message(number).unwrap().unwrap();
    assert_eq!((old.read_as, old.judged.unwrap().judgement), (Some(read_as), Judgement::ReadAgain));
    assert_eq!(store.message(read_as).unwrap().unwrap().observations.len(), 16);
    assert_eq!(store.unread(0, 10).unwrap(), []);
    assert!(matches!(record(&store, again()), Recorded::Duplicate { .. }));
    let head = store.feed_head();
    drop(store);
    assert_eq!(prove(&bench.path()).unwrap().verdicts, head);
}

#[test]
fn what_was_reactive_in_the_old_reading_is_counted_once() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    let mut panel = full_panel(1);
    panel[1].reading = Some(Reading::Reactive);
    let mut unreadable = panel.clone();
    unreadable[3].unaccounted = vec![unaccounted()];
    let number = number(record(&store, message("m", unreadable)));
    let proposal = propose(&store, number, Judgement::ReadAgain, "li");
    let read = read_again(&store, number, message("m", panel), Some((proposal, "wang")));
    assert!(matches!(read, ReadAgainOutcome::Read { .. }), "{read:?}");
    let reactive = facts(&store, 1).observations.into_iter();
    let reactive = reactive.filter(|found| found.observation.reading == Some(Reading::Reactive));
    assert_eq!(reactive.count(), 1, "one well never becomes two");
    assert_ne!(verdict_of(&store, 1), "releasable");
}

#[test]
fn a_message_is_not_read_again_for_nothing_or_with_other_bytes() {
    let bench = Bench::new();
    let store = bench.open();
    let number = unread(&store);
    let why = |entry| {
        let outcome = read_again(&store, number, entry, None);
        let ReadAgainOutcome::Refused(why) = outcome else { panic!("{outcome:?}") };
        why
    };
    assert!(why(message("m", panel_of_two(true))).contains("reads it as it did"));
    assert!(why(message("n", panel_of_two(false))).contains("not its bytes"));
    let mut other = message("m", panel_of_two(false));
    other.analyser = "other".to_owned();
    assert!(why(other).contains("not its bytes"));
    let accepted = propose(&store, number, Judgement::Accepted, "li");
    let entry = message("m", panel_of_two(false));
    let read = read_again(&store, number, entry, Some((accepted, "wang")));
    assert!(matches!(read, ReadAgainOutcome::Refused(ref why) if why.contains("is not that")));
    assert_ne!(verdict_of(&store, 1), "releasable");
}

#[test]
fn a_proposal_is_always_appended_and_decided_once_by_somebody_else() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    register(&store, registration(2)).unwrap();
    let first = say(&store, 1, correction("west", 1), "li");
    let again = say(&store, 1, correction("west", 1), "li");
    assert!(is_new(&first) && is_new(&again) && first != again);
    let (first, again) = (first.record(), again.record());
    let agree = |of: u32, to: i64, by: &str| say(&store, of, Statement::Agreed(to), by);
    assert!(refusal_of(agree(1, first, "li")).contains("ask somebody else"));
    assert!(refusal_of(agree(2, first, "wang")).contains("no proposal"));
    assert!(refusal_of(agree(1, 77, "wang")).contains("no proposal"));
    assert!(is_new(&agree(1, first, "wang")));
    assert!(refusal_of(agree(1, first, "chen")).contains("decided about by wang"));
    assert!(is_new(&say(&store, 1, Statement::TurnedDown(again), "li")), "withdrawn");
    assert!(refusal_of(agree(1, again, "wang")).contains("decided about by li"));
    let nothing = Matter::Amendment(Vec::new());
    let nothing = Proposal { matter: nothing, grounds: grounds(), version: 1 };
    assert!(refusal_of(say(&store, 1, Statement::Proposed(nothing), "li")).contains("nothing"));
    let Statement::Proposed(mut blank) = correction("west", 1) else { panic!("no proposal") };
    blank.grounds.text = "  ".to_owned();
    assert!(refusal_of(say(&store, 1, Statement::Proposed(blank), "li")).contains("grounds"));
}

#[test]
fn an_amendment_of_two_lifts_a_hold_and_of_one_does_not() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, seen_twice_of(1));
    record(&store, message("m", full_panel(1)));
    assert_eq!(verdict_of(&store, 1), "hold");
    let decision = store.donation(&din(1)).unwrap().unwrap().decision;
    let reasons = decision.reasons.iter().map(|reason| AmendedReason {
        code: ReasonCode::from_id(&reason.code).unwrap(),
        assay: reason.assay.as_deref().and_then(Assay::from_id),
        subject: reason.subject.clone(),
        observations: reason.observations.clone(),
        messages: reason.messages.clone(),
    });
    let matter = Matter::Amendment(reasons.collect());
    let proposal = Proposal { matter, grounds: grounds(), version: 3 };
    let proposed = say(&store, 1, Statement::Proposed(proposal), "li").record();
    assert_eq!(verdict_of(&store, 1), "hold");
    assert!(!is_new(&say(&store, 1, Statement::Agreed(proposed), "li")));
    assert_eq!(verdict_of(&store, 1), "hold");
    assert!(is_new(&say(&store, 1, Statement::Agreed(proposed), "wang")));
    assert_eq!(verdict_of(&store, 1), "releasable");
    let head = store.feed_head();
    drop(store);
    assert_eq!(prove(&bench.path()).unwrap().verdicts, head);
}

fn seen_twice_of(of: u32) -> hemogate::store::Entry {
    let sightings = vec![(din(of), "asked for at two places".to_owned())];
    hemogate::store::Entry { sightings, ..message("Q|1", Vec::new()) }
}

fn put_seen(
    store: &Store,
    of: u32,
    version: i64,
    records: Vec<(Record, String)>,
) -> Result<Vec<PutOnRecord>, StoreError> {
    let (sender, answer) = std::sync::mpsc::channel();
    let reply = Box::new(move |outcome| sender.send(outcome).unwrap());
    store.put_seen(din(of), version, records, reply);
    answer.recv().unwrap()
}

#[test]
fn fm_02_what_was_seen_in_an_old_version_is_not_put_on_record() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    let signs = |step| Record::Donation(din(1), Statement::Signature(step));
    let both = || {
        [ReviewStep::Tested, ReviewStep::Reviewed].map(|step| (signs(step), "li".to_owned())).into()
    };
    record(&store, message("m", full_panel(1)));
    let stale = put_seen(&store, 1, 1, both()).unwrap();
    assert_eq!(stale, [PutOnRecord::Stale { version: 2 }, PutOnRecord::Stale { version: 2 }]);
    assert_eq!(store.records(0, 10).unwrap(), []);
    assert!(put_seen(&store, 1, 2, both()).unwrap().iter().all(is_new));
    let unknown = put_seen(&store, 9, 1, both()).unwrap();
    assert_eq!(unknown[0], PutOnRecord::Stale { version: 0 });
}

/// Edits of two sessions at once: each is kept or refused, and none takes the other's place.
#[test]
fn fm_38_of_two_who_saw_the_same_version_the_later_is_told() {
    let bench = Bench::new();
    let store = bench.open();
    register(&store, registration(1)).unwrap();
    record(&store, message("m", full_panel(1)));
    let deferred = vec![(Record::Donation(din(1), Statement::Deferred), "li".to_owned())];
    let manual = vec![(Record::Donation(din(1), Statement::ManualPath), "wang".to_owned())];
    assert!(is_new(&put_seen(&store, 1, 2, deferred).unwrap()[0]));
    let later = put_seen(&store, 1, 2, manual).unwrap();
    assert_eq!(later, [PutOnRecord::Stale { version: 3 }]);
    let said = facts(&store, 1).statements;
    assert_eq!(said.len(), 1);
    assert_eq!((said[0].by.as_str(), &said[0].statement), ("li", &Statement::Deferred));
}
