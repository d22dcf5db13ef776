//! MSH-18 before the bytes are decoded.

use hemogate::codec::charset::{Charset, Text, encode};
use hemogate::codec::hl7::{self, declared_charset};

const SETS: [(&str, Charset); 6] = [
    ("GB 18030-2000", Charset::Gb18030),
    ("BIG-5", Charset::Big5),
    ("SHIFT-JIS", Charset::ShiftJis),
    ("UNICODE UTF-8", Charset::Utf8),
    ("8859/5", Charset::Iso8859(5)),
    ("ASCII", Charset::Ascii),
];

/// A header whose sender is `sender` and whose MSH-18 is `declared`.
fn header(sender: &str, declared: &str) -> String {
    format!(
        "MSH|^~\\&|{sender}|实||{sender}|20260101||ORU^R01|1|P|2.3.1||||0||{declared}|||\rPID|1\r"
    )
    .replace('实', "x")
}

#[test]
fn the_gb18030_sample_declares_itself() {
    let bytes = include_bytes!("../../fixtures/codec/hl7-gb18030-message.mllp");
    let message = &bytes[1..bytes.len() - 2];
    assert_eq!(declared_charset(message), Ok(Some(Charset::Gb18030)));
    let text = Text::decode(message, Charset::Gb18030);
    assert_eq!(text.faults(), []);
    let read = hl7::read(text.as_str());
    let values: Vec<&str> =
        read.messages[0].records().filter_map(|r| Some(r.field(4)?.text)).collect();
    assert_eq!(values, ["血站", "Mindray^BS-480", "谷丙转氨酶"]);
}

#[test]
fn every_declaration_is_found_behind_ascii() {
    for (value, charset) in SETS {
        assert_eq!(declared_charset(header("LAB", value).as_bytes()), Ok(Some(charset)), "{value}");
    }
}

#[test]
fn an_empty_or_missing_declaration_is_none() {
    for text in [
        header("LAB", ""),
        header("LAB", "  "),
        r"MSH|^~\&|LAB".into(),
        "PID|1".into(),
        String::new(),
    ] {
        assert_eq!(declared_charset(text.as_bytes()), Ok(None));
    }
    let gbk = encode(&header("实验室", ""), Charset::Gbk).unwrap();
    assert_eq!(declared_charset(&gbk), Ok(None));
}

#[test]
fn a_declaration_is_found_behind_characters_that_end_in_a_delimiter() {
    // 皘 in GBK, Э-like leads in Big5 and Shift-JIS: second byte 7C, the field separator.
    for (first, value, charset) in [
        (0xB0, "GB 18030-2000", Charset::Gb18030),
        (0xB0, "GBK", Charset::Gbk),
        (0xB0, "BIG-5", Charset::Big5),
        (0x8C, "SHIFT-JIS", Charset::ShiftJis),
    ] {
        for second in *br"|^~\" {
            let pair = [first, second];
            let decoded = Text::decode(&pair, charset);
            assert_eq!((decoded.faults(), decoded.as_str().chars().count()), ([].as_slice(), 1));
            let bytes = encode(&header(decoded.as_str(), value), charset).unwrap();
            assert_eq!(declared_charset(&bytes), Ok(Some(charset)), "{value} {pair:x?}");
        }
    }
}

#[test]
fn every_gbk_character_that_ends_in_a_separator_can_be_a_sender() {
    for first in 0x81..=0xFE {
        let decoded = Text::decode(&[first, b'|'], Charset::Gbk).as_str().to_owned();
        for (value, charset) in [("GB 18030-2000", Charset::Gb18030), ("GBK", Charset::Gbk)] {
            let Ok(bytes) = encode(&header(&decoded, value), charset) else { continue };
            assert_eq!(declared_charset(&bytes), Ok(Some(charset)), "{decoded} {value}");
        }
    }
}

#[test]
fn a_declaration_that_lies_about_its_bytes_is_still_the_declaration() {
    let mut utf8 = header("LAB", "UNICODE UTF-8").into_bytes();
    utf8[10] = 0xE9;
    assert_eq!(declared_charset(&utf8), Ok(Some(Charset::Utf8)));
    let ascii = encode(&header("实验室", "ASCII"), Charset::Gbk).unwrap();
    assert_eq!(declared_charset(&ascii), Ok(Some(Charset::Ascii)));
}

#[test]
fn a_lie_behind_a_character_that_ends_in_a_separator_is_found_too() {
    for value in ["ASCII", "", "KS X 1001"] {
        let bytes = encode(&header("皘", value), Charset::Gbk).unwrap();
        let expected = match value {
            "ASCII" => Ok(Some(Charset::Ascii)),
            "" => Ok(None),
            unknown => Err(unknown.to_owned()),
        };
        assert_eq!(declared_charset(&bytes), expected);
    }
}

#[test]
fn an_unknown_declaration_is_returned_as_it_stands() {
    for value in ["KS X 1001", "UNICODE UTF-16", "ISO IR87", "nonsense"] {
        let ascii = header("LAB", value);
        assert_eq!(declared_charset(ascii.as_bytes()), Err(value.to_owned()));
        let gbk = encode(&header("实验室", value), Charset::Gbk).unwrap();
        assert_eq!(declared_charset(&gbk), Err(value.to_owned()));
    }
}

#[test]
fn the_first_of_several_sets_counts() {
    let text = header("LAB", "GB 18030-2000~UNICODE UTF-8");
    assert_eq!(declared_charset(text.as_bytes()), Ok(Some(Charset::Gb18030)));
}

#[test]
fn several_headers_must_agree() {
    let gb = header("LAB", "GB 18030-2000");
    assert_eq!(declared_charset(gb.repeat(3).as_bytes()), Ok(Some(Charset::Gb18030)));
    let mixed = format!("{gb}{}", header("LAB", "8859/1"));
    assert_eq!(declared_charset(mixed.as_bytes()), Err("iso-8859-1".to_owned()));
    let mixed = format!("{gb}{}", header("LAB", ""));
    assert_eq!(declared_charset(mixed.as_bytes()), Err("(empty)".to_owned()));
    let batch = format!("FHS|^~\\&\rBHS|^~\\&\r{gb}BTS|1\rFTS|1\r");
    assert_eq!(declared_charset(batch.as_bytes()), Ok(Some(Charset::Gb18030)));
}
