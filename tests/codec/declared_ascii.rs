//! GBK bytes in messages whose MSH-18 says ASCII, or nothing.

use hemogate::codec::charset::{Charset, Text, encode};
use hemogate::codec::hl7::{AckCode, AckHeader, Acknowledgement, Charsets, answered};

const GBK: Charsets = Charsets { usual: Charset::Gbk, despite_ascii: true };

/// GBK characters whose second byte is one of the delimiters.
fn colliding() -> impl Iterator<Item = [u8; 2]> {
    let pairs = (0x81..=0xFE_u8).flat_map(|first| br"|^~\&".map(|second| [first, second]));
    pairs.filter(|pair| Text::decode(pair, Charset::Gbk).faults().is_empty())
}

fn message(name: [u8; 2], declared: &str) -> Vec<u8> {
    let mut bytes = b"MSH|^~\\&|".to_vec();
    bytes.extend_from_slice(&name);
    let rest = format!("|F|R|G|T||ORU^R01|42|P|2.3.1|||NE|AL||{declared}\rPID|1\r");
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

#[test]
fn the_usual_set_is_used_although_ascii_is_declared_if_the_profile_says_so() {
    for name in colliding() {
        for declared in ["ASCII", ""] {
            let bytes = message(name, declared);
            assert_eq!(GBK.of(&bytes), Ok(Charset::Gbk), "{name:x?} {declared}");
            assert!(Text::decode(&bytes, Charset::Gbk).faults().is_empty());
        }
    }
}

#[test]
fn any_other_declared_set_wins() {
    for (declared, charset) in
        [("UNICODE UTF-8", Charset::Utf8), ("GB 18030-2000", Charset::Gb18030)]
    {
        let bytes = format!("MSH|^~\\&|A|F|R|G|T||ORU^R01|42|P|2.3.1||||||{declared}\r");
        assert_eq!(GBK.of(bytes.as_bytes()), Ok(charset));
    }
    let unknown = b"MSH|^~\\&|A|F|R|G|T||ORU^R01|42|P|2.3.1||||||EBCDIC\r";
    assert_eq!(GBK.of(unknown), Err("EBCDIC".to_owned()));
}

#[test]
fn without_the_profiles_word_ascii_is_ascii_and_the_bytes_are_a_fault() {
    let strict = Charsets { despite_ascii: false, ..GBK };
    for name in colliding() {
        let bytes = message(name, "ASCII");
        let charset = strict.of(&bytes).unwrap();
        assert_eq!(charset, Charset::Ascii);
        assert!(!Text::decode(&bytes, charset).faults().is_empty(), "{name:x?}");
        assert_eq!(strict.of(&message(name, "")), Ok(Charset::Gbk), "nothing was declared");
    }
}

#[test]
fn acknowledgements_are_in_that_set_and_keep_the_names() {
    for name in colliding() {
        let bytes = message(name, "ASCII");
        let (code, text, time, control_id) = (AckCode::Error, "血", "20260101", None);
        let ack = Acknowledgement { code, text, time, control_id, charsets: GBK }.of(&bytes);
        let mut expected = b"MSH|^~\\&|R|G|".to_vec();
        expected.extend_from_slice(&name);
        expected.extend_from_slice(b"|F|20260101||ACK^R01|42|P|2.3.1||||||ASCII\rMSA|AE|42|");
        expected.extend_from_slice(&encode("血\r", Charset::Gbk).unwrap());
        assert_eq!(ack, expected, "{name:x?}");
        assert_eq!(AckHeader::read(&bytes, GBK).unwrap().control_id, "42");
        assert_eq!(answered(&ack, GBK).unwrap().text, "血");
    }
}
