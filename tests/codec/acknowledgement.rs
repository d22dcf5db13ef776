//! Acknowledgements from raw bytes.

use hemogate::codec::charset::{Charset, Text, encode};
use hemogate::codec::hl7::{AckCode, AckHeader, ack_header, acknowledgement, declared_charset};
use hemogate::limits::HL7_HEADER_MAX;

const TIME: &str = "20260101141531";

fn ack(message: &str, code: AckCode, text: &str) -> String {
    String::from_utf8(acknowledgement(message.as_bytes(), code, text, TIME)).unwrap()
}

#[test]
fn a_2_3_1_result_is_acknowledged_without_a_structure() {
    let sent = r"MSH|^~\&|Mindray|BS-480|LIS|Bank|20260101060015||ORU^R01|3|P|2.3.1||||2||ASCII|||";
    assert_eq!(
        ack(sent, AckCode::Accept, "Message accepted"),
        "MSH|^~\\&|LIS|Bank|Mindray|BS-480|20260101141531||ACK^R01|3|P|2.3.1||||||ASCII\r\
         MSA|AA|3|Message accepted\r"
    );
}

#[test]
fn a_law_result_is_acknowledged_with_structure_and_profile() {
    let sent = "MSH|^~\\&|ALINITY|||HOST|2026||OUL^R22^OUL_R22|U-0001|P|2.5.1|||NE|AL||\
                UNICODE UTF-8|||LAB-29^IHE\rSPM|1\r";
    assert_eq!(
        ack(sent, AckCode::Accept, ""),
        "MSH|^~\\&||HOST|ALINITY||20260101141531||ACK^R22^ACK|U-0001|P|2.5.1||||||\
         UNICODE UTF-8|||LAB-29^IHE\r\
         MSA|AA|U-0001\r"
    );
}

#[test]
fn versions_from_2_5_on_have_structures() {
    for (version, message_type) in [
        ("2.3.1", "ACK^R01"),
        ("2.4", "ACK^R01"),
        ("2.5", "ACK^R01^ACK"),
        ("2.5.1^CHN", "ACK^R01^ACK"),
        ("2.10", "ACK^R01^ACK"),
        ("3", "ACK^R01^ACK"),
        ("", "ACK^R01"),
        ("x", "ACK^R01"),
    ] {
        let sent = format!("MSH|^~\\&|||||||ORU^R01|1|P|{version}");
        let sent = ack(&sent, AckCode::Accept, "");
        assert!(sent.contains(&format!("||{message_type}|1|P|")), "{sent}");
    }
}

#[test]
fn errors_and_rejections_carry_their_text_escaped() {
    let sent = r"MSH|^~\&|||||||ORU^R01|7|P|2.3.1";
    let error = ack(sent, AckCode::Error, "a|b\r");
    assert!(error.ends_with("\rMSA|AE|7|a\\F\\b\\X0D\\\r"), "{error}");
    let reject = ack(sent, AckCode::Reject, "store full");
    assert!(reject.ends_with("\rMSA|AR|7|store full\r"), "{reject}");
    let chinese = ack(sent, AckCode::Error, "血");
    assert!(chinese.ends_with("\rMSA|AE|7|\\XE8A180\\\r"), "{chinese}");
}

#[test]
fn text_is_written_in_the_set_of_the_message() {
    let sent =
        encode("MSH|^~\\&|实|||||ORU|x|7|P|2.3.1||||||GB 18030-2000", Charset::Gb18030).unwrap();
    let ack = acknowledgement(&sent, AckCode::Error, "血", TIME);
    let expected = encode("|血\r", Charset::Gb18030).unwrap();
    assert!(ack.ends_with(&expected));
}

#[test]
fn the_delimiters_of_the_message_are_used() {
    let sent = "MSH#!@%*#A#B#C#D###ORU!R22#9#P#2.5";
    assert_eq!(
        ack(sent, AckCode::Error, "x#y"),
        "MSH#!@%*#C#D#A#B#20260101141531##ACK!R22!ACK#9#P#2.5\rMSA#AE#9#x%F%y\r"
    );
}

#[test]
fn names_in_gbk_come_back_byte_for_byte() {
    for first in 0x81..=0xFE_u8 {
        let mut sent = b"MSH|^~\\&|".to_vec();
        sent.extend_from_slice(&[first, b'|']);
        sent.extend_from_slice(b"|F|R|G|T||ORU^R01|42|P|2.3.1||||||GB 18030-2000\rPID|1\r");
        if !Text::decode(&[first, b'|'], Charset::Gb18030).faults().is_empty() {
            continue;
        }
        let ack = acknowledgement(&sent, AckCode::Accept, "", TIME);
        let mut expected = b"MSH|^~\\&|R|G|".to_vec();
        expected.extend_from_slice(&[first, b'|']);
        expected.extend_from_slice(b"|F|20260101141531||ACK^R01|42|P|2.3.1||||||GB 18030-2000\r");
        expected.extend_from_slice(b"MSA|AA|42\r");
        assert_eq!(ack, expected, "{first:02x}");
    }
}

#[test]
fn bytes_that_cannot_be_decoded_survive() {
    let sent =
        b"MSH|^~\\&|\xFF\xFE|cobas\xAE pro|R|G|||ORU^R01|\x80id|P|2.3.1||||||UNICODE UTF-8\r";
    let ack = acknowledgement(sent, AckCode::Accept, "", TIME);
    let expected = b"MSH|^~\\&|R|G|\xFF\xFE|cobas\xAE pro|20260101141531||\
        ACK^R01|\x80id|P|2.3.1||||||UNICODE UTF-8\rMSA|AA|\x80id\r";
    assert_eq!(ack, expected);
}

#[test]
fn without_a_readable_header_the_control_id_stays_empty() {
    for sent in ["", "PID|1\r", "MSH\r", "MSH|||\r", "\u{0}\u{1}"] {
        assert_eq!(
            ack(sent, AckCode::Reject, "no header"),
            "MSH|^~\\&|||||20260101141531||ACK||P|2.5.1\rMSA|AR||no header\r"
        );
        assert_eq!(ack_header(sent.as_bytes()), None);
    }
}

#[test]
fn a_header_may_ask_for_silence() {
    for (fifteen, sixteen, silent) in [
        ("NE", "NE", true),
        ("NE", "AL", false),
        ("AL", "NE", false),
        ("", "", false),
        ("NE", "", false),
    ] {
        let sent = format!("MSH|^~\\&|A|B|C|D|||ORU^R01|id-1|P|2.4|||{fifteen}|{sixteen}\r");
        let AckHeader { wanted, control_id } = ack_header(sent.as_bytes()).unwrap();
        assert_eq!(wanted.is_silence(), silent, "{fifteen} {sixteen}");
        assert_eq!(control_id, "id-1");
    }
}

#[test]
fn a_header_behind_batch_segments_is_found() {
    let sent = b"FHS|^~\\&\rBHS|^~\\&\rMSH|^~\\&|A||||||ORU^R01|5|P|2.4\r";
    assert_eq!(ack_header(sent).unwrap().control_id, "5");
}

#[test]
fn names_in_an_undeclared_set_come_back_byte_for_byte() {
    let sent = b"MSH|^~\\&|\xB0||F|R|G|T||ORU^R01|42|P|2.3.1\rPID|1\r";
    let ack = acknowledgement(sent, AckCode::Accept, "", TIME);
    let expected = b"MSH|^~\\&|R|G|\xB0||F|20260101141531||ACK^R01|42|P|2.3.1\rMSA|AA|42\r";
    assert_eq!(ack, expected);
    assert_eq!(ack_header(sent).unwrap().control_id, "42");
}

#[test]
fn an_acknowledgement_never_holds_the_end_of_a_block() {
    let sent = b"MSH|^~\\&|A\x0B|B\x1C|||||ORU^R01|4\x1C2|P|2.5||||||ASCII|||LAB\x1C|x\r";
    let ack = acknowledgement(sent, AckCode::Accept, "a\u{1c}", TIME);
    assert!(!ack.iter().any(|byte| matches!(byte, 0x0B | 0x1C)));
    assert!(ack.ends_with(b"|LAB\rMSA|AA|42|a\\X1C\\\r"));
}

#[test]
fn a_header_is_read_up_to_its_bound() {
    for (length, readable) in [(HL7_HEADER_MAX, true), (HL7_HEADER_MAX + 1, false)] {
        let mut sent = "MSH|^~\\&|||||||ORU^R01|42|P|2.3.1||||||8859/1|".to_owned();
        sent.push_str(&"x".repeat(length - sent.len()));
        sent.push_str("\rPID|1\r");
        assert_eq!(ack_header(sent.as_bytes()).is_some(), readable);
        assert_eq!(declared_charset(sent.as_bytes()).is_ok(), readable);
        let expected = if readable { "\rMSA|AA|42\r" } else { "\rMSA|AA|\r" };
        assert!(ack(&sent, AckCode::Accept, "").ends_with(expected));
    }
}
