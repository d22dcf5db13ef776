//! FM-42: a positive acknowledgement was sent although the database was down. Here no commit means
//! no acknowledgement, somebody is told, and it recovers by itself when the cause is gone.

use rusqlite::Connection;

use crate::support::bench::Bench;
use crate::support::messages;
use crate::support::wire::{Lis01, Sent};

#[test]
fn fm_42_no_acknowledgement_while_another_process_holds_the_database() {
    let bench = Bench::start();
    let lock = Connection::open(bench.folder.path().join("hemogate.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let din = messages::din(1);
    let alt = messages::mindray_alt(&din, "22", "1");
    assert_eq!(bench.hl7("alt", &alt, "1"), Sent::Refused);
    let (status, problem) = bench.daemon.get("/readyz");
    assert_eq!(status, 503, "{problem}");
    assert_eq!(bench.daemon.get(&format!("/api/v1/donations/{din}")).0, 404, "nothing was stored");
    lock.execute_batch("ROLLBACK").unwrap();
    assert_eq!(bench.hl7("alt", &alt, "1"), Sent::Acknowledged);
    assert_eq!(bench.daemon.get("/readyz").0, 200);
    assert_eq!(bench.daemon.donation(&din)["observations"].as_array().unwrap().len(), 1);
}

#[test]
fn fm_42_an_astm_analyser_is_refused_and_sends_again() {
    let bench = Bench::start();
    let din = messages::din(2);
    let lock = Connection::open(bench.folder.path().join("hemogate.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut line = Lis01::dial(bench.daemon.address("serology")).unwrap();
    let message = messages::e601_clean(&din);
    line.write(&[0x05]).unwrap();
    assert_eq!(line.reply().unwrap(), 0x06);
    let frames = crate::support::wire::frames(&message, 1);
    let (last, before) = frames.split_last().unwrap();
    for frame in before {
        line.write(frame).unwrap();
        assert_eq!(line.reply().unwrap(), 0x06);
    }
    line.write(last).unwrap();
    assert_eq!(line.reply().unwrap(), 0x15, "the frame that completes the message is refused");
    lock.execute_batch("ROLLBACK").unwrap();
    line.write(last).unwrap();
    assert_eq!(line.reply().unwrap(), 0x06, "and accepted when it comes again");
    line.write(&[0x04]).unwrap();
    assert_eq!(bench.daemon.donation(&din)["observations"].as_array().unwrap().len(), 4);
}
