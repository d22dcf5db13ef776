//! LIS01 with both roles at both ends: an instrument and a host that both want to send.

use std::sync::Mutex;
use std::time::Duration;

use hemogate::link::lis01::{Duplex, Settings};

use crate::explore::{every_run_ends, harms, prove, refute};
use crate::line::{Budget, Line};
use crate::lis01::grants_a_bid;
use crate::side::Seen;

fn line(budget: Budget) -> Line<Duplex, Duplex> {
    line_of(Settings::instrument(), Settings::host(), budget)
}

fn line_of(instrument: Settings, host: Settings, budget: Budget) -> Line<Duplex, Duplex> {
    Line {
        left: Duplex::new(instrument),
        right: Duplex::new(host),
        from_left: vec![b"H|\\^&\rL|1\r".to_vec()],
        from_right: vec![b"L|7\r".to_vec()],
        budget,
        left_neutral: is_neutral,
        right_neutral: is_neutral,
        accepted_is_stored: true,
        in_turns: true,
        once: true,
        right_waits: false,
        patience: Duration::MAX,
        seen: Mutex::new(Seen::default()),
    }
}

fn is_neutral(link: &Duplex) -> bool {
    link.is_neutral() && grants_a_bid(link)
}

fn harmful(most: u8) -> Budget {
    Budget { lost: true, corrupted: true, harms: most, refusals: 1, ..Budget::default() }
}

#[test]
fn both_ends_deliver_over_a_line_that_loses_and_corrupts() {
    let seen = prove(
        "LIS01 both ways, loss and corruption",
        line(Budget { again: 1, ..harmful(harms(1)) }),
    );
    assert!(seen.accepted > 0 && seen.given_up > 0);
}

#[test]
fn both_ends_deliver_however_late_the_answers() {
    let budget = Budget { late: 1, again: 1, ..harmful(harms(1)) };
    let seen = prove("LIS01 both ways, late answers", line(budget));
    assert!(seen.accepted > 0 && seen.given_up > 0);
}

/// EOT in place of ACK accepts a frame (6.3.5). It takes two harms to be misled by that: a byte of
/// a last frame becomes EOT, which ends the session at the host, and the host's own bid becomes
/// the EOT that the instrument takes for the reply.
#[test]
fn it_takes_two_harms_to_be_misled_by_an_eot() {
    let promise = "what is accepted is stored";
    assert_eq!(refute("LIS01 both ways, one harm", line(harmful(1)), promise), None);
    assert!(refute("LIS01 both ways, two harms", line(harmful(2)), promise).is_some());
}

/// After crossed bids the instrument bids again within a second (T3 6.2.7.1), and the host need
/// not wait out its 20 seconds: nobody waits longer than that one second.
#[test]
fn crossed_bids_cost_a_second_and_the_instrument_goes_first() {
    let undisturbed = Line { patience: Duration::from_secs(1), ..line(Budget::default()) };
    let seen = prove("LIS01 both ways, undisturbed", undisturbed);
    assert_eq!(seen.given_up, 0);
    let host = Settings { acknowledge_contention: true, ..Settings::host() };
    let instrument = Settings { acknowledge_contention: true, ..Settings::instrument() };
    let at_once = line_of(instrument, host, Budget::default());
    let at_once = Line { patience: Duration::ZERO, ..at_once };
    let seen = prove("LIS01 both ways, crossed bids are granted", at_once);
    assert_eq!(seen.given_up, 0);
}

/// Analysers that are switched off in the middle of a frame and begin anew with ENQ: some never
/// take a NAK for "busy", so the host can be told to grant it.
#[test]
fn a_session_begun_anew_loses_nothing() {
    for restart_on_enquiry in [false, true] {
        let host = Settings { restart_on_enquiry, ..Settings::host() };
        let budget = Budget { restarts: 1, pieces: 1, again: 1, refusals: 1, ..Budget::default() };
        let line = line_of(Settings::instrument(), host, budget);
        let name = format!("LIS01 both ways, begun anew, granted {restart_on_enquiry}");
        let seen = prove(&name, line);
        assert!(seen.accepted > 0 && seen.given_up > 0 && seen.incomplete > 0);
    }
}

/// The host asks for the line with EOT, and the instrument gives it.
#[test]
fn an_interrupt_loses_nothing() {
    let host = Settings { ask_by_interrupt: true, ..Settings::host() };
    let instrument = Settings { honour_interrupt: true, ..Settings::instrument() };
    let budget = Budget { refusals: 1, ..Budget::default() };
    let seen = prove("LIS01 both ways, interrupts", line_of(instrument, host, budget));
    assert!(seen.accepted > 0 && seen.incomplete > 0);
}

#[test]
fn every_run_comes_to_an_end() {
    let states = every_run_ends(
        "LIS01 both ways",
        &line(Budget { lost: true, harms: 1, ..Budget::default() }),
    );
    assert!(states > 100);
}
