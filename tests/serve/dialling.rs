//! Analysers that we dial.

use std::net::TcpListener;

use crate::bench::{BS, Bench, E601};
use crate::wire::{Wire, bs_alt, e601_panel, frames};

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, format!("tcp_connect = \"localhost:{port}\"\n"))
}

fn answer(listener: &TcpListener) -> Wire<std::net::TcpStream> {
    Wire::accepted(listener.accept().unwrap().0)
}

#[test]
fn an_analyser_that_waits_is_dialled_and_heard() {
    let (listener, line) = listener();
    let bench = Bench::new(&format!("{E601}{line}"));
    answer(&listener).send_session(&frames(1, &e601_panel("D0000000001")));
    assert_eq!(bench.observations("D0000000001").len(), 4);
}

#[test]
fn a_lost_line_is_dialled_again_and_what_was_half_received_is_kept() {
    let (listener, line) = listener();
    let bench = Bench::new(&format!("{E601}{line}"));
    let panel = frames(1, &e601_panel("D0000000001"));
    let mut wire = answer(&listener);
    wire.send_frames(&panel[..2]);
    drop(wire);
    answer(&listener).send_session(&panel);
    assert_eq!(bench.observations("D0000000001").len(), 4);
    assert!(bench.metric(r#"hemogate_reconnects_total{analyser="e601"}"#) >= 1);
}

#[test]
fn an_analyser_that_is_switched_on_late_is_found() {
    let (taken, line) = listener();
    let address = taken.local_addr().unwrap();
    drop(taken);
    let bench = Bench::new(&format!("{BS}{line}"));
    let reconnects = r#"hemogate_reconnects_total{analyser="bs"}"#;
    bench.until("it was dialled in vain", |bench| bench.metric(reconnects) >= 1);
    let listener = TcpListener::bind(address).unwrap();
    assert_eq!(answer(&listener).send_block(&bs_alt("1", "D0000000001", "20")), "AA");
    assert_eq!(bench.observations("D0000000001").len(), 1);
}

#[test]
fn an_analyser_that_is_away_does_not_keep_another_waiting() {
    let (taken, away) = listener();
    drop(taken);
    let (listener, line) = listener();
    let bench = Bench::new(&format!("{BS}{away}{E601}{line}"));
    answer(&listener).send_session(&frames(1, &e601_panel("D0000000001")));
    assert_eq!(bench.observations("D0000000001").len(), 4);
}
