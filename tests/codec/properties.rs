//! decode(encode(x)) = x, no bytes can panic a reader, and offsets point at what they name.

use std::ops::ControlFlow;

use hemogate::codec::charset::{Text, encode};
use hemogate::codec::hl7::{self, SegmentOut};
use hemogate::codec::lis02::{self, Field, RecordOut};
use hemogate::codec::{Delimiters, Escapes, Message, Piece, Transmission};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::charset::ALL;

/// Text as analysers and people write it, and text made to hurt.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9 .<>-]{0,12}",
        "[|\\\\^&~`FSTREHNXZ0D.br]{0,10}",
        "[\r\n\t\u{0}\u{b}\u{1c}\u{7f}|&\\\\]{0,6}",
        "[中文乙肝表面抗原阴性阳性皘é€Ж|^&\\\\]{0,8}",
        any::<String>(),
    ]
}

fn delimiters(escapes: Escapes) -> impl Strategy<Value = Delimiters> {
    let graphic: Vec<u8> = (0x21..0x7F).filter(u8::is_ascii_punctuation).collect();
    Just(graphic).prop_shuffle().prop_map(move |mut bytes| {
        let mut next = || bytes.pop().unwrap();
        let (field, repeat, component, escape) = (next(), next(), next(), next());
        let subcomponent = (escapes == Escapes::Hl7).then(next);
        Delimiters { field, repeat, component, subcomponent, escape, escapes }
    })
}

fn any_delimiters() -> impl Strategy<Value = Delimiters> {
    prop_oneof![
        Just(lis02::USUAL),
        Just(hl7::USUAL),
        delimiters(Escapes::Lis02),
        delimiters(Escapes::Hl7)
    ]
}

fn lis02_fields() -> impl Strategy<Value = Vec<Field>> {
    vec(vec(vec(value(), 1..4), 1..3), 0..5)
}

fn lis02_message() -> impl Strategy<Value = Vec<RecordOut>> {
    let record =
        ("[PORCQMS]", lis02_fields()).prop_map(|(name, fields)| RecordOut { name, fields });
    (lis02_fields(), vec(record, 0..6), lis02_fields()).prop_map(|(header, middle, last)| {
        let outer = |name: &str, fields| RecordOut { name: name.to_owned(), fields };
        let mut all = vec![outer("H", header)];
        all.extend(middle);
        all.push(outer("L", last));
        all
    })
}

fn hl7_fields() -> impl Strategy<Value = Vec<Vec<Vec<Vec<String>>>>> {
    vec(vec(vec(vec(value(), 1..3), 1..3), 1..3), 0..4)
}

fn hl7_message() -> impl Strategy<Value = Vec<SegmentOut>> {
    let segment =
        ("[N-Z][A-Z0-9]{2}", hl7_fields()).prop_map(|(name, fields)| SegmentOut { name, fields });
    (hl7_fields(), vec(segment, 0..6)).prop_map(|(fields, middle)| {
        let mut all = vec![SegmentOut { name: "MSH".to_owned(), fields }];
        all.extend(middle);
        all
    })
}

fn plain(piece: Piece<'_>, delimiters: &Delimiters) -> String {
    piece.unescaped(delimiters).unwrap().into_owned()
}

/// What a reader understood, in the shape of what the writer was given.
fn lis02_records(message: &Message<'_>) -> Vec<RecordOut> {
    let d = message.delimiters();
    let repeat = |piece: Piece<'_>| piece.components(d).map(|part| plain(part, d)).collect();
    let records = message.records().map(|record| {
        let first = if record.name() == "H" { 3 } else { 2 };
        let fields = record.fields().filter(|(number, _)| *number >= first);
        RecordOut {
            name: record.name().to_owned(),
            fields: fields.map(|(_, piece)| piece.repeats(d).map(repeat).collect()).collect(),
        }
    });
    records.collect()
}

fn hl7_segments(message: &Message<'_>) -> Vec<SegmentOut> {
    let d = message.delimiters();
    let component = |piece: Piece<'_>| piece.subcomponents(d).map(|part| plain(part, d)).collect();
    let repeat = |piece: Piece<'_>| piece.components(d).map(component).collect();
    let segments = message.records().map(|record| {
        let first = if record.name() == "MSH" { 3 } else { 1 };
        let fields = record.fields().filter(|(number, _)| *number >= first);
        SegmentOut {
            name: record.name().to_owned(),
            fields: fields.map(|(_, piece)| piece.repeats(d).map(repeat).collect()).collect(),
        }
    });
    segments.collect()
}

/// Visits every piece down to the sub-components.
fn walk(transmission: &Transmission<'_>, mut visit: impl FnMut(Piece<'_>, &Delimiters)) {
    for message in &transmission.messages {
        let d = message.delimiters();
        for record in message.records() {
            visit(record.line(), d);
            for (number, field) in record.fields() {
                assert_eq!(record.field(number), Some(field), "field {number} of {record:?}");
                visit(field, d);
                for repeat in field.repeats(d) {
                    visit(repeat, d);
                    for component in repeat.components(d) {
                        visit(component, d);
                        component.subcomponents(d).for_each(|part| visit(part, d));
                    }
                }
            }
            let past = record.fields().last().map_or(1, |(number, _)| number) + 1;
            assert_eq!(record.field(past), None);
            assert_eq!(record.field(0), None);
        }
    }
}

/// Reads text both ways and checks every promise about places.
fn check_places(text: &str) {
    for transmission in [lis02::read(text), hl7::read(text)] {
        walk(&transmission, |piece, delimiters| {
            assert_eq!(&text[piece.offset..piece.offset + piece.text.len()], piece.text);
            if let Err(fault) = piece.unescaped(delimiters) {
                assert!(fault.offset >= piece.offset);
                assert!(fault.offset + fault.length <= piece.offset + piece.text.len());
            }
        });
        for fault in &transmission.faults {
            assert!(text.get(fault.offset..fault.offset + fault.length).is_some(), "{fault:?}");
        }
        assert!(transmission.faults.is_sorted_by_key(|fault| fault.offset));
        accounted_for(text, &transmission);
    }
}

/// Every character but line ends belongs to a record, to a fault, or to a batch segment.
fn accounted_for(text: &str, transmission: &Transmission<'_>) {
    let mut known = vec![false; text.len()];
    let mut cover = |offset: usize, length: usize| known[offset..offset + length].fill(true);
    for message in &transmission.messages {
        message.records().for_each(|r| cover(r.line().offset, r.line().text.len()));
    }
    transmission.faults.iter().for_each(|fault| cover(fault.offset, fault.length));
    let envelopes = ["FHS", "BHS", "BTS", "FTS"];
    let _ = text.split(['\r', '\n']).try_fold(0, |offset, line| {
        if envelopes.iter().any(|name| line.starts_with(name)) {
            cover(offset, line.len());
        }
        ControlFlow::<(), usize>::Continue(offset + line.len() + 1)
    });
    let missing = known
        .iter()
        .zip(text.bytes())
        .position(|(known, byte)| !known && byte != b'\r' && byte != b'\n');
    assert_eq!(missing, None, "{text:?} {:?}", transmission.faults);
}

/// Bytes that look like messages more often than chance would have it.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let bit = prop_oneof![
        Just(b"H|\\^&|".to_vec()),
        Just(b"H|`^&".to_vec()),
        Just(b"\rR|1|^^^A|".to_vec()),
        Just(b"\rL|1|N\r".to_vec()),
        Just(b"MSH|^~\\&|".to_vec()),
        Just(b"\rBHS|^~\\&".to_vec()),
        Just(b"\rBTS|1".to_vec()),
        Just(b"\rFTS|".to_vec()),
        Just(b"\rOBX|1|".to_vec()),
        "[|\\\\^&~\r\n]{1,4}".prop_map(String::into_bytes),
        vec(any::<u8>(), 0..12),
    ];
    vec(bit, 0..16).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn escaped_text_comes_back(text in value(), delimiters in any_delimiters()) {
        let escaped = delimiters.escape(&text);
        prop_assert!(!escaped.chars().any(|c| c.is_ascii_control()));
        let piece = Piece { text: &escaped, offset: 7 };
        prop_assert_eq!(piece.repeats(&delimiters).count(), 1);
        prop_assert_eq!(piece.components(&delimiters).count(), 1);
        prop_assert_eq!(piece.subcomponents(&delimiters).count(), 1);
        prop_assert_eq!(plain(piece, &delimiters), text);
    }

    #[test]
    fn lis02_records_come_back(
        records in lis02_message(),
        delimiters in prop_oneof![Just(lis02::USUAL), delimiters(Escapes::Lis02)],
    ) {
        let text = lis02::write(&records, &delimiters);
        let read = lis02::read(&text);
        prop_assert_eq!(&read.faults, &vec![]);
        prop_assert_eq!(read.messages.len(), 1);
        prop_assert_eq!(read.messages[0].delimiters(), &delimiters);
        prop_assert_eq!(lis02_records(&read.messages[0]), records);
    }

    #[test]
    fn hl7_segments_come_back(
        segments in hl7_message(),
        delimiters in prop_oneof![Just(hl7::USUAL), delimiters(Escapes::Hl7)],
    ) {
        let text = hl7::write(&segments, &delimiters);
        let read = hl7::read(&text);
        prop_assert_eq!(&read.faults, &vec![]);
        prop_assert_eq!(read.messages.len(), 1);
        prop_assert_eq!(read.messages[0].delimiters(), &delimiters);
        prop_assert_eq!(hl7_segments(&read.messages[0]), segments);
    }

    #[test]
    fn encoded_text_comes_back(text in value()) {
        for charset in ALL {
            match encode(&text, charset) {
                Ok(bytes) => {
                    let decoded = Text::decode(&bytes, charset);
                    prop_assert_eq!(decoded.as_str(), &text, "{:?}", charset);
                    prop_assert_eq!(decoded.faults(), &[]);
                }
                Err(fault) => {
                    let end = fault.offset + fault.length;
                    prop_assert_eq!(text[fault.offset..end].chars().count(), 1);
                    prop_assert!(encode(&text[..fault.offset], charset).is_ok());
                }
            }
        }
    }

    #[test]
    fn whole_messages_come_back_through_every_charset(records in lis02_message()) {
        let text = lis02::write(&records, &lis02::USUAL);
        for charset in ALL {
            let Ok(bytes) = encode(&text, charset) else { continue };
            let decoded = Text::decode(&bytes, charset);
            let read = lis02::read(decoded.as_str());
            prop_assert_eq!(lis02_records(&read.messages[0]), &records[..], "{:?}", charset);
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic_and_accounted_for(bytes in noise()) {
        for charset in ALL {
            let text = Text::decode(&bytes, charset);
            check_places(text.as_str());
            let mut last = 0;
            for offset in 0..=text.as_str().len() + 1 {
                let byte = text.offset_in_bytes(offset);
                prop_assert!(byte >= last && byte <= bytes.len());
                last = byte;
            }
            prop_assert_eq!(text.offset_in_bytes(0), 0);
            prop_assert_eq!(text.offset_in_bytes(text.as_str().len()), bytes.len());
            for fault in text.faults() {
                prop_assert!(bytes.get(fault.offset..fault.offset + fault.length).is_some());
            }
        }
    }

    #[test]
    fn each_character_is_found_again_in_the_bytes(text in value()) {
        for charset in ALL {
            let Ok(bytes) = encode(&text, charset) else { continue };
            let decoded = Text::decode(&bytes, charset);
            for (at, character) in text.char_indices() {
                let from = decoded.offset_in_bytes(at);
                let to = decoded.offset_in_bytes(at + character.len_utf8());
                let single = Text::decode(&bytes[from..to], charset);
                prop_assert_eq!(single.as_str(), &text[at..at + character.len_utf8()]);
            }
        }
    }

    #[test]
    fn any_bytes_can_be_acknowledged(bytes in noise(), text in value()) {
        let _ = hl7::declared_charset(&bytes);
        let header = hl7::ack_header(&bytes);
        let ack = hl7::acknowledgement(&bytes, hl7::AckCode::Error, &text, "20260101");
        let read = hl7::ack_header(&ack);
        prop_assert!(read.is_some(), "{}", String::from_utf8_lossy(&ack));
        if let Some(header) = header {
            prop_assert_eq!(read.unwrap().control_id, header.control_id);
        }
    }
}
