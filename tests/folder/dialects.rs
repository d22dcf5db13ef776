//! What is in a file goes the way that it goes on a wire, in its envelope or without.

use std::path::Path;

use super::bench::{Drop, MARKED, UNMARKED};
use super::support::messages::{din, e601_clean, mindray_alt};

/// One LIS01 frame for each record, as on a line.
fn framed(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x05];
    for (at, record) in text.split_inclusive('\r').enumerate() {
        let body = format!("{}{record}\x03", (at + 1) % 8);
        let sum = body.bytes().fold(0_u8, u8::wrapping_add);
        bytes.extend(format!("\x02{body}{sum:02X}\r\n").bytes());
    }
    bytes.push(0x04);
    bytes
}

#[test]
fn several_messages_in_a_file_are_several_messages() {
    let drop = Drop::e601(MARKED);
    let text: String = (1..=3).map(|number| e601_clean(&din(number)) + "\r\n").collect();
    drop.drop("three.txt", format!("{text}[end]\r\n"));
    drop.until("it is done", |drop| drop.in_done() == ["three.txt"]);
    assert!((1..=3).all(|number| drop.observations(&din(number)) == 4));
    assert_eq!(drop.new_messages(), 3);
    let stored = r#"hemogate_messages_total{analyser="files",outcome="stored"}"#;
    assert_eq!(drop.bench.metric(stored), Some(3));
}

#[test]
fn frames_in_a_file_are_checked_like_frames_on_a_line() {
    let drop = Drop::e601(UNMARKED);
    let mut two = framed(&e601_clean(&din(1)));
    two.extend(framed(&e601_clean(&din(2))));
    drop.drop("two.txt", &two);
    drop.until("it is done", |drop| drop.in_done() == ["two.txt"]);
    assert!((1..=2).all(|number| drop.observations(&din(number)) == 4));
    let mut damaged = framed(&e601_clean(&din(3)));
    let digit = damaged.iter().rposition(|byte| *byte == b'8').unwrap();
    damaged[digit] = b'9';
    drop.drop("damaged.txt", &damaged);
    drop.until("it is refused", |drop| drop.in_refused().len() == 2);
    let why = std::fs::read_to_string(drop.refused("damaged.txt.why.txt")).unwrap();
    assert!(why.contains("checksum"), "{why}");
    assert_eq!(drop.observations(&din(3)), 0, "a message that is cut off is no result");
    let unread = drop.unread();
    assert_eq!(unread.len(), 2, "what was whole of it, and all of it: {unread:?}");
}

#[test]
fn hl7_is_taken_with_and_without_blocks() {
    let drop = Drop::with("mindray-bs", UNMARKED);
    let message = |number: u32| mindray_alt(&din(number), "22", &number.to_string());
    drop.drop("bare.txt", message(1) + &message(2));
    drop.drop("blocks.txt", format!("\x0b{}\x1c\r\x0b{}\x1c\r", message(3), message(4)));
    drop.until("both are done", |drop| drop.in_done() == ["bare.txt", "blocks.txt"]);
    assert!((1..=4).all(|number| drop.observations(&din(number)) == 1));
    assert_eq!(drop.new_messages(), 4);
}

#[test]
fn the_wire_of_another_dialect_is_refused() {
    let drop = Drop::with("mindray-bs", UNMARKED);
    drop.drop("a.txt", framed(&e601_clean(&din(1))));
    drop.until("it is refused", |drop| drop.in_refused().len() == 2);
    assert_eq!((drop.observations(&din(1)), drop.unread().len()), (0, 1));
}

/// Records that stand in one frame with a wrong sum are as plain to see as bare ones.
#[test]
fn nothing_in_a_damaged_frame_is_a_result() {
    let drop = Drop::e601(UNMARKED);
    let packed = format!("\x05\x021{}\x0300\r\n\x04", e601_clean(&din(1)));
    drop.drop("packed.txt", packed);
    drop.until("it is refused", |drop| drop.in_refused().len() == 2);
    assert_eq!((drop.observations(&din(1)), drop.unread().len()), (0, 1));
}

/// The last line of a table is its own, and ends the file as well.
#[test]
fn a_table_is_one_message_and_one_that_was_cut_off_is_not_taken() {
    let file = "names = [\"*.txt\"]\nends_with = [\"[end]\"]\nsettle_s = 2";
    let drop = Drop::with("procleix-nat2-export", file);
    let fixture = |name: &str| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::read(root.join("fixtures/analysers/procleix-nat2-export").join(name)).unwrap()
    };
    drop.drop("truncated.txt", fixture("truncated.txt"));
    drop.drop("whole.txt", fixture("nonreactive.txt"));
    drop.until("what is whole is done", |drop| drop.in_done() == ["whole.txt"]);
    assert!(drop.observations("G123498654322") > 0);
    assert_eq!((drop.new_messages(), drop.unread().len()), (1, 0));
    drop.looks(1);
    assert_eq!(Drop::names(&drop.folder), ["done", "refused", "truncated.txt"]);
    assert_eq!(drop.new_messages(), 1);
}
