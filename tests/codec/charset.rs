//! Bytes to text and back.

use hemogate::codec::FaultKind::Charset as Undecodable;
use hemogate::codec::charset::{Charset, Text, encode};
use hemogate::limits::FAULTS_MAX;

use super::places;

/// Every set.
pub const ALL: [Charset; 16] = [
    Charset::Ascii,
    Charset::Iso8859(1),
    Charset::Iso8859(2),
    Charset::Iso8859(3),
    Charset::Iso8859(4),
    Charset::Iso8859(5),
    Charset::Iso8859(6),
    Charset::Iso8859(7),
    Charset::Iso8859(8),
    Charset::Iso8859(9),
    Charset::Iso8859(15),
    Charset::Utf8,
    Charset::Gb18030,
    Charset::Gbk,
    Charset::Big5,
    Charset::ShiftJis,
];

#[test]
fn every_set_is_found_by_its_name() {
    for charset in ALL {
        assert_eq!(Charset::from_name(&charset.name()), Some(charset));
    }
    assert_eq!(Charset::from_name("ISO-8859-1"), Some(Charset::Iso8859(1)));
    for unknown in ["", "iso-8859-10", "iso-8859-0", "iso-8859-", "latin1", "utf-16"] {
        assert_eq!(Charset::from_name(unknown), None, "{unknown}");
    }
}

#[test]
fn table_0211_names_are_known() {
    for (value, charset) in [
        ("", Charset::Ascii),
        ("ASCII", Charset::Ascii),
        ("8859/1", Charset::Iso8859(1)),
        ("8859/15", Charset::Iso8859(15)),
        ("GB 18030-2000", Charset::Gb18030),
        ("BIG-5", Charset::Big5),
        ("UNICODE UTF-8", Charset::Utf8),
        ("UTF-8", Charset::Utf8),
        ("GBK", Charset::Gbk),
    ] {
        assert_eq!(Charset::from_table_0211(value), Some(charset), "{value}");
    }
    for unknown in
        ["ISO IR87", "KS X 1001", "CNS 11643-1992", "UNICODE", "UNICODE UTF-16", "-", "8859/10"]
    {
        assert_eq!(Charset::from_table_0211(unknown), None, "{unknown}");
    }
}

#[test]
fn ascii_is_the_same_in_every_set_and_is_not_copied() {
    let bytes: Vec<u8> = (0..0x80).collect();
    for charset in ALL {
        let text = Text::decode(&bytes, charset);
        assert_eq!(text.as_str().as_bytes(), bytes);
        assert_eq!(text.as_str().as_ptr(), bytes.as_ptr(), "{charset:?} was copied");
        assert_eq!(text.faults(), []);
        assert_eq!(encode(text.as_str(), charset).unwrap(), bytes);
    }
}

#[test]
fn ascii_refuses_what_is_above_it() {
    let text = Text::decode(b"ab\xE9c\xB0\xA1d", Charset::Ascii);
    assert_eq!(text.as_str(), "ab\u{FFFD}c\u{FFFD}\u{FFFD}d");
    assert_eq!(places(text.faults()), [(Undecodable, 2, 1), (Undecodable, 4, 2)]);
    assert_eq!(text.faults()[0].text, "byte 0xE9 is no ascii text");
    assert_eq!(text.offset_in_bytes(text.as_str().find('c').unwrap()), 3);
    assert_eq!(text.offset_in_bytes(text.as_str().find('d').unwrap()), 6);
}

#[test]
fn iso_8859_1_and_9_are_not_windows_code_pages() {
    let bytes: Vec<u8> = (0x80..=0xFF).collect();
    let first: String = (0x80..=0xFF_u8).map(char::from).collect();
    assert_eq!(Text::decode(&bytes, Charset::Iso8859(1)).as_str(), first);
    let ninth = Text::decode(&bytes, Charset::Iso8859(9));
    let differing: String =
        first.chars().zip(ninth.as_str().chars()).filter(|(a, b)| a != b).map(|(_, b)| b).collect();
    assert_eq!(differing, "ĞİŞğış");
    assert_eq!(encode(ninth.as_str(), Charset::Iso8859(9)).unwrap(), bytes);
    assert_eq!(encode("€", Charset::Iso8859(1)).unwrap_err().offset, 0);
}

#[test]
fn bytes_that_a_set_does_not_have_are_faults_and_do_not_swallow_delimiters() {
    for (charset, bytes, decoded, offset, length) in [
        (Charset::Utf8, b"a\xE4\xB8|b".as_slice(), "a\u{FFFD}\u{FFFD}|b", 1, 2),
        (Charset::Utf8, b"\xC0\x80|", "\u{FFFD}\u{FFFD}|", 0, 2),
        (Charset::Gb18030, b"a\xB0\r|", "a\u{FFFD}\r|", 1, 1),
        (Charset::Gb18030, b"a\xFF|", "a\u{FFFD}|", 1, 1),
        (Charset::Gb18030, b"a\xB0", "a\u{FFFD}", 1, 1),
        (Charset::Gbk, b"\x81\x20|", "\u{FFFD} |", 0, 1),
        (Charset::Big5, b"a\xFF|", "a\u{FFFD}|", 1, 1),
        (Charset::ShiftJis, b"a\x82|", "a\u{FFFD}|", 1, 1),
        (Charset::Iso8859(6), b"a\xA1|", "a\u{FFFD}|", 1, 1),
        (Charset::Iso8859(77), b"a\xA1|", "a\u{FFFD}|", 1, 1),
    ] {
        let text = Text::decode(bytes, charset);
        assert_eq!(text.as_str(), decoded, "{charset:?}");
        assert_eq!(places(text.faults()), [(Undecodable, offset, length)], "{charset:?}");
    }
}

#[test]
fn the_careful_way_reads_what_the_fast_way_reads() {
    let text = "中文|é€|𠀀|ｱｶ|あ|Ж";
    for charset in ALL {
        let has = |character: &char| encode(&character.to_string(), charset).is_ok();
        let sent: String = text.chars().filter(has).collect();
        let mut bytes = encode(&sent, charset).unwrap();
        assert_eq!(Text::decode(&bytes, charset).as_str(), sent);
        if charset != Charset::Iso8859(1) && charset != Charset::Iso8859(9) {
            bytes.extend_from_slice(b"|\xFF\xFF");
            let text = Text::decode(&bytes, charset);
            let with_faults = text.as_str().strip_prefix(&format!("{sent}|"));
            assert!(with_faults.is_some(), "{charset:?}");
        }
    }
}

/// A megabyte of it would take hours if each character looked at all that follow.
#[test]
fn a_long_text_with_one_fault_is_read_in_one_go() {
    for charset in [Charset::Utf8, Charset::Gb18030, Charset::ShiftJis] {
        let mut bytes = encode(&"日".repeat(300_000), charset).unwrap();
        bytes.push(0xFF);
        let text = Text::decode(&bytes, charset);
        assert_eq!(text.faults().len(), 1);
        assert_eq!(text.offset_in_bytes(text.as_str().len() - 3), bytes.len() - 1);
    }
}

#[test]
fn four_byte_gb18030_has_its_offsets() {
    let bytes = encode("a𠀀|中b", Charset::Gb18030).unwrap();
    assert_eq!(bytes.len(), 1 + 4 + 1 + 2 + 1);
    let text = Text::decode(&bytes, Charset::Gb18030);
    let offsets: Vec<usize> =
        text.as_str().char_indices().map(|(at, _)| text.offset_in_bytes(at)).collect();
    assert_eq!(offsets, [0, 1, 5, 6, 8]);
}

#[test]
fn a_character_that_would_come_back_as_another_is_not_written() {
    for (character, charset) in [
        ("¥", Charset::ShiftJis),
        ("‾", Charset::ShiftJis),
        ("中", Charset::Ascii),
        ("😀", Charset::Gbk),
    ] {
        let fault = encode(&format!("ab{character}"), charset).unwrap_err();
        assert_eq!((fault.kind, fault.offset, fault.length), (Undecodable, 2, character.len()));
    }
}

#[test]
fn faults_are_listed_up_to_their_bound() {
    let noise = |count: usize| b"\xFFa".repeat(count);
    let at = noise(FAULTS_MAX);
    let past = noise(FAULTS_MAX + 1);
    let text = Text::decode(&at, Charset::Ascii);
    assert_eq!(text.faults().len(), FAULTS_MAX);
    assert_eq!(text.faults().last().unwrap().length, 1);
    let text = Text::decode(&past, Charset::Ascii);
    assert_eq!(text.faults().len(), FAULTS_MAX);
    assert_eq!(text.faults().last().unwrap().length, 3);
    assert_eq!(text.as_str().matches('\u{FFFD}').count(), FAULTS_MAX + 1);
}
