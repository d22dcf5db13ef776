//! LIS01: the real sender and the real receiver.

use std::sync::Mutex;

use hemogate::codec::lis01::{ACK, ENQ};
use hemogate::link::lis01::{Packing, Receiver, Role, Sender};
use hemogate::link::{Link, Moment};

use crate::explore::{harms, prove, refute};
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
fn a_line_that_loses_and_corrupts() {
    let seen = prove("LIS01, loses and corrupts", line(harmful(harms(2))));
    assert!(seen.accepted > 0 && seen.repeated > 0 && seen.checksum > 0);
}

#[test]
fn an_owner_who_is_late() {
    let seen = prove("LIS01, late", line(Budget { late: 4, ..harmful(harms(1)) }));
    assert!(seen.accepted > 0);
}

#[test]
fn anything() {
    let budget = Budget { late: 1, overtaken: 2, repeated: true, doubled_right: true, ..harmful(harms(1)) };
    let seen = prove("LIS01, anything", Line { accepted_is_stored: false, ..line(budget) });
    assert!(seen.accepted > 0);
}
