//! Records without a link layer: nobody answers, so the connection is all that can be given up.
//!
//! TCP alters nothing and keeps the order. "Accepted" says that the bytes were written, and what
//! was refused is lost to its sender: that is stated here, not hidden.

use std::sync::Mutex;
use std::time::Duration;

use hemogate::link::bare::{Envelope, Records};
use hemogate::link::{Event, Link, Moment};

use crate::explore::{every_run_ends, prove, refute};
use crate::line::{Budget, Line};
use crate::side::Seen;

const ENVELOPES: [Envelope; 2] = [Envelope::None, Envelope::StxEtx];

fn line(envelope: Envelope, budget: Budget) -> Line<Records, Records> {
    let link = Records::new(envelope, Duration::from_secs(30));
    Line {
        left: link.clone(),
        right: link,
        from_left: vec![b"H|\\^&\rR|1\rL|1\r".to_vec(), b"H|\\^&\rL|2\r".to_vec()],
        from_right: vec![b"H|\\^&\rL|7\r".to_vec()],
        budget,
        left_neutral: takes_a_message,
        right_neutral: takes_a_message,
        accepted_is_stored: false,
        in_turns: false,
        once: true,
        right_waits: false,
        patience: Duration::MAX,
        seen: Mutex::new(Seen::default()),
    }
}

fn takes_a_message(link: &Records) -> bool {
    let mut link = link.clone();
    let at_rest = link.deadline().is_none() && !link.must_close();
    link.receive(Moment::default(), b"\x02H|9\rL|9\r\x03");
    let is_message =
        |event| matches!(event, Event::Message { bytes, .. } if bytes == b"H|9\rL|9\r");
    at_rest && std::iter::from_fn(|| link.event()).any(is_message)
}

/// Pieces, refusals, and connections that break; with an envelope also silences between pieces.
/// (Without one, what comes after a silence is delivered as it is, without the beginning that the
/// reader asks for.)
#[test]
fn nothing_is_altered_or_stored_twice() {
    for envelope in ENVELOPES {
        let budget = Budget {
            pieces: 2,
            overtaken: u8::from(envelope == Envelope::StxEtx),
            late: 1,
            refusals: 1,
            reconnects: 1,
            again: 1,
            ..Budget::default()
        };
        let seen = prove(&format!("bare records, {envelope:?}"), line(envelope, budget));
        assert!(seen.accepted > 0 && seen.incomplete > 0);
    }
}

/// What the profile option costs, as `check` says: written is not stored.
#[test]
fn nobody_can_tell_what_was_refused() {
    for envelope in ENVELOPES {
        let refused = Budget { refusals: 1, ..Budget::default() };
        let strict = Line { accepted_is_stored: true, ..line(envelope, refused) };
        let promise = "what is accepted is stored";
        assert!(refute(&format!("bare records, {envelope:?}"), strict, promise).is_some());
    }
}

#[test]
fn every_run_comes_to_an_end() {
    for envelope in ENVELOPES {
        let budget = Budget { pieces: 1, refusals: 1, reconnects: 1, ..Budget::default() };
        let states =
            every_run_ends(&format!("bare records, {envelope:?}"), &line(envelope, budget));
        assert!(states > 100);
    }
}
