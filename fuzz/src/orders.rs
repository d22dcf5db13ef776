//! Questions of every shipped analyser, and what it is told to do.

use std::collections::BTreeSet;

use hemogate::analyser::{Analyser, OrderMessage, Stamp};
use hemogate::domain::{
    Ask, AskedId, AskedSpecimen, Assay, DonationNumberScheme, OrderedTest, Query, WorkOrder,
};

use super::meaning::{analysers, messages};

/// Any bytes read as a question and answered with any work: never a test for anything but a
/// donation number that was asked about, no order twice, and what was work for something else
/// leaves no trace in the answer.
pub fn answers(data: &[u8]) {
    for message in messages(data) {
        for analyser in analysers() {
            let Some(query) = analyser.read(message).query else { continue };
            beyond_doubt(&query);
            for work in works(&query) {
                answered(analyser, &query, &work);
            }
        }
    }
}

/// A donation's number is read from the very id that is repeated, stands at one place, and is no
/// rack's.
fn beyond_doubt(query: &Query) {
    let Ask::Specimens(specimens) = &query.ask else { return };
    let mut donations = BTreeSet::new();
    for specimen in specimens {
        let Some(din) = specimen.id.donation() else { continue };
        assert!(donations.insert(din.clone()), "{din} at two places: {query:?}");
        if let Some(id) = specimen.echoed(AskedSpecimen::ID) {
            let scanned = DonationNumberScheme::Isbt128.parse(id.trim());
            assert_eq!(scanned.ok().map(|scanned| scanned.din).as_ref(), Some(din), "{query:?}");
        }
        let is_rack = |other: &AskedSpecimen| other.rack.as_deref() == Some(din.as_str());
        assert!(!specimens.iter().any(is_rack), "{din} is a rack's: {query:?}");
    }
}

/// Work that nobody would give and work that everybody would: for each place in its turn, moved by
/// one place, the first's for all, and for specimens of every kind that were not asked about.
fn works(query: &Query) -> Vec<Vec<WorkOrder>> {
    let asked = match &query.ask {
        Ask::Specimens(specimens) => specimens.clone(),
        Ask::Range { from, to } => [from, to].map(|id| specimen(scanned(id))).into(),
        Ask::All | Ask::Cancel => Vec::new(),
    };
    let of = |specimens: &[AskedSpecimen]| -> Vec<WorkOrder> {
        (0..).zip(specimens).map(|(place, specimen)| work(place, specimen)).collect()
    };
    let mut moved = asked.clone();
    moved.rotate_left(usize::from(!asked.is_empty()));
    let first: Vec<_> = asked.first().into_iter().cycle().take(asked.len()).cloned().collect();
    let mixed = [strangers(), asked.clone()].concat();
    vec![of(&asked), of(&moved), of(&first), of(&strangers()), of(&mixed), Vec::new()]
}

/// One of each kind of id.
fn strangers() -> Vec<AskedSpecimen> {
    let text = || "G123498654321".to_owned();
    let donation = scanned("G123498654321");
    let others = [
        AskedId::Blank,
        AskedId::Unread(text()),
        AskedId::Unknown(text()),
        AskedId::Ambiguous(text()),
    ];
    [donation].into_iter().chain(others).map(specimen).collect()
}

fn scanned(id: &str) -> AskedId {
    match DonationNumberScheme::Isbt128.parse(id.trim()) {
        Ok(scanned) => AskedId::Donation(scanned.din),
        Err(_) => AskedId::Unknown(id.to_owned()),
    }
}

fn specimen(id: AskedId) -> AskedSpecimen {
    AskedSpecimen { id, rack: None, position: None, echo: Vec::new() }
}

/// Every assay, the first of them twice.
fn work(place: usize, specimen: &AskedSpecimen) -> WorkOrder {
    let test = |(number, assay): (usize, Assay)| {
        let count = if number == 0 { 2 } else { 1 };
        let order_ids = (0..count).map(|which| format!("{place}-{number}-{which}")).collect();
        OrderedTest { assay, order_ids }
    };
    let tests = Assay::ALL.into_iter().enumerate().map(test).collect();
    WorkOrder { specimen: specimen.clone(), tests }
}

fn answered(analyser: &Analyser, query: &Query, work: &[WorkOrder]) {
    let answer = analyser.answer(query, work, stamp());
    let asked = |place: usize, work: &WorkOrder| match &query.ask {
        Ask::Specimens(specimens) => specimens.get(place) == Some(&work.specimen),
        Ask::Range { .. } | Ask::All => true,
        Ask::Cancel => false,
    };
    let (with, without) = allowed(work, asked);
    ordered(analyser, &answer.messages, &with);
    let same = analyser.answer(query, &without, stamp());
    assert_eq!(answer, same, "{}: {query:?} and {work:?}", analyser.id());
    let (with, without) = allowed(work, |_, _| true);
    for (told, same) in [
        (analyser.announce(work, stamp()), analyser.announce(&without, stamp())),
        (analyser.cancel(work, stamp()), analyser.cancel(&without, stamp())),
    ] {
        ordered(analyser, &told, &with);
        assert_eq!(told, same, "{}: unasked, {work:?}", analyser.id());
    }
}

/// The orders that may go out, and the same work without all others.
fn allowed(
    work: &[WorkOrder],
    asked: impl Fn(usize, &WorkOrder) -> bool,
) -> (BTreeSet<&str>, Vec<WorkOrder>) {
    let mut with = BTreeSet::new();
    let mut without = work.to_vec();
    for (place, (own, rest)) in work.iter().zip(&mut without).enumerate() {
        if matches!(own.specimen.id, AskedId::Donation(_)) && asked(place, own) {
            with.extend(own.tests.iter().flat_map(|test| &test.order_ids).map(String::as_str));
        } else {
            rest.tests.clear();
        }
    }
    (with, without)
}

fn ordered(analyser: &Analyser, messages: &[OrderMessage], allowed: &BTreeSet<&str>) {
    let mut told = BTreeSet::new();
    for message in messages {
        assert!(!message.bytes.is_empty());
        for id in &message.order_ids {
            assert!(allowed.contains(id.as_str()), "{}: order {id}: {message:?}", analyser.id());
            assert!(told.insert(id), "{}: order {id} twice: {messages:?}", analyser.id());
        }
        let _ = analyser.read(&message.bytes);
    }
}

fn stamp() -> Stamp {
    Stamp { time: "2026-01-05T12:00:00Z".parse().expect("it is a time"), serial: 7 }
}
