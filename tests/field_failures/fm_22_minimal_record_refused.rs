//! FM-22: a valid minimal header was refused, empty fields were refused, and then the
//! retransmission was refused as already received. Here any legal minimal record is accepted, and
//! nothing counts as received before it was accepted.

use rusqlite::Connection;

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::{Lis01, Sent};

#[test]
fn fm_22_minimal_headers_and_empty_fields_are_accepted() {
    let bench = Bench::start();
    for (at, header) in ["H|\\^&\r", "H|\\^&|\r", "H|\\^&||||||||||||\r"].iter().enumerate() {
        let din = messages::din(at as u32);
        let time = "20260105115617";
        let full = messages::e601(&din, 515, -1, "0.30", time);
        let rest = full.split_once('\r').unwrap().1.replace("P|1|||||||U||||||^\r", "P|1\r");
        bench.astm("serology", &format!("{header}{rest}"));
        let donation = bench.daemon.donation(&din);
        assert_eq!(donation["observations"][0]["reading"], "nonreactive", "{header:?}: {donation}");
    }
}

#[test]
fn fm_22_a_refused_message_is_accepted_when_it_comes_again() {
    let bench = Bench::start();
    let din = messages::din(9);
    let message = messages::e601_clean(&din);
    let lock = Connection::open(bench.folder.path().join("hemogate.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut line = Lis01::dial(bench.daemon.address("serology")).unwrap();
    assert_eq!(refused_once(&mut line, &message), Sent::Refused);
    lock.execute_batch("ROLLBACK").unwrap();
    bench.until("it is accepted", |bench| {
        let mut line = Lis01::dial(bench.daemon.address("serology")).unwrap();
        line.send(&message) == Sent::Acknowledged
    });
    let donation = bench.daemon.donation(&din);
    assert_eq!(donation["observations"].as_array().unwrap().len(), 4);
}

/// Sends a message and gives up at the first NAK, as an impatient analyser does.
fn refused_once(line: &mut Lis01, message: &str) -> Sent {
    line.write(&[0x05]).unwrap();
    assert_eq!(line.reply().unwrap(), 0x06);
    for frame in crate::support::wire::frames(message, 1) {
        line.write(&frame).unwrap();
        if line.reply().unwrap() != 0x06 {
            line.write(&[0x04]).unwrap();
            return Sent::Refused;
        }
    }
    line.write(&[0x04]).unwrap();
    Sent::Acknowledged
}
