//! LIS01: the real sender and the real receiver.

use std::sync::Mutex;
use std::time::Duration;

use hemogate::codec::lis01::{ACK, ENQ};
use hemogate::link::lis01::{Packing, Receiver, Role, Sender};
use hemogate::link::{Link, Moment};

use crate::explore::{every_run_ends, harms, prove, refute};
use crate::line::{Budget, Line};
use crate::side::Seen;

/// A message of two frames and one of a single frame.
pub fn messages() -> Vec<Vec<u8>> {
    vec![b"H|\\^&\rL|1\r".to_vec(), b"L|2\r".to_vec()]
}

pub fn sender() -> Sender {
    Sender::new(Role::Instrument, 240, Packing::RecordPerFrame)
}

/// No timer runs.
pub fn at_rest<L: Link>(link: &L) -> bool {
    link.deadline().is_none()
}

/// A bid is granted.
pub fn grants_a_bid<L: Link + Clone>(link: &L) -> bool {
    let mut link = link.clone();
    let at_rest = at_rest(&link);
    link.receive(Moment::default(), &[ENQ]);
    at_rest && link.transmit().as_deref() == Some(&[ACK])
}

pub fn line(budget: Budget) -> Line<Sender, Receiver> {
    Line {
        left: sender(),
        right: Receiver::new(),
        from_left: messages(),
        from_right: Vec::new(),
        budget,
        left_neutral: at_rest,
        right_neutral: grants_a_bid,
        accepted_is_stored: true,
        in_turns: true,
        once: true,
        right_waits: false,
        patience: Duration::MAX,
        seen: Mutex::new(Seen::default()),
    }
}

/// Loss, corruption, replies read twice, refusals, and messages that are handed over again.
fn harmful(most: u8) -> Budget {
    Budget {
        lost: true,
        corrupted: true,
        doubled_left: true,
        harms: most,
        refusals: 1,
        again: 1,
        ..Budget::default()
    }
}

#[test]
fn over_a_line_that_loses_and_corrupts_what_is_accepted_is_stored() {
    let seen = prove("LIS01, loss and corruption", line(harmful(harms(2))));
    assert!(seen.accepted > 0 && seen.given_up > 0 && seen.stored_again > 0);
    assert!(seen.checksum > 0 && seen.repeated > 0 && seen.incomplete > 0);
}

/// The commit may take longer than the sender waits, again and again.
#[test]
fn however_late_the_owner_answers_what_is_accepted_is_stored() {
    let seen = prove("LIS01, late answers", line(Budget { late: 4, ..harmful(harms(1)) }));
    assert!(seen.accepted > 0 && seen.given_up > 0 && seen.stored_again > 0);
}

/// Whatever the line does: also frames and replies that come twice, and bytes that a timer
/// overtakes. Only the sender can be misled then, see below.
#[test]
fn over_any_line_nothing_is_altered_stored_twice_or_left_hanging() {
    let any = Budget {
        late: 1,
        overtaken: 1,
        repeated_left: true,
        repeated_right: true,
        doubled_right: true,
        ..harmful(harms(1))
    };
    let seen = prove("LIS01, anything", Line { accepted_is_stored: false, ..line(any) });
    assert!(seen.accepted > 0 && seen.given_up > 0 && seen.repeated > 0);
}

/// Replies of LIS01 have no numbers. Where a line doubles frames or replies, or holds a reply back
/// for longer than the standard's timers, no sender can tell which frame a reply means. The
/// explorer finds such ways, which also shows that it would find others.
#[test]
fn what_no_sender_can_tell_is_known() {
    let base = Budget { harms: 1, refusals: 1, ..Budget::default() };
    let beyond = [
        ("a frame comes twice", Budget { doubled_right: true, ..base }),
        (
            "a transmission comes twice, apart",
            Budget { repeated_left: true, repeated_right: true, ..base },
        ),
        ("a timer overtakes bytes", Budget { overtaken: 4, again: 1, ..base }),
    ];
    for (name, budget) in beyond {
        assert!(refute(name, line(budget), "what is accepted is stored").is_some(), "{name}");
    }
}

/// Three bytes in a row: EOT becomes ENQ, the bid behind it becomes EOT, and in the frame that
/// follows a byte becomes ENQ. Each is taken for what it looks like, and the ACKs fit.
#[test]
fn it_takes_three_harms_to_be_misled() {
    let corrupted = |harms| Budget { corrupted: true, harms, ..Budget::default() };
    let promise = "what is accepted is stored";
    assert_eq!(refute("LIS01, two harms", line(corrupted(2)), promise), None);
    assert!(refute("LIS01, three harms", line(corrupted(3)), promise).is_some());
}

#[test]
fn every_run_comes_to_an_end() {
    let states = every_run_ends("LIS01", &line(Budget { late: 1, ..harmful(1) }));
    assert!(states > 1_000);
}
