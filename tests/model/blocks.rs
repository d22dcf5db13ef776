//! Block protocols with ACK and NAK: an analyser of the PK kind and its host.
//!
//! Their blocks have no numbers: a text that comes again is known by being the same.

use std::sync::Mutex;
use std::time::Duration;

use hemogate::codec::block::{Form, encode};
use hemogate::link::block::{Exchange, Role, pk};
use hemogate::link::{Event, Link, Moment};

use crate::explore::{every_run_ends, harms, prove};
use crate::line::{Budget, Line};
use crate::side::Seen;

/// A record of which the first 53 bytes are its header.
fn text(number: u8) -> Vec<u8> {
    format!("{:<53}EEABO {number}", "D 15210120260101       G123498654321").into_bytes()
}

fn line(budget: Budget) -> Line<Exchange, Exchange> {
    Line {
        left: pk::Settings::default().exchange(Role::Instrument),
        right: pk::Settings::default().exchange(Role::Host),
        from_left: vec![text(1), text(2)],
        from_right: Vec::new(),
        budget,
        left_neutral: |link| link.deadline().is_none(),
        right_neutral: takes_a_text,
        accepted_is_stored: true,
        // The NAK of a damaged block may be said after the next block came, which is then
        // delivered.
        in_turns: false,
        patience: Duration::MAX,
        seen: Mutex::new(Seen::default()),
    }
}

fn takes_a_text(link: &Exchange) -> bool {
    let mut link = link.clone();
    link.receive(Moment::default(), &encode(&text(9), false, &Form::STX_ETX_BCC));
    let delivered = std::iter::from_fn(|| link.event());
    delivered
        .into_iter()
        .any(|event| matches!(event, Event::Message { bytes, .. } if bytes == text(9)))
}

#[test]
fn over_a_line_that_loses_and_corrupts_what_is_accepted_is_stored() {
    let most = harms(2);
    let budget =
        Budget { lost: true, corrupted: true, harms: most, refusals: 1, ..Budget::default() };
    let seen = prove("PK, loss and corruption", line(budget));
    assert!(seen.accepted > 0 && seen.given_up > 0);
}

#[test]
fn however_late_the_owner_answers_what_is_accepted_is_stored() {
    let budget = Budget { late: 3, refusals: 1, again: 1, ..Budget::default() };
    let seen = prove("PK, late answers", line(budget));
    assert!(seen.accepted > 0);
}

#[test]
fn every_run_comes_to_an_end() {
    let states = every_run_ends(&line(Budget { lost: true, harms: 1, ..Budget::default() }));
    println!("PK: none of {states} states is on a way back to itself");
    assert!(states > 20);
}
