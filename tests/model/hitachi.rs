//! Hitachi: an analyser that leads and a host that speaks only when it is asked.
//!
//! Nothing numbers the texts: every reply is a text of its own, and each can be lost or damaged.

use std::sync::Mutex;
use std::time::Duration;

use hemogate::codec::block::{Form, encode};
use hemogate::link::block::Role;
use hemogate::link::block::hitachi::{Exchange, Settings};
use hemogate::link::{Event, Link, Moment};

use crate::explore::{every_run_ends, harms, prove};
use crate::line::{Budget, Line};
use crate::side::Seen;

/// A sample of two texts and one of a single text.
fn samples() -> Vec<Vec<u8>> {
    vec![b"1N1 101\r:N1 102".to_vec(), b":N2 103".to_vec()]
}

fn line(from_right: &[&[u8]], budget: Budget) -> Line<Exchange, Exchange> {
    Line {
        left: Exchange::new(Settings::default(), Role::Instrument),
        right: Exchange::new(Settings::default(), Role::Host),
        from_left: samples(),
        from_right: from_right.iter().map(|text| text.to_vec()).collect(),
        budget,
        left_neutral: takes_a_text,
        right_neutral: takes_a_text,
        accepted_is_stored: true,
        in_turns: true,
        once: true,
        right_waits: true,
        patience: Duration::MAX,
        seen: Mutex::new(Seen::default()),
    }
}

fn takes_a_text(link: &Exchange) -> bool {
    let mut link = link.clone();
    let at_rest = link.deadline().is_none();
    let form = Form { part_end: None, ..Form::STX_ETX_BCC };
    link.receive(Moment::default(), &encode(b"?N9", false, &form));
    let is_text = |event| matches!(event, Event::Message { bytes, .. } if bytes == b"?N9");
    at_rest && std::iter::from_fn(|| link.event()).any(is_text)
}

fn harmful(most: u8) -> Budget {
    Budget { lost: true, corrupted: true, harms: most, refusals: 1, ..Budget::default() }
}

#[test]
fn over_a_line_that_loses_and_corrupts_what_is_accepted_is_stored() {
    let seen = prove("Hitachi, loss and corruption", line(&[], harmful(harms(1))));
    assert!(seen.accepted > 0 && seen.repeated > 0 && seen.checksum > 0);
}

/// The selection goes out in place of MOR: it is the reply to a text, and awaits one.
#[test]
fn a_selection_goes_out_when_it_is_its_turn() {
    let seen = prove("Hitachi with a selection", line(&[b";N3 05"], harmful(harms(1))));
    assert!(seen.accepted > 0 && seen.repeated > 0 && seen.checksum > 0);
}

/// A receipt that comes again must not be credited to the next.
#[test]
fn each_receipt_is_credited_to_its_own_selection() {
    let budget = Budget { lost: true, corrupted: true, harms: harms(1), ..Budget::default() };
    let two = line(&[b";N3 05", b";N4 06"], budget);
    let seen = prove("Hitachi with two selections", two);
    assert!(seen.accepted > 0 && seen.repeated > 0 && seen.checksum > 0);
}

#[test]
fn blocks_may_come_in_pieces() {
    let budget = Budget { pieces: 3, refusals: 1, ..Budget::default() };
    let seen = prove("Hitachi, in pieces", line(&[b";N3 05"], budget));
    assert!(seen.accepted > 0);
}

#[test]
fn every_run_comes_to_an_end() {
    let states = every_run_ends("Hitachi", &line(&[b";N3 05"], harmful(1)));
    assert!(states > 100);
}
