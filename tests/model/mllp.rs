//! MLLP: the real client and the real receiver on connections that are slow, break and repeat.
//!
//! TCP alters nothing and keeps the order, so corruption is left out: MLLP has no checksum and
//! promises nothing there.

use std::sync::Mutex;
use std::time::Duration;

use hemogate::link::mllp::{Client, Duplex, Receiver, Settings};
use hemogate::link::{Event, Link, Moment};

use crate::explore::{every_run_ends, harms, prove};
use crate::line::{Budget, Line};
use crate::side::Seen;

fn message(control_id: u8) -> Vec<u8> {
    format!("MSH|^~\\&|A|B|||2026||ORU^R01|{control_id}|P|2.5.1\rOBX|1\r").into_bytes()
}

pub fn line(budget: Budget) -> Line<Client, Receiver> {
    Line {
        left: Client::new(Duration::from_secs(5)),
        right: Receiver::new(|| "20260101120000".to_owned()),
        from_left: vec![message(1), message(2), message(3)],
        from_right: Vec::new(),
        budget,
        left_neutral: |client| client.deadline().is_none() && !client.must_close(),
        right_neutral: takes_a_block,
        accepted_is_stored: true,
        in_turns: true,
        once: true,
        right_waits: false,
        patience: Duration::MAX,
        seen: Mutex::new(Seen::default()),
    }
}

fn takes_a_block(receiver: &Receiver) -> bool {
    let mut receiver = receiver.clone();
    receiver.receive(Moment::default(), b"\x0bMSH\x1c\r");
    matches!(receiver.event(), Some(Event::Message { bytes, .. }) if bytes == b"MSH")
}

/// Acknowledgements that come late, twice or not at all, connections that break, answers that are
/// late, and messages that are sent again under their control id.
#[test]
fn an_acknowledgement_is_credited_to_its_own_message_only() {
    let budget = Budget {
        lost: true,
        repeated_left: true,
        doubled_left: true,
        harms: harms(1),
        overtaken: 1,
        late: 1,
        refusals: 1,
        again: 1,
        reconnects: 1,
        ..Budget::default()
    };
    let seen = prove("MLLP", line(budget));
    assert!(seen.accepted > 0 && seen.given_up > 0 && seen.stored_again > 0);
}

#[test]
fn every_run_comes_to_an_end() {
    let budget = Budget { late: 1, overtaken: 1, reconnects: 1, ..Budget::default() };
    let states = every_run_ends("MLLP", &line(budget));
    assert!(states > 100);
}

/// Both ends send and receive on one connection, with and without the commits of release 2.
#[test]
fn results_and_orders_cross_on_one_connection() {
    for commit in [false, true] {
        let settings = Settings::new(|| "20260101120000".to_owned(), Duration::from_secs(5));
        let link = Duplex::new(Settings { commit, ..settings });
        let budget =
            Budget { late: 1, overtaken: 1, refusals: 1, reconnects: 1, ..Budget::default() };
        let both = Line {
            left: link.clone(),
            right: link,
            from_left: vec![message(1), message(2)],
            from_right: vec![order(7)],
            budget,
            left_neutral: delivers_a_block,
            right_neutral: delivers_a_block,
            accepted_is_stored: true,
            in_turns: false,
            once: true,
            right_waits: false,
            patience: Duration::MAX,
            seen: Mutex::new(Seen::default()),
        };
        let seen = prove(&format!("MLLP both ways, commits {commit}"), both);
        assert!(seen.accepted > 0 && seen.given_up > 0);
    }
}

fn order(control_id: u8) -> Vec<u8> {
    format!("MSH|^~\\&|B|A|||2026||OML^O33|{control_id}|P|2.5.1\rORC|NW\r").into_bytes()
}

fn delivers_a_block(link: &Duplex) -> bool {
    let mut link = link.clone();
    link.receive(Moment::default(), &[b"\x0b", &message(9)[..], b"\x1c\r"].concat());
    matches!(link.event(), Some(Event::Message { bytes, .. }) if bytes == message(9))
}
