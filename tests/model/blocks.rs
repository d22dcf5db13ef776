//! Block protocols with ACK and NAK: analysers of the PK and of the AU kind, and their host.
//!
//! Their blocks have no numbers: a text that comes again is known by being the same.

use std::sync::Mutex;
use std::time::Duration;

use hemogate::codec::block::{Form, encode};
use hemogate::link::block::{Exchange, Role, au, pk};
use hemogate::link::{Event, Link, Moment};

use crate::explore::{every_run_ends, harms, prove, refute};
use crate::line::{Budget, Line};
use crate::side::Seen;

/// A record of which the first 53 bytes are its header, the number of its part, and data.
fn text(donation: u8, rest: &str) -> Vec<u8> {
    let header = format!("D 15210120260101       G12349865432{donation}");
    format!("{header:<53}{rest}").into_bytes()
}

/// A text of two blocks and one of a single block.
fn pk(budget: Budget) -> Line<Exchange, Exchange> {
    let settings = pk::Settings { text_max: 53 + 7, ..pk::Settings::default() };
    let both = [Role::Instrument, Role::Host].map(|role| settings.clone().exchange(role));
    line(both, vec![text(1, "00ABO2 O"), text(2, "EEABO2")], Vec::new(), budget)
}

/// Results of the analyser, and a selection of tests that may cross them. What was said in
/// between hides that a text comes again: the second copy is found out by its content.
fn au(budget: Budget) -> Line<Exchange, Exchange> {
    Line { once: false, ..au_sending(&[b"D 000101 0001 12", b"D 000102 0002 13"], budget) }
}

fn au_sending(texts: &[&[u8]], budget: Budget) -> Line<Exchange, Exchange> {
    let settings = au::Settings::default();
    let both = [Role::Instrument, Role::Host].map(|role| settings.clone().exchange(role));
    let selection = b"S 000103 0003 05".to_vec();
    line(both, texts.iter().map(|text| text.to_vec()).collect(), vec![selection], budget)
}

fn line(
    [left, right]: [Exchange; 2],
    from_left: Vec<Vec<u8>>,
    from_right: Vec<Vec<u8>>,
    budget: Budget,
) -> Line<Exchange, Exchange> {
    Line {
        left,
        right,
        from_left,
        from_right,
        budget,
        left_neutral: takes_a_text,
        right_neutral: takes_a_text,
        accepted_is_stored: true,
        // The NAK of a damaged block may be said when the next has come, which is then delivered.
        in_turns: false,
        once: true,
        right_waits: false,
        patience: Duration::MAX,
        seen: Mutex::new(Seen::default()),
    }
}

fn takes_a_text(link: &Exchange) -> bool {
    let mut link = link.clone();
    let at_rest = link.deadline().is_none();
    let another = text(9, "EEABO9");
    link.receive(Moment::default(), &encode(&another, false, &Form::STX_ETX_BCC));
    let is_text = |event| matches!(event, Event::Message { bytes, .. } if bytes == another);
    at_rest && std::iter::from_fn(|| link.event()).any(is_text)
}

fn harmful(most: u8) -> Budget {
    Budget { lost: true, corrupted: true, harms: most, refusals: 1, ..Budget::default() }
}

#[test]
fn over_a_line_that_loses_and_corrupts_what_is_accepted_is_stored() {
    let seen = prove("PK, loss and corruption", pk(harmful(harms(2))));
    assert!(seen.accepted > 0 && seen.given_up > 0);
}

#[test]
fn results_and_selections_may_collide_on_a_line_that_loses_and_corrupts() {
    let seen = prove("AU both ways, loss and corruption", au(harmful(harms(1))));
    assert!(seen.accepted > 0 && seen.given_up > 0 && seen.repeated > 0 && seen.checksum > 0);
}

/// Without texts of the other end in between, a text that comes again is known.
#[test]
fn results_alone_are_stored_once_on_a_line_that_loses_and_corrupts() {
    let only = Line { from_right: Vec::new(), once: true, ..au(harmful(harms(2))) };
    let seen = prove("AU, loss and corruption", only);
    assert!(seen.accepted > 0 && seen.given_up > 0 && seen.repeated > 0);
}

#[test]
fn however_late_the_owner_answers_what_is_accepted_is_stored() {
    let budget = Budget { late: 3, refusals: 1, again: 1, ..Budget::default() };
    let seen = prove("PK, late answers", pk(budget));
    assert!(seen.accepted > 0);
    let seen = prove("AU both ways, late answers", au(Budget { late: 2, ..budget }));
    assert!(seen.accepted > 0 && seen.given_up > 0);
}

#[test]
fn blocks_may_come_in_pieces_with_anything_in_between() {
    let budget = Budget { pieces: 2, overtaken: 1, ..harmful(harms(1)) };
    let line = Line { accepted_is_stored: false, ..pk(budget) };
    let seen = prove("PK, in pieces", line);
    assert!(seen.accepted > 0 && seen.given_up > 0 && seen.other_faults > 0);
    let budget = Budget { pieces: 2, refusals: 1, ..Budget::default() };
    let seen = prove("AU both ways, in pieces", au(budget));
    assert!(seen.accepted > 0);
}

/// Whoever asks again wants an answer: a question is never taken for a repetition.
#[test]
fn a_question_that_comes_again_is_asked_again() {
    let asking = || au_sending(&[b"R 000101 0001"], harmful(1));
    let twice = "one transfer is stored at most once";
    assert!(refute("AU, a question", asking(), twice).is_some());
    let seen = prove("AU, a question", Line { once: false, ..asking() });
    assert!(seen.accepted > 0 && seen.stored_again > 0);
}

#[test]
fn every_run_comes_to_an_end() {
    let budget = Budget { lost: true, harms: 1, ..Budget::default() };
    let states = every_run_ends("PK", &pk(budget));
    assert!(states > 20);
    let states = every_run_ends("AU both ways", &au(budget));
    assert!(states > 100);
}
