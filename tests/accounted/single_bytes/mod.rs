//! One byte of a transcript is changed, every byte to every other value: what is read then?
//!
//! Where a line has a checksum the change goes through the real link machine: it is refused, or
//! makes no difference. Where it has none, the message is read: there is a fault, something is
//! unaccounted, a concern holds the result, nothing differs, or the place is one of the exceptions
//! that the snapshots list. Three things may never come of it unnoticed: another valid reading of a
//! donor, the donation of somebody else, a donor out of a control.

mod change;
mod line;
mod sweep;

use std::collections::BTreeMap;

use hemogate::analyser::Framing;

use crate::bench::{Fixture, fixtures, profile};
use change::Exception;

/// What no profile can notice, because nothing in the message says it a second time: profile,
/// place, what comes of it, and why it is borne.
const DANGERS: &[(&str, &str, &str, &str)] = &[
    (
        "abbott-alinity-i",
        "SAC-3.1",
        "another registered donation",
        "the id stands once; the transport (TCP) is what protects it",
    ),
    (
        "mindray-bs",
        "OBR-2.1",
        "another registered donation",
        "the id stands once; the transport (TCP) is what protects it",
    ),
    (
        "roche-cobas-6800",
        "SAC-3.1",
        "another registered donation",
        "only where SPM-2 is empty: otherwise the two must agree",
    ),
];

fn has_checked_line(fixture: &Fixture) -> bool {
    match profile(fixture.profile).link().framing {
        Framing::Lis01 => true,
        Framing::Blocks => {
            let form = profile(fixture.profile).blocks().unwrap().form;
            form.tail.protects()
        }
        Framing::BareRecords
        | Framing::StxEtx
        | Framing::Mllp
        | Framing::MllpCommit
        | Framing::Files => false,
    }
}

#[test]
fn a_byte_changed_on_a_checked_line_is_refused_or_makes_no_difference() {
    let fixtures = fixtures(&["session", "block"]);
    let checked: Vec<&Fixture> = fixtures.iter().filter(|f| has_checked_line(f)).collect();
    let told = sweep::in_parallel(&checked, |fixture: &&Fixture| line::outcomes(fixture));
    let (mut tried, mut delivered) = (0, 0);
    for (fixture, outcome) in checked.iter().zip(told) {
        (tried, delivered) = (tried + outcome.tried, delivered + outcome.delivered);
        assert!(outcome.lost.is_empty(), "{}: {:?}", fixture.name(), outcome.lost);
        for (what, exception) in outcome.different {
            panic!("{what}: {exception:?}");
        }
    }
    println!("{tried} changes on checked lines; {delivered} times something else was delivered");
    assert!(tried > 300_000, "only {tried}");
}

#[test]
fn a_byte_changed_in_a_message_is_noticed_but_for_these_exceptions() {
    let messages = sweep::unchecked_messages();
    let found = sweep::in_parallel(&messages, sweep::exceptions);
    let mut by_profile: BTreeMap<&str, Vec<Exception>> = BTreeMap::new();
    let mut tried = 0;
    for (message, (count, exceptions)) in messages.iter().zip(found) {
        tried += count;
        by_profile.entry(message.profile).or_default().extend(exceptions);
    }
    println!("{tried} changes in messages");
    for (name, exception) in
        by_profile.iter().flat_map(|(name, all)| all.iter().map(|e| (*name, e)))
    {
        let is_listed = |(profile, place, change, _): &(&str, &str, &str, &str)| {
            (*profile, *place, *change) == (name, exception.place.as_str(), &exception.change)
        };
        let borne = !exception.is_danger || DANGERS.iter().any(is_listed);
        assert!(borne, "{name}: {exception:?}");
    }
    assert!(tried > 300_000, "only {tried}");
    if !sweep::EVERY_VALUE {
        assert_listed(&by_profile);
    }
}

/// The exceptions of each profile are those that a person has read.
fn assert_listed(by_profile: &BTreeMap<&str, Vec<Exception>>) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("../snapshots");
    settings.bind(|| {
        for (name, exceptions) in by_profile {
            insta::assert_snapshot!(format!("exceptions__{name}"), change::table(exceptions));
        }
    });
}
